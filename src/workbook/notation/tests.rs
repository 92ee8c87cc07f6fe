//! What is written is read back the same, whatever a sheet holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::cell::Cell;
use crate::workbook::{Entry, Format, Sheet, SheetState, Workbook};

fn a_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z #'\"{}\\\\|│⏎%,.0-9\u{A0}\u{200B}\u{202E}\u{85}\u{FEFF}\n\t\r=-]{0,12}",
        Just("\\u{200B}".to_owned()),
        Just("u{2}".to_owned()),
        Just("1,946".to_owned()),
        Just("15.6%".to_owned()),
        Just("2021-03-31".to_owned()),
        Just("TRUE".to_owned()),
        Just("#DIV/0!".to_owned()),
        Just("−3".to_owned()),
        Just("'44".to_owned()),
        Just("\" \"".to_owned()),
        Just(" 44 ".to_owned()),
        Just("-- Front door".to_owned()),
    ]
}

fn a_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Number),
        (-1_000_000..1_000_000_i32).prop_map(|n| Value::Number(f64::from(n) / 1000.0)),
        a_text().prop_map(Value::Text),
        any::<bool>().prop_map(Value::Truth),
        (0..40_000_u64, prop_oneof![Just(0), 0..86_399_999_i64]).prop_map(|(day, ms)| {
            let date = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(day);
            Value::Date(date.and_time(NaiveTime::MIN) + chrono::Duration::milliseconds(ms))
        }),
        prop_oneof![Just("#DIV/0!"), Just("#N/A"), Just("#NAME?"), Just("#SPILL!")]
            .prop_map(|e| Value::Error(e.into())),
        Just(Value::Nothing),
    ]
}

fn an_entry() -> impl Strategy<Value = Entry> {
    let format = prop_oneof![Just("0.0%"), Just("0%"), Just("dd/mm/yyyy"), Just("#,##0.00"), Just("[Red]\\{0\\}|0")];
    let formula = prop_oneof![Just("B2+B3"), Just("SUM({1,2}|\"a\nb\")")];
    (a_value(), proptest::option::of(format), proptest::option::of(formula), proptest::option::of(Just("FFC000")))
        .prop_map(|(value, format, formula, fill)| Entry {
            value,
            format: format.map(Arc::from),
            formula: formula.map(Arc::from),
            fill: fill.map(Arc::from),
        })
        .prop_filter("an entry holds something", |e| *e != Entry::default())
}

fn a_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        (0..12_u32, 0..6_u32).prop_map(|(r, c)| Cell::new(r, c)),
        (0..=Cell::LAST_ROW, 0..=Cell::LAST_COLUMN).prop_map(|(r, c)| Cell::new(r, c)),
    ]
}

