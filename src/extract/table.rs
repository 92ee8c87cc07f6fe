//! A table with fixed rows, read row by row: doubled, missing, unknown and total rows (domain TAB-10, 11, 12, 16).

use std::collections::BTreeMap;

use super::bands::{self, Band, Gap};
use super::column::{self, Column};
use super::desk::{Desk, Slot};
use super::locate::Block;
use super::rows::{self, How, Rows};
use super::words::{cut, fold, quote, several};
use super::{Change, Drift, Part, again, tidy, total};
use crate::cell::{Cell, Pointer};
use crate::finding::{Finding, Severity};
use crate::schema::model::{Code, Table};

/// What stands in a row of the table.
struct Row {
    row: u32,
    /// The rule that speaks of the whole row.
    fault: Option<&'static str>,
}

/// Reads a table where it was found.
pub(super) fn read(desk: &mut Desk<'_>, block: &Block, table: &Table) {
    let at = desk.root.child(&table.key);
    let rows = Rows::of(&table.rows);
    desk.out.words.insert(at.clone(), table.title.clone());
    desk.seen.insert("TAB-12", ());
    desk.seen.insert("TAB-11", ());
    if table.rows.months {
        desk.seen.insert("TAB-16", ());
    }
    let columns = column::settle(desk, block, &table.columns, &at, &table.title, rows.count(), table.bands.as_deref());
    desk.label(desk.grid.anchor(Cell::new(block.headings.bottom, block.key)));
    let mut found: BTreeMap<usize, Row> = BTreeMap::new();
    let mut faults: BTreeMap<usize, &'static str> = BTreeMap::new();
    let mut totals: Vec<Cell> = Vec::new();
    let mut again: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    let mut strange: Vec<(Cell, Option<usize>)> = Vec::new();
    for row in desk.grid.rows_between(block.headings.bottom, block.end) {
        let cell = Cell::new(row, block.key);
        if !desk.grid.row(row).iter().any(|c| (block.from..block.to).contains(c)) {
            continue;
        }
        let anchor = desk.grid.anchor(cell);
        match rows.find(desk.grid, anchor, &desk.year) {
            Some(label) => {
                desk.label(anchor);
                let fault = odd_label(desk, &at, table, anchor, label.code, &label.how);
                if anchor.row == row && found.contains_key(&label.code) {
                    again.entry(label.code).or_default().push(row);
                } else if anchor.row == row || !found.contains_key(&label.code) {
                    found.insert(label.code, Row { row, fault });
                }
            }
            None if !desk.grid.filled(cell) => {}
            None => {
                let word = desk.grid.word(cell).unwrap_or_default().to_owned();
                if rows::is_example(&desk.grid.text(cell)) {
                    example(desk, &at, table, block, row);
                    continue;
                }
                if rows::is_total(&word) {
                    totals.push(cell);
                    continue;
                }
                let data = columns.iter().filter_map(|c| c.at).any(|c| desk.grid.filled(Cell::new(row, c)));
                let near = rows.near(desk.grid, cell).filter(|i| !found.contains_key(i));
                if !data || (near.is_none() && rows::is_remark(&word)) {
                    desk.pass(cell, "a remark under or inside a table");
                } else if let Some(old) = tidy::find_retired(&table.rows, &desk.grid.text(cell)) {
                    other_year(desk, &at, table, &columns, cell, old);
                    // Rows that this one stands for are not missing as well.
                    let instead =
                        table.rows.codes.iter().enumerate().filter(|(_, c)| old.replaced_by.contains(&c.code));
                    faults.extend(instead.map(|(i, _)| (i, "COD-05")));
                } else {
                    strange.push((cell, near));
                    if let Some(code) = near {
                        found.insert(code, Row { row, fault: Some("COD-01") });
                    }
                }
            }
        }
    }
    for (code, others) in again {
        if let Some(first) = found.get_mut(&code) {
            let (row, fault) = again::settle(desk, &at, table, &columns, (first.row, &others), code, block.key);
            first.row = row;
            first.fault = first.fault.or(fault);
        }
    }
    let absent = |i: &usize| !found.contains_key(i) && !faults.contains_key(i);
    let mut lost = (0..rows.count()).filter(absent);
    // One row too many and one too few: likely the same row in words of its own.
    let only = match (lost.next(), lost.next(), strange.as_slice()) {
        (Some(code), None, [(_, None)]) => Some(code),
        (_, _, _) => None,
    };
    for (cell, near) in strange {
        unknown(desk, &at, table, &columns, cell, near, only);
    }
    faults.extend(only.map(|code| (code, "COD-01")));
    let missing = missing(desk, &at, table, block, &found, faults);
    for (i, code) in table.rows.codes.iter().enumerate() {
        let under = at.child(&code.code);
        desk.out.words.insert(under.clone(), format!("{} · {}", table.title, code.label));
        for (measure, column) in table.columns.iter().zip(&columns) {
            let pointer = column::pointer(&under, measure);
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let Some(row) = found.get(&i) else {
                let fault = if measure.required { missing.get(&i).copied() } else { None };
                desk.lose(pointer, words, None, fault);
                continue;
            };
            let cell = column.at.map(|c| Cell::new(row.row, c));
            let flag = column.flag.map(|c| Cell::new(row.row, c));
            let fault = row.fault.or(column.fault);
            if row.fault == Some("COD-01") {
                desk.lose(pointer, words, cell, fault);
            } else {
                desk.take(Slot { pointer, words, measure, cell, flag, note: None, fault });
            }
        }
    }
    for cell in totals {
        total::read(desk, &at, table, &columns, block, cell);
    }
}

