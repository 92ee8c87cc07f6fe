//! A row that stands in a table more than once (domain D48, TAB-10): the same, once without figures, or with others.

use super::column::Column;
use super::desk::Desk;
use super::words::several;
use crate::cell::{Cell, Pointer};
use crate::finding::Severity;
use crate::schema::model::Table;

/// Which of several rows of one label is read, and the rule that speaks where they differ.
pub(super) fn settle(
    desk: &mut Desk<'_>,
    at: &Pointer,
    table: &Table,
    columns: &[Column],
    (first, others): (u32, &[u32]),
    code: usize,
    key: u32,
) -> (u32, Option<&'static str>) {
    let Some(code) = table.rows.codes.get(code) else { return (first, None) };
    let at_columns: Vec<u32> = columns.iter().filter_map(|c| c.at).collect();
    let values = |row: u32| at_columns.iter().map(|c| desk.grid.text(Cell::new(row, *c))).collect::<Vec<String>>();
    let rows: Vec<(u32, Vec<String>)> =
        std::iter::once(first).chain(others.iter().copied()).map(|row| (row, values(row))).collect();
    let filled: Vec<&(u32, Vec<String>)> = rows.iter().filter(|(_, v)| v.iter().any(|t| !t.is_empty())).collect();
    let read = filled.first().map_or(first, |(row, _)| *row);
    let differ = filled.windows(2).any(|w| matches!(w, [a, b] if a.1 != b.1));
    for (row, _) in rows.iter().filter(|(row, _)| *row != read) {
        for column in &at_columns {
            desk.pass(Cell::new(*row, *column), "a row that stands there more than once");
        }
    }
    let times = if rows.len() == 2 { "twice".to_owned() } else { format!("{} times", rows.len()) };
    let numbers: Vec<String> = rows.iter().map(|(row, _)| (row + 1).to_string()).collect();
    let message = format!("“{}” stands {times} in “{}”, in the rows {}", code.label, table.title, several(&numbers, 6));
    let mut finding = if differ {
        desk.finding("TAB-10", Severity::Error, &at.child(&code.code), format!("{message}, with different figures."))
            .with_help("Please keep the right row and delete the other, or add the two up in one row.")
    } else {
        let how = if filled.len() == rows.len() {
            "with the same figures; we read it once".to_owned()
        } else {
            format!("but not each time with figures; we read row {}", read + 1)
        };
        desk.finding("TPL-04", Severity::Note, &at.child(&code.code), format!("{message}, {how}."))
            .with_help("Nothing to do if that is right.")
    };
    for (row, values) in &rows {
        let said = format!("{}: {}", code.label, several(values, 4));
        finding = finding.with_label(desk.place(Cell::new(*row, key)), said);
    }
    desk.add(finding);
    (read, differ.then_some("TAB-10"))
}
