//! Answers and decisions through the whole batch, with real files: what an agency has explained stands, reopens and rots;
//! what the board manager has decided counts for one finding and its figures, and is said when it decides nothing.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use serde_json::{Value, json};

#[path = "common/council.rs"]
mod council;

use council::{Desk, SECTION, Sent, WORDS, YEAR, answer, said};

/// The story of the readme: answered in submission 1, still answered in 2, open again in 3, and says both figures.
#[test]
fn an_answer_stays_with_the_same_figure_and_reopens_with_another_saying_both() {
    for given_for in ["968", ""] {
        let desk = Desk::new();
        desk.put("one", Sent::new(1, "968").answers(&[answer(WORDS, given_for)]));
        desk.run();
        let first = desk.told("XPE-05");
        assert_eq!(first["answer"], json!({ "answer": "explained", "explanation": WORDS, "read": "unread" }));
        assert!(desk.released(), "{}", desk.words());
        desk.put("two", Sent::new(2, "968").answers(&[answer(WORDS, given_for)]));
        desk.run_on("2022-05-21", None);
        assert_eq!(desk.told("XPE-05")["answer"], first["answer"], "{given_for:?}");
        assert_eq!(desk.told("XPE-05")["id"], first["id"]);
        assert!(desk.words().contains(&format!("Explained: “{WORDS}”")), "{}", desk.words());
        desk.put("three", Sent::new(3, "990").answers(&[answer(WORDS, given_for)]));
        desk.run_on("2022-05-22", None);
        assert_eq!(desk.told("XPE-05")["answer"], json!({ "answer": "reopened", "was": "968", "now": "990" }));
        let words = desk.words();
        assert!(
            words
                .contains("The explanation given was for “968”; the file now has “990”, so the question is open again"),
            "{given_for:?}: {words}"
        );
        // What was accepted stays, and the other is not released.
        let returns = format!("{YEAR}/returns/csc/{SECTION}");
        assert_eq!(desk.json(&format!("{returns}.json"))["figures"]["cin_plans_open_end"], 968);
        assert_eq!(desk.json(&format!("{returns}.queried.json"))["figures"]["cin_plans_open_end"], 990);
    }
}

#[test]
fn an_answer_stands_when_the_next_file_has_no_sheet_of_explanations_or_an_emptied_one() {
    for given_for in ["968", ""] {
        let desk = Desk::new();
        desk.put("one", Sent::new(1, "968").answers(&[answer(WORDS, given_for)]));
        desk.put("two", Sent::new(2, "968"));
        desk.run();
        assert_eq!(desk.told("XPE-05")["answer"]["explanation"], WORDS, "without a sheet");
        desk.put("three", Sent::new(3, "968").answers(&[]));
        desk.run();
        assert_eq!(desk.told("XPE-05")["answer"]["explanation"], WORDS, "an emptied sheet");
        // Other words replace them; with another figure nothing that was said counts.
        desk.put("four", Sent::new(4, "968").answers(&[answer("A new team counts otherwise.", given_for)]));
        desk.run();
        assert_eq!(desk.told("XPE-05")["answer"]["explanation"], "A new team counts otherwise.");
        desk.put("five", Sent::new(5, "990"));
        desk.run();
        assert_eq!(desk.told("XPE-05")["answer"], json!({ "answer": "reopened", "was": "968", "now": "990" }));
        // Back at the old figure, what was said of it counts again.
        desk.put("six", Sent::new(6, "968"));
        desk.run();
        assert_eq!(desk.told("XPE-05")["answer"]["explanation"], "A new team counts otherwise.", "{given_for:?}");
    }
}

