//! From cells to figures, by words: each kind of mess that agencies send (domain D1 to D48), as a sheet in text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::sync::Arc;

use safereturn::cell::{Address, Pointer};
use safereturn::extract::{Context, Layouts, Regime, Return, Use};
use safereturn::figure::{Bare, Figure, Interval, Marker, Status};
use safereturn::finding::{Finding, Findings, Reach, Severity, Verdict};
use safereturn::schema::model::{Code, CodeList, Item, Kind, List, Measure, Section, Table};
use safereturn::schema::{Agencies, AgencyKind, Body, Year};
use safereturn::workbook::Workbook;
use safereturn::workbook::notation;

fn code(code: &str, label: &str, aliases: &[&str]) -> Code {
    Code {
        code: code.into(),
        label: label.into(),
        aliases: aliases.iter().map(|a| (*a).into()).collect(),
        exclusive: false,
        unknown: false,
        replaced_by: Vec::new(),
    }
}

fn list_of(key: &str, codes: Vec<Code>) -> Arc<CodeList> {
    Arc::new(CodeList { key: key.into(), title: key.into(), codes, retired: Vec::new(), months: false })
}

fn categories() -> Arc<CodeList> {
    list_of(
        "abuse-categories",
        vec![
            code("NEG", "Neglect", &["Neglected"]),
            code("PHY", "Physical abuse", &[]),
            code("SAB", "Sexual abuse", &["CSA"]),
            code("EMO", "Emotional abuse", &[]),
        ],
    )
}

fn ages() -> Arc<CodeList> {
    list_of(
        "age-bands",
        vec![code("0-4", "0 to 4", &["under 5"]), code("5-9", "5 to 9", &[]), code("10-14", "10 to 14", &[])],
    )
}

fn months() -> Arc<CodeList> {
    let names = [
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "January",
        "February",
        "March",
    ];
    let codes = names.iter().map(|n| code(&n[..3].to_lowercase(), n, &[])).collect();
    Arc::new(CodeList { key: "months".into(), title: "Months".into(), codes, retired: Vec::new(), months: true })
}

fn factors() -> Arc<CodeList> {
    let mut none = code("21", "No factors identified", &[]);
    none.exclusive = true;
    let mut old = code("18A", "Child abuse linked to faith", &[]);
    old.replaced_by = vec!["18B".into()];
    Arc::new(CodeList {
        key: "factors".into(),
        title: "Factors".into(),
        codes: vec![
            code("10A", "Missing", &["MISP"]),
            code("11A", "Exploitation", &[]),
            code("18B", "Faith, by a child", &[]),
            none,
        ],
        retired: vec![old],
        months: false,
    })
}

fn measure(key: &str, title: &str, kind: Kind) -> Measure {
    Measure {
        path: vec![key.into()],
        title: title.into(),
        group_title: None,
        aliases: Vec::new(),
        description: String::new(),
        kind,
        unit: match kind {
            Kind::Count => "children".into(),
            Kind::Percentage => "%".into(),
            Kind::Rate => "per 10,000".into(),
            Kind::Points
            | Kind::Number
            | Kind::Money
            | Kind::Date
            | Kind::Year
            | Kind::Month
            | Kind::Code
            | Kind::Codes
            | Kind::Text
            | Kind::Email => String::new(),
        },
        unit_of_count: None,
        required: true,
        derived: false,
        decimals: 0,
        plausible: None,
        codes: None,
        never: Vec::new(),
        breaks: false,
        publish_from: None,
        longest: None,
        shortest: None,
        source: String::new(),
        carried: None,
    }
}

fn coded(key: &str, title: &str, kind: Kind, codes: Arc<CodeList>) -> Measure {
    Measure { codes: Some(codes), ..measure(key, title, kind) }
}

fn table(key: &str, title: &str, row_title: &str, rows: Arc<CodeList>, columns: Vec<Measure>) -> Item {
    Item::Table(Table {
        key: key.into(),
        title: title.into(),
        aliases: Vec::new(),
        description: String::new(),
        row_title: row_title.into(),
        rows,
        columns,
        bands: None,
        required: true,
    })
}

fn section(key: &str, title: &str, items: Vec<Item>) -> Section {
    Section {
        key: key.into(),
        title: title.into(),
        aliases: if key == "protection" { vec!["CP".into()] } else { Vec::new() },
        description: String::new(),
        aims: Vec::new(),
        items,
    }
}

fn children() -> Vec<Measure> {
    vec![measure("children", "Children", Kind::Count)]
}

fn by_category() -> Item {
    table("by_category", "Children by category", "Category", categories(), children())
}

fn by_age() -> Item {
    table("by_age", "Children by age", "Age", ages(), children())
}

fn protection() -> Section {
    let mut open = measure("open", "Children on a plan at 31 March", Kind::Count);
    open.aliases = vec!["Plans open at year end".into()];
    section(
        "protection",
        "Child protection",
        vec![
            Item::Measure(open),
            Item::Measure(measure("started", "Plans started in the year", Kind::Count)),
            Item::Measure(measure("pct", "Reviews on time", Kind::Percentage)),
            by_category(),
            by_age(),
        ],
    )
}

fn one(kind: Kind) -> Section {
    section("one", "One", vec![Item::Measure(measure("it", "The figure", kind))])
}

fn recommendations() -> Section {
    let mut impact = coded(
        "impact",
        "Impact",
        Kind::Code,
        list_of("impact", vec![code("yes", "Yes, it helped", &[]), code("no", "No", &[])]),
    );
    impact.required = false;
    section(
        "recommendations",
        "Recommendations",
        vec![Item::List(List {
            key: "recommendations".into(),
            title: "Recommendations".into(),
            aliases: Vec::new(),
            description: String::new(),
            key_field: "rec_id".into(),
            telling: vec![],
            fields: vec![
                measure("rec_id", "Reference", Kind::Text),
                measure("text", "Recommendation", Kind::Text),
                measure("due", "Due date", Kind::Date),
                impact,
            ],
        })],
    )
}

struct Seen {
    figures: Return,
    findings: Findings,
    workbook: Workbook,
}

impl Seen {
    fn figure(&self, pointer: &str) -> &Figure {
        let pointer = Pointer::from(pointer);
        self.figures
            .figures
            .get(&pointer)
            .unwrap_or_else(|| panic!("no {pointer} in {:?}", self.figures.figures.keys()))
    }

    fn number(&self, pointer: &str) -> f64 {
        match self.figure(pointer).bare {
            Bare::Number(n) => n,
            ref other => panic!("{pointer}: {other:?}\n{}", self.said()),
        }
    }

    fn cell(&self, pointer: &str) -> String {
        self.figure(pointer).cell.map_or_else(|| "nowhere".to_owned(), |a| a.cell.to_string())
    }

