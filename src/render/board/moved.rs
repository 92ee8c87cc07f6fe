//! What moved since the ledger was last written.

use maud::{Markup, html};

use super::{day, feedback};
use crate::board::Board;
use crate::draw;
use crate::render::words;

/// The heading sentence: since when, and how much.
pub(super) fn sentence(board: &Board) -> String {
    let moved = &board.moved;
    let Some(since) = moved.since else {
        return format!(
            "The ledger had nothing about {} from an earlier day: this is the first run, and everything is new.",
            board.year
        );
    };
    if moved.is_nothing() {
        return format!("Nothing has moved since {}, when the ledger last wrote about this year.", day(since));
    }
    format!(
        "Since {}, when the ledger last wrote about this year: {}, and {}.",
        day(since),
        words::count(moved.submissions.len(), "new submission"),
        words::count(moved.sections.len(), "change of a section")
            .replace("change of a sections", "changes of sections")
    )
}

/// One line for each body: what came of it, and which of its sections stand differently.
pub(super) fn lines(board: &Board) -> Vec<(String, Vec<String>)> {
    let moved = &board.moved;
    if moved.since.is_none() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for member in &board.bodies {
        let mut said: Vec<String> = moved
            .submissions
            .iter()
            .filter(|arrival| arrival.body == member.body)
            .map(|arrival| {
                let number = arrival.submission.map_or_else(String::new, |number| format!(" {number}"));
                format!("submission{number} came on {}", day(arrival.received))
            })
            .collect();
        let changes = moved.sections.iter().filter(|change| change.body == member.body);
        said.extend(changes.map(|change| format!("{}: {} → {}", draw::line(&change.title), change.from, change.to)));
        if !said.is_empty() {
            out.push((member.body.clone(), said));
        }
    }
    out
}

/// The section of the page.
pub(super) fn page(board: &Board) -> Markup {
    html! {
        p { (sentence(board)) }
        @let lines = lines(board);
        @if !lines.is_empty() {
            ul {
                @for (body, said) in &lines {
                    li { a href=(feedback(body)) { (draw::line(board.title(body))) } ": " (said.join("; ")) "." }
                }
            }
        }
    }
}
