//! Message patterns of the pack, filled with what a rule read and with the parameters they name: values as people read
//! them, never a pointer.

use std::collections::BTreeMap;

use crate::extract::{Return, shown};
use crate::figure::{Comparison, Interval, format_plain};
use crate::rules::{Known, Outcome, Sides};
use crate::schema::model::{Kind, Measure};

/// What the placeholders of a pattern stand for.
pub(super) struct Filler<'a> {
    pub(super) figures: &'a Return,
    /// A standard may be told in a message though the rule does not reckon with it.
    pub(super) parameters: &'a BTreeMap<String, f64>,
    pub(super) outcome: &'a Outcome,
    /// The title of the place the rule is about.
    pub(super) title: String,
    /// The value there, as people read it.
    pub(super) value: String,
    /// The label of the row, for a verdict about one row.
    pub(super) row: String,
    /// The two sides, as people read them.
    pub(super) terms: Option<Terms>,
    /// How many parts were added up.
    pub(super) parts: usize,
    /// The row in which the left side of a comparison stands, where it is one figure of a table.
    pub(super) left_row: String,
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
        let terms = self.terms.as_ref();
        match name {
            "at" => return self.value.clone(),
            "at.title" => return self.title.clone(),
            "row" => return self.row.clone(),
            "year" => return self.figures.year.clone(),
            "parts" => return self.parts.to_string(),
            "left.row" => return self.left_row.clone(),
            "left" => return terms.map(|t| t.left.clone()).unwrap_or_default(),
            "right" => return terms.map(|t| t.right.clone()).unwrap_or_default(),
            "difference" => return terms.and_then(|t| t.difference.clone()).unwrap_or_default(),
            "arithmetic" => return self.outcome.sides.as_ref().map(Sides::arithmetic).unwrap_or_default(),
            _ => {}
        }
        if let Some(path) = name.strip_suffix(".title")
            && let Some(read) = self.outcome.reads.iter().find(|r| r.path == path)
        {
            return self.figures.words(&read.pointer);
        }
        let read = self.outcome.reads.iter().find(|r| r.path == name).map(|r| r.shown.clone());
        let stated = || self.parameters.get(name.strip_prefix("param.")?).copied().map(format_plain);
        read.or_else(stated).unwrap_or_default()
    }
}

/// The two sides of a comparison as people read them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    pub(super) left: String,
    pub(super) right: String,
    /// What the left side should be for the rule to hold; not said where a threshold of ours is on the right.
    pub(super) demand: Option<String>,
    /// By how much the two miss each other: `72`, `at least 56`, `1.0 percentage points`.
    pub(super) difference: Option<String>,
}

impl Terms {
    /// `share` is the measure, and the decimals typed, of a percentage or rate that the rule compares with its parts:
    /// what we reckon is then shown as it would have been typed.
    pub(super) fn new(outcome: &Outcome, share: Option<(&Measure, u8)>) -> Option<Self> {
        let sides = outcome.sides.as_ref()?;
        let side = |value: Interval, text: &str, said: &str| {
            if text == said || sides.dated {
                return said.to_owned();
            }
            let show = |n| share.map_or_else(|| format_plain(n), |(measure, decimals)| shown(n, measure, decimals));
            match (value.number(), value.lo.is_finite() && value.hi.is_finite()) {
                (None, true) => format!("between {} and {}", show(value.lo), show(value.hi)),
                (Some(_), _) | (None, false) => value.in_words_with(show),
            }
        };
        let left = side(sides.left, &sides.left_text, &sides.left_shown);
        let right = side(sides.right, &sides.right_text, &sides.right_shown);
        let threshold = outcome.reads.iter().any(|r| r.pointer.section_key() == "param");
        let (less, more) = if sides.dated { ("earlier", "later") } else { ("less", "more") };
        let demand = match sides.op {
            Comparison::Equal => Some(right.clone()),
            Comparison::NotEqual => None,
            Comparison::Less => Some(format!("{less} than {right}")),
            Comparison::AtMost => Some(format!("{right} or {less}")),
            Comparison::More => Some(format!("{more} than {right}")),
            Comparison::AtLeast => Some(format!("{right} or {more}")),
        };
        let demand = demand.filter(|_| !threshold);
        let difference = if threshold { None } else { difference(sides, share) };
        Some(Self { left, right, demand, difference })
    }
}

/// By how much two sides miss each other.
pub(super) fn difference(sides: &Sides, share: Option<(&Measure, u8)>) -> Option<String> {
    let (left, right) = (sides.left, sides.right);
    let (gap, exact) = match (left.number(), right.number()) {
        (Some(a), Some(b)) => ((a - b).abs(), true),
        _ if left.lo > right.hi => (left.lo - right.hi, false),
        _ => (right.lo - left.hi, false),
    };
    if !gap.is_finite() || gap <= 0.0 {
        return None;
    }
    let said = match share {
        Some((measure, decimals)) => {
            let number = crate::figure::format_number(gap, decimals.max(measure.decimals));
            match measure.kind {
                Kind::Percentage | Kind::Points => format!("{number} percentage points"),
                Kind::Count | Kind::Rate | Kind::Number | Kind::Money | Kind::Date => number,
                Kind::Year | Kind::Month | Kind::Code | Kind::Codes | Kind::Text | Kind::Email => number,
            }
        }
        None if sides.dated => format!("{} {}", format_plain(gap), if gap == 1.0 { "day" } else { "days" }),
        None => rounded(gap),
    };
    Some(if exact { said } else { format!("at least {said}") })
}

/// Worked-out shares are shown to one decimal, whole numbers as they are.
fn rounded(n: f64) -> String {
    if n.fract().abs() < 1e-9 { format_plain(n) } else { crate::figure::format_number(n, 1) }
}

/// How many figures were added up to a total: those that count, without the total itself.
pub(super) fn parts(outcome: &Outcome) -> usize {
    outcome.reads.iter().filter(|r| r.value != Known::NotApplicable).count().saturating_sub(1)
}
