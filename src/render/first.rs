//! Where to start: which corrections let most of a return through. A step is a figure with all that is asked over it; its
//! weight is what waits for it. Nothing is counted here that the report does not show.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::view::{Cluster, Group, View};
use super::words;
use crate::draw;
use crate::figure::Bare;
use crate::finding::{Finding, Reach, Severity};
use crate::report::{Outcome, Report};

/// So many steps are named at the head of a report.
const FIRST: usize = 5;
/// So many sections that wait are named.
const LISTED: usize = 3;

/// What waits for one step. Ordered: the greatest lets most through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weight {
    severity: Severity,
    /// The whole submission waits for it.
    whole: bool,
    /// The figures of the sections that wait for it, shared among all that they wait for.
    figures: usize,
    /// Sections that wait for nothing else.
    alone: usize,
    /// Other checks of the same figure, and figures that could not be checked.
    checks: usize,
}

/// The sections of a report that wait, and for how many steps each.
pub(super) struct Waiting<'a> {
    report: &'a Report,
    sections: Vec<Section>,
}

struct Section {
    title: String,
    /// The findings that keep it out, by where they stand in memory: they are told apart by nothing else as surely.
    because: BTreeSet<*const Finding>,
    figures: usize,
    steps: usize,
}

/// One step: what to do, and what waits for it.
pub(super) struct Step<'v, 'a> {
    /// The finding that speaks for it, with the others over its figure.
    pub(super) cluster: &'v Cluster<'a>,
    /// What the same rule says of the same cell for other sections.
    pub(super) alike: Vec<&'v Cluster<'a>>,
    /// `Correct C25 on “Child protection”`.
    pub(super) what: String,
    /// The words on the template at that cell.
    pub(super) words: Option<String>,
    /// `The section “Child protection”, with 81 figures, waits for this alone.`
    pub(super) waits: String,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(report: &'a Report, groups: &[Group<'a>]) -> Self {
        let mut figures: BTreeMap<String, usize> = BTreeMap::new();
        for (pointer, _) in report.figures.figures.iter().filter(|(_, figure)| figure.bare != Bare::Blank) {
            *figures.entry(pointer.section_key()).or_default() += 1;
        }
        let kept_out = report.sections.iter().filter(|s| s.outcome != Outcome::Accepted);
        let mut sections: Vec<Section> = kept_out
            .map(|s| Section {
                title: draw::line(&s.title),
                because: s.because.iter().filter_map(|i| report.findings.get(*i)).map(std::ptr::from_ref).collect(),
                figures: figures.get(&s.section).copied().unwrap_or_default(),
                steps: 0,
            })
            .collect();
        let steps = together(groups);
        for section in &mut sections {
            section.steps = steps.iter().filter(|step| section.waits_for(step)).count();
        }
        Self { report, sections }
    }

    fn weight(&self, step: &[&Cluster<'_>]) -> Weight {
        let waiting = || self.sections.iter().filter(|section| section.waits_for(step));
        Weight {
            severity: step.iter().map(|cluster| cluster.lead.finding.severity).max().unwrap_or(Severity::Note),
            whole: findings(step).any(|f| f.reach == Reach::Submission),
            figures: waiting().map(|section| section.figures.max(1) * 100 / section.steps.max(1)).sum(),
            alone: waiting().filter(|section| section.steps == 1).count(),
            checks: findings(step).map(|f| 1 + f.consequences).sum(),
        }
    }

    fn waits(&self, step: &[&Cluster<'_>]) -> String {
        let waiting: Vec<&Section> = self.sections.iter().filter(|section| section.waits_for(step)).collect();
        let mut out = if findings(step).any(|f| f.reach == Reach::Submission) {
            "Nothing of this file can be used before this is put right.".to_owned()
        } else {
            match waiting.as_slice() {
                [] => String::new(),
                [one] => one.sentence(),
                several if several.len() == self.report.sections.len() => {
                    format!("All {} sections wait for this.", several.len())
                }
                several => {
                    let mut titles: Vec<String> =
                        several.iter().take(LISTED).map(|section| format!("“{}”", section.title)).collect();
                    if several.len() > LISTED {
                        titles.push(words::count(several.len() - LISTED, "other section"));
                    }
                    format!("{} wait for this.", words::and(&titles))
                }
            }
        };
        let mut also = |text: String| {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&text);
        };
        match step.iter().map(|cluster| cluster.others.len()).sum::<usize>() {
            0 => {}
            1 => also("1 other check uses the same cell.".to_owned()),
            n => also(format!("{n} other checks use the same cell.")),
        }
        let errors = findings(step).filter(|f| f.severity == Severity::Error);
        match errors.map(|f| f.consequences).sum::<usize>() {
            0 => {}
            n => also(format!("{} could not be checked because of it.", words::count(n, "figure"))),
        }
        out
    }
}

