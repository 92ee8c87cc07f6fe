//! What a return claims of figures, set beside those figures: that one rose or fell (XPE-09), that one is the largest of
//! its table (TAB-18), and that there is such a figure at all (PRI-01). Which figure a claim is about is data that rules
//! cannot follow; whatever can be said of the other fields is said in the pack.

use std::collections::BTreeSet;

use super::beside::Beside;
use crate::cell::Pointer;
use crate::extract::{Return, fold, shown};
use crate::figure::{Bare, Comparison, Figure, Interval, Kleene, Marker};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::{Item, Measure, Section, Table};
use crate::schema::{Form, MEASURES, Schemas};

const RESTS: &str = "PRI-01";
const MOVED: &str = "XPE-09";
const LARGEST: &str = "TAB-18";

/// Every row of a section's lists that names a figure of the return.
pub(super) fn claims(
    section: &Section,
    figures: &Return,
    last: Option<&Return>,
    form: &Form,
    schemas: &Schemas,
    findings: &mut Findings,
) {
    for item in &section.items {
        let Item::List(list) = item else { continue };
        let named = |m: &&Measure| m.codes.as_ref().is_some_and(|codes| codes.key == MEASURES);
        let Some(names) = list.fields.iter().find(named) else { continue };
        let claims = list.fields.iter().any(|f| f.key() == "direction");
        let place = Pointer::section(&section.key).child(&list.key);
        let rows = figures.lists.get(&place).map(Vec::as_slice).unwrap_or_default();
        if rows.is_empty() {
            let why = format!("there is no row in “{}”", list.title);
            let rules = if claims { [RESTS, MOVED].as_slice() } else { &[RESTS] };
            rules.iter().for_each(|rule| findings.account(rule, place.clone(), Verdict::NotApplicable(why.clone())));
        }
        for key in rows {
            let row = Row { section, names, key, at: place.child(key), figures, last, form, schemas };
            if claims { row.claim(findings) } else { row.rests(findings) }
        }
    }
}

/// The claims of a section that stands from an earlier submission, as far as they are about sections of this one.
pub(super) fn claims_beside(
    section: &Section,
    beside: &Beside<'_>,
    last: Option<&Return>,
    form: &Form,
    schemas: &Schemas,
    findings: &mut Findings,
) {
    let mut apart = Findings::default();
    claims(section, &beside.figures, last, form, schemas, &mut apart);
    let (found, checks) = apart.into_parts();
    let here = |reach: &Reach| matches!(reach, Reach::Sections(keys) if keys.iter().any(|key| !beside.stands(key)));
    for finding in found.into_iter().filter(|finding| here(&finding.reach)) {
        let own = checks.iter().filter(|check| check.rule == finding.rule && check.at == finding.at);
        own.for_each(|check| findings.account(check.rule.as_str(), check.at.clone(), check.verdict.clone()));
        findings.add(finding);
    }
}

/// One row that names figures.
struct Row<'a> {
    section: &'a Section,
    names: &'a Measure,
    key: &'a str,
    at: Pointer,
    figures: &'a Return,
    last: Option<&'a Return>,
    form: &'a Form,
    schemas: &'a Schemas,
}

/// What the name of a figure leads to.
enum Named<'a> {
    One(Pointer, &'a Measure),
    Column(&'a Table, &'a Measure),
    /// It is not in this file.
    Away(String),
}

