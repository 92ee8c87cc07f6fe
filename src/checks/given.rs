//! One row of a sheet of explanations: what it says, what it is about and which figures it was given for. What counts of
//! several rows is left to `explain`.

use super::explain::{list, state};
use crate::cell::Pointer;
use crate::extract::{Asked, Return, fold};
use crate::figure::{Bare, Figure};
use crate::finding::{ACROSS, Finding, Place, Reach, Severity, own_place};
use crate::schema::Schemas;

/// One row of the Explanations sheet.
#[derive(PartialEq, Eq)]
pub(super) struct Given {
    pub(super) rule: String,
    pub(super) section: String,
    pub(super) about: String,
    pub(super) words: String,
    pub(super) given_for: String,
}

impl Given {
    pub(super) fn read(figures: &Return, row: &Pointer) -> Self {
        let text = |field: &str| match figures.figures.get(&row.child(field)) {
            Some(figure) => match &figure.bare {
                Bare::Text(text) => text.trim().to_owned(),
                Bare::Number(_) | Bare::Date(_) | Bare::Codes(_) | Bare::Marker(_) | Bare::Blank => {
                    figure.typed.trim().to_owned()
                }
            },
            None => String::new(),
        };
        Self {
            rule: text("rule_id"),
            section: text("section"),
            about: text("measure_or_record"),
            words: text("explanation"),
            given_for: text("given_for"),
        }
    }

    /// Whether this row answers a rule across agencies: by its id, or by that of the finding it would make here.
    pub(super) fn is_about_agencies(&self, figures: &Return, schemas: &Schemas) -> bool {
        schemas.declared_across().any(|(id, at)| {
            let at = Pointer::section(ACROSS).child(at);
            let is = |at: &Pointer, section: &String| {
                let finding = Finding::new(id, Severity::Query, own_place(section, at), Reach::Explanation, "");
                self.rule.eq_ignore_ascii_case(&finding.id(&figures.year, &figures.body))
            };
            // A rule about each body has the body in its place.
            let places = [at.child(&figures.body), at];
            self.rule.eq_ignore_ascii_case(id)
                || figures.sheets.keys().any(|section| places.iter().any(|at| is(at, section)))
        })
    }

    /// Whether this row names a section that the file does not hold.
    pub(super) fn is_away(&self, figures: &Return, schemas: &Schemas) -> bool {
        !self.section.is_empty() && !figures.sheets.keys().any(|key| self.is_in(key, schemas))
    }

    /// Whether this row names a section, by its key or title.
    pub(super) fn is_in(&self, key: &str, schemas: &Schemas) -> bool {
        let section = fold(&self.section);
        fold(key) == section || schemas.section_title(key).is_some_and(|title| fold(title) == section)
    }

    /// Whether this row speaks about a question that another submission was asked.
    pub(super) fn answers(&self, asked: &Asked, id: &str, schemas: &Schemas) -> bool {
        let (finding, about) = (&asked.finding, fold(&self.about));
        let named = || {
            about == id
                || asked.words.iter().any(|words| fold(words) == about)
                || finding.at.segments().any(|s| fold(&s) == about)
        };
        let section = self.section.is_empty() || self.is_in(&finding.at.section_key(), schemas);
        let rule = self.rule.eq_ignore_ascii_case(finding.rule.as_str());
        self.rule.eq_ignore_ascii_case(id) || rule && section && (about.is_empty() || named())
    }

    /// Whether this row is about a figure, as it is now: named by its words, its cell or the last part of its place.
    pub(super) fn is_of(&self, figure: &Figure, figures: &Return) -> bool {
        let (about, at) = (fold(&self.about), &figure.pointer);
        let key = at.section_key();
        let section = fold(&self.section);
        let in_section = section == fold(&key) || section == fold(&figures.words(&Pointer::section(&key)));
        let named = || {
            fold(&figures.words(at)) == about
                || at.segments().last().is_some_and(|s| fold(&s) == about)
                || figure.cell.is_some_and(|a| fold(&a.cell.to_string()) == about)
        };
        // A line that does not say its figure may have been written for the one before.
        let now = || !self.given_for.is_empty() && plain(&self.given_for) == plain(&figure.typed);
        !about.is_empty() && in_section && now() && named()
    }

