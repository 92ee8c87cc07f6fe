//! Excel workbooks of before 2007: the same content is the same cells as in a workbook of today, whichever program wrote it.
//! Real files by LibreOffice, xlwt and SheetJS (`tests/workbooks/old.py` says how), small ones made record by record, and the
//! values of calamine as a second opinion.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[allow(dead_code, unreachable_pub, reason = "the list of crafted files uses the rest")]
#[path = "crafted/ole.rs"]
mod ole;

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xls};
use ole::{compound, file, formula, number, record, shorts, stream, texts};
use proptest::prelude::*;
use safereturn::cell::Cell;
use safereturn::extract::Context;
use safereturn::finding::{Findings, Severity};
use safereturn::report::Report;
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Entry, Format, Sheet, SheetState, Submission, Value, Workbook, notation};

type Said = Vec<(String, Severity, String)>;

fn read(name: &str, bytes: Vec<u8>) -> (Workbook, Said) {
    let mut findings = Findings::default();
    let workbook = Workbook::read(&Submission { name: name.into(), content: Content::File(bytes) }, &mut findings);
    let said = findings.list().iter().map(|f| (f.rule.to_string(), f.severity, f.message.clone())).collect();
    (workbook, said)
}

/// The bytes of a file of `tests/workbooks`, or of another folder.
fn bytes(name: &str) -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read(root.join("tests/workbooks").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The workbook of one crafted sheet, which is read without a word.
fn crafted(globals: &[u8], sheet: &[u8]) -> Workbook {
    let (workbook, said) = read("r.xls", file(globals, sheet));
    assert_eq!(said, []);
    workbook
}

fn shown(sheet: &Sheet) -> Vec<String> {
    sheet.cells.iter().map(|(cell, entry)| format!("{cell} {}", notation::cell(entry))).collect()
}

#[test]
fn the_same_workbook_says_the_same_as_today() {
    let (today, said_today) = read("r.xlsx", bytes("libreoffice.xlsx"));
    let (old, said) = read("r.xls", bytes("libreoffice.xls"));
    assert_eq!(old.format, Some(Format::Xls));
    assert_eq!(said, said_today);
    // Values, formats, formulas, colours, merges, hidden rows and columns, filter, comments, states, names, properties. Only
    // the cells that say nothing are of other number: this format says of each cell of a merged region how it looks.
    let without = |workbook: &Workbook| -> Vec<Sheet> {
        workbook.sheets.iter().cloned().map(|sheet| Sheet { dropped: 0, ..sheet }).collect()
    };
    assert_eq!(without(&old), without(&today));
    assert_eq!(old.names, today.names);
    // LibreOffice names itself in today's files only, and its version in old ones.
    let properties = |workbook: &Workbook| {
        let mut all = workbook.properties.clone();
        all.retain(|name, _| !["application", "AppVersion"].contains(&name.as_str()));
        all
    };
    assert_eq!(properties(&old), properties(&today));
    assert_eq!(old.properties["template"], "2020-21/1.0.0");
}

#[test]
fn formulas_and_long_texts_say_the_same_as_today() {
    let (today, _) = read("r.xlsx", bytes("formulas.xlsx"));
    let (old, said) = read("r.xls", bytes("formulas.xls"));
    assert_eq!(said, []);
    // LibreOffice writes a truth as a function into today's files, and a sheet that is called like a cell without marks.
    let formula = |entry: &Entry| entry.formula.as_ref().map(|f| f.replace("'A1'", "A1").replace("FALSE()", "FALSE"));
    for (old, today) in old.sheets.iter().zip(&today.sheets) {
        assert_eq!(old.cells.keys().collect::<Vec<_>>(), today.cells.keys().collect::<Vec<_>>());
        for (cell, entry) in &old.cells {
            let other = &today.cells[cell];
            assert_eq!(
                (&entry.value, &entry.format, &entry.fill),
                (&other.value, &other.format, &other.fill),
                "{cell}"
            );
            assert_eq!(formula(entry), formula(other), "{cell}");
        }
        assert_eq!(old.comments, today.comments);
    }
    assert_eq!(old.names, today.names);
    let formulas = old.sheets[0].cells.values().filter(|e| e.formula.is_some()).count();
    assert!(formulas >= 31 && !format!("{:?}", old.sheets[0]).contains('…'), "every formula is told: {formulas}");
}

#[test]
fn workbooks_of_other_programs_say_the_same() {
    let (today, _) = read("r.xlsx", bytes("libreoffice.xlsx"));
    for name in ["sheetjs8.xls", "sheetjs5.xls"] {
        let (old, said) = read(name, bytes(name));
        assert_eq!(old.sheets.len(), 2, "{name}");
        // SheetJS writes no formulas, colours, comments or hidden rows; and as Excel 95, only plain letters.
        for (old, today) in old.sheets.iter().zip(&today.sheets) {
            assert_eq!((&old.name, old.state), (&today.name, today.state), "{name}");
            let written = |(_, e): &(&Cell, &Entry)| e.value != Value::Nothing;
            for (cell, entry) in today.cells.iter().filter(written) {
                let value = match &entry.value {
                    Value::Text(text) if name == "sheetjs5.xls" => Value::Text(text.replace('\u{a0}', "_")),
                    value => value.clone(),
                };
                assert_eq!(old.cells[cell].value, value, "{name} {cell}");
                assert_eq!(old.cells[cell].format, entry.format, "{name} {cell}");
            }
            assert_eq!(old.cells.len(), today.cells.iter().filter(written).count());
        }
        assert_eq!(said, []);
    }
    let (old, _) = read("r.xls", bytes("xlwt.xls"));
    let sheet = &old.sheets[0];
    let rows = ["A1 Contacts", "B1 11,147", "F1 aside", "B2 15.6%", "B3 2021-03-31 {format DD/MM/YYYY}", "B4 TRUE"];
    let more = ["B5 ' {=B1*2}", "A7 merged", "A8 {fill FF6600}", "A9 日本語", "A10 5"];
    let all = shown(sheet);
    assert_eq!(all[..11], [&rows[..], &more[..]].concat());
    assert_eq!(all[11], "A11 ' {=SUM(B1:B2,$A$3)+IF(A1=\"x\",1,2)}");
    assert_eq!(all[12..].len(), 9);
    assert_eq!(sheet.merges, [(Cell::new(6, 0), Cell::new(6, 3))]);
    assert_eq!((&sheet.hidden_rows, &sheet.hidden_columns), (&BTreeSet::from([9]), &BTreeSet::from([5])));
    assert_eq!(old.sheets[1].state, SheetState::VeryHidden);
    let text =
        |row: u32| format!("text {row} {}", if row.is_multiple_of(3) { "Ω" } else { "e" }.repeat(row as usize % 90));
    for row in 0..400 {
        assert_eq!(old.sheets[1].cells[&Cell::new(row, 1)], Entry::text(text(row)));
    }
}

/// Our cells with a value are those of calamine, and the values are the same; how many there are.
fn agrees(name: &str, bytes: Vec<u8>) -> usize {
    let mut theirs = Xls::new(Cursor::new(bytes.clone())).unwrap();
    let (ours, _) = read(name, bytes);
    let mut compared = 0;
    assert_eq!(ours.sheets.iter().map(|s| s.name.clone()).collect::<Vec<_>>(), theirs.sheet_names());
    for (sheet, raw) in ours.sheets.iter().zip(theirs.sheet_names()) {
        let range = theirs.worksheet_range(&raw).unwrap();
        let mut seen = BTreeSet::new();
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let cell = Cell::new(top + row as u32, left + column as u32);
            if let Data::String(text) = value
                && text.chars().all(char::is_whitespace)
            {
                continue;
            }
            seen.insert(cell);
            let same = match (&sheet.cells[&cell].value, value) {
                (Value::Number(a), Data::Float(b)) => a == b,
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                (Value::Number(a), Data::Int(b)) => *a == *b as f64,
                (Value::Text(a), Data::String(b)) => a == b,
                (Value::Truth(a), Data::Bool(b)) => a == b,
                (Value::Error(a), Data::Error(b)) => *a == b.to_string(),
                (Value::Date(a), Data::DateTime(b)) => Some(*a) == b.as_datetime(),
                // Durations and moments before the first day are no dates of ours.
                (Value::Number(a), Data::DateTime(b)) => *a == b.as_f64(),
                _ => false,
            };
            assert!(same, "{name} {raw}!{cell}: {:?} and {value:?}", sheet.cells[&cell].value);
            compared += 1;
        }
        let own: BTreeSet<Cell> = sheet.cells.iter().filter(|(_, e)| !e.is_blank()).map(|(cell, _)| *cell).collect();
        assert_eq!(own, seen, "{name} {raw}");
    }
    compared
}

