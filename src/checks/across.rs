//! The rules across agencies over the returns of a year: each comparison with both sides, or why it was not made.

use std::collections::{BTreeMap, BTreeSet};

use super::message::difference;
use super::together::{Compared, Counted, Gathered, Together};
use crate::cell::Pointer;
use crate::extract::known;
use crate::figure::{Interval, Kleene, format_plain};
use crate::finding::{ACROSS, Across, Check, Cited, Side, Verdict};
use crate::rules::{Known, Node, Outcome, Read, evaluate};
use crate::schema::{AcrossRule, Schemas};

/// Runs every rule across agencies of the year.
pub(super) fn rules(gathered: &Gathered<'_>, schemas: &Schemas, together: &mut Together) {
    let rules = schemas.across(&gathered.year);
    let bench =
        Bench { gathered, schemas, trees: trees(gathered, rules, schemas), known: known(schemas, &gathered.year) };
    for rule in rules {
        bench.rule(rule, together);
    }
}

/// The sections that some rule reads, as trees, by body and section.
fn trees(gathered: &Gathered<'_>, rules: &[AcrossRule], schemas: &Schemas) -> BTreeMap<(String, String), Node> {
    let mut trees = BTreeMap::new();
    for counted in &gathered.bodies {
        let kind = &counted.figures.kind;
        let read: BTreeSet<&String> = rules.iter().filter_map(|rule| rule.needs.get(kind)).flatten().collect();
        let Some(form) = schemas.form(kind, &gathered.year).filter(|_| !read.is_empty()) else { continue };
        for section in form.sections.iter().filter(|s| read.contains(&s.key) && counted.holds(&s.key)) {
            let tree = counted.figures.section_of(&counted.body, section);
            trees.insert((counted.body.clone(), section.key.clone()), tree);
        }
    }
    trees
}

