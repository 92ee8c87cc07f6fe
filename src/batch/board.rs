//! The board's value, made once a year is settled: from what is kept of each submission, what stands, what was found across
//! agencies, what was released this year and last, and what the ledger last said. A report is asked for only to draw the
//! pieces of sheets on which two bodies disagree.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::body::{Standing, Work};
use super::question;
use crate::board::{
    Aim, Arrival, Board, Came, Change, Compared, Counts, FORMAT, Found, Member, Moved, Pack, Place, State, Titled,
    headlines,
};
use crate::checks::Together;
use crate::extract::Return;
use crate::finding::{Across, Finding, Verdict};
use crate::handled::Handled;
use crate::render;
use crate::report::{Outcome, Report};
use crate::schema::Body;

/// What the ledger last said of the files of a body for a year, by hash: the day, and what became of each section.
pub(super) type Said = BTreeMap<String, (NaiveDate, BTreeMap<String, String>)>;

/// Looks at the report on a submission of a body, by its position.
pub(super) type Look<'a> = dyn Fn(&str, usize, &mut dyn FnMut(&Report)) + 'a;

/// What the board is made from.
pub(super) struct Settled<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) year: &'a str,
    pub(super) bodies: &'a [Part<'a>],
    pub(super) together: &'a Together,
    /// Where a report is to be had.
    pub(super) report: &'a Look<'a>,
}

/// One body that returned something.
pub(super) struct Part<'a> {
    pub(super) body: &'a str,
    /// Its submissions, in their order.
    pub(super) handled: Vec<&'a Handled>,
    pub(super) standing: &'a Standing,
    /// What is released of it.
    pub(super) accepted: Option<&'a Return>,
    /// What was released of it last year.
    pub(super) last: Option<&'a Return>,
    /// How many figures are released.
    pub(super) figures: usize,
    pub(super) said: Said,
}

impl Settled<'_> {
    pub(super) fn part(&self, body: &str) -> Option<&Part<'_>> {
        self.bodies.iter().find(|part| part.body == body)
    }
}

impl Part<'_> {
    /// The submissions that hold a section, with their position; one with personal data holds nothing.
    pub(super) fn holding<'p>(&'p self, section: &'p str) -> impl DoubleEndedIterator<Item = (usize, &'p Handled)> {
        let told =
            move |handled: &&Handled| !handled.private && handled.sections.iter().any(|told| told.section == section);
        self.handled.iter().copied().enumerate().filter(move |(_, handled)| told(handled))
    }

    /// The submission that holds the version of a section that counts: the latest that is not refused.
    fn version(&self, section: &str) -> Option<usize> {
        let refused = |handled: &Handled| {
            handled.sections.iter().any(|told| told.section == section && told.outcome == Outcome::Refused)
        };
        self.holding(section).filter(|(_, handled)| !refused(handled)).map(|(at, _)| at).next_back()
    }
}

/// The board of a year.
pub(super) fn board(settled: &Settled<'_>) -> Board {
    let Settled { work, year, together, .. } = settled;
    let agencies = work.checker.agencies();
    let dates = agencies.years.get(*year);
    let bodies: Vec<Member> = agencies.bodies.iter().map(|body| member(settled, body)).collect();
    let (name, version, sha256) = work.checker.pack().clone();
    let schemas = work.checker.whole();
    let accepted = |body: &str| settled.part(body).and_then(|part| part.accepted);
    let last = |body: &str| settled.part(body).and_then(|part| part.last);
    let deadline = dates.map(|year| year.deadline);
    let after = |day: &&NaiveDate| deadline.is_some_and(|deadline| **day > deadline);
    let (open, answers) = question::questions(settled);
    Board {
        format: FORMAT.to_owned(),
        year: (*year).to_owned(),
        as_of: work.as_of,
        deadline,
        answers_due: dates.map(|year| year.query_deadline),
        draft_closed: dates.and_then(|year| year.draft_frozen),
        pack: Pack { name, version, sha256 },
        counts: counts(&bodies),
        holidays: schemas.map(|pack| pack.holidays.iter().filter(after).copied().collect()).unwrap_or_default(),
        sections: columns(settled, &bodies),
        findings: together.findings.iter().map(|found| across(settled, found)).collect(),
        comparisons: together.checks.iter().map(|compared| comparison(settled, compared)).collect(),
        open,
        answers,
        moved: moved(settled, &bodies),
        aims: aims(settled, &bodies),
        headlines: schemas.map(|pack| headlines(pack, year, &bodies, &accepted, &last)).unwrap_or_default(),
        bodies,
    }
}

