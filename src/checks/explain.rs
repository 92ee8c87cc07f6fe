//! What agencies explain on their sheets of explanations. An answer counts for one finding in one state; with other
//! figures it is open again, and says both. An answer given once stands, whether or not a later file brings it again.

use std::collections::BTreeMap;

use super::conform::shorten;
use super::decide;
use super::given::Given;
use super::together::{Gathered, Together};
use crate::cell::Pointer;
use crate::extract::{Asked, Context, Return};
use crate::figure::Figure;
use crate::finding::{Answer, Finding, Findings, Place, Reach, Read, Severity, Verdict};
use crate::schema::Schemas;

/// Queries answered on the sheet of explanations, of this submission or of one before it. Answers to rules across agencies
/// wait until all returns are there.
pub(super) fn explain(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) -> Wordings {
    let list = list();
    // An explanation that is itself at fault is not counted; its own finding says why.
    let fault = |row: &Pointer| is_at_fault(findings.list(), row);
    let (before, after) = (context.earlier.iter().map(AsRef::as_ref), context.later.iter().map(AsRef::as_ref));
    let submissions: Vec<&Return> = before.chain([figures]).chain(after).collect();
    let turn = context.earlier.len();
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut own = 0..0;
    for (at, submission) in submissions.iter().enumerate() {
        let from = lines.len();
        lines.extend(self::lines(submission, at, &|row| at == turn && fault(row)));
        if at == turn {
            own = from..lines.len();
        }
    }
    lines.iter_mut().for_each(|line| line.across = line.given.is_about_agencies(line.of, schemas));
    let changed = |line: &Line<'_>| {
        let named = |figure: &Figure| line.given.is_of(figure, figures);
        let is = line.given.rule.eq_ignore_ascii_case(CHANGED) && context.previous.is_some();
        if is && figures.figures.values().any(named) { Applied::Counted } else { Applied::Nothing }
    };
    let mut applied: Vec<Applied> = lines.iter().map(changed).collect();
    let wordings = answer(&lines, &submissions, figures, findings.list_mut(), &mut applied);
    for (line, applied) in lines.iter().zip(&mut applied).filter(|(_, applied)| **applied == Applied::Nothing) {
        // Asked about a section that this file does not hold: it is answered there.
        let id = |asked: &Asked| asked.finding.id(&figures.year, &figures.body);
        let about = |asked: &&Asked| line.given.answers(asked, &id(asked), schemas);
        match context.asked.iter().filter(about).map(|asked| asked.finding.severity).min() {
            Some(Severity::Note | Severity::Query) => *applied = Applied::Counted,
            Some(Severity::Error) => *applied = Applied::AnError,
            None if context.received.is_none() && line.given.is_away(figures, schemas) => *applied = Applied::Away,
            None => {}
        }
    }
    let own = lines.iter().zip(applied).skip(own.start).take(own.len());
    let told = own.filter(|(line, _)| !line.across);
    let unused: Vec<Finding> = told.filter_map(|(line, applied)| applied.note(line)).collect();
    let verdict = match (unused.is_empty(), figures.lists.get(&list).is_none_or(Vec::is_empty)) {
        (_, true) => Verdict::NotApplicable("nothing is explained".to_owned()),
        (true, false) => Verdict::Held,
        (false, false) => Verdict::Failed,
    };
    findings.account("TPL-08", list, verdict);
    unused.into_iter().for_each(|note| findings.add(note));
    wordings
}