#[test]
fn an_explanation_is_unread_until_it_is_accepted_or_sent_back() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968").answers(&[answer(WORDS, "968")]));
    desk.run();
    let id = desk.told("XPE-05")["id"].as_str().unwrap().to_owned();
    desk.decide(&[format!("{id},accept,968,Board manager,Seen the ledger of plans,")]);
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["read"], "accepted");
    assert!(desk.words().contains("Explained, and accepted: “Plans"), "{}", desk.words());
    assert_eq!(desk.rotten(YEAR), []);
    // Sent back: open, and the agency reads why.
    let back = format!("{id},reopen,,Board manager,Which plans? Please say how many.,");
    desk.decide(std::slice::from_ref(&back));
    desk.run();
    let told = desk.told("XPE-05");
    assert_eq!((&told["answer"]["answer"], &told["open"]), (&json!("sent-back"), &json!(true)));
    assert!(
        desk.words().contains("sent back to you, so the question is open again: Which plans? Please say how many.")
    );
    assert!(!desk.released());
    // The same words again do not help; others do, and count as unread.
    desk.put("two", Sent::new(2, "968").answers(&[answer(WORDS, "968")]));
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["answer"], "sent-back");
    desk.put("three", Sent::new(3, "968").answers(&[answer("357 plans of the years before 2019.", "968")]));
    desk.run();
    let told = desk.told("XPE-05")["answer"].clone();
    assert_eq!((&told["answer"], &told["read"]), (&json!("explained"), &json!("unread")), "{told}");
    assert!(desk.released());
    // A second line sends the second back; the last line wins.
    desk.decide(&[back.clone(), back.clone()]);
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["answer"], "sent-back");
    desk.decide(&[back.clone(), back, format!("{id},accept,,Board manager,Counted them,")]);
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["read"], "accepted");
}

#[test]
fn a_waiver_counts_for_one_finding_and_its_figures_until_its_last_day_and_is_then_said() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968"));
    desk.run();
    let id = desk.told("XPE-05")["id"].as_str().unwrap().to_owned();
    desk.decide(&[format!("{id},waive,968,Board manager,Agreed by telephone,25/05/2022")]);
    desk.run_on("2022-05-25", None);
    assert_eq!(desk.told("XPE-05")["answer"], json!({ "answer": "waived", "reason": "Agreed by telephone" }));
    assert_eq!(desk.rotten(YEAR), []);
    let summary = desk.run_on("2022-05-26", None).to_string();
    assert_eq!(desk.told("XPE-05")["open"], true);
    let rotten = desk.rotten(YEAR);
    assert_eq!(rotten[0].0, "WAI-01");
    for said in ["Line 2 of waivers.csv", &id, "Board manager", "25 May 2022", "is open again"] {
        assert!(rotten[0].1.contains(said), "{rotten:?} does not say {said}");
    }
    assert!(summary.contains("Of the decisions in waivers.csv 1 has expired"), "{summary}");
    let board = desk.out(&format!("{YEAR}/status.html"));
    assert!(board.contains("WAI-01") && board.contains("A decision that has expired"));
    // For the agency it is not there at all.
    assert!(!desk.words().contains("WAI-") && !desk.words().contains("waivers.csv"));
    // Renewed, it counts; for other figures it does not, and says both.
    desk.decide(&[
        format!("{id},waive,968,Board manager,Agreed by telephone,25/05/2022"),
        format!("{id},waive,968,Board manager,Agreed again,"),
    ]);
    desk.run_on("2022-05-26", None);
    assert_eq!((&desk.told("XPE-05")["answer"]["reason"], desk.rotten(YEAR)), (&json!("Agreed again"), vec![]));
    desk.put("two", Sent::new(2, "990"));
    desk.run_on("2022-05-26", None);
    assert_eq!(desk.told("XPE-05")["answer"], json!({ "answer": "reopened", "was": "968", "now": "990" }));
    let rotten = desk.rotten(YEAR);
    assert_eq!(rotten[0].0, "WAI-04");
    assert!(rotten[0].1.contains("was taken for “968”; the figures are now “990”"), "{rotten:?}");
}

