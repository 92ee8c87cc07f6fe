//! The board as a value and as a command: `status.json` is all that the page and the text are drawn from, ages are reckoned
//! on the day it is drawn, what moved is told night by night, and a question keeps the day on which it was first put.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use safereturn::batch::{Job, System, run};
use safereturn::board::Board;
use safereturn::render;
use safereturn::schema::Schemas;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

#[path = "../examples/support/mod.rs"]
mod support;
#[allow(dead_code, clippy::panic, reason = "the maker of the sample writes more than this")]
#[path = "../examples/sample/write.rs"]
mod write;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

fn night(inbox: &Path, outbox: &Path, day: &str) {
    let job = Job {
        inbox: inbox.to_owned(),
        outbox: outbox.to_owned(),
        waivers: inbox.join("../waivers.csv"),
        as_of: day.parse().unwrap(),
        year: None,
        threads: 2,
        workers: None,
        disk: &System,
        progress: &|_, _| {},
    };
    run(&job, &*PACK).unwrap();
}

/// The sample inbox, run once.
static SAMPLE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let outbox = tempfile::tempdir().unwrap();
    night(Path::new("inbox"), outbox.path(), "2022-06-20");
    outbox
});

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn board(outbox: &Path, year: &str) -> Board {
    serde_json::from_str(&text(&outbox.join(year).join("status.json"))).unwrap()
}

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_safereturn")).arg("status").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_value_is_what_its_schema_says_and_every_part_of_it_is_in_the_schema() {
    let schema: Value = serde_json::from_str(include_str!("../schemas/out/status.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for year in ["2020-21", "2021-22"] {
        let value: Value = serde_json::from_str(&text(&SAMPLE.path().join(year).join("status.json"))).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&value).map(|e| format!("{} {e}", e.instance_path())).collect();
        assert_eq!(wrong, Vec::<String>::new(), "{year}");
        undocumented(&value, &schema, &schema, year);
    }
}

/// A field that the schema does not name is a promise that nobody made.
fn undocumented(value: &Value, schema: &Value, root: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &root["$defs"][name.trim_start_matches("#/$defs/")],
        None => schema,
    };
    match value {
        Value::Object(fields) if schema["properties"].is_object() => {
            // What a body is told has the form of its own report, which has its own schema.
            for (name, inner) in fields.iter().filter(|_| !at.ends_with(".finding")) {
                let known = &schema["properties"][name];
                assert!(!known.is_null(), "{at}.{name} is not in the schema");
                undocumented(inner, known, root, &format!("{at}.{name}"));
            }
        }
        Value::Array(items) if schema["items"].is_object() => {
            items.iter().for_each(|item| undocumented(item, &schema["items"], root, at));
        }
        _ => {}
    }
}

#[test]
fn the_page_and_the_text_are_drawn_from_the_value_and_nothing_else() {
    for year in ["2020-21", "2021-22"] {
        let board = board(SAMPLE.path(), year);
        for (name, drawn) in render::board(&board) {
            assert!(drawn == text(&SAMPLE.path().join(year).join(name)), "{year}/{name}");
        }
    }
}

#[test]
fn ages_and_lateness_are_of_the_day_it_is_drawn() {
    let board = board(SAMPLE.path(), "2021-22");
    assert_eq!(board.past(board.deadline), Some(20));
    let oldest = board.open.iter().map(|open| open.since).min().unwrap();
    assert_eq!((oldest.to_string().as_str(), board.age(oldest)), ("2022-05-17", 34));
    let earlier = board.on("2022-05-27".parse().unwrap());
    assert_eq!((earlier.past(earlier.deadline), earlier.age(oldest)), (Some(-4), 10));
    let said = render::status(&earlier);
    assert!(said.contains("Returns are due by 31 May 2022, in 4 days."), "{said}");
}

