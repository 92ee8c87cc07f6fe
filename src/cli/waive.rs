//! `waive`: writes the board manager's decisions down, and shows which stand and which have rotted.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use safereturn::batch::{self, Open};
use safereturn::checks::Together;
use safereturn::extract::{Decision, Waiver};
use safereturn::finding::{Answer, Read, Severity};
use safereturn::rot::{Question, Rot};

use super::{Ended, ExitStatus, Stop, date, say};

/// What the decisions are, and how the command ends.
pub(super) const HELP: &str = "\
Decisions:
  waive   it counts as settled while its figures stay the same
  accept  the agency's explanation was read, and is accepted
  reopen  the explanation is sent back, with your reason; a waiver ends
  use     of two files with one submission number, the one named with --state counts

Exit status:
  0  it was written
  2  nothing was written: arguments, an unknown finding, files";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The findings, by the eight letters that name each in reports, letters and on the board
    #[arg(value_name = "ID", required_unless_present = "list", conflicts_with = "list")]
    ids: Vec<String>,
    /// What is decided
    #[arg(long, required_unless_present = "list", value_parser = decision())]
    decision: Option<Decision>,
    /// Who decides, as a role
    #[arg(long, required_unless_present = "list")]
    role: Option<String>,
    /// Why. Of an explanation that is sent back, the agency reads this
    #[arg(long, allow_hyphen_values = true, required_unless_present = "list")]
    reason: Option<String>,
    /// The figures it is decided for; "" is any figures; to use one of two files, its name [default: as they are]
    #[arg(long, allow_hyphen_values = true)]
    state: Option<String>,
    /// The last day on which it counts [default: none]
    #[arg(long, value_name = "DATE", value_parser = date)]
    expires: Option<NaiveDate>,
    /// Show the decisions that there are, and which are of no use any more
    #[arg(long)]
    list: bool,
    /// Write it though the outbox knows no such finding
    #[arg(long)]
    force: bool,
    /// Where the decisions stand [default: waivers.csv beside the inbox]
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// Where the returns lie
    #[arg(long, value_name = "DIR", default_value = "inbox")]
    inbox: PathBuf,
    /// What the last run wrote
    #[arg(long, value_name = "DIR", default_value = "outbox")]
    outbox: PathBuf,
    /// The date to hold last days against [default: as-of.txt in the inbox, else today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<NaiveDate>,
}

fn decision() -> impl TypedValueParser<Value = Decision> {
    PossibleValuesParser::new(Decision::ALL.map(Decision::word))
        .map(|word| Decision::ALL.into_iter().find(|decision| decision.word() == word).unwrap_or(Decision::Waive))
}

/// Writes decisions, or lists those that there are.
pub(super) fn waive(arguments: &Arguments, out: &mut dyn Write) -> Ended {
    let beside = arguments.inbox.parent().unwrap_or_else(|| Path::new(""));
    let path = arguments.waivers.clone().unwrap_or_else(|| beside.join("waivers.csv"));
    let asked = if arguments.outbox.is_dir() { batch::asked(&arguments.outbox)? } else { Vec::new() };
    if arguments.list {
        return list(arguments, &path, &asked, out);
    }
    let (Some(decision), Some(role), Some(reason)) = (arguments.decision, &arguments.role, &arguments.reason) else {
        return stop("a decision needs --decision, --role and --reason");
    };
    if role.trim().is_empty() || reason.trim().is_empty() {
        return stop("a decision needs a role and a reason: whoever reads it in a year has nothing else to go by");
    }
    if arguments.ids.is_empty() {
        return stop("which finding? Its eight letters stand in the report, the letter and on the board");
    }
    let mut new = Vec::new();
    for id in &arguments.ids {
        let id = id.trim().to_lowercase();
        let found = asked.iter().find(|open| open.asked.id == id);
        match found {
            Some(open) => {
                may_be(decision, open, arguments)?;
                show(open, out)?;
            }
            None if arguments.force => {
                say(&format!(
                    "Warning: no finding {id} in {}: it is written all the same.",
                    arguments.outbox.display()
                ));
            }
            None => return stop(&unknown(&id, arguments)),
        }
        let state = found.map(|open| open.asked.state.clone()).filter(|_| decision != Decision::Use);
        let words = found.filter(|_| matches!(decision, Decision::Accept | Decision::Reopen));
        new.push(Waiver {
            line: 0,
            id,
            decision,
            state: arguments.state.clone().or(state).unwrap_or_default(),
            role: role.trim().to_owned(),
            reason: reason.trim().to_owned(),
            expires: arguments.expires,
            explanation: words.and_then(explanation).unwrap_or_default().to_owned(),
        });
    }
    let first = batch::decide(&path, &new)?;
    for (line, waiver) in (first..).zip(&new) {
        writeln!(out, "{}", written(waiver, line, &path))?;
    }
    writeln!(out, "The next run takes it into account.")?;
    Ok(ExitStatus::Clean)
}

fn stop(why: &str) -> Ended {
    Err(Stop::Because(format!("Nothing was written: {why}.")))
}

fn unknown(id: &str, arguments: &Arguments) -> String {
    format!(
        "there is no finding {id} in the feedback of {}. Check the eight letters, or run the batch first; with --force \
         it is written all the same",
        arguments.outbox.display()
    )
}

/// What the agency has said to a finding.
fn explanation(open: &Open) -> Option<&str> {
    match &open.asked.answer {
        Some(Answer::Explained { explanation, .. } | Answer::SentBack { explanation, .. }) => Some(explanation),
        Some(Answer::Reopened { .. } | Answer::Waived { .. }) | None => None,
    }
}

