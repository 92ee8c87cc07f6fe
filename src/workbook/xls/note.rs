//! Comments: since Excel 97 a drawing with a text, tied to its cell by a number; before, a text in the record itself.

use std::collections::BTreeMap;

use super::super::guard::{NOTES, Refusal, TEXT, Tally};
use super::super::keep::tidy;
use super::compound::short;
use super::record::{Coding, Record};
use crate::cell::Cell;

/// The comments of the sheet at hand.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The number of the drawing at hand.
    drawing: Option<u16>,
    texts: BTreeMap<u16, String>,
    /// Cells and the drawings of their comments, in whichever order the two come.
    drawn: BTreeMap<Cell, u16>,
    cells: BTreeMap<Cell, String>,
    /// The comment that the next record may carry on.
    last: Option<Cell>,
}

impl Notes {
    /// A drawing.
    pub(super) fn drawing(&mut self, record: &Record<'_>) {
        // The first part says what it is (25: a comment) and its number.
        let comment = short(record.data, 0) == Some(0x15) && short(record.data, 4) == Some(0x19);
        self.drawing = short(record.data, 6).filter(|_| comment);
    }

    /// The text of a drawing.
    pub(super) fn text(&mut self, record: &Record<'_>, tally: &mut Tally) -> Result<(), Refusal> {
        let Some(drawing) = self.drawing.take() else { return Ok(()) };
        let letters = usize::from(record.short(10)?);
        if letters == 0 {
            self.texts.insert(drawing, String::new());
            return Ok(());
        }
        // The letters stand in the records that carry on this one. A comment that breaks off is no reason to refuse figures.
        let mut cursor = record.cursor(record.data.len())?;
        let Ok(text) = cursor.letters(letters.min(TEXT), false) else { return Ok(()) };
        tally.text(text.len())?;
        self.texts.insert(drawing, text);
        Ok(())
    }

    /// A cell with a comment.
    pub(super) fn cell(&mut self, record: &Record<'_>, coding: Coding, tally: &mut Tally) -> Result<(), Refusal> {
        let (row, column, third) = (record.short(0)?, record.short(2)?, record.short(4)?);
        let cell = Cell::new(row.into(), column.into());
        match coding {
            Coding::Unicode => {
                too_many(self.drawn.len())?;
                self.drawn.insert(cell, record.short(6)?);
            }
            Coding::Page(_) => {
                let here = record.data.len() - 6;
                let text = record.cursor(6)?.text(here.min(third.into()), coding)?;
                tally.text(text.len())?;
                // A long text is carried on in records that name no row.
                match self.last.filter(|_| row == u16::MAX).and_then(|last| self.cells.get_mut(&last)) {
                    Some(begun) => begun.push_str(&text),
                    None => {
                        too_many(self.cells.len())?;
                        self.last = Some(cell);
                        self.cells.insert(cell, text);
                    }
                }
            }
        }
        Ok(())
    }

    /// The comments by cell, and the cells whose comment was not found.
    pub(super) fn found(self) -> (BTreeMap<Cell, String>, Vec<Cell>) {
        let Self { mut texts, drawn, mut cells, .. } = self;
        let mut lost = Vec::new();
        for (cell, drawing) in drawn {
            match texts.remove(&drawing) {
                Some(text) => drop(cells.insert(cell, text)),
                None => lost.push(cell),
            }
        }
        (cells.into_iter().map(|(cell, text)| (cell, tidy(&text))).collect(), lost)
    }
}

fn too_many(so_far: usize) -> Result<(), Refusal> {
    let most = format!("it has more than {NOTES} notes on one sheet");
    if so_far < NOTES { Ok(()) } else { Err(Refusal::too_large(&most)) }
}
