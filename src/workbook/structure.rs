//! What a worksheet says besides its values: where each cell stands, formulas, hidden rows and columns, merges, filters,
//! notes. Read from the tokens of `scan`, so in bounded memory; values and formats are left to `xlsx`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::guard::{AROUND, Archive, HIDDEN, MERGES, NOTES, Refusal, TEXT, Tally};
use super::package::{Listed, Parts};
use super::scan::{Tag, Token, words};
use crate::cell::Cell;

/// A worksheet without its values.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// Where each cell of the file stands, in the order of the file.
    pub(super) places: Vec<Cell>,
    /// The formulas, by position in `places`.
    pub(super) formulas: BTreeMap<usize, Formula>,
    /// Spreadsheet errors as written, by position in `places`: newer ones than the reader of values knows.
    pub(super) errors: BTreeMap<usize, String>,
    /// Cells whose value cannot be what they say it is, by position in `places`.
    pub(super) unreadable: BTreeSet<usize>,
    /// Merged regions.
    pub(super) merges: Vec<(Cell, Cell)>,
    /// Hidden rows, from 0.
    pub(super) hidden_rows: BTreeSet<u32>,
    /// Hidden columns, from 0.
    pub(super) hidden_columns: BTreeSet<u32>,
    /// A filter hides some rows, or may.
    pub(super) filtered: bool,
    /// Headers and footers, choices offered in cells and what is said beside them.
    pub(super) around: Vec<String>,
}

/// A formula as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Formula {
    /// The cell's own text.
    Own(Arc<str>),
    /// The text of another cell, to be shifted from there.
    From(Cell, Arc<str>),
}

/// Where the visitor stands in a sheet.
#[derive(Default)]
struct Visitor {
    found: Structure,
    in_data: bool,
    row: Option<u32>,
    column: u32,
    /// How many columns were hidden so far, each as often as it was.
    hidden: u32,
    kind: Kind,
    /// `f` or `v` when inside one, `a` in a text around the cells.
    inside: Option<u8>,
    text: Vec<u8>,
    /// Index of a shared formula, and whether it is the one that carries the text.
    shared: Option<u32>,
    formulas: BTreeMap<u32, (Cell, Arc<str>)>,
}

/// What a cell says of its value, as far as it matters here.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Other,
    Error,
    Shared,
}

