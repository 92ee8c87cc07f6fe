//! Each figure against its section's schema. The schema says what is wrong; here it is said in plain English, at its
//! cell, once: an unreadable figure is not also called missing. Relations between figures are left to `within`.

mod value;
mod zero;

use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;

use super::account::Said;
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure, Interval, format_number, format_plain};
use crate::finding::{self, Finding, Findings, Reach, RuleId, Severity};
use crate::schema::model::{Kind, Measure, Section};
use crate::schema::{Form, Schemas};

/// Figures of one section against its schema. A figure whose value is wrong is marked so: what depends on it is not
/// judged. True if some were.
pub(super) fn section(
    figures: &mut Return,
    form: &Form,
    section: &Section,
    schemas: &Schemas,
    findings: &mut Findings,
) -> bool {
    let before = findings.list().len();
    look(figures, form, section, schemas, findings);
    let here = Pointer::section(&section.key);
    let wrong: Vec<(Pointer, RuleId)> = findings.list()[before..]
        .iter()
        .filter(|f| f.severity == Severity::Error && measure(section, &f.at).is_some_and(|m| m.kind != Kind::Text))
        .map(|f| (f.at.clone(), f.rule.clone()))
        .collect();
    let mut marked = false;
    for (at, rule) in wrong {
        if let Some(figure) = figures.figures.get_mut(&at).filter(|f| f.bare != Bare::Blank && f.fault.is_none()) {
            figure.fault = Some(rule);
            figure.interval = Interval::UNKNOWN;
            marked = true;
        }
    }
    zero::zeros(figures, section, schemas).into_iter().for_each(|found| findings.add(found));
    let fractions = findings.list()[before..].iter();
    let fractions = fractions.filter(|f| f.rule.as_str() == "CEL-04" && f.severity == Severity::Note);
    for at in fractions.map(|f| f.at.clone()).collect::<Vec<_>>() {
        if let Some(figure) = figures.figures.get_mut(&at) {
            read_as_percentage(figure);
        }
    }
    hush(before, findings);
    let said = Said::so_far(findings);
    for figure in figures.within(&here).filter(|f| !f.computed) {
        if let Some(measure) = measure(section, &figure.pointer) {
            account(&said, figure, measure, findings);
        }
    }
    marked
}

/// A share of one that was certainly meant as a percentage (CEL-04).
fn read_as_percentage(figure: &mut Figure) {
    if let Bare::Number(n) = figure.bare {
        figure.decimals = figure.decimals.saturating_sub(2);
        let points = crate::figure::denoise(n * 100.0);
        figure.bare = Bare::Number(points);
        figure.interval = Interval::exact(points);
    }
}

/// One cell, one thing said: how a value was read is not told beside what is wrong with it, which quotes it.
fn hush(before: usize, findings: &mut Findings) {
    let graver = |f: &Finding| f.severity > Severity::Note;
    let spoken: BTreeSet<Pointer> =
        findings.list()[before..].iter().filter(|f| graver(f)).map(|f| f.at.clone()).collect();
    let how = |f: &Finding| f.severity == Severity::Note && matches!(f.rule.as_str(), "TPL-04" | "CEL-12");
    findings.list_mut().retain(|f| !(how(f) && spoken.contains(&f.at)));
}

fn look(figures: &Return, form: &Form, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    // A note or a query only says how something was read; it keeps nobody from finding fault with what was read.
    // What could not be read at all is marked at the figure itself.
    let graver = findings.list().iter().filter(|f| f.severity > Severity::Query);
    let mut spoken: BTreeSet<Pointer> = graver.map(|f| f.at.clone()).collect();
    let document = figures.bare(section, |figure| figure.fault.is_none() && !figure.computed);
    let Some(validator) = form.validator(&section.key) else { return };
    for error in validator.iter_errors(&document) {
        let mut place = pointer(figures, section, error.instance_path().iter().map(|s| s.to_string()));
        if let ValidationErrorKind::Required { property } = error.kind() {
            place = place.child(property.as_str().unwrap_or_default());
            // A row in which nothing at all was typed: said at the cell that must be filled in.
            if let Some(only) = only_blank(figures, section, &place) {
                place = only;
            }
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
            for found in value::beyond(figures, section, schemas, figure, measure) {
                findings.add(found);
            }
        }
    }
}

