//! Numbers as agencies write them (domain D1 to D21): commas, units, footnotes, flags, approximations.

use super::super::words::{latin_letters, quote};
use super::affix::{approximation, footnote, is_lower_limit, own_unit, unbracket, unitless};
use super::marker::{Grade, Meaning};
use super::written::{Written, decimals, denoise, format_decimals, is_range, plain_number};
use super::{Ask, Tidied, date, forensic, marker, text};
use crate::figure::{Bare, Interval, Status, format_number, format_plain};
use crate::finding::Severity;
use crate::schema::model::{Kind, Measure};
use crate::workbook::{Entry, Value};

const TYPE_IT: &str = "Please type the number alone, or one of the letters c, z, x, k or u.";

/// Reads a cell that should hold a number.
pub(super) fn read(entry: &Entry, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    match &entry.value {
        Value::Number(n) => {
            let percent = entry.format.as_deref().is_some_and(super::is_percent);
            let points = matches!(ask.measure.kind, Kind::Percentage | Kind::Points);
            let n = if percent && points { denoise(n * 100.0) } else { denoise(*n) };
            let shown = entry.format.as_deref().map_or(0, format_decimals);
            let rounded = entry.format.as_deref().is_some_and(|f| matches!(f, "0" | "#,##0" | "#,##0_);(#,##0)"));
            if ask.measure.kind == Kind::Count && n.fract() != 0.0 && rounded {
                return shown_whole(n, typed, ask);
            }
            Tidied::number(n, decimals(n).max(shown), typed, ask)
        }
        Value::Text(raw) => from_text(raw, typed, ask),
        Value::Date(at) => {
            let day = at.date();
            let made_of: Vec<String> = date::unmade(day).into_iter().take(2).map(|label| quote(&label)).collect();
            let mut made_of = made_of;
            made_of.dedup();
            Tidied::unusable(
                typed,
                "TPL-05",
                format!(
                    "“{words}” holds {}, where a number is expected. Excel makes a date of what is typed as {}.",
                    forensic::holds(entry),
                    made_of.join(" or ")
                ),
                "Please set the cell to “Number” and type the number again.",
            )
        }
        Value::Truth(_) | Value::Error(_) | Value::Nothing => Tidied::unusable(
            typed,
            "TPL-05",
            format!("“{words}” holds {}, which is not a number.", forensic::holds(entry)),
            TYPE_IT,
        ),
    }
}

/// A count with decimals that its format hides: whoever looks at the sheet sees a whole number.
fn shown_whole(n: f64, typed: &str, ask: &Ask<'_>) -> Tidied {
    let mut cell = Tidied::number(n, decimals(n), typed, ask);
    cell.fault = Some("CEL-01");
    let of = if ask.measure.unit.is_empty() { String::new() } else { format!(" of {}", ask.measure.unit.trim()) };
    let message = format!(
        "“{}” shows {}, but the cell holds {typed}. A count{of} must be a whole number.",
        ask.words,
        format_number(n, 0)
    );
    cell.say("CEL-01", Severity::Error, message, "Please type the whole number.");
    cell
}

fn from_text(raw: &str, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let (normal, superscripts) = text::normal(raw);
    let said = quote(typed);
    if let Some(cell) = absent_in_words(&normal, typed, ask) {
        return cell;
    }
    let (body, flags, mut footnotes) = unbracket(&normal);
    footnotes.extend((!superscripts.is_empty()).then_some(superscripts));
    // “44 [p]” is what the guidance asks for.
    let odd_flag = flags.iter().any(|(_, as_asked)| !as_asked);
    let mut status: Vec<Status> = Vec::new();
    for (flag, _) in flags {
        if !status.contains(&flag) {
            status.push(flag);
        }
    }
    let body = footnote(&body, &mut footnotes);

    let (plain, approximate) = approximation(&body);
    let mut cell = match plain_number(plain) {
        Some(number) => as_written(number, typed, ask),
        None => match unitless(plain, ask.measure) {
            Some((number, tail, factor)) => {
                let n = denoise(number.n * factor);
                let cell = Tidied::number(n, decimals(n).max(number.decimals), typed, ask);
                let read = format_number(n, decimals(n));
                let rule = if tail == "%" { "TPL-04" } else { "CEL-12" };
                cell.noted(rule, format!("“{words}”: we read {said} as {read}."))
            }
            None => return unreadable(plain, typed, ask),
        },
    };
    if !approximate && cell.fault.is_none() && (!footnotes.is_empty() || odd_flag) {
        let read = match cell.bare {
            Bare::Number(n) => format_number(n, cell.decimals),
            _ => typed.to_owned(),
        };
        let kept = match (footnotes.is_empty(), odd_flag) {
            (true, _) => "kept the flag",
            (false, false) => "kept your footnote",
            (false, true) => "kept the flag and your footnote",
        };
        cell.remarks.retain(|r| r.rule != "TPL-04" && r.rule != "CEL-12");
        cell = cell.noted("CEL-12", format!("“{words}”: we read {said} as {read} and {kept}."));
    } else if !status.is_empty() {
        cell.remarks.retain(|r| r.rule != "TPL-04");
    }
    cell.status.extend(status);
    if !footnotes.is_empty() {
        cell.note = Some(footnotes.join(" "));
    }
    if approximate && cell.fault.is_none() {
        cell = inexact(cell, body.trim_end().ends_with('+'), ask, |cell| {
            cell.queried(
                "TPL-07",
                format!("“{words}” says {said}, which is not exact. We kept it as an estimate."),
                "Please type the exact number, or explain why there is none.",
            )
        });
    }
    cell
}

