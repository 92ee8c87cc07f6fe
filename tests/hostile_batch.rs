//! Every crafted file of `crafted` in one inbox with ten good returns: the batch takes the ten, refuses each of the others
//! for its own reason, and comes to its end. Run as people run it.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; it says what it saw"
)]

mod crafted;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant, SystemTime};

use safereturn::report::sha256;
use serde_json::Value;

/// The folder that the crafted files come in: a body that is registered.
const SENDER: &str = "icb";
/// Good returns of the sample, by body.
const SAMPLE: [(&str, &str); 4] = [
    ("csc", "csc/csc-2020-21 corrected.xlsx"),
    ("edu", "edu/edu-2020-21.zip"),
    ("mps", "mps/2020-21 export"),
    ("nhsc-whittington", "nhsc-whittington/Whittington 2020-21.xlsx"),
];
/// Bodies that send what the police sent, in their own name.
const LIKE_THE_POLICE: [(&str, &str); 6] = [
    ("eh", "Early Help"),
    ("yjs", "Youth Justice Service"),
    ("ph", "Public Health"),
    ("hsg", "Homes and Neighbourhoods"),
    ("cst", "Community Safety"),
    ("prob", "Probation Service"),
];

fn inbox() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox")
}

/// An inbox with the ten good returns.
fn ten() -> tempfile::TempDir {
    let desk = tempfile::tempdir().unwrap();
    let to = |body: &str| desk.path().join("inbox").join(body);
    fs::create_dir_all(to(SENDER)).unwrap();
    fs::write(to("as-of.txt"), "2022-06-20\n").unwrap();
    for (body, path) in SAMPLE {
        let from = inbox().join(path);
        let folder = to(body).join(from.file_name().unwrap());
        if from.is_dir() {
            copy(&from, &folder, |bytes| bytes);
        } else {
            fs::create_dir_all(to(body)).unwrap();
            fs::copy(&from, folder).unwrap();
        }
        in_time(&to(body), from.file_name().unwrap().to_str().unwrap());
    }
    for (body, title) in LIKE_THE_POLICE {
        let own = |bytes: Vec<u8>| {
            let bytes = replace(&bytes, "Met Police", title);
            let bytes = replace(&bytes, "MPS-2020", &format!("{}-2020", body.to_uppercase()));
            // Of violence some of them are asked for other figures.
            let bytes = replace(&bytes, "youth-violence-exploitation, ", "");
            replace(&bytes, ";mps;", &format!(";{body};"))
        };
        copy(&inbox().join("mps/2020-21 export"), &to(body).join("2020-21 export"), own);
        fs::remove_file(to(body).join("2020-21 export/youth violence and exploitation.csv")).unwrap();
        in_time(&to(body), "2020-21 export");
    }
    desk
}

/// It came before the deadline: of a late return the reason would be asked.
fn in_time(folder: &Path, name: &str) {
    fs::write(folder.join("received.csv"), format!("file,date\n{name},2021-05-28\n")).unwrap();
}

fn copy(from: &Path, to: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::write(to.join(path.file_name().unwrap()), change(fs::read(&path).unwrap())).unwrap();
    }
}

/// It lies still: half a workbook is damaged then, and not on its way.
fn sent_yesterday(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    fs::File::options().write(true).open(path).unwrap().set_modified(yesterday).unwrap();
}

/// In bytes, because the police's export is not UTF-8.
fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            out.extend(to.as_bytes());
            at += from.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

fn run(desk: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_safereturn")).current_dir(desk).arg("run").args(arguments).output().unwrap()
}

