//! The batch as a whole, over real folders, with a core that is told what to find: no schema pack is needed.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use safereturn::batch::{self, Checker, Error, Job, Opened, Sight, Summary, Workers, run};
use safereturn::cell::{Address, Cell, Pointer};
use safereturn::extract::{Context, Return};
use safereturn::figure::{Bare, Figure, Interval};
use safereturn::finding::{Finding, Findings, Reach, Severity};
use safereturn::report::{FileFacts, Outcome, Report, SectionOutcome};
use safereturn::schema::model::{Item, Kind, Measure, Section};
use safereturn::schema::{Agencies, Body, People, Schemas, Year};
use safereturn::workbook::{Content, Entry, Sheet, Submission, Value as CellValue, Workbook};
use serde_json::{Value, json};

/// A core that does as the file says: `year 2021-22`, `no 1`, `front-door accepted 12`, `panic`, `private`; and what only a
/// worker may be told: `do abort`.
struct Told {
    pack: (String, String, String),
    agencies: Agencies,
    sections: [Section; 2],
    schema: Value,
}

/// Bodies that send good returns.
const TEN: [&str; 10] = ["b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9"];
const SECTIONS: [&str; 2] = ["front-door", "child-protection"];

impl Told {
    fn new() -> Self {
        let day = NaiveDate::from_ymd_opt(2022, 5, 31).unwrap();
        let year = |name: &str, open| {
            let year = Year {
                name: name.into(),
                open,
                template: "1".into(),
                deadline: day,
                query_deadline: day,
                draft_frozen: None,
            };
            (name.to_owned(), year)
        };
        let body = |key: &str| Body { key: key.into(), title: key.into(), kind: key.into(), aliases: vec![] };
        let agencies = Agencies {
            kinds: vec![],
            bodies: ["csc", "mps", "nhsc"].into_iter().chain(TEN).map(body).collect(),
            years: BTreeMap::from([year("2019-20", false), year("2020-21", true), year("2021-22", true)]),
        };
        let pack = ("told".into(), "1.0.0".into(), "ab".repeat(32));
        Self { pack, agencies, sections: sections(), schema: json!({ "type": "object" }) }
    }
}

impl Told {
    fn newer() -> Self {
        Self { pack: ("told".into(), "1.0.1".into(), "cd".repeat(32)), ..Self::new() }
    }
}

fn sections() -> [Section; 2] {
    let measure = || Measure {
        path: vec!["total".into()],
        title: "Total".into(),
        group_title: None,
        aliases: vec![],
        description: String::new(),
        kind: Kind::Count,
        unit: "children".into(),
        unit_of_count: Some("children".into()),
        required: true,
        derived: false,
        decimals: 0,
        plausible: None,
        codes: None,
        never: vec![],
        breaks: false,
        publish_from: None,
        longest: None,
        shortest: None,
        source: String::new(),
        carried: None,
    };
    SECTIONS.map(|key| Section {
        key: key.into(),
        title: key.into(),
        aliases: vec![],
        description: String::new(),
        aims: vec![],
        items: vec![Item::Measure(measure())],
    })
}

fn lines(workbook: &Workbook) -> Vec<Vec<String>> {
    let CellValue::Text(text) = &workbook.sheets[0].cells[&Cell::new(0, 0)].value else { panic!("a text") };
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

fn said<'a>(lines: &'a [Vec<String>], word: &str) -> Option<&'a str> {
    lines.iter().find(|l| l[0] == word).map(|l| l.get(1).map_or("", String::as_str))
}

impl Checker for Told {
    fn pack(&self) -> &(String, String, String) {
        &self.pack
    }

    fn agencies(&self) -> &Agencies {
        &self.agencies
    }

