//! How much of a long report a capped view shows: errors first, wherever they stand; what is left out is counted.

use super::view::{Item, View};
use crate::finding::Severity;

impl View<'_> {
    /// What a capped view has room for: errors first, wherever they stand, then queries, what is settled, notes.
    pub(super) fn allowance(&self, limit: Option<usize>) -> Allowance {
        let mut left = limit.unwrap_or(usize::MAX);
        let mut room = |wanted: usize| {
            let taken = wanted.min(left);
            left -= taken;
            taken
        };
        Allowance {
            error: room(self.open(Severity::Error)),
            query: room(self.open(Severity::Query)),
            settled: room(self.settled()),
            notes: room(self.groups.iter().map(|g| g.notes.len()).sum()),
            hidden: 0,
        }
    }
}

/// What a capped view still has room for, and what it had to leave out.
pub(super) struct Allowance {
    error: usize,
    query: usize,
    settled: usize,
    notes: usize,
    pub(super) hidden: usize,
}

impl Allowance {
    /// Whether one more open finding may be shown; if not, it is counted as hidden.
    pub(super) fn open(&mut self, item: &Item<'_>) -> bool {
        let room = match item.finding.severity {
            Severity::Error => &mut self.error,
            Severity::Query => &mut self.query,
            Severity::Note => &mut self.notes,
        };
        Self::take(room, &mut self.hidden, 1)
    }

    /// Whether one more settled finding may be shown.
    pub(super) fn settled(&mut self) -> bool {
        Self::take(&mut self.settled, &mut self.hidden, 1)
    }

    /// Whether one more line of notes, so many, may be shown.
    pub(super) fn notes(&mut self, notes: usize) -> bool {
        Self::take(&mut self.notes, &mut self.hidden, notes)
    }

    fn take(room: &mut usize, hidden: &mut usize, findings: usize) -> bool {
        let shown = *room > 0;
        *room = room.saturating_sub(1);
        *hidden += if shown { 0 } else { findings };
        shown
    }
}
