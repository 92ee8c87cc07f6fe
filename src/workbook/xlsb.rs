//! Not read yet: an Excel binary workbook (.xlsb).

use super::guard::Refusal;
use super::keep::Opened;
use super::sniff;

/// Refuses such a file.
pub(super) fn read(_bytes: &[u8]) -> Result<Opened, Refusal> {
    Err(Refusal::new(
        "FIL-01",
        format!("This file is an Excel binary workbook (.xlsb), not {}.", sniff::WANTED),
        "Open it in Excel, choose File, Save As, “Excel Workbook (.xlsx)”, and send that.",
    ))
}
