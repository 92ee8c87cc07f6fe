//! For programs. The version in `format` is a promise: fields may be added to it, none is taken away or changes its
//! meaning; hence structs of its own, apart from the core's. Never capped.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::delivery::{Before, Delivery};
use super::since::Since;
use super::view::{Item, Mark, View};
use super::{Show, Style, publication, words};
use crate::cell::ranges;
use crate::draw;
use crate::extract::{self, Change, Part};
use crate::figure::number_to_json;
use crate::finding::{self, Answer, Verdict};
use crate::report::Report;
use crate::workbook::{Entry, Value};

/// Name and version of this form.
pub const FORMAT: &str = "safereturn.report/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    file: File<'a>,
    pack: Pack<'a>,
    year: &'a str,
    body: &'a str,
    submission_no: Option<u32>,
    outcome: &'static str,
    private: bool,
    sections: Vec<Section<'a>>,
    owed: Vec<Owed<'a>>,
    /// What has changed since the submission before: left out where that is not known, null for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Option<Since<'a>>>,
    findings: Vec<Finding<'a>>,
    /// Where the return differs from its template; what was merely moved is no difference.
    drift: Vec<Drift<'a>>,
    /// What may not be shown outside as it stands.
    publication: Vec<publication::Marked<'a>>,
    account: Account<'a>,
    checks: Vec<Checks<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    sha256: &'a str,
    bytes: u64,
}

#[derive(Serialize)]
struct Pack<'a> {
    name: &'a str,
    version: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Section<'a> {
    section: &'a str,
    title: &'a str,
    outcome: &'static str,
    nil: bool,
    /// Ids of the findings that keep it from being accepted.
    because: Vec<String>,
}

#[derive(Serialize)]
struct Owed<'a> {
    section: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    id: &'a str,
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    open: bool,
    section: String,
    at: &'a str,
    cells: Vec<Cell<'a>>,
    message: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    state: Vec<State<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    consequences: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Said<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'a str>,
    private: bool,
}

/// A place involved. `row` and `column` count from 1, as people count.
#[derive(Serialize)]
struct Cell<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<&'a str>,
    /// The value as it stands in the cell: number, text, true or false, date; left out where the cell is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
}

/// A difference from the template. `sheet` is left out where there is no such sheet.
#[derive(Serialize)]
struct Drift<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    section: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    part: Part,
    change: Change,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cells: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    likely: Option<&'a str>,
}

#[derive(Serialize)]
struct State<'a> {
    at: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
enum Said<'a> {
    Explained { explanation: &'a str, read: finding::Read },
    Reopened { was: &'a str, now: &'a str },
    SentBack { explanation: &'a str, reason: &'a str },
    Waived { reason: &'a str },
}

#[derive(Serialize)]
struct Account<'a> {
    rules: usize,
    places: usize,
    undecided_places: usize,
    rules_not_applicable: usize,
    rules_not_run: &'a BTreeMap<String, usize>,
    sentence: String,
}

/// How a rule ended, counted over its places; with the reasons where there are any.
#[derive(Serialize, Default)]
struct Checks<'a> {
    rule: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    held: usize,
    #[serde(skip_serializing_if = "is_zero")]
    failed: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    undecided: BTreeMap<&'a str, usize>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    not_applicable: BTreeMap<&'a str, usize>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    not_run: BTreeMap<&'a str, usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// The report for programs.
pub(super) fn render(report: &Report, style: &Style, delivery: Option<&Delivery>) -> String {
    let view = View::new(report, style.show);
    let account = report.account();
    let (name, version, sha256) = &report.pack;
    let document = Document {
        format: FORMAT,
        file: File { name: &report.file.name, sha256: &report.file.sha256, bytes: report.file.bytes },
        pack: Pack { name, version, sha256 },
        year: report.year(),
        body: report.body(),
        submission_no: report.figures.submission_no,
        outcome: report.outcome.word(),
        private: report.private,
        sections: sections(report),
        owed: report.owed.iter().map(|(section, title)| Owed { section, title }).collect(),
        since: delivery.and_then(|delivery| match &delivery.before {
            Before::Unknown => None,
            Before::Nothing => Some(None),
            Before::Changes(changes) => Some(Some(Since::of(changes))),
        }),
        findings: view.groups.iter().flat_map(all).map(finding).collect(),
        drift: report.figures.drift.iter().map(|d| drift(report, d, style.show)).collect(),
        publication: publication::marked(report, style.show),
        account: Account {
            rules: account.rules,
            places: account.places,
            undecided_places: account.undecided,
            rules_not_applicable: account.not_applicable,
            rules_not_run: &account.not_run,
            sentence: words::account_sentence(&account),
        },
        checks: checks(report, style.show),
    };
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_else(|error| {
        // Nothing in the document can fail to serialise; if it ever does, the reader must see that it did.
        serde_json::json!({ "format": FORMAT, "failure": error.to_string() }).to_string()
    });
    out.push('\n');
    without_steering(&out)
}

