//! The data of a year as files, and the Data Package descriptor that says what is in them.

use std::collections::BTreeSet;
use std::io;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{json_file, program, records_csv};
use crate::record::Record;
use crate::report::sha256;

/// What the columns mean, as a Data Package table schema: the columns of the table are checked against it by a test.
pub(super) const TABLE_SCHEMA: &str = include_str!("../../schemas/out/records.json");

/// What data are of.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The reporting year.
    pub year: &'a str,
    /// The date of the run.
    pub as_of: NaiveDate,
    /// The pack: name, version and hash.
    pub pack: &'a (String, String, String),
}

/// The files of `data/`, by name: the records as csv, as Parquet where the program was built for that, and their descriptor.
///
/// # Errors
/// The Parquet file could not be made.
pub fn data_files(records: &[Record], about: About<'_>) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    #[cfg_attr(not(feature = "parquet"), expect(unused_mut, reason = "one file more with Parquet"))]
    let mut tables = vec![("records.csv", records_csv(records).into_bytes())];
    #[cfg(feature = "parquet")]
    tables.push(("records.parquet", super::parquet::records_parquet(records)?));
    let descriptor = json_file(&data_package(records, &tables, about));
    Ok(tables.into_iter().chain([("datapackage.json", descriptor)]).collect())
}

/// The descriptor (version 2) of these tables.
fn data_package(records: &[Record], tables: &[(&str, Vec<u8>)], about: About<'_>) -> Value {
    let bodies: BTreeSet<&str> = records.iter().map(|record| record.body.as_str()).collect();
    let (pack, version, hash) = about.pack;
    let mut sources = vec![json!({ "title": format!("Schema pack {pack}"), "version": version, "sha256": hash })];
    sources.extend(bodies.iter().map(|body| json!({ "title": format!("Return of {body} for {}", about.year) })));
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": format!("safereturn-{}", about.year),
        "title": format!("Figures returned for {}", about.year),
        "description": "True counts for the partnership's own tools, not for publication: see the column publishable. One row for \
            every number of an accepted section, in the order of bodies, sections and measures; the same rows in each resource.",
        "version": version,
        // The day that the run was for: no clock is asked, so that the same inputs give the same bytes.
        "created": format!("{}T00:00:00Z", about.as_of),
        "licenses": [{ "name": "other-closed", "title": "Not for publication. For the partnership's own tools only." }],
        "sources": sources,
        "contributors": [{ "title": program(), "roles": ["wrangler"] }],
        "resources": tables.iter().map(|(path, bytes)| resource(path, bytes)).collect::<Vec<_>>(),
    })
}

fn resource(path: &str, bytes: &[u8]) -> Value {
    let mut resource = json!({
        "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
        "name": if path == "records.csv" { "records".to_owned() } else { path.replace('.', "-") },
        "path": path,
    });
    let (kind, format, media) = match path.rsplit_once('.') {
        Some((_, "csv")) => ("table", "csv", "text/csv"),
        // A reader that knows csv only must not take it for a table that it can check.
        _ => ("file", "parquet", "application/vnd.apache.parquet"),
    };
    let said = json!({
        "type": kind,
        "format": format,
        "mediatype": media,
        "bytes": bytes.len(),
        "hash": format!("sha256:{}", sha256(bytes)),
    });
    let table = json!({
        "encoding": "utf-8",
        "dialect": {
            "$schema": "https://datapackage.org/profiles/2.0/tabledialect.json",
            "header": true,
            "delimiter": ",",
            "lineTerminator": "\n",
            "quoteChar": "\"",
            "doubleQuote": true,
        },
        "schema": table_schema(),
    });
    if let Some(fields) = resource.as_object_mut() {
        fields.extend(said.as_object().cloned().unwrap_or_default());
        fields.extend(table.as_object().filter(|_| format == "csv").cloned().unwrap_or_default());
    }
    resource
}

/// The table schema as descriptors carry it.
pub(super) fn table_schema() -> Value {
    // The file is part of the program: a test parses it, so that null cannot arise here.
    let mut schema: Value = serde_json::from_str(TABLE_SCHEMA).unwrap_or(Value::Null);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), json!("https://datapackage.org/profiles/2.0/tableschema.json"));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::record;
    use super::super::table::{COLUMNS, Content};
    use super::*;

    #[test]
    fn the_description_of_the_table_names_its_columns_in_order() {
        let schema: Value = serde_json::from_str(TABLE_SCHEMA).unwrap();
        let fields = schema["fields"].as_array().unwrap();
        assert_eq!(
            fields.iter().map(|f| f["name"].as_str().unwrap()).collect::<Vec<_>>(),
            COLUMNS.iter().map(|c| c.name).collect::<Vec<_>>()
        );
        let key = schema["primaryKey"].as_array().unwrap();
        for (field, column) in fields.iter().zip(COLUMNS) {
            let name = column.name;
            let required = field["constraints"]["required"] == true;
            assert_eq!(field["type"] == "number", column.content == Content::Number, "{name}");
            assert_eq!(required || key.contains(&json!(name)), column.content == Content::Text, "{name}");
            // Part of the key, so that nothing is a value like any other.
            assert_eq!(field.get("missingValues").is_some(), key.contains(&json!(name)) && !required, "{name}");
            assert!(field["title"].is_string() && field["description"].is_string(), "{name}");
        }
    }

    #[test]
    fn the_descriptor_says_what_the_files_are() {
        let day = NaiveDate::from_ymd_opt(2022, 6, 1).unwrap();
        let pack = ("pack".to_owned(), "1.0.0".to_owned(), "ab".to_owned());
        let about = About { year: "2021-22", as_of: day, pack: &pack };
        let files = data_files(&[record()], about).unwrap();
        let (last, tables) = files.split_last().unwrap();
        assert_eq!(last.0, "datapackage.json");
        let package: Value = serde_json::from_slice(&last.1).unwrap();
        assert_eq!(package["created"], "2022-06-01T00:00:00Z");
        assert_eq!(package["sources"][1]["title"], "Return of csc for 2021-22");
        assert_eq!(package["resources"].as_array().unwrap().len(), tables.len());
        for ((name, bytes), resource) in tables.iter().zip(package["resources"].as_array().unwrap()) {
            assert_eq!(resource["path"], *name);
            assert_eq!(resource["bytes"], bytes.len());
            assert_eq!(resource["hash"], format!("sha256:{}", sha256(bytes)));
        }
        assert_eq!(package["resources"][0]["schema"]["fields"].as_array().unwrap().len(), COLUMNS.len());
        assert_eq!(tables.len(), 1 + usize::from(cfg!(feature = "parquet")));
    }
}
