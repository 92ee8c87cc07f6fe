//! What a body gets to read about its latest submission, and the reports on files that could not be checked at all.

use std::collections::BTreeMap;

use super::fault::Fault;
use crate::cell::Pointer;
use crate::extract::Return;
use crate::finding::{Finding, Place, Reach, Severity};
use crate::render::{Format, Style, render};
use crate::report::{FileFacts, Outcome, Report};
use crate::workbook::Workbook;

/// The program itself failed over this file.
const FAULT: &str = "FIL-09";
/// The agency is not in the register.
const STRANGER: &str = "CMP-10";
/// More findings than anybody reads; the machine report has all of them.
const READABLE: usize = 200;

/// The report as a page, as sentences and for programs, by file name.
pub(super) fn files(report: &Report) -> Vec<(&'static str, Vec<u8>)> {
    let style = Style { limit: Some(READABLE), ..Style::default() };
    [("report.html", Format::Html), ("report.txt", Format::Plain), ("report.json", Format::Json)]
        .into_iter()
        .map(|(name, format)| (name, render(report, format, &style).into_bytes()))
        .collect()
}

/// The report on a file over which the program failed: one finding that says how, and what to do.
#[must_use]
pub(super) fn broken(file: FileFacts, body: &str, year: &str, pack: &(String, String, String), fault: Fault) -> Report {
    let at = Pointer::section("cover");
    let finding = Finding::new(FAULT, Severity::Error, at, Reach::Submission, fault.message()).with_help(fault.help());
    refused(file, body, year, pack, finding, "The program failed over this file")
}

/// The report on a file in a folder that is no registered body's.
pub(super) fn stranger(file: FileFacts, body: &str, pack: &(String, String, String)) -> Report {
    let finding = Finding::new(
        STRANGER,
        Severity::Error,
        Pointer::section("cover"),
        Reach::Submission,
        format!("The file lies in the folder “{body}”, and no agency of that name is in the register."),
    )
    .with_help(
        "To the board manager: move it to the folder of the agency that sent it, or add the agency to the register.",
    );
    refused(file, body, "", pack, finding, "The agency is not in the register")
}

fn refused(
    mut file: FileFacts,
    body: &str,
    year: &str,
    pack: &(String, String, String),
    finding: Finding,
    title: &str,
) -> Report {
    // Nothing of it was screened, so its name is not repeated.
    file.name = format!("file {}…", file.sha256.get(..8).unwrap_or_default());
    Report {
        marks: crate::checks::Marks::default(),
        titles: BTreeMap::from([(finding.rule.to_string(), title.to_owned())]),
        findings: vec![finding.with_label(Place::File, "this file")],
        file,
        pack: pack.clone(),
        workbook: Workbook::default(),
        figures: Return { year: year.to_owned(), body: body.to_owned(), ..Return::default() },
        checks: Vec::new(),
        sections: Vec::new(),
        owed: BTreeMap::new(),
        outcome: Outcome::Refused,
        private: false,
    }
}
