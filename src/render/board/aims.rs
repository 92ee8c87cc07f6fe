//! The aims of the yearly report with their evidence: what is accepted, queried, refused and owed under each, by body.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::board::{Aim, Board, Evidence, Judgement, Member, Place};
use crate::draw;
use crate::render::words;

/// A sign, a word and a sentence for what the evidence comes to.
pub(super) fn judgement(evidence: &Evidence<'_>) -> (&'static str, &'static str, String) {
    let lacking = evidence.queried.len() + evidence.refused.len() + evidence.owed.len();
    match evidence.judgement() {
        Judgement::All => ("✓", "Evidence", "All that is owed is accepted.".to_owned()),
        Judgement::Partly => {
            ("◐", "Partly", format!("{} of {} accepted.", evidence.accepted.len(), evidence.accepted.len() + lacking))
        }
        Judgement::None => ("✗", "None", "Nothing is accepted: the report has no evidence for this aim.".to_owned()),
    }
}

/// What became of the sections under an aim: the word, and the sections.
pub(super) fn lists<'e, 'b>(evidence: &'e Evidence<'b>) -> [(&'static str, &'e [(&'b Member, &'b Place)]); 4] {
    [
        ("accepted", &evidence.accepted),
        ("queried", &evidence.queried),
        ("refused", &evidence.refused),
        ("owed", &evidence.owed),
    ]
}

/// The table.
pub(super) fn table(board: &Board) -> Markup {
    html! {
        @if board.aims.is_empty() { p { "The pack names no aims." } } @else {
            table.stack.aims {
                thead { tr {
                    th scope="col" { "Aim" } th scope="col" { "Evidence" } th scope="col" { "Sections under it" }
                } }
                tbody { @for aim in &board.aims { (row(board, aim)) } }
            }
        }
    }
}

fn row(board: &Board, aim: &Aim) -> Markup {
    let evidence = board.evidence(aim);
    let (sign, word, said) = judgement(&evidence);
    html! {
        tr {
            th scope="row" { (words::capital(&draw::line(&aim.title))) }
            td data-label="Evidence" { span.sign aria-hidden="true" { (sign) } " " strong { (word) } ". " (said) }
            td data-label="Sections" {
                @for (word, list) in lists(&evidence) {
                    @if !list.is_empty() {
                        details.fine[word == "accepted"] {
                            summary { (list.len()) " " (word) }
                            @for (body, titles) in by_body(list) { p.small { (draw::line(body)) ": " (titles.join(", ")) "." } }
                        }
                    }
                }
            }
        }
    }
}

/// Titles of sections by the name of the body, in the order of the register.
fn by_body<'b>(list: &[(&'b Member, &'b Place)]) -> Vec<(&'b str, Vec<String>)> {
    let mut order: Vec<&str> = Vec::new();
    let mut titles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (member, place) in list {
        if !order.contains(&member.title.as_str()) {
            order.push(&member.title);
        }
        titles.entry(&member.title).or_default().push(draw::line(&place.title));
    }
    order.into_iter().map(|body| (body, titles.remove(body).unwrap_or_default())).collect()
}
