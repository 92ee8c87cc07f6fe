//! A section's bare values as one JSON document: what the section's JSON Schema sees, and what the outbox carries.

use serde_json::{Map, Value};

use super::Return;
use crate::cell::Pointer;
use crate::figure::Figure;
use crate::schema::model::{Item, Measure, Section};

impl Return {
    /// The section as JSON: blank figures are left out; `keep` says which of the others stand in it.
    /// A list is an array whose rows carry their key as a field; a table is an object keyed by row code.
    #[must_use]
    pub fn bare(&self, section: &Section, keep: impl Fn(&Figure) -> bool) -> Value {
        let here = Pointer::section(&section.key);
        let mut document = Map::new();
        for item in &section.items {
            match item {
                Item::Measure(measure) => {
                    if let Some(value) = self.value(&at(&here, measure), &keep) {
                        put(&mut document, &measure.path, value);
                    }
                }
                Item::Table(table) => {
                    let place = here.child(&table.key);
                    let mut rows = Map::new();
                    for code in &table.rows.codes {
                        let row = self.row(&place.child(&code.code), &table.columns, &keep);
                        if !row.is_empty() {
                            rows.insert(code.code.clone(), Value::Object(row));
                        }
                    }
                    if !rows.is_empty() {
                        document.insert(table.key.clone(), Value::Object(rows));
                    }
                }
                Item::List(list) => {
                    let place = here.child(&list.key);
                    let keys = self.lists.get(&place).map(Vec::as_slice).unwrap_or_default();
                    let rows = keys.iter().map(|key| Value::Object(self.row(&place.child(key), &list.fields, &keep)));
                    document.insert(list.key.clone(), Value::Array(rows.collect()));
                }
            }
        }
        Value::Object(document)
    }

    /// The figures at a place and inside it, in order.
    pub fn within<'a>(&'a self, place: &'a Pointer) -> impl Iterator<Item = &'a Figure> {
        self.figures
            .range(place.clone()..)
            .map(|(_, figure)| figure)
            .take_while(|figure| figure.pointer.as_str().starts_with(place.as_str()))
            .filter(|figure| figure.pointer.is_within(place))
    }

    fn row(&self, place: &Pointer, measures: &[Measure], keep: &impl Fn(&Figure) -> bool) -> Map<String, Value> {
        let mut row = Map::new();
        for measure in measures {
            if let Some(value) = self.value(&at(place, measure), keep) {
                put(&mut row, &measure.path, value);
            }
        }
        row
    }

    fn value(&self, pointer: &Pointer, keep: &impl Fn(&Figure) -> bool) -> Option<Value> {
        self.figures.get(pointer).filter(|figure| keep(figure))?.bare.to_json()
    }
}

/// The pointer of a measure from the place of its row or section.
#[must_use]
pub fn at(place: &Pointer, measure: &Measure) -> Pointer {
    measure.path.iter().fold(place.clone(), |pointer, key| pointer.child(key))
}

fn put(into: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [key] => {
            into.insert(key.clone(), value);
        }
        [key, rest @ ..] => {
            let inner = into.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}
