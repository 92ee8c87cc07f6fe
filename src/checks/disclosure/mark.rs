//! Marks: what may not be shown outside as it stands, and why. Small counts first, then what gives them away, then what
//! gives those away, until nothing does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::relation::Share;
use super::{Scene, each_figure};
use crate::cell::Pointer;
use crate::figure::Bare;
use crate::schema::model::Kind;

/// Whether a figure may be shown outside the partnership as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Publishable {
    /// It may.
    Yes,
    /// Only together with others: it would give away one that may not be shown.
    Combine,
    /// It may not.
    Withhold,
}

impl Publishable {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Withhold => "withhold",
            Self::Combine => "combine",
        }
    }
}

/// A reason, with the rule it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// The rule.
    pub rule: Cow<'static, str>,
    /// In a few words, without the value.
    pub words: String,
}

/// What is said of one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What may be done with it.
    pub publishable: Publishable,
    /// Why, the gravest first.
    pub why: Vec<Why>,
}

impl Mark {
    /// The reasons as one text: `fewer than 5 (DIS-09); …`.
    #[must_use]
    pub fn why(&self) -> String {
        let each = self.why.iter().map(|why| format!("{} ({})", why.words, why.rule));
        each.collect::<Vec<_>>().join("; ")
    }
}

/// The marks of a return, by figure. A figure without one may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks(BTreeMap<Pointer, Mark>);

impl Marks {
    /// What is said of a figure.
    #[must_use]
    pub fn get(&self, pointer: &Pointer) -> Option<&Mark> {
        self.0.get(pointer)
    }

    /// All marks in the order of their pointers.
    pub fn iter(&self) -> impl Iterator<Item = (&Pointer, &Mark)> {
        self.0.iter()
    }

    /// Whether nothing is marked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, pointer: &Pointer, publishable: Publishable, rule: &'static str, words: String) {
        let none = Mark { publishable, why: Vec::new() };
        let mark = self.0.entry(pointer.clone()).or_insert(none);
        mark.publishable = mark.publishable.max(publishable);
        let why = Why { rule: rule.into(), words };
        if !mark.why.contains(&why) {
            mark.why.push(why);
        }
    }
}

impl FromIterator<(Pointer, Mark)> for Marks {
    fn from_iter<I: IntoIterator<Item = (Pointer, Mark)>>(marks: I) -> Self {
        Self(marks.into_iter().collect())
    }
}

