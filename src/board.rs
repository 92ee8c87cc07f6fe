//! A year as the board sees it: who has returned what. What it looks like is left to `render`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::checks::Together;
use crate::finding::Finding;
use crate::handled::Handled;
use crate::report::{Outcome, Report};
use crate::schema::Agencies;

/// A year for the board.
#[derive(Debug)]
pub struct Board<'a> {
    /// The year.
    pub year: &'a str,
    /// The date it was drawn for.
    pub as_of: NaiveDate,
    /// Name, version and hash of the pack.
    pub pack: &'a (String, String, String),
    /// The day by which returns are due.
    pub deadline: Option<NaiveDate>,
    /// The register, for the names of bodies.
    pub agencies: &'a Agencies,
    /// Every registered body, in the order of the register.
    pub bodies: Vec<Member<'a>>,
    /// What was found across agencies.
    pub together: &'a Together,
    /// Titles of the rules, by id.
    pub titles: BTreeMap<String, String>,
}

/// One body on the board.
#[derive(Debug)]
pub struct Member<'a> {
    /// Its key.
    pub body: &'a str,
    /// Its name.
    pub title: &'a str,
    /// A statutory partner.
    pub statutory: bool,
    /// How many submissions there are.
    pub submissions: usize,
    /// What became of the latest.
    pub outcome: Option<Outcome>,
    /// The sections that it owes or may return, in the order of the pack.
    pub sections: Vec<Place<'a>>,
    /// The submission that holds the version of each section that counts.
    pub versions: BTreeMap<String, &'a Report>,
}

/// One section of one body.
#[derive(Debug)]
pub struct Place<'a> {
    /// Its key.
    pub section: &'a str,
    /// Its title.
    pub title: &'a str,
    /// It is owed, not merely welcome.
    pub owed: bool,
    /// What became of it when it came last.
    pub state: State,
    /// It is declared nil.
    pub nil: bool,
    /// An accepted version stands in `data/`.
    pub released: bool,
    /// The submission number of the latest version.
    pub submission: Option<u32>,
}

/// What became of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It came.
    Came(Outcome),
    /// It is owed and has not come.
    Owed,
    /// It need not come and has not.
    Absent,
}

impl State {
    /// The word for people and machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Came(outcome) => outcome.word(),
            Self::Owed => "owed",
            Self::Absent => "not returned",
        }
    }
}

impl Board<'_> {
    /// The name of a body.
    #[must_use]
    pub fn title<'t>(&'t self, body: &'t str) -> &'t str {
        self.agencies.bodies.iter().find(|b| b.key == body).map_or(body, |b| &b.title)
    }

    /// The submission in which a body's figures of a finding stand, for drawing them.
    #[must_use]
    pub fn source(&self, finding: &Finding, body: &str) -> Option<&Report> {
        let member = self.bodies.iter().find(|member| member.body == body)?;
        member.versions.get(&finding.at.section_key()).copied()
    }

    /// How many sections are owed, how many of them have come, and how many of these are released.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let owed = self.bodies.iter().flat_map(|member| &member.sections).filter(|place| place.owed);
        let came = owed.clone().filter(|place| place.state != State::Owed).count();
        let released = owed.clone().filter(|place| place.released).count();
        [owed.count(), came, released]
    }
}

/// The sections of a body: what it owes or may return, and what became of each in the end.
#[must_use]
pub fn places<'a>(
    sections: impl Iterator<Item = (&'a str, &'a str, bool)>,
    handled: &[&Handled],
    queried: &BTreeSet<String>,
    released: &BTreeSet<String>,
) -> Vec<Place<'a>> {
    sections
        .map(|(section, title, owed)| {
            let said = handled.iter().rev().filter(|handled| !handled.private).find_map(|handled| {
                handled.sections.iter().find(|s| s.section == section).map(|s| (s, handled.submission))
            });
            let state = match said {
                Some((found, _)) if found.outcome != Outcome::Refused && queried.contains(section) => {
                    State::Came(Outcome::Queried)
                }
                Some((found, _)) => State::Came(found.outcome),
                None if owed => State::Owed,
                None => State::Absent,
            };
            Place {
                section,
                title,
                owed,
                state,
                nil: said.is_some_and(|(found, _)| found.nil),
                released: released.contains(section),
                submission: said.and_then(|(_, number)| number),
            }
        })
        .collect()
}
