//! Files that are broken or mean harm: each is refused with one clear finding, or read where it is harmless, within a
//! second of CPU and 300 megabytes: by reading alone in a debug build (which may take five seconds, or more where an
//! ordinary workbook takes more too), by the whole check in a release build. Each is read in a process of its own, so that
//! one that dies is named.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

mod crafted;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use chrono::NaiveDate;
use cpu_time::ThreadTime;
use crafted::parts::{HEAD, MAIN, Parts};
use proptest::prelude::*;
use safereturn::check;
use safereturn::extract::Context;
use safereturn::finding::{Findings, Severity};
use safereturn::report::Outcome;
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Submission, Value, Workbook, guard, notation};

/// Runs one case in this process; the parent test reads what is printed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn one_case() {
    let Ok(wanted) = std::env::var("HOSTILE_CASE") else { return };
    let (ending, (name, expected, make)) = crafted::all().find(|(_, (name, ..))| *name == wanted).unwrap();
    let bytes = make();
    let size = bytes.len();
    let submission = Submission { name: format!("r.{ending}"), content: Content::File(bytes) };
    let schemas = (!cfg!(debug_assertions)).then(|| Schemas::built_in().unwrap());
    let before = peak_megabytes();
    let mut start = ThreadTime::now();
    let mut findings = Findings::default();
    let workbook = Workbook::read(&submission, &mut findings);
    let mut cpu = start.elapsed();
    if let Some(schemas) = &schemas {
        start = ThreadTime::now();
        let report = check(&submission, &Context::on(NaiveDate::default()), schemas);
        cpu = start.elapsed();
        assert_ne!(report.outcome, Outcome::Accepted, "{name}");
    }
    let errors: Vec<_> = findings.list().iter().filter(|f| f.severity == Severity::Error).collect();
    let rules: Vec<&str> = errors.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, expected.iter().copied().collect::<Vec<_>>(), "{name}: {errors:#?}");
    assert!(errors.iter().all(|f| !f.help.is_empty() && !f.labels.is_empty()));
    assert_eq!(workbook.format.is_none(), expected.is_some_and(|rule| rule != "FIL-06"), "{name}");
    assert!(workbook.sheets.iter().map(|s| s.cells.len()).sum::<usize>() <= guard::CELLS);
    println!(
        "CASE {name} │ {size} bytes │ {:.3} s │ {} MB ({} before) │ {}",
        cpu.as_secs_f64(),
        peak_megabytes(),
        before,
        errors.first().map_or("read", |f| &f.message)
    );
}

/// The most memory this process has held, where the system says so.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

/// What a case cost, in a process of its own.
struct Cost {
    line: String,
    cpu: f64,
    peak: u64,
    /// More than before it was read.
    own: u64,
}

fn cost(name: &str) -> Result<Cost, String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["one_case", "--exact", "--ignored", "--nocapture"]).env("HOSTILE_CASE", name);
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = printed.lines().find_map(|line| line.split_once("CASE ").map(|(_, rest)| rest));
    let line = line
        .ok_or_else(|| format!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))?
        .to_owned();
    let mut facts = line.split(" │ ").skip(2);
    let cpu: f64 = facts.next().unwrap().trim_end_matches(" s").parse().unwrap();
    let (peak, before) = facts.next().unwrap().split_once(" MB (").unwrap();
    let peak: u64 = peak.parse().unwrap();
    let before: u64 = before.trim_end_matches(" before)").parse().unwrap();
    Ok(Cost { cpu, peak, own: peak.saturating_sub(before), line })
}

/// How many times longer than on the machine of the measurement an ordinary workbook takes here and now; 1 at least. It
/// is asked only where something took too long, and costs as much as an ordinary workbook.
fn slowness() -> f64 {
    /// CPU seconds that it took there, in a debug build and in a release build.
    const ORDINARY: f64 = if cfg!(debug_assertions) { 0.2 } else { 0.02 };
    let row =
        |row: u32| format!("<row>{}</row>", (0..10).map(|n| format!("<c><v>{}</v></c>", row * n)).collect::<String>());
    let bytes = crafted::parts::book(&(0..2_000).map(row).collect::<String>());
    let submission = Submission { name: "r.xlsx".into(), content: Content::File(bytes) };
    let start = ThreadTime::now();
    let workbook = Workbook::read(&submission, &mut Findings::default());
    assert_eq!(workbook.sheets[0].cells.len(), 20_000);
    let took = start.elapsed().as_secs_f64();
    println!("an ordinary workbook takes {took:.3} s");
    (took / ORDINARY).max(1.0)
}

