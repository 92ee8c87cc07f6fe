//! What is too large or unsafe to open, found before anything is inflated or held; every limit of the reader stands here.
//! How parts are read is left to `scan`, what they mean to `package`, `structure` and `xlsx`.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::scan::{Looks, Tag, Token, looks, scan};
use crate::cell::Cell;

/// The largest file that is read, in bytes.
pub const FILE: usize = 20 * 1024 * 1024;
/// The most files in a zip or a folder.
pub const ENTRIES: usize = 5_000;
/// The most bytes that the parts of a zip may declare together, inflated.
pub const INFLATED: u64 = 256 * 1024 * 1024;
/// A part larger than this may not shrink by more than [`RATIO`]; what is no XML may not be larger at all.
pub const LARGE_PART: u64 = 16 * 1024 * 1024;
/// How many times smaller than inflated a large part may be.
pub const RATIO: u64 = 200;
/// The most bytes of one tag or one run of characters in XML.
pub const NODE: usize = 1024 * 1024;
/// The deepest nesting of XML.
pub const NESTING: usize = 256;
/// The most sheets.
pub const SHEETS: usize = 250;
/// The most cells of all sheets, empty ones that the file mentions too.
pub const CELLS: usize = 2_000_000;
/// The most cells that hold something, on all sheets: a return has a few thousand. So many can still be read, screened
/// and checked within a second and 300 megabytes, and nobody sends more but a system's export of single cases.
pub const FILLED: usize = 250_000;
/// The most rows that one part of the file may mention.
pub const ROWS: usize = 1_048_576;
/// The most different texts.
pub const STRINGS: usize = 1_000_000;
/// The most characters of one cell, as in Excel.
pub const TEXT: usize = 32_767;
/// The most bytes of text in all cells, notes and formulas together.
pub const TEXTS: usize = 64 * 1024 * 1024;
/// The most bytes of formulas that are written out for cells which share one.
pub const FORMULAS: usize = 8 * 1024 * 1024;
/// The most merged regions of a sheet.
pub const MERGES: usize = 10_000;
/// The most columns that a sheet may hide; one that it hides again counts again. A sheet has 16,384.
pub const HIDDEN: u32 = 1_000_000;
/// The most notes of a sheet.
pub const NOTES: usize = 10_000;
/// Texts around the cells of a sheet that are kept: headers, footers, choices.
pub const AROUND: usize = 1_000;
/// The most cells that could not be read before reading stops.
pub const UNREADABLE: usize = 1_000;
/// The most bytes that the styles may take when each is held with its longest name.
const STYLES: usize = 128 * 1024 * 1024;

/// Why a submission is not read: one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// FIL-01 to FIL-05.
    pub(super) rule: &'static str,
    /// What was found.
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
}

impl Refusal {
    /// A refusal in words.
    pub(super) fn new(rule: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { rule, message: message.into(), help: help.into() }
    }

    /// FIL-03: the file breaks off or contradicts itself.
    pub(super) fn damaged() -> Self {
        Self::new(
            "FIL-03",
            "This file is damaged: a part of it is missing or cannot be read.",
            "Open it in Excel. If it opens, save it under a new name as “Excel Workbook (.xlsx)” and send that; \
             if it does not, send the file again from the copy you kept.",
        )
    }

    /// FIL-03: a zip ends with its directory, and this one does not.
    pub(super) fn broken_off() -> Self {
        Self::new(
            "FIL-03",
            "This file is damaged: it breaks off before its end.",
            "Perhaps it was still being copied. Send the file again and look that it opens.",
        )
    }

    /// FIL-04, where only a program with ill intent or a fault writes such a file.
    pub(super) fn unsafe_file(what: &str) -> Self {
        Self::new(
            "FIL-04",
            format!("This file is not safe to open: {what}."),
            "Copy the figures into a fresh copy of the template and send that.",
        )
    }

