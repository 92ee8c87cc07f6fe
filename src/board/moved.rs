//! What moved since the ledger was last written: submissions that came, sections whose state is another.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What moved since the ledger was last written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moved {
    /// The day of the ledger's last line about the year; `None`: this is the first run.
    pub since: Option<NaiveDate>,
    /// Submissions of which the ledger says nothing yet.
    pub submissions: Vec<Arrival>,
    /// Sections that stand differently.
    pub sections: Vec<Change>,
}

/// A submission that is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The body.
    pub body: String,
    /// The number on its cover.
    pub submission: Option<u32>,
    /// The day on which it came.
    pub received: NaiveDate,
}

/// A section of a body that stands differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The body.
    pub body: String,
    /// The section, by key.
    pub section: String,
    /// Its title.
    pub title: String,
    /// What the ledger said of it: accepted, queried, refused, or not returned.
    pub from: String,
    /// What is said of it now.
    pub to: String,
}

impl Moved {
    /// Whether nothing is new.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.submissions.is_empty() && self.sections.is_empty()
    }
}
