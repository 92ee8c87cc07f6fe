//! Reporting years as agencies write them (domain B.0.1), made `2021-22`.

use super::words::trim;

/// What a text says about a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// Written as the template asks.
    Canonical(String),
    /// Written otherwise, but only one year can be meant.
    Tidied(String),
    /// It names more than one year: `2020-22`.
    Spans,
    /// No year.
    No,
}

impl Reading {
    /// The year, if there is one.
    pub(super) fn year(self) -> Option<String> {
        match self {
            Self::Canonical(year) | Self::Tidied(year) => Some(year),
            Self::Spans | Self::No => None,
        }
    }
}

/// The name of the year that starts on 1 April of `start`.
pub(super) fn name(start: i32) -> String {
    format!("{start}-{:02}", (start + 1) % 100)
}

/// The calendar year in which a reporting year starts.
pub(super) fn start(year: &str) -> Option<i32> {
    year.get(..4)?.parse().ok()
}

/// Reads `2021-22`, `2021/22`, `2021-2022`, `FY21/22`, `year ending 31 March 2022`, `2022`.
pub(super) fn read(text: &str) -> Reading {
    let typed = trim(text);
    if typed.chars().count() > 60 {
        return Reading::No;
    }
    let mut rest = typed.to_lowercase().replace(['–', '—', '−', '‐', '‑'], "-");
    for words in [
        "financial year",
        "reporting year",
        "year ending",
        "year ended",
        "year to",
        "31st march",
        "31 march",
        "march",
        "fy",
        "y/e",
    ] {
        rest = rest.replacen(words, " ", 1);
    }
    let numbers: Vec<&str> = rest.split(|c: char| !c.is_ascii_digit()).filter(|s| !s.is_empty()).collect();
    let between: String = rest.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace()).collect();
    if !matches!(between.as_str(), "" | "-" | "/" | "to") {
        return Reading::No;
    }
    let full = |digits: &str| -> Option<i32> {
        let n: i32 = digits.parse().ok()?;
        match digits.len() {
            4 if (2000..=2099).contains(&n) => Some(n),
            2 => Some(2000 + n),
            _ => None,
        }
    };
    match numbers.as_slice() {
        [one] if between.is_empty() && (one.len() == 4 || typed.to_lowercase().starts_with("fy")) => {
            full(one).map_or(Reading::No, |end| Reading::Tidied(name(end - 1)))
        }
        [first, second] if !between.is_empty() => match (full(first), full(second)) {
            (Some(a), Some(b)) if b == a + 1 => {
                let year = name(a);
                if typed == year { Reading::Canonical(year) } else { Reading::Tidied(year) }
            }
            (Some(a), Some(b)) if first.len() == 4 && b != a => Reading::Spans,
            (Some(_) | None, Some(_) | None) => Reading::No,
        },
        _ => Reading::No,
    }
}

/// The year in the words of a label, and the words without it: `children on a plan at 31 march 2021` is `2020-21`,
/// `children 2020 21` too. The words are folded.
pub(super) fn within(words: &str) -> Option<(String, String)> {
    // Most words have no year in them.
    if !words.contains("20") {
        return None;
    }
    let tokens: Vec<&str> = words.split(' ').collect();
    let calendar = |token: &&str| {
        let n = token.parse().ok().filter(|n: &i32| (2000..=2099).contains(n))?;
        (token.len() == 4).then_some(n)
    };
    let (at, first) = tokens.iter().enumerate().find_map(|(i, t)| Some((i, calendar(t)?)))?;
    let second = tokens.get(at + 1).filter(|next| {
        let n: Option<i32> = next.parse().ok();
        n == Some(first + 1) || (next.len() == 2 && n == Some((first + 1) % 100))
    });
    let month = at.checked_sub(1).and_then(|i| super::tidy::month_of(tokens.get(i)?));
    let (year, used) = match (second, month) {
        (Some(_), _) => (name(first), 2),
        (None, Some(month)) if month >= 4 => (name(first), 1),
        // A year by itself is the one that ends in it.
        (None, Some(_) | None) => (name(first - 1), 1),
    };
    let rest: Vec<&str> =
        tokens.iter().enumerate().filter(|(i, _)| !(at..at + used).contains(i)).map(|(_, t)| *t).collect();
    (!rest.is_empty()).then(|| (rest.join(" "), year))
}

/// A heading of four digits only, and the reporting year that ends in it.
pub(super) fn bare(text: &str) -> Option<(String, String)> {
    let digits: String = trim(text).chars().filter(|c| *c != ',').collect();
    let n: i32 = digits.parse().ok().filter(|n| (2000..=2099).contains(n))?;
    Some((digits, name(n - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_read_as_agencies_write_them() {
        assert_eq!(read("2021-22"), Reading::Canonical("2021-22".into()));
        for other in [
            "2021/22",
            "2021-2022",
            "FY21/22",
            "year ending 31 March 2022",
            "2022",
            "21-22",
            "2021–22",
            "FY22",
            "2021 to 2022",
        ] {
            assert_eq!(read(other), Reading::Tidied("2021-22".into()), "{other}");
        }
        assert_eq!(read("2020-22"), Reading::Spans);
        for no in ["", "last year", "44", "5-10", "31/03/2022", "2021-22 p"] {
            assert_eq!(read(no), Reading::No, "{no}");
        }
        assert_eq!(name(2099), "2099-00");
    }

    #[test]
    fn a_year_stands_within_words() {
        for (words, rest, year) in [
            ("children on a plan at 31 march 2021", "children on a plan at 31 march", "2020-21"),
            ("children on a plan at 1 april 2020", "children on a plan at 1 april", "2020-21"),
            ("children 2020 21", "children", "2020-21"),
            ("2019 2020 contacts", "contacts", "2019-20"),
            ("contacts in 2021", "contacts in", "2020-21"),
        ] {
            assert_eq!(within(words), Some((rest.to_owned(), year.to_owned())), "{words}");
        }
        for no in ["2021", "children", "children 18 21", "2020 21"] {
            assert_eq!(within(no), None, "{no}");
        }
    }
}
