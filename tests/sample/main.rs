//! The batch on the sample inbox: what becomes of each file, and every released figure looked up again in its file by a
//! reader that shares nothing with ours.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; it says what it counted"
)]

mod raw;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use raw::Sheets;
use safereturn::batch::{Job, Summary, as_of_file, read_submission, run};
use safereturn::cell::Address;
use safereturn::extract::{Context, Use};
use safereturn::finding::Place;
use safereturn::report::{Outcome, sha256};
use safereturn::schema::Schemas;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The sections of each file that are not accepted; no section where a file is refused as a whole. All others are accepted.
const NOT_ACCEPTED: [(&str, &str, &str); 8] = [
    ("csc/csc-2020-21.xlsx", "children-in-need", "refused"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "children-in-need", "queried"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "child-protection", "refused"),
    ("mps/MPS return 2021-22.xlsx", "recommendations", "queried"),
    ("edu/edu-2021-22.xlsx", "recommendations", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "recommendations", "refused"),
    ("nhsc-whittington/system export.xls", "", "refused"),
    ("", "", ""),
];

/// Where a record does not say what the cell says letter by letter: sheet, cell, what stands there, what the record says.
const TIDIED: [(&str, &str, &str, &str); 9] = [
    ("Front door ", "B9", "11,147", "11147"),
    ("Front door ", "B16", "\u{a0}2,033\u{a0}", "2033"),
    ("Front door ", "B18", "355 referrals", "355"),
    ("Front door ", "B13", "0.146", "14.6"),
    ("Child protection", "B19", "44 (1)", "44"),
    ("recommendations", "P8", "£12,500", "12500"),
    // In two files.
    ("Recommendations", "P9", "n/a", "z"),
    ("Recommendations", "P9", "n/a", "z"),
    ("Front door", "B4", "11,902", "11902"),
];

fn inbox() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox")
}

fn job(outbox: &Path, threads: usize) -> Summary {
    let as_of = as_of_file(&inbox()).unwrap().unwrap();
    let job = Job {
        inbox: inbox(),
        outbox: outbox.to_owned(),
        waivers: inbox().join("no waivers"),
        as_of,
        year: None,
        threads,
        workers: None,
        progress: &|_, _| {},
    };
    run(&job, &Schemas::built_in().unwrap()).unwrap()
}

/// One run that the tests share, and where it wrote.
static RUN: LazyLock<(tempfile::TempDir, Summary)> = LazyLock::new(|| {
    let outbox = tempfile::tempdir().unwrap();
    let summary = job(outbox.path(), 1);
    (outbox, summary)
});

/// The submissions of the sample, what lies in the bodies' folders but for lists and locks: `csc/csc-2020-21.xlsx`, and
/// the hash that the outbox knows each by.
fn submissions() -> Vec<(String, String)> {
    let entries = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
        names.collect::<BTreeSet<String>>()
    };
    let mut out = Vec::new();
    for body in entries(&inbox()).iter().filter(|name| inbox().join(name).is_dir()) {
        for file in entries(&inbox().join(body)) {
            if file != "received.csv" && !file.starts_with("~$") {
                let name = format!("{body}/{file}");
                out.push((name.clone(), hash(&inbox().join(name))));
            }
        }
    }
    out
}