prop_compose! {
    fn a_sheet()(
        name in a_text(),
        state in prop_oneof![Just(SheetState::Visible), Just(SheetState::Hidden), Just(SheetState::VeryHidden)],
        cells in proptest::collection::btree_map(a_cell(), an_entry(), 0..12),
        merges in proptest::collection::vec((a_cell(), a_cell()), 0..3),
        hidden_rows in proptest::collection::btree_set(0..40_u32, 0..6),
        hidden_columns in proptest::collection::btree_set(0..40_u32, 0..6),
        filtered in any::<bool>(),
        comments in proptest::collection::btree_map(a_cell(), a_text(), 0..3),
    ) -> Sheet {
        Sheet { name, state, cells, merges, hidden_rows, hidden_columns, filtered, comments, ..Sheet::default() }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_the_same(sheets in proptest::collection::vec(a_sheet(), 0..3)) {
        let workbook = Workbook { format: Some(Format::Text), sheets, ..Workbook::default() };
        let text = write(&workbook);
        prop_assert_eq!(read(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?, workbook, "{}", text);
    }

    #[test]
    fn remarks_are_skipped_and_all_else_is_a_fixed_point(
        sheets in proptest::collection::vec(a_sheet(), 1..3),
        remarks in proptest::collection::vec("\\PC{0,20}|-- [a-z]|[a-z│\n]{0,9}", 0..4),
    ) {
        let workbook = Workbook { format: Some(Format::Text), sheets, ..Workbook::default() };
        let text = super::write_with(&workbook, |_| remarks.clone());
        let again = read(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(&again, &workbook, "{}", text);
        let without: String = text.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
        prop_assert_eq!(write(&again), without);
        let count = text.lines().filter(|line| line.starts_with("# ")).count();
        prop_assert_eq!(count, remarks.len() * workbook.sheets.len(), "a remark is one line: {}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_with_its_line(text in "(-- [A-C]\n)?([0-9]{0,2}[ A-C]{0,3}[│|] ?[a-c0-9{}\\\\'\"=%-]{0,9}\n){0,4}") {
        if let Err(e) = read(&text) {
            prop_assert!(e.line >= 1 && e.line <= text.lines().count());
        }
    }
}

fn value(text: &str) -> Value {
    read_cell(text).unwrap().value
}

#[test]
fn a_cell_means_what_the_notation_says() {
    for (text, meaning) in [
        ("1,946", Value::Number(1946.0)),
        ("−3", Value::Number(-3.0)),
        ("-3", Value::Number(-3.0)),
        ("15.6", Value::Number(15.6)),
        ("1,94", Value::Text("1,94".into())),
        ("11.147,0", Value::Text("11.147,0".into())),
        ("TRUE", Value::Truth(true)),
        ("true", Value::Text("true".into())),
        ("#DIV/0!", Value::Error("#DIV/0!".into())),
        ("#NAME?", Value::Error("#NAME?".into())),
        ("#1", Value::Text("#1".into())),
        ("'1,946", Value::Text("1,946".into())),
        ("'\" 44 \"", Value::Text(" 44 ".into())),
        ("'", Value::Text(String::new())),
        ("one⏎two", Value::Text("one\ntwo".into())),
        ("a\\│b\\|c\\{d\\\\e", Value::Text("a│b|c{d\\e".into())),
        ("{=B2+B3}", Value::Nothing),
        ("c\\u{200B}", Value::Text("c\u{200B}".into())),
        ("c\\u{200B} {fill FFC000}", Value::Text("c\u{200B}".into())),
        ("a\\tb", Value::Text("a\tb".into())),
        ("c", Value::Text("c".into())),
        ("2021-22", Value::Text("2021-22".into())),
        ("2021-02-30", Value::Text("2021-02-30".into())),
    ] {
        assert_eq!(value(text), meaning, "{text}");
    }
    let entry = read_cell("15.6%").unwrap();
    assert_eq!((entry.value, entry.format.as_deref()), (Value::Number(0.156), Some("0.0%")));
    let entry = read_cell("2,019 {=B2+B3} {format 0.00} {fill FFC000}").unwrap();
    assert_eq!(entry.value, Value::Number(2019.0));
    assert_eq!(entry.formula.as_deref(), Some("B2+B3"));
    assert_eq!(entry.format.as_deref(), Some("0.00"));
    assert_eq!(entry.fill.as_deref(), Some("FFC000"));
}

#[test]
fn a_sheet_reads_as_a_person_writes_it() {
    let text = "file: csc.xlsx\n\n-- Front door\nhidden\nmerge A1:C1\nhide rows 3-4\nhide columns C-D\nnote B7: ask | Jo\n\n     | B | D\n   1 | Front door\n   4 | Contacts | 11,147\n-- Cover\n1 │ Year │ '2021-22\n";
    let workbook = read(text).unwrap();
    let sheet = &workbook.sheets[0];
    assert_eq!(sheet.name, "Front door");
    assert_eq!(sheet.state, SheetState::Hidden);
    assert_eq!(sheet.merges, [(Cell::new(0, 0), Cell::new(0, 2))]);
    assert_eq!(sheet.hidden_rows, BTreeSet::from([2, 3]));
    assert_eq!(sheet.hidden_columns, BTreeSet::from([2, 3]));
    assert_eq!(sheet.comments, BTreeMap::from([(Cell::new(6, 1), "ask | Jo".to_owned())]));
    assert_eq!(sheet.cells[&Cell::new(3, 3)], Entry::number(11147.0));
    assert_eq!(sheet.cells.len(), 3);
    assert_eq!(workbook.sheets[1].cells[&Cell::new(0, 1)], Entry::text("2021-22"));
}

#[test]
fn cells_strewn_over_a_sheet_are_not_drowned_in_blanks() {
    let mut sheet = Sheet { name: "A".into(), ..Sheet::default() };
    for i in 0..3_000 {
        sheet.cells.insert(Cell::new(i * 300, i * 5), Entry::number(1.0));
    }
    sheet.cells.insert(Cell::new(1, 0), Entry::number(2.0));
    let workbook = Workbook { format: Some(Format::Text), sheets: vec![sheet], ..Workbook::default() };
    let text = write(&workbook);
    assert!(text.starts_with("-- A\n       │ A\n     1 │ 1\n     2 │ 2\n       │ F\n   301 │ 1\n"), "{}", &text[..200]);
    assert!(text.len() < 40 * 3_001, "{} bytes", text.len());
    assert_eq!(read(&text).unwrap(), workbook);
}

#[test]
fn what_is_no_notation_is_refused_with_its_line() {
    for (text, line, words) in [
        ("-- A\n x\n", 2, "neither a row"),
        ("-- A\n0 │ x\n", 2, "row number"),
        ("-- A\n1 │ x\n1 │ y\n", 3, "A1 was given before"),
        ("-- A\n  │ A\n1 │ x │ y\n", 3, "no column letter"),
        ("-- A\n1 │ x {colour red}\n", 2, "none of"),
        ("-- A\n1 │ x {=A1\n", 2, "not closed"),
        ("-- A\n1 │ \\u{110000}\n", 2, "none of"),
        ("-- A\n\n== 2020-21 csc\n", 3, "another return"),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(error.message.contains(words), "{}", error.message);
    }
}

#[test]
fn a_value_is_shown_as_people_see_it() {
    for (text, seen) in [
        ("15.6%", "15.6%"),
        ("0.156", "0.156"),
        ("11147", "11,147"),
        ("−72 {format 0}", "−72"),
        ("3.14159 {format #,##0.00}", "3.14"),
        ("1234.5 {format 0.0}", "1,234.5"),
        ("2021-03-31 {format dd/mm/yyyy}", "2021-03-31"),
        ("2021-03-31 14:30", "2021-03-31 14:30"),
        ("'\"  two⏎lines \"", "two⏎lines"),
        ("#N/A", "#N/A"),
        ("{=B2}", ""),
    ] {
        assert_eq!(shown(&read_cell(text).unwrap()), seen, "{text}");
    }
}
