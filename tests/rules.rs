//! The rule language from outside: known answers, soundness of random rules, and agreement with CEL.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

#[path = "common/oracle.rs"]
mod oracle;

use std::sync::Arc;

use safereturn::cell::Pointer;
use safereturn::figure::{Comparison, Interval, Kleene, format_plain};
use safereturn::rules::{
    Expression, Fault, HOLIDAYS, Known, Node, Outcome, Shape, evaluate, lower, lower_value, parse, value,
};
use serde_json::{Value, json};

use Kleene::{Fails, Holds, Undecided};

/// Data for a shape, from JSON: numbers as they are, `"c"` suppressed, `"z"`, `""` blank, `"?"` faulty, `"0..4"` a range,
/// dates as in ISO. Names that are not there are missing.
fn node(shape: &Shape, json: &Value, pointer: &Pointer) -> Node {
    let leaf = |value, shown: &str| Node::leaf(pointer.clone(), value, shown);
    match (shape, json) {
        (_, Value::String(text)) if text.is_empty() => leaf(Known::Absent, ""),
        (_, Value::String(text)) if text == "?" => leaf(Known::Faulty, "rubbish"),
        (_, Value::String(text)) if text == "z" => leaf(Known::NotApplicable, "z"),
        (Shape::Record(fields), Value::Object(values)) => {
            Node::record(values.iter().map(|(key, value)| (key, node(&fields[key], value, &pointer.child(key)))))
        }
        (Shape::Table { row, .. }, Value::Object(rows)) => Node::rows(
            rows.iter().map(|(key, value)| (key.clone(), pointer.child(key), node(row, value, &pointer.child(key)))),
        ),
        (Shape::Codes, Value::Array(codes)) => {
            let codes: Vec<String> = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
            let shown = codes.join("; ");
            leaf(Known::Codes(codes), &shown)
        }
        (Shape::Text, Value::String(text)) => leaf(Known::Text(text.clone()), text),
        (Shape::Truth, Value::Bool(truth)) => leaf(Known::Truth(*truth), if *truth { "yes" } else { "no" }),
        (Shape::Date, Value::String(text)) => {
            let date: chrono::NaiveDate = text.parse().unwrap();
            let days = date.signed_duration_since(chrono::NaiveDate::default()).num_days();
            let days = f64::from(i32::try_from(days).unwrap());
            leaf(Known::Number(Interval::exact(days)), &date.format("%-d %B %Y").to_string())
        }
        (Shape::Figure, Value::Number(n)) => {
            let n = n.as_f64().unwrap();
            leaf(Known::Number(Interval::exact(n)), &format_plain(n))
        }
        (Shape::Figure, Value::String(text)) if text == "c" => leaf(Known::Number(Interval::at_least(0.0)), "c"),
        (Shape::Figure, Value::String(text)) => {
            let (lo, hi) = text.split_once("..").unwrap();
            leaf(Known::Number(Interval::new(lo.parse().unwrap(), hi.parse().unwrap())), text)
        }
        (shape, json) => panic!("{json} is no {shape:?}"),
    }
}

/// A section like child protection, with last year's, a cover, another section, parameters and reference figures.
fn shape() -> Shape {
    use Shape::{Codes, Date, Figure, Text, Truth};
    let section = vec![
        ("cpp_open_start", Figure),
        ("cpp_started", Figure),
        ("cpp_ended", Figure),
        ("cpp_open_end", Figure),
        ("icpc_total", Figure),
        ("icpc_conferences", Figure),
        ("icpc_on_time_pct", Figure),
        ("icpc_on_time", Figure),
        ("icpc_late", Figure),
        ("signed_off", Truth),
        (
            "cpp_by_category",
            Shape::table(Shape::record([("children", Figure), ("pct", Figure)]), ["NEG", "EMO", "0-4"]),
        ),
        ("durations", Shape::list(Shape::record([("median", Figure), ("p90", Figure), ("longest", Figure)]))),
        (
            "recommendations",
            Shape::list(Shape::record([
                ("rec_id", Text),
                ("status", Text),
                ("owners", Codes),
                ("start_date", Date),
                ("completed_date", Date),
                ("attended", Shape::record([("police", Figure), ("health", Figure)])),
            ])),
        ),
    ];
    let last = Shape::record(section.clone());
    let rest = vec![
        ("last", last),
        ("cover", Shape::record([("reporting_year", Text), ("period_end", Date)])),
        ("sections", Shape::record([("front-door", Shape::record([("referrals_total", Figure)]))])),
        ("param", Shape::record([("opening", Shape::record([("cpp", Figure)]))])),
        ("reference", Shape::record([("population_0_17", Figure)])),
        // In the data of every rule, and named by none.
        (HOLIDAYS, Shape::list(Date)),
    ];
    Shape::record(section.into_iter().chain(rest))
}

