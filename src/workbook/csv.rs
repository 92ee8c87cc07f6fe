//! Comma-separated values: one file, or a folder or zip of them, each a sheet named after its file. Numbers and dates are
//! taken as such only where they cannot be meant otherwise; all else stays text, to be read by its place.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::ghost::Empties;
use super::guard::{CELLS, ENTRIES, FILE, FILLED, Refusal, SHEETS, TEXT, Tally, too_many_cells, within_size};
use super::keep::Opened;
use super::scan::without_controls;
use super::sniff::{self, Kind};
use super::{Entry, Format, Sheet, Value, Workbook, is_space};
use crate::cell::Cell;

/// Reads one csv file.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Opened, Refusal> {
    folder(&[(name.to_owned(), bytes.to_vec())])
}

/// Reads a folder of csv files in the order given.
pub(super) fn folder(files: &[(String, Vec<u8>)]) -> Result<Opened, Refusal> {
    within_size(files.iter().map(|(_, bytes)| bytes.len()).sum())?;
    if files.len() > ENTRIES {
        return Err(Refusal::too_large(&format!("it holds more than {ENTRIES} files")));
    }
    let mut opened =
        Opened { workbook: Workbook { format: Some(Format::Csv), ..Workbook::default() }, ..Opened::default() };
    let mut reading = Reading::default();
    let mut windows: Vec<&str> = Vec::new();
    let mut separated: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, bytes) in files.iter().filter(|(name, _)| !is_litter(name)) {
        let kind = sniff::kind(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) && files.len() > 1 {
            continue;
        }
        if kind == Kind::Zip {
            return Err(Refusal::new(
                "FIL-01",
                "This folder holds a workbook or a zip among other files, so it is not clear which of them is the return.".to_owned(),
                "Send one Excel workbook (.xlsx), or csv files only.",
            ));
        }
        if kind != Kind::Text {
            return Err(sniff::refusal(kind, Some(name)));
        }
        if opened.workbook.sheets.len() >= SHEETS {
            return Err(Refusal::too_large(&format!("it holds more than {SHEETS} sheets")));
        }
        let (text, guessed) = decode(bytes);
        if guessed {
            windows.push(name);
        }
        let delimiter = delimiter(&text);
        if delimiter != b',' {
            let word = if delimiter == b';' { "semicolons" } else { "tabs" };
            separated.entry(word).or_default().push(name);
        }
        let sheet = reading.sheet(stem(name), &text, delimiter).map_err(|r| r.on_sheet(stem(name)))?;
        opened.workbook.sheets.push(sheet);
    }
    match windows.as_slice() {
        [] => {}
        [one] => opened.notes.push(format!("“{one}” is not in UTF-8, so it was read as Windows text (1252)")),
        many => {
            opened.notes.push(format!("{} are not in UTF-8, so they were read as Windows text (1252)", named(many)))
        }
    }
    for (word, names) in separated {
        opened.notes.push(format!("the columns of {} are separated by {word}", named(&names)));
    }
    Ok(opened)
}

/// `“a.csv”, “b.csv” and 3 other files`.
fn named(names: &[&str]) -> String {
    const NAMED: usize = 3;
    let quoted: Vec<String> = names.iter().take(NAMED).map(|name| format!("“{name}”")).collect();
    let more = names.len().saturating_sub(NAMED);
    match (more, quoted.as_slice()) {
        (0, [first @ .., last]) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (0, all) => all.join(", "),
        (1, all) => format!("{} and one other file", all.join(", ")),
        (more, all) => format!("{} and {more} other files", all.join(", ")),
    }
}

/// Reads the csv files of a zip.
pub(super) fn zip(bytes: &[u8]) -> Result<Opened, Refusal> {
    use std::io::Read as _;
    let mut archive = super::guard::open(bytes)?;
    let mut files = Vec::new();
    let mut sum = 0;
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|_| Refusal::damaged())?;
        let name = part.name().map_err(|_| Refusal::damaged())?.into_owned();
        if part.is_dir() || is_litter(&name) {
            continue;
        }
        let mut content = Vec::new();
        let room = u64::try_from(FILE).unwrap_or(u64::MAX) + 1;
        part.by_ref().take(room).read_to_end(&mut content).map_err(|_| Refusal::damaged())?;
        sum += content.len();
        within_size(sum)?;
        files.push((name.rsplit(['/', '\\']).next().unwrap_or(&name).to_owned(), content));
    }
    files.sort();
    folder(&files)
}

/// Files that systems leave in folders and zips, and locks of open files.
pub(super) fn is_litter(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.starts_with("~$")
        || name.starts_with('.')
        || path.starts_with("__MACOSX/")
        || ["thumbs.db", "desktop.ini"].contains(&name.to_lowercase().as_str())
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The text of a file, and whether its encoding had to be guessed.
fn decode(bytes: &[u8]) -> (String, bool) {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), true),
    }
}