struct Bench<'a> {
    gathered: &'a Gathered<'a>,
    schemas: &'a Schemas,
    trees: BTreeMap<(String, String), Node>,
    known: [(&'static str, Node); 3],
}

/// Whose figures a rule reads, and what is missing.
#[derive(Default)]
struct Seats {
    /// The returns of each kind.
    rows: BTreeMap<String, Vec<(String, Pointer, Node)>>,
    /// Bodies that take part or should.
    bodies: BTreeSet<String>,
    /// The first reason why nothing can be compared.
    missing: Option<String>,
    /// For a rule about each body: why one is left out.
    left_out: Vec<(String, String)>,
}

impl Bench<'_> {
    fn rule(&self, rule: &AcrossRule, together: &mut Together) {
        let place = Pointer::section(ACROSS).child(&rule.at);
        let seats = self.seats(rule);
        let mut account = |at: Pointer, bodies: BTreeSet<String>, verdict: Verdict| {
            together.checks.push(Compared { check: Check { rule: rule.id.clone(), at, verdict }, bodies });
        };
        if let Some(why) = seats.missing {
            return account(place, seats.bodies, Verdict::NotRun(why));
        }
        for (body, why) in seats.left_out {
            account(place.child(&body), BTreeSet::from([body]), Verdict::NotRun(why));
        }
        let kinds = seats.rows.into_iter().map(|(kind, rows)| (kind, Node::rows(rows)));
        let returns = ("returns", Node::record(kinds));
        let root = Node::record(self.known.iter().cloned().chain([returns]));
        for outcome in evaluate(&rule.expression, &root) {
            // A rule about each body speaks about that one only.
            let row = outcome.row.as_ref().filter(|_| rule.expression.each_row().is_some()).map(|(key, _)| key);
            let at = row.map_or_else(|| place.clone(), |body| place.child(body));
            let bodies = row.map_or_else(|| seats.bodies.clone(), |body| BTreeSet::from([body.clone()]));
            let verdict = match outcome.verdict {
                Kleene::Holds => Verdict::Held,
                Kleene::Undecided => Verdict::Undecided(self.undecided(&outcome)),
                Kleene::Fails => Verdict::Failed,
            };
            if verdict == Verdict::Failed {
                together.findings.push(self.found(rule, &outcome, at.clone()));
            }
            account(at, bodies, verdict);
        }
    }

    /// The returns that a rule reads. One that is owed and not there leaves the rule not run.
    fn seats(&self, rule: &AcrossRule) -> Seats {
        let mut seats = Seats::default();
        let each = rule.expression.each_row().and_then(|(path, _)| path.strip_prefix("returns."));
        for (kind, sections) in &rule.needs {
            let title = self.schemas.agencies.kinds.iter().find(|k| k.key == *kind).map_or(kind, |k| &k.title);
            let of_kind = self.schemas.agencies.bodies.iter().filter(|b| b.kind == *kind);
            let bodies: Vec<_> = of_kind.filter(|b| self.gathered.expected.contains(&b.key)).collect();
            let mut rows = Vec::new();
            let mut optional = None;
            for body in &bodies {
                let counted = self.gathered.of(&body.key);
                seats.bodies.insert(body.key.clone());
                let lacking = sections.iter().find(|key| counted.is_none_or(|c| !c.holds(key)));
                let Some(lacking) = lacking else {
                    let tree = |key: &String| {
                        let tree = self.trees.get(&(body.key.clone(), key.clone()))?;
                        Some((key.replace('-', "_"), tree.clone()))
                    };
                    let place = Pointer::section(&body.key);
                    rows.push((body.key.clone(), place, Node::record(sections.iter().filter_map(tree))));
                    continue;
                };
                let why = self.lacking(lacking, &body.title, counted);
                // One with nothing to report has nothing to add.
                if self.is_owed(kind, lacking) && counted.is_none_or(|c| !c.is_nil(lacking)) {
                    match each == Some(kind.as_str()) {
                        true => seats.left_out.push((body.key.clone(), why)),
                        false => seats.missing = seats.missing.take().or(Some(why)),
                    }
                } else {
                    optional = Some(why);
                }
            }
            if rows.is_empty() && seats.left_out.is_empty() {
                let sections: Vec<&str> = sections.iter().filter_map(|key| self.schemas.section_title(key)).collect();
                let why = || format!("needs {} of {title}, which is not there", sections.join(" and "));
                seats.missing = seats.missing.take().or(optional).or_else(|| Some(why()));
            }
            seats.rows.insert(kind.clone(), rows);
        }
        seats
    }

    fn is_owed(&self, kind: &str, section: &str) -> bool {
        let kind = self.schemas.agencies.kinds.iter().find(|k| k.key == kind);
        kind.is_some_and(|k| k.sections.get(section) == Some(&true))
    }

    fn lacking(&self, section: &str, body: &str, counted: Option<&Counted<'_>>) -> String {
        let title = self.schemas.section_title(section).unwrap_or(section);
        let what = match counted {
            Some(counted) if counted.is_nil(section) => "which is declared nil",
            Some(_) | None => "which is not there yet",
        };
        format!("needs {title} of {body}, {what}")
    }

    /// Why the figures do not decide, for the board.
    fn undecided(&self, outcome: &Outcome) -> String {
        if outcome.faulty {
            return "a figure it needs has to be corrected first".to_owned();
        }
        match outcome.absent.first() {
            Some(pointer) => {
                let (body, pointer) = split(pointer);
                let words = self.gathered.of(&body).map(|c| c.figures.words(&pointer)).unwrap_or_default();
                format!("“{words}” of {} is not given", self.title(&body))
            }
            None => "figures are suppressed, rounded or not available".to_owned(),
        }
    }

    fn title<'t>(&'t self, body: &'t str) -> &'t str {
        self.schemas.body(body).map_or(body, |body| &body.title)
    }

    fn found(&self, rule: &AcrossRule, outcome: &Outcome, at: Pointer) -> Across {
        let mut sides: Vec<(String, Vec<(Pointer, &Read)>)> = Vec::new();
        // What does not apply has nothing to say.
        let counts = |r: &&Read| !r.path.ends_with("_stated") && r.value != Known::NotApplicable;
        for read in outcome.reads.iter().filter(counts) {
            let (body, pointer) = split(&read.pointer);
            if matches!(body.as_str(), "param" | "reference") {
                continue;
            }
            match sides.iter_mut().find(|(known, _)| *known == body) {
                Some((_, reads)) => reads.push((pointer, read)),
                None => sides.push((body, vec![(pointer, read)])),
            }
        }
        let terms = outcome.sides.as_ref();
        let shown = |side: fn(&crate::rules::Sides) -> &String| terms.map(side).cloned().unwrap_or_default();
        let difference = terms.and_then(|sides| difference(sides, None));
        let row = outcome.row.as_ref().map(|(body, _)| self.title(body).to_owned()).unwrap_or_default();
        let fill = |name: &str| match name {
            "left" => shown(|s| &s.left_shown),
            "right" => shown(|s| &s.right_shown),
            "difference" => difference.clone().unwrap_or_default(),
            "arithmetic" => terms.map(crate::rules::Sides::arithmetic).unwrap_or_default(),
            "row" => row.clone(),
            name => self.parameter(name),
        };
        Across {
            rule: rule.id.clone(),
            severity: rule.severity,
            at,
            message: filled(&rule.message, fill),
            help: rule.help.clone(),
            compared: terms.map(|s| [s.left_shown.clone(), s.right_shown.clone()]),
            sides: sides.iter().map(|(body, reads)| self.side(rule, body, reads)).collect(),
            difference: difference.clone(),
        }
    }

    fn side(&self, rule: &AcrossRule, body: &str, reads: &[(Pointer, &Read)]) -> Side {
        let figures = self.gathered.of(body).map(|counted| &counted.figures);
        let words = |pointer: &Pointer| figures.map_or_else(|| pointer.to_string(), |f| f.words(pointer));
        let cited: Vec<Cited> = reads
            .iter()
            .map(|(pointer, read)| Cited {
                pointer: pointer.clone(),
                cell: figures.and_then(|f| f.cell(pointer)),
                words: words(pointer),
                value: if read.shown.is_empty() { "blank".to_owned() } else { read.shown.clone() },
            })
            .collect();
        let kind = figures.map(|f| f.kind.as_str()).unwrap_or_default();
        let message = rule.message_to_each.get(kind).map(String::as_str).unwrap_or_default();
        let fill = |name: &str| match name {
            "own" => own(reads),
            "own.title" => cited.first().map(|c| c.words.clone()).unwrap_or_default(),
            name => self.parameter(name),
        };
        let message = filled(message, fill);
        Side { body: body.to_owned(), message, help: rule.help.clone(), figures: cited, answer: None }
    }

    fn parameter(&self, name: &str) -> String {
        let value = name.strip_prefix("param.").and_then(|name| self.schemas.parameters.get(name));
        value.map(|n| format_plain(*n)).unwrap_or_default()
    }
}