/// Answers to what was found across agencies: each body's own, for its own figures.
pub(super) fn across(gathered: &Gathered<'_>, together: &mut Together) {
    for counted in &gathered.bodies {
        let asked = together.findings.iter().enumerate().filter_map(|(i, f)| Some((i, f.seen_by(&counted.body)?)));
        let (places, mut asked): (Vec<usize>, Vec<Finding>) = asked.unzip();
        let mut wordings = Wordings::new();
        if let Some(sheet) = counted.answers {
            let fault = |of: &Return, row: &Pointer| of.within(row).any(|f| f.fault.is_some());
            let submissions: Vec<&Return> = counted.before.iter().copied().chain([sheet]).collect();
            let turns = submissions.iter().copied().enumerate();
            let lines: Vec<Line<'_>> = turns.flat_map(|(turn, r)| lines(r, turn, &|row| fault(r, row))).collect();
            let own = lines.iter().position(|line| line.turn == counted.before.len()).unwrap_or(lines.len());
            let mut applied = vec![Applied::Nothing; lines.len()];
            wordings = answer(&lines, &submissions, &counted.figures, &mut asked, &mut applied);
            for (line, applied) in lines.iter().zip(applied).skip(own) {
                let rule = &line.given.rule;
                let compared = together.checks.iter().any(|c| c.check.rule.as_str().eq_ignore_ascii_case(rule));
                if compared || applied != Applied::Nothing {
                    together.unused.entry(counted.body.clone()).or_default().extend(applied.note(line));
                }
            }
        }
        let who = (gathered.year.as_str(), counted.body.as_str());
        decide::decide(&mut asked, who, gathered.waivers, gathered.as_of, &wordings);
        for (place, answered) in places.into_iter().zip(asked) {
            let sides = together.findings.get_mut(place).into_iter().flat_map(|found| &mut found.sides);
            sides.filter(|side| side.body == counted.body).for_each(|side| side.answer.clone_from(&answered.answer));
        }
    }
}

/// Why a figure is another than in the submission before may be explained like a question, though nobody asks.
const CHANGED: &str = "XPE-12";

/// Whether the sheet explains this figure, as it is now.
pub(super) fn names(figures: &Return, figure: &Figure) -> bool {
    lines(figures, 0, &|_| false).iter().any(|line| line.given.is_of(figure, figures))
}

/// The sheet of explanations, by key.
pub const EXPLANATIONS: &str = "explanations";

pub(super) fn list() -> Pointer {
    Pointer::section(EXPLANATIONS).child(EXPLANATIONS)
}

/// Whether a return explains anything.
#[must_use]
pub fn explains(figures: &Return) -> bool {
    figures.lists.get(&list()).is_some_and(|rows| !rows.is_empty())
}

pub(super) fn is_at_fault(findings: &[Finding], row: &Pointer) -> bool {
    let counts = |f: &&Finding| f.severity == Severity::Error || f.rule.as_str() == "DIS-07";
    findings.iter().filter(counts).any(|f| f.at.is_within(row))
}

/// The values a finding was made of, as one text: what an answer is given for.
#[must_use]
pub fn state(finding: &Finding) -> String {
    finding.state.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("; ")
}

/// The different things that were said to a question, in their order, by the question's rule and place.
pub(super) type Wordings = BTreeMap<(String, Pointer), Vec<Wording>>;

/// One thing that was said to a question.
pub(super) struct Wording {
    words: String,
    given_for: String,
    /// It was said of the figures that the question now rests on.
    pub(super) fits: bool,
    /// The last submission on which it stood.
    until: usize,
}

/// What counts of it, by its position: of what fits, the last that was said; of several on one sheet, the newest.
pub(super) fn counts(said: &[Wording]) -> Option<usize> {
    let fitting = said.iter().enumerate().filter(|(_, wording)| wording.fits);
    fitting.max_by_key(|(at, wording)| (wording.until, *at)).map(|(at, _)| at)
}

/// One row of a sheet of explanations.
struct Line<'r> {
    given: Given,
    /// The submission on which it stands.
    of: &'r Return,
    /// Which of the submissions that is, from 0.
    turn: usize,
    key: String,
    row: Pointer,
    /// It answers a rule across agencies.
    across: bool,
}

fn lines<'r>(of: &'r Return, turn: usize, is_at_fault: &dyn Fn(&Pointer) -> bool) -> Vec<Line<'r>> {
    let list = list();
    let keys = of.lists.get(&list).into_iter().flatten();
    let rows = keys.map(|key| (key.clone(), list.child(key))).filter(|(_, row)| !is_at_fault(row));
    rows.map(|(key, row)| Line { given: Given::read(of, &row), of, turn, key, row, across: false }).collect()
}