    fn find(&self, rule: &str) -> &Finding {
        self.findings
            .list()
            .iter()
            .find(|f| f.rule.as_str() == rule)
            .unwrap_or_else(|| panic!("no {rule}:\n{}", self.said()))
    }

    fn rules(&self) -> Vec<&str> {
        self.findings.list().iter().map(|f| f.rule.as_str()).collect()
    }

    fn said(&self) -> String {
        self.findings
            .list()
            .iter()
            .map(|f| format!("{} {} {}: {} {}\n", f.severity.word(), f.rule, f.at, f.message, f.help))
            .collect()
    }

    fn clean(&self) {
        assert_eq!(self.rules(), Vec::<&str>::new(), "{}", self.said());
    }

    /// No figure falls on the floor: every cell that holds something has come to something.
    fn every_cell(&self) {
        for (index, sheet) in self.workbook.sheets.iter().enumerate() {
            for (cell, entry) in sheet.cells.iter().filter(|(_, e)| !e.is_blank()) {
                let used = self.figures.uses.get(&Address::new(index, *cell));
                assert!(used.is_some(), "{}!{cell} {entry:?} came to nothing", sheet.name);
            }
        }
    }
}

fn look(section: &Section, text: &str) -> Seen {
    look_under(section, text, Regime::default())
}

fn look_under(section: &Section, text: &str, regime: Regime) -> Seen {
    let workbook = notation::read(text).expect("notation");
    let mut findings = Findings::default();
    let mut figures = Return { year: "2020-21".into(), regime, ..Return::default() };
    figures.sheet(&workbook, 0, section, &mut findings);
    let seen = Seen { figures, findings, workbook };
    seen.every_cell();
    seen
}

/// One cell beside the label “The figure”.
fn cell(kind: Kind, text: &str) -> Seen {
    look(&one(kind), &format!("-- One\n   3 │ The figure │ {text}\n"))
}

const TEMPLATE: &str = "-- Child protection
   1 │ Child protection
   2 │ Type a number, 0 or a letter.
   4 │ Measure │ Figure │ Status │ Note │ Unit
   5 │ Children on a plan at 31 March │ 194 │ p │ checked │ children
   6 │ Plans started in the year │ 209 │ │ │ children
   7 │ Reviews on time │ 67.6 │ │ │ %
   9 │ Children by category
  10 │ Category │ Children
  11 │ Neglect │ 100
  12 │ Physical abuse │ 20
  13 │ Sexual abuse │ 4
  14 │ Emotional abuse │ 70
  16 │ Children by age
  17 │ Age │ Children
  18 │ 0 to 4 │ 50
  19 │ 5 to 9 │ 60
  20 │ 10 to 14 │ 84
";

#[test]
fn the_template_is_read_without_a_word() {
    let seen = look(&protection(), TEMPLATE);
    seen.clean();
    assert_eq!(seen.number("/protection/open"), 194.0);
    assert_eq!(seen.cell("/protection/open"), "B5");
    assert_eq!(seen.figure("/protection/open").status, [Status::Provisional]);
    assert_eq!(seen.figure("/protection/open").note.as_deref(), Some("checked"));
    assert_eq!(seen.number("/protection/by_category/NEG/children"), 100.0);
    assert_eq!(seen.number("/protection/by_age/10-14/children"), 84.0);
    assert_eq!(seen.cell("/protection/by_age/10-14/children"), "B20");
    let words = seen.figures.words(&Pointer::from("/protection/by_category/NEG/children"));
    assert_eq!(words, "Children by category · Neglect · Children");
    let accounted: Vec<_> = seen.findings.checks().iter().filter(|c| c.rule.as_str() == "TAB-16").collect();
    assert!(matches!(accounted[0].verdict, Verdict::NotApplicable(_)));
    assert!(seen.findings.checks().iter().any(|c| c.rule.as_str() == "TAB-12" && c.verdict == Verdict::Held));
}

#[test]
fn a_blank_figure_has_a_place() {
    let seen = look(&protection(), &TEMPLATE.replace("│ 209 │", "│ │").replace("Sexual abuse │ 4", "Sexual abuse"));
    seen.clean();
    assert_eq!(seen.figure("/protection/started").bare, Bare::Blank);
    assert_eq!(seen.cell("/protection/started"), "B6");
    assert_eq!(seen.cell("/protection/by_category/SAB/children"), "B13");
    let bare = look(
        &protection(),
        "-- Child protection\n 1 │ Children on a plan at 31 March │ │ 194\n 2 │ Plans started in the year\n 3 │ Reviews on time │ │ 50\n",
    );
    assert_eq!(bare.cell("/protection/started"), "C2", "{}", bare.said());
    assert_eq!(bare.number("/protection/open"), 194.0);
}

#[test]
fn blocks_are_found_wherever_they_stand() {
    // D33, D36, D43, D47: titles above, start at D4, two tables side by side, blank rows and columns, tables first.
    let seen = look(
        &protection(),
        "-- Child protection
     │ D │ E │ F │ G │ H │ I
   4 │ Islington partnership │ │ │ │ │
   6 │ Children by age │ │ │ Children by category │ │
   7 │ Age │ │ Children │ Category │ Children │
   8 │ 10 to 14 │ │ 84 │ Neglect │ 100 │
   9 │ 0 to 4 │ │ 50 │ Emotional abuse │ 70 │
  11 │ 5 to 9 │ │ 60 │ Physical abuse │ 20 │
  12 │ │ │ │ Sexual abuse │ 4 │
  15 │ Plans started in the year │ 209 │ │ Reviews on time │ │ 67.6
  16 │ Children on a plan at 31 March │ 194 │ │ │ │
",
    );
    seen.clean();
    assert_eq!(seen.number("/protection/by_age/5-9/children"), 60.0);
    assert_eq!(seen.number("/protection/by_category/SAB/children"), 4.0);
    assert_eq!(seen.number("/protection/pct"), 67.6);
    assert_eq!(seen.number("/protection/open"), 194.0);
    assert_eq!(seen.cell("/protection/open"), "E16");
}

#[test]
fn tables_with_the_same_rows_and_columns_are_told_apart_by_their_titles() {
    let two = section(
        "two",
        "Two",
        vec![
            table("start", "Children at the start by age", "Age", ages(), children()),
            table("end", "Children at the end by age", "Age", ages(), children()),
        ],
    );
    let seen = look(
        &two,
        "-- Two
   1 │ Children at the end by age
   2 │ Age │ Children
   3 │ 0-4 │ 1
   4 │ 5-9 │ 2
   5 │ 10-14 │ 3
   7 │ Children at the start by age
   8 │ Age │ Children
   9 │ 0-4 │ 4
  10 │ 5-9 │ 5
  11 │ 10-14 │ 6
",
    );
    assert_eq!(seen.number("/two/end/0-4/children"), 1.0, "{}", seen.said());
    assert_eq!(seen.number("/two/start/10-14/children"), 6.0);
    let untitled = look(
        &two,
        "-- Two
   2 │ Age │ Children
   3 │ 0-4 │ 1
   4 │ 5-9 │ 2
   5 │ 10-14 │ 3
   8 │ Age │ Children
   9 │ 0-4 │ 4
  10 │ 5-9 │ 5
  11 │ 10-14 │ 6
",
    );
    assert_eq!(untitled.rules(), ["TPL-01", "TPL-01"], "{}", untitled.said());
}

