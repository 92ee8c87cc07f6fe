//! The promise of `schemas/out/README.md`: within a version no field is taken away and none changes its type. What each version
//! has stands in `tests/snapshots/promise/`; `PROMISE=write` adds what is new there, and never takes anything back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The schemas by name: `section`, and `section-1` for what is kept of an earlier version.
fn schemas() -> BTreeMap<String, Value> {
    let files = fs::read_dir(folder("schemas/out")).unwrap().map(|entry| entry.unwrap().path());
    let schemas = files.filter(|path| path.extension().is_some_and(|e| e == "json"));
    let read = |path: PathBuf| {
        let schema = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), schema)
    };
    schemas.map(read).collect()
}

/// The version at the end of a schema's `$id`, which has to name the schema.
fn version(name: &str, schema: &Value) -> Result<u32, String> {
    let id = schema["$id"].as_str().unwrap_or_default();
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    let number = id.strip_prefix(&format!("https://safereturn.org/schemas/out/{base}/"));
    let number = number.and_then(|rest| rest.strip_suffix(".json")?.parse().ok());
    number.ok_or_else(|| format!("{name}: {id:?} does not end in {base}/<version>.json"))
}

/// Every field of a schema: its place, what it may be, and whether it is always there.
fn fields(schema: &Value) -> BTreeMap<String, (String, bool)> {
    let mut out = BTreeMap::new();
    if let Some(columns) = schema["fields"].as_array() {
        for (i, column) in columns.iter().enumerate() {
            let kind = format!("column {} {} {}", i + 1, column["type"], kind(&column["constraints"]));
            out.insert(column["name"].as_str().unwrap().to_owned(), (kind, column["constraints"]["required"] == true));
        }
        out.insert("the key".to_owned(), (schema["primaryKey"].to_string(), true));
        return out;
    }
    walk(schema, schema, "", &mut out);
    out
}

fn walk(node: &Value, root: &Value, at: &str, out: &mut BTreeMap<String, (String, bool)>) {
    let node = resolved(node, root);
    let required: BTreeSet<&str> =
        node["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, field) in node["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        out.insert(at.clone(), (kind(resolved(field, root)), required.contains(key.as_str())));
        walk(field, root, &at, out);
    }
    for (word, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
        if node[word].is_object() {
            let at = format!("{at}{mark}");
            out.insert(at.clone(), (kind(resolved(&node[word], root)), true));
            walk(&node[word], root, &at, out);
        }
    }
}

fn resolved<'v>(node: &'v Value, root: &'v Value) -> &'v Value {
    let to = node["$ref"].as_str().and_then(|to| root.pointer(to.trim_start_matches('#')));
    to.unwrap_or(node)
}

/// What a field may be, in the words of the schema.
fn kind(node: &Value) -> String {
    let words = ["type", "enum", "const", "format", "pattern"].into_iter();
    let said = words.filter(|word| !node[*word].is_null()).map(|word| format!("{word} {}", node[word]));
    said.collect::<Vec<_>>().join(" ")
}

/// What of an earlier state is broken by a later one, in sentences.
fn broken(before: &BTreeMap<String, (String, bool)>, now: &BTreeMap<String, (String, bool)>) -> Vec<String> {
    let wrong = |(at, (kind, always)): (&String, &(String, bool))| match now.get(at) {
        None => Some(format!("{at} is gone")),
        Some((other, _)) if other != kind => Some(format!("{at} was {kind} and is {other}")),
        Some((_, false)) if *always => Some(format!("{at} was always there and need not be now")),
        Some(_) => None,
    };
    before.iter().filter_map(wrong).collect()
}

fn written(fields: &BTreeMap<String, (String, bool)>) -> String {
    let line = |(at, (kind, always)): (&String, &(String, bool))| {
        format!("{at}\t{}\t{kind}\n", if *always { "always" } else { "perhaps" })
    };
    fields.iter().map(line).collect()
}

fn read(text: &str) -> BTreeMap<String, (String, bool)> {
    let line = |line: &str| {
        let parts: Vec<&str> = line.splitn(3, '\t').collect();
        (parts[0].to_owned(), (parts[2].to_owned(), parts[1] == "always"))
    };
    text.lines().map(line).collect()
}

