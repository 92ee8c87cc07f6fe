//! The columns of a table or list as found: misspelt, doubled, missing and extra ones (domain D36 to D40).

use std::collections::BTreeMap;

use super::bands::{self, Band, Gap};
use super::desk::Desk;
use super::heading::{Heading, How};
use super::locate::Block;
use super::words::{quote, several};
use super::{Change, Drift, Part, tidy, year};
use crate::cell::{Cell, Pointer, column_letters, ranges};
use crate::finding::Severity;
use crate::schema::model::{CodeList, Measure};

/// Where a measure's column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// `None`: it is not there.
    pub at: Option<u32>,
    /// A column of flags beside it.
    pub flag: Option<u32>,
    /// The rule that already speaks of all its figures.
    pub fault: Option<&'static str>,
}

/// The pointer of a measure under its row, table or section.
pub(super) fn pointer(under: &Pointer, measure: &Measure) -> Pointer {
    measure.path.iter().fold(under.clone(), |p, segment| p.child(segment))
}

/// The words of a measure, its group's before its own.
pub(super) fn words(measure: &Measure) -> String {
    match &measure.group_title {
        Some(group) => format!("{group}: {}", measure.title),
        None => measure.title.clone(),
    }
}

/// Settles which column is which; says what is odd about them once, with the number of figures it touches.
pub(super) fn settle(
    desk: &mut Desk<'_>,
    block: &Block,
    measures: &[Measure],
    at: &Pointer,
    title: &str,
    rows: usize,
    bands: Option<&CodeList>,
) -> Vec<Column> {
    let headings = &block.headings;
    if let Some(title) = block.title {
        desk.label(title);
    }
    for cell in &headings.parents {
        desk.label(*cell);
    }
    let mut by_measure: BTreeMap<usize, Vec<&Heading>> = BTreeMap::new();
    for heading in &headings.found {
        desk.label(heading.cell);
        by_measure.entry(heading.measure).or_default().push(heading);
    }
    let known = headings.found.iter().map(|h| h.column).collect();
    let Extra { flags, odd } = extra(desk, block, at, title, known);
    let is_band = |m: &Measure| bands.is_some_and(|list| list.codes.iter().any(|code| code.code == m.key()));
    let mut those = measures.iter().enumerate().filter(|(_, m)| is_band(m));
    let gap = bands::is_gap(those.clone().map(|(i, _)| by_measure.contains_key(&i)));
    let between = |i: usize, m: &Measure| gap && is_band(m) && !by_measure.contains_key(&i);
    let first_gap = those.find(|(i, m)| between(*i, m)).map(|(_, m)| pointer(at, m));
    let missing =
        |(i, m): &(usize, &Measure)| (m.required && !m.derived && !by_measure.contains_key(i)) || between(*i, m);
    let missing: Vec<&Measure> = measures.iter().enumerate().filter(missing).map(|(_, m)| m).collect();
    // A column of words is no column of figures by another name.
    let (likely, odd): (Vec<Odd>, Vec<Odd>) =
        odd.into_iter().partition(|odd| missing.iter().any(|m| !m.kind.is_number() || odd.figures));
    beyond(desk, at, title, &odd);
    if let Some(place) = first_gap {
        let those = measures.iter().enumerate().filter(|(_, m)| is_band(m));
        let cell = |i| by_measure.get(&i).and_then(|found| found.first()).map(|h| h.cell);
        let bands = those.map(|(i, m)| Band { words: words(m), cell: cell(i) }).collect();
        let odd = likely.iter().map(|odd| (odd.cell, format!("{} ({})", quote(&odd.text), odd.cells)));
        let bare = bare(desk, block).into_iter().map(|cell| (cell, format!("without a heading ({cell})")));
        let odd = odd.chain(bare).collect();
        Gap { place, title, part: Part::Column, bands, odd, figures: rows }.tell(desk);
    }
    let mut columns = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        let place = pointer(at, measure);
        let said = words(measure);
        desk.out.words.insert(place.clone(), format!("{title} · {said}"));
        let Some(found) = by_measure.get_mut(&i) else {
            if gap && is_band(measure) {
                columns.push(Column { at: None, flag: None, fault: Some("TAB-09") });
                continue;
            }
            let missing = measure.required && !measure.derived;
            if missing {
                absent(desk, block, (&place, title, &said), rows, &likely);
            }
            columns.push(Column { at: None, flag: None, fault: missing.then_some("TPL-02") });
            continue;
        };
        found.sort_by_key(|h| (h.how, h.column));
        let first = found[0];
        recognised(desk, first, (&place, title, &said), rows);
        let fault = double(desk, block, found, &place, &said);
        columns.push(Column { at: Some(first.column), flag: flags.get(&first.column).copied(), fault });
    }
    columns
}

