//! Personal data never gets past the screen: found wherever it stands, told by place and kind, masked in the workbook;
//! and what an ordinary return says is let pass.
#![expect(clippy::expect_used, reason = "a sound pack")]

use std::path::Path;

use std::sync::LazyLock;

use proptest::prelude::*;
use safereturn::cell::Cell;
use safereturn::checks::screen::{MASK, screen};
use safereturn::finding::{Check, Findings, Place, Reach, Severity, Verdict};
use safereturn::schema::Schemas;
use safereturn::workbook::{Entry, Format, Sheet, Value, Workbook};

fn schemas() -> &'static Schemas {
    static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().expect("a sound pack"));
    &PACK
}

/// A sheet from rows of text; a number is a number.
fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
    let mut sheet = Sheet { name: name.into(), ..Sheet::default() };
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            if text.is_empty() {
                continue;
            }
            let entry = match text.parse::<f64>() {
                Ok(n) => Entry::number(n),
                Err(_) => Entry::text(*text),
            };
            sheet.cells.insert(Cell::new(row, column), entry);
        }
    }
    sheet
}

fn workbook(sheets: Vec<Sheet>) -> Workbook {
    Workbook { format: Some(Format::Text), sheets, ..Workbook::default() }
}

/// Rules and places found, with the messages.
fn found(workbook: &mut Workbook, file: &str) -> Vec<(String, String, String)> {
    let mut findings = Findings::default();
    let any = screen(workbook, file, schemas(), &mut findings);
    assert_eq!(any, !findings.list().is_empty());
    assert_eq!(findings.checks().len(), 6, "each rule is accounted for");
    for finding in findings.list() {
        assert!(finding.private && finding.reach == Reach::Submission && finding.severity == Severity::Error);
        assert!(!finding.labels.is_empty() && finding.labels.len() <= 10 && !finding.help.is_empty());
        let failed = |c: &&Check| c.rule == finding.rule && c.verdict == Verdict::Failed;
        assert_eq!(findings.checks().iter().filter(failed).count(), 1);
    }
    let mut ids: Vec<_> = findings.list().iter().map(|f| (f.rule.clone(), f.at.clone())).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), findings.list().len(), "rule and place are unique");
    findings.list().iter().map(|f| (f.rule.to_string(), f.at.to_string(), f.message.clone())).collect()
}

fn ordinary() -> Workbook {
    let mut book = workbook(vec![
        sheet(
            "Cover",
            &[
                &["Cover"],
                &["Template", "iscp-return", "1.0.0"],
                &["Agency", "csc"],
                &["Reporting year", "2020-21"],
                &["Contact e-mail", "safeguarding@islington.gov.uk"],
                &["Telephone", "020 7527 8545"],
                &["Telephone", "2075278545"],
                &["Address", "222 Upper Street, N1 1XR"],
                &["Prepared by (role)", "Performance manager"],
            ],
        ),
        sheet(
            "Front door",
            &[
                &["Front door"],
                &["Measure", "Figure", "Status", "Note", "Unit"],
                &["Contacts in the year", "11147", "p", "Ages 0-4, 5-9 and 10-15; see STK-02", "contacts"],
                &["Referrals in the year", "2033", "", "1234567890 is no figure", "referrals"],
                &[],
                &["Sex", "Children"],
                &["Male", "120"],
                &["Female", "135"],
                &[],
                &["Source", "Contacts", "Referrals"],
                &["1A", "120", "135"],
                &["Telephone helpline", "1480", "12"],
            ],
        ),
        sheet(
            "Recommendations",
            &[
                &["Recommendation", "Year made", "Agency", "Owner (role)", "Text", "Due date"],
                &[
                    "CSC-2020-03",
                    "2020-21",
                    "csc",
                    "Head of service",
                    "Working Together 2018: N1 2nd visit",
                    "31/03/2021",
                ],
            ],
        ),
    ]);
    book.properties
        .insert("safereturn_pack".into(), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into());
    book.properties.insert("created".into(), "2021-05-04T10:11:12Z".into());
    book.names.insert("safereturn_version".into(), "\"1.0.0\"".into());
    book
}

