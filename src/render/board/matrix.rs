//! Who has returned what, as a picture: a row for each body, a column for each section, a sign in each cell that can be
//! told from the others without colour. A table, so that it can be heard, printed and read on a narrow screen.

use maud::{Markup, html};

use super::glance::{Sign, stays};
use super::{day, feedback};
use crate::board::{Board, Member, Place, State};
use crate::draw;

/// The picture with its legend. The roles are there because a narrow screen lays it out as a grid, and it is still to be
/// heard as a table.
pub(super) fn matrix(board: &Board) -> Markup {
    html! {
        (legend())
        table.matrix role="table" style={ "--columns:" (board.sections.len().max(1)) } {
            caption.hidden { "What became of each section of each body. The number over a column is the section’s." }
            thead role="rowgroup" {
                tr role="row" {
                    th.corner role="columnheader" scope="col" { "Body" }
                    @for (number, section) in (1..).zip(&board.sections) {
                        th role="columnheader" scope="col" { span.head { span.number { (number) } " " (draw::line(&section.title)) } }
                    }
                }
            }
            tbody role="rowgroup" { @for member in &board.bodies { (row(board, member)) } }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend aria-label="What the signs mean" {
            @for sign in Sign::ALL {
                li { span.cell.(sign.class()) aria-hidden="true" { (sign.letter()) } " " (sign.words()) }
            }
            li { span.cell.queried.stays aria-hidden="true" { "?" } " heavy line below: an earlier version is accepted and stays in use" }
            li { "empty: not owed" }
        }
    }
}

fn row(board: &Board, member: &Member) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" {
                @if member.submissions > 0 { a href=(feedback(&member.body)) { (draw::line(&member.title)) } }
                @else { (draw::line(&member.title)) }
                @if member.statutory { " " span.partner title="statutory partner" { "★" span.hidden { " statutory partner" } } }
                @if member.submissions == 0 { " " span.none { "nothing sent" } }
            }
            @for (number, section) in (1..).zip(&board.sections) {
                (cell(board, member, number, member.sections.iter().find(|place| place.section == section.section)))
            }
        }
    }
}

fn cell(board: &Board, member: &Member, number: usize, place: Option<&Place>) -> Markup {
    let Some(place) = place.filter(|place| place.state != State::Absent) else {
        return html! { td role="cell" { span.hidden { "not owed" } } };
    };
    let sign = Sign::of(board, place);
    let said = said(board, place);
    let title = format!("{} · {}: {said}", draw::line(&member.title), draw::line(&place.title));
    html! {
        td role="cell" title=(title) {
            span.cell.(sign.class()).stays[stays(place)] aria-hidden="true" { (sign.letter()) span.which { (number) } }
            span.hidden { (said) }
        }
    }
}

/// What is said of one cell: `refused (submission 2, came on 3 June 2022); an earlier version is accepted and stays`.
pub(super) fn said(board: &Board, place: &Place) -> String {
    let mut said = Sign::of(board, place).words().to_owned();
    if place.nil && place.state != State::Came(crate::report::Outcome::Accepted) {
        said.push_str(", declared nil");
    }
    let number = place.submission.map(|number| format!("submission {number}"));
    let came = place.received.map(|date| format!("came on {}", day(date)));
    let details: Vec<String> = number.into_iter().chain(came).collect();
    if !details.is_empty() {
        said.push_str(&format!(" ({})", details.join(", ")));
    }
    if stays(place) {
        said.push_str("; an earlier version is accepted and stays in use");
    }
    said
}
