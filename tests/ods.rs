//! OpenDocument spreadsheets say what the same workbook says as .xlsx: real ones that LibreOffice saved in both formats
//! (`tests/workbooks/make.py`, `make_ods.py`), small ones written by hand for what other programs write, and calamine's
//! reader as a second opinion.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]
#![cfg(feature = "cli")]

// The lists of the other formats are for `hostile.rs`.
#[allow(dead_code)]
mod crafted;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Data, Ods, Reader};
use crafted::ods::{content, package, rows};
use crafted::parts::Parts;
use proptest::prelude::*;
use safereturn::cell::Cell;
use safereturn::extract::Context;
use safereturn::finding::{Findings, Severity};
use safereturn::record::{Record, Source, records};
use safereturn::report::Report;
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Entry, Format, Sheet, SheetState, Submission, Value, Workbook, notation};

type Said = Vec<(String, Severity, String)>;

fn read(name: &str, bytes: Vec<u8>) -> (Workbook, Said) {
    let mut findings = Findings::default();
    let submission = Submission { name: name.to_owned(), content: Content::File(bytes) };
    let workbook = Workbook::read(&submission, &mut findings);
    let said = findings.list().iter().map(|f| (f.rule.to_string(), f.severity, f.message.clone())).collect();
    (workbook, said)
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/workbooks/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A sheet written by hand, read without a word.
fn sheet(bytes: Vec<u8>) -> Sheet {
    let (mut workbook, said) = read("r.ods", bytes);
    assert_eq!(said, []);
    workbook.sheets.remove(0)
}

fn at<'a>(sheet: &'a Sheet, cell: &str) -> &'a Entry {
    let place: Cell = cell.parse().unwrap();
    sheet.cells.get(&place).unwrap_or_else(|| panic!("nothing in {cell}"))
}

/// What each cell says; number formats without what differs in writing only: escapes, colours, languages, room for signs.
fn said(sheet: &Sheet) -> BTreeMap<Cell, String> {
    let plain = |code: &str| {
        let mut code = code.replace("[RED]", "").replace("[$-809]", "").replace("_-", " ").replace("* ", " ");
        code = code.replace("_ ", " ").replace(['\\', '"'], "");
        code.into()
    };
    let entry = |e: &Entry| notation::cell(&Entry { format: e.format.as_deref().map(plain), ..e.clone() });
    sheet.cells.iter().map(|(cell, e)| (*cell, entry(e))).collect()
}

/// Cells that say something else in the one than in the other.
fn differences(ods: &Sheet, xlsx: &Sheet) -> Vec<(String, String, String)> {
    let (ods, xlsx) = (said(ods), said(xlsx));
    let cells: BTreeSet<&Cell> = ods.keys().chain(xlsx.keys()).collect();
    let words = |of: &BTreeMap<Cell, String>, cell| of.get(cell).cloned().unwrap_or_default();
    cells
        .into_iter()
        .filter(|cell| ods.get(cell) != xlsx.get(cell))
        .map(|cell| (cell.to_string(), words(&ods, cell), words(&xlsx, cell)))
        .collect()
}

/// All but the cells: what is hidden, merged, noted, filtered.
fn same_around(ods: &Sheet, xlsx: &Sheet) {
    let name = &ods.name;
    assert_eq!(ods.name, xlsx.name);
    assert_eq!(ods.state, xlsx.state, "{name}");
    assert_eq!(ods.merges, xlsx.merges, "{name}");
    assert_eq!(ods.hidden_columns, xlsx.hidden_columns, "{name}");
    assert_eq!(ods.filtered, xlsx.filtered, "{name}");
    assert_eq!(ods.comments, xlsx.comments, "{name}");
    // Rows below the last one in use may be hidden without being listed.
    let used = ods.cells.keys().next_back().map_or(0, |cell| cell.row);
    let within = |rows: &BTreeSet<u32>| rows.iter().copied().filter(|row| *row <= used).collect::<Vec<_>>();
    assert_eq!(within(&ods.hidden_rows), within(&xlsx.hidden_rows), "{name}");
}

