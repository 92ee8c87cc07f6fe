//! What is kept of a submission once it has been checked: what became of it and what it is asked, in words and addresses.
//! Small, so that a run may keep one for every submission of a year; the letters, the board and the ledger are made of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::cell::Address;
use crate::finding::{Answer, Check, Finding, Place, Reach, Severity, Verdict};
use crate::report::{Outcome, Report};

/// One submission, handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The submission number on its cover.
    pub submission: Option<u32>,
    /// The day on which it came.
    pub received: NaiveDate,
    /// What became of it.
    pub outcome: Outcome,
    /// Suspected personal data was found: nothing of what it holds is kept.
    pub private: bool,
    /// The sections that it holds or declares, in the order of the pack.
    pub sections: Vec<Told>,
    /// Its errors and queries, answered ones too, most consequential first.
    pub asked: Vec<Asked>,
    /// What it has answered, without its sections: questions about versions of them that stand from before.
    pub settled: Vec<Asked>,
    /// Ids of what could not be asked this time, because something it rests on is missing or cannot be read.
    pub unchecked: Vec<String>,
}

/// What became of one section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its key.
    pub section: String,
    /// Its title.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
    /// It was declared nil on the cover.
    pub nil: bool,
    /// The file has its sheet, or it is declared nil; else the cover only says so.
    pub there: bool,
}

/// One error or query that was put to a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The finding's eight letters.
    pub id: String,
    /// The rule that speaks.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// The section it is about, by key.
    pub section: String,
    /// What was said. Holds figures of this body only.
    pub message: String,
    /// Where to look first: `Child protection!B10`.
    pub place: String,
    /// The same for a log that is kept: the section's key and the cell. A sheet that is none of ours goes by its number,
    /// because its name may be a person's.
    pub address: String,
    /// The values it rests on, as one text: an answer counts for this state only.
    pub state: String,
    /// What has been said to it.
    pub answer: Option<Answer>,
    /// Somebody still has to act.
    pub open: bool,
}

impl Handled {
    /// What is kept of a report.
    #[must_use]
    pub fn of(report: &Report, received: NaiveDate) -> Self {
        let told = |s: &crate::report::SectionOutcome| Told {
            section: s.section.clone(),
            title: s.title.clone(),
            outcome: s.outcome,
            nil: s.nil,
            there: s.nil || report.figures.sheets.contains_key(&s.section),
        };
        let undecided = |check: &&Check| matches!(check.verdict, Verdict::Undecided(_) | Verdict::NotRun(_));
        let unchecked = |check: &Check| {
            let at = check.at.clone();
            Finding::new(check.rule.as_str(), Severity::Note, at, Reach::Explanation, "")
                .id(report.year(), report.body())
        };
        Self {
            sha256: report.file.sha256.clone(),
            submission: report.figures.submission_no,
            received,
            outcome: report.outcome,
            private: report.private,
            sections: report.sections.iter().map(told).collect(),
            asked: report.findings.iter().filter(|f| f.severity > Severity::Note).map(|f| asked(report, f)).collect(),
            settled: Vec::new(),
            unchecked: report.checks.iter().filter(undecided).map(unchecked).collect(),
        }
    }

    /// Adds what was asked across agencies, which the report was not told.
    pub fn ask(&mut self, report: &Report, found: &[Finding]) {
        // Of what could not be read, or holds personal data, nothing else is asked.
        if !self.private && !self.sections.is_empty() {
            self.asked.extend(found.iter().filter(|f| f.severity > Severity::Note).map(|f| asked(report, f)));
        }
    }

