//! Every format over the same constructed reports: what an agency, a program and a screen reader get to see.
//! The snapshots are meant to be read; what must hold of all of them is asserted beside them.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeMap;

use safereturn::cell::{Address, Cell, Pointer};
use safereturn::extract::{Return, Use};
use safereturn::figure::{Bare, Figure, Interval};
use safereturn::finding::{Answer, Check, Finding, Place, Reach, Severity, Verdict};
use safereturn::render::{Format, Show, Style, render};
use safereturn::report::{FileFacts, Outcome, Report, SectionOutcome};
use safereturn::workbook::notation;
use unicode_width::UnicodeWidthChar;

const CHILDREN_IN_NEED: &str = "\
-- Cover
     │ A                    │ B
   3 │ Reporting year       │ 2020-21
-- Children in need
     │ A                                                  │ B
   1 │ Children in need                                   │
   2 │                                                    │
   3 │ Measure                                            │ Number
   6 │ Children in need at 1 April                        │ 1,946
   7 │ Started in the year                                │ 1,463
   8 │ Ended in the year                                  │ 1,390
   9 │ Children in need at 31 March                       │ 2,091
  10 │ Assessments done                                   │
";

const CHILD_PROTECTION: &str = "\
-- Child protection
     │ A                │ B        │ C        │ D        │ E
   4 │ Category         │ Children │ Boys     │ Girls    │ Remarks
   5 │ Neglect          │ 120      │ 61       │ 59       │ as last year
   6 │ Physical abuse   │ 14       │ 9        │ 5        │
   7 │ Sexual abuse     │ 8        │ 2        │ 6        │
   8 │ Emotional abuse  │ 101      │ 50       │ 51       │ counted at the end of the month
   9 │ Multiple         │ 0        │ 0        │ 0        │
  40 │ Total            │ 253      │ 122      │ 121      │ see notes
";

/// A report by hand: sheets in the text notation, then findings.
struct Bench {
    report: Report,
}

impl Bench {
    fn new(sheets: &str) -> Self {
        let report = Report {
            marks: safereturn::checks::Marks::default(),
            file: FileFacts { name: "csc-2020-21.xlsx".into(), sha256: "4f2a".repeat(16), bytes: 18_230 },
            pack: ("islington".into(), "1.0.0".into(), "ab12".repeat(16)),
            workbook: notation::read(sheets).unwrap(),
            figures: Return { year: "2020-21".into(), body: "csc".into(), submission_no: Some(2), ..Return::default() },
            findings: Vec::new(),
            checks: checks(),
            sections: Vec::new(),
            owed: BTreeMap::new(),
            outcome: Outcome::Accepted,
            private: false,
            titles: [
                ("STK-02", "Open at the end follows from open at the start, started and ended"),
                ("TAB-01", "The parts add up to the total"),
                ("XPE-02", "A large change since last year"),
                ("CEL-01", "A figure is missing"),
                ("TPL-04", "Thousands commas typed as text"),
                ("FIL-02", "The file cannot be read"),
                ("DIS-01", "A name or number of a person"),
            ]
            .map(|(id, title)| (id.to_owned(), title.to_owned()))
            .into(),
        };
        Self { report }
    }

    fn section(mut self, key: &str, title: &str) -> Self {
        self.report.sections.push(SectionOutcome {
            section: key.into(),
            title: title.into(),
            outcome: Outcome::Accepted,
            because: Vec::new(),
            nil: false,
        });
        self
    }

    fn figure(mut self, pointer: &str, words: &str, sheet: usize, cell: &str) -> Self {
        let pointer = Pointer::from(pointer);
        let address = Address::new(sheet, cell.parse().unwrap());
        self.report.figures.words.insert(pointer.clone(), words.into());
        self.report.figures.uses.insert(address, Use::Value(pointer.clone()));
        let figure = Figure {
            pointer: pointer.clone(),
            cell: Some(address),
            bare: Bare::Blank,
            interval: Interval::at_least(0.0),
            status: Vec::new(),
            decimals: 0,
            typed: String::new(),
            note: None,
            computed: false,
            fault: None,
        };
        self.report.figures.figures.insert(pointer, figure);
        self
    }

    fn find(mut self, finding: Finding) -> Self {
        self.report.findings.push(finding);
        self
    }

