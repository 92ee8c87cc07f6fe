//! The page of a rule: how grave, what to do and why, where it is declared and what it reads, and its own two cases: the
//! return that fails, drawn as the agency would see it, and what is different in the one that passes.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::Book;
use super::page::{self, fact, frame, gravity, said, spot};
use super::usage::Declared;
use crate::case::{self, Ran};
use crate::finding::{Across, Findings, Severity};
use crate::render::example;
use crate::schema::Relation;
use crate::schema::model::Entry;

pub(super) fn page(book: &Book<'_>, id: &str) -> Markup {
    let Some(entry) = book.schemas.entry(id) else { return html! {} };
    let declared = book.usage.declared.get(id).map(Vec::as_slice).unwrap_or_default();
    let body = html! {
        dl.facts {
            (fact("How grave", &graveness(entry, declared)))
            (said("What to do", &page::pattern(book, declared.first().map(|d| d.spot.0.as_str()), &entry.help)))
            (said("Why", &entry.why))
            (said("Source", &entry.source))
            (said("Checked by", checked_by(&entry.by)))
            (fact("Not checked", &not_run(entry)))
            (fact("Thresholds", &thresholds(book, id)))
            (fact("Reads", &reads(book, id)))
        }
        (declarations(book, declared))
        h2 { "An example" }
        (cases(book, id))
    };
    frame(book, &format!("{id}: {}", entry.title), &body)
}

fn graveness(entry: &Entry, declared: &[Declared]) -> Markup {
    let found: BTreeSet<Severity> = declared.iter().flat_map(|d| &d.grades).map(|(severity, _, _)| *severity).collect();
    let all = if found.is_empty() { BTreeSet::from([entry.severity]) } else { found };
    html! { @for (i, severity) in all.iter().rev().enumerate() { @if i > 0 { br; } (gravity(*severity)) } }
}

fn not_run(entry: &Entry) -> Markup {
    html! { @if let Some(why) = &entry.not_run { "On a single return this rule is not run: such rules " (why) "." } }
}

fn checked_by(by: &str) -> &'static str {
    match by {
        "schema" => "the schema of the sheet: every figure of that kind",
        "keyword" => "a relation that is declared beside the measures",
        "cel" => "a condition that is declared beside the measures",
        _ => "the program, wherever it fits",
    }
}

fn thresholds(book: &Book<'_>, id: &str) -> Markup {
    let used = book.usage.parameters.iter().filter(|(_, rules)| rules.contains(id)).map(|(name, _)| name);
    let used: Vec<&String> = used.collect();
    let figures = book.usage.references.iter().filter(|(_, rules)| rules.contains(id)).map(|(name, _)| name);
    let figures: Vec<&String> = figures.collect();
    html! {
        @if !used.is_empty() || !figures.is_empty() {
            ul.plain {
                @for name in used {
                    @let value = book.schemas.parameters.get(name).copied().unwrap_or_default();
                    li { a href={ "parameters.html#" (name) } { (name) } ": " (value) }
                }
                @for name in figures { li { a href={ "reference-data.html#" (name) } { (name) } } }
            }
        }
    }
}

fn reads(book: &Book<'_>, id: &str) -> Markup {
    let spots = book.usage.reads.get(id).into_iter().flatten().collect::<Vec<_>>();
    let list = html! {
        ul.plain { @for one in &spots { li { (page::section(book, &one.0)) ": " (spot(book, one)) } } }
    };
    html! {
        @if spots.len() > 12 { details { summary { (spots.len()) " figures" } (list) } }
        @else if !spots.is_empty() { (list) }
    }
}

