//! The samples in `contrib/` for running it every night: their command is run, and systemd's own checker reads the units.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = "/usr/local/bin/safereturn";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name)
}

/// A partnership's folder with one small return in the inbox.
fn partnership() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox");
    fs::create_dir_all(folder.path().join("inbox/yjs")).unwrap();
    fs::create_dir_all(folder.path().join("outbox")).unwrap();
    for file in fs::read_dir(inbox.join("yjs")).unwrap().map(|entry| entry.unwrap().path()) {
        if file.is_file() {
            fs::copy(&file, folder.path().join("inbox/yjs").join(file.file_name().unwrap())).unwrap();
        }
    }
    fs::copy(inbox.join("as-of.txt"), folder.path().join("inbox/as-of.txt")).unwrap();
    folder
}

/// Runs the command of a sample as it stands there, in a partnership's folder; gives what it printed and its log.
fn run(command: &str) -> (String, String) {
    let arguments = command.split(PROGRAM).nth(1).expect("it calls the program").split_whitespace();
    let folder = partnership();
    let arguments: Vec<&str> = arguments.collect();
    let ran =
        Command::new(env!("CARGO_BIN_EXE_safereturn")).args(&arguments).current_dir(folder.path()).output().unwrap();
    assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    assert!(folder.path().join("outbox/2020-21/data/records.csv").is_file());
    let log = fs::read_to_string(folder.path().join("outbox/run.log"));
    let log = log.unwrap_or_else(|_| String::from_utf8(ran.stderr).unwrap());
    (String::from_utf8(ran.stdout).unwrap(), log)
}

#[test]
fn the_command_of_each_sample_does_the_job_and_logs_no_figure() {
    let service = fs::read_to_string(sample("safereturn.service")).unwrap();
    let service = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap().to_owned();
    let cron = fs::read_to_string(sample("safereturn.cron")).unwrap();
    let cron = cron.lines().find(|line| line.starts_with("30 ")).unwrap().to_owned();
    for command in [service, cron] {
        let (summary, log) = run(&command);
        assert!(summary.contains("\n  yjs "), "{summary}");
        let told = log.lines().filter(|line| line.contains(" yjs submission ")).count();
        assert!(told >= 2, "a line for each submission: {log}");
        // Each line begins with the day; beside years, counts of sections, numbers of submissions, hashes, rules and
        // cells no number stands there.
        for line in log.lines().filter(|line| line.contains(" error ") || line.contains(" query ")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert!(
                matches!(words[..], [_, _, _, "submission", _, "file", _, _, _, _, _, "open" | "answered"]),
                "{line}"
            );
        }
    }
}

#[test]
fn systemd_understands_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let verify = |files: &[PathBuf; 2]| -> std::io::Result<String> {
        let ran = Command::new("systemd-analyze").arg("verify").arg("--man=no").args(files).output()?;
        Ok(String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let files = ["safereturn.service", "safereturn.timer"].map(|name| {
        // The program need not be installed where the sample says.
        let unit = fs::read_to_string(sample(name)).unwrap().replace(PROGRAM, env!("CARGO_BIN_EXE_safereturn"));
        fs::write(folder.path().join(name), unit).unwrap();
        folder.path().join(name)
    });
    // First whether it sees what is wrong: where it can do nothing at all, it says nothing of ours either.
    let timer = fs::read_to_string(&files[1]).unwrap();
    fs::write(&files[1], timer.replace("02:30:00", "half past two")).unwrap();
    match verify(&files) {
        Ok(said) if said.contains("safereturn.timer") => {}
        found => {
            // Past the test runner, which keeps to itself what a passing test prints.
            let why = found.unwrap_or_else(|error| error.to_string());
            let why = why.lines().next().unwrap_or("it says nothing");
            let said = format!(
                "\n!!!!!!!!!!\nSKIPPED: systemd-analyze is not here or cannot work ({why}), so nobody but us has read \
                 contrib/safereturn.service\n!!!!!!!!!!\n"
            );
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            return;
        }
    }
    fs::write(&files[1], timer).unwrap();
    let said = verify(&files).unwrap();
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("safereturn")).collect();
    assert!(ours.is_empty(), "{said}");
}
