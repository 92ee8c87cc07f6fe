//! One sheet of the template: title, instruction, then the section's blocks in order. Input cells carry no fill, because a
//! cell that says something by its colour only is read as such.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, ProtectionOptions, Workbook, Worksheet, XlsxError,
};

use super::carried::{Last, rows, value};
use super::input::{clip, format, status, validation};
use super::{Lists, measures};
use crate::cell::Cell;
use crate::schema::model::{Item, Kind, List, Measure, Section, Table};

/// The heading of a block of labelled values.
pub(super) const HEADINGS: [&str; 5] = ["Measure", "Figure", "Status", "Note", "Unit"];
/// What stands beside a measure that nobody needs to fill in.
const DERIVED: &str = "we work this out";
/// Empty rows of a list.
const LIST_ROWS: u32 = 30;

/// Writes sections, with what they share.
pub(super) struct Writer<'a> {
    pub(super) lists: &'a Lists,
    /// Values known beforehand, by the measure's key.
    pub(super) filled: &'a BTreeMap<String, String>,
    /// What was accepted last year.
    pub(super) last: &'a Last,
}

impl Writer<'_> {
    /// One section as one sheet.
    pub(super) fn section(&mut self, workbook: &mut Workbook, section: &Section) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(&section.title))?;
        widths(sheet, section)?;
        sheet.write_string_with_format(0, 0, &section.title, &title())?;
        let instruction = match section.description.is_empty() {
            true => "Please fill in the framed cells. See Guidance for letters that may stand for a figure.",
            false => section.description.as_str(),
        };
        sheet.write_string_with_format(1, 0, instruction, &grey())?;
        sheet.set_freeze_panes(2, 0)?;
        let mut row = 2;
        let mut in_form = false;
        for item in &section.items {
            match item {
                Item::Measure(measure) => {
                    if !in_form {
                        row = self.form_heading(sheet, row)?;
                    }
                    row = self.measure(sheet, row, measure)?;
                }
                Item::Table(table) => row = self.table(sheet, row, table)?,
                Item::List(list) => row = self.list(sheet, row, &section.key, list)?,
            }
            in_form = matches!(item, Item::Measure(_));
        }
        protect(sheet);
        Ok(())
    }

    /// The heading of a form block; a blank row parts it from what stands above.
    fn form_heading(&self, sheet: &mut Worksheet, row: u32) -> Result<u32, XlsxError> {
        let row = if row > 2 { row + 1 } else { row };
        for (column, words) in (0..).zip(HEADINGS) {
            sheet.write_string_with_format(row, column, words, &heading())?;
        }
        Ok(row + 1)
    }

    fn measure(&self, sheet: &mut Worksheet, row: u32, measure: &Measure) -> Result<u32, XlsxError> {
        let words = if measure.derived { grey_cell() } else { label() };
        sheet.write_string_with_format(row, 0, &measure.title, &words)?;
        sheet.write_string_with_format(row, 4, &measure.unit, &grey())?;
        if measure.derived {
            sheet.write_blank(row, 1, &locked(measure))?;
            sheet.write_string_with_format(row, 3, DERIVED, &grey_cell())?;
            return Ok(row + 1);
        }
        match self.filled.get(&measure.key()) {
            Some(known) => put(sheet, (row, 1), measure, known, &input(measure))?,
            None => {
                sheet.write_blank(row, 1, &input(measure))?;
            }
        }
        sheet.add_data_validation(row, 1, row, 1, &validation(measure, Cell::new(row, 1), self.lists)?)?;
        for column in 2..4 {
            sheet.write_blank(row, column, &input_text())?;
        }
        if measure.kind.is_number() {
            sheet.add_data_validation(row, 2, row, 2, &status()?)?;
        }
        Ok(row + 1)
    }

    fn table(&self, sheet: &mut Worksheet, row: u32, table: &Table) -> Result<u32, XlsxError> {
        let top = row + 1;
        sheet.write_string_with_format(top, 0, &table.title, &subtitle())?;
        let grey_columns = table.columns.iter().any(|c| c.derived);
        let note = if grey_columns { " Columns with a grey heading: we work these out." } else { "" };
        let description = format!("{}{note}", table.description);
        if !description.trim().is_empty() {
            sheet.write_string_with_format(top + 1, 0, description.trim(), &grey())?;
        }
        sheet.write_string_with_format(top + 2, 0, &table.row_title, &heading())?;
        sheet.set_row_height(top + 2, heading_height(&table.columns))?;
        let mut end = top + 3;
        for code in &table.rows.codes {
            sheet.write_string_with_format(end, 0, &code.label, &label())?;
            end += 1;
        }
        for (column, measure) in (1..).zip(&table.columns) {
            self.column(sheet, (top + 2, column), end, measure)?;
        }
        Ok(end)
    }

    fn list(&self, sheet: &mut Worksheet, row: u32, section: &str, list: &List) -> Result<u32, XlsxError> {
        let mut top = row + 1;
        sheet.write_string_with_format(top, 0, &list.title, &subtitle())?;
        let carried = rows(section, list, self.last);
        if !carried.is_empty() {
            top += 1;
            let asks = match carried.len() {
                1 => "The first row was open last year. Please fill in what is empty there, then add new rows below."
                    .to_owned(),
                n => format!(
                    "The first {n} rows were open last year. Please fill in what is empty there, then add new rows below."
                ),
            };
            sheet.write_string_with_format(top, 0, &asks, &grey())?;
        }
        sheet.set_row_height(top + 1, heading_height(&list.fields))?;
        let open = u32::try_from(carried.len()).unwrap_or(u32::MAX);
        let end = top + 2 + open + LIST_ROWS;
        for (column, measure) in (0..).zip(&list.fields) {
            self.column(sheet, (top + 1, column), end, measure)?;
        }
        for (row, last) in (top + 2..).zip(carried) {
            let mut tallest: f64 = 15.0;
            for (column, field) in (0..).zip(&list.fields) {
                let Some(known) = value(field, last) else { continue };
                let stays = field.carried.as_ref().is_some_and(|carried| carried.locked);
                put(sheet, (row, column), field, &known, &if stays { kept(field) } else { input(field) })?;
                tallest = tallest.max(height(&known, list_width(field)));
            }
            sheet.set_row_height(row, tallest)?;
        }
        Ok(end)
    }

    /// A column: its heading at a place, then empty cells down to the row before `end`.
    fn column(&self, sheet: &mut Worksheet, at: (u32, u16), end: u32, measure: &Measure) -> Result<(), XlsxError> {
        let (row, column) = at;
        let words = column_words(measure);
        let (head, cell) = match measure.derived {
            true => (grey_heading(), locked(measure)),
            false => (heading(), input(measure)),
        };
        sheet.write_string_with_format(row, column, &words, &head)?;
        for below in row + 1..end {
            sheet.write_blank(below, column, &cell)?;
        }
        if !measure.derived && end > row + 1 {
            let rule = validation(measure, Cell::new(row + 1, column.into()), self.lists)?;
            sheet.add_data_validation(row + 1, column, end - 1, column, &rule)?;
        }
        Ok(())
    }
}

