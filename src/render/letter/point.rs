//! The points of a letter, what lets most through first; of a file with personal data only where that stands.

use super::super::first::{self, Step};
use super::super::page::Page;
use super::super::view::{Item, View};
use super::super::{since, words};
use super::verdict::short;
use super::{Case, DASH, INDENT, POINTS};
use crate::cell::ranges;
use crate::draw;
use crate::finding::{ACROSS, Severity};
use crate::render::delivery::Delivery;

/// More cells than these are told as ranges.
const CELLS: usize = 4;

/// Where it stands and what to do; nothing of what stands there.
pub(super) fn private(page: &mut Page, view: &View<'_>, delivery: &Delivery) {
    let items: Vec<&Item<'_>> = view.groups.iter().flat_map(|group| group.items()).collect();
    page.gap();
    page.say("WHERE IT STANDS", "");
    for item in items.iter().take(POINTS) {
        page.say(&format!("- {} [{}]", where_(item), item.id), DASH);
    }
    if items.len() > POINTS {
        page.say(&format!("… and {} more in report.html.", items.len() - POINTS), "");
    }
    let counted = items.iter().any(|item| where_(item).contains("sheet "));
    let counted = if counted { " “Sheet 2” is the second from the left, hidden ones counted." } else { "" };
    page.say(&format!("We do not repeat what stands there.{counted}"), "");
    let route = &delivery.letterhead.route;
    let route = if route.is_empty() { String::new() } else { format!(" by {}", draw::line(route)) };
    page.gap();
    page.say("WHAT TO DO", "");
    for (i, text) in [
        "Open your copy of the file and take out what stands at these places: names, dates of birth, numbers and \
         addresses of people. The return holds counts only."
            .to_owned(),
        "Delete the file that you sent wherever it went: your sent messages, shared folders, downloads. Do not forward \
         it, and do not attach it to your answer."
            .to_owned(),
        format!("Send the cleaned workbook anew{route}."),
        "If what stands there is about nobody, tell us so, with the place; do not quote it.".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        page.say(&format!("{}. {text}", i + 1), INDENT);
    }
    page.gap();
}

/// The words of a finding about personal data are chosen so as to give nothing away; of any other only the place is told.
fn where_(item: &Item<'_>) -> String {
    let places = words::places(item);
    match (item.finding.private, places.is_empty()) {
        (true, _) => words::stop(&item.message),
        (false, false) => format!("{}: {}", words::capital(&places), words::stop(&item.title)),
        (false, true) => words::stop(&item.title),
    }
}

pub(super) fn to_do(page: &mut Page, case: Case, view: &View<'_>, delivery: &Delivery) {
    let steps = first::steps(view);
    if steps.is_empty() {
        return;
    }
    page.gap();
    page.say("WHAT TO DO, WHAT MATTERS MOST FIRST", "");
    let queries = view.open(Severity::Query);
    if queries > 0 && case != Case::Unread {
        let errors = if view.open(Severity::Error) > 0 { " What must be corrected cannot be explained." } else { "" };
        page.say(
            &format!(
                "If a figure is right although we ask about it, write why on the sheet “Explanations” of the workbook, \
                 with the eight letters of the question.{errors}"
            ),
            "",
        );
        page.gap();
    }
    let (mut number, mut shown) = (0, 0);
    for step in &steps {
        let asked = 1 + step.cluster.others.len() + step.alike.len();
        if number == POINTS {
            break;
        }
        number += 1;
        shown += asked;
        point(page, number, case, step, delivery);
    }
    let all: usize = view.groups.iter().map(|group| group.items().count()).sum();
    if shown < all {
        page.say(&format!("… and {} more in report.html.", all - shown), "");
        page.gap();
    }
}