/// What a body's own figures come to: one as it stands there, several added up.
fn own(reads: &[(Pointer, &Read)]) -> String {
    if let [(_, read)] = reads {
        return read.shown.clone();
    }
    let numbers: Vec<Interval> = reads
        .iter()
        .filter_map(|(_, read)| match &read.value {
            Known::Number(n) => Some(*n),
            Known::Text(_) | Known::Codes(_) | Known::Truth(_) => None,
            Known::NotApplicable | Known::Absent | Known::Faulty => None,
        })
        .collect();
    match numbers.split_first() {
        Some((first, rest)) => rest.iter().fold(*first, |sum, n| sum + *n).in_words(),
        None => reads.iter().map(|(_, read)| read.shown.as_str()).collect::<Vec<_>>().join(", "),
    }
}

/// The body whose a figure is, and the figure in its return.
fn split(pointer: &Pointer) -> (String, Pointer) {
    let body = pointer.section_key();
    let rest = pointer.as_str().strip_prefix(Pointer::section(&body).as_str()).unwrap_or_default();
    (body, Pointer::from(rest))
}

/// A pattern with what stands in braces filled in.
fn filled(pattern: &str, fill: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, inside)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = inside.split_once('}') else { return out };
        out.push_str(&fill(name));
        rest = after;
    }
    out.push_str(rest);
    out
}
