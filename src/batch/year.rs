//! One year of a run: its bodies are checked, settled against one another, written, and take the place of what stands.
//! What a year leaves behind for the next one is what was accepted; all else of it is let go.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{self, Checked, Work};
use super::checker::Checker;
use super::ledger::Ledger;
use super::outbox::{Manifest, Next, Outbox};
use super::plan::{Group, Groups, Plan, UNPLACED};
use super::spill::Slip;
use super::summary::{BodyLine, Summary};
use super::{Error, again, log, parallel, together};
use crate::export::{Receipt, data_package, json_file, records_csv};
use crate::extract::Return;
use crate::handled::Handled;
use crate::record::Record;
use crate::render;
use crate::schema::year_before;

/// The years of a run, oldest first.
pub(super) struct Years<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) outbox: &'a Outbox<'a>,
    pub(super) threads: usize,
    /// What was accepted of each body in the year before, put away.
    last: (String, BTreeMap<String, Slip>),
}

impl<'a> Years<'a> {
    pub(super) fn new(work: &'a Work<'a>, outbox: &'a Outbox<'a>, threads: usize) -> Self {
        Self { work, outbox, threads, last: Default::default() }
    }

    /// Runs one year. Without a manifest nothing of it is written: it is run for the year after it.
    pub(super) fn run(
        &mut self,
        year: &str,
        bodies: &Groups<'_>,
        manifest: Option<Manifest>,
        ledger: &mut Ledger,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        let work = self.work;
        let follows = year_before(year).is_some_and(|before| before == self.last.0);
        let groups: Vec<(&String, &Group<'_>)> = bodies.iter().collect();
        let mut checked = parallel::try_each(self.threads, &groups, |(body, group)| {
            let last = self.last.1.get(*body).filter(|_| follows);
            let last: Option<Return> = last.map(|slip| work.spill.recall(*slip)).transpose()?;
            body::check(work, year, &group.kind, &group.seen, last.as_ref())
        })?;
        let settled = together::settle(work, year, &checked)?;
        let next = manifest.is_some().then(|| self.outbox.begin(year)).transpose()?;
        let put = |path: &str, bytes: &[u8]| next.as_ref().map_or(Ok(()), |next| next.put(path, bytes));
        let both: Vec<_> = checked.iter().zip(&settled.standing).collect();
        let done = parallel::try_each(self.threads, &both, |(body, standing)| {
            body::write(work, year, body, standing, &settled.together, &put)
        })?;
        self.last = (year.to_owned(), BTreeMap::new());
        let (mut records, mut receipts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for (body, done) in checked.iter_mut().zip(done) {
            if let (Some(step), Some(latest)) = (body.steps.last_mut(), done.latest) {
                step.handled = latest;
            }
            self.last.1.extend(done.accepted.map(|accepted| (body.body.clone(), accepted)));
            records.push(done.records);
            receipts.extend(done.receipts);
            lines.push(done.line);
        }
        let (Some(next), Some(manifest)) = (next, manifest) else { return Ok(()) };
        self.whole(&next, year, bodies, &checked, &settled, &records)?;
        next.finish(manifest)?;
        // In the order in which they were taken, which later runs keep to.
        ledger.add(&receipts)?;
        summary.bodies.extend(lines);
        summary.released.push((year.to_owned(), records.iter().map(|(_, count)| count).sum()));
        Ok(())
    }

    /// What the bodies of a year have in common: schemas, board, table of records.
    fn whole(
        &self,
        next: &Next<'_>,
        year: &str,
        bodies: &Groups<'_>,
        checked: &[Checked<'_>],
        settled: &together::Settled,
        records: &[(Slip, usize)],
    ) -> Result<(), Error> {
        let work = self.work;
        schemas(work.checker, year, bodies, next)?;
        let drawn = together::drawn(work, checked, settled)?;
        for (name, text) in render::board(&together::board(work, year, checked, settled, &drawn)) {
            next.put(name, text.as_bytes())?;
        }
        drop(drawn);
        // Of one body after another: the table itself is all of it that is held at once.
        let mut failed = None;
        let recalled = records
            .iter()
            .map_while(|(slip, _)| work.spill.recall::<Vec<Record>>(*slip).map_err(|error| failed = Some(error)).ok());
        let csv = records_csv(recalled.flatten());
        failed.map_or(Ok(()), Err)?;
        next.put("data/datapackage.json", &json_file(&data_package(&csv, year, work.checker.pack())))?;
        next.put("data/records.csv", csv.as_bytes())
    }

    /// Feedback on files whose year is not to be had.
    pub(super) fn unplaced(
        &self,
        plan: &Plan<'_>,
        manifest: Manifest,
        ledger: &mut Ledger,
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
            for (name, bytes) in work.feedback(&report) {
                next.put(&format!("{folder}/{name}"), &bytes)?;
            }
            let line = BodyLine::new(&report, "", &seen.body, &BTreeSet::new(), &BTreeSet::new());
            let log = log::lines("", &seen.body, &Handled::of(&report, seen.received));
            Ok((receipt, BodyLine { log, ..line }))
        })?;
        let (mut receipts, lines): (Vec<Receipt>, Vec<BodyLine>) = done.into_iter().unzip();
        summary.unplaced.extend(lines);
        next.finish(manifest)?;
        again::sort(&mut receipts);
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
