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
use super::{EMBEDDED, sniff};
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
    let manifest = manifest(&parts, &mut archive)?;
    if manifest.locked {
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
    let mut opened = finish(document)?;
    opened.workbook.properties.remove(EMBEDDED);
    if manifest.embedded {
        opened.workbook.properties.insert(EMBEDDED.to_owned(), "yes".to_owned());
    }
    Ok(opened)
}

fn finish(document: Document) -> Result<Opened, Refusal> {
    if let Some(other) = document.other() {
        return Err(kind(other).unwrap_or_else(|| not_a_spreadsheet("an OpenDocument file of another kind")));
    }
    document.finish()
}

/// What the manifest says of the parts.
struct Manifest {
    /// They are encrypted: each says so, or all are one part.
    locked: bool,
    /// One of them is another document with rows; charts, which are documents here too, only draw what is on the sheets.
    embedded: bool,
}

fn manifest(parts: &Parts, archive: &mut Archive<'_>) -> Result<Manifest, Refusal> {
    const MANIFEST: &str = "META-INF/manifest.xml";
    const WITH_ROWS: [&str; 3] = ["opendocument.spreadsheet", "opendocument.text", "sun.star.oleobject"];
    let mut locked = parts.place("encrypted-package").is_some();
    let mut embedded = false;
    if parts.place(MANIFEST).is_some() {
        parts.sweep(MANIFEST, archive, &mut Tally::default(), |token| {
            let Token::Open(tag) = token else { return Ok(()) };
            locked |= tag.name() == b"encryption-data";
            if tag.name() == b"file-entry" && tag.text(b"full-path").is_some_and(|path| path != "/") {
                let kind = tag.text(b"media-type").unwrap_or_default();
                embedded |= WITH_ROWS.iter().any(|end| kind.ends_with(end));
            }
            Ok(())
        })?;
    }
    Ok(Manifest { locked, embedded })
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
