//! Where a return differs from its template, sheet by sheet: one picture, beside the findings that say what to do.

use std::collections::BTreeMap;

use super::{Show, words};
use crate::cell::ranges;
use crate::draw;
use crate::extract::{Change, Drift, Part};
use crate::report::Report;

/// Most things told of one kind where people read it.
const MOST: usize = 8;

/// The differences of one sheet.
pub(super) struct Picture {
    /// The sheet, or the section that has none.
    pub(super) title: String,
    /// One sentence for each kind of difference.
    pub(super) lines: Vec<String>,
}

/// Differences by kind.
type Kinds<'a> = BTreeMap<(Part, Change), Vec<&'a Drift>>;

/// The differences sheet by sheet, in the order of the workbook; what is missing as a whole comes last.
pub(super) fn pictures(report: &Report, show: Show) -> Vec<Picture> {
    let mut sheets: BTreeMap<(usize, &str), Kinds<'_>> = BTreeMap::new();
    for drift in &report.figures.drift {
        let sheet = (drift.sheet.unwrap_or(usize::MAX), drift.section.as_str());
        sheets.entry(sheet).or_default().entry((drift.part, drift.change)).or_default().push(drift);
    }
    let pictures = sheets.into_iter().map(|((sheet, section), kinds)| {
        let title = match sheet {
            usize::MAX => words::section_title(report, section),
            index => report.sheet(index),
        };
        let lines = kinds.into_iter().map(|((part, change), all)| line(part, change, &all, show)).collect();
        Picture { title: draw::line(&title), lines }
    });
    pictures.collect()
}

fn line(part: Part, change: Change, all: &[&Drift], show: Show) -> String {
    let [one, several] = part.words();
    let noun = if all.len() == 1 { one } else { several };
    let what = match change {
        Change::Missing => "missing",
        Change::Extra => "not on the template, not read",
        Change::Renamed => "in other words, read",
        Change::Guessed => "guessed",
        Change::Twice => "there more than once",
        Change::Turned => "with rows and columns swapped, read",
    };
    let mut told: Vec<String> = all.iter().take(MOST).map(|d| one_of(d, show)).collect();
    let more = all.len().saturating_sub(MOST);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    words::stop(&format!("{} {noun} {what}: {}", all.len(), told.join("; ")))
}

fn one_of(drift: &Drift, show: Show) -> String {
    let quoted = |text: &Option<String>| text.as_ref().map(|t| format!("“{}”", draw::line(t.trim_matches(['“', '”']))));
    let found = quoted(&drift.found).filter(|_| show == Show::Values);
    let template = quoted(&drift.template);
    let cells = ranges(drift.cells.iter().copied());
    let cells = if cells.is_empty() { String::new() } else { format!(" ({})", words::some(&cells, 4)) };
    let within = quoted(&drift.within).map_or_else(String::new, |title| format!(" of {title}"));
    let likely = drift.likely.as_ref().filter(|_| show == Show::Values).map(|l| format!(", maybe {}", draw::line(l)));
    let name = match (found, template) {
        (Some(found), Some(template)) => format!("{found}{cells} for {template}"),
        (Some(name), None) | (None, Some(name)) => format!("{name}{cells}"),
        (None, None) => cells.trim_start().trim_matches(['(', ')']).to_owned(),
    };
    format!("{name}{within}{}", likely.unwrap_or_default())
}
