//! What has become of the questions put to a body since its last submission: fixed, answered, still there, changed,
//! open again, new. A question about a section that a later submission leaves out is none of these: it stays with the
//! version that was sent before. How it is said is left to `render`.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::handled::{Asked, Handled};
use crate::report::Outcome;

/// The difference between what was asked before a submission and what is asked of it. Every question that was open
/// before stands in `fixed`, `answered`, `still`, `changed`, `left` or `unchecked`; every one open now in `still`, `changed`,
/// `reopened` or `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The number of the submission before.
    pub number: Option<u32>,
    /// The day on which that came.
    pub received: NaiveDate,
    /// It was open and is not asked any more.
    pub fixed: Vec<Asked>,
    /// It was open and is explained or waived now.
    pub answered: Vec<Asked>,
    /// It is open as it was, over the same figures.
    pub still: Vec<Asked>,
    /// It is open as it was, over other figures.
    pub changed: Vec<Moved>,
    /// It had been settled and is open again.
    pub reopened: Vec<Moved>,
    /// It was not asked before.
    pub new: Vec<Asked>,
    /// It was open, and this submission does not hold the section it is about.
    pub left: Vec<Asked>,
    /// It was open, and could not be looked at this time: something it rests on is missing or cannot be read.
    pub unchecked: Vec<Asked>,
}

/// A question and the figures it rested on before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The figures before, as one text.
    pub was: String,
    /// As it is asked now.
    pub now: Asked,
}

/// A question as it stood before the submission that is looked at.
struct Stood<'a> {
    asked: &'a Asked,
    /// It was about a file of which nothing could be read: the next file is another.
    about_file: bool,
    /// Sections of that submission that were not accepted and that none since has brought: a question about its cover stays
    /// with them.
    waiting: Vec<&'a str>,
}

impl Changes {
    /// Compares a submission with those before it, in their order; `None` where nothing came before that was kept.
    /// Of each section the last version counts, so that a submission of a few sections does not make the others new.
    #[must_use]
    pub fn between(earlier: &[Handled], now: &Handled) -> Option<Self> {
        let kept: Vec<&Handled> = earlier.iter().filter(|handled| !handled.private).collect();
        let last = *kept.last()?;
        let sections = kept.iter().copied().chain([now]).flat_map(|handled| &handled.sections);
        let known: BTreeSet<&str> = sections.map(|told| told.section.as_str()).collect();
        let mut stood: Vec<Stood<'_>> = Vec::new();
        for handled in kept {
            stood.iter_mut().for_each(|s| s.passes(handled));
            stood.retain(|s| !is_asked(handled, &s.asked.id) && s.fate(handled, &known) != Fate::Gone);
            let about_file = handled.sections.is_empty();
            let waiting = handled.sections.iter().filter(|told| told.outcome != Outcome::Accepted);
            let waiting: Vec<&str> = waiting.map(|told| told.section.as_str()).collect();
            let asked = |asked| Stood { asked, about_file, waiting: waiting.clone() };
            stood.extend(handled.asked.iter().map(asked));
        }
        stood.iter_mut().for_each(|s| s.passes(now));
        let mut changes = Self {
            number: last.submission,
            received: last.received,
            fixed: Vec::new(),
            answered: Vec::new(),
            still: Vec::new(),
            changed: Vec::new(),
            reopened: Vec::new(),
            new: Vec::new(),
            left: Vec::new(),
            unchecked: Vec::new(),
        };
        for asked in &now.asked {
            changes.place(stood.iter().find(|s| s.asked.id == asked.id).map(|s| s.asked), asked);
        }
        for gone in stood.iter().filter(|s| s.asked.open && !is_asked(now, &s.asked.id)) {
            let list = match gone.fate(now, &known) {
                Fate::Gone => &mut changes.fixed,
                Fate::Left => &mut changes.left,
                Fate::Unchecked => &mut changes.unchecked,
            };
            list.push(gone.asked.clone());
        }
        changes.answered.extend(now.settled.iter().cloned());
        Some(changes)
    }

