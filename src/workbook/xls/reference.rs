//! The references of a formula: `A1`, `$B$2:C3`, `A:A`, `'Front door'!A1`. The other tokens are read in `formula`.

use super::compound::short;
use crate::cell::{Cell, column_letters};

/// The tokens of one formula, read from the start.
pub(super) struct Tokens<'a> {
    /// What is left of them.
    pub(super) rest: &'a [u8],
    /// Excel 95 or older.
    pub(super) old: bool,
    /// The cell of the formula.
    pub(super) base: Cell,
}

impl<'a> Tokens<'a> {
    pub(super) fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        short(self.take(2)?, 0)
    }
}

/// One end of a reference: row and column, and whether they move with the formula.
#[derive(Clone, Copy)]
struct End {
    row: u16,
    column: u16,
    row_moves: bool,
    column_moves: bool,
}

/// One sheet, or the first and the last of several.
pub(super) fn sheets(book: &str, names: &[String], first: u16, last: u16) -> Option<String> {
    let one = names.get(usize::from(first))?;
    let text = match names.get(usize::from(last)).filter(|_| last != first) {
        Some(other) => format!("{one}:{other}"),
        None => one.clone(),
    };
    Some(quoted(&format!("{book}{text}")) + "!")
}

/// In apostrophes, where a name could be taken for something else.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | ':');
    let rest = name.rsplit(']').next().unwrap_or(name);
    let starts = rest.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let like_a_cell = rest.len() < 12 && rest.parse::<Cell>().is_ok();
    if starts && name.chars().all(plain) && !like_a_cell {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "''"))
    }
}

impl End {
    /// Row and column as stored; `moved`: as far as they move, they count from the cell of the formula.
    fn new(row: u16, column: u16, flags: u16, tokens: &Tokens<'_>, moved: bool) -> Self {
        let (column_moves, row_moves) = (flags & 0x4000 != 0, flags & 0x8000 != 0);
        let row_bits = if tokens.old { 0x3FFF } else { 0xFFFF };
        let (mut row, mut column) = (row & row_bits, column & 0xFF);
        if moved {
            #[expect(clippy::cast_possible_truncation, reason = "sheets of this format end there, and go round")]
            let base = (tokens.base.row as u16, tokens.base.column as u16);
            if row_moves {
                row = row.wrapping_add(base.0) & row_bits;
            }
            if column_moves {
                column = column.wrapping_add(base.1) & 0xFF;
            }
        }
        Self { row, column, row_moves, column_moves }
    }

    fn column(self) -> String {
        format!("{}{}", if self.column_moves { "" } else { "$" }, column_letters(self.column.into()))
    }

    fn row(self) -> String {
        format!("{}{}", if self.row_moves { "" } else { "$" }, u32::from(self.row) + 1)
    }
}

/// A reference to one cell; `moved`: counted from the cell of the formula.
pub(super) fn reference(tokens: &mut Tokens<'_>, moved: bool) -> Option<String> {
    let row = tokens.short()?;
    let (column, flags) = if tokens.old { (tokens.byte()?.into(), row) } else { tokens.short().map(|c| (c, c))? };
    let end = End::new(row, column, flags, tokens, moved);
    Some(end.column() + &end.row())
}

/// A reference to several cells.
pub(super) fn area(tokens: &mut Tokens<'_>, moved: bool) -> Option<String> {
    let (top, bottom) = (tokens.short()?, tokens.short()?);
    let (left, right, from, to) = if tokens.old {
        (tokens.byte()?.into(), tokens.byte()?.into(), top, bottom)
    } else {
        let (left, right) = (tokens.short()?, tokens.short()?);
        (left, right, left, right)
    };
    let last_row = if tokens.old { 0x3FFF } else { 0xFFFF };
    let (a, b) = (End::new(top, left, from, tokens, moved), End::new(bottom, right, to, tokens, moved));
    // Whole columns and whole rows.
    Some(if (a.row, b.row) == (0, last_row) {
        format!("{}:{}", a.column(), b.column())
    } else if (a.column, b.column) == (0, 0xFF) {
        format!("{}:{}", a.row(), b.row())
    } else {
        format!("{}{}:{}{}", a.column(), a.row(), b.column(), b.row())
    })
}
