//! The headline measures of the year: the few figures that the report opens with, with what each is set beside on the
//! board. Which they are, their comparators and stated ranges are rows of `headlines.json`; the comparators' values are
//! reference data with source, vintage and licence.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Schemas;
use super::register::text;
use super::source::{SchemaError, Source, join};

/// A figure that the report of the year opens with.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// The section it stands in, by key.
    pub section: String,
    /// Its key in that section.
    pub measure: String,
    /// The kind of agency whose figure it is.
    pub kind: String,
    /// Why it is a headline.
    pub why: String,
    /// What it is set beside.
    pub comparators: Vec<Comparator>,
    /// The range in which it is expected, where one is stated; else it follows from last year's figure.
    pub expected: Option<Stated>,
    /// The count in the same section whose yearly change it may follow, for a rate, of which the rule asks nothing.
    pub moves_with: Option<String>,
}

/// What a headline is set beside: one figure or a range of them, by their names in the reference data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparator {
    /// Whose figure it is: `London`.
    pub name: String,
    /// The figure, or the least.
    pub low: String,
    /// The same, or the greatest.
    pub high: String,
}

/// A range that somebody stated.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// The least.
    pub from: f64,
    /// The greatest.
    pub to: f64,
    /// Who stated it.
    pub source: String,
}

/// A reference figure with what has to be said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The figure.
    pub value: f64,
    /// Which edition.
    pub vintage: String,
    /// Where it was published.
    pub source: String,
    /// Its licence.
    pub licence: String,
}

/// The headlines of a file, with what is wrong with the rows themselves.
pub(super) fn read(source: &Source, errors: &mut Vec<SchemaError>) -> Vec<Headline> {
    let mut headlines = Vec::new();
    for (index, row) in source.json["headlines"].as_array().into_iter().flatten().enumerate() {
        let here = format!("/headlines/{index}");
        only(source, &here, row, &["measure", "of", "why", "comparators", "expected", "moves_with"], errors);
        for key in ["measure", "of", "why"] {
            if text(row, key).is_empty() {
                errors.push(source.wrong(&here, format!("a headline needs its `{key}`")));
            }
        }
        let named = text(row, "measure");
        let (section, measure) = named.split_once('.').unwrap_or((&named, ""));
        let comparators = row["comparators"].as_array().into_iter().flatten().enumerate();
        headlines.push(Headline {
            section: section.to_owned(),
            measure: measure.to_owned(),
            kind: text(row, "of"),
            why: text(row, "why"),
            comparators: comparators
                .map(|(nth, given)| comparator(source, &format!("{here}/comparators/{nth}"), given, errors))
                .collect(),
            expected: row.get("expected").and_then(|given| stated(source, &join(&here, "expected"), given, errors)),
            moves_with: Some(text(row, "moves_with")).filter(|name| !name.is_empty()),
        });
    }
    headlines
}

fn comparator(source: &Source, here: &str, given: &Value, errors: &mut Vec<SchemaError>) -> Comparator {
    only(source, here, given, &["name", "figure", "from", "to"], errors);
    let (one, from, to) = (text(given, "figure"), text(given, "from"), text(given, "to"));
    let (low, high) = if one.is_empty() { (from, to) } else { (one.clone(), one) };
    if text(given, "name").is_empty() || low.is_empty() || high.is_empty() {
        let message = "a comparator needs a `name`, and the reference `figure` that it is, or two: `from` and `to`";
        errors.push(source.wrong(here, message));
    }
    Comparator { name: text(given, "name"), low, high }
}

fn stated(source: &Source, here: &str, given: &Value, errors: &mut Vec<SchemaError>) -> Option<Stated> {
    only(source, here, given, &["from", "to", "source"], errors);
    if text(given, "source").is_empty() {
        errors.push(source.wrong(here, "an expected range has to say its `source`"));
    }
    match (given["from"].as_f64(), given["to"].as_f64()) {
        (Some(from), Some(to)) if from <= to => Some(Stated { from, to, source: text(given, "source") }),
        _ => {
            errors.push(source.wrong(here, "an expected range goes from a number to one that is no less"));
            None
        }
    }
}

fn only(source: &Source, here: &str, row: &Value, keys: &[&str], errors: &mut Vec<SchemaError>) {
    for (key, _) in row.as_object().into_iter().flatten().filter(|(key, _)| !keys.contains(&key.as_str())) {
        let message = format!("`{key}` is not known here");
        errors.push(source.wrong(&join(here, key), message).with_help(nearest(key, keys.iter().copied())));
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = known.min_by_key(|other| strsim::levenshtein(other, name))?;
    Some(format!("the nearest there is: `{near}`"))
}

/// Headlines that name what is nowhere in the pack, and comparators of which nobody says where they come from.
pub(super) fn lint(schemas: &Schemas, source: &Source, errors: &mut Vec<SchemaError>) {
    for (index, headline) in schemas.headlines.iter().enumerate() {
        let here = format!("/headlines/{index}");
        if !schemas.agencies.kinds.iter().any(|kind| kind.key == headline.kind) {
            let message = format!("there is no kind of agency `{}`", headline.kind);
            errors.push(source.wrong(&join(&here, "of"), message));
            continue;
        }
        let measures = measures(schemas, headline);
        for (key, name) in [("measure", Some(&headline.measure)), ("moves_with", headline.moves_with.as_ref())] {
            let Some(name) = name.filter(|name| !measures.contains(*name)) else { continue };
            let message =
                format!("`{name}` is no figure that `{}` returns under `{}`", headline.kind, headline.section);
            let help = nearest(name, measures.iter().map(String::as_str));
            errors.push(source.wrong(&join(&here, key), message).with_help(help));
        }
        for (nth, comparator) in headline.comparators.iter().enumerate() {
            for name in BTreeSet::from([&comparator.low, &comparator.high]).into_iter().filter(|name| !name.is_empty())
            {
                let place = format!("{here}/comparators/{nth}");
                let Some(found) = schemas.latest(name, "9999-00").map(|(_, found)| found) else {
                    let help = nearest(name, schemas.references().map(String::as_str));
                    let message = format!("there is no reference figure `{name}`");
                    errors.push(source.wrong(&place, message).with_help(help));
                    continue;
                };
                for (what, said) in
                    [("source", &found.source), ("vintage", &found.vintage), ("licence", &found.licence)]
                {
                    if said.trim().is_empty() {
                        let message = format!("the reference figure `{name}` does not say its {what}");
                        errors.push(source.wrong(&place, message));
                    }
                }
            }
        }
    }
}

/// The keys of the figures that a kind of agency returns in the headline's section, in any year.
fn measures(schemas: &Schemas, headline: &Headline) -> BTreeSet<String> {
    let forms = schemas.forms().filter(|form| form.kind == headline.kind);
    let sections = forms.filter_map(|form| form.section(&headline.section));
    let items = sections.flat_map(|section| &section.items);
    items
        .filter_map(|item| match item {
            super::model::Item::Measure(measure) if measure.kind.is_number() => Some(measure.key()),
            super::model::Item::Measure(_) | super::model::Item::Table(_) | super::model::Item::List(_) => None,
        })
        .collect()
}
