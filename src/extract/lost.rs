//! A table or list that could not be found: what of it is there, and what is not (domain D39, D41, D45).

use std::collections::BTreeMap;

use super::column;
use super::desk::Desk;
use super::heading::{self, Names};
use super::rows::{self, Rows};
use super::words::{fold, quote, several};
use super::{Change, Drift, Part};
use crate::cell::{Cell, Pointer, ranges};
use crate::finding::{Finding, Place, Severity};
use crate::schema::model::{List, Measure, Table};

/// What of a table can be recognised on the sheet.
struct Trace {
    title: Option<Cell>,
    /// Cells that say rows of it, all in one column or, where it lies on its side, in one row.
    rows: Vec<Cell>,
    on_its_side: bool,
    headings: Vec<Cell>,
    /// Headings of another year.
    years: Vec<(Cell, String)>,
    total: Option<Cell>,
}

/// Says of a table that was not found what is there of it; all its figures are lost.
pub(super) fn table(desk: &mut Desk<'_>, table: &Table) {
    let at = desk.root.child(&table.key);
    desk.out.words.insert(at.clone(), table.title.clone());
    if !table.required || desk.grid.is_empty() {
        return;
    }
    let names = Names::of(table.columns.iter());
    let trace = trace(desk, table, &names);
    let figures = table.rows.codes.len() * table.columns.len();
    aside(desk, &trace);
    say(desk, &at, &table.title, figures, story(desk, table, &trace));
    for code in &table.rows.codes {
        let under = at.child(&code.code);
        for measure in &table.columns {
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let fault = (measure.required && !measure.derived).then_some("TPL-02");
            desk.lose(column::pointer(&under, measure), words, None, fault);
        }
    }
}

/// The figures of a table that was not found are told with it.
fn aside(desk: &mut Desk<'_>, trace: &Trace) {
    let why = if trace.years.is_empty() { "a table that could not be read" } else { "another year" };
    let mut rows: Vec<u32> = trace.rows.iter().map(|c| c.row).collect();
    rows.dedup();
    if trace.on_its_side {
        let last = desk.grid.last_row();
        let first = trace.rows.first().map_or(last, |c| c.row);
        // Down to the first blank row.
        let below = desk.grid.rows_between(first, last);
        rows.extend(below.into_iter().scan(first, |row, next| {
            *row += 1;
            (next == *row).then_some(next)
        }));
    }
    // A total that is all there is of it stands beside its word, or beside the title.
    if trace.rows.is_empty() {
        rows.extend(trace.total.iter().chain(&trace.title).map(|c| c.row));
    }
    let from = trace.rows.iter().chain(&trace.total).chain(&trace.title).map(|c| c.column).min().unwrap_or(u32::MAX);
    for row in rows {
        for column in desk.grid.row(row).to_vec().into_iter().filter(|c| *c >= from) {
            let cell = Cell::new(row, column);
            if !desk.used(cell) {
                desk.pass(cell, why);
            }
        }
    }
}

/// Says of a list that was not found what is there of it.
pub(super) fn list(desk: &mut Desk<'_>, list: &List) {
    let at = desk.root.child(&list.key);
    desk.out.words.insert(at.clone(), list.title.clone());
    desk.out.lists.insert(at.clone(), Vec::new());
    if !list.fields.iter().any(|f| f.required) || desk.grid.is_empty() {
        return;
    }
    let names = Names::of(list.fields.iter());
    let title = titled(desk, std::iter::once(&list.title).chain(&list.aliases));
    let headings = headings(desk, &names, title);
    let down = headings.len() > 1 && headings.windows(2).all(|w| matches!(w, [a, b] if a.column == b.column));
    let message = match (headings.as_slice(), down) {
        ([], _) => nowhere(desk, &list.title, title),
        (cells, true) => format!(
            "“{}” lies on its side: its headings stand one under another ({}). We could not read it.",
            list.title,
            several(&ranges(cells.iter().copied()), 4)
        ),
        (cells, false) => {
            let missing = unseen(desk, &list.fields, cells, &names);
            format!("“{}” cannot be read: its headings {} are missing.", list.title, several(&missing, 6))
        }
    };
    let labels = title.into_iter().map(|c| (c, "its title".to_owned()));
    let labels: Vec<_> = labels.chain(headings.first().map(|c| (*c, "its headings".to_owned()))).collect();
    say(desk, &at, &list.title, 0, (message, labels));
}

