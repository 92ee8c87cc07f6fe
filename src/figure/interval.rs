//! What is known of a number: an interval, arithmetic on intervals, and comparisons that hold, fail or are undecided.
//! Sound, not complete: a figure that occurs twice in a sum is taken for two figures.

use std::ops::{Add, Div, Mul, Neg, Not, Sub};

use super::format_plain;

/// Two numbers this close count as equal; 67.6 + 32.4 is 100 though not in binary. Grows with the numbers.
const SLACK: f64 = 1e-9;

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

    /// Whether nothing at all is known.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self.lo == f64::NEG_INFINITY && self.hi == f64::INFINITY
    }

    /// Whether the number may be this one.
    #[must_use]
    pub fn contains(self, n: f64) -> bool {
        self.lo <= n && n <= self.hi
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self::tidy(self.lo.min(other.lo), self.hi.max(other.hi))
    }

    /// The lesser of two numbers.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self::tidy(self.lo.min(other.lo), self.hi.min(other.hi))
    }

    /// The greater of two numbers.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self::tidy(self.lo.max(other.lo), self.hi.max(other.hi))
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.contains(0.0) {
            Self::tidy(0.0, self.hi.max(-self.lo))
        } else {
            Self::tidy(self.lo.abs().min(self.hi.abs()), self.lo.abs().max(self.hi.abs()))
        }
    }

    /// Compares two numbers: holds if it does for every pair of values, fails if it does for none.
    #[must_use]
    pub fn compare(self, comparison: Comparison, other: Self) -> Kleene {
        match comparison {
            Comparison::AtMost => self.at_most(other),
            Comparison::AtLeast => other.at_most(self),
            Comparison::More => !self.at_most(other),
            Comparison::Less => !other.at_most(self),
            Comparison::Equal => self.at_most(other).and(other.at_most(self)),
            Comparison::NotEqual => !self.at_most(other).and(other.at_most(self)),
        }
    }

    /// Whether two numbers are at the most `tolerance` apart.
    #[must_use]
    pub fn near(self, other: Self, tolerance: Self) -> Kleene {
        self.at_most(other + tolerance).and(other.at_most(self + tolerance))
    }

    /// The number in words, as people read it: `2,019`, `at least 556`, `0 to 4`, `not known`.
    #[must_use]
    pub fn in_words(self) -> String {
        self.in_words_with(format_plain)
    }

    /// The number in words, each end written by `show`, as dates are.
    #[must_use]
    pub fn in_words_with(self, show: impl Fn(f64) -> String) -> String {
        match (self.lo.is_finite(), self.hi.is_finite()) {
            (true, true) if self.lo == self.hi => show(self.lo),
            (true, true) => format!("{} to {}", show(self.lo), show(self.hi)),
            (true, false) => format!("at least {}", show(self.lo)),
            (false, true) => format!("at most {}", show(self.hi)),
            (false, false) => "not known".to_owned(),
        }
    }

    fn at_most(self, other: Self) -> Kleene {
        if le(self.hi, other.lo) {
            Kleene::Holds
        } else if le(self.lo, other.hi) {
            Kleene::Undecided
        } else {
            Kleene::Fails
        }
    }

    /// An interval whose ends were computed: not a number means nothing is known, and an end that
    /// overflowed to the wrong infinity comes back to the greatest number there is.
    fn tidy(lo: f64, hi: f64) -> Self {
        if lo.is_nan() || hi.is_nan() {
            return Self::UNKNOWN;
        }
        Self { lo: lo.min(f64::MAX), hi: hi.max(f64::MIN) }
    }
}

/// At most, give or take the slack. Infinite ends have no slack: it would be infinite too.
fn le(x: f64, y: f64) -> bool {
    x <= y || (x.is_finite() && y.is_finite() && x - y <= SLACK * x.abs().max(y.abs()).max(1.0))
}

/// A product of two ends. An infinite end only means that there is no bound: times nothing, nothing.
fn product(x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 { 0.0 } else { x * y }
}

impl Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::tidy(self.lo + other.lo, self.hi + other.hi)
    }
}

impl Sub for Interval {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::tidy(self.lo - other.hi, self.hi - other.lo)
    }
}

