//! What one cell's record says: where it stands, how it looks, its value and the tokens of its formula. There are 19 kinds:
//! blank, number (in two sizes), error, truth, text (in the cell or by number), those again as results of formulas, and
//! most of them once more in a short form that stands right of the cell before. calamine passes the short ones over in
//! silence; SheetJS writes hardly any others.

use std::borrow::Cow;

use super::super::value::{Raw, error_numbered};
use super::record::Bytes;

/// A cell as its record has it.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// Its column; `None`: the next one after the cell before.
    pub(super) column: Option<u32>,
    /// The number of its style.
    pub(super) style: usize,
    /// Its value; `None` where it cannot be told.
    pub(super) raw: Option<Raw<'a>>,
    /// The tokens of its formula, and what belongs to them.
    pub(super) formula: Option<(&'a [u8], &'a [u8])>,
}

/// Whether a record is a cell.
pub(super) fn is_cell(kind: u16) -> bool {
    matches!(kind, 1..=18 | 62)
}

/// Whether a record is a cell that holds something.
pub(super) fn is_filled(kind: u16) -> bool {
    is_cell(kind) && !matches!(kind, 1 | 12)
}

/// Reads a cell's record; `None` where it is shorter than its kind needs.
pub(super) fn read<'a>(kind: u16, mut bytes: Bytes<'a>, strings: &'a [Box<str>]) -> Option<Found<'a>> {
    let column = if (12..=18).contains(&kind) { None } else { Some(bytes.u32()?) };
    // The style takes three bytes, flags the fourth.
    let style = usize::try_from(bytes.u32()? & 0x00FF_FFFF).ok()?;
    let raw = match kind {
        1 | 12 => Some(Raw::Nothing),
        2 | 13 => Some(Raw::Number(small(bytes.u32()?))),
        3 | 14 | 11 => Some(Raw::Error(Cow::Borrowed(error_numbered(bytes.u8()?)))),
        4 | 15 | 10 => match bytes.u8()? {
            0 => Some(Raw::Truth(false)),
            1 => Some(Raw::Truth(true)),
            _ => None,
        },
        5 | 16 | 9 => Some(Raw::Number(bytes.f64()?)),
        6 | 17 | 8 => Some(Raw::Text(Cow::Owned(bytes.text()?))),
        7 | 18 => {
            let number = usize::try_from(bytes.u32()?).ok()?;
            strings.get(number).map(|text| Raw::Text(Cow::Borrowed(text)))
        }
        62 => {
            let _flags = bytes.u8()?;
            Some(Raw::Text(Cow::Owned(bytes.text()?)))
        }
        _ => return None,
    };
    let formula = if (8..=11).contains(&kind) {
        let _flags = bytes.u16()?;
        Some(tokens(&mut bytes)?)
    } else {
        None
    };
    Some(Found { column, style, raw, formula })
}

/// The tokens of a formula behind their length, and what belongs to them behind its own.
pub(super) fn tokens<'a>(bytes: &mut Bytes<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let length = usize::try_from(bytes.u32()?).ok()?;
    let tokens = bytes.take(length)?;
    let length = usize::try_from(bytes.u32().unwrap_or(0)).ok()?;
    Some((tokens, bytes.take(length)?))
}

/// A number in four bytes: a whole one, or the upper half of a long one; either may count hundredths.
fn small(raw: u32) -> f64 {
    let number = if raw & 2 == 0 {
        f64::from_bits(u64::from(raw & !3) << 32)
    } else {
        f64::from(i32::from_le_bytes(raw.to_le_bytes()) >> 2)
    };
    if raw & 1 == 0 { number } else { number / 100.0 }
}

#[cfg(test)]
mod tests {
    use super::small;

    #[test]
    fn small_numbers_are_whole_or_half_and_may_count_hundredths() {
        assert_eq!(small((7 << 2) | 2), 7.0);
        assert_eq!(small((1234 << 2) | 3), 12.34);
        assert_eq!(small((-5_i32 << 2) as u32 | 2), -5.0);
        assert_eq!(small((0.5_f64.to_bits() >> 32) as u32), 0.5);
        assert_eq!(small((15.0_f64.to_bits() >> 32) as u32 | 1), 0.15);
    }
}
