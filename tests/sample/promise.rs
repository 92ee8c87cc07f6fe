//! Every file that the run on the sample writes is what its schema in `schemas/out/` says, and holds nothing that the schema does
//! not say. A file of no known kind is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{RUN, all};

/// What a file of the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A document that a schema of `schemas/out/` describes.
    Json(&'static str),
    /// Each line such a document.
    Lines(&'static str),
    /// A schema with which figures were checked.
    Schema,
    /// The table of records.
    Table,
    /// The same with types.
    Parquet,
    /// For people.
    Page,
    /// For people.
    Letter,
    /// A workbook.
    Workbook,
}

/// The kind of a file by its place, a year's directory or `unplaced` first.
fn kind(path: &str) -> Option<Kind> {
    let parts: Vec<&str> = path.split('/').collect();
    let feedback = |name: &str| match name {
        "report.json" => Some(Kind::Json("report")),
        "report.html" => Some(Kind::Page),
        "report.txt" | "letter.txt" => Some(Kind::Letter),
        "marked-up.xlsx" => Some(Kind::Workbook),
        _ => None,
    };
    match parts.as_slice() {
        ["ledger.jsonl"] => Some(Kind::Lines("ledger")),
        [_, "manifest.json"] => Some(Kind::Json("manifest")),
        ["unplaced", _, _, "receipt.json"] => Some(Kind::Json("receipt")),
        ["unplaced", _, _, name] => feedback(name),
        [_, "status.json"] => Some(Kind::Json("status")),
        [_, "status.html"] => Some(Kind::Page),
        [_, "status.txt"] => Some(Kind::Letter),
        [_, "data", "records.csv"] => Some(Kind::Table),
        [_, "data", "records.parquet"] => cfg!(feature = "parquet").then_some(Kind::Parquet),
        [_, "data", "datapackage.json"] => Some(Kind::Json("datapackage")),
        [_, "returns", _, name] => name.ends_with(".json").then_some(Kind::Json("section")),
        [_, "schemas", _, name] => name.ends_with(".json").then_some(Kind::Schema),
        [_, "receipts", _, name] => name.ends_with(".json").then_some(Kind::Json("receipt")),
        [_, "feedback", _, name] => feedback(name),
        _ => None,
    }
}

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/out/{name}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The schema as it is, but closed: what it does not name is refused. Readers get it open, because fields may be added.
fn close(node: &mut Value) {
    if let Some(object) = node.as_object_mut() {
        let closes = object.get("type").is_some_and(|kind| kind == "object") && object.contains_key("properties");
        if closes && !object.contains_key("additionalProperties") {
            object.insert("additionalProperties".into(), json!(false));
        }
        object.values_mut().for_each(close);
    } else if let Some(list) = node.as_array_mut() {
        list.iter_mut().for_each(close);
    }
}

fn validator(name: &str) -> Validator {
    let mut schema = schema(name);
    close(&mut schema);
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn validators() -> BTreeMap<&'static str, Validator> {
    ["section", "receipt", "report", "status", "manifest", "ledger", "datapackage"].map(|n| (n, validator(n))).into()
}

fn faults(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// What is wrong with a file, in sentences.
fn wrong(path: &str, bytes: &[u8], validators: &BTreeMap<&'static str, Validator>) -> Vec<String> {
    let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_err(|e| vec![e.to_string()]);
    let faulty = |name: &str, bytes: &[u8]| parsed(bytes).map_or_else(|e| e, |json| faults(&validators[name], &json));
    let found = match kind(path) {
        None => vec!["a file of no known kind".to_owned()],
        Some(Kind::Json(name)) => faulty(name, bytes),
        Some(Kind::Lines(name)) => {
            let lines = bytes.strip_suffix(b"\n").map(|all| all.split(|b| *b == b'\n').collect::<Vec<_>>());
            let faults = |lines: Vec<&[u8]>| lines.iter().flat_map(|line| faulty(name, line)).collect();
            lines.map_or_else(|| vec!["the last line has no end".to_owned()], faults)
        }
        Some(Kind::Schema) => parsed(bytes).map_or_else(
            |e| e,
            |json| jsonschema::meta::validate(&json).err().map(|e| e.to_string()).into_iter().collect(),
        ),
        Some(Kind::Table) => table(bytes),
        Some(Kind::Parquet) => begins(bytes, b"PAR1"),
        Some(Kind::Page) => begins(bytes, b"<!DOCTYPE html>"),
        Some(Kind::Letter) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.trim().is_empty() => Vec::new(),
            Ok(_) | Err(_) => vec!["no text".to_owned()],
        },
        Some(Kind::Workbook) => begins(bytes, b"PK"),
    };
    found.into_iter().map(|fault| format!("{path}: {fault}")).collect()
}

fn begins(bytes: &[u8], with: &[u8]) -> Vec<String> {
    let begin = bytes.get(..with.len()).unwrap_or_default();
    if begin.eq_ignore_ascii_case(with) { Vec::new() } else { vec![format!("it begins with {begin:?}")] }
}

/// The table against its table schema: columns, types, constraints and the key.
fn table(bytes: &[u8]) -> Vec<String> {
    let schema = schema("records");
    let fields = schema["fields"].as_array().unwrap();
    let mut reader = csv::Reader::from_reader(bytes);
    let mut found = Vec::new();
    let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    if reader.headers().unwrap().iter().ne(names.iter().copied()) {
        found.push("other columns".to_owned());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") || bytes.contains(&b'\r') || !bytes.ends_with(b"\n") {
        found.push("other marks at its beginning or at the ends of its lines".to_owned());
    }
    let key: Vec<usize> = schema["primaryKey"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| names.iter().position(|n| name == n).unwrap())
        .collect();
    let patterns: Vec<Option<regex::Regex>> = fields
        .iter()
        .map(|f| f["constraints"]["pattern"].as_str().map(|p| regex::Regex::new(&format!("^(?:{p})$")).unwrap()))
        .collect();
    let mut keys = BTreeSet::new();
    for (i, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let mut fault = |name: &str, what: &str| found.push(format!("row {}, {name}: {what}", i + 2));
        if !keys.insert(key.iter().map(|at| row[*at].to_owned()).collect::<Vec<_>>()) {
            fault("the key", "there already");
        }
        for ((field, pattern), (name, text)) in fields.iter().zip(&patterns).zip(names.iter().zip(&row)) {
            let constraints = &field["constraints"];
            if text.is_empty() {
                if constraints["required"] == true {
                    fault(name, "missing");
                }
                continue;
            }
            if field["type"] == "number" && !text.parse::<f64>().is_ok_and(f64::is_finite) {
                fault(name, "no number");
            }
            if field["type"] == "string" && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
                fault(name, "a spreadsheet takes it for a formula");
            }
            if constraints["enum"].as_array().is_some_and(|words| !words.contains(&json!(text))) {
                fault(name, "no word of the list");
            }
            if pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
                fault(name, "of another form");
            }
        }
    }
    found
}

