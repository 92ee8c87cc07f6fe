//! Chooses the columns of a piece: the marked cells, the words that name their rows, then neighbours while they fit.

use std::collections::{BTreeMap, BTreeSet};

use super::{Column, Drawn, Line, MASK, Piece, Request, cut, look, measure, row_of, text_of};
use crate::cell::{Cell, column_letters};
use crate::workbook::{Entry, Value};

/// Widest that a column may be drawn; the first that leaves enough room is taken.
const CAPS: [usize; 6] = [60, 48, 36, 28, 20, 14];
/// How far up a heading is looked for, in rows.
const FARTHEST: u32 = 4_000;
/// What stands between two columns: ` │ `.
const SEPARATOR: usize = 3;
/// A column for what is left out: ` │ …`.
const SKIPPED: usize = SEPARATOR + 1;

/// Most columns of words that name the rows.
const LABELS: usize = 2;

/// The rows of one run as one piece, or as several where the marked columns do not fit side by side.
pub(super) fn pieces(request: &Request<'_>, rows: &[u32]) -> Vec<Piece> {
    let marked: BTreeSet<u32> = request.marks.iter().filter(|c| rows.contains(&c.row)).map(|c| c.column).collect();
    let labels: BTreeSet<u32> = rows.iter().filter_map(|r| label_column(request, *r)).collect();
    let labels: Vec<u32> = labels.into_iter().take(LABELS).collect();
    let mut left: Vec<u32> = marked.into_iter().collect();
    let mut pieces = Vec::new();
    while !left.is_empty() {
        let choice = Choice::best(request, rows, &labels, &left);
        left.drain(..choice.marked.len());
        pieces.push(choice.piece(request, rows));
    }
    pieces
}

/// Some of the marked columns with their labels and heading, and how wide a column may be.
struct Choice {
    marked: Vec<u32>,
    columns: BTreeSet<u32>,
    heading: Option<u32>,
    /// The rows that decide how wide the columns are.
    rows: Vec<u32>,
    cap: usize,
}

impl Choice {
    /// As many of the marked columns as fit beside the labels, at least one; rather without labels than too wide.
    fn best(request: &Request<'_>, rows: &[u32], labels: &[u32], left: &[u32]) -> Self {
        let narrowest = CAPS[CAPS.len() - 1];
        for count in (1..=left.len()).rev() {
            let mut choice = Self::new(request, rows, labels, &left[..count]);
            for cap in CAPS {
                choice.cap = cap;
                if choice.layout(request).fits(request) {
                    return choice;
                }
            }
            // Too narrow for what is to be said beside the cell, but wide enough for the cells themselves.
            choice.cap = narrowest;
            if choice.layout(request).width <= request.width {
                return choice;
            }
        }
        let first_label = Self::new(request, rows, &labels[..labels.len().min(1)], &left[..1]);
        if first_label.layout(request).width <= request.width {
            return first_label;
        }
        Self::new(request, rows, &[], &left[..1])
    }

    fn new(request: &Request<'_>, rows: &[u32], labels: &[u32], marked: &[u32]) -> Self {
        let heading = heading(request, rows, marked);
        let mut all = rows.to_vec();
        all.extend(heading);
        let columns = labels.iter().chain(marked).copied().collect();
        Self { marked: marked.to_vec(), columns, heading, rows: all, cap: CAPS[CAPS.len() - 1] }
    }

    fn layout(&self, request: &Request<'_>) -> Layout {
        Layout::new(request, &self.rows, &self.columns, &self.marked, self.cap)
    }

    fn piece(mut self, request: &Request<'_>, rows: &[u32]) -> Piece {
        if !request.masked {
            for near in neighbours(request, rows, &self.marked) {
                if self.columns.insert(near) && !self.layout(request).fits(request) {
                    self.columns.remove(&near);
                }
            }
        }
        let layout = self.layout(request);
        let line = |row: u32| Line { row, cells: layout.columns.iter().map(|c| self.cell(request, row, c)).collect() };
        // A heading just above belongs to the run; one farther up is kept apart.
        let first = rows.first().copied().unwrap_or_default();
        let close = self.heading.filter(|h| first - h <= 2);
        let lines = close.unwrap_or(first)..=rows.last().copied().unwrap_or(first);
        Piece {
            heading: self.heading.filter(|_| close.is_none()).map(line),
            lines: lines.map(line).collect(),
            columns: layout.columns.clone(),
        }
    }

    /// A cell as drawn. A marked cell is marked in one piece only, where its column was chosen for it.
    fn cell(&self, request: &Request<'_>, row: u32, column: &Column) -> Drawn {
        let (column, width) = match column {
            Column::Skipped => return Drawn { text: "…".to_owned(), ..Drawn::default() },
            Column::Shown { column, width } => (*column, *width),
        };
        let cell = Cell::new(row, column);
        let marked = request.marks.contains(&cell) && self.marked.contains(&column);
        if request.masked {
            let text = if marked { MASK.to_owned() } else { String::new() };
            return Drawn { text, right: false, marked };
        }
        let entry = request.sheet.and_then(|s| s.cells.get(&cell));
        let text = entry.map(text_of).unwrap_or_default();
        let right = match entry {
            Some(e) => matches!(e.value, Value::Number(_) | Value::Nothing),
            None => true,
        };
        Drawn { text: cut(&text, width), right, marked }
    }
}

