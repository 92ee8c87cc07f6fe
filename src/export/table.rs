//! The records as a table, and the descriptor that says what its columns mean.

use std::borrow::Borrow;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{harmless, program};
use crate::record::Record;

/// What the columns mean, as a Data Package table schema: the header of the table is checked against it by a test.
const TABLE_SCHEMA: &str = include_str!("../../schemas/out/records.json");

/// One column: its name and the way to its text.
struct Column {
    name: &'static str,
    text: fn(&Record) -> &str,
    content: Content,
}

/// Numbers stay as they are, all else is made harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Number,
}

/// The columns in order.
const COLUMNS: [Column; 21] = [
    Column { name: "year", text: |r| &r.year, content: Content::Text },
    Column { name: "body", text: |r| &r.body, content: Content::Text },
    Column { name: "kind", text: |r| &r.kind, content: Content::Text },
    Column { name: "section", text: |r| &r.section, content: Content::Text },
    Column { name: "table", text: |r| &r.table, content: Content::Text },
    Column { name: "measure", text: |r| &r.measure, content: Content::Text },
    Column { name: "breakdown", text: |r| &r.breakdown, content: Content::Text },
    Column { name: "value", text: |r| &r.value, content: Content::Number },
    Column { name: "marker", text: |r| &r.marker, content: Content::Text },
    Column { name: "status", text: |r| &r.status, content: Content::Text },
    Column { name: "unit", text: |r| &r.unit, content: Content::Text },
    Column { name: "unit_of_count", text: |r| &r.unit_of_count, content: Content::Text },
    Column { name: "origin", text: |r| r.origin.word(), content: Content::Text },
    Column { name: "numerator", text: |r| &r.numerator, content: Content::Number },
    Column { name: "denominator", text: |r| &r.denominator, content: Content::Number },
    Column { name: "publishable", text: |r| r.publishable.word(), content: Content::Text },
    Column { name: "why", text: |r| &r.why, content: Content::Text },
    Column { name: "note", text: |r| &r.note, content: Content::Text },
    Column { name: "source_file", text: |r| &r.source_file, content: Content::Text },
    Column { name: "source_sheet", text: |r| &r.source_sheet, content: Content::Text },
    Column { name: "source_cells", text: |r| &r.source_cells, content: Content::Text },
];

/// The records as comma-separated values with a heading, UTF-8, one line a record.
#[must_use]
pub fn records_csv<R: Borrow<Record>>(records: impl IntoIterator<Item = R>) -> String {
    let mut out = String::new();
    line(&mut out, COLUMNS.iter().map(|column| column.name.to_owned()));
    for record in records {
        let record = record.borrow();
        line(
            &mut out,
            COLUMNS.iter().map(|column| match column.content {
                Content::Number => (column.text)(record).to_owned(),
                Content::Text => harmless((column.text)(record)).into_owned(),
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
        let at = |name: &str| row.get(COLUMNS.iter().position(|c| c.name == name).unwrap()).unwrap().to_owned();
        assert_eq!(at("value"), "-2.5", "a number stays a number");
        assert_eq!(at("note"), "'=HYPERLINK(\"x\"), see\nbelow");
        assert_eq!(row.len(), COLUMNS.len());
    }

    #[test]
    fn the_description_of_the_table_names_its_columns_in_order() {
        let schema: Value = serde_json::from_str(TABLE_SCHEMA).unwrap();
        let described: Vec<&str> =
            schema["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
        assert_eq!(described, COLUMNS.iter().map(|c| c.name).collect::<Vec<_>>());
        for (field, column) in schema["fields"].as_array().unwrap().iter().zip(COLUMNS) {
            assert_eq!(field["type"] == "number", column.content == Content::Number, "{}", column.name);
        }
        let package = data_package("x\n", "2021-22", &("pack".into(), "1.0.0".into(), "ab".into()));
        assert_eq!(package["resources"][0]["schema"]["fields"], schema["fields"]);
        assert_eq!(package["resources"][0]["bytes"], 2);
    }
}
