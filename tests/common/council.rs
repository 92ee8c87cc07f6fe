//! A council that sends its return, or a few of its sections, night after night; and what comes of it.
#![allow(dead_code, clippy::panic, reason = "not every test asks for everything")]

use std::fs;
use std::process::{Command, Output};
use std::sync::LazyLock;

use safereturn::batch::{Job, Summary, run};
use safereturn::schema::Schemas;
use serde_json::{Value, json};

#[path = "../../examples/support/mod.rs"]
mod support;
#[path = "../../examples/sample/write.rs"]
mod write;

pub(crate) static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

pub(crate) const DAY: &str = "2022-05-20";
pub(crate) const YEAR: &str = "2021-22";
pub(crate) const SECTION: &str = "children-in-need";
pub(crate) const PLANS: &str = "Child in need plans in place at 31 March";
pub(crate) const WORDS: &str = "Plans opened on paper in past years were entered in the system this year.";

/// A return with the sheet of children in need, and perhaps a sheet of explanations.
pub(crate) struct Sent {
    pub(crate) base: &'static str,
    pub(crate) sections: Vec<String>,
    pub(crate) edits: Vec<(String, String)>,
    pub(crate) answers: Option<Vec<Value>>,
}

impl Sent {
    /// The return of 2021-22 with this number, and so many plans at its end: more than last year, which is asked about.
    pub(crate) fn new(number: u32, plans: &str) -> Self {
        Self {
            base: "csc-2021-22",
            sections: vec![SECTION.to_owned()],
            edits: vec![
                ("/cover/submission_no".to_owned(), number.to_string()),
                ("/children-in-need/cin_plans_open_end".to_owned(), plans.to_owned()),
            ],
            answers: None,
        }
    }

    pub(crate) fn answers(mut self, answers: &[Value]) -> Self {
        self.answers = Some(answers.to_vec());
        self
    }

    pub(crate) fn edit(mut self, place: &str, text: &str) -> Self {
        self.edits.push((place.to_owned(), text.to_owned()));
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut laid = support::base(&PACK, self.base, &self.sections, &[]);
        for (place, text) in &self.edits {
            let address = laid.place(place);
            laid.put(address, text);
        }
        if let Some(answers) = &self.answers {
            laid.explain(&PACK, answers);
        }
        write::xlsx(&laid.workbook, 2022)
    }
}

/// A line of the sheet of explanations about the plans; `given_for` is left out where it is empty.
pub(crate) fn answer(words: &str, given_for: &str) -> Value {
    let mut row = json!({
        "explanation_no": 1, "rule_id": "XPE-05", "section": SECTION, "measure_or_record": PLANS,
        "reason_code": "definition-changed", "explanation": words, "role": "Performance analyst", "date": "2022-05-12",
    });
    if !given_for.is_empty() {
        row["given_for"] = json!(given_for);
    }
    row
}

pub(crate) struct Desk(pub(crate) tempfile::TempDir);

impl Desk {
    /// With last year's return.
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("last", Sent { base: "csc-2020-21", edits: vec![], ..Sent::new(1, "") });
        desk.dates("");
        desk
    }

    pub(crate) fn put(&self, name: &str, sent: Sent) {
        let folder = self.0.path().join("inbox/csc");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.xlsx")), sent.bytes()).unwrap();
    }

    /// The days on which the files came, if it was not that of the run that first saw them.
    pub(crate) fn dates(&self, more: &str) {
        let dates = format!("file,date\nlast.xlsx,2021-05-20\n{more}");
        fs::write(self.0.path().join("inbox/csc/received.csv"), dates).unwrap();
    }

    pub(crate) fn decide(&self, lines: &[String]) {
        let text = format!("id,decision,state,role,reason,expires\n{}\n", lines.join("\n"));
        fs::write(self.0.path().join("waivers.csv"), text).unwrap();
    }

    pub(crate) fn run(&self) -> Summary {
        self.run_on(DAY, None)
    }

    pub(crate) fn run_on(&self, day: &str, year: Option<&str>) -> Summary {
        self.run_with(&PACK, day, year)
    }

    /// The pack with a year closed.
    pub(crate) fn closing(&self, year: &str) -> Schemas {
        let schemas = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"));
        let mut files = safereturn::batch::pack_files(schemas).unwrap();
        let mut agencies: Value = serde_json::from_str(&files["agencies.json"]).unwrap();
        agencies["years"][year]["open"] = json!(false);
        files.insert("agencies.json".to_owned(), agencies.to_string());
        Schemas::compile(&files).unwrap_or_else(|mistakes| panic!("{} mistakes", mistakes.len()))
    }

    pub(crate) fn run_with(&self, pack: &Schemas, day: &str, year: Option<&str>) -> Summary {
        let job = Job {
            inbox: self.0.path().join("inbox"),
            outbox: self.0.path().join("outbox"),
            waivers: self.0.path().join("waivers.csv"),
            as_of: day.parse().unwrap(),
            year: year.map(str::to_owned),
            threads: 2,
            workers: None,
            progress: &|_, _| {},
            disk: &safereturn::batch::System,
        };
        run(&job, pack).unwrap()
    }

    pub(crate) fn out(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join("outbox").join(path)).unwrap_or_default()
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.out(path)).unwrap_or_default()
    }

    /// What the council is told of a rule, and in words.
    pub(crate) fn told(&self, rule: &str) -> Value {
        let report = self.json(&format!("{YEAR}/feedback/csc/report.json"));
        let found = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == rule);
        found.cloned().unwrap_or_default()
    }

    pub(crate) fn words(&self) -> String {
        self.out(&format!("{YEAR}/feedback/csc/report.txt")).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn released(&self) -> bool {
        self.out(&format!("{YEAR}/data/records.csv")).contains(&format!(",csc,csc,{SECTION},"))
    }

    /// What the board reads of decisions, as rule and message.
    pub(crate) fn rotten(&self, year: &str) -> Vec<(String, String)> {
        let board = self.json(&format!("{year}/status.json"));
        let text = |found: &Value, key: &str| found[key].as_str().unwrap_or_default().to_owned();
        let found = board["findings"].as_array().into_iter().flatten();
        let of = |f: &&Value| text(f, "rule").starts_with("WAI-");
        found.filter(of).map(|f| (text(f, "rule"), text(f, "message"))).collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_safereturn")).current_dir(self.0.path()).args(arguments).output().unwrap()
    }
}

pub(crate) fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(text).unwrap()
}
