//! The letter to a body about its submission, ready to be pasted into an e-mail: plain text, the subject first. That
//! something was received and whether it is all right are two statements. It names what lets most through first and
//! leaves the rest to the report. Of a file with personal data it says where that stands, and nothing else of it.

mod point;
mod verdict;

use super::delivery::{self, Before, Delivery, day};
use super::page::Page;
use super::view::{Item, View};
use super::{Show, since, words};
use crate::draw;
use crate::finding::{Answer, Reach, Read, Severity};
use crate::report::{Outcome, Report};
use point::{private, to_do};
use verdict::{subject, verdict};

/// Columns of a line: what mail programs leave as it is, even when it is quoted.
const WIDTH: usize = 76;
/// Most points in a letter; the report has all.
const POINTS: usize = 12;
/// Most settled or fixed questions named in a letter.
const NAMED: usize = 6;
/// Longest quotation of an answer.
const QUOTED: usize = 160;
const INDENT: &str = "   ";
const DASH: &str = "  ";

/// What a letter is about. It decides the subject, the verdict and what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// It lies in the folder of nobody who is registered.
    Stranger,
    /// It holds suspected personal data.
    Private,
    /// Nothing of it could be read.
    Unread,
    /// Something is wrong with all of it: the agency, the year, the template.
    Whole,
    /// Some sections wait.
    Waiting,
    /// It holds no section, only explanations of what was asked before.
    Answers,
    /// Nothing is wrong.
    Done,
}

impl Case {
    fn of(report: &Report, delivery: &Delivery) -> Self {
        let whole = || {
            report.findings.iter().any(|f| f.reach == Reach::Submission && f.severity == Severity::Error && f.is_open())
        };
        // Without a year that is open nothing of it can be checked, but its cover was read: what is wrong stands there.
        let cover = || {
            report
                .findings
                .iter()
                .any(|f| f.reach == Reach::Submission && f.at.section_key() == "cover" && f.at.segments().count() > 1)
        };
        if delivery.body.is_none() {
            Self::Stranger
        } else if report.private {
            Self::Private
        } else if report.sections.is_empty() && report.outcome == Outcome::Accepted {
            Self::Answers
        } else if report.sections.is_empty() && !cover() {
            Self::Unread
        } else if whole() {
            Self::Whole
        } else if report.outcome == Outcome::Accepted {
            Self::Done
        } else {
            Self::Waiting
        }
    }
}

/// The letter.
#[must_use]
pub fn letter(report: &Report, delivery: &Delivery) -> String {
    let view = View::new(report, Show::Values);
    let case = Case::of(report, delivery);
    let mut page = Page::new(WIDTH);
    page.say(&format!("Subject: {}", subject(case, report, delivery)), " ");
    page.gap();
    heads(&mut page, delivery);
    part(&mut page, "WHAT WE RECEIVED", &received(report, delivery));
    part(&mut page, "IS IT ALL RIGHT?", &verdict(case, report, &view, delivery));
    if let Some(text) = by_when(case, &view, delivery) {
        part(&mut page, "BY WHEN", &text);
    }
    if case == Case::Private {
        private(&mut page, &view, delivery);
    } else {
        to_do(&mut page, case, &view, delivery);
        settled(&mut page, &view);
        changed(&mut page, delivery);
    }
    in_use(&mut page, case, report, delivery);
    if let Some(text) = to_come(delivery) {
        part(&mut page, "STILL TO COME", &text);
    }
    close(&mut page, case, report, delivery);
    page.out
}

fn part(page: &mut Page, title: &str, text: &str) {
    page.gap();
    page.say(title, "");
    page.say(text, "");
    page.gap();
}

fn heads(page: &mut Page, delivery: &Delivery) {
    let head = &delivery.letterhead;
    let to: Vec<&str> = match &delivery.body {
        Some(body) => [body.as_str(), &head.to].into_iter().filter(|text| !text.is_empty()).collect(),
        None => vec![head.reply_to.as_str()],
    };
    for (word, text) in [("To", to.join(", ")), ("From", head.from.clone())] {
        if !text.is_empty() {
            page.say(&format!("{word}: {}", draw::line(&text)), INDENT);
        }
    }
    page.gap();
}

/// That it came, and which file is meant. Whether it is right is another statement.
fn received(report: &Report, delivery: &Delivery) -> String {
    let name = draw::line(&report.file.name);
    let file = if report.private { "your file".to_owned() } else { format!("“{name}”") };
    let mut what: Vec<String> = Vec::new();
    if !report.year().is_empty() {
        what.push(format!("your return for {}", draw::line(report.year())));
    }
    what.extend(report.figures.submission_no.map(|n| format!("submission {n}")));
    if !report.private && !report.sections.is_empty() {
        what.push(words::count(report.sections.len(), "section"));
    }
    let what = if what.is_empty() { String::new() } else { format!(": {}", what.join(", ")) };
    let print = report.file.sha256.get(..16).unwrap_or_default();
    let first = if delivery.before == Before::Nothing && !report.private {
        format!(" {}", since::FIRST)
    } else {
        String::new()
    };
    format!(
        "We received {file} on {}{what}. The file’s fingerprint (SHA-256) begins {print}.{first}",
        day(delivery.received)
    )
}

fn by_when(case: Case, view: &View<'_>, delivery: &Delivery) -> Option<String> {
    let (date, passed) = delivery.answers_by?;
    let what = match case {
        Case::Stranger | Case::Done | Case::Answers => return None,
        Case::Private => "the new file",
        Case::Unread | Case::Whole => "a file that we can use",
        Case::Waiting if view.open(Severity::Query) == 0 => "your corrected workbook",
        Case::Waiting if view.open(Severity::Error) == 0 => "your workbook, corrected or with your answers in it,",
        Case::Waiting => "your corrected workbook, with your answers in it,",
    };
    Some(if passed {
        format!("The day for answers was {}. Please send {what} as soon as you can.", day(date))
    } else {
        format!("Please send {what} by {}.", day(date))
    })
}