/// One point: where and what it is, what was found, what to do, what else is asked over the same figure.
fn point(page: &mut Page, number: usize, case: Case, step: &Step<'_, '_>, delivery: &Delivery) {
    let item = &step.cluster.lead;
    let verb = match item.finding.severity {
        // There is no figure to correct yet.
        _ if matches!(case, Case::Unread | Case::Stranger) => "",
        Severity::Error => ": must be corrected",
        Severity::Query | Severity::Note => ": correct or explain",
    };
    let places = places(item);
    let place = match places.as_str() {
        // A figure that was sent before stands in no cell of this file.
        "" | "the file" if is_across(item) => format!("{}, as you sent it before", item.section),
        "" | "the file" => "The file".to_owned(),
        _ => places,
    };
    let changes = delivery.changes();
    let state = changes.and_then(|changes| changes.word(&item.id)).map_or_else(String::new, |word| format!(", {word}"));
    let moved = changes.and_then(|changes| changes.changed.iter().find(|moved| moved.now.id == item.id));
    page.say(&format!("{number}. {place}{verb} [{}{state}]", item.id), INDENT);
    page.inside(&format!("{}{}", said(item), moved.map(since::shift).unwrap_or_default()), INDENT);
    if !is_across(item) {
        let advice = item.advice();
        if !advice.is_empty() {
            page.inside(&format!("What to do: {advice}"), INDENT);
        }
    }
    if let Some(words) = item.suggestion {
        page.inside(
            &format!("Last year you answered: “{}” If that holds again, say so again.", draw::line(words)),
            INDENT,
        );
    }
    if !step.alike.is_empty() {
        let also: Vec<String> = step.alike.iter().map(|c| format!("{} [{}]", c.lead.section, c.lead.id)).collect();
        page.inside(&format!("The same is said of {}.", words::and(&also)), INDENT);
    }
    if !step.cluster.others.is_empty() {
        let mut others: Vec<(String, Vec<&str>)> = Vec::new();
        for other in &step.cluster.others {
            let title = short(other);
            match others.iter_mut().find(|(known, _)| *known == title) {
                Some((_, ids)) => ids.push(&other.id),
                None => others.push((title, vec![&other.id])),
            }
        }
        let others: Vec<String> = others.iter().map(|(title, ids)| format!("{title} [{}]", ids.join(", "))).collect();
        page.inside(&format!("Also over this cell: {}.", others.join("; ")), INDENT);
    }
    page.gap();
}

/// Where a point is; of many cells the first, and the others as ranges.
fn places(item: &Item<'_>) -> String {
    let addresses = item.addresses();
    let first = item.marks.iter().find_map(|mark| Some((mark.address?, mark.sheet_name.as_deref()?)));
    let Some((first, sheet)) = first.filter(|_| addresses.len() > CELLS) else { return words::places(item) };
    let rest = addresses.iter().filter(|a| a.sheet == first.sheet && **a != first).map(|a| a.cell);
    let elsewhere = if addresses.iter().any(|a| a.sheet != first.sheet) { " and on other sheets" } else { "" };
    format!("{sheet}, cell {} with {}{elsewhere}", first.cell, words::and(&ranges(rest)))
}

/// What was found and expected, in the words of the template where the message has not said them.
fn said(item: &Item<'_>) -> String {
    let mut out = String::new();
    let message = item.full_message();
    let words = item.marks.first().and_then(|mark| mark.words.as_deref()).filter(|words| !words.is_empty());
    if let Some(words) = words.filter(|words| !message.contains(*words)) {
        let more = item.addresses().len().saturating_sub(1);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        out.push_str(&format!("“{words}”{more}: "));
    }
    out.push_str(&message);
    for (word, value) in [("Found", item.found), ("Expected", item.expected)] {
        if let Some(value) = value.map(draw::line).filter(|value| !message.contains(value.as_str())) {
            out.push_str(&format!(" {word}: {}", words::stop(&value)));
        }
    }
    out
}

/// The words of a question between agencies say themselves what to do.
fn is_across(item: &Item<'_>) -> bool {
    item.finding.at.segments().nth(1).is_some_and(|segment| segment == ACROSS)
}
