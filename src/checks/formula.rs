//! Figures that are results of formulas (domain D31): a result may be older than the figures it is made of. Named where
//! a figure disagrees with others, and once for a workbook that only calculates when it is asked to.

use std::fmt::Write as _;

use crate::cell::{Address, Pointer};
use crate::extract::{Return, Use};
use crate::finding::{Finding, Findings, Place, Reach, Severity};
use crate::schema::Schemas;
use crate::workbook::{BY_HAND, Workbook};

/// Rules that look at the shape of the file or say themselves what a cell holds.
const ELSEWHERE: [&str; 4] = ["FIL-", "TPL-", "DIS-", "CMP-"];

/// Says of each figure in a finding that it is the result of a formula, and of the whole return that its formulas may be
/// out of date.
pub(super) fn tell(workbook: &Workbook, figures: &Return, schemas: &Schemas, findings: &mut Findings) {
    let is_formula = |at: &Address| workbook.get(*at).is_some_and(|entry| entry.formula.is_some());
    for finding in findings.list_mut() {
        let rule = finding.rule.as_str();
        if finding.severity == Severity::Note || finding.private || ELSEWHERE.iter().any(|p| rule.starts_with(p)) {
            continue;
        }
        let mut cells: Vec<String> = Vec::new();
        for label in &mut finding.labels {
            let cell = match &label.place {
                Place::Figure(pointer) => figures.cell(pointer),
                Place::Cell(address) => Some(*address),
                Place::Before(_) | Place::Sheet(_) | Place::File => None,
            };
            if let Some(address) = cell.filter(is_formula) {
                label.text.push_str(" (a formula)");
                cells.push(address.cell.to_string());
            }
        }
        cells.dedup();
        let is = match (cells.as_slice(), rule) {
            ([], _) | (_, "CEL-11") => continue,
            ([one], _) => format!("{one} is the result of a formula"),
            ([first, rest @ ..], _) => format!("{first} and {} more cells are results of formulas", rest.len()),
        };
        let _ = write!(finding.message, " ({is}.)");
        finding.help.push_str(" If a formula is not up to date, press F9 in Excel and save the file.");
    }
    let held = figures.uses.iter().filter(|(at, used)| matches!(used, Use::Value(_)) && is_formula(at));
    let held: Vec<Address> = held.map(|(at, _)| *at).collect();
    if let Some(first) = held.first().filter(|_| workbook.properties.contains_key(BY_HAND)) {
        let entry = schemas.entry("FIL-07");
        let (are, they) = if held.len() == 1 { ("figure is", "its result") } else { ("figures are", "their results") };
        let message = format!(
            "This workbook only calculates when it is asked to. {} {are} made by a formula, and {they} may be out of date.",
            held.len()
        );
        let help = "Open the file in Excel, press F9, look whether a figure changes, and save.";
        let note = Finding::new("FIL-07", Severity::Note, Pointer::section("file"), Reach::Submission, message);
        let severity = entry.map_or(Severity::Note, |e| e.severity);
        findings.add(Finding { severity, ..note }.with_help(help).with_label(Place::Cell(*first), "a formula"));
    }
}
