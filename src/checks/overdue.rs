//! What came or was left open after its day: a return after the deadline (CMP-02), questions that nobody answered by the
//! deadline for answers (CMP-11).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::cell::Pointer;
use crate::extract::{Context, Return};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::{Form, Schemas};

/// So many questions are named at their places.
const NAMED: usize = 12;

fn said(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// Working days after one day, up to another.
#[must_use]
pub fn working_days(after: NaiveDate, until: NaiveDate, holidays: &[NaiveDate]) -> usize {
    let days = after.iter_days().skip(1).take_while(|day| *day <= until);
    days.filter(|d| !matches!(d.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(d)).count()
}

/// A return that came after the deadline; once the draft of the report is closed it is a question whether it still counts.
pub(super) fn late(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let at = Pointer::section("cover").child("received");
    let Some(year) = schemas.agencies.years.get(&figures.year) else { return };
    let Some(received) = context.received else {
        let why = "need the day on which the file was received".to_owned();
        return findings.account("CMP-02", at, Verdict::NotRun(why));
    };
    let days = if received > year.deadline { working_days(year.deadline, received, &schemas.holidays) } else { 0 };
    if days == 0 {
        return findings.account("CMP-02", at, Verdict::Held);
    }
    let noun = if days == 1 { "day" } else { "days" };
    let due = format!("it was due by {} and came on {}", said(year.deadline), said(received));
    let frozen = year.draft_frozen.filter(|frozen| received >= *frozen);
    let (severity, message, help) = match frozen {
        None => {
            let help = schemas.entry("CMP-02").map(|e| e.help.clone()).unwrap_or_default();
            (Severity::Note, format!("Returned {days} working {noun} late: {due}."), help)
        }
        Some(frozen) => (
            Severity::Query,
            format!(
                "Returned {days} working {noun} late: {due}. The draft of the report was closed on {}.",
                said(frozen)
            ),
            "Explain on the Explanations sheet why it came so late; the partnership decides whether it can still be used."
                .to_owned(),
        ),
    };
    let mut found = Finding::new("CMP-02", severity, at.clone(), Reach::section("cover"), message).with_help(help);
    found = found.with_label(Place::File, format!("came on {}", said(received)));
    found.state.push((at.clone(), said(received)));
    findings.add(found);
    findings.account("CMP-02", at, Verdict::Failed);
}

/// Questions that were still open when the deadline for answers had passed: one error for each section, which names them.
pub(super) fn unanswered(figures: &Return, form: &Form, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let Some(year) = schemas.agencies.years.get(&figures.year) else { return };
    let everywhere = Pointer::section("return");
    if context.as_of <= year.query_deadline {
        let why = "the deadline for answers has not passed".to_owned();
        return findings.account("CMP-11", everywhere, Verdict::NotApplicable(why));
    }
    // Nobody could have answered in time what was first asked after the deadline; that it came late is CMP-02's.
    if context.received.is_some_and(|received| received > year.query_deadline) {
        let why = "the return came after the deadline for answers".to_owned();
        return findings.account("CMP-11", everywhere, Verdict::NotApplicable(why));
    }
    let mut open: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.list().iter().enumerate() {
        let counts = finding.reach != Reach::Explanation;
        if finding.severity == Severity::Query && finding.is_open() && counts {
            let key = finding.section();
            let key = if form.section(&key).is_some() { key } else { "cover".to_owned() };
            open.entry(key).or_default().push(index);
        }
    }
    if open.is_empty() {
        return findings.account("CMP-11", everywhere, Verdict::Held);
    }
    for (key, questions) in open {
        let at = Pointer::section(&key);
        let title = schemas.section_title(&key).unwrap_or(&key);
        let (noun, verb) = if questions.len() == 1 { ("question", "has") } else { ("questions", "have") };
        let message = format!(
            "{} {noun} about “{title}” {verb} not been answered, and answers were due by {}.",
            questions.len(),
            said(year.query_deadline)
        );
        let help = schemas.entry("CMP-11").map(|e| e.help.clone()).unwrap_or_default();
        let mut error =
            Finding::new("CMP-11", Severity::Error, at.clone(), Reach::section(&key), message).with_help(help);
        for question in questions.iter().filter_map(|i| findings.list().get(*i)) {
            let id = question.id(&figures.year, &figures.body);
            error.state.push((question.at.clone(), format!("{} {id}", question.rule)));
            if error.labels.len() < NAMED {
                let place = question.labels.first().map_or(Place::File, |label| label.place.clone());
                error = error.with_label(place, format!("question {id} ({}) is open", question.rule));
            }
        }
        findings.add(error);
        findings.account("CMP-11", at, Verdict::Failed);
    }
}
