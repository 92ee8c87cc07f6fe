//! Answers to findings: what the agency explains on its Explanations sheet, and what the board manager waives.
//! An answer counts for one finding in one state; with other figures it is open again, and says both.

use chrono::NaiveDate;

use super::conform::shorten;
use super::together::{Gathered, Together};
use crate::cell::Pointer;
use crate::extract::{Context, Return, Waiver, fold};
use crate::figure::Bare;
use crate::finding::{ACROSS, Answer, Finding, Findings, Place, Reach, Severity, Verdict, own_place};
use crate::schema::Schemas;

/// Queries answered on the sheet of explanations. Answers to rules across agencies wait until all returns are there.
pub(super) fn explain(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let list = list();
    let keys = figures.lists.get(&list).cloned().unwrap_or_default();
    let mut unused = Vec::new();
    for key in keys {
        let row = list.child(&key);
        // An explanation that is itself at fault is not counted; its own finding says why.
        let at_fault = |f: &Finding| f.severity == Severity::Error || f.rule.as_str() == "DIS-07";
        if findings.list().iter().any(|f| at_fault(f) && f.at.is_within(&row)) {
            continue;
        }
        let given = Given::read(figures, &row);
        if given.is_about_agencies(figures, schemas) {
            continue;
        }
        let before = context.previous.as_ref().filter(|previous| given.stood_in(previous, &list));
        let applied = apply(&given, figures, |_| before, findings.list_mut());
        unused.extend(applied.note(&key, row, &given));
    }
    let verdict = match (unused.is_empty(), figures.lists.get(&list).is_none_or(Vec::is_empty)) {
        (_, true) => Verdict::NotApplicable("nothing is explained".to_owned()),
        (true, false) => Verdict::Held,
        (false, false) => Verdict::Failed,
    };
    findings.account("TPL-08", list, verdict);
    unused.into_iter().for_each(|note| findings.add(note));
}

/// Answers to what was found across agencies: each body's own, for its own figures.
pub(super) fn across(gathered: &Gathered<'_>, together: &mut Together) {
    for counted in &gathered.bodies {
        let asked = together.findings.iter().enumerate().filter_map(|(i, f)| Some((i, f.seen_by(&counted.body)?)));
        let (places, mut asked): (Vec<usize>, Vec<Finding>) = asked.unzip();
        if let Some(sheet) = counted.answers {
            let list = list();
            for key in sheet.lists.get(&list).into_iter().flatten() {
                let row = list.child(key);
                let given = Given::read(sheet, &row);
                let about = |f: &Finding| given.is_about(f, &counted.figures);
                let compared = together.checks.iter().any(|c| c.check.rule.as_str().eq_ignore_ascii_case(&given.rule));
                if sheet.within(&row).any(|f| f.fault.is_some()) || !(compared || asked.iter().any(about)) {
                    continue;
                }
                // The first submission in which the same words stood beside these figures.
                let before = |finding: &Finding| {
                    let there = |r: &Return| finding.state.iter().all(|(at, _)| r.figures.contains_key(at));
                    counted.before.iter().copied().find(|r| given.stood_in(r, &list) && there(r))
                };
                let applied = apply(&given, &counted.figures, before, &mut asked);
                let note = applied.note(key, row, &given);
                together.unused.entry(counted.body.clone()).or_default().extend(note);
            }
        }
        decide(&mut asked, (&gathered.year, &counted.body), gathered.waivers, gathered.as_of);
        for (place, answered) in places.into_iter().zip(asked) {
            let sides = together.findings.get_mut(place).into_iter().flat_map(|found| &mut found.sides);
            sides.filter(|side| side.body == counted.body).for_each(|side| side.answer.clone_from(&answered.answer));
        }
    }
}

fn list() -> Pointer {
    Pointer::section("explanations").child("explanations")
}

/// What the board manager decided.
pub(super) fn waive(figures: &Return, context: &Context, findings: &mut Findings) {
    decide(findings.list_mut(), (&figures.year, &figures.body), &context.waivers, context.as_of);
}

