//! Crafted `.xls` files.

use super::Case;
use super::ole::{END_OF_SHEET, FIRST_ENTRY, compound, file, formula, number, record, shorts, stream, texts};

/// Overwrites bytes.
fn put(mut bytes: Vec<u8>, at: usize, with: &[u8]) -> Vec<u8> {
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

fn plain() -> Vec<u8> {
    file(&[], &number(0, 0, 1.0))
}

/// The numbers 1 in whole rows of 256 cells.
fn rows_of_numbers(rows: u16) -> Vec<u8> {
    let cells = shorts(&[0, 6, 0]).repeat(256);
    (0..rows).flat_map(|row| record(0x00BD, &[shorts(&[row, 0]), cells.clone(), shorts(&[255])].concat())).collect()
}

/// Shared texts, as far as one record holds, with the letters of each in one byte.
fn text(letters: &[u8]) -> Vec<u8> {
    [&u16::try_from(letters.len()).unwrap().to_le_bytes()[..], &[0], letters].concat()
}

const ONE: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F];
/// Where the table of sectors begins in a small file, and the sector with which its one stream begins.
const TABLE: usize = 512;
const FIRST_SECTOR: usize = 2;

pub(crate) const CASES: &[Case] = &[
    ("xls: corner cells", None, || file(&[], &[number(0, 0, 1.0), number(u16::MAX, 255, 2.0)].concat())),
    ("xls: ghost in the last cell", None, || {
        let ghost = record(0x0201, &shorts(&[u16::MAX, 255, 0]));
        let row = record(0x00BE, &[shorts(&[9_000, 0]), vec![0; 512], shorts(&[255])].concat());
        file(&[], &[number(0, 0, 1.0), row, ghost].concat())
    }),
    ("xls: table of sectors in a circle", Some("FIL-03"), || {
        put(plain(), TABLE + 4 * FIRST_SECTOR, &u32::try_from(FIRST_SECTOR).unwrap().to_le_bytes())
    }),
    ("xls: stream leaves the file", Some("FIL-03"), || put(plain(), TABLE + 4 * FIRST_SECTOR, &[0, 0, 0xFF, 0])),
    ("xls: lists of the table in a circle", Some("FIL-03"), || {
        // The last number of the list, sector 3, names the list itself.
        let bytes = put(plain(), 68, &[3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        put(bytes, 512 * 4 + 508, &[3, 0, 0, 0])
    }),
    ("xls: 4 billion lists of the table", Some("FIL-03"), || {
        let bytes = put(plain(), 68, &[3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        put(bytes, 512 * 4 + 508, &[0xFF, 0xFF, 0xFF, 0x7F])
    }),
    ("xls: sectors of 2 GB", Some("FIL-03"), || put(plain(), 30, &[31, 0])),
    ("xls: directory in a circle", Some("FIL-03"), || put(plain(), FIRST_ENTRY + 68, &[1, 0, 0, 0])),
    ("xls: directory leaves the file", Some("FIL-03"), || put(plain(), FIRST_ENTRY + 72, &[0xFF, 0xFF, 0, 0])),
    ("xls: stream of 4 GB", Some("FIL-03"), || put(plain(), FIRST_ENTRY + 120, &[0xFF; 4])),
    ("xls: small stream without small sectors", Some("FIL-03"), || put(plain(), FIRST_ENTRY + 120, &[99, 0, 0, 0])),
    ("xls: header only", Some("FIL-03"), || plain()[..512].to_vec()),
    ("xls: half a file", Some("FIL-03"), || {
        let whole = file(&[], &rows_of_numbers(20));
        whole[..whole.len() / 2].to_vec()
    }),
    ("xls: stream of another kind", Some("FIL-03"), || compound(&[("Workbook", &[0x5A; 9_000])])),
    ("xls: empty stream", Some("FIL-03"), || compound(&[("Workbook", &[])])),
    ("xls: workbook of Excel 4", Some("FIL-01"), || {
        compound(&[("Book", &[record(0x0409, &shorts(&[0x0400, 0x100, 0])), END_OF_SHEET.to_vec()].concat())])
    }),
    ("xls: Word document", Some("FIL-01"), || compound(&[("WordDocument", &[0xEC; 512]), ("1Table", &[1])])),
    ("xls: e-mail", Some("FIL-01"), || compound(&[("__properties_version1.0", &[0; 64])])),
    ("xls: nothing in it", Some("FIL-01"), || compound(&[])),
    ("xls: password", Some("FIL-02"), || file(&record(0x002F, &shorts(&[1, 1, 1])), &number(0, 0, 1.0))),
    ("xls: 4 billion shared texts", Some("FIL-04"), || file(&texts(u32::MAX, &text(b"a")), &number(0, 0, 1.0))),
    ("xls: more texts declared than there are", None, || file(&texts(9, &text(b"a")), &number(0, 0, 1.0))),
    ("xls: shared text longer than its record", Some("FIL-03"), || {
        file(&texts(1, &[0xFF, 0xFF, 0, b'a', b'b']), &number(0, 0, 1.0))
    }),
    ("xls: half a letter before the next record", Some("FIL-03"), || {
        let continued = record(0x003C, &[1, b'a', 0]);
        file(&[texts(1, &[2, 0, 1, b'a', 0, b'b']), continued].concat(), &number(0, 0, 1.0))
    }),
    ("xls: shared text with sounds of 4 GB", Some("FIL-03"), || {
        file(&texts(1, &[1, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF, b'a']), &number(0, 0, 1.0))
    }),
    ("xls: a million empty continued records", Some("FIL-03"), || {
        let continued = record(0x003C, &[]).repeat(1_000_000);
        file(&[texts(1, &[9, 0, 0]), continued].concat(), &number(0, 0, 1.0))
    }),
    ("xls: bomb: a long text used 3,000 times", Some("FIL-04"), || {
        let long =
            [&texts(1, &[0x30, 0x75, 0])[..], &record(0x003C, &[&[0][..], &vec![b'a'; 30_000]].concat())].concat();
        let cells: Vec<u8> = (0..3_000).flat_map(|row| record(0x00FD, &shorts(&[row, 0, 0, 0, 0]))).collect();
        file(&long, &cells)
    }),
    ("xls: text of 40,000 letters", Some("FIL-04"), || {
        let long = [shorts(&[0, 0, 0, 40_000]), vec![0], vec![b'a'; 40_000]].concat();
        file(&[], &record(0x0204, &long))
    }),
    ("xls: text longer than its record", Some("FIL-03"), || {
        file(&[], &record(0x0204, &[&shorts(&[0, 0, 0, 900])[..], &[0, b'a']].concat()))
    }),
    ("xls: control characters in text", None, || {
        file(&[], &record(0x0204, &[&shorts(&[0, 0, 0, 5])[..], b"\0A\0B\x07C"].concat()))
    }),
    ("xls: index of shared text too great", Some("FIL-06"), || {
        file(&[], &[record(0x00FD, &shorts(&[0, 0, 0, 7, 7])), number(1, 0, 2.0)].concat())
    }),
    ("xls: not a number", Some("FIL-06"), || file(&[], &[number(0, 0, f64::NAN), number(1, 0, 2.0)].concat())),
    ("xls: infinity in four bytes", Some("FIL-06"), || {
        file(&[], &[record(0x027E, &shorts(&[0, 0, 0, 0, 0x7FF0])), number(1, 0, 2.0)].concat())
    }),
    ("xls: every cell damaged", Some("FIL-03"), || {
        file(&[], &(0..2_000).flat_map(|row| number(row, 0, f64::NAN)).collect::<Vec<u8>>())
    }),
    ("xls: result of a formula missing", Some("FIL-06"), || {
        let missing = formula(0, 0, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF], &[0x1E, 1, 0]);
        file(&[], &[missing, number(1, 0, 2.0)].concat())
    }),
    ("xls: same cell twice", Some("FIL-06"), || file(&[], &[number(0, 0, 1.0), number(0, 0, 2.0)].concat())),
    ("xls: column beyond IV", Some("FIL-04"), || file(&[], &number(0, 256, 1.0))),
    ("xls: numbers that run beyond IV", Some("FIL-04"), || {
        let cells = shorts(&[0, 6, 0]).repeat(9);
        file(&[], &record(0x00BD, &[shorts(&[0, 250]), cells, shorts(&[258])].concat()))
    }),
    ("xls: numbers that contradict their columns", Some("FIL-03"), || {
        let cells = shorts(&[0, 6, 0]).repeat(9);
        file(&[], &record(0x00BD, &[shorts(&[0, 0]), cells, shorts(&[3])].concat()))
    }),
    ("xls: number cut short", Some("FIL-03"), || file(&[], &record(0x0203, &[0; 12]))),
    ("xls: dimensions of 4 billion rows", None, || {
        let dimensions = record(0x0200, &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 0]);
        file(&[], &[dimensions, number(0, 0, 1.0)].concat())
    }),
    ("xls: style out of range", None, || file(&[], &record(0x0203, &[shorts(&[0, 0, 0xFFFF]), ONE.to_vec()].concat()))),
    ("xls: 500,000 styles", None, || file(&record(0x00E0, &[0xFF; 20]).repeat(500_000), &number(0, 0, 1.0))),
    ("xls: sheet beyond the stream", Some("FIL-03"), || {
        let bytes = stream(&[], &[("Front door", &number(0, 0, 1.0))]);
        compound(&[("Workbook", &put(bytes, 24, &[0, 0, 0, 0x7F]))])
    }),
    ("xls: sheet that begins in the middle of a record", Some("FIL-03"), || {
        let bytes = stream(&[], &[("Front door", &number(0, 0, 1.0))]);
        let at = bytes[24] + 2;
        compound(&[("Workbook", &put(bytes, 24, &[at]))])
    }),
    ("xls: two sheets at one place", Some("FIL-03"), || {
        let bytes = stream(&[], &[("A", &number(0, 0, 1.0)), ("B", &number(0, 0, 1.0))]);
        let place = [bytes[24], bytes[25], bytes[26], bytes[27]];
        compound(&[("Workbook", &put(bytes, 24 + 13, &place))])
    }),
    ("xls: two sheets of one name", Some("FIL-03"), || {
        compound(&[("Workbook", &stream(&[], &[("Cover", &number(0, 0, 1.0)), ("COVER", &number(0, 0, 1.0))]))])
    }),
    ("xls: sheet without its end, before another", Some("FIL-03"), || {
        let bytes = stream(&[], &[("A", &number(0, 0, 1.0)), ("B", &number(0, 0, 1.0))]);
        let end = usize::from(bytes[24 + 13]) - 4;
        compound(&[("Workbook", &put(bytes, end, &[0xFF, 0]))])
    }),
    ("xls: last sheet without its end", Some("FIL-03"), || {
        let mut bytes = stream(&[], &[("A", &rows_of_numbers(9))]);
        bytes.truncate(bytes.len() - 4);
        compound(&[("Workbook", &bytes)])
    }),
    ("xls: stream ends in a record", Some("FIL-03"), || {
        let mut bytes = stream(&[], &[("A", &rows_of_numbers(9))]);
        bytes.truncate(bytes.len() - 600);
        compound(&[("Workbook", &bytes)])
    }),
    ("xls: no sheet", Some("FIL-03"), || compound(&[("Workbook", &stream(&[], &[]))])),
    ("xls: 1,000 sheets", Some("FIL-04"), || {
        let names: Vec<String> = (0..1_000).map(|i| format!("s{i}")).collect();
        let sheets: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
        compound(&[("Workbook", &stream(&[], &sheets))])
    }),
    ("xls: charts in charts without end", Some("FIL-03"), || {
        file(&[], &[number(0, 0, 1.0), record(0x0809, &shorts(&[0x0600, 0x20])).repeat(500_000)].concat())
    }),
    ("xls: 3 million tiny records", None, || {
        file(&[], &[record(0, &[]).repeat(3_000_000), number(0, 0, 1.0)].concat())
    }),
    ("xls: as many cells as are allowed", None, || file(&[], &rows_of_numbers(976))),
    ("xls: more numbers than are allowed", Some("FIL-04"), || file(&[], &rows_of_numbers(980))),
    ("xls: 5 million blank cells", Some("FIL-04"), || {
        let row = |row| record(0x00BE, &[shorts(&[row, 0]), vec![0; 512], shorts(&[255])].concat());
        file(&[], &(0..20_000).flat_map(row).collect::<Vec<u8>>())
    }),
    ("xls: 20,000 merges", Some("FIL-04"), || {
        file(&[], &record(0x00E5, &[shorts(&[1_000]), shorts(&[0, 1, 0, 1]).repeat(1_000)].concat()).repeat(20))
    }),
    ("xls: a million hidden columns", None, || {
        file(&[], &[record(0x007D, &shorts(&[0, 0xFFFF, 0, 0, 1, 0])).repeat(1_000_000), number(0, 0, 1.0)].concat())
    }),
    ("xls: formula of 64 kB", Some("FIL-03"), || {
        let cut = [&shorts(&[0, 0, 0])[..], &ONE, &[0; 6], &[0xFF, 0xFF, 0x1E, 1, 0]].concat();
        file(&[], &record(0x0006, &cut))
    }),
    ("xls: formulas nested 2,000 deep", None, || {
        let deep = [[0x1E, 1, 0].repeat(2_000), vec![0x03; 1_999]].concat();
        let many: Vec<u8> = (0..1_500).flat_map(|row| formula(row, 0, ONE, &deep)).collect();
        file(&[], &many)
    }),
    ("xls: formulas of a long name over and over", None, || {
        let name = [&shorts(&[0])[..], &[0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[b'n'; 255]].concat();
        let tokens =
            [&[0x23, 1, 0, 0, 0, 0x23, 1, 0, 0, 0, 0x03][..], &[0x23, 1, 0, 0, 0, 0x03].repeat(1_300)].concat();
        let many: Vec<u8> = (0..1_500).flat_map(|row| formula(row, 0, ONE, &tokens)).collect();
        file(&record(0x0018, &name), &many)
    }),
    ("xls: formula of unknown tokens", None, || file(&[], &formula(0, 0, ONE, &[0x18, 0xFF, 0x7F, 0x01, 0x03]))),
    ("xls: a long formula shared by 60,000 cells", None, || {
        let tokens = [&[0x4C, 0, 0, 0, 0xC0][..], &[0x4C, 0, 0, 0, 0xC0, 0x03].repeat(700)].concat();
        let shared = [shorts(&[0, 59_999]), vec![0, 0, 0, 0], shorts(&[tokens.len() as u16]), tokens].concat();
        let cell = |row| formula(row, 0, ONE, &[0x01, 0, 0, 0, 0]);
        let cells: Vec<u8> = (1..60_000).flat_map(cell).collect();
        file(&[], &[cell(0), record(0x04BC, &shared), cells].concat())
    }),
    ("xls: a shared formula that nobody has", None, || file(&[], &formula(0, 0, ONE, &[0x01, 9, 9, 9, 9]))),
    ("xls: comment without its text", None, || {
        let drawing = record(0x005D, &shorts(&[0x15, 0x12, 0x19, 1, 0, 0, 0, 0, 0, 0, 0]));
        let text = record(0x01B6, &shorts(&[0, 0, 0, 0, 0, 0xFFFF, 16, 0, 0]));
        let note = record(0x001C, &shorts(&[0, 0, 0, 1, 0]));
        file(&[], &[number(0, 0, 1.0), drawing, text, note].concat())
    }),
    ("xls: 20,000 comments", Some("FIL-04"), || {
        let note = |n: u16| {
            let drawing = record(0x005D, &shorts(&[0x15, 0x12, 0x19, n, 0, 0, 0, 0, 0, 0, 0]));
            let text = [record(0x01B6, &shorts(&[0, 0, 0, 0, 0, 1, 0, 0, 0])), record(0x003C, b"\0a")].concat();
            [drawing, text, record(0x001C, &shorts(&[n, 0, 0, n, 0]))].concat()
        };
        file(&[], &[number(0, 0, 1.0), (0..20_000).flat_map(note).collect()].concat())
    }),
    ("xls: 4 billion properties", None, || {
        let set = [&[0xFF; 4][..], &[0xFF; 4], &[0xFF; 400]].concat();
        let head = [&[0xFE, 0xFF][..], &[0; 22], &[1, 0, 0, 0], &[0; 16], &[48, 0, 0, 0]].concat();
        let workbook = stream(&[], &[("Front door", &number(0, 0, 1.0))]);
        let properties = [head, set].concat();
        compound(&[("Workbook", &workbook), ("\u{5}SummaryInformation", &properties)])
    }),
];
