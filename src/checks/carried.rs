//! Recommendations from one year to the next: each open one is reported on until it is closed, under one reference for
//! life. Which figures moved is left to `since`.

use std::collections::BTreeSet;

use super::since::Since;
use crate::cell::Pointer;
use crate::extract::{Return, fold};
use crate::figure::Bare;
use crate::finding::{Findings, Place, Verdict};
use crate::schema::model::{List, Section};

/// The states in which nothing more is to be reported of a recommendation.
const CLOSED: [&str; 3] = ["complete", "superseded", "rejected"];

/// Whether a recommendation in this state is to be reported on again.
#[must_use]
pub fn is_open(status: &str) -> bool {
    !CLOSED.contains(&status)
}

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
            if !is_open(&status) {
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
            let reported = text(self.figures, key, "status_last");
            let wording = (text(self.last, key, "text"), text(self.figures, key, "text"));
            self.wording(section, &at, key, &wording, findings);
            if !is_open(&was) && !is.is_empty() && is_open(&is) {
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
            } else if !reported.is_empty() && !was.is_empty() && reported != was {
                let (before, typed) = (said("status", &was), said("status", &reported));
                let message = format!(
                    "{key} was “{before}” on last year’s return, but this one says that it was “{typed}”. Which is right?"
                );
                let mut found = self
                    .finding(section, "XPE-04", &at, message)
                    .with_label(mark("status_last"), format!("{typed}, last year’s return: {before}"));
                found.state = vec![(at.child("status_last"), reported)];
                findings.add(found);
            }
        }
    }

    /// The words of a recommendation under its old reference: the same, or quite other ones (XPE-03). What lies between
    /// is for somebody who reads both.
    fn wording(
        &self,
        section: &Section,
        at: &Pointer,
        key: &str,
        (was, is): &(String, String),
        findings: &mut Findings,
    ) {
        if was.is_empty() || is.is_empty() {
            let why = "one of the two texts is not there".to_owned();
            return findings.account("XPE-03", at.clone(), Verdict::Undecided(why));
        }
        let share = |name: &str| self.schemas.parameters.get(name).map(|percent| percent / 100.0);
        let (Some(same), Some(other)) = (share("wording.same"), share("wording.other")) else { return };
        let verdict = match Wording::of(was, is, same, other) {
            Wording::Same => Verdict::Held,
            Wording::Between => Verdict::NotRun("need a reader".to_owned()),
            Wording::Other => {
                let place = at.child("text");
                let message = format!(
                    "{key} has other words than on last year’s return, where it began “{}”. Is it the same recommendation?",
                    beginning(was)
                );
                let mut found = self
                    .finding(section, "XPE-03", at, message)
                    .with_label(Place::Figure(place.clone()), "other words than last year");
                found.found = Some(is.clone());
                found.expected = Some(was.clone());
                found.state = vec![(place, is.clone())];
                findings.add(found);
                Verdict::Failed
            }
        };
        findings.account("XPE-03", at.clone(), verdict);
    }
}

/// How two wordings of one recommendation are alike.
#[derive(Debug, PartialEq, Eq)]
enum Wording {
    /// The same, or a slip put right.
    Same,
    /// Changed, but who can tell how much?
    Between,
    /// Quite other words.
    Other,
}

impl Wording {
    /// `same` and `other` are shares of the words: from the one on it is a small edit, below the other nothing is left.
    fn of(was: &str, is: &str, same: f64, other: f64) -> Self {
        let (was, is) = (fold(was), fold(is));
        if was == is {
            return Self::Same;
        }
        let shared = shared(&words(&was), &words(&is));
        if shared < other {
            Self::Other
        } else if shared >= same && decisive(&was) == decisive(&is) {
            Self::Same
        } else {
            Self::Between
        }
    }
}

/// The words that carry the meaning: short ones stand in every sentence.
fn words(folded: &str) -> Vec<&str> {
    let long: Vec<&str> = folded.split(' ').filter(|word| word.chars().count() > 3).collect();
    if long.is_empty() { folded.split(' ').collect() } else { long }
}

/// The words on which a meaning turns however few they are: numbers, and what denies or limits.
fn decisive(folded: &str) -> Vec<&str> {
    const TURNS: [&str; 13] =
        ["not", "no", "never", "none", "without", "unless", "except", "only", "all", "every", "each", "or", "cannot"];
    let turns = |word: &&str| word.chars().any(char::is_numeric) || TURNS.contains(word);
    folded.split(' ').filter(turns).collect()
}

/// The share of the words that both texts have, counted once for each time they stand there.
fn shared(one: &[&str], other: &[&str]) -> f64 {
    let mut left = other.to_vec();
    let mut both = 0_usize;
    for word in one {
        if let Some(at) = left.iter().position(|w| w == word) {
            left.swap_remove(at);
            both += 1;
        }
    }
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    2.0 * number(both) / number((one.len() + other.len()).max(1))
}

/// The first words of a text, so that it is known again.
fn beginning(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = words.iter().take(8).copied().collect::<Vec<_>>().join(" ");
    if words.len() > 8 { format!("{first} …") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_no_reader_is_decided_of_a_wording() {
        let was =
            "Hold the initial conference within 15 working days of the strategy discussion that began the enquiry.";
        let of = |is: &str| Wording::of(was, is, 0.85, 0.3);
        for same in [
            "HOLD the initial conference within 15 working days of the strategy discussion that began the enquiry",
            "Hold the initial conferences within 15 working days of the strategy discussion that began the enquiry.",
        ] {
            assert_eq!(of(same), Wording::Same, "{same}");
        }
        for between in [
            "Hold the initial conference within 25 working days of the strategy discussion that began the enquiry.",
            "Do not hold the initial conference within 15 working days of the strategy discussion that began the enquiry.",
            "Hold the initial conference soon after the strategy discussion.",
        ] {
            assert_eq!(of(between), Wording::Between, "{between}");
        }
        assert_eq!(of("Record the ethnic group of every child at the first assessment."), Wording::Other);
    }
}
