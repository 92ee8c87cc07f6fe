//! What a sheet says of its rows and columns: hidden ones, merged regions. The cells are left to `sheet`.

use super::super::Sheet;
use super::super::guard::{MERGES, Refusal};
use super::compound::short;
use super::record::Record;
use crate::cell::Cell;

/// The columns of a sheet of this format.
pub(super) const COLUMNS: usize = 256;

/// A row that people do not see.
pub(super) fn row(record: &Record<'_>, sheet: &mut Sheet) {
    let (Some(row), Some(height), Some(flags)) = (short(record.data, 0), short(record.data, 6), short(record.data, 12))
    else {
        return;
    };
    if flags & 0x20 != 0 || height & 0x7FFF == 0 {
        sheet.hidden_rows.insert(row.into());
    }
}

/// Columns that people do not see.
pub(super) fn columns(record: &Record<'_>, hidden: &mut [bool; COLUMNS]) {
    let at = |at| short(record.data, at);
    let (Some(first), Some(last), Some(width), Some(flags)) = (at(0), at(2), at(4), at(8)) else { return };
    if flags & 1 == 1 || width == 0 {
        hidden.iter_mut().take(usize::from(last) + 1).skip(first.into()).for_each(|column| *column = true);
    }
}

/// Merged regions.
pub(super) fn merges(record: &Record<'_>, sheet: &mut Sheet) -> Result<(), Refusal> {
    let regions = record.data.get(2..).unwrap_or_default().chunks_exact(8).take(record.short(0)?.into());
    for region in regions {
        let at = |at| short(region, at).map_or(0, u32::from);
        if sheet.merges.len() >= MERGES {
            return Err(Refusal::too_large(&format!("it has more than {MERGES} merged regions")));
        }
        let (rows, columns) = ((at(0), at(2)), (at(4), at(6)));
        let first = Cell::new(rows.0.min(rows.1), columns.0.min(columns.1));
        sheet.merges.push((first, Cell::new(rows.0.max(rows.1), columns.0.max(columns.1))));
    }
    Ok(())
}
