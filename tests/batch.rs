//! The batch as a whole, over real folders, with a core that is told what to find: no schema pack is needed.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use safereturn::batch::{Checker, Error, Job, Opened, Sight, Summary, run};
use safereturn::cell::{Address, Cell, Pointer};
use safereturn::extract::{Context, Return};
use safereturn::figure::{Bare, Figure, Interval};
use safereturn::finding::{Finding, Findings, Reach, Severity};
use safereturn::report::{FileFacts, Outcome, Report, SectionOutcome};
use safereturn::schema::model::{Item, Kind, Measure, Section};
use safereturn::schema::{Agencies, Body, Year};
use safereturn::workbook::{Content, Entry, Sheet, Submission, Value as CellValue, Workbook};
use serde_json::{Value, json};

/// A core that does as the file says: `year 2021-22`, `no 1`, `front-door accepted 12`, `panic`, `private`.
struct Told {
    pack: (String, String, String),
    agencies: Agencies,
    sections: [Section; 2],
    schema: Value,
}

const SECTIONS: [&str; 2] = ["front-door", "child-protection"];

impl Told {
    fn new() -> Self {
        let day = NaiveDate::from_ymd_opt(2022, 5, 31).unwrap();
        let year = |name: &str, open| {
            let year = Year { name: name.into(), open, template: "1".into(), deadline: day, query_deadline: day };
            (name.to_owned(), year)
        };
        let body = |key: &str| Body { key: key.into(), title: key.into(), kind: key.into(), aliases: vec![] };
        let agencies = Agencies {
            kinds: vec![],
            bodies: ["csc", "mps", "nhsc"].map(body).into(),
            years: BTreeMap::from([year("2019-20", false), year("2020-21", true), year("2021-22", true)]),
        };
        let pack = ("told".into(), "1.0.0".into(), "ab".repeat(32));
        Self { pack, agencies, sections: sections(), schema: json!({ "type": "object" }) }
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
        longest: None,
        shortest: None,
        source: String::new(),
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

    fn sections(&self, _: &str, _: &str) -> &[Section] {
        &self.sections
    }

    fn section_schema(&self, _: &str, _: &str, _: &str) -> Option<&Value> {
        Some(&self.schema)
    }

    fn open(&self, submission: &Submission) -> Opened {
        let Content::File(bytes) = &submission.content else { panic!("a file") };
        let text = String::from_utf8(bytes.clone()).unwrap();
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
            context.same_number
        );
        findings.push(Finding::new("XXX-02", Severity::Note, Pointer::section("cover"), Reach::Explanation, known));
        Report {
            file: opened.file.clone(),
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
        let job = Job {
            inbox: self.0.path().join("inbox"),
            outbox: self.outbox(),
            waivers: self.0.path().join("waivers.csv"),
            as_of: NaiveDate::from_ymd_opt(2022, 6, 30).unwrap(),
            year: None,
            threads,
            progress: &|_, _| {},
        };
        run(&job, &Told::new())
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
    desk.put("csc/d.txt", "year 2021-22\nno 3\nchild-protection accepted 23\n");
    let summary = desk.run();
    assert!(!summary.nothing_new);
    assert_eq!(desk.records("2021-22"), ["csc front-door 11", "csc child-protection 23"]);
    let lines = desk.read("ledger.jsonl").lines().count();
    let before = String::from_utf8(first["ledger.jsonl"].clone()).unwrap().lines().count();
    assert_eq!(lines, before + 1, "one more submission was handled");
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
