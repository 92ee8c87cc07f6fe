//! What a body gets to read, through the whole batch: the letters as they are read, their counts against the report's,
//! what has changed since the last submission; and that nothing of another body, and nothing personal, is in any of it.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use safereturn::batch::{Job, Summary, System, run};
use safereturn::schema::Schemas;
use safereturn::workbook::{Workbook, notation};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

#[path = "../examples/support/mod.rs"]
mod support;
#[allow(dead_code, clippy::panic, reason = "the maker of the sample writes more than this")]
#[path = "../examples/sample/write.rs"]
mod write;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

const CHILD_PROTECTION: [&str; 1] = ["child-protection"];
const BOTH: [&str; 2] = ["front-door", "child-protection"];

/// A submission of some sections of a base return with some cells changed, and answers on its sheet of explanations.
fn laid(base: &str, sections: &[&str], edits: &[(&str, &str)], answers: &[Value]) -> Workbook {
    let sections: Vec<String> = sections.iter().map(|s| (*s).to_owned()).collect();
    let mut laid = support::base(&PACK, base, &sections, &[]);
    for (place, text) in edits {
        let address = laid.place(place);
        laid.put(address, text);
    }
    if !answers.is_empty() {
        laid.explain(&PACK, answers);
    }
    laid.workbook
}

fn submission(base: &str, sections: &[&str], edits: &[(&str, &str)]) -> Vec<u8> {
    write::xlsx(&laid(base, sections, edits, &[]), 2021)
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
        let job = Job {
            inbox: self.0.path().join("inbox"),
            outbox: self.0.path().join("outbox"),
            waivers: self.0.path().join("waivers.csv"),
            as_of: day.parse().unwrap(),
            year: None,
            threads: 2,
            workers: None,
            disk: &System,
            progress: &|_, _| {},
        };
        run(&job, &*PACK).unwrap()
    }

    fn out(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join("outbox").join(path)).unwrap_or_default()
    }

    fn letter(&self, body: &str) -> String {
        self.out(&format!("2020-21/feedback/{body}/letter.txt"))
    }

    fn report(&self, body: &str) -> Value {
        serde_json::from_str(&self.out(&format!("2020-21/feedback/{body}/report.json"))).unwrap_or_default()
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
}

const DAY: &str = "2021-05-20";