/// The columns beside the marked ones that hold something in these rows, nearest first.
fn neighbours(request: &Request<'_>, rows: &[u32], marked: &[u32]) -> Vec<u32> {
    let holds =
        |column: &u32| rows.iter().any(|r| look(request, Cell::new(*r, *column)).is_some_and(|e| !e.is_blank()));
    let sides = marked.iter().flat_map(|c| [c.checked_sub(1), (*c < Cell::LAST_COLUMN).then(|| c + 1)]);
    sides.flatten().filter(holds).collect()
}

/// The column of the words that name a marked row: its leftmost text, if that stands left of the marked cell.
fn label_column(request: &Request<'_>, row: u32) -> Option<u32> {
    if request.masked {
        return None;
    }
    let mark = request.marks.iter().find(|c| c.row == row)?.column;
    let own = row_of(request, row).find(|(_, e)| is_words(e)).map(|(c, _)| c.column);
    // A label merged over several rows stands in the first of them only.
    let merged = || (0..mark.min(8)).find(|c| look(request, Cell::new(row, *c)).is_some_and(is_words));
    own.or_else(merged).filter(|c| *c < mark)
}

/// The nearest row above that has words over a marked column: not a figure, and no figures beside it.
fn heading(request: &Request<'_>, rows: &[u32], marked: &[u32]) -> Option<u32> {
    if request.masked {
        return None;
    }
    let sheet = request.sheet?;
    let first = *rows.first()?;
    let top =
        request.marks.iter().filter(|c| rows.contains(&c.row) && marked.contains(&c.column)).map(|c| c.row).min()?;
    let words_over_mark = |row: u32| {
        let cells = marked.iter().map(|column| Cell::new(row, *column));
        let words = cells.filter(|c| sheet.cells.get(c).is_some_and(is_heading));
        words.into_iter().any(|c| !(request.is_value)(c) && !request.marks.contains(&c))
    };
    let figures_beside = |row: u32| {
        row_of(request, row).any(|(c, e)| matches!(e.value, Value::Number(_) | Value::Date(_)) || (request.is_value)(c))
    };
    let above = (top.saturating_sub(FARTHEST)..top).rev();
    above.into_iter().find(|row| words_over_mark(*row) && !figures_beside(*row)).filter(|row| *row < first)
}

fn is_words(entry: &Entry) -> bool {
    matches!(entry.value, Value::Text(_)) && !entry.is_blank()
}

/// Words long enough to be a heading: not a marker, not `low` or `<5`.
fn is_heading(entry: &Entry) -> bool {
    match &entry.value {
        Value::Text(text) => text.chars().filter(|c| c.is_alphabetic()).count() > 3,
        Value::Nothing | Value::Number(_) | Value::Truth(_) | Value::Date(_) | Value::Error(_) => false,
    }
}

/// Columns with their widths, and how much of a line they take.
struct Layout {
    columns: Vec<Column>,
    width: usize,
    /// Where the last marked column ends.
    end_of_marks: usize,
}

impl Layout {
    fn new(request: &Request<'_>, rows: &[u32], columns: &BTreeSet<u32>, marked: &[u32], cap: usize) -> Self {
        let held = held(request, rows);
        let mut out = Self { columns: Vec::new(), width: 0, end_of_marks: 0 };
        let mut next = 0;
        for column in columns {
            if held.range(next..*column).next().is_some() {
                out.columns.push(Column::Skipped);
                out.width += SKIPPED;
            }
            let widest = held.get(column).copied().unwrap_or(0);
            let least = if marked.contains(column) { MASK.chars().count() } else { 1 };
            let width = widest.min(cap).max(least).max(column_letters(*column).len());
            out.columns.push(Column::Shown { column: *column, width });
            out.width += width + SEPARATOR;
            if marked.contains(column) {
                out.end_of_marks = out.width;
            }
            next = column + 1;
        }
        if held.range(next..).next().is_some() {
            out.columns.push(Column::Skipped);
            out.width += SKIPPED;
        }
        out.width = out.width.saturating_sub(SEPARATOR);
        out.end_of_marks = out.end_of_marks.saturating_sub(SEPARATOR);
        out
    }

    fn fits(&self, request: &Request<'_>) -> bool {
        self.width <= request.width && self.end_of_marks + request.room <= request.width
    }
}

/// The columns that hold something to read in these rows, each with the width of its widest cell.
fn held(request: &Request<'_>, rows: &[u32]) -> BTreeMap<u32, usize> {
    let mut held = BTreeMap::new();
    if request.masked {
        return held;
    }
    for (cell, entry) in rows.iter().flat_map(|r| row_of(request, *r)).filter(|(_, e)| !e.is_blank()) {
        let widest = held.entry(cell.column).or_insert(0);
        *widest = (*widest).max(measure(&text_of(entry)));
    }
    held
}
