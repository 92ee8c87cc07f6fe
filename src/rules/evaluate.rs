//! Evaluates lowered rules over intervals, in Kleene's logic, and keeps what decided. Total: types were settled when
//! the rule was lowered, and data of another kind than the shape promised is simply not known. `show` writes the
//! reckoning out.

use std::collections::BTreeSet;
use std::ops::Range;

use super::outcome::{Outcome, Read, Sides};
use super::read::Item;
use super::tree::{Arith, Body, Expression, Many, Number, Quantifier, Truth, ValueExpression};
use super::value::{Known, Leaf, Node};
use crate::cell::Pointer;
use crate::figure::{Comparison, Interval, Kleene};

/// Evaluates a rule over the data that its shape describes: one outcome, or one a row for a top-level `all`, none if
/// the table has no rows. A table that the data do not hold leaves the rule undecided.
#[must_use]
pub fn evaluate(rule: &Expression, root: &Node) -> Vec<Outcome> {
    let mut run = Run::new(root);
    match &rule.body {
        Body::One(truth) => vec![run.outcome(None, |run| Some(run.truth(truth))).unwrap_or_else(Outcome::unknown)],
        Body::EachRow { over, body, .. } => run.each_row(over, body),
    }
}

/// Evaluates the expression of a derived figure.
#[must_use]
pub fn value(expression: &ValueExpression, root: &Node) -> Interval {
    Run::new(root).number(&expression.body)
}

/// What is divided by what in the expression of a derived figure; `None` where it is no share, rate or quotient.
#[must_use]
pub fn quotient(expression: &ValueExpression, root: &Node) -> Option<(Interval, Interval)> {
    let (above, below) = match &expression.body {
        Number::Percentage(parts) | Number::Arith(Arith::Divide, parts) => (&parts[0], &parts[1]),
        Number::Rate(parts) => (&parts[0], &parts[1]),
        Number::Constant(_)
        | Number::Day(_)
        | Number::Read(_)
        | Number::Negate(_)
        | Number::Arith(Arith::Add | Arith::Subtract | Arith::Multiply, _)
        | Number::If(_)
        | Number::Sum(_)
        | Number::Size(_)
        | Number::Least(_)
        | Number::Greatest(_)
        | Number::Abs(_)
        | Number::Date(..)
        | Number::Workdays(_) => return None,
    };
    let mut run = Run::new(root);
    Some((run.number(above), run.number(below)))
}

/// One evaluation: where it is and what it has read.
pub(super) struct Run<'a> {
    pub(super) root: &'a Node,
    pub(super) slots: Vec<Item<'a>>,
    pub(super) log: Vec<Logged<'a>>,
    /// Write the sides out. Not on the first way through: most rules hold, and nobody reads their reckoning.
    showing: bool,
    /// Items that may still be looked at.
    pub(super) patience: usize,
}

/// Loops within loops over long lists end undecided after this many items, half a second or so. Packs may be somebody else's.
const PATIENCE: usize = 3_000_000;

/// So many reads are kept as witness; loops within loops read the same figures again and again.
const WITNESSES: usize = 500_000;

#[derive(Clone, Copy)]
pub(super) enum Logged<'a> {
    Leaf(&'a Leaf, &'a str),
    Missing(&'a str),
}

/// A row as a witness names it.
pub(super) type Row<'a> = (&'a str, &'a Pointer);

/// A verdict with what decided it.
pub(super) struct Judged<'a> {
    verdict: Kleene,
    sides: Option<Sides>,
    row: Option<Row<'a>>,
}

impl From<Kleene> for Judged<'_> {
    fn from(verdict: Kleene) -> Self {
        Self { verdict, sides: None, row: None }
    }
}

impl Outcome {
    fn unknown() -> Self {
        Self {
            verdict: Kleene::Undecided,
            row: None,
            reads: Vec::new(),
            sides: None,
            faulty: false,
            absent: Vec::new(),
            missing: Vec::new(),
        }
    }
}

impl<'a> Run<'a> {
    fn new(root: &'a Node) -> Self {
        Self { root, slots: Vec::new(), log: Vec::new(), showing: false, patience: PATIENCE }
    }

