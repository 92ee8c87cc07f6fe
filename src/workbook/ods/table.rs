//! One sheet of an OpenDocument spreadsheet while it is read: columns, rows and cells in their order, repeated ones
//! counted and never written out where nothing is in them. What one cell holds is left to `cell`.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;

use super::super::guard::{FILLED, MERGES, NOTES, ROWS, Refusal};
use super::super::keep::{Keeper, Look, Page, tidy};
use super::super::scan::{Tag, words};
use super::super::value::Raw;
use super::super::{Sheet, SheetState};
use super::cell::{Draft, repeated};
use super::formula::{Links, excel};
use super::style::{Family, Styles};
use crate::cell::Cell;

/// What all sheets of a document share while they are read.
#[derive(Debug)]
pub(super) struct Shared {
    /// Keeps the cells.
    pub(super) keeper: Keeper,
    /// How they look.
    pub(super) styles: Styles,
    /// Other files that formulas read.
    pub(super) links: Links,
    /// The day from which serials count.
    pub(super) zero: NaiveDate,
    /// How many more coloured cells are looked at, and how many more rows without cells are said to be hidden.
    pub(super) colours: usize,
    pub(super) hidden: usize,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            keeper: Keeper::default(),
            styles: Styles::default(),
            links: Links::default(),
            zero: NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default(),
            colours: FILLED / 2,
            hidden: ROWS,
        }
    }
}

/// A sheet, as far as it was read.
#[derive(Debug)]
pub(super) struct Table {
    /// What of it is known.
    pub(super) sheet: Sheet,
    page: Page,
    /// The default styles of the columns: up to which column, and which.
    columns: Vec<(u32, Option<Vec<u8>>)>,
    /// Groups of columns or rows that are open here, and whether they are folded up.
    groups: Vec<bool>,
    /// The next row, and how many rows the file has mentioned.
    next: u32,
    mentioned: usize,
    line: Option<Line>,
    draft: Option<(Draft, usize)>,
    /// Rows that people do not see: first and last.
    hidden: Vec<(u32, u32)>,
    /// Empty cells with a fill: first and last.
    painted: Vec<(Cell, Cell, Arc<str>)>,
    /// First and last cell of all that hold something.
    used: Option<(Cell, Cell)>,
}

/// The row at hand.
#[derive(Debug)]
struct Line {
    repeated: u32,
    style: Option<Vec<u8>>,
    column: u32,
    found: Vec<Found>,
    painted: Vec<(u32, u32, Arc<str>)>,
    /// Where a merged region begins, with its columns and rows.
    merged: Vec<(u32, (u32, u32))>,
}

/// A cell that holds something.
#[derive(Debug)]
struct Found {
    column: u32,
    repeated: u32,
    /// `None` where it could not be read, and why.
    raw: Result<Raw<'static>, &'static str>,
    look: Look,
    formula: Option<Arc<str>>,
}

impl Table {
    /// The sheet that a tag opens, at its place in the workbook.
    pub(super) fn new(index: usize, tag: &Tag<'_>, styles: &Styles) -> Self {
        let shown = styles.is_seen(Family::Table, tag.bytes(b"style-name")) && tag.bytes(b"display") != Some(b"false");
        let name = tag.text(b"name").unwrap_or_default();
        let state = if shown { SheetState::Visible } else { SheetState::Hidden };
        Self {
            sheet: Sheet { name: tidy(&name), state, ..Sheet::default() },
            page: Page::new(index, 0),
            columns: Vec::new(),
            groups: Vec::new(),
            next: 0,
            mentioned: 0,
            line: None,
            draft: None,
            hidden: Vec::new(),
            painted: Vec::new(),
            used: None,
        }
    }

