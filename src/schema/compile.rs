//! From the files of a pack to [`Schemas`]: every mistake found, none hides another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use chrono::Datelike;
use serde_json::Value;

use super::model::{Entry, Section};
use super::pack::Pack;
use super::register::{self, CodeLists, Reference};
use super::rule::{self, Universe};
use super::section::{self, Scope};
use super::source::{SchemaError, Source, hash, join};
use super::{Agencies, Form, Letterhead, Schemas, derived, headline, names, seed};
use crate::rules::Shape;

/// The validator of an effective section schema.
pub(super) fn validator(document: &Value) -> Result<jsonschema::Validator, String> {
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(document)
        .map_err(|error| error.to_string())
}

impl Schemas {
    /// Compiles a pack: its files by their path in it.
    ///
    /// # Errors
    /// Every mistake in the pack, each at its place.
    pub fn compile(files: &BTreeMap<String, String>) -> Result<Self, Vec<SchemaError>> {
        let mut errors = Vec::new();
        let schemas = Pack::read(files, &mut errors).map(|pack| {
            pack.lint(&mut errors);
            let schemas = pack.compile(files, &mut errors);
            schemas.world.unused(&schemas.agencies, &mut errors);
            schemas.every_form(&mut errors);
            schemas.every_across(&mut errors);
            if let Some(source) = &schemas.world.pack.seeds {
                seed::homeless(&schemas, source, files, &mut errors);
            }
            if let Some(source) = &schemas.world.pack.headlines {
                headline::lint(&schemas, source, &mut errors);
            }
            schemas
        });
        // The same mistake is met once for each kind and year; it is told once.
        let mut seen = BTreeSet::new();
        errors.retain(|e| seen.insert((e.file.clone(), e.span.start, e.message.clone())));
        errors.sort_by(|a, b| (&a.file, a.span.start).cmp(&(&b.file, b.span.start)));
        match schemas {
            Some(schemas) if errors.is_empty() => Ok(schemas),
            _ => Err(errors),
        }
    }

    /// Compiles a pack that is known to be sound: a form is made when it is first asked for.
    pub(super) fn trusted(files: &BTreeMap<String, String>) -> Result<Self, Vec<SchemaError>> {
        let mut errors = Vec::new();
        let schemas = Pack::read(files, &mut errors).map(|pack| pack.compile(files, &mut errors));
        match schemas {
            Some(schemas) if errors.is_empty() => Ok(schemas),
            _ => Err(errors),
        }
    }

    /// Makes every form, for its mistakes.
    fn every_form(&self, errors: &mut Vec<SchemaError>) {
        for ((kind, year), form) in &self.forms {
            let made = self.world.form(kind, year, errors);
            // A form that was asked for before is the same one.
            let _ = form.set(made);
        }
    }
}

impl Pack {
    fn compile(self, files: &BTreeMap<String, String>, errors: &mut Vec<SchemaError>) -> Schemas {
        let order = self.order();
        let agencies = Agencies::read(&self.agencies, &order, errors);
        let catalogue = register::catalogue(&self.catalogue, errors);
        let parameters = register::parameters(&self.parameters, errors);
        let mut reference = Reference::default();
        self.references.iter().for_each(|source| reference.read(source, errors));
        let mut people = std::mem::take(&mut reference.people);
        let named = self.sections.values().chain(self.codes.values());
        named.chain([&self.agencies, &self.cover, &self.explanations]).for_each(|source| people.also(&source.json));
        let lists = self.lists(&agencies, errors);
        let titles = self.titles();
        let seeds = self.seeds.as_ref().map(|source| seed::read(source, errors)).unwrap_or_default();
        let headlines = self.headlines.as_ref().map(|source| headline::read(source, errors)).unwrap_or_default();
        let text = |key: &str| self.about.json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pack = (text("name"), text("version"), hash(files));
        let letter = |key: &str| self.about.json["letter"][key].as_str().unwrap_or_default().to_owned();
        let letterhead =
            Letterhead { to: letter("to"), from: letter("from"), reply_to: letter("reply_to"), route: letter("route") };
        let owed = agencies.kinds.iter().map(|kind| (kind.key.clone(), kind.sections.keys().cloned().collect()));
        let owed = owed.collect();
        let aims = self.about.json.get("aims").and_then(Value::as_object).into_iter().flatten();
        let aims = aims.filter_map(|(key, words)| Some((key.clone(), words.as_str()?.to_owned()))).collect();
        let world = World {
            aims,
            param: names::dotted(parameters.keys()),
            parameters: parameters.clone(),
            references: names::dotted(reference.values.keys()),
            catalogue: catalogue.clone(),
            reference,
            lists,
            order,
            owed,
            pack: self,
            tried: Mutex::default(),
        };
        let year = agencies.years.keys().next_back().cloned().unwrap_or_default();
        let sheet = |key, source, errors: &mut _| section::effective(key, source, &world.scope("", &year), errors).0;
        let cover = sheet("cover", &world.pack.cover, errors);
        let explanations = sheet("explanations", &world.pack.explanations, errors);
        let each = agencies.kinds.iter().flat_map(|k| agencies.years.keys().map(|y| (k.key.clone(), y.clone())));
        Schemas {
            pack,
            parameters,
            allowed: world.reference.allowed.clone(),
            people,
            cover,
            explanations,
            holidays: world.reference.holidays.clone(),
            seeds,
            headlines,
            titles,
            forms: each.map(|name| (name, OnceLock::new())).collect(),
            across: agencies.years.keys().map(|year| (year.clone(), OnceLock::new())).collect(),
            catalogue,
            agencies,
            letterhead,
            world,
        }
    }
}