/// A value known beforehand: a date as a date, everything else as text, so that nothing of it can be a formula.
fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    measure: &Measure,
    known: &str,
    shape: &Format,
) -> Result<(), XlsxError> {
    match ExcelDateTime::parse_from_str(known) {
        Ok(date) if measure.kind == Kind::Date => sheet.write_datetime_with_format(row, column, date, shape)?,
        Ok(_) | Err(_) => sheet.write_string_with_format(row, column, known, shape)?,
    };
    Ok(())
}

/// A title as the name of a sheet: without the characters that Excel refuses, and not too long.
pub(super) fn sheet_name(title: &str) -> String {
    let name: String = title.chars().map(|c| if "[]:*?/\\".contains(c) { ' ' } else { c }).collect();
    clip(name.trim().trim_matches('\''), 31)
}

/// The height of a row whose text wraps in a column so many characters wide: not every program works it out by itself.
pub(super) fn height(text: &str, width: u16) -> f64 {
    let lines = text.chars().count().div_ceil(usize::from(width.max(2)) - 1).clamp(1, 12);
    15.0 * f64::from(u8::try_from(lines).unwrap_or(1))
}

/// The words of a column's heading.
fn column_words(measure: &Measure) -> String {
    match &measure.group_title {
        Some(group) => format!("{group}: {}", measure.title),
        None => measure.title.clone(),
    }
}

