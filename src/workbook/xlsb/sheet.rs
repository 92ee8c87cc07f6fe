//! A worksheet (sheet1.bin): its cells to the keeper, and what it says besides: hidden rows and columns, merges, filters.
//! What a cell's record says is left to `cell`, what a formula says to `formula`.
//!
//! When is a sheet short? A figure may not be lost in silence, so a sheet that breaks off before its end is refused, and so
//! is one with a record among its cells that we do not know: it may be a cell. The area that a sheet declares proves
//! nothing: Excel counts formatted cells in, SheetJS writes whatever area its caller had in mind, and others guess before
//! they write. Since the zip vouches for every byte, a complete part whose every record is known has lost nothing on its
//! way to us; where it has fewer rows than it declares, what its writer left out cannot be known. So that is said, not
//! refused. A cell outside the area is read like any other.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::super::Sheet;
use super::super::guard::{HIDDEN, MERGES, ROWS, Refusal};
use super::super::keep::{Keeper, Look, Page};
use super::super::structure::beyond;
use super::super::value::Raw;
use super::cell::{self, Found};
use super::formula::Formulas;
use super::record::{Bytes, Count, Record, Records};
use crate::cell::Cell;

/// What all sheets of a workbook share.
pub(super) struct Shared<'a> {
    pub(super) keeper: &'a mut Keeper,
    pub(super) formulas: &'a mut Formulas,
    pub(super) looks: &'a [Look],
    pub(super) strings: &'a [Box<str>],
}

/// A sheet while it is read.
struct Reading<'a, 's> {
    shared: &'s mut Shared<'a>,
    sheet: &'s mut Sheet,
    page: Page,
    in_cells: bool,
    began: bool,
    rows: usize,
    /// How many columns were hidden so far, each as often as it was.
    hidden: u32,
    row: Option<u32>,
    /// The column of the next cell that does not say where it stands.
    column: u32,
    /// Formulas that several cells share, by the first of them.
    anchors: BTreeMap<Cell, Box<[u8]>>,
    /// A cell whose formula is told by the next record, or was told before.
    held: Option<Held>,
    /// First and last row of the declared area.
    declared: Option<[u32; 4]>,
    furthest: Option<u32>,
}

/// A cell that shares its formula.
struct Held {
    place: Cell,
    anchor: Cell,
    raw: Option<Raw<'static>>,
    style: usize,
}

/// Reads a worksheet part of so many bytes. What comes back is the last row that the sheet declares, where no row or cell
/// of it reaches so far, and the last row that there is (both from 1).
pub(super) fn read(
    part: impl Read,
    size: u64,
    index: usize,
    shared: &mut Shared<'_>,
    count: &mut Count,
    sheet: &mut Sheet,
) -> Result<Option<(u32, u32)>, Refusal> {
    // No cell takes less than six bytes.
    let page = Page::new(index, usize::try_from(size / 6).unwrap_or(usize::MAX));
    let mut records = Records::new(part, count);
    let mut reading = Reading {
        shared,
        sheet,
        page,
        in_cells: false,
        began: false,
        rows: 0,
        hidden: 0,
        row: None,
        column: 0,
        anchors: BTreeMap::new(),
        held: None,
        declared: None,
        furthest: None,
    };
    let mut ended = false;
    while let Some(record) = records.next()? {
        if record.future {
            // A cell there would be one that we should not see.
            if reading.in_cells && cell::is_cell(record.kind) {
                return Err(unknown(reading.row));
            }
        } else if reading.in_cells {
            reading.among_cells(record)?;
        } else {
            ended |= record.kind == 130;
            reading.around_cells(record)?;
        }
    }
    if !ended || reading.in_cells || !reading.began {
        return Err(Refusal::damaged());
    }
    let Reading { shared, sheet, page, declared, furthest, .. } = reading;
    shared.keeper.finish(page, sheet)?;
    let [first, last, left, right] = declared.unwrap_or_default();
    let reached = furthest.map_or(0, |row| row + 1);
    let short = (first, left) != (last, right) && last <= Cell::LAST_ROW && reached <= last;
    Ok(short.then_some((last.saturating_add(1), reached)))
}

