//! Where a return differs from its template, as values: sheets, tables, columns, rows and lines that are missing, extra or
//! in other words, and what was guessed. Findings say what to do about it; what was merely moved is no difference.

use serde::Serialize;

use crate::cell::Cell;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The section, by key; empty for a sheet of none.
    pub section: String,
    /// The sheet it is on, by position; `None` where there is no such sheet.
    pub sheet: Option<usize>,
    /// What it is.
    pub part: Part,
    /// What became of it.
    pub change: Change,
    /// The table or list it belongs to, by its title on the template.
    pub within: Option<String>,
    /// The words on the template.
    pub template: Option<String>,
    /// The words on the sheet.
    pub found: Option<String>,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// What it may be, where that was not taken for granted.
    pub likely: Option<String>,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// A sheet.
    Sheet,
    /// A table or list.
    Table,
    /// A column of a table or list.
    Column,
    /// A row of a table.
    Row,
    /// A labelled line.
    Line,
    /// Cells outside everything.
    Cells,
}

impl Part {
    /// The word for one and for several.
    #[must_use]
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Sheet => ["sheet", "sheets"],
            Self::Table => ["table", "tables"],
            Self::Column => ["column", "columns"],
            Self::Row => ["row", "rows"],
            Self::Line => ["line", "lines"],
            Self::Cells => ["block of cells", "blocks of cells"],
        }
    }
}

/// How it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// On the template and not in the return.
    Missing,
    /// In the return and not on the template: not read.
    Extra,
    /// In other words that are known: read.
    Renamed,
    /// In words that are nearly the template's: read, and to be confirmed.
    Guessed,
    /// There more than once.
    Twice,
    /// With rows and columns swapped.
    Turned,
}

impl Drift {
    /// A difference; its places and words are filled in by the functions below.
    pub(super) const fn new(part: Part, change: Change) -> Self {
        Self {
            section: String::new(),
            sheet: None,
            part,
            change,
            within: None,
            template: None,
            found: None,
            cells: Vec::new(),
            likely: None,
        }
    }

    pub(super) fn within(mut self, title: &str) -> Self {
        self.within = Some(title.to_owned());
        self
    }

    pub(super) fn template(mut self, words: &str) -> Self {
        self.template = Some(words.to_owned());
        self
    }

    pub(super) fn found(mut self, words: &str) -> Self {
        self.found = Some(super::words::cut(words));
        self
    }

    pub(super) fn at(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.cells.extend(cells);
        self
    }

    pub(super) fn likely(mut self, words: Option<String>) -> Self {
        self.likely = words;
        self
    }

    pub(super) fn on(mut self, section: &str, sheet: Option<usize>) -> Self {
        section.clone_into(&mut self.section);
        self.sheet = sheet;
        self
    }
}
