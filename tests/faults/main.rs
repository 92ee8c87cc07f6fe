//! A night that is stopped at any step leaves each year as it was or as it was to be, and the next run, without being told,
//! leaves what an undisturbed history would have left.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; it says what it counted"
)]

mod binary;
mod disk;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use disk::{Fault, Faulty, Loss};
use safereturn::batch::{Disk, Error, Job, Summary, run};
use safereturn::report::sha256;
use serde_json::Value;
use told::Told;

/// The directories that a night writes.
const NAMES: [&str; 3] = ["2020-21", "2021-22", "unplaced"];
/// The bytes of every file below a folder, by path.
type Files = BTreeMap<String, Vec<u8>>;

/// A folder for one test; in memory where there is one, because nothing of it need last.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap()
}

/// Two nights: what lies in the inbox on each.
struct Story {
    name: &'static str,
    inbox: [tempfile::TempDir; 2],
    /// The outbox after the first night; empty where that never was.
    yesterday: Files,
    /// And after the second, if nothing goes wrong.
    today: Files,
}

const EVENINGS: [&str; 2] = ["2022-06-20", "2022-06-21"];

impl Story {
    fn new(name: &'static str, first: &[(&str, &str)], second: &[(&str, &str)]) -> Self {
        let inbox = [first, second].map(|files| {
            let inbox = folder();
            for (path, text) in files {
                let path = inbox.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, text).unwrap();
                lies_still(&path);
            }
            inbox
        });
        let mut story = Self { name, inbox, yesterday: Files::new(), today: Files::new() };
        let outbox = folder();
        let disk = Faulty::new(outbox.path(), true, Fault::Nothing);
        if !first.is_empty() {
            story.night(0, outbox.path(), &disk).unwrap();
            story.yesterday = files(outbox.path());
        }
        story.night(1, outbox.path(), &disk).unwrap();
        story.today = files(outbox.path());
        story
    }

    fn night(&self, night: usize, outbox: &Path, disk: &dyn Disk) -> Result<Summary, Error> {
        Self::with(self.inbox[night].path(), night, outbox, disk, &Told::new())
    }

    fn with(inbox: &Path, night: usize, outbox: &Path, disk: &dyn Disk, told: &Told) -> Result<Summary, Error> {
        let job = Job {
            inbox: inbox.to_owned(),
            outbox: outbox.to_owned(),
            waivers: PathBuf::from("no waivers"),
            as_of: EVENINGS[night].parse().unwrap(),
            year: None,
            threads: 1,
            workers: None,
            disk,
            progress: &|_, _| {},
        };
        run(&job, told)
    }

    /// An outbox as the first night left it.
    fn evening(&self) -> tempfile::TempDir {
        let outbox = folder();
        write(&self.yesterday, outbox.path());
        outbox
    }

    /// The next run, without being told, leaves what an undisturbed night leaves.
    fn recovers(&self, outbox: &Path, case: &str) {
        let left = left(outbox);
        let torn = fs::read(outbox.join("ledger.jsonl")).is_ok_and(|ledger| ledger.last().is_some_and(|b| *b != b'\n'));
        let disk = Faulty::new(outbox, true, Fault::Nothing);
        let summary = self.night(1, outbox, &disk).unwrap_or_else(|e| panic!("{case}: {e}"));
        let now = files(outbox);
        for path in now.keys().chain(self.today.keys()).collect::<BTreeSet<_>>() {
            assert!(now.get(path) == self.today.get(path), "{case}: {path} is not what it should be\n{summary}");
        }
        let said = summary.said.iter().filter(|said| said.starts_with("An earlier run was stopped while it wrote"));
        assert_eq!(said.count(), left.len() + usize::from(torn), "{case}: {left:?}\n{summary}");
    }
}

/// Nothing in an outbox is half one night's and half the other's.
fn whole(outbox: &Path, yesterday: &Files, today: &Files, may_be_absent: bool, case: &str) {
    for name in NAMES {
        let part = |files: &Files| -> Files {
            let below = |(path, _): &(&String, &Vec<u8>)| path.starts_with(&format!("{name}/"));
            files.iter().filter(below).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
        };
        let there = outbox.join(name).is_dir();
        let now = part(&files(outbox));
        let (old, new) = (part(yesterday), part(today));
        let fits = if there { now == old || now == new } else { may_be_absent || old.is_empty() || new.is_empty() };
        assert!(fits && there != now.is_empty(), "{case}: {name} is neither yesterday's nor today's");
    }
    let now = fs::read(outbox.join("ledger.jsonl")).unwrap_or_default();
    ledger(&now, case);
    let before = yesterday.get("ledger.jsonl").cloned().unwrap_or_default();
    assert!(now.starts_with(&before), "{case}: the ledger has lost a line");
    assert!(today["ledger.jsonl"].starts_with(&now), "{case}: the ledger is going elsewhere");
}

