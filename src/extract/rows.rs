//! Row labels of a table matched with its code list: codes, labels, aliases, months with a year, and bands that Excel
//! made dates of.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::grid::Grid;
use super::words::{fold, quote, same_letters, without_footnote};
use super::{tidy, year};
use crate::cell::Cell;
use crate::schema::model::CodeList;
use crate::workbook::Value;

/// How a row's label was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// By its code or label.
    Exact,
    /// By other words for it.
    Alias,
    /// Excel had made a date of it: what it was.
    Date(String),
    /// A month of another year.
    OtherYear,
}

/// A row's label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// Position of the code in the list.
    pub code: usize,
    pub how: How,
}

/// The words by which the rows of a table go.
pub(super) struct Rows<'a> {
    list: &'a CodeList,
    exact: BTreeMap<String, usize>,
    alias: BTreeMap<String, usize>,
    /// Calendar months to codes, for a table by month.
    months: BTreeMap<u32, usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(list: &'a CodeList) -> Self {
        let (mut exact, mut alias, mut months) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (i, code) in list.codes.iter().enumerate() {
            for words in [
                code.code.clone(),
                code.label.clone(),
                format!("{} {}", code.code, code.label),
                format!("{} {}", code.label, code.code),
            ] {
                exact.entry(fold(&words)).or_insert(i);
            }
            for words in &code.aliases {
                alias.entry(fold(words)).or_insert(i);
            }
            if list.months {
                let names = [&code.label, &code.code];
                let month = names.iter().find_map(|n| n.split_whitespace().find_map(tidy::month_of));
                if let Some(month) = month {
                    months.entry(month).or_insert(i);
                }
            }
        }
        Self { list, exact, alias, months }
    }

    /// How many rows there should be.
    pub(super) fn count(&self) -> usize {
        self.list.codes.len()
    }

    /// The row that a cell names, if any.
    pub(super) fn find(&self, grid: &Grid<'_>, cell: Cell, reporting: &str) -> Option<Label> {
        let entry = grid.entry(cell)?;
        match &entry.value {
            Value::Text(text) => self.named(text).or_else(|| self.month(text, reporting)),
            Value::Number(_) => self.named(grid.word(cell)?),
            Value::Date(at) if self.list.months => {
                let date = at.date();
                let code = *self.months.get(&date.month())?;
                let how = if in_year(date.month(), date.year(), reporting) { How::Exact } else { How::OtherYear };
                Some(Label { code, how })
            }
            Value::Date(at) => tidy::unmade(at.date()).into_iter().find_map(|label| {
                let code = self.named(&label)?.code;
                Some(Label { code, how: How::Date(label) })
            }),
            Value::Truth(_) | Value::Error(_) | Value::Nothing => None,
        }
    }

    /// The row that a label is nearest to; of a date, what Excel may have made it of (D22).
    pub(super) fn near(&self, grid: &Grid<'_>, cell: Cell) -> Option<usize> {
        match grid.entry(cell).map(|e| &e.value) {
            Some(Value::Date(at)) => {
                tidy::unmade(at.date()).iter().find_map(|label| tidy::suggestion(self.list, label))
            }
            _ => tidy::suggestion(self.list, &grid.text(cell)),
        }
    }

    fn named(&self, text: &str) -> Option<Label> {
        let whole = fold(text);
        let bare = fold(without_footnote(text));
        for word in [&whole, &bare] {
            if let Some(code) = self.exact.get(word) {
                return Some(Label { code: *code, how: How::Exact });
            }
        }
        if let Some((_, code)) = self.exact.iter().find(|(word, _)| same_letters(&bare, word)) {
            return Some(Label { code: *code, how: How::Exact });
        }
        [&whole, &bare].iter().find_map(|w| self.alias.get(*w)).map(|code| Label { code: *code, how: How::Alias })
    }

    /// `Apr-21`, `April 2020`.
    fn month(&self, text: &str, reporting: &str) -> Option<Label> {
        if self.months.is_empty() || text.len() > 40 {
            return None;
        }
        let word = fold(text);
        let parts: Vec<&str> = word.split(' ').collect();
        let (month, digits) = match parts.as_slice() {
            [month, year] => (tidy::month_of(month)?, *year),
            [one] => {
                let at = one.find(|c: char| c.is_ascii_digit())?;
                (tidy::month_of(&one[..at])?, &one[at..])
            }
            _ => return None,
        };
        let n: i32 = digits.parse().ok()?;
        let full = if digits.len() == 2 { 2000 + n } else { n };
        let code = *self.months.get(&month)?;
        let how = if in_year(month, full, reporting) { How::Exact } else { How::OtherYear };
        Some(Label { code, how })
    }
}

/// Where a label is a date, what may have been typed there.
pub(super) fn of_date(grid: &Grid<'_>, cell: Cell) -> String {
    let Some(Value::Date(at)) = grid.entry(cell).map(|e| &e.value) else { return String::new() };
    let labels: Vec<String> = tidy::unmade(at.date()).iter().map(|label| quote(label)).collect();
    format!(" It is a date: Excel makes one of {}.", labels.join(" or "))
}

/// Whether a calendar month lies in the reporting year.
fn in_year(month: u32, calendar: i32, reporting: &str) -> bool {
    let Some(start) = year::start(reporting) else { return true };
    calendar == if month >= 4 { start } else { start + 1 }
}

/// Whether a text says that its row is an example (D55).
pub(super) fn is_example(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let begins = ["e.g.", "eg ", "eg: ", "example ", "example:", "for example"].iter().any(|w| lower.starts_with(w));
    begins || matches!(lower.as_str(), "example" | "eg") || lower.ends_with("(example)") || lower.ends_with("(e.g.)")
}

/// Whether a text is the name of nobody, left in from an example (D55).
pub(super) fn is_nobody(text: &str) -> bool {
    let word = fold(text);
    let first = ["jane", "joe", "john", "fred", "jo"].iter().find_map(|first| word.strip_prefix(first));
    first.is_some_and(|rest| matches!(rest, " bloggs" | " doe")) || matches!(word.as_str(), "a n other" | "an other")
}

/// Whether a folded label says that its row is a remark on the others, whatever stands beside it (D46).
pub(super) fn is_remark(word: &str) -> bool {
    ["note", "notes", "source", "sources", "of which", "of whom", "of these", "see also"]
        .iter()
        .any(|begin| word.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// Whether a label says that its row adds up the others (TAB-11).
pub(super) fn is_total(word: &str) -> bool {
    matches!(
        word,
        "total" | "totals" | "all" | "overall" | "grand total" | "sum" | "subtotal" | "sub total" | "all rows"
    ) || word.starts_with("total ")
        || word.ends_with(" total")
        || word.starts_with("all ") && word.split(' ').count() <= 3
}
