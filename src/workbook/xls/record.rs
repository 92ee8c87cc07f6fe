//! The workbook's stream as records, and texts that run on from one record into the next. What a record says is left to
//! `book`, `sheet` and `note`.

use encoding_rs::Encoding;

use super::super::guard::Refusal;
use super::compound::short;

/// The record that carries on the one before.
const CONTINUE: u16 = 0x003C;

/// One record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// What it is about.
    pub(super) kind: u16,
    /// What it says.
    pub(super) data: &'a [u8],
    /// The records that follow.
    rest: &'a [u8],
}

/// The records of a stream, one after another.
#[derive(Debug, Clone)]
pub(super) struct Records<'a> {
    rest: &'a [u8],
}

/// How the letters of a text are stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coding {
    /// UTF-16, or its lower bytes: since Excel 97.
    Unicode,
    /// One of the code pages: until Excel 95.
    Page(&'static Encoding),
}

impl<'a> Records<'a> {
    /// The records of a stream from its start.
    pub(super) fn new(stream: &'a [u8]) -> Self {
        Self { rest: stream }
    }

    /// The next record.
    ///
    /// # Errors
    /// The stream breaks off: it has an end of its own, which comes before its last byte.
    pub(super) fn next(&mut self) -> Result<Record<'a>, Refusal> {
        let head = (short(self.rest, 0), short(self.rest, 2));
        let (Some(kind), Some(length)) = head else { return Err(Refusal::damaged()) };
        let end = 4 + usize::from(length);
        let data = self.rest.get(4..end).ok_or_else(Refusal::damaged)?;
        self.rest = &self.rest[end..];
        Ok(Record { kind, data, rest: self.rest })
    }
}

impl<'a> Record<'a> {
    /// A number of two bytes.
    pub(super) fn short(&self, at: usize) -> Result<u16, Refusal> {
        short(self.data, at).ok_or_else(Refusal::damaged)
    }

    /// What it says from a byte on, and what the records say that carry it on.
    pub(super) fn cursor(&self, at: usize) -> Result<Cursor<'a>, Refusal> {
        Ok(Cursor { piece: self.data.get(at..).ok_or_else(Refusal::damaged)?, rest: Records { rest: self.rest } })
    }
}

/// Reads on through the records that carry on the first.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    piece: &'a [u8],
    rest: Records<'a>,
}

impl<'a> Cursor<'a> {
    /// How many bytes there can be at most.
    pub(super) fn room(&self) -> usize {
        self.piece.len() + self.rest.rest.len()
    }

    /// Whether nothing follows, here or in a record that carries this one on.
    pub(super) fn is_at_end(&self) -> bool {
        self.piece.is_empty() && short(self.rest.rest, 0) != Some(CONTINUE)
    }

    /// Goes on in the next record.
    ///
    /// # Errors
    /// It does not carry on this one.
    pub(super) fn turn(&mut self) -> Result<(), Refusal> {
        let next = self.rest.next()?;
        if next.kind != CONTINUE {
            return Err(Refusal::damaged());
        }
        self.piece = next.data;
        Ok(())
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refusal> {
        loop {
            if let Some((first, rest)) = self.piece.split_first() {
                self.piece = rest;
                return Ok(*first);
            }
            self.turn()?;
        }
    }

    pub(super) fn short(&mut self) -> Result<u16, Refusal> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn long(&mut self) -> Result<u32, Refusal> {
        Ok(u32::from(self.short()?) | u32::from(self.short()?) << 16)
    }

    fn skip(&mut self, mut bytes: usize) -> Result<(), Refusal> {
        while bytes > self.piece.len() {
            bytes -= self.piece.len();
            self.turn()?;
        }
        self.piece = &self.piece[bytes..];
        Ok(())
    }

    /// A text of so many letters, control characters and all; whatever says how it looks is left out.
    pub(super) fn text(&mut self, letters: usize, coding: Coding) -> Result<String, Refusal> {
        match coding {
            Coding::Unicode => {
                let flags = self.byte()?;
                let runs = if flags & 8 == 0 { 0 } else { usize::from(self.short()?) };
                let sounds = if flags & 4 == 0 { 0 } else { self.long()? as usize };
                let text = self.letters(letters, flags & 1 == 1)?;
                self.skip((4 * runs).saturating_add(sounds))?;
                Ok(text)
            }
            Coding::Page(page) => {
                let mut bytes = Vec::new();
                while bytes.len() < letters {
                    let run = self.piece.len().min(letters - bytes.len());
                    bytes.extend_from_slice(&self.piece[..run]);
                    self.piece = &self.piece[run..];
                    if bytes.len() < letters {
                        self.turn()?;
                    }
                }
                Ok(page.decode_without_bom_handling(&bytes).0.into_owned())
            }
        }
    }

    /// Letters in two bytes or in one; each record that carries them on says anew which.
    pub(super) fn letters(&mut self, mut letters: usize, mut wide: bool) -> Result<String, Refusal> {
        let mut units: Vec<u16> = Vec::with_capacity(letters.min(self.room()));
        while letters > 0 {
            if self.piece.is_empty() {
                self.turn()?;
                match self.piece.split_first() {
                    Some((flags, rest)) => (wide, self.piece) = (flags & 1 == 1, rest),
                    None => continue,
                }
            }
            let width = if wide { 2 } else { 1 };
            let run = (self.piece.len() / width).min(letters);
            // Half a letter.
            if run == 0 && !self.piece.is_empty() {
                return Err(Refusal::damaged());
            }
            let (here, rest) = self.piece.split_at(run * width);
            self.piece = rest;
            letters -= run;
            if wide {
                units.extend(here.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])));
            } else {
                units.extend(here.iter().map(|b| u16::from(*b)));
            }
        }
        Ok(String::from_utf16_lossy(&units))
    }
}

/// The encoding of a code page by its number; `None` for one that we cannot read.
pub(super) fn page(number: u16) -> Option<&'static Encoding> {
    Some(match number {
        367 | 1252 | 32_769 => encoding_rs::WINDOWS_1252,
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10_000 | 32_768 => encoding_rs::MACINTOSH,
        10_007 => encoding_rs::X_MAC_CYRILLIC,
        65_001 => encoding_rs::UTF_8,
        _ => return None,
    })
}
