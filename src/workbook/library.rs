//! The only file that names calamine: values, styles, sheet states and names as it reads them, in our words.
//! Nothing is opened here that `guard` has not scanned; what is kept of it is decided in `keep`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{DataRef, Reader, SheetVisible, Xlsx, XlsxError, expand_shared_formula};

use super::SheetState;
use super::guard::{self, Refusal};
use super::keep::{Look, tidy};
use super::value::{Epoch, Raw, iso_date};
use crate::cell::Cell;

/// An open Excel workbook (.xlsx, .xlsm).
pub(super) struct Book<'a> {
    book: Xlsx<Cursor<&'a [u8]>>,
}

/// The cells of one sheet, one after another, in the order of the file.
pub(super) struct Cells<'a, 'b> {
    cells: calamine::XlsxCellReader<'b, Cursor<&'a [u8]>>,
}

/// What comes next in a sheet.
pub(super) enum Next<'a> {
    /// A cell: row and column (from 0), what it holds, and the number of its style.
    Cell((u32, u32), Raw<'a>, usize),
    /// A cell that cannot be read; reading goes on.
    Lost,
    /// The sheet has ended.
    End,
}

impl<'a> Book<'a> {
    /// Opens a workbook.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let book = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
            XlsxError::Password => guard::password(),
            _ => Refusal::damaged(),
        })?;
        Ok(Self { book })
    }

    /// The sheets, and whether people see them.
    pub(super) fn sheets(&self) -> Vec<(String, SheetState)> {
        let state = |visible| match visible {
            SheetVisible::Visible => SheetState::Visible,
            SheetVisible::Hidden => SheetState::Hidden,
            SheetVisible::VeryHidden => SheetState::VeryHidden,
        };
        self.book.sheets_metadata().iter().map(|s| (s.name.clone(), state(s.visible))).collect()
    }

    /// From which day its dates count.
    pub(super) fn epoch(&self) -> Epoch {
        if self.book.has_1904_epoch() { Epoch::Mac } else { Epoch::Windows }
    }

    /// The cells of a sheet.
    pub(super) fn cells(&mut self, sheet: &str) -> Result<Cells<'a, '_>, Refusal> {
        let cells = self.book.worksheet_cells_reader(sheet).map_err(|_| Refusal::damaged())?;
        Ok(Cells { cells })
    }

    /// Defined names with their text.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        self.book.defined_names().iter().map(|(name, text)| (tidy(name), tidy(text.trim_matches('"')))).collect()
    }
}

impl<'b> Cells<'_, 'b> {
    /// The next cell.
    ///
    /// # Errors
    /// The sheet breaks off.
    pub(super) fn next(&mut self) -> Result<Next<'b>, Refusal> {
        match self.cells.next_cell_with_style_id() {
            Ok(Some((cell, style))) => Ok(Next::Cell(cell.get_position(), raw(cell.get_value()), style)),
            Ok(None) => Ok(Next::End),
            Err(XlsxError::Xml(_) | XlsxError::XmlEof(_)) => Err(Refusal::damaged()),
            Err(_) => Ok(Next::Lost),
        }
    }

    /// How cells of a style look.
    pub(super) fn look(&self, style: usize) -> Look {
        let Some(style) = self.cells.styles().get(style) else { return Look::default() };
        let format = style.number_format.as_ref().map(|f| f.format_code.as_str()).filter(|f| *f != "General");
        let fill = style
            .fill
            .as_ref()
            .filter(|f| f.is_visible())
            .and_then(calamine::Fill::get_color)
            // White on white says nothing.
            .filter(|c| !c.is_white())
            .map(|c| format!("{:02X}{:02X}{:02X}", c.red, c.green, c.blue));
        Look { format: format.map(Arc::from), fill: fill.map(Arc::from) }
    }
}

fn raw<'a>(value: &DataRef<'a>) -> Raw<'a> {
    match value {
        DataRef::Empty => Raw::Nothing,
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets hold no other whole numbers than floats do")]
        DataRef::Int(n) => Raw::Number(*n as f64),
        DataRef::Float(n) => Raw::Number(*n),
        DataRef::String(s) | DataRef::DurationIso(s) => Raw::Text(Cow::Owned(s.clone())),
        DataRef::SharedString(s) => Raw::Text(Cow::Borrowed(s)),
        DataRef::Bool(b) => Raw::Truth(*b),
        // What the serial stands for is decided by the number format, as in every format.
        DataRef::DateTime(date) => Raw::Number(date.as_f64()),
        DataRef::DateTimeIso(iso) => iso_date(iso).map_or_else(|| Raw::Text(Cow::Owned(iso.clone())), Raw::Date),
        DataRef::Error(error) => Raw::Error(Cow::Owned(error.to_string())),
    }
}

/// A formula that several cells share, as it reads in another of them; `None` where it cannot be shifted.
pub(super) fn shifted(formula: &str, from: Cell, to: Cell) -> Option<String> {
    expand_shared_formula(formula, (from.row, from.column), (to.row, to.column)).ok()
}