/// An example row (D55): left out.
fn example(desk: &mut Desk<'_>, at: &Pointer, table: &Table, block: &Block, row: u32) {
    let columns = desk.grid.row(row).iter().copied().filter(|c| (block.from..block.to).contains(c));
    for column in columns {
        desk.pass(Cell::new(row, column), "an example");
    }
    let finding = desk
        .finding("TPL-04", Severity::Note, at, format!("The example row of “{}” was left out.", table.title))
        .with_help("Nothing to do.")
        .with_label(desk.place(Cell::new(row, block.key)), "example");
    desk.add(finding);
}

fn code(table: &Table, i: usize) -> Option<&Code> {
    table.rows.codes.get(i)
}

/// What is to be said about a label that was understood.
fn odd_label(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    cell: Cell,
    i: usize,
    how: &How,
) -> Option<&'static str> {
    let code = code(table, i)?;
    let typed = desk.grid.text(cell);
    let place = at.child(&code.code);
    let (rule, severity, message) = match how {
        How::Exact => return None,
        How::Alias => {
            let drift = Drift::new(Part::Row, Change::Renamed).within(&table.title).template(&code.label);
            desk.drift(drift.found(&typed).at([cell]));
            ("COD-02", Severity::Note, format!("The row {} was read as {}.", quote(&typed), tidy::say_code(code)))
        }
        How::Date(label) => (
            "TPL-04",
            Severity::Note,
            format!(
                "Excel had made a date of the row “{label}” of “{}”; we read it as {}.",
                table.title,
                tidy::say_code(code)
            ),
        ),
        How::OtherYear => {
            let mut finding = desk
                .finding(
                    "TAB-16",
                    Severity::Error,
                    &place,
                    format!("The row {} of “{}” is outside the year {}.", quote(&typed), table.title, desk.year),
                )
                .with_help("Please give the months of the reporting year, April to March.")
                .with_label(desk.place(cell), format!("row {}", quote(&typed)));
            finding.found = Some(cut(&typed));
            finding.expected = Some(format!("{} in {}", code.label, desk.year));
            desk.add(finding);
            return Some("TAB-16");
        }
    };
    let mut finding = desk.finding(rule, severity, &place, message).with_help("Nothing to do if that is right.");
    finding.found = Some(cut(&typed));
    let finding = finding.with_label(desk.place(cell), format!("row {}", quote(&typed)));
    desk.add(finding);
    None
}

/// A row that the list of codes does not have.
fn unknown(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    columns: &[Column],
    cell: Cell,
    near: Option<usize>,
    only: Option<usize>,
) {
    let typed = desk.grid.text(cell);
    let near = near.and_then(|i| code(table, i)).map(|c| (c.code.clone(), tidy::say_code(c)));
    let cells = columns.iter().filter_map(|c| c.at).map(|c| Cell::new(cell.row, c)).filter(|c| desk.grid.filled(*c));
    let drift = Drift::new(Part::Row, Change::Extra).within(&table.title).found(&typed).at([cell]).at(cells);
    desk.drift(drift.likely(near.as_ref().map(|(_, said)| said.clone())));
    let place = match &near {
        Some((code, _)) => at.child(code),
        None => at.child(&fold(&cut(&typed))),
    };
    let missed = only.and_then(|i| code(table, i)).map(|c| format!("“{}”", c.label));
    let maybe = missed.as_ref().map_or_else(String::new, |said| format!(" The row {said} is missing; this may be it."));
    if let Some(code) = only.and_then(|i| code(table, i)) {
        let drift = Drift::new(Part::Row, Change::Missing).within(&table.title).template(&code.label);
        desk.drift(drift.likely(Some(format!("{} ({cell})", quote(&typed)))));
    }
    let help = match near.as_ref().map(|(_, said)| said).or(missed.as_ref()) {
        Some(said) => format!("Did you mean {said}? Please use the words of the template."),
        None => "Please use the rows of the template; add the figure to the row where it belongs.".to_owned(),
    };
    desk.mark(cell, super::Use::Finding);
    let mut finding = desk
        .finding(
            "COD-01",
            Severity::Error,
            &place,
            format!(
                "The row {} of “{}” is not on our list.{maybe}{}",
                quote(&typed),
                table.title,
                rows::of_date(desk.grid, cell)
            ),
        )
        .with_help(help)
        .with_label(desk.place(cell), format!("row {}", quote(&typed)));
    finding.found = Some(cut(&typed));
    finding.expected = near.map(|(_, said)| said).or(missed);
    finding.consequences = table.columns.len();
    for column in columns.iter().filter_map(|c| c.at) {
        desk.mark(Cell::new(cell.row, column), super::Use::Finding);
    }
    desk.add(finding);
}