fn unknown(row: Option<u32>) -> Refusal {
    let near = row.map_or_else(String::new, |row| format!(", near row {}", row + 1));
    Refusal::new(
        "FIL-03",
        format!("This file holds something among its cells that we cannot read{near}, and it may be a figure."),
        "Open it in Excel, save it under a new name as “Excel Workbook (.xlsx)” and send that.",
    )
}

impl Reading<'_, '_> {
    /// A record outside the cells.
    fn around_cells(&mut self, record: Record<'_>) -> Result<(), Refusal> {
        let mut bytes = record.bytes;
        match record.kind {
            // BrtBeginSheetData; a second list of cells no program writes.
            145 if self.began => return Err(Refusal::damaged()),
            145 => (self.in_cells, self.began) = (true, true),
            // BrtWsProp: the first flag of the third byte says that a filter hides rows.
            147 => self.sheet.filtered |= bytes.take(3).is_some_and(|flags| flags[2] & 1 == 1),
            // BrtWsDim
            148 => self.declared = bytes.region(),
            // BrtBeginFilterColumn
            163 => self.sheet.filtered = true,
            // BrtColInfo
            60 => {
                let [first, last, width, _style] = bytes.region().ok_or_else(Refusal::damaged)?;
                let flags = bytes.u16().ok_or_else(Refusal::damaged)?;
                let last = last.min(Cell::LAST_COLUMN);
                if flags & 1 == 1 || width == 0 {
                    self.hidden = self.hidden.saturating_add((last + 1).saturating_sub(first));
                    if self.hidden > HIDDEN {
                        return Err(Refusal::hides_too_much());
                    }
                    self.sheet.hidden_columns.extend(first..=last);
                }
            }
            // BrtMergeCell
            176 => {
                let [top, bottom, left, right] = bytes.region().ok_or_else(Refusal::damaged)?;
                if self.sheet.merges.len() >= MERGES {
                    return Err(Refusal::too_large(&format!("it has more than {MERGES} merged regions")));
                }
                if top.max(bottom) > Cell::LAST_ROW || left.max(right) > Cell::LAST_COLUMN {
                    return Err(beyond());
                }
                let first = Cell::new(top.min(bottom), left.min(right));
                self.sheet.merges.push((first, Cell::new(top.max(bottom), left.max(right))));
            }
            // A row or a cell before the list of cells or behind it.
            kind if kind == 0 || cell::is_cell(kind) => return Err(Refusal::damaged()),
            _ => {}
        }
        Ok(())
    }

    /// A record among the cells.
    fn among_cells(&mut self, record: Record<'_>) -> Result<(), Refusal> {
        if let 426 | 427 = record.kind {
            return self.told(record);
        }
        self.let_go()?;
        match record.kind {
            // BrtEndSheetData
            146 => self.in_cells = false,
            0 => self.row(record.bytes).ok_or_else(Refusal::damaged)??,
            kind if cell::is_cell(kind) => self.cell(record)?,
            // What belongs to the cell before or behind it: BrtCellMeta, BrtValueMeta, BrtTable.
            49 | 50 | 428 => {}
            _ => return Err(unknown(self.row)),
        }
        Ok(())
    }

