//! The board of a year, drawn: as a page, as sentences, for programs and for a terminal. Each is a function of the value
//! and of the day that it holds; nothing is asked of a report any more. For the board manager only.

mod across;
mod ages;
mod aims;
mod glance;
mod html;
mod late;
mod matrix;
mod moved;
mod plain;
mod plot;
mod side;
mod status;
mod text;

use super::json::without_steering;
use crate::board::{Board, FORMAT};

pub use side::side;
pub use status::status;

/// The board as a page, as sentences and for programs, by file name.
#[must_use]
pub fn board(board: &Board) -> [(&'static str, String); 3] {
    [("status.html", html::render(board)), ("status.json", json(board)), ("status.txt", plain::render(board))]
}

/// The board for programs: the value itself.
#[must_use]
pub fn json(board: &Board) -> String {
    let mut out = serde_json::to_string_pretty(board).unwrap_or_else(|error| {
        // Nothing in the value can fail to serialise; if it ever does, the reader must see that it did.
        serde_json::json!({ "format": FORMAT, "failure": error.to_string() }).to_string()
    });
    out.push('\n');
    without_steering(&out)
}

/// Where a body's feedback lies, seen from the page.
fn feedback(body: &str) -> String {
    format!("feedback/{body}/report.html")
}

/// A day as people write it: `31 May 2022`.
fn day(date: chrono::NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}
