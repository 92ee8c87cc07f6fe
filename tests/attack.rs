//! Faults that an adversary found: a wrong figure that passed, a right one that was refused, one lost without a word, a
//! child that could be recognised. Each test is a base return with one odd habit.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../examples/support/mod.rs"]
mod support;

use std::sync::LazyLock;

use safereturn::case;
use safereturn::report::{Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::notation;

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());

/// A base return of some sections as text, which the test changes in one place.
fn base(name: &str, sections: &[&str]) -> String {
    let sections: Vec<String> = sections.iter().map(|s| (*s).to_owned()).collect();
    let laid = support::base(&PACK, name, &sections, &[]);
    format!("== {}\n{}\n", support::heading(name), notation::write(&laid.workbook))
}

/// The text with a cell of the row that begins with a label changed: column 1 is B.
fn set_at(text: &str, label: &str, column: usize, value: &str) -> String {
    let mut done = false;
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let mut cells: Vec<String> = line.split('│').map(str::to_owned).collect();
            if done || cells.get(1).map(|c| c.trim()) != Some(label) {
                return line.to_owned();
            }
            done = true;
            cells.resize(cells.len().max(column + 2), String::new());
            cells[column + 1] = format!(" {value} ");
            cells.join("│")
        })
        .collect();
    assert!(done, "no row {label}");
    lines.join("\n")
}

fn set(text: &str, label: &str, value: &str) -> String {
    set_at(text, label, 1, value)
}

fn rename(text: &str, label: &str, other: &str) -> String {
    set_at(text, label, 0, other)
}

fn check(text: &str) -> Report {
    case::run(case::read(text).unwrap_or_else(|e| panic!("{e}")), &PACK).pop().unwrap()
}

/// `error CEL-01 /children-in-need/…`, notes left out.
fn open(report: &Report) -> Vec<String> {
    let open = report.findings.iter().filter(|f| f.is_open());
    open.map(|f| format!("{} {} {}", f.severity.word(), f.rule, f.at)).collect()
}

#[test]
fn a_misspelt_label_does_not_hide_what_is_wrong_with_its_figure() {
    let text = base("csc-2020-21", &["children-in-need"]);
    let (right, wrong) = ("Child in need plans in place at 31 March", "Child in need plan in place at 31 March");
    let text = rename(&text, right, wrong);
    for (value, rule) in [("", "CMP-04"), ("-611", "CEL-02"), ("611.5", "CEL-01")] {
        let report = check(&set(&text, wrong, value));
        assert_eq!(report.outcome, Outcome::Refused, "{value:?}: {:?}", open(&report));
        assert!(open(&report).iter().any(|f| f.contains(rule)), "{value:?}: {:?}", open(&report));
    }
    assert_eq!(open(&check(&text)), ["query TPL-01 /children-in-need/cin_plans_open_end"]);
}

