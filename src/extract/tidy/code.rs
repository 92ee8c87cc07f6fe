//! Codes of a list: the list is asked first, then the markers (domain C.10).

use super::super::words::{fold, has_lookalikes, nearest, quote, same_letters};
use super::marker::{Grade, Meaning};
use super::{Ask, Tidied, date, marker, text};
use crate::figure::Bare;
use crate::finding::Severity;
use crate::schema::model::{Code, CodeList};
use crate::workbook::{Entry, Value};

/// How a code was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Named {
    /// By its code or its label.
    Exact,
    /// By other words.
    Alias,
}

/// The code that some words name, current ones only.
pub(in super::super) fn find<'a>(list: &'a CodeList, words: &str) -> Option<(&'a Code, Named)> {
    if let Some(code) = list.codes.iter().find(|c| c.code == words) {
        return Some((code, Named::Exact));
    }
    let folded = fold(words);
    if folded.is_empty() {
        return None;
    }
    let by = |f: &dyn Fn(&Code) -> bool| list.codes.iter().find(|c| f(c));
    by(&|c| fold(&c.code) == folded)
        .or_else(|| by(&|c| fold(&c.label) == folded))
        .or_else(|| {
            // Code and label together, where they are not the same word: that one twice is a slip, not a name.
            by(&|c| {
                let both = [format!("{} {}", c.code, c.label), format!("{} {}", c.label, c.code)];
                fold(&c.code) != fold(&c.label) && both.iter().any(|words| fold(words) == folded)
            })
        })
        .or_else(|| by(&|c| same_letters(&folded, &fold(&c.code)) || same_letters(&folded, &fold(&c.label))))
        .map(|c| (c, Named::Exact))
        .or_else(|| by(&|c| c.aliases.iter().any(|a| fold(a) == folded)).map(|c| (c, Named::Alias)))
}

/// The code of another year that some words name.
pub(in super::super) fn find_retired<'a>(list: &'a CodeList, words: &str) -> Option<&'a Code> {
    let folded = fold(words);
    let named = |c: &&Code| [&c.code, &c.label].into_iter().chain(&c.aliases).any(|w| fold(w) == folded);
    list.retired.iter().find(named)
}

/// The codes that took the place of one of another year, in words.
pub(in super::super) fn replacements(list: &CodeList, old: &Code) -> Vec<String> {
    let named = |code: &String| list.codes.iter().find(|c| c.code == *code).map_or_else(|| code.clone(), say);
    old.replaced_by.iter().map(named).collect()
}

/// The nearest code to words that name none.
pub(in super::super) fn suggestion(list: &CodeList, words: &str) -> Option<usize> {
    let all = list.codes.iter().enumerate();
    let named = all.flat_map(|(i, c)| {
        std::iter::once((c.label.as_str(), i))
            .chain((c.code.len() > 2).then_some((c.code.as_str(), i)))
            .chain(c.aliases.iter().map(move |a| (a.as_str(), i)))
    });
    nearest(words, named)
}

/// One code in words: `Neglect (NEG)`.
pub(in super::super) fn say(code: &Code) -> String {
    if fold(&code.code) == fold(&code.label) { code.label.clone() } else { format!("{} ({})", code.label, code.code) }
}

/// The text of a cell that should hold a code.
fn written(entry: &Entry, typed: &str) -> String {
    match &entry.value {
        Value::Number(n) => format!("{n}"),
        Value::Text(raw) => text::clean(raw),
        Value::Date(_) | Value::Truth(_) | Value::Error(_) | Value::Nothing => typed.to_owned(),
    }
}

