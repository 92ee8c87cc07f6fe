//! `schemas reference`: the pages that say what each sheet asks for and what each rule means. `schemas count`: whether
//! everything that was promised is there, in numbers.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use safereturn::batch;
use safereturn::reference;
use safereturn::schema::{Schemas, SeedKind};

use super::{Ended, ExitStatus, Stop, pack};

/// Writes the pages of a pack into a folder.
pub(super) fn reference(folder: Option<&Path>, to: &Path, out: &mut dyn Write) -> Ended {
    let files = pack::files(folder)?;
    let schemas = pack::load(folder)?;
    batch::make_folder(to)?;
    let pages = reference::pages(&schemas, &files);
    for (name, page) in &pages {
        batch::write_whole(&to.join(name), page.as_bytes())?;
    }
    writeln!(out, "{} pages: {}", pages.len(), to.join("index.html").display())?;
    Ok(ExitStatus::Clean)
}

/// Counts what the pack holds; refused where something that was promised has no home or no case.
pub(super) fn count(folder: Option<&Path>, out: &mut dyn Write) -> Ended {
    let files = pack::files(folder)?;
    let schemas = match Schemas::compile(&files) {
        Ok(schemas) => schemas,
        Err(mistakes) => {
            let homeless = mistakes.iter().filter(|m| m.file == "seeds.json").count();
            let text: String = mistakes.iter().map(|m| format!("{m}\n")).collect();
            write!(out, "{text}")?;
            writeln!(
                out,
                "The pack is not sound, so nothing was counted: {} mistakes, {homeless} of seeds.",
                mistakes.len()
            )?;
            return Ok(ExitStatus::Refused);
        }
    };
    let sections = sections(&schemas, out)?;
    let rules = rules(&schemas, &files, out)?;
    let seeds = seeds(&schemas, out)?;
    Ok(if sections && rules && seeds { ExitStatus::Clean } else { ExitStatus::Refused })
}

/// Sections that somebody must return, those that are optional for everybody, and those without a single figure.
fn sections(schemas: &Schemas, out: &mut dyn Write) -> Result<bool, Stop> {
    let mut owed: BTreeMap<&str, bool> = BTreeMap::new();
    for kind in &schemas.agencies.kinds {
        for (section, must) in &kind.sections {
            *owed.entry(section).or_default() |= must;
        }
    }
    let required = owed.values().filter(|must| **must).count();
    writeln!(out, "Sections: {required} that somebody must return, {} optional for everybody", owed.len() - required)?;
    let measured = |key: &str| schemas.forms().filter_map(|f| f.section(key)).any(|s| !s.items.is_empty());
    let empty: Vec<&str> = owed.keys().copied().filter(|key| !measured(key)).collect();
    if !empty.is_empty() {
        writeln!(out, "  without a single figure: {}", empty.join(", "))?;
    }
    Ok(empty.is_empty())
}

/// Rules whose ids are the partnership's own, beyond those of the plan.
const BEYOND: [&str; 4] = ["FIL-", "TPL-", "REC-", "COV-"];
/// What needs judgement, and is said not to run: nothing else may be left so.
const FOR_A_READER: [&str; 2] = ["DIS-08", "XPE-03"];

fn rules(schemas: &Schemas, files: &BTreeMap<String, String>, out: &mut dyn Write) -> Result<bool, Stop> {
    let is_beyond = |id: &str| BEYOND.iter().any(|prefix| id.starts_with(prefix));
    let has = |id: &str, name: &str| files.contains_key(&format!("cases/{id}/{name}.txt"));
    let mut sound = true;
    for (title, beyond) in [("Rules of the plan", false), ("Rules beyond it (FIL, TPL, REC, COV)", true)] {
        let own: Vec<_> = schemas.catalogue.values().filter(|e| is_beyond(e.id.as_str()) == beyond).collect();
        let pair = |id: &str| has(id, "holds") && has(id, "fails");
        let with = own.iter().filter(|e| pair(e.id.as_str())).count();
        writeln!(out, "{title}: {}, {with} with a pair of cases", own.len())?;
        let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in own.iter().filter(|e| !pair(e.id.as_str())) {
            let why = entry.not_run.as_deref().unwrap_or("have no pair of cases in writing");
            waiting.entry(why).or_default().push(entry.id.as_str());
        }
        for (why, ids) in &waiting {
            writeln!(out, "  {} that {why}: {}", ids.len(), ids.join(", "))?;
        }
        // What the reader says of a file needs real bytes; its cases are made by scripts.
        let excused = |id: &str| id.starts_with("FIL-") || FOR_A_READER.contains(&id);
        let left: Vec<&str> = waiting.values().flatten().copied().filter(|id| !excused(id)).collect();
        if !left.is_empty() {
            writeln!(out, "  still to do: {}", left.join(", "))?;
            sound = false;
        }
    }
    Ok(sound)
}

fn seeds(schemas: &Schemas, out: &mut dyn Write) -> Result<bool, Stop> {
    for kind in SeedKind::ALL {
        let own: Vec<_> = schemas.seeds.iter().filter(|seed| seed.kind == kind).collect();
        let none: Vec<&str> = own.iter().filter(|s| s.none.is_some()).map(|s| s.id.as_str()).collect();
        let without = own.iter().filter(|s| s.none.is_none() && s.homes.is_empty()).count();
        write!(out, "{}s of the founding documents: {}, {without} without a home", word(kind), own.len())?;
        if none.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, " ({} with the reason why there is none)", none.join(", "))?;
        }
    }
    // A seed without a home is a mistake of the pack, found above.
    Ok(!schemas.seeds.is_empty())
}

const fn word(kind: SeedKind) -> &'static str {
    match kind {
        SeedKind::Figure => "Figure",
        SeedKind::Topic => "Topic",
        SeedKind::Obligation => "Obligation",
        SeedKind::Aim => "Aim",
    }
}
