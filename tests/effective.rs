//! What each kind of agency is asked for in each year, and which rules speak where: a reviewer sees here what a change
//! of the pack does to each of them. The first year stands whole, a later one as what differs from the year before.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use safereturn::schema::model::{CodeList, Item, Kind, Measure, Section};
use safereturn::schema::{Form, Schemas};

#[path = "../examples/support/mod.rs"]
mod support;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

/// A line of the snapshot: what is asked for, and the words it is asked for in.
type Lines = Vec<(String, String)>;

fn marks(measure: &Measure) -> String {
    let kind = match measure.kind {
        Kind::Count => measure.unit_of_count.as_deref().unwrap_or("n"),
        Kind::Percentage => "%",
        Kind::Points => "pp",
        Kind::Rate => "rate",
        Kind::Number => "number",
        Kind::Money => "£",
        Kind::Date => "date",
        Kind::Month => "month",
        Kind::Year => "year",
        Kind::Code => "code",
        Kind::Codes => "codes",
        Kind::Text => "text",
        Kind::Email => "email",
    };
    // The lists that are made from the pack itself change with all of it.
    let made = |key: &str| ["bodies", "measures", "sections", "sheets"].contains(&key);
    let size = |l: &CodeList| if made(&l.key) { String::new() } else { format!("/{}", l.codes.len()) };
    let list = measure.codes.as_ref().map(|l| format!(" {}{}", l.key, size(l))).unwrap_or_default();
    let required = if measure.required { "*" } else { "" };
    let derived = if measure.derived { " derived" } else { "" };
    format!("{}{required} {kind}{list}{derived}", measure.path.join("."))
}

fn words<'m>(measures: impl IntoIterator<Item = &'m Measure>) -> String {
    let each = measures.into_iter().map(|m| format!("“{}” {}", m.title, m.description));
    each.collect::<Vec<_>>().join("\n")
}

fn section(section: &Section, must: bool, form: &Form, lines: &mut Lines) {
    let key = &section.key;
    let title = format!("== {key}{} “{}”", if must { "*" } else { "" }, section.title);
    lines.push((title, section.description.clone()));
    for item in &section.items {
        let said = match item {
            Item::Measure(m) => (format!("{key}: {}", marks(m)), words([m])),
            Item::Table(t) => {
                let columns: Vec<String> = t.columns.iter().map(marks).collect();
                let required = if t.required { "*" } else { "" };
                let rows = format!("{} × {}", t.rows.key, t.rows.codes.len());
                let own = format!("“{}” {}\n{}", t.title, t.description, words(&t.columns));
                (format!("{key}: {}{required} [{rows}] {}", t.key, columns.join(", ")), own)
            }
            Item::List(l) => {
                let fields: Vec<String> = l.fields.iter().map(marks).collect();
                let own = format!("“{}” {}\n{}", l.title, l.description, words(&l.fields));
                (format!("{key}: {} [by {}] {}", l.key, l.key_field, fields.join(", ")), own)
            }
        };
        lines.push(said);
    }
    let mut rules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in form.rules.iter().filter(|r| r.section == *key) {
        let grades: String = rule.grades.iter().filter_map(|g| g.severity.word().chars().next()).collect();
        rules.entry(rule.id.as_str()).or_default().push(format!("{} {grades}", rule.at.join(".")));
    }
    for (id, places) in rules {
        lines.push((format!("{key}: {id} at {}", places.join(", ")), String::new()));
    }
}

fn lines(form: &Form) -> Lines {
    let owed = &PACK.agencies.kinds.iter().find(|k| k.key == form.kind).unwrap().sections;
    let mut lines = Vec::new();
    for one in &form.sections {
        section(one, owed[&one.key], form, &mut lines);
    }
    lines
}

/// What a year has that the one before had not, and the other way round; and what is said in other words.
fn against(before: &Lines, now: &Lines, year: &str) -> String {
    let mut out = String::new();
    let has = |lines: &Lines, line: &str| lines.iter().any(|(l, _)| l == line);
    for (mark, one, other) in [("-", before, now), ("+", now, before)] {
        for (line, _) in one.iter().filter(|(line, _)| !has(other, line)) {
            writeln!(out, "{mark} {line}").unwrap();
        }
    }
    // The section and the name: what else stands on a line may have changed beside the words.
    let name = |line: &str| line.split(' ').take(2).map(|w| w.trim_end_matches('*')).collect::<Vec<_>>().join(" ");
    for (line, words) in now.iter().filter(|(_, words)| !words.is_empty()) {
        let then = before.iter().find(|(l, _)| name(l) == name(line)).filter(|(_, then)| then != words);
        if let Some((_, then)) = then {
            writeln!(out, "~ {}", name(line)).unwrap();
            let lost = |a: &str, b: &str| {
                a.lines().filter(|l| !b.lines().any(|o| o == *l)).map(str::to_owned).collect::<Vec<_>>()
            };
            lost(then, words).iter().for_each(|l| writeln!(out, "    - {l}").unwrap());
            lost(words, then).iter().for_each(|l| writeln!(out, "    + {l}").unwrap());
        }
    }
    if out.is_empty() { format!("as {year}\n") } else { format!("as {year}, but\n{out}") }
}

#[test]
fn what_each_kind_of_agency_is_asked_for_in_each_year_is_as_reviewed() {
    let years: Vec<&String> = PACK.agencies.years.keys().collect();
    for kind in &PACK.agencies.kinds {
        let mut before: Option<(&String, Lines)> = None;
        for year in &years {
            let now = lines(PACK.form(&kind.key, year).unwrap());
            let text = match &before {
                None => now.iter().map(|(line, _)| format!("{line}\n")).collect(),
                Some((earlier, then)) => against(then, &now, earlier),
            };
            insta::with_settings!({ snapshot_path => "snapshots/effective", prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("{}-{year}", kind.key), text);
            });
            before = Some((year, now));
        }
    }
}

#[test]
fn a_kind_and_a_year_have_a_snapshot_each_and_no_snapshot_is_left_over() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/effective");
    let mut found: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let kinds = PACK.agencies.kinds.iter();
    let mut wanted: Vec<String> =
        kinds.flat_map(|k| PACK.agencies.years.keys().map(move |year| format!("{}-{year}.snap", k.key))).collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}
