//! Free text and e-mail addresses: what stands there, without the white space around it.

use super::super::words::{is_superscript, trim};
use super::Tidied;
use crate::figure::Bare;
use crate::workbook::{Entry, Value, is_space};

/// Text as it was written; curly quotes and line breaks are the agency's.
pub(super) fn read(entry: &Entry, typed: &str) -> Tidied {
    let text = match &entry.value {
        Value::Text(text) => clean(text),
        Value::Number(n) => format!("{n}"),
        Value::Date(_) | Value::Truth(_) | Value::Error(_) | Value::Nothing => typed.to_owned(),
    };
    Tidied::of(Bare::Text(text), typed)
}

/// An address of an office: trimmed, in lower case, without `mailto:`.
pub(super) fn email(typed: &str) -> Tidied {
    let lower = typed.to_lowercase();
    let address = lower.strip_prefix("mailto:").unwrap_or(&lower).trim();
    Tidied::of(Bare::Text(address.to_owned()), typed)
}

/// No-break spaces become spaces, zero-width characters go, runs of spaces become one; line breaks stay.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in trim(text).chars() {
        if c == '\n' || c == '\r' {
            if !out.ends_with('\n') {
                while out.ends_with(' ') {
                    out.pop();
                }
                out.push('\n');
            }
        } else if c.is_whitespace() {
            if !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
        } else if !is_space(c) {
            out.push(c);
        }
    }
    out
}

/// Text before numbers are looked for: compatibility forms, one kind of minus, one kind of decimal point, no zero-width
/// characters. Superscripts are taken off before (`44¹` is 44 with a footnote, not 441) and handed back.
pub(super) fn normal(text: &str) -> (String, String) {
    use unicode_normalization::UnicodeNormalization;
    let notes: String = text.chars().filter(|c| is_superscript(*c)).collect();
    let plain: String = text.chars().filter(|c| !is_superscript(*c)).nfkc().collect();
    let plain = plain.replace(['−', '–', '—', '‐', '‑', '‒'], "-").replace('’', "'");
    let plain: String = plain.chars().map(|c| if c == '·' { '.' } else { c }).collect();
    (clean(&plain).replace('\n', " "), notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_quotes_and_breaks() {
        assert_eq!(clean("\u{a0} a “b”\u{200b}  c \r\n d "), "a “b” c\nd");
        assert_eq!(normal("４４¹"), ("44".to_owned(), "¹".to_owned()));
        assert_eq!(normal("15·6"), ("15.6".to_owned(), String::new()));
    }
}
