//! The rule language: a strict subset of CEL, parsed by us, lowered when schemas are compiled, evaluated over intervals.
//! Which rules there are, where they stand and what they say belongs to `schema`.

mod parse;
mod syn;
mod token;

pub use parse::{LONGEST, parse};
pub use syn::{Binary, Fault, Syn, SynKind};
