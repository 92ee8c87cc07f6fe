//! Reads each submission once: its hash, then its cells, in a worker process where there are any. A file over which a
//! worker came to grief is not tried again by the same program with the same schemas.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::body::{Held, Seen, Work};
use super::checker::Sight;
use super::fault::Fault;
use super::inbox::Arrived;
use super::ledger::Ledger;
use super::pool::{Pool, Silence};
use super::worker::{Answer, Request};
use super::{Error, disk, wire};
use crate::export::program;
use crate::report::FileFacts;
use crate::workbook::guard;

/// What is needed to read submissions.
pub(super) struct Reader<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) ledger: &'a Ledger<'a>,
    /// `None`: they are read in this process.
    pub(super) pool: Option<Pool<'a>>,
}

/// What came of reading one.
pub(super) struct Read {
    pub(super) opened: Result<(Held, Sight), Fault>,
    /// What is to be said of it at the end of the run.
    pub(super) said: Option<String>,
}

impl Reader<'_> {
    /// Reads the cells of a submission and looks at its cover; `None` where it is no longer what was hashed.
    pub(super) fn read(&self, seen: &Seen, arrived: &Arrived) -> Result<Option<Read>, Error> {
        let before = self.ledger.fault(&seen.file.sha256, &program(), &self.work.checker.pack().2);
        let read = match before {
            Some(fault) => Read {
                opened: Err(fault),
                said: Some(format!(
                    "{}: a file that stopped the program in an earlier run was not tried again; its feedback says what to do.",
                    seen.body
                )),
            },
            None => {
                // Somebody copied over it between the two looks, or took it away: the next run will see.
                let submission = disk::read_submission(&arrived.path).ok();
                let Some(submission) = submission.filter(|s| FileFacts::of(s).sha256 == seen.file.sha256) else {
                    return Ok(None);
                };
                let request = Request {
                    body: seen.body.clone(),
                    as_of: self.work.as_of,
                    received: seen.received,
                    waivers: self.work.waivers.to_vec(),
                    submission,
                };
                // What is too large to be opened is refused by its size alone, so it need not be sent about.
                let small = usize::try_from(seen.file.bytes).is_ok_and(|bytes| bytes <= guard::FILE);
                let there = match self.pool.as_ref().filter(|_| small) {
                    Some(pool) => self.there(pool, seen, &request)?,
                    None => None,
                };
                there.map_or_else(|| self.here(&request), Ok)?
            }
        };
        (self.work.tick)();
        Ok(Some(read))
    }

    /// In this process: what is worse than a panic ends the run.
    fn here(&self, request: &Request) -> Result<Read, Error> {
        let context = self.work.context(&request.body, request.received);
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let opened = self.work.checker.open(&request.submission);
            let sight = self.work.checker.sight(&opened, &context);
            Answer::Read(opened, sight)
        }));
        let opened = match opened {
            Ok(answer) => self.away(&wire::write(&answer), answer)?,
            Err(_) => Err(Fault::Failed),
        };
        Ok(Read { opened, said: None })
    }

    /// In a worker; `None` where none can be had.
    fn there(&self, pool: &Pool<'_>, seen: &Seen, request: &Request) -> Result<Option<Read>, Error> {
        Ok(Some(match pool.ask(&seen.file.sha256, request) {
            Ok((Answer::Failed(place), _)) => Read {
                opened: Err(Fault::Failed),
                said: Some(format!("{}: the program failed over a file{place}; its feedback says so.", seen.body)),
            },
            Ok((answer, bytes)) => Read { opened: self.away(&bytes, answer)?, said: None },
            Err(Silence::Fault(fault)) => Read { opened: Err(fault), said: None },
            Err(Silence::Nobody) => return Ok(None),
        }))
    }

    /// Puts cells away and keeps what the cover says.
    fn away(&self, bytes: &[u8], answer: Answer) -> Result<Result<(Held, Sight), Fault>, Error> {
        match answer {
            Answer::Read(_, sight) => Ok(Ok((Held::Away(self.work.spill.put(bytes)?), sight))),
            Answer::Failed(_) => Ok(Err(Fault::Failed)),
        }
    }
}
