//! A sheet as rows, columns and folded words, merged regions understood. Knows nothing of schemas.

use std::collections::BTreeMap;

use super::words::{fold, trim, without_footnote};
use crate::cell::{Address, Cell};
use crate::figure::format_plain;
use crate::workbook::{Entry, Sheet, Value};

/// Merged regions looked at; a workbook with more of them is not a return.
const MOST_MERGES: usize = 5_000;

/// One sheet, made ready for finding words on it.
pub(super) struct Grid<'a> {
    sheet: &'a Sheet,
    index: usize,
    words: BTreeMap<Cell, String>,
    rows: BTreeMap<u32, Vec<u32>>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(sheet: &'a Sheet, index: usize) -> Self {
        let mut words = BTreeMap::new();
        let mut rows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (cell, entry) in &sheet.cells {
            if let Some(word) = word(entry) {
                words.insert(*cell, word);
            }
            if !entry.is_blank() {
                rows.entry(cell.row).or_default().push(cell.column);
            }
        }
        Self { sheet, index, words, rows }
    }

    /// The position of the sheet in the workbook.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The address of a cell in the workbook.
    pub(super) fn address(&self, cell: Cell) -> Address {
        Address::new(self.index, cell)
    }

    /// What stands in a cell, blank text and coloured cells too.
    pub(super) fn entry(&self, cell: Cell) -> Option<&'a Entry> {
        self.sheet.cells.get(&cell)
    }

    /// The folded words of a cell, if it holds words or a whole number.
    pub(super) fn word(&self, cell: Cell) -> Option<&str> {
        self.words.get(&cell).map(String::as_str).filter(|w| !w.is_empty())
    }

    /// The text of a cell as it stands, trimmed.
    pub(super) fn text(&self, cell: Cell) -> String {
        self.entry(cell).map(display).unwrap_or_default()
    }

    /// Whether a cell holds something to read.
    pub(super) fn filled(&self, cell: Cell) -> bool {
        self.entry(cell).is_some_and(|e| !e.is_blank())
    }

    /// Whether a cell holds text.
    pub(super) fn is_text(&self, cell: Cell) -> bool {
        self.entry(cell).is_some_and(|e| !e.is_blank() && matches!(e.value, Value::Text(_)))
    }

    /// Rows that hold something, with their columns, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.rows.iter().map(|(row, columns)| (*row, columns.as_slice()))
    }

    /// The columns of a row that hold something.
    pub(super) fn row(&self, row: u32) -> &[u32] {
        self.rows.get(&row).map_or(&[], Vec::as_slice)
    }

    /// Rows that hold something, after one row and up to another.
    pub(super) fn rows_between(&self, after: u32, upto: u32) -> Vec<u32> {
        if after >= upto {
            return Vec::new();
        }
        self.rows.range(after + 1..=upto).map(|(row, _)| *row).collect()
    }

    /// The last row that holds something.
    pub(super) fn last_row(&self) -> u32 {
        self.rows.last_key_value().map_or(0, |(row, _)| *row)
    }

    /// Whether nothing stands on the sheet.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The cells that carry a comment.
    pub(super) fn commented(&self) -> Vec<Cell> {
        self.sheet.comments.keys().copied().collect()
    }

    /// All cells that hold something to read.
    pub(super) fn cells(&self) -> impl Iterator<Item = (Cell, &'a Entry)> {
        self.sheet.cells.iter().filter(|(_, e)| !e.is_blank()).map(|(c, e)| (*c, e))
    }

    /// The first cell of the merged region that a cell lies in, or the cell itself.
    pub(super) fn anchor(&self, cell: Cell) -> Cell {
        self.region(cell).map_or(cell, |(first, _)| first)
    }

    /// The last column of the merged region that a cell lies in, or its own.
    pub(super) fn right(&self, cell: Cell) -> u32 {
        self.region(cell).map_or(cell.column, |(_, last)| last.column)
    }

    /// The merged region that a cell lies in: its first and last cell.
    pub(super) fn region(&self, cell: Cell) -> Option<(Cell, Cell)> {
        self.sheet.merges.iter().take(MOST_MERGES).copied().find(|(first, last)| {
            (first.row..=last.row).contains(&cell.row) && (first.column..=last.column).contains(&cell.column)
        })
    }
}

fn word(entry: &Entry) -> Option<String> {
    match &entry.value {
        Value::Text(text) => Some(fold(without_footnote(text))),
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 1e9 => Some(format!("{n}")),
        Value::Number(_) | Value::Nothing | Value::Truth(_) | Value::Date(_) | Value::Error(_) => None,
    }
}

/// What a cell holds, as people see it.
pub(super) fn display(entry: &Entry) -> String {
    match &entry.value {
        Value::Nothing => String::new(),
        Value::Text(text) => trim(text).to_owned(),
        Value::Number(n) => match &entry.format {
            Some(format) if super::tidy::is_percent(format) => format!("{}%", format_plain(n * 100.0)),
            // Of so small a number the usual decimals say nothing.
            Some(_) | None if *n != 0.0 && n.abs() < 0.01 => format!("{n}"),
            Some(_) | None => format_plain(*n),
        },
        Value::Truth(true) => "TRUE".to_owned(),
        Value::Truth(false) => "FALSE".to_owned(),
        Value::Date(date) => date.date().format("%Y-%m-%d").to_string(),
        Value::Error(error) => error.clone(),
    }
}
