//! What the year as a whole still lacks: sections that are owed, statutory partners of whom nothing is accepted, aims of
//! the report without evidence. Found once the deadline has passed; before it, the board shows what is owed.

use std::collections::BTreeSet;

use super::together::{Compared, Counted, Gathered, Together};
use crate::cell::Pointer;
use crate::finding::{Across, Check, Verdict};
use crate::schema::Schemas;

/// The rules about a year as a whole: no single return can be held against them.
pub(super) const YEAR: [&str; 3] = ["CMP-01", "CMP-07", "CMP-08"];

/// Holds the year against them.
pub(super) fn year(gathered: &Gathered<'_>, schemas: &Schemas, together: &mut Together) {
    let deadline = schemas.agencies.years.get(&gathered.year).map(|year| year.deadline);
    let Some(deadline) = deadline.filter(|day| gathered.as_of > *day) else {
        let why = deadline.map_or("there is no deadline for this year".to_owned(), |day| {
            format!("wait for the deadline, {}", day.format("%-d %B %Y"))
        });
        for rule in YEAR {
            account(together, rule, Pointer::section("year"), Verdict::NotRun(why.clone()));
        }
        return;
    };
    sections(gathered, schemas, together);
    let asked = together.asked();
    let accepted = |counted: &Counted<'_>| -> BTreeSet<String> {
        let asked = asked.get(&counted.body);
        let free = counted.accepted.iter().filter(|section| !asked.is_some_and(|asked| asked.contains(*section)));
        let standing = gathered.standing.get(&counted.body).into_iter().flatten();
        free.chain(standing).cloned().collect()
    };
    let accepted: Vec<(&str, BTreeSet<String>)> =
        gathered.bodies.iter().map(|counted| (counted.body.as_str(), accepted(counted))).collect();
    let day = deadline.format("%-d %B %Y").to_string();
    partners(gathered, &accepted, &day, schemas, together);
    aims(gathered, &accepted, schemas, together);
}

/// CMP-01: each section that is owed has come, if only to be queried, or is declared nil.
fn sections(gathered: &Gathered<'_>, schemas: &Schemas, together: &mut Together) {
    for body in schemas.agencies.bodies.iter().filter(|b| gathered.expected.contains(&b.key)) {
        let kind = schemas.agencies.kinds.iter().find(|k| k.key == body.kind);
        let counted = gathered.of(&body.key);
        for key in kind.into_iter().flat_map(|k| &k.sections).filter(|(_, owed)| **owed).map(|(key, _)| key) {
            let at = Pointer::section(key).child(&body.key);
            if counted.is_some_and(|c| c.holds(key) || c.is_nil(key)) {
                account(together, "CMP-01", at, Verdict::Held);
                continue;
            }
            let title = schemas.section_title(key).unwrap_or(key);
            let message = format!("Still missing: {title}, from {}.", body.title);
            found(together, schemas, "CMP-01", at, message);
        }
    }
}

/// CMP-07: something is accepted of each statutory partner.
fn partners(
    gathered: &Gathered<'_>,
    accepted: &[(&str, BTreeSet<String>)],
    deadline: &str,
    schemas: &Schemas,
    together: &mut Together,
) {
    let statutory = |kind: &str| schemas.agencies.kinds.iter().any(|k| k.key == kind && k.statutory);
    let expected = schemas.agencies.bodies.iter().filter(|b| gathered.expected.contains(&b.key));
    let mut any = false;
    for body in expected.filter(|b| statutory(&b.kind)) {
        any = true;
        let at = Pointer::section("year").child(&body.key);
        if accepted.iter().any(|(key, sections)| *key == body.key && !sections.is_empty()) {
            account(together, "CMP-07", at, Verdict::Held);
            continue;
        }
        let returned = gathered.of(&body.key).is_some_and(|c| c.figures.sheets.keys().any(|key| key != "cover"));
        let what = if returned { "nothing of what it returned is accepted" } else { "nothing has come from it" };
        let message = format!(
            "{} is one of the three statutory partners, and {what}; the deadline was {deadline}. The report cannot go forward.",
            body.title
        );
        found(together, schemas, "CMP-07", at, message);
    }
    if !any {
        let why = "no statutory partner is expected".to_owned();
        account(together, "CMP-07", Pointer::section("year"), Verdict::NotApplicable(why));
    }
}

/// CMP-08: each aim of the report has a section that is accepted of somebody.
fn aims(gathered: &Gathered<'_>, accepted: &[(&str, BTreeSet<String>)], schemas: &Schemas, together: &mut Together) {
    let kinds: BTreeSet<&str> = gathered.bodies.iter().map(|c| c.figures.kind.as_str()).collect();
    let forms: Vec<_> = kinds.iter().filter_map(|kind| schemas.form(kind, &gathered.year)).collect();
    let serves = |key: &str, aim: &str| {
        forms.iter().any(|form| form.section(key).is_some_and(|s| s.aims.iter().any(|a| a == aim)))
    };
    for (aim, words) in schemas.aims() {
        let at = Pointer::section("aim").child(aim);
        if accepted.iter().any(|(_, sections)| sections.iter().any(|key| serves(key, aim))) {
            account(together, "CMP-08", at, Verdict::Held);
        } else {
            found(together, schemas, "CMP-08", at, format!("Nothing has been accepted under “{words}”."));
        }
    }
}

fn account(together: &mut Together, rule: &str, at: Pointer, verdict: Verdict) {
    together.checks.push(Compared { check: Check { rule: rule.into(), at, verdict }, bodies: BTreeSet::new() });
}

fn found(together: &mut Together, schemas: &Schemas, rule: &str, at: Pointer, message: String) {
    let Some(entry) = schemas.entry(rule) else { return };
    account(together, rule, at.clone(), Verdict::Failed);
    together.findings.push(Across {
        rule: rule.into(),
        severity: entry.severity,
        at,
        message,
        help: entry.help.clone(),
        sides: Vec::new(),
        compared: None,
        difference: None,
    });
}