/// What holds for every letter: its width, one line of subject, and counts that are the report's.
fn is_sound(letter: &str, report: &Value) {
    assert!(letter.starts_with("Subject: ") && letter.lines().nth(1) == Some(""), "{letter}");
    for line in letter.lines() {
        assert!(line.width() <= 76, "{} columns: {line}", line.width());
    }
    assert!(!letter.contains("\n\n\n") && !letter.contains('\r') && letter.ends_with('\n'), "{letter}");
    let findings = report["findings"].as_array().unwrap();
    let is_open = |f: &&Value| f["open"] == true;
    let open: BTreeSet<&str> = findings.iter().filter(is_open).filter_map(|f| f["id"].as_str()).collect();
    let one_line = letter.split_whitespace().collect::<Vec<_>>().join(" ");
    // The points, however they are folded, and those left to the report are all that is open.
    if let Some((_, to_do)) = one_line.split_once("WHAT MATTERS MOST FIRST") {
        let to_do = ["WHAT IS ANSWERED", "SINCE YOUR", "WHAT IS IN USE", "STILL TO COME", "The full report"]
            .iter()
            .filter_map(|next| to_do.split_once(next))
            .map(|(points, _)| points)
            .min_by_key(|points| points.len())
            .unwrap();
        let named: BTreeSet<&str> = open.iter().filter(|id| to_do.contains(**id)).copied().collect();
        let more = to_do.split_once("… and ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok()).unwrap_or(0);
        assert_eq!(named.len() + more, open.len(), "{letter}");
    }
    let counted = |outcome: &str| {
        let sections = report["sections"].as_array().unwrap();
        sections.iter().filter(|s| s["outcome"] == outcome).count()
    };
    if one_line.contains("Not yet.") {
        for (outcome, after) in [("refused", "refused:"), ("queried", "for an answer:"), ("accepted", "accepted.")] {
            let n = counted(outcome);
            let one = if n == 1 { "section" } else { "sections" };
            let verb = match (outcome, n) {
                ("queried", 1) => "waits",
                ("queried", _) => "wait",
                (_, 1) => "is",
                (_, _) => "are",
            };
            assert_eq!(one_line.contains(&format!("{n} {one} {verb} {after}")), n > 0, "{outcome}: {letter}");
        }
        let points = open.len();
        let noun = if points == 1 { "point" } else { "points" };
        assert!(letter.contains(&format!("return: {points} {noun} to settle")), "{letter}");
    }
}

/// A letter as it is read, without what the bytes of the workbook decide.
fn read(letter: &str, report: &Value) -> String {
    is_sound(letter, report);
    let sha256 = report["file"]["sha256"].as_str().unwrap();
    letter.replace(&sha256[..16], "FINGERPRINT").replace(&sha256[..8], "FILE")
}

/// The letter, the text and the page begin with the same thing, and the page links to it.
fn begins_alike(desk: &Desk, body: &str) {
    // As one line: the texts are folded anywhere.
    let out = |name: &str| {
        let text = desk.out(&format!("2020-21/feedback/{body}/{name}"));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let after = |text: &str, mark: &str| -> String {
        let at = text.find(mark).unwrap_or_else(|| panic!("{mark} is missing")) + mark.len();
        text[at..].chars().take_while(char::is_ascii_alphabetic).collect()
    };
    let page = out("report.html");
    let first = after(&page, "href=\"#finding-");
    assert!(page.contains(&format!("id=\"finding-{first}\"")), "the link leads somewhere");
    assert_eq!(after(&out("report.txt"), "finding "), first);
    assert_eq!(after(&out("letter.txt"), "must be corrected ["), first);
}

const OPEN_END: &str = "/child-protection/cpp_open_end";
const NUMBER: &str = "/cover/submission_no";

#[test]
fn a_refused_return_is_told_what_matters_most_and_the_next_one_what_has_changed() {
    let desk = Desk::new();
    desk.put("csc/received.csv", b"file,date\nreturn.xlsx,2021-05-13\nreturn 2.xlsx,2021-05-18\n");
    let many =
        [(OPEN_END, "160"), ("/front-door/referrals_nfa", "9000"), ("/front-door/contacts_total", "eleven thousand")];
    desk.put("csc/return.xlsx", &submission("csc-2020-21", &BOTH, &many));
    desk.run(DAY);
    let report = desk.report("csc");
    assert_eq!(report["since"], Value::Null);
    assert!(report.as_object().unwrap().contains_key("since"), "the first is said to be the first");
    insta::assert_snapshot!("refused", read(&desk.letter("csc"), &report));
    begins_alike(&desk, "csc");

    // One section comes again: one thing fixed, another figure still wrong; of the other section nothing is known.
    let fewer = [(OPEN_END, "170"), (NUMBER, "2")];
    desk.put("csc/return 2.xlsx", &submission("csc-2020-21", &CHILD_PROTECTION, &fewer));
    desk.run(DAY);
    let report = desk.report("csc");
    insta::assert_snapshot!("changed", read(&desk.letter("csc"), &report));
    let ids = |list: &str| -> Vec<String> {
        let list = report["since"][list].as_array().unwrap();
        list.iter().map(|q| q["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids("changed").contains(&"STK-02".to_owned()), "{:#}", report["since"]);
    assert!(!ids("left").is_empty() && ids("left").iter().all(|rule| !rule.is_empty()));
    let moved = &report["since"]["changed"].as_array().unwrap()[0];
    assert_ne!(moved["was"], moved["state"]);
    for name in ["report.html", "report.txt", "letter.txt"] {
        let text = desk.out(&format!("2020-21/feedback/csc/{name}"));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Since submission 1, received on 13 May 2021"), "{name}");
        assert!(text.contains("this file does not hold"), "{name}");
    }
    let schema: Value = serde_json::from_str(include_str!("../schemas/out/report.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert_eq!(validator.iter_errors(&report).map(|e| e.to_string()).collect::<Vec<_>>(), Vec::<String>::new());

    // All of it right: everything is fixed, and nothing is left.
    desk.put("csc/return 3.xlsx", &submission("csc-2020-21", &BOTH, &[(NUMBER, "3")]));
    desk.run(DAY);
    let report = desk.report("csc");
    insta::assert_snapshot!("accepted", read(&desk.letter("csc"), &report));
    let open = ["still", "changed", "reopened", "new", "left", "unchecked"];
    assert!(open.iter().all(|list| report["since"][list] == json!([])), "{:#}", report["since"]);
    assert!(report["since"]["fixed"].as_array().unwrap().len() > 2);
}

#[test]
fn an_answer_is_said_back_and_a_figure_that_moves_opens_it_again() {
    let desk = Desk::new();
    let put = |number: &str, girls: &str, unknown: &str, answers: &[Value]| {
        let rows = ["/child-protection/cpp_by_sex/F/children", "/child-protection/cpp_by_sex/U/children"];
        let edits = [(rows[0], girls), (rows[1], unknown), (NUMBER, number)];
        let workbook = laid("csc-2020-21", &CHILD_PROTECTION, &edits, answers);
        desk.put(&format!("csc/return {number}.xlsx"), &write::xlsx(&workbook, 2021));
        desk.run(DAY);
        desk.report("csc")
    };
    let report = put("1", "73", "25", &[]);
    insta::assert_snapshot!("queried", read(&desk.letter("csc"), &report));
    let asked = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "TAB-17").unwrap();
    let answer = [json!({
        "explanation_no": 1, "rule_id": asked["id"], "section": "child-protection",
        "measure_or_record": "Sex not known", "given_for": "25", "reason_code": "other",
        "explanation": "Unborn children are on the list; their sex is filled in after birth.",
        "role": "Performance analyst", "date": "2021-05-19",
    })];
    let report = put("2", "73", "25", &answer);
    insta::assert_snapshot!("answered", read(&desk.letter("csc"), &report));
    assert_eq!(report["since"]["answered"][0]["rule"], "TAB-17", "{:#}", report["since"]);
    // The board manager sends the explanation back: the same figures are asked about again, with the reason.
    let id = asked["id"].as_str().unwrap();
    let reason = "Please say how many of them are unborn";
    let waiver = format!("id,decision,state,role,reason,expires\n{id},reopen,,Board manager,{reason},\n");
    fs::write(desk.0.path().join("waivers.csv"), waiver).unwrap();
    desk.run(DAY);
    let report = desk.report("csc");
    let letter = desk.letter("csc").split_whitespace().collect::<Vec<_>>().join(" ");
    is_sound(&desk.letter("csc"), &report);
    assert!(letter.contains("sent back to you") && letter.contains(reason), "{letter}");
    assert_eq!(report["since"]["still"][0]["rule"], "TAB-17", "{:#}", report["since"]);
    fs::remove_file(desk.0.path().join("waivers.csv")).unwrap();
    let report = put("3", "68", "30", &answer);
    insta::assert_snapshot!("reopened", read(&desk.letter("csc"), &report));
    assert_eq!(report["since"]["reopened"][0]["rule"], "TAB-17", "{:#}", report["since"]);
}

#[test]
fn what_cannot_be_read_and_what_nobody_sent_get_letters_too() {
    let desk = Desk::new();
    desk.put("hsg/return.xlsx", b"");
    desk.put("hsg/export.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>");
    desk.put("nobody/return.xlsx", &submission("hsg-2020-21", &["partner-activity"], &[]));
    desk.run(DAY);
    let mut letters: Vec<String> = Vec::new();
    for (path, bytes) in desk.files("unplaced").iter().filter(|(path, _)| path.ends_with("letter.txt")) {
        let report = path.replace("letter.txt", "report.json");
        let report: Value = serde_json::from_str(&desk.out(&format!("unplaced/{report}"))).unwrap();
        letters.push(read(&String::from_utf8(bytes.clone()).unwrap(), &report));
    }
    assert_eq!(letters.len(), 3);
    insta::assert_snapshot!("unreadable", letters.join("\n--------\n\n"));
}

/// Its cover was read: to send the same file again would help nobody.
#[test]
fn a_return_for_a_year_that_is_not_taken_was_read_all_the_same() {
    let desk = Desk::new();
    let year = NUMBER.replace("submission_no", "reporting_year");
    desk.put("hsg/return.xlsx", &submission("hsg-2020-21", &["partner-activity"], &[(&year, "2018-19")]));
    desk.run(DAY);
    let letters = desk.files("unplaced");
    let (_, letter) = letters.iter().find(|(path, _)| path.ends_with("letter.txt")).unwrap();
    let letter = String::from_utf8(letter.clone()).unwrap();
    assert!(letter.contains("Subject: Your return: not usable as it is, please correct it"), "{letter}");
    assert!(letter.contains("2018-19") && !letter.contains("could not read it"), "{letter}");
}

/// A detail planted in a cell, in a comment, in the name of the file and of a sheet.
const PLANTED: [&str; 6] = ["Quillfeather", "Zebedee", "07700 900123", "07700900123", "943 476 5919", "9434765919"];

#[test]
fn of_a_return_with_personal_data_nothing_is_in_any_file_but_where_it_stands() {
    let desk = Desk::new();
    let mut workbook = laid("hsg-2020-21", &["partner-activity"], &[], &[]);
    let planted = notation::read(
        "-- Notes on Zebedee Quillfeather\n     │ A │ B\n   1 │ Mother Quillfeather, tel 07700 900123 │ 943 476 5919\n",
    )
    .unwrap();
    workbook.sheets.extend(planted.sheets);
    desk.put("hsg/good.xlsx", &submission("hsg-2020-21", &["partner-activity"], &[]));
    desk.run(DAY);
    let before = desk.files("2020-21/returns");
    let mut second = laid("hsg-2020-21", &["partner-activity"], &[(NUMBER, "2")], &[]);
    second.sheets.push(workbook.sheets.pop().unwrap());
    desk.put("hsg/Quillfeather 07700900123.xlsx", &write::xlsx(&second, 2021));
    let summary = desk.run("2021-05-21");
    let report = desk.report("hsg");
    assert_eq!(report["private"], true, "{report:#}");
    insta::assert_snapshot!("private", read(&desk.letter("hsg"), &report));
    assert_eq!(desk.files("2020-21/returns"), before, "what was accepted stays");
    let mut all: Vec<(String, String)> = vec![("summary".into(), format!("{summary}\n{summary:?}"))];
    all.extend(desk.files("").into_iter().map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned())));
    assert!(all.len() > 10);
    for (path, text) in all {
        for detail in PLANTED {
            assert!(!text.contains(detail) && !path.contains(detail), "{path} holds {detail}");
        }
    }
}

/// The council and the police, who disagree; the council sent twice.
fn apart(reports: &str) -> Desk {
    let desk = Desk::new();
    let police = [
        ("/police-safeguarding/merlin_by_level/blue/reports", "x"),
        ("/police-safeguarding/merlin_shared_la", reports),
    ];
    desk.put("mps/return.xlsx", &submission("mps-2020-21", &["police-safeguarding"], &police));
    desk.put("csc/received.csv", b"file,date\nreturn.xlsx,2021-05-18\nsecond.xlsx,2021-05-19\n");
    desk.put("mps/received.csv", b"file,date\nreturn.xlsx,2021-05-17\n");
    desk.put("csc/return.xlsx", &submission("csc-2020-21", &["front-door"], &[]));
    desk.put("csc/second.xlsx", &submission("csc-2020-21", &["front-door"], &[(NUMBER, "2")]));
    desk.run(DAY);
    desk
}

#[test]
fn nothing_of_another_body_is_in_what_a_body_reads() {
    let (one, other) = (apart("5120"), apart("5130"));
    let own = one.files("2020-21/feedback/csc");
    assert_eq!(own.keys().collect::<Vec<_>>(), ["letter.txt", "report.html", "report.json", "report.txt"]);
    assert_eq!(own, other.files("2020-21/feedback/csc"), "not a byte tells that the other’s figure has moved");
    assert_ne!(one.files("2020-21/feedback/mps"), other.files("2020-21/feedback/mps"));
    let theirs = [
        (
            "csc",
            ["5,120", "5120", "1,477", "Merlin", "Police safeguarding", "Metropolitan Police", "police-safeguarding"],
        ),
        ("mps", ["3,643", "3643", "1,477", "Front door", "Children’s Social Care", "front-door", "csc"]),
    ];
    for (body, said) in theirs {
        for (path, bytes) in one.files(&format!("2020-21/feedback/{body}")) {
            let text = String::from_utf8(bytes).unwrap();
            for theirs in said {
                assert!(!text.contains(theirs), "{body}/{path} says {theirs}");
            }
        }
        is_sound(&one.letter(body), &one.report(body));
    }
    // What was asked between the two of the first submission is still there in the second, and is not new.
    let since = &one.report("csc")["since"];
    let rules = |list: &str| since[list].as_array().unwrap().iter().map(|q| q["rule"].clone()).collect::<Vec<_>>();
    assert_eq!((rules("still"), rules("new")), (vec![json!("XAG-01")], Vec::new()), "{since:#}");
}

/// Its letter goes to the sender: what the other agency has still to send is none of its business.
#[test]
fn who_sends_another_agencys_return_is_not_asked_for_the_rest_of_it() {
    let desk = Desk::new();
    desk.put("hsg/return.xlsx", &submission("cst-2020-21", &["recommendations"], &[]));
    desk.run(DAY);
    let letter = desk.out("2020-21/feedback/hsg/letter.txt");
    assert!(letter.contains("Please check the agency on the cover"), "{letter}");
    assert!(!letter.contains("STILL TO COME") && !letter.contains("Domestic abuse"), "{letter}");
    let report: Value = serde_json::from_str(&desk.out("2020-21/feedback/hsg/report.json")).unwrap();
    assert!(report["owed"].as_array().is_none_or(Vec::is_empty), "{}", report["owed"]);
}
