//! What agencies explain on their sheets of explanations. An answer counts for one finding in one state; with other
//! figures it is open again, and says both. An answer given once stands, whether or not a later file brings it again.

use std::collections::BTreeMap;

use super::conform::shorten;
use super::decide;
use super::together::{Gathered, Together};
use crate::cell::Pointer;
use crate::extract::{Context, Return, fold};
use crate::figure::{Bare, Figure};
use crate::finding::{ACROSS, Answer, Finding, Findings, Place, Reach, Read, Severity, Verdict, own_place};
use crate::schema::Schemas;

/// Queries answered on the sheet of explanations, of this submission or of one before it. Answers to rules across agencies
/// wait until all returns are there.
pub(super) fn explain(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) -> Wordings {
    let list = list();
    // An explanation that is itself at fault is not counted; its own finding says why.
    let fault = |row: &Pointer| is_at_fault(findings.list(), row);
    let submissions: Vec<&Return> = context.earlier.iter().map(AsRef::as_ref).chain([figures]).collect();
    let before = context.earlier.iter().enumerate();
    let mut lines: Vec<Line<'_>> = before.flat_map(|(turn, earlier)| lines(earlier, turn, &|_| false)).collect();
    let own = lines.len();
    lines.extend(self::lines(figures, context.earlier.len(), &fault));
    lines.iter_mut().for_each(|line| line.across = line.given.is_about_agencies(line.of, schemas));
    let changed = |line: &Line<'_>| {
        let named = |figure: &Figure| line.given.is_of(figure, figures);
        let is = line.given.rule.eq_ignore_ascii_case(CHANGED) && context.previous.is_some();
        if is && figures.figures.values().any(named) { Applied::Counted } else { Applied::Nothing }
    };
    let mut applied: Vec<Applied> = lines.iter().map(changed).collect();
    let wordings = answer(&lines, &submissions, figures, findings.list_mut(), &mut applied);
    let told = lines.iter().zip(applied).skip(own).filter(|(line, _)| !line.across);
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