#[test]
fn the_command_draws_the_newest_year_within_80_columns() {
    let outbox = SAMPLE.path().display().to_string();
    let shown = command(&["--outbox", &outbox, "--as-of", "2022-07-20"]);
    assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
    let said = out(&shown);
    for line in said.lines().filter(|line| !line.starts_with("The whole board:")) {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
    for part in [
        "Returns for 2021-22, as of 20 July 2022.",
        "Returns were due by 31 May 2022, 50 days ago.",
        "WHAT STOPS THE REPORT",
        "Children’s Social Care*         ?+✓ ? ✗ ",
        "2022-05-17 (64 days) csc: error STK-02",
        "What has come and how it stands is of the run of 20 June 2022.",
        "Years in this outbox: 2020-21, 2021-22.",
    ] {
        assert!(said.contains(part), "{part:?} is missing from\n{said}");
    }
    let older = out(&command(&["2020-21", "--outbox", &outbox, "--as-of", "2022-06-20"]));
    assert!(older.starts_with("Returns for 2020-21, as of 20 June 2022."), "{older}");
}

#[test]
fn the_command_gives_the_value_for_programs() {
    let outbox = SAMPLE.path().display().to_string();
    let shown = command(&["2021-22", "--outbox", &outbox, "--as-of", "2022-07-20", "--format", "json"]);
    let told: Board = serde_json::from_str(&out(&shown)).unwrap();
    assert_eq!(told, board(SAMPLE.path(), "2021-22").on("2022-07-20".parse().unwrap()));
}

#[test]
fn what_cannot_be_read_ends_with_2_and_what_was_changed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (none, empty) = (folder.path().join("none"), folder.path().join("empty"));
    fs::create_dir_all(&empty).unwrap();
    let sample = SAMPLE.path().display().to_string();
    for (arguments, says) in [
        (vec!["--outbox", none.to_str().unwrap()], "there is no outbox here"),
        (vec!["--outbox", empty.to_str().unwrap()], "it holds no year"),
        (vec!["2019-20", "--outbox", &sample], "it holds nothing of 2019-20; it holds 2020-21, 2021-22"),
        (vec!["--outbox", &sample, "--format", "colourful"], "colourful"),
    ] {
        let shown = command(&arguments);
        assert_eq!(shown.status.code(), Some(2), "{arguments:?}");
        assert!(err(&shown).contains(says), "{}", err(&shown));
    }
    let year = folder.path().join("changed/2021-22");
    fs::create_dir_all(&year).unwrap();
    fs::copy(SAMPLE.path().join("2021-22/status.json"), year.join("status.json")).unwrap();
    let outbox = folder.path().join("changed").display().to_string();
    let shown = command(&["--outbox", &outbox]);
    assert_eq!(shown.status.code(), Some(0));
    assert!(err(&shown).contains("2021-22 in this outbox is no longer as it was written"), "{}", err(&shown));
    fs::write(year.join("status.json"), "{}").unwrap();
    let shown = command(&["--outbox", &outbox]);
    assert_eq!(shown.status.code(), Some(2));
    assert!(err(&shown).contains("no board that this program can read"), "{}", err(&shown));
}

/// A submission of children’s social care for 2020-21 with some cells changed.
fn council(number: &str, edits: &[(&str, &str)]) -> Vec<u8> {
    let mut laid = support::base(&PACK, "csc-2020-21", &["front-door".to_owned()], &[]);
    for (place, text) in edits.iter().chain(&[("/cover/submission_no", number)]) {
        let address = laid.place(place);
        laid.put(address, text);
    }
    write::xlsx(&laid.workbook, 2021)
}

