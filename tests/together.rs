//! The rules across agencies through the whole batch: each body is told of its own side only, the board of all; what is
//! asked about between bodies is not released until it is answered.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use safereturn::batch::{Job, Summary, run};
use safereturn::case;
use safereturn::finding::Findings;
use safereturn::schema::Schemas;
use safereturn::workbook::{Workbook, notation};
use serde_json::{Value, json};

#[path = "../examples/support/mod.rs"]
mod support;
#[allow(dead_code, clippy::panic, reason = "the maker of the sample writes more than this")]
#[path = "../examples/sample/write.rs"]
mod write;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

/// A submission of a base return with some cells changed, and answers on its sheet of explanations.
fn laid(base: &str, section: &str, edits: &[(&str, &str)], answers: &[Value]) -> Workbook {
    let mut laid = support::base(&PACK, base, &[section.to_owned()], &[]);
    for (place, text) in edits {
        let address = laid.place(place);
        laid.put(address, text);
    }
    if !answers.is_empty() {
        laid.explain(&PACK, answers);
    }
    laid.workbook
}

fn submission(base: &str, section: &str, edits: &[(&str, &str)], answers: &[Value]) -> Vec<u8> {
    write::xlsx(&laid(base, section, edits, answers), 2021)
}

/// The police's return with this many reports shared; one level is not available, so that nothing else speaks.
fn police(reports: &str) -> Vec<u8> {
    submission("mps-2020-21", "police-safeguarding", &shared(reports), &[])
}

fn shared(reports: &str) -> [(&str, &str); 2] {
    [("/police-safeguarding/merlin_by_level/blue/reports", "x"), ("/police-safeguarding/merlin_shared_la", reports)]
}

fn council() -> Vec<u8> {
    submission("csc-2020-21", "front-door", &[], &[])
}

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join("inbox").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn run(&self, day: &str) -> Summary {
        self.run_on(day, 2)
    }

    fn run_on(&self, day: &str, threads: usize) -> Summary {
        let job = Job {
            inbox: self.0.path().join("inbox"),
            outbox: self.0.path().join("outbox"),
            waivers: self.0.path().join("waivers.csv"),
            as_of: day.parse().unwrap(),
            year: None,
            threads,
            workers: None,
            disk: &safereturn::batch::System,
            progress: &|_, _| {},
        };
        run(&job, &*PACK).unwrap()
    }

    fn out(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join("outbox").join(path)).unwrap_or_default()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.out(path)).unwrap_or_default()
    }

    /// Every file below a folder of the outbox, by path.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        fn walk(root: &Path, at: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
            for entry in fs::read_dir(at).expect("a folder") {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, out);
                } else {
                    let name = path.strip_prefix(root).unwrap().display().to_string();
                    out.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        let root = self.0.path().join("outbox").join(folder);
        let mut out = BTreeMap::new();
        walk(&root, &root, &mut out);
        out
    }

    fn finding(&self, body: &str) -> Value {
        let report = self.json(&format!("2020-21/feedback/{body}/report.json"));
        let found = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "XAG-01");
        found.cloned().unwrap_or_default()
    }

    fn released(&self, body: &str, section: &str) -> bool {
        self.out("2020-21/data/records.csv").lines().any(|line| line.contains(&format!(",{body},{body},{section},")))
    }
}

const DAY: &str = "2021-05-20";

/// The council and the police, who disagree.
fn apart(reports: &str) -> Desk {
    let desk = Desk::new();
    desk.put("csc/return.xlsx", &council());
    desk.put("mps/return.xlsx", &police(reports));
    desk.run(DAY);
    desk
}

