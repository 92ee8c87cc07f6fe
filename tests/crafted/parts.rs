//! What crafted files are made of: parts of a zip, sheets written by hand, the first sectors of an OLE file.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
pub(crate) const MAIN: &str = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#;
pub(crate) const KINDS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook made part by part.
pub(crate) struct Parts(pub(crate) Vec<(String, Vec<u8>)>);

impl Parts {
    pub(crate) fn new() -> Self {
        Self::with_sheets(&["Front door"])
    }

    pub(crate) fn with_sheets(names: &[&str]) -> Self {
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

    pub(crate) fn set(&mut self, name: &str, content: impl Into<Vec<u8>>) -> &mut Self {
        self.0.retain(|(n, _)| n != name);
        self.0.push((name.to_owned(), content.into()));
        self
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
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

pub(crate) fn sheet(data: &str) -> String {
    format!("{HEAD}<worksheet {MAIN}><sheetData>{data}</sheetData></worksheet>")
}

pub(crate) fn book(data: &str) -> Vec<u8> {
    Parts::new().set("xl/worksheets/sheet1.xml", sheet(data)).zip()
}

/// A workbook whose sheet is this part as it stands.
pub(crate) fn raw_sheet(part: impl Into<Vec<u8>>) -> Vec<u8> {
    Parts::new().set("xl/worksheets/sheet1.xml", part).zip()
}

pub(crate) fn with_strings(strings: &str, data: &str) -> Vec<u8> {
    let strings = format!("{HEAD}{strings}");
    Parts::new().set("xl/sharedStrings.xml", strings).set("xl/worksheets/sheet1.xml", sheet(data)).zip()
}

/// Rewrites the size that the zip's directory declares for the last part.
pub(crate) fn declare(mut bytes: Vec<u8>, size: u32) -> Vec<u8> {
    let at = (0..bytes.len() - 4).rev().find(|i| bytes[*i..].starts_with(b"PK\x01\x02")).unwrap();
    bytes[at + 24..at + 28].copy_from_slice(&size.to_le_bytes());
    bytes
}

/// An OLE file of old, as far as its first sectors: header, and a directory with these names.
pub(crate) fn ole(names: &[&str]) -> Vec<u8> {
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

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

pub(crate) fn repeat(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

pub(crate) const MEGABYTES_15: usize = 15 * 1024 * 1024;

pub(crate) fn cut(numerator: usize) -> Vec<u8> {
    let whole = book("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    whole[..whole.len() * numerator / 16].to_vec()
}
