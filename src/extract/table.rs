//! A table with fixed rows, read row by row: doubled, missing, unknown and total rows (domain TAB-10, 11, 12, 16).

use std::collections::BTreeMap;

use super::column::{self, Column};
use super::desk::{Desk, Slot};
use super::locate::Block;
use super::rows::{self, How, Rows};
use super::tidy;
use super::words::{cut, fold, quote, several};
use crate::cell::{Cell, Pointer};
use crate::figure::format_plain;
use crate::finding::{Finding, Severity};
use crate::schema::model::{Code, Item, Kind, Table};

/// What stands in a row of the table.
struct Row {
    row: u32,
    /// The rule that speaks of the whole row.
    fault: Option<&'static str>,
}

/// Reads a table where it was found.
pub(super) fn read(desk: &mut Desk<'_>, block: &Block, table: &Table) {
    let at = desk.root.child(&table.key);
    let rows = Rows::of(&table.rows);
    desk.out.words.insert(at.clone(), table.title.clone());
    desk.seen.insert("TAB-12", ());
    desk.seen.insert("TAB-11", ());
    if table.rows.months {
        desk.seen.insert("TAB-16", ());
    }
    let columns = column::settle(desk, block, &table.columns, &at, &table.title, rows.count());
    desk.label(desk.grid.anchor(Cell::new(block.headings.bottom, block.key)));
    untitled(desk, block, table, &at);
    let mut found: BTreeMap<usize, Row> = BTreeMap::new();
    let mut faults: BTreeMap<usize, &'static str> = BTreeMap::new();
    let mut totals: Vec<Cell> = Vec::new();
    let mut unknowns: Vec<(Cell, Option<usize>)> = Vec::new();
    for row in desk.grid.rows_between(block.headings.bottom, block.end) {
        let cell = Cell::new(row, block.key);
        if !desk.grid.row(row).iter().any(|c| (block.from..block.to).contains(c)) {
            continue;
        }
        let anchor = desk.grid.anchor(cell);
        match rows.find(desk.grid, anchor, &desk.year) {
            Some(label) => {
                desk.label(anchor);
                let fault = odd_label(desk, &at, table, anchor, label.code, &label.how);
                if anchor.row == row
                    && let Some(first) = found.get_mut(&label.code)
                {
                    let second = double(desk, &at, table, &columns, (first.row, row), label.code, block.key);
                    first.fault = first.fault.or(second);
                } else if anchor.row == row || !found.contains_key(&label.code) {
                    found.insert(label.code, Row { row, fault });
                }
            }
            None if !desk.grid.filled(cell) => {}
            None => {
                let word = desk.grid.word(cell).unwrap_or_default().to_owned();
                if rows::is_total(&word) {
                    totals.push(cell);
                    continue;
                }
                let data = columns.iter().filter_map(|c| c.at).any(|c| desk.grid.filled(Cell::new(row, c)));
                let near = rows.near(desk.grid, cell).filter(|i| !found.contains_key(i));
                if !data {
                    desk.pass(cell, "a remark under or inside a table");
                } else if let Some(old) = tidy::find_retired(&table.rows, &desk.grid.text(cell)) {
                    other_year(desk, &at, table, &columns, cell, old);
                    // Rows that this one stands for are not missing as well.
                    let instead =
                        table.rows.codes.iter().enumerate().filter(|(_, c)| old.replaced_by.contains(&c.code));
                    faults.extend(instead.map(|(i, _)| (i, "COD-05")));
                } else {
                    unknowns.push((cell, near));
                    if let Some(code) = near {
                        found.insert(code, Row { row, fault: Some("COD-01") });
                    }
                }
            }
        }
    }
    // One row too many and one too few: the one stands for the other.
    let mut absent = (0..table.rows.codes.len()).filter(|i| !found.contains_key(i) && !faults.contains_key(i));
    if let ([(cell, only @ None)], Some(code), None) = (unknowns.as_mut_slice(), absent.next(), absent.next()) {
        *only = Some(code);
        found.insert(code, Row { row: cell.row, fault: Some("COD-01") });
    }
    for (cell, near) in unknowns {
        unknown(desk, &at, table, &columns, cell, near);
    }
    let missing = missing(desk, &at, table, block, &found, faults);
    for (i, code) in table.rows.codes.iter().enumerate() {
        let under = at.child(&code.code);
        desk.out.words.insert(under.clone(), format!("{} · {}", table.title, code.label));
        for (measure, column) in table.columns.iter().zip(&columns) {
            let pointer = column::pointer(&under, measure);
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let Some(row) = found.get(&i) else {
                let fault = if measure.required { missing.get(&i).copied() } else { None };
                desk.lose(pointer, words, None, fault);
                continue;
            };
            let cell = column.at.map(|c| Cell::new(row.row, c));
            let flag = column.flag.map(|c| Cell::new(row.row, c));
            let fault = row.fault.or(column.fault);
            if row.fault == Some("COD-01") {
                desk.lose(pointer, words, cell, fault);
            } else {
                desk.take(Slot { pointer, words, measure, cell, flag, note: None, fault });
            }
        }
    }
    for cell in totals {
        total(desk, &at, table, &columns, block, cell);
    }
}

