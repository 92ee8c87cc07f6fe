//! The parts of the board as text of 80 columns: what `status.txt` and the terminal share.

use super::glance::{self, Point, Sign, stays};
use super::{ages, aims, day, late, moved, plot};
use crate::board::{Board, Place};
use crate::draw::{self, measure};
use crate::render::words;

/// Display columns of a line.
const WIDTH: usize = 80;
/// Display columns of the picture that are kept for the name of a body.
const NAME: usize = 32;

/// Text in the making.
pub(super) struct Page(pub(super) String);

impl Page {
    pub(super) fn say(&mut self, text: &str) {
        self.lines(text, "");
    }

    pub(super) fn hang(&mut self, text: &str) {
        self.lines(text, "   ");
    }

    fn lines(&mut self, text: &str, hang: &str) {
        let lead: String = text.chars().take_while(|c| *c == ' ').collect();
        for (i, line) in words::wrap(text, WIDTH - hang.len() - lead.len()).into_iter().enumerate() {
            self.0.push_str(&lead);
            self.0.push_str(if i > 0 { hang } else { "" });
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }

    pub(super) fn gap(&mut self) {
        self.0.push('\n');
    }

    pub(super) fn title(&mut self, text: &str) {
        self.gap();
        self.say(&text.to_uppercase());
        self.gap();
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    /// Year, day, counts, dates, what stops the report and what waits.
    pub(super) fn top(&mut self, board: &Board) {
        self.say(&format!("Returns for {}, as of {}.", board.year, day(board.as_of)));
        self.say(&glance::counts(board));
        for (what, when) in glance::dates(board) {
            self.say(&format!("{what} {when}."));
        }
        self.title("What stops the report");
        self.points(&glance::stops(board), "Nothing.");
        self.title("What waits for you");
        self.points(&glance::waits(board), "Nothing.");
    }

    fn points(&mut self, points: &[Point], none: &str) {
        if points.is_empty() {
            self.say(none);
        }
        for point in points {
            self.hang(&format!(" - {}", point.text));
        }
    }

    /// The picture: a line for each body, two columns for each section; the second has a + where an earlier version stays.
    pub(super) fn matrix(&mut self, board: &Board) {
        let digits = |of: fn(usize) -> String| {
            let heads = (1..=board.sections.len()).map(|number| format!("{} ", of(number)));
            format!("{:NAME$}{}", "", heads.collect::<String>())
        };
        self.line(&digits(|n| if n >= 10 { (n / 10).to_string() } else { " ".to_owned() }));
        self.line(&digits(|n| (n % 10).to_string()));
        for member in &board.bodies {
            let cells = board
                .sections
                .iter()
                .map(|section| cell(board, member.sections.iter().find(|place| place.section == section.section)));
            let star = if member.statutory { "*" } else { "" };
            let name = cut(&draw::line(&member.title), NAME - 2 - star.len());
            let pad = " ".repeat(NAME - measure(&name) - star.len());
            self.line(&format!("{name}{star}{pad}{}", cells.collect::<String>()));
        }
        self.gap();
        let signs = Sign::ALL.map(|sign| format!("{} {}", sign.letter(), sign.words()));
        self.say(&format!(
            "{}; + an earlier version is accepted and stays; · not owed; * statutory partner.",
            signs.join("; ")
        ));
        let key =
            (1..).zip(&board.sections).map(|(n, section): (usize, _)| format!("{n} {}", draw::line(&section.title)));
        self.say(&format!("{}.", key.collect::<Vec<_>>().join(", ")));
    }

    /// Who is late, the latest first; the others in a word.
    pub(super) fn late(&mut self, board: &Board) {
        let all = late::lateness(board);
        let (late, fine): (Vec<_>, Vec<_>) = all.iter().partition(|l| l.days > 0 || !l.owed.is_empty());
        for one in late {
            let came =
                one.first.map_or_else(|| "nothing has come".to_owned(), |first| format!("first came {}", day(first)));
            let owed = match one.owed.as_slice() {
                [] => String::new(),
                owed => format!("; still owed: {}", owed.join(", ")),
            };
            self.hang(&format!(
                "{} ({}): {}, {came}{owed}.",
                draw::line(&one.member.title),
                one.member.body,
                late::said(board, one)
            ));
        }
        if !fine.is_empty() {
            let names: Vec<&str> = fine.iter().map(|one| one.member.body.as_str()).collect();
            self.hang(&format!("Nothing late: {}.", names.join(", ")));
        }
    }

    /// What is open, oldest first, at most so many.
    pub(super) fn open(&mut self, board: &Board, most: usize) {
        if board.open.is_empty() {
            return self.say("Nothing is open.");
        }
        self.say(&ages::sentence(board));
        self.gap();
        for open in ages::oldest(board).into_iter().take(most) {
            let days = usize::try_from(board.age(open.since)).unwrap_or_default();
            self.hang(&format!(
                "{} ({}) {}: {} {} {}, {}: {}",
                open.since,
                words::count(days, "day"),
                open.body,
                open.severity.word(),
                open.rule,
                open.id,
                draw::line(board.section(&open.section)),
                words::stop(&draw::line(&open.title))
            ));
        }
        if board.open.len() > most {
            self.say(&format!("… and {} more.", board.open.len() - most));
        }
    }

    /// What has been explained or waived.
    pub(super) fn answers(&mut self, board: &Board) {
        self.say(&ages::stands(board));
        for answer in &board.answers {
            let until = answer.expires.map(|date| format!(" until {}", day(date))).unwrap_or_default();
            self.hang(&format!(
                "{} {} {}{until}: “{}” ({}).",
                answer.body,
                answer.id,
                answer.stand.words(),
                draw::line(&answer.words),
                draw::line(&answer.title)
            ));
        }
    }

    /// What moved since the ledger was last written.
    pub(super) fn moved(&mut self, board: &Board) {
        self.say(&moved::sentence(board));
        for (body, said) in moved::lines(board) {
            self.hang(&format!(" - {body}: {}.", said.join("; ")));
        }
    }

    /// The aims with what their evidence comes to.
    pub(super) fn aims(&mut self, board: &Board) {
        for aim in &board.aims {
            let evidence = board.evidence(aim);
            let (sign, word, said) = aims::judgement(&evidence);
            let counts: Vec<String> = aims::lists(&evidence)
                .into_iter()
                .filter(|(_, list)| !list.is_empty())
                .map(|(word, list)| format!("{} {word}", list.len()))
                .collect();
            let counts =
                if counts.is_empty() { String::new() } else { format!(" {}.", words::capital(&counts.join(", "))) };
            self.hang(&format!(
                "{sign} {}: {}. {said}{counts}",
                words::capital(&draw::line(&aim.title)),
                word.to_lowercase()
            ));
        }
    }

    /// The headline measures.
    pub(super) fn headlines(&mut self, board: &Board) {
        for headline in &board.headlines {
            let last = headline.last.as_ref().map_or("no figure was released", |last| last.shown.as_str());
            let change = plot::change(headline).map_or_else(String::new, |change| format!(" ({change})"));
            let (figure, why) = plot::now(board, headline);
            let parts: Vec<&str> = [figure, why].into_iter().filter(|part| !part.is_empty()).collect();
            let mut said = format!(
                "{} ({}): {}{change}. {}: {last}.",
                draw::line(&headline.title),
                headline.body,
                parts.join(", "),
                board.last_year()
            );
            if let Some(expected) = &headline.expected {
                said.push_str(&format!(" {} {}.", plot::range(headline, expected), expected.why));
            }
            for comparator in &headline.comparators {
                said.push_str(&format!(" {}.", plot::beside(headline, comparator)));
            }
            self.hang(&said);
        }
    }
}

fn cell(board: &Board, place: Option<&Place>) -> String {
    let Some(place) = place else { return "· ".to_owned() };
    let letter = match Sign::of(board, place) {
        Sign::Blank => "·",
        sign @ (Sign::Refused | Sign::Late | Sign::Queried | Sign::Owed | Sign::Accepted | Sign::Nil) => sign.letter(),
    };
    format!("{letter}{}", if stays(place) { "+" } else { " " })
}

/// A text cut to so many display columns.
fn cut(text: &str, width: usize) -> String {
    if measure(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if measure(&out) + measure(c.encode_utf8(&mut [0; 4])) + 1 > width {
            break;
        }
        out.push(c);
    }
    format!("{}…", out.trim_end())
}
