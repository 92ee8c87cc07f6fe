//! One normalised figure, ready for the report and metrics tools, with the cell it came from.
//! Which sections are accepted is decided by the caller; how a table of records is written is left to `export`.

use std::collections::BTreeSet;

use crate::cell::{Address, Pointer};
use crate::checks::Marks;
use crate::extract::Return;
use crate::figure::{Bare, Figure, format_plain};
use crate::schema::model::{Item, List, Measure, Section};
use crate::workbook::Workbook;

/// One figure under its name. Dates, codes and text are no records: they stand in the section documents only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Reporting year, `2021-22`.
    pub year: String,
    /// Who returned it.
    pub body: String,
    /// The kind of that body.
    pub kind: String,
    /// Key of the section.
    pub section: String,
    /// Key of the table or list; empty for a measure that stands alone.
    pub table: String,
    /// Key of the measure.
    pub measure: String,
    /// Which row and column of a table, `abuse-categories=NEG`, several parted by `;`.
    pub breakdown: String,
    /// The number as decimal text with a point; empty where there is none.
    pub value: String,
    /// Why there is no number: one of `c z x k u`, or empty.
    pub marker: String,
    /// Flags given beside it, letter by letter.
    pub status: String,
    /// The unit as people read it.
    pub unit: String,
    /// What is counted, for a count.
    pub unit_of_count: String,
    /// Whether the agency sent it or we worked it out.
    pub origin: Origin,
    /// What was divided, for a derived percentage, rate or ratio.
    pub numerator: String,
    /// By what it was divided.
    pub denominator: String,
    /// Whether it may be shown outside.
    pub publishable: Publishable,
    /// Why not.
    pub why: String,
    /// The agency's footnote.
    pub note: String,
    /// SHA-256 of the file it came in.
    pub source_file: String,
    /// The sheet it stands on.
    pub source_sheet: String,
    /// Its cell; the cells of its parts for a derived one, parted by spaces.
    pub source_cells: String,
}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The agency typed it.
    Returned,
    /// We worked it out from what the agency typed.
    Derived,
}

impl Origin {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Derived => "derived",
        }
    }
}

pub use crate::checks::Publishable;

/// What records are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What the agency reports.
    pub figures: &'a Return,
    /// The cells, for the names of the sheets.
    pub workbook: &'a Workbook,
    /// The kind of the body.
    pub kind: &'a str,
    /// The sections of the effective pack: their order is the order of the records.
    pub sections: &'a [Section],
    /// SHA-256 of the file.
    pub sha256: &'a str,
    /// The body as registered: its folder, not what the cover says.
    pub body: &'a str,
    /// What may not be shown outside as it stands.
    pub marks: &'a Marks,
}

/// The records of the sections accepted, by key, in the order of the pack.
#[must_use]
pub fn records(source: &Source<'_>, accepted: &BTreeSet<String>) -> Vec<Record> {
    let mut out = Vec::new();
    for section in source.sections.iter().filter(|s| accepted.contains(&s.key)) {
        section_records(source, section, &mut out);
    }
    out
}

fn section_records(source: &Source<'_>, section: &Section, out: &mut Vec<Record>) {
    let top = Pointer::section(&section.key);
    for item in &section.items {
        match item {
            Item::Measure(measure) => {
                out.extend(record(source, section, "", measure, &top, None));
            }
            Item::Table(table) => {
                let at = top.child(&table.key);
                for row in &table.rows.codes {
                    let dimension = format!("{}={}", table.rows.key, row.code);
                    let row = at.child(&row.code);
                    for column in &table.columns {
                        out.extend(record(source, section, &table.key, column, &row, Some(&dimension)));
                    }
                }
            }
            Item::List(list) => {
                let at = top.child(&list.key);
                let mut taken = BTreeSet::new();
                for key in source.figures.lists.get(&at).into_iter().flatten() {
                    let row = at.child(key);
                    let dimension =
                        format!("{}={}", list.key_field, row_name(source.figures, list, &row, key, &mut taken));
                    for field in &list.fields {
                        out.extend(record(source, section, &list.key, field, &row, Some(&dimension)));
                    }
                }
            }
        }
    }
}

