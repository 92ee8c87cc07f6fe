//! The reference of a recommendation: agency, first year of the year it was made, number (REC-01). What can be said
//! of a recommendation by comparing its fields is said in the pack.

use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::{Item, List, Section};
use crate::schema::{Schemas, is_year};

const RULE: &str = "REC-01";

/// The references in each list of a section whose rows have one and the year they were made.
pub(super) fn references(figures: &Return, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    for item in &section.items {
        let Item::List(list) = item else { continue };
        let fields = ["rec_id", "year_made"];
        if list.key_field == fields[0] && fields.iter().all(|key| list.fields.iter().any(|f| f.key() == *key)) {
            rows(figures, list, &Pointer::section(&section.key).child(&list.key), schemas, findings);
        }
    }
}

fn rows(figures: &Return, list: &List, at: &Pointer, schemas: &Schemas, findings: &mut Findings) {
    let keys = figures.lists.get(at).map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        let why = format!("there is no row in “{}”", list.title);
        return findings.account(RULE, at.clone(), Verdict::NotApplicable(why));
    }
    for key in keys {
        let row = at.child(key);
        let figure = |field: &str| figures.figures.get(&row.child(field));
        let text = |field: &str| match figure(field).filter(|f| f.fault.is_none()).map(|f| &f.bare) {
            Some(Bare::Text(text)) => Some(text.as_str()),
            Some(Bare::Number(_) | Bare::Date(_) | Bare::Codes(_) | Bare::Marker(_) | Bare::Blank) | None => None,
        };
        let place = row.child("rec_id");
        // A year that cannot be right has a finding of its own (REC-02, CEL-06).
        let made = text("year_made").filter(|y| is_year(y) && *y <= figures.year.as_str());
        let (Some(reference), Some(made)) = (text("rec_id"), made) else {
            let why = "the reference or the year it was made has to be corrected first".to_owned();
            findings.account(RULE, place, Verdict::Undecided(why));
            continue;
        };
        let agencies = [Some(figures.body.as_str()), Some(figures.kind.as_str()), text("agency")];
        let kind = text("agency").and_then(|body| schemas.body(body)).map(|body| body.kind.as_str());
        let agencies: Vec<&str> = agencies.into_iter().flatten().chain(kind).collect();
        let verdict = match wrong(reference, &agencies, made) {
            None => Verdict::Held,
            Some(wrong) => {
                let should = format!("{}-{}-{}", agencies[1].to_uppercase(), &made[..4], number(reference));
                let message = format!("The reference {reference} {}.", wrong.said(made));
                findings.add(finding(schemas, &row, message, &should, figure("rec_id"), figure("year_made"), figures));
                Verdict::Failed
            }
        };
        findings.account(RULE, place, verdict);
    }
}

fn finding(
    schemas: &Schemas,
    row: &Pointer,
    message: String,
    should: &str,
    reference: Option<&Figure>,
    made: Option<&Figure>,
    figures: &Return,
) -> Finding {
    let entry = schemas.entry(RULE);
    let severity = entry.map_or(Severity::Error, |e| e.severity);
    let mut found = Finding::new(RULE, severity, row.child("rec_id"), Reach::section(&row.section_key()), message)
        .with_help(entry.map(|e| e.help.clone()).unwrap_or_default());
    for figure in reference.into_iter().chain(made) {
        let words = figures.words(&figure.pointer);
        found = found.with_label(Place::Figure(figure.pointer.clone()), format!("“{words}”: {}", figure.typed));
        found.state.push((figure.pointer.clone(), figure.typed.clone()));
    }
    found.found = reference.map(|f| f.typed.clone());
    found.expected = Some(should.to_owned());
    found
}

/// What is wrong with a reference.
enum Wrong {
    Form,
    Agency,
    Year,
}

impl Wrong {
    fn said(&self, made: &str) -> String {
        match self {
            Self::Form => "is not a reference as the template asks for".to_owned(),
            Self::Agency => "does not begin with the code of your agency".to_owned(),
            Self::Year => format!("does not fit the year it was made, {made}"),
        }
    }
}

fn wrong(reference: &str, agencies: &[&str], made: &str) -> Option<Wrong> {
    let mut parts = reference.trim().rsplitn(3, '-');
    let (Some(number), Some(year), Some(agency)) = (parts.next(), parts.next(), parts.next()) else {
        return Some(Wrong::Form);
    };
    let digits = |text: &str, longest: usize| {
        !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(number, 3) || !digits(year, 4) || year.len() != 4 || agency.is_empty() {
        Some(Wrong::Form)
    } else if !agencies.iter().any(|a| a.eq_ignore_ascii_case(agency)) {
        Some(Wrong::Agency)
    } else if !made.starts_with(year) {
        Some(Wrong::Year)
    } else {
        None
    }
}

/// The number at the end of a reference, if it has one.
fn number(reference: &str) -> &str {
    let last = reference.rsplit('-').next().unwrap_or_default();
    if !last.is_empty() && last.len() <= 3 && last.bytes().all(|b| b.is_ascii_digit()) { last } else { "01" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_agency_year_and_number() {
        let said = |reference| wrong(reference, &["nhsc-whittington", "nhsc"], "2020-21").map(|w| w.said("2020-21"));
        for right in ["NHSC-2020-01", "nhsc-2020-1", "NHSC-WHITTINGTON-2020-103"] {
            assert_eq!(said(right), None, "{right}");
        }
        for (reference, wrong) in [
            ("NHSC-2019-01", "does not fit the year it was made, 2020-21"),
            ("CSC-2020-01", "does not begin with the code of your agency"),
            ("NHSC/2020/01", "is not a reference as the template asks for"),
            ("NHSC-20-01", "is not a reference as the template asks for"),
            ("2020-01", "is not a reference as the template asks for"),
            ("NHSC-2020-", "is not a reference as the template asks for"),
        ] {
            assert_eq!(said(reference).as_deref(), Some(wrong), "{reference}");
        }
    }
}