impl Mul for Interval {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let ends = [
            product(self.lo, other.lo),
            product(self.lo, other.hi),
            product(self.hi, other.lo),
            product(self.hi, other.hi),
        ];
        Self::tidy(ends.into_iter().fold(f64::INFINITY, f64::min), ends.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }
}

impl Div for Interval {
    type Output = Self;

    /// Nothing is known where the divisor may be 0.
    fn div(self, other: Self) -> Self {
        if other.contains(0.0) {
            return Self::UNKNOWN;
        }
        // The exact quotient where there is one: 30 ÷ 10 is 3, 30 × 0.1 is not.
        let quotient = |x: f64, y: f64| if x == 0.0 || y.is_infinite() { 0.0 } else { x / y };
        let ends = [
            quotient(self.lo, other.lo),
            quotient(self.lo, other.hi),
            quotient(self.hi, other.lo),
            quotient(self.hi, other.hi),
        ];
        Self::tidy(ends.into_iter().fold(f64::INFINITY, f64::min), ends.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }
}

impl Neg for Interval {
    type Output = Self;

    fn neg(self) -> Self {
        Self { lo: -self.hi, hi: -self.lo }
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

impl Kleene {
    /// Fails if one of the two does.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fails, _) | (_, Self::Fails) => Self::Fails,
            (Self::Holds, Self::Holds) => Self::Holds,
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
        }
    }

    /// Holds if one of the two does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }
}

impl Not for Kleene {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::Undecided => Self::Undecided,
        }
    }
}

impl From<bool> for Kleene {
    fn from(truth: bool) -> Self {
        if truth { Self::Holds } else { Self::Fails }
    }
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

impl Comparison {
    /// All six.
    pub const ALL: [Self; 6] = [Self::Equal, Self::NotEqual, Self::Less, Self::AtMost, Self::More, Self::AtLeast];

    /// As it is written in a rule.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// The comparison that holds where this one fails.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::More,
            Self::More => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }

    /// The comparison of two things that have an order.
    #[must_use]
    pub fn of<T: Ord + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Intervals with small ends, some of them open, and a point inside.
    fn interval_and_point() -> impl Strategy<Value = (Interval, f64)> {
        let end = -20..20_i32;
        (end.clone(), end, 0..=8_i32, 0..6_u8).prop_map(|(a, b, at, open)| {
            let (lo, hi) = (f64::from(a.min(b)) / 2.0, f64::from(a.max(b)) / 2.0);
            let point = lo + (hi - lo) * f64::from(at) / 8.0;
            let lo = if matches!(open, 1 | 3) { f64::NEG_INFINITY } else { lo };
            let hi = if matches!(open, 2 | 3) { f64::INFINITY } else { hi };
            (if open == 4 { Interval::exact(point) } else { Interval::new(lo, hi) }, point)
        })
    }

    fn decided(comparison: Comparison, x: f64, y: f64) -> Kleene {
        Interval::exact(x).compare(comparison, Interval::exact(y))
    }

    proptest! {
        #[test]
        fn arithmetic_holds_every_point((a, x) in interval_and_point(), (b, y) in interval_and_point()) {
            let near = |i: Interval, n: f64| prop_assert_ret(i.lo <= n + 1e-9 && n - 1e-9 <= i.hi, i, n);
            near(a + b, x + y)?;
            near(a - b, x - y)?;
            near(a * b, x * y)?;
            near(-a, -x)?;
            near(a.abs(), x.abs())?;
            near(a.min(b), x.min(y))?;
            near(a.max(b), x.max(y))?;
            near(a.hull(b), x)?;
            near(a.hull(b), y)?;
            if y != 0.0 {
                near(a / b, x / y)?;
            }
        }

        #[test]
        fn a_comparison_that_is_decided_is_so_for_every_point((a, x) in interval_and_point(), (b, y) in interval_and_point(),
                                                              tolerance in 0..4_i32) {
            for comparison in Comparison::ALL {
                let verdict = a.compare(comparison, b);
                prop_assert!(verdict == Kleene::Undecided || verdict == decided(comparison, x, y), "{a:?} {comparison:?} {b:?}");
            }
            let tolerance = Interval::exact(f64::from(tolerance));
            let verdict = a.near(b, tolerance);
            prop_assert!(verdict == Kleene::Undecided || verdict == Interval::exact(x).near(Interval::exact(y), tolerance));
        }

        #[test]
        fn a_narrower_interval_never_turns_a_verdict((a, x) in interval_and_point(), (b, _) in interval_and_point(), part in 0.0..1.0_f64) {
            // Between the point and each end.
            let toward = |end: f64| if end.is_infinite() { x + end.signum() * 7.0 } else { end + (x - end) * part };
            let narrow = Interval::new(toward(a.lo), toward(a.hi));
            for comparison in Comparison::ALL {
                let (wide, tight) = (a.compare(comparison, b), narrow.compare(comparison, b));
                prop_assert!(wide == Kleene::Undecided || wide == tight, "{a:?} → {narrow:?} {comparison:?} {b:?}");
                let (wide, tight) = (b.compare(comparison, a), b.compare(comparison, narrow));
                prop_assert!(wide == Kleene::Undecided || wide == tight);
            }
        }
    }

