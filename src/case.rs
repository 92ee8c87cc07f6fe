//! A case: one or more whole returns as text, with their context, run through `check`. Shown by `explain`, run by the tests.
//! The sheets are in the notation of `workbook::notation`; the lines before them say where the file came from.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::before::Before;
use crate::checks::{Gathered, Together, answered};
use crate::counting::Counting;
use crate::extract::{Context, Counts, Return, SameNumber, Unclear, Waiver};
use crate::finding::{Across, Findings};
use crate::handled::Handled;
use crate::report::{FileFacts, Outcome, Report};
use crate::rot::{Question, Rot};
use crate::schema::{Schemas, year_before};
use crate::workbook::{Workbook, notation};

/// One return of a case.
#[derive(Debug)]
pub struct Given {
    /// The heading: `2020-21 csc`.
    pub heading: String,
    /// The context lines, in order: `folder`, `file`, `received`, `as-of`, `year`, `same-number`,
    /// `waiver` and `decision`.
    pub context: Vec<(String, String)>,
    /// The sheets.
    pub workbook: Workbook,
    /// The text as it stands in the case.
    pub text: String,
}

/// A text that is not a case: the line (from 1) and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct NotACase {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads the returns of a case.
///
/// # Errors
/// The first line that is not in the notation.
pub fn read(text: &str) -> Result<Vec<Given>, NotACase> {
    let mut given = Vec::new();
    let mut parts: Vec<(usize, &str, Vec<&str>)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("== ") {
            parts.push((number, heading.trim(), Vec::new()));
        } else if let Some((_, _, lines)) = parts.last_mut() {
            lines.push(line);
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            let message = "a case starts with a heading such as `== 2020-21 csc`".to_owned();
            return Err(NotACase { line: number + 1, message });
        }
    }
    for (number, heading, lines) in parts {
        let sheets = lines.iter().position(|line| line.starts_with("-- ")).unwrap_or(lines.len());
        let mut context = Vec::new();
        let mut properties = BTreeMap::new();
        for (offset, line) in lines[..sheets].iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if line.starts_with('#') {
                continue;
            }
            let wrong = |message: &str| NotACase { line: number + 2 + offset, message: message.to_owned() };
            if let Some(rest) = line.strip_prefix("property ") {
                let (name, value) =
                    rest.split_once('=').ok_or_else(|| wrong("a property is `property NAME = VALUE`"))?;
                properties.insert(name.trim().to_owned(), value.trim().to_owned());
            } else {
                let (key, value) = line.split_once(':').ok_or_else(|| wrong("a line of context is `key: value`"))?;
                context.push((key.trim().to_owned(), value.trim().to_owned()));
            }
        }
        let body = lines[sheets..].join("\n");
        let mut workbook = notation::read(&body)
            .map_err(|e| NotACase { line: number + 2 + sheets + e.line.saturating_sub(1), message: e.message })?;
        workbook.properties.extend(properties);
        given.push(Given { heading: heading.to_owned(), context, workbook, text: lines.join("\n") });
    }
    Ok(given)
}

