//! What has been said to a finding: by the agency on its sheet of explanations, and by the board manager.

use serde::{Deserialize, Serialize};

use super::Severity;

/// What has been said to a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Answer {
    /// The agency explained it, for these figures.
    Explained {
        /// The agency's words.
        explanation: String,
        /// Whether the board manager has said yes to them.
        #[serde(default)]
        read: Read,
    },
    /// It was explained or waived, but for other figures: it is open again.
    Reopened {
        /// The values the explanation was given for.
        was: String,
        /// The values now.
        now: String,
    },
    /// The agency explained it, and the board manager was not content: it is open again.
    SentBack {
        /// The agency's words.
        explanation: String,
        /// What the board manager says to them.
        reason: String,
    },
    /// The board manager waived it.
    Waived {
        /// The recorded reason.
        reason: String,
    },
}

/// Whether the board manager has read an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// Nobody has said anything to it. It counts until somebody sends it back.
    #[default]
    Unread,
    /// It was read and accepted.
    Accepted,
}

impl Answer {
    /// Whether nobody has to act on a finding any more to which this has been said. An error is never explained away.
    #[must_use]
    pub const fn settles(&self, severity: Severity) -> bool {
        match self {
            Self::Waived { .. } => true,
            Self::Explained { .. } => !matches!(severity, Severity::Error),
            Self::Reopened { .. } | Self::SentBack { .. } => false,
        }
    }
}
