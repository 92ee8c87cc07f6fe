//! What the shape of a sheet says: headings over people, columns of birth dates, too many rows for a table of totals.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::heading::{Heading, heading};
use crate::cell::Cell;
use crate::workbook::{Sheet, Value};

/// More filled rows than this on one sheet is a list, not a table of totals (DIS-06).
const MOST_ROWS: usize = 200;
/// Fewer dates than this are no column of dates of birth.
const FEWEST_DATES: usize = 5;

/// Headings over people on a sheet, each with the cells that stand under it or beside it.
pub(super) fn people(sheet: &Sheet) -> Vec<(Heading, Cell, Vec<Cell>)> {
    let mut by_row: BTreeMap<u32, Vec<(Heading, Cell)>> = BTreeMap::new();
    for (cell, entry) in &sheet.cells {
        if let Value::Text(text) = &entry.value
            && let Some(heading) = heading(text)
        {
            by_row.entry(cell.row).or_default().push((heading, *cell));
        }
    }
    let mut out = Vec::new();
    for headings in by_row.values() {
        let telling = headings.iter().any(|(h, _)| matches!(h, Heading::Names | Heading::References | Heading::Births));
        let weak = headings.iter().filter(|(h, _)| *h == Heading::Weak).count();
        for (heading, cell) in headings {
            match heading {
                Heading::Names | Heading::References | Heading::Births => {
                    out.push((*heading, *cell, under(sheet, *cell)));
                }
                Heading::Name if telling || weak > 0 => out.push((Heading::Names, *cell, under(sheet, *cell))),
                Heading::Name | Heading::Weak => {}
            }
        }
        if telling || weak > 1 {
            let known: BTreeSet<u32> =
                headings.iter().filter(|(h, _)| *h == Heading::Births).map(|(_, c)| c.column).collect();
            out.extend(birth_columns(sheet, headings, &known));
        }
    }
    out
}

/// The cells under a heading, up to an empty row; where the row is a label with its value, the value too.
fn under(sheet: &Sheet, at: Cell) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut row = at.row + 1;
    while row_cells(sheet, row).next().is_some() {
        let below = Cell::new(row, at.column);
        if sheet.cells.get(&below).is_some_and(|e| !e.is_blank()) {
            cells.push(below);
        }
        row += 1;
    }
    if row_cells(sheet, at.row).count() <= 2 {
        cells.extend(row_cells(sheet, at.row).filter(|c| c.column > at.column));
    }
    cells
}

/// The cells of a row that hold something to read.
fn row_cells(sheet: &Sheet, row: u32) -> impl Iterator<Item = Cell> + '_ {
    let row = sheet.cells.range(Cell::new(row, 0)..=Cell::new(row, Cell::LAST_COLUMN));
    row.filter(|(_, entry)| !entry.is_blank()).map(|(cell, _)| *cell)
}

/// Columns of a table of people whose dates make somebody 0 to 25, years apart from one another.
fn birth_columns(
    sheet: &Sheet,
    headings: &[(Heading, Cell)],
    known: &BTreeSet<u32>,
) -> Vec<(Heading, Cell, Vec<Cell>)> {
    let Some(row) = headings.first().map(|(_, c)| c.row) else { return Vec::new() };
    let latest = sheet.cells.values().filter_map(|e| date(&e.value)).max();
    let mut out = Vec::new();
    for cell in row_cells(sheet, row).filter(|c| !known.contains(&c.column)) {
        let cells: Vec<Cell> = under(sheet, cell).into_iter().filter(|c| c.column == cell.column).collect();
        let dates: Vec<NaiveDate> =
            cells.iter().filter_map(|c| sheet.cells.get(c).and_then(|e| date(&e.value))).collect();
        let (Some(first), Some(last), Some(latest)) = (dates.iter().min(), dates.iter().max(), latest) else {
            continue;
        };
        let young = latest.year() - first.year() <= 26;
        let apart = (*last - *first).num_days() >= 3 * 365;
        if dates.len() >= FEWEST_DATES && dates.len() * 5 >= cells.len() * 4 && young && apart {
            out.push((Heading::Births, cell, cells));
        }
    }
    out
}

fn date(value: &Value) -> Option<NaiveDate> {
    match value {
        Value::Date(date) => Some(date.date()),
        Value::Text(text) if (8..=10).contains(&text.trim().len()) => {
            let text = text.trim();
            ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"]
                .iter()
                .find_map(|format| NaiveDate::parse_from_str(text, format).ok().filter(|d| d.year() > 1900))
        }
        Value::Nothing | Value::Number(_) | Value::Text(_) | Value::Truth(_) | Value::Error(_) => None,
    }
}

/// The cells of a sheet that holds more filled rows than tables of totals have; nothing where it does not.
/// A row counts where it fills most of the columns of the rows around it.
pub(super) fn too_many_rows(sheet: &Sheet) -> Vec<Cell> {
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    for (cell, entry) in &sheet.cells {
        if !entry.is_blank() {
            rows.entry(cell.row).or_default().push(*cell);
        }
    }
    if rows.len() <= MOST_ROWS {
        return Vec::new();
    }
    let mut listed: Vec<Cell> = Vec::new();
    let mut count = 0;
    let mut block: Vec<&Vec<Cell>> = Vec::new();
    let mut previous = None;
    let mut close = |block: &mut Vec<&Vec<Cell>>| {
        let columns: BTreeSet<u32> = block.iter().flat_map(|r| r.iter().map(|c| c.column)).collect();
        for row in block.drain(..).filter(|r| r.len() > 1 && r.len() * 2 > columns.len()) {
            count += 1;
            listed.extend(row);
        }
    };
    for (row, cells) in &rows {
        if previous.is_some_and(|p| p + 1 < *row) {
            close(&mut block);
        }
        block.push(cells);
        previous = Some(*row);
    }
    close(&mut block);
    if count > MOST_ROWS { listed } else { Vec::new() }
}
