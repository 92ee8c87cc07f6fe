//! The rules of a section: relations and rule texts as declared beside the measures, lowered to expressions once.
//! What an expression means is left to `rules`; running them to `checks`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;

use super::model::{Entry, Item, Section};
use super::names::stated;
use super::register::{Span, severity};
use super::source::{SchemaError, Source, join};
use crate::finding::{RuleId, Severity};
use crate::rules::{Expression, Shape, lower};

/// A rule of a section, ready to run.
#[derive(Debug)]
pub struct Rule {
    /// Its id in the catalogue.
    pub id: RuleId,
    /// The section it is declared in.
    pub section: String,
    /// The place it is about, inside the section; unique with the id.
    pub at: Vec<String>,
    /// Worst first; the first that fails speaks. A plain rule has one.
    pub grades: Vec<Grade>,
    /// How it was declared: decides what was expected and what the difference is.
    pub relation: Relation,
    /// Other sections of the same return that it reads, by key.
    pub needs: BTreeSet<String>,
    /// It reads last year's return.
    pub needs_last: bool,
    /// Reference figures that it reads, by name.
    pub references: BTreeSet<String>,
}

/// One grade of a rule.
#[derive(Debug)]
pub struct Grade {
    /// How grave it is when this grade fails.
    pub severity: Severity,
    /// What has to hold.
    pub expression: Expression,
    /// The message pattern.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// How a rule was declared (design §4): one of the five relations, or in words of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// `x-at-most`: the left side is at most the right.
    AtMost,
    /// `x-sums-to`: the parts on the left, their total on the right.
    SumsTo,
    /// `x-percentage-of`: what was typed on the left, what the counts give on the right.
    PercentageOf,
    /// `x-rate-of`: likewise.
    RateOf,
    /// `x-flow`: start + in − out on the left, end on the right.
    Flow,
    /// `x-rules`.
    Stated,
}

impl Relation {
    const ALL: [(Self, &'static str); 6] = [
        (Self::AtMost, "x-at-most"),
        (Self::SumsTo, "x-sums-to"),
        (Self::PercentageOf, "x-percentage-of"),
        (Self::RateOf, "x-rate-of"),
        (Self::Flow, "x-flow"),
        (Self::Stated, "x-rules"),
    ];
}

/// The keywords under which a section declares its rules.
pub(crate) fn keywords() -> impl Iterator<Item = &'static str> {
    Relation::ALL.into_iter().map(|(_, keyword)| keyword)
}

/// What a section's rules may use.
pub(crate) struct Universe<'a> {
    pub(crate) kind: &'a str,
    pub(crate) year: &'a str,
    pub(crate) catalogue: &'a BTreeMap<String, Entry>,
    /// Everything that can be named: the section's own names and the roots.
    pub(crate) names: &'a Shape,
}

/// The rules that a section declares, for a kind and year.
pub(crate) fn rules(
    section: &Section,
    source: &Source,
    universe: &Universe,
    errors: &mut Vec<SchemaError>,
) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (relation, keyword) in Relation::ALL {
        for (index, declared) in source.json.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
            if !Span::of(declared).covers(universe.kind, universe.year) {
                continue;
            }
            let place = format!("/{keyword}/{index}");
            let mut reader = Reader { section, source, universe, errors, place };
            let Some(rule) = reader.rule(declared, relation) else { continue };
            if rules.iter().any(|r| r.id == rule.id && r.at == rule.at) {
                let message = format!("{} speaks about `{}` twice; give one another `at`", rule.id, rule.at.join("."));
                reader.wrong("at", message);
                continue;
            }
            rules.push(rule);
        }
    }
    rules
}