/// Reads a worksheet part.
pub(super) fn structure(
    part: &str,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<Structure, Refusal> {
    let mut visitor = Visitor::default();
    let room = tally.room();
    let mut texts = 0;
    parts.sweep(part, archive, tally, |token| {
        if texts > room {
            return Err(Refusal::too_large("its formulas take too much room"));
        }
        match token {
            Token::Open(tag) => {
                visitor.open(&tag)?;
                visitor.around(&tag, &mut texts);
                if tag.empty {
                    visitor.close(tag.name(), &mut texts);
                }
            }
            // Longer than Excel lets anybody write is cut.
            Token::Text(raw) if visitor.inside.is_some() && visitor.text.len() < 4 * TEXT => {
                visitor.text.extend_from_slice(raw)
            }
            Token::Text(_) => {}
            Token::Close(name) => visitor.close(name, &mut texts),
        }
        Ok(())
    })?;
    tally.text(texts)?;
    Ok(visitor.found)
}

impl Visitor {
    fn open(&mut self, tag: &Tag<'_>) -> Result<(), Refusal> {
        let found = &mut self.found;
        match tag.name() {
            b"sheetData" => self.in_data = true,
            b"dimension" => {
                let text = tag.text(b"ref").ok_or_else(Refusal::damaged)?;
                let (first, last) = text.split_once(':').unwrap_or((&text, &text));
                let (Ok(first), Ok(last)) = (first.parse::<Cell>(), last.parse::<Cell>()) else { return Err(beyond()) };
                // The reader of values subtracts the one from the other.
                if first.row > last.row || first.column > last.column {
                    return Err(Refusal::damaged());
                }
            }
            b"row" if self.in_data => {
                let row = match tag.bytes(b"r") {
                    Some(r) => row(r)?,
                    None => self.row.map_or(0, |row| row + 1),
                };
                self.row = Some(row);
                self.column = 0;
                if tag.is_on(b"hidden") || tag.bytes(b"ht") == Some(b"0") {
                    found.hidden_rows.insert(row);
                }
            }
            b"c" if self.in_data => {
                let place = match tag.bytes(b"r") {
                    Some(r) => place(r)?,
                    None => Cell::new(self.row.unwrap_or(0), self.column),
                };
                if place.row > Cell::LAST_ROW || place.column > Cell::LAST_COLUMN {
                    return Err(beyond());
                }
                self.column = place.column + 1;
                found.places.push(place);
                self.kind = match tag.bytes(b"t") {
                    Some(b"e") => Kind::Error,
                    Some(b"s") => Kind::Shared,
                    Some(_) | None => Kind::Other,
                };
            }
            b"f" if self.in_data => {
                self.inside = Some(b'f');
                self.shared = if tag.bytes(b"t") == Some(b"shared") { tag.number(b"si") } else { None };
            }
            b"v" if self.in_data && self.kind != Kind::Other => self.inside = Some(b'v'),
            b"mergeCell" => {
                if found.merges.len() >= MERGES {
                    return Err(Refusal::too_large(&format!("it has more than {MERGES} merged regions")));
                }
                if let Some((first, last)) = tag.text(b"ref").as_deref().and_then(|r| r.split_once(':'))
                    && let (Ok(a), Ok(b)) = (first.parse::<Cell>(), last.parse::<Cell>())
                {
                    let first = Cell::new(a.row.min(b.row), a.column.min(b.column));
                    found.merges.push((first, Cell::new(a.row.max(b.row), a.column.max(b.column))));
                }
            }
            b"col" if tag.is_on(b"hidden") || tag.bytes(b"width") == Some(b"0") => {
                if let (Some(first @ 1..), Some(last)) = (tag.number(b"min"), tag.number(b"max")) {
                    let last = last.min(Cell::LAST_COLUMN + 1);
                    self.hidden = self.hidden.saturating_add((last + 1).saturating_sub(first));
                    if self.hidden > HIDDEN {
                        return Err(Refusal::hides_too_much());
                    }
                    found.hidden_columns.extend(first - 1..last);
                }
            }
            b"filterColumn" => found.filtered = true,
            b"sheetPr" if tag.is_on(b"filterMode") => found.filtered = true,
            _ => {}
        }
        Ok(())
    }

    /// Texts that stand around the cells. Those beyond the first thousand are not looked at.
    fn around(&mut self, tag: &Tag<'_>, texts: &mut usize) {
        match tag.name() {
            b"oddHeader" | b"oddFooter" | b"evenHeader" | b"evenFooter" | b"firstHeader" | b"firstFooter"
            | b"formula1" | b"formula2"
                if !self.in_data && !tag.empty =>
            {
                self.inside = Some(b'a');
            }
            b"dataValidation" => {
                for said in [&b"prompt"[..], b"promptTitle", b"error", b"errorTitle"] {
                    if let Some(text) = tag.text(said) {
                        self.keep_around(text, texts);
                    }
                }
            }
            _ => {}
        }
    }

    fn keep_around(&mut self, text: String, texts: &mut usize) {
        if self.found.around.len() < AROUND && !text.is_empty() {
            let text: String = text.chars().take(TEXT).collect();
            *texts += text.len();
            self.found.around.push(text);
        }
    }

    fn close(&mut self, name: &[u8], texts: &mut usize) {
        match name {
            _ if self.inside == Some(b'a') => {
                let text = words(&self.text);
                // In a list of choices `&` is a letter like any other.
                let of_page = name.ends_with(b"Header") || name.ends_with(b"Footer");
                self.keep_around(if of_page { printed(&text) } else { text }, texts);
            }
            b"sheetData" => self.in_data = false,
            b"f" if self.inside == Some(b'f') => self.formula(texts),
            b"v" if self.inside == Some(b'v') => self.value(),
            b"c" => self.kind = Kind::Other,
            _ => return,
        }
        self.inside = None;
        self.text.clear();
    }

    fn formula(&mut self, texts: &mut usize) {
        let Some(index) = self.found.places.len().checked_sub(1) else { return };
        let place = self.found.places[index];
        let shared = self.shared.take();
        let formula = match shared.and_then(|si| self.formulas.get(&si)) {
            Some((anchor, text)) if self.text.is_empty() => Formula::From(*anchor, Arc::clone(text)),
            Some(_) | None => {
                let text: Arc<str> = words(&self.text).chars().take(TEXT).collect::<String>().into();
                *texts += text.len();
                if let Some(si) = shared {
                    self.formulas.insert(si, (place, Arc::clone(&text)));
                }
                Formula::Own(text)
            }
        };
        self.found.formulas.insert(index, formula);
    }

    fn value(&mut self) {
        let Some(index) = self.found.places.len().checked_sub(1) else { return };
        match self.kind {
            Kind::Error => {
                self.found.errors.insert(index, words(&self.text));
            }
            // An index that is no number would be read as the first text of the workbook.
            Kind::Shared if !self.text.is_empty() && !self.text.iter().all(u8::is_ascii_digit) => {
                self.found.unreadable.insert(index);
            }
            Kind::Shared | Kind::Other => {}
        }
    }
}

/// A header or footer without its codes: `&L&"Arial"&10`, `&P`, `&KFF0000`, `&K01+000`.
fn printed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c != '&' {
            out.push(c);
            continue;
        }
        match letters.next() {
            Some('&') | None => out.push('&'),
            Some('"') => drop(letters.by_ref().find(|c| *c == '"')),
            Some(digit) if digit.is_ascii_digit() => while letters.next_if(char::is_ascii_digit).is_some() {},
            // A colour takes six letters, whatever follows them.
            Some('K') => {
                for _ in 0..6 {
                    if letters.next_if(|c| c.is_ascii_hexdigit() || matches!(c, '+' | '-')).is_none() {
                        break;
                    }
                }
            }
            Some(_) => {}
        }
        out.push(' ');
    }
    out
}

