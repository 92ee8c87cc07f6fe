//! Submission ─read─▶ Workbook ─extract─▶ Return ─┬─▶ Records   (for report and metrics tools)
//!   bytes            cells               figures └─▶ Findings  (for the agency)
//!
//! The core takes bytes and gives values: no path, clock, thread, print or environment. Layers run downwards, in the
//! order of the blocks below; a test keeps them so.

pub mod cell;

pub mod finding;

pub mod figure;

pub mod workbook;

pub mod draw;
pub mod rules;

pub mod schema;

pub mod extract;

pub mod checks;

pub mod record;

pub mod report;

pub mod handled;

pub mod counting;

pub mod before;

pub mod changes;
pub mod rot;

pub mod board;

pub mod case;

pub mod export;
pub mod render;

pub mod reference;

#[cfg(feature = "cli")]
pub mod template;

#[cfg(feature = "cli")]
pub mod batch;

use checks::{Gathered, Together, screen};
use extract::{Context, Return};
use finding::Findings;
use report::{FileFacts, Report};
use schema::Schemas;
use workbook::{Submission, Workbook};

/// Checks one submission. Cannot fail: what is wrong with the submission is a finding; what is wrong with the schemas
/// was found when they were compiled.
#[must_use]
pub fn check(submission: &Submission, context: &Context, schemas: &Schemas) -> Report {
    let mut findings = Findings::default();
    let workbook = Workbook::read(submission, &mut findings);
    check_cells(workbook, FileFacts::of(submission), findings, context, schemas)
}

/// Checks cells that have been read already: the rest of the pipeline.
#[must_use]
pub fn check_cells(
    mut workbook: Workbook,
    mut file: FileFacts,
    mut findings: Findings,
    context: &Context,
    schemas: &Schemas,
) -> Report {
    // Personal data first, before anything is kept or quoted.
    if screen(&mut workbook, &file.name, schemas, &mut findings) {
        return Report::private(file, &workbook, context, schemas, findings);
    }
    let veil = checks::veil(&mut workbook, &file.name, schemas, &mut findings); // what may name a person is covered
    let mut figures = Return::extract(&workbook, context, schemas, &mut findings);
    veil.tell(&mut figures, schemas, &mut findings);
    if let Some(form) = checks::form(&figures, schemas) {
        figures.derive(form, schemas);
    }
    checks::conform(&mut figures, schemas, &mut findings); // each figure to its section's schema
    checks::within(&figures, context, schemas, &mut findings); // figures to one another
    checks::since(&figures, context, schemas, &mut findings); // figures to last year's
    checks::formulas(&workbook, &figures, schemas, &mut findings); // results that may be out of date
    let marks = checks::disclose(&figures, context, schemas, &mut findings); // what may not be shown outside
    checks::explain(&figures, context, schemas, &mut findings); // queries answered, errors waived
    file.hide_name(veil.file_name);
    veil.lift(&mut workbook, &mut figures, &findings);
    checks::rest(&figures, schemas, &mut findings); // what was not run, and why

    Report { marks, ..Report::new(file, workbook, figures, findings, schemas) }
}

/// Checks the returns of a year against one another, and what the year as a whole still lacks: for the board. What one
/// body may see of it is [`Together::seen_by`].
#[must_use]
pub fn check_together(gathered: &Gathered<'_>, schemas: &Schemas) -> Together {
    checks::together(gathered, schemas)
}