#[test]
fn each_side_sees_its_own_figure_only_and_the_board_both_with_both_cells() {
    let (one, other) = (apart("5120"), apart("5130"));
    // Not a byte of the council's feedback tells that the police's figure has moved.
    assert_eq!(one.files("2020-21/feedback/csc"), other.files("2020-21/feedback/csc"));
    assert_ne!(one.files("2020-21/feedback/mps"), other.files("2020-21/feedback/mps"));
    let own = one.finding("csc");
    assert!(own["message"].as_str().unwrap().contains("You recorded 3,643 contacts"), "{own}");
    assert_eq!(own["cells"][0]["sheet"], "Front door");
    for (path, bytes) in one.files("2020-21/feedback/csc") {
        let text = String::from_utf8(bytes).unwrap();
        for theirs in ["5,120", "5120", "1,477", "Merlin", "Police safeguarding"] {
            assert!(!text.contains(theirs), "{path} says {theirs}");
        }
    }
    for (path, bytes) in one.files("2020-21/feedback/mps") {
        let text = String::from_utf8(bytes).unwrap();
        for theirs in ["3,643", "3643", "1,477", "Front door"] {
            assert!(!text.contains(theirs), "{path} says {theirs}");
        }
    }
    for (name, moved) in [("status.html", "5,130"), ("status.txt", "5,130"), ("status.json", "5,130")] {
        let (board, next) = (one.out(&format!("2020-21/{name}")), other.out(&format!("2020-21/{name}")));
        for said in ["5,120", "3,643", "1,477"] {
            assert!(board.contains(said), "{name} does not say {said}");
        }
        assert!(next.contains(moved) && !next.contains("5,120"), "{name}");
    }
    let board = one.json("2020-21/status.json");
    let found = &board["findings"][0];
    assert_eq!((&found["rule"], &found["compared"]), (&json!("XAG-01"), &json!(["5,120", "3,643"])));
    let cells: Vec<String> = found["sides"]
        .as_array()
        .unwrap()
        .iter()
        .map(|side| {
            format!("{} {} {}", side["body"], side["finding"]["cells"][0]["sheet"], side["finding"]["cells"][0]["cell"])
        })
        .collect();
    let drawn = one.out("2020-21/status.html");
    assert_eq!(drawn.matches("<table class=\"sheet\">").count(), 2, "both cells are drawn");
    assert_eq!(cells.len(), 2, "{cells:?}");
    assert!(
        cells[0].starts_with("\"mps\" \"Police safeguarding\"") && cells[1].starts_with("\"csc\" \"Front door\""),
        "{cells:?}"
    );
}

