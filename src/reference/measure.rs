//! A measure as the reference shows it: what counts, in what unit, who returns it and in which years, what is allowed,
//! where it comes from, what was assumed, and which rules read it.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::Value;

use super::page::{anchor, code_list, fact, kinds, rules, said, years};
use super::usage::Spot;
use super::{Book, text, texts};

/// A measure, a column or a field.
pub(super) fn article(book: &Book<'_>, spot: &Spot, property: &Value, required: bool, group: &str) -> Markup {
    let definition = text(property, "$ref").rsplit('/').next().unwrap_or_default();
    let common = book.json.get("common.json").unwrap_or(&Value::Null);
    let kind = text(&common["$defs"][definition], "title");
    let unit = match (text(property, "x-unit-of-count"), text(property, "x-unit")) {
        ("", unit) => unit,
        (of, _) => of,
    };
    let range = property.get("x-plausible").and_then(Value::as_array);
    let range = range.and_then(|r| Some(format!("{} to {}; anything else is asked about", r.first()?, r.get(1)?)));
    let never = texts(property, "x-not-markers").join(", ");
    let length = match (property.get("minLength"), property.get("maxLength")) {
        (Some(least), Some(most)) => format!("{least} to {most} characters"),
        (None, Some(most)) => format!("at most {most} characters"),
        (Some(least), None) => format!("at least {least} characters"),
        (None, None) => String::new(),
    };
    html! {
        article.measure id=(anchor(&spot.1)) {
            h3 { @if !group.is_empty() { (group) ": " } (text(property, "title")) }
            p { (text(property, "description")) }
            dl.facts {
                (said("Kind of figure", kind))
                (said("Unit", unit))
                (fact("Allowed", &allowed(book, property)))
                (said("Length", &length))
                (said("Required", &asked(property, required)))
                (presence(book, spot))
                (said("Usual range", &range.unwrap_or_default()))
                (said("Letters refused", &never))
                (fact("Worked out by us", &worked(property)))
                (fact("Publication", &published(property)))
                (said("Also called", &texts(property, "x-aliases").join(" · ")))
                (wordings(property))
                (said("Source", text(property, "x-source")))
                (said("Assumption", text(property, "x-assumption")))
                (fact("Rules that read it", &readers(book, spot)))
            }
            p.id { code { (spot.0) "." (spot.1.join(".")) } }
        }
    }
}

fn allowed(book: &Book<'_>, property: &Value) -> Markup {
    let list = text(property, "x-codes");
    html! { @if !list.is_empty() { (code_list(book, list)) } }
}

/// From how large a base on a figure may be published.
fn published(property: &Value) -> Markup {
    let (of, least) = (text(&property["x-publish-from"], "of"), text(&property["x-publish-from"], "least"));
    html! {
        @if !of.is_empty() {
            "Withheld unless " code { (of) } " is at least " a href={ "parameters.html#" (least) } { (least) }
        }
    }
}

fn worked(property: &Value) -> Markup {
    let how = text(property, "x-derived");
    html! { @if !how.is_empty() { "What you type is compared with " code { (how) } } }
}

/// Whether it must be there, and since when.
pub(super) fn asked(property: &Value, required: bool) -> String {
    if !required {
        return if property.get("x-derived").is_some() { "no: we work it out".to_owned() } else { "no".to_owned() };
    }
    match (text(property, "x-required-since"), text(property, "x-required-until")) {
        ("", "") => "yes".to_owned(),
        (since, "") => format!("from {since} on"),
        ("", until) => format!("up to {until}"),
        (since, until) => format!("{since} to {until}"),
    }
}

/// Who returns it and when, where that is not everybody who returns the section, always.
pub(super) fn presence(book: &Book<'_>, spot: &Spot) -> Markup {
    let (here, when) = book.usage.kinds_and_years(spot);
    let all: BTreeSet<&str> = book
        .schemas
        .agencies
        .kinds
        .iter()
        .filter(|k| k.sections.contains_key(&spot.0))
        .map(|k| k.key.as_str())
        .collect();
    let everybody = here == all || matches!(spot.0.as_str(), "cover" | "explanations");
    let always = when.len() == book.schemas.agencies.years.len();
    html! {
        @if !everybody { (fact("Returned by", &kinds(book, &here))) }
        @if !always { (said("Years", &years(book, &when))) }
    }
}

/// Words that changed with a year.
pub(super) fn wordings(property: &Value) -> Markup {
    let list: Vec<&Value> = property.get("x-wording").and_then(Value::as_array).into_iter().flatten().collect();
    html! {
        @for wording in list {
            dt { "From " (text(wording, "since")) " on" }
            dd {
                @if !text(wording, "title").is_empty() { "“" (text(wording, "title")) "”. " }
                (text(wording, "description"))
            }
        }
    }
}

fn readers(book: &Book<'_>, spot: &Spot) -> Markup {
    let readers = book.usage.rules.get(spot);
    html! { @if let Some(readers) = readers { (rules(book, readers)) } }
}
