//! The command as people and scripts meet it: what it prints where, and the status it ends with.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_safereturn"));
    command.current_dir(folder).env_remove("NO_COLOR").env("COLUMNS", "100");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with blank templates for 2020-21 in it.
fn templates() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["template", "csc", "--year", "2020-21", "--out", "sent"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    folder
}

#[test]
fn help_says_what_each_status_means() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--help"][..], &["check", "--help"], &["run", "--help"]] {
        let help = run(folder.path(), arguments);
        assert_eq!(help.status.code(), Some(0));
        assert!(out(&help).contains("Exit status:\n  0  nothing to correct"), "{}", out(&help));
    }
    assert!(out(&run(folder.path(), &["--version"])).starts_with("safereturn "));
}

#[test]
fn what_cannot_be_done_ends_with_2_and_says_why_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &[][..],
        &["check"],
        &["check", "--format", "colourful", "a.xlsx"],
        &["check", "--as-of", "soon", "a.xlsx"],
        &["check", "no such file.xlsx"],
        &["no such file.xlsx"],
        &["check", "--schemas", "no such folder", "a.xlsx"],
        &["run", "--inbox", "no such folder"],
        &["read", "no such file.xlsx"],
        &["explain", "NIX-99"],
        &["template", "no-such-body"],
        &["template", "--year", "1999-00"],
    ] {
        let failed = run(folder.path(), arguments);
        assert_eq!(failed.status.code(), Some(2), "{arguments:?}: {}", out(&failed));
        assert_eq!(out(&failed), "", "{arguments:?}");
        assert!(!err(&failed).is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_built_in_pack_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let lint = run(folder.path(), &["schemas", "lint"]);
    assert_eq!(lint.status.code(), Some(0), "{}", out(&lint));
}

#[test]
fn an_unsound_pack_is_refused_by_lint_and_stops_a_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pack")).unwrap();
    fs::write(folder.path().join("pack/pack.json"), "{").unwrap();
    fs::write(folder.path().join("a.csv"), "a").unwrap();
    let lint = run(folder.path(), &["schemas", "lint", "--schemas", "pack"]);
    assert_eq!(lint.status.code(), Some(1), "{}", out(&lint));
    let check = run(folder.path(), &["check", "--schemas", "pack", "a.csv"]);
    assert_eq!(check.status.code(), Some(2), "{}", err(&check));
}

#[test]
fn a_refused_return_ends_with_1_in_every_format() {
    let folder = templates();
    for format in ["human", "plain", "json", "html"] {
        let check = run(folder.path(), &["check", "--format", format, "sent/csc-2020-21.xlsx"]);
        assert_eq!(check.status.code(), Some(1), "{format}: {}", err(&check));
        assert!(!out(&check).is_empty());
        assert!(!out(&check).contains('\u{1b}'), "no colour where nobody looks");
    }
}

#[test]
fn the_machine_report_is_what_its_schema_says() {
    let folder = templates();
    let schema = include_str!("../schemas/out/report.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let check = run(folder.path(), &["check", "--format", "json", "sent/csc-2020-21.xlsx"]);
    let document: serde_json::Value = serde_json::from_str(&out(&check)).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_double_click_writes_the_findings_beside_the_file() {
    let folder = templates();
    let check = run(folder.path(), &["sent/csc-2020-21.xlsx"]);
    assert_eq!(check.status.code(), Some(1), "{}", err(&check));
    assert!(out(&check).contains("csc-2020-21.xlsx.findings.html"), "{}", out(&check));
    let page = fs::read_to_string(folder.path().join("sent/csc-2020-21.xlsx.findings.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"));
}

#[test]
fn several_files_are_one_json_document_and_a_missing_one_hides_nothing() {
    let folder = templates();
    let check = run(
        folder.path(),
        &["check", "--format", "json", "gone.xlsx", "sent/csc-2020-21.xlsx", "sent/csc-2020-21.xlsx"],
    );
    assert_eq!(check.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_str(&out(&check)).unwrap();
    assert_eq!(document.as_array().unwrap().len(), 2);
    assert!(err(&check).contains("gone.xlsx"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = templates();
    let mut child = command(folder.path())
        .args(["read", "sent/csc-2020-21.xlsx"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn read_shows_the_cells_as_text_and_as_json() {
    let folder = templates();
    let text = run(folder.path(), &["read", "sent/csc-2020-21.xlsx"]);
    assert_eq!(text.status.code(), Some(0), "{}", err(&text));
    assert!(out(&text).contains("-- Front door"), "{}", out(&text));
    let json = run(folder.path(), &["read", "--format", "json", "sent/csc-2020-21.xlsx"]);
    let document: serde_json::Value = serde_json::from_str(&out(&json)).unwrap();
    assert_eq!(document["format"], "safereturn.cells/1");
}

#[test]
fn explain_lists_the_rules_and_tells_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let all = run(folder.path(), &["explain"]);
    assert!(out(&all).contains("STK-02"), "{}", err(&all));
    let one = run(folder.path(), &["explain", "stk-02"]);
    assert_eq!(one.status.code(), Some(0));
    assert!(out(&one).starts_with("STK-02: "), "{}", out(&one));
    let near = run(folder.path(), &["explain", "STK-2"]);
    assert!(err(&near).contains("Did you mean STK-02"), "{}", err(&near));
}

#[test]
fn the_batch_takes_what_lies_in_the_inbox_and_a_second_run_says_that_nothing_is_new() {
    let folder = templates();
    fs::create_dir_all(folder.path().join("inbox/csc")).unwrap();
    fs::write(folder.path().join("inbox/as-of.txt"), "2021-06-30\n").unwrap();
    fs::copy(folder.path().join("sent/csc-2020-21.xlsx"), folder.path().join("inbox/csc/return.xlsx")).unwrap();
    let first = run(folder.path(), &["run"]);
    assert_eq!(first.status.code(), Some(0), "refusing a return is the batch doing its job: {}", err(&first));
    assert!(out(&first).contains("as of 2021-06-30 (from inbox"), "{}", out(&first));
    assert!(out(&first).contains("refused"), "{}", out(&first));
    assert!(folder.path().join("outbox/2020-21/feedback/csc/report.html").is_file());
    assert!(folder.path().join("outbox/2020-21/data/records.csv").is_file());
    let second = run(folder.path(), &["run"]);
    assert!(out(&second).contains("Nothing new"), "{}", out(&second));
    assert_eq!(err(&second), "", "progress is for terminals");
}
