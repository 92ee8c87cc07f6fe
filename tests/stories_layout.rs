//! Stories of whole returns: that layout changes nothing but addresses, that answers hold for the figures they were given
//! for, and that a return is accounted for to the last cell. The returns are texts under `tests/stories/`.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::NaiveDate;
use proptest::prelude::*;
use safereturn::cell::{Address, Cell, Pointer};
use safereturn::extract::{Context, Return, Use};
use safereturn::figure::{Bare, Status};
use safereturn::finding::{Answer, Finding, Findings, Severity};
use safereturn::render::{Format, Show, Style, account_sentence, render};
use safereturn::report::{FileFacts, Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::notation::shown;
use safereturn::workbook::{Content, Entry, Sheet, SheetState, Submission, Value, Workbook};
use safereturn::{case, check, check_cells, template};

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());

fn text(story: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stories").join(format!("{story}.txt"));
    std::fs::read_to_string(path).unwrap()
}

/// The report on the last return of a story.
fn tell(story: &str) -> Report {
    case::run(case::read(&text(story)).unwrap(), &PACK).pop().unwrap()
}

fn check_workbook(workbook: Workbook) -> Report {
    let file = FileFacts { name: "return.xlsx".to_owned(), sha256: "0".repeat(64), bytes: 0 };
    let on = NaiveDate::from_ymd_opt(2021, 5, 31).unwrap();
    check_cells(workbook, file, Findings::default(), &Context::on(on), &PACK)
}

fn ids(report: &Report) -> BTreeSet<String> {
    report.findings.iter().map(|f| format!("{} {}", f.rule, f.id(report.year(), report.body()))).collect()
}

/// What each figure says, whatever its place.
/// A figure without what its layout decides: the value, as typed, its flags and its note.
type Said<'a> = (&'a Bare, &'a str, &'a Vec<Status>, Option<&'a str>);

fn values(of: &Return) -> BTreeMap<&Pointer, Said<'_>> {
    of.figures.iter().map(|(at, f)| (at, (&f.bare, f.typed.as_str(), &f.status, f.note.as_deref()))).collect()
}

/// The findings with the true address of each mark; the one drawn first is asked elsewhere.
fn marks(report: &Report) -> BTreeSet<String> {
    let places = |f: &Finding| f.labels.iter().map(|l| report.place(&l.place)).collect::<BTreeSet<_>>();
    let said = |f: &Finding| format!("{} {}: {}", f.rule, f.at, Vec::from_iter(places(f)).join(", "));
    report.findings.iter().map(said).collect()
}

const LAYOUTS: [&str; 3] = ["layout-template", "layout-moved", "layout-turned"];

#[test]
fn three_layouts_of_one_return_give_the_same_figures_findings_and_account() {
    let reports: Vec<Report> = LAYOUTS.iter().map(|story| tell(story)).collect();
    let (first, rest) = reports.split_first().unwrap();
    assert_eq!(first.findings.len(), 4, "{:?}", marks(first));
    assert!(reports.iter().all(|r| r.figures.drift.is_empty()), "what was moved is no difference");
    for (report, story) in rest.iter().zip(&LAYOUTS[1..]) {
        let (wanted, found) = (values(&first.figures), values(&report.figures));
        let apart: Vec<_> = wanted.iter().filter(|(at, value)| found.get(*at) != Some(value)).collect();
        assert!(apart.is_empty() && wanted.len() == found.len(), "{story}: {apart:?}");
        assert_eq!(ids(report), ids(first), "{story}");
        assert_eq!(report.account(), first.account(), "{story}");
        assert_eq!(report.sections, first.sections, "{story}");
    }
}

/// Found by looking at the sheet alone: the label in the figure's row, and the heading over its column.
#[test]
fn every_figure_stands_where_its_words_cross() {
    for story in LAYOUTS {
        let report = tell(story);
        let workbook = &report.workbook;
        let read = |sheet: usize, cell: Cell| workbook.get(Address::new(sheet, cell)).map(shown).unwrap_or_default();
        let mut looked = 0;
        for (pointer, figure) in &report.figures.figures {
            let at = figure.cell.unwrap_or_else(|| panic!("{story}: {pointer} has no cell"));
            let there = read(at.sheet, at.cell);
            assert_eq!(there.is_empty(), figure.bare == Bare::Blank, "{story}: {pointer} at {}", at.cell);
            if let Bare::Number(_) = figure.bare {
                assert_eq!(there.replace(',', ""), figure.typed.replace(',', ""), "{story}: {pointer} at {}", at.cell);
            }
            let in_row = |words: &str| {
                let row = Cell::new(at.cell.row, 0)..=Cell::new(at.cell.row, Cell::LAST_COLUMN);
                workbook.sheets[at.sheet].cells.range(row).any(|(c, _)| read(at.sheet, *c) == words)
            };
            let above =
                |words: &str| (0..at.cell.row).any(|row| read(at.sheet, Cell::new(row, at.cell.column)) == words);
            let words = report.figures.words(pointer);
            let parts: Vec<&str> = words.split(" · ").collect();
            let crossed = match parts.as_slice() {
                [label] => in_row(label),
                [_, row, column] | [row, column] => in_row(row) && above(column),
                _ => false,
            };
            assert!(crossed, "{story}: “{words}” does not stand at {}", at.cell);
            looked += 1;
        }
        assert!(looked > 150, "{story}: {looked}");
    }
}