    /// Judges, and judges again with the reckoning written out unless it holds.
    fn outcome(
        &mut self,
        row: Option<Row<'a>>,
        mut judge: impl FnMut(&mut Self) -> Option<Judged<'a>>,
    ) -> Option<Outcome> {
        self.log.clear();
        let mut judged = judge(self)?;
        if judged.verdict != Kleene::Holds {
            self.log.clear();
            self.showing = true;
            judged = judge(self)?;
            self.showing = false;
        }
        let mut outcome = Outcome { verdict: judged.verdict, sides: judged.sides, ..Outcome::unknown() };
        outcome.row = row.or(judged.row).map(|(key, pointer)| (key.to_owned(), pointer.clone()));
        let mut seen = BTreeSet::new();
        for logged in &self.log {
            match *logged {
                Logged::Leaf(leaf, path) if seen.insert((leaf.pointer.as_str(), path)) => {
                    if leaf.value == Known::Absent && !outcome.absent.contains(&leaf.pointer) {
                        outcome.absent.push(leaf.pointer.clone());
                    }
                    outcome.faulty |= leaf.value == Known::Faulty && judged.verdict == Kleene::Undecided;
                    outcome.reads.push(Read {
                        pointer: leaf.pointer.clone(),
                        path: path.to_owned(),
                        value: leaf.value.clone(),
                        shown: leaf.shown.clone(),
                    });
                }
                Logged::Missing(path) if seen.insert(("", path)) => outcome.missing.push(path.to_owned()),
                Logged::Leaf(..) | Logged::Missing(_) => {}
            }
        }
        Some(outcome)
    }

    fn each_row(&mut self, over: &'a Many, body: &'a Truth) -> Vec<Outcome> {
        // `T.filter(r, a).all(r, b)`: whether a row counts is asked of each row, so that one undecided row is one
        // undecided verdict, and not the end of all.
        let mut filters = Vec::new();
        let mut range = over;
        while let Many::Filter { over, body } = range {
            filters.push(&**body);
            range = over;
        }
        let Some(items) = self.items(range) else {
            let nothing = self.outcome(None, |run| run.items(range).map_or(Some(Kleene::Undecided.into()), |_| None));
            return vec![nothing.unwrap_or_else(Outcome::unknown)];
        };
        // A fixed row that the data lack has no pointer to speak about.
        items
            .into_iter()
            .filter(|item| !matches!(item, Item::Missing(_)))
            .filter_map(|item| self.row(item, &filters, body))
            .collect()
    }

