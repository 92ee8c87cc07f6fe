//! The data that rules are evaluated over: a tree of the figures of a return, each with its pointer and with what is
//! known of it. Made by `checks` from what was extracted; parts are shared, so that a tree for each section costs little.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::shape::is_named;
use crate::cell::Pointer;
use crate::figure::Interval;

/// The name under which the data of a rule hold the days that are no working days: rows of one date each. Rules do not
/// name them; `workdays` counts with them.
pub const HOLIDAYS: &str = "holidays";

/// A figure, a group of names or a table. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A figure.
    Leaf(Arc<Leaf>),
    /// Names within a name. A name that is known to the shape and missing here is absent.
    Record(Arc<BTreeMap<String, Node>>),
    /// The rows of a table: key, pointer and figures of each.
    Rows(Arc<[(String, Pointer, Node)]>),
}

/// A figure as rules see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// What it means.
    pub pointer: Pointer,
    /// What is known of it.
    pub value: Known,
    /// The value as people read it: `2,019`, `4 May 2021`, `c`; empty if nothing was given.
    pub shown: String,
}

/// What is known of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// A number, or a date as days since 1 January 1970.
    Number(Interval),
    /// Text, one code, a year.
    Text(String),
    /// Several codes.
    Codes(Vec<String>),
    /// True or false.
    Truth(bool),
    /// `z`: left out of sums; a comparison with it is undecided. `has` is true: something was said.
    NotApplicable,
    /// Blank, or `x`: not known, and `has` is false.
    Absent,
    /// A finding already speaks about it: not known, and `has` is undecided.
    Faulty,
}

impl Node {
    /// A figure.
    #[must_use]
    pub fn leaf(pointer: Pointer, value: Known, shown: impl Into<String>) -> Self {
        Self::Leaf(Arc::new(Leaf { pointer, value, shown: shown.into() }))
    }

    /// Names within a name.
    pub fn record<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Record(Arc::new(fields.into_iter().map(|(key, node)| (key.into(), node)).collect()))
    }

    /// The rows of a table, in the order of the sheet.
    pub fn rows(rows: impl IntoIterator<Item = (String, Pointer, Self)>) -> Self {
        Self::Rows(rows.into_iter().collect())
    }

    /// What stands under a key of this node.
    #[must_use]
    pub fn child(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Leaf(_) => None,
            Self::Record(fields) => fields.get(key),
            Self::Rows(rows) => rows.iter().find(|(k, _, _)| k == key).map(|(_, _, node)| node),
        }
    }

    /// What a dotted path of the rule language names, row codes written as there: `cin_by_age._0_4.children`.
    /// For messages, which may name figures that the rule did not come to read.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, name| match node {
            Self::Leaf(_) => None,
            Self::Record(fields) => fields.get(name).or_else(|| {
                let mut named = fields.iter().filter(|(key, _)| is_named(key, name));
                named.next().map(|(_, node)| node)
            }),
            Self::Rows(rows) => rows.iter().find(|(key, _, _)| is_named(key, name)).map(|(_, _, node)| node),
        })
    }

    /// Every figure that a dotted path names; `table[].column` is the column in each row.
    #[must_use]
    pub fn leaves(&self, path: &str) -> Vec<&Leaf> {
        let (here, rest) = match path.split_once("[]") {
            Some((table, rest)) => (table, Some(rest.trim_start_matches('.'))),
            None => (path, None),
        };
        let found = if here.is_empty() { Some(self) } else { self.find(here) };
        match (found, rest) {
            (Some(Self::Leaf(leaf)), None) => vec![leaf],
            (Some(Self::Rows(rows)), Some(rest)) => rows.iter().flat_map(|(_, _, row)| row.leaves(rest)).collect(),
            (Some(Self::Leaf(_) | Self::Record(_) | Self::Rows(_)) | None, _) => Vec::new(),
        }
    }
}