#[test]
fn the_same_workbook_says_the_same_as_xlsx() {
    let (ods, said) = read("libreoffice.ods", file("libreoffice.ods"));
    assert_eq!(ods.format, Some(Format::Ods));
    for (name, expected) in [
        // openpyxl saves no results of formulas, and no formula where an error was typed.
        ("openpyxl.xlsx", vec![("C8", "22,294 {=C4*2}", "{=C4*2}"), ("C10", "#N/A {=#N/A}", "#N/A")]),
        ("libreoffice.xlsx", vec![]),
    ] {
        let (xlsx, said_of_xlsx) = read(name, file(name));
        assert_eq!(ods.sheets.len(), xlsx.sheets.len());
        for (a, b) in ods.sheets.iter().zip(&xlsx.sheets) {
            same_around(a, b);
        }
        let found = differences(&ods.sheets[0], &xlsx.sheets[0]);
        let found: Vec<_> = found.iter().map(|(c, o, x)| (c.as_str(), o.as_str(), x.as_str())).collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(differences(&ods.sheets[1], &xlsx.sheets[1]), []);
        assert_eq!(said, said_of_xlsx, "{name}");
        assert_eq!(ods.properties["template"], xlsx.properties["template"]);
        assert_eq!(ods.properties["creator"], xlsx.properties["creator"]);
        assert_eq!(ods.names["template_version"], xlsx.names["template_version"]);
    }
    assert_eq!(notation::read(&notation::write(&ods)).unwrap().sheets.len(), 2);
}

#[test]
fn every_kind_of_cell_says_the_same_as_in_xlsx() {
    let (ods, said) = read("every-kind.ods", file("every-kind.ods"));
    let (xlsx, said_of_xlsx) = read("every-kind.xlsx", file("every-kind.xlsx"));
    assert_eq!(said, said_of_xlsx);
    for (a, b) in ods.sheets.iter().zip(&xlsx.sheets) {
        same_around(a, b);
    }
    let found = differences(&ods.sheets[0], &xlsx.sheets[0]);
    let found: Vec<_> = found.iter().map(|(c, o, x)| (c.as_str(), o.as_str(), x.as_str())).collect();
    assert_eq!(
        found,
        [
            // LibreOffice shows its own errors, and has Excel’s written for them.
            ("D4", "Err:502 {=VALUE(\"x\")}", "#VALUE! {=VALUE(\"x\")}"),
            ("D5", "Err:502 {=SQRT(-1)}", "#VALUE! {=SQRT(-1)}"),
            // It shows a formula in the format of what it reads; in .xlsx that is lost.
            ("D7", "15.60% {=A1+$B$2}", "0.156 {=A1+$B$2}"),
            ("D21", "15.60% {=A1+0}", "0.156 {=A1+0}"),
            ("A29", "1.2604166666666667 {format [h]:mm:ss}", "1.26041666666667 {format [h]:mm:ss}"),
            // Before March 1900 the two count days differently; each file says the day that its program shows.
            ("A32", "1900-02-27 {format dd/mm/yyyy}", "1900-02-28 {format dd/mm/yyyy}"),
            ("A33", "1899-12-31 {format dd/mm/yyyy}", "1900-01-01 {format dd/mm/yyyy}"),
            ("A34", "1899-12-27 {format dd/mm/yyyy}", "−3 {format dd/mm/yyyy}"),
        ]
    );
    for (a, b) in ods.sheets.iter().zip(&xlsx.sheets).skip(1) {
        assert_eq!(differences(a, b), [], "{}", a.name);
    }
    for name in ["template_v", "safereturn_template"] {
        assert_eq!(ods.names[name].replace('$', ""), xlsx.names[name].replace('$', ""), "{name}");
    }
    // LibreOffice parts them by a space in .xlsx, and keeps each alone in .ods.
    assert_eq!((ods.properties["keywords"].as_str(), xlsx.properties["keywords"].as_str()), ("one, two", "one two"));
    assert_eq!(ods.sheets[1].cells.keys().map(ToString::to_string).collect::<Vec<_>>(), ["B5", "B1048576"]);
    let mut again = notation::read(&notation::write(&ods)).unwrap().sheets;
    for (sheet, original) in again.iter_mut().zip(&ods.sheets) {
        sheet.dropped = original.dropped;
    }
    assert_eq!(again, ods.sheets);
}

