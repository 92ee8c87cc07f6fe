//! The board in sentences: for e-mail and screen readers.

use super::across::{ended, what};
use super::ages::MOST;
use super::text::Page;
use crate::board::Board;
use crate::draw;
use crate::render::words;

/// The board as sentences.
pub(super) fn render(board: &Board) -> String {
    let mut page = Page(String::new());
    page.top(board);
    page.title("Who has returned what");
    page.matrix(board);
    page.title("Deadlines and lateness");
    page.late(board);
    page.title("What is open, oldest first");
    page.open(board, MOST);
    page.title("Explanations and waivers");
    page.answers(board);
    page.title("What moved");
    page.moved(board);
    page.title("The aims of the report and their evidence");
    page.aims(board);
    page.title("Headline measures");
    page.headlines(board);
    across(&mut page, board);
    page.title("What was compared");
    for compared in board.comparisons.iter().filter(|compared| !compared.bodies.is_empty()) {
        let why = if compared.why.is_empty() { String::new() } else { format!(": {}", draw::line(&compared.why)) };
        page.hang(&format!("{} {} ({}): {}{why}", compared.rule, compared.title, what(compared), ended(compared)));
    }
    page.0
}

fn across(page: &mut Page, board: &Board) {
    page.title("What is open across agencies");
    if board.findings.is_empty() {
        page.say("Nothing.");
    }
    for (number, found) in (1..).zip(&board.findings) {
        let state = if found.open { "" } else { " (answered)" };
        let severity = words::capital(found.severity.word());
        page.hang(&format!("{number}. {severity} {}{state}: {}", found.rule, draw::line(&words::stop(&found.message))));
        for side in &found.sides {
            page.hang(&format!("   {}: {}.", draw::line(&side.title), words::and(&side.figures)));
            if !side.answer.is_empty() {
                page.hang(&format!("   {}", side.answer));
            }
        }
        if let Some(difference) = &found.difference {
            page.hang(&format!("   Difference: {}.", draw::line(difference)));
        }
    }
}
