//! The schema pack: everything a partnership may change without a programmer, compiled once.
//! Errors in a pack are values, all of them at once, each at its place in its file.

pub mod model;

mod across;
mod compile;
mod derived;
mod headline;
mod measures;
mod names;
mod pack;
mod people;
mod register;
mod rule;
mod section;
mod seed;
mod source;
mod vocabulary;
mod wording;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};
use serde_json::Value;

pub use across::AcrossRule;
pub use derived::Derived;
pub use headline::{Comparator, Headline, Reference, Stated};
pub use measures::MEASURES;
pub use names::{dotted, shape, stated};
pub use people::{People, plain};
pub use register::{is_year, year_before};
pub use rule::{Grade, Relation, Rule};
pub use seed::{Seed, SeedKind};
pub use source::SchemaError;

pub(crate) use names::{ROW, nested};

use compile::World;
use model::{Entry, Section};

/// A compiled pack.
#[derive(Debug)]
pub struct Schemas {
    /// Name, version and SHA-256 of the pack.
    pub pack: (String, String, String),
    /// Who returns what.
    pub agencies: Agencies,
    /// Sender and addressee of the letters.
    pub letterhead: Letterhead,
    /// Every rule id, in order.
    pub catalogue: BTreeMap<String, Entry>,
    /// Thresholds by dotted name: `opening.cin`.
    pub parameters: BTreeMap<String, f64>,
    /// What the offices of the partnership may write in the open (domain A33): not personal data.
    pub allowed: Allowed,
    /// By what names of people are told from other words.
    pub people: People,
    /// The cover, the same for every kind and year.
    pub cover: Section,
    /// The sheet on which queries are answered.
    pub explanations: Section,
    /// Days that are no working days, beside weekends.
    pub holidays: Vec<chrono::NaiveDate>,
    /// What the founding documents name, and where in the pack it is at home; none where a pack has no such list.
    pub seeds: Vec<Seed>,
    /// The figures that the report of the year opens with; none where a pack has no such list.
    pub headlines: Vec<Headline>,
    titles: BTreeMap<String, String>,
    /// Each made when it is first asked for.
    forms: BTreeMap<(String, String), OnceLock<Form>>,
    /// The rules across agencies by year, likewise.
    across: BTreeMap<String, OnceLock<Vec<AcrossRule>>>,
    world: World,
}

/// What the letters to bodies say of sender and addressee: roles and offices, never a person. Each is empty where the
/// pack does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// The role at each body to whom letters go.
    pub to: String,
    /// Who sends them: the partnership.
    pub from: String,
    /// Whom to answer.
    pub reply_to: String,
    /// How returns are sent: `the usual secure route`.
    pub route: String,
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
    /// From this day on the draft of the report is closed.
    pub draft_frozen: Option<chrono::NaiveDate>,
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
    /// The figures that we work out, by section.
    pub derived: BTreeMap<String, Vec<Derived>>,
    documents: BTreeMap<String, Value>,
    validators: BTreeMap<String, OnceLock<Option<jsonschema::Validator>>>,
}

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");

impl Schemas {
    /// The pack that travels inside the program.
    ///
    /// # Errors
    /// Mistakes in its registers. A test compiles all of it, so that there are none there nor in its forms, which are made
    /// when they are first asked for.
    pub fn built_in() -> Result<Self, Vec<SchemaError>> {
        Self::trusted(&built_in_files())
    }

    /// The effective pack of a kind and year; `None` where the pack knows no such kind or year.
    #[must_use]
    pub fn form(&self, kind: &str, year: &str) -> Option<&Form> {
        let name = (kind.to_owned(), year.to_owned());
        Some(self.forms.get(&name)?.get_or_init(|| self.world.form(kind, year, &mut Vec::new())))
    }

