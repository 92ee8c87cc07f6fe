//! This year's figures against last year's, and against what was sent before for the same year.
//! Relations that a rule can state (opening against closing figures) are left to `within`.

use std::collections::BTreeSet;

use super::account::Said;
use super::conform::{measure, shorten};
use super::explain;
use super::present;
use super::{By, Limit};
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure, Marker, Status, format_number, format_plain};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::{Item, Kind, Measure, Section};
use crate::schema::{Form, Schemas};

/// Everything this stage looks at, for one section.
pub(super) struct Since<'a> {
    pub(super) figures: &'a Return,
    pub(super) last: &'a Return,
    pub(super) form: &'a Form,
    pub(super) schemas: &'a Schemas,
}

const RULES: [&str; 9] = ["XPE-01", "XPE-02", "XPE-03", "XPE-04", "XPE-05", "XPE-07", "XPE-08", "XPE-10", "XPE-13"];

/// How many changes since the submission before are told in words; all of them are marked.
const CHANGES_TOLD: usize = 3;

/// Fewer figures than this may be the same two years running by chance.
const FEWEST_SAME: usize = 5;

/// Accounts for the rules that need last year's return where there is none.
pub(super) fn without_last(section: &Section, findings: &mut Findings) {
    for rule in RULES {
        let why = "need last year’s return".to_owned();
        findings.account(rule, Pointer::section(&section.key), Verdict::NotRun(why));
    }
}

