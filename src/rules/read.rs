//! Reads data: what a name in a rule leads to, what is known of it, and a log of the figures that were looked at.
//! Data of another kind than the shape promised is not known.

use std::borrow::Cow;

use super::evaluate::{Logged, Row, Run};
use super::tree::Place;
use super::value::{Known, Node};
use crate::figure::{Interval, Kleene};

/// What a place or an item of a list turns out to be.
#[derive(Clone)]
pub(super) enum Item<'a> {
    /// Part of the data, with its path as written and the row it was reached through.
    Node(&'a Node, &'a str, Option<Row<'a>>),
    Number(Interval),
    Words(Option<Cow<'a, str>>),
    Truth(Kleene),
    /// Not in the data, though in the shape.
    Missing(&'a str),
}

impl<'a> Item<'a> {
    pub(super) fn row(&self) -> Option<Row<'a>> {
        match self {
            Self::Node(_, _, row) => *row,
            Self::Number(_) | Self::Words(_) | Self::Truth(_) | Self::Missing(_) => None,
        }
    }

    pub(super) fn child(self, key: &str, written: &'a str) -> Self {
        match self {
            Self::Node(node, _, row) => {
                node.child(key).map_or(Self::Missing(written), |node| Self::Node(node, written, row))
            }
            Self::Number(_) | Self::Words(_) | Self::Truth(_) | Self::Missing(_) => Self::Missing(written),
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn item(&self, place: &'a Place) -> Item<'a> {
        match place {
            Place::Root => Item::Node(self.root, "", None),
            Place::Slot(slot, name) => match self.slots.get(*slot) {
                Some(Item::Node(node, _, row)) => Item::Node(node, name, *row),
                Some(item) => item.clone(),
                None => Item::Missing(name),
            },
            Place::Step { of, key, written } => self.item(of).child(key, written),
        }
    }

    pub(super) fn has(&mut self, place: &'a Place) -> Kleene {
        match self.item(place) {
            Item::Node(Node::Leaf(leaf), written, _) => {
                self.log.push(Logged::Leaf(leaf, written));
                match &leaf.value {
                    Known::Number(_) | Known::Truth(_) | Known::NotApplicable => Kleene::Holds,
                    Known::Text(text) => Kleene::from(!text.is_empty()),
                    Known::Codes(codes) => Kleene::from(!codes.is_empty()),
                    Known::Absent => Kleene::Fails,
                    Known::Faulty => Kleene::Undecided,
                }
            }
            Item::Node(Node::Record(_) | Node::Rows(_), _, _) | Item::Number(_) | Item::Truth(_) => Kleene::Holds,
            Item::Words(words) => Kleene::from(words.is_some()),
            Item::Missing(written) => {
                self.log.push(Logged::Missing(written));
                Kleene::Fails
            }
        }
    }

    /// The number an item is, and whether it counts in a sum.
    pub(super) fn read_number(&mut self, item: &Item<'a>) -> (Interval, bool) {
        match item {
            Item::Node(Node::Leaf(leaf), written, _) => {
                self.log.push(Logged::Leaf(leaf, written));
                match &leaf.value {
                    Known::Number(interval) => (*interval, true),
                    Known::NotApplicable => (Interval::UNKNOWN, false),
                    Known::Text(_) | Known::Codes(_) | Known::Truth(_) => (Interval::UNKNOWN, true),
                    Known::Absent | Known::Faulty => (Interval::UNKNOWN, true),
                }
            }
            Item::Number(interval) => (*interval, true),
            Item::Missing(written) => {
                self.log.push(Logged::Missing(written));
                (Interval::UNKNOWN, true)
            }
            Item::Node(Node::Record(_) | Node::Rows(_), _, _) | Item::Words(_) | Item::Truth(_) => {
                (Interval::UNKNOWN, true)
            }
        }
    }

    pub(super) fn read_words(&mut self, item: &Item<'a>) -> Option<Cow<'a, str>> {
        match item {
            Item::Node(Node::Leaf(leaf), written, _) => {
                self.log.push(Logged::Leaf(leaf, written));
                match &leaf.value {
                    Known::Text(text) => Some(Cow::Borrowed(text)),
                    Known::Number(_) | Known::Codes(_) | Known::Truth(_) => None,
                    Known::NotApplicable | Known::Absent | Known::Faulty => None,
                }
            }
            Item::Words(words) => words.clone(),
            Item::Missing(written) => {
                self.log.push(Logged::Missing(written));
                None
            }
            Item::Node(Node::Record(_) | Node::Rows(_), _, _) | Item::Number(_) | Item::Truth(_) => None,
        }
    }

    pub(super) fn read_truth(&mut self, place: &'a Place) -> Kleene {
        match self.item(place) {
            Item::Node(Node::Leaf(leaf), written, _) => {
                self.log.push(Logged::Leaf(leaf, written));
                match &leaf.value {
                    Known::Truth(truth) => Kleene::from(*truth),
                    Known::Number(_) | Known::Text(_) | Known::Codes(_) => Kleene::Undecided,
                    Known::NotApplicable | Known::Absent | Known::Faulty => Kleene::Undecided,
                }
            }
            Item::Truth(truth) => truth,
            Item::Missing(written) => {
                self.log.push(Logged::Missing(written));
                Kleene::Undecided
            }
            Item::Node(Node::Record(_) | Node::Rows(_), _, _) | Item::Number(_) | Item::Words(_) => Kleene::Undecided,
        }
    }
}
