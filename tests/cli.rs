//! The command as people and scripts meet it: what it prints where, and the status it ends with.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "common/package.rs"]
mod package;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use safereturn::finding::Findings;
use safereturn::workbook::{Content, Omitted, Submission, Workbook, notation};

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

/// The outbox is written by then: what was done has to be told all the same.
#[test]
fn a_run_whose_log_cannot_be_written_still_says_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inbox")).unwrap();
    let ran = run(folder.path(), &["run", "--as-of", "2022-06-20", "--log", "no folder/log"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(out(&ran).starts_with("0 submissions in the inbox, as of 2022-06-20"), "{}", out(&ran));
    assert!(err(&ran).contains("could not be written"), "{}", err(&ran));
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
    // Far more than a pipe holds.
    let many: String = (0..20_000).map(|i| format!("Contacts,{i}\n")).collect();
    fs::write(folder.path().join("many.csv"), many).unwrap();
    for arguments in [
        &["read", "sent/csc-2020-21.xlsx"][..],
        &["read", "many.csv"],
        &["read", "--format", "json", "many.csv"],
        &["read", "--format", "json", "sent/csc-2020-21.xlsx"],
    ] {
        let mut child =
            command(folder.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}");
    }
}

fn inbox(name: &str) -> String {
    format!("{}/inbox/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The document that `read --format json` prints, which is what its schema says.
fn cells(folder: &Path, file: &str, status: i32) -> serde_json::Value {
    let schema = include_str!("../schemas/out/cells.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let read = run(folder, &["read", "--format", "json", file]);
    assert_eq!(read.status.code(), Some(status), "{file}: {}", err(&read));
    let document: serde_json::Value = serde_json::from_str(&out(&read)).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new(), "{file}");
    document
}

#[test]
fn read_shows_the_cells_as_text_and_as_json() {
    let folder = templates();
    let text = run(folder.path(), &["read", "sent/csc-2020-21.xlsx"]);
    assert_eq!(text.status.code(), Some(0), "{}", err(&text));
    assert!(out(&text).contains("-- Front door"), "{}", out(&text));
    assert!(!out(&text).contains('\u{1b}'), "no colour where nobody looks");
    let document = cells(folder.path(), "sent/csc-2020-21.xlsx", 0);
    assert_eq!(document["format"], "safereturn.cells/1");
    let sheet = &document["sheets"][0];
    assert_eq!((&sheet["name"], &sheet["state"]), (&"Cover".into(), &"visible".into()));
    let year = sheet["cells"].as_array().unwrap().iter().find(|c| c["value"] == "2020-21").unwrap();
    for (key, value) in [("cell", "B7".into()), ("type", "text".into()), ("formula", serde_json::Value::Null)] {
        assert_eq!(year[key], value, "{key}");
    }
}

/// A workbook with a little of everything that is passed over.
fn passing() -> rust_xlsxwriter::Workbook {
    let mut book = rust_xlsxwriter::Workbook::new();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    let sheet = book.add_worksheet().set_name("Front door").unwrap();
    sheet.write(0, 0, "Contacts").unwrap();
    sheet.write(0, 1, 11147).unwrap();
    sheet.write(1, 1, "  ").unwrap();
    sheet.write_blank(2, 1, &bold).unwrap();
    sheet.write(3, 0, "bell\u{7}").unwrap();
    sheet.write_blank(999_999, 0, &bold).unwrap();
    sheet.insert_note(0, 1, &rust_xlsxwriter::Note::new("ask Jo")).unwrap();
    book.add_worksheet().set_name("Lists").unwrap().set_hidden(true).write(0, 0, "x").unwrap();
    book.add_worksheet().set_name("Deep").unwrap().set_very_hidden(true).write(0, 0, "x").unwrap();
    let mut chart = rust_xlsxwriter::Chart::new(rust_xlsxwriter::ChartType::Bar);
    chart.add_series().set_values("'Front door'!$B$1:$B$3");
    book.add_chartsheet().set_name("Picture").unwrap().insert_chart(0, 0, &chart).unwrap();
    book
}

#[test]
fn read_says_what_it_passed_over_and_what_was_worth_a_word() {
    let folder = tempfile::tempdir().unwrap();
    passing().save(folder.path().join("sent.xlsx")).unwrap();
    let text = run(folder.path(), &["read", "sent.xlsx"]);
    let remarks: Vec<String> = out(&text).lines().filter(|l| l.starts_with("# ")).skip(1).map(str::to_owned).collect();
    assert_eq!(
        remarks,
        [
            "# 2 cells have formatting and nothing else",
            "# 1 cell holds spaces only",
            "# 1 of these far from the figures, the last in A1000000; nothing needs to be done",
            "# 1 text held control characters, which were taken out: A4",
            "# 1 comment is shown; no figure is taken from it: B1",
            "# the sheet is hidden: no figure is taken from it, it is only looked through for personal data",
            "# the sheet is hidden: no figure is taken from it, it is only looked through for personal data",
            "# this sheet is a chart or a dialogue and has no cells",
        ]
    );
    assert!(err(&text).contains("note TPL-03"), "{}", err(&text));

    let document = cells(folder.path(), "sent.xlsx", 0);
    let sheets = document["sheets"].as_array().unwrap();
    let first = "formatting 2 [], spaces 1 [], far 1 [], controls 1 [A4], comments 1 [B1]";
    let passed: Vec<String> = sheets.iter().map(passed_over).collect();
    assert_eq!(passed, [first, "hidden 0 []", "hidden 0 []", "no cells 0 []"]);
    let states: Vec<&str> = sheets.iter().filter_map(|s| s["state"].as_str()).collect();
    assert_eq!(states, ["visible", "hidden", "very hidden", "visible"]);
    let rules: Vec<&str> = document["findings"].as_array().unwrap().iter().filter_map(|f| f["rule"].as_str()).collect();
    assert_eq!(rules, ["TPL-03"]);
    let last = &document["findings"][0]["cells"][0];
    assert_eq!((&last["sheet"], &last["cell"]), (&"Front door".into(), &"A1000000".into()));
}

/// `what count [cells]` of all that was passed over on a sheet.
fn passed_over(sheet: &serde_json::Value) -> String {
    let list = sheet["passed_over"].as_array().unwrap();
    let one = |p: &serde_json::Value| {
        let cells: Vec<&str> = p["cells"].as_array().into_iter().flatten().filter_map(|c| c.as_str()).collect();
        format!("{} {} [{}]", p["what"].as_str().unwrap(), p["count"].as_u64().unwrap_or(0), cells.join(", "))
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn read_names_damaged_cells_and_values_that_nobody_sees() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = package::patched(&passing().save_to_buffer().unwrap(), "xl/worksheets/sheet1.xml", |part| {
        let row = r#"<row r="5"><c r="A5"><v>1</v></c><c r="B5"><v>2</v></c><c r="C5" t="n"><v>1,2</v></c><c r="D5"><v>3</v></c><c r="D5"><v>4</v></c></row>"#;
        let (before, after) = part.split_once(r#"<row r="1000000""#).unwrap();
        let after =
            after.replacen("</sheetData>", r#"</sheetData><mergeCells><mergeCell ref="A5:B5"/></mergeCells>"#, 1);
        format!(r#"{before}{row}<row r="1000000"{after}"#)
    });
    fs::write(folder.path().join("sent.xlsx"), bytes).unwrap();
    let text = run(folder.path(), &["read", "sent.xlsx"]);
    assert_eq!(text.status.code(), Some(1), "a damaged cell is an error");
    for line in [
        "# 1 value stands under merged cells, where nobody sees it; it is read like the others: B5",
        "# 1 damaged cell could not be read: C5",
        "# 1 damaged cell stands in the file twice: D5",
        "   5 │ 1        │ 2      │ 4",
    ] {
        assert!(out(&text).lines().any(|l| l == line), "{line}\n{}", out(&text));
    }
    let document = cells(folder.path(), "sent.xlsx", 1);
    let sheet = &document["sheets"][0];
    assert!(
        passed_over(sheet).contains("merged 1 [B5], unreadable 1 [C5], unreadable 1 [D5]"),
        "{}",
        passed_over(sheet)
    );
    let under = sheet["cells"].as_array().unwrap().iter().find(|c| c["cell"] == "B5").unwrap();
    assert_eq!(under["under_merge"], "A5:B5");
    assert_eq!(document["findings"][0]["rule"], "FIL-06");
}

#[test]
fn what_read_says_of_a_file_it_cannot_read_is_in_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sent.xlsx"), "%PDF-1.7").unwrap();
    let text = run(folder.path(), &["read", "sent.xlsx"]);
    assert_eq!((text.status.code(), out(&text).as_str()), (Some(1), ""));
    assert!(err(&text).contains("error FIL-01"), "{}", err(&text));
    let document = cells(folder.path(), "sent.xlsx", 1);
    assert_eq!(document["sheets"], serde_json::json!([]));
    assert_eq!(document["file"]["read_as"], serde_json::Value::Null);
    assert_eq!(document["findings"][0]["rule"], "FIL-01");
}

#[test]
fn the_text_of_read_is_a_case() {
    let folder = tempfile::tempdir().unwrap();
    for (heading, name) in [
        ("2020-21 csc", "csc/csc-2020-21.xlsx"),
        ("2020-21 csc", "csc/csc-2020-21 corrected.xlsx"),
        ("2021-22 csc", "csc/Safeguarding data 2021-22 FINAL.xlsx"),
        ("2020-21 nhsc-whittington", "nhsc-whittington/Whittington 2020-21.xlsx"),
    ] {
        let text = out(&run(folder.path(), &["read", &inbox(name)]));
        let given = safereturn::case::read(&format!("== {heading}\n{text}")).unwrap();
        let mut findings = Findings::default();
        let content = Content::File(fs::read(inbox(name)).unwrap());
        let mut workbook = Workbook::read(&Submission { name: name.to_owned(), content }, &mut findings);
        for sheet in &mut workbook.sheets {
            (sheet.dropped, sheet.omitted) = (0, Omitted::default());
        }
        assert_eq!(given[0].workbook.sheets, workbook.sheets, "{name}");
        assert_eq!(given[0].workbook.properties, workbook.properties, "{name}");
        // And back: the remarks are all that a case does not keep.
        let sheets = text.split_once("\n-- ").map(|(_, sheets)| format!("-- {sheets}")).unwrap();
        let without: String = sheets.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
        assert_eq!(notation::write(&given[0].workbook), without, "{name}");
    }
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
