//! Real workbooks with one of their parts rewritten.

use std::io::{Cursor, Read as _, Write as _};

/// A workbook (or any zip) with one part rewritten.
pub(crate) fn patched(book: &[u8], part: &str, rewrite: impl Fn(&str) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut met = false;
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if name == part {
            content = rewrite(std::str::from_utf8(&content).unwrap()).into_bytes();
            met = true;
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    assert!(met, "{part} is a part of it");
    out.finish().unwrap().into_inner()
}