/// It lies there since yesterday, so nobody waits to see whether it is still being written.
fn lies_still(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(86_400)).unwrap();
}

/// Writes files below a folder.
fn write(files: &Files, folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        lies_still(&path);
    }
}

/// The directories of which something was left half done.
fn left(outbox: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(outbox).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let of = |name: String| name.strip_prefix(".next-").or_else(|| name.strip_prefix(".old-")).map(str::to_owned);
    names.filter_map(of).collect()
}

/// All that is in an outbox but the lock.
fn files(outbox: &Path) -> Files {
    fn walk(folder: &Path, root: &Path, into: &mut Files) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, into);
            } else if path.file_name().unwrap() != ".lock" {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                into.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut all = Files::new();
    if outbox.is_dir() {
        walk(outbox, outbox, &mut all);
    }
    all
}

/// The whole lines of a ledger; each follows from the one before.
fn ledger(bytes: &[u8], case: &str) -> Vec<Value> {
    let mut before = "0".repeat(64);
    let whole = bytes.split_inclusive(|b| *b == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
    whole
        .map(|text| {
            let line: Value = serde_json::from_slice(text).unwrap_or_else(|_| panic!("{case}: a line of the ledger"));
            assert_eq!(line["before"], before, "{case}: the chain of the ledger");
            before = sha256(text);
            line
        })
        .collect()
}

const CSC_2020: &str = "year 2020-21\nno 1\nfront-door accepted 10\nchild-protection refused 20\n";
const CSC_2020_AGAIN: &str = "year 2020-21\nno 2\nfront-door queried 12\nchild-protection accepted 22\n";
const CSC: &str = "year 2021-22\nno 1\nfront-door accepted 11\n";
const MPS: &str = "year 2021-22\nno 1\nfront-door queried 31\n";
const MPS_AGAIN: &str = "year 2021-22\nno 2\nfront-door accepted 32\n";
const NO_YEAR: &str = "no 1\nfront-door accepted 1\n";
const NO_YEAR_EITHER: &str = "no 2\nfront-door accepted 2\n";

/// Two years and what is in none change at once; what was in none goes; the first night of all.
fn stories() -> [Story; 3] {
    let first = [("csc/a.txt", CSC_2020), ("mps/a.txt", MPS), ("nhsc/a.txt", NO_YEAR)];
    let all = [
        ("csc/a.txt", CSC_2020),
        ("csc/b.txt", CSC_2020_AGAIN),
        ("csc/c.txt", CSC),
        ("mps/a.txt", MPS),
        ("mps/b.txt", MPS_AGAIN),
        ("nhsc/a.txt", NO_YEAR),
        ("nhsc/b.txt", NO_YEAR_EITHER),
    ];
    let gone = [("csc/a.txt", CSC_2020), ("mps/a.txt", MPS), ("mps/b.txt", MPS_AGAIN)];
    [
        Story::new("new submissions", &first, &all),
        Story::new("one taken away", &first, &gone),
        Story::new("the first night", &[], &all[..4]),
    ]
}

/// How a night is stopped at a step.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// The step fails, for this reason, and the program goes on to its end.
    Error(ErrorKind),
    /// The program is killed in the middle of the step.
    Kill,
    /// The power fails, and with it goes what was not synced.
    Power(Loss),
    /// The program is killed, and the run that puts it right is killed too.
    KillTwice,
    /// The power fails, and fails again while the next run puts it right.
    PowerTwice,
}