fn counts(bodies: &[Member]) -> Counts {
    let owed = bodies.iter().flat_map(|member| &member.sections).filter(|place| place.owed);
    Counts {
        owed: owed.clone().count(),
        returned: owed.clone().filter(|place| place.state != State::Owed).count(),
        released: owed.filter(|place| place.released).count(),
    }
}

fn member(settled: &Settled<'_>, body: &Body) -> Member {
    let agencies = settled.work.checker.agencies();
    let kind = agencies.kinds.iter().find(|kind| kind.key == body.kind);
    let owed = |section: &str| kind.is_some_and(|kind| kind.sections.get(section) == Some(&true));
    let part = settled.part(&body.key);
    let handled = part.map(|part| part.handled.as_slice()).unwrap_or_default();
    let sections = settled.work.checker.sections(&body.kind, settled.year);
    Member {
        body: body.key.clone(),
        title: body.title.clone(),
        statutory: kind.is_some_and(|kind| kind.statutory),
        submissions: handled.len(),
        outcome: handled.last().map(|handled| handled.outcome),
        came: handled
            .iter()
            .map(|h| Came { submission: h.submission, received: h.received, outcome: h.outcome })
            .collect(),
        figures: part.map_or(0, |part| part.figures),
        sections: sections.iter().map(|s| place(part, &s.key, &s.title, owed(&s.key))).collect(),
    }
}

/// What became of a section in the end.
fn place(part: Option<&Part<'_>>, section: &str, title: &str, owed: bool) -> Place {
    let holding = || part.into_iter().flat_map(|part| part.holding(section)).map(|(_, handled)| handled);
    let told = |handled: &Handled| handled.sections.iter().find(|told| told.section == section).cloned();
    let latest = part.and_then(|part| part.holding(section).next_back()).map(|(_, handled)| handled);
    let queried = part.is_some_and(|part| part.standing.queried.contains_key(section));
    let state = match latest.and_then(told).map(|told| told.outcome) {
        Some(Outcome::Accepted | Outcome::Queried) if queried => State::Came(Outcome::Queried),
        Some(outcome) => State::Came(outcome),
        None if owed => State::Owed,
        None => State::Absent,
    };
    Place {
        section: section.to_owned(),
        title: title.to_owned(),
        owed,
        state,
        nil: latest.and_then(told).is_some_and(|told| told.nil),
        released: part.is_some_and(|part| part.standing.accepted.contains_key(section)),
        submission: latest.and_then(|handled| handled.submission),
        first: holding().next().map(|handled| handled.received),
        received: latest.map(|handled| handled.received),
    }
}

/// Every section that somebody owes or may return, in the order of the pack.
fn columns(settled: &Settled<'_>, bodies: &[Member]) -> Vec<Titled> {
    let mut sections: Vec<Titled> = Vec::new();
    for place in bodies.iter().flat_map(|member| &member.sections) {
        if !sections.iter().any(|known| known.section == place.section) {
            sections.push(Titled { section: place.section.clone(), title: place.title.clone() });
        }
    }
    if let Some(pack) = settled.work.checker.whole() {
        sections.sort_by_key(|section| pack.order().iter().position(|key| *key == section.section));
    }
    sections
}