#[test]
fn every_hostile_file_is_answered_quickly_and_small() {
    let seconds = if cfg!(debug_assertions) { 5.0 } else { 1.0 };
    let mut wrong = String::new();
    let mut worst: BTreeMap<&str, (f64, u64, u64)> = BTreeMap::new();
    for (ending, (name, ..)) in crafted::all() {
        let Cost { line, mut cpu, peak, own } = match cost(name) {
            Ok(cost) => cost,
            Err(why) => {
                let _ = writeln!(wrong, "{why}");
                continue;
            }
        };
        println!("{line}");
        // Too slow is what is so each time, and beside an ordinary workbook on the same machine at the same time.
        let too_slow = |cpu: f64| cpu > seconds && cpu > seconds * slowness();
        for _ in 0..3 {
            if too_slow(cpu) {
                cpu = cost(name).map_or(cpu, |cost| cpu.min(cost.cpu));
            }
        }
        let most = worst.entry(ending).or_default();
        *most = (most.0.max(cpu), most.1.max(peak), most.2.max(own));
        if too_slow(cpu) || peak > 300 {
            let _ = writeln!(wrong, "{line}");
        }
    }
    for (ending, (cpu, peak, own)) in worst {
        println!("WORST {ending}: {cpu:.3} s, {peak} MB, {own} MB more than before");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn harmless(name: &str) -> Workbook {
    let (ending, (.., make)) = crafted::all().find(|(_, (n, ..))| *n == name).unwrap();
    let mut findings = Findings::default();
    Workbook::read(&Submission { name: format!("r.{ending}"), content: Content::File(make()) }, &mut findings)
}

#[test]
fn what_is_harmless_is_read_right() {
    let spill = harmless("newer error #SPILL!");
    assert_eq!(notation::write(&spill), "-- Front door\n     │ A       │ B\n   1 │ #SPILL! │ 2\n");
    let unknown = harmless("unknown error without addresses");
    assert_eq!(notation::write(&unknown), "-- Front door\n     │ A         │ B\n   1 │ #UNKNOWN! │ 2\n   2 │ 3\n");
    let shared = harmless("shared formula 2 billion");
    assert_eq!(notation::write(&shared), "-- Front door\n     │ A\n   1 │ 1 {=B1+1}\n   2 │ 2 {=B2+1}\n");
    let control = harmless("control characters in text");
    assert_eq!(control.sheets[0].cells.values().next().unwrap().value, Value::Text("ABC".into()));
    let corner = harmless("corner cells");
    assert_eq!(corner.sheets[0].cells.keys().map(ToString::to_string).collect::<Vec<_>>(), ["A1", "XFD1048576"]);
    let merged = harmless("merge of a whole sheet");
    assert_eq!(merged.sheets[0].merges.len(), 2);
    let corner = harmless("xls: corner cells");
    assert_eq!(corner.sheets[0].cells.keys().map(ToString::to_string).collect::<Vec<_>>(), ["A1", "IV65536"]);
    let ghost = harmless("xls: ghost in the last cell");
    assert_eq!((ghost.sheets[0].cells.len(), ghost.sheets[0].dropped), (1, 257));
    let control = harmless("xls: control characters in text");
    assert_eq!(control.sheets[0].cells.values().next().unwrap().value, Value::Text("ABC".into()));
    let shared = harmless("xls: a long formula shared by 60,000 cells");
    assert!(shared.sheets[0].cells.values().all(|e| e.formula.as_ref().is_some_and(|f| f.starts_with('A'))));
    let csv = harmless("csv files in a zip");
    assert_eq!(csv.sheets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["cover"]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 150 } else { 2_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is damaged in the parts, the answer is a workbook or a finding, never a panic.
    #[test]
    fn damaged_parts_never_panic(
        part in 0..6_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut parts = Parts::new();
        parts
            .set("xl/sharedStrings.xml", format!(r#"{HEAD}<sst {MAIN} count="2" uniqueCount="2"><si><t>a</t></si><si><r><t>b</t></r></si></sst>"#))
            .set("xl/styles.xml", format!(r#"{HEAD}<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="170" formatCode="0.0%"/></numFmts><fills count="1"><fill><patternFill patternType="solid"><fgColor rgb="FFFFC000"/></patternFill></fill></fills><cellXfs count="2"><xf numFmtId="14"/><xf numFmtId="170" fillId="0"/></cellXfs></styleSheet>"#))
            .set("xl/worksheets/sheet1.xml", format!(r#"{HEAD}<worksheet {MAIN}><dimension ref="A1:C3"/><cols><col min="1" max="3" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><f t="shared" si="0" ref="B1:B2">A1*2</f><v>0.156</v></c></row><row r="2" hidden="1"><c r="B2"><f t="shared" si="0"/><v>3</v></c><c r="C2" t="e"><v>#N/A</v></c><c r="D2" t="inlineStr"><is><t>x</t></is></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>"#));
        let place = part % parts.0.len();
        let content = &mut parts.0[place].1;
        for (at, byte, how) in damage {
            let at = at.index(content.len());
            match how {
                0 => content[at] = byte,
                1 => { content.remove(at); }
                _ => content.insert(at, byte),
            }
        }
        let mut findings = Findings::default();
        let bytes = parts.zip();
        let workbook = Workbook::read(&Submission { name: "r.xlsx".into(), content: Content::File(bytes) }, &mut findings);
        prop_assert!(!workbook.sheets.is_empty() || !findings.list().is_empty());
    }
}