/// What calamine reads, as far as it says: errors come as text, truths of formulas as numbers, no format at all.
fn second_opinion(ours: &Entry, theirs: Option<&Data>) -> bool {
    let parsed = |text: &str| format!("{text:?}");
    match (&ours.value, theirs) {
        (Value::Nothing, None | Some(Data::Empty)) => true,
        (Value::Number(a), Some(Data::Float(b))) => a == b,
        (Value::Truth(a), Some(Data::Bool(b))) => a == b,
        (Value::Truth(a), Some(Data::Float(b))) => f64::from(u8::from(*a)) == *b && ours.formula.is_some(),
        (Value::Text(a), Some(Data::String(b))) => a == b,
        (Value::Text(a), None | Some(Data::Empty)) => a.is_empty(),
        (Value::Error(a), Some(Data::String(b))) => a == b && ours.formula.is_some(),
        (Value::Date(a), Some(Data::DateTimeIso(b))) => {
            *b == a.format("%Y-%m-%d").to_string() || *b == a.format("%Y-%m-%dT%H:%M:%S").to_string()
        }
        (Value::Number(a), Some(Data::DurationIso(b))) => {
            // PT10H30M00S
            let part = |from: &str, to: &str| -> f64 {
                b.split_once(from).unwrap().1.split_once(to).unwrap().0.parse().unwrap()
            };
            let hours = part("PT", "H") + part("H", "M") / 60.0 + part("M", "S") / 3600.0;
            (hours / 24.0 - a).abs() < 1e-12
        }
        // Less than a day under a format of dates.
        (Value::Number(a), Some(Data::DateTimeIso(b))) => *a == 0.5 && parsed(b).contains("1899-12-30T12:00"),
        _ => false,
    }
}

#[test]
fn calamine_reads_the_same_values() {
    let mut seen = 0;
    for name in ["libreoffice.ods", "every-kind.ods", "filled-csc.ods", "filled-nhsc.ods", "macro.ods"] {
        let (workbook, _) = read(name, file(name));
        let mut book: Ods<_> = Ods::new(Cursor::new(file(name))).unwrap();
        assert_eq!(book.sheet_names().len(), workbook.sheets.len(), "{name}");
        for sheet in &workbook.sheets {
            // calamine would write out all rows up to the ghost.
            if name == "every-kind.ods" && sheet.name == "Other" {
                continue;
            }
            let range = book.worksheet_range(&sheet.name).unwrap();
            let start = range.start().unwrap_or_default();
            let mut theirs: BTreeMap<Cell, &Data> = range
                .used_cells()
                .map(|(row, column, data)| (Cell::new(row as u32 + start.0, column as u32 + start.1), data))
                .collect();
            for (cell, entry) in &sheet.cells {
                let data = theirs.remove(cell);
                assert!(second_opinion(entry, data), "{name} {} {cell}: {entry:?} and {data:?}", sheet.name);
                seen += 1;
            }
            theirs.retain(|_, data| !matches!(data, Data::String(text) if text.trim().is_empty()));
            assert_eq!(theirs, BTreeMap::new(), "{name} {}", sheet.name);
        }
    }
    assert!(seen > 500, "{seen}");
}

fn check(name: &str, bytes: Vec<u8>, schemas: &Schemas) -> Report {
    let submission = Submission { name: name.to_owned(), content: Content::File(bytes) };
    safereturn::check(&submission, &Context::on("2022-07-01".parse().unwrap()), schemas)
}

fn all_records(report: &Report, schemas: &Schemas) -> Vec<Record> {
    let kind = &schemas.body(report.body()).unwrap().kind;
    let sections = &schemas.form(kind, report.year()).unwrap().sections;
    let source = Source {
        figures: &report.figures,
        marks: &report.marks,
        workbook: &report.workbook,
        kind,
        sections,
        sha256: "",
        body: report.body(),
    };
    records(&source, &sections.iter().map(|s| s.key.clone()).collect())
}

#[test]
fn a_return_saved_again_by_libreoffice_is_checked_the_same() {
    let schemas = Schemas::built_in().unwrap();
    for (name, least) in [("filled-csc", 300), ("filled-nhsc", 1)] {
        let ods = check("return", file(&format!("{name}.ods")), &schemas);
        let xlsx = check("return", file(&format!("{name}.xlsx")), &schemas);
        let words = |report: &Report| -> Vec<_> {
            let one = |f: &safereturn::finding::Finding| {
                (f.rule.to_string(), f.severity, f.at.to_string(), f.message.clone(), f.help.clone(), f.labels.clone())
            };
            // That the name has no ending says which format it is.
            report.findings.iter().filter(|f| f.rule.as_str() != "FIL-07").map(one).collect()
        };
        assert_eq!(words(&ods), words(&xlsx), "{name}");
        assert_eq!(ods.sections, xlsx.sections, "{name}");
        let (a, b) = (all_records(&ods, &schemas), all_records(&xlsx, &schemas));
        assert_eq!(a, b, "{name}");
        assert!(a.len() >= least, "{name}: {}", a.len());
    }
}