#[test]
fn an_ordinary_return_is_let_pass_unchanged() {
    let mut book = ordinary();
    assert_eq!(found(&mut book, "csc-2020-21 v2 FINAL(1).xlsx"), Vec::new());
    assert_eq!(format!("{book:?}"), format!("{:?}", ordinary()));
}

#[test]
fn every_rule_is_accounted_for_even_where_nothing_could_be_read() {
    let mut findings = Findings::default();
    assert!(!screen(&mut Workbook::default(), "return.xlsx", schemas(), &mut findings));
    assert!(findings.checks().iter().all(|c| matches!(c.verdict, Verdict::NotRun(_))));
    assert_eq!(findings.checks().len(), 6);
}

#[test]
fn a_cell_is_told_by_its_place_and_kind() {
    let mut book =
        workbook(vec![ordinary().sheets.remove(0), sheet("Jo Bloggs", &[&["Notes"], &["", "943 476 5919"]])]);
    let found = found(&mut book, "a.xlsx");
    assert_eq!(
        found,
        [(
            "DIS-01".to_owned(),
            "/screen/sheet-2/B2".to_owned(),
            "Cell B2 of sheet 2 holds what looks like an NHS number.".to_owned()
        )]
    );
    assert_eq!(book.sheets[1].cells[&Cell::new(1, 1)].value, Value::Text(MASK.into()));
}

#[test]
fn a_column_is_one_finding() {
    let numbers: Vec<String> = (0..30).map(|i| format!("07700 9001{i:02}")).collect();
    let rows: Vec<Vec<&str>> = numbers.iter().map(|n| vec!["x", n.as_str()]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let mut book = workbook(vec![sheet("Cover", &rows)]);
    let found = found(&mut book, "a.xlsx");
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].2,
        "30 cells in column B of the sheet “Cover” hold what looks like a personal telephone number."
    );
}

#[test]
fn several_right_numbers_in_a_column_are_nhs_numbers() {
    let mut book = workbook(vec![sheet("A", &[&["Ref"], &["9434765919"], &["4010232137"]])]);
    assert_eq!(found(&mut book, "a.xlsx")[0].0, "DIS-01");
    // One alone may be chance, and wrong ones are nothing.
    let mut book = workbook(vec![sheet("A", &[&["Ref"], &["9434765919"], &["4010232138"]])]);
    assert_eq!(found(&mut book, "a.xlsx"), Vec::new());
    let mut book = workbook(vec![sheet("A", &[&["NHS number"], &["9434765919"]])]);
    let rules: Vec<String> = found(&mut book, "a.xlsx").into_iter().map(|f| f.0).collect();
    assert_eq!(rules, ["DIS-01", "DIS-06"]);
    let mut book = workbook(vec![sheet("A", &[&["NHS no", "9434765919"]])]);
    assert_eq!(found(&mut book, "a.xlsx")[0].0, "DIS-01");
}

#[test]
fn a_number_sure_in_one_place_is_hidden_in_every_place() {
    let mut book = workbook(vec![sheet("A", &[&["943 476 5919"]]), sheet("B", &[&["total"], &["9434765919"]])]);
    assert_eq!(found(&mut book, "a.xlsx").len(), 2);
    assert!(!format!("{book:?}").contains("9434765919"));
}

#[test]
fn headings_over_people_refuse_the_sheet_and_hide_what_stands_below() {
    let mut book = workbook(vec![sheet(
        "Sheet1",
        &[
            &["Children"],
            &[],
            &["Forename", "Surname", "DOB", "Plan"],
            &["Zebedee", "Quux", "12/03/2015", "CIN"],
            &["Xanthe", "Quux", "", "CP"],
        ],
    )]);
    let found = found(&mut book, "a.xlsx");
    assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["DIS-04", "DIS-06"]);
    assert_eq!(
        found[1].2,
        "Sheet 1 has a heading for the names of people (A3 and B3): it looks like a list of children. Only totals should be sent."
    );
    let all = format!("{book:?}");
    assert!(!all.contains("Zebedee") && !all.contains("Quux") && !all.contains("12/03/2015"));
    assert!(all.contains("Surname"), "a heading is no personal detail");
}

