//! From sheets to text, and from a cell to what a person sees in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{NaiveDateTime, NaiveTime};
use unicode_width::UnicodeWidthStr;

use super::{escape, typed};
use crate::cell::{Cell, column_letters};
use crate::figure::{format_number, format_plain, grouped};
use crate::workbook::{Entry, Sheet, SheetState, Value, Workbook, is_space};

/// Columns of a written sheet line up as far as this; longer cells stick out.
const WIDEST: usize = 48;

/// Cells of a sheet that are drawn as one grid however few of them hold something.
const GRID: usize = 10_000;
/// How many cells of a larger grid may stand empty for one that holds something.
const SPARSE: usize = 16;

/// Every sheet as text: its directives, then the rows that hold something, columns lined up.
#[must_use]
pub fn write(workbook: &Workbook) -> String {
    write_with(workbook, |_| Vec::<&str>::new())
}

/// As [`write`], with remarks on each sheet, asked for by its position: lines that [`read`](super::read) skips.
#[must_use]
pub fn write_with<T: AsRef<str>>(workbook: &Workbook, remarks: impl Fn(usize) -> Vec<T>) -> String {
    let mut out = String::new();
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        if !out.is_empty() {
            out.push('\n');
        }
        write_sheet(sheet, &remarks(index), &mut out);
    }
    out
}

fn write_sheet<T: AsRef<str>>(sheet: &Sheet, remarks: &[T], out: &mut String) {
    let _ = writeln!(out, "-- {}", line_text(&sheet.name));
    match sheet.state {
        SheetState::Visible => {}
        SheetState::Hidden => out.push_str("hidden\n"),
        SheetState::VeryHidden => out.push_str("very hidden\n"),
    }
    if sheet.filtered {
        out.push_str("filtered\n");
    }
    for (first, last) in &sheet.merges {
        let _ = writeln!(out, "merge {first}:{last}");
    }
    for (first, last) in runs(&sheet.hidden_rows) {
        let _ = writeln!(out, "hide rows {}-{}", u64::from(first) + 1, u64::from(last) + 1);
    }
    for (first, last) in runs(&sheet.hidden_columns) {
        let _ = writeln!(out, "hide columns {}-{}", column_letters(first), column_letters(last));
    }
    for (cell, note) in &sheet.comments {
        let _ = writeln!(out, "note {cell}: {}", line_text(note));
    }
    for remark in remarks {
        let _ = writeln!(out, "# {}", escape(remark.as_ref()));
    }
    write_cells(sheet, out);
}

fn write_cells(sheet: &Sheet, out: &mut String) {
    let mut columns: Vec<u32> = sheet.cells.keys().map(|c| c.column).collect();
    columns.sort_unstable();
    columns.dedup();
    let last = sheet.cells.keys().next_back().map_or(0, |c| c.row);
    let margin = (u64::from(last) + 1).to_string().len().max(4);
    let cells: Vec<(&Cell, &Entry)> = sheet.cells.iter().collect();
    let rows: Vec<&[(&Cell, &Entry)]> = cells.chunk_by(|(a, _), (b, _)| a.row == b.row).collect();
    if columns.len().saturating_mul(rows.len()) <= (cells.len() * SPARSE).max(GRID) {
        write_grid(&columns, &rows, margin, out);
        return;
    }
    // Cells strewn over a large area would be drowned in blanks: rows that use the same columns stand together, each
    // group under letters of its own.
    let same = |a: &&[(&Cell, &Entry)], b: &&[(&Cell, &Entry)]| {
        a.len() == b.len() && a.iter().zip(*b).all(|((a, _), (b, _))| a.column == b.column)
    };
    for group in rows.chunk_by(same) {
        let columns: Vec<u32> = group.first().into_iter().flat_map(|row| row.iter().map(|(c, _)| c.column)).collect();
        write_grid(&columns, group, margin, out);
    }
}

/// Rows under the letters of their columns, lined up.
fn write_grid(columns: &[u32], rows: &[&[(&Cell, &Entry)]], margin: usize, out: &mut String) {
    if columns.is_empty() {
        return;
    }
    let mut widths: Vec<usize> = columns.iter().map(|c| column_letters(*c).len()).collect();
    for (place, entry) in rows.iter().copied().flatten() {
        if let Ok(i) = columns.binary_search(&place.column) {
            widths[i] = widths[i].max(cell(entry).width().min(WIDEST));
        }
    }
    let letters: Vec<String> = columns.iter().map(|c| column_letters(*c)).collect();
    write_row(&" ".repeat(margin), &letters, &widths, out);
    let mut texts = vec![String::new(); columns.len()];
    for row in rows {
        texts.fill(String::new());
        for (place, entry) in *row {
            if let Ok(i) = columns.binary_search(&place.column) {
                texts[i] = cell(entry);
            }
        }
        let number = row.first().map_or(0, |(place, _)| u64::from(place.row) + 1);
        write_row(&format!("{number:>margin$}"), &texts, &widths, out);
    }
}

