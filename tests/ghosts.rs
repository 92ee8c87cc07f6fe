//! Cells that look empty say nothing: formatting, spaces, and ghosts at the end of the sheet change no finding, add one
//! note where they lie far from the figures, and cost next to nothing.

#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

#[path = "common/package.rs"]
mod package;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use chrono::NaiveDate;
use cpu_time::ThreadTime;
use package::patched;
use safereturn::extract::Context;
use safereturn::finding::{Finding, Findings, Severity};
use safereturn::report::{Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Submission, Workbook};

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn submission(name: &str, bytes: Vec<u8>) -> Submission {
    Submission { name: name.to_owned(), content: Content::File(bytes) }
}

/// A return of the sample that is accepted.
fn plain() -> Vec<u8> {
    std::fs::read(root().join("inbox/csc/csc-2020-21 corrected.xlsx")).unwrap()
}

/// The same with what people and programs leave behind.
fn haunted() -> Vec<u8> {
    let mut bytes = plain();
    for sheet in 2..=4 {
        bytes = patched(&bytes, &format!("xl/worksheets/sheet{sheet}.xml"), |part| {
            // Formatted cells beside the figures and below them, as in any workbook.
            let mut rows = String::new();
            for row in 300..400 {
                let _ = write!(rows, r#"<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="2"/></row>"#);
            }
            for row in 5_000..9_000 {
                let _ = write!(rows, r#"<row r="{row}"><c r="A{row}" s="1"/><c r="H{row}" s="2"/></row>"#);
            }
            rows +=
                r#"<row r="1000000"><c r="A1000000" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row>"#;
            rows += r#"<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>"#;
            let first = part.split_once("<row r=\"").unwrap().1.split_once('"').unwrap().0;
            let part = part.replacen("</row>", &format!(r#"<c r="Z{first}" s="1"/></row>"#), 1);
            part.replacen("</sheetData>", &format!("{rows}</sheetData>"), 1)
        });
    }
    bytes
}

fn check(bytes: Vec<u8>) -> Report {
    let mut context = Context::on(NaiveDate::from_ymd_opt(2021, 6, 1).unwrap());
    context.expected_body = Some("csc".to_owned());
    safereturn::check(&submission("csc-2020-21.xlsx", bytes), &context, &PACK)
}

/// A finding as an agency gets it.
fn whole(finding: &Finding) -> String {
    format!("{} {} {} {} {:?}", finding.severity.word(), finding.rule, finding.at, finding.message, finding.labels)
}

fn ghosts(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|f| f.rule.as_str() == "TPL-03" && f.at.as_str() == "/file").collect()
}

#[test]
fn they_change_no_finding_and_add_one_note() {
    let (before, after) = (check(plain()), check(haunted()));
    assert_eq!(before.outcome, Outcome::Accepted);
    assert_eq!(after.outcome, Outcome::Accepted);
    let said = |report: &Report| -> BTreeSet<String> { report.findings.iter().map(whole).collect() };
    let more: Vec<String> = said(&after).difference(&said(&before)).cloned().collect();
    assert_eq!(more.len(), 1, "{more:#?}");
    assert_eq!(said(&before).difference(&said(&after)).count(), 0);
    assert_eq!(after.findings.len(), before.findings.len() + 1);
    let notes = ghosts(&after.findings);
    let [note] = notes.as_slice() else { panic!("{more:#?}") };
    assert_eq!(note.severity, Severity::Note);
    // Three sheets, each with 4,000 rows of two cells, a space, and two cells in the last row.
    assert_eq!(
        note.message,
        "24,009 cells away from the figures (the last is XFD1048576 on “Children in need”) hold nothing but formatting or \
         spaces. They were passed over; nothing needs to be done."
    );
    assert_eq!(note.help, "Nothing needs to be done.");
    assert_eq!(format!("{:?}", after.figures), format!("{:?}", before.figures), "every figure, and where it stands");
}

#[test]
fn one_is_one() {
    let bytes = patched(&plain(), "xl/worksheets/sheet2.xml", |part| {
        part.replacen("</sheetData>", r#"<row r="90000"><c r="B90000" s="1"/></row></sheetData>"#, 1)
    });
    let report = check(bytes);
    let notes: Vec<&str> = ghosts(&report.findings).iter().map(|f| f.message.as_str()).collect();
    assert_eq!(
        notes,
        ["One cell away from the figures (B90000 on “Child protection”) holds nothing but formatting or spaces. \
          It was passed over; nothing needs to be done."]
    );
}

/// Every workbook below a folder.
fn workbooks(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            workbooks(&path, out);
        } else if path.extension().is_some_and(|e| e == "xlsx") {
            out.push(path);
        }
    }
}

#[test]
fn ordinary_formatting_makes_no_note() {
    let mut paths = Vec::new();
    workbooks(&root().join("inbox"), &mut paths);
    workbooks(&root().join("tests/workbooks"), &mut paths);
    let mut files: Vec<(String, Vec<u8>)> =
        paths.iter().map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect();
    for body in &PACK.agencies.bodies {
        for year in PACK.agencies.years.keys() {
            if let Some(form) = PACK.form(&body.kind, year) {
                let bytes =
                    safereturn::template::workbook(&PACK, form, body, &safereturn::template::Last::new()).unwrap();
                files.push((format!("template of {} for {year}", body.key), bytes));
            }
        }
    }
    let mut empty = 0;
    for (name, bytes) in &files {
        let mut findings = Findings::default();
        let workbook = Workbook::read(&submission(name, bytes.clone()), &mut findings);
        empty += workbook.sheets.iter().map(|s| s.dropped).sum::<usize>();
        assert_eq!(ghosts(findings.list()), Vec::<&Finding>::new(), "{name}");
    }
    println!("{} workbooks with {empty} cells that have formatting only, and not a word of it", files.len());
    assert!(files.len() > 20 && empty > 1_000);
}

#[test]
fn an_export_padded_with_spaces_is_told_once() {
    let read = |csv: String| {
        let mut findings = Findings::default();
        let workbook = Workbook::read(&submission("front-door.csv", csv.into_bytes()), &mut findings);
        let notes: Vec<String> = ghosts(findings.list()).iter().map(|f| f.message.clone()).collect();
        (workbook.sheets[0].cells.len(), notes)
    };
    // Spaces among the figures are blanks of the form.
    assert_eq!(read("Contacts,  ,11147\nReferrals,12,  \n".to_owned()), (4, Vec::new()));
    let padded = format!("Contacts,11147\n{}", "  ,  \n".repeat(3_000));
    let (cells, notes) = read(padded);
    assert_eq!(cells, 2);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("6,000 cells") && notes[0].contains("B3001 on “front-door”"), "{notes:?}");
}

/// Checks one of the two in this process; the test below reads what is printed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn one_check() {
    let Ok(which) = std::env::var("GHOSTS") else { return };
    let bytes = if which == "plain" { plain() } else { haunted() };
    drop(check(plain()));
    let start = ThreadTime::now();
    for _ in 0..5 {
        assert_eq!(check(bytes.clone()).outcome, Outcome::Accepted);
    }
    println!("COST {} {}", start.elapsed().as_micros() / 5, peak_kilobytes());
}

