//! What JSON Schema cannot say of a single figure: plausibility, spare decimals, fractions for percentages, empty words,
//! markers that cannot be right, dates far from the year.

use chrono::{Datelike, NaiveDate};

use super::{finding, shorten};
use crate::cell::Pointer;
use crate::extract::Return;
use crate::figure::{Bare, Figure, Marker, format_number, format_plain};
use crate::finding::{Finding, Place, Severity};
use crate::schema::Schemas;
use crate::schema::model::{Kind, Measure, Section};

/// Words that stand where a text should and tell nothing.
const EMPTY_WORDS: [&str; 12] = [
    "n/a",
    "na",
    "tbc",
    "as above",
    "see above",
    "see attached",
    "attached",
    "ditto",
    "same",
    "none",
    "nil",
    "as last year",
];

pub(super) fn says_nothing(text: &str) -> bool {
    EMPTY_WORDS.contains(&text.trim().trim_end_matches('.').to_lowercase().as_str())
}

/// Where the findings about one figure are put down.
struct Speaker<'a> {
    section: &'a Section,
    schemas: &'a Schemas,
    figure: &'a Figure,
    words: &'a str,
    said: &'a str,
    out: Vec<Finding>,
}

impl Speaker<'_> {
    fn say(&mut self, rule: &str, message: String, expected: Option<String>) {
        let at = &self.figure.pointer;
        let label = format!("“{}”: {}", self.words, self.said);
        let mut found =
            finding(self.schemas, self.section, rule, at, message).with_label(Place::Figure(at.clone()), label);
        found.found = Some(self.said.to_owned());
        found.expected = expected;
        found.state = vec![(at.clone(), self.figure.typed.clone())];
        self.out.push(found);
    }

    /// As `say`, with another help (and severity) than the catalogue's.
    fn say_so(&mut self, rule: &str, message: String, expected: String, severity: Severity, help: String) {
        self.say(rule, message, Some(expected));
        if let Some(found) = self.out.last_mut() {
            found.severity = severity;
            found.help = help;
        }
    }
}

/// The findings about one figure that its schema let pass.
pub(super) fn beyond(
    figures: &Return,
    section: &Section,
    schemas: &Schemas,
    figure: &Figure,
    measure: &Measure,
) -> Vec<Finding> {
    let words = figures.words(&figure.pointer);
    let said = shorten(&figure.typed);
    let mut to = Speaker { section, schemas, figure, words: &words, said: &said, out: Vec::new() };
    match &figure.bare {
        Bare::Number(n) => number(figures, figure, measure, *n, &mut to),
        Bare::Marker(marker) => absent(figures, measure, *marker, &mut to),
        Bare::Text(text) if measure.kind == Kind::Text && measure.shortest.is_some_and(|n| n >= 10) => {
            if says_nothing(text) {
                to.say("CEL-09", format!("“{words}” says “{said}”, which tells the reader nothing."), None);
            }
        }
        Bare::Date(date) => {
            if let Some((first, last)) =
                range(figures, schemas, measure).filter(|(first, last)| date < first || date > last)
            {
                to.say_so(
                    "CEL-06",
                    format!("“{words}” says {said}. We expect a date between {first} and {last}."),
                    format!("{first} to {last}"),
                    Severity::Query,
                    "Check the day, the month and the year for a slip. If the date is right, explain it on the \
                     Explanations sheet."
                        .to_owned(),
                );
            }
        }
        Bare::Text(_) | Bare::Codes(_) | Bare::Blank => {}
    }
    to.out
}

