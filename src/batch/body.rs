//! All submissions of one body for one year, in their order, and what counts of them together: a section that is refused
//! or queried changes nothing, its last accepted version stays.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;
use serde_json::Value;

use super::checker::{Checker, Opened, Sight};
use super::fault::Fault;
use super::summary::BodyLine;
use super::worker::Answer;
use super::{feedback, name, wire};
use crate::cell::Pointer;
use crate::export::{Receipt, json_file, section_json};
use crate::extract::{Context, Return, Waiver};
use crate::record::{self, Record, Source};
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
    pub(super) fn feedback(&self, report: &Report) -> Vec<(&'static str, Vec<u8>)> {
        catch_unwind(AssertUnwindSafe(|| feedback::files(report))).unwrap_or_else(|_| {
            let text =
                "The report on this file could not be written: the program itself failed. Please tell its makers.\n";
            vec![("report.txt", text.into())]
        })
    }

    /// The proof of what was done with a submission.
    pub(super) fn receipt(&self, report: &Report, seen: &Seen, year: &str) -> Receipt {
        let stopped = seen.opened.as_ref().err().and_then(|fault| fault.word()).map(str::to_owned);
        Receipt { stopped, ..Receipt::new(report, &seen.body, year, seen.received, self.as_of) }
    }
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

/// The version of a section that counts.
struct Kept {
    document: Value,
    records: Vec<Record>,
}

/// Handles the submissions of one body for one year, already in their order.
pub(super) fn handle(work: &Work<'_>, year: &str, kind: &str, seen: &[&Seen], last: Option<&Return>) -> Done {
    let body = seen.first().map_or_else(String::new, |s| s.body.clone());
    let mut union = Union::default();
    let mut files = BTreeMap::new();
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut latest = None;
    for (i, now) in seen.iter().enumerate() {
        let same =
            receipts.iter().zip(seen).take(i).rev().find(|(_, s)| now.number().is_some() && s.number() == now.number());
        let context = Context {
            last: last.cloned(),
            previous: union.accepted.clone(),
            same_number: same.map(|(receipt, _)| receipt.file.clone()),
            ..work.context(&body, now.received)
        };
        let report = work.check(now, year, &context);
        // What the report was made for must be what it is about; anything else was refused by the core, and stays out.
        if report.outcome != Outcome::Refused || !report.sections.is_empty() {
            union.take(work, kind, &body, &report);
        }
        receipts.push(work.receipt(&report, now, year));
        latest = Some(report);
    }
    for receipt in &receipts {
        files.insert(format!("receipts/{body}/{}.json", receipt.sha256), json_file(&receipt.to_json()));
    }
    let line = latest.map_or_else(BodyLine::default, |report| {
        for (name, bytes) in work.feedback(&report) {
            files.insert(format!("feedback/{body}/{name}"), bytes);
        }
        let kept = union.kept.keys().cloned().collect();
        let queried = union.queried.keys().cloned().collect();
        BodyLine { submissions: seen.len(), ..BodyLine::new(&report, year, &body, &kept, &queried) }
    });
    for (section, kept) in &union.kept {
        files.insert(format!("returns/{body}/{section}.json"), json_file(&kept.document));
    }
    for (section, document) in &union.queried {
        files.insert(format!("returns/{body}/{section}.queried.json"), json_file(document));
    }
    let records = union.records(work.checker, kind, year);
    Done { files, records, accepted: union.accepted, receipts, line }
}

/// What counts of all submissions so far.
#[derive(Default)]
struct Union {
    kept: BTreeMap<String, Kept>,
    queried: BTreeMap<String, Value>,
    accepted: Option<Return>,
}

impl Union {
    fn take(&mut self, work: &Work<'_>, kind: &str, body: &str, report: &Report) {
        if report.private {
            return;
        }
        for section in &report.sections {
            let key = &section.section;
            // The latest word on a section replaces an older query about it.
            self.queried.remove(key);
            let form = work.checker.sections(kind, report.year());
            let Some(document) = form.iter().find(|s| s.key == *key).and_then(|s| section_json(report, s)) else {
                continue;
            };
            match section.outcome {
                Outcome::Refused => {}
                Outcome::Queried => {
                    self.queried.insert(key.clone(), document);
                }
                Outcome::Accepted => {
                    let source = Source {
                        figures: &report.figures,
                        workbook: &report.workbook,
                        kind,
                        sections: form,
                        sha256: &report.file.sha256,
                        body,
                        marks: &report.marks,
                    };
                    let records = record::records(&source, &BTreeSet::from([key.clone()]));
                    self.kept.insert(key.clone(), Kept { document, records });
                    accept(self.accepted.get_or_insert_with(Return::default), &report.figures, key);
                }
            }
        }
    }

    /// The records in the order of the pack.
    fn records(&self, checker: &dyn Checker, kind: &str, year: &str) -> Vec<Record> {
        let sections = checker.sections(kind, year).iter();
        sections.filter_map(|s| self.kept.get(&s.key)).flat_map(|kept| kept.records.iter().cloned()).collect()
    }
}

/// The sections of a return that are not refused, to compare the next year's with; `None` where nothing of it can be used.
#[must_use]
pub fn not_refused(report: &Report) -> Option<Return> {
    let mut out = None;
    for section in report.sections.iter().filter(|s| !report.private && s.outcome != Outcome::Refused) {
        accept(out.get_or_insert_with(Return::default), &report.figures, &section.section);
    }
    out
}

/// Puts one section of a return in the place of the one accepted before.
fn accept(into: &mut Return, from: &Return, section: &str) {
    let top = Pointer::section(section);
    into.year.clone_from(&from.year);
    into.body.clone_from(&from.body);
    into.kind.clone_from(&from.kind);
    into.submission_no = from.submission_no;
    into.regime = from.regime;
    into.figures.retain(|p, _| !p.is_within(&top));
    into.figures.extend(from.figures.iter().filter(|(p, _)| p.is_within(&top)).map(|(p, f)| (p.clone(), f.clone())));
    into.worked.retain(|p, _| !p.is_within(&top));
    into.worked.extend(from.worked.iter().filter(|(p, _)| p.is_within(&top)).map(|(p, w)| (p.clone(), w.clone())));
    into.lists.retain(|p, _| !p.is_within(&top));
    into.lists.extend(from.lists.iter().filter(|(p, _)| p.is_within(&top)).map(|(p, k)| (p.clone(), k.clone())));
    into.words.retain(|p, _| !p.is_within(&top));
    into.words.extend(from.words.iter().filter(|(p, _)| p.is_within(&top)).map(|(p, w)| (p.clone(), w.clone())));
    into.nil.retain(|key| key != section);
    into.nil.extend(from.nil.iter().filter(|key| *key == section).cloned());
    into.sheets.remove(section);
    into.sheets.extend(from.sheets.get(section).map(|sheet| (section.to_owned(), *sheet)));
}