/// The most memory this process has held, where the system says so.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

#[test]
fn they_cost_next_to_nothing() {
    let cost = |which: &str| -> (f64, f64) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.args(["one_check", "--exact", "--ignored", "--nocapture"]).env("GHOSTS", which).output();
        let printed = String::from_utf8(output.unwrap().stdout).unwrap();
        let line = printed.lines().find_map(|l| l.split_once("COST ")).unwrap_or_else(|| panic!("{printed}")).1;
        let (time, memory) = line.split_once(' ').unwrap();
        (time.parse().unwrap(), memory.parse().unwrap())
    };
    let (plain_time, plain_memory) = cost("plain");
    let (time, memory) = cost("haunted");
    let ratios = (time / plain_time, memory / plain_memory);
    println!(
        "check: {:.1} ms and {:.1} MB; with 24,612 cells that look empty {:.1} ms and {:.1} MB: {:.2} and {:.2} times",
        plain_time / 1e3,
        plain_memory / 1024.0,
        time / 1e3,
        memory / 1024.0,
        ratios.0,
        ratios.1
    );
    assert!(ratios.0 < 8.0, "time: {ratios:?}");
    if plain_memory == 0.0 {
        println!("SKIPPED: this system does not say how much memory a process held");
    } else {
        assert!(ratios.1 < 2.0, "memory: {ratios:?}");
    }
}
