//! How much of a section's words stands on a sheet: that tells what a sheet is whose name does not (domain D52).

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Grid;
use super::words::fold;
use crate::schema::model::{Item, Section};
use crate::workbook::{Sheet, SheetState, Value, Workbook};

/// At least this much of a section's words makes a sheet its own.
const ENOUGH: f64 = 0.6;

/// The words of each visible sheet against those of each section.
pub(super) struct Shares {
    /// By section and sheet: the share of all words, and whether all that must be there are.
    shares: BTreeMap<(usize, usize), (f64, bool)>,
    filled: BTreeSet<usize>,
}

impl Shares {
    pub(super) fn new(workbook: &Workbook, sections: &[Section]) -> Self {
        let (mut shares, mut filled) = (BTreeMap::new(), BTreeSet::new());
        let prints: Vec<[BTreeSet<String>; 2]> =
            sections.iter().map(|s| [fingerprint(s, false), fingerprint(s, true)]).collect();
        for (index, sheet) in workbook.sheets.iter().enumerate().filter(|(_, s)| s.state == SheetState::Visible) {
            let grid = Grid::new(sheet, index);
            let words: BTreeSet<&str> = grid.cells().filter_map(|(cell, _)| grid.word(cell)).collect();
            for (i, [all, needed]) in prints.iter().enumerate() {
                // A section of which nothing must be there is no sheet in particular.
                let complete = !needed.is_empty() && needed.iter().all(|w| words.contains(w.as_str()));
                shares.insert((i, index), (share(all, &words), complete));
            }
            if sheet.cells.values().any(|e| !matches!(e.value, Value::Text(_) | Value::Nothing)) {
                filled.insert(index);
            }
        }
        Self { shares, filled }
    }

    fn share(&self, section: usize, sheet: usize) -> f64 {
        self.shares.get(&(section, sheet)).map_or(0.0, |(share, _)| *share)
    }

    /// Whether a sheet holds enough of a section's words.
    pub(super) fn fits(&self, section: usize, sheet: usize) -> bool {
        self.share(section, sheet) >= ENOUGH
    }

    /// Whether it holds all words that must be there.
    pub(super) fn is_complete(&self, section: usize, sheet: usize) -> bool {
        self.shares.get(&(section, sheet)).is_some_and(|(_, complete)| *complete)
    }

    /// Whether a sheet that has a section's name holds all words of another one.
    pub(super) fn is_another(&self, section: usize, sheet: usize) -> bool {
        let complete =
            |(other, s): &(usize, usize)| *s == sheet && *other != section && self.is_complete(*other, sheet);
        !self.fits(section, sheet) && self.shares.keys().any(complete)
    }

    /// Whether something but text was typed on it.
    pub(super) fn is_filled(&self, sheet: usize) -> bool {
        self.filled.contains(&sheet)
    }
}

/// How much of the cover's words stands on a sheet.
pub(super) fn cover_share(sheet: &Sheet, index: usize, cover: &Section) -> f64 {
    let grid = Grid::new(sheet, index);
    let words: BTreeSet<&str> = grid.cells().filter_map(|(cell, _)| grid.word(cell)).collect();
    share(&fingerprint(cover, true), &words)
}

fn share(print: &BTreeSet<String>, words: &BTreeSet<&str>) -> f64 {
    if print.len() < 3 {
        return 0.0;
    }
    print.iter().filter(|w| words.contains(w.as_str())).count() as f64 / print.len() as f64
}

/// The words of a section by which its sheet can be told: all of them, or those that must be there.
fn fingerprint(section: &Section, needed: bool) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for item in &section.items {
        match item {
            Item::Measure(measure) if measure.required || !needed => {
                words.insert(fold(&measure.title));
            }
            Item::Table(table) if table.required || !needed => {
                words.insert(fold(&table.title));
                words.extend(table.rows.codes.iter().map(|c| fold(&c.label)));
                let columns = table.columns.iter().filter(|c| c.required || !needed);
                words.extend(columns.map(|c| fold(&c.title)));
            }
            Item::List(list) => {
                words.extend(list.fields.iter().filter(|f| f.required || !needed).map(|f| fold(&f.title)));
            }
            Item::Measure(_) | Item::Table(_) => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(key: &str) -> Section {
        let (title, aliases, description) = (key.to_owned(), vec![], String::new());
        Section { key: key.to_owned(), title, aliases, description, aims: vec![], items: vec![] }
    }

    #[test]
    fn a_section_of_which_nothing_must_be_there_takes_no_sheet_from_its_name() {
        let workbook = Workbook { sheets: vec![Sheet::default()], ..Workbook::default() };
        let shares = Shares::new(&workbook, &[section("few words"), section("all optional")]);
        assert!(!shares.is_another(0, 0));
        assert!(!shares.is_complete(1, 0));
    }
}
