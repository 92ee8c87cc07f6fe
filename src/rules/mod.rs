//! The rule language: a strict subset of CEL, parsed by us, lowered when schemas are compiled, evaluated over intervals.
//! Which rules there are, where they stand and what they say belongs to `schema`.
//!
//! `parse` makes a [`Syn`] of the text; [`lower`] settles its names against a [`Shape`]; [`evaluate`] walks the
//! [`Expression`] over [`Node`]s and gives an [`Outcome`] with its witness.

mod call;
mod days;
mod evaluate;
mod lower;
mod name;
mod outcome;
mod parse;
mod read;
mod reckon;
mod shape;
mod show;
mod syn;
mod token;
mod tree;
mod value;

pub use evaluate::{evaluate, quotient, value};
pub use lower::{lower, lower_value};
pub use outcome::{Outcome, Read, Sides};
pub use parse::{LONGEST, parse};
pub use shape::{Shape, identifier};
pub use syn::{Binary, Fault, Syn, SynKind};
pub use tree::{Expression, ValueExpression};
pub use value::{HOLIDAYS, Known, Leaf, Node};
