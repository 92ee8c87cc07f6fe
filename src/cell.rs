//! Two names for every place: where a figure stands ([`Cell`], [`Address`]) and what it means ([`Pointer`]).
//! Knows nothing of workbooks or schemas; the map that joins the two names is made by `extract`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A cell of one sheet. Row and column count from 0 inside; people read and write `B10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Row, from 0 (row 1 of the sheet is 0).
    pub row: u32,
    /// Column, from 0 (column A is 0).
    pub column: u32,
}

impl Cell {
    /// The last row of an Excel sheet, from 0.
    pub const LAST_ROW: u32 = 1_048_575;
    /// The last column of an Excel sheet (XFD), from 0.
    pub const LAST_COLUMN: u32 = 16_383;

    /// The cell at a row and column, both from 0.
    #[must_use]
    pub const fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }
}

/// The letters of a column that counts from 0: 0 is `A`, 27 is `AB`.
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_letters(self.column), u64::from(self.row) + 1)
    }
}

/// Cells as people name them: `B41:D45` where they fill a rectangle.
#[must_use]
pub fn ranges(cells: impl IntoIterator<Item = Cell>) -> Vec<String> {
    let mut cells: Vec<Cell> = cells.into_iter().collect();
    cells.sort_by_key(|c| (c.column, c.row));
    cells.dedup();
    // Runs down a column, then runs of the same rows in columns side by side.
    let mut blocks: Vec<(Cell, Cell)> = Vec::new();
    for run in cells.chunk_by(|a, b| a.column == b.column && a.row + 1 == b.row) {
        let [first, ..] = run else { continue };
        let last = run.last().copied().unwrap_or(*first);
        let beside =
            blocks.iter_mut().find(|(a, b)| a.row == first.row && b.row == last.row && b.column + 1 == first.column);
        match beside {
            Some(block) => block.1 = last,
            None => blocks.push((*first, last)),
        }
    }
    blocks.sort_unstable();
    blocks.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}:{b}") }).collect()
}

/// A text that is no cell address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a cell address such as B10")]
pub struct NotACell(String);

impl FromStr for Cell {
    type Err = NotACell;

    fn from_str(text: &str) -> Result<Self, NotACell> {
        let wrong = || NotACell(text.to_owned());
        let split = text.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
        let (letters, digits) = text.split_at(split);
        if letters.is_empty() || letters.len() > 3 {
            return Err(wrong());
        }
        let mut column = 0_u32;
        for letter in letters.chars() {
            if !letter.is_ascii_alphabetic() {
                return Err(wrong());
            }
            column = column * 26 + (u32::from(letter.to_ascii_uppercase()) - u32::from('A')) + 1;
        }
        let row: u32 = digits.parse().map_err(|_| wrong())?;
        if row == 0 || row > Self::LAST_ROW + 1 || column > Self::LAST_COLUMN + 1 {
            return Err(wrong());
        }
        Ok(Self::new(row - 1, column - 1))
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A cell of a workbook: the sheet by its position (from 0) and the cell on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// Position of the sheet in the workbook, from 0.
    pub sheet: usize,
    /// The cell on that sheet.
    pub cell: Cell,
}

impl Address {
    /// The cell on the sheet at a position (from 0).
    #[must_use]
    pub const fn new(sheet: usize, cell: Cell) -> Self {
        Self { sheet, cell }
    }
}

/// What a figure means, as a JSON Pointer: `/child-protection/cpp_by_category/NEG/children`.
/// The first segment is the section, rows are named by their key and never by their index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(Arc<str>);

impl Pointer {
    /// The pointer of a section as a whole: `/front-door`.
    #[must_use]
    pub fn section(key: &str) -> Self {
        Self(format!("/{}", escape(key)).into())
    }

    /// This pointer with one more segment, escaped as RFC 6901 asks.
    #[must_use]
    pub fn child(&self, segment: &str) -> Self {
        Self(format!("{}/{}", self.0, escape(segment)).into())
    }

    /// The segments, unescaped, first the section.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~"))
    }

    /// The first segment: the section's key.
    #[must_use]
    pub fn section_key(&self) -> String {
        self.segments().next().unwrap_or_default()
    }

    /// The last segment: the measure's key.
    #[must_use]
    pub fn last(&self) -> String {
        self.segments().last().unwrap_or_default()
    }

    /// The pointer one level up, or `None` at a section.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let cut = self.0.rfind('/')?;
        (cut > 0).then(|| Self(self.0[..cut].into()))
    }

    /// Whether this place is the other or lies inside it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The pointer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Pointer {
    /// Takes a pointer that is already escaped; a missing leading `/` is added.
    fn from(text: &str) -> Self {
        if text.starts_with('/') { Self(text.into()) } else { Self(format!("/{text}").into()) }
    }
}

impl Serialize for Pointer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_reads_back_as_it_was_written(row in 0..=Cell::LAST_ROW, column in 0..=Cell::LAST_COLUMN) {
            let cell = Cell::new(row, column);
            prop_assert_eq!(cell.to_string().parse::<Cell>().unwrap(), cell);
        }
    }

    #[test]
    fn addresses_are_those_of_a_spreadsheet() {
        assert_eq!(Cell::new(0, 0).to_string(), "A1");
        assert_eq!(Cell::new(9, 27).to_string(), "AB10");
        assert_eq!(Cell::new(Cell::LAST_ROW, Cell::LAST_COLUMN).to_string(), "XFD1048576");
        for wrong in ["", "A", "1", "A0", "AAAA1", "XFE1", "A1048577", "1A", "A-1"] {
            assert!(wrong.parse::<Cell>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pointer_names_rows_by_key() {
        let pointer = Pointer::section("child-protection").child("cpp_by_category").child("N/A").child("children");
        assert_eq!(pointer.as_str(), "/child-protection/cpp_by_category/N~1A/children");
        assert_eq!(pointer.segments().nth(2).unwrap(), "N/A");
        assert!(pointer.is_within(&Pointer::section("child-protection")));
        assert!(!pointer.is_within(&Pointer::section("child")));
    }

    #[test]
    fn cells_are_named_by_the_rectangles_they_fill() {
        let named = |cells: &str| ranges(cells.split(' ').map(|c| c.parse().unwrap())).join(", ");
        assert_eq!(named("B2 B1 C1 C2"), "B1:C2");
        assert_eq!(named("B1 B3 D1"), "B1, D1, B3");
        assert_eq!(named("A1 B1 B2"), "A1, B1:B2");
    }
}
