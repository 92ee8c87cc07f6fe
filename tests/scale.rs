//! A night costs what is new and holds what is released: what was superseded stays in no memory, and where only a day has
//! gone by the boards alone are drawn. The figures of large inboxes come from `cargo bench --bench nightly`.

#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; it says what it measured"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use safereturn::batch::{self, Job, System};
use safereturn::schema::Schemas;

fn sample(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox").join(path)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A house with so many submissions of one return, each superseded by the next.
fn resubmitted(times: usize) -> tempfile::TempDir {
    let house = tempfile::tempdir().unwrap();
    // In time: of a late return the reason would be asked.
    let mut received = "file,date\n".to_owned();
    for number in 1..=times {
        received.push_str(&format!("export {number},2021-05-20\n"));
        let to = house.path().join(format!("inbox/mps/export {number}"));
        copy(&sample("mps/2020-21 export"), &to);
        let cover = fs::read_to_string(to.join("cover.csv")).unwrap();
        let numbered = cover.replace("Number of this submission;1;", &format!("Number of this submission;{number};"));
        fs::write(to.join("cover.csv"), numbered).unwrap();
    }
    fs::write(house.path().join("inbox/mps/received.csv"), received).unwrap();
    house
}

fn command(house: &Path, as_of: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_safereturn"));
    command.current_dir(house).args(["run", "--in-process", "--threads", "1", "--as-of", as_of]);
    command
}

fn run(house: &Path, as_of: &str) -> String {
    let ran = command(house, as_of).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// One run in this process, which says in the end how much memory it has held; the test below reads it.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn one_run() {
    let Some(house) = std::env::var_os("SCALE_HOUSE").map(PathBuf::from) else { return };
    let job = Job {
        inbox: house.join("inbox"),
        outbox: house.join("outbox"),
        waivers: house.join("waivers.csv"),
        as_of: "2022-06-20".parse().unwrap(),
        year: None,
        threads: 1,
        workers: None,
        disk: &System,
        progress: &|_, _| {},
    };
    batch::run(&job, &Schemas::built_in().unwrap()).unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    println!("PEAK {}", status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap());
}

/// The most memory that a run held, in kB. Asked of the process itself in the end: whoever looks on from outside may be
/// held up, and miss it.
fn peak(house: &Path) -> usize {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["one_run", "--exact", "--ignored", "--nocapture"]).env("SCALE_HOUSE", house);
    let ran = command.output().unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout);
    let peak = printed.lines().find_map(|line| line.split_once("PEAK ")).map(|(_, peak)| peak.trim());
    let peak = peak.unwrap_or_else(|| panic!("{printed}\n{}", String::from_utf8_lossy(&ran.stderr)));
    peak.trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn what_was_superseded_stays_in_no_memory() {
    let (few, many) = (2, 32);
    let [least, most] = [few, many].map(|times| {
        let house = resubmitted(times);
        let peak = peak(house.path());
        let records = fs::read_to_string(house.path().join("outbox/2020-21/data/records.csv")).unwrap();
        assert!(records.lines().count() > 50, "the last one is released");
        let receipts = fs::read_dir(house.path().join("outbox/2020-21/receipts/mps")).unwrap().count();
        assert_eq!(receipts, times, "each is handled");
        peak
    });
    let each = most.saturating_sub(least) / (many - few);
    println!("{few} submissions: {least} kB; {many}: {most} kB; {each} kB for each more");
    // What is known of one of these submissions takes some two megabytes.
    assert!(each < 150, "{each} kB for each submission that is released no more");
}

/// The files of an outbox but for the lock.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            out.extend(files(&entry.path()).into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        } else if name != ".lock" {
            out.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    out
}

#[test]
fn where_only_a_day_has_gone_by_the_boards_alone_are_drawn_as_a_whole_run_would() {
    let house = tempfile::tempdir().unwrap();
    for body in ["yjs", "vcs"] {
        copy(&sample(body), &house.path().join("inbox").join(body));
    }
    let outbox = house.path().join("outbox");
    run(house.path(), "2022-06-20");
    let first = files(&outbox);
    assert!(run(house.path(), "2022-06-20").contains("the outbox stays as it is"));
    assert_eq!(files(&outbox), first);

    let said = run(house.path(), "2022-06-21");
    assert!(said.contains("Nothing new") && said.contains("the boards are drawn for the new day"), "{said}");
    let next = files(&outbox);
    let moved: Vec<&String> =
        next.iter().filter(|(path, bytes)| first.get(*path) != Some(bytes)).map(|(p, _)| p).collect();
    let allowed = ["manifest.json", "status.html", "status.json", "status.txt"];
    assert!(moved.iter().all(|path| allowed.iter().any(|name| path.ends_with(name))), "{moved:?}");
    assert_eq!(moved.len(), 8, "two years: {moved:?}");
    assert_eq!(next.len(), first.len());
    assert!(String::from_utf8_lossy(&next["2021-22/status.json"]).contains("2022-06-21"));

    // The same day from the beginning, with the ledger as it is.
    for year in ["2020-21", "2021-22"] {
        fs::remove_dir_all(outbox.join(year)).unwrap();
    }
    run(house.path(), "2022-06-21");
    let anew = files(&outbox);
    for path in next.keys().filter(|path| path.contains("status.")) {
        assert!(anew[path] == next[path], "{path} is drawn otherwise");
    }

    // Once a deadline has passed, it is not only a day.
    assert!(!run(house.path(), "2022-07-20").contains("Nothing new"));
}