#[test]
fn what_cannot_be_read_is_said_in_words_for_any_program() {
    let (_, said) = read("locked.ods", file("locked.ods"));
    assert_eq!((said[0].0.as_str(), said.len()), ("FIL-02", 1));
    let mut findings = Findings::default();
    let submission = Submission { name: "locked.ods".into(), content: Content::File(file("locked.ods")) };
    let _ = Workbook::read(&submission, &mut findings);
    assert!(findings.list()[0].help.contains("LibreOffice") && findings.list()[0].help.contains("Excel"));
    let (plain, _) = read("libreoffice.ods", file("libreoffice.ods"));
    let (with_macro, _) = read("macro.ods", file("macro.ods"));
    assert_eq!(with_macro.sheets, plain.sheets, "a macro is neither run nor a reason to refuse");
}

#[test]
fn an_error_that_is_saved_as_a_number_is_no_number() {
    // Excel, and LibreOffice of before 2013, write the number 0 and show the error.
    let sheet = sheet(rows(
        r##"<table:table-row>
        <table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p></table:table-cell>
        <table:table-cell table:formula="of:=[.A1]" office:value-type="string"><text:p>#REF!</text:p></table:table-cell>
        <table:table-cell table:formula="of:=[.A1]"><text:p>Err:522</text:p></table:table-cell>
        <table:table-cell office:value-type="string"><text:p>#N/A</text:p></table:table-cell>
        <table:table-cell office:value-type="error"><text:p>#NULL!</text:p></table:table-cell>
        <table:table-cell office:value-type="string" calcext:value-type="error"><text:p>???</text:p></table:table-cell>
        </table:table-row>"##,
    ));
    let errors: Vec<_> = ["A1", "B1", "C1", "D1", "E1", "F1"].map(|c| at(&sheet, c).value.clone()).to_vec();
    let error = |code: &str| Value::Error(code.to_owned());
    let typed = Value::Text("#N/A".to_owned());
    assert_eq!(
        errors,
        [error("#DIV/0!"), error("#REF!"), error("Err:522"), typed, error("#NULL!"), error("#UNKNOWN!")]
    );
}

#[test]
fn a_script_may_have_given_the_prefixes_other_names() {
    let one = r##"<table:table table:name="a"><table:table-row><table:table-cell table:number-columns-repeated="2"/>
        <table:table-cell office:value-type="percentage" office:value="0.156" calcext:value-type="percentage"><text:p>15.6%</text:p></table:table-cell>
        <table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
        </table:table-row></table:table>"##;
    let renamed = content("", one);
    let renamed = [("office:", "ns0:"), ("table:", "ns1:"), ("text:", "ns2:"), ("calcext:", "ns3:")].iter().fold(
        renamed,
        |text, (from, to)| {
            text.replace(&format!("<{from}"), &format!("<{to}"))
                .replace(&format!("</{from}"), &format!("</{to}"))
                .replace(&format!(" {from}"), &format!(" {to}"))
        },
    );
    assert!(!renamed.contains("office:value"));
    let sheet = sheet(package(&[], renamed));
    assert_eq!(said(&sheet).into_values().collect::<Vec<_>>(), ["15.6%", "#DIV/0! {=1/0}"]);
    assert_eq!(sheet.cells.keys().map(ToString::to_string).collect::<Vec<_>>(), ["C1", "D1"]);
}

#[test]
fn text_is_that_of_the_paragraphs() {
    let sheet = sheet(rows(
        r#"<table:table-row>
        <table:table-cell office:value-type="string"><text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d</text:p><text:p/><text:p>e &amp; <text:span>f<text:a>g</text:a></text:span></text:p></table:table-cell>
        <table:table-cell office:value-type="string" office:string-value="exactly"><text:p>shown</text:p></table:table-cell>
        <table:table-cell office:value-type="string"><office:annotation><dc:creator>Jo</dc:creator><dc:date>2021</dc:date><text:p>should be</text:p><text:list><text:list-item><text:p>46</text:p></text:list-item></text:list></office:annotation><text:p>44</text:p><draw:frame><draw:text-box><text:p>aside</text:p></draw:text-box></draw:frame></table:table-cell>
        <table:table-cell office:value-type="string"><text:p>
            laid out
            for <text:span>people</text:span>
        </text:p></table:table-cell>
        <table:table-cell><text:p>no type</text:p></table:table-cell>
        <table:table-cell office:value-type="string"><text:p><![CDATA[a < b]]><text:ruby><text:ruby-base>c</text:ruby-base><text:ruby-text>d</text:ruby-text></text:ruby></text:p></table:table-cell>
        </table:table-row>"#,
    ));
    let text = |cell| match &at(&sheet, cell).value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("A1"), "a   b\tc\nd\n\ne & fg");
    assert_eq!(text("B1"), "exactly");
    assert_eq!(text("C1"), "44");
    assert_eq!(text("D1"), "laid out for people");
    assert_eq!(text("E1"), "no type");
    assert_eq!(text("F1"), "a < bc");
    assert_eq!(sheet.comments, BTreeMap::from([(Cell::new(0, 2), "should be\n46".to_owned())]));
}