#[test]
fn within_a_version_nothing_is_taken_away_or_changed() {
    let mut wrong = Vec::new();
    let mut kept = BTreeSet::new();
    for (name, schema) in schemas() {
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
        let file = format!("{base}-{}.txt", version(&name, &schema).unwrap());
        let path = folder("tests/snapshots/promise").join(&file);
        let now = fields(&schema);
        assert!(!now.is_empty(), "{name}: no fields");
        let before = fs::read_to_string(&path).map(|text| read(&text)).unwrap_or_default();
        let lost = broken(&before, &now);
        if before != now && lost.is_empty() && std::env::var_os("PROMISE").is_some_and(|v| v == "write") {
            fs::write(&path, written(&now)).unwrap();
        } else if before != now {
            let added = now.keys().filter(|at| !before.contains_key(*at)).map(|at| format!("{at} is new"));
            wrong.extend(lost.into_iter().chain(added).map(|what| format!("{file}: {what}")));
        }
        kept.insert(file);
    }
    assert!(
        wrong.is_empty(),
        "{}\nWhat is new is taken up with PROMISE=write. What is gone or changed needs a new version: see schemas/out/README.md.",
        wrong.join("\n")
    );
    for entry in fs::read_dir(folder("tests/snapshots/promise")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        assert!(kept.contains(&file), "{file}: the schema of this version is to be kept in schemas/out");
    }
}

#[test]
fn each_schema_names_its_version_and_says_what_each_field_is() {
    for (name, schema) in schemas() {
        let version = version(&name, &schema).unwrap();
        for word in ["title", "description"] {
            assert!(schema[word].is_string(), "{name}: no {word}");
        }
        let format = schema["properties"]["format"]["const"].as_str().or(schema["format"].as_str());
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
        if base != "datapackage" {
            assert_eq!(format, Some(format!("safereturn.{base}/{version}").as_str()), "{name}");
        }
        undescribed(&schema, &schema, &name);
        // A reader that checks what it is given must not trip over a field that was added.
        assert!(!schema.to_string().contains("\"additionalProperties\":false"), "{name}: closed to new fields");
        if schema["fields"].is_null() {
            assert!(jsonschema::meta::is_valid(&schema), "{name}: no JSON Schema");
        }
    }
}

fn undescribed(node: &Value, root: &Value, at: &str) {
    for (key, field) in node["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        let told = field["description"].as_str().or(resolved(field, root)["description"].as_str());
        assert!(told.is_some_and(|told| told.ends_with(['.', '!'])), "{at}: not described in a sentence");
        undescribed(field, root, &at);
    }
    for word in ["items", "additionalProperties"] {
        if node[word].is_object() {
            undescribed(&node[word], root, &format!("{at}/{word}"));
        }
    }
}

#[test]
fn a_breaking_change_is_seen_and_an_added_field_is_not_one() {
    let schema = &schemas()["receipt"];
    let before = fields(schema);
    assert_eq!(read(&written(&before)), before);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = schema.clone();
        change(&mut changed);
        broken(&before, &fields(&changed))
    };
    assert_eq!(with(&|s| s["properties"]["new"] = serde_json::json!({ "type": "string" })), Vec::<String>::new());
    let gone = with(&|s| drop(s["properties"].as_object_mut().unwrap().remove("outcome")));
    assert_eq!(gone, ["/outcome is gone"]);
    let other = with(&|s| s["properties"]["released"]["items"]["properties"]["records"]["type"] = "string".into());
    assert_eq!(other, ["/released[]/records was type \"integer\" and is type \"string\""]);
    assert_eq!(with(&|s| drop(s["required"].as_array_mut().unwrap().remove(1))).len(), 1, "no longer always there");
    assert_eq!(with(&|s| s["properties"]["outcome"]["enum"][0] = "fine".into()).len(), 1, "another word");
    let records = &schemas()["records"];
    let mut turned = records.clone();
    turned["fields"].as_array_mut().unwrap().swap(3, 4);
    assert_eq!(broken(&fields(records), &fields(&turned)).len(), 2, "columns in another order");
}
