//! The records as a table, and the descriptor that says what its columns mean.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{harmless, program};
use crate::record::Record;

/// What the columns mean, as a Data Package table schema: the header of the table is checked against it by a test.
const TABLE_SCHEMA: &str = include_str!("../../schemas/out/records.json");

/// The columns in order, each with the way to its text. Numbers stay as they are, all else is made harmless.
const COLUMNS: [(&str, fn(&Record) -> &str, Content); 21] = [
    ("year", |r| &r.year, Content::Text),
    ("body", |r| &r.body, Content::Text),
    ("kind", |r| &r.kind, Content::Text),
    ("section", |r| &r.section, Content::Text),
    ("table", |r| &r.table, Content::Text),
    ("measure", |r| &r.measure, Content::Text),
    ("breakdown", |r| &r.breakdown, Content::Text),
    ("value", |r| &r.value, Content::Number),
    ("marker", |r| &r.marker, Content::Text),
    ("status", |r| &r.status, Content::Text),
    ("unit", |r| &r.unit, Content::Text),
    ("unit_of_count", |r| &r.unit_of_count, Content::Text),
    ("origin", |r| r.origin.word(), Content::Text),
    ("numerator", |r| &r.numerator, Content::Number),
    ("denominator", |r| &r.denominator, Content::Number),
    ("publishable", |r| r.publishable.word(), Content::Text),
    ("why", |r| &r.why, Content::Text),
    ("note", |r| &r.note, Content::Text),
    ("source_file", |r| &r.source_file, Content::Text),
    ("source_sheet", |r| &r.source_sheet, Content::Text),
    ("source_cells", |r| &r.source_cells, Content::Text),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Number,
}

/// The records as comma-separated values with a heading, UTF-8, one line a record.
#[must_use]
pub fn records_csv(records: &[Record]) -> String {
    let mut out = String::new();
    line(&mut out, COLUMNS.iter().map(|(name, _, _)| (*name).to_owned()));
    for record in records {
        line(
            &mut out,
            COLUMNS.iter().map(|(_, text, content)| match content {
                Content::Number => text(record).to_owned(),
                Content::Text => harmless(text(record)).into_owned(),
            }),
        );
    }
    out
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push('\n');
}

/// The Data Package descriptor (version 2) of `records.csv`.
#[must_use]
pub fn data_package(csv: &str, year: &str, pack: &(String, String, String)) -> Value {
    let hash: String = Sha256::digest(csv.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    // The file is part of the program: a test parses it, so that null cannot arise here.
    let mut schema: Value = serde_json::from_str(TABLE_SCHEMA).unwrap_or(Value::Null);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), json!("https://datapackage.org/profiles/2.0/tableschema.json"));
    }
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": format!("safereturn-{year}"),
        "title": format!("Figures returned for {year}"),
        "description": "True counts for the partnership's own tools, not for publication: see the column publishable.",
        "version": pack.1,
        "sources": [{ "title": format!("Schema pack {} {} (sha256 {})", pack.0, pack.1, pack.2) }],
        "contributors": [{ "title": program(), "roles": ["wrangler"] }],
        "resources": [{
            "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
            "name": "records",
            "path": "records.csv",
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": csv.len(),
            "hash": format!("sha256:{hash}"),
            "schema": schema,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Origin, Publishable};

    fn record() -> Record {
        let text = String::new;
        Record {
            year: "2021-22".into(),
            body: "csc".into(),
            kind: "csc".into(),
            section: "child-protection".into(),
            table: text(),
            measure: "gap".into(),
            breakdown: text(),
            value: "-2.5".into(),
            marker: text(),
            status: text(),
            unit: "%".into(),
            unit_of_count: text(),
            origin: Origin::Returned,
            numerator: text(),
            denominator: text(),
            publishable: Publishable::Yes,
            why: text(),
            note: "=HYPERLINK(\"x\"), see\nbelow".into(),
            source_file: "ab".into(),
            source_sheet: "Child protection".into(),
            source_cells: "B4".into(),
        }
    }

    #[test]
    fn the_table_reads_back_and_carries_no_formula() {
        let csv = records_csv(&[record()]);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        let at = |name: &str| row.get(COLUMNS.iter().position(|(n, _, _)| *n == name).unwrap()).unwrap().to_owned();
        assert_eq!(at("value"), "-2.5", "a number stays a number");
        assert_eq!(at("note"), "'=HYPERLINK(\"x\"), see\nbelow");
        assert_eq!(row.len(), COLUMNS.len());
    }

    #[test]
    fn the_description_of_the_table_names_its_columns_in_order() {
        let schema: Value = serde_json::from_str(TABLE_SCHEMA).unwrap();
        let described: Vec<&str> =
            schema["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
        assert_eq!(described, COLUMNS.iter().map(|(name, _, _)| *name).collect::<Vec<_>>());
        for (field, (name, _, content)) in schema["fields"].as_array().unwrap().iter().zip(COLUMNS) {
            assert_eq!(field["type"] == "number", content == Content::Number, "{name}");
        }
        let package = data_package("x\n", "2021-22", &("pack".into(), "1.0.0".into(), "ab".into()));
        assert_eq!(package["resources"][0]["schema"]["fields"], schema["fields"]);
        assert_eq!(package["resources"][0]["bytes"], 2);
    }
}