/// What a row of a list goes by: its code, where its key is one, because agencies write codes in words of their own; else its
/// key. No two rows of a list go by the same.
fn row_name(figures: &Return, list: &List, row: &Pointer, key: &str, taken: &mut BTreeSet<String>) -> String {
    let is_code = list.fields.iter().any(|field| field.key() == list.key_field && field.codes.is_some());
    let code = figures.figures.get(&row.child(&list.key_field)).filter(|_| is_code).and_then(|f| match &f.bare {
        Bare::Text(code) => Some(code.clone()),
        Bare::Number(_) | Bare::Date(_) | Bare::Codes(_) | Bare::Marker(_) | Bare::Blank => None,
    });
    let others = (2..).map(|n| format!("{key}~{n}"));
    let mut names = code.into_iter().chain([key.to_owned()]).chain(others);
    names.find(|name| taken.insert(name.clone())).unwrap_or_default()
}

/// The record of one measure in one row, if it is a number or a marker in place of one.
fn record(
    source: &Source<'_>,
    section: &Section,
    table: &str,
    measure: &Measure,
    row: &Pointer,
    dimension: Option<&str>,
) -> Option<Record> {
    if !measure.kind.is_number() {
        return None;
    }
    let pointer = measure.path.iter().fold(row.clone(), |at, key| at.child(key));
    let figure = source.figures.figures.get(&pointer);
    let ours = if measure.derived { worked(source.figures, &pointer) } else { Ours::default() };
    let bare = match (ours.value, figure) {
        (Some(n), _) => Bare::Number(round_to(n, measure.decimals)),
        (None, Some(figure)) => figure.bare.clone(),
        (None, None) => return None,
    };
    let (value, marker) = match &bare {
        Bare::Number(n) => (decimal(*n), String::new()),
        Bare::Marker(marker) => (String::new(), marker.letter().to_owned()),
        Bare::Text(_) => (String::new(), String::new()),
        // Nothing was returned, or (a date, codes) nothing that could be a number: the section document has it.
        Bare::Blank | Bare::Date(_) | Bare::Codes(_) => return None,
    };
    let (publishable, why) = match may_be_shown(&bare, &pointer, source.marks) {
        (Publishable::Yes, _) if let Some(few) = of_a_few(source.figures, measure, row, &ours.parts) => few,
        said => said,
    };
    let mut breakdown: Vec<String> = dimension.map(str::to_owned).into_iter().collect();
    if let [_, columns @ ..] = measure.path.as_slice() {
        breakdown.extend(columns.iter().map(|column| format!("column={column}")));
    }
    let parts: Vec<Address> = if ours.value.is_some() {
        ours.parts.iter().filter_map(|part| source.figures.cell(part)).collect()
    } else {
        figure.and_then(|f| f.cell).into_iter().collect()
    };
    let (source_sheet, source_cells) = cells(source.workbook, parts);
    let number = |n: Option<f64>| n.map(decimal).unwrap_or_default();
    let origin = if ours.value.is_some() { Origin::Derived } else { Origin::Returned };
    Some(Record {
        year: source.figures.year.clone(),
        body: source.body.to_owned(),
        kind: source.kind.to_owned(),
        section: section.key.clone(),
        table: table.to_owned(),
        measure: measure.path.first().cloned().unwrap_or_default(),
        breakdown: breakdown.join(";"),
        value,
        marker,
        status: figure.map(status_letters).unwrap_or_default(),
        unit: measure.unit.trim().to_owned(),
        unit_of_count: measure.unit_of_count.clone().unwrap_or_default(),
        origin,
        numerator: number(ours.numerator),
        denominator: number(ours.denominator),
        publishable,
        why,
        note: figure.and_then(|f| f.note.clone()).unwrap_or_default(),
        source_file: source.sha256.to_owned(),
        source_sheet,
        source_cells,
    })
}

/// What we worked out for a derived measure.
#[derive(Debug, Default)]
struct Ours {
    value: Option<f64>,
    numerator: Option<f64>,
    denominator: Option<f64>,
    parts: Vec<Pointer>,
}

fn worked(figures: &Return, pointer: &Pointer) -> Ours {
    let Some((worked, value)) = figures.worked.get(pointer).and_then(|w| Some((w, w.interval.number()?))) else {
        return Ours::default();
    };
    let quotient = worked.quotient.and_then(|(above, below)| Some((above.number()?, below.number()?)));
    Ours {
        value: Some(value),
        numerator: quotient.map(|(above, _)| above),
        denominator: quotient.map(|(_, below)| below),
        parts: worked.parts.clone(),
    }
}

