//! One return in every format: the same records and findings, whoever wrote the file. `cargo run --example same` makes the
//! files under `tests/workbooks/same/`. What a format or its writer cannot carry differs, and each such difference is
//! listed here with its reason; nothing else may differ, and a difference that is gone must leave the list.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::NaiveDate;
use safereturn::cell::Address;
use safereturn::extract::Context;
use safereturn::finding::Place;
use safereturn::record::{self, Source};
use safereturn::report::Report;
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Format, Submission};

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());

/// The file whose records and findings the others must give.
const FIRST: &str = "rust_xlsxwriter.xlsx";

/// Why some lines differ, and the lines: `-` stands before what only the first file gives, `+` before what only this one.
type Allowed = (&'static str, &'static [&'static str]);

/// What the first file gives for the formula without a saved result.
const UNSAVED: [&str; 3] = [
    "- error TPL-05 at /children-in-need/cin_any_point: “Children in need episodes at any point in the year” holds a formula with no saved result, so we cannot see a value. [Children in need!B9]",
    r#"- figure /children-in-need/cin_any_point = Text(""), in Children in need!B9"#,
    "- record 2020-21 csc csc /children-in-need/cin_any_point = |||episodes|episodes returned | withhold a formula without a saved result “”, in Children in need!B9",
];

const RECKONED: Allowed = (
    "LibreOffice reckons a formula whose result was not saved, and saves the result",
    &[
        UNSAVED[0],
        UNSAVED[1],
        UNSAVED[2],
        "+ figure /children-in-need/cin_any_point = Number(3409.0), in Children in need!B9",
        "+ record 2020-21 csc csc /children-in-need/cin_any_point = 3409|||episodes|episodes returned | yes  “”, in Children in need!B9",
    ],
);

/// The files, what each must be read as, and how it may differ.
const FILES: &[(&str, Format, &[Allowed])] = &[
    (
        "rust_xlsxwriter.xlsm",
        Format::Xlsx,
        &[(
            "only a workbook with macros says that it has some",
            &["+ note FIL-07 at /file: It holds macros, which were not run. [file]"],
        )],
    ),
    (
        "openpyxl.xlsx",
        Format::Xlsx,
        &[(
            "openpyxl saves no results of formulas",
            &[
                "+ error TPL-05 at /front-door/referrals_nfa: “Referrals closed with no further action” holds a formula with no saved result, so we cannot see a value. [Front door!B16]",
                r#"+ figure /front-door/referrals_nfa = Text(""), in Front door!B16"#,
                "+ figure /front-door/rereferrals_pct = Blank, in Front door!B15",
                "+ record 2020-21 csc csc /front-door/referrals_nfa = |||referrals|referrals returned | withhold a formula without a saved result “”, in Front door!B16",
                "- error CEL-11 at /front-door/referrals_nfa: “Referrals closed with no further action” shows #DIV/0!. The formula in your sheet is broken. [Front door!B16]",
                r##"- figure /front-door/referrals_nfa = Text("#DIV/0!"), in Front door!B16"##,
                "- figure /front-door/rereferrals_pct = Number(17.4618789966), in Front door!B15",
                "- record 2020-21 csc csc /front-door/referrals_nfa = |||referrals|referrals returned | withhold given as #DIV/0! “”, in Front door!B16",
            ],
        )],
    ),
    ("libreoffice.xlsx", Format::Xlsx, &[RECKONED]),
    ("sheetjs.xlsx", Format::Xlsx, &[]),
    (
        "sheetjs.xlsb",
        Format::Xlsb,
        &[(
            "SheetJS 0.18.5 writes no formulas into .xlsb: an error looks pasted, and where no result was saved, nothing is left",
            &[
                "+ error CEL-11 at /front-door/referrals_nfa: “Referrals closed with no further action” shows #DIV/0!. It was pasted from a formula that is broken. [Front door!B16]",
                "- error CEL-11 at /front-door/referrals_nfa: “Referrals closed with no further action” shows #DIV/0!. The formula in your sheet is broken. [Front door!B16]",
                UNSAVED[0],
                UNSAVED[1],
                UNSAVED[2],
                "+ error CMP-04 at /children-in-need/cin_any_point: “Children in need episodes at any point in the year” is blank. [/children-in-need/cin_any_point]",
                "+ figure /children-in-need/cin_any_point = Blank, in Children in need!B9",
            ],
        )],
    ),
    ("libreoffice.ods", Format::Ods, &[RECKONED]),
    ("libreoffice.xls", Format::Xls, &[RECKONED]),
    (
        "csv",
        Format::Csv,
        &[
            RECKONED,
            (
                "csv holds what is shown, as text: that a number or date was read from text is said",
                &[
                    "+ note TPL-04 at /cover/extract_date: “Day the figures were run”: we read “4 May 2021” as 4 May 2021. [Cover!B14]",
                    "+ note TPL-04 at /cover/period_end: “Last day of the period”: we read “31/03/2021” as 31 March 2021. [Cover!B10]",
                    "+ note TPL-04 at /front-door/contacts_da_pct: “Domestic abuse, as % of contacts”: we read “15.6%” as 15.6. [Front door!B8]",
                    "+ note TPL-04 at /front-door/rereferrals_pct: “Re-referrals, as % of all referrals”: we read “17.5%” as 17.5. [Front door!B15]",
                ],
            ),
            (
                "csv holds what is shown: decimals that the format hides are gone",
                &[
                    "+ figure /front-door/rereferrals_pct = Number(17.5), in Front door!B15",
                    "- figure /front-door/rereferrals_pct = Number(17.4618789966), in Front door!B15",
                ],
            ),
            (
                "csv holds dates as they are shown: the others of the file say that the day comes first",
                &[
                    "+ note TPL-04 at /cover/period_start: “First day of the period”: we read “01/04/2020” as 1 April 2020, because other dates of the file have the day first. [Cover!B9]",
                ],
            ),
            (
                "csv does not tell a number from digits kept as text",
                &[
                    "- note TPL-04 at /front-door/contacts_da: “Contacts mainly about domestic abuse”: we read “1,739” as the number 1,739. It is typed as text. [Front door!B7]",
                    "- note TPL-04 at /front-door/rereferrals_12m: “Re-referrals within 12 months”: we read “355” as the number 355. It is typed as text. [Front door!B14]",
                ],
            ),
            (
                "csv has neither hidden rows nor comments",
                &[
                    "- query FIL-10 at /front-door: On the sheet “Front door”, row 41 is hidden. 2 figures stand there, and we used them; the first is “Contacts and referrals by source · Acquaintance · Contacts”: 66. [/front-door/contacts_by_source/1B/contacts, /front-door/contacts_by_source/1B/referrals]",
                    "- query TPL-07 at /children-in-need: A figure has a comment: B5 (“Children in need episodes open at 1 April”: 1,946). We do not read comments, and took the figure as it is typed. [Children in need!B5]",
                ],
            ),
        ],
    ),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workbooks/same")
}

/// A file, or a folder of them sorted by name.
fn submission(name: &str) -> Submission {
    let path = folder().join(name);
    let bytes = |path: &Path| std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let content = if path.is_dir() {
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), bytes(&file)))
            .collect();
        files.sort();
        Content::Folder(files)
    } else {
        Content::File(bytes(&path))
    };
    Submission { name: name.to_owned(), content }
}