struct Reader<'a, 'b> {
    section: &'a Section,
    source: &'a Source,
    universe: &'a Universe<'a>,
    errors: &'b mut Vec<SchemaError>,
    place: String,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, key: &str, message: String) {
        let error = self.source.wrong(&join(&self.place, key), message);
        self.errors.push(error);
    }

    fn rule(&mut self, declared: &Value, relation: Relation) -> Option<Rule> {
        let text = |key: &str| declared.get(key).and_then(Value::as_str);
        let id = text("id").unwrap_or_default();
        let Some(entry) = self.universe.catalogue.get(id) else {
            self.wrong("id", format!("`{id}` is not in the catalogue"));
            return None;
        };
        let at: Vec<String> = text("at").unwrap_or_default().split(['.', '/']).map(str::to_owned).collect();
        if !self.names_a_place(&at) {
            self.wrong("at", format!("`{}` is not a place in this section", at.join(".")));
            return None;
        }
        let default = (entry.severity, entry.message.clone(), entry.help.clone());
        let mut grades = Vec::new();
        if let Some(list) = declared.get("grades").and_then(Value::as_array) {
            for (index, grade) in list.iter().enumerate() {
                let place = format!("{}/grades/{index}", self.place);
                grades.extend(self.grade(grade, &place, relation, &default, declared));
            }
            if grades.is_empty() {
                return None;
            }
        } else {
            let place = self.place.clone();
            grades.push(self.grade(declared, &place, relation, &default, declared)?);
        }
        if relation == Relation::AtMost {
            grades.extend(self.same_figure(declared));
        }
        let paths: BTreeSet<String> = grades.iter().flat_map(|g| g.expression.paths().iter().cloned()).collect();
        let named = |root: &str| -> BTreeSet<String> {
            paths
                .iter()
                .filter_map(|p| p.strip_prefix(root)?.strip_prefix('.'))
                .map(|p| p.split(['.', '[']).next().unwrap_or(p).to_owned())
                .collect()
        };
        Some(Rule {
            id: entry.id.clone(),
            section: self.section.key.clone(),
            at,
            relation,
            needs: named("sections").into_iter().map(|s| s.replace('_', "-")).collect(),
            needs_last: grades.iter().any(|g| g.expression.needs_last()),
            references: named("reference"),
            grades,
        })
    }

    fn names_a_place(&self, at: &[String]) -> bool {
        let Some((first, rest)) = at.split_first() else { return false };
        self.section.items.iter().any(|item| match item {
            Item::Measure(m) => m.path == at,
            Item::Table(t) => {
                t.key == *first
                    && (rest.is_empty()
                        || t.columns.iter().any(|c| c.path == rest)
                        || t.rows.codes.iter().any(|c| rest.first() == Some(&c.code)))
            }
            Item::List(l) => l.key == *first && (rest.is_empty() || l.fields.iter().any(|f| f.path == rest)),
        })
    }

    fn grade(
        &mut self,
        declared: &Value,
        place: &str,
        relation: Relation,
        default: &(Severity, String, String),
        whole: &Value,
    ) -> Option<Grade> {
        let said = |key: &str| {
            let text = |v: &Value| v.get(key).and_then(Value::as_str).map(str::to_owned);
            text(declared).or_else(|| text(whole))
        };
        let severity = match declared.get("severity").or_else(|| whole.get("severity")) {
            None => default.0,
            stated => severity(stated).or_else(|| {
                let error = self.source.wrong(&join(place, "severity"), "a severity is `error`, `query` or `note`");
                self.errors.push(error);
                None
            })?,
        };
        let (text, pointer) = match relation {
            Relation::Stated => {
                (declared.get("rule").and_then(Value::as_str).unwrap_or_default().to_owned(), join(place, "rule"))
            }
            Relation::AtMost | Relation::SumsTo | Relation::PercentageOf | Relation::RateOf | Relation::Flow => {
                (self.related(declared, relation)?, place.to_owned())
            }
        };
        let inside = relation == Relation::Stated;
        let expression = self.lowered(&text, &pointer, inside)?;
        Some(Grade {
            severity,
            expression,
            message: said("message").unwrap_or_else(|| default.1.clone()),
            help: said("help").unwrap_or_else(|| default.2.clone()),
        })
    }

    /// A part as large as its whole may be one figure typed twice: asked about from a size on that a parameter states.
    fn same_figure(&mut self, declared: &Value) -> Option<Grade> {
        let text = |key: &str| declared.get(key).and_then(Value::as_str);
        let (less, more, from) = (text("less")?, text("more")?, text("all_from")?);
        let pointer = join(&self.place, "all_from");
        let expression = self.lowered(&format!("{less} != {more} || {more} < param.{from}"), &pointer, false)?;
        Some(Grade {
            severity: Severity::Query,
            expression,
            message: format!(
                "“{{{less}.title}}” and “{{{more}.title}}” are both {{{more}}}. Was the same figure typed twice?"
            ),
            help: "Correct the one that is wrong. If all of them are meant, explain it.".to_owned(),
        })
    }

    fn lowered(&mut self, text: &str, pointer: &str, inside: bool) -> Option<Expression> {
        let faults = match lower(text, self.universe.names) {
            Ok(expression) => return Some(expression),
            Err(faults) => faults,
        };
        for fault in faults {
            let error = mistake(self.source, pointer, inside, &fault.span, fault.message).with_help(fault.help);
            self.errors.push(error);
        }
        None
    }

    /// A relation as rule text. A column of a table on the left makes it one verdict a row.
    fn related(&mut self, declared: &Value, relation: Relation) -> Option<String> {
        let text = |key: &str| declared.get(key).and_then(Value::as_str).map(str::to_owned);
        let need = |reader: &mut Self, key: &str| {
            let found = text(key);
            if found.is_none() {
                let place = reader.place.clone();
                let error = reader.source.wrong(&place, format!("this relation needs `{key}`"));
                reader.errors.push(error);
            }
            found
        };
        let list = |key: &str| {
            declared.get(key).and_then(Value::as_array).map(|l| l.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        };
        match relation {
            Relation::AtMost => {
                let (less, more) = (need(self, "less")?, need(self, "more")?);
                Some(self.by_row(&[&less, &more], |names| format!("{} <= {}", names[0], names[1])))
            }
            Relation::SumsTo => {
                let total = need(self, "total")?;
                if let Some(parts) = list("parts") {
                    return Some(self.by_row(
                        &parts.iter().copied().chain([total.as_str()]).collect::<Vec<_>>(),
                        |names| {
                            let (total, parts) =
                                names.split_last().map(|(t, p)| (t.clone(), p.join(", "))).unwrap_or_default();
                            // A sum leaves out what does not apply.
                            format!("sum([{parts}]) == {total}")
                        },
                    ));
                }
                let parts = need(self, "parts")?;
                Some(format!("sum({parts}) == {total}"))
            }
            Relation::PercentageOf => {
                let (p, whole) = (need(self, "percentage")?, need(self, "whole")?);
                // A share of several counts names its parts.
                let part = match list("part") {
                    Some(parts) => parts.join(" + "),
                    None => need(self, "part")?,
                };
                Some(self.by_row(&[&p, &part, &whole], |n| {
                    format!("near({}, percentage({}, {}), {})", n[0], n[1], n[2], stated(&n[0]))
                }))
            }
            Relation::RateOf => {
                let (rate, count, population) = (need(self, "rate")?, need(self, "count")?, need(self, "population")?);
                let per = declared.get("per").and_then(Value::as_f64).unwrap_or(10_000.0);
                Some(self.by_row(&[&rate, &count, &population], |n| {
                    format!("near({}, rate({}, {}, {per}), {})", n[0], n[1], n[2], stated(&n[0]))
                }))
            }
            Relation::Flow => match list("flow").as_deref() {
                Some([start, come, gone, end]) => Some(
                    self.by_row(&[start, come, gone, end], |n| format!("{} + {} - {} == {}", n[0], n[1], n[2], n[3])),
                ),
                _ => {
                    self.wrong("flow", "a flow names four measures: start, in, out, end".to_owned());
                    None
                }
            },
            Relation::Stated => None,
        }
    }

    fn by_row(&self, names: &[&str], text: impl Fn(&[String]) -> String) -> String {
        let table = names.iter().find_map(|name| {
            let (first, rest) = name.split_once('.')?;
            self.section
                .items
                .iter()
                .any(|item| match item {
                    Item::Table(t) => t.key == first && t.columns.iter().any(|c| c.path.join(".") == rest),
                    Item::List(l) => l.key == first && l.fields.iter().any(|f| f.path.join(".") == rest),
                    Item::Measure(_) => false,
                })
                .then(|| first.to_owned())
        });
        match table {
            None => text(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()),
            Some(table) => {
                let row = names.iter().map(|n| {
                    n.strip_prefix(&format!("{table}.")).map_or_else(|| (*n).to_owned(), |rest| format!("r.{rest}"))
                });
                format!("{table}.all(r, {})", text(&row.collect::<Vec<_>>()))
            }
        }
    }
}

fn mistake(source: &Source, pointer: &str, inside: bool, span: &Range<usize>, message: String) -> SchemaError {
    if inside { source.wrong_inside(pointer, span.clone(), message) } else { source.wrong(pointer, message) }
}
