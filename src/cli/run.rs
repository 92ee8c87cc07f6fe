//! `run`: the batch, with its progress on a terminal.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget};
use safereturn::batch::{self, Job, Summary};

use super::{Ended, ExitStatus, RunArguments, Stop, pack, say, worker};

/// Runs the batch and says what became of each body's return.
pub(super) fn run(arguments: &RunArguments, out: &mut dyn Write) -> Ended {
    let beside = arguments.inbox.parent().unwrap_or_else(|| Path::new(""));
    let own = Some(beside.join("schemas")).filter(|own| own.join("pack.json").is_file());
    let folder = arguments.schemas.as_ref().or(own.as_ref());
    let schemas = pack::load(folder.map(PathBuf::as_path))?;
    let (as_of, from) = match (arguments.as_of, batch::as_of_file(&arguments.inbox)?) {
        (Some(date), _) => (date, String::new()),
        (None, Some(date)) => (date, format!(" (from {})", arguments.inbox.join("as-of.txt").display())),
        (None, None) => (batch::today(), String::new()),
    };
    // Draws nothing unless a person looks on.
    let target = if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    quiet();
    let job = Job {
        inbox: arguments.inbox.clone(),
        outbox: arguments.outbox.clone(),
        waivers: beside.join("waivers.csv"),
        as_of,
        year: arguments.year.clone(),
        threads: arguments.threads,
        workers: worker::workers(folder.map(PathBuf::as_path), arguments),
        disk: &batch::System,
        progress: &|done, of| {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        },
    };
    let ended = batch::run(&job, &schemas);
    bar.finish_and_clear();
    let summary = ended?;
    let told = Summary { as_of: format!("{}{from}", summary.as_of), ..summary.clone() };
    // What was done is told whether or not the log can be written; and logged whether or not anybody hears it.
    let said = write!(out, "{told}");
    if let Some(to) = &arguments.log {
        log(to, &summary)?;
    }
    said?;
    Ok(ExitStatus::Clean)
}

/// Adds the log of a run to a file, or says it on standard error. Each line begins with the date of the run.
fn log(to: &Path, summary: &Summary) -> Result<(), Stop> {
    let text: String = summary.log().iter().map(|line| format!("{} {line}\n", summary.as_of)).collect();
    if to == Path::new("-") {
        // If nobody can hear it, the job was done all the same.
        drop(io::stderr().lock().write_all(text.as_bytes()));
        return Ok(());
    }
    batch::add_to_log(to, &text).map_err(Stop::from)
}

/// Should the program fail over a file, its own last words may quote the file: only the place is said.
fn quiet() {
    std::panic::set_hook(Box::new(|failure| {
        let place = failure.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        say(&format!("The program failed over a file{place}; its feedback says so, and the others go on."));
    }));
}
