//! One cell made a figure (domain B.0.3, D1 to D30): what is meant, what was tidied, what cannot be read.
//! Says what it noticed as remarks; where the cell stands is the caller's business.

mod affix;
mod code;
mod date;
mod forensic;
mod marker;
mod month;
mod number;
mod text;
mod unit;
mod written;

use chrono::NaiveDate;

use super::grid::display;
use super::words::{cut, quote};
use super::{Regime, year};
use crate::figure::{Bare, Interval, Marker, Status};
use crate::finding::Severity;
use crate::schema::model::{Kind, Measure};
use crate::workbook::{Entry, Value};

pub(super) use code::{find_retired, replacements, say as say_code, suggestion};
pub(super) use date::{all_day_first, month as month_of, unmade};
pub(super) use marker::letters as status_letters;

/// What is known of a cell before it is read.
pub(super) struct Ask<'a> {
    /// What is expected there.
    pub measure: &'a Measure,
    /// Its words on the template.
    pub words: &'a str,
    /// How the agency hides small numbers.
    pub regime: Regime,
    /// The file is csv, so that every value is text and says nothing by it.
    pub csv: bool,
    /// Days by which the dates that the file counts are put right (D26).
    pub shift: i64,
    /// All dates of the file are written by one program, the day first.
    pub day_first: bool,
}

/// A cell as it is understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tidied {
    pub bare: Bare,
    pub interval: Interval,
    pub status: Vec<Status>,
    pub decimals: u8,
    pub typed: String,
    pub note: Option<String>,
    pub remarks: Vec<Remark>,
    pub fault: Option<&'static str>,
    /// A formula whose result was not saved: a fault of the file, told once for a sheet.
    pub unsaved: bool,
}

/// What to do about formulas without results.
pub(super) const UNSAVED_HELP: &str = "Open the file in Excel, save it, and send it again, or type the value.";

/// Something to say about a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Remark {
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    pub help: String,
    pub expected: Option<String>,
}

impl Tidied {
    /// A cell in which nothing was typed.
    pub(super) fn blank() -> Self {
        Self {
            bare: Bare::Blank,
            interval: Interval::UNKNOWN,
            status: Vec::new(),
            decimals: 0,
            typed: String::new(),
            note: None,
            remarks: Vec::new(),
            fault: None,
            unsaved: false,
        }
    }

    fn of(bare: Bare, typed: &str) -> Self {
        Self { bare, typed: typed.to_owned(), ..Self::blank() }
    }

    fn number(n: f64, decimals: u8, typed: &str, ask: &Ask<'_>) -> Self {
        let interval = match (ask.measure.kind, ask.regime.round) {
            (Kind::Count, Some(base)) if base > 1 => {
                let half = f64::from(base) / 2.0;
                Interval::new((n - half).max(0.0), n + half)
            }
            _ => Interval::exact(n),
        };
        Self { interval, decimals, ..Self::of(Bare::Number(n), typed) }
    }

    fn date(date: NaiveDate, typed: &str) -> Self {
        Self { interval: Interval::exact(days(date)), ..Self::of(Bare::Date(date), typed) }
    }

    fn marker(marker: Marker, bound: Option<(u32, u32)>, typed: &str, ask: &Ask<'_>) -> Self {
        let interval = match (marker, bound) {
            (Marker::Confidential, Some((low, high))) => {
                // Under 5 is 4 at most where things are counted, but not of a share.
                let more = if ask.measure.kind == Kind::Count { 0.0 } else { 1.0 };
                Interval::new(f64::from(low), f64::from(high) + more)
            }
            (Marker::Confidential, None) => match ask.measure.kind {
                Kind::Count => ask.regime.confidential(),
                Kind::Percentage | Kind::Rate | Kind::Number | Kind::Money => Interval::at_least(0.0),
                Kind::Points | Kind::Date | Kind::Year | Kind::Month | Kind::Code | Kind::Codes => Interval::UNKNOWN,
                Kind::Text | Kind::Email => Interval::UNKNOWN,
            },
            (Marker::RoundsToZero, _) => Interval::new(0.0, 0.5),
            (Marker::NotApplicable | Marker::NotAvailable | Marker::Unreliable, _) => Interval::UNKNOWN,
        };
        Self { interval, ..Self::of(Bare::Marker(marker), typed) }
    }

    /// A value that cannot be used: kept as typed, and what depends on it is undecided.
    fn unusable(typed: &str, rule: &'static str, message: String, help: &str) -> Self {
        let mut cell = Self::of(Bare::Text(typed.to_owned()), typed);
        cell.fault = Some(rule);
        cell.say(rule, Severity::Error, message, help);
        cell
    }

