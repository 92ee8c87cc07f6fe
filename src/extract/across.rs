//! A table that lies on its side (domain D41), or whose labels stand behind its figures (D36): read if every row and
//! column of it is recognised, never in part.

use super::column;
use super::desk::{Desk, Slot};
use super::heading::Names;
use super::rows::Rows;
use super::{Change, Drift, Part};
use crate::cell::Cell;
use crate::finding::Severity;
use crate::schema::model::Table;

/// A table whose rows and columns were swapped (D41), if every row and column of it is recognised.
pub(super) fn read(desk: &mut Desk<'_>, table: &Table) -> bool {
    let grid = desk.grid;
    let rows = Rows::of(&table.rows);
    let names = Names::of(table.columns.iter());
    let found = grid.rows().find_map(|(row, columns)| {
        let mut codes: Vec<(usize, u32)> = Vec::new();
        for column in columns.iter().filter(|c| !desk.used(Cell::new(row, **c))) {
            if let Some(label) = rows.find(grid, Cell::new(row, *column), &desk.year)
                && codes.iter().all(|(code, _)| *code != label.code)
            {
                codes.push((label.code, *column));
            }
        }
        if codes.len() < rows.count().max(2) {
            return None;
        }
        let first = codes.iter().map(|(_, c)| *c).min()?;
        let mut measures: Vec<Option<Cell>> = vec![None; table.columns.len()];
        for below in grid.rows_between(row, grid.last_row()) {
            for column in grid.row(below).iter().filter(|c| **c < first) {
                let cell = Cell::new(below, *column);
                if let Some((measure, _)) = grid.word(cell).and_then(|w| names.find(w, None))
                    && let Some(slot) = measures.get_mut(measure)
                {
                    slot.get_or_insert(cell);
                }
            }
        }
        let complete = measures.iter().zip(&table.columns).all(|(m, c)| m.is_some() || !c.required);
        (complete && measures.iter().any(Option::is_some)).then_some((row, codes, measures))
    });
    let Some((row, codes, measures)) = found else { return false };
    let at = desk.root.child(&table.key);
    desk.out.words.insert(at.clone(), table.title.clone());
    desk.seen.insert("TAB-12", ());
    for (i, code) in table.rows.codes.iter().enumerate() {
        let under = at.child(&code.code);
        desk.out.words.insert(under.clone(), format!("{} · {}", table.title, code.label));
        let Some((_, column)) = codes.iter().find(|(c, _)| *c == i).copied() else { continue };
        desk.label(Cell::new(row, column));
        for (measure, heading) in table.columns.iter().zip(&measures) {
            if let Some(heading) = heading {
                desk.label(*heading);
            }
            let cell = heading.map(|h| Cell::new(h.row, column));
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let pointer = column::pointer(&under, measure);
            desk.take(Slot { pointer, words, measure, cell, flag: None, note: None, fault: None });
        }
    }
    let start = Cell::new(row, codes.iter().map(|(_, c)| *c).min().unwrap_or(0));
    desk.drift(Drift::new(Part::Table, Change::Turned).template(&table.title).at([start]));
    let message = format!("The rows and columns of “{}” are swapped; we read it so.", table.title);
    let finding = desk
        .finding("TPL-04", Severity::Note, &at, message)
        .with_help("Nothing to do if that is right.")
        .with_label(desk.place(start), format!("“{}”, on its side", table.title));
    desk.add(finding);
    true
}

/// How far below its headings the rows of such a table may reach.
const MOST_ROWS: u32 = 400;

/// A table whose labels stand right of its figures, in the same rows.
pub(super) fn behind(desk: &mut Desk<'_>, table: &Table) -> bool {
    let grid = desk.grid;
    let rows = Rows::of(&table.rows);
    let names = Names::of(table.columns.iter());
    let found = grid.rows().find_map(|(row, columns)| {
        let mut headings: Vec<Option<Cell>> = vec![None; table.columns.len()];
        for column in columns.iter().filter(|c| !desk.used(Cell::new(row, **c))) {
            let cell = Cell::new(row, *column);
            if let Some((measure, _)) = grid.word(cell).and_then(|w| names.find(w, None))
                && let Some(slot) = headings.get_mut(measure)
            {
                slot.get_or_insert(cell);
            }
        }
        let complete = headings.iter().zip(&table.columns).all(|(h, m)| h.is_some() || !m.required || m.derived);
        let last = headings.iter().flatten().map(|c| c.column).max().filter(|_| complete)?;
        let labels = grid.row(row).iter().copied().filter(|c| *c > last);
        labels.into_iter().find_map(|column| {
            let mut codes: Vec<(usize, u32)> = Vec::new();
            for below in grid.rows_between(row, row.saturating_add(MOST_ROWS)) {
                match rows.find(grid, Cell::new(below, column), &desk.year) {
                    Some(label) if codes.iter().all(|(code, _)| *code != label.code) => codes.push((label.code, below)),
                    Some(_) | None => break,
                }
            }
            (codes.len() == rows.count().max(2)).then(|| (Cell::new(row, column), codes, headings.clone()))
        })
    });
    let Some((corner, codes, headings)) = found else { return false };
    let at = desk.root.child(&table.key);
    desk.out.words.insert(at.clone(), table.title.clone());
    desk.seen.insert("TAB-12", ());
    desk.label(corner);
    for (i, code) in table.rows.codes.iter().enumerate() {
        let under = at.child(&code.code);
        desk.out.words.insert(under.clone(), format!("{} · {}", table.title, code.label));
        let Some((_, row)) = codes.iter().find(|(c, _)| *c == i).copied() else { continue };
        desk.label(Cell::new(row, corner.column));
        for (measure, heading) in table.columns.iter().zip(&headings) {
            if let Some(heading) = heading {
                desk.label(*heading);
            }
            let cell = heading.map(|h| Cell::new(row, h.column));
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let pointer = column::pointer(&under, measure);
            desk.take(Slot { pointer, words, measure, cell, flag: None, note: None, fault: None });
        }
    }
    true
}
