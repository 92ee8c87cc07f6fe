//! The ledger: one line whenever a file is handled with a new result. It is only ever added to, and each line carries
//! the hash of the line before, so that a change to an old line shows.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::{Error, disk};
use crate::export::Receipt;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    format: String,
    as_of: String,
    body: String,
    year: String,
    sha256: String,
    submission: Option<u32>,
    received: String,
    outcome: String,
    sections: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    pack: String,
    pack_sha256: String,
    program: String,
    before: String,
}

impl Line {
    fn new(receipt: &Receipt, before: &str) -> Self {
        Self {
            format: "safereturn.ledger/1".to_owned(),
            as_of: receipt.as_of.clone(),
            body: receipt.body.clone(),
            year: receipt.year.clone(),
            sha256: receipt.sha256.clone(),
            submission: receipt.submission,
            received: receipt.received.clone(),
            outcome: receipt.outcome.clone(),
            sections: receipt.sections.clone(),
            stopped: receipt.stopped.clone(),
            pack: receipt.pack.clone(),
            pack_sha256: receipt.pack_sha256.clone(),
            program: receipt.program.clone(),
            before: before.to_owned(),
        }
    }

    /// Whether this line says nothing new over an earlier one: only the day it was looked at differs.
    fn repeats(&self, earlier: &Self) -> bool {
        Self { as_of: String::new(), before: String::new(), ..self.clone() }
            == Self { as_of: String::new(), before: String::new(), ..earlier.clone() }
    }
}

/// The ledger, read and ready to be added to.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    /// The last line about each file of each body.
    latest: BTreeMap<(String, String), Line>,
    /// The day on which each file of each body was seen first, and how many others had been seen before it.
    first_seen: BTreeMap<(String, String), (NaiveDate, usize)>,
    /// Hash of the last line.
    last: String,
    /// Length of what is whole.
    whole: u64,
    /// A kill left half a line at the end.
    pub(super) torn: bool,
}

