//! OpenDocument spreadsheets, cell by cell: the package of parts (.ods) and the single piece of XML (.fods). Read by our
//! own scanner, because the reader of Excel files would give neither formats nor errors, and would write out every
//! repeated cell. `document` tells `style`, `table` and `cell` what is theirs; `format` and `formula` speak Excel's words.

mod cell;
mod document;
mod format;
mod formula;
mod style;
mod table;

use std::io::{Cursor, Read};

use super::guard::{self, Archive, Refusal, Tally, sweep};
use super::keep::Opened;
use super::package::Parts;
use super::scan::{Looks, Token};
use super::sniff;
use document::Document;

/// Reads a package.
pub(super) fn read(bytes: &[u8]) -> Result<Opened, Refusal> {
    package(bytes).map_err(in_any_program)
}

/// Reads a document that is one piece of XML.
pub(super) fn flat(bytes: &[u8]) -> Result<Opened, Refusal> {
    let mut document = Document::default();
    let size = bytes.len() as u64;
    let swept = sweep(Cursor::new(bytes), size, &mut Tally::default(), |token| document.visit(token));
    let looks = swept.map_err(in_any_program)?;
    if looks != Looks::Xml {
        return Err(in_any_program(Refusal::damaged()));
    }
    finish(document).map_err(in_any_program)
}

fn package(bytes: &[u8]) -> Result<Opened, Refusal> {
    let mut archive = guard::open(bytes)?;
    let parts = Parts::new(&archive);
    if is_locked(&parts, &mut archive)? {
        return Err(password());
    }
    if let Some(other) = mimetype(&parts, &mut archive).as_deref().and_then(kind) {
        return Err(other);
    }
    let mut document = Document::default();
    // Only what is read is opened: macros, pictures and their like are never inflated.
    for (part, needed) in [("styles.xml", false), ("content.xml", true), ("meta.xml", false)] {
        if needed || parts.place(part).is_some() {
            document.page_styles = part == "styles.xml";
            parts.sweep(part, &mut archive, &mut Tally::default(), |token| document.visit(token))?;
        }
    }
    finish(document)
}

fn finish(document: Document) -> Result<Opened, Refusal> {
    if let Some(other) = document.other() {
        return Err(kind(other).unwrap_or_else(|| not_a_spreadsheet("an OpenDocument file of another kind")));
    }
    document.finish()
}

/// Whether the parts are encrypted: each says so in the manifest, or all are one part.
fn is_locked(parts: &Parts, archive: &mut Archive<'_>) -> Result<bool, Refusal> {
    const MANIFEST: &str = "META-INF/manifest.xml";
    let mut locked = parts.place("encrypted-package").is_some();
    if parts.place(MANIFEST).is_some() {
        parts.sweep(MANIFEST, archive, &mut Tally::default(), |token| {
            locked |= matches!(token, Token::Open(tag) if tag.name() == b"encryption-data");
            Ok(())
        })?;
    }
    Ok(locked)
}

fn mimetype(parts: &Parts, archive: &mut Archive<'_>) -> Option<String> {
    let mut text = String::new();
    archive.by_index(parts.place("mimetype")?).ok()?.take(200).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The refusal of a document that is no spreadsheet, by the type in its package or the element in its body.
fn kind(said: &str) -> Option<Refusal> {
    let said = said.trim();
    if said.starts_with("application/vnd.sun.xml.calc") {
        return Some(Refusal::new(
            "FIL-01",
            format!("This file is an OpenOffice spreadsheet of before 2005 (.sxc), not {}.", sniff::WANTED),
            "Open it in LibreOffice, choose File, Save As, “ODF Spreadsheet (.ods)” or “Excel 2007-365 (.xlsx)”, and \
             send that.",
        ));
    }
    let last = said.strip_prefix("application/vnd.oasis.opendocument.").unwrap_or(said);
    let last = last.rsplit('.').next().unwrap_or(last);
    Some(not_a_spreadsheet(match last.strip_suffix("-template").unwrap_or(last) {
        "text" | "writer" | "text-master" | "text-web" => "an OpenDocument text (.odt)",
        "presentation" | "impress" => "an OpenDocument presentation (.odp)",
        "drawing" | "graphics" | "draw" => "an OpenDocument drawing (.odg)",
        "chart" => "an OpenDocument chart (.odc)",
        "image" => "an OpenDocument picture (.odi)",
        "formula" | "math" => "an OpenDocument formula (.odf)",
        "database" | "base" => "an OpenDocument database (.odb)",
        _ => return None,
    }))
}

fn not_a_spreadsheet(what: &str) -> Refusal {
    Refusal::new(
        "FIL-01",
        format!("This file is {what}, not {}.", sniff::WANTED),
        "Send the filled-in template as a spreadsheet (.xlsx or .ods).",
    )
}

/// FIL-02, for those who have LibreOffice as well.
fn password() -> Refusal {
    let help = "In LibreOffice choose File, Save As, untick “Save with password” and save it under a new name; in Excel \
                choose File, Info, Protect Workbook, Encrypt with Password, and clear the password. Send the file \
                through the secure channel. Please do not send passwords by e-mail.";
    Refusal { help: help.to_owned(), ..guard::password() }
}

/// A broken file can be opened in other programs than Excel.
fn in_any_program(refusal: Refusal) -> Refusal {
    if refusal.rule != "FIL-03" {
        return refusal;
    }
    let help = "Open it in the program you made it with. If it opens, save it under a new name and send that; if it does \
                not, send the file again from the copy you kept.";
    Refusal { help: help.to_owned(), ..refusal }
}
