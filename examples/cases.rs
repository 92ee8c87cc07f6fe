//! Makes the cases of the rules from `examples/cases/*.json` and the bases: `cargo run --example cases`.
//! Each rule has two whole returns, `holds` and `fails`, that differ in one place. What is written is read in review;
//! nothing here decides what a rule should say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a maker stops at the first mistake"
)]

mod support;

use std::path::Path;

use safereturn::schema::Schemas;
use safereturn::workbook::notation;
use serde_json::Value as Json;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas = support::pack();
    let only: Vec<String> = std::env::args().skip(1).collect();
    let mut plans: Vec<_> =
        std::fs::read_dir(root.join("examples/cases")).unwrap().map(|e| e.unwrap().path()).collect();
    plans.sort();
    for plan in plans.iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let plan: Json = serde_json::from_str(&std::fs::read_to_string(plan).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", plan.display()));
        for (rule, case) in plan.as_object().unwrap().iter().filter(|(rule, _)| only.is_empty() || only.contains(rule))
        {
            let holds = text(&schemas, rule, case, "holds");
            if let Some(story) = rule.strip_prefix("story:") {
                let folder = root.join("tests/stories");
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(format!("{story}.txt")), holds).unwrap();
                continue;
            }
            let folder = root.join("schemas/cases").join(rule);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("holds.txt"), holds).unwrap();
            std::fs::write(folder.join("fails.txt"), text(&schemas, rule, case, "fails")).unwrap();
        }
    }
}

/// The returns of one side of a case. `edits` of a return count for both sides; `holds` and `fails` for the last return
/// of their side only. A place is a figure's pointer, `label:` and a pointer, `cell:Sheet!B7`, `line:Sheet` (a directive
/// such as `hidden`), `drop:Sheet` (the whole sheet), `rename:Sheet` (its tab), or `context:key` (a line before the sheets).
/// `explanations` are the rows of the sheet of that name, which a return has only if they are given.
/// `sections` says which sections the return has; a sheet of those in `blank` is there too, with nothing filled in.
fn text(schemas: &Schemas, rule: &str, case: &Json, side: &str) -> String {
    let mut out = String::new();
    let returns = case["returns"].as_array().unwrap_or_else(|| panic!("{rule} has no returns"));
    for (index, given) in returns.iter().enumerate() {
        let name = given["base"].as_str().expect("a base");
        let sections: Vec<String> =
            given["sections"].as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect();
        let blank: Vec<String> =
            given["blank"].as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect();
        let mut laid = support::base(schemas, name, &sections, &blank);
        if let Some(rows) = given["explanations"].as_array() {
            laid.explain(schemas, rows);
        }
        let mut context: Vec<(String, String)> = Vec::new();
        let mut lines: Vec<(String, String)> = Vec::new();
        let mut late: Vec<(String, String)> = Vec::new();
        let none = serde_json::Map::new();
        let common = given.get("edits").and_then(Json::as_object).unwrap_or(&none);
        let own = case.get(side).and_then(Json::as_object).filter(|_| index + 1 == returns.len()).unwrap_or(&none);
        for (place, value) in common.iter().chain(own) {
            let value = value.as_str().unwrap_or_else(|| panic!("{rule}: {place} wants the text of a cell"));
            if let Some(key) = place.strip_prefix("context:") {
                context.retain(|(k, _)| k != key);
                if !value.is_empty() {
                    context.push((key.to_owned(), value.to_owned()));
                }
            } else if let Some(sheet) = place.strip_prefix("line:") {
                lines.push((sheet.to_owned(), value.to_owned()));
            } else if place.starts_with("drop:") || place.starts_with("rename:") {
                late.push((place.clone(), value.to_owned()));
            } else {
                let address = laid.place(place);
                laid.put(address, value);
            }
        }
        for (what, value) in late {
            let (what, sheet) = what.split_once(':').unwrap();
            let found = laid.workbook.sheets.iter().position(|s| s.name == sheet).expect("a sheet of the return");
            if what == "drop" {
                laid.workbook.sheets.remove(found);
            } else {
                laid.workbook.sheets[found].name = value;
            }
        }
        out.push_str(&format!("== {}\n", support::heading(name)));
        for (key, value) in context {
            match key.strip_prefix("property ") {
                Some(name) => out.push_str(&format!("property {name} = {value}\n")),
                None => out.push_str(&format!("{key}: {value}\n")),
            }
        }
        for line in notation::write(&laid.workbook).lines() {
            out.push_str(line);
            out.push('\n');
            if let Some(sheet) = line.strip_prefix("-- ") {
                lines.iter().filter(|(s, _)| s == sheet).for_each(|(_, l)| out.push_str(&format!("{l}\n")));
            }
        }
        out.push('\n');
    }
    out.trim_end().to_owned() + "\n"
}
