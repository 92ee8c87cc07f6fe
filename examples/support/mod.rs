//! Fills the template's layout with figures, for the makers of the cases and of the sample inbox: a form and values in,
//! cells out. The template that agencies get is made by `safereturn template`; both follow the same model.
#![allow(dead_code, unreachable_pub, reason = "each maker and test uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a maker stops at the first mistake")]

use std::collections::BTreeMap;

use safereturn::cell::{Address, Cell, Pointer};
use safereturn::schema::model::{Item, Kind, Measure, Section};
use safereturn::schema::{Form, Schemas};
use safereturn::workbook::{Entry, Format, Sheet, Value, Workbook, notation};
use serde_json::Value as Json;

/// A workbook laid out as the template is, and where each figure and label stands in it.
pub struct Laid {
    pub workbook: Workbook,
    pub figures: BTreeMap<Pointer, Address>,
    pub labels: BTreeMap<Pointer, Address>,
}

/// Lays out the cover, the sections named in `values` and, if it is named, the explanations.
pub fn lay_out(schemas: &Schemas, form: &Form, values: &Json) -> Laid {
    let mut laid = Laid {
        workbook: Workbook { format: Some(Format::Text), ..Workbook::default() },
        figures: BTreeMap::new(),
        labels: BTreeMap::new(),
    };
    for section in std::iter::once(&schemas.cover).chain(&form.sections).chain([&schemas.explanations]) {
        if let Some(values) = values.get(&section.key) {
            laid.section(section, values);
        }
    }
    laid
}

impl Laid {
    fn section(&mut self, section: &Section, values: &Json) {
        let index = self.workbook.sheets.len();
        self.workbook.sheets.push(Sheet { name: section.title.clone(), ..Sheet::default() });
        let here = Pointer::section(&section.key);
        self.text(index, 0, 0, &section.title);
        self.labels.insert(here.clone(), Address::new(index, Cell::new(0, 0)));
        self.text(index, 1, 0, "Type one figure beside each line. If there were none, type 0. If a figure cannot be given, type c, z, x, k or u.");
        let mut row = 3;
        let mut in_form = false;
        for item in &section.items {
            match item {
                Item::Measure(measure) => {
                    if !in_form {
                        for (column, title) in ["Measure", "Figure", "Status", "Note", "Unit"].iter().enumerate() {
                            self.text(index, row, column as u32, title);
                        }
                        row += 1;
                        in_form = true;
                    }
                    let pointer = here.child(&measure.key());
                    self.text(index, row, 0, &measure.title);
                    self.labels.insert(pointer.clone(), Address::new(index, Cell::new(row, 0)));
                    let given = values.get(measure.key());
                    // A figure with a flag is an object: {"value": 438, "status": "b"}.
                    let flagged = given.and_then(Json::as_object);
                    self.value(index, row, 1, pointer, measure, flagged.map_or(given, |flagged| flagged.get("value")));
                    if let Some(status) = flagged.and_then(|flagged| flagged.get("status")?.as_str()) {
                        self.text(index, row, 2, status);
                    }
                    if !measure.unit.is_empty() {
                        self.text(index, row, 4, &measure.unit);
                    }
                    row += 1;
                }
                Item::Table(table) => {
                    in_form = false;
                    let Some(rows) = values.get(&table.key) else { continue };
                    let place = here.child(&table.key);
                    row += 2;
                    self.text(index, row, 0, &table.title);
                    self.labels.insert(place.clone(), Address::new(index, Cell::new(row, 0)));
                    row += 1;
                    self.text(index, row, 0, &table.row_title);
                    for (column, measure) in table.columns.iter().enumerate() {
                        self.text(index, row, column as u32 + 1, &measure.title);
                        self.labels.insert(
                            place.child(&measure.key()),
                            Address::new(index, Cell::new(row, column as u32 + 1)),
                        );
                    }
                    row += 1;
                    for code in &table.rows.codes {
                        let place = place.child(&code.code);
                        self.text(index, row, 0, &code.label);
                        self.labels.insert(place.clone(), Address::new(index, Cell::new(row, 0)));
                        for (column, measure) in table.columns.iter().enumerate() {
                            let found = measure
                                .path
                                .iter()
                                .try_fold(rows.get(&code.code).unwrap_or(&Json::Null), |v, k| v.get(k));
                            let pointer = measure.path.iter().fold(place.clone(), |p, k| p.child(k));
                            self.value(index, row, column as u32 + 1, pointer, measure, found);
                        }
                        row += 1;
                    }
                }
                Item::List(list) => {
                    in_form = false;
                    let place = here.child(&list.key);
                    row += 2;
                    self.text(index, row, 0, &list.title);
                    self.labels.insert(place.clone(), Address::new(index, Cell::new(row, 0)));
                    row += 1;
                    for (column, field) in list.fields.iter().enumerate() {
                        self.text(index, row, column as u32, &field.title);
                        self.labels
                            .insert(place.child(&field.key()), Address::new(index, Cell::new(row, column as u32)));
                    }
                    row += 1;
                    for one in values.get(&list.key).and_then(Json::as_array).into_iter().flatten() {
                        let key = one.get(&list.key_field).and_then(Json::as_str).unwrap_or_default().to_owned();
                        for (column, field) in list.fields.iter().enumerate() {
                            let found = field.path.iter().try_fold(one, |v, k| v.get(k));
                            let pointer = field.path.iter().fold(place.child(&key), |p, k| p.child(k));
                            self.value(index, row, column as u32, pointer, field, found);
                        }
                        row += 1;
                    }
                }
            }
        }
    }

