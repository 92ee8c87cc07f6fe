//! `explain`: what a rule means, why it is there, and its own test cases as examples.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use safereturn::case::{self, Ran};
use safereturn::finding::{Across, Findings};
use safereturn::render::{Format, Style, render};
use safereturn::schema::Schemas;

use super::{Ended, ExitStatus, ExplainArguments, Stop, pack, style};

/// Explains a rule, or lists all.
pub(super) fn explain(arguments: &ExplainArguments, out: &mut dyn Write) -> Ended {
    let files = pack::files(arguments.schemas.as_deref())?;
    let schemas = pack::load(arguments.schemas.as_deref())?;
    let Some(code) = &arguments.code else {
        for entry in schemas.catalogue.values() {
            writeln!(out, "{}  {:<5}  {}", entry.id, entry.severity.word(), entry.title)?;
        }
        return Ok(ExitStatus::Clean);
    };
    let code = code.to_uppercase();
    let Some(entry) = schemas.entry(&code) else { return Err(Stop::Because(unknown(&code, &schemas))) };
    writeln!(out, "{}: {}\n", entry.id, entry.title)?;
    let who = match entry.severity {
        safereturn::finding::Severity::Error => "error: it must be corrected",
        safereturn::finding::Severity::Query => "query: correct it, or explain it on the Explanations sheet",
        safereturn::finding::Severity::Note => "note: there is nothing to do",
    };
    for (title, text) in [
        ("Severity", who),
        ("What to do", entry.help.as_str()),
        ("Why", entry.why.as_str()),
        ("Source", entry.source.as_str()),
        ("Not checked", entry.not_run.as_deref().unwrap_or_default()),
    ] {
        if !text.is_empty() {
            writeln!(out, "{title:<12} {text}")?;
        }
    }
    examples(&code, arguments.all, &files, &schemas, out)?;
    Ok(ExitStatus::Clean)
}

/// The rule's cases: what is said of the one that fails, and what is different in the one that passes.
fn examples(
    code: &str,
    all: bool,
    files: &BTreeMap<String, String>,
    schemas: &Schemas,
    out: &mut dyn Write,
) -> Result<(), Stop> {
    let text = |name: &str| files.get(&format!("cases/{code}/{name}.txt"));
    let (Some(fails), Some(holds)) = (text("fails"), text("holds")) else {
        writeln!(out, "\nThere is no example of it.")?;
        return Ok(());
    };
    writeln!(out, "\nAn example that fails\n")?;
    let given = case::read(fails).map_err(|e| Stop::Because(format!("cases/{code}/fails.txt: {e}")))?;
    let mut ran = case::run_together(given, schemas, Findings::default);
    let style = Style { limit: None, ..style(true) };
    if let Some(found) = ran.together.findings.iter().find(|found| found.rule.as_str() == code) {
        write!(out, "{}", across(found, &ran, schemas, &style))?;
    } else if let Some(mut report) = ran.reports.pop() {
        report.findings.retain(|finding| finding.rule.as_str() == code);
        write!(out, "{}", render(&report, Format::Human, &style))?;
    }
    if all {
        writeln!(out, "\nThe whole of it\n\n{}\n\nThe one that passes\n\n{}", fails.trim_end(), holds.trim_end())?;
        return Ok(());
    }
    writeln!(out, "\nOne that passes differs from it here\n")?;
    for (mark, one, other) in [("fails ", fails, holds), ("passes", holds, fails)] {
        let known: BTreeSet<&str> = other.lines().collect();
        for line in one.lines().filter(|line| !known.contains(line)) {
            writeln!(out, "  {mark}  {line}")?;
        }
    }
    Ok(())
}

/// What the board reads, and what each body is told of its own side.
fn across(found: &Across, ran: &Ran, schemas: &Schemas, style: &Style) -> String {
    let mut text = format!("The board reads: {}\n", found.message);
    for (title, report) in ran.told(found, schemas) {
        text.push_str(&format!("\n{title} is told\n\n{}", render(&report, Format::Human, style)));
    }
    text
}

fn unknown(code: &str, schemas: &Schemas) -> String {
    let near = schemas.catalogue.keys().min_by_key(|id| strsim::levenshtein(id, code));
    let near = near.map_or_else(String::new, |id| format!(" Did you mean {id}?"));
    format!("There is no rule “{code}”.{near} All rules: safereturn explain")
}