    fn prop_assert_ret(held: bool, interval: Interval, n: f64) -> Result<(), TestCaseError> {
        prop_assert!(held, "{n} is outside {interval:?}");
        Ok(())
    }

    #[test]
    fn infinite_ends_make_no_nonsense() {
        let count = Interval::at_least(0.0);
        assert_eq!(Interval::exact(0.0) * Interval::UNKNOWN, Interval::exact(0.0));
        assert_eq!(Interval::exact(0.0) * count, Interval::exact(0.0));
        assert_eq!(count - count, Interval::UNKNOWN);
        assert_eq!(Interval::exact(1.0) / count, Interval::UNKNOWN);
        assert_eq!(Interval::exact(1.0) / Interval::at_least(1.0), Interval::new(0.0, 1.0));
        assert_eq!(count / Interval::at_least(1.0), count);
        assert_eq!(Interval::exact(f64::MAX) + Interval::exact(f64::MAX), Interval::at_least(f64::MAX));
        assert_eq!((Interval::exact(f64::MAX) * Interval::exact(2.0)).number(), None);
        assert_eq!(Interval::new(f64::NAN, 1.0) + count, Interval::UNKNOWN);
    }

    #[test]
    fn touching_ends_are_told_apart_by_the_comparison() {
        let (one, more) = (Interval::exact(1.0), Interval::at_least(1.0));
        assert_eq!(more.compare(Comparison::AtLeast, one), Kleene::Holds);
        assert_eq!(more.compare(Comparison::More, one), Kleene::Undecided);
        assert_eq!(more.compare(Comparison::Less, one), Kleene::Fails);
        assert_eq!(more.compare(Comparison::Equal, one), Kleene::Undecided);
        assert_eq!(Interval::UNKNOWN.compare(Comparison::Equal, Interval::UNKNOWN), Kleene::Undecided);
        let sum = Interval::exact(67.6) + Interval::exact(32.4);
        assert_eq!(sum.compare(Comparison::Equal, Interval::exact(100.0)), Kleene::Holds);
        assert_eq!(sum.compare(Comparison::Less, Interval::exact(100.0)), Kleene::Fails);
        assert_eq!(Interval::exact(2.0).near(Interval::exact(2.5), Interval::exact(0.5)), Kleene::Holds);
        assert_eq!(Interval::exact(2.0).near(more, Interval::exact(0.5)), Kleene::Undecided);
    }

    #[test]
    fn kleene_tables() {
        use Kleene::{Fails, Holds, Undecided};
        assert_eq!([Holds.and(Undecided), Fails.and(Undecided), Undecided.and(Fails)], [Undecided, Fails, Fails]);
        assert_eq!([Holds.or(Undecided), Fails.or(Undecided), Undecided.or(Holds)], [Holds, Undecided, Holds]);
        assert_eq!([!Holds, !Fails, !Undecided], [Fails, Holds, Undecided]);
    }

    #[test]
    fn intervals_are_said_in_words() {
        for (interval, words) in [
            (Interval::exact(2019.0), "2,019"),
            (Interval::at_least(556.0), "at least 556"),
            (Interval::new(0.0, 4.0), "0 to 4"),
            (Interval::new(f64::NEG_INFINITY, -3.5), "at most −3.5"),
            (Interval::UNKNOWN, "not known"),
        ] {
            assert_eq!(interval.in_words(), words);
        }
    }
}