fn recognised(desk: &mut Desk<'_>, heading: &Heading, (place, title, said): (&Pointer, &str, &str), rows: usize) {
    let typed = desk.grid.text(heading.cell);
    let change = match heading.how {
        How::Exact | How::Year => None,
        How::Alias => Some(Change::Renamed),
        How::Near => Some(Change::Guessed),
    };
    let drift = |change| Drift::new(Part::Column, change).within(title).template(said).found(&typed).at([heading.cell]);
    if let Some(change) = change {
        desk.drift(drift(change));
    }
    let label = (desk.place(heading.cell), format!("heading {}", quote(&typed)));
    let mut finding = match heading.how {
        How::Year => match year::bare(&desk.grid.text(heading.cell)) {
            Some((typed, name)) => desk
                .finding(
                    "TPL-04",
                    Severity::Note,
                    place,
                    format!("The heading {typed} was read as {name}, the year that ends in it."),
                )
                .with_help("Nothing to do if that is right."),
            None => return,
        },
        How::Exact => return,
        How::Alias => desk
            .finding("TPL-04", Severity::Note, place, format!("The heading {} was read as “{said}”.", quote(&typed)))
            .with_help("Nothing to do if that is right."),
        How::Near => {
            let mut finding = desk
                .finding(
                    "TPL-01",
                    Severity::Query,
                    place,
                    format!("The heading {} is nearly “{said}”, and we read it so.", quote(&typed)),
                )
                .with_help(format!("Please change the heading to “{said}”, or tell us that it means something else."));
            finding.expected = Some(said.to_owned());
            finding.consequences = rows;
            finding
        }
    };
    finding.found = Some(super::words::cut(&typed));
    finding.state = vec![(place.clone(), super::words::cut(&typed))];
    desk.add(finding.with_label(label.0, label.1));
}

/// A column that is not there. One that is there and is none of the template's is the likely one.
fn absent(desk: &mut Desk<'_>, block: &Block, (place, title, said): (&Pointer, &str, &str), rows: usize, odd: &[Odd]) {
    let row = block.headings.bottom;
    // A column that lost its heading is the likely one.
    let bare = bare(desk, block);
    let likely: Vec<String> = odd.iter().map(|odd| format!("{} ({})", quote(&odd.text), odd.cells)).collect();
    let first = likely.first().filter(|_| likely.len() == 1).cloned();
    desk.drift(Drift::new(Part::Column, Change::Missing).within(title).template(said).likely(first));
    let maybe = match likely.as_slice() {
        [] => String::new(),
        [one] => format!(" The column {one} is not on the template; it may be it."),
        _ => format!(" The columns {} are not on the template; one of them may be it.", several(&likely, 4)),
    };
    let (help, labels) = if !odd.is_empty() {
        let labels = odd.iter().map(|odd| (odd.cell, format!("{} is not on the template", quote(&odd.text)))).collect();
        (format!("Please put the heading “{said}” over its column as it is on the template."), labels)
    } else if bare.is_empty() {
        let all = (Cell::new(row, block.key), format!("headings of “{title}”"));
        ("Please put the column back as it is on the template and fill it in.".to_owned(), vec![all])
    } else {
        let labels = bare.iter().map(|cell| (*cell, "a column without a heading".to_owned())).collect();
        (format!("Please put the heading “{said}” back over its column."), labels)
    };
    let mut finding = desk
        .finding("TPL-02", Severity::Error, place, format!("The column “{said}” is missing from “{title}”.{maybe}"))
        .with_help(help);
    for (cell, text) in labels {
        finding = finding.with_label(desk.place(cell), text);
    }
    finding.expected = Some(said.to_owned());
    finding.consequences = rows;
    desk.add(finding);
}

/// Columns with figures and without a heading: the cells where one would stand.
fn bare(desk: &Desk<'_>, block: &Block) -> Vec<Cell> {
    let row = block.headings.bottom;
    let below = desk.grid.rows_between(row, block.end);
    let bare = (block.from..block.to).filter(|column| {
        let head = desk.grid.anchor(Cell::new(row, *column));
        !desk.grid.filled(head) && below.iter().any(|r| desk.grid.filled(Cell::new(*r, *column)))
    });
    bare.map(|column| Cell::new(row, column)).collect()
}

