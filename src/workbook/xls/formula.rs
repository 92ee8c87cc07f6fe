//! The text of a formula from its tokens, as it reads in the cell: for people to look at, and so that another workbook in it
//! is seen. What cannot be told is no reason to refuse a figure: the value stands beside it.
//!
//! Our own reading and not calamine's: that one cuts tokens and takes memory by what a file says of itself, writes the whole
//! of each sheet as rows × columns first, and does not follow a formula that several cells share.

use super::super::function::function;
use super::super::guard::TEXT;
use super::super::value::error_numbered;
use super::compound::{long, short};
use super::reference::{Tokens, area, quoted, reference, sheets};
use crate::cell::Cell;

/// The most bytes of text that are moved while formulas are put together, over the whole workbook.
const WORK: usize = 128 * 1024 * 1024;
/// What stands for a formula whose text cannot be told.
pub(super) const UNTOLD: &str = "…";

/// What formulas refer to beyond their own sheet.
#[derive(Debug)]
pub(super) struct Links {
    /// Excel 95 or older.
    old: bool,
    /// The sheets of this workbook.
    pub(super) sheets: Vec<String>,
    /// The defined names of this workbook.
    pub(super) names: Vec<String>,
    /// This workbook, others, add-ins.
    pub(super) others: Vec<Other>,
    /// Sheets in those, by the number that tokens give.
    pub(super) externs: Vec<Extern>,
    /// Bytes moved so far.
    work: usize,
}

/// A workbook to which formulas refer.
#[derive(Debug)]
pub(super) enum Other {
    /// This one.
    Own,
    /// Functions that are not Excel's own.
    AddIn(Vec<String>),
    /// Another: its number as today's files give it, its sheets and names.
    Workbook { number: usize, sheets: Vec<String>, names: Vec<String> },
}

/// Sheets to which formulas refer.
#[derive(Debug)]
pub(super) enum Extern {
    /// From one to another in one of [`Links::others`].
    Sheets { other: usize, first: u16, last: u16 },
    /// A sheet of this workbook (Excel 95).
    Name(String),
    /// A sheet of another workbook (Excel 95).
    Elsewhere(usize),
}

impl Links {
    /// No links yet.
    pub(super) fn new(old: bool) -> Self {
        Self { old, sheets: Vec::new(), names: Vec::new(), others: Vec::new(), externs: Vec::new(), work: 0 }
    }

    /// The number that the next other workbook has.
    pub(super) fn workbooks(&self) -> usize {
        1 + self.others.iter().filter(|other| matches!(other, Other::Workbook { .. })).count()
    }

    /// The text of a formula in a cell; `None` where it cannot be told.
    pub(super) fn text(&mut self, tokens: &[u8], base: Cell) -> Option<String> {
        let mut tokens = Tokens { rest: tokens, old: self.old, base };
        let mut stack: Vec<String> = Vec::new();
        while let Some(token) = tokens.byte() {
            self.token(token, &mut tokens, &mut stack)?;
            let longest = stack.last().map_or(0, String::len);
            if longest > TEXT || self.work > WORK {
                return None;
            }
        }
        stack.pop().filter(|_| stack.is_empty())
    }

