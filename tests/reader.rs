//! What stands in a file is what the reader gives: real workbooks made here, and small ones made by other programs
//! (`tests/workbooks/make.py` says how).

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]
#![cfg(feature = "cli")]

use std::collections::BTreeSet;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, Formula, Note, Workbook as Writer};
use safereturn::cell::Cell;
use safereturn::finding::{Findings, Severity};
use safereturn::workbook::{Content, Entry, Format as Kind, Sheet, SheetState, Submission, Value, Workbook, notation};

type Said = Vec<(String, Severity, String)>;

fn read(name: &str, bytes: Vec<u8>) -> (Workbook, Said) {
    let mut findings = Findings::default();
    let submission = Submission { name: name.to_owned(), content: Content::File(bytes) };
    let workbook = Workbook::read(&submission, &mut findings);
    let said = findings.list().iter().map(|f| (f.rule.to_string(), f.severity, f.message.clone())).collect();
    (workbook, said)
}

/// Reads what must be read without a word.
fn quietly(name: &str, bytes: Vec<u8>) -> Workbook {
    let (workbook, said) = read(name, bytes);
    assert_eq!(said, [], "{name}");
    workbook
}

fn at<'a>(sheet: &'a Sheet, cell: &str) -> &'a Entry {
    let place: Cell = cell.parse().unwrap();
    sheet.cells.get(&place).unwrap_or_else(|| panic!("nothing in {cell}"))
}

fn holds(sheet: &Sheet, expected: &[(&str, &str)]) {
    for (cell, words) in expected {
        assert_eq!(notation::cell(at(sheet, cell)), *words, "{cell}");
    }
}

