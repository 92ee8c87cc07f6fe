//! Excel binary workbooks, made record by record.

use super::Case;
use super::binary::{Package, book, cell, counted, longs, record, row, sheet, short, strings, text, tokens};

/// One number in A1.
fn one() -> Vec<u8> {
    [row(0, false), cell(5, 0, 0, &1.0_f64.to_le_bytes())].concat()
}

/// A workbook of one sheet with these rows and cells.
fn cells(cells: &[Vec<u8>]) -> Vec<u8> {
    Package::new(&[("Front door", sheet(&[], cells, &[]))]).zip()
}

/// A workbook of one sheet, with one part in another's place.
fn with(part: &str, bytes: Vec<u8>) -> Vec<u8> {
    let cells = [one(), short(18, 0, &longs(&[0]))];
    Package::new(&[("Front door", sheet(&[], &cells, &[]))]).set(part, bytes).zip()
}

/// A sheet whose part is this, as it stands.
fn raw(part: Vec<u8>) -> Vec<u8> {
    Package::new(&[("Front door", part)]).zip()
}

/// A formula of these tokens whose result is 1.
fn formula(bytes: &[u8]) -> Vec<u8> {
    cell(9, 0, 0, &[1.0_f64.to_le_bytes().to_vec(), tokens(bytes, &longs(&[0]))].concat())
}

