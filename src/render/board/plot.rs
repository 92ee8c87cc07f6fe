//! The headline measures, each as a strip: a dot for this year, a ring for last year, a tick for each comparator, a band
//! for the expected range. Every number is printed beside it, so that nothing hangs on colour or on measuring by eye.

use maud::{Markup, html};

use crate::board::{Board, Comparator, Expected, Figure, Headline, State};
use crate::draw;
use crate::figure::format_number;
use crate::render::words;
use crate::report::Outcome;

/// Width of the strip, and what is left free at its ends.
const WIDTH: f64 = 320.0;
const EDGE: f64 = 10.0;

/// All headlines.
pub(super) fn plots(board: &Board) -> Markup {
    html! {
        @if board.headlines.is_empty() { p { "The pack names no headline measures." } } @else {
            ul.legend aria-label="What the marks mean" {
                li { svg.mark viewBox="0 0 20 14" aria-hidden="true" { circle.fill cx="10" cy="7" r="5" {} } " this year" }
                li { svg.mark viewBox="0 0 20 14" aria-hidden="true" { circle.ring cx="10" cy="7" r="5" {} } " last year" }
                li { svg.mark viewBox="0 0 20 14" aria-hidden="true" { path.line d="M10 0V14" {} } " a comparator" }
                li { svg.mark viewBox="0 0 20 14" aria-hidden="true" { rect.band x="1" y="2" width="18" height="10" {} } " expected range" }
            }
            @let notes = notes(board);
            div.headlines { @for headline in &board.headlines { (one(board, headline, &notes)) } }
            @if !notes.is_empty() {
                h3 { "Where these come from" }
                ol.notes { @for note in &notes { li { (words::stop(&draw::line(note))) } } }
            }
        }
    }
}

/// Where comparators and expected ranges come from, each once, in the order of the headlines.
fn notes(board: &Board) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for headline in &board.headlines {
        let expected = headline.expected.iter().map(|expected| expected.source.clone());
        for note in expected.chain(headline.comparators.iter().map(about)) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

fn one(board: &Board, headline: &Headline, notes: &[String]) -> Markup {
    let (figure, why) = now(board, headline);
    let note = |text: &str| {
        let number = notes.iter().position(|note| note == text).map(|at| at + 1);
        html! { @if let Some(number) = number { sup { (number) } } }
    };
    html! {
        div.headline {
            h3 { (draw::line(&headline.title)) }
            p.whose { (draw::line(board.title(&headline.body))) }
            p.figures { @if figure.is_empty() { strong { (words::capital(why)) } } @else { strong.now { (figure) } " " (unit(headline)) }
                @if let Some(change) = change(headline) { span.small { " " (change) } }
                @if !figure.is_empty() && !why.is_empty() { span.small { "; " (why) } } }
            @if let Some(scale) = Scale::of(headline) { (strip(headline, &scale)) }
            ul.facts {
                li { (board.last_year()) ": " (headline.last.as_ref().map_or("no figure was released", |last| last.shown.as_str())) }
                @if let Some(expected) = &headline.expected {
                    li { (range(headline, expected)) " " (expected.why) (note(&expected.source)) }
                } @else { li { "No expected range: there is no figure of last year, and none is stated." } }
                @for comparator in &headline.comparators {
                    li { (beside(headline, comparator)) ", published" (note(&about(comparator))) }
                }
            }
        }
    }
}

fn unit(headline: &Headline) -> String {
    match headline.unit.as_str() {
        "" => String::new(),
        unit => draw::line(unit),
    }
}

/// This year's figure, empty where there is none; and why it is not the latest.
pub(super) fn now<'h>(board: &Board, headline: &'h Headline) -> (&'h str, &'static str) {
    let Some(figure) = &headline.now else {
        let why = match headline.state {
            State::Came(Outcome::Queried) => "not released yet: its section is queried",
            State::Came(Outcome::Refused) => "not released: its section is refused",
            State::Came(Outcome::Accepted) | State::Absent => "not returned",
            State::Owed if board.is_overdue() => "not returned yet, and late",
            State::Owed => "not returned yet",
        };
        return ("", why);
    };
    let why = match headline.state {
        State::Came(Outcome::Queried) => "of an earlier version, because the latest is queried",
        State::Came(Outcome::Refused) => "of an earlier version, because the latest is refused",
        State::Came(Outcome::Accepted) | State::Owed | State::Absent => "",
    };
    (&figure.shown, why)
}

/// Up or down on last year, and whether that is within what is expected.
pub(super) fn change(headline: &Headline) -> Option<String> {
    let now = headline.now.as_ref()?.number()?;
    let mut said = Vec::new();
    if let Some(then) = headline.last.as_ref().and_then(Figure::number) {
        let sign = if now < then { "−" } else { "+" };
        let by = format_number((now - then).abs(), headline.decimals);
        said.push(if now == then { "as last year".to_owned() } else { format!("{sign}{by} on last year") });
    }
    if let Some(expected) = &headline.expected {
        said.push(match (now < expected.from, now > expected.to) {
            (true, _) => "below the expected range".to_owned(),
            (_, true) => "above the expected range".to_owned(),
            (false, false) => "within the expected range".to_owned(),
        });
    }
    (!said.is_empty()).then(|| said.join(", "))
}

