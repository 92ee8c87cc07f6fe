//! One figure of a return: the bare value that schemas and rules see, and what was said of it.
//! Knows nothing of schemas; intervals are in `interval`.

mod interval;

use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;

pub use interval::{Comparison, Interval, Kleene};

use crate::cell::{Address, Pointer};
use crate::finding::RuleId;

/// A value that is absent for a stated reason (domain B.0.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Marker {
    /// `c`: confidential, suppressed.
    Confidential,
    /// `z`: not applicable.
    NotApplicable,
    /// `x`: not available.
    NotAvailable,
    /// `k`: rounds to zero but is not zero.
    RoundsToZero,
    /// `u`: low reliability.
    Unreliable,
}

impl Marker {
    /// Every marker, in the order of the guidance.
    pub const ALL: [Self; 5] =
        [Self::Confidential, Self::NotApplicable, Self::NotAvailable, Self::RoundsToZero, Self::Unreliable];

    /// The letter that stands in data: `c z x k u`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Confidential => "c",
            Self::NotApplicable => "z",
            Self::NotAvailable => "x",
            Self::RoundsToZero => "k",
            Self::Unreliable => "u",
        }
    }

    /// What the letter means, in words for an agency.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::NotApplicable => "not applicable",
            Self::NotAvailable => "not available",
            Self::RoundsToZero => "rounds to zero",
            Self::Unreliable => "unreliable",
        }
    }

    /// The marker with that letter.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.letter() == letter)
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

impl Serialize for Marker {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.letter())
    }
}

/// What an agency says beside a figure that it does give (domain B.0.3): provisional, revised, estimated …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// `p`: provisional.
    Provisional,
    /// `r`: revised.
    Revised,
    /// `e`: estimated.
    Estimated,
    /// `f`: forecast.
    Forecast,
    /// `b`: break in series.
    Break,
    /// `a`: average.
    Average,
    /// `t`: total.
    Total,
}

impl Status {
    /// Every flag.
    pub const ALL: [Self; 7] =
        [Self::Provisional, Self::Revised, Self::Estimated, Self::Forecast, Self::Break, Self::Average, Self::Total];

    /// The letter of the flag.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Provisional => "p",
            Self::Revised => "r",
            Self::Estimated => "e",
            Self::Forecast => "f",
            Self::Break => "b",
            Self::Average => "a",
            Self::Total => "t",
        }
    }

    /// The flag with that letter.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.letter() == letter)
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.letter())
    }
}

/// The value as schemas and rules see it: no thousands comma, no flag, no note.
#[derive(Debug, Clone, PartialEq)]
pub enum Bare {
    /// A finite number. A percentage is in percentage points (`15.6`, never `0.156`).
    Number(f64),
    /// Free text, a code of a code list, a year `2021-22`, or something that could not be read as what was expected.
    Text(String),
    /// A calendar date.
    Date(NaiveDate),
    /// Several codes in one cell.
    Codes(Vec<String>),
    /// Absent for a stated reason.
    Marker(Marker),
    /// Nothing was typed.
    Blank,
}

impl Bare {
    /// The value as JSON, as the section schemas see it; `None` when blank (the property is left out).
    #[must_use]
    pub fn to_json(&self) -> Option<serde_json::Value> {
        use serde_json::Value;
        Some(match self {
            Self::Number(n) => number_to_json(*n),
            Self::Text(text) => Value::String(text.clone()),
            Self::Date(date) => Value::String(date.format("%Y-%m-%d").to_string()),
            Self::Codes(codes) => Value::Array(codes.iter().cloned().map(Value::String).collect()),
            Self::Marker(marker) => Value::String(marker.letter().to_owned()),
            Self::Blank => return None,
        })
    }
}

/// A whole number becomes a JSON integer, so that `2019.0` is written `2019`.
#[must_use]
pub fn number_to_json(n: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers that a float holds exactly")]
    if n.fract() == 0.0 && n.abs() < 9e15 {
        serde_json::Value::from(n as i64)
    } else {
        serde_json::Number::from_f64(n).map_or(serde_json::Value::Null, serde_json::Value::Number)
    }
}

/// A figure with everything that was said of it. A required figure that nobody typed is here too, blank,
/// with the cell where it would stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it means.
    pub pointer: Pointer,
    /// Where it stands, or would stand; `None` where the template has no place for it (a computed figure, a lost column).
    pub cell: Option<Address>,
    /// What schemas and rules see.
    pub bare: Bare,
    /// What is known of it for rules that compare numbers; dates are days since 1 January 1970.
    pub interval: Interval,
    /// Flags given beside it.
    pub status: Vec<Status>,
    /// Decimals it came with (of the percentage points for a percentage).
    pub decimals: u8,
    /// As typed, for display: `1,338*`.
    pub typed: String,
    /// A footnote or remark that came with it.
    pub note: Option<String>,
    /// It was computed by us because nobody needed to type it.
    pub computed: bool,
    /// The rule that already speaks about this figure; what depends on it is undecided because of that.
    pub fault: Option<RuleId>,
}

/// Binary noise rounded away at 12 significant digits: 67.60000000000001 is 67.6.
#[must_use]
pub fn denoise(n: f64) -> f64 {
    format!("{n:.11e}").parse().unwrap_or(n)
}

/// A number as people read it: thousands separated by commas, the true minus sign, no trailing zeros beyond `decimals`.
///
/// ```
/// assert_eq!(safereturn::figure::format_number(11147.0, 0), "11,147");
/// assert_eq!(safereturn::figure::format_number(-3.25, 1), "−3.3");
/// ```
#[must_use]
pub fn format_number(n: f64, decimals: u8) -> String {
    // Half away from zero, as people round; format! rounds half to even on the binary value.
    let scale = 10_f64.powi(i32::from(decimals));
    let rounded = (n.abs() * scale + 1e-9).round() / scale;
    let text = format!("{rounded:.*}", usize::from(decimals));
    let sign = if n < 0.0 && rounded != 0.0 { "-" } else { "" };
    grouped(&format!("{sign}{text}"))
}

/// The digits of a number as people read them: thousands separated by commas, the true minus sign.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("−", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A number at the precision it has, at the most four decimals: `2,019`, `15.6`, `0.005`.
#[must_use]
pub fn format_plain(n: f64) -> String {
    let decimals = (0..=4)
        .find(|d| {
            (n * 10_f64.powi(i32::from(*d))).fract().abs() < 1e-6
                || (n * 10_f64.powi(i32::from(*d))).fract().abs() > 1.0 - 1e-6
        })
        .unwrap_or(4);
    format_number(n, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (n, decimals, text) in [
            (0.0, 0, "0"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (11147.0, 0, "11,147"),
            (-72.0, 0, "−72"),
            (15.55, 1, "15.6"),
            (0.04, 1, "0.0"),
            (-0.04, 1, "0.0"),
            (1_234_567.891, 2, "1,234,567.89"),
        ] {
            assert_eq!(format_number(n, decimals), text);
        }
        assert_eq!(format_plain(2019.0), "2,019");
        assert_eq!(format_plain(15.6), "15.6");
        assert_eq!(format_plain(0.1 + 0.2), "0.3");
    }

    #[test]
    fn a_whole_number_is_a_json_integer() {
        assert_eq!(number_to_json(2019.0).to_string(), "2019");
        assert_eq!(number_to_json(15.6).to_string(), "15.6");
    }
}
