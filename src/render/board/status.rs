//! The board on a terminal: the picture, who is late, what is open longest, what moved. The page has the rest.

use super::text::Page;
use crate::board::Board;

/// Most open questions that are named.
const MOST: usize = 10;

/// The board for a terminal, within 80 columns.
#[must_use]
pub fn status(board: &Board) -> String {
    let mut page = Page(String::new());
    page.top(board);
    page.title("Who has returned what");
    page.matrix(board);
    page.title("Deadlines and lateness");
    page.late(board);
    page.title("What is open, oldest first");
    page.open(board, MOST);
    page.title("What moved");
    page.moved(board);
    page.0
}
