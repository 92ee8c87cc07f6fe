//! Files for other tools, made from values: the table of records, section documents, receipts.
//! Each says its format and version first; `schemas/out/` describes them and a test holds the two together.

mod document;
mod package;
#[cfg(feature = "parquet")]
mod parquet;
mod receipt;
mod table;

pub use document::section_json;
pub use package::{About, data_files};
pub use receipt::{Receipt, Released, Statements};
pub use table::records_csv;

/// The name and version of this program, as outputs carry it.
#[must_use]
pub fn program() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}

/// A JSON document as a file: indented, with a last newline.
#[must_use]
pub fn json_file(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = format!("{value:#}").into_bytes();
    bytes.push(b'\n');
    bytes
}

/// A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front.
#[must_use]
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_a_formula_is_made_harmless() {
        for (text, safe) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("-2", "'-2"), ("+44", "'+44"), ("a=1", "a=1"), ("", "")]
        {
            assert_eq!(harmless(text), safe);
        }
    }
}
