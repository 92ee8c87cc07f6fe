//! What a body's submissions for a year, taken one after another, leave for the next one to be checked with: what was
//! accepted, what counts, and what was explained.

use std::sync::Arc;

use crate::checks::remember;
use crate::counting::adds;
use crate::extract::{Context, Return};
use crate::report::{Outcome, Report};

/// The submissions of a body for a year so far.
#[derive(Debug, Default, Clone)]
pub struct Before {
    previous: Option<Return>,
    counts: Option<Arc<Return>>,
    earlier: Vec<Arc<Return>>,
}

impl Before {
    /// Takes the next submission, once it is checked.
    pub fn take(&mut self, report: &Report) {
        if report.private {
            return;
        }
        let kept = |worst: Outcome| report.sections.iter().filter(move |s| s.outcome <= worst).map(|s| &s.section);
        for section in kept(Outcome::Accepted) {
            self.previous.get_or_insert_default().replace_section(&report.figures, section);
        }
        for section in kept(Outcome::Queried) {
            Arc::make_mut(self.counts.get_or_insert_default()).replace_section(&report.figures, section);
        }
        let memory = remember(&report.figures, &report.findings);
        if adds(self.earlier.last().map(AsRef::as_ref), &memory) {
            self.earlier.push(Arc::new(memory));
        }
    }

    /// What is known of the next one from those before it.
    #[must_use]
    pub fn context(&self, context: Context) -> Context {
        Context {
            previous: self.previous.clone(),
            counts: self.counts.clone(),
            earlier: self.earlier.clone(),
            ..context
        }
    }
}