#[test]
fn calamine_reads_the_same_values() {
    let mut names: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/workbooks"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".xls"))
        .collect();
    names.sort();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let compared = agrees(&name, bytes(&name));
        assert!(compared > 20, "{name}: {compared} cells");
    }
}

fn checked(name: &str, bytes: Vec<u8>) -> Report {
    let schemas = Schemas::built_in().unwrap();
    let submission = Submission { name: name.into(), content: Content::File(bytes) };
    safereturn::check(&submission, &Context::on(chrono::NaiveDate::from_ymd_opt(2022, 7, 1).unwrap()), &schemas)
}

#[test]
fn a_return_gives_the_same_findings_and_figures() {
    let inbox = "../../inbox";
    for (today, old) in [
        ("csc/Safeguarding data 2021-22 FINAL.xlsx", "csc-2021-22.xls"),
        ("mps/MPS return 2021-22.xlsx", "mps-2021-22.xls"),
    ] {
        let today = checked("r.xlsx", bytes(&format!("{inbox}/{today}")));
        let old = checked("r.xls", bytes(old));
        assert_eq!(old.outcome, today.outcome);
        assert!(old.figures.figures.len() > 20);
        let findings = |report: &Report| -> Vec<String> {
            report.findings.iter().map(|f| format!("{} {} {} {}", f.severity.word(), f.rule, f.at, f.message)).collect()
        };
        assert_eq!(findings(&old), findings(&today));
        assert_eq!(old.figures.figures, today.figures.figures);
        assert_eq!(old.figures.uses, today.figures.uses);
    }
}

