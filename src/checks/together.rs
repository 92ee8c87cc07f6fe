//! The returns of a year side by side: what is compared, and what comes of it. The rules are run in `across`; what is
//! owed is told in `owed`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{across, explain, owed};
use crate::extract::{Return, Waiver};
use crate::finding::{Across, Check, Finding, Reach, Verdict};
use crate::schema::Schemas;

/// The returns of a year, gathered.
#[derive(Debug)]
pub struct Gathered<'a> {
    /// The year.
    pub year: String,
    /// The date of this run: the deadline and waivers are held against it.
    pub as_of: NaiveDate,
    /// The bodies that are expected to return something.
    pub expected: BTreeSet<String>,
    /// Decisions of the board manager.
    pub waivers: &'a [Waiver],
    /// What counts of each body that returned something.
    pub bodies: Vec<&'a Counted<'a>>,
    /// The sections of which an accepted version stands from before, by body.
    pub standing: BTreeMap<String, BTreeSet<String>>,
}

/// What counts of one body: the latest version of each of its sections that was not refused.
#[derive(Debug, Clone, Default)]
pub struct Counted<'a> {
    /// The body.
    pub body: String,
    /// Those sections.
    pub figures: Cow<'a, Return>,
    /// The sections whose version has nothing against it by itself.
    pub accepted: BTreeSet<String>,
    /// The submission whose sheet of explanations counts.
    pub answers: Option<&'a Return>,
    /// The submissions before it, oldest first.
    pub before: Vec<&'a Return>,
}

/// What comes of it.
#[derive(Debug, Clone, Default)]
pub struct Together {
    /// What was found, for the board.
    pub findings: Vec<Across>,
    /// Every rule at every comparison, in order.
    pub checks: Vec<Compared>,
    /// Explanations of rules across agencies that answer nothing, by body.
    pub unused: BTreeMap<String, Vec<Finding>>,
}

/// How a rule ended at a comparison, and which bodies take part in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compared {
    /// Rule, comparison and verdict, in words for the board.
    pub check: Check,
    /// Those whose figures are compared.
    pub bodies: BTreeSet<String>,
}

/// The returns of a year to one another.
#[must_use]
pub fn together(gathered: &Gathered<'_>, schemas: &Schemas) -> Together {
    let mut together = Together::default();
    across::rules(gathered, schemas, &mut together);
    explain::across(gathered, &mut together);
    owed::year(gathered, schemas, &mut together);
    together.checks.sort();
    together
}

impl Together {
    /// What one body is told: its own findings, in the order of the rules, and explanations of its own that answer nothing.
    #[must_use]
    pub fn seen_by(&self, body: &str) -> Vec<Finding> {
        let unused = self.unused.get(body).into_iter().flatten().cloned();
        self.findings.iter().filter_map(|found| found.seen_by(body)).chain(unused).collect()
    }

    /// The account of the rules that one body takes part in. Why one was not run or is undecided may tell of another
    /// body, and is said in general words.
    #[must_use]
    pub fn account_of(&self, body: &str) -> Vec<Check> {
        let own = self.checks.iter().filter(|compared| compared.bodies.contains(body));
        own.map(|compared| {
            let verdict = match &compared.check.verdict {
                Verdict::NotRun(_) => Verdict::NotRun("compare agencies that have not all returned yet".to_owned()),
                Verdict::Undecided(_) => {
                    Verdict::Undecided("the figures of the agencies compared do not decide it".to_owned())
                }
                verdict @ (Verdict::Held | Verdict::Failed | Verdict::NotApplicable(_)) => verdict.clone(),
            };
            Check { verdict, ..compared.check.clone() }
        })
        .collect()
    }

    /// The sections of each body that an open question across agencies keeps from being accepted; of bodies with none,
    /// nothing.
    #[must_use]
    pub fn asked(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for found in &self.findings {
            for side in &found.sides {
                let finding = found.seen_by(&side.body);
                let open = finding.filter(|f| f.severity > crate::finding::Severity::Note && f.is_open());
                if let Some(Reach::Sections(keys)) = open.map(|finding| finding.reach) {
                    asked.entry(side.body.clone()).or_default().extend(keys);
                }
            }
        }
        asked
    }
}

impl Gathered<'_> {
    /// What counts of a body.
    pub(super) fn of(&self, body: &str) -> Option<&Counted<'_>> {
        self.bodies.iter().copied().find(|counted| counted.body == body)
    }
}

impl Counted<'_> {
    /// Whether the section is there with its sheet.
    pub(super) fn holds(&self, section: &str) -> bool {
        self.figures.sheets.contains_key(section) && !self.is_nil(section)
    }

    /// Whether the section is declared nil.
    pub(super) fn is_nil(&self, section: &str) -> bool {
        self.figures.nil.iter().any(|key| key == section)
    }
}
