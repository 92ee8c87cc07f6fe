//! The checks, in the order of the pipeline: screen, conform, within, since, explain. Checks speak pointers, never
//! cells; they read figures and add findings, and account for every rule at every place.

mod account;
mod across;
mod beside;
mod carried;
mod claim;
mod conform;
mod decide;
mod disclosure;
mod explain;
mod formula;
mod given;
mod gone;
mod limit;
mod memory;
mod message;
mod number;
mod overdue;
mod owed;
mod recommendation;
pub mod screen;
mod since;
mod sum;
mod together;
mod whole;
mod within;

use std::collections::BTreeSet;

pub use carried::is_open;
pub use decide::fits;
pub use disclosure::{Mark, Marks, Publishable, Why};
pub use explain::{EXPLANATIONS, explains, state};
pub use limit::{By, Limit};
pub use memory::{answered, remember, suggest};
pub use overdue::working_days;
pub use screen::{Veil, screen, veil};
pub use together::{Compared, Counted, Gathered, Together, together};

use beside::Beside;

use crate::cell::Pointer;
use crate::extract::{Context, Return, Trees};
use crate::finding::{Findings, Verdict};
use crate::schema::model::Section;
use crate::schema::{Form, Schemas};
use crate::workbook::Workbook;

/// The effective pack for a return, unless its agency or year could not be had.
#[must_use]
pub fn form<'a>(figures: &Return, schemas: &'a Schemas) -> Option<&'a Form> {
    schemas.form(&figures.kind, &figures.year)
}

/// Every section that the submission holds or declares, by key.
#[must_use]
pub fn sections(figures: &Return, form: &Form) -> BTreeSet<String> {
    whole::all(figures, form)
}

/// The sections that the submission holds a sheet of, and has not declared nil.
fn present<'a>(figures: &'a Return, form: &'a Form) -> impl Iterator<Item = &'a Section> {
    form.sections.iter().filter(|s| is_present(figures, s))
}

fn is_present(figures: &Return, section: &Section) -> bool {
    figures.sheets.contains_key(&section.key) && !figures.nil.contains(&section.key)
}

/// Each figure to its section's schema. Figures found wrong are marked, and what is worked out from them with them.
pub fn conform(figures: &mut Return, schemas: &Schemas, findings: &mut Findings) {
    let Some(form) = form(figures, schemas) else { return };
    whole::left_blank(figures, form, schemas, findings);
    let mut marked = conform::section(figures, form, &schemas.cover, schemas, findings);
    if figures.sheets.contains_key("explanations") {
        marked |= conform::section(figures, form, &schemas.explanations, schemas, findings);
    }
    for section in &form.sections {
        if is_present(figures, section) && !whole::empty(figures, section, schemas, findings) {
            marked |= conform::section(figures, form, section, schemas, findings);
        }
    }
    if marked {
        figures.derive(form, schemas);
    }
}

/// Figures to one another, and the return as a whole.
pub fn within(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let Some(form) = form(figures, schemas) else { return };
    whole::declared(figures, form, context, schemas, findings);
    overdue::late(figures, context, schemas, findings);
    let beside = beside(figures, context, form, findings);
    let (away, here): (Vec<&Section>, Vec<&Section>) =
        form.sections.iter().partition(|section| !is_held(figures, section, findings));
    let trees = Trees::new(&beside.figures, form, schemas, context.last.as_ref());
    let from = findings.list().len();
    within::section(&beside, &trees, &schemas.cover, form, context, schemas, findings);
    for section in here {
        whole::section(figures, section, schemas, findings);
        recommendation::references(figures, section, schemas, findings);
        within::section(&beside, &trees, section, form, context, schemas, findings);
        claim::claims(section, &beside.figures, context.last.as_ref(), form, schemas, findings);
        whole::hidden(figures, section, schemas, findings);
    }
    // What is declared in a section that stands, as far as it speaks of this file's.
    for section in away.into_iter().filter(|section| beside.stands(&section.key)) {
        within::section(&beside, &trees, section, form, context, schemas, findings);
        claim::claims_beside(section, &beside, context.last.as_ref(), form, schemas, findings);
    }
    beside.tell(findings, from);
}

