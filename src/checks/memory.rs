//! What is kept of a submission for those that come after it: that an explanation given once stands, and that last year's
//! is shown where the same question comes again.

use super::explain::{is_at_fault, list};
use crate::extract::{Answered, Return};
use crate::finding::{Answer, Finding, Severity};

/// Shows how the same question was answered last year, where it is open. It never counts as an answer.
pub fn suggest(findings: &mut [Finding], last: &[Answered]) {
    for finding in findings.iter_mut().filter(|f| f.severity == Severity::Query && f.is_open()) {
        let same = |answered: &&Answered| answered.rule == finding.rule && answered.at == finding.at;
        finding.suggestion = last.iter().rfind(same).map(|answered| answered.explanation.clone());
    }
}

/// What is kept of a submission, so that the explanations on it stand when the next one comes: its figures, and the lines
/// of its sheet of explanations that count.
#[must_use]
pub fn remember(figures: &Return, findings: &[Finding]) -> Return {
    let list = list();
    let mut kept = Return {
        year: figures.year.clone(),
        body: figures.body.clone(),
        kind: figures.kind.clone(),
        submission_no: figures.submission_no,
        sheets: figures.sheets.clone(),
        figures: figures.figures.clone(),
        words: figures.words.clone(),
        ..Return::default()
    };
    if let Some(keys) = figures.lists.get(&list) {
        let counts = |key: &&String| !is_at_fault(findings, &list.child(key));
        kept.lists.insert(list.clone(), keys.iter().filter(counts).cloned().collect());
    }
    kept
}

/// The questions that an agency has answered, to be shown next year where they come again.
#[must_use]
pub fn answered(findings: &[Finding]) -> Vec<Answered> {
    let words = |finding: &Finding| match &finding.answer {
        Some(Answer::Explained { explanation, .. }) => Some(explanation.clone()),
        Some(Answer::Reopened { .. } | Answer::SentBack { .. } | Answer::Waived { .. }) | None => None,
    };
    let queries = findings.iter().filter(|finding| finding.severity == Severity::Query);
    queries.filter_map(|f| Some(Answered { rule: f.rule.clone(), at: f.at.clone(), explanation: words(f)? })).collect()
}
