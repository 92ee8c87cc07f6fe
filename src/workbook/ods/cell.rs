//! One cell of an OpenDocument sheet while it is read: its attributes, its paragraphs, its note; and what it holds. Where
//! it stands and what is kept of it is left to `table`.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::guard::{Refusal, TEXT};
use super::super::scan::{Tag, local, words};
use super::super::value::{Raw, is_error, iso_date};

/// Characters beyond this are not held: the text is refused or, if it is a note, cut.
const ROOM: usize = 4 * TEXT + 4;

/// What the file says a cell holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unsaid,
    Number,
    Percentage,
    Date,
    Time,
    Truth,
    Text,
    /// Some programs say it where LibreOffice has an attribute of its own.
    Error,
}

impl Kind {
    fn of(said: &[u8]) -> Self {
        match said {
            b"float" | b"currency" => Self::Number,
            b"percentage" => Self::Percentage,
            b"date" => Self::Date,
            b"time" => Self::Time,
            b"boolean" => Self::Truth,
            b"string" => Self::Text,
            b"error" => Self::Error,
            _ => Self::Unsaid,
        }
    }
}

/// The text of several paragraphs.
#[derive(Debug, Default)]
struct Text {
    held: String,
    /// A paragraph was there, even if nothing is in it.
    any: bool,
    /// The last space stands for a line break of the file, not of the text.
    soft: bool,
}

/// A cell, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// How many cells it stands for.
    pub(super) repeated: u32,
    /// Columns and rows of the merged region that begins here; 1 where none does.
    pub(super) span: (u32, u32),
    /// The name of its style.
    pub(super) style: Option<Vec<u8>>,
    /// The formula as it is written.
    pub(super) formula: Option<String>,
    /// It holds a table of its own, which nothing can be made of.
    pub(super) nested: bool,
    kind: Kind,
    /// What LibreOffice says besides of the kind: the only place where an error is called one.
    error: Option<bool>,
    value: Option<String>,
    text: Option<String>,
    shown: Text,
    note: Option<Text>,
    /// Depths at which a paragraph, a note and what is passed over began.
    paragraph: Option<usize>,
    noted: Option<usize>,
    skip: Option<usize>,
}

impl Draft {
    /// A cell by its tag.
    ///
    /// # Errors
    /// It is repeated so that nobody can tell where the next one stands.
    pub(super) fn new(tag: &Tag<'_>) -> Result<Self, Refusal> {
        let mut draft = Self { repeated: 1, span: (1, 1), ..Self::default() };
        for (name, raw) in tag.attributes() {
            match local(name) {
                b"number-columns-repeated" => draft.repeated = repeated(raw)?,
                b"number-columns-spanned" => draft.span.0 = span(raw),
                b"number-rows-spanned" => draft.span.1 = span(raw),
                b"style-name" => draft.style = Some(raw.to_vec()),
                b"formula" => draft.formula = Some(words(raw)),
                // Prefixes are those that every program writes, but where a script gave them others the first is meant.
                b"value-type" if name.starts_with(b"calcext:") || draft.kind != Kind::Unsaid => {
                    draft.error = Some(draft.error == Some(true) || raw == b"error");
                }
                b"value-type" => draft.kind = Kind::of(raw),
                b"value" | b"date-value" | b"time-value" | b"boolean-value" => draft.value = Some(words(raw)),
                b"string-value" => draft.text = Some(words(raw)),
                _ => {}
            }
        }
        if draft.kind == Kind::Error {
            draft.error = Some(true);
        }
        Ok(draft)
    }

