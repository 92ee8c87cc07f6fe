//! A year as the board sees it: who has returned what, what is open since when, what moved, and the headline measures. A
//! value that stands alone: `status.json` is it, and every picture is a function of it and a date. It holds dates, never
//! ages, so that it can be drawn again on a later day. What it looks like is left to `render`.

mod across;
mod aim;
mod headline;
mod lateness;
mod member;
mod moved;
mod question;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use across::{Compared, Drawn, Excerpt, Found, Row, Side};
pub use aim::{Aim, Evidence, Judgement};
pub use headline::{Comparator, Expected, Figure, Headline, headlines};
pub use lateness::{BUCKETS, Owed, bucket};
pub use member::{Came, Member, Place, State};
pub use moved::{Arrival, Change, Moved};
pub use question::{Answered, Open, Stand};

/// Name and version of the form. Fields may be added within a version; none is taken away or changes its meaning.
pub const FORMAT: &str = "safereturn.status/1";

/// A year for the board.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Board {
    /// Name and version of this form.
    pub format: String,
    /// The year.
    pub year: String,
    /// The date it was settled for.
    pub as_of: NaiveDate,
    /// The day by which returns are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
    /// The day by which questions are to be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers_due: Option<NaiveDate>,
    /// The day on which the draft of the report is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft_closed: Option<NaiveDate>,
    /// The pack.
    pub pack: Pack,
    /// Of the sections that are owed.
    pub counts: Counts,
    /// Days after the deadline that are no working days, beside weekends.
    #[serde(default)]
    pub holidays: Vec<NaiveDate>,
    /// The sections that any body owes or may return, in the order of the pack.
    #[serde(default)]
    pub sections: Vec<Titled>,
    /// Every registered body, in the order of the register.
    pub bodies: Vec<Member>,
    /// What was found across agencies, and what the year as a whole lacks.
    pub findings: Vec<Found>,
    /// Every rule across agencies and about the whole year, wherever it looked.
    pub comparisons: Vec<Compared>,
    /// Errors and questions on which a body still has to act.
    #[serde(default)]
    pub open: Vec<Open>,
    /// What has been said to errors and questions.
    #[serde(default)]
    pub answers: Vec<Answered>,
    /// What moved since the ledger was last written.
    #[serde(default)]
    pub moved: Moved,
    /// The aims of the yearly report, and the sections that serve them.
    #[serde(default)]
    pub aims: Vec<Aim>,
    /// The headline measures of the year.
    #[serde(default)]
    pub headlines: Vec<Headline>,
}

/// The pack with which the year was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub sha256: String,
}

/// Of the sections that are owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// How many there are.
    pub owed: usize,
    /// How many of them have come.
    pub returned: usize,
    /// How many of them stand in `data/`.
    pub released: usize,
}

/// A section by its key and title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Titled {
    /// Its key.
    pub section: String,
    /// Its title.
    pub title: String,
}
