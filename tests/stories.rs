//! Stories from published figures of Islington (fixtures F1 to F16) and from invented ones, as an agency would be told them: at 80 columns, and the
//! facts that must not change.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use safereturn::case;
use safereturn::finding::{Finding, Severity, Verdict};
use safereturn::record::{Publishable, Record, Source, records};
use safereturn::render::{Format, Style, render};
use safereturn::report::Report;
use safereturn::schema::Schemas;

#[path = "../examples/support/mod.rs"]
mod support;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

/// What became of the last return of a story.
fn story(name: &str) -> Report {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/stories/{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let report = case::run(case::read(&text).unwrap(), &PACK).pop().unwrap();
    let human = render(&report, Format::Human, &Style { width: 80, ..Style::default() });
    insta::with_settings!({ snapshot_path => "snapshots/stories", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, human);
    });
    report
}

/// The one finding of a rule.
fn only<'a>(report: &'a Report, rule: &str) -> &'a Finding {
    let found: Vec<&Finding> = report.findings.iter().filter(|f| f.rule.as_str() == rule).collect();
    let [one] = found.as_slice() else { panic!("{rule} speaks {} times: {found:?}", found.len()) };
    one
}

/// The cells that a finding names, in its order.
fn cells(report: &Report, finding: &Finding) -> Vec<String> {
    finding.labels.iter().map(|l| report.place(&l.place)).collect()
}

fn verdicts<'a>(report: &'a Report, rule: &str) -> Vec<&'a Verdict> {
    report.checks.iter().filter(|c| c.rule.as_str() == rule).map(|c| &c.verdict).collect()
}

fn held(report: &Report, rule: &str) -> bool {
    verdicts(report, rule).contains(&&Verdict::Held)
}

fn undecided(report: &Report, rule: &str) -> bool {
    verdicts(report, rule).iter().any(|v| matches!(v, Verdict::Undecided(_)))
}