/// A table without a title, where another of the section looks the same: which is which must be confirmed.
fn untitled(desk: &mut Desk<'_>, block: &Block, table: &Table, at: &Pointer) {
    if block.title.is_some() {
        return;
    }
    let columns = |t: &Table| t.columns.iter().map(|m| fold(&column::words(m))).collect::<Vec<_>>();
    let twin = desk.section.items.iter().any(|item| match item {
        Item::Table(other) => {
            other.key != table.key && other.rows.key == table.rows.key && columns(other) == columns(table)
        }
        Item::Measure(_) | Item::List(_) => false,
    });
    if !twin {
        return;
    }
    let head = desk.place(Cell::new(block.headings.bottom, block.key));
    let mut finding = desk
        .finding(
            "TPL-01",
            Severity::Query,
            at,
            format!("This table has no title, and more than one table looks like it. We read it as “{}”.", table.title),
        )
        .with_help(format!("Please put the title “{}” above it, or the right one.", table.title))
        .with_label(head, "no title");
    finding.expected = Some(table.title.clone());
    finding.consequences = table.rows.codes.len() * table.columns.len();
    desk.add(finding);
}

fn code(table: &Table, i: usize) -> Option<&Code> {
    table.rows.codes.get(i)
}

/// What is to be said about a label that was understood.
fn odd_label(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    cell: Cell,
    i: usize,
    how: &How,
) -> Option<&'static str> {
    let code = code(table, i)?;
    let typed = desk.grid.text(cell);
    let place = at.child(&code.code);
    let (rule, severity, message) = match how {
        How::Exact => return None,
        How::Alias => {
            ("COD-02", Severity::Note, format!("The row {} was read as {}.", quote(&typed), tidy::say_code(code)))
        }
        How::Date(label) => (
            "TPL-04",
            Severity::Note,
            format!(
                "Excel had made a date of the row “{label}” of “{}”; we read it as {}.",
                table.title,
                tidy::say_code(code)
            ),
        ),
        How::OtherYear => {
            let mut finding = desk
                .finding(
                    "TAB-16",
                    Severity::Error,
                    &place,
                    format!("The row {} of “{}” is outside the year {}.", quote(&typed), table.title, desk.year),
                )
                .with_help("Please give the months of the reporting year, April to March.")
                .with_label(desk.place(cell), format!("row {}", quote(&typed)));
            finding.found = Some(cut(&typed));
            finding.expected = Some(format!("{} in {}", code.label, desk.year));
            desk.add(finding);
            return Some("TAB-16");
        }
    };
    let mut finding = desk.finding(rule, severity, &place, message).with_help("Nothing to do if that is right.");
    finding.found = Some(cut(&typed));
    let finding = finding.with_label(desk.place(cell), format!("row {}", quote(&typed)));
    desk.add(finding);
    None
}

