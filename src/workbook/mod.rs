//! A submission as cells: what stands where, exactly as it was sent. Knows nothing of schemas.
//! The formats are read in `xlsx`, `xlsb`, `xls`, `ods`, `csv` and `notation`; what is too large or broken is refused
//! before memory is taken.

mod csv;
mod drawing;
mod function;
mod ghost;
pub mod guard;
mod keep;
mod library;
pub mod notation;
mod ods;
mod package;
mod property;
mod read;
mod scan;
mod sniff;
mod structure;
mod value;
mod xls;
mod xlsb;
mod xlsx;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDateTime;

use crate::cell::{Address, Cell};

/// A file as it arrived, or a folder or zip of csv files.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The file's name without its folder, as the agency named it.
    pub name: String,
    /// What arrived.
    pub content: Content,
}

/// The bytes of a submission.
#[derive(Debug, Clone)]
pub enum Content {
    /// One file.
    File(Vec<u8>),
    /// A folder of files (csv, named after sections): name and bytes, sorted by name.
    Folder(Vec<(String, Vec<u8>)>),
}

/// What a file turned out to be, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Excel workbook, `.xlsx`, or `.xlsm` with macros, which never run.
    Xlsx,
    /// Excel binary workbook, `.xlsb`.
    Xlsb,
    /// Excel workbook of before 2007, `.xls`.
    Xls,
    /// OpenDocument spreadsheet, `.ods`.
    Ods,
    /// Comma-separated values: one file, a folder or a zip of them.
    Csv,
    /// The text notation of the cases and drawings.
    Text,
}

impl Format {
    /// Its short name: `xlsx`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Csv => "csv",
            Self::Text => "text",
        }
    }
}

/// A workbook as read. Empty (no sheets) where it could not be read; the reason is a finding.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Workbook {
    /// What the file turned out to be; `None` where it could not be read.
    pub format: Option<Format>,
    /// The sheets in the order of the file.
    pub sheets: Vec<Sheet>,
    /// Document properties, custom ones too, by name.
    pub properties: BTreeMap<String, String>,
    /// Defined names with their text.
    pub names: BTreeMap<String, String>,
}

/// The property and defined name by which a workbook made by `template` is known.
pub const OURS: &str = "safereturn_template";
/// The property under which a workbook is kept that only calculates when it is asked to.
pub const BY_HAND: &str = "calculated by hand";
/// The property under which a workbook is kept whose pivot tables carry a copy of their data.
pub const CACHE: &str = "data kept by a pivot table";
/// The property under which a workbook is kept that has another document in it.
pub const EMBEDDED: &str = "embedded document";
/// The property that names who wrote comments.
pub const AUTHORS: &str = "authors of comments";
/// What such a workbook says on its cover that it is.
pub const TEMPLATE: &str = "iscp-return";
/// How many cells are looked at for values under merged regions.
const STEPS: usize = 2_000_000;
/// The sheet on which such a workbook keeps its longer lists of codes; people never see it.
pub const LISTS: &str = "Lists";

/// One sheet: only the cells that hold something.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// Its name on the tab.
    pub name: String,
    /// Whether people see it.
    pub state: SheetState,
    /// The cells that are not empty, by address. A formula without a saved result and a cell that says something by
    /// colour only are here too, with [`Value::Nothing`].
    pub cells: BTreeMap<Cell, Entry>,
    /// Merged regions: first and last cell; only the first holds the value.
    pub merges: Vec<(Cell, Cell)>,
    /// Rows that people do not see, from 0.
    pub hidden_rows: BTreeSet<u32>,
    /// Columns that people do not see, from 0.
    pub hidden_columns: BTreeSet<u32>,
    /// A filter is on, so that some rows may not be seen.
    pub filtered: bool,
    /// Comments and notes by cell.
    pub comments: BTreeMap<Cell, String>,
    /// Texts around the cells: headers and footers of the page, choices offered in cells and what is said beside them,
    /// text boxes and charts.
    pub around: Vec<String>,
    /// How many cells of the file were dropped because they hold white space or formatting only.
    pub dropped: usize,
    /// What else is not here as it stands in the file, and why.
    pub omitted: Omitted,
}

