//! The ledger: one line whenever a file is handled with a new result. It is only ever added to, and each line carries
//! the hash of the line before, so that a change to an old line shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::board::Said;
use super::fault::Fault;
use super::{Disk, Error, disk};
use crate::export::Receipt;

/// What each line says first: another version may mean other things by the same words.
const FORMAT: &str = "safereturn.ledger/1";

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    format: String,
    as_of: NaiveDate,
    body: String,
    year: String,
    sha256: String,
    submission: Option<u32>,
    received: String,
    outcome: String,
    sections: BTreeMap<String, String>,
    /// Counts of what was found and checked; not in lines of the first program.
    #[serde(default)]
    errors: usize,
    #[serde(default)]
    queries: usize,
    #[serde(default)]
    rules: usize,
    #[serde(default)]
    places: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    /// Sections whose released figures are those of this file, and how many records each has. Older lines have none.
    #[serde(default)]
    released: BTreeMap<String, usize>,
    pack: String,
    pack_sha256: String,
    program: String,
    before: String,
}

impl Line {
    /// The line about a receipt.
    fn new(receipt: &Receipt, before: &str) -> Result<Self, Error> {
        let as_of = receipt.as_of.parse().map_err(|_| Error::Unclear {
            path: format!("{}.json", receipt.sha256).into(),
            what: "a receipt should say the date of its run".to_owned(),
        })?;
        Ok(Self {
            format: FORMAT.to_owned(),
            as_of,
            body: receipt.body.clone(),
            year: receipt.year.clone(),
            sha256: receipt.sha256.clone(),
            submission: receipt.submission,
            received: receipt.received.clone(),
            outcome: receipt.outcome.clone(),
            sections: receipt.sections.clone(),
            errors: receipt.errors,
            queries: receipt.queries,
            rules: receipt.rules,
            places: receipt.places,
            stopped: receipt.stopped.clone(),
            released: receipt.released_from_it().map(|(section, records)| (section.to_owned(), records)).collect(),
            pack: receipt.pack.clone(),
            pack_sha256: receipt.pack_sha256.clone(),
            program: receipt.program.clone(),
            before: before.to_owned(),
        })
    }

    /// Whether this line says nothing new over an earlier one: only the day it was looked at differs.
    fn repeats(&self, earlier: &Self) -> bool {
        let undated = |line: &Self| Self { as_of: NaiveDate::default(), before: String::new(), ..line.clone() };
        undated(self) == undated(earlier)
    }
}

/// A body and the hash of a file in its folder.
type File = (String, String);

/// The ledger, read and ready to be added to.
pub(super) struct Ledger<'d> {
    path: PathBuf,
    disk: &'d dyn Disk,
    lines: Vec<Line>,
    /// Which lines are about each file, in their order.
    about: BTreeMap<File, Vec<usize>>,
    /// The files of each body for each year.
    placed: BTreeMap<(String, String), BTreeSet<File>>,
    /// Files that are known to stop the program.
    stopped: BTreeSet<File>,
    /// The day on which each file of each body was received, and how many others had been seen before it.
    first_seen: BTreeMap<File, (NaiveDate, usize)>,
    /// Hash of the last line.
    last: String,
    /// Length of what is whole.
    whole: u64,
    /// A kill had left half a line at the end.
    pub(super) torn: bool,
}

impl<'d> Ledger<'d> {
    /// Reads the ledger, if there is one, and makes sure that each line follows from the one before.
    pub(super) fn open(path: &Path, disk: &'d dyn Disk) -> Result<Self, Error> {
        let bytes = disk::read_if_there(path)?.unwrap_or_default();
        // A line counts when its line end is on the disk.
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut ledger = Self {
            path: path.to_owned(),
            disk,
            lines: Vec::new(),
            about: BTreeMap::new(),
            placed: BTreeMap::new(),
            stopped: BTreeSet::new(),
            first_seen: BTreeMap::new(),
            last: "0".repeat(64),
            whole: whole as u64,
            torn: whole < bytes.len(),
        };
        let lines = bytes.get(..whole).unwrap_or_default().split_inclusive(|b| *b == b'\n');
        for (i, text) in lines.map(|l| l.strip_suffix(b"\n").unwrap_or(l)).enumerate() {
            let wrong = |what| Error::Ledger { path: path.to_owned(), line: i + 1, what };
            let line: Line = serde_json::from_slice(text).map_err(|_| wrong("it is no line of a ledger"))?;
            if line.format != FORMAT {
                return Err(wrong("it was written by another version of the program, which means other things by it"));
            }
            if line.before != ledger.last {
                return Err(wrong("it does not follow from the line before it"));
            }
            ledger.last = disk::sha256(text);
            ledger.keep(line);
        }
        Ok(ledger)
    }

