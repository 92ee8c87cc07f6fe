//! What the program has to say: findings for the agency, and the account of every rule at every place.
//! Findings are values; how they look is left to `render`, how their cells are found to `extract`.

mod across;
mod answer;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use across::{ACROSS, Across, Cited, Side, own_place};
pub use answer::{Answer, Read};

use crate::cell::{Address, Pointer};

/// The stable id of a rule, as in the catalogue: `STK-02`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RuleId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// DfE COLLECT's words, which agencies know. Ordered: an error is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// What was tidied or not checked; nothing to do.
    Note,
    /// Correct it or explain it on the Explanations sheet.
    Query,
    /// Must be corrected.
    Error,
}

impl Severity {
    /// The word for people and machines: `error`, `query`, `note`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Query => "query",
            Self::Error => "error",
        }
    }
}

/// Where a label points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A figure by what it means; its cell is looked up when drawn.
    Figure(Pointer),
    /// A cell that has no meaning to the schemas.
    Cell(Address),
    /// A figure that was sent before: it stands in no cell of this file.
    Before(Pointer),
    /// A sheet as a whole, by its position from 0.
    Sheet(usize),
    /// The file as a whole.
    File,
}

/// One marked place of a finding: where, and the few words that stand beside it in the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// A fragment such as `Open at 31 March: 2,091`; the address is put before it by the renderer.
    pub text: String,
}

/// What a finding of severity error refuses (design §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The whole submission: unreadable, personal data, wrong agency or year.
    Submission,
    /// These sections, by key.
    Sections(BTreeSet<String>),
    /// Nothing but the explanation it is about.
    Explanation,
}

impl Reach {
    /// The reach of a finding about one section.
    #[must_use]
    pub fn section(key: &str) -> Self {
        Self::Sections(BTreeSet::from([key.to_owned()]))
    }
}

/// Something to tell the agency (or the board manager). A value; it knows no printer.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: RuleId,
    /// How grave it is.
    pub severity: Severity,
    /// The pointer it is about; with the rule, year and body it makes the id. Never depends on layout.
    pub at: Pointer,
    /// What is refused if it is an error.
    pub reach: Reach,
    /// One or two plain sentences: the values found and expected. Never a suspected personal detail.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The places involved, the one to look at first in front.
    pub labels: Vec<Label>,
    /// The value found, as people read it.
    pub found: Option<String>,
    /// The value expected, as people read it.
    pub expected: Option<String>,
    /// The difference of the two, as people read it.
    pub difference: Option<String>,
    /// This body's own figures that the rule read, with their values: an answer counts for this state only.
    pub state: Vec<(Pointer, String)>,
    /// How many figures it touches: those that could not be checked (a missing column), or that rest on a guess (a
    /// misspelt heading).
    pub consequences: usize,
    /// An explanation or waiver.
    pub answer: Option<Answer>,
    /// How the agency answered the same question last year. Never counts as an answer.
    pub suggestion: Option<String>,
    /// Cells involved hold suspected personal data: nothing around them may be drawn.
    pub private: bool,
    /// The section under which it is told, where its place is in one that the file does not hold.
    pub under: Option<String>,
}

impl Finding {
    /// A finding about a place; message, help and the rest are filled in by the `with_…` functions.
    #[must_use]
    pub fn new(rule: &str, severity: Severity, at: Pointer, reach: Reach, message: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            severity,
            at,
            reach,
            message: message.into(),
            help: String::new(),
            labels: Vec::new(),
            found: None,
            expected: None,
            difference: None,
            state: Vec::new(),
            consequences: 0,
            answer: None,
            suggestion: None,
            private: false,
            under: None,
        }
    }

    /// The section under which it is told, by key: the one that its place is in, but for what is also about a section that
    /// stands from an earlier submission.
    #[must_use]
    pub fn section(&self) -> String {
        self.under.clone().unwrap_or_else(|| self.at.section_key())
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Marks one more place.
    #[must_use]
    pub fn with_label(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: text.into() });
        self
    }

    /// The eight characters that name this finding in letters, waivers and explanations: year, body, rule and place.
    #[must_use]
    pub fn id(&self, year: &str, body: &str) -> String {
        let mut hash = Sha256::new();
        for part in [year, body, self.rule.as_str(), self.at.as_str()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        // Letters only: a spreadsheet would make a number of 01234567 or 1234e567. No vowels, so that no word comes out.
        const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrstv";
        let letter = |half: u8| char::from(LETTERS[usize::from(half & 15)]);
        hash.finalize().iter().take(4).flat_map(|byte| [letter(byte >> 4), letter(*byte)]).collect()
    }

    /// Whether somebody still has to act: an error not waived, a query neither explained nor waived.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.severity > Severity::Note && !self.answer.as_ref().is_some_and(|answer| answer.settles(self.severity))
    }
}

/// How a rule ended at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "verdict", content = "why", rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds for every value the figures can have.
    Held,
    /// There is nothing for it to look at here.
    NotApplicable(String),
    /// It was not run, and why.
    NotRun(String),
    /// The figures known do not decide it, and why.
    Undecided(String),
    /// No value the figures can have satisfies it.
    Failed,
}

/// One rule at one place, planned before the figures are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Check {
    /// The rule.
    pub rule: RuleId,
    /// The place.
    pub at: Pointer,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Where the stages of the pipeline put what they find.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    list: Vec<Finding>,
    checks: Vec<Check>,
    muted: Option<RuleId>,
}

impl Findings {
    /// As if the program did not have one rule: the tests use it to show that each rule is needed by its own cases only.
    #[must_use]
    pub fn muting(rule: &str) -> Self {
        Self { muted: Some(rule.into()), ..Self::default() }
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        if self.muted.as_ref() != Some(&finding.rule) {
            self.list.push(finding);
        }
    }

    /// Accounts for a rule at a place.
    pub fn account(&mut self, rule: &str, at: Pointer, verdict: Verdict) {
        self.checks.push(Check { rule: rule.into(), at, verdict });
    }

    /// Takes back what a rule said of a place and what is inside it, because something graver says it all.
    pub fn withdraw(&mut self, rule: &str, place: &Pointer, why: &str) {
        self.list.retain(|f| f.rule.as_str() != rule || !f.at.is_within(place));
        let own = self.checks.iter_mut().filter(|c| c.rule.as_str() == rule && c.at.is_within(place));
        own.filter(|c| c.verdict == Verdict::Failed).for_each(|c| c.verdict = Verdict::Undecided(why.to_owned()));
    }

    /// All findings so far.
    #[must_use]
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// All findings so far, to be answered.
    pub fn list_mut(&mut self) -> &mut Vec<Finding> {
        &mut self.list
    }

    /// All rules at places accounted for so far.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Whether some finding refuses the whole submission.
    #[must_use]
    pub fn refuses_submission(&self) -> bool {
        self.list.iter().any(|f| f.severity == Severity::Error && f.reach == Reach::Submission && f.is_open())
    }

    /// The findings and the account, taken apart.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Finding>, Vec<Check>) {
        (self.list, self.checks)
    }
}
