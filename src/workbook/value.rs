//! From what a file's bytes say of a cell to its value: the one step in which every format ends, so that a date is a date
//! and an error an error whatever the agency's program was. Where a cell stands and what it means is left to others.

use std::borrow::Cow;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::Value;

/// A date serial after 31 December 9999 is no date.
const LAST_DAY: f64 = 2_958_466.0;
/// Days from the first day of the 1900 system to that of the 1904 system.
const MAC: f64 = 1_462.0;

/// What a format's reader found in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw<'a> {
    /// No value.
    Nothing,
    /// A number; whether it is a date its number format says.
    Number(f64),
    /// Text as it stands.
    Text(Cow<'a, str>),
    /// TRUE or FALSE.
    Truth(bool),
    /// A date that says so itself.
    Date(NaiveDateTime),
    /// A spreadsheet error, as written.
    Error(Cow<'a, str>),
}

/// From which day a workbook counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Epoch {
    /// 1 January 1900 is day 1, and there is a 29 February 1900.
    #[default]
    Windows,
    /// 1 January 1904 is day 0: Excel for the Mac of old.
    Mac,
}

/// A number as its format shows it: a date if the format is one of dates and the serial lies in 1900 to 9999; a duration,
/// a time of day and a number far from any date stay numbers. `None` for what is no finite number.
pub(super) fn number(n: f64, format: Option<&str>, epoch: Epoch) -> Option<Value> {
    if !n.is_finite() {
        return None;
    }
    let serial = if epoch == Epoch::Mac { n + MAC } else { n };
    let dated = format.is_some_and(is_date) && (1.0..LAST_DAY).contains(&n);
    let date = if dated { date(serial) } else { None };
    Some(date.map_or(Value::Number(n), Value::Date))
}

/// The date of a serial in the 1900 system, to the millisecond.
fn date(serial: f64) -> Option<NaiveDateTime> {
    let days = serial.floor();
    // Before the 29 February 1900 that never was, the count is one day behind.
    let since = if days < 60.0 { 0 } else { -1 };
    #[expect(clippy::cast_possible_truncation, reason = "serials end with the year 9999, a day has 86,400,000 ms")]
    let (days, thousandths) = (days as i64, ((serial - days) * 86_400_000.0).round() as i64);
    let first = NaiveDate::from_ymd_opt(1899, 12, 31)?.and_time(NaiveTime::MIN);
    let date = first.checked_add_signed(Duration::days(days + since) + Duration::milliseconds(thousandths))?;
    // The days of the 1904 system end later, and the last thousandth may be rounded up.
    (date.year() <= 9999).then_some(date)
}

/// The code of a number format that Excel knows by its number only; `None` where a file must say it itself.
pub(super) fn built_in(id: u16) -> Option<&'static str> {
    Some(match id {
        0 => "General",
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 => "mm-dd-yy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "m/d/yy h:mm",
        37 => "#,##0 ;(#,##0)",
        38 => "#,##0 ;[Red](#,##0)",
        39 => "#,##0.00;(#,##0.00)",
        40 => "#,##0.00;[Red](#,##0.00)",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => return None,
    })
}

/// Whether a number format shows dates or times: its first section has a letter of one outside quotes and brackets, and
/// does not count hours beyond a day.
pub(super) fn is_date(code: &str) -> bool {
    let mut letters = code.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' => {
                letters.by_ref().find(|c| *c == '"');
            }
            // The next character stands for itself, or for room.
            '\\' | '_' | '*' => drop(letters.next()),
            '[' => {
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                let lower = inside.to_ascii_lowercase();
                if !lower.is_empty() && ["h", "m", "s"].iter().any(|unit| lower.chars().all(|c| unit.contains(c))) {
                    return false;
                }
            }
            ';' => return false,
            'G' | 'g' if letters.clone().take(6).collect::<String>().eq_ignore_ascii_case("eneral") => {
                letters.by_ref().take(6).for_each(drop);
            }
            'd' | 'D' | 'y' | 'Y' | 'm' | 'M' | 'h' | 'H' | 's' | 'S' => return true,
            _ => {}
        }
    }
    false
}

/// A date in ISO 8601, with or without a time of day.
pub(super) fn iso_date(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim_end_matches('Z');
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_time(NaiveTime::MIN));
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

/// An error as spreadsheets write them; anything else that claims to be one is of an unknown kind.
pub(super) fn error(code: &str) -> String {
    if is_error(code) { code.to_owned() } else { "#UNKNOWN!".to_owned() }
}

/// A spreadsheet error by the number that .xls and .xlsb give it. One that is not known is an error all the same.
pub(super) fn error_numbered(number: u8) -> &'static str {
    match number {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA!",
        _ => "#UNKNOWN!",
    }
}

/// Whether a text is a spreadsheet error as it is shown: `#N/A`, `#DIV/0!`, `#SPILL!`, and `Err:502` in LibreOffice.
pub(super) fn is_error(text: &str) -> bool {
    if let Some(number) = text.strip_prefix("Err:") {
        return number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit());
    }
    let known = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'/' || b == b'_';
    let body = text.strip_prefix('#').and_then(|rest| rest.strip_suffix(['!', '?']));
    text == "#N/A" || body.is_some_and(|b| !b.is_empty() && b.len() < 30 && b.bytes().all(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_numbers_by_their_format() {
        for code in [
            "dd/mm/yyyy",
            "mm-dd-yy",
            "d-mmm",
            "mmm-yy",
            "m/d/yy h:mm",
            "[$-809]d mmmm yyyy;@",
            "yyyy\\-mm\\-dd",
            "h:mm",
        ] {
            assert!(is_date(code), "{code}");
        }
        for code in [
            "General",
            "0",
            "0.0%",
            "#,##0",
            "[h]:mm:ss",
            "[mm]:ss",
            "@",
            "\"day\" 0",
            "0\\d",
            "#,##0;[Red]d",
            "0.00E+00",
            "[Red]0",
        ] {
            assert!(!is_date(code), "{code}");
        }
    }

    #[test]
    fn serials_count_from_either_day() {
        let day = |y, m, d| Value::Date(NaiveDate::from_ymd_opt(y, m, d).unwrap().and_time(NaiveTime::MIN));
        let windows = |n| number(n, Some("dd/mm/yyyy"), Epoch::Windows);
        assert_eq!(windows(1.0), Some(day(1900, 1, 1)));
        assert_eq!(windows(59.0), Some(day(1900, 2, 28)));
        assert_eq!(windows(61.0), Some(day(1900, 3, 1)));
        assert_eq!(windows(44286.0), Some(day(2021, 3, 31)));
        assert_eq!(number(42824.0, Some("dd/mm/yyyy"), Epoch::Mac), Some(day(2021, 3, 31)));
        assert_eq!(windows(44286.0 + 14.5 / 24.0).map(|v| format!("{v:?}")), Some("Date(2021-03-31T14:30:00)".into()));
        assert_eq!(windows(0.5), Some(Value::Number(0.5)));
        assert_eq!(windows(3e6), Some(Value::Number(3e6)));
        assert_eq!(windows(2_958_465.0), Some(day(9999, 12, 31)));
        assert_eq!(windows(2_958_465.999_999_999), Some(Value::Number(2_958_465.999_999_999)));
        assert_eq!(number(2_958_465.0, Some("dd/mm/yyyy"), Epoch::Mac), Some(Value::Number(2_958_465.0)));
        assert_eq!(number(44286.0, Some("0"), Epoch::Windows), Some(Value::Number(44286.0)));
        assert_eq!(number(f64::NAN, None, Epoch::Windows), None);
    }
}
