//! The registers of a pack: agencies, code lists, parameters, reference data and the catalogue of rules.
//! Sections and their rules are left to `section` and `rule`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::Value;

use super::model::{Code, CodeList, Entry};
use super::source::{SchemaError, Source, join};
use super::{Agencies, AgencyKind, Allowed, Body, People, Year};
use crate::finding::Severity;

/// A code list with the years in which each code is valid.
#[derive(Debug)]
pub(crate) struct Codes {
    key: String,
    title: String,
    months: bool,
    codes: Vec<(Code, Span)>,
}

/// From and until which year something counts, both included, and for which kinds of agency.
#[derive(Debug, Clone, Default)]
pub(crate) struct Span {
    since: Option<String>,
    until: Option<String>,
    kinds: Option<Vec<String>>,
}

impl Span {
    pub(crate) fn of(value: &Value) -> Self {
        let text = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Self { since: text("x-since"), until: text("x-until"), kinds: value.get("x-for").map(texts) }
    }

    /// The years in which all of these count, for whatever kind of agency.
    pub(crate) fn years(all: &[&Value]) -> Self {
        let each = || all.iter().map(|value| Self::of(value));
        Self {
            since: each().filter_map(|span| span.since).max(),
            until: each().filter_map(|span| span.until).min(),
            kinds: None,
        }
    }

