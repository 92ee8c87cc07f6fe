//! Figures to one another: each rule of the pack at each of its places, with the cells it read and the two sides that
//! disagree. A figure that something graver already speaks about leaves its rules undecided.

use std::collections::BTreeSet;

use super::message::{Filler, difference, interval};
use crate::cell::Pointer;
use crate::extract::{Context, Return, View};
use crate::figure::{Bare, Interval, Kleene, Marker};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::rules::{Node, Outcome, evaluate};
use crate::schema::model::{Item, Section};
use crate::schema::{Form, Grade, Relation, Rule, Schemas};

/// One section's rules.
pub(super) fn section(
    figures: &Return,
    section: &Section,
    form: &Form,
    context: &Context,
    schemas: &Schemas,
    findings: &mut Findings,
) {
    let here = Pointer::section(&section.key);
    let last = context.last.as_ref().filter(|last| last.within(&here).next().is_some() || section.key == "cover");
    let typed = figures.root(section, form, schemas, last, View::Typed);
    let worked = figures.root(section, form, schemas, last, View::Worked);
    let judge = Judge { figures, section, form, schemas };
    for rule in form.rules.iter().filter(|rule| rule.section == section.key) {
        if rule.needs_last && last.is_none() {
            let why = "need last year’s return".to_owned();
            findings.account(rule.id.as_str(), judge.at(rule, None), Verdict::NotRun(why));
            continue;
        }
        if let Some(missing) = rule.needs.iter().find(|key| !figures.sheets.contains_key(*key)) {
            let title = schemas.section_title(missing).unwrap_or(missing);
            let why = format!("need the section {title}, which is not in this file");
            findings.account(rule.id.as_str(), judge.at(rule, None), Verdict::NotRun(why));
            continue;
        }
        let root = if judge.is_about_typed(rule) { &typed } else { &worked };
        judge.rule(rule, root, findings);
    }
}

struct Judge<'a> {
    figures: &'a Return,
    section: &'a Section,
    form: &'a Form,
    schemas: &'a Schemas,
}

