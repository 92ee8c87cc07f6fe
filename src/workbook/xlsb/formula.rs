//! Formulas in words: a file holds them as tokens, operands before operators. What a formula comes to is not reckoned: the
//! saved result is the cell's value.
//!
//! calamine has such a decoder, too, and could read values a second time. It is not used: it takes lengths, relationship
//! ids and numbers of texts from the file as they are and panics where they lead nowhere, takes memory for a record as
//! long as it says it is (256 megabytes), knows neither short cells nor shared formulas, and loses a whole sheet over one
//! formula that it does not know. Tests hold the two readings together over files that are sound.

use std::sync::Arc;

use super::super::function::function;
use super::super::guard::{FORMULAS, TEXT};
use super::super::keep::tidy;
use super::super::value::error_numbered;
use super::book::Links;
use super::record::Bytes;
use crate::cell::{Cell, column_letters};

/// What stands for a formula that cannot be put into words: the cell is known to hold one.
const UNKNOWN: &str = "(formula)";
/// How many operands may wait for their operator; Excel nests 64 calls.
const WAITING: usize = 1_024;
/// Bits of a column: relative column, relative row, the column itself.
const COLUMN_RELATIVE: u16 = 0x4000;
const ROW_RELATIVE: u16 = 0x8000;
const COLUMN: u16 = 0x3FFF;

/// Puts formulas into words, over a whole workbook.
#[derive(Debug)]
pub(super) struct Formulas {
    pub(super) links: Links,
    /// How many more bytes of text may be put together: formulas are for people to look at, so the work is bounded.
    room: usize,
    unknown: Arc<str>,
}

impl Formulas {
    /// A decoder for a workbook.
    pub(super) fn new(links: Links) -> Self {
        Self { links, room: 4 * FORMULAS, unknown: UNKNOWN.into() }
    }

    /// The tokens of a formula, as they read in a cell.
    pub(super) fn words(&mut self, tokens: &[u8], at: Cell) -> Arc<str> {
        let mut linked = None;
        match self.decode(Bytes(tokens), at, &mut linked) {
            Some(text) if text.len() <= TEXT => tidy(&text).into(),
            // What matters most of a formula: that it reads another workbook.
            Some(_) | None => linked.map_or_else(|| Arc::clone(&self.unknown), |book: String| book.into()),
        }
    }

    fn decode(&mut self, mut tokens: Bytes<'_>, at: Cell, linked: &mut Option<String>) -> Option<String> {
        let mut stack: Vec<String> = Vec::new();
        while let Some(token) = tokens.u8() {
            // References, functions and arrays come in three classes that read the same.
            let class = if token >= 0x60 {
                token - 0x40
            } else if token >= 0x40 {
                token - 0x20
            } else {
                token
            };
            let operand = match class {
                0x03..=0x11 => {
                    let right = stack.pop()?;
                    let left = stack.last_mut()?;
                    left.push_str(operator(class));
                    left.push_str(&right);
                    self.room = self.room.checked_sub(right.len() + 2)?;
                    continue;
                }
                0x12 | 0x13 | 0x15 => {
                    let inner = stack.last_mut()?;
                    self.room = self.room.checked_sub(inner.len() + 2)?;
                    *inner = match class {
                        0x12 => format!("+{inner}"),
                        0x13 => format!("-{inner}"),
                        _ => format!("({inner})"),
                    };
                    continue;
                }
                0x14 => {
                    stack.last_mut()?.push('%');
                    continue;
                }
                0x19 => {
                    if attribute(&mut tokens)? {
                        let sum = stack.pop()?;
                        self.room = self.room.checked_sub(sum.len() + 5)?;
                        stack.push(format!("SUM({sum})"));
                    }
                    continue;
                }
                // Only says how many of the next bytes belong together.
                0x26..=0x28 => {
                    tokens.take(6)?;
                    continue;
                }
                0x29 => {
                    tokens.take(2)?;
                    continue;
                }
                0x21 => {
                    let (name, arguments) = function(tokens.u16()?)?;
                    self.call(name.to_owned(), usize::from(arguments?), &mut stack)?
                }
                0x22 => {
                    let arguments = usize::from(tokens.u8()?);
                    match tokens.u16()? {
                        // A function by name, which is the first argument: of a program, or newer than the format.
                        255 => {
                            let inside = arguments.checked_sub(1)?;
                            let place = stack.len().checked_sub(arguments)?;
                            let name = stack.remove(place);
                            self.call(name, inside, &mut stack)?
                        }
                        number => {
                            let (name, _) = function(number)?;
                            self.call(name.to_owned(), arguments, &mut stack)?
                        }
                    }
                }
                0x39..=0x3D => {
                    let span = self.links.span(tokens.u16()?)?;
                    if span.contains('[') {
                        *linked = Some(span.clone());
                    }
                    span + &match class {
                        0x39 => self.links.name(tokens.u32()?).unwrap_or("name").to_owned(),
                        0x3A => reference(&mut tokens, at, false)?,
                        0x3B => area(&mut tokens, at, false)?,
                        0x3C => tokens.take(6).map(|_| "#REF!".to_owned())?,
                        _ => tokens.take(12).map(|_| "#REF!".to_owned())?,
                    }
                }
                0x23 => self.links.name(tokens.u32()?)?.to_owned(),
                _ => plain(class, &mut tokens, at)?,
            };
            self.room = self.room.checked_sub(operand.len() + 1)?;
            if stack.len() >= WAITING {
                return None;
            }
            stack.push(operand);
        }
        let whole = stack.pop()?;
        stack.is_empty().then_some(whole)
    }