    fn done(mut self) -> Report {
        let report = &mut self.report;
        for section in &mut report.sections {
            for (i, finding) in report.findings.iter().enumerate() {
                let here = finding.reach == Reach::Submission || finding.reach == Reach::section(&section.section);
                if here && finding.is_open() {
                    section.because.push(i);
                    let outcome = if finding.severity == Severity::Error { Outcome::Refused } else { Outcome::Queried };
                    section.outcome = section.outcome.max(outcome);
                    report.outcome = report.outcome.max(outcome);
                }
            }
        }
        if report.findings.iter().any(|f| f.reach == Reach::Submission && f.is_open()) {
            report.outcome = Outcome::Refused;
        }
        self.report
    }
}

fn checks() -> Vec<Check> {
    let check = |rule: &str, at: &str, verdict| Check { rule: rule.into(), at: Pointer::from(at), verdict };
    vec![
        check("CEL-01", "/children-in-need/a", Verdict::Held),
        check("CEL-01", "/children-in-need/b", Verdict::Held),
        check("STK-02", "/children-in-need/cin_open_end", Verdict::Held),
        check("TAB-05", "/children-in-need/c", Verdict::Undecided("a figure is confidential".into())),
        check("XPE-02", "/children-in-need/a", Verdict::NotRun("need last year’s return".into())),
        check("XAG-01", "/children-in-need/a", Verdict::NotRun("compare agencies".into())),
        check("XAG-02", "/children-in-need/a", Verdict::NotRun("compare agencies".into())),
    ]
}

fn at(sheet: usize, cell: &str) -> Place {
    Place::Cell(Address::new(sheet, cell.parse().unwrap()))
}

fn figure(pointer: &str) -> Place {
    Place::Figure(Pointer::from(pointer))
}

fn stock(severity: Severity) -> Finding {
    let at = Pointer::from("/children-in-need/cin_open_end");
    let reach = Reach::section("children-in-need");
    let message = "1,946 + 1,463 − 1,390 = 2,019, but the sheet says 2,091 were open at 31 March.";
    let mut finding = Finding::new("STK-02", severity, at.clone(), reach, message)
        .with_help("Check the four figures; one of them does not belong to this year or is mistyped.")
        .with_label(figure("/children-in-need/cin_open_end"), "Children in need at 31 March: 2,091")
        .with_label(figure("/children-in-need/cin_open_start"), "Children in need at 1 April: 1,946")
        .with_label(figure("/children-in-need/cin_started"), "Started in the year: 1,463")
        .with_label(figure("/children-in-need/cin_ended"), "Ended in the year: 1,390");
    finding.found = Some("2,091".into());
    finding.expected = Some("2,019".into());
    finding.difference = Some("72".into());
    finding.state = vec![(at, "2,091".into())];
    finding
}

fn children_in_need() -> Bench {
    Bench::new(CHILDREN_IN_NEED)
        .section("children-in-need", "Children in need")
        .figure("/children-in-need/cin_open_start", "Children in need at 1 April", 1, "B6")
        .figure("/children-in-need/cin_started", "Started in the year", 1, "B7")
        .figure("/children-in-need/cin_ended", "Ended in the year", 1, "B8")
        .figure("/children-in-need/cin_open_end", "Children in need at 31 March", 1, "B9")
        .figure("/children-in-need/assessments", "Assessments done", 1, "B10")
}

fn child_protection() -> Bench {
    Bench::new(CHILD_PROTECTION).section("child-protection", "Child protection")
}

fn note(cell: &str) -> Finding {
    let place = Pointer::from(format!("/child-protection/{cell}").as_str());
    let message = format!("“1,{}” was typed as text and read as a number.", cell.len());
    Finding::new("TPL-04", Severity::Note, place, Reach::section("child-protection"), message)
        .with_label(at(0, cell), "read as a number")
}

fn total(cells: &[&str]) -> Finding {
    let place = Pointer::from("/child-protection/cpp_by_category");
    let message = "The categories add up to 243, but the total says 253.";
    let mut finding = Finding::new("TAB-01", Severity::Error, place, Reach::section("child-protection"), message)
        .with_help("Correct the total, or the category that is wrong.");
    for cell in cells {
        finding = finding.with_label(at(0, cell), "one of the parts");
    }
    finding.difference = Some("10".into());
    finding
}

fn clean() -> Report {
    let mut report = children_in_need().done();
    report.owed.insert("recommendations".into(), "Recommendations".into());
    report
}