/// The height of a heading row: that of the longest heading in the narrowest column.
fn heading_height(columns: &[Measure]) -> f64 {
    columns.iter().map(|m| height(&column_words(m), 12)).fold(15.0, f64::max)
}

/// Wide enough for the longest label, so that none runs into the row below.
fn labels_width(section: &Section) -> f64 {
    let longest = section.items.iter().flat_map(|item| match item {
        Item::Measure(m) => vec![m.title.chars().count()],
        Item::Table(t) => t.rows.codes.iter().map(|c| c.label.chars().count()).collect(),
        Item::List(_) => Vec::new(),
    });
    let longest = longest.max().unwrap_or(0).clamp(36, 72);
    f64::from(u8::try_from(longest).unwrap_or(72)) * 1.05 + 2.0
}

/// The first column is as wide as labels are; the others as a form block or a table asks.
fn widths(sheet: &mut Worksheet, section: &Section) -> Result<(), XlsxError> {
    let of_items = section.items.iter().any(|item| !matches!(item, Item::List(_)));
    if of_items {
        for (column, width) in (0..).zip([labels_width(section), 14.0, 14.0, 30.0, 16.0]) {
            sheet.set_column_width(column, width)?;
        }
    }
    let columns = section.items.iter().map(|item| match item {
        Item::Measure(_) => 5,
        Item::Table(table) => table.columns.len() + 1,
        Item::List(list) => list.fields.len(),
    });
    for column in 0..u16::try_from(columns.max().unwrap_or(0)).unwrap_or(u16::MAX) {
        if of_items && column < 5 {
            continue;
        }
        let width = measures(section).nth(column.into()).map_or(18, list_width);
        sheet.set_column_width(column, f64::from(width))?;
    }
    Ok(())
}

/// How wide a column of a list is, in characters.
fn list_width(field: &Measure) -> u16 {
    if field.kind == Kind::Text && field.longest > Some(80) { 40 } else { 18 }
}

/// Labels are locked without a password, so that a slip does no harm; rows may be added and anything may be formatted.
fn protect(sheet: &mut Worksheet) {
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.protect_with_options(&ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        insert_columns: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
}

fn title() -> Format {
    Format::new().set_bold().set_font_size(16)
}

fn subtitle() -> Format {
    Format::new().set_bold().set_font_size(12)
}

fn grey() -> Format {
    Format::new().set_font_color(Color::RGB(0x59_59_59))
}

fn heading() -> Format {
    let format = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    format.set_background_color(Color::RGB(0xDD_E6_EF)).set_border(FormatBorder::Thin)
}

fn grey_heading() -> Format {
    heading().set_font_color(Color::RGB(0x59_59_59)).set_background_color(Color::RGB(0xE6_E6_E6))
}

fn grey_cell() -> Format {
    grey().set_background_color(Color::RGB(0xE6_E6_E6)).set_text_wrap()
}

fn label() -> Format {
    Format::new().set_text_wrap()
}

/// A cell of a derived measure: locked, in the shape of the figure.
fn locked(measure: &Measure) -> Format {
    Format::new().set_num_format(format(measure.kind, measure.decimals)).set_border(FormatBorder::Hair)
}

/// A cell that stays as it was last year: locked, in grey letters and without a fill.
fn kept(measure: &Measure) -> Format {
    locked(measure).set_font_color(Color::RGB(0x59_59_59)).set_text_wrap().set_align(FormatAlign::Top)
}

/// A cell to fill in.
fn input(measure: &Measure) -> Format {
    let format = Format::new()
        .set_unlocked()
        .set_border(FormatBorder::Thin)
        .set_num_format(format(measure.kind, measure.decimals));
    if measure.kind == Kind::Text { format.set_text_wrap().set_align(FormatAlign::Top) } else { format }
}

fn input_text() -> Format {
    Format::new().set_unlocked().set_border(FormatBorder::Thin).set_num_format("@").set_text_wrap()
}
