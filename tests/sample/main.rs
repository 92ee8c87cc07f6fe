//! The batch on the sample inbox: what becomes of each file, and every released figure looked up again in its file by a
//! reader that shares nothing with ours.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; it says what it counted"
)]

mod promise;
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
const NOT_ACCEPTED: [(&str, &str, &str); 30] = [
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "child-protection", "refused"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "children-in-need", "queried"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "children-looked-after", "queried"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "front-door", "queried"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "learning-reviews", "queried"),
    ("csc/Safeguarding data 2021-22 FINAL.xlsx", "youth-violence-exploitation", "queried"),
    ("csc/csc-2020-21.xlsx", "children-in-need", "refused"),
    ("cst/Community safety 2021-22.xlsx", "youth-violence-exploitation", "queried"),
    ("edu/edu-2021-22.xlsx", "education-safeguarding", "queried"),
    ("edu/edu-2021-22.xlsx", "recommendations", "refused"),
    ("icb/ICB 2021-22.xlsx", "semh-waiting-times", "queried"),
    ("iscp/Partnership 2021-22.xlsx", "learning-reviews", "queried"),
    ("iscp/Partnership 2021-22.xlsx", "training", "queried"),
    ("mps/MPS return 2021-22.xlsx", "police-safeguarding", "queried"),
    ("mps/MPS return 2021-22.xlsx", "recommendations", "queried"),
    ("mps/MPS return 2021-22.xlsx", "youth-violence-exploitation", "queried"),
    ("nhsc-moorfields/Moorfields 2021-22.xlsx", "health-safeguarding", "queried"),
    ("nhsc-whittington/Whittington 2021-22 new template.xlsx", "health-safeguarding", "queried"),
    ("nhsc-whittington/Whittington 2021-22 new template.xlsx", "semh-waiting-times", "queried"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "health-safeguarding", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "recommendations", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "section-11", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "semh-waiting-times", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "training", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "voice-of-the-child", "refused"),
    ("nhsc-whittington/Whittington 2021-22.xlsx", "youth-violence-exploitation", "refused"),
    ("nhsc-whittington/system export.xls", "", "refused"),
    ("nhsm/Mental health trust 2021-22.xlsx", "health-safeguarding", "queried"),
    ("nhsm/Mental health trust 2021-22.xlsx", "semh-waiting-times", "queried"),
    ("nhsm/Mental health trust 2021-22.xlsx", "training", "queried"),
];

/// Sections of which nothing is released in the end. A section that was accepted before another body disagreed stays.
const WITHHELD: [(&str, &str, &str); 12] = [
    ("2021-22", "csc", "child-protection"),
    ("2021-22", "csc", "children-in-need"),
    ("2021-22", "edu", "education-safeguarding"),
    ("2021-22", "edu", "recommendations"),
    ("2021-22", "iscp", "learning-reviews"),
    ("2021-22", "iscp", "training"),
    ("2021-22", "mps", "police-safeguarding"),
    ("2021-22", "mps", "recommendations"),
    ("2021-22", "mps", "youth-violence-exploitation"),
    ("2021-22", "nhsc-whittington", "health-safeguarding"),
    ("2021-22", "nhsc-whittington", "semh-waiting-times"),
    ("2021-22", "nhsm", "training"),
];

/// The bodies of 2021-22 of which not everything is accepted in the end; of 2020-21 everything is.
const NOT_WHOLE: [(&str, Outcome); 9] = [
    ("csc", Outcome::Refused),
    ("cst", Outcome::Queried),
    ("edu", Outcome::Refused),
    ("icb", Outcome::Queried),
    ("iscp", Outcome::Queried),
    ("mps", Outcome::Queried),
    ("nhsc-moorfields", Outcome::Queried),
    ("nhsc-whittington", Outcome::Queried),
    ("nhsm", Outcome::Queried),
];

/// Where a record does not say what the cell says letter by letter: sheet, cell, what stands there, what the record says.
const TIDIED: [(&str, &str, &str, &str); 9] = [
    ("Front door ", "B9", "11,147", "11147"),
    ("Front door ", "B16", "\u{a0}2,033\u{a0}", "2033"),
    ("Front door ", "B18", "355 referrals", "355"),
    ("Front door ", "B13", "0.146", "14.6"),
    ("Child protection", "B19", "44 (1)", "44"),
    ("recommendations", "Q8", "£12,500", "12500"),
    // In two files.
    ("Recommendations", "Q9", "n/a", "z"),
    ("Recommendations", "Q9", "n/a", "z"),
    ("Front door", "B4", "11,902", "11902"),
];

fn inbox() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inbox")
}

fn job(outbox: &Path, threads: usize) -> Summary {
    job_of(&inbox(), outbox, threads)
}

