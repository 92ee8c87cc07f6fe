//! The headline measures of the year: this year's figure, last year's, what it is set beside, and the range in which it is
//! expected. What is not released is no figure here: nothing is guessed.

use serde::{Deserialize, Serialize};

use super::{Board, Member, State};
use crate::cell::Pointer;
use crate::checks::{By, Limit};
use crate::extract::Return;
use crate::figure::{Bare, Interval, format_number};
use crate::schema::model::Measure;
use crate::schema::{self, Schemas, year_before};

/// One headline measure of one body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// The section it stands in, by key.
    pub section: String,
    /// Its key in that section.
    pub measure: String,
    /// The words on the template.
    pub title: String,
    /// Its unit, as people read it.
    pub unit: String,
    /// Decimals of the published figure.
    pub decimals: u8,
    /// Why it is a headline.
    pub why: String,
    /// Whose figure it is.
    pub body: String,
    /// What became of the latest version of its section.
    pub state: State,
    /// This year's figure, if it is released.
    pub now: Option<Figure>,
    /// Last year's, if it was released.
    pub last: Option<Figure>,
    /// What it is set beside.
    pub comparators: Vec<Comparator>,
    /// The range in which it is expected.
    pub expected: Option<Expected>,
}

/// A figure as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The least it can be, where that is known.
    pub low: Option<f64>,
    /// The greatest it can be, where that is known.
    pub high: Option<f64>,
    /// As people read it.
    pub shown: String,
}

impl Figure {
    /// The number, where it is known exactly.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.low.filter(|low| Some(*low) == self.high)
    }
}

/// What a headline is set beside: a published figure, or a range of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparator {
    /// Whose figure it is.
    pub name: String,
    /// The figure, or the least.
    pub from: f64,
    /// The same, or the greatest.
    pub to: f64,
    /// The year it is for: the latest there is, up to the board's.
    pub year: String,
    /// Which edition.
    pub vintage: String,
    /// Where it was published.
    pub source: String,
    /// Its licence.
    pub licence: String,
}

/// The range in which a figure is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The least.
    pub from: f64,
    /// The greatest.
    pub to: f64,
    /// How it was come by: `last year ± 9 points`.
    pub why: String,
    /// Who says so.
    pub source: String,
}

impl Board {
    /// The year before the board's.
    #[must_use]
    pub fn last_year(&self) -> String {
        year_before(&self.year).unwrap_or_default()
    }
}

/// The returns of a year, accepted sections only, by body.
pub(super) type Accepted<'a> = &'a dyn Fn(&str) -> Option<&'a Return>;

/// The headlines of a year, in the order of the pack; of a kind with several bodies one for each.
#[must_use]
pub fn headlines(
    schemas: &Schemas,
    year: &str,
    bodies: &[Member],
    now: Accepted<'_>,
    last: Accepted<'_>,
) -> Vec<Headline> {
    let mut out = Vec::new();
    for headline in &schemas.headlines {
        let Some(section) = schemas.form(&headline.kind, year).and_then(|form| form.section(&headline.section)) else {
            continue;
        };
        let path = |key: &str| key.split('/').map(str::to_owned).collect::<Vec<_>>();
        // A measure that this year's template does not ask for.
        let Some(measure) = section.measure(&path(&headline.measure)) else { continue };
        let like = headline.moves_with.as_ref().and_then(|key| section.measure(&path(key)));
        for body in schemas.agencies.bodies.iter().filter(|body| body.kind == headline.kind) {
            let Some(place) = bodies
                .iter()
                .filter(|member| member.body == body.key)
                .flat_map(|member| &member.sections)
                .find(|place| place.section == headline.section)
            else {
                continue;
            };
            let figure = |of: Option<&Return>, measure: &Measure| figure(of?, &headline.section, measure);
            let before = figure(last(&body.key), measure);
            let follows = like.and_then(|like| Some((like, figure(last(&body.key), like)?.number()?)));
            let expected = match &headline.expected {
                Some(stated) => Some(Expected {
                    from: stated.from,
                    to: stated.to,
                    why: "as stated".to_owned(),
                    source: stated.source.clone(),
                }),
                None => {
                    before.as_ref().and_then(Figure::number).and_then(|then| usual(schemas, measure, then, follows))
                }
            };
            out.push(Headline {
                section: headline.section.clone(),
                measure: headline.measure.clone(),
                title: measure.title.clone(),
                unit: measure.unit.trim().to_owned(),
                decimals: measure.decimals,
                why: headline.why.clone(),
                body: body.key.clone(),
                state: place.state,
                now: figure(now(&body.key), measure),
                last: before,
                comparators: headline.comparators.iter().filter_map(|c| comparator(schemas, year, c)).collect(),
                expected,
            });
        }
    }
    out
}

