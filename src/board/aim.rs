//! The aims of the yearly report with their evidence: which sections that serve them are accepted, of whom (CMP-08).

use serde::{Deserialize, Serialize};

use super::{Board, Member, Place, State};
use crate::report::Outcome;

/// One of the aims of the yearly report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aim {
    /// Its key.
    pub aim: String,
    /// Its name.
    pub title: String,
    /// The sections that serve it, by key, in the order of the pack.
    pub sections: Vec<String>,
}

/// The sections that serve an aim, by what became of them.
#[derive(Debug, Clone, Default)]
pub struct Evidence<'b> {
    /// Released.
    pub accepted: Vec<(&'b Member, &'b Place)>,
    /// Not released, because a question is open.
    pub queried: Vec<(&'b Member, &'b Place)>,
    /// Not released, because it is refused.
    pub refused: Vec<(&'b Member, &'b Place)>,
    /// Owed and not there.
    pub owed: Vec<(&'b Member, &'b Place)>,
}

/// What the evidence for an aim comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// Nothing is accepted.
    None,
    /// Something is accepted, and something is still to come.
    Partly,
    /// All that is owed is accepted.
    All,
}

impl Evidence<'_> {
    /// What it comes to.
    #[must_use]
    pub const fn judgement(&self) -> Judgement {
        let lacking = self.queried.len() + self.refused.len() + self.owed.len();
        match (self.accepted.len(), lacking) {
            (0, _) => Judgement::None,
            (_, 0) => Judgement::All,
            (_, _) => Judgement::Partly,
        }
    }
}

impl Board {
    /// The sections that serve an aim. One with an accepted version is evidence whatever became of a later version.
    #[must_use]
    pub fn evidence(&self, aim: &Aim) -> Evidence<'_> {
        let mut evidence = Evidence::default();
        for member in &self.bodies {
            for place in member.sections.iter().filter(|place| aim.sections.contains(&place.section)) {
                let list = match place.state {
                    State::Came(_) if place.released => &mut evidence.accepted,
                    State::Came(Outcome::Queried) => &mut evidence.queried,
                    State::Came(Outcome::Refused) => &mut evidence.refused,
                    State::Owed => &mut evidence.owed,
                    State::Came(Outcome::Accepted) | State::Absent => continue,
                };
                list.push((member, place));
            }
        }
        evidence
    }
}
