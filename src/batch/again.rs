//! Whether anything is new: all that a result depends on as one hash, and what stands in the outbox of a run that had the
//! same. Of the date only that counts which a check can tell: which deadlines and which last days of decisions have passed.
//! Where only days have gone by, the board is drawn again for the new one and all else stays.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::body::Seen;
use super::checker::Checker;
use super::ledger::Ledger;
use super::outbox::{Manifest, Outbox, UNPLACED};
use super::{Error, disk};
use crate::board::{Board, Moved};
use crate::export::program;
use crate::extract::{Unclear, Waiver};
use crate::render;

/// The board as a value.
const BOARD: &str = "status.json";

/// The hash of all that the result depends on.
pub(super) fn digest<'a>(
    as_of: NaiveDate,
    checker: &dyn Checker,
    decided: (&[Waiver], &[Unclear]),
    seen: impl IntoIterator<Item = &'a Seen>,
) -> String {
    let mut text = format!("{}\n{}\n", program(), checker.pack().2);
    for year in checker.agencies().years.values() {
        let passed = [Some(year.deadline), Some(year.query_deadline), year.draft_frozen];
        // On the day itself it is not over, but what is closed on a day is closed on it.
        let passed = passed.map(|day| day.map(|day| (as_of > day, as_of >= day)));
        text.push_str(&format!("{} {passed:?}\n", year.name));
    }
    let expired: Vec<bool> = decided.0.iter().map(|waiver| waiver.has_expired(as_of)).collect();
    text.push_str(&format!("{decided:?}\n{expired:?}\n"));
    for seen in seen {
        text.push_str(&format!("{:?} {:?} {} {}\n", seen.body, seen.file.name, seen.file.sha256, seen.received));
    }
    disk::sha256(text.as_bytes())
}

/// The manifests of what a run with these same inputs left, if the outbox still stands so.
pub(super) fn standing(outbox: &Outbox<'_>, inputs: &str, year: Option<&str>) -> Result<Option<Vec<Manifest>>, Error> {
    let names = outbox.names()?;
    let same = names.iter().filter_map(|name| outbox.intact(name)).filter(|manifest| manifest.inputs == inputs);
    let intact: BTreeMap<String, Manifest> = same.map(|manifest| (manifest.name.clone(), manifest)).collect();
    let gone =
        |together: &[String]| together.iter().all(|name| name != UNPLACED) && names.iter().all(|n| n != UNPLACED);
    let asked = |m: &Manifest| match year {
        Some(year) => m.together.iter().any(|name| name == year),
        // A run for one year has not seen to the others; and what is unplaced no longer must have been taken away.
        None => m.only.is_none() && (intact.contains_key(UNPLACED) || gone(&m.together)),
    };
    let whole = intact.values().find(|m| asked(m) && m.together.iter().all(|name| intact.contains_key(name)));
    Ok(whole.map(|m| m.together.iter().filter_map(|name| intact.get(name).cloned()).collect()))
}

/// Draws the boards of what stands for another day: ages and lateness come from dates in them, and nothing has moved since
/// the last line of the ledger. All else is taken over as it is. Whether there was a board of another day.
pub(super) fn redraw(
    outbox: &Outbox<'_>,
    ledger: &Ledger<'_>,
    as_of: NaiveDate,
    standing: Vec<Manifest>,
) -> Result<bool, Error> {
    let mut redrawn = false;
    let dated = |m: &Manifest| m.as_of != as_of.to_string() && m.files.contains_key(BOARD);
    for manifest in standing.into_iter().filter(dated) {
        let path = outbox.path(&manifest.name).join(BOARD);
        let unclear = |_| Error::Unclear { path: path.clone(), what: "it should be the board of a year".to_owned() };
        let mut board: Board = serde_json::from_slice(&disk::read(&path)?).map_err(unclear)?;
        let said =
            board.bodies.iter().flat_map(|member| ledger.said(&manifest.name, &member.body, as_of).into_values());
        let since = said.map(|(day, _)| day).max();
        board.moved = Moved { since, ..Moved::default() };
        board.as_of = as_of;
        let next = outbox.begin(&manifest.name)?;
        let drawn = render::board(&board);
        for path in manifest.files.keys().filter(|path| drawn.iter().all(|(name, _)| name != path)) {
            next.keep(path)?;
        }
        drawn.iter().try_for_each(|(name, text)| next.put(name, text.as_bytes()))?;
        next.finish(Manifest { as_of: as_of.to_string(), ..manifest })?;
        redrawn = true;
    }
    Ok(redrawn)
}
