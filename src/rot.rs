//! Decisions that decide nothing any more: expired, about no finding, for other figures, or not to be read. A waiver that
//! nobody misses is how a wrong figure passes, so each is itself a finding: for the board only.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::cell::Pointer;
use crate::checks::{Compared, Together, fits};
use crate::extract::{Decision, Unclear, Waiver, fold};
use crate::finding::{Across, Answer, Check, Severity, Verdict};
use crate::handled::Asked;

/// The rules about decisions: expired, about nothing, not to be read, for other figures.
pub const RULES: [&str; 4] = [EXPIRED, IDLE, UNCLEAR, MOVED];
const EXPIRED: &str = "WAI-01";
const IDLE: &str = "WAI-02";
const UNCLEAR: &str = "WAI-03";
const MOVED: &str = "WAI-04";

/// A finding that was put to a body in one of its submissions.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The year.
    pub year: &'a str,
    /// The body, by its title.
    pub body: &'a str,
    /// Whether what counts of the body still rests on that submission.
    pub stands: bool,
    /// The finding.
    pub asked: &'a Asked,
}

/// A question that no longer stands: who was asked it, and when.
type Former = BTreeMap<String, String>;

/// The decisions of a run, held against the findings of one year after the other, oldest first.
#[derive(Debug)]
pub struct Rot<'a> {
    decisions: &'a [Waiver],
    unclear: &'a [Unclear],
    as_of: NaiveDate,
    /// Ids that stand in some year.
    met: Vec<&'a str>,
    former: Former,
}

impl<'a> Rot<'a> {
    /// Nothing held against them yet.
    #[must_use]
    pub const fn new(decisions: &'a [Waiver], unclear: &'a [Unclear], as_of: NaiveDate) -> Self {
        Self { decisions, unclear, as_of, met: Vec::new(), former: Former::new() }
    }