impl Since<'_> {
    /// One section against last year's.
    pub(super) fn section(&self, section: &Section, findings: &mut Findings) {
        let here = Pointer::section(&section.key);
        if self.last.within(&here).next().is_none() {
            return without_last(section, findings);
        }
        let mut looked = BTreeSet::new();
        for item in &section.items {
            match item {
                Item::Measure(m) => {
                    let pointer = crate::extract::at(&here, m);
                    if self.last.figures.contains_key(&pointer) && self.figures.figures.contains_key(&pointer) {
                        looked.extend(["XPE-05", "XPE-07", "XPE-13"].map(|rule| (rule, pointer.clone())));
                        self.measure(section, m, &pointer, findings);
                    }
                }
                Item::Table(table) => self.table(section, table, &mut looked, findings),
                Item::List(list) if list.fields.iter().any(|f| f.key() == "year_made") => {
                    looked.extend(["XPE-01", "XPE-02", "XPE-04"].map(|rule| (rule, here.child(&list.key))));
                    self.carried_over(section, list, findings);
                }
                Item::List(_) => {}
            }
        }
        self.vintages(section, findings);
        looked.insert(("XPE-08", here.clone()));
        let said = Said::so_far(findings);
        let lists: Vec<(String, Pointer)> =
            findings.list().iter().map(|f| (f.rule.to_string(), f.at.clone())).collect();
        for (rule, at) in looked {
            let failed = said.has(rule, &at) || lists.iter().any(|(r, p)| r == rule && p.is_within(&at));
            findings.account(rule, at, if failed { Verdict::Failed } else { Verdict::Held });
        }
    }

    pub(super) fn finding(&self, section: &Section, rule: &str, at: &Pointer, message: String) -> Finding {
        let entry = self.schemas.entry(rule);
        let severity = entry.map_or(Severity::Query, |e| e.severity);
        Finding::new(rule, severity, at.clone(), Reach::section(&section.key), message)
            .with_help(entry.map(|e| e.help.clone()).unwrap_or_default())
    }

    fn measure(&self, section: &Section, m: &Measure, pointer: &Pointer, findings: &mut Findings) {
        let (Some(now), Some(then)) = (self.figures.figures.get(pointer), self.last.figures.get(pointer)) else {
            return;
        };
        let words = self.figures.words(pointer);
        let state = vec![(pointer.clone(), now.typed.clone())];
        let shown = |figure: &Figure| figure.interval.number().map_or_else(|| figure.typed.clone(), |n| number(n, m));
        if now.bare == Bare::Marker(Marker::NotAvailable) && then.interval.number().is_some() && m.kind.is_number() {
            let then = shown(then);
            let message = format!(
                "You gave {then} for “{words}” last year; now it is x (not available). Is it no longer collected?"
            );
            let mut found = self
                .finding(section, "XPE-13", pointer, message)
                .with_label(Place::Figure(pointer.clone()), format!("“{words}”: x, last year {then}"));
            found.state = state;
            found.expected = Some(then);
            found.found = Some("x".to_owned());
            findings.add(found);
            return;
        }
        if m.kind.is_number()
            && !m.derived
            && !m.required
            && now.interval.number().is_some()
            && then.bare == Bare::Blank
        {
            let said = shown(now);
            let message = format!(
                "You give “{words}” ({said}) for the first time; last year it was left blank, so the two years cannot be compared."
            );
            let mut found = self
                .finding(section, "XPE-07", pointer, message)
                .with_label(Place::Figure(pointer.clone()), format!("“{words}”: {said}, last year blank"));
            found.state = state;
            findings.add(found);
            return;
        }
        let units = self
            .schemas
            .form(&self.figures.kind, &self.last.year)
            .and_then(|form| form.sections.iter().find(|s| s.key == section.key))
            .and_then(|s| measure(s, pointer))
            .and_then(|m| m.unit_of_count.clone());
        if let (Some(before), Some(unit)) = (units, &m.unit_of_count)
            && before != *unit
        {
            let message =
                format!("Last year “{words}” counted {before}, this year {unit}. The two cannot be compared.");
            let mut found = self
                .finding(section, "XPE-07", pointer, message)
                .with_label(Place::Figure(pointer.clone()), format!("“{words}”: {unit}, last year {before}"));
            found.state = state;
            findings.add(found);
            return;
        }
        let (Some(a), Some(b)) = (then.interval.number(), now.interval.number()) else { return };
        if now.fault.is_some() || then.fault.is_some() {
            return;
        }
        let Some((change, limit)) = self.change(m, a, b) else { return };
        let direction = if b > a { "rose" } else { "fell" };
        let (from, to) = (number(a, m), number(b, m));
        if b == 0.0 && m.kind == Kind::Count {
            return findings.add(self.gone(section, m, pointer, a));
        }
        let times = self.schemas.parameters.get("other_area_ratio").copied().filter(|ratio| a > 0.0 && b > ratio * a);
        let wider = self.schemas.entry("XPE-05").and_then(|entry| entry.other_area.clone()).zip(times);
        let (message, help) = match wider {
            Some(((question, help), times)) => {
                let times = format_plain(times);
                (
                    format!("“{words}” rose from {from} to {to}, which is more than {times} times as much. {question}"),
                    Some(help),
                )
            }
            None => (
                format!(
                    "“{words}” {direction} from {from} to {to} ({change}; we ask about more than {limit}). Is this right? Please say why."
                ),
                None,
            ),
        };
        let mut found = self.finding(section, "XPE-05", pointer, message);
        found.help = help.unwrap_or(found.help);
        found = found.with_label(Place::Figure(pointer.clone()), format!("“{words}”: {to}, last year {from}"));
        found.found = Some(to);
        found.expected = Some(format!("about {from}"));
        found.difference = Some(number((b - a).abs(), m));
        found.state = state;
        findings.add(found);
    }

    /// The change and the limit it passes, in words; `None` where it stays within (domain C.0.6).
    fn change(&self, m: &Measure, then: f64, now: f64) -> Option<(String, String)> {
        let limit = Limit::of(m, then, &self.schemas.parameters)?;
        let change = (now - then).abs();
        match limit.by {
            By::Points => (change > limit.most + 1e-9).then(|| {
                (format!("{} points", format_number(change, 1)), format!("{} points", format_plain(limit.most)))
            }),
            By::Number => {
                (change > limit.most).then(|| (format!("by {}", format_plain(change)), format_plain(limit.most)))
            }
            By::Share => {
                let share = 100.0 * change / then;
                let small = self.schemas.parameters.get("change.small_from").copied().unwrap_or(f64::INFINITY);
                // Nothing at all, where there was much: no rise or fall, but a zero in the place of “not available” (D15).
                (share > limit.most + 1e-9 || (now == 0.0 && then > small))
                    .then(|| (format!("{}%", format_number(share, 0)), format!("{}%", format_plain(limit.most))))
            }
        }
    }

    /// A figure typed in both years that rests on another population or comparator than last year's: said, so that
    /// nobody takes the one for a change in the other. Where we work it out ourselves, nobody can be misled.
    fn vintages(&self, section: &Section, findings: &mut Findings) {
        let here = Pointer::section(&section.key);
        for derived in self.form.derived.get(&section.key).into_iter().flatten() {
            let at = derived.at.iter().fold(here.clone(), |p, key| p.child(key));
            let Some(m) = measure(section, &at) else { continue };
            let typed = |of: &Return| of.figures.get(&at).filter(|f| !f.computed)?.interval.number();
            let (Some(now), Some(then)) = (typed(self.figures), typed(self.last)) else { continue };
            let names = derived.expression.paths().iter().filter_map(|p| p.strip_prefix("reference."));
            let changed: Vec<String> = names.filter_map(|name| self.changed(name)).collect();
            if changed.is_empty() {
                continue;
            }
            let words = self.figures.words(&at);
            let message = format!("“{words}” rests on {}.", changed.join("; "));
            let label = format!("“{words}”: {}, last year {}", number(now, m), number(then, m));
            findings.add(self.finding(section, "XPE-08", &at, message).with_label(Place::Figure(at.clone()), label));
        }
    }

    /// `the ONS estimate for mid-2021 (36,604), last year on the ONS estimate for mid-2020 (37,245)`.
    fn changed(&self, name: &str) -> Option<String> {
        let edition =
            |year: &str| Some((self.schemas.vintage(name, year)?, format_plain(self.schemas.reference(name, year)?)));
        let (now, then) = (edition(&self.figures.year)?, edition(&self.last.year)?);
        (now.0 != then.0).then(|| format!("{} ({}), last year’s on {} ({})", now.0, now.1, then.0, then.1))
    }

    /// The same return again: every figure and text as last year.
    pub(super) fn same_again(&self, findings: &mut Findings) {
        let at = Pointer::section("file");
        let mut same: Vec<(&Section, usize)> = Vec::new();
        let (mut compared, mut sections, mut whole) = (0, 0, 0);
        for section in present(self.figures, self.form) {
            let (all, equal) = self.repeated(&Pointer::section(&section.key));
            compared += all;
            sections += usize::from(all > 0);
            whole += usize::from(all > 0 && equal == all);
            if equal == all && self.numbers(&Pointer::section(&section.key)) >= FEWEST_SAME {
                same.push((section, all));
            }
        }
        if compared < FEWEST_SAME {
            return findings.account("XPE-10", at, Verdict::NotApplicable("too few figures to tell".to_owned()));
        }
        let help = self.schemas.entry("XPE-10").map(|e| e.help.clone()).unwrap_or_default();
        let told = compared;
        if whole == sections {
            let message = format!(
                "All {told} figures and texts are the same as in last year’s return. This looks like last year’s return saved again."
            );
            findings.add(
                Finding::new("XPE-10", Severity::Error, at.clone(), Reach::Submission, message)
                    .with_help(help)
                    .with_label(Place::File, "the same as last year’s"),
            );
            return findings.account("XPE-10", at, Verdict::Failed);
        }
        for (section, n) in &same {
            let here = Pointer::section(&section.key);
            let message = format!(
                "All {n} figures and texts of “{}” are the same as in last year’s return. This looks like last year’s sheet.",
                section.title
            );
            let mut finding =
                Finding::new("XPE-10", Severity::Error, here.clone(), Reach::section(&section.key), message)
                    .with_help(help.clone());
            finding = match self.figures.sheets.get(&section.key) {
                Some(sheet) => finding.with_label(Place::Sheet(*sheet), "the same as last year’s"),
                None => finding.with_label(Place::File, "the same as last year’s"),
            };
            findings.add(finding);
            findings.account("XPE-10", here, Verdict::Failed);
        }
        if same.is_empty() {
            findings.account("XPE-10", at, Verdict::Held);
        }
    }

    /// How many different numbers other than zero stand under a place in both years.
    fn numbers(&self, place: &Pointer) -> usize {
        let both = |f: &&Figure| !f.computed && self.last.figures.contains_key(&f.pointer);
        let numbers = self.figures.within(place).filter(both).filter_map(|f| f.interval.number());
        numbers.filter(|n| *n > 0.0).map(f64::to_bits).collect::<BTreeSet<u64>>().len()
    }

    /// How many values under a place were returned in both years, and how many of them are the same. What only one
    /// year's template asks for says nothing; what is blank in one year only makes a difference.
    fn repeated(&self, place: &Pointer) -> (usize, usize) {
        let typed = |f: &Figure| !f.computed && f.bare != Bare::Blank;
        let (mut all, mut same) = (0, 0);
        for now in self.figures.within(place).filter(|f| !f.computed) {
            let Some(then) = self.last.figures.get(&now.pointer).filter(|f| typed(f) || typed(now)) else { continue };
            all += 1;
            same += usize::from(now.bare == then.bare);
        }
        // A row that only one of the years has is a difference.
        let rows =
            rows_without(self.figures, self.last, place).len() + rows_without(self.last, self.figures, place).len();
        (all + rows, same)
    }
}