/// Reads a cell that should hold one code.
pub(super) fn read(entry: &Entry, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let written = written(entry, typed);
    let Some(list) = &ask.measure.codes else { return Tidied::of(Bare::Text(written), typed) };
    if let Value::Date(at) = &entry.value {
        for label in date::unmade(at.date()) {
            if let Some((code, _)) = find(list, &label) {
                return Tidied::of(Bare::Text(code.code.clone()), typed)
                    .noted("TPL-04", format!("“{words}”: Excel had made a date of {}; we read it so.", quote(&label)));
            }
        }
    }
    if is_yes_or_no(list) && written.eq_ignore_ascii_case("x") {
        return tick_or_marker(typed, ask);
    }
    if let Some(code) = ticked(entry, &written, list) {
        return Tidied::of(Bare::Text(code.code.clone()), typed);
    }
    match one(list, &written, typed, words) {
        Some(cell) => cell,
        None => absent(&written, typed, ask).unwrap_or_else(|| unknown(list, &written, typed, words)),
    }
}

/// Reads a cell that may hold several codes, separated by commas, semicolons, slashes or line breaks.
pub(super) fn read_several(entry: &Entry, typed: &str, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    let written = written(entry, typed);
    let mut cell = Tidied::of(Bare::Blank, typed);
    let mut codes: Vec<String> = Vec::new();
    let Some(list) = &ask.measure.codes else {
        let parts = written.split(['\n', ';', ',']).map(|p| p.trim().to_owned()).filter(|p| !p.is_empty());
        return Tidied::of(Bare::Codes(parts.collect()), typed);
    };
    if find(list, &written).is_none()
        && let Some(cell) = absent(&written, typed, ask)
    {
        return cell;
    }
    let mut exclusive: Option<&Code> = None;
    for part in split(list, &written, &['\n', ';', ',', '/']) {
        let Some(found) = one(list, &part, &part, words) else {
            let unknown = unknown(list, &part, typed, words);
            cell.fault = cell.fault.or(unknown.fault);
            cell.remarks.extend(unknown.remarks);
            continue;
        };
        cell.remarks.extend(found.remarks);
        cell.fault = cell.fault.or(found.fault);
        let Bare::Text(code) = found.bare else { continue };
        if codes.contains(&code) {
            cell = cell.noted("COD-04", format!("“{words}”: {} was listed twice; we kept it once.", quote(&code)));
            continue;
        }
        exclusive = exclusive.or(list.codes.iter().find(|c| c.code == code && c.exclusive));
        codes.push(code);
    }
    if let Some(alone) = exclusive.filter(|_| codes.len() > 1) {
        cell.fault = Some("COD-03");
        let message =
            format!("“{words}” says {}: {} cannot be given together with others.", quote(typed), quote(&alone.label));
        cell.say("COD-03", Severity::Error, message, "Please keep that one alone, or the others.");
    }
    if !codes.is_empty() {
        cell.bare = Bare::Codes(codes);
    } else if cell.fault.is_some() {
        cell.bare = Bare::Text(written);
    }
    cell
}

/// A label may itself hold a comma or a slash: what names a code as a whole is not split.
fn split(list: &CodeList, text: &str, separators: &[char]) -> Vec<String> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let Some((first, rest)) = separators.split_first() else { return vec![text.to_owned()] };
    if find(list, text).is_some() || find_retired(list, text).is_some() {
        return vec![text.to_owned()];
    }
    text.split(*first).flat_map(|part| split(list, part, rest)).collect()
}

fn one(list: &CodeList, written: &str, typed: &str, words: &str) -> Option<Tidied> {
    if let Some((code, named)) = find(list, written) {
        let cell = Tidied::of(Bare::Text(code.code.clone()), typed);
        let said = format!("“{words}”: we read {} as {}.", quote(written), say(code));
        return Some(match named {
            Named::Alias => cell.noted("COD-02", said),
            Named::Exact if has_lookalikes(written) => {
                cell.noted("TPL-04", format!("{said} It held letters of another alphabet."))
            }
            Named::Exact => cell,
        });
    }
    let old = find_retired(list, written)?;
    let instead = replacements(list, old);
    let help = if instead.is_empty() {
        "Please choose a code of this year’s list.".to_owned()
    } else {
        format!("Please choose {}.", instead.join(" or "))
    };
    let mut cell = Tidied::of(Bare::Text(old.code.clone()), typed);
    cell.fault = Some("COD-05");
    Some(cell.queried("COD-05", format!("“{words}” says {}, which is not used this year.", quote(written)), &help))
}

