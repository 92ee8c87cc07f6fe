//! The cells of a file without this program's reader and without the crate behind it: the parts of the zip, their XML by
//! pattern, csv by its crate. What a cell holds is the text that stands in the file.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// The text of each cell that is not empty, by `B4`, of each sheet in the order of the file.
pub(crate) type Sheets = Vec<(String, BTreeMap<String, String>)>;

pub(crate) fn read(path: &Path) -> Sheets {
    if path.is_dir() {
        let mut files: Vec<_> = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        return files.iter().map(|p| csv_sheet(p.to_str().unwrap(), &std::fs::read(p).unwrap())).collect();
    }
    let bytes = std::fs::read(path).unwrap();
    let Ok(mut parts) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    let names: Vec<String> = parts.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut part = |name: &str| -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        parts.by_name(name).ok()?.read_to_end(&mut bytes).unwrap();
        Some(bytes)
    };
    match part("xl/workbook.xml") {
        Some(book) => workbook(&String::from_utf8(book).unwrap(), |name| Some(String::from_utf8(part(name)?).unwrap())),
        None => names.iter().map(|name| csv_sheet(name, &part(name).unwrap())).collect(),
    }
}

fn workbook(book: &str, mut part: impl FnMut(&str) -> Option<String>) -> Sheets {
    let links = part("xl/_rels/workbook.xml.rels").unwrap();
    let links: BTreeMap<String, String> = tags(&links, "Relationship")
        .map(|tag| (attribute(tag, "Id"), attribute(tag, "Target").trim_start_matches("/xl/").to_owned()))
        .collect();
    let shared: Vec<String> = part("xl/sharedStrings.xml").map_or_else(Vec::new, |xml| {
        let item = Regex::new(r"(?s)<si>(.*?)</si>").unwrap();
        item.captures_iter(&xml).map(|c| runs(&c[1])).collect()
    });
    tags(book, "sheet")
        .map(|tag| {
            let target = &links[&attribute(tag, "r:id")];
            let xml = part(&format!("xl/{target}")).unwrap();
            (attribute(tag, "name"), cells(&xml, &shared))
        })
        .collect()
}

fn cells(xml: &str, shared: &[String]) -> BTreeMap<String, String> {
    let cell = Regex::new(r"(?s)<c ([^>]*?)(?:/>|>(.*?)</c>)").unwrap();
    let value = Regex::new(r"(?s)<v>(.*?)</v>").unwrap();
    let mut out = BTreeMap::new();
    for found in cell.captures_iter(xml) {
        let inside = found.get(2).map_or("", |m| m.as_str());
        let stored = value.captures(inside).map(|v| unescape(&v[1]));
        let text = match attribute(&found[1], "t").as_str() {
            "s" => shared[stored.unwrap().parse::<usize>().unwrap()].clone(),
            "inlineStr" => runs(inside),
            _ => stored.unwrap_or_default(),
        };
        if text.chars().any(|c| !c.is_whitespace()) {
            out.insert(attribute(&found[1], "r"), text);
        }
    }
    out
}

/// The texts of a string, one after the other.
fn runs(xml: &str) -> String {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)<t(?: [^>]*)?>(.*?)</t>").unwrap());
    TEXT.captures_iter(xml).map(|t| unescape(&t[1])).collect()
}

fn tags<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let tag = Regex::new(&format!(r"<{name} ([^>]*?)/?>")).unwrap();
    tag.captures_iter(xml).map(|c| c.get(1).unwrap().as_str()).collect::<Vec<_>>().into_iter()
}

fn attribute(tag: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let found = tag.match_indices(&start).find(|(at, _)| *at == 0 || tag.as_bytes()[at - 1].is_ascii_whitespace());
    let text = found.and_then(|(at, _)| tag[at + start.len()..].split('"').next());
    text.map_or_else(String::new, unescape)
}

fn unescape(xml: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#10;", "\n"), ("&amp;", "&")];
    named.iter().fold(xml.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn csv_sheet(path: &str, bytes: &[u8]) -> (String, BTreeMap<String, String>) {
    let text = std::str::from_utf8(bytes)
        .map(|text| text.trim_start_matches('\u{feff}').to_owned())
        // Near enough to Windows-1252 for what these files hold.
        .unwrap_or_else(|_| bytes.iter().map(|b| char::from(*b)).collect());
    let delimiter = if text.lines().next().unwrap().contains(';') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut out = BTreeMap::new();
    for (row, record) in reader.records().enumerate() {
        for (column, field) in record.unwrap().iter().enumerate().filter(|(_, f)| !f.trim().is_empty()) {
            let letter = char::from(b'A' + u8::try_from(column).unwrap());
            out.insert(format!("{letter}{}", row + 1), field.to_owned());
        }
    }
    (Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned(), out)
}
