//! What a reader gets to see of a report, in the order of reading: findings by section, errors before queries before
//! notes, checks over one figure together. Private and shortened views are made here, once, for every format.

use std::collections::{BTreeMap, BTreeSet};

use super::{Show, first, words};
use crate::cell::Address;
use crate::draw;
use crate::finding::{Answer, Finding, Place, Severity};
use crate::report::{Report, SectionOutcome};
use crate::workbook::Entry;

/// A report as it is read.
pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    pub(super) groups: Vec<Group<'a>>,
}

/// The findings of one section, or of the cover, or of the file as a whole.
pub(super) struct Group<'a> {
    pub(super) title: String,
    pub(super) outcome: Option<&'a SectionOutcome>,
    /// What somebody has to act on.
    pub(super) open: Vec<Cluster<'a>>,
    /// What was explained or waived.
    pub(super) settled: Vec<Item<'a>>,
    /// Notes, by rule.
    pub(super) notes: Vec<Vec<Item<'a>>>,
}

/// Findings over the same figure: the first is drawn, the others stand under it.
pub(super) struct Cluster<'a> {
    pub(super) lead: Item<'a>,
    pub(super) others: Vec<Item<'a>>,
}

/// How much of a finding may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Veil {
    /// All of it.
    None,
    /// Its words, but no cell: they were chosen so as to give nothing away.
    Cells,
    /// Its rule and its places.
    Words,
}

/// What stands for the message where rules and places only may be seen.
const NOT_SHOWN: &str = "Words and figures are not shown here.";

/// One finding as it may be read.
pub(super) struct Item<'a> {
    pub(super) finding: &'a Finding,
    pub(super) id: String,
    /// The title of the section it is about.
    pub(super) section: String,
    pub(super) title: String,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) marks: Vec<Mark<'a>>,
    pub(super) found: Option<&'a str>,
    pub(super) expected: Option<&'a str>,
    pub(super) difference: Option<&'a str>,
    pub(super) answer: Option<&'a Answer>,
    /// How the same question was answered last year.
    pub(super) suggestion: Option<&'a str>,
    /// No cell value of the sheet may be shown.
    pub(super) veiled: bool,
}

/// One marked place of a finding, as it may be read.
pub(super) struct Mark<'a> {
    pub(super) address: Option<Address>,
    /// The sheet as a whole or the one with the cell.
    pub(super) sheet: Option<usize>,
    /// Its name, where there is a sheet.
    pub(super) sheet_name: Option<String>,
    /// It was sent before and stands in no cell of this file.
    pub(super) before: bool,
    /// `B10` (`Cover!B3` on another sheet than the first), else the words on the template, else the sheet or the file.
    pub(super) short: String,
    pub(super) text: String,
    pub(super) pointer: Option<String>,
    pub(super) words: Option<String>,
    pub(super) entry: Option<&'a Entry>,
}

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report, show: Show) -> Self {
        let mut by_section: BTreeMap<(usize, String), Vec<Item<'a>>> = BTreeMap::new();
        for finding in &report.findings {
            let key = finding.section();
            // What is said of the file and of the submission stands together.
            let whole = words::section_title(report, &key) == words::THE_FILE;
            let key = if whole { String::new() } else { key };
            by_section.entry((rank(report, &key), key)).or_default().push(Item::new(report, finding, show));
        }
        for section in &report.sections {
            by_section.entry((rank(report, &section.section), section.section.clone())).or_default();
        }
        let mut groups: Vec<Group<'a>> =
            by_section.into_iter().map(|((_, key), items)| Group::new(report, &key, items)).collect();
        first::order(report, &mut groups);
        Self { report, groups }
    }

    /// Findings of a severity that are open, counted in the list that is shown.
    pub(super) fn open(&self, severity: Severity) -> usize {
        self.groups.iter().map(|g| g.open(severity)).sum()
    }

    /// Findings that were explained or waived.
    pub(super) fn settled(&self) -> usize {
        self.groups.iter().map(|g| g.settled.len()).sum()
    }

    /// Notes.
    pub(super) fn notes(&self) -> usize {
        self.groups.iter().flat_map(|g| &g.notes).map(Vec::len).sum()
    }
}

/// The file first, then the cover, the sections in their order, the explanations, anything else.
fn rank(report: &Report, key: &str) -> usize {
    let section = report.sections.iter().position(|s| s.section == key);
    match (key, section) {
        (_, Some(position)) => position + 2,
        ("cover", None) => 1,
        ("explanations", None) => report.sections.len() + 2,
        (key, None) if words::section_title(report, key) == words::THE_FILE => 0,
        (_, None) => report.sections.len() + 3,
    }
}

