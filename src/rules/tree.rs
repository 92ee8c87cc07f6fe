//! A rule as lowered: names and types are settled, so that each kind of value has its own tree and evaluation is total.
//! Made by `lower`, walked by `evaluate`.

use std::collections::BTreeSet;

use crate::figure::Comparison;

/// A rule of one kind of agency and one year, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Expression {
    pub(super) body: Body,
    pub(super) facts: Facts,
}

/// An expression for a derived figure, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct ValueExpression {
    pub(super) body: Number,
    pub(super) facts: Facts,
}

/// What was noticed while lowering.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) text: String,
    pub(super) paths: BTreeSet<String>,
    pub(super) named_twice: Vec<String>,
}

impl Facts {
    fn needs_last(&self) -> bool {
        self.paths.iter().any(|path| path.starts_with("last.") || path.starts_with("last_sections."))
    }
}

impl Expression {
    /// The rule as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.facts.text
    }

    /// The figures and tables that the rule names, dotted, as in the rule: `last.cpp_open_end`,
    /// `cin_by_age._0_4.children`; a column, or a field of each row, is `recommendations[].status`.
    #[must_use]
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.facts.paths
    }

    /// Whether it cannot be run without last year's return.
    #[must_use]
    pub fn needs_last(&self) -> bool {
        self.facts.needs_last()
    }

    /// Figures it names more than once: sound, but with suppressed figures it decides less than it might.
    #[must_use]
    pub fn named_twice(&self) -> &[String] {
        &self.facts.named_twice
    }

    /// For a rule with one verdict a row: the table's path and the name of a row (`recommendations`, `r`).
    #[must_use]
    pub fn each_row(&self) -> Option<(&str, &str)> {
        match &self.body {
            Body::One(_) => None,
            Body::EachRow { path, row, .. } => Some((path, row)),
        }
    }
}

impl ValueExpression {
    /// The expression as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.facts.text
    }

    /// As [`Expression::paths`].
    #[must_use]
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.facts.paths
    }

    /// As [`Expression::needs_last`].
    #[must_use]
    pub fn needs_last(&self) -> bool {
        self.facts.needs_last()
    }
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    One(Truth),
    /// A top-level `all`: one verdict a row.
    EachRow {
        over: Many,
        body: Truth,
        path: String,
        row: String,
    },
}

/// Where a value is found.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Root,
    /// The row or item that the loop at this depth is at, with its name in the rule.
    Slot(usize, String),
    Step {
        of: Box<Place>,
        /// As it stands in the data.
        key: String,
        /// The whole path as it is written in the rule.
        written: String,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Number {
    Constant(f64),
    /// A date that is written in the rule.
    Day(f64),
    Read(Place),
    Negate(Box<Number>),
    Arith(Arith, Box<[Number; 2]>),
    If(Box<(Truth, Number, Number)>),
    Sum(Many),
    Size(Many),
    Least(Many),
    Greatest(Many),
    Abs(Box<Number>),
    Percentage(Box<[Number; 2]>),
    Rate(Box<[Number; 3]>),
    Date(Calendar, Words),
    /// Working days after the first day up to the second.
    Workdays(Box<[Number; 2]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arith {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// How a text becomes a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    Day,
    YearStart,
    YearEnd,
}

#[derive(Debug, Clone)]
pub(super) enum Words {
    Constant(String),
    Read(Place),
    If(Box<(Truth, Words, Words)>),
}

#[derive(Debug, Clone)]
pub(super) enum Truth {
    Constant(bool),
    Read(Place),
    Not(Box<Truth>),
    And(Box<[Truth; 2]>),
    Or(Box<[Truth; 2]>),
    If(Box<[Truth; 3]>),
    Compare {
        op: Comparison,
        sides: Box<[Number; 2]>,
        /// The sides are dates, to be shown as such.
        dated: bool,
    },
    CompareWords {
        op: Comparison,
        sides: Box<[Words; 2]>,
    },
    Same(Box<[Truth; 2]>),
    Near {
        parts: Box<[Number; 3]>,
        dated: bool,
    },
    NumberIn(Box<Number>, Many),
    WordsIn(Box<Words>, Many),
    Has(Place),
    Each {
        quantifier: Quantifier,
        over: Many,
        body: Box<Truth>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Exists,
}

/// A list of anything.
#[derive(Debug, Clone)]
pub(super) enum Many {
    /// The rows of a table; `keys` are the fixed ones.
    Rows {
        place: Place,
        keys: std::sync::Arc<[String]>,
    },
    /// One field of each.
    Column {
        of: Box<Many>,
        key: String,
        written: String,
    },
    /// Codes in one cell.
    Codes(Place),
    Numbers(Vec<Number>),
    Words(Vec<Words>),
    Filter {
        over: Box<Many>,
        body: Box<Truth>,
    },
    MapNumbers(Box<Many>, Box<Number>),
    MapWords(Box<Many>, Box<Words>),
    MapTruths(Box<Many>, Box<Truth>),
}
