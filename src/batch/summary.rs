//! What a run says at its end: one line for each body and year. No figure stands in it, because it ends up in mails and
//! journals: what is wrong, and in which cell, is in the feedback and on the board.

use std::collections::BTreeSet;
use std::fmt;

use crate::finding::Severity;
use crate::report::{Outcome, Report};

/// What became of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The date it was run for, and where that date comes from.
    pub as_of: String,
    /// Name and version of the pack.
    pub pack: String,
    /// Submissions in the inbox.
    pub submissions: usize,
    /// Nothing was new, so nothing was done.
    pub nothing_new: bool,
    /// Nothing was new but the day: the boards were drawn for it.
    pub redrawn: bool,
    /// What was passed over, put right or not understood, in sentences.
    pub said: Vec<String>,
    /// Bodies by year, oldest first.
    pub bodies: Vec<BodyLine>,
    /// Files whose year is not to be had.
    pub unplaced: Vec<BodyLine>,
    /// Records released, by year.
    pub released: Vec<(String, usize)>,
    /// The outbox as it was named.
    pub outbox: String,
}

/// One body in one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyLine {
    /// The year; empty where it is not to be had.
    pub year: String,
    /// The body.
    pub body: String,
    /// What became of its latest submission.
    pub outcome: Outcome,
    /// How many submissions there are from this body for this year.
    pub submissions: usize,
    /// Sections of the latest submission accepted, queried and refused.
    pub counts: [usize; 3],
    /// Titles of sections whose earlier accepted version stays.
    pub kept: Vec<String>,
    /// Titles of sections still owed.
    pub owed: Vec<String>,
    /// Errors and queries of the latest submission that are open.
    pub open: [usize; 2],
    /// What the log says: a line for each submission and each of its findings, with addresses and without values.
    pub log: Vec<String>,
}

impl Default for BodyLine {
    fn default() -> Self {
        Self {
            year: String::new(),
            body: String::new(),
            outcome: Outcome::Refused,
            submissions: 1,
            counts: [0; 3],
            kept: Vec::new(),
            owed: Vec::new(),
            open: [0; 2],
            log: Vec::new(),
        }
    }
}

impl BodyLine {
    /// The line about a body's latest submission, given the sections that count of all of them.
    pub(super) fn new(
        report: &Report,
        year: &str,
        body: &str,
        accepted: &BTreeSet<String>,
        queried: &BTreeSet<String>,
    ) -> Self {
        let count = |outcome| report.sections.iter().filter(|s| s.outcome == outcome).count();
        let kept = report
            .sections
            .iter()
            .filter(|s| s.outcome != Outcome::Accepted && accepted.contains(&s.section))
            .map(|s| s.title.clone());
        let owed = report.owed.iter().filter(|(key, _)| !accepted.contains(*key) && !queried.contains(*key));
        Self {
            year: year.to_owned(),
            body: body.to_owned(),
            outcome: report.outcome,
            submissions: 1,
            counts: [count(Outcome::Accepted), count(Outcome::Queried), count(Outcome::Refused)],
            kept: kept.collect(),
            owed: owed.map(|(_, title)| title.clone()).collect(),
            open: [report.open(Severity::Error), report.open(Severity::Query)],
            log: Vec::new(),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self
            .counts
            .iter()
            .zip([Outcome::Accepted, Outcome::Queried, Outcome::Refused])
            .filter(|(n, _)| **n > 0)
            .map(|(n, outcome)| format!("{n} {}", outcome.word()))
            .collect();
        let counts = match (counts.as_slice(), self.counts.iter().sum::<usize>()) {
            ([], _) if self.outcome == Outcome::Accepted => "explanations only".to_owned(),
            ([], _) => "the whole submission".to_owned(),
            ([_], 1) => "its one section".to_owned(),
            ([_], n) => format!("all {n} sections"),
            (counts, n) => format!("{n} sections: {}", counts.join(", ")),
        };
        write!(f, "  {:<18} {:<9} {counts}", self.body, self.outcome.word())?;
        let open = self.open.iter().zip([["error", "errors"], ["query", "queries"]]).filter(|(n, _)| **n > 0);
        let open: Vec<String> =
            open.map(|(n, [one, many])| format!("{n} {}", if *n == 1 { one } else { many })).collect();
        if !open.is_empty() {
            write!(f, "; {}", open.join(", "))?;
        }
        if !self.kept.is_empty() {
            write!(f, "; {} kept from before", self.kept.len())?;
        }
        if !self.owed.is_empty() {
            write!(f, "; {} owed", self.owed.len())?;
        }
        if self.submissions > 1 {
            write!(f, "; the latest of {}", self.submissions)?;
        }
        writeln!(f)
    }
}

impl Summary {
    /// The log of the run: what it was run with, what was passed over, each submission and each of its findings by
    /// address, what was released. Never a value.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        let mut lines =
            vec![format!("run as of {}, schema pack {}, {} in the inbox", self.as_of, self.pack, self.files())];
        lines.extend(self.said.iter().cloned());
        if self.nothing_new {
            lines.push(if self.redrawn { "nothing new; boards drawn" } else { "nothing new" }.to_owned());
        }
        lines.extend(self.bodies.iter().chain(&self.unplaced).flat_map(|line| line.log.iter().cloned()));
        lines.extend(self.released.iter().map(|(year, records)| format!("{year} released {records} records")));
        lines
    }

    fn files(&self) -> String {
        format!("{} submission{}", self.submissions, if self.submissions == 1 { "" } else { "s" })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} in the inbox, as of {}, schema pack {}.", self.files(), self.as_of, self.pack)?;
        for said in &self.said {
            writeln!(f, "{said}")?;
        }
        if self.nothing_new {
            let what = if self.redrawn { "the boards are drawn for the new day" } else { "the outbox stays as it is" };
            return writeln!(f, "Nothing new since the last run, so nothing to do: {what}.");
        }
        let mut year = None;
        for line in &self.bodies {
            if year != Some(&line.year) {
                writeln!(f, "\n{}", line.year)?;
                year = Some(&line.year);
            }
            line.write(f)?;
        }
        if !self.unplaced.is_empty() {
            writeln!(f, "\nIn no year, because the file does not say or cannot be read")?;
            for line in &self.unplaced {
                line.write(f)?;
            }
        }
        if !self.unplaced.is_empty() {
            writeln!(f, "  feedback: {}/unplaced/<body>/", self.outbox)?;
        }
        if !self.released.is_empty() {
            writeln!(f, "\nReleased")?;
        }
        for (year, records) in &self.released {
            let records = if *records == 1 { "1 record".to_owned() } else { format!("{records} records") };
            writeln!(f, "  {year}: {records} in {}/{year}/data/records.csv", self.outbox)?;
        }
        if self.bodies.is_empty() {
            return Ok(());
        }
        writeln!(f, "  feedback to each body: {}/<year>/feedback/<body>/ (letter.txt, report.html)", self.outbox)?;
        writeln!(f, "  the board: {}/<year>/status.html", self.outbox)
    }
}