fn data() -> Value {
    json!({
        "cpp_open_start": 1946, "cpp_started": 1463, "cpp_ended": 1390, "cpp_open_end": 2019,
        "icpc_total": 556, "icpc_conferences": 139, "icpc_on_time_pct": 67.6, "icpc_on_time": 376, "icpc_late": "",
        "signed_off": true,
        "cpp_by_category": {
            "NEG": {"children": 1000, "pct": 49.5}, "EMO": {"children": 1019, "pct": 50.5}, "0-4": {"children": "z"}
        },
        "durations": {
            "short": {"median": 20, "p90": 40, "longest": 61}, "long": {"median": 74, "p90": "", "longest": 61}
        },
        "recommendations": {
            "CSC-1": {"rec_id": "CSC-1", "status": "complete", "owners": ["csc", "police"], "start_date": "2020-06-01",
                      "completed_date": "2021-02-01", "attended": {"police": 3, "health": 4}},
            "CSC-2": {"rec_id": "CSC-2", "status": "complete", "owners": ["csc"], "start_date": "2020-06-01",
                      "completed_date": "", "attended": {"police": "c", "health": "?"}},
            "CSC-3": {"rec_id": "CSC-3", "status": "open", "owners": [], "start_date": "2021-06-01",
                      "completed_date": "", "attended": {"police": 1, "health": 2}}
        },
        "last": {"cpp_open_end": 1900, "cpp_started": "?"},
        "cover": {"reporting_year": "2020-21", "period_end": "2021-03-31"},
        "sections": {"front-door": {"referrals_total": 2033}},
        "param": {"opening": {"cpp": 20}},
        "reference": {"population_0_17": 37245},
        "holidays": {"a": "2020-05-25", "b": "2020-12-25", "c": "2021-01-01", "d": "2021-04-02"}
    })
}

fn run_on(rule: &str, json: &Value) -> Vec<Outcome> {
    oracle::same_as_cel(rule).unwrap_or_else(|why| panic!("{rule}: {why}"));
    let shape = shape();
    let lowered = lower(rule, &shape).unwrap_or_else(|faults| panic!("{rule}: {faults:?}"));
    evaluate(&lowered, &node(&shape, json, &Pointer::section("child-protection")))
}

fn run(rule: &str) -> Vec<Outcome> {
    run_on(rule, &data())
}

fn one(rule: &str) -> Outcome {
    let mut outcomes = run(rule);
    assert_eq!(outcomes.len(), 1, "{rule}");
    outcomes.remove(0)
}

/// Pointers read, without the section.
fn reads(outcome: &Outcome) -> Vec<&str> {
    outcome.reads.iter().map(|read| read.pointer.as_str().trim_start_matches("/child-protection/")).collect()
}

