//! The board in sentences: for e-mail and screen readers.

use super::{ended, sides};
use crate::board::{Board, State};
use crate::draw;
use crate::render::words;

/// Display columns of a line.
const WIDTH: usize = 80;

/// The board as sentences.
pub(super) fn render(board: &Board<'_>) -> String {
    let mut page = Page(String::new());
    let [owed, came, released] = board.counts();
    page.say(&format!("Returns for {}, as of {}.", board.year, board.as_of));
    if let Some(day) = board.deadline {
        page.say(&format!("Due by {}.", day.format("%-d %B %Y")));
    }
    page.say(&format!("{owed} sections are owed; {came} have come, and {released} of them are accepted."));
    page.gap();
    page.say("WHO HAS RETURNED WHAT");
    page.gap();
    for member in &board.bodies {
        let partner = if member.statutory { ", statutory partner" } else { "" };
        let outcome = member.outcome.map_or_else(
            || "nothing has come".to_owned(),
            |outcome| format!("latest of {}: {}", words::count(member.submissions, "submission"), outcome.word()),
        );
        page.say(&format!("{} ({}{partner}): {outcome}", draw::line(member.title), member.body));
        let mut states: Vec<(String, Vec<String>)> = Vec::new();
        for place in member.sections.iter().filter(|place| place.state != State::Absent) {
            let mut state = place.state.word().to_owned();
            if place.nil {
                state.push_str(", declared nil");
            }
            if place.released && place.state.word() != "accepted" {
                state.push_str(", an earlier version stays");
            }
            match states.iter_mut().find(|(known, _)| *known == state) {
                Some((_, titles)) => titles.push(draw::line(place.title)),
                None => states.push((state, vec![draw::line(place.title)])),
            }
        }
        for (state, titles) in states {
            page.hang(&format!("{}: {}.", words::capital(&state), titles.join(", ")));
        }
        page.gap();
    }
    page.say("WHAT IS OPEN ACROSS AGENCIES");
    page.gap();
    if board.together.findings.is_empty() {
        page.say("Nothing.");
        page.gap();
    }
    for (number, found) in (1..).zip(&board.together.findings) {
        let state = if found.is_open() { "" } else { " (answered)" };
        let severity = words::capital(found.severity.word());
        page.hang(&format!("{number}. {severity} {}{state}: {}", found.rule, draw::line(&words::stop(&found.message))));
        for seen in sides(board, found) {
            let figures: Vec<String> = seen.figures().iter().map(|figure| draw::line(figure)).collect();
            page.hang(&format!("   {}: {}.", draw::line(seen.title), words::and(&figures)));
            if let Some((_, item)) = seen.item().filter(|(_, item)| !item.settlement().is_empty()) {
                page.hang(&format!("   {}", item.settlement()));
            }
        }
        if let Some(difference) = &found.difference {
            page.hang(&format!("   Difference: {difference}."));
        }
        page.gap();
    }
    page.say("WHAT WAS COMPARED");
    page.gap();
    for compared in board.together.checks.iter().filter(|c| !c.bodies.is_empty()) {
        let check = &compared.check;
        let title = board.titles.get(check.rule.as_str()).map(String::as_str).unwrap_or_default();
        let (how, why) = ended(check);
        let why = if why.is_empty() { String::new() } else { format!(": {}", draw::line(why)) };
        let what: Vec<String> = check.at.segments().skip(1).collect();
        page.hang(&format!("{} {title} ({}): {how}{why}", check.rule, what.join(", ").replace('_', " ")));
    }
    page.0
}

struct Page(String);

impl Page {
    fn say(&mut self, text: &str) {
        self.lines(text, "");
    }

    fn hang(&mut self, text: &str) {
        self.lines(text, "   ");
    }

    fn lines(&mut self, text: &str, hang: &str) {
        let lead: String = text.chars().take_while(|c| *c == ' ').collect();
        for (i, line) in words::wrap(text, WIDTH - hang.len() - lead.len()).into_iter().enumerate() {
            self.0.push_str(&lead);
            self.0.push_str(if i > 0 { hang } else { "" });
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }

    fn gap(&mut self) {
        self.0.push('\n');
    }
}
