//! The cells of a sheet, record by record, and what is said of its rows and columns. What is kept of them is decided in
//! `keep`; how cells look, names and shared texts come from `book`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::Sheet;
use super::super::guard::{FORMULAS, Refusal, Tally};
use super::super::keep::{Keeper, Look, Page, tidy};
use super::super::value::{Raw, error_numbered};
use super::book::{Book, Bound};
use super::compound::{long, short};
use super::formula::{UNTOLD, shared};
use super::layout::{COLUMNS, columns, merges, row};
use super::note::Notes;
use super::record::{Record, Records};
use crate::cell::Cell;

/// What a sheet turned out to be.
pub(super) enum Read {
    /// One with cells.
    Cells(Box<Sheet>, Vec<Cell>),
    /// Commands in cells.
    Macros,
    /// A chart or a module, whatever the list of sheets says.
    Other,
}

/// A formula whose result or text may stand in the records that follow.
struct Pending<'a> {
    place: Cell,
    style: u16,
    /// `None` as long as it is a text that has not come.
    value: Option<Raw<'static>>,
    tokens: &'a [u8],
}

/// A formula that several cells share.
struct Shared<'a> {
    tokens: &'a [u8],
    /// As it reads in the first of them.
    first: Option<Arc<str>>,
}

/// What the reading of all sheets shares.
pub(super) struct Reading<'a, 'b> {
    pub(super) book: &'b mut Book<'a>,
    pub(super) keeper: Keeper,
    /// Bytes of formulas that several cells share, written out so far.
    pub(super) spent: usize,
}

/// The sheet at hand.
struct Visitor<'a> {
    sheet: Sheet,
    page: Page,
    pending: Option<Pending<'a>>,
    /// What several cells share, by where it is kept.
    shared: BTreeMap<(u16, u16), Shared<'a>>,
    hidden_columns: [bool; COLUMNS],
    notes: Notes,
}

/// Counts the cells of a sheet before any is held; charts in it have numbers of their own.
fn count(mut records: Records<'_>, tally: &mut Tally) -> Result<usize, Refusal> {
    let (mut cells, mut inside) = (0, 0_usize);
    loop {
        let record = records.next()?;
        let (all, filled) = match record.kind {
            0x0809 => {
                inside += 1;
                continue;
            }
            0x000A if inside == 0 => return Ok(cells),
            0x000A => {
                inside -= 1;
                continue;
            }
            _ if inside > 0 => continue,
            0x0006 | 0x00D6 | 0x00FD | 0x0203..=0x0205 | 0x027E => (1, 1),
            0x0201 => (1, 0),
            // Row, first column and last column stand beside the cells.
            0x00BD => (record.data.len().saturating_sub(6) / 6, record.data.len().saturating_sub(6) / 6),
            0x00BE => (record.data.len().saturating_sub(6) / 2, 0),
            _ => continue,
        };
        cells += all;
        tally.cells(all, filled, Cell::new(u32::from(record.short(0)?), 0))?;
    }
}