/// One night that goes wrong, and all that must hold afterwards. Gives whether the program could finish nevertheless.
fn goes_wrong(story: &Story, exchanges: bool, step: usize, manner: Manner, name: &str) -> bool {
    let case = format!("{}, step {step} ({name}), {manner:?}, exchange {exchanges}", story.name);
    let outbox = story.evening();
    let outbox = outbox.path();
    let fault = match manner {
        Manner::Error(kind) => Fault::Error(step, kind),
        Manner::Kill | Manner::Power(_) | Manner::KillTwice | Manner::PowerTwice => Fault::Kill(step),
    };
    let may_be_absent = !exchanges && !matches!(manner, Manner::Error(_));
    let disk = Faulty::new(outbox, exchanges, fault);
    let ended = story.night(1, outbox, &disk);
    match manner {
        Manner::Power(loss) => disk.cut_power(loss),
        Manner::PowerTwice => disk.cut_power(Loss::All),
        Manner::Error(_) | Manner::Kill | Manner::KillTwice => {}
    }
    whole(outbox, &story.yesterday, &story.today, may_be_absent, &case);
    if ended.is_ok() && matches!(manner, Manner::Error(_)) {
        let now = files(outbox).into_iter().filter(|(path, _)| !path.starts_with('.'));
        assert!(now.collect::<Files>() == story.today, "{case}: it said that all was well");
    }
    // The recovery goes wrong in its turn: in its first steps, where it puts things right, or later.
    let second = match manner {
        Manner::KillTwice => Some((step % 24, None)),
        Manner::PowerTwice => Some((step * 31 % 97, Some(Loss::Some(step as u64)))),
        Manner::Error(_) | Manner::Kill | Manner::Power(_) => None,
    };
    if let Some((second, loss)) = second {
        let disk = Faulty::new(outbox, exchanges, Fault::Kill(second));
        let _ = story.night(1, outbox, &disk);
        if let Some(loss) = loss {
            disk.cut_power(loss);
        }
        whole(outbox, &story.yesterday, &story.today, may_be_absent, &case);
    }
    story.recovers(outbox, &case);
    if step.is_multiple_of(16) {
        let disk = Faulty::new(outbox, exchanges, Fault::Nothing);
        assert!(story.night(1, outbox, &disk).unwrap().nothing_new, "{case}: once more there is nothing to do");
    }
    ended.is_ok()
}

#[test]
fn a_night_that_is_stopped_at_any_step_is_put_right_by_the_next() {
    use ErrorKind::{NotFound, PermissionDenied, StorageFull};
    let start = Instant::now();
    let stories = stories();
    let full = &[
        Manner::Error(StorageFull),
        Manner::Kill,
        Manner::Power(Loss::All),
        Manner::Power(Loss::Contents),
        Manner::Power(Loss::Some(7)),
        Manner::KillTwice,
        Manner::PowerTwice,
    ][..];
    // Where two folders cannot be exchanged in one step only the moves differ.
    let moves = &[Manner::Kill, Manner::Power(Loss::Some(3))][..];
    let short = &[Manner::Error(StorageFull), Manner::Kill, Manner::Power(Loss::All)][..];
    let mut cases = Vec::new();
    for (story, exchanges, manners) in [
        (&stories[0], true, full),
        (&stories[0], false, moves),
        (&stories[1], true, short),
        (&stories[2], true, &short[1..]),
    ] {
        let outbox = story.evening();
        let disk = Faulty::new(outbox.path(), exchanges, Fault::Nothing);
        story.night(1, outbox.path(), &disk).unwrap();
        assert!(files(outbox.path()) == story.today, "{}: undisturbed", story.name);
        every_submission_is_accounted_for(story);
        let steps = disk.steps();
        println!("{}, exchange {exchanges}: {} operations × {} manners", story.name, steps.len(), manners.len());
        for (at, step) in steps.into_iter().enumerate() {
            // Every third step fails for each reason: the program asks for none of them.
            let reason = [StorageFull, PermissionDenied, NotFound][at % 3];
            cases.extend(manners.iter().map(|manner| {
                let manner = if let Manner::Error(_) = manner { Manner::Error(reason) } else { *manner };
                (story, exchanges, at, manner, step.clone())
            }));
        }
    }
    let (next, nevertheless) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Each night on one thread, so that its steps have an order; the nights are nothing to one another.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(4) {
            scope.spawn(|| {
                while let Some((story, exchanges, at, manner, step)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ended = goes_wrong(story, *exchanges, *at, *manner, step);
                    nevertheless.fetch_add(usize::from(ended), Ordering::Relaxed);
                }
            });
        }
    });
    println!(
        "{} nights went wrong, all put right by the next, none a mixture, no submission lost; {} were finished nevertheless ({:.0} s)",
        cases.len(),
        nevertheless.into_inner(),
        start.elapsed().as_secs_f64()
    );
}

