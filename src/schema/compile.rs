//! From the files of a pack to [`Schemas`]: every mistake found, none hides another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use chrono::Datelike;
use serde_json::Value;

use super::measures::{self, MEASURES};
use super::model::{Entry, Section};
use super::register::{self, CodeLists, Codes, Reference, texts};
use super::rule::{self, Universe};
use super::section::{self, Scope};
use super::source::{SchemaError, Source, hash, join};
use super::{Agencies, Form, Schemas, derived, names, seed, vocabulary};
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

/// The parsed files of a pack, by what they are.
#[derive(Debug)]
struct Pack {
    about: Source,
    common: Source,
    vocabulary: Source,
    agencies: Source,
    catalogue: Source,
    parameters: Source,
    cover: Source,
    explanations: Source,
    /// Not every partnership compares its agencies.
    across: Option<Source>,
    seeds: Option<Source>,
    sections: BTreeMap<String, Source>,
    codes: BTreeMap<String, Source>,
    references: Vec<Source>,
}

impl Pack {
    fn read(files: &BTreeMap<String, String>, errors: &mut Vec<SchemaError>) -> Option<Self> {
        let mut sources = BTreeMap::new();
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".json") && !path.starts_with("out/")) {
            match Source::parse(path, text) {
                Ok(source) => {
                    sources.insert(path.clone(), source);
                }
                Err(error) => errors.push(error),
            }
        }
        let mut folder = |name: &str| {
            let paths: Vec<String> = sources.keys().filter(|p| p.starts_with(name)).cloned().collect();
            let key =
                |path: &str| path.strip_prefix(name).and_then(|p| p.strip_suffix(".json")).unwrap_or(path).to_owned();
            paths.iter().filter_map(|p| Some((key(p), sources.remove(p)?))).collect::<BTreeMap<_, _>>()
        };
        let (sections, codes, references) = (folder("sections/"), folder("codes/"), folder("reference/"));
        let seeds = sources.remove("seeds.json");
        let mut one = |name: &str| {
            let found = sources.remove(name);
            if found.is_none() && !files.contains_key(name) {
                let (file, text) = (name.to_owned(), Arc::from(""));
                let message = format!("a pack needs a file {name}");
                errors.push(SchemaError { file, text, span: 0..0, message, help: None });
            }
            found
        };
        let (about, common, vocabulary) = (one("pack.json"), one("common.json"), one("vocabulary.json"));
        let (agencies, catalogue, parameters) = (one("agencies.json"), one("catalogue.json"), one("parameters.json"));
        let (cover, explanations) = (one("cover.json"), one("explanations.json"));
        let across = sources.remove("across.json");
        for (path, source) in &sources {
            errors.push(
                source
                    .wrong("", format!("a pack has no file {path}; sections stand in sections/, code lists in codes/")),
            );
        }
        Some(Self {
            about: about?,
            common: common?,
            vocabulary: vocabulary?,
            agencies: agencies?,
            catalogue: catalogue?,
            parameters: parameters?,
            cover: cover?,
            explanations: explanations?,
            across,
            seeds,
            sections,
            codes,
            references: references.into_values().collect(),
        })
    }

    /// Every section file against the pack's vocabulary.
    fn lint(&self, errors: &mut Vec<SchemaError>) {
        vocabulary::check(&self.vocabulary, self.sections.values().chain([&self.cover, &self.explanations]), errors);
        vocabulary::check_as("across", &self.vocabulary, self.across.iter(), errors);
    }

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
        let text = |key: &str| self.about.json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pack = (text("name"), text("version"), hash(files));
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
            titles,
            forms: each.map(|name| (name, OnceLock::new())).collect(),
            across: agencies.years.keys().map(|year| (year.clone(), OnceLock::new())).collect(),
            catalogue,
            agencies,
            world,
        }
    }

    /// Sections in the order that `pack.json` gives; the others after it, by name.
    fn order(&self) -> Vec<String> {
        let listed = self.about.json.get("sections").map(texts).unwrap_or_default();
        let rest = self.sections.keys().filter(|key| !listed.contains(key)).cloned();
        listed.iter().filter(|key| self.sections.contains_key(*key)).cloned().chain(rest).collect()
    }

    fn titles(&self) -> BTreeMap<String, String> {
        let named = self.sections.iter().map(|(key, source)| (key.clone(), source));
        let own = [("cover".to_owned(), &self.cover), ("explanations".to_owned(), &self.explanations)];
        named
            .chain(own)
            .map(|(key, source)| {
                let title = source.json["title"].as_str().unwrap_or(&key).to_owned();
                (key, title)
            })
            .collect()
    }

    fn lists(&self, agencies: &Agencies, errors: &mut Vec<SchemaError>) -> CodeLists {
        let mut lists: CodeLists =
            self.codes.iter().map(|(key, source)| (key.clone(), Codes::read(key, source, errors))).collect();
        let bodies = agencies.bodies.iter().map(|b| (b.key.clone(), b.title.clone(), b.aliases.clone()));
        lists.insert("bodies".to_owned(), Codes::made("bodies", "Bodies that return", bodies));
        let sections = self.sections.iter().map(|(key, source)| {
            let title = source.json["title"].as_str().unwrap_or(key).to_owned();
            (key.clone(), title, source.json.get("x-aliases").map(texts).unwrap_or_default())
        });
        let sections: Vec<_> = sections.collect();
        let cover = ("cover".to_owned(), self.cover.json["title"].as_str().unwrap_or("Cover").to_owned(), Vec::new());
        let sheets = std::iter::once(cover).chain(sections.iter().cloned());
        lists.insert("sheets".to_owned(), Codes::made("sheets", "Sheets of the return", sheets));
        lists.insert("sections".to_owned(), Codes::made("sections", "Sections of the return", sections));
        let listed = measures::listed(&self.order(), &self.sections);
        lists.insert(MEASURES.to_owned(), Codes::spanned(MEASURES, "Figures of the return", listed));
        lists
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
    order: Vec<String>,
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