#[test]
fn a_column_of_birth_dates_is_known_without_its_heading() {
    let rows: &[&[&str]] = &[
        &["Ref", "Sex", "Ethnicity", "D"],
        &["a", "M", "WBRI", "01/02/2006"],
        &["b", "F", "WBRI", "11/02/2009"],
        &["c", "M", "BAFR", "01/12/2012"],
        &["d", "F", "BCRB", "21/06/2015"],
        &["e", "M", "WBRI", "07/07/2019"],
    ];
    let found_ = found(&mut workbook(vec![sheet("A", rows)]), "a.xlsx");
    assert_eq!(found_[0].0, "DIS-04");
    // The same dates where the rows are recommendations.
    let rows: Vec<Vec<&str>> = rows.iter().map(|r| vec![r[0], r[3]]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    assert_eq!(found(&mut workbook(vec![sheet("A", &rows)]), "a.xlsx"), Vec::new());
}

#[test]
fn more_than_two_hundred_rows_are_a_list() {
    let make = |rows: u32| {
        let mut sheet = sheet("Data", &[&["Ref", "Plan", "Team"]]);
        for row in 1..=rows {
            for column in 0..3 {
                sheet.cells.insert(Cell::new(row, column), Entry::text("x"));
            }
        }
        workbook(vec![sheet])
    };
    assert_eq!(found(&mut make(150), "a.xlsx"), Vec::new());
    let found_ = found(&mut make(250), "a.xlsx");
    assert_eq!((found_.len(), found_[0].0.as_str(), found_[0].1.as_str()), (1, "DIS-06", "/screen/sheet-1"));
    // Long text in one column (guidance) is no list.
    let mut guidance = Sheet { name: "Guidance".into(), ..Sheet::default() };
    for row in 0..400 {
        guidance.cells.insert(Cell::new(row, 0), Entry::text("Words"));
    }
    assert_eq!(found(&mut workbook(vec![guidance]), "a.xlsx"), Vec::new());
}

#[test]
fn names_comments_properties_and_formulas_are_looked_at() {
    let secret = "jo.bloggs@example.com";
    let mut book = workbook(vec![sheet("H801200001001", &[&["x"]]), sheet("B", &[&["1", "2"]])]);
    book.sheets[1].comments.insert(Cell::new(0, 0), format!("ask {secret}"));
    book.sheets[1].cells.get_mut(&Cell::new(0, 1)).expect("B1").formula = Some("LEFT(\"07700 900123\",3)".into());
    book.properties.insert("creator".into(), secret.into());
    book.names.insert("contact".into(), format!("\"{secret}\""));
    let found = found(&mut book, "return for SW1A 1AA.xlsx");
    assert_eq!(
        found.iter().map(|f| (f.0.as_str(), f.1.as_str())).collect::<Vec<_>>(),
        [
            ("DIS-02", "/screen/sheet-1/name"),
            ("DIS-03", "/screen/file"),
            ("DIS-05", "/screen/sheet-2/B1"),
            ("DIS-05", "/screen/sheet-2/A1/comment"),
            ("DIS-05", "/screen/property-1"),
            ("DIS-05", "/screen/name-1"),
        ]
    );
    assert_eq!(book.sheets[0].name, "sheet 1");
    let all = format!("{book:?} {found:?}");
    for hidden in [secret, "900123", "H801200001001", "1AA"] {
        assert!(!all.contains(hidden), "{hidden}");
    }
}

#[test]
fn labels_name_places_only() {
    let mut findings = Findings::default();
    let mut book = workbook(vec![sheet("A", &[&["H801200001001"]])]);
    screen(&mut book, "H801200001001.xlsx", schemas(), &mut findings);
    let places: Vec<Place> = findings.list().iter().flat_map(|f| f.labels.iter().map(|l| l.place.clone())).collect();
    assert!(places.contains(&Place::File) && places.iter().any(|p| matches!(p, Place::Cell(_))));
}

/// Every text of the shipped pack: titles, labels, messages, sources. What we write ourselves must never trip the screen.
#[test]
fn nothing_that_the_pack_says_is_personal() {
    let mut texts = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), &mut texts);
    assert!(texts.len() > 500, "the pack has words: {}", texts.len());
    for text in texts {
        let mut book = workbook(vec![sheet("Front door", &[&["x", &text, "1234"]])]);
        assert_eq!(found(&mut book, "a.xlsx"), Vec::new(), "{text}");
    }
}

