//! Excel workbooks, cell by cell. The only file that names calamine, which gives values, styles and properties; addresses
//! and all else come from `structure`, and nothing is opened here that `guard` has not scanned.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::Arc;

use calamine::{DataRef, Reader, SheetVisible, Xlsx, expand_shared_formula};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::ghost::{Empties, used};
use super::guard::{self, FILLED, FORMULAS, Refusal, TEXT, Tally, UNREADABLE};
use super::package::{self, Listed, Parts};
use super::scan::without_controls;
use super::structure::{self, Formula, Structure};
use super::{Entry, Format, Sheet, SheetState, Value, Workbook, is_space};
use crate::cell::{Address, Cell};

/// A date serial after 31 December 9999 is no date.
const LAST_DAY: f64 = 2_958_466.0;

/// A workbook, and the cells that could not be read with why.
pub(super) struct Opened {
    /// What could be read.
    pub(super) workbook: Workbook,
    /// Cells whose value is damaged, or that the file holds twice.
    pub(super) unreadable: Vec<(Address, &'static str)>,
}

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
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsxError::Password => guard::password(),
        _ => Refusal::damaged(),
    })?;
    let mut reading = Reading { styles: Styles::default(), tally, shifted: 0, coloured: 0, unreadable: Vec::new() };
    let mut workbook = Workbook { format: Some(Format::Xlsx), ..Workbook::default() };
    let states: Vec<(String, SheetVisible)> =
        book.sheets_metadata().iter().map(|s| (s.name.clone(), s.visible)).collect();
    if states.len() != listed.len() || states.iter().zip(&listed).any(|((name, _), sheet)| *name != sheet.name) {
        return Err(Refusal::damaged());
    }
    for (index, ((sheet, structure), (_, visible))) in listed.iter().zip(structures).zip(states).enumerate() {
        let mut read = reading.sheet(index, sheet, structure, &mut book).map_err(|r| r.on_sheet(&sheet.name))?;
        read.state = match visible {
            SheetVisible::Visible => SheetState::Visible,
            SheetVisible::Hidden => SheetState::Hidden,
            SheetVisible::VeryHidden => SheetState::VeryHidden,
        };
        if let Some(part) = &sheet.notes {
            read.comments = structure::notes(part, &parts, &mut archive, &mut reading.tally)
                .map_err(|r| r.on_sheet(&sheet.name))?;
        }
        workbook.sheets.push(read);
    }
    workbook.names =
        book.defined_names().iter().map(|(name, text)| (tidy(name), tidy(text.trim_matches('"')))).collect();
    workbook.properties = properties(&mut book);
    Ok(Opened { workbook, unreadable: reading.unreadable })
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// What is shared by all sheets while they are read.
struct Reading {
    styles: Styles,
    tally: Tally,
    /// Bytes of formulas shifted so far.
    shifted: usize,
    /// Cells without a value that are held.
    coloured: usize,
    unreadable: Vec<(Address, &'static str)>,
}

/// A number format and a fill.
type Look = (Option<Arc<str>>, Option<Arc<str>>);

/// The number formats and fills by style id, each held once.
#[derive(Default)]
struct Styles {
    known: BTreeMap<usize, Look>,
}

impl Styles {
    fn get(&mut self, id: usize, all: &[calamine::Style]) -> Look {
        let look = || {
            let Some(style) = all.get(id) else { return (None, None) };
            let format = style.number_format.as_ref().map(|f| f.format_code.as_str()).filter(|f| *f != "General");
            let fill = style
                .fill
                .as_ref()
                .filter(|f| f.is_visible())
                .and_then(calamine::Fill::get_color)
                // White on white says nothing.
                .filter(|c| !c.is_white())
                .map(|c| format!("{:02X}{:02X}{:02X}", c.red, c.green, c.blue));
            (format.map(Arc::from), fill.map(Arc::from))
        };
        self.known.entry(id).or_insert_with(look).clone()
    }
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
            ..Sheet::default()
        };
        if !listed.cells {
            sheet.omitted.no_cells = true;
            return Ok(sheet);
        }
        let mut cells = book.worksheet_cells_reader(&listed.name).map_err(|_| Refusal::damaged())?;
        // Room for all at once: a list that doubles would take twice what is allowed.
        let mut found: Vec<(Cell, Entry)> = Vec::with_capacity(structure.places.len().min(FILLED));
        let mut empties = Empties::default();
        let mut lost = false;
        for (position, &place) in structure.places.iter().enumerate() {
            let (value, style) = match cells.next_cell_with_style_id() {
                // After a cell is lost, the reader of values miscounts those that do not say where they stand.
                Ok(Some((cell, style))) if lost || cell.get_position() == (place.row, place.column) => {
                    (self.value(place, cell.get_value(), &mut sheet)?, style)
                }
                // The two readers see different cells: neither can be trusted.
                Ok(Some(_) | None) => return Err(Refusal::damaged()),
                Err(calamine::XlsxError::Xml(_) | calamine::XlsxError::XmlEof(_)) => return Err(Refusal::damaged()),
                // One cell is lost, reading goes on; newer errors than the reader knows are no fault of the file.
                Err(_) => {
                    lost = true;
                    (structure.errors.get(&position).map(|code| Value::Error(code.clone())), 0)
                }
            };
            let value = value.filter(|_| !structure.unreadable.contains(&position));
            let Some(value) = value else {
                self.give_up(index, place, "could not be read")?;
                continue;
            };
            let (format, fill) = self.styles.get(style, cells.styles());
            let formula = structure.formulas.get(&position).map(|f| self.formula(f, place));
            let blank = matches!(&value, Value::Text(text) if text.chars().all(is_space));
            let value = if blank && formula.is_none() { Value::Nothing } else { value };
            // Colour is the first to go where there is too much of everything; text and numbers were counted before.
            if value == Value::Nothing && formula.is_none() && (fill.is_none() || self.coloured >= FILLED / 2) {
                if blank {
                    empties.spaces(place)
                } else {
                    empties.formatted(place)
                }
                continue;
            }
            self.coloured += usize::from(value == Value::Nothing);
            found.push((place, Entry { value, format, formula, fill }));
        }
        if !matches!(cells.next_cell_with_style_id(), Ok(None)) {
            return Err(Refusal::damaged());
        }
        self.without_twins(index, &mut found)?;
        drop_outer_colour(&mut found, &mut empties);
        sheet.cells = found.into_iter().collect();
        empties.settle(&mut sheet);
        Ok(sheet)
    }

    /// The value of a cell; `None` where it cannot be one.
    fn value(&mut self, place: Cell, value: &DataRef<'_>, sheet: &mut Sheet) -> Result<Option<Value>, Refusal> {
        let mut text = |text: &str, tally: &mut Tally| {
            if text.len() > TEXT && text.chars().count() > TEXT {
                return Err(Refusal::too_large(&format!("the text in {place} has more than {TEXT} characters")));
            }
            tally.text(text.len())?;
            let tidied = tidy(text);
            if tidied.len() != text.len() {
                sheet.omitted.controls.insert(place);
            }
            Ok(Some(Value::Text(tidied)))
        };
        Ok(match value {
            DataRef::Empty => Some(Value::Nothing),
            #[expect(clippy::cast_precision_loss, reason = "spreadsheets hold no other whole numbers than floats do")]
            DataRef::Int(n) => Some(Value::Number(*n as f64)),
            DataRef::Float(n) => n.is_finite().then_some(Value::Number(*n)),
            DataRef::String(s) => text(s, &mut self.tally)?,
            DataRef::SharedString(s) => text(s, &mut self.tally)?,
            DataRef::Bool(b) => Some(Value::Truth(*b)),
            DataRef::DateTime(date) => {
                let serial = date.as_f64();
                // A time of day, a duration and a number far from any date stay what they are.
                if date.is_datetime() && (1.0..LAST_DAY).contains(&serial) {
                    date.as_datetime().map(Value::Date)
                } else {
                    serial.is_finite().then_some(Value::Number(serial))
                }
            }
            DataRef::DateTimeIso(iso) => match iso_date(iso) {
                Some(date) => Some(Value::Date(date)),
                None => text(iso, &mut self.tally)?,
            },
            DataRef::DurationIso(iso) => text(iso, &mut self.tally)?,
            DataRef::Error(error) => Some(Value::Error(error.to_string())),
        })
    }

    fn formula(&mut self, formula: &Formula, place: Cell) -> Arc<str> {
        match formula {
            Formula::Own(text) => Arc::clone(text),
            // A formula is for people to look at: where the shifted ones would take too much room, the first will do.
            Formula::From(anchor, text) if self.shifted < FORMULAS => {
                match expand_shared_formula(text, (anchor.row, anchor.column), (place.row, place.column)) {
                    Ok(shifted) => {
                        self.shifted += shifted.len();
                        shifted.into()
                    }
                    Err(_) => Arc::clone(text),
                }
            }
            Formula::From(_, text) => Arc::clone(text),
        }
    }

    fn give_up(&mut self, sheet: usize, place: Cell, why: &'static str) -> Result<(), Refusal> {
        self.unreadable.push((Address::new(sheet, place), why));
        if self.unreadable.len() > UNREADABLE { Err(Refusal::damaged()) } else { Ok(()) }
    }

    /// Sorts the cells; of one that stands in the file twice the last counts, as in Excel, and it is reported.
    fn without_twins(&mut self, index: usize, found: &mut Vec<(Cell, Entry)>) -> Result<(), Refusal> {
        if !found.is_sorted_by_key(|(place, _)| *place) {
            found.sort_by_key(|(place, _)| *place);
        }
        let twins: BTreeSet<Cell> = found.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| w[0].0).collect();
        for &place in &twins {
            self.give_up(index, place, "stands in the file twice")?;
        }
        if !twins.is_empty() {
            let kept: BTreeMap<Cell, Entry> = std::mem::take(found).into_iter().collect();
            *found = kept.into_iter().collect();
        }
        Ok(())
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

fn tidy(text: &str) -> String {
    without_controls(text.into()).into_owned()
}

fn iso_date(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim_end_matches('Z');
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_time(NaiveTime::MIN));
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

fn properties(book: &mut Book<'_>) -> BTreeMap<String, String> {
    // Properties that cannot be read are no reason to refuse figures.
    let Ok(found) = book.workbook_properties() else { return BTreeMap::new() };
    let mut all: BTreeMap<String, String> =
        found.custom_properties.into_iter().map(|(name, value)| (tidy(&name), tidy(&value))).collect();
    for (name, value) in [
        ("creator", found.creator),
        ("last modified by", found.last_modified_by),
        ("created", found.created),
        ("modified", found.modified),
        ("title", found.title),
        ("subject", found.subject),
        ("description", found.description),
        ("keywords", found.keywords),
        ("category", found.category),
        ("status", found.content_status),
        ("company", found.company),
        ("manager", found.manager),
        ("application", found.application),
    ] {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            all.entry(name.to_owned()).or_insert_with(|| tidy(&value));
        }
    }
    all
}