type Story = (String, Vec<(Cell, String)>);

fn say(desk: &mut Desk<'_>, at: &Pointer, title: &str, figures: usize, (message, labels): Story) {
    let cells = labels.iter().map(|(cell, _)| *cell);
    desk.drift(Drift::new(Part::Table, Change::Missing).template(title).at(cells));
    let mut finding: Finding = desk
        .finding("TPL-02", Severity::Error, at, message)
        .with_help("Please put it back as it is on the template: its title, its headings and its rows.");
    for (cell, text) in &labels {
        finding = finding.with_label(desk.place(*cell), text.clone());
    }
    if labels.is_empty() {
        finding = finding.with_label(Place::Sheet(desk.grid.index()), "not found on it");
    }
    finding.expected = Some(title.to_owned());
    finding.consequences = figures;
    desk.add(finding);
}

fn nowhere(desk: &Desk<'_>, title: &str, found: Option<Cell>) -> String {
    match found {
        None => format!("We could not find “{title}” on the sheet “{}”.", desk.section.title),
        Some(cell) => format!("“{title}” cannot be read: its title is there ({cell}), but nothing else of it."),
    }
}

/// A free cell that says a title.
fn titled<'t>(desk: &Desk<'_>, titles: impl Iterator<Item = &'t String>) -> Option<Cell> {
    let titles: Vec<String> = titles.map(|t| fold(t)).collect();
    let mut cells = desk.grid.cells().map(|(cell, _)| cell).filter(|c| !desk.used(*c));
    cells.find(|c| desk.grid.word(*c).is_some_and(|w| titles.iter().any(|t| t == w)))
}

/// Free cells that say headings, the most of them in one row or column, under the title where there is one.
fn headings(desk: &Desk<'_>, names: &Names, title: Option<Cell>) -> Vec<Cell> {
    let after = title.map_or(0, |t| t.row);
    let cells = desk.grid.cells().map(|(cell, _)| cell).filter(|c| c.row >= after && !desk.used(*c));
    let cells: Vec<Cell> =
        cells.filter(|c| desk.grid.word(*c).is_some_and(|w| names.find(w, None).is_some())).collect();
    fullest(&cells).0
}

/// The fullest row or column of some cells, the first of equals, and whether it is a row.
fn fullest(cells: &[Cell]) -> (Vec<Cell>, bool) {
    let mut columns: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        columns.entry(cell.column).or_default().push(*cell);
        rows.entry(cell.row).or_default().push(*cell);
    }
    let best = |lines: BTreeMap<u32, Vec<Cell>>| lines.into_values().rev().max_by_key(Vec::len).unwrap_or_default();
    let (down, across) = (best(columns), best(rows));
    if across.len() > down.len() { (across, true) } else { (down, false) }
}

fn trace(desk: &Desk<'_>, table: &Table, names: &Names) -> Trace {
    let grid = desk.grid;
    let titles = std::iter::once(&table.title).chain(&table.aliases);
    let title = titled(desk, titles);
    let labels = Rows::of(&table.rows);
    let near = |cell: &Cell| title.is_none_or(|t| cell.row >= t.row);
    let free: Vec<Cell> = grid.cells().map(|(cell, _)| cell).filter(|c| near(c) && !desk.used(*c)).collect();
    let says: Vec<Cell> =
        free.iter().copied().filter(|c| grid.is_text(*c) && labels.find(grid, *c, &desk.year).is_some()).collect();
    let (rows, on_its_side) = fullest(&says);
    // Its headings stand above its rows, or beside them where it lies on its side.
    let first = rows.first().copied();
    let close = |cell: &Cell| match (first, title) {
        (Some(first), _) if !on_its_side => cell.row < first.row && cell.row + 3 >= first.row,
        (Some(first), _) => cell.row > first.row && cell.column < first.column && cell.row < first.row + 20,
        (None, Some(title)) => cell.row > title.row && cell.row <= title.row + 3,
        (None, None) => false,
    };
    let headings: Vec<Cell> = free
        .iter()
        .copied()
        .filter(|c| close(c) && grid.word(*c).is_some_and(|w| names.find(w, None).is_some()))
        .collect();
    let dated = |cell: &Cell| {
        let in_words = grid.word(*cell).and_then(|w| names.find_with_year(w, None)).map(|(_, year)| year);
        let alone = || heading::years(grid, cell.row).into_iter().find(|(c, _)| *c == cell.column).map(|(_, y)| y);
        let year = in_words.or_else(alone).filter(|y| *y != desk.year)?;
        Some((*cell, year))
    };
    let years = free.iter().filter(|c| close(c)).filter_map(dated).collect();
    let under = |cell: &&Cell| title.is_some_and(|t| cell.row <= t.row + 8) || first.is_some();
    let total = free.iter().filter(under).copied().find(|c| grid.word(*c).is_some_and(rows::is_total));
    Trace { title, rows, on_its_side, headings, years, total }
}