/// A file's hash; a folder's covers the names and hashes of its files.
fn hash(path: &Path) -> String {
    if path.is_file() {
        return sha256(&fs::read(path).unwrap());
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut bytes = Vec::new();
    for file in files {
        bytes.extend(file.file_name().unwrap().to_str().unwrap().bytes());
        bytes.push(0);
        bytes.extend(Sha256::digest(fs::read(&file).unwrap()));
    }
    sha256(&bytes)
}

/// A count as it stands in a cell, without the commas and spaces that people put in.
fn plain(text: &str) -> f64 {
    text.replace([',', '\u{a0}', ' '], "").parse().unwrap_or(f64::NAN)
}

/// Every file of a folder with its bytes.
fn all(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != ".lock" {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    out
}

fn records(outbox: &Path) -> Vec<BTreeMap<String, String>> {
    let mut out = Vec::new();
    for year in ["2020-21", "2021-22"] {
        let path = outbox.join(year).join("data/records.csv");
        let mut reader = csv::Reader::from_path(path).unwrap();
        out.extend(reader.deserialize().map(Result::<BTreeMap<String, String>, _>::unwrap));
    }
    out
}

#[test]
fn every_released_figure_stands_in_the_cell_it_names() {
    let (outbox, _) = &*RUN;
    let files: BTreeMap<String, (String, Sheets)> =
        submissions().into_iter().map(|(name, hash)| (hash, (name.clone(), raw::read(&inbox().join(name))))).collect();
    let (mut equal, mut tidied, mut derived) = (0, BTreeSet::new(), 0);
    let mut wrong = Vec::new();
    for record in records(outbox.path()) {
        let (file, sheets) = &files[&record["source_file"]];
        let look = |address: &str| {
            let (sheet, cell) = address.split_once('!').unwrap_or((&record["source_sheet"], address));
            sheets.iter().find(|(name, _)| name == sheet)?.1.get(cell)
        };
        let cells: Vec<&str> = record["source_cells"].split(' ').collect();
        let what = format!("{file} {}!{}", record["source_sheet"], record["source_cells"]);
        if record["origin"] == "derived" {
            assert!(cells.iter().all(|cell| look(cell).is_some()), "{what}: a part stands nowhere");
            if record["unit"] == "%" {
                let number =
                    |column: &str| record[column].parse::<f64>().unwrap_or_else(|_| panic!("{what}: no {column}"));
                let share = 100.0 * number("numerator") / number("denominator");
                assert!((share - number("value")).abs() <= 0.05 + 1e-9, "{what}: {share}");
                assert!(cells.iter().any(|cell| look(cell).is_some_and(|text| plain(text) == number("denominator"))));
            }
            derived += 1;
            continue;
        }
        assert_eq!(cells.len(), 1, "{what}");
        let said = if record["marker"].is_empty() { &record["value"] } else { &record["marker"] };
        let stands = look(cells[0]).unwrap_or_else(|| panic!("{what}: nothing stands there"));
        let known = (record["source_sheet"].as_str(), cells[0], stands.as_str(), said.as_str());
        if stands == said {
            equal += 1;
        } else if TIDIED.contains(&known) {
            tidied.insert(known.1.to_owned() + file);
        } else {
            wrong.push(format!("{file}: {known:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(tidied.len(), TIDIED.len(), "all that is allowed is there");
    println!("{} records looked up, all equal, {} of them tidied as listed;", equal + tidied.len(), tidied.len());
    println!("the cells of {derived} derived ones are there");
    assert!(equal > 300, "{equal}");
}

#[test]
fn no_cell_falls_on_the_floor() {
    let schemas = Schemas::built_in().unwrap();
    let as_of = as_of_file(&inbox()).unwrap().unwrap();
    let (mut cells, mut counts) = (0, BTreeMap::new());
    let mut lost = Vec::new();
    for (name, _) in submissions() {
        let path = inbox().join(&name);
        let context = Context { expected_body: name.split('/').next().map(str::to_owned), ..Context::on(as_of) };
        let report = safereturn::check(&read_submission(&path).unwrap(), &context, &schemas);
        let places: Vec<&Place> = report.findings.iter().flat_map(|f| &f.labels).map(|l| &l.place).collect();
        for (index, (sheet, raw)) in raw::read(&path).iter().enumerate() {
            assert_eq!(report.workbook.sheets[index].name, *sheet, "{name}");
            for (cell, text) in raw {
                cells += 1;
                let address = Address::new(index, cell.parse().unwrap());
                let there = places.iter().any(|place| match place {
                    Place::Cell(at) => *at == address,
                    Place::Figure(pointer) => report.figures.cell(pointer) == Some(address),
                    Place::Sheet(at) => *at == index && !report.figures.sheets.values().any(|s| s == at),
                    Place::File => false,
                });
                let became = match report.figures.uses.get(&address) {
                    Some(Use::Value(_)) => "values",
                    Some(Use::Label) => "labels",
                    Some(Use::Finding) if there => "in a finding",
                    Some(Use::Passed(_)) => "passed over and listed",
                    None if there => "in a finding",
                    Some(Use::Finding) | None => {
                        lost.push(format!("{name} {sheet}!{cell}: {text}"));
                        continue;
                    }
                };
                *counts.entry(became).or_insert(0) += 1;
            }
        }
    }
    println!("{cells} cells that are not empty: {counts:?}");
    assert!(lost.is_empty(), "{} are lost:\n{}", lost.len(), lost.join("\n"));
    assert_eq!(cells, counts.values().sum::<i32>());
}

#[test]
fn each_file_ends_as_is_told() {
    let (outbox, summary) = &*RUN;
    let files = all(outbox.path());
    let mut found = BTreeSet::new();
    for (name, hash) in submissions() {
        let is_it = |path: &str| {
            path.ends_with(&format!("{hash}.json")) || path.ends_with(&format!("{}/receipt.json", &hash[..8]))
        };
        let receipts: Vec<&Vec<u8>> = files.iter().filter(|(path, _)| is_it(path)).map(|(_, bytes)| bytes).collect();
        assert_eq!(receipts.len(), 1, "{name}");
        let receipt: Value = serde_json::from_slice(receipts[0]).unwrap();
        let sections = receipt["sections"].as_object().unwrap();
        if sections.is_empty() {
            found.insert((name.clone(), String::new(), receipt["outcome"].as_str().unwrap().to_owned()));
        }
        for (section, outcome) in sections {
            found.insert((name.clone(), section.clone(), outcome.as_str().unwrap().to_owned()));
        }
    }
    let told = OUTCOMES.map(|(file, section, outcome)| (file.to_owned(), section.to_owned(), outcome.to_owned()));
    assert_eq!(found, BTreeSet::from(told));

    let lines: Vec<_> = summary.bodies.iter().map(|b| (b.year.as_str(), b.body.as_str(), b.outcome)).collect();
    assert_eq!(lines, IN_THE_END.map(|(year, body, outcome, _)| (year, body, outcome)));
    let released: BTreeSet<(String, String, String)> = records(outbox.path())
        .into_iter()
        .map(|r| (r["year"].clone(), r["body"].clone(), r["section"].clone()))
        .collect();
    for (year, body, _, sections) in IN_THE_END {
        let documents: Vec<&str> = files
            .keys()
            .filter_map(|path| path.strip_prefix(&format!("{year}/returns/{body}/"))?.strip_suffix(".json"))
            .filter(|name| !name.ends_with(".queried"))
            .collect();
        assert_eq!(documents, sections, "{year} {body}");
        let of_it = released.iter().filter(|(y, b, _)| y == year && b == body);
        assert!(of_it.clone().all(|(_, _, section)| sections.contains(&section.as_str())), "{year} {body}");
    }
    assert!(summary.to_string().contains("a lock file of an open workbook"), "{summary}");
}

#[test]
fn a_second_run_does_nothing_and_threads_change_nothing() {
    let (one, summary) = &*RUN;
    assert!(!summary.nothing_new);
    let two = tempfile::tempdir().unwrap();
    job(two.path(), 2);
    let first = all(one.path());
    assert!(first == all(two.path()), "two threads write something else than one");
    let second = job(one.path(), 2);
    assert!(second.nothing_new && second.to_string().contains("nothing to do"), "{second}");
    assert!(first == all(one.path()), "the second run changed something");
}
