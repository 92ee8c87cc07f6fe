//! A row of headings matched with the columns that a table or list expects. Where such rows stand is `locate`'s business.

use super::grid::Grid;
use super::words::{fold, is_misspelt, same_letters};
use super::year;
use crate::cell::Cell;
use crate::schema::model::Measure;

/// How a heading was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// By the words on the template.
    Exact,
    /// By the reporting year that stands over it or in its words.
    Year,
    /// By other words for it.
    Alias,
    /// By words that are nearly those.
    Near,
}

/// One heading that was recognised.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub measure: usize,
    pub column: u32,
    /// Where the words stand.
    pub cell: Cell,
    pub how: How,
}

/// A row of headings.
#[derive(Debug, Clone)]
pub(super) struct Headings {
    /// The first row of the heading (a row of groups above it may be one).
    pub top: u32,
    /// The last row of the heading.
    pub bottom: u32,
    pub found: Vec<Heading>,
    /// Cells over the columns that say a group or another year.
    pub parents: Vec<Cell>,
    /// Columns of another year, with the heading and the year.
    pub other_years: Vec<(u32, Cell, String)>,
}

impl Headings {
    /// How many of the measures were recognised.
    pub(super) fn matched(&self) -> usize {
        let mut measures: Vec<usize> = self.found.iter().map(|h| h.measure).collect();
        measures.sort_unstable();
        measures.dedup();
        measures.len()
    }
}

/// The words by which each column goes.
pub(super) struct Names {
    columns: Vec<Name>,
}

struct Name {
    /// The title alone, where it is the only one of its words.
    own: Option<String>,
    /// Group and title.
    joined: Option<String>,
    group: Option<String>,
    title: String,
    aliases: Vec<String>,
}

impl Names {
    pub(super) fn of<'m>(measures: impl Iterator<Item = &'m Measure>) -> Self {
        let measures: Vec<&Measure> = measures.collect();
        let titles: Vec<String> = measures.iter().map(|m| fold(&m.title)).collect();
        let columns = measures
            .iter()
            .zip(&titles)
            .map(|(m, title)| {
                let group = m.group_title.as_deref().map(fold);
                let unique = titles.iter().filter(|t| *t == title).count() == 1;
                let mut aliases: Vec<String> = m.aliases.iter().map(|a| fold(a)).collect();
                if let Some(group) = &group {
                    let joined: Vec<String> = aliases.iter().map(|a| format!("{group} {a}")).collect();
                    aliases.extend(joined);
                }
                Name {
                    own: (group.is_none() || unique).then(|| title.clone()),
                    joined: group.as_ref().map(|g| format!("{g} {title}")),
                    group,
                    title: title.clone(),
                    aliases,
                }
            })
            .collect();
        Self { columns }
    }

    /// The column that a folded heading means, under a group's heading where there is one.
    pub(super) fn find(&self, word: &str, group: Option<&str>) -> Option<(usize, How)> {
        let position = |f: &dyn Fn(&Name) -> bool| self.columns.iter().position(f);
        if let Some(group) = group {
            let under = |n: &Name| n.group.as_deref() == Some(group);
            if let Some(at) = position(&|n| under(n) && n.title == word) {
                return Some((at, How::Exact));
            }
            if let Some(at) = position(&|n| under(n) && n.aliases.iter().any(|a| a == word)) {
                return Some((at, How::Alias));
            }
        }
        if let Some(at) = position(&|n| n.own.as_deref() == Some(word) || n.joined.as_deref() == Some(word)) {
            return Some((at, How::Exact));
        }
        let joined = |n: &Name| [&n.own, &n.joined].into_iter().flatten().any(|w| same_letters(word, w));
        if let Some(at) = position(&joined) {
            return Some((at, How::Exact));
        }
        position(&|n| n.aliases.iter().any(|a| a == word)).map(|at| (at, How::Alias))
    }

    /// Whether some heading of more words ends with these.
    fn any_ends_with(&self, words: &str) -> bool {
        let longer = |name: &String| name.len() > words.len() && name.ends_with(words);
        self.columns.iter().any(|n| longer(&n.title) || n.aliases.iter().any(longer))
    }

    /// The column that a heading means but for the year in its words, and that year.
    pub(super) fn find_with_year(&self, word: &str, group: Option<&str>) -> Option<(usize, String)> {
        let (rest, year) = year::within(word)?;
        let (measure, _) = self.find(&rest, group)?;
        Some((measure, year))
    }

    /// The only column whose words are nearly these.
    pub(super) fn near(&self, word: &str) -> Option<usize> {
        let close = |n: &Name| {
            n.own.as_deref().is_some_and(|w| is_misspelt(word, w))
                || n.joined.as_deref().is_some_and(|w| is_misspelt(word, w))
        };
        let mut near = self.columns.iter().enumerate().filter(|(_, n)| close(n)).map(|(i, _)| i);
        let first = near.next()?;
        near.next().is_none().then_some(first)
    }

    fn is_group(&self, word: &str) -> bool {
        self.columns.iter().any(|n| n.group.as_deref() == Some(word))
    }

    fn has_groups(&self) -> bool {
        self.columns.iter().any(|n| n.group.is_some())
    }
}