#[test]
fn words_are_known_whatever_their_dress() {
    // D2 to D5, D67, D71: spaces, no-break spaces, dashes, line breaks, case, look-alikes.
    let text = TEMPLATE
        .replace("│ Plans started in the year │", "│ '\" plans\u{a0}started⏎in the YEAR: \" │")
        .replace("│ Neglect │", "│ Nеglect │")
        .replace("0 to 4", "'0–4");
    look(&protection(), &text).clean();
}

#[test]
fn other_words_are_a_note_and_misspelt_ones_a_query() {
    let text = TEMPLATE
        .replace("Children on a plan at 31 March", "Plans open at year end")
        .replace("Plans started in the year", "Plans startd in the year")
        .replace("Category │ Children", "Category │ Childern");
    let seen = look(&protection(), &text);
    assert_eq!(seen.number("/protection/open"), 194.0);
    assert_eq!(seen.number("/protection/started"), 209.0, "{}", seen.said());
    assert_eq!(seen.number("/protection/by_category/NEG/children"), 100.0);
    let mut rules = seen.rules();
    rules.sort_unstable();
    assert_eq!(rules, ["TPL-01", "TPL-01", "TPL-04"], "{}", seen.said());
    let column = seen.findings.list().iter().find(|f| f.at.as_str() == "/protection/by_category/children").unwrap();
    assert_eq!((column.severity, column.consequences), (Severity::Query, 4));
}

#[test]
fn what_is_missing_is_said_once() {
    // D37, D39: a label, a column, a table.
    let text = TEMPLATE
        .replace("Reviews on time", "Something else entirely")
        .replace("Age │ Children", "Age │ Girls and boys");
    let seen = look(&protection(), &text);
    let missing: Vec<&Finding> = seen.findings.list().iter().filter(|f| f.rule.as_str() == "TPL-02").collect();
    assert_eq!(missing.len(), 2, "{}", seen.said());
    assert_eq!(seen.figure("/protection/pct").fault.as_ref().unwrap().as_str(), "TPL-02");
    assert_eq!(seen.figure("/protection/by_age/0-4/children").fault.as_ref().unwrap().as_str(), "TPL-02");
}

#[test]
fn a_missing_column_of_several_costs_that_column_only() {
    let wide = section(
        "wide",
        "Wide",
        vec![table(
            "t",
            "By category",
            "Category",
            categories(),
            vec![measure("contacts", "Contacts", Kind::Count), measure("referrals", "Referrals", Kind::Count)],
        )],
    );
    let seen = look(
        &wide,
        "-- Wide
   2 │ Category │ Referrals │ Owner
   3 │ Neglect │ 1 │ A
   4 │ PHY │ 2 │ B
   5 │ CSA │ 3 │
   6 │ Emotional abuse │ 4 │
",
    );
    let lost = seen.find("TPL-02");
    assert_eq!((lost.at.as_str(), lost.consequences), ("/wide/t/contacts", 4));
    assert_eq!(seen.number("/wide/t/PHY/referrals"), 2.0);
    // D38: the extra column is listed; COD-02: an alias of a row.
    assert!(seen.find("TPL-03").message.contains("Owner"));
    assert_eq!(seen.find("COD-02").severity, Severity::Note);
}

#[test]
fn a_column_or_label_that_stands_twice_must_say_the_same() {
    // D40
    let same = TEMPLATE.replace("Category │ Children", "Category │ Children │ Children");
    let same =
        same.replace("Neglect │ 100", "Neglect │ 100 │ 100").replace("Physical abuse │ 20", "Physical abuse │ 20 │ 20");
    let same = same
        .replace("Sexual abuse │ 4", "Sexual abuse │ 4 │ 4")
        .replace("Emotional abuse │ 70", "Emotional abuse │ 70 │ 70");
    assert_eq!(look(&protection(), &same).rules(), ["TPL-04"]);
    let differs = look(&protection(), &same.replace("70 │ 70", "70 │ 71"));
    assert_eq!(differs.rules(), ["TPL-06"]);
    assert_eq!(differs.figure("/protection/by_category/NEG/children").fault.as_ref().unwrap().as_str(), "TPL-06");
    let label = look(&protection(), &format!("{TEMPLATE}  22 │ Reviews on time │ 66.6\n"));
    assert_eq!(label.rules(), ["TPL-06"], "{}", label.said());
}

#[test]
fn two_row_headings_are_joined() {
    // D34
    let breakdown = |group: &str, key: &str, title: &str| Measure {
        path: vec![group.to_lowercase(), key.into()],
        group_title: Some(group.into()),
        ..measure(key, title, Kind::Count)
    };
    let columns = || {
        vec![
            measure("all", "Meetings", Kind::Count),
            breakdown("Invited", "police", "Police"),
            breakdown("Invited", "health", "Health"),
            breakdown("Attended", "police", "Police"),
            breakdown("Attended", "health", "Health"),
        ]
    };
    let s = section("s", "S", vec![table("t", "By category", "Category", categories(), columns())]);
    let rows = "   4 │ Neglect │ 9 │ 1 │ 2 │ 3 │ 4
   5 │ Physical abuse │ 9 │ 1 │ 2 │ 3 │ 4
   6 │ Sexual abuse │ 9 │ 1 │ 2 │ 3 │ 4
   7 │ Emotional abuse │ 9 │ 1 │ 2 │ 3 │ 4
";
    let merged = format!(
        "-- S\nmerge A2:A3\nmerge B2:B3\nmerge C2:D2\nmerge E2:F2
   2 │ Category │ Meetings │ Invited │ │ Attended │
   3 │ │ │ Police │ Health │ Police │ Health
{rows}"
    );
    let plain = format!(
        "-- S
   2 │ Category │ Meetings │ Invited │ │ Attended │
   3 │ │ │ Police │ Health │ Police │ Health
{rows}"
    );
    let single = format!(
        "-- S
   3 │ Category │ Meetings │ Invited: Police │ Invited: Health │ Attended – Police │ Attended Health
{rows}"
    );
    for text in [merged, plain, single] {
        let seen = look(&s, &text);
        seen.clean();
        assert_eq!(seen.number("/s/t/NEG/attended/police"), 3.0);
        assert_eq!(seen.number("/s/t/EMO/invited/health"), 2.0);
        assert_eq!(seen.number("/s/t/EMO/all"), 9.0);
    }
}

