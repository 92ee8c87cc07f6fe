//! How a rule ended at the place of one figure, read off the findings: what failed is what was said, and nothing else.

use std::collections::BTreeSet;

use crate::cell::Pointer;
use crate::figure::{Bare, Figure};
use crate::finding::{Findings, RuleId, Verdict};

/// What has been said so far, by rule and place.
pub(super) struct Said(BTreeSet<(RuleId, Pointer)>);

impl Said {
    pub(super) fn so_far(findings: &Findings) -> Self {
        Self(findings.list().iter().map(|f| (f.rule.clone(), f.at.clone())).collect())
    }

    pub(super) fn has(&self, rule: &str, at: &Pointer) -> bool {
        self.0.contains(&(rule.into(), at.clone()))
    }

    /// A rule about a value: not applicable to a blank, undecided for what cannot be used.
    pub(super) fn account(&self, rule: &str, figure: &Figure, findings: &mut Findings) {
        let verdict = if self.has(rule, &figure.pointer) {
            Verdict::Failed
        } else if figure.fault.is_some() {
            Verdict::Undecided("the value there could not be used".to_owned())
        } else if figure.bare == Bare::Blank {
            Verdict::NotApplicable("nothing was typed there".to_owned())
        } else {
            Verdict::Held
        };
        findings.account(rule, figure.pointer.clone(), verdict);
    }

    /// The rule that something must be typed there.
    pub(super) fn required(&self, figure: &Figure, findings: &mut Findings) {
        let verdict = if self.has("CMP-04", &figure.pointer) {
            Verdict::Failed
        } else if figure.bare == Bare::Blank {
            Verdict::Undecided("something graver is wrong there".to_owned())
        } else {
            Verdict::Held
        };
        findings.account("CMP-04", figure.pointer.clone(), verdict);
    }
}