#[test]
fn known_answers() {
    for (rule, verdict, row) in [
        // The seven of the design.
        ("cpp_open_start + cpp_started - cpp_ended == cpp_open_end", Holds, None),
        ("sum(cpp_by_category.children) == cpp_open_end", Holds, None),
        ("icpc_total <= 4 * icpc_conferences", Holds, None),
        ("near(icpc_on_time_pct, percentage(icpc_on_time, icpc_total), 0.05)", Holds, None),
        ("near(cpp_open_start, last.cpp_open_end, param.opening.cpp)", Fails, None),
        ("true && durations.all(r, r.median <= r.p90 && r.p90 <= r.longest)", Undecided, Some("long")),
        ("true && recommendations.all(r, r.status != 'complete' || has(r.completed_date))", Fails, Some("CSC-2")),
        // Loops and lists.
        ("true && durations.all(r, r.median <= r.longest)", Fails, Some("long")),
        ("durations.exists(r, r.median > 60)", Holds, Some("long")),
        ("durations.exists(r, r.median > 600)", Fails, None),
        ("sum(durations.map(r, r.longest - r.median)) == 28", Holds, None),
        ("size(recommendations.filter(r, r.status == 'complete')) == 2", Holds, None),
        ("sum(recommendations.filter(r, r.rec_id == 'CSC-1').attended.police) == 3", Holds, None),
        ("sum(recommendations.attended.police) >= 4", Holds, None),
        ("sum(recommendations.attended.police) == 3", Fails, None),
        ("sum(recommendations.attended.police) == 9", Undecided, None),
        ("max(durations.median) == 74 && min([3, 2.5, cpp_ended]) == 2.5", Holds, None),
        ("recommendations.status.exists(s, s == 'open')", Holds, Some("CSC-3")),
        // A second row fails where the first only has a false left side.
        ("true && durations.all(r, r.median > 60 && false || r.median < 60)", Fails, Some("long")),
        ("[1, 2, 3].exists(n, n * 2 == 4)", Holds, None),
        // Texts, codes, dates.
        ("cover.reporting_year in ['2019-20', \"2020-21\"]", Holds, None),
        ("3 in [1, 2, icpc_late]", Undecided, None),
        ("2 in [1, 2, icpc_late]", Holds, None),
        ("recommendations.exists(r, 'police' in r.owners)", Holds, Some("CSC-1")),
        ("recommendations.exists(r, r.owners.exists(o, o == 'health'))", Fails, None),
        ("cover.period_end == year_end(cover.reporting_year)", Holds, None),
        ("cover.period_end - year_start(cover.reporting_year) == 364", Holds, None),
        ("cover.period_end >= date('2021-03-31')", Holds, None),
        ("cover.reporting_year < '2020-22'", Holds, None),
        // Choices, and verdicts that both branches share.
        ("icpc_late > 0 ? cpp_ended == 1390 : cpp_started == 1463", Holds, None),
        ("icpc_late > 0 ? cpp_ended == 1390 : cpp_started == 1", Undecided, None),
        ("(icpc_late > 0 ? 2 : 4) <= 4", Holds, None),
        ("(icpc_late > 0 ? 2 : 4) == 5", Fails, None),
        ("cpp_ended > 0 ? false : true", Fails, None),
        // Signs and negation.
        ("!(cpp_ended > cpp_started)", Holds, None),
        ("!!signed_off && !(signed_off == false)", Holds, None),
        ("-cpp_ended < -1000 && abs(cpp_ended - cpp_started) == 73", Holds, None),
        ("--cpp_ended == 1390", Holds, None),
        // Blank, suppressed, not applicable, faulty, missing.
        ("icpc_late >= 0", Undecided, None),
        ("!has(icpc_late)", Holds, None),
        ("has(cpp_by_category._0_4.children)", Holds, None),
        ("cpp_by_category._0_4.children >= 0", Undecided, None),
        ("has(last.cpp_started)", Undecided, None),
        ("has(last.cpp_ended)", Fails, None),
        ("last.cpp_ended > 0", Undecided, None),
        ("has(last.cpp_by_category.NEG.children) || cpp_ended > 0", Holds, None),
        ("sum(last.cpp_by_category.children) > 0", Undecided, None),
        ("sum([cpp_by_category._0_4.children, cpp_ended]) == 1390", Holds, None),
        // A row whose own sum is of nothing but `z` is left out of the sum over rows.
        ("sum(cpp_by_category.map(r, sum([r.children]))) == 2019", Holds, None),
        ("sum(cpp_by_category.map(r, sum([r.children]))) == 2018", Fails, None),
        ("icpc_late * 0 == 0", Holds, None),
        ("icpc_total / (icpc_conferences - 139) > 0", Undecided, None),
        ("rate(cpp_open_end, reference.population_0_17, 10000) > 542", Holds, None),
        ("sections.front_door.referrals_total == 2033", Holds, None),
        ("icpc_late < 0 || true", Holds, None),
        ("icpc_late < 0 && false", Fails, None),
        ("67.6 + 32.4 == 100", Holds, None),
        // Months, and working days: neither weekends nor holidays, and nothing where the holidays are not known.
        ("date('2020-06') == date('2020-06-01')", Holds, None),
        ("workdays(date('2020-05-22'), date('2020-06-12')) == 14", Holds, None),
        ("workdays(date('2020-12-24'), date('2021-01-04')) <= 5", Holds, None),
        ("workdays(date('2020-12-24'), date('2021-01-04')) < 5", Fails, None),
        ("workdays(date('2020-06-12'), date('2020-05-22')) == -14", Holds, None),
        ("workdays(date('2019-12-24'), date('2020-01-04')) < 500", Undecided, None),
        ("recommendations.exists(r, workdays(r.start_date, r.completed_date) > 100)", Holds, Some("CSC-1")),
    ] {
        let outcome = one(rule);
        assert_eq!(outcome.verdict, verdict, "{rule}: {outcome:?}");
        assert_eq!(outcome.row.as_ref().map(|(key, _)| key.as_str()), row, "{rule}");
    }
}

