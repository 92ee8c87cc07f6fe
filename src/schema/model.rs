//! The effective pack of one kind of agency and one year, lowered: what extraction, checks and templates walk.
//! Made by `effective` from the files of the pack; holds no JSON but the validators' own.

use std::sync::Arc;

use crate::finding::{RuleId, Severity};

/// A report section (or the cover, or the explanations) as one kind of agency owes it in one year: a sheet.
#[derive(Debug)]
pub struct Section {
    /// Its key: `child-protection`. The file's name and the first segment of every pointer.
    pub key: String,
    /// The sheet's name and title.
    pub title: String,
    /// Other names the sheet is known by.
    pub aliases: Vec<String>,
    /// What it is about, for the template and the reference.
    pub description: String,
    /// The aims of the yearly report that it serves.
    pub aims: Vec<String>,
    /// Measures, tables and lists in the order of the template.
    pub items: Vec<Item>,
}

/// A block of a sheet. Measures that follow one another form one block of labels and values.
#[derive(Debug)]
pub enum Item {
    /// A label with its value beside it.
    Measure(Measure),
    /// A table with fixed rows.
    Table(Table),
    /// A list whose rows the agency makes.
    List(List),
}

/// A table with fixed rows: an object keyed by row code. Pointer of a cell: section / table / row code / column path.
#[derive(Debug)]
pub struct Table {
    /// Its key in the section.
    pub key: String,
    /// The title above it.
    pub title: String,
    /// Other titles.
    pub aliases: Vec<String>,
    /// What it counts.
    pub description: String,
    /// The heading of the first column: `Age`, `Month`.
    pub row_title: String,
    /// The code list of the rows; those valid in this year, in order.
    pub rows: Arc<CodeList>,
    /// The columns in order.
    pub columns: Vec<Measure>,
    /// Codes that stand here as rows or as columns and are bands without a gap between them (TAB-09).
    pub bands: Option<Arc<CodeList>>,
    /// Whether the table must be there at all.
    pub required: bool,
}

/// A list: an array whose rows are named by a key field. Pointer: section / list / key / field path.
#[derive(Debug)]
pub struct List {
    /// Its key in the section.
    pub key: String,
    /// The title above it.
    pub title: String,
    /// Other titles.
    pub aliases: Vec<String>,
    /// What one row is.
    pub description: String,
    /// The field whose value names the row.
    pub key_field: String,
    /// The fields that together may tell one row from all others (DIS-16).
    pub telling: Vec<String>,
    /// The fields in order.
    pub fields: Vec<Measure>,
}

/// One measure: a labelled value, a column of a table or a field of a list.
#[derive(Debug)]
pub struct Measure {
    /// Keys from its row (or section) down: one, or two for a breakdown inside a row.
    pub path: Vec<String>,
    /// The words on the template.
    pub title: String,
    /// For a breakdown inside a row, the heading over its columns.
    pub group_title: Option<String>,
    /// Other words that agencies use for it.
    pub aliases: Vec<String>,
    /// What counts and what does not.
    pub description: String,
    /// What kind of value.
    pub kind: Kind,
    /// The unit as people read it: `children`, `% `, `per 10,000`.
    pub unit: String,
    /// What is counted, for a count.
    pub unit_of_count: Option<String>,
    /// Whether a blank is an error.
    pub required: bool,
    /// Computed by us; what the agency types is compared.
    pub derived: bool,
    /// Decimals of the published figure.
    pub decimals: u8,
    /// Outside this range it is questioned (CEL-08).
    pub plausible: Option<(f64, f64)>,
    /// The code list, for a code or several.
    pub codes: Option<Arc<CodeList>>,
    /// Markers that cannot be right here (COD-07), by letter.
    pub never: Vec<String>,
    /// In this year it cannot be set beside other years’, which a flag has to say (COD-10).
    pub breaks: bool,
    /// It is shown outside only where it does not tell of a few.
    pub publish_from: Option<PublishFrom>,
    /// Longest text, in characters.
    pub longest: Option<usize>,
    /// Shortest text, in characters.
    pub shortest: Option<usize>,
    /// Where the definition comes from.
    pub source: String,
    /// What the template fills in from last year's return, in a list whose open rows are carried over.
    pub carried: Option<Carried>,
}

/// A field that the template fills in from last year's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The field of last year's row.
    pub from: String,
    /// Whether it stays as it was.
    pub locked: bool,
}

impl Measure {
    /// The keys joined by `/`.
    #[must_use]
    pub fn key(&self) -> String {
        self.path.join("/")
    }
}

