//! Comments on cells (D73). They are not read: where one stands on a figure, it may say that the figure is another, so we ask.

use std::collections::BTreeMap;

use super::desk::Desk;
use super::words::several;
use crate::cell::Cell;
use crate::figure::{Bare, Figure};
use crate::finding::Severity;
use crate::schema::model::{Kind, Measure};

/// How many cells a sentence names, and a note marks.
const NAMED: usize = 6;

/// What is said of the comments of a sheet: a question where they stand on figures, a note where they stand elsewhere.
pub(super) fn tell(desk: &mut Desk<'_>) {
    let cells = desk.grid.commented();
    if cells.is_empty() {
        return;
    }
    let sheet = desk.grid.index();
    let standing: BTreeMap<Cell, &Figure> = desk
        .out
        .within(&desk.root)
        .filter_map(|figure| Some((figure.cell.filter(|at| at.sheet == sheet)?.cell, figure)))
        .collect();
    // What the explanations say is an answer, not a figure.
    let is_asked = |figure: &&Figure| {
        let segments: Vec<String> = figure.pointer.segments().skip(1).collect();
        let measure = desk.section.measure(&segments).filter(|m| !m.derived && desk.section.key != "explanations");
        // What is missing or cannot be read is told as such.
        let told = |m: &Measure| figure.fault.is_some() || (m.required && figure.bare == Bare::Blank);
        measure.is_some_and(|m| !told(m) && !matches!(m.kind, Kind::Text | Kind::Email))
    };
    let (mut asked, mut others) = (Vec::new(), Vec::new());
    for cell in cells {
        match standing.get(&desk.grid.anchor(cell)).copied().filter(is_asked) {
            Some(figure) => asked.push((cell, figure.clone())),
            None => others.push(cell),
        }
    }
    if !asked.is_empty() {
        ask(desk, &asked);
    }
    if !others.is_empty() {
        note(desk, &others);
    }
}

fn ask(desk: &mut Desk<'_>, asked: &[(Cell, Figure)]) {
    let typed = |figure: &Figure| if figure.typed.is_empty() { "blank".to_owned() } else { figure.typed.clone() };
    let named =
        |(cell, figure): &(Cell, Figure)| format!("{cell} (“{}”: {})", desk.out.words(&figure.pointer), typed(figure));
    let names: Vec<String> = asked.iter().map(named).collect();
    let (has, took) = match asked.len() {
        1 => ("A figure has a comment".to_owned(), "figure as it is"),
        n => (format!("{n} figures have comments"), "figures as they are"),
    };
    let message = format!("{has}: {}. We do not read comments, and took the {took} typed.", several(&names, NAMED));
    let mut finding = desk.finding("TPL-07", Severity::Query, &desk.root, message).with_help(
        "If a comment says that a figure should be another, type that figure. Then delete the comment, or say on the \
             sheet “Explanations” that the figure stands.",
    );
    for (cell, figure) in asked {
        finding = finding.with_label(
            desk.place(*cell),
            format!("“{}”: {}, has a comment", desk.out.words(&figure.pointer), typed(figure)),
        );
        finding.state.push((figure.pointer.clone(), typed(figure)));
    }
    desk.add(finding);
}

fn note(desk: &mut Desk<'_>, cells: &[Cell]) {
    let names: Vec<String> = cells.iter().map(ToString::to_string).collect();
    let (noun, verb, read) = match cells {
        [_] => ("cell", "has", "a comment, which is"),
        _ => ("cells", "have", "comments, which are"),
    };
    let title = &desk.section.title;
    let message = format!("The {noun} {} of “{title}” {verb} {read} not read.", several(&names, NAMED));
    let mut finding = desk
        .finding("TPL-03", Severity::Note, &desk.root, message)
        .with_help("Nothing to do, unless a comment says that a figure is another: then please type that figure.");
    for cell in cells.iter().take(NAMED) {
        finding = finding.with_label(desk.place(*cell), "has a comment");
    }
    desk.add(finding);
}