    /// A tag within the cell; `depth` is its own.
    pub(super) fn open(&mut self, tag: &Tag<'_>, name: &[u8], depth: usize) {
        if self.skip.is_some() {
            return;
        }
        if self.paragraph.is_some() {
            let count = tag.bytes(b"c").map_or(1, |n| number(n).unwrap_or(TEXT as u32 + 1)) as usize;
            match name {
                b"s" => self.push(&" ".repeat(count.clamp(1, TEXT + 1))),
                b"tab" => self.push("\t"),
                b"line-break" => self.push("\n"),
                // How a word is spoken, and what was said of it, is not part of it.
                b"ruby-text" | b"annotation" | b"note" => self.skip = Some(depth),
                _ => {}
            }
            return;
        }
        match name {
            b"p" | b"h" => {
                self.paragraph = Some(depth);
                let text = self.target();
                if std::mem::replace(&mut text.any, true) {
                    text.held.push('\n');
                }
            }
            b"list" | b"list-item" | b"list-header" => {}
            _ if self.noted.is_some() => {}
            b"annotation" => {
                self.noted = Some(depth);
                self.note = Some(Text::default());
            }
            name => {
                self.nested |= name == b"table";
                self.skip = Some(depth);
            }
        }
    }

    /// Characters within the cell.
    pub(super) fn text(&mut self, raw: &[u8]) {
        if self.skip.is_some() || self.paragraph.is_none() {
            return;
        }
        // A file that is laid out for people has line breaks and indents where the text has at most a space.
        let mut pieces = raw.split(|b| matches!(b, b'\n' | b'\r'));
        if let Some(first) = pieces.next() {
            self.push(&words(first));
        }
        for piece in pieces {
            let text = self.target();
            let begins = text.held.is_empty() || text.held.ends_with(['\n', ' ']);
            if !begins {
                text.held.push(' ');
                text.soft = true;
            }
            let piece = piece.trim_ascii_start();
            if !piece.is_empty() {
                self.push(&words(piece));
            }
        }
    }

    /// An element within the cell ends.
    pub(super) fn close(&mut self, depth: usize) {
        if self.skip == Some(depth) {
            self.skip = None;
        } else if self.paragraph == Some(depth) {
            let text = self.target();
            if std::mem::take(&mut text.soft) {
                text.held.pop();
            }
            self.paragraph = None;
        } else if self.noted == Some(depth) {
            self.noted = None;
        }
    }

    /// The note on the cell.
    pub(super) fn note(&self) -> Option<String> {
        self.note.as_ref().map(|note| note.held.chars().take(TEXT).collect())
    }

    /// What it holds; `None` where that cannot be what the file says it is. `zero` is the day from which serials count.
    pub(super) fn raw(&self, zero: chrono::NaiveDate) -> Option<Raw<'static>> {
        let shown = self.shown.held.trim();
        let number = matches!(self.kind, Kind::Number | Kind::Percentage);
        // Excel and the programs before LibreOffice write an error as a number, and show it in the paragraph only.
        let unsaid = self.error.is_none() && self.formula.is_some();
        if self.error == Some(true) || (is_error(shown) && (number || unsaid)) {
            let code = if shown.is_empty() { self.text.as_deref().unwrap_or_default() } else { shown };
            return Some(Raw::Error(Cow::Owned(code.to_owned())));
        }
        let value = self.value.as_deref().unwrap_or_default().trim();
        match self.kind {
            Kind::Number | Kind::Percentage => {
                let n: f64 = value.parse().ok()?;
                // The result of a comparison is a number for LibreOffice, and shown as a truth.
                Some(match shown {
                    "TRUE" if n == 1.0 => Raw::Truth(true),
                    "FALSE" if n == 0.0 => Raw::Truth(false),
                    _ => Raw::Number(n),
                })
            }
            Kind::Date => {
                let date = iso_date(value)?;
                // A number of less than a day under a format of dates; for Excel it is none.
                if date.date() == zero {
                    let time = date.time() - chrono::NaiveTime::MIN;
                    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
                    return Some(Raw::Number(time.num_milliseconds() as f64 / 86_400_000.0));
                }
                Some(Raw::Date(date))
            }
            Kind::Time => duration(value).map(Raw::Number),
            Kind::Truth => match value {
                "true" | "1" => Some(Raw::Truth(true)),
                "false" | "0" => Some(Raw::Truth(false)),
                _ => None,
            },
            Kind::Text | Kind::Error | Kind::Unsaid => {
                let text = self.text.as_ref().or(self.shown.any.then_some(&self.shown.held));
                Some(text.map_or(Raw::Nothing, |text| Raw::Text(Cow::Owned(text.clone()))))
            }
        }
    }

    /// The format of a percentage that only the text shows: LibreOffice shows a formula in the format of what it reads,
    /// without a style of its own.
    pub(super) fn percentage(&self, n: f64) -> Option<Arc<str>> {
        let shown = self.shown.held.trim().strip_suffix('%').map(|s| s.trim().replace(',', "."));
        let decimals = shown.and_then(|s| {
            let decimals = s.split_once('.').map_or(0, |(_, f)| f.len());
            let points: f64 = s.parse().ok()?;
            let near = (n * 100.0 - points).abs() <= 0.500_001 * 10_f64.powi(-i32::try_from(decimals).ok()?);
            near.then_some(decimals.min(20))
        });
        match decimals {
            Some(0) => Some("0%".into()),
            Some(places) => Some(format!("0.{}%", "0".repeat(places)).into()),
            None => (self.kind == Kind::Percentage).then(|| "0%".into()),
        }
    }

    fn target(&mut self) -> &mut Text {
        match &mut self.note {
            Some(note) if self.noted.is_some() => note,
            Some(_) | None => &mut self.shown,
        }
    }

    fn push(&mut self, words: &str) {
        let text = self.target();
        text.soft = false;
        if text.held.len() < ROOM {
            text.held.push_str(words);
        }
    }
}

