//! What is to be said of labelled lines that are not there, that stand there twice, or under another year only. How
//! they are found is `form`'s business.

use std::collections::BTreeSet;

use super::column;
use super::desk::Desk;
use super::form::{Label, Spot};
use super::words::{cut, quote, several};
use super::{Change, Drift, Part};
use crate::cell::{Cell, Pointer, ranges};
use crate::finding::{Place, Severity};
use crate::schema::model::Measure;

/// Most lines of unknown words that are shown where lines of the template are missing.
const MOST_UNKNOWN: usize = 6;

/// The same label twice, with a value each (D40).
pub(super) fn double(
    desk: &mut Desk<'_>,
    pointer: &Pointer,
    words: &str,
    first: (Label, &Spot),
    again: &[(Label, Spot)],
) -> Option<&'static str> {
    let text = |spot: &Spot| spot.value.map(|c| desk.grid.text(c)).unwrap_or_default();
    let own = text(first.1);
    if again.is_empty() {
        return None;
    }
    let cells = std::iter::once(first.0.cell).chain(again.iter().map(|(l, _)| l.cell));
    desk.drift(Drift::new(Part::Line, Change::Twice).template(words).at(cells));
    let differs = again.iter().any(|(_, spot)| text(spot) != own);
    let values: Vec<String> =
        std::iter::once(&own).chain(&again.iter().map(|(_, s)| text(s)).collect::<Vec<_>>()).map(|t| cut(t)).collect();
    let mut finding = if differs {
        desk.finding(
            "TPL-06",
            Severity::Error,
            pointer,
            format!("“{words}” stands there twice, with different values: {}.", values.join(" and ")),
        )
        .with_help("Please keep the right one and delete the other.")
    } else {
        desk.finding("TPL-04", Severity::Note, pointer, format!("“{words}” stands there twice, with the same value."))
            .with_help("Nothing to do if that is right.")
    };
    let all = std::iter::once((first.0, first.1)).chain(again.iter().map(|(l, s)| (*l, s)));
    for (label, spot) in all {
        let cell = spot.value.unwrap_or(label.cell);
        finding = finding.with_label(desk.place(cell), format!("{words}: {}", cut(&text(spot))));
    }
    desk.add(finding);
    differs.then_some("TPL-06")
}

/// Figures of another year only: they are not this year's, however they are typed.
pub(super) fn another_year(desk: &mut Desk<'_>, cells: Vec<(Cell, String)>) {
    let mut years: Vec<String> = cells.iter().map(|(_, year)| format!("“{year}”")).collect();
    years.sort();
    years.dedup();
    let message = format!(
        "The figures {} of “{}” stand under {}, but this return is for {}: we did not read them.",
        several(&ranges(cells.iter().map(|(cell, _)| *cell)), 6),
        desk.section.title,
        several(&years, 3),
        desk.year
    );
    let help = format!(
        "If they are this year’s, please correct the heading to {}. If not, please type this year’s figures.",
        desk.year
    );
    let root = desk.root.clone();
    let mut finding = desk.finding("TPL-02", Severity::Error, &root, message).with_help(help);
    finding.found = Some(several(&years, 3));
    finding.expected = Some(desk.year.clone());
    finding.consequences = cells.len();
    for (cell, year) in cells.iter().take(MOST_UNKNOWN) {
        finding = finding.with_label(desk.place(*cell), format!("under {year}"));
    }
    desk.add(finding);
}

/// Labels that are not on the sheet: one finding for all of them.
pub(super) fn absent(desk: &mut Desk<'_>, missing: &[&Measure], columns: &BTreeSet<u32>) {
    let names: Vec<String> = missing.iter().map(|m| format!("“{}”", column::words(m))).collect();
    let message = match names.as_slice() {
        [one] => format!("The line {one} is missing from “{}”.", desk.section.title),
        _ if columns.is_empty() => {
            format!("We could not find any of the lines of “{}”, such as {}.", desk.section.title, several(&names, 4))
        }
        _ => format!("{} lines are missing from “{}”: {}.", names.len(), desk.section.title, several(&names, 8)),
    };
    let unknown = unknown(desk, columns);
    let shown: Vec<Cell> = unknown.iter().copied().take(MOST_UNKNOWN).collect();
    let likely: Vec<String> = shown.iter().map(|c| format!("{} ({c})", quote(&desk.grid.text(*c)))).collect();
    let maybe = match (likely.as_slice(), names.len()) {
        ([], _) => String::new(),
        ([one], 1) => format!(" The line {one} is not on the template; it may be it."),
        ([one], _) => format!(" The line {one} is not on the template; it may be one of them."),
        (_, 1) => {
            format!(" The lines {} are not on the template; one of them may be it.", several(&likely, MOST_UNKNOWN))
        }
        (_, _) => {
            format!(" The lines {} are not on the template; they may be some of them.", several(&likely, MOST_UNKNOWN))
        }
    };
    for measure in missing {
        let one = likely.first().filter(|_| likely.len() == 1 && names.len() == 1).cloned();
        desk.drift(Drift::new(Part::Line, Change::Missing).template(&column::words(measure)).likely(one));
    }
    let root = desk.root.clone();
    let mut finding = desk
        .finding("TPL-02", Severity::Error, &root, format!("{message}{maybe}"))
        .with_help("Please put the lines back with the words of the template and fill them in.");
    if shown.is_empty() {
        finding = finding.with_label(Place::Sheet(desk.grid.index()), "not found on it");
    }
    for cell in shown {
        let text = format!("{} is not on the template", quote(&desk.grid.text(cell)));
        finding = finding.with_label(desk.place(cell), text.clone());
        desk.drift(Drift::new(Part::Line, Change::Extra).found(&desk.grid.text(cell)).at([cell]));
        // What stands beside it is told with it.
        for column in desk.grid.row(cell.row).iter().copied().filter(|c| *c > cell.column) {
            let beside = Cell::new(cell.row, column);
            if !desk.used(beside) {
                desk.pass(beside, "beside a line that is not on the template");
            }
        }
    }
    finding.expected = Some(several(&names, 8));
    finding.consequences = missing.len();
    desk.add(finding);
}

/// Words among the labels that are none, with something beside them.
fn unknown(desk: &Desk<'_>, columns: &BTreeSet<u32>) -> Vec<Cell> {
    let cells = desk.grid.cells().map(|(cell, _)| cell).filter(|cell| {
        let free = |c: &&u32| **c > cell.column && !desk.used(Cell::new(cell.row, **c));
        let beside = desk.grid.row(cell.row).iter().any(|c| free(&c));
        columns.contains(&cell.column) && desk.grid.is_text(*cell) && !desk.used(*cell) && beside
    });
    cells.collect()
}