#[test]
fn texts_go_on_in_the_next_record() {
    // Three texts: one that changes from letters of one byte to letters of two in its middle; one with runs of fonts, which
    // are cut between records, too; one with sounds.
    let first = texts(3, &[6, 0, 0, b'a', b'b', b'c']);
    let second = record(
        0x003C,
        &[
            1,
            0x3B1_u16.to_le_bytes()[0],
            3,
            b'b',
            0,
            0x3B3_u16.to_le_bytes()[0],
            3,
            4,
            0,
            8,
            2,
            0,
            b'r',
            b'i',
            b'c',
            b'h',
            0,
            0,
            1,
        ],
    );
    let third = record(0x003C, &[0, 2, 0, 1, 0, 2, 0, 5, 3, 0, 0, 0, 0x42, 0x30, 0x43, 0x30, 9, 9, 9]);
    let cell = |row: u16| record(0x00FD, &shorts(&[row, 0, 0, row, 0]));
    let workbook = crafted(&[first, second, third].concat(), &[cell(0), cell(1), cell(2)].concat());
    assert_eq!(shown(&workbook.sheets[0]), ["A1 abcαbγ", "A2 rich", "A3 あぃ"]);
}

#[test]
fn numbers_in_four_bytes_are_exact() {
    let rk = |row: u16, n: u32| record(0x027E, &[shorts(&[row, 0, 0]), n.to_le_bytes().to_vec()].concat());
    let cells = [
        rk(0, 0x3FF0_0000),
        rk(1, 2_u32 | (11_147 << 2)),
        rk(2, 3 | (1_560 << 2)),
        rk(3, 0xFFFF_FFFE),
        rk(4, 0x40C0_0001),
    ];
    let workbook = crafted(&[], &cells.concat());
    assert_eq!(shown(&workbook.sheets[0]), ["A1 1", "A2 11,147", "A3 15.6", "A4 −1", "A5 81.92"]);
}

