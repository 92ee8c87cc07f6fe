//! Each figure against its section's schema. The schema says what is wrong; here it is said in plain English, at its
//! cell, once: an unreadable figure is not also called missing. Relations between figures are left to `within`.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::account::Said;
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure, Marker, format_number, format_plain};
use crate::finding::{self, Finding, Findings, Reach, Severity};
use crate::schema::model::{Kind, Measure, Section};
use crate::schema::{Form, Schemas};

/// Figures of one section against its schema.
pub(super) fn section(figures: &Return, form: &Form, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    let mut spoken: BTreeSet<Pointer> = findings.list().iter().map(|f| f.at.clone()).collect();
    let document = figures.bare(section, |figure| figure.fault.is_none() && !figure.computed);
    let Some(validator) = form.validator(&section.key) else { return };
    for error in validator.iter_errors(&document) {
        let mut place = pointer(figures, section, error.instance_path().iter().map(|s| s.to_string()));
        if let ValidationErrorKind::Required { property } = error.kind() {
            place = place.child(property.as_str().unwrap_or_default());
        }
        if covered(figures, &spoken, &place) {
            continue;
        }
        let found = speak(figures, section, schemas, &place, error.kind());
        spoken.insert(place);
        findings.add(found);
    }
    let here = Pointer::section(&section.key);
    for figure in figures.within(&here).filter(|f| !f.computed) {
        let Some(measure) = measure(section, &figure.pointer) else { continue };
        if figure.fault.is_none() && !covered(figures, &spoken, &figure.pointer) {
            for found in beyond(figures, section, schemas, figure, measure) {
                findings.add(found);
            }
        }
    }
    let said = Said::so_far(findings);
    for figure in figures.within(&here).filter(|f| !f.computed) {
        if let Some(measure) = measure(section, &figure.pointer) {
            account(&said, figure, measure, findings);
        }
    }
}

/// Whether something graver already speaks about this place: its cell, its column, its row or its table.
fn covered(figures: &Return, spoken: &BTreeSet<Pointer>, place: &Pointer) -> bool {
    if figures.figures.get(place).is_some_and(|f| f.fault.is_some()) || spoken.contains(place) {
        return true;
    }
    // A figure without a cell has a lost label, column or row; that was said once, where it was lost.
    if figures.figures.get(place).is_some_and(|f| f.cell.is_some()) {
        return false;
    }
    let within: Vec<&Figure> = figures.within(place).collect();
    let lost = within.iter().all(|f| f.cell.is_none() || f.fault.is_some());
    lost && (!within.is_empty() || place.parent().is_some_and(|row| spoken.contains(&row)))
}

/// The place of a schema error: rows of lists stand in the document in the order of the sheet.
fn pointer(figures: &Return, section: &Section, segments: impl Iterator<Item = String>) -> Pointer {
    segments.fold(Pointer::section(&section.key), |place, segment| {
        let keys = figures.lists.get(&place);
        match keys.and_then(|keys| keys.get(segment.parse::<usize>().ok()?)) {
            Some(key) => place.child(key),
            None => place.child(&segment),
        }
    })
}

pub(super) fn measure<'a>(section: &'a Section, pointer: &Pointer) -> Option<&'a Measure> {
    let segments: Vec<String> = pointer.segments().skip(1).collect();
    section.measure(&segments)
}

fn finding(schemas: &Schemas, section: &Section, rule: &str, at: &Pointer, message: String) -> Finding {
    let entry = schemas.entry(rule);
    let severity = entry.map_or(Severity::Error, |e| e.severity);
    let help = entry.map(|e| e.help.clone()).unwrap_or_default();
    let reach = if section.key == "explanations" { Reach::Explanation } else { Reach::section(&section.key) };
    Finding::new(rule, severity, at.clone(), reach, message).with_help(help)
}

