//! Months as agencies write them, made `2020-06`. A day that was typed with the month is not kept: where the month of an
//! incident is asked for, the day could tell whose it was.

use chrono::{Datelike, NaiveDate};

use super::super::epoch::shifted as shifted_by;
use super::super::words::quote;
use super::date::{Reading, absent, parse, serial};
use super::{Ask, Tidied, text};
use crate::figure::Bare;
use crate::workbook::{Entry, Value};

const AS_ASKED: &str = "Please type it as year and month, for example 2020-06.";

/// Reads a cell that should hold a month.
pub(super) fn read(entry: &Entry, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    match &entry.value {
        Value::Date(at) => {
            let day = shifted_by(at.date(), ask.shift);
            // Excel makes a date of 2020-06 and shows it as a month.
            let shows_day = entry.format.as_deref().is_none_or(|f| f.to_lowercase().contains('d'));
            if shows_day { without_day(day, ask) } else { kept(day) }
        }
        Value::Number(n) => match serial(*n) {
            Some(day) => without_day(shifted_by(day, ask.shift), ask),
            None => unusable(typed, ask),
        },
        Value::Text(raw) => from_text(&text::normal(raw).0, typed, ask),
        Value::Truth(_) | Value::Error(_) | Value::Nothing => {
            let message = format!("“{words}” holds something that is not a month.");
            Tidied::unusable(typed, "CEL-06", message, AS_ASKED)
        }
    }
}

fn from_text(normal: &str, typed: &str, ask: &Ask<'_>) -> Tidied {
    if let Some(absent) = absent(normal, typed, ask, "month") {
        return absent;
    }
    if let Some(month) = numbers(normal) {
        let canonical = normal == name(month);
        let cell = Tidied::of(Bare::Text(name(month)), typed);
        return if canonical { cell } else { cell.noted("TPL-04", said(typed, month, ask)) };
    }
    match parse(normal) {
        Some(Reading::Month(month)) => {
            Tidied::of(Bare::Text(name(month)), typed).noted("TPL-04", said(typed, month, ask))
        }
        Some(Reading::Iso(day) | Reading::One(day)) => without_day(day, ask),
        Some(Reading::Two(uk, us)) if ask.day_first || name(uk) == name(us) => without_day(uk, ask),
        Some(Reading::Two(uk, us)) => {
            // The day is not quoted, so that it is kept nowhere.
            let message = format!("“{}” could be {} or {}.", ask.words, name(uk), name(us));
            Tidied::unusable("", "CEL-07", message, AS_ASKED)
        }
        Some(Reading::Century | Reading::Impossible) | None => unusable(typed, ask),
    }
}

/// `2020-06`, `2020/6`, `06/2020`: a year of four digits and a month.
fn numbers(text: &str) -> Option<NaiveDate> {
    let (first, second) = text.split_once(['-', '/', '.', ' '])?;
    let (year, month) = if first.len() == 4 { (first, second) } else { (second, first) };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || !year.starts_with("20") || month.len() > 2 || !digits(year) || !digits(month) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)
}

fn name(month: NaiveDate) -> String {
    format!("{:04}-{:02}", month.year(), month.month())
}

fn kept(day: NaiveDate) -> Tidied {
    let month = name(day);
    Tidied::of(Bare::Text(month.clone()), &month)
}

fn without_day(day: NaiveDate, ask: &Ask<'_>) -> Tidied {
    let message = format!("“{}” gives a day; we read the month {} and keep no day.", ask.words, name(day));
    kept(day).noted("TPL-04", message)
}

fn said(typed: &str, month: NaiveDate, ask: &Ask<'_>) -> String {
    format!("“{}”: we read {} as {}.", ask.words, quote(typed), name(month))
}

fn unusable(typed: &str, ask: &Ask<'_>) -> Tidied {
    let message = format!("“{}” says {}, which is not a month.", ask.words, quote(typed));
    Tidied::unusable(typed, "CEL-06", message, AS_ASKED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_year_and_a_number() {
        for text in ["2020-06", "2020/6", "06/2020", "2020.06", "6 2020"] {
            assert_eq!(numbers(text).map(name).as_deref(), Some("2020-06"), "{text}");
        }
        for no in ["2020-13", "2020-21", "1999-06", "06-20", "June 2020", "2020-06-01", "2020-", "2020"] {
            assert_eq!(numbers(no), None, "{no}");
        }
    }
}
