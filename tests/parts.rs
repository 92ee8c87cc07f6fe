//! Submissions that hold some sections only: what counts from before stands beside them, so that two sections that came in
//! two files are compared as two of one file are.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::json;

#[path = "common/council.rs"]
mod council;

use council::{Desk, SECTION, Sent, WORDS, YEAR, answer, said};

const PLAN: &str = "child-protection";
const DOOR: &str = "front-door";

/// These sections of the council's return, with this number.
fn sections(number: u32, keys: &[&str]) -> Sent {
    let sent = Sent::new(number, "");
    let edits = sent.edits.into_iter().filter(|(place, _)| place.starts_with("/cover")).collect();
    Sent { sections: keys.iter().map(|key| (*key).to_owned()).collect(), edits, ..sent }
}

fn accepted(desk: &Desk, section: &str) -> Option<String> {
    let found = desk.json(&format!("{YEAR}/returns/csc/{section}.json"));
    found["submission"].as_u64().map(|number| number.to_string())
}

#[test]
fn a_section_that_contradicts_one_sent_before_is_asked_about_and_the_other_stays() {
    for (first, second, edit, figure) in
        [(DOOR, PLAN, "/child-protection/s47_started", "999999"), (PLAN, DOOR, "/front-door/referrals_total", "3")]
    {
        let desk = Desk::new();
        desk.put("one", sections(1, &[first]));
        desk.run();
        assert_eq!(accepted(&desk, first).as_deref(), Some("1"), "{}", desk.words());
        desk.put("two", sections(2, &[second]).edit(edit, figure));
        desk.run();
        let (told, words) = (desk.told("XSE-02"), desk.words());
        assert_eq!((&told["open"], &told["section"]), (&json!(true), &json!(second)), "{words}");
        // The figure of this file has its cell, the other none: its sheet is not there.
        let cells: Vec<bool> = told["cells"].as_array().unwrap().iter().map(|c| c["cell"].is_string()).collect();
        assert_eq!(cells, [true, false], "{told}");
        let title = if first == DOOR { "Front door" } else { "Child protection" };
        for said in [
            format!("“{title}” is as you sent it in submission 1."),
            format!("Where “{title}” is wrong, send it again, in the same file."),
            ", as you sent it before.".to_owned(),
        ] {
            assert!(words.contains(&said), "{words}");
        }
        assert_eq!(accepted(&desk, first).as_deref(), Some("1"), "what was accepted stays");
        assert_eq!(accepted(&desk, second), None);
        // Both in one file say the same, under the same letters; right again, nothing is asked.
        desk.put("three", sections(3, &[DOOR, PLAN]).edit(edit, figure));
        desk.run();
        assert_eq!(desk.told("XSE-02")["id"], told["id"]);
        desk.put("four", sections(4, &[second]));
        desk.run();
        assert_eq!(desk.told("XSE-02"), json!(null), "{}", desk.words());
        assert_eq!(accepted(&desk, second).as_deref(), Some("4"), "{}", desk.words());
    }
}

