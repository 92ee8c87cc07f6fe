//! Words that float over the cells of a sheet: in text boxes and shapes, in charts, and what is said of pictures. They are
//! kept to be screened as the cells are; no figure is read from them.

use std::collections::BTreeSet;

use super::guard::{AROUND, Archive, Refusal, TEXT, Tally};
use super::package::{Listed, Parts, relations};
use super::scan::{Token, words};

/// The words over a sheet. Each part is read once, whatever leads to it.
pub(super) fn texts(
    sheet: &Listed,
    seen: &mut BTreeSet<String>,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<Vec<String>, Refusal> {
    let Some(drawing) = &sheet.drawing else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if !seen.insert(drawing.to_lowercase()) {
        return Ok(found);
    }
    read(drawing, parts, archive, tally, &mut found)?;
    for relation in relations(drawing, parts, archive, tally)?.into_values().filter(|r| r.kind.starts_with("chart")) {
        if parts.place(&relation.target).is_some() && seen.insert(relation.target.to_lowercase()) {
            read(&relation.target, parts, archive, tally, &mut found)?;
        }
    }
    tally.text(found.iter().map(String::len).sum())?;
    Ok(found)
}

/// Paragraphs, the words that a chart keeps of the cells it was made from, and names and descriptions of shapes.
fn read(
    part: &str,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
    found: &mut Vec<String>,
) -> Result<(), Refusal> {
    let (mut inside, mut labels) = (false, false);
    let mut text: Vec<u8> = Vec::new();
    let mut keep = |text: String| {
        if found.len() < AROUND && !text.trim().is_empty() {
            found.push(text.chars().take(TEXT).collect());
        }
    };
    parts.sweep(part, archive, tally, |token| {
        match token {
            Token::Open(tag) => match tag.name() {
                b"strCache" | b"multiLvlStrCache" | b"strLit" => labels = true,
                b"t" => inside = !tag.empty,
                // Of numbers a chart may hold thousands.
                b"v" => inside = labels && !tag.empty,
                // A word may be cut in runs, but not by a line.
                b"br" => text.push(b'\n'),
                b"cNvPr" => {
                    [&b"name"[..], b"title", b"descr"].iter().filter_map(|said| tag.text(said)).for_each(&mut keep)
                }
                _ => {}
            },
            Token::Text(raw) if inside && text.len() < 4 * TEXT => text.extend_from_slice(raw),
            Token::Text(_) => {}
            Token::Close(b"t") => inside = false,
            Token::Close(b"strCache" | b"multiLvlStrCache" | b"strLit") => labels = false,
            Token::Close(b"p" | b"v") => {
                inside = false;
                keep(words(&std::mem::take(&mut text)));
            }
            Token::Close(_) => {}
        }
        Ok(())
    })
}
