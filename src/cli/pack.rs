//! Which schema pack is used, and what is said when it is not sound.

use std::collections::BTreeMap;
use std::path::Path;

use safereturn::batch;
use safereturn::render;
use safereturn::schema::{Schemas, built_in_files};

use super::{Stop, style};

/// The files of a pack: of a folder, or of the one inside the program.
pub(super) fn files(folder: Option<&Path>) -> Result<BTreeMap<String, String>, Stop> {
    match folder {
        None => Ok(built_in_files()),
        Some(folder) => Ok(batch::pack_files(folder)?),
    }
}

/// A pack, compiled.
pub(super) fn load(folder: Option<&Path>) -> Result<Schemas, Stop> {
    let files = files(folder)?;
    // The pack inside the program was compiled whole by a test.
    let sound = folder.is_none() || same(&files, &built_in_files());
    let pack = if sound { Schemas::built_in() } else { Schemas::compile(&files) };
    pack.map_err(|mistakes| {
        let drawn = render::mistakes(&mistakes, &style(true));
        let which = folder.map_or_else(|| "inside the program".to_owned(), |f| f.display().to_string());
        Stop::Because(format!("{drawn}The schema pack {which} is not sound, so nothing was checked."))
    })
}

/// Whether two packs are the same but for what explains them.
fn same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    fn json(files: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
        files.iter().filter(|(path, _)| path.ends_with(".json"))
    }
    json(one).eq(json(other))
}
