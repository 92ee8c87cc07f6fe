//! The rules across agencies (`across.json`): two sides made of figures of several kinds of agency, or a rule text over
//! `returns`. Lowered for a year when first asked for; running them is left to `checks`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;

use super::model::{Entry, Item, Section};
use super::names::shape;
use super::register::{Span, severity, texts};
use super::source::{SchemaError, Source, join};
use super::{Form, Schemas};
use crate::finding::{RuleId, Severity};
use crate::rules::{Expression, Shape, identifier, lower};

/// A rule across agencies, ready to run.
#[derive(Debug)]
pub struct AcrossRule {
    /// Its id in the catalogue.
    pub id: RuleId,
    /// The name of the comparison; unique in the pack.
    pub at: String,
    /// How grave it is for the report of the year.
    pub severity: Severity,
    /// What has to hold.
    pub expression: Expression,
    /// The message pattern for the board: both figures.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The message pattern for each kind of agency: its own figure only.
    pub message_to_each: BTreeMap<String, String>,
    /// The sections that it reads, by kind of agency.
    pub needs: BTreeMap<String, BTreeSet<String>>,
}

/// What the rules of a year may use.
struct Universe<'a> {
    year: &'a str,
    catalogue: &'a BTreeMap<String, Entry>,
    /// The forms of the year, one for each kind.
    forms: Vec<&'a Form>,
    param: &'a Shape,
    references: &'a Shape,
}

/// How a rule is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// Two sides near one another, or the same.
    Agrees,
    /// One side at most the other.
    AtMost,
    /// In words of its own.
    Stated,
}

const RELATIONS: [(Relation, &str); 3] =
    [(Relation::Agrees, "x-agrees"), (Relation::AtMost, "x-at-most"), (Relation::Stated, "x-rules")];

/// What a message to the board may name, beside parameters.
const TO_BOARD: [&str; 5] = ["left", "right", "difference", "arithmetic", "row"];
/// What a message to one body may name, beside parameters: nothing from which another's figure could be had.
const TO_EACH: [&str; 2] = ["own", "own.title"];

impl Schemas {
    /// Lowers the rules across agencies of every year, for their mistakes.
    pub(super) fn every_across(&self, errors: &mut Vec<SchemaError>) {
        for (year, rules) in &self.across {
            let _ = rules.set(self.rules_across(year, errors));
        }
    }

    pub(super) fn rules_across(&self, year: &str, errors: &mut Vec<SchemaError>) -> Vec<AcrossRule> {
        let Some(source) = self.world.across() else { return Vec::new() };
        let universe = Universe {
            year,
            catalogue: &self.catalogue,
            forms: self.agencies.kinds.iter().filter_map(|kind| self.form(&kind.key, year)).collect(),
            param: &self.world.param,
            references: &self.world.references,
        };
        rules(source, &universe, errors)
    }
}

/// The rules declared, by id and `at`, whatever their year.
pub(super) fn declared(source: &Source) -> impl Iterator<Item = (&str, &str)> {
    let all = RELATIONS.into_iter().flat_map(|(_, keyword)| source.json.get(keyword).and_then(Value::as_array));
    all.flatten().filter_map(|rule| Some((rule.get("id")?.as_str()?, rule.get("at")?.as_str()?)))
}

/// The rules that hold in a year.
fn rules(source: &Source, universe: &Universe<'_>, errors: &mut Vec<SchemaError>) -> Vec<AcrossRule> {
    let names = universe.names();
    let mut reader = Reader { source, universe, names: &names, errors, place: String::new() };
    let mut out: Vec<AcrossRule> = Vec::new();
    for (relation, keyword) in RELATIONS {
        for (index, declared) in source.json.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
            if !Span::of(declared).covers("", universe.year) {
                continue;
            }
            reader.place = format!("/{keyword}/{index}");
            let Some(rule) = reader.rule(declared, relation) else { continue };
            if out.iter().any(|other| other.at == rule.at) {
                reader.wrong("at", format!("`{}` is the name of another comparison already", rule.at));
                continue;
            }
            out.push(rule);
        }
    }
    out
}

