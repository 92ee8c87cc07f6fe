//! What can be named in a rule: the description that names and types are settled against when schemas are compiled.
//! `schema` makes it from the sections of a form; the data to it are `value::Node`s.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What a name stands for. Cheap to clone: the same section is named from many places.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A number.
    Figure,
    /// A calendar day; reckoned with as days, shown as a date.
    Date,
    /// Text, a code, a year.
    Text,
    /// True or false.
    Truth,
    /// A list of codes in one cell.
    Codes,
    /// Names within a name.
    Record(Arc<BTreeMap<String, Shape>>),
    /// Rows. `T.column` is the list of a column, `T.KEY.column` one cell, `T.all(r, …)` goes over them.
    Table {
        /// What each row is.
        row: Arc<Shape>,
        /// The codes of fixed rows, as they stand in the code list; none where the agency makes the rows.
        keys: Arc<[String]>,
    },
}

impl Shape {
    /// Names within a name.
    pub fn record<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Record(Arc::new(fields.into_iter().map(|(key, shape)| (key.into(), shape)).collect()))
    }

    /// A list whose rows the agency makes.
    #[must_use]
    pub fn list(row: Self) -> Self {
        Self::Table { row: Arc::new(row), keys: Arc::new([]) }
    }

    /// A table with fixed rows.
    pub fn table<K: Into<String>>(row: Self, keys: impl IntoIterator<Item = K>) -> Self {
        Self::Table { row: Arc::new(row), keys: keys.into_iter().map(Into::into).collect() }
    }

    /// What it is, for messages: “`x` is …”.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Figure => "a figure",
            Self::Date => "a date",
            Self::Text => "text",
            Self::Truth => "true or false",
            Self::Codes => "a list of codes",
            Self::Record(_) => "a group of names",
            Self::Table { .. } => "a table",
        }
    }
}

/// How a key is written in a rule: what is no letter, digit or `_` becomes `_`, and what starts with a digit gets a
/// leading `_`.
///
/// ```
/// use safereturn::rules::identifier;
/// assert_eq!(["NEG", "0-4", "1A", "not-recorded"].map(identifier), ["NEG", "_0_4", "_1A", "not_recorded"]);
/// ```
#[must_use]
pub fn identifier(key: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let lead = if key.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    lead.chars().chain(key.chars().map(plain)).collect()
}

/// Whether a key is meant by a name in a rule.
pub(super) fn is_named(key: &str, name: &str) -> bool {
    key == name || identifier(key) == name
}
