//! Cells that look empty: how many of them a file has, and which are ghosts, so far from the figures that nobody knows
//! they are there. They are counted and let go; what is in the others is left to the readers of the formats.

use super::read::about_file;
use super::{Entry, Sheet, Workbook};
use crate::cell::{Address, Cell};
use crate::figure::format_plain;
use crate::finding::{Finding, Place, Severity};

/// Formatting this many rows below the last cell in use is no layout any more. Exports of online spreadsheets style a
/// sheet of 1,000 rows whatever stands on it, and people format a table for more rows than they will fill; what is left
/// are slips and faults of programs.
const ROWS: u32 = 2_000;
/// As [`ROWS`], to the right of the last column in use.
const COLUMNS: u32 = 100;

/// The cells of a sheet that look empty, while it is read.
#[derive(Debug, Default)]
pub(super) struct Empties {
    formatted: Vec<Cell>,
    spaces: Vec<Cell>,
}

impl Empties {
    /// A cell with formatting and nothing else.
    pub(super) fn formatted(&mut self, cell: Cell) {
        self.formatted.push(cell);
    }

    /// A cell with a text of white space.
    pub(super) fn spaces(&mut self, cell: Cell) {
        self.spaces.push(cell);
    }

    /// Says of the sheet, whose other cells are read by now, what was passed over.
    pub(super) fn settle(self, sheet: &mut Sheet) {
        let last = used(sheet.cells.iter()).map_or(Cell::new(0, 0), |(_, last)| last);
        let far = |c: &&Cell| c.row > last.row.saturating_add(ROWS) || c.column > last.column.saturating_add(COLUMNS);
        // Around the figures formatting is layout, but a space was typed: outside of them it is a ghost at any distance.
        let outside = |c: &&Cell| c.row > last.row || c.column > last.column;
        let ghosts = self.formatted.iter().filter(far).chain(self.spaces.iter().filter(outside));
        let omitted = &mut sheet.omitted;
        for ghost in ghosts {
            omitted.ghosts += 1;
            omitted.last_ghost = omitted.last_ghost.max(Some(*ghost));
        }
        omitted.spaces += self.spaces.len();
        sheet.dropped += self.formatted.len() + self.spaces.len();
    }
}

/// The smallest area that holds every cell with something to read in it, or a formula.
pub(super) fn used<'a>(cells: impl Iterator<Item = (&'a Cell, &'a Entry)>) -> Option<(Cell, Cell)> {
    cells.filter(|(_, e)| !e.is_blank() || e.formula.is_some()).fold(None, |area, (c, _)| {
        let (first, last) = area.unwrap_or((*c, *c));
        Some((
            Cell::new(first.row.min(c.row), first.column.min(c.column)),
            Cell::new(last.row.max(c.row), last.column.max(c.column)),
        ))
    })
}

/// TPL-03, once for the whole file: how many ghosts there are, and where the last of them was.
pub(super) fn note(workbook: &Workbook) -> Option<Finding> {
    let ghosts: usize = workbook.sheets.iter().map(|s| s.omitted.ghosts).sum();
    let lasts = workbook.sheets.iter().enumerate().filter_map(|(i, s)| Some((s.omitted.last_ghost?, i)));
    let (last, index) = lasts.max()?;
    let name = workbook.sheets.get(index).map_or("", |s| &s.name);
    let message = if ghosts == 1 {
        format!(
            "One cell away from the figures ({last} on “{name}”) holds nothing but formatting or spaces. \
             It was passed over; nothing needs to be done."
        )
    } else {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than a float counts")]
        let count = format_plain(ghosts as f64);
        format!(
            "{count} cells away from the figures (the last is {last} on “{name}”) hold nothing but formatting or spaces. \
             They were passed over; nothing needs to be done."
        )
    };
    let note = about_file("TPL-03", Severity::Note, message, "Nothing needs to be done.");
    Some(note.with_label(Place::Cell(Address::new(index, last)), "looks empty"))
}