/// A column that stands there twice (D40).
fn double(desk: &mut Desk<'_>, block: &Block, found: &[&Heading], place: &Pointer, said: &str) -> Option<&'static str> {
    let [first, rest @ ..] = found else { return None };
    if rest.is_empty() {
        return None;
    }
    let cells = found.iter().map(|h| h.cell);
    desk.drift(Drift::new(Part::Column, Change::Twice).template(said).at(cells));
    let rows = desk.grid.rows_between(block.headings.bottom, block.end);
    let differs = rows.iter().any(|row| {
        rest.iter().any(|h| desk.grid.text(Cell::new(*row, h.column)) != desk.grid.text(Cell::new(*row, first.column)))
    });
    for heading in rest {
        for row in &rows {
            desk.pass(Cell::new(*row, heading.column), "the same column stands there twice");
        }
    }
    let (rule, severity, message, help) = if differs {
        (
            "TPL-06",
            Severity::Error,
            format!("The column “{said}” stands there twice, with different figures."),
            "Please keep the right one and delete the other.",
        )
    } else {
        (
            "TPL-04",
            Severity::Note,
            format!("The column “{said}” stands there twice, with the same figures; we read the first."),
            "Nothing to do if that is right.",
        )
    };
    let mut finding = desk.finding(rule, severity, place, message).with_help(help);
    for heading in found {
        finding = finding.with_label(desk.place(heading.cell), format!("column {}", column_letters(heading.column)));
    }
    if differs {
        finding.consequences = rows.len();
    }
    desk.add(finding);
    differs.then_some("TPL-06")
}

/// A column that the template does not have.
struct Odd {
    cell: Cell,
    text: String,
    all: Vec<Cell>,
    /// Whether figures stand in it.
    figures: bool,
    /// Its cells in words.
    cells: String,
}

/// What stands in a block besides its own columns.
struct Extra {
    /// Columns of flags, by the column left of each.
    flags: BTreeMap<u32, u32>,
    odd: Vec<Odd>,
}

/// Columns that the template does not have, and columns of flags beside a measure's.
fn extra(desk: &mut Desk<'_>, block: &Block, at: &Pointer, title: &str, known: Vec<u32>) -> Extra {
    let grid = desk.grid;
    let headings = &block.headings;
    let mut flags = BTreeMap::new();
    let mut odd: Vec<Odd> = Vec::new();
    let rows = grid.rows_between(headings.bottom, block.end);
    for column in block.from..block.to {
        let cell = Cell::new(headings.bottom, column);
        if known.contains(&column) || column == block.key {
            desk.label(grid.anchor(cell));
            continue;
        }
        if let Some((_, heading, _)) = headings.other_years.iter().find(|(c, ..)| *c == column) {
            desk.pass(*heading, "another year");
            for row in &rows {
                desk.pass(Cell::new(*row, column), "another year");
            }
            continue;
        }
        let anchor = grid.anchor(cell);
        let Some(word) = grid.word(anchor).filter(|_| anchor.column == column || anchor == cell) else { continue };
        if is_flag(word)
            && let Some(left) = column.checked_sub(1).filter(|left| known.contains(left))
        {
            desk.label(cell);
            flags.insert(left, column);
            continue;
        }
        let below = rows.iter().map(|row| Cell::new(*row, column)).filter(|c| grid.filled(*c));
        let all: Vec<Cell> = std::iter::once(cell).chain(below).collect();
        let figures = all.iter().skip(1).any(|c| tidy::is_number(&grid.text(*c)));
        odd.push(Odd { cell, figures, text: grid.text(anchor), cells: several(&ranges(all.iter().copied()), 3), all });
        desk.pass(anchor, "a column that is not on the template");
        for row in &rows {
            desk.pass(Cell::new(*row, column), "a column that is not on the template");
        }
    }
    if !headings.other_years.is_empty() {
        let mut years: Vec<&str> = headings.other_years.iter().map(|(_, _, year)| year.as_str()).collect();
        years.dedup();
        let years: Vec<String> = years.into_iter().map(str::to_owned).collect();
        let filled = |column: u32| rows.iter().map(move |row| Cell::new(*row, column)).filter(|c| grid.filled(*c));
        let cells = ranges(headings.other_years.iter().flat_map(|(c, head, _)| filled(*c).chain([*head])));
        let cells = several(&cells, 4);
        let message =
            format!("“{title}” has columns of other years, {} ({cells}), which we did not read.", several(&years, 5));
        let mut finding = desk.finding("TPL-03", Severity::Note, at, message).with_help("Nothing to do.");
        for (_, cell, year) in &headings.other_years {
            finding = finding.with_label(desk.place(*cell), year.clone());
        }
        desk.add(finding);
    }
    for odd in &odd {
        desk.drift(Drift::new(Part::Column, Change::Extra).within(title).found(&odd.text).at(odd.all.iter().copied()));
    }
    Extra { flags, odd }
}

/// Columns that the template does not have, where all of its own are there.
fn beyond(desk: &mut Desk<'_>, at: &Pointer, title: &str, odd: &[Odd]) {
    if odd.is_empty() {
        return;
    }
    let names: Vec<String> = odd.iter().map(|odd| format!("{} ({})", quote(&odd.text), odd.cells)).collect();
    let message = match names.as_slice() {
        [one] => format!("“{title}” has a column that is not on the template: {one}. We did not read it."),
        _ => format!(
            "“{title}” has {} columns that are not on the template: {}. We did not read them.",
            names.len(),
            several(&names, 8)
        ),
    };
    let mut finding = desk
        .finding("TPL-03", Severity::Note, at, message)
        .with_help("Nothing to do, unless something in them belongs to the return.");
    for odd in odd.iter().take(8) {
        finding = finding.with_label(desk.place(odd.cell), "not on the template");
    }
    desk.add(finding);
}

/// Whether a heading stands over flags.
pub(super) fn is_flag(word: &str) -> bool {
    matches!(word, "status" | "flag" | "flags" | "marker" | "status flag" | "data status")
}
