//! Crafted csv files, alone and in a zip.

use super::Case;
use super::parts::Parts;

pub(crate) const CASES: &[Case] = &[
    ("csv files in a zip", None, || {
        Parts(vec![("r/cover.csv".into(), b"a,1\n".to_vec()), ("__MACOSX/r/._cover.csv".into(), vec![0])]).zip()
    }),
    ("picture among csv files", Some("FIL-01"), || {
        Parts(vec![("cover.csv".into(), b"a,1\n".to_vec()), ("photo.png".into(), b"\x89PNG".to_vec())]).zip()
    }),
    ("bomb: csv files in a zip", Some("FIL-04"), || {
        Parts(vec![("cover.csv".into(), vec![b','; 22 * 1024 * 1024])]).zip()
    }),
    ("csv of 3 million cells", Some("FIL-04"), || vec![b','; 3_000_000]),
    ("csv of 20,000 columns", Some("FIL-04"), || [vec![b','; 20_000], b"x".to_vec()].concat()),
    ("csv of 2 million rows", Some("FIL-04"), || b"1\n".repeat(2_000_000)),
    ("csv of 2 million blank rows", Some("FIL-04"), || [b"\n".repeat(2_000_000), b"1\n".to_vec()].concat()),
    ("csv with an open quote", Some("FIL-04"), || [b"a,\"".to_vec(), vec![b'x'; 1_000_000]].concat()),
];