fn decide(findings: &mut [Finding], (year, body): (&str, &str), waivers: &[Waiver], as_of: NaiveDate) {
    for finding in findings {
        let id = finding.id(year, body);
        let standing = |w: &&Waiver| w.id == id && w.expires.is_none_or(|last| as_of <= last);
        // A decision may have been renewed, for other figures or another day: any that fits counts.
        for waiver in waivers.iter().filter(standing) {
            let now = state(finding);
            if waiver.state.is_empty() || fold(&waiver.state) == fold(&now) {
                finding.answer = Some(Answer::Waived { reason: waiver.reason.clone() });
            } else if finding.answer.is_none() {
                // What the agency itself has answered since then stands.
                finding.answer = Some(Answer::Reopened { was: waiver.state.clone(), now });
            }
        }
    }
}

/// The values a finding was made of, as one text: what an answer is given for.
#[must_use]
pub fn state(finding: &Finding) -> String {
    finding.state.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("; ")
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

enum Applied {
    Counted,
    Nothing,
    AnError,
}

impl Applied {
    /// What is said of a row that was not counted.
    fn note(self, key: &str, row: Pointer, given: &Given) -> Option<Finding> {
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
        let about = if given.about.is_empty() { String::new() } else { format!(" of “{}”", shorten(&given.about)) };
        let message = format!("Line {key} of the explanations is about {}{about}, but {why}.", shorten(&given.rule));
        let at = row.child("rule_id");
        Some(
            Finding::new("TPL-08", Severity::Note, row, Reach::Explanation, message)
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

    /// Whether the same row was in the submission before.
    fn stood_in(&self, previous: &Return, list: &Pointer) -> bool {
        let keys = previous.lists.get(list).into_iter().flatten();
        keys.map(|key| Self::read(previous, &list.child(key))).any(|row| row == *self)
    }

    /// What the answer was given for, if the finding now rests on something else. `before` is the submission in which
    /// the same words already stood: an answer that does not say its figure was given for the figures of that time.
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
    fn is_about(&self, finding: &Finding, figures: &Return) -> bool {
        if self.rule.eq_ignore_ascii_case(&finding.id(&figures.year, &figures.body)) {
            return true;
        }
        let about = fold(&self.about);
        let section = fold(&self.section);
        let key = finding.at.section_key();
        let named = || {
            finding.at.segments().skip(1).any(|s| fold(&s) == about)
                || fold(&figures.words(&finding.at)) == about
                || about == finding.id(&figures.year, &figures.body)
                || finding.labels.iter().any(|l| match &l.place {
                    Place::Figure(p) => {
                        fold(&figures.words(p)) == about
                            || figures.cell(p).is_some_and(|a| fold(&a.cell.to_string()) == about)
                    }
                    Place::Cell(a) => fold(&a.cell.to_string()) == about,
                    Place::Sheet(_) | Place::File => false,
                })
        };
        self.rule.eq_ignore_ascii_case(finding.rule.as_str())
            && (section.is_empty() || section == fold(&key) || section == fold(&figures.words(&Pointer::section(&key))))
            && (about.is_empty() || named())
    }
}

/// A value without what makes no difference: `2,091` and `2091`.
fn plain(text: &str) -> String {
    let text = text.trim();
    let date =
        ["%Y-%m-%d", "%-d %B %Y"].into_iter().find_map(|form| chrono::NaiveDate::parse_from_str(text, form).ok());
    date.map_or_else(|| fold(text).replace(' ', ""), |date| date.to_string())
}

fn apply<'r>(
    given: &Given,
    figures: &Return,
    before: impl Fn(&Finding) -> Option<&'r Return>,
    findings: &mut [Finding],
) -> Applied {
    let mut applied = Applied::Nothing;
    for finding in findings {
        if !given.is_about(finding, figures) {
            continue;
        }
        match finding.severity {
            Severity::Note => {}
            Severity::Error => {
                if matches!(applied, Applied::Nothing) {
                    applied = Applied::AnError;
                }
            }
            Severity::Query => {
                match given.was_for(finding, figures, before(finding)) {
                    None => finding.answer = Some(Answer::Explained { explanation: given.words.clone() }),
                    // An old line that was left in does not undo the one that answers for these figures.
                    Some(_) if matches!(finding.answer, Some(Answer::Explained { .. })) => {}
                    Some(was) => finding.answer = Some(Answer::Reopened { was, now: state(finding) }),
                }
                applied = Applied::Counted;
            }
        }
    }
    applied
}
