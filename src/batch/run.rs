//! One run: what is new in the inbox is checked, year by year, and released or sent home.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;

use super::body::{self, Seen, Work};
use super::checker::Checker;
use super::fault::Fault;
use super::inbox::{self, Arrived};
use super::ledger::Ledger;
use super::made;
use super::outbox::{Manifest, Outbox, UNPLACED};
use super::pool::{Pool, Workers};
use super::reader::Reader;
use super::summary::{BodyLine, Summary};
use super::{Disk, Error, decisions, disk, feedback, log, name, parallel, together, waivers};
use crate::export::{About, Receipt, data_files, json_file, program};
use crate::extract::{Return, Unclear, Waiver};
use crate::handled::Handled;
use crate::record::Record;
use crate::render;
use crate::report::FileFacts;
use crate::rot::{self, Rot};
use crate::schema::year_before;

/// What a run is given.
pub struct Job<'a> {
    /// The inbox.
    pub inbox: PathBuf,
    /// The outbox.
    pub outbox: PathBuf,
    /// The board manager's decisions.
    pub waivers: PathBuf,
    /// The date of the run: deadlines, ages and lateness come from it.
    pub as_of: NaiveDate,
    /// Write this year only; earlier ones are still read, because they are its `last`.
    pub year: Option<String>,
    /// Threads; 0: one a processor. Changes nothing but the time taken.
    pub threads: usize,
    /// Worker processes to read submissions in, so that one that stops the program costs itself only; `None`: they are
    /// read in this process. Changes nothing else.
    pub workers: Option<Workers>,
    /// What is done to the outbox is done through this: [`System`](super::System), or in a test one that fails.
    pub disk: &'a dyn Disk,
    /// Told how many of how many steps are done.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// Runs the batch.
