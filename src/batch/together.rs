//! The bodies of a year side by side: which version of each section is accepted once the rules across agencies have been
//! run. A section that is refused or queried changes nothing; its last accepted version stays.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::body::{Checked, Standing, Step, Work};
use crate::board::{self, Board, Member};
use crate::checks::{Gathered, Together};
use crate::counting::{Counting, Versions};
use crate::extract::Return;
use crate::handled::Handled;
use crate::report::Report;

/// What was settled of a year.
pub(super) struct Settled {
    /// What was found across agencies.
    pub(super) together: Together,
    /// What stands of each body, in the order in which they were given.
    pub(super) standing: Vec<Standing>,
    /// Which submission holds the version of each section that counts, likewise.
    pub(super) versions: Vec<Versions>,
}

/// A year while its submissions are gone through.
struct Course<'w> {
    work: &'w Work<'w>,
    year: &'w str,
    expected: BTreeSet<String>,
    /// What counts of each body so far.
    counting: Vec<Counting>,
    standing: Vec<Standing>,
    /// The sections of each body that an open question across agencies keeps from being accepted.
    asked: BTreeMap<String, BTreeSet<String>>,
}

impl Course<'_> {
    fn together(&self, bodies: &[Checked<'_>]) -> Together {
        let counted: Vec<_> =
            self.counting.iter().filter(|counting| counting.has_begun()).map(Counting::counted).collect();
        let keys = |(body, stands): (&Checked<'_>, &Standing)| {
            (body.body.clone(), stands.accepted.keys().cloned().collect::<BTreeSet<String>>())
        };
        self.work.checker.together(&Gathered {
            year: self.year.to_owned(),
            as_of: self.work.as_of,
            expected: self.expected.clone(),
            waivers: self.work.waivers,
            bodies: counted.iter().collect(),
            standing: bodies.iter().zip(&self.standing).map(keys).collect(),
        })
    }

    /// Takes a body's next submission. Whether it can change what is asked across agencies.
    fn take(&mut self, at: usize, body: &Checked<'_>, version: usize, step: &Step<'_>) -> Result<bool, Error> {
        let Some(counting) = self.counting.get_mut(at) else { return Ok(false) };
        let outcomes = step.outcomes();
        if !Counting::counts(step.handled.private, &outcomes) {
            counting.take(version, step.handled.private, &outcomes, &Return::default());
            return Ok(false);
        }
        counting.take(version, step.handled.private, &outcomes, &step.figures(self.work)?);
        let compared = |section: &str| self.work.checker.is_compared(&body.kind, self.year, section);
        // Its explanations and its cover speak about what came before it, too.
        Ok(counting.versions().keys().any(|section| compared(section)))
    }

    /// What is accepted of a body and what is asked of it, as things are now.
    fn stand(&mut self, at: usize, body: &str) {
        let (Some(counting), Some(stands)) = (self.counting.get(at), self.standing.get_mut(at)) else { return };
        let asked = self.asked.get(body);
        let free =
            |section: &String| counting.is_accepted(section) && !asked.is_some_and(|asked| asked.contains(section));
        let accepted = counting.versions().iter().filter(|(section, _)| free(section));
        stands.accepted.extend(accepted.map(|(section, version)| (section.clone(), *version)));
        let asked = counting.came().filter(|(section, _)| !free(section));
        stands.queried = asked.map(|(section, version)| (section.clone(), version)).collect();
    }
}

/// Settles what is accepted of each body. Goes through the submissions in the order in which they came, as the nights on
/// those days did: what two bodies disagree about after the second has come does not take back what was accepted of the
/// first. Each is looked at once, and bodies are set beside one another only where something that is compared has changed.
pub(super) fn settle(work: &Work<'_>, year: &str, bodies: &[Checked<'_>]) -> Result<Settled, Error> {
    // The first of each body on a day, the second of each body on that day, …
    let mut turns: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    for (at, body) in bodies.iter().enumerate() {
        for (version, step) in body.steps.iter().enumerate() {
            turns.entry(step.turn).or_default().push((at, version));
        }
    }
    let mut course = Course {
        work,
        year,
        expected: work.checker.agencies().bodies.iter().map(|body| body.key.clone()).collect(),
        counting: bodies.iter().map(|body| Counting::new(&body.body)).collect(),
        standing: vec![Standing::default(); bodies.len()],
        asked: BTreeMap::new(),
    };
    let mut together = Together::default();
    let last = turns.last_key_value().map(|(turn, _)| *turn);
    for (turn, new) in turns {
        let mut compared = false;
        let mut moved: BTreeSet<usize> = BTreeSet::new();
        for (at, version) in new {
            if let Some((body, step)) = bodies.get(at).and_then(|body| Some((body, body.steps.get(version)?))) {
                compared |= course.take(at, body, version, step)?;
                moved.insert(at);
            }
        }
        if compared || Some(turn) == last {
            together = course.together(bodies);
            let asked = together.asked();
            let other = |body: &Checked<'_>| asked.get(&body.body) != course.asked.get(&body.body);
            moved.extend(bodies.iter().enumerate().filter(|(_, body)| other(body)).map(|(at, _)| at));
            course.asked = asked;
        }
        for at in moved {
            course.stand(at, bodies.get(at).map_or("", |body| &body.body));
        }
    }
    let versions = course.counting.iter().map(|counting| counting.versions().clone()).collect();
    Ok(Settled { together, standing: course.standing, versions })
}