    fn people(&self) -> &People {
        static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());
        &PACK.people
    }

    fn sections(&self, _: &str, _: &str) -> &[Section] {
        &self.sections
    }

    fn section_schema(&self, _: &str, _: &str, _: &str) -> Option<&Value> {
        Some(&self.schema)
    }

    fn open(&self, submission: &Submission) -> Opened {
        let Content::File(bytes) = &submission.content else { panic!("a file") };
        let text = String::from_utf8(bytes.clone()).unwrap();
        let mut leaves = None;
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("tries", path)) => {
                    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(b"x").unwrap();
                }
                Some(("leaves", path)) => leaves = Some(path),
                Some(("do", what)) => misbehave(what, &FileFacts::of(submission).sha256, leaves),
                _ => {}
            }
        }
        let cells = BTreeMap::from([(Cell::new(0, 0), Entry::text(text))]);
        let workbook =
            Workbook { sheets: vec![Sheet { name: "One".into(), cells, ..Sheet::default() }], ..Workbook::default() };
        Opened { file: FileFacts::of(submission), workbook, findings: Findings::default() }
    }

    fn sight(&self, opened: &Opened, _: &Context) -> Sight {
        let lines = lines(&opened.workbook);
        Sight {
            year: said(&lines, "year").unwrap_or_default().to_owned(),
            submission_no: said(&lines, "no").and_then(|n| n.parse().ok()),
        }
    }

    fn check(&self, opened: &Opened, context: &Context) -> Report {
        let lines = lines(&opened.workbook);
        assert!(said(&lines, "panic").is_none(), "the core fails over this file");
        let mut figures = Return {
            year: said(&lines, "year").unwrap_or_default().to_owned(),
            body: context.expected_body.clone().unwrap(),
            submission_no: said(&lines, "no").and_then(|n| n.parse().ok()),
            ..Return::default()
        };
        let mut findings = Vec::new();
        let mut sections = Vec::new();
        let private = said(&lines, "private").is_some();
        for line in lines.iter().filter(|l| SECTIONS.contains(&l[0].as_str())) {
            let pointer = Pointer::section(&line[0]).child("total");
            let outcome = match line[1].as_str() {
                _ if private => Outcome::Refused,
                "accepted" => Outcome::Accepted,
                "queried" => Outcome::Queried,
                _ => Outcome::Refused,
            };
            let value: f64 = line[2].parse().unwrap();
            let figure = Figure {
                pointer: pointer.clone(),
                cell: Some(Address::new(0, Cell::new(1, 1))),
                bare: Bare::Number(value),
                interval: Interval::exact(value),
                status: vec![],
                decimals: 0,
                typed: line[2].clone(),
                note: None,
                computed: false,
                fault: None,
            };
            figures.figures.insert(pointer.clone(), figure);
            let because = (outcome != Outcome::Accepted).then(|| {
                let severity = if outcome == Outcome::Queried { Severity::Query } else { Severity::Error };
                findings.push(Finding::new("XXX-01", severity, pointer, Reach::section(&line[0]), "It is wrong."));
                findings.len() - 1
            });
            let because = because.into_iter().collect();
            let (section, title) = (line[0].clone(), line[0].clone());
            sections.push(SectionOutcome { section, title, outcome, because, nil: false });
        }
        // What the core was told of the other returns is said, so that a test can see it.
        let total = |r: &Return| r.figures.values().map(|f| format!("{}={}", f.pointer, f.typed)).collect::<Vec<_>>();
        let known = format!(
            "last {:?} previous {:?} same {:?}",
            context.last.as_ref().map(total),
            context.previous.as_ref().map(total),
            context.same_number.as_ref().map(|same| &same.other)
        );
        findings.push(Finding::new("XXX-02", Severity::Note, Pointer::section("cover"), Reach::Explanation, known));
        Report {
            file: opened.file.clone(),
            marks: safereturn::checks::Marks::default(),
            pack: self.pack.clone(),
            workbook: opened.workbook.clone(),
            figures,
            findings,
            checks: vec![],
            outcome: sections.iter().map(|s| s.outcome).max().unwrap_or(Outcome::Refused),
            sections,
            owed: BTreeMap::new(),
            private,
            titles: BTreeMap::new(),
        }
    }
}

/// All the ways to stop a program.
fn misbehave(what: &str, sha256: &str, leaves: Option<&str>) {
    fn deeper(n: u64) -> u64 {
        let here = std::hint::black_box([n; 64]);
        if n == u64::MAX { 0 } else { deeper(n + 1) + here[usize::try_from(n % 64).unwrap()] }
    }
    match what {
        "abort" => std::process::abort(),
        "hang" => std::thread::sleep(Duration::from_secs(600)),
        "eat" => {
            let mut eaten = Vec::new();
            loop {
                eaten.push(std::hint::black_box(vec![1_u8; 16 * 1024 * 1024]));
            }
        }
        "overflow" => drop(std::hint::black_box(deeper(0))),
        "panic" => panic!("over Jane Doe"),
        // An answer about this file that makes no sense.
        "garbage" => {
            let mut frame = [b"\0\xFFsafe1\n", sha256.as_bytes(), &3_u64.to_le_bytes()].concat();
            frame.extend(b"abc\xFF\0.\n");
            io::stdout().write_all(&frame).unwrap();
            io::stdout().flush().unwrap();
        }
        // A print by accident, with the start of a frame in it.
        "print" => io::stdout().write_all(&b"\0\xFFsafe1\n0000 noise\n".repeat(1000)).unwrap(),
        // It answers, and is gone before the next file comes. Time enough to answer on a busy machine.
        "leave" => {
            let sign = leaves.map(str::to_owned);
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(3));
                if let Some(sign) = sign {
                    fs::write(sign, "").unwrap();
                }
                std::process::abort();
            });
        }
        _ => panic!("{what} is not to be done"),
    }
}

/// The worker of the tests below: this test, run by the batch in a process of its own. What the harness prints is noise.
#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn told_worker() {
    if io::stdin().is_terminal() {
        return;
    }
    batch::limit(1024).unwrap();
    batch::serve(Box::new(Told::new()), Duration::from_secs(200), io::stdin(), io::stdout()).unwrap();
}