fn one_of_each() -> Report {
    let mut query = Finding::new(
        "XPE-02",
        Severity::Query,
        Pointer::from("/children-in-need/cin_started"),
        Reach::section("children-in-need"),
        "1,463 is 61% more than last year’s 909.",
    )
    .with_help("Check the figure; if it is right, say what changed.")
    .with_label(figure("/children-in-need/cin_started"), "Started in the year: 1,463");
    query.found = Some("1,463".into());
    let note = Finding::new(
        "TPL-04",
        Severity::Note,
        Pointer::from("/children-in-need/cin_ended"),
        Reach::section("children-in-need"),
        "“1,390” was typed as text and read as a number.",
    )
    .with_label(figure("/children-in-need/cin_ended"), "read as 1,390");
    children_in_need().find(stock(Severity::Error)).find(query).find(note).done()
}

fn no_place() -> Report {
    let mut report = Bench::new("")
        .section("children-in-need", "Children in need")
        .find(
            Finding::new(
                "FIL-02",
                Severity::Error,
                Pointer::from("/file"),
                Reach::Submission,
                "The file is protected by a password, so it cannot be read.",
            )
            .with_help("Take the password off (File, Info, Protect Workbook) and send it again.")
            .with_label(Place::File, "password"),
        )
        .done();
    report.checks.clear();
    report.figures = Return::default();
    report
}

fn many_marks() -> Report {
    let cells = ["B40", "B5", "B6", "B7", "B8", "B9", "C5", "C6", "C7", "C8", "C9", "D5", "D6", "D7", "D8", "D9"];
    let mut bench = child_protection().find(total(&cells));
    for cell in ["C4", "C7", "C9", "D4", "D7", "D9", "B5", "B6", "B7"] {
        bench = bench.find(note(cell));
    }
    bench.done()
}

fn awkward_names() -> Report {
    let sheets = "\
-- A, B % <script>alert(1)</script>
     │ A                          │ B
   1 │ Team: \\|North\\│, 50% ⏎ \\{all\\} │ Number
   2 │ <b>\"Smith\" & Co</b>        │ '<script>alert('2')</script>
   3 │ =cmd\\|' /C calc'           │ 7
";
    let mut report = Bench::new(sheets)
        .section("front-door", "Front door")
        .find(
            Finding::new(
                "CEL-01",
                Severity::Error,
                Pointer::from("/front-door/x"),
                Reach::section("front-door"),
                "“<script>alert('2')</script>\n\u{1b}[31m” is not a number: \u{202E}drawkcab, ╭─[ and 100 %.",
            )
            .with_help("Type a whole number, e.g. 12 <not “12 ”>.")
            .with_label(at(0, "B2"), "holds “<script>alert('2')</script>”"),
        )
        .done();
    report.file.name = "a, b % c: d | <script>\n.xlsx".into();
    report
}

fn wide_characters() -> Report {
    let sheets = "\
-- Café 件数
     │ A                        │ B        │ C
   1 │ 区分 Catégorie           │ 件数     │ Remarks
   2 │ ネグレクト – négligence  │ 1,204    │ ﬁne
   3 │ 身体的虐待               │ １３     │ a remark that goes on and on, far beyond the width of the column it is in
";
    Bench::new(sheets)
        .section("front-door", "Front door")
        .find(
            Finding::new(
                "CEL-02",
                Severity::Error,
                Pointer::from("/front-door/x"),
                Reach::section("front-door"),
                "“１３” is text, not a number.",
            )
            .with_help("Type 13.")
            .with_label(at(0, "B3"), "件数: “１３”")
            .with_label(at(0, "C3"), "remark"),
        )
        .done()
}

fn empty_cell() -> Report {
    let missing = Finding::new(
        "CEL-01",
        Severity::Error,
        Pointer::from("/children-in-need/assessments"),
        Reach::section("children-in-need"),
        "“Assessments done” has no figure.",
    )
    .with_help("Type the number, or z if it does not apply to you.")
    .with_label(figure("/children-in-need/assessments"), "missing");
    children_in_need().find(missing).done()
}

fn far_apart() -> Report {
    child_protection().find(total(&["B40", "B5", "B6"])).done()
}

fn one_figure_many_checks() -> Report {
    let mut other = stock(Severity::Error);
    other.rule = "TAB-01".into();
    other.message = "The ages add up to 2,019, but the total says 2,091.".into();
    let mut reopened = one_of_each().findings.remove(1);
    reopened.answer = Some(Answer::Reopened { was: "1,400".into(), now: "1,463".into() });
    let mut waived = stock(Severity::Query);
    waived.rule = "STK-09".into();
    waived.answer = Some(Answer::Waived { reason: "agreed with the board".into() });
    children_in_need().find(stock(Severity::Error)).find(other).find(reopened).find(waived).done()
}