    /// Adds to what is told of a year which decisions about its findings decide nothing any more. With `newest`, what can
    /// be said only once all years are known, too: the years are then at their end.
    pub fn year(&mut self, questions: &[Question<'_>], newest: bool, together: &mut Together) {
        let mut found: Vec<(&str, Pointer, Severity, String, &str)> = Vec::new();
        for waiver in self.latest() {
            let mut about = questions.iter().filter(|q| q.asked.id == waiver.id);
            match about.clone().rfind(|q| q.stands || waiver.decision == Decision::Use) {
                Some(question) => {
                    self.met.push(&waiver.id);
                    found.extend(
                        self.about(waiver, question, questions)
                            .map(|(rule, severity, message, help)| (rule, place(&waiver.id), severity, message, help)),
                    );
                }
                None => {
                    if let Some(Question { year, body, asked, .. }) = about.next_back() {
                        let was = format!(
                            "{body} was asked it for {year} in an earlier submission ({} {}: {}), and is not any more.",
                            asked.severity.word(),
                            asked.rule,
                            asked.message
                        );
                        self.former.insert(waiver.id.clone(), was);
                    }
                }
            }
        }
        if newest {
            for waiver in self.latest().filter(|waiver| !self.met.contains(&waiver.id.as_str())) {
                let was = self
                    .former
                    .get(&waiver.id)
                    .map_or_else(|| "No return in the inbox has a finding of that name.".to_owned(), Clone::clone);
                let message = format!("{}, matches nothing. {was}", called(waiver));
                let help = "If what it was about has been put right, take the line out; if the name is misspelt, \
                            correct it.";
                found.push((IDLE, place(&waiver.id), Severity::Query, message, help));
            }
            for Unclear { line, why } in self.unclear {
                let message = format!("Line {line} of waivers.csv {why}: it decides nothing.");
                let help = "Correct the line, or take it out. “safereturn waive” writes lines that can be read.";
                let at = Pointer::section("decisions").child(&format!("line-{line}"));
                found.push((UNCLEAR, at, Severity::Query, message, help));
            }
        }
        for rule in RULES.into_iter().filter(|rule| found.iter().all(|(said, ..)| said != rule)) {
            let why = "nothing has been decided about findings".to_owned();
            let none = self.decisions.is_empty() && self.unclear.is_empty();
            let verdict = if none { Verdict::NotApplicable(why) } else { Verdict::Held };
            account(together, rule, Pointer::section("decisions"), verdict);
        }
        for (rule, at, severity, message, help) in found {
            account(together, rule, at.clone(), Verdict::Failed);
            together.findings.push(Across {
                rule: rule.into(),
                severity,
                at,
                message,
                help: help.to_owned(),
                sides: Vec::new(),
                compared: None,
                difference: None,
            });
        }
        together.checks.sort();
    }

    /// The last line about each finding, in the order of the file: it has the last word. Of lines that say which file to
    /// use, each names one of its own.
    fn latest(&self) -> impl Iterator<Item = &'a Waiver> + use<'a> {
        let decisions = self.decisions;
        decisions.iter().enumerate().filter_map(move |(at, waiver)| {
            let same = |later: &Waiver| {
                let both = [waiver.decision, later.decision].map(|decision| decision == Decision::Use);
                let file = fold(&later.state) == fold(&waiver.state);
                later.id == waiver.id && both[0] == both[1] && (!both[0] || file)
            };
            let superseded = decisions.iter().skip(at + 1).any(same);
            (!superseded).then_some(waiver)
        })
    }

    /// What is amiss with a decision about a finding that stands.
    fn about(
        &self,
        waiver: &Waiver,
        question: &Question<'_>,
        all: &[Question<'_>],
    ) -> Option<(&'static str, Severity, String, &'static str)> {
        let asked = question.asked;
        let Asked { rule, message, state, .. } = asked;
        let word = asked.severity.word();
        let of = format!("{}, about {word} {rule} of {} for {}", called(waiver), question.body, question.year);
        let now = match (asked.open, &asked.answer) {
            (true, _) => format!("The {word} is open again: {message}"),
            (false, Some(Answer::Explained { .. })) => "The agency has explained it, so nothing is open.".to_owned(),
            (false, _) => "Another decision settles it, so nothing is open.".to_owned(),
        };
        // What is settled all the same is not asked about; it is said, so that the line does not stay for ever.
        let severity = if asked.open { Severity::Query } else { Severity::Note };
        let renew = "If it should go on, write it anew (“safereturn waive”); else take the line out.";
        if waiver.has_expired(self.as_of) && waiver.decision != Decision::Reopen {
            let last = waiver.expires.map_or_else(String::new, said);
            let said = match waiver.decision {
                Decision::Use => "The file that came later counts again.".to_owned(),
                Decision::Accept if !asked.open => "The explanation counts as unread again.".to_owned(),
                Decision::Waive | Decision::Accept | Decision::Reopen => now,
            };
            let severity = if waiver.decision == Decision::Waive { severity } else { Severity::Query };
            return Some((EXPIRED, severity, format!("{of}, ended on {last}. {said}"), renew));
        }
        match waiver.decision {
            Decision::Reopen => None,
            Decision::Use => {
                let works = |q: &&Question<'_>| {
                    let reason = Answer::Waived { reason: waiver.reason.clone() };
                    q.asked.id == waiver.id && q.asked.answer.as_ref() == Some(&reason)
                };
                if all.iter().any(|question| works(&question)) {
                    return None;
                }
                let file = &waiver.state;
                Some((
                    IDLE,
                    Severity::Query,
                    format!(
                        "{of}, names “{file}”, but no two files with one number are there of which one is so called."
                    ),
                    "Write the file’s name as it is in the inbox in the column “state”, or the first eight characters of its hash.",
                ))
            }
            Decision::Waive | Decision::Accept if !fits(waiver, state) => Some((
                MOVED,
                severity,
                format!(
                    "{of}, was taken for “{}”; the figures are now “{state}”, so it does not count. {now}",
                    waiver.state
                ),
                renew,
            )),
            Decision::Waive => None,
            Decision::Accept => {
                let (why, help) = match (&asked.answer, asked.severity) {
                    (Some(Answer::Explained { explanation, .. }), Severity::Query) => {
                        if waiver.explanation.is_empty() || fold(&waiver.explanation) == fold(explanation) {
                            return None;
                        }
                        (
                            "it has since been explained in other words, which nobody has read yet",
                            "Read them, and accept them or send them back.",
                        )
                    }
                    (_, Severity::Error | Severity::Note) => (
                        "an error cannot be explained away",
                        "It has to be corrected. If the partnership can live with it, waive it, with a reason.",
                    ),
                    (_, Severity::Query) => (
                        "nobody has explained these figures",
                        "Take the line out; if the question can be passed over, waive it, with a reason.",
                    ),
                };
                Some((IDLE, severity, format!("{of}, accepts an explanation, but {why}. {now}"), help))
            }
        }
    }
}

/// What the summary says of what was found: nothing, or one sentence.
#[must_use]
pub fn sentence(findings: &[Across]) -> Option<String> {
    let words = [
        (EXPIRED, "has expired", "have expired"),
        (IDLE, "matches nothing", "match nothing"),
        (UNCLEAR, "cannot be read", "cannot be read"),
        (MOVED, "was taken for other figures", "were taken for other figures"),
    ];
    let told: Vec<String> = words
        .into_iter()
        .filter_map(|(rule, one, many)| match findings.iter().filter(|f| f.rule.as_str() == rule).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        })
        .collect();
    (!told.is_empty())
        .then(|| format!("Of the decisions in waivers.csv {}: the board says which and what to do.", told.join(", ")))
}

fn place(id: &str) -> Pointer {
    Pointer::section("decisions").child(id)
}

/// A decision as the board manager knows it again: its line, what it says, and who took it.
fn called(waiver: &Waiver) -> String {
    let Waiver { line, id, decision, role, reason, .. } = waiver;
    let who = if role.is_empty() { String::new() } else { format!(" by {role}") };
    let why = if reason.is_empty() { String::new() } else { format!(" (“{reason}”)") };
    format!("Line {line} of waivers.csv, “{}” of {id}{who}{why}", decision.word())
}

fn said(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

fn account(together: &mut Together, rule: &str, at: Pointer, verdict: Verdict) {
    let check = Check { rule: rule.into(), at, verdict };
    together.checks.push(Compared { check, bodies: std::collections::BTreeSet::new() });
}