pub(crate) const CASES: &[Case] = &[
    ("xlsb: corner cells", None, || cells(&[one(), row(1_048_575, false), cell(5, 16_383, 0, &2.0_f64.to_le_bytes())])),
    ("xlsb: no byte in the workbook", Some("FIL-03"), || with("xl/workbook.bin", Vec::new())),
    ("xlsb: XML in place of records", Some("FIL-03"), || with("xl/workbook.bin", b"<workbook/>".to_vec())),
    ("xlsb: row 4294967295", Some("FIL-04"), || cells(&[row(u32::MAX, false), one()])),
    ("xlsb: column 16384", Some("FIL-04"), || cells(&[one(), cell(5, 16_384, 0, &1.0_f64.to_le_bytes())])),
    ("xlsb: 20,000 short cells in a row", Some("FIL-04"), || {
        cells(&[one(), short(13, 0, &[2, 0, 0, 0]).repeat(20_000)])
    }),
    ("xlsb: cell before any row", Some("FIL-03"), || cells(&[cell(5, 0, 0, &1.0_f64.to_le_bytes())])),
    ("xlsb: record of a kind unknown", Some("FIL-03"), || cells(&[one(), record(63, &[0; 12])])),
    ("xlsb: length of five bytes", Some("FIL-03"), || {
        raw([record(129, &[]), vec![5, 0x80, 0x80, 0x80, 0x80, 1]].concat())
    }),
    ("xlsb: record of 256 megabytes declared", Some("FIL-04"), || {
        raw([record(129, &[]), vec![5, 0xFF, 0xFF, 0xFF, 0x7F]].concat())
    }),
    ("xlsb: number too short", Some("FIL-03"), || cells(&[one(), cell(5, 1, 0, &[0, 0])])),
    ("xlsb: text longer than its record", Some("FIL-03"), || cells(&[one(), cell(6, 1, 0, &longs(&[4_000_000_000]))])),
    ("xlsb: formula longer than its record", Some("FIL-03"), || {
        cells(&[one(), cell(9, 1, 0, &[vec![0; 10], longs(&[u32::MAX])].concat())])
    }),
    ("xlsb: shared string out of range", Some("FIL-06"), || cells(&[one(), cell(7, 1, 0, &longs(&[99]))])),
    ("xlsb: NaN", Some("FIL-06"), || cells(&[one(), cell(5, 1, 0, &f64::NAN.to_le_bytes())])),
    ("xlsb: infinity in four bytes", Some("FIL-06"), || cells(&[one(), cell(2, 1, 0, &[0, 0, 0xF0, 0x7F])])),
    ("xlsb: truth that is none", Some("FIL-06"), || cells(&[one(), cell(4, 1, 0, &[7])])),
    ("xlsb: same cell twice", Some("FIL-06"), || cells(&[one(), cell(5, 0, 0, &2.0_f64.to_le_bytes())])),
    ("xlsb: 4 billion shared strings declared", None, || {
        let part = [record(159, &longs(&[u32::MAX, u32::MAX])), record(19, &[vec![0], text("a")].concat())].concat();
        with("xl/sharedStrings.bin", [part, record(160, &[])].concat())
    }),
    ("xlsb: shared strings break off", Some("FIL-03"), || {
        let part = strings(&["a", "b"]);
        with("xl/sharedStrings.bin", part[..part.len() - 2].to_vec())
    }),
    ("xlsb: half a pair of surrogates", None, || {
        cells(&[one(), cell(6, 1, 0, &[longs(&[2]), vec![0x3D, 0xD8, b'x', 0]].concat())])
    }),
    ("xlsb: style out of range", None, || cells(&[row(0, false), cell(5, 0, 0x00FF_FFFF, &1.0_f64.to_le_bytes())])),
    ("xlsb: a million styles", Some("FIL-04"), || {
        with("xl/styles.bin", [record(278, &[]), record(617, &[]), record(47, &[0; 16]).repeat(1_000_000)].concat())
    }),
    ("xlsb: state of a sheet unknown", Some("FIL-03"), || {
        with("xl/workbook.bin", book(&[], &[("Front door", 9)], &[]))
    }),
    ("xlsb: two sheets of one name", Some("FIL-03"), || {
        with("xl/workbook.bin", book(&[], &[("Cover", 0), ("cover", 0)], &[]))
    }),
    ("xlsb: sheet without its part", Some("FIL-03"), || with("xl/workbook.bin", book(&[], &[("A", 0), ("B", 0)], &[]))),
    ("xlsb: brackets that do not close", Some("FIL-03"), || raw([sheet(&[], &[one()], &[]), record(35, &[])].concat())),
    ("xlsb: brackets that close alone", Some("FIL-03"), || cells(&[one(), record(36, &[])])),
    ("xlsb: a cell between brackets", Some("FIL-03"), || cells(&[one(), record(35, &[]), one(), record(36, &[])])),
    ("xlsb: formula of a thousand operands without operator", None, || {
        cells(&[row(0, false), formula(&[0x1E, 1, 0].repeat(3_000))])
    }),
    ("xlsb: formulas that grow by each other", None, || {
        // Operands first, then operators: each joins all that is behind it.
        let tokens =
            [[0x17, 40, 0].into_iter().chain([65, 0].repeat(40)).collect::<Vec<u8>>().repeat(1_000), vec![8; 999]];
        let one = tokens.concat();
        cells(&(0..150).flat_map(|r| [row(r, false), formula(&one)]).collect::<Vec<_>>())
    }),
    ("xlsb: a formula shared 200,000 times", None, || {
        let shares = |r: u32| [row(r, false), formula(&[1, 0, 0, 0, 0])].concat();
        let sum = [[0x2C, 0, 0, 0, 0, 0, 0xC0].repeat(500), vec![3; 499]].concat();
        let own = record(427, &[longs(&[0, 199_999, 0, 0]), counted(&sum), longs(&[0])].concat());
        let rest: Vec<u8> = (1..200_000).flat_map(shares).collect();
        cells(&[shares(0), own, rest])
    }),
    ("xlsb: names without end", Some("FIL-04"), || {
        let name = record(39, &[vec![0; 9], text("name"), longs(&[0, 0])].concat());
        with("xl/workbook.bin", book(&[], &[("Front door", 0)], &[name.repeat(100_000)]))
    }),
    ("xlsb: 20,000 merges", Some("FIL-04"), || {
        raw(sheet(&[], &[one()], &[record(176, &longs(&[0, 1, 0, 1])).repeat(20_000)]))
    }),
    ("xlsb: merge of a whole sheet", None, || {
        raw(sheet(&[], &[one()], &[record(176, &longs(&[0, 1_048_575, 0, 16_383]))]))
    }),
    ("xlsb: all columns hidden 100,000 times", Some("FIL-04"), || {
        let columns = record(60, &[longs(&[0, u32::MAX, 0, 0]), vec![1, 0]].concat());
        raw(sheet(&[columns.repeat(100_000)], &[one()], &[]))
    }),
    ("xlsb: bomb: 3 million blank cells", Some("FIL-04"), || {
        let cells_of_row = short(12, 0, &[]).repeat(10_000);
        cells(&(0..300).flat_map(|r| [row(r, false), cells_of_row.clone()]).collect::<Vec<_>>())
    }),
    ("xlsb: more filled cells than are allowed", Some("FIL-04"), || {
        let cells_of_row = short(13, 0, &[6, 0, 0, 0]).repeat(10_000);
        cells(&(0..26).flat_map(|r| [row(r, false), cells_of_row.clone()]).collect::<Vec<_>>())
    }),
    ("xlsb: as many cells as are allowed", None, || {
        let cells_of_row = short(13, 0, &[6, 0, 0, 0]).repeat(10_000);
        cells(&(0..25).flat_map(|r| [row(r, false), cells_of_row.clone()]).collect::<Vec<_>>())
    }),
    ("xlsb: bomb: 15 million records of no byte", Some("FIL-04"), || {
        raw(sheet(&[record(134, &[]).repeat(5_200_000)], &[one()], &[]))
    }),
    ("xlsb: bomb: a long text used 100,000 times", Some("FIL-04"), || {
        let mut package = Package::new(&[(
            "Front door",
            sheet(
                &[],
                &(0..100).flat_map(|r| [row(r, false), short(18, 0, &[0; 4]).repeat(1_000)]).collect::<Vec<_>>(),
                &[],
            ),
        )]);
        package.set("xl/sharedStrings.bin", strings(&[&"long ".repeat(6_000)])).zip()
    }),
    ("xlsb: text of 40,000 characters", Some("FIL-04"), || cells(&[one(), short(17, 0, &text(&"a".repeat(40_000)))])),
];
