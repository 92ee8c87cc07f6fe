//! The list of measures that a text may speak of, made from the sections as the list of bodies is from the register:
//! `front-door.contacts_total`, “Front door: Contacts in the year”. It is the same for every kind of agency, because the
//! partnership speaks of everybody's figures.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::Code;
use super::register::{Span, texts};
use super::source::Source;

/// The key of the list, as fields name it.
pub const MEASURES: &str = "measures";

/// Every figure of the sections, in their order: a measure, or a column of a table.
pub(super) fn listed(order: &[String], sections: &BTreeMap<String, Source>) -> Vec<(Code, Span)> {
    let mut found: Vec<(Code, Span)> = Vec::new();
    for key in order {
        let Some(section) = sections.get(key).map(|source| &source.json) else { continue };
        for (name, property) in section["properties"].as_object().into_iter().flatten() {
            let title = |property: &Value| property["title"].as_str().unwrap_or_default().to_owned();
            let says = |words: &str| format!("{}: {words}", title(section));
            if is_number(property) {
                let mut aliases = vec![title(property), name.clone()];
                aliases.extend(property.get("x-aliases").map(texts).unwrap_or_default());
                found.push((code(format!("{key}.{name}"), says(&title(property)), aliases), Span::years(&[property])));
            } else if property.get("x-rows").is_some() {
                let columns = columns(&property["additionalProperties"]);
                for (path, words, inner) in &columns {
                    // A table with one column is called by its title.
                    let alone = if columns.len() == 1 { vec![title(property), name.clone()] } else { Vec::new() };
                    let label = says(&format!("{} · {words}", title(property)));
                    found.push((code(format!("{key}.{name}.{path}"), label, alone), Span::years(&[property, inner])));
                }
            }
        }
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (code, _) in &found {
        for words in code.aliases.iter().chain([&code.code, &code.label]) {
            *times.entry(words.to_lowercase()).or_default() += 1;
        }
    }
    // Words that several sheets use name none of them.
    for (code, _) in &mut found {
        code.aliases.retain(|words| times.get(&words.to_lowercase()) == Some(&1));
    }
    found
}

/// The figures in a table's row: their path, their words, and the column they belong to.
fn columns(row: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (name, property) in row["properties"].as_object().into_iter().flatten() {
        let title = property["title"].as_str().unwrap_or_default();
        if is_number(property) {
            found.push((name.clone(), title.to_owned(), property.clone()));
        }
        for (part, inner) in property.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if is_number(inner) {
                let words = format!("{title}: {}", inner["title"].as_str().unwrap_or_default());
                found.push((format!("{name}.{part}"), words, property.clone()));
            }
        }
    }
    found
}

fn is_number(property: &Value) -> bool {
    let definition = property.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
    matches!(definition, Some("count" | "percentage" | "points" | "rate" | "number" | "money"))
}

fn code(code: String, label: String, aliases: Vec<String>) -> Code {
    Code { code, label, aliases, exclusive: false, unknown: false, replaced_by: Vec::new() }
}