/// The ten good returns are accepted, and their figures released.
fn ten_are_accepted(desk: &Path, said: &str) {
    for body in SAMPLE.iter().chain(&LIKE_THE_POLICE).map(|(body, _)| body) {
        let receipts = fs::read_dir(desk.join("outbox/2020-21/receipts").join(body))
            .unwrap_or_else(|e| panic!("{body}: {e}\n{said}"));
        let receipts: Vec<Value> =
            receipts.map(|r| serde_json::from_slice(&fs::read(r.unwrap().path()).unwrap()).unwrap()).collect();
        assert_eq!(receipts.len(), 1, "{body}");
        assert_eq!(receipts[0]["outcome"], "accepted", "{body}:\n{said}");
    }
    let records = fs::read_to_string(desk.join("outbox/2020-21/data/records.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(records.as_bytes());
    let bodies: BTreeSet<String> = reader.records().map(|record| record.unwrap()[1].to_owned()).collect();
    assert_eq!(bodies.len(), 10, "{bodies:?}");
}

/// The report on a file of the sender.
fn report(desk: &Path, bytes: &[u8]) -> Value {
    let path = format!("outbox/unplaced/{SENDER}/{}/report.json", &sha256(bytes)[..8]);
    serde_json::from_slice(&fs::read(desk.join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
}

fn errors(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|f| f["severity"] == "error").map(|f| f["rule"].as_str().unwrap()).collect()
}

#[test]
fn every_crafted_file_at_once_hinders_no_good_return() {
    let desk = ten();
    let mut sent: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (i, (ending, (name, _, make))) in crafted::all().enumerate() {
        let bytes = make();
        sent_yesterday(&desk.path().join("inbox").join(SENDER).join(format!("return-{i}.{ending}")), &bytes);
        assert!(sent.insert(name, bytes).is_none(), "two crafted files are called {name}");
    }
    let start = Instant::now();
    let ran = run(desk.path(), &[]);
    let said = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "the program did not even fail and go on");
    println!("{} crafted files and ten good ones: {:.1} s", sent.len(), start.elapsed().as_secs_f64());
    assert!(!said.contains("No worker process"), "{said}");
    assert!(!said.contains("FIL-09"), "{said}");
    ten_are_accepted(desk.path(), &said);
    for (_, (name, expected, _)) in crafted::all() {
        let report = report(desk.path(), &sent[name]);
        assert_eq!(report["outcome"], "refused", "{name}");
        let errors = errors(&report);
        match expected {
            Some(rule) => assert_eq!(errors.iter().filter(|r| *r == rule).count(), 1, "{name}: {errors:?}"),
            // It is read; what it lacks is a return.
            None => assert!(!errors.is_empty() && !errors.iter().any(|r| r.starts_with("FIL-")), "{name}: {errors:?}"),
        }
    }
    let again = run(desk.path(), &[]);
    assert!(String::from_utf8(again.stdout).unwrap().contains("Nothing new"));
}

/// A workbook with as many cells as are allowed and a text in each, and workers that are not given the memory for it.
#[test]
#[cfg(target_os = "linux")]
fn a_workbook_that_takes_too_much_memory_costs_itself_only() {
    let desk = ten();
    let cell =
        |n: u32| format!("<c t=\"str\"><v>{}</v></c>", format!("{:08x}", n.wrapping_mul(2_654_435_761)).repeat(25));
    let row = |n: u32| format!("<row>{}</row>", (n * 100..n * 100 + 100).map(cell).collect::<String>());
    let bytes = crafted::parts::book(&(0..2_500).map(row).collect::<String>());
    fs::write(desk.path().join("inbox").join(SENDER).join("return.xlsx"), &bytes).unwrap();
    let ran = run(desk.path(), &["--memory", "350"]);
    let said = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{said}");
    assert!(!said.contains("No worker process"), "{said}");
    ten_are_accepted(desk.path(), &said);
    let report = report(desk.path(), &bytes);
    assert_eq!(errors(&report), ["FIL-09"]);
    assert!(report["findings"][0]["message"].as_str().unwrap().contains("more memory"), "{report}");
    // With the memory that workers are given it would go through; but it stopped this program, so it is not tried.
    fs::remove_dir_all(desk.path().join("inbox/edu")).unwrap();
    let again = String::from_utf8(run(desk.path(), &[]).stdout).unwrap();
    assert!(
        again.contains(&format!("{SENDER}: a file that stopped the program in an earlier run was not tried again")),
        "{again}"
    );
}