    fn row(&mut self, mut bytes: Bytes<'_>) -> Option<Result<(), Refusal>> {
        let row = bytes.u32()?;
        let _style = bytes.u32()?;
        let height = bytes.u16()?;
        let _spaces = bytes.u8()?;
        let flags = bytes.u8()?;
        if row > Cell::LAST_ROW {
            return Some(Err(beyond()));
        }
        self.rows += 1;
        if self.rows > ROWS {
            return Some(Err(Refusal::unsafe_file(&format!("one sheet has more than {ROWS} rows"))));
        }
        (self.row, self.column) = (Some(row), 0);
        self.furthest = self.furthest.max(Some(row));
        // A height of nothing hides a row only where the row says that the height is its own.
        if flags & 0x10 != 0 || (flags & 0x20 != 0 && height == 0) {
            self.sheet.hidden_rows.insert(row);
        }
        Some(Ok(()))
    }

    fn cell(&mut self, record: Record<'_>) -> Result<(), Refusal> {
        let row = self.row.ok_or_else(Refusal::damaged)?;
        let strings = self.shared.strings;
        let Some(found) = cell::read(record.kind, record.bytes, strings) else { return Err(Refusal::damaged()) };
        let place = Cell::new(row, found.column.unwrap_or(self.column));
        if place.column > Cell::LAST_COLUMN {
            return Err(beyond());
        }
        self.column = place.column + 1;
        self.shared.keeper.tally.cells(1, usize::from(cell::is_filled(record.kind)), place)?;
        let Found { raw, style, formula, .. } = found;
        let formula = match formula {
            Some(([1, row @ ..], extra)) => {
                let anchor = anchor(row, extra).ok_or_else(Refusal::damaged)?;
                self.held = Some(Held { place, anchor, raw: raw.map(owned), style });
                return Ok(());
            }
            Some((tokens, _)) => Some(self.shared.formulas.words(tokens, place)),
            None => None,
        };
        self.keep(place, raw.as_ref(), style, formula)
    }

    fn keep(
        &mut self,
        place: Cell,
        raw: Option<&Raw<'_>>,
        style: usize,
        formula: Option<Arc<str>>,
    ) -> Result<(), Refusal> {
        let keeper = &mut *self.shared.keeper;
        let look = self.shared.looks.get(style).cloned().unwrap_or_default();
        match raw {
            Some(raw) => keeper.keep(&mut self.page, place, raw, look, formula),
            None => keeper.lose(&self.page, place, "could not be read"),
        }
    }

    /// BrtArrFmla, BrtShrFmla: the formula of the cell before, and of those that will name it.
    fn told(&mut self, record: Record<'_>) -> Result<(), Refusal> {
        let Some(held) = &self.held else { return Err(Refusal::damaged()) };
        let mut bytes = record.bytes;
        bytes.region().ok_or_else(Refusal::damaged)?;
        if record.kind == 426 {
            bytes.u8();
        }
        let (tokens, _) = cell::tokens(&mut bytes).ok_or_else(Refusal::damaged)?;
        self.shared.keeper.tally.text(tokens.len())?;
        self.anchors.insert(held.place, tokens.into());
        self.let_go()
    }

    /// Keeps the cell that shares its formula.
    fn let_go(&mut self) -> Result<(), Refusal> {
        let Some(Held { place, anchor, raw, style }) = self.held.take() else { return Ok(()) };
        let tokens = self.anchors.get(&anchor).map_or(&[][..], |tokens| tokens);
        let formula = self.shared.formulas.words(tokens, place);
        self.keep(place, raw.as_ref(), style, Some(formula))
    }
}

/// The cell whose formula another one shares: its row in the token, its column behind the formula.
fn anchor(row: &[u8], column: &[u8]) -> Option<Cell> {
    Some(Cell::new(Bytes(row).u32()?, Bytes(column).u32()?))
}

fn owned(raw: Raw<'_>) -> Raw<'static> {
    match raw {
        Raw::Nothing => Raw::Nothing,
        Raw::Number(n) => Raw::Number(n),
        Raw::Text(text) => Raw::Text(text.into_owned().into()),
        Raw::Truth(truth) => Raw::Truth(truth),
        Raw::Date(date) => Raw::Date(date),
        Raw::Error(code) => Raw::Error(code.into_owned().into()),
    }
}