    /// Whether the same row was in a submission.
    pub(super) fn stood_in(&self, submission: &Return) -> bool {
        let list = list();
        let keys = submission.lists.get(&list).into_iter().flatten();
        keys.map(|key| Self::read(submission, &list.child(key))).any(|row| row == *self)
    }

    /// What the answer was given for, if the finding now rests on something else. `before` is the submission in which
    /// the same words first stood: an answer that does not say its figure was given for the figures of that time.
    pub(super) fn was_for(&self, finding: &Finding, figures: &Return, before: Option<&Return>) -> Option<String> {
        let own = || finding.state.iter().filter(|(_, value)| !value.starts_with("last year "));
        if self.given_for.is_empty() {
            let before = before?;
            let then = |at: &Pointer| before.figures.get(at);
            let moved = own().any(|(at, _)| then(at).map(|f| &f.bare) != figures.figures.get(at).map(|f| &f.bare));
            let typed = own().map(|(at, _)| then(at).map_or("nothing", |f| f.typed.as_str()));
            return moved.then(|| typed.collect::<Vec<_>>().join("; "));
        }
        // A query about no figure in particular has none that could have moved.
        if finding.state.is_empty() {
            return None;
        }
        let about = fold(&self.about);
        let is_named =
            |at: &Pointer| fold(&figures.words(at)) == about || at.segments().last().is_some_and(|s| fold(&s) == about);
        let named: Vec<&String> = own().filter(|(at, _)| is_named(at)).map(|(_, value)| value).collect();
        let same = plain(&self.given_for) == plain(&state(finding))
            || if named.is_empty() {
                own().any(|(_, value)| plain(value) == plain(&self.given_for))
            } else {
                named.iter().all(|value| plain(value) == plain(&self.given_for))
            };
        (!same).then(|| self.given_for.clone())
    }

    /// Whether this row speaks about a finding: by its eight-character id, or by rule and place in words.
    pub(super) fn is_about(&self, finding: &Finding, id: &str, figures: &Return) -> bool {
        if self.rule.eq_ignore_ascii_case(id) {
            return true;
        }
        let about = fold(&self.about);
        let section = fold(&self.section);
        let key = finding.at.section_key();
        let named = || {
            finding.at.segments().skip(1).any(|s| fold(&s) == about)
                || fold(&figures.words(&finding.at)) == about
                || about == id
                || finding.labels.iter().any(|l| match &l.place {
                    Place::Figure(p) => {
                        fold(&figures.words(p)) == about
                            || figures.cell(p).is_some_and(|a| fold(&a.cell.to_string()) == about)
                    }
                    Place::Cell(a) => fold(&a.cell.to_string()) == about,
                    Place::Before(p) => fold(&figures.words(p)) == about,
                    Place::Sheet(_) | Place::File => false,
                })
        };
        self.rule.eq_ignore_ascii_case(finding.rule.as_str())
            && (section.is_empty() || section == fold(&key) || section == fold(&figures.words(&Pointer::section(&key))))
            && (about.is_empty() || named())
    }
}

/// Values without what makes no difference: `2,091` and `2091`, `5 May 2021` and `2021-05-05`.
pub(super) fn plain(text: &str) -> String {
    text.split(';').map(|value| plain_value(value.trim())).collect::<Vec<_>>().join(";")
}

fn plain_value(text: &str) -> String {
    let date =
        ["%Y-%m-%d", "%-d %B %Y"].into_iter().find_map(|form| chrono::NaiveDate::parse_from_str(text, form).ok());
    // Of a number, its point and its sign make a difference.
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '%') && !c.is_whitespace()).collect();
    let number = digits.replace('\u{2212}', "-").parse::<f64>().ok().filter(|n| n.is_finite());
    match (date, number) {
        (Some(date), _) => date.to_string(),
        (None, Some(number)) => number.to_string(),
        (None, None) => fold(text).replace(' ', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_same_however_it_is_written_and_its_point_and_sign_count() {
        for (one, other) in
            [("2,091", "2091"), ("67.60%", "67.6"), ("5 May 2021", "2021-05-05"), ("1; 2,000", "1;2000")]
        {
            assert_eq!(plain(one), plain(other));
        }
        for (one, other) in [("6.7", "67"), ("-5", "5"), ("1; 2", "12"), ("c", "x")] {
            assert_ne!(plain(one), plain(other));
        }
    }
}
