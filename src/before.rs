//! What a body's submissions for a year, taken one after another, leave for the next one to be checked with: what was
//! accepted, what counts, what was explained and what is still asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::{answered, remember};
use crate::counting::adds;
use crate::extract::{Asked, Context, Return};
use crate::finding::{Finding, Place, Reach};
use crate::report::{Outcome, Report};

/// The submissions of a body for a year so far.
#[derive(Debug, Default, Clone)]
pub struct Before {
    previous: Option<Return>,
    counts: Option<Arc<Return>>,
    earlier: Vec<Arc<Return>>,
    asked: Vec<Asked>,
}

impl Before {
    /// Takes the next submission, once it is checked.
    pub fn take(&mut self, report: &Report) {
        if report.private {
            return;
        }
        self.accept(report, |_| true);
        let new: BTreeSet<String> = report.not_refused().map(str::to_owned).collect();
        for section in &new {
            Arc::make_mut(self.counts.get_or_insert_default()).replace_section(&report.figures, section);
        }
        // What was asked of a version that another has superseded is asked again, or not.
        self.asked.retain(|asked| sections(&asked.finding).is_some_and(|keys| keys.is_disjoint(&new)));
        self.asked.extend(open(report).map(|finding| asked(report, finding)));
        if report.explains() {
            let memory = self.remember(report);
            if adds(self.earlier.last().map(AsRef::as_ref), &memory) {
                self.earlier.push(Arc::new(memory));
            }
        }
    }

    /// What is kept of a submission with explanations, which may be about all that counts when it comes.
    #[must_use]
    pub fn remember(&self, report: &Report) -> Return {
        let memory = remember(&report.figures, &report.findings);
        let Some(counts) = self.counts.as_deref() else { return memory };
        let away = counts.numbers.keys().chain(counts.sheets.keys()).map(String::as_str);
        let away: BTreeSet<&str> = away.filter(|key| !report.figures.sheets.contains_key(*key)).collect();
        memory.with_sections(counts, away)
    }

    /// Takes a submission again, whose questions about some sections a later one has answered.
    pub fn answer(&mut self, report: &Report, about: &BTreeSet<String>) {
        self.accept(report, |section| about.contains(section));
        self.asked.retain(|asked| {
            let same = |f: &&Finding| f.rule == asked.finding.rule && f.at == asked.finding.at;
            report.findings.iter().find(same).is_none_or(Finding::is_open)
        });
    }

    fn accept(&mut self, report: &Report, about: impl Fn(&str) -> bool) {
        for section in report.sections.iter().filter(|s| s.outcome == Outcome::Accepted && about(&s.section)) {
            self.previous.get_or_insert_default().replace_section(&report.figures, &section.section);
        }
    }

    /// What is known of the next one from those before it.
    #[must_use]
    pub fn context(&self, context: Context) -> Context {
        Context {
            previous: self.previous.clone(),
            counts: self.counts.clone(),
            earlier: self.earlier.clone(),
            asked: self.asked.clone(),
            ..context
        }
    }
}

/// What a submission is asked about some of its sections.
fn open(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.is_open() && sections(finding).is_some())
}

fn asked(report: &Report, finding: &Finding) -> Asked {
    let marked = finding.labels.iter().filter_map(|label| match &label.place {
        Place::Figure(at) | Place::Before(at) => Some(at),
        Place::Cell(_) | Place::Sheet(_) | Place::File => None,
    });
    let words = std::iter::once(&finding.at).chain(marked).map(|at| report.figures.words(at)).collect();
    Asked { finding: finding.clone(), words }
}

fn sections(finding: &Finding) -> Option<&BTreeSet<String>> {
    match &finding.reach {
        Reach::Sections(keys) => Some(keys),
        Reach::Submission | Reach::Explanation => None,
    }
}

/// The sections of a return that are not refused, to compare the next year's with; `None` where nothing of it can be used.
#[must_use]
pub fn usable(report: &Report) -> Option<Return> {
    let mut out = None;
    for section in report.not_refused() {
        out.get_or_insert_with(Return::default).replace_section(&report.figures, section);
    }
    if let Some(out) = &mut out {
        out.answered = answered(&report.findings);
    }
    out
}
