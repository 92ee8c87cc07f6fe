//! A decision of the board manager: one line of `waivers.csv`, and what makes it a decision.

use std::fmt;

use chrono::{Datelike as _, NaiveDate};

/// A decision of the board manager about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The line of `waivers.csv` on which it stands, from 1.
    pub line: usize,
    /// The finding's id, in small letters.
    pub id: String,
    /// What was decided.
    pub decision: Decision,
    /// The values it was decided for, as the finding states them; empty: any. To `use` one of two files: its name.
    pub state: String,
    /// Who decided, as a role.
    pub role: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<NaiveDate>,
    /// The explanation that was accepted or sent back, word for word; empty: the one that there was.
    pub explanation: String,
}

/// What can be decided about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It counts as settled.
    Waive,
    /// The agency's explanation was read, and is accepted.
    Accept,
    /// It is open again: the agency's explanation is sent back, a waiver ends.
    Reopen,
    /// Of two files that carry one submission number, this one counts.
    Use,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 4] = [Self::Waive, Self::Accept, Self::Reopen, Self::Use];

    /// The word for it in `waivers.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waive => "waive",
            Self::Accept => "accept",
            Self::Reopen => "reopen",
            Self::Use => "use",
        }
    }
}

/// A line of `waivers.csv` that decides nothing, because it cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// The line, from 1.
    pub line: usize,
    /// Why: what stands behind “Line 7 of waivers.csv”.
    pub why: String,
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {} of waivers.csv {}; it does not count.", self.line, self.why)
    }
}

impl Waiver {
    /// The columns of `waivers.csv`. All but the last are asked for; it is filled in by `safereturn waive`.
    pub const COLUMNS: [&'static str; 7] = ["id", "decision", "state", "role", "reason", "expires", "explanation"];

    /// Makes a decision of a line, given what stands in each column.
    ///
    /// # Errors
    /// Why the line is no decision.
    pub fn read<'a>(line: usize, column: impl Fn(&str) -> &'a str) -> Result<Self, Unclear> {
        let text = |name: &str| harmless(column(name)).to_owned();
        let unclear = |why: &str| Unclear { line, why: why.to_owned() };
        let (word, state, reason, expires) = (text("decision"), text("state"), text("reason"), text("expires"));
        let decision = Decision::ALL.into_iter().find(|d| d.word().eq_ignore_ascii_case(&word));
        let decision = decision.ok_or_else(|| match word.is_empty() {
            true => unclear("names no decision (waive, accept, reopen or use)"),
            false => unclear("has a decision that is none of waive, accept, reopen, use"),
        })?;
        let date = day(&expires);
        let id = text("id").to_lowercase();
        match decision {
            _ if id.is_empty() => Err(unclear("names no finding in the column “id”")),
            Decision::Waive | Decision::Accept | Decision::Use if reason.is_empty() => Err(unclear("gives no reason")),
            Decision::Use if state.is_empty() => Err(unclear("does not name the file to use in the column “state”")),
            _ if !expires.is_empty() && date.is_none() => {
                Err(unclear("has an expiry that is no date (2022-06-30 or 30/06/2022)"))
            }
            Decision::Waive | Decision::Accept | Decision::Reopen | Decision::Use => Ok(Self {
                line,
                id,
                decision,
                state,
                role: text("role"),
                reason,
                expires: date,
                explanation: text("explanation"),
            }),
        }
    }

    /// Whether its last day has passed.
    #[must_use]
    pub fn has_expired(&self, as_of: NaiveDate) -> bool {
        self.expires.is_some_and(|last| last < as_of)
    }
}

/// A date as people and spreadsheets write it: 2021-06-30, 30/06/2021 or 30/06/21. No day of another century is meant.
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let read = |format: &&str| NaiveDate::parse_from_str(text, format).ok();
    ["%Y-%m-%d", "%d/%m/%y", "%d/%m/%Y"].iter().filter_map(read).find(|day| (2000..2100).contains(&day.year()))
}

/// Without the mark that keeps a spreadsheet from taking a text for a formula: `'=1+1` was `=1+1`.
fn harmless(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_of_two_digits_is_of_this_century_and_one_of_another_is_a_slip() {
        for text in ["2022-06-30", "30/06/2022", "30/6/22", " 30/06/22 "] {
            assert_eq!(day(text), NaiveDate::from_ymd_opt(2022, 6, 30), "{text}");
        }
        for text in ["22-06-30", "30/06/0022", "0022-06-30", "30/06/20222", "30/06/1922", "06/30/22", "30/06/85", ""] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