    fn call(&self, name: String, arguments: usize, stack: &mut Vec<String>) -> Option<String> {
        let first = stack.len().checked_sub(arguments)?;
        if stack.iter().skip(first).map(String::len).sum::<usize>() > self.room {
            return None;
        }
        Some(format!("{name}({})", stack.split_off(first).join(",")))
    }
}

fn operator(token: u8) -> &'static str {
    const OPERATORS: [&str; 15] = ["+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":"];
    OPERATORS.get(usize::from(token.saturating_sub(3))).copied().unwrap_or_default()
}

/// Operands that need nothing from outside.
fn plain(class: u8, tokens: &mut Bytes<'_>, at: Cell) -> Option<String> {
    Some(match class {
        0x16 => String::new(),
        0x17 => {
            let units = usize::from(tokens.u16()?);
            format!("\"{}\"", tokens.units(units)?.replace('"', "\"\""))
        }
        0x1C => error_numbered(tokens.u8()?).to_owned(),
        0x1D => if tokens.u8()? == 0 { "FALSE" } else { "TRUE" }.to_owned(),
        0x1E => tokens.u16()?.to_string(),
        0x1F => tokens.f64()?.to_string(),
        0x20 => tokens.take(14).map(|_| "{…}".to_owned())?,
        0x24 => reference(tokens, at, false)?,
        0x25 => area(tokens, at, false)?,
        0x2A => tokens.take(6).map(|_| "#REF!".to_owned())?,
        0x2B => tokens.take(12).map(|_| "#REF!".to_owned())?,
        0x2C => reference(tokens, at, true)?,
        0x2D => area(tokens, at, true)?,
        _ => return None,
    })
}

/// Hints on how a formula is laid out or reckoned; whether it is a sum of one argument.
fn attribute(tokens: &mut Bytes<'_>) -> Option<bool> {
    match tokens.u8()? {
        0x04 => {
            let choices = usize::from(tokens.u16()?);
            tokens.take(2 * (choices + 1))?;
            Some(false)
        }
        0x10 => tokens.take(2).map(|_| true),
        0x01 | 0x02 | 0x08 | 0x20 | 0x21 | 0x40 | 0x41 | 0x80 => tokens.take(2).map(|_| false),
        _ => None,
    }
}

/// An address; `shared`: what is relative counts from the cell that the formula stands in.
fn reference(tokens: &mut Bytes<'_>, at: Cell, shared: bool) -> Option<String> {
    let row = tokens.u32()?;
    Some(address(row, tokens.u16()?, at, shared))
}

fn area(tokens: &mut Bytes<'_>, at: Cell, shared: bool) -> Option<String> {
    let (first, last) = (tokens.u32()?, tokens.u32()?);
    let (left, right) = (tokens.u16()?, tokens.u16()?);
    Some(format!("{}:{}", address(first, left, at, shared), address(last, right, at, shared)))
}

fn address(row: u32, column: u16, at: Cell, shared: bool) -> String {
    let relative = |bit: u16| column & bit != 0;
    let mut place = Cell::new(row & Cell::LAST_ROW, u32::from(column & COLUMN));
    if shared && relative(ROW_RELATIVE) {
        place.row = at.row.wrapping_add(row) & Cell::LAST_ROW;
    }
    if shared && relative(COLUMN_RELATIVE) {
        place.column = (at.column + place.column) & Cell::LAST_COLUMN;
    }
    let fixed = |bit: u16| if relative(bit) { "" } else { "$" };
    let (fix_column, fix_row) = (fixed(COLUMN_RELATIVE), fixed(ROW_RELATIVE));
    format!("{fix_column}{}{fix_row}{}", column_letters(place.column), place.row + 1)
}
