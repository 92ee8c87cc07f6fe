//! Texts that may name a person (DIS-07) and authors of the file (DIS-15): covered in the workbook before anything is read,
//! told once it is known what each cell means, and uncovered again where the board manager decided that nobody is named.

use std::collections::{BTreeMap, BTreeSet};

use super::{MASK, ordinal, person};
use crate::cell::{Address, Pointer};
use crate::extract::{Return, Use};
use crate::figure::Bare;
use crate::finding::{Answer, Finding, Findings, Label, Place, Reach, Severity, Verdict};
use crate::schema::Schemas;
use crate::workbook::{AUTHORS, Value, Workbook};

/// A finding marks at most so many places.
const MOST_LABELS: usize = 10;
/// Properties that say who made the file.
const BY: [&str; 4] = ["creator", "last modified by", "manager", AUTHORS];

/// What was covered.
#[derive(Debug, Default)]
pub struct Veil {
    /// The texts by cell.
    cells: BTreeMap<Address, String>,
    /// Comments, by the cell they hang on, with how long they are.
    comments: BTreeMap<Address, usize>,
    /// Sheets whose name was taken off.
    sheets: BTreeSet<usize>,
    /// What of the file itself shows a name, in words.
    file: Vec<&'static str>,
    /// The file's own name is one of them.
    pub file_name: bool,
}

impl Veil {
    /// Covers what may name a person.
    pub(super) fn over(workbook: &mut Workbook, file_name: &str, schemas: &Schemas) -> Self {
        let people = &schemas.people;
        let mut veil = Self::default();
        for (index, sheet) in workbook.sheets.iter_mut().enumerate() {
            if person::is_named(&sheet.name, people) {
                sheet.name = ordinal(index);
                veil.sheets.insert(index);
            }
            for (cell, entry) in &mut sheet.cells {
                if let Value::Text(text) = &mut entry.value
                    && person::is_named(text, people)
                {
                    veil.cells.insert(Address::new(index, *cell), std::mem::replace(text, MASK.to_owned()));
                    entry.formula = None;
                }
            }
            for text in sheet.around.iter_mut().filter(|text| person::is_named(text, people)) {
                veil.file.push("the headers, footers or lists of choices");
                MASK.clone_into(text);
            }
            for (cell, comment) in &mut sheet.comments {
                // Excel begins a note with the name of who wrote it: that is an author, not the text.
                let (author, text) = match comment.split_once(":\n") {
                    Some((author, text)) if author.chars().count() <= 60 && !author.contains('\n') => (author, text),
                    _ => ("", comment.as_str()),
                };
                let (signed, named) = (person::is_author(author, people), person::is_named(text, people));
                if signed {
                    veil.file.push("the authors of comments");
                }
                if named {
                    veil.comments.insert(Address::new(index, *cell), text.chars().count());
                    MASK.clone_into(comment);
                } else if signed {
                    *comment = format!("{MASK}:\n{text}");
                }
            }
        }
        for (name, text) in &mut workbook.properties {
            if BY.contains(&name.as_str()) && person::is_author(text, people) || person::is_named(text, people) {
                veil.file.push(match name.as_str() {
                    AUTHORS => "the authors of comments",
                    _ => "the properties of the file",
                });
                MASK.clone_into(text);
            }
        }
        for text in workbook.names.values_mut().filter(|text| person::is_named(text, people)) {
            veil.file.push("the defined names");
            MASK.clone_into(text);
        }
        veil.file_name = person::is_author(file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem), people);
        if veil.file_name {
            veil.file.push("the file’s name");
        }
        let mut seen = BTreeSet::new();
        veil.file.retain(|what| seen.insert(*what));
        veil
    }

    /// Says what was covered, each where it stands, and marks the figures: nothing else is said about a text nobody sees.
    pub fn tell(&self, figures: &mut Return, schemas: &Schemas, findings: &mut Findings) {
        let here = Pointer::section("file");
        let mut fields: BTreeMap<Pointer, Vec<(Address, Pointer, usize)>> = BTreeMap::new();
        let mut loose: BTreeMap<usize, Vec<Address>> = BTreeMap::new();
        for (address, text) in &self.cells {
            match figures.uses.get(address) {
                Some(Use::Value(pointer)) => {
                    let pointer = pointer.clone();
                    if let Some(figure) = figures.figures.get_mut(&pointer).filter(|f| f.cell == Some(*address)) {
                        figure.fault.get_or_insert_with(|| "DIS-07".into());
                    }
                    fields.entry(field(figures, &pointer)).or_default().push((*address, pointer, text.chars().count()));
                }
                Some(Use::Label | Use::Finding | Use::Passed(_)) | None => loose.entry(address.sheet).or_default().push(*address),
            }
        }
        for (address, count) in &self.comments {
            let at = match figures.uses.get(address) {
                Some(Use::Value(pointer)) => pointer.child("comment"),
                _ => screen(address.sheet).child(&address.cell.to_string()).child("comment"),
            };
            let message = "A comment may name a person. Please replace the name with a role.";
            let found = new(schemas, at.clone(), reach(figures, *address), message.to_owned());
            findings.add(stated(found, at, *count).with_label(Place::Cell(*address), "its comment may name a person"));
        }
        for (field, cells) in &fields {
            let at = if let [(_, only, _)] = cells.as_slice() { only.clone() } else { field.clone() };
            let words = figures.words(&at);
            let message = match cells.len() {
                1 => format!("The text under “{words}” may name a person. Please replace the name with a role."),
                n => format!("{n} texts under “{words}” may name a person. Please replace each name with a role."),
            };
            let reach = cells.first().map_or(Reach::Explanation, |(address, ..)| reach(figures, *address));
            let mut found = new(schemas, at, reach, message);
            for (_, pointer, count) in cells {
                found.labels.push(Label { place: Place::Figure(pointer.clone()), text: "may name a person".to_owned() });
                found = stated(found, pointer.clone(), *count);
            }
            found.labels.truncate(MOST_LABELS);
            findings.add(found);
        }
        for (sheet, cells) in &loose {
            let first = cells.first().map(|a| a.cell.to_string()).unwrap_or_default();
            let message = match cells.len() {
                1 => format!("Cell {first} may name a person. Please replace the name with a role."),
                n => format!("{n} cells of this sheet, from {first} on, may name a person. Please replace each name with a role."),
            };
            let reach = cells.first().map_or(Reach::Explanation, |address| reach(figures, *address));
            let mut found = new(schemas, screen(*sheet).child("names"), reach, message);
            for address in cells.iter().take(MOST_LABELS) {
                found = found.with_label(Place::Cell(*address), "may name a person");
            }
            findings.add(found);
        }
        for sheet in &self.sheets {
            let message = format!("The name of {} may be a person’s. Please name the sheet after what is on it.", ordinal(*sheet));
            let found = new(schemas, screen(*sheet).child("name"), Reach::Explanation, message);
            findings.add(found.with_label(Place::Sheet(*sheet), "its name may be a person’s"));
        }
        let named = !(self.cells.is_empty() && self.comments.is_empty() && self.sheets.is_empty());
        findings.account("DIS-07", here.clone(), if named { Verdict::Failed } else { Verdict::Held });
        if let Some((last, rest)) = self.file.split_last() {
            let places = if rest.is_empty() { (*last).to_owned() } else { format!("{} and {last}", rest.join(", ")) };
            let verb = if rest.is_empty() && *last == "the file’s name" { "shows" } else { "show" };
            let start: String = places.chars().take(1).flat_map(char::to_uppercase).chain(places.chars().skip(1)).collect();
            let message = format!("{start} {verb} a person’s name. It is not kept in our copy.");
            let help = schemas.entry("DIS-15").map(|e| e.help.clone()).unwrap_or_default();
            findings.add(
                Finding::new("DIS-15", Severity::Note, here.child("author"), Reach::Explanation, message)
                    .with_help(help)
                    .with_label(Place::File, "shows a person’s name"),
            );
        }
        let verdict = if self.file.is_empty() { Verdict::Held } else { Verdict::Failed };
        findings.account("DIS-15", here, verdict);
    }

    /// Gives back the texts about which the board manager decided that they name nobody.
    pub fn lift(mut self, workbook: &mut Workbook, figures: &mut Return, findings: &Findings) {
        let waived = |f: &&Finding| f.rule.as_str() == "DIS-07" && matches!(f.answer, Some(Answer::Waived { .. }));
        let places: Vec<Pointer> =
            findings.list().iter().filter(waived).flat_map(|f| &f.state).map(|(at, _)| at.clone()).collect();
        for pointer in places {
            let Some(figure) = figures.figures.get_mut(&pointer) else { continue };
            let Some((address, text)) = figure.cell.and_then(|a| Some((a, self.cells.remove(&a)?))) else { continue };
            if figure.bare == Bare::Text(MASK.to_owned()) {
                figure.bare = Bare::Text(text.trim().to_owned());
            }
            figure.typed = text.trim().to_owned();
            if let Some(entry) = workbook.sheets.get_mut(address.sheet).and_then(|s| s.cells.get_mut(&address.cell)) {
                entry.value = Value::Text(text);
            }
        }
    }
}

