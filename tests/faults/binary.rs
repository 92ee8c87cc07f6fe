//! The program itself, as people run it: killed, run twice at once, on a full disk, without permission.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{Files, files, folder, ledger, left, lies_still, whole, write};

/// The sample's police return as csv, in its own words.
fn police() -> Files {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox/mps/2020-21 export");
    files(&sample).into_iter().map(|(path, bytes)| (format!("mps/2020-21 export/{path}"), bytes)).collect()
}

fn cover(agency: &str, year: &str) -> Vec<u8> {
    format!("Cover,\nMeasure,Figure\nTemplate,iscp-return\nAgency,{agency}\nReporting year,{year}\n").into()
}

/// A place of work on its second evening: the police's return has been handled, three more lie there.
struct Desk {
    inbox: tempfile::TempDir,
    yesterday: Files,
    today: Files,
    /// How long the undisturbed night took.
    takes: Duration,
}

impl Desk {
    fn new() -> Self {
        let inbox = folder();
        write(&police(), inbox.path());
        let outbox = folder();
        let ran = Self::night(inbox.path(), outbox.path(), "2022-06-20").output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let yesterday = files(outbox.path());
        let new = [
            ("nhsm/return/cover.csv", cover("nhsm", "2021-22")),
            ("ph/return/cover.csv", cover("ph", "2020-21")),
            ("icb/return/cover.csv", cover("icb", "last year")),
        ];
        write(&new.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect(), inbox.path());
        let start = Instant::now();
        let ran = Self::night(inbox.path(), outbox.path(), "2022-06-21").output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let today = files(outbox.path());
        assert!(["2020-21/", "2021-22/", "unplaced/"].iter().all(|name| today.keys().any(|p| p.starts_with(name))));
        Self { inbox, yesterday, today, takes: start.elapsed() }
    }

    fn night(inbox: &Path, outbox: &Path, day: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_safereturn"));
        command.args(["run", "--in-process", "--threads", "1", "--as-of", day]);
        command.arg("--inbox").arg(inbox).arg("--outbox").arg(outbox).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The second evening's run.
    fn tonight(&self, outbox: &Path) -> Command {
        Self::night(self.inbox.path(), outbox, "2022-06-21")
    }

    fn evening(&self) -> tempfile::TempDir {
        let outbox = folder();
        write(&self.yesterday, outbox.path());
        outbox
    }

    /// An undisturbed run leaves what it should.
    fn recovers(&self, outbox: &Path, case: &str) -> String {
        let ran = self.tonight(outbox).output().unwrap();
        assert!(ran.status.success(), "{case}: {}", String::from_utf8_lossy(&ran.stderr));
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(files(outbox) == self.today, "{case}: the outbox is not what it should be\n{said}");
        said
    }
}

#[test]
fn a_run_that_is_killed_outright_at_any_moment_is_put_right_by_the_next() {
    let desk = Desk::new();
    let moments = 20;
    let (next, half) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let moment = next.fetch_add(1, Ordering::Relaxed);
                    if moment >= moments {
                        break;
                    }
                    let case = format!("moment {moment}");
                    let outbox = desk.evening();
                    let mut child = desk.tonight(outbox.path()).spawn().unwrap();
                    // Half of the moments are spread over a run; the others lie where it writes, which takes least of it.
                    if moment % 2 == 0 {
                        std::thread::sleep(desk.takes * (moment as u32 + 1) / (moments as u32 + 1));
                    } else {
                        until(&mut child, || !left(outbox.path()).is_empty());
                        std::thread::sleep(Duration::from_millis(moment as u64 - 1));
                    }
                    child.kill().unwrap();
                    child.wait().unwrap();
                    // Half a line of the ledger may be all that is left.
                    let ledger = fs::read(outbox.path().join("ledger.jsonl")).unwrap_or_default();
                    let stopped = !left(outbox.path()).is_empty() || ledger.last().is_some_and(|b| *b != b'\n');
                    half.fetch_add(usize::from(stopped), Ordering::Relaxed);
                    whole(outbox.path(), &desk.yesterday, &desk.today, true, &case);
                    let said = desk.recovers(outbox.path(), &case);
                    assert_eq!(said.contains("An earlier run was stopped while it wrote"), stopped, "{case}: {said}");
                }
            });
        }
    });
    println!(
        "{moments} runs killed outright, {} of them with something half done; all put right by the next ({:.0} s)",
        half.into_inner(),
        start.elapsed().as_secs_f64()
    );
}

/// Waits until something is so, or the program has ended.
fn until(child: &mut Child, so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(120), "it never came to that");
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Stops a program where it is, and says whether it stands still now; `false` where it has come to its end first.
fn stops(child: &Child) -> bool {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    let pid = Pid::from_child(child);
    kill_process(pid, Signal::STOP).unwrap();
    // Whoever waits for it afterwards learns the same.
    let either = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(pid), either).unwrap().unwrap().stopped()
}

