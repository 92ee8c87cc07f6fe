//! Binary workbooks: what SheetJS wrote (`tests/workbooks/make_sheetjs.mjs`, nearly all of it in short records), and files
//! in the records that Excel writes, made here because no program at hand writes them. calamine reads the latter, too, and
//! has to see the same cells.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[path = "common/binary.rs"]
mod binary;

use std::collections::BTreeSet;
use std::io::Cursor;

use binary::{
    Package, book, cell, counted, longs, notes, record, rgb, row, sheet, short, strings, styles, text, tokens,
};
use calamine::{Data, Reader};
use proptest::prelude::*;
use safereturn::cell::Cell;
use safereturn::finding::{Findings, Severity};
use safereturn::workbook::{Content, Format, SheetState, Submission, Value, Workbook, notation};

type Said = Vec<(String, Severity, String)>;

fn read(bytes: Vec<u8>) -> (Workbook, Said) {
    let mut findings = Findings::default();
    let submission = Submission { name: "return.xlsb".to_owned(), content: Content::File(bytes) };
    let workbook = Workbook::read(&submission, &mut findings);
    let said = findings.list().iter().map(|f| (f.rule.to_string(), f.severity, f.message.clone())).collect();
    (workbook, said)
}

/// Reads what must be read without a word.
fn quietly(bytes: Vec<u8>) -> Workbook {
    let (workbook, said) = read(bytes);
    assert_eq!(said, []);
    workbook
}

fn refused(bytes: Vec<u8>, rule: &str, words: &str) {
    let (workbook, said) = read(bytes);
    assert!(workbook.sheets.is_empty(), "{said:?}");
    assert_eq!((said.len(), said[0].0.as_str(), said[0].1), (1, rule, Severity::Error), "{said:?}");
    assert!(said[0].2.contains(words), "{}", said[0].2);
}

