//! `schemas lint`: whether a pack is sound, every mistake at its place, all of them at once.

use std::io::Write;
use std::path::Path;

use safereturn::render;
use safereturn::schema::Schemas;

use super::{Ended, ExitStatus, pack, style};

/// Compiles a pack and says what is wrong with it.
pub(super) fn lint(folder: Option<&Path>, out: &mut dyn Write) -> Ended {
    match Schemas::compile(&pack::files(folder)?) {
        Ok(schemas) => {
            let (name, version, hash) = &schemas.pack;
            let (rules, bodies, years) =
                (schemas.catalogue.len(), schemas.agencies.bodies.len(), schemas.agencies.years.len());
            writeln!(out, "{name} {version} is sound: {rules} rules, {bodies} bodies, {years} years. SHA-256 {hash}")?;
            Ok(ExitStatus::Clean)
        }
        Err(mistakes) => {
            write!(out, "{}", render::mistakes(&mistakes, &style(true)))?;
            let mistakes_found =
                if mistakes.len() == 1 { "1 mistake" } else { &format!("{} mistakes", mistakes.len()) };
            writeln!(out, "The pack is not sound: {mistakes_found}.")?;
            Ok(ExitStatus::Refused)
        }
    }
}
