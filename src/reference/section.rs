//! The page of a section (or of the cover or the explanations): who returns it, an overview of what is asked for, and
//! then every measure, table and list.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::Value;

use super::measure::{article, asked, presence, wordings};
use super::page::{self, anchor, code_list, fact, frame, rules, said};
use super::usage::Spot;
use super::{Book, text, texts};

pub(super) fn page(book: &Book<'_>, key: &str) -> Markup {
    let file = book.file(key);
    let required = texts(file, "required");
    let properties: Vec<(&String, &Value)> = file["properties"].as_object().into_iter().flatten().collect();
    let body = html! {
        p.lead { (text(file, "description")) }
        dl.facts {
            (said("Also called", &texts(file, "x-aliases").join(" · ")))
            (said("Serves the aims", &texts(file, "x-aims").join(", ")))
            (owners(book, key))
            (fact("Rules about it", &own_rules(book, key)))
        }
        p { "Every figure is also held to the " a href="rules.html#general" { "rules that hold for all sections" }
            ": whole numbers, real dates, codes that are on their lists, nothing about one child." }
        (overview(&properties, &required))
        @for (name, property) in &properties {
            @if property.get("x-rows").is_some() { (table(book, key, name, property, required.contains(&name.as_str()))) }
            @else if property.get("x-key").is_some() { (list(book, key, name, property)) }
            @else { (article(book, &(key.to_owned(), vec![(*name).clone()]), property, required.contains(&name.as_str()), "")) }
        }
    };
    frame(book, &book.title(key), &body)
}

fn owners(book: &Book<'_>, key: &str) -> Markup {
    let of = |must: bool| -> BTreeSet<&str> {
        let kinds = book.schemas.agencies.kinds.iter();
        kinds.filter(|k| k.sections.get(key) == Some(&must)).map(|k| k.key.as_str()).collect()
    };
    let (must, may) = (of(true), of(false));
    html! {
        @if !must.is_empty() { (fact("Must be returned by", &page::kinds(book, &must))) }
        @if !may.is_empty() { (fact("May be returned by", &page::kinds(book, &may))) }
        @if must.is_empty() && may.is_empty() { (said("Returned by", "everybody")) }
    }
}

fn own_rules(book: &Book<'_>, key: &str) -> Markup {
    let here = |id: &&String| book.usage.declared.get(*id).is_some_and(|all| all.iter().any(|d| d.spot.0 == key));
    let ids: Vec<&String> = book.usage.declared.keys().filter(here).collect();
    html! { @if !ids.is_empty() { details { summary { (ids.len()) " rules speak about this sheet" } (rules(book, ids)) } } }
}

/// What is asked for at a glance, each line a link.
fn overview(properties: &[(&String, &Value)], required: &[&str]) -> Markup {
    let row = |name: &String, property: &Value| {
        let must = required.contains(&name.as_str());
        let what = if property.get("x-rows").is_some() {
            "a table".to_owned()
        } else if property.get("x-key").is_some() {
            "a list".to_owned()
        } else {
            let unit =
                [text(property, "x-unit-of-count"), text(property, "x-unit")].into_iter().find(|u| !u.is_empty());
            let definition = text(property, "$ref").rsplit('/').next().unwrap_or_default();
            unit.unwrap_or(definition).to_owned()
        };
        let need = if property.get("x-key").is_some() { String::new() } else { asked(property, must) };
        html! {
            td { a href={ "#" (name) } { (text(property, "title")) } }
            td { (what) }
            td { (need) }
        }
    };
    let rows: Vec<Markup> = properties.iter().map(|(name, property)| row(name, property)).collect();
    html! {
        h2 { "What is asked for" }
        (page::table("What is asked for", &["On the sheet", "Figure", "Required"], &rows))
        h2 { "Each of them" }
    }
}

fn table(book: &Book<'_>, key: &str, name: &str, property: &Value, required: bool) -> Markup {
    let spot: Spot = (key.to_owned(), vec![name.to_owned()]);
    let row = &property["additionalProperties"];
    html! {
        section id=(anchor(&spot.1)) {
            h2 { (text(property, "title")) }
            p { (text(property, "description")) }
            dl.facts {
                (fact("One row for each of", &code_list(book, text(property, "x-rows"))))
                (fact("Bands without a gap", &html! { @if !text(property, "x-bands").is_empty() { (code_list(book, text(property, "x-bands"))) } }))
                (said("Required", &asked(property, required)))
                (presence(book, &spot))
                (said("Also called", &texts(property, "x-aliases").join(" · ")))
                (wordings(property))
                (said("Source", text(property, "x-source")))
                (said("Assumption", text(property, "x-assumption")))
            }
            p.id { code { (key) "." (name) } }
            (columns(book, &spot, row))
        }
    }
}

fn list(book: &Book<'_>, key: &str, name: &str, property: &Value) -> Markup {
    let spot: Spot = (key.to_owned(), vec![name.to_owned()]);
    let row = &property["items"];
    let named_by = text(&row["properties"][text(property, "x-key")], "title");
    html! {
        section id=(anchor(&spot.1)) {
            h2 { (text(property, "title")) }
            p { (text(property, "description")) }
            dl.facts {
                (said("One row each, named by", named_by))
                (presence(book, &spot))
                (said("Also called", &texts(property, "x-aliases").join(" · ")))
                (wordings(property))
                (said("Source", text(property, "x-source")))
                (said("Assumption", text(property, "x-assumption")))
            }
            p.id { code { (key) "." (name) } }
            (columns(book, &spot, row))
        }
    }
}

/// The columns of a row; a breakdown inside a row is shown column by column.
fn columns(book: &Book<'_>, table: &Spot, row: &Value) -> Markup {
    let required = texts(row, "required");
    let below = |name: &str, part: Option<&str>| -> Spot {
        let rest = std::iter::once(name).chain(part).map(str::to_owned);
        (table.0.clone(), table.1.iter().cloned().chain(rest).collect())
    };
    html! {
        @for (name, property) in row["properties"].as_object().into_iter().flatten() {
            @if let Some(parts) = property.get("properties").and_then(Value::as_object) {
                @let inner = texts(property, "required");
                @for (part, schema) in parts {
                    (article(book, &below(name, Some(part)), schema, inner.contains(&part.as_str()), text(property, "title")))
                }
            } @else {
                (article(book, &below(name, None), property, required.contains(&name.as_str()), ""))
            }
        }
    }
}
