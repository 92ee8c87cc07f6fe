//! How cells look: number formats and fill colours, by the number of their style.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::keep::{Look, tidy};
use super::super::value::built_in;
use super::compound::{long, short};

/// The colours 8 to 63 where a workbook brings none of its own.
const COLOURS: [u32; 56] = [
    0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00, 0xFF00FF, 0x00FFFF, 0x800000, 0x008000, 0x000080,
    0x808000, 0x800080, 0x008080, 0xC0C0C0, 0x808080, 0x9999FF, 0x993366, 0xFFFFCC, 0xCCFFFF, 0x660066, 0xFF8080,
    0x0066CC, 0xCCCCFF, 0x000080, 0xFF00FF, 0xFFFF00, 0x00FFFF, 0x800080, 0x800000, 0x008080, 0x0000FF, 0x00CCFF,
    0xCCFFFF, 0xCCFFCC, 0xFFFF99, 0x99CCFF, 0xFF99CC, 0xCC99FF, 0xFFCC99, 0x3366FF, 0x33CCCC, 0x99CC00, 0xFFCC00,
    0xFF9900, 0xFF6600, 0x666699, 0x969696, 0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366, 0x333399,
    0x333333,
];
const WHITE: u32 = 0x00FF_FFFF;

/// The styles of a workbook.
#[derive(Debug)]
pub(super) struct Styles {
    /// Number format codes that the workbook brings.
    formats: BTreeMap<u16, Option<Arc<str>>>,
    colours: [u32; 56],
    /// Number format and colour of each style.
    cells: Vec<(u16, Option<u16>)>,
    /// The fills in use, each held once.
    fills: BTreeMap<u16, Option<Arc<str>>>,
}

impl Styles {
    /// No styles yet.
    pub(super) fn new() -> Self {
        Self { formats: BTreeMap::new(), colours: COLOURS, cells: Vec::new(), fills: BTreeMap::new() }
    }

    /// A number format.
    pub(super) fn format(&mut self, id: u16, code: &str) {
        self.formats.insert(id, code_of(code));
    }

    /// The next style.
    pub(super) fn cell(&mut self, data: &[u8], new: bool) {
        let format = short(data, 2).unwrap_or(0);
        let (pattern, colours) = if new {
            (long(data, 14).unwrap_or(0) >> 26, u32::from(short(data, 18).unwrap_or(0)))
        } else {
            let fill = long(data, 8).unwrap_or(0);
            (fill >> 16 & 0x3F, fill)
        };
        let colour = (colours & 0x7F) as u16;
        self.cells.push((format, (pattern != 0).then_some(colour)));
    }

    /// The workbook's own colours.
    pub(super) fn palette(&mut self, data: &[u8]) {
        let own = data.get(2..).unwrap_or_default().chunks_exact(4);
        for (colour, own) in self.colours.iter_mut().zip(own) {
            *colour = u32::from_be_bytes([0, own[0], own[1], own[2]]);
        }
    }

    /// How cells of a style look.
    pub(super) fn look(&mut self, style: u16) -> Look {
        let Some(&(format, colour)) = self.cells.get(usize::from(style)) else { return Look::default() };
        let format = self.formats.entry(format).or_insert_with(|| built_in(format).and_then(code_of)).clone();
        let fill = colour.and_then(|number| {
            let colours = &self.colours;
            self.fills.entry(number).or_insert_with(|| fill(number, colours)).clone()
        });
        Look { format, fill }
    }
}

fn code_of(code: &str) -> Option<Arc<str>> {
    if code.is_empty() || code.eq_ignore_ascii_case("general") { None } else { Some(tidy(code).into()) }
}

/// White says nothing; numbers beyond the palette are the screen's own colours.
fn fill(number: u16, colours: &[u32; 56]) -> Option<Arc<str>> {
    // The first eight stand for the same colours again.
    let index = if number < 8 { number } else { number - 8 };
    let colour = colours.get(usize::from(index)).copied().filter(|c| *c != WHITE)?;
    Some(format!("{colour:06X}").into())
}
