//! What differs between the years: bank holidays, populations, codes that give way to others, and words.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use safereturn::schema::Schemas;
use safereturn::schema::model::{CodeList, Item};

#[path = "../examples/support/mod.rs"]
mod support;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Easter Sunday, as the almanac reckons it.
fn easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e, g) = (b / 4, b % 4, (8 * b + 13) / 25);
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    day(year, u32::try_from(n / 31).unwrap(), u32::try_from(n % 31 + 1).unwrap())
}

/// The first or last Monday of a month.
fn monday(year: i32, month: u32, last: bool) -> NaiveDate {
    let mut days = (1..=31).filter_map(|d| NaiveDate::from_ymd_opt(year, month, d));
    let is = |d: &NaiveDate| d.weekday() == Weekday::Mon;
    if last { days.rfind(is).unwrap() } else { days.find(is).unwrap() }
}

/// The usual bank holidays of England in a year: one that falls on a weekend is kept on the next free weekday.
fn usual(year: i32) -> BTreeSet<NaiveDate> {
    let mut days = BTreeSet::from([
        easter(year) - Days::new(2),
        easter(year) + Days::new(1),
        monday(year, 5, false),
        monday(year, 5, true),
        monday(year, 8, true),
    ]);
    for fixed in [day(year, 1, 1), day(year, 12, 25), day(year, 12, 26)] {
        let mut kept = fixed;
        while matches!(kept.weekday(), Weekday::Sat | Weekday::Sun) || days.contains(&kept) {
            kept = kept + Days::new(1);
        }
        days.insert(kept);
    }
    days
}

#[test]
fn the_bank_holidays_are_the_usual_ones_and_those_proclaimed() {
    let mut wanted: BTreeSet<NaiveDate> = (2018..=2024).flat_map(usual).collect();
    for (away, kept) in [
        // The 75th anniversary of the end of the war in Europe: the May holiday moved.
        (Some(day(2020, 5, 4)), day(2020, 5, 8)),
        // The Platinum Jubilee: the spring holiday moved, and a day more.
        (Some(day(2022, 5, 30)), day(2022, 6, 2)),
        (None, day(2022, 6, 3)),
        // The funeral of Queen Elizabeth II, and the coronation of King Charles III.
        (None, day(2022, 9, 19)),
        (None, day(2023, 5, 8)),
    ] {
        if let Some(away) = away {
            assert!(wanted.remove(&away), "{away} is no usual holiday");
        }
        wanted.insert(kept);
    }
    let found: BTreeSet<NaiveDate> = PACK.holidays.iter().copied().collect();
    let (missing, more) = (wanted.difference(&found), found.difference(&wanted));
    assert_eq!((missing.collect::<Vec<_>>(), more.collect::<Vec<_>>()), (vec![], vec![]));
    // Every day of every reporting year, and half a year after it, is covered.
    let last = PACK.agencies.years.keys().next_back().unwrap();
    assert!(found.last().unwrap().year() > last[..4].parse::<i32>().unwrap() + 1, "no holidays after {last}");
}

#[test]
fn every_year_has_its_population_with_the_edition_it_is_from() {
    for (year, mid, children) in [
        ("2019-20", 2019, 37_427.0),
        ("2020-21", 2020, 37_245.0),
        ("2021-22", 2021, 36_604.0),
        ("2022-23", 2022, 36_428.0),
    ] {
        assert_eq!(PACK.reference("population_0_17", year), Some(children), "{year}");
        let vintage = PACK.vintage("population_0_17", year).unwrap();
        assert!(vintage.contains(&format!("mid-{mid}")), "{year} {vintage}");
    }
    // Every reference figure that has years has all of them, but for what was not published.
    for name in PACK.references().filter(|n| n.starts_with("population") || n.as_str() == "working_days") {
        for year in PACK.agencies.years.keys() {
            assert!(PACK.reference(name, year).is_some() || year == "2019-20", "{name} has no value for {year}");
        }
    }
}

/// The factors of an assessment in a year.
fn factors(year: &str) -> CodeList {
    let form = PACK.form("csc", year).unwrap();
    let section = form.section("children-in-need").unwrap();
    let table = section.items.iter().find_map(|item| match item {
        Item::Table(t) if t.rows.key == "assessment-factors" => Some(&t.rows),
        Item::Table(_) | Item::Measure(_) | Item::List(_) => None,
    });
    (**table.unwrap()).clone()
}

#[test]
fn the_factors_for_abuse_give_way_to_those_that_say_by_whom() {
    for (year, old) in [("2019-20", true), ("2020-21", true), ("2021-22", false), ("2022-23", false)] {
        let list = factors(year);
        for (one, others) in [("18A", ["18B", "18C"]), ("19A", ["19B", "19C"])] {
            let has = |code: &str| list.codes.iter().any(|c| c.code == code);
            assert_eq!(has(one), old, "{one} in {year}");
            assert!(others.iter().all(|code| has(code) != old), "{others:?} in {year}");
            // The retired one is still known by name, with those that took its place.
            let retired = list.retired.iter().find(|c| c.code == one);
            assert_eq!(retired.is_some(), !old, "{one} in {year}");
            if let Some(retired) = retired {
                assert_eq!(retired.replaced_by, others);
            }
        }
    }
}

#[test]
fn the_words_of_working_together_2023_hold_from_2022_23_on() {
    let words = |year: &str| {
        let section = PACK.form("iscp", year).unwrap().section("priorities-impact").unwrap();
        let list = section.items.iter().find_map(|item| match item {
            Item::List(l) if l.key == "priorities" => Some(l),
            Item::Table(_) | Item::Measure(_) | Item::List(_) => None,
        });
        list.unwrap().description.clone()
    };
    assert_eq!(words("2020-21"), words("2021-22"));
    assert!(words("2022-23").contains("multi-agency"), "{}", words("2022-23"));
    assert!(!words("2021-22").contains("multi-agency"), "{}", words("2021-22"));
}
