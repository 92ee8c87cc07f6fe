//! Finds the tables and lists of a section on a sheet, by the words of their headings, rows and titles (domain D33 to
//! D48). What stands in them is read by `table` and `list`.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Grid;
use super::heading::{self, Headings, Names};
use super::rows::{self, Label, Rows};
use super::tidy;
use super::words::{fold, is_misspelt};
use crate::cell::Cell;
use crate::schema::model::{Item, List, Section, Table};
use crate::workbook::Value;

/// How far above its headings a title may stand.
const TITLE_ROWS: u32 = 4;

/// Rows of unknown words that may stand between the headings and the first row that is known.
const MOST_UNKNOWN: usize = 3;

/// A table or list as it was found.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Position of the item in the section.
    pub item: usize,
    pub headings: Headings,
    /// The column of the row labels, or of the key.
    pub key: u32,
    /// The columns it covers, the last one excluded.
    pub from: u32,
    pub to: u32,
    pub title: Option<Cell>,
    /// The last row that can be its own.
    pub end: u32,
    /// It is a second one, title and all, of a table that is read elsewhere.
    pub twin: bool,
}

impl Block {
    /// The first row that is its own, title included.
    pub(super) fn top(&self) -> u32 {
        self.title.map_or(self.headings.top, |t| t.row.min(self.headings.top))
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// Words at which a table or list is over: labels and titles of other blocks.
pub(super) type Ends = BTreeSet<String>;

/// Finds all tables and lists of a section.
pub(super) fn blocks(grid: &Grid<'_>, section: &Section, year: &str, ends: &Ends) -> Vec<Block> {
    let mut found = lists(grid, section, year);
    let taken: Vec<Block> = found.clone();
    found.extend(tables(grid, section, year, &taken, ends));
    let tops: Vec<(u32, Block)> = found.iter().map(|b| (b.top(), b.clone())).collect();
    for block in &mut found {
        let bottom = block.headings.bottom;
        block.end = tops
            .iter()
            .filter(|(top, other)| *top > bottom && other.overlaps(block))
            .map(|(top, _)| top - 1)
            .min()
            .unwrap_or(block.end);
        block.end = match section.items.get(block.item) {
            Some(Item::Table(table)) => table_end(grid, block, table, year, ends),
            Some(Item::List(_) | Item::Measure(_)) | None => list_end(grid, block, ends),
        };
    }
    found.sort_by_key(|b| b.item);
    found
}

fn title_of(grid: &Grid<'_>, titles: &[String], top: u32, from: u32, to: u32) -> Option<(Cell, f64)> {
    for row in (top.saturating_sub(TITLE_ROWS)..top).rev() {
        for column in grid.row(row).iter().filter(|c| (from.saturating_sub(1)..to).contains(c)) {
            let cell = Cell::new(row, *column);
            let Some(word) = grid.word(cell) else { continue };
            if titles.iter().any(|t| t == word) {
                return Some((cell, 1.0));
            }
            if titles.iter().any(|t| is_misspelt(word, t)) {
                return Some((cell, 0.7));
            }
        }
    }
    None
}

fn titles(title: &str, aliases: &[String]) -> Vec<String> {
    std::iter::once(fold(title)).chain(aliases.iter().map(|a| fold(a))).collect()
}

fn lists(grid: &Grid<'_>, section: &Section, year: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    for (item, list) in section.items.iter().enumerate().filter_map(|(i, item)| match item {
        Item::List(list) => Some((i, list)),
        Item::Measure(_) | Item::Table(_) => None,
    }) {
        let names = Names::of(list.fields.iter());
        let mut best: Option<(f64, Headings)> = None;
        for (row, columns) in grid.rows() {
            // Headings are words: a row of figures is not looked at twice.
            if !columns.iter().any(|c| grid.word(Cell::new(row, *c)).is_some_and(|w| names.find(w, None).is_some())) {
                continue;
            }
            let Some(headings) = heading::read(grid, row, 0, u32::MAX, &names, year) else { continue };
            let score = list_score(list, &headings);
            if score >= 0.6 && best.as_ref().is_none_or(|(s, _)| score > *s + 1e-9) {
                best = Some((score, headings));
            }
        }
        if let Some((_, headings)) = best {
            found.push(list_block(grid, item, list, headings));
        }
    }
    found
}