#[test]
fn a_top_level_all_is_one_verdict_a_row() {
    let outcomes = run("recommendations.all(r, r.status != 'complete' || has(r.completed_date))");
    let verdicts: Vec<_> = outcomes.iter().map(|o| o.verdict).collect();
    assert_eq!(verdicts, [Holds, Fails, Holds]);
    assert_eq!(outcomes[1].row.as_ref().unwrap().1.as_str(), "/child-protection/recommendations/CSC-2");
    assert_eq!(reads(&outcomes[1]), ["recommendations/CSC-2/status", "recommendations/CSC-2/completed_date"]);
    assert_eq!(outcomes[1].reads[0].path, "r.status");
    assert_eq!(outcomes[2].reads[0].shown, "open");

    let outcomes = run("durations.all(r, r.median <= r.p90)");
    assert_eq!(outcomes.iter().map(|o| o.verdict).collect::<Vec<_>>(), [Holds, Undecided]);
    assert_eq!(outcomes[1].absent, [Pointer::from("/child-protection/durations/long/p90")]);
    assert!(!outcomes[1].faulty);

    // Rows that a filter leaves out say nothing.
    let outcomes = run("recommendations.filter(r, r.status == 'complete').all(x, x.attended.health > 3)");
    assert_eq!(outcomes.iter().map(|o| o.verdict).collect::<Vec<_>>(), [Holds, Undecided]);
    assert!(outcomes[1].faulty);

    // No rows, no verdicts; no table, one undecided.
    let mut json = data();
    json["durations"] = json!({});
    assert_eq!(run_on("durations.all(r, r.median > 0)", &json), []);
    json.as_object_mut().unwrap().remove("durations");
    let outcomes = run_on("durations.all(r, r.median > 0)", &json);
    assert_eq!((outcomes[0].verdict, outcomes[0].missing.as_slice()), (Undecided, ["durations".to_owned()].as_slice()));
}

#[test]
fn the_witness_is_what_decided() {
    let mut json = data();
    json["cpp_open_end"] = json!(2091);
    let flow = run_on("cpp_open_start + cpp_started - cpp_ended == cpp_open_end", &json).remove(0);
    let sides = flow.sides.clone().unwrap();
    assert_eq!(flow.verdict, Fails);
    assert_eq!(sides.op, Comparison::Equal);
    assert_eq!(sides.left_text, "1,946 + 1,463 − 1,390");
    assert_eq!((sides.left_shown.as_str(), sides.right_shown.as_str()), ("2,019", "2,091"));
    assert_eq!(sides.arithmetic(), "1,946 + 1,463 − 1,390 = 2,019");
    assert_eq!(sides.difference(), Interval::exact(72.0));
    assert_eq!(reads(&flow), ["cpp_open_start", "cpp_started", "cpp_ended", "cpp_open_end"]);

    // The side of `&&` that fails, and nothing of the other.
    let outcome = one("cpp_ended == 1390 && icpc_total <= icpc_conferences");
    assert_eq!(reads(&outcome), ["icpc_total", "icpc_conferences"]);
    let outcome = one("icpc_total <= icpc_conferences && cpp_ended == 1390");
    assert_eq!(reads(&outcome), ["icpc_total", "icpc_conferences"]);
    // Both sides of `||`; what the guard guards gives the sides.
    let outcome = one("icpc_total == 0 || icpc_total <= icpc_conferences");
    assert_eq!(reads(&outcome), ["icpc_total", "icpc_conferences"]);
    assert_eq!(outcome.sides.unwrap().op, Comparison::AtMost);
    // `!` turns the demand round.
    let outcome = one("!(icpc_total > icpc_conferences)");
    assert_eq!(outcome.sides.unwrap().op, Comparison::AtMost);
    // `near` tells its tolerance.
    let sides = one("near(cpp_open_start, last.cpp_open_end, param.opening.cpp)").sides.unwrap();
    assert_eq!((sides.tolerance, sides.difference()), (Some(Interval::exact(20.0)), Interval::exact(46.0)));

    for (rule, left, right) in [
        ("sum(cpp_by_category.children) == 3", "1,000 + 1,019", "3"),
        ("2 * sum(cpp_by_category.children) == 3", "2 × (1,000 + 1,019)", "3"),
        ("cpp_ended - (cpp_started - 1) > 3", "1,390 − (1,463 − 1)", "3"),
        ("sum([1, 2, 3, 4, 5, 6, 7, 8, 9]) == 3", "the 9 figures", "3"),
        ("size(recommendations) == 2", "3", "2"),
        ("percentage(icpc_on_time, icpc_total) == 3", "100 × 376 ÷ 556", "3"),
        ("rate(cpp_open_end, reference.population_0_17, 10000) == 3", "10,000 × 2,019 ÷ 37,245", "3"),
        ("cover.period_end > date('2021-04-01')", "31 March 2021", "1 April 2021"),
        ("cover.period_end < year_start(cover.reporting_year)", "31 March 2021", "1 April 2020"),
        ("icpc_late == 3", "(not given)", "3"),
        ("5 - -cpp_ended == 3", "5 − (−1,390)", "3"),
        ("abs(cpp_ended - cpp_started) > 100", "the difference between 1,390 and 1,463", "100"),
        ("max(durations.median) < 3", "the greatest of 20, 74", "3"),
    ] {
        let sides = one(rule).sides.unwrap();
        assert_eq!((sides.left_text.as_str(), sides.right_text.as_str()), (left, right), "{rule}");
    }
    let sides = one("sum(recommendations.attended.police) == 3").sides.unwrap();
    assert_eq!((sides.left_text.as_str(), sides.left_shown.as_str()), ("3 + c + 1", "at least 4"));
    let sides = one("cover.period_end + 1 > year_end('2021-22')").sides.unwrap();
    assert_eq!((sides.left_shown.as_str(), sides.right_shown.as_str()), ("1 April 2021", "31 March 2022"));

    let outcome = one("last.cpp_started > 0 && icpc_late > 0");
    assert!(outcome.faulty);
    assert_eq!(outcome.absent, [Pointer::from("/child-protection/icpc_late")]);
    assert_eq!(one("last.cpp_ended > 0").missing, ["last.cpp_ended"]);
}

