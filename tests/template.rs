//! The workbook that is sent out: opens, says what it is, holds every title of the schemas once in each block, and is the
//! same bytes each time.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use safereturn::cell::Cell;
use safereturn::checks::screen::screen;
use safereturn::extract::Context;
use safereturn::finding::{Findings, Severity};
use safereturn::schema::Schemas;
use safereturn::schema::model::Item;
use safereturn::template::{Last, TEMPLATE, workbook};
use safereturn::workbook::{Content, Entry, Format, Sheet, SheetState, Submission, Workbook};

fn schemas() -> Schemas {
    Schemas::built_in().unwrap()
}

fn bytes() -> Vec<u8> {
    let schemas = schemas();
    let (form, body) = (schemas.form("csc", "2020-21").unwrap(), schemas.body("csc").unwrap());
    workbook(&schemas, form, body, &Last::new()).expect("the workbook is written")
}

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).expect("the workbook opens")
}

/// Every text of a sheet with its place.
fn texts(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<(Cell, String)> {
    let range = book.worksheet_range(sheet).expect("the sheet is there");
    let (row, column) = range.start().unwrap_or((0, 0));
    let place = |(r, c, d): (usize, usize, &Data)| match d {
        Data::String(text) => {
            Some((Cell::new(row + u32::try_from(r).ok()?, column + u32::try_from(c).ok()?), text.clone()))
        }
        _ => None,
    };
    range.used_cells().filter_map(place).collect()
}

#[test]
fn the_same_schemas_give_the_same_bytes() {
    let first = bytes();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(first, bytes());
}

#[test]
fn it_says_what_it_is_in_properties_and_names() {
    let schemas = schemas();
    let mut book = open(bytes());
    let facts = [
        ("safereturn_template", TEMPLATE),
        ("safereturn_version", "1.0.0"),
        ("safereturn_year", "2020-21"),
        ("safereturn_body", "csc"),
        ("safereturn_pack", schemas.pack.2.as_str()),
    ];
    let names = book.defined_names().to_vec();
    let properties = book.workbook_properties().expect("properties").custom_properties;
    for (name, value) in facts {
        assert_eq!(properties.get(name).map(String::as_str), Some(value));
        let found = names.iter().find(|(n, _)| n == name).map(|(_, text)| text.trim_matches('"').to_owned());
        assert_eq!(found.as_deref(), Some(value));
    }
}

#[test]
fn sheets_stand_in_order() {
    let book = open(bytes());
    let schemas = schemas();
    let form = schemas.form("csc", "2020-21").unwrap();
    let sections: Vec<&str> = form.sections.iter().map(|s| s.title.as_str()).collect();
    let names = book.sheet_names();
    assert_eq!(names[0], "Cover");
    assert_eq!(names[1..=sections.len()], sections);
    assert_eq!(names[sections.len() + 1..sections.len() + 3], ["Explanations", "Guidance"]);
    assert!(sections.starts_with(&["Front door"]) && sections.len() > 10);
    assert_eq!(book.sheets_metadata().last().map(|s| s.visible), Some(calamine::SheetVisible::VeryHidden));
}

#[test]
fn every_title_heading_and_label_of_the_form_stands_on_its_sheet() {
    let schemas = schemas();
    let form = schemas.form("csc", "2020-21").unwrap();
    let mut book = open(bytes());
    for section in form.sections.iter().chain([&schemas.cover, &schemas.explanations]) {
        let texts = texts(&mut book, &section.title);
        let count = |words: &str| texts.iter().filter(|(_, t)| t == words).count();
        for item in &section.items {
            match item {
                Item::Measure(m) => assert_eq!(count(&m.title), 1, "{}: {}", section.title, m.title),
                Item::Table(t) => {
                    assert_eq!(count(&t.title), 1, "{}: {}", section.title, t.title);
                    for code in &t.rows.codes {
                        assert!(count(&code.label) >= 1, "{}: {}", t.title, code.label);
                    }
                    for column in &t.columns {
                        assert!(count(&column.title) >= 1, "{}: {}", t.title, column.title);
                    }
                }
                Item::List(l) => {
                    for field in &l.fields {
                        assert_eq!(count(&field.title), 1, "{}: {}", l.title, field.title);
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_is_a_formula() {
    let mut book = open(bytes());
    for sheet in book.sheet_names() {
        let formulas = book.worksheet_formula(&sheet).expect("readable");
        assert_eq!(formulas.used_cells().count(), 0, "{sheet}");
    }
}

#[test]
fn what_is_known_stands_on_the_cover() {
    let mut book = open(bytes());
    let texts = texts(&mut book, "Cover");
    let has = |words: &str| texts.iter().any(|(cell, t)| cell.column == 1 && t == words);
    assert!(has(TEMPLATE) && has("csc") && has("2020-21"), "{texts:?}");
}

#[test]
fn a_fresh_template_holds_no_personal_data() {
    let mut book = open(bytes());
    let mut read = Workbook { format: Some(Format::Xlsx), ..Workbook::default() };
    for name in book.sheet_names() {
        let cells = texts(&mut book, &name).into_iter().map(|(cell, text)| (cell, Entry::text(text))).collect();
        read.sheets.push(Sheet { name, state: SheetState::Visible, cells, ..Sheet::default() });
    }
    read.names = book.defined_names().iter().cloned().collect();
    read.properties = book.workbook_properties().expect("properties").custom_properties.into_iter().collect();
    let mut findings = Findings::default();
    assert!(!screen(&mut read, "csc-2020-21.xlsx", &schemas(), &mut findings), "{:?}", findings.list());
}

#[test]
fn what_the_template_itself_holds_is_not_spoken_of() {
    let submission = Submission { name: "csc-2020-21.xlsx".into(), content: Content::File(bytes()) };
    let report = safereturn::check(&submission, &Context::on("2021-05-31".parse().unwrap()), &schemas());
    let notes: Vec<&str> =
        report.findings.iter().filter(|f| f.severity == Severity::Note).map(|f| f.message.as_str()).collect();
    assert!(notes.is_empty(), "{notes:?}");
    // What is wrong with it is that nothing is filled in.
    let rules: Vec<&str> = report.findings.iter().map(|f| f.rule.as_str()).collect();
    assert!(rules.iter().all(|rule| rule.starts_with("CMP-")), "{rules:?}");
}
