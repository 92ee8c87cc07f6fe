//! Files that are broken or mean harm: each is refused with one clear finding, or read where it is harmless, within a
//! second of CPU and 300 megabytes. Each is read in a process of its own, so that one that dies is named.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::process::Command;

use cpu_time::ThreadTime;
use proptest::prelude::*;
use safereturn::finding::{Findings, Severity};
use safereturn::workbook::{Content, Submission, Value, Workbook, guard, notation};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#;
const KINDS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook made part by part.
struct Parts(Vec<(String, Vec<u8>)>);

impl Parts {
    fn new() -> Self {
        Self::with_sheets(&["Front door"])
    }

    fn with_sheets(names: &[&str]) -> Self {
        let mut sheets = String::new();
        let mut links = String::new();
        for (i, name) in names.iter().enumerate() {
            let n = i + 1;
            let _ = write!(sheets, r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#);
            let _ = write!(
                links,
                r#"<Relationship Id="rId{n}" Type="{KINDS}/worksheet" Target="worksheets/sheet{n}.xml"/>"#
            );
        }
        let relations = |inner: &str| {
            format!(
                r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#
            )
        };
        let book = format!("{HEAD}<workbook {MAIN}><sheets>{sheets}</sheets></workbook>");
        let root = format!(r#"<Relationship Id="rId1" Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/>"#);
        let mut parts = Self(Vec::new());
        parts.set("_rels/.rels", relations(&root));
        parts.set("xl/workbook.xml", book);
        parts.set("xl/_rels/workbook.xml.rels", relations(&links));
        for i in 0..names.len() {
            parts.set(
                &format!("xl/worksheets/sheet{}.xml", i + 1),
                sheet("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"),
            );
        }
        parts
    }

    fn set(&mut self, name: &str, content: impl Into<Vec<u8>>) -> &mut Self {
        self.0.retain(|(n, _)| n != name);
        self.0.push((name.to_owned(), content.into()));
        self
    }

    fn zip(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1));
        for (name, content) in &self.0 {
            writer.start_file(name.as_str(), options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}

fn sheet(data: &str) -> String {
    format!("{HEAD}<worksheet {MAIN}><sheetData>{data}</sheetData></worksheet>")
}

fn book(data: &str) -> Vec<u8> {
    Parts::new().set("xl/worksheets/sheet1.xml", sheet(data)).zip()
}

/// A workbook whose sheet is this part as it stands.
fn raw_sheet(part: impl Into<Vec<u8>>) -> Vec<u8> {
    Parts::new().set("xl/worksheets/sheet1.xml", part).zip()
}

fn with_strings(strings: &str, data: &str) -> Vec<u8> {
    let strings = format!("{HEAD}{strings}");
    Parts::new().set("xl/sharedStrings.xml", strings).set("xl/worksheets/sheet1.xml", sheet(data)).zip()
}

/// Rewrites the size that the zip's directory declares for the last part.
fn declare(mut bytes: Vec<u8>, size: u32) -> Vec<u8> {
    let at = (0..bytes.len() - 4).rev().find(|i| bytes[*i..].starts_with(b"PK\x01\x02")).unwrap();
    bytes[at + 24..at + 28].copy_from_slice(&size.to_le_bytes());
    bytes
}

/// An OLE file of old, as far as its first sectors: header, and a directory with these names.
fn ole(names: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0_u8; 512];
    bytes[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    bytes[24..32].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0]);
    bytes.extend(vec![0_u8; 512]);
    for name in names {
        let mut entry = vec![0_u8; 128];
        let letters: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..letters.len()].copy_from_slice(&letters);
        bytes.extend(entry);
    }
    bytes
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn repeat(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

const MEGABYTES_15: usize = 15 * 1024 * 1024;

fn cut(numerator: usize) -> Vec<u8> {
    let whole = book("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    whole[..whole.len() * numerator / 16].to_vec()
}

/// The finding (FIL-… of severity error) that a case must give; `None`: it is harmless and is read.
type Case = (&'static str, Option<&'static str>, fn() -> Vec<u8>);

const CASES: &[Case] = &[
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
    ("more than a million filled cells", Some("FIL-04"), || {
        book(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(100)).repeat(11_000))
    }),
    ("as many cells as are allowed", None, || {
        let rows = if cfg!(debug_assertions) { 4_000 } else { 10_000 };
        book(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(100)).repeat(rows))
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
    ("password", Some("FIL-02"), || ole(&["Root Entry", "EncryptionInfo", "EncryptedPackage"])),
    ("old workbook", Some("FIL-01"), || ole(&["Root Entry", "Workbook"])),
    ("picture", Some("FIL-01"), || b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
    ("PDF", Some("FIL-01"), || b"%PDF-1.7\n%".to_vec()),
    ("web page", Some("FIL-01"), || b"\n<html><table><tr><td>1</td></tr></table></html>".to_vec()),
    ("Unicode text", Some("FIL-01"), || utf16("Contacts\t11147\n")),
    ("no byte", Some("FIL-05"), Vec::new),
    ("spaces only", Some("FIL-05"), || b" \r\n ".to_vec()),
    ("noise", Some("FIL-01"), || (0..10_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
    ("binary workbook", Some("FIL-01"), || Parts(vec![("xl/workbook.bin".into(), vec![0])]).zip()),
    ("Word document", Some("FIL-01"), || Parts(vec![("word/document.xml".into(), b"<w/>".to_vec())]).zip()),
    ("OpenDocument", Some("FIL-01"), || {
        Parts(vec![("mimetype".into(), vec![b'a']), ("content.xml".into(), b"<w/>".to_vec())]).zip()
    }),
    ("workbook in a zip", Some("FIL-01"), || Parts(vec![("return.xlsx".into(), book(""))]).zip()),
    ("zip of nothing", Some("FIL-05"), || Parts(Vec::new()).zip()),
    ("csv files in a zip", None, || {
        Parts(vec![("r/cover.csv".into(), b"a,1\n".to_vec()), ("__MACOSX/r/._cover.csv".into(), vec![0])]).zip()
    }),
    ("picture among csv files", Some("FIL-01"), || {
        Parts(vec![("cover.csv".into(), b"a,1\n".to_vec()), ("photo.png".into(), b"\x89PNG".to_vec())]).zip()
    }),
    ("bomb: csv files in a zip", Some("FIL-04"), || {
        Parts(vec![("cover.csv".into(), vec![b','; 22 * 1024 * 1024])]).zip()
    }),
    ("csv of 3 million cells", Some("FIL-04"), || vec![b','; 3_000_000]),
    ("csv of 20,000 columns", Some("FIL-04"), || [vec![b','; 20_000], b"x".to_vec()].concat()),
    ("csv of 2 million rows", Some("FIL-04"), || b"1\n".repeat(2_000_000)),
    ("csv of 2 million blank rows", Some("FIL-04"), || [b"\n".repeat(2_000_000), b"1\n".to_vec()].concat()),
    ("csv with an open quote", Some("FIL-04"), || [b"a,\"".to_vec(), vec![b'x'; 1_000_000]].concat()),
];

/// Runs one case in this process; the parent test reads what is printed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn one_case() {
    let Ok(wanted) = std::env::var("HOSTILE_CASE") else { return };
    let (name, expected, make) = CASES.iter().find(|(name, ..)| *name == wanted).unwrap();
    let bytes = make();
    let size = bytes.len();
    let before = peak_megabytes();
    let start = ThreadTime::now();
    let mut findings = Findings::default();
    let workbook = Workbook::read(&Submission { name: "r.xlsx".into(), content: Content::File(bytes) }, &mut findings);
    let cpu = start.elapsed();
    let errors: Vec<_> = findings.list().iter().filter(|f| f.severity == Severity::Error).collect();
    let rules: Vec<&str> = errors.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, expected.iter().copied().collect::<Vec<_>>(), "{name}: {errors:#?}");
    assert!(errors.iter().all(|f| !f.help.is_empty() && !f.labels.is_empty()));
    assert_eq!(workbook.format.is_none(), expected.is_some_and(|rule| rule != "FIL-06"), "{name}");
    assert!(workbook.sheets.iter().map(|s| s.cells.len()).sum::<usize>() <= guard::CELLS);
    println!(
        "CASE {name} │ {size} bytes │ {:.3} s │ {} MB ({} before) │ {}",
        cpu.as_secs_f64(),
        peak_megabytes(),
        before,
        errors.first().map_or("read", |f| &f.message)
    );
}

/// The most memory this process has held, where the system says so.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

#[test]
fn every_hostile_file_is_answered_quickly_and_small() {
    let program = std::env::current_exe().unwrap();
    let seconds = if cfg!(debug_assertions) { 5.0 } else { 1.0 };
    let mut wrong = String::new();
    for (name, ..) in CASES {
        let output = Command::new(&program)
            .args(["one_case", "--exact", "--ignored", "--nocapture"])
            .env("HOSTILE_CASE", name)
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some(line) = printed.lines().find_map(|line| line.split_once("CASE ").map(|(_, rest)| rest)) else {
            let _ = writeln!(wrong, "{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
            continue;
        };
        println!("{line}");
        let mut facts = line.split(" │ ").skip(2);
        let cpu: f64 = facts.next().unwrap().trim_end_matches(" s").parse().unwrap();
        let peak: u64 = facts.next().unwrap().split(' ').next().unwrap().parse().unwrap();
        if cpu > seconds || peak > 300 {
            let _ = writeln!(wrong, "{line}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn harmless(name: &str) -> Workbook {
    let (.., make) = CASES.iter().find(|(n, ..)| *n == name).unwrap();
    let mut findings = Findings::default();
    Workbook::read(&Submission { name: "r.xlsx".into(), content: Content::File(make()) }, &mut findings)
}

#[test]
fn what_is_harmless_is_read_right() {
    let spill = harmless("newer error #SPILL!");
    assert_eq!(notation::write(&spill), "-- Front door\n     │ A       │ B\n   1 │ #SPILL! │ 2\n");
    let unknown = harmless("unknown error without addresses");
    assert_eq!(notation::write(&unknown), "-- Front door\n     │ A         │ B\n   1 │ #UNKNOWN! │ 2\n   2 │ 3\n");
    let shared = harmless("shared formula 2 billion");
    assert_eq!(notation::write(&shared), "-- Front door\n     │ A\n   1 │ 1 {=B1+1}\n   2 │ 2 {=B2+1}\n");
    let control = harmless("control characters in text");
    assert_eq!(control.sheets[0].cells.values().next().unwrap().value, Value::Text("ABC".into()));
    let corner = harmless("corner cells");
    assert_eq!(corner.sheets[0].cells.keys().map(ToString::to_string).collect::<Vec<_>>(), ["A1", "XFD1048576"]);
    let merged = harmless("merge of a whole sheet");
    assert_eq!(merged.sheets[0].merges.len(), 2);
    let csv = harmless("csv files in a zip");
    assert_eq!(csv.sheets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["cover"]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 150 } else { 2_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is damaged in the parts, the answer is a workbook or a finding, never a panic.
    #[test]
    fn damaged_parts_never_panic(
        part in 0..6_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut parts = Parts::new();
        parts
            .set("xl/sharedStrings.xml", format!(r#"{HEAD}<sst {MAIN} count="2" uniqueCount="2"><si><t>a</t></si><si><r><t>b</t></r></si></sst>"#))
            .set("xl/styles.xml", format!(r#"{HEAD}<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="170" formatCode="0.0%"/></numFmts><fills count="1"><fill><patternFill patternType="solid"><fgColor rgb="FFFFC000"/></patternFill></fill></fills><cellXfs count="2"><xf numFmtId="14"/><xf numFmtId="170" fillId="0"/></cellXfs></styleSheet>"#))
            .set("xl/worksheets/sheet1.xml", format!(r#"{HEAD}<worksheet {MAIN}><dimension ref="A1:C3"/><cols><col min="1" max="3" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><f t="shared" si="0" ref="B1:B2">A1*2</f><v>0.156</v></c></row><row r="2" hidden="1"><c r="B2"><f t="shared" si="0"/><v>3</v></c><c r="C2" t="e"><v>#N/A</v></c><c r="D2" t="inlineStr"><is><t>x</t></is></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>"#));
        let place = part % parts.0.len();
        let content = &mut parts.0[place].1;
        for (at, byte, how) in damage {
            let at = at.index(content.len());
            match how {
                0 => content[at] = byte,
                1 => { content.remove(at); }
                _ => content.insert(at, byte),
            }
        }
        let mut findings = Findings::default();
        let bytes = parts.zip();
        let workbook = Workbook::read(&Submission { name: "r.xlsx".into(), content: Content::File(bytes) }, &mut findings);
        prop_assert!(!workbook.sheets.is_empty() || !findings.list().is_empty());
    }
}
