//! What a cell really holds, in words: what nobody can see on the screen is named. Knows nothing of what was expected.

use super::super::words::{cut, several, trim};
use super::{date, text};
use crate::figure::format_plain;
use crate::workbook::{Entry, Value, is_space};

/// What a cell holds, as a message says it after “holds”.
pub(super) fn holds(entry: &Entry) -> String {
    let what = match &entry.value {
        Value::Nothing if entry.formula.is_some() => return "a formula with no saved result".to_owned(),
        Value::Nothing => return "nothing".to_owned(),
        Value::Text(text) if trim(text).is_empty() && entry.formula.is_some() => {
            return "a formula that gives an empty text".to_owned();
        }
        Value::Text(text) => format!("the text “{}”", cut(text)),
        Value::Number(n) => format!("the number {}", digits(*n)),
        Value::Truth(true) => "TRUE".to_owned(),
        Value::Truth(false) => "FALSE".to_owned(),
        Value::Date(at) if at.time() == chrono::NaiveTime::MIN => format!("the date {}", date::say(at.date())),
        Value::Date(at) => format!("the date {} with the time {}", date::say(at.date()), at.format("%H:%M")),
        Value::Error(error) => format!("the error {}", cut(error)),
    };
    if entry.formula.is_some() { format!("{what}, the result of a formula") } else { what }
}

/// A number without commas between its thousands: a day that Excel counts is not an amount.
fn digits(n: f64) -> String {
    format_plain(n).replace(',', "")
}

/// What stands in a text and cannot be seen: “a space after it”, “a no-break space between the digits”.
pub(super) fn unseen(text: &str) -> Option<String> {
    let inner = trim(text);
    let at = text.find(inner).unwrap_or(0);
    let (before, after) = (named(&text[..at]), named(&text[at + inner.len()..]));
    let mut parts: Vec<String> = Vec::new();
    match (before, after) {
        (Some(a), Some(b)) if a == b => parts.push(format!("{a} before and after it")),
        (before, after) => {
            parts.extend(before.map(|b| format!("{b} before it")));
            parts.extend(after.map(|a| format!("{a} after it")));
        }
    }
    let odd: String = inner.chars().filter(|c| is_space(*c) && *c != ' ').collect();
    let where_ = if is_number(inner) { "between the digits" } else { "in it" };
    parts.extend(named(&odd).map(|spaces| format!("{spaces} {where_}")));
    if inner.chars().any(|c| matches!(c, '０'..='９')) {
        parts.push("full-width digits".to_owned());
    }
    (!parts.is_empty()).then(|| several(&parts, 4))
}

fn is_number(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) && !text.chars().any(char::is_alphabetic)
}

/// The white space that a text begins or ends with, by its name.
fn named(spaces: &str) -> Option<String> {
    let first = spaces.chars().next()?;
    let one = match first {
        ' ' => "a space",
        '\u{A0}' => "a no-break space",
        '\u{202F}' => "a narrow no-break space",
        '\t' => "a tab",
        '\n' | '\r' => "a line break",
        '\u{FEFF}' => "a byte-order mark",
        c if c.is_whitespace() => "an unusual space",
        _ => "an invisible character",
    };
    if spaces.chars().all(|c| c == first) && spaces.chars().count() > 1 && first == ' ' {
        return Some("spaces".to_owned());
    }
    Some(if spaces.chars().all(|c| c == first || matches!(c, '\r' | '\n')) { one } else { "white space" }.to_owned())
}

/// Letters that stand where digits are meant: “the letter O instead of the digit 0”, and the text with the digits.
/// `None` if the text has no such letter, or is no number with the digits in their place.
pub(super) fn letters_for_digits(text: &str) -> Option<(String, String)> {
    let plain = text::normal(text).0;
    let mut seen: Vec<String> = Vec::new();
    let meant: String = plain
        .chars()
        .map(|c| {
            let Some(digit) = looks_like(c) else { return c };
            let which = match c {
                '\u{400}'..='\u{4FF}' => "the Cyrillic letter",
                '\u{370}'..='\u{3FF}' => "the Greek letter",
                _ => "the letter",
            };
            let shown = if c == '|' { "a bar".to_owned() } else { format!("{which} {c}") };
            let words = format!("{shown} instead of the digit {digit}");
            if !seen.contains(&words) {
                seen.push(words);
            }
            digit
        })
        .collect();
    let number = super::written::plain_number(&meant).is_some();
    (!seen.is_empty() && number).then(|| (several(&seen, 3), meant))
}

fn looks_like(c: char) -> Option<char> {
    match c {
        'O' | 'o' | 'О' | 'о' | 'Ο' | 'ο' => Some('0'),
        'l' | 'I' | '|' | 'І' | 'і' => Some('1'),
        'З' | 'з' => Some('3'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_named() {
        for (text, said) in [
            ("12 ", Some("a space after it")),
            (" 12 ", Some("a space before and after it")),
            ("  12", Some("spaces before it")),
            ("11\u{a0}147", Some("a no-break space between the digits")),
            ("11\u{200b}147", Some("an invisible character between the digits")),
            ("\u{feff}12\t", Some("a byte-order mark before it and a tab after it")),
            ("12\r\n", Some("a line break after it")),
            ("１２", Some("full-width digits")),
            ("domestic\u{a0}abuse", Some("a no-break space in it")),
            ("11 147", None),
            ("12", None),
        ] {
            assert_eq!(unseen(text).as_deref(), said, "{text:?}");
        }
    }

    #[test]
    fn letters_that_look_like_digits_are_told_from_letters_that_mean_something() {
        let found = |text: &str| letters_for_digits(text).map(|(words, meant)| format!("{words}: {meant}"));
        assert_eq!(found("5O").as_deref(), Some("the letter O instead of the digit 0: 50"));
        assert_eq!(found("l1,147").as_deref(), Some("the letter l instead of the digit 1: 11,147"));
        assert_eq!(found("З55").as_deref(), Some("the Cyrillic letter З instead of the digit 3: 355"));
        for no in ["50", "r44", "oil", "1O children"] {
            assert_eq!(found(no), None, "{no}");
        }
    }

    #[test]
    fn what_is_no_text_is_said_as_it_is() {
        let with =
            |value: Value, formula: bool| Entry { value, formula: formula.then(|| "A1".into()), ..Entry::default() };
        for (entry, said) in [
            (with(Value::Nothing, true), "a formula with no saved result"),
            (with(Value::Text(" ".into()), true), "a formula that gives an empty text"),
            (with(Value::Number(44286.0), false), "the number 44286"),
            (with(Value::Number(0.5), true), "the number 0.5, the result of a formula"),
            (with(Value::Truth(true), false), "TRUE"),
            (with(Value::Error("#N/A".into()), false), "the error #N/A"),
            (with(Value::Text("12".into()), false), "the text “12”"),
        ] {
            assert_eq!(holds(&entry), said);
        }
    }
}
