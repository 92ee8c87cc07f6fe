//! What people do not see when they open the file: hidden rows, columns and sheets, a filter left on, values under merged
//! cells (D49 to D51). Each is said; figures that were taken from hidden rows and columns are asked about.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::words::{quote, several};
use super::{Layouts, Return};
use crate::cell::{Address, Cell, Pointer, column_letters};
use crate::figure::{Bare, Figure};
use crate::finding::{Finding, Findings, Place, Reach, Severity};
use crate::schema::model::Section;
use crate::workbook::{LISTS, OURS, Sheet, SheetState, Workbook};

/// How many rows, cells or sheets a sentence names, and a note marks.
const NAMED: usize = 6;
/// Why a value under a merged cell is no figure.
pub(super) const COVERED: &str = "it lies under a merged cell, where nobody sees it";

/// The workbook without the values that lie under merged cells, and where they were: what another cell covers is no figure.
pub(super) fn uncovered(mut workbook: Cow<'_, Workbook>) -> (Cow<'_, Workbook>, Vec<Address>) {
    let mut all = Vec::new();
    for index in 0..workbook.sheets.len() {
        let Some(cells) = workbook.sheets.get(index).map(covered).filter(|cells| !cells.is_empty()) else { continue };
        if let Some(sheet) = workbook.to_mut().sheets.get_mut(index) {
            cells.iter().for_each(|cell| drop(sheet.cells.remove(cell)));
        }
        all.extend(cells.into_iter().map(|cell| Address::new(index, cell)));
    }
    (workbook, all)
}

/// The cells of merged regions, but for the first of each, that hold something. Row by row, with the columns that are
/// merged there put together, so that a file full of overlapping regions costs no more than another.
fn covered(sheet: &Sheet) -> Vec<Cell> {
    let mut regions: Vec<(Cell, Cell)> = sheet.merges.iter().filter(|(first, last)| first <= last).copied().collect();
    regions.sort_unstable();
    let firsts: BTreeSet<Cell> = regions.iter().map(|(first, _)| *first).collect();
    let mut waiting = regions.into_iter().peekable();
    let mut open: Vec<(Cell, Cell)> = Vec::new();
    let mut spans: Vec<(u32, u32)> = Vec::new();
    let mut row = None;
    let mut found = Vec::new();
    for (cell, _) in sheet.cells.iter().filter(|(_, entry)| !entry.is_blank()) {
        if row != Some(cell.row) {
            row = Some(cell.row);
            let before = open.len();
            open.retain(|(_, last)| last.row >= cell.row);
            let mut changed = open.len() < before;
            while let Some(region) = waiting.next_if(|(first, _)| first.row <= cell.row) {
                if region.1.row >= cell.row {
                    open.push(region);
                    changed = true;
                }
            }
            if changed {
                spans = joined(open.iter().map(|(first, last)| (first.column, last.column)).collect());
            }
        }
        let after = spans.partition_point(|(first, _)| *first <= cell.column);
        let inside = after.checked_sub(1).and_then(|i| spans.get(i)).is_some_and(|(_, last)| cell.column <= *last);
        if inside && !firsts.contains(cell) {
            found.push(*cell);
        }
    }
    found
}

/// Spans of columns in order, those that overlap as one.
fn joined(mut spans: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    spans.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::new();
    for (first, last) in spans {
        match out.last_mut().filter(|(_, end)| first <= *end) {
            Some((_, end)) => *end = last.max(*end),
            None => out.push((first, last)),
        }
    }
    out
}