fn new(schemas: &Schemas, at: Pointer, reach: Reach, message: String) -> Finding {
    let entry = schemas.entry("DIS-07");
    let severity = entry.map_or(Severity::Query, |e| e.severity);
    Finding::new("DIS-07", severity, at, reach, message).with_help(entry.map(|e| e.help.clone()).unwrap_or_default())
}

/// An answer counts for this text: its length is said, not the text.
fn stated(mut found: Finding, at: Pointer, count: usize) -> Finding {
    found.state.push((at, format!("{MASK} ({count} characters)")));
    found
}

fn screen(sheet: usize) -> Pointer {
    Pointer::section("screen").child(&format!("sheet-{}", sheet + 1))
}

/// The column of a table or list that a figure stands in; a figure that stands alone.
fn field(figures: &Return, pointer: &Pointer) -> Pointer {
    match pointer.parent().as_ref().and_then(Pointer::parent) {
        Some(list) if figures.lists.contains_key(&list) => list.child(&pointer.last()),
        _ => pointer.clone(),
    }
}

/// The section whose sheet a cell stands on; an explanation only itself.
fn reach(figures: &Return, address: Address) -> Reach {
    let sections = figures.sheets.iter().filter(|(_, sheet)| **sheet == address.sheet);
    match sections.map(|(key, _)| key.as_str()).next() {
        Some("explanations") | None => Reach::Explanation,
        Some(key) => Reach::section(key),
    }
}
