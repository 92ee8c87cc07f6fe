//! The workbook that is sent out: opens, says what it is, holds every title of the schemas once in each block, and is the
//! same bytes each time.

#![expect(clippy::expect_used, reason = "helpers of tests say what they expect")]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use safereturn::cell::Cell;
use safereturn::checks::screen::screen;
use safereturn::finding::Findings;
use safereturn::schema::model::{Code, CodeList, Item, Kind, List, Measure, Section, Table};
use safereturn::schema::{Agencies, AgencyKind, Allowed, Body, Form, Schemas, Year};
use safereturn::template::{TEMPLATE, workbook};
use safereturn::workbook::{Entry, Format, Sheet, SheetState, Workbook};

fn measure(key: &str, title: &str, kind: Kind) -> Measure {
    Measure {
        path: vec![key.into()],
        title: title.into(),
        group_title: None,
        aliases: Vec::new(),
        description: "What counts and what does not. ".repeat(20),
        kind,
        unit: "contacts".into(),
        unit_of_count: None,
        required: true,
        derived: false,
        decimals: 1,
        plausible: None,
        codes: None,
        never: vec!["z".into()],
        longest: None,
        shortest: None,
        source: String::new(),
    }
}

fn codes(key: &str, labels: &[&str]) -> Arc<CodeList> {
    let code = |(i, label): (usize, &&str)| Code {
        code: format!("K{i}"),
        label: (*label).into(),
        aliases: Vec::new(),
        exclusive: false,
        unknown: false,
        replaced_by: Vec::new(),
    };
    Arc::new(CodeList {
        key: key.into(),
        title: key.into(),
        codes: labels.iter().enumerate().map(code).collect(),
        retired: Vec::new(),
        months: false,
    })
}

fn section(key: &str, title: &str, items: Vec<Item>) -> Section {
    Section {
        key: key.into(),
        title: title.into(),
        aliases: Vec::new(),
        description: String::new(),
        aims: Vec::new(),
        items,
    }
}

fn front_door() -> Section {
    let mut derived = measure("contacts_da_pct", "Share with domestic abuse", Kind::Percentage);
    derived.derived = true;
    let mut police = measure("attended", "Police", Kind::Count);
    police.path = vec!["attended".into(), "police".into()];
    police.group_title = Some("Attended".into());
    let mut share = measure("pct", "Share", Kind::Percentage);
    share.derived = true;
    section(
        "front-door",
        "Front door",
        vec![
            Item::Measure(measure("contacts_total", "Contacts in the year", Kind::Count)),
            Item::Measure(measure("cost", "=Cost +of -the @service", Kind::Money)),
            Item::Measure(derived),
            Item::Table(Table {
                key: "contacts_by_reason".into(),
                title: "Contacts by reason".into(),
                aliases: Vec::new(),
                description: "The main reason only.".into(),
                row_title: "Reason".into(),
                rows: codes("reasons", &["Neglect", "Domestic abuse", "=Other"]),
                columns: vec![measure("contacts", "Contacts", Kind::Count), police, share],
                required: true,
            }),
            Item::Measure(measure("remarks", "Remarks", Kind::Text)),
        ],
    )
}

fn recommendations() -> Section {
    let mut status = measure("status", "State", Kind::Code);
    status.codes = Some(codes("states", &["Not started", "In progress", "Complete"]));
    let mut theme = measure("theme", "Theme", Kind::Code);
    theme.codes = Some(codes("themes", &["Neglect, and other things"; 30]));
    let mut text = measure("text", "What was recommended", Kind::Text);
    (text.shortest, text.longest) = (Some(10), Some(1000));
    section(
        "recommendations",
        "Recommendations",
        vec![Item::List(List {
            key: "recommendations".into(),
            title: "Recommendations to you".into(),
            aliases: Vec::new(),
            description: String::new(),
            key_field: "rec_id".into(),
            fields: vec![
                measure("rec_id", "Recommendation", Kind::Text),
                measure("year_made", "Year made", Kind::Year),
                measure("due_date", "Due date", Kind::Date),
                measure("themes", "All themes", Kind::Codes),
                status,
                theme,
                text,
            ],
        })],
    )
}

