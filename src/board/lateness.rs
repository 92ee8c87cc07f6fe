//! Ages and lateness, reckoned from the dates of the board on the day for which it is drawn.

use chrono::NaiveDate;

use super::{Board, Member, Place, State};
use crate::checks::working_days;

/// By how many days at the most a question is in each group of ages; the last group has no end.
pub const BUCKETS: [(&str, i64); 4] =
    [("up to 7 days", 7), ("8 to 14 days", 14), ("15 to 28 days", 28), ("more than 28 days", i64::MAX)];

/// The group of ages that something open for so many days is in.
#[must_use]
pub fn bucket(days: i64) -> usize {
    BUCKETS.iter().position(|(_, most)| days <= *most).unwrap_or(BUCKETS.len() - 1)
}

/// A section that is owed and has not come.
#[derive(Debug, Clone, Copy)]
pub struct Owed<'b> {
    /// Who owes it.
    pub member: &'b Member,
    /// What is owed.
    pub place: &'b Place,
}

impl Board {
    /// The same board for another day.
    #[must_use]
    pub fn on(mut self, day: NaiveDate) -> Self {
        self.as_of = day;
        self
    }

    /// Days from the deadline to the day of the board; below 0 before it. `None` where there is no deadline.
    #[must_use]
    pub fn past(&self, day: Option<NaiveDate>) -> Option<i64> {
        day.map(|day| (self.as_of - day).num_days())
    }

    /// Working days after the deadline, up to a day.
    #[must_use]
    pub fn late(&self, day: NaiveDate) -> usize {
        self.deadline.filter(|deadline| day > *deadline).map_or(0, |from| working_days(from, day, &self.holidays))
    }

    /// Whether what has not come by now is late.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.deadline.is_some_and(|deadline| self.as_of > deadline)
    }

    /// What is owed and has not come.
    pub fn owed(&self) -> impl Iterator<Item = Owed<'_>> {
        self.bodies.iter().flat_map(|member| {
            let missing = member.sections.iter().filter(|place| place.state == State::Owed);
            missing.map(move |place| Owed { member, place })
        })
    }

    /// For how many days something has been open on the day of the board.
    #[must_use]
    pub fn age(&self, since: NaiveDate) -> i64 {
        (self.as_of - since).num_days().max(0)
    }

    /// The name of a body.
    #[must_use]
    pub fn title<'b>(&'b self, body: &'b str) -> &'b str {
        self.bodies.iter().find(|member| member.body == body).map_or(body, |member| &member.title)
    }

    /// The title of a section; the cover and the file as a whole by their own names.
    #[must_use]
    pub fn section<'b>(&'b self, key: &'b str) -> &'b str {
        let known = self.sections.iter().find(|section| section.section == key);
        known.map_or(
            match key {
                "cover" => "Cover",
                "explanations" => "Explanations",
                _ => "The file as a whole",
            },
            |section| &section.title,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_fall_into_groups_and_lateness_counts_working_days() {
        let groups: Vec<usize> = [0, 7, 8, 14, 15, 28, 29, 400].into_iter().map(bucket).collect();
        assert_eq!(groups, [0, 0, 1, 1, 2, 2, 3, 3]);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let board = Board {
            as_of: day("2022-06-07"),
            deadline: Some(day("2022-05-31")),
            holidays: vec![day("2022-06-02"), day("2022-06-03")],
            ..Board::default()
        };
        // Wednesday; two holidays and a weekend; Monday and Tuesday.
        assert_eq!((board.late(board.as_of), board.late(day("2022-05-31"))), (3, 0));
        assert_eq!((board.is_overdue(), board.past(board.deadline)), (true, Some(7)));
        let before = board.on(day("2022-05-30"));
        assert_eq!(
            (before.is_overdue(), before.past(before.deadline), before.late(before.as_of)),
            (false, Some(-1), 0)
        );
    }
}