/// JSON in which what would steer a terminal or hide what is there is written as an escape; it can stand in strings only.
#[must_use]
pub fn without_steering(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && draw::is_steering(c) {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

fn all<'v, 'a>(group: &'v super::view::Group<'a>) -> impl Iterator<Item = &'v Item<'a>> {
    group.items().chain(&group.settled).chain(group.notes.iter().flatten())
}

fn sections(report: &Report) -> Vec<Section<'_>> {
    let id = |i: &usize| report.findings.get(*i).map(|f| f.id(report.year(), report.body()));
    report
        .sections
        .iter()
        .map(|s| Section {
            section: &s.section,
            title: &s.title,
            outcome: s.outcome.word(),
            nil: s.nil,
            because: s.because.iter().filter_map(id).collect(),
        })
        .collect()
}

pub(super) fn finding<'i>(item: &'i Item<'_>) -> Finding<'i> {
    let f = item.finding;
    let state = if item.veiled { &[] } else { f.state.as_slice() };
    Finding {
        id: &item.id,
        rule: f.rule.as_str(),
        title: &item.title,
        severity: f.severity.word(),
        open: f.is_open(),
        section: f.section(),
        at: f.at.as_str(),
        cells: item.marks.iter().map(cell).collect(),
        message: &item.message,
        help: &item.help,
        found: item.found,
        expected: item.expected,
        difference: item.difference,
        state: state.iter().map(|(at, value)| State { at: at.as_str(), value }).collect(),
        consequences: f.consequences,
        answer: item.answer.map(|answer| match answer {
            Answer::Explained { explanation, read } => Said::Explained { explanation, read: *read },
            Answer::Reopened { was, now } => Said::Reopened { was, now },
            Answer::SentBack { explanation, reason } => Said::SentBack { explanation, reason },
            Answer::Waived { reason } => Said::Waived { reason },
        }),
        suggestion: item.suggestion,
        private: f.private,
    }
}

fn drift<'a>(report: &Report, drift: &'a extract::Drift, show: Show) -> Drift<'a> {
    // What stands on the sheet is the agency's.
    let theirs = |text: &'a Option<String>| text.as_deref().filter(|_| show == Show::Values);
    Drift {
        section: &drift.section,
        sheet: drift.sheet.map(|index| report.sheet(index)),
        part: drift.part,
        change: drift.change,
        within: drift.within.as_deref(),
        template: drift.template.as_deref(),
        found: theirs(&drift.found),
        cells: ranges(drift.cells.iter().copied()),
        likely: theirs(&drift.likely),
    }
}

fn cell<'i>(mark: &'i Mark<'_>) -> Cell<'i> {
    Cell {
        sheet: mark.sheet_name.as_deref(),
        cell: mark.address.map(|a| a.cell.to_string()),
        row: mark.address.map(|a| a.cell.row + 1),
        column: mark.address.map(|a| a.cell.column + 1),
        at: mark.pointer.as_deref(),
        words: mark.words.as_deref(),
        value: mark.entry.and_then(value),
        label: &mark.text,
    }
}

fn value(entry: &Entry) -> Option<Json> {
    Some(match &entry.value {
        Value::Nothing => return None,
        Value::Number(n) => number_to_json(*n),
        Value::Text(text) | Value::Error(text) => Json::from(text.as_str()),
        Value::Truth(truth) => Json::from(*truth),
        Value::Date(date) if date.time() == chrono::NaiveTime::MIN => Json::from(date.format("%Y-%m-%d").to_string()),
        Value::Date(date) => Json::from(date.format("%Y-%m-%dT%H:%M:%S").to_string()),
    })
}

fn checks(report: &Report, show: Show) -> Vec<Checks<'_>> {
    let mut by_rule: BTreeMap<&str, Checks<'_>> = BTreeMap::new();
    for check in &report.checks {
        let rule = check.rule.as_str();
        let title = report.titles.get(rule).map(String::as_str).unwrap_or_default();
        let entry = by_rule.entry(rule).or_insert_with(|| Checks { rule, title, ..Checks::default() });
        // Why a rule was left undecided may name a figure.
        let undecided = |why| if show == Show::Values && !report.private { why } else { "not shown" };
        match &check.verdict {
            Verdict::Held => entry.held += 1,
            Verdict::Failed => entry.failed += 1,
            Verdict::Undecided(why) => *entry.undecided.entry(undecided(why.as_str())).or_default() += 1,
            Verdict::NotApplicable(why) => *entry.not_applicable.entry(why).or_default() += 1,
            Verdict::NotRun(why) => *entry.not_run.entry(why).or_default() += 1,
        }
    }
    by_rule.into_values().collect()
}
