//! What is left on a sheet once everything of the template is read: figures outside it, tables of the agency's own, links
//! to other workbooks, comments. Nothing is lost unseen.

use std::collections::{BTreeMap, BTreeSet};

use super::Use;
use super::desk::Desk;
use super::locate::Ends;
use super::tidy;
use super::words::{fold, quote, several};
use super::{Change, Drift, Part};
use crate::cell::{Cell, ranges};
use crate::finding::Severity;
use crate::workbook::{Entry, Value};

/// Most cells shown in one finding.
const MOST_SHOWN: usize = 12;

/// How far left of a figure its label may stand.
const FARTHEST: u32 = 40;

/// What is said of words that are none of the template's.
const BESIDE: &str = "text beside the template";

/// What is left: text is passed over; figures outside the template are named, so that nothing is lost unseen.
pub(super) fn sweep(desk: &mut Desk<'_>, titles: &Ends) {
    let left: Vec<(Cell, bool)> = desk
        .grid
        .cells()
        .filter(|(cell, _)| !desk.used(*cell))
        // A number stored as text is a figure that somebody typed, too.
        .map(|(cell, entry)| match &entry.value {
            Value::Text(text) => (cell, tidy::is_number(text)),
            Value::Number(_) | Value::Date(_) | Value::Truth(_) | Value::Error(_) | Value::Nothing => (cell, true),
        })
        .collect();
    let mut odd: Vec<Cell> = Vec::new();
    for (cell, figure) in left {
        if desk.grid.word(cell).is_some_and(|w| titles.contains(w)) {
            desk.label(cell);
        } else if figure {
            desk.mark(cell, Use::Passed("a figure that is not on the template".to_owned()));
            odd.push(cell);
        } else {
            desk.pass(cell, BESIDE);
        }
    }
    if odd.is_empty() {
        return;
    }
    let odd = tables(desk, odd);
    if odd.is_empty() {
        return;
    }
    desk.drift(Drift::new(Part::Cells, Change::Extra).at(odd.iter().copied()));
    let root = desk.root.clone();
    let names = ranges(odd.iter().copied());
    let (cells, verb) = if odd.len() == 1 { ("cell", "is") } else { ("cells", "are") };
    let message = format!(
        "The {cells} {} of “{}” {verb} not part of the template and {verb} not read.",
        several(&names, MOST_SHOWN),
        desk.section.title
    );
    let mut finding = desk
        .finding("TPL-03", Severity::Note, &root, message)
        .with_help("Nothing to do, unless one of them belongs to the return.");
    for cell in odd.iter().take(6) {
        finding = finding.with_label(desk.place(*cell), "not on the template");
    }
    desk.add(finding);
}

/// Figures under headings with labels beside them make a table: one that the template does not have is asked about (D47).
/// Gives back the cells that are in none.
fn tables(desk: &mut Desk<'_>, odd: Vec<Cell>) -> Vec<Cell> {
    let mut rest: Vec<Cell> = Vec::new();
    let mut blocks: BTreeMap<(u32, u32), Vec<Cell>> = BTreeMap::new();
    let free = |desk: &Desk<'_>, cell: Cell| {
        let address = desk.grid.address(cell);
        desk.grid.is_text(cell) && matches!(desk.out.uses.get(&address), Some(Use::Passed(why)) if why == BESIDE)
    };
    let mut tops: BTreeMap<Cell, u32> = BTreeMap::new();
    let mut odd = odd;
    odd.sort_by_key(|c| (c.column, c.row));
    for cell in odd {
        // Its label stands left of it, its heading at the top of the run of figures.
        let near = cell.column.saturating_sub(FARTHEST)..cell.column;
        let label = near.rev().map(|c| Cell::new(cell.row, c)).find(|c| free(desk, *c));
        let above = cell.row.checked_sub(1).map(|row| Cell::new(row, cell.column));
        let figure = |c: &Cell| desk.grid.filled(*c) && !desk.grid.is_text(*c);
        let top = match above {
            Some(above) if figure(&above) => tops.get(&above).copied().unwrap_or(above.row),
            Some(above) => above.row,
            None => 0,
        };
        tops.insert(cell, top);
        match label.filter(|_| free(desk, Cell::new(top, cell.column))) {
            Some(label) => blocks.entry((top, label.column)).or_default().push(cell),
            None => rest.push(cell),
        }
    }
    for ((top, key), cells) in blocks {
        if cells.iter().map(|c| c.row).collect::<BTreeSet<u32>>().len() < 2 {
            rest.extend(cells);
            continue;
        }
        let heading = |cell: &Cell| desk.grid.text(Cell::new(top, cell.column));
        let mut headings: Vec<String> = cells.iter().map(|c| quote(&heading(c))).collect();
        headings.dedup();
        let above = top.checked_sub(1).map(|row| Cell::new(row, key)).filter(|c| free(desk, *c));
        let name = above.map_or_else(|| several(&headings, 3), |cell| quote(&desk.grid.text(cell)));
        let corner = above.unwrap_or(Cell::new(top, key));
        let last = cells.iter().copied().max().unwrap_or(corner);
        desk.drift(Drift::new(Part::Table, Change::Extra).found(&name).at([corner]).at(cells.iter().copied()));
        let at = desk.root.child("unknown").child(&fold(&name));
        let message = format!(
            "A table on the sheet “{}” is not on the template: {name} ({corner}:{last}). We did not read it.",
            desk.section.title
        );
        let mut finding = desk.finding("TPL-03", Severity::Query, &at, message).with_help(
            "If its figures belong to the return, please type them where the template asks for them. If not, please take it off the sheet, or explain.",
        );
        finding.found = Some(name);
        let figures: Vec<String> = cells.iter().map(|c| desk.grid.text(*c)).collect();
        finding.state = vec![(at, several(&figures, 12))];
        finding = finding.with_label(desk.place(corner), "not on the template");
        desk.add(finding);
    }
    rest.sort_unstable();
    rest
}

