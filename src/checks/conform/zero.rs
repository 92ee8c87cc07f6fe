//! A zero where a figure is missing (domain D15): all that stands beside it is “not available”.

use super::finding;
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure, Marker};
use crate::finding::{Finding, Place, Severity};
use crate::schema::Schemas;
use crate::schema::model::{Item, Kind, Section, Table};

/// Zeros of a section's tables whose row, or whose column, holds nothing else but x.
pub(super) fn zeros(figures: &Return, section: &Section, schemas: &Schemas) -> Vec<Finding> {
    let here = Pointer::section(&section.key);
    let mut found = Vec::new();
    for table in section.items.iter().filter_map(|item| match item {
        Item::Table(table) => Some(table),
        Item::Measure(_) | Item::List(_) => None,
    }) {
        let at = here.child(&table.key);
        for (line, what) in lines(figures, &at, table) {
            let [zero, ..] = line.as_slice() else { continue };
            let words = figures.words(&zero.pointer);
            let others = if line.len() == 1 { String::new() } else { format!(" (and {} more)", line.len() - 1) };
            let message = format!(
                "“{words}”{others} says 0, but all other figures of the {what} are x (not available). Were there none, or is it not available either?"
            );
            let mut one = finding(schemas, section, "TPL-07", &zero.pointer, message);
            one.severity = Severity::Query;
            one.help = "Type x if the figure is not available. If there really were none, explain it.".to_owned();
            for figure in &line {
                one = one.with_label(
                    Place::Figure(figure.pointer.clone()),
                    format!("“{}”: 0", figures.words(&figure.pointer)),
                );
                one.state.push((figure.pointer.clone(), figure.typed.clone()));
            }
            found.push(one);
        }
    }
    found
}

/// The zeros of rows and columns in which all else, and at least as much, is x.
fn lines<'a>(figures: &'a Return, at: &Pointer, table: &Table) -> Vec<(Vec<&'a Figure>, &'static str)> {
    let counts: Vec<_> = table.columns.iter().filter(|m| m.kind == Kind::Count && !m.derived).collect();
    let get = |code: &str, path: &[String]| {
        figures.figures.get(&path.iter().fold(at.child(code), |place, key| place.child(key)))
    };
    let codes = || table.rows.codes.iter().map(|c| c.code.as_str());
    let zeros = |line: Vec<Option<&'a Figure>>| {
        let filled: Vec<&Figure> = line.into_iter().flatten().filter(|f| f.bare != Bare::Blank).collect();
        let (missing, rest): (Vec<&Figure>, Vec<&Figure>) =
            filled.into_iter().partition(|f| f.bare == Bare::Marker(Marker::NotAvailable));
        let zero = rest.iter().all(|f| f.interval.number() == Some(0.0) && f.fault.is_none());
        (zero && !rest.is_empty() && missing.len() >= rest.len()).then_some(rest)
    };
    let columns = counts.iter().filter_map(|m| Some((zeros(codes().map(|c| get(c, &m.path)).collect())?, "column")));
    let mut found: Vec<(Vec<&Figure>, &str)> = columns.collect();
    if counts.len() > 1 {
        let rows = codes().filter_map(|c| zeros(counts.iter().map(|m| get(c, &m.path)).collect()));
        for row in rows {
            // What was said of the column is not said of the row again.
            if !row.iter().all(|f| found.iter().any(|(line, _)| line.iter().any(|g| g.pointer == f.pointer))) {
                found.push((row, "row"));
            }
        }
    }
    found
}
