//! Crafted `.xlsx` files.

use super::Case;
use super::parts::{
    HEAD, MAIN, MEGABYTES_15, Parts, book, cut, declare, raw_sheet, repeat, sheet, utf16, with_strings,
};

pub(crate) const CASES: &[Case] = &[
    ("corner cells", None, || {
        book(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#)
    }),
    ("dimension of a whole sheet", None, || {
        raw_sheet(format!(
            r#"{HEAD}<worksheet {MAIN}><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#
        ))
    }),
    ("dimension backwards", Some("FIL-03"), || {
        raw_sheet(format!(
            r#"{HEAD}<worksheet {MAIN}><dimension ref="C3:A1"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#
        ))
    }),
    ("4 billion shared strings declared", Some("FIL-04"), || {
        with_strings(&format!(r#"<sst {MAIN} count="1" uniqueCount="4000000000"><si><t>a</t></si></sst>"#), "")
    }),
    ("shared formula 2 billion", None, || {
        book(
            r#"<row r="1"><c r="A1"><f t="shared" si="2000000000" ref="A1:A2">B1+1</f><v>1</v></c></row><row r="2"><c r="A2"><f t="shared" si="2000000000"/><v>2</v></c></row>"#,
        )
    }),
    ("newer error #SPILL!", None, || {
        book(r#"<row r="1"><c r="A1" t="e"><v>#SPILL!</v></c><c r="B1"><v>2</v></c></row>"#)
    }),
    ("unknown error without addresses", None, || {
        book(r#"<row><c t="e"><v>so?</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"#)
    }),
    ("shared string index is no number", Some("FIL-06"), || {
        with_strings(
            &format!("<sst {MAIN}><si><t>first</t></si></sst>"),
            r#"<row r="1"><c r="A1" t="s"><v>abc</v></c><c r="B1"><v>2</v></c></row>"#,
        )
    }),
    ("shared string index too great", Some("FIL-06"), || {
        with_strings(
            &format!("<sst {MAIN}><si><t>first</t></si></sst>"),
            r#"<row r="1"><c r="A1" t="s"><v>99</v></c><c r="B1"><v>2</v></c></row>"#,
        )
    }),
    ("NaN", Some("FIL-06"), || book(r#"<row r="1"><c r="A1"><v>NaN</v></c><c r="B1"><v>2</v></c></row>"#)),
    ("infinity", Some("FIL-06"), || book(r#"<row r="1"><c r="A1"><v>1e999</v></c><c r="B1"><v>2</v></c></row>"#)),
    ("type unknown", Some("FIL-06"), || book(r#"<row r="1"><c r="A1" t="q"><v>1</v></c><c r="B1"><v>2</v></c></row>"#)),
    ("truth that is none", Some("FIL-06"), || {
        book(r#"<row r="1"><c r="A1" t="b"><v>maybe</v></c><c r="B1"><v>2</v></c></row>"#)
    }),
    ("every cell damaged", Some("FIL-03"), || book(&format!("<row>{}</row>", "<c><v>NaN</v></c>".repeat(2_000)))),
    ("column AAAA", Some("FIL-04"), || book(r#"<row r="1"><c r="AAAA1"><v>1</v></c></row>"#)),
    ("column of a hundred letters", Some("FIL-04"), || {
        book(&format!(r#"<row r="1"><c r="{}1"><v>1</v></c></row>"#, "Z".repeat(100)))
    }),
    ("row 0", Some("FIL-04"), || book(r#"<row r="0"><c r="A0"><v>1</v></c></row>"#)),
    ("row 4294967296", Some("FIL-04"), || book(r#"<row r="4294967296"><c r="A4294967296"><v>1</v></c></row>"#)),
    ("same cell twice", Some("FIL-06"), || book(r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>"#)),
    ("rows out of order", None, || {
        book(r#"<row r="9"><c r="B9"><v>1</v></c><c r="A9"><v>2</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>"#)
    }),
    ("date of 10^300 days ago", None, || {
        let styles = format!(
            r#"{HEAD}<styleSheet {MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
        );
        let data = r#"<row r="1"><c r="A1" s="1"><v>-1e300</v></c><c r="B1" s="1"><v>44286</v></c><c r="C1" s="1"><v>1e300</v></c></row>"#;
        Parts::new().set("xl/styles.xml", styles).set("xl/worksheets/sheet1.xml", sheet(data)).zip()
    }),
    ("style out of range", None, || book(r#"<row r="1"><c r="A1" s="4000000000"><v>1</v></c></row>"#)),
    ("bomb: 4 GB declared", Some("FIL-04"), || declare(book(""), u32::MAX - 1)),
    ("bomb: 48 MB of zeros", Some("FIL-04"), || raw_sheet(vec![b'0'; 48 * 1024 * 1024])),
    ("bomb: 15 MB of zeros, no XML", Some("FIL-03"), || raw_sheet(vec![b'0'; MEGABYTES_15])),
    ("bomb: 15 MB in one text", Some("FIL-04"), || {
        raw_sheet(format!("{HEAD}<worksheet><sheetData><row><c><v>{}", "0".repeat(MEGABYTES_15)))
    }),
    ("bomb: 15 MB of spaces in a tag", Some("FIL-04"), || {
        raw_sheet(format!("{HEAD}<worksheet {} ><sheetData/></worksheet>", " ".repeat(MEGABYTES_15)))
    }),
    ("bomb: 15 MB in a comment", Some("FIL-04"), || {
        raw_sheet(format!("{HEAD}<worksheet><!-- {} --><sheetData/></worksheet>", repeat("<>", MEGABYTES_15)))
    }),
    ("bomb: 3 million cells", Some("FIL-04"), || book(&format!("<row>{}</row>", "<c/>".repeat(100)).repeat(30_000))),
    ("more filled cells than are allowed", Some("FIL-04"), || {
        book(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(100)).repeat(11_000))
    }),
    ("as many cells as are allowed", None, || {
        book(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(100)).repeat(2_500))
    }),
    ("as many coloured cells as are allowed", None, || {
        let styles = format!(
            r#"{HEAD}<styleSheet {MAIN}><fills><fill><patternFill patternType="solid"><fgColor rgb="FFFFC000"/></patternFill></fill></fills><cellXfs><xf/><xf fillId="0"/></cellXfs></styleSheet>"#
        );
        let rows = if cfg!(debug_assertions) { 4_000 } else { 20_000 };
        let data = format!("<row><c><v>1</v></c>{}</row>", "<c s=\"1\"/>".repeat(99)).repeat(rows - 1);
        let data = data + &format!("<row>{}<c><v>1</v></c></row>", "<c s=\"1\"/>".repeat(99));
        Parts::new().set("xl/styles.xml", styles).set("xl/worksheets/sheet1.xml", sheet(&data)).zip()
    }),
    ("bomb: 2 million empty rows", Some("FIL-04"), || book(&"<row/>".repeat(2_000_000))),
    ("bomb: 3 million strings", Some("FIL-04"), || {
        with_strings(&format!("<sst {MAIN}>{}</sst>", "<si/>".repeat(3_000_000)), "")
    }),
    ("bomb: a long text used 100,000 times", Some("FIL-04"), || {
        let strings = format!("<sst {MAIN}><si><t>{}</t></si></sst>", "long ".repeat(6_000));
        with_strings(&strings, &format!("<row r=\"1\"/>{}", "<row><c t=\"s\"><v>0</v></c></row>".repeat(100_000)))
    }),
    ("bomb: a long format in 60,000 styles", Some("FIL-04"), || {
        let styles = format!(
            r#"{HEAD}<styleSheet {MAIN}><numFmts><numFmt numFmtId="200" formatCode="{}"/></numFmts><cellXfs>{}</cellXfs></styleSheet>"#,
            "0".repeat(500_000),
            r#"<xf numFmtId="200"/>"#.repeat(60_000)
        );
        Parts::new().set("xl/styles.xml", styles).zip()
    }),
    ("bomb: a long formula shared 100,000 times", None, || {
        let anchor =
            format!(r#"<row><c><f t="shared" si="0" ref="A1:A100001">{}B1</f><v>1</v></c></row>"#, "B1+".repeat(2_000));
        book(&(anchor + &r#"<row><c><f t="shared" si="0"/><v>1</v></c></row>"#.repeat(100_000)))
    }),
    ("bomb: lies about its size", Some("FIL-03"), || declare(raw_sheet(vec![b'0'; 8 * 1024 * 1024]), 1_000)),
    ("200,000 nested elements", Some("FIL-04"), || {
        raw_sheet(format!("{HEAD}<worksheet>{}{}</worksheet>", "<a>".repeat(200_000), "</a>".repeat(200_000)))
    }),
    ("entities of its own", Some("FIL-04"), || {
        raw_sheet(
            r#"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><worksheet><sheetData/></worksheet>"#,
        )
    }),
    ("merge of a whole sheet", None, || {
        raw_sheet(format!(
            r#"{HEAD}<worksheet {MAIN}><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="C3:A1"/></mergeCells></worksheet>"#
        ))
    }),
    ("columns hidden without end", None, || {
        raw_sheet(format!(
            r#"{HEAD}<worksheet {MAIN}><cols><col min="0" max="4294967295" hidden="1"/><col min="2" max="4294967295" hidden="1"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#
        ))
    }),
    ("columns hidden 400,000 times", Some("FIL-04"), || {
        raw_sheet(format!(
            r#"{HEAD}<worksheet {MAIN}><cols>{}</cols><sheetData/></worksheet>"#,
            r#"<col min="1" max="16384" hidden="1"/>"#.repeat(400_000)
        ))
    }),
    ("20,000 merges", Some("FIL-04"), || {
        raw_sheet(format!(
            r#"{HEAD}<worksheet {MAIN}><sheetData/><mergeCells>{}</mergeCells></worksheet>"#,
            r#"<mergeCell ref="A1:B2"/>"#.repeat(20_000)
        ))
    }),
    ("1,000 sheets", Some("FIL-04"), || {
        let names: Vec<String> = (0..1000).map(|i| format!("s{i}")).collect();
        Parts::with_sheets(&names.iter().map(String::as_str).collect::<Vec<_>>()).zip()
    }),
    ("two sheets of one name", Some("FIL-03"), || Parts::with_sheets(&["Cover", "cover"]).zip()),
    ("10,000 parts", Some("FIL-04"), || {
        let mut parts = Parts::new();
        for i in 0..10_000 {
            parts.0.push((format!("xl/media/{i}"), Vec::new()));
        }
        parts.zip()
    }),
    ("21 megabytes", Some("FIL-04"), || vec![b'x'; 21 * 1024 * 1024]),
    ("text of 40,000 characters", Some("FIL-04"), || {
        book(&format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#, "a".repeat(40_000)))
    }),
    ("control characters in text", None, || {
        book("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>A\0B\u{7}C</t></is></c></row>")
    }),
    ("sheet in UTF-16", Some("FIL-03"), || raw_sheet(utf16(&sheet("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")))),
    ("sheet that is not UTF-8", Some("FIL-03"), || {
        raw_sheet(
            [sheet("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>").as_bytes(), &[0xE9, 0xFF], b"</v></c></row>"].concat(),
        )
    }),
    ("sheet breaks off", Some("FIL-03"), || {
        raw_sheet(format!(r#"{HEAD}<worksheet {MAIN}><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"#))
    }),
    ("sheet missing", Some("FIL-03"), || {
        let mut parts = Parts::new();
        parts.0.retain(|(name, _)| !name.ends_with("sheet1.xml"));
        parts.zip()
    }),
    ("relationships missing", Some("FIL-03"), || {
        let mut parts = Parts::new();
        parts.0.retain(|(name, _)| name != "_rels/.rels");
        parts.zip()
    }),
    ("nothing in any sheet", Some("FIL-05"), || book("<row r=\"1\"><c r=\"A1\"/></row>")),
    ("cut after 1/16", Some("FIL-03"), || cut(1)),
    ("cut after 4/16", Some("FIL-03"), || cut(4)),
    ("cut after 8/16", Some("FIL-03"), || cut(8)),
    ("cut after 12/16", Some("FIL-03"), || cut(12)),
    ("cut after 15/16", Some("FIL-03"), || cut(15)),
];
