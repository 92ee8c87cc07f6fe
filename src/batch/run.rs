//! One run: what is new in the inbox is read, checked year by year, and released or sent home.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::body::{Seen, Work};
use super::checker::Checker;
use super::fault::Fault;
use super::inbox::{self, Arrived};
use super::ledger::Ledger;
use super::name::Names;
use super::outbox::{Manifest, Outbox, UNPLACED};
use super::plan::Plan;
use super::pool::{Pool, Workers};
use super::reader::Reader;
use super::spill::Spill;
use super::summary::Summary;
use super::year::Years;
use super::{Disk, Error, again, disk, made, parallel, waivers};
use crate::export::program;
use crate::report::FileFacts;
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
    known(job, checker)?;
    let outbox = Outbox::open(&job.outbox, job.disk)?;
    let mut ledger = Ledger::open(&outbox.path("ledger.jsonl"), job.disk)?;
    let (stood, caught_up) = made::catch_up(&outbox, &mut ledger)?;
    let names = Names::new(checker.agencies(), checker.people());
    let mut found = inbox::scan(&job.inbox, &|folder| names.folder(folder))?;
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
    let inputs = again::digest(job.as_of, checker, decided, pairs.iter().map(|(seen, _)| seen));
    if let Some(standing) = again::standing(&outbox, &inputs, job.year.as_deref())? {
        summary.redrawn = again::redraw(&outbox, &ledger, job.as_of, standing)?;
        summary.nothing_new = true;
        return Ok(summary);
    }

    let steps = Steps { done: 0.into(), of: pairs.len() * 2, progress: job.progress };
    let spill = Spill::beside(&job.outbox, job.disk)?;
    let tick = || steps.tick();
    let work = Work { checker, as_of: job.as_of, waivers: &waivers, names: &names, spill: &spill, tick: &tick };
    let pool = job.workers.as_ref().map(|workers| Pool::new(workers, checker.pack()));
    let reader = Reader { work: &work, ledger: &ledger, pool };
    let read = parallel::try_each(job.threads, &pairs, |(seen, arrived)| reader.read(seen, arrived))?;
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
    let inputs = again::digest(job.as_of, checker, decided, &seen);
    let plan = Plan::new(checker, &seen, &stood, &mut summary.said);
    let held = made::held(&stood, &seen, &found.unread, &mut summary.said);
    let written = plan.written(job.year.as_deref());
    let written: Vec<String> = written.into_iter().filter(|name| !held.holds(name)).collect();
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

    let mut years = Years::new(&work, &outbox, job.threads, &unclear);
    for (year, bodies) in &plan.years {
        if job.year.as_ref().is_some_and(|only| year > only) {
            break;
        }
        let newest = plan.open().next_back() == Some(year);
        let manifest = written.contains(year).then(|| manifest(year));
        years.run((year, newest), bodies, manifest, &mut ledger, &mut summary)?;
    }
    for year in plan.closed.iter().filter(|year| job.year.as_ref().is_none_or(|only| only == *year)) {
        summary.said.push(format!(
            "{year}: the register takes no returns for it any more (“open” is false). Nothing of it is written, and what \
             stands of it stays; its returns in the inbox are what the year after it is compared with."
        ));
    }
    if let Some(year) = job.year.as_ref().filter(|year| !plan.years.contains_key(*year)) {
        let why = nothing(checker, year).unwrap_or("the inbox holds nothing for it, so nothing of it is written");
        summary.said.push(format!("{year}: {why}."));
    }
    if job.year.is_none() && !held.holds(UNPLACED) {
        years.unplaced(&plan, manifest(UNPLACED), &mut ledger, &mut summary)?;
    }
    if job.year.is_none() {
        let told = |name: &String| written.contains(name) || held.holds(name) || plan.closed.contains(name);
        for name in outbox.names()?.into_iter().filter(|name| !told(name)) {
            let why = nothing(checker, &name).unwrap_or("the inbox holds nothing for it any more; it stays as it was");
            // What stands of it in the outbox is not read again.
            let after = plan.years.keys().find(|year| year_before(year).is_some_and(|before| before == name));
            let after = after.map_or_else(String::new, |after| {
                format!(" {after} has no year before it now: what needs last year’s return is not checked in it.")
            });
            summary.said.push(format!("{name}: {why}.{after}"));
        }
    }
    Ok(summary)
}

/// Whether the year that alone is asked for is one of the register: nothing is done for a slip of the pen, and that would
/// look like all is well.
fn known(job: &Job<'_>, checker: &dyn Checker) -> Result<(), Error> {
    let years = &checker.agencies().years;
    let Some(year) = job.year.as_ref().filter(|year| !years.contains_key(*year)) else { return Ok(()) };
    let known: Vec<&str> = years.keys().map(String::as_str).collect();
    Err(Error::Year(format!("There is no year “{year}” in the register of agencies; it has {}.", known.join(", "))))
}

/// Why nothing is made of a year, where that is not because nothing came.
fn nothing(checker: &dyn Checker, year: &str) -> Option<&'static str> {
    checker.agencies().years.get(year).filter(|year| !year.open).map(|_| {
        "the register takes no returns for it (“open” is false), so those in the inbox do not count; what stands of it stays \
         as it was"
    })
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
