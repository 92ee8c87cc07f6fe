//! Markers and status flags as agencies write them (domain B.0.3): what is taken silently, with a note, or queried.

use super::super::words::trim;
use crate::figure::{Marker, Status};

/// No regime hides a number as large as this.
const SMALL: u32 = 10;

/// How far a way of writing is from what the template asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grade {
    /// As asked.
    Silent,
    /// Understood; said so.
    Note,
    /// Probably meant; must be confirmed.
    Query,
}

/// What a text means that holds no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Absent for a reason, with the numbers it may stand for, where they were said.
    Absent(Marker, Option<(u32, u32)>),
    /// A true zero.
    Zero,
    /// A dash or dots: zero or missing cannot be told.
    Dash,
}

/// Reads a text as a marker; the text is trimmed and in the compatibility form (see `number`).
pub(super) fn read(text: &str) -> Option<(Meaning, Grade)> {
    let lower = trim(text).to_lowercase();
    let inner = lower.strip_prefix('[').and_then(|t| t.strip_suffix(']')).map_or(lower.as_str(), str::trim);
    let absent = |marker, grade| Some((Meaning::Absent(marker, None), grade));
    match inner {
        "c" => absent(Marker::Confidential, Grade::Silent),
        "z" => absent(Marker::NotApplicable, Grade::Silent),
        "x" => absent(Marker::NotAvailable, Grade::Silent),
        "k" | "low" => absent(Marker::RoundsToZero, Grade::Silent),
        "u" => absent(Marker::Unreliable, Grade::Silent),
        "suppressed" | "supp" | "confidential" => absent(Marker::Confidential, Grade::Note),
        "n/a" | "na" | "n.a." | "n.a" | "not applicable" => absent(Marker::NotApplicable, Grade::Note),
        ":" | ".." | "not available" | "no data" | "not collected" | "not recorded" => {
            absent(Marker::NotAvailable, Grade::Note)
        }
        "~" => absent(Marker::RoundsToZero, Grade::Note),
        "unreliable" => absent(Marker::Unreliable, Grade::Note),
        "*" | "s" | "**" => absent(Marker::Confidential, Grade::Query),
        "tbc" | "tba" | "awaiting" | "awaited" | "to be confirmed" | "?" | "??" => {
            absent(Marker::NotAvailable, Grade::Query)
        }
        "nil" | "none" | "zero" => Some((Meaning::Zero, Grade::Note)),
        "-" | "--" | "." | "..." | "---" => Some((Meaning::Dash, Grade::Query)),
        other => below(other).or_else(|| small_range(other)).map(|bound| {
            // Small numbers are hidden; one that may be large has to be asked about.
            let grade = if bound.1 < SMALL { Grade::Note } else { Grade::Query };
            (Meaning::Absent(Marker::Confidential, Some(bound)), grade)
        }),
    }
}

/// `<5`, `fewer than 5`, `5 or fewer`: the numbers it may stand for. Some agencies count zero among them.
fn below(lower: &str) -> Option<(u32, u32)> {
    for (words, inclusive) in [
        ("<=", true),
        ("≤", true),
        ("up to ", true),
        ("<", false),
        ("less than ", false),
        ("fewer than ", false),
        ("under ", false),
        ("below ", false),
    ] {
        if let Some(rest) = lower.strip_prefix(words) {
            let n: u32 = rest.trim().parse().ok()?;
            return if inclusive { Some((0, n)) } else { n.checked_sub(1).map(|high| (0, high)) };
        }
    }
    for words in [" or fewer", " or less", " or under"] {
        if let Some(rest) = lower.strip_suffix(words) {
            return Some((0, rest.trim().parse().ok()?));
        }
    }
    None
}

/// `1-5`, `1 to 7`: the ranges that suppression regimes name.
fn small_range(lower: &str) -> Option<(u32, u32)> {
    let (low, high) = super::written::range(lower)?;
    match (low, high) {
        (0.0 | 1.0, 2.0) | (0.0 | 1.0, 4.0) | (0.0 | 1.0, 5.0) | (1.0, 7.0) | (1.0, 9.0) => {
            let bound = |n: f64| (0..=9_u32).find(|i| f64::from(*i) == n);
            Some((bound(low)?, bound(high)?))
        }
        _ => None,
    }
}

/// Flags as they stand in a column of their own or in square brackets: `p`, `[p][e]`, `p, e`, `provisional`.
/// `Err` holds what is no flag.
pub(in super::super) fn letters(text: &str) -> Result<Vec<Status>, String> {
    let lower = trim(text).to_lowercase();
    let mut flags = Vec::new();
    for part in lower.split(['[', ']', ',', ';', '/', ' ']).filter(|p| !p.is_empty()) {
        let flag = Status::from_letter(part).or(match part {
            "provisional" | "prov" => Some(Status::Provisional),
            "revised" => Some(Status::Revised),
            "estimated" | "estimate" | "est" => Some(Status::Estimated),
            "forecast" => Some(Status::Forecast),
            "break" => Some(Status::Break),
            "average" => Some(Status::Average),
            "total" => Some(Status::Total),
            _ => None,
        });
        match flag {
            Some(flag) if !flags.contains(&flag) => flags.push(flag),
            Some(_) => {}
            None => return Err(part.to_owned()),
        }
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_graded_as_the_guidance_says() {
        for (text, marker, grade) in [
            ("c", Marker::Confidential, Grade::Silent),
            ("[c]", Marker::Confidential, Grade::Silent),
            ("C", Marker::Confidential, Grade::Silent),
            ("LOW", Marker::RoundsToZero, Grade::Silent),
            ("N/A", Marker::NotApplicable, Grade::Note),
            ("..", Marker::NotAvailable, Grade::Note),
            ("~", Marker::RoundsToZero, Grade::Note),
            ("*", Marker::Confidential, Grade::Query),
            ("TBC", Marker::NotAvailable, Grade::Query),
        ] {
            assert_eq!(read(text), Some((Meaning::Absent(marker, None), grade)), "{text}");
        }
        for (text, bound) in
            [("<5", (0, 4)), ("fewer than 5", (0, 4)), ("< 6", (0, 5)), ("1-5", (1, 5)), ("5 or fewer", (0, 5))]
        {
            let absent = Meaning::Absent(Marker::Confidential, Some(bound));
            assert_eq!(read(text), Some((absent, Grade::Note)), "{text}");
        }
        assert_eq!(read("nil"), Some((Meaning::Zero, Grade::Note)));
        assert_eq!(read("-"), Some((Meaning::Dash, Grade::Query)));
        assert_eq!(read("n/k"), None);
        assert_eq!(read("5-10"), None);
    }
}