///
/// # Errors
/// The inbox cannot be read, the outbox cannot be written, or another run is at work on it. Yesterday's outbox stays.
pub fn run(job: &Job<'_>, checker: &dyn Checker) -> Result<Summary, Error> {
    let outbox = Outbox::open(&job.outbox, job.disk)?;
    let mut ledger = Ledger::open(&outbox.path("ledger.jsonl"), job.disk)?;
    let (stood, caught_up) = made::catch_up(&outbox, &mut ledger)?;
    let mut found = inbox::scan(&job.inbox, &|folder| name::folder(folder, checker.agencies(), checker.people()))?;
    let (waivers, unclear) = waivers::read(&job.waivers)?;

    let mut summary = Summary {
        as_of: job.as_of.to_string(),
        pack: format!("{} {}", checker.pack().0, checker.pack().1),
        submissions: found.arrived.len(),
        outbox: job.outbox.display().to_string(),
        ..Summary::default()
    };
    summary.said.extend(outbox.recovered.iter().cloned());
    if ledger.torn {
        summary
            .said
            .push("An earlier run was stopped while it wrote the ledger: half a line is written anew.".to_owned());
    }
    summary.said.extend(caught_up);
    summary.said.extend(found.said);
    summary.said.extend(unclear.iter().map(ToString::to_string));

    let hashed = parallel::each(job.threads, &found.arrived, |arrived| hash(job, &ledger, arrived))?;
    let mut pairs: Vec<(Seen, &Arrived)> = Vec::new();
    for (hashed, arrived) in hashed.into_iter().zip(&found.arrived) {
        match hashed {
            Ok(seen) => pairs.push((seen, arrived)),
            Err(why) => {
                found.unread.insert(arrived.body.clone());
                summary.said.push(why);
            }
        }
    }
    let decided = (waivers.as_slice(), unclear.as_slice());
    let inputs = digest(job, checker, decided, pairs.iter().map(|(seen, _)| seen));
    if standing(&outbox, &inputs, job.year.as_deref())? {
        summary.nothing_new = true;
        return Ok(summary);
    }

    let steps = Steps { done: 0.into(), of: pairs.len() * 2, progress: job.progress };
    let work = Work { checker, as_of: job.as_of, waivers: &waivers, tick: &|| steps.tick() };
    let pool = job.workers.as_ref().map(|workers| Pool::new(workers, checker.pack()));
    let reader = Reader { work: &work, ledger: &ledger, pool };
    let read = parallel::each(job.threads, &pairs, |(seen, arrived)| reader.read(seen, arrived))?;
    if let Some(why) = reader.pool.as_ref().and_then(Pool::nobody) {
        summary.said.push(format!(
            "No worker process could be had to read the files in ({why}), so they were read without: a file that \
             stops the program would stop the whole run.",
        ));
    }
    drop(reader);
    let mut seen: Vec<Seen> = Vec::new();
    for ((mut one, _), read) in pairs.into_iter().zip(read) {
        match read {
            Some(read) => {
                one.opened = read.opened;
                summary.said.extend(read.said);
                seen.push(one);
            }
            None => {
                let said = format!("{}: a file changed while it was read, and was left for the next run.", one.body);
                summary.said.push(said);
                found.unread.insert(one.body);
            }
        }
    }
    // Without what was left: the next run must see that it is new.
    let inputs = digest(job, checker, decided, &seen);
    let plan = plan(checker, &seen, &mut summary.said);
    let held = made::held(&stood, &seen, &found.unread, &mut summary.said);
    let written: Vec<String> = written(job, &plan).into_iter().filter(|name| !held.holds(name)).collect();
    let manifest = |name: &str| Manifest {
        format: "safereturn.manifest/1".to_owned(),
        name: name.to_owned(),
        as_of: job.as_of.to_string(),
        inputs: inputs.clone(),
        together: written.clone(),
        only: job.year.clone(),
        taken: Vec::new(),
        pack: format!("{} {}", checker.pack().0, checker.pack().1),
        pack_sha256: checker.pack().2.clone(),
        program: program(),
        files: BTreeMap::new(),
    };

    let mut rot = Rot::new(&waivers, &unclear, job.as_of);
    let mut last: BTreeMap<String, Return> = BTreeMap::new();
    let mut last_year = String::new();
    for (year, bodies) in &plan.years {
        if job.year.as_ref().is_some_and(|only| year > only) {
            break;
        }
        let follows = year_before(year).is_some_and(|before| before == last_year);
        let groups: Vec<(&String, &Group<'_>)> = bodies.iter().collect();
        let mut checked = parallel::each(job.threads, &groups, |(body, group)| {
            body::check(&work, year, &group.kind, &group.seen, last.get(*body).filter(|_| follows))
        })?;
        let mut settled = together::settle(&work, year, &mut checked);
        let newest = plan.years.keys().next_back() == Some(year);
        decisions::weigh(&mut rot, &work, year, newest, &checked, &mut settled);
        summary.said.extend(rot::sentence(&settled.together.findings).filter(|_| written.contains(year)));
        let both: Vec<_> = checked.iter().zip(&settled.standing).collect();
        let done = parallel::each(job.threads, &both, |(body, standing)| body::write(&work, year, body, standing))?;
        let before = if follows { std::mem::take(&mut last) } else { BTreeMap::new() };
        let board = render::board(&together::board(&work, &ledger, year, &checked, &settled, &done, &before));
        last.clear();
        last_year.clone_from(year);
        let mut files = schemas(checker, year, bodies);
        files.extend(board.map(|(name, text)| (name.to_owned(), text.into_bytes())));
        let mut records: Vec<Record> = Vec::new();
        let mut receipts: Vec<Receipt> = Vec::new();
        for ((body, _), done) in groups.iter().zip(done) {
            files.extend(done.files);
            records.extend(done.records);
            receipts.extend(done.receipts);
            last.extend(done.accepted.map(|accepted| ((*body).clone(), accepted)));
            summary.bodies.push(done.line);
        }
        if !written.contains(year) {
            summary.bodies.retain(|line| line.year != *year);
            continue;
        }
        let about = About { year, as_of: job.as_of, pack: checker.pack() };
        let data = data_files(&records, about).map_err(Error::file(outbox.path(year), "written"))?;
        files.extend(data.into_iter().map(|(name, bytes)| (format!("data/{name}"), bytes)));
        // In the order in which they were taken, which later runs keep to.
        let taken = receipts.iter().map(|r| format!("receipts/{}/{}.json", r.body, r.sha256)).collect();
        outbox.replace(&Manifest { taken, ..manifest(year) }, &files)?;
        ledger.add(&receipts)?;
        summary.released.push((year.clone(), records.len()));
    }
    if job.year.is_none() && !held.holds(UNPLACED) {
        unplaced(job, &work, &outbox, &mut ledger, &plan.unplaced, &manifest(UNPLACED), &mut summary)?;
    }
    if job.year.is_none() {
        for name in outbox.names()?.into_iter().filter(|name| !written.contains(name) && !held.holds(name)) {
            summary.said.push(format!("{name}: the inbox holds nothing for it any more; it stays as it was."));
        }
    }
    Ok(summary)
}

/// Counts what is done for the progress bar.
struct Steps<'a> {
    done: std::sync::atomic::AtomicUsize,
    of: usize,
    progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl Steps<'_> {
    fn tick(&self) {
        let done = self.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        (self.progress)(done, self.of);
    }
}