    fn token(&mut self, token: u8, tokens: &mut Tokens<'_>, stack: &mut Vec<String>) -> Option<()> {
        const OPERATORS: [&str; 15] = ["+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":"];
        let operand = match token {
            0x03..=0x11 => {
                let right = stack.pop()?;
                let left = stack.last_mut()?;
                self.work += right.len();
                left.push_str(OPERATORS[usize::from(token - 0x03)]);
                left.push_str(&right);
                return Some(());
            }
            0x12 | 0x13 | 0x15 => {
                let inner = stack.last_mut()?;
                self.work += inner.len();
                inner.insert(0, [b'+', b'-', 0, b'('][usize::from(token - 0x12)].into());
                if token == 0x15 {
                    inner.push(')');
                }
                return Some(());
            }
            0x14 => {
                stack.last_mut()?.push('%');
                return Some(());
            }
            0x16 => String::new(),
            0x17 => format!("\"{}\"", text(tokens)?.replace('"', "\"\"")),
            0x19 => return self.attribute(tokens, stack),
            0x1C => error_numbered(tokens.byte()?).to_owned(),
            0x1D => if tokens.byte()? == 0 { "FALSE" } else { "TRUE" }.to_owned(),
            0x1E => tokens.short()?.to_string(),
            0x1F => number(f64::from_le_bytes(*tokens.take(8)?.first_chunk()?)),
            // The same token in three classes: as a reference, a value, an array.
            0x20..=0x7F => return self.classed(token & 0x1F, tokens, stack),
            // Shared formulas are followed before; labels as references and what nobody knows are not told.
            _ => return None,
        };
        self.work += operand.len();
        stack.push(operand);
        Some(())
    }

    /// Jumps and spaces say nothing to people, but a sum of one range is written as an attribute.
    fn attribute(&mut self, tokens: &mut Tokens<'_>, stack: &mut Vec<String>) -> Option<()> {
        let (flags, number) = (tokens.byte()?, tokens.short()?);
        if flags & 0x04 != 0 {
            tokens.take(2 * (usize::from(number) + 1))?;
        }
        if flags & 0x10 != 0 {
            self.call("SUM", 1, stack)?;
        }
        Some(())
    }

    fn classed(&mut self, token: u8, tokens: &mut Tokens<'_>, stack: &mut Vec<String>) -> Option<()> {
        let old = tokens.old;
        let operand = match token {
            0x00 => {
                tokens.take(7)?;
                "{…}".to_owned()
            }
            0x01 => {
                let (name, arguments) = function(tokens.short()?)?;
                return self.call(name, arguments?.into(), stack);
            }
            0x02 => {
                let (arguments, number) = (usize::from(tokens.byte()? & 0x7F), tokens.short()? & 0x7FFF);
                if number != 255 {
                    return self.call(function(number)?.0, arguments, stack);
                }
                // A function that is not Excel's own: its name is the first argument.
                let name = stack.len().checked_sub(arguments.max(1))?;
                let name = stack.remove(name);
                return self.call(&name, arguments.checked_sub(1)?, stack);
            }
            0x03 => {
                let number = usize::from(tokens.short()?);
                tokens.take(if old { 12 } else { 2 })?;
                self.names.get(number.checked_sub(1)?)?.clone()
            }
            0x19 => self.name_elsewhere(tokens)?,
            0x04 => reference(tokens, false)?,
            0x05 => area(tokens, false)?,
            // What follows says the same once more, in tokens.
            0x06..=0x08 => return tokens.take(6).map(drop),
            0x09 | 0x0E | 0x0F => return tokens.take(2).map(drop),
            0x0A => tokens.take(if old { 3 } else { 4 }).map(|_| "#REF!".to_owned())?,
            0x0B => tokens.take(if old { 6 } else { 8 }).map(|_| "#REF!".to_owned())?,
            0x0C => reference(tokens, true)?,
            0x0D => area(tokens, true)?,
            0x1A => self.sheet(tokens)? + &reference(tokens, false)?,
            0x1B => self.sheet(tokens)? + &area(tokens, false)?,
            0x1C | 0x1D => {
                let sheet = self.sheet(tokens)?;
                tokens.take(match (token, old) {
                    (0x1C, true) => 3,
                    (0x1C, false) => 4,
                    (_, true) => 6,
                    (_, false) => 8,
                })?;
                sheet + "#REF!"
            }
            _ => return None,
        };
        self.work += operand.len();
        stack.push(operand);
        Some(())
    }

    /// Puts a name and brackets round the last operands.
    fn call(&mut self, name: &str, arguments: usize, stack: &mut Vec<String>) -> Option<()> {
        let first = stack.len().checked_sub(arguments)?;
        let inner = stack.split_off(first).join(",");
        // Functions of Excel 2007 are stored as foreign ones, with a prefix that people never see.
        let name = name.strip_prefix("_xlfn.").unwrap_or(name);
        self.work += inner.len();
        stack.push(format!("{name}({inner})"));
        Some(())
    }

    /// A name in another workbook, or a function of an add-in.
    fn name_elsewhere(&self, tokens: &mut Tokens<'_>) -> Option<String> {
        let (link, number) = if tokens.old {
            let head = tokens.take(24)?;
            (short(head, 0)?, short(head, 10)?)
        } else {
            let head = tokens.take(6)?;
            (short(head, 0)?, short(head, 2)?)
        };
        if tokens.old {
            return Some("[0]!…".to_owned());
        }
        let number = usize::from(number).checked_sub(1)?;
        let Extern::Sheets { other, .. } = self.externs.get(usize::from(link))? else { return None };
        match self.others.get(*other)? {
            Other::Own => self.names.get(number).cloned(),
            Other::AddIn(names) => names.get(number).cloned(),
            Other::Workbook { number: book, names, .. } => Some(format!("[{book}]!{}", names.get(number)?)),
        }
    }

    /// The sheet before a reference, with its exclamation mark.
    fn sheet(&self, tokens: &mut Tokens<'_>) -> Option<String> {
        let unknown = || "#REF!".to_owned();
        if tokens.old {
            let head = tokens.take(14)?;
            let link = short(head, 0)?;
            // Its own sheets have negative numbers, and their place beside them.
            if link >= 0x8000 {
                let (first, last) = (short(head, 10)?, short(head, 12)?);
                return Some(sheets("", &self.sheets, first, last).unwrap_or_else(unknown));
            }
            return Some(match self.externs.get(usize::from(link).checked_sub(1)?)? {
                Extern::Name(name) => quoted(name) + "!",
                Extern::Elsewhere(number) => format!("[{}]…!", number + 1),
                Extern::Sheets { .. } => return None,
            });
        }
        let Extern::Sheets { other, first, last } = self.externs.get(usize::from(tokens.short()?))? else {
            return None;
        };
        Some(match self.others.get(*other)? {
            Other::Own => sheets("", &self.sheets, *first, *last).unwrap_or_else(unknown),
            Other::AddIn(_) => unknown(),
            Other::Workbook { number, sheets: theirs, .. } => {
                let book = format!("[{number}]");
                sheets(&book, theirs, *first, *last).unwrap_or_else(|| format!("{book}#REF!"))
            }
        })
    }
}

/// A number as people write it: very large and very small ones with an exponent.
fn number(n: f64) -> String {
    if n == 0.0 || (1e-5..1e15).contains(&n.abs()) { n.to_string() } else { format!("{n:E}") }
}

/// A text among the tokens.
fn text(tokens: &mut Tokens<'_>) -> Option<String> {
    let letters = usize::from(tokens.byte()?);
    let wide = !tokens.old && tokens.byte()? & 1 == 1;
    let bytes = tokens.take(letters * if wide { 2 } else { 1 })?;
    Some(if wide {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
        String::from_utf16_lossy(&units)
    } else if tokens.old {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    } else {
        bytes.iter().map(|b| char::from(*b)).collect()
    })
}

/// Where the tokens of a formula that several cells share are kept: by row and column of the first of them.
pub(super) fn shared(tokens: &[u8]) -> Option<(u16, u16)> {
    match tokens.split_first() {
        Some((0x01 | 0x02, rest)) => {
            let at = long(rest, 0).map(|n| (n & 0xFFFF, n >> 16)).or_else(|| {
                // Excel 95 has a column of one byte.
                Some((short(rest, 0)?.into(), (*rest.get(2)?).into()))
            })?;
            Some((u16::try_from(at.0).ok()?, u16::try_from(at.1).ok()?))
        }
        Some(_) | None => None,
    }
}
