//! What the template prints beside a figure and an agency may have overtyped: its unit (domain D56). A count of families
//! must not pass for one of children. What was typed into the figure's own cell is `tidy`'s.

use std::collections::BTreeMap;

use super::desk::Desk;
use super::tidy;
use super::words::{cut, fold, quote, several};
use crate::cell::{Cell, Pointer, ranges};
use crate::finding::{Finding, Severity};
use crate::schema::model::Measure;

/// Most places shown in one finding.
const MOST_SHOWN: usize = 12;

/// Another unit than the template's beside a figure.
pub(super) struct Unit {
    cell: Cell,
    found: String,
    expected: String,
    pointer: Pointer,
    figure: String,
}

/// What a cell of the column of units says, where it is not the measure's unit and a figure stands beside it.
pub(super) fn unit(
    desk: &Desk<'_>,
    cell: Cell,
    measure: &Measure,
    pointer: &Pointer,
    value: Option<Cell>,
) -> Option<Unit> {
    let word = desk.grid.word(cell)?;
    let value = value.filter(|v| desk.grid.filled(*v))?;
    if !measure.kind.is_number() || !desk.grid.is_text(cell) || tidy::is_number(word) {
        return None;
    }
    let expected = measure.unit_of_count.as_ref().unwrap_or(&measure.unit);
    let own = [fold(expected), fold(&measure.unit)];
    if expected.is_empty() || own.iter().any(|unit| is_same(word, unit)) {
        return None;
    }
    Some(Unit {
        cell,
        found: desk.grid.text(cell),
        expected: expected.clone(),
        pointer: pointer.clone(),
        figure: desk.grid.text(value),
    })
}

/// `child`, `no of children` and `count` say nothing else than `children`.
fn is_same(word: &str, unit: &str) -> bool {
    let word =
        ["number of ", "no of ", "count of ", "nos of "].iter().find_map(|w| word.strip_prefix(w)).unwrap_or(word);
    let singular = |unit: &str| match unit {
        "children" => "child".to_owned(),
        "enquiries" => "enquiry".to_owned(),
        "families" => "family".to_owned(),
        other => other.strip_suffix('s').unwrap_or(other).to_owned(),
    };
    let general: &[&str] = match unit {
        "%" => &["percent", "per cent", "percentage"],
        _ => &["number", "no", "n", "count"],
    };
    word == unit || word == singular(unit) || general.contains(&word)
}

/// One question for all units of a sheet.
pub(super) fn say(desk: &mut Desk<'_>, units: Vec<Unit>) {
    if units.is_empty() {
        return;
    }
    let mut kinds: BTreeMap<(String, String), Vec<Cell>> = BTreeMap::new();
    for unit in &units {
        kinds.entry((cut(&unit.found), unit.expected.clone())).or_default().push(unit.cell);
    }
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|((found, expected), cells)| {
            let cells = several(&ranges(cells), 4);
            format!("{} ({cells}) where the template says “{expected}”", quote(&found))
        })
        .collect();
    let noun = if units.len() == 1 { "figure" } else { "figures" };
    let message = format!(
        "The unit beside {} {noun} of “{}” was changed: {}. What do they count?",
        units.len(),
        desk.section.title,
        several(&kinds, 6)
    );
    let at = desk.root.child("units");
    let mut finding: Finding = desk.finding("TPL-07", Severity::Query, &at, message).with_help(
        "If they count what the template asks for, please put its unit back. If they count something else, please give the figure that it asks for.",
    );
    for unit in &units {
        finding.state.push((unit.pointer.clone(), format!("{} {}", unit.figure, cut(&unit.found))));
    }
    for unit in units.iter().take(MOST_SHOWN) {
        finding = finding.with_label(desk.place(unit.cell), format!("unit {}", quote(&unit.found)));
    }
    finding.consequences = units.len();
    desk.add(finding);
}