#[test]
fn a_formula_that_cells_share_moves_with_each() {
    const ONE: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F];
    // B2 to B4 hold A2+$C$1: the first reference is one column to the left.
    let tokens = [&[0x4C, 0, 0, 0xFF, 0xC0][..], &[0x4C, 0, 0, 2, 0, 0x03]].concat();
    let shared = [shorts(&[1, 3]), vec![1, 1, 0, 3], shorts(&[u16::try_from(tokens.len()).unwrap()]), tokens].concat();
    let cell = |row| formula(row, 1, ONE, &[0x01, 1, 0, 1, 0]);
    let cells = [cell(1), record(0x04BC, &shared), cell(2), cell(3)].concat();
    let workbook = crafted(&[], &cells);
    assert_eq!(shown(&workbook.sheets[0]), ["B2 1 {=A2+$C$1}", "B3 1 {=A3+$C$1}", "B4 1 {=A4+$C$1}"]);
}

#[test]
fn another_workbook_in_a_formula_is_seen() {
    const ONE: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F];
    let book = [&shorts(&[1, 10])[..], b"\0\x01Book2.xls", &shorts(&[7]), b"\0Figures"].concat();
    let globals =
        [record(0x01AE, &shorts(&[1, 0x0401])), record(0x01AE, &book), record(0x0017, &shorts(&[2, 0, 0, 0, 1, 0, 0]))];
    let to = |sheet: u8| [&[0x3A, sheet, 0][..], &[4, 0, 1, 0xC0]].concat();
    let workbook = crafted(&globals.concat(), &[formula(0, 0, ONE, &to(1)), formula(1, 0, ONE, &to(0))].concat());
    assert_eq!(shown(&workbook.sheets[0]), ["A1 1 {=[1]Figures!B5}", "A2 1 {='Front door'!B5}"]);
}

#[test]
fn what_is_no_cell_is_not_read_as_one() {
    // The numbers of a chart in the sheet, a macro sheet, a sheet that is a chart.
    let chart = [record(0x0809, &shorts(&[0x0600, 0x20])), number(9, 9, 9.0), ole::END_OF_SHEET.to_vec()].concat();
    let mut bytes = stream(
        &[],
        &[("A", &[number(0, 0, 1.0), chart].concat()), ("B", &number(0, 0, 2.0)), ("C", &number(0, 0, 3.0))],
    );
    // The kinds of sheets stand behind their places and states.
    let kinds: Vec<usize> = (0..3).map(|i| 20 + 4 + 13 * i + 5).collect();
    (bytes[kinds[1]], bytes[kinds[2]]) = (1, 2);
    let (workbook, said) = read("r.xls", compound(&[("Workbook", &bytes)]));
    assert_eq!(workbook.sheets.iter().map(|s| s.cells.len()).collect::<Vec<_>>(), [1, 0, 0]);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, "FIL-07");
    assert!(said[0].2.contains("sheet “B” holds commands"), "{}", said[0].2);
}