    fn text(&mut self, sheet: usize, row: u32, column: u32, text: &str) {
        self.workbook.sheets[sheet].cells.insert(Cell::new(row, column), Entry::text(text));
    }

    fn value(
        &mut self,
        sheet: usize,
        row: u32,
        column: u32,
        pointer: Pointer,
        measure: &Measure,
        value: Option<&Json>,
    ) {
        let cell = Cell::new(row, column);
        self.figures.insert(pointer.clone(), Address::new(sheet, cell));
        let entry = match value {
            None | Some(Json::Null) => return,
            Some(Json::Number(n)) => Entry::number(n.as_f64().unwrap()),
            Some(Json::Bool(b)) => Entry { value: Value::Truth(*b), ..Entry::default() },
            Some(Json::String(text)) => match text.parse::<chrono::NaiveDate>() {
                Ok(date) if measure.kind == Kind::Date => {
                    let value = Value::Date(date.and_hms_opt(0, 0, 0).unwrap());
                    Entry { value, format: Some("yyyy-mm-dd".into()), ..Entry::default() }
                }
                _ => Entry::text(text.clone()),
            },
            Some(Json::Array(codes)) => {
                Entry::text(codes.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "))
            }
            Some(other) => panic!("{pointer}: {other} is no value of a cell"),
        };
        self.workbook.sheets[sheet].cells.insert(cell, entry);
    }

    /// Where a place of an edit is: a figure's pointer, `label:` and a pointer, or `cell:` and `Sheet!B7`.
    pub fn place(&self, place: &str) -> Address {
        let known = |map: &BTreeMap<Pointer, Address>, pointer: &str| {
            *map.get(&Pointer::from(pointer)).unwrap_or_else(|| panic!("there is nothing at {place}"))
        };
        if let Some(pointer) = place.strip_prefix("label:") {
            known(&self.labels, pointer)
        } else if let Some(cell) = place.strip_prefix("cell:") {
            let (sheet, cell) = cell.rsplit_once('!').expect("Sheet!B7");
            let sheet = self.workbook.sheets.iter().position(|s| s.name == sheet).expect("a sheet of the return");
            Address::new(sheet, cell.parse().unwrap())
        } else {
            known(&self.figures, place)
        }
    }

    /// Lays out the sheet of explanations with these rows behind the others.
    pub fn explain(&mut self, schemas: &Schemas, rows: &[Json]) {
        self.section(&schemas.explanations, &serde_json::json!({ "explanations": rows }));
    }

    /// Puts what the notation says into a cell; nothing empties it.
    pub fn put(&mut self, address: Address, text: &str) {
        let cells = &mut self.workbook.sheets[address.sheet].cells;
        if text.is_empty() {
            cells.remove(&address.cell);
        } else {
            cells.insert(address.cell, notation::read_cell(text).unwrap());
        }
    }
}

/// The heading of a base's return: `2020-21 csc` for `csc-2020-21`.
pub fn heading(name: &str) -> String {
    let (body, year) = name.split_at(name.len() - 7);
    format!("{year} {}", body.trim_end_matches('-'))
}

/// The values of a base, one file for each section in `examples/bases/<body>-<year>/`, with the cover naming only the
/// sections wanted (all that there are, if none is named).
pub fn values(name: &str, sections: &[String]) -> Json {
    let folder = format!("{}/examples/bases/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |key: &str| -> Option<Json> {
        let path = format!("{folder}/{key}.json");
        let text = std::fs::read_to_string(&path).ok()?;
        Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}")))
    };
    let mut values = Json::Object(serde_json::Map::new());
    values["cover"] = read("cover").unwrap_or_else(|| panic!("there is no base {name}"));
    let mut returned = Vec::new();
    for key in order() {
        if (sections.is_empty() || sections.contains(&key))
            && let Some(section) = read(&key)
        {
            values[key.as_str()] = section;
            returned.push(Json::from(key));
        }
    }
    values["cover"]["sections_returned"] = Json::Array(returned);
    values
}

/// The bases there are, by name: `csc-2020-21`.
pub fn bases() -> Vec<String> {
    let folder = format!("{}/examples/bases", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn order() -> Vec<String> {
    let about = std::fs::read_to_string(format!("{}/schemas/pack.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let about: Json = serde_json::from_str(&about).unwrap();
    about["sections"].as_array().unwrap().iter().filter_map(|s| s.as_str().map(str::to_owned)).collect()
}

/// The pack as it stands in `schemas/`, every mistake told.
pub fn pack() -> Schemas {
    let files = safereturn::batch::pack_files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")));
    Schemas::compile(&files.unwrap()).unwrap_or_else(|mistakes| {
        let told: String = mistakes.iter().map(|m| format!("{m}\n")).collect();
        panic!("{} mistakes in the pack\n{told}", mistakes.len())
    })
}

/// A base laid out as the template is; the `blank` sections have their labels only.
pub fn base(schemas: &Schemas, name: &str, sections: &[String], blank: &[String]) -> Laid {
    let heading = heading(name);
    let (year, body) = heading.split_once(' ').unwrap();
    let kind = &schemas.body(body).expect("a registered body").kind;
    let form = schemas.form(kind, year).expect("a form");
    let mut values = values(name, sections);
    for section in form.sections.iter().filter(|s| blank.contains(&s.key)) {
        let tables = section.items.iter().filter_map(|item| match item {
            Item::Table(table) => Some((table.key.clone(), serde_json::json!({}))),
            Item::Measure(_) | Item::List(_) => None,
        });
        values[section.key.as_str()] = Json::Object(tables.collect());
    }
    lay_out(schemas, form, &values)
}