    fn keep(&mut self, line: Line) {
        let file = (line.body.clone(), line.sha256.clone());
        let before = self.first_seen.len();
        // What a line says of it, not the day of the line: that may be one on which it was handled anew.
        let day = line.received.parse().unwrap_or(line.as_of);
        self.first_seen.entry(file.clone()).and_modify(|(known, _)| *known = day).or_insert((day, before));
        self.placed.entry((line.year.clone(), line.body.clone())).or_default().insert(file.clone());
        if line.stopped.is_some() {
            self.stopped.insert(file.clone());
        }
        self.about.entry(file).or_default().push(self.lines.len());
        self.lines.push(line);
    }

    /// Whether it has no line yet.
    pub(super) const fn is_new(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines about a file, the last first.
    fn about(&self, file: &File) -> impl Iterator<Item = &Line> {
        self.about.get(file).into_iter().flatten().rev().filter_map(|at| self.lines.get(*at))
    }

    /// The day on which this file was received, as was last said: that of its first sight unless a better was known; and how
    /// many others had been seen before it: of two that came on one day that is the order in which they were taken.
    pub(super) fn first_seen(&self, body: &str, sha256: &str) -> Option<(NaiveDate, usize)> {
        self.first_seen.get(&(body.to_owned(), sha256.to_owned())).copied()
    }

    /// What the lines of earlier days last said of each file of a body for a year, by hash: the day, and what became of
    /// each section. Not those of the run's own day: a run that is made again must say what it said.
    pub(super) fn said(&self, year: &str, body: &str, as_of: NaiveDate) -> Said {
        let files = self.placed.get(&(year.to_owned(), body.to_owned())).into_iter().flatten();
        let lines = files.filter_map(|file| self.about(file).find(|line| line.as_of < as_of));
        let placed = lines.filter(|line| line.year == year);
        placed.map(|line| (line.sha256.clone(), (line.as_of, line.sections.clone()))).collect()
    }

    /// How this file stopped this program with this pack, if it did, whoever sent it.
    pub(super) fn fault(&self, sha256: &str, program: &str, pack_sha256: &str) -> Option<Fault> {
        let last = self.stopped.iter().filter(|file| file.1 == sha256).filter_map(|file| self.about(file).next());
        let same = |line: &&Line| line.program == program && line.pack_sha256 == pack_sha256;
        last.filter(same).find_map(|line| Fault::from_word(line.stopped.as_deref()?))
    }

    /// Adds the lines about a directory that stands there but whose run was stopped before it could write them. What the
    /// directory says of a file is at least as new as what the ledger last said of it, unless the file has gone elsewhere.
    pub(super) fn catch_up(&mut self, receipts: Vec<Receipt>) -> Result<usize, Error> {
        let newer = |receipt: &Receipt| {
            let file = (receipt.body.clone(), receipt.sha256.clone());
            self.about(&file)
                .next()
                .is_none_or(|line| line.year == receipt.year || line.as_of.to_string() < receipt.as_of)
        };
        let missing: Vec<Receipt> = receipts.into_iter().filter(newer).collect();
        self.add(&missing)
    }

    /// Adds a line for each receipt that says something new, and syncs. Asked twice, it adds nothing the second time.
    pub(super) fn add(&mut self, receipts: &[Receipt]) -> Result<usize, Error> {
        let wrong = |source| Error::file(&self.path, "written")(source);
        let mut text = String::new();
        let mut added = Vec::new();
        let mut last = self.last.clone();
        for receipt in receipts {
            let file = (receipt.body.clone(), receipt.sha256.clone());
            let line = Line::new(receipt, &last)?;
            if self.about(&file).next().is_some_and(|earlier| line.repeats(earlier)) {
                continue;
            }
            let json = serde_json::to_string(&line).map_err(|e| wrong(std::io::Error::other(e)))?;
            last = disk::sha256(json.as_bytes());
            text.push_str(&json);
            text.push('\n');
            added.push(line);
        }
        if added.is_empty() {
            return Ok(0);
        }
        // Half a line that a kill left is written over.
        self.disk.cut(&self.path, self.whole).map_err(wrong)?;
        self.disk.append(&self.path, text.as_bytes()).map_err(wrong)?;
        self.disk.sync(&self.path).map_err(wrong)?;
        if let Some(folder) = self.path.parent().filter(|_| self.whole == 0) {
            self.disk.sync(folder).map_err(wrong)?;
        }
        let count = added.len();
        self.whole += text.len() as u64;
        self.last = last;
        added.into_iter().for_each(|line| self.keep(line));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::System;
    use super::*;
    use crate::export::Released;

    fn receipt(sha: &str, outcome: &str) -> Receipt {
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
            rules: 10,
            places: 20,
            pack: "islington 1.0.0".into(),
            pack_sha256: "ab".into(),
            program: "safereturn 0.1.0".into(),
            ..Receipt::default()
        }
        .with_stopped(None)
    }

    #[test]
    fn each_line_follows_from_the_one_before_and_repeats_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let mut ledger = Ledger::open(&path, &System).unwrap();
        assert_eq!(ledger.add(&[receipt("a", "refused"), receipt("b", "accepted")]).unwrap(), 2);
        let mut later = receipt("b", "accepted");
        later.as_of = "2022-06-02".into();
        assert_eq!(ledger.add(&[later.clone()]).unwrap(), 0, "another day alone is nothing new");
        let mut ledger = Ledger::open(&path, &System).unwrap();
        later.outcome = "queried".into();
        assert_eq!(ledger.add(&[later.clone()]).unwrap(), 1);
        let released = Released { section: "front-door".into(), records: 7, submission: Some(1), file: "b".repeat(64) };
        let released = later.with_released(&BTreeMap::from([("front-door".into(), released)]));
        assert_eq!(ledger.add(std::slice::from_ref(&released)).unwrap(), 1, "that its figures are released now is new");
        assert_eq!(ledger.add(&[released]).unwrap(), 0);
        let stopped = Receipt { stopped: Some("memory".into()), ..receipt("c", "refused") };
        assert_eq!(ledger.add(&[stopped]).unwrap(), 1);
        assert_eq!(
            ledger.first_seen("csc", &"b".repeat(64)).map(|(day, n)| (day.to_string(), n)),
            Some(("2022-05-01".into(), 1))
        );
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 5);
        assert!(text.contains(r#""released":{"front-door":7}"#));
        let ledger = Ledger::open(&path, &System).unwrap();
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
        Ledger::open(&path, &System).unwrap().add(&[receipt("a", "refused"), receipt("b", "accepted")]).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{good}{{\"format\":\"safere")).unwrap();
        let mut ledger = Ledger::open(&path, &System).unwrap();
        assert!(ledger.torn);
        ledger.add(&[receipt("c", "accepted")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
        assert!(!Ledger::open(&path, &System).unwrap().torn);
        fs::write(&path, good.replacen("refused", "accepted", 1)).unwrap();
        assert!(matches!(Ledger::open(&path, &System).err(), Some(Error::Ledger { line: 2, .. })));
    }

    #[test]
    fn a_ledger_cut_off_anywhere_is_survived_and_one_with_any_byte_changed_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let all = [receipt("a", "refused"), receipt("b", "accepted"), receipt("c", "queried")];
        Ledger::open(&path, &System).unwrap().add(&all).unwrap();
        let good = fs::read(&path).unwrap();
        for cut in 0..good.len() {
            fs::write(&path, &good[..cut]).unwrap();
            let lines = good[..cut].iter().filter(|b| **b == b'\n').count();
            let mut ledger = Ledger::open(&path, &System).unwrap();
            let torn = cut > 0 && good[cut - 1] != b'\n';
            assert_eq!((ledger.lines.len(), ledger.torn), (lines, torn), "cut at {cut}");
            assert_eq!(ledger.add(&all).unwrap(), 3 - lines, "cut at {cut}");
            assert_eq!(fs::read(&path).unwrap(), good, "cut at {cut}");
        }
        let (mut refused, ends) = (0, good.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i));
        let ends: Vec<usize> = ends.collect();
        for at in 0..ends[1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let line = ends.iter().filter(|end| **end < at).count() + 1;
            match Ledger::open(&path, &System).err() {
                // What no longer parses is refused as itself; what still does, by the line that should follow from it.
                Some(Error::Ledger { line: said, .. }) => assert!(said == line || said == line + 1, "{at}: {said}"),
                other => panic!("{at}: {other:?}"),
            }
            refused += 1;
        }
        assert_eq!(refused, ends[1]);
        // A line taken out, two lines in the other order, one twice.
        let text = String::from_utf8(good).unwrap();
        let [a, b, c] = text.lines().collect::<Vec<_>>()[..] else { panic!("three lines") };
        for (lines, said) in [([a, c, c], 2), ([b, a, c], 1), ([a, a, b], 2), ([b, c, c], 1)] {
            fs::write(&path, lines.map(|l| format!("{l}\n")).concat()).unwrap();
            let error = Ledger::open(&path, &System).err();
            assert!(matches!(error, Some(Error::Ledger { line, .. }) if line == said), "{error:?}");
        }
        fs::write(&path, text.replacen("ledger/1", "ledger/2", 1)).unwrap();
        let error = Ledger::open(&path, &System).err().unwrap().to_string();
        assert!(error.contains("line 1: it was written by another version"), "{error}");
    }

    #[test]
    fn the_last_word_on_a_file_is_of_an_earlier_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.jsonl"), &System).unwrap();
        let on = |sha: &str, submission, outcome: &str, as_of: &str| Receipt {
            submission: Some(submission),
            as_of: as_of.into(),
            ..receipt(sha, outcome)
        };
        ledger.add(&[on("a", 1, "refused", "2022-06-01"), on("b", 2, "queried", "2022-06-01")]).unwrap();
        // The pack has changed, and with it what is said of the first; then a third came.
        ledger.add(&[on("a", 1, "accepted", "2022-06-02")]).unwrap();
        ledger.add(&[on("c", 3, "accepted", "2022-06-03")]).unwrap();
        let said = |as_of: &str, body: &str| {
            let said = ledger.said("2021-22", body, as_of.parse().unwrap());
            let line = |(sha, (day, sections)): (String, (NaiveDate, BTreeMap<String, String>))| {
                format!("{} {day} {}", &sha[..1], sections["front-door"])
            };
            said.into_iter().map(line).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(said("2022-06-01", "csc"), "", "the run's own day does not count");
        assert_eq!(said("2022-06-02", "csc"), "a 2022-06-01 refused, b 2022-06-01 queried");
        assert_eq!(said("2022-06-03", "csc"), "a 2022-06-02 accepted, b 2022-06-01 queried");
        assert_eq!(said("2022-06-04", "csc"), "a 2022-06-02 accepted, b 2022-06-01 queried, c 2022-06-03 accepted");
        assert_eq!(said("2022-06-04", "mps"), "");
    }

    #[test]
    fn a_directory_whose_lines_are_missing_is_caught_up_with_and_one_that_is_out_of_date_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.jsonl"), &System).unwrap();
        let first = receipt("a", "refused");
        assert_eq!(ledger.catch_up(vec![first.clone()]).unwrap(), 1);
        assert_eq!(ledger.catch_up(vec![first.clone()]).unwrap(), 0);
        // On the same day it was taken again, with another result.
        let second = Receipt { outcome: "accepted".into(), ..first.clone() };
        assert_eq!(ledger.catch_up(vec![second]).unwrap(), 1);
        // Then it went to another year; the directory of the year before still stands.
        let third = Receipt { year: "2020-21".into(), ..first.clone() };
        assert_eq!(ledger.add(&[third]).unwrap(), 1);
        assert_eq!(ledger.catch_up(vec![first]).unwrap(), 0);
    }

