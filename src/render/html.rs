//! placeholder
use super::Style;
use crate::report::Report;
pub(super) fn render(_report: &Report, _style: &Style) -> String { String::new() }
