//! The compound file (OLE) in which Office of before 2007 keeps its streams: the sectors of a stream, found by chains in
//! which no sector may come twice. What a stream says is left to others.
//!
//! Own lines rather than the crate `cfb`: all that is wanted is one stream of a few by its name, whole; the crate reads and
//! writes, keeps the whole file's tables, and brings three others with it.

use super::super::guard::Refusal;

/// From here on a number of a sector means something else: free, end of a chain.
const LAST: u32 = 0xFFFF_FFFA;
/// No entry of the directory.
const NONE: u32 = u32::MAX;
/// Streams smaller than this are kept in small sectors.
const SMALL: u64 = 4096;
/// The bytes of a small sector.
const MINI: usize = 64;
/// The bytes of an entry of the directory.
const ENTRY: usize = 128;

/// A compound file whose tables were found sound.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    /// The bytes of a sector.
    size: usize,
    /// Which sector follows which.
    table: Vec<u32>,
    /// The same for small sectors.
    small: Vec<u32>,
    directory: Vec<u8>,
    /// What lies in the root: the names, and the entries of the directory.
    inside: Vec<(String, usize)>,
}

impl<'a> Compound<'a> {
    /// Opens a compound file: its tables and its directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let size = match short(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            Some(_) | None => return Err(Refusal::damaged()),
        };
        let mut file =
            Self { bytes, size, table: Vec::new(), small: Vec::new(), directory: Vec::new(), inside: Vec::new() };
        file.table = file.sectors_of_the_table()?;
        file.directory = file.chain(file.head(48)?, usize::MAX)?;
        if file.head(64)? > 0 {
            // The table of small sectors; where it is broken, so are the small streams only.
            let small = file.chain(file.head(60)?, usize::MAX).unwrap_or_default();
            file.small = numbers(&small).collect();
        }
        file.inside = file.root()?;
        Ok(file)
    }

    /// The names of what lies in the root.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.inside.iter().map(|(name, _)| name.as_str())
    }

    /// A stream of the root; `None` where there is none of this name.
    ///
    /// # Errors
    /// It breaks off, or its chain runs in a circle.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let found = self.inside.iter().find(|(n, at)| n.eq_ignore_ascii_case(name) && self.kind(*at) == Some(2));
        let Some((_, entry)) = found else { return Ok(None) };
        let (start, length) = self.extent(*entry).ok_or_else(Refusal::damaged)?;
        let length_here = usize::try_from(length).map_err(|_| Refusal::damaged())?;
        if length_here > self.bytes.len() {
            return Err(Refusal::damaged());
        }
        let stream = if length < SMALL { self.mini(start, length_here)? } else { self.chain(start, length_here)? };
        if stream.len() < length_here { Err(Refusal::damaged()) } else { Ok(Some(stream)) }
    }

    fn head(&self, at: usize) -> Result<u32, Refusal> {
        long(self.bytes, at).ok_or_else(Refusal::damaged)
    }

    /// The bytes of a sector; the last one of the file may be short.
    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize + 1).checked_mul(self.size)?;
        self.bytes.get(start..)?.chunks(self.size).next()
    }

    /// The table of sectors: its parts are listed in the header and in a chain of their own.
    fn sectors_of_the_table(&self) -> Result<Vec<u32>, Refusal> {
        let count = (self.bytes.len() / self.size).max(1);
        let mut parts: Vec<u32> = numbers(self.bytes.get(76..512).ok_or_else(Refusal::damaged)?).collect();
        let (mut next, links) = (self.head(68)?, self.head(72)?);
        let mut seen = vec![false; count];
        for _ in 0..links {
            if next >= LAST {
                break;
            }
            first_time(&mut seen, next)?;
            let mut listed: Vec<u32> = numbers(self.sector(next).ok_or_else(Refusal::damaged)?).collect();
            next = listed.pop().unwrap_or(LAST);
            parts.append(&mut listed);
        }
        let mut table = Vec::with_capacity(count);
        for part in parts.into_iter().filter(|p| *p < LAST) {
            // More than there are sectors say nothing.
            if table.len() >= count {
                break;
            }
            table.extend(numbers(self.sector(part).ok_or_else(Refusal::damaged)?));
        }
        table.truncate(count);
        Ok(table)
    }

    /// The bytes of a chain of sectors, as far as they are wanted.
    fn chain(&self, start: u32, wanted: usize) -> Result<Vec<u8>, Refusal> {
        follow(start, wanted, &self.table, |number| self.sector(number))
    }

    /// The bytes of a chain of small sectors, which lie in a stream of the root's own.
    fn mini(&self, start: u32, wanted: usize) -> Result<Vec<u8>, Refusal> {
        let (root, length) = self.extent(0).ok_or_else(Refusal::damaged)?;
        let length = usize::try_from(length).map_err(|_| Refusal::damaged())?;
        let all = self.chain(root, length)?;
        follow(start, wanted, &self.small, |number| all.get(number as usize * MINI..)?.chunks(MINI).next())
    }

    fn entry(&self, number: usize) -> Option<&[u8]> {
        self.directory.get(number.checked_mul(ENTRY)?..)?.get(..ENTRY)
    }

    /// 1: a storage, 2: a stream, 5: the root.
    fn kind(&self, number: usize) -> Option<u8> {
        self.entry(number)?.get(66).copied()
    }

    /// The first sector of an entry, and how many bytes it has.
    fn extent(&self, number: usize) -> Option<(u32, u64)> {
        let entry = self.entry(number)?;
        let (low, high) = (long(entry, 120)?, long(entry, 124)?);
        // With small sectors the upper half is not used, and some programs leave what was there.
        let high = if self.size == 512 { 0 } else { u64::from(high) };
        Some((long(entry, 116)?, high << 32 | u64::from(low)))
    }

    /// What lies in the root: a tree, of which no entry may come twice. What lies deeper is another document.
    fn root(&self) -> Result<Vec<(String, usize)>, Refusal> {
        let root = self.entry(0).ok_or_else(Refusal::damaged)?;
        let mut found = Vec::new();
        let mut seen = vec![false; self.directory.len() / ENTRY];
        let mut open = vec![long(root, 76).unwrap_or(NONE)];
        while let Some(number) = open.pop() {
            if number == NONE {
                continue;
            }
            first_time(&mut seen, number)?;
            let entry = self.entry(number as usize).ok_or_else(Refusal::damaged)?;
            let letters = usize::from(short(entry, 64).unwrap_or(0)).clamp(2, 64) / 2 - 1;
            let name: Vec<u16> =
                entry[..64].chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).take(letters).collect();
            found.push((String::from_utf16_lossy(&name), number as usize));
            open.extend([long(entry, 68).unwrap_or(NONE), long(entry, 72).unwrap_or(NONE)]);
        }
        Ok(found)
    }
}

/// Marks a number; one that is out of range or marked already makes a circle.
fn first_time(seen: &mut [bool], number: u32) -> Result<(), Refusal> {
    match seen.get_mut(number as usize) {
        Some(seen) if !*seen => {
            *seen = true;
            Ok(())
        }
        Some(_) | None => Err(Refusal::damaged()),
    }
}

fn follow<'b>(
    start: u32,
    wanted: usize,
    table: &[u32],
    sector: impl Fn(u32) -> Option<&'b [u8]>,
) -> Result<Vec<u8>, Refusal> {
    let mut seen = vec![false; table.len()];
    let mut found = Vec::new();
    let mut at = start;
    while at < LAST && found.len() < wanted {
        first_time(&mut seen, at)?;
        found.extend_from_slice(sector(at).ok_or_else(Refusal::damaged)?);
        at = table[at as usize];
    }
    found.truncate(wanted);
    Ok(found)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
}

/// A number of two bytes.
pub(super) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A number of four bytes.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