#[test]
fn every_file_is_what_its_schema_says_and_nothing_else() {
    let validators = validators();
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (path, bytes) in all(RUN.0.path()) {
        found.extend(wrong(&path, &bytes, &validators));
        if let Some(kind) = kind(&path) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    assert!(found.is_empty(), "{} faults, such as\n{}", found.len(), found[..found.len().min(20)].join("\n"));
    for name in validators.keys().filter(|name| **name != "ledger") {
        assert!(counts.contains_key(&Kind::Json(name)), "no {name} was written");
    }
    let known = [Kind::Lines("ledger"), Kind::Schema, Kind::Table, Kind::Page, Kind::Letter];
    assert!(known.iter().all(|kind| counts.contains_key(kind)), "{counts:?}");
    println!("{} files, each as its schema says: {counts:?}", counts.values().sum::<usize>());
}

#[test]
fn a_field_more_or_less_or_of_another_type_is_seen_in_every_kind_of_document() {
    let validators = validators();
    let files = all(RUN.0.path());
    for name in validators.keys() {
        let (path, bytes) = files
            .iter()
            .find(|(path, _)| matches!(kind(path), Some(Kind::Json(n) | Kind::Lines(n)) if n == *name))
            .unwrap();
        let line = bytes.split(|b| *b == b'\n' && path.ends_with("jsonl")).next().unwrap();
        let document: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(faults(&validators[name], &document), Vec::<String>::new());
        let fields: Vec<String> = document.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let mut less = document.clone();
            less.as_object_mut().unwrap().remove(&field);
            let required = schema(name)["required"].as_array().unwrap().contains(&json!(field));
            assert_eq!(!faults(&validators[name], &less).is_empty(), required, "{name}: without {field}");
            let mut other = document.clone();
            other[field.as_str()] = json!(-0.5);
            assert!(!faults(&validators[name], &other).is_empty(), "{name}: {field} as a number below nothing");
        }
        let mut more = document;
        more["unheard of"] = json!(1);
        assert!(!faults(&validators[name], &more).is_empty(), "{name}: a field more");
    }
}

#[test]
fn a_wrong_cell_a_key_that_is_there_twice_and_a_stray_file_are_seen() {
    let csv = fs::read_to_string(RUN.0.path().join("2020-21/data/records.csv")).unwrap();
    assert_eq!(table(csv.as_bytes()), Vec::<String>::new());
    let lines: Vec<&str> = csv.lines().collect();
    let with = |line: &str| table(format!("{csv}{line}\n").as_bytes()).join("; ");
    assert!(with(lines[1]).contains("there already"));
    let other = lines[1].replacen("2020-21", "2019-20", 1);
    assert_eq!(with(&other), "");
    assert!(with(&other.replace(",returned,", ",guessed,")).contains("origin: no word of the list"));
    assert!(with(&other.replacen("2019-20", "2019", 1)).contains("year: of another form"));
    assert!(table(csv.replacen("year,body", "body,year", 1).as_bytes()).contains(&"other columns".to_owned()));
    assert!(!table(csv.replace('\n', "\r\n").as_bytes()).is_empty());
    for stray in ["2021-22/returns/csc/front-door.csv", "2021-22/data/records.csv.bak", "2021-22/core", "notes.txt"] {
        assert_eq!(kind(stray), None, "{stray}");
    }
}
