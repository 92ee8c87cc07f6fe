//! Sentences only, without frames or colours: for e-mail, screen readers and the `report.txt` of an agency.

use super::delivery::{Before, Delivery};
use super::page::Page;
use super::view::{Item, View};
use super::{Style, drift, first, since, words};
use crate::draw;
use crate::report::Report;

/// Most cells named in a line on notes.
const NAMED: usize = 12;
/// Most questions named in one list of changes.
const CHANGED: usize = 40;

/// The report as sentences.
pub(super) fn render(report: &Report, style: &Style, delivery: Option<&Delivery>) -> String {
    let view = View::new(report, style.show);
    let width = style.width.max(40);
    let mut page = Page::new(width);
    let sender = words::sender(report);
    page.say(&format!("{}: {}.", draw::line(&report.file.name), report.outcome.word()), "");
    if !sender.is_empty() {
        page.say(&format!("From {sender}."), "");
    }
    page.say(&words::counts(&view), "");
    page.gap();
    start(&mut page, &view);
    if let Some(delivery) = delivery {
        changed(&mut page, delivery);
    }

    let mut allowance = view.allowance(style.limit);
    let mut number = 0;
    for group in &view.groups {
        let line = words::section_line(report, group);
        let colon = if line.is_empty() { "" } else { ": " };
        page.say(&format!("{}{colon}{}", draw::line(&group.title), words::stop(&line)), "");
        page.gap();
        for item in group.items().filter(|item| allowance.open(item)) {
            number += 1;
            page.say(&finding(number, item, &group.title), "   ");
            page.gap();
        }
        for item in group.settled.iter().filter(|_| allowance.settled()) {
            number += 1;
            let text = format!("{}. {} {}", item.headline(), words::stop(&item.message), item.settlement());
            page.say(&format!("{number}. {text}"), "   ");
            page.gap();
        }
        for items in group.notes.iter().filter(|items| allowance.notes(items.len())) {
            number += 1;
            let rule = items.first().map(|i| i.finding.rule.to_string()).unwrap_or_default();
            page.say(&format!("{number}. Note {rule}: {}", words::note_line(items, NAMED)), "   ");
            page.gap();
        }
    }
    if allowance.hidden > 0 {
        page.say(&format!("… and {}.", words::count(allowance.hidden, "more finding")), "");
        page.gap();
    }
    for picture in drift::pictures(report, style.show) {
        page.say(&format!("Differences of “{}” from the template.", picture.title), "");
        picture.lines.iter().for_each(|line| page.say(line, "   "));
        page.gap();
    }
    if !report.owed.is_empty() {
        let owed: Vec<String> = report.owed.values().map(|t| draw::line(t)).collect();
        page.say(&format!("Still to be returned: {}.", words::and(&owed)), "");
    }
    page.say(&words::account_sentence(&report.account()), "");
    page.out
}

/// What lets most through, in few lines.
fn start(page: &mut Page, view: &View<'_>) {
    let (steps, _) = first::first(view);
    if steps.is_empty() {
        return;
    }
    page.say("Start here:", "");
    for step in &steps {
        let words = step.words.as_deref().map_or_else(String::new, |words| format!(" ({words})"));
        page.say(&format!("- {}{words}: finding {}. {}", step.what, step.cluster.lead.id, step.waits), "  ");
    }
    page.gap();
}

/// What has changed since the submission before.
fn changed(page: &mut Page, delivery: &Delivery) {
    let changes = match &delivery.before {
        Before::Unknown => return,
        Before::Nothing => {
            page.say(since::FIRST, "");
            return page.gap();
        }
        Before::Changes(changes) => changes,
    };
    page.say(&since::sentence(changes), "");
    for kind in since::kinds(changes) {
        page.say(&format!("{} ({}):", kind.title, kind.lines.len()), "");
        kind.lines.iter().take(CHANGED).for_each(|line| page.say(&format!("- {line}"), "  "));
        if kind.lines.len() > CHANGED {
            page.say(&format!("… and {} more.", kind.lines.len() - CHANGED), "");
        }
    }
    page.gap();
}

/// `1. Error STK-01 in Children in need, cells B6, B7: … What to do: …`
fn finding(number: usize, item: &Item<'_>, section: &str) -> String {
    let places = words::places(item);
    let place = if places.is_empty() { draw::line(section) } else { places };
    let severity = words::capital(item.finding.severity.word());
    let title = if item.veiled { format!("{} ", words::stop(&item.title)) } else { String::new() };
    let mut out = format!("{number}. {severity} {} in {place}: {title}{}", item.finding.rule, item.full_message());
    let said: Vec<String> =
        item.marks.iter().filter(|m| (m.sheet.is_some() || m.before) && !m.text.is_empty()).map(|m| m.said()).collect();
    if !said.is_empty() {
        out.push_str(&format!(" What is there: {}.", words::and(&said)));
    }
    let advice = item.advice();
    if !advice.is_empty() {
        out.push_str(&format!(" What to do: {advice}"));
    }
    out.push_str(&format!(" {}", item.reply()));
    out
}
