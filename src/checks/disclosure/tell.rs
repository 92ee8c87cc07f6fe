//! What is said to an agency that hides figures itself: what it left open against its own rule, and what can be worked out
//! in spite of it. To one that sends true counts, as asked, nothing is said.

use std::collections::{BTreeMap, BTreeSet};

use super::relation::Equation;
use super::{Marks, Scene};
use crate::cell::Pointer;
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::Schemas;
use crate::schema::model::Section;

/// A finding marks at most so many places.
const MOST_LABELS: usize = 12;
/// Why nothing is asked of a return with true counts.
const TRUE_COUNTS: &str = "true counts are sent; what may not be shown outside is marked in the records";

/// By what a hidden figure can be worked out.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// A total, less the other rows.
    Rest(&'a Equation),
    /// Its own parts.
    Parts(&'a Equation),
    /// What was open, came, went and is open.
    Flow(&'a Equation),
    /// Last year's closing figure.
    Last,
}

impl By<'_> {
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Rest(_) => "DIS-10",
            Self::Parts(_) | Self::Flow(_) | Self::Last => "DIS-13",
        }
    }

    pub(super) fn words(self, scene: &Scene<'_>) -> String {
        match self {
            Self::Rest(e) => format!("can be worked out from “{}”", scene.figures.words(&e.total)),
            Self::Parts(_) => "can be worked out from its parts".to_owned(),
            Self::Flow(_) => "can be worked out from the opening and closing figures".to_owned(),
            Self::Last => "is last year’s closing figure".to_owned(),
        }
    }
}

impl Scene<'_> {
    /// The figures that the agency hid and that can be worked out, each by what gives it away most surely.
    pub(super) fn given_away(&self) -> BTreeMap<Pointer, By<'_>> {
        let mut out: BTreeMap<Pointer, By<'_>> = BTreeMap::new();
        for equation in &self.relations.equations {
            let mut hidden = equation.terms().filter(|term| self.is_hidden(term));
            let (Some(only), None) = (hidden.next(), hidden.next()) else { continue };
            // Figures that disagree give nothing away.
            if equation.solve(only, |term| self.number(term)).is_none_or(|n| n < 0.0) {
                continue;
            }
            let by = match (equation.flow, *only == equation.total) {
                (true, _) => By::Flow(equation),
                (false, true) => By::Parts(equation),
                (false, false) => By::Rest(equation),
            };
            let graver = out.get(only).is_none_or(|before| before.rule() < by.rule());
            if graver {
                out.insert(only.clone(), by);
            }
        }
        for (start, end) in &self.relations.openings {
            let closed = self.last.and_then(|last| last.figures.get(end)).and_then(|f| f.interval.number());
            if self.is_hidden(start) && closed.is_some() {
                out.entry(start.clone()).or_insert(By::Last);
            }
        }
        out
    }
}

/// Says it, section by section.
pub(super) fn tell(scene: &Scene<'_>, marks: &Marks, schemas: &Schemas, findings: &mut Findings) {
    let given_away = scene.given_away();
    for section in super::super::present(scene.figures, scene.form) {
        if super::super::is_empty(section, findings) {
            continue;
        }
        let teller = Teller { scene, section, schemas, here: Pointer::section(&section.key) };
        teller.open(findings);
        teller.solved(&given_away, findings);
        teller.shares(findings);
        teller.differences(findings);
        teller.reviews(marks, findings);
    }
}

struct Teller<'a> {
    scene: &'a Scene<'a>,
    section: &'a Section,
    schemas: &'a Schemas,
    here: Pointer,
}

