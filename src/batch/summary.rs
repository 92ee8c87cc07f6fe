//! What a run says at its end: a few lines for each body and year.

use std::collections::BTreeSet;
use std::fmt;

use crate::finding::Severity;
use crate::report::{Outcome, Report};

/// How many reasons the summary gives for a submission; the feedback has all.
const REASONS: usize = 3;

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
    /// The first reasons why not all is accepted.
    pub reasons: Vec<String>,
    /// How many more reasons there are.
    pub more: usize,
    /// The feedback to send, below the outbox.
    pub feedback: String,
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
            reasons: Vec::new(),
            more: 0,
            feedback: String::new(),
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
        let open: Vec<_> = [Severity::Error, Severity::Query]
            .into_iter()
            .flat_map(|severity| report.findings.iter().filter(move |f| f.severity == severity && f.is_open()))
            .collect();
        let reasons = open.iter().take(REASONS).map(|f| {
            let place = f.labels.first().map_or_else(String::new, |l| format!(" at {}", report.place(&l.place)));
            format!("{} {}{place}: {}", f.severity.word(), f.rule, f.message)
        });
        Self {
            year: year.to_owned(),
            body: body.to_owned(),
            outcome: report.outcome,
            submissions: 1,
            counts: [count(Outcome::Accepted), count(Outcome::Queried), count(Outcome::Refused)],
            kept: kept.collect(),
            owed: owed.map(|(_, title)| title.clone()).collect(),
            reasons: reasons.collect(),
            more: open.len().saturating_sub(REASONS),
            feedback: format!("{year}/feedback/{body}/report.html"),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, outbox: &str) -> fmt::Result {
        let counts: Vec<String> = self
            .counts
            .iter()
            .zip([Outcome::Accepted, Outcome::Queried, Outcome::Refused])
            .filter(|(n, _)| **n > 0)
            .map(|(n, outcome)| format!("{n} {}", outcome.word()))
            .collect();
        let counts = match (counts.as_slice(), self.counts.iter().sum::<usize>()) {
            ([], _) => "the whole submission".to_owned(),
            ([_], 1) => "its one section".to_owned(),
            ([_], n) => format!("all {n} sections"),
            (counts, n) => format!("{n} sections: {}", counts.join(", ")),
        };
        let latest = match self.submissions {
            0 | 1 => String::new(),
            n => format!(" (the latest of {n} submissions)"),
        };
        writeln!(f, "  {:<24} {:<9} {counts}{latest}", self.body, self.outcome.word())?;
        for reason in &self.reasons {
            writeln!(f, "      {reason}")?;
        }
        if self.more > 0 {
            writeln!(f, "      … and {} more", self.more)?;
        }
        if !self.kept.is_empty() {
            writeln!(f, "      still counts as accepted before: {}", self.kept.join(", "))?;
        }
        if !self.owed.is_empty() {
            writeln!(f, "      still owed: {}", self.owed.join(", "))?;
        }
        if self.outcome == Outcome::Accepted && self.owed.is_empty() {
            return Ok(());
        }
        writeln!(f, "      feedback: {outbox}/{}", self.feedback)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.submissions == 1 { "submission" } else { "submissions" };
        writeln!(f, "{} {files} in the inbox, as of {}, schema pack {}.", self.submissions, self.as_of, self.pack)?;
        for said in &self.said {
            writeln!(f, "{said}")?;
        }
        if self.nothing_new {
            return writeln!(f, "Nothing new since the last run, so nothing to do: the outbox stays as it is.");
        }
        let mut year = None;
        for line in &self.bodies {
            if year != Some(&line.year) {
                writeln!(f, "\n{}", line.year)?;
                year = Some(&line.year);
            }
            line.write(f, &self.outbox)?;
        }
        if !self.unplaced.is_empty() {
            writeln!(f, "\nIn no year, because the file does not say or cannot be read")?;
            for line in &self.unplaced {
                line.write(f, &self.outbox)?;
            }
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
        writeln!(f, "  feedback to every body: {}/<year>/feedback/<body>/report.html", self.outbox)?;
        writeln!(
            f,
            "  the board, with the figures of both sides where two bodies disagree: {}/<year>/status.html",
            self.outbox
        )
    }
}
