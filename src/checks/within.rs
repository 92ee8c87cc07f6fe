//! Figures to one another: each rule of the pack at each of its places, with the cells it read and the two sides that
//! disagree. A figure that something graver already speaks about leaves its rules undecided.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::beside::Beside;
use super::message::{Filler, Terms, parts};
use super::sum::{self, Sum};
use crate::cell::Pointer;
use crate::extract::{Context, Return, Trees, View, shown};
use crate::figure::{Bare, Kleene};
use crate::finding::{Finding, Findings, Label, Place, Reach, Severity, Verdict};
use crate::rules::{Known, Node, Outcome, Read, evaluate};
use crate::schema::model::{Item, Kind, Measure, Section};
use crate::schema::{Form, Grade, Relation, Rule, Schemas};

/// So many cells are drawn for one figure that is worked out.
const MOST_PARTS: usize = 8;

/// One section's rules.
pub(super) fn section(
    beside: &Beside<'_>,
    trees: &Trees<'_>,
    section: &Section,
    form: &Form,
    context: &Context,
    schemas: &Schemas,
    findings: &mut Findings,
) {
    let here = Pointer::section(&section.key);
    let last = context.last.as_ref().filter(|last| last.within(&here).next().is_some() || section.key == "cover");
    let figures: &Return = &beside.figures;
    let stands = beside.stands(&section.key);
    let judge = Judge { figures, beside, section, form, schemas };
    let worked = trees.root(section, last.is_some(), View::Worked);
    let typed = LazyCell::new(|| trees.root(section, last.is_some(), View::Typed));
    // Of a section that stands from an earlier submission, what it says of sections of this one.
    let here = |key: &String| figures.sheets.contains_key(key) && !beside.stands(key);
    let speaks = |rule: &&Rule| rule.section == section.key && (!stands || rule.needs.iter().any(here));
    for rule in form.rules.iter().filter(speaks) {
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
    beside: &'a Beside<'a>,
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
                Item::List(l) => {
                    let field = rule.at.get(1..).unwrap_or_default();
                    rule.at.first() == Some(&l.key) && l.fields.iter().any(|f| f.derived && f.path == field)
                }
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
            let Some((grade, first)) = here.first() else { continue };
            // Where there is one verdict for the whole list, the row that decided is not what it is about.
            let row = first.row.as_ref().filter(|_| grade.expression.each_row().is_some());
            let at = self.at(rule, row.map(|(_, pointer)| pointer));
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
            let at = self.at(rule, None);
            let sum = Sum { figures: self.figures, schemas: self.schemas, title: self.words(&at), at, outcome };
            sum.rounding(findings);
            sum.hidden(findings);
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
        if outcome.absent.is_empty() && all_inapplicable(outcome) {
            return Verdict::NotApplicable("its figures do not apply here (z)".to_owned());
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
        let own = self.own(rule, outcome, &at);
        let share = self.share(rule, &at);
        let filler = Filler {
            figures: self.figures,
            parameters: &self.schemas.parameters,
            outcome,
            title: self.words(&at),
            value: self.value(&at),
            row: outcome.row.as_ref().map(|(key, pointer)| self.row_label(key, pointer)).unwrap_or_default(),
            terms: Terms::new(outcome, share),
            parts: parts(outcome),
            left_row: self.left_row(outcome),
        };
        let mut found = Finding::new(
            rule.id.as_str(),
            grade.severity,
            at.clone(),
            Reach::Sections(self.reach(rule, &own)),
            filler.fill(&grade.message),
        )
        .with_help(filler.fill(&grade.help));
        self.mark(&own, &mut found);
        if found.labels.is_empty() {
            let sheet = self.figures.sheets.get(&self.section.key).filter(|_| !self.beside.stands(&self.section.key));
            let place = sheet.map_or(Place::File, |sheet| Place::Sheet(*sheet));
            found.labels.push(Label { place, text: filler.title.clone() });
        }
        if let Some(terms) = &filler.terms {
            let (is, should) = match rule.relation {
                Relation::Flow | Relation::SumsTo => (terms.right.clone(), Some(terms.left.clone())),
                Relation::PercentageOf | Relation::RateOf => (filler.value.clone(), Some(terms.right.clone())),
                Relation::AtMost | Relation::Stated => (terms.left.clone(), terms.demand.clone()),
            };
            found.found = Some(is);
            found.expected = should;
            found.difference.clone_from(&terms.difference);
        }
        if rule.relation == Relation::SumsTo && sum::is_running(self.section, self.figures, outcome) {
            let why =
                "Each month is more than the one before it and the last is the total: these look like running totals.";
            found.message = format!("{} {why}", found.message);
            found.help = "Type the figure of each month alone, not the total up to it.".to_owned();
        }
        if let Some((measure, decimals)) = share
            && let Some(exact) = cut_off(rule, outcome, decimals)
        {
            let decimals = decimals.max(measure.decimals);
            found.severity = Severity::Note;
            found.message = format!(
                "“{}” says {}, which is {} cut off; rounded it is {}. Accepted.",
                filler.title,
                filler.value,
                shown(exact, measure, decimals + 2),
                shown(exact, measure, decimals)
            );
            found.help = "Nothing to do.".to_owned();
        }
        found
    }

    /// The figures that a finding is about, in the order in which they are told: the place itself first, or the total.
    fn own<'a>(&self, rule: &Rule, outcome: &'a Outcome, at: &Pointer) -> Vec<&'a Read> {
        // What is said of a row is not about the other rows of its table.
        let row = outcome.row.as_ref().filter(|_| self.is_rows(rule)).map(|(_, row)| row);
        let elsewhere = |p: &Pointer| {
            row.is_some_and(|row| !p.is_within(row) && row.parent().is_some_and(|table| p.is_within(&table)))
        };
        let counts = |read: &&Read| {
            let last = read.path.starts_with("last");
            !read.path.ends_with("_stated")
                && !is_constant(&read.pointer)
                && !elsewhere(&read.pointer)
                && (last || self.figures.figures.contains_key(&read.pointer))
        };
        let mut own: Vec<&Read> = outcome.reads.iter().filter(counts).collect();
        if let Some(first) = own.iter().position(|r| r.pointer == *at) {
            own[..=first].rotate_right(1);
        } else if rule.relation == Relation::SumsTo {
            own.rotate_right(1);
        }
        own
    }

    /// The sections that a finding about these figures refuses or questions.
    fn reach(&self, rule: &Rule, own: &[&Read]) -> BTreeSet<String> {
        let this_year = own.iter().filter(|r| !r.path.starts_with("last"));
        let mut sections: BTreeSet<String> =
            this_year.map(|r| r.pointer.section_key()).filter(|key| key != "cover").collect();
        if self.section.key == "cover" {
            sections.extend(super::whole::all(self.figures, self.form));
        } else {
            sections.insert(self.section.key.clone());
        }
        if sections.iter().all(|key| self.beside.stands(key)) {
            // It read no figure of this file: what it would have read there is what it is about.
            sections.extend(rule.needs.iter().cloned());
        }
        sections
    }

    /// Labels the cells of these figures and keeps their values.
    fn mark(&self, own: &[&Read], found: &mut Finding) {
        let mut marked: BTreeSet<Pointer> = BTreeSet::new();
        let mut mark = |pointer: &Pointer, text: String, found: &mut Finding| {
            if self.figures.cell(pointer).is_some() && marked.insert(pointer.clone()) {
                found.labels.push(Label { place: Place::Figure(pointer.clone()), text });
            }
        };
        for read in own {
            if read.path.starts_with("last") {
                found.state.push((read.pointer.clone(), format!("last year {}", read.shown)));
                continue;
            }
            found.state.push((read.pointer.clone(), read.shown.clone()));
            // What does not apply adds nothing to a sum, nor to what is shown of it.
            if read.value == Known::NotApplicable {
                continue;
            }
            let ours = self.figures.figures.get(&read.pointer).is_none_or(|f| f.computed);
            if let Some(worked) = self.figures.worked.get(&read.pointer).filter(|_| ours) {
                // A figure nobody typed is shown by the figures it is made of, unless they are a column or more.
                for part in worked.parts.iter().filter(|_| worked.parts.len() <= MOST_PARTS) {
                    mark(part, format!("“{}”: {}", self.short(part), self.value(part)), found);
                }
            } else {
                mark(&read.pointer, format!("“{}”: {}", self.short(&read.pointer), read.shown), found);
            }
        }
    }

    /// The measure, and the decimals typed, of a percentage or rate that a rule compares with its parts.
    fn share(&self, rule: &Rule, at: &Pointer) -> Option<(&Measure, u8)> {
        let column = || {
            self.section.items.iter().find_map(|item| match item {
                Item::Table(t) if rule.at.first() == Some(&t.key) => {
                    t.columns.iter().find(|c| rule.at.get(1..) == Some(&c.path))
                }
                Item::Table(_) | Item::Measure(_) | Item::List(_) => None,
            })
        };
        let measure = super::conform::measure(self.section, at).or_else(column).filter(|m| m.derived)?;
        let shares = matches!(measure.kind, Kind::Percentage | Kind::Points | Kind::Rate);
        (shares && self.is_about_typed(rule)).then(|| (measure, self.figures.figures.get(at).map_or(0, |f| f.decimals)))
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

    /// The words for a figure beside its cell, without the table's title, which stands above it in the sheet.
    fn short(&self, pointer: &Pointer) -> String {
        let words = self.figures.words(pointer);
        let Some(section) = self.form.section(&pointer.section_key()) else { return words };
        let segments: Vec<String> = pointer.segments().skip(1).collect();
        let table = section.items.iter().find_map(|item| match item {
            Item::Table(t) if segments.first() == Some(&t.key) => Some(t),
            Item::Table(_) | Item::Measure(_) | Item::List(_) => None,
        });
        let Some(table) = table else { return words };
        let short = words.strip_prefix(&format!("{} · ", table.title)).unwrap_or(&words);
        let only = match table.columns.as_slice() {
            [column] => short.strip_suffix(&format!(" · {}", column.title)),
            _ => None,
        };
        only.unwrap_or(short).to_owned()
    }

    fn value(&self, pointer: &Pointer) -> String {
        let measure = super::conform::measure(self.section, pointer);
        match (self.figures.figures.get(pointer), measure) {
            (Some(figure), Some(measure)) => self.figures.shown(figure, measure),
            (Some(figure), None) => figure.typed.clone(),
            (None, _) => String::new(),
        }
    }

    /// A row as people call it: its words in a table, its key in a list.
    fn row_label(&self, key: &str, pointer: &Pointer) -> String {
        let segments: Vec<String> = pointer.segments().skip(1).collect();
        let is_list = self.section.items.iter().any(|item| match item {
            Item::List(l) => segments.first() == Some(&l.key),
            Item::Table(_) | Item::Measure(_) => false,
        });
        if !is_list {
            return self.short(pointer);
        }
        match key.strip_prefix("row-") {
            Some(number) => format!("Row {number}"),
            None => key.split('~').next().unwrap_or(key).to_owned(),
        }
    }

    /// The row of the one figure that the left side is.
    fn left_row(&self, outcome: &Outcome) -> String {
        let left = outcome.sides.as_ref().map(|s| s.left);
        let read = outcome.reads.iter().find(|r| matches!(r.value, Known::Number(n) if Some(n) == left));
        let row = |p: &Pointer| {
            let mut segments = p.segments();
            let section = Pointer::section(&segments.next()?);
            Some(segments.take(2).fold(section, |place, key| place.child(&key)))
        };
        read.and_then(|r| row(&r.pointer)).map(|row| self.short(&row)).unwrap_or_default()
    }
}

/// Whether all the figures of this year that a rule looked at are `z`: a service that is another's.
fn all_inapplicable(outcome: &Outcome) -> bool {
    let figure = |r: &&Read| matches!(r.value, Known::Number(_) | Known::NotApplicable) && !is_constant(&r.pointer);
    let mut own = outcome.reads.iter().filter(figure).filter(|r| !r.path.starts_with("last")).peekable();
    own.peek().is_some() && own.all(|r| r.value == Known::NotApplicable)
}

/// Parameters and reference figures have no cell.
fn is_constant(pointer: &Pointer) -> bool {
    matches!(pointer.section_key().as_str(), "param" | "reference")
}

/// The exact figure, where the one typed is that cut off and not rounded (domain C.0.4).
fn cut_off(rule: &Rule, outcome: &Outcome, decimals: u8) -> Option<f64> {
    let share = matches!(rule.relation, Relation::PercentageOf | Relation::RateOf);
    let sides = outcome.sides.as_ref().filter(|_| share)?;
    let (typed, exact) = (sides.left.number()?, sides.right.number()?);
    (0.0..10_f64.powi(-i32::from(decimals))).contains(&(exact - typed)).then_some(exact)
}
