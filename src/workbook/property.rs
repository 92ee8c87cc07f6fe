//! What a workbook's package says of the document (docProps): who made it with what program, its title, and properties
//! that people or programs gave it. The same parts in .xlsx and .xlsb.

use std::collections::BTreeMap;

use super::guard::{Archive, Refusal, TEXT, Tally};
use super::package::Parts;
use super::scan::{Token, words};

/// The properties that are kept, by the names of their elements, and how they are called.
const KNOWN: [(&[u8], &str); 13] = [
    (b"creator", "creator"),
    (b"lastModifiedBy", "last modified by"),
    (b"created", "created"),
    (b"modified", "modified"),
    (b"title", "title"),
    (b"subject", "subject"),
    (b"description", "description"),
    (b"keywords", "keywords"),
    (b"category", "category"),
    (b"contentStatus", "status"),
    (b"Company", "company"),
    (b"Manager", "manager"),
    (b"Application", "application"),
];
/// The most properties that a document may have of its own.
const PROPERTIES: usize = 1_000;

/// Reads the properties. Those that cannot be read are no reason to refuse figures.
pub(super) fn read(parts: &Parts, archive: &mut Archive<'_>, tally: &mut Tally) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let own = [("docProps/custom.xml", true), ("docProps/core.xml", false), ("docProps/app.xml", false)];
    for (part, custom) in own {
        if parts.place(part).is_some() {
            // What was read before the fault is kept.
            let _: Result<(), Refusal> = document(part, custom, parts, archive, tally, &mut all);
        }
    }
    all
}

fn document(
    part: &str,
    custom: bool,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
    all: &mut BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let mut name: Option<String> = None;
    let mut text: Vec<u8> = Vec::new();
    let mut room = tally.room();
    parts.sweep(part, archive, tally, |token| {
        match token {
            Token::Open(tag) if custom && tag.name() == b"property" => name = tag.text(b"name"),
            Token::Open(tag) if !custom => {
                name = KNOWN.iter().find(|(element, _)| *element == tag.name()).map(|(_, called)| (*called).to_owned());
                text.clear();
            }
            Token::Open(_) => text.clear(),
            Token::Text(raw) if name.is_some() && text.len() < TEXT => text.extend_from_slice(raw),
            Token::Text(_) => {}
            Token::Close(element) => {
                let ends = if custom { element == b"property" } else { name.is_some() };
                if ends && let Some(name) = name.take() {
                    let value: String = words(&text).chars().take(TEXT).collect();
                    room = room.checked_sub(name.len() + value.len()).ok_or_else(Refusal::damaged)?;
                    if all.len() >= PROPERTIES {
                        return Err(Refusal::damaged());
                    }
                    if custom || !value.is_empty() {
                        all.entry(name).or_insert(value);
                    }
                }
                if !custom {
                    text.clear();
                }
            }
        }
        Ok(())
    })
}
