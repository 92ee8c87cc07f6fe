//! The subject and the verdict of a letter, case by case. A subject is read by anybody who sees a screen: it says no figure
//! of the return.

use super::super::view::{Item, View};
use super::super::words;
use super::Case;
use crate::draw;
use crate::finding::Severity;
use crate::render::delivery::{Delivery, day};
use crate::report::{Outcome, Report};

/// The subject line.
pub(super) fn subject(case: Case, report: &Report, delivery: &Delivery) -> String {
    let year = draw::line(report.year());
    let your = if year.is_empty() { "Your return".to_owned() } else { format!("Your {year} return") };
    match case {
        Case::Stranger => "A file in a folder that belongs to no agency".to_owned(),
        Case::Private => format!("{your}: personal details in it, please send it anew"),
        Case::Unread => format!("{your}: we could not read it, please send it again"),
        Case::Whole => format!("{your}: not usable as it is, please correct it"),
        Case::Waiting => {
            let points = report.open(Severity::Error) + report.open(Severity::Query);
            let by = match delivery.answers_by {
                Some((date, false)) => format!(" by {}", day(date)),
                Some((_, true)) | None => String::new(),
            };
            let noun = if points == 1 { "1 point".to_owned() } else { words::count(points, "point") };
            format!("{your}: {noun} to settle{by}")
        }
        Case::Answers => format!("{your}: thank you for your explanations"),
        Case::Done if left(delivery) > 0 => {
            format!("{your}: thank you; {} on an earlier file still open", words::count(left(delivery), "question"))
        }
        Case::Done if delivery.owed.is_empty() => format!("{your}: thank you, it is in use"),
        Case::Done => {
            format!("{your}: thank you; {} still to come", words::count(delivery.owed.len(), "section"))
        }
    }
}

/// Whether it is all right, with the counts of the sections.
pub(super) fn verdict(case: Case, report: &Report, view: &View<'_>, delivery: &Delivery) -> String {
    match case {
        Case::Stranger => "No. Nothing of it was read, and nothing of it is used.".to_owned(),
        Case::Private => {
            "No. It seems to hold details of people, which must not be in a return. Nothing of it was kept \
                          or used: we know only its fingerprint and the places below."
                .to_owned()
        }
        Case::Unread => "No. We could not read it, so nothing of it was checked and nothing of it is used.".to_owned(),
        Case::Whole => format!(
            "No. We could read it, but nothing of it can be used before {}.",
            match view.open(Severity::Error) {
                1 => "the point below is put right",
                _ => "the points below are put right",
            }
        ),
        Case::Waiting => waiting(report, view),
        Case::Answers => {
            let answered = delivery.changes().map_or(0, |changes| changes.answered.len());
            let said = match answered {
                0 => "It holds no section, and its explanations answer no question that is open.".to_owned(),
                1 => "Yes. It holds no section; its explanations answer one question, named below.".to_owned(),
                n => format!("Yes. It holds no section; its explanations answer {n} questions, named below."),
            };
            said + &before(delivery)
        }
        Case::Done => {
            let said = match report.sections.len() {
                1 => "Yes. Its one section is accepted and in use. Thank you.".to_owned(),
                n => format!("Yes. Its {n} sections are accepted and in use. Thank you."),
            };
            said + &before(delivery)
        }
    }
}

/// How many questions are open about sections that this file does not hold.
fn left(delivery: &Delivery) -> usize {
    delivery.changes().map_or(0, |changes| changes.left.len())
}

/// That this file is all right does not settle what was asked before.
fn before(delivery: &Delivery) -> String {
    match left(delivery) {
        0 => String::new(),
        1 => " But one question about what you sent before is still open, named below.".to_owned(),
        n => format!(" But {n} questions about what you sent before are still open, named below."),
    }
}

fn waiting(report: &Report, view: &View<'_>) -> String {
    let titles = |outcome: Outcome| -> Vec<String> {
        let of = report.sections.iter().filter(|s| s.outcome == outcome);
        of.map(|s| draw::line(&s.title)).collect()
    };
    let (refused, queried) = (titles(Outcome::Refused), titles(Outcome::Queried));
    let accepted = titles(Outcome::Accepted).len();
    let mut out = "Not yet.".to_owned();
    if !refused.is_empty() {
        out.push_str(&format!(" {} refused: {}.", are(refused.len()), words::and(&refused)));
    }
    if !queried.is_empty() {
        out.push_str(&format!(" {} for an answer: {}.", wait(queried.len()), words::and(&queried)));
    }
    match accepted {
        0 => {}
        1 => out.push_str(" 1 section is accepted."),
        n => out.push_str(&format!(" {n} sections are accepted.")),
    }
    out.push_str(&format!(" {}", words::counts(view)));
    out
}

fn are(n: usize) -> String {
    if n == 1 { "1 section is".to_owned() } else { format!("{n} sections are") }
}

fn wait(n: usize) -> String {
    if n == 1 { "1 section waits".to_owned() } else { format!("{n} sections wait") }
}

/// A question in a few words: its title, else its rule.
pub(super) fn short(item: &Item<'_>) -> String {
    if item.title.is_empty() { item.finding.rule.to_string() } else { item.title.clone() }
}