    pub(crate) fn covers(&self, kind: &str, year: &str) -> bool {
        self.since.as_deref().is_none_or(|since| since <= year)
            && self.until.as_deref().is_none_or(|until| year <= until)
            && self.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == kind))
    }
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn truth(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

impl Codes {
    pub(crate) fn read(key: &str, source: &Source, errors: &mut Vec<SchemaError>) -> Self {
        let mut codes = Vec::new();
        for (index, entry) in source.json["codes"].as_array().into_iter().flatten().enumerate() {
            let code = Code {
                code: text(entry, "code"),
                label: text(entry, "label"),
                aliases: entry.get("aliases").map(texts).unwrap_or_default(),
                exclusive: truth(entry, "exclusive"),
                unknown: truth(entry, "unknown"),
                replaced_by: entry.get("replaced_by").map(texts).unwrap_or_default(),
            };
            if code.code.is_empty() || code.label.is_empty() {
                errors.push(source.wrong(&format!("/codes/{index}"), "a code needs a `code` and a `label`"));
            }
            codes.push((code, Span::of(entry)));
        }
        for (index, (code, _)) in codes.iter().enumerate() {
            if codes[..index].iter().any(|(other, _)| other.code == code.code) {
                errors.push(source.wrong(&format!("/codes/{index}/code"), format!("`{}` is listed twice", code.code)));
            }
            for successor in &code.replaced_by {
                if !codes.iter().any(|(other, _)| other.code == *successor) {
                    let message = format!("`{successor}`, which is to replace `{}`, is not on the list", code.code);
                    errors.push(source.wrong(&format!("/codes/{index}/replaced_by"), message));
                }
            }
        }
        if codes.is_empty() {
            errors.push(source.wrong("/codes", "a code list needs at least one code"));
        }
        Self { key: key.to_owned(), title: text(&source.json, "title"), months: truth(&source.json, "x-months"), codes }
    }

    /// A list that the compiler makes itself: the bodies, the sections.
    pub(crate) fn made(key: &str, title: &str, codes: impl IntoIterator<Item = (String, String, Vec<String>)>) -> Self {
        let codes = codes.into_iter().map(|(code, label, aliases)| {
            let code = Code { code, label, aliases, exclusive: false, unknown: false, replaced_by: Vec::new() };
            (code, Span::default())
        });
        Self::spanned(key, title, codes.collect())
    }

    /// The same, where not each code is for every year.
    pub(crate) fn spanned(key: &str, title: &str, codes: Vec<(Code, Span)>) -> Self {
        Self { key: key.to_owned(), title: title.to_owned(), months: false, codes }
    }

    /// The list as valid for a kind of agency in a year.
    pub(crate) fn valid(&self, kind: &str, year: &str) -> CodeList {
        let (now, retired): (Vec<_>, Vec<_>) = self.codes.iter().partition(|(_, span)| span.covers(kind, year));
        let codes = |list: Vec<&(Code, Span)>| list.into_iter().map(|(code, _)| code.clone()).collect();
        CodeList {
            key: self.key.clone(),
            title: self.title.clone(),
            codes: codes(now),
            retired: codes(retired),
            months: self.months,
        }
    }
}

fn date(source: &Source, pointer: &str, errors: &mut Vec<SchemaError>) -> NaiveDate {
    let found = source.json.pointer(pointer).and_then(Value::as_str).and_then(|d| d.parse().ok());
    found.unwrap_or_else(|| {
        errors.push(source.wrong(pointer, "a date such as 2022-05-31 is needed here"));
        NaiveDate::default()
    })
}

impl Agencies {
    pub(crate) fn read(source: &Source, sections: &[String], errors: &mut Vec<SchemaError>) -> Self {
        let mut agencies = Self::default();
        for (key, kind) in source.json["kinds"].as_object().into_iter().flatten() {
            let here = join("/kinds", key);
            let mut owed = BTreeMap::new();
            for (section, mark) in kind["sections"].as_object().into_iter().flatten() {
                let place = join(&join(&here, "sections"), section);
                if !sections.contains(section) {
                    errors.push(source.wrong(&place, format!("there is no section `{section}` in this pack")));
                }
                match mark.as_str() {
                    Some("required") => owed.insert(section.clone(), true),
                    Some("optional") => owed.insert(section.clone(), false),
                    _ => {
                        errors.push(source.wrong(&place, "a section is `required` or `optional`"));
                        None
                    }
                };
            }
            agencies.kinds.push(AgencyKind {
                key: key.clone(),
                title: text(kind, "title"),
                sections: owed,
                statutory: truth(kind, "statutory"),
            });
        }
        for (key, body) in source.json["bodies"].as_object().into_iter().flatten() {
            let kind = text(body, "kind");
            if !agencies.kinds.iter().any(|k| k.key == kind) {
                let place = join(&join("/bodies", key), "kind");
                errors.push(source.wrong(&place, format!("there is no kind of agency `{kind}`")));
            }
            let aliases = body.get("aliases").map(texts).unwrap_or_default();
            agencies.bodies.push(Body { key: key.clone(), title: text(body, "title"), kind, aliases });
        }
        for (name, year) in source.json["years"].as_object().into_iter().flatten() {
            let here = join("/years", name);
            if !is_year(name) {
                errors.push(source.wrong(&here, format!("`{name}` is not a reporting year such as 2021-22")));
            }
            agencies.years.insert(
                name.clone(),
                Year {
                    name: name.clone(),
                    open: truth(year, "open"),
                    template: text(year, "template"),
                    deadline: date(source, &join(&here, "deadline"), errors),
                    query_deadline: date(source, &join(&here, "query_deadline"), errors),
                    draft_frozen: year.get("draft_frozen").map(|_| date(source, &join(&here, "draft_frozen"), errors)),
                },
            );
        }
        agencies
    }
}

/// Whether a text is a reporting year: `2021-22`, the second part one more than the first.
#[must_use]
pub fn is_year(text: &str) -> bool {
    let Some((first, second)) = text.split_once('-') else { return false };
    match (first.parse::<u32>(), second.parse::<u32>()) {
        (Ok(first), Ok(next)) => first >= 2000 && second.len() == 2 && (first + 1) % 100 == next,
        _ => false,
    }
}

/// The year before a reporting year: `2020-21` before `2021-22`.
#[must_use]
pub fn year_before(year: &str) -> Option<String> {
    let first: u32 = year.split_once('-')?.0.parse().ok()?;
    Some(format!("{}-{:02}", first.checked_sub(1)?, first % 100))
}

pub(crate) fn catalogue(source: &Source, errors: &mut Vec<SchemaError>) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    for (id, entry) in source.json.as_object().into_iter().flatten() {
        if id.starts_with('$') {
            continue;
        }
        let place = join("", id);
        let severity = severity(entry.get("severity")).unwrap_or_else(|| {
            errors.push(source.wrong(&join(&place, "severity"), "a severity is `error`, `query` or `note`"));
            Severity::Error
        });
        for key in ["title", "help", "why", "source"] {
            if text(entry, key).is_empty() {
                errors.push(source.wrong(&place, format!("rule {id} has no `{key}`")));
            }
        }
        let needs = entry.get("needs").map(texts).unwrap_or_default();
        let not_run = entry.get("not_run").and_then(Value::as_str).map(str::to_owned);
        entries.insert(
            id.clone(),
            Entry {
                id: id.as_str().into(),
                title: text(entry, "title"),
                severity,
                message: text(entry, "message"),
                help: text(entry, "help"),
                why: text(entry, "why"),
                source: text(entry, "source"),
                by: text(entry, "by"),
                other_area: entry.get("other_area").map(|area| (text(area, "message"), text(area, "help"))),
                not_run: not_run.or_else(|| {
                    (!needs.is_empty()).then(|| "speak about sections that are not in the pack yet".to_owned())
                }),
            },
        );
    }
    entries
}

