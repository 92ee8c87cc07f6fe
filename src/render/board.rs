//! The board of a year: who has returned what, what is owed, what was found across agencies with every side, and how
//! each comparison ended. For the board manager only.

mod html;
mod json;
mod plain;

use super::Show;
use super::view::Item;
use crate::board::Board;
use crate::finding::{Across, Check, Finding, Verdict};
use crate::report::Report;

/// The board as a page, as sentences and for programs, by file name.
#[must_use]
pub fn board(board: &Board<'_>) -> [(&'static str, String); 3] {
    [("status.html", html::render(board)), ("status.json", json::render(board)), ("status.txt", plain::render(board))]
}

/// One side of a finding across agencies: what that body sees, and the submission in which its figures stand.
struct Seen<'b> {
    body: &'b str,
    title: &'b str,
    finding: Finding,
    source: Option<&'b Report>,
}

impl Seen<'_> {
    /// The finding beside its submission, to be drawn.
    fn item(&self) -> Option<(&Report, Item<'_>)> {
        let report = self.source?;
        Some((report, Item::new(report, &self.finding, Show::Values)))
    }

    /// Its figures in words, with their cells: `“Reports shared”: 5,120 (Police safeguarding!B4)`.
    fn figures(&self) -> Vec<String> {
        let cell = |label: &crate::finding::Label| match self.source {
            Some(report) => format!("{} ({})", label.text, report.place(&label.place)),
            None => label.text.clone(),
        };
        self.finding.labels.iter().map(cell).collect()
    }
}

fn sides<'b>(board: &'b Board<'_>, found: &'b Across) -> Vec<Seen<'b>> {
    let seen = found.sides.iter().filter_map(|side| {
        let finding = found.seen_by(&side.body)?;
        let source = board.source(&finding, &side.body);
        Some(Seen { body: &side.body, title: board.title(&side.body), finding, source })
    });
    seen.collect()
}

/// How a comparison ended, in words.
fn ended(check: &Check) -> (&'static str, &str) {
    match &check.verdict {
        Verdict::Held => ("agreed", ""),
        Verdict::Failed => ("disagreed", ""),
        Verdict::Undecided(why) => ("not decided", why),
        Verdict::NotRun(why) => ("not compared", why),
        Verdict::NotApplicable(why) => ("nothing to compare", why),
    }
}