/// Every text of the JSON files below a folder; the addresses of offices are allowed by name and left out.
fn collect(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|e| e == "json") && path.file_stem().is_some_and(|n| n != "offices") {
            let json = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            strings(&json.unwrap_or_default(), texts);
        }
    }
}

fn strings(json: &serde_json::Value, texts: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, texts)),
        serde_json::Value::Object(map) => map.values().for_each(|value| strings(value, texts)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

/// Ten digits with the right check digit, from nine.
fn nhs(nine: u32) -> Option<String> {
    let head = format!("4{:08}", nine % 100_000_000);
    let sum: u32 = head.bytes().zip((2..=10).rev()).map(|(b, w)| u32::from(b - b'0') * w).sum();
    match 11 - sum % 11 {
        10 => None,
        11 => Some(format!("{head}0")),
        check => Some(format!("{head}{check}")),
    }
}

fn detail() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u32>().prop_filter_map("no check digit", nhs).prop_map(|n| format!(
            "{} {} {}",
            &n[..3],
            &n[3..6],
            &n[6..]
        )),
        any::<u32>().prop_filter_map("no check digit", nhs).prop_map(|n| format!("NHS no {n}")),
        (7_000_000..9_999_999_u32).prop_map(|n| format!("0771 {n}")),
        "[a-z]{5,9}\\.[a-z]{5,9}@[a-z]{6,9}\\.com",
        "[ACEHJ][ACEHJ]( )?[1-9]{2} [1-9]{2} [1-9]{2} [A-D]",
        "(N|SW|EC|NW|B|LS)[1-9] [4-9][ABDEFGHJLNPQRU][ABDEFGHJLNPQRUWXYZ]",
    ]
}

proptest! {
    #[test]
    fn what_is_masked_is_in_no_finding_and_nowhere_in_the_workbook(
        secret in detail(), before in "([a-z]{3,8} ){0,2}", row in 0..40_u32, column in 0..8_u32, place in 0..6_usize,
    ) {
        let text = format!("{before}{secret}");
        let mut book = ordinary();
        let mut file = "return.xlsx".to_owned();
        match place {
            0 => { book.sheets[1].cells.insert(Cell::new(row, column), Entry::text(text)); }
            1 => { book.sheets[1].comments.insert(Cell::new(row, column), text); }
            2 => book.sheets[2].name = text,
            3 => { book.properties.insert("subject".into(), text); }
            4 => { book.names.insert("x".into(), text); }
            _ => file = format!("{text}.xlsx"),
        }
        let mut findings = Findings::default();
        prop_assert!(screen(&mut book, &file, schemas(), &mut findings));
        let said = format!("{findings:?} {book:?}");
        prop_assert!(!said.contains(&secret), "{said}");
        let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
        prop_assert!(digits.len() < 6 || !said.contains(&digits));
    }

    #[test]
    fn ordinary_figures_are_let_pass(figures in proptest::collection::vec(0..99_999_999_u32, 1..60)) {
        let mut book = workbook(vec![Sheet { name: "Front door".into(), ..Sheet::default() }]);
        for (row, n) in (0..).zip(&figures) {
            book.sheets[0].cells.insert(Cell::new(row, 0), Entry::number(f64::from(*n)));
            book.sheets[0].cells.insert(Cell::new(row, 1), Entry::text(n.to_string()));
            book.sheets[0].cells.insert(Cell::new(row, 2), Entry::text(format!("{n} children, {}%", f64::from(*n) / 10.0)));
        }
        prop_assert_eq!(found(&mut book, "a.xlsx"), Vec::new());
    }

    #[test]
    fn any_text_is_looked_at_without_harm(text in ".{0,80}") {
        let mut book = workbook(vec![sheet("A", &[])]);
        book.sheets[0].cells.insert(Cell::new(0, 0), Entry::text(text.clone()));
        screen(&mut book, &text, schemas(), &mut Findings::default());
    }
}