    fn row(&mut self, item: Item<'a>, filters: &[&'a Truth], body: &'a Truth) -> Option<Outcome> {
        let row = item.row();
        self.slots.push(item);
        let outcome = self.outcome(row, |run| {
            let mut counts = Kleene::Holds;
            for filter in filters {
                counts = counts.and(run.decide(filter));
            }
            match counts {
                Kleene::Fails => None,
                Kleene::Holds => Some(run.truth(body)),
                Kleene::Undecided => {
                    let judged = run.truth(body);
                    Some(if judged.verdict == Kleene::Holds { judged } else { Kleene::Undecided.into() })
                }
            }
        });
        self.slots.pop();
        outcome
    }

    /// Keeps what was read.
    pub(super) fn look(&mut self, at: Logged<'a>) {
        if self.log.len() < WITNESSES {
            self.log.push(at);
        }
    }

    /// Of what was read since `start`, keeps what is that number: what is the least or the greatest decides alone.
    pub(super) fn keep(&mut self, start: usize, number: Interval) {
        let mut position = 0;
        self.log.retain(|logged| {
            position += 1;
            match logged {
                Logged::Leaf(Leaf { value: Known::Number(n), .. }, _) => position <= start || *n == number,
                Logged::Leaf(..) | Logged::Missing(_) => true,
            }
        });
    }

    /// Drops what was read in that stretch: it did not decide.
    fn forget(&mut self, stretch: Range<usize>) {
        self.log.drain(stretch);
    }

    /// The bare verdict, for conditions: nothing is written out, or conditions within conditions would be written out
    /// again and again.
    pub(super) fn decide(&mut self, truth: &'a Truth) -> Kleene {
        let showing = std::mem::replace(&mut self.showing, false);
        let verdict = self.truth(truth).verdict;
        self.showing = showing;
        verdict
    }

    pub(super) fn truth(&mut self, truth: &'a Truth) -> Judged<'a> {
        match truth {
            Truth::Constant(truth) => Kleene::from(*truth).into(),
            Truth::Read(place) => self.read_truth(place).into(),
            Truth::Not(of) => {
                let Judged { verdict, sides, row } = self.truth(of);
                let sides = sides.map(|sides| Sides { op: sides.op.negated(), ..sides });
                Judged { verdict: !verdict, sides, row }
            }
            Truth::And(sides) => self.both(sides, Kleene::Fails),
            Truth::Or(sides) => self.both(sides, Kleene::Holds),
            Truth::If(parts) => {
                let [condition, yes, no] = &**parts;
                match self.decide(condition) {
                    Kleene::Holds => self.truth(yes),
                    Kleene::Fails => self.truth(no),
                    Kleene::Undecided => {
                        let (yes, no) = (self.truth(yes), self.truth(no));
                        if yes.verdict == no.verdict { yes } else { Kleene::Undecided.into() }
                    }
                }
            }
            Truth::Compare { op, sides, dated } => {
                let [left, right] = &**sides;
                let values = (self.number(left), self.number(right));
                let sides = self.sides(*op, (left, values.0), (right, values.1), None, *dated);
                Judged { verdict: values.0.compare(*op, values.1), sides: Some(sides), row: None }
            }
            Truth::Near { parts, dated } => {
                let [left, right, tolerance] = &**parts;
                let (l, r, t) = (self.number(left), self.number(right), self.number(tolerance));
                let sides = self.sides(Comparison::Equal, (left, l), (right, r), Some(t), *dated);
                Judged { verdict: l.near(r, t), sides: Some(sides), row: None }
            }
            Truth::CompareWords { op, sides } => {
                let (left, right) = (self.words(&sides[0]), self.words(&sides[1]));
                match (left, right) {
                    (Some(left), Some(right)) => Kleene::from(op.of(&*left, &*right)).into(),
                    (None, _) | (_, None) => Kleene::Undecided.into(),
                }
            }
            Truth::Same(sides) => {
                let (left, right) = (self.decide(&sides[0]), self.decide(&sides[1]));
                left.and(right).or((!left).and(!right)).into()
            }
            Truth::NumberIn(needle, list) => {
                let needle = self.number(needle);
                self.any(list, |run, item| {
                    let (value, counts) = run.read_number(item);
                    if counts { needle.compare(Comparison::Equal, value) } else { Kleene::Undecided }
                })
            }
            Truth::WordsIn(needle, list) => {
                let needle = self.words(needle);
                self.any(list, |run, item| match (&needle, run.read_words(item)) {
                    (Some(needle), Some(word)) => Kleene::from(*needle == word),
                    (None, _) | (_, None) => Kleene::Undecided,
                })
            }
            Truth::Has(place) => self.has(place).into(),
            Truth::Each { quantifier, over, body } => self.quantified(*quantifier, over, body),
        }
    }

    /// `&&` and `||`: the side that decides is the witness, and nothing of the other.
    fn both(&mut self, sides: &'a [Truth; 2], deciding: Kleene) -> Judged<'a> {
        let start = self.log.len();
        let left = self.truth(&sides[0]);
        if left.verdict == deciding {
            return left;
        }
        let middle = self.log.len();
        let right = self.truth(&sides[1]);
        if right.verdict == deciding {
            self.forget(start..middle);
            return right;
        }
        let open = left.verdict == Kleene::Undecided || right.verdict == Kleene::Undecided;
        let verdict = if open { Kleene::Undecided } else { !deciding };
        // Guards stand on the left; what they guard is worth looking at, unless only the guard is open.
        let (first, second) = if right.verdict == verdict { (right, left) } else { (left, right) };
        Judged { verdict, sides: first.sides.or(second.sides), row: first.row.or(second.row) }
    }

    fn quantified(&mut self, quantifier: Quantifier, over: &'a Many, body: &'a Truth) -> Judged<'a> {
        let deciding = match quantifier {
            Quantifier::All => Kleene::Fails,
            Quantifier::Exists => Kleene::Holds,
        };
        let Some(items) = self.items(over) else { return Kleene::Undecided.into() };
        let start = self.log.len();
        let mut whole = Judged::from(!deciding);
        for item in items {
            let row = item.row();
            let middle = self.log.len();
            self.slots.push(item);
            let mut judged = self.truth(body);
            self.slots.pop();
            judged.row = row.or(judged.row);
            if judged.verdict == deciding {
                self.forget(start..middle);
                return judged;
            }
            if judged.verdict == Kleene::Undecided && whole.verdict != Kleene::Undecided {
                whole = judged;
            }
        }
        whole
    }

    fn any(&mut self, list: &'a Many, mut is: impl FnMut(&mut Self, &Item<'a>) -> Kleene) -> Judged<'a> {
        let Some(items) = self.items(list) else { return Kleene::Undecided.into() };
        items.iter().fold(Kleene::Fails, |found, item| found.or(is(self, item))).into()
    }

    fn sides(
        &mut self,
        op: Comparison,
        left: (&'a Number, Interval),
        right: (&'a Number, Interval),
        tolerance: Option<Interval>,
        dated: bool,
    ) -> Sides {
        let mut sides = Sides {
            op,
            left: left.1,
            right: right.1,
            left_text: String::new(),
            right_text: String::new(),
            left_shown: String::new(),
            right_shown: String::new(),
            tolerance,
            dated,
        };
        if self.showing {
            (sides.left_text, sides.left_shown) = self.written_out(left.0, left.1, dated);
            (sides.right_text, sides.right_shown) = self.written_out(right.0, right.1, dated);
        }
        sides
    }
}