/// Whatever two files say of one another, they say in one: a return cut in two in every place finds what the whole finds.
#[test]
fn a_return_that_comes_in_two_files_is_asked_what_it_is_asked_in_one() {
    let keys = ["quality-assurance", PLAN, DOOR, "recommendations", SECTION];
    let wrong = |number: u32, keys: &[&str]| {
        let edits = [
            (DOOR, "contacts_da", "0"),
            (SECTION, "cin_after_cpp_started", "9999"),
            ("quality-assurance", "audits/QA-2021-01/actions_made", "7"),
        ];
        let here = edits.iter().filter(|(section, _, _)| keys.contains(section));
        here.fold(sections(number, keys), |sent, (section, measure, figure)| {
            sent.edit(&format!("/{section}/{measure}"), figure)
        })
    };
    let across = |desk: &Desk| {
        let report = desk.json(&format!("{YEAR}/feedback/csc/report.json"));
        let found =
            report["findings"].as_array().unwrap().iter().filter(|f| f["rule"].as_str().unwrap().starts_with("XSE"));
        let open = found.filter(|f| f["open"] == true && f["severity"] != "note");
        open.map(|f| f["id"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<String>>()
    };
    let whole = Desk::new();
    whole.put("one", wrong(1, &keys));
    whole.run();
    let asked = across(&whole);
    assert!(asked.len() == 3, "{asked:?} {}", whole.words());
    for cut in 1..keys.len() {
        let desk = Desk::new();
        let (one, two) = keys.split_at(cut);
        desk.put("one", wrong(1, one));
        desk.run();
        let mut found = across(&desk);
        let refused =
            desk.json(&format!("{YEAR}/feedback/csc/report.json"))["sections"].to_string().contains("refused");
        assert!(!refused, "or it would not stand: {}", desk.words());
        desk.put("two", wrong(2, two));
        desk.run();
        found.extend(across(&desk));
        assert_eq!(found, asked, "cut behind {cut}: {}", desk.words());
    }
}

/// What cannot be compared is no copy of last year's.
#[test]
fn sections_that_last_years_return_did_not_hold_are_not_last_years_again() {
    let desk = Desk::new();
    desk.put("one", sections(1, &[SECTION, DOOR, PLAN]));
    desk.run();
    assert_eq!(desk.told("XPE-10"), json!(null), "{}", desk.words());
    assert_eq!(accepted(&desk, DOOR).as_deref(), Some("1"), "{}", desk.words());
}

#[test]
fn an_answer_in_a_later_file_without_the_section_counts_for_the_version_that_was_asked() {
    for (given_for, with) in [("968", PLAN), ("", PLAN), ("968", "no section"), ("", "no section")] {
        let desk = Desk::new();
        desk.put("one", Sent::new(1, "968"));
        desk.run_on("2022-05-20", None);
        let asked = desk.told("XPE-05");
        assert_eq!(asked["open"], true);
        assert!(!desk.released());
        desk.put("two", sections(2, &[with]).answers(&[answer(WORDS, given_for)]));
        let summary = desk.run_on("2022-05-21", None).to_string();
        let words = desk.words();
        assert!(desk.released(), "{words}");
        assert_eq!(accepted(&desk, SECTION).as_deref(), Some("1"));
        assert!(words.contains("1 answered. Answered: explained or waived (1): - "), "{words}");
        assert!(!words.contains(&format!("Still to be returned: {}", "Children in need")), "{words}");
        assert_eq!(desk.told("TPL-08"), json!(null), "{words}");
        if with != PLAN {
            assert!(summary.contains("accepted  explanations only"), "{summary}");
            let letter = desk.out(&format!("{YEAR}/feedback/csc/letter.txt"));
            assert!(letter.contains("It holds no section; its explanations answer one question"), "{letter}");
        }
        let answers = desk.json(&format!("{YEAR}/status.json"))["answers"].clone();
        assert!(answers.to_string().contains(WORDS), "the board reads it: {answers}");
        // Sent back, it is open again: nothing of the section is released.
        let id = asked["id"].as_str().unwrap();
        desk.decide(&[format!("{id},reopen,,Board manager,Which plans?,")]);
        desk.run_on("2022-05-21", None);
        assert!(!desk.released());
        desk.decide(&[]);
        // With another figure it is open again, and both are said.
        desk.put("three", Sent::new(3, "990"));
        desk.run_on("2022-05-22", None);
        let told = desk.told("XPE-05");
        assert_eq!(told["answer"], json!({ "answer": "reopened", "was": "968", "now": "990" }), "{given_for:?}");
        assert_eq!(told["id"], asked["id"]);
        assert_eq!(accepted(&desk, SECTION).as_deref(), Some("1"), "what was accepted stays");
    }
}

#[test]
fn an_answer_for_another_figure_than_the_one_that_was_sent_settles_nothing() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968"));
    desk.put("two", sections(2, &[PLAN]).answers(&[answer(WORDS, "967")]));
    desk.run();
    assert!(!desk.released(), "{}", desk.words());
    // Nor does an error become right by being explained.
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968").edit("/children-in-need/cin_open_end", "1"));
    let row = json!({
        "explanation_no": 1, "rule_id": "STK-01", "section": SECTION, "reason_code": "definition-changed",
        "measure_or_record": "Children in need episodes open at 31 March", "explanation": WORDS, "role": "Performance analyst", "date": "2022-05-12",
    });
    desk.put("two", sections(2, &[PLAN]).answers(&[row]));
    desk.run();
    assert!(!desk.released());
    let words = desk.words();
    assert!(words.contains("that is an error: it has to be corrected and cannot be explained"), "{words}");
}

#[test]
fn who_checks_such_a_file_alone_is_told_that_its_answers_are_weighed_when_it_is_handed_in() {
    let desk = Desk::new();
    desk.put("two", sections(2, &[PLAN]).answers(&[answer(WORDS, "968")]));
    let checked = said(&desk.command(&["check", "--as-of", "2022-05-21", "inbox/csc/two.xlsx"]));
    let words = checked.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "but that sheet is not in this file: whether it answers a question shows when your return is handed in";
    assert!(words.replace("│ ", "").contains(told), "{checked}");
}

/// A question about the cover stays on the board while a section that came with it waits, and the letter about a file of
/// other sections does not thank as if all were done.
#[test]
fn what_waits_from_an_earlier_file_is_not_forgotten_over_a_good_one() {
    let desk = Desk::new();
    desk.put("one", sections(1, &[DOOR]).edit("/cover/signed_off_date", ""));
    desk.run();
    let asked = desk.told("CMP-12");
    assert_eq!(asked["open"], true, "{}", desk.words());
    desk.put("two", sections(2, &[PLAN]));
    desk.run();
    let open = desk.json(&format!("{YEAR}/status.json"))["open"].clone();
    assert!(open.as_array().unwrap().iter().any(|open| open["id"] == asked["id"]), "{open}");
    let letter = desk.out(&format!("{YEAR}/feedback/csc/letter.txt")).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(letter.contains("But one question about what you sent before is still open"), "{letter}");
    assert!(letter.contains("1 question on an earlier file still open"), "{letter}");
    // It goes when the section comes again.
    desk.put("three", sections(3, &[DOOR]));
    desk.run();
    let open = desk.json(&format!("{YEAR}/status.json"))["open"].clone();
    assert_eq!(open, json!([]));
}

/// A year that is closed takes nothing more, and the year after it is still compared with what was taken.
#[test]
fn a_closed_year_stays_as_it_was_and_is_still_last_year() {
    let desk = Desk::new();
    desk.put("one", Sent::new(1, "968"));
    desk.run();
    let asked = desk.told("XPE-05");
    assert_eq!(asked["open"], true);
    let kept = ["data/records.csv", "feedback/csc/letter.txt", "manifest.json"]
        .map(|name| desk.out(&format!("2020-21/{name}")));
    let closed = desk.closing("2020-21");
    // One that comes after it was closed is not taken.
    desk.put(
        "late",
        Sent { base: "csc-2020-21", edits: vec![("/cover/submission_no".into(), "2".into())], ..Sent::new(1, "") },
    );
    let summary = desk.run_with(&closed, "2022-05-21", None);
    let said = summary.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("2020-21: the register takes no returns for it any more"), "{said}");
    assert_eq!(desk.told("XPE-05")["id"], asked["id"], "it is still compared: {}", desk.words());
    let now = ["data/records.csv", "feedback/csc/letter.txt", "manifest.json"]
        .map(|name| desk.out(&format!("2020-21/{name}")));
    assert!(now == kept, "what stands of it stays");
    let unplaced = std::fs::read_dir(desk.0.path().join("outbox/unplaced/csc")).unwrap().count();
    assert_eq!(unplaced, 1, "the late one, and none of those that were taken");
    assert!(desk.run_with(&closed, "2022-05-21", None).nothing_new);
    // In an empty outbox nobody can tell what was taken in time: its senders are told, and so is who runs it.
    std::fs::remove_dir_all(desk.0.path().join("outbox")).unwrap();
    let summary = desk.run_with(&closed, "2022-05-21", None);
    let said = summary.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("so 2021-22 has no year before it") && said.contains("open 2020-21 for one run"), "{said}");
    assert_eq!(summary.unplaced.len(), 2);
    assert!(!desk.0.path().join("outbox/2020-21").exists());
}