/// A number that is only near the true one: flagged so, and no rule judges it more sharply than its last digit allows.
fn inexact(mut cell: Tidied, at_least: bool, ask: &Ask<'_>, say: impl Fn(Tidied) -> Tidied) -> Tidied {
    cell.remarks.clear();
    if !cell.status.contains(&Status::Estimated) {
        cell.status.push(Status::Estimated);
    }
    if let Bare::Number(n) = cell.bare {
        let step = last_digit(n, cell.decimals);
        let low = if ask.measure.kind == Kind::Points { n - step } else { (n - step).max(n.min(0.0)) };
        cell.interval = if at_least { Interval::at_least(n) } else { Interval::new(low, n + step) };
    }
    say(cell)
}

/// What the last digit that is not zero counts: 100 for 9,800, 1 for 43, 0.1 for 15.6.
fn last_digit(n: f64, decimals: u8) -> f64 {
    if decimals > 0 || n == 0.0 {
        return 10_f64.powi(-i32::from(decimals));
    }
    let mut step = 1.0;
    while (n / (step * 10.0)).fract() == 0.0 {
        step *= 10.0;
    }
    step
}

/// A number that was typed as text.
fn as_written(number: Written, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    let whole = ask.measure.kind == Kind::Count && number.n.fract() == 0.0;
    if number.ambiguous && ask.measure.kind == Kind::Count {
        return thousands_or_decimals(number, typed, ask);
    }
    let cell = Tidied::number(number.n, if whole { 0 } else { number.decimals }, typed, ask);
    if let Some(step) = number.lost {
        let read = format_number(number.n, 0);
        let mut cell = inexact(cell, false, ask, |cell| {
            cell.queried(
                "TPL-07",
                format!(
                    "“{words}” says {said}. That is {read}, but its last digits are lost. We kept it as an estimate."
                ),
                "Please widen the column, set the cell to “Number” and type the whole number again.",
            )
        });
        cell.interval = Interval::new((number.n - step / 2.0).max(0.0), number.n + step / 2.0);
        return cell;
    }
    // As every program writes a number into a csv file.
    if ask.csv && (number.bare || number.commas) {
        return cell;
    }
    let read = format_number(number.n, cell.decimals);
    cell.noted("TPL-04", format!("“{words}”: we read {said} as the number {read}."))
}

/// “11.147” for a count: thousands as on the continent, if such a number can be; a count has no decimals.
fn thousands_or_decimals(number: Written, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    let n = denoise(number.n * 1000.0);
    let read = format_number(n, 0);
    match ask.measure.plausible {
        Some((low, high)) if !(low..=high).contains(&n) => {
            let mut cell = Tidied { typed: typed.to_owned(), ..Tidied::blank() };
            cell.fault = Some("TPL-07");
            cell.say(
                "TPL-07",
                asked(ask.measure),
                format!(
                    "“{words}” says {said}. As {read} it would be outside what we expect ({} to {}), and a count has no decimals.",
                    format_plain(low),
                    format_plain(high)
                ),
                "Please type the number without a point or a comma.",
            );
            cell
        }
        Some(_) => {
            let cell = Tidied::number(n, 0, typed, ask);
            cell.noted("TPL-04", format!("“{words}”: we read {said} as {read}."))
        }
        None => Tidied::number(n, 0, typed, ask).queried(
            "TPL-07",
            format!("“{words}” says {said}. We read it as {read}."),
            "Please type the number without dots or spaces.",
        ),
    }
}

/// How grave it is that a figure is not there: where it must stand, no explanation can take its place.
fn asked(measure: &Measure) -> Severity {
    if measure.required { Severity::Error } else { Severity::Query }
}

/// A text that holds no number but says why: a marker, `<5 children`, `nil`, a dash.
fn absent_in_words(normal: &str, typed: &str, ask: &Ask<'_>) -> Option<Tidied> {
    if let Some((meaning, grade)) = marker::read(normal) {
        return Some(absent(meaning, grade, typed, ask));
    }
    if let Some((number, _)) = own_unit(normal, ask.measure)
        && let Some((meaning @ Meaning::Absent(_, Some(_)), grade)) = marker::read(number)
    {
        return Some(absent(meaning, grade, typed, ask));
    }
    let latin = latin_letters(normal);
    let (meaning, grade) = marker::read(&latin).filter(|_| latin != normal)?;
    Some(absent(meaning, if grade == Grade::Silent { Grade::Note } else { grade }, typed, ask))
}

