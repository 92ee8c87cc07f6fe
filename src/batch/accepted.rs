//! What an outbox holds of a body for a year: its accepted sections, as the run wrote them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Error, disk};

/// The figures of each accepted section of a body, by section; none where the year was never run or nothing was accepted.
///
/// # Errors
/// Where a file cannot be read, or is not what a run writes.
pub fn accepted(outbox: &Path, year: &str, body: &str) -> Result<BTreeMap<String, Value>, Error> {
    let folder = outbox.join(year).join("returns").join(body);
    if !folder.is_dir() {
        return Ok(BTreeMap::new());
    }
    let mut sections = BTreeMap::new();
    for (name, path) in disk::entries(&folder)? {
        // A queried section stands beside the accepted one as `<section>.queried.json`.
        let Some(section) = name.strip_suffix(".json").filter(|section| !section.contains('.')) else { continue };
        let unclear = || Error::Unclear { path: path.clone(), what: "this is not a section of a return".to_owned() };
        let mut document: Value = serde_json::from_slice(&disk::read(&path)?).map_err(|_| unclear())?;
        let is_section = document["body"] == body && document["year"] == year && document["section"] == section;
        match document.get_mut("figures").map(Value::take) {
            Some(figures) if is_section => sections.insert(section.to_owned(), figures),
            Some(_) | None => return Err(unclear()),
        };
    }
    Ok(sections)
}
