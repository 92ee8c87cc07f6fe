//! Every rule by its pair of cases: two whole returns that differ in one place, one that holds and one that fails.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use safereturn::case;
use safereturn::checks::Together;
use safereturn::finding::{Finding, Findings, Verdict};
use safereturn::report::Report;
use safereturn::schema::Schemas;

#[path = "common/each.rs"]
mod each;
#[path = "../examples/support/mod.rs"]
mod support;

use each::each;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);
static PAIRS: LazyLock<BTreeMap<String, (String, String)>> = LazyLock::new(pairs);
/// What each case that fails says: each is run once, for all that is asked of it.
static FAILING: LazyLock<BTreeMap<&str, Judged>> = LazyLock::new(|| {
    let cases: Vec<(&str, &str)> = PAIRS.iter().map(|(rule, (_, fails))| (rule.as_str(), fails.as_str())).collect();
    let judged = each(&cases, |(rule, fails)| run(rule, fails, None));
    cases.iter().map(|(rule, _)| *rule).zip(judged).collect()
});

fn root(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// The cases by rule: the text that holds and the text that fails.
fn pairs() -> BTreeMap<String, (String, String)> {
    let folders = std::fs::read_dir(root("schemas/cases")).unwrap();
    folders
        .map(|entry| {
            let folder = entry.unwrap().path();
            let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
            (folder.file_name().unwrap().to_string_lossy().into_owned(), (read("holds.txt"), read("fails.txt")))
        })
        .collect()
}

/// What a case is judged by: the last return, or, for a rule about several returns, what the board reads of all.
struct Judged {
    report: Report,
    others: Vec<Report>,
    together: Together,
    of_all: bool,
}

/// Rules about the returns of a year together.
fn is_of_all(rule: &str) -> bool {
    PACK.declared_across().any(|(id, _)| id == rule)
        || matches!(rule, "CMP-01" | "CMP-07" | "CMP-08")
        || rule.starts_with("WAI-")
}

fn run(rule: &str, text: &str, muted: Option<&str>) -> Judged {
    let findings = || muted.map_or_else(Findings::default, Findings::muting);
    let given = case::read(text).unwrap_or_else(|e| panic!("{e}"));
    let mut ran = case::run_together(given, &PACK, findings);
    ran.together.findings.retain(|found| Some(found.rule.as_str()) != muted);
    let report = ran.reports.pop().unwrap();
    Judged { report, others: ran.reports, together: ran.together, of_all: is_of_all(rule) }
}

/// A finding without what the layout or the wording decides.
fn identity(finding: &Finding) -> String {
    format!("{} {} {}", finding.severity.word(), finding.rule, finding.at)
}

impl Judged {
    fn said(&self) -> BTreeSet<String> {
        let board = self.together.findings.iter().map(|f| format!("{} {} {}", f.severity.word(), f.rule, f.at));
        if self.of_all { board.collect() } else { self.report.findings.iter().map(identity).collect() }
    }

    fn rules(&self) -> Vec<String> {
        let board = self.together.findings.iter().map(|f| f.rule.to_string());
        if self.of_all { board.collect() } else { self.report.findings.iter().map(|f| f.rule.to_string()).collect() }
    }

    /// What is open, and what the rule itself says.
    fn open(&self, rule: &str) -> Vec<String> {
        if self.of_all {
            let own = self.others.iter().chain([&self.report]).flat_map(|report| &report.findings);
            return own.filter(|f| f.is_open()).map(identity).chain(self.said()).collect();
        }
        let own = self.report.findings.iter().filter(|f| f.is_open() || f.rule.as_str() == rule);
        own.map(identity).collect()
    }

    fn verdicts(&self, rule: &str) -> BTreeSet<&Verdict> {
        let board = self.together.checks.iter().map(|compared| &compared.check);
        let checks: Vec<_> = if self.of_all { board.collect() } else { self.report.checks.iter().collect() };
        checks.into_iter().filter(|c| c.rule.as_str() == rule).map(|c| &c.verdict).collect()
    }
}

#[test]
fn each_case_that_holds_says_nothing_to_correct_and_the_other_says_its_own_rule_only() {
    let mut wrong = String::new();
    let rules: Vec<&String> = PAIRS.keys().collect();
    let all_held = each(&rules, |rule| run(rule, &PAIRS[*rule].0, None));
    for ((rule, (holds, fails)), held) in PAIRS.iter().zip(all_held) {
        let failed = &FAILING[rule.as_str()];
        let quiet = held.said();
        let open = held.open(rule);
        if !open.is_empty() {
            writeln!(wrong, "{rule}: holds.txt says {open:?}").unwrap();
        }
        // What the reader says of a file, and notes, are not planned for each place.
        let planned = !rule.starts_with("FIL-") && !rule.starts_with("TPL-");
        let verdicts = held.verdicts(rule);
        if planned && !verdicts.contains(&Verdict::Held) {
            writeln!(wrong, "{rule}: holds.txt does not hold it anywhere: {verdicts:?}").unwrap();
        }
        let new: Vec<String> = failed.said().difference(&quiet).cloned().collect();
        if new.len() != 1 || failed.rules().iter().filter(|said| *said == rule).count() != 1 {
            writeln!(wrong, "{rule}: fails.txt says {new:?}").unwrap();
        }
        if planned && !failed.verdicts(rule).contains(&Verdict::Failed) {
            writeln!(wrong, "{rule}: the account of fails.txt does not say that it failed").unwrap();
        }
        // With the last figure's column widened, only the text of the cells counts.
        let cells = |text: &str| -> Vec<String> {
            text.lines().map(|l| l.split('│').map(str::trim).collect::<Vec<_>>().join("│")).collect()
        };
        let (a, b) = (cells(holds), cells(fails));
        let apart =
            a.iter().filter(|line| !b.contains(line)).count().max(b.iter().filter(|line| !a.contains(line)).count());
        let moved = a.len().abs_diff(b.len());
        if moved == 0 && apart != 1 {
            writeln!(wrong, "{rule}: the two texts differ in {apart} lines").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_each_failing_case_says_is_as_reviewed() {
    for (rule, Judged { report, others, together, of_all }) in FAILING.iter() {
        let mut text = String::new();
        for found in together.findings.iter().filter(|_| *of_all) {
            writeln!(
                text,
                "to the board: {} {} {}\n  {}\n  {}",
                found.severity.word(),
                found.rule,
                found.at,
                found.message,
                found.help
            )
            .unwrap();
            for side in &found.sides {
                let own = others.iter().chain([report]).rfind(|r| r.body() == side.body).unwrap();
                let f = found.seen_by(&side.body).unwrap();
                let cells: Vec<String> =
                    f.labels.iter().map(|l| format!("{}: {}", own.place(&l.place), l.text)).collect();
                writeln!(text, "to {}: {}\n  {}\n  {}", side.body, identity(&f), f.message, cells.join("\n  "))
                    .unwrap();
            }
        }
        for f in report.findings.iter().filter(|_| !*of_all) {
            let cells: Vec<String> =
                f.labels.iter().map(|l| format!("{}: {}", report.place(&l.place), l.text)).collect();
            writeln!(text, "{}\n  {}\n  {}\n  {}", identity(f), f.message, f.help, cells.join("\n  ")).unwrap();
        }
        insta::with_settings!({ snapshot_path => "snapshots/cases", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(*rule, text);
        });
    }
}

#[test]
fn each_rule_is_needed_by_its_own_case_and_by_no_other() {
    let spoken: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> =
        FAILING.iter().map(|(rule, judged)| (*rule, (judged.said(), judged.rules().into_iter().collect()))).collect();
    // Without a rule, only a case in which it speaks can change.
    let others = |rule: &'static String| {
        spoken.iter().filter(move |(_, (_, rules))| rules.contains(rule)).map(move |(other, _)| (rule, *other))
    };
    let without: Vec<(&String, &str)> = PAIRS.keys().flat_map(others).collect();
    let afters = each(&without, |(rule, other)| run(other, &PAIRS[*other].1, Some(rule)).said());
    let mut wrong = String::new();
    for ((rule, other), after) in without.into_iter().zip(afters) {
        let own = other == rule;
        let missing: Vec<&String> =
            spoken[other].0.difference(&after).filter(|id| id.split(' ').nth(1) == Some(other)).collect();
        if own && missing.is_empty() {
            writeln!(wrong, "without {rule} its own case still says so").unwrap();
        }
        if !own && !missing.is_empty() {
            writeln!(wrong, "without {rule} the case of {other} is silent").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_rule_that_can_run_has_its_cases() {
    let pairs = &*PAIRS;
    let (mut with, mut without) = (0, Vec::new());
    for (id, entry) in &PACK.catalogue {
        if entry.not_run.is_some() {
            assert!(!pairs.contains_key(id), "{id} is said not to run, but has a case");
        } else if pairs.contains_key(id) {
            with += 1;
        } else if !id.starts_with("FIL-") {
            // What the reader says needs real bytes: tests/reader.rs and tests/hostile.rs.
            without.push(id);
        }
    }
    let known: Vec<&String> = pairs.keys().filter(|id| !PACK.catalogue.contains_key(*id)).collect();
    assert!(known.is_empty(), "cases of rules that the catalogue does not have: {known:?}");
    println!("{with} rules have their pair of cases");
    assert!(without.is_empty(), "no cases for {without:?}");
}
