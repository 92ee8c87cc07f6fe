//! What of a return may not be shown outside as it stands, for people and for programs. What is marked was decided by
//! `checks`; the figures themselves are not repeated here.

use maud::{Markup, html};
use serde::Serialize;

use super::{Show, words};
use crate::checks::{Mark, Publishable};
use crate::report::Report;

/// So many figures are named on the page; programs get all.
const NAMED: usize = 200;

/// One figure that is marked.
#[derive(Serialize)]
pub(super) struct Marked<'a> {
    section: String,
    at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    publishable: &'static str,
    rules: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// All marks, for programs. Why a figure is held back tells of its value, so it stays out where only addresses are shown.
pub(super) fn marked(report: &Report, show: Show) -> Vec<Marked<'_>> {
    let values = show == Show::Values;
    let marks = report.marks.iter();
    marks
        .map(|(at, mark)| {
            let address = report.figures.cell(at);
            let mut rules: Vec<&str> = mark.why.iter().map(|why| why.rule.as_ref()).collect();
            rules.sort_unstable();
            rules.dedup();
            let words = values.then(|| report.figures.words(at));
            let why = values.then(|| mark.why());
            Marked {
                section: at.section_key(),
                at: at.as_str(),
                sheet: address.map(|a| report.sheet(a.sheet)),
                cell: address.map(|a| a.cell.to_string()),
                words,
                publishable: mark.publishable.word(),
                rules,
                why,
            }
        })
        .collect()
}

/// The same as a part of the page that opens on demand: there is nothing to do about it.
pub(super) fn page(report: &Report, show: Show) -> Markup {
    if report.marks.is_empty() || report.private || show == Show::Addresses {
        return html! {};
    }
    let all: Vec<_> = report.marks.iter().collect();
    let what = |mark: &Mark| match mark.publishable {
        Publishable::Withhold => "Held back",
        Publishable::Combine => "Only together with others",
        Publishable::Yes => "May be shown",
    };
    html! {
        section {
            h2 { "What is not published as it stands" }
            p { "Nothing to do. The figures are accepted as they are; when anything is published, "
                (words::count(all.len(), "figure")) " of this return will be held back or shown only together with others." }
            details {
                summary { "Which, and why" }
                div.scroll tabindex="0" role="region" aria-label="Figures that are not published as they stand" {
                    table.sections {
                        thead { tr { th scope="col" { "Figure" } th scope="col" { "Cell" } th scope="col" { "What becomes of it" } th scope="col" { "Why" } } }
                        tbody {
                            @for (at, mark) in all.iter().take(NAMED) {
                                tr {
                                    th scope="row" { (crate::draw::line(&report.figures.words(at))) }
                                    td { @if let Some(a) = report.figures.cell(at) { (crate::draw::line(&report.sheet(a.sheet))) "!" (a.cell) } }
                                    td { (what(mark)) }
                                    td { (crate::draw::line(&mark.why())) }
                                }
                            }
                        }
                    }
                }
                @if all.len() > NAMED { p { "… and " (all.len() - NAMED) " more." } }
            }
        }
    }
}
