//! The bodies of a year side by side: which version of each section is accepted once the rules across agencies have been
//! run. A section that is refused or queried changes nothing; its last accepted version stays.

use std::collections::{BTreeMap, BTreeSet};

use super::board as status;
use super::body::{Checked, Done, Standing, Work};
use super::ledger::Ledger;
use crate::board::{self, Board, Versions};
use crate::checks::{Counted, Gathered, Together, suggest};
use crate::extract::Return;
use crate::handled::Handled;
use crate::report::{Outcome, Report};

/// What was settled of a year.
pub(super) struct Settled {
    /// What was found across agencies.
    pub(super) together: Together,
    /// What stands of each body, in the order in which they were given.
    pub(super) standing: Vec<Standing>,
}

/// What counts of a body once so many of its submissions are there.
struct Stage<'a> {
    there: usize,
    counted: Counted<'a>,
    /// Where the version of each section that counts stands.
    versions: Versions,
    /// Likewise, unless the latest word on the section is a refusal.
    came: Versions,
}

impl<'a> Stage<'a> {
    fn of(body: &'a Checked<'_>, there: usize) -> Self {
        let reports: Vec<&Report> = body.steps.iter().take(there).map(|step| &step.report).collect();
        let (counted, versions) = board::counted(&body.body, &reports);
        let mut came = versions.clone();
        for section in reports.iter().filter(|report| !report.private).flat_map(|report| &report.sections) {
            let last = reports.iter().rev().find_map(|r| r.sections.iter().find(|s| s.section == section.section));
            if last.is_some_and(|last| last.outcome == Outcome::Refused) {
                came.remove(&section.section);
            }
        }
        Self { there, counted, versions, came }
    }
}

/// Goes through the submissions in the order in which they came, as the nights on those days did: what two bodies
/// disagree about after the second has come does not take back what was accepted of the first.
fn stages(work: &Work<'_>, year: &str, bodies: &[Checked<'_>]) -> Settled {
    // The first of each body on a day, the second of each body on that day, …
    let turn = |body: &Checked<'_>, index: usize| {
        let day = body.steps.get(index).map(|step| step.day);
        (day, body.steps.iter().take(index).filter(|step| Some(step.day) == day).count())
    };
    let turns: BTreeSet<_> = bodies.iter().flat_map(|b| (0..b.steps.len()).map(|index| turn(b, index))).collect();
    let mut stages: Vec<Stage<'_>> = bodies.iter().map(|body| Stage::of(body, 0)).collect();
    let mut standing = vec![Standing::default(); bodies.len()];
    let mut together = Together::default();
    for now in turns {
        for ((body, stage), stands) in bodies.iter().zip(&mut stages).zip(&mut standing) {
            let there = (0..body.steps.len()).take_while(|index| turn(body, *index) <= now).count();
            if there != stage.there {
                if let Some(latest) = stage.there.checked_sub(1) {
                    stands.asked.insert(latest, together.seen_by(&body.body));
                }
                *stage = Stage::of(body, there);
            }
        }
        let keys = |(body, stands): (&Checked<'_>, &Standing)| {
            (body.body.clone(), stands.accepted.keys().cloned().collect::<BTreeSet<String>>())
        };
        together = work.checker.together(&Gathered {
            year: year.to_owned(),
            as_of: work.as_of,
            expected: work.checker.agencies().bodies.iter().map(|body| body.key.clone()).collect(),
            waivers: work.waivers,
            bodies: stages.iter().filter(|stage| stage.there > 0).map(|stage| &stage.counted).collect(),
            standing: bodies.iter().zip(&standing).map(keys).collect(),
        });
        for ((body, stage), stands) in bodies.iter().zip(&stages).zip(&mut standing) {
            let asked = together.queried(&body.body);
            let free = |section: &String| stage.counted.accepted.contains(section) && !asked.contains(section);
            let accepted = stage.versions.iter().filter(|(section, _)| free(section));
            stands.accepted.extend(accepted.map(|(section, version)| (section.clone(), *version)));
            let asked = stage.came.iter().filter(|(section, _)| !free(section));
            stands.queried = asked.map(|(section, version)| (section.clone(), *version)).collect();
        }
    }
    Settled { together, standing }
}

/// Settles what is accepted of each body, and tells each of its own side.
pub(super) fn settle(work: &Work<'_>, year: &str, bodies: &mut [Checked<'_>]) -> Settled {
    let settled = stages(work, year, bodies);
    let together = &settled.together;
    for (body, standing) in bodies.iter_mut().zip(&settled.standing) {
        let (found, checks) = (together.seen_by(&body.body), together.account_of(&body.body));
        // What could not be read at all, or holds personal data, has to be put right before anything else is asked.
        let latest = body.steps.last_mut().map(|step| &mut step.report);
        if let Some(report) = latest.filter(|report| !report.private && !report.sections.is_empty()) {
            report.ask(found, checks, |rule| work.checker.rule_title(rule));
            suggest(&mut report.findings, &body.answered);
            // What a submission before it brought is not owed any more.
            report.owed.retain(|key, _| !standing.accepted.contains_key(key) && !standing.queried.contains_key(key));
        }
    }
    settled
}

/// The board of a year that is settled.
pub(super) fn board(
    work: &Work<'_>,
    ledger: &Ledger<'_>,
    year: &str,
    checked: &[Checked<'_>],
    settled: &Settled,
    done: &[Done],
    last: &BTreeMap<String, Return>,
) -> Board {
    let handled: Vec<Vec<Handled>> = checked
        .iter()
        .map(|body| body.steps.iter().map(|step| Handled::of(&step.report, step.seen.received)).collect())
        .collect();
    let parts = checked.iter().zip(&handled).zip(settled.standing.iter().zip(done));
    let parts: Vec<status::Part<'_>> = parts
        .map(|((body, handled), (standing, done))| status::Part {
            body: &body.body,
            handled: handled.iter().collect(),
            standing,
            accepted: done.accepted.as_ref(),
            last: last.get(&body.body),
            figures: done.records.len(),
            said: ledger.said(year, &body.body, work.as_of),
        })
        .collect();
    status::board(&status::Settled {
        work,
        year,
        bodies: &parts,
        together: &settled.together,
        report: &|body, at, look| {
            let steps = checked.iter().find(|checked| checked.body == body).map(|checked| &checked.steps);
            if let Some(step) = steps.and_then(|steps| steps.get(at)) {
                look(&step.report);
            }
        },
    })
}