#[test]
fn merged_cells_are_filled_down_inside_their_region_only() {
    // D35
    let seen = look(
        &recommendations(),
        "-- Recommendations
merge C2:C3
   1 │ Reference │ Recommendation │ Due date
   2 │ CSC-1 │ Do this │ 2021-03-31
   3 │ CSC-2 │ Do that │
   4 │ CSC-3 │ Do more │
",
    );
    assert!(matches!(seen.figure("/recommendations/recommendations/CSC-2/due").bare, Bare::Date(_)), "{}", seen.said());
    assert_eq!(seen.figure("/recommendations/recommendations/CSC-3/due").bare, Bare::Blank);
}

#[test]
fn a_table_on_its_side_is_read_if_all_of_it_is_known() {
    // D41
    let s = section("s", "S", vec![by_category()]);
    let seen = look(&s, "-- S\n 3 │ │ Neglect │ PHY │ Sexual abuse │ Emotional abuse\n 4 │ Children │ 1 │ 2 │ 3 │ 4\n");
    assert_eq!(seen.rules(), ["TPL-04"], "{}", seen.said());
    assert_eq!(seen.number("/s/by_category/SAB/children"), 3.0);
    assert_eq!(seen.cell("/s/by_category/SAB/children"), "D4");
}

#[test]
fn of_columns_by_year_the_reporting_year_is_read() {
    // D42
    let s = section("s", "S", vec![Item::Measure(measure("open", "Children open", Kind::Count)), by_category()]);
    let seen = look(
        &s,
        "-- S
   1 │ Measure │ 2019-20 │ 2020-21 │ 2021-22
   2 │ Children open │ 1 │ 2 │ 3
   4 │ Category │ 2019/20 │ 2020/21
   5 │ Neglect │ 10 │ 20
   6 │ Physical abuse │ 11 │ 21
   7 │ Sexual abuse │ 12 │ 22
   8 │ Emotional abuse │ 13 │ 23
",
    );
    assert_eq!(seen.number("/s/open"), 2.0);
    assert_eq!(seen.number("/s/by_category/SAB/children"), 22.0);
    assert_eq!(seen.rules(), ["TPL-03"], "{}", seen.said());
}

#[test]
fn rows_doubled_missing_unknown_and_totals() {
    // D44, D46, D48, TAB-10, TAB-11, TAB-12, COD-01
    let s = section("s", "S", vec![by_category()]);
    let seen = look(
        &s,
        "-- S
   1 │ Category │ Children
   2 │ Neglect │ 10
   3 │ Neglect │ 11
   4 │ Physical abuse │ 5
   5 │ Physical abuse │ 5
   6 │ Sexaul abuse │ 3
   7 │ Total │ 29
   8 │ Source: our case system
",
    );
    assert_eq!(seen.find("TAB-10").labels.len(), 2);
    assert_eq!(seen.find("TPL-04").at.as_str(), "/s/by_category/PHY");
    assert_eq!(seen.find("COD-01").expected.as_deref(), Some("Sexual abuse (SAB)"));
    assert_eq!(seen.find("TAB-11").severity, Severity::Note);
    let missing = seen.find("TAB-12");
    assert!(
        missing.message.contains("“Emotional abuse”") && !missing.message.contains("Sexual"),
        "{}",
        missing.message
    );
    assert_eq!(seen.figure("/s/by_category/NEG/children").fault.as_ref().unwrap().as_str(), "TAB-10");
    assert_eq!(seen.figure("/s/by_category/SAB/children").fault.as_ref().unwrap().as_str(), "COD-01");
    assert!(matches!(seen.figures.uses.get(&Address::new(0, "A8".parse().unwrap())), Some(Use::Passed(_))));
    assert_eq!(seen.rules().len(), 5, "{}", seen.said());
}

#[test]
fn months_carry_their_year() {
    // TAB-16
    let s = section(
        "s",
        "S",
        vec![table("m", "By month", "Month", months(), vec![measure("contacts", "Contacts", Kind::Count)])],
    );
    let good = "-- S
   1 │ Month │ Contacts
   2 │ Apr-20 │ 1
   3 │ May 2020 │ 2
   4 │ 2020-06-01 {format mmm-yy} │ 3
   5 │ July │ 4
   6 │ aug │ 5
   7 │ Sept 20 │ 6
   8 │ Oct │ 7
   9 │ Nov │ 8
  10 │ Dec │ 9
  11 │ January 2021 │ 10
  12 │ Feb │ 11
  13 │ Mar-21 │ 12
";
    let seen = look(&s, good);
    seen.clean();
    assert_eq!(seen.number("/s/m/jun/contacts"), 3.0);
    let wrong = look(&s, &good.replace("Mar-21", "March 2022"));
    assert_eq!(wrong.rules(), ["TAB-16"], "{}", wrong.said());
    assert_eq!(wrong.find("TAB-16").at.as_str(), "/s/m/mar");
}

#[test]
fn bands_that_excel_made_dates_of_are_read_back() {
    // D22
    let s = section("s", "S", vec![by_age()]);
    let seen = look(&s, "-- S\n 1 │ Age │ Children\n 2 │ 0-4 │ 1\n 3 │ 2021-09-05 │ 2\n 4 │ 2014-10-01 │ 3\n");
    assert_eq!(seen.number("/s/by_age/5-9/children"), 2.0, "{}", seen.said());
    assert_eq!(seen.number("/s/by_age/10-14/children"), 3.0);
    assert_eq!(seen.rules(), ["TPL-04", "TPL-04"]);
}

#[test]
fn an_old_list_of_ethnic_groups_is_queried() {
    // COD-13
    let names = ["WBRI", "WIRI", "WOTH", "MWBC", "MWBA", "MOTH", "AIND", "APKN", "ABAN", "BCRB", "BAFR", "CHNE"];
    let groups = list_of("ethnicities", names.iter().map(|n| code(n, n, &[])).collect());
    let s = section("s", "S", vec![table("e", "By ethnic group", "Ethnic group", groups, children())]);
    let rows: String = names.iter().take(11).enumerate().map(|(i, n)| format!("  {} │ {n} │ 1\n", i + 2)).collect();
    let seen = look(&s, &format!("-- S\n   1 │ Ethnic group │ Children\n{rows}"));
    assert_eq!(seen.rules(), ["COD-13"], "{}", seen.said());
}