#[test]
fn every_finding_has_its_true_address() {
    let wanted = |sheet: &str, flow: &str, blank: &str, sexes: &str, owner: &str| {
        let on = |cells: &str| {
            let cells: BTreeSet<String> = cells.split(' ').map(|c| format!("{sheet}!{c}")).collect();
            Vec::from_iter(cells).join(", ")
        };
        BTreeSet::from([
            format!("STK-01 /children-in-need/cin_open_end: {}", on(flow)),
            format!("CMP-04 /children-in-need/cin_plans_open_end: {}", on(blank)),
            format!("TAB-01 /children-in-need/cin_by_sex: {}", on(sexes)),
            format!("CMP-04 /recommendations/recommendations/CSC-2020-02/owner_role: Recommendations!{owner}"),
        ])
    };
    let template = wanted("Children in need", "B5 B6 B7 B8", "B14", "B35 B36 B37 B8", "D9");
    let moved = wanted("Children in need", "G9 G10 G11 G12", "G19", "G32 G33 G34 G12", "O11");
    let turned = wanted("CIN", "E121 E122 E123 E124", "E130", "D12 D13 D14 E124", "G17");
    for (story, wanted) in LAYOUTS.into_iter().zip([template, moved, turned]) {
        assert_eq!(marks(&tell(story)), wanted, "{story}");
    }
}

fn outcomes(report: &Report) -> Vec<(&str, Outcome)> {
    report.sections.iter().map(|s| (s.section.as_str(), s.outcome)).collect()
}

#[test]
fn one_refused_section_leaves_the_others_accepted() {
    let report = tell("one-of-four-refused");
    assert_eq!(
        outcomes(&report),
        [
            ("front-door", Outcome::Accepted),
            ("children-in-need", Outcome::Refused),
            ("child-protection", Outcome::Accepted),
            ("recommendations", Outcome::Accepted),
        ]
    );
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(report.owed.keys().all(|key| !outcomes(&report).iter().any(|(section, _)| section == key)));
}

#[test]
fn a_clean_return_says_what_was_checked_and_what_was_not_and_why() {
    let mut years = case::run(case::read(&text("clean-two-years")).unwrap(), &PACK);
    let (this, last) = (years.pop().unwrap(), years.pop().unwrap());
    for report in [&last, &this] {
        assert_eq!(marks(report), BTreeSet::new(), "a clean return says nothing, not even a note");
        assert!(report.sections.iter().all(|s| s.outcome == Outcome::Accepted));
        let account = report.account();
        let not_run: usize = account.not_run.values().sum();
        assert_eq!(account.rules + not_run + account.not_applicable, all_rules(report), "no rule goes unaccounted for");
    }
    insta::assert_snapshot!("clean_return_last_year", account_sentence(&last.account()));
    insta::assert_snapshot!("clean_return_this_year", account_sentence(&this.account()));
}

/// The ids of the catalogue, and those of the reader that were looked at. What is said of the board manager's decisions is
/// not held against a return.
fn all_rules(report: &Report) -> usize {
    let seen = report.checks.iter().map(|c| c.rule.as_str());
    let planned = PACK.catalogue.keys().map(String::as_str).filter(|id| !id.starts_with("FIL-"));
    let planned = planned.filter(|id| !id.starts_with("WAI-"));
    seen.chain(planned).collect::<BTreeSet<_>>().len()
}

fn blank_template(body: &str, year: &str) -> Report {
    let body = PACK.body(body).unwrap();
    let form = PACK.form(&body.kind, year).unwrap();
    let bytes = template::workbook(&PACK, form, body, &template::Last::new()).unwrap();
    let submission = Submission { name: "return.xlsx".to_owned(), content: Content::File(bytes) };
    check(&submission, &Context::on(NaiveDate::from_ymd_opt(2021, 5, 31).unwrap()), &PACK)
}