/// The same row twice (TAB-10): a note if the figures are the same, an error if they differ.
fn double(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    columns: &[Column],
    (first, second): (u32, u32),
    i: usize,
    key: u32,
) -> Option<&'static str> {
    let code = code(table, i)?;
    let at_columns: Vec<u32> = columns.iter().filter_map(|c| c.at).collect();
    let values = |row: u32| at_columns.iter().map(|c| desk.grid.text(Cell::new(row, *c))).collect::<Vec<_>>();
    let (a, b) = (values(first), values(second));
    let same = a == b || b.iter().all(String::is_empty);
    for column in &at_columns {
        desk.pass(Cell::new(second, *column), "a row that stands there twice");
    }
    let message = format!("“{}” stands twice in “{}”", code.label, table.title);
    let mut finding = if same {
        desk.finding(
            "TPL-04",
            Severity::Note,
            &at.child(&code.code),
            format!("{message}, with the same figures; we read it once."),
        )
        .with_help("Nothing to do if that is right.")
    } else {
        desk.finding("TAB-10", Severity::Error, &at.child(&code.code), format!("{message}, with different figures."))
            .with_help("Please keep the right row and delete the other, or add the two up in one row.")
    };
    for (row, values) in [(first, a), (second, b)] {
        finding =
            finding.with_label(desk.place(Cell::new(row, key)), format!("{}: {}", code.label, several(&values, 4)));
    }
    desk.add(finding);
    (!same).then_some("TAB-10")
}

/// A row that adds up the others (TAB-11): not counted twice. One that says more than the rows do is asked about: a row
/// is missing or wrong. One that says less may count each child once where the rows count some twice.
fn total(desk: &mut Desk<'_>, at: &Pointer, table: &Table, columns: &[Column], block: &Block, cell: Cell) {
    let typed = desk.grid.text(cell);
    let mut more: Vec<(Cell, String, String)> = Vec::new();
    for (measure, column) in table.columns.iter().zip(columns).filter(|(m, _)| m.kind == Kind::Count) {
        let figures = table.rows.codes.iter().map(|code| {
            let pointer = column::pointer(&at.child(&code.code), measure);
            desk.out.figures.get(&pointer).filter(|f| f.fault.is_none())?.interval.number()
        });
        let (Some(sum), Some(column)) = (figures.sum::<Option<f64>>(), column.at) else { continue };
        let here = Cell::new(cell.row, column);
        let words = column::words(measure);
        let ask = tidy::Ask { measure, words: &words, regime: desk.regime, csv: desk.csv, shift: 0, day_first: false };
        let said = tidy::read(desk.grid.entry(here), &ask).interval.lo;
        if said.is_finite() && said > sum + 1e-9 {
            more.push((here, words, format_plain(sum)));
        }
    }
    for column in columns.iter().filter_map(|c| c.at).chain([block.key]) {
        desk.pass(Cell::new(cell.row, column), "a total row; totals are ours to add up");
    }
    let message =
        format!("The row {} of “{}” looks like a total and was not counted twice.", quote(&typed), table.title);
    if more.is_empty() {
        let finding = desk
            .finding("TAB-11", Severity::Note, at, message)
            .with_help("Nothing to do.")
            .with_label(desk.place(cell), "total row");
        desk.add(finding);
        return;
    }
    let said: Vec<String> = more
        .iter()
        .map(|(here, words, sum)| format!("{} under “{words}”, where the rows add up to {sum}", desk.grid.text(*here)))
        .collect();
    let message = format!("{message} It says {}.", several(&said, 6));
    let mut finding = desk
        .finding("TAB-11", Severity::Query, at, message)
        .with_help("Find the row that is missing or too small, or correct the total.");
    for (here, words, sum) in &more {
        let says = desk.grid.text(*here);
        finding = finding.with_label(desk.place(*here), format!("{words}: {says}, rows add up to {sum}"));
        finding.state.push((at.clone(), says));
    }
    desk.add(finding);
}

/// A row that the list of codes does not have.
fn unknown(desk: &mut Desk<'_>, at: &Pointer, table: &Table, columns: &[Column], cell: Cell, near: Option<usize>) {
    let typed = desk.grid.text(cell);
    let near = near.and_then(|i| code(table, i)).map(|c| (c.code.clone(), tidy::say_code(c)));
    let place = match &near {
        Some((code, _)) => at.child(code),
        None => at.child(&fold(&cut(&typed))),
    };
    let help = match &near {
        Some((_, said)) => format!("Did you mean {said}? Please use the words of the template."),
        None => "Please use the rows of the template; add the figure to the row where it belongs.".to_owned(),
    };
    let mut message = format!("The row {} of “{}” is not on our list.", quote(&typed), table.title);
    message.push_str(&rows::of_date(desk.grid, cell));
    desk.mark(cell, super::Use::Finding);
    let mut finding = desk
        .finding("COD-01", Severity::Error, &place, message)
        .with_help(help)
        .with_label(desk.place(cell), format!("row {}", quote(&typed)));
    finding.found = Some(cut(&typed));
    finding.expected = near.map(|(_, said)| said);
    finding.consequences = table.columns.len();
    for column in columns.iter().filter_map(|c| c.at) {
        desk.mark(Cell::new(cell.row, column), super::Use::Finding);
    }
    desk.add(finding);
}