/// How many times something is repeated. The largest number stands for more.
///
/// # Errors
/// It is no number.
pub(super) fn repeated(raw: &[u8]) -> Result<u32, Refusal> {
    number(raw).filter(|n| *n > 0).ok_or_else(Refusal::damaged)
}

/// A span that cannot be read is none: it moves no other cell.
fn span(raw: &[u8]) -> u32 {
    number(raw).unwrap_or(1).max(1)
}

fn number(raw: &[u8]) -> Option<u32> {
    let digits = !raw.is_empty() && raw.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(raw).ok().and_then(|n| n.parse().ok()).unwrap_or(u32::MAX))
}

/// A duration in ISO 8601 as a part of days: `PT10H30M00S` is 0.4375, as in Excel.
fn duration(text: &str) -> Option<f64> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let mut rest = text.strip_prefix('P')?;
    let mut seconds = 0.0;
    let mut time = false;
    let mut any = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T').filter(|_| !time) {
            time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let n: f64 = rest[..end].parse().ok()?;
        let unit = match (time, rest.as_bytes()[end]) {
            (false, b'D') => 86_400.0,
            (true, b'H') => 3_600.0,
            (true, b'M') => 60.0,
            (true, b'S') => 1.0,
            _ => return None,
        };
        seconds += n * unit;
        any = true;
        rest = &rest[end + 1..];
    }
    any.then_some(sign * seconds / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parts_of_days() {
        assert_eq!(duration("PT10H30M00S"), Some(0.4375));
        assert_eq!(duration("PT30H15M00S"), Some(30.25 / 24.0));
        assert_eq!(duration("P1DT12H"), Some(1.5));
        assert_eq!(duration("-PT12H"), Some(-0.5));
        assert_eq!(duration("PT0H0M0.5S"), Some(0.5 / 86_400.0));
        for wrong in ["", "P", "PT", "10:30", "P1Y", "PT1H1", "PTH", "PT1é", "PT1T2H"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn repeats_that_are_no_numbers_move_every_cell_behind() {
        assert_eq!(repeated(b"3").ok(), Some(3));
        assert_eq!(repeated(b"99999999999999999999").ok(), Some(u32::MAX));
        for wrong in [&b"0"[..], b"", b"-3", b"+3", b"3.0", b"x"] {
            assert!(repeated(wrong).is_err());
        }
    }
}