/// What sections and rules of a form may refer to: the pack's files and registers, kept so that forms can be made when
/// they are first asked for.
#[derive(Debug)]
pub(super) struct World {
    pack: Pack,
    lists: CodeLists,
    catalogue: BTreeMap<String, Entry>,
    pub(super) reference: Reference,
    pub(super) order: Vec<String>,
    /// The aims of the yearly report in words, by key.
    pub(super) aims: Vec<(String, String)>,
    /// The sections that each kind of agency owes or may return.
    owed: BTreeMap<String, BTreeSet<String>>,
    pub(super) param: Shape,
    parameters: BTreeMap<String, f64>,
    pub(super) references: Shape,
    /// Documents that have been tried as JSON Schemas.
    tried: Mutex<BTreeSet<String>>,
}

/// A document without the name that tells kinds and years apart.
fn unnamed(document: &Value) -> String {
    let mut document = document.clone();
    if let Some(object) = document.as_object_mut() {
        object.shift_remove("$id");
    }
    document.to_string()
}

impl World {
    /// Code lists and sections that nothing refers to are mistakes too: they look as if they were used.
    fn unused(&self, agencies: &Agencies, errors: &mut Vec<SchemaError>) {
        // As JSON without blanks: however the file is laid out, a mention looks the same.
        let all = self.pack.sections.values().chain([&self.pack.cover, &self.pack.explanations]);
        let mentioned: Vec<String> = all.map(|source| source.json.to_string()).collect();
        let mention = |keyword: &str, key: &str| format!("\"{keyword}\":\"{key}\"");
        for (key, source) in &self.pack.codes {
            if !mentioned
                .iter()
                .any(|text| ["x-codes", "x-rows", "x-bands"].iter().any(|k| text.contains(&mention(k, key))))
            {
                errors.push(source.wrong("", format!("no measure or table uses the code list `{key}`")));
            }
        }
        for (key, source) in &self.pack.sections {
            if !agencies.kinds.iter().any(|kind| kind.sections.contains_key(key)) {
                errors.push(source.wrong("/title", format!("no kind of agency returns the section `{key}`")));
            }
        }
    }

    /// The file of the rules across agencies, if the pack has one.
    pub(super) fn across(&self) -> Option<&Source> {
        self.pack.across.as_ref()
    }

    /// Where a parameter comes from.
    pub(super) fn parameter_source(&self, name: &str) -> Option<&str> {
        self.pack.parameters.json.get(name)?.get("source")?.as_str()
    }