fn quiet(report: &Report) {
    let said: Vec<String> = report.findings.iter().map(|f| format!("{} {}", f.rule, f.message)).collect();
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn f1_the_flow_of_children_in_need() {
    let report = story("F1-cin-flow");
    quiet(&report);
    assert!(held(&report, "STK-01") && held(&report, "STK-10"));

    let report = story("F1-cin-flow-typed-wrong");
    let finding = only(&report, "STK-01");
    assert_eq!(finding.severity, Severity::Error);
    let mut named = cells(&report, finding);
    named.sort();
    let four = ["B5", "B6", "B7", "B8"].map(|cell| format!("Children in need!{cell}"));
    assert_eq!(named, four, "all four cells are named");
    assert_eq!(finding.found.as_deref(), Some("2,091"));
    assert_eq!(finding.expected.as_deref(), Some("2,019"));
    assert_eq!(finding.difference.as_deref(), Some("72"));
    assert!(finding.message.contains("1,946 + 1,463 − 1,390 = 2,019") && finding.message.contains("2,091"));
    assert!(finding.help.starts_with("Check the four figures"));
}

#[test]
fn f1_with_a_figure_that_is_hidden() {
    let report = story("F1-cin-flow-started-hidden");
    quiet(&report);
    assert!(undecided(&report, "STK-01") && !held(&report, "STK-01"));

    let report = story("F1-cin-flow-started-hidden-and-end-wrong");
    let finding = only(&report, "STK-01");
    assert_eq!(finding.expected.as_deref(), Some("at least 556"));
    assert_eq!(finding.difference.as_deref(), Some("at least 56"));
    assert!(finding.message.contains("at least 556") && finding.message.contains("500"), "{}", finding.message);
}

#[test]
fn f3_f4_conferences_by_child_and_by_family() {
    let report = story("F3-conference-bands");
    quiet(&report);
    assert!(["TAB-03", "TAB-04", "ROW-12"].into_iter().all(|rule| held(&report, rule)));

    let report = story("F4-late-meetings-and-late-children");
    quiet(&report);
    assert!(held(&report, "XSE-06"));

    let report = story("F4-more-late-meetings-than-late-children");
    let finding = only(&report, "XSE-06");
    assert_eq!((report.findings.len(), finding.severity), (1, Severity::Error));
    assert!(finding.message.contains("44") && finding.message.contains("38"));
}

#[test]
fn f5_the_gap_is_in_percentage_points() {
    quiet(&story("F5-gap-to-london"));
    let report = story("F5-gap-to-london-in-per-cent");
    let finding = only(&report, "ROW-12");
    assert_eq!((report.findings.len(), finding.severity), (1, Severity::Query));
    assert!(finding.message.contains("−13.2") && finding.message.contains("−10.3"), "{}", finding.message);
}

#[test]
fn f6_f7_f8_lengths_of_time_on_a_plan_some_hidden() {
    let report = story("F6-plan-durations");
    quiet(&report);
    assert!(held(&report, "TAB-01"));
    for name in ["F7-plan-durations-hidden", "F8-plan-durations-hidden-of-2022"] {
        let report = story(name);
        quiet(&report);
        assert!(undecided(&report, "TAB-01"), "{name}");
    }
    // Without secondary suppression the two hidden rows are 1 to 5 each.
    let report = story("F7-plan-durations-hidden-without-secondary");
    let finding = only(&report, "TAB-01");
    assert_eq!(finding.expected.as_deref(), Some("between 146 and 154"));
    assert_eq!(finding.difference.as_deref(), Some("at least 27"));
}

#[test]
fn f9_f10_f11_f14_shares_and_rates() {
    for (name, rule) in [
        ("F9-repeat-plans", "TAB-05"),
        ("F10-referrals", "TAB-05"),
        ("F11-plan-rate", "TAB-14"),
        ("F14-domestic-abuse-share", "TAB-05"),
    ] {
        let report = story(name);
        quiet(&report);
        assert!(held(&report, rule), "{name}");
    }
    for (name, rule, found, expected, difference) in [
        ("F9-repeat-plans-typed-wrong", "TAB-05", "11.5%", "10.5%", "1.0 percentage points"),
        ("F11-plan-rate-of-another-year", "TAB-14", "53.0", "52.1", "0.9"),
        ("F14-domestic-abuse-share-typed-wrong", "TAB-05", "15.6%", "15.5%", "0.1 percentage points"),
    ] {
        let report = story(name);
        let finding = only(&report, rule);
        assert_eq!((report.findings.len(), finding.severity), (1, Severity::Error), "{name}");
        assert_eq!(finding.found.as_deref(), Some(found), "{name}");
        assert_eq!(finding.expected.as_deref(), Some(expected), "{name}");
        assert_eq!(finding.difference.as_deref(), Some(difference), "{name}");
    }
}

#[test]
fn a_share_that_is_cut_off_is_a_note() {
    let report = story("C04-share-cut-off");
    let finding = only(&report, "TAB-05");
    assert_eq!((report.findings.len(), finding.severity), (1, Severity::Note));
    assert!(finding.message.contains("15.5%") && finding.message.contains("15.6%"), "{}", finding.message);
}

#[test]
fn f2_late_corrections_of_last_years_end_are_noted() {
    let report = story("F2-cin-opening");
    let finding = only(&report, "XPE-06");
    assert_eq!(finding.severity, Severity::Note);
    assert!(finding.message.contains("2,091") && finding.message.contains("1,946"), "{}", finding.message);
}

#[test]
fn f16_a_jump_is_questioned_and_a_step_is_not() {
    let report = story("F16-enquiries-year-on-year");
    let finding = only(&report, "XPE-05");
    assert_eq!((report.findings.len(), finding.severity), (1, Severity::Query));
    assert_eq!(finding.at.to_string(), "/child-protection/s47_started");
    assert!(finding.message.contains("525") && finding.message.contains("1,378"), "{}", finding.message);
}

/// The records that a return would be released as.
fn released(report: &Report, section: &str) -> Vec<Record> {
    let form = PACK.form(&report.figures.kind, report.year()).unwrap();
    let source = Source {
        figures: &report.figures,
        workbook: &report.workbook,
        kind: &report.figures.kind,
        sections: &form.sections,
        sha256: "",
        body: report.body(),
    };
    records(&source, &BTreeSet::from([section.to_owned()]))
}

#[test]
fn f21_a_relative_rate_of_six_children_is_worked_out_but_never_shown() {
    let report = story("F21-relative-rate-of-six");
    quiet(&report);
    assert!(held(&report, "TAB-14"));
    let all = released(&report, "youth-justice");
    let rate = |table: &str, row: &str| {
        let found: Vec<&Record> = all
            .iter()
            .filter(|r| r.measure == "rri" && r.table == table && r.breakdown.ends_with(&format!("={row}")))
            .collect();
        let [one] = found.as_slice() else { panic!("{} records of {row}", found.len()) };
        (one.value.clone(), one.publishable, one.why.clone())
    };
    let withheld = |value: &str| (value.to_owned(), Publishable::Withhold, "of fewer than 10".to_owned());
    let shown = |value: &str| (value.to_owned(), Publishable::Yes, String::new());
    // Six children of 480, beside 34 of 6,780 White children.
    assert_eq!(rate("disproportionality", "MWBA"), withheld("2.49"));
    assert_eq!(rate("disproportionality", "BCRB"), shown("4.08"));
    assert_eq!(rate("disproportionality_groups", "ASIAN"), withheld("0.65"));
    assert_eq!(rate("disproportionality_groups", "BLACK"), shown("2.43"));
    assert_eq!(rate("disproportionality_groups", "WHITE"), shown("1"));
    // Of nobody, too: that there is not one is no rate to show.
    assert_eq!(rate("disproportionality", "WIRT"), withheld("0"));
    // Who is not known lives nowhere: no share of the population, so none of these.
    let unknown = |r: &&Record| r.breakdown.ends_with("=NOBT") && r.value.is_empty() != (r.measure == "pop");
    assert_eq!(all.iter().filter(unknown).count(), 0, "nothing but the cohort of a row of not known");

    let finding_of = story("F21-relative-rate-typed-wrong");
    let finding = only(&finding_of, "TAB-14");
    assert_eq!((finding.found.as_deref(), finding.expected.as_deref()), (Some("2.94"), Some("2.49")));
}

#[test]
fn the_year_in_which_the_monthly_meeting_became_a_daily_one_is_one_year() {
    let report = story("B8-the-year-the-meeting-changed");
    let sums: Vec<&Finding> = report.findings.iter().filter(|f| f.rule.as_str() == "TAB-01").collect();
    let both = sums.iter().find(|f| f.at.to_string() == "/domestic-abuse-dsm/dsm_cases").unwrap();
    assert!(
        both.message.starts_with("342 cases at MARAC until December and 144 at the daily meeting"),
        "{}",
        both.message
    );
}

#[test]
fn what_hospitals_hide_and_round_is_no_fall() {
    let report = story("B10-assaults-under-the-rule-of-hospitals");
    quiet(&report);
}

#[test]
fn every_story_is_told() {
    let stories = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let source = [include_str!("stories.rs"), include_str!("stories_layout.rs")].concat();
    for entry in std::fs::read_dir(stories).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            (source.contains(&format!("\"{name}\"")) || source.contains(&format!("{name}.txt"))),
            "nobody tells {name}"
        );
    }
}
