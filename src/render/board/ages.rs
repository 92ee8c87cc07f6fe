//! What is open, by age: a small picture of bars, then the list, oldest first. And what has been answered.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{day, feedback};
use crate::board::{Answered, BUCKETS, Board, Open, Stand, bucket};
use crate::draw;
use crate::finding::Severity;
use crate::render::words;

/// Most questions in the list; the bodies' feedback has all.
pub(super) const MOST: usize = 40;

/// What is open, oldest first; of one day errors before queries.
pub(super) fn oldest(board: &Board) -> Vec<&Open> {
    let mut open: Vec<&Open> = board.open.iter().collect();
    open.sort_by_key(|open| (open.since, std::cmp::Reverse(open.severity)));
    open
}

/// Errors and queries in each group of ages.
pub(super) fn groups(board: &Board) -> [(usize, usize); 4] {
    let mut groups = [(0, 0); 4];
    for open in &board.open {
        let group = &mut groups[bucket(board.age(open.since))];
        match open.severity {
            Severity::Error => group.0 += 1,
            Severity::Query | Severity::Note => group.1 += 1,
        }
    }
    groups
}

/// The bars and the list.
pub(super) fn open(board: &Board) -> Markup {
    let all = oldest(board);
    let hidden: BTreeMap<&str, usize> = all.iter().skip(MOST).fold(BTreeMap::new(), |mut hidden, open| {
        *hidden.entry(open.body.as_str()).or_default() += 1;
        hidden
    });
    html! {
        @if all.is_empty() { p { "Nothing is open." } } @else {
            (bars(board))
            table.stack {
                thead { tr {
                    th scope="col" { "Open since" } th scope="col" { "Body" } th scope="col" { "Section" }
                    th scope="col" { "What it is about" }
                } }
                tbody { @for open in all.iter().take(MOST) { (row(board, open)) } }
            }
            @if !hidden.is_empty() {
                p { "… and " (all.len() - MOST) " more: "
                    @for (index, (body, count)) in hidden.iter().enumerate() {
                        @if index > 0 { ", " }
                        a href=(feedback(body)) { (draw::line(board.title(body))) } " " (count)
                    } "." }
            }
        }
    }
}

fn row(board: &Board, open: &Open) -> Markup {
    let days = usize::try_from(board.age(open.since)).unwrap_or_default();
    html! {
        tr.(open.severity.word()) {
            td data-label="Open since" { (day(open.since)) span.small { " " (words::count(days, "day")) } }
            td data-label="Body" { a href={ (feedback(&open.body)) "#finding-" (open.id) } { (draw::line(board.title(&open.body))) } }
            td data-label="Section" { (draw::line(board.section(&open.section))) }
            td data-label="About" {
                span.severity { (words::capital(open.severity.word())) } " " (draw::line(&open.title))
                @if open.across { " (between agencies)" }
                span.small { " " (open.rule) " · " code { (open.id) } @if !open.place.is_empty() { " · " (draw::line(&open.place)) } }
            }
        }
    }
}

/// One bar for each group of ages; errors are filled, queries hatched, and the numbers are printed.
fn bars(board: &Board) -> Markup {
    let groups = groups(board);
    let most = groups.iter().map(|(errors, queries)| errors + queries).max().unwrap_or_default().max(1);
    let width = |n: usize| n * 240 / most;
    html! {
        figure.bars {
            figcaption { "How long it has been open: " span.key.filled aria-hidden="true" {} " errors, " span.key.hatched aria-hidden="true" {} " queries" }
            svg viewBox="0 0 480 104" role="img" aria-label=(sentence(board)) {
                defs {
                    pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        rect.hatch width="2" height="5" {}
                    }
                }
                @for (index, ((errors, queries), (words, _))) in groups.iter().zip(BUCKETS).enumerate() {
                    @let y = index * 26 + 4;
                    text x="0" y=(y + 14) { (words) }
                    rect.fill x="140" y=(y) width=(width(*errors)) height="18" {}
                    rect.outline x=(140 + width(*errors)) y=(y) width=(width(*queries)) height="18" fill="url(#hatch)" {}
                    text x=(148 + width(*errors) + width(*queries)) y=(y + 14) { (errors + queries)
                        @if *errors > 0 { " (" (words::count(*errors, "error")) ")" } }
                }
            }
        }
    }
}

/// The picture in words.
pub(super) fn sentence(board: &Board) -> String {
    let said = groups(board).into_iter().zip(BUCKETS).map(|((errors, queries), (words, _))| {
        format!("{words}: {} and {}", words::count(errors, "error"), words::count(queries, "query"))
    });
    format!("{}.", words::capital(&said.collect::<Vec<_>>().join("; ")))
}

/// What has been said to errors and questions: unread explanations first.
pub(super) fn answers(board: &Board) -> Markup {
    let mut answers: Vec<&Answered> = board.answers.iter().collect();
    answers.sort_by_key(|answer| answer.stand);
    html! {
        @if answers.is_empty() { p { "Nothing has been explained or waived." } } @else {
            p { (stands(board)) }
            table.stack {
                thead { tr {
                    th scope="col" { "How it stands" } th scope="col" { "Body and section" } th scope="col" { "About" }
                    th scope="col" { "What was said" }
                } }
                tbody {
                    @for answer in &answers {
                        tr {
                            td data-label="How it stands" { strong { (words::capital(answer.stand.words())) } (expiry(board, answer)) }
                            td data-label="Body" { a href={ (feedback(&answer.body)) } { (draw::line(board.title(&answer.body))) }
                                ", " (draw::line(board.section(&answer.section))) }
                            td data-label="About" { (draw::line(&answer.title))
                                span.small { " " (answer.rule) " · " code { (answer.id) } @if !answer.place.is_empty() { " · " (draw::line(&answer.place)) } } }
                            td data-label="Said" { "“" (draw::line(&answer.words)) "”"
                                @if !answer.role.is_empty() { span.small { " " (draw::line(&answer.role)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// How many answers stand how: `2 explanations not read yet, 1 waived`.
pub(super) fn stands(board: &Board) -> String {
    let mut counts: BTreeMap<Stand, usize> = BTreeMap::new();
    for answer in &board.answers {
        *counts.entry(answer.stand).or_default() += 1;
    }
    let said: Vec<String> = counts.iter().map(|(stand, n)| format!("{n} {}", stand.words())).collect();
    if said.is_empty() { "Nothing has been explained or waived.".to_owned() } else { format!("{}.", said.join("; ")) }
}

fn expiry(board: &Board, answer: &Answered) -> String {
    match (answer.stand, answer.expires) {
        (Stand::Waived, Some(date)) if date < board.as_of => format!(", expired on {}", day(date)),
        (Stand::Waived, Some(date)) => format!(" until {}", day(date)),
        (Stand::Waived, None) => ", with no end".to_owned(),
        (Stand::Unread | Stand::Accepted | Stand::SentBack | Stand::Reopened, _) => String::new(),
    }
}
