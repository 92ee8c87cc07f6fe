//! What a rule can name: the measures of a section as shapes, and dotted names as nested ones.

use std::collections::BTreeMap;

use super::model::{Item, Kind, Measure, Section};
use crate::rules::Shape;

/// The name under which rules see how precisely a share was typed: half a unit of its last decimal.
#[must_use]
pub fn stated(name: &str) -> String {
    format!("{name}_stated")
}

/// The name under which rules see the code of a table's row.
pub(crate) const ROW: &str = "code";

/// What can be named in a section.
#[must_use]
pub fn shape(section: &Section) -> BTreeMap<String, Shape> {
    let mut names = BTreeMap::new();
    for item in &section.items {
        match item {
            Item::Measure(measure) => names.extend(named(std::slice::from_ref(measure))),
            Item::Table(table) => {
                let keys = table.rows.codes.iter().map(|code| code.code.clone());
                let mut row = named(&table.columns);
                row.entry(ROW.to_owned()).or_insert(Shape::Text);
                names.insert(table.key.clone(), Shape::table(Shape::record(row), keys));
            }
            Item::List(list) => {
                names.insert(list.key.clone(), Shape::list(Shape::record(named(&list.fields))));
            }
        }
    }
    names
}

/// The names of a row's measures; the columns of a breakdown inside the row stand under its name.
pub(super) fn named(measures: &[Measure]) -> BTreeMap<String, Shape> {
    let mut names = BTreeMap::new();
    let mut groups: BTreeMap<String, BTreeMap<String, Shape>> = BTreeMap::new();
    for measure in measures {
        let into = match measure.path.as_slice() {
            [group, _] => groups.entry(group.clone()).or_default(),
            _ => &mut names,
        };
        let Some(key) = measure.path.last() else { continue };
        if matches!(measure.kind, Kind::Percentage | Kind::Rate) {
            into.insert(stated(key), Shape::Figure);
        }
        into.insert(key.clone(), leaf(measure.kind));
    }
    names.extend(groups.into_iter().map(|(group, inner)| (group, Shape::record(inner))));
    names
}

const fn leaf(kind: Kind) -> Shape {
    match kind {
        Kind::Count | Kind::Percentage | Kind::Points | Kind::Rate | Kind::Number | Kind::Money => Shape::Figure,
        Kind::Date => Shape::Date,
        Kind::Year | Kind::Month | Kind::Code | Kind::Text | Kind::Email => Shape::Text,
        Kind::Codes => Shape::Codes,
    }
}

/// Nested names from dotted ones: `opening.cin` becomes `opening` with `cin` in it.
pub fn dotted<'a>(names: impl Iterator<Item = &'a String>) -> Shape {
    nested(names.map(|name| (name.as_str(), Shape::Figure)), Shape::record)
}

/// Values by dotted name as a tree, built from the leaves up.
pub(crate) fn nested<'a, T>(values: impl Iterator<Item = (&'a str, T)>, group: fn(BTreeMap<String, T>) -> T) -> T {
    let mut here = BTreeMap::new();
    let mut below: BTreeMap<&str, Vec<(&str, T)>> = BTreeMap::new();
    for (name, value) in values {
        match name.split_once('.') {
            Some((head, rest)) => below.entry(head).or_default().push((rest, value)),
            None => {
                here.insert(name.to_owned(), value);
            }
        }
    }
    for (head, inner) in below {
        here.insert(head.to_owned(), nested(inner.into_iter(), group));
    }
    group(here)
}