impl<'a> Group<'a> {
    fn new(report: &'a Report, key: &str, items: Vec<Item<'a>>) -> Self {
        let mut open = Vec::new();
        let mut settled = Vec::new();
        let mut notes: BTreeMap<&str, Vec<Item<'a>>> = BTreeMap::new();
        for item in items {
            match item.finding.severity {
                Severity::Note => notes.entry(item.finding.rule.as_str()).or_default().push(item),
                Severity::Query | Severity::Error if item.finding.is_open() => open.push(item),
                Severity::Query | Severity::Error => settled.push(item),
            }
        }
        open.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
        Self {
            title: words::section_title(report, key),
            outcome: report.sections.iter().find(|s| s.section == key),
            open: clusters(open),
            settled,
            notes: notes.into_values().collect(),
        }
    }

    pub(super) fn open(&self, severity: Severity) -> usize {
        self.items().filter(|i| i.finding.severity == severity).count()
    }

    /// The open findings in the order of reading.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.open.iter().flat_map(|c| std::iter::once(&c.lead).chain(&c.others))
    }
}

/// Puts findings of one severity that read the first one's figure under it; otherwise the order stays.
fn clusters(items: Vec<Item<'_>>) -> Vec<Cluster<'_>> {
    let mut clusters: Vec<Cluster<'_>> = Vec::new();
    for item in items {
        let over_it = |c: &&mut Cluster<'_>| {
            c.lead.finding.severity == item.finding.severity
                && c.lead.marks.first().and_then(|m| m.address).is_some_and(|a| item.addresses().contains(&a))
        };
        match clusters.iter_mut().find(over_it) {
            Some(cluster) => cluster.others.push(item),
            None => clusters.push(Cluster { lead: item, others: Vec::new() }),
        }
    }
    clusters
}

impl<'a> Item<'a> {
    pub(super) fn new(report: &'a Report, finding: &'a Finding, show: Show) -> Self {
        let veil = match show {
            Show::Addresses => Veil::Words,
            Show::Values if finding.private => Veil::Cells,
            Show::Values if report.private => Veil::Words,
            Show::Values => Veil::None,
        };
        let title = report.titles.get(finding.rule.as_str()).cloned().unwrap_or_default();
        let words = veil != Veil::Words;
        let values = veil == Veil::None;
        let mut marks: Vec<Mark<'a>> =
            finding.labels.iter().map(|l| Mark::new(report, &l.place, &l.text, veil)).collect();
        // A cell of another sheet than the first needs its sheet's name, or `B3` would be taken for that of the first.
        let first = marks.iter().find_map(|m| m.address).map(|a| a.sheet);
        for mark in &mut marks {
            if let Some(address) = mark.address.filter(|a| Some(a.sheet) != first) {
                mark.short = format!("{}!{}", mark.sheet_name.as_deref().unwrap_or_default(), address.cell);
            }
        }
        let message = if words { draw::line(&finding.message) } else { NOT_SHOWN.to_owned() };
        Self {
            finding,
            id: finding.id(report.year(), report.body()),
            section: draw::line(&words::section_title(report, &finding.section())),
            message,
            title: draw::line(&title),
            help: if words { draw::line(&finding.help) } else { String::new() },
            marks,
            found: finding.found.as_deref().filter(|_| values),
            expected: finding.expected.as_deref().filter(|_| values),
            difference: finding.difference.as_deref().filter(|_| values),
            answer: finding.answer.as_ref().filter(|_| values),
            suggestion: finding.suggestion.as_deref().filter(|_| values),
            veiled: !values,
        }
    }

    pub(super) fn addresses(&self) -> BTreeSet<Address> {
        self.marks.iter().filter_map(|m| m.address).collect()
    }

    /// `Error STK-02: Plans at the end follow from …`; the severity is said in words, never by colour alone.
    pub(super) fn headline(&self) -> String {
        let severity = words::capital(self.finding.severity.word());
        let rule = &self.finding.rule;
        if self.title.is_empty() { format!("{severity} {rule}") } else { format!("{severity} {rule}: {}", self.title) }
    }

