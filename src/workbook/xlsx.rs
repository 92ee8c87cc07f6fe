//! Excel workbooks of today (.xlsx, .xlsm), cell by cell: `library` gives values and styles, `structure` addresses,
//! formulas and all else. Where the two see different cells, neither is trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::guard::{self, FORMULAS, Refusal, Tally};
use super::keep::{Keeper, Look, Opened, Page, tidy};
use super::library::{self, Book, Next};
use super::package::{self, Listed, Parts};
use super::structure::{self, Formula, Structure};
use super::value::Raw;
use super::{BY_HAND, Format, Sheet, Workbook, drawing, property};
use crate::cell::Cell;

/// Reads a workbook whose bytes are a zip that holds one.
pub(super) fn read(bytes: &[u8]) -> Result<Opened, Refusal> {
    let mut archive = guard::open(bytes)?;
    let parts = Parts::new(&archive);
    let mut tally = Tally::default();
    let listed = package::sheets(&parts, &mut archive, &mut tally)?;
    // Every part is scanned, not only those that look like sheets: the reader of values decides itself what it opens.
    let sheets: BTreeMap<usize, usize> = listed
        .iter()
        .enumerate()
        .filter(|(_, sheet)| sheet.cells)
        .filter_map(|(i, sheet)| parts.place(&sheet.part).map(|place| (place, i)))
        .collect();
    let mut structures: Vec<Structure> = listed.iter().map(|_| Structure::default()).collect();
    for place in 0..archive.len() {
        match sheets.get(&place) {
            Some(&i) => {
                structures[i] = structure::structure(&listed[i].part, &parts, &mut archive, &mut tally)
                    .map_err(|refusal| refusal.on_sheet(&listed[i].name))?;
            }
            None => {
                package::sweep_at(place, &mut archive, &mut tally, |_| Ok(()))?;
            }
        }
    }
    let mut book = Book::open(bytes)?;
    let mut reading = Reading { keeper: Keeper::new(tally, book.epoch()), looks: BTreeMap::new(), shifted: 0 };
    let mut workbook = Workbook { format: Some(Format::Xlsx), ..Workbook::default() };
    let states = book.sheets();
    if states.len() != listed.len() || states.iter().zip(&listed).any(|((name, _), sheet)| *name != sheet.name) {
        return Err(Refusal::damaged());
    }
    let mut drawn = BTreeSet::new();
    for (index, ((sheet, structure), (_, state))) in listed.iter().zip(structures).zip(states).enumerate() {
        let mut read = reading.sheet(index, sheet, structure, &mut book).map_err(|r| r.on_sheet(&sheet.name))?;
        read.state = state;
        read.comments = structure::comments(sheet, &parts, &mut archive, &mut reading.keeper.tally)
            .map_err(|r| r.on_sheet(&sheet.name))?;
        read.around.extend(
            drawing::texts(sheet, &mut drawn, &parts, &mut archive, &mut reading.keeper.tally)
                .map_err(|r| r.on_sheet(&sheet.name))?,
        );
        workbook.sheets.push(read);
    }
    workbook.names = book.names();
    workbook.properties = property::read(&parts, &mut archive, &mut reading.keeper.tally);
    if package::by_hand(&parts, &mut archive, &mut reading.keeper.tally)? {
        workbook.properties.insert(BY_HAND.to_owned(), "yes".to_owned());
    }
    let macros = parts.names().any(|name| name.ends_with("vbaproject.bin"));
    let notes = macros.then(|| "it holds macros, which were not run".to_owned()).into_iter().collect();
    Ok(Opened { workbook, unreadable: reading.keeper.unreadable, notes })
}

/// What is shared by all sheets while they are read.
struct Reading {
    keeper: Keeper,
    /// How cells look by style, each held once.
    looks: BTreeMap<usize, Look>,
    /// Bytes of formulas shifted so far.
    shifted: usize,
}

impl Reading {
    fn sheet(
        &mut self,
        index: usize,
        listed: &Listed,
        structure: Structure,
        book: &mut Book<'_>,
    ) -> Result<Sheet, Refusal> {
        let mut sheet = Sheet {
            name: tidy(&listed.name),
            merges: structure.merges,
            hidden_rows: structure.hidden_rows,
            hidden_columns: structure.hidden_columns,
            filtered: structure.filtered,
            around: structure.around,
            ..Sheet::default()
        };
        if !listed.cells {
            sheet.omitted.no_cells = true;
            return Ok(sheet);
        }
        let mut cells = book.cells(&listed.name)?;
        let mut page = Page::new(index, structure.places.len());
        let mut lost = false;
        for (position, &place) in structure.places.iter().enumerate() {
            let (raw, style) = match cells.next()? {
                // After a cell is lost, the reader of values miscounts those that do not say where they stand.
                Next::Cell(at, raw, style) if lost || at == (place.row, place.column) => (Some(raw), style),
                // The two readers see different cells: neither can be trusted.
                Next::Cell(..) | Next::End => return Err(Refusal::damaged()),
                // One cell is lost, reading goes on; newer errors than the reader knows are no fault of the file.
                Next::Lost => {
                    lost = true;
                    (structure.errors.get(&position).map(|code| Raw::Error(code.as_str().into())), 0)
                }
            };
            let Some(raw) = raw.filter(|_| !structure.unreadable.contains(&position)) else {
                self.keeper.lose(&page, place, "could not be read")?;
                continue;
            };
            let look = self.looks.entry(style).or_insert_with(|| cells.look(style)).clone();
            let formula = structure.formulas.get(&position).map(|f| self.formula(f, place));
            self.keeper.keep(&mut page, place, &raw, look, formula)?;
        }
        if !matches!(cells.next()?, Next::End) {
            return Err(Refusal::damaged());
        }
        self.keeper.finish(page, &mut sheet)?;
        Ok(sheet)
    }

    fn formula(&mut self, formula: &Formula, place: Cell) -> Arc<str> {
        match formula {
            Formula::Own(text) => Arc::clone(text),
            // A formula is for people to look at: where the shifted ones would take too much room, the first will do.
            Formula::From(anchor, text) if self.shifted < FORMULAS => match library::shifted(text, *anchor, place) {
                Some(shifted) => {
                    self.shifted += shifted.len();
                    shifted.into()
                }
                None => Arc::clone(text),
            },
            Formula::From(_, text) => Arc::clone(text),
        }
    }
}
