//! Proof of what was done with one file: its hash, what it was checked with, what became of each section and what was
//! released. That a file was received and that it is all right are two statements.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::program;
use crate::figure::Bare;
use crate::finding::Severity;
use crate::render::{and, count};
use crate::report::{Outcome, Report};

/// A receipt, as `receipts/<body>/<sha256>.json` holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Name and version of this format.
    pub format: String,
    /// The file's name, or `file 4f2a…` where the name itself may hold a personal detail.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
    /// The body in whose folder it lay.
    pub body: String,
    /// The reporting year; empty where it is not to be had.
    pub year: String,
    /// The submission number on the cover.
    pub submission: Option<u32>,
    /// When it was received.
    pub received: String,
    /// The date of the run that handled it.
    pub as_of: String,
    /// What became of it: accepted, queried or refused.
    pub outcome: String,
    /// What became of each section.
    pub sections: BTreeMap<String, String>,
    /// How the file stopped the program, if it did: died, time or memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Figures that were read from it.
    #[serde(default)]
    pub figures: usize,
    /// Errors to be corrected.
    pub errors: usize,
    /// Errors that were waived.
    #[serde(default)]
    pub errors_answered: usize,
    /// Queries to be answered.
    pub queries: usize,
    /// Queries that were explained or waived.
    #[serde(default)]
    pub queries_answered: usize,
    /// Notes: what was tidied or not checked.
    #[serde(default)]
    pub notes: usize,
    /// Rules that were checked.
    pub rules: usize,
    /// Places at which they were checked.
    pub places: usize,
    /// Places of these that the figures leave undecided.
    #[serde(default)]
    pub undecided: usize,
    /// Rules that could not be run here.
    #[serde(default)]
    pub not_run: usize,
    /// Rules with nothing to look at here.
    #[serde(default)]
    pub not_applicable: usize,
    /// What is released of the sections that it holds, by whichever submission.
    #[serde(default)]
    pub released: Vec<Released>,
    /// What can be said of it, in words.
    #[serde(default)]
    pub statements: Statements,
    /// Name and version of the schema pack.
    pub pack: String,
    /// SHA-256 of the schema pack.
    pub pack_sha256: String,
    /// Name and version of the program.
    pub program: String,
}

/// A section that is released, and the submission whose figures they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// Its key.
    pub section: String,
    /// How many records it has in the table of records; none where it holds no numbers.
    pub records: usize,
    /// The number of that submission.
    pub submission: Option<u32>,
    /// SHA-256 of that submission.
    pub file: String,
}

/// Two statements that are not to be confused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statements {
    /// What came, and when.
    pub received: String,
    /// Whether anything is left to do about it, and what of it is released.
    pub all_right: String,
}

impl Receipt {
    /// The receipt for a report, with nothing released as yet. The body is the folder's, the year where the file was placed.
    #[must_use]
    pub fn new(report: &Report, body: &str, year: &str, received: NaiveDate, as_of: NaiveDate) -> Self {
        let account = report.account();
        let file = if report.private {
            format!("file {}…", report.file.sha256.get(..8).unwrap_or_default())
        } else {
            report.file.name.clone()
        };
        let all = |severity| report.findings.iter().filter(|f| f.severity == severity).count();
        let (errors, queries) = (report.open(Severity::Error), report.open(Severity::Query));
        let receipt = Self {
            format: "safereturn.receipt/1".to_owned(),
            file,
            sha256: report.file.sha256.clone(),
            bytes: report.file.bytes,
            body: body.to_owned(),
            year: year.to_owned(),
            submission: report.figures.submission_no,
            received: received.to_string(),
            as_of: as_of.to_string(),
            outcome: report.outcome.word().to_owned(),
            sections: report.sections.iter().map(|s| (s.section.clone(), s.outcome.word().to_owned())).collect(),
            stopped: None,
            figures: report.figures.figures.values().filter(|figure| figure.bare != Bare::Blank).count(),
            errors,
            errors_answered: all(Severity::Error) - errors,
            queries,
            queries_answered: all(Severity::Query) - queries,
            notes: all(Severity::Note),
            rules: account.rules,
            places: account.places,
            undecided: account.undecided,
            not_run: account.not_run.values().sum(),
            not_applicable: account.not_applicable,
            released: Vec::new(),
            statements: Statements::default(),
            pack: format!("{} {}", report.pack.0, report.pack.1),
            pack_sha256: report.pack.2.clone(),
            program: program(),
        };
        let statements = Statements { received: receipt.came(received), all_right: receipt.all_right() };
        Self { statements, ..receipt }
    }