impl Row<'_> {
    /// A claim: the figure it is about, then what it says of it.
    fn claim(&self, findings: &mut Findings) {
        let at = self.at.child(&self.names.key());
        let (Some(code), Some(direction)) = (self.text(&self.names.key()), self.text("direction")) else {
            let why = "the claim has to be corrected first".to_owned();
            return findings.account(RESTS, at, Verdict::Undecided(why));
        };
        let rule = match direction.as_str() {
            "rise" | "fall" => MOVED,
            "highest" => LARGEST,
            _ => RESTS,
        };
        match self.named(&code) {
            Named::Away(why) => {
                findings.account(RESTS, at.clone(), Verdict::NotRun(why.clone()));
                if rule != RESTS {
                    findings.account(rule, at, Verdict::NotRun(why));
                }
            }
            Named::One(..) if rule == LARGEST => {
                let message = format!(
                    "{} says that “{}” is the highest, but it is one figure and no row of a table.",
                    self.key,
                    self.words_of(&code)
                );
                self.wanting(&at, message, findings);
            }
            Named::One(pointer, measure) => self.about(&at, rule, &direction, &pointer, measure, findings),
            Named::Column(table, measure) => {
                let asked = self.text("row");
                let Some(row) = asked.as_deref().and_then(|words| row_of(table, words)) else {
                    let what = match asked {
                        Some(words) => format!("names the row “{words}”, which is not there"),
                        None => "does not say which row".to_owned(),
                    };
                    let message = format!("{} is about the table “{}”, but {what}.", self.key, table.title);
                    return self.wanting(&self.at.child("row"), message, findings);
                };
                let column = |row: &str| {
                    let table = self.place(&code).child(row);
                    measure.path.iter().fold(table, |p, key| p.child(key))
                };
                let pointer = column(row);
                if rule == LARGEST {
                    let others = table.rows.codes.iter().filter(|c| c.code != row).map(|c| column(&c.code));
                    self.largest(&at, &pointer, others.collect(), measure, findings);
                } else {
                    self.about(&at, rule, &direction, &pointer, measure, findings);
                }
            }
        }
    }

    /// Figures named as evidence: each is there.
    fn rests(&self, findings: &mut Findings) {
        let at = self.at.child(&self.names.key());
        let codes = match self.figures.figures.get(&at).filter(|f| f.fault.is_none()).map(|f| &f.bare) {
            Some(Bare::Codes(codes)) => codes.clone(),
            Some(Bare::Text(code)) => vec![code.clone()],
            _ => {
                let why = "no figure is named, or it has to be corrected first".to_owned();
                return findings.account(RESTS, at, Verdict::Undecided(why));
            }
        };
        let mut away = None;
        for code in &codes {
            let there = match self.named(code) {
                Named::Away(why) => {
                    away = Some(why);
                    continue;
                }
                Named::One(pointer, measure) => self.given(&pointer, measure).is_some(),
                Named::Column(table, measure) => {
                    let place = self.place(code);
                    let mut rows = table.rows.codes.iter().map(|c| place.child(&c.code));
                    rows.any(|row| self.given(&measure.path.iter().fold(row, |p, key| p.child(key)), measure).is_some())
                }
            };
            if !there {
                let message = format!("{} rests on “{}”, for which no figure is given.", self.key, self.words_of(code));
                return self.wanting(&at, message, findings);
            }
        }
        findings.account(RESTS, at, away.map_or(Verdict::Held, Verdict::NotRun));
    }

    /// A claim about one figure: it is there, and it moved as is said.
    fn about(
        &self,
        at: &Pointer,
        rule: &str,
        direction: &str,
        pointer: &Pointer,
        measure: &Measure,
        findings: &mut Findings,
    ) {
        let Some(now) = self.given(pointer, measure) else {
            let words = self.figures.words(pointer);
            let message = format!("{} is about “{words}”, for which no figure is given.", self.key);
            return self.wanting(at, message, findings);
        };
        findings.account(RESTS, at.clone(), Verdict::Held);
        if rule != MOVED {
            return;
        }
        let Some(then) = self.last.and_then(|last| Value::of(last, pointer, measure)) else {
            return findings.account(MOVED, at.clone(), Verdict::NotRun("need last year’s return".to_owned()));
        };
        let more = if direction == "rise" { Comparison::More } else { Comparison::Less };
        let verdict = match now.interval.compare(more, then.interval) {
            _ if now.faulty || then.faulty => {
                Verdict::Undecided("a figure it needs has to be corrected first".to_owned())
            }
            Kleene::Holds => Verdict::Held,
            Kleene::Undecided => Verdict::Undecided("figures are suppressed, rounded or not available".to_owned()),
            Kleene::Fails => {
                let words = self.figures.words(pointer);
                let (from, to) = (then.shown, now.shown);
                let claimed = if direction == "rise" { "rose" } else { "fell" };
                let moved = match (now.interval.number(), then.interval.number()) {
                    (Some(n), Some(t)) if n > t => format!("the figures rose from {from} to {to}"),
                    (Some(n), Some(t)) if n < t => format!("the figures fell from {from} to {to}"),
                    (Some(_), Some(_)) => format!("the figure is {to} in both years"),
                    _ => format!("last year’s figure is {from}, this year’s {to}"),
                };
                let message = format!("{} says that “{words}” {claimed}, but {moved}.", self.key);
                let mut found = self.finding(MOVED, at, message, pointer);
                found = found
                    .with_label(Place::Figure(self.at.child("direction")), format!("says that it {claimed}"))
                    .with_label(Place::Figure(pointer.clone()), format!("“{words}”: {to}, last year {from}"));
                found.state = vec![
                    (self.at.child("direction"), direction.to_owned()),
                    (pointer.clone(), to.clone()),
                    (pointer.clone(), format!("last year {from}")),
                ];
                let demand = if direction == "rise" { "more than" } else { "less than" };
                (found.found, found.expected) = (Some(to), Some(format!("{demand} {from}")));
                findings.add(found);
                Verdict::Failed
            }
        };
        findings.account(MOVED, at.clone(), verdict);
    }

    /// A claim that a row is the largest of its table.
    fn largest(
        &self,
        at: &Pointer,
        pointer: &Pointer,
        others: Vec<Pointer>,
        measure: &Measure,
        findings: &mut Findings,
    ) {
        let Some(claimed) = self.given(pointer, measure) else {
            let words = self.figures.words(pointer);
            let message = format!("{} is about “{words}”, for which no figure is given.", self.key);
            return self.wanting(at, message, findings);
        };
        findings.account(RESTS, at.clone(), Verdict::Held);
        let mut verdict = Verdict::Held;
        let mut larger: Option<(Pointer, Value)> = None;
        for place in others {
            let Some(other) = self.given(&place, measure) else { continue };
            if other.faulty || claimed.faulty {
                verdict = Verdict::Undecided("a figure it needs has to be corrected first".to_owned());
                continue;
            }
            match claimed.interval.compare(Comparison::AtLeast, other.interval) {
                Kleene::Holds => {}
                Kleene::Undecided => {
                    verdict = Verdict::Undecided("figures are suppressed, rounded or not available".to_owned());
                }
                Kleene::Fails => {
                    if larger.as_ref().is_none_or(|(_, most)| most.interval.lo < other.interval.lo) {
                        larger = Some((place, other));
                    }
                }
            }
        }
        if let Some((place, other)) = larger {
            let (a, b) = (self.figures.words(pointer), self.figures.words(&place));
            let (x, y) = (claimed.shown, other.shown);
            let message = format!("{} says that “{a}” is the highest, with {x}, but “{b}” has {y}.", self.key);
            let mut found = self.finding(LARGEST, at, message, pointer);
            found = found
                .with_label(Place::Figure(at.clone()), "said to be the highest")
                .with_label(Place::Figure(pointer.clone()), format!("“{a}”: {x}"))
                .with_label(Place::Figure(place.clone()), format!("“{b}”: {y}"));
            found.state = vec![(pointer.clone(), x.clone()), (place, y.clone())];
            (found.found, found.expected) = (Some(x), Some(format!("at least {y}")));
            findings.add(found);
            verdict = Verdict::Failed;
        }
        findings.account(LARGEST, at.clone(), verdict);
    }

    /// A row that names no figure to hold it against.
    fn wanting(&self, at: &Pointer, message: String, findings: &mut Findings) {
        let entry = self.schemas.entry(RESTS);
        let typed = self.figures.figures.get(at).map_or_else(String::new, |f| f.typed.clone());
        let mut found = Finding::new(
            RESTS,
            entry.map_or(Severity::Query, |e| e.severity),
            at.clone(),
            Reach::section(&self.section.key),
            message,
        )
        .with_help(entry.map(|e| e.help.clone()).unwrap_or_default());
        let words = self.figures.words(at);
        let label =
            if typed.is_empty() { format!("“{words}” is blank") } else { format!("“{words}”: {typed}") };
        found = found.with_label(Place::Figure(at.clone()), label);
        found.state = vec![(at.clone(), typed)];
        findings.add(found);
        findings.account(RESTS, at.clone(), Verdict::Failed);
    }

    /// A finding about the claim and the section whose figure it is about: either may be wrong.
    fn finding(&self, rule: &str, at: &Pointer, message: String, pointer: &Pointer) -> Finding {
        let entry = self.schemas.entry(rule);
        let severity = entry.map_or(Severity::Query, |e| e.severity);
        let reach = BTreeSet::from([self.section.key.clone(), pointer.section_key()]);
        Finding::new(rule, severity, at.clone(), Reach::Sections(reach), message)
            .with_help(entry.map(|e| e.help.clone()).unwrap_or_default())
    }

    fn text(&self, field: &str) -> Option<String> {
        match self.figures.figures.get(&self.at.child(field)).filter(|f| f.fault.is_none()).map(|f| &f.bare) {
            Some(Bare::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// The figure at a place, unless nothing is said there.
    fn given(&self, pointer: &Pointer, measure: &Measure) -> Option<Value> {
        Value::of(self.figures, pointer, measure)
    }

    /// Where `front-door.contacts_by_source.contacts` begins: the measure, or its table.
    fn place(&self, code: &str) -> Pointer {
        let mut parts = code.split('.');
        let section = Pointer::section(parts.next().unwrap_or_default());
        section.child(parts.next().unwrap_or_default())
    }

    fn named(&self, code: &str) -> Named<'_> {
        let mut parts = code.split('.');
        let key = parts.next().unwrap_or_default();
        let path: Vec<&str> = parts.collect();
        let item = self.form.section(key).and_then(|section| {
            section.items.iter().find_map(|item| match item {
                Item::Measure(m) if m.path == path => Some(Named::One(self.place(code), m)),
                Item::Table(t) if path.first() == Some(&t.key.as_str()) => {
                    let column = t.columns.iter().find(|c| path.get(1..).is_some_and(|p| c.path == p))?;
                    Some(Named::Column(t, column))
                }
                Item::Measure(_) | Item::Table(_) | Item::List(_) => None,
            })
        });
        let Some(item) = item else {
            return Named::Away("are about a figure that another agency returns".to_owned());
        };
        if self.figures.sheets.contains_key(key) && !self.figures.nil.iter().any(|nil| nil == key) {
            item
        } else {
            let title = self.schemas.section_title(key).unwrap_or(key);
            Named::Away(format!("need the section {title}, which is not in this file"))
        }
    }

    /// A figure's words, as its list has them.
    fn words_of(&self, code: &str) -> String {
        let codes = self.names.codes.iter().flat_map(|list| &list.codes);
        codes.filter(|c| c.code == code).map(|c| c.label.clone()).next().unwrap_or_else(|| code.to_owned())
    }
}

/// A figure that was typed or that we worked out.
struct Value {
    interval: Interval,
    shown: String,
    faulty: bool,
}

impl Value {
    fn of(figures: &Return, pointer: &Pointer, measure: &Measure) -> Option<Self> {
        let absent = |f: &&Figure| match f.bare {
            Bare::Blank => f.fault.is_none(),
            Bare::Marker(marker) => marker == Marker::NotAvailable || marker == Marker::NotApplicable,
            Bare::Number(_) | Bare::Date(_) | Bare::Text(_) | Bare::Codes(_) => false,
        };
        let typed = figures.figures.get(pointer).filter(|f| !absent(f)).map(|f| Self {
            interval: f.interval,
            shown: figures.shown(f, measure),
            faulty: f.fault.is_some(),
        });
        let worked = || {
            let interval = figures.worked.get(pointer)?.interval;
            let shown = interval.in_words_with(|n| shown(n, measure, measure.decimals));
            (!interval.is_unknown()).then_some(Self { interval, shown, faulty: false })
        };
        typed.or_else(worked)
    }
}

/// The row of a table that some words name.
fn row_of<'a>(table: &'a Table, words: &str) -> Option<&'a str> {
    let words = fold(words);
    let named = |c: &&crate::schema::model::Code| {
        [&c.code, &c.label].into_iter().chain(&c.aliases).any(|name| fold(name) == words)
    };
    table.rows.codes.iter().find(named).map(|c| c.code.as_str())
}
