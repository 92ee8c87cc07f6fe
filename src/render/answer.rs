//! What an item's answer comes to, in words.

use super::view::Item;
use super::words;
use crate::draw;
use crate::finding::{Answer, Read};

impl Item<'_> {
    /// What settled it, in words.
    pub(super) fn settlement(&self) -> String {
        match (&self.finding.answer, self.veiled) {
            (Some(Answer::Explained { explanation, read }), false) => {
                let accepted = match read {
                    Read::Accepted => ", and accepted",
                    Read::Unread => "",
                };
                format!("Explained{accepted}: “{}”", draw::line(explanation))
            }
            (Some(Answer::Waived { reason }), false) => words::stop(&format!("Waived: {}", draw::line(reason))),
            (Some(Answer::Explained { read: Read::Accepted, .. }), true) => "Explained, and accepted.".to_owned(),
            (Some(Answer::Explained { read: Read::Unread, .. }), true) => "Explained.".to_owned(),
            (Some(Answer::Waived { .. }), true) => "Waived.".to_owned(),
            (Some(Answer::Reopened { .. } | Answer::SentBack { .. }) | None, _) => String::new(),
        }
    }
}
