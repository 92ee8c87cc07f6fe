//! Units written beside a number: the measure's own, in its usual short forms, or another.

use super::super::words::fold;
use crate::schema::model::{Kind, Measure};

/// Ways of writing the same unit.
const SAME: &[&[&str]] = &[
    &["day", "days", "d"],
    &["working day", "working days", "wd", "wds"],
    &["week", "weeks", "wk", "wks", "w"],
    &["month", "months", "mth", "mths"],
    &["year", "years", "yr", "yrs"],
    &["hour", "hours", "hr", "hrs", "h"],
    &["minute", "minutes", "min", "mins"],
    &["child", "children", "kids", "cyp"],
    &["person", "people", "persons"],
    &["family", "families"],
    &["enquiry", "enquiries", "inquiry", "inquiries"],
    &["full time equivalent", "full time equivalents", "fte", "ftes", "wte"],
    &["percentage point", "percentage points", "point", "points", "pp", "ppt"],
    &["%", "per cent", "percent", "pct"],
    &["£", "gbp", "pounds"],
];

/// Whether the words beside a number are the measure's unit.
pub(super) fn is_own(words: &str, measure: &Measure) -> bool {
    let said = fold(words);
    let mut own: Vec<String> = vec![fold(&measure.unit)];
    own.extend(measure.unit_of_count.as_deref().map(fold));
    match measure.kind {
        Kind::Percentage => own.push("%".to_owned()),
        Kind::Points => own.extend(["%".to_owned(), "pp".to_owned()]),
        Kind::Money => own.push("£".to_owned()),
        Kind::Rate => return is_rate(&said, &own),
        Kind::Count | Kind::Number | Kind::Date | Kind::Year | Kind::Month => {}
        Kind::Code | Kind::Codes | Kind::Text | Kind::Email => {}
    }
    own.iter().any(|unit| !unit.is_empty() && same(&said, unit))
}

/// `per 10,000` for `per 10,000 children`, but not `per 1,000`; the comma folds to a space.
fn is_rate(said: &str, own: &[String]) -> bool {
    let parts = |unit: &str| {
        let plain = unit.trim_start_matches("per ").replace(' ', "").replace("0k", "0000");
        let end = plain.find(|c: char| !c.is_ascii_digit()).unwrap_or(plain.len());
        (plain[..end].to_owned(), plain[end..].to_owned())
    };
    let (many, what) = parts(said);
    own.iter().map(|unit| parts(unit)).any(|(n, of)| !n.is_empty() && many == n && of.starts_with(&what))
}

fn same(a: &str, b: &str) -> bool {
    let plural = |w: &str| w.strip_suffix('s').unwrap_or(w).to_owned();
    plural(a) == plural(b) || SAME.iter().any(|ways| ways.contains(&a) && ways.contains(&b)) || {
        // “children” for a count of “children-conferences”, but not the other way round.
        b.split(' ').next().is_some_and(|first| first.len() > 3 && plural(first) == plural(a))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_its_own_number_only() {
        let own = [fold("per 10,000 children")];
        for said in ["per 10,000", "per 10 000 children", "per 10000", "per 10k"] {
            assert!(is_rate(&fold(said), &own), "{said}");
        }
        for said in ["per 1,000", "per 10", "per 100,000", "per 10,000 adults", "children", "per"] {
            assert!(!is_rate(&fold(said), &own), "{said}");
        }
    }
}
