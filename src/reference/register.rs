//! The pages of code lists, thresholds and reference data, each with its source.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use serde_json::Value;

use super::page::{self, codes_file, fact, frame, rules, said, spot, table};
use super::usage::Spot;
use super::{Book, text, texts};

/// All code lists.
pub(super) fn code_lists(book: &Book<'_>) -> Markup {
    let rows: Vec<Markup> = book
        .code_lists()
        .into_iter()
        .map(|key| {
            let list = list(book, key);
            let size = list["codes"].as_array().map_or(0, Vec::len);
            html! { td { a href=(codes_file(key)) { (text(list, "title")) } } td { (size) } td.wide { (text(list, "source")) } }
        })
        .collect();
    let body = html! {
        p.lead { "Where a figure has a list of answers, or a table has fixed rows, this is the list." }
        (table("Code lists", &["List", "Codes", "Source"], &rows))
    };
    frame(book, "Code lists", &body)
}

fn list<'b>(book: &'b Book<'_>, key: &str) -> &'b Value {
    book.json.get(format!("codes/{key}.json").as_str()).unwrap_or(&Value::Null)
}

/// One code list.
pub(super) fn code_list(book: &Book<'_>, key: &str) -> Markup {
    let list = list(book, key);
    let codes: Vec<&Value> = list["codes"].as_array().into_iter().flatten().collect();
    let rows: Vec<Markup> = codes
        .iter()
        .map(|code| {
            html! {
                th scope="row" id=(text(code, "code")) { (text(code, "code")) }
                td.wide { (text(code, "label")) }
                td { (texts(code, "aliases").join(" · ")) }
                td { (remarks(code)) }
            }
        })
        .collect();
    let users = users(book, key);
    let body = html! {
        p { (text(list, "description")) }
        dl.facts {
            (said("Source", text(list, "source")))
            (fact("Used by", &html! { ul.plain { @for one in &users { li { (page::section(book, &one.0)) ": " (spot(book, one)) } } } }))
        }
        (table("Codes", &["Code", "Meaning", "Also understood", "Remarks"], &rows))
    };
    frame(book, text(list, "title"), &body)
}

/// Years, kinds and what else holds for a code.
fn remarks(code: &Value) -> String {
    let mut said = Vec::new();
    match (text(code, "x-since"), text(code, "x-until")) {
        ("", "") => {}
        (since, "") => said.push(format!("from {since} on")),
        ("", until) => said.push(format!("up to {until}")),
        (since, until) => said.push(format!("{since} to {until}")),
    }
    let (after, of) = (texts(code, "replaced_by"), texts(code, "x-for"));
    if !after.is_empty() {
        said.push(format!("now {}", after.join(" or ")));
    }
    if !of.is_empty() {
        said.push(format!("only for {}", of.join(", ")));
    }
    for (key, words) in [("exclusive", "stands alone"), ("unknown", "counts as not known")] {
        if code.get(key).and_then(Value::as_bool) == Some(true) {
            said.push(words.to_owned());
        }
    }
    said.join("; ")
}

/// The tables and measures that use a list.
fn users(book: &Book<'_>, list: &str) -> BTreeSet<Spot> {
    let mut users = BTreeSet::new();
    for key in book.sheets() {
        for (name, property) in book.file(&key)["properties"].as_object().into_iter().flatten() {
            let mut path = vec![name.clone()];
            collect(property, &mut path, list, &key, &mut users);
        }
    }
    users
}

fn collect(property: &Value, path: &mut Vec<String>, list: &str, section: &str, users: &mut BTreeSet<Spot>) {
    if ["x-codes", "x-rows", "x-bands"].iter().any(|keyword| text(property, keyword) == list) {
        users.insert((section.to_owned(), path.clone()));
    }
    for row in [property, &property["additionalProperties"], &property["items"]] {
        for (name, inner) in row.get("properties").and_then(Value::as_object).into_iter().flatten() {
            path.push(name.clone());
            collect(inner, path, list, section, users);
            path.pop();
        }
    }
}

/// Every threshold.
pub(super) fn parameters(book: &Book<'_>) -> Markup {
    let file = book.json.get("parameters.json").unwrap_or(&Value::Null);
    let own = file.as_object().into_iter().flatten().filter(|(name, _)| !name.starts_with('$'));
    let entry = |name: &String, parameter: &Value| {
        let readers = book.usage.parameters.get(name);
        html! {
            article.measure id=(name) {
                h3 { (text(parameter, "title")) }
                dl.facts {
                    (said("Value", &format!("{} {}", parameter["value"], text(parameter, "unit"))))
                    (said("Source", text(parameter, "source")))
                    @if let Some(readers) = readers { (fact("Rules that use it", &rules(book, readers))) }
                    @else { (said("Used by", "the program itself, for every figure that it fits")) }
                }
                p.id { code { (name) } }
            }
        }
    };
    let own: Vec<(&String, &Value)> = own.collect();
    let rows: Vec<Markup> = own
        .iter()
        .map(|(name, parameter)| {
            html! {
                td { a href={ "#" (name) } { (text(parameter, "title")) } }
                td { (parameter["value"].to_string()) " " (text(parameter, "unit")) }
            }
        })
        .collect();
    let body = html! {
        p.lead { "Every number that decides whether something is asked about. A partnership may change them without a programmer." }
        (table("Thresholds", &["Threshold", "Value"], &rows))
        @for (name, parameter) in &own { (entry(name, parameter)) }
    };
    frame(book, "Thresholds", &body)
}

/// Reference data, with vintage, source and licence.
pub(super) fn data(book: &Book<'_>) -> Markup {
    let files = book.json.iter().filter(|(path, _)| path.starts_with("reference/"));
    let entry = |file: &Value| {
        let mut figures: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
        for (year, values) in file["values"].as_object().into_iter().flatten() {
            for (name, figure) in values.as_object().into_iter().flatten() {
                figures.entry(name).or_default().insert(year, figure);
            }
        }
        html! {
            section {
                h2 { (text(file, "title")) }
                dl.facts {
                    (said("Vintage", text(file, "vintage")))
                    (said("Source", text(file, "source")))
                    (said("Licence", text(file, "licence")))
                    @for key in ["dates", "postcodes", "phones", "email_endings"] {
                        (said(&capital(key), &texts(file, key).join(", ")))
                    }
                }
                @for (name, years) in &figures { (figure(book, name, years, &file["vintages"])) }
            }
        }
    };
    let body = html! {
        p.lead { "Figures that agencies do not return but that theirs are set beside: populations, comparators, bank holidays." }
        @for (_, file) in files { (entry(file)) }
    };
    frame(book, "Reference data", &body)
}

fn capital(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn figure(book: &Book<'_>, name: &str, years: &BTreeMap<&str, &Value>, vintages: &Value) -> Markup {
    let rows: Vec<Markup> = years
        .iter()
        .map(|(year, value)| html! { th scope="row" { (year) } td { (value.to_string()) } td.wide { (text(vintages, year)) } })
        .collect();
    let measures = book.usage.rest_on.get(name);
    html! {
        article.measure id=(name) {
            h3 { (capital(name)) }
            (table(name, &["Year", "Figure", "Edition"], &rows))
            dl.facts {
                @if let Some(readers) = book.usage.references.get(name) { (fact("Rules that use it", &rules(book, readers))) }
                @if let Some(measures) = measures {
                    (fact("Measures that rest on it", &html! { ul.plain { @for one in measures { li { (spot(book, one)) } } } }))
                }
            }
            p.id { code { (name) } }
        }
    }
}