impl<'a> Reading<'a, '_> {
    /// Reads the sheet whose records these are; those of others may follow them.
    pub(super) fn sheet(&mut self, index: usize, bound: &Bound, stream: &'a [u8]) -> Result<Read, Refusal> {
        let mut records = Records::new(stream);
        let first = records.next()?;
        match (first.kind, short(first.data, 2)) {
            (0x0809, Some(0x0010)) => {}
            (0x0809, Some(0x0040)) => return Ok(Read::Macros),
            (0x0809, Some(0x0020 | 0x0006)) => return Ok(Read::Other),
            _ => return Err(Refusal::damaged()),
        }
        let cells = count(records.clone(), &mut self.keeper.tally)?;
        let mut visitor = Visitor {
            sheet: Sheet { name: tidy(&bound.name), state: bound.state, ..Sheet::default() },
            page: Page::new(index, cells),
            pending: None,
            shared: BTreeMap::new(),
            hidden_columns: [false; COLUMNS],
            notes: Notes::default(),
        };
        let mut inside = 0_usize;
        loop {
            let record = records.next()?;
            match record.kind {
                // A chart in the sheet has records of its own; another sheet has not.
                0x0809 if short(record.data, 2) == Some(0x0010) => return Err(Refusal::damaged()),
                0x0809 => inside += 1,
                0x000A if inside == 0 => break,
                0x000A => inside -= 1,
                _ if inside > 0 => {}
                _ => self.record(&mut visitor, &record)?,
            }
        }
        self.settle(&mut visitor)?;
        let Visitor { mut sheet, page, hidden_columns, notes, .. } = visitor;
        self.keeper.finish(page, &mut sheet)?;
        sheet.hidden_columns =
            (0..).zip(hidden_columns).filter(|(_, hidden)| *hidden).map(|(column, _)| column).collect();
        let (comments, lost) = notes.found();
        sheet.comments = comments;
        Ok(Read::Cells(Box::new(sheet), lost))
    }

    fn record(&mut self, to: &mut Visitor<'a>, record: &Record<'a>) -> Result<(), Refusal> {
        match record.kind {
            // What belongs to the formula before.
            0x0207 => return self.result(to, record),
            0x04BC => return tokens_of_several(to, record, 8),
            0x0221 => return tokens_of_several(to, record, 12),
            0x0236 | 0x003C => return Ok(()),
            _ => self.settle(to)?,
        }
        match record.kind {
            0x0006 => to.pending = Some(self.formula(record)?),
            0x0203 => {
                let n = record.data.get(6..).and_then(<[u8]>::first_chunk).ok_or_else(Refusal::damaged)?;
                self.cell(to, record, Raw::Number(f64::from_le_bytes(*n)))?;
            }
            0x027E => {
                let n = long(record.data, 6).ok_or_else(Refusal::damaged)?;
                self.cell(to, record, Raw::Number(short_number(n)))?;
            }
            0x00BD => self.numbers(to, record)?,
            0x00FD => {
                let index = long(record.data, 6).ok_or_else(Refusal::damaged)?;
                let look = self.book.styles.look(record.short(4)?);
                match self.book.strings.get(index as usize) {
                    Some(text) => {
                        self.keeper.keep(&mut to.page, place(record)?, &Raw::Text(text.into()), look, None)?
                    }
                    None => self.keeper.lose(&to.page, place(record)?, "could not be read")?,
                }
            }
            0x0204 | 0x00D6 => {
                let text = self.text(record, 6)?;
                self.cell(to, record, Raw::Text(text.into()))?;
            }
            0x0205 => {
                let value = boolean_or_error(record.short(6)?.to_le_bytes());
                self.cell(to, record, value)?;
            }
            0x0201 => self.cell(to, record, Raw::Nothing)?,
            0x00BE => self.blanks(to, record)?,
            0x0208 => row(record, &mut to.sheet),
            0x007D => columns(record, &mut to.hidden_columns),
            0x00E5 => merges(record, &mut to.sheet)?,
            // A filter with conditions, and one that hides rows.
            0x009E | 0x009B => to.sheet.filtered = true,
            0x005D => to.notes.drawing(record),
            0x01B6 => to.notes.text(record, &mut self.keeper.tally)?,
            0x001C => to.notes.cell(record, self.book.coding, &mut self.keeper.tally)?,
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, to: &mut Visitor<'a>, record: &Record<'a>, raw: Raw<'_>) -> Result<(), Refusal> {
        let look = self.book.styles.look(record.short(4)?);
        self.keeper.keep(&mut to.page, place(record)?, &raw, look, None)
    }

    /// Numbers side by side in one record.
    fn numbers(&mut self, to: &mut Visitor<'a>, record: &Record<'a>) -> Result<(), Refusal> {
        let (first, cells) = several(record, 6)?;
        for (column, cell) in (first.column..).zip(cells) {
            let (Some(style), Some(n)) = (short(cell, 0), long(cell, 2)) else { return Err(Refusal::damaged()) };
            let look = self.book.styles.look(style);
            let place = within(Cell::new(first.row, column))?;
            self.keeper.keep(&mut to.page, place, &Raw::Number(short_number(n)), look, None)?;
        }
        Ok(())
    }

    /// Cells side by side that are only formatted.
    fn blanks(&mut self, to: &mut Visitor<'a>, record: &Record<'a>) -> Result<(), Refusal> {
        let (first, cells) = several(record, 2)?;
        for (column, cell) in (first.column..).zip(cells) {
            let look = self.book.styles.look(short(cell, 0).unwrap_or(0));
            let place = within(Cell::new(first.row, column))?;
            self.keeper.keep(&mut to.page, place, &Raw::Nothing, look, None)?;
        }
        Ok(())
    }

    fn text(&self, record: &Record<'a>, at: usize) -> Result<String, Refusal> {
        let mut cursor = record.cursor(at)?;
        let letters = cursor.short()?;
        cursor.text(letters.into(), self.book.coding)
    }

    fn formula(&self, record: &Record<'a>) -> Result<Pending<'a>, Refusal> {
        let result: [u8; 8] = *record.data.get(6..).and_then(<[u8]>::first_chunk).ok_or_else(Refusal::damaged)?;
        let value = match result {
            [0, .., 0xFF, 0xFF] => None,
            [1, _, truth, .., 0xFF, 0xFF] => Some(Raw::Truth(truth != 0)),
            [2, _, number, .., 0xFF, 0xFF] => Some(Raw::Error(error_numbered(number).into())),
            [3, .., 0xFF, 0xFF] => Some(Raw::Text("".into())),
            _ => Some(Raw::Number(f64::from_le_bytes(result))),
        };
        let bytes = usize::from(record.short(20)?);
        let tokens = record.data.get(22..22 + bytes).ok_or_else(Refusal::damaged)?;
        Ok(Pending { place: place(record)?, style: record.short(4)?, value, tokens })
    }

    /// The text that is the result of the formula before.
    fn result(&mut self, to: &mut Visitor<'a>, record: &Record<'a>) -> Result<(), Refusal> {
        let text = self.text(record, 0)?;
        if let Some(pending) = to.pending.as_mut().filter(|pending| pending.value.is_none()) {
            pending.value = Some(Raw::Text(text.into()));
        }
        Ok(())
    }

    /// Keeps the formula before, now that all is known of it.
    fn settle(&mut self, to: &mut Visitor<'a>) -> Result<(), Refusal> {
        let Some(Pending { place, style, value, tokens }) = to.pending.take() else { return Ok(()) };
        let Some(value) = value else { return self.keeper.lose(&to.page, place, "could not be read") };
        let formula = self.formula_text(to, tokens, place)?;
        let look: Look = self.book.styles.look(style);
        self.keeper.keep(&mut to.page, place, &value, look, Some(formula))
    }

    fn formula_text(&mut self, to: &mut Visitor<'a>, tokens: &[u8], place: Cell) -> Result<Arc<str>, Refusal> {
        let Some(key) = shared(tokens) else {
            let text = self.book.links.text(tokens, place).unwrap_or_else(|| UNTOLD.to_owned());
            self.keeper.tally.text(text.len())?;
            return Ok(tidy(&text).into());
        };
        let Some(Shared { tokens, first }) = to.shared.get_mut(&key) else { return Ok(UNTOLD.into()) };
        // A formula is for people to look at: where the moved ones would take too much room, the first will do.
        if let Some(first) = first.as_ref().filter(|_| self.spent > FORMULAS) {
            return Ok(Arc::clone(first));
        }
        let text: Arc<str> = self.book.links.text(tokens, place).map_or(UNTOLD.into(), |text| tidy(&text).into());
        self.spent += text.len();
        first.get_or_insert_with(|| Arc::clone(&text));
        Ok(text)
    }
}

/// The cell that a record is about.
fn place(record: &Record<'_>) -> Result<Cell, Refusal> {
    within(Cell::new(record.short(0)?.into(), record.short(2)?.into()))
}

fn within(cell: Cell) -> Result<Cell, Refusal> {
    if (cell.column as usize) < COLUMNS {
        return Ok(cell);
    }
    Err(Refusal::unsafe_file(&format!("it has a cell {cell}, and a sheet of this format ends at IV65536")))
}

/// A record about cells side by side: the first, and what is said of each in so many bytes. The last column comes last.
fn several<'a>(record: &Record<'a>, bytes: usize) -> Result<(Cell, std::slice::ChunksExact<'a, u8>), Refusal> {
    let first = place(record)?;
    let end = record.data.len().checked_sub(2).filter(|end| *end >= 4).ok_or_else(Refusal::damaged)?;
    let cells = record.data[4..end].chunks_exact(bytes);
    let last = first.column as usize + cells.len();
    if !cells.remainder().is_empty() || usize::from(record.short(end)?) + 1 != last {
        return Err(Refusal::damaged());
    }
    Ok((first, cells))
}

/// A number in four bytes: a whole one, or the upper half of a float; in hundredths or not.
fn short_number(n: u32) -> f64 {
    let value = if n & 2 == 0 { f64::from_bits(u64::from(n & !3) << 32) } else { f64::from(n.cast_signed() >> 2) };
    if n & 1 == 0 { value } else { value / 100.0 }
}

fn boolean_or_error([value, is_error]: [u8; 2]) -> Raw<'static> {
    if is_error == 0 { Raw::Truth(value != 0) } else { Raw::Error(error_numbered(value).into()) }
}

/// The tokens that the formula before shares with other cells begin at a byte of this record, after their length.
fn tokens_of_several<'a>(to: &mut Visitor<'a>, record: &Record<'a>, at: usize) -> Result<(), Refusal> {
    let bytes = usize::from(record.short(at)?);
    let tokens = record.data.get(at + 2..at + 2 + bytes).ok_or_else(Refusal::damaged)?;
    if let Some(key) = to.pending.as_ref().and_then(|pending| shared(pending.tokens)) {
        to.shared.insert(key, Shared { tokens, first: None });
    }
    Ok(())
}
