//! What is kept of the cells that a format's reader finds: values under the limits, blanks counted and let go, no cell
//! twice. The same for every format; how the cells are found is left to `xlsx`, `xlsb`, `xls`, `ods` and `csv`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ghost::{Empties, used};
use super::guard::{FILLED, Refusal, TEXT, Tally, UNREADABLE};
use super::scan::without_controls;
use super::value::{self, Epoch, Raw};
use super::{Entry, Sheet, Value, Workbook, is_space};
use crate::cell::{Address, Cell};

/// A file that was read.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// What could be read.
    pub(super) workbook: Workbook,
    /// Cells whose value is damaged, or that the file holds twice, with why.
    pub(super) unreadable: Vec<(Address, &'static str)>,
    /// What had to be guessed to read it, or cannot be told from such a file: clauses of a note.
    pub(super) notes: Vec<String>,
}

/// How a cell looks, as far as it may say something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Number format code; `None` for “General”.
    pub(super) format: Option<Arc<str>>,
    /// Fill colour as RRGGBB, white left out.
    pub(super) fill: Option<Arc<str>>,
}

/// Keeps cells, over all sheets of a workbook.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    /// What was counted so far.
    pub(super) tally: Tally,
    /// From which day serial dates count.
    pub(super) epoch: Epoch,
    /// Cells without a value that are held.
    coloured: usize,
    /// What [`Opened::unreadable`] will be.
    pub(super) unreadable: Vec<(Address, &'static str)>,
}

/// The cells of the sheet at hand.
#[derive(Debug)]
pub(super) struct Page {
    /// The position of the sheet in the workbook.
    index: usize,
    found: Vec<(Cell, Entry)>,
    empties: Empties,
    /// Cells out of whose text control characters were taken.
    controls: BTreeSet<Cell>,
}

impl Page {
    /// A page for the sheet at a position, with room for so many cells: a list that doubles would take twice what is allowed.
    pub(super) fn new(index: usize, cells: usize) -> Self {
        Self {
            index,
            found: Vec::with_capacity(cells.min(FILLED)),
            empties: Empties::default(),
            controls: BTreeSet::new(),
        }
    }
}

impl Keeper {
    /// A keeper that goes on counting.
    pub(super) fn new(tally: Tally, epoch: Epoch) -> Self {
        Self { tally, epoch, ..Self::default() }
    }

    /// Keeps one cell, if it says anything. What cannot be a value (no finite number) is unreadable.
    ///
    /// # Errors
    /// A limit is passed.
    pub(super) fn keep(
        &mut self,
        page: &mut Page,
        place: Cell,
        raw: &Raw<'_>,
        look: Look,
        formula: Option<Arc<str>>,
    ) -> Result<(), Refusal> {
        let Some(value) = self.value(page, place, raw, look.format.as_deref())? else {
            return self.lose(page, place, "could not be read");
        };
        let blank = matches!(&value, Value::Text(text) if text.chars().all(is_space));
        let value = if blank && formula.is_none() { Value::Nothing } else { value };
        // Colour is the first to go where there is too much of everything; text and numbers were counted before.
        if value == Value::Nothing && formula.is_none() && (look.fill.is_none() || self.coloured >= FILLED / 2) {
            if blank {
                page.empties.spaces(place)
            } else {
                page.empties.formatted(place)
            }
            return Ok(());
        }
        self.coloured += usize::from(value == Value::Nothing);
        page.found.push((place, Entry { value, format: look.format, formula, fill: look.fill }));
        Ok(())
    }

    /// Says that a cell could not be read.
    ///
    /// # Errors
    /// There are so many that the file must be damaged.
    pub(super) fn lose(&mut self, page: &Page, place: Cell, why: &'static str) -> Result<(), Refusal> {
        self.unreadable.push((Address::new(page.index, place), why));
        if self.unreadable.len() > UNREADABLE { Err(Refusal::damaged()) } else { Ok(()) }
    }

    /// Puts the cells of a page into its sheet. Of a cell that stands in the file twice the last counts, as in Excel, and
    /// it is reported.
    ///
    /// # Errors
    /// As [`Keeper::lose`].
    pub(super) fn finish(&mut self, mut page: Page, sheet: &mut Sheet) -> Result<(), Refusal> {
        if !page.found.is_sorted_by_key(|(place, _)| *place) {
            page.found.sort_by_key(|(place, _)| *place);
        }
        let twins: BTreeSet<Cell> = page.found.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| w[0].0).collect();
        for &place in &twins {
            self.lose(&page, place, "stands in the file twice")?;
        }
        if !twins.is_empty() {
            let kept: BTreeMap<Cell, Entry> = std::mem::take(&mut page.found).into_iter().collect();
            page.found = kept.into_iter().collect();
        }
        drop_outer_colour(&mut page.found, &mut page.empties);
        sheet.cells = page.found.into_iter().collect();
        sheet.omitted.controls = page.controls;
        page.empties.settle(sheet);
        Ok(())
    }

    /// The value of a cell; `None` where it cannot be one.
    fn value(
        &mut self,
        page: &mut Page,
        place: Cell,
        raw: &Raw<'_>,
        format: Option<&str>,
    ) -> Result<Option<Value>, Refusal> {
        Ok(match raw {
            Raw::Nothing => Some(Value::Nothing),
            Raw::Number(n) => value::number(*n, format, self.epoch),
            Raw::Text(text) => {
                if text.len() > TEXT && text.chars().count() > TEXT {
                    return Err(Refusal::too_large(&format!("the text in {place} has more than {TEXT} characters")));
                }
                self.tally.text(text.len())?;
                let tidied = tidy(text);
                if tidied.len() != text.len() {
                    page.controls.insert(place);
                }
                Some(Value::Text(tidied))
            }
            Raw::Truth(truth) => Some(Value::Truth(*truth)),
            Raw::Date(date) => Some(Value::Date(*date)),
            Raw::Error(code) => Some(Value::Error(value::error(code))),
        })
    }
}

/// Colour without text matters only among the cells that hold something; the rest looks empty.
fn drop_outer_colour(found: &mut Vec<(Cell, Entry)>, empties: &mut Empties) {
    let area = used(found.iter().map(|(place, entry)| (place, entry)));
    found.retain(|(c, entry)| {
        let kept = entry.value != Value::Nothing
            || entry.formula.is_some()
            || area.is_some_and(|(first, last)| {
                (first.row..=last.row).contains(&c.row) && (first.column..=last.column).contains(&c.column)
            });
        if !kept {
            empties.formatted(*c);
        }
        kept
    });
}

/// Text without control characters.
pub(super) fn tidy(text: &str) -> String {
    without_controls(text.into()).into_owned()
}
