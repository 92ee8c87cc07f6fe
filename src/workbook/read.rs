//! From a submission to a workbook: finds out what the file is, has it read, and says in findings what could not be read.
//! What people may not see of it is left to `extract`; how each format is read, to `xlsx`, `xlsb`, `xls`, `ods` and `csv`.

use super::guard::{self, Refusal};
use super::keep::Opened;
use super::package::Parts;
use super::sniff::{self, Kind};
use super::{Content, Submission, Workbook, csv, ghost, ods, xls, xlsb, xlsx};
use crate::cell::{Address, Pointer};
use crate::finding::{Finding, Findings, Place, Reach, Severity};

/// How many places one finding marks.
const MARKED: usize = 10;

impl Workbook {
    /// Reads a submission. What cannot be read is one finding, and the workbook is empty.
    #[must_use]
    pub fn read(submission: &Submission, findings: &mut Findings) -> Self {
        let read = match &submission.content {
            Content::File(bytes) => file(&submission.name, bytes),
            Content::Folder(files) => match files.as_slice() {
                // A folder made for the year, with the workbook in it.
                [(name, bytes)] if sniff::kind(bytes) != Kind::Text => file(name, bytes),
                files => csv::folder(files),
            },
        };
        let read = read.and_then(|opened| if opened.workbook.filled() == 0 { Err(nothing()) } else { Ok(opened) });
        let Opened { mut workbook, unreadable, notes } = match read {
            Ok(opened) => opened,
            Err(refusal) => {
                findings.add(refused(refusal));
                return Self::default();
            }
        };
        if !unreadable.is_empty() {
            findings.add(damaged_cells(&workbook, &unreadable));
        }
        for (address, why) in unreadable {
            if let Some(sheet) = workbook.sheets.get_mut(address.sheet) {
                sheet.omitted.unreadable.insert(address.cell, why.into());
            }
        }
        if !notes.is_empty() {
            findings.add(how_it_was_read(&notes));
        }
        if let Some(note) = ghost::note(&workbook) {
            findings.add(note);
        }
        workbook
    }
}

fn file(name: &str, bytes: &[u8]) -> Result<Opened, Refusal> {
    guard::within_size(bytes.len())?;
    let (mut opened, endings, is): (Opened, &[&str], &str) = match sniff::kind(bytes) {
        Kind::Zip => match inside(bytes)? {
            Inside::Workbook => (xlsx::read(bytes)?, &["xlsx", "xlsm", "xltx", "xltm"], "an Excel workbook (.xlsx)"),
            Inside::Binary => (xlsb::read(bytes)?, &["xlsb"], "an Excel binary workbook (.xlsb)"),
            Inside::OpenDocument => (ods::read(bytes)?, &["ods", "ots"], "an OpenDocument spreadsheet (.ods)"),
            // A zip of csv files has no name of its own that could be wrong.
            Inside::Csv => return csv::zip(bytes),
            Inside::Other(what, help) => {
                return Err(Refusal::new("FIL-01", format!("This file is {what}, not {}.", sniff::WANTED), help));
            }
        },
        Kind::Text => (csv::read(name, bytes)?, &["csv", "txt", "tsv"], "a text file with separated values"),
        Kind::Flat => (ods::flat(bytes)?, &["fods", "xml"], "an OpenDocument spreadsheet (.fods)"),
        Kind::Old => (xls::read(bytes)?, &["xls", "xlt"], "an Excel workbook of before 2007 (.xls)"),
        kind @ (Kind::Empty | Kind::Zeros | Kind::Encrypted | Kind::Other(_)) => {
            return Err(sniff::refusal(kind, None));
        }
    };
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    if !endings.contains(&ending.as_str()) {
        opened.notes.insert(0, format!("its name ends in “.{ending}”, but it is {is} and was read as one"));
    }
    Ok(opened)
}

/// What a zip holds.
enum Inside {
    Workbook,
    Binary,
    OpenDocument,
    Csv,
    Other(&'static str, &'static str),
}

fn inside(bytes: &[u8]) -> Result<Inside, Refusal> {
    const TEMPLATE: &str = "Send the filled-in template as an Excel workbook (.xlsx).";
    const TAKE_OUT: &str = "Take the workbook out of the zip and send the workbook itself.";
    let archive = guard::open(bytes)?;
    let parts = Parts::new(&archive);
    let has = |part: &str| parts.place(part).is_some();
    let any = |test: &dyn Fn(&str) -> bool| parts.names().any(test);
    Ok(if has("xl/workbook.bin") {
        Inside::Binary
    } else if any(&|n| n.starts_with("xl/") && n.ends_with(".xml")) {
        Inside::Workbook
    } else if any(&|n| n.starts_with("word/")) {
        Inside::Other("a Word document", TEMPLATE)
    } else if any(&|n| n.starts_with("ppt/")) {
        Inside::Other("a PowerPoint presentation", TEMPLATE)
    } else if has("META-INF/manifest.xml") || has("content.xml") && has("mimetype") {
        Inside::OpenDocument
    } else if any(&|n| n.starts_with("index/") && n.ends_with(".iwa")) {
        Inside::Other("an Apple Numbers document", "In Numbers choose File, Export To, Excel, and send that.")
    } else if any(&|n| n.ends_with(".xlsx") || n.ends_with(".xlsm") || n.ends_with(".xls")) {
        Inside::Other("a zip with a workbook in it", TAKE_OUT)
    } else if any(&|n| n.ends_with(".csv")) {
        Inside::Csv
    } else if archive.is_empty() {
        return Err(sniff::refusal(Kind::Empty, None));
    } else {
        Inside::Other("a zip archive without csv files", TEMPLATE)
    })
}

pub(super) fn about_file(rule: &str, severity: Severity, message: String, help: &str) -> Finding {
    Finding::new(rule, severity, Pointer::section("file"), Reach::Submission, message).with_help(help)
}

fn refused(refusal: Refusal) -> Finding {
    about_file(refusal.rule, Severity::Error, refusal.message, &refusal.help).with_label(Place::File, "not read")
}

fn nothing() -> Refusal {
    Refusal::new(
        "FIL-05",
        "There is nothing in this file: no sheet has a cell with text or a number.",
        "Perhaps an empty copy was sent. Open the file, look that the figures are there, save it and send it again.",
    )
}

/// FIL-06: one finding however many cells, so that a damaged file is not a flood.
fn damaged_cells(workbook: &Workbook, cells: &[(Address, &'static str)]) -> Finding {
    let name = |a: &Address| format!("{}!{}", workbook.sheets.get(a.sheet).map_or("", |s| &s.name), a.cell);
    let mut words: Vec<String> = cells.iter().take(MARKED).map(|(a, why)| format!("{} {why}", name(a))).collect();
    if cells.len() > MARKED {
        words.push(format!("and {} more", cells.len() - MARKED));
    }
    let mut finding = about_file(
        "FIL-06",
        Severity::Error,
        format!("Some cells of this file are damaged: {}.", words.join(", ")),
        "Open the file in Excel, type the values of these cells again, save it under a new name and send that.",
    );
    for (address, why) in cells.iter().take(MARKED) {
        finding = finding.with_label(Place::Cell(*address), *why);
    }
    finding
}

fn how_it_was_read(notes: &[String]) -> Finding {
    let text = notes.join("; ");
    let mut letters = text.chars();
    let text: String =
        letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default() + letters.as_str();
    about_file("FIL-07", Severity::Note, format!("{text}."), "Nothing to do if the figures shown are right.")
        .with_label(Place::File, "read by its content")
}