/// A row whose code belongs to another year (COD-05).
fn other_year(desk: &mut Desk<'_>, at: &Pointer, table: &Table, columns: &[Column], cell: Cell, old: &Code) {
    let typed = desk.grid.text(cell);
    desk.drift(Drift::new(Part::Row, Change::Extra).within(&table.title).found(&typed).at([cell]));
    let instead = tidy::replacements(&table.rows, old);
    let help = if instead.is_empty() {
        "Please use the rows of this year’s template, or explain.".to_owned()
    } else {
        format!("Please give {} instead, or explain why you cannot.", several(&instead, 6))
    };
    let message = format!("The row {} of “{}” is not used in {}.", quote(&typed), table.title, desk.year);
    let mut finding = desk
        .finding("COD-05", Severity::Query, &at.child(&old.code), message)
        .with_help(help)
        .with_label(desk.place(cell), format!("row {}", quote(&typed)));
    finding.found = Some(cut(&typed));
    finding.expected = (!instead.is_empty()).then(|| several(&instead, 6));
    finding.consequences = table.columns.len();
    let cells: Vec<Cell> = columns.iter().filter_map(|c| c.at).map(|c| Cell::new(cell.row, c)).collect();
    let figures: Vec<String> = cells.iter().map(|c| desk.grid.text(*c)).collect();
    finding.state = vec![(finding.at.clone(), several(&figures, 6))];
    for cell in cells {
        desk.mark(cell, super::Use::Finding);
    }
    desk.add(finding);
}

/// Rows of the list that are not there (TAB-12); zero must be typed.
fn missing(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    block: &Block,
    found: &BTreeMap<usize, Row>,
    mut faults: BTreeMap<usize, &'static str>,
) -> BTreeMap<usize, &'static str> {
    let absent = |i: &usize| !found.contains_key(i) && !faults.contains_key(i);
    let mut rows: Vec<(usize, &Code)> = table.rows.codes.iter().enumerate().filter(|(i, _)| absent(i)).collect();
    let known = |i: usize| found.contains_key(&i) || faults.contains_key(&i);
    let codes = table.rows.codes.iter().enumerate();
    if table.bands.as_ref().is_some_and(|bands| bands.key == table.rows.key)
        && bands::is_gap(codes.clone().map(|(i, _)| known(i)))
        && let Some((_, first)) = rows.first()
    {
        let cell = |i| found.get(&i).map(|row| Cell::new(row.row, block.key));
        // A row that another finding speaks about is there, in words of its own.
        let cell = |i| cell(i).or_else(|| known(i).then(|| Cell::new(block.headings.bottom, block.key)));
        let bands = codes.map(|(i, code)| Band { words: code.label.clone(), cell: cell(i) }).collect();
        let (place, figures) = (at.child(&first.code), table.columns.len());
        Gap { place, title: &table.title, part: Part::Row, bands, odd: Vec::new(), figures }.tell(desk);
        faults.extend(rows.iter().map(|(i, _)| (*i, "TAB-09")));
        return faults;
    }
    if !table.columns.iter().any(|m| m.required) {
        return faults;
    }
    let head = desk.place(Cell::new(block.headings.bottom, block.key));
    if table.rows.key.contains("ethnic") {
        desk.seen.insert("COD-13", ());
        if found.len() >= 10 && rows.iter().any(|(_, c)| c.code == "CHNE") {
            let mut finding = desk
                .finding(
                    "COD-13",
                    Severity::Query,
                    at,
                    format!(
                        "The ethnic groups of “{}” are those of an old list: it has no row for Chinese.",
                        table.title
                    ),
                )
                .with_help("Please use this year’s list, with Chinese in a row of its own, or explain.")
                .with_label(head.clone(), "old list of ethnic groups");
            finding.consequences = table.columns.len();
            desk.add(finding);
            faults.extend(rows.iter().filter(|(_, c)| c.code == "CHNE").map(|(i, _)| (*i, "COD-13")));
            rows.retain(|(_, c)| c.code != "CHNE");
        }
    }
    if rows.is_empty() {
        return faults;
    }
    for (_, code) in &rows {
        desk.drift(Drift::new(Part::Row, Change::Missing).within(&table.title).template(&code.label));
    }
    let names: Vec<String> = rows.iter().map(|(_, c)| format!("“{}”", c.label)).collect();
    let message = match names.as_slice() {
        [one] => format!("The row {one} is missing from “{}”.", table.title),
        _ => format!("{} rows are missing from “{}”: {}.", names.len(), table.title, several(&names, 8)),
    };
    let mut finding: Finding = desk
        .finding("TAB-12", Severity::Error, at, message)
        .with_help("Please put the missing rows back. If there were none, please type 0.")
        .with_label(head, format!("headings of “{}”", table.title));
    finding.consequences = rows.len() * table.columns.len();
    finding.expected = Some(several(&names, 8));
    desk.add(finding);
    faults.extend(rows.iter().map(|(i, _)| (*i, "TAB-12")));
    faults
}
