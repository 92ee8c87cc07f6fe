//! All submissions of one body for one year: what is kept of each that was checked, and what is written once it is settled
//! which version of each section is accepted. In what order they are checked, and with what, is left to `sequence`.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;

use super::checker::{Checker, Opened, Sight};
use super::fault::Fault;
use super::name::Names;
use super::spill::{Slip, Spill};
use super::summary::BodyLine;
use super::worker::Answer;
use super::{Error, feedback, log};
use crate::checks::{Together, answered, suggest};
use crate::counting::{Versions, Worth};
use crate::export::{Receipt, Released, json_file, section_json};
use crate::extract::{Answered, Context, Return, Waiver};
use crate::finding::Finding;
use crate::handled::{Asked, Handled};
use crate::record::{self, Record, Source};
use crate::render::Delivery;
use crate::report::{FileFacts, Outcome, Report};

/// The cells of a submission.
#[derive(Debug)]
pub(super) enum Held {
    /// As values.
    Here(Opened),
    /// As a worker sent them, put away until they are wanted.
    Away(Slip),
}

/// One submission, read and hashed, its cover looked at.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) body: String,
    pub(super) file: FileFacts,
    pub(super) received: NaiveDate,
    /// How many others had been seen before it, when it was seen first; the greatest number if that is now.
    pub(super) turn: usize,
    /// What it holds; failed until it is read.
    pub(super) opened: Result<(Held, Sight), Fault>,
}

impl Seen {
    pub(super) fn number(&self) -> Option<u32> {
        self.opened.as_ref().ok().and_then(|(_, sight)| sight.submission_no)
    }
}

/// What holds for the whole run.
pub(super) struct Work<'a> {
    pub(super) checker: &'a dyn Checker,
    pub(super) as_of: NaiveDate,
    pub(super) waivers: &'a [Waiver],
    /// The words that the names of files may be made of.
    pub(super) names: &'a Names<'a>,
    /// Where what is not wanted at once is put away.
    pub(super) spill: &'a Spill<'a>,
    /// Called when a submission has been checked.
    pub(super) tick: &'a (dyn Fn() + Sync),
}

impl Work<'_> {
    /// What is known of a submission from outside it, apart from other submissions.
    pub(super) fn context(&self, body: &str, received: NaiveDate) -> Context {
        Context {
            expected_body: Some(body.to_owned()),
            received: Some(received),
            waivers: self.waivers.to_vec(),
            ..Context::on(self.as_of)
        }
    }

    /// Checks a submission. If the program fails over it, that is a finding about it and the others go through.
    pub(super) fn check(&self, seen: &Seen, year: &str, context: &Context) -> Result<Report, Error> {
        let report = self.look(seen, year, context);
        (self.tick)();
        report
    }

    pub(super) fn look(&self, seen: &Seen, year: &str, context: &Context) -> Result<Report, Error> {
        let check = |opened: &Opened| {
            catch_unwind(AssertUnwindSafe(|| self.checker.check(opened, context))).map_err(|_| Fault::Failed)
        };
        let report = match &seen.opened {
            Ok((Held::Here(opened), _)) => check(opened),
            Ok((Held::Away(slip), _)) => match self.spill.recall(*slip)? {
                Answer::Read(opened, _) => check(&opened),
                Answer::Failed(_) => Err(Fault::Failed),
            },
            Err(fault) => Err(*fault),
        };
        Ok(match report {
            Ok(mut report) => {
                if !report.private {
                    report.file.name = self.names.shown(&report.file);
                }
                report
            }
            Err(fault) => feedback::broken(seen.file.clone(), &seen.body, year, self.checker.pack(), fault),
        })
    }

    /// The report on a file that lies in nobody's folder.
    pub(super) fn stranger(&self, seen: &Seen) -> Report {
        (self.tick)();
        feedback::stranger(seen.file.clone(), &seen.body, self.checker.pack())
    }

    /// The files that tell a body about a submission. If the program fails over them too, a bare sentence must do.
    pub(super) fn feedback(&self, report: &Report, delivery: &Delivery) -> Vec<(&'static str, Vec<u8>)> {
        catch_unwind(AssertUnwindSafe(|| feedback::files(report, delivery))).unwrap_or_else(|_| {
            let text =
                "The report on this file could not be written: the program itself failed. Please tell its makers.\n";
            vec![("report.txt", text.into())]
        })
    }

    /// The proof of what was done with a submission.
    pub(super) fn receipt(&self, report: &Report, seen: &Seen, year: &str) -> Receipt {
        let stopped = seen.opened.as_ref().err().and_then(|fault| fault.word());
        Receipt::new(report, &seen.body, year, seen.received, self.as_of).with_stopped(stopped)
    }
}