/// From which size of a count on a figure may be shown outside: a rate of a few children tells of each of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishFrom {
    /// The key of the count: beside the figure, and wherever a figure of that name is a part of it.
    pub of: String,
    /// The least that it has to be.
    pub least: f64,
}

/// What kind of value a measure holds; decides how a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A whole number of things, 0 or more.
    Count,
    /// Percentage points, 0 to 100.
    Percentage,
    /// A difference in percentage points, signed.
    Points,
    /// A rate per so many.
    Rate,
    /// Any other number, with its unit.
    Number,
    /// Pounds.
    Money,
    /// A date.
    Date,
    /// A reporting year, `2021-22`.
    Year,
    /// A calendar month, `2021-06`: never a day.
    Month,
    /// One code of a list.
    Code,
    /// Several codes of a list.
    Codes,
    /// Free text.
    Text,
    /// An e-mail address of an office.
    Email,
}

impl Kind {
    /// Whether the value is a number.
    #[must_use]
    pub const fn is_number(self) -> bool {
        match self {
            Self::Count | Self::Percentage | Self::Points | Self::Rate | Self::Number | Self::Money => true,
            Self::Date | Self::Year | Self::Month | Self::Code | Self::Codes | Self::Text | Self::Email => false,
        }
    }
}

/// A code list as valid in one year.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// Its key, the file's name: `abuse-categories`.
    pub key: String,
    /// What it lists.
    pub title: String,
    /// The codes in order.
    pub codes: Vec<Code>,
    /// Codes of other years, so that a retired one can be named.
    pub retired: Vec<Code>,
    /// The rows are the months of the reporting year, so a label may carry a year (TAB-16).
    pub months: bool,
}

/// One code.
#[derive(Debug, Clone)]
pub struct Code {
    /// The code: `NEG`.
    pub code: String,
    /// The words: `Neglect`.
    pub label: String,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// It cannot stand together with another (COD-03).
    pub exclusive: bool,
    /// It says that the answer is not known (TAB-17).
    pub unknown: bool,
    /// Codes that took its place, where it is retired (COD-05).
    pub replaced_by: Vec<String>,
}

/// What the catalogue says of a rule.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The id.
    pub id: RuleId,
    /// A title to read.
    pub title: String,
    /// Its usual severity.
    pub severity: Severity,
    /// The message pattern, where the rule declares none of its own.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Why it matters.
    pub why: String,
    /// Where it comes from.
    pub source: String,
    /// Who checks it: schema, keyword, cel or code.
    pub by: String,
    /// Why it is not run on a single return, where it never is.
    pub not_run: Option<String>,
    /// What to ask, and what to do, where a figure may be for a wider area than the partnership's.
    pub other_area: Option<(String, String)>,
}

impl Section {
    /// The words on the template for a place inside this section: a measure, a table, a column, a row or a field.
    #[must_use]
    pub fn words(&self, inside: &[String]) -> Option<String> {
        let (first, rest) = inside.split_first()?;
        self.items.iter().find_map(|item| match item {
            Item::Measure(m) if m.path == inside => Some(m.title.clone()),
            Item::Table(t) if t.key == *first => {
                let column = t.columns.iter().find(|c| c.path == rest);
                let row = t.rows.codes.iter().find(|c| rest.first() == Some(&c.code));
                let words = column.map(|c| &c.title).or(row.map(|r| &r.label));
                Some(words.map_or_else(|| t.title.clone(), |words| format!("{} · {words}", t.title)))
            }
            Item::List(l) if l.key == *first => {
                let field = l.fields.iter().find(|f| f.path == rest);
                Some(field.map_or_else(|| l.title.clone(), |f| format!("{} · {}", l.title, f.title)))
            }
            Item::Measure(_) | Item::Table(_) | Item::List(_) => None,
        })
    }

    /// The measure that a pointer into this section names, by its segments after the section's key.
    #[must_use]
    pub fn measure(&self, segments: &[String]) -> Option<&Measure> {
        let (first, rest) = segments.split_first()?;
        self.items.iter().find_map(|item| match item {
            Item::Measure(measure) if measure.path == segments => Some(measure),
            Item::Table(table) if table.key == *first => table.columns.iter().find(|m| rest.get(1..) == Some(&m.path)),
            Item::List(list) if list.key == *first => list.fields.iter().find(|m| rest.get(1..) == Some(&m.path)),
            Item::Measure(_) | Item::Table(_) | Item::List(_) => None,
        })
    }
}
