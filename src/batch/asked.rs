//! What the outbox says that each body is asked: the findings of its latest submission, as the last run wrote them.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{Error, disk};
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

/// Every error and query in the feedback of an outbox, by year and body.
///
/// # Errors
/// The outbox cannot be read, or holds feedback that no run wrote.
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
    }
    Ok(out)
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
