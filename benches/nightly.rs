//! What a night costs as the inbox grows: `cargo bench --bench nightly -- 100 2000`. For each number an inbox of so many
//! submissions is made in a temporary folder, of the same mixture, with as many bodies registered as send something; the
//! release binary runs over it, again with nothing new, and again on the next day. Then the same bodies with ever more
//! resubmissions: records stay the same, so should memory. CPU is that of the run and its workers; memory is the most the
//! run itself held (its workers have a limit of their own). Both are read from `/proc`, so there are figures on Linux only.
//! `SAFERETURN=PATH` measures another binary.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and stops at the first mistake")]

#[path = "../examples/support/mod.rs"]
mod support;
#[path = "../examples/sample/write.rs"]
#[allow(dead_code, reason = "the makers of the sample use the rest")]
mod write;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use safereturn::schema::Schemas;
use serde_json::{Value, json};

/// The bodies whose base returns are copied, by turns.
const BASES: [&str; 15] = [
    "csc",
    "eh",
    "edu",
    "yjs",
    "ph",
    "hsg",
    "cst",
    "mps",
    "icb",
    "nhsc-whittington",
    "nhsc-moorfields",
    "nhsm",
    "prob",
    "vcs",
    "iscp",
];
/// A body sends so many: a year before, a first one, a refused one, one as csv files in a zip, one that is no workbook.
const EACH: usize = 5;
const YEARS: [&str; 2] = ["2020-21", "2021-22"];

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100, 400] } else { sizes };
    let schemas = Schemas::built_in().unwrap();
    println!("submissions  records  CPU ms each  peak MB  nothing new  next night");
    let mut rows = Vec::new();
    for n in &sizes {
        let night = night(&schemas, n / EACH, 0);
        night.print(n / EACH * EACH);
        rows.push((n / EACH * EACH, night));
    }
    if let [(_, first), .., (n, last)] = rows.as_slice() {
        let (few, many) = (first.each(rows[0].0), last.each(*n));
        println!("cost of a submission: {:.2} times that of the first row", many / few);
        let kilobytes = (last.first.peak - first.first.peak) as f64 / (last.records - first.records).max(1) as f64;
        println!("memory: {kilobytes:.2} kB for each record more");
    }
    println!("the same {} bodies, ever more of them superseded or refused:", BASES.len());
    let mut before: Option<(usize, Night)> = None;
    for more in [0, 10, 20] {
        let n = BASES.len() * (EACH + more);
        let night = night(&schemas, BASES.len(), more);
        night.print(n);
        if let Some((few, first)) = &before {
            let kilobytes = (night.first.peak - first.first.peak) as f64 / (n - few) as f64;
            println!("  {kilobytes:.1} kB for each submission more, which is not released");
        }
        before = before.or(Some((n, night)));
    }
}

/// What one run took: CPU of it and its workers, and the most memory it held itself, in kB.
struct Cost {
    cpu: Duration,
    peak: i64,
}

struct Night {
    records: i64,
    first: Cost,
    again: Cost,
    next: Cost,
}

impl Night {
    fn each(&self, n: usize) -> f64 {
        self.first.cpu.as_secs_f64() * 1000.0 / n as f64
    }

    fn print(&self, n: usize) {
        let part = |cost: &Cost| 100.0 * cost.cpu.as_secs_f64() / self.first.cpu.as_secs_f64();
        println!(
            "{n:>11}  {:>7}  {:>11.1}  {:>7}  {:>9.2} %  {:>8.2} %",
            self.records,
            self.each(n),
            self.first.peak / 1024,
            part(&self.again),
            part(&self.next)
        );
    }
}

