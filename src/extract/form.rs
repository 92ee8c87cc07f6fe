//! Labels with a value beside them. The value is the nearest cell to the right that is no label, or the one under a
//! heading such as “Figure” or the reporting year.

use std::collections::{BTreeMap, BTreeSet};

use super::column::{self, is_flag};
use super::desk::{Desk, Slot};
use super::heading::{self, How, Names};
use super::words::{cut, fold, quote};
use super::{Change, Drift, Part, lines, printed, tidy};
use crate::cell::{Cell, Pointer};
use crate::finding::Severity;
use crate::schema::model::Measure;

/// A row of headings over a block of labels.
#[derive(Debug, Default)]
struct Head {
    values: Vec<u32>,
    years: Vec<(u32, String)>,
    flags: Vec<u32>,
    notes: Vec<u32>,
    units: Vec<u32>,
}

/// A label that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    measure: usize,
    pub cell: Cell,
    how: How,
}

/// Where a label's value and what belongs to it stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Spot {
    pub value: Option<Cell>,
    flag: Option<Cell>,
    note: Option<Cell>,
    units: Vec<Cell>,
    other_years: Vec<Cell>,
    /// Its only figures stand under another year's heading.
    not_ours: Option<(Cell, String)>,
}

/// Reads all labelled values of a section, from the cells that no table or list has taken.
pub(super) fn read(desk: &mut Desk<'_>, measures: &[&Measure]) {
    if measures.is_empty() {
        return;
    }
    let names = Names::of(measures.iter().copied());
    let heads = heads(desk);
    let labels = labels(desk, measures, &names);
    let cells: BTreeSet<Cell> = labels.iter().map(|l| l.cell).collect();
    let common = common_columns(desk, &labels, &cells, &heads);
    let mut missing: Vec<&Measure> = Vec::new();
    let mut printed: Vec<printed::Unit> = Vec::new();
    let mut not_ours: Vec<(Cell, String)> = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        let pointer = column::pointer(&desk.root, measure);
        let words = column::words(measure);
        let mut own: Vec<(Label, Spot)> = labels
            .iter()
            .filter(|l| l.measure == i)
            .map(|l| (*l, spot(desk, l.cell, measure, &cells, &heads, &common)))
            .collect();
        let filled = |desk: &Desk<'_>, spot: &Spot| spot.value.is_some_and(|c| desk.grid.filled(c));
        own.sort_by_key(|(l, s)| (l.how, !filled(desk, s), l.cell));
        let Some((label, spot)) = own.first().cloned() else {
            let fault = (measure.required && !measure.derived).then_some("TPL-02");
            if fault.is_some() {
                missing.push(measure);
            }
            desk.lose(pointer, words, None, fault);
            continue;
        };
        recognised(desk, label, &pointer, &words);
        let again: Vec<(Label, Spot)> = own.iter().skip(1).filter(|(_, s)| filled(desk, s)).cloned().collect();
        let fault = lines::double(desk, &pointer, &words, (label, &spot), &again);
        for (label, spot) in own.iter().skip(1) {
            desk.label(label.cell);
            for cell in spot.value.iter().chain(&spot.flag).chain(&spot.note).chain(&spot.units) {
                desk.pass(*cell, "the same label stands there twice");
            }
        }
        // A number is no unit: it is left for the sweep to name.
        for cell in spot.units.iter().filter(|c| !tidy::is_number(&desk.grid.text(**c))) {
            desk.label(*cell);
        }
        for cell in &spot.other_years {
            desk.pass(*cell, "another year");
        }
        if let Some((cell, year)) = spot.not_ours {
            let typed = desk.grid.filled(cell);
            desk.pass(cell, "another year");
            not_ours.extend(typed.then_some((cell, year)));
            desk.lose(pointer, words, None, (typed || measure.required && !measure.derived).then_some("TPL-02"));
            continue;
        }
        printed.extend(spot.units.iter().filter_map(|c| printed::unit(desk, *c, measure, &pointer, spot.value)));
        let Spot { value: cell, flag, note, .. } = spot;
        desk.take(Slot { pointer, words, measure, cell, flag, note, fault });
    }
    printed::say(desk, printed);
    if !not_ours.is_empty() {
        lines::another_year(desk, not_ours);
    }
    if !missing.is_empty() {
        let columns: BTreeSet<u32> = labels.iter().map(|l| l.cell.column).collect();
        lines::absent(desk, &missing, &columns);
    }
}

