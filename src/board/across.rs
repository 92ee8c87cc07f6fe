//! What was found across agencies, with every side: its figures, the pieces of its sheets and what it answered.

use serde::{Deserialize, Serialize};

use crate::finding::Severity;

/// Something found across agencies, or about the year as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Its eight letters.
    pub id: String,
    /// The rule that speaks.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// A body's question is unanswered, or something is still missing.
    pub open: bool,
    /// `/across/` and the name of the comparison, or what is missing.
    pub at: String,
    /// The figures of all sides.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The two values that were compared, as people read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<[String; 2]>,
    /// By how much the two are apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// The bodies whose figures were read.
    pub sides: Vec<Side>,
}

/// One body in something found across agencies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The body.
    pub body: String,
    /// Its name.
    pub title: String,
    /// The number of the submission in which its figures stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<u32>,
    /// The hash of that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What this body is told, in the form of its own report.
    pub finding: Option<serde_json::Value>,
    /// Its figures in words, with their cells.
    #[serde(default)]
    pub figures: Vec<String>,
    /// What has been said to it, as a sentence; empty: nothing.
    #[serde(default)]
    pub answer: String,
    /// The pieces of its sheets.
    #[serde(default)]
    pub excerpts: Vec<Excerpt>,
}

/// A piece of a sheet, as it was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The sheet.
    pub sheet: String,
    /// Letters of the columns; `…` where some are left out.
    pub columns: Vec<String>,
    /// The row with the headings, where it stands farther up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<Row>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What is said of marked cells: address and words.
    pub said: Vec<(String, String)>,
}

/// A row of a piece of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its number, from 1.
    pub row: u64,
    /// What stands under each column.
    pub cells: Vec<Drawn>,
}

/// A cell of a piece of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Its text.
    pub text: String,
    /// A number, set to the right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub right: bool,
    /// Its address, where it is marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<String>,
}

/// How a rule ended at a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The rule.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// What was compared.
    pub at: String,
    /// held, failed, undecided, not-run or not-applicable.
    pub verdict: String,
    /// Why, where there is a reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Those whose figures are compared.
    pub bodies: Vec<String>,
}
