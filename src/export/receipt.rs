//! Proof of what was done with one file: its hash, what it was checked with, and what became of each section.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::program;
use crate::finding::Severity;
use crate::report::Report;

/// A receipt, as `receipts/<body>/<sha256>.json` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Errors to be corrected.
    pub errors: usize,
    /// Queries to be answered.
    pub queries: usize,
    /// Rules that were checked.
    pub rules: usize,
    /// Places at which they were checked.
    pub places: usize,
    /// Name and version of the schema pack.
    pub pack: String,
    /// SHA-256 of the schema pack.
    pub pack_sha256: String,
    /// Name and version of the program.
    pub program: String,
}

impl Receipt {
    /// The receipt for a report. The body is the folder's, the year where the file was placed.
    #[must_use]
    pub fn new(report: &Report, body: &str, year: &str, received: NaiveDate, as_of: NaiveDate) -> Self {
        let account = report.account();
        let file = if report.private {
            format!("file {}…", report.file.sha256.get(..8).unwrap_or_default())
        } else {
            report.file.name.clone()
        };
        Self {
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
            errors: report.open(Severity::Error),
            queries: report.open(Severity::Query),
            rules: account.rules,
            places: account.places,
            pack: format!("{} {}", report.pack.0, report.pack.1),
            pack_sha256: report.pack.2.clone(),
            program: program(),
        }
    }

    /// The receipt as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