#[test]
fn where_the_format_ends_rows_may_have_been_cut() {
    let (workbook, said) = read("r.xls", file(&[], &[number(0, 0, 1.0), number(u16::MAX, 2, 2.0)].concat()));
    assert_eq!(shown(&workbook.sheets[0]), ["A1 1", "C65536 2"]);
    assert_eq!((said[0].0.as_str(), said[0].1, said.len()), ("FIL-07", Severity::Note, 1));
    assert!(said[0].2.contains("full down to row 65536"), "{}", said[0].2);
    // A cell that is only formatted says nothing there: it is passed over, as it would be elsewhere.
    let ghost = record(0x0201, &shorts(&[u16::MAX, 255, 0]));
    let (workbook, said) = read("r.xls", file(&[], &[number(0, 0, 1.0), ghost].concat()));
    assert_eq!((workbook.sheets[0].cells.len(), workbook.sheets[0].dropped), (1, 1));
    assert_eq!(
        said.iter().map(|(rule, severity, _)| (rule.as_str(), *severity)).collect::<Vec<_>>(),
        [("TPL-03", Severity::Note)]
    );
}

#[test]
fn dates_of_the_1904_system_and_own_colours_are_read() {
    let style = |format: u16, fill: u32, colour: u16| {
        let fill = (fill << 26).to_le_bytes().to_vec();
        record(0x00E0, &[shorts(&[0, format, 0, 0, 0, 0, 0]), fill, shorts(&[colour])].concat())
    };
    let format = [&shorts(&[164, 10])[..], b"\0dd/mm/yyyy"].concat();
    let palette = [&shorts(&[1])[..], &[0x12, 0x34, 0x56, 0]].concat();
    let globals = [
        record(0x0022, &shorts(&[1])),
        record(0x041E, &format),
        style(0, 0, 0),
        style(164, 1, 8),
        style(10, 0, 8),
        record(0x0092, &palette),
    ];
    let styled =
        |row: u16, style: u16, n: f64| record(0x0203, &[shorts(&[row, 0, style]), n.to_le_bytes().to_vec()].concat());
    let workbook = crafted(&globals.concat(), &[styled(0, 1, 42_824.0), styled(1, 2, 0.156)].concat());
    let sheet = &workbook.sheets[0];
    assert_eq!(notation::shown(&sheet.cells[&Cell::new(0, 0)]), "2021-03-31");
    assert_eq!(sheet.cells[&Cell::new(0, 0)].fill.as_deref(), Some("123456"));
    assert_eq!(sheet.cells[&Cell::new(1, 0)].format.as_deref(), Some("0.00%"));
}

/// A workbook as Excel 95 writes it: letters in a code page, comments in records of their own.
fn excel_95(page: u16, sheet: &[u8]) -> Vec<u8> {
    let head = [record(0x0809, &shorts(&[0x0500, 5, 0, 0])), record(0x0042, &shorts(&[page]))].concat();
    let start = u32::try_from(head.len() + 4 + 8 + 4).unwrap();
    let listed = record(0x0085, &[&start.to_le_bytes()[..], &[0, 0, 1, 0xC9]].concat());
    let stream = [
        &head,
        &listed[..],
        &ole::END_OF_SHEET,
        &record(0x0809, &shorts(&[0x0500, 0x10, 0, 0])),
        sheet,
        &ole::END_OF_SHEET,
    ];
    compound(&[("Book", &stream.concat())])
}

