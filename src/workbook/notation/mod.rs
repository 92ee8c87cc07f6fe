//! Sheets as text, both ways: the notation of the cases, of `read` and of the drawings.
//! Context lines before the first sheet (`file: …`, `last`, `property …`) belong to whoever holds the case, and a line that
//! begins with `#` is a remark for people anywhere: it is skipped.
//!
//! ```text
//! -- Front door                         a sheet; below, one a line: hidden, very hidden, filtered, merge A1:C1,
//! note B4: ask Jo                       hide rows 3-4, hide columns C-D, note B4: …
//!      │ A            │ C               the columns that hold something
//!    4 │ Contacts     │ 11,147          a row: numbers, 15.6%, 2021-03-31, TRUE and #N/A are what they look like
//!    5 │ '2021-03-31  │ '" 44 "         behind a ' it is text, in quotes with the spaces at its ends
//!    6 │ two⏎lines    │ 12 {=C4-C5} {format 0.00} {fill FFC000}
//!    7 │ a \| or a \{  │ c\u{200B}       what would mean something else, or shows nothing of itself
//! ```

mod read;
mod write;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::Value;
use super::value::is_error;

pub use read::{read, read_cell};
pub use write::{cell, shown, write, write_with};

/// A line of the notation that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct NotationError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it and what would be right.
    pub message: String,
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('⏎'),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '│' | '|' | '{' | '}' | '\\' | '⏎' => {
                out.push('\\');
                out.push(c);
            }
            c if is_unseen(c) => {
                let _ = write!(out, "\\u{{{:X}}}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// Whether a character shows nothing of itself, or turns what stands around it. It is written by its number, so that people
/// see that it is there.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{E000}'..='\u{F8FF}')
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '⏎' => out.push('\n'),
            '\\' => match chars.next() {
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('u') => match numbered(chars.as_str()) {
                    Some((c, rest)) => {
                        out.push(c);
                        chars = rest.chars();
                    }
                    None => out.push('u'),
                },
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out
}

/// The character that `{200B}` behind a `\u` stands for, and what follows.
fn numbered(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = text.strip_prefix('{')?.split_once('}')?;
    let digits = Some(digits).filter(|d| d.len() <= 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, rest))
}

/// What stands behind a `'`: in quotes if they are there.
fn quoted(marked: &str) -> String {
    let inner = marked.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    unescape(inner.unwrap_or(marked))
}

/// Only the spaces that line the columns up are trimmed; a no-break space is part of the text.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// What the text of a cell means, and the format that a percentage brings along.
fn typed(text: &str) -> (Value, Option<Arc<str>>) {
    if text.is_empty() {
        return (Value::Nothing, None);
    }
    if let Some(marked) = text.strip_prefix('\'') {
        return (Value::Text(quoted(marked)), None);
    }
    match text {
        "TRUE" => return (Value::Truth(true), None),
        "FALSE" => return (Value::Truth(false), None),
        _ if is_error(text) => return (Value::Error(text.to_owned()), None),
        _ => {}
    }
    if let Some(digits) = text.strip_suffix('%').and_then(plain_number) {
        let decimals = digits.split_once('.').map_or(0, |(_, f)| f.len());
        // The decimal point is moved in the text, so that 15.6% is 0.156 exactly as Excel stores it.
        if let Some(n) = finite(&format!("{digits}e-2")) {
            let point = if decimals > 0 { "." } else { "" };
            return (Value::Number(n), Some(format!("0{point}{}%", "0".repeat(decimals)).into()));
        }
    }
    if let Some(n) = plain_number(text).and_then(|digits| finite(&digits)) {
        return (Value::Number(n), None);
    }
    if let Some(date) = date(text) {
        return (Value::Date(date), None);
    }
    (Value::Text(unescape(text)), None)
}

fn finite(digits: &str) -> Option<f64> {
    digits.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// The digits of `1,946`, `−3` or `15.6` without commas and with an ASCII minus; `None` for anything else.
fn plain_number(text: &str) -> Option<Cow<'_, str>> {
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_some_and(|f| !all_digits(f)) {
        return None;
    }
    if all_digits(whole) {
        return Some(if sign.is_empty() { Cow::Borrowed(digits) } else { Cow::Owned(format!("-{digits}")) });
    }
    let mut groups = whole.split(',');
    let first = groups.next().is_some_and(|g| all_digits(g) && g.len() <= 3);
    (first && groups.all(|g| all_digits(g) && g.len() == 3))
        .then(|| Cow::Owned(format!("{sign}{}", digits.replace(',', ""))))
}

fn date(text: &str) -> Option<NaiveDateTime> {
    let digits_and_dashes = |(i, b): (usize, u8)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
    if text.len() < 10 || !text.bytes().take(10).enumerate().all(digits_and_dashes) {
        return None;
    }
    if text.len() == 10 {
        return Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    }
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"].iter().find_map(|p| NaiveDateTime::parse_from_str(text, p).ok())
}

#[cfg(test)]
mod tests;
