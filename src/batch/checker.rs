//! What the batch asks of the core, in one place: so the batch can be tested without a schema pack.

use serde_json::Value;

use crate::checks::{Gathered, Together};
use crate::extract::{Context, Return};
use crate::finding::Findings;
use crate::report::{FileFacts, Report};
use crate::schema::model::Section;
use crate::schema::{Agencies, Letterhead, People, Schemas};
use crate::workbook::{Submission, Workbook};

/// A submission whose cells have been read; nothing else of it is kept.
#[derive(Debug)]
pub struct Opened {
    /// Name, hash and size.
    pub file: FileFacts,
    /// The cells.
    pub workbook: Workbook,
    /// What was found while reading.
    pub findings: Findings,
}

/// What a cover says, read before the return is checked and so before it is screened: it decides the order. Therefore it
/// holds no text of the workbook: a year is spelt as the register of agencies spells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// The reporting year, one of the register; empty where it could not be read.
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
    /// The words that the names of files may be made of.
    fn people(&self) -> &People;
    /// The sections of a kind of agency in a year, in the order of the pack.
    fn sections(&self, kind: &str, year: &str) -> &[Section];
    /// The effective schema of a section.
    fn section_schema(&self, kind: &str, year: &str, section: &str) -> Option<&Value>;
    /// Reads the cells.
    fn open(&self, submission: &Submission) -> Opened;
    /// Reads the cover.
    fn sight(&self, opened: &Opened, context: &Context) -> Sight;
    /// Checks a submission.
    fn check(&self, opened: &Opened, context: &Context) -> Report;
    /// Checks the returns of a year against one another.
    fn together(&self, _: &Gathered<'_>) -> Together {
        Together::default()
    }
    /// Whether a rule across agencies reads a section of a kind of agency in a year.
    fn is_compared(&self, _kind: &str, _year: &str, _section: &str) -> bool {
        true
    }
    /// The whole pack, for what only the board shows of it: aims, headlines, comparators.
    fn whole(&self) -> Option<&Schemas> {
        None
    }
    /// The title of a rule.
    fn rule_title(&self, _: &str) -> String {
        String::new()
    }
    /// Sender and addressee of the letters.
    fn letterhead(&self) -> Letterhead {
        Letterhead::default()
    }
}

impl Checker for Schemas {
    fn pack(&self) -> &(String, String, String) {
        &self.pack
    }

    fn agencies(&self) -> &Agencies {
        &self.agencies
    }

    fn people(&self) -> &People {
        &self.people
    }

    fn sections(&self, kind: &str, year: &str) -> &[Section] {
        self.form(kind, year).map_or(&[], |form| &form.sections)
    }

    fn section_schema(&self, kind: &str, year: &str, section: &str) -> Option<&Value> {
        self.section_json_schema(kind, year, section)
    }

    fn open(&self, submission: &Submission) -> Opened {
        let mut findings = Findings::default();
        let workbook = Workbook::read(submission, &mut findings);
        Opened { file: FileFacts::of(submission), workbook, findings }
    }

    fn sight(&self, opened: &Opened, context: &Context) -> Sight {
        // Whether its year is open is asked when it is placed.
        let context = Context { closed_too: true, ..context.clone() };
        let figures = Return::extract(&opened.workbook, &context, self, &mut Findings::default());
        let year = self.agencies.years.get(&figures.year).map(|year| year.name.clone()).unwrap_or_default();
        Sight { year, submission_no: figures.submission_no }
    }

    fn check(&self, opened: &Opened, context: &Context) -> Report {
        // Copied, because the screen empties the cells of a return that it stops.
        crate::check_cells(opened.workbook.clone(), opened.file.clone(), opened.findings.clone(), context, self)
    }

    fn together(&self, gathered: &Gathered<'_>) -> Together {
        crate::check_together(gathered, self)
    }

    fn is_compared(&self, kind: &str, year: &str, section: &str) -> bool {
        self.across(year).iter().any(|rule| rule.needs.get(kind).is_some_and(|sections| sections.contains(section)))
    }

    fn whole(&self) -> Option<&Schemas> {
        Some(self)
    }

    fn rule_title(&self, rule: &str) -> String {
        self.entry(rule).map_or_else(String::new, |entry| entry.title.clone())
    }

    fn letterhead(&self) -> Letterhead {
        self.letterhead.clone()
    }
}