/// Headings that are missing from those found.
fn unseen(desk: &Desk<'_>, measures: &[Measure], found: &[Cell], names: &Names) -> Vec<String> {
    let seen: Vec<usize> =
        found.iter().filter_map(|c| names.find(desk.grid.word(*c)?, None)).map(|(measure, _)| measure).collect();
    let wanted = measures.iter().enumerate().filter(|(i, m)| m.required && !m.derived && !seen.contains(i));
    wanted.map(|(_, m)| format!("“{}”", column::words(m))).collect()
}

fn story(desk: &Desk<'_>, table: &Table, trace: &Trace) -> Story {
    let title = &table.title;
    let all = table.rows.codes.len();
    let mut labels: Vec<(Cell, String)> = trace.title.iter().map(|c| (*c, "its title".to_owned())).collect();
    let names = Names::of(table.columns.iter());
    let missing = unseen(desk, &table.columns, &trace.headings, &names);
    let at = |cells: &[Cell]| several(&ranges(cells.iter().copied()), 4);
    if let Some((cell, _)) = trace.years.first().filter(|_| !trace.rows.is_empty()) {
        let years: Vec<String> = trace.years.iter().map(|(c, year)| format!("{year} ({c})")).collect();
        labels.push((*cell, "another year".to_owned()));
        let years = several(&years, 4);
        let message = format!(
            "The figures of “{title}” stand under {years}, but this return is for {}: we did not read them.",
            desk.year
        );
        return (message, labels);
    }
    if trace.rows.len() < 2.min(all) {
        if trace.headings.is_empty() {
            return (nowhere(desk, title, trace.title), labels);
        }
        labels.push((trace.headings[0], "its headings".to_owned()));
        let total = trace.total.map_or_else(String::new, |cell| {
            labels.push((cell, "a total".to_owned()));
            format!(", only a total ({cell})")
        });
        let rows = if all == 1 { "its row".to_owned() } else { format!("any of its {all} rows") };
        return (format!("“{title}” has its headings, but not {rows}{total}."), labels);
    }
    labels.push((trace.rows[0], "its rows".to_owned()));
    let rows = format!("{} of its {all} rows are there ({})", trace.rows.len(), at(&trace.rows));
    if trace.on_its_side {
        let codes = Rows::of(&table.rows);
        let line = trace.rows[0].row;
        let strange: Vec<Cell> = desk
            .grid
            .row(line)
            .iter()
            .map(|c| Cell::new(line, *c))
            .filter(|c| *c > trace.rows[0] && codes.find(desk.grid, *c, &desk.year).is_none())
            .collect();
        let said: Vec<String> = strange.iter().map(|c| format!("{} ({c})", quote(&desk.grid.text(*c)))).collect();
        labels.extend(strange.iter().map(|c| (*c, "no row of the template".to_owned())));
        let mut why = Vec::new();
        if !said.is_empty() {
            why.push(format!("{} is none of its rows", several(&said, 4)));
        } else if trace.rows.len() < all {
            why.push(rows);
        }
        if !missing.is_empty() {
            why.push(format!("{} is missing", several(&missing, 6)));
        }
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", and ")) };
        return (format!("“{title}” lies on its side, and not all of it can be recognised{why}."), labels);
    }
    let verb = if missing.len() == 1 { "heading" } else { "headings" };
    let lack = if missing.is_empty() {
        "but not where its headings and rows cross".to_owned()
    } else {
        format!("but not its {verb} {}", several(&missing, 6))
    };
    (format!("“{title}” cannot be read: {rows}, {lack}."), labels)
}
