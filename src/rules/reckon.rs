//! Reckons: numbers, texts and lists of a rule, over what `read` finds.

use std::borrow::Cow;

use super::days;
use super::evaluate::{Logged, Run};
use super::read::Item;
use super::tree::{Arith, Calendar, Many, Number, Words};
use super::value::{HOLIDAYS, Known, Node};
use crate::figure::{Interval, Kleene};

impl<'a> Run<'a> {
    pub(super) fn number(&mut self, number: &'a Number) -> Interval {
        match number {
            Number::Constant(n) | Number::Day(n) => Interval::exact(*n),
            Number::Read(place) => {
                let item = self.item(place);
                self.read_number(&item).0
            }
            Number::Negate(of) => -self.number(of),
            Number::Arith(op, sides) => {
                let (left, right) = (self.number(&sides[0]), self.number(&sides[1]));
                match op {
                    Arith::Add => left + right,
                    Arith::Subtract => left - right,
                    Arith::Multiply => left * right,
                    Arith::Divide => left / right,
                }
            }
            Number::If(parts) => {
                let (condition, yes, no) = &**parts;
                match self.decide(condition) {
                    Kleene::Holds => self.number(yes),
                    Kleene::Fails => self.number(no),
                    Kleene::Undecided => self.number(yes).hull(self.number(no)),
                }
            }
            Number::Sum(list) => match self.sum(list) {
                Item::Number(sum) => sum,
                // Of nothing but `z` no sum is known.
                Item::Node(..) | Item::Missing(_) | Item::Words(_) | Item::Truth(_) => Interval::UNKNOWN,
            },
            Number::Least(list) => self.extreme(list, Interval::min),
            Number::Greatest(list) => self.extreme(list, Interval::max),
            Number::Size(list) => match self.items(list) {
                Some(items) => Interval::exact(u32::try_from(items.len()).map_or(f64::INFINITY, f64::from)),
                None => Interval::at_least(0.0),
            },
            Number::Abs(of) => self.number(of).abs(),
            Number::Percentage(parts) => {
                let (part, whole) = (self.number(&parts[0]), self.number(&parts[1]));
                Interval::exact(100.0) * part / whole
            }
            Number::Rate(parts) => {
                let [count, population, per] = &**parts;
                let (count, population, per) = (self.number(count), self.number(population), self.number(per));
                per * count / population
            }
            Number::Date(calendar, words) => {
                let day = self.words(words).and_then(|text| match calendar {
                    Calendar::Day => days::day(&text),
                    Calendar::YearStart => days::year_start(&text),
                    Calendar::YearEnd => days::year_end(&text),
                });
                day.map_or(Interval::UNKNOWN, Interval::exact)
            }
            Number::Workdays(parts) => {
                let (from, to) = (self.number(&parts[0]), self.number(&parts[1]));
                days::workdays(from, to, &self.holidays())
            }
        }
    }