/// What stands over a column in the row above: a group, or a year.
enum Parent {
    Group(String, Cell),
    Year(String, Cell),
}

fn parent(grid: &Grid<'_>, row: u32, column: u32, names: &Names) -> Option<Parent> {
    let above = Cell::new(row.checked_sub(1)?, column);
    let anchor = grid.anchor(above);
    let spilled = || {
        // Without a merge, a group's heading stands over its first column only.
        grid.row(above.row).iter().rev().find(|c| **c <= column).map(|c| Cell::new(above.row, *c))
    };
    let cell = if grid.word(anchor).is_some() { anchor } else { spilled()? };
    let word = grid.word(cell)?;
    if names.is_group(word) {
        return Some(Parent::Group(word.to_owned(), cell));
    }
    year::read(&grid.text(cell)).year().map(|y| Parent::Year(y, cell))
}

/// Matches a row with the columns expected, from one column up to another (exclusive).
pub(super) fn read(grid: &Grid<'_>, row: u32, from: u32, to: u32, names: &Names, year: &str) -> Option<Headings> {
    let columns: Vec<u32> = grid.row(row).iter().copied().filter(|c| (from..to).contains(c)).collect();
    let mut headings =
        Headings { top: row, bottom: row, found: Vec::new(), parents: Vec::new(), other_years: Vec::new() };
    let mut unknown: Vec<(u32, String)> = Vec::new();
    for column in columns {
        let cell = Cell::new(row, column);
        let Some(word) = grid.word(cell) else { continue };
        if grid.anchor(cell) != cell {
            continue;
        }
        let over = parent(grid, row, column, names);
        let group = match &over {
            Some(Parent::Group(group, _)) => Some(group.as_str()),
            Some(Parent::Year(_, _)) | None => None,
        };
        let split = || joined(grid, cell, names).map(|(measure, how, upper)| ((measure, how), Some(upper)));
        let known = names.find(word, group).map(|found| (found, None)).or_else(split);
        let Some(((measure, how), upper)) = known else {
            match names.find_with_year(word, group).filter(|_| !year.is_empty()) {
                Some((measure, own)) if own == year => {
                    headings.found.push(Heading { measure, column, cell, how: How::Year });
                }
                Some((_, other)) => headings.other_years.push((column, cell, other)),
                None if grid.is_text(cell) => unknown.push((column, word.to_owned())),
                None => {}
            }
            continue;
        };
        headings.parents.extend(upper);
        match over {
            Some(Parent::Year(other, at)) if !year.is_empty() && other != year => {
                headings.parents.push(at);
                headings.other_years.push((column, cell, other));
                continue;
            }
            Some(Parent::Year(_, at) | Parent::Group(_, at)) => headings.parents.push(at),
            None => {}
        }
        headings.found.push(Heading { measure, column, cell, how });
    }
    if names.columns.len() == 1 && headings.found.is_empty() {
        wide(grid, row, from, to, year, &mut headings);
    }
    for (column, word) in unknown {
        if let Some(measure) = names.near(&word).filter(|m| headings.found.iter().all(|h| h.measure != *m)) {
            headings.found.push(Heading { measure, column, cell: Cell::new(row, column), how: How::Near });
        }
    }
    if headings.found.is_empty() && headings.other_years.is_empty() {
        return None;
    }
    if names.has_groups() || row > 0 {
        upright(grid, row, from, to, names, &mut headings);
    }
    if let Some(top) = headings.parents.iter().map(|c| c.row).min() {
        headings.top = headings.top.min(top);
    }
    headings.found.sort_by_key(|h| h.column);
    Some(headings)
}

