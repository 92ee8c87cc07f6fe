//! OpenDocument spreadsheets that no program writes: repeats without end, other documents under their name, broken parts.

use super::Case;
use super::parts::{MEGABYTES_15, Parts, declare, utf16};

pub(crate) const TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
const SPACES: &str = r#"xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0""#;
const MANIFEST: &str = r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;
/// A cell that holds something.
const ONE: &str = r#"<table:table-cell office:value-type="float" office:value="1"/>"#;

/// A package of these parts, content last.
pub(crate) fn package(parts: &[(&str, &str)], content: impl Into<Vec<u8>>) -> Vec<u8> {
    let mut all = Parts(Vec::new());
    all.set("mimetype", TYPE).set("META-INF/manifest.xml", MANIFEST);
    for (name, part) in parts {
        all.set(name, *part);
    }
    all.set("content.xml", content).zip()
}

/// The part with styles and what stands in the spreadsheet.
pub(crate) fn content(styles: &str, inside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{inside}</office:spreadsheet></office:body></office:document-content>"#
    )
}

/// A spreadsheet whose only sheet has these rows.
pub(crate) fn rows(rows: &str) -> Vec<u8> {
    sheets(&format!(r#"<table:table table:name="Front door">{rows}</table:table>"#))
}

fn sheets(inside: &str) -> Vec<u8> {
    package(&[], content("", inside))
}

fn styled(styles: &str, data: &str) -> Vec<u8> {
    package(&[], content(styles, &format!(r#"<table:table table:name="Front door">{data}</table:table>"#)))
}

fn row(cells: &str) -> String {
    format!("<table:table-row>{cells}</table:table-row>")
}

fn number(value: &str) -> String {
    format!(r#"<table:table-cell office:value-type="float" office:value="{value}"/>"#)
}

fn text(inside: &str) -> String {
    row(&format!(r#"<table:table-cell office:value-type="string"><text:p>{inside}</text:p></table:table-cell>"#))
}

/// The repeat of a cell that holds something.
fn cells(times: &str) -> Vec<u8> {
    rows(&row(
        &ONE.replace("<table:table-cell", &format!(r#"<table:table-cell table:number-columns-repeated="{times}""#))
    ))
}

fn lines(times: &str) -> Vec<u8> {
    rows(&format!(r#"<table:table-row table:number-rows-repeated="{times}">{ONE}</table:table-row>"#))
}

fn empty(rows: &str, cells: &str) -> String {
    format!(
        r#"<table:table-row table:number-rows-repeated="{rows}"><table:table-cell table:number-columns-repeated="{cells}"/></table:table-row>"#
    )
}

fn other(kind: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content {SPACES}><office:body><office:{body}/></office:body></office:document-content>"
    );
    package(&[("mimetype", kind)], content)
}

fn cut(numerator: usize) -> Vec<u8> {
    let whole = rows(&row(ONE));
    whole[..whole.len() * numerator / 16].to_vec()
}

pub(crate) const CASES: &[Case] = &[
    ("ods: a ghost in the last row", None, || {
        rows(&(row(ONE) + &empty("1048574", "16384") + &row(&empty_then_one("16383"))))
    }),
    ("ods: rows and cells of nothing without end", None, || {
        rows(&(row(ONE) + &empty("4294967295", "4294967295").repeat(3) + &empty("99999999999999999999", "1")))
    }),
    ("ods: 3 billion filled cells in a row", Some("FIL-04"), || cells("3000000000")),
    ("ods: more filled cells than can be counted", Some("FIL-04"), || cells("4294967295")),
    ("ods: 4 billion filled rows", Some("FIL-04"), || lines("4294967295")),
    ("ods: filled rows and cells multiply", Some("FIL-04"), || {
        rows(
            r#"<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>"#,
        )
    }),
    ("ods: as many repeated cells as are allowed", None, || lines("249999")),
    ("ods: repeated less than never", Some("FIL-03"), || cells("-3")),
    ("ods: repeated zero times", Some("FIL-03"), || lines("0")),
    ("ods: repeated a word of times", Some("FIL-03"), || cells("many")),
    ("ods: a column repeated a word of times", Some("FIL-03"), || {
        rows(&format!(r#"<table:table-column table:number-columns-repeated="x"/>{}"#, row(ONE)))
    }),
    ("ods: a cell behind XFD", Some("FIL-04"), || rows(&row(&empty_then_one("16384")))),
    ("ods: a cell below row 1,048,576", Some("FIL-04"), || rows(&(empty("1048576", "1") + &row(ONE)))),
    ("ods: cells far behind XFD", Some("FIL-04"), || rows(&row(&empty_then_one("4294967295")))),
    ("ods: a note behind XFD", Some("FIL-04"), || {
        rows(&row(
            r#"<table:table-cell table:number-columns-repeated="20000"/><table:table-cell><office:annotation><text:p>a</text:p></office:annotation></table:table-cell>"#,
        ))
    }),
    ("ods: bomb: 3 million cells", Some("FIL-04"), || rows(&row(&"<table:table-cell/>".repeat(100)).repeat(30_000))),
    ("ods: bomb: 2 million rows", Some("FIL-04"), || rows(&"<table:table-row/>".repeat(2_000_000))),
    ("ods: bomb: a long text repeated", Some("FIL-04"), || {
        rows(&format!(
            r#"<table:table-row table:number-rows-repeated="900000"><table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell></table:table-row>"#,
            "long ".repeat(6_000)
        ))
    }),
    ("ods: bomb: spaces by number", Some("FIL-04"), || rows(&text(r#"<text:s text:c="4294967295"/>a"#))),
    ("ods: spaces by a word", Some("FIL-04"), || rows(&text(r#"<text:s text:c="-1"/>a"#))),
    ("ods: text of 40,000 characters", Some("FIL-04"), || rows(&text(&"a".repeat(40_000)))),
    ("ods: bomb: 15 MB of zeros", Some("FIL-03"), || package(&[], vec![b'0'; MEGABYTES_15])),
    ("ods: bomb: 15 MB in one text", Some("FIL-04"), || {
        package(&[], content("", "").replace("</office:spreadsheet>", &"0".repeat(MEGABYTES_15)))
    }),
    ("ods: bomb: 15 MB in an attribute", Some("FIL-04"), || {
        rows(&row(&format!(r#"<table:table-cell office:string-value="{}"/>"#, " ".repeat(MEGABYTES_15))))
    }),
    ("ods: bomb: 15 MB of styles", Some("FIL-04"), || {
        let style = |i: usize| format!(r#"<style:style style:name="ce{i}" style:family="table-cell"/>"#);
        let styles: String = (0..400_000).map(style).collect();
        styled(&styles, &row(ONE))
    }),
    ("ods: bomb: lies about its size", Some("FIL-03"), || declare(rows(&row(&number("1").repeat(100_000))), 1_000)),
    ("ods: styles that build on one another in a circle", None, || {
        let style = |name: &str, parent: &str| {
            format!(
                r#"<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="{parent}"/>"#
            )
        };
        let cell = r#"<table:table-cell table:style-name="a" office:value-type="float" office:value="1"/>"#;
        styled(&(style("a", "b") + &style("b", "a")), &row(cell))
    }),
    ("ods: formats that stand in for one another in a circle", None, || {
        let format = |name: &str, other: &str| {
            format!(
                r#"<number:number-style style:name="{name}"><number:number number:decimal-places="4294967295" number:min-integer-digits="4294967295" number:grouping="true"/><style:map style:condition="value()&gt;0" style:apply-style-name="{other}"/></number:number-style>"#
            )
        };
        let style = r#"<style:style style:name="a" style:family="table-cell" style:data-style-name="N1"/>"#;
        let cell = r#"<table:table-cell table:style-name="a" office:value-type="float" office:value="1"/>"#;
        styled(&(format("N1", "N2") + &format("N2", "N1") + style), &row(cell))
    }),
    ("ods: a sheet of colour", None, || {
        let style = r##"<style:style style:name="a" style:family="table-cell"><style:table-cell-properties fo:background-color="#ff0000"/></style:style>"##;
        let painted = r#"<table:table-row table:number-rows-repeated="1048574"><table:table-cell table:style-name="a" table:number-columns-repeated="16384"/></table:table-row>"#;
        styled(style, &(row(ONE) + painted + &row(&empty_then_one("16383"))))
    }),
    ("ods: many hidden rows on many sheets", None, || {
        let hidden = r#"<table:table-row table:visibility="collapse" table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>"#;
        let sheet = |i| format!(r#"<table:table table:name="s{i}">{}{hidden}{}</table:table>"#, row(ONE), row(ONE));
        sheets(&(0..250).map(sheet).collect::<String>())
    }),
    ("ods: 20,000 merges", Some("FIL-04"), || {
        rows(&row(r#"<table:table-cell table:number-columns-spanned="2"/><table:covered-table-cell/>"#).repeat(20_000))
    }),
    ("ods: a merge without end", None, || {
        rows(&row(
            r#"<table:table-cell table:number-columns-spanned="4294967295" table:number-rows-spanned="99999999999" office:value-type="float" office:value="1"/>"#,
        ))
    }),
    ("ods: 20,000 notes", Some("FIL-04"), || {
        let note = "<table:table-cell><office:annotation><text:p>a</text:p></office:annotation></table:table-cell>";
        rows(&row(&note.repeat(100)).repeat(200))
    }),
    ("ods: 1,000 sheets", Some("FIL-04"), || {
        sheets(&(0..1000).map(|i| format!(r#"<table:table table:name="s{i}"/>"#)).collect::<String>())
    }),
    ("ods: two sheets of one name", Some("FIL-03"), || {
        sheets(&["Cover", "cover"].map(|n| format!(r#"<table:table table:name="{n}"/>"#)).concat())
    }),
    ("ods: no sheet", Some("FIL-03"), || sheets("")),
    ("ods: a row within a row", Some("FIL-03"), || rows(&row(&row(ONE)))),
    ("ods: tags that do not match", Some("FIL-03"), || {
        rows(&format!("<table:table-row>{ONE}</table:table-rows><table:table-row>{ONE}</table:table-row>"))
    }),
    ("ods: 200,000 nested elements", Some("FIL-04"), || {
        rows(&row(&format!("<table:table-cell>{}", "<text:span>".repeat(200_000))))
    }),
    ("ods: 100 tables within one another", Some("FIL-06"), || {
        let (open, close) =
            ("<table:table><table:table-row><table:table-cell>", "</table:table-cell></table:table-row></table:table>");
        rows(&row(&format!("{ONE}<table:table-cell>{}{}</table:table-cell>", open.repeat(80), close.repeat(80))))
    }),
    ("ods: entities of its own", Some("FIL-04"), || {
        let bomb = r#"<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>"#;
        package(&[], content("", "").replacen("?>", &format!("?>{bomb}"), 1))
    }),
    ("ods: entities nobody defined", None, || rows(&text("&lol;&lol2;&#xD800;&#99999999999;"))),
    ("ods: a number that is not finite", Some("FIL-06"), || rows(&row(&(number("1") + &number("1e999"))))),
    ("ods: a number that is none", Some("FIL-06"), || rows(&row(&(number("1") + &number("NaN") + &number("eleven"))))),
    ("ods: a number without its value", Some("FIL-06"), || {
        rows(&row(
            &(number("1") + r#"<table:table-cell office:value-type="float"><text:p>11</text:p></table:table-cell>"#)
        ))
    }),
    ("ods: a day that is none", Some("FIL-06"), || {
        rows(&row(&(number("1") + r#"<table:table-cell office:value-type="date" office:date-value="2021-02-30"/>"#)))
    }),
    ("ods: a damaged cell repeated 100,000 times", Some("FIL-03"), || {
        rows(&format!(r#"<table:table-row table:number-rows-repeated="100000">{}</table:table-row>"#, number("x")))
    }),
    ("ods: a formula of brackets", None, || {
        let formula = "of:=".to_owned() + &"['[#.:".repeat(10_000);
        rows(&row(&format!(
            r#"<table:table-cell table:formula="{formula}" office:value-type="float" office:value="1"/>"#
        )))
    }),
    ("ods: control characters in text", None, || rows(&text("A\0B\u{7}C"))),
    ("ods: content in UTF-16", Some("FIL-03"), || package(&[], utf16(&content("", "")))),
    ("ods: content missing", Some("FIL-03"), || {
        Parts(vec![("mimetype".into(), TYPE.into()), ("META-INF/manifest.xml".into(), MANIFEST.into())]).zip()
    }),
    ("ods: content breaks off", Some("FIL-03"), || {
        let whole = content("", &format!(r#"<table:table table:name="a">{}</table:table>"#, row(ONE)));
        package(&[], &whole.as_bytes()[..whole.len() - 90])
    }),
    ("ods: styles break off", Some("FIL-03"), || {
        package(&[("styles.xml", "<office:document-styles><a")], content("", ""))
    }),
    ("ods: nothing in any sheet", Some("FIL-05"), || rows(&empty("1048576", "16384"))),
    ("ods: cut after 4/16", Some("FIL-03"), || cut(4)),
    ("ods: cut after 8/16", Some("FIL-03"), || cut(8)),
    ("ods: cut after 15/16", Some("FIL-03"), || cut(15)),
    ("ods: password", Some("FIL-02"), || {
        let manifest = r#"<manifest:manifest><manifest:file-entry manifest:full-path="content.xml" manifest:size="9"><manifest:encryption-data manifest:checksum="x"/></manifest:file-entry></manifest:manifest>"#;
        package(&[("META-INF/manifest.xml", manifest)], vec![0x9C; 300])
    }),
    ("ods: password on the whole package", Some("FIL-02"), || {
        Parts(vec![
            ("mimetype".into(), TYPE.into()),
            ("META-INF/manifest.xml".into(), MANIFEST.into()),
            ("encrypted-package".into(), vec![7; 300]),
        ])
        .zip()
    }),
    ("ods: a text under its name", Some("FIL-01"), || other("application/vnd.oasis.opendocument.text", "text")),
    ("ods: a presentation under its name", Some("FIL-01"), || {
        other("application/vnd.oasis.opendocument.presentation-template", "presentation")
    }),
    ("ods: a drawing that says it is a spreadsheet", Some("FIL-01"), || other(TYPE, "drawing")),
    ("ods: a spreadsheet of OpenOffice 1", Some("FIL-01"), || other("application/vnd.sun.xml.calc", "body")),
    ("fods: a text in one piece", Some("FIL-01"), || {
        format!(r#"<?xml version="1.0"?><office:document {SPACES}><office:body><office:text/></office:body></office:document>"#)
            .into_bytes()
    }),
    ("fods: breaks off", Some("FIL-03"), || {
        format!(r#"<?xml version="1.0"?><office:document {SPACES}><office:body><office:spreadsheet>"#).into_bytes()
    }),
];

fn empty_then_one(columns: &str) -> String {
    format!(r#"<table:table-cell table:number-columns-repeated="{columns}"/>{ONE}"#)
}
