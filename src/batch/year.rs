//! One year of a run: its bodies are checked, settled against one another, written, and take the place of what stands.
//! What a year leaves behind for the next one is what was accepted; all else of it is let go.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use super::body::{self, Checked, Done, Work};
use super::checker::Checker;
use super::ledger::Ledger;
use super::outbox::{Manifest, Next, Outbox, UNPLACED};
use super::plan::{Group, Groups, Plan};
use super::sequence;
use super::spill::Slip;
use super::summary::{BodyLine, Summary};
use super::{Error, decisions, feedback, log, parallel, together};
use crate::export::{About, Receipt, data_files, json_file};
use crate::extract::{Return, Unclear};
use crate::handled::Handled;
use crate::record::Record;
use crate::render;
use crate::rot::{self, Rot};
use crate::schema::year_before;

/// The years of a run, oldest first.
pub(super) struct Years<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) outbox: &'a Outbox<'a>,
    pub(super) threads: usize,
    /// What was accepted of each body in the year before, put away.
    last: (String, BTreeMap<String, Slip>),
    /// The board manager's decisions, held against one year after the other.
    rot: Rot<'a>,
}

impl<'a> Years<'a> {
    pub(super) fn new(work: &'a Work<'a>, outbox: &'a Outbox<'a>, threads: usize, unclear: &'a [Unclear]) -> Self {
        let rot = Rot::new(work.waivers, unclear, work.as_of);
        Self { work, outbox, threads, last: Default::default(), rot }
    }

    /// Runs one year. Without a manifest nothing of it is written: it is run for the year after it.
    pub(super) fn run(
        &mut self,
        (year, newest): (&str, bool),
        bodies: &Groups<'_>,
        manifest: Option<Manifest>,
        ledger: &mut Ledger<'_>,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        let work = self.work;
        let follows = year_before(year).is_some_and(|before| before == self.last.0);
        let groups: Vec<(&String, &Group<'_>)> = bodies.iter().collect();
        let mut checked = parallel::try_each(self.threads, &groups, |(body, group)| {
            let last = self.last.1.get(*body).filter(|_| follows);
            let last: Option<Return> = last.map(|slip| work.spill.recall(*slip)).transpose()?;
            sequence::check(work, year, &group.kind, &group.seen, last.as_ref())
        })?;
        let mut settled = together::settle(work, year, &checked)?;
        together::tell(work, year, self.threads, &mut checked, &settled)?;
        decisions::weigh(&mut self.rot, work, year, newest, &checked, &mut settled)?;
        let next = manifest.is_some().then(|| self.outbox.begin(year)).transpose()?;
        let put = |path: &str, bytes: &[u8]| next.as_ref().map_or(Ok(()), |next| next.put(path, bytes));
        let both: Vec<_> = checked.iter().zip(&settled.standing).collect();
        let done =
            parallel::try_each(self.threads, &both, |(body, standing)| body::write(work, year, body, standing, &put))?;
        let accepted = |(body, done): (&Checked<'_>, &Done)| Some((body.body.clone(), done.accepted?));
        let accepted = checked.iter().zip(&done).filter_map(accepted).collect();
        let before = mem::replace(&mut self.last, (year.to_owned(), accepted));
        let (Some(next), Some(manifest)) = (next, manifest) else { return Ok(()) };
        summary.said.extend(rot::sentence(&settled.together.findings));
        schemas(work.checker, year, bodies, &next)?;
        let before = if follows { before.1 } else { BTreeMap::new() };
        let board = together::board(work, ledger, year, &checked, &settled, &done, &before)?;
        for (name, text) in render::board(&board) {
            next.put(name, text.as_bytes())?;
        }
        drop((board, settled, checked));
        self.data(&next, year, &done)?;
        let records = done.iter().map(|done| done.records.1).sum();
        let (receipts, lines): (Vec<_>, Vec<_>) = done.into_iter().map(|done| (done.receipts, done.line)).unzip();
        let receipts: Vec<Receipt> = receipts.into_iter().flatten().collect();
        // In the order in which they were taken, which later runs keep to.
        let taken = receipts.iter().map(|r| format!("receipts/{}/{}.json", r.body, r.sha256)).collect();
        next.finish(Manifest { taken, ..manifest })?;
        ledger.add(&receipts)?;
        summary.bodies.extend(lines);
        summary.released.push((year.to_owned(), records));
        Ok(())
    }

    /// The tables of records and their descriptor.
    fn data(&self, next: &Next<'_>, year: &str, done: &[Done]) -> Result<(), Error> {
        let work = self.work;
        let mut records: Vec<Record> = Vec::with_capacity(done.iter().map(|done| done.records.1).sum());
        for done in done {
            records.extend(work.spill.recall::<Vec<Record>>(done.records.0)?);
        }
        let about = About { year, as_of: work.as_of, pack: work.checker.pack() };
        let files = data_files(&records, about).map_err(Error::file(self.outbox.path(year), "written"))?;
        files.iter().try_for_each(|(name, bytes)| next.put(&format!("data/{name}"), bytes))
    }

    /// Feedback on files whose year is not to be had.
    pub(super) fn unplaced(
        &self,
        plan: &Plan<'_>,
        manifest: Manifest,
        ledger: &mut Ledger<'_>,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        if plan.unplaced.is_empty() {
            return self.outbox.withdraw(UNPLACED);
        }
        let work = self.work;
        let registered: BTreeSet<&String> = work.checker.agencies().bodies.iter().map(|b| &b.key).collect();
        let next = self.outbox.begin(UNPLACED)?;
        let done = parallel::try_each(self.threads, &plan.unplaced, |seen| {
            let report = if registered.contains(&seen.body) {
                work.check(seen, "", &work.context(&seen.body, seen.received))?
            } else {
                work.stranger(seen)
            };
            let folder = format!("{}/{}", seen.body, seen.file.sha256.get(..8).unwrap_or_default());
            let receipt = work.receipt(&report, seen, "");
            next.put(&format!("{folder}/receipt.json"), &json_file(&receipt.to_json()))?;
            for (name, bytes) in work.feedback(&report, &feedback::alone(work, &seen.body, seen.received)) {
                next.put(&format!("{folder}/{name}"), &bytes)?;
            }
            let line = BodyLine::new(&report, "", &seen.body, &BTreeSet::new(), &BTreeSet::new());
            let log = log::lines("", &seen.body, &Handled::of(&report, seen.received));
            Ok((receipt.for_the_ledger(), BodyLine { log, ..line }))
        })?;
        let (mut receipts, lines): (Vec<Receipt>, Vec<BodyLine>) = done.into_iter().unzip();
        summary.unplaced.extend(lines);
        receipts.sort_by(|a, b| (&a.body, &a.sha256).cmp(&(&b.body, &b.sha256)));
        let place = |r: &Receipt| format!("{}/{}/receipt.json", r.body, r.sha256.get(..8).unwrap_or_default());
        let taken = receipts.iter().map(place).collect();
        next.finish(Manifest { taken, ..manifest })?;
        ledger.add(&receipts).map(drop)
    }
}

/// The effective schemas of the kinds that returned something, so that any tool can repeat the check.
fn schemas(checker: &dyn Checker, year: &str, bodies: &Groups<'_>, next: &Next<'_>) -> Result<(), Error> {
    let kinds: BTreeSet<&String> = bodies.values().map(|group| &group.kind).collect();
    for kind in kinds {
        for section in checker.sections(kind, year) {
            if let Some(schema) = checker.section_schema(kind, year, &section.key) {
                next.put(&format!("schemas/{kind}/{}.json", section.key), &json_file(schema))?;
            }
        }
    }
    Ok(())
}