#[test]
fn the_board_keeps_its_form_and_nothing_in_it_can_be_run() {
    let desk = apart("5120");
    let schema: Value = serde_json::from_str(include_str!("../schemas/out/status.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let board = desk.json("2020-21/status.json");
    assert_eq!(validator.iter_errors(&board).map(|e| e.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    let page = desk.out("2020-21/status.html");
    assert!(!page.contains("<script") && !page.contains("http"), "it stands alone");
    let not_run = board["comparisons"].as_array().unwrap().iter().find(|c| c["rule"] == "XAG-09").unwrap();
    assert_eq!(not_run["why"], "needs Education safeguarding of Education and Schools, which is not there yet");
}

#[test]
fn what_is_asked_about_between_bodies_is_not_released_until_it_is_answered() {
    let desk = apart("5120");
    for (body, section) in [("csc", "front-door"), ("mps", "police-safeguarding")] {
        assert!(!desk.released(body, section), "{body}");
        let document = desk.json(&format!("2020-21/returns/{body}/{section}.queried.json"));
        assert_eq!(document["state"], "queried");
        let report = desk.json(&format!("2020-21/feedback/{body}/report.json"));
        assert_eq!((&report["outcome"], &report["sections"][0]["outcome"]), (&json!("queried"), &json!("queried")));
    }
    assert!(desk.run(DAY).nothing_new);
    // The police explain their own figure: that counts for them, and not for the council.
    let answer = json!({
        "explanation_no": 1, "rule_id": desk.finding("mps")["id"], "section": "police-safeguarding",
        "measure_or_record": "Merlin reports shared with the council", "given_for": "5,120", "reason_code": "other",
        "explanation": "One report may name several children, and each child is a contact.",
        "role": "Performance analyst", "date": "2021-05-21",
    });
    let edits = |reports, number| [&shared(reports)[..], &[("/cover/submission_no", number)]].concat();
    let answers = std::slice::from_ref(&answer);
    let answered = submission("mps-2020-21", "police-safeguarding", &edits("5120", "2"), answers);
    desk.put("mps/second.xlsx", &answered);
    desk.run("2021-05-21");
    assert_eq!(desk.finding("mps")["answer"]["answer"], "explained", "{}", desk.out("2020-21/feedback/mps/report.txt"));
    assert!(desk.released("mps", "police-safeguarding") && !desk.released("csc", "front-door"));
    // The board manager waives the council's.
    let id = desk.finding("csc")["id"].as_str().unwrap().to_owned();
    let waiver =
        format!("id,decision,use,state,role,reason,expires\n{id},waive,,\"3,643\",Board manager,Agreed with both,\n");
    fs::write(desk.0.path().join("waivers.csv"), waiver).unwrap();
    desk.run("2021-05-21");
    assert!(desk.released("csc", "front-door"), "{}", desk.out("2020-21/feedback/csc/report.txt"));
    assert_eq!(desk.json("2020-21/status.json")["findings"][0]["open"], false);
    // Another figure of the police opens theirs again, and not the council's.
    let third = submission("mps-2020-21", "police-safeguarding", &edits("5130", "3"), answers);
    desk.put("mps/third.xlsx", &third);
    desk.run("2021-05-22");
    assert_eq!(desk.finding("mps")["answer"]["answer"], "reopened");
    assert_eq!(desk.finding("csc")["answer"]["answer"], "waived");
    // What was accepted of the police stays.
    assert!(desk.released("mps", "police-safeguarding") && desk.released("csc", "front-door"));
    assert_eq!(desk.json("2020-21/returns/mps/police-safeguarding.json")["figures"]["merlin_shared_la"], 5120);
    assert_eq!(desk.json("2020-21/returns/mps/police-safeguarding.queried.json")["figures"]["merlin_shared_la"], 5130);
}

#[test]
fn what_was_accepted_of_one_stays_when_another_that_came_later_disagrees() {
    let desk = Desk::new();
    desk.put("csc/return.xlsx", &council());
    desk.run(DAY);
    assert!(desk.released("csc", "front-door"));
    desk.put("mps/return.xlsx", &police("5120"));
    desk.run("2021-05-21");
    assert!(desk.released("csc", "front-door") && !desk.released("mps", "police-safeguarding"));
    assert_eq!(desk.json("2020-21/feedback/csc/report.json")["outcome"], "queried");
    let place = desk.json("2020-21/status.json");
    let csc = place["bodies"].as_array().unwrap().iter().find(|b| b["body"] == "csc").unwrap();
    let front = csc["sections"].as_array().unwrap().iter().find(|s| s["section"] == "front-door").unwrap();
    assert_eq!((&front["state"], &front["released"]), (&json!("queried"), &json!(true)));
}

#[test]
fn threads_change_no_byte_and_a_second_run_does_nothing() {
    let (one, four) = (Desk::new(), Desk::new());
    for (desk, threads) in [(&one, 1), (&four, 4)] {
        desk.put("csc/return.xlsx", &council());
        desk.put("mps/return.xlsx", &police("5120"));
        desk.run_on(DAY, threads);
        assert!(desk.run_on(DAY, threads).nothing_new);
    }
    assert_eq!(one.files("2020-21"), four.files("2020-21"));
}

#[test]
fn what_is_owed_is_found_once_the_deadline_has_passed() {
    let desk = Desk::new();
    desk.put("csc/return.xlsx", &council());
    desk.run("2021-05-31");
    assert_eq!(desk.json("2020-21/status.json")["findings"], json!([]));
    desk.run("2021-06-01");
    let board = desk.json("2020-21/status.json");
    let said: Vec<&str> = board["findings"].as_array().unwrap().iter().filter_map(|f| f["message"].as_str()).collect();
    assert!(said.contains(&"Still missing: Youth justice, from Youth Justice Service."), "{said:#?}");
    assert!(
        said.iter().any(|m| m.starts_with("Metropolitan Police is one of the three statutory partners")),
        "{said:#?}"
    );
    assert!(said.contains(&"Nothing has been accepted under “voice of the child”."), "{said:#?}");
}

#[test]
fn an_answer_to_the_board_s_question_is_not_taken_for_an_idle_one() {
    let answer = json!({
        "explanation_no": 1, "rule_id": "XAG-01", "section": "front-door", "measure_or_record": "Police",
        "given_for": "3,643", "reason_code": "other",
        "explanation": "Contacts are counted for each child, reports are not.", "role": "Analyst", "date": "2021-05-21",
    });
    let text = |workbook: &Workbook| notation::write(workbook);
    let council = laid("csc-2020-21", "front-door", &[], &[answer]);
    let alone = format!("== 2020-21 csc\n{}\n", text(&council));
    let ran = case::run_together(case::read(&alone).unwrap(), &PACK, Findings::default);
    assert!(ran.reports[0].findings.iter().all(|f| f.rule.as_str() != "TPL-08"));
    // With the police's return there and nothing to ask, it is.
    let police = laid("mps-2020-21", "police-safeguarding", &shared("3702"), &[]);
    let both = format!("== 2020-21 mps\n{}\n{alone}", text(&police));
    let both = case::run_together(case::read(&both).unwrap(), &PACK, Findings::default);
    let idle = &both.together.unused["csc"];
    assert_eq!(idle.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), ["TPL-08"]);
}