fn list_score(list: &List, headings: &Headings) -> f64 {
    let measures: BTreeSet<usize> = headings.found.iter().map(|h| h.measure).collect();
    if measures.len() < 2.min(list.fields.len()) {
        return 0.0;
    }
    let share = |of: Vec<usize>| {
        if of.is_empty() { 0.0 } else { of.iter().filter(|i| measures.contains(i)).count() as f64 / of.len() as f64 }
    };
    let required: Vec<usize> = list.fields.iter().enumerate().filter(|(_, m)| m.required).map(|(i, _)| i).collect();
    let all = share((0..list.fields.len()).collect());
    all.max(share(required) * 0.99)
}

fn list_block(grid: &Grid<'_>, item: usize, list: &List, headings: Headings) -> Block {
    let first = headings.found.iter().map(|h| h.column).min().unwrap_or(0);
    let last = headings.found.iter().map(|h| grid.right(h.cell)).max().unwrap_or(first);
    let filled = |column: u32| grid.filled(Cell::new(headings.bottom, column));
    let mut from = first;
    while from > 0 && filled(from - 1) {
        from -= 1;
    }
    let mut to = last + 1;
    while filled(to) {
        to += 1;
    }
    let key = list.fields.iter().position(|f| f.key() == list.key_field);
    let key = headings.found.iter().find(|h| Some(h.measure) == key).map_or(first, |h| h.column);
    let title = title_of(grid, &titles(&list.title, &list.aliases), headings.top, from, to).map(|(cell, _)| cell);
    Block { item, headings, key, from, to, title, end: grid.last_row(), twin: false }
}

/// What is known of one table before its place is chosen.
struct Wanted<'a> {
    item: usize,
    table: &'a Table,
    names: Names,
    rows: Rows<'a>,
    titles: Vec<String>,
    /// Row labels by column and row.
    labels: BTreeMap<u32, BTreeMap<u32, Label>>,
    /// Rows in which some heading of it stands.
    headers: BTreeMap<u32, Headings>,
}

struct Candidate {
    score: f64,
    block: Block,
    labels: Vec<Cell>,
}

fn tables(grid: &Grid<'_>, section: &Section, year: &str, taken: &[Block], ends: &Ends) -> Vec<Block> {
    let wanted: Vec<Wanted<'_>> = section
        .items
        .iter()
        .enumerate()
        .filter_map(|(item, i)| match i {
            Item::Table(table) => Some(want(grid, item, table, year)),
            Item::Measure(_) | Item::List(_) => None,
        })
        .collect();
    let in_list = |cell: Cell| {
        taken.iter().any(|b| {
            (b.from..b.to).contains(&cell.column) && cell.row >= b.headings.top && cell.row <= list_end(grid, b, ends)
        })
    };
    let rows: BTreeSet<u32> = wanted.iter().flat_map(|t| t.headers.keys().copied()).collect();
    let keys: BTreeMap<u32, Vec<u32>> = rows.into_iter().map(|row| (row, key_columns(grid, &wanted, row))).collect();
    let mut candidates: Vec<Candidate> = Vec::new();
    for table in &wanted {
        for (row, headings) in &table.headers {
            if headings.found.iter().all(|h| in_list(h.cell)) {
                continue;
            }
            let Some(keys) = keys.get(row) else { continue };
            candidates.extend(keys.iter().filter_map(|key| candidate(grid, &wanted, table, *row, *key, keys, year)));
        }
    }
    // Best first; of equals, the first of the template at the first place of the sheet.
    candidates.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.block.item.cmp(&b.block.item))
            .then(a.block.headings.bottom.cmp(&b.block.headings.bottom))
            .then(a.block.key.cmp(&b.block.key))
    });
    let mut claimed: BTreeSet<Cell> = BTreeSet::new();
    let mut chosen: Vec<Block> = Vec::new();
    for candidate in candidates {
        let first = chosen.iter().find(|b| b.item == candidate.block.item);
        // A second one counts only with the title over it: without, it may be another table.
        let twin = first.is_some_and(|b| b.title.is_some() && b.title != candidate.block.title);
        let again = first.is_some() && !(twin && candidate.block.title.is_some());
        let heads = candidate.block.headings.found.iter().map(|h| h.cell);
        let cells: Vec<Cell> = candidate.labels.iter().copied().chain(heads).collect();
        if again || cells.iter().any(|cell| claimed.contains(cell)) {
            continue;
        }
        claimed.extend(cells);
        chosen.push(Block { twin: first_is_there(&chosen, &candidate.block), ..candidate.block });
    }
    chosen
}