#[test]
fn names_and_needs_are_known_beforehand() {
    let shape = shape();
    let facts = |rule: &str| lower(rule, &shape).unwrap();
    let paths = |e: &Expression| e.paths().iter().cloned().collect::<Vec<_>>();
    let rule = facts("recommendations.all(r, r.status == 'open' || has(r.completed_date))");
    assert_eq!(paths(&rule), ["recommendations", "recommendations[].completed_date", "recommendations[].status"]);
    assert_eq!(rule.each_row(), Some(("recommendations", "r")));
    assert!(!rule.needs_last());
    let rule = facts("near(cpp_open_start, last.cpp_open_end, param.opening.cpp)");
    assert_eq!(paths(&rule), ["cpp_open_start", "last.cpp_open_end", "param.opening.cpp"]);
    assert!(rule.needs_last() && rule.each_row().is_none());
    let rule = facts("sum(cpp_by_category.children) > cpp_by_category._0_4.children");
    assert_eq!(paths(&rule), ["cpp_by_category._0_4.children", "cpp_by_category[].children"]);
    let rule = facts("has(icpc_late) && icpc_late <= icpc_total && icpc_total >= 0");
    assert_eq!(rule.named_twice(), ["icpc_total"]);
    let root = node(&shape, &data(), &Pointer::section("child-protection"));
    assert!(root.find("cpp_by_category._0_4.children").is_some() && root.find("sections.front_door").is_some());
    assert_eq!(shape.find("cpp_by_category._0_4.children"), Some(&Shape::Figure));
    assert_eq!(shape.find("sections.front_door.nothing"), None);
}

#[test]
fn derived_figures_have_a_value() {
    let shape = shape();
    let root = node(&shape, &data(), &Pointer::section("child-protection"));
    let of = |text: &str| value(&lower_value(text, &shape).unwrap(), &root);
    assert_eq!(of("cpp_started - cpp_ended"), Interval::exact(73.0));
    assert_eq!(of("100 * icpc_late / icpc_total"), Interval::UNKNOWN);
    assert_eq!(of("cpp_by_category.NEG.children + 1"), Interval::exact(1001.0));
    assert_eq!(of("icpc_late > 0 ? 3 : 5"), Interval::new(3.0, 5.0));
    assert!(lower_value("cpp_started > 3", &shape).is_err());
}