/// Submissions in which figures of findings across agencies stand, by body and position.
pub(super) type Drawn = BTreeMap<(String, usize), Report>;

/// The submissions that the board draws.
pub(super) fn drawn(work: &Work<'_>, bodies: &[Checked<'_>], settled: &Settled) -> Result<Drawn, Error> {
    let mut drawn = Drawn::new();
    for side in settled.together.findings.iter().flat_map(|found| &found.sides) {
        let Some(at) = bodies.iter().position(|body| body.body == side.body) else { continue };
        let versions = settled.versions.get(at).into_iter();
        for version in versions.flat_map(|versions| side.sections().into_iter().filter_map(|s| versions.get(&s))) {
            let key = (side.body.clone(), *version);
            if let (false, Some(step)) = (drawn.contains_key(&key), bodies.get(at).and_then(|b| b.steps.get(*version)))
            {
                drawn.insert(key, step.report(work)?);
            }
        }
    }
    Ok(drawn)
}

/// The year as the board sees it.
pub(super) fn board<'a>(
    work: &'a Work<'a>,
    year: &'a str,
    bodies: &'a [Checked<'a>],
    settled: &'a Settled,
    drawn: &'a Drawn,
) -> Board<'a> {
    let agencies = work.checker.agencies();
    let places: BTreeMap<&str, usize> = bodies.iter().enumerate().map(|(at, body)| (body.body.as_str(), at)).collect();
    let members = agencies.bodies.iter().map(|body| {
        let kind = agencies.kinds.iter().find(|kind| kind.key == body.kind);
        let owed = |section: &str| kind.is_some_and(|kind| kind.sections.get(section) == Some(&true));
        let form = work.checker.sections(&body.kind, year);
        let sections = form.iter().map(|s| (s.key.as_str(), s.title.as_str(), owed(&s.key)));
        let at = places.get(body.key.as_str()).copied();
        let steps = at.and_then(|at| bodies.get(at)).map(|checked| checked.steps.as_slice()).unwrap_or_default();
        let handled: Vec<&Handled> = steps.iter().map(|step| &step.handled).collect();
        let keys = |versions: &Versions| versions.keys().cloned().collect::<BTreeSet<String>>();
        let standing = at.and_then(|at| settled.standing.get(at));
        let (queried, released) =
            standing.map(|standing| (keys(&standing.queried), keys(&standing.accepted))).unwrap_or_default();
        let versions = at.and_then(|at| settled.versions.get(at)).into_iter().flatten();
        let source = |version: &usize| drawn.get(&(body.key.clone(), *version));
        Member {
            body: &body.key,
            title: &body.title,
            statutory: kind.is_some_and(|kind| kind.statutory),
            submissions: handled.len(),
            outcome: handled.last().map(|handled| handled.outcome),
            sections: board::places(sections, &handled, &queried, &released),
            versions: versions.filter_map(|(key, at)| Some((key.clone(), source(at)?))).collect(),
        }
    });
    let rules = settled.together.checks.iter().map(|compared| compared.check.rule.to_string());
    let titles: BTreeMap<String, String> = rules.map(|rule| (rule.clone(), work.checker.rule_title(&rule))).collect();
    Board {
        year,
        as_of: work.as_of,
        pack: work.checker.pack(),
        deadline: agencies.years.get(year).map(|year| year.deadline),
        agencies,
        bodies: members.collect(),
        together: &settled.together,
        titles,
    }
}