/// Whether a decision can be taken about a finding.
fn may_be(decision: Decision, open: &Open, arguments: &Arguments) -> Result<(), Stop> {
    let asked = &open.asked;
    let number = asked.rule == "CMP-09";
    let wrong = match (decision, asked.severity) {
        (Decision::Accept, Severity::Error) => {
            "it is an error, which is never explained away: it has to be corrected, or waived"
        }
        (Decision::Accept, _) if explanation(open).is_none() => {
            "nobody has explained it for the figures as they are: there is nothing to accept"
        }
        (Decision::Reopen, _) if asked.open && explanation(open).is_none() => {
            "it is open as it is, and there is no explanation to send back"
        }
        (Decision::Use, _) if !number => "it is not about two files with one submission number (CMP-09)",
        (Decision::Use, _) if arguments.state.is_none() => "say with --state which file is to be used, by its name",
        (Decision::Waive | Decision::Accept | Decision::Reopen | Decision::Use, _) => return Ok(()),
    };
    Err(Stop::Because(format!(
        "Nothing was written: {} ({} {}): {wrong}.",
        asked.id,
        asked.severity.word(),
        asked.rule
    )))
}

/// What a finding is about, and how it stands.
fn show(open: &Open, out: &mut dyn Write) -> Result<(), Stop> {
    let Open { year, body, asked } = open;
    let title = if asked.title.is_empty() { String::new() } else { format!(": {}", asked.title) };
    writeln!(out, "{}: {body} for {year}, {} {}{title}", asked.id, asked.severity.word(), asked.rule)?;
    let place = if asked.place.is_empty() { String::new() } else { format!("{}: ", asked.place) };
    writeln!(out, "  {place}{}", asked.message)?;
    if !asked.state.is_empty() {
        writeln!(out, "  its figures: {}", asked.state)?;
    }
    let now = match &asked.answer {
        None => "open".to_owned(),
        Some(Answer::Explained { explanation, read: Read::Unread }) => format!("explained, unread: “{explanation}”"),
        Some(Answer::Explained { explanation, read: Read::Accepted }) => {
            format!("explained and accepted: “{explanation}”")
        }
        Some(Answer::Reopened { was, now }) => format!("open again: was {was}, now {now}"),
        Some(Answer::SentBack { explanation, reason }) => format!("sent back: “{explanation}” ({reason})"),
        Some(Answer::Waived { reason }) => format!("waived: {reason}"),
    };
    Ok(writeln!(out, "  until now: {now}")?)
}

fn written(waiver: &Waiver, line: usize, path: &Path) -> String {
    let figures = match (waiver.decision, waiver.state.as_str()) {
        (Decision::Use, file) => format!(", for the file “{file}”"),
        (Decision::Waive | Decision::Accept | Decision::Reopen, "") => ", whatever its figures".to_owned(),
        (Decision::Waive | Decision::Accept | Decision::Reopen, state) => format!(", for {state}"),
    };
    let until = match (waiver.decision, waiver.expires) {
        (_, Some(last)) => format!(", until {}", last.format("%-d %B %Y")),
        (Decision::Reopen, None) => String::new(),
        (Decision::Waive | Decision::Accept | Decision::Use, None) => ", without a last day".to_owned(),
    };
    format!("{}, line {line}: {} {}{figures}{until}.", path.display(), waiver.decision.word(), waiver.id)
}

/// The decisions that there are, and what is amiss with each, as far as the last run's feedback tells.
fn list(arguments: &Arguments, path: &Path, asked: &[Open], out: &mut dyn Write) -> Ended {
    let (decisions, unclear) = batch::decisions(path)?;
    let as_of = match (arguments.as_of, arguments.inbox.is_dir()) {
        (Some(date), _) => Some(date),
        (None, true) => batch::as_of_file(&arguments.inbox)?,
        (None, false) => None,
    };
    let as_of = as_of.unwrap_or_else(batch::today);
    let mut rot = Rot::new(&decisions, &unclear, as_of);
    let mut together = Together::default();
    let mut years: Vec<&String> = asked.iter().map(|open| &open.year).collect();
    years.sort();
    years.dedup();
    for year in &years {
        let of_year = asked.iter().filter(|open| open.year == **year);
        let questions: Vec<Question<'_>> =
            of_year.map(|open| Question { year, body: &open.body, stands: true, asked: &open.asked }).collect();
        rot.year(&questions, Some(year) == years.last(), &mut together);
    }
    if years.is_empty() {
        rot.year(&[], true, &mut together);
    }
    let count = if decisions.len() == 1 { "1 decision".to_owned() } else { format!("{} decisions", decisions.len()) };
    writeln!(out, "{count} in {}, as of {as_of}.", path.display())?;
    for waiver in &decisions {
        let about = asked.iter().find(|open| open.asked.id == waiver.id).map_or_else(String::new, |open| {
            format!(" ({} for {}, {} {})", open.body, open.year, open.asked.severity.word(), open.asked.rule)
        });
        writeln!(out, "{}{about}", written(waiver, waiver.line, path))?;
        let who = if waiver.role.is_empty() { "nobody named" } else { &waiver.role };
        writeln!(out, "  {who}: {}", waiver.reason)?;
    }
    if !together.findings.is_empty() {
        writeln!(out, "\nNo longer of use, as far as the latest submissions tell:")?;
    }
    for found in &together.findings {
        writeln!(out, "  {}: {} {}", found.rule, found.message, found.help)?;
    }
    Ok(ExitStatus::Clean)
}