#[test]
fn excel_95_has_code_pages_and_shorter_texts() {
    let label = |row: u16, text: &[u8]| {
        record(0x0204, &[shorts(&[row, 0, 0, u16::try_from(text.len()).unwrap()]), text.to_vec()].concat())
    };
    let note = [shorts(&[0, 0, 7]), b"ask \xC9va".to_vec()].concat();
    let formula = formula(
        1,
        1,
        [0, 0, 0, 0, 0, 0, 0xF0, 0x3F],
        &[0x44, 0, 0xC0, 0, 0x25, 0, 0xC0, 2, 0, 1, 1, 0x42, 1, 4, 0, 0x03],
    );
    let sheet = [label(0, b"Caf\xE9"), formula, record(0x001C, &note)].concat();
    let (workbook, said) = read("r.xls", excel_95(1252, &sheet));
    assert_eq!(said, []);
    assert_eq!(workbook.sheets[0].name, "É");
    assert_eq!(shown(&workbook.sheets[0]), ["A1 Café", "B2 1 {=A1+SUM(B1:$B$3)}"]);
    assert_eq!(workbook.sheets[0].comments[&Cell::new(0, 0)], "ask Éva");
    let (workbook, _) = read("r.xls", excel_95(1251, &label(0, b"\xC4\xE0")));
    assert_eq!(shown(&workbook.sheets[0]), ["A1 Да"]);
    let (_, said) = read("r.xls", excel_95(437, &label(0, b"Caf\x82")));
    assert!(said[0].2.contains("code page 437"), "{said:?}");
    let (_, said) = read("r.xls", excel_95(1252, &label(0, &[b'x'; 255])));
    assert!(said[0].0 == "FIL-07" && said[0].2.contains("A1 has 255 characters"), "{said:?}");
}

#[test]
fn other_files_of_that_time_are_named() {
    for (streams, rule, words) in [
        (&["WordDocument"][..], "FIL-01", "a Word document (.doc)"),
        (&["PowerPoint Document"], "FIL-01", "a PowerPoint presentation (.ppt)"),
        (&["__properties_version1.0"], "FIL-01", "an e-mail saved from Outlook (.msg)"),
        (&["EncryptionInfo", "EncryptedPackage"], "FIL-02", "protected by a password"),
        (&["CONTENTS"], "FIL-01", "holds no workbook"),
    ] {
        let streams: Vec<(&str, &[u8])> = streams.iter().map(|name| (*name, &[1_u8][..])).collect();
        let (workbook, said) = read("return.xls", compound(&streams));
        assert!(workbook.sheets.is_empty());
        assert_eq!((said[0].0.as_str(), said[0].1, said.len()), (rule, Severity::Error, 1));
        assert!(said[0].2.contains(words), "{}", said[0].2);
    }
}

/// What stands in cells, to see whether damage could make a wrong figure of a right one without a word.
const SAMPLES: [&str; 5] = ["libreoffice.xls", "sheetjs8.xls", "sheetjs5.xls", "mps-2021-22.xls", "formulas.xls"];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 300 } else { 5_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is damaged in a file, the answer is a workbook or a finding, never a panic.
    #[test]
    fn damaged_files_never_panic(
        sample in 0..SAMPLES.len(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = bytes(SAMPLES[sample]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()).max(600));
        }
        let (workbook, said) = read("r.xls", bytes);
        prop_assert!(!workbook.sheets.is_empty() || !said.is_empty());
    }

    /// The same for the records themselves: bytes changed, put in and taken out, so that lengths no longer fit.
    #[test]
    fn damaged_records_never_panic(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut bytes = everything();
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes[at] = 0xFF,
                2 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        let (workbook, said) = read("r.xls", compound(&[("Workbook", &bytes)]));
        prop_assert!(!workbook.sheets.is_empty() || !said.is_empty());
    }

    /// Tokens of formulas that no program wrote.
    #[test]
    fn any_tokens_are_told_or_not(tokens in proptest::collection::vec(any::<u8>(), 0..40)) {
        let bytes = file(&record(0x01AE, &shorts(&[1, 0x0401])), &formula(0, 0, [0; 8], &tokens));
        let (workbook, said) = read("r.xls", bytes);
        prop_assert_eq!(said, []);
        prop_assert!(workbook.sheets[0].cells[&Cell::new(0, 0)].formula.is_some());
    }
}

