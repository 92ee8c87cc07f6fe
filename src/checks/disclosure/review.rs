//! Rows of a list that tell of one case each: a combination of what the pack calls telling fields that no other row has
//! (DIS-16).

use std::collections::BTreeMap;

use super::{Marks, Publishable, Scene};
use crate::cell::Pointer;
use crate::figure::Bare;
use crate::schema::model::{Item, List, Section};

/// A list whose rows may each be one case, and the rows that only one combination has.
pub(super) struct Rare<'a> {
    pub(super) section: &'a Section,
    pub(super) list: &'a List,
    pub(super) rows: Vec<Pointer>,
}

impl<'a> Scene<'a> {
    /// The rows that can be told from all others, list by list; lists without rows are left out.
    pub(super) fn rare(&self) -> Vec<Rare<'a>> {
        let mut out = Vec::new();
        for section in super::super::present(self.figures, self.form) {
            for item in &section.items {
                let Item::List(list) = item else { continue };
                let place = Pointer::section(&section.key).child(&list.key);
                let keys = self.figures.lists.get(&place).map(Vec::as_slice).unwrap_or_default();
                if list.telling.is_empty() || keys.is_empty() {
                    continue;
                }
                let mut seen: BTreeMap<Vec<String>, Vec<Pointer>> = BTreeMap::new();
                for key in keys {
                    let row = place.child(key);
                    let words = list.telling.iter().map(|field| self.word(&row.child(field))).collect();
                    seen.entry(words).or_default().push(row);
                }
                let single = seen.into_values().filter(|rows| rows.len() == 1).flatten();
                out.push(Rare { section, list, rows: single.collect() });
            }
        }
        out
    }

    fn word(&self, pointer: &Pointer) -> String {
        match self.figures.figures.get(pointer).map(|f| &f.bare) {
            None | Some(Bare::Blank | Bare::Marker(_)) => String::new(),
            Some(Bare::Codes(codes)) => {
                let mut codes = codes.clone();
                codes.sort();
                codes.join(";")
            }
            Some(Bare::Text(text)) => text.clone(),
            Some(Bare::Date(date)) => date.to_string(),
            Some(Bare::Number(n)) => n.to_string(),
        }
    }

    /// The records of such rows are not to be shown one by one.
    pub(super) fn reviews(&self, marks: &mut Marks) {
        for rare in self.rare() {
            for row in &rare.rows {
                let words = "a reader could work out which case this is".to_owned();
                marks.add(row, Publishable::Combine, "DIS-16", words.clone());
                for field in rare.list.fields.iter().filter(|f| f.kind.is_number()) {
                    let pointer = crate::extract::at(row, field);
                    if self.figures.figures.contains_key(&pointer) {
                        marks.add(&pointer, Publishable::Combine, "DIS-16", words.clone());
                    }
                }
            }
        }
    }
}
