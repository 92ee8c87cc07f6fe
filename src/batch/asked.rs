//! What the outbox says that each body is asked: the findings of its latest submission, and what the board has of those
//! before it that still count, as the last run wrote them.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{Error, disk};
use crate::board::{self, Board, Stand};
use crate::finding::{Answer, Read, Severity};
use crate::handled::Asked;

/// A finding of a body in a year.
#[derive(Debug, Clone)]
pub struct Open {
    /// The year.
    pub year: String,
    /// The body's key.
    pub body: String,
    /// The finding.
    pub asked: Asked,
}

/// As much of a finding in `report.json` as is wanted here.
#[derive(Deserialize)]
struct Found {
    id: String,
    rule: String,
    #[serde(default)]
    title: String,
    severity: Severity,
    open: bool,
    section: String,
    message: String,
    #[serde(default)]
    cells: Vec<Value>,
    #[serde(default)]
    state: Vec<State>,
    answer: Option<Said>,
}

#[derive(Deserialize)]
struct State {
    value: String,
}

#[derive(Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
enum Said {
    Explained {
        explanation: String,
        #[serde(default)]
        read: Read,
    },
    Reopened {
        was: String,
        now: String,
    },
    SentBack {
        explanation: String,
        reason: String,
    },
    Waived {
        reason: String,
    },
}

/// Every error and query in the feedback of an outbox and on its boards, by year and body.
///
/// # Errors
/// The outbox cannot be read, or holds feedback or a board that no run wrote.
pub fn asked(outbox: &Path) -> Result<Vec<Open>, Error> {
    let mut out = Vec::new();
    for (year, folder) in disk::entries(outbox)? {
        let feedback = folder.join("feedback");
        if year.starts_with('.') || !feedback.is_dir() {
            continue;
        }
        for (body, folder) in disk::entries(&feedback)? {
            let path = folder.join("report.json");
            let Some(bytes) = disk::read_if_there(&path)? else { continue };
            let unclear = || Error::Unclear { path: path.clone(), what: "this is not the report of a run".to_owned() };
            let mut report: Value = serde_json::from_slice(&bytes).map_err(|_| unclear())?;
            let found = report.get_mut("findings").map(Value::take).unwrap_or_default();
            let found: Vec<Found> = serde_json::from_value(found).map_err(|_| unclear())?;
            let counts = found.into_iter().filter(|found| found.severity > Severity::Note);
            out.extend(counts.map(|found| Open { year: year.clone(), body: body.clone(), asked: found.asked() }));
        }
        let path = folder.join("status.json");
        let Some(bytes) = disk::read_if_there(&path)? else { continue };
        let unclear = |_| Error::Unclear { path, what: "this is not the board of a run".to_owned() };
        let board: Board = serde_json::from_slice(&bytes).map_err(unclear)?;
        // What the latest submission is asked is known in full from its own report.
        let told: BTreeSet<String> = out.iter().map(|open| open.asked.id.clone()).collect();
        let earlier = on_board(board).into_iter().filter(|(_, asked)| !told.contains(&asked.id));
        out.extend(earlier.map(|(body, asked)| Open { year: year.clone(), body, asked }));
    }
    Ok(out)
}

/// What a board has of questions, open or answered, with their bodies. What does not say its figures is passed over: a
/// decision about it would be taken for any figures.
fn on_board(board: Board) -> Vec<(String, Asked)> {
    let open: BTreeSet<String> = board.open.iter().map(|open| open.id.clone()).collect();
    let answered = board.answers.into_iter().filter(|answered| !open.contains(&answered.id)).filter_map(|answered| {
        let board::Answered { id, body, section, rule, title, severity, message, state, stand, words, place, .. } =
            answered;
        let answer = match stand {
            Stand::Unread => Some(Answer::Explained { explanation: words, read: Read::Unread }),
            Stand::Accepted => Some(Answer::Explained { explanation: words, read: Read::Accepted }),
            Stand::Waived => Some(Answer::Waived { reason: words }),
            Stand::SentBack | Stand::Reopened => None,
        };
        let (address, state) = (place.clone(), state?);
        Some((body, Asked { id, rule, title, severity, section, message, place, address, state, open: false, answer }))
    });
    let open = board.open.into_iter().filter_map(|open| {
        let board::Open { id, body, section, rule, title, severity, message, state, place, since: _, across: _ } = open;
        let (address, state) = (place.clone(), state?);
        // What was said of other figures, or sent back, is no answer to go by.
        Some((
            body,
            Asked { id, rule, title, severity, section, message, place, address, state, open: true, answer: None },
        ))
    });
    open.chain(answered).collect()
}

impl Found {
    fn asked(self) -> Asked {
        let text = |cell: &Value, key: &str| cell.get(key).and_then(Value::as_str).map(str::to_owned);
        let place = self.cells.first().map(|cell| {
            let parts = [text(cell, "sheet"), text(cell, "cell")];
            parts.into_iter().flatten().collect::<Vec<_>>().join("!")
        });
        let answer = self.answer.map(|said| match said {
            Said::Explained { explanation, read } => Answer::Explained { explanation, read },
            Said::Reopened { was, now } => Answer::Reopened { was, now },
            Said::SentBack { explanation, reason } => Answer::SentBack { explanation, reason },
            Said::Waived { reason } => Answer::Waived { reason },
        });
        Asked {
            id: self.id,
            rule: self.rule,
            title: self.title,
            severity: self.severity,
            section: self.section,
            message: self.message,
            place: place.clone().unwrap_or_default(),
            address: place.unwrap_or_default(),
            state: self.state.into_iter().map(|state| state.value).collect::<Vec<_>>().join("; "),
            answer,
            open: self.open,
        }
    }
}