/// Everywhere it is declared, with what has to hold there.
fn declarations(book: &Book<'_>, declared: &[Declared]) -> Markup {
    let all = book.schemas.agencies.kinds.len();
    let entry = |d: &Declared| {
        let kinds: BTreeSet<&str> = d.kinds.iter().map(String::as_str).collect();
        let years: BTreeSet<&str> = d.years.iter().map(String::as_str).collect();
        let when = page::years(book, &years);
        html! {
            article.measure {
                h3 { (page::section(book, &d.spot.0)) ": " (spot(book, &d.spot)) }
                dl.facts {
                    (said("Kind of rule", relation(d.relation)))
                    @if kinds.len() < all { (fact("For", &page::kinds(book, &kinds))) }
                    @if when != "every year" { (said("Years", &when)) }
                }
                @for (severity, text, message) in &d.grades {
                    p { (gravity(*severity)) ", unless:" }
                    code.rule { (text) }
                    @if !message.is_empty() { p.small { "What is said: " (page::pattern(book, Some(&d.spot.0), message)) } }
                }
            }
        }
    };
    html! {
        h2 { "Where it is declared" }
        @if declared.is_empty() {
            p { "Nowhere by itself: it holds for every sheet and figure that it fits." }
        } @else if declared.len() > 3 {
            details { summary { (declared.len()) " places" } @for d in declared { (entry(d)) } }
        } @else {
            @for d in declared { (entry(d)) }
        }
    }
}

const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::AtMost => "a part is at most its whole",
        Relation::SumsTo => "the parts add up to the total",
        Relation::PercentageOf => "a percentage is what its counts give",
        Relation::RateOf => "a rate is what its count and population give",
        Relation::Flow => "open at the start, plus in, less out, is open at the end",
        Relation::Stated => "a condition",
    }
}

/// The pair of cases of the rule.
fn cases(book: &Book<'_>, id: &str) -> Markup {
    let text = |name: &str| book.files.get(&format!("cases/{id}/{name}.txt"));
    let (Some(fails), Some(holds)) = (text("fails"), text("holds")) else {
        return html! { p { "There is none in writing." } };
    };
    let Ok(given) = case::read(fails) else { return html! {} };
    let ran = case::run_together(given, book.schemas, Findings::default);
    let across = ran.together.findings.iter().find(|found| found.rule.as_str() == id);
    html! {
        @if let Some(found) = across {
            (both_sides(book, found, &ran))
        } @else {
            p { "This return, invented for testing, fails. The agency would be told:" }
            @for report in &ran.reports { @for finding in &example(report, id) { (finding) } }
        }
        p { "One that passes differs from it here:" }
        (differences(fails, holds))
    }
}

/// What the board reads of a rule across agencies, and what each body is told of its own side.
fn both_sides(book: &Book<'_>, found: &Across, ran: &Ran) -> Markup {
    html! {
        p { "These returns, invented for testing, fail. The board reads:" }
        blockquote { (found.message) }
        @for (title, report) in &ran.told(found, book.schemas) {
            p { (title) " would be told:" }
            @for finding in &example(report, found.rule.as_str()) { (finding) }
        }
    }
}

/// The lines that only one of the two has, by sheet and row.
fn differences(fails: &str, holds: &str) -> Markup {
    let side = |one: &str, other: &str, word: &'static str| {
        let known: BTreeSet<&str> = other.lines().collect();
        let (mut sheet, mut out) = (String::new(), Vec::new());
        for line in one.lines() {
            if let Some(name) = line.strip_prefix("-- ") {
                sheet = name.to_owned();
            }
            if known.contains(line) {
                continue;
            }
            let mut cells = line.split('│').map(str::trim).filter(|cell| !cell.is_empty());
            let row = if line.contains('│') { cells.next() } else { None };
            let place = row.map_or_else(|| sheet.clone(), |row| format!("{sheet}, row {row}"));
            let said = cells.collect::<Vec<_>>().join("  │  ");
            out.push(html! { td { (word) } td { (place) } td.wide { (said) } });
        }
        out
    };
    let mut rows = side(fails, holds, "fails");
    rows.extend(side(holds, fails, "passes"));
    page::table("What differs", &["The return that", "Where", "What stands there"], &rows)
}
