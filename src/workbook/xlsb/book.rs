//! What the workbook part says (workbook.bin): sheets and whether people see them, from which day dates count, names, and
//! which sheets formulas may speak of. Formulas themselves are left to `formula`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::super::SheetState;
use super::super::guard::{FORMULAS, Refusal, SHEETS};
use super::super::keep::tidy;
use super::super::package::Relation;
use super::super::value::Epoch;
use super::record::{Bytes, Count, Records};

/// The most defined names, and the most sheets and workbooks that formulas speak of; Excel's own files have 65,536 at most.
const NAMES: usize = 65_536;

/// A workbook part.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Its sheets in order.
    pub(super) sheets: Vec<Bundled>,
    /// From which day its dates count.
    pub(super) epoch: Epoch,
    /// Its defined names.
    pub(super) names: Vec<Named>,
    /// The workbooks whose sheets its formulas may name, itself among them.
    pub(super) sources: Vec<Source>,
    /// The sheets that formulas name by number: a place in `sources`, first and last sheet there.
    pub(super) spans: Vec<(u32, i32, i32)>,
}

/// A sheet as the workbook lists it.
#[derive(Debug)]
pub(super) struct Bundled {
    pub(super) name: String,
    pub(super) state: SheetState,
    /// The relationship that leads to its part.
    pub(super) link: String,
}

/// A defined name, its formula not yet put into words.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) formula: Vec<u8>,
}

/// Where a formula's sheets are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// In this workbook.
    Own,
    /// In another one, which the relationship leads to.
    Other(String),
    /// In a program.
    AddIn,
}

/// Reads the workbook part.
pub(super) fn read(part: impl Read, count: &mut Count) -> Result<Book, Refusal> {
    let mut records = Records::new(part, count);
    let mut book = Book::default();
    let mut names = BTreeSet::new();
    let mut room = FORMULAS;
    let mut ended = false;
    while let Some(record) = records.next()? {
        let mut bytes = record.bytes;
        match record.kind {
            _ if record.future => {}
            // BrtWbProp
            153 => {
                let flags = bytes.u32().ok_or_else(Refusal::damaged)?;
                book.epoch = if flags & 1 == 1 { Epoch::Mac } else { Epoch::Windows };
            }
            // BrtBundleSh
            156 => {
                let sheet = sheet(bytes).ok_or_else(Refusal::damaged)?;
                if book.sheets.len() >= SHEETS {
                    return Err(Refusal::too_large(&format!("it has more than {SHEETS} sheets")));
                }
                if !names.insert(sheet.name.to_lowercase()) {
                    return Err(Refusal::damaged());
                }
                book.sheets.push(sheet);
            }
            // BrtName: where its formula cannot be found, the name is no reason to refuse figures.
            39 => {
                room = room.checked_sub(bytes.0.len()).ok_or_else(too_many)?;
                let named = name(bytes);
                book.names.push(named.unwrap_or_else(|| Named { name: String::new(), formula: Vec::new() }));
            }
            // BrtSupSelf, BrtSupSame, BrtSupBookSrc, BrtSupAddin
            357 | 358 => book.sources.push(Source::Own),
            355 => book.sources.push(Source::Other(bytes.text().unwrap_or_default())),
            667 => book.sources.push(Source::AddIn),
            // BrtExternSheet: as many as there are, whatever it says before.
            362 => {
                bytes.u32();
                while let (Some(source), Some(first), Some(last)) = (bytes.u32(), bytes.i32(), bytes.i32()) {
                    book.spans.push((source, first, last));
                }
            }
            // BrtEndBook
            132 => ended = true,
            _ => {}
        }
        if book.names.len() > NAMES || book.sources.len() > NAMES || book.spans.len() > 2 * NAMES {
            return Err(too_many());
        }
    }
    if ended && !book.sheets.is_empty() { Ok(book) } else { Err(Refusal::damaged()) }
}

fn too_many() -> Refusal {
    Refusal::too_large("it has more defined names and links than any return needs")
}

fn sheet(mut bytes: Bytes<'_>) -> Option<Bundled> {
    let state = match bytes.u32()? {
        0 => SheetState::Visible,
        1 => SheetState::Hidden,
        2 => SheetState::VeryHidden,
        _ => return None,
    };
    let _id = bytes.u32()?;
    let link = bytes.text()?;
    Some(Bundled { state, link, name: bytes.text()? })
}

