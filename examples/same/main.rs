//! Makes one return in every format: `cargo run --example same -- MODULES`, for `tests/same.rs`. The return is described
//! here, as a base with some mess in it; written by `rust_xlsxwriter` here, and from there by openpyxl, LibreOffice and
//! SheetJS (`same.py`; MODULES is the folder of `npm install --prefix MODULES xlsx@0.18.5`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a maker stops at the first mistake")]

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Note};
use safereturn::cell::Cell;
use safereturn::schema::Schemas;
use safereturn::workbook::{Entry, Sheet, Value, Workbook};
use serde_json::{Value as Json, json};

/// What differs from the base: places and what stands there, in the notation of the cases.
const EDITS: &[(&str, &str)] = &[
    // Dates as people format them.
    ("/cover/period_start", "2020-04-01 {format dd/mm/yyyy}"),
    ("/cover/period_end", "2021-03-31 {format dd/mm/yyyy}"),
    ("/cover/extract_date", "2021-05-04 {format d mmmm yyyy}"),
    // Thousands: as the format shows them, and as text.
    ("/front-door/contacts_total", "11,147 {format #,##0}"),
    ("/front-door/contacts_da", "'1,739"),
    // Percentages: typed, and reckoned with a saved result.
    ("/front-door/contacts_da_pct", "15.6% {format 0.0%}"),
    ("/front-door/rereferrals_pct", "0.174618789965568 {format 0.0%} {=B14/B12}"),
    // A number kept as text; a formula that came to an error; one that nobody reckoned.
    ("/front-door/rereferrals_12m", "'355"),
    ("/front-door/referrals_nfa", "#DIV/0! {=B5/0}"),
    ("/children-in-need/cin_any_point", "{=B5+B6}"),
    // Last year's closing figure in this year's place: the total disagrees.
    ("/children-in-need/cin_open_end", "2,091"),
    // A figure that cannot be given, and a note beside one that can.
    ("/children-in-need/assessments_45wd", "x"),
    ("cell:Children in need!D6", "Counted on 2 May"),
    ("cell:Front door!D5", "All routes, “early help” too"),
];
/// The cell with a comment, and the comment.
const COMMENT: (&str, &str, &str) = ("Children in need", "B5", "Checked with the data team");
/// The rows that are hidden, from 0.
const HIDDEN: (&str, u32) = ("Front door", 40);
/// The merged heading.
const MERGED: (&str, &str, &str) = ("Children in need", "A1", "E1");

/// Stands for a result that was not saved until the workbook is written: `rust_xlsxwriter` would save 0.
const UNSAVED: &str = "unsaved";

