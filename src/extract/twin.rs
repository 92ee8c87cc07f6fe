//! A table of the template that stands on a sheet twice, title and all (domain D40): the same, or with other figures.

use std::collections::BTreeMap;

use super::column;
use super::desk::Desk;
use super::locate::Block;
use super::rows::Rows;
use super::words::{cut, several};
use super::{Change, Drift, Part};
use crate::cell::{Cell, Pointer};
use crate::finding::{Place, Severity};
use crate::schema::model::{Item, Table};

/// The cell of each figure of a table where it stands.
fn cells(desk: &Desk<'_>, block: &Block, table: &Table) -> BTreeMap<(usize, usize), Cell> {
    let rows = Rows::of(&table.rows);
    let mut cells = BTreeMap::new();
    for row in desk.grid.rows_between(block.headings.bottom, block.end) {
        let Some(label) = rows.find(desk.grid, Cell::new(row, block.key), &desk.year) else { continue };
        for heading in &block.headings.found {
            cells.entry((label.code, heading.measure)).or_insert(Cell::new(row, heading.column));
        }
    }
    cells
}

/// Compares the second of two tables with the first, which was read.
pub(super) fn read(desk: &mut Desk<'_>, block: &Block, blocks: &[Block]) {
    let section = desk.section;
    let first = blocks.iter().find(|b| b.item == block.item && !b.twin);
    let (Some(Item::Table(table)), Some(first)) = (section.items.get(block.item), first) else { return };
    let at = desk.root.child(&table.key);
    let (ours, theirs) = (cells(desk, first, table), cells(desk, block, table));
    let mut other: Vec<(Pointer, Cell, Cell, String)> = Vec::new();
    let mut filled = false;
    for ((code, measure), cell) in &theirs {
        let (Some(code), Some(measure)) = (table.rows.codes.get(*code), table.columns.get(*measure)) else { continue };
        let Some(own) = ours.get(&(code_index(table, &code.code), measure_index(table, measure))) else { continue };
        let (a, b) = (desk.grid.text(*own), desk.grid.text(*cell));
        filled |= !b.is_empty();
        if a != b && !b.is_empty() {
            let words = format!("{}, {}: {} and {}", code.label, column::words(measure), cut(&a), cut(&b));
            other.push((column::pointer(&at.child(&code.code), measure), *own, *cell, words));
        }
    }
    let why = "the same table stands there twice";
    for row in std::iter::once(block.top()).chain(desk.grid.rows_between(block.top(), block.end)) {
        for column in desk.grid.row(row).iter().copied().filter(|c| (block.from..block.to).contains(c)) {
            desk.pass(Cell::new(row, column), why);
        }
    }
    let place =
        |desk: &Desk<'_>, block: &Block| desk.place(block.title.unwrap_or(Cell::new(block.headings.top, block.key)));
    let places: [Place; 2] = [place(desk, first), place(desk, block)];
    let corners = [first, block].map(|b| b.title.unwrap_or(Cell::new(b.headings.top, b.key)));
    desk.drift(Drift::new(Part::Table, Change::Twice).template(&table.title).at(corners));
    let words: Vec<String> = other.iter().map(|(.., words)| words.clone()).collect();
    let mut finding = if other.is_empty() {
        let how = if filled { "with the same figures" } else { "the second time without figures" };
        let message = format!("“{}” stands there twice, {how}; we read the first.", table.title);
        desk.finding("TPL-04", Severity::Note, &at, message).with_help("Nothing to do if that is right.")
    } else {
        let message = format!("“{}” stands there twice, with different figures: {}.", table.title, several(&words, 4));
        desk.finding("TPL-06", Severity::Error, &at, message)
            .with_help("Please keep the right one and delete the other.")
    };
    finding.consequences = other.len();
    for place in places {
        finding = finding.with_label(place, table.title.clone());
    }
    for (pointer, own, cell, _) in &other {
        for cell in [own, cell] {
            finding = finding.with_label(desk.place(*cell), cut(&desk.grid.text(*cell)));
        }
        desk.fault(pointer, "TPL-06");
    }
    desk.add(finding);
}

fn code_index(table: &Table, code: &str) -> usize {
    table.rows.codes.iter().position(|c| c.code == code).unwrap_or(usize::MAX)
}

fn measure_index(table: &Table, measure: &crate::schema::model::Measure) -> usize {
    table.columns.iter().position(|m| m.path == measure.path).unwrap_or(usize::MAX)
}
