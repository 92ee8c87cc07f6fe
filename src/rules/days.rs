//! Dates as rules reckon with them: days since 1 January 1970, in and out. Figures' own dates are read by `extract`.

use chrono::{Days, NaiveDate};

/// The day a text such as `2021-03-31` names.
pub(super) fn day(text: &str) -> Option<f64> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(number)
}

/// 1 April of a reporting year such as `2021-22`.
pub(super) fn year_start(year: &str) -> Option<f64> {
    NaiveDate::from_ymd_opt(first(year)?, 4, 1).and_then(number)
}

/// 31 March of a reporting year such as `2021-22`.
pub(super) fn year_end(year: &str) -> Option<f64> {
    NaiveDate::from_ymd_opt(first(year)? + 1, 3, 31).and_then(number)
}

/// A day as people read it: `31 March 2021`.
pub(super) fn show(days: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just before")]
    let date = (days.abs() < 1e6).then(|| {
        let offset = Days::new(days.abs().floor() as u64);
        let epoch = NaiveDate::default();
        if days < 0.0 { epoch.checked_sub_days(offset) } else { epoch.checked_add_days(offset) }
    });
    date.flatten().map_or_else(|| "a date out of range".to_owned(), |date| date.format("%-d %B %Y").to_string())
}

fn number(date: NaiveDate) -> Option<f64> {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(days).ok().map(f64::from)
}

fn first(year: &str) -> Option<i32> {
    let (first, second) = year.split_once('-')?;
    if first.len() != 4 || second.len() != 2 {
        return None;
    }
    let (first, second) = (first.parse::<i32>().ok()?, second.parse::<i32>().ok()?);
    (second == (first + 1) % 100).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reporting_year_runs_from_april_to_march() {
        assert_eq!(day("1970-01-02"), Some(1.0));
        assert_eq!(year_start("2020-21").map(show).as_deref(), Some("1 April 2020"));
        assert_eq!(year_end("1999-00").map(show).as_deref(), Some("31 March 2000"));
        assert_eq!(day("1969-12-30").map(show).as_deref(), Some("30 December 1969"));
        for wrong in ["2020-22", "2020", "2020/21", "20-21", "2020-2021", ""] {
            assert_eq!(year_start(wrong), None, "{wrong}");
        }
    }
}