/// The same with newer schemas.
#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn newer_worker() {
    if !io::stdin().is_terminal() {
        batch::serve(Box::new(Told::newer()), Duration::from_secs(200), io::stdin(), io::stdout()).unwrap();
    }
}

fn workers(patience: Duration) -> Workers {
    workers_by("told_worker", patience)
}

fn workers_by(test: &str, patience: Duration) -> Workers {
    let arguments = [test, "--exact", "--ignored", "--nocapture", "--test-threads=1"];
    Workers { program: std::env::current_exe().unwrap(), arguments: arguments.map(Into::into).into(), patience }
}

/// A place of work with an inbox.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            desk.put(path, text);
        }
        desk
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.path().join("inbox").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn try_run(&self, threads: usize) -> Result<Summary, Error> {
        self.run_with(threads, None, &Told::new())
    }

    /// Runs with worker processes, none of which hangs.
    fn work(&self) -> Summary {
        self.run_with(2, Some(workers(PATIENT)), &Told::new()).unwrap()
    }

    fn run_with(&self, threads: usize, workers: Option<Workers>, told: &dyn Checker) -> Result<Summary, Error> {
        self.run_slowly(threads, workers, told, &|_, _| {})
    }

    fn run_slowly(
        &self,
        threads: usize,
        workers: Option<Workers>,
        told: &dyn Checker,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Summary, Error> {
        let job = Job {
            inbox: self.0.path().join("inbox"),
            outbox: self.outbox(),
            waivers: self.0.path().join("waivers.csv"),
            as_of: NaiveDate::from_ymd_opt(2022, 6, 30).unwrap(),
            year: None,
            threads,
            workers,
            disk: &batch::System,
            progress,
        };
        run(&job, told)
    }

    fn run(&self) -> Summary {
        self.try_run(2).unwrap()
    }

    fn outbox(&self) -> PathBuf {
        self.0.path().join("outbox")
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.outbox().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn has(&self, path: &str) -> bool {
        self.outbox().join(path).exists()
    }

    /// The values of the records, `body section value`.
    fn records(&self, year: &str) -> Vec<String> {
        let text = self.read(&format!("{year}/data/records.csv"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|r| r.unwrap()).map(|r| format!("{} {} {}", &r[1], &r[3], &r[7])).collect()
    }

    /// Every file of the outbox with its bytes.
    fn all(&self) -> BTreeMap<String, Vec<u8>> {
        fn walk(folder: &Path, root: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
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
        let mut all = BTreeMap::new();
        walk(&self.outbox(), &self.outbox(), &mut all);
        all
    }
}

const CSC_2020: &str = "year 2020-21\nno 1\nfront-door accepted 10\nchild-protection refused 20\n";
const CSC_1: &str = "year 2021-22\nno 1\nfront-door accepted 11\nchild-protection accepted 21\n";
const CSC_2: &str = "year 2021-22\nno 2\nfront-door queried 12\nchild-protection refused 22\n";
const MPS: &str = "year 2021-22\nno 1\nfront-door queried 31\n";

fn busy() -> Desk {
    Desk::new(&[
        ("csc/a.txt", CSC_2020),
        ("csc/b.txt", CSC_1),
        ("csc/c.txt", CSC_2),
        ("csc/~$c.txt", "lock"),
        ("mps/x.txt", MPS),
        ("nhsc/broken.txt", "year 2021-22\nno 1\npanic\n"),
        ("nhsc/when.txt", "no 1\nfront-door accepted 1\n"),
        ("stranger/y.txt", MPS),
    ])
}

#[test]
fn a_refused_or_queried_section_changes_nothing_and_keeps_its_last_accepted_version() {
    let desk = busy();
    desk.run();
    assert_eq!(desk.records("2021-22"), ["csc front-door 11", "csc child-protection 21"]);
    assert_eq!(desk.records("2020-21"), ["csc front-door 10"]);
    let kept: Value = serde_json::from_str(&desk.read("2021-22/returns/csc/front-door.json")).unwrap();
    assert_eq!((&kept["submission"], &kept["state"]), (&json!(1), &json!("accepted")));
    let beside: Value = serde_json::from_str(&desk.read("2021-22/returns/csc/front-door.queried.json")).unwrap();
    assert_eq!((&beside["submission"], &beside["state"]), (&json!(2), &json!("queried")));
    assert!(!desk.has("2021-22/returns/csc/child-protection.queried.json"));
    assert!(desk.has("2021-22/returns/mps/front-door.queried.json"));
    assert!(desk.has("2021-22/schemas/csc/front-door.json"));
}

#[test]
fn the_core_is_told_of_last_year_and_of_what_was_accepted_before() {
    let desk = busy();
    desk.run();
    let report = desk.read("2021-22/feedback/csc/report.json");
    assert!(report.contains("last Some([\\\"/front-door/total=10\\\"])"), "{report}");
    assert!(
        report.contains("previous Some([\\\"/child-protection/total=21\\\", \\\"/front-door/total=11\\\"])"),
        "{report}"
    );
    assert!(desk.read("2021-22/feedback/mps/report.json").contains("last None previous None same None"));
}

#[test]
fn a_file_that_breaks_the_program_costs_its_own_body_only() {
    let desk = busy();
    let summary = desk.run();
    assert!(desk.read("2021-22/feedback/nhsc/report.txt").contains("could not be checked"));
    assert_eq!(summary.unplaced.len(), 2, "{summary}");
    let unplaced: Vec<String> = desk.all().into_keys().filter(|p| p.starts_with("unplaced/")).collect();
    assert!(unplaced.iter().any(|p| p.starts_with("unplaced/folder ") && p.ends_with("report.txt")), "{unplaced:?}");
    assert!(unplaced.iter().any(|p| p.starts_with("unplaced/nhsc/")), "{unplaced:?}");
    assert!(summary.to_string().contains("csc: a lock file of an open workbook"), "{summary}");
}

#[test]
fn the_same_inputs_give_the_same_bytes_at_any_number_of_threads() {
    let (one, many) = (busy(), busy());
    one.try_run(1).unwrap();
    many.try_run(7).unwrap();
    assert_eq!(one.all(), many.all());
}

#[test]
fn a_second_run_does_nothing_until_something_is_new() {
    let desk = busy();
    assert!(!desk.run().nothing_new);
    let first = desk.all();
    assert!(desk.run().nothing_new);
    assert_eq!(desk.all(), first);
    desk.put("csc/return.txt", "year 2021-22\nno 3\nchild-protection accepted 23\n");
    let summary = desk.run();
    assert!(!summary.nothing_new);
    assert_eq!(desk.records("2021-22"), ["csc front-door 11", "csc child-protection 23"]);
    let lines = desk.read("ledger.jsonl").lines().count();
    let before = String::from_utf8(first["ledger.jsonl"].clone()).unwrap().lines().count();
    assert_eq!(lines, before + 2, "one more submission was handled, and one that it replaces is no longer released");
}

#[test]
fn an_outbox_that_was_changed_by_hand_is_written_anew() {
    let desk = busy();
    desk.run();
    let first = desk.all();
    fs::write(desk.outbox().join("2021-22/data/records.csv"), "nonsense").unwrap();
    assert!(!desk.run().nothing_new);
    assert_eq!(desk.all(), first);
}

#[test]
fn a_run_killed_before_the_ledger_line_writes_it_the_next_time() {
    let desk = busy();
    desk.run();
    let whole = desk.read("ledger.jsonl");
    let cut = whole.lines().take(2).map(|l| format!("{l}\n")).collect::<String>();
    fs::write(desk.outbox().join("ledger.jsonl"), format!("{cut}{{\"form")).unwrap();
    assert!(desk.run().nothing_new);
    assert_eq!(desk.read("ledger.jsonl"), whole);
}

#[test]
fn nothing_of_a_private_submission_is_kept_but_its_hash() {
    let desk = Desk::new(&[("csc/Jane Doe.txt", "year 2021-22\nno 1\nprivate\nfront-door accepted 77\n")]);
    desk.run();
    assert_eq!(desk.records("2021-22"), Vec::<String>::new());
    for (path, bytes) in desk.all() {
        // The report itself is the core's; here only what the batch writes is looked at.
        if !path.contains("/feedback/") {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains("Jane") && !text.contains("77,"), "{path}: {text}");
        }
    }
    assert!(!desk.has("2021-22/returns"));
}

/// The order of submissions is read from the cover before anything is screened. With the pack as it ships: whatever
/// personal detail stands in the cells that the order is read from, or beside them, gets no further than that.
#[test]
fn what_the_order_is_read_from_is_screened_before_a_word_of_it_is_written() {
    static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());
    let cover = |agency: &str, year: &str, number: &str, label: &str| {
        format!(
            "Cover,\nMeasure,Figure\nTemplate,iscp-return\nAgency,{agency}\nReporting year,{year}\n{label},{number}\n"
        )
    };
    let label = "Number of this submission";
    let secrets = ["943 476 5919", "9434765919", "H801200001001", "bloggs", "900123", "SW1A 1AA"];
    let covers = [
        cover("nhsm", "2021-22", "NHS number 943 476 5919", label),
        cover("nhsm", "2021-22 UPN H801200001001", "2", label),
        cover("nhsm jo.bloggs@example.com", "2021-22", "2", label),
        cover("nhsm", "2021-22", "2", &format!("{label} (ask jo.bloggs@example.com)")),
        cover("nhsm", "2021-22", "07700 900123", label),
        cover("nhsm", "UPN H801200001001", "2 (SW1A 1AA)", label),
    ];
    let desk = Desk::new(&[("nhsm/received.csv", "file,date\n")]);
    for (i, cover) in covers.iter().enumerate() {
        let folder = format!("return {}", i + 1);
        desk.put(&format!("nhsm/{folder}/cover.csv"), cover);
        let bytes = cover.as_bytes().to_vec();
        let content = Content::Folder(vec![("cover.csv".to_owned(), bytes)]);
        let opened = PACK.open(&Submission { name: folder, content });
        let all = format!("{:?}", opened.workbook);
        assert!(secrets.iter().any(|secret| all.contains(secret)), "it is there before the screen: {cover}");
        let sight = PACK.sight(&opened, &Context::on(NaiveDate::from_ymd_opt(2022, 6, 30).unwrap()));
        assert!(sight.year.is_empty() || PACK.agencies.years.contains_key(&sight.year), "{sight:?}");
        assert!(!secrets.iter().any(|secret| format!("{sight:?}").contains(secret)), "{sight:?}");
    }
    let summary = desk.run_with(1, None, &*PACK).unwrap();
    let written = desk.all();
    let ledger = desk.read("ledger.jsonl");
    let lines: Vec<Value> = ledger.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), covers.len(), "each was handled: {ledger}");
    assert!(lines.iter().all(|line| line["outcome"] == "refused"), "{ledger}");
    let receipts = written.keys().filter(|path| path.contains("receipt")).count();
    assert_eq!(receipts, covers.len(), "each has its receipt: {:?}", written.keys());
    for (path, bytes) in &written {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        for secret in secrets.map(str::to_lowercase) {
            assert!(!text.contains(&secret) && !path.to_lowercase().contains(&secret), "{secret} in {path}");
        }
    }
    let said = format!("{summary} {summary:?}").to_lowercase();
    assert!(!secrets.iter().any(|secret| said.contains(&secret.to_lowercase())), "{said}");
}

