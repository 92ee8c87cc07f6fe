//! Disclosure control: which figures of a return may not be shown outside as they stand, and why (DIS-09 to DIS-13, DIS-16).
//! Agencies send true counts, so a small one is no mistake: it is marked, and the records carry the mark. Only where an
//! agency hides figures itself, and does it in vain, is something said to it (`tell`). How figures hang together is in
//! `relation`; no value of a figure leaves here but as a mark.

mod mark;
mod relation;
mod review;
mod tell;

use std::collections::BTreeMap;

use crate::cell::Pointer;
use crate::extract::{Context, Return, at};
use crate::figure::{Bare, Marker};
use crate::finding::Findings;
use crate::schema::model::{Item, Kind, Measure, Section};
use crate::schema::{Form, Schemas};
use relation::Relations;

pub use mark::{Mark, Marks, Publishable, Why};

/// Says what the agency hides in vain, accounts for the rules, and marks what may not be shown outside as it stands.
pub(super) fn tell(
    figures: &Return,
    form: &Form,
    context: &Context,
    schemas: &Schemas,
    findings: &mut Findings,
) -> Marks {
    let scene = Scene::new(figures, form, context, schemas);
    let marks = scene.marks();
    tell::tell(&scene, &marks, schemas, findings);
    marks
}

/// What is known of a figure that counts something.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    /// The number.
    Number(f64),
    /// The agency hid it.
    Hidden,
    /// Nothing that could be reckoned with: blank, not available.
    Unknown,
}

/// A return as disclosure control sees it.
struct Scene<'a> {
    figures: &'a Return,
    form: &'a Form,
    last: Option<&'a Return>,
    /// Counts below this many are small.
    small: f64,
    relations: Relations,
    /// Every count of the return, typed or worked out.
    counts: BTreeMap<Pointer, Seen>,
}

impl<'a> Scene<'a> {
    fn new(figures: &'a Return, form: &'a Form, context: &'a Context, schemas: &Schemas) -> Self {
        let mut counts = BTreeMap::new();
        for section in super::present(figures, form) {
            each_figure(figures, section, |pointer, measure| {
                let of_people = measure.unit_of_count.as_ref().is_none_or(|unit| schemas.people.counts_people(unit));
                if measure.kind == Kind::Count && of_people {
                    counts.insert(pointer.clone(), seen(figures, pointer));
                }
            });
        }
        let small = schemas.parameters.get("disclosure.small").copied().unwrap_or(5.0);
        let relations = Relations::of(figures, form, schemas);
        Self { figures, form, last: context.last.as_ref(), small, relations, counts }
    }

    fn is_small(&self, n: f64) -> bool {
        n > 0.0 && n < self.small
    }

    /// Whether the agency's own rule would have hidden the number.
    fn is_forbidden(&self, n: f64) -> bool {
        self.figures.regime.range.is_some_and(|(low, high)| n >= f64::from(low.max(1)) && n <= f64::from(high))
    }

    fn number(&self, pointer: &Pointer) -> Option<f64> {
        match self.counts.get(pointer)? {
            Seen::Number(n) => Some(*n),
            Seen::Hidden | Seen::Unknown => None,
        }
    }

    fn is_hidden(&self, pointer: &Pointer) -> bool {
        self.counts.get(pointer) == Some(&Seen::Hidden)
    }

    fn measure(&self, pointer: &Pointer) -> Option<&Measure> {
        let segments: Vec<String> = pointer.segments().skip(1).collect();
        self.form.section(&pointer.section_key())?.measure(&segments)
    }
}

/// What is known of a figure.
fn seen(figures: &Return, pointer: &Pointer) -> Seen {
    let worked = || figures.worked.get(pointer).and_then(|w| w.interval.number());
    match figures.figures.get(pointer).filter(|f| f.fault.is_none()).map(|f| &f.bare) {
        Some(Bare::Number(n)) => Seen::Number(*n),
        Some(Bare::Marker(Marker::Confidential)) => Seen::Hidden,
        Some(Bare::Marker(Marker::NotApplicable)) => Seen::Number(0.0),
        _ => worked().map_or(Seen::Unknown, Seen::Number),
    }
}

/// Visits each figure of a section that the template has a place for.
fn each_figure(figures: &Return, section: &Section, mut visit: impl FnMut(&Pointer, &Measure)) {
    let top = Pointer::section(&section.key);
    for item in &section.items {
        match item {
            Item::Measure(measure) => visit(&at(&top, measure), measure),
            Item::Table(table) => {
                let place = top.child(&table.key);
                for row in &table.rows.codes {
                    let row = place.child(&row.code);
                    table.columns.iter().for_each(|column| visit(&at(&row, column), column));
                }
            }
            Item::List(list) => {
                let place = top.child(&list.key);
                for key in figures.lists.get(&place).into_iter().flatten() {
                    let row = place.child(key);
                    list.fields.iter().for_each(|field| visit(&at(&row, field), field));
                }
            }
        }
    }
}
