//! Findings and reports as people and programs read them: functions from values to text. What a reader may see is
//! decided once, in `view`; the words that several formats share are in `words`; each format is a file of its own.

mod allowance;
mod answer;
mod board;
mod delivery;
mod drift;
mod excerpt;
mod first;
mod html;
mod human;
mod json;
mod letter;
mod mistakes;
mod page;
mod plain;
mod publication;
mod since;
mod view;
mod words;

use crate::report::Report;

pub use board::{board, json as board_json, side, status};
pub use delivery::{Before, Delivery, Kept};
pub(crate) use html::{CSS, example};
pub use json::{FORMAT as JSON_FORMAT, without_steering};
pub use letter::letter;
pub use mistakes::mistakes;
pub use words::account_sentence;
pub(crate) use words::{and, count};

/// What a report can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For a terminal: every finding with the piece of the sheet it is about.
    Human,
    /// Sentences only, for e-mail and screen readers.
    Plain,
    /// For programs: versioned, never capped.
    Json,
    /// A page that stands alone, for the agency.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Human, Self::Plain, Self::Json, Self::Html];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }
}

/// How much a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// The figures too.
    #[default]
    Values,
    /// Rules and places only: for output that leaves the house.
    Addresses,
}

/// How a report is to look. Nothing here is taken from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Display columns of a line, for the text formats.
    pub width: usize,
    /// Colours, for the terminal.
    pub colour: bool,
    /// Box-drawing characters; else plain ASCII frames.
    pub unicode: bool,
    /// How many findings human views show; `None`: all. Machine formats show all in any case.
    pub limit: Option<usize>,
    /// How much a reader may see.
    pub show: Show,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, colour: false, unicode: true, limit: Some(20), show: Show::Values }
    }
}

/// The report in a format.
#[must_use]
pub fn render(report: &Report, format: Format, style: &Style) -> String {
    written(report, format, style, None)
}

/// The report in a format, as it goes to the body that sent the return.
#[must_use]
pub fn delivered(report: &Report, format: Format, style: &Style, delivery: &Delivery) -> String {
    // Of a file with personal data nothing is compared.
    written(report, format, style, Some(delivery).filter(|_| !report.private))
}

fn written(report: &Report, format: Format, style: &Style, delivery: Option<&Delivery>) -> String {
    match format {
        Format::Human => human::render(report, style),
        Format::Plain => plain::render(report, style, delivery),
        Format::Json => json::render(report, style, delivery),
        Format::Html => html::render(report, style, delivery),
    }
}
