//! When each body's return came, how late, and what it still owes: who is latest stands first.

use maud::{Markup, html};

use super::{day, feedback};
use crate::board::{Board, Member, State};
use crate::draw;
use crate::render::words;

/// One body, as far as time goes.
pub(super) struct Lateness<'b> {
    pub(super) member: &'b Member,
    /// Working days after the deadline: of what came last among what was owed, or until today while something is owed.
    pub(super) days: usize,
    /// Titles of what it still owes.
    pub(super) owed: Vec<String>,
    /// The day on which its first submission came.
    pub(super) first: Option<chrono::NaiveDate>,
    pub(super) open: usize,
}

/// Every body, the latest first.
pub(super) fn lateness(board: &Board) -> Vec<Lateness<'_>> {
    let mut all: Vec<Lateness<'_>> = board
        .bodies
        .iter()
        .map(|member| {
            let owed: Vec<String> = member
                .sections
                .iter()
                .filter(|place| place.state == State::Owed)
                .map(|place| draw::line(&place.title))
                .collect();
            let came = member.sections.iter().filter(|place| place.owed).filter_map(|place| place.first).max();
            let until = if owed.is_empty() { came } else { Some(board.as_of) };
            Lateness {
                days: until.map_or(0, |until| board.late(until)),
                owed,
                first: member.came.iter().map(|came| came.received).min(),
                open: board.open.iter().filter(|open| open.body == member.body).count(),
                member,
            }
        })
        .collect();
    all.sort_by_key(|l| (std::cmp::Reverse((!l.owed.is_empty(), l.days, l.owed.len())), !l.member.statutory));
    all
}

/// How late one is, in words.
pub(super) fn said(board: &Board, late: &Lateness<'_>) -> String {
    let days = || words::count(late.days, "working day");
    match (late.owed.is_empty(), late.days, late.first) {
        (false, 0, _) => "not due yet".to_owned(),
        (false, _, _) => format!("{} so far", days()),
        (true, 0, Some(_)) => "in time".to_owned(),
        (true, _, Some(_)) => days(),
        (true, _, None) => {
            if board.is_overdue() {
                "nothing is owed".to_owned()
            } else {
                "not due yet".to_owned()
            }
        }
    }
}

/// The table.
pub(super) fn table(board: &Board) -> Markup {
    html! {
        table.stack.compact {
            thead { tr {
                th scope="col" { "Body" } th scope="col" { "First came" } th scope="col" { "Late by" }
                th scope="col" { "Still owed" } th scope="col" { "Open questions" }
            } }
            tbody {
                @for late in lateness(board) {
                    tr {
                        th scope="row" {
                            @if late.member.submissions > 0 { a href=(feedback(&late.member.body)) { (draw::line(&late.member.title)) } }
                            @else { (draw::line(&late.member.title)) }
                            @if late.member.statutory { span.small { " statutory partner" } }
                        }
                        td data-label="First came" {
                            @match late.first { Some(first) => (day(first)), None => strong { "nothing has come" } }
                            @if late.member.submissions > 1 { span.small { ", " (words::count(late.member.submissions, "submission")) } }
                        }
                        td data-label="Late by" { @if late.days > 0 { strong { (said(board, &late)) } } @else { (said(board, &late)) } }
                        td data-label="Still owed" { @if late.owed.is_empty() { "nothing" } @else { (late.owed.len()) ": " (late.owed.join(", ")) } }
                        td data-label="Open questions" {
                            @if late.open == 0 { "none" } @else { (late.open)
                                @if let Some(due) = board.answers_due { ", answers due by " (day(due)) } }
                        }
                    }
                }
            }
        }
    }
}
