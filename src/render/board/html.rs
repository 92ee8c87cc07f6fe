//! The board as a page that stands alone: what stops the report first, then the picture, then what it is made of. No
//! script, nothing fetched; readable printed, on a narrow screen and without colour.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::glance::{self, Point};
use super::{across, ages, aims, day, feedback, late, matrix, moved, plot};
use crate::board::Board;
use crate::render::html::CSS;

/// What the page has beside the agencies' own.
const MORE: &str = include_str!("board.css");

/// The board as a page.
pub(super) fn render(board: &Board) -> String {
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
            body.board {
                main {
                    (top(board))
                    section { h2 id="who" { "Who has returned what" } (matrix::matrix(board)) }
                    section { h2 id="late" { "Deadlines and lateness" } (late::table(board)) }
                    section { h2 id="open" { "What is open, oldest first" } (ages::open(board)) }
                    section { h2 id="answers" { "Explanations and waivers" } (ages::answers(board)) }
                    section { h2 id="moved" { "What moved" } (moved::page(board)) }
                    section { h2 id="aims" { "The aims of the report and their evidence" } (aims::table(board)) }
                    section { h2 id="headlines" { "Headline measures" } (plot::plots(board)) }
                    section {
                        h2 id="across" { "What is open across agencies" }
                        @if board.findings.is_empty() { p { "Nothing." } }
                        @for found in &board.findings { (across::finding(found)) }
                    }
                    section { h2 id="compared" { "What was compared" } (across::comparisons(board)) }
                    footer { p { "Checked with " (board.pack.name) " " (board.pack.version) ". The same as sentences: "
                        a href="status.txt" { "status.txt" } "; for programs: " a href="status.json" { "status.json" } "." } }
                }
            }
        }
    };
    let mut out = page.into_string();
    out.push('\n');
    out
}

fn top(board: &Board) -> Markup {
    let (stops, waits) = (glance::stops(board), glance::waits(board));
    html! {
        header {
            h1 { "Returns for " (board.year) }
            p.file { "As of " (day(board.as_of)) ". For the board manager only: figures of several agencies stand side by side here." }
            p.lead { (glance::counts(board)) }
            ul.dates { @for (what, when) in glance::dates(board) { li { (what) " " strong { (when) } } } }
            div.glance {
                div.stops {
                    h2 { "What stops the report" }
                    @if stops.is_empty() { p { "Nothing: every statutory partner and every aim has something accepted, nothing is refused, nothing is late." } }
                    @else { (points(&stops)) }
                }
                div.waits {
                    h2 { "What waits for you" }
                    @if waits.is_empty() { p { "Nothing." } } @else { (points(&waits)) }
                    p.small { "On this page: "
                        a href="#who" { "who returned what" } ", " a href="#late" { "lateness" } ", " a href="#open" { "open questions" } ", "
                        a href="#answers" { "explanations" } ", " a href="#moved" { "what moved" } ", " a href="#aims" { "aims" } ", "
                        a href="#headlines" { "headlines" } ", " a href="#across" { "between agencies" } "." }
                }
            }
        }
    }
}

fn points(points: &[Point]) -> Markup {
    html! {
        ul {
            @for point in points {
                li { (point.text) @if let Some(body) = &point.body { " " a href=(feedback(body)) { "Feedback" } } }
            }
        }
    }
}
