//! What an evaluation says: the verdict and its witness, from which labels, arithmetic and messages are made by others.

use super::value::Known;
use crate::cell::Pointer;
use crate::figure::{Comparison, Interval, Kleene};

/// How a rule ended, once or for one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether it holds for every value that the figures can have, for none, or is undecided.
    pub verdict: Kleene,
    /// The row it is about: its key and pointer. For a rule over each row, that row; else the row that decided.
    pub row: Option<(String, Pointer)>,
    /// The figures that decided, in the order they were read, each once.
    pub reads: Vec<Read>,
    /// The comparison that decided.
    pub sides: Option<Sides>,
    /// Undecided, and a figure was read about which a finding already speaks.
    pub faulty: bool,
    /// Figures read that are blank or not available.
    pub absent: Vec<Pointer>,
    /// Figures asked for that this return has no place for, as they are written in the rule.
    pub missing: Vec<String>,
}

/// A figure that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// What it means.
    pub pointer: Pointer,
    /// As it is written in the rule: `last.cpp_open_end`, `r.children`.
    pub path: String,
    /// What is known of it.
    pub value: Known,
    /// The value as people read it.
    pub shown: String,
}

/// The two sides of a comparison. The texts are there unless the rule holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// What the rule demands of the two; the other way round under a `!`.
    pub op: Comparison,
    /// The value on the left.
    pub left: Interval,
    /// The value on the right.
    pub right: Interval,
    /// The left side with figures put in: `1,946 + 1,463 − 1,390`.
    pub left_text: String,
    /// The right side with figures put in.
    pub right_text: String,
    /// The value on the left as people read it: `2,019`, `at least 556`, `31 March 2021`.
    pub left_shown: String,
    /// The value on the right as people read it.
    pub right_shown: String,
    /// How far apart the two may be, for `near`.
    pub tolerance: Option<Interval>,
    /// The two are dates, counted in days.
    pub dated: bool,
}

impl Sides {
    /// The reckoning and what it comes to: `1,946 + 1,463 − 1,390 = 2,019`. Of the left side, unless only the right has
    /// anything to reckon.
    #[must_use]
    pub fn arithmetic(&self) -> String {
        let left = (&self.left_text, &self.left_shown);
        let right = (&self.right_text, &self.right_shown);
        let (text, shown) = if left.0 == left.1 && right.0 != right.1 { right } else { left };
        if text == shown { text.clone() } else { format!("{text} = {shown}") }
    }

    /// How far apart the two sides are.
    #[must_use]
    pub fn difference(&self) -> Interval {
        (self.left - self.right).abs()
    }
}
