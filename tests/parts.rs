//! Submissions that hold some sections only: what counts from before stands beside them, so that two sections that came in
//! two files are compared as two of one file are.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::json;

#[path = "common/council.rs"]
mod council;

use council::{Desk, Sent, YEAR};

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
fn a_section_that_contradicts_one_sent_before_is_found() {
    for (first, second) in [(DOOR, PLAN), (PLAN, DOOR)] {
        let desk = Desk::new();
        desk.put("one", sections(1, &[first]));
        desk.run();
        assert_eq!(accepted(&desk, first).as_deref(), Some("1"), "{}", desk.words());
        let edit = if second == PLAN { "/child-protection/s47_started" } else { "/front-door/referrals_total" };
        desk.put("two", sections(2, &[second]).edit(edit, if second == PLAN { "999999" } else { "3" }));
        desk.run();
        println!("{}", desk.out(&format!("{YEAR}/feedback/csc/report.txt")));
        println!("{}", desk.out(&format!("{YEAR}/feedback/csc/letter.txt")));
        let told = desk.told("XSE-02");
        assert_eq!(told["open"], json!(true), "{}", desk.words());
        assert_eq!(accepted(&desk, first).as_deref(), Some("1"), "it is as it was");
    }
}