/// Figures that moved since the submission before, without a flag that says so or an explanation (XPE-12).
pub(super) fn resubmitted(
    figures: &Return,
    previous: Option<&Return>,
    schemas: &Schemas,
    section: &Section,
    findings: &mut Findings,
) {
    let here = Pointer::section(&section.key);
    let Some(previous) = previous.filter(|p| p.within(&here).next().is_some()) else {
        let why = "nothing was accepted for this section before".to_owned();
        return findings.account("XPE-12", here, Verdict::NotApplicable(why));
    };
    let moved: Vec<(&Figure, &Figure)> = figures
        .within(&here)
        .filter(|f| !f.computed && !f.status.contains(&Status::Revised))
        .filter_map(|now| Some((now, previous.figures.get(&now.pointer)?)))
        .filter(|(now, then)| now.bare != then.bare && !explain::names(figures, now))
        .collect();
    let (left, new) = (rows_without(previous, figures, &here), rows_without(figures, previous, &here));
    if moved.is_empty() && left.is_empty() && new.is_empty() {
        return findings.account("XPE-12", here, Verdict::Held);
    }
    let number = previous.numbers.get(&section.key).copied().or(previous.submission_no);
    let number = number.map_or_else(|| "the one before".to_owned(), |n| format!("submission {n}"));
    let change = |(now, then): &(&Figure, &Figure)| {
        format!("“{}” was {}, now {}", figures.words(&now.pointer), typed(then), typed(now))
    };
    let told = [
        (moved.iter().map(change).collect(), ["figure changed", "figures changed"]),
        (left, ["row was left out", "rows were left out"]),
        (new, ["row is new", "rows are new"]),
    ];
    let told =
        told.into_iter().filter(|(what, _): &(Vec<String>, _)| !what.is_empty()).map(|(what, [one, several])| {
            let noun = if what.len() == 1 { one } else { several };
            let more = what.len().saturating_sub(CHANGES_TOLD);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            let first: Vec<String> = what.iter().take(CHANGES_TOLD).cloned().collect();
            format!("{} {noun} since {number}: {}{more}.", what.len(), first.join("; "))
        });
    let message = told.collect::<Vec<_>>().join(" ");
    let entry = schemas.entry("XPE-12");
    let mut found = Finding::new("XPE-12", Severity::Note, here.clone(), Reach::section(&section.key), message)
        .with_help(entry.map(|e| e.help.clone()).unwrap_or_default());
    if moved.is_empty()
        && let Some(sheet) = figures.sheets.get(&section.key)
    {
        found = found.with_label(Place::Sheet(*sheet), "other rows than before");
    }
    for (now, then) in moved {
        let text = format!("was {}, now {}", typed(then), typed(now));
        found = found.with_label(Place::Figure(now.pointer.clone()), text);
    }
    findings.add(found);
    findings.account("XPE-12", here, Verdict::Failed);
}

/// The rows of lists that one return has and another does not, by their keys.
fn rows_without(of: &Return, other: &Return, here: &Pointer) -> Vec<String> {
    let lists = of.lists.iter().filter(|(list, _)| list.is_within(here));
    let gone = |list: &Pointer, key: &String| other.lists.get(list).is_none_or(|keys| !keys.contains(key));
    lists.flat_map(|(list, keys)| keys.iter().filter(|key| gone(list, key)).map(|key| shorten(key))).collect()
}

/// What was typed, as a sentence has it.
fn typed(figure: &Figure) -> String {
    if figure.typed.is_empty() { "blank".to_owned() } else { shorten(&figure.typed) }
}

pub(super) fn number(n: f64, m: &Measure) -> String {
    match m.kind {
        Kind::Percentage => format!("{}%", format_number(n, m.decimals)),
        Kind::Rate | Kind::Points => format_number(n, m.decimals),
        Kind::Count | Kind::Number | Kind::Money | Kind::Date | Kind::Year | Kind::Month => format_plain(n),
        Kind::Code | Kind::Codes | Kind::Text | Kind::Email => format_plain(n),
    }
}