impl Ledger {
    /// Reads the ledger, if there is one, and makes sure that each line follows from the one before.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let bytes = disk::read_if_there(path)?.unwrap_or_default();
        // A line counts when its line end is on the disk.
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut ledger = Self {
            path: path.to_owned(),
            latest: BTreeMap::new(),
            first_seen: BTreeMap::new(),
            last: "0".repeat(64),
            whole: whole as u64,
            torn: whole < bytes.len(),
        };
        let lines = bytes.get(..whole).unwrap_or_default().split_inclusive(|b| *b == b'\n');
        for (i, text) in lines.map(|l| l.strip_suffix(b"\n").unwrap_or(l)).enumerate() {
            let wrong = |what| Error::Ledger { path: path.to_owned(), line: i + 1, what };
            let line: Line = serde_json::from_slice(text).map_err(|_| wrong("it is no line of a ledger"))?;
            if line.before != ledger.last {
                return Err(wrong("it does not follow from the line before it"));
            }
            ledger.last = disk::sha256(text);
            ledger.keep(line);
        }
        Ok(ledger)
    }

    fn keep(&mut self, line: Line) {
        let key = (line.body.clone(), line.sha256.clone());
        if let Ok(day) = line.as_of.parse() {
            let before = self.first_seen.len();
            self.first_seen.entry(key.clone()).or_insert((day, before));
        }
        self.latest.insert(key, line);
    }

    /// The day on which this file was seen first, and how many others had been seen before it: of two that came on one day
    /// that is the order in which they were taken.
    pub(super) fn first_seen(&self, body: &str, sha256: &str) -> Option<(NaiveDate, usize)> {
        self.first_seen.get(&(body.to_owned(), sha256.to_owned())).copied()
    }

    /// What was last said of each file of a body for a year, by hash: the day, and what became of each section.
    pub(super) fn said(&self, year: &str, body: &str) -> BTreeMap<String, (NaiveDate, BTreeMap<String, String>)> {
        let lines = self.latest.values().filter(|line| line.year == year && line.body == body);
        let said =
            lines.filter_map(|line| Some((line.sha256.clone(), (line.as_of.parse().ok()?, line.sections.clone()))));
        said.collect()
    }

    /// How this file stopped this program with this pack, if it did, whoever sent it.
    pub(super) fn fault(&self, sha256: &str, program: &str, pack_sha256: &str) -> Option<Fault> {
        let same = |line: &&Line| line.sha256 == sha256 && line.program == program && line.pack_sha256 == pack_sha256;
        self.latest.values().filter(same).find_map(|line| Fault::from_word(line.stopped.as_deref()?))
    }

    /// Adds a line for each receipt that says something new, and syncs. Asked twice, it adds nothing the second time.
    pub(super) fn add(&mut self, receipts: &[Receipt]) -> Result<usize, Error> {
        let mut text = String::new();
        let mut added = 0;
        for receipt in receipts {
            let line = Line::new(receipt, &self.last);
            let key = (line.body.clone(), line.sha256.clone());
            if self.latest.get(&key).is_some_and(|earlier| line.repeats(earlier)) {
                continue;
            }
            let json = serde_json::to_string(&line)
                .map_err(|e| Error::file(&self.path, "written")(std::io::Error::other(e)))?;
            self.last = disk::sha256(json.as_bytes());
            text.push_str(&json);
            text.push('\n');
            self.keep(line);
            added += 1;
        }
        if added == 0 {
            return Ok(0);
        }
        let wrong = |source| Error::file(&self.path, "written")(source);
        // Not opened for appending, because half a line that a kill left is written over.
        let mut file: File =
            OpenOptions::new().create(true).truncate(false).write(true).open(&self.path).map_err(wrong)?;
        file.set_len(self.whole)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .and_then(|_| file.write_all(text.as_bytes()))
            .and_then(|()| file.sync_all())
            .map_err(wrong)?;
        self.whole += text.len() as u64;
        self.torn = false;
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    pub(crate) fn receipt(sha: &str, outcome: &str) -> Receipt {
        Receipt {
            format: "safereturn.receipt/1".into(),
            file: "a.xlsx".into(),
            sha256: sha.repeat(64),
            bytes: 3,
            body: "csc".into(),
            year: "2021-22".into(),
            submission: Some(1),
            received: "2022-05-01".into(),
            as_of: "2022-06-01".into(),
            outcome: outcome.into(),
            sections: BTreeMap::from([("front-door".into(), outcome.into())]),
            stopped: None,
            errors: 0,
            queries: 0,
            rules: 10,
            places: 20,
            pack: "islington 1.0.0".into(),
            pack_sha256: "ab".into(),
            program: "safereturn 0.1.0".into(),
        }
    }

    #[test]
    fn each_line_follows_from_the_one_before_and_repeats_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let mut ledger = Ledger::open(&path).unwrap();
        assert_eq!(ledger.add(&[receipt("a", "refused"), receipt("b", "accepted")]).unwrap(), 2);
        let mut later = receipt("b", "accepted");
        later.as_of = "2022-06-02".into();
        assert_eq!(ledger.add(&[later.clone()]).unwrap(), 0, "another day alone is nothing new");
        let mut ledger = Ledger::open(&path).unwrap();
        later.outcome = "queried".into();
        assert_eq!(ledger.add(&[later]).unwrap(), 1);
        let stopped = Receipt { stopped: Some("memory".into()), ..receipt("c", "refused") };
        assert_eq!(ledger.add(&[stopped]).unwrap(), 1);
        assert_eq!(
            ledger.first_seen("csc", &"b".repeat(64)).map(|(day, n)| (day.to_string(), n)),
            Some(("2022-06-01".into(), 1))
        );
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 4);
        let ledger = Ledger::open(&path).unwrap();
        let fault = |sha: &str, program: &str, pack: &str| ledger.fault(&sha.repeat(64), program, pack);
        assert_eq!(fault("c", "safereturn 0.1.0", "ab"), Some(Fault::Memory));
        assert_eq!(fault("c", "safereturn 0.1.1", "ab"), None, "another program tries it again");
        assert_eq!(fault("c", "safereturn 0.1.0", "cd"), None, "so do other schemas");
        assert_eq!(fault("b", "safereturn 0.1.0", "ab"), None);
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../schemas/out/ledger.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for line in text.lines() {
            assert!(validator.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
        }
    }

    #[test]
    fn a_torn_last_line_is_survived_and_a_changed_line_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        Ledger::open(&path).unwrap().add(&[receipt("a", "refused"), receipt("b", "accepted")]).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{good}{{\"format\":\"safere")).unwrap();
        let mut ledger = Ledger::open(&path).unwrap();
        assert!(ledger.torn);
        ledger.add(&[receipt("c", "accepted")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
        assert!(!Ledger::open(&path).unwrap().torn);
        fs::write(&path, good.replacen("refused", "accepted", 1)).unwrap();
        assert!(matches!(Ledger::open(&path), Err(Error::Ledger { line: 2, .. })));
    }

    #[test]
    fn a_receipt_is_what_its_schema_says() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../schemas/out/receipt.json")).unwrap();
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&receipt("a", "queried").to_json()));
        let stopped = Receipt { stopped: Some("died".into()), ..receipt("a", "refused") };
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&stopped.to_json()));
    }
}