/// The words of one heading in two rows (D34): `Contacts` over `last year`.
fn joined(grid: &Grid<'_>, cell: Cell, names: &Names) -> Option<(usize, How, Cell)> {
    let above = grid.anchor(Cell::new(cell.row.checked_sub(1)?, cell.column));
    let (upper, lower) = (grid.word(above)?, grid.word(cell).filter(|w| names.any_ends_with(w))?);
    let (measure, how) = names.find(&format!("{upper} {lower}"), None)?;
    Some((measure, how, above))
}

/// A table of one measure with a column for each year (D42): the reporting year's column is the measure's.
fn wide(grid: &Grid<'_>, row: u32, from: u32, to: u32, year: &str, headings: &mut Headings) {
    for (column, name) in years(grid, row).into_iter().filter(|(c, _)| (from..to).contains(c)) {
        let cell = Cell::new(row, column);
        if name == year {
            headings.found.push(Heading { measure: 0, column, cell, how: How::Year });
        } else {
            headings.other_years.push((column, cell, name));
        }
    }
}

/// The years that stand in a row. A number is one only beside the year before or after it: 2,019 may be a count.
pub(super) fn years(grid: &Grid<'_>, row: u32) -> Vec<(u32, String)> {
    let number = |column: u32| {
        let cell = Cell::new(row, column);
        let n: i32 = grid.word(cell).filter(|_| !grid.is_text(cell))?.parse().ok()?;
        (2000..=2099).contains(&n).then_some(n)
    };
    let beside = |column: u32, n: i32| {
        let left = column.checked_sub(1).and_then(number);
        [left, number(column + 1)].into_iter().flatten().any(|other| (other - n).abs() == 1)
    };
    let year = |column: u32| match number(column) {
        Some(n) => beside(column, n).then(|| year::name(n - 1)),
        None => year::read(&grid.text(Cell::new(row, column))).year(),
    };
    grid.row(row).iter().filter_map(|c| Some((*c, year(*c)?))).collect()
}

/// Headings one row higher, where the row itself is empty: two-row headings in which some columns have one row only.
fn upright(grid: &Grid<'_>, row: u32, from: u32, to: u32, names: &Names, headings: &mut Headings) {
    let Some(above) = row.checked_sub(1) else { return };
    let joined = headings.parents.iter().any(|c| c.row == above)
        || grid.row(above).iter().any(|c| grid.anchor(Cell::new(row, *c)) == Cell::new(above, *c));
    if !joined {
        return;
    }
    for column in grid.row(above).iter().copied().filter(|c| (from..to).contains(c)) {
        let cell = Cell::new(above, column);
        if grid.filled(Cell::new(row, column)) || headings.parents.contains(&cell) {
            continue;
        }
        let Some((measure, how)) = grid.word(cell).and_then(|word| names.find(word, None)) else { continue };
        headings.top = above;
        headings.found.push(Heading { measure, column, cell, how });
    }
}
