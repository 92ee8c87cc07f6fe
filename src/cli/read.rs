//! `read`: what the reader sees of a file, before anything is made of it.

use std::io::Write;

use safereturn::batch;
use safereturn::finding::{Findings, Severity};
use safereturn::workbook::{Entry, SheetState, Value, Workbook, notation};
use serde_json::json;

use super::{Ended, ExitStatus, ReadArguments, say};

/// Shows every sheet and cell with its address; what is wrong with the file goes to standard error.
pub(super) fn read(arguments: &ReadArguments, out: &mut dyn Write) -> Ended {
    let submission = batch::read_submission(&arguments.file)?;
    let mut findings = Findings::default();
    let workbook = Workbook::read(&submission, &mut findings);
    if arguments.format == "json" {
        writeln!(out, "{:#}", cells(&workbook))?;
    } else {
        write!(out, "{}", notation::write(&workbook))?;
    }
    for finding in findings.list() {
        say(&format!("{} {}: {}", finding.severity.word(), finding.rule, finding.message));
    }
    let refused = findings.list().iter().any(|finding| finding.severity == Severity::Error);
    Ok(if refused { ExitStatus::Refused } else { ExitStatus::Clean })
}

fn cells(workbook: &Workbook) -> serde_json::Value {
    let sheets: Vec<serde_json::Value> = workbook
        .sheets
        .iter()
        .map(|sheet| {
            let cells: serde_json::Map<String, serde_json::Value> =
                sheet.cells.iter().map(|(cell, entry)| (cell.to_string(), self::entry(entry))).collect();
            let state = match sheet.state {
                SheetState::Visible => "visible",
                SheetState::Hidden => "hidden",
                SheetState::VeryHidden => "very hidden",
            };
            let merges: Vec<String> = sheet.merges.iter().map(|(first, last)| format!("{first}:{last}")).collect();
            let hidden_rows: Vec<u32> = sheet.hidden_rows.iter().map(|row| row + 1).collect();
            let hidden_columns: Vec<String> =
                sheet.hidden_columns.iter().map(|c| safereturn::cell::column_letters(*c)).collect();
            let comments: serde_json::Map<String, serde_json::Value> =
                sheet.comments.iter().map(|(cell, text)| (cell.to_string(), json!(text))).collect();
            json!({
                "name": sheet.name, "state": state, "cells": cells, "merges": merges, "hidden_rows": hidden_rows,
                "hidden_columns": hidden_columns, "filtered": sheet.filtered, "comments": comments,
            })
        })
        .collect();
    json!({
        "format": "safereturn.cells/1", "sheets": sheets, "properties": workbook.properties, "names": workbook.names,
    })
}

fn entry(entry: &Entry) -> serde_json::Value {
    let (kind, value) = match &entry.value {
        Value::Nothing => ("nothing", json!(null)),
        Value::Number(n) => ("number", safereturn::figure::number_to_json(*n)),
        Value::Text(text) => ("text", json!(text)),
        Value::Truth(truth) => ("truth", json!(truth)),
        Value::Date(date) => ("date", json!(date.format("%Y-%m-%dT%H:%M:%S").to_string())),
        Value::Error(error) => ("error", json!(error)),
    };
    let mut out = json!({ "type": kind, "value": value });
    for (key, more) in [("format", &entry.format), ("formula", &entry.formula), ("fill", &entry.fill)] {
        if let Some(more) = more {
            out[key] = json!(**more);
        }
    }
    out
}