    /// FIL-04, where a limit is passed.
    pub(super) fn too_large(what: &str) -> Self {
        Self::new(
            "FIL-04",
            format!("This file is too large for a return: {what}."),
            "Send the template with the figures only. Take out pictures, lists of single cases and sheets that are \
             not part of the return, and save it under a new name.",
        )
    }

    /// FIL-04 for columns that are hidden again and again.
    pub(super) fn hides_too_much() -> Self {
        Self::unsafe_file("it hides its columns again and again")
    }

    /// The same refusal, saying in which sheet.
    pub(super) fn on_sheet(mut self, name: &str) -> Self {
        if self.rule == "FIL-03" || self.rule == "FIL-04" {
            let name = super::scan::without_controls(name.into());
            let name: String = name.chars().take(60).collect();
            self.message = format!("{} It is on the sheet “{name}”.", self.message);
        }
        self
    }
}

/// A zip whose directory was found harmless.
pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Opens a zip after a look at its size and directory; nothing is inflated.
pub(super) fn open(bytes: &[u8]) -> Result<Archive<'_>, Refusal> {
    within_size(bytes.len())?;
    // Counted in the bytes, because the directory is held in memory as soon as it is opened.
    if count(bytes, b"PK\x01\x02") > ENTRIES {
        return Err(Refusal::too_large(&format!("it is made of more than {ENTRIES} parts")));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| match count(bytes, b"PK\x05\x06") {
        0 => Refusal::broken_off(),
        _ => Refusal::damaged(),
    })?;
    let mut sum = 0_u64;
    for i in 0..archive.len() {
        let entry = archive.by_index_raw(i).map_err(|_| Refusal::damaged())?;
        if entry.encrypted() {
            return Err(password());
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        sum = sum.saturating_add(size);
        if sum > INFLATED {
            return Err(Refusal::unsafe_file(&format!(
                "opened, it would take more than {} megabytes",
                INFLATED / 1024 / 1024
            )));
        }
        if size > LARGE_PART && size / packed.max(1) > RATIO {
            return Err(Refusal::unsafe_file(&format!(
                "one of its parts would grow {} times when opened",
                size / packed.max(1)
            )));
        }
    }
    Ok(archive)
}

/// FIL-02.
pub(super) fn password() -> Refusal {
    Refusal::new(
        "FIL-02",
        "This file is protected by a password, so it cannot be read.",
        "In Excel choose File, Info, Protect Workbook, Encrypt with Password, and clear the password. Save the file and \
         send it through the secure channel. Please do not send passwords by e-mail.",
    )
}

/// Refuses more bytes than a return can have.
pub(super) fn within_size(bytes: usize) -> Result<(), Refusal> {
    if bytes <= FILE {
        return Ok(());
    }
    let megabyte = 1024 * 1024;
    Err(Refusal::too_large(&format!(
        "it has {} megabytes, and {} are allowed",
        bytes.div_ceil(megabyte),
        FILE / megabyte
    )))
}

/// FIL-04 for more cells than are held; `at` says where they were too many.
pub(super) fn too_many_cells(at: &str) -> Refusal {
    Refusal::too_large(&format!("it has more than 250,000 cells that hold something, or two million in all{at}"))
}

fn count(bytes: &[u8], wanted: &[u8; 4]) -> usize {
    let (mut found, mut rest) = (0, bytes);
    while let Some(at) = rest.iter().position(|b| *b == wanted[0]) {
        rest = &rest[at..];
        found += usize::from(rest.starts_with(wanted));
        rest = &rest[1..];
    }
    found
}

/// What the parts of a workbook mention, counted while they are scanned; over all parts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    cells: usize,
    filled: usize,
    strings: usize,
    texts: usize,
}