fn job_of(inbox: &Path, outbox: &Path, threads: usize) -> Summary {
    let as_of = as_of_file(inbox).unwrap().unwrap();
    let job = Job {
        inbox: inbox.to_owned(),
        outbox: outbox.to_owned(),
        waivers: inbox.join("no waivers"),
        as_of,
        year: None,
        threads,
        workers: None,
        disk: &safereturn::batch::System,
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

/// Whether a count is the sum of some of these less some others: whole numbers, each taken once at the most.
fn made_of(count: f64, cells: &[f64]) -> bool {
    let mut sums = BTreeSet::from([0_i64]);
    for cell in cells.iter().filter(|cell| cell.fract() == 0.0).map(|cell| *cell as i64) {
        sums = sums.iter().flat_map(|sum| [*sum, sum + cell, sum - cell]).collect();
    }
    sums.contains(&(count as i64))
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
    let (mut equal, mut tidied, mut derived, mut divided) = (0, BTreeSet::new(), 0, 0);
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
            // Of a difference or a sum, the record names no numerator.
            let number = |column: &str| record[column].parse::<f64>().ok();
            assert_eq!(number("numerator").is_some(), number("denominator").is_some(), "{what}");
            if let (Some(above), Some(below), Some(value)) =
                (number("numerator"), number("denominator"), number("value"))
            {
                let times = match record["unit"].as_str() {
                    "%" => 100.0,
                    unit => unit.rsplit(' ').find_map(|word| word.replace(',', "").parse().ok()).unwrap_or(1.0),
                };
                let decimals = record["value"].split_once('.').map_or(0, |(_, after)| after.len());
                let half = 0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap());
                let ours = times * above / below;
                assert!((ours - value).abs() <= half + 1e-9, "{what}: {ours} is not {value}");
                divided += 1;
                if record["unit"] == "%" {
                    // What is left of "355 referrals" when it is tidied.
                    let first = |text: &str| plain(text.trim().split(' ').next().unwrap_or_default());
                    let told: Vec<f64> = cells.iter().filter_map(|cell| look(cell)).map(|text| first(text)).collect();
                    assert!(made_of(above, &told) && made_of(below, &told), "{what}: {above} of {below}: {told:?}");
                }
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
    println!("the cells of {derived} derived ones are there, {divided} of them with what was divided by what");
    assert!(divided > 40, "{divided}");
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
        let sheets = raw::read(&path);
        assert_eq!(sheets.len(), report.workbook.sheets.len(), "{name}");
        for (sheet, raw) in &sheets {
            // The files of a folder or zip have an order of their own.
            let index = report.workbook.sheets.iter().position(|s| s.name == *sheet).unwrap();
            for (cell, text) in raw {
                cells += 1;
                let address = Address::new(index, cell.parse().unwrap());
                let there = places.iter().any(|place| match place {
                    Place::Cell(at) => *at == address,
                    Place::Figure(pointer) => report.figures.cell(pointer) == Some(address),
                    Place::Sheet(at) => *at == index && !report.figures.sheets.values().any(|s| s == at),
                    Place::Before(_) | Place::File => false,
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
    let told = NOT_ACCEPTED.map(|(file, section, outcome)| (file.to_owned(), section.to_owned(), outcome.to_owned()));
    let (accepted, not): (BTreeSet<_>, BTreeSet<_>) =
        found.into_iter().partition(|(_, _, outcome)| outcome == "accepted");
    assert_eq!(not, BTreeSet::from(told));
    println!("{} sections of {} files are accepted, {} are not", accepted.len(), submissions().len(), not.len());

    let lines: Vec<_> = summary.bodies.iter().map(|b| (b.year.as_str(), b.body.as_str(), b.outcome)).collect();
    let bodies: Vec<String> = Schemas::built_in().unwrap().agencies.bodies.iter().map(|b| b.key.clone()).collect();
    assert_eq!(lines.len(), 2 * bodies.len(), "every body returns for both years");
    let wrong: Vec<_> = lines.iter().filter(|(_, _, outcome)| *outcome != Outcome::Accepted).copied().collect();
    assert_eq!(wrong, NOT_WHOLE.map(|(body, outcome)| ("2021-22", body, outcome)));

    let received: BTreeSet<(String, String, String)> = accepted
        .iter()
        .chain(&not)
        .filter(|(_, section, _)| !section.is_empty())
        .map(|(file, section, _)| {
            let year = if file.contains("2020-21") { "2020-21" } else { "2021-22" };
            (year.to_owned(), file.split('/').next().unwrap().to_owned(), section.clone())
        })
        .collect();
    let documents: BTreeSet<(String, String, String)> = files
        .keys()
        .filter_map(|path| {
            let (year, rest) = path.split_once("/returns/")?;
            let (body, section) = rest.strip_suffix(".json")?.split_once('/')?;
            (!section.ends_with(".queried")).then(|| (year.to_owned(), body.to_owned(), section.to_owned()))
        })
        .collect();
    let withheld: Vec<_> =
        received.difference(&documents).map(|(y, b, s)| (y.as_str(), b.as_str(), s.as_str())).collect();
    assert_eq!(withheld, WITHHELD);
    let released: BTreeSet<(String, String, String)> = records(outbox.path())
        .into_iter()
        .map(|r| (r["year"].clone(), r["body"].clone(), r["section"].clone()))
        .collect();
    assert!(released.is_subset(&documents), "a record of a section that is not released");
    assert!(summary.to_string().contains("a lock file of an open workbook"), "{summary}");
}

fn copy_backwards(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    entries.sort();
    for name in entries.iter().rev() {
        if from.join(name).is_dir() {
            copy_backwards(&from.join(name), &to.join(name));
        } else {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

#[test]
fn a_second_run_does_nothing_and_threads_change_nothing() {
    let (one, summary) = &*RUN;
    assert!(!summary.nothing_new);
    let two = tempfile::tempdir().unwrap();
    // The same inbox elsewhere, its folders and files made in the opposite order: many systems list them as they came.
    let moved = tempfile::tempdir().unwrap();
    copy_backwards(&inbox(), &moved.path().join("inbox"));
    job_of(&moved.path().join("inbox"), two.path(), 2);
    let first = all(one.path());
    assert!(first == all(two.path()), "two threads, another place and another order write something else");
    let second = job(one.path(), 2);
    assert!(second.nothing_new && second.to_string().contains("nothing to do"), "{second}");
    assert!(first == all(one.path()), "the second run changed something");
}
