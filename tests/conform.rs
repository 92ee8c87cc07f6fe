//! Single figures against their schema: one slip is one finding, and everything that hangs on it waits.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;

use safereturn::case;
use safereturn::finding::{Finding, Severity, Verdict};
use safereturn::report::Report;
use safereturn::schema::Schemas;

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());
const IN_NEED: &str = include_str!("../schemas/cases/STK-01/holds.txt");
const FRONT_DOOR: &str = include_str!("../schemas/cases/CEL-04/holds.txt");
const RECOMMENDATIONS: &str = include_str!("../schemas/cases/CEL-06/holds.txt");

/// Checks a return in which the cell beside some words says something else.
fn with(text: &str, words: &str, says: &str) -> Report {
    let mut found = 0;
    let lines = text.lines().map(|line| {
        let mut cells: Vec<&str> = line.split('│').collect();
        if cells.get(1).is_some_and(|label| label.trim() == words) && cells.len() > 2 {
            found += 1;
            cells[2] = says;
        }
        cells.join("│")
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(found, 1, "{words}");
    case::run(case::read(&text).unwrap(), &PACK).pop().unwrap()
}

fn only(report: &Report) -> &Finding {
    let said: Vec<String> = report.findings.iter().map(|f| format!("{} {}", f.rule, f.message)).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    &report.findings[0]
}

#[test]
fn what_depends_on_a_wrong_figure_is_not_judged() {
    for (says, rule) in [("-1,390", "CEL-02"), ("1,390.5", "CEL-01")] {
        let report = with(IN_NEED, "Children in need episodes ended in the year", says);
        assert_eq!(only(&report).rule.as_str(), rule);
        let flow = report.checks.iter().find(|c| c.rule.as_str() == "STK-01").unwrap();
        assert!(matches!(flow.verdict, Verdict::Undecided(_)), "{flow:?}");
    }
}

#[test]
fn a_fraction_is_noted_where_the_figures_say_so_and_a_question_elsewhere() {
    let known = with(FRONT_DOOR, "Domestic abuse, as % of contacts", "0.156");
    assert_eq!((only(&known).rule.as_str(), only(&known).severity), ("CEL-04", Severity::Note));
    let alone = with(FRONT_DOOR, "Last year’s domestic abuse percentage, same definition", "0.156");
    assert_eq!((only(&alone).rule.as_str(), only(&alone).severity), ("CEL-04", Severity::Query));
    // As Excel keeps 15.6%, it is right; 1.56 is wrong, but no fraction.
    let right = with(FRONT_DOOR, "Domestic abuse, as % of contacts", "15.6%");
    assert!(right.findings.is_empty());
    let other = with(FRONT_DOOR, "Domestic abuse, as % of contacts", "1.56");
    assert_eq!(only(&other).rule.as_str(), "TAB-05");
}

#[test]
fn an_impossible_date_fails_once_and_at_its_own_place() {
    let report = with(RECOMMENDATIONS, "Day the figures were run", "31/02/2021");
    let found = only(&report);
    assert_eq!((found.rule.as_str(), found.severity), ("CEL-06", Severity::Error));
    let failed: Vec<_> =
        report.checks.iter().filter(|c| c.rule.as_str() == "CEL-06" && c.verdict == Verdict::Failed).collect();
    assert_eq!(failed.iter().map(|c| &c.at).collect::<Vec<_>>(), [&found.at]);
}

#[test]
fn a_day_far_from_the_year_is_asked_about() {
    let text = RECOMMENDATIONS.replacen("2022-03-31 {format yyyy-mm-dd}", "2026-03-31", 1);
    let report = case::run(case::read(&text).unwrap(), &PACK).pop().unwrap();
    assert_eq!((only(&report).rule.as_str(), only(&report).severity), ("CEL-06", Severity::Query));
}

#[test]
fn a_blank_says_what_to_type_by_the_kind_of_its_value() {
    for (words, help) in [
        ("Day the figures were run", "Type the date, year first, for example 2021-03-31."),
        ("Provisional or final", "Choose one from the list: Provisional; Final."),
        ("Prepared by (role)", "Please fill it in. A role, never a name."),
        ("Number of this submission", "Type the number. 1 for the first, 2 for the one that corrects it, and so on."),
    ] {
        let report = with(RECOMMENDATIONS, words, "");
        assert_eq!(only(&report).rule.as_str(), "CMP-04");
        assert_eq!(
            (only(&report).message.as_str(), only(&report).help.as_str()),
            (format!("“{words}” is blank.").as_str(), help)
        );
    }
    let report = with(IN_NEED, "Assessments completed in the year", "");
    let blank = report.findings.iter().find(|f| f.rule.as_str() == "CMP-04").unwrap();
    assert_eq!(
        blank.help,
        "Type the number: 0 if there were none, or x if it is not available. We never take a blank for 0."
    );
}
