//! Message patterns of the pack, filled with what a rule read: values as people read them, never a pointer.

use crate::extract::Return;
use crate::figure::{Interval, format_plain};
use crate::rules::{Outcome, Sides};

/// What the placeholders of a pattern stand for.
pub(super) struct Filler<'a> {
    pub(super) figures: &'a Return,
    pub(super) outcome: &'a Outcome,
    /// The title of the place the rule is about.
    pub(super) title: String,
    /// The value there, as people read it.
    pub(super) value: String,
    /// The label of the row, for a verdict about one row.
    pub(super) row: String,
}

impl Filler<'_> {
    /// The pattern with its placeholders filled. What is not known stays out rather than in braces.
    pub(super) fn fill(&self, pattern: &str) -> String {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            let Some(close) = rest[open..].find('}') else { break };
            let name = &rest[open + 1..open + close];
            out.push_str(&self.value(name));
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str) -> String {
        let sides = self.outcome.sides.as_ref();
        match name {
            "at" => return self.value.clone(),
            "at.title" => return self.title.clone(),
            "row" => return self.row.clone(),
            "left" => return sides.map(|s| s.left_shown.clone()).unwrap_or_default(),
            "right" => return sides.map(|s| s.right_shown.clone()).unwrap_or_default(),
            "difference" => return sides.and_then(difference).unwrap_or_default(),
            "arithmetic" => return sides.map(Sides::arithmetic).unwrap_or_default(),
            _ => {}
        }
        if let Some(path) = name.strip_suffix(".title")
            && let Some(read) = self.outcome.reads.iter().find(|r| r.path == path)
        {
            return self.figures.words(&read.pointer);
        }
        self.outcome.reads.iter().find(|r| r.path == name).map(|r| r.shown.clone()).unwrap_or_default()
    }
}

/// What is known of a number, in words: `2,019`, `at least 556`, `between 5 and 20`.
pub(super) fn interval(interval: Interval) -> String {
    match (interval.number(), interval.lo.is_finite(), interval.hi.is_finite()) {
        (Some(n), _, _) => rounded(n),
        (None, true, true) => format!("between {} and {}", rounded(interval.lo), rounded(interval.hi)),
        (None, true, false) => format!("at least {}", rounded(interval.lo)),
        (None, false, true) => format!("at most {}", rounded(interval.hi)),
        (None, false, false) => "not known".to_owned(),
    }
}

/// Worked-out shares are shown to one decimal, whole numbers as they are.
fn rounded(n: f64) -> String {
    if n.fract().abs() < 1e-9 { format_plain(n) } else { crate::figure::format_number(n, 1) }
}

/// By how much two sides miss each other: `72`, `at least 56`.
pub(super) fn difference(sides: &Sides) -> Option<String> {
    let (left, right) = (sides.left, sides.right);
    let rounded = |n: f64| match (sides.dated, n == 1.0) {
        (true, true) => "1 day".to_owned(),
        (true, false) => format!("{} days", rounded(n)),
        (false, _) => rounded(n),
    };
    if let (Some(a), Some(b)) = (left.number(), right.number()) {
        return Some(rounded((a - b).abs()));
    }
    let gap = if left.lo > right.hi { left.lo - right.hi } else { right.lo - left.hi };
    (gap.is_finite() && gap > 0.0).then(|| format!("at least {}", rounded(gap)))
}