pub(super) fn list() -> Pointer {
    Pointer::section("explanations").child("explanations")
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

/// One row of the Explanations sheet.
#[derive(PartialEq, Eq)]
struct Given {
    rule: String,
    section: String,
    about: String,
    words: String,
    given_for: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Applied {
    Counted,
    Nothing,
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

impl Given {
    fn read(figures: &Return, row: &Pointer) -> Self {
        let text = |field: &str| match figures.figures.get(&row.child(field)) {
            Some(figure) => match &figure.bare {
                Bare::Text(text) => text.trim().to_owned(),
                Bare::Number(_) | Bare::Date(_) | Bare::Codes(_) | Bare::Marker(_) | Bare::Blank => {
                    figure.typed.trim().to_owned()
                }
            },
            None => String::new(),
        };
        Self {
            rule: text("rule_id"),
            section: text("section"),
            about: text("measure_or_record"),
            words: text("explanation"),
            given_for: text("given_for"),
        }
    }

    /// Whether this row answers a rule across agencies: by its id, or by that of the finding it would make here.
    fn is_about_agencies(&self, figures: &Return, schemas: &Schemas) -> bool {
        schemas.declared_across().any(|(id, at)| {
            let at = Pointer::section(ACROSS).child(at);
            let is = |at: &Pointer, section: &String| {
                let finding = Finding::new(id, Severity::Query, own_place(section, at), Reach::Explanation, "");
                self.rule.eq_ignore_ascii_case(&finding.id(&figures.year, &figures.body))
            };
            // A rule about each body has the body in its place.
            let places = [at.child(&figures.body), at];
            self.rule.eq_ignore_ascii_case(id)
                || figures.sheets.keys().any(|section| places.iter().any(|at| is(at, section)))
        })
    }

    /// Whether this row is about a figure, as it is now: named by its words, its cell or the last part of its place.
    fn is_of(&self, figure: &Figure, figures: &Return) -> bool {
        let (about, at) = (fold(&self.about), &figure.pointer);
        let key = at.section_key();
        let section = fold(&self.section);
        let in_section = section == fold(&key) || section == fold(&figures.words(&Pointer::section(&key)));
        let named = || {
            fold(&figures.words(at)) == about
                || at.segments().last().is_some_and(|s| fold(&s) == about)
                || figure.cell.is_some_and(|a| fold(&a.cell.to_string()) == about)
        };
        // A line that does not say its figure may have been written for the one before.
        let now = || !self.given_for.is_empty() && plain(&self.given_for) == plain(&figure.typed);
        !about.is_empty() && in_section && now() && named()
    }

    /// Whether the same row was in a submission.
    fn stood_in(&self, submission: &Return) -> bool {
        let list = list();
        let keys = submission.lists.get(&list).into_iter().flatten();
        keys.map(|key| Self::read(submission, &list.child(key))).any(|row| row == *self)
    }

    /// What the answer was given for, if the finding now rests on something else. `before` is the submission in which
    /// the same words first stood: an answer that does not say its figure was given for the figures of that time.
    fn was_for(&self, finding: &Finding, figures: &Return, before: Option<&Return>) -> Option<String> {
        let own = || finding.state.iter().filter(|(_, value)| !value.starts_with("last year "));
        if self.given_for.is_empty() {
            let before = before?;
            let then = |at: &Pointer| before.figures.get(at);
            let moved = own().any(|(at, _)| then(at).map(|f| &f.bare) != figures.figures.get(at).map(|f| &f.bare));
            let typed = own().map(|(at, _)| then(at).map_or("nothing", |f| f.typed.as_str()));
            return moved.then(|| typed.collect::<Vec<_>>().join("; "));
        }
        // A query about no figure in particular has none that could have moved.
        if finding.state.is_empty() {
            return None;
        }
        let about = fold(&self.about);
        let is_named =
            |at: &Pointer| fold(&figures.words(at)) == about || at.segments().last().is_some_and(|s| fold(&s) == about);
        let named: Vec<&String> = own().filter(|(at, _)| is_named(at)).map(|(_, value)| value).collect();
        let same = plain(&self.given_for) == plain(&state(finding))
            || if named.is_empty() {
                own().any(|(_, value)| plain(value) == plain(&self.given_for))
            } else {
                named.iter().all(|value| plain(value) == plain(&self.given_for))
            };
        (!same).then(|| self.given_for.clone())
    }

    /// Whether this row speaks about a finding: by its eight-character id, or by rule and place in words.
    fn is_about(&self, finding: &Finding, id: &str, figures: &Return) -> bool {
        if self.rule.eq_ignore_ascii_case(id) {
            return true;
        }
        let about = fold(&self.about);
        let section = fold(&self.section);
        let key = finding.at.section_key();
        let named = || {
            finding.at.segments().skip(1).any(|s| fold(&s) == about)
                || fold(&figures.words(&finding.at)) == about
                || about == id
                || finding.labels.iter().any(|l| match &l.place {
                    Place::Figure(p) => {
                        fold(&figures.words(p)) == about
                            || figures.cell(p).is_some_and(|a| fold(&a.cell.to_string()) == about)
                    }
                    Place::Cell(a) => fold(&a.cell.to_string()) == about,
                    Place::Before(p) => fold(&figures.words(p)) == about,
                    Place::Sheet(_) | Place::File => false,
                })
        };
        self.rule.eq_ignore_ascii_case(finding.rule.as_str())
            && (section.is_empty() || section == fold(&key) || section == fold(&figures.words(&Pointer::section(&key))))
            && (about.is_empty() || named())
    }
}

/// Values without what makes no difference: `2,091` and `2091`, `5 May 2021` and `2021-05-05`.
pub(super) fn plain(text: &str) -> String {
    text.split(';').map(|value| plain_value(value.trim())).collect::<Vec<_>>().join(";")
}

fn plain_value(text: &str) -> String {
    let date =
        ["%Y-%m-%d", "%-d %B %Y"].into_iter().find_map(|form| chrono::NaiveDate::parse_from_str(text, form).ok());
    // Of a number, its point and its sign make a difference.
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '%') && !c.is_whitespace()).collect();
    let number = digits.replace('\u{2212}', "-").parse::<f64>().ok().filter(|n| n.is_finite());
    match (date, number) {
        (Some(date), _) => date.to_string(),
        (None, Some(number)) => number.to_string(),
        (None, None) => fold(text).replace(' ', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_same_however_it_is_written_and_its_point_and_sign_count() {
        for (one, other) in
            [("2,091", "2091"), ("67.60%", "67.6"), ("5 May 2021", "2021-05-05"), ("1; 2,000", "1;2000")]
        {
            assert_eq!(plain(one), plain(other));
        }
        for (one, other) in [("6.7", "67"), ("-5", "5"), ("1; 2", "12"), ("c", "x")] {
            assert_ne!(plain(one), plain(other));
        }
    }
}