    /// Every effective pack, by kind and year.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.keys().filter_map(|(kind, year)| self.form(kind, year))
    }

    /// The rules across agencies of a year, in the order of the pack.
    #[must_use]
    pub fn across(&self, year: &str) -> &[AcrossRule] {
        self.across.get(year).map_or(&[], |made| made.get_or_init(|| self.rules_across(year, &mut Vec::new())))
    }

    /// The rules across agencies that the pack declares for any year, by id and name of the comparison.
    pub fn declared_across(&self) -> impl Iterator<Item = (&str, &str)> {
        self.world.across().into_iter().flat_map(across::declared)
    }

    /// The aims of the yearly report, by key, in words.
    #[must_use]
    pub fn aims(&self) -> &[(String, String)] {
        &self.world.aims
    }

    /// The keys of all sections, in the order of the pack.
    #[must_use]
    pub fn order(&self) -> &[String] {
        &self.world.order
    }

    /// The body with that key.
    #[must_use]
    pub fn body(&self, key: &str) -> Option<&Body> {
        self.agencies.bodies.iter().find(|body| body.key == key)
    }

    /// What the catalogue says of a rule.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.catalogue.get(id)
    }

    /// The title of a section, by its key.
    #[must_use]
    pub fn section_title(&self, key: &str) -> Option<&str> {
        self.titles.get(key).map(String::as_str)
    }

    /// A reference figure of a year, if it is known.
    #[must_use]
    pub fn reference(&self, name: &str, year: &str) -> Option<f64> {
        self.world.reference.values.get(name)?.get(year).copied()
    }

    /// The names of all reference figures.
    pub fn references(&self) -> impl Iterator<Item = &String> {
        self.world.reference.values.keys()
    }

    /// Which edition of a reference figure is used for a year.
    #[must_use]
    pub fn vintage(&self, name: &str, year: &str) -> Option<&str> {
        self.world.reference.vintages.get(name)?.get(year).map(String::as_str)
    }

    /// A reference figure of a year, else of the latest year before it, with that year and what has to be said of it.
    #[must_use]
    pub fn latest(&self, name: &str, year: &str) -> Option<(&str, Reference)> {
        let reference = &self.world.reference;
        let (year, value) = reference.values.get(name)?.range(..=year.to_owned()).next_back()?;
        let (source, licence) = reference.told.get(name).cloned().unwrap_or_default();
        let vintage = self.vintage(name, year).unwrap_or_default().to_owned();
        Some((year, Reference { value: *value, vintage, source, licence }))
    }

    /// Where a parameter comes from.
    #[must_use]
    pub fn parameter_source(&self, name: &str) -> Option<&str> {
        self.world.parameter_source(name)
    }

    /// The effective JSON Schema of a section, so that any tool can repeat the check.
    #[must_use]
    pub fn section_json_schema(&self, kind: &str, year: &str, section: &str) -> Option<&Value> {
        self.form(kind, year)?.documents.get(section)
    }
}

/// The files of the pack inside the program, by path.
#[must_use]
pub fn built_in_files() -> BTreeMap<String, String> {
    fn walk(dir: &Dir<'_>, files: &mut BTreeMap<String, String>) {
        for file in dir.files() {
            if let Some(text) = file.contents_utf8() {
                files.insert(file.path().to_string_lossy().replace('\\', "/"), text.to_owned());
            }
        }
        dir.dirs().for_each(|inner| walk(inner, files));
    }
    let mut files = BTreeMap::new();
    walk(&BUILT_IN, &mut files);
    files
}

impl Form {
    /// The validator of a section, made when first asked for.
    #[must_use]
    pub fn validator(&self, section: &str) -> Option<&jsonschema::Validator> {
        let document = self.documents.get(section)?;
        self.validators.get(section)?.get_or_init(|| compile::validator(document).ok()).as_ref()
    }

    /// A section by its key; the cover and the explanations are not among them.
    #[must_use]
    pub fn section(&self, key: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.key == key)
    }

    /// The reference figures that the rules and derived figures of a section read.
    #[must_use]
    pub fn references(&self, section: &str) -> BTreeSet<String> {
        let rules = self.rules.iter().filter(|r| r.section == section).flat_map(|r| r.references.iter().cloned());
        let derived =
            self.derived.get(section).into_iter().flatten().flat_map(|d| {
                d.expression.paths().iter().filter_map(|p| p.strip_prefix("reference.").map(str::to_owned))
            });
        rules.chain(derived).collect()
    }
}