/// Rows of headings: `Measure | Figure | Status | Note | Unit`, or years.
fn heads(desk: &mut Desk<'_>) -> BTreeMap<u32, Head> {
    let grid = desk.grid;
    let mut heads = BTreeMap::new();
    for (row, columns) in grid.rows() {
        let mut head = Head::default();
        let years = heading::years(grid, row);
        let mut labels = 0;
        let mut known: Vec<Cell> = Vec::new();
        for column in columns {
            let cell = Cell::new(row, *column);
            if desk.used(cell) {
                continue;
            }
            let Some(word) = grid.word(cell) else { continue };
            match word {
                "figure" | "figures" | "value" | "values" | "answer" | "response" | "your figure" | "number"
                | "amount" => {
                    head.values.push(*column);
                }
                "measure" | "measures" | "item" | "question" | "field" | "indicator" | "description" => labels += 1,
                "note" | "notes" | "comment" | "comments" | "footnote" | "remark" | "remarks" => {
                    head.notes.push(*column)
                }
                "unit" | "units" | "unit of count" => head.units.push(*column),
                other if is_flag(other) => head.flags.push(*column),
                _ => match years.iter().find(|(c, _)| c == column).filter(|_| !desk.year.is_empty()) {
                    Some((_, name)) => head.years.push((*column, name.clone())),
                    None => continue,
                },
            }
            known.push(cell);
        }
        let beside = labels + head.flags.len() + head.notes.len() + head.units.len();
        // A year by itself in a row says whose the figures under it are.
        let over = |column: &u32| grid.rows_between(row, row + 3).iter().any(|r| grid.filled(Cell::new(*r, *column)));
        let alone = columns.len() == 1 && columns.iter().all(over);
        let is_head = (!head.values.is_empty() && beside + head.years.len() > 0)
            || (head.years.len() > 1 || (head.years.len() == 1 && (labels > 0 || alone)))
            || (labels > 0 && head.flags.len() + head.notes.len() > 0);
        if is_head {
            for cell in known {
                desk.label(cell);
            }
            heads.insert(row, head);
        }
    }
    heads
}

fn labels(desk: &Desk<'_>, measures: &[&Measure], names: &Names) -> Vec<Label> {
    let grid = desk.grid;
    let mut labels = Vec::new();
    let mut rest: Vec<(Cell, &str)> = Vec::new();
    for (cell, _) in grid.cells().filter(|(cell, _)| grid.is_text(*cell)) {
        let Some(word) = grid.word(cell).filter(|_| !desk.used(cell)) else { continue };
        let dated = || names.find_with_year(word, None).filter(|(_, year)| *year == desk.year);
        match names.find(word, None).or_else(|| dated().map(|(measure, _)| (measure, How::Year))) {
            Some((measure, how)) => labels.push(Label { measure, cell, how }),
            None => rest.push((cell, word)),
        }
    }
    let columns: BTreeSet<u32> = labels.iter().map(|l| l.cell.column).collect();
    let found: BTreeSet<usize> = labels.iter().map(|l| l.measure).collect();
    for (cell, word) in rest {
        if !columns.is_empty() && !columns.contains(&cell.column) {
            continue;
        }
        if let Some(measure) = names.near(word).filter(|m| !found.contains(m) && measures.get(*m).is_some()) {
            labels.push(Label { measure, cell, how: How::Near });
        }
    }
    labels
}

