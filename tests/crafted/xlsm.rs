//! Excel workbooks with macros. Macros never run, and nothing of them is opened: only what stands around them can do harm.

use super::Case;
use super::parts::{HEAD, MAIN, Parts, ole, sheet};

const BOOK: &str = "application/vnd.ms-excel.sheet.macroEnabled.main+xml";
const MACROS: &str = "http://schemas.microsoft.com/office/2006/relationships/vbaProject";

/// A workbook with these bytes for macros.
fn with_macros(macros: Vec<u8>) -> Parts {
    let types = format!(
        r#"{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="{BOOK}"/></Types>"#
    );
    let mut parts = Parts::new();
    let (_, links) = parts.0.iter().find(|(name, _)| name == "xl/_rels/workbook.xml.rels").unwrap();
    let links = String::from_utf8(links.clone()).unwrap();
    let links = links.replace(
        "</Relationships>",
        &format!(r#"<Relationship Id="rId9" Type="{MACROS}" Target="vbaProject.bin"/></Relationships>"#),
    );
    parts.set("xl/_rels/workbook.xml.rels", links).set("[Content_Types].xml", types).set("xl/vbaProject.bin", macros);
    parts
}

fn small() -> Vec<u8> {
    ole(&["Root Entry", "VBA", "dir", "ThisWorkbook"])
}

pub(crate) const CASES: &[Case] = &[
    ("xlsm: macros that are no macros", None, || with_macros(vec![0xFF; 4_096]).zip()),
    ("xlsm: macros of no byte", None, || with_macros(Vec::new()).zip()),
    ("xlsm: macros that are XML with entities", Some("FIL-04"), || {
        with_macros(br#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#.to_vec()).zip()
    }),
    ("xlsm: macros of 15 megabytes", None, || with_macros(vec![0x90; 15 * 1024 * 1024]).zip()),
    ("xlsm: bomb: macros of 64 megabytes", Some("FIL-04"), || with_macros(vec![0; 64 * 1024 * 1024]).zip()),
    ("xlsm: an OLE file with a password inside", None, || with_macros(ole(&["EncryptedPackage"])).zip()),
    ("xlsm: macros without their part", None, || {
        let mut parts = with_macros(small());
        parts.0.retain(|(name, _)| name != "xl/vbaProject.bin");
        parts.zip()
    }),
    ("xlsm: the workbook's link leads to the macros", Some("FIL-03"), || {
        let mut parts = with_macros(small());
        for (name, content) in &mut parts.0 {
            if name == "_rels/.rels" {
                *content =
                    String::from_utf8(content.clone()).unwrap().replace("workbook.xml", "vbaProject.bin").into_bytes();
            }
        }
        parts.zip()
    }),
    ("xlsm: a sheet's link leads to the macros", Some("FIL-03"), || {
        let mut parts = with_macros(small());
        for (name, content) in &mut parts.0 {
            if name == "xl/_rels/workbook.xml.rels" {
                let links = String::from_utf8(content.clone()).unwrap();
                *content = links.replace("worksheets/sheet1.xml", "vbaProject.bin").into_bytes();
            }
        }
        parts.zip()
    }),
    ("xlsm: a sheet of macros", Some("FIL-04"), || {
        let mut parts = with_macros(small());
        let book = format!(
            r#"{HEAD}<workbook {MAIN}><sheets><sheet name="Front door" sheetId="1" r:id="rId1"/><sheet name="Macro1" sheetId="2" r:id="rId2"/></sheets></workbook>"#
        );
        for (name, content) in &mut parts.0 {
            if name == "xl/_rels/workbook.xml.rels" {
                let links = String::from_utf8(content.clone()).unwrap();
                let link = r#"<Relationship Id="rId2" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet" Target="macrosheets/sheet1.xml"/></Relationships>"#;
                *content = links.replace("</Relationships>", link).into_bytes();
            }
        }
        parts
            .set("xl/workbook.xml", book)
            .set("xl/macrosheets/sheet1.xml", sheet("<row r=\"1\"><c r=\"A1\"><f>HALT()</f></c></row>"));
        parts.zip()
    }),
];