    /// The message, with what else follows from the finding and what became of an earlier explanation.
    pub(super) fn full_message(&self) -> String {
        let mut out = words::stop(&self.message);
        match (self.finding.severity, self.finding.consequences) {
            (_, 0) => (),
            (Severity::Error, 1) => out.push_str(" Because of this, 1 figure could not be checked."),
            (Severity::Error, n) => out.push_str(&format!(" Because of this, {n} figures could not be checked.")),
            // What is only asked about was read, rightly or not.
            (Severity::Query | Severity::Note, 1) => out.push_str(" 1 figure rests on this."),
            (Severity::Query | Severity::Note, n) => out.push_str(&format!(" {n} figures rest on this.")),
        }
        match self.answer {
            Some(Answer::Reopened { was, now }) => out.push_str(&format!(
                " The explanation given was for “{}”; the file now has “{}”, so the question is open again.",
                draw::line(was),
                draw::line(now)
            )),
            Some(Answer::Explained { .. }) if self.finding.severity == Severity::Error => {
                out.push_str(" It was explained, but an error cannot be explained away: it must be corrected.");
            }
            Some(Answer::SentBack { explanation, reason }) => {
                let reason = words::stop(&draw::line(reason));
                let because = if reason.is_empty() { "Please explain it anew.".to_owned() } else { reason };
                out.push_str(&format!(
                    " You explained it so: “{}”. That was sent back to you, so the question is open again: {because}",
                    draw::line(explanation)
                ));
            }
            Some(Answer::Explained { .. } | Answer::Waived { .. }) | None => (),
        }
        out
    }

    /// What to do, with the difference.
    pub(super) fn advice(&self) -> String {
        let mut out = words::stop(&self.help);
        if let Some(difference) = self.difference {
            let space = if out.is_empty() { "" } else { " " };
            out.push_str(&format!("{space}Difference: {}.", draw::line(difference)));
        }
        out
    }

    /// The finding's id and, for a query, how to answer it, with last year's answer to the same question.
    pub(super) fn reply(&self) -> String {
        match self.finding.severity {
            Severity::Query => {
                let last = self.suggestion.map_or_else(String::new, |words| {
                    format!(
                        " Last year you explained this so: “{}”. If that still holds, write it again.",
                        draw::line(words)
                    )
                });
                let id = &self.id;
                format!("If the figures are right, explain them on the sheet “Explanations”, for finding {id}.{last}")
            }
            Severity::Error | Severity::Note => format!("This is finding {}.", self.id),
        }
    }
}

impl<'a> Mark<'a> {
    fn new(report: &'a Report, place: &Place, text: &str, veil: Veil) -> Self {
        let (pointer, address) = match place {
            Place::Figure(pointer) => (Some(pointer.clone()), report.figures.cell(pointer)),
            Place::Before(pointer) => (Some(pointer.clone()), None),
            Place::Cell(address) => {
                let pointer = report.figures.at(*address).map(|f| f.pointer.clone());
                (pointer.filter(|_| veil == Veil::None), Some(*address))
            }
            Place::Sheet(_) | Place::File => (None, None),
        };
        let sheet = match place {
            Place::Sheet(index) => Some(*index),
            Place::Figure(_) | Place::Before(_) | Place::Cell(_) | Place::File => address.map(|a| a.sheet),
        };
        let before = matches!(place, Place::Before(_));
        let words =
            pointer.as_ref().filter(|_| veil == Veil::None && !before).map(|p| draw::line(&report.figures.words(p)));
        let sheet_name = sheet.map(|index| draw::line(&report.sheet(index)));
        let short = match (address, place) {
            (Some(address), _) => address.cell.to_string(),
            (None, Place::Figure(_)) => words.clone().unwrap_or_else(|| "a figure of this section".to_owned()),
            (None, Place::Sheet(_)) => format!("sheet “{}”", sheet_name.as_deref().unwrap_or_default()),
            (None, Place::Before(_)) => "sent before".to_owned(),
            (None, Place::Cell(_) | Place::File) => "the file".to_owned(),
        };
        Self {
            address,
            sheet,
            sheet_name,
            before,
            short,
            text: if veil == Veil::Words { String::new() } else { draw::line(text) },
            pointer: pointer.map(|p| p.to_string()),
            words,
            entry: address.and_then(|a| report.workbook.get(a)).filter(|_| veil == Veil::None),
        }
    }

    /// `B7 (Open at 31 March: 2,091)`, `“Open at 31 March”: 2,091, as you sent it before`.
    pub(super) fn said(&self) -> String {
        if self.before && !self.text.is_empty() {
            return format!("{}, as you sent it before", self.text);
        }
        if self.text.is_empty() { self.short.clone() } else { format!("{} ({})", self.short, self.text) }
    }
}
