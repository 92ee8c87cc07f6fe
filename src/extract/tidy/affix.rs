//! What people write around a number: flags, footnotes, units and words such as “about”. Each is taken off and kept.

use super::super::words::fold;
use super::written::{Written, plain_number};
use super::{marker, unit};
use crate::figure::Status;
use crate::schema::model::{Kind, Measure};

/// The unit taken off a number, if it is the measure's own: the number, the unit, the factor (`£1.6m`).
pub(super) fn unitless<'a>(text: &'a str, measure: &Measure) -> Option<(Written, &'a str, f64)> {
    if let Some(rest) = text.strip_prefix('£') {
        if measure.kind != Kind::Money {
            return None;
        }
        let lower = rest.trim();
        let (digits, factor) = match lower.strip_suffix(['m', 'M']) {
            Some(digits) => (digits, 1e6),
            None => lower.strip_suffix(['k', 'K']).map_or((lower, 1.0), |digits| (digits, 1e3)),
        };
        return plain_number(digits).map(|n| (n, "£", factor));
    }
    let (number, tail) = own_unit(text, measure)?;
    Some((plain_number(number)?, tail, 1.0))
}

/// A text without the measure's own unit behind it, and the unit.
pub(super) fn own_unit<'a>(text: &'a str, measure: &Measure) -> Option<(&'a str, &'a str)> {
    let split = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (mut number, mut tail) = text.split_at(split);
    // “52.1 per 10,000”: the unit itself ends in digits.
    if let Some(at) = text.find(" per ") {
        (number, tail) = text.split_at(at);
    }
    let tail = tail.trim();
    (!tail.is_empty() && unit::is_own(tail, measure)).then_some((number.trim(), tail))
}

/// Flags and footnotes in square brackets, taken off: the rest, the flags (and whether as the guidance asks, behind the
/// number), the footnotes.
pub(super) fn unbracket(text: &str) -> (String, Vec<(Status, bool)>, Vec<String>) {
    let (mut rest, mut flags, mut footnotes) = (String::new(), Vec::new(), Vec::new());
    let mut from = text;
    while let Some(open) = from.find('[') {
        let Some(close) = from[open..].find(']').map(|at| at + open) else { break };
        rest.push_str(&from[..open]);
        let inner = &from[open + 1..close];
        match marker::letters(inner) {
            Ok(found) if !found.is_empty() => {
                let before = rest.trim().is_empty();
                flags.extend(found.into_iter().map(|flag| (flag, !before)));
            }
            Ok(_) | Err(_) => footnotes.push(format!("[{inner}]")),
        }
        from = &from[close + 1..];
    }
    rest.push_str(from);
    let rest = match flag_in_words(rest.trim()) {
        Some((number, found)) => {
            flags.extend(found.into_iter().map(|flag| (flag, false)));
            number
        }
        None => rest.trim().to_owned(),
    };
    (rest, flags, footnotes)
}

/// `44 (p)`, `44 (provisional)`, `44 p`: a flag that is told from the number, though not as the guidance asks. The
/// letters a, b and t are left alone: they are footnotes more often.
fn flag_in_words(text: &str) -> Option<(String, Vec<Status>)> {
    let (number, flag) = match text.strip_suffix(')') {
        Some(inner) => inner.rsplit_once('(')?,
        None => text.rsplit_once(' ')?,
    };
    let (number, word) = (number.trim(), fold(flag));
    let told = ["p", "r", "e", "f", "provisional", "prov", "revised", "estimated", "estimate", "forecast"];
    let flags = marker::letters(&word).ok().filter(|_| told.contains(&word.as_str()))?;
    plain_number(number).is_some().then(|| (number.to_owned(), flags))
}

/// A footnote mark at the end, taken off: `123*`, `44 (1)`, `44†`.
pub(super) fn footnote(text: &str, notes: &mut Vec<String>) -> String {
    let mut rest = text.trim();
    if let Some(inner) = rest.strip_suffix(')')
        && let Some(open) = inner.rfind('(')
        && open > 0
    {
        let mark = inner[open + 1..].trim();
        let named = mark.to_lowercase();
        let named = named.strip_prefix("note").unwrap_or(&named).trim();
        if named.len() <= 2 && !named.is_empty() && named.chars().all(|c| c.is_ascii_alphanumeric()) {
            notes.push(rest[open..].to_owned());
            rest = rest[..open].trim_end();
        }
    }
    let bare = rest.trim_end_matches(['*', '†', '‡', '§', '#']);
    if bare.len() < rest.len() && !bare.trim().is_empty() {
        notes.push(rest[bare.len()..].to_owned());
        rest = bare.trim_end();
    }
    rest.to_owned()
}

/// Words that say a number is not exact, taken off.
pub(super) fn approximation(text: &str) -> (&str, bool) {
    let starts = [
        "approximately",
        "approx.",
        "approx",
        "circa",
        "about",
        "around",
        "roughly",
        "estimated",
        "est.",
        "est",
        "ca.",
        "c.",
        "c ",
        "~",
    ];
    for word in starts {
        let head = text.get(..word.len());
        if head.is_some_and(|h| h.eq_ignore_ascii_case(word)) {
            let rest = text[word.len()..].trim_start();
            if rest.starts_with(|c: char| c.is_ascii_digit()) {
                return (rest, true);
            }
        }
    }
    for word in ["+", "ish", "approximately", "approx.", "approx", "(approx)", "(est)", "(est.)", "or so"] {
        let cut = text.len().saturating_sub(word.len());
        if text.get(cut..).is_some_and(|t| t.eq_ignore_ascii_case(word)) {
            let rest = text[..cut].trim_end();
            if rest.ends_with(|c: char| c.is_ascii_digit()) {
                return (rest, true);
            }
        }
    }
    (text, false)
}

/// `>5`, `over 9,800`, `at least 40`: a lower limit, which is no figure.
pub(super) fn is_lower_limit(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = [">=", "≥", ">", "over ", "more than ", "at least ", "above ", "not less than ", "no fewer than "];
    words.iter().any(|word| lower.strip_prefix(word).is_some_and(|rest| plain_number(rest).is_some()))
}