    fn say(&mut self, rule: &'static str, severity: Severity, message: String, help: &str) {
        self.remarks.push(Remark { rule, severity, message, help: help.to_owned(), expected: None });
    }

    fn noted(mut self, rule: &'static str, message: String) -> Self {
        self.say(rule, Severity::Note, message, "Nothing to do if that is right.");
        self
    }

    fn queried(mut self, rule: &'static str, message: String, help: &str) -> Self {
        self.say(rule, Severity::Query, message, help);
        self
    }
}

/// Days since 1 January 1970, as rules compare dates.
pub(super) fn days(date: NaiveDate) -> f64 {
    f64::from(i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(0))
}

/// Reads one cell.
pub(super) fn read(entry: Option<&Entry>, ask: &Ask<'_>) -> Tidied {
    let Some(entry) = entry else { return Tidied::blank() };
    let typed = display(entry);
    let words = ask.words;
    let mut cell = match &entry.value {
        Value::Nothing => nothing(entry, ask),
        Value::Error(error) => broken(error, entry, ask),
        Value::Text(text) if is_error(text) => broken(text, entry, ask),
        Value::Text(_) if entry.is_blank() => empty(entry, ask),
        Value::Number(_) | Value::Text(_) | Value::Truth(_) | Value::Date(_) => match ask.measure.kind {
            Kind::Count | Kind::Percentage | Kind::Points | Kind::Rate | Kind::Number | Kind::Money => {
                number::read(entry, &typed, ask)
            }
            Kind::Date => date::read(entry, &typed, ask),
            Kind::Year => read_year(entry, &typed, words),
            Kind::Month => month::read(entry, &typed, ask),
            Kind::Code => code::read(entry, &typed, ask),
            Kind::Codes => code::read_several(entry, &typed, ask),
            Kind::Text => text::read(entry, &typed),
            Kind::Email => text::email(&typed),
        },
    };
    if let Value::Text(text) = &entry.value {
        name_unseen(&mut cell, text, ask);
    }
    if ask.measure.derived {
        cell = ours(cell, ask);
    }
    cell
}

/// Says what nobody can see in a text that was not read as it was asked for.
fn name_unseen(cell: &mut Tidied, text: &str, ask: &Ask<'_>) {
    let digits = text::normal(text).0.contains(|c: char| c.is_ascii_digit());
    let typed_as_text = !ask.csv && digits && ask.measure.kind.is_number() && matches!(cell.bare, Bare::Number(_));
    let graver = cell.remarks.iter().any(|r| r.severity > Severity::Note);
    let Some(first) = cell.remarks.first_mut().filter(|_| typed_as_text || graver) else { return };
    let unseen = forensic::unseen(text);
    let said = match (typed_as_text && first.rule == "TPL-04", unseen) {
        (true, Some(unseen)) => format!(" It is typed as text, with {unseen}."),
        (true, None) => " It is typed as text.".to_owned(),
        (false, Some(unseen)) => format!(" It is typed with {unseen}."),
        (false, None) => return,
    };
    first.message.push_str(&said);
}

/// What was typed where we work the figure out ourselves, and could not be read: said, and nothing hangs on it.
fn ours(cell: Tidied, ask: &Ask<'_>) -> Tidied {
    if cell.remarks.iter().all(|r| r.severity == Severity::Note) && cell.fault.is_none() {
        return cell;
    }
    let typed = cell.typed;
    let blank = Tidied { typed: typed.clone(), ..Tidied::blank() };
    if typed.chars().all(|c| !c.is_alphanumeric()) {
        return blank;
    }
    let message =
        format!("“{}” says {}, which we do not read. We work this figure out ourselves.", ask.words, quote(&typed));
    blank.noted("TPL-04", message)
}

/// A formula whose result is an empty text looks blank, and where a figure must stand it is (D30).
fn empty(entry: &Entry, ask: &Ask<'_>) -> Tidied {
    if entry.formula.is_none() || ask.measure.derived || !ask.measure.required {
        return Tidied::blank();
    }
    Tidied::unusable(
        "",
        "CMP-04",
        format!("“{}” is blank: the cell holds {}.", ask.words, forensic::holds(entry)),
        "Please type the value over the formula: 0 if there were none.",
    )
}