impl Scene<'_> {
    /// All marks of the return.
    pub(super) fn marks(&self) -> Marks {
        let mut marks = Marks::default();
        let few = format!("fewer than {}", self.small);
        let mut hidden: BTreeSet<Pointer> = BTreeSet::new();
        for pointer in self.counts.keys() {
            if self.is_hidden(pointer) {
                hidden.insert(pointer.clone());
            }
            let Some(n) = self.number(pointer) else { continue };
            if self.is_small(n) {
                marks.add(pointer, Publishable::Withhold, "DIS-09", few.clone());
                hidden.insert(pointer.clone());
            } else if self.is_forbidden(n) {
                let words = "as small as the cover says is hidden".to_owned();
                marks.add(pointer, Publishable::Withhold, "DIS-09", words);
                hidden.insert(pointer.clone());
            }
        }
        let small = hidden.clone();
        self.differences(&mut marks, &mut hidden);
        self.solved(&mut marks);
        self.partners(&mut marks, &mut hidden);
        self.shares(&mut marks, &hidden);
        self.worked(&mut marks, &small);
        self.reviews(&mut marks);
        marks
    }

    /// A part that leaves few of its whole: in one block it is worked out from the whole (DIS-10), over two tables it is
    /// their difference (DIS-12).
    fn differences(&self, marks: &mut Marks, hidden: &mut BTreeSet<Pointer>) {
        for (part, whole, rule) in self.small_differences() {
            let words = format!("leaves fewer than {} of “{}”", self.small, self.figures.words(whole));
            // To hide the part is enough; where the whole is hidden anyway, it carries the reason, too.
            let also = format!("with “{}”, leaves fewer than {}", self.figures.words(part), self.small);
            if hidden.contains(whole) {
                marks.add(whole, Publishable::Withhold, rule, also);
            }
            let publishable = if hidden.contains(part) { Publishable::Withhold } else { Publishable::Combine };
            marks.add(part, publishable, rule, words);
            hidden.insert(part.clone());
        }
    }

    /// Parts and wholes, both known, that leave few, with the rule that speaks of them.
    pub(super) fn small_differences(&self) -> impl Iterator<Item = (&Pointer, &Pointer, &'static str)> {
        self.relations.subsets.iter().filter_map(|subset| {
            let (part, whole) = (self.number(&subset.part)?, self.number(&subset.whole)?);
            let unit = |pointer| self.measure(pointer).and_then(|m| m.unit_of_count.clone());
            let leaves = part > 0.0 && self.is_small(whole - part) && unit(&subset.part) == unit(&subset.whole);
            let rule = if subset.part.parent() == subset.whole.parent() { "DIS-10" } else { "DIS-12" };
            leaves.then_some((&subset.part, &subset.whole, rule))
        })
    }

    /// What the agency hid and others give away (DIS-10, DIS-13).
    fn solved(&self, marks: &mut Marks) {
        for (pointer, found) in self.given_away() {
            marks.add(&pointer, Publishable::Withhold, found.rule(), found.words(self));
        }
    }

    /// Where one figure alone of a sum or flow is held back, another has to be, until no sum gives anything away. The
    /// smallest part tells least; where there is none, the total has to go.
    fn partners(&self, marks: &mut Marks, hidden: &mut BTreeSet<Pointer>) {
        for _ in 0..=self.counts.len() {
            let mut moved = false;
            for equation in &self.relations.equations {
                let mut held = equation.terms().filter(|term| hidden.contains(*term));
                let (Some(only), None) = (held.next(), held.next()) else { continue };
                let known = |term: &&Pointer| *term == only || self.number(term).is_some();
                if !equation.terms().all(|term| known(&term)) {
                    continue;
                }
                let others = equation.parts.iter().filter(|part| *part != only);
                let size = |part: &&Pointer| self.number(part).filter(|n| *n > 0.0);
                let partner = others
                    .filter_map(|part| Some((size(&part)?, part)))
                    .min_by(|a, b| a.0.total_cmp(&b.0))
                    .map(|(_, part)| part)
                    .or_else(|| (equation.total != *only).then_some(&equation.total));
                let Some(partner) = partner else { continue };
                let rule = if equation.flow { "DIS-13" } else { "DIS-10" };
                let words = format!("with the others of its sum, would give away “{}”", self.figures.words(only));
                marks.add(partner, Publishable::Combine, rule, words);
                hidden.insert(partner.clone());
                moved = true;
            }
            if !moved {
                break;
            }
        }
    }

    /// Percentages from which a figure that is held back can be worked out (DIS-11).
    fn shares(&self, marks: &mut Marks, hidden: &BTreeSet<Pointer>) {
        for share in self.relations.shares.iter().filter(|share| self.tells(share, hidden)) {
            let words = format!("with “{}”, gives a small number away", self.figures.words(&share.whole));
            marks.add(&share.percentage, Publishable::Withhold, "DIS-11", words);
        }
    }

    /// Whether a percentage, beside its whole, gives a part away that is held back, or that few are left.
    pub(super) fn tells(&self, share: &Share, hidden: &BTreeSet<Pointer>) -> bool {
        let Some(whole) = self.number(&share.whole) else { return false };
        let shown = self.shown(&share.percentage);
        let parts: Option<f64> = share.parts.iter().map(|part| self.number(part)).sum();
        let held = share.parts.iter().any(|part| hidden.contains(part));
        let part = parts.or_else(|| shown.map(|p| (p * whole / 100.0).round()));
        let few = part.is_some_and(|part| self.is_small(part) || self.is_small(whole - part));
        whole > 0.0 && shown.is_some() && (held || few)
    }

    /// A percentage as it would be shown: as typed, or as we work it out.
    pub(super) fn shown(&self, pointer: &Pointer) -> Option<f64> {
        let typed = self.figures.figures.get(pointer).filter(|f| f.fault.is_none()).and_then(|f| match f.bare {
            Bare::Number(n) => Some(n),
            _ => None,
        });
        typed.or_else(|| self.figures.worked.get(pointer)?.interval.number())
    }

    /// What we work out from small figures tells of them.
    fn worked(&self, marks: &mut Marks, small: &BTreeSet<Pointer>) {
        for section in super::super::present(self.figures, self.form) {
            each_figure(self.figures, section, |pointer, measure| {
                let Some(worked) = self.figures.worked.get(pointer) else { return };
                if measure.kind.is_number()
                    && worked.interval.number().is_some()
                    && worked.parts.iter().any(|part| small.contains(part))
                {
                    let rule = if measure.kind == Kind::Percentage { "DIS-11" } else { "DIS-09" };
                    let words = format!("worked out from fewer than {}", self.small);
                    marks.add(pointer, Publishable::Withhold, rule, words);
                }
            });
        }
    }
}
