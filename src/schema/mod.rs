//! The schema pack: everything a partnership may change without a programmer, compiled once.
//! Errors in a pack are values, all of them at once, each at its place in its file.

pub mod model;

use std::collections::BTreeMap;

use crate::rules::Rule;
use model::{Entry, Section};

/// A compiled pack.
#[derive(Debug)]
pub struct Schemas {
    /// Name, version and SHA-256 of the pack.
    pub pack: (String, String, String),
    /// Who returns what.
    pub agencies: Agencies,
    /// Every rule id, in order.
    pub catalogue: BTreeMap<String, Entry>,
    /// Thresholds by dotted name: `opening.cin`.
    pub parameters: BTreeMap<String, f64>,
    /// What the offices of the partnership may write in the open (domain A33): not personal data.
    pub allowed: Allowed,
    /// The cover, the same for every kind and year.
    pub cover: Section,
    /// The sheet on which queries are answered.
    pub explanations: Section,
}

/// Office details that the personal-data scanner lets pass.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Postcodes, capitals, no spaces.
    pub postcodes: Vec<String>,
    /// Endings of e-mail addresses of organisations: `@islington.gov.uk`.
    pub email_endings: Vec<String>,
    /// Telephone numbers, digits only.
    pub phones: Vec<String>,
}

/// The register of kinds, bodies and years.
#[derive(Debug, Clone, Default)]
pub struct Agencies {
    /// Kinds of agency by key, in the order of the register.
    pub kinds: Vec<AgencyKind>,
    /// Bodies, each of one kind.
    pub bodies: Vec<Body>,
    /// Years by name.
    pub years: BTreeMap<String, Year>,
}

/// A kind of agency: `nhsc`.
#[derive(Debug, Clone)]
pub struct AgencyKind {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: String,
    /// Sections it owes (`true`) or may return (`false`), by section key.
    pub sections: BTreeMap<String, bool>,
    /// One of the statutory partners.
    pub statutory: bool,
}

/// A body: `nhsc-whittington`, the name of its folder in the inbox.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: String,
    /// The kind it is of.
    pub kind: String,
    /// Other names it goes by, never guessed at.
    pub aliases: Vec<String>,
}

/// A collection year.
#[derive(Debug, Clone)]
pub struct Year {
    /// `2021-22`.
    pub name: String,
    /// Returns are taken.
    pub open: bool,
    /// Version of the template sent out for it.
    pub template: String,
    /// Day by which returns are due.
    pub deadline: chrono::NaiveDate,
    /// Day by which queries are to be answered.
    pub query_deadline: chrono::NaiveDate,
}

/// The effective pack of one kind of agency and one year.
#[derive(Debug)]
pub struct Form {
    /// The kind of agency.
    pub kind: String,
    /// The year.
    pub year: String,
    /// The sections this kind owes or may return, in the order of the pack.
    pub sections: Vec<Section>,
    /// The rules of those sections, the cover's too, in order.
    pub rules: Vec<Rule>,
}

impl Schemas {
    /// The effective pack of a kind and year; `None` where the pack knows no such kind or year.
    #[must_use]
    pub fn form(&self, _kind: &str, _year: &str) -> Option<&Form> {
        None
    }

    /// What the catalogue says of a rule.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.catalogue.get(id)
    }
}
