//! What counts of one body's submissions: of each section the latest version that is not refused.

use std::collections::BTreeMap;

use crate::checks::Counted;
use crate::report::{Outcome, Report};

/// Which submission, by its position, holds the version of a section that counts.
pub type Versions = BTreeMap<String, usize>;

/// What counts of one body's submissions, given in their order: of each section the latest version that is not refused.
#[must_use]
pub fn counted<'a>(body: &str, reports: &[&'a Report]) -> (Counted<'a>, Versions) {
    let mut counted = Counted { body: body.to_owned(), ..Counted::default() };
    let mut versions = Versions::new();
    let mut seen: Vec<&'a Report> = Vec::new();
    for (index, report) in reports.iter().enumerate() {
        let taken = report.sections.iter().filter(|s| !report.private && s.outcome != Outcome::Refused);
        let mut any = false;
        for section in taken {
            any = true;
            counted.figures.replace_section(&report.figures, &section.section);
            versions.insert(section.section.clone(), index);
            if section.outcome == Outcome::Accepted {
                counted.accepted.insert(section.section.clone());
            } else {
                counted.accepted.remove(&section.section);
            }
        }
        if any {
            if report.figures.sheets.contains_key("explanations") {
                counted.answers = Some(&report.figures);
                counted.before = seen.iter().map(|earlier| &earlier.figures).collect();
            }
            seen.push(report);
        }
    }
    (counted, versions)
}
