//! The board as a page that stands alone. No script, nothing fetched; readable printed and without colour.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Seen, ended, sides};
use crate::board::{Board, Member, State};
use crate::draw;
use crate::finding::Across;
use crate::render::html::{CSS, SIZE, drawn};
use crate::render::{excerpt, words};

/// What the page has beside the agencies' own.
const MORE: &str = "main { max-width: 72rem; } .sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; } \
.matrix { font-size: .88rem; } .matrix th, .matrix td { border: 1px solid var(--line); padding: .2rem .45rem; text-align: left; vertical-align: top; } \
.matrix .owed { font-weight: 700; } .matrix .queried { color: var(--queried); } .matrix .refused { color: var(--refused); } \
.matrix .accepted { color: var(--accepted); }";

/// The board as a page.
pub(super) fn render(board: &Board<'_>) -> String {
    let [owed, came, released] = board.counts();
    let open = board.together.findings.iter().filter(|found| found.is_open()).count();
    let page = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "Returns for " (board.year) }
                style { (PreEscaped(CSS)) (PreEscaped(MORE)) }
            }
            body {
                main {
                    header {
                        h1 { "Returns for " (board.year) }
                        p.file { "As of " (board.as_of)
                            @if let Some(day) = board.deadline { "; due by " (day.format("%-d %B %Y")) } "." }
                        p.lead { (owed) " sections are owed; " (came) " have come, and " (released) " of them are accepted. "
                            (words::count(open, "finding")) " open across agencies." }
                        p { "For the board manager only: figures of several agencies stand side by side here." }
                    }
                    section { h2 { "Who has returned what" } (matrix(board)) }
                    section {
                        h2 { "What is open across agencies" }
                        @if board.together.findings.is_empty() { p { "Nothing." } }
                        @for found in &board.together.findings { (finding(board, found)) }
                    }
                    section { h2 { "What was compared" } (comparisons(board)) }
                    footer { p { "Checked with " (board.pack.0) " " (board.pack.1) "." } }
                }
            }
        }
    };
    let mut out = page.into_string();
    out.push('\n');
    out
}

fn matrix(board: &Board<'_>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Sections by body" {
            table.matrix {
                thead { tr { th scope="col" { "Body" } th scope="col" { "Latest" } th scope="col" { "Sections" } } }
                tbody { @for member in &board.bodies { (row(member)) } }
            }
        }
    }
}

fn row(member: &Member<'_>) -> Markup {
    html! {
        tr {
            th scope="row" { (draw::line(member.title)) @if member.statutory { br; span.small { "statutory partner" } } }
            td {
                @match member.outcome {
                    Some(outcome) => span class=(outcome.word()) { (words::capital(outcome.word())) },
                    None => span.owed { "Nothing has come" },
                }
            }
            td {
                @for place in member.sections.iter().filter(|place| place.state != State::Absent) {
                    span class=(place.state.word()) { (draw::line(place.title)) ": " (place.state.word())
                        @if place.nil { ", declared nil" }
                        @if place.released && place.state.word() != "accepted" { " (an earlier version stays)" } }
                    "; "
                }
            }
        }
    }
}

fn finding(board: &Board<'_>, found: &Across) -> Markup {
    let title = board.titles.get(found.rule.as_str()).map(String::as_str).unwrap_or_default();
    let id = found.id(board.year);
    html! {
        article.(found.severity.word()) id={ "finding-" (id) } {
            h3 { span.severity { (words::capital(found.severity.word())) } " " (draw::line(title)) @if !found.is_open() { " (answered)" } }
            p.message { (words::stop(&draw::line(&found.message))) }
            @if let Some(difference) = &found.difference { p { "Difference: " (draw::line(difference)) "." } }
            div.sides { @for seen in &sides(board, found) { (side(seen)) } }
            @if !found.help.is_empty() { p { strong { "What to do: " } (words::stop(&draw::line(&found.help))) } }
            p.small { "Rule " (found.rule) " · finding " code { (id) } }
        }
    }
}

/// One body's figures, drawn in its own sheet, and what it answered.
fn side(seen: &Seen<'_>) -> Markup {
    let item = seen.item();
    html! {
        div {
            h4 { (draw::line(seen.title)) }
            ul.said { @for figure in seen.figures() { li { (draw::line(&figure)) } } }
            @if let Some((report, item)) = &item {
                @for excerpt in &excerpt::excerpts(report, item, &SIZE) { (drawn(item, excerpt)) }
                @let answer = item.settlement();
                @if !answer.is_empty() { p { (answer) } }
                p.small { "Told as finding " code { (item.id) } "." }
            }
        }
    }
}

fn comparisons(board: &Board<'_>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Comparisons" {
            table.matrix {
                thead { tr { th scope="col" { "Rule" } th scope="col" { "Comparison" } th scope="col" { "Came out" } th scope="col" { "Why" } } }
                tbody {
                    @for compared in board.together.checks.iter().filter(|compared| !compared.bodies.is_empty()) {
                        @let check = &compared.check;
                        @let (how, why) = ended(check);
                        @let title = board.titles.get(check.rule.as_str()).map(String::as_str).unwrap_or_default();
                        tr {
                            th scope="row" { (check.rule) ": " (draw::line(title)) }
                            td { (check.at.segments().skip(1).collect::<Vec<_>>().join(", ").replace('_', " ")) }
                            td { (how) }
                            td { (words::capital(&draw::line(why))) }
                        }
                    }
                }
            }
        }
    }
}
