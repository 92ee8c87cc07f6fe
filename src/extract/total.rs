//! A row of totals in a table (domain D44): not counted twice, but compared with what the rows add up to.

use super::column::{self, Column};
use super::desk::Desk;
use super::locate::Block;
use super::tidy;
use super::words::{quote, several};
use crate::cell::{Cell, Pointer};
use crate::figure::format_plain;
use crate::finding::Severity;
use crate::schema::model::{Kind, Table};

/// A row that adds up the others (TAB-11): not counted twice. One that says more than the rows do is asked about: a row
/// is missing or wrong. One that says less may count each child once where the rows count some twice.
pub(super) fn read(desk: &mut Desk<'_>, at: &Pointer, table: &Table, columns: &[Column], block: &Block, cell: Cell) {
    let typed = desk.grid.text(cell);
    let mut more: Vec<(Cell, String, String)> = Vec::new();
    let mut less: Vec<String> = Vec::new();
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
        } else if said.is_finite() && said < sum - 1e-9 {
            less.push(format!(
                "{} under “{words}”, where the rows add up to {}",
                desk.grid.text(here),
                format_plain(sum)
            ));
        }
    }
    for column in columns.iter().filter_map(|c| c.at).chain([block.key]) {
        desk.pass(Cell::new(cell.row, column), "a total row; totals are ours to add up");
    }
    let message =
        format!("The row {} of “{}” looks like a total and was not counted twice.", quote(&typed), table.title);
    if more.is_empty() {
        // A subtotal says less, and so does a total of children who may stand in two rows.
        let (message, help) = if less.is_empty() {
            (message, "Nothing to do.")
        } else {
            let message = format!("{message} It says {}.", several(&less, 6));
            (message, "Nothing to do if it adds up some of the rows only, or counts each child once.")
        };
        let finding = desk
            .finding("TAB-11", Severity::Note, at, message)
            .with_help(help)
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
