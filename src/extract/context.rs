//! What is known of a submission from outside its file.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{Return, Waiver};
use crate::cell::Pointer;
use crate::finding::{Finding, RuleId};

/// What is known from outside the file. `check` takes it as a value: there is no clock in the core.
#[derive(Debug, Clone)]
pub struct Context {
    /// The body whose folder the file lay in, if any.
    pub expected_body: Option<String>,
    /// The year asked for, if any.
    pub expected_year: Option<String>,
    /// The date of this run: deadlines, ages and lateness come from it.
    pub as_of: NaiveDate,
    /// When the file was received, if known.
    pub received: Option<NaiveDate>,
    /// Last year's accepted return of this body.
    pub last: Option<Return>,
    /// What was accepted from this body for this year before.
    pub previous: Option<Return>,
    /// What counts of what came from this body for this year before: of each section the latest version that was not
    /// refused. Rules across sections are held against it where the file does not hold the section.
    pub counts: Option<Arc<Return>>,
    /// What came from this body for this year before, oldest first, whatever became of it: an explanation given once
    /// stands. Sheets of explanations without the lines that do not count.
    pub earlier: Vec<Arc<Return>>,
    /// What came after it with explanations and without some of its sections: they may answer what this one was asked.
    pub later: Vec<Arc<Return>>,
    /// What was asked about sections that stand from before, by this body's other submissions: explanations may answer it.
    pub asked: Vec<Asked>,
    /// Another file of this body carries the same submission number.
    pub same_number: Option<SameNumber>,
    /// Decisions of the board manager.
    pub waivers: Vec<Waiver>,
    /// A return for a year that is closed is read like any other: it was taken when the year was open.
    pub closed_too: bool,
}

impl Context {
    /// Nothing known but the date.
    #[must_use]
    pub fn on(as_of: NaiveDate) -> Self {
        Self {
            expected_body: None,
            expected_year: None,
            as_of,
            received: None,
            last: None,
            previous: None,
            counts: None,
            earlier: Vec::new(),
            later: Vec::new(),
            asked: Vec::new(),
            same_number: None,
            waivers: Vec::new(),
            closed_too: false,
        }
    }
}

/// A question about a section that stands from before.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The question.
    pub finding: Finding,
    /// The words on the template for its place and for the figures that it marks.
    pub words: Vec<String>,
}

/// Another file of this body carries the same submission number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameNumber {
    /// What the other file is called.
    pub other: String,
    /// Which of the two counts.
    pub counts: Counts,
}

/// Which of two files with one submission number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counts {
    /// Nobody has decided: this one, because it came later.
    Later,
    /// The board manager has decided for this one, for this reason.
    This(String),
    /// The board manager has decided for the other, for this reason.
    Other(String),
}

/// A question that a body has answered: what is kept of it for the next year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The rule that asked.
    pub rule: RuleId,
    /// What it was about.
    pub at: Pointer,
    /// The agency's words.
    pub explanation: String,
}