fn schemas() -> Schemas {
    let day = |m, d| chrono::NaiveDate::from_ymd_opt(2021, m, d).unwrap_or_default();
    let year = Year {
        name: "2020-21".into(),
        open: true,
        template: "1.0.0".into(),
        deadline: day(5, 31),
        query_deadline: day(6, 30),
    };
    let cover = vec![
        Item::Measure(measure("template_id", "Template", Kind::Text)),
        Item::Measure(measure("agency", "Agency", Kind::Code)),
        Item::Measure(measure("reporting_year", "Reporting year", Kind::Year)),
        Item::Measure(measure("period_start", "From", Kind::Date)),
        Item::Measure(measure("contact_email", "Contact e-mail", Kind::Email)),
    ];
    Schemas {
        pack: (
            "iscp".into(),
            "1.0.0".into(),
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        ),
        agencies: Agencies {
            kinds: vec![AgencyKind {
                key: "csc".into(),
                title: "Children’s social care".into(),
                sections: BTreeMap::from([("front-door".into(), true), ("recommendations".into(), false)]),
                statutory: true,
            }],
            bodies: vec![body()],
            years: BTreeMap::from([("2020-21".into(), year)]),
        },
        catalogue: BTreeMap::new(),
        parameters: BTreeMap::new(),
        allowed: Allowed::default(),
        cover: section("cover", "Cover", cover),
        explanations: section("explanations", "Explanations", Vec::new()),
    }
}

fn body() -> Body {
    Body { key: "csc".into(), title: "Children’s social care".into(), kind: "csc".into(), aliases: Vec::new() }
}

fn form() -> Form {
    Form {
        kind: "csc".into(),
        year: "2020-21".into(),
        sections: vec![front_door(), recommendations()],
        rules: Vec::new(),
    }
}

fn bytes() -> Vec<u8> {
    workbook(&schemas(), &form(), &body(), None).expect("the workbook is written")
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
    let mut book = open(bytes());
    let facts = [
        ("safereturn_template", TEMPLATE),
        ("safereturn_version", "1.0.0"),
        ("safereturn_year", "2020-21"),
        ("safereturn_body", "csc"),
        ("safereturn_pack", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
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
    assert_eq!(book.sheet_names(), ["Cover", "Front door", "Recommendations", "Explanations", "Guidance", "Lists"]);
    assert_eq!(book.sheets_metadata()[5].visible, calamine::SheetVisible::VeryHidden);
}

#[test]
fn every_title_and_label_stands_once_in_its_block() {
    let mut book = open(bytes());
    let texts = texts(&mut book, "Front door");
    let at = |words: &str| texts.iter().filter(|(_, t)| t == words).map(|(c, _)| c.to_string()).collect::<Vec<_>>();
    for (words, cells) in [
        ("Front door", vec!["A1"]),
        ("Measure", vec!["A3", "A15"]),
        ("Contacts in the year", vec!["A4"]),
        ("=Cost +of -the @service", vec!["A5"]),
        ("Share with domestic abuse", vec!["A6"]),
        ("we work this out", vec!["D6"]),
        ("Contacts by reason", vec!["A8"]),
        ("The main reason only. Columns with a grey heading: we work these out.", vec!["A9"]),
        ("Reason", vec!["A10"]),
        ("Contacts", vec!["B10"]),
        ("Attended: Police", vec!["C10"]),
        ("Share", vec!["D10"]),
        ("Neglect", vec!["A11"]),
        ("Domestic abuse", vec!["A12"]),
        ("=Other", vec!["A13"]),
        ("Remarks", vec!["A16"]),
    ] {
        let cells: Vec<String> = cells.into_iter().map(str::to_owned).collect();
        assert_eq!(at(words), cells, "{words}");
    }
    let texts = self::texts(&mut book, "Recommendations");
    for words in
        ["Recommendations to you", "Recommendation", "Year made", "Due date", "State", "Theme", "What was recommended"]
    {
        assert_eq!(texts.iter().filter(|(_, t)| t == words).count(), 1, "{words}");
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
    let range = book.worksheet_range("Cover").expect("cover");
    let value = |row| range.get_value((row, 1)).cloned().unwrap_or(Data::Empty);
    assert_eq!(value(3), Data::String(TEMPLATE.into()));
    assert_eq!(value(4), Data::String("csc".into()));
    assert_eq!(value(5), Data::String("2020-21".into()));
    assert!(matches!(value(6), Data::DateTime(_)));
    assert_eq!(value(7), Data::Empty);
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