    fn scope<'a>(&'a self, kind: &'a str, year: &'a str) -> Scope<'a> {
        Scope { kind, year, common: &self.pack.common.json, codes: &self.lists, parameters: &self.parameters }
    }

    /// The effective pack of a kind and year, with every mistake met on the way.
    pub(super) fn form(&self, kind: &str, year: &str, errors: &mut Vec<SchemaError>) -> Form {
        let scope = self.scope(kind, year);
        let wanted = self.owed.get(kind);
        let sources: Vec<(&str, &Source)> = self
            .order
            .iter()
            .filter(|key| wanted.is_some_and(|w| w.contains(*key)))
            .filter_map(|key| Some((key.as_str(), self.pack.sections.get(key)?)))
            .collect();
        let mut made: Vec<(Section, Value, &Source)> = Vec::new();
        for (key, source) in
            sources.into_iter().chain([("cover", &self.pack.cover), ("explanations", &self.pack.explanations)])
        {
            let (section, document) = section::effective(key, source, &scope, errors);
            made.push((section, document, source));
        }
        let shapes: BTreeMap<&str, Shape> =
            made.iter().map(|(section, _, _)| (section.key.as_str(), Shape::record(names::shape(section)))).collect();
        let sections = shapes.iter().filter(|(key, _)| **key != "cover" && **key != "explanations");
        let sections = Shape::record(sections.map(|(key, shape)| (key.replace('-', "_"), shape.clone())));
        let names: Vec<Shape> = made.iter().map(|(section, _, _)| self.names(section, &shapes, &sections)).collect();
        let mut form = Form {
            kind: kind.to_owned(),
            year: year.to_owned(),
            sections: Vec::new(),
            rules: Vec::new(),
            derived: BTreeMap::new(),
            documents: BTreeMap::new(),
            validators: BTreeMap::new(),
        };
        for ((section, document, source), names) in made.into_iter().zip(names) {
            let universe = Universe { kind, year, catalogue: &self.catalogue, names: &names };
            let rules = rule::rules(&section, source, &universe, errors);
            for rule in &rules {
                self.reference_known(rule, source, year, errors);
                self.holidays_known(rule, source, year, errors);
            }
            form.rules.extend(rules);
            form.derived.insert(section.key.clone(), derived::derived(&section, source, &names, errors));
            // Kinds and years mostly share a document; each is tried once.
            if self.tried.lock().is_ok_and(|mut tried| tried.insert(unnamed(&document)))
                && let Err(message) = validator(&document)
            {
                errors.push(source.wrong("", format!("this is not a valid JSON Schema: {message}")));
            }
            form.validators.insert(section.key.clone(), OnceLock::new());
            form.documents.insert(section.key.clone(), document);
            if section.key != "cover" && section.key != "explanations" {
                form.sections.push(section);
            }
        }
        form
    }

    /// What the rules of a section can name: its own measures, and the roots.
    fn names(&self, section: &Section, shapes: &BTreeMap<&str, Shape>, sections: &Shape) -> Shape {
        let mut names = names::shape(section);
        let own = |key: &str| shapes.get(key).cloned().unwrap_or_else(|| Shape::record([("", Shape::Figure); 0]));
        if section.key != "cover" {
            names.insert("cover".to_owned(), own("cover"));
        }
        names.insert("sections".to_owned(), sections.clone());
        names.insert("last".to_owned(), own(&section.key));
        names.insert("last_sections".to_owned(), sections.clone());
        names.insert("param".to_owned(), self.param.clone());
        names.insert("reference".to_owned(), self.references.clone());
        Shape::record(names)
    }

    /// Nor can working days be counted in a year whose bank holidays nobody told.
    fn holidays_known(&self, rule: &rule::Rule, source: &Source, year: &str, errors: &mut Vec<SchemaError>) {
        if !rule.grades.iter().any(|grade| grade.expression.text().contains("workdays(")) {
            return;
        }
        let told = |year: i32| self.reference.holidays.iter().any(|day| day.year() == year);
        let first: Option<i32> = year.split('-').next().and_then(|first| first.parse().ok());
        if first.is_some_and(|first| !told(first) || !told(first + 1)) {
            let place = rule::keywords().map(|k| join("", k)).find(|p| source.json.pointer(p).is_some());
            let message = format!("{} counts working days, but the bank holidays of {year} are not told", rule.id);
            errors.push(source.wrong(&place.unwrap_or_default(), message));
        }
    }

    /// A rule that needs a reference figure which a year lacks would be skipped in silence: it is a mistake at once.
    fn reference_known(&self, rule: &rule::Rule, source: &Source, year: &str, errors: &mut Vec<SchemaError>) {
        for name in &rule.references {
            let known = self.reference.values.get(name).is_some_and(|years| years.contains_key(year));
            if !known {
                let place = rule::keywords().map(|k| join("", k)).find(|p| source.json.pointer(p).is_some());
                let message = format!("{} needs the reference figure `{name}`, which has no value for {year}", rule.id);
                errors.push(source.wrong(&place.unwrap_or_default(), message));
            }
        }
    }
}
