//! What the reader passed over on a sheet, or shows although nobody sees it, and why: one list, for people as lines and
//! for programs as objects.

use std::collections::BTreeMap;
use std::fmt;

use safereturn::cell::{Address, Cell};
use safereturn::workbook::{Sheet, SheetState, Workbook, notation};
use serde::Serialize;

/// How many cells a line for people names.
const NAMED: usize = 20;

/// One thing to know of a sheet. `schemas/out/cells.json` says what there is.
#[derive(Serialize)]
pub(super) struct Remark {
    /// A word for programs.
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// Every cell concerned, where each is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cells: Vec<Cell>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Cell>,
    /// What and why, for people.
    why: String,
}

impl Remark {
    fn sheet(what: &'static str, why: &str) -> Self {
        Self { what, count: None, cells: Vec::new(), last: None, why: why.to_owned() }
    }

    /// `why` goes on behind the count: `cell holds …`, `cells hold …`. Nothing is said of none.
    fn counted(what: &'static str, count: usize, why: [&str; 2]) -> Option<Self> {
        let [one, many] = why;
        let why = if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
        (count > 0).then(|| Self { what, count: Some(count), cells: Vec::new(), last: None, why })
    }

    fn cells(what: &'static str, cells: impl Iterator<Item = Cell>, why: [&str; 2]) -> Option<Self> {
        let cells: Vec<Cell> = cells.collect();
        Self::counted(what, cells.len(), why).map(|remark| Self { cells, ..remark })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        let named: Vec<String> = self.cells.iter().take(NAMED).map(Cell::to_string).collect();
        match (named.is_empty(), self.cells.len().saturating_sub(NAMED)) {
            (true, _) => Ok(()),
            (false, 0) => write!(f, ": {}", named.join(", ")),
            (false, more) => write!(f, ": {} and {more} more", named.join(", ")),
        }
    }
}

/// The values that nobody sees, each with the merged region that hides it.
pub(super) fn under_merges(workbook: &Workbook) -> BTreeMap<Address, (Cell, Cell)> {
    let mut under = BTreeMap::new();
    workbook.under_merges(|address, region| {
        under.insert(address, region);
    });
    under
}

/// What there is to say of a sheet.
pub(super) fn of(workbook: &Workbook, index: usize, merged: &BTreeMap<Address, (Cell, Cell)>) -> Vec<Remark> {
    let Some(sheet) = workbook.sheets.get(index) else { return Vec::new() };
    let omitted = &sheet.omitted;
    let mut remarks = Vec::new();
    if omitted.no_cells {
        remarks.push(Remark::sheet("no cells", "this sheet is a chart or a dialogue and has no cells"));
    }
    match sheet.state {
        SheetState::Visible => {}
        SheetState::Hidden | SheetState::VeryHidden => remarks.push(Remark::sheet(
            "hidden",
            "the sheet is hidden: no figure is taken from it, it is only looked through for personal data",
        )),
    }
    remarks.extend(empties(sheet));
    let under = merged.range(Address::new(index, Cell::new(0, 0))..Address::new(index + 1, Cell::new(0, 0)));
    remarks.extend(Remark::cells(
        "merged",
        under.map(|(address, _)| address.cell),
        [
            "value stands under merged cells, where nobody sees it; it is read like the others",
            "values stand under merged cells, where nobody sees them; they are read like the others",
        ],
    ));
    let mut reasons: BTreeMap<&str, Vec<Cell>> = BTreeMap::new();
    for (cell, why) in &omitted.unreadable {
        reasons.entry(why).or_default().push(*cell);
    }
    for (why, cells) in reasons {
        let words = [format!("damaged cell {why}"), format!("damaged cells, each of which {why}")];
        remarks.extend(Remark::cells("unreadable", cells.into_iter(), words.each_ref().map(String::as_str)));
    }
    let texts = ["text held control characters", "texts held control characters"];
    let texts = texts.map(|text| format!("{text}, which were taken out"));
    let controls = omitted.controls.iter().copied();
    remarks.extend(Remark::cells("controls", controls, texts.each_ref().map(String::as_str)));
    remarks.extend(Remark::cells(
        "comments",
        sheet.comments.keys().copied(),
        ["comment is shown; no figure is taken from it", "comments are shown; no figure is taken from them"],
    ));
    remarks
}

/// Cells that look empty. What is far away is counted among the first two as well.
fn empties(sheet: &Sheet) -> impl Iterator<Item = Remark> {
    let omitted = &sheet.omitted;
    let formatted = sheet.dropped.saturating_sub(omitted.spaces);
    let formatted = Remark::counted(
        "formatting",
        formatted,
        ["cell has formatting and nothing else", "cells have formatting and nothing else"],
    );
    let spaces = Remark::counted("spaces", omitted.spaces, ["cell holds spaces only", "cells hold spaces only"]);
    let far = omitted.last_ghost.and_then(|last| {
        let why = format!("of these far from the figures, the last in {last}; nothing needs to be done");
        Remark::counted("far", omitted.ghosts, [&why, &why]).map(|remark| Remark { last: Some(last), ..remark })
    });
    [formatted, spaces, far].into_iter().flatten()
}

/// Text on one line, with nothing in it that could steer a terminal.
pub(super) fn line(text: &str) -> String {
    let seen = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if notation::is_unseen(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(seen).collect()
}