#[test]
fn the_same_number_with_other_content_is_told_and_the_later_one_counts() {
    let desk = Desk::new(&[
        ("csc/b.txt", "year 2021-22\nno 1\nfront-door accepted 1\n"),
        ("csc/a.txt", "year 2021-22\nno 1\nfront-door accepted 2\n"),
        ("csc/copy of a.txt", "year 2021-22\nno 1\nfront-door accepted 2\n"),
        ("csc/received.csv", "file,date\nb.txt,2022-05-01\na.txt,2022-05-02\ncopy of a.txt,2022-05-03\n"),
    ]);
    let summary = desk.run();
    assert_eq!(desk.records("2021-22"), ["csc front-door 2"]);
    assert!(desk.read("2021-22/feedback/csc/report.json").contains("same Some(\\\"b.txt\\\")"));
    assert!(summary.to_string().contains("the same file lies there twice"), "{summary}");
}

/// Letters are about the last submission: one that came last and whose number cannot be read is not taken for the first.
#[test]
fn a_file_without_a_number_is_told_about_when_it_comes_last() {
    let desk = Desk::new(&[
        ("csc/b.txt", "year 2021-22\nno 1\nfront-door accepted 1\n"),
        ("csc/c.txt", "year 2021-22\nno 1\nfront-door accepted 2\n"),
        ("csc/a.txt", "year 2021-22\nno ?\nfront-door refused 3\n"),
        ("csc/received.csv", "file,date\nb.txt,2022-05-01\na.txt,2022-05-02\nc.txt,2022-05-03\n"),
    ]);
    let told = |name: &str| desk.read(&format!("2021-22/feedback/csc/{name}"));
    desk.run();
    // Between two of one number it parts them not.
    assert!(told("report.json").contains("same Some(\\\"b.txt\\\")"));
    desk.put("csc/received.csv", "file,date\nb.txt,2022-05-01\nc.txt,2022-05-03\na.txt,2022-05-04\n");
    desk.run();
    let letter = told("letter.txt");
    assert!(letter.contains("“a.txt”") && letter.contains("1 section is refused"), "{letter}");
    assert_eq!(desk.records("2021-22"), ["csc front-door 2"]);
    desk.put("csc/return.txt", "year 2021-22\nno 2\nfront-door accepted 4\n");
    desk.run();
    assert!(told("letter.txt").contains("“return.txt”"));
    assert_eq!(desk.records("2021-22"), ["csc front-door 4"]);
}

