//! Dates as agencies write them (domain D23 to D28).

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

use super::super::epoch::shifted as shifted_by;
use super::super::words::quote;
use super::marker::{Grade, Meaning};
use super::{Ask, Tidied, days, forensic, marker, text};
use crate::figure::Interval;
use crate::workbook::{Entry, Value};

const AS_ASKED: &str = "Please type it as year, month, day, for example 2022-03-31.";
/// 1 January 2000 and 31 December 2049 as Excel numbers days.
const SERIALS: std::ops::Range<f64> = 36_526.0..54_789.0;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month (1 to 12) that a word names: `March`, `Mar`, `Sept`.
pub(in super::super) fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.').to_lowercase();
    if word.len() < 3 {
        return None;
    }
    MONTHS
        .iter()
        .position(|m| *m == word || word == m[..3] || (word == "sept" && *m == "september"))
        .and_then(|at| u32::try_from(at + 1).ok())
}

/// A day written out, as people read it.
pub(super) fn say(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// What a text says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// ISO, as asked.
    Iso(NaiveDate),
    /// Only one day can be meant.
    One(NaiveDate),
    /// Day first or month first, both possible.
    Two(NaiveDate, NaiveDate),
    /// A month without a day.
    Month(NaiveDate),
    /// A year of two digits that may be of the last century.
    Century,
    /// It is written as a date, but there is no such day.
    Impossible,
}

/// Reads a cell that should hold a date.
pub(super) fn read(entry: &Entry, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let holds = forensic::holds(entry);
    match &entry.value {
        Value::Date(at) => {
            let day = shifted_by(at.date(), ask.shift);
            if is_shifted(at.time()) {
                return shifted(day, typed, ask);
            }
            let whole = entry
                .format
                .as_deref()
                .is_none_or(|f| f.to_lowercase().contains('d') || !f.to_lowercase().contains("mmm"));
            let cell = Tidied::date(day, typed);
            if whole {
                cell
            } else {
                cell.noted("TPL-04", format!("“{words}” shows a month; we read it as {}.", say(day)))
            }
        }
        Value::Number(n) => match serial(*n).map(|day| shifted_by(day, ask.shift)).or_else(|| compact(&format!("{n}")))
        {
            Some(day) => Tidied::date(day, typed)
                .noted("TPL-04", format!("“{words}” holds {holds}, which as a date is {}.", say(day))),
            None => {
                Tidied::unusable(typed, "CEL-06", format!("“{words}” holds {holds}, which is not a date."), AS_ASKED)
            }
        },
        Value::Text(raw) => from_text(&text::normal(raw).0, typed, ask),
        Value::Truth(_) | Value::Error(_) | Value::Nothing => {
            Tidied::unusable(typed, "CEL-06", format!("“{words}” holds {holds}, which is not a date."), AS_ASKED)
        }
    }
}

/// One hour before midnight: a day of summer time, written by a program that counts in another zone.
fn is_shifted(time: NaiveTime) -> bool {
    (time.hour(), time.minute(), time.second()) == (23, 0, 0)
}

/// The day before or the day itself: nothing is said that would not hold for both.
fn shifted(day: NaiveDate, typed: &str, ask: &Ask<'_>) -> Tidied {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let mut cell = Tidied::date(day, typed);
    cell.interval = Interval::new(days(day), days(next));
    cell.queried(
        "TPL-07",
        format!(
            "“{}” says 11 p.m. on {}. A change of time zone may have moved it from {}.",
            ask.words,
            say(day),
            say(next)
        ),
        &format!(
            "Please type {} without a time, or {} if that is the day.",
            next.format("%Y-%m-%d"),
            day.format("%Y-%m-%d")
        ),
    )
}

/// A marker in the place of a date, or of what is part of one (`what`: `date`, `month`).
pub(super) fn absent(normal: &str, typed: &str, ask: &Ask<'_>, what: &str) -> Option<Tidied> {
    let words = ask.words;
    let said = quote(typed);
    let (meaning, grade) = marker::read(normal)?;
    Some(match (meaning, grade) {
        (Meaning::Absent(marker, None), Grade::Silent) => Tidied::marker(marker, None, typed, ask),
        (Meaning::Absent(marker, None), Grade::Note) => Tidied::marker(marker, None, typed, ask)
            .noted("TPL-04", format!("“{words}”: we read {said} as “{marker}” ({}).", marker.meaning())),
        (Meaning::Absent(marker, None), Grade::Query) => Tidied::marker(marker, None, typed, ask).queried(
            "TPL-07",
            format!("“{words}” says {said}. We read it as “{marker}” ({}).", marker.meaning()),
            &format!("Please type {marker} if that is what you mean, or the {what}."),
        ),
        (Meaning::Dash, _) => {
            let mut cell = Tidied { typed: typed.to_owned(), ..Tidied::blank() };
            cell.fault = Some("TPL-07");
            cell.queried(
                "TPL-07",
                format!("“{words}” says {said}. Is there no {what}, or is it missing?"),
                &format!("Please leave the cell blank if there is none, or type x if the {what} is not available."),
            )
        }
        (Meaning::Absent(_, Some(_)) | Meaning::Zero, _) => return None,
    })
}