/// A formula without a saved result, or a cell that is only coloured (D30, D65).
fn nothing(entry: &Entry, ask: &Ask<'_>) -> Tidied {
    let words = ask.words;
    if entry.formula.is_some() && !ask.measure.derived {
        let message = format!("“{words}” holds {}, so we cannot see a value.", forensic::holds(entry));
        let cell = Tidied::unusable("", "TPL-05", message, UNSAVED_HELP);
        return Tidied { unsaved: true, ..cell };
    }
    if entry.formula.is_none() && entry.fill.is_some() && matches!(ask.measure.kind, Kind::Code | Kind::Codes) {
        let codes: Vec<&str> =
            ask.measure.codes.iter().flat_map(|list| &list.codes).map(|code| code.code.as_str()).take(6).collect();
        return Tidied::unusable(
            "",
            "COD-12",
            format!("“{words}” is coloured but says nothing. We cannot read a colour."),
            &format!("Please type the code in the cell: {}.", codes.join(", ")),
        );
    }
    Tidied::blank()
}

fn is_error(text: &str) -> bool {
    matches!(
        super::words::trim(text),
        "#DIV/0!"
            | "#REF!"
            | "#N/A"
            | "#NAME?"
            | "#VALUE!"
            | "#NUM!"
            | "#NULL!"
            | "#SPILL!"
            | "#CALC!"
            | "Err:502"
            | "Err:508"
    )
}

/// A spreadsheet error (D29). `#N/A` that somebody typed means “not available”; one that a formula gave means that
/// the formula failed, and in a csv file the two look the same.
fn broken(error: &str, entry: &Entry, ask: &Ask<'_>) -> Tidied {
    if ask.measure.derived {
        return Tidied::blank();
    }
    let words = ask.words;
    let error = super::words::trim(error);
    let typed = match &entry.formula {
        Some(formula) => formula.eq_ignore_ascii_case("NA()"),
        None => !ask.csv,
    };
    if error == "#N/A" && typed {
        return Tidied::marker(Marker::NotAvailable, None, error, ask).queried(
            "TPL-07",
            format!("“{words}” says “#N/A”. We read it as “x” (not available)."),
            "Please type x if that is what you mean, or the value.",
        );
    }
    let (why, help) = if entry.formula.is_some() || ask.csv {
        ("The formula in your sheet is broken.", "Please type the value over the formula.")
    } else {
        ("It was pasted from a formula that is broken.", "Please type the value.")
    };
    Tidied::unusable(error, "CEL-11", format!("“{words}” shows {}. {why}", cut(error)), help)
}

fn read_year(entry: &Entry, typed: &str, words: &str) -> Tidied {
    let help = "Please type one reporting year, for example 2021-22.";
    let text = match &entry.value {
        Value::Number(n) => format!("{n}"),
        Value::Text(_) | Value::Date(_) | Value::Truth(_) | Value::Error(_) | Value::Nothing => typed.to_owned(),
    };
    match year::read(&text) {
        year::Reading::Canonical(year) => Tidied::of(Bare::Text(year), typed),
        year::Reading::Tidied(year) => {
            let said = format!("“{words}”: we read {} as the year {year}.", quote(&text));
            Tidied::of(Bare::Text(year), typed).noted("TPL-04", said)
        }
        year::Reading::Spans => Tidied::unusable(
            typed,
            "COD-14",
            format!("“{words}” says {}, which covers more than one year.", quote(&text)),
            help,
        ),
        year::Reading::No => Tidied::unusable(
            typed,
            "COD-14",
            format!("“{words}” says {}, which is not a reporting year.", quote(&text)),
            help,
        ),
    }
}

/// Whether a text is a number and nothing else, as it would be typed for a figure.
pub(super) fn is_number(text: &str) -> bool {
    let (normal, _) = text::normal(text);
    written::plain_number(normal.strip_suffix('%').unwrap_or(&normal)).is_some()
}

/// Whether a number format shows a share of one as a percentage: `0.0%`, but not `0.0"%"`, which only puts the sign there.
pub(super) fn is_percent(format: &str) -> bool {
    let mut chars = format.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => drop(chars.next()),
            '%' if !quoted => return true,
            _ => {}
        }
    }
    false
}

/// Whether a text may stand where a figure is asked for: a marker, however it is written, a zero in words, a dash.
pub(super) fn stands_for_a_figure(text: &str) -> bool {
    marker::read(text).is_some()
}

/// Whether a text is one of the markers.
pub(super) fn is_marker(text: &str) -> bool {
    matches!(marker::read(text), Some((marker::Meaning::Absent(_, None), marker::Grade::Silent)))
}
