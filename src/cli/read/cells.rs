//! The cells of a file for programs, as `schemas/out/cells.json` says. Written as it goes, a cell a line, so that a large
//! file takes no memory and a search finds whole cells.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::NaiveTime;
use safereturn::cell::{Address, Cell, column_letters};
use safereturn::figure::number_to_json;
use safereturn::finding::{Finding, Findings, Place};
use safereturn::render::without_steering;
use safereturn::workbook::{Entry, Sheet, SheetState, Value, Workbook};
use serde::Serialize;
use serde_json::Value as Json;

use super::remark::{self, Remark};

/// Name and version of this form.
const FORMAT: &str = "safereturn.cells/1";

/// One cell that holds something.
#[derive(Serialize)]
struct Held<'a> {
    cell: Cell,
    value: Json,
    r#type: &'static str,
    format: Option<&'a str>,
    formula: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fill: Option<&'a str>,
    /// The region under which nobody sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    under_merge: Option<String>,
}

#[derive(Serialize)]
struct Comment<'a> {
    cell: Cell,
    text: &'a str,
}

/// What a sheet is besides its cells.
#[derive(Serialize)]
struct About<'a> {
    name: &'a str,
    state: &'static str,
    merges: Vec<String>,
    hidden_rows: Vec<u32>,
    hidden_columns: Vec<String>,
    filtered: bool,
    comments: Vec<Comment<'a>>,
    passed_over: Vec<Remark>,
}

#[derive(Serialize)]
struct Said<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: &'a str,
    cells: Vec<Marked<'a>>,
}

/// A place of a finding; without `cell` the whole sheet, without `sheet` the whole file.
#[derive(Serialize)]
struct Marked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<Cell>,
    label: &'a str,
}

/// Writes the whole document.
pub(super) fn write(file: &str, workbook: &Workbook, findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let read_as = workbook.format.map(safereturn::workbook::Format::name);
    writeln!(out, "{{")?;
    writeln!(out, "\"format\": {},", line(&FORMAT)?)?;
    writeln!(out, "\"file\": {},", line(&serde_json::json!({ "name": file, "read_as": read_as }))?)?;
    let merged = remark::under_merges(workbook);
    write!(out, "\"sheets\": [")?;
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        let about = line(&about(sheet, remark::of(workbook, index, &merged)))?;
        // The cells come last, behind what is said of their sheet.
        write!(out, "{}, \"cells\": ", about.strip_suffix('}').unwrap_or(&about))?;
        list(out, sheet.cells.iter().map(|(cell, entry)| held(*cell, entry, index, &merged)))?;
        write!(out, "}}")?;
    }
    writeln!(out, "{}],", if workbook.sheets.is_empty() { "" } else { "\n" })?;
    writeln!(out, "\"properties\": {},", line(&workbook.properties)?)?;
    writeln!(out, "\"names\": {},", line(&workbook.names)?)?;
    write!(out, "\"findings\": ")?;
    list(out, findings.list().iter().map(|finding| said(finding, workbook)))?;
    writeln!(out, "\n}}")
}

/// A list with an item a line.
fn list<T: Serialize>(out: &mut dyn Write, items: impl Iterator<Item = T>) -> io::Result<()> {
    let mut before = "[\n";
    for item in items {
        write!(out, "{before}{}", line(&item)?)?;
        before = ",\n";
    }
    write!(out, "{}", if before == "[\n" { "[]" } else { "\n]" })
}

fn line(item: &impl Serialize) -> io::Result<String> {
    Ok(without_steering(&serde_json::to_string(item)?))
}

fn about(sheet: &Sheet, passed_over: Vec<Remark>) -> About<'_> {
    About {
        name: &sheet.name,
        state: match sheet.state {
            SheetState::Visible => "visible",
            SheetState::Hidden => "hidden",
            SheetState::VeryHidden => "very hidden",
        },
        merges: sheet.merges.iter().map(region).collect(),
        hidden_rows: sheet.hidden_rows.iter().map(|row| row + 1).collect(),
        hidden_columns: sheet.hidden_columns.iter().map(|column| column_letters(*column)).collect(),
        filtered: sheet.filtered,
        comments: sheet.comments.iter().map(|(cell, text)| Comment { cell: *cell, text }).collect(),
        passed_over,
    }
}

fn region((first, last): &(Cell, Cell)) -> String {
    format!("{first}:{last}")
}

fn held<'a>(cell: Cell, entry: &'a Entry, sheet: usize, merged: &BTreeMap<Address, (Cell, Cell)>) -> Held<'a> {
    let (r#type, value) = match &entry.value {
        Value::Nothing => ("empty", Json::Null),
        Value::Number(n) => ("number", number_to_json(*n)),
        Value::Text(text) => ("text", Json::from(text.as_str())),
        Value::Truth(truth) => ("boolean", Json::from(*truth)),
        Value::Date(date) if date.time() == NaiveTime::MIN => ("date", Json::from(date.format("%Y-%m-%d").to_string())),
        Value::Date(date) => ("date", Json::from(date.format("%Y-%m-%dT%H:%M:%S%.f").to_string())),
        Value::Error(error) => ("error", Json::from(error.as_str())),
    };
    Held {
        cell,
        value,
        r#type,
        format: entry.format.as_deref(),
        formula: entry.formula.as_deref(),
        fill: entry.fill.as_deref(),
        under_merge: merged.get(&Address::new(sheet, cell)).map(region),
    }
}

fn said<'a>(finding: &'a Finding, workbook: &'a Workbook) -> Said<'a> {
    let name = |sheet: usize| workbook.sheets.get(sheet).map(|sheet| sheet.name.as_str());
    let cells = finding.labels.iter().map(|label| {
        let (sheet, cell) = match &label.place {
            Place::Cell(address) => (name(address.sheet), Some(address.cell)),
            Place::Sheet(sheet) => (name(*sheet), None),
            // Before anything is made of a file, nothing in it is a figure.
            Place::File | Place::Figure(_) | Place::Before(_) => (None, None),
        };
        Marked { sheet, cell, label: &label.text }
    });
    Said {
        rule: finding.rule.as_str(),
        severity: finding.severity.word(),
        message: &finding.message,
        help: &finding.help,
        cells: cells.collect(),
    }
}