    /// As its own message advises. What stands says when each file came; the day of the last run would make them late.
    #[test]
    fn a_ledger_that_is_moved_aside_makes_no_return_late() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.jsonl"), &System).unwrap();
        assert!(ledger.is_new());
        let stands = Receipt { received: "2022-05-20".into(), as_of: "2022-07-05".into(), ..receipt("a", "accepted") };
        assert_eq!(ledger.catch_up(vec![stands.clone()]).unwrap(), 1);
        let day = |ledger: &Ledger<'_>| ledger.first_seen("csc", &"a".repeat(64)).unwrap().0.to_string();
        assert_eq!((day(&ledger).as_str(), ledger.is_new()), ("2022-05-20", false));
        // A day that was put right stands, too, when nothing says it any more.
        ledger.add(&[Receipt { received: "2022-05-19".into(), ..stands }]).unwrap();
        assert_eq!(day(&ledger), "2022-05-19");
    }

    #[test]
    fn a_ledger_of_many_lines_opens_fast() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let one = |n: usize| Receipt { sha256: format!("{n:064x}"), ..receipt("a", "accepted") };
        let many: Vec<Receipt> = (0..20_000).map(one).collect();
        Ledger::open(&path, &System).unwrap().add(&many).unwrap();
        let start = std::time::Instant::now();
        let ledger = Ledger::open(&path, &System).unwrap();
        assert_eq!(ledger.lines.len(), 20_000);
        assert_eq!(ledger.said("2021-22", "csc", "2022-07-01".parse().unwrap()).len(), 20_000);
        // Not optimised, and on a busy machine; a program that is optimised takes a tenth of it.
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn a_receipt_is_what_its_schema_says() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../schemas/out/receipt.json")).unwrap();
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&receipt("a", "queried").to_json()));
        let stopped = receipt("a", "refused").with_stopped(Some("died"));
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&stopped.to_json()));
    }
}