fn first_is_there(chosen: &[Block], block: &Block) -> bool {
    chosen.iter().any(|b| b.item == block.item)
}

/// A heading that comes again behind an empty column is another table's (D47).
fn apart(grid: &Grid<'_>, headings: &mut Headings, key: u32, bottom: u32) {
    let rows: Vec<u32> = std::iter::once(headings.top).chain(grid.rows_between(headings.top, bottom)).collect();
    let empty = |column: u32| rows.iter().all(|row| !grid.filled(grid.anchor(Cell::new(*row, column))));
    let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
    let cut = headings.found.iter().find_map(|h| {
        let first = *seen.entry(h.measure).or_insert(h.column);
        (first.max(key) + 1..h.column).find(|c| empty(*c))
    });
    if let Some(cut) = cut {
        headings.found.retain(|h| h.column < cut);
        headings.other_years.retain(|(column, ..)| *column < cut);
    }
}

/// A list goes on, blank rows and all, until another block's words stand in its first columns.
fn list_end(grid: &Grid<'_>, block: &Block, ends: &Ends) -> u32 {
    let over = |row: &u32| [block.from, block.key].iter().any(|c| is_end(grid, Cell::new(*row, *c), ends));
    let rows = grid.rows_between(block.headings.bottom, block.end);
    rows.iter().copied().find(over).map_or(block.end, |row| row - 1)
}

/// A table goes on until another block's words, or, after a blank row, until a label that is none of its own.
fn table_end(grid: &Grid<'_>, block: &Block, table: &Table, year: &str, ends: &Ends) -> u32 {
    let rows = Rows::of(&table.rows);
    let mut last = block.headings.bottom;
    let mut previous = last;
    for row in grid.rows_between(block.headings.bottom, block.end) {
        if !grid.row(row).iter().any(|c| (block.from..block.to).contains(c)) {
            continue;
        }
        let gap = row > previous + 1;
        let cell = grid.anchor(Cell::new(row, block.key));
        if rows.find(grid, cell, year).is_none() {
            let total = grid.word(cell).is_some_and(rows::is_total);
            let near = || tidy::suggestion(&table.rows, &grid.text(cell)).is_some();
            if is_end(grid, cell, ends) || (gap && !total && !near()) {
                break;
            }
        }
        last = row;
        previous = row;
    }
    last
}

fn is_end(grid: &Grid<'_>, cell: Cell, ends: &Ends) -> bool {
    grid.word(cell).is_some_and(|w| ends.contains(w))
}

fn want<'a>(grid: &Grid<'_>, item: usize, table: &'a Table, year: &str) -> Wanted<'a> {
    let names = Names::of(table.columns.iter());
    let rows = Rows::of(&table.rows);
    let mut labels: BTreeMap<u32, BTreeMap<u32, Label>> = BTreeMap::new();
    for (cell, _) in grid.cells() {
        if let Some(label) = rows.find(grid, cell, year) {
            labels.entry(cell.column).or_default().insert(cell.row, label);
        }
    }
    // A column of figures is no column of labels because some of them happen to be codes: `12`, or the marker `c`.
    labels.retain(|column, found| {
        let words = found.keys().filter(|row| !is_figure(grid, Cell::new(**row, *column))).count();
        words > 0 && words * 2 >= found.len()
    });
    let headers = grid
        .rows()
        .filter_map(|(row, _)| heading::read(grid, row, 0, u32::MAX, &names, year).map(|h| (row, h)))
        .collect();
    Wanted { item, table, names, rows, titles: titles(&table.title, &table.aliases), labels, headers }
}

fn is_figure(grid: &Grid<'_>, cell: Cell) -> bool {
    grid.entry(cell).is_some_and(|e| matches!(e.value, Value::Number(_))) || tidy::stands_for_a_figure(&grid.text(cell))
}

