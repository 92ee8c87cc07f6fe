//! All submissions of one body for one year, in their order: checked one by one, and written once it is settled which
//! version of each section is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::NaiveDate;

use super::checker::{Checker, Opened, Sight};
use super::fault::Fault;
use super::summary::BodyLine;
use super::worker::Answer;
use super::{feedback, log, name, number, wire};
use crate::board::Versions;
use crate::checks::{answered, remember};
use crate::export::{Receipt, Released, json_file, section_json};
use crate::extract::{Answered, Context, Return, Waiver};
use crate::finding::Finding;
use crate::handled::Handled;
use crate::record::{self, Record, Source};
use crate::render::Delivery;
use crate::report::{FileFacts, Outcome, Report};

/// The cells of a submission.
#[derive(Debug)]
pub(super) enum Held {
    /// As values.
    Here(Opened),
    /// As a worker sent them: a tenth of the memory, until they are wanted.
    Bytes(Vec<u8>),
}

impl Held {
    /// Looks at the cells. `None` if they make no sense, which was seen to when they came.
    fn with<R>(&self, look: impl FnOnce(&Opened) -> R) -> Option<R> {
        match self {
            Self::Here(opened) => Some(look(opened)),
            Self::Bytes(bytes) => match wire::read(bytes)? {
                Answer::Read(opened, _) => Some(look(&opened)),
                Answer::Failed(_) => None,
            },
        }
    }
}

/// One submission, read and hashed, its cover looked at.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) body: String,
    pub(super) file: FileFacts,
    pub(super) received: NaiveDate,
    /// How many others had been seen before it, when it was seen first; the greatest number if that is now.
    pub(super) turn: usize,
    /// What it holds; failed until it is read.
    pub(super) opened: Result<(Held, Sight), Fault>,
}

impl Seen {
    pub(super) fn number(&self) -> Option<u32> {
        self.opened.as_ref().ok().and_then(|(_, sight)| sight.submission_no)
    }
}

/// What holds for the whole run.
pub(super) struct Work<'a> {
    pub(super) checker: &'a dyn Checker,
    pub(super) as_of: NaiveDate,
    pub(super) waivers: &'a [Waiver],
    /// Called when a submission has been checked.
    pub(super) tick: &'a (dyn Fn() + Sync),
}

impl Work<'_> {
    /// What is known of a submission from outside it, apart from other submissions.
    pub(super) fn context(&self, body: &str, received: NaiveDate) -> Context {
        Context {
            expected_body: Some(body.to_owned()),
            received: Some(received),
            waivers: self.waivers.to_vec(),
            ..Context::on(self.as_of)
        }
    }

    /// Checks a submission. If the program fails over it, that is a finding about it and the others go through.
    pub(super) fn check(&self, seen: &Seen, year: &str, context: &Context) -> Report {
        let check = |held: &Held| held.with(|opened| self.checker.check(opened, context));
        let mut report = seen
            .opened
            .as_ref()
            .ok()
            .and_then(|(held, _)| catch_unwind(AssertUnwindSafe(|| check(held))).ok().flatten());
        (self.tick)();
        if let Some(report) = report.as_mut().filter(|r| !r.private) {
            report.file.name = name::shown(&report.file, self.checker.agencies(), self.checker.people());
        }
        let fault = seen.opened.as_ref().err().copied().unwrap_or(Fault::Failed);
        report.unwrap_or_else(|| feedback::broken(seen.file.clone(), &seen.body, year, self.checker.pack(), fault))
    }

    /// The report on a file that lies in nobody's folder.
    pub(super) fn stranger(&self, seen: &Seen) -> Report {
        (self.tick)();
        feedback::stranger(seen.file.clone(), &seen.body, self.checker.pack())
    }

    /// The files that tell a body about a submission. If the program fails over them too, a bare sentence must do.
    pub(super) fn feedback(&self, report: &Report, delivery: &Delivery) -> Vec<(&'static str, Vec<u8>)> {
        catch_unwind(AssertUnwindSafe(|| feedback::files(report, delivery))).unwrap_or_else(|_| {
            let text =
                "The report on this file could not be written: the program itself failed. Please tell its makers.\n";
            vec![("report.txt", text.into())]
        })
    }

    /// The proof of what was done with a submission.
    pub(super) fn receipt(&self, report: &Report, seen: &Seen, year: &str) -> Receipt {
        let stopped = seen.opened.as_ref().err().and_then(|fault| fault.word());
        Receipt::new(report, &seen.body, year, seen.received, self.as_of).with_stopped(stopped)
    }
}

