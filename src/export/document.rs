//! One section of a return as a document: the bare figures in the shape of the section's schema, and beside them what
//! was said of each.

use serde_json::{Map, Value, json};

use crate::cell::Pointer;
use crate::figure::{Bare, Figure, number_to_json};
use crate::record::decimal;
use crate::report::{Outcome, Report};
use crate::schema::model::Section;

/// The section as `returns/<body>/<section>.json` holds it, in the state that it came to in the end; `None` where the submission does not hold or declare it,
/// or where nothing of it may be kept.
#[must_use]
pub fn section_json(report: &Report, section: &Section, state: Outcome) -> Option<Value> {
    let outcome = report.sections.iter().find(|s| s.section == section.key)?;
    if report.private || outcome.outcome == Outcome::Refused {
        return None;
    }
    let top = Pointer::section(&section.key);
    let figures = report.figures.figures.iter().filter(|(pointer, _)| pointer.is_within(&top));
    let about: Map<String, Value> =
        figures.map(|(pointer, figure)| (pointer.to_string(), said(report, figure))).collect();
    Some(json!({
        "format": "safereturn.section/1",
        "year": report.year(),
        "body": report.body(),
        "section": section.key,
        "submission": report.figures.submission_no,
        "file": report.file.sha256,
        "state": state.word(),
        "nil": outcome.nil,
        "figures": report.figures.bare(section, |_| true),
        "about": about,
    }))
}

/// What was said of a figure: only what there is.
fn said(report: &Report, figure: &Figure) -> Value {
    let mut about = Map::new();
    if let Some(cell) = figure.cell {
        about.insert("cell".into(), json!(format!("{}!{}", report.sheet(cell.sheet), cell.cell)));
    }
    if let Bare::Marker(marker) = figure.bare {
        about.insert("marker".into(), json!(marker));
    }
    let (lo, hi) = (figure.interval.lo, figure.interval.hi);
    let numeric = matches!(figure.bare, Bare::Number(_) | Bare::Marker(_) | Bare::Text(_));
    if numeric && lo != hi && (lo.is_finite() || hi.is_finite()) {
        about.insert("bound".into(), json!([lo.is_finite().then_some(lo), hi.is_finite().then_some(hi)]));
    }
    if !figure.status.is_empty() {
        about.insert("status".into(), json!(figure.status));
    }
    if matches!(figure.bare, Bare::Number(_)) {
        about.insert("decimals".into(), json!(figure.decimals));
    }
    if !figure.typed.is_empty() {
        about.insert("typed".into(), json!(figure.typed));
    }
    if let Some(note) = &figure.note {
        about.insert("note".into(), json!(note));
    }
    if let Some(n) = report.figures.worked.get(&figure.pointer).and_then(|w| w.interval.number()) {
        // The same digits as in the records.
        about.insert("worked_out".into(), decimal(n).parse().map_or(Value::Null, number_to_json));
    }
    Value::Object(about)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cell::{Address, Cell};
    use crate::extract::Return;
    use crate::figure::{Interval, Marker};
    use crate::report::{FileFacts, SectionOutcome};
    use crate::schema::model::{Item, Kind, List, Measure};
    use crate::workbook::{Sheet, Workbook};

    fn report() -> Report {
        let figure = |pointer: &str, row, bare, interval| {
            let pointer = Pointer::from(pointer);
            let figure = Figure {
                pointer: pointer.clone(),
                cell: Some(Address::new(0, Cell::new(row, 1))),
                bare,
                interval,
                status: vec![],
                decimals: 0,
                typed: "as typed".into(),
                note: Some("of children".into()),
                computed: false,
                fault: None,
            };
            (pointer, figure)
        };
        let figures = Return {
            year: "2021-22".into(),
            body: "csc".into(),
            submission_no: Some(2),
            figures: BTreeMap::from([
                figure("/recs/total", 0, Bare::Number(2.0), Interval::exact(2.0)),
                figure("/recs/hidden", 1, Bare::Marker(Marker::Confidential), Interval::at_least(0.0)),
                figure("/recs/items/R2/rec_id", 2, Bare::Text("R2".into()), Interval::UNKNOWN),
                figure("/recs/items/R1/rec_id", 3, Bare::Text("R1".into()), Interval::UNKNOWN),
                figure("/recs/blank", 4, Bare::Blank, Interval::UNKNOWN),
                figure("/other/total", 5, Bare::Number(1.0), Interval::exact(1.0)),
            ]),
            lists: BTreeMap::from([(Pointer::from("/recs/items"), vec!["R2".into(), "R1".into()])]),
            ..Return::default()
        };
        Report {
            file: FileFacts { name: "a.xlsx".into(), sha256: "0".repeat(64), bytes: 1 },
            pack: ("p".into(), "1".into(), "h".into()),
            workbook: Workbook {
                sheets: vec![Sheet { name: "Recs".into(), ..Sheet::default() }],
                ..Workbook::default()
            },
            figures,
            findings: vec![],
            checks: vec![],
            sections: vec![SectionOutcome {
                section: "recs".into(),
                title: "Recs".into(),
                outcome: Outcome::Accepted,
                because: vec![],
                nil: false,
            }],
            owed: BTreeMap::new(),
            outcome: Outcome::Accepted,
            private: false,
            titles: BTreeMap::new(),
            marks: crate::checks::Marks::default(),
        }
    }

    fn section(key: &str) -> Section {
        let measure = |path: &str, kind| Measure {
            path: vec![path.into()],
            title: path.into(),
            group_title: None,
            aliases: vec![],
            description: String::new(),
            kind,
            unit: String::new(),
            unit_of_count: None,
            required: false,
            derived: false,
            decimals: 0,
            plausible: None,
            codes: None,
            never: vec![],
            breaks: false,
            publish_from: None,
            longest: None,
            shortest: None,
            source: String::new(),
            carried: None,
        };
        let list = List {
            key: "items".into(),
            title: "Items".into(),
            aliases: vec![],
            description: String::new(),
            key_field: "rec_id".into(),
            telling: vec![],
            fields: vec![measure("rec_id", Kind::Text)],
        };
        Section {
            key: key.into(),
            title: key.into(),
            aliases: vec![],
            description: String::new(),
            aims: vec![],
            items: vec![
                Item::Measure(measure("total", Kind::Count)),
                Item::Measure(measure("hidden", Kind::Count)),
                Item::Measure(measure("blank", Kind::Count)),
                Item::List(list),
            ],
        }
    }

    #[test]
    fn a_section_has_the_shape_of_its_schema_and_keeps_every_cell() {
        let document = section_json(&report(), &section("recs"), Outcome::Accepted).unwrap();
        assert_eq!(
            document["figures"],
            json!({ "total": 2, "hidden": "c", "items": [{ "rec_id": "R2" }, { "rec_id": "R1" }] })
        );
        assert_eq!(document["about"]["/recs/blank"]["cell"], "Recs!B5");
        assert_eq!(document["about"]["/recs/hidden"]["bound"], json!([0.0, null]));
        let schema: Value = serde_json::from_str(include_str!("../../schemas/out/section.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert_eq!(validator.iter_errors(&document).map(|e| e.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    }

    #[test]
    fn nothing_of_a_private_or_refused_section_is_kept() {
        let private = Report { private: true, ..report() };
        assert_eq!(section_json(&private, &section("recs"), Outcome::Accepted), None);
        let mut refused = report();
        refused.sections[0].outcome = Outcome::Refused;
        assert_eq!(section_json(&refused, &section("recs"), Outcome::Accepted), None);
        assert_eq!(section_json(&report(), &section("absent"), Outcome::Accepted), None);
    }
}
