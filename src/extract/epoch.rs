//! Dates of a file that counts days from 1904 and was read as if it counted from 1900 (domain D26), or the other way
//! round: all of them are out by the same 1,462 days, and the period on the cover shows it.

use chrono::{Days, NaiveDate};

use super::tidy::days;
use super::{Return, year};
use crate::cell::{Address, Pointer};
use crate::figure::{Bare, Interval};
use crate::finding::{Finding, Findings, Place, Reach, Severity};
use crate::schema::model::Section;
use crate::workbook::{Value, Workbook};

/// Days between 30 December 1899 and 1 January 1904, the two days from which spreadsheets count.
const APART: i64 = 1_462;

/// Finds out whether the days of the period are out by what lies between the two ways of counting, and by how many days
/// all dates of the file are to be put right. Those of the cover are put right here.
pub(super) fn settle(workbook: &Workbook, cover: &Section, out: &mut Return, findings: &mut Findings) {
    let root = Pointer::section(&cover.key);
    let Some(start) = year::start(&out.year) else { return };
    let day = |y: i32, m: u32, d: u32| NaiveDate::from_ymd_opt(y, m, d);
    let (Some(first), Some(last)) = (day(start, 4, 1), day(start + 1, 3, 31)) else { return };
    let off = |key: &str, right: NaiveDate| {
        let figure = out.figures.get(&root.child(key))?;
        match figure.bare {
            Bare::Date(said) if counted(workbook, figure.cell?) => Some((right - said).num_days()),
            _ => None,
        }
    };
    let Some(shift) = off("period_start", first).filter(|days| days.abs() == APART) else { return };
    if off("period_end", last) != Some(shift) {
        return;
    }
    out.shift = shift;
    let mut labels = Vec::new();
    for figure in out.figures.values_mut().filter(|f| f.pointer.is_within(&root)) {
        let Some(cell) = figure.cell.filter(|cell| counted(workbook, *cell)) else { continue };
        if let Bare::Date(said) = figure.bare {
            let right = shifted(said, shift);
            figure.bare = Bare::Date(right);
            figure.interval = Interval::exact(days(right));
            labels.push((cell, format!("{}, read as {}", figure.typed, right.format("%Y-%m-%d"))));
        }
    }
    labels.sort();
    let others = others(workbook, &labels);
    let (way, from, said) = if shift > 0 { ("early", 1904, 1900) } else { ("late", 1900, 1904) };
    let also = match others {
        0 => String::new(),
        1 => " One date on another sheet is read so, too.".to_owned(),
        n => format!(" {n} dates on other sheets are read so, too."),
    };
    let message = format!(
        "The dates on “{}” are 4 years and 1 day {way}, as happens where a file counts its days from {from} and is read from {said}. We read the period as {} to {}.{also}",
        cover.title,
        first.format("%-d %B %Y"),
        last.format("%-d %B %Y"),
    );
    // Where other sheets hold dates, somebody has to look at them.
    let (rule, severity) = if others == 0 { ("TPL-04", Severity::Note) } else { ("TPL-07", Severity::Query) };
    let at = root.child("period_start");
    let mut finding = Finding::new(rule, severity, at, Reach::section(&cover.key), message)
        .with_help("Look whether the dates shown are right. To mend the file, type its dates again.");
    for (cell, text) in labels {
        finding = finding.with_label(Place::Cell(cell), text);
    }
    findings.add(finding);
}

/// A date moved by so many days.
pub(super) fn shifted(date: NaiveDate, days: i64) -> NaiveDate {
    let by = Days::new(days.unsigned_abs());
    let moved = if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) };
    moved.unwrap_or(date)
}

/// A date that the file counts, not one that is written out.
fn counted(workbook: &Workbook, cell: Address) -> bool {
    workbook.get(cell).is_some_and(|entry| matches!(entry.value, Value::Date(_) | Value::Number(_)))
}

fn others(workbook: &Workbook, cover: &[(Address, String)]) -> usize {
    let own = cover.first().map(|(cell, _)| cell.sheet);
    let sheets = workbook.sheets.iter().enumerate().filter(|(i, _)| Some(*i) != own);
    sheets.map(|(_, s)| s.cells.values().filter(|e| matches!(e.value, Value::Date(_))).count()).sum()
}
