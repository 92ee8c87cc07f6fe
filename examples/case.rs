//! Runs a case from a file (or standard input) and prints what an agency would be told:
//! `cargo run --example case -- schemas/cases/STK-01/fails.txt`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a tool for whoever writes a case")]

mod support;

use std::io::Read;

use safereturn::render::{Format, Style, render};

fn main() {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).unwrap();
            text
        }
    };
    let schemas = support::pack();
    for report in safereturn::case::run(safereturn::case::read(&text).unwrap(), &schemas) {
        for finding in &report.findings {
            println!("{} {} {}", finding.severity.word(), finding.rule, finding.at);
        }
        println!("{}", render(&report, Format::Human, &Style::default()));
    }
}