#[test]
fn a_file_that_comes_later_under_a_lower_number_is_said() {
    let desk = Desk::new(&[
        ("csc/a.txt", CSC_1),
        ("csc/b.txt", "year 2021-22\nno 20\nfront-door accepted 2\n"),
        ("csc/c.txt", "year 2021-22\nno 3\nfront-door accepted 3\n"),
        ("csc/received.csv", "file,date\na.txt,2022-05-01\nb.txt,2022-05-02\nc.txt,2022-05-03\n"),
    ]);
    let said = "the file that came last for 2021-22 says it is submission 3, so it counts as older than submission 20";
    let summary = desk.run().to_string();
    assert!(summary.contains(said), "{summary}");
    assert_eq!(desk.records("2021-22"), ["csc front-door 2", "csc child-protection 21"]);
    desk.put("csc/c.txt", "year 2021-22\nno 21\nfront-door accepted 3\n");
    let summary = desk.run().to_string();
    assert!(!summary.contains("came last"), "{summary}");
}

#[test]
fn a_copy_that_comes_later_does_not_make_a_file_late() {
    let desk = Desk::new(&[
        ("csc/return.txt", CSC_1),
        ("csc/a.txt", CSC_1),
        ("csc/received.csv", "file,date\nreturn.txt,2022-05-01\na.txt,2022-06-15\n"),
    ]);
    let summary = desk.run().to_string();
    assert!(summary.contains("the same file lies there twice"), "{summary}");
    let letter = desk.read("2021-22/feedback/csc/letter.txt");
    assert!(letter.contains("1 May 2022"), "{letter}");
}

