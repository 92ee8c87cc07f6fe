//! How cells look, by the number of their style (styles.bin): number format and fill, in the same words as those of xlsx.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::super::guard::Refusal;
use super::super::keep::{Look, tidy};
use super::super::value;
use super::record::{Bytes, Count, Records};

/// The most styles, number formats and fills: Excel allows 65,490 styles.
const STYLES: usize = 65_536;
/// The longest number format in bytes; Excel allows 255 characters.
const FORMAT: usize = 1_024;

/// The 56 colours of old that a file may name by number, from 8 on; those from 0 are the first eight of them again.
const PALETTE: [u32; 56] = [
    0x00_0000, 0xFF_FFFF, 0xFF_0000, 0x00_FF00, 0x00_00FF, 0xFF_FF00, 0xFF_00FF, 0x00_FFFF, 0x80_0000, 0x00_8000,
    0x00_0080, 0x80_8000, 0x80_0080, 0x00_8080, 0xC0_C0C0, 0x80_8080, 0x99_99FF, 0x99_3366, 0xFF_FFCC, 0xCC_FFFF,
    0x66_0066, 0xFF_8080, 0x00_66CC, 0xCC_CCFF, 0x00_0080, 0xFF_00FF, 0xFF_FF00, 0x00_FFFF, 0x80_0080, 0x80_0000,
    0x00_8080, 0x00_00FF, 0x00_CCFF, 0xCC_FFFF, 0xCC_FFCC, 0xFF_FF99, 0x99_CCFF, 0xFF_99CC, 0xCC_99FF, 0xFF_CC99,
    0x33_66FF, 0x33_CCCC, 0x99_CC00, 0xFF_CC00, 0xFF_9900, 0xFF_6600, 0x66_6699, 0x96_9696, 0x00_3366, 0x33_9966,
    0x00_3300, 0x33_3300, 0x99_3300, 0x99_3366, 0x33_3399, 0x33_3333,
];

/// Reads the looks.
pub(super) fn read(part: impl Read, count: &mut Count) -> Result<Vec<Look>, Refusal> {
    let mut records = Records::new(part, count);
    let mut formats: BTreeMap<u16, Arc<str>> = BTreeMap::new();
    let mut fills: Vec<Option<Arc<str>>> = Vec::new();
    let mut styles: Vec<(u16, u16)> = Vec::new();
    let (mut of_cells, mut ended) = (false, false);
    while let Some(record) = records.next()? {
        let bytes = record.bytes;
        match record.kind {
            _ if record.future => {}
            // BrtFmt
            44 => {
                let (id, code) = format(bytes).ok_or_else(Refusal::damaged)?;
                formats.insert(id, code);
            }
            // BrtFill
            45 => fills.push(fill(bytes).ok_or_else(Refusal::damaged)?),
            // BrtBeginCellXFs, BrtEndCellXFs: the same records outside stand for named styles.
            617 => of_cells = true,
            618 => of_cells = false,
            // BrtXF
            47 if of_cells => styles.push(style(bytes).ok_or_else(Refusal::damaged)?),
            // BrtEndStyleSheet
            279 => ended = true,
            _ => {}
        }
        if styles.len() > STYLES || formats.len() > STYLES || fills.len() > STYLES {
            return Err(Refusal::unsafe_file("it has more cell styles than Excel allows"));
        }
    }
    if !ended {
        return Err(Refusal::damaged());
    }
    let built_in = |id| value::built_in(id).map(Arc::from);
    let look = |&(format, fill): &(u16, u16)| Look {
        format: formats.get(&format).cloned().or_else(|| built_in(format)).filter(|code| &**code != "General"),
        fill: fills.get(usize::from(fill)).cloned().flatten(),
    };
    Ok(styles.iter().map(look).collect())
}

fn format(mut bytes: Bytes<'_>) -> Option<(u16, Arc<str>)> {
    let id = bytes.u16()?;
    let code = tidy(&bytes.text()?);
    let end = (0..=FORMAT.min(code.len())).rev().find(|end| code.is_char_boundary(*end))?;
    Some((id, code[..end].into()))
}

fn style(mut bytes: Bytes<'_>) -> Option<(u16, u16)> {
    let _parent = bytes.u16()?;
    let format = bytes.u16()?;
    let _font = bytes.u16()?;
    Some((format, bytes.u16()?))
}

/// The colour of a fill; the inner option is none for a fill that does not show, or is white.
fn fill(mut bytes: Bytes<'_>) -> Option<Option<Arc<str>>> {
    if bytes.u32()? == 0 {
        return Some(None);
    }
    let (front, back) = (colour(&mut bytes)?, colour(&mut bytes)?);
    Some(front.or(back).filter(|rgb| *rgb != 0xFF_FFFF).map(|rgb| format!("{rgb:06X}").into()))
}

/// A colour (BrtColor). Of the colours of a theme the file itself says what they come to; where it does not, there is none.
fn colour(bytes: &mut Bytes<'_>) -> Option<Option<u32>> {
    let kind = bytes.u8()?;
    let index = bytes.u8()?;
    let _tint = bytes.u16()?;
    let [red, green, blue, _alpha] = bytes.u32()?.to_le_bytes();
    let said = u32::from_be_bytes([0, red, green, blue]);
    let valid = kind & 1 == 1;
    Some(match kind >> 1 {
        1 => match index {
            0..=7 => PALETTE.get(usize::from(index)).copied(),
            8..=63 => PALETTE.get(usize::from(index) - 8).copied(),
            65 => Some(0xFF_FFFF),
            _ => Some(0),
        },
        2 => Some(said),
        3 if valid => Some(said),
        _ => None,
    })
}