impl Universe<'_> {
    /// Everything that can be named: the returns of each kind, parameters, reference figures.
    fn names(&self) -> Shape {
        let of_kind = |form: &&Form| {
            let sections = form.sections.iter().map(|s| (s.key.replace('-', "_"), Shape::record(shape(s))));
            (form.kind.clone(), Shape::list(Shape::record(sections)))
        };
        let returns = Shape::record(self.forms.iter().map(of_kind));
        Shape::record([("returns", returns), ("param", self.param.clone()), ("reference", self.references.clone())])
    }

    fn section(&self, kind: &str, name: &str) -> Option<&Section> {
        let form = self.forms.iter().find(|form| form.kind == kind)?;
        form.sections.iter().find(|s| s.key == name || identifier(&s.key) == name)
    }
}

struct Reader<'a, 'b> {
    source: &'a Source,
    universe: &'a Universe<'a>,
    names: &'a Shape,
    errors: &'b mut Vec<SchemaError>,
    place: String,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, key: &str, message: String) {
        let error = self.source.wrong(&join(&self.place, key), message);
        self.errors.push(error);
    }

    fn rule(&mut self, declared: &Value, relation: Relation) -> Option<AcrossRule> {
        let text = |key: &str| declared.get(key).and_then(Value::as_str);
        let id = text("id").unwrap_or_default();
        let Some(entry) = self.universe.catalogue.get(id) else {
            self.wrong("id", format!("`{id}` is not in the catalogue"));
            return None;
        };
        let severity = match declared.get("severity") {
            None => entry.severity,
            stated => severity(stated)?,
        };
        let expression = match relation {
            Relation::Stated => {
                let pointer = join(&self.place, "rule");
                self.lowered(text("rule").unwrap_or_default(), &pointer, true)?
            }
            Relation::Agrees | Relation::AtMost => self.related(declared, relation)?,
        };
        let needs = self.needs(&expression);
        let each = declared.get("message_to_each").and_then(Value::as_object);
        let message_to_each: BTreeMap<String, String> = each
            .into_iter()
            .flatten()
            .filter_map(|(kind, message)| Some((kind.clone(), message.as_str()?.to_owned())))
            .collect();
        self.every_side(&needs, &message_to_each);
        let message = text("message").unwrap_or(&entry.message).to_owned();
        self.placeholders("message", &message, &TO_BOARD);
        for (kind, message) in &message_to_each {
            self.placeholders(&format!("message_to_each/{kind}"), message, &TO_EACH);
        }
        Some(AcrossRule {
            id: entry.id.clone(),
            at: text("at").unwrap_or_default().to_owned(),
            severity,
            expression,
            message,
            help: text("help").unwrap_or(&entry.help).to_owned(),
            message_to_each,
            needs,
        })
    }

    /// Each kind that the rule reads is told something, and no other.
    fn every_side(&mut self, needs: &BTreeMap<String, BTreeSet<String>>, each: &BTreeMap<String, String>) {
        if needs.is_empty() {
            self.wrong("", "this rule reads no return".to_owned());
        }
        for kind in needs.keys().filter(|kind| !each.contains_key(*kind)) {
            self.wrong("message_to_each", format!("`{kind}` takes part and is told nothing"));
        }
        for kind in each.keys().filter(|kind| !needs.contains_key(*kind)) {
            self.wrong(&format!("message_to_each/{kind}"), format!("the rule reads no figure of `{kind}`"));
        }
    }

    fn placeholders(&mut self, key: &str, message: &str, known: &[&str]) {
        for name in message.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
            let param = name.strip_prefix("param.").is_some_and(|p| self.names.find(&format!("param.{p}")).is_some());
            if !param && !known.contains(&name) {
                let all: Vec<String> = known.iter().map(|k| format!("{{{k}}}")).collect();
                let message = format!("`{{{name}}}` cannot be filled in here; there are {}", all.join(", "));
                let place = key.split('/').fold(self.place.clone(), |place, part| join(&place, part));
                let error = self.source.wrong(&place, message);
                self.errors.push(error);
            }
        }
    }

    /// Two sides, each a sum of figures of kinds, as a rule text.
    fn related(&mut self, declared: &Value, relation: Relation) -> Option<Expression> {
        let exactly = declared.get("exactly").and_then(Value::as_bool).unwrap_or(false);
        let (left, right) = match relation {
            Relation::AtMost => ("less", "more"),
            Relation::Agrees | Relation::Stated => ("left", "right"),
        };
        let (left, right) = (self.side(declared, left), self.side(declared, right));
        let (left, right) = (left?, right?);
        let rule = match (relation, exactly) {
            (Relation::AtMost, _) => format!("{left} <= {right}"),
            (Relation::Agrees | Relation::Stated, true) => format!("{left} == {right}"),
            (Relation::Agrees | Relation::Stated, false) => {
                let share = "param.cross_agency.percent / 100";
                format!(
                    "near({left}, {right}, max([({left}) * {share}, ({right}) * {share}, param.cross_agency.count]))"
                )
            }
        };
        let place = self.place.clone();
        self.lowered(&rule, &place, false)
    }

    fn side(&mut self, declared: &Value, key: &str) -> Option<String> {
        let place = join(&self.place, key);
        let mut sums = Vec::new();
        for (index, path) in declared.get(key).map(texts).unwrap_or_default().iter().enumerate() {
            let sum = self.sum(path);
            // Each on its own first, so that a name that does not exist is marked itself.
            self.lowered(&format!("{sum} >= 0"), &join(&place, &index.to_string()), false)?;
            sums.push(sum);
        }
        if sums.is_empty() {
            self.wrong(key, format!("`{key}` names the figures of that side"));
            return None;
        }
        Some(sums.join(" + "))
    }

    /// The sum over the bodies of a kind of a figure, or of a column of a table: `mps.police-safeguarding.merlin_shared_la`.
    fn sum(&self, path: &str) -> String {
        let mut parts = path.split('.');
        let (kind, section) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let rest: Vec<&str> = parts.collect();
        let name = |part: &&str| identifier(part);
        let inner = rest.iter().map(name).collect::<Vec<_>>().join(".");
        let (kind_name, section_name) = (identifier(kind), section.replace('-', "_"));
        let column = self.universe.section(kind, section).is_some_and(|s| is_column(s, &rest));
        if column {
            return format!("sum(returns.{kind_name}.map(r, sum(r.{section_name}.{inner})))");
        }
        format!("sum(returns.{kind_name}.{section_name}.{inner})")
    }

    /// The sections that a rule reads, by kind.
    fn needs(&self, expression: &Expression) -> BTreeMap<String, BTreeSet<String>> {
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in expression.paths() {
            let Some(rest) = path.strip_prefix("returns.") else { continue };
            let mut parts = rest.split('.').map(|part| part.trim_end_matches("[]"));
            let (Some(kind), Some(section)) = (parts.next(), parts.next()) else { continue };
            let key = self.universe.section(kind, section).map_or_else(|| section.to_owned(), |s| s.key.clone());
            needs.entry(kind.to_owned()).or_default().insert(key);
        }
        needs
    }

    fn lowered(&mut self, text: &str, pointer: &str, inside: bool) -> Option<Expression> {
        let faults = match lower(text, self.names) {
            Ok(expression) => return Some(expression),
            Err(faults) => faults,
        };
        for fault in faults {
            let error = mistake(self.source, pointer, inside, &fault.span, fault.message).with_help(fault.help);
            self.errors.push(error);
        }
        None
    }
}

/// Whether a path names a column over all rows of a table or list, and not one figure.
fn is_column(section: &Section, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    section.items.iter().any(|item| match item {
        Item::Measure(_) => false,
        Item::Table(table) => {
            table.key == *first
                && !rest.first().is_some_and(|row| table.rows.codes.iter().any(|code| code.code == *row))
        }
        Item::List(list) => list.key == *first,
    })
}

fn mistake(source: &Source, pointer: &str, inside: bool, span: &Range<usize>, message: String) -> SchemaError {
    if inside { source.wrong_inside(pointer, span.clone(), message) } else { source.wrong(pointer, message) }
}
