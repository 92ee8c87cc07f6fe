//! What is open across agencies, with each side's own sheet drawn; and how each comparison ended.

use maud::{Markup, html};

use crate::board::{Board, Compared, Drawn, Excerpt, Found, Row, Side};
use crate::draw;
use crate::render::words;

/// One finding with its sides.
pub(super) fn finding(found: &Found) -> Markup {
    html! {
        article.(found.severity.word()) id={ "finding-" (found.id) } {
            h3 { span.severity { (words::capital(found.severity.word())) } " " (draw::line(&found.title)) @if !found.open { " (answered)" } }
            p.message { (words::stop(&draw::line(&found.message))) }
            @if let Some(difference) = &found.difference { p { "Difference: " (draw::line(difference)) "." } }
            @if !found.sides.is_empty() { div.sides { @for seen in &found.sides { (side(seen)) } } }
            @if !found.help.is_empty() { p { strong { "What to do: " } (words::stop(&draw::line(&found.help))) } }
            p.small { "Rule " (found.rule) " · finding " code { (found.id) } }
        }
    }
}

/// One body's figures, drawn in its own sheet, and what it answered.
fn side(seen: &Side) -> Markup {
    let told = seen.finding.as_ref().and_then(|finding| finding["id"].as_str());
    html! {
        div {
            h4 { (draw::line(&seen.title)) }
            ul.said { @for figure in &seen.figures { li { (draw::line(figure)) } } }
            @for excerpt in &seen.excerpts { (piece(excerpt)) }
            @if !seen.answer.is_empty() { p { (seen.answer) } }
            @if let Some(id) = told { p.small { "Told as finding " code { (id) } "." } }
        }
    }
}

fn piece(excerpt: &Excerpt) -> Markup {
    html! {
        figure {
            div.scroll tabindex="0" role="region" aria-label={ "Part of the sheet " (excerpt.sheet) } {
                table.sheet {
                    caption { (excerpt.sheet) }
                    thead { tr { td {} @for column in &excerpt.columns { th scope="col" { (column) } } } }
                    tbody {
                        @if let Some(heading) = &excerpt.heading {
                            (row(heading, true))
                            tr.gap { th { "⋮" } @for _ in &excerpt.columns { td {} } }
                        }
                        @for line in &excerpt.rows { (row(line, false)) }
                    }
                }
            }
        }
    }
}

fn row(row: &Row, heading: bool) -> Markup {
    html! { tr.heading[heading] { th scope="row" { (row.row) } @for cell in &row.cells { (drawn(cell)) } } }
}

fn drawn(cell: &Drawn) -> Markup {
    html! {
        @if let Some(address) = &cell.marked {
            td.marked.number[cell.right] {
                @if cell.text.trim().is_empty() { span.empty { "(empty)" } } @else { mark { (cell.text) } }
                " " span.tag { "◂ " (address) }
            }
        } @else { td.number[cell.right] { (cell.text) } }
    }
}

/// How a comparison ended, in words.
pub(super) fn ended(compared: &Compared) -> &str {
    match compared.verdict.as_str() {
        "held" => "agreed",
        "failed" => "disagreed",
        "undecided" => "not decided",
        "not-run" => "not compared",
        "not-applicable" => "nothing to compare",
        other => other,
    }
}

/// What was compared, in words: `merlin shared la`.
pub(super) fn what(compared: &Compared) -> String {
    compared.at.split('/').skip(2).collect::<Vec<_>>().join(", ").replace('_', " ")
}

/// Every comparison between bodies.
pub(super) fn comparisons(board: &Board) -> Markup {
    html! {
        table.stack {
            thead { tr { th scope="col" { "Rule" } th scope="col" { "Comparison" } th scope="col" { "Came out" } th scope="col" { "Why" } } }
            tbody {
                @for compared in board.comparisons.iter().filter(|compared| !compared.bodies.is_empty()) {
                    tr {
                        th scope="row" { (compared.rule) ": " (draw::line(&compared.title)) }
                        td data-label="Comparison" { (draw::line(&what(compared))) }
                        td data-label="Came out" { (ended(compared)) }
                        td data-label="Why" { (words::capital(&draw::line(&compared.why))) }
                    }
                }
            }
        }
    }
}