    /// A sum without what does not apply; of nothing but `z` it is the first of them, so that a sum of sums leaves it
    /// out, too. Nothing adds up to 0.
    fn sum(&mut self, list: &'a Many) -> Item<'a> {
        let Some(items) = self.items(list) else { return Item::Number(Interval::UNKNOWN) };
        let numbers = items.iter().filter_map(|item| match self.read_number(item) {
            (n, true) => Some(n),
            (_, false) => None,
        });
        match numbers.reduce(|sum, n| sum + n) {
            Some(sum) => Item::Number(sum),
            None => items.into_iter().next().unwrap_or(Item::Number(Interval::exact(0.0))),
        }
    }

    /// The holidays in the data, as days.
    fn holidays(&self) -> Vec<f64> {
        let Some(Node::Rows(rows)) = self.root.child(HOLIDAYS) else { return Vec::new() };
        let day = |node: &Node| match node {
            Node::Leaf(leaf) => match &leaf.value {
                Known::Number(day) => day.number(),
                Known::Text(_) | Known::Codes(_) | Known::Truth(_) => None,
                Known::NotApplicable | Known::Absent | Known::Faulty => None,
            },
            Node::Record(_) | Node::Rows(_) => None,
        };
        rows.iter().filter_map(|(_, _, node)| day(node)).collect()
    }

    /// The least or greatest of a list.
    fn extreme(&mut self, list: &'a Many, of: fn(Interval, Interval) -> Interval) -> Interval {
        let start = self.log.len();
        let found = self.fold(list, |found, n| Some(found.map_or(n, |found| of(found, n)))).flatten();
        if let Some(number) = found.filter(|n| n.number().is_some()) {
            self.keep(start, number);
        }
        found.unwrap_or(Interval::UNKNOWN)
    }

    /// Goes over the numbers of a list that count; `None` if the list itself is not known.
    fn fold(
        &mut self,
        list: &'a Many,
        step: impl Fn(Option<Interval>, Interval) -> Option<Interval>,
    ) -> Option<Option<Interval>> {
        let items = self.items(list)?;
        Some(items.iter().fold(None, |sum, item| match self.read_number(item) {
            (n, true) => step(sum, n),
            (_, false) => sum,
        }))
    }

    pub(super) fn words(&mut self, words: &'a Words) -> Option<Cow<'a, str>> {
        match words {
            Words::Constant(text) => Some(Cow::Borrowed(text)),
            Words::Read(place) => {
                let item = self.item(place);
                self.read_words(&item)
            }
            Words::If(parts) => {
                let (condition, yes, no) = &**parts;
                match self.decide(condition) {
                    Kleene::Holds => self.words(yes),
                    Kleene::Fails => self.words(no),
                    Kleene::Undecided => {
                        let (yes, no) = (self.words(yes), self.words(no));
                        if yes == no { yes } else { None }
                    }
                }
            }
        }
    }

    /// The items of a list; `None` if it is not known which there are, or if patience has run out.
    pub(super) fn items(&mut self, list: &'a Many) -> Option<Vec<Item<'a>>> {
        if self.patience == 0 {
            return None;
        }
        let items = self.list(list)?;
        self.patience = self.patience.saturating_sub(items.len());
        Some(items)
    }

    fn list(&mut self, list: &'a Many) -> Option<Vec<Item<'a>>> {
        match list {
            Many::Rows { place, keys } => match self.item(place) {
                Item::Node(Node::Rows(rows), written, _) => {
                    let mut items: Vec<_> = rows
                        .iter()
                        .map(|(key, pointer, node)| Item::Node(node, written, Some((key, pointer))))
                        .collect();
                    // A fixed row that is not in the data is there all the same, only nothing is known of it.
                    let lacking = |key: &&String| !rows.iter().any(|(k, _, _)| k == *key);
                    if rows.len() < keys.len() {
                        items.extend(keys.iter().filter(lacking).map(|_| Item::Missing(written)));
                    }
                    Some(items)
                }
                Item::Node(Node::Leaf(_) | Node::Record(_), written, _) | Item::Missing(written) => {
                    self.look(Logged::Missing(written));
                    None
                }
                Item::Number(_) | Item::Words(_) | Item::Truth(_) => None,
            },
            Many::Column { of, key, written } => {
                Some(self.items(of)?.into_iter().map(|item| item.child(key, written)).collect())
            }
            Many::Codes(place) => match self.item(place) {
                Item::Node(Node::Leaf(leaf), written, _) => {
                    self.look(Logged::Leaf(leaf, written));
                    match &leaf.value {
                        Known::Codes(codes) => {
                            Some(codes.iter().map(|code| Item::Words(Some(Cow::Borrowed(code)))).collect())
                        }
                        Known::Number(_) | Known::Text(_) | Known::Truth(_) => None,
                        Known::NotApplicable | Known::Absent | Known::Faulty => None,
                    }
                }
                Item::Missing(written) => {
                    self.look(Logged::Missing(written));
                    None
                }
                Item::Node(Node::Record(_) | Node::Rows(_), _, _) => None,
                Item::Number(_) | Item::Words(_) | Item::Truth(_) => None,
            },
            Many::Numbers(numbers) => Some(
                numbers
                    .iter()
                    .map(|number| match number {
                        // As part of the data, so that `z` can be left out of a sum.
                        Number::Read(place) => self.item(place),
                        number => Item::Number(self.number(number)),
                    })
                    .collect(),
            ),
            Many::Words(words) => Some(words.iter().map(|words| Item::Words(self.words(words))).collect()),
            Many::Filter { over, body } => {
                let mut kept = Vec::new();
                for item in self.items(over)? {
                    self.slots.push(item.clone());
                    let verdict = self.decide(body);
                    self.slots.pop();
                    match verdict {
                        Kleene::Holds => kept.push(item),
                        Kleene::Fails => {}
                        Kleene::Undecided => return None,
                    }
                }
                Some(kept)
            }
            Many::MapNumbers(over, body) => self.map(over, |run| match body.as_ref() {
                Number::Sum(list) => run.sum(list),
                number => Item::Number(run.number(number)),
            }),
            Many::MapWords(over, body) => self.map(over, |run| Item::Words(run.words(body))),
            Many::MapTruths(over, body) => self.map(over, |run| Item::Truth(run.decide(body))),
        }
    }

    fn map(&mut self, over: &'a Many, body: impl Fn(&mut Self) -> Item<'a>) -> Option<Vec<Item<'a>>> {
        let items = self.items(over)?;
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            self.slots.push(item);
            out.push(body(self));
            self.slots.pop();
        }
        Some(out)
    }
}
