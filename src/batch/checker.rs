//! What the batch asks of the core, in one place: so the batch can be tested without a schema pack.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cell::Pointer;
use crate::extract::{Context, Return};
use crate::finding::Findings;
use crate::record::Derivation;
use crate::report::Report;
use crate::schema::{Agencies, Form, Schemas};
use crate::workbook::{Submission, Workbook};

/// What a cover says, read before the return is checked: it decides the order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// The reporting year; empty where it could not be read.
    pub year: String,
    /// The submission number.
    pub submission_no: Option<u32>,
}

/// The core as the batch sees it.
pub trait Checker: Sync {
    /// Name, version and hash of the pack.
    fn pack(&self) -> &(String, String, String);
    /// The register of agencies.
    fn agencies(&self) -> &Agencies;
    /// The effective pack of a kind of agency and a year.
    fn form(&self, kind: &str, year: &str) -> Option<&Form>;
    /// The effective schema of a section.
    fn section_schema(&self, kind: &str, year: &str, section: &str) -> Option<Value>;
    /// Reads the cover.
    fn sight(&self, submission: &Submission, context: &Context) -> Sight;
    /// Checks a submission.
    fn check(&self, submission: &Submission, context: &Context) -> Report;
    /// How the derived measures of a return are worked out.
    fn derivations(&self, figures: &Return) -> BTreeMap<Pointer, Derivation>;
}

impl Checker for Schemas {
    fn pack(&self) -> &(String, String, String) {
        &self.pack
    }

    fn agencies(&self) -> &Agencies {
        &self.agencies
    }

    fn form(&self, kind: &str, year: &str) -> Option<&Form> {
        Self::form(self, kind, year)
    }

    fn section_schema(&self, kind: &str, year: &str, section: &str) -> Option<Value> {
        self.section_json_schema(kind, year, section)
    }

    fn sight(&self, submission: &Submission, context: &Context) -> Sight {
        let mut findings = Findings::default();
        let workbook = Workbook::read(submission, &mut findings);
        let figures = Return::extract(&workbook, context, self, &mut findings);
        Sight { year: figures.year, submission_no: figures.submission_no }
    }

    fn check(&self, submission: &Submission, context: &Context) -> Report {
        crate::check(submission, context, self)
    }

    fn derivations(&self, _figures: &Return) -> BTreeMap<Pointer, Derivation> {
        // Until the rules say how a measure was derived, a derived record names its own cell.
        BTreeMap::new()
    }
}
