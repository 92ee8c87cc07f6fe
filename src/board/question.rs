//! What is asked of a body and still open, and what has been answered.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::finding::{Answer, Read, Severity};

/// An error or question on which a body still has to act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its eight letters, as the body was told.
    pub id: String,
    /// The body.
    pub body: String,
    /// The section it is about, by key; the cover and the file as a whole are none of the sections.
    pub section: String,
    /// The rule that speaks.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// What the body was told.
    pub message: String,
    /// The values it rests on, as one text: what a decision about it is taken for. Boards of earlier programs do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Where to look first.
    pub place: String,
    /// The day on which it was first put and has been open since.
    pub since: NaiveDate,
    /// It compares this body with others.
    pub across: bool,
}

/// How an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    /// An explanation that nobody of the partnership has accepted or sent back.
    Unread,
    /// An explanation that was accepted.
    Accepted,
    /// An explanation that was sent back: the question is open again.
    SentBack,
    /// An explanation for other figures than now: the question is open again.
    Reopened,
    /// Waived by the board manager.
    Waived,
}

impl Stand {
    /// How an answer stands, and its words. Whatever can be said to a finding is told apart here only.
    #[must_use]
    pub fn of(answer: &Answer) -> (Self, String) {
        match answer {
            Answer::Explained { explanation, read: Read::Unread } => (Self::Unread, explanation.clone()),
            Answer::Explained { explanation, read: Read::Accepted } => (Self::Accepted, explanation.clone()),
            Answer::SentBack { explanation, reason } => (Self::SentBack, format!("{explanation} Sent back: {reason}")),
            Answer::Reopened { was, now } => (Self::Reopened, format!("was {was}, now {now}")),
            Answer::Waived { reason } => (Self::Waived, reason.clone()),
        }
    }

    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unread => "not read yet",
            Self::Accepted => "accepted",
            Self::SentBack => "sent back",
            Self::Reopened => "open again, because the figure moved",
            Self::Waived => "waived",
        }
    }
}

/// What has been said to an error or question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Its eight letters.
    pub id: String,
    /// The body.
    pub body: String,
    /// The section it is about, by key.
    pub section: String,
    /// The rule that speaks.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How grave it is.
    #[serde(default = "query")]
    pub severity: Severity,
    /// What the body was told.
    #[serde(default)]
    pub message: String,
    /// The values it rests on, as one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// How the answer stands.
    pub stand: Stand,
    /// Its words.
    pub words: String,
    /// Where to look first.
    pub place: String,
    /// Who decided, as a role, where it is a decision.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The last day on which the decision counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<NaiveDate>,
}

/// What is answered is a question, as a rule: boards of earlier programs do not say.
const fn query() -> Severity {
    Severity::Query
}
