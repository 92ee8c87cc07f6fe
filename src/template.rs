//! The workbook to send out to a body for a year, made from the schemas: a cover filled in, one sheet per section, the
//! sheet for explanations and a page of guidance. Reading it back is left to `workbook` and `extract`, which find
//! everything by its words; nothing here says at which row a figure stands.

mod carried;
mod guidance;
mod input;
mod sheet;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Formula, Workbook, XlsxError};

use crate::schema::model::{CodeList, Item, Measure, Section};
use crate::schema::{Body, Form, Schemas};
use crate::workbook::{LISTS, OURS};
use sheet::Writer;

pub use carried::{Last, open_rows};

/// What a template says it is, in its properties, its defined names and on its cover.
pub use crate::workbook::TEMPLATE;

/// The workbook for a body and the form of its kind and year. The same pack, form and body give the same bytes.
///
/// `last` is what was accepted of this body last year: its open rows are filled in, as far as they stay as they were.
///
/// # Errors
/// Where a title of the pack cannot be the name of a sheet, or two are the same.
pub fn workbook(schemas: &Schemas, form: &Form, body: &Body, last: &Last) -> Result<Vec<u8>, XlsxError> {
    let version = schemas.agencies.years.get(&form.year).map_or("", |y| y.template.as_str());
    let facts = [
        (OURS, TEMPLATE),
        ("safereturn_version", version),
        ("safereturn_year", form.year.as_str()),
        ("safereturn_body", body.key.as_str()),
        ("safereturn_pack", schemas.pack.2.as_str()),
    ];
    let mut workbook = Workbook::new();
    properties(&mut workbook, form, body, &facts)?;
    let lists = Lists::of(schemas, form);

    let filled = cover(form, body, version);
    let mut writer = Writer { lists: &lists, filled: &filled, last };
    writer.section(&mut workbook, &schemas.cover)?;
    writer.filled = &EMPTY;
    for section in &form.sections {
        writer.section(&mut workbook, section)?;
    }
    writer.section(&mut workbook, &schemas.explanations)?;
    guidance::write(&mut workbook, schemas, form, body, open_rows(form, last) > 0)?;
    lists.write(&mut workbook)?;
    workbook.save_to_buffer()
}

static EMPTY: BTreeMap<String, String> = BTreeMap::new();

/// The facts as custom properties and as constant names: copying sheets into another workbook loses the one or the other.
fn properties(workbook: &mut Workbook, form: &Form, body: &Body, facts: &[(&str, &str)]) -> Result<(), XlsxError> {
    // A fixed date, so that the same template is the same bytes.
    let created = ExcelDateTime::from_ymd(start_of(&form.year), 4, 1)?;
    let mut properties = DocProperties::new()
        .set_title(format!("Return {}: {}", form.year, body.title))
        .set_author("safereturn")
        .set_creation_datetime(&created);
    for (name, value) in facts {
        properties = properties.set_custom_property(*name, *value);
        workbook.define_name(*name, format!("=\"{}\"", value.replace('"', "\"\"")).as_str())?;
    }
    workbook.set_properties(&properties);
    Ok(())
}

/// What we know and the agency need not type, by the measure's key.
fn cover(form: &Form, body: &Body, version: &str) -> BTreeMap<String, String> {
    let start = start_of(&form.year);
    let known = [
        ("template_id", TEMPLATE.to_owned()),
        ("template_version", version.to_owned()),
        ("agency", body.key.clone()),
        ("body", body.key.clone()),
        ("reporting_year", form.year.clone()),
        ("period_start", format!("{start}-04-01")),
        ("period_end", format!("{}-03-31", start + 1)),
    ];
    known.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The calendar year in which a reporting year begins.
fn start_of(year: &str) -> u16 {
    year.get(..4).and_then(|y| y.parse().ok()).unwrap_or(2000)
}

/// Code lists too long for a cell's own list, each a column of a sheet of its own.
#[derive(Debug)]
struct Lists(Vec<(String, Vec<String>)>);

impl Lists {
    /// The longer lists of a form, cover and explanations, each once, in order.
    fn of(schemas: &Schemas, form: &Form) -> Self {
        let mut lists: Vec<(String, Vec<String>)> = Vec::new();
        for section in [&schemas.cover, &schemas.explanations].into_iter().chain(&form.sections) {
            for codes in measures(section).filter_map(|m| m.codes.as_ref()) {
                let words = choices(codes);
                if !fits_in_a_cell(&words) && !lists.iter().any(|(key, _)| *key == codes.key) {
                    lists.push((codes.key.clone(), words));
                }
            }
        }
        Self(lists)
    }

    /// Where the list of a key stands: `Lists!$A$2:$A$40`.
    fn range(&self, key: &str) -> Option<String> {
        let column = self.0.iter().position(|(k, _)| k == key)?;
        let letters = crate::cell::column_letters(u32::try_from(column).ok()?);
        let mut range = String::new();
        write!(range, "={LISTS}!${letters}$2:${letters}${}", self.0.get(column)?.1.len() + 1).ok()?;
        Some(range)
    }

    fn write(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name(LISTS)?.set_very_hidden(true);
        for (column, (key, words)) in (0..).zip(&self.0) {
            sheet.write_string(0, column, key)?;
            for (row, word) in (1..).zip(words) {
                sheet.write_string(row, column, word)?;
            }
        }
        Ok(())
    }
}

/// Every measure of a section: labelled values, columns and fields.
fn measures(section: &Section) -> impl Iterator<Item = &Measure> {
    section.items.iter().flat_map(|item| match item {
        Item::Measure(measure) => std::slice::from_ref(measure),
        Item::Table(table) => table.columns.as_slice(),
        Item::List(list) => list.fields.as_slice(),
    })
}

/// What people choose from: the words of the codes.
fn choices(codes: &CodeList) -> Vec<String> {
    codes.codes.iter().map(|c| c.label.clone()).collect()
}

/// Excel takes a list of at most 255 characters into the cell, parted by commas.
fn fits_in_a_cell(words: &[String]) -> bool {
    let commas = words.len().saturating_sub(1);
    words.iter().map(|w| w.encode_utf16().count()).sum::<usize>() + commas <= 255
        && !words.iter().any(|w| w.contains([',', '"']))
}

/// A formula of Excel from its text.
fn formula(text: impl AsRef<str>) -> Formula {
    Formula::new(text)
}
