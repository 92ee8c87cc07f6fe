//! Figures that we work out from others, declared beside their measure as `x-derived`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::{Item, Measure, Section};
use super::names::{ROW, named};
use super::source::{SchemaError, Source, join};
use crate::rules::{Shape, ValueExpression, lower_value};

/// A figure that we work out, as an expression.
#[derive(Debug)]
pub struct Derived {
    /// Its place inside the section: a measure, or a column of a table or list (one for each row).
    pub at: Vec<String>,
    /// The figure itself.
    pub expression: ValueExpression,
}

/// The derived figures of a section.
pub(crate) fn derived(
    section: &Section,
    source: &Source,
    names: &Shape,
    errors: &mut Vec<SchemaError>,
) -> Vec<Derived> {
    let mut out = Vec::new();
    let mut add = |measure: &Measure, table: Option<&str>, place: &str, names: &Shape| {
        let pointer = join(place, "x-derived");
        let Some(text) = source.json.pointer(&pointer).and_then(Value::as_str) else { return };
        match lower_value(text, names) {
            Ok(expression) => {
                let at = table.map(str::to_owned).into_iter().chain(measure.path.clone()).collect();
                out.push(Derived { at, expression });
            }
            Err(faults) => errors
                .extend(faults.into_iter().map(|f| source.wrong_inside(&pointer, f.span, f.message).with_help(f.help))),
        }
    };
    // A derived column is worked out row by row; its row is `r`, as in rules about each row.
    let mut columns = |key: &str, row: &str, columns: &[Measure]| {
        let mut inner = match names {
            Shape::Record(names) => names.as_ref().clone(),
            Shape::Figure | Shape::Date | Shape::Text | Shape::Truth | Shape::Codes | Shape::Table { .. } => {
                BTreeMap::new()
            }
        };
        let mut own = named(columns);
        if row == "additionalProperties" {
            own.entry(ROW.to_owned()).or_insert(Shape::Text);
        }
        inner.insert("r".to_owned(), Shape::record(own));
        let inner = Shape::record(inner);
        for column in columns.iter().filter(|c| c.derived) {
            let place = format!("/properties/{key}/{row}/properties/{}", column.path.join("/properties/"));
            add(column, Some(key), &place, &inner);
        }
    };
    for item in &section.items {
        match item {
            Item::Measure(_) => {}
            Item::Table(table) => columns(&table.key, "additionalProperties", &table.columns),
            Item::List(list) => columns(&list.key, "items", &list.fields),
        }
    }
    for item in &section.items {
        match item {
            Item::Measure(m) if m.derived => add(m, None, &join("/properties", &m.key()), names),
            Item::Measure(_) | Item::Table(_) | Item::List(_) => {}
        }
    }
    out
}
