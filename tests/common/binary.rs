//! Binary workbooks (.xlsb) written record by record, as Excel lays them out: every cell says where it stands. None of the
//! programs at hand writes such files, so the tests do it themselves, from \[MS-XLSB\].
#![allow(dead_code, reason = "each test uses a part")]

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A record: its number, its length, what it says.
pub(crate) fn record(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = if kind < 0x80 {
        vec![u8::try_from(kind).unwrap()]
    } else {
        vec![(kind & 0x7F) as u8 | 0x80, u8::try_from(kind >> 7).unwrap()]
    };
    let mut length = payload.len();
    loop {
        let byte = (length & 0x7F) as u8;
        length >>= 7;
        out.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            break;
        }
    }
    [out, payload.to_vec()].concat()
}

/// Whole numbers of four bytes.
pub(crate) fn longs(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// A text behind its length.
pub(crate) fn text(words: &str) -> Vec<u8> {
    let units: Vec<u16> = words.encode_utf16().collect();
    let length = u32::try_from(units.len()).unwrap();
    longs(&[length]).into_iter().chain(units.into_iter().flat_map(u16::to_le_bytes)).collect()
}

/// A row's header.
pub(crate) fn row(number: u32, hidden: bool) -> Vec<u8> {
    let mut payload = longs(&[number, 0]);
    payload.extend([0x2C, 0x01, 0, if hidden { 0x10 } else { 0 }, 0]);
    payload.extend(longs(&[0]));
    record(0, &payload)
}

/// A cell: its kind, column and style, and what it holds.
pub(crate) fn cell(kind: u16, column: u32, style: u32, value: &[u8]) -> Vec<u8> {
    record(kind, &[longs(&[column, style]), value.to_vec()].concat())
}

/// A cell in the short form, right of the one before.
pub(crate) fn short(kind: u16, style: u32, value: &[u8]) -> Vec<u8> {
    record(kind, &[longs(&[style]), value.to_vec()].concat())
}

/// What follows the value of a formula's cell: flags, tokens, and what belongs to the tokens.
pub(crate) fn tokens(tokens: &[u8], extra: &[u8]) -> Vec<u8> {
    [vec![0, 0], counted(tokens), counted(extra)].concat()
}

/// Bytes behind their number.
pub(crate) fn counted(bytes: &[u8]) -> Vec<u8> {
    [longs(&[u32::try_from(bytes.len()).unwrap()]), bytes.to_vec()].concat()
}

/// A worksheet's part: what stands before the cells, rows and cells, what stands behind them.
pub(crate) fn sheet(before: &[Vec<u8>], cells: &[Vec<u8>], behind: &[Vec<u8>]) -> Vec<u8> {
    let parts = [
        record(129, &[]),
        before.concat(),
        record(145, &[]),
        cells.concat(),
        record(146, &[]),
        behind.concat(),
        record(130, &[]),
    ];
    parts.concat()
}

/// A workbook's part: what stands before the sheets (name and state), the sheets, what stands behind them.
pub(crate) fn book(before: &[Vec<u8>], sheets: &[(&str, u32)], behind: &[Vec<u8>]) -> Vec<u8> {
    let mut out = [record(131, &[]), before.concat(), record(143, &[])].concat();
    for (i, (name, state)) in sheets.iter().enumerate() {
        let n = u32::try_from(i).unwrap() + 1;
        out.extend(record(156, &[longs(&[*state, n]), text(&format!("rId{n}")), text(name)].concat()));
    }
    [out, record(144, &[]), behind.concat(), record(132, &[])].concat()
}

/// Shared texts.
pub(crate) fn strings(words: &[&str]) -> Vec<u8> {
    let count = u32::try_from(words.len()).unwrap();
    let items: Vec<u8> = words.iter().flat_map(|w| record(19, &[vec![0], text(w)].concat())).collect();
    [record(159, &longs(&[count, count])), items, record(160, &[])].concat()
}

/// A colour by its red, green and blue.
pub(crate) fn rgb(red: u8, green: u8, blue: u8) -> Vec<u8> {
    vec![5, 0xFF, 0, 0, red, green, blue, 0xFF]
}

/// Styles: number formats of the file's own, fills, and for each style its format and fill.
pub(crate) fn styles(formats: &[(u16, &str)], fills: &[(u32, Vec<u8>)], styles: &[(u16, u16)]) -> Vec<u8> {
    let mut out = [record(278, &[]), record(615, &longs(&[u32::try_from(formats.len()).unwrap()]))].concat();
    for (id, code) in formats {
        out.extend(record(44, &[id.to_le_bytes().to_vec(), text(code)].concat()));
    }
    out.extend([record(616, &[]), record(603, &longs(&[u32::try_from(fills.len()).unwrap()]))].concat());
    for (pattern, colour) in fills {
        let none = vec![1, 64, 0, 0, 0, 0, 0, 0];
        out.extend(record(45, &[longs(&[*pattern]), colour.clone(), none, vec![0; 48]].concat()));
    }
    let style = |parent: u16, (format, fill): (u16, u16)| {
        let numbers = [parent, format, 0, fill, 0];
        record(47, &[numbers.iter().flat_map(|n| n.to_le_bytes()).collect(), vec![0; 6]].concat())
    };
    // Named styles come first, with records of the same kind.
    let named = [record(626, &longs(&[1])), style(u16::MAX, (14, 0)), record(627, &[])].concat();
    out.extend([record(604, &[]), named, record(617, &longs(&[u32::try_from(styles.len()).unwrap()]))].concat());
    for &one in styles {
        out.extend(style(0, one));
    }
    [out, record(618, &[]), record(279, &[])].concat()
}

/// Notes by row and column.
pub(crate) fn notes(notes: &[(u32, u32, &str)]) -> Vec<u8> {
    let mut out = [record(628, &[]), record(630, &[]), record(632, &text("Jo")), record(631, &[])].concat();
    out.extend(record(633, &[]));
    for (row, column, words) in notes {
        let place = longs(&[0, *row, *row, *column, *column]);
        out.extend(record(635, &[place, vec![0; 16]].concat()));
        out.extend(record(637, &[vec![0], text(words)].concat()));
        out.extend(record(636, &[]));
    }
    [out, record(634, &[]), record(629, &[])].concat()
}

/// A package part by part.
#[derive(Clone)]
pub(crate) struct Package(pub(crate) Vec<(String, Vec<u8>)>);

impl Package {
    /// A workbook of sheets with these parts.
    pub(crate) fn new(sheets: &[(&str, Vec<u8>)]) -> Self {
        let names: Vec<(&str, u32)> = sheets.iter().map(|(name, _)| (*name, 0)).collect();
        let mut package = Self(Vec::new());
        package.link("", &[("rId1", "officeDocument", "xl/workbook.bin")]);
        package.set("xl/workbook.bin", book(&[], &names, &[]));
        let mut links: Vec<(String, &str, String)> = Vec::new();
        for (i, (_, part)) in sheets.iter().enumerate() {
            links.push((format!("rId{}", i + 1), "worksheet", format!("worksheets/sheet{}.bin", i + 1)));
            package.set(&format!("xl/worksheets/sheet{}.bin", i + 1), part.clone());
        }
        links.push(("rId8001".into(), "sharedStrings", "sharedStrings.bin".into()));
        links.push(("rId8002".into(), "styles", "styles.bin".into()));
        links.push(("rId8003".into(), "externalLink", "externalLinks/externalLink1.bin".into()));
        let links: Vec<_> = links.iter().map(|(id, kind, target)| (id.as_str(), *kind, target.as_str())).collect();
        package.link("xl/workbook.bin", &links);
        package
    }

    /// Adds a part, or puts it in the place of another.
    pub(crate) fn set(&mut self, name: &str, bytes: Vec<u8>) -> &mut Self {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = bytes,
            None => self.0.push((name.to_owned(), bytes)),
        }
        self
    }

    /// The relationships of a part.
    pub(crate) fn link(&mut self, of: &str, links: &[(&str, &str, &str)]) -> &mut Self {
        let (folder, file) = of.rsplit_once('/').map_or(("", of), |(folder, file)| (folder, file));
        let slash = if folder.is_empty() { "" } else { "/" };
        let one = |(id, kind, target): &(&str, &str, &str)| {
            format!(r#"<Relationship Id="{id}" Type="{LINKS}/{kind}" Target="{target}"/>"#)
        };
        let all: String = links.iter().map(one).collect();
        let part = format!(
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{all}</Relationships>"#
        );
        self.set(&format!("{folder}{slash}_rels/{file}.rels"), part.into_bytes())
    }

    /// The file.
    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_level(Some(1));
        for (name, content) in &self.0 {
            writer.start_file(name.as_str(), options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}
