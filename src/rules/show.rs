//! Writes the sides of a comparison out with the figures put in, `1,946 + 1,463 − 1,390`, as an agency would on paper.

use super::days;
use super::evaluate::Run;
use super::read::Item;
use super::tree::{Arith, Many, Number};
use super::value::{Known, Node};
use crate::figure::{Interval, Kleene, format_plain};

/// More parts than this are counted, not listed.
const LISTED: usize = 8;

/// What a figure that nobody gave is called.
const NOT_GIVEN: &str = "(not given)";

/// How tightly a piece of text holds together, to know where parentheses are needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Sum,
    Product,
    One,
}

impl<'a> Run<'a> {
    /// A side with figures put in, and its value as people read it.
    pub(super) fn written_out(&mut self, number: &'a Number, value: Interval, dated: bool) -> (String, String) {
        let text = self.text(number).0;
        let shown = match (number, value.number()) {
            // As it stands in the cell: 15.60 stays 15.60.
            (Number::Read(_), Some(_)) => text.clone(),
            _ => shown(value, dated),
        };
        (text, shown)
    }

    fn text(&mut self, number: &'a Number) -> (String, Hold) {
        match number {
            Number::Constant(n) => (format_plain(*n), Hold::One),
            Number::Day(day) => (days::show(*day), Hold::One),
            Number::Read(place) => {
                let item = self.item(place);
                (leaf_text(&item), Hold::One)
            }
            Number::Negate(of) => {
                let text = self.text(of);
                (format!("−{}", held(text, Hold::One)), Hold::Product)
            }
            Number::Arith(op, sides) => {
                let (left, right) = (self.text(&sides[0]), self.text(&sides[1]));
                let (sign, hold, left_needs, right_needs) = match op {
                    Arith::Add => ("+", Hold::Sum, Hold::Sum, Hold::Sum),
                    Arith::Subtract => ("−", Hold::Sum, Hold::Sum, Hold::Product),
                    Arith::Multiply => ("×", Hold::Product, Hold::Product, Hold::Product),
                    Arith::Divide => ("÷", Hold::Product, Hold::Product, Hold::One),
                };
                let right = if right.0.starts_with('−') { (right.0, Hold::Sum) } else { right };
                let right_needs = if right.0.starts_with('−') { Hold::One } else { right_needs };
                (format!("{} {sign} {}", held(left, left_needs), held(right, right_needs)), hold)
            }
            Number::If(parts) => {
                let (condition, yes, no) = &**parts;
                match self.decide(condition) {
                    Kleene::Holds => self.text(yes),
                    Kleene::Fails => self.text(no),
                    Kleene::Undecided => self.value_text(number, false),
                }
            }
            Number::Sum(list) => match self.parts(list) {
                None => ("not known".to_owned(), Hold::One),
                Some((parts, _)) if parts.is_empty() => ("0".to_owned(), Hold::One),
                Some((parts, _)) if parts.len() == 1 => (parts.concat(), Hold::Sum),
                Some((parts, _)) if parts.len() <= LISTED => (parts.join(" + "), Hold::Sum),
                Some((parts, noun)) => (format!("the {} {noun}", parts.len()), Hold::One),
            },
            Number::Least(list) => self.of_parts("the least of", list),
            Number::Greatest(list) => self.of_parts("the greatest of", list),
            Number::Size(_) => self.value_text(number, false),
            Number::Abs(of) => match &**of {
                Number::Arith(Arith::Subtract, sides) => {
                    let (left, right) = (self.text(&sides[0]).0, self.text(&sides[1]).0);
                    (format!("the difference between {left} and {right}"), Hold::Sum)
                }
                of => self.value_text_abs(of),
            },
            Number::Percentage(parts) => {
                let (part, whole) = (self.text(&parts[0]), self.text(&parts[1]));
                (format!("100 × {} ÷ {}", held(part, Hold::Product), held(whole, Hold::One)), Hold::Product)
            }
            Number::Rate(parts) => {
                let [count, population, per] = &**parts;
                let (count, population, per) = (self.text(count), self.text(population), self.text(per));
                let (count, population) = (held(count, Hold::Product), held(population, Hold::One));
                (format!("{} × {count} ÷ {population}", held(per, Hold::Product)), Hold::Product)
            }
            Number::Date(..) => self.value_text(number, true),
            Number::Workdays(_) => self.value_text(number, false),
        }
    }

    fn value_text(&mut self, number: &'a Number, dated: bool) -> (String, Hold) {
        (shown(self.number(number), dated), Hold::One)
    }

    fn value_text_abs(&mut self, of: &'a Number) -> (String, Hold) {
        (shown(self.number(of).abs(), false), Hold::One)
    }

    fn of_parts(&mut self, what: &str, list: &'a Many) -> (String, Hold) {
        match self.parts(list) {
            None => ("not known".to_owned(), Hold::One),
            Some((parts, _)) if parts.len() <= LISTED => (format!("{what} {}", parts.join(", ")), Hold::Sum),
            Some((parts, noun)) => (format!("{what} the {} {noun}", parts.len()), Hold::Sum),
        }
    }

    /// The parts of a list that count, each as text, and what they are together.
    fn parts(&mut self, list: &'a Many) -> Option<(Vec<String>, &'static str)> {
        if let Many::Numbers(numbers) = list {
            let mut parts = Vec::with_capacity(numbers.len());
            for number in numbers {
                let skipped = match number {
                    Number::Read(place) => is_not_applicable(&self.item(place)),
                    _ => false,
                };
                if !skipped {
                    parts.push(self.text(number).0);
                }
            }
            return Some((parts, "figures"));
        }
        let items = self.items(list)?;
        Some((items.iter().filter(|item| !is_not_applicable(item)).map(leaf_text).collect(), "rows"))
    }
}

fn held(text: (String, Hold), needs: Hold) -> String {
    if text.1 < needs { format!("({})", text.0) } else { text.0 }
}

fn shown(value: Interval, dated: bool) -> String {
    if dated { value.in_words_with(days::show) } else { value.in_words() }
}

fn is_not_applicable(item: &Item<'_>) -> bool {
    matches!(item, Item::Node(Node::Leaf(leaf), _, _) if leaf.value == Known::NotApplicable)
}

fn leaf_text(item: &Item<'_>) -> String {
    match item {
        Item::Node(Node::Leaf(leaf), _, _) if !leaf.shown.is_empty() => leaf.shown.clone(),
        Item::Node(Node::Leaf(leaf), _, _) => match &leaf.value {
            Known::Number(interval) => interval.in_words(),
            Known::Text(_) | Known::Codes(_) | Known::Truth(_) => NOT_GIVEN.to_owned(),
            Known::NotApplicable | Known::Absent | Known::Faulty => NOT_GIVEN.to_owned(),
        },
        Item::Number(interval) => interval.in_words(),
        Item::Node(..) | Item::Words(_) | Item::Truth(_) | Item::Missing(_) => NOT_GIVEN.to_owned(),
    }
}
