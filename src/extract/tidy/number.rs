//! Numbers as agencies write them (domain D1 to D21): commas, units, footnotes, flags, approximations.

use super::super::words::quote;
use super::marker::{Grade, Meaning};
use super::written::{Written, decimals, denoise, format_decimals, plain_number, range};
use super::{Ask, Tidied, marker, text, unit};
use crate::figure::{Bare, Interval, Status, format_number};
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
            Tidied::number(n, decimals(n).max(shown), typed, ask)
        }
        Value::Text(raw) => from_text(raw, typed, ask),
        Value::Date(_) => Tidied::unusable(
            typed,
            "TPL-05",
            format!("“{words}” holds a date, {typed}, where a number is expected. Excel may have made a date of it."),
            "Please set the cell to “Number” and type the number again.",
        ),
        Value::Truth(_) | Value::Error(_) | Value::Nothing => Tidied::unusable(
            typed,
            "TPL-05",
            format!("“{words}” says {}, which is not a number.", quote(typed)),
            TYPE_IT,
        ),
    }
}

fn from_text(raw: &str, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let (normal, superscripts) = text::normal(raw);
    let said = quote(typed);
    if let Some((meaning, grade)) = marker::read(&normal) {
        return absent(meaning, grade, typed, ask);
    }
    let (body, flags, mut footnotes) = unbracket(&normal);
    footnotes.extend((!superscripts.is_empty()).then_some(superscripts));
    let flagged = flags.iter().any(|(_, before)| *before);
    let status: Vec<Status> = flags.into_iter().map(|(flag, _)| flag).collect();
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
    if !approximate && cell.fault.is_none() && (!footnotes.is_empty() || flagged) {
        let read = match cell.bare {
            Bare::Number(n) => format_number(n, cell.decimals),
            _ => typed.to_owned(),
        };
        let kept = if footnotes.is_empty() { "kept the flag" } else { "kept your footnote" };
        cell.remarks.retain(|r| r.rule != "TPL-04" && r.rule != "CEL-12");
        cell = cell.noted("CEL-12", format!("“{words}”: we read {said} as {read} and {kept}."));
    } else if !status.is_empty() {
        // “44 [p]” is what the guidance asks for.
        cell.remarks.retain(|r| r.rule != "TPL-04");
    }
    cell.status = status;
    if !footnotes.is_empty() {
        cell.note = Some(footnotes.join(" "));
    }
    if approximate && cell.fault.is_none() {
        cell.remarks.clear();
        if !cell.status.contains(&Status::Estimated) {
            cell.status.push(Status::Estimated);
        }
        if body.trim_end().ends_with('+')
            && let Bare::Number(n) = cell.bare
        {
            cell.interval = Interval::at_least(n);
        }
        cell = cell.queried(
            "TPL-07",
            format!("“{words}” says {said}, which is not exact. We kept it as an estimate."),
            "Please type the exact number, or explain why there is none.",
        );
    }
    cell
}

/// A number that was typed as text.
fn as_written(number: Written, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    if number.ambiguous && ask.measure.kind == Kind::Count {
        // “11.147”: thousands as on the continent, or a count with decimals?
        let grouped = number.n * 1000.0;
        let fits = ask.measure.plausible.is_none_or(|(low, high)| (low..=high).contains(&denoise(grouped)));
        let n = denoise(grouped);
        let cell = Tidied::number(n, 0, typed, ask);
        let read = format_number(n, 0);
        return if fits && ask.measure.plausible.is_some() {
            cell.noted("TPL-04", format!("“{words}”: we read {said} as {read}."))
        } else {
            cell.queried(
                "TPL-07",
                format!("“{words}” says {said}. We read it as {read}."),
                "Please type the number without dots or spaces.",
            )
        };
    }
    let cell = Tidied::number(number.n, number.decimals, typed, ask);
    if ask.csv && number.bare {
        return cell;
    }
    let read = format_number(number.n, number.decimals);
    let how = if number.bare { " It was typed as text." } else { "" };
    cell.noted("TPL-04", format!("“{words}”: we read {said} as the number {read}.{how}"))
}