/// The columns that hold labels of some table under a row of headings: each begins a table.
fn key_columns(grid: &Grid<'_>, wanted: &[Wanted<'_>], row: u32) -> Vec<u32> {
    let mut keys = BTreeSet::new();
    for table in wanted {
        let Some(headings) = table.headers.get(&row) else { continue };
        for column in table.labels.keys() {
            let enough = if table.rows.count() < 2 { 1 } else { 2 };
            if headings.found.iter().any(|h| h.column > *column) && run(wanted, table, row, *column).len() >= enough {
                keys.insert(*column);
            }
        }
        let row_title = fold(&table.table.row_title);
        for column in grid.row(row) {
            if table.labels.contains_key(column) && grid.word(Cell::new(row, *column)) == Some(row_title.as_str()) {
                keys.insert(*column);
            }
        }
    }
    keys.into_iter().collect()
}

/// The labels of a table in a column, under a row of headings and above the next one, its own or another table's.
fn run(wanted: &[Wanted<'_>], table: &Wanted<'_>, row: u32, key: u32) -> Vec<(u32, usize)> {
    let Some(headings) = table.headers.get(&row) else { return Vec::new() };
    let Some(first) = headings.found.iter().map(|h| h.column).filter(|c| *c > key).min() else { return Vec::new() };
    let Some(labels) = table.labels.get(&key) else { return Vec::new() };
    let next = wanted
        .iter()
        .filter_map(|other| {
            let own = other.item == table.item;
            let between = |h: &Headings| h.found.iter().any(|f| f.column > key && f.column <= first);
            let heads = |row: &u32| own || !labels.contains_key(row);
            other.headers.range(row + 1..).find(|(r, h)| heads(r) && between(h)).map(|(next, _)| *next)
        })
        .min()
        .unwrap_or(u32::MAX);
    labels.range(row + 1..next.max(row + 1)).map(|(r, l)| (*r, l.code)).collect()
}

fn candidate(
    grid: &Grid<'_>,
    wanted: &[Wanted<'_>],
    table: &Wanted<'_>,
    row: u32,
    key: u32,
    keys: &[u32],
    year: &str,
) -> Option<Candidate> {
    let bound = keys.iter().copied().find(|k| *k > key).unwrap_or(u32::MAX);
    let mut headings = heading::read(grid, row, key + 1, bound, &table.names, year)?;
    let run = run(wanted, table, row, key);
    let (first, _) = run.first()?;
    let between = grid.rows_between(headings.bottom, first.checked_sub(1)?);
    let right = headings.found.iter().map(|h| h.column).max()?;
    let other = |row: &&u32| grid.row(**row).iter().any(|c| (key..=right).contains(c));
    if between.iter().filter(other).count() > MOST_UNKNOWN {
        return None;
    }
    let codes: BTreeSet<usize> = run.iter().map(|(_, code)| *code).collect();
    let labels = codes.len() as f64 / table.rows.count().max(1) as f64;
    let columns = headings.matched() as f64 / table.table.columns.len().max(1) as f64;
    let bottom = run.last().map_or(*first, |(row, _)| *row);
    apart(grid, &mut headings, key, bottom);
    let last = headings.found.iter().map(|h| grid.right(h.cell)).max()?;
    let mut to = last + 1;
    while to < bound && grid.filled(Cell::new(headings.bottom, to)) {
        to += 1;
    }
    let title = title_of(grid, &table.titles, headings.top, key, to);
    let row_title =
        grid.word(grid.anchor(Cell::new(headings.bottom, key))) == Some(fold(&table.table.row_title).as_str());
    let titled = title.map_or(0.0, |(_, sure)| sure);
    let enough = if titled > 0.0 || row_title { 1 } else { 2.min(table.rows.count()) };
    if codes.len() < enough || (columns < 0.6 && labels < 0.6) {
        return None;
    }
    let score = labels * 2.0 + titled * 1.5 + f64::from(u8::from(row_title)) * 0.5 + columns;
    let labels = run.iter().map(|(row, _)| Cell::new(*row, key)).collect();
    let title = title.map(|(cell, _)| cell);
    let block = Block { item: table.item, headings, key, from: key, to, title, end: grid.last_row(), twin: false };
    Some(Candidate { score, block, labels })
}