/// A figure that tells of too few is held back, whoever worked it out: each count that the pack names, beside it and
/// among its parts, has to be known and large enough.
fn of_a_few(figures: &Return, measure: &Measure, row: &Pointer, parts: &[Pointer]) -> Option<(Publishable, String)> {
    let from = measure.publish_from.as_ref()?;
    let beside = row.child(&from.of);
    let named = parts.iter().filter(|part| part.segments().last().as_deref() == Some(from.of.as_str()));
    let enough =
        |at: &Pointer| figures.figures.get(at).and_then(|f| f.interval.number()).is_some_and(|n| n >= from.least);
    let all = std::iter::once(&beside).chain(named).all(enough);
    (!all).then(|| (Publishable::Withhold, format!("of fewer than {}", format_plain(from.least))))
}

fn status_letters(figure: &Figure) -> String {
    figure.status.iter().map(|s| s.letter()).collect()
}

/// Whatever is no plain number is held back, and what disclosure control marks.
fn may_be_shown(bare: &Bare, pointer: &Pointer, marks: &Marks) -> (Publishable, String) {
    let own = match bare {
        Bare::Marker(marker) => marker.meaning().to_owned(),
        Bare::Text(text) if text.is_empty() => "a formula without a saved result".to_owned(),
        Bare::Text(text) => format!("given as {text}"),
        Bare::Number(_) | Bare::Date(_) | Bare::Codes(_) | Bare::Blank => String::new(),
    };
    match (marks.get(pointer), own.is_empty()) {
        (None, true) => (Publishable::Yes, own),
        (None, false) => (Publishable::Withhold, own),
        (Some(mark), true) => (mark.publishable, mark.why()),
        (Some(mark), false) => (Publishable::Withhold, format!("{own}; {}", mark.why())),
    }
}

/// The sheet of the first cell, and all cells in order; one on another sheet carries that sheet's name.
fn cells(workbook: &Workbook, mut addresses: Vec<Address>) -> (String, String) {
    addresses.sort_unstable();
    addresses.dedup();
    let name = |sheet: usize| workbook.sheets.get(sheet).map_or_else(String::new, |s| s.name.clone());
    let Some(first) = addresses.first().map(|a| a.sheet) else { return (String::new(), String::new()) };
    let written: Vec<String> = addresses
        .iter()
        .map(|a| if a.sheet == first { a.cell.to_string() } else { format!("{}!{}", name(a.sheet), a.cell) })
        .collect();
    (name(first), written.join(" "))
}

fn round_to(n: f64, decimals: u8) -> f64 {
    let scale = 10_f64.powi(i32::from(decimals));
    // Half away from zero, as people round; the nudge undoes binary noise just below the half.
    (n.abs() * scale + 1e-9).round() / scale * n.signum()
}

