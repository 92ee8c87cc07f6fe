//! Zeros where last year there was much (domain D15): a zero is easily typed for a figure that is not available.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::since::{Since, number};
use crate::cell::Pointer;
use crate::extract::Return;
use crate::finding::{Finding, Findings, Place};
use crate::schema::Relation;
use crate::schema::model::{Kind, Measure, Section, Table};

impl Since<'_> {
    /// Zeros of a table in the place of what was much last year; where rows add up to a total, that shows them.
    pub(super) fn table(
        &self,
        section: &Section,
        table: &Table,
        looked: &mut BTreeSet<(&'static str, Pointer)>,
        findings: &mut Findings,
    ) {
        let at = Pointer::section(&section.key).child(&table.key);
        let from = self.schemas.parameters.get("change.small_from").copied().unwrap_or(f64::INFINITY);
        let summed = |m: &Measure| {
            self.form.rules.iter().any(|rule| {
                rule.relation == Relation::SumsTo
                    && rule.section == section.key
                    && rule.at.first() == Some(&table.key)
                    && (rule.at.len() == 1 || rule.at[1..] == m.path[..])
            })
        };
        let columns: Vec<&Measure> =
            table.columns.iter().filter(|m| m.kind == Kind::Count && !m.derived && !summed(m)).collect();
        for code in &table.rows.codes {
            // A row is one thing: what is asked of its first figure is asked of the others with it.
            let mut row: Option<Finding> = None;
            for m in &columns {
                let pointer = crate::extract::at(&at.child(&code.code), m);
                let figure = |of: &Return| of.figures.get(&pointer).filter(|f| f.fault.is_none())?.interval.number();
                let (Some(now), Some(then)) = (figure(self.figures), figure(self.last)) else { continue };
                if now != 0.0 || then <= from {
                    looked.insert(("XPE-05", pointer));
                    continue;
                }
                let found = self.gone(section, m, &pointer, then);
                match &mut row {
                    Some(row) => {
                        row.labels.extend(found.labels);
                        row.state.extend(found.state);
                    }
                    None => {
                        looked.insert(("XPE-05", pointer));
                        row = Some(found);
                    }
                }
            }
            if let Some(mut row) = row {
                let more = row.labels.len() - 1;
                if more > 0 {
                    let _ = write!(row.message, " It is the same with {more} more of the row.");
                }
                findings.add(row);
            }
        }
    }

    /// A zero where last year there were many (D15).
    pub(super) fn gone(&self, section: &Section, m: &Measure, pointer: &Pointer, then: f64) -> Finding {
        let words = self.figures.words(pointer);
        let from = number(then, m);
        let message =
            format!("“{words}” is 0; last year it was {from}. Were there none, or is the figure not available?");
        let mut found = self
            .finding(section, "XPE-05", pointer, message)
            .with_label(Place::Figure(pointer.clone()), format!("“{words}”: 0, last year {from}"));
        found.help = "Type x if the figure is not available. If there were none, explain why.".to_owned();
        (found.found, found.expected) = (Some("0".to_owned()), Some(format!("about {from}")));
        found.difference = Some(from);
        let typed = self.figures.figures.get(pointer).map(|f| f.typed.clone()).unwrap_or_default();
        found.state = vec![(pointer.clone(), typed)];
        found
    }
}
