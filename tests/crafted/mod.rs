//! Files that are broken or mean harm, one list for each format: `hostile.rs` reads each in a process of its own,
//! `hostile_batch.rs` sends them all through the batch together with good returns.
//!
//! To add a file, add a line to the list of its format; to add a format, a module with its `CASES` and a line in [`FORMATS`].

#[path = "../common/binary.rs"]
mod binary;
mod csv;
pub(crate) mod ods;
pub(crate) mod ole;
mod other;
pub(crate) mod parts;
mod xls;
mod xlsb;
mod xlsm;
mod xlsx;

/// Its name, the one error (FIL-…) that it must give or `None` where it is harmless and is read, and its bytes.
pub(crate) type Case = (&'static str, Option<&'static str>, fn() -> Vec<u8>);

/// The ending of the files' names, and the files. The ending decides nothing: content does.
pub(crate) const FORMATS: &[(&str, &[Case])] = &[
    ("xlsx", xlsx::CASES),
    ("xlsm", xlsm::CASES),
    ("xlsb", xlsb::CASES),
    ("xls", xls::CASES),
    ("ods", ods::CASES),
    ("csv", csv::CASES),
    ("bin", other::CASES),
];

/// Every crafted file, with the ending of its name.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static Case)> {
    FORMATS.iter().flat_map(|(ending, cases)| cases.iter().map(|case| (*ending, case)))
}