    /// Lets go of what is not wanted of submissions, given in their order, once the letter about the latest is written: of
    /// those that others have superseded, which questions were open is kept, and their words only where they still count.
    pub fn supersede(all: &mut [Self]) {
        let holds = |handled: &Self, section: &str| {
            !handled.private && handled.sections.iter().any(|told| told.section == section)
        };
        let Some(last) = all.len().checked_sub(1) else { return };
        let holder = |section: &str| all.iter().rposition(|handled| holds(handled, section));
        // What is asked about the file or its cover counts as long as one of its sections waits for the answer.
        let waits = |at: usize, handled: &Self| {
            let waiting = handled.sections.iter().filter(|told| told.outcome != Outcome::Accepted);
            !handled.private && waiting.map(|told| told.section.as_str()).any(|section| holder(section) == Some(at))
        };
        let each = all.iter().enumerate();
        let counts: BTreeSet<(usize, String)> = each
            .flat_map(|(at, handled)| handled.asked.iter().map(move |asked| (at, handled, asked)))
            .filter(|(at, handled, asked)| match holder(&asked.section) {
                _ if *at == last => true,
                Some(holder) => holder == *at,
                None => waits(*at, handled),
            })
            .map(|(at, _, asked)| (at, asked.id.clone()))
            .collect();
        let wanted: BTreeSet<String> = counts.iter().map(|(_, id)| id.clone()).collect();
        for (at, handled) in all.iter_mut().enumerate().filter(|(at, _)| *at != last) {
            handled.unchecked = Vec::new();
            handled.settled = Vec::new();
            handled.sections.iter_mut().for_each(|told| told.title = String::new());
            handled.asked.retain(|asked| counts.contains(&(at, asked.id.clone())) || wanted.contains(&asked.id));
            for asked in &mut handled.asked {
                if !counts.contains(&(at, asked.id.clone())) {
                    asked.forget();
                }
            }
            handled.asked.shrink_to_fit();
        }
    }

    /// The questions on which somebody still has to act.
    pub fn open(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.open)
    }
}

impl Asked {
    /// Keeps which question it was, and nothing of what was said.
    fn forget(&mut self) {
        let Self { id: _, rule, title, severity: _, section, message, place, address, state, answer, open: _ } = self;
        for text in [rule, title, section, message, place, address, state] {
            *text = String::new();
        }
        *answer = None;
    }
}

fn asked(report: &Report, finding: &Finding) -> Asked {
    let rule = finding.rule.as_str();
    Asked {
        id: finding.id(report.year(), report.body()),
        rule: rule.to_owned(),
        title: report.titles.get(rule).cloned().unwrap_or_default(),
        severity: finding.severity,
        section: finding.section(),
        message: finding.message.clone(),
        place: finding.labels.first().map_or_else(String::new, |label| place(report, finding, &label.place)),
        address: finding.labels.first().map_or_else(String::new, |label| address(report, &label.place)),
        state: crate::checks::state(finding),
        answer: finding.answer.clone(),
        open: finding.is_open(),
    }
}

/// Where to look first. A figure that was sent before stands in no cell of this file: its section must do.
fn place(report: &Report, finding: &Finding, place: &Place) -> String {
    let section = || report.sections.iter().find(|s| s.section == finding.section());
    match place {
        // A file as a whole, or a figure of another file.
        Place::File | Place::Before(_) => {
            section().map_or_else(|| report.place(place), |section| section.title.clone())
        }
        Place::Figure(_) | Place::Cell(_) | Place::Sheet(_) => report.place(place),
    }
}

/// Where a place is, in words of ours only.
fn address(report: &Report, place: &Place) -> String {
    let sheet = |index: usize| {
        let section = report.figures.sheets.iter().find(|(_, at)| **at == index).map(|(section, _)| section.clone());
        section.unwrap_or_else(|| format!("sheet {}", index + 1))
    };
    let cell = |address: Address| format!("{}!{}", sheet(address.sheet), address.cell);
    match place {
        Place::Figure(pointer) => report.figures.cell(pointer).map_or_else(|| pointer.section_key(), cell),
        Place::Cell(address) => cell(*address),
        Place::Sheet(index) => sheet(*index),
        Place::Before(pointer) => pointer.section_key(),
        Place::File => "the file".to_owned(),
    }
}
