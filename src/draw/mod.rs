//! Draws the piece of a sheet that a finding is about: which rows and columns, with their true numbers and letters.
//! `columns` chooses what fits, `window` makes text and byte spans of it. Knows no printer and no meaning of a cell:
//! `render` hands in the cells to mark and prints what comes out.

mod columns;
mod window;

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthChar;

use crate::cell::Cell;
use crate::workbook::notation::shown;
use crate::workbook::{Entry, Sheet, is_space};

pub use window::Window;

/// What stands in a drawing for a cell that must not be shown.
pub const MASK: &str = "•••";

/// What to draw.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The sheet; `None` where its cells are no longer there (personal data), then only places are drawn.
    pub sheet: Option<&'a Sheet>,
    /// The cells to mark.
    pub marks: &'a BTreeSet<Cell>,
    /// Draw the marked cells as [`MASK`] and nothing else.
    pub masked: bool,
    /// Display columns that the text of a line may take, without row numbers.
    pub width: usize,
    /// Display columns to keep free to the right of the last marked cell, for what is said of it.
    pub room: usize,
    /// Whether a cell is known to hold a figure, so that it is not mistaken for a heading.
    pub is_value: &'a dyn Fn(Cell) -> bool,
}

/// Rows that follow one another, as columns side by side. Far-apart rows are pieces of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The columns drawn, left to right.
    pub columns: Vec<Column>,
    /// The row with the headings over the marked columns, where it stands farther up than the first line.
    pub heading: Option<Line>,
    /// The rows, one below the other.
    pub lines: Vec<Line>,
}

/// A column of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// This column of the sheet, from 0, cut to so many display columns.
    Shown {
        /// The column, from 0.
        column: u32,
        /// Its width in display columns.
        width: usize,
    },
    /// Columns that hold something and are left out.
    Skipped,
}

/// A row of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The row, from 0.
    pub row: u32,
    /// What stands under each column of the piece.
    pub cells: Vec<Drawn>,
}

/// A cell as drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawn {
    /// Its text, cut to the width of its column; empty for an empty cell.
    pub text: String,
    /// A number, to be set to the right.
    pub right: bool,
    /// One of the cells to mark.
    pub marked: bool,
}

/// Draws the marked cells of a sheet with what stands around them.
#[must_use]
pub fn draw(request: &Request<'_>) -> Vec<Piece> {
    runs(request).into_iter().flat_map(|rows| columns::pieces(request, &rows)).collect()
}

/// The rows to draw, in runs without gaps: the marked ones, and the filled ones just above and below.
fn runs(request: &Request<'_>) -> Vec<Vec<u32>> {
    let marked: BTreeSet<u32> = request.marks.iter().map(|c| c.row).collect();
    let mut rows = marked.clone();
    if !request.masked {
        for row in &marked {
            let near = [row.checked_sub(1), (*row < Cell::LAST_ROW).then(|| row + 1)];
            rows.extend(near.into_iter().flatten().filter(|r| filled(request, *r)));
        }
    }
    let mut runs: Vec<Vec<u32>> = Vec::new();
    for row in rows {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| row - last <= 2) => {
                let from = run.last().map_or(row, |last| last + 1);
                run.extend(from..=row);
            }
            _ => runs.push(vec![row]),
        }
    }
    runs
}

/// Whether a row of the sheet holds anything to read.
fn filled(request: &Request<'_>, row: u32) -> bool {
    row_of(request, row).any(|(_, entry)| !entry.is_blank())
}

fn row_of<'a>(request: &Request<'a>, row: u32) -> impl Iterator<Item = (Cell, &'a Entry)> {
    let span = Cell::new(row, 0)..=Cell::new(row, Cell::LAST_COLUMN);
    request.sheet.into_iter().flat_map(move |s| s.cells.range(span.clone()).map(|(c, e)| (*c, e)))
}

/// What a cell shows: for a merged cell what stands in the first of its region, as people see it.
fn look<'a>(request: &Request<'a>, cell: Cell) -> Option<&'a Entry> {
    let sheet = request.sheet?;
    let own = sheet.cells.get(&cell);
    if own.is_some_and(|e| !e.is_blank()) {
        return own;
    }
    let inside = |first: Cell, last: Cell| {
        (first.row..=last.row).contains(&cell.row) && (first.column..=last.column).contains(&cell.column)
    };
    let merged = sheet.merges.iter().find(|(first, last)| inside(*first, *last));
    merged.and_then(|(first, _)| sheet.cells.get(first)).or(own)
}

/// The text of a cell on one line.
#[must_use]
pub fn text_of(entry: &Entry) -> String {
    line(&shown(entry))
}

/// Text as it can stand on one line of a drawing or message: line breaks as `⏎`, and nothing that steers a terminal or
/// turns the reading direction.
#[must_use]
pub fn line(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => '⏎',
            '\t' => ' ',
            c if is_steering(c) => '\u{FFFD}',
            c => c,
        })
        .collect()
}

/// Controls, marks of direction, private-use and invisible characters: what is shown must be what is there.
pub(crate) fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E000}'..='\u{F8FF}' | '\u{200B}'
        | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Text cut to a display width, with `…` where something is left out.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if measure(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut taken = 0;
    for c in text.chars() {
        taken += c.width().unwrap_or(0);
        if taken + 1 > width {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end_matches(is_space).len());
    out.push('…');
    out
}

/// Display columns of a text, counted letter by letter as the printer counts them.
#[must_use]
pub fn measure(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request<'a>(sheet: &'a Sheet, marks: &'a BTreeSet<Cell>, width: usize) -> Request<'a> {
        Request { sheet: Some(sheet), marks, masked: false, width, room: 20, is_value: &|_| false }
    }

    proptest! {
        #[test]
        fn every_mark_is_drawn_once_with_its_own_text_and_no_line_is_too_wide(
            cells in proptest::collection::btree_map((0_u32..30, 0_u32..12), "[a-zé件0-9 ]{0,40}", 0..60),
            marks in proptest::collection::btree_set((0_u32..34, 0_u32..14), 1..12),
            width in 40_usize..120,
        ) {
            let mut sheet = Sheet::default();
            for ((row, column), text) in cells {
                sheet.cells.insert(Cell::new(row, column), Entry::text(text));
            }
            let marks: BTreeSet<Cell> = marks.into_iter().map(|(row, column)| Cell::new(row, column)).collect();
            let mut drawn = Vec::new();
            for piece in draw(&request(&sheet, &marks, width)) {
                let window = piece.window('│');
                prop_assert_eq!(window.text.lines().count(), window.lines);
                for line in window.text.lines().chain([window.letters.as_str()]) {
                    prop_assert!(measure(line) <= width, "{}", line);
                }
                for (cell, span) in &window.spans {
                    let whole = sheet.cells.get(cell).map(text_of).unwrap_or_default();
                    let text = window.text[span.clone()].trim().trim_end_matches('…').trim_end();
                    prop_assert!(whole.starts_with(text), "{} {:?} {:?}", cell, whole, text);
                    drawn.push(*cell);
                }
            }
            drawn.sort_unstable();
            prop_assert_eq!(drawn, marks.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn text_is_cut_where_it_says_so() {
        assert_eq!(cut("Neglect", 7), "Neglect");
        assert_eq!(cut("Neglect of children", 9), "Neglect…");
        assert_eq!(cut("件数件数", 5), "件数…");
        assert_eq!(line("a\r\nb\tc\u{1b}[31m"), "a⏎b c\u{FFFD}[31m");
    }
}
