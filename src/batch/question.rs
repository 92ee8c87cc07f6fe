//! What is asked of each body and still open, since when, and what has been answered: for the board.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::board::{Part, Settled};
use crate::board::{Answered, Open, Stand};
use crate::extract::Decision;
use crate::finding::{Across, Answer, Finding};
use crate::handled::{Asked, Handled};
use crate::report::Outcome;

/// What is open, and what has been answered, body by body in the order of the year.
pub(super) fn questions(settled: &Settled<'_>) -> (Vec<Open>, Vec<Answered>) {
    let (mut open, mut answers) = (Vec::new(), Vec::new());
    for part in settled.bodies {
        let across: Vec<(&Across, Finding)> =
            settled.together.findings.iter().filter_map(|found| Some((found, found.seen_by(part.body)?))).collect();
        let id = |finding: &Finding| finding.id(settled.year, part.body);
        let ids: BTreeSet<String> = across.iter().map(|(_, finding)| id(finding)).collect();
        for (at, asked) in asked(part).into_iter().filter(|(_, asked)| !ids.contains(&asked.id)) {
            answers.extend(answered(settled, part.body, asked, asked.answer.as_ref()));
            if asked.open {
                open.push(still(part.body, asked, since(part, at, asked), false));
            }
        }
        for (found, finding) in &across {
            let asked = told(settled, part, finding, &id(finding));
            answers.extend(answered(settled, part.body, &asked, finding.answer.as_ref()));
            if finding.is_open() {
                open.push(still(part.body, &asked, both_there(settled, found), true));
            }
        }
    }
    (open, answers)
}

/// What each section's latest version is asked, and what the latest submission is asked about itself; with the position of
/// that submission.
fn asked<'p>(part: &'p Part<'_>) -> Vec<(usize, &'p Asked)> {
    // The latest submission that holds each section; `None` where all of them are set aside for personal data.
    let mut holders: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (at, handled) in part.handled.iter().enumerate() {
        for told in &handled.sections {
            let holder = holders.entry(told.section.as_str()).or_default();
            *holder = if handled.private { *holder } else { Some(at) };
        }
    }
    let latest = part.handled.len().saturating_sub(1);
    let wanted: BTreeSet<usize> = holders.values().flatten().copied().chain([latest]).collect();
    let mut out = Vec::new();
    for at in wanted {
        let Some(handled) = part.handled.get(at) else { continue };
        let own = handled.asked.iter().filter(|asked| match holders.get(asked.section.as_str()) {
            Some(holder) if !handled.private => *holder == Some(at),
            // A question about the file goes with the file, unless a section of it still waits for the answer.
            None if !handled.private => {
                at == latest || waits(handled, |section| holders.get(section) == Some(&Some(at)))
            }
            // What is asked of a file with personal data goes with it.
            Some(_) | None => at == latest,
        });
        out.extend(own.map(|asked| (at, asked)));
    }
    out
}

/// Whether one of the sections of a submission that still stand is not accepted.
fn waits(handled: &Handled, stands: impl Fn(&str) -> bool) -> bool {
    handled.sections.iter().any(|told| told.outcome != Outcome::Accepted && stands(&told.section))
}

/// The day on which a question was first put: the first of the consecutive submissions in which it was open. One that did
/// not hold the section left it open.
fn since(part: &Part<'_>, at: usize, asked: &Asked) -> NaiveDate {
    let received = |handled: &Handled| handled.received;
    let mut since = part.handled.get(at).map(|handled| received(handled)).unwrap_or_default();
    let holds = |handled: &Handled| handled.sections.iter().any(|told| told.section == asked.section);
    let anywhere = part.handled.iter().any(|handled| holds(handled));
    for earlier in part.handled.iter().take(at).rev() {
        if earlier.private || (anywhere && !holds(earlier)) {
            continue;
        }
        if !earlier.open().any(|other| other.id == asked.id) {
            break;
        }
        since = since.min(received(earlier));
    }
    since
}

/// The day on which all sides of a question across agencies were there.
fn both_there(settled: &Settled<'_>, found: &Across) -> NaiveDate {
    let came = found.sides.iter().filter_map(|side| {
        let part = settled.part(&side.body)?;
        let sections = side.sections();
        let days = sections.iter().flat_map(|section| part.holding(section)).map(|(_, handled)| handled.received);
        days.min()
    });
    came.max().unwrap_or(settled.work.as_of)
}

/// A question across agencies as this body was told, in its latest submission or, where that could not be told, made anew.
fn told(settled: &Settled<'_>, part: &Part<'_>, finding: &Finding, id: &str) -> Asked {
    let told = part.handled.last().and_then(|handled| handled.asked.iter().find(|asked| asked.id == *id));
    told.cloned().unwrap_or_else(|| Asked {
        id: id.to_owned(),
        rule: finding.rule.to_string(),
        title: settled.work.checker.rule_title(finding.rule.as_str()),
        severity: finding.severity,
        section: finding.section(),
        message: finding.message.clone(),
        place: String::new(),
        address: String::new(),
        state: crate::checks::state(finding),
        answer: finding.answer.clone(),
        open: finding.is_open(),
    })
}

fn still(body: &str, asked: &Asked, since: NaiveDate, across: bool) -> Open {
    Open {
        id: asked.id.clone(),
        body: body.to_owned(),
        section: asked.section.clone(),
        rule: asked.rule.clone(),
        title: asked.title.clone(),
        severity: asked.severity,
        message: asked.message.clone(),
        state: Some(asked.state.clone()),
        place: asked.place.clone(),
        since,
        across,
    }
}

fn answered(settled: &Settled<'_>, body: &str, asked: &Asked, answer: Option<&Answer>) -> Option<Answered> {
    let (stand, words) = Stand::of(answer?);
    let decision = match stand {
        Stand::Waived => Some(Decision::Waive),
        Stand::Accepted => Some(Decision::Accept),
        Stand::SentBack => Some(Decision::Reopen),
        Stand::Unread | Stand::Reopened => None,
    };
    // Of several decisions about one finding the one that counts longest.
    let decided =
        settled.work.waivers.iter().filter(|waiver| waiver.id == asked.id && Some(waiver.decision) == decision);
    let by_end: BTreeMap<Option<NaiveDate>, &str> =
        decided.map(|waiver| (waiver.expires, waiver.role.as_str())).collect();
    let longest = by_end.get_key_value(&None).or_else(|| by_end.last_key_value());
    Some(Answered {
        id: asked.id.clone(),
        body: body.to_owned(),
        section: asked.section.clone(),
        rule: asked.rule.clone(),
        title: asked.title.clone(),
        severity: asked.severity,
        message: asked.message.clone(),
        state: Some(asked.state.clone()),
        stand,
        words,
        place: asked.place.clone(),
        role: longest.map(|(_, role)| (*role).to_owned()).unwrap_or_default(),
        expires: longest.and_then(|(expires, _)| *expires),
    })
}