#[test]
fn lists_name_their_rows_by_key() {
    let seen = look(
        &recommendations(),
        "-- Recommendations
   1 │ Recommendations
   3 │ Due date │ Reference │ Recommendation │ Impact
   4 │ 2021-03-31 │ csc-2020-01 │ Do this │ Yes, it helped
   6 │ 2021-03-31 │ CSC-2020-02 │ Do that │
   7 │ 2021-03-31 │ csc-2020-02 │ Do that │
   8 │ 2021-04-30 │ CSC-2020-01 │ Do this too │ no
   9 │ 2021-04-30 │ │ Nobody gave it a number │
  11 │ Note: all of these were agreed by the board.
",
    );
    let keys = &seen.figures.lists[&Pointer::from("/recommendations/recommendations")];
    assert_eq!(keys, &["CSC-2020-01", "CSC-2020-02", "CSC-2020-01~2", "row-9"], "{}", seen.said());
    assert_eq!(seen.find("TAB-10").labels.len(), 2);
    assert_eq!(seen.find("TPL-04").at.as_str(), "/recommendations/recommendations/CSC-2020-02");
    assert_eq!(seen.figure("/recommendations/recommendations/row-9/rec_id").bare, Bare::Blank);
    assert_eq!(seen.cell("/recommendations/recommendations/row-9/rec_id"), "B9");
    assert_eq!(seen.rules().len(), 2, "{}", seen.said());
}

#[test]
fn numbers_are_understood_in_their_dress() {
    // D1, D6, D7, D8, D16, D17, D19 to D21
    for (kind, text, n, rule) in [
        (Kind::Count, "44", 44.0, None),
        (Kind::Count, "'11,147", 11147.0, Some("TPL-04")),
        (Kind::Count, "'11 147", 11147.0, Some("TPL-04")),
        (Kind::Count, "'44", 44.0, Some("TPL-04")),
        (Kind::Count, "'\" 44 \"", 44.0, Some("TPL-04")),
        (Kind::Count, "12 children", 12.0, Some("CEL-12")),
        (Kind::Count, "44*", 44.0, Some("CEL-12")),
        (Kind::Count, "44 (1)", 44.0, Some("CEL-12")),
        (Kind::Count, "44¹", 44.0, Some("CEL-12")),
        (Kind::Count, "[r]44", 44.0, Some("CEL-12")),
        (Kind::Count, "44 [p]", 44.0, None),
        (Kind::Count, "'1.1147E4", 11147.0, Some("TPL-04")),
        (Kind::Count, "'1.1E4", 11000.0, Some("TPL-07")),
        (Kind::Count, "11,147 (provisional)", 11147.0, Some("CEL-12")),
        (Kind::Count, "nil", 0.0, Some("TPL-04")),
        (Kind::Count, "None", 0.0, Some("TPL-04")),
        (Kind::Count, "'４４", 44.0, Some("TPL-04")),
        (Kind::Count, "'−3", -3.0, Some("TPL-04")),
        (Kind::Percentage, "15.6%", 15.6, None),
        (Kind::Percentage, "'15.6%", 15.6, Some("TPL-04")),
        (Kind::Percentage, "'15.6 %", 15.6, Some("TPL-04")),
        (Kind::Percentage, "'15·6%", 15.6, Some("TPL-04")),
        (Kind::Percentage, "0.156", 0.156, None),
        (Kind::Percentage, "67.60000000000001", 67.6, None),
        (Kind::Rate, "52.1 per 10,000", 52.1, Some("CEL-12")),
        (Kind::Money, "£1.6m", 1_600_000.0, Some("CEL-12")),
        (Kind::Count, "c. 40", 40.0, Some("TPL-07")),
        (Kind::Count, "~40", 40.0, Some("TPL-07")),
        (Kind::Count, "40+", 40.0, Some("TPL-07")),
        (Kind::Count, "approx 40", 40.0, Some("TPL-07")),
    ] {
        let seen = cell(kind, text);
        assert_eq!(seen.number("/one/it"), n, "{text}");
        assert_eq!(seen.rules(), rule.into_iter().collect::<Vec<_>>(), "{text}: {}", seen.said());
    }
    assert_eq!(cell(Kind::Count, "44 [p]").figure("/one/it").status, [Status::Provisional]);
    assert_eq!(cell(Kind::Count, "~40").figure("/one/it").status, [Status::Estimated]);
    assert_eq!(cell(Kind::Count, "44*").figure("/one/it").note.as_deref(), Some("*"));
    assert_eq!(cell(Kind::Percentage, "15.0%").figure("/one/it").decimals, 1);
    assert_eq!(cell(Kind::Percentage, "15.0%").figure("/one/it").typed, "15%");
}

#[test]
fn continental_thousands_are_noted_if_they_fit_and_queried_if_not() {
    // D1
    let mut contacts = measure("it", "The figure", Kind::Count);
    contacts.plausible = Some((0.0, 100_000.0));
    let s = section("one", "One", vec![Item::Measure(contacts)]);
    let seen = look(&s, "-- One\n 1 │ The figure │ '11.147\n");
    assert_eq!((seen.number("/one/it"), seen.rules()), (11147.0, vec!["TPL-04"]));
    assert_eq!(cell(Kind::Count, "'11.147").rules(), ["TPL-07"]);
}

#[test]
fn what_is_no_number_is_said_so() {
    for (kind, text, rule) in [
        (Kind::Count, "6 wks", "TPL-05"),
        (Kind::Count, "5-10", "TPL-05"),
        (Kind::Count, "5 to 10", "TPL-05"),
        (Kind::Count, "11k", "TPL-05"),
        (Kind::Count, "r44", "COD-11"),
        (Kind::Count, "44p", "COD-11"),
        (Kind::Count, "n/k", "COD-06"),
        (Kind::Count, "NK", "COD-06"),
        (Kind::Count, "see the attached sheet", "TPL-05"),
        (Kind::Count, "TRUE", "TPL-05"),
        (Kind::Count, "2021-01-02", "TPL-05"),
        (Kind::Count, "#DIV/0!", "CEL-11"),
        (Kind::Count, "'#REF!", "CEL-11"),
        (Kind::Count, "{=B2+B3}", "TPL-05"),
    ] {
        let seen = cell(kind, text);
        assert_eq!(seen.rules(), [rule], "{text}: {}", seen.said());
        let figure = seen.figure("/one/it");
        assert_eq!(figure.fault.as_ref().unwrap().as_str(), rule, "{text}");
        assert_eq!(figure.interval, Interval::UNKNOWN, "{text}");
        assert_eq!(seen.find(rule).severity, Severity::Error);
        assert_eq!(seen.find(rule).reach, Reach::section("one"));
    }
    assert!(cell(Kind::Count, "{=B2+B3}").find("TPL-05").help.contains("Open the file in Excel"));
}

#[test]
fn nothing_is_said_in_a_figure_that_is_ours_to_compute() {
    // D30
    let mut rate = measure("it", "The figure", Kind::Percentage);
    rate.derived = true;
    rate.required = false;
    let s = section("one", "One", vec![Item::Measure(rate)]);
    for text in ["{=B2/B3}", "#DIV/0!"] {
        let seen = look(&s, &format!("-- One\n 1 │ The figure │ {text}\n"));
        seen.clean();
        assert_eq!(seen.figure("/one/it").bare, Bare::Blank);
    }
}

