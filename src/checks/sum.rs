//! Sums whose rows and total were rounded or suppressed: what is more to say of them than that they add up.

use super::message::parts;
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Interval, Kleene, Marker, format_plain};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::rules::Outcome;
use crate::schema::Schemas;

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
        let split = figures.split_last();
        let rest = split.map(|(total, parts)| {
            let known: f64 =
                parts.iter().filter(|f| f.pointer != only.pointer).filter_map(|f| f.interval.number()).sum();
            let all = parts.iter().filter(|f| f.pointer != only.pointer).all(|f| f.interval.number().is_some());
            if total.pointer == only.pointer || !all {
                Interval::UNKNOWN
            } else {
                total.interval.number().map_or(Interval::UNKNOWN, |t| Interval::exact(t - known))
            }
        });
        let implied = rest
            .and_then(Interval::number)
            .filter(|n| *n >= self.schemas.parameters.get("suppressed_large").copied().unwrap_or(10.0));
        let verdict = if let Some(n) = implied {
            let words = self.figures.words(&only.pointer);
            let message = format!(
                "“{words}” is suppressed, but the other rows and the total imply about {}. Is this deliberate?",
                format_plain(n)
            );
            findings.add(self.plain("COD-09", only.pointer.clone(), message));
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
        for read in &self.outcome.reads {
            found.state.push((read.pointer.clone(), read.shown.clone()));
            found = found.with_label(
                Place::Figure(read.pointer.clone()),
                format!("“{}”: {}", self.figures.words(&read.pointer), read.shown),
            );
        }
        found
    }
}