#[test]
fn repeats_are_written_out_where_something_is_in_them() {
    let sheet = sheet(rows(
        r#"<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
        <table:table-row table:number-rows-repeated="2">
          <table:table-cell table:number-columns-repeated="2"/>
          <table:table-cell table:number-columns-repeated="3" office:value-type="float" office:value="7"/>
          <table:table-cell table:number-columns-spanned="2" office:value-type="boolean" office:boolean-value="true"/>
          <table:covered-table-cell office:value-type="float" office:value="8"/>
        </table:table-row>
        <table:table-row><table:table-cell office:value-type="float" office:value="9"/></table:table-row>"#,
    ));
    let said: Vec<_> = said(&sheet).into_iter().map(|(cell, words)| format!("{cell} {words}")).collect();
    assert_eq!(said, ["C3 7", "D3 7", "E3 7", "F3 TRUE", "G3 8", "C4 7", "D4 7", "E4 7", "F4 TRUE", "G4 8", "A5 9"]);
    let merge = |row| (Cell::new(row, 5), Cell::new(row, 6));
    assert_eq!(sheet.merges, [merge(2), merge(3)]);
}

#[test]
fn formats_and_fills_come_from_the_styles_they_build_on() {
    let styles = r##"
        <number:percentage-style style:name="P1"><number:number number:decimal-places="1" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>
        <number:date-style style:name="D1"><number:day number:style="long"/><number:text> of </number:text><number:month number:textual="true" number:style="long"/></number:date-style>
        <style:style style:name="base" style:family="table-cell" style:data-style-name="P1"><style:table-cell-properties fo:background-color="#ffc000"/></style:style>
        <style:style style:name="child" style:family="table-cell" style:parent-style-name="base"/>
        <style:style style:name="clear" style:family="table-cell" style:parent-style-name="base"><style:table-cell-properties fo:background-color="transparent"/></style:style>
        <style:style style:name="day" style:family="table-cell" style:data-style-name="D1"/>
        <style:style style:name="flat" style:family="table-row"><style:table-row-properties style:row-height="0cm"/></style:style>
        <style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>"##;
    let number = |more: &str| format!(r#"<table:table-cell {more} office:value-type="float" office:value="0.5"/>"#);
    let inside = format!(
        r#"<table:table table:name="a">
        <table:table-column table:default-cell-style-name="child"/><table:table-column/>
        <table:table-column-group table:display="false"><table:table-column table:number-columns-repeated="2"/></table:table-column-group>
        <table:table-row>{}{}{}</table:table-row>
        <table:table-row table:default-cell-style-name="clear">{}{}</table:table-row>
        <table:table-row><table:table-cell table:style-name="day" office:value-type="date" office:date-value="1890-12-25"/></table:table-row>
        <table:table-row table:style-name="flat">{}</table:table-row>
        <table:table-row-group table:display="false"><table:table-row-group><table:table-row>{}</table:table-row></table:table-row-group></table:table-row-group>
        </table:table><table:table table:name="b" table:style-name="gone"/>"#,
        number(""),
        number(""),
        number(r#"table:style-name="clear""#),
        number(""),
        number(r#"table:style-name="base""#),
        number(""),
        number(""),
    );
    let (workbook, _) = read("r.ods", package(&[], content(styles, &inside)));
    let sheet = &workbook.sheets[0];
    let said: Vec<_> = sheet.cells.iter().map(|(cell, entry)| format!("{cell} {}", notation::cell(entry))).collect();
    assert_eq!(
        said,
        [
            "A1 50.0% {fill FFC000}",
            "B1 0.5",
            "C1 50.0%",
            "A2 50.0%",
            "B2 50.0% {fill FFC000}",
            "A3 1890-12-25 {format dd\" of \"mmmm}",
            "A4 50.0% {fill FFC000}",
            "A5 50.0% {fill FFC000}"
        ]
    );
    assert_eq!(sheet.hidden_rows, BTreeSet::from([3, 4]));
    assert_eq!(sheet.hidden_columns, BTreeSet::from([2, 3]));
    assert_eq!(workbook.sheets[1].state, SheetState::Hidden);
}

#[test]
fn only_the_sheets_of_the_workbook_are_sheets() {
    let one = r#"<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>"#;
    let linked = r#"<table:table-row><table:table-cell table:formula="of:=['file:///home/jo/last year.xlsx'#$Data.B2]" office:value-type="float" office:value="2"/></table:table-row>"#;
    let inside = format!(
        r#"<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell office:value-type="float" office:value="3"/></table:previous></table:cell-content-change></table:tracked-changes>
        <table:table table:name="Front door">{linked}<table:shapes><draw:frame><table:table table:name="drawn">{one}</table:table></draw:frame></table:shapes></table:table>
        <table:table table:name="'file:///home/jo/last year.xlsx'#Data">{one}</table:table>
        <table:named-expressions><table:named-range table:name="here" table:cell-range-address="$'Front door'.$A$1:.$B$2"/></table:named-expressions>
        <table:database-ranges><table:database-range table:target-range-address="'Front door'.A1:'Front door'.B9"><table:filter><table:filter-and><table:filter-condition/></table:filter-and></table:filter></table:database-range></table:database-ranges>
        <table:dde-links><table:dde-link><table:table>{one}</table:table></table:dde-link></table:dde-links>"#
    );
    let (workbook, _) = read("r.ods", package(&[], content("", &inside)));
    assert_eq!(notation::write(&workbook), "-- Front door\nfiltered\n     │ A\n   1 │ 2 {=[1]Data!B2}\n");
    assert_eq!(workbook.names["here"], "'Front door'!$A$1:$B$2");
}

#[test]
fn a_document_in_one_piece_is_read_as_well() {
    let inside = r#"<table:table table:name="Front door"><table:table-row><table:table-cell table:style-name="p" office:value-type="percentage" office:value="0.156"/></table:table-row></table:table>"#;
    let styles = r#"<number:percentage-style style:name="N1"><number:number number:decimal-places="1"/><number:text>%</number:text></number:percentage-style><style:style style:name="p" style:family="table-cell" style:data-style-name="N1"/>"#;
    let meta =
        r#"<office:meta><meta:user-defined meta:name="template">2020-21/1.0.0</meta:user-defined></office:meta>"#;
    let flat = content(styles, inside).replace("office:document-content", "office:document").replacen(
        "<office:automatic-styles>",
        &format!("{meta}<office:automatic-styles>"),
        1,
    );
    let (workbook, said) = read("csc.fods", flat.clone().into_bytes());
    assert_eq!(said, []);
    assert_eq!(notation::write(&workbook), "-- Front door\n     │ A\n   1 │ 15.6%\n");
    assert_eq!(workbook.properties["template"], "2020-21/1.0.0");
    // A text file of the same words is still XML that is no spreadsheet.
    let (_, said) = read("csc.xml", flat.replace("office:document", "other:document").into_bytes());
    assert_eq!((said[0].0.as_str(), said.len()), ("FIL-01", 1));
}

#[test]
fn a_manifest_of_old_may_name_its_definition() {
    let manifest = r#"<?xml version="1.0"?><!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd"><manifest:manifest/>"#;
    let one = r#"<table:table table:name="a"><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>"#;
    let bytes = package(&[("META-INF/manifest.xml", manifest)], content("", one));
    assert_eq!(sheet(bytes).cells.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 200 } else { 2_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is damaged in the parts of a real file, the answer is a workbook or a finding, never a panic.
    #[test]
    fn damaged_parts_never_panic(
        part in 0..4_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut parts = Parts(Vec::new());
        let mut archive = zip::ZipArchive::new(Cursor::new(file("libreoffice.ods"))).unwrap();
        for name in ["content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml", "mimetype"] {
            let mut bytes = Vec::new();
            std::io::copy(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
            parts.set(name, bytes);
        }
        let bytes = &mut parts.0[part].1;
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        let (workbook, said) = read("r.ods", parts.zip());
        prop_assert!(!workbook.sheets.is_empty() || !said.is_empty());
    }
}
