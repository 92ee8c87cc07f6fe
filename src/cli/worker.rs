//! `worker`: reads files for a run, one after another, so that one that stops the program stops a worker only. People do
//! not call it.

use std::io;
use std::time::Duration;

use safereturn::batch::{self, Workers};

use super::{Ended, ExitStatus, RunArguments, Stop, WorkerArguments, pack};

/// How much memory a worker may have, in megabytes of addresses.
const MEMORY: u64 = 2048;
/// How long a worker may take for a file: many times what the largest that is allowed takes, on a busy machine too. To
/// refuse a right return because of the weather would be worse than to wait.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 600 } else { 120 });

/// How a run starts its workers: this program again, with the same schemas. `None` where it cannot find itself.
pub(super) fn workers(schemas: Option<&std::path::Path>, arguments: &RunArguments) -> Option<Workers> {
    let program = std::env::current_exe().ok().filter(|_| !arguments.in_process)?;
    let mut words = vec!["worker".into(), "--memory".into(), arguments.memory.unwrap_or(MEMORY).to_string().into()];
    if let Some(folder) = schemas {
        words.extend(["--schemas".into(), folder.as_os_str().to_owned()]);
    }
    Some(Workers { program, arguments: words, patience: PATIENCE })
}

/// Serves a run until its input ends.
pub(super) fn worker(arguments: &WorkerArguments) -> Ended {
    batch::limit(arguments.memory)?;
    let schemas = pack::load(arguments.schemas.as_deref())?;
    // A run that lives breaks off earlier; this is for one that was killed.
    let patience = PATIENCE * 2;
    batch::serve(Box::new(schemas), patience, io::stdin(), io::stdout()).map_err(|e| Stop::Because(e.to_string()))?;
    Ok(ExitStatus::Clean)
}