fn row(raw: &[u8]) -> Result<u32, Refusal> {
    match std::str::from_utf8(raw).ok().and_then(|r| r.parse::<u32>().ok()) {
        Some(n) if (1..=Cell::LAST_ROW + 1).contains(&n) => Ok(n - 1),
        Some(_) | None => Err(beyond()),
    }
}

fn place(raw: &[u8]) -> Result<Cell, Refusal> {
    let text = std::str::from_utf8(raw).map_err(|_| Refusal::damaged())?;
    text.parse().map_err(|_| {
        let shown: String = text.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        Refusal::unsafe_file(&format!("it has a cell “{shown}”, and a sheet ends at XFD1048576"))
    })
}

/// FIL-04 for a place that no sheet has.
pub(super) fn beyond() -> Refusal {
    Refusal::unsafe_file("it has a row or a column that no sheet can have; a sheet goes from A1 to XFD1048576")
}

/// The notes of a sheet by cell, and the threads of comments.
pub(super) fn comments(
    listed: &Listed,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<BTreeMap<Cell, String>, Refusal> {
    let all = match &listed.notes {
        Some(part) => notes(part, [b"comment", b"t"], parts, archive, tally)?,
        None => BTreeMap::new(),
    };
    with_threads(all, listed.threads.as_deref(), parts, archive, tally)
}

/// The notes of a sheet with the threads of comments in their part, if there is one; where a note only repeats a thread,
/// the thread counts.
pub(super) fn with_threads(
    mut notes: BTreeMap<Cell, String>,
    part: Option<&str>,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<BTreeMap<Cell, String>, Refusal> {
    let Some(part) = part else { return Ok(notes) };
    for (cell, thread) in self::notes(part, [b"threadedComment", b"text"], parts, archive, tally)? {
        let repeated = |note: &String| note.starts_with("[Threaded comment]");
        let note = notes.remove(&cell).filter(|note| !repeated(note));
        notes.insert(cell, note.map_or_else(|| thread.clone(), |note| format!("{note}\n{thread}")));
    }
    Ok(notes)
}

/// The texts of elements by the cell they name, those of one cell below one another.
fn notes(
    part: &str,
    [element, text]: [&[u8]; 2],
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<BTreeMap<Cell, String>, Refusal> {
    let mut notes: BTreeMap<Cell, String> = BTreeMap::new();
    let mut at: Option<Cell> = None;
    let mut in_text = false;
    let mut raw_note: Vec<u8> = Vec::new();
    let room = tally.room();
    let mut texts = 0;
    parts.sweep(part, archive, tally, |token| {
        if texts > room {
            return Err(Refusal::too_large("its notes take too much room"));
        }
        match token {
            Token::Open(tag) if tag.name() == element => {
                at = tag.text(b"ref").and_then(|r| r.parse().ok());
                raw_note.clear();
            }
            Token::Open(tag) if tag.name() == text => in_text = !tag.empty,
            Token::Open(_) => {}
            // Longer than Excel lets anybody write is cut.
            Token::Text(raw) if in_text && raw_note.len() < 4 * TEXT => raw_note.extend_from_slice(raw),
            Token::Text(_) => {}
            Token::Close(name) if name == text => in_text = false,
            Token::Close(name) if name == element => {
                if notes.len() >= NOTES {
                    return Err(Refusal::too_large(&format!("it has more than {NOTES} notes on one sheet")));
                }
                if let Some(cell) = at.take() {
                    let note: String = words(&raw_note).replace("_x000D_", "").chars().take(TEXT).collect();
                    texts += note.len();
                    let all = notes.entry(cell).or_default();
                    if !all.is_empty() {
                        all.push('\n');
                    }
                    all.push_str(&note);
                }
            }
            Token::Close(_) => {}
        }
        Ok(())
    })?;
    tally.text(texts)?;
    Ok(notes)
}
