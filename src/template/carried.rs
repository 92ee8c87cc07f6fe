//! What the template takes over from last year's accepted return: the open rows of lists that go on from year to year, so
//! that nobody has to copy them and none is forgotten. Which fields stay as they were is said in the pack (`x-carried`);
//! whether the update was written is left to the checks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::checks::is_open;
use crate::schema::Form;
use crate::schema::model::{Item, Kind, List, Measure};

/// Last year's accepted figures of a body by section, as `returns/<body>/<section>.json` has them under `figures`.
pub type Last = BTreeMap<String, Value>;

/// How many open rows of last year a template of this form is filled in with.
#[must_use]
pub fn open_rows(form: &Form, last: &Last) -> usize {
    let lists = form.sections.iter().flat_map(|section| section.items.iter().map(move |item| (section, item)));
    lists
        .map(|(section, item)| match item {
            Item::List(list) => rows(&section.key, list, last).len(),
            Item::Measure(_) | Item::Table(_) => 0,
        })
        .sum()
}

/// The rows of last year's list that are still open, in its order.
pub(super) fn rows<'l>(section: &str, list: &List, last: &'l Last) -> Vec<&'l Map<String, Value>> {
    if !list.fields.iter().any(|field| field.carried.is_some()) {
        return Vec::new();
    }
    let rows = last.get(section).and_then(|section| section.get(&list.key)).and_then(Value::as_array);
    let open = |row: &&Map<String, Value>| {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        !text(&list.key_field).is_empty() && is_open(text("status"))
    };
    rows.into_iter().flatten().filter_map(Value::as_object).filter(open).collect()
}

/// What a field takes over from last year's row, in the words of this year's list.
pub(super) fn value(field: &Measure, row: &Map<String, Value>) -> Option<String> {
    let text = match row.get(&field.carried.as_ref()?.from)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let label = match field.kind {
        Kind::Code => field.codes.iter().flat_map(|list| &list.codes).find(|c| c.code == text).map(|c| c.label.clone()),
        Kind::Count | Kind::Percentage | Kind::Points | Kind::Rate | Kind::Number | Kind::Money => None,
        Kind::Date | Kind::Month | Kind::Year | Kind::Codes | Kind::Text | Kind::Email => None,
    };
    Some(label.unwrap_or(text))
}
