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
    let given = safereturn::case::read(&text).unwrap();
    let ran = safereturn::case::run_together(given, &schemas, Default::default);
    for report in ran.reports {
        for finding in &report.findings {
            println!("{} {} {}", finding.severity.word(), finding.rule, finding.at);
        }
        println!("{}", render(&report, Format::Human, &Style::default()));
    }
    for found in &ran.together.findings {
        println!("board: {} {} {}: {}", found.severity.word(), found.rule, found.at, found.message);
        for side in &found.sides {
            println!("  to {}: {}", side.body, side.message);
        }
    }
    for compared in &ran.together.checks {
        println!("{} {} {:?}", compared.check.rule, compared.check.at, compared.check.verdict);
    }
}