fn number(figures: &Return, figure: &Figure, measure: &Measure, n: f64, to: &mut Speaker<'_>) {
    let (words, said) = (to.words, to.said);
    if let Some((low, high)) = measure.plausible.filter(|(low, high)| n < *low || n > *high) {
        let (low, high) = (format_plain(low), format_plain(high));
        let message = format!("“{words}” is {said}. We expect between {low} and {high}.");
        to.say("CEL-08", message, Some(format!("{low} to {high}")));
    }
    let percentage = measure.kind == Kind::Percentage;
    if measure.derived {
        // What we work out ourselves is published as we work it out: spare decimals do not matter.
        if let Some((meant, factor)) = fraction(figures, figure, n).filter(|_| percentage) {
            let says = format!("“{words}” says {said}, but the figures it is made from give {meant} per cent.");
            let help = format!("Type {meant}, or leave it blank: we work it out.");
            if factor > 100.0 {
                let message = format!("{says} It looks divided by 100 twice.");
                to.say_so("CEL-04", message, meant, Severity::Error, help);
            } else {
                let message = format!("{says} It looks typed as a fraction, and we read it so.");
                to.say_so("CEL-04", message, meant, Severity::Note, help);
            }
        }
    } else if percentage && n > 0.0 && n < 0.01 {
        let meant = format_plain(n * 10_000.0);
        let message = format!("“{words}” says {said}. It looks divided by 100 twice: do you mean {meant} per cent?");
        to.say_so("CEL-04", message, meant.clone(), Severity::Error, format!("Type {meant} for {meant} per cent."));
    } else if percentage && n > 0.0 && n <= 1.0 {
        let meant = format_plain(n * 100.0);
        let message = format!("“{words}” says {said}. Do you mean {meant} per cent?");
        let help = format!("Type {meant} for {meant} per cent. If it really is {said} per cent, explain that.");
        to.say_so("CEL-04", message, meant, Severity::Query, help);
    } else if matches!(measure.kind, Kind::Percentage | Kind::Rate | Kind::Points) && figure.decimals > measure.decimals
    {
        let shown = format_number(n, measure.decimals);
        to.say("CEL-05", format!("“{words}” says {said}. We keep it so and show it as {shown}."), None);
    }
}

fn absent(figures: &Return, measure: &Measure, marker: Marker, to: &mut Speaker<'_>) {
    let words = to.words;
    // What was typed for it, if that was not the letter.
    let letter = marker.letter();
    let typed = to.said.trim_matches(['[', ']']).eq_ignore_ascii_case(letter);
    let said = if typed {
        format!("{letter} ({})", marker.meaning())
    } else {
        format!("“{}” ({letter}, {})", to.said, marker.meaning())
    };
    let never = |marker: Marker| measure.never.iter().any(|letter| letter == marker.letter());
    if never(marker) {
        let message = format!("“{words}” says {said}, which cannot be right: there is always a figure.");
        if never(Marker::NotAvailable) {
            let help = "Type the number.".to_owned();
            to.say_so("COD-07", message, "a number".to_owned(), Severity::Error, help);
        } else {
            to.say("COD-07", message, Some("a number".to_owned()));
        }
    } else if marker == Marker::RoundsToZero && figures.regime.round.is_none() {
        let message =
            format!("“{words}” says {said}, but the figures of this return are not rounded. Is the true figure 0?");
        to.say("COD-08", message, Some("0, or the true figure".to_owned()));
    }
}

/// The percentage that a derived one typed as a fraction stands for, and the factor: 15.6 where 0.156 was typed and its
/// parts make 15.6%.
fn fraction(figures: &Return, figure: &Figure, n: f64) -> Option<(String, f64)> {
    let ours = figures.worked.get(&figure.pointer)?.interval.number().filter(|ours| *ours > 1.0)?;
    [100.0, 10_000.0].into_iter().find_map(|factor| {
        let near = 0.5 * factor * 10_f64.powi(-i32::from(figure.decimals)) + 1e-9;
        (n > 0.0 && n <= 1.0 && (n * factor - ours).abs() <= near).then(|| (format_plain(n * factor), factor))
    })
}

/// From some years before the period to some after the figures were run (domain CEL-06): as many as the measure says
/// (`x-plausible`), else the usual ones.
fn range(figures: &Return, schemas: &Schemas, measure: &Measure) -> Option<(NaiveDate, NaiveDate)> {
    let cover = Pointer::section("cover");
    let date = |key: &str| match figures.figures.get(&cover.child(key)).map(|f| &f.bare) {
        Some(Bare::Date(date)) => Some(*date),
        _ => None,
    };
    let start = date("period_start")?;
    let end = date("extract_date").or_else(|| date("period_end"))?;
    #[expect(clippy::cast_possible_truncation, reason = "a few years, from the pack")]
    let years = |own: Option<f64>, name: &str, usual: i32| {
        own.or_else(|| schemas.parameters.get(name).copied()).map_or(usual, |n| n as i32)
    };
    let (before, after) = measure.plausible.unzip();
    let moved = |date: NaiveDate, years: i32| date.with_year(date.year() + years).unwrap_or(date);
    Some((moved(start, -years(before, "date.years_before", 5)), moved(end, years(after, "date.years_after", 1))))
}
