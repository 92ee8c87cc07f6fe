//! The worker's side of reading: a process that is given one submission after another, reads it, tries on it all that the
//! batch will do with it, and sends back the cells. What goes wrong goes wrong here. Its other side is `pool`.

use std::cell::RefCell;
use std::io::{self, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;

use super::body::{self, Held, Seen, Work};
use super::checker::{Checker, Opened, Sight};
use super::name::Names;
use super::sequence;
use super::spill::Spill;
use super::{Error, feedback, frame, parallel, together, wire};
use crate::export::program;
use crate::extract::Waiver;
use crate::report::FileFacts;
use crate::workbook::Submission;

/// What a worker is asked: to read this, knowing that.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) body: String,
    pub(super) as_of: NaiveDate,
    pub(super) received: NaiveDate,
    pub(super) waivers: Vec<Waiver>,
    pub(super) submission: Submission,
}

/// What it answers.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is nearly always the large one")]
pub(super) enum Answer {
    /// The program failed over it, at this place in its source.
    Failed(String),
    /// Its cells and what its cover says.
    Read(Opened, Sight),
}

/// What a worker says first: it must be the same program with the same schemas, or its cells mean something else.
pub(super) fn ready(pack: &(String, String, String)) -> Vec<u8> {
    format!("{} {}", program(), pack.2).into_bytes()
}

thread_local! {
    /// Where the last failure was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Reads submissions for a batch, one after another, until the input ends. A worker that is left alone with a file for
/// longer than its patience gives up: its batch may have been killed.
///
/// # Errors
/// Input or output cannot be used, make no sense, or a file takes too long.
pub fn serve(
    checker: Box<dyn Checker + Send>,
    patience: Duration,
    input: impl Read,
    mut output: impl Write,
) -> io::Result<()> {
    // The last words of a failure may quote the file: only its place goes on, and not to standard error.
    std::panic::set_hook(Box::new(|failure| {
        let place = failure.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        PLACE.set(place);
    }));
    let ready = ready(checker.pack());
    let (ask, asked) = mpsc::channel::<Vec<u8>>();
    let (say, said) = mpsc::channel();
    // Half the stack that the batch has: what goes through here goes through there.
    let work = thread::Builder::new().stack_size(parallel::STACK / 2);
    drop(work.spawn(move || {
        let names = Names::new(checker.agencies(), checker.people());
        asked.iter().try_for_each(|request| say.send(answer(&*checker, &names, &request)))
    })?);
    let mut input = BufReader::new(input);
    frame::write(&mut output, frame::READY, &ready)?;
    while let Some((about, request)) = frame::read(&mut input, None)? {
        ask.send(request).map_err(io::Error::other)?;
        let answer = said.recv_timeout(patience).map_err(io::Error::other)?;
        let answer = answer.ok_or_else(|| io::Error::other("the request makes no sense"))?;
        frame::write(&mut output, &about, &answer)?;
    }
    Ok(())
}

fn answer(checker: &dyn Checker, names: &Names<'_>, request: &[u8]) -> Option<Vec<u8>> {
    let Request { body, as_of, received, waivers, submission } = wire::read(request)?;
    let spill = Spill::in_memory();
    let work = Work { checker, as_of, waivers: &waivers, names, spill: &spill, tick: &|| {} };
    let context = work.context(&body, received);
    let file = FileFacts::of(&submission);
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let opened = checker.open(&submission);
        let sight = checker.sight(&opened, &context);
        (opened, sight)
    }));
    let Ok((opened, sight)) = opened else { return Some(wire::write(&Answer::Failed(PLACE.take()))) };
    let seen = Seen { body, file, received, turn: 0, opened: Ok((Held::Here(opened), sight)) };
    // A panic here is one there too, where it is caught and told; what must not reach the batch ends this process.
    drop(catch_unwind(AssertUnwindSafe(|| drop(rehearse(&work, &seen)))));
    match seen.opened {
        Ok((Held::Here(opened), sight)) => Some(wire::write(&Answer::Read(opened, sight))),
        Ok((Held::Away(_), _)) | Err(_) => None,
    }
}

/// Does with a submission what the batch will do with it, and forgets the result.
fn rehearse(work: &Work<'_>, seen: &Seen) -> Result<(), Error> {
    let agencies = work.checker.agencies();
    let kind = agencies.bodies.iter().find(|b| b.key == seen.body).map(|b| b.kind.as_str());
    let year = seen.opened.as_ref().ok().map(|(_, sight)| sight.year.as_str());
    match (kind, year.filter(|year| agencies.years.contains_key(*year))) {
        (Some(kind), Some(year)) => {
            let mut alone = [sequence::check(work, year, kind, &[seen], None)?];
            let settled = together::settle(work, year, &alone)?;
            together::tell(work, year, 1, &mut alone, &settled)?;
            for (checked, standing) in alone.iter().zip(&settled.standing) {
                body::write(work, year, checked, standing, &|_, _| Ok(()))?;
            }
        }
        (Some(_), None) => {
            let report = work.check(seen, "", &work.context(&seen.body, seen.received))?;
            drop(work.feedback(&report, &feedback::alone(work, &seen.body, seen.received)));
        }
        (None, _) => {}
    }
    Ok(())
}

/// Limits the memory of this process, where the system can (Unix; macOS takes the limit and does not keep it), and lets
/// it leave no image of its memory behind: a return would be in it.
///
/// # Errors
/// The system refuses.
#[cfg(unix)]
pub fn limit(megabytes: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    for (what, most) in [(Resource::As, megabytes.saturating_mul(1024 * 1024)), (Resource::Core, 0)] {
        let most = getrlimit(what).maximum.map_or(most, |there| there.min(most));
        setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Elsewhere only the time that a file may take is limited.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn limit(_megabytes: u64) -> io::Result<()> {
    Ok(())
}