#[test]
fn faults_are_underlined_and_all_said_at_once() {
    let shape = shape();
    let faults = |rule: &str| lower(rule, &shape).unwrap_err();
    for (rule, underlined, message, help) in [
        ("icpc_totl > 3", "icpc_totl", "no measure `icpc_totl`", "did you mean `icpc_total`?"),
        ("durations.all(r, r.medain > 3)", "r.medain", "no measure `durations[].medain`", "did you mean `median`?"),
        ("front-door > 3", "front", "no measure `front`", ""),
        ("workdays(icpc_total, cover.period_end) > 3", "icpc_total", "expected a date, found a figure", ""),
        (
            "workdays(cover.period_end) > 3",
            "workdays(cover.period_end)",
            "this is not how `workdays` is used",
            "write `workdays(from, to)`",
        ),
        ("last.wrong_at_all > 3", "last.wrong_at_all", "no measure `last.wrong_at_all`", ""),
        (
            "cover.reporting_year >= 3",
            "cover.reporting_year >= 3",
            "the left is text, the right is a figure: they cannot be compared",
            "compare figures with figures and text with text",
        ),
        (
            "1 < icpc_total < 3",
            "1 < icpc_total < 3",
            "the left is true or false, the right is a figure: they cannot be compared",
            "write `a < b && b < c` for three in order",
        ),
        (
            "cover.period_end > '2021-03-31'",
            "cover.period_end > '2021-03-31'",
            "the left is a date, the right is text: they cannot be compared",
            "write `date(\"2021-03-31\")` for a date",
        ),
        (
            "sum(durations) > 3",
            "durations",
            "this is a table, not a list of figures",
            "name a column, as in `durations.longest`",
        ),
        ("icpc_total + 3", "icpc_total + 3", "expected true or false, found a figure", ""),
        ("icpc_total.x > 3", "icpc_total.x", "`icpc_total` is a figure, there are no names inside", ""),
        (
            "cpp_by_category.NEGG.children > 3",
            "cpp_by_category.NEGG",
            "no row or column `cpp_by_category.NEGG`",
            "did you mean `NEG`?",
        ),
        ("summ(durations.median) > 3", "summ(durations.median)", "no function `summ`", "did you mean `sum`?"),
        ("sum(1, 2) > 3", "sum(1, 2)", "this is not how `sum` is used", "write `sum(list)`"),
        ("durations.al(r, true)", "durations.al(r, true)", "no loop `al`", "did you mean `all`?"),
        ("durations.all(last, true)", "last", "`last` is already a name here", "choose another"),
        (
            "has(durations.median)",
            "durations.median",
            "`has` asks after one figure, this is a column",
            "write `table.all(r, has(r.column))`",
        ),
        (
            "date('2021-02-30') > cover.period_end",
            "'2021-02-30'",
            "`2021-02-30` is not what is expected here",
            "as in \"2021-03-31\"",
        ),
        (
            "cover.period_end + cover.period_end > 3",
            "cover.period_end + cover.period_end",
            "two dates cannot be added",
            "",
        ),
        ("3 in ['a']", "3 in ['a']", "the left is a figure, the list holds texts", ""),
        ("icpc_total > [] ", "[]", "an empty list says nothing", ""),
    ] {
        let found = faults(rule);
        let Fault { span, message: says, help: helps } = &found[0];
        assert_eq!(&rule[span.clone()], underlined, "{rule}");
        assert_eq!(says, message, "{rule}");
        assert!(help.is_empty() || helps.as_deref() == Some(help), "{rule}: {helps:?}");
    }
    // All of them, and one for each slip.
    let rule = "wrong_one > 3 && wrong_two == cover.reporting_year || durations.all(r, r.nope > 1)";
    assert_eq!(faults(rule).len(), 3);
}

#[test]
fn a_foolish_rule_ends_undecided_and_soon() {
    let shape = Shape::record([("t", Shape::list(Shape::record([("a", Shape::Figure)])))]);
    let rows: serde_json::Map<String, Value> = (0..300).map(|i| (format!("r{i}"), json!({"a": i}))).collect();
    let root = node(&shape, &json!({ "t": rows }), &Pointer::section("s"));
    let rule = "t.all(a, t.all(b, t.all(c, t.all(d, a.a + b.a + c.a + d.a >= 0))))";
    let lowered = lower(rule, &shape).unwrap();
    let before = std::time::Instant::now();
    let outcomes = evaluate(&lowered, &root);
    assert!(outcomes.iter().any(|outcome| outcome.verdict == Undecided));
    assert!(before.elapsed().as_secs() < 60, "{:?}", before.elapsed());
}