fn absent(meaning: Meaning, grade: Grade, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let said = quote(typed);
    match meaning {
        Meaning::Absent(marker, bound) => {
            let cell = Tidied::marker(marker, bound, typed, ask);
            let read = format!("“{marker}” ({})", marker.meaning());
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
            // Where a figure must stand, no explanation can take its place.
            let severity = if ask.measure.required { Severity::Error } else { Severity::Query };
            cell.say(
                "TPL-07",
                severity,
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
    let compact: String = plain.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let letters: String = compact.chars().filter(|c| c.is_alphabetic()).collect();
    let digits = compact.chars().filter(char::is_ascii_digit).count();
    let one_letter = letters.chars().count() == 1
        && digits > 0
        && digits + letters.len() == compact.len()
        && (compact.starts_with(&letters) || compact.ends_with(&letters));
    if one_letter && !(compact.ends_with('k') || compact.ends_with('m')) {
        return Tidied::unusable(
            typed,
            "COD-11",
            format!("“{words}” says {said}. We cannot tell the number from the letter."),
            "Please type the number alone. A letter that says something about it, such as p for provisional, goes behind it in square brackets: 1200 [p].",
        );
    }
    if range(&compact).is_some() {
        return Tidied::unusable(
            typed,
            "TPL-05",
            format!("“{words}” says {said}, which is a range. One number is needed."),
            TYPE_IT,
        );
    }
    if one_letter {
        return Tidied::unusable(
            typed,
            "TPL-05",
            format!("“{words}” says {said}. We do not read thousands or millions from a letter."),
            "Please type the whole number.",
        );
    }
    if digits == 0 && (1..=4).contains(&letters.chars().count()) && compact.chars().count() <= 6 {
        return Tidied::unusable(
            typed,
            "COD-06",
            format!("“{words}” says {said}. We do not know what that means here."),
            "Please type c (confidential), z (not applicable), x (not available), k (rounds to zero) or the number.",
        );
    }
    let tail: String = plain.chars().skip_while(|c| !c.is_alphabetic() && !matches!(c, '%' | '£')).collect();
    let leading = plain_number(plain[..plain.len() - tail.len()].trim());
    if leading.is_some() && !tail.is_empty() && tail.split(' ').count() <= 3 {
        let unit = if ask.measure.unit.is_empty() {
            String::new()
        } else {
            format!(" It is counted in {}.", ask.measure.unit.trim())
        };
        return Tidied::unusable(
            typed,
            "TPL-05",
            format!("“{words}” says {said}, and “{}” is not its unit.{unit}", super::cut(&tail)),
            TYPE_IT,
        );
    }
    Tidied::unusable(typed, "TPL-05", format!("“{words}” says {said}, which we cannot read as a number."), TYPE_IT)
}

/// The unit taken off a number, if it is the measure's own: the number, the unit, the factor (`£1.6m`).
fn unitless<'a>(text: &'a str, measure: &Measure) -> Option<(Written, &'a str, f64)> {
    if let Some(rest) = text.strip_prefix('£') {
        if measure.kind != Kind::Money {
            return None;
        }
        let lower = rest.trim();
        let (digits, factor) = match lower.strip_suffix(['m', 'M']) {
            Some(digits) => (digits, 1e6),
            None => lower.strip_suffix(['k', 'K']).map_or((lower, 1.0), |digits| (digits, 1e3)),
        };
        return plain_number(digits).map(|n| (n, "£", factor));
    }
    let split = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (mut number, mut tail) = text.split_at(split);
    // “52.1 per 10,000”: the unit itself ends in digits.
    if let Some(at) = text.find(" per ") {
        (number, tail) = text.split_at(at);
    }
    let tail = tail.trim();
    (!tail.is_empty() && unit::is_own(tail, measure)).then_some(())?;
    Some((plain_number(number)?, tail, 1.0))
}

/// Flags and footnotes in square brackets, taken off: the rest, the flags (and whether before the number), the footnotes.
fn unbracket(text: &str) -> (String, Vec<(Status, bool)>, Vec<String>) {
    let (mut rest, mut flags, mut footnotes) = (String::new(), Vec::new(), Vec::new());
    let mut from = text;
    while let Some(open) = from.find('[') {
        let Some(close) = from[open..].find(']').map(|at| at + open) else { break };
        rest.push_str(&from[..open]);
        let inner = &from[open + 1..close];
        match marker::letters(inner) {
            Ok(found) if !found.is_empty() => {
                let before = rest.trim().is_empty();
                flags.extend(found.into_iter().map(|flag| (flag, before)));
            }
            Ok(_) | Err(_) => footnotes.push(format!("[{inner}]")),
        }
        from = &from[close + 1..];
    }
    rest.push_str(from);
    (rest.trim().to_owned(), flags, footnotes)
}

/// A footnote mark at the end, taken off: `123*`, `44 (1)`, `44†`.
fn footnote(text: &str, notes: &mut Vec<String>) -> String {
    let mut rest = text.trim();
    if let Some(inner) = rest.strip_suffix(')')
        && let Some(open) = inner.rfind('(')
        && open > 0
    {
        let mark = inner[open + 1..].trim();
        let named = mark.to_lowercase();
        let named = named.strip_prefix("note").unwrap_or(&named).trim();
        if named.len() <= 2 && !named.is_empty() && named.chars().all(|c| c.is_ascii_alphanumeric()) {
            notes.push(rest[open..].to_owned());
            rest = rest[..open].trim_end();
        }
    }
    let bare = rest.trim_end_matches(['*', '†', '‡', '§', '#']);
    if bare.len() < rest.len() && !bare.trim().is_empty() {
        notes.push(rest[bare.len()..].to_owned());
        rest = bare.trim_end();
    }
    rest.to_owned()
}

/// Words that say a number is not exact, taken off.
fn approximation(text: &str) -> (&str, bool) {
    let starts = [
        "approximately",
        "approx.",
        "approx",
        "circa",
        "about",
        "around",
        "roughly",
        "estimated",
        "est.",
        "est",
        "ca.",
        "c.",
        "c ",
        "~",
    ];
    for word in starts {
        let head = text.get(..word.len());
        if head.is_some_and(|h| h.eq_ignore_ascii_case(word)) {
            let rest = text[word.len()..].trim_start();
            if rest.starts_with(|c: char| c.is_ascii_digit()) {
                return (rest, true);
            }
        }
    }
    for word in ["+", "ish", "approximately", "approx.", "approx", "(approx)", "(est)", "(est.)", "or so"] {
        let cut = text.len().saturating_sub(word.len());
        if text.get(cut..).is_some_and(|t| t.eq_ignore_ascii_case(word)) {
            let rest = text[..cut].trim_end();
            if rest.ends_with(|c: char| c.is_ascii_digit()) {
                return (rest, true);
            }
        }
    }
    (text, false)
}