    fn place(&mut self, before: Option<&Asked>, now: &Asked) {
        let moved = |was: &Asked| Moved { was: was.state.clone(), now: now.clone() };
        match (before, now.open) {
            (None, true) => self.new.push(now.clone()),
            (Some(was), true) if !was.open => self.reopened.push(moved(was)),
            (Some(was), true) if was.state != now.state => self.changed.push(moved(was)),
            (Some(_), true) => self.still.push(now.clone()),
            (Some(was), false) if was.open => self.answered.push(now.clone()),
            // What was settled and is, or is settled as soon as it is asked, asks nothing of anybody.
            (Some(_) | None, false) => {}
        }
    }

    /// What a question is in this difference, in two or three words; `None` for one that is settled or gone.
    #[must_use]
    pub fn word(&self, id: &str) -> Option<&'static str> {
        let is = |asked: &Asked| asked.id == id;
        if self.new.iter().any(is) {
            Some("new")
        } else if self.still.iter().any(is) {
            Some("still there")
        } else if self.changed.iter().any(|moved| is(&moved.now)) {
            Some("the figures have changed")
        } else {
            self.reopened.iter().any(|moved| is(&moved.now)).then_some("open again")
        }
    }
}

/// What a later submission that does not ask a question says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was looked at and is not asked any more.
    Gone,
    /// The submission does not hold the section, or nothing of it could be read.
    Left,
    /// What it rests on is missing or cannot be read.
    Unchecked,
}

impl Stood<'_> {
    /// A later submission brings sections: they wait no longer as they were.
    fn passes(&mut self, later: &Handled) {
        self.waiting.retain(|section| !brings(later, section));
    }

    fn fate(&self, later: &Handled, known: &BTreeSet<&str>) -> Fate {
        let section = self.asked.section.as_str();
        // What is wrong with one explanation keeps no section out.
        let of_all = !known.contains(section) && section != EXPLANATIONS;
        if self.about_file {
            Fate::Gone
        } else if later.sections.is_empty()
            || known.contains(section) && !brings(later, section)
            || of_all && !self.waiting.is_empty()
        {
            Fate::Left
        } else if later.unchecked.contains(&self.asked.id) {
            Fate::Unchecked
        } else {
            Fate::Gone
        }
    }
}

/// The sheet of explanations, by key.
const EXPLANATIONS: &str = "explanations";

fn brings(handled: &Handled, section: &str) -> bool {
    handled.sections.iter().any(|told| told.there && told.section == section)
}