#[test]
fn the_template_as_it_was_sent_out_is_recognised_as_such() {
    for body in ["csc", "edu", "vcs"] {
        let owed = PACK.agencies.kinds.iter().find(|k| k.key == body).unwrap();
        let sections = owed.sections.values().filter(|required| **required).count();
        let report = blank_template(body, "2020-21");
        assert_eq!((report.body(), report.year()), (body, "2020-21"));
        let empty: Vec<&Finding> = report.findings.iter().filter(|f| f.rule.as_str() == "CMP-06").collect();
        assert_eq!(empty.len(), sections, "one for each section that is owed: {:?}", marks(&report));
        assert!(empty.iter().all(|f| f.message.contains("still the blank template")), "{:?}", empty[0].message);
        let others: Vec<String> = report
            .findings
            .iter()
            .filter(|f| f.rule.as_str() != "CMP-06")
            .map(|f| format!("{} {} {}", f.severity.word(), f.rule, f.at))
            .collect();
        assert!(others.is_empty(), "no list of blanks: {others:#?}");
        assert!(report.sections.iter().all(|s| s.outcome == Outcome::Refused));
        let said = render(&report, Format::Plain, &Style::default());
        // A few lines for each sheet, however many figures it asks for, and where to start.
        assert!(said.lines().count() < 32 + 8 * sections, "{said}");
    }
}

#[test]
fn an_answer_counts_for_the_figure_it_was_given_for() {
    for story in ["answered", "answered-by-the-finding"] {
        let report = tell(story);
        let [query] = report.findings.as_slice() else { panic!("{story}: {:?}", marks(&report)) };
        assert!(matches!(query.answer, Some(Answer::Explained { .. })), "{story}: {:?}", query.answer);
        assert_eq!(report.outcome, Outcome::Accepted, "{story}");
    }
}

#[test]
fn an_answer_for_another_figure_is_open_again_and_says_both() {
    for story in ["answer-for-another-figure", "answer-that-names-no-figure"] {
        let report = tell(story);
        let query = report.findings.iter().find(|f| f.severity == Severity::Query).unwrap();
        let reopened = Answer::Reopened { was: "968".to_owned(), now: "990".to_owned() };
        assert_eq!(query.answer, Some(reopened), "{story}");
        assert_eq!(report.outcome, Outcome::Queried, "{story}");
        let said = render(&report, Format::Plain, &Style::default()).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("was for “968”; the file now has “990”, so the question is open again"), "{said}");
    }
}

#[test]
fn an_error_is_never_explained_away() {
    let report = tell("error-explained");
    let error = report.findings.iter().find(|f| f.severity == Severity::Error).unwrap();
    assert!(error.is_open() && error.answer.is_none());
    assert_eq!(report.outcome, Outcome::Refused);
    let note = report.findings.iter().find(|f| f.rule.as_str() == "TPL-08").unwrap();
    assert_eq!(
        note.message,
        "Line 1 of the explanations is about CMP-04 of “Child in need plans in place at 31 March”, but that is an \
         error: it has to be corrected and cannot be explained."
    );
}

#[test]
fn a_return_of_nothing_but_nil_is_accepted() {
    let report = tell("nothing-at-all");
    assert_eq!(marks(&report), BTreeSet::new());
    assert_eq!(outcomes(&report), [("recommendations", Outcome::Accepted)]);
    assert!(report.sections[0].nil);
}

#[test]
fn a_changed_reference_is_one_finding_that_names_the_old_one() {
    let report = tell("recommendation-gone");
    assert_eq!(
        marks(&report),
        BTreeSet::from(["XPE-02 /recommendations/recommendations/EDU-2020-03: Recommendations!A8".to_owned()])
    );
    assert_eq!(report.findings[0].expected.as_deref(), Some("EDU-2020-01"));
}

#[test]
fn a_line_whose_words_are_lost_is_told_with_the_words_that_stand_there() {
    let report = tell("label-beyond-recognition");
    assert_eq!(marks(&report), BTreeSet::from(["TPL-02 /children-in-need: Children in need!A14".to_owned()]));
    assert!(report.findings[0].message.contains("it may be it"), "{}", report.findings[0].message);
    let beside = Address::new(report.figures.sheets["children-in-need"], "B14".parse().unwrap());
    assert!(matches!(report.figures.uses[&beside], Use::Passed(_)), "its figure is not lost unseen");
}