/// One schema error as a finding.
fn speak(figures: &Return, section: &Section, schemas: &Schemas, at: &Pointer, kind: &ValidationErrorKind) -> Finding {
    let words = figures.words(at);
    let figure = figures.figures.get(at);
    let typed = figure.map(|f| f.typed.clone()).unwrap_or_default();
    let said = shorten(&typed);
    let measure = measure(section, at);
    let unit = measure.map(|m| m.unit.clone()).unwrap_or_default();
    let numeric = measure.is_some_and(|m| m.kind.is_number());
    let percentage = measure.is_some_and(|m| m.kind == Kind::Percentage);
    let (rule, message, expected) = match kind {
        ValidationErrorKind::Required { .. } => {
            let what = if numeric { "Type a number (0 if there were none), or x if it is not available." } else { "" };
            ("CMP-04", format!("“{words}” is blank. {what}").trim_end().to_owned(), None)
        }
        ValidationErrorKind::Type { .. } | ValidationErrorKind::MultipleOf { .. } if numeric => {
            let of = if unit.is_empty() { String::new() } else { format!(" of {unit}") };
            (
                "CEL-01",
                format!("“{words}” says {said}. A count{of} must be a whole number."),
                Some("a whole number".to_owned()),
            )
        }
        ValidationErrorKind::Minimum { limit } | ValidationErrorKind::ExclusiveMinimum { limit } => {
            let limit = limit.as_f64().map_or_else(|| limit.to_string(), format_plain);
            ("CEL-02", format!("“{words}” is {said}. It cannot be below {limit}."), Some(format!("{limit} or more")))
        }
        ValidationErrorKind::Maximum { limit } | ValidationErrorKind::ExclusiveMaximum { limit } if percentage => {
            let meant = figure.and_then(|f| f.interval.number()).map(|n| n / 10.0).filter(|n| *n <= 100.0);
            let meant = meant.map(|n| format!(" Did you mean {}?", format_plain(n))).unwrap_or_default();
            let limit = limit.as_f64().map_or_else(|| limit.to_string(), format_plain);
            (
                "CEL-03",
                format!("“{words}” is {said}. Percentages go from 0 to {limit}.{meant}"),
                Some("0 to 100".to_owned()),
            )
        }
        ValidationErrorKind::Maximum { limit } | ValidationErrorKind::ExclusiveMaximum { limit } => {
            let limit = limit.as_f64().map_or_else(|| limit.to_string(), format_plain);
            ("CEL-08", format!("“{words}” is {said}. The most it can be is {limit}."), Some(format!("{limit} or less")))
        }
        ValidationErrorKind::MinLength { limit } => (
            "CEL-09",
            format!("“{words}” says “{said}”, which is too short to tell what happened."),
            Some(format!("at least {limit} characters")),
        ),
        ValidationErrorKind::MaxLength { limit } => {
            let length = format_number(precise(typed.chars().count()), 0);
            let limit = format_number(precise(usize::try_from(*limit).unwrap_or(usize::MAX)), 0);
            (
                "CEL-10",
                format!("“{words}” holds {length} characters; the limit is {limit}."),
                Some(format!("{limit} characters")),
            )
        }
        ValidationErrorKind::Format { .. } if measure.is_some_and(|m| m.kind == Kind::Date) => (
            "CEL-06",
            format!("“{words}” says “{said}”, which is not a real date."),
            Some("a date such as 2022-03-31".to_owned()),
        ),
        ValidationErrorKind::Enum { options } if !numeric => {
            let options =
                options.as_array().map(|list| list.iter().filter_map(Value::as_str).take(8).collect::<Vec<_>>());
            let options = options.unwrap_or_default().join(", ");
            (
                "COD-01",
                format!("“{words}” says “{said}”, which is not on our list. Possible: {options}."),
                Some(options),
            )
        }
        ValidationErrorKind::Enum { .. } => (
            "COD-06",
            format!("We do not know what “{said}” means in “{words}”."),
            Some("a number, or one of c z x k u".to_owned()),
        ),
        ValidationErrorKind::Pattern { .. } if measure.is_some_and(|m| m.kind == Kind::Year) => (
            "COD-14",
            format!("“{words}” says “{said}”, which is not one reporting year."),
            Some("a year such as 2021-22".to_owned()),
        ),
        // The description says in words what the pattern asks for; a pattern is never printed.
        other => {
            let asked = measure.map(|m| m.description.clone()).unwrap_or_default();
            let _ = other;
            (
                "TPL-05",
                format!("“{words}” says “{said}”, which cannot be used as it stands. {asked}").trim_end().to_owned(),
                None,
            )
        }
    };
    let label = if typed.is_empty() { format!("“{words}” is blank") } else { format!("“{words}”: {said}") };
    let mut found = finding(schemas, section, rule, at, message).with_label(finding::Place::Figure(at.clone()), label);
    found.found = (!typed.is_empty()).then_some(said);
    found.expected = expected;
    found.state = vec![(at.clone(), typed)];
    found
}

#[expect(clippy::cast_precision_loss, reason = "lengths of texts")]
const fn precise(n: usize) -> f64 {
    n as f64
}

/// A value as quoted in a message: never more than 60 characters.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(57).chain("…".chars()).collect() }
}

const EMPTY_WORDS: [&str; 12] = [
    "n/a",
    "na",
    "tbc",
    "as above",
    "see above",
    "see attached",
    "attached",
    "ditto",
    "same",
    "none",
    "nil",
    "as last year",
];

