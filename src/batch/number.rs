//! Files of one body that carry the same submission number: the later one counts, unless the board manager says which.

use super::body::{Seen, Work};
use crate::cell::Pointer;
use crate::extract::{Counts, Decision, SameNumber, Waiver, fold};
use crate::finding::{Finding, Reach, Severity};

/// So much of a file's hash names it as surely as its name does.
const HASH: usize = 8;

/// The rule that asks which of two files counts.
const RULE: &str = "CMP-09";

/// The submissions of a body for a year in the order in which they count, each with what there is to say of its number.
/// The one that was decided for comes last of its number, and nothing of the others is used.
pub(super) fn order<'s>(
    work: &Work<'_>,
    year: &str,
    body: &str,
    seen: &[&'s Seen],
) -> Vec<(&'s Seen, Option<SameNumber>)> {
    let id = id(year, body);
    let decided: Vec<&Waiver> = work
        .waivers
        .iter()
        .filter(|w| w.decision == Decision::Use && w.id == id && !w.has_expired(work.as_of))
        .collect();
    let mut out: Vec<(&'s Seen, Option<SameNumber>)> = Vec::new();
    let numbered: Vec<&Seen> = seen.iter().copied().filter(|s| s.number().is_some()).collect();
    for group in numbered.chunk_by(|a, b| a.number() == b.number()) {
        // Later lines win; one that names no file of this number says nothing about it.
        let named = decided.iter().rev().find_map(|w| Some((w, group.iter().position(|s| names(work, s, &w.state))?)));
        let Some((waiver, chosen)) = named.filter(|_| group.len() > 1) else {
            let mut before: Option<&Seen> = None;
            for now in group.iter().copied() {
                let other = before.map(|other| SameNumber { other: called(work, other), counts: Counts::Later });
                out.push((now, other));
                before = Some(now);
            }
            continue;
        };
        let (chosen, others): (Vec<_>, Vec<_>) = group.iter().enumerate().partition(|(at, _)| *at == chosen);
        for (_, now) in &others {
            let other = chosen.first().map(|(_, chosen)| called(work, chosen)).unwrap_or_default();
            let counts = Counts::Other(waiver.reason.clone());
            out.push((now, Some(SameNumber { other, counts })));
        }
        for (_, now) in chosen {
            let other = others.last().map(|(_, other)| called(work, other)).unwrap_or_default();
            out.push((now, Some(SameNumber { other, counts: Counts::This(waiver.reason.clone()) })));
        }
    }
    // One without a number that can be read is the same as no other, and keeps its place.
    for (at, now) in seen.iter().copied().enumerate().filter(|(_, s)| s.number().is_none()) {
        out.insert(at, (now, None));
    }
    out
}

/// The id of the question which of two files counts, of a body in a year.
pub(super) fn id(year: &str, body: &str) -> String {
    Finding::new(RULE, Severity::Query, Pointer::section("file"), Reach::Explanation, "").id(year, body)
}

/// Whether a decision names this file: by its name, by what it is called in the outbox, or by the start of its hash.
pub(super) fn names(work: &Work<'_>, seen: &Seen, text: &str) -> bool {
    let hash = text.trim().to_lowercase();
    let by_hash = hash.len() >= HASH && seen.file.sha256.starts_with(&hash);
    by_hash || fold(text) == fold(&seen.file.name) || fold(text) == fold(&called(work, seen))
}

fn called(work: &Work<'_>, seen: &Seen) -> String {
    work.names.shown(&seen.file)
}
