//! The notes of a sheet by cell (comments1.bin).

use std::collections::BTreeMap;
use std::io::Read;

use super::super::guard::{NOTES, Refusal, TEXT, Tally};
use super::super::keep::tidy;
use super::record::{Bytes, Count, Records};
use crate::cell::Cell;

/// Reads the notes. Who wrote them is left out, as it is everywhere.
pub(super) fn read(part: impl Read, count: &mut Count, tally: &mut Tally) -> Result<BTreeMap<Cell, String>, Refusal> {
    let mut records = Records::new(part, count);
    let mut notes: BTreeMap<Cell, String> = BTreeMap::new();
    let mut at: Option<Cell> = None;
    let mut ended = false;
    while let Some(mut record) = records.next()? {
        match record.kind {
            _ if record.future => {}
            // BrtBeginComment
            635 => at = Some(place(record.bytes).ok_or_else(Refusal::damaged)?),
            // BrtCommentText
            637 => {
                let text = record.bytes.u8().and_then(|_| record.bytes.text()).ok_or_else(Refusal::damaged)?;
                if notes.len() >= NOTES {
                    return Err(Refusal::too_large(&format!("it has more than {NOTES} notes on one sheet")));
                }
                // Longer than Excel lets anybody write is cut.
                let text: String = tidy(&text).chars().filter(|c| *c != '\r').take(TEXT).collect();
                tally.text(text.len())?;
                if let Some(cell) = at.take() {
                    notes.insert(cell, text);
                }
            }
            // BrtEndComments
            629 => ended = true,
            _ => {}
        }
    }
    if ended { Ok(notes) } else { Err(Refusal::damaged()) }
}

fn place(mut bytes: Bytes<'_>) -> Option<Cell> {
    let _author = bytes.u32()?;
    let [row, _, column, _] = bytes.region()?;
    (row <= Cell::LAST_ROW && column <= Cell::LAST_COLUMN).then(|| Cell::new(row, column))
}