fn two_sheets() -> Report {
    let finding = stock(Severity::Query).with_label(at(0, "B3"), "the year of the return");
    children_in_need().find(finding).done()
}

fn private() -> Report {
    let finding = Finding::new(
        "DIS-01",
        Severity::Error,
        Pointer::from("/children-in-need/B9"),
        Reach::Submission,
        "Cell B9 looks like a detail of a person. Nothing of this file was kept.",
    )
    .with_help("Take it out and send the file again.")
    .with_label(at(1, "B9"), "looks like a detail of a person");
    let mut finding = finding;
    finding.private = true;
    finding.found = Some("2,091".into());
    finding.state = vec![(Pointer::from("/children-in-need/cin_open_end"), "2,091".into())];
    // Another rule that read the same cells: in a private report its words are not shown either.
    let mut report = children_in_need().find(finding).find(stock(Severity::Error)).done();
    report.private = true;
    report
}

fn first_row() -> Report {
    let sheets = "-- Front door\n     │ A │ B │ C\n   1 │ Contacts │ 12 │ x\n   2 │ Referrals │ 13 │\n";
    let finding = Finding::new(
        "CEL-01",
        Severity::Error,
        Pointer::from("/front-door/contacts"),
        Reach::section("front-door"),
        "12 is not possible.",
    )
    .with_label(at(0, "B1"), "Contacts: 12");
    Bench::new(sheets).section("front-door", "Front door").find(finding).done()
}

fn last_row() -> Report {
    let sheets = "-- Front door\n     │ A │ XFD\n   1 │ Heading │ Number\n   1048575 │ Contacts │ 11\n   1048576 │ Referrals │ 12\n";
    let finding = Finding::new(
        "CEL-01",
        Severity::Query,
        Pointer::from("/front-door/contacts"),
        Reach::section("front-door"),
        "A cell far away from the rest holds 12.",
    )
    .with_label(at(0, "XFD1048576"), "Referrals: 12");
    Bench::new(sheets).section("front-door", "Front door").find(finding).done()
}

fn situations() -> Vec<(&'static str, Report)> {
    vec![
        ("clean", clean()),
        ("one_of_each", one_of_each()),
        ("no_place", no_place()),
        ("many_marks", many_marks()),
        ("awkward_names", awkward_names()),
        ("wide_characters", wide_characters()),
        ("empty_cell", empty_cell()),
        ("far_apart", far_apart()),
        ("one_figure_many_checks", one_figure_many_checks()),
        ("two_sheets", two_sheets()),
        ("private", private()),
        ("first_row", first_row()),
        ("last_row", last_row()),
    ]
}

