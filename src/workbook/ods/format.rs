//! Number formats of OpenDocument, which are written element by element, as the codes that Excel has for them: `0.0%`,
//! `dd/mm/yyyy`. Which cell has which is left to `style`.

use std::fmt::Write as _;

use super::super::scan::{Tag, words};

/// A code does not grow longer; Excel stops at 255 characters.
const LONGEST: usize = 1_000;
/// The most digits before or behind the point.
const DIGITS: u32 = 30;

/// What a format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Percentage,
    Date,
    Time,
    Truth,
    Text,
}

/// One number format, as far as it was read.
#[derive(Debug)]
pub(super) struct Data {
    kind: Kind,
    code: String,
    /// Other formats by the condition under which they stand in for it.
    pub(super) maps: Vec<(String, Vec<u8>)>,
    /// Hours, minutes or seconds count beyond a day: the first of them stands in brackets.
    running: bool,
    /// Characters are part of the format.
    listening: bool,
    /// Text within the digits of the number at hand, by how many digits follow it.
    within: Vec<(u32, String)>,
    position: Option<u32>,
    /// Where in the code the number at hand begins.
    number: usize,
}

impl Data {
    /// The format that a tag opens, if it opens one.
    pub(super) fn open(tag: &Tag<'_>) -> Option<Self> {
        let kind = match tag.name() {
            b"number-style" | b"currency-style" => Kind::Number,
            b"percentage-style" => Kind::Percentage,
            b"date-style" => Kind::Date,
            b"time-style" => Kind::Time,
            b"boolean-style" => Kind::Truth,
            b"text-style" => Kind::Text,
            _ => return None,
        };
        let running = tag.bytes(b"truncate-on-overflow") == Some(b"false");
        Some(Self {
            kind,
            code: String::new(),
            maps: Vec::new(),
            running,
            listening: false,
            within: Vec::new(),
            position: None,
            number: 0,
        })
    }

    /// A part of the format.
    pub(super) fn part(&mut self, tag: &Tag<'_>) {
        if self.code.len() > LONGEST {
            return;
        }
        let long = tag.bytes(b"style") == Some(b"long");
        match tag.name() {
            b"number" => self.number(tag),
            b"scientific-number" => {
                let exponent = digits(tag, b"min-exponent-digits").unwrap_or(2);
                let _ = write!(self.code, "{}E+{}", decimal(tag), zeros(exponent));
            }
            b"fraction" => {
                let denominator = match digits(tag, b"denominator-value") {
                    Some(n) => n.to_string(),
                    None => "?".repeat(digits(tag, b"min-denominator-digits").unwrap_or(1).max(1) as usize),
                };
                let numerator = "?".repeat(digits(tag, b"min-numerator-digits").unwrap_or(1).max(1) as usize);
                let _ = write!(self.code, "# {numerator}/{denominator}");
            }
            b"embedded-text" => {
                self.position = digits(tag, b"position");
                self.listening = true;
            }
            b"text" | b"currency-symbol" => self.listening = true,
            b"text-content" => self.code.push('@'),
            b"day" => self.code.push_str(if long { "dd" } else { "d" }),
            b"day-of-week" => self.code.push_str(if long { "dddd" } else { "ddd" }),
            b"month" => self.code.push_str(match (tag.is_on(b"textual"), long) {
                (true, true) => "mmmm",
                (true, false) => "mmm",
                (false, true) => "mm",
                (false, false) => "m",
            }),
            b"year" => self.code.push_str(if long { "yyyy" } else { "yy" }),
            b"hours" => self.time(if long { "hh" } else { "h" }),
            b"minutes" => self.time(if long { "mm" } else { "m" }),
            b"seconds" => {
                self.time(if long { "ss" } else { "s" });
                if let Some(n @ 1..) = digits(tag, b"decimal-places") {
                    let _ = write!(self.code, ".{}", zeros(n));
                }
            }
            b"am-pm" => self.code.push_str("AM/PM"),
            b"map" => {
                if let (Some(condition), Some(name)) = (tag.text(b"condition"), tag.bytes(b"apply-style-name"))
                    && self.maps.len() < 3
                {
                    let condition: String = condition.trim_start_matches("value()").chars().take(40).collect();
                    self.maps.push((condition, name.to_vec()));
                }
            }
            _ => {}
        }
    }

    /// Characters within the format.
    pub(super) fn text(&mut self, raw: &[u8]) {
        if !self.listening || self.code.len() > LONGEST {
            return;
        }
        let text: String = words(raw).chars().take(LONGEST / 4).collect();
        match self.position {
            Some(position) if self.within.len() < DIGITS as usize => self.within.push((position, text)),
            Some(_) => {}
            None => {
                let text = self.literal(&text);
                self.code.push_str(&text);
            }
        }
    }

    /// An element within the format ends.
    pub(super) fn close(&mut self, name: &[u8]) {
        self.listening = false;
        match name {
            b"embedded-text" => self.position = None,
            b"number" => self.embed(),
            _ => {}
        }
    }

