//! The pages that lead to the others: the start, the sections, the rules.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::page::{self, frame, table};
use super::{Book, text};
use crate::schema::model::Entry;

/// The start.
pub(super) fn front(book: &Book<'_>) -> Markup {
    let title = book.json.get("pack.json").map(|about| text(about, "title")).unwrap_or_default();
    let (sections, rules) = (book.sections().len(), book.schemas.catalogue.len());
    let years: Vec<&str> = book.schemas.agencies.years.keys().map(String::as_str).collect();
    let body = html! {
        p.lead { (title) }
        p { "This reference says what each sheet of the return asks for, what counts and what does not, and every rule that the "
            "figures are checked by. It is made from the same files that the checks run on, so it cannot fall behind them." }
        ul {
            li { a href="sections.html" { "Sections" } ": " (sections) " sheets and every figure on them" }
            li { a href="rules.html" { "Rules" } ": " (rules) ", each with why, what to do, and an example" }
            li { a href="codes.html" { "Code lists" } ": the answers and rows to choose from" }
            li { a href="parameters.html" { "Thresholds" } ": from where on something is asked about" }
            li { a href="reference-data.html" { "Reference data" } ": populations, comparators, bank holidays" }
            li { a href="who.html" { "Who returns what" } ": kinds of agency, bodies, sections" }
            li { a href="years.html" { "Years and deadlines" } ": " (years.join(", ")) }
            @if !book.schemas.seeds.is_empty() {
                li { a href="seeds.html" { "Founding documents" } ": what they name, and where it is at home" }
            }
        }
        h2 { "Words" }
        dl {
            dt { "Error" } dd { "The figure cannot be right or cannot be read. It has to be corrected before the sheet is accepted." }
            dt { "Query" } dd { "Unusual, and perhaps right. Correct it, or explain it on the sheet “Explanations”." }
            dt { "Note" } dd { "What was tidied or not checked. There is nothing to do." }
            dt { "Letters in place of a figure" }
            dd { "c confidential, z not applicable, x not available, k rounds to zero, u unreliable. 0 is a true zero; an empty cell is a missing figure." }
        }
    };
    frame(book, "Reference of the return", &body)
}

/// Every section.
pub(super) fn sections(book: &Book<'_>) -> Markup {
    let row = |key: &String| {
        let owners = |must: bool| -> BTreeSet<&str> {
            let kinds = book.schemas.agencies.kinds.iter().filter(|k| k.sections.get(key) == Some(&must));
            kinds.map(|k| k.key.as_str()).collect()
        };
        let said = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(", ");
        let everybody = matches!(key.as_str(), "cover" | "explanations");
        html! {
            td { (page::section(book, key)) }
            td.wide { (text(book.file(key), "description")) }
            td { @if everybody { "everybody" } @else { (said(owners(true))) } }
            td { (said(owners(false))) }
        }
    };
    let rows: Vec<Markup> = book.sheets().iter().map(row).collect();
    let body = html! {
        p.lead { "One sheet of the workbook each. The short names of agencies are explained under " a href="who.html" { "who returns what" } "." }
        (table("Sections", &["Sheet", "What it is about", "Must return", "May return"], &rows))
    };
    frame(book, "Sections", &body)
}

/// What the letters before a rule's number stand for, and whether the rules hold for every section.
const GROUPS: [(&str, &str, bool); 17] = [
    ("FIL", "The file", true),
    ("TPL", "Finding the figures on the template", true),
    ("COV", "The cover", true),
    ("CEL", "One figure by itself", true),
    ("COD", "Codes, letters and marks", true),
    ("ROW", "Figures that belong together", false),
    ("TAB", "Tables", false),
    ("STK", "Open at the start, in, out, open at the end", false),
    ("XSE", "Between sections of one return", false),
    ("XPE", "Against last year", true),
    ("XAG", "Between agencies", false),
    ("REC", "Recommendations", false),
    ("VOI", "Voice of the child", false),
    ("PRI", "Priorities and impact", false),
    ("CMP", "Completeness", true),
    ("WAI", "Decisions of the board manager", true),
    ("DIS", "Personal data and small numbers", true),
];

/// Every rule, by group.
pub(super) fn rules(book: &Book<'_>) -> Markup {
    let of = |group: &str| -> Vec<&Entry> {
        book.schemas.catalogue.values().filter(|e| e.id.as_str().starts_with(&format!("{group}-"))).collect()
    };
    let known = |id: &str| GROUPS.iter().any(|(group, _, _)| id.starts_with(&format!("{group}-")));
    let rest: Vec<&Entry> = book.schemas.catalogue.values().filter(|e| !known(e.id.as_str())).collect();
    let listing = |title: &str, entries: &[&Entry]| {
        let rows: Vec<Markup> = entries
            .iter()
            .map(|e| html! { td { (page::rule(book, e.id.as_str())) } td { (e.severity.word()) } })
            .collect();
        html! { @if !rows.is_empty() { h3 { (title) } (table(title, &["Rule", "Usually"], &rows)) } }
    };
    let body = html! {
        p.lead { "What the figures are held to. Each rule has a page with its reason, what to do, and a return that fails it." }
        h2 id="general" { "For all sections" }
        @for (group, title, general) in GROUPS { @if general { (listing(title, &of(group))) } }
        h2 { "Declared beside the figures they read" }
        @for (group, title, general) in GROUPS { @if !general { (listing(title, &of(group))) } }
        (listing("Others", &rest))
    };
    frame(book, "Rules", &body)
}
