//! Recommendations from one year to the next: each open one is reported on until it is closed, under one reference for
//! life. Which figures moved is left to `since`.

use std::collections::BTreeSet;

use super::since::Since;
use crate::cell::Pointer;
use crate::extract::{Return, fold};
use crate::figure::Bare;
use crate::finding::{Findings, Place};
use crate::schema::model::{List, Section};

impl Since<'_> {
    /// Recommendations of earlier years: each open one is reported on, none appears from nowhere, none runs backwards.
    pub(super) fn carried_over(&self, section: &Section, list: &List, findings: &mut Findings) {
        let place = Pointer::section(&section.key).child(&list.key);
        let keys = |of: &Return| -> Vec<String> { of.lists.get(&place).cloned().unwrap_or_default() };
        let text =
            |of: &Return, key: &str, field: &str| match of.figures.get(&place.child(key).child(field)).map(|f| &f.bare)
            {
                Some(Bare::Text(text)) => text.clone(),
                _ => String::new(),
            };
        // Codes are said in the words of the template's list.
        let said = |field: &str, code: &str| {
            let codes = list.fields.iter().find(|f| f.key() == field).and_then(|f| f.codes.as_ref());
            let label = codes.and_then(|list| list.codes.iter().find(|c| c.code == code)).map(|c| c.label.clone());
            label.unwrap_or_else(|| code.to_owned())
        };
        const CLOSED: [&str; 3] = ["complete", "superseded", "rejected"];
        let (now, then) = (keys(self.figures), keys(self.last));
        let sheet = self.figures.sheets.get(&section.key).copied();
        // The words of a recommendation tell it where its reference was changed.
        let gone: Vec<&String> = then.iter().filter(|key| !now.contains(key)).collect();
        let renamed = |key: &str| {
            let words = fold(&text(self.figures, key, "text"));
            gone.iter().copied().find(|old| !words.is_empty() && fold(&text(self.last, old, "text")) == words)
        };
        let found_again: BTreeSet<&String> =
            now.iter().filter(|key| !then.contains(key)).filter_map(|key| renamed(key)).collect();
        for key in gone.iter().copied().filter(|key| !found_again.contains(key)) {
            let status = text(self.last, key, "status");
            if CLOSED.contains(&status.as_str()) {
                continue;
            }
            let message = format!(
                "Recommendation {key} was {} last year and is not on the sheet. The annual report must say how effective the action has been.",
                if status.is_empty() { "open".to_owned() } else { format!("“{}”", said("status", &status)) }
            );
            let help = format!("Put {key} back on the list, with what has happened to it this year.");
            let mut found = self.finding(section, "XPE-01", &place.child(key), message).with_help(help);
            if let Some(sheet) = sheet {
                found = found.with_label(Place::Sheet(sheet), format!("{key} is missing"));
            }
            findings.add(found);
        }
        for key in &now {
            let at = place.child(key);
            let made = text(self.figures, key, "year_made");
            let mark = |field: &str| Place::Figure(at.child(field));
            if !then.contains(key) {
                let again = renamed(key);
                let message = match again {
                    Some(old) => {
                        format!(
                            "{key} has the words of {old} on last year’s return. A reference stays the same for life."
                        )
                    }
                    None => format!("{key} is shown as made in {made}, but it was not on last year’s return."),
                };
                if again.is_some() || (!made.is_empty() && made < self.figures.year) {
                    let mut found = self
                        .finding(section, "XPE-02", &at, message)
                        .with_label(mark(&list.key_field), format!("{key}, made {made}"));
                    if let Some(old) = again {
                        found = found.with_help(format!("Put {old} back as its reference."));
                        found.expected = Some(old.clone());
                    }
                    findings.add(found);
                }
                continue;
            }
            let (was, is) = (text(self.last, key, "status"), text(self.figures, key, "status"));
            let made_before = text(self.last, key, "year_made");
            if CLOSED.contains(&was.as_str()) && !is.is_empty() && !CLOSED.contains(&is.as_str()) {
                let (before, after) = (said("status", &was), said("status", &is));
                let message = format!("{key} was “{before}” last year and is “{after}” now. Was it opened again?");
                let mut found = self
                    .finding(section, "XPE-04", &at, message)
                    .with_label(mark("status"), format!("{after}, last year {before}"));
                found.state = vec![(at.child("status"), is)];
                findings.add(found);
            } else if !made.is_empty() && !made_before.is_empty() && made != made_before {
                let message = format!(
                    "{key} was made in {made_before} by last year’s return and in {made} by this one. Which is right?"
                );
                let mut found = self
                    .finding(section, "XPE-04", &at, message)
                    .with_label(mark("year_made"), format!("{made}, last year {made_before}"));
                found.state = vec![(at.child("year_made"), made)];
                findings.add(found);
            }
        }
    }
}
