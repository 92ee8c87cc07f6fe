//! Sums whose rows and total were rounded or suppressed: what is more to say of them than that they add up.

use super::message::parts;
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure, Kleene, Marker, format_plain};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::rules::{Outcome, Read};
use crate::schema::Schemas;
use crate::schema::model::{Item, Section};

/// Whether the months of a table are running totals: each more than the one before, and the last the total itself.
pub(super) fn is_running(section: &Section, figures: &Return, outcome: &Outcome) -> bool {
    let number = |read: &Read| figures.figures.get(&read.pointer)?.interval.number();
    let numbers: Option<Vec<f64>> = outcome.reads.iter().map(number).collect();
    let Some((total, months)) = numbers.as_deref().and_then(<[f64]>::split_last) else { return false };
    let place = outcome.reads.first().and_then(|read| read.pointer.segments().nth(1));
    let of_months = section.items.iter().any(|item| match item {
        Item::Table(table) => table.rows.months && place.as_ref() == Some(&table.key),
        Item::Measure(_) | Item::List(_) => false,
    });
    of_months && months.len() > 2 && months.is_sorted_by(|a, b| a < b) && months.last() == Some(total)
}

/// A sum that was evaluated: the parts that were read, and the total last.
pub(super) struct Sum<'a> {
    pub(super) figures: &'a Return,
    pub(super) schemas: &'a Schemas,
    /// The place of the rule, and its words on the template.
    pub(super) at: Pointer,
    pub(super) title: String,
    pub(super) outcome: &'a Outcome,
}

impl Sum<'_> {
    /// Rows that differ from their total by no more than rounding explains (TAB-02).
    pub(super) fn rounding(&self, findings: &mut Findings) {
        let at = self.at.clone();
        let Some(base) = self.figures.regime.round.filter(|base| *base > 1) else {
            let why = "the return is not rounded".to_owned();
            return findings.account("TAB-02", at, Verdict::NotApplicable(why));
        };
        let numbers: Option<Vec<f64>> = self
            .outcome
            .reads
            .iter()
            .map(|r| match self.figures.figures.get(&r.pointer)?.bare {
                Bare::Number(n) => Some(n),
                _ => None,
            })
            .collect();
        let split = numbers.as_deref().and_then(<[f64]>::split_last);
        let apart = split.map(|(total, parts)| parts.iter().sum::<f64>() - total).filter(|d| d.abs() > 1e-9);
        let verdict = match (apart, self.outcome.verdict) {
            (Some(_), Kleene::Holds | Kleene::Undecided) => {
                let sum = split.map(|(_, parts)| parts.iter().sum::<f64>()).unwrap_or_default();
                let total = split.map(|(total, _)| *total).unwrap_or_default();
                let noun = if self.of_rows() { "rows" } else { "parts" };
                let message = format!(
                    "The {} {noun} of “{}” add up to {}, but the total is {}. Each figure is rounded to {base}, which explains it.",
                    parts(self.outcome),
                    self.title,
                    format_plain(sum),
                    format_plain(total)
                );
                findings.add(self.plain("TAB-02", at.clone(), message));
                Verdict::Failed
            }
            _ => Verdict::Held,
        };
        findings.account("TAB-02", at, verdict);
    }

    /// One `c` whose value the rest of the sum gives away as ten or more (COD-09).
    pub(super) fn hidden(&self, findings: &mut Findings) {
        let at = self.at.clone();
        if !self.of_rows() {
            let why = "the sum is not one of rows and their total".to_owned();
            return findings.account("COD-09", at, Verdict::NotApplicable(why));
        }
        let figures: Vec<_> = self.outcome.reads.iter().filter_map(|r| self.figures.figures.get(&r.pointer)).collect();
        let suppressed: Vec<_> = figures.iter().filter(|f| f.bare == Bare::Marker(Marker::Confidential)).collect();
        let [only] = suppressed.as_slice() else {
            let why = "not exactly one figure of the sum is suppressed".to_owned();
            return findings.account("COD-09", at, Verdict::NotApplicable(why));
        };
        // Each figure of a sum follows from the others: a row from the total, the total from its rows.
        let known = |of: &[&Figure]| -> Option<f64> { of.iter().map(|f| f.interval.number()).sum() };
        let total_hidden = figures.last().is_some_and(|total| total.pointer == only.pointer);
        let rest = figures.split_last().and_then(|(total, parts)| {
            if total_hidden {
                return known(parts);
            }
            let others: Vec<&Figure> = parts.iter().copied().filter(|f| f.pointer != only.pointer).collect();
            Some(total.interval.number()? - known(&others)?)
        });
        let implied = rest.filter(|n| *n >= self.schemas.parameters.get("suppressed_large").copied().unwrap_or(10.0));
        let verdict = if let Some(n) = implied {
            let words = self.figures.words(&only.pointer);
            let leaves = if total_hidden { "its parts add up to" } else { "the total less the other rows leaves" };
            let message =
                format!("“{words}” is hidden (c), but {leaves} about {}. Is this deliberate?", format_plain(n));
            // A total of several tables is asked about once.
            if !findings.list().iter().any(|f| f.rule.as_str() == "COD-09" && f.at == only.pointer) {
                findings.add(self.plain("COD-09", only.pointer.clone(), message));
            }
            Verdict::Failed
        } else {
            Verdict::Held
        };
        findings.account("COD-09", at, verdict);
    }

    /// The rule is about a table, and not about a total with its parts beside it.
    fn of_rows(&self) -> bool {
        !self.figures.figures.contains_key(&self.at)
    }

    fn plain(&self, rule: &str, at: Pointer, message: String) -> Finding {
        let entry = self.schemas.entry(rule);
        let severity = entry.map_or(Severity::Query, |e| e.severity);
        let mut found = Finding::new(rule, severity, at, Reach::section(&self.at.section_key()), message)
            .with_help(entry.map(|e| e.help.clone()).unwrap_or_default());
        // The figure it is about first.
        let (own, others): (Vec<_>, Vec<_>) = self.outcome.reads.iter().partition(|read| read.pointer == found.at);
        for read in own.into_iter().chain(others) {
            found.state.push((read.pointer.clone(), read.shown.clone()));
            found = found.with_label(
                Place::Figure(read.pointer.clone()),
                format!("“{}”: {}", self.figures.words(&read.pointer), read.shown),
            );
        }
        found
    }
}
