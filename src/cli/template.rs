//! `template`: the workbooks to send out for a year.

use std::io::Write;

use safereturn::batch;
use safereturn::extract::Context;
use safereturn::schema::{Body, Schemas, year_before};
use safereturn::template::{Last, open_rows, workbook};

use super::{Ended, ExitStatus, Stop, TemplateArguments, check, pack, say};

/// Writes a workbook for each body asked for.
pub(super) fn template(arguments: &TemplateArguments, out: &mut dyn Write) -> Ended {
    let schemas = pack::load(arguments.schemas.as_deref())?;
    let open = || schemas.agencies.years.values().filter(|y| y.open).map(|y| y.name.clone()).next_back();
    let year = arguments.year.clone().or_else(open).unwrap_or_default();
    if !schemas.agencies.years.contains_key(&year) {
        let known: Vec<&str> = schemas.agencies.years.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(Stop::Because(format!("The pack knows no collection year “{year}”. It knows: {known}.")));
    }
    let bodies = bodies(&arguments.bodies, &schemas)?;
    if arguments.last.is_some() && bodies.len() != 1 {
        return Err(Stop::Because("A return given with --last is one body’s: please name that body.".to_owned()));
    }
    let folder = &arguments.out;
    batch::make_folder(folder)?;
    for body in bodies {
        // A kind of agency that owes nothing in this year gets no workbook.
        let Some(form) = schemas.form(&body.kind, &year).filter(|form| !form.sections.is_empty()) else {
            writeln!(out, "{}: nothing to return for {year}", body.title)?;
            continue;
        };
        let last = last(arguments, body, &year, &schemas)?;
        let bytes = workbook(&schemas, form, body, &last)
            .map_err(|e| Stop::Because(format!("The workbook for {} could not be made: {e}", body.title)))?;
        let path = folder.join(format!("{}-{year}.xlsx", body.key));
        batch::write_whole(&path, &bytes)?;
        let filled = match open_rows(form, &last) {
            0 => String::new(),
            1 => " (1 open recommendation of last year is filled in)".to_owned(),
            n => format!(" ({n} open recommendations of last year are filled in)"),
        };
        writeln!(out, "{}: {}{filled}", body.title, path.display())?;
    }
    Ok(ExitStatus::Clean)
}

/// What was accepted of a body in the year before: from the return given, else from the outbox.
fn last(arguments: &TemplateArguments, body: &Body, year: &str, schemas: &Schemas) -> Result<Last, Stop> {
    let Some(before) = year_before(year) else { return Ok(Last::new()) };
    let Some(path) = &arguments.last else {
        let last = batch::accepted(&arguments.outbox, &before, &body.key)?;
        if last.is_empty() {
            say(&format!(
                "{}: nothing accepted for {before} in {}, so no open recommendation is filled in.",
                body.title,
                arguments.outbox.display()
            ));
        }
        return Ok(last);
    };
    let last = check::last(path, Context::on(batch::today()), schemas)?;
    if last.body != body.key || last.year != before {
        return Err(Stop::Because(format!(
            "{}, given with --last, is of {} for {}; the workbook for {} needs its return for {before}.",
            path.display(),
            last.body,
            last.year,
            body.title
        )));
    }
    let form = schemas.form(&last.kind, &last.year);
    let sections = form.iter().flat_map(|form| &form.sections);
    Ok(sections.map(|section| (section.key.clone(), last.bare(section, |figure| figure.fault.is_none()))).collect())
}

fn bodies<'a>(asked: &[String], schemas: &'a Schemas) -> Result<Vec<&'a Body>, Stop> {
    if asked.is_empty() {
        return Ok(schemas.agencies.bodies.iter().collect());
    }
    asked
        .iter()
        .map(|key| {
            schemas.body(key).ok_or_else(|| {
                let known: Vec<&str> = schemas.agencies.bodies.iter().map(|b| b.key.as_str()).collect();
                Stop::Because(format!("The register has no body “{key}”. It has: {}.", known.join(", ")))
            })
        })
        .collect()
}