/// A return whose sheets were changed in each of the ways that a template drifts.
fn drifted() -> Report {
    let mut workbook = layout("layout-template");
    let index = workbook.sheets.iter().position(|s| s.name == "Children in need").unwrap();
    let sheet = &mut workbook.sheets[index];
    let mut put = |cell: &str, text: &str| {
        let entry = text.parse().map_or_else(|_| Entry::text(text), Entry::number);
        sheet.cells.insert(cell.parse().unwrap(), entry);
    };
    put("A6", "CIN started"); // another name that is known, or not
    put("A7", "Children in need episodes endd in the year");
    put("A9", "Everybody");
    put("C34", "Per cent");
    put("C35", "53");
    put("A36", "Girls");
    workbook.sheets.push(Sheet { name: "Workings".to_owned(), ..Sheet::default() });
    workbook.sheets.last_mut().unwrap().cells.insert("B2".parse().unwrap(), Entry::number(44.0));
    check_workbook(workbook)
}

#[test]
fn how_a_return_differs_from_its_template_is_told_sheet_by_sheet() {
    let report = drifted();
    let plain = render(&report, Format::Plain, &Style { width: 100, ..Style::default() });
    let told: String =
        plain.split("\n\n").filter(|part| part.starts_with("Differences of")).flat_map(|part| [part, "\n\n"]).collect();
    insta::assert_snapshot!("differences_plain", told);
    let json: serde_json::Value = serde_json::from_str(&render(&report, Format::Json, &Style::default())).unwrap();
    insta::assert_snapshot!("differences_json", serde_json::to_string_pretty(&json["drift"]).unwrap());
    let page = render(&report, Format::Html, &Style::default());
    let human = render(&report, Format::Human, &Style { width: 100, ..Style::default() });
    for view in [&page, &human] {
        assert!(view.contains("Everybody") && view.contains("ifferen") && view.contains("Workings"));
    }
    // Where words may not be shown, those of the agency are not.
    let veiled = Style { show: Show::Addresses, ..Style::default() };
    for format in Format::ALL {
        assert!(!render(&report, format, &veiled).contains("Everybody"), "{}", format.name());
    }
}

fn layout(story: &str) -> Workbook {
    case::read(&text(story)).unwrap().pop().unwrap().workbook
}

/// Something that people do to a workbook, by accident or not.
#[derive(Debug, Clone)]
enum Damage {
    Type(usize, u32, u32, usize),
    Clear(usize, usize),
    Swap(usize, usize, usize),
    InsertRow(usize, u32),
    InsertColumn(usize, u32),
    Merge(usize, u32, u32, u32, u32),
    Rename(usize, usize),
    Hide(usize),
    Copy(usize),
    Drop(usize),
}

const TYPED: [&str; 12] = [
    "44",
    "x",
    "Total",
    "Measure",
    "Figure",
    "Children",
    "2020-21",
    "2019-20",
    "Status",
    "e.g. 12",
    "Male",
    "Reference",
];
const NAMES: [&str; 5] = ["Sheet1", "Children in need ", "Recommendations", "Cover", "Explanations"];

fn damage() -> impl Strategy<Value = Damage> {
    let (sheet, row, column) = (0..3_usize, 0..60_u32, 0..12_u32);
    prop_oneof![
        4 => (sheet.clone(), row.clone(), column.clone(), 0..TYPED.len()).prop_map(|(s, r, c, t)| Damage::Type(s, r, c, t)),
        4 => (sheet.clone(), 0..400_usize).prop_map(|(s, n)| Damage::Clear(s, n)),
        3 => (sheet.clone(), 0..400_usize, 0..400_usize).prop_map(|(s, n, m)| Damage::Swap(s, n, m)),
        2 => (sheet.clone(), row.clone()).prop_map(|(s, r)| Damage::InsertRow(s, r)),
        2 => (sheet.clone(), column.clone()).prop_map(|(s, c)| Damage::InsertColumn(s, c)),
        2 => (sheet.clone(), row, column, 0..4_u32, 0..4_u32).prop_map(|(s, r, c, h, w)| Damage::Merge(s, r, c, h, w)),
        1 => (sheet.clone(), 0..NAMES.len()).prop_map(|(s, n)| Damage::Rename(s, n)),
        1 => sheet.clone().prop_map(Damage::Hide),
        1 => sheet.clone().prop_map(Damage::Copy),
        1 => sheet.prop_map(Damage::Drop),
    ]
}

fn moved(sheet: &mut Sheet, place: impl Fn(Cell) -> Cell) {
    sheet.cells = std::mem::take(&mut sheet.cells).into_iter().map(|(cell, entry)| (place(cell), entry)).collect();
}

