//! What counts of one body's submissions, taken one after another: of each section the latest version that is not
//! refused. Kept as they come, so that a submission need not be looked at again once the next one has superseded it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::cell::Pointer;
use crate::checks::{Counted, EXPLANATIONS, remember};
use crate::extract::Return;
use crate::figure::Figure;
use crate::report::{Outcome, Report};

/// Which submission, by its position, holds the version of a section that counts.
pub type Versions = BTreeMap<String, usize>;

/// Whether anything of a submission counts: if not, its figures need not be had to take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It holds personal data, or nothing of it is accepted or asked about, and it explains nothing by itself.
    Nothing,
    /// A section, or only explanations of what was sent before.
    Something,
}

impl Worth {
    /// What a submission is worth.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let only_explains = report.sections.is_empty() && report.explains();
        if report.not_refused().next().is_some() || only_explains { Self::Something } else { Self::Nothing }
    }
}

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
    /// Submissions with explanations, oldest first, those left out that say what the one before them said: an answer counts
    /// for the figures beside which the same words stood first, and the last that was said counts.
    explained: Vec<Return>,
    /// How many of them were there when the one came whose sheet counts.
    before: usize,
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
            let outcomes: Vec<_> = report.sections.iter().map(|s| (s.section.clone(), s.outcome)).collect();
            counting.take(version, Worth::of(report), &outcomes, &report.figures);
        }
        counting
    }

    /// Takes the next submission: what became of its sections, and its figures.
    pub fn take(&mut self, version: usize, worth: Worth, outcomes: &[(String, Outcome)], figures: &Return) {
        self.begun = true;
        self.said.extend(outcomes.iter().cloned());
        if worth == Worth::Nothing {
            return;
        }
        for (section, outcome) in outcomes.iter().filter(|(_, outcome)| *outcome != Outcome::Refused) {
            self.figures.replace_section(figures, section);
            self.versions.insert(section.clone(), version);
            match outcome {
                Outcome::Accepted => self.accepted.insert(section.clone()),
                Outcome::Queried | Outcome::Refused => self.accepted.remove(section),
            };
        }
        if figures.sheets.contains_key(EXPLANATIONS) {
            // Nobody looks at the figures beside a sheet that says nothing.
            self.answers = Some(if rows(figures).is_empty() { Return::default() } else { remember(figures, &[]) });
            self.before = self.explained.len();
        }
        if adds(self.explained.last(), figures) {
            self.explained.push(remember(figures, &[]));
        }
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
            before: self.explained.iter().take(self.before).collect(),
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

/// What the rows of the sheet of explanations say.
fn rows(figures: &Return) -> Vec<String> {
    let list = Pointer::section(EXPLANATIONS).child(EXPLANATIONS);
    let row = |key: &String| {
        let row = list.child(key);
        let said = |f: &Figure| format!("{} {:?} {:?} {:?}\n", f.pointer.last(), f.bare, f.typed, f.fault);
        figures.within(&row).map(said).collect()
    };
    figures.lists.get(&list).into_iter().flatten().map(row).collect()
}

/// Whether a submission has to be remembered for its explanations beside the last one that was. It has not if it explains
/// nothing, or if all that could be looked for in it is found in that one first: the same rows, beside figures of the same
/// places, in the same cells and under the same words.
#[must_use]
pub fn adds(last: Option<&Return>, next: &Return) -> bool {
    let own = |at: &&Pointer| at.section_key() != EXPLANATIONS;
    let covered = |last: &Return, rows: &[String]| {
        self::rows(last) == rows
            && next.figures.keys().filter(own).all(|at| last.figures.contains_key(at) && last.cell(at) == next.cell(at))
            && next.words.iter().filter(|(at, _)| own(at)).all(|(at, words)| last.words.get(at) == Some(words))
    };
    let rows = rows(next);
    !rows.is_empty() && !last.is_some_and(|last| covered(last, &rows))
}
