//! One body on the board: what it sent and when, and what became of each of its sections.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::report::Outcome;

/// One body on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its key.
    pub body: String,
    /// Its name.
    pub title: String,
    /// A statutory partner.
    pub statutory: bool,
    /// How many submissions there are.
    pub submissions: usize,
    /// What became of the latest.
    pub outcome: Option<Outcome>,
    /// Each of them, in their order.
    #[serde(default)]
    pub came: Vec<Came>,
    /// How many figures of it are released.
    #[serde(default)]
    pub figures: usize,
    /// The sections that it owes or may return, in the order of the pack.
    pub sections: Vec<Place>,
}

/// One submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// The number on its cover.
    pub submission: Option<u32>,
    /// The day on which it came.
    pub received: NaiveDate,
    /// What became of it.
    pub outcome: Outcome,
}

/// One section of one body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its key.
    pub section: String,
    /// Its title.
    pub title: String,
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
    /// The day on which it came first.
    #[serde(default)]
    pub first: Option<NaiveDate>,
    /// The day on which the latest version came.
    #[serde(default)]
    pub received: Option<NaiveDate>,
}

/// What became of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum State {
    /// It came.
    Came(Outcome),
    /// It is owed and has not come.
    Owed,
    /// It need not come and has not.
    Absent,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Came(Outcome::Accepted),
        Self::Came(Outcome::Queried),
        Self::Came(Outcome::Refused),
        Self::Owed,
        Self::Absent,
    ];

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

impl From<State> for String {
    fn from(state: State) -> Self {
        state.word().to_owned()
    }
}

impl TryFrom<String> for State {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| format!("no state is called {word:?}"))
    }
}
