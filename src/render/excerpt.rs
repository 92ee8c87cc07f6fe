//! The pieces of sheets that one finding is about: its marked cells, sheet by sheet, handed to `draw`.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{Item, Mark};
use crate::cell::{Address, Cell};
use crate::draw::{self, Piece, Request};
use crate::extract::{Use, fold};
use crate::report::Report;

/// What is drawn of one sheet.
pub(super) struct Excerpt {
    pub(super) sheet: usize,
    pub(super) name: String,
    pub(super) pieces: Vec<Piece>,
}

/// How large an excerpt may become.
pub(super) struct Size {
    /// Display columns of a line.
    pub(super) width: usize,
    /// Display columns to be kept free beside the last marked cell.
    pub(super) room: usize,
    /// Most cells that are marked; the others are only named.
    pub(super) marks: usize,
}

/// The excerpts of a finding, in the order in which its labels name the sheets.
pub(super) fn excerpts(report: &Report, item: &Item<'_>, size: &Size) -> Vec<Excerpt> {
    let mut order: Vec<usize> = Vec::new();
    let mut cells: BTreeMap<usize, BTreeSet<Cell>> = BTreeMap::new();
    for address in drawn(item, size.marks) {
        if !order.contains(&address.sheet) {
            order.push(address.sheet);
        }
        cells.entry(address.sheet).or_default().insert(address.cell);
    }
    let masked = item.veiled;
    let draw_sheet = |sheet: usize| {
        let is_value = |cell: Cell| matches!(report.figures.uses.get(&Address::new(sheet, cell)), Some(Use::Value(_)));
        let request = Request {
            sheet: report.workbook.sheets.get(sheet).filter(|_| !masked),
            marks: cells.get(&sheet)?,
            masked,
            width: size.width,
            room: size.room,
            is_value: &is_value,
        };
        Some(Excerpt { sheet, name: draw::line(&report.sheet(sheet)), pieces: draw::draw(&request) })
    };
    order.into_iter().filter_map(draw_sheet).collect()
}

/// The cells to mark, in the order of the labels.
fn drawn(item: &Item<'_>, most: usize) -> Vec<Address> {
    let mut seen = BTreeSet::new();
    item.marks.iter().filter_map(|m| m.address).filter(|a| seen.insert(*a)).take(most).collect()
}

/// The marks that no drawing shows: those without a cell, and those beyond the most that are drawn.
pub(super) fn undrawn<'i, 'a>(item: &'i Item<'a>, most: usize) -> Vec<&'i Mark<'a>> {
    let drawn: BTreeSet<Address> = drawn(item, most).into_iter().collect();
    // That the file as a whole is meant need not be said again.
    let somewhere = item.marks.iter().filter(|m| m.pointer.is_some() || m.sheet.is_some());
    somewhere.filter(|m| m.address.is_none_or(|a| !drawn.contains(&a))).collect()
}

/// What is said of a drawn cell: the texts of all marks on it. Words that its row shows already are not said again.
pub(super) fn said_at(report: &Report, item: &Item<'_>, address: Address) -> String {
    said(item, address, |text| without_words(report, item, address, text))
}

/// What is said of a drawn cell, with its words: for those who hear the page rather than see the table.
pub(super) fn said_in_full(item: &Item<'_>, address: Address) -> String {
    said(item, address, |text| text)
}

fn said<'t>(item: &'t Item<'_>, address: Address, text: impl Fn(&'t str) -> &'t str) -> String {
    let here = item.marks.iter().filter(|m| m.address == Some(address));
    let texts: Vec<&str> = here.map(|m| text(m.text.as_str())).filter(|t| !t.is_empty()).collect();
    if texts.is_empty() { address.cell.to_string() } else { format!("{}: {}", address.cell, texts.join("; ")) }
}

/// `“Open at 31 March”: 2,091` is `2,091` where the row is headed so.
fn without_words<'t>(report: &Report, item: &Item<'_>, address: Address, text: &'t str) -> &'t str {
    let split = text.strip_prefix('“').and_then(|rest| rest.split_once("”: ")).filter(|_| !item.veiled);
    let (Some((words, value)), Some(sheet)) = (split, report.workbook.sheets.get(address.sheet)) else { return text };
    let (from, to) = (Cell::new(address.cell.row, 0), address.cell);
    let shown: BTreeSet<String> = sheet.cells.range(from..to).map(|(_, entry)| fold(&draw::text_of(entry))).collect();
    if words.split(" · ").any(|part| shown.contains(&fold(part))) { value } else { text }
}