#[test]
fn a_question_keeps_its_day_and_what_moved_is_told_night_by_night() {
    let desk = tempfile::tempdir().unwrap();
    let (inbox, outbox) = (desk.path().join("inbox"), desk.path().join("outbox"));
    fs::create_dir_all(inbox.join("csc")).unwrap();
    // More of the contacts decided within a day than there were: an error.
    let wrong = [("/front-door/contacts_decision_24h", "20000")];
    let put = |name: &str, bytes: Vec<u8>| fs::write(inbox.join("csc").join(name), bytes).unwrap();
    let look = |day: &str| {
        night(&inbox, &outbox, day);
        board(&outbox, "2020-21")
    };
    let open = |board: &Board| {
        let all = board.open.iter().filter(|open| open.section == "front-door" && open.severity.word() == "error");
        all.map(|open| open.since.to_string()).collect::<Vec<_>>()
    };
    let moved = |board: &Board| json!([board.moved.since, board.moved.submissions, board.moved.sections]);

    put("one.xlsx", council("1", &wrong));
    let first = look("2021-05-10");
    assert_eq!((moved(&first)[0].clone(), open(&first)), (Value::Null, vec!["2021-05-10".to_owned()]));

    // The same night again says the same; the next night, on which nothing came, that nothing moved.
    assert_eq!(look("2021-05-10"), first);
    let quiet = look("2021-05-11");
    assert!(quiet.moved.is_nothing() && quiet.moved.since.unwrap().to_string() == "2021-05-10", "{:?}", quiet.moved);
    assert!(text(&outbox.join("2020-21/status.txt")).contains("Nothing has moved since 10 May 2021"));

    // Another submission with the same fault: a new arrival, the question as old as before.
    put("two.xlsx", council("2", &[("/front-door/contacts_decision_24h", "20001")]));
    let second = look("2021-05-14");
    assert_eq!(open(&second), ["2021-05-10"]);
    assert_eq!(moved(&second)[1], json!([{ "body": "csc", "submission": 2, "received": "2021-05-14" }]));
    assert_eq!(second.age(second.open[0].since), 4);

    // Put right: the section goes from refused to accepted, and nothing is open.
    put("three.xlsx", council("3", &[]));
    let third = look("2021-05-20");
    let change = json!({
        "body": "csc", "section": "front-door", "title": "Front door", "from": "refused", "to": "accepted",
    });
    assert_eq!((open(&third), moved(&third)[2].clone()), (Vec::new(), json!([change])));

    // Wrong again: a question anew, as old as this submission.
    put("four.xlsx", council("4", &wrong));
    let fourth = look("2021-05-25");
    assert_eq!((open(&fourth), &moved(&fourth)[2][0]["to"]), (vec!["2021-05-25".to_owned()], &json!("refused")));
    let place = fourth.bodies.iter().flat_map(|b| &b.sections).find(|p| p.section == "front-door").unwrap();
    assert!(place.released, "the accepted version stays");
    assert_eq!(
        (place.first.unwrap().to_string(), place.received.unwrap().to_string()),
        ("2021-05-10".into(), "2021-05-25".into())
    );
}

#[test]
fn headlines_show_what_is_released_and_say_why_what_is_not() {
    let board = board(SAMPLE.path(), "2021-22");
    let of = |measure: &str| board.headlines.iter().find(|h| h.measure == measure).unwrap();
    // Domain F: London’s published share, and the partnership’s of the year before.
    let on_time = of("icpc_on_time_pct");
    assert_eq!((on_time.now.as_ref(), on_time.state.word()), (None, "refused"));
    assert_eq!(on_time.last.as_ref().unwrap().shown, "67.6");
    let london = &on_time.comparators[0];
    assert_eq!((london.name.as_str(), london.from, london.year.as_str()), ("London", 77.9, "2020-21"));
    assert!(london.source.contains("DfE") && london.licence.contains("Open Government Licence"));
    // A percentage may move by so many points before the rule of yearly change asks.
    let expected = on_time.expected.as_ref().unwrap();
    assert!((expected.from - 58.6).abs() < 1e-9 && (expected.to - 76.6).abs() < 1e-9, "{expected:?}");
    assert!(expected.why.contains("9 points") && expected.source.contains("change.percentage"));
    // A rate goes with its count; a range that is stated goes before last year’s figure.
    assert!(of("cla_rate_10k").expected.as_ref().unwrap().why.contains("15%"));
    assert_eq!(of("contact_to_referral_pct").expected.as_ref().unwrap().to, 20.0);
    let page = render::board(&board)[0].1.clone();
    assert!(page.contains("Not released: its section is refused") && page.contains("London 2020-21: 77.9, published"));
}
