//! Who returns what, as a matrix and body by body; and the years with their deadlines and what changes in each.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;

use super::page::{self, code_list, fact, frame, said, table};
use super::{Book, text};

/// Kinds, bodies and sections.
pub(super) fn page(book: &Book<'_>) -> Markup {
    let agencies = &book.schemas.agencies;
    let keys = book.sections();
    let mark = |must: Option<&bool>| match must {
        Some(true) => "must",
        Some(false) => "may",
        None => "",
    };
    let bodies: Vec<Markup> = agencies
        .bodies
        .iter()
        .map(|body| {
            let kind = agencies.kinds.iter().find(|k| k.key == body.kind);
            html! {
                th scope="row" { (body.title) }
                td { @if let Some(kind) = kind { a href={ "#kind-" (kind.key) } { (kind.title) } } }
                td { code { (body.key) } }
                td { (body.aliases.join(" · ")) }
            }
        })
        .collect();
    let body = html! {
        p.lead { "Every kind of agency, the sections it must return (or say that it has nothing to report in) and those it may." }
        div.scroll tabindex="0" role="region" aria-label="Who returns what" {
            table.sections.matrix {
                thead { tr { th scope="col" { "Section" } @for kind in &agencies.kinds { th scope="col" { a href={ "#kind-" (kind.key) } { (kind.key) } } } } }
                tbody {
                    @for key in &keys {
                        tr {
                            th scope="row" { (page::section(book, key)) }
                            @for kind in &agencies.kinds { td { (mark(kind.sections.get(key))) } }
                        }
                    }
                }
            }
        }
        h2 { "Kinds of agency" }
        @for kind in &agencies.kinds {
            article.measure id={ "kind-" (kind.key) } {
                h3 { (kind.title) }
                dl.facts {
                    (said("Short name", &kind.key))
                    @if kind.statutory { (said("Statutory partner", "yes: without its return the report is not complete")) }
                    @for (words, must) in [("Must return", true), ("May return", false)] {
                        @let owed: Vec<&String> = keys.iter().filter(|key| kind.sections.get(*key) == Some(&must)).collect();
                        @if !owed.is_empty() {
                            (fact(words, &html! { @for (i, key) in owed.iter().enumerate() { @if i > 0 { ", " } (page::section(book, key)) } }))
                        }
                    }
                }
            }
        }
        h2 id="bodies" { "Bodies" }
        (table("Bodies", &["Body", "Kind", "Folder", "Also known as"], &bodies))
    };
    frame(book, "Who returns what", &body)
}

/// Years, deadlines, and what begins or ends with each.
pub(super) fn years(book: &Book<'_>) -> Markup {
    let rows: Vec<Markup> = book
        .schemas
        .agencies
        .years
        .values()
        .map(|year| {
            let day = |date: chrono::NaiveDate| date.format("%-d %B %Y").to_string();
            html! {
                th scope="row" { (year.name) }
                td { @if year.open { "open" } @else { "closed" } }
                td { (day(year.deadline)) }
                td { (day(year.query_deadline)) }
                td { (year.template) }
            }
        })
        .collect();
    let changes = changes(book);
    let body = html! {
        p.lead { "A reporting year goes from 1 April to 31 March." }
        (table("Years", &["Year", "Returns", "Due by", "Questions answered by", "Template"], &rows))
        @for (year, lines) in &changes {
            h2 { "What changes with " (year) }
            ul { @for line in lines { li { (line) } } }
        }
    };
    frame(book, "Years and deadlines", &body)
}

/// What begins with a year, or ended with the one before it.
fn changes(book: &Book<'_>) -> BTreeMap<String, Vec<Markup>> {
    let mut changes: BTreeMap<String, Vec<Markup>> = BTreeMap::new();
    let known: Vec<&String> = book.schemas.agencies.years.keys().collect();
    let mut note = |value: &Value, what: &Markup| {
        let (since, until) = (text(value, "x-since"), text(value, "x-until"));
        if known.iter().any(|y| *y == since) {
            changes.entry(since.to_owned()).or_default().push(html! { "New: " (what) });
        }
        if let Some(next) = known.iter().find(|y| y.as_str() > until).filter(|_| !until.is_empty()) {
            changes.entry((*next).clone()).or_default().push(html! { "No longer: " (what) });
        }
        for wording in value.get("x-wording").and_then(Value::as_array).into_iter().flatten() {
            let line = html! { "Other words: " (what) @if !text(wording, "title").is_empty() { ", now “" (text(wording, "title")) "”" } ". " (text(wording, "description")) };
            changes.entry(text(wording, "since").to_owned()).or_default().push(line);
        }
    };
    for key in book.code_lists() {
        let list = book.json.get(format!("codes/{key}.json").as_str()).unwrap_or(&Value::Null);
        for code in list["codes"].as_array().into_iter().flatten() {
            let what = html! { code { (text(code, "code")) } " " (text(code, "label")) " in " (code_list(book, key)) };
            note(code, &what);
        }
    }
    for key in book.sheets() {
        for (name, property) in book.file(&key)["properties"].as_object().into_iter().flatten() {
            let mut path = vec![name.clone()];
            inside(property, &mut path, &mut |property, path| {
                let spot = (key.clone(), path.to_vec());
                let what = html! { (page::section(book, &key)) ": " (page::spot(book, &spot)) };
                note(property, &what);
            });
        }
    }
    changes
}

/// A property and those inside it.
fn inside(property: &Value, path: &mut Vec<String>, see: &mut impl FnMut(&Value, &[String])) {
    see(property, path);
    for row in [property, &property["additionalProperties"], &property["items"]] {
        for (name, inner) in row.get("properties").and_then(Value::as_object).into_iter().flatten() {
            path.push(name.clone());
            inside(inner, path, see);
            path.pop();
        }
    }
}