/// Reads a submission for its hash. Its bytes are let go again: often nothing is new, and then they are not wanted.
/// One that the system does not let us read costs itself only: why is a sentence, without its name.
fn hash(job: &Job<'_>, ledger: &Ledger<'_>, arrived: &Arrived) -> Result<Seen, String> {
    let file = FileFacts::of(&disk::read_submission(&arrived.path).map_err(|error| {
        let why = error.why();
        format!(
            "{}: a file could not be opened (the system says: {why}), and was passed over. Perhaps somebody has it open; \
             it is taken by the next run that can.",
            arrived.body
        )
    })?);
    let known = ledger.first_seen(&arrived.body, &file.sha256);
    let received = arrived.received.or(known.map(|(day, _)| day)).unwrap_or(job.as_of);
    let turn = known.map_or(usize::MAX, |(_, turn)| turn);
    Ok(Seen { body: arrived.body.clone(), file, received, turn, opened: Err(Fault::Failed) })
}

/// The hash of all that the result depends on.
fn digest<'a>(
    job: &Job<'_>,
    checker: &dyn Checker,
    decided: (&[Waiver], &[Unclear]),
    seen: impl IntoIterator<Item = &'a Seen>,
) -> String {
    let mut text = format!("{}\n{}\n{}\n", program(), checker.pack().2, job.as_of);
    text.push_str(&format!("{decided:?}\n"));
    for seen in seen {
        text.push_str(&format!("{:?} {:?} {} {}\n", seen.body, seen.file.name, seen.file.sha256, seen.received));
    }
    disk::sha256(text.as_bytes())
}

/// Whether the outbox still stands as a run with these same inputs left it.
fn standing(outbox: &Outbox<'_>, inputs: &str, year: Option<&str>) -> Result<bool, Error> {
    let names = outbox.names()?;
    let same = names.iter().filter_map(|name| outbox.intact(name)).filter(|manifest| manifest.inputs == inputs);
    let intact: BTreeMap<String, Manifest> = same.map(|manifest| (manifest.name.clone(), manifest)).collect();
    let gone =
        |together: &[String]| together.iter().all(|name| name != UNPLACED) && names.iter().all(|n| n != UNPLACED);
    let asked = |m: &Manifest| match year {
        Some(year) => m.together.iter().any(|name| name == year),
        // A run for one year has not seen to the others; and what is unplaced no longer must have been taken away.
        None => m.only.is_none() && (intact.contains_key(UNPLACED) || gone(&m.together)),
    };
    Ok(intact.values().any(|m| asked(m) && m.together.iter().all(|name| intact.contains_key(name))))
}

/// The submissions of one body for one year, in their order.
struct Group<'a> {
    kind: String,
    seen: Vec<&'a Seen>,
}

/// Which submission goes where.
struct Plan<'a> {
    years: BTreeMap<String, BTreeMap<String, Group<'a>>>,
    unplaced: Vec<&'a Seen>,
}