/// The submissions of one body for one year, each checked by itself, in their order.
pub(super) struct Checked<'s> {
    pub(super) body: String,
    pub(super) kind: String,
    pub(super) steps: Vec<Step<'s>>,
    /// What was asked and answered last year.
    pub(super) answered: Vec<Answered>,
}

impl Checked<'_> {
    /// What is kept of each submission.
    pub(super) fn handled(&self) -> Vec<Handled> {
        self.steps.iter().map(|step| Handled::of(&step.report, step.seen.received)).collect()
    }
}

/// One submission.
pub(super) struct Step<'s> {
    pub(super) seen: &'s Seen,
    pub(super) report: Report,
    /// The day by which it and those before it were there.
    pub(super) day: NaiveDate,
}

/// Checks the submissions of one body for one year, already in their order.
pub(super) fn check<'s>(
    work: &Work<'_>,
    year: &str,
    kind: &str,
    seen: &[&'s Seen],
    last: Option<&Return>,
) -> Checked<'s> {
    let body = seen.first().map_or_else(String::new, |s| s.body.clone());
    let mut steps: Vec<Step<'s>> = Vec::new();
    let mut previous: Option<Return> = None;
    let mut earlier: Vec<Arc<Return>> = Vec::new();
    let order = number::order(work, year, &body, seen);
    let submissions = order.len();
    for (now, same_number) in order {
        let context = Context {
            last: last.cloned(),
            previous: previous.clone(),
            earlier: earlier.clone(),
            same_number,
            ..work.context(&body, now.received)
        };
        let report = work.check(now, year, &context);
        for section in report.sections.iter().filter(|s| !report.private && s.outcome == Outcome::Accepted) {
            previous.get_or_insert_with(Return::default).replace_section(&report.figures, &section.section);
        }
        // Nothing comes after the last.
        if !report.private && steps.len() + 1 < submissions {
            earlier.push(Arc::new(remember(&report.figures, &report.findings)));
        }
        let day = steps.last().map_or(now.received, |before| before.day.max(now.received));
        steps.push(Step { seen: now, report, day });
    }
    let answered = last.map(|last| last.answered.clone()).unwrap_or_default();
    Checked { body, kind: kind.to_owned(), steps, answered }
}

/// What comes of one body in one year.
pub(super) struct Done {
    /// Files of the year's directory.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Records of its accepted sections.
    pub(super) records: Vec<Record>,
    /// What was accepted of it: next year's `last`.
    pub(super) accepted: Option<Return>,
    /// One for each submission.
    pub(super) receipts: Vec<Receipt>,
    /// What the summary says.
    pub(super) line: BodyLine,
}

/// Which submission, by its position, holds the version of each section that is accepted, and of each that is asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) accepted: Versions,
    pub(super) queried: Versions,
    /// What each submission but the latest was asked across agencies before the next one came.
    pub(super) asked: BTreeMap<usize, Vec<Finding>>,
}

