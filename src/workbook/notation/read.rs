//! From text to sheets.

use super::{NotationError, numbered, quoted, trim, typed, unescape};
use crate::cell::Cell;
use crate::workbook::{Entry, Format, Sheet, SheetState, Workbook};

/// Reads the sheets of a case. Lines before the first `-- ` are somebody else's.
///
/// # Errors
///
/// The first line that is not in the notation.
pub fn read(text: &str) -> Result<Workbook, NotationError> {
    let mut workbook = Workbook { format: Some(Format::Text), ..Workbook::default() };
    // The columns that the positions of a row stand for; `None` until a line of letters is met.
    let mut columns: Option<Vec<u32>> = None;
    for (i, raw) in text.lines().enumerate() {
        let line = i + 1;
        let fail = |message: String| NotationError { line, message };
        if let Some(name) = raw.strip_prefix("-- ") {
            workbook.sheets.push(Sheet { name: read_line_text(name), ..Sheet::default() });
            columns = None;
            continue;
        }
        let Some(sheet) = workbook.sheets.last_mut() else { continue };
        if trim(raw).is_empty() || raw.starts_with('#') {
            continue;
        }
        if raw.starts_with("==") {
            return Err(fail("another return begins here; read one return at a time".to_owned()));
        }
        let parts = split(raw);
        let Some((head, rest)) = parts.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            directive(trim(raw), sheet).map_err(fail)?;
            continue;
        };
        let head = trim(head);
        if head.is_empty() {
            columns = Some(rest.iter().map(|t| column(trim(t))).collect::<Result<_, _>>().map_err(fail)?);
            continue;
        }
        if head.starts_with("note ") {
            directive(trim(raw), sheet).map_err(fail)?;
            continue;
        }
        let row = row(head).map_err(fail)?;
        for (position, part) in rest.iter().enumerate() {
            let entry = read_cell(trim(part)).map_err(fail)?;
            if entry == Entry::default() {
                continue;
            }
            let column = match &columns {
                Some(columns) => columns.get(position).copied(),
                None => u32::try_from(position).ok().filter(|c| *c <= Cell::LAST_COLUMN),
            };
            let Some(column) = column else {
                return Err(fail(format!("cell {} of this row stands under no column letter", position + 1)));
            };
            let place = Cell::new(row, column);
            if sheet.cells.insert(place, entry).is_some() {
                return Err(fail(format!("{place} was given before")));
            }
        }
    }
    Ok(workbook)
}

/// Splits a line at the bars that are not escaped.
fn split(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, c) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '│' || c == '|' {
            parts.push(&line[start..i]);
            start = i + c.len_utf8();
        }
    }
    parts.push(&line[start..]);
    parts
}

fn row(text: &str) -> Result<u32, String> {
    match text.parse::<u32>() {
        Ok(n) if n >= 1 && n - 1 <= Cell::LAST_ROW => Ok(n - 1),
        Ok(_) | Err(_) => Err(format!("“{text}” is not a row number")),
    }
}

fn column(text: &str) -> Result<u32, String> {
    format!("{text}1").parse::<Cell>().map(|c| c.column).map_err(|_| format!("“{text}” is not a column letter"))
}

fn directive(line: &str, sheet: &mut Sheet) -> Result<(), String> {
    let place = |text: &str| trim(text).parse::<Cell>().map_err(|e| e.to_string());
    if line == "hidden" {
        sheet.state = SheetState::Hidden;
    } else if line == "very hidden" {
        sheet.state = SheetState::VeryHidden;
    } else if line == "filtered" {
        sheet.filtered = true;
    } else if let Some(range) = line.strip_prefix("merge ") {
        let (first, last) = range.split_once(':').ok_or_else(|| format!("“{range}” is not a range such as A1:C1"))?;
        sheet.merges.push((place(first)?, place(last)?));
    } else if let Some(range) = line.strip_prefix("hide rows ").or_else(|| line.strip_prefix("hide row ")) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        sheet.hidden_rows.extend(row(trim(first))?..=row(trim(last))?);
    } else if let Some(range) = line.strip_prefix("hide columns ").or_else(|| line.strip_prefix("hide column ")) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        sheet.hidden_columns.extend(column(trim(first))?..=column(trim(last))?);
    } else if let Some(note) = line.strip_prefix("note ") {
        let (cell, text) = note.split_once(':').ok_or("a note is written `note B7: text`")?;
        sheet.comments.insert(place(cell)?, read_line_text(text));
    } else {
        return Err(format!(
            "“{line}” is neither a row (`4 │ …`) nor hidden, very hidden, filtered, merge, hide rows, hide columns, note"
        ));
    }
    Ok(())
}

/// One cell from its notation text: the value, then attributes in braces.
///
/// # Errors
///
/// An attribute that is none of ours, in words.
pub fn read_cell(text: &str) -> Result<Entry, String> {
    let (value, attributes) = match unescaped_brace(text) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (value, format) = typed(trim(value));
    let mut entry = Entry { value, format, ..Entry::default() };
    let mut rest = attributes;
    while let Some(inner) = rest.strip_prefix('{') {
        let end = closing_brace(inner)
            .ok_or_else(|| format!("the brace of “{rest}” is not closed; a brace in text is written \\{{"))?;
        let attribute = &inner[..end];
        if let Some(formula) = attribute.strip_prefix('=') {
            entry.formula = Some(unescape(formula).into());
        } else if let Some(format) = attribute.strip_prefix("format ") {
            entry.format = Some(unescape(format).into());
        } else if let Some(fill) = attribute.strip_prefix("fill ") {
            entry.fill = Some(unescape(fill).into());
        } else {
            return Err(format!("“{{{attribute}}}” is none of {{=…}}, {{format …}}, {{fill …}}"));
        }
        rest = trim(&inner[end + 1..]);
    }
    if rest.is_empty() { Ok(entry) } else { Err(format!("“{rest}” stands behind the attributes of a cell")) }
}

fn unescaped_brace(text: &str) -> Option<usize> {
    find_unescaped(text, '{')
}

fn closing_brace(text: &str) -> Option<usize> {
    find_unescaped(text, '}')
}

fn find_unescaped(text: &str, wanted: char) -> Option<usize> {
    let mut escaped = false;
    // Where the braces of a `\u{200B}` end: they are no others.
    let mut numbered_until = 0;
    for (i, c) in text.char_indices() {
        if i < numbered_until {
            continue;
        }
        if escaped {
            escaped = false;
            if c == 'u'
                && let Some((_, rest)) = numbered(&text[i + 1..])
            {
                numbered_until = text.len() - rest.len();
            }
        } else if c == '\\' {
            escaped = true;
        } else if c == wanted {
            return Some(i);
        }
    }
    None
}

fn read_line_text(text: &str) -> String {
    match trim(text).strip_prefix('\'') {
        Some(marked) => quoted(marked),
        None => unescape(trim(text)),
    }
}
