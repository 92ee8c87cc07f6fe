//! What is known of a submission from outside its file.

use chrono::NaiveDate;

use super::Return;

/// What is known from outside the file. `check` takes it as a value: there is no clock in the core.
#[derive(Debug, Clone)]
pub struct Context {
    /// The body whose folder the file lay in, if any.
    pub expected_body: Option<String>,
    /// The year asked for, if any.
    pub expected_year: Option<String>,
    /// The date of this run: deadlines, ages and lateness come from it.
    pub as_of: NaiveDate,
    /// When the file was received, if known.
    pub received: Option<NaiveDate>,
    /// Last year's accepted return of this body.
    pub last: Option<Return>,
    /// What was accepted from this body for this year before.
    pub previous: Option<Return>,
    /// Another file of this body carries the same submission number: its name.
    pub same_number: Option<String>,
    /// Decisions of the board manager.
    pub waivers: Vec<Waiver>,
}

impl Context {
    /// Nothing known but the date.
    #[must_use]
    pub fn on(as_of: NaiveDate) -> Self {
        Self {
            expected_body: None,
            expected_year: None,
            as_of,
            received: None,
            last: None,
            previous: None,
            same_number: None,
            waivers: Vec::new(),
        }
    }
}

/// A decision of the board manager about a finding: a line of `waivers.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The finding's id.
    pub id: String,
    /// The values it was decided for, as the finding states them; empty: any.
    pub state: String,
    /// Who decided, as a role.
    pub role: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<NaiveDate>,
}