fn from_text(normal: &str, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    if let Some(absent) = absent(normal, typed, ask, "date") {
        return absent;
    }
    if marker::read(normal).is_some() {
        let message = format!("“{words}” says {said}, which is not a date.");
        return Tidied::unusable(typed, "CEL-06", message, AS_ASKED);
    }
    if let Some(day) = normal.parse().ok().and_then(serial) {
        return Tidied::date(day, typed)
            .noted("TPL-04", format!("“{words}” says {said}, which as a date is {}.", say(day)));
    }
    match parse(normal) {
        Some(Reading::Iso(day) | Reading::One(day)) if time_of(normal).is_some_and(is_shifted) => {
            shifted(day, typed, ask)
        }
        Some(Reading::Iso(day)) => Tidied::date(day, typed),
        Some(Reading::One(day)) => {
            Tidied::date(day, typed).noted("TPL-04", format!("“{words}”: we read {said} as {}.", say(day)))
        }
        Some(Reading::Two(uk, _)) if ask.day_first => {
            let message = format!(
                "“{words}”: we read {said} as {}, because other dates of the file have the day first.",
                say(uk)
            );
            Tidied::date(uk, typed).noted("TPL-04", message)
        }
        Some(Reading::Two(uk, us)) => {
            let mut cell = Tidied::date(uk, typed);
            // Whichever was meant, nothing is said that would not hold for both.
            cell.interval = Interval::new(days(uk.min(us)), days(uk.max(us)));
            cell.queried(
                "CEL-07",
                format!("“{words}” says {said}, which could be {} or {}. We read it as {}.", say(uk), say(us), say(uk)),
                &format!(
                    "Please type it as {}, or as {} if you meant the other.",
                    uk.format("%Y-%m-%d"),
                    us.format("%Y-%m-%d")
                ),
            )
        }
        Some(Reading::Month(day)) => {
            let mut cell = Tidied::date(day, typed);
            let end = day.checked_add_days(Days::new(30)).unwrap_or(day);
            cell.interval = Interval::new(days(day), days(end));
            cell.queried(
                "CEL-07",
                format!("“{words}” says {said}, a month without a day. We read it as {}.", say(day)),
                AS_ASKED,
            )
        }
        Some(Reading::Century) => Tidied::unusable(
            typed,
            "CEL-06",
            format!("“{words}” says {said}. We read years of two digits as 2000 to 2049 only."),
            "Please type the year with four digits, for example 2022-03-31.",
        ),
        Some(Reading::Impossible) => {
            Tidied::unusable(typed, "CEL-06", format!("“{words}” says {said}, which is not a real date."), AS_ASKED)
        }
        None => Tidied::unusable(typed, "CEL-06", format!("“{words}” says {said}, which is not a date."), AS_ASKED),
    }
}

/// The day that Excel numbers so.
pub(super) fn serial(n: f64) -> Option<NaiveDate> {
    let whole = SERIALS.contains(&n).then_some(n.trunc() as u64)?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(whole))
}

/// A time of day in a text: `2021-03-30T23:00:00Z`.
fn time_of(text: &str) -> Option<NaiveTime> {
    let at = text.find(':')?.checked_sub(2)?;
    let digits = text.get(at..)?.trim_end_matches(|c: char| !c.is_ascii_digit());
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(digits, format).ok())
}

/// `20220331`
fn compact(text: &str) -> Option<NaiveDate> {
    (text.len() == 8 && text.starts_with("20")).then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

/// Two-digit years up to 49 are of this century (D25); of the others nobody can say.
fn full_year(digits: &str) -> Option<Result<i32, Reading>> {
    let n: i32 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(Ok(n)),
        2 if n <= 49 => Some(Ok(2000 + n)),
        2 => Some(Err(Reading::Century)),
        _ => None,
    }
}

