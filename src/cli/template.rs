//! `template`: the workbooks to send out for a year.

use std::io::Write;

use safereturn::batch;
use safereturn::schema::{Body, Schemas};
use safereturn::template::workbook;

use super::{Ended, ExitStatus, Stop, TemplateArguments, pack};

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
    let folder = &arguments.out;
    batch::make_folder(folder)?;
    for body in bodies {
        // A kind of agency that owes nothing in this year gets no workbook.
        let Some(form) = schemas.form(&body.kind, &year).filter(|form| !form.sections.is_empty()) else {
            writeln!(out, "{}: nothing to return for {year}", body.title)?;
            continue;
        };
        let bytes = workbook(&schemas, form, body, None)
            .map_err(|e| Stop::Because(format!("The workbook for {} could not be made: {e}", body.title)))?;
        let path = folder.join(format!("{}-{year}.xlsx", body.key));
        batch::write_whole(&path, &bytes)?;
        writeln!(out, "{}: {}", body.title, path.display())?;
    }
    Ok(ExitStatus::Clean)
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