/// Of two that came on one day under one number, the one that an earlier run took does not become the later by its name.
#[test]
fn what_an_earlier_run_took_stays_the_earlier() {
    let desk = Desk::new(&[("csc/return.txt", "year 2021-22\nno 1\nfront-door accepted 1\n")]);
    desk.run();
    desk.put("csc/a.txt", "year 2021-22\nno 1\nfront-door accepted 2\n");
    desk.run();
    assert_eq!(desk.records("2021-22"), ["csc front-door 2"]);
    let told = desk.read("2021-22/feedback/csc/report.json");
    assert!(told.contains("same Some(\\\"return.txt\\\")"), "{told}");
    desk.put("csc/m.txt", "year 2021-22\nno 1\nfront-door accepted 3\n");
    desk.run();
    assert_eq!(desk.records("2021-22"), ["csc front-door 3"]);
    assert!(desk.run().nothing_new);
}

/// A slip in `--year` does nothing, which must not look as if all were done; nor may a year be closed without a word.
#[test]
fn a_year_that_is_unknown_empty_or_closed_is_said() {
    let desk = Desk::new(&[("csc/a.txt", CSC_1), ("csc/old.txt", "year 2019-20\nno 1\nfront-door accepted 1\n")]);
    let asked = |year: &str| {
        let job = Job {
            inbox: desk.0.path().join("inbox"),
            outbox: desk.outbox(),
            waivers: desk.0.path().join("waivers.csv"),
            as_of: NaiveDate::from_ymd_opt(2022, 6, 30).unwrap(),
            year: Some(year.to_owned()),
            threads: 1,
            workers: None,
            disk: &batch::System,
            progress: &|_, _| {},
        };
        run(&job, &Told::new()).map(|summary| summary.to_string())
    };
    for slip in ["2021/22", "1999-00", ""] {
        let error = asked(slip).unwrap_err().to_string();
        assert!(error.contains(slip) && error.contains("2019-20, 2020-21, 2021-22"), "{error}");
    }
    assert!(!desk.outbox().exists(), "nothing was touched");
    let said = asked("2020-21").unwrap();
    assert!(said.contains("2020-21: the inbox holds nothing for it, so nothing of it is written."), "{said}");
    let said = asked("2019-20").unwrap();
    assert!(said.contains("2019-20: the register takes no returns for it"), "{said}");
    fs::create_dir_all(desk.outbox().join("2019-20")).unwrap();
    let said = desk.run().to_string();
    assert!(said.contains("2019-20: the register takes no returns for it") && !said.contains("any more;"), "{said}");
    assert!(asked("2021-22").unwrap().contains("Nothing new"));
    // Put away at the end of the year, it is missed by the next one.
    desk.put("csc/before.txt", CSC_2020);
    desk.run();
    fs::remove_file(desk.0.path().join("inbox/csc/before.txt")).unwrap();
    let said = desk.run().to_string();
    let missed =
        "2020-21: the inbox holds nothing for it any more; it stays as it was. 2021-22 has no year before it now";
    assert!(said.contains(missed), "{said}");
}

