//! Not read yet: an OpenDocument file (.ods or .odt).

use super::guard::Refusal;
use super::keep::Opened;
use super::sniff;

/// Refuses such a file.
pub(super) fn read(_bytes: &[u8]) -> Result<Opened, Refusal> {
    Err(Refusal::new(
        "FIL-01",
        format!("This file is an OpenDocument file (.ods or .odt), not {}.", sniff::WANTED),
        "Open it in Excel, choose File, Save As, “Excel Workbook (.xlsx)”, and send that.",
    ))
}