/// An inbox of so many bodies is made and run three times.
fn night(schemas: &Schemas, bodies: usize, more: usize) -> Night {
    let folder = tempfile::tempdir().unwrap();
    pack(&folder.path().join("schemas"), bodies);
    for body in 0..bodies {
        send(schemas, &folder.path().join("inbox"), body, more);
    }
    let first = run(folder.path(), "2022-06-20");
    let records = YEARS.iter().map(|year| {
        let csv = fs::read_to_string(folder.path().join("outbox").join(year).join("data/records.csv")).unwrap();
        csv.lines().count() as i64 - 1
    });
    Night {
        records: records.sum(),
        again: run(folder.path(), "2022-06-20"),
        next: run(folder.path(), "2022-06-21"),
        first,
    }
}

fn key(body: usize) -> String {
    format!("{}-x{body}", BASES[body % BASES.len()])
}

/// The sample's pack, with these bodies in its register beside those it has.
fn pack(to: &Path, bodies: usize) {
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")), to);
    let path = to.join("agencies.json");
    let mut agencies: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for body in 0..bodies {
        let kind = agencies["bodies"][BASES[body % BASES.len()]]["kind"].clone();
        agencies["bodies"][key(body)] = json!({ "title": key(body), "kind": kind, "aliases": [] });
    }
    fs::write(path, agencies.to_string()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { fs::copy(entry.path(), to).map(drop).unwrap() }
    }
}

/// What a body sends.
fn send(schemas: &Schemas, inbox: &Path, body: usize, more: usize) {
    let (base, folder) = (BASES[body % BASES.len()], inbox.join(key(body)));
    fs::create_dir_all(&folder).unwrap();
    let kind = schemas.body(base).unwrap().kind.clone();
    let file = |year: &str, number: usize, refused: bool, zipped: bool| {
        let mut values = support::values(&format!("{base}-{year}"), &[]);
        values["cover"]["agency"] = json!(key(body));
        values["cover"]["submission_no"] = json!(number);
        if refused {
            values["cover"]["period_end"] = json!("1999-01-01");
        }
        let laid = support::lay_out(schemas, schemas.form(&kind, year).unwrap(), &values).workbook;
        if zipped {
            let sheets = laid.sheets.iter().map(|s| (format!("{}.csv", s.name), write::csv(s, ',').into_bytes()));
            write::zip(&sheets.collect::<Vec<_>>())
        } else {
            write::xlsx(&laid, 2022)
        }
    };
    let put = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes).unwrap();
    put("2020-21.xlsx", file(YEARS[0], 1, false, false));
    put("2021-22 v1.xlsx", file(YEARS[1], 1, false, false));
    put("2021-22 v2.xlsx", file(YEARS[1], 2, true, false));
    put("2021-22 export.zip", file(YEARS[1], 3 + more, false, true));
    put("2021-22 system.xlsx", format!("no workbook at all, of {}", key(body)).into_bytes());
    for number in 0..more {
        put(&format!("2021-22 v{}.xlsx", 3 + number), file(YEARS[1], 3 + number, number % 2 == 0, false));
    }
}

/// Runs the batch once in a process of its own.
fn run(folder: &Path, as_of: &str) -> Cost {
    let before = children();
    let mut command =
        Command::new(std::env::var_os("SAFERETURN").unwrap_or_else(|| env!("CARGO_BIN_EXE_safereturn").into()));
    let paths = [("--inbox", "inbox"), ("--outbox", "outbox"), ("--schemas", "schemas")];
    command.arg("run").args(["--as-of", as_of, "--threads", "2"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(paths.iter().flat_map(|(word, name)| [(*word).into(), folder.join(name).into_os_string()]));
    let mut process = command.spawn().unwrap();
    let status = format!("/proc/{}/status", process.id());
    let (mut peak, started) = (0, Instant::now());
    let ended = loop {
        let said = fs::read_to_string(&status).unwrap_or_default();
        let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        if let Some(ended) = process.try_wait().unwrap() {
            break ended;
        }
        assert!(started.elapsed() < Duration::from_secs(3600), "it finds no end");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(ended.success(), "the run could not be done");
    Cost { cpu: children().saturating_sub(before), peak }
}

/// CPU of all processes that this one has waited for, and that those had.
fn children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold spaces. What follows it begins with the state, and has the children's
    // user and system time in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(13) + ticks(14)) * 10)
}