    /// The receipt with how the file stopped the program, if it did.
    #[must_use]
    pub fn with_stopped(mut self, stopped: Option<&str>) -> Self {
        self.stopped = stopped.map(str::to_owned);
        self.statements.all_right = self.all_right();
        self
    }

    /// The receipt once it is settled what is released of this body in this year: of all its submissions, by section.
    #[must_use]
    pub fn with_released(mut self, released: &BTreeMap<String, Released>) -> Self {
        let mine = released.values().filter(|released| self.sections.contains_key(&released.section));
        self.released = mine.cloned().collect();
        self.statements.all_right = self.all_right();
        self
    }

    /// What of it the ledger keeps: there may be many.
    #[must_use]
    pub fn for_the_ledger(mut self) -> Self {
        self.released.retain(|released| released.file == self.sha256);
        self.statements = Statements::default();
        self
    }

    /// The sections whose released figures are those of this very file, and how many records each has.
    pub fn released_from_it(&self) -> impl Iterator<Item = (&str, usize)> {
        self.released.iter().filter(|r| r.file == self.sha256).map(|r| (r.section.as_str(), r.records))
    }

    fn came(&self, received: NaiveDate) -> String {
        let bytes = count(usize::try_from(self.bytes).unwrap_or(usize::MAX), "byte");
        let submission = self.submission.map_or_else(String::new, |number| format!(", submission {number}"));
        let year = if self.year.is_empty() { String::new() } else { format!(" for {}", self.year) };
        format!(
            "Received on {}: “{}” ({bytes}){submission}{year}. That it was received does not say that it is all right.",
            received.format("%-d %B %Y"),
            self.file
        )
    }

    fn all_right(&self) -> String {
        let to_do: Vec<String> = [(self.errors, "error", "correct"), (self.queries, "query", "answer")]
            .into_iter()
            .filter(|(n, _, _)| *n > 0)
            .map(|(n, noun, verb)| format!("{} to {verb}", count(n, noun)))
            .collect();
        let of = |outcome: Outcome| self.sections.values().filter(|word| *word == outcome.word()).count();
        let whole = of(Outcome::Refused) == self.sections.len();
        let mut said = vec![if self.stopped.is_some() {
            "Not yet: it stopped the program, so it could not be checked.".to_owned()
        } else if self.outcome == Outcome::Accepted.word() {
            "Yes: nothing in it is left to correct or to explain.".to_owned()
        } else if to_do.is_empty() {
            // Its outcome rests on findings, so this is not to be met with.
            "Not yet.".to_owned()
        } else if self.outcome == Outcome::Refused.word() && whole {
            format!("Not yet: it is refused as a whole, with {}.", and(&to_do))
        } else {
            format!("Not yet: {}.", and(&to_do))
        }];
        if !whole {
            let parts: Vec<String> = [Outcome::Accepted, Outcome::Queried, Outcome::Refused]
                .into_iter()
                .filter(|outcome| of(*outcome) > 0)
                .map(|outcome| format!("{} {}", of(outcome), outcome.word()))
                .collect();
            said.push(format!("Of its {}: {}.", count(self.sections.len(), "section"), and(&parts)));
        }
        said.push(self.what_is_released());
        said.join(" ")
    }

