//! What a full check costs beside a plain read of the same bytes: `cargo bench --bench check`. CPU time of one thread in
//! one process, the two by turns, the median of several rounds. There is no limit: it prints, and people judge.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and stops at the first mistake")]

#[path = "../examples/support/mod.rs"]
mod support;
#[path = "../examples/sample/write.rs"]
#[allow(dead_code, reason = "the makers of the sample use the rest")]
mod write;

use std::hint::black_box;
use std::io::Cursor;
use std::time::Duration;

use calamine::{Data, DataRef, Reader as _, Xlsx};
use cpu_time::ProcessTime;
use safereturn::extract::Context;
use safereturn::report::Report;
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Submission};
use serde_json::json;

const ROUNDS: usize = 15;
/// Lines of the long list.
const LINES: usize = 4000;

fn main() {
    let start = ProcessTime::now();
    let schemas = Schemas::built_in().unwrap();
    println!("the schema pack, once a run: {}", shown(start.elapsed()));
    let sample = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/inbox/csc/csc-2020-21 corrected.xlsx")).unwrap();
    compare(&schemas, "the sample workbook of children’s social care", sample);
    for lines in [LINES / 4, LINES] {
        compare(&schemas, &format!("{lines} recommendations"), long_list(&schemas, lines));
    }
}

/// A check and a plain read of the same bytes, by turns.
fn compare(schemas: &Schemas, what: &str, bytes: Vec<u8>) {
    let submission = Submission { name: "bench.xlsx".to_owned(), content: Content::File(bytes.clone()) };
    let (mut checks, mut reads) = (Vec::new(), Vec::new());
    let mut cells = 0;
    let mut last = None;
    for _ in 0..ROUNDS {
        let start = ProcessTime::now();
        last = Some(black_box(check(schemas, &submission)));
        checks.push(start.elapsed());
        let start = ProcessTime::now();
        cells = black_box(read(&bytes));
        reads.push(start.elapsed());
    }
    let (check, read) = (median(&mut checks), median(&mut reads));
    let report = last.unwrap();
    let (kib, outcome, said) = (bytes.len() / 1024, report.outcome.word(), report.findings.len());
    println!("{what}: {kib} KiB, {cells} cells, {outcome}, {said} findings at {} places", report.checks.len());
    println!("  full check   {}", shown(check));
    println!("  plain read   {}", shown(read));
    println!("  ratio        {:.1}", check.as_secs_f64() / read.as_secs_f64());
}

fn check(schemas: &Schemas, submission: &Submission) -> Report {
    let as_of = chrono::NaiveDate::from_ymd_opt(2022, 6, 20).unwrap();
    safereturn::check(submission, &Context::on(as_of), schemas)
}

/// Every cell of every sheet, and nothing done with it.
fn read(bytes: &[u8]) -> usize {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let mut cells = 0;
    for name in book.sheet_names() {
        let mut reader = book.worksheet_cells_reader(&name).unwrap();
        while let Some(cell) = reader.next_cell().unwrap() {
            if !matches!(cell.get_value(), DataRef::Empty) {
                cells += 1;
                black_box(Data::from(cell.get_value().clone()));
            }
        }
    }
    cells
}

/// A return whose list of recommendations is long.
fn long_list(schemas: &Schemas, lines: usize) -> Vec<u8> {
    let mut values = support::values("edu-2021-22", &[]);
    let list = values["recommendations"]["recommendations"].as_array_mut().unwrap();
    let one = list.last().unwrap().clone();
    for i in 0..lines {
        let mut one = one.clone();
        // A reference has three digits at the most.
        let agency = ["edu", "mps", "csc", "hsg", "cst"][i / 800];
        one["agency"] = json!(agency);
        one["rec_id"] = json!(format!("{}-2021-{}", agency.to_uppercase(), i % 800 + 100));
        one["text"] = json!(format!("Return the audit of setting {i} on the day it is due, and say what came of it."));
        list.push(one);
    }
    let form = schemas.form("edu", "2021-22").unwrap();
    write::xlsx(&support::lay_out(schemas, form, &values).workbook, 2022)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    format!("{:>8.2} ms", time.as_secs_f64() * 1000.0)
}
