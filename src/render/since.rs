//! What has changed since a body's last submission, on its page, in its text and for programs.

use maud::{Markup, html};
use serde::Serialize;

use super::delivery::{Before, Delivery, submission};
use super::words;
use crate::changes::{Changes, Moved};
use crate::draw;
use crate::handled::Asked;

/// What is said where nothing came before.
pub(super) const FIRST: &str = "This is the first submission we have.";
/// Most questions named in one list for people; programs get all.
const NAMED: usize = 40;

/// One kind of change: what it is called, what it means, its lines.
pub(super) struct Kind {
    pub(super) title: &'static str,
    /// Its questions are open in the submission at hand.
    pub(super) open: bool,
    pub(super) lines: Vec<String>,
}

/// The changes that there are, what is done with first.
pub(super) fn kinds(changes: &Changes) -> Vec<Kind> {
    let plain = |list: &[Asked]| list.iter().map(|asked| line(asked, "")).collect();
    let moved = |list: &[Moved]| list.iter().map(|m| line(&m.now, &shift(m))).collect();
    let all: [(&'static str, bool, Vec<String>); 8] = [
        ("Fixed: not asked any more", false, plain(&changes.fixed)),
        ("Answered: explained or waived", false, plain(&changes.answered)),
        ("Open again: it had been settled", true, moved(&changes.reopened)),
        ("Changed: still open, and the figures are others", true, moved(&changes.changed)),
        ("New", true, plain(&changes.new)),
        ("Still there", true, plain(&changes.still)),
        ("Open with your earlier version: this file does not hold the section", false, plain(&changes.left)),
        ("Could not be checked this time", false, plain(&changes.unchecked)),
    ];
    let there = all.into_iter().filter(|(_, _, lines)| !lines.is_empty());
    there.map(|(title, open, lines)| Kind { title, open, lines }).collect()
}

/// `vcjthcnd (Child protection!C25): 194 + 198 …`.
fn line(asked: &Asked, also: &str) -> String {
    let place = if asked.place.is_empty() { String::new() } else { format!(" ({})", draw::line(&asked.place)) };
    format!("{}{place}: {}{also}", asked.id, words::stop(&draw::line(&asked.message)))
}

/// ` It rested on “130”; now on “140”.`
pub(super) fn shift(moved: &Moved) -> String {
    let (was, now) = (draw::line(&moved.was), draw::line(&moved.now.state));
    if was == now { String::new() } else { format!(" It rested on {}; now on {}.", figures(&was), figures(&now)) }
}

/// The figures that a question rests on, quoted.
fn figures(state: &str) -> String {
    if state.is_empty() { "nothing".to_owned() } else { format!("“{state}”") }
}

/// `Since submission 1, received on 4 May 2021: 3 fixed, 1 still there, 2 new.`
pub(super) fn sentence(changes: &Changes) -> String {
    let counts = [
        (changes.fixed.len(), "fixed"),
        (changes.answered.len(), "answered"),
        (changes.reopened.len(), "open again"),
        (changes.changed.len(), "changed"),
        (changes.new.len(), "new"),
        (changes.still.len(), "still there"),
    ];
    let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let said = if said.is_empty() { "no question has come or gone".to_owned() } else { words::and(&said) };
    let mut also = String::new();
    match changes.left.len() {
        0 => {}
        1 => also.push_str(" 1 question is about a section that this file does not hold; it stays open with the version you sent before."),
        n => also.push_str(&format!(" {n} questions are about sections that this file does not hold; they stay open with the version you sent before.")),
    }
    match changes.unchecked.len() {
        0 => {}
        1 => also.push_str(" 1 question could not be looked at this time, because a figure it rests on is missing or cannot be read."),
        n => also.push_str(&format!(" {n} questions could not be looked at this time, because figures they rest on are missing or cannot be read.")),
    }
    format!("Since {}: {said}.{also}", submission(changes.number, changes.received))
}

/// The section of the page.
pub(super) fn page(delivery: &Delivery) -> Markup {
    html! {
        @match &delivery.before {
            Before::Unknown => {}
            Before::Nothing => p { (FIRST) },
            Before::Changes(changes) => {
                section {
                    h2 { "Since your last submission" }
                    p { (sentence(changes)) }
                    @for kind in kinds(changes) {
                        details {
                            summary { (kind.title) " (" (kind.lines.len()) ")" }
                            ul {
                                @for line in kind.lines.iter().take(NAMED) { li { (line) } }
                                @if kind.lines.len() > NAMED { li { "… and " (kind.lines.len() - NAMED) " more" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The difference as programs read it.
#[derive(Serialize)]
pub(super) struct Since<'a> {
    submission_no: Option<u32>,
    received: String,
    fixed: Vec<Question<'a>>,
    answered: Vec<Question<'a>>,
    still: Vec<Question<'a>>,
    changed: Vec<Question<'a>>,
    reopened: Vec<Question<'a>>,
    new: Vec<Question<'a>>,
    left: Vec<Question<'a>>,
    unchecked: Vec<Question<'a>>,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    rule: &'a str,
    severity: &'static str,
    section: &'a str,
    place: &'a str,
    message: &'a str,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a str>,
}

impl<'a> Since<'a> {
    pub(super) fn of(changes: &'a Changes) -> Self {
        let plain = |list: &'a [Asked]| list.iter().map(|asked| question(asked, None)).collect();
        let moved = |list: &'a [Moved]| list.iter().map(|m| question(&m.now, Some(m.was.as_str()))).collect();
        Self {
            submission_no: changes.number,
            received: changes.received.to_string(),
            fixed: plain(&changes.fixed),
            answered: plain(&changes.answered),
            still: plain(&changes.still),
            changed: moved(&changes.changed),
            reopened: moved(&changes.reopened),
            new: plain(&changes.new),
            left: plain(&changes.left),
            unchecked: plain(&changes.unchecked),
        }
    }
}

fn question<'a>(asked: &'a Asked, was: Option<&'a str>) -> Question<'a> {
    Question {
        id: &asked.id,
        rule: &asked.rule,
        severity: asked.severity.word(),
        section: &asked.section,
        place: &asked.place,
        message: &asked.message,
        state: &asked.state,
        was,
    }
}
