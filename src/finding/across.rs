//! What is found across agencies: a value that knows every side, for the board. What one body may see of it is built
//! here, before any renderer: its own figures and nothing of the others'.

use std::collections::BTreeSet;

use super::{Answer, Finding, Place, Reach, RuleId, Severity};
use crate::cell::{Address, Pointer};

/// The first segment of the places that rules across agencies speak about; the second is the rule's `at`.
pub const ACROSS: &str = "across";

/// Something found across agencies, or about a year as a whole. Only the board sees all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    /// The rule that speaks.
    pub rule: RuleId,
    /// How grave it is for the report of the year. To a body it is a question at the most.
    pub severity: Severity,
    /// What is compared: `/across/merlin_shared_la`; or what is missing: `/youth-justice/yjs`.
    pub at: Pointer,
    /// What the board reads: the figures of all sides.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The bodies whose figures were read; none where nothing was returned.
    pub sides: Vec<Side>,
    /// The two values that were compared, as people read them.
    pub compared: Option<[String; 2]>,
    /// By how much the two are apart, as people read it.
    pub difference: Option<String>,
}

/// One body in a finding across agencies.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The body.
    pub body: String,
    /// What it is told: its own figure only, in words that do not give away another's.
    pub message: String,
    /// What it is told to do.
    pub help: String,
    /// Its figures that the rule read.
    pub figures: Vec<Cited>,
    /// What has been said to its question.
    pub answer: Option<Answer>,
}

/// A figure of one body that a rule across agencies read.
#[derive(Debug, Clone, PartialEq)]
pub struct Cited {
    /// What it means, in that body's return.
    pub pointer: Pointer,
    /// Where it stands in the submission that counts; `None` where there is no such place.
    pub cell: Option<Address>,
    /// The words on the template.
    pub words: String,
    /// The value as people read it.
    pub value: String,
}

impl Across {
    /// The eight characters that name it for the board.
    #[must_use]
    pub fn id(&self, year: &str) -> String {
        Finding::new(self.rule.as_str(), self.severity, self.at.clone(), Reach::Explanation, "").id(year, "board")
    }

    /// What one body gets to see: its own message, figures, cells and state. Of every other body the values, cells,
    /// labels, arithmetic and the difference are gone. `None` for a body that takes no part in it.
    #[must_use]
    pub fn seen_by(&self, body: &str) -> Option<Finding> {
        let side = self.sides.iter().find(|side| side.body == body)?;
        let sections = side.sections();
        let at = own_place(sections.first()?, &self.at);
        // An error between bodies makes the sections that it read queried, never refused.
        let severity = self.severity.min(Severity::Query);
        let reach = Reach::Sections(sections.into_iter().collect());
        let mut found =
            Finding::new(self.rule.as_str(), severity, at, reach, side.message.clone()).with_help(side.help.clone());
        for cited in &side.figures {
            let place = Place::Figure(cited.pointer.clone());
            found = found.with_label(place, format!("“{}”: {}", cited.words, cited.value));
            found.state.push((cited.pointer.clone(), cited.value.clone()));
        }
        found.answer.clone_from(&side.answer);
        Some(found)
    }

    /// Whether somebody still has to act: a body whose question is open, or, where no body is asked, the board.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let mut asked = self.sides.iter().filter_map(|side| self.seen_by(&side.body)).peekable();
        if asked.peek().is_none() { self.severity > Severity::Note } else { asked.any(|finding| finding.is_open()) }
    }
}

impl Side {
    /// The sections whose figures were read, in the order in which they were.
    #[must_use]
    pub fn sections(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        self.figures.iter().map(|c| c.pointer.section_key()).filter(|key| seen.insert(key.clone())).collect()
    }
}

/// The place of a rule across agencies in one body's return: in the first of its own sections that the rule reads.
#[must_use]
pub fn own_place(section: &str, at: &Pointer) -> Pointer {
    at.segments().fold(Pointer::section(section), |place, segment| place.child(&segment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cell;

    fn across(theirs: &str) -> Across {
        let side = |body: &str, pointer: &str, value: &str| Side {
            body: body.into(),
            message: format!("You say {value}."),
            help: "Check it.".into(),
            figures: vec![Cited {
                pointer: Pointer::from(pointer),
                cell: Some(Address::new(1, Cell::new(4, 1))),
                words: "Contacts".into(),
                value: value.into(),
            }],
            answer: None,
        };
        Across {
            rule: "XAG-01".into(),
            severity: Severity::Error,
            at: Pointer::section(ACROSS).child("merlin"),
            message: format!("Police say {theirs}, the council 3,980."),
            help: "Talk.".into(),
            sides: vec![side("mps", "/police/merlin", theirs), side("csc", "/front-door/contacts", "3,980")],
            compared: Some([theirs.into(), "3,980".into()]),
            difference: Some("1,140".into()),
        }
    }

    #[test]
    fn a_body_sees_its_own_side_and_nothing_moves_when_the_others_does() {
        let (one, other) = (across("5,120").seen_by("csc").unwrap(), across("5,130").seen_by("csc").unwrap());
        assert_eq!(one, other);
        assert!(!format!("{one:?}").contains("5,1") && !format!("{one:?}").contains("police"));
        assert_eq!(one.state, [(Pointer::from("/front-door/contacts"), "3,980".to_owned())]);
        assert_eq!(one.at.as_str(), "/front-door/across/merlin");
        assert_eq!(across("5,120").seen_by("nhsm"), None);
    }

    #[test]
    fn to_a_body_even_an_error_is_a_question_about_the_sections_it_read() {
        let seen = across("5,120").seen_by("mps").unwrap();
        assert_eq!((seen.severity, seen.reach), (Severity::Query, Reach::section("police")));
    }

    #[test]
    fn it_is_open_until_every_side_has_answered() {
        let mut found = across("5,120");
        let answer = Some(Answer::Explained {
            explanation: "Reports on several children.".into(),
            read: crate::finding::Read::Unread,
        });
        found.sides[0].answer.clone_from(&answer);
        assert!(found.is_open());
        found.sides[1].answer = answer;
        assert!(!found.is_open());
        found.sides.clear();
        assert!(found.is_open());
    }
}
