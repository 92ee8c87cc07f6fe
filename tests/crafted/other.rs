//! Files that are no return at all, whatever they are called.

use super::Case;
use super::parts::{Parts, book, ole, utf16};

pub(crate) const CASES: &[Case] = &[
    ("password", Some("FIL-02"), || ole(&["Root Entry", "EncryptionInfo", "EncryptedPackage"])),
    ("old workbook without its tables", Some("FIL-03"), || ole(&["Root Entry", "Workbook"])),
    ("picture", Some("FIL-01"), || b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
    ("PDF", Some("FIL-01"), || b"%PDF-1.7\n%".to_vec()),
    ("web page", Some("FIL-01"), || b"\n<html><table><tr><td>1</td></tr></table></html>".to_vec()),
    ("Unicode text", Some("FIL-01"), || utf16("Contacts\t11147\n")),
    ("no byte", Some("FIL-05"), Vec::new),
    ("spaces only", Some("FIL-05"), || b" \r\n ".to_vec()),
    ("noise", Some("FIL-01"), || (0..10_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
    ("binary workbook without relationships", Some("FIL-03"), || {
        Parts(vec![("xl/workbook.bin".into(), vec![0])]).zip()
    }),
    ("Word document", Some("FIL-01"), || Parts(vec![("word/document.xml".into(), b"<w/>".to_vec())]).zip()),
    ("workbook in a zip", Some("FIL-01"), || Parts(vec![("return.xlsx".into(), book(""))]).zip()),
    ("zip of nothing", Some("FIL-05"), || Parts(Vec::new()).zip()),
];