/// `X` beside a box: ticked, or not available? Where an answer must stand, no explanation can take its place.
fn tick_or_marker(typed: &str, ask: &Ask<'_>) -> Tidied {
    let mut cell = Tidied { typed: typed.to_owned(), ..Tidied::blank() };
    cell.fault = Some("TPL-07");
    let severity = if ask.measure.required { Severity::Error } else { Severity::Query };
    let message = format!("“{}” says {}. Is that a tick, or “not available”?", ask.words, quote(typed));
    let help =
        if ask.measure.required { "Please type y or n." } else { "Please type y or n, or [x] if it is not available." };
    cell.say("TPL-07", severity, message, help);
    cell
}

fn is_yes_or_no(list: &CodeList) -> bool {
    let has = |ways: [&str; 2]| list.codes.iter().any(|c| ways.contains(&fold(&c.code).as_str()));
    has(["y", "yes"]) && has(["n", "no"])
}

/// Yes and no as people tick them (D66): `TRUE`, `✓`, `1`.
fn ticked<'a>(entry: &Entry, written: &str, list: &'a CodeList) -> Option<&'a Code> {
    let yes = list.codes.iter().find(|c| matches!(fold(&c.code).as_str(), "y" | "yes"))?;
    let no = list.codes.iter().find(|c| matches!(fold(&c.code).as_str(), "n" | "no"))?;
    let truth = match &entry.value {
        Value::Truth(truth) => Some(*truth),
        Value::Number(_) | Value::Text(_) | Value::Date(_) | Value::Error(_) | Value::Nothing => {
            match written.to_lowercase().as_str() {
                "y" | "yes" | "true" | "✓" | "✔" | "☑" | "1" | "t" => Some(true),
                "n" | "no" | "false" | "✗" | "✘" | "☐" | "0" | "f" => Some(false),
                _ => None,
            }
        }
    };
    truth.map(|t| if t { yes } else { no })
}

fn absent(written: &str, typed: &str, ask: &Ask<'_>) -> Option<Tidied> {
    let words = ask.words;
    let (meaning, grade) = marker::read(written)?;
    match (meaning, grade) {
        (Meaning::Absent(marker, None), Grade::Silent) => Some(Tidied::marker(marker, None, typed, ask)),
        (Meaning::Absent(marker, None), Grade::Note) => Some(
            Tidied::marker(marker, None, typed, ask)
                .noted("TPL-04", format!("“{words}”: we read {} as “{marker}” ({}).", quote(typed), marker.meaning())),
        ),
        (Meaning::Absent(marker, None), Grade::Query) => Some(Tidied::marker(marker, None, typed, ask).queried(
            "TPL-07",
            format!("“{words}” says {}. We read it as “{marker}” ({}).", quote(typed), marker.meaning()),
            &format!("Please type {marker} if that is what you mean, or the code."),
        )),
        (Meaning::Dash, _) => {
            let mut cell = Tidied { typed: typed.to_owned(), ..Tidied::blank() };
            cell.fault = Some("TPL-07");
            Some(cell.queried(
                "TPL-07",
                format!("“{words}” says {}. We cannot tell what is meant.", quote(typed)),
                "Please type a code of the list, or x if it is not available.",
            ))
        }
        (Meaning::Absent(_, Some(_)) | Meaning::Zero, _) => None,
    }
}

fn unknown(list: &CodeList, written: &str, typed: &str, words: &str) -> Tidied {
    let near = suggestion(list, written).and_then(|i| list.codes.get(i)).map(say);
    let help = match &near {
        Some(near) => format!("Did you mean {near}? Please choose from the list."),
        None => {
            let first: Vec<String> = list.codes.iter().map(say).collect();
            format!("Please choose one of these: {}.", super::super::words::several(&first, 8))
        }
    };
    let mut cell = Tidied::unusable(
        typed,
        "COD-01",
        format!("“{words}” says {}, which is not on our list.", quote(written)),
        &help,
    );
    if let Some(remark) = cell.remarks.first_mut() {
        remark.expected = near;
    }
    cell
}