impl Judge<'_> {
    /// A rule about a derived measure compares what was typed there.
    fn is_about_typed(&self, rule: &Rule) -> bool {
        matches!(rule.relation, Relation::PercentageOf | Relation::RateOf)
            || self.section.items.iter().any(|item| match item {
                Item::Measure(m) => m.path == rule.at && m.derived,
                Item::Table(t) => {
                    let column = rule.at.get(1..).unwrap_or_default();
                    rule.at.first() == Some(&t.key) && t.columns.iter().any(|c| c.derived && c.path == column)
                }
                Item::List(_) => false,
            })
    }

    /// The place a rule speaks about: for a verdict about a row, that row's figure.
    fn at(&self, rule: &Rule, row: Option<&Pointer>) -> Pointer {
        let here = Pointer::section(&self.section.key);
        match (row, rule.at.split_first()) {
            (Some(row), Some((_, rest))) if self.is_rows(rule) => rest.iter().fold(row.clone(), |p, key| p.child(key)),
            _ => rule.at.iter().fold(here, |p, key| p.child(key)),
        }
    }

    fn is_rows(&self, rule: &Rule) -> bool {
        self.section.items.iter().any(|item| match item {
            Item::Table(t) => rule.at.first() == Some(&t.key),
            Item::List(l) => rule.at.first() == Some(&l.key),
            Item::Measure(_) => false,
        })
    }

    fn rule(&self, rule: &Rule, root: &Node, findings: &mut Findings) {
        let graded: Vec<(&Grade, Vec<Outcome>)> =
            rule.grades.iter().map(|grade| (grade, evaluate(&grade.expression, root))).collect();
        let places = graded.iter().map(|(_, outcomes)| outcomes.len()).max().unwrap_or(0);
        if places == 0 {
            let why = "there is no row to look at".to_owned();
            return findings.account(rule.id.as_str(), self.at(rule, None), Verdict::NotApplicable(why));
        }
        for index in 0..places {
            let here: Vec<(&Grade, &Outcome)> =
                graded.iter().filter_map(|(grade, outcomes)| Some((*grade, outcomes.get(index)?))).collect();
            let Some((_, first)) = here.first() else { continue };
            let at = self.at(rule, first.row.as_ref().map(|(_, pointer)| pointer));
            let failed = here.iter().find(|(_, outcome)| outcome.verdict == Kleene::Fails);
            let verdict = match failed {
                Some((grade, outcome)) => {
                    findings.add(self.finding(rule, grade, outcome, at.clone()));
                    Verdict::Failed
                }
                None => here
                    .iter()
                    .find(|(_, outcome)| outcome.verdict == Kleene::Undecided)
                    .map_or(Verdict::Held, |(_, outcome)| self.undecided(outcome)),
            };
            findings.account(rule.id.as_str(), at, verdict);
        }
        if rule.relation == Relation::SumsTo
            && let Some((_, outcomes)) = graded.first()
            && let Some(outcome) = outcomes.first()
        {
            self.rounding(rule, outcome, findings);
            self.hidden(rule, outcome, findings);
        }
    }

    fn undecided(&self, outcome: &Outcome) -> Verdict {
        // Nothing typed in a figure that we work out is not a gap.
        let ours = |p: &Pointer| self.figures.worked.contains_key(p);
        if !outcome.absent.is_empty() && outcome.absent.iter().all(ours) {
            return Verdict::NotApplicable("we work this figure out ourselves".to_owned());
        }
        if outcome.faulty {
            return Verdict::Undecided("a figure it needs has to be corrected first".to_owned());
        }
        match outcome.absent.first() {
            Some(pointer) if self.figures.figures.get(pointer).is_none_or(|f| f.bare == Bare::Blank) => {
                Verdict::Undecided(format!("“{}” is blank", self.figures.words(pointer)))
            }
            Some(pointer) => Verdict::Undecided(format!("“{}” is not available", self.figures.words(pointer))),
            None => Verdict::Undecided("figures are suppressed, rounded or not available".to_owned()),
        }
    }

    fn finding(&self, rule: &Rule, grade: &Grade, outcome: &Outcome, at: Pointer) -> Finding {
        let own: Vec<_> =
            outcome.reads.iter().filter(|r| !r.path.ends_with("_stated") && !is_constant(&r.pointer)).collect();
        let filler = Filler {
            figures: self.figures,
            outcome,
            title: self.words(&at),
            value: self.value(&at),
            row: outcome.row.as_ref().map(|(key, pointer)| self.row_label(key, pointer)).unwrap_or_default(),
        };
        let mut sections: BTreeSet<String> = own
            .iter()
            .filter(|r| !r.path.starts_with("last"))
            .map(|r| r.pointer.section_key())
            .filter(|key| key != "cover")
            .collect();
        if self.section.key == "cover" {
            sections.extend(super::whole::all(self.figures, self.form));
        } else {
            sections.insert(self.section.key.clone());
        }
        let mut found = Finding::new(
            rule.id.as_str(),
            grade.severity,
            at.clone(),
            Reach::Sections(sections),
            filler.fill(&grade.message),
        )
        .with_help(filler.fill(&grade.help));
        let mut marked: BTreeSet<Pointer> = BTreeSet::new();
        let mut mark = |pointer: &Pointer, text: String, found: &mut Finding| {
            if self.figures.cell(pointer).is_some() && marked.insert(pointer.clone()) {
                found.labels.push(crate::finding::Label { place: Place::Figure(pointer.clone()), text });
            }
        };
        let first = own.iter().find(|r| r.pointer == at).into_iter();
        for read in first.chain(own.iter().filter(|r| r.pointer != at)) {
            if read.path.starts_with("last") {
                found.state.push((read.pointer.clone(), format!("last year {}", read.shown)));
                continue;
            }
            found.state.push((read.pointer.clone(), read.shown.clone()));
            let ours = self.figures.figures.get(&read.pointer).is_none_or(|f| f.computed);
            if let Some(worked) = self.figures.worked.get(&read.pointer).filter(|_| ours) {
                // A figure nobody typed is shown by the figures it is made of.
                for part in &worked.parts {
                    mark(part, self.label(part), &mut found);
                }
            } else {
                mark(&read.pointer, format!("“{}”: {}", self.figures.words(&read.pointer), read.shown), &mut found);
            }
        }
        if found.labels.is_empty() {
            match self.figures.sheets.get(&self.section.key) {
                Some(sheet) => {
                    found.labels.push(crate::finding::Label { place: Place::Sheet(*sheet), text: filler.title.clone() })
                }
                None => found.labels.push(crate::finding::Label { place: Place::File, text: filler.title.clone() }),
            }
        }
        if let Some(sides) = &outcome.sides {
            let (is, should) = match rule.relation {
                Relation::Flow | Relation::SumsTo => (interval(sides.right), interval(sides.left)),
                Relation::PercentageOf | Relation::RateOf => (filler.value.clone(), interval(sides.right)),
                Relation::AtMost => (interval(sides.left), format!("{} or less", interval(sides.right))),
                Relation::Stated if sides.dated => (sides.left_shown.clone(), String::new()),
                Relation::Stated => (interval(sides.left), String::new()),
            };
            found.found = Some(is);
            found.expected = (!should.is_empty()).then_some(should);
            found.difference = difference(sides);
        }
        found
    }

    /// The words on the template for a place, a column as a whole included.
    fn words(&self, at: &Pointer) -> String {
        let inside: Vec<String> = at.segments().skip(1).collect();
        self.figures
            .words
            .get(at)
            .cloned()
            .or_else(|| self.section.words(&inside))
            .unwrap_or_else(|| self.section.title.clone())
    }

    fn label(&self, pointer: &Pointer) -> String {
        format!("“{}”: {}", self.figures.words(pointer), self.value(pointer))
    }

    fn value(&self, pointer: &Pointer) -> String {
        let measure = super::conform::measure(self.section, pointer);
        match (self.figures.figures.get(pointer), measure) {
            (Some(figure), Some(measure)) => self.figures.shown(figure, measure),
            (Some(figure), None) => figure.typed.clone(),
            (None, _) => String::new(),
        }
    }

    /// What people call a row: its label on the template, its own key in a list.
    fn row_label(&self, key: &str, pointer: &Pointer) -> String {
        let table = pointer.parent();
        let code = self.section.items.iter().find_map(|item| match item {
            Item::Table(t) if Some(t.key.clone()) == table.as_ref().map(Pointer::last) => {
                t.rows.codes.iter().find(|code| code.code == key)
            }
            Item::Table(_) | Item::Measure(_) | Item::List(_) => None,
        });
        code.map_or_else(|| key.to_owned(), |code| code.label.clone())
    }

    /// Rows that differ from their total by no more than rounding explains (TAB-02).
    fn rounding(&self, rule: &Rule, outcome: &Outcome, findings: &mut Findings) {
        let at = self.at(rule, None);
        let Some(base) = self.figures.regime.round.filter(|base| *base > 1) else {
            let why = "the return is not rounded".to_owned();
            return findings.account("TAB-02", at, Verdict::NotApplicable(why));
        };
        let numbers: Option<Vec<f64>> = outcome
            .reads
            .iter()
            .map(|r| match self.figures.figures.get(&r.pointer)?.bare {
                Bare::Number(n) => Some(n),
                _ => None,
            })
            .collect();
        let split = numbers.as_deref().and_then(<[f64]>::split_last);
        let apart = split.map(|(total, parts)| parts.iter().sum::<f64>() - total).filter(|d| d.abs() > 1e-9);
        let verdict = match (apart, outcome.verdict) {
            (Some(_), Kleene::Holds | Kleene::Undecided) => {
                let sum = split.map(|(_, parts)| parts.iter().sum::<f64>()).unwrap_or_default();
                let total = split.map(|(total, _)| *total).unwrap_or_default();
                let message = format!(
                    "The rows of “{}” add to {} and the total says {}, because each figure is rounded to {base}. Accepted.",
                    self.words(&at),
                    crate::figure::format_plain(sum),
                    crate::figure::format_plain(total)
                );
                findings.add(self.plain("TAB-02", at.clone(), message, outcome));
                Verdict::Failed
            }
            _ => Verdict::Held,
        };
        findings.account("TAB-02", at, verdict);
    }

    /// One `c` whose value the rest of the sum gives away as ten or more (COD-09).
    fn hidden(&self, rule: &Rule, outcome: &Outcome, findings: &mut Findings) {
        let at = self.at(rule, None);
        let figures: Vec<_> = outcome.reads.iter().filter_map(|r| self.figures.figures.get(&r.pointer)).collect();
        let suppressed: Vec<_> = figures.iter().filter(|f| f.bare == Bare::Marker(Marker::Confidential)).collect();
        let [only] = suppressed.as_slice() else {
            let why = "not exactly one figure of the sum is suppressed".to_owned();
            return findings.account("COD-09", at, Verdict::NotApplicable(why));
        };
        let split = figures.split_last();
        let rest = split.map(|(total, parts)| {
            let known: f64 =
                parts.iter().filter(|f| f.pointer != only.pointer).filter_map(|f| f.interval.number()).sum();
            let all = parts.iter().filter(|f| f.pointer != only.pointer).all(|f| f.interval.number().is_some());
            if total.pointer == only.pointer || !all {
                Interval::UNKNOWN
            } else {
                total.interval.number().map_or(Interval::UNKNOWN, |t| Interval::exact(t - known))
            }
        });
        let implied = rest
            .and_then(Interval::number)
            .filter(|n| *n >= self.schemas.parameters.get("suppressed_large").copied().unwrap_or(10.0));
        let verdict = if let Some(n) = implied {
            let words = self.figures.words(&only.pointer);
            let message = format!(
                "“{words}” is hidden (c), but the total less the other rows leaves about {}. Is this deliberate?",
                crate::figure::format_plain(n)
            );
            findings.add(self.plain("COD-09", only.pointer.clone(), message, outcome));
            Verdict::Failed
        } else {
            Verdict::Held
        };
        findings.account("COD-09", at, verdict);
    }

    fn plain(&self, rule: &str, at: Pointer, message: String, outcome: &Outcome) -> Finding {
        let entry = self.schemas.entry(rule);
        let severity = entry.map_or(Severity::Query, |e| e.severity);
        let mut found = Finding::new(rule, severity, at, Reach::section(&self.section.key), message)
            .with_help(entry.map(|e| e.help.clone()).unwrap_or_default());
        // The figure it is about first.
        let (own, others): (Vec<_>, Vec<_>) = outcome.reads.iter().partition(|read| read.pointer == found.at);
        for read in own.into_iter().chain(others) {
            found.state.push((read.pointer.clone(), read.shown.clone()));
            found = found.with_label(
                Place::Figure(read.pointer.clone()),
                format!("“{}”: {}", self.figures.words(&read.pointer), read.shown),
            );
        }
        found
    }
}

/// Parameters and reference figures have no cell.
fn is_constant(pointer: &Pointer) -> bool {
    matches!(pointer.section_key().as_str(), "param" | "reference")
}
