//! What the log says of a submission: what became of it and where its findings stand, by section and cell. No value, no
//! word of a return, no name of a file or of a sheet that is not ours: a log is kept, and read by people who need not
//! know any figure.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::Error;
use crate::handled::{Asked, Handled};
use crate::report::Outcome;

/// The lines about one submission of a body for a year; the year is empty where it is not to be had.
pub(super) fn lines(year: &str, body: &str, handled: &Handled) -> Vec<String> {
    let year = if year.is_empty() { "no-year" } else { year };
    let number = handled.submission.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let file = handled.sha256.get(..8).unwrap_or_default();
    let about = format!("{year} {body} submission {number} file {file}");
    let counts = [Outcome::Accepted, Outcome::Queried, Outcome::Refused].map(|outcome| {
        let count = handled.sections.iter().filter(|told| told.outcome == outcome).count();
        format!("{count} {}", outcome.word())
    });
    let mut lines = vec![format!("{about} {}: {}", handled.outcome.word(), counts.join(", "))];
    lines.extend(handled.asked.iter().map(|asked| {
        let Asked { id, rule, severity, address, .. } = asked;
        let state = if asked.open { "open" } else { "answered" };
        format!("{about} {} {rule} {id} {address} {state}", severity.word())
    }));
    lines
}

/// Adds lines to a log.
///
/// # Errors
/// The file cannot be written.
pub fn add_to_log(path: &Path, text: &str) -> Result<(), Error> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Error::file(path, "written"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    #[test]
    fn a_line_has_addresses_and_no_values() {
        let asked = Asked {
            id: "mbbmtpbp".into(),
            rule: "STK-01".into(),
            title: "Episodes must balance".into(),
            severity: Severity::Error,
            section: "children-in-need".into(),
            message: "1,946 + 1,463 − 1,390 = 2,019, but 2,091.".into(),
            place: "CIN Jane!B8".into(),
            address: "children-in-need!B8".into(),
            state: "1946; 1463; 1390; 2091".into(),
            answer: None,
            open: true,
        };
        let handled = Handled {
            sha256: "4f2a9c1d77".into(),
            submission: Some(2),
            received: chrono::NaiveDate::default(),
            outcome: Outcome::Refused,
            private: false,
            sections: Vec::new(),
            asked: vec![asked],
            settled: Vec::new(),
            unchecked: Vec::new(),
        };
        assert_eq!(
            lines("2020-21", "csc", &handled),
            [
                "2020-21 csc submission 2 file 4f2a9c1d refused: 0 accepted, 0 queried, 0 refused",
                "2020-21 csc submission 2 file 4f2a9c1d error STK-01 mbbmtpbp children-in-need!B8 open",
            ]
        );
    }
}
