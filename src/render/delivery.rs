//! What is said around a report when it goes to the body that sent the return: to whom, when it came, by when to answer,
//! what counts meanwhile. A value, made by whoever knows the other submissions.

use chrono::NaiveDate;

use super::words;
use crate::changes::Changes;
use crate::schema::Letterhead;

/// The report of one submission on its way to its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Sender and addressee.
    pub letterhead: Letterhead,
    /// The body's name; `None` where nobody is registered under the folder that the file lay in.
    pub body: Option<String>,
    /// The day on which the submission came.
    pub received: NaiveDate,
    /// By when answers are wanted, and whether that day has passed.
    pub answers_by: Option<(NaiveDate, bool)>,
    /// By when returns are due, and whether that day has passed.
    pub due: Option<(NaiveDate, bool)>,
    /// Sections of which an accepted version stays in use although this submission does not bring it.
    pub kept: Vec<Kept>,
    /// Titles of sections that no submission holds yet.
    pub owed: Vec<String>,
    /// Titles of sections that an earlier submission held, of which nothing could be used, and this one does not hold.
    pub refused_before: Vec<String>,
    /// What came before.
    pub before: Before,
}

/// What came from a body before a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// It is not known to which of its submissions this one would have to be compared.
    Unknown,
    /// Nothing that was kept.
    Nothing,
    /// Others, and this is what has changed since.
    Changes(Box<Changes>),
}

impl Delivery {
    /// What has changed since the submission before, if there is one.
    pub(super) fn changes(&self) -> Option<&Changes> {
        match &self.before {
            Before::Changes(changes) => Some(changes),
            Before::Unknown | Before::Nothing => None,
        }
    }
}

/// A section that stays in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its title.
    pub title: String,
    /// The number of the submission that holds it.
    pub submission: Option<u32>,
    /// The day on which that came.
    pub received: NaiveDate,
    /// It is the submission at hand: accepted when it came, and asked about since.
    pub same: bool,
    /// The submission at hand does not hold the section.
    pub left_out: bool,
}

/// Sections that stay in use, those of one version in one sentence.
pub(super) fn sentences(kept: &[Kept]) -> Vec<String> {
    let mut told: Vec<(&Kept, Vec<String>)> = Vec::new();
    for one in kept {
        let alike = |other: &&mut (&Kept, Vec<String>)| {
            let version = |k: &Kept| (k.submission, k.received, k.same, k.left_out);
            version(other.0) == version(one)
        };
        let title = crate::draw::line(&one.title);
        match told.iter_mut().find(alike) {
            Some((_, titles)) => titles.push(title),
            None => told.push((one, vec![title])),
        }
    }
    told.into_iter().map(|(one, titles)| one.sentence(&words::and(&titles))).collect()
}

impl Kept {
    fn sentence(&self, titles: &str) -> String {
        if self.same {
            return format!("In use as you sent it, because it was accepted before the question came up: {titles}.");
        }
        let why = if self.left_out { ", because this file does not hold it" } else { "" };
        let version = submission(self.submission, self.received);
        format!("Your earlier version ({version}) stays in use{why}: {titles}.")
    }
}

/// `submission 1, received on 4 May 2021`.
pub(super) fn submission(number: Option<u32>, received: NaiveDate) -> String {
    let number = number.map_or_else(|| "a submission without a number".to_owned(), |n| format!("submission {n}"));
    format!("{number}, received on {}", day(received))
}

/// `4 May 2021`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}
