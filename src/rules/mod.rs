//! The rule language: a strict subset of CEL, parsed by us, lowered when schemas are compiled, evaluated over intervals.

/// A rule as lowered.
#[derive(Debug)]
pub struct Rule;
