//! Holds the board manager's decisions against what was found in each year, so that one that decides nothing is said.

use std::collections::BTreeSet;

use super::Error;
use super::body::{Checked, Standing, Work};
use super::together::Settled;
use crate::handled::Asked;
use crate::rot::{Question, Rot};

/// Adds to a year what is amiss with the decisions about it.
pub(super) fn weigh(
    rot: &mut Rot<'_>,
    work: &Work<'_>,
    year: &str,
    newest: bool,
    bodies: &[Checked<'_>],
    settled: &mut Settled,
) -> Result<(), Error> {
    let decided: BTreeSet<&str> = work.waivers.iter().map(|waiver| waiver.id.as_str()).collect();
    let mut asked: Vec<(&str, bool, Asked)> = Vec::new();
    for (body, standing) in bodies.iter().zip(&settled.standing).filter(|_| !decided.is_empty()) {
        let agencies = work.checker.agencies();
        let title = agencies.bodies.iter().find(|b| b.key == body.body).map_or(body.body.as_str(), |b| &b.title);
        for (version, step) in body.steps.iter().enumerate() {
            // Only what something was decided about: there may be many submissions.
            let about = step.handled(work)?.asked.into_iter().filter(|asked| decided.contains(asked.id.as_str()));
            asked.extend(about.map(|asked| {
                let stands = version + 1 == body.steps.len() || stands(standing, version, &asked);
                (title, stands, asked)
            }));
        }
    }
    let questions: Vec<Question<'_>> =
        asked.iter().map(|(body, stands, asked)| Question { year, body, stands: *stands, asked }).collect();
    rot.year(&questions, newest, &mut settled.together);
    Ok(())
}

/// Whether what counts of a section rests on this submission; of what is about the file, any section.
fn stands(standing: &Standing, version: usize, asked: &Asked) -> bool {
    let mut versions = standing.accepted.iter().chain(&standing.queried);
    let sections = ["file", "cover", "return", "workbook"];
    versions.any(|(section, at)| {
        *at == version && (*section == asked.section || sections.contains(&asked.section.as_str()))
    })
}