    /// A tag within the sheet; `depth` is its own. False if nothing within it belongs to the sheet.
    pub(super) fn open(
        &mut self,
        tag: &Tag<'_>,
        name: &[u8],
        depth: usize,
        shared: &mut Shared,
    ) -> Result<bool, Refusal> {
        if let Some((draft, _)) = &mut self.draft {
            draft.open(tag, name, depth);
            return Ok(true);
        }
        match name {
            b"table-column" => self.column(tag, &shared.styles)?,
            b"table-row" => self.row(tag, &shared.styles)?,
            b"table-cell" | b"covered-table-cell" if self.line.is_some() => {
                let (row, column) = (self.next, self.line.as_ref().map_or(0, |line| line.column));
                shared.keeper.tally.cells(1, 0, Cell::new(row, column))?;
                self.draft = Some((Draft::new(tag)?, depth));
            }
            b"table-row-group" | b"table-column-group" => {
                let folded = self.groups.last() == Some(&true);
                self.groups.push(folded || tag.bytes(b"display") == Some(b"false"));
            }
            b"table-rows" | b"table-columns" | b"table-header-rows" | b"table-header-columns" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Characters within the sheet.
    pub(super) fn text(&mut self, raw: &[u8]) {
        if let Some((draft, _)) = &mut self.draft {
            draft.text(raw);
        }
    }

    /// An element within the sheet ends; `depth` is its own.
    pub(super) fn close(&mut self, name: &[u8], depth: usize, shared: &mut Shared) -> Result<(), Refusal> {
        match &mut self.draft {
            Some((draft, own)) if *own < depth => draft.close(depth),
            Some(_) => {
                if let Some((draft, _)) = self.draft.take() {
                    self.cell(draft, shared)?;
                }
            }
            None => match name {
                b"table-row" => self.end_row(shared)?,
                b"table-row-group" | b"table-column-group" => drop(self.groups.pop()),
                _ => {}
            },
        }
        Ok(())
    }

    /// The sheet, when it has ended.
    pub(super) fn finish(mut self, shared: &mut Shared) -> Result<Sheet, Refusal> {
        if self.line.is_some() || self.draft.is_some() {
            return Err(Refusal::damaged());
        }
        if let Some((first, last)) = self.used {
            for (from, to, fill) in std::mem::take(&mut self.painted) {
                let columns = from.column.max(first.column)..to.column.min(last.column) + 1;
                let rows = from.row.max(first.row)..to.row.min(last.row) + 1;
                if columns.is_empty() {
                    continue;
                }
                let places = rows.flat_map(|row| columns.clone().map(move |column| Cell::new(row, column)));
                for place in places.take(shared.colours) {
                    shared.colours -= 1;
                    let look = Look { format: None, fill: Some(Arc::clone(&fill)) };
                    shared.keeper.keep(&mut self.page, place, &Raw::Nothing, look, None)?;
                }
            }
        }
        shared.keeper.finish(self.page, &mut self.sheet)?;
        let rows: BTreeSet<u32> = self.sheet.cells.keys().map(|cell| cell.row).collect();
        let end = rows.last().map_or(0, |last| last + 1);
        for (first, last) in self.hidden {
            // People hide all rows below the last one in use: those hold nothing, and are not written out.
            let run = first..end.min(last + 1);
            if shared.hidden >= run.len() {
                shared.hidden -= run.len();
                self.sheet.hidden_rows.extend(run);
            } else if !run.is_empty() {
                self.sheet.hidden_rows.extend(rows.range(run));
            }
        }
        Ok(self.sheet)
    }

    fn folded(&self) -> bool {
        self.groups.last() == Some(&true)
    }

    fn column(&mut self, tag: &Tag<'_>, styles: &Styles) -> Result<(), Refusal> {
        let first = self.columns.last().map_or(0, |(end, _)| *end);
        let count = tag.bytes(b"number-columns-repeated").map_or(Ok(1), repeated)?;
        let end = first.saturating_add(count).min(Cell::LAST_COLUMN + 1);
        if end > first {
            if self.folded() || !is_seen(tag) || !styles.is_seen(Family::Column, tag.bytes(b"style-name")) {
                self.sheet.hidden_columns.extend(first..end);
            }
            self.columns.push((end, tag.bytes(b"default-cell-style-name").map(<[u8]>::to_vec)));
        }
        Ok(())
    }

    fn row(&mut self, tag: &Tag<'_>, styles: &Styles) -> Result<(), Refusal> {
        // Rows within rows: the tags do not match.
        if self.line.is_some() {
            return Err(Refusal::damaged());
        }
        self.mentioned += 1;
        if self.mentioned > ROWS {
            return Err(Refusal::unsafe_file(&format!("one sheet has more than {ROWS} rows")));
        }
        let repeated = tag.bytes(b"number-rows-repeated").map_or(Ok(1), repeated)?;
        self.sheet.filtered |= tag.bytes(b"visibility") == Some(b"filter");
        if self.folded() || !is_seen(tag) || !styles.is_seen(Family::Row, tag.bytes(b"style-name")) {
            let last = self.next.saturating_add(repeated - 1).min(Cell::LAST_ROW);
            match self.hidden.last_mut() {
                Some((_, end)) if *end + 1 == self.next => *end = last,
                _ if self.next <= last => self.hidden.push((self.next, last)),
                _ => {}
            }
        }
        let style = tag.bytes(b"default-cell-style-name").map(<[u8]>::to_vec);
        self.line =
            Some(Line { repeated, style, column: 0, found: Vec::new(), painted: Vec::new(), merged: Vec::new() });
        Ok(())
    }

    fn cell(&mut self, draft: Draft, shared: &mut Shared) -> Result<(), Refusal> {
        let Some(line) = &mut self.line else { return Ok(()) };
        let column = line.column;
        line.column = column.saturating_add(draft.repeated);
        let at = Cell::new(self.next, column);
        let style = draft.style.as_deref().or(line.style.as_deref()).or_else(|| {
            let behind = self.columns.partition_point(|(end, _)| *end <= column);
            self.columns.get(behind).and_then(|(_, style)| style.as_deref())
        });
        let mut look = shared.styles.look(style);
        if let Some(note) = draft.note() {
            if self.sheet.comments.len() >= NOTES {
                return Err(Refusal::too_large(&format!("it has more than {NOTES} notes on one sheet")));
            }
            within(at)?;
            shared.keeper.tally.text(note.len())?;
            self.sheet.comments.insert(at, tidy(&note));
        }
        if draft.span != (1, 1) {
            line.merged.push((column, draft.span));
        }
        let raw = if draft.nested {
            Err("holds a table of its own")
        } else {
            draft.raw(shared.zero).ok_or("could not be read")
        };
        if raw == Ok(Raw::Nothing) && draft.formula.is_none() {
            if let Some(fill) = look.fill.filter(|_| self.painted.len() + line.painted.len() < FILLED / 2) {
                line.painted.push((column, line.column - 1, fill));
            }
            return Ok(());
        }
        if let (Ok(Raw::Number(n)), None) = (&raw, &look.format) {
            look.format = draft.percentage(*n);
        }
        let formula: Option<Arc<str>> = draft.formula.map(|formula| excel(&formula, &mut shared.links).into());
        shared.keeper.tally.text(formula.as_ref().map_or(0, |f| f.len()))?;
        line.found.push(Found { column, repeated: draft.repeated, raw, look, formula });
        Ok(())
    }

    fn merge(&mut self, regions: &[(u32, (u32, u32))], rows: RangeInclusive<u32>) -> Result<(), Refusal> {
        for row in rows.take_while(|row| *row <= Cell::LAST_ROW && !regions.is_empty()) {
            for (column, (columns, down)) in regions.iter().filter(|(column, _)| *column <= Cell::LAST_COLUMN) {
                if self.sheet.merges.len() >= MERGES {
                    return Err(Refusal::too_large(&format!("it has more than {MERGES} merged regions")));
                }
                let last = Cell::new(
                    row.saturating_add(down - 1).min(Cell::LAST_ROW),
                    column.saturating_add(columns - 1).min(Cell::LAST_COLUMN),
                );
                self.sheet.merges.push((Cell::new(row, *column), last));
            }
        }
        Ok(())
    }

    fn end_row(&mut self, shared: &mut Shared) -> Result<(), Refusal> {
        let Some(line) = self.line.take() else { return Ok(()) };
        let first = self.next;
        self.next = first.saturating_add(line.repeated);
        let last = self.next - 1;
        for (from, to, fill) in line.painted {
            self.painted.push((Cell::new(first, from), Cell::new(last, to), fill));
        }
        self.merge(&line.merged, first..=last)?;
        let cells = line.found.iter().map(|found| found.repeated as usize).fold(0, usize::saturating_add);
        let (Some(from), Some(to)) = (line.found.first(), line.found.last()) else { return Ok(()) };
        let (from, to) = (Cell::new(first, from.column), Cell::new(last, to.column.saturating_add(to.repeated - 1)));
        within(from)?;
        shared.keeper.tally.cells(0, cells.saturating_mul(line.repeated as usize), from)?;
        within(to)?;
        let used = self.used.get_or_insert((from, to));
        *used = (
            Cell::new(used.0.row.min(from.row), used.0.column.min(from.column)),
            Cell::new(used.1.row.max(to.row), used.1.column.max(to.column)),
        );
        for row in first..=last {
            for found in &line.found {
                for column in found.column..found.column + found.repeated {
                    let place = Cell::new(row, column);
                    match &found.raw {
                        Ok(raw) => {
                            let (look, formula) = (found.look.clone(), found.formula.clone());
                            shared.keeper.keep(&mut self.page, place, raw, look, formula)?;
                        }
                        Err(why) => shared.keeper.lose(&self.page, place, why)?,
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_seen(tag: &Tag<'_>) -> bool {
    !matches!(tag.bytes(b"visibility"), Some(b"collapse" | b"filter"))
}

/// Refuses what holds something where Excel has no cell.
fn within(cell: Cell) -> Result<(), Refusal> {
    if cell.row <= Cell::LAST_ROW && cell.column <= Cell::LAST_COLUMN {
        return Ok(());
    }
    Err(Refusal::unsafe_file(&format!("it has a cell “{cell}”, and a sheet ends at XFD1048576")))
}

/// The name of a sheet that only holds what was last seen of another file: `'file:///…/last year.xlsx'#Sheet1`.
pub(super) fn is_elsewhere(tag: &Tag<'_>) -> bool {
    tag.bytes(b"name").map(words).is_some_and(|name| name.starts_with('\'') && name.contains("'#"))
}