#[test]
fn values_come_with_their_formats_and_addresses() {
    let mut book = Writer::new();
    let percent = Format::new().set_num_format("0.0%");
    let date = Format::new().set_num_format("dd/mm/yyyy");
    let amber = Format::new().set_background_color(Color::RGB(0x00FF_C000));
    let sheet = book.add_worksheet().set_name("Front door").unwrap();
    sheet.write(3, 1, "Contacts in the year").unwrap();
    sheet.write(3, 2, 11147).unwrap();
    sheet.write_with_format(4, 2, 0.156, &percent).unwrap();
    sheet.write(5, 2, 15.6).unwrap();
    sheet.write(6, 2, "15.6%").unwrap();
    sheet.write_with_format(7, 2, ExcelDateTime::from_ymd(2021, 3, 31).unwrap(), &date).unwrap();
    sheet.write(8, 2, true).unwrap();
    sheet.write(9, 2, " 44 ").unwrap();
    sheet.write(10, 2, "two\nlines").unwrap();
    sheet.write(11, 2, Formula::new("=C4+1").set_result("11148")).unwrap();
    sheet.write_with_format(12, 2, "amber", &amber).unwrap();
    sheet.write_blank(8, 1, &amber).unwrap();
    sheet.write_blank(40, 9, &amber).unwrap();
    sheet.write(13, 2, "   ").unwrap();
    sheet.write(14, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let workbook = quietly("csc.xlsx", book.save_to_buffer().unwrap());
    assert_eq!(workbook.format, Some(Kind::Xlsx));
    let sheet = &workbook.sheets[0];
    assert_eq!(sheet.name, "Front door");
    let expected = [
        ("B4", "Contacts in the year"),
        ("C4", "11,147"),
        ("C5", "15.6%"),
        ("C6", "15.6"),
        ("C7", "'15.6%"),
        ("C8", "2021-03-31 {format dd/mm/yyyy}"),
        ("C9", "TRUE"),
        ("C10", "'\" 44 \""),
        ("C11", "two⏎lines"),
        ("C12", "11,148 {=C4+1}"),
        ("C13", "amber {fill FFC000}"),
        ("B9", "{fill FFC000}"),
        ("C15", "#DIV/0! {=1/0}"),
    ];
    holds(sheet, &expected);
    assert_eq!(sheet.cells.len(), expected.len(), "white space, and colour outside the cells in use, are dropped");
    assert_eq!(sheet.dropped, 2);
}

#[test]
fn what_people_do_not_see_is_read_and_said() {
    let mut book = Writer::new();
    let plain = Format::new();
    let sheet = book.add_worksheet().set_name("Child protection").unwrap();
    sheet.merge_range(0, 0, 0, 2, "Child protection", &plain).unwrap();
    sheet.write(2, 0, "Neglect").unwrap();
    sheet.write(2, 1, 12).unwrap();
    sheet.write(2, 3, "aside").unwrap();
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(3).unwrap();
    sheet.insert_note(2, 1, &Note::new("should be 46, ask Jo").set_author("x").add_author_prefix(false)).unwrap();
    book.add_worksheet().set_name("Lists").unwrap().set_hidden(true).write(0, 0, "x").unwrap();
    book.add_worksheet().set_name("Deep").unwrap().set_very_hidden(true).write(0, 0, "x").unwrap();
    book.set_properties(&DocProperties::new().set_title("Return").set_custom_property("template", "2020-21/1.0.0"));
    book.define_name("template_version", "=\"1.0.0\"").unwrap();
    let (workbook, said) = read("csc.xlsx", book.save_to_buffer().unwrap());
    let sheet = &workbook.sheets[0];
    assert_eq!(sheet.merges, [(Cell::new(0, 0), Cell::new(0, 2))]);
    assert_eq!(sheet.hidden_rows, BTreeSet::from([2]));
    assert_eq!(sheet.hidden_columns, BTreeSet::from([3]));
    assert_eq!(sheet.comments[&Cell::new(2, 1)], "should be 46, ask Jo");
    assert_eq!(workbook.sheets[1].state, SheetState::Hidden);
    assert_eq!(workbook.sheets[2].state, SheetState::VeryHidden);
    assert_eq!(workbook.properties["template"], "2020-21/1.0.0");
    assert_eq!(workbook.properties["title"], "Return");
    assert_eq!(workbook.names["template_version"], "1.0.0");
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((said[0].0.as_str(), said[0].1), ("FIL-08", Severity::Note));
    for words in ["one hidden row (row 3)", "one hidden column (column D)", "“Lists” is hidden", "“Deep” is hidden"]
    {
        assert!(said[0].2.contains(words), "{}", said[0].2);
    }
}

#[test]
fn csv_is_read_with_its_separator_encoding_and_quotes() {
    let csv =
        b"\xEF\xBB\xBFFront door,\r\n\r\nContacts,\"11,147\"\r\n\"a \"\"quoted\"\"\nname\",11147\r\nRate,15.6\r\n\
        On,2021-03-31\r\nCode,007\r\n,   \r\nEmpty,\r\nNegative,-3\r\n";
    let workbook = quietly("front-door.csv", csv.to_vec());
    assert_eq!(workbook.format, Some(Kind::Csv));
    let sheet = &workbook.sheets[0];
    assert_eq!(sheet.name, "front-door");
    holds(
        sheet,
        &[
            ("A1", "Front door"),
            ("B3", "'11,147"),
            ("A4", "a \"quoted\"⏎name"),
            ("B4", "11,147"),
            ("B5", "15.6"),
            ("B6", "2021-03-31"),
            ("B7", "'007"),
            ("A9", "Empty"),
            ("B10", "−3"),
        ],
    );
    assert_eq!(at(sheet, "B7").value, Value::Text("007".into()));

    let (workbook, said) = read("cover.csv", b"Cost;\xA31,600;\x93so\x94\nYear;2021-22;\n".to_vec());
    holds(&workbook.sheets[0], &[("B1", "£1,600"), ("C1", "“so”"), ("B2", "2021-22")]);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, "FIL-07");
    assert!(said[0].2.contains("1252") && said[0].2.contains("semicolons"), "{}", said[0].2);
}

#[test]
fn a_folder_of_csv_files_is_one_return() {
    let files = vec![
        (".DS_Store".to_owned(), vec![0, 1, 2]),
        ("cover.csv".to_owned(), b"Reporting year,2020-21\n".to_vec()),
        ("front-door.csv".to_owned(), b"Contacts,11147\n".to_vec()),
    ];
    let mut findings = Findings::default();
    let workbook = Workbook::read(&Submission { name: "csc".into(), content: Content::Folder(files) }, &mut findings);
    assert!(findings.list().is_empty());
    let names: Vec<&str> = workbook.sheets.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["cover", "front-door"]);

    let mut book = Writer::new();
    book.add_worksheet().write(0, 0, 1).unwrap();
    let files = vec![("cover.csv".into(), b"a,1\n".to_vec()), ("r.xlsx".into(), book.save_to_buffer().unwrap())];
    let workbook = Workbook::read(&Submission { name: "csc".into(), content: Content::Folder(files) }, &mut findings);
    assert!(workbook.sheets.is_empty());
    assert_eq!(findings.list().len(), 1);
    assert!(findings.list()[0].message.contains("holds a workbook"));
}

