//! What counts of one body's submissions, taken one after another: of each section the latest version that is not
//! refused. Kept as they come, so that a submission need not be looked at again once the next one has superseded it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::cell::Pointer;
use crate::checks::Counted;
use crate::extract::Return;
use crate::figure::Figure;
use crate::report::{Outcome, Report};

/// Which submission, by its position, holds the version of a section that counts.
pub type Versions = BTreeMap<String, usize>;

/// The submissions of a body so far.
#[derive(Debug, Default)]
pub struct Counting {
    body: String,
    begun: bool,
    figures: Return,
    accepted: BTreeSet<String>,
    versions: Versions,
    /// What was last said of each section, a refusal too.
    said: BTreeMap<String, Outcome>,
    /// The explanations of the submission whose sheet of explanations counts.
    answers: Option<Return>,
    /// Earlier submissions that explain what none before them did, oldest first: an answer counts for the figures beside
    /// which the same words stood first.
    explained: Vec<Explained>,
    /// How many of them were there when the one came whose sheet counts.
    before: usize,
}

/// A submission with explanations.
#[derive(Debug)]
struct Explained {
    figures: Return,
    rows: BTreeSet<String>,
}

impl Counting {
    /// Nothing of a body so far.
    #[must_use]
    pub fn new(body: &str) -> Self {
        Self { body: body.to_owned(), ..Self::default() }
    }

    /// What counts of a body's submissions, given in their order.
    #[must_use]
    pub fn of<'r>(body: &str, reports: impl IntoIterator<Item = &'r Report>) -> Self {
        let mut counting = Self::new(body);
        for (version, report) in reports.into_iter().enumerate() {
            let outcomes: Vec<_> = report.sections.iter().map(|s| (s.section.as_str(), s.outcome)).collect();
            counting.take(version, report.private, &outcomes, &report.figures);
        }
        counting
    }

    /// Takes the next submission: what became of its sections, and its figures.
    pub fn take(&mut self, version: usize, private: bool, outcomes: &[(&str, Outcome)], figures: &Return) {
        self.begun = true;
        self.said.extend(outcomes.iter().map(|(section, outcome)| ((*section).to_owned(), *outcome)));
        if !Self::counts(private, outcomes) {
            return;
        }
        for (section, outcome) in outcomes.iter().filter(|(_, outcome)| *outcome != Outcome::Refused) {
            self.figures.replace_section(figures, section);
            self.versions.insert((*section).to_owned(), version);
            match outcome {
                Outcome::Accepted => self.accepted.insert((*section).to_owned()),
                Outcome::Queried | Outcome::Refused => self.accepted.remove(*section),
            };
        }
        if figures.sheets.contains_key(EXPLANATIONS) {
            let mut answers = Return::default();
            answers.replace_section(figures, EXPLANATIONS);
            self.answers = Some(answers);
            self.before = self.explained.len();
        }
        let new = Explained::of(figures).filter(|new| !self.explained.iter().any(|old| old.covers(new)));
        self.explained.extend(new);
    }

    /// Whether anything of such a submission counts: if not, its figures need not be had to take it.
    #[must_use]
    pub fn counts(private: bool, outcomes: &[(&str, Outcome)]) -> bool {
        !private && outcomes.iter().any(|(_, outcome)| *outcome != Outcome::Refused)
    }

    /// Whether any submission was taken.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.begun
    }

    /// What counts now.
    #[must_use]
    pub fn counted(&self) -> Counted<'_> {
        Counted {
            body: self.body.clone(),
            figures: Cow::Borrowed(&self.figures),
            accepted: self.accepted.clone(),
            answers: self.answers.as_ref(),
            before: self.explained.iter().take(self.before).map(|explained| &explained.figures).collect(),
        }
    }

    /// Whether the version of a section that counts has nothing against it by itself.
    #[must_use]
    pub fn is_accepted(&self, section: &str) -> bool {
        self.accepted.contains(section)
    }

    /// Where the version of each section that counts stands.
    #[must_use]
    pub const fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Likewise, unless the latest word on the section is a refusal.
    pub fn came(&self) -> impl Iterator<Item = (&String, usize)> {
        let refused = |section: &String| self.said.get(section) == Some(&Outcome::Refused);
        self.versions.iter().filter(move |(section, _)| !refused(section)).map(|(section, version)| (section, *version))
    }
}

/// The sheet of explanations, by key.
const EXPLANATIONS: &str = "explanations";

impl Explained {
    /// What an answer may refer to: figures, and the rows in which they are explained; `None` where nothing is.
    fn of(figures: &Return) -> Option<Self> {
        let list = Pointer::section(EXPLANATIONS).child(EXPLANATIONS);
        let row = |key: &String| {
            let row = list.child(key);
            // The least difference makes it another row: then one submission more is kept.
            let said = |figure: &Figure| format!("{} {:?} {:?}\n", figure.pointer.last(), figure.bare, figure.typed);
            figures.within(&row).map(said).collect()
        };
        let rows: BTreeSet<String> = figures.lists.get(&list)?.iter().map(row).collect();
        let kept = || Return {
            year: figures.year.clone(),
            body: figures.body.clone(),
            kind: figures.kind.clone(),
            submission_no: figures.submission_no,
            figures: figures.figures.clone(),
            lists: figures.lists.clone(),
            ..Return::default()
        };
        (!rows.is_empty()).then(|| Self { figures: kept(), rows })
    }

    /// Whether whatever is looked for in a later one is found here first: its rows, beside figures of the same places.
    fn covers(&self, later: &Self) -> bool {
        let own = |at: &&Pointer| at.section_key() != EXPLANATIONS;
        later.rows.is_subset(&self.rows)
            && later.figures.figures.keys().filter(own).all(|at| self.figures.figures.contains_key(at))
    }
}
