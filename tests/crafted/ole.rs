//! Workbooks of before 2007 made record by record, in a compound file made sector by sector.

/// No sector follows.
const END: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;

/// A compound file with these streams in its root. Short ones are filled up with zeros, so that none is a small one.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let sectors = |stream: &[u8]| stream.len().div_ceil(512).max(8);
    let data: usize = streams.iter().map(|(_, stream)| sectors(stream)).sum();
    let directory = (streams.len() + 1).div_ceil(4);
    // The table counts its own sectors, too, and those of the list of them.
    let (mut table, mut lists) = (1, 0);
    while table * 128 < data + directory + table + lists {
        table += 1;
        lists = table.saturating_sub(109).div_ceil(127);
    }
    let number = |n: usize| u32::try_from(n).unwrap();
    let mut next = vec![0xFFFF_FFFC; lists];
    next.extend(vec![0xFFFF_FFFD; table]);
    let chain = |next: &mut Vec<u32>, length: usize| {
        let start = next.len();
        next.extend((1..length).map(|i| number(start + i)).chain([END]));
        number(start)
    };
    let first_of_directory = chain(&mut next, directory);
    let starts: Vec<u32> = streams.iter().map(|(_, stream)| chain(&mut next, sectors(stream))).collect();
    next.resize(table * 128, FREE);

    let parts: Vec<u32> = (lists..lists + table).map(number).collect();
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.extend([0; 16]);
    bytes.extend([0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let first_list = if lists == 0 { END } else { 0 };
    for n in [number(table), first_of_directory, 0, 4096, END, 0, first_list, number(lists)] {
        bytes.extend(n.to_le_bytes());
    }
    let listed = |from: usize, count: usize| (from..from + count).map(|i| parts.get(i).copied().unwrap_or(FREE));
    bytes.extend(listed(0, 109).flat_map(u32::to_le_bytes));
    for list in 0..lists {
        let following = if list + 1 == lists { END } else { number(list + 1) };
        bytes.extend(listed(109 + 127 * list, 127).chain([following]).flat_map(u32::to_le_bytes));
    }
    bytes.extend(next.iter().copied().flat_map(u32::to_le_bytes));
    bytes.extend(entry("Root Entry", 5, FREE, if streams.is_empty() { FREE } else { 1 }, END, 0));
    for (i, ((name, stream), start)) in streams.iter().zip(starts).enumerate() {
        let right = if i + 1 < streams.len() { number(i + 2) } else { FREE };
        bytes.extend(entry(name, 2, right, FREE, start, stream.len().max(4096)));
    }
    bytes.resize(512 * (1 + lists + table + directory), 0);
    for (_, stream) in streams {
        bytes.extend(*stream);
        bytes.resize(bytes.len().next_multiple_of(512) + 512 * 8_usize.saturating_sub(stream.len().div_ceil(512)), 0);
    }
    bytes
}

/// An entry of the directory: 5 is the root, 2 a stream.
fn entry(name: &str, kind: u8, right: u32, child: u32, start: u32, size: usize) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u8::try_from(entry.len() + 2).unwrap();
    entry.resize(64, 0);
    entry.extend([length, 0, kind, 1]);
    for link in [FREE, right, child] {
        entry.extend(link.to_le_bytes());
    }
    entry.resize(116, 0);
    entry.extend(start.to_le_bytes());
    entry.extend(u64::try_from(size).unwrap().to_le_bytes());
    entry
}

/// Where the first entry behind the root stands in a small file made by [`compound`].
pub(crate) const FIRST_ENTRY: usize = 512 * 2 + 128;

/// One record.
pub(crate) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

/// Numbers of two bytes, one after another.
pub(crate) fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// The stream of a workbook: records before the list of sheets, and the records of each sheet without its start and end.
pub(crate) fn stream(globals: &[u8], sheets: &[(&str, &[u8])]) -> Vec<u8> {
    let head = [record(0x0809, &shorts(&[0x0600, 5, 0, 0, 0, 0, 0, 0])), globals.to_vec()].concat();
    let list: usize = sheets.iter().map(|(name, _)| 12 + name.len()).sum();
    let mut at = head.len() + list + 4;
    let (mut listed, mut all) = (head, Vec::new());
    for (name, records) in sheets {
        let mut data = u32::try_from(at).unwrap().to_le_bytes().to_vec();
        data.extend([0, 0, u8::try_from(name.len()).unwrap(), 0]);
        data.extend(name.as_bytes());
        listed.extend(record(0x0085, &data));
        let sheet = [&record(0x0809, &shorts(&[0x0600, 0x10, 0, 0, 0, 0, 0, 0])), *records, &END_OF_SHEET].concat();
        at += sheet.len();
        all.extend(sheet);
    }
    [listed, END_OF_SHEET.to_vec(), all].concat()
}

/// The record with which the workbook's own records and those of a sheet end.
pub(crate) const END_OF_SHEET: [u8; 4] = [0x0A, 0, 0, 0];

/// A file with a workbook of one sheet.
pub(crate) fn file(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    compound(&[("Workbook", &stream(globals, &[("Front door", sheet)]))])
}

/// A number in a cell.
pub(crate) fn number(row: u16, column: u16, n: f64) -> Vec<u8> {
    record(0x0203, &[shorts(&[row, column, 0]), n.to_le_bytes().to_vec()].concat())
}

/// A formula in a cell with its result.
pub(crate) fn formula(row: u16, column: u16, result: [u8; 8], tokens: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tokens.len()).unwrap();
    record(0x0006, &[&shorts(&[row, column, 0]), &result[..], &[0; 6], &length.to_le_bytes(), tokens].concat())
}

/// A list of so many texts, whose bytes may go on in records of their own.
pub(crate) fn texts(declared: u32, bytes: &[u8]) -> Vec<u8> {
    record(0x00FC, &[&declared.to_le_bytes(), &declared.to_le_bytes(), bytes].concat())
}
