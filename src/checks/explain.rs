//! Answers to findings: what the agency explains on its Explanations sheet, and what the board manager waives.
//! An answer counts for one finding in one state; with other figures it is open again, and says both.

use crate::cell::Pointer;
use crate::extract::{Context, Return, fold};
use crate::figure::Bare;
use crate::finding::{Answer, Finding, Findings, Place, Reach, Severity};
use crate::schema::Schemas;

/// Queries answered, errors waived.
pub(super) fn explain(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let list = Pointer::section("explanations").child("explanations");
    let keys = figures.lists.get(&list).cloned().unwrap_or_default();
    let mut unused = Vec::new();
    for key in keys {
        let row = list.child(&key);
        // An explanation that is itself at fault is not counted; its own finding says why.
        if findings.list().iter().any(|f| f.severity == Severity::Error && f.at.is_within(&row)) {
            continue;
        }
        let answer = Given::read(figures, &row);
        match apply(&answer, figures, findings) {
            Applied::Counted => {}
            Applied::Nothing => unused.push((row, "matches no question of this return")),
            Applied::AnError => unused.push((row, "is about an error; an error has to be corrected")),
        }
    }
    for (row, why) in unused {
        let at = row.child("explanation");
        let message = format!("The explanation in this row {why}.");
        let entry = schemas.entry("TPL-08");
        findings.add(
            Finding::new("TPL-08", Severity::Note, row, Reach::Explanation, message)
                .with_help(entry.map(|e| e.help.clone()).unwrap_or_default())
                .with_label(Place::Figure(at), "not counted"),
        );
    }
    let (year, body) = (figures.year.clone(), figures.body.clone());
    for finding in findings.list_mut() {
        let id = finding.id(&year, &body);
        let waiver = context.waivers.iter().find(|w| w.id == id);
        let Some(waiver) = waiver.filter(|w| w.expires.is_none_or(|last| context.as_of <= last)) else { continue };
        let now = state(finding);
        finding.answer = Some(if waiver.state.is_empty() || fold(&waiver.state) == fold(&now) {
            Answer::Waived { reason: waiver.reason.clone() }
        } else {
            Answer::Reopened { was: waiver.state.clone(), now }
        });
    }
}

/// The values a finding was made of, as one text: what an answer is given for.
#[must_use]
pub fn state(finding: &Finding) -> String {
    finding.state.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("; ")
}

/// One row of the Explanations sheet.
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
                    Place::Figure(p) => fold(&figures.words(p)) == about,
                    Place::Cell(a) => fold(&a.cell.to_string()) == about,
                    Place::Sheet(_) | Place::File => false,
                })
        };
        self.rule.eq_ignore_ascii_case(finding.rule.as_str())
            && (section.is_empty() || section == fold(&key) || section == fold(&figures.words(&Pointer::section(&key))))
            && (about.is_empty() || named())
    }
}

fn apply(given: &Given, figures: &Return, findings: &mut Findings) -> Applied {
    let mut applied = Applied::Nothing;
    for finding in findings.list_mut() {
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
                let now = state(finding);
                let same = given.given_for.is_empty()
                    || fold(&given.given_for) == fold(&now)
                    || finding.state.iter().any(|(_, value)| fold(value) == fold(&given.given_for));
                finding.answer = Some(if same {
                    Answer::Explained { explanation: given.words.clone() }
                } else {
                    Answer::Reopened { was: given.given_for.clone(), now }
                });
                applied = Applied::Counted;
            }
        }
    }
    applied
}