#[test]
fn a_figure_typed_in_the_wrong_column_is_not_lost() {
    let text = base("csc-2020-21", &["front-door"]);
    let label = "Different children with a contact";
    for value in ["9,000", "'9,000", "'9000"] {
        assert_eq!(open(&check(&set_at(&text, label, 3, value))), ["query TPL-07 /front-door/contacts_children"]);
        let report = check(&set_at(&text, label, 4, value));
        assert!(report.findings.iter().any(|f| f.rule.as_str() == "TPL-03"), "{value} in the column of units");
    }
    let report = check(&set_at(&text, label, 3, "Counted by hand, 2 of them twice"));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn a_percent_sign_that_is_only_shown_does_not_multiply() {
    let text = base("csc-2020-21", &["front-door"]);
    let label = "Domestic abuse, as % of contacts";
    for value in ["15.6 {format 0.0\"%\"}", "15.6 {format 0.0\\\\%}", "15.6", "15.6%"] {
        assert_eq!(open(&check(&set(&text, label, value))), Vec::<String>::new(), "{value}");
    }
}

#[test]
fn a_hidden_figure_is_asked_about_where_it_cannot_be_small() {
    let text = base("csc-2020-21", &["children-in-need"]);
    // The rows of each table under it say 2,019.
    let total = check(&set(&text, "Children in need episodes open at 31 March", "c"));
    assert!(open(&total).iter().any(|f| f == "query COD-09 /children-in-need/cin_open_end"), "{:?}", open(&total));
    // Nothing else says how large this one is, but the cover says that nothing was hidden.
    let plans = set(&text, "Child in need plans in place at 31 March", "c");
    assert_eq!(open(&check(&plans)), ["query COD-09 /children-in-need"]);
    // It says that they were: then the small ones have to be hidden as well.
    let half = set(&set(&plans, "How small numbers were hidden", "1-5"), "Other cells hidden to protect them", "y");
    assert_eq!(open(&check(&half)), ["query DIS-09 /children-in-need"]);
    let small = ["Female genital mutilation", "Abuse linked to faith or belief", "Child criminal exploitation"];
    let honest = small.iter().fold(half, |text, label| set(&text, label, "c"));
    assert_eq!(open(&check(&honest)), Vec::<String>::new());
}

#[test]
fn a_bound_that_is_not_small_is_asked_about() {
    let text = base("csc-2020-21", &["children-in-need"]);
    let label = "Child in need plans in place at 31 March";
    let report = check(&set(&text, label, "<2100"));
    assert!(
        open(&report).contains(&"query TPL-07 /children-in-need/cin_plans_open_end".to_owned()),
        "{:?}",
        open(&report)
    );
}

const ANSWERS: &str = "
-- Explanations
     │ A │ B │ C │ D │ E │ F │ G │ H │ I
   6 │ Answers to queries
   7 │ Line │ Rule or finding │ Sheet │ Figure or record │ Given for the figure │ Kind of reason │ Your explanation in words │ Given by (role) │ Day it was given
";

/// A line of the explanations about an approximate figure.
fn answer(line: usize, about: &str, given_for: &str) -> String {
    let why = "The figure is right: we have counted it by hand twice.";
    format!(
        "   {} │ {line} │ TPL-07 │ children-in-need │ {about} │ {given_for} │ other │ {why} │ Analyst │ 2021-06-01\n",
        line + 7
    )
}

#[test]
fn an_answer_counts_whatever_old_line_stands_under_it_and_however_the_figure_is_named() {
    let plans = "Child in need plans in place at 31 March";
    let text = set(&base("csc-2020-21", &["children-in-need"]), plans, "'c. 611");
    assert_eq!(open(&check(&text)).len(), 1);
    let (right, stale) = (answer(1, plans, "'c. 611"), answer(2, plans, "590"));
    for answers in [right.clone(), format!("{right}{stale}"), answer(1, "B14", "'c. 611")] {
        let report = check(&format!("{text}\n{ANSWERS}{answers}"));
        assert_eq!(open(&report), Vec::<String>::new(), "{answers}");
    }
    let id = check(&text).findings[0].id("2020-21", "csc");
    // A decision of the board manager about another figure does not undo the agency's own answer.
    let text = text.replacen("== 2020-21 csc", &format!("== 2020-21 csc\nwaiver: {id} | 590 | chair | agreed"), 1);
    assert_eq!(open(&check(&text)).len(), 1, "the figure has moved since the decision");
    assert_eq!(open(&check(&format!("{text}\n{ANSWERS}{right}"))), Vec::<String>::new());
    // One that was renewed for the figure as it is now counts, wherever it stands.
    let renewed = format!("\nwaiver: {id} | c. 611 | chair | agreed again\nwaiver: {id} | 580 | chair | agreed");
    assert_eq!(open(&check(&text.replacen("| agreed", &format!("| agreed{renewed}"), 1))), Vec::<String>::new());
}

#[test]
fn a_row_that_a_later_submission_leaves_out_is_told() {
    let first = base("csc-2020-21", &["recommendations"]);
    let shorter: Vec<&str> = first.lines().filter(|l| !l.contains("CSC-2020-02")).collect();
    let second = set(&shorter.join("\n"), "Number of this submission", "2");
    let report = check(&format!("{first}\n{second}"));
    let said: Vec<&str> =
        report.findings.iter().filter(|f| f.rule.as_str() == "XPE-12").map(|f| f.message.as_str()).collect();
    assert_eq!(said, ["1 row was left out since submission 1: CSC-2020-02."]);
}

#[test]
fn a_comment_is_not_passed_over_without_a_word() {
    let text = base("csc-2020-21", &["children-in-need"]);
    let text = text.replacen("-- Children in need\n", "-- Children in need\nnote B8: should be 2,091, ask Jo\n", 1);
    let report = check(&text);
    let said: Vec<&str> = report.findings.iter().map(|f| f.message.as_str()).collect();
    let figure = "B8 (“Children in need episodes open at 31 March”: 2,019)";
    let expected =
        format!("A figure has a comment: {figure}. We do not read comments, and took the figure as it is typed.");
    assert_eq!(said, [expected]);
    assert_eq!(report.outcome, Outcome::Queried);
}

#[test]
fn a_total_row_that_says_more_than_its_rows_is_asked_about() {
    let text = base("csc-2020-21", &["child-protection"]);
    let total = |text: &str, said: &str| {
        let last =
            text.lines().find(|l| l.split('│').nth(1).is_some_and(|label| label.trim() == "Another agency")).unwrap();
        let row: usize = last.split('│').next().unwrap().trim().parse().unwrap();
        text.replace(last, &format!("{last}\n {} │ Total │ {said} │ 606 │ 547", row + 1))
    };
    let report = check(&total(&text, "866"));
    assert_eq!(open(&report), Vec::<String>::new());
    assert!(report.findings.iter().any(|f| f.rule.as_str() == "TAB-11"));
    assert_eq!(open(&check(&total(&text, "900"))), ["query TAB-11 /child-protection/icpc_attendance"]);
}

#[test]
fn no_explanation_takes_the_place_of_a_figure() {
    let text = base("csc-2020-21", &["children-in-need"]);
    let plans = "Child in need plans in place at 31 March";
    let report = check(&format!("{}\n{ANSWERS}{}", set(&text, plans, "'-"), answer(1, plans, "'-")));
    assert_eq!(open(&report), ["error TPL-07 /children-in-need/cin_plans_open_end"]);
    assert_eq!(report.outcome, Outcome::Refused);
}