fn check(name: &str) -> Report {
    let context = Context::on(NaiveDate::from_ymd_opt(2021, 6, 1).unwrap());
    safereturn::check(&submission(name), &context, &PACK)
}

/// All that a return says, line by line: what stands where, its records, and what was found.
fn lines(report: &Report) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let place = |a: Address| format!("{}!{}", report.workbook.sheets[a.sheet].name, a.cell);
    for (pointer, figure) in &report.figures.figures {
        let mut line = format!("figure {pointer} = {:?}", figure.bare);
        if !figure.status.is_empty() {
            let _ = write!(line, ", status {:?}", figure.status);
        }
        if let Some(note) = &figure.note {
            let _ = write!(line, ", note “{note}”");
        }
        if let Some(cell) = figure.cell {
            let _ = write!(line, ", in {}", place(cell));
        }
        out.insert(line);
    }
    let form = PACK.form(&report.figures.kind, &report.figures.year).unwrap();
    let source = Source {
        figures: &report.figures,
        marks: &report.marks,
        workbook: &report.workbook,
        kind: &report.figures.kind,
        sections: &form.sections,
        sha256: "",
        body: &report.figures.body,
    };
    // Of refused sections, too: what is kept of them is another matter.
    let all = form.sections.iter().map(|s| s.key.clone()).collect();
    for r in record::records(&source, &all) {
        let table = if r.table.is_empty() { String::new() } else { format!("/{}[{}]", r.table, r.breakdown) };
        let told = [&r.value, &r.marker, &r.status, &r.unit, &r.unit_of_count].map(|t| t.replace('|', "¦")).join("|");
        let parts = [&r.numerator, &r.denominator].map(|t| t.replace('|', "¦")).join("|");
        out.insert(format!(
            "record {} {} {} /{}{table}/{} = {told} {} {parts} {} {} “{}”, in {}!{}",
            r.year,
            r.body,
            r.kind,
            r.section,
            r.measure,
            r.origin.word(),
            r.publishable.word(),
            r.why,
            r.note,
            r.source_sheet,
            r.source_cells
        ));
    }
    for finding in &report.findings {
        let label = |place: &Place| match place {
            Place::Figure(pointer) => pointer.to_string(),
            Place::Cell(address) => self::place(report, *address),
            Place::Sheet(index) => report.workbook.sheets[*index].name.clone(),
            Place::Before(_) => "before".to_owned(),
            Place::File => "file".to_owned(),
        };
        let at: Vec<String> = finding.labels.iter().map(|l| label(&l.place)).collect();
        out.insert(format!(
            "{} {} at {}: {} [{}]",
            finding.severity.word(),
            finding.rule,
            finding.at,
            finding.message,
            at.join(", ")
        ));
    }
    for section in &report.sections {
        out.insert(format!("section {} {:?}", section.section, section.outcome));
    }
    out
}

