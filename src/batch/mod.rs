//! The nightly batch: inbox to outbox. All file access is in this folder; what is right or wrong is decided by the core.

mod accepted;
mod again;
mod asked;
mod board;
mod body;
mod checker;
mod decisions;
mod disk;
mod fault;
mod feedback;
mod frame;
mod inbox;
mod ledger;
mod log;
mod look;
mod made;
mod name;
mod number;
mod outbox;
mod parallel;
mod plan;
mod pool;
mod question;
mod reader;
mod run;
mod sequence;
mod spill;
mod summary;
mod together;
mod waivers;
mod wire;
mod worker;
mod year;

use std::io;
use std::path::PathBuf;

pub use accepted::accepted;
pub use asked::{Open, asked};
pub use checker::{Checker, Opened, Sight};
pub use disk::{Disk, System, make_folder, pack_files, read_submission, write_whole};
pub use inbox::{as_of_file, date, today};
pub use log::add_to_log;
pub use look::{Look, look};
pub use pool::Workers;
pub use run::{Job, run};
pub use summary::{BodyLine, Summary};
pub use waivers::{decide, decisions};
pub use worker::{limit, serve};

/// Why the job could not be done. What is wrong with a submission is never one of these: that is a finding.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{} could not be {doing}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was to be done with it: `read`, `written`, …
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Another run holds the outbox.
    #[error(
        "Another run is at work on this outbox ({0}). This one leaves it alone; please try again when it has ended."
    )]
    Busy(String),
    /// The ledger has been changed by something else.
    #[error(
        "{}, line {line}: {what}. The ledger is only ever added to, so something else has changed it. \
         Please restore it, or move it aside to begin a new one.", path.display()
    )]
    Ledger {
        /// The ledger.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What does not fit.
        what: &'static str,
    },
    /// A file beside the submissions does not say what it should.
    #[error("{}: {what}", path.display())]
    Unclear {
        /// The file.
        path: PathBuf,
        /// What it should say.
        what: String,
    },
    /// A year is asked for that the register does not have: a sentence.
    #[error("{0}")]
    Year(String),
    /// The threads could not be started.
    #[error("The threads could not be started: {0}")]
    Threads(String),
}

impl Error {
    /// What the system said, in its words; without the path, which may name somebody.
    fn why(&self) -> String {
        match self {
            Self::File { source, .. } => source.kind().to_string(),
            Self::Busy(_) | Self::Ledger { .. } | Self::Unclear { .. } | Self::Year(_) | Self::Threads(_) => {
                "no reason".to_owned()
            }
        }
    }

    /// For `map_err`: a file and what was to be done with it.
    fn file(path: impl Into<PathBuf>, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, doing, source }
    }
}