/// Says what is not seen, once the figures are known.
pub(super) fn tell(
    workbook: &Workbook,
    covered: &[Address],
    out: &Return,
    layouts: &Layouts<'_>,
    findings: &mut Findings,
) {
    let form = (layouts.sections)(&out.kind, &out.year).unwrap_or_default();
    let sections: Vec<&Section> = std::iter::once(layouts.cover).chain(form).collect();
    let [mut lines, mut filters, mut hidden, mut under] =
        [Told::default(), Told::default(), Told::default(), Told::default()];
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let name = quote(&sheet.name);
        match sheet.state {
            SheetState::Visible => {}
            SheetState::Hidden | SheetState::VeryHidden if is_said(workbook, index, sheet, findings) => continue,
            SheetState::Hidden => {
                hidden.add(index, name);
                continue;
            }
            SheetState::VeryHidden => {
                hidden.add(index, format!("{name} (which no menu of Excel shows)"));
                continue;
            }
        }
        let (mut rows, mut columns) = (held(sheet, Line::Row), held(sheet, Line::Column));
        if sheet.filtered {
            // What a filter hides, a button on the sheet says.
            let hides = if rows.is_empty() { String::new() } else { format!(" (it hides {})", Line::Row.words(&rows)) };
            filters.add(index, format!("{name}{hides}"));
            rows.clear();
        }
        if let Some((key, figures)) = figures(index, &rows, &columns, out, &sections) {
            let at = |line: Line, all: &mut BTreeSet<u32>| {
                let own: BTreeSet<u32> = figures.iter().filter_map(|f| f.cell).map(|a| line.of(a.cell)).collect();
                let used: BTreeSet<u32> = own.intersection(all).copied().collect();
                all.retain(|n| !used.contains(n));
                used
            };
            let used = (at(Line::Row, &mut rows), at(Line::Column, &mut columns));
            findings.add(asked(&key, &name, [&used.0, &used.1], &figures, out));
        }
        if !rows.is_empty() || !columns.is_empty() {
            lines.add(index, format!("{} of {name}", both([&rows, &columns])));
        }
    }
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let cells: Vec<String> = covered.iter().filter(|at| at.sheet == index).map(|at| at.cell.to_string()).collect();
        if !cells.is_empty() {
            under.add(index, format!("{} of {}", several(&cells, NAMED), quote(&sheet.name)));
        }
    }
    under.places = covered.iter().map(|at| Place::Cell(*at)).collect();
    lines.say(
        "hidden-lines",
        |which| format!("Hidden, but read like the rest: {which}."),
        "Nothing to do, unless something there should not have been sent.",
        findings,
    );
    filters.say(
        "filter",
        |which| format!("There is a filter on the sheet {which}. All rows were read, not only those that are seen."),
        "Nothing to do if all rows belong to the return. In Excel, Data, Clear shows them.",
        findings,
    );
    hidden.say(
        "hidden-sheets",
        |which| format!("We read no figures from hidden sheets: {which}."),
        "Nothing to do, unless one of them belongs to the return: then unhide it and send the file again.",
        findings,
    );
    under.say(
        "merged",
        |which| format!("Passed over, because it lies under merged cells, where nobody sees it: what stands in {which}."),
        "Nothing to do, unless a figure is among it: then take the merged cell apart (Unmerge Cells), so that each figure \
         has its own cell.",
        findings,
    );
}

/// One thing that is not seen, wherever it is in the file.
#[derive(Default)]
struct Told {
    places: Vec<Place>,
    names: Vec<String>,
}

impl Told {
    fn add(&mut self, sheet: usize, name: String) {
        self.places.push(Place::Sheet(sheet));
        self.names.push(name);
    }

    /// FIL-08.
    fn say(self, key: &str, message: impl Fn(&str) -> String, help: &str, findings: &mut Findings) {
        if self.names.is_empty() {
            return;
        }
        let at = Pointer::section("file").child(key);
        let message = message(&several(&self.names, NAMED));
        let note = Finding::new("FIL-08", Severity::Note, at, Reach::Submission, message).with_help(help);
        findings.add(self.places.into_iter().take(NAMED).fold(note, |note, place| note.with_label(place, "not seen")));
    }
}

/// Whether a hidden sheet is nobody's concern: it holds nothing, we hid it ourselves, or it has been told of.
fn is_said(workbook: &Workbook, index: usize, sheet: &Sheet, findings: &Findings) -> bool {
    let ours = sheet.name == LISTS && (workbook.properties.contains_key(OURS) || workbook.names.contains_key(OURS));
    let empty = || sheet.cells.values().all(|entry| entry.is_blank());
    let told = |f: &Finding| f.rule.as_str() == "TPL-03" && f.labels.iter().any(|l| l.place == Place::Sheet(index));
    ours || empty() || findings.list().iter().any(told)
}

/// A row or a column.
#[derive(Clone, Copy)]
enum Line {
    Row,
    Column,
}

impl Line {
    fn of(self, cell: Cell) -> u32 {
        match self {
            Self::Row => cell.row,
            Self::Column => cell.column,
        }
    }

    fn is_hidden(self, sheet: &Sheet, cell: Cell) -> bool {
        match self {
            Self::Row => sheet.hidden_rows.contains(&cell.row),
            Self::Column => sheet.hidden_columns.contains(&cell.column),
        }
    }

    /// `row 9`, `rows 9, 12 to 14 and 20`.
    fn words(self, lines: &BTreeSet<u32>) -> String {
        let (one, many) = match self {
            Self::Row => ("row", "rows"),
            Self::Column => ("column", "columns"),
        };
        let name = |n: u32| match self {
            Self::Row => (u64::from(n) + 1).to_string(),
            Self::Column => column_letters(n),
        };
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for line in lines {
            match runs.last_mut().filter(|(_, last)| last + 1 == *line) {
                Some((_, last)) => *last = *line,
                None => runs.push((*line, *line)),
            }
        }
        let run = |(first, last): &(u32, u32)| match last - first {
            0 => vec![name(*first)],
            1 => vec![name(*first), name(*last)],
            _ => vec![format!("{} to {}", name(*first), name(*last))],
        };
        let noun = if lines.len() == 1 { one } else { many };
        format!("{noun} {}", several(&runs.iter().flat_map(run).collect::<Vec<_>>(), NAMED))
    }
}

