//! `schemas reference`: the pages that say what each sheet asks for and what each rule means. `schemas count`: whether
//! everything that was promised is there, in numbers.

use std::collections::{BTreeMap, BTreeSet};
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

/// The rules of the plan: families, and how many each has. Every other id is the pack's own, beyond the plan.
const PLAN: [(&str, usize); 10] = [
    ("CEL", 12),
    ("ROW", 14),
    ("TAB", 18),
    ("STK", 12),
    ("XSE", 15),
    ("XPE", 13),
    ("XAG", 16),
    ("CMP", 12),
    ("DIS", 16),
    ("COD", 14),
];
/// What needs judgement, and is said not to run: nothing else may be left so.
const FOR_A_READER: [&str; 2] = ["DIS-08", "XPE-03"];

fn rules(schemas: &Schemas, files: &BTreeMap<String, String>, out: &mut dyn Write) -> Result<bool, Stop> {
    let planned: BTreeSet<String> =
        PLAN.iter().flat_map(|(family, many)| (1..=*many).map(move |n| format!("{family}-{n:02}"))).collect();
    let has = |id: &str, name: &str| files.contains_key(&format!("cases/{id}/{name}.txt"));
    let gone: Vec<&str> =
        planned.iter().map(String::as_str).filter(|id| !schemas.catalogue.contains_key(*id)).collect();
    let mut sound = gone.is_empty();
    if !gone.is_empty() {
        writeln!(out, "Rules of the plan that are not in the catalogue: {}", gone.join(", "))?;
    }
    let beyond =
        || schemas.catalogue.keys().filter(|id| !planned.contains(*id)).map(|id| id.split('-').next().unwrap_or(id));
    let families = beyond().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
    for (title, of_plan) in [("Rules of the plan".to_owned(), true), (format!("Rules of our own ({families})"), false)]
    {
        let own: Vec<_> = schemas.catalogue.values().filter(|e| planned.contains(e.id.as_str()) == of_plan).collect();
        let pair = |id: &str| has(id, "holds") && has(id, "fails");
        let with = own.iter().filter(|e| pair(e.id.as_str())).count();
        writeln!(out, "{title}: {}, {with} with a pair of cases", own.len())?;
        let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in own.iter().filter(|e| !pair(e.id.as_str())) {
            let why = match &entry.not_run {
                Some(why) => why.as_str(),
                None if entry.id.as_str().starts_with("FIL-") => {
                    "speak about the file itself, with cases in real bytes"
                }
                None => "have no pair of cases in writing",
            };
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