/// The submissions of one body for one year, each checked by itself, in their order.
pub(super) struct Checked<'s> {
    pub(super) body: String,
    pub(super) kind: String,
    pub(super) steps: Vec<Step<'s>>,
    /// What was asked and answered last year.
    pub(super) answered: Vec<Answered>,
}

/// One submission: what is wanted of it again and again. All else that is known of it is put away.
pub(super) struct Step<'s> {
    pub(super) seen: &'s Seen,
    pub(super) private: bool,
    /// Whether anything of it counts.
    pub(super) worth: Worth,
    /// What became of each of its sections.
    pub(super) outcomes: Vec<(String, Outcome)>,
    receipt: Receipt,
    handled: Slip,
    /// The figures by themselves, because who only counts them has no use for the rest.
    figures: Slip,
    rest: Slip,
    /// The day by which it and those before it were there, and how many of these had come on that day.
    pub(super) turn: (NaiveDate, usize),
}

impl<'s> Step<'s> {
    pub(super) fn new(
        work: &Work<'_>,
        year: &str,
        seen: &'s Seen,
        report: Report,
        settled: Vec<Asked>,
        last: Option<&Self>,
    ) -> Result<Self, Error> {
        let day = last.map_or(seen.received, |last| last.turn.0.max(seen.received));
        let turn = last.filter(|last| last.turn.0 == day).map_or(0, |last| last.turn.1 + 1);
        Self::of(work, year, seen, report, settled, (day, turn))
    }

    fn of(
        work: &Work<'_>,
        year: &str,
        seen: &'s Seen,
        mut report: Report,
        settled: Vec<Asked>,
        turn: (NaiveDate, usize),
    ) -> Result<Self, Error> {
        let handled = work.spill.keep_json(&Handled { settled, ..Handled::of(&report, seen.received) })?;
        let worth = Worth::of(&report);
        let receipt = work.receipt(&report, seen, year);
        let outcomes = report.sections.iter().map(|s| (s.section.clone(), s.outcome)).collect();
        let figures = work.spill.keep(&mem::take(&mut report.figures))?;
        let rest = work.spill.keep(&report)?;
        Ok(Self { seen, private: report.private, worth, outcomes, receipt, handled, figures, rest, turn })
    }

    /// What is kept of it.
    pub(super) fn handled(&self, work: &Work<'_>) -> Result<Handled, Error> {
        work.spill.recall_json(self.handled)
    }

    /// Its figures.
    pub(super) fn figures(&self, work: &Work<'_>) -> Result<Return, Error> {
        work.spill.recall(self.figures)
    }

    /// Its report.
    pub(super) fn report(&self, work: &Work<'_>) -> Result<Report, Error> {
        let rest: Report = work.spill.recall(self.rest)?;
        Ok(Report { figures: self.figures(work)?, ..rest })
    }

    /// The same submission, asked what was found across agencies; last year's answers stand beside the same questions.
    pub(super) fn told(
        &self,
        work: &Work<'_>,
        year: &str,
        together: &Together,
        standing: &Standing,
        answered: &[Answered],
    ) -> Result<Option<Self>, Error> {
        // What could not be read at all, or holds personal data, has to be put right before anything else is asked.
        if self.private || self.worth == Worth::Nothing && self.outcomes.is_empty() {
            return Ok(None);
        }
        let (found, checks) = (together.seen_by(&self.seen.body), together.account_of(&self.seen.body));
        let mut report = self.report(work)?;
        report.ask(found, checks, |rule| work.checker.rule_title(rule));
        suggest(&mut report.findings, answered);
        // What a submission before it brought is not owed any more.
        report.owed.retain(|key, _| !standing.accepted.contains_key(key) && !standing.queried.contains_key(key));
        let settled = self.handled(work)?.settled;
        Self::of(work, year, self.seen, report, settled, self.turn).map(Some)
    }

    /// The same submission, some of whose questions a later one has answered. Only of the sections that still stand does
    /// something else become.
    pub(super) fn answered(
        &self,
        work: &Work<'_>,
        year: &str,
        report: Report,
        about: &BTreeSet<String>,
    ) -> Result<Self, Error> {
        let settled = self.handled(work)?.settled;
        let before = self.outcomes.clone();
        let mut answered = Self::of(work, year, self.seen, report, settled, self.turn)?;
        for (was, now) in before.into_iter().zip(&mut answered.outcomes).filter(|(was, _)| !about.contains(&was.0)) {
            *now = was;
        }
        Ok(answered)
    }
}

/// What comes of one body in one year.
pub(super) struct Done {
    /// Records of its accepted sections, put away, and how many.
    pub(super) records: (Slip, usize),
    /// What was accepted of it, put away: next year's `last`.
    pub(super) accepted: Option<Slip>,
    /// One for each submission, without what only the body reads.
    pub(super) receipts: Vec<Receipt>,
    /// What the board needs to know of each submission.
    pub(super) handled: Vec<Handled>,
    /// What the summary says.
    pub(super) line: BodyLine,
}

