//! A return with the sections beside it that it does not hold and that count from an earlier submission, so that rules
//! across sections are not silent because the sections came in two files. What is found then is about the sections of this
//! file: those of an earlier one stay as they are.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::cell::Pointer;
use crate::extract::{Context, Return};
use crate::finding::{Finding, Findings, Place, Reach};
use crate::schema::Form;
use crate::schema::model::Section;

/// A return and what stands beside it.
pub(super) struct Beside<'r> {
    /// The figures of both.
    pub(super) figures: Cow<'r, Return>,
    /// The sections that are of an earlier submission: their titles, by key.
    standing: BTreeMap<String, String>,
}

impl<'r> Beside<'r> {
    /// Puts beside a return what counts of the sections that it neither holds filled in nor declares nil.
    pub(super) fn new(figures: &'r Return, context: &Context, form: &Form, is_held: impl Fn(&Section) -> bool) -> Self {
        let stands = |counts: &Return, section: &Section| {
            counts.sheets.contains_key(&section.key)
                && !counts.nil.contains(&section.key)
                && !figures.nil.contains(&section.key)
                && !is_held(section)
        };
        let counts = context.counts.as_deref();
        let sections = form.sections.iter().filter(|section| counts.is_some_and(|counts| stands(counts, section)));
        let standing: BTreeMap<String, String> = sections.map(|s| (s.key.clone(), s.title.clone())).collect();
        let figures = match counts {
            Some(counts) if !standing.is_empty() => {
                Cow::Owned(figures.with_sections(counts, standing.keys().map(String::as_str)))
            }
            Some(_) | None => Cow::Borrowed(figures),
        };
        Self { figures, standing }
    }

    /// Whether a section is of an earlier submission.
    pub(super) fn stands(&self, section: &str) -> bool {
        self.standing.contains_key(section)
    }

    /// What was found, from a position in the list on, as it is told with this file: nothing is drawn on cells of another,
    /// and only sections of this one are refused or asked about. What is about none of them was told before.
    pub(super) fn tell(&self, findings: &mut Findings, from: usize) {
        if self.standing.is_empty() {
            return;
        }
        let list = findings.list_mut();
        let found = list.split_off(from.min(list.len()));
        list.extend(found.into_iter().filter_map(|finding| self.told(finding)));
    }

    fn told(&self, mut finding: Finding) -> Option<Finding> {
        let mut of_others: Vec<&String> = Vec::new();
        let mut earlier = |at: &Pointer| {
            let standing = self.standing.get_key_value(&at.section_key());
            of_others.extend(standing.map(|(key, _)| key));
            standing.is_some()
        };
        for label in &mut finding.labels {
            if let Place::Figure(pointer) = &label.place
                && earlier(pointer)
            {
                label.place = Place::Before(pointer.clone());
            }
        }
        finding.state.iter().filter(|(_, value)| !value.starts_with("last year ")).for_each(|(at, _)| {
            earlier(at);
        });
        if let Reach::Sections(keys) = &mut finding.reach {
            keys.retain(|key| !self.stands(key));
            if keys.is_empty() {
                return None;
            }
            if self.stands(&finding.at.section_key()) {
                finding.under = keys.first().cloned();
            }
        }
        // The cells of this file first: they are drawn.
        finding.labels.sort_by_key(|label| matches!(label.place, Place::Before(_)));
        of_others.sort_unstable();
        of_others.dedup();
        let (mut sent, mut titles) = (Vec::new(), Vec::new());
        for key in of_others {
            let title = self.standing.get(key).map_or("", String::as_str);
            titles.push(format!("“{title}”"));
            sent.push(match self.figures.numbers.get(key) {
                Some(number) => format!("“{title}” is as you sent it in submission {number}."),
                None => format!("“{title}” is as you sent it before."),
            });
        }
        if !sent.is_empty() {
            finding.message = format!("{} {}", finding.message, sent.join(" "));
            let both = format!("Where {} is wrong, send it again, in the same file.", titles.join(" or "));
            finding.help = format!("{} {both}", finding.help).trim().to_owned();
        }
        Some(finding)
    }
}