/// One of each record that is read.
fn everything() -> Vec<u8> {
    const TEXT: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF];
    let globals = [
        record(0x0042, &shorts(&[1200])),
        record(0x0022, &shorts(&[0])),
        record(0x041E, &[&shorts(&[164, 4])[..], b"\x000.0%"].concat()),
        record(0x00E0, &[0, 0, 164, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 8, 0]),
        record(0x0092, &[1, 0, 1, 2, 3, 0]),
        texts(2, &[1, 0, 0, b'a', 2, 0, 12, 1, 0, 2, 0, 0, 0, b'b', b'c', 1, 1, 1, 1, 2, 2]),
        record(0x01AE, &shorts(&[1, 0x0401])),
        record(0x01AE, &[1, 0, 1, 0, 0, b'B', 1, 0, 0, b'S']),
        record(0x0023, &[0, 0, 0, 0, 0, 0, 1, 0, b'n']),
        record(0x0017, &shorts(&[2, 0, 0, 0, 1, 0, 0])),
        record(0x0018, &[0x20, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0x1E, 1, 0]),
    ];
    let sheet = [
        record(0x0200, &[0; 14]),
        record(0x007D, &shorts(&[1, 2, 0, 0, 1, 0])),
        record(0x0208, &shorts(&[1, 0, 9, 255, 0, 0, 0x20, 0])),
        number(0, 0, 1.5),
        record(0x027E, &shorts(&[0, 1, 0, 6, 0])),
        record(0x00BD, &shorts(&[0, 2, 0, 6, 0, 0, 6, 0, 3])),
        record(0x00FD, &shorts(&[1, 0, 0, 1, 0])),
        record(0x0204, &[&shorts(&[1, 1, 0, 2])[..], b"\0xy"].concat()),
        record(0x00D6, &[&shorts(&[1, 2, 0, 2])[..], b"\x08\x01\0xy\0\0\0\0"].concat()),
        record(0x0205, &shorts(&[1, 3, 0, 1])),
        record(0x0201, &shorts(&[1, 4, 0])),
        record(0x00BE, &shorts(&[1, 5, 0, 0, 6])),
        formula(2, 0, TEXT, &[0x23, 1, 0, 0, 0, 0x39, 1, 0, 1, 0, 0, 0, 0x08]),
        record(0x0207, b"\x02\0\0ok"),
        formula(3, 0, [1; 8], &[0x01, 3, 0, 0, 0]),
        record(0x04BC, &[&shorts(&[3, 4, 0])[..], &[0, 2], &[6, 0], &[0x4C, 0, 0, 1, 0xC0, 0x14]].concat()),
        formula(4, 0, [1; 8], &[0x01, 3, 0, 0, 0]),
        record(0x00E5, &shorts(&[1, 0, 0, 0, 1])),
        record(0x009B, &[]),
        record(0x005D, &shorts(&[0x15, 0x12, 0x19, 1, 0, 0, 0, 0, 0, 0, 0])),
        record(0x01B6, &shorts(&[0, 0, 0, 0, 0, 2, 16, 0, 0])),
        record(0x003C, b"\0hi"),
        record(0x001C, &shorts(&[0, 0, 0, 1, 0])),
    ];
    stream(&globals.concat(), &[("Front door", &sheet.concat()), ("Other", &number(0, 0, 1.0))])
}

#[test]
fn one_of_each_record_is_read() {
    let (workbook, said) = read("r.xls", compound(&[("Workbook", &everything())]));
    assert_eq!(said, []);
    let sheet = &workbook.sheets[0];
    let cells = shown(sheet);
    for expected in [
        "A2 bc {format 0.0%} {fill 010203}",
        "B2 xy {format 0.0%} {fill 010203}",
        "A3 ok {=_xlnm.Print_Area&[1]!n} {format 0.0%} {fill 010203}",
    ] {
        assert!(cells.iter().any(|cell| cell == expected), "{expected}: {cells:#?}");
    }
    assert_eq!(sheet.comments[&Cell::new(0, 0)], "hi");
    assert_eq!(workbook.names["_xlnm.Print_Area"], "1");
    assert!(sheet.filtered && sheet.hidden_rows.contains(&1) && sheet.hidden_columns.contains(&2));
}