/// The separator that most of the first lines use, counted outside quotes. Excel's `sep=;` line decides where it is there.
fn delimiter(text: &str) -> u8 {
    if let Some(given) = text.strip_prefix("sep=").and_then(|rest| rest.bytes().next()).filter(|b| b",;\t".contains(b))
    {
        return given;
    }
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut in_quotes = false;
    for byte in text.bytes().take(64 * 1024) {
        if byte == b'"' {
            in_quotes = !in_quotes;
        } else if !in_quotes && let Some((_, n)) = counts.iter_mut().find(|(d, _)| *d == byte) {
            *n += 1;
        }
    }
    let [comma, semicolon, tab] = counts;
    // Commas also stand in texts and thousands, so they win only if nothing else is used as often as a line is long.
    [tab, semicolon, comma].into_iter().max_by_key(|(_, n)| *n).filter(|(_, n)| *n > 0).map_or(b',', |(d, _)| d)
}

/// What is counted over all files.
#[derive(Default)]
struct Reading {
    cells: usize,
    filled: usize,
    tally: Tally,
}

impl Reading {
    fn sheet(&mut self, name: &str, text: &str, delimiter: u8) -> Result<Sheet, Refusal> {
        let mut sheet = Sheet { name: without_controls(name.into()).into_owned(), ..Sheet::default() };
        let mut reader = ::csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        let mut record = ::csv::StringRecord::new();
        let mut empties = Empties::default();
        let mut row = 0_u32;
        while reader.read_record(&mut record).map_err(|_| Refusal::damaged())? {
            // Blank lines are passed over by the reader, but the rows after them keep their numbers.
            let start = record.position().and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(0);
            row = row.saturating_add(blank_lines(text.as_bytes(), start));
            if row > Cell::LAST_ROW {
                return Err(Refusal::too_large("it has more rows than a sheet can have"));
            }
            if row == 0 && record.len() <= 2 && record.get(0).is_some_and(|f| f.starts_with("sep=")) {
                row += 1;
                continue;
            }
            self.cells += record.len();
            if self.cells > CELLS || self.filled > FILLED {
                return Err(too_many_cells(&format!(", up to row {}", row + 1)));
            }
            for (column, field) in record.iter().enumerate() {
                let column = u32::try_from(column).unwrap_or(u32::MAX);
                if column > Cell::LAST_COLUMN {
                    return Err(Refusal::too_large(&format!("row {} has more columns than a sheet can have", row + 1)));
                }
                if field.len() > TEXT && field.chars().count() > TEXT {
                    return Err(Refusal::too_large(&format!(
                        "the text in {} has more than {TEXT} characters",
                        Cell::new(row, column)
                    )));
                }
                if field.chars().all(is_space) {
                    if !field.is_empty() {
                        empties.spaces(Cell::new(row, column));
                    }
                    continue;
                }
                self.filled += 1;
                self.tally.text(field.len())?;
                let place = Cell::new(row, column);
                let value = value(field);
                if matches!(&value, Value::Text(text) if text.len() != field.len()) {
                    sheet.omitted.controls.insert(place);
                }
                sheet.cells.insert(place, Entry { value, ..Entry::default() });
            }
            row += 1;
        }
        empties.settle(&mut sheet);
        Ok(sheet)
    }
}

/// How many blank lines stand where a record is looked for.
fn blank_lines(text: &[u8], start: usize) -> u32 {
    let mut rest = text.get(start..).unwrap_or_default();
    // The second half of the line break before.
    if start > 0 && text.get(start - 1) == Some(&b'\r') {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut lines = 0;
    while let Some(after) = [&b"\r\n"[..], b"\n", b"\r"].iter().find_map(|end| rest.strip_prefix(*end)) {
        lines += 1;
        rest = after;
    }
    lines
}

/// Plain digits and ISO dates are what they seem; everything else may be meant otherwise.
fn value(field: &str) -> Value {
    let digits = field.strip_prefix('-').unwrap_or(field);
    let (whole, fraction) = digits.split_once('.').map_or((digits, "0"), |(w, f)| (w, f));
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if all_digits(whole)
        && all_digits(fraction)
        && !leading_zero
        && whole.len() + fraction.len() <= 16
        && let Ok(n) = field.parse::<f64>()
    {
        return Value::Number(n);
    }
    let is_iso = field.len() == 10
        && field.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if is_iso && let Ok(date) = NaiveDate::parse_from_str(field, "%Y-%m-%d") {
        return Value::Date(date.and_time(NaiveTime::MIN));
    }
    Value::Text(without_controls(field.into()).into_owned())
}