/// A number as decimal text: twelve significant digits at the most, no exponent, no thousands comma, no `-0`.
#[must_use]
pub fn decimal(n: f64) -> String {
    // Twelve digits and back: what a binary fraction adds beyond them was never typed.
    let tidy: f64 = format!("{n:.11e}").parse().unwrap_or(n);
    let text = format!("{tidy}");
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::cell::Cell;
    use crate::extract::Worked;
    use crate::figure::{Interval, Marker, Status};
    use crate::schema::model::{Code, CodeList, Kind, PublishFrom, Table};
    use crate::workbook::Sheet;

    fn measure(path: &[&str], kind: Kind) -> Measure {
        Measure {
            path: path.iter().map(|s| (*s).to_owned()).collect(),
            title: path.join(" "),
            group_title: None,
            aliases: vec![],
            description: String::new(),
            kind,
            unit: if kind == Kind::Percentage { "%".into() } else { String::new() },
            unit_of_count: (kind == Kind::Count).then(|| "children".into()),
            required: false,
            derived: false,
            decimals: 1,
            plausible: None,
            codes: None,
            never: vec![],
            breaks: false,
            publish_from: None,
            longest: None,
            shortest: None,
            source: String::new(),
            carried: None,
        }
    }

    fn figure(pointer: &str, cell: Cell, bare: Bare) -> (Pointer, Figure) {
        let pointer = Pointer::from(pointer);
        let figure = Figure {
            pointer: pointer.clone(),
            cell: Some(Address::new(1, cell)),
            interval: if let Bare::Number(n) = bare { Interval::exact(n) } else { Interval::UNKNOWN },
            bare,
            status: vec![Status::Provisional],
            decimals: 0,
            typed: String::new(),
            note: None,
            computed: false,
            fault: None,
        };
        (pointer, figure)
    }

    fn code(code: &str) -> Code {
        Code {
            code: code.into(),
            label: code.into(),
            aliases: vec![],
            exclusive: false,
            unknown: false,
            replaced_by: vec![],
        }
    }

    #[test]
    fn every_number_of_an_accepted_section_is_one_record_in_the_order_of_the_pack() {
        let mut pct = measure(&["on_time_pct"], Kind::Percentage);
        pct.derived = true;
        let rows = CodeList {
            key: "categories".into(),
            title: String::new(),
            codes: vec![code("NEG"), code("EMO")],
            retired: vec![],
            months: false,
        };
        let table = Table {
            key: "by_category".into(),
            title: String::new(),
            aliases: vec![],
            description: String::new(),
            row_title: "Category".into(),
            rows: Arc::new(rows),
            columns: vec![measure(&["children"], Kind::Count), measure(&["attended", "police"], Kind::Count)],
            bands: None,
            required: true,
        };
        let section = |key: &str, items| Section {
            key: key.into(),
            title: key.into(),
            aliases: vec![],
            description: String::new(),
            aims: vec![],
            items,
        };
        let sections = vec![
            section(
                "cp",
                vec![
                    Item::Measure(measure(&["total"], Kind::Count)),
                    Item::Measure(measure(&["when"], Kind::Date)),
                    Item::Measure(pct),
                    Item::Table(table),
                ],
            ),
            section("other", vec![Item::Measure(measure(&["total"], Kind::Count))]),
        ];
        let figures = Return {
            year: "2021-22".into(),
            figures: BTreeMap::from([
                figure("/cp/total", Cell::new(3, 1), Bare::Number(1946.0)),
                figure("/cp/when", Cell::new(4, 1), Bare::Text("x".into())),
                figure("/cp/on_time_pct", Cell::new(5, 1), Bare::Number(67.0)),
                figure("/cp/by_category/NEG/children", Cell::new(9, 1), Bare::Number(3.0)),
                figure("/cp/by_category/NEG/attended/police", Cell::new(9, 2), Bare::Number(0.0)),
                figure("/cp/by_category/EMO/children", Cell::new(10, 1), Bare::Marker(Marker::Confidential)),
                figure("/cp/by_category/EMO/attended/police", Cell::new(10, 2), Bare::Blank),
                figure("/other/total", Cell::new(0, 0), Bare::Number(1.0)),
            ]),
            worked: BTreeMap::from([(
                Pointer::from("/cp/on_time_pct"),
                Worked {
                    interval: Interval::exact(100.0 * 3.0 / 1946.0),
                    quotient: Some((Interval::exact(3.0), Interval::exact(1946.0))),
                    parts: vec![Pointer::from("/cp/by_category/NEG/children"), Pointer::from("/cp/total")],
                },
            )]),
            ..Return::default()
        };
        let workbook = Workbook {
            sheets: vec![Sheet::default(), Sheet { name: "Child protection".into(), ..Sheet::default() }],
            ..Workbook::default()
        };
        let mut marks = Marks::default();
        let (small, part) = (Pointer::from("/cp/by_category/NEG/children"), Pointer::from("/cp/on_time_pct"));
        marks.add(&small, Publishable::Withhold, "DIS-09", "fewer than 5".to_owned());
        marks.add(&part, Publishable::Combine, "DIS-11", "worked out from fewer than 5".to_owned());
        let source = Source {
            marks: &marks,
            figures: &figures,
            workbook: &workbook,
            kind: "csc",
            sections: &sections,
            sha256: "ab",
            body: "csc",
        };
        let records = records(&source, &BTreeSet::from(["cp".to_owned()]));
        let short: Vec<String> = records
            .iter()
            .map(|r| {
                format!(
                    "{} {} {}|{}|{}|{} {}|{}|{}",
                    r.table,
                    r.measure,
                    r.breakdown,
                    r.value,
                    r.marker,
                    r.publishable.word(),
                    r.why,
                    r.origin.word(),
                    r.source_cells
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                " total |1946||yes |returned|B4",
                " on_time_pct |0.2||combine worked out from fewer than 5 (DIS-11)|derived|B4 B10",
                "by_category children categories=NEG|3||withhold fewer than 5 (DIS-09)|returned|B10",
                "by_category attended categories=NEG;column=police|0||yes |returned|C10",
                "by_category children categories=EMO||c|withhold confidential|returned|B11",
            ]
        );
        assert_eq!((records[1].numerator.as_str(), records[1].denominator.as_str()), ("3", "1946"));
        assert_eq!(records[0].source_sheet, "Child protection");
        assert_eq!(records[0].status, "p");
    }

    #[test]
    fn a_rate_of_a_few_is_withheld_whoever_worked_it_out() {
        let mut rri = measure(&["rri"], Kind::Rate);
        rri.publish_from = Some(PublishFrom { of: "cohort".into(), least: 10.0 });
        let row = Pointer::from("/yj/table/BCRB");
        let white = Pointer::from("/yj/table/WHITE/cohort");
        for (own, other, worked, why) in [
            (Bare::Number(10.0), Bare::Number(34.0), true, None),
            (Bare::Number(6.0), Bare::Number(34.0), true, Some("of fewer than 10")),
            (Bare::Number(18.0), Bare::Number(9.0), true, Some("of fewer than 10")),
            // Typed only, because we could not work it out: the count beside it decides.
            (Bare::Number(18.0), Bare::Blank, false, None),
            (Bare::Number(6.0), Bare::Blank, false, Some("of fewer than 10")),
            (Bare::Marker(Marker::Confidential), Bare::Number(34.0), false, Some("of fewer than 10")),
        ] {
            let figures = Return {
                figures: BTreeMap::from([
                    figure("/yj/table/BCRB/cohort", Cell::new(1, 1), own.clone()),
                    figure("/yj/table/WHITE/cohort", Cell::new(2, 1), other),
                ]),
                ..Return::default()
            };
            let parts = if worked { vec![row.child("cohort"), white.clone()] } else { vec![] };
            let said = of_a_few(&figures, &rri, &row, &parts);
            assert_eq!(said.as_ref().map(|(_, why)| why.as_str()), why, "{own:?}");
        }
        let plain = measure(&["rri"], Kind::Rate);
        assert!(of_a_few(&Return::default(), &plain, &row, &[]).is_none());
    }

    #[test]
    fn a_number_is_decimal_text_without_noise() {
        for (n, text) in [
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (1e-7, "0.0000001"),
            (11147.0, "11147"),
            (-2.5, "-2.5"),
            (1e15, "1000000000000000"),
        ] {
            assert_eq!(decimal(n), text);
        }
    }

    #[test]
    fn a_row_of_a_list_goes_by_its_code_however_that_was_written_and_by_its_key_the_second_time() {
        let partners = CodeList {
            key: "partners".into(),
            title: String::new(),
            codes: vec![code("csc"), code("MPS")],
            retired: vec![],
            months: false,
        };
        let mut partner = measure(&["partner"], Kind::Code);
        partner.codes = Some(Arc::new(partners));
        let list = |field| List {
            key: "contributions".into(),
            title: String::new(),
            aliases: vec![],
            description: String::new(),
            key_field: "partner".into(),
            telling: vec![],
            fields: vec![field, measure(&["cash"], Kind::Money)],
        };
        let at = |row: &str, field: &str| format!("/pi/contributions/{row}/{field}");
        let row = |row: &str, n: u32| {
            let text = Bare::Text(if n < 3 { "csc" } else { "MPS" }.into());
            [
                figure(&at(row, "partner"), Cell::new(n, 0), text),
                figure(&at(row, "cash"), Cell::new(n, 1), Bare::Number(f64::from(n))),
            ]
        };
        let rows = ["CHILDREN'S SOCIAL CARE", "CSC", "POLICE", "MPS"].map(str::to_owned);
        let figures = Return {
            figures: rows.iter().zip(1..).flat_map(|(key, n)| row(key, n)).collect(),
            lists: BTreeMap::from([(Pointer::from("/pi/contributions"), rows.to_vec())]),
            ..Return::default()
        };
        let broken_down = |field: Measure| {
            let section = Section {
                key: "pi".into(),
                title: String::new(),
                aliases: vec![],
                description: String::new(),
                aims: vec![],
                items: vec![Item::List(list(field))],
            };
            let source = Source {
                marks: &Marks::default(),
                figures: &figures,
                workbook: &Workbook::default(),
                kind: "iscp",
                sections: &[section],
                sha256: "ab",
                body: "iscp",
            };
            let records = records(&source, &BTreeSet::from(["pi".to_owned()]));
            records.into_iter().map(|r| r.breakdown).collect::<Vec<_>>()
        };
        assert_eq!(broken_down(partner), ["partner=csc", "partner=CSC", "partner=MPS", "partner=MPS~2"]);
        let by_name = measure(&["partner"], Kind::Text);
        assert_eq!(broken_down(by_name), rows.map(|key| format!("partner={key}")));
    }
}