/// Figures that a formula takes from another workbook (D32): one question for all of them.
pub(super) fn links(desk: &mut Desk<'_>) {
    let linked: Vec<(Cell, String)> = desk
        .grid
        .cells()
        .filter_map(|(cell, entry)| Some((cell, link(entry)?)))
        .filter(|(cell, _)| {
            let figure = desk.out.at(desk.grid.address(*cell));
            figure.is_some_and(|f| f.fault.is_none() && !desk.derived.contains(&f.pointer))
        })
        .collect();
    if linked.is_empty() {
        return;
    }
    let mut books: Vec<String> = linked.iter().filter(|(_, b)| !b.is_empty()).map(|(_, book)| quote(book)).collect();
    books.sort();
    books.dedup();
    let book = match books.as_slice() {
        [] => "another workbook".to_owned(),
        [one] => format!("another workbook, {one}"),
        several_books => format!("other workbooks, {}", several(several_books, 4)),
    };
    let (figures, them, values) = match linked.len() {
        1 => ("1 figure".to_owned(), "it", "the value shown"),
        n => (format!("{n} figures"), "them", "the values shown"),
    };
    let verb = if linked.len() == 1 { "is" } else { "are" };
    let cells = several(&ranges(linked.iter().map(|(cell, _)| *cell)), 6);
    let message = format!(
        "{figures} of “{}” {verb} taken by formula from {book} ({cells}). We cannot see that workbook and kept {values}.",
        desk.section.title
    );
    let at = desk.root.child("links");
    let help = format!("Please check {them}, type {values} over the formula, and send the file again; or explain.");
    let mut finding = desk.finding("TPL-07", Severity::Query, &at, message).with_help(help);
    for (i, (cell, _)) in linked.iter().enumerate() {
        let typed = desk.grid.text(*cell);
        if let Some(figure) = desk.out.at(desk.grid.address(*cell)) {
            finding.state.push((figure.pointer.clone(), typed.clone()));
        }
        if i < MOST_SHOWN {
            finding = finding.with_label(desk.place(*cell), format!("{typed}, from another workbook"));
        }
    }
    finding.consequences = linked.len();
    desk.add(finding);
}

/// The workbook that a formula reads, `[1]Sheet!A1` or `'[Book2.xlsx]Sheet1'!A1`; empty where it has only a number.
fn link(entry: &Entry) -> Option<String> {
    let formula = entry.formula.as_ref()?;
    let mut parts = formula.match_indices('[').map(|(at, _)| (&formula[..at], &formula[at + 1..]));
    parts.find_map(|(before, after)| {
        let (inside, _) = after.split_once(']')?;
        let is_file = inside.to_lowercase().contains(".xls") || inside.to_lowercase().contains(".ods");
        // `Table1[Children]` reads a table of its own workbook.
        let of_table = before.chars().last().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ']' | '['));
        let numbered = !of_table && !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit());
        (is_file || numbered).then(|| if is_file { inside.to_owned() } else { String::new() })
    })
}