#[test]
fn of_two_runs_at_once_the_second_says_who_is_at_work_and_leaves() {
    let desk = Desk::new();
    // On a busy machine it may be through before it is stopped: then another is.
    let begun = || {
        let outbox = desk.evening();
        let mut first = desk.tonight(outbox.path()).spawn().unwrap();
        let lock = outbox.path().join(".lock");
        until(&mut first, || fs::read_to_string(&lock).is_ok_and(|by| by.ends_with('\n')));
        let stopped = stops(&first);
        if !stopped {
            assert!(first.wait().unwrap().success());
        }
        stopped.then_some((outbox, first))
    };
    let (outbox, mut first) = (0..50).find_map(|_| begun()).expect("a run that is stopped before its end");
    let before = files(outbox.path());
    let second = desk.tonight(outbox.path()).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("process {} on ", first.id())) && said.contains(", since 20"), "{said}");
    assert!(files(outbox.path()) == before, "it has left the outbox alone");
    rustix::process::kill_process(rustix::process::Pid::from_child(&first), rustix::process::Signal::CONT).unwrap();
    assert!(first.wait().unwrap().success());
    assert!(files(outbox.path()) == desk.today);
    assert!(desk.recovers(outbox.path(), "after both").contains("Nothing new"));
}

/// Runs a command of the system, and says whether it could.
fn system(command: &str, arguments: &[&str]) -> bool {
    Command::new(command).args(arguments).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Takes away what was mounted, also where a test fails.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Past the test runner, which keeps to itself what a passing test prints.
fn skipped(what: &str) {
    std::io::stderr().write_all(format!("\n!!!!!!!!!!\nSKIPPED: {what}\n!!!!!!!!!!\n").as_bytes()).unwrap();
}

fn failed(ran: &Output) -> String {
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    String::from_utf8_lossy(&ran.stderr).into_owned()
}

#[test]
fn on_a_full_disk_yesterdays_outbox_stays_and_a_larger_one_is_put_right() {
    let desk = Desk::new();
    let place = folder();
    let outbox = place.path().to_str().unwrap();
    let pages: usize = desk.yesterday.values().map(|bytes| bytes.len().div_ceil(4096) * 4).sum();
    // What is new needs more than what is left: a board alone does.
    let size = format!("size={}k", pages + 16);
    if !system("mount", &["-t", "tmpfs", "-o", &size, "none", outbox]) {
        skipped("a full disk: this user may not mount one");
        return;
    }
    let _mounted = Mounted(place.path().to_owned());
    write(&desk.yesterday, place.path());
    let said = failed(&desk.tonight(place.path()).output().unwrap());
    assert!(said.contains("could not be written") && said.to_lowercase().contains("space"), "{said}");
    assert!(files(place.path()) == desk.yesterday, "yesterday's outbox, and nothing beside it that fills the disk");
    assert!(system("mount", &["-o", "remount,size=64m", "none", outbox]));
    desk.recovers(place.path(), "a larger disk");
}

#[test]
fn without_permission_yesterdays_outbox_stays_and_with_it_the_next_run_goes_on() {
    let desk = Desk::new();
    let outbox = desk.evening();
    let path = outbox.path().to_str().unwrap();
    // Permissions do not bind root, so that for root it is the mount that may not be written to.
    let guard = system("mount", &["--bind", path, path]).then(|| Mounted(outbox.path().to_owned()));
    let mounted = guard.is_some() && system("mount", &["-o", "remount,ro,bind", path]);
    let closed = mounted || system("chmod", &["a-w", path]);
    let binds = closed && fs::write(outbox.path().join("probe"), "").is_err();
    if binds {
        let said = failed(&desk.tonight(outbox.path()).output().unwrap());
        assert!(said.contains("could not be"), "{said}");
        assert!(files(outbox.path()) == desk.yesterday);
    } else {
        skipped("an outbox that may not be written to: nothing binds this user");
        let _ = fs::remove_file(outbox.path().join("probe"));
    }
    drop(guard);
    assert!(system("chmod", &["u+w", path]));
    desk.recovers(outbox.path(), "with permission");
    // Something else in the place of the outbox.
    let file = outbox.path().join("file");
    fs::write(&file, "not an outbox").unwrap();
    let said = failed(&desk.tonight(&file).output().unwrap());
    assert!(said.contains("file"), "{said}");
    assert_eq!(fs::read(&file).unwrap(), b"not an outbox");
    // And in the place of what a run writes beside a year.
    fs::remove_file(&file).unwrap();
    let outbox = desk.evening();
    fs::write(outbox.path().join(".next-2020-21"), "in the way").unwrap();
    desk.recovers(outbox.path(), "a file in the way");
}

/// A workbook that has just come and lacks its end is still being copied; one that lies there without it is refused.
#[test]
fn half_a_workbook_waits_while_it_is_fresh_and_is_refused_when_it_lies_still() {
    let desk = Desk::new();
    let outbox = desk.evening();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox/csc/csc-2020-21.xlsx");
    let bytes = fs::read(sample).unwrap();
    let path = desk.inbox.path().join("icb/Return 2020-21.xlsx");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let ran = desk.tonight(outbox.path()).output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(said.contains("icb: a file that is still being written was passed over"), "{said}");
    assert!(files(outbox.path()) == desk.today, "it is as if it were not there");
    lies_still(&path);
    let ran = desk.tonight(outbox.path()).output().unwrap();
    assert!(ran.status.success());
    let lines = ledger(&fs::read(outbox.path().join("ledger.jsonl")).unwrap(), "half a workbook");
    assert_eq!(lines.len(), ledger(&desk.today["ledger.jsonl"], "today").len() + 1);
    let line = lines.last().unwrap();
    assert_eq!((line["body"].as_str(), line["outcome"].as_str()), (Some("icb"), Some("refused")));
}
