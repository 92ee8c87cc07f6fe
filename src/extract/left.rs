//! What is left on a sheet once everything of the template is read: figures outside it, tables of the agency's own, links
//! to other workbooks, comments. Nothing is lost unseen.

use super::Use;
use super::desk::Desk;
use super::grid::ranges;
use super::locate::Ends;
use super::tidy;
use super::words::{quote, several};
use crate::cell::Cell;
use crate::finding::Severity;
use crate::workbook::{Entry, Value};

/// Most cells shown in the question about links.
const MOST_SHOWN: usize = 12;

/// What is left: text is passed over; figures outside the template are named, so that nothing is lost unseen.
pub(super) fn sweep(desk: &mut Desk<'_>, titles: &Ends) {
    let left: Vec<(Cell, bool)> = desk
        .grid
        .cells()
        .filter(|(cell, _)| !desk.used(*cell))
        // A number stored as text is a figure that somebody typed, too.
        .map(|(cell, entry)| match &entry.value {
            Value::Text(text) => (cell, tidy::is_number(text)),
            Value::Number(_) | Value::Date(_) | Value::Truth(_) | Value::Error(_) | Value::Nothing => (cell, true),
        })
        .collect();
    let mut odd: Vec<Cell> = Vec::new();
    for (cell, figure) in left {
        if desk.grid.word(cell).is_some_and(|w| titles.contains(w)) {
            desk.label(cell);
        } else if figure {
            desk.mark(cell, Use::Passed("a figure that is not on the template".to_owned()));
            odd.push(cell);
        } else {
            desk.pass(cell, "text beside the template");
        }
    }
    if odd.is_empty() {
        return;
    }
    let root = desk.root.clone();
    let names = ranges(odd.iter().copied());
    let (cells, verb) = if odd.len() == 1 { ("cell", "is") } else { ("cells", "are") };
    let message = format!(
        "The {cells} {} of “{}” {verb} not part of the template and {verb} not read.",
        several(&names, 6),
        desk.section.title
    );
    let mut finding = desk
        .finding("TPL-03", Severity::Note, &root, message)
        .with_help("Nothing to do, unless one of them belongs to the return.");
    for cell in odd.iter().take(6) {
        finding = finding.with_label(desk.place(*cell), "not on the template");
    }
    // The others are named, too, if only in the message.
    odd.iter().skip(6).for_each(|cell| desk.mark(*cell, Use::Finding));
    desk.add(finding);
}

/// Comments are not read: “should be 46” must not be thought to have been (D73).
pub(super) fn comments(desk: &mut Desk<'_>) {
    let cells = desk.grid.commented();
    if cells.is_empty() {
        return;
    }
    let names: Vec<String> = cells.iter().map(ToString::to_string).collect();
    let (noun, read) =
        if cells.len() == 1 { ("cell", "a comment, which is") } else { ("cells", "comments, which are") };
    let verb = if cells.len() == 1 { "has" } else { "have" };
    let title = &desk.section.title;
    let message = format!("The {noun} {} of “{title}” {verb} {read} not read.", several(&names, 6));
    let root = desk.root.clone();
    let mut finding = desk
        .finding("TPL-03", Severity::Note, &root, message)
        .with_help("Nothing to do, unless a comment says that a figure is another: then please type that figure.");
    for cell in cells.iter().take(6) {
        finding = finding.with_label(desk.place(*cell), "has a comment");
    }
    desk.add(finding);
}

/// Figures that a formula takes from another workbook (D32): one question for all of them.
pub(super) fn links(desk: &mut Desk<'_>) {
    let linked: Vec<(Cell, String)> = desk
        .grid
        .cells()
        .filter_map(|(cell, entry)| Some((cell, link(entry)?)))
        .filter(|(cell, _)| {
            let figure = desk.out.at(desk.grid.address(*cell));
            figure.is_some_and(|f| f.fault.is_none() && !desk.derived.contains(&f.pointer))
        })
        .collect();
    if linked.is_empty() {
        return;
    }
    let mut books: Vec<String> = linked.iter().filter(|(_, b)| !b.is_empty()).map(|(_, book)| quote(book)).collect();
    books.sort();
    books.dedup();
    let book = match books.as_slice() {
        [] => "another workbook".to_owned(),
        [one] => format!("another workbook, {one}"),
        several_books => format!("other workbooks, {}", several(several_books, 4)),
    };
    let (figures, them, values) = match linked.len() {
        1 => ("1 figure".to_owned(), "it", "the value shown"),
        n => (format!("{n} figures"), "them", "the values shown"),
    };
    let verb = if linked.len() == 1 { "is" } else { "are" };
    let cells = several(&ranges(linked.iter().map(|(cell, _)| *cell)), 6);
    let message = format!(
        "{figures} of “{}” {verb} taken by formula from {book} ({cells}). We cannot see that workbook and kept {values}.",
        desk.section.title
    );
    let at = desk.root.child("links");
    let help = format!("Please check {them}, type {values} over the formula, and send the file again; or explain.");
    let mut finding = desk.finding("TPL-07", Severity::Query, &at, message).with_help(help);
    for (i, (cell, _)) in linked.iter().enumerate() {
        let typed = desk.grid.text(*cell);
        if let Some(figure) = desk.out.at(desk.grid.address(*cell)) {
            finding.state.push((figure.pointer.clone(), typed.clone()));
        }
        if i < MOST_SHOWN {
            finding = finding.with_label(desk.place(*cell), format!("{typed}, from another workbook"));
        }
    }
    finding.consequences = linked.len();
    desk.add(finding);
}

/// The workbook that a formula reads, `[1]Sheet!A1` or `'[Book2.xlsx]Sheet1'!A1`; empty where it has only a number.
fn link(entry: &Entry) -> Option<String> {
    let formula = entry.formula.as_ref()?;
    let mut parts = formula.match_indices('[').map(|(at, _)| (&formula[..at], &formula[at + 1..]));
    parts.find_map(|(before, after)| {
        let (inside, _) = after.split_once(']')?;
        let is_file = inside.to_lowercase().contains(".xls") || inside.to_lowercase().contains(".ods");
        // `Table1[Children]` reads a table of its own workbook.
        let of_table = before.chars().last().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ']' | '['));
        let numbered = !of_table && !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit());
        (is_file || numbered).then(|| if is_file { inside.to_owned() } else { String::new() })
    })
}
