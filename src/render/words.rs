//! Words that several formats share: counts, lists, outcomes and the account of the rules.

use std::collections::BTreeSet;

use super::view::{Group, Item, View};
use crate::draw::measure;
use crate::finding::Severity;
use crate::report::{Account, Outcome, Report};

/// The heading over findings about no section.
pub(super) const THE_FILE: &str = "The file as a whole";

/// A section's title by its key; what is no section is the cover, the explanations or the file.
pub(super) fn section_title(report: &Report, key: &str) -> String {
    let section = report.sections.iter().find(|s| s.section == key).map(|s| s.title.clone());
    let title = section.or_else(|| report.owed.get(key).cloned());
    title.unwrap_or_else(|| match key {
        "cover" => "Cover".to_owned(),
        "explanations" => "Explanations".to_owned(),
        "screen" => "Details of people".to_owned(),
        "" | "file" | "submission" | "workbook" => THE_FILE.to_owned(),
        key => capital(&key.replace(['-', '_'], " ")),
    })
}

/// `1 error`, `2 errors`, `1 query`, `2 queries`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let number = crate::figure::format_number(as_number(n), 0);
    // One day, two days; one query, two queries.
    match (n, noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']))) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of findings and rules are far below 2^52")]
fn as_number(n: usize) -> f64 {
    n as f64
}

/// `a, b and c`.
pub(crate) fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first of a list and how many more there are: `C4, C7 … and 9 more`.
pub(super) fn some(parts: &[String], most: usize) -> String {
    if parts.len() <= most + 1 {
        return parts.join(", ");
    }
    format!("{} … and {} more", parts[..most].join(", "), parts.len() - most)
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// As a sentence: ended by a full stop unless it ends itself.
pub(super) fn stop(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// Text broken at spaces into lines of at most a display width; a longer word stands alone on its line, cut in two.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        if !line.is_empty() && measure(&line) + 1 + measure(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        while measure(word) > width.max(1) {
            let mut taken = 0;
            let cut = word.char_indices().find(|(_, c)| {
                taken += measure(c.encode_utf8(&mut [0; 4]));
                taken > width.max(1)
            });
            // At least one letter a line, or a wide letter in a narrow place would never end.
            let at = cut.map_or(word.len(), |(at, _)| at).max(word.chars().next().map_or(1, char::len_utf8));
            lines.push(word[..at].to_owned());
            word = &word[at..];
        }
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Where a finding is: `Front door, cells B6, B7 and B8; Cover, cell B3`.
pub(super) fn places(item: &Item<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut sheets: Vec<usize> = Vec::new();
    for mark in &item.marks {
        match (mark.address, mark.sheet) {
            (Some(address), _) if !sheets.contains(&address.sheet) => {
                sheets.push(address.sheet);
                let cells = cells_on(item, address.sheet);
                let noun = if cells.len() == 1 { "cell" } else { "cells" };
                let sheet = mark.sheet_name.as_deref().unwrap_or_default();
                parts.push(format!("{sheet}, {noun} {}", and(&cells)));
            }
            (Some(_), _) => (),
            (None, _) if mark.before => (),
            (None, _) if parts.contains(&mark.short) => (),
            (None, _) => parts.push(mark.short.clone()),
        }
    }
    parts.join("; ")
}

/// The marked cells on a sheet, in the order of the labels, each once.
fn cells_on(item: &Item<'_>, sheet: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let addresses = item.marks.iter().filter_map(|m| m.address).filter(|a| a.sheet == sheet);
    addresses.filter(|a| seen.insert(*a)).map(|a| a.cell.to_string()).collect()
}

/// The marked places of several notes in few words: `C4, C7`.
pub(super) fn places_of_all(items: &[Item<'_>]) -> Vec<String> {
    let marks = items.iter().flat_map(|i| &i.marks);
    let sheets: BTreeSet<usize> = marks.clone().filter_map(|m| m.sheet).collect();
    let mut seen = BTreeSet::new();
    marks
        .map(|m| match (&m.sheet_name, m.address) {
            (Some(sheet), Some(address)) if sheets.len() > 1 => format!("{sheet}!{}", address.cell),
            (Some(_) | None, _) => m.short.clone(),
        })
        .filter(|place| seen.insert(place.clone()))
        .collect()
}

/// Notes of one rule as a line: `We read “1,338” as the number 1,338. 14 such cells: C4, C7 … and 12 more.` The first
/// speaks for the others; a page or the machine report has them all.
pub(super) fn note_line(items: &[Item<'_>], most: usize) -> String {
    let places = places_of_all(items);
    let Some(first) = items.first() else { return String::new() };
    let same = items.iter().all(|i| i.message == first.message);
    let what = first.full_message();
    let such = if same { "" } else { "such " };
    let cells = items.iter().flat_map(|i| &i.marks).all(|m| m.address.is_some());
    let where_ = match (places.as_slice(), items.len(), cells) {
        ([], 1, _) => String::new(),
        ([], n, _) => format!(" {n} times."),
        ([one], _, true) => format!(" Cell {one}."),
        ([one], _, false) => format!(" {}.", capital(one)),
        (all, _, true) => format!(" {}: {}.", count(all.len(), &format!("{such}cell")), some(all, most)),
        (all, _, false) => format!(" {}: {}.", count(all.len(), &format!("{such}place")), some(all, most)),
    };
    format!("{what}{where_}")
}

/// Who sent what: `csc 2020-21, submission 2`.
pub(super) fn sender(report: &Report) -> String {
    let mut parts = Vec::new();
    let body_and_year = format!("{} {}", report.body(), report.year());
    if !body_and_year.trim().is_empty() {
        parts.push(crate::draw::line(body_and_year.trim()));
    }
    if let Some(number) = report.figures.submission_no {
        parts.push(format!("submission {number}"));
    }
    parts.join(", ")
}

/// What to do, counted in the list that is shown.
pub(super) fn counts(view: &View<'_>) -> String {
    let errors = view.open(Severity::Error);
    let queries = view.open(Severity::Query);
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(format!("{} to correct", count(errors, "error")));
    }
    if queries > 0 {
        parts.push(format!("{} to correct or explain", count(queries, "query")));
    }
    let nothing_checked = view.report.account().rules == 0;
    let mut out = match (errors, parts.len()) {
        (0, 0) if nothing_checked => "Nothing was checked, so nothing can be said of it.".to_owned(),
        (0, 0) => "Nothing to correct.".to_owned(),
        (0, _) => format!("Nothing that must be corrected; {}.", and(&parts)),
        (_, _) => format!("{}.", and(&parts)),
    };
    let settled = view.settled();
    if settled > 0 {
        out.push_str(&format!(" {} explained or waived.", count(settled, "finding")));
    }
    let notes = view.notes();
    if notes > 0 {
        out.push_str(&format!(" {}: nothing to do.", count(notes, "note")));
    }
    out
}

/// What was checked and what not, and why: `118 rules checked at 412 places; 24 not checked here: 16 compare agencies,
/// 8 need last year’s return.`
#[must_use]
pub fn account_sentence(account: &Account) -> String {
    let mut out = match account.rules {
        0 => "No rule was checked".to_owned(),
        n => format!("{} checked at {}", count(n, "rule"), count(account.places, "place")),
    };
    let not_run: usize = account.not_run.values().sum();
    if not_run > 0 {
        let reasons: Vec<String> = account.not_run.iter().map(|(why, n)| format!("{n} {}", agree(why, *n))).collect();
        out.push_str(&format!("; {not_run} not checked here: {}", reasons.join(", ")));
    }
    out.push('.');
    match account.undecided {
        0 => (),
        n => out.push_str(&format!(" {} could not be decided from the figures given.", count(n, "check"))),
    }
    out
}

/// A reason such as `compare agencies` or `needs last year’s return`, made to agree with its number.
fn agree(why: &str, n: usize) -> String {
    const VERBS: [(&str, &str); 6] = [
        ("compare", "compares"),
        ("need", "needs"),
        ("are", "is"),
        ("have", "has"),
        ("depend", "depends"),
        ("do", "does"),
    ];
    let (verb, rest) = why.split_once(' ').unwrap_or((why, ""));
    let known = VERBS.iter().find(|(many, one)| verb == *many || verb == *one);
    match known {
        Some((_, one)) if n == 1 => format!("{one} {rest}"),
        Some((many, _)) => format!("{many} {rest}"),
        None => why.to_owned(),
    }
}

/// `2 other checks use this cell (B10)`.
pub(super) fn others(n: usize, cell: &str) -> String {
    let use_ = if n == 1 { "uses" } else { "use" };
    format!("{} {use_} this cell ({cell})", count(n, "other check"))
}

/// What an outcome means to the agency.
pub(super) const fn outcome_meaning(outcome: Outcome, private: bool) -> &'static str {
    match outcome {
        _ if private => {
            "It seems to hold details of people, so nothing of it was kept or used. Take them out, delete the file that \
             was sent, and send the workbook anew."
        }
        Outcome::Accepted => "Thank you: this can be used as it is.",
        Outcome::Queried => "This can be accepted once every query below is corrected or explained.",
        Outcome::Refused => "This can be accepted once every error below is corrected.",
    }
}

/// What a section has to be told at its heading: `refused (2 errors, 1 query)`.
pub(super) fn section_line(report: &Report, group: &Group<'_>) -> String {
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Query] {
        let n = group.open(severity);
        if n > 0 {
            parts.push(count(n, severity.word()));
        }
    }
    let notes: usize = group.notes.iter().map(Vec::len).sum();
    if notes > 0 {
        parts.push(count(notes, "note"));
    }
    let found = parts.join(", ");
    let Some(outcome) = group.outcome else { return found };
    let mut word = outcome.outcome.word().to_owned();
    if outcome.nil {
        word.push_str(", declared nil");
    }
    // Refused or queried for something that is said elsewhere: the cover, another section, the file.
    let elsewhere: BTreeSet<String> = if group.open.is_empty() {
        let because = outcome.because.iter().filter_map(|i| report.findings.get(*i));
        because.map(|f| format!("“{}”", section_title(report, &f.section()))).collect()
    } else {
        BTreeSet::new()
    };
    if !elsewhere.is_empty() {
        let elsewhere: Vec<String> = elsewhere.into_iter().collect();
        word.push_str(&format!(", because of {}", and(&elsewhere)));
    }
    if found.is_empty() { word } else { format!("{word} ({found})") }
}