/// Which submission, by its position, holds the version of each section that is accepted, and of each that is asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) accepted: Versions,
    pub(super) queried: Versions,
    /// What each submission but the latest was asked across agencies before the next one came, where it was.
    pub(super) asked: BTreeMap<usize, Vec<Finding>>,
}

/// Where the files of a directory go: path below it, and bytes.
pub(super) type Put<'a> = &'a (dyn Fn(&str, &[u8]) -> Result<(), Error> + Sync);

/// Writes what came of one body for one year. One report at a time is had again, and only where something is made of it.
pub(super) fn write(
    work: &Work<'_>,
    year: &str,
    checked: &Checked<'_>,
    standing: &Standing,
    put: Put<'_>,
) -> Result<Done, Error> {
    let Checked { body, kind, steps, answered: _ } = checked;
    let mut handled: Vec<Handled> = steps.iter().map(|step| step.handled(work)).collect::<Result<_, _>>()?;
    let log = handled.iter().flat_map(|handled| log::lines(year, body, handled)).collect();
    let mut line = BodyLine { log, ..BodyLine::default() };
    let mut accepted = None::<Return>;
    let form = work.checker.sections(kind, year);
    // In the order of the pack, whichever submission they come from.
    let mut records: BTreeMap<usize, Vec<Record>> = BTreeMap::new();
    let mut released = BTreeMap::new();
    let versions = standing.accepted.values().chain(standing.queried.values()).copied();
    let wanted: BTreeSet<usize> = versions.chain(steps.len().checked_sub(1)).collect();
    for (version, step) in wanted.into_iter().filter_map(|version| Some((version, steps.get(version)?))) {
        let report = step.report(work)?;
        if version + 1 == steps.len() {
            let mut asked = handled.clone();
            for (at, found) in &standing.asked {
                if let (Some(handled), Some(step)) = (asked.get_mut(*at), steps.get(*at)) {
                    handled.ask(&step.report(work)?, found);
                }
            }
            let delivery = feedback::delivery(work, year, body, &asked, &report.owed, standing);
            for (name, bytes) in work.feedback(&report, &delivery) {
                put(&format!("feedback/{body}/{name}"), &bytes)?;
            }
            let keys = |versions: &Versions| versions.keys().cloned().collect();
            let told = BodyLine::new(&report, year, body, &keys(&standing.accepted), &keys(&standing.queried));
            line = BodyLine { submissions: steps.len(), log: line.log, ..told };
        }
        let here = |versions: &Versions, key: &String| versions.get(key) == Some(&version);
        for (place, section) in form.iter().enumerate() {
            let key = &section.key;
            if here(&standing.accepted, key) {
                if let Some(document) = section_json(&report, section, Outcome::Accepted) {
                    put(&format!("returns/{body}/{key}.json"), &json_file(&document))?;
                }
                let source = Source {
                    figures: &report.figures,
                    workbook: &report.workbook,
                    kind,
                    sections: form,
                    sha256: &report.file.sha256,
                    body,
                    marks: &report.marks,
                };
                let made = record::records(&source, &BTreeSet::from([key.clone()]));
                let what = Released {
                    section: key.clone(),
                    records: made.len(),
                    submission: report.figures.submission_no,
                    file: report.file.sha256.clone(),
                };
                released.insert(key.clone(), what);
                records.insert(place, made);
            }
            if here(&standing.queried, key)
                && let Some(document) = section_json(&report, section, Outcome::Queried)
            {
                put(&format!("returns/{body}/{key}.queried.json"), &json_file(&document))?;
            }
        }
        // The latest submission comes last, so that its cover counts.
        for key in standing.accepted.keys().filter(|key| here(&standing.accepted, key)) {
            let accepted = accepted.get_or_insert_with(Return::default);
            accepted.replace_section(&report.figures, key);
            // What was answered about it is next year's suggestion.
            let about = |answered: &Answered| answered.at.section_key() == *key;
            accepted.answered.extend(answered(&report.findings).into_iter().filter(about));
        }
    }
    let mut receipts = Vec::new();
    for step in steps {
        let receipt = step.receipt.clone().with_released(&released);
        put(&format!("receipts/{body}/{}.json", receipt.sha256), &json_file(&receipt.to_json()))?;
        receipts.push(receipt.for_the_ledger());
    }
    Handled::supersede(&mut handled);
    let records: Vec<Record> = records.into_values().flatten().collect();
    let accepted = accepted.map(|accepted| work.spill.keep(&accepted)).transpose()?;
    Ok(Done { records: (work.spill.keep(&records)?, records.len()), accepted, receipts, handled, line })
}