#[test]
fn a_decision_that_matches_nothing_or_cannot_be_read_is_said_on_the_newest_board() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968"));
    desk.run();
    let id = desk.told("XPE-05")["id"].as_str().unwrap().to_owned();
    desk.put("two", Sent::new(2, "633"));
    desk.decide(&[
        format!("{id},waive,968,Board manager,Agreed,"),
        "bcdfghjk,waive,,Board manager,A slip of the pen,".to_owned(),
        format!("{id},forget,,Board manager,x,"),
    ]);
    let summary = desk.run().to_string();
    assert_eq!(desk.told("XPE-05"), Value::Null, "the question is gone: {}", desk.words());
    let rotten = desk.rotten(YEAR);
    assert_eq!(rotten.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["WAI-02", "WAI-02", "WAI-03"]);
    assert!(rotten[0].1.contains("was asked it for 2021-22 in an earlier submission (query XPE-05"), "{rotten:?}");
    assert!(rotten[0].1.contains("Children’s Social Care"), "{rotten:?}");
    assert!(rotten[1].1.contains("Line 3") && rotten[1].1.contains("No return in the inbox"), "{rotten:?}");
    assert!(rotten[2].1.contains("Line 4 of waivers.csv has a decision that is none of"), "{rotten:?}");
    assert!(summary.contains("2 match nothing, 1 cannot be read"), "{summary}");
    assert_eq!(desk.rotten("2020-21"), []);
    // A run of an earlier year alone cannot know.
    desk.run_on("2022-05-21", Some("2020-21"));
    assert_eq!(desk.rotten("2020-21"), []);
    // Of what stands in an earlier submission, a decision is at work.
    let partial = Sent { sections: vec!["recommendations".to_owned()], edits: vec![], ..Sent::new(3, "") };
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968"));
    desk.put("three", partial.edit("/cover/submission_no", "3"));
    desk.decide(&[format!("{id},waive,968,Board manager,Agreed,")]);
    desk.run();
    assert!(desk.released(), "{}", desk.words());
    assert_eq!(desk.rotten(YEAR), []);
}

#[test]
fn to_accept_what_nobody_explained_or_an_error_does_nothing_and_is_said() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968"));
    desk.run();
    let id = desk.told("XPE-05")["id"].as_str().unwrap().to_owned();
    desk.decide(&[format!("{id},accept,,Board manager,Fine,")]);
    desk.run();
    assert_eq!((&desk.told("XPE-05")["open"], desk.released()), (&json!(true), false));
    let rotten = desk.rotten(YEAR);
    assert!(rotten[0].0 == "WAI-02" && rotten[0].1.contains("nobody has explained these figures"), "{rotten:?}");
    // An error, with a line of explanation to it.
    let mut row = answer(WORDS, "");
    row["rule_id"] = json!("CMP-04");
    desk.put("one", Sent::new(1, "").answers(&[row]));
    desk.run();
    let error = desk.told("CMP-04");
    assert_eq!((&error["severity"], error.get("answer")), (&json!("error"), None), "{error}");
    let id = error["id"].as_str().unwrap().to_owned();
    desk.decide(&[format!("{id},accept,,Board manager,Fine,")]);
    desk.run();
    assert_eq!(desk.told("CMP-04")["open"], true);
    let rotten = desk.rotten(YEAR);
    assert!(rotten[0].0 == "WAI-02" && rotten[0].1.contains("an error cannot be explained away"), "{rotten:?}");
    desk.decide(&[format!("{id},waive,,Board manager,The figure was lost,")]);
    desk.run();
    assert_eq!((desk.told("CMP-04")["open"].clone(), desk.rotten(YEAR)), (json!(false), vec![]));
}