    fn what_is_released(&self) -> String {
        let mine: Vec<usize> = self.released_from_it().map(|(_, records)| records).collect();
        let others = self.released.len() - mine.len();
        let held = |section: &String| !self.released.iter().any(|released| released.section == *section);
        let waiting = self.sections.iter().filter(|(s, word)| *word == Outcome::Accepted.word() && held(s)).count();
        let mut said = vec![match mine.as_slice() {
            [] => "Nothing of it is released.".to_owned(),
            mine => format!(
                "Released from it: {}, with {}.",
                count(mine.len(), "section"),
                count(mine.iter().sum(), "record")
            ),
        }];
        if others > 0 {
            said.push(format!("In {} the figures of another submission are released.", count(others, "section")));
        }
        if waiting > 0 {
            let sections = count(waiting, "accepted section");
            let waits = if waiting == 1 { "waits" } else { "wait" };
            said.push(format!("{sections} {waits} for the answer to a query that another agency's return raised."));
        }
        said.join(" ")
    }

    /// The receipt as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(outcome: &str, sections: &[(&str, &str)]) -> Receipt {
        Receipt {
            file: "Return 2021-22.xlsx".into(),
            sha256: "a".repeat(64),
            bytes: 41_234,
            year: "2021-22".into(),
            submission: Some(2),
            outcome: outcome.into(),
            sections: sections.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect(),
            ..Receipt::default()
        }
    }

    fn released(of: &[(&str, usize, &str)]) -> BTreeMap<String, Released> {
        let one = |(section, records, file): &(&str, usize, &str)| Released {
            section: (*section).to_owned(),
            records: *records,
            submission: Some(1),
            file: file.repeat(64),
        };
        of.iter().map(|entry| (entry.0.to_owned(), one(entry))).collect()
    }

    #[test]
    fn that_it_came_and_that_it_is_all_right_are_two_statements() {
        let refused = Receipt { errors: 2, queries: 1, ..receipt("refused", &[("cin", "refused")]) };
        let day = NaiveDate::from_ymd_opt(2022, 5, 3).unwrap();
        assert_eq!(
            refused.came(day),
            "Received on 3 May 2022: “Return 2021-22.xlsx” (41,234 bytes), submission 2 for 2021-22. That it was received \
             does not say that it is all right."
        );
        assert_eq!(
            refused.all_right(),
            "Not yet: it is refused as a whole, with 2 errors to correct and 1 query to answer. Nothing of it is released."
        );
        let nothing_known = Receipt { submission: None, year: String::new(), bytes: 1, ..refused };
        assert_eq!(
            nothing_known.came(day),
            "Received on 3 May 2022: “Return 2021-22.xlsx” (1 byte). That it was received does not say that it is all right."
        );
        assert!(nothing_known.with_stopped(Some("memory")).statements.all_right.starts_with("Not yet: it stopped"));
    }

    #[test]
    fn what_is_released_is_told_by_the_file_whose_figures_they_are() {
        let sections = [("cin", "accepted"), ("cp", "queried"), ("front-door", "refused"), ("s11", "accepted")];
        let partly = Receipt { errors: 1, queries: 3, ..receipt("refused", &sections) };
        let all = released(&[("cin", 12, "a"), ("front-door", 7, "b"), ("lado", 5, "b"), ("s11", 0, "a")]);
        let partly = partly.with_released(&all);
        assert_eq!(partly.released_from_it().collect::<Vec<_>>(), [("cin", 12), ("s11", 0)]);
        assert_eq!(partly.released.len(), 3, "a section that it does not hold is none of its business");
        assert_eq!(
            partly.statements.all_right,
            "Not yet: 1 error to correct and 3 queries to answer. Of its 4 sections: 2 accepted, 1 queried and 1 refused. \
             Released from it: 2 sections, with 12 records. In 1 section the figures of another submission are released."
        );
        let fine = receipt("accepted", &[("cin", "accepted"), ("cp", "accepted")]);
        assert_eq!(
            fine.with_released(&released(&[("cp", 1, "a")])).statements.all_right,
            "Yes: nothing in it is left to correct or to explain. Of its 2 sections: 2 accepted. Released from it: 1 section, \
             with 1 record. 1 accepted section waits for the answer to a query that another agency's return raised."
        );
    }
}