/// Holds the rows, oldest first, against the findings. The last that was given for the figures as they are counts.
fn answer(
    lines: &[Line<'_>],
    submissions: &[&Return],
    figures: &Return,
    findings: &mut [Finding],
    applied: &mut [Applied],
) -> Wordings {
    let mut wordings = Wordings::new();
    for finding in findings {
        let id = finding.id(&figures.year, &figures.body);
        let mut said: Vec<Wording> = Vec::new();
        let mut moved = None;
        let about = |(line, _): &(&Line<'_>, &mut Applied)| !line.across && line.given.is_about(finding, &id, line.of);
        for (line, applied) in lines.iter().zip(applied.iter_mut()).filter(about) {
            match finding.severity {
                Severity::Note => continue,
                Severity::Error => {
                    if *applied == Applied::Nothing {
                        *applied = Applied::AnError;
                    }
                    continue;
                }
                Severity::Query => *applied = Applied::Counted,
            }
            let given = &line.given;
            let was = given.was_for(finding, figures, first(line, submissions, finding, figures));
            let fits = was.is_none();
            moved = was.or(moved);
            let same = |w: &&mut Wording| w.words == given.words && w.given_for == given.given_for && w.fits == fits;
            match said.iter_mut().find(same) {
                Some(wording) => wording.until = line.turn,
                None => said.push(Wording {
                    words: given.words.clone(),
                    given_for: given.given_for.clone(),
                    fits,
                    until: line.turn,
                }),
            }
        }
        finding.answer = match (counts(&said).and_then(|at| said.get(at)), moved) {
            (Some(wording), _) => Some(Answer::Explained { explanation: wording.words.clone(), read: Read::Unread }),
            (None, Some(was)) => Some(Answer::Reopened { was, now: state(finding) }),
            (None, None) => continue,
        };
        wordings.insert((finding.rule.to_string(), finding.at.clone()), said);
    }
    wordings
}

/// The first submission in which the same row stood beside these figures: an answer that does not say its figure was
/// given for the figures of that time.
fn first<'r>(line: &Line<'_>, submissions: &[&'r Return], finding: &Finding, now: &Return) -> Option<&'r Return> {
    let there = |r: &Return| {
        let known = finding.state.iter().filter(|(at, _)| now.figures.contains_key(at));
        known.into_iter().all(|(at, _)| r.figures.contains_key(at))
    };
    submissions.iter().copied().find(|submission| line.given.stood_in(submission) && there(submission))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Applied {
    Counted,
    Nothing,
    /// It is about a section that is not in the file, and what was sent before is not known: the file is not handed in yet.
    Away,
    AnError,
}

impl Applied {
    /// What is said of a row that was not counted.
    fn note(self, line: &Line<'_>) -> Option<Finding> {
        let (why, help) = match self {
            Self::Counted => return None,
            Self::Nothing => (
                "we ask no such question about this return",
                "Check the rule and the figure it names. If the question is gone, take the line out.",
            ),
            Self::Away => (
                "that sheet is not in this file: whether it answers a question shows when your return is handed in",
                "Nothing to do, if you sent the sheet before and were asked about it.",
            ),
            Self::AnError => (
                "that is an error: it has to be corrected and cannot be explained",
                "Correct the figure and take the line out.",
            ),
        };
        let Line { given, key, row, .. } = line;
        let about = if given.about.is_empty() { String::new() } else { format!(" of “{}”", shorten(&given.about)) };
        let message = format!("Line {key} of the explanations is about {}{about}, but {why}.", shorten(&given.rule));
        let at = row.child("rule_id");
        Some(
            Finding::new("TPL-08", Severity::Note, row.clone(), Reach::Explanation, message)
                .with_help(help)
                .with_label(Place::Figure(at), format!("{}: not counted", shorten(&given.rule))),
        )
    }
}