impl Section {
    fn waits_for(&self, step: &[&Cluster<'_>]) -> bool {
        findings(step).any(|f| self.because.contains(&std::ptr::from_ref(f)))
    }

    fn sentence(&self) -> String {
        let Self { title, figures, steps, .. } = self;
        let what = match figures {
            0 => format!("The section “{title}” waits"),
            1 => format!("The section “{title}”, with 1 figure, waits"),
            n => format!("The section “{title}”, with {}, waits", words::count(*n, "figure")),
        };
        match steps {
            0 | 1 => format!("{what} for this alone."),
            2 => format!("{what} for this and one other point."),
            n => format!("{what} for this and {} other points.", n - 1),
        }
    }
}

fn findings<'c>(step: &'c [&Cluster<'_>]) -> impl Iterator<Item = &'c Finding> {
    step.iter().flat_map(|cluster| std::iter::once(&cluster.lead).chain(&cluster.others)).map(|item| item.finding)
}

/// Puts what lets most through first, within each group; of equals the order of the sheet stays.
pub(super) fn order<'a>(report: &'a Report, groups: &mut [Group<'a>]) {
    let waiting = Waiting::new(report, groups);
    for group in groups {
        group.open.sort_by_cached_key(|cluster| Reverse(waiting.weight(&[cluster])));
    }
}

/// The figures to look at, each with all that is asked over it. One line of the cover may speak of many sections: what one
/// rule says of one cell is one step.
fn together<'v, 'a>(groups: &'v [Group<'a>]) -> Vec<Vec<&'v Cluster<'a>>> {
    let about = |cluster: &Cluster<'_>| {
        let address = cluster.lead.marks.first().and_then(|mark| mark.address)?;
        cluster.others.is_empty().then(|| (cluster.lead.finding.rule.clone(), address, cluster.lead.finding.severity))
    };
    let mut steps: Vec<Vec<&'v Cluster<'a>>> = Vec::new();
    let mut known = BTreeMap::new();
    for cluster in groups.iter().flat_map(|group| &group.open) {
        let key = about(cluster);
        match key.as_ref().and_then(|key| known.get(key)).and_then(|at: &usize| steps.get_mut(*at)) {
            Some(step) => step.push(cluster),
            None => {
                known.extend(key.map(|key| (key, steps.len())));
                steps.push(vec![cluster]);
            }
        }
    }
    steps
}

/// All steps, what lets most through first.
pub(super) fn steps<'v, 'a>(view: &'v View<'a>) -> Vec<Step<'v, 'a>> {
    let waiting = Waiting::new(view.report, &view.groups);
    let mut steps = together(&view.groups);
    steps.sort_by_cached_key(|step| Reverse(waiting.weight(step)));
    let words = |cluster: &Cluster<'a>| {
        let mark = cluster.lead.marks.first().filter(|mark| mark.address.is_some())?;
        mark.words.clone().filter(|words| !words.is_empty())
    };
    let step = |step: Vec<&'v Cluster<'a>>| {
        let (cluster, alike) = step.split_first()?;
        let waits = waiting.waits(&step);
        Some(Step { cluster, alike: alike.to_vec(), what: what(cluster), words: words(cluster), waits })
    };
    steps.into_iter().filter_map(step).collect()
}

/// The steps that a report begins with, and how many there are in all.
pub(super) fn first<'v, 'a>(view: &'v View<'a>) -> (Vec<Step<'v, 'a>>, usize) {
    let mut steps = steps(view);
    let all = steps.len();
    steps.truncate(FIRST);
    (steps, all)
}

/// `Correct C25 on “Child protection”`; of what has no cell, what is wrong with it.
fn what(cluster: &Cluster<'_>) -> String {
    let item = &cluster.lead;
    let verb = match item.finding.severity {
        _ if item.finding.private => "Take the details of people out of",
        Severity::Error => "Correct",
        Severity::Query | Severity::Note => "Correct or explain",
    };
    let Some(mark) = item.marks.first() else { return words::stop(&item.title) };
    match (&mark.sheet_name, mark.address) {
        (Some(sheet), Some(_)) => format!("{verb} {} on “{sheet}”", mark.short),
        (Some(sheet), None) => format!("{verb} the sheet “{sheet}”"),
        (None, _) if mark.words.is_some() => format!("{verb} “{}”", mark.short),
        (None, _) if item.title.is_empty() => format!("{verb} the file"),
        (None, _) => item.title.clone(),
    }
}