fn plan<'a>(checker: &dyn Checker, seen: &'a [Seen], said: &mut Vec<String>) -> Plan<'a> {
    let agencies = checker.agencies();
    let mut plan = Plan { years: BTreeMap::new(), unplaced: Vec::new() };
    let mut hashes = BTreeSet::new();
    for seen in seen {
        if !hashes.insert((&seen.body, &seen.file.sha256)) {
            said.push(format!("{}: the same file lies there twice; it counts once.", seen.body));
            continue;
        }
        let body = agencies.bodies.iter().find(|b| b.key == seen.body);
        let year = seen.opened.as_ref().ok().and_then(|(_, sight)| agencies.years.get(&sight.year)).filter(|y| y.open);
        match (body, year) {
            (Some(body), Some(year)) => plan
                .years
                .entry(year.name.clone())
                .or_default()
                .entry(body.key.clone())
                .or_insert_with(|| Group { kind: body.kind.clone(), seen: Vec::new() })
                .seen
                .push(seen),
            (None, _) | (_, None) => plan.unplaced.push(seen),
        }
    }
    for group in plan.years.values_mut().flat_map(BTreeMap::values_mut) {
        group.seen.sort_by(|a, b| {
            // Of one number and one day, what an earlier run took comes first: it cannot become the later one by its name.
            let order = |s: &'a Seen| (s.number().unwrap_or(0), s.received, s.turn, s.file.name.as_str());
            order(a).cmp(&order(b))
        });
    }
    plan
}

/// The directories that this run writes.
fn written(job: &Job<'_>, plan: &Plan<'_>) -> Vec<String> {
    match &job.year {
        Some(only) => plan.years.keys().filter(|year| *year == only).cloned().collect(),
        None => {
            let unplaced = (!plan.unplaced.is_empty()).then(|| UNPLACED.to_owned());
            plan.years.keys().cloned().chain(unplaced).collect()
        }
    }
}

/// The effective schemas of the kinds that returned something, so that any tool can repeat the check.
fn schemas(checker: &dyn Checker, year: &str, bodies: &BTreeMap<String, Group<'_>>) -> BTreeMap<String, Vec<u8>> {
    let kinds: BTreeSet<&String> = bodies.values().map(|group| &group.kind).collect();
    let mut files = BTreeMap::new();
    for kind in kinds {
        for section in checker.sections(kind, year) {
            if let Some(schema) = checker.section_schema(kind, year, &section.key) {
                files.insert(format!("schemas/{kind}/{}.json", section.key), json_file(schema));
            }
        }
    }
    files
}

/// Feedback on files whose year is not to be had.
fn unplaced(
    job: &Job<'_>,
    work: &Work<'_>,
    outbox: &Outbox<'_>,
    ledger: &mut Ledger<'_>,
    seen: &[&Seen],
    manifest: &Manifest,
    summary: &mut Summary,
) -> Result<(), Error> {
    if seen.is_empty() {
        return outbox.withdraw(UNPLACED);
    }
    let registered: BTreeSet<&String> = work.checker.agencies().bodies.iter().map(|b| &b.key).collect();
    let done = parallel::each(job.threads, seen, |seen| {
        let report = if registered.contains(&seen.body) {
            work.check(seen, "", &work.context(&seen.body, seen.received))
        } else {
            work.stranger(seen)
        };
        let folder = format!("{}/{}", seen.body, seen.file.sha256.get(..8).unwrap_or_default());
        let receipt = work.receipt(&report, seen, "");
        let mut files: Vec<(String, Vec<u8>)> = vec![(format!("{folder}/receipt.json"), json_file(&receipt.to_json()))];
        let delivery = feedback::alone(work, &seen.body, seen.received);
        files.extend(
            work.feedback(&report, &delivery).into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)),
        );
        let line = BodyLine::new(&report, "", &seen.body, &BTreeSet::new(), &BTreeSet::new());
        let log = log::lines("", &seen.body, &Handled::of(&report, seen.received));
        let line = BodyLine { log, ..line };
        (files, receipt, line)
    })?;
    let mut files = BTreeMap::new();
    let mut receipts = Vec::new();
    for (made, receipt, line) in done {
        files.extend(made);
        receipts.push(receipt);
        summary.unplaced.push(line);
    }
    receipts.sort_by(|a, b| (&a.body, &a.sha256).cmp(&(&b.body, &b.sha256)));
    let place = |r: &Receipt| format!("{}/{}/receipt.json", r.body, r.sha256.get(..8).unwrap_or_default());
    let taken = receipts.iter().map(place).collect();
    outbox.replace(&Manifest { taken, ..manifest.clone() }, &files)?;
    ledger.add(&receipts).map(drop)
}
