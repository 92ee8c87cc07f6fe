//! Two files of one body that carry the same submission number.

use std::collections::BTreeSet;

use super::conform::shorten;
use super::whole::{cover, finding};
use crate::cell::Pointer;
use crate::extract::{Context, Counts, Return, SameNumber};
use crate::finding::{Answer, Findings, Place, Reach, Severity, Verdict};
use crate::schema::Schemas;

/// Another file with the same submission number (CMP-09): the later one counts and it is asked about, until the board
/// manager has said which.
pub(super) fn same(
    figures: &Return,
    sections: &BTreeSet<String>,
    context: &Context,
    schemas: &Schemas,
    findings: &mut Findings,
) -> Verdict {
    let Some(SameNumber { other, counts }) = &context.same_number else { return Verdict::Held };
    let number = figures.submission_no.unwrap_or(1);
    let file = Pointer::section("file");
    let both =
        format!("We have two different files that both say they are submission {number}: this one and “{other}”.");
    let end = match counts {
        Counts::Later => " The one that came later counts.",
        Counts::This(_) => " The partnership has decided that this one counts.",
        Counts::Other(_) => " The partnership has decided that the other one counts, so nothing of this one is used.",
    };
    let reach = Reach::Sections(sections.clone());
    let mut found = finding(schemas, "CMP-09", file, reach, format!("{both}{end}"))
        .with_label(Place::Figure(cover("submission_no")), format!("submission {number}"));
    match counts {
        Counts::Later => {}
        Counts::This(reason) => found.answer = Some(Answer::Waived { reason: reason.clone() }),
        Counts::Other(reason) => {
            found.severity = Severity::Error;
            found.help = format!(
                "The reason given: “{}”. If this is the file that should count, tell us, or send it under a new number.",
                shorten(reason)
            );
        }
    }
    findings.add(found);
    Verdict::Failed
}