fn place(report: &Report, a: Address) -> String {
    format!("{}!{}", report.workbook.sheets[a.sheet].name, a.cell)
}

/// That the return has all that it was made for: a list that is empty would be the same in every format, too.
#[test]
fn the_return_has_some_mess_in_it() {
    let first = lines(&check(FIRST));
    for (what, at_least) in [("error", 3), ("note", 2), ("query", 2), ("figure", 200), ("record", 100), ("section", 4)]
    {
        let count = first.iter().filter(|line| line.split(' ').next() == Some(what)).count();
        assert!(count >= at_least, "{count} lines with {what}");
    }
    for piece in [
        "CEL-11",
        "FIL-10",
        "STK-01",
        "TAB-01",
        "TPL-07",
        "TPL-05",
        "note “Counted on 2 May”",
        "Marker(",
        "Codes(",
        "Date(",
    ] {
        assert!(first.iter().any(|line| line.contains(piece)), "{piece}: {first:#?}");
    }
}

#[test]
fn one_return_is_the_same_in_every_format() {
    let expected = lines(&check(FIRST));
    let mut wrong = String::new();
    for (name, format, allowed) in FILES {
        let report = check(name);
        if report.workbook.format != Some(*format) {
            let _ = writeln!(wrong, "{name} was read as {:?}: {:#?}", report.workbook.format, report.findings);
            continue;
        }
        let found = lines(&report);
        let gone = expected.difference(&found).map(|line| format!("- {line}"));
        let new = found.difference(&expected).map(|line| format!("+ {line}"));
        let mut differ: BTreeSet<String> = gone.chain(new).collect();
        for (why, lines) in *allowed {
            for line in *lines {
                if !differ.remove(*line) {
                    let _ = writeln!(wrong, "{name}: this is no longer so, because “{why}”:\n  {line}");
                }
            }
        }
        for line in differ {
            let _ = writeln!(wrong, "{name} differs:\n  {line}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
