//! Excel binary workbooks (.xlsb): the parts of an xlsx as records instead of XML, \[MS-XLSB\]. Each is read here from its
//! own bytes, record by record; what is kept of the cells is decided in `keep`, as for every format.

mod book;
mod cell;
mod formula;
mod note;
mod record;
mod sheet;
mod strings;
mod styles;

use std::collections::BTreeMap;
use std::io::Read;

use self::book::Links;
use self::formula::Formulas;
use self::record::Count;
use self::sheet::Shared;
use super::guard::{self, Archive, Refusal, Tally};
use super::keep::{Keeper, Opened, tidy};
use super::package::{self, Parts, Relation};
use super::{Format, Sheet, Workbook, property, structure};
use crate::cell::Cell;

/// Reads a workbook whose bytes are a zip that holds one.
pub(super) fn read(bytes: &[u8]) -> Result<Opened, Refusal> {
    let mut archive = guard::open(bytes)?;
    let parts = Parts::new(&archive);
    let mut tally = Tally::default();
    let mut count = Count::default();
    let (name, links) = package::book(&parts, &mut archive, &mut tally)?;
    let book = book::read(open(&name, &parts, &mut archive)?.0, &mut count)?;
    let mut others = BTreeMap::new();
    for (link, part) in book::others(&book, &links) {
        // What another workbook was is no reason to refuse the figures of this one.
        if let Ok((part, _)) = open(part, &parts, &mut archive)
            && let Ok(sheets) = book::remembered(part, &mut count)
        {
            others.insert(link.clone(), sheets);
        }
    }
    let strings = match part_of("sharedStrings", &links, &parts) {
        Some(part) => strings::read(open(part, &parts, &mut archive)?.0, &mut count)?,
        None => Vec::new(),
    };
    let looks = match part_of("styles", &links, &parts) {
        Some(part) => styles::read(open(part, &parts, &mut archive)?.0, &mut count)?,
        None => Vec::new(),
    };
    let mut keeper = Keeper::new(tally, book.epoch);
    let mut formulas = Formulas::new(Links::new(&book, &others));
    let mut workbook = Workbook { format: Some(Format::Xlsb), ..Workbook::default() };
    let (mut notes, mut short) = (Vec::new(), Vec::new());
    for (index, bundled) in book.sheets.iter().enumerate() {
        let mut sheet = Sheet { name: tidy(&bundled.name), state: bundled.state, ..Sheet::default() };
        let link = links.get(&bundled.link).ok_or_else(Refusal::damaged)?;
        // A sheet that is a chart or of macros has no figures.
        sheet.omitted.no_cells = link.kind != "worksheet";
        if link.kind == "worksheet" {
            let mut shared = Shared { keeper: &mut keeper, formulas: &mut formulas, looks: &looks, strings: &strings };
            let found = open(&link.target, &parts, &mut archive)
                .and_then(|(part, size)| sheet::read(part, size, index, &mut shared, &mut count, &mut sheet));
            if let Some((declared, reached)) = found.map_err(|r| r.on_sheet(&bundled.name))? {
                short
                    .push(format!("“{}” says that it goes to row {declared}, and ends with row {reached}", sheet.name));
            }
            let relations = package::relations(&link.target, &parts, &mut archive, &mut keeper.tally)?;
            if let Some(part) = part_of("comments", &relations, &parts) {
                sheet.comments = open(part, &parts, &mut archive)
                    .and_then(|(part, _)| note::read(part, &mut count, &mut keeper.tally))
                    .map_err(|r| r.on_sheet(&bundled.name))?;
            }
            // Threads of comments are XML here, too.
            let threads = part_of("threadedComment", &relations, &parts);
            let notes = std::mem::take(&mut sheet.comments);
            sheet.comments = structure::with_threads(notes, threads, &parts, &mut archive, &mut keeper.tally)
                .map_err(|r| r.on_sheet(&bundled.name))?;
        }
        if link.kind.to_lowercase().ends_with("macrosheet") {
            notes.push(format!(
                "the sheet “{}” holds commands (a macro sheet of before 1997) and was not read",
                sheet.name
            ));
        }
        workbook.sheets.push(sheet);
    }
    for named in book.names.iter().filter(|named| !named.name.is_empty()) {
        let text = formulas.words(&named.formula, Cell::new(0, 0));
        workbook.names.insert(named.name.clone(), text.trim_matches('"').to_owned());
    }
    workbook.properties = property::read(&parts, &mut archive, &mut keeper.tally);
    notes.extend(clause(short));
    Ok(Opened { workbook, unreadable: keeper.unreadable, notes })
}

/// One clause however many sheets are shorter than they say.
fn clause(mut short: Vec<String>) -> Vec<String> {
    const NAMED: usize = 3;
    let more = short.len().saturating_sub(NAMED);
    short.truncate(NAMED);
    if more > 0 {
        short.push(format!("so do {more} more sheets"));
    }
    if short.is_empty() { short } else { vec![short.join(", ")] }
}

/// A part's bytes as they are inflated, and how many they are.
fn open<'z, 'a>(
    name: &str,
    parts: &Parts,
    archive: &'z mut Archive<'a>,
) -> Result<(impl Read + use<'z, 'a>, u64), Refusal> {
    let place = parts.place(name).ok_or_else(Refusal::damaged)?;
    let part = archive.by_index(place).map_err(|_| Refusal::damaged())?;
    let size = part.size();
    Ok((part, size))
}

/// The part that a kind of relationship leads to, if there is one.
fn part_of<'l>(kind: &str, links: &'l BTreeMap<String, Relation>, parts: &Parts) -> Option<&'l str> {
    let link = links.values().find(|link| link.kind == kind)?;
    parts.place(&link.target).map(|_| link.target.as_str())
}
