//! Whether anything is new: all that a result depends on as one hash, and what stands in the outbox of a run that had the
//! same. Of the date only that counts which a check can tell: which deadlines and which last days of decisions have passed.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::body::Seen;
use super::checker::Checker;
use super::outbox::{Manifest, Outbox};
use super::{Error, disk};
use crate::export::{Receipt, program};
use crate::extract::Waiver;

/// The hash of all that the result depends on.
pub(super) fn digest<'a>(
    as_of: NaiveDate,
    checker: &dyn Checker,
    waivers: &[Waiver],
    seen: impl IntoIterator<Item = &'a Seen>,
) -> String {
    let mut text = format!("{}\n{}\n{}\n", program(), checker.pack().2, as_of);
    for waiver in waivers {
        text.push_str(&format!("{waiver:?}\n"));
    }
    for seen in seen {
        text.push_str(&format!("{:?} {:?} {} {}\n", seen.body, seen.file.name, seen.file.sha256, seen.received));
    }
    disk::sha256(text.as_bytes())
}

/// The manifests of the run that these same inputs had, if the outbox still stands as it left it, in its order.
pub(super) fn standing(outbox: &Outbox<'_>, inputs: &str, year: Option<&str>) -> Result<Option<Vec<Manifest>>, Error> {
    let mut intact = BTreeMap::new();
    for name in outbox.names()? {
        if let Some(manifest) = outbox.intact(&name).filter(|m| m.inputs == inputs) {
            intact.insert(name, manifest);
        }
    }
    let asked = |together: &[String]| year.is_none_or(|y| together.iter().any(|t| t == y));
    let together = intact
        .values()
        .map(|m| m.together.clone())
        .find(|together| asked(together) && together.iter().all(|name| intact.contains_key(name)));
    Ok(together.map(|together| together.iter().filter_map(|name| intact.remove(name)).collect()))
}

/// The receipts that stand in such directories, in the order of the ledger.
pub(super) fn receipts(outbox: &Outbox<'_>, standing: &[Manifest]) -> Result<Vec<Receipt>, Error> {
    let mut all = Vec::new();
    for manifest in standing {
        let mut receipts = Vec::new();
        let is_one = |path: &&String| path.starts_with("receipts/") || path.ends_with("/receipt.json");
        for path in manifest.files.keys().filter(is_one) {
            let bytes = disk::read(&outbox.path(&manifest.name).join(path))?;
            receipts.extend(serde_json::from_slice::<Receipt>(&bytes).ok());
        }
        sort(&mut receipts);
        all.extend(receipts);
    }
    Ok(all)
}

/// The order of the ledger.
pub(super) fn sort(receipts: &mut [Receipt]) {
    receipts.sort_by(|a, b| (&a.body, &a.sha256).cmp(&(&b.body, &b.sha256)));
}
