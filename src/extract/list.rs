//! A list whose rows the agency makes: rows are named by their key, never by their index.

use std::collections::BTreeMap;

use super::column::{self, Column};
use super::desk::{Desk, Slot};
use super::locate::Block;
use super::rows;
use super::words::{cut, fold, quote};
use crate::cell::{Cell, Pointer};
use crate::finding::Severity;
use crate::schema::model::List;

/// Reads a list where it was found.
pub(super) fn read(desk: &mut Desk<'_>, block: &Block, list: &List) {
    let at = desk.root.child(&list.key);
    desk.out.words.insert(at.clone(), list.title.clone());
    let rows = desk.grid.rows_between(block.headings.bottom, block.end);
    let columns = column::settle(desk, block, &list.fields, &at, &list.title, rows.len(), None);
    let key_column = list
        .fields
        .iter()
        .zip(&columns)
        .find(|(field, _)| field.key() == list.key_field)
        .and_then(|(_, column)| column.at);
    let mut keys: Vec<String> = Vec::new();
    let mut first_rows: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let filled: Vec<u32> =
            desk.grid.row(row).iter().copied().filter(|c| (block.from..block.to).contains(c)).collect();
        let known = |c: &u32| columns.iter().any(|column| column.at == Some(*c));
        if filled.is_empty() {
            continue;
        }
        if let [one] = filled.as_slice() {
            let cell = Cell::new(row, *one);
            if *one == block.from && is_remark(&desk.grid.text(cell), key_column == Some(*one)) {
                desk.pass(cell, "a remark under a list");
                continue;
            }
        }
        if !filled.iter().any(known) {
            for column in filled {
                desk.pass(Cell::new(row, column), "a column that is not on the template");
            }
            continue;
        }
        let typed = key_column.map(|c| desk.grid.text(desk.grid.anchor(Cell::new(row, c)))).unwrap_or_default();
        // The word may stand in the key or in a cell of its own beside the row.
        let own: Vec<u32> = desk.grid.row(row).iter().copied().filter(|c| !known(c)).collect();
        let said = |c: &u32| rows::is_example(&desk.grid.text(Cell::new(row, *c)));
        if rows::is_example(&typed) || own.iter().any(said) {
            let all: Vec<u32> = own.into_iter().filter(said).chain(filled.iter().copied()).collect();
            example(desk, &at, list, Cell::new(row, all[0]), &all);
            continue;
        }
        let mut key = key_of(&typed);
        if key.is_empty() {
            key = format!("row-{}", row + 1);
        }
        let mut fault = None;
        if let Some(first) = first_rows.get(&key).copied() {
            match double(desk, &at, list, &columns, (first, row), &key) {
                Some(second) => {
                    fault = Some("TAB-10");
                    key = second;
                }
                None => continue,
            }
        } else {
            first_rows.insert(key.clone(), row);
        }
        take_row(desk, &at, list, &columns, row, &key, fault);
        keys.push(key);
    }
    desk.out.lists.insert(at, keys);
}

fn take_row(
    desk: &mut Desk<'_>,
    at: &Pointer,
    list: &List,
    columns: &[Column],
    row: u32,
    key: &str,
    fault: Option<&'static str>,
) {
    let under = at.child(key);
    desk.out.words.insert(under.clone(), format!("{} · {key}", list.title));
    for (measure, column) in list.fields.iter().zip(columns) {
        let pointer = column::pointer(&under, measure);
        let words = format!("{key} · {}", column::words(measure));
        let Some(at) = column.at else {
            desk.lose(pointer, words, None, column.fault);
            continue;
        };
        let own = Cell::new(row, at);
        let anchor = desk.grid.anchor(own);
        // Words merged down a column count for each row of the region, and for no other (D35). A number does not.
        let shared = anchor.column == at && anchor != own && !measure.kind.is_number();
        let cell = if shared { anchor } else { own };
        if shared && desk.grid.filled(anchor) {
            merged(desk, list, anchor, at);
        }
        let flag = column.flag.map(|c| Cell::new(row, c));
        let fault = fault.filter(|_| measure.key() == list.key_field).or(column.fault);
        desk.take(Slot { pointer, words, measure, cell: Some(cell), flag, note: None, fault });
    }
}

