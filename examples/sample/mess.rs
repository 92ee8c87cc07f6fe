//! What happens to a workbook on its way through an agency: rows above, columns swapped, totals and notes among the figures.

use std::collections::BTreeMap;

use safereturn::cell::Cell;
use safereturn::workbook::{Entry, Sheet, Value};

/// The row whose first cell holds these words.
pub(crate) fn row_of(sheet: &Sheet, words: &str) -> u32 {
    let found = sheet.cells.iter().find(|(_, entry)| entry.value == Value::Text(words.to_owned()));
    found.unwrap_or_else(|| panic!("{words} is not on {}", sheet.name)).0.row
}

fn moved(sheet: &mut Sheet, to: impl Fn(Cell) -> Cell) {
    let cells = std::mem::take(&mut sheet.cells);
    sheet.cells = cells.into_iter().map(|(cell, entry)| (to(cell), entry)).collect::<BTreeMap<_, _>>();
}

/// Empty rows before a row.
pub(crate) fn push_down(sheet: &mut Sheet, from: u32, rows: u32) {
    moved(sheet, |c| if c.row >= from { Cell::new(c.row + rows, c.column) } else { c });
}

/// Empty columns before the first.
pub(crate) fn push_right(sheet: &mut Sheet, columns: u32) {
    moved(sheet, |c| Cell::new(c.row, c.column + columns));
}

/// Two columns of a table in each other's place: the heading's row and as many below.
pub(crate) fn swap_columns(sheet: &mut Sheet, row: u32, below: u32, one: u32, other: u32) {
    moved(sheet, |c| match c.column {
        _ if c.row < row || c.row > row + below => c,
        column if column == one => Cell::new(c.row, other),
        column if column == other => Cell::new(c.row, one),
        _ => c,
    });
}

/// A row below the last of a table with the sums of its columns, as formulas with their results.
pub(crate) fn total(sheet: &mut Sheet, last: u32, words: &str, columns: &[u32]) {
    push_down(sheet, last + 1, 1);
    text(sheet, last + 1, 0, words);
    for column in columns {
        let rows = (0..=last).rev().map_while(|row| match sheet.cells.get(&Cell::new(row, *column))?.value {
            Value::Number(n) => Some((row, n)),
            _ => None,
        });
        let rows: Vec<(u32, f64)> = rows.collect();
        let first = Cell::new(rows.last().unwrap().0, *column);
        let formula = format!("SUM({first}:{})", Cell::new(last, *column));
        let entry = Entry { formula: Some(formula.into()), ..Entry::number(rows.iter().map(|(_, n)| n).sum()) };
        sheet.cells.insert(Cell::new(last + 1, *column), entry);
    }
}

/// A sentence some rows below the row with these words.
pub(crate) fn note_below(sheet: &mut Sheet, row: &str, rows: u32, words: &str) {
    let (at, column) = sheet
        .cells
        .iter()
        .find(|(_, entry)| entry.value == Value::Text(row.to_owned()))
        .map(|(cell, _)| (cell.row, cell.column))
        .unwrap();
    push_down(sheet, at + rows, 1);
    text(sheet, at + rows, column, words);
}

/// A text in a cell.
pub(crate) fn text(sheet: &mut Sheet, row: u32, column: u32, words: &str) {
    sheet.cells.insert(Cell::new(row, column), Entry::text(words));
}

/// A number in a cell.
pub(crate) fn number(sheet: &mut Sheet, row: u32, column: u32, n: f64) {
    sheet.cells.insert(Cell::new(row, column), Entry::number(n));
}