fn is_asked(handled: &Handled, id: &str) -> bool {
    handled.asked.iter().any(|asked| asked.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::handled::Told;
    use crate::report::Outcome;

    /// A question `id section state`; with `!` before it, it is settled.
    fn question(text: &str) -> Asked {
        let (open, text) = text.strip_prefix('!').map_or((true, text), |rest| (false, rest));
        let mut words = text.split(' ').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        Asked {
            id: word(),
            rule: "STK-01".into(),
            title: String::new(),
            severity: Severity::Query,
            section: word(),
            message: String::new(),
            place: String::new(),
            address: String::new(),
            state: word(),
            answer: None,
            open,
        }
    }

    fn handled(sections: &str, asked: &[&str]) -> Handled {
        let told = |section: &str| Told {
            section: section.into(),
            title: section.into(),
            outcome: Outcome::Queried,
            nil: false,
            there: true,
        };
        Handled {
            sha256: String::new(),
            submission: Some(1),
            received: NaiveDate::default(),
            outcome: Outcome::Queried,
            private: false,
            sections: sections.split_whitespace().map(told).collect(),
            asked: asked.iter().map(|text| question(text)).collect(),
            unchecked: Vec::new(),
            settled: Vec::new(),
        }
    }

    /// `fixed a; still b`.
    fn said(earlier: &[Handled], now: &Handled) -> String {
        let changes = Changes::between(earlier, now).unwrap();
        let ids = |list: &[Asked]| list.iter().map(|a| a.id.clone()).collect::<Vec<_>>();
        let moved = |list: &[Moved]| list.iter().map(|m| format!("{}:{}>{}", m.now.id, m.was, m.now.state)).collect();
        let lists: [(&str, Vec<String>); 8] = [
            ("fixed", ids(&changes.fixed)),
            ("answered", ids(&changes.answered)),
            ("still", ids(&changes.still)),
            ("changed", moved(&changes.changed)),
            ("reopened", moved(&changes.reopened)),
            ("new", ids(&changes.new)),
            ("left", ids(&changes.left)),
            ("unchecked", ids(&changes.unchecked)),
        ];
        let open = now.open().count();
        let now_open = changes.still.len() + changes.changed.len() + changes.reopened.len() + changes.new.len();
        assert_eq!(open, now_open, "every open question has its place");
        let told = lists.iter().filter(|(_, ids)| !ids.is_empty());
        told.map(|(word, ids)| format!("{word} {}", ids.join(","))).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn every_question_has_its_place() {
        let before = handled("s t", &["a s 1", "b s 1", "c s 1", "d s 1", "!e s 1", "!f s 1", "!g s 1"]);
        let now = handled("s t", &["b s 1", "c s 2", "!d s 1", "e s 2", "!f s 1", "h s 1", "!i s 1"]);
        assert_eq!(said(&[before], &now), "fixed a; answered d; still b; changed c:1>2; reopened e:1>2; new h");
    }

    #[test]
    fn a_section_left_out_is_neither_fixed_nor_new_when_it_comes_again() {
        let (first, second) = (handled("s t", &["a s 1", "b t 1"]), handled("t", &["b t 2"]));
        assert_eq!(said(std::slice::from_ref(&first), &second), "changed b:1>2; left a");
        let third = handled("s t", &["a s 1", "b t 2"]);
        assert_eq!(said(&[first, second], &third), "still a,b");
    }

    #[test]
    fn what_cannot_be_read_leaves_the_others_as_they_were() {
        let (first, broken) = (handled("s", &["a s 1"]), handled("", &["x file 1"]));
        assert_eq!(said(std::slice::from_ref(&first), &broken), "new x; left a");
        assert_eq!(said(&[first, broken], &handled("s", &["a s 1"])), "fixed x; still a");
    }

    #[test]
    fn of_a_private_one_nothing_is_compared() {
        let private = Handled { private: true, ..handled("s", &["p s 1"]) };
        assert_eq!(Changes::between(std::slice::from_ref(&private), &handled("s", &[])), None);
        assert_eq!(Changes::between(&[], &handled("s", &[])), None);
        assert_eq!(said(&[handled("s", &["a s 1"]), private], &handled("s", &["a s 1"])), "still a");
    }

    #[test]
    fn what_is_said_of_the_cover_is_fixed_once_no_section_waits_for_it() {
        let first = handled("s t", &["a cover 1", "b t 1", "e explanations 1"]);
        let (half, rest) = (handled("s", &["c s 1"]), handled("t", &[]));
        // The version of t that was sent under that cover is still out for it.
        assert_eq!(said(std::slice::from_ref(&first), &half), "fixed e; new c; left a,b");
        assert_eq!(said(&[first.clone(), half.clone()], &rest), "fixed a,b; left c");
        assert_eq!(said(std::slice::from_ref(&first), &handled("s t", &[])), "fixed a,b,e");
        // Nothing waits for it any more that was accepted at once.
        let mut accepted = handled("s t", &["a cover 1"]);
        accepted.sections.iter_mut().for_each(|told| told.outcome = Outcome::Accepted);
        assert_eq!(said(&[accepted], &half), "fixed a; new c");
    }

    #[test]
    fn what_could_not_be_looked_at_is_not_called_fixed() {
        let first = handled("s t", &["a s 1", "b t 1"]);
        let mut second = handled("s t", &[]);
        second.unchecked = vec!["a".into()];
        // The cover says that t is returned, and there is no such sheet.
        second.sections[1].there = false;
        assert_eq!(said(std::slice::from_ref(&first), &second), "left b; unchecked a");
        assert_eq!(said(&[first, second], &handled("s t", &["a s 1"])), "fixed b; still a");
    }
}
