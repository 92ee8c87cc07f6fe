//! What a tired person must see first, in sentences: what day it is, how much is there, what stops the report, what waits
//! for the board manager. The page, the text and the terminal say the same.

use super::day;
use crate::board::{Board, Judgement, Member, Place, Stand, State};
use crate::draw;
use crate::finding::Severity;
use crate::render::words;
use crate::report::Outcome;

/// How the rules about the board manager's own decisions begin.
const DECISIONS: &str = "WAI-";

/// One thing to do, and whose feedback tells more.
pub(super) struct Point {
    pub(super) text: String,
    pub(super) body: Option<String>,
}

/// How one section of one body is shown: a sign that can be told from the others without colour, and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Refused,
    Late,
    Queried,
    Owed,
    Accepted,
    Nil,
    Blank,
}

impl Sign {
    /// All that stand in the legend, gravest first.
    pub(super) const ALL: [Self; 6] = [Self::Refused, Self::Late, Self::Queried, Self::Owed, Self::Accepted, Self::Nil];

    pub(super) fn of(board: &Board, place: &Place) -> Self {
        match place.state {
            State::Came(Outcome::Refused) => Self::Refused,
            State::Came(Outcome::Queried) => Self::Queried,
            State::Came(Outcome::Accepted) if place.nil => Self::Nil,
            State::Came(Outcome::Accepted) => Self::Accepted,
            State::Owed if board.is_overdue() => Self::Late,
            State::Owed => Self::Owed,
            State::Absent => Self::Blank,
        }
    }

    pub(super) const fn letter(self) -> &'static str {
        match self {
            Self::Refused => "✗",
            Self::Late => "!",
            Self::Queried => "?",
            Self::Owed => "○",
            Self::Accepted => "✓",
            Self::Nil => "N",
            Self::Blank => "",
        }
    }

    /// The name of its class.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Late => "late",
            Self::Queried => "queried",
            Self::Owed => "owed",
            Self::Accepted => "accepted",
            Self::Nil => "nil",
            Self::Blank => "blank",
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Late => "late: owed, and the deadline has passed",
            Self::Queried => "queried",
            Self::Owed => "owed, not due yet",
            Self::Accepted => "accepted",
            Self::Nil => "accepted: declared nil",
            Self::Blank => "not owed",
        }
    }
}

/// An accepted version stays in use although the latest is not accepted.
pub(super) fn stays(place: &Place) -> bool {
    place.released && place.state != State::Came(Outcome::Accepted)
}

/// `31 May 2022, 7 days ago`.
pub(super) fn away(board: &Board, date: chrono::NaiveDate) -> String {
    let days = (board.as_of - date).num_days();
    let count = |n: i64| words::count(usize::try_from(n.abs()).unwrap_or_default(), "day");
    match days {
        0 => format!("{}, today", day(date)),
        1.. => format!("{}, {} ago", day(date), count(days)),
        _ => format!("{}, in {}", day(date), count(days)),
    }
}

/// The days that matter: what each is, and when.
pub(super) fn dates(board: &Board) -> Vec<(&'static str, String)> {
    let known = [
        ("Returns were due by", "Returns are due by", board.deadline),
        ("Answers were due by", "Answers are due by", board.answers_due),
        ("The draft was closed on", "The draft closes on", board.draft_closed),
    ];
    let said = known.into_iter().filter_map(|(past, to_come, date)| {
        let date = date?;
        Some((if date < board.as_of { past } else { to_come }, away(board, date)))
    });
    said.collect()
}

/// How much is there, in one sentence.
pub(super) fn counts(board: &Board) -> String {
    let counts = board.counts;
    let errors = board.open.iter().filter(|open| open.severity == Severity::Error).count();
    let queries = board.open.len() - errors;
    let nobody = board.bodies.iter().filter(|member| member.submissions == 0).count();
    let mut said = format!(
        "Of {} owed, {} {} come and {} {} accepted; {} and {} are open.",
        words::count(counts.owed, "section"),
        counts.returned,
        if counts.returned == 1 { "has" } else { "have" },
        counts.released,
        if counts.released == 1 { "is" } else { "are" },
        words::count(errors, "error"),
        words::count(queries, "query")
    );
    if nobody > 0 {
        said.push_str(&format!(" {} of {} have sent nothing.", nobody, words::count(board.bodies.len(), "body")));
    }
    said
}

