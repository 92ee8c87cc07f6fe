//! Holds the layers of `src/lib.rs`: a module uses its own block and those above it. And a few habits that keep the core
//! pure: who may name calamine, rayon, files, the clock; how a file opens; how long it may grow.

#![expect(clippy::expect_used, reason = "helpers of tests say what they expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, without its tests.
const LONGEST: usize = 400;

/// A source file: its path below `src`, and its lines without comments and without tests.
struct Source {
    path: String,
    text: String,
    code: Vec<(usize, String)>,
}

impl Source {
    /// The top module it belongs to: `checks` for `checks/screen.rs`, `cell` for `cell.rs`.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or("").trim_end_matches(".rs")
    }

    /// Lines whose code names something.
    fn naming(&self, what: &str) -> Vec<String> {
        let place = |(line, _): &(usize, String)| format!("src/{}:{line}", self.path);
        self.code.iter().filter(|(_, code)| names(code, what)).map(place).collect()
    }
}

/// Whether code holds a path as whole words: `rayon` is not in `crayons`.
fn names(code: &str, what: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(what).any(|(at, _)| !code[..at].ends_with(word) && !code[at + what.len()..].starts_with(word))
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source file can be read");
        let below = path.strip_prefix(&root).expect("it lies below src");
        let path = below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let code = code(&text);
        Source { path, text, code }
    };
    // A file that holds tests only is no part of the program.
    paths.iter().map(read).filter(|s| !s.path.ends_with("/tests.rs")).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("its entries too").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|e| e == "rs") {
            paths.push(path);
        }
    }
}

/// Lines before the tests, comments left out, numbered from 1.
fn code(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let numbered = (1..).zip(lines).filter(|(_, line)| !line.trim_start().starts_with("//"));
    numbered.map(|(n, line)| (n, line.split(" // ").next().unwrap_or("").to_owned())).collect()
}

/// Modules by block, in the order of `lib.rs`: a blank line begins a new block.
fn blocks() -> BTreeMap<String, usize> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs");
    let mut blocks = BTreeMap::new();
    let mut block = 0;
    for line in lib.lines() {
        let line = line.trim();
        let module = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "));
        if let Some(name) = module.and_then(|m| m.strip_suffix(';')) {
            blocks.insert(name.to_owned(), block);
        } else if line.is_empty() {
            block += 1;
        }
    }
    blocks
}

/// What follows `crate::` in some code: one name, or those of a group in braces.
fn used(code: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for (at, found) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => {
                out.insert(word(rest));
            }
            Some(group) => {
                let mut depth = 1;
                let mut begins = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => begins = true,
                        c if begins && depth == 1 && !c.is_whitespace() => {
                            out.insert(word(&group[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    out.remove("");
    out
}

#[test]
fn a_module_uses_its_own_block_and_those_above() {
    let blocks = blocks();
    assert!(blocks.len() > 10, "lib.rs lists its modules: {blocks:?}");
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = blocks.get(source.module()) else {
            assert!(matches!(source.module(), "lib" | "main" | "cli"), "{} is not listed in lib.rs", source.path);
            continue;
        };
        let code = source.code.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n");
        for name in used(&code) {
            // A function of lib.rs itself stands on the whole pipeline, up to the report.
            let theirs = blocks.get(&name).or_else(|| blocks.get("report")).copied().unwrap_or(usize::MAX);
            if theirs > *own {
                wrong.push(format!("src/{} uses crate::{name}, which stands below it", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn calamine_is_named_in_one_file_and_rayon_in_one_line() {
    let files = |what: &str| sources().iter().map(|s| s.naming(what)).filter(|l| !l.is_empty()).collect::<Vec<_>>();
    assert!(files("calamine").len() <= 1, "{:?}", files("calamine"));
    assert!(files("rayon").concat().len() <= 1, "{:?}", files("rayon"));
}

#[test]
fn the_core_knows_no_file_clock_thread_or_environment() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| !matches!(s.module(), "batch" | "main" | "cli")) {
        for what in
            ["std::fs", "std::env", "std::thread", "std::process", "SystemTime", "Instant", "Utc::now", "Local::now"]
        {
            wrong.extend(source.naming(what).into_iter().map(|place| format!("{place}: {what}")));
        }
        let grouped = |code: &str| {
            code.contains("use std::{") && ["fs", "env", "thread", "process"].iter().any(|w| names(code, w))
        };
        wrong.extend(source.code.iter().filter(|(_, c)| grouped(c)).map(|(n, _)| format!("src/{}:{n}", source.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    for source in sources() {
        assert!(source.text.starts_with("//! "), "src/{} does not open with //!", source.path);
    }
}

#[test]
fn no_file_grows_too_long() {
    for source in sources() {
        let lines = source.text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count();
        assert!(lines <= LONGEST, "src/{} has {lines} lines without its tests", source.path);
    }
}

#[test]
fn the_scanner_reads_use_lines() {
    let found = |code: &str| used(code).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found("use crate::cell::{Address, Cell};"), "cell");
    assert_eq!(found("use crate::{cell::{Address, Cell}, finding::Finding, rules};"), "cell finding rules");
    assert_eq!(found("let a = crate::draw::line(); $crate::x!()"), "draw");
    assert!(names("rayon::scope()", "rayon") && !names("crayons", "rayon"));
}