/// Hidden rows or columns that hold something: others are nobody's concern.
fn held(sheet: &Sheet, line: Line) -> BTreeSet<u32> {
    let filled = sheet.cells.iter().filter(|(_, entry)| !entry.is_blank()).map(|(cell, _)| *cell);
    filled.filter(|cell| line.is_hidden(sheet, *cell)).map(|cell| line.of(cell)).collect()
}

fn both([rows, columns]: [&BTreeSet<u32>; 2]) -> String {
    let mut words = Vec::new();
    if !rows.is_empty() {
        words.push(Line::Row.words(rows));
    }
    if !columns.is_empty() {
        words.push(Line::Column.words(columns));
    }
    words.join(" and ")
}

/// The section that a sheet was read as, and its figures in hidden rows and columns; those that we work out are left out,
/// because ours count.
fn figures<'a>(
    sheet: usize,
    rows: &BTreeSet<u32>,
    columns: &BTreeSet<u32>,
    out: &'a Return,
    sections: &[&Section],
) -> Option<(String, Vec<&'a Figure>)> {
    let (key, _) = out.sheets.iter().find(|(_, index)| **index == sheet)?;
    let section = sections.iter().find(|section| section.key == *key)?;
    let is_returned = |f: &&Figure| {
        let segments: Vec<String> = f.pointer.segments().skip(1).collect();
        section.measure(&segments).is_some_and(|m| !m.derived)
    };
    let is_hidden = |a: &Address| a.sheet == sheet && (rows.contains(&a.cell.row) || columns.contains(&a.cell.column));
    let mut found: Vec<&Figure> = out
        .figures
        .values()
        .filter(|f| f.bare != Bare::Blank && f.cell.as_ref().is_some_and(is_hidden))
        .filter(is_returned)
        .collect();
    found.sort_by_key(|f| f.cell);
    (!found.is_empty()).then(|| (key.clone(), found))
}

/// FIL-10: figures that nobody sees were used; one question for each sheet.
fn asked(key: &str, sheet: &str, lines: [&BTreeSet<u32>; 2], figures: &[&Figure], out: &Return) -> Finding {
    let at = Pointer::section(key);
    let is = if lines[0].len() + lines[1].len() == 1 { "is" } else { "are" };
    let said = |f: &&Figure| format!("“{}”: {}", out.words(&f.pointer), f.typed);
    let what = match figures {
        [one] => format!("It holds a figure, which we used: {}", said(one)),
        [first, ..] => format!("{} figures stand there, and we used them; the first is {}", figures.len(), said(first)),
        [] => String::new(),
    };
    let lines = both(lines);
    let message = format!("On the sheet {sheet}, {lines} {is} hidden. {what}.");
    let mut finding = Finding::new("FIL-10", Severity::Query, at, Reach::section(key), message).with_help(
        "If what is hidden belongs to the return, unhide it (select what lies around it, right-click, Unhide) and send the \
         file again, or say on the sheet “Explanations” that it does. If it does not, delete it.",
    );
    for figure in figures {
        finding = finding.with_label(Place::Figure(figure.pointer.clone()), format!("{}, hidden", said(figure)));
        finding.state.push((figure.pointer.clone(), figure.typed.clone()));
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::Entry;

    fn cell(text: &str) -> Cell {
        text.parse().unwrap_or_else(|_| Cell::new(0, 0))
    }

    #[test]
    fn only_what_another_cell_covers_is_taken_out() {
        let mut sheet = Sheet::default();
        for place in ["A1", "A2", "B2", "C2", "B3", "D3", "B4", "A5"] {
            sheet.cells.insert(cell(place), Entry::number(1.0));
        }
        sheet.merges = vec![(cell("A2"), cell("B3")), (cell("B3"), cell("C4")), (cell("A5"), cell("A5"))];
        let found: Vec<String> = covered(&sheet).iter().map(ToString::to_string).collect();
        // B3 begins a region of its own, though it lies in another: it is seen.
        assert_eq!(found, ["B2", "B4"]);
    }

    #[test]
    fn rows_that_follow_one_another_are_told_together() {
        let words = |lines: &[u32]| Line::Row.words(&lines.iter().copied().collect());
        assert_eq!(words(&[8]), "row 9");
        assert_eq!(words(&[8, 11, 12, 13, 19]), "rows 9, 12 to 14 and 20");
        assert_eq!(Line::Column.words(&BTreeSet::from([2, 3])), "columns C and D");
    }
}