fn name(mut bytes: Bytes<'_>) -> Option<Named> {
    // Flags, a key on the keyboard, and the sheet on which alone the name holds.
    bytes.take(9)?;
    let name = tidy(&bytes.text()?);
    let length = usize::try_from(bytes.u32()?).ok()?;
    Some(Named { name, formula: bytes.take(length)?.to_vec() })
}

/// How formulas write the sheets and names that they speak of by number.
#[derive(Debug, Default)]
pub(super) struct Links {
    own: Vec<String>,
    /// For each source: `None` a program, else the number of the other workbook (0 is this one) and its sheets.
    sources: Vec<Option<(usize, Vec<String>)>>,
    spans: Vec<(u32, i32, i32)>,
    names: Vec<String>,
}

impl Links {
    /// The links of a workbook; `others` are the sheets of the other workbooks, by the relationship that leads to each.
    pub(super) fn new(book: &Book, others: &BTreeMap<String, Vec<String>>) -> Self {
        let mut links = Self {
            own: book.sheets.iter().map(|s| s.name.clone()).collect(),
            spans: book.spans.clone(),
            names: book.names.iter().map(|n| n.name.clone()).collect(),
            ..Self::default()
        };
        let mut number = 0;
        for source in &book.sources {
            links.sources.push(match source {
                Source::Own => Some((0, Vec::new())),
                Source::Other(link) => {
                    number += 1;
                    Some((number, others.get(link).cloned().unwrap_or_default()))
                }
                Source::AddIn => None,
            });
        }
        links
    }

    /// The sheet or sheets of a number, ready to stand before an address.
    pub(super) fn span(&self, number: u16) -> Option<String> {
        let (source, first, last) = *self.spans.get(usize::from(number))?;
        match self.sources.get(usize::try_from(source).ok()?)? {
            None => Some(String::new()),
            Some((0, _)) => words("", &self.own, first, last),
            // A link to another workbook is told even where it is not known to which sheet of it.
            Some((n, sheets)) => Some(words(&format!("[{n}]"), sheets, first, last).unwrap_or(format!("[{n}]!"))),
        }
    }

    /// The name of a number (from 1).
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        self.names.get(usize::try_from(number).ok()?.checked_sub(1)?).map(String::as_str)
    }
}

/// `Sheet1!`, `'Front door'!`, `[1]Sheet1!`, `Sheet1:Sheet3!`.
fn words(book: &str, sheets: &[String], first: i32, last: i32) -> Option<String> {
    // Minus two is the workbook as a whole; minus one a sheet that is gone.
    if first == -2 {
        return Some(if book.is_empty() { String::new() } else { format!("{book}!") });
    }
    let of = |n: i32| sheets.get(usize::try_from(n).ok()?).map(String::as_str);
    let sheet = match (of(first), of(last)) {
        (Some(a), Some(b)) if first != last => format!("{book}{a}:{b}"),
        (Some(a), _) => format!("{book}{a}"),
        (None, _) if first == -1 => return Some("#REF!".to_owned()),
        (None, _) => return None,
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | ':');
    let quoted = !sheet.chars().all(plain) || sheet.starts_with(|c: char| c.is_ascii_digit());
    Some(if quoted { format!("'{}'!", sheet.replace('\'', "''")) } else { format!("{sheet}!") })
}

/// The sheets of another workbook, as this one remembers them (externalLinks/externalLink1.bin).
pub(super) fn remembered(part: impl Read, count: &mut Count) -> Result<Vec<String>, Refusal> {
    let mut records = Records::new(part, count);
    let mut sheets = Vec::new();
    while let Some(mut record) = records.next()? {
        // BrtSupTabs
        if record.kind == 359 && !record.future {
            let _count = record.bytes.u32();
            while sheets.len() < NAMES
                && let Some(name) = record.bytes.text()
            {
                sheets.push(tidy(&name));
            }
        }
    }
    Ok(sheets)
}

/// The parts of other workbooks that formulas speak of, by relationship.
pub(super) fn others<'a>(
    book: &'a Book,
    links: &'a BTreeMap<String, Relation>,
) -> impl Iterator<Item = (&'a String, &'a str)> {
    book.sources.iter().filter_map(|source| match source {
        Source::Other(link) => links.get(link).map(|relation| (link, relation.target.as_str())),
        Source::Own | Source::AddIn => None,
    })
}