impl Tally {
    /// Counts the bytes of a text that will be held.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.texts += bytes;
        if self.texts > TEXTS {
            return Err(Refusal::too_large(&format!(
                "its texts take more than {} megabytes together",
                TEXTS / 1024 / 1024
            )));
        }
        Ok(())
    }

    /// Counts cells of a format whose scan does not count them: those that the file mentions, and those of them that
    /// hold something, each as often as it is repeated. `at` is the first.
    pub(super) fn cells(&mut self, mentioned: usize, filled: usize, at: Cell) -> Result<(), Refusal> {
        self.cells = self.cells.saturating_add(mentioned);
        self.filled = self.filled.saturating_add(filled);
        if self.cells > CELLS || self.filled > FILLED {
            return Err(too_many_cells(&format!(", up to {at}")));
        }
        Ok(())
    }

    /// How many more bytes of text may be held.
    pub(super) fn room(&self) -> usize {
        TEXTS.saturating_sub(self.texts)
    }
}

/// Scans a part and refuses what is too much, showing each token to `visit` after it was counted.
/// `size` is the part's declared size.
pub(super) fn sweep(
    mut part: impl Read,
    size: u64,
    tally: &mut Tally,
    mut visit: impl FnMut(Token<'_>) -> Result<(), Refusal>,
) -> Result<Looks, Refusal> {
    let mut start = Vec::new();
    part.by_ref().take(1024).read_to_end(&mut start).map_err(|_| Refusal::damaged())?;
    let kind = looks(&start);
    match kind {
        Looks::Xml => {}
        Looks::Utf16 => {
            return Err(Refusal::new(
                "FIL-03",
                "A part of this workbook is stored in an encoding (UTF-16) that spreadsheet programs do not write.",
                "Open it in Excel, save it under a new name as “Excel Workbook (.xlsx)” and send that.",
            ));
        }
        Looks::Other if size > LARGE_PART => {
            return Err(Refusal::too_large(&format!(
                "a picture or another part in it takes more than {} megabytes",
                LARGE_PART / 1024 / 1024
            )));
        }
        Looks::Other => return Ok(kind),
    }
    let (mut rows, mut styles, mut longest) = (0_usize, 0_usize, 0_usize);
    scan(Cursor::new(start).chain(part), |token| {
        if let Token::Open(tag) = &token {
            longest = longest.max(tag.len());
            match tag.name() {
                b"c" => {
                    tally.cells += 1;
                    tally.filled += usize::from(!tag.empty);
                    if tally.cells > CELLS || tally.filled > FILLED {
                        let at =
                            tag.text(b"r").filter(|r| r.len() < 20).map_or(String::new(), |r| format!(", up to {r}"));
                        return Err(too_many_cells(&at));
                    }
                }
                b"row" => {
                    rows += 1;
                    if rows > ROWS {
                        return Err(Refusal::unsafe_file(&format!("one sheet has more than {ROWS} rows")));
                    }
                }
                b"si" => {
                    tally.strings += 1;
                    if tally.strings > STRINGS {
                        return Err(Refusal::too_large("it has more than a million different texts"));
                    }
                }
                b"sst" => declared_strings(tag, size)?,
                b"xf" => styles += 1,
                _ => {}
            }
            // Each style is held with its own copy of the font's name and the number format.
            if styles.saturating_mul(longest) > STYLES {
                return Err(Refusal::unsafe_file("its cell styles would take more memory than any return needs"));
            }
        }
        visit(token)
    })?;
    Ok(kind)
}

/// Memory is taken for as many texts as the part says it has: it cannot have more than bytes.
fn declared_strings(tag: &Tag<'_>, size: u64) -> Result<(), Refusal> {
    let raw = String::from_utf8_lossy(tag.raw());
    for declared in raw.split("ount").skip(1) {
        let value = declared.split(['"', '\'']).nth(1).unwrap_or_default();
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        // More digits than fit in 64 bits are too many, too.
        if !digits.is_empty() && digits.parse::<u64>().map_or(true, |n| n > size) {
            return Err(Refusal::unsafe_file(&format!(
                "its list of texts says that it holds {} of them, and it has {size} bytes",
                digits.chars().take(30).collect::<String>()
            )));
        }
    }
    Ok(())
}
