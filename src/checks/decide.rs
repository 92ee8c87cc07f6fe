//! What the board manager decided about findings: waived, an explanation accepted, one sent back. A decision holds for one
//! finding and, where it names them, for its figures; it is never widened to another.

use chrono::NaiveDate;

use super::explain::{Wording, Wordings, counts, state};
use super::given::plain;
use crate::extract::{Context, Decision, Return, Waiver, day, fold};
use crate::finding::{Answer, Finding, Read, Severity};

/// Applies the decisions to the findings of a return.
pub(super) fn waive(figures: &Return, context: &Context, wordings: &Wordings, findings: &mut [Finding]) {
    decide(findings, (&figures.year, &figures.body), &context.waivers, context.as_of, wordings);
}

/// Applies the decisions to findings, given what the agency has said to them.
pub(super) fn decide(
    findings: &mut [Finding],
    (year, body): (&str, &str),
    waivers: &[Waiver],
    as_of: NaiveDate,
    wordings: &Wordings,
) {
    for finding in findings {
        let id = finding.id(year, body);
        let own: Vec<&Waiver> = waivers.iter().filter(|waiver| waiver.id == id).collect();
        if own.is_empty() {
            continue;
        }
        let said = wordings.get(&(finding.rule.to_string(), finding.at.clone()));
        let decided = settle(finding, &own, as_of, said.map_or(&[], Vec::as_slice));
        finding.answer = decided.or_else(|| finding.answer.take());
    }
}

/// Whether a decision was taken for the figures as they are.
#[must_use]
pub fn fits(waiver: &Waiver, now: &str) -> bool {
    waiver.state.is_empty()
        || plain(&waiver.state) == plain(now)
        || plain(&undated(&waiver.state)) == plain(&undated(now))
}

/// Dates in the one form, whichever a spreadsheet made of them when it saved the decisions: `10 August 2021` and
/// `2021-08-10` come back as `10-Aug-21` or `10/08/2021`.
fn undated(state: &str) -> String {
    let forms = ["%d %B %Y", "%d-%b-%y", "%d-%b-%Y"];
    let date = |text: &str| {
        let named = || forms.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
        day(text).or_else(named).map_or_else(|| text.to_owned(), |date| date.to_string())
    };
    state.split(';').map(|value| date(value.trim())).collect::<Vec<_>>().join(";")
}

/// What the decisions about a finding come to, in the order of their lines: the last that can be applied counts.
fn settle(finding: &Finding, own: &[&Waiver], as_of: NaiveDate, said: &[Wording]) -> Option<Answer> {
    let now = state(finding);
    let explained = match &finding.answer {
        Some(Answer::Explained { explanation, .. }) if finding.severity == Severity::Query => Some(explanation),
        Some(Answer::Explained { .. } | Answer::Reopened { .. } | Answer::SentBack { .. } | Answer::Waived { .. })
        | None => None,
    };
    let mut standing = None;
    let mut moved = None;
    let mut sent_back = 0;
    for waiver in own {
        let in_words = |words: &String| waiver.explanation.is_empty() || fold(&waiver.explanation) == fold(words);
        match (waiver.decision, fits(waiver, &now)) {
            (Decision::Use, _) => {}
            (Decision::Waive, false) => moved = Some(waiver.state.clone()),
            (Decision::Accept | Decision::Reopen, false) => {}
            (Decision::Waive, true) => {
                let reason = waiver.reason.clone();
                standing = (!waiver.has_expired(as_of)).then_some(Answer::Waived { reason });
                moved = None;
            }
            (Decision::Accept, true) => {
                if let Some(explanation) = explained.filter(|words| in_words(words)) {
                    let accepted = Answer::Explained { explanation: explanation.clone(), read: Read::Accepted };
                    standing = (!waiver.has_expired(as_of)).then_some(accepted);
                }
            }
            (Decision::Reopen, true) => {
                // Where the line does not say which explanation it sends back, the first such line is about the first
                // that there was, the second about the second.
                let this = match (explained, waiver.explanation.is_empty()) {
                    (None, _) => false,
                    (Some(words), false) => in_words(words),
                    (Some(_), true) => {
                        sent_back += 1;
                        let among = |w: &&Wording| w.fits || waiver.state.is_empty();
                        let before = counts(said).map_or(0, |at| said.iter().take(at).filter(among).count());
                        before < sent_back
                    }
                };
                let reason = waiver.reason.clone();
                standing = explained
                    .filter(|_| this)
                    .map(|explanation| Answer::SentBack { explanation: explanation.clone(), reason });
                moved = None;
            }
        }
    }
    match (standing, moved, &finding.answer) {
        (Some(standing), _, _) => Some(standing),
        // What the agency itself has answered since then stands.
        (None, Some(was), None) => Some(Answer::Reopened { was, now }),
        (None, Some(_), Some(_)) | (None, None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_makes_of_a_date_is_the_same_state_and_another_day_is_not() {
        let waiver = |state: &str| Waiver {
            line: 2,
            id: "bcdfghjk".into(),
            decision: Decision::Waive,
            state: state.into(),
            role: String::new(),
            reason: "agreed".into(),
            expires: None,
            explanation: String::new(),
        };
        for (saved, now) in [
            ("10-Aug-21", "10 August 2021"),
            ("10/08/2021", "10 August 2021"),
            ("05/05/2021; 3", "2021-05-05; 3"),
            ("5-May-2021", "5 May 2021"),
            ("31/12/2021", "31/12/2021"),
        ] {
            assert!(fits(&waiver(saved), now), "{saved}");
        }
        for (saved, now) in
            [("11-Aug-21", "10 August 2021"), ("08/10/2021", "10 August 2021"), ("10", "10 August 2021")]
        {
            assert!(!fits(&waiver(saved), now), "{saved}");
        }
    }
}