/// What is kept of each submission, with what it was asked across agencies while it was the latest.
fn handled(steps: &[Step<'_>], standing: &Standing) -> Vec<Handled> {
    let each = steps.iter().enumerate().map(|(at, step)| {
        let mut handled = Handled::of(&step.report, step.seen.received);
        handled.ask(&step.report, standing.asked.get(&at).map_or(&[], Vec::as_slice));
        handled
    });
    each.collect()
}

/// Writes what came of one body for one year.
pub(super) fn write(work: &Work<'_>, year: &str, checked: &Checked<'_>, standing: &Standing) -> Done {
    let Checked { body, kind, steps, answered: _ } = checked;
    let mut files = BTreeMap::new();
    let line = steps.last().map_or_else(BodyLine::default, |Step { report, .. }| {
        let delivery = feedback::delivery(work, year, body, &handled(steps, standing), &report.owed, standing);
        for (name, bytes) in work.feedback(report, &delivery) {
            files.insert(format!("feedback/{body}/{name}"), bytes);
        }
        let keys = |versions: &Versions| versions.keys().cloned().collect();
        let line = BodyLine::new(report, year, body, &keys(&standing.accepted), &keys(&standing.queried));
        let handled = steps.iter().map(|step| Handled::of(&step.report, step.seen.received));
        let log = handled.flat_map(|handled| log::lines(year, body, &handled)).collect();
        BodyLine { submissions: steps.len(), log, ..line }
    });
    let form = work.checker.sections(kind, year);
    let mut records = Vec::new();
    let mut released = BTreeMap::new();
    for section in form {
        let key = &section.key;
        let step = |versions: &Versions| versions.get(key).and_then(|version| steps.get(*version));
        if let Some(step) = step(&standing.accepted) {
            let document = section_json(&step.report, section, Outcome::Accepted);
            files.extend(document.map(|d| (format!("returns/{body}/{key}.json"), json_file(&d))));
            let source = Source {
                figures: &step.report.figures,
                workbook: &step.report.workbook,
                kind,
                sections: form,
                sha256: &step.report.file.sha256,
                body,
                marks: &step.report.marks,
            };
            let before = records.len();
            records.extend(record::records(&source, &BTreeSet::from([key.clone()])));
            let what = Released {
                section: key.clone(),
                records: records.len() - before,
                submission: step.report.figures.submission_no,
                file: step.report.file.sha256.clone(),
            };
            released.insert(key.clone(), what);
        }
        if let Some(step) = step(&standing.queried) {
            let document = section_json(&step.report, section, Outcome::Queried);
            files.extend(document.map(|d| (format!("returns/{body}/{key}.queried.json"), json_file(&d))));
        }
    }
    let receipt = |step: &Step<'_>| work.receipt(&step.report, step.seen, year).with_released(&released);
    let receipts: Vec<Receipt> = steps.iter().map(receipt).collect();
    for receipt in &receipts {
        files.insert(format!("receipts/{body}/{}.json", receipt.sha256), json_file(&receipt.to_json()));
    }
    Done { files, records, accepted: accepted(checked, &standing.accepted), receipts, line }
}

/// The accepted sections as one return; those of the latest submission last, so that its cover counts.
fn accepted(checked: &Checked<'_>, versions: &Versions) -> Option<Return> {
    let mut order: Vec<(usize, &String)> = versions.iter().map(|(section, version)| (*version, section)).collect();
    order.sort();
    let mut out = None;
    for (version, section) in order {
        if let Some(step) = checked.steps.get(version) {
            let out = out.get_or_insert_with(Return::default);
            out.replace_section(&step.report.figures, section);
            // What was answered about it is next year's suggestion.
            let about = |answered: &Answered| answered.at.section_key() == *section;
            out.answered.extend(answered(&step.report.findings).into_iter().filter(about));
        }
    }
    out
}

/// The sections of a return that are not refused, to compare the next year's with; `None` where nothing of it can be used.
#[must_use]
pub fn not_refused(report: &Report) -> Option<Return> {
    let mut out = None;
    for section in report.sections.iter().filter(|s| !report.private && s.outcome != Outcome::Refused) {
        out.get_or_insert_with(Return::default).replace_section(&report.figures, &section.section);
    }
    if let Some(out) = &mut out {
        out.answered = answered(&report.findings);
    }
    out
}
