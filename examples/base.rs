//! Writes a base return as text in the notation of the cases: `cargo run --example base -- csc-2020-21 [section …]`.
//! The makers of the cases and of the sample inbox start from the same bases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a maker stops at the first mistake")]

mod support;

use safereturn::workbook::notation;

fn main() {
    let mut words = std::env::args().skip(1);
    let name = words.next().expect("the name of a base");
    let sections: Vec<String> = words.collect();
    let schemas = support::pack();
    let laid = support::base(&schemas, &name, &sections, &[]);
    println!("== {}\n{}", support::heading(&name), notation::write(&laid.workbook));
}