#[test]
fn of_two_files_with_one_number_the_later_counts_until_somebody_says_which() {
    let desk = Desk::new();
    desk.put("first", Sent::new(1, "612"));
    desk.put("second", Sent::new(1, "613"));
    desk.dates("first.xlsx,2022-05-10\nsecond.xlsx,2022-05-11\n");
    desk.run();
    let plans = || {
        let document = |end: &str| desk.json(&format!("{YEAR}/returns/csc/{SECTION}.{end}"));
        let plans = |end: &str| document(end)["figures"]["cin_plans_open_end"].as_i64();
        (plans("json"), plans("queried.json"))
    };
    let asked = desk.told("CMP-09");
    assert_eq!((&asked["severity"], &asked["open"]), (&json!("query"), &json!(true)), "{}", desk.words());
    assert_eq!(plans(), (Some(612), Some(613)));
    let id = asked["id"].as_str().unwrap().to_owned();
    // The later one, as it would be: now it is settled.
    desk.decide(&[format!("{id},use,second.xlsx,Board manager,They told us,")]);
    desk.run();
    assert_eq!((plans(), desk.rotten(YEAR)), ((Some(613), None), vec![]), "{}", desk.words());
    // The earlier one: nothing of the other is used.
    desk.decide(&[format!("{id},use,first.xlsx,Board manager,The second was a draft,")]);
    desk.run();
    assert_eq!((plans(), desk.rotten(YEAR)), ((Some(612), None), vec![]), "{}", desk.words());
    let refused = fs::read_dir(desk.0.path().join(format!("outbox/{YEAR}/receipts/csc"))).unwrap();
    let outcomes: Vec<Value> = refused
        .map(|entry| {
            serde_json::from_slice::<Value>(&fs::read(entry.unwrap().path()).unwrap()).unwrap()["outcome"].clone()
        })
        .collect();
    assert!(outcomes.contains(&json!("refused")) && outcomes.contains(&json!("accepted")), "{outcomes:?}");
    // One that is not there: the later one counts again, and the board says so.
    desk.decide(&[format!("{id},use,third.xlsx,Board manager,A slip,")]);
    desk.run();
    assert_eq!(plans(), (Some(612), Some(613)));
    let rotten = desk.rotten(YEAR);
    assert!(rotten[0].0 == "WAI-02" && rotten[0].1.contains("names “third.xlsx”"), "{rotten:?}");
}

/// By number first, whatever the day; of one number by the day; of one day, as they were first seen (in `tests/batch.rs`).
#[test]
fn a_later_submission_is_compared_with_what_was_accepted_of_each_section() {
    let desk = Desk::new();
    let both = vec![SECTION.to_owned(), "recommendations".to_owned()];
    desk.put("one", Sent { sections: both, ..Sent::new(1, "612") });
    let partial = Sent { sections: vec!["recommendations".to_owned()], edits: vec![], ..Sent::new(2, "") };
    desk.put("two", partial.edit("/cover/submission_no", "2"));
    // The third came before the others; its number counts.
    desk.dates("one.xlsx,2022-05-12\ntwo.xlsx,2022-05-11\nthree.xlsx,2022-05-10\n");
    desk.run();
    // What is neither there nor declared stays as it was, and is not owed again.
    assert!(desk.released() && desk.told("XPE-12").is_null(), "{}", desk.words());
    let sections = || {
        let report = desk.json(&format!("{YEAR}/feedback/csc/report.json"));
        let owed = report["owed"].as_array().unwrap().iter().map(|o| o["section"].as_str().unwrap().to_owned());
        owed.collect::<Vec<String>>()
    };
    assert!(!sections().contains(&SECTION.to_owned()), "{:?}", sections());
    assert!(sections().contains(&"front-door".to_owned()));
    desk.put("three", Sent::new(3, "614").edit("/cover/submission_no", "3"));
    desk.run();
    let note = desk.told("XPE-12");
    assert_eq!(note["severity"], "note");
    let message = note["message"].as_str().unwrap();
    assert!(
        message.starts_with("1 figure changed since submission 1:") && message.contains("was 612, now 614"),
        "{note}"
    );
    assert!(!sections().contains(&"recommendations".to_owned()));
    // What is marked revised is no news, nor what is explained for the figure as it is.
    let plans = "/children-in-need/cin_plans_open_end";
    desk.put("three", Sent::new(3, "614").edit(plans, "614 [r]"));
    desk.run();
    assert!(desk.told("XPE-12").is_null(), "{}", desk.words());
    for (given_for, told) in [("614", true), ("612", false), ("", false)] {
        let mut row = answer("Two plans were entered after the year was closed.", given_for);
        row["rule_id"] = json!("XPE-12");
        desk.put("three", Sent::new(3, "614").answers(&[row]));
        desk.run();
        assert_eq!((desk.told("XPE-12").is_null(), desk.told("TPL-08").is_null()), (told, told), "{given_for}");
    }
}