/// A file that changes under the reader, or cannot be opened, is left for the next run; the others are handled.
#[test]
fn a_file_that_changes_or_cannot_be_opened_costs_itself_only() {
    let desk = Desk::new(&[("csc/a.txt", CSC_1), ("mps/x.txt", MPS)]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", desk.0.path().join("inbox/csc/gone.txt")).unwrap();
    let later = MPS.replace("queried 31", "queried 32");
    let meddle = |done: usize, _: usize| {
        if done == 1 {
            desk.put("mps/x.txt", &later);
        }
    };
    let summary = desk.run_slowly(1, None, &Told::new(), &meddle).unwrap().to_string();
    assert!(summary.contains("mps: a file changed while it was read, and was left for the next run."), "{summary}");
    assert!(!cfg!(unix) || summary.contains("csc: a file could not be opened"), "{summary}");
    assert!(desk.has("2021-22/returns/csc") && !desk.has("2021-22/returns/mps"), "{summary}");
    let summary = desk.run();
    assert!(!summary.nothing_new && desk.has("2021-22/returns/mps"), "{summary}");
    assert!(desk.run().nothing_new);
}

#[test]
fn years_run_oldest_first_and_only_the_year_before_is_last() {
    let desk = Desk::new(&[
        ("mps/new.txt", MPS),
        ("csc/closed.txt", "year 2019-20\nno 1\nfront-door accepted 5\n"),
        ("csc/new.txt", CSC_1),
    ]);
    let summary = desk.run();
    assert!(desk.read("2021-22/feedback/csc/report.json").contains("last None"));
    assert!(!desk.has("2019-20"), "a closed year is not written");
    assert_eq!(summary.unplaced.len(), 1);
}

/// Ten good returns, and one from `nhsc` with this in it.
fn ten_and(bad: &str) -> Desk {
    let desk = Desk::new(&[("nhsc/bad.txt", &format!("year 2021-22\nno 1\nfront-door accepted 9\n{bad}"))]);
    for (i, body) in TEN.iter().enumerate() {
        desk.put(&format!("{body}/good.txt"), &format!("year 2021-22\nno 1\nfront-door accepted {i}\n"));
    }
    desk
}

fn ten_accepted(desk: &Desk) {
    let expected: Vec<String> = TEN.iter().enumerate().map(|(i, body)| format!("{body} front-door {i}")).collect();
    assert_eq!(desk.records("2021-22"), expected);
}

/// What the body of the bad file is told, and the last line about it in the ledger.
fn told_of_bad(desk: &Desk) -> (String, Value) {
    let all = desk.all();
    let report =
        all.iter().find(|(path, _)| path.starts_with("unplaced/nhsc/") && path.ends_with("report.txt")).unwrap();
    let ledger = desk.read("ledger.jsonl");
    let mut lines = ledger.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.rfind(|line| line["body"] == "nhsc").unwrap();
    let report = String::from_utf8(report.1.clone()).unwrap();
    (report.split_whitespace().collect::<Vec<_>>().join(" "), line)
}

#[test]
fn workers_change_no_byte_of_what_is_written() {
    let (without, with, many) = (busy(), busy(), busy());
    let quiet = without.run();
    assert_eq!(with.work(), Summary { outbox: with.outbox().display().to_string(), ..quiet });
    many.run_with(7, Some(workers(PATIENT)), &Told::new()).unwrap();
    assert_eq!(with.all(), without.all());
    assert_eq!(many.all(), without.all());
}

/// How long a worker of these tests may take where none of them is to hang: on a busy machine each has to start, and to
/// read the schemas, beside all the others.
const PATIENT: Duration = Duration::from_secs(120);

#[test]
fn whatever_a_file_does_to_a_worker_costs_that_file_only() {
    for (what, stopped, words) in [
        ("abort", "died", "came to a stop over it, twice"),
        ("overflow", "died", "came to a stop over it, twice"),
        ("garbage", "died", "came to a stop over it, twice"),
        #[cfg(target_os = "linux")]
        ("eat", "memory", "took more memory than one file may have"),
    ] {
        costs_that_file_only(what, PATIENT, stopped, words);
    }
}

/// Long enough for the good files on a busy machine; two workers are waited for so long, one after the other.
#[test]
fn a_file_over_which_a_worker_hangs_costs_that_file_only() {
    let start = Instant::now();
    costs_that_file_only("hang", Duration::from_secs(20), "time", "took so long that it was broken off, twice");
    // The worker hangs for ten minutes. Nobody has waited for that.
    assert!(start.elapsed() < Duration::from_secs(500), "{:?}", start.elapsed());
}

fn costs_that_file_only(what: &str, patience: Duration, stopped: &str, words: &str) {
    let file = format!("do {what}\n");
    // At another number of threads the same bytes.
    let [few, many] = [ten_and(&file), ten_and(&file)];
    let (summary, _) = std::thread::scope(|scope| {
        let many = scope.spawn(|| many.run_with(7, Some(workers(patience)), &Told::new()).unwrap());
        (few.run_with(2, Some(workers(patience)), &Told::new()).unwrap(), many.join().unwrap())
    });
    ten_accepted(&few);
    let (report, line) = told_of_bad(&few);
    assert!(report.contains("FIL-09") && report.contains(words), "{what}: {report}");
    assert_eq!((&line["outcome"], &line["stopped"]), (&json!("refused"), &json!(stopped)), "{what}");
    assert_eq!(summary.said, Vec::<String>::new(), "{what}");
    assert_eq!(many.all(), few.all(), "{what}");
    assert!(few.run_with(2, Some(workers(patience)), &Told::new()).unwrap().nothing_new, "{what}");
}

#[test]
fn a_file_that_stopped_the_program_is_not_tried_again_until_something_is_new_about_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let tries = folder.path().join("tries");
    let tried = || fs::read(&tries).unwrap().len();
    let desk = ten_and(&format!("tries {}\ndo abort\n", tries.display()));
    desk.work();
    assert_eq!(tried(), 2, "a fresh worker is asked before the file is blamed");
    let (report, _) = told_of_bad(&desk);
    desk.put("csc/new.txt", CSC_1);
    let summary = desk.work();
    assert_eq!(tried(), 2);
    assert!(
        summary.to_string().contains("nhsc: a file that stopped the program in an earlier run was not tried again"),
        "{summary}"
    );
    assert_eq!(told_of_bad(&desk).0, report);
    // Nor without workers, where it would stop the run; nor where somebody else sends it too.
    let bad = fs::read_to_string(desk.0.path().join("inbox/nhsc/bad.txt")).unwrap();
    desk.put("mps/the same.txt", &bad);
    desk.run();
    assert_eq!(tried(), 2);
    assert_eq!(desk.records("2021-22").len(), 12);
    // Other schemas try it again.
    desk.run_with(2, Some(workers_by("newer_worker", PATIENT)), &Told::newer()).unwrap();
    assert_eq!(tried(), 6, "two bodies have sent it, and two workers were asked for each");
}

