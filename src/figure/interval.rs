//! What is known of a number: an interval, and comparisons that hold, fail or are undecided.

/// The numbers a figure may be: exact n is [n, n], a suppressed count [0, ∞), an unknown one (−∞, ∞).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Least.
    pub lo: f64,
    /// Greatest.
    pub hi: f64,
}

impl Interval {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

    /// Between two numbers, both included.
    #[must_use]
    pub const fn new(lo: f64, hi: f64) -> Self {
        Self { lo, hi }
    }

    /// Just this number.
    #[must_use]
    pub const fn exact(n: f64) -> Self {
        Self { lo: n, hi: n }
    }

    /// This number or more.
    #[must_use]
    pub const fn at_least(n: f64) -> Self {
        Self { lo: n, hi: f64::INFINITY }
    }

    /// The number, where it is known exactly.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        (self.lo == self.hi).then_some(self.lo)
    }
}

/// Kleene's three truth values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kleene {
    /// For every value the figures can have.
    Holds,
    /// For none.
    Fails,
    /// For some, or not known.
    Undecided,
}

/// The comparisons of the rule language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}