/// For each column of labels, the column in which most of their values stand: there a blank one would stand too.
fn common_columns(
    desk: &Desk<'_>,
    labels: &[Label],
    cells: &BTreeSet<Cell>,
    heads: &BTreeMap<u32, Head>,
) -> BTreeMap<u32, u32> {
    let mut counts: BTreeMap<u32, BTreeMap<u32, usize>> = BTreeMap::new();
    for label in labels {
        if head_over(heads, label.cell).is_some() {
            continue;
        }
        let limit = next_label(cells, label.cell);
        if let Some(value) = first_filled(desk, label.cell, limit, None) {
            *counts.entry(label.cell.column).or_default().entry(value.column).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter_map(|(column, by)| {
            by.into_iter().max_by_key(|(c, n)| (*n, std::cmp::Reverse(*c))).map(|(c, _)| (column, c))
        })
        .collect()
}

/// The headings over a label: the nearest above it that have a column for values to its right.
fn head_over(heads: &BTreeMap<u32, Head>, label: Cell) -> Option<&Head> {
    heads
        .range(..label.row)
        .rev()
        .map(|(_, head)| head)
        .find(|h| h.values.iter().chain(h.years.iter().map(|(c, _)| c)).any(|c| *c > label.column))
}

fn next_label(cells: &BTreeSet<Cell>, label: Cell) -> u32 {
    cells
        .range(Cell::new(label.row, label.column + 1)..=Cell::new(label.row, u32::MAX))
        .next()
        .map_or(u32::MAX, |c| c.column)
}

/// The nearest cell to the right that is neither a label nor the measure's unit.
fn first_filled(desk: &Desk<'_>, label: Cell, limit: u32, measure: Option<&Measure>) -> Option<Cell> {
    let is_unit = |cell: Cell| {
        let Some((measure, word)) = measure.zip(desk.grid.word(cell)) else { return false };
        word == fold(&measure.unit) || measure.unit_of_count.as_deref().is_some_and(|u| fold(u) == word)
    };
    let after = desk.grid.right(label);
    let free = |c: &u32| *c > after && *c < limit && !desk.used(Cell::new(label.row, *c));
    let columns: Vec<u32> = desk.grid.row(label.row).iter().copied().filter(free).collect();
    let text_kind = measure.is_some_and(|m| !m.kind.is_number());
    columns.iter().map(|c| Cell::new(label.row, *c)).find(|cell| text_kind || !is_unit(*cell))
}

fn spot(
    desk: &Desk<'_>,
    label: Cell,
    measure: &Measure,
    cells: &BTreeSet<Cell>,
    heads: &BTreeMap<u32, Head>,
    common: &BTreeMap<u32, u32>,
) -> Spot {
    let grid = desk.grid;
    let limit = next_label(cells, label);
    let inside = |c: &u32| *c > label.column && *c < limit;
    let at = |c: u32| Cell::new(label.row, c);
    if let Some(head) = head_over(heads, label) {
        let this_year = head.years.iter().find(|(c, name)| inside(c) && *name == desk.year).map(|(c, _)| *c);
        let value = this_year.or_else(|| head.values.iter().copied().find(|c| inside(c)));
        if let Some(value) = value {
            // Where the columns were reordered, what belongs to the one figure of the row may stand left of it.
            let alone = head.values.len() + head.years.len() == 1;
            let beside = |columns: &[u32]| {
                let right = columns.iter().copied().find(|c| *c > value && inside(c));
                right.or_else(|| columns.iter().copied().find(|c| alone && inside(c))).map(at)
            };
            return Spot {
                value: Some(at(value)),
                flag: beside(&head.flags),
                note: beside(&head.notes),
                units: head.units.iter().copied().filter(inside).map(at).collect(),
                other_years: head
                    .years
                    .iter()
                    .filter(|(c, _)| inside(c) && Some(*c) != this_year && *c != value)
                    .map(|(c, _)| at(*c))
                    .collect(),
                not_ours: None,
            };
        }
        let others: Vec<(Cell, String)> =
            head.years.iter().filter(|(c, _)| inside(c)).map(|(c, year)| (at(*c), year.clone())).collect();
        let filled = others.iter().find(|(cell, _)| grid.filled(*cell)).or(others.first());
        if let Some(not_ours) = filled.cloned() {
            let units = head.units.iter().copied().filter(inside).map(at).collect();
            let cells = others.into_iter().map(|(cell, _)| cell).collect();
            return Spot { units, other_years: cells, not_ours: Some(not_ours), ..Spot::default() };
        }
    }
    let Some(value) = first_filled(desk, label, limit, Some(measure)) else {
        // A formula without a result, or a colour, is there without being filled.
        let after = grid.right(label);
        let silent = (after + 1..limit.min(after + 12)).map(at).find(|c| grid.entry(*c).is_some());
        let usual = common.get(&label.column).copied().filter(inside).map(at);
        return Spot { value: silent.or(usual).or(Some(at(after + 1))), ..Spot::default() };
    };
    let mut spot = Spot { value: Some(value), ..Spot::default() };
    for column in grid.row(label.row).iter().copied().filter(|c| inside(c) && *c != value.column) {
        let cell = at(column);
        if desk.used(cell) {
            continue;
        }
        let unit = grid.word(cell).is_some_and(|w| {
            w == fold(&measure.unit) || measure.unit_of_count.as_deref().is_some_and(|u| fold(u) == w)
        });
        if unit || column < value.column {
            spot.units.push(cell);
        } else if spot.flag.is_none() && tidy::status_letters(&grid.text(cell)).is_ok() {
            spot.flag = Some(cell);
        } else if spot.note.is_none() && grid.is_text(cell) {
            spot.note = Some(cell);
        }
    }
    spot
}

fn recognised(desk: &mut Desk<'_>, label: Label, pointer: &Pointer, words: &str) {
    desk.label(label.cell);
    let typed = desk.grid.text(label.cell);
    let place = desk.place(label.cell);
    let change = match label.how {
        How::Exact | How::Year => None,
        How::Alias => Some(Change::Renamed),
        How::Near => Some(Change::Guessed),
    };
    let drift = |change| Drift::new(Part::Line, change).template(words).found(&typed).at([label.cell]);
    if let Some(change) = change {
        desk.drift(drift(change));
    }
    let mut finding = match label.how {
        How::Exact | How::Year => return,
        How::Alias => desk
            .finding("TPL-04", Severity::Note, pointer, format!("The label {} was read as “{words}”.", quote(&typed)))
            .with_help("Nothing to do if that is right."),
        How::Near => {
            let mut finding = desk
                .finding(
                    "TPL-01",
                    Severity::Query,
                    pointer,
                    format!("The label {} is nearly “{words}”, and we read it so.", quote(&typed)),
                )
                .with_help(format!("Please change the label to “{words}”, or tell us that it means something else."));
            finding.expected = Some(words.to_owned());
            finding.consequences = 1;
            finding
        }
    };
    finding.found = Some(cut(&typed));
    finding.state = vec![(pointer.clone(), cut(&typed))];
    desk.add(finding.with_label(place, format!("label {}", quote(&typed))));
}