#[test]
fn a_workbook_with_another_extension_is_read_by_its_content() {
    let mut book = Writer::new();
    book.add_worksheet().write(0, 0, 1).unwrap();
    let (workbook, said) = read("csc.xls", book.save_to_buffer().unwrap());
    assert_eq!(workbook.filled(), 1);
    assert_eq!((said[0].0.as_str(), said[0].1), ("FIL-07", Severity::Note));
    let (workbook, said) = read("csc.xlsx", b"Contacts,11147\n".to_vec());
    assert_eq!(workbook.filled(), 2);
    assert_eq!((said[0].0.as_str(), said[0].1), ("FIL-07", Severity::Note));
}

fn sample(name: &str) -> (Workbook, Said) {
    let path = format!("{}/tests/workbooks/{name}", env!("CARGO_MANIFEST_DIR"));
    read(name, std::fs::read(path).unwrap())
}

#[test]
fn workbooks_of_other_programs_say_the_same() {
    for (name, formula) in [("openpyxl.xlsx", "{=C4*2}"), ("libreoffice.xlsx", "22,294 {=C4*2}")] {
        let (workbook, said) = sample(name);
        let sheet = &workbook.sheets[0];
        assert_eq!(sheet.name, "Front door ");
        holds(
            sheet,
            &[
                ("B2", "Front door"),
                ("B4", "Contacts in the year"),
                ("C4", "11,147"),
                ("C5", "15.6%"),
                ("C6", "15.6"),
                ("C7", "'15.6%"),
                ("C8", formula),
                ("C11", "{fill FFC000}"),
                ("B12", "No\u{a0}break"),
                ("C12", "'\" 44 \""),
            ],
        );
        let date = at(sheet, "C9");
        assert!(notation::cell(date).starts_with("2021-03-31 {format "), "{name}: {date:?}");
        assert_eq!(at(sheet, "C10").value, Value::Error("#N/A".into()), "{name}");
        assert_eq!(sheet.merges, [(Cell::new(1, 1), Cell::new(1, 2))], "{name}");
        assert!(sheet.hidden_rows.contains(&12) && sheet.hidden_columns.contains(&4), "{name}");
        assert!(sheet.filtered, "{name}");
        assert!(sheet.comments[&Cell::new(5, 2)].contains("should be 46, ask Jo"), "{name}");
        assert_eq!(workbook.sheets[1].state, SheetState::Hidden, "{name}");
        assert_eq!(workbook.properties["template"], "2020-21/1.0.0", "{name}");
        assert_eq!(workbook.names["template_version"], "1.0.0", "{name}");
        assert_eq!(said.len(), 1, "{name}: {said:?}");
        assert_eq!((said[0].0.as_str(), said[0].1), ("FIL-08", Severity::Note), "{name}");
    }
}

#[test]
fn dates_of_the_1904_system_are_the_same_days() {
    let (workbook, said) = sample("mac.xlsx");
    assert_eq!(said, []);
    let sheet = &workbook.sheets[0];
    assert_eq!(notation::shown(at(sheet, "A1")), "2021-03-31");
    assert_eq!(notation::shown(at(sheet, "A2")), "2021-03-31 14:30");
}

#[test]
fn what_the_reader_gives_survives_the_notation() {
    for name in ["openpyxl.xlsx", "libreoffice.xlsx", "mac.xlsx"] {
        let (workbook, _) = sample(name);
        let mut sheets = notation::read(&notation::write(&workbook)).unwrap().sheets;
        for (sheet, original) in sheets.iter_mut().zip(&workbook.sheets) {
            (sheet.dropped, sheet.omitted) = (original.dropped, original.omitted.clone());
        }
        assert_eq!(sheets, workbook.sheets, "{name}");
    }
}