impl Teller<'_> {
    fn finding(&self, rule: &str, at: Pointer, message: String) -> Finding {
        let entry = self.schemas.entry(rule);
        let severity = entry.map_or(Severity::Query, |e| e.severity);
        Finding::new(rule, severity, at, Reach::section(&self.section.key), message)
            .with_help(entry.map(|e| e.help.clone()).unwrap_or_default())
    }

    /// Marks a figure, and makes the finding about its value.
    fn with(&self, mut found: Finding, pointer: &Pointer) -> Finding {
        let Some(figure) = self.scene.figures.figures.get(pointer) else { return found };
        found.state.push((pointer.clone(), figure.typed.clone()));
        if found.labels.len() < MOST_LABELS {
            let words = self.scene.figures.words(pointer);
            found = found.with_label(Place::Figure(pointer.clone()), format!("“{words}”: {}", figure.typed));
        }
        found
    }

    /// Figures that the cover says are hidden (DIS-09): one question for the sheet.
    fn open(&self, findings: &mut Findings) {
        if self.scene.figures.regime.range.is_none() {
            let why = TRUE_COUNTS.to_owned();
            return findings.account("DIS-09", self.here.clone(), Verdict::NotApplicable(why));
        }
        let typed = |pointer: &&Pointer| {
            let figure = self.scene.figures.figures.get(*pointer);
            figure.is_some_and(|f| !f.computed) && self.scene.measure(pointer).is_some_and(|m| !m.derived)
        };
        let open: Vec<&Pointer> = self
            .scene
            .counts
            .keys()
            .filter(|pointer| pointer.is_within(&self.here))
            .filter(|pointer| self.scene.number(pointer).is_some_and(|n| self.scene.is_forbidden(n)))
            .filter(typed)
            .collect();
        let Some(first) = open.first() else {
            return findings.account("DIS-09", self.here.clone(), Verdict::Held);
        };
        let regime = self.scene.figures.words(&Pointer::section("cover").child("suppression_regime"));
        let message = match open.len() {
            1 => format!(
                "“{}” is {}, but the cover says under “{regime}” that numbers as small as this are hidden.",
                self.scene.figures.words(first),
                self.scene.figures.figures.get(*first).map(|f| f.typed.clone()).unwrap_or_default()
            ),
            n => format!(
                "{n} figures of this sheet are so small that the cover says under “{regime}” they are hidden, but they are not."
            ),
        };
        let found = self.finding("DIS-09", self.here.clone(), message);
        findings.add(open.into_iter().fold(found, |found, pointer| self.with(found, pointer)));
        findings.account("DIS-09", self.here.clone(), Verdict::Failed);
    }

    /// Hidden figures that can be worked out (DIS-10, DIS-13).
    fn solved(&self, given_away: &BTreeMap<Pointer, By<'_>>, findings: &mut Findings) {
        let hides = self.scene.counts.keys().any(|p| p.is_within(&self.here) && self.scene.is_hidden(p));
        let mut failed: BTreeSet<&str> = BTreeSet::new();
        for (pointer, by) in given_away.iter().filter(|(pointer, _)| pointer.is_within(&self.here)) {
            failed.insert(by.rule());
            // That it stands for too many to be hidden was asked already, with the reckoning.
            if findings.list().iter().any(|f| f.rule.as_str() == "COD-09" && f.at == *pointer) {
                continue;
            }
            let words = self.scene.figures.words(pointer);
            let message = match by {
                By::Rest(e) => format!(
                    "“{words}” is hidden (c), but it is the only one: anybody can work it out from “{}” and the other figures.",
                    self.scene.figures.words(&e.total)
                ),
                By::Parts(_) => format!("“{words}” is hidden (c), but its parts, which are not, add up to it."),
                By::Flow(e) => {
                    let others = e.terms().filter(|term| *term != pointer).map(|t| format!("“{}”", self.scene.figures.words(t)));
                    let others: Vec<String> = others.collect();
                    let (last, rest) = others.split_last().map(|(l, r)| (l.clone(), r.join(", "))).unwrap_or_default();
                    format!("“{words}” is hidden (c), but anybody can work it out from {rest} and {last}.")
                }
                By::Last => format!("“{words}” is hidden (c), but last year’s return gave the figure with which this year began."),
            };
            let found = self.with(self.finding(by.rule(), pointer.clone(), message), pointer);
            let found = match by {
                By::Rest(e) => self.with(found, &e.total),
                By::Parts(e) => e.parts.iter().fold(found, |found, part| self.with(found, part)),
                By::Flow(e) => e.terms().filter(|t| *t != pointer).fold(found, |found, term| self.with(found, term)),
                By::Last => found,
            };
            findings.add(found);
        }
        for rule in ["DIS-10", "DIS-13"] {
            let verdict = match (failed.contains(rule), hides) {
                (true, _) => Verdict::Failed,
                (false, true) => Verdict::Held,
                (false, false) => Verdict::NotApplicable("nothing is hidden here".to_owned()),
            };
            findings.account(rule, self.here.clone(), verdict);
        }
    }

    /// Percentages that the agency typed and that give its hidden figure away (DIS-11).
    fn shares(&self, findings: &mut Findings) {
        let hidden: BTreeSet<Pointer> =
            self.scene.counts.keys().filter(|p| self.scene.is_hidden(p)).cloned().collect();
        let mut looked = false;
        for share in self.scene.relations.shares.iter().filter(|s| s.percentage.is_within(&self.here)) {
            let typed = self.scene.figures.figures.get(&share.percentage).is_some_and(|f| !f.computed && f.interval.number().is_some());
            let hides = self.scene.figures.regime.range.is_some() || share.parts.iter().any(|p| hidden.contains(p));
            if !typed || !hides {
                continue;
            }
            looked = true;
            // A part that stands there openly is asked about itself.
            let open = share.parts.iter().all(|part| self.scene.number(part).is_some());
            if open || !self.scene.tells(share, &hidden) {
                findings.account("DIS-11", share.percentage.clone(), Verdict::Held);
                continue;
            }
            let figure = self.scene.figures.figures.get(&share.percentage);
            let message = format!(
                "“{}” ({}) and “{}” together tell the figure that is hidden between them.",
                self.scene.figures.words(&share.percentage),
                figure.map(|f| f.typed.as_str()).unwrap_or_default(),
                self.scene.figures.words(&share.whole),
            );
            let found = self.finding("DIS-11", share.percentage.clone(), message);
            let all = [&share.percentage].into_iter().chain(&share.parts).chain([&share.whole]);
            findings.add(all.fold(found, |found, pointer| self.with(found, pointer)));
            findings.account("DIS-11", share.percentage.clone(), Verdict::Failed);
        }
        if !looked {
            let why = "no percentage stands beside a hidden figure".to_owned();
            findings.account("DIS-11", self.here.clone(), Verdict::NotApplicable(why));
        }
    }

    /// Figures whose difference is as small as those that the agency hides (DIS-12).
    fn differences(&self, findings: &mut Findings) {
        if self.scene.figures.regime.range.is_none() {
            let why = TRUE_COUNTS.to_owned();
            return findings.account("DIS-12", self.here.clone(), Verdict::NotApplicable(why));
        }
        let mut failed = false;
        for (part, whole, rule) in self.scene.small_differences().filter(|(part, ..)| part.is_within(&self.here)) {
            if rule != "DIS-12" {
                continue;
            }
            failed = true;
            let message = format!(
                "“{}” less “{}” leaves fewer than {}. One of the two will be held back when anything is published.",
                self.scene.figures.words(whole),
                self.scene.figures.words(part),
                self.scene.small
            );
            let found = self.with(self.with(self.finding("DIS-12", part.clone(), message), part), whole);
            findings.add(found);
        }
        findings.account("DIS-12", self.here.clone(), if failed { Verdict::Failed } else { Verdict::Held });
    }

    /// Rows of a list that can be told from all others (DIS-16).
    fn reviews(&self, marks: &Marks, findings: &mut Findings) {
        for rare in self.scene.rare().into_iter().filter(|rare| rare.section.key == self.section.key) {
            let at = self.here.child(&rare.list.key);
            let rows: Vec<&Pointer> = rare.rows.iter().filter(|row| marks.get(row).is_some()).collect();
            let verdict = if self.scene.figures.regime.range.is_none() {
                Verdict::NotApplicable(TRUE_COUNTS.to_owned())
            } else if rows.is_empty() {
                Verdict::Held
            } else {
                let message = match rows.len() {
                    1 => format!("A reader could work out which case one row of “{}” is.", rare.list.title),
                    n => format!("A reader could work out which case each of {n} rows of “{}” is.", rare.list.title),
                };
                let mut found = self.finding("DIS-16", at.clone(), message);
                for field in rows.iter().take(MOST_LABELS).map(|row| row.child(&rare.list.key_field)) {
                    found = self.with(found, &field);
                }
                findings.add(found);
                Verdict::Failed
            };
            findings.account("DIS-16", at, verdict);
        }
    }
}