#[test]
fn a_formula_that_reads_another_workbook_is_queried() {
    // D32
    let seen = cell(Kind::Count, "44 {=[1]Sheet1!A1}");
    assert_eq!((seen.number("/one/it"), seen.rules()), (44.0, vec!["TPL-07"]));
    cell(Kind::Count, "44 {=SUM(Table1[Children])}").clean();
}

#[test]
fn markers_are_taken_silently_with_a_note_or_queried() {
    // D11 to D13, domain B.0.3
    for (text, marker, rule) in [
        ("c", Marker::Confidential, None),
        ("[c]", Marker::Confidential, None),
        ("low", Marker::RoundsToZero, None),
        ("suppressed", Marker::Confidential, Some("TPL-04")),
        ("<5", Marker::Confidential, Some("TPL-04")),
        ("fewer than 5", Marker::Confidential, Some("TPL-04")),
        ("'1-5", Marker::Confidential, Some("TPL-04")),
        ("N/A", Marker::NotApplicable, Some("TPL-04")),
        (":", Marker::NotAvailable, Some("TPL-04")),
        ("..", Marker::NotAvailable, Some("TPL-04")),
        ("~", Marker::RoundsToZero, Some("TPL-04")),
        ("*", Marker::Confidential, Some("TPL-07")),
        ("s", Marker::Confidential, Some("TPL-07")),
        ("TBC", Marker::NotAvailable, Some("TPL-07")),
        ("?", Marker::NotAvailable, Some("TPL-07")),
    ] {
        let seen = cell(Kind::Count, text);
        assert_eq!(seen.figure("/one/it").bare, Bare::Marker(marker), "{text}");
        assert_eq!(seen.rules(), rule.into_iter().collect::<Vec<_>>(), "{text}: {}", seen.said());
    }
    for dash in ["'-", "–", ".", "…"] {
        let seen = cell(Kind::Count, dash);
        assert_eq!(seen.rules(), ["TPL-07"], "{dash}");
        assert_eq!((&seen.figure("/one/it").bare, seen.figure("/one/it").interval), (&Bare::Blank, Interval::UNKNOWN));
        assert_eq!(seen.figure("/one/it").fault.as_ref().unwrap().as_str(), "TPL-07");
    }
}

#[test]
fn figures_are_intervals() {
    let interval = |text: &str, regime| {
        look_under(&one(Kind::Count), &format!("-- One\n 3 │ The figure │ {text}\n"), regime).figure("/one/it").interval
    };
    let plain = Regime::default();
    let range = Regime { range: Some((1, 5)), secondary: false, round: None };
    let rounded = Regime { range: Some((1, 7)), secondary: true, round: Some(5) };
    assert_eq!(interval("44", plain), Interval::exact(44.0));
    assert_eq!(interval("c", plain), Interval::at_least(0.0));
    assert_eq!(interval("c", range), Interval::new(1.0, 5.0));
    assert_eq!(interval("c", rounded), Interval::at_least(0.0));
    assert_eq!(interval("<5", plain), Interval::new(0.0, 4.0));
    assert_eq!(interval("10", rounded), Interval::new(7.5, 12.5));
    assert_eq!(interval("0", rounded), Interval::new(0.0, 2.5));
    assert_eq!(interval("k", plain), Interval::new(0.0, 0.5));
    for unknown in ["z", "x", "u", ""] {
        assert_eq!(interval(unknown, plain), Interval::UNKNOWN, "{unknown}");
    }
    assert_eq!(cell(Kind::Date, "1970-01-02").figure("/one/it").interval, Interval::exact(1.0));
}

#[test]
fn dates_are_understood_or_asked_about() {
    // D23 to D28
    for (text, day, rule) in [
        ("2023-10-31", "2023-10-31", None),
        ("'2023-10-31", "2023-10-31", None),
        ("31st October 2023", "2023-10-31", Some("TPL-04")),
        ("31.3.21", "2021-03-31", Some("TPL-04")),
        ("'31/03/2022", "2022-03-31", Some("TPL-04")),
        ("'03/31/2022", "2022-03-31", Some("TPL-04")),
        ("44286", "2021-03-31", Some("TPL-04")),
        ("'04/05/2022", "2022-05-04", Some("CEL-07")),
        ("Mar-21", "2021-03-01", Some("CEL-07")),
    ] {
        let seen = cell(Kind::Date, text);
        assert_eq!(seen.figure("/one/it").bare, Bare::Date(day.parse().unwrap()), "{text}: {}", seen.said());
        assert_eq!(seen.rules(), rule.into_iter().collect::<Vec<_>>(), "{text}: {}", seen.said());
    }
    for text in ["'31/02/2022", "soon", "12"] {
        assert_eq!(cell(Kind::Date, text).rules(), ["CEL-06"], "{text}");
    }
    let either = cell(Kind::Date, "'04/05/2022").figure("/one/it").interval;
    assert!(either.hi - either.lo > 20.0, "{either:?}");
}

#[test]
fn years_are_understood() {
    for (text, year, rule) in [
        ("2021-22", Some("2021-22"), None),
        ("2021/22", Some("2021-22"), Some("TPL-04")),
        ("2022", Some("2021-22"), Some("TPL-04")),
        ("2020-22", None, Some("COD-14")),
        ("last year", None, Some("COD-14")),
    ] {
        let seen = cell(Kind::Year, text);
        assert_eq!(seen.rules(), rule.into_iter().collect::<Vec<_>>(), "{text}");
        if let Some(year) = year {
            assert_eq!(seen.figure("/one/it").bare, Bare::Text(year.into()));
        }
    }
}

#[test]
fn codes_are_asked_of_their_list_first() {
    let one = section("one", "One", vec![Item::Measure(coded("it", "The figure", Kind::Code, categories()))]);
    for (text, want, rule) in [
        ("NEG", "NEG", None),
        ("neglect", "NEG", None),
        ("CSA", "SAB", Some("COD-02")),
        ("Nеglect", "NEG", Some("TPL-04")),
        ("Emotionl abuse", "Emotionl abuse", Some("COD-01")),
    ] {
        let seen = look(&one, &format!("-- One\n 1 │ The figure │ {text}\n"));
        assert_eq!(seen.figure("/one/it").bare, Bare::Text(want.into()), "{text}");
        assert_eq!(seen.rules(), rule.into_iter().collect::<Vec<_>>(), "{text}: {}", seen.said());
    }
    let near = look(&one, "-- One\n 1 │ The figure │ Emotionl abuse\n");
    assert_eq!(near.find("COD-01").expected.as_deref(), Some("Emotional abuse (EMO)"));
    // D65: colour only.
    assert_eq!(look(&one, "-- One\n 1 │ The figure │ {fill FFC000}\n").rules(), ["COD-12"]);
    // A code list that has a “C” of its own: no marker.
    let legal = list_of("legal", vec![code("C", "Care order", &[]), code("1-2", "One or two", &[])]);
    let own = section("one", "One", vec![Item::Measure(coded("it", "The figure", Kind::Code, legal))]);
    assert_eq!(look(&own, "-- One\n 1 │ The figure │ c\n").figure("/one/it").bare, Bare::Text("C".into()));
    // D22: Excel made a date of it.
    let date = look(&own, "-- One\n 1 │ The figure │ 2021-02-01\n");
    assert_eq!((&date.figure("/one/it").bare, date.rules()), (&Bare::Text("1-2".into()), vec!["TPL-04"]));
    // D66: ticks.
    let ticks = list_of("yes-no", vec![code("y", "Yes", &[]), code("n", "No", &[])]);
    let ticks = section("one", "One", vec![Item::Measure(coded("it", "The figure", Kind::Code, ticks))]);
    for (text, want) in [("TRUE", "y"), ("Yes", "y"), ("✓", "y"), ("1", "y"), ("N", "n")] {
        let seen = look(&ticks, &format!("-- One\n 1 │ The figure │ {text}\n"));
        assert_eq!((&seen.figure("/one/it").bare, seen.rules().len()), (&Bare::Text(want.into()), 0), "{text}");
    }
    assert_eq!(look(&ticks, "-- One\n 1 │ The figure │ X\n").rules(), ["TPL-07"]);
}