fn absent(meaning: Meaning, grade: Grade, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    match meaning {
        Meaning::Absent(marker, bound) => {
            let cell = Tidied::marker(marker, bound, typed, ask);
            let means = match bound {
                Some(_) => format!("{}: {}", marker.meaning(), cell.interval.in_words()),
                None => marker.meaning().to_owned(),
            };
            let read = format!("“{marker}” ({means})");
            match grade {
                Grade::Silent => cell,
                Grade::Note => cell.noted("TPL-04", format!("“{words}”: we read {said} as {read}.")),
                Grade::Query => cell.queried(
                    "TPL-07",
                    format!("“{words}” says {said}. We read it as {read}."),
                    &format!("Please type {marker} if that is what you mean, or the number."),
                ),
            }
        }
        Meaning::Zero => Tidied::number(0.0, 0, typed, ask).noted("TPL-04", format!("“{words}”: we read {said} as 0.")),
        Meaning::Dash => {
            let mut cell = Tidied { typed: typed.to_owned(), ..Tidied::blank() };
            cell.fault = Some("TPL-07");
            cell.say(
                "TPL-07",
                asked(ask.measure),
                format!("“{words}” says {said}. Is that zero, or is the figure missing?"),
                "Please type 0 if there were none, or x if the figure is not available.",
            );
            cell
        }
    }
}

fn unreadable(plain: &str, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    let not = |rule: &'static str, why: String, help: &str| {
        Tidied::unusable(typed, rule, format!("“{words}” says {said}{why}"), help)
    };
    let compact: String = plain.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let letters: String = compact.chars().filter(|c| c.is_alphabetic()).collect();
    let digits = compact.chars().filter(char::is_ascii_digit).count();
    let one_letter = letters.chars().count() == 1
        && digits > 0
        && digits + letters.len() == compact.len()
        && (compact.starts_with(&letters) || compact.ends_with(&letters));
    if let Some((letters, meant)) = forensic::letters_for_digits(plain) {
        let mut cell = not("COD-11", format!(", with {letters}."), &format!("Please type {meant}, if that is meant."));
        cell.remarks.iter_mut().for_each(|r| r.expected = Some(meant.clone()));
        return cell;
    }
    if one_letter && !(compact.ends_with('k') || compact.ends_with('m')) {
        return not(
            "COD-11",
            ". We cannot tell the number from the letter.".to_owned(),
            "Please type the number alone. A letter that says something about it, such as p for provisional, goes behind it in square brackets: 1200 [p].",
        );
    }
    let bare = own_unit(plain, ask.measure).map_or(plain, |(number, _)| number);
    if is_range(bare) {
        return not("TPL-05", ", which is a range. One number is needed.".to_owned(), TYPE_IT);
    }
    if is_lower_limit(bare) {
        return not("TPL-05", ", which is only a lower limit. One number is needed.".to_owned(), TYPE_IT);
    }
    let shortened = ["k", "m", "thousand", "thousands", "million", "millions"];
    if shortened.contains(&letters.as_str()) && compact.ends_with(&letters) && digits > 0 {
        return not(
            "TPL-05",
            ". We do not read thousands or millions from a letter or a word.".to_owned(),
            "Please type the whole number.",
        );
    }
    let unknown = ["unknown", "notknown", "missing", "blank", "pending", "seenote", "seenotes", "seebelow", "dontknow"];
    let short = (1..=4).contains(&letters.chars().count()) && compact.chars().count() <= 6;
    if digits == 0 && (short || unknown.contains(&letters.as_str())) {
        return not(
            "COD-06",
            ". We do not know what that means here.".to_owned(),
            "Please type c (confidential), z (not applicable), x (not available), k (rounds to zero) or the number.",
        );
    }
    let is_digit = |c: char| c.is_ascii_digit();
    let leading = plain.rfind(is_digit).and_then(|at| plain_number(&plain[..=at]));
    let tail = plain.trim_start_matches(|c: char| !c.is_alphabetic() && !matches!(c, '%' | '£'));
    let foreign = match plain.strip_prefix(['£', '$', '€']) {
        Some(rest) if plain_number(rest).is_some() => plain.get(..plain.len() - rest.len()),
        _ => Some(tail).filter(|t| leading.is_some() && !t.is_empty() && t.split(' ').count() <= 3),
    };
    if let Some(foreign) = foreign {
        let unit = match ask.measure.unit.trim() {
            "" => String::new(),
            per if per.starts_with("per ") => format!(" It is given {per}."),
            unit => format!(" It is counted in {unit}."),
        };
        return not("TPL-05", format!(", and “{}” is not its unit.{unit}", super::cut(foreign)), TYPE_IT);
    }
    not("TPL-05", ", which we cannot read as a number.".to_owned(), TYPE_IT)
}