fn across(settled: &Settled<'_>, found: &Across) -> Found {
    let agencies = settled.work.checker.agencies();
    let title =
        |body: &str| agencies.bodies.iter().find(|b| b.key == body).map_or(body.to_owned(), |b| b.title.clone());
    let side = |body: &str, finding: &Finding| {
        let at = settled.part(body).and_then(|part| part.version(&finding.at.section_key()));
        let mut side = None;
        if let Some(at) = at {
            (settled.report)(body, at, &mut |report| {
                side = Some(render::side(body, &title(body), finding, Some(report)));
            });
        }
        side.unwrap_or_else(|| render::side(body, &title(body), finding, None))
    };
    let seen = |body: &String| found.seen_by(body).map(|finding| side(body, &finding));
    Found {
        id: found.id(settled.year),
        rule: found.rule.to_string(),
        title: settled.work.checker.rule_title(found.rule.as_str()),
        severity: found.severity,
        open: found.is_open(),
        at: found.at.as_str().to_owned(),
        message: found.message.clone(),
        help: found.help.clone(),
        compared: found.compared.clone(),
        difference: found.difference.clone(),
        sides: found.sides.iter().filter_map(|side| seen(&side.body)).collect(),
    }
}

fn comparison(settled: &Settled<'_>, compared: &crate::checks::Compared) -> Compared {
    let check = &compared.check;
    let (verdict, why) = match &check.verdict {
        Verdict::Held => ("held", ""),
        Verdict::Failed => ("failed", ""),
        Verdict::Undecided(why) => ("undecided", why.as_str()),
        Verdict::NotRun(why) => ("not-run", why.as_str()),
        Verdict::NotApplicable(why) => ("not-applicable", why.as_str()),
    };
    Compared {
        rule: check.rule.to_string(),
        title: settled.work.checker.rule_title(check.rule.as_str()),
        at: check.at.as_str().to_owned(),
        verdict: verdict.to_owned(),
        why: why.to_owned(),
        bodies: compared.bodies.iter().cloned().collect(),
    }
}

/// What the ledger last said, set beside what is said now: both are folded in the order of the submissions, so that a
/// night on which nothing came moves nothing.
fn moved(settled: &Settled<'_>, bodies: &[Member]) -> Moved {
    let days = settled.bodies.iter().flat_map(|part| part.said.values()).map(|(day, _)| *day);
    let mut moved = Moved { since: days.max(), ..Moved::default() };
    for part in settled.bodies {
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        let mut now: BTreeMap<&str, &str> = BTreeMap::new();
        for handled in &part.handled {
            now.extend(handled.sections.iter().map(|told| (told.section.as_str(), told.outcome.word())));
            match part.said.get(&handled.sha256) {
                Some((_, said)) => before.extend(said.iter().map(|(section, word)| (section.as_str(), word.as_str()))),
                None => moved.submissions.push(Arrival {
                    body: part.body.to_owned(),
                    submission: handled.submission,
                    received: handled.received,
                }),
            }
        }
        let member = bodies.iter().find(|member| member.body == part.body);
        for place in member.into_iter().flat_map(|member| &member.sections) {
            let word = |of: &BTreeMap<&str, &str>| {
                of.get(place.section.as_str()).copied().unwrap_or("not returned").to_owned()
            };
            let (from, to) = (word(&before), word(&now));
            if from != to {
                let (section, title) = (place.section.clone(), place.title.clone());
                moved.sections.push(Change { body: part.body.to_owned(), section, title, from, to });
            }
        }
    }
    moved
}

/// The aims of the yearly report, each with the sections of the registered kinds that serve it.
fn aims(settled: &Settled<'_>, bodies: &[Member]) -> Vec<Aim> {
    let Some(pack) = settled.work.checker.whole() else { return Vec::new() };
    let columns = columns(settled, bodies);
    let kinds: BTreeSet<&str> = pack.agencies.bodies.iter().map(|body| body.kind.as_str()).collect();
    let forms: Vec<_> = kinds.iter().filter_map(|kind| pack.form(kind, settled.year)).collect();
    let serves = |key: &str, aim: &str| {
        forms.iter().any(|form| form.section(key).is_some_and(|section| section.aims.iter().any(|a| a == aim)))
    };
    let aim = |(aim, title): &(String, String)| Aim {
        aim: aim.clone(),
        title: title.clone(),
        sections: columns.iter().map(|c| c.section.clone()).filter(|key| serves(key, aim)).collect(),
    };
    pack.aims().iter().map(aim).collect()
}
