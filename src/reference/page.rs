//! The frame of every page, the names of their files, and links: one place, so that none can lead nowhere.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Book;
use super::usage::Spot;
use crate::finding::Severity;
use crate::render::CSS;

/// What the pages have beside the style of the reports.
const MORE: &str = include_str!("reference.css");

/// A page: its title, what it is of, and what stands on it.
pub(super) fn frame(book: &Book<'_>, title: &str, body: &Markup) -> Markup {
    let (name, version, hash) = &book.schemas.pack;
    let seeds = !book.schemas.seeds.is_empty();
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) " · reference of the return" }
                style { (PreEscaped(CSS)) (PreEscaped(MORE)) }
            }
            body {
                nav aria-label="Reference" {
                    a href="index.html" { "Start" } " "
                    a href="sections.html" { "Sections" } " "
                    a href="rules.html" { "Rules" } " "
                    a href="codes.html" { "Code lists" } " "
                    a href="parameters.html" { "Thresholds" } " "
                    a href="reference-data.html" { "Reference data" } " "
                    a href="who.html" { "Who returns what" } " "
                    a href="years.html" { "Years" }
                    @if seeds { " " a href="seeds.html" { "Founding documents" } }
                }
                main {
                    h1 { (title) }
                    (body)
                    footer {
                        p { "Schema pack " (name) " " (version) ", SHA-256 " code { (hash) } ". Made by "
                            code { "safereturn schemas reference" } "." }
                    }
                }
            }
        }
    }
}

pub(super) fn section_file(key: &str) -> String {
    format!("section-{key}.html")
}

pub(super) fn rule_file(id: &str) -> String {
    format!("rule-{id}.html")
}

pub(super) fn codes_file(key: &str) -> String {
    format!("codes-{key}.html")
}

/// The anchor of a place on its section's page.
pub(super) fn anchor(path: &[String]) -> String {
    path.join("-")
}

/// A rule by its id, with its title.
pub(super) fn rule(book: &Book<'_>, id: &str) -> Markup {
    let title = book.schemas.entry(id).map(|entry| entry.title.as_str()).unwrap_or_default();
    html! { a href=(rule_file(id)) { (id) } @if !title.is_empty() { " " (title) } }
}

/// Rules, each with its title, one line each.
pub(super) fn rules<'i>(book: &Book<'_>, ids: impl IntoIterator<Item = &'i String>) -> Markup {
    html! { ul.plain { @for id in ids { li { (rule(book, id)) } } } }
}

/// A section by its title.
pub(super) fn section(book: &Book<'_>, key: &str) -> Markup {
    html! { a href=(section_file(key)) { (book.title(key)) } }
}

/// A place by the words on the template.
pub(super) fn spot(book: &Book<'_>, spot: &Spot) -> Markup {
    let (key, path) = spot;
    let href = format!("{}#{}", section_file(key), anchor(&known(book, spot)));
    html! { a href=(href) { (words(book, key, path)) } }
}

/// A place that has an anchor: a rule may be about a row, which is shown with its table.
pub(super) fn known(book: &Book<'_>, (key, path): &Spot) -> Vec<String> {
    let is_known = |path: &[String]| book.usage.there.contains_key(&(key.clone(), path.to_vec()));
    let mut shown = path.clone();
    while shown.len() > 1 && !is_known(&shown) {
        shown.pop();
    }
    shown
}

/// The words on the template for a place, in the latest year that has it.
pub(super) fn words(book: &Book<'_>, key: &str, path: &[String]) -> String {
    let sheet = match key {
        "cover" => book.schemas.cover.words(path),
        "explanations" => book.schemas.explanations.words(path),
        _ => {
            let mut forms: Vec<_> = book.schemas.forms().collect();
            forms.sort_by(|a, b| b.year.cmp(&a.year));
            forms.into_iter().filter_map(|form| form.section(key)).find_map(|section| section.words(path))
        }
    };
    sheet.unwrap_or_else(|| path.join(" · "))
}