pub(super) fn parse(text: &str) -> Option<Reading> {
    let lower = text.to_lowercase();
    if lower.len() > 40 {
        return None;
    }
    if let Some(day) = compact(&lower) {
        return Some(Reading::One(day));
    }
    // A time of day at the end says nothing about the day.
    let lower = lower.split_once('t').filter(|(d, _)| d.len() == 10).map_or(lower.as_str(), |(d, _)| d);
    let parts: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric() && c != ':')
        .filter(|p| !p.is_empty() && !p.contains(':') && !matches!(*p, "of" | "the"))
        .filter(|p| {
            !["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
                .iter()
                .any(|d| p.starts_with(d) && p.ends_with("day") || p == d)
        })
        .collect();
    let ordinal = |p: &str| -> Option<u32> {
        let digits = p.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let tail = &p[digits.len()..];
        (matches!(tail, "" | "st" | "nd" | "rd" | "th") && digits.len() <= 2).then(|| digits.parse().ok()).flatten()
    };
    let day = |y: i32, m: u32, d: u32| NaiveDate::from_ymd_opt(y, m, d);
    match parts.as_slice() {
        [y, m, d] if y.len() == 4 && y.chars().all(|c| c.is_ascii_digit()) => {
            let (y, d) = (y.parse().ok()?, ordinal(d)?);
            let m = m.parse().ok().or_else(|| month(m))?;
            let iso = text.len() == 10 && text.contains('-');
            Some(
                day(y, m, d)
                    .map_or(Reading::Impossible, |date| if iso { Reading::Iso(date) } else { Reading::One(date) }),
            )
        }
        // “end of March 2022”: the words between are dropped above.
        ["end", m, y] => {
            let after = day(full_year(y)?.ok()?, month(m)?, 28)?.checked_add_months(chrono::Months::new(1))?;
            after.with_day(1)?.pred_opt().map(Reading::One)
        }
        [a, b, y] if month(b).is_some() || month(a).is_some() => {
            let (m, d) = match month(b) {
                Some(m) => (m, ordinal(a)?),
                None => (month(a)?, ordinal(b)?),
            };
            let year = match full_year(y)? {
                Ok(year) => year,
                Err(reading) => return Some(reading),
            };
            Some(day(year, m, d).map_or(Reading::Impossible, Reading::One))
        }
        [a, b, y] => {
            let (a, b): (u32, u32) = (a.parse().ok()?, b.parse().ok()?);
            let y = match full_year(y)? {
                Ok(year) => year,
                Err(reading) => return Some(reading),
            };
            Some(match (day(y, b, a), day(y, a, b)) {
                (Some(uk), Some(us)) if uk != us => Reading::Two(uk, us),
                (Some(date), _) | (None, Some(date)) => Reading::One(date),
                (None, None) => Reading::Impossible,
            })
        }
        [m, y] => day(full_year(y)?.ok()?, month(m)?, 1).map(Reading::Month),
        _ => None,
    }
}

/// Whether texts written by one program show that it writes the day first: some can be read no other way, and none has
/// the month first.
pub(in super::super) fn all_day_first<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let mut some = false;
    for text in texts.filter(|t| t.len() <= 10 && t.matches(['/', '.', '-']).count() == 2) {
        let mut parts = text.split(['/', '.', '-']).map(|p| p.parse::<u32>());
        let (Some(Ok(a)), Some(Ok(b)), Some(Ok(y))) = (parts.next(), parts.next(), parts.next()) else { continue };
        if y < 100 && text.len() == 10 {
            continue;
        }
        match (a, b) {
            (13..=31, 1..=12) => some = true,
            (1..=12, 13..=31) => return false,
            _ => {}
        }
    }
    some
}

/// What a label may have been before Excel made a date of it (D22): `1-2`, `10-14`.
pub(in super::super) fn unmade(date: NaiveDate) -> Vec<String> {
    let (d, m, y) = (date.day(), date.month(), date.year().rem_euclid(100));
    let mut labels = vec![format!("{d}-{m}"), format!("{m}-{d}")];
    if d == 1 {
        labels.push(format!("{m}-{y}"));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_read_as_agencies_write_them() {
        assert_eq!(parse("2021-03-31"), Some(Reading::Iso(date("2021-03-31"))));
        for text in
            ["31st October 2023", "31 Oct 23", "31.10.23", "31/10/2023", "10/31/2023", "October 31, 2023", "20231031"]
        {
            assert_eq!(parse(text), Some(Reading::One(date("2023-10-31"))), "{text}");
        }
        assert_eq!(parse("04/05/2022"), Some(Reading::Two(date("2022-05-04"), date("2022-04-05"))));
        assert_eq!(parse("5/5/2022"), Some(Reading::One(date("2022-05-05"))));
        assert_eq!(parse("31/02/2022"), Some(Reading::Impossible));
        assert_eq!(parse("Mar-21"), Some(Reading::Month(date("2021-03-01"))));
        assert!(all_day_first(["31/03/2021", "04/05/2021", "2021-05-04"].into_iter()));
        assert!(!all_day_first(["31/03/2021", "03/31/2021"].into_iter()));
        assert!(!all_day_first(["04/05/2021", "20-21-22"].into_iter()));
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("end of February 2024"), Some(Reading::One(date("2024-02-29"))));
        assert_eq!(parse("31/03/50"), Some(Reading::Century));
        assert_eq!(parse("31/03/49"), Some(Reading::One(date("2049-03-31"))));
        assert!(time_of("2021-03-30T23:00:00Z").is_some_and(is_shifted));
        assert!(!time_of("04/05/2021 14:30").is_some_and(is_shifted));
        assert_eq!(serial(36525.0), None);
        assert_eq!(serial(44286.75), Some(date("2021-03-31")));
        assert!(unmade(date("2014-10-01")).contains(&"10-14".to_owned()));
    }
}