fn file(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workbooks").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A small number: a whole one, or hundredths.
fn whole(n: i32, hundredths: bool) -> Vec<u8> {
    ((n << 2) | 2 | i32::from(hundredths)).to_le_bytes().to_vec()
}

fn real(n: f64) -> Vec<u8> {
    n.to_le_bytes().to_vec()
}

/// A reference to a cell; relative in both ways.
fn to(row: u32, column: u16) -> Vec<u8> {
    [vec![0x44], longs(&[row]), (column | 0xC000).to_le_bytes().to_vec()].concat()
}

/// A workbook in the records that Excel writes: every kind of cell, formulas of every result, and what a sheet says besides.
fn excel() -> Package {
    let front = sheet(
        &[record(147, &[0xC9, 4, 3]), record(148, &longs(&[0, 9, 0, 4])), columns(4, 4, 0x900, 1)],
        &[
            row(0, false),
            cell(7, 0, 0, &longs(&[0])),
            row(1, false),
            cell(7, 0, 0, &longs(&[1])),
            cell(2, 1, 0, &whole(11_147, false)),
            cell(2, 2, 0, &whole(1_560, true)),
            cell(2, 3, 1, &longs(&[((0.5_f64.to_bits() >> 32) as u32) & !3])),
            row(2, false),
            cell(5, 1, 1, &real(0.156)),
            cell(5, 2, 2, &real(44_286.0)),
            cell(2, 3, 2, &whole(44_286, false)),
            row(3, false),
            cell(4, 1, 0, &[1]),
            cell(3, 2, 0, &[0x2A]),
            cell(6, 3, 0, &text(" 44 ")),
            cell(62, 4, 0, &[vec![1], text("rich"), longs(&[1, 0])].concat()),
            row(4, true),
            cell(1, 0, 0, &[]),
            cell(1, 1, 3, &[]),
            cell(2, 2, 0, &whole(7, false)),
            row(5, false),
            // B2*2, with 1 added: PtgRef, PtgInt, PtgMul, PtgInt, PtgAdd
            cell(
                9,
                1,
                0,
                &[real(22_295.0), tokens(&[to(1, 1), vec![0x1E, 2, 0, 5, 0x1E, 1, 0, 3]].concat(), &[])].concat(),
            ),
            cell(
                8,
                2,
                0,
                &[text("as text"), tokens(&[vec![0x17, 7, 0], text("as text")[4..].to_vec()].concat(), &[])].concat(),
            ),
            cell(10, 3, 0, &[vec![0], tokens(&[0x1D, 0], &[])].concat()),
            row(6, false),
            cell(11, 1, 0, &[vec![0x07], tokens(&[&[0x1E, 1, 0, 0x1E, 0, 0, 6][..]].concat(), &[])].concat()),
        ],
        &[
            record(161, &longs(&[1, 5, 0, 3])),
            record(163, &[0; 6]),
            record(164, &[]),
            record(162, &[]),
            record(177, &longs(&[1])),
            record(176, &longs(&[0, 0, 0, 4])),
            record(178, &[]),
        ],
    );
    let hidden = sheet(&[record(148, &longs(&[0; 4]))], &[row(0, false), cell(7, 0, 0, &longs(&[2]))], &[]);
    let mut package = Package::new(&[("Front door", front), ("Lists", hidden)]);
    let template =
        [vec![0; 5], longs(&[u32::MAX]), text("template_version"), counted(&name_text("1.0.0")), longs(&[0])];
    let names = [record(39, &template.concat())];
    package
        .set("xl/workbook.bin", book(&[record(153, &longs(&[0x20, 0, 0]))], &[("Front door", 0), ("Lists", 1)], &names))
        .set("xl/sharedStrings.bin", strings(&["Front door", "Contacts in the year", "NEG"]))
        .set(
            "xl/styles.bin",
            styles(
                &[(164, "0.0%"), (165, "dd/mm/yyyy")],
                &[(0, vec![0; 8]), (1, rgb(0xFF, 0xC0, 0))],
                &[(0, 0), (164, 0), (165, 0), (0, 1)],
            ),
        )
        .set("xl/comments1.bin", notes(&[(1, 1, "should be 46, ask Jo")]))
        .link("xl/worksheets/sheet1.bin", &[("rId1", "comments", "../comments1.bin")])
        .set("docProps/custom.xml", br#"<?xml version="1.0"?><Properties xmlns="x" xmlns:vt="y"><property name="template"><vt:lpwstr>2020-21 &amp; 1.0.0</vt:lpwstr></property></Properties>"#.to_vec())
        .set("docProps/core.xml", br#"<?xml version="1.0"?><cp:coreProperties><dc:title>Return</dc:title><dc:creator/></cp:coreProperties>"#.to_vec());
    package
}

/// Columns that are hidden or not: first and last, width, flags.
fn columns(first: u32, last: u32, width: u32, flags: u16) -> Vec<u8> {
    let columns = record(60, &[longs(&[first, last, width, 0]), flags.to_le_bytes().to_vec()].concat());
    [record(390, &[]), columns, record(391, &[])].concat()
}

fn name_text(words: &str) -> Vec<u8> {
    let units = u16::try_from(words.encode_utf16().count()).unwrap();
    [vec![0x17], units.to_le_bytes().to_vec(), text(words)[4..].to_vec()].concat()
}

#[test]
fn every_record_that_excel_writes_is_read() {
    let (workbook, said) = read(excel().zip());
    assert_eq!(workbook.format, Some(Format::Xlsb));
    let shown = notation::write(&workbook);
    assert_eq!(
        shown.lines().skip_while(|l| !l.contains("│")).take(8).collect::<Vec<_>>().join("\n"),
        "     │ A                    │ B                │ C                              │ D                              │ E
   1 │ Front door
   2 │ Contacts in the year │ 11,147           │ 15.6                           │ 50.0%
   3 │                      │ 15.6%            │ 2021-03-31 {format dd/mm/yyyy} │ 2021-03-31 {format dd/mm/yyyy}
   4 │                      │ TRUE             │ #N/A                           │ '\" 44 \"                        │ rich
   5 │                      │ {fill FFC000}    │ 7
   6 │                      │ 22,295 {=B2*2+1} │ as text {=\"as text\"}           │ FALSE {=FALSE}
   7 │                      │ #DIV/0! {=1/0}",
        "{shown}"
    );
    let front = &workbook.sheets[0];
    assert_eq!(front.merges, [(Cell::new(0, 0), Cell::new(0, 4))]);
    assert_eq!(front.hidden_rows, BTreeSet::from([4]));
    assert_eq!(front.hidden_columns, BTreeSet::from([4]));
    assert!(front.filtered);
    assert_eq!(front.comments[&Cell::new(1, 1)], "should be 46, ask Jo");
    assert_eq!(front.dropped, 1);
    assert_eq!(workbook.sheets[1].state, SheetState::Hidden);
    assert_eq!(workbook.names["template_version"], "1.0.0");
    assert_eq!(workbook.properties["template"], "2020-21 & 1.0.0");
    assert_eq!(workbook.properties["title"], "Return");
    assert!(!workbook.properties.contains_key("creator"));
    let rules: Vec<&str> = said.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["FIL-07"], "{said:?}");
    assert!(said[0].2.starts_with("“Front door” says that it goes to row 10, and ends with row 7."), "{said:?}");
}

/// Threads of comments are XML in this format, too; the note that repeats one for older programs says nothing of its own.
#[test]
fn threads_of_comments_are_read() {
    let mut package = excel();
    package
        .set("xl/comments1.bin", notes(&[(1, 1, "[Threaded comment] Your version of Excel …"), (2, 1, "a note")]))
        .set(
            "xl/threadedComments/threadedComment1.xml",
            br#"<?xml version="1.0"?><ThreadedComments><threadedComment ref="B2"><text>should be 46</text></threadedComment><threadedComment ref="B2"><text>ask Jo</text></threadedComment></ThreadedComments>"#.to_vec(),
        )
        .link(
            "xl/worksheets/sheet1.bin",
            &[
                ("rId1", "comments", "../comments1.bin"),
                ("rId2", "threadedComment", "../threadedComments/threadedComment1.xml"),
            ],
        );
    let (workbook, _) = read(package.zip());
    let comments: Vec<(String, &str)> =
        workbook.sheets[0].comments.iter().map(|(cell, text)| (cell.to_string(), text.as_str())).collect();
    assert_eq!(comments, [("B2".to_owned(), "should be 46\nask Jo"), ("B3".to_owned(), "a note")]);
}

/// What calamine sees of the same file: it knows every record that Excel writes, but for errors of formulas.
#[test]
fn another_reader_sees_the_same_cells() {
    let bytes = excel().zip();
    let (ours, _) = read(bytes.clone());
    let mut theirs: calamine::Xlsb<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let mut compared = 0;
    for sheet in &ours.sheets {
        let range = theirs.worksheet_range(&sheet.name).unwrap();
        for (cell, entry) in &sheet.cells {
            let value = range.get_value((cell.row, cell.column)).unwrap_or(&Data::Empty);
            let same = match (&entry.value, value) {
                (Value::Nothing, Data::Empty) => true,
                (Value::Number(n), Data::Float(m)) => n == m,
                #[expect(clippy::cast_precision_loss, reason = "small")]
                (Value::Number(n), Data::Int(m)) => *n == *m as f64,
                (Value::Text(t), Data::String(u)) => t == u,
                (Value::Truth(t), Data::Bool(u)) => t == u,
                (Value::Date(d), Data::DateTime(u)) => Some(*d) == u.as_datetime(),
                (Value::Error(e), Data::Error(u)) => *e == u.to_string(),
                // Two records that it passes over: the error of a formula, and text in several letterings.
                (Value::Error(e), Data::Empty) => e == "#DIV/0!" && entry.formula.is_some(),
                (Value::Text(t), Data::Empty) => t == "rich",
                _ => false,
            };
            assert!(same, "{}!{cell}: {:?}, {value:?}", sheet.name, entry.value);
            compared += 1;
        }
    }
    assert_eq!(compared, 19);
}

/// facts 22: of such a file calamine reads the first cell of each row, and says nothing.
#[test]
fn no_cell_that_sheetjs_wrote_is_lost() {
    let (workbook, said) = read(file("sheetjs.xlsb"));
    let mut findings = Findings::default();
    let source = Submission { name: "libreoffice.xlsx".into(), content: Content::File(file("libreoffice.xlsx")) };
    let source = Workbook::read(&source, &mut findings);
    assert_eq!(workbook.sheets.len(), source.sheets.len());
    for (ours, theirs) in workbook.sheets.iter().zip(&source.sheets) {
        assert_eq!((&ours.name, ours.state), (&theirs.name, theirs.state));
        assert_eq!((&ours.merges, &ours.hidden_columns), (&theirs.merges, &theirs.hidden_columns));
        assert_eq!(ours.comments, theirs.comments);
        for (cell, entry) in &theirs.cells {
            // SheetJS 0.18.5 writes neither fills nor formulas into such files.
            if entry.value == Value::Nothing {
                assert!(!ours.cells.contains_key(cell));
                continue;
            }
            let read = &ours.cells[cell];
            assert_eq!((&read.value, &read.format), (&entry.value, &entry.format), "{cell}");
            assert_eq!(read.formula, None);
        }
    }
    assert_eq!(workbook.properties["template"], "2020-21/1.0.0");
    assert_eq!(said, [], "{said:?}");
    let mut short: calamine::Xlsb<_> = calamine::open_workbook_from_rs(Cursor::new(file("sheetjs.xlsb"))).unwrap();
    let seen = short.worksheet_range(&source.sheets[0].name).unwrap().used_cells().count();
    assert!(seen < workbook.sheets[0].cells.len(), "calamine reads short records now: look at facts 22 again");
}

/// Every kind of short cell, right of the cell before it or of nothing, and where one says again where it stands.
#[test]
fn short_cells_stand_right_of_the_cell_before() {
    let cells = [
        row(4, false),
        short(17, 0, &text("first")),
        short(13, 0, &whole(7, false)),
        cell(5, 4, 0, &real(2.5)),
        short(12, 0, &[]),
        short(14, 0, &[0x17]),
        short(15, 0, &[0]),
        short(16, 0, &real(-0.25)),
        short(18, 0, &longs(&[0])),
    ];
    let mut package = Package::new(&[("S", sheet(&[], &cells, &[]))]);
    let workbook = quietly(package.set("xl/sharedStrings.bin", strings(&["last"])).zip());
    assert_eq!(
        notation::write(&workbook),
        "-- S\n     │ A     │ B │ E   │ G     │ H     │ I     │ J\n   5 │ first │ 7 │ 2.5 │ #REF! │ FALSE │ −0.25 │ last\n"
    );
}

/// A formula of one cell that others share counts from where each stands; an array's is the same in all.
#[test]
fn shared_formulas_read_as_those_of_each_cell() {
    let shares = |row: u32| [real(1.0), tokens(&[vec![1], longs(&[row])].concat(), &longs(&[2]))].concat();
    // One column to the left, the same row, times the fixed A1.
    let own = [vec![0x4C], longs(&[0]), 0xFFFF_u16.to_le_bytes().to_vec(), vec![0x44, 0, 0, 0, 0, 0, 0, 5]].concat();
    let array = [vec![0x25], longs(&[0, 2]), vec![1, 0xC0, 1, 0xC0], vec![0x19, 0x10, 0, 0]].concat();
    let cells = [
        row(0, false),
        cell(9, 2, 0, &shares(0)),
        record(427, &[longs(&[0, 1, 2, 2]), counted(&own), longs(&[0])].concat()),
        row(1, false),
        cell(9, 2, 0, &shares(0)),
        row(2, false),
        cell(9, 2, 0, &shares(2)),
        record(426, &[longs(&[2, 2, 2, 2]), vec![0], counted(&array), longs(&[0])].concat()),
        // Shares the formula of a cell that has none.
        cell(9, 3, 0, &shares(7)),
    ];
    let workbook = quietly(Package::new(&[("S", sheet(&[], &cells, &[]))]).zip());
    assert_eq!(
        notation::write(&workbook),
        "-- S\n     │ C               │ D\n   1 │ 1 {=B1*$A$1}\n   2 │ 1 {=B2*$A$1}\n   3 │ 1 {=SUM(B1:B3)} │ 1 {=(formula)}\n"
    );
}

/// D32: a formula that reads another workbook is told by its link.
#[test]
fn links_to_other_workbooks_are_told() {
    let there = |span: u16| [vec![0x5A], span.to_le_bytes().to_vec(), longs(&[3]), vec![1, 0xC0]].concat();
    let formula = |bytes: &[u8]| [real(5.0), tokens(bytes, &[])].concat();
    let round = [there(1), vec![0x1E, 1, 0, 0x41, 27, 0]].concat();
    let unknown = [there(1), vec![0x18, 0x19], vec![0; 12], vec![3]].concat();
    let cells = [
        row(0, false),
        cell(9, 0, 0, &formula(&there(0))),
        cell(9, 1, 0, &formula(&round)),
        cell(9, 2, 0, &formula(&unknown)),
        cell(9, 3, 0, &formula(&there(2))),
        cell(9, 4, 0, &formula(&[0x62, 9, 9])),
    ];
    let spans = longs(&[3, 0, 1, 1, 1, 0, 0, 1, u32::MAX, u32::MAX]);
    let externals =
        [record(353, &[]), record(357, &[]), record(355, &text("rId8003")), record(362, &spans), record(354, &[])];
    let mut package = Package::new(&[("S", sheet(&[], &cells, &[]))]);
    let tabs = record(359, &[longs(&[1]), text("Front door")].concat());
    package
        .set("xl/workbook.bin", book(&[], &[("S", 0), ("Front door", 2)], &externals))
        .set("xl/externalLinks/externalLink1.bin", [record(360, &[]), tabs, record(361, &[])].concat())
        .set("xl/worksheets/sheet2.bin", sheet(&[], &[], &[]))
        .link(
            "xl/workbook.bin",
            &[
                ("rId1", "worksheet", "worksheets/sheet1.bin"),
                ("rId2", "worksheet", "worksheets/sheet2.bin"),
                ("rId8003", "externalLinkPath", "externalLinks/externalLink1.bin"),
            ],
        );
    let (workbook, _) = read(package.zip());
    let formulas: Vec<&str> = workbook.sheets[0].cells.values().map(|e| e.formula.as_deref().unwrap()).collect();
    assert_eq!(
        formulas,
        ["'Front door'!B4", "ROUND('[1]Front door'!B4,1)", "'[1]Front door'!", "#REF!B4", "(formula)"]
    );
}

#[test]
fn days_count_from_1904_where_the_workbook_says_so() {
    let cells = [row(0, false), cell(5, 0, 1, &real(42_824.5))];
    let mut package = Package::new(&[("S", sheet(&[], &cells, &[]))]);
    package
        .set("xl/workbook.bin", book(&[record(153, &longs(&[1, 0, 0]))], &[("S", 0)], &[]))
        .set("xl/styles.bin", styles(&[], &[], &[(0, 0), (22, 0)]));
    let workbook = quietly(package.zip());
    assert_eq!(notation::write(&workbook), "-- S\n     │ A\n   1 │ 2021-03-31 12:00:00 {format m/d/yy h:mm}\n");
}

/// A part that newer programs put between brackets is passed over; a cell in it would be lost, so the file is refused.
#[test]
fn what_newer_programs_add_is_passed_over() {
    let future = |inside: &[u8]| [record(35, &longs(&[0])), inside.to_vec(), record(36, &[])].concat();
    let one = cell(2, 0, 0, &whole(1, false));
    let with = |inside: &[u8]| {
        let alternate = [record(37, &[1, 0, 2, 0, 0, 0]), record(1024, &[0, 0]), record(38, &[])].concat();
        let cells = [alternate, row(0, false), record(49, &longs(&[1])), one.clone(), future(inside)];
        Package::new(&[("S", sheet(&[], &cells, &[future(&record(3_000, &[1, 2]))]))]).zip()
    };
    assert_eq!(notation::write(&quietly(with(&record(2_000, &[])))), "-- S\n     │ A\n   1 │ 1\n");
    refused(with(&one), "FIL-03", "it may be a figure");
}

/// A sheet of commands has no figures; it is left alone, and that is said.
#[test]
fn a_sheet_of_macros_is_left_alone() {
    let one = sheet(&[], &[row(0, false), cell(2, 0, 0, &whole(1, false))], &[]);
    let mut package = Package::new(&[("Front door", one), ("Macro1", b"whatever".to_vec())]);
    package.link(
        "xl/workbook.bin",
        &[("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "xlMacrosheet", "worksheets/sheet2.bin")],
    );
    let (workbook, said) = read(package.zip());
    assert_eq!((workbook.sheets.len(), workbook.filled()), (2, 1));
    assert_eq!((said.len(), said[0].0.as_str(), said[0].1), (1, "FIL-07", Severity::Note), "{said:?}");
    assert!(said[0].2.contains("“Macro1” holds commands"), "{said:?}");
}

#[test]
fn a_sheet_that_may_be_short_is_refused() {
    let one = |cells: &[Vec<u8>]| Package::new(&[("Front door", sheet(&[], cells, &[]))]).zip();
    let first = cell(2, 0, 0, &whole(1, false));
    refused(
        one(&[row(6, false), first.clone(), record(19, &[0; 12])]),
        "FIL-03",
        "near row 7, and it may be a figure. It is on the sheet “Front door”",
    );
    let whole_part = sheet(&[], &[row(0, false), first.clone(), row(1, false), first], &[record(177, &longs(&[0]))]);
    for cut in 1..whole_part.len() {
        let part = whole_part[..cut].to_vec();
        refused(Package::new(&[("Front door", part)]).zip(), "FIL-03", "“Front door”");
    }
}

/// A workbook of every kind of part to damage.
fn linked() -> Package {
    let mut package = excel();
    let shares = [real(1.0), tokens(&[1, 0, 0, 0, 0], &longs(&[0]))].concat();
    let own = [vec![0x5A, 0, 0], longs(&[3]), vec![1, 0xC0, 0x1E, 1, 0, 0x41, 27, 0, 0x22, 2, 4, 0]].concat();
    let cells = [
        row(0, false),
        cell(9, 0, 0, &shares),
        record(427, &[longs(&[0, 1, 0, 0]), counted(&own), longs(&[0])].concat()),
        short(13, 1, &whole(3, true)),
        short(18, 0, &longs(&[1])),
    ];
    package.set("xl/worksheets/sheet2.bin", sheet(&[], &cells, &[]));
    package
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 1_500 } else { 20_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is damaged in the parts, the answer is a workbook or a finding, never a panic.
    #[test]
    fn damaged_parts_never_panic(
        part in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        let mut package = linked();
        let content = &mut package.0[part.index(linked().0.len())].1;
        for (at, byte, how) in damage {
            let at = at.index(content.len().max(1));
            match how {
                0 if at < content.len() => content[at] = byte,
                1 if at < content.len() => { content.remove(at); }
                2 => content.truncate(at),
                _ => content.insert(at.min(content.len()), byte),
            }
        }
        let (workbook, said) = read(package.zip());
        prop_assert!(!workbook.sheets.is_empty() || !said.is_empty());
    }

    /// Whatever stands in a formula, the cell keeps its value.
    #[test]
    fn no_formula_costs_a_value(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0..0x30_u8], 0..40)) {
        let cells = [row(0, false), cell(9, 0, 0, &[real(5.0), tokens(&bytes, &longs(&[0]))].concat())];
        let (workbook, said) = read(Package::new(&[("S", sheet(&[], &cells, &[]))]).zip());
        // Only a formula shared with no cell that can be named is a damaged file.
        if bytes.first() == Some(&1) && bytes.len() < 5 {
            prop_assert_eq!(said.len(), 1);
        } else {
            prop_assert_eq!(&workbook.sheets[0].cells[&Cell::new(0, 0)].value, &Value::Number(5.0));
        }
    }
}
