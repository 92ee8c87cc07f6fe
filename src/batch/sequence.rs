//! The submissions of one body for one year checked one after another, each with what those before it left, and looked at
//! again where a later one answers what it was asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::body::{Checked, Seen, Step, Work};
use super::{Error, number};
use crate::before::Before;
use crate::extract::{Context, Return};
use crate::handled::Asked;
use crate::report::Outcome;

/// Checks the submissions of one body for one year, already in their order.
pub(super) fn check<'s>(
    work: &Work<'_>,
    year: &str,
    kind: &str,
    seen: &[&'s Seen],
    last: Option<&Return>,
) -> Result<Checked<'s>, Error> {
    let body = seen.first().map_or_else(String::new, |s| s.body.clone());
    let mut steps: Vec<Step<'s>> = Vec::new();
    let mut before = Before::default();
    let mut waiting: Vec<Waiting> = Vec::new();
    let order = number::order(work, year, &body, seen);
    let submissions = order.len();
    for (now, same_number) in order {
        let context =
            Context { last: last.cloned(), same_number, closed_too: true, ..work.context(&body, now.received) };
        let context = before.context(context);
        let report = work.check(now, year, &context)?;
        let new: BTreeSet<&str> = report.not_refused().collect();
        for waits in &mut waiting {
            waits.about.retain(|section| !new.contains(section.as_str()));
        }
        waiting.retain(|waits| !waits.about.is_empty());
        let mut settled = Vec::new();
        if report.explains() {
            let memory = Arc::new(before.remember(&report));
            for waits in &mut waiting {
                waits.context.later.push(Arc::clone(&memory));
                settled.extend(settle(work, year, waits, &mut steps, &mut before)?);
            }
        }
        let queried = report.sections.iter().filter(|s| !report.private && s.outcome == Outcome::Queried);
        let about: BTreeSet<String> = queried.map(|s| s.section.clone()).collect();
        // Nothing comes after the last.
        if steps.len() + 1 < submissions {
            before.take(&report);
            if !about.is_empty() {
                waiting.push(Waiting { at: steps.len(), about, context });
            }
        }
        steps.push(Step::new(work, year, now, report, settled, steps.last())?);
    }
    let answered = last.map(|last| last.answered.clone()).unwrap_or_default();
    Ok(Checked { body, kind: kind.to_owned(), steps, answered })
}

/// A submission with open questions about sections of which no later version counts: an answer may come in another file.
struct Waiting {
    /// Its position.
    at: usize,
    /// The sections.
    about: BTreeSet<String>,
    /// What it was checked with.
    context: Context,
}

/// Looks at a submission again, with explanations that came after it: what they have answered.
fn settle(
    work: &Work<'_>,
    year: &str,
    waits: &mut Waiting,
    steps: &mut [Step<'_>],
    before: &mut Before,
) -> Result<Vec<Asked>, Error> {
    let Some(step) = steps.get_mut(waits.at) else { return Ok(Vec::new()) };
    let open: BTreeSet<String> = step.handled(work)?.open().map(|asked| asked.id.clone()).collect();
    let report = work.look(step.seen, year, &waits.context)?;
    // If the program fails over it now, what was found the first time stands.
    if report.sections.len() != step.outcomes.len() {
        return Ok(Vec::new());
    }
    before.answer(&report, &waits.about);
    *step = step.answered(work, year, report, &waits.about)?;
    waits.about.retain(|section| step.outcomes.iter().any(|(key, now)| key == section && *now == Outcome::Queried));
    let asked = step.handled(work)?.asked;
    Ok(asked.into_iter().filter(|asked| !asked.open && open.contains(&asked.id)).collect())
}