/// `Expected 10 to 20:`.
pub(super) fn range(headline: &Headline, expected: &Expected) -> String {
    let number = |n: f64| format_number(n, headline.decimals);
    format!("Expected {} to {}:", number(expected.from), number(expected.to))
}

/// `London 2020-21: 77.9`.
pub(super) fn beside(headline: &Headline, comparator: &Comparator) -> String {
    let number = |n: f64| format_number(n, headline.decimals.max(u8::from(n.fract() != 0.0)));
    let (name, year) = (draw::line(&comparator.name), &comparator.year);
    if comparator.from == comparator.to {
        format!("{name} {year}: {}", number(comparator.from))
    } else {
        format!("{name} {year}: {} to {}", number(comparator.from), number(comparator.to))
    }
}

fn about(comparator: &Comparator) -> String {
    let parts = [&comparator.source, &comparator.vintage, &comparator.licence];
    let said: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).map(|p| words::stop(&draw::line(p))).collect();
    said.join(" ")
}

/// From numbers to places on the strip.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// A scale that holds everything that is known; `None` where nothing is.
    fn of(headline: &Headline) -> Option<Self> {
        let figures = [&headline.now, &headline.last].into_iter().flatten();
        let mut all: Vec<f64> = figures.flat_map(|figure| [figure.low, figure.high]).flatten().collect();
        all.extend(headline.comparators.iter().flat_map(|c| [c.from, c.to]));
        all.extend(headline.expected.iter().flat_map(|e| [e.from, e.to]));
        let (low, high) = (all.iter().copied().reduce(f64::min)?, all.iter().copied().reduce(f64::max)?);
        let margin = if high > low { (high - low) * 0.08 } else { (high.abs() * 0.1).max(1.0) };
        Some(Self { low: if low >= 0.0 { (low - margin).max(0.0) } else { low - margin }, high: high + margin })
    }

    fn at(&self, n: f64) -> f64 {
        EDGE + (n - self.low) / (self.high - self.low) * (WIDTH - 2.0 * EDGE)
    }

    /// As it stands in the picture: a tenth of a unit is finer than any screen.
    fn x(&self, n: f64) -> String {
        format!("{:.1}", self.at(n))
    }
}

fn strip(headline: &Headline, scale: &Scale) -> Markup {
    let number = |n: f64| format_number(n, headline.decimals);
    let labels = labels(headline, scale);
    let wide = |from: f64, to: f64| format!("{:.1}", (scale.at(to) - scale.at(from)).max(2.0));
    html! {
        svg.strip viewBox="0 0 320 66" role="img" aria-label=(sentence(headline)) {
            @if let Some(e) = &headline.expected { rect.band x=(scale.x(e.from)) y="28" width=(wide(e.from, e.to)) height="18" {} }
            path.axis d="M0 37H320" {}
            @for c in &headline.comparators {
                @if c.from == c.to { path.line d=(format!("M{} 24V50", scale.x(c.from))) {} }
                @else { path.line d=(format!("M{0} 24V50M{1} 24V50M{0} 24H{1}", scale.x(c.from), scale.x(c.to))) {} }
            }
            @for (text, x, row) in &labels { text.label x=(format!("{x:.1}")) y=(if *row == 0 { 10 } else { 21 }) { (text) } }
            @for (figure, class) in [(&headline.last, "ring"), (&headline.now, "fill")] {
                @if let Some(figure) = figure {
                    @match (figure.number(), figure.low, figure.high) {
                        (Some(n), _, _) => circle.(class) cx=(scale.x(n)) cy="37" r="5.5" {},
                        (None, Some(low), Some(high)) => path.interval d=(format!("M{} 37H{}", scale.x(low), scale.x(high))) {},
                        (None, _, _) => "",
                    }
                }
            }
            text.end x="0" y="62" { (number(scale.low)) }
            text.end.right x="320" y="62" { (number(scale.high)) }
        }
    }
}

/// The names of the comparators over their ticks, on two lines where they would run into one another.
fn labels(headline: &Headline, scale: &Scale) -> Vec<(String, f64, usize)> {
    let mut ticks: Vec<(&str, f64)> =
        headline.comparators.iter().map(|c| (c.name.as_str(), scale.at(f64::midpoint(c.from, c.to)))).collect();
    ticks.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ends = [f64::NEG_INFINITY; 2];
    let mut out = Vec::new();
    for (name, at) in ticks {
        let text = draw::line(name);
        #[expect(clippy::cast_precision_loss, reason = "the length of a name")]
        let half = text.chars().count() as f64 * 3.0;
        let x = at.clamp(half, WIDTH - half);
        // The lower line first, nearest to the tick.
        let row = usize::from(x - half >= ends[1]);
        ends[row] = x + half + 4.0;
        out.push((text, x, row));
    }
    out
}

/// The picture in words.
fn sentence(headline: &Headline) -> String {
    let shown = |figure: &Option<Figure>| figure.as_ref().map_or("none", |figure| figure.shown.as_str()).to_owned();
    let mut parts = vec![format!("this year {}", shown(&headline.now)), format!("last year {}", shown(&headline.last))];
    parts.extend(headline.comparators.iter().map(|c| beside(headline, c)));
    if let Some(expected) = &headline.expected {
        parts.push(range(headline, expected).trim_end_matches(':').to_lowercase());
    }
    format!("{}: {}", draw::line(&headline.title), parts.join(", "))
}