fn main() {
    let modules = std::env::args().nth(1).expect("the folder in which npm put xlsx");
    let schemas = Schemas::built_in().unwrap();
    let mut laid = support::base(&schemas, "csc-2020-21", &[], &[]);
    for (place, text) in EDITS {
        let address = laid.place(place);
        laid.put(address, text);
    }
    let into = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workbooks/same");
    let saved = format!("<v>{UNSAVED}</v>");
    let workbook = rewritten(&xlsx(&laid.workbook), &[], |name, text| {
        let sheet = name.starts_with("xl/worksheets/sheet") && text.contains(&saved);
        // A saved text says so at the cell, before the formula.
        sheet.then(|| text.replace(r#" t="str"><f>"#, "><f>").replace(&saved, ""))
    });
    fs::write(into.join("rust_xlsxwriter.xlsm"), with_macros(&workbook)).unwrap();
    fs::write(into.join("rust_xlsxwriter.xlsx"), workbook).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/same/same.py");
    let mut python = Command::new("python3").arg(script).arg(into).arg(modules).stdin(Stdio::piped()).spawn().unwrap();
    let told = serde_json::to_vec(&description(&laid.workbook)).unwrap();
    python.stdin.take().unwrap().write_all(&told).unwrap();
    let status = python.wait().unwrap();
    assert!(status.success(), "same.py needs python3 with openpyxl, soffice and node");
}

fn at(cell: &str) -> Cell {
    cell.parse().unwrap()
}

/// The workbook as `rust_xlsxwriter` writes it.
fn xlsx(workbook: &Workbook) -> Vec<u8> {
    let mut out = rust_xlsxwriter::Workbook::new();
    let made = ExcelDateTime::from_ymd(2021, 5, 4).unwrap();
    out.set_properties(&DocProperties::new().set_title("Invented for testing").set_creation_datetime(&made));
    for sheet in &workbook.sheets {
        let page = out.add_worksheet();
        page.set_name(&sheet.name).unwrap();
        page.set_column_width(0, 44).unwrap();
        if sheet.name == MERGED.0 {
            let (first, last) = (at(MERGED.1), at(MERGED.2));
            page.merge_range(first.row, 0, last.row, last.column as u16, "", &Format::new()).unwrap();
        }
        for (cell, entry) in &sheet.cells {
            write(page, *cell, entry);
        }
        if sheet.name == COMMENT.0 {
            let (cell, note) = (at(COMMENT.1), Note::new(COMMENT.2).add_author_prefix(false));
            page.insert_note(cell.row, cell.column as u16, &note).unwrap();
        }
        if sheet.name == HIDDEN.0 {
            page.set_row_hidden(HIDDEN.1).unwrap();
        }
    }
    out.save_to_buffer().unwrap()
}

fn write(page: &mut rust_xlsxwriter::Worksheet, cell: Cell, entry: &Entry) {
    let (row, column) = (cell.row, cell.column as u16);
    let format = entry.format.as_ref().map_or_else(Format::new, |f| Format::new().set_num_format(&**f));
    if let Some(formula) = &entry.formula {
        let result = match &entry.value {
            Value::Number(n) => n.to_string(),
            Value::Error(code) => code.clone(),
            Value::Nothing => UNSAVED.to_owned(),
            other => panic!("{cell}: no result {other:?}"),
        };
        let formula = Formula::new(format!("={formula}")).set_result(result);
        page.write_formula_with_format(row, column, formula, &format).unwrap();
        return;
    }
    match &entry.value {
        Value::Number(n) => page.write_number_with_format(row, column, *n, &format).unwrap(),
        Value::Text(text) => page.write_string_with_format(row, column, text, &format).unwrap(),
        Value::Date(date) => {
            let date = ExcelDateTime::parse_from_str(&date.format("%Y-%m-%d").to_string()).unwrap();
            page.write_datetime_with_format(row, column, &date, &format).unwrap()
        }
        other => panic!("{cell}: {other:?} stands alone nowhere"),
    };
}

/// The same workbook as Excel saves it with macros: other content type, and a part that holds none.
fn with_macros(workbook: &[u8]) -> Vec<u8> {
    const PLAIN: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
    const MACROS: &str = "application/vnd.ms-excel.sheet.macroEnabled.main+xml";
    const PROJECT: &str = r#"<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>"#;
    const LINK: &str = r#"<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>"#;
    // An OLE file without a stream: harmless, and no program runs it.
    let mut project = vec![0_u8; 1536];
    project[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    rewritten(workbook, &[("xl/vbaProject.bin", project)], |name, text| match name {
        "[Content_Types].xml" => Some(text.replace(PLAIN, MACROS).replace("</Types>", PROJECT)),
        "xl/_rels/workbook.xml.rels" => Some(text.replace("</Relationships>", LINK)),
        _ => None,
    })
}

/// A workbook with some of its parts changed, and some added.
fn rewritten(workbook: &[u8], added: &[(&str, Vec<u8>)], change: impl Fn(&str, &str) -> Option<String>) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let changed = std::str::from_utf8(&bytes).ok().and_then(|text| change(&name, text));
        out.start_file(name, options).unwrap();
        out.write_all(&changed.map_or(bytes, String::into_bytes)).unwrap();
    }
    for (name, bytes) in added {
        out.start_file(*name, options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// What the other writers get.
fn description(workbook: &Workbook) -> Json {
    let sheet = |sheet: &Sheet| {
        let cells: serde_json::Map<String, Json> =
            sheet.cells.iter().map(|(cell, entry)| (cell.to_string(), described(entry))).collect();
        json!({ "name": sheet.name, "cells": cells })
    };
    json!({
        "sheets": workbook.sheets.iter().map(sheet).collect::<Vec<_>>(),
        "comment": [COMMENT.0, COMMENT.1, COMMENT.2],
        "hidden": [HIDDEN.0, HIDDEN.1 + 1],
        "merged": [MERGED.0, format!("{}:{}", MERGED.1, MERGED.2)],
    })
}

fn described(entry: &Entry) -> Json {
    let value = match &entry.value {
        Value::Number(n) => json!(n),
        Value::Text(text) | Value::Error(text) => json!(text),
        Value::Date(date) => json!({ "date": date.format("%Y-%m-%d").to_string() }),
        Value::Truth(truth) => json!(truth),
        Value::Nothing => Json::Null,
    };
    json!({ "value": value, "format": entry.format.as_deref(), "formula": entry.formula.as_deref() })
}
