//! The seeds of the pack: every figure, topic, obligation and aim that the two founding documents name, each with its
//! home in the pack, or why it has none. A home that does not exist is a mistake of the pack.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Schemas;
use super::model::{Item, Measure, Section};
use super::register::texts;
use super::source::{SchemaError, Source, join};

/// Something that the founding documents name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// `A1`, `T23`, `O9`; an aim is `O2.learning`.
    pub id: String,
    /// What it is.
    pub kind: SeedKind,
    /// The words of the document.
    pub quote: String,
    /// Where in the documents it stands.
    pub place: String,
    /// What it is in the pack: sections, measures, fields of the cover, rules, parameters, codes or files of the outbox.
    pub homes: Vec<String>,
    /// Why it has no home.
    pub none: Option<String>,
}

/// What a seed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeedKind {
    /// A figure, a quantity or a date.
    Figure,
    /// A topic, a system, a service or a practice.
    Topic,
    /// An obligation, a legal basis or a step of governance.
    Obligation,
    /// One of the aims of the yearly report.
    Aim,
}

impl SeedKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Figure, Self::Topic, Self::Obligation, Self::Aim];

    /// The word for it, in the pack and on pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Figure => "figure",
            Self::Topic => "topic",
            Self::Obligation => "obligation",
            Self::Aim => "aim",
        }
    }
}

/// The seeds of a file, with what is wrong with the rows themselves.
pub(super) fn read(source: &Source, errors: &mut Vec<SchemaError>) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = Vec::new();
    for (index, row) in source.json["seeds"].as_array().into_iter().flatten().enumerate() {
        let here = format!("/seeds/{index}");
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        for (key, _) in row.as_object().into_iter().flatten() {
            if !["id", "kind", "quote", "where", "home", "none"].contains(&key.as_str()) {
                errors.push(source.wrong(&join(&here, key), format!("`{key}` is not a part of a seed")));
            }
        }
        for key in ["id", "quote", "where"] {
            if text(key).is_empty() {
                errors.push(source.wrong(&here, format!("a seed needs its `{key}`")));
            }
        }
        let word = text("kind");
        let Some(kind) = SeedKind::ALL.into_iter().find(|kind| kind.word() == word) else {
            errors.push(source.wrong(&here, "a seed is a `figure`, `topic`, `obligation` or `aim`"));
            continue;
        };
        let none = row.get("none").and_then(Value::as_str).map(str::to_owned);
        let seed = Seed {
            id: text("id"),
            kind,
            quote: text("quote"),
            place: text("where"),
            homes: row.get("home").map(texts).unwrap_or_default(),
            none: none.filter(|why| !why.trim().is_empty()),
        };
        if seed.homes.is_empty() == seed.none.is_none() {
            let message = format!("{} needs a `home`, or in `none` why it has none, and not both", seed.id);
            errors.push(source.wrong(&here, message));
        }
        if seeds.iter().any(|other| other.id == seed.id) {
            errors.push(source.wrong(&join(&here, "id"), format!("{} is listed twice", seed.id)));
        }
        seeds.push(seed);
    }
    seeds
}

/// Homes that are nowhere in the pack: not for any kind of agency, not in any year.
pub(super) fn homeless(
    schemas: &Schemas,
    source: &Source,
    files: &BTreeMap<String, String>,
    errors: &mut Vec<SchemaError>,
) {
    let known = homes(schemas, files);
    for (index, seed) in schemas.seeds.iter().enumerate() {
        for (nth, home) in seed.homes.iter().enumerate() {
            if known.contains(home) {
                continue;
            }
            let near = known.iter().min_by_key(|other| strsim::levenshtein(other, home));
            let message = format!("{} is to be at home in `{home}`, which is nowhere in this pack", seed.id);
            let help = near.map(|near| format!("the nearest there is: `{near}`"));
            errors.push(source.wrong(&format!("/seeds/{index}/home/{nth}"), message).with_help(help));
        }
        let Some(aim) = seed.id.split_once('.').map(|(_, aim)| aim).filter(|_| seed.kind == SeedKind::Aim) else {
            continue;
        };
        let serves =
            |key: &str| schemas.forms().filter_map(|f| f.section(key)).any(|s| s.aims.iter().any(|a| a == aim));
        for (nth, home) in seed.homes.iter().enumerate().filter(|(_, home)| schemas.section_title(home).is_some()) {
            if !serves(home) {
                let message = format!("`{home}` does not name `{aim}` among its `x-aims`");
                errors.push(source.wrong(&format!("/seeds/{index}/home/{nth}"), message));
            }
        }
    }
}

/// Everything that can be a home.
fn homes(schemas: &Schemas, files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut homes: BTreeSet<String> = schemas.catalogue.keys().cloned().collect();
    homes.extend(schemas.parameters.keys().map(|name| format!("param.{name}")));
    homes.extend(schemas.references().map(|name| format!("reference.{name}")));
    homes.extend(files.keys().filter(|path| path.starts_with("out/") || *path == "agencies.json").cloned());
    for section in [&schemas.cover, &schemas.explanations] {
        places(section, &mut homes);
    }
    for section in schemas.forms().flat_map(|form| &form.sections) {
        places(section, &mut homes);
    }
    homes
}

/// A section and every measure, table, row and column of it.
fn places(section: &Section, homes: &mut BTreeSet<String>) {
    let key = &section.key;
    homes.insert(key.clone());
    let mut codes = |measure: &Measure| {
        for list in measure.codes.iter() {
            homes.extend(list.codes.iter().map(|code| format!("codes/{}.{}", list.key, code.code)));
        }
    };
    for item in &section.items {
        match item {
            Item::Measure(m) => codes(m),
            Item::Table(t) => t.columns.iter().for_each(&mut codes),
            Item::List(l) => l.fields.iter().for_each(&mut codes),
        }
    }
    for item in &section.items {
        match item {
            Item::Measure(m) => drop(homes.insert(format!("{key}.{}", m.path.join(".")))),
            Item::Table(t) => {
                homes.insert(format!("{key}.{}", t.key));
                homes.extend(t.columns.iter().map(|c| format!("{key}.{}.{}", t.key, c.path.join("."))));
                homes.extend(t.rows.codes.iter().map(|row| format!("{key}.{}.{}", t.key, row.code)));
            }
            Item::List(l) => {
                homes.insert(format!("{key}.{}", l.key));
                homes.extend(l.fields.iter().map(|f| format!("{key}.{}.{}", l.key, f.path.join("."))));
            }
        }
    }
}
