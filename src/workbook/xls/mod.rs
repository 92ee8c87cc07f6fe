//! Excel workbooks of before 2007 (.xls): since Excel 97, and those of Excel 5 and 95. The stream of the workbook is found in
//! `compound`, read as records by `record`; `book` and `sheet` say what they mean.
//!
//! Every record is read here and no library asked, because the one we use for today's workbooks gives neither formats,
//! hidden rows nor comments of these, and holds whole sheets as rows × columns; the tests hold its values against ours.

mod book;
mod compound;
mod formula;
mod layout;
mod note;
mod property;
mod record;
mod reference;
mod sheet;
mod style;

use super::guard::{self, Refusal, Tally};
use super::keep::{Keeper, Opened, tidy};
use super::{CACHE, EMBEDDED, Format, Omitted, Sheet, Value, sniff};
use crate::cell::Cell;
use book::{Book, Bound, Holds};
use compound::Compound;
use record::Coding;
use sheet::{Read, Reading};

/// The last row of a sheet of this format, from 0; until Excel 95, and since.
const LAST_ROWS: [u32; 2] = [16_383, 65_535];

/// Reads a workbook of before 2007, if the file is one.
pub(super) fn read(bytes: &[u8]) -> Result<Opened, Refusal> {
    let file = Compound::open(bytes)?;
    // Excel 97 can write both, for those who have older programs.
    let stream = match file.stream("Workbook")? {
        Some(stream) => Some(stream),
        None => file.stream("Book")?,
    };
    let Some(stream) = stream else { return Err(no_workbook(&file)) };
    let mut book = Book::read(&stream)?;
    let listed = std::mem::take(&mut book.sheets);
    let streams = streams(&listed, &stream)?;
    let mut opened = Opened::default();
    opened.workbook.format = Some(Format::Xls);
    opened.workbook.names = book.named();
    if let Some(number) = book.unknown_page {
        opened.notes.push(format!(
            "its letters are stored in a way we do not know (code page {number}): letters with accents may be wrong"
        ));
    }
    let epoch = book.epoch;
    let old = matches!(book.coding, Coding::Page(_));
    let mut reading = Reading { book: &mut book, keeper: Keeper::new(Tally::default(), epoch), spent: 0 };
    for (index, (bound, stream)) in listed.iter().zip(streams).enumerate() {
        let name = tidy(&bound.name);
        let read = match stream {
            Some(stream) => reading.sheet(index, bound, stream).map_err(|r| r.on_sheet(&name))?,
            None if bound.holds == Holds::Macros => Read::Macros,
            None => Read::Other,
        };
        let empty = || Sheet {
            name: name.clone(),
            state: bound.state,
            omitted: Omitted { no_cells: true, ..Omitted::default() },
            ..Sheet::default()
        };
        let sheet = match read {
            Read::Cells(sheet, lost) => {
                opened.notes.extend(lost.first().map(|cell| format!("the comment in {name}!{cell} could not be read")));
                opened.notes.extend(cut(&sheet, old));
                *sheet
            }
            Read::Macros => {
                opened
                    .notes
                    .push(format!("the sheet “{name}” holds commands (a macro sheet of before 1997) and was not read"));
                empty()
            }
            Read::Other => empty(),
        };
        opened.workbook.sheets.push(sheet);
    }
    opened.unreadable = reading.keeper.unreadable;
    opened.workbook.properties = properties(&file);
    Ok(opened)
}

/// The records of each sheet with cells: from its own start to that of the next. So no record is read for two sheets.
fn streams<'a>(listed: &[Bound], stream: &'a [u8]) -> Result<Vec<Option<&'a [u8]>>, Refusal> {
    let mut starts: Vec<usize> = listed.iter().filter(|b| b.holds == Holds::Cells).map(|b| b.start).collect();
    starts.sort_unstable();
    if starts.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::damaged());
    }
    let records = |bound: &Bound| {
        let end = starts.iter().copied().find(|start| *start > bound.start).unwrap_or(stream.len());
        stream.get(bound.start..end.min(stream.len())).ok_or_else(|| Refusal::damaged().on_sheet(&bound.name))
    };
    listed.iter().map(|bound| if bound.holds == Holds::Cells { records(bound).map(Some) } else { Ok(None) }).collect()
}

fn properties(file: &Compound<'_>) -> std::collections::BTreeMap<String, String> {
    let stream = |name| file.stream(name).ok().flatten();
    let (summary, document) = (stream("\u{5}SummaryInformation"), stream("\u{5}DocumentSummaryInformation"));
    let mut all = property::properties(summary.as_deref(), document.as_deref());
    // The storages in which Excel keeps the data of pivot tables, and documents put into the workbook.
    let has = |start: &str| file.names().any(|name| name.starts_with(start));
    for (name, is_there) in [(CACHE, has("_SX_DB")), (EMBEDDED, has("MBD"))] {
        all.remove(name);
        if is_there {
            all.insert(name.to_owned(), "yes".to_owned());
        }
    }
    all
}

/// What the format itself may have cut when the file was saved.
fn cut(sheet: &Sheet, old: bool) -> Option<String> {
    let last = LAST_ROWS[usize::from(!old)];
    if sheet.cells.range(Cell::new(last, 0)..).any(|(_, entry)| !entry.is_blank()) {
        return Some(format!(
            "the sheet “{}” is full down to row {}, where sheets of this kind of file end, so rows below may have been cut off",
            sheet.name,
            last + 1
        ));
    }
    let whole = |value: &Value| matches!(value, Value::Text(text) if text.chars().count() == 255);
    let (cell, _) = sheet.cells.iter().find(|(_, entry)| old && entry.formula.is_none() && whole(&entry.value))?;
    Some(format!(
        "the text in {}!{cell} has 255 characters, the most that this kind of file can hold, so its end may have been cut off",
        sheet.name
    ))
}

/// What a compound file without a workbook is, by what lies in it.
fn no_workbook(file: &Compound<'_>) -> Refusal {
    let has = |name: &str| file.names().any(|n| n.eq_ignore_ascii_case(name));
    let what = if has("EncryptedPackage") || has("EncryptionInfo") {
        return guard::password();
    } else if has("WordDocument") {
        "a Word document (.doc)"
    } else if has("PowerPoint Document") {
        "a PowerPoint presentation (.ppt)"
    } else if file.names().any(|n| n.starts_with("__properties_version") || n.starts_with("__nameid_version")) {
        "an e-mail saved from Outlook (.msg)"
    } else {
        "a file of an Office program that holds no workbook"
    };
    Refusal::new(
        "FIL-01",
        format!("This file is {what}, not {}.", sniff::WANTED),
        "Send the filled-in template as an Excel workbook (.xlsx).",
    )
}