/// Throws dice; the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % sides
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        let sides = u64::try_from(from.len()).unwrap();
        from[usize::try_from(self.roll(sides)).unwrap()]
    }

    /// A figure; whole numbers only, written with a point so that CEL takes them for doubles.
    fn number(&mut self, depth: u64, rows: bool) -> String {
        let leaf = depth == 0 || self.roll(4) == 0;
        match self.roll(if leaf { 3 } else { 7 }) {
            0 => format!("{}.0", self.roll(4)),
            1 | 2 if rows => self.pick(&["a", "b", "r.n", "r.m"]).to_owned(),
            1 | 2 => self.pick(&["a", "b", "c", "t.K1.n", "t.K2.m"]).to_owned(),
            3 => format!("({} + {})", self.number(depth - 1, rows), self.number(depth - 1, rows)),
            4 => format!("({} - {})", self.number(depth - 1, rows), self.number(depth - 1, rows)),
            5 => format!("{} * {}", self.number(0, rows), self.number(0, rows)),
            _ => {
                let (test, yes) = (self.truth(depth - 1, rows), self.number(depth - 1, rows));
                format!("({test} ? {yes} : {})", self.number(depth - 1, rows))
            }
        }
    }

    fn truth(&mut self, depth: u64, rows: bool) -> String {
        match self.roll(if depth == 0 { 2 } else { 8 }) {
            0..=2 => {
                let (left, op) = (self.number(depth.min(1), rows), self.pick(&["<", "<=", ">", ">=", "==", "!="]));
                format!("{left} {op} {}", self.number(depth.min(1), rows))
            }
            3 => format!("({} && {})", self.truth(depth - 1, rows), self.truth(depth - 1, rows)),
            4 => format!("({} || {})", self.truth(depth - 1, rows), self.truth(depth - 1, rows)),
            5 => format!("!({})", self.truth(depth - 1, rows)),
            6 if !rows => {
                let quantifier = self.pick(&["all", "exists"]);
                format!("l.{quantifier}(r, {})", self.truth(depth - 1, true))
            }
            _ => {
                let (test, yes) = (self.truth(depth - 1, rows), self.truth(depth - 1, rows));
                format!("({test} ? {yes} : {})", self.truth(depth - 1, rows))
            }
        }
    }

    /// What is known of each figure: mostly small ranges of whole numbers, some open, some exact.
    fn interval(&mut self) -> Interval {
        let whole = |n: u64| f64::from(u32::try_from(n).unwrap());
        let (a, b) = (whole(self.roll(5)), whole(self.roll(5)));
        match self.roll(8) {
            0 => Interval::at_least(a),
            1 => Interval::UNKNOWN,
            2..=4 => Interval::exact(a),
            _ => Interval::new(a.min(b), a.max(b)),
        }
    }

    /// A whole number inside.
    fn within(&mut self, i: Interval) -> f64 {
        let lo = if i.lo.is_finite() { i.lo } else { i.hi.min(3.0) - 6.0 };
        let hi = if i.hi.is_finite() { i.hi } else { lo + 9.0 };
        let offset = (0..9).filter(|n| lo + f64::from(*n) <= hi).count();
        lo + f64::from(u32::try_from(self.roll(u64::try_from(offset).unwrap())).unwrap())
    }
}

/// Seven figures: a, b, c, and two rows with n and m, as a fixed table `t` and as a list `l`.
fn small_shape() -> Shape {
    let row = || Shape::record([("n", Shape::Figure), ("m", Shape::Figure)]);
    Shape::record([
        ("a", Shape::Figure),
        ("b", Shape::Figure),
        ("c", Shape::Figure),
        ("t", Shape::table(row(), ["K1", "K2"])),
        ("l", Shape::list(row())),
    ])
}

fn small_root(figures: &[Interval; 7]) -> Node {
    let leaf = |at: usize| Node::leaf(Pointer::from(format!("/s/{at}").as_str()), Known::Number(figures[at]), "n");
    let row = |key: &str, n: usize, m: usize| {
        (key.to_owned(), Pointer::section("s").child(key), Node::record([("n", leaf(n)), ("m", leaf(m))]))
    };
    let rows = Node::rows([row("K1", 3, 4), row("K2", 5, 6)]);
    Node::record([("a", leaf(0)), ("b", leaf(1)), ("c", leaf(2)), ("t", rows.clone()), ("l", rows)])
}

#[test]
fn no_random_rule_says_more_than_the_figures_do() {
    let shape = small_shape();
    let mut dice = Dice(0x5AFE_2E70);
    let (mut decided, mut undecided) = (0, 0);
    for _ in 0..4_000 {
        let rule = format!("true && {}", dice.truth(3, false));
        let lowered = lower(&rule, &shape).unwrap_or_else(|faults| panic!("{rule}: {faults:?}"));
        let figures: [Interval; 7] = std::array::from_fn(|_| dice.interval());
        let wide = evaluate(&lowered, &small_root(&figures)).remove(0).verdict;
        for _ in 0..12 {
            let point = figures.map(|figure| Interval::exact(dice.within(figure)));
            let tight = evaluate(&lowered, &small_root(&point)).remove(0).verdict;
            assert_ne!(tight, Undecided, "every figure is known: {rule}");
            assert!(wide == Undecided || wide == tight, "{rule}: {wide:?} for {figures:?}, {tight:?} for {point:?}");
            if wide == Undecided {
                undecided += 1;
            } else {
                decided += 1;
            }
        }
    }
    assert!(decided > 1_000 && undecided > 1_000, "{decided} decided, {undecided} not");
}

#[test]
fn known_figures_give_the_verdict_that_cel_gives() {
    let shape = small_shape();
    let mut dice = Dice(0xCE1_0015);
    let mut compared = 0;
    for _ in 0..2_000 {
        let rule = dice.truth(3, false);
        let figures: [f64; 7] = std::array::from_fn(|_| {
            let interval = dice.interval();
            dice.within(interval)
        });
        let ours =
            evaluate(&lower(&format!("true && ({rule})"), &shape).unwrap(), &small_root(&figures.map(Interval::exact)));
        let [a, b, c, n1, m1, n2, m2] = figures;
        let values = json!({
            "a": a, "b": b, "c": c,
            "t": {"K1": {"n": n1, "m": m1}, "K2": {"n": n2, "m": m2}},
            "l": [{"n": n1, "m": m1}, {"n": n2, "m": m2}]
        });
        let mut context = cel::Context::default();
        for (name, value) in values.as_object().unwrap() {
            context.add_variable_from_value(name, cel::to_value(value).unwrap());
        }
        let theirs = cel::Program::compile(&rule).unwrap().execute(&context).unwrap();
        assert_eq!(theirs, cel::Value::Bool(ours[0].verdict == Holds), "{rule} with {values}");
        compared += 1;
    }
    assert!(compared > 200);
}

