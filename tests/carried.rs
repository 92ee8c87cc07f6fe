//! The template with last year's open recommendations filled in: what stands in it, and what the checker says of it when
//! it comes back with nothing added.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use chrono::NaiveDate;
use safereturn::check;
use safereturn::extract::Context;
use safereturn::figure::Bare;
use safereturn::report::Report;
use safereturn::schema::Schemas;
use safereturn::template::{Last, open_rows, workbook};
use safereturn::workbook::{Content, Submission};
use serde_json::json;

/// What was accepted last year: two open rows and one that was complete.
fn last() -> Last {
    let row = |id: &str, status: &str| {
        json!({
            "rec_id": id, "year_made": "2020-21", "agency": "edu", "owner_role": "Head of safeguarding",
            "source_type": "annual-report", "text": "Name a trained deputy for every designated safeguarding lead.",
            "due_date": "2022-03-31", "status": status, "rag": "A", "update_text": "An update of last year’s return."
        })
    };
    let rows = [row("EDU-2020-01", "in-progress"), row("EDU-2020-02", "complete"), row("EDU-2020-03", "overdue")];
    Last::from([("recommendations".to_owned(), json!({ "recommendations": rows }))])
}

fn report(last: &Last) -> Report {
    let schemas = Schemas::built_in().unwrap();
    let (form, body) = (schemas.form("edu", "2021-22").unwrap(), schemas.body("edu").unwrap());
    assert_eq!(open_rows(form, last), if last.is_empty() { 0 } else { 2 });
    let bytes = workbook(&schemas, form, body, last).expect("the workbook is written");
    assert_eq!(bytes, workbook(&schemas, form, body, last).unwrap(), "the same bytes each time");
    if let Ok(path) = std::env::var("CARRIED_TO") {
        std::fs::write(path, &bytes).unwrap();
    }
    let submission = Submission { name: "edu-2021-22.xlsx".into(), content: Content::File(bytes) };
    check(&submission, &Context::on(NaiveDate::from_ymd_opt(2022, 5, 31).unwrap()), &schemas)
}

#[test]
fn what_stays_as_it_was_is_filled_in_and_the_rest_is_blank() {
    let report = report(&last());
    let rows = report.figures.lists.iter().find(|(p, _)| p.as_str() == "/recommendations/recommendations").unwrap().1;
    assert_eq!(rows, &["EDU-2020-01", "EDU-2020-03"]);
    let bare = |field: &str| {
        let place = format!("/recommendations/recommendations/EDU-2020-03/{field}");
        report.figures.figures.iter().find(|(p, _)| p.as_str() == place).map(|(_, f)| f.bare.clone()).unwrap()
    };
    for (field, text) in [
        ("rec_id", "EDU-2020-03"),
        ("year_made", "2020-21"),
        ("agency", "edu"),
        ("owner_role", "Head of safeguarding"),
        ("source_type", "annual-report"),
        ("text", "Name a trained deputy for every designated safeguarding lead."),
        ("status_last", "overdue"),
    ] {
        assert_eq!(bare(field), Bare::Text(text.to_owned()), "{field}");
    }
    assert_eq!(bare("due_date"), Bare::Date(NaiveDate::from_ymd_opt(2022, 3, 31).unwrap()));
    for field in ["status", "rag", "update_text", "impact", "evidence", "completed_date"] {
        assert_eq!(bare(field), Bare::Blank, "{field}");
    }
}

#[test]
fn sent_back_without_an_update_each_row_says_so_and_the_sheet_is_not_called_empty() {
    let report = report(&last());
    let of = |rule: &str| -> BTreeSet<String> {
        let found = report.findings.iter().filter(|f| f.rule.as_str() == rule);
        found.map(|f| f.at.to_string()).filter(|at| at.starts_with("/recommendations")).collect()
    };
    let both =
        |field: &str| ["EDU-2020-01", "EDU-2020-03"].map(|id| format!("/recommendations/recommendations/{id}/{field}"));
    assert_eq!(of("XPE-01"), both("update_text").into_iter().chain(both("impact")).collect());
    assert_eq!(of("CMP-04"), both("status").into_iter().collect());
    assert_eq!(of("CMP-06"), BTreeSet::new());
    let others = report.findings.iter().filter(|f| f.at.section_key() == "recommendations");
    let rules: BTreeSet<&str> = others.map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, BTreeSet::from(["CMP-04", "XPE-01"]));
}

#[test]
fn without_last_year_nothing_is_filled_in() {
    let report = report(&Last::new());
    assert!(report.figures.lists.iter().all(|(_, keys)| keys.is_empty()), "{:?}", report.figures.lists);
}