fn width(line: &str) -> usize {
    line.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// One section that a single error keeps out, one larger that three do, one with a query, and one error about the file.
fn several_sections() -> Bench {
    let sheets = "-- One\n     │ A │ B\n   1 │ a │ 1\n   2 │ b │ 2\n   3 │ c │ 3\n   4 │ d │ 4\n";
    let mut bench = Bench::new(sheets).section("small", "Small").section("large", "Large").section("asked", "Asked");
    for (section, figures) in [("small", 2), ("large", 3), ("asked", 40)] {
        for i in 0..figures {
            bench = bench.figure(&format!("/{section}/f{i}"), "a figure", 1, "B9");
        }
    }
    for figure in bench.report.figures.figures.values_mut() {
        figure.bare = Bare::Number(1.0);
    }
    let about = |rule: &str, severity, section: &str, cell: &str| {
        let place = Pointer::from(format!("/{section}/{cell}").as_str());
        Finding::new(rule, severity, place, Reach::section(section), "It is wrong.").with_label(at(0, cell), "this")
    };
    bench
        .find(about("XPE-02", Severity::Query, "asked", "A4"))
        .find(about("TAB-01", Severity::Error, "large", "B1"))
        .find(about("STK-02", Severity::Error, "large", "B2"))
        .find(about("CEL-01", Severity::Error, "large", "B2"))
        .find(about("CEL-01", Severity::Error, "large", "B3"))
        .find(about("CEL-01", Severity::Error, "small", "B4"))
}

#[test]
fn what_lets_most_through_stands_first() {
    let begins = |report: &Report| -> Vec<String> {
        let text = render(report, Format::Plain, &Style { width: 400, ..Style::default() });
        text.lines().filter_map(|l| l.strip_prefix("- ")).map(|l| l.split(" on ").next().unwrap().to_owned()).collect()
    };
    // Small waits for one thing, Large for three, of which one is asked of twice; a query comes after every error.
    let report = several_sections().done();
    assert_eq!(begins(&report), ["Correct B4", "Correct B2", "Correct B1", "Correct B3", "Correct or explain A4"]);
    let page = render(&report, Format::Html, &Style::default());
    let text = render(&report, Format::Plain, &Style { width: 400, ..Style::default() });
    assert!(page.find("Start here").unwrap() < page.find("By section").unwrap());
    for said in [
        "The section “Small”, with 2 figures, waits for this alone.",
        "The section “Large”, with 3 figures, waits for this and 2 other points. 1 other check uses the same cell.",
        "The section “Asked”, with 40 figures, waits for this alone.",
    ] {
        assert!(page.contains(said) && text.contains(said), "{said}");
    }
    // What all wait for comes before what one section waits for.
    let file = Finding::new("FIL-02", Severity::Error, Pointer::section("cover"), Reach::Submission, "It is wrong.")
        .with_label(at(0, "A1"), "this");
    let report = several_sections().find(file).done();
    assert_eq!(begins(&report)[0], "Correct A1");
    // Nothing to do, nowhere to start.
    assert!(begins(&clean()).is_empty() && !render(&clean(), Format::Html, &Style::default()).contains("Start here"));
}

#[test]
fn people_read_every_situation() {
    for (name, report) in situations() {
        for format in [Format::Human, Format::Plain] {
            insta::assert_snapshot!(format!("{name}_{}", format.name()), render(&report, format, &Style::default()));
        }
    }
}

#[test]
fn programs_read_every_situation() {
    for (name, report) in situations() {
        let text = render(&report, Format::Json, &Style::default());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["format"], "safereturn.report/1", "{name}");
        assert_eq!(json["findings"].as_array().unwrap().len(), report.findings.len(), "{name}");
        assert_eq!(json["outcome"], report.outcome.word(), "{name}");
        for (i, finding) in report.findings.iter().enumerate() {
            let id = finding.id(report.year(), report.body());
            let found = json["findings"].as_array().unwrap().iter().any(|f| f["id"] == id);
            assert!(found, "{name}: finding {i} is not in the machine form");
        }
        if ["one_of_each", "private"].contains(&name) {
            insta::assert_snapshot!(format!("{name}_json"), text);
        }
    }
}

