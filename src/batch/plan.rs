//! Which submission goes where, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::body::Seen;
use super::checker::Checker;
use super::made::{self, Source};
use super::outbox::UNPLACED;
use crate::schema::year_before;

/// The submissions of one body for one year, in their order.
pub(super) struct Group<'a> {
    pub(super) kind: String,
    pub(super) seen: Vec<&'a Seen>,
}

/// The submissions of a year by body.
pub(super) type Groups<'a> = BTreeMap<String, Group<'a>>;

/// Which submission goes where.
pub(super) struct Plan<'a> {
    pub(super) years: BTreeMap<String, Groups<'a>>,
    /// Those of them that are closed: nothing is written for them, and the year after is compared with them.
    pub(super) closed: BTreeSet<String>,
    /// Closed years for which something came that was not taken when they were open.
    refused: BTreeSet<String>,
    pub(super) unplaced: Vec<&'a Seen>,
}

impl<'a> Plan<'a> {
    /// Places each submission; what counts only once is said.
    pub(super) fn new(checker: &dyn Checker, seen: &'a [Seen], stood: &[Source], said: &mut Vec<String>) -> Self {
        let agencies = checker.agencies();
        let bodies: BTreeMap<&str, &str> =
            agencies.bodies.iter().map(|body| (body.key.as_str(), body.kind.as_str())).collect();
        let mut plan =
            Self { years: BTreeMap::new(), closed: BTreeSet::new(), refused: BTreeSet::new(), unplaced: Vec::new() };
        // Of two copies the one that came first counts: a copy that is laid beside it later does not make it late.
        let mut first: BTreeMap<(&str, &str), &Seen> = BTreeMap::new();
        for seen in seen {
            let file = first.entry((&seen.body, &seen.file.sha256)).or_insert(seen);
            *file = if seen.received < file.received { seen } else { *file };
        }
        for seen in seen {
            if !first
                .get(&(seen.body.as_str(), seen.file.sha256.as_str()))
                .is_some_and(|file| std::ptr::eq(*file, seen))
            {
                said.push(format!("{}: the same file lies there twice; it counts once.", seen.body));
                continue;
            }
            let sight = seen.opened.as_ref().ok().map(|(_, sight)| sight);
            let year = sight.and_then(|sight| agencies.years.get(&sight.year));
            let taken = year.is_some_and(|year| year.open || made::was_taken(stood, &year.name, seen));
            if let Some(closed) = year.filter(|year| !year.open) {
                let years = if taken { &mut plan.closed } else { &mut plan.refused };
                years.insert(closed.name.clone());
            }
            let year = year.filter(|_| taken);
            match (bodies.get(seen.body.as_str()), year) {
                (Some(kind), Some(year)) => plan
                    .years
                    .entry(year.name.clone())
                    .or_default()
                    .entry(seen.body.clone())
                    .or_insert_with(|| Group { kind: (*kind).to_owned(), seen: Vec::new() })
                    .seen
                    .push(seen),
                (None, _) | (_, None) => plan.unplaced.push(seen),
            }
        }
        let groups = plan.years.iter_mut().flat_map(|(year, groups)| groups.iter_mut().map(move |of| (year, of)));
        for (year, (body, group)) in groups {
            // One whose number cannot be read is refused. It comes behind what was there before it: as the first of all
            // it would be told to nobody, because letters are about the last.
            let numbered: Vec<_> = group.seen.iter().filter_map(|s| Some((s.received, s.turn, s.number()?))).collect();
            let number = |s: &Seen| {
                let before = numbered.iter().filter(|(day, turn, _)| (*day, *turn) <= (s.received, s.turn));
                s.number().or_else(|| before.map(|(.., number)| *number).max()).unwrap_or(0)
            };
            // Of one number and one day, what an earlier run took comes first: it cannot become the later one by its name.
            group
                .seen
                .sort_by_cached_key(|s| (number(s), s.received, s.turn, s.number().is_none(), s.file.name.clone()));
            said.extend(older(year, body, &group.seen));
        }
        // An outbox that was begun anew, say: nobody can tell what had been taken in time.
        for year in plan.refused.difference(&plan.closed) {
            let after = plan.years.keys().find(|after| year_before(after).is_some_and(|before| before == *year));
            said.extend(after.map(|after| {
                format!(
                    "{year}: the register takes no returns for it (“open” is false), and nothing that was taken of it stands in \
                     this outbox, so {after} has no year before it: what needs last year’s return is not checked in it. To \
                     have it, open {year} for one run."
                )
            }));
        }
        plan
    }

    /// The directories that a run writes: all, or those of one year.
    pub(super) fn written(&self, only: Option<&str>) -> Vec<String> {
        match only {
            Some(only) => self.open().filter(|year| *year == only).cloned().collect(),
            None => {
                let unplaced = (!self.unplaced.is_empty()).then(|| UNPLACED.to_owned());
                self.open().cloned().chain(unplaced).collect()
            }
        }
    }

    /// The years that take returns, oldest first.
    pub(super) fn open(&self) -> impl DoubleEndedIterator<Item = &String> {
        self.years.keys().filter(|year| !self.closed.contains(*year))
    }
}

/// What is said where the file that came last carries a lower number than one before it. Letters are about the last by
/// number, so that of this one its sender hears nothing.
fn older(year: &str, body: &str, seen: &[&Seen]) -> Option<String> {
    let came = |s: &&Seen| (s.received, s.turn);
    let (last, newest) = (seen.last()?, seen.iter().max_by_key(|s| came(s))?);
    let (high, low) = (last.number()?, newest.number()?);
    (low < high && came(newest) > came(last)).then(|| {
        format!(
            "{body}: the file that came last for {year} says it is submission {low}, so it counts as older than submission \
             {high}, and the letter is about that one. Ask whether its number is right."
        )
    })
}