#[test]
fn a_failure_that_stops_no_worker_is_told_without_a_word_of_the_file() {
    let desk = ten_and("do panic\n");
    let summary = desk.work();
    ten_accepted(&desk);
    let (report, line) = told_of_bad(&desk);
    assert!(report.contains("the program itself failed over it"), "{report}");
    assert!(line.get("stopped").is_none(), "it costs nothing to try again: {line}");
    assert!(summary.to_string().contains("nhsc: the program failed over a file at tests/batch.rs:"), "{summary}");
    assert!(!summary.to_string().contains("Jane"));
}

#[test]
fn a_worker_that_prints_costs_nothing() {
    let desk = ten_and("do print\n");
    let summary = desk.work();
    assert_eq!(desk.records("2021-22").len(), 11, "{summary}");
    assert_eq!(summary.said, Vec::<String>::new());
}

#[test]
fn a_worker_that_leaves_between_files_costs_nothing() {
    let gone = tempfile::tempdir().unwrap();
    let sign = gone.path().join("gone");
    let desk = Desk::new(&[("csc/bad.txt", &format!("{CSC_1}leaves {}\ndo leave\n", sign.display()))]);
    for body in ["mps", "nhsc"] {
        desk.put(&format!("{body}/good.txt"), "year 2021-22\nno 1\nfront-door accepted 5\n");
    }
    // The first file is answered, and the worker is about to leave: the next one comes when it is gone.
    let (asked, waited) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wait = |_: usize, _: usize| {
        if asked.fetch_add(1, Ordering::Relaxed) == 0 {
            let start = Instant::now();
            while !sign.exists() && start.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(20));
            }
            // It says so in its last moment.
            std::thread::sleep(Duration::from_millis(500));
            waited.fetch_add(usize::from(sign.exists()), Ordering::Relaxed);
        }
    };
    let summary = desk.run_slowly(1, Some(workers(PATIENT)), &Told::new(), &wait).unwrap();
    assert_eq!(waited.into_inner(), 1, "it left before the next file came");
    assert_eq!(desk.records("2021-22").len(), 4, "{summary}");
    assert_eq!(summary.said, Vec::<String>::new());
}

#[test]
fn where_no_worker_can_be_had_the_files_are_read_without_and_the_run_says_so() {
    let without = busy();
    without.run();
    // Only the one that never answers is not waited for: on a busy machine the others may take their time.
    let shell = |script: &str, seconds| Workers {
        program: "sh".into(),
        arguments: vec!["-c".into(), script.into()],
        patience: Duration::from_secs(seconds),
    };
    let missing = Workers { program: "no such program".into(), arguments: vec![], patience: Duration::from_secs(1) };
    let mut cases = vec![(missing, "")];
    if cfg!(unix) {
        cases.push((shell("exit 3", 60), "(it ended at once)"));
        cases.push((shell("exec sleep 100", 1), "(it was not ready in time)"));
        cases.push((shell("exec yes", 60), "(it ended at once)"));
    }
    let program = PathBuf::from(env!("CARGO_BIN_EXE_safereturn"));
    let arguments = vec!["worker".into(), "--memory".into(), "2048".into()];
    let other = Workers { program, arguments, patience: Duration::from_secs(60) };
    cases.push((other, "(it is another program, or has other schemas)"));
    for (workers, why) in cases {
        let desk = busy();
        let summary = desk.run_with(2, Some(workers), &Told::new()).unwrap().to_string();
        assert!(summary.contains("No worker process could be had") && summary.contains(why), "{summary}");
        assert_eq!(desk.all(), without.all());
    }
}