fn write_row(number: &str, texts: &[String], widths: &[usize], out: &mut String) {
    out.push_str(number);
    let used = texts.iter().rposition(|t| !t.is_empty()).map_or(0, |i| i + 1);
    for (i, (text, width)) in texts.iter().zip(widths).take(used).enumerate() {
        out.push_str(" │ ");
        out.push_str(text);
        if i + 1 < used {
            out.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
        }
    }
    out.push('\n');
}

/// Rows or columns as runs of neighbours.
fn runs(set: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &n in set {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(n) => *last = n,
            _ => runs.push((n, n)),
        }
    }
    runs
}

/// One cell as notation text: `15.6%`, `'1,946`, `{=B2+B3}`.
#[must_use]
pub fn cell(entry: &Entry) -> String {
    let mut format = entry.format.as_deref();
    let mut out = match &entry.value {
        Value::Nothing => String::new(),
        Value::Number(n) => {
            let percent = format.and_then(percent_decimals).map(|d| format!("{}%", fixed(n * 100.0, d)));
            // Written as a percentage only where exactly this number and format are read back.
            match percent.filter(|t| typed(t) == (Value::Number(*n), format.map(Arc::from))) {
                Some(percent) => {
                    format = None;
                    percent
                }
                None => grouped(&n.to_string()),
            }
        }
        Value::Text(text) => cell_text(text),
        Value::Truth(true) => "TRUE".to_owned(),
        Value::Truth(false) => "FALSE".to_owned(),
        Value::Date(date) => iso(*date, "%Y-%m-%d %H:%M:%S%.f"),
        Value::Error(code) => code.clone(),
    };
    let mut attribute = |name: &str, value: &str| {
        if !out.is_empty() {
            out.push(' ');
        }
        let _ = write!(out, "{{{name}{}}}", escape(value));
    };
    if let Some(formula) = &entry.formula {
        attribute("=", formula);
    }
    if let Some(format) = format {
        attribute("format ", format);
    }
    if let Some(fill) = &entry.fill {
        attribute("fill ", fill);
    }
    out
}

/// A value as a person sees it in the sheet: `11,147`, `15.6%`, `2021-03-31`; line breaks as ⏎.
#[must_use]
pub fn shown(entry: &Entry) -> String {
    match &entry.value {
        Value::Nothing => String::new(),
        Value::Number(n) => shown_number(*n, entry.format.as_deref()),
        Value::Text(text) => {
            let text = text.trim_matches(is_space).replace("\r\n", "⏎").replace(['\n', '\r'], "⏎");
            text.replace('\t', " ")
        }
        Value::Truth(true) => "TRUE".to_owned(),
        Value::Truth(false) => "FALSE".to_owned(),
        Value::Date(date) => iso(*date, "%Y-%m-%d %H:%M"),
        Value::Error(code) => code.clone(),
    }
}

fn shown_number(n: f64, format: Option<&str>) -> String {
    let Some(format) = format else { return format_plain(n) };
    if let Some(decimals) = percent_decimals(format) {
        return format!("{}%", format_number(n * 100.0, decimals));
    }
    // Only plain number formats say how many decimals are seen; for the others the number as it is.
    match format.strip_prefix("#,##").unwrap_or(format).strip_prefix('0') {
        Some("") => format_number(n, 0),
        Some(rest) => match rest.strip_prefix('.') {
            Some(zeros) if zeros.len() <= 15 && !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => {
                format_number(n, u8::try_from(zeros.len()).unwrap_or(0))
            }
            Some(_) | None => format_plain(n),
        },
        None => format_plain(n),
    }
}

/// The decimals of a percent format: `0.0%` has one.
fn percent_decimals(format: &str) -> Option<u8> {
    let digits = format.strip_suffix('%')?;
    let digits = digits.strip_prefix("#,##").unwrap_or(digits).strip_prefix('0')?;
    let zeros = if digits.is_empty() { "" } else { digits.strip_prefix('.').filter(|z| !z.is_empty())? };
    (zeros.len() <= 15 && zeros.bytes().all(|b| b == b'0')).then(|| u8::try_from(zeros.len()).unwrap_or(0))
}

fn fixed(n: f64, decimals: u8) -> String {
    grouped(&format!("{n:.*}", usize::from(decimals)))
}

fn iso(date: NaiveDateTime, with_time: &str) -> String {
    let pattern = if date.time() == NaiveTime::MIN { "%Y-%m-%d" } else { with_time };
    date.format(pattern).to_string()
}

/// Text as it stands in a cell: marked with `'` where it would be read as something else, quoted where space counts.
fn cell_text(text: &str) -> String {
    let escaped = escape(text);
    if text.starts_with(is_space) || text.ends_with(is_space) {
        format!("'\"{escaped}\"")
    } else if text.is_empty() || text.starts_with('\'') || !matches!(typed(&escaped).0, Value::Text(_)) {
        format!("'{escaped}")
    } else {
        escaped
    }
}

/// Text of a sheet's name or a note, to the end of the line.
fn line_text(text: &str) -> String {
    if text.is_empty() || text.starts_with(is_space) || text.ends_with(is_space) || text.starts_with('\'') {
        format!("'\"{}\"", escape(text))
    } else {
        escape(text)
    }
}