/// What the undisturbed night leaves, and so what every other must, has a receipt and a line for each file in the inbox.
fn every_submission_is_accounted_for(story: &Story) {
    let handled = ledger(&story.today["ledger.jsonl"], story.name);
    for bytes in files(story.inbox[1].path()).values() {
        let sha = sha256(bytes);
        assert!(handled.iter().any(|line| line["sha256"] == sha), "{}: no line for {sha}", story.name);
        let receipt = |(path, bytes): (&String, &Vec<u8>)| {
            let receipt: Value = serde_json::from_slice(bytes).unwrap_or_default();
            path.contains("receipt") && receipt["sha256"] == sha
        };
        assert_eq!(story.today.iter().filter(|file| receipt(*file)).count(), 1, "{}: {sha}", story.name);
    }
}

/// A file that is there when the inbox is listed and gone when it is read, and a folder that goes likewise, may be what the
/// outbox was made from: what was is left as it stands for that night, and the rest is handled.
#[test]
fn what_vanishes_from_the_inbox_while_the_run_looks_takes_no_released_figure_with_it() {
    let [story, ..] = stories();
    for (vanishes, stays) in [("csc/a.txt", ["2020-21", "2021-22"].as_slice()), ("mps", &["2021-22"])] {
        let inbox = folder();
        write(&files(story.inbox[1].path()), inbox.path());
        let outbox = story.evening();
        let disk = Faulty::new(outbox.path(), true, Fault::Nothing);
        let path = inbox.path().join(vanishes);
        let told = Told::who_meddles(move || {
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        });
        let summary = Story::with(inbox.path(), 1, outbox.path(), &disk, &told).unwrap();
        assert!(!inbox.path().join(vanishes).exists());
        let now = files(outbox.path());
        for (path, bytes) in &now {
            let name = path.split('/').next().unwrap();
            let night = if stays.contains(&name) { &story.yesterday } else { &story.today };
            // The manifest of what is handled nevertheless says what that night was given.
            let differs = path == "ledger.jsonl" || (path.ends_with("manifest.json") && !stays.contains(&name));
            assert!(differs || night.get(path) == Some(bytes), "{vanishes}: {path}\n{summary}");
        }
        assert!(
            summary.to_string().contains(&format!("{} and the years after it stay as they stand", stays[0])),
            "{summary}"
        );
        // It is there again on the next night.
        write(&files(story.inbox[1].path()), inbox.path());
        Story::with(inbox.path(), 1, outbox.path(), &disk, &Told::new()).unwrap();
        let mut now = files(outbox.path());
        let lines = ledger(&now.remove("ledger.jsonl").unwrap(), vanishes);
        assert_eq!(lines.len(), ledger(&story.today["ledger.jsonl"], vanishes).len(), "{vanishes}");
        assert!(now.iter().all(|(path, bytes)| story.today.get(path) == Some(bytes)), "{vanishes}");
        assert_eq!(now.len() + 1, story.today.len(), "{vanishes}");
    }
    // What was taken away before the run looked is another matter: it counts no more, and that is said.
    let inbox = folder();
    write(&files(story.inbox[1].path()), inbox.path());
    fs::remove_file(inbox.path().join("mps/a.txt")).unwrap();
    let outbox = story.evening();
    let disk = Faulty::new(outbox.path(), true, Fault::Nothing);
    let summary = Story::with(inbox.path(), 1, outbox.path(), &disk, &Told::new()).unwrap().to_string();
    assert!(summary.contains("mps: a submission that 2021-22 was made from lies in the inbox no longer"), "{summary}");
}

/// A run for one year sees to that year only, so a run for all still has something to do.
#[test]
fn a_run_for_all_after_one_for_a_year_does_the_others_too() {
    let [story, ..] = stories();
    let outbox = story.evening();
    let disk = Faulty::new(outbox.path(), true, Fault::Nothing);
    let job = Job {
        inbox: story.inbox[1].path().to_owned(),
        outbox: outbox.path().to_owned(),
        waivers: PathBuf::from("no waivers"),
        as_of: EVENINGS[1].parse().unwrap(),
        year: Some("2020-21".to_owned()),
        threads: 1,
        workers: None,
        disk: &disk,
        progress: &|_, _| {},
    };
    assert!(!run(&job, &Told::new()).unwrap().nothing_new);
    assert!(run(&job, &Told::new()).unwrap().nothing_new);
    assert!(!story.night(1, outbox.path(), &disk).unwrap().nothing_new);
    let mut now = files(outbox.path());
    let mut today = story.today.clone();
    assert_eq!(now.remove("ledger.jsonl"), today.remove("ledger.jsonl"));
    assert!(now == today);
    assert!(story.night(1, outbox.path(), &disk).unwrap().nothing_new);
}
