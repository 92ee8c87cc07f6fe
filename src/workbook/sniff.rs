//! What a file is, by its first bytes: the name says what it was meant to be, the content what it is.

use super::guard::{Refusal, password};

/// What can be read, for a sentence that says what something is not.
pub(super) const WANTED: &str = "an Excel workbook (.xlsx) or a csv file";

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No byte at all, or white space only.
    Empty,
    /// A zip: a workbook, other Office files, csv files.
    Zip,
    /// Text in one byte or UTF-8: csv.
    Text,
    /// An OpenDocument file that is one piece of XML.
    Flat,
    /// An encrypted Office file.
    Encrypted,
    /// A workbook of Excel 97 to 2003, or another file of that time.
    Old,
    /// Something that cannot be a return: its name with an article.
    Other(&'static str),
}

/// What the bytes are.
pub(super) fn kind(bytes: &[u8]) -> Kind {
    const SIGNATURES: [(&[u8], &str); 14] = [
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"\xFF\xD8\xFF", "a picture (JPEG)"),
        (b"GIF8", "a picture (GIF)"),
        (b"BM\x00", "a picture (BMP)"),
        (b"II*\x00", "a picture (TIFF)"),
        (b"MM\x00*", "a picture (TIFF)"),
        (b"{\\rtf", "a text document (RTF)"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xBC\xAF", "a 7-Zip archive"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"PAR1", "a Parquet file"),
        (b"SQLite format 3", "a database (SQLite)"),
        (b"MZ", "a program"),
    ];
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Kind::Empty;
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Kind::Zip;
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        // The directory of such a file names its streams in UTF-16.
        let encrypted = holds_entry(bytes, "EncryptedPackage") || holds_entry(bytes, "EncryptionInfo");
        return if encrypted { Kind::Encrypted } else { Kind::Old };
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Kind::Other("text in the encoding UTF-16 (“Unicode Text” in Excel)");
    }
    let signature = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start) && is_signature(start, bytes));
    if let Some((_, what)) = signature {
        return Kind::Other(what);
    }
    if bytes.iter().take(64 * 1024).any(|b| *b == 0) {
        return Kind::Other("not a kind of file we know");
    }
    let start = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes).trim_ascii_start();
    let start = start[..start.len().min(256)].to_ascii_lowercase();
    if [&b"<!doctype html"[..], b"<html", b"<head", b"<table", b"<body", b"<meta", b"<div"]
        .iter()
        .any(|s| start.starts_with(s))
    {
        return Kind::Other("a web page (HTML)");
    }
    if start.starts_with(b"<?xml") && bytes.windows(16).take(4096).any(|w| w == b"<office:document") {
        return Kind::Flat;
    }
    if start.starts_with(b"<?xml") || start.starts_with(b"<workbook") {
        return Kind::Other("an XML file");
    }
    if start.starts_with(b"{") || start.starts_with(b"[{") {
        return Kind::Other("a data file (JSON)");
    }
    // Excel's “Single File Web Page”. Words such as “From:” begin e-mails, but covers of returns, too.
    if start.starts_with(b"mime-version:") {
        return Kind::Other("a web archive");
    }
    Kind::Text
}

/// Short signatures of letters could begin a csv file, too: those of binary files hold a zero byte soon.
fn is_signature(start: &[u8], bytes: &[u8]) -> bool {
    start.len() > 2 || start == b"\x1F\x8B" || bytes.iter().take(512).any(|b| *b == 0)
}

/// Whether an entry of the directory of an OLE file has a name; a text in a cell may say the same, elsewhere.
fn holds_entry(bytes: &[u8], name: &str) -> bool {
    let wanted: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    bytes.chunks_exact(128).any(|entry| entry.starts_with(&wanted))
}

/// The finding for a file that is not read; `inside` names it where it lies in a folder or zip.
pub(super) fn refusal(kind: Kind, inside: Option<&str>) -> Refusal {
    let save = "Open it in Excel, choose File, Save As, “Excel Workbook (.xlsx)”, and send that.";
    let what = match kind {
        Kind::Empty => {
            return Refusal::new(
                "FIL-05",
                "This file is empty.",
                "Perhaps it was still being copied. Send the file again and look that it opens.",
            );
        }
        Kind::Encrypted => return password(),
        Kind::Old => "an old Excel workbook (.xls) or another Office file from before 2007",
        Kind::Zip => "a zip or Office file that holds no workbook",
        Kind::Text => "a text file",
        Kind::Flat => "an OpenDocument file",
        Kind::Other("not a kind of file we know") => {
            return Refusal::new("FIL-01", "This is not a kind of file that we can read.", save);
        }
        Kind::Other(what) => what,
    };
    let help = match kind {
        Kind::Old => save.to_owned(),
        Kind::Other(what) if what.starts_with("text in") => {
            "In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)” or “Excel Workbook (.xlsx)”, and send that."
                .to_owned()
        }
        Kind::Other(_) | Kind::Zip | Kind::Text | Kind::Flat | Kind::Empty | Kind::Encrypted => {
            "Send the filled-in template as an Excel workbook (.xlsx), or as csv files.".to_owned()
        }
    };
    let subject = inside.map_or_else(|| "This file is".to_owned(), |name| format!("“{name}” is"));
    Refusal::new("FIL-01", format!("{subject} {what}, not {WANTED}."), help)
}
