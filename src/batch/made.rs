//! What the directories that stand in the outbox were made from. A submission that cannot be read tonight may be one of
//! those: then what was made from it stays as it is, because a figure that was released is not lost over an open file.

use std::collections::BTreeSet;

use super::Error;
use super::body::Seen;
use super::ledger::Ledger;
use super::outbox::{Outbox, UNPLACED};

/// A submission that a directory was made from.
pub(super) struct Source {
    directory: String,
    body: String,
    sha256: String,
}

/// What the directories that stand were made from; and the ledger's lines about them are added, which a run that was
/// killed just before its last step has not, with a sentence that says so.
pub(super) fn catch_up(outbox: &Outbox<'_>, ledger: &mut Ledger<'_>) -> Result<(Vec<Source>, Option<String>), Error> {
    let mut sources = Vec::new();
    let mut lines = 0;
    let begun = ledger.is_new();
    for directory in outbox.names()? {
        let receipts = outbox.receipts(&directory)?;
        sources.extend(receipts.iter().map(|receipt| Source {
            directory: directory.clone(),
            body: receipt.body.clone(),
            sha256: receipt.sha256.clone(),
        }));
        lines += ledger.catch_up(receipts)?;
    }
    let said = (lines > 0).then(|| {
        let were = if lines == 1 { "a line of it was".to_owned() } else { format!("{lines} lines of it were") };
        let why = if begun {
            "The outbox had no ledger, so one was begun for what stands in it"
        } else {
            "An earlier run was stopped before it had written the ledger"
        };
        format!("{why}: {were} added.")
    });
    Ok((sources, said))
}

/// Whether a file is one of those that a closed year was made from: it came while the year was open.
pub(super) fn was_taken(stood: &[Source], year: &str, seen: &Seen) -> bool {
    let mut of_year = stood.iter().filter(|source| source.directory == year);
    of_year.any(|source| source.body == seen.body && source.sha256 == seen.file.sha256)
}

/// The directories that stay as they stand tonight.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// This year and those after it, which are compared with it.
    from: Option<String>,
    unplaced: bool,
}

impl Held {
    /// Whether a directory stays as it stands.
    pub(super) fn holds(&self, directory: &str) -> bool {
        if directory == UNPLACED { self.unplaced } else { self.from.as_deref().is_some_and(|from| from <= directory) }
    }
}

/// What stays as it stands, because a submission it was made from is not to be had and a file of that body could not be
/// read; and what was made from submissions that are there no longer is said.
pub(super) fn held(stood: &[Source], seen: &[Seen], unread: &BTreeSet<String>, said: &mut Vec<String>) -> Held {
    let there: BTreeSet<(&str, &str)> = seen.iter().map(|s| (s.body.as_str(), s.file.sha256.as_str())).collect();
    let gone = stood.iter().filter(|source| !there.contains(&(source.body.as_str(), source.sha256.as_str())));
    let gone: BTreeSet<(&str, &str)> = gone.map(|source| (source.directory.as_str(), source.body.as_str())).collect();
    let mut held = Held::default();
    for (directory, body) in gone {
        if !unread.contains(body) {
            said.push(format!(
                "{body}: a submission that {directory} was made from lies in the inbox no longer (it was moved, changed \
                 or deleted), so nothing of it counts any more."
            ));
            continue;
        }
        if directory == UNPLACED {
            held.unplaced = true;
            continue;
        }
        if held.from.is_none() {
            held.from = Some(directory.to_owned());
        }
        said.push(format!(
            "{body}: what could not be read may be a submission that {directory} was made from, so {directory} and the \
             years after it stay as they stand; the next run that can read it brings them up to date."
        ));
    }
    held
}