#[test]
fn what_we_take_is_cel_and_the_same_tree() {
    let mut dice = Dice(0x0CE1_7EE5);
    let signs = [
        " ", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "!", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "?",
        ":", " in ", "a", "bc", "sum(", "1", "2.5", "'x'", "\"y\"", "true", "_1A", "=", "\\", "&",
    ];
    let (mut both, mut neither, mut only_cel) = (0, 0, 0);
    for i in 0..4_000 {
        let mut rule = dice.truth(3, false).replace(".0", dice.pick(&["", ".0", ".5"]));
        if i % 3 == 1 {
            let more = dice.truth(2, false);
            let joint = dice.pick(&[" && ", " || ", " == ", " in [1, 2] || ", " ? -1 : --", "&&!!", " - - "]);
            rule = format!("{rule}{joint}{more}");
        }
        if i % 2 == 1 {
            // Damaged: something put in, or cut out.
            let cut = |dice: &mut Dice| usize::try_from(dice.roll(u64::try_from(rule.len()).unwrap())).unwrap();
            let (at, to) = (cut(&mut dice), cut(&mut dice));
            if dice.roll(2) == 0 {
                rule.insert_str(at, dice.pick(&signs));
            } else {
                rule.replace_range(at.min(to)..at.min(to) + 1, "");
            }
        }
        match parse(&rule) {
            Ok(_) => {
                both += 1;
                oracle::same_as_cel(&rule).unwrap_or_else(|why| panic!("{rule}: {why}"));
            }
            Err(_) if oracle::is_cel(&rule) => only_cel += 1,
            Err(_) => neither += 1,
        }
    }
    assert!(
        both > 1_000 && neither > 200 && only_cel < both / 10,
        "{both} both, {neither} neither, {only_cel} only CEL"
    );
}

#[test]
fn cel_is_stricter_nowhere() {
    for (rule, cel) in [
        // What CEL takes and we leave out.
        (".a", true),
        ("[1, 2,]", true),
        ("a[0]", true),
        ("a % 2", true),
        ("{'a': 1}", true),
        ("1e3", true),
        ("b'x'", true),
        ("1u", true),
        ("a // so", true),
        ("null", true),
        // What neither takes.
        ("a = b", false),
        ("!-a", false),
        ("while", false),
        ("a.in", false),
        ("'a\nb'", false),
    ] {
        assert!(parse(rule).is_err(), "{rule}");
        assert_eq!(oracle::is_cel(rule), cel, "{rule}");
    }
}

#[test]
fn trees_are_shared_between_threads() {
    fn shareable<T: Send + Sync + 'static>(_: T) {}
    shareable(lower("a > 1", &small_shape()).unwrap());
    shareable(Arc::new(small_root(&[Interval::UNKNOWN; 7])));
}

#[test]
fn the_deepest_rules_fit_a_small_stack() {
    let sum = vec!["a"; 62].join(" + ");
    let chosen = (0..18).fold("a".to_owned(), |inner, _| format!("(b > {inner} ? a : b)"));
    let rules = [
        format!("{sum} > 1"),
        format!("{}true", "!".repeat(62)),
        vec!["a > 1"; 60].join(" && "),
        format!("a > 1{}", " || (a > 2".repeat(28) + &")".repeat(28)),
        format!("{chosen} > 1"),
        format!("sum(l{}.n) > 1", ".filter(r, r.n > 0)".repeat(6)),
        (0..6).fold("a > 1".to_owned(), |inner, i| format!("l.all(r{i}, {inner} || r{i}.n < 3)")),
    ];
    let small = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let root = small_root(&[Interval::at_least(0.0); 7]);
        for rule in rules {
            let lowered = lower(&rule, &small_shape()).unwrap_or_else(|faults| panic!("{rule}: {faults:?}"));
            assert!(!evaluate(&lowered, &root).is_empty());
        }
    });
    assert!(small.unwrap().join().is_ok());
    let deeper = format!("sum(l{}.n) > 1", ".filter(r, r.n > 0)".repeat(7));
    assert_eq!(lower(&deeper, &small_shape()).unwrap_err()[0].message, "loops are nested too deeply");
}
