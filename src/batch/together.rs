//! The bodies of a year side by side: which version of each section is accepted once the rules across agencies have been
//! run. A section that is refused or queried changes nothing; its last accepted version stays.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::board as status;
use super::body::{Checked, Done, Standing, Step, Work};
use super::ledger::Ledger;
use super::spill::Slip;
use super::{Error, parallel};
use crate::board::Board;
use crate::checks::{Gathered, Together};
use crate::counting::{Counting, Worth};
use crate::extract::Return;
use crate::finding::Severity;

/// What was settled of a year.
pub(super) struct Settled {
    /// What was found across agencies.
    pub(super) together: Together,
    /// What stands of each body, in the order in which they were given.
    pub(super) standing: Vec<Standing>,
}

/// A year while its submissions are gone through.
struct Course<'w> {
    work: &'w Work<'w>,
    year: &'w str,
    expected: BTreeSet<String>,
    /// What counts of each body so far.
    counting: Vec<Counting>,
    standing: Vec<Standing>,
    /// The sections of each body that an open question across agencies keeps from being accepted.
    asked: BTreeMap<String, BTreeSet<String>>,
}

impl Course<'_> {
    fn together(&self, bodies: &[Checked<'_>]) -> Together {
        let counted: Vec<_> =
            self.counting.iter().filter(|counting| counting.has_begun()).map(Counting::counted).collect();
        let keys = |(body, stands): (&Checked<'_>, &Standing)| {
            (body.body.clone(), stands.accepted.keys().cloned().collect::<BTreeSet<String>>())
        };
        self.work.checker.together(&Gathered {
            year: self.year.to_owned(),
            as_of: self.work.as_of,
            expected: self.expected.clone(),
            waivers: self.work.waivers,
            bodies: counted.iter().collect(),
            standing: bodies.iter().zip(&self.standing).map(keys).collect(),
        })
    }

    /// Takes a body's next submission. Whether it can change what is asked across agencies.
    fn take(&mut self, at: usize, body: &Checked<'_>, version: usize, step: &Step<'_>) -> Result<bool, Error> {
        let Some(counting) = self.counting.get_mut(at) else { return Ok(false) };
        if step.worth == Worth::Nothing {
            counting.take(version, step.worth, &step.outcomes, &Return::default());
            return Ok(false);
        }
        counting.take(version, step.worth, &step.outcomes, &step.figures(self.work)?);
        let compared = |section: &str| self.work.checker.is_compared(&body.kind, self.year, section);
        // Its explanations and its cover speak about what came before it, too.
        Ok(counting.versions().keys().any(|section| compared(section)))
    }

    /// What is accepted of a body and what is asked of it, as things are now.
    fn stand(&mut self, at: usize, body: &str) {
        let (Some(counting), Some(stands)) = (self.counting.get(at), self.standing.get_mut(at)) else { return };
        let asked = self.asked.get(body);
        let free =
            |section: &String| counting.is_accepted(section) && !asked.is_some_and(|asked| asked.contains(section));
        let accepted = counting.versions().iter().filter(|(section, _)| free(section));
        stands.accepted.extend(accepted.map(|(section, version)| (section.clone(), *version)));
        let asked = counting.came().filter(|(section, _)| !free(section));
        stands.queried = asked.map(|(section, version)| (section.clone(), version)).collect();
    }
}

