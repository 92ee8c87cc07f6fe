//! What a body gets to read about its latest submission, and the reports on files that could not be checked at all.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::body::{Standing, Work};
use super::fault::Fault;
use crate::cell::Pointer;
use crate::changes::Changes;
use crate::extract::Return;
use crate::finding::{Finding, Place, Reach, Severity};
use crate::handled::Handled;
use crate::render::{Before, Delivery, Format, Kept, Style, delivered, letter};
use crate::report::{FileFacts, Outcome, Report};
use crate::workbook::Workbook;

/// The program itself failed over this file.
const FAULT: &str = "FIL-09";
/// The agency is not in the register.
const STRANGER: &str = "CMP-10";
/// More findings than anybody reads; the machine report has all of them.
const READABLE: usize = 200;

/// The letter, and the report as a page, as sentences and for programs, by file name.
pub(super) fn files(report: &Report, delivery: &Delivery) -> Vec<(&'static str, Vec<u8>)> {
    let style = Style { limit: Some(READABLE), ..Style::default() };
    let formats = [("report.html", Format::Html), ("report.txt", Format::Plain), ("report.json", Format::Json)];
    let reports = formats.map(|(name, format)| (name, delivered(report, format, &style, delivery)));
    let all = reports.into_iter().chain([("letter.txt", letter(report, delivery))]);
    all.map(|(name, text)| (name, text.into_bytes())).collect()
}

/// What is said around the report on a file whose year is not to be had.
pub(super) fn alone(work: &Work<'_>, body: &str, received: NaiveDate) -> Delivery {
    let body = work.checker.agencies().bodies.iter().find(|b| b.key == body);
    Delivery {
        letterhead: work.checker.letterhead(),
        body: body.map(|body| body.title.clone()),
        received,
        answers_by: None,
        due: None,
        kept: Vec::new(),
        owed: Vec::new(),
        refused_before: Vec::new(),
        before: Before::Unknown,
    }
}

/// What is said around the report on the last of a body's submissions for a year, given all of them in their order.
pub(super) fn delivery(
    work: &Work<'_>,
    year: &str,
    body: &str,
    handled: &[Handled],
    owed: &BTreeMap<String, String>,
    standing: &Standing,
) -> Delivery {
    let Some((latest, earlier)) = handled.split_last() else { return alone(work, body, work.as_of) };
    let kind = work.checker.agencies().bodies.iter().find(|b| b.key == body).map(|b| b.kind.as_str());
    let form = work.checker.sections(kind.unwrap_or_default(), year);
    // It holds no section because it only explains what was asked of those before.
    let answers = latest.sections.is_empty() && latest.outcome == Outcome::Accepted;
    let kept = form.iter().filter_map(|section| {
        let version = *standing.accepted.get(&section.key)?;
        let told = latest.sections.iter().find(|told| told.section == section.key);
        // What this submission brings, and is accepted, is said as such.
        let brought = !latest.private && told.is_some_and(|told| told.outcome == Outcome::Accepted);
        let holds = handled.get(version)?;
        (!brought).then(|| Kept {
            title: section.title.clone(),
            submission: holds.submission,
            received: holds.received,
            same: version == earlier.len(),
            left_out: told.is_none() && !latest.private && (!latest.sections.is_empty() || answers),
        })
    });
    let there = |key: &String| standing.accepted.contains_key(key) || standing.queried.contains_key(key);
    let sent = |key: &String| {
        let told = earlier.iter().filter(|handled| !handled.private).flat_map(|handled| &handled.sections);
        told.into_iter().any(|told| told.there && told.section == *key)
    };
    let owed = owed.iter().filter(|(key, _)| !there(key)).map(|(key, title)| (sent(key), title.clone()));
    let (refused_before, owed): (Vec<_>, Vec<_>) = owed.partition(|(sent, _)| *sent);
    let titles = |list: Vec<(bool, String)>| list.into_iter().map(|(_, title)| title).collect();
    let days = work.checker.agencies().years.get(year);
    Delivery {
        answers_by: days.map(|days| (days.query_deadline, work.as_of > days.query_deadline)),
        due: days.map(|days| (days.deadline, work.as_of > days.deadline)),
        kept: kept.collect(),
        owed: titles(owed),
        refused_before: titles(refused_before),
        before: Changes::between(earlier, latest).map_or(Before::Nothing, |c| Before::Changes(Box::new(c))),
        ..alone(work, body, latest.received)
    }
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