/// What JSON Schema cannot say of a single figure: plausibility, spare decimals, empty words, markers that cannot be right.
fn beyond(figures: &Return, section: &Section, schemas: &Schemas, figure: &Figure, measure: &Measure) -> Vec<Finding> {
    let words = figures.words(&figure.pointer);
    let said = shorten(&figure.typed);
    let mut out = Vec::new();
    let mut say = |rule: &str, message: String, expected: Option<String>| {
        let mut found = finding(schemas, section, rule, &figure.pointer, message)
            .with_label(finding::Place::Figure(figure.pointer.clone()), format!("“{words}”: {said}"));
        found.found = Some(said.clone());
        found.expected = expected;
        found.state = vec![(figure.pointer.clone(), figure.typed.clone())];
        out.push(found);
    };
    match &figure.bare {
        Bare::Number(n) => {
            if let Some((low, high)) = measure.plausible.filter(|(low, high)| n < low || n > high) {
                let (low, high) = (format_plain(low), format_plain(high));
                say(
                    "CEL-08",
                    format!("“{words}” is {said}. We expect between {low} and {high}. Please check for a typing slip."),
                    Some(format!("{low} to {high}")),
                );
            }
            let shares = matches!(measure.kind, Kind::Percentage | Kind::Rate | Kind::Points);
            if shares && figure.decimals > measure.decimals {
                let shown = format_number(*n, measure.decimals);
                say("CEL-05", format!("{said} was kept and will be shown as {shown}."), None);
            }
            // A derived share is compared with its parts; only where that cannot be done is the guess asked about.
            if measure.kind == Kind::Percentage && !measure.derived && *n > 0.0 && *n <= 1.0 {
                let meant = format_plain(n * 100.0);
                say("CEL-04", format!("“{words}” is {said}. We think you mean {meant}. Please confirm."), Some(meant));
            }
        }
        Bare::Marker(marker) => {
            if measure.never.iter().any(|letter| letter == marker.letter()) {
                say(
                    "COD-07",
                    format!(
                        "“{}” ({}) cannot be right for “{words}”: there is always a figure.",
                        marker.letter(),
                        marker.meaning()
                    ),
                    Some("a number".to_owned()),
                );
            } else if *marker == Marker::RoundsToZero && figures.regime.round.is_none() {
                say(
                    "COD-08",
                    format!(
                        "“{words}” says k (rounds to zero), but this return is not rounded. Is the true figure zero?"
                    ),
                    Some("0, or the true figure".to_owned()),
                );
            }
        }
        Bare::Text(text) if measure.kind == Kind::Text && measure.shortest.is_some_and(|n| n >= 10) => {
            let folded = text.trim().trim_end_matches('.').to_lowercase();
            if EMPTY_WORDS.contains(&folded.as_str()) {
                say("CEL-09", format!("“{words}” says “{said}”. Please write what has happened."), None);
            }
        }
        Bare::Date(date) => {
            if let Some((first, last)) = range(figures, schemas).filter(|(first, last)| date < first || date > last) {
                say(
                    "CEL-06",
                    format!("“{words}” says {said}, outside {first} to {last}."),
                    Some(format!("{first} to {last}")),
                );
            }
        }
        Bare::Text(_) | Bare::Codes(_) | Bare::Blank => {}
    }
    out
}

/// From some years before the period to some after the figures were run (domain CEL-06).
fn range(figures: &Return, schemas: &Schemas) -> Option<(NaiveDate, NaiveDate)> {
    let cover = Pointer::section("cover");
    let date = |key: &str| match figures.figures.get(&cover.child(key)).map(|f| &f.bare) {
        Some(Bare::Date(date)) => Some(*date),
        _ => None,
    };
    let start = date("period_start")?;
    let end = date("extract_date").or_else(|| date("period_end"))?;
    #[expect(clippy::cast_possible_truncation, reason = "a few years, from the pack")]
    let years = |name: &str, usual: i32| schemas.parameters.get(name).map_or(usual, |n| *n as i32);
    let moved = |date: NaiveDate, years: i32| date.with_year(date.year() + years).unwrap_or(date);
    Some((moved(start, -years("date.years_before", 5)), moved(end, years("date.years_after", 1))))
}

/// Which rules of conformance were looked at for this figure.
fn account(said: &Said, figure: &Figure, measure: &Measure, findings: &mut Findings) {
    let mut rules: Vec<&str> = Vec::new();
    match measure.kind {
        Kind::Count => rules.extend(["CEL-01", "CEL-02"]),
        Kind::Percentage => rules.extend(["CEL-02", "CEL-03", "CEL-04", "CEL-05"]),
        Kind::Rate => rules.extend(["CEL-02", "CEL-05"]),
        Kind::Points => rules.push("CEL-05"),
        Kind::Number | Kind::Money => rules.push("CEL-02"),
        Kind::Date => rules.push("CEL-06"),
        Kind::Text => rules.extend(["CEL-09", "CEL-10"]),
        Kind::Year | Kind::Code | Kind::Codes | Kind::Email => {}
    }
    if measure.plausible.is_some() {
        rules.push("CEL-08");
    }
    if measure.kind.is_number() {
        rules.extend(["COD-07", "COD-08"]);
    }
    for rule in rules {
        said.account(rule, figure, findings);
    }
    if measure.required {
        said.required(figure, findings);
    }
}