/// What of a sheet was passed over or changed while it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Omitted {
    /// The sheet has no cells: a chart or a dialogue.
    pub no_cells: bool,
    /// How many of the dropped cells hold white space.
    pub spaces: usize,
    /// How many of the dropped cells lie far from those in use, where nobody would look.
    pub ghosts: usize,
    /// The last of those.
    pub last_ghost: Option<Cell>,
    /// Cells whose value could not be read, or that the file holds twice, with why.
    pub unreadable: BTreeMap<Cell, Cow<'static, str>>,
    /// Cells whose text held control characters, which were taken out.
    pub controls: BTreeSet<Cell>,
}

/// Whether people see a sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SheetState {
    /// Seen.
    #[default]
    Visible,
    /// Hidden, to be shown from the menu.
    Hidden,
    /// Hidden so that no menu shows it.
    VeryHidden,
}

/// What one cell holds, exactly.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// The value, or the saved result of the formula.
    pub value: Value,
    /// Number format code where the format carries one: `0.0%`, `dd/mm/yyyy`.
    pub format: Option<Arc<str>>,
    /// The formula without its `=`.
    pub formula: Option<Arc<str>>,
    /// Fill colour as RRGGBB where there is one.
    pub fill: Option<Arc<str>>,
}

/// The value of a cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value: a formula without a saved result, or a cell that is only coloured.
    #[default]
    Nothing,
    /// A finite number.
    Number(f64),
    /// Text as it stands, spaces and all, control characters taken out.
    Text(String),
    /// TRUE or FALSE.
    Truth(bool),
    /// A date, with its time of day.
    Date(NaiveDateTime),
    /// A spreadsheet error: `#DIV/0!`.
    Error(String),
}

impl Entry {
    /// A cell that holds a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { value: Value::Text(text.into()), ..Self::default() }
    }

    /// A cell that holds a number.
    #[must_use]
    pub fn number(n: f64) -> Self {
        Self { value: Value::Number(n), ..Self::default() }
    }

    /// Whether nothing can be read in it: no value, or white space only (no-break and zero-width spaces too).
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match &self.value {
            Value::Nothing => true,
            Value::Text(text) => text.chars().all(is_space),
            Value::Number(_) | Value::Truth(_) | Value::Date(_) | Value::Error(_) => false,
        }
    }
}

/// White space in a spreadsheet: Unicode's, and the zero-width characters and byte-order marks that pasted text carries.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

impl Workbook {
    /// What a cell holds, if anything.
    #[must_use]
    pub fn get(&self, address: Address) -> Option<&Entry> {
        self.sheets.get(address.sheet)?.cells.get(&address.cell)
    }

    /// Visits the values in merged regions that are not in their first cell, with the region: Excel does not show them.
    /// Where so many regions lie over so many cells that this would take long, only a part of them.
    pub fn under_merges(&self, mut visit: impl FnMut(Address, (Cell, Cell))) {
        let mut steps = STEPS;
        for (index, sheet) in self.sheets.iter().enumerate() {
            for &(first, last) in sheet.merges.iter().filter(|(first, last)| first <= last) {
                for (cell, entry) in sheet.cells.range(first..=Cell::new(last.row, last.column)) {
                    if steps == 0 {
                        return;
                    }
                    steps -= 1;
                    if *cell != first && (first.column..=last.column).contains(&cell.column) && !entry.is_blank() {
                        visit(Address::new(index, *cell), (first, last));
                    }
                }
            }
        }
    }

    /// Cells that hold something to read, on all sheets.
    #[must_use]
    pub fn filled(&self) -> usize {
        self.sheets.iter().map(|s| s.cells.values().filter(|e| !e.is_blank()).count()).sum()
    }
}