impl Given {
    fn value(&self, key: &str) -> Option<&str> {
        self.context.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// Runs the returns of a case in order, each with what the ones before it left: last year's accepted return of the same
/// body, and what was accepted from it for the same year. The last report is the one the case is about.
#[must_use]
pub fn run(given: Vec<Given>, schemas: &Schemas) -> Vec<Report> {
    run_into(given, schemas, Findings::default)
}

/// As [`run`], each return into findings of the caller's making.
#[must_use]
pub fn run_into(given: Vec<Given>, schemas: &Schemas, findings: impl Fn() -> Findings) -> Vec<Report> {
    run_together(given, schemas, findings).reports
}

/// What came of a case.
#[derive(Debug)]
pub struct Ran {
    /// One for each return, in order.
    pub reports: Vec<Report>,
    /// What was found across the returns of the last year in it, for the board.
    pub together: Together,
    /// That year.
    pub year: String,
}

impl Ran {
    /// What each side of a finding across agencies is told of it: the body's name, and its report with nothing else in it.
    #[must_use]
    pub fn told(&self, found: &Across, schemas: &Schemas) -> Vec<(String, Report)> {
        let told = |body: &String| {
            let mut report =
                self.reports.iter().rfind(|report| report.body() == body && report.year() == self.year)?.clone();
            report.findings.clear();
            report.checks.clear();
            let title = |id: &str| schemas.entry(id).map_or_else(String::new, |entry| entry.title.clone());
            report.ask(vec![found.seen_by(body)?], Vec::new(), title);
            Some((schemas.body(body).map_or_else(|| body.clone(), |b| b.title.clone()), report))
        };
        found.sides.iter().filter_map(|side| told(&side.body)).collect()
    }
}

/// As [`run_into`], and the returns of the last year against one another. Only the bodies of the case are expected to
/// return anything; the day is that of the last return.
#[must_use]
pub fn run_together(given: Vec<Given>, schemas: &Schemas, findings: impl Fn() -> Findings) -> Ran {
    let mut accepted: BTreeMap<(String, String), Return> = BTreeMap::new();
    let mut reports: Vec<Report> = Vec::new();
    let mut returned: Vec<(String, String)> = Vec::new();
    let mut before: BTreeMap<(String, String), Before> = BTreeMap::new();
    let mut decided: Vec<Result<Waiver, Unclear>> = Vec::new();
    let mut today = NaiveDate::default();
    for one in given {
        let (year, body) = one.heading.split_once(' ').unwrap_or((one.heading.as_str(), ""));
        let (year, body) = (year.trim().to_owned(), body.trim().to_owned());
        let date = |key: &str| one.value(key).and_then(|d| d.parse::<NaiveDate>().ok());
        let deadline = schemas.agencies.years.get(&year).map_or_else(NaiveDate::default, |y| y.deadline);
        let last = year_before(&year).and_then(|before| accepted.get(&(body.clone(), before)).cloned());
        let decisions = decisions(&one.context);
        let context = Context {
            expected_body: one.value("folder").map(str::to_owned),
            expected_year: one.value("year").map(str::to_owned),
            as_of: date("as-of").unwrap_or(deadline),
            received: date("received"),
            last,
            same_number: one
                .value("same-number")
                .map(|other| SameNumber { other: other.to_owned(), counts: Counts::Later }),
            waivers: decisions.iter().filter_map(|read| read.clone().ok()).collect(),
            ..Context::on(NaiveDate::default())
        };
        let context = before.entry((body.clone(), year.clone())).or_default().context(context);
        let name = one.value("file").map_or_else(|| format!("{body}-{year}.xlsx"), str::to_owned);
        let bytes = u64::try_from(one.text.len()).unwrap_or(u64::MAX);
        let file = FileFacts { name, sha256: crate::report::sha256(one.text.as_bytes()), bytes };
        let report = crate::check_cells(one.workbook, file, findings(), &context, schemas);
        if report.outcome != Outcome::Refused {
            let answered = answered(&report.findings);
            accepted.insert((body.clone(), year.clone()), Return { answered, ..report.figures.clone() });
        }
        before.entry((body.clone(), year.clone())).or_default().take(&report);
        today = context.as_of;
        decided.extend(decisions);
        returned.push((year, body));
        reports.push(report);
    }
    let year = returned.iter().map(|(year, _)| year.clone()).max().unwrap_or_default();
    let expected: BTreeSet<String> = returned.iter().map(|(_, body)| body.clone()).collect();
    let of = |body: &String| {
        let own = returned.iter().zip(&reports).filter(|((y, b), _)| *y == year && b == body);
        Counting::of(body, own.map(|(_, report)| report))
    };
    let counting: Vec<Counting> = expected.iter().map(of).collect();
    let bodies: Vec<_> = counting.iter().map(Counting::counted).collect();
    let waivers: Vec<Waiver> = decided.iter().filter_map(|read| read.clone().ok()).collect();
    let gathered = Gathered {
        year: year.clone(),
        as_of: today,
        expected: expected.clone(),
        waivers: &waivers,
        bodies: bodies.iter().collect(),
        standing: BTreeMap::new(),
    };
    let mut together = crate::check_together(&gathered, schemas);
    weigh(&returned, &reports, &decided, today, &mut together);
    Ran { reports, together, year }
}

/// Holds the decisions of the case against what was found in each of its years; what is said of the last is kept.
fn weigh(
    returned: &[(String, String)],
    reports: &[Report],
    decided: &[Result<Waiver, Unclear>],
    today: NaiveDate,
    together: &mut Together,
) {
    let decisions: Vec<Waiver> = decided.iter().filter_map(|read| read.clone().ok()).collect();
    let unclear: Vec<Unclear> = decided.iter().filter_map(|read| read.clone().err()).collect();
    let handled: Vec<Handled> = reports.iter().map(|report| Handled::of(report, today)).collect();
    let years: BTreeSet<&String> = returned.iter().map(|(year, _)| year).collect();
    let mut rot = Rot::new(&decisions, &unclear, today);
    for year in &years {
        let latest = |at: usize| returned.iter().rposition(|last| returned.get(at) == Some(last)) == Some(at);
        let of_year = returned.iter().zip(&handled).enumerate().filter(|(_, ((of, _), _))| of == *year);
        let questions: Vec<Question<'_>> = of_year
            .flat_map(|(at, ((_, body), handled))| {
                handled.asked.iter().map(move |asked| Question { year, body, stands: latest(at), asked })
            })
            .collect();
        let newest = Some(year) == years.last();
        let mut earlier = Together::default();
        rot.year(&questions, newest, if newest { &mut *together } else { &mut earlier });
    }
}

/// The decisions of a case: `id | state | role | reason | expires` behind `waiver:`, and with the decision behind the id
/// and the explanation at the end behind `decision:`. Lines are counted as in `waivers.csv`, whose first has the headings.
fn decisions(context: &[(String, String)]) -> Vec<Result<Waiver, Unclear>> {
    let lines = context.iter().filter(|(key, _)| matches!(key.as_str(), "waiver" | "decision")).enumerate();
    lines
        .map(|(index, (key, text))| {
            let mut parts: Vec<&str> = text.split('|').map(str::trim).collect();
            if key == "waiver" {
                parts.insert(parts.len().min(1), "waive");
            }
            let column = |name: &str| {
                let at = Waiver::COLUMNS.iter().position(|column| *column == name);
                at.and_then(|at| parts.get(at)).copied().unwrap_or_default()
            };
            Waiver::read(index + 2, column)
        })
        .collect()
}
