//! The board for programs. As in the report, fields may be added within a version; none is taken away.

use serde::Serialize;

use super::sides;
use crate::board::Board;
use crate::finding::Verdict;
use crate::render::json::{self, without_steering};

/// Name and version of this form.
const FORMAT: &str = "safereturn.status/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    year: &'a str,
    as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    pack: Pack<'a>,
    counts: Counts,
    bodies: Vec<Member<'a>>,
    findings: Vec<Found<'a>>,
    comparisons: Vec<Compared<'a>>,
}

#[derive(Serialize)]
struct Pack<'a> {
    name: &'a str,
    version: &'a str,
    sha256: &'a str,
}

/// Of the sections that are owed.
#[derive(Serialize)]
struct Counts {
    owed: usize,
    returned: usize,
    released: usize,
}

#[derive(Serialize)]
struct Member<'a> {
    body: &'a str,
    title: &'a str,
    statutory: bool,
    submissions: usize,
    /// Of the latest submission.
    outcome: Option<&'static str>,
    sections: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    section: &'a str,
    title: &'a str,
    owed: bool,
    state: &'static str,
    nil: bool,
    released: bool,
    submission: Option<u32>,
}

#[derive(Serialize)]
struct Found<'a> {
    id: String,
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    open: bool,
    at: &'a str,
    message: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<&'a [String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'a str>,
    sides: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct Side<'a> {
    body: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// What this body is told, as in its own report.
    finding: Option<json::Finding<'a>>,
}

#[derive(Serialize)]
struct Compared<'a> {
    rule: &'a str,
    title: &'a str,
    at: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    bodies: Vec<&'a str>,
}

/// The board as JSON.
pub(super) fn render(board: &Board<'_>) -> String {
    let title = |rule: &str| board.titles.get(rule).map(String::as_str).unwrap_or_default();
    let [owed, returned, released] = board.counts();
    let (name, version, sha256) = board.pack;
    let found = board.together.findings.iter().map(|found| Found {
        id: found.id(board.year),
        rule: found.rule.as_str(),
        title: title(found.rule.as_str()),
        severity: found.severity.word(),
        open: found.is_open(),
        at: found.at.as_str(),
        message: &found.message,
        help: &found.help,
        compared: found.compared.as_ref(),
        difference: found.difference.as_deref(),
        sides: sides(board, found).iter().map(side).collect(),
    });
    let compared = board.together.checks.iter().map(|compared| {
        let (verdict, why) = match &compared.check.verdict {
            Verdict::Held => ("held", ""),
            Verdict::Failed => ("failed", ""),
            Verdict::Undecided(why) => ("undecided", why.as_str()),
            Verdict::NotRun(why) => ("not-run", why.as_str()),
            Verdict::NotApplicable(why) => ("not-applicable", why.as_str()),
        };
        Compared {
            rule: compared.check.rule.as_str(),
            title: title(compared.check.rule.as_str()),
            at: compared.check.at.as_str(),
            verdict,
            why,
            bodies: compared.bodies.iter().map(String::as_str).collect(),
        }
    });
    let members = board.bodies.iter().map(|member| Member {
        body: member.body,
        title: member.title,
        statutory: member.statutory,
        submissions: member.submissions,
        outcome: member.outcome.map(crate::report::Outcome::word),
        sections: member.sections.iter().map(place).collect(),
    });
    let document = Document {
        format: FORMAT,
        year: board.year,
        as_of: board.as_of.to_string(),
        deadline: board.deadline.map(|day| day.to_string()),
        pack: Pack { name, version, sha256 },
        counts: Counts { owed, returned, released },
        bodies: members.collect(),
        findings: found.collect(),
        comparisons: compared.collect(),
    };
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_else(|error| {
        // Nothing in the document can fail to serialise; if it ever does, the reader must see that it did.
        serde_json::json!({ "format": FORMAT, "failure": error.to_string() }).to_string()
    });
    out.push('\n');
    without_steering(&out)
}

fn place<'a>(place: &crate::board::Place<'a>) -> Place<'a> {
    Place {
        section: place.section,
        title: place.title,
        owed: place.owed,
        state: place.state.word(),
        nil: place.nil,
        released: place.released,
        submission: place.submission,
    }
}

fn side(seen: &super::Seen<'_>) -> serde_json::Value {
    let item = seen.item();
    let side = Side {
        body: seen.body,
        title: seen.title,
        submission: seen.source.and_then(|report| report.figures.submission_no),
        file: seen.source.map(|report| report.file.sha256.as_str()),
        finding: item.as_ref().map(|(_, item)| json::finding(item)),
    };
    serde_json::to_value(side).unwrap_or_default()
}
