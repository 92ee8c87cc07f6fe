//! Dates as rules reckon with them: days since 1 January 1970, in and out, and the working days between them. Figures' own
//! dates are read by `extract`.

use chrono::{Datelike, Days, NaiveDate};

use crate::figure::Interval;

/// The day a text such as `2021-03-31` names; of a month such as `2021-03`, its first.
pub(super) fn day(text: &str) -> Option<f64> {
    let whole = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    let day = whole.or_else(|_| NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d"));
    day.ok().and_then(number)
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
    date(days).map_or_else(|| "a date out of range".to_owned(), |date| date.format("%-d %B %Y").to_string())
}

/// Working days after `from` up to `to`: no weekends, no `holidays`. Below 0 where `to` is the earlier. A day outside the
/// years that the holidays cover is not known to be one or not, so neither is the number.
pub(super) fn workdays(from: Interval, to: Interval, holidays: &[f64]) -> Interval {
    let covered = |day: f64| {
        let year = |day: &f64| date(*day).map(|date| date.year());
        let years = holidays.iter().filter_map(year);
        let (first, last) = (years.clone().min(), years.max());
        year(&day).is_some_and(|own| first.is_some_and(|first| first <= own) && last.is_some_and(|last| own <= last))
    };
    // Counted from any one day on, so that more of either end never makes less.
    let between = |from: f64, to: f64| {
        if !covered(from) || !covered(to) {
            return None;
        }
        let free = |day: &&f64| !is_weekend(**day);
        let upto = |day: f64| weekdays(day) - counted(holidays.iter().filter(free).filter(|h| **h <= day).count());
        Some(upto(to) - upto(from))
    };
    match (between(from.hi, to.lo), between(from.lo, to.hi)) {
        (Some(least), Some(most)) => Interval::new(least, most),
        (None, _) | (_, None) => Interval::UNKNOWN,
    }
}

/// Days from Monday to Friday since Monday 5 January 1970, that one not counted.
fn weekdays(day: f64) -> f64 {
    let since = day.floor() - MONDAY;
    5.0 * (since / 7.0).floor() + since.rem_euclid(7.0).min(4.0)
}

fn is_weekend(day: f64) -> bool {
    (day.floor() - MONDAY).rem_euclid(7.0) > 4.0
}

/// 5 January 1970.
const MONDAY: f64 = 4.0;

fn counted(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

fn date(days: f64) -> Option<NaiveDate> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just before")]
    (days.abs() < 1e6).then(|| {
        let offset = Days::new(days.abs().floor() as u64);
        let epoch = NaiveDate::default();
        if days < 0.0 { epoch.checked_sub_days(offset) } else { epoch.checked_add_days(offset) }
    })?
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
        assert_eq!(day("2021-03").map(show).as_deref(), Some("1 March 2021"));
        for wrong in ["2020-22", "2020", "2020/21", "20-21", "2020-2021", ""] {
            assert_eq!(year_start(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn working_days_leave_out_weekends_and_holidays() {
        let at = |text: &str| day(text).unwrap();
        let holidays = ["2020-12-25", "2020-12-26", "2020-12-28", "2021-01-01", "2022-01-03"].map(at);
        let between = |from: &str, to: &str| workdays(Interval::exact(at(from)), Interval::exact(at(to)), &holidays);
        for (from, to, days) in [
            ("2021-06-14", "2021-06-14", 0.0),
            ("2021-06-14", "2021-06-15", 1.0),
            ("2021-06-11", "2021-06-14", 1.0),
            ("2021-06-11", "2021-06-12", 0.0),
            ("2021-06-12", "2021-06-14", 1.0),
            ("2021-06-14", "2021-06-21", 5.0),
            // The 26th is a Saturday: taken off once.
            ("2020-12-24", "2020-12-29", 1.0),
            ("2020-12-24", "2021-01-04", 4.0),
            ("2021-06-21", "2021-06-14", -5.0),
        ] {
            assert_eq!(between(from, to), Interval::exact(days), "{from} to {to}");
        }
        let either = Interval::new(at("2021-06-14"), at("2021-06-16"));
        let to = Interval::exact(at("2021-06-21"));
        assert_eq!(workdays(either, to, &holidays), Interval::new(3.0, 5.0));
        assert_eq!(workdays(Interval::UNKNOWN, to, &holidays), Interval::UNKNOWN);
        // Nobody told the holidays of 2019.
        assert_eq!(between("2019-12-31", "2020-01-02"), Interval::UNKNOWN);
        assert_eq!(workdays(to, to, &[]), Interval::UNKNOWN);
    }

    #[test]
    fn working_days_are_those_counted_one_by_one() {
        let holidays: Vec<f64> =
            ["2020-01-01", "2020-04-10", "2020-04-13", "2021-12-27"].map(|d| day(d).unwrap()).into();
        let first = day("2020-01-01").unwrap();
        for from in 0..40 {
            for long in 0..120 {
                let (from, to) = (first + f64::from(from), first + f64::from(from + long));
                let each = (1..=long).filter(|n| {
                    let day = from + f64::from(*n);
                    !is_weekend(day) && !holidays.contains(&day)
                });
                let all = Interval::exact(counted(each.count()));
                assert_eq!(workdays(Interval::exact(from), Interval::exact(to), &holidays), all);
            }
        }
    }
}