/// Figures to last year's, and to what was sent before for this year.
pub fn since(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let Some(form) = form(figures, schemas) else { return };
    let last = context.last.as_ref().map(|last| since::Since { figures, last, form, schemas });
    for section in present(figures, form) {
        if is_empty(section, findings) {
            continue;
        }
        match &last {
            Some(since) => since.section(section, findings),
            None => since::without_last(section, findings),
        }
        since::resubmitted(figures, context.previous.as_ref(), schemas, section, findings);
    }
    if let Some(since) = &last {
        since.same_again(findings);
    }
}

/// Which figures of the findings are results of formulas, which may be out of date.
pub fn formulas(workbook: &Workbook, figures: &Return, schemas: &Schemas, findings: &mut Findings) {
    formula::tell(workbook, figures, schemas, findings);
}

/// What the agency hides in vain is told it; what may not be shown outside as it stands is marked for the records.
pub fn disclose(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) -> Marks {
    let Some(form) = form(figures, schemas) else { return Marks::default() };
    disclosure::tell(figures, form, context, schemas, findings)
}

/// Queries answered, errors waived; what is still open after its day.
pub fn explain(figures: &Return, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let form = form(figures, schemas);
    let beside = form.map(|form| beside(figures, context, form, findings));
    let all = beside.as_ref().map_or(figures, |beside| &beside.figures);
    let wordings = explain::explain(all, context, schemas, findings);
    decide::waive(figures, context, &wordings, findings.list_mut());
    if let Some(form) = form {
        let before = findings.list().len();
        overdue::unanswered(figures, form, context, schemas, findings);
        // That it was not answered in time may be waived, too.
        let late = findings.list_mut().get_mut(before..).unwrap_or_default();
        decide::waive(figures, context, &wordings, late);
    }
    suggest(findings.list_mut(), context.last.as_ref().map_or(&[], |last| &last.answered));
}

/// Accounts for the rules of the catalogue that had no place in this return, and says why.
pub fn rest(figures: &Return, schemas: &Schemas, findings: &mut Findings) {
    let seen: BTreeSet<String> = findings.checks().iter().map(|c| c.rule.to_string()).collect();
    let form = form(figures, schemas);
    let everywhere = Pointer::section("return");
    let compared: BTreeSet<&str> = schemas.declared_across().map(|(id, _)| id).collect();
    for (id, entry) in schemas.catalogue.iter().filter(|(id, _)| !seen.contains(*id)) {
        if !is_about_figures(id) {
            continue;
        }
        let verdict = match (&entry.not_run, form) {
            (None, _) if compared.contains(id.as_str()) => Verdict::NotRun(COMPARE.to_owned()),
            (None, _) if owed::YEAR.contains(&id.as_str()) => {
                Verdict::NotRun("are asked of all returns together".to_owned())
            }
            (Some(why), _) => Verdict::NotRun(why.clone()),
            (None, None) => Verdict::NotRun("need a return whose agency and year are known".to_owned()),
            (None, Some(form)) => {
                let homes: BTreeSet<&str> =
                    form.rules.iter().filter(|r| r.id.as_str() == id).map(|r| r.section.as_str()).collect();
                if homes.iter().any(|home| form.section(home).is_some()) {
                    Verdict::NotRun("speak about sections that are not in this file".to_owned())
                } else {
                    Verdict::NotApplicable("speak about nothing in this return".to_owned())
                }
            }
        };
        findings.account(id, everywhere.clone(), verdict);
    }
}

/// Whether a rule of the catalogue is held against a return: not what the reader and the extraction say of a file, and
/// not what is said of the board manager's decisions.
#[must_use]
pub fn is_about_figures(id: &str) -> bool {
    !["FIL-", "TPL-", "WAI-"].iter().any(|family| id.starts_with(family))
}

/// Why a rule across agencies is not run on a single return.
pub const COMPARE: &str = "compare agencies";

/// Whether the submission holds a sheet of the section with something on it.
fn is_held(figures: &Return, section: &Section, findings: &Findings) -> bool {
    is_present(figures, section) && !is_empty(section, findings)
}

/// The return with what counts from before of the sections that it does not hold.
fn beside<'r>(figures: &'r Return, context: &Context, form: &Form, findings: &Findings) -> Beside<'r> {
    Beside::new(figures, context, form, |section| is_held(figures, section, findings))
}

/// Nothing was filled in on the sheet: one finding says so, and no rule is run on it.
fn is_empty(section: &Section, findings: &Findings) -> bool {
    let here = Pointer::section(&section.key);
    findings.list().iter().any(|f| f.rule.as_str() == "CMP-06" && f.at == here)
}
