//! A piece as lines of text, with the bytes that each marked cell takes in them.

use std::ops::Range;

use super::{Column, Drawn, Line, Piece, measure};
use crate::cell::{Cell, column_letters};

/// A piece of a sheet as text. The lines are rows of the sheet that follow one another; the line of column letters is
/// kept apart, since it has no row number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The lines, each ended by a line break.
    pub text: String,
    /// The row of the first line, from 0.
    pub first_row: u32,
    /// How many lines.
    pub lines: usize,
    /// Where each marked cell stands in the text, as bytes, in the order of the text.
    pub spans: Vec<(Cell, Range<usize>)>,
    /// The column letters, to be put above.
    pub letters: String,
    /// The heading of the columns with its row from 0, where it stands farther up.
    pub heading: Option<(u32, String)>,
}

impl Piece {
    /// The piece as text, its columns set apart by a separator such as `│`.
    #[must_use]
    pub fn window(&self, separator: char) -> Window {
        let mut window = Window {
            text: String::new(),
            first_row: self.lines.first().map_or(0, |l| l.row),
            lines: self.lines.len(),
            spans: Vec::new(),
            letters: self.letters(separator),
            heading: self.heading.as_ref().map(|line| (line.row, self.line(line, separator).0.trim_end().to_owned())),
        };
        for line in &self.lines {
            let start = window.text.len();
            let (text, spans) = self.line(line, separator);
            let keep = spans.iter().map(|(_, s)| s.end).max().unwrap_or(0).max(text.trim_end().len());
            window.text.push_str(&text[..keep]);
            window.text.push('\n');
            window.spans.extend(spans.into_iter().map(|(cell, s)| (cell, start + s.start..start + s.end)));
        }
        window
    }

    fn line(&self, line: &Line, separator: char) -> (String, Vec<(Cell, Range<usize>)>) {
        let mut text = String::new();
        let mut spans = Vec::new();
        for (i, (column, drawn)) in self.columns.iter().zip(&line.cells).enumerate() {
            if i > 0 {
                text.push_str(&format!(" {separator} "));
            }
            let (at, width) = match column {
                Column::Skipped => (None, 1),
                Column::Shown { column, width } => (Some(Cell::new(line.row, *column)), *width),
            };
            let start = text.len();
            pad(&mut text, drawn, width);
            if let Some(cell) = at.filter(|_| drawn.marked) {
                spans.push((cell, span_of(drawn, start..text.len())));
            }
        }
        (text, spans)
    }

    fn letters(&self, separator: char) -> String {
        let mut out = String::new();
        for (i, column) in self.columns.iter().enumerate() {
            if i > 0 {
                out.push_str(&format!(" {separator} "));
            }
            let (letters, width) = match column {
                Column::Skipped => ("…".to_owned(), 1),
                Column::Shown { column, width } => (column_letters(*column), *width),
            };
            out.push_str(&format!("{letters:<width$}"));
        }
        out.truncate(out.trim_end().len());
        out
    }
}

fn pad(out: &mut String, drawn: &Drawn, width: usize) {
    let spaces = " ".repeat(width.saturating_sub(measure(&drawn.text)));
    let (before, after) = if drawn.right { (spaces.as_str(), "") } else { ("", spaces.as_str()) };
    out.push_str(before);
    out.push_str(&drawn.text);
    out.push_str(after);
}

/// The bytes of the cell's text in its padded place; three blanks for an empty cell, so that the mark can be seen.
fn span_of(drawn: &Drawn, place: Range<usize>) -> Range<usize> {
    if drawn.text.trim().is_empty() {
        let length = place.len().min(3);
        return place.end - length..place.end;
    }
    if drawn.right { place.end - drawn.text.len()..place.end } else { place.start..place.start + drawn.text.len() }
}