/// A code list, linked where it stands in a file.
pub(super) fn code_list(book: &Book<'_>, key: &str) -> Markup {
    let title = book.json.get(format!("codes/{key}.json").as_str()).map(|list| super::text(list, "title"));
    let made = match key {
        "bodies" => ("who.html#bodies", "the bodies that return"),
        "sheets" | "sections" => ("sections.html", "the sheets of the return"),
        _ => ("codes.html", key),
    };
    html! {
        @if let Some(title) = title { a href=(codes_file(key)) { (title) } }
        @else { a href=(made.0) { (made.1) } }
    }
}

/// How grave a rule is, and what that asks for.
pub(super) const fn gravity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error: it must be corrected",
        Severity::Query => "Query: correct it, or explain it on the sheet “Explanations”",
        Severity::Note => "Note: there is nothing to do",
    }
}

/// Kinds of agency by their titles, in the order of the register.
pub(super) fn kinds(book: &Book<'_>, keys: &BTreeSet<&str>) -> Markup {
    let kinds: Vec<_> = book.schemas.agencies.kinds.iter().filter(|kind| keys.contains(kind.key.as_str())).collect();
    html! {
        @for (i, kind) in kinds.iter().enumerate() {
            @if i > 0 { ", " }
            a href={ "who.html#kind-" (kind.key) } { (kind.title) }
        }
    }
}

/// Years that are all, those up to one, those from one on, or a list.
pub(super) fn years(book: &Book<'_>, some: &BTreeSet<&str>) -> String {
    let all: Vec<&str> = book.schemas.agencies.years.keys().map(String::as_str).collect();
    let (Some(first), Some(last)) = (some.first(), some.last()) else { return "none".to_owned() };
    let run = all.iter().filter(|year| *year >= first && *year <= last).count() == some.len();
    match (run, all.first() == Some(first), all.last() == Some(last)) {
        (true, true, true) => "every year".to_owned(),
        (true, false, true) => format!("from {first} on"),
        (true, true, false) => format!("up to {last}"),
        (true, false, false) if first == last => (*first).to_owned(),
        (true, false, false) => format!("{first} to {last}"),
        (false, _, _) => some.iter().copied().collect::<Vec<_>>().join(", "),
    }
}

/// A table with headings that a narrow screen may push sideways.
pub(super) fn table(label: &str, headings: &[&str], rows: &[Markup]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) {
            table.sections {
                thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                tbody { @for row in rows { tr { (row) } } }
            }
        }
    }
}

/// A line of facts: what, and what it is. Nothing where there is nothing.
pub(super) fn fact(what: &str, is: &Markup) -> Markup {
    html! { @if !is.0.is_empty() { dt { (what) } dd { (is) } } }
}

/// As [`fact`], of plain words.
pub(super) fn said(what: &str, is: &str) -> Markup {
    fact(what, &html! { (is) })
}

/// A message or advice with what is filled in named in square brackets: the reader of a rule has no figures yet.
pub(super) fn pattern(book: &Book<'_>, section: Option<&str>, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&filled(book, section, name));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn filled(book: &Book<'_>, section: Option<&str>, name: &str) -> String {
    let (name, titled) = name.strip_suffix(".title").map_or((name, false), |name| (name, true));
    if let Some(value) = name.strip_prefix("param.").and_then(|name| book.schemas.parameters.get(name)) {
        return value.to_string();
    }
    match name {
        "left" | "right" | "arithmetic" => return "[what it comes to]".to_owned(),
        "at" if titled => return "[its name]".to_owned(),
        "at" => return "[what was typed]".to_owned(),
        _ => {}
    }
    let path: Vec<String> = name.replace("[]", "").split('.').map(str::to_owned).collect();
    let known = |key: &&str| book.usage.there.contains_key(&((*key).to_owned(), path.clone()));
    let title = section.filter(known).map(|key| words(book, key, &path));
    match (title, titled) {
        (Some(title), true) => title,
        (Some(title), false) => format!("[{title}]"),
        (None, true) => "[its name]".to_owned(),
        (None, false) => format!("[{}]", path.last().map(|name| name.replace('_', " ")).unwrap_or_default()),
    }
}