/// Settles what is accepted of each body. Goes through the submissions in the order in which they came, as the nights on
/// those days did: what two bodies disagree about after the second has come does not take back what was accepted of the
/// first. Each is looked at once, and bodies are set beside one another only where something that is compared has changed.
pub(super) fn settle(work: &Work<'_>, year: &str, bodies: &[Checked<'_>]) -> Result<Settled, Error> {
    // The first of each body on a day, the second of each body on that day, …
    let mut turns: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    for (at, body) in bodies.iter().enumerate() {
        for (version, step) in body.steps.iter().enumerate() {
            turns.entry(step.turn).or_default().push((at, version));
        }
    }
    let mut course = Course {
        work,
        year,
        expected: work.checker.agencies().bodies.iter().map(|body| body.key.clone()).collect(),
        counting: bodies.iter().map(|body| Counting::new(&body.body)).collect(),
        standing: vec![Standing::default(); bodies.len()],
        asked: BTreeMap::new(),
    };
    let mut together = Together::default();
    let last = turns.last_key_value().map(|(turn, _)| *turn);
    for (turn, new) in turns {
        let mut compared = false;
        let mut moved: BTreeSet<usize> = BTreeSet::new();
        for (at, version) in new {
            if let Some((body, step)) = bodies.get(at).and_then(|body| Some((body, body.steps.get(version)?))) {
                // What the one before it was asked while it was the latest.
                if let (Some(latest), Some(stands)) = (version.checked_sub(1), course.standing.get_mut(at)) {
                    let mut found = together.seen_by(&body.body);
                    found.retain(|finding| finding.severity > Severity::Note);
                    if !found.is_empty() {
                        stands.asked.insert(latest, found);
                    }
                }
                compared |= course.take(at, body, version, step)?;
                moved.insert(at);
            }
        }
        if compared || Some(turn) == last {
            together = course.together(bodies);
            let asked = together.asked();
            let other = |body: &Checked<'_>| asked.get(&body.body) != course.asked.get(&body.body);
            moved.extend(bodies.iter().enumerate().filter(|(_, body)| other(body)).map(|(at, _)| at));
            course.asked = asked;
        }
        for at in moved {
            course.stand(at, bodies.get(at).map_or("", |body| &body.body));
        }
    }
    Ok(Settled { together, standing: course.standing })
}

/// Asks the latest submission of each body what was found across agencies.
pub(super) fn tell(
    work: &Work<'_>,
    year: &str,
    threads: usize,
    bodies: &mut [Checked<'_>],
    settled: &Settled,
) -> Result<(), Error> {
    let both: Vec<_> = bodies.iter().zip(&settled.standing).collect();
    let told = parallel::try_each(threads, &both, |(body, standing)| {
        let latest = body.steps.last();
        latest.map_or(Ok(None), |step| step.told(work, year, &settled.together, standing, &body.answered))
    })?;
    for (body, told) in bodies.iter_mut().zip(told) {
        if let (Some(step), Some(told)) = (body.steps.last_mut(), told) {
            *step = told;
        }
    }
    Ok(())
}

/// The board of a year that is settled.
pub(super) fn board(
    work: &Work<'_>,
    ledger: &Ledger<'_>,
    year: &str,
    checked: &[Checked<'_>],
    settled: &Settled,
    done: &[Done],
    last: &BTreeMap<String, Slip>,
) -> Result<Board, Error> {
    let recall = |slip: Option<&Slip>| slip.map(|slip| work.spill.recall::<Return>(*slip)).transpose();
    let released: Vec<(Option<Return>, Option<Return>)> = checked
        .iter()
        .zip(done)
        .map(|(body, done)| Ok((recall(done.accepted.as_ref())?, recall(last.get(&body.body))?)))
        .collect::<Result<_, Error>>()?;
    let parts = checked.iter().zip(&released).zip(settled.standing.iter().zip(done));
    let parts: Vec<status::Part<'_>> = parts
        .map(|((body, (accepted, last)), (standing, done))| status::Part {
            body: &body.body,
            handled: done.handled.iter().collect(),
            standing,
            accepted: accepted.as_ref(),
            last: last.as_ref(),
            figures: done.records.1,
            said: ledger.said(year, &body.body, work.as_of),
        })
        .collect();
    let steps: BTreeMap<&str, &[Step<'_>]> =
        checked.iter().map(|body| (body.body.as_str(), body.steps.as_slice())).collect();
    let failed = RefCell::new(None);
    let board = status::board(&status::Settled {
        work,
        year,
        bodies: &parts,
        together: &settled.together,
        report: &|body, at, look| match steps.get(body).and_then(|steps| steps.get(at)).map(|step| step.report(work)) {
            Some(Ok(report)) => look(&report),
            Some(Err(error)) => *failed.borrow_mut() = Some(error),
            None => {}
        },
    });
    failed.into_inner().map_or(Ok(board), Err)
}