fn settled(page: &mut Page, view: &View<'_>) {
    let items: Vec<&Item<'_>> = view.groups.iter().flat_map(|group| &group.settled).collect();
    if items.is_empty() {
        return;
    }
    page.gap();
    page.say("WHAT IS ANSWERED", "");
    page.say("Nothing to do here as long as the figures stay as they are.", "");
    for item in items.iter().take(NAMED) {
        let said = match item.answer {
            Some(Answer::Explained { explanation, read: Read::Unread }) => {
                format!("your explanation counts, and the board has still to read it: “{}”", cut(explanation))
            }
            Some(Answer::Explained { explanation, read: Read::Accepted }) => {
                format!("your explanation is accepted: “{}”", cut(explanation))
            }
            Some(Answer::Waived { reason }) => words::stop(&format!("settled by the board manager: {}", cut(reason))),
            Some(Answer::Reopened { .. } | Answer::SentBack { .. }) | None => "settled.".to_owned(),
        };
        let place = words::places(item);
        let place = if place.is_empty() { String::new() } else { format!(" {place}:") };
        page.say(&format!("- [{}]{place} {said}", item.id), DASH);
    }
    if items.len() > NAMED {
        page.say(&format!("… and {} more in report.html.", items.len() - NAMED), "");
    }
    page.gap();
}

fn cut(text: &str) -> String {
    let line = draw::line(text);
    match line.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

fn changed(page: &mut Page, delivery: &Delivery) {
    let Some(changes) = delivery.changes() else { return };
    part(page, "SINCE YOUR LAST SUBMISSION", &since::sentence(changes));
    page.out.truncate(page.out.trim_end().len());
    page.out.push('\n');
    // What is open stands above; what is done with is worth seeing, too.
    for kind in since::kinds(changes).iter().filter(|kind| !kind.open) {
        page.say(&format!("{}:", kind.title), "");
        for line in kind.lines.iter().take(NAMED) {
            page.say(&format!("- {}", cut(line)), DASH);
        }
        if kind.lines.len() > NAMED {
            page.say(&format!("… and {} more in report.html.", kind.lines.len() - NAMED), "");
        }
    }
    page.gap();
}

/// What is owed, and what came before and cannot be used.
fn to_come(delivery: &Delivery) -> Option<String> {
    let titles = |list: &[String]| words::and(&list.iter().map(|title| draw::line(title)).collect::<Vec<_>>());
    let mut out: Vec<String> = Vec::new();
    if !delivery.refused_before.is_empty() {
        out.push(format!("Refused before and not in this file: {}.", titles(&delivery.refused_before)));
    }
    if !delivery.owed.is_empty() {
        let due = match delivery.due {
            Some((date, false)) => format!(", due by {}", day(date)),
            Some((date, true)) => format!(", which was due by {}", day(date)),
            None => String::new(),
        };
        out.push(format!("We have nothing yet for {}{due}.", titles(&delivery.owed)));
    }
    (!out.is_empty()).then(|| out.join(" "))
}

/// What counts as accepted in the meantime.
fn in_use(page: &mut Page, case: Case, report: &Report, delivery: &Delivery) {
    let titles = |outcome: Outcome| -> Vec<String> {
        let of = report.sections.iter().filter(|s| s.outcome == outcome);
        of.map(|s| draw::line(&s.title)).collect()
    };
    let mut lines: Vec<String> = Vec::new();
    let accepted = titles(Outcome::Accepted);
    if case == Case::Waiting && !accepted.is_empty() {
        lines.push(format!("In use from this file: {}.", words::and(&accepted)));
    }
    lines.extend(delivery::sentences(&delivery.kept));
    if matches!(case, Case::Waiting | Case::Whole) {
        let kept = |title: &String| delivery.kept.iter().any(|kept| draw::line(&kept.title) == *title);
        let mut out: Vec<String> = titles(Outcome::Refused);
        out.extend(titles(Outcome::Queried));
        out.retain(|title| !kept(title));
        if !out.is_empty() {
            lines.push(format!("Not in use before the points above are settled: {}.", words::and(&out)));
        }
    }
    if lines.is_empty() {
        return;
    }
    page.gap();
    page.say("WHAT IS IN USE MEANWHILE", "");
    lines.iter().for_each(|line| page.say(&format!("- {line}"), DASH));
    page.gap();
}

fn close(page: &mut Page, case: Case, report: &Report, delivery: &Delivery) {
    page.gap();
    if case == Case::Done {
        part(page, "WHAT WAS CHECKED", &words::account_sentence(&report.account()));
    }
    let full = match case {
        Case::Private => "The full report comes with this letter: report.html. It holds no cell of your file.",
        Case::Done | Case::Answers | Case::Unread | Case::Stranger => {
            "The full report comes with this letter: report.html."
        }
        Case::Whole | Case::Waiting => {
            "The full report comes with this letter: report.html opens in any browser and shows each cell in its sheet; \
             report.txt says the same in plain text."
        }
    };
    page.say(full, "");
    let head = &delivery.letterhead;
    if !head.reply_to.is_empty() && case != Case::Stranger {
        let quote =
            if matches!(case, Case::Done | Case::Answers) { "" } else { ", and quote the eight letters of the point" };
        page.say(&format!("If anything is unclear, please answer to {}{quote}.", draw::line(&head.reply_to)), "");
    }
    if !head.from.is_empty() {
        page.gap();
        page.say(&draw::line(&head.from), "");
    }
}
