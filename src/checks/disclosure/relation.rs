//! How the figures of a return hang together, as the pack declares it: sums, flows, parts of wholes, percentages. Read off
//! the rules that check them, so that what is checked and what gives away are the same.

use std::collections::BTreeMap;

use crate::cell::Pointer;
use crate::extract::{Return, Trees, View};
use crate::rules::{Outcome, evaluate};
use crate::schema::{Form, Relation, Rule, Schemas};

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// Figures of which each follows from all others.
    pub(super) equations: Vec<Equation>,
    /// A figure that is a part of another.
    pub(super) subsets: Vec<Subset>,
    /// A percentage, its parts and its whole.
    pub(super) shares: Vec<Share>,
    /// What was open at the start of each flow, by what is open at its end.
    pub(super) openings: BTreeMap<Pointer, Pointer>,
}

/// Figures of which each follows from all others.
#[derive(Debug)]
pub(super) struct Equation {
    /// Parts of a sum; start, in and out of a flow.
    pub(super) parts: Vec<Pointer>,
    /// The total of a sum; the end of a flow.
    pub(super) total: Pointer,
    /// It is a flow.
    pub(super) flow: bool,
}

impl Equation {
    /// All its figures.
    pub(super) fn terms(&self) -> impl Iterator<Item = &Pointer> {
        self.parts.iter().chain([&self.total])
    }

    /// What the figure at a place comes to, given the others.
    pub(super) fn solve(&self, wanted: &Pointer, number: impl Fn(&Pointer) -> Option<f64>) -> Option<f64> {
        // Of a flow, the third goes out.
        let sign = |i: usize| if self.flow && i == 2 { -1.0 } else { 1.0 };
        let mut sum = 0.0;
        let mut own = None;
        for (i, part) in self.parts.iter().enumerate() {
            if part == wanted {
                own = Some(sign(i));
            } else {
                sum += sign(i) * number(part)?;
            }
        }
        match own {
            Some(sign) => Some(sign * (number(&self.total)? - sum)),
            None => Some(sum),
        }
    }
}

/// A figure that is a part of another.
#[derive(Debug)]
pub(super) struct Subset {
    pub(super) part: Pointer,
    pub(super) whole: Pointer,
}

/// A percentage with what it is made of.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) percentage: Pointer,
    pub(super) parts: Vec<Pointer>,
    pub(super) whole: Pointer,
}

impl Relations {
    /// The relations of the sections that a return holds.
    pub(super) fn of(figures: &Return, form: &Form, schemas: &Schemas) -> Self {
        let mut out = Self::default();
        let trees = Trees::new(figures, form, schemas, None);
        for section in super::super::present(figures, form) {
            let root = trees.root(section, false, View::Typed);
            let rules = form.rules.iter().filter(|r| r.section == section.key && !r.needs_last);
            for rule in rules.filter(|r| r.relation != Relation::Stated) {
                let Some(grade) = rule.grades.first() else { continue };
                if rule.needs.iter().any(|key| !figures.sheets.contains_key(key)) {
                    continue;
                }
                evaluate(&grade.expression, &root).iter().for_each(|outcome| out.take(rule, outcome));
            }
        }
        out
    }

    fn take(&mut self, rule: &Rule, outcome: &Outcome) {
        // Without a place for each figure the relation says nothing.
        if !outcome.missing.is_empty() {
            return;
        }
        let mut reads: Vec<Pointer> = Vec::new();
        for read in &outcome.reads {
            let constant = matches!(read.pointer.section_key().as_str(), "param" | "reference");
            if !constant && !reads.contains(&read.pointer) {
                reads.push(read.pointer.clone());
            }
        }
        match (rule.relation, reads.as_slice()) {
            (Relation::SumsTo | Relation::Flow, [parts @ .., total]) if parts.len() > 1 => {
                let flow = rule.relation == Relation::Flow;
                if flow && parts.len() != 3 {
                    return;
                }
                if let (true, Some(start)) = (flow, parts.first()) {
                    self.openings.insert(start.clone(), total.clone());
                }
                self.equations.push(Equation { parts: parts.to_vec(), total: total.clone(), flow });
            }
            (Relation::AtMost, [part, whole]) => {
                self.subsets.push(Subset { part: part.clone(), whole: whole.clone() });
            }
            (Relation::PercentageOf, [percentage, parts @ .., whole]) if !parts.is_empty() => {
                let parts = parts.to_vec();
                self.shares.push(Share { percentage: percentage.clone(), parts, whole: whole.clone() });
            }
            _ => {}
        }
    }
}