#[test]
fn the_page_is_whole_and_safe() {
    for (name, report) in situations() {
        let page = render(&report, Format::Html, &Style::default());
        assert!(page.starts_with("<!DOCTYPE html>"), "{name}");
        for wrong in ["<script", "http://", "https://", "<link", "<img", "@import", "url("] {
            assert!(!page.contains(wrong), "{name}: {wrong}");
        }
        for open in ["table", "article", "section", "tr", "td", "ul", "details", "figure"] {
            let opened = page.matches(&format!("<{open}>")).count() + page.matches(&format!("<{open} ")).count();
            assert_eq!(opened, page.matches(&format!("</{open}>")).count(), "{name}: {open}");
        }
        for finding in report.findings.iter().filter(|f| f.is_open()) {
            assert!(page.contains(&finding.id(report.year(), report.body())), "{name}");
        }
        if name == "one_of_each" {
            let body = &page[page.find("<body>").unwrap()..];
            insta::assert_snapshot!("one_of_each_html", body.replace("><", ">\n<"));
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (name, report) in situations() {
        for wide in [60, 80, 120] {
            for unicode in [true, false] {
                for format in [Format::Human, Format::Plain] {
                    let style = Style { width: wide, unicode, ..Style::default() };
                    for line in render(&report, format, &style).lines() {
                        assert!(width(line) <= wide, "{name} at {wide}, {}: {line}", format.name());
                        assert_eq!(line, line.trim_end(), "{name}: blanks at the end");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_in_a_text_steers_the_terminal() {
    for (name, report) in situations() {
        for format in Format::ALL {
            let text = render(&report, format, &Style::default());
            let steers = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202A}'..='\u{202E}' | '\u{F8FF}');
            assert!(!text.contains(steers), "{name} as {}: {:?}", format.name(), text.chars().find(|c| steers(*c)));
        }
    }
}

#[test]
fn colour_changes_no_letter() {
    for (name, report) in situations() {
        let plain = render(&report, Format::Human, &Style::default());
        let coloured = render(&report, Format::Human, &Style { colour: true, ..Style::default() });
        let mut letters = String::new();
        let mut escaped = false;
        for c in coloured.chars() {
            match (c, escaped) {
                ('\u{1b}', _) => escaped = true,
                ('m', true) => escaped = false,
                (_, true) => (),
                (c, false) => letters.push(c),
            }
        }
        let lines = |text: &str| text.lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(&letters), lines(&plain), "{name}");
    }
}

#[test]
fn ascii_frames_are_ascii() {
    for (name, report) in situations().into_iter().filter(|(n, _)| !["wide_characters", "awkward_names"].contains(n)) {
        let text = render(&report, Format::Human, &Style { unicode: false, ..Style::default() });
        assert!(text.is_ascii() || name == "private", "{name}: {:?}", text.chars().find(|c| !c.is_ascii()));
    }
}

/// Every value that a cell of the sheets shows, with three or more letters or digits.
fn values(report: &Report) -> Vec<String> {
    let cells = report.workbook.sheets.iter().flat_map(|s| s.cells.values());
    cells.map(notation::shown).filter(|v| v.chars().filter(|c| c.is_alphanumeric()).count() >= 3).collect()
}

#[test]
fn a_private_report_holds_no_cell_of_the_sheet() {
    let report = private();
    // The year and the section's title are known from elsewhere: from the cover as understood and from the schemas.
    let known = ["2020-21", "Children in need"];
    for format in Format::ALL {
        let text = render(&report, format, &Style::default());
        for value in values(&report).iter().filter(|v| !known.contains(&v.as_str())) {
            // The page says “Number” of nothing; whole words only.
            assert!(!text.contains(value.as_str()), "{} shows {value}", format.name());
            assert!(!text.contains(&value.replace(',', "")), "{} shows {value}", format.name());
        }
        assert!(text.contains("B9"), "{} names the cell", format.name());
    }
    assert!(render(&report, Format::Human, &Style::default()).contains("•••"));
    assert!(render(&report, Format::Html, &Style::default()).contains("•••"));
}

#[test]
fn addresses_only_shows_rules_and_places() {
    let report = one_of_each();
    for format in Format::ALL {
        let text = render(&report, format, &Style { show: Show::Addresses, ..Style::default() });
        for value in ["2,091", "2091", "1,463", "1463", "72", "61%", "Assessments done"] {
            // Hashes may hold any digits.
            let text = text.replace(&report.file.sha256, "").replace(&report.pack.2, "");
            let ids: Vec<String> = report.findings.iter().map(|f| f.id("2020-21", "csc")).collect();
            let text = ids.iter().fold(text, |t, id| t.replace(id, ""));
            let text = text.split_once("<body>").map_or(text.clone(), |(_, body)| body.to_owned());
            assert!(!text.contains(value), "{} shows {value}:\n{text}", format.name());
        }
        assert!(text.contains("STK-02") && text.contains("B9"), "{}", format.name());
    }
}

#[test]
fn human_views_are_capped_and_say_so() {
    let mut bench = child_protection();
    for row in 1..=30 {
        let place = Pointer::from(format!("/child-protection/x{row}").as_str());
        let finding = Finding::new("CEL-01", Severity::Error, place, Reach::section("child-protection"), "Wrong.");
        bench = bench.find(finding.with_label(at(0, &format!("F{}", row * 10)), "wrong"));
    }
    let report = bench.done();
    let text = render(&report, Format::Human, &Style { limit: Some(20), ..Style::default() });
    assert!(text.contains("… and 10 more findings"), "{text}");
    assert!(text.contains("30 errors to correct."), "{text}");
    assert_eq!(text.matches("Error CEL-01").count(), 20);
    let text = render(&report, Format::Human, &Style { limit: None, ..Style::default() });
    assert_eq!(text.matches("Error CEL-01").count(), 30);
    assert!(!text.contains("more finding"));
    let json = render(&report, Format::Json, &Style { limit: Some(1), ..Style::default() });
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 30);
}

#[test]
fn a_row_is_drawn_with_its_own_number() {
    let text = render(&last_row(), Format::Human, &Style::default());
    assert!(text.contains("\n 1048576 │ Referrals"), "{text}");
    assert!(text.contains("A         │ … │ XFD") || text.contains("A         │ XFD"), "{text}");
    let text = render(&first_row(), Format::Human, &Style::default());
    assert!(text.contains("\n 1 │ Contacts"), "{text}");
    assert!(Cell::new(0, 1).to_string() == "B1");
}

#[test]
fn formats_are_found_by_name() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
    }
    assert_eq!(Format::from_name("pdf"), None);
}