/// A row whose code belongs to another year (COD-05).
fn other_year(desk: &mut Desk<'_>, at: &Pointer, table: &Table, columns: &[Column], cell: Cell, old: &Code) {
    let typed = desk.grid.text(cell);
    let instead = tidy::replacements(&table.rows, old);
    let help = if instead.is_empty() {
        "Please use the rows of this year’s template, or explain.".to_owned()
    } else {
        format!("Please give {} instead, or explain why you cannot.", several(&instead, 6))
    };
    let message = format!("The row {} of “{}” is not used in {}.", quote(&typed), table.title, desk.year);
    let mut finding = desk
        .finding("COD-05", Severity::Query, &at.child(&old.code), message)
        .with_help(help)
        .with_label(desk.place(cell), format!("row {}", quote(&typed)));
    finding.found = Some(cut(&typed));
    finding.expected = (!instead.is_empty()).then(|| several(&instead, 6));
    finding.consequences = table.columns.len();
    let cells: Vec<Cell> = columns.iter().filter_map(|c| c.at).map(|c| Cell::new(cell.row, c)).collect();
    let figures: Vec<String> = cells.iter().map(|c| desk.grid.text(*c)).collect();
    finding.state = vec![(finding.at.clone(), several(&figures, 6))];
    for cell in cells {
        desk.mark(cell, super::Use::Finding);
    }
    desk.add(finding);
}

/// Rows of the list that are not there (TAB-12); zero must be typed.
fn missing(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    block: &Block,
    found: &BTreeMap<usize, Row>,
    mut faults: BTreeMap<usize, &'static str>,
) -> BTreeMap<usize, &'static str> {
    let absent = |i: &usize| !found.contains_key(i) && !faults.contains_key(i);
    let mut rows: Vec<(usize, &Code)> = table.rows.codes.iter().enumerate().filter(|(i, _)| absent(i)).collect();
    if !table.columns.iter().any(|m| m.required) {
        return faults;
    }
    let head = desk.place(Cell::new(block.headings.bottom, block.key));
    if table.rows.key.contains("ethnic") {
        desk.seen.insert("COD-13", ());
        if found.len() >= 10 && rows.iter().any(|(_, c)| c.code == "CHNE") {
            let mut finding = desk
                .finding(
                    "COD-13",
                    Severity::Query,
                    at,
                    format!(
                        "The ethnic groups of “{}” are those of an old list: it has no row for Chinese.",
                        table.title
                    ),
                )
                .with_help("Please use this year’s list, with Chinese in a row of its own, or explain.")
                .with_label(head.clone(), "old list of ethnic groups");
            finding.consequences = table.columns.len();
            desk.add(finding);
            faults.extend(rows.iter().filter(|(_, c)| c.code == "CHNE").map(|(i, _)| (*i, "COD-13")));
            rows.retain(|(_, c)| c.code != "CHNE");
        }
    }
    if rows.is_empty() {
        return faults;
    }
    let names: Vec<String> = rows.iter().map(|(_, c)| format!("“{}”", c.label)).collect();
    let message = match names.as_slice() {
        [one] => format!("The row {one} is missing from “{}”.", table.title),
        _ => format!("{} rows are missing from “{}”: {}.", names.len(), table.title, several(&names, 8)),
    };
    let mut finding: Finding = desk
        .finding("TAB-12", Severity::Error, at, message)
        .with_help("Please put the missing rows back. If there were none, please type 0.")
        .with_label(head, format!("headings of “{}”", table.title));
    finding.consequences = rows.len() * table.columns.len();
    finding.expected = Some(several(&names, 8));
    desk.add(finding);
    faults.extend(rows.iter().map(|(i, _)| (*i, "TAB-12")));
    faults
}
