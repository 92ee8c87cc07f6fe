//! The digits of a number: signs, thousands, decimals, powers of ten. What stands around them is `number`'s business.

pub(super) use crate::figure::denoise;

/// A number as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Written {
    pub n: f64,
    pub decimals: u8,
    /// No comma, no space: it was only stored as text.
    pub bare: bool,
    /// Commas between the thousands, each in its place.
    pub commas: bool,
    /// `11.147`: the point may stand for a thousands comma.
    pub ambiguous: bool,
    /// `1.1E+04`: what the last digit that was written counts, where digits after it are lost.
    pub lost: Option<f64>,
}

pub(super) fn plain_number(text: &str) -> Option<Written> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim_start()),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || digits.len() > 24 || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (whole, fraction) = digits.split_once('.').map_or((digits, ""), |(w, f)| (w, f));
    let grouped = |separator: char| {
        let mut groups = whole.split(separator);
        groups.next().is_some_and(|g| (1..=3).contains(&g.len()) && all_digits(g))
            && whole.contains(separator)
            && groups.all(|g| g.len() == 3 && all_digits(g))
    };
    let (bare, joined) = if all_digits(whole) || whole.is_empty() {
        (true, whole.to_owned())
    } else if grouped(',') {
        (false, whole.replace(',', ""))
    } else if grouped(' ') {
        (false, whole.replace(' ', ""))
    } else if fraction.is_empty() && is_scientific(whole) {
        return scientific(sign, digits);
    } else {
        return None;
    };
    if fraction.contains(['e', 'E']) {
        return scientific(sign, digits);
    }
    if !all_digits(fraction) && !fraction.is_empty() || (joined.is_empty() && fraction.is_empty()) {
        return None;
    }
    let n: f64 = format!(
        "{}.{}",
        if joined.is_empty() { "0" } else { &joined },
        if fraction.is_empty() { "0" } else { fraction }
    )
    .parse()
    .ok()?;
    let ambiguous = bare && fraction.len() == 3 && (1..=3).contains(&joined.len()) && !joined.starts_with('0');
    // Digits beyond what a spreadsheet holds are binary noise, not precision.
    let noise = joined.len() + fraction.len() > 12;
    let own = u8::try_from(fraction.len()).unwrap_or(u8::MAX);
    let decimals = if noise { own.min(decimals(denoise(n))) } else { own };
    n.is_finite().then_some(Written {
        n: sign * denoise(n),
        decimals,
        bare,
        commas: whole.contains(','),
        ambiguous,
        lost: None,
    })
}

fn is_scientific(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split_once('e').is_some_and(|(a, b)| all_digits(a) && all_digits(b.trim_start_matches(['+', '-'])))
}

fn scientific(sign: f64, digits: &str) -> Option<Written> {
    let n: f64 = digits.parse().ok()?;
    (n.is_finite() && n.abs() < 1e15).then(|| {
        let n = denoise(sign * n);
        Written { n, decimals: decimals(n), bare: false, commas: false, ambiguous: false, lost: lost(digits) }
    })
}

/// What the last digit of a mantissa counts, if that is more than one.
fn lost(digits: &str) -> Option<f64> {
    let lower = digits.to_lowercase();
    let (mantissa, exponent) = lower.split_once('e')?;
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let step = exponent.parse::<i32>().ok()? - i32::try_from(places).ok()?;
    (step > 0).then(|| 10_f64.powi(step))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// `5-10`, `between 5 and 10`, `5/10`: two numbers where one is asked for.
pub(super) fn is_range(text: &str) -> bool {
    let lower = text.to_lowercase();
    let two = |split: Option<(&str, &str)>| {
        split.is_some_and(|(a, b)| plain_number(a).is_some() && plain_number(b).is_some())
    };
    let between = lower.strip_prefix("between").or_else(|| lower.strip_prefix("from"));
    range(&lower).is_some()
        || two(lower.split_once('/'))
        || two(between.and_then(|r| r.split_once("and")))
        || two(between.and_then(|r| r.split_once("to")))
}

/// `5-10`, `5 to 10`: the two ends.
pub(super) fn range(text: &str) -> Option<(f64, f64)> {
    let (low, high) = text.split_once("to").or_else(|| text.split_once('-'))?;
    let (low, high) = (plain_number(low)?, plain_number(high)?);
    (low.n >= 0.0 && high.n > low.n).then_some((low.n, high.n))
}

/// Decimals a number needs.
pub(super) fn decimals(n: f64) -> u8 {
    let text = format!("{n}");
    text.split_once('.').map_or(0, |(_, fraction)| u8::try_from(fraction.len()).unwrap_or(u8::MAX))
}

/// Decimals that a number format always shows: 1 for `0.0%`.
pub(super) fn format_decimals(format: &str) -> u8 {
    let first = format.split(';').next().unwrap_or_default();
    let zeros = first.split_once('.').map_or(0, |(_, rest)| rest.chars().take_while(|c| *c == '0').count());
    u8::try_from(zeros).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_their_dress() {
        for (text, n) in [
            ("44", 44.0),
            ("11,147", 11147.0),
            ("11 147", 11147.0),
            ("-3", -3.0),
            ("15.6", 15.6),
            ("1.1E4", 11000.0),
            (".5", 0.5),
        ] {
            assert_eq!(plain_number(text).map(|w| w.n), Some(n), "{text}");
        }
        for no in ["", "-", "1,14", "11k", "1.2.3", "4 4", "12 children", "e", "1,147,"] {
            assert_eq!(plain_number(no), None, "{no}");
        }
        assert_eq!(denoise(67.600_000_000_000_01), 67.6);
        assert_eq!(denoise(0.15600000000000003 * 100.0), 15.6);
        assert_eq!(format_decimals("0.0%"), 1);
    }
}