#[test]
fn last_years_explanation_is_a_suggestion_and_no_answer() {
    let desk = Desk::new();
    let zero = "/children-in-need/cin_by_primary_need/N7/children";
    let last = Sent { base: "csc-2020-21", edits: vec![(zero.to_owned(), "c".to_owned())], ..Sent::new(1, "") };
    let mut row = answer("Too few families to show them here.", "");
    row["rule_id"] = json!("COD-09");
    row["measure_or_record"] = json!("N7");
    row["date"] = json!("2021-05-12");
    desk.put("last", last.answers(&[row]));
    desk.put("one", Sent::new(1, "612").edit(zero, "c"));
    desk.run();
    let last = desk.json("2020-21/feedback/csc/report.json");
    assert_eq!(last["outcome"], "accepted", "{}", desk.out("2020-21/feedback/csc/report.txt"));
    let told = desk.told("COD-09");
    assert_eq!(
        (&told["suggestion"], &told["open"]),
        (&json!("Too few families to show them here."), &json!(true)),
        "{}",
        desk.words()
    );
    assert!(
        desk.words()
            .contains("Last year you explained this so: “Too few families to show them here.”. If that still holds, write it again."),
        "{}",
        desk.words()
    );
}

#[test]
fn the_command_shows_what_it_is_about_writes_one_line_and_refuses_what_makes_no_sense() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968").answers(&[answer(WORDS, "968")]));
    desk.run();
    let id = desk.told("XPE-05")["id"].as_str().unwrap().to_owned();
    let waivers = desk.0.path().join("waivers.csv");
    let common = ["--role", "Board manager", "--reason", "=Agreed; with \"both\""];
    let waive = |id: &str, decision: &str, more: &[&str]| {
        desk.command(&[&["waive", id, "--decision", decision], &common[..], more].concat())
    };
    // Refused, with status 2, and nothing written.
    for (output, why) in [
        (waive("bcdfghjk", "waive", &[]), "there is no finding bcdfghjk"),
        (waive(&id, "use", &[]), "not about two files"),
        (desk.command(&["waive", &id, "--decision", "accept", "--role", "Chair"]), "--reason"),
        (
            desk.command(&["waive", &id, "--decision", "accept", "--role", "Chair", "--reason", " "]),
            "a role and a reason",
        ),
        (
            desk.command(&["waive", &id, "bcdfghjk", "--decision", "accept", "--role", "Chair", "--reason", "x"]),
            "bcdfghjk",
        ),
    ] {
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(why), "{}", said(&output));
        assert!(!waivers.exists());
    }
    let accepted = waive(&id, "accept", &["--expires", "2022-12-31"]);
    let text = said(&accepted);
    assert_eq!(accepted.status.code(), Some(0), "{text}");
    for shown in [&id, "csc for 2021-22", "XPE-05", "968", "explained, unread: “Plans", "line 2", "31 December 2022"]
    {
        assert!(text.contains(shown), "{text} does not say {shown}");
    }
    let file = fs::read_to_string(&waivers).unwrap();
    assert!(file.starts_with("\u{FEFF}id,decision,state,role,reason,expires,explanation\r\n"), "{file}");
    assert!(file.contains(",\"'=Agreed; with \"\"both\"\"\",2022-12-31,Plans opened"), "{file}");
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["read"], "accepted", "{}", desk.words());
    // The words that were accepted are in the line: others count as unread.
    desk.put("two", Sent::new(2, "968").answers(&[answer("Quite another reason altogether.", "968")]));
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["read"], "unread");
    assert!(desk.rotten(YEAR)[0].1.contains("in other words, which nobody has read yet"), "{:?}", desk.rotten(YEAR));
    // Sent back by the command, with the words it sends back; then renewed by a waiver.
    assert_eq!(waive(&id, "reopen", &[]).status.code(), Some(0));
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"]["answer"], "sent-back");
    assert_eq!(waive(&id, "waive", &[]).status.code(), Some(0));
    desk.run();
    assert_eq!(desk.told("XPE-05")["answer"], json!({ "answer": "waived", "reason": "=Agreed; with \"both\"" }));
    let forced = waive("bcdfghjk", "waive", &["--force"]);
    assert!(forced.status.success() && said(&forced).contains("Warning: no finding bcdfghjk"), "{}", said(&forced));
    let listed = said(&desk.command(&["waive", "--list", "--as-of", "2022-06-01"]));
    assert!(listed.contains("4 decisions") && listed.contains("WAI-02") && listed.contains("bcdfghjk"), "{listed}");
    assert!(!listed.contains("WAI-01"), "{listed}");
    // An error is refused before anything is written.
    desk.put("three", Sent::new(3, ""));
    desk.run();
    let error = desk.told("CMP-04")["id"].as_str().unwrap().to_owned();
    let before = fs::read(&waivers).unwrap();
    let output = waive(&error, "accept", &[]);
    assert_eq!((output.status.code(), fs::read(&waivers).unwrap()), (Some(2), before));
    assert!(said(&output).contains("never explained away"), "{}", said(&output));
}