#[test]
fn several_codes_stand_in_one_cell() {
    let one = section("one", "One", vec![Item::Measure(coded("it", "The figure", Kind::Codes, factors()))]);
    for (text, want, rule) in [
        ("10A, 11A", vec!["10A", "11A"], None),
        ("10A/11A", vec!["10A", "11A"], None),
        ("10A⏎Exploitation", vec!["10A", "11A"], None),
        ("Faith, by a child", vec!["18B"], None),
        ("10A; 10A", vec!["10A"], Some("COD-04")),
        ("10A, 21", vec!["10A", "21"], Some("COD-03")),
        ("18A", vec!["18A"], Some("COD-05")),
        ("10A, nonsense", vec!["10A"], Some("COD-01")),
    ] {
        let seen = look(&one, &format!("-- One\n 1 │ The figure │ {text}\n"));
        let codes = want.into_iter().map(String::from).collect();
        assert_eq!(seen.figure("/one/it").bare, Bare::Codes(codes), "{text}: {}", seen.said());
        assert_eq!(seen.rules(), rule.into_iter().collect::<Vec<_>>(), "{text}: {}", seen.said());
    }
    assert!(look(&one, "-- One\n 1 │ The figure │ 18A\n").find("COD-05").help.contains("Faith, by a child (18B)"));
}

#[test]
fn text_keeps_its_own_words() {
    let seen = cell(Kind::Text, "'\"  It’s “done”⏎now  \"");
    assert_eq!(seen.figure("/one/it").bare, Bare::Text("It’s “done”\nnow".into()));
    let mail = cell(Kind::Email, "Mailto:Office@Islington.gov.uk ");
    assert_eq!(mail.figure("/one/it").bare, Bare::Text("office@islington.gov.uk".into()));
    let long = cell(Kind::Count, &"very ".repeat(40));
    assert!(long.find("TPL-05").message.contains('…'));
}

fn agencies() -> Agencies {
    let year = |name: &str, open| Year {
        name: name.into(),
        open,
        template: "1.0.0".into(),
        deadline: "2021-05-31".parse().unwrap(),
        query_deadline: "2021-06-30".parse().unwrap(),
    };
    let body = |key: &str, title: &str, aliases: &[&str]| Body {
        key: key.into(),
        title: title.into(),
        kind: key.into(),
        aliases: aliases.iter().map(|a| (*a).into()).collect(),
    };
    Agencies {
        kinds: vec![AgencyKind {
            key: "csc".into(),
            title: "Children’s social care".into(),
            sections: [("protection".to_owned(), true)].into(),
            statutory: true,
        }],
        bodies: vec![
            body("csc", "Children’s social care", &["Childrens Services"]),
            body("mps", "Metropolitan Police", &[]),
        ],
        years: [("2020-21".to_owned(), year("2020-21", true)), ("2019-20".to_owned(), year("2019-20", false))].into(),
    }
}

fn cover() -> Section {
    let mut nil = measure("sections_nil", "Nothing to report in", Kind::Codes);
    nil.required = false;
    section(
        "cover",
        "Cover",
        vec![
            Item::Measure(measure("agency", "Agency", Kind::Code)),
            Item::Measure(measure("reporting_year", "Reporting year", Kind::Year)),
            Item::Measure(measure("submission_no", "Number of this submission", Kind::Count)),
            Item::Measure(measure("suppression_regime", "How small numbers were hidden", Kind::Text)),
            Item::Measure(measure("secondary_suppression", "Other cells hidden", Kind::Text)),
            Item::Measure(nil),
        ],
    )
}

const COVER: &str = "-- Cover
   1 │ Return to the partnership
   3 │ Agency │ Children's social care
   4 │ Reporting year │ 2020-21
   5 │ Number of this submission │ 2
   6 │ How small numbers were hidden │ '1-5
   7 │ Other cells hidden │ no
   8 │ Nothing to report in │ Recommendations
";

fn whole(text: &str, change: impl FnOnce(&mut Context)) -> Seen {
    let workbook = notation::read(text).expect("notation");
    whole_of(workbook, change, Findings::default())
}

fn whole_of(workbook: Workbook, change: impl FnOnce(&mut Context), mut findings: Findings) -> Seen {
    let mut context = Context::on("2021-06-01".parse().unwrap());
    change(&mut context);
    let (agencies, cover) = (agencies(), cover());
    let explanations = section("explanations", "Explanations", Vec::new());
    let sections = [protection(), recommendations()];
    let of = |kind: &str, year: &str| (kind == "csc" && year == "2020-21").then_some(&sections[..]);
    let layouts = Layouts { agencies: &agencies, cover: &cover, explanations: &explanations, sections: &of };
    let figures = Return::read(&workbook, &context, &layouts, &mut findings);
    Seen { figures, findings, workbook }
}

#[test]
fn the_cover_says_who_and_when() {
    let seen = whole(&format!("{COVER}{TEMPLATE}"), |_| {});
    seen.clean();
    seen.every_cell();
    let figures = &seen.figures;
    assert_eq!((figures.body.as_str(), figures.kind.as_str(), figures.year.as_str()), ("csc", "csc", "2020-21"));
    assert_eq!((figures.submission_no, figures.nil.as_slice()), (Some(2), &["recommendations".to_owned()][..]));
    assert_eq!(figures.regime, Regime { range: Some((1, 5)), secondary: false, round: None });
    assert_eq!(figures.sheets["protection"], 1);
}

