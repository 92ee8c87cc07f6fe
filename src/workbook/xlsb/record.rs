//! A binary part record by record, in bounded memory: a kind, a length and so many bytes. What the records mean is left
//! to `book`, `strings`, `styles`, `sheet` and `note`.

use std::io::{BufRead, BufReader, Read};

use super::super::guard::{NODE, Refusal};

/// The most records of all parts that are read: as many as there may be cells, rows and texts, and a million of others.
const RECORDS: usize = 5_000_000;

/// How many records were read so far, over all parts.
#[derive(Debug, Default)]
pub(super) struct Count(usize);

/// The records of one part.
pub(super) struct Records<'c, R> {
    part: BufReader<R>,
    payload: Vec<u8>,
    count: &'c mut Count,
    /// How deep in records that newer programs put between brackets for older ones to pass over.
    depth: usize,
}

/// One record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// Its number in \[MS-XLSB\] 2.3.
    pub(super) kind: u16,
    /// What it says.
    pub(super) bytes: Bytes<'a>,
    /// It stands between the brackets of future or alternate records, or is such a bracket.
    pub(super) future: bool,
}

impl<'c, R: Read> Records<'c, R> {
    /// The records of a part.
    pub(super) fn new(part: R, count: &'c mut Count) -> Self {
        Self { part: BufReader::with_capacity(64 * 1024, part), payload: Vec::new(), count, depth: 0 }
    }

    /// The next record; `None` where the part ends.
    ///
    /// # Errors
    /// The part cannot be inflated or breaks off, or there is more of it than any return needs.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Refusal> {
        let Some(first) = self.byte()? else {
            return if self.depth == 0 { Ok(None) } else { Err(Refusal::damaged()) };
        };
        self.count.0 += 1;
        if self.count.0 > RECORDS {
            return Err(Refusal::too_large("it is made of more pieces than a million cells need"));
        }
        let kind =
            if first < 0x80 { u16::from(first) } else { u16::from(first & 0x7F) | u16::from(self.must()? & 0x7F) << 7 };
        let mut length = 0_usize;
        for place in 0..4 {
            let byte = self.must()?;
            length |= usize::from(byte & 0x7F) << (7 * place);
            if byte < 0x80 {
                break;
            }
            // A length has four bytes at most.
            if place == 3 {
                return Err(Refusal::damaged());
            }
        }
        if length > NODE {
            return Err(Refusal::unsafe_file(
                "one of its parts holds a single piece of more than a million characters",
            ));
        }
        self.payload.resize(length, 0);
        self.part.read_exact(&mut self.payload).map_err(|_| Refusal::damaged())?;
        // BrtFRTBegin and BrtACBegin open, BrtFRTEnd and BrtACEnd close.
        let future = match kind {
            35 | 37 => {
                self.depth += 1;
                true
            }
            36 | 38 => {
                self.depth = self.depth.checked_sub(1).ok_or_else(Refusal::damaged)?;
                true
            }
            _ => self.depth > 0,
        };
        Ok(Some(Record { kind, bytes: Bytes(&self.payload), future }))
    }

    fn byte(&mut self) -> Result<Option<u8>, Refusal> {
        let buffer = self.part.fill_buf().map_err(|_| Refusal::damaged())?;
        let Some(&byte) = buffer.first() else { return Ok(None) };
        self.part.consume(1);
        Ok(Some(byte))
    }

    fn must(&mut self) -> Result<u8, Refusal> {
        self.byte()?.ok_or_else(Refusal::damaged)
    }
}

/// What is left to read of a record. Each step takes some; `None` where there is too little.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    /// So many bytes.
    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// A text behind its length in 16-bit units. A text that is not there at all has a length of all ones, and is empty.
    pub(super) fn text(&mut self) -> Option<String> {
        match self.u32()? {
            u32::MAX => Some(String::new()),
            units => self.units(usize::try_from(units).ok()?),
        }
    }

    /// A text of so many 16-bit units. Half a pair of surrogates becomes the sign for what cannot be read.
    pub(super) fn units(&mut self, units: usize) -> Option<String> {
        let raw = self.take(units.checked_mul(2)?)?;
        let units = raw.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }

    /// Rows and columns of a region: first row, last row, first column, last column.
    pub(super) fn region(&mut self) -> Option<[u32; 4]> {
        Some([self.u32()?, self.u32()?, self.u32()?, self.u32()?])
    }
}