/// The board asks about the version of a section that stands, though a later file does not hold it: it can be decided, for
/// its figures.
#[test]
fn what_an_earlier_submission_is_asked_can_be_decided_too() {
    let desk = Desk::new();
    let other = |number| Sent { sections: vec!["front-door".to_owned()], ..Sent::new(number, "968") };
    let other =
        |number| Sent { edits: vec![("/cover/submission_no".to_owned(), format!("{number}"))], ..other(number) };
    desk.put("one", Sent::new(1, "968"));
    desk.run();
    let id = desk.told("XPE-05")["id"].as_str().unwrap().to_owned();
    desk.put("two", other(2));
    desk.run();
    let command = |decision: &str| {
        desk.command(&["waive", &id, "--decision", decision, "--role", "Board manager", "--reason", "agreed"])
    };
    assert!(said(&command("accept")).contains("nobody has explained it"));
    let waived = command("waive");
    assert!(waived.status.success() && said(&waived).contains("for 968"), "{}", said(&waived));
    desk.run();
    let board = || desk.json(&format!("{YEAR}/status.json"));
    let open = |board: &Value| board["open"].as_array().unwrap().iter().any(|open| open["id"] == id.as_str());
    assert!(!open(&board()));
    assert!(said(&command("reopen")).contains("until now: waived: agreed"));
    desk.run();
    assert!(open(&board()));
    fs::remove_file(desk.0.path().join("waivers.csv")).unwrap();
    // So can an explanation be read that a later file does not bring again.
    desk.put("three", Sent::new(3, "968").answers(&[answer(WORDS, "968")]));
    desk.put("four", other(4));
    desk.run();
    let accepted = command("accept");
    assert!(accepted.status.success() && said(&accepted).contains("explained, unread: “Plans"), "{}", said(&accepted));
    desk.run();
    let answers = board()["answers"].clone();
    let answered = answers.as_array().unwrap().iter().find(|answered| answered["id"] == id.as_str()).unwrap();
    assert_eq!(answered["stand"], "accepted");
}