/// What stops the report, gravest first.
pub(super) fn stops(board: &Board) -> Vec<Point> {
    let mut points = Vec::new();
    let name = |member: &Member| draw::line(&member.title);
    for member in board.bodies.iter().filter(|m| m.statutory && !m.sections.iter().any(|place| place.released)) {
        let what = if member.submissions == 0 { "has sent nothing" } else { "has nothing accepted" };
        points.push(Point {
            text: format!("{}, a statutory partner, {what}: the report cannot go forward without it.", name(member)),
            body: sent(member),
        });
    }
    for aim in board.aims.iter().filter(|aim| board.evidence(aim).judgement() == Judgement::None) {
        let text = format!("Nothing is accepted under the aim “{}”.", draw::line(&aim.title));
        points.push(Point { text, body: None });
    }
    for member in &board.bodies {
        let of = |sign: Sign| {
            let found = member.sections.iter().filter(move |place| Sign::of(board, place) == sign && !place.released);
            found.map(|place| draw::line(&place.title)).collect::<Vec<_>>()
        };
        let refused = of(Sign::Refused);
        if member.outcome == Some(Outcome::Refused)
            && !member.sections.iter().any(|p| Sign::of(board, p) == Sign::Refused)
        {
            let text = format!("{}: the latest submission was refused as a whole.", name(member));
            points.push(Point { text, body: sent(member) });
        }
        if !refused.is_empty() {
            let text = format!("{}: {} refused ({}).", name(member), sections(&refused), some(&refused));
            points.push(Point { text, body: sent(member) });
        }
    }
    points.extend(overdue(board));
    points
}

/// What is owed and late, in one sentence: who owes most stands first.
fn overdue(board: &Board) -> Option<Point> {
    let late = |member: &Member| member.sections.iter().filter(|place| Sign::of(board, place) == Sign::Late).count();
    let mut bodies: Vec<(usize, String)> =
        board.bodies.iter().map(|member| (late(member), draw::line(&member.title))).filter(|(n, _)| *n > 0).collect();
    bodies.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    let all: usize = bodies.iter().map(|(n, _)| n).sum();
    let who: Vec<String> = bodies.iter().map(|(n, title)| format!("{title} {n}")).collect();
    let verb = if all == 1 { "is" } else { "are" };
    let text = format!("{} {verb} owed and late: {}.", words::count(all, "section"), who.join(", "));
    (all > 0).then_some(Point { text, body: None })
}

/// What waits for the board manager.
pub(super) fn waits(board: &Board) -> Vec<Point> {
    let mut points = Vec::new();
    let mut add = |n: usize, text: String| {
        if n > 0 {
            points.push(Point { text, body: None });
        }
    };
    let unread = board.answers.iter().filter(|answer| answer.stand == Stand::Unread).count();
    let verb = if unread == 1 { "is" } else { "are" };
    add(unread, format!("{} {verb} to be read: accept or send back.", words::count(unread, "explanation")));
    let expired = board.answers.iter().filter(|a| a.expires.is_some_and(|day| day < board.as_of)).count();
    let verb = if expired == 1 { "has" } else { "have" };
    add(expired, format!("{} {verb} expired.", words::count(expired, "waiver")));
    let apart = board.findings.iter().filter(|found| found.open && found.sides.len() > 1).count();
    let verb = if apart == 1 { "is" } else { "are" };
    add(apart, format!("{} between agencies {verb} open.", words::count(apart, "disagreement")));
    let decisions = board.findings.iter().filter(|found| found.open && found.rule.starts_with(DECISIONS)).count();
    let verb = if decisions == 1 { "has to be looked at again" } else { "have to be looked at again" };
    add(decisions, format!("{} of waivers.csv {verb}.", words::count(decisions, "line")));
    let old = board.open.iter().filter(|open| board.age(open.since) > 28).count();
    let verb = if old == 1 { "has" } else { "have" };
    add(old, format!("{} {verb} been open for more than 28 days.", words::count(old, "question")));
    points
}

fn sent(member: &Member) -> Option<String> {
    (member.submissions > 0).then(|| member.body.clone())
}

fn sections(titles: &[String]) -> String {
    words::count(titles.len(), "section")
}

fn some(titles: &[String]) -> String {
    words::some(titles, 4)
}