/// The one required figure of an empty row.
fn only_blank(figures: &Return, section: &Section, row: &Pointer) -> Option<Pointer> {
    if figures.figures.contains_key(row) {
        return None;
    }
    let blank = |f: &&Figure| f.bare == Bare::Blank && measure(section, &f.pointer).is_some_and(|m| m.required);
    let mut blanks = figures.within(row).filter(blank);
    let first = blanks.next()?;
    blanks.next().is_none().then(|| first.pointer.clone())
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
    let mut help = None;
    let (rule, message, expected) = match kind {
        ValidationErrorKind::Required { .. } => {
            help = Some(fill_in(measure));
            ("CMP-04", format!("“{words}” is blank."), None)
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
            // A slip of the point, or a percentage multiplied by 100 twice.
            let n = figure.and_then(|f| f.interval.number()).unwrap_or_default();
            let meant = [10.0, 100.0].into_iter().map(|by| n / by).find(|n| *n > 0.0 && *n <= 100.0);
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
        ValidationErrorKind::MinLength { limit } => {
            let short = format!("is too short: we ask for at least {limit} characters");
            let why = if value::says_nothing(&typed) { "tells the reader nothing" } else { short.as_str() };
            ("CEL-09", format!("“{words}” says “{said}”, which {why}."), Some(format!("at least {limit} characters")))
        }
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
        ValidationErrorKind::Enum { .. } if !numeric => {
            let list = measure.map(choices).unwrap_or_default();
            help = (!list.is_empty()).then(|| format!("Choose one from the list: {list}."));
            ("COD-01", format!("“{words}” says “{said}”, which is not on our list."), Some(list))
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
    // A blank row or table is shown at its first figure.
    let first = figures.within(at).filter(|f| f.cell.is_some()).min_by_key(|f| f.cell).filter(|_| figure.is_none());
    let spot = first.map_or_else(|| at.clone(), |f| f.pointer.clone());
    let mut found = finding(schemas, section, rule, at, message).with_label(finding::Place::Figure(spot), label);
    found.found = (!typed.is_empty()).then_some(said);
    found.expected = expected;
    found.state = vec![(at.clone(), typed)];
    if let Some(help) = help {
        found.help = help;
    }
    found
}

/// What to type where nothing was typed.
fn fill_in(measure: Option<&Measure>) -> String {
    let Some(measure) = measure else { return "Fill it in as the template asks.".to_owned() };
    let or_not = if measure.never.iter().any(|m| m == "x") { "" } else { ", or x if it is not available" };
    match measure.kind {
        // What cannot be 0 says itself what it is: the number of a submission.
        Kind::Count | Kind::Number | Kind::Money if measure.plausible.is_some_and(|(low, _)| low > 0.0) => {
            format!("Type the number{or_not}. {}", measure.description).trim_end().to_owned()
        }
        Kind::Count | Kind::Number | Kind::Money => {
            format!("Type the number: 0 if there were none{or_not}. We never take a blank for 0.")
        }
        Kind::Percentage | Kind::Points | Kind::Rate => format!("Type the number{or_not}."),
        Kind::Date => "Type the date, year first, for example 2021-03-31.".to_owned(),
        Kind::Year => "Type the reporting year, for example 2020-21.".to_owned(),
        Kind::Month => "Type the month, year first and without a day, for example 2020-06.".to_owned(),
        Kind::Code => format!("Choose one from the list: {}.", choices(measure)),
        Kind::Codes => format!("Choose from the list, with a semicolon between several: {}.", choices(measure)),
        Kind::Text | Kind::Email => format!("Please fill it in. {}", measure.description).trim_end().to_owned(),
    }
}

/// The first codes of a measure's list in words.
fn choices(measure: &Measure) -> String {
    const MOST: usize = 8;
    let codes = measure.codes.as_ref().map(|list| list.codes.as_slice()).unwrap_or_default();
    let mut labels: Vec<&str> = codes.iter().take(MOST).map(|c| c.label.as_str()).collect();
    if codes.len() > MOST {
        labels.push("…");
    }
    labels.join("; ")
}

#[expect(clippy::cast_precision_loss, reason = "lengths of texts")]
const fn precise(n: usize) -> f64 {
    n as f64
}

/// A value as quoted in a message: never more than 60 characters.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(57).chain("…".chars()).collect() }
}

/// Which rules of conformance were looked at for this figure.
fn account(said: &Said, figure: &Figure, measure: &Measure, findings: &mut Findings) {
    let mut rules: Vec<&str> = Vec::new();
    match measure.kind {
        Kind::Count => rules.extend(["CEL-01", "CEL-02"]),
        Kind::Percentage => rules.extend(["CEL-02", "CEL-03", "CEL-04"]),
        Kind::Rate => rules.push("CEL-02"),
        Kind::Points => {}
        Kind::Number | Kind::Money => rules.push("CEL-02"),
        Kind::Date => rules.push("CEL-06"),
        Kind::Text => rules.extend(["CEL-09", "CEL-10"]),
        Kind::Month => rules.push("CEL-06"),
        Kind::Year | Kind::Code | Kind::Codes | Kind::Email => {}
    }
    if matches!(measure.kind, Kind::Percentage | Kind::Rate | Kind::Points) && !measure.derived {
        rules.push("CEL-05");
    }
    if measure.plausible.is_some() && measure.kind != Kind::Date {
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