#[test]
fn a_wrong_cover_refuses_the_submission() {
    let refused = |text: String, rule: &str, change: &dyn Fn(&mut Context)| {
        let seen = whole(&text, change);
        let found = seen.find(rule);
        assert_eq!((found.severity, &found.reach), (Severity::Error, &Reach::Submission), "{}", seen.said());
        assert_eq!(seen.rules().len(), 1, "{}", seen.said());
        found.message.clone()
    };
    let good = format!("{COVER}{TEMPLATE}");
    let none = |_: &mut Context| {};
    let unknown = refused(good.replace("Children's social care", "Childrens socal care"), "CMP-10", &none);
    assert!(unknown.contains("Childrens socal care"));
    let police = refused(good.clone(), "CMP-10", &|c| c.expected_body = Some("mps".into()));
    assert!(police.contains("Metropolitan Police") && police.contains("social care"), "{police}");
    refused(good.replace("│ 2020-21", "│ 2019-20"), "XPE-11", &none);
    refused(good.replace("│ 2020-21", "│"), "XPE-11", &none);
    refused(good.replace("│ 2020-21", "│ 2020-22"), "COD-14", &none);
    refused(good.clone(), "XPE-11", &|c| c.expected_year = Some("2021-22".into()));
    refused(TEMPLATE.to_owned(), "CMP-06", &none);
    let mut workbook = notation::read(&good).unwrap();
    workbook.properties.insert("safereturn_year".into(), "2019-20".into());
    let seen = whole_of(workbook, |_| {}, Findings::default());
    assert_eq!(seen.rules(), ["XPE-11"]);
}

#[test]
fn sheets_are_known_by_name_or_by_their_words() {
    // D50, D52, D53
    for name in ["child-protection", "CHILD PROTECTION ", "cp"] {
        let seen =
            whole(&format!("{COVER}{}", TEMPLATE.replacen("-- Child protection", &format!("-- {name}"), 1)), |_| {});
        seen.clean();
        assert!(seen.figures.sheets.contains_key("protection"), "{name}");
    }
    let renamed = TEMPLATE.replacen("-- Child protection", "-- Sheet1", 1);
    let exact = whole(&format!("{COVER}{renamed}"), |_| {});
    assert_eq!(exact.rules(), ["TPL-04"], "{}", exact.said());
    assert_eq!(exact.number("/protection/open"), 194.0);
    let nearly = whole(&format!("{COVER}{}", renamed.replace("Reviews on time", "Reviews on tme")), |_| {});
    assert!(nearly.rules().contains(&"TPL-01"), "{}", nearly.said());
    let extra = whole(
        &format!("{COVER}{TEMPLATE}-- Workings\n 1 │ x │ 12\n-- Guidance\n 1 │ Read me\n-- Old\nhidden\n 1 │ 7\n"),
        |_| {},
    );
    assert_eq!(extra.rules(), ["TPL-03", "FIL-08"], "{}", extra.said());
    extra.every_cell();
    let hidden = whole(&format!("{COVER}{}", TEMPLATE.replacen("protection\n", "protection\nhidden\n", 1)), |_| {});
    assert!(hidden.find("TPL-03").message.contains("is hidden"), "{}", hidden.said());
    assert!(!hidden.figures.sheets.contains_key("protection"));
}

#[test]
fn suspected_personal_details_are_never_quoted() {
    let text = format!("{COVER}{}", TEMPLATE.replace("│ 209 │", "│ Jane Doe 12 High Street │"));
    let workbook = notation::read(&text).unwrap();
    let mut findings = Findings::default();
    let mut private = Finding::new("DIS-01", Severity::Error, Pointer::section("workbook"), Reach::Submission, "…")
        .with_label(safereturn::finding::Place::Cell(Address::new(1, "B6".parse().unwrap())), "•••");
    private.private = true;
    findings.add(private);
    let seen = whole_of(workbook, |_| {}, findings);
    assert!(seen.rules().contains(&"TPL-05"));
    assert!(!seen.said().contains("Jane"), "{}", seen.said());
    assert_eq!(seen.figure("/protection/started").typed, "•••");
}

#[test]
fn a_figure_outside_the_template_is_named() {
    let seen = look(&protection(), &format!("{TEMPLATE}  30 │ │ │ │ │ │ │ 77\n"));
    assert_eq!(seen.rules(), ["TPL-03"]);
    assert!(seen.find("TPL-03").message.contains("G30"), "{}", seen.said());
}

/// Blocks of cells put at any place, their rows in any order.
fn scattered(mut random: impl FnMut(u32) -> u32) -> String {
    let form = [("Children on a plan at 31 March", 194), ("Plans started in the year", 209), ("Reviews on time", 67)];
    let categories = [("Neglect", 100), ("PHY", 20), ("Sexual abuse", 4), ("EMO", 70)];
    let ages = [("0-4", 50), ("5 to 9", 60), ("10 to 14", 84)];
    let mut blocks: Vec<Vec<(&str, String)>> = form.iter().map(|(w, n)| vec![(*w, n.to_string())]).collect();
    for (title, head, rows) in
        [("Children by category", "Category", &categories[..]), ("Children by age", "Age", &ages[..])]
    {
        let mut lines = vec![(title, String::new()), (head, "Children".to_owned())];
        let at = random(rows.len() as u32) as usize;
        lines.extend(rows[at..].iter().chain(&rows[..at]).map(|(w, n)| (*w, n.to_string())));
        blocks.push(lines);
    }
    for i in (1..blocks.len()).rev() {
        blocks.swap(i, random(i as u32 + 1) as usize);
    }
    let mut rows = vec![vec![String::new(); 9]; 60];
    let mut lanes = [(random(4) as usize, 0), (random(4) as usize, 3), (random(4) as usize, 6)];
    for block in blocks {
        let lane = &mut lanes[random(3) as usize];
        for (words, value) in block {
            rows[lane.0][lane.1] = words.to_owned();
            rows[lane.0][lane.1 + 1] = value;
            lane.0 += 1;
        }
        lane.0 += 1 + random(2) as usize;
    }
    let lines = rows.iter().enumerate().map(|(i, cells)| format!("  {} │ {}\n", i + 1, cells.join(" │ ")));
    format!("-- Child protection\n     │ B │ C │ D │ E │ F │ G │ H │ I │ J\n{}", lines.collect::<String>())
}

#[test]
fn where_blocks_stand_changes_nothing() {
    let mut seed = 7_u64;
    for round in 0..200 {
        let text = scattered(|n| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((seed >> 33) % u64::from(n)) as u32
        });
        let seen = look(&protection(), &text);
        assert_eq!(seen.rules(), Vec::<&str>::new(), "round {round}:\n{text}\n{}", seen.said());
        for (pointer, n) in [
            ("/protection/open", 194.0),
            ("/protection/pct", 67.0),
            ("/protection/by_category/PHY/children", 20.0),
            ("/protection/by_category/EMO/children", 70.0),
            ("/protection/by_age/0-4/children", 50.0),
            ("/protection/by_age/10-14/children", 84.0),
        ] {
            assert_eq!(seen.number(pointer), n, "round {round} {pointer}:\n{text}");
        }
    }
}