fn apply(workbook: &mut Workbook, damage: &Damage) {
    let nth = |sheet: &Sheet, n: usize| sheet.cells.keys().nth(n % sheet.cells.len().max(1)).copied();
    let (Damage::Type(s, ..)
    | Damage::Clear(s, _)
    | Damage::Swap(s, ..)
    | Damage::InsertRow(s, _)
    | Damage::InsertColumn(s, _)
    | Damage::Merge(s, ..)
    | Damage::Rename(s, _)
    | Damage::Hide(s)
    | Damage::Copy(s)
    | Damage::Drop(s)) = damage;
    let Some(sheet) = workbook.sheets.get_mut(*s) else { return };
    match damage {
        Damage::Type(_, row, column, text) => {
            let entry = TYPED[*text].parse().map_or_else(|_| Entry::text(TYPED[*text]), Entry::number);
            sheet.cells.insert(Cell::new(*row, *column), entry);
        }
        Damage::Clear(_, n) => {
            let cell = nth(sheet, *n);
            cell.map(|cell| sheet.cells.remove(&cell));
        }
        Damage::Swap(_, n, m) => {
            let (Some(a), Some(b)) = (nth(sheet, *n), nth(sheet, *m)) else { return };
            let (one, other) = (sheet.cells[&a].clone(), sheet.cells[&b].clone());
            sheet.cells.extend([(a, other), (b, one)]);
        }
        Damage::InsertRow(_, at) => {
            moved(sheet, |c| Cell::new(c.row + u32::from(c.row >= *at), c.column));
        }
        Damage::InsertColumn(_, at) => {
            moved(sheet, |c| Cell::new(c.row, c.column + u32::from(c.column >= *at)));
        }
        Damage::Merge(_, row, column, height, width) => {
            sheet.merges.push((Cell::new(*row, *column), Cell::new(row + height, column + width)));
        }
        Damage::Rename(_, name) => sheet.name = NAMES[*name].to_owned(),
        Damage::Hide(_) => sheet.state = SheetState::Hidden,
        Damage::Copy(_) => {
            let copy = Sheet { name: format!("{} (2)", sheet.name), ..sheet.clone() };
            workbook.sheets.push(copy);
        }
        Damage::Drop(_) => {
            workbook.sheets.remove(*s);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn something_becomes_of_every_cell(story in 0..LAYOUTS.len(), damages in prop::collection::vec(damage(), 1..12)) {
        let mut workbook = layout(LAYOUTS[story]);
        damages.iter().for_each(|damage| apply(&mut workbook, damage));
        let filled: BTreeSet<Address> = workbook
            .sheets
            .iter()
            .enumerate()
            .flat_map(|(i, s)| s.cells.iter().filter(|(_, e)| !e.is_blank()).map(move |(c, _)| Address::new(i, *c)))
            .collect();
        let report = check_workbook(workbook);
        prop_assert!(!report.private);
        let used: BTreeSet<Address> = report.figures.uses.keys().copied().collect();
        let lost: Vec<String> =
            filled.difference(&used).map(|a| format!("{}!{}", report.sheet(a.sheet), a.cell)).collect();
        prop_assert!(lost.is_empty(), "nothing became of {lost:?}");
        let from_nowhere: Vec<_> = used.difference(&filled).collect();
        prop_assert!(from_nowhere.is_empty(), "{from_nowhere:?} hold nothing");
        // A figure that was read stands in the cell it names.
        for figure in report.figures.figures.values().filter(|f| f.bare != Bare::Blank) {
            let there = figure.cell.and_then(|at| report.workbook.get(at));
            prop_assert!(there.is_some_and(|e| e.value != Value::Nothing), "{} is from nowhere", figure.pointer);
        }
    }

    #[test]
    fn the_order_of_the_sheets_changes_nothing(story in 0..LAYOUTS.len(), damages in prop::collection::vec(damage(), 0..6), turn in 0..6_usize) {
        let mut workbook = layout(LAYOUTS[story]);
        // Copies and new names make two sheets of one section, of which the first is read.
        let same = damages.iter().filter(|d| !matches!(d, Damage::Copy(_) | Damage::Rename(..)));
        same.for_each(|damage| apply(&mut workbook, damage));
        let mut other = workbook.clone();
        let sheets = other.sheets.len().max(1);
        other.sheets.rotate_left(turn % sheets);
        if turn > 2 {
            other.sheets.reverse();
        }
        let (one, other) = (check_workbook(workbook), check_workbook(other));
        prop_assert_eq!(values(&one.figures), values(&other.figures));
        prop_assert_eq!(marks(&one), marks(&other));
        prop_assert_eq!(one.account(), other.account());
        prop_assert_eq!(&one.sections, &other.sections);
    }
}