pub(crate) fn severity(value: Option<&Value>) -> Option<Severity> {
    match value?.as_str()? {
        "error" => Some(Severity::Error),
        "query" => Some(Severity::Query),
        "note" => Some(Severity::Note),
        _ => None,
    }
}

pub(crate) fn parameters(source: &Source, errors: &mut Vec<SchemaError>) -> BTreeMap<String, f64> {
    let mut values = BTreeMap::new();
    for (name, parameter) in source.json.as_object().into_iter().flatten() {
        if name.starts_with('$') {
            continue;
        }
        let place = join("", name);
        match parameter.get("value").and_then(Value::as_f64) {
            Some(value) => {
                values.insert(name.clone(), value);
            }
            None => errors.push(source.wrong(&place, format!("parameter `{name}` needs a number as its `value`"))),
        }
        if text(parameter, "source").is_empty() {
            errors.push(source.wrong(&place, format!("parameter `{name}` does not say its `source`")));
        }
    }
    values
}

/// Reference figures by name and year, with the vintage of each file.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    pub(crate) values: BTreeMap<String, BTreeMap<String, f64>>,
    pub(crate) vintages: BTreeMap<String, BTreeMap<String, String>>,
    /// Where each figure was published, and its licence.
    pub(crate) told: BTreeMap<String, (String, String)>,
    pub(crate) holidays: Vec<NaiveDate>,
    pub(crate) allowed: Allowed,
    pub(crate) people: People,
}

impl Reference {
    pub(crate) fn read(&mut self, source: &Source, errors: &mut Vec<SchemaError>) {
        for key in ["title", "source", "licence"] {
            if text(&source.json, key).is_empty() {
                errors.push(source.wrong("", format!("reference data has to say its `{key}`")));
            }
        }
        for year in source.json["vintages"].as_object().into_iter().flatten().map(|(year, _)| year) {
            if source.json["values"].get(year).is_none() {
                errors.push(source.wrong(&join("/vintages", year), format!("there are no values for {year}")));
            }
        }
        if let Some(dates) = source.json.get("dates") {
            self.holidays.extend(texts(dates).iter().filter_map(|d| d.parse::<NaiveDate>().ok()));
        }
        let listed = |key: &str| source.json.get(key).map(texts).unwrap_or_default().into_iter();
        self.people.read(&source.json);
        let plain = |text: String| text.to_uppercase().replace(' ', "");
        self.allowed.postcodes.extend(listed("postcodes").map(plain));
        self.allowed.email_endings.extend(listed("email_endings").map(|ending| ending.to_lowercase()));
        self.allowed.phones.extend(listed("phones").map(|p| p.chars().filter(char::is_ascii_digit).collect()));
        for (year, figures) in source.json["values"].as_object().into_iter().flatten() {
            let own = source.json["vintages"].get(year).and_then(Value::as_str);
            if own.is_none() && source.json.get("vintages").is_some() {
                errors.push(source.wrong("/vintages", format!("no vintage is given for {year}")));
            }
            let vintage = own.map_or_else(|| text(&source.json, "vintage"), str::to_owned);
            for (name, figure) in figures.as_object().into_iter().flatten() {
                let place = join(&join("/values", year), name);
                let Some(number) = figure.as_f64() else {
                    errors.push(source.wrong(&place, "a reference figure is a number"));
                    continue;
                };
                if self.values.entry(name.clone()).or_default().insert(year.clone(), number).is_some() {
                    errors.push(source.wrong(&place, format!("`{name}` of {year} is given by two files")));
                }
                // A figure may come from elsewhere than the others of its file.
                let about = &source.json["about"][name];
                let said = |key: &str| Some(text(about, key)).filter(|said| !said.is_empty());
                let vintage = said("vintage").unwrap_or_else(|| vintage.clone());
                self.vintages.entry(name.clone()).or_default().insert(year.clone(), vintage);
                let whole = |key: &str| said(key).unwrap_or_else(|| text(&source.json, key));
                self.told.insert(name.clone(), (whole("source"), whole("licence")));
            }
        }
    }
}

/// Code lists by key.
pub(crate) type CodeLists = BTreeMap<String, Codes>;

/// The list of a key as valid for a kind and year.
pub(crate) fn valid(lists: &CodeLists, key: &str, kind: &str, year: &str) -> Option<Arc<CodeList>> {
    lists.get(key).map(|list| Arc::new(list.valid(kind, year)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_one_financial_year() {
        for (text, is) in
            [("2021-22", true), ("1999-00", false), ("2099-00", true), ("2020-22", false), ("2021/22", false)]
        {
            assert_eq!(is_year(text), is, "{text}");
        }
        assert_eq!(year_before("2021-22").unwrap(), "2020-21");
        assert_eq!(year_before("2100-01").unwrap(), "2099-00");
    }
}