    /// The code; `None` for “General” and for TRUE and FALSE.
    pub(super) fn code(&self) -> Option<String> {
        match self.kind {
            Kind::Truth => None,
            // That it is a percentage says the kind of the format.
            Kind::Percentage if !self.code.contains('%') => Some(format!("{}%", self.code)),
            Kind::Number if self.code == "General" => None,
            Kind::Number | Kind::Percentage | Kind::Date | Kind::Time | Kind::Text => Some(self.code.clone()),
        }
    }

    fn number(&mut self, tag: &Tag<'_>) {
        self.number = self.code.len();
        if digits(tag, b"decimal-places").is_none() && self.kind == Kind::Number && !tag.is_on(b"grouping") {
            self.code.push_str("General");
            return;
        }
        self.code.push_str(&decimal(tag));
        let factor = tag.text(b"display-factor").and_then(|f| f.parse::<f64>().ok()).unwrap_or(1.0);
        self.code.push_str(match factor {
            1e3 => ",",
            1e6 => ",,",
            1e9 => ",,,",
            _ => "",
        });
    }

    /// Puts the text that stands among the digits in its place.
    fn embed(&mut self) {
        let mut within = std::mem::take(&mut self.within);
        // From the right, so that the places further left stay what they are.
        within.sort_by_key(|(position, _)| *position);
        let start = self.number;
        let whole = self.code[start..].find('.').map_or(self.code.len(), |point| start + point);
        let digit = |(i, c): &(usize, char)| (start..whole).contains(i) && *c != ',';
        let places: Vec<usize> = self.code.char_indices().filter(digit).map(|(i, _)| i).collect();
        for (position, text) in within {
            if let Some(at) = places.len().checked_sub(position as usize).and_then(|i| places.get(i)) {
                let text = self.literal(&text);
                self.code.insert_str(*at, &text);
            }
        }
    }

    fn time(&mut self, unit: &str) {
        if std::mem::take(&mut self.running) {
            let _ = write!(self.code, "[{unit}]");
        } else {
            self.code.push_str(unit);
        }
    }

    /// Text that stands for itself, in quotes where Excel would take it for something else.
    fn literal(&self, text: &str) -> String {
        let plain = |c: char| match self.kind {
            Kind::Date | Kind::Time => matches!(c, ' ' | '-' | '/' | ':' | '.' | ','),
            Kind::Number | Kind::Percentage | Kind::Truth | Kind::Text => {
                matches!(c, ' ' | '-' | '(' | ')' | '+' | '£' | '€' | '$' | '\u{A0}')
            }
        };
        let mut out = String::new();
        // The sign of a percentage stands alone, whatever else is said beside it.
        let alone = |c: char| c == '%' && self.kind == Kind::Percentage;
        for piece in text.split_inclusive(alone) {
            let (words, sign) = piece.strip_suffix(alone).map_or((piece, ""), |words| (words, "%"));
            if words.chars().all(plain) {
                out.push_str(words);
            } else {
                let _ = write!(out, "\"{}\"", words.replace('"', "\"\\\"\""));
            }
            out.push_str(sign);
        }
        out
    }
}

/// Several formats by condition as one code: `0;-0;0`. Excel knows the usual conditions by their place.
pub(super) fn sections(mapped: &[(String, String)], main: &str) -> String {
    let mut out = String::new();
    for (i, (condition, code)) in mapped.iter().enumerate() {
        let usual = match i {
            // Any number: what is left is text.
            0 if main == "@" && condition.contains("E+30") => true,
            0 => condition == ">0" || (condition == ">=0" && mapped.len() == 1),
            1 => condition == "<0",
            _ => condition == "=0",
        };
        if !usual {
            let _ = write!(out, "[{condition}]");
        }
        out.push_str(code);
        out.push(';');
    }
    out.push_str(main);
    out
}

fn digits(tag: &Tag<'_>, attribute: &[u8]) -> Option<u32> {
    tag.number(attribute).map(|n| n.min(DIGITS))
}

fn zeros(n: u32) -> String {
    "0".repeat(n as usize)
}

/// Digits before and behind the point: `0`, `#,##0.00`, `0.0#`.
fn decimal(tag: &Tag<'_>) -> String {
    let least = digits(tag, b"min-integer-digits").unwrap_or(1);
    let mut out = String::new();
    let width = if tag.is_on(b"grouping") { least.max(4) } else { least.max(1) };
    for left in (1..=width).rev() {
        out.push(if left <= least { '0' } else { '#' });
        if tag.is_on(b"grouping") && left > 1 && left % 3 == 1 {
            out.push(',');
        }
    }
    let places = digits(tag, b"decimal-places").unwrap_or(0);
    if places > 0 {
        let sure = digits(tag, b"min-decimal-places").map_or(places, |n| n.min(places));
        let _ = write!(out, ".{}{}", zeros(sure), "#".repeat((places - sure) as usize));
    }
    out
}
