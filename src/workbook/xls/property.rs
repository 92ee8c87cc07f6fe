//! Document properties: two small streams beside the workbook, one of them with the properties that a template gives itself.
//! Properties that cannot be read are no reason to refuse figures.

use std::collections::BTreeMap;

use chrono::DateTime;
use encoding_rs::Encoding;

use super::super::guard::TEXT;
use super::super::keep::tidy;
use super::compound::{long, short};
use super::record::page;

/// The most properties of a stream that are read.
const MOST: usize = 1_000;
/// The properties of the first stream that are kept, by number: the names that every format gives them.
const SUMMARY: [(u32, &str); 9] = [
    (2, "title"),
    (3, "subject"),
    (4, "creator"),
    (5, "keywords"),
    (6, "description"),
    (8, "last modified by"),
    (12, "created"),
    (13, "modified"),
    (18, "application"),
];
/// The same for the second stream.
const DOCUMENT: [(u32, &str); 4] = [(2, "category"), (14, "manager"), (15, "company"), (27, "status")];
/// Seconds from 1601, from which files count, to 1970.
const SINCE_1601: i64 = 11_644_473_600;

/// A set of properties.
struct Set<'a> {
    bytes: &'a [u8],
    /// Number and place of each.
    places: Vec<(u32, usize)>,
    /// How texts are stored: `None` for UTF-16.
    page: Option<&'static Encoding>,
}

/// Adds what both streams say.
pub(super) fn properties(summary: Option<&[u8]>, document: Option<&[u8]>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Some(own) = document.and_then(|stream| Set::new(stream, 1)) {
        let names = own.names().unwrap_or_default();
        for (number, name) in names {
            if let Some(value) = own.value(number) {
                found.insert(tidy(&name), tidy(&value));
            }
        }
    }
    for (set, known) in
        [(summary.and_then(|s| Set::new(s, 0)), &SUMMARY[..]), (document.and_then(|s| Set::new(s, 0)), &DOCUMENT[..])]
    {
        let Some(set) = set else { continue };
        for (number, name) in known {
            if let Some(value) = set.value(*number).filter(|value| !value.is_empty()) {
                found.entry((*name).to_owned()).or_insert_with(|| tidy(&value));
            }
        }
    }
    found
}

impl<'a> Set<'a> {
    /// The first or second set of a stream.
    fn new(stream: &'a [u8], number: usize) -> Option<Self> {
        if short(stream, 0)? != 0xFFFE || number as u32 >= long(stream, 24)? {
            return None;
        }
        let bytes = stream.get(long(stream, 44 + 20 * number)? as usize..)?;
        let count = (long(bytes, 4)? as usize).min(MOST);
        let places =
            (0..count).map_while(|i| Some((long(bytes, 8 + 8 * i)?, long(bytes, 12 + 8 * i)? as usize))).collect();
        let mut set = Self { bytes, places, page: Some(encoding_rs::WINDOWS_1252) };
        if let Some(at) = set.place(1)
            && let Some(number) = short(bytes, at + 4)
        {
            set.page = if number == 1200 { None } else { page(number).or(set.page) };
        }
        Some(set)
    }

    fn place(&self, number: u32) -> Option<usize> {
        self.places.iter().find(|(n, _)| *n == number).map(|(_, at)| *at)
    }

    /// The names that properties of one's own have.
    fn names(&self) -> Option<Vec<(u32, String)>> {
        let mut at = self.place(0)?;
        let count = (long(self.bytes, at)? as usize).min(MOST);
        at = at.checked_add(4)?;
        let mut names = Vec::new();
        for _ in 0..count {
            let (number, letters) = (long(self.bytes, at)?, long(self.bytes, at + 4)? as usize);
            let bytes = if self.page.is_none() { letters.checked_mul(2)? } else { letters };
            names.push((number, self.text(at + 8, bytes)?));
            let padding = if self.page.is_none() { bytes.next_multiple_of(4) } else { bytes };
            at = at.checked_add(8)?.checked_add(padding)?;
        }
        Some(names)
    }

    fn value(&self, number: u32) -> Option<String> {
        let at = self.place(number)?;
        let data = at.checked_add(4)?;
        Some(match long(self.bytes, at)? {
            0x1E => self.text(data + 4, long(self.bytes, data)? as usize)?,
            0x1F => wide(self.bytes.get(data + 4..)?.get(..(long(self.bytes, data)? as usize).checked_mul(2)?)?),
            0x02 => short(self.bytes, data)?.cast_signed().to_string(),
            0x03 => long(self.bytes, data)?.cast_signed().to_string(),
            0x05 => f64::from_le_bytes(*self.bytes.get(data..)?.first_chunk()?).to_string(),
            0x0B => if short(self.bytes, data)? == 0 { "false" } else { "true" }.to_owned(),
            0x40 => time(u64::from_le_bytes(*self.bytes.get(data..)?.first_chunk()?))?,
            _ => return None,
        })
    }

    /// Text up to the first zero.
    fn text(&self, at: usize, bytes: usize) -> Option<String> {
        let bytes = self.bytes.get(at..)?.get(..bytes)?;
        let bytes = &bytes[..bytes.len().min(2 * TEXT)];
        Some(match self.page {
            None => wide(bytes),
            Some(page) => {
                let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
                page.decode_without_bom_handling(&bytes[..end]).0.into_owned()
            }
        })
    }
}

fn wide(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]]));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).take(TEXT).collect();
    String::from_utf16_lossy(&units)
}

/// A moment as today's files write it; none is stored as zero.
fn time(ticks: u64) -> Option<String> {
    let seconds = i64::try_from(ticks / 10_000_000).ok().filter(|s| *s > 0)? - SINCE_1601;
    Some(DateTime::from_timestamp(seconds, 0)?.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}
