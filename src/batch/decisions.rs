//! Holds the board manager's decisions against what was found in each year, so that one that decides nothing is said.

use super::body::{Checked, Standing, Work};
use super::together::Settled;
use crate::handled::{Asked, Handled};
use crate::rot::{Question, Rot};

/// Adds to a year what is amiss with the decisions about it.
pub(super) fn weigh(
    rot: &mut Rot<'_>,
    work: &Work<'_>,
    year: &str,
    newest: bool,
    bodies: &[Checked<'_>],
    settled: &mut Settled,
) {
    if work.waivers.is_empty() {
        return rot.year(&[], newest, &mut settled.together);
    }
    let handled: Vec<Vec<Handled>> = bodies.iter().map(Checked::handled).collect();
    let mut questions = Vec::new();
    for ((body, handled), standing) in bodies.iter().zip(&handled).zip(&settled.standing) {
        let agencies = work.checker.agencies();
        let title = agencies.bodies.iter().find(|b| b.key == body.body).map_or(body.body.as_str(), |b| &b.title);
        for (version, handled) in handled.iter().enumerate() {
            questions.extend(handled.asked.iter().map(|asked| Question {
                year,
                body: title,
                stands: version + 1 == body.steps.len() || stands(standing, version, asked),
                asked,
            }));
        }
    }
    rot.year(&questions, newest, &mut settled.together);
}

/// Whether what counts of a section rests on this submission; of what is about the file, any section.
fn stands(standing: &Standing, version: usize, asked: &Asked) -> bool {
    let mut versions = standing.accepted.iter().chain(&standing.queried);
    let sections = ["file", "cover", "return", "workbook"];
    versions.any(|(section, at)| {
        *at == version && (*section == asked.section || sections.contains(&asked.section.as_str()))
    })
}