/// A figure of a return, as far as it is known: ours where we work it out. `None` where nothing was returned.
fn figure(figures: &Return, section: &str, measure: &Measure) -> Option<Figure> {
    let pointer = measure.path.iter().fold(Pointer::section(section), |at, key| at.child(key));
    let typed = figures.figures.get(&pointer).filter(|figure| figure.bare != Bare::Blank);
    let ours = figures.worked.get(&pointer).map(|worked| worked.interval).filter(|_| measure.derived);
    let interval = match (ours.filter(|interval| interval.number().is_some()), typed) {
        (Some(ours), _) => ours,
        (None, Some(figure)) => figure.interval,
        (None, None) => return None,
    };
    let round = |n: f64| {
        let factor = 10_f64.powi(i32::from(measure.decimals));
        (n * factor).round() / factor
    };
    let known = |n: f64| n.is_finite().then(|| round(n));
    let shown = match (interval.number(), typed.map(|figure| &figure.bare)) {
        (Some(n), _) => format_number(round(n), measure.decimals),
        (None, Some(Bare::Marker(marker))) => format!("{} ({})", marker.meaning(), marker.letter()),
        (None, _) if interval.is_unknown() => "not known".to_owned(),
        (None, _) => Interval::in_words(interval),
    };
    Some(Figure { low: known(interval.lo), high: known(interval.hi), shown })
}

/// How far from last year's a figure may be without being asked about: the rule of yearly change, by its own limits, or
/// by those of a count that it moves with.
fn usual(schemas: &Schemas, measure: &Measure, then: f64, follows: Option<(&Measure, f64)>) -> Option<Expected> {
    let own = Limit::of(measure, then, &schemas.parameters);
    let limit = own.or_else(|| {
        let (count, counted) = follows.filter(|(_, counted)| *counted > 0.0)?;
        let limit = Limit::of(count, counted, &schemas.parameters)?;
        let share = match limit.by {
            By::Share => limit.most,
            By::Number => 100.0 * limit.most / counted,
            By::Points => return None,
        };
        Some(Limit { by: By::Share, most: share, ..limit })
    })?;
    let (from, to) = limit.range(then);
    let most = format_number(limit.most, u8::from(limit.most.fract() != 0.0));
    let why = match limit.by {
        By::Points => format!("last year ± {most} points"),
        By::Number => format!("last year ± {most}"),
        By::Share => format!("last year ± {most}%"),
    };
    let source = schemas.parameter_source(&limit.parameter).unwrap_or_default();
    Some(Expected { from, to, why, source: format!("{source} ({})", limit.parameter) })
}

fn comparator(schemas: &Schemas, year: &str, comparator: &schema::Comparator) -> Option<Comparator> {
    let (year, low) = schemas.latest(&comparator.low, year)?;
    let (_, high) = schemas.latest(&comparator.high, year)?;
    Some(Comparator {
        name: comparator.name.clone(),
        from: low.value,
        to: high.value,
        year: year.to_owned(),
        vintage: low.vintage,
        source: low.source,
        licence: low.licence,
    })
}