fn merged(desk: &mut Desk<'_>, list: &List, anchor: Cell, column: u32) {
    let Some((first, last)) = desk.grid.region(anchor) else { return };
    let at = desk.root.child(&list.key);
    let typed = desk.grid.text(anchor);
    let message = format!(
        "{} stands in cells merged over several rows ({first}:{last}); we read it for each of them.",
        quote(&typed)
    );
    let finding = desk
        .finding("TPL-04", Severity::Note, &at, message)
        .with_help("Nothing to do if that is right.")
        .with_label(desk.place(Cell::new(anchor.row, column)), "merged");
    desk.add(finding);
}

/// A row's key: its words in capitals, without spaces around.
fn key_of(typed: &str) -> String {
    let clean: String = typed.chars().map(|c| if crate::workbook::is_space(c) { ' ' } else { c }).collect();
    let dashes = clean.replace(['–', '—', '−', '‐', '‑'], "-");
    cut(dashes.trim()).to_uppercase()
}

/// Notes and sources under a list (D46): text in the first column alone that looks like no key.
fn is_remark(text: &str, is_key: bool) -> bool {
    let word = fold(text);
    let begins = ["note", "source", "total", "please", "end of"].iter().any(|w| word.starts_with(w));
    begins || text.starts_with('*') || !is_key || (text.contains(' ') && text.chars().count() > 20)
}

fn example(desk: &mut Desk<'_>, at: &Pointer, list: &List, cell: Cell, columns: &[u32]) {
    for column in columns {
        desk.pass(Cell::new(cell.row, *column), "an example");
    }
    let finding = desk
        .finding("TPL-04", Severity::Note, at, format!("The example row of “{}” was left out.", list.title))
        .with_help("Nothing to do.")
        .with_label(desk.place(cell), "example");
    desk.add(finding);
}

/// The same key twice: one row if they are the same, else the second gets a name of its own.
fn double(
    desk: &mut Desk<'_>,
    at: &Pointer,
    list: &List,
    columns: &[Column],
    (first, second): (u32, u32),
    key: &str,
) -> Option<String> {
    let at_columns: Vec<u32> = columns.iter().filter_map(|c| c.at).collect();
    let is_key = |c: u32| list.fields.iter().zip(columns).any(|(f, k)| k.at == Some(c) && f.key() == list.key_field);
    let details = at_columns.iter().filter(|c| !is_key(**c));
    let same = details.clone().all(|c| desk.grid.text(Cell::new(first, *c)) == desk.grid.text(Cell::new(second, *c)));
    let head = at_columns.first().copied().unwrap_or(0);
    let place = at.child(key);
    let mut finding = if same {
        for column in &at_columns {
            desk.pass(Cell::new(second, *column), "a row that stands there twice");
        }
        desk.finding(
            "TPL-04",
            Severity::Note,
            &place,
            format!("{} stands twice in “{}”, the same both times; we read it once.", quote(key), list.title),
        )
        .with_help("Nothing to do if that is right.")
    } else {
        desk.finding(
            "TAB-10",
            Severity::Error,
            &place,
            format!("{} stands twice in “{}”, with different details.", quote(key), list.title),
        )
        .with_help("Please give each row a number of its own, or delete the one that is out of date.")
    };
    for row in [first, second] {
        finding = finding.with_label(desk.place(Cell::new(row, head)), key.to_owned());
    }
    desk.add(finding);
    if same {
        return None;
    }
    let mut n = 2_u32;
    while desk.out.words.contains_key(&at.child(&format!("{key}~{n}"))) {
        n += 1;
    }
    Some(format!("{key}~{n}"))
}
