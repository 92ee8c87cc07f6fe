//! What a workbook's package says of the document (docProps): who made it with what program, its title, and properties
//! that people or programs gave it. The same parts in .xlsx and .xlsb.

use std::collections::BTreeMap;

use super::guard::{Archive, Refusal, TEXT, Tally};
use super::package::Parts;
use super::scan::{Token, words};
use super::{AUTHORS, CACHE, EMBEDDED};

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

/// So many authors of comments are kept.
const MOST_AUTHORS: usize = 100;

/// Reads the properties, and what the package carries unseen. Those that cannot be read are no reason to refuse figures.
pub(super) fn read(parts: &Parts, archive: &mut Archive<'_>, tally: &mut Tally) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let own = [("docProps/custom.xml", true), ("docProps/core.xml", false), ("docProps/app.xml", false)];
    for (part, custom) in own {
        if parts.place(part).is_some() {
            // What was read before the fault is kept.
            let _: Result<(), Refusal> = document(part, custom, parts, archive, tally, &mut all);
        }
    }
    // A property of that name is the document's own: what is said here is ours.
    [CACHE, EMBEDDED, AUTHORS].iter().for_each(|name| drop(all.remove(*name)));
    if parts.names().any(|name| name.starts_with("xl/pivotcache/pivotcacherecords")) || lists(parts, archive, tally) {
        all.insert(CACHE.to_owned(), "yes".to_owned());
    }
    if parts.names().any(|name| name.starts_with("xl/embeddings/") && !name.ends_with('/')) {
        all.insert(EMBEDDED.to_owned(), "yes".to_owned());
    }
    let authors = authors(parts, archive, tally);
    if !authors.is_empty() {
        all.insert(AUTHORS.to_owned(), authors.join("; "));
    }
    all
}

/// Whether a pivot table keeps the different values of a column, as it does even where the copy of the rows was left out.
fn lists(parts: &Parts, archive: &mut Archive<'_>, tally: &mut Tally) -> bool {
    let of_caches = |name: &&str| name.starts_with("xl/pivotcache/pivotcachedefinition") && name.ends_with(".xml");
    let names: Vec<String> = parts.names().filter(of_caches).map(str::to_owned).collect();
    names.iter().any(|name| {
        let (mut inside, mut found) = (false, false);
        let _: Result<(), Refusal> = parts.sweep(name, archive, tally, |token| {
            match token {
                Token::Open(tag) if tag.name() == b"sharedItems" => inside = !tag.empty,
                Token::Open(tag) if inside => found |= tag.bytes(b"v").is_some_and(|value| !value.is_empty()),
                Token::Close(b"sharedItems") => inside = false,
                Token::Open(_) | Token::Text(_) | Token::Close(_) => {}
            }
            // One is enough.
            if found { Err(Refusal::damaged()) } else { Ok(()) }
        });
        found
    })
}

/// Who wrote comments: named before the first of them, and in a part of their own for threads.
fn authors(parts: &Parts, archive: &mut Archive<'_>, tally: &mut Tally) -> Vec<String> {
    let of_comments = |name: &&str| name.starts_with("xl/comments") || name.starts_with("xl/persons/");
    let names: Vec<String> =
        parts.names().filter(of_comments).filter(|name| name.ends_with(".xml")).map(str::to_owned).collect();
    let mut found: Vec<String> = Vec::new();
    for name in names {
        let mut inside = false;
        let mut text: Vec<u8> = Vec::new();
        // What follows the authors is read elsewhere, and looked at no second time.
        let _: Result<(), Refusal> = parts.sweep(&name, archive, tally, |token| {
            match token {
                Token::Open(tag) if tag.name() == b"commentList" => return Err(Refusal::damaged()),
                Token::Open(tag) if tag.name() == b"person" => found.extend(tag.text(b"displayName")),
                Token::Open(tag) => inside = tag.name() == b"author" && !tag.empty,
                Token::Text(raw) if inside && text.len() < TEXT => text.extend_from_slice(raw),
                Token::Text(_) => {}
                Token::Close(_) if inside => {
                    found.push(words(&std::mem::take(&mut text)).chars().take(TEXT).collect());
                    inside = false;
                }
                Token::Close(_) => {}
            }
            if found.len() < MOST_AUTHORS { Ok(()) } else { Err(Refusal::damaged()) }
        });
    }
    // LibreOffice writes a space for nobody.
    found.iter_mut().for_each(|name| *name = name.trim().to_owned());
    found.retain(|name| !name.is_empty());
    found.sort();
    found.dedup();
    found
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
