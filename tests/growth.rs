//! The pack grows without touching `src/`: a section, a measure, a code, a threshold, a relation, a rule, a body and a
//! year are each added to a copy of it, and each is seen to work in a check: what is right is accepted, what is wrong is told.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;

use safereturn::check_cells;
use safereturn::extract::Context;
use safereturn::finding::Findings;
use safereturn::report::{FileFacts, Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::Value as Cell;
use serde_json::{Value, json};

#[path = "../examples/support/mod.rs"]
mod support;

type Files = BTreeMap<String, String>;

/// A file of the pack and what is changed in it.
type Change<'c> = (&'c str, &'c dyn Fn(&mut Value));

/// A copy of the pack in which some files are changed.
fn grown(changes: &[Change<'_>]) -> Schemas {
    let mut files: Files =
        safereturn::batch::pack_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"))).unwrap();
    for (file, change) in changes {
        let mut json: Value = files.get(*file).map_or_else(|| json!({}), |text| serde_json::from_str(text).unwrap());
        let before = json.clone();
        change(&mut json);
        assert_ne!(before, json, "nothing was changed in {file}");
        files.insert((*file).to_owned(), json.to_string());
    }
    Schemas::compile(&files)
        .unwrap_or_else(|errors| panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()))
}

/// A base with these sections and what `fill` makes of its values, checked with a pack.
fn check(schemas: &Schemas, base: &str, sections: &[&str], fill: impl Fn(&mut Value)) -> Report {
    check_in(schemas, base, sections, fill, |_| None)
}

/// As [`check`], with other words in the cells for which there are some.
fn check_in(
    schemas: &Schemas,
    base: &str,
    sections: &[&str],
    fill: impl Fn(&mut Value),
    words: impl Fn(&str) -> Option<String>,
) -> Report {
    let named: Vec<String> = sections.iter().map(|s| (*s).to_owned()).collect();
    let mut values = support::values(base, &named);
    values["cover"]["sections_returned"] = json!(sections);
    fill(&mut values);
    let cover = &values["cover"];
    let (agency, year) = (cover["agency"].as_str().unwrap(), cover["reporting_year"].as_str().unwrap());
    let form = schemas.form(&schemas.body(agency).unwrap().kind, year).unwrap();
    let mut laid = support::lay_out(schemas, form, &values);
    for entry in laid.workbook.sheets.iter_mut().flat_map(|sheet| sheet.cells.values_mut()) {
        if let Cell::Text(text) = &entry.value
            && let Some(other) = words(text)
        {
            *entry = safereturn::workbook::Entry::text(other);
        }
    }
    let context =
        Context { expected_body: Some(agency.to_owned()), ..Context::on(schemas.agencies.years[year].deadline) };
    let file = FileFacts { name: "return.xlsx".to_owned(), sha256: String::new(), bytes: 0 };
    check_cells(laid.workbook, file, Findings::default(), &context, schemas)
}

/// What somebody has to act on.
fn open(report: &Report) -> Vec<String> {
    let said = |f: &safereturn::finding::Finding| format!("{} {} {}", f.severity.word(), f.rule, f.at);
    report.findings.iter().filter(|f| f.is_open()).map(said).collect()
}

fn accepted(report: &Report) {
    let said: Vec<&String> = report.findings.iter().filter(|f| f.is_open()).map(|f| &f.message).collect();
    assert!(said.is_empty() && report.outcome == Outcome::Accepted, "{:?} {said:?}", open(report));
}

fn measure(title: &str) -> Value {
    json!({ "$ref": "../common.json#/$defs/count", "title": title, "description": "Added by a test.",
        "x-unit-of-count": "calls", "x-source": "A test" })
}

#[test]
fn a_section_is_added() {
    let schemas = grown(&[
        ("sections/river-safety.json", &|file| {
            *file = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": "https://safereturn.org/schemas/sections/river-safety.json",
                "title": "River safety", "description": "Added by a test.", "x-aims": ["performance"],
                "type": "object", "additionalProperties": false, "required": ["calls"],
                "properties": { "calls": measure("Calls about the canal"), "calls_at_night": measure("Calls at night") },
                "x-at-most": [ { "id": "ROW-02", "at": "calls_at_night", "less": "calls_at_night", "more": "calls" } ]
            });
        }),
        ("pack.json", &|pack| pack["sections"].as_array_mut().unwrap().push(json!("river-safety"))),
        ("agencies.json", &|agencies| agencies["kinds"]["csc"]["sections"]["river-safety"] = json!("required")),
    ]);
    let with = |calls: Value, night: u32| {
        check(&schemas, "csc-2020-21", &["child-protection", "river-safety"], |values| {
            values["river-safety"] = json!({ "calls": calls, "calls_at_night": night });
        })
    };
    let right = with(json!(40), 12);
    accepted(&right);
    assert!(right.sections.iter().any(|s| s.section == "river-safety"), "it is among the sections of the report");
    assert_eq!(open(&with(json!(11), 12)), ["error ROW-02 /river-safety/calls_at_night"]);
    assert_eq!(open(&with(Value::Null, 12)), ["error CMP-04 /river-safety/calls"]);
    // Who does not return it is still to send it.
    let without = check(&schemas, "csc-2020-21", &["child-protection"], |_| {});
    assert!(without.owed.contains_key("river-safety"), "{:?}", without.owed);
}

#[test]
fn a_measure_is_added() {
    let schemas = grown(&[("sections/front-door.json", &|section| {
        section["properties"]["calls_at_night"] = measure("Calls to the front door at night");
        section["required"].as_array_mut().unwrap().push(json!("calls_at_night"));
    })]);
    let with = |calls: Value| {
        check(&schemas, "csc-2020-21", &["front-door"], |values| values["front-door"]["calls_at_night"] = calls.clone())
    };
    accepted(&with(json!(312)));
    assert_eq!(open(&with(json!(312.5))), ["error CEL-01 /front-door/calls_at_night"]);
    assert_eq!(open(&with(Value::Null)), ["error CMP-04 /front-door/calls_at_night"]);
}

#[test]
fn a_code_is_added() {
    let schemas = grown(&[("codes/abuse-categories.json", &|list| {
        list["codes"].as_array_mut().unwrap().push(json!({ "code": "ONL", "label": "Abuse online" }));
    })]);
    let with = |children: u64| {
        check(&schemas, "csc-2020-21", &["child-protection"], |values| {
            let table = &mut values["child-protection"]["cpp_by_category"];
            table["NEG"]["children"] = json!(table["NEG"]["children"].as_u64().unwrap() - 7);
            table["ONL"] = json!({ "children": children });
        })
    };
    accepted(&with(7));
    assert_eq!(open(&with(8)), ["error TAB-01 /child-protection/cpp_by_category"]);
}

#[test]
fn a_threshold_and_a_rule_of_its_own_are_added() {
    let pack = |limit: u32| {
        grown(&[
            ("parameters.json", &|parameters| {
                parameters["visits.each"] =
                    json!({ "value": limit, "unit": "visits", "title": "Visits to one child", "source": "A test" });
            }),
            ("catalogue.json", &|catalogue| {
                catalogue["VIS-01"] = json!({ "title": "Many visits", "severity": "query", "by": "cel",
                    "message": "Many visits.", "help": "Check both figures.", "why": "A slip.", "source": "A test" });
            }),
            ("sections/child-protection.json", &|section| {
                section["x-rules"].as_array_mut().unwrap().push(json!({ "id": "VIS-01", "at": "cpp_visits_due",
                    "rule": "cpp_visits_due <= param.visits.each * cpp_open_end",
                    "message": "{cpp_visits_due} visits for {cpp_open_end} children are more than {param.visits.each} each." }));
            }),
        ])
    };
    let with = |schemas: &Schemas| check(schemas, "csc-2020-21", &["child-protection"], |_| {});
    accepted(&with(&pack(1000)));
    let asked = with(&pack(1));
    assert_eq!(open(&asked), ["query VIS-01 /child-protection/cpp_visits_due"]);
    let message = &asked.findings.iter().find(|f| f.is_open()).unwrap().message;
    assert!(message.ends_with("visits for 194 children are more than 1 each."), "{message}");
}

#[test]
fn a_relation_is_added() {
    let schemas = grown(&[("sections/child-protection.json", &|section| {
        section["properties"]["calls_answered"] = measure("Calls answered");
        section["properties"]["calls_lost"] = measure("Calls lost");
        section["properties"]["calls_made"] = measure("Calls made");
        section["x-sums-to"].as_array_mut().unwrap().push(json!({ "id": "TAB-01", "at": "calls_made",
            "parts": ["calls_answered", "calls_lost"], "total": "calls_made" }));
    })]);
    let with = |lost: u32| {
        check(&schemas, "csc-2020-21", &["child-protection"], |values| {
            let section = &mut values["child-protection"];
            (section["calls_answered"], section["calls_lost"], section["calls_made"]) =
                (json!(90), json!(lost), json!(100));
        })
    };
    accepted(&with(10));
    assert_eq!(open(&with(11)), ["error TAB-01 /child-protection/calls_made"]);
}

#[test]
fn a_body_is_added() {
    let schemas = grown(&[("agencies.json", &|agencies| {
        agencies["bodies"]["csc-camden"] =
            json!({ "title": "Camden children’s services", "kind": "csc", "aliases": ["Camden"] });
    })]);
    let with = |agency: &str| {
        check(&schemas, "csc-2020-21", &["child-protection"], |values| values["cover"]["agency"] = json!(agency))
    };
    accepted(&with("csc-camden"));
    // The same name on the cover of a pack that does not know the body.
    let unknown = support::pack();
    let mut values = support::values("csc-2020-21", &["child-protection".to_owned()]);
    values["cover"]["agency"] = json!("csc-camden");
    let laid = support::lay_out(&unknown, unknown.form("csc", "2020-21").unwrap(), &values);
    let file = FileFacts { name: "return.xlsx".to_owned(), sha256: String::new(), bytes: 0 };
    let context = Context::on(unknown.agencies.years["2020-21"].deadline);
    let report = check_cells(laid.workbook, file, Findings::default(), &context, &unknown);
    assert_eq!(report.outcome, Outcome::Refused, "{:?}", open(&report));
}

#[test]
fn a_year_is_added() {
    // Whatever has a value for each year gets one for the new year too.
    let files = safereturn::batch::pack_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"))).unwrap();
    let yearly = files.iter().filter(|(path, text)| path.starts_with("reference/") && text.contains("\"2022-23\""));
    let copy = |file: &mut Value| {
        for key in ["values", "vintages"] {
            if let Some(figures) = file.get(key).and_then(|f| f.get("2022-23")).cloned() {
                file[key]["2023-24"] = figures;
            }
        }
        if file["values"]["2023-24"].get("population_0_17").is_some() {
            file["values"]["2023-24"]["population_0_17"] = json!(36129);
        }
    };
    let mut changes: Vec<Change<'_>> = yearly.map(|(path, _)| (path.as_str(), &copy as &dyn Fn(&mut Value))).collect();
    let own: [Change<'_>; 2] = [
        ("agencies.json", &|agencies| {
            agencies["years"]["2023-24"] =
                json!({ "open": true, "template": "1.3.0", "deadline": "2024-05-31", "query_deadline": "2024-06-30" });
        }),
        ("sections/child-protection.json", &|section| {
            let property = &mut section["properties"]["cpp_visits_due"];
            property["x-wording"] = json!([{ "since": "2023-24", "title": "Visits that were to be made" }]);
            section["properties"]["calls"] = measure("Calls");
            section["properties"]["calls"]["x-since"] = json!("2023-24");
            section["required"].as_array_mut().unwrap().push(json!("calls"));
        }),
    ];
    changes.extend(own);
    let schemas = grown(&changes);
    let filled = |ended: u64, calls: Value| {
        move |values: &mut Value| {
            for (field, value) in [
                ("template_version", "1.3.0"),
                ("reporting_year", "2023-24"),
                ("period_start", "2023-04-01"),
                ("period_end", "2024-03-31"),
                ("extract_date", "2024-05-04"),
                ("signed_off_date", "2024-05-12"),
            ] {
                values["cover"][field] = json!(value);
            }
            values["child-protection"]["cpp_ended"] = json!(ended);
            values["child-protection"]["calls"] = calls.clone();
        }
    };
    let with = |ended: u64, calls: Value| check(&schemas, "csc-2020-21", &["child-protection"], filled(ended, calls));
    let first = support::values("csc-2020-21", &[])["child-protection"]["cpp_ended"].as_u64().unwrap();
    let right = with(first, json!(9));
    accepted(&right);
    // Our rate is reckoned with the population of the new year.
    let rate = right.figures.worked.iter().find(|(p, _)| p.as_str() == "/child-protection/cpp_rate_10k").unwrap().1;
    let wanted = 194.0 / 36_129.0 * 10_000.0;
    assert!((rate.interval.number().unwrap() - wanted).abs() < 1e-6, "{:?}", rate.interval);
    assert!(open(&with(first + 1, json!(9))).contains(&"error STK-02 /child-protection/cpp_open_end".to_owned()));
    assert_eq!(open(&with(first, Value::Null)), ["error CMP-04 /child-protection/calls"]);
    // The new year's words, and the old ones of the years before; the old ones are understood in the new year.
    let title = |year: &str| {
        let form = schemas.form("csc", year).unwrap();
        form.section("child-protection").unwrap().words(&["cpp_visits_due".to_owned()]).unwrap()
    };
    assert_eq!(title("2023-24"), "Visits that were to be made");
    let (old, new) = (title("2022-23"), title("2023-24"));
    assert_ne!(old, new);
    let words = |text: &str| (text == new).then(|| old.clone());
    let in_old_words = check_in(&schemas, "csc-2020-21", &["child-protection"], filled(first, json!(9)), words);
    accepted(&in_old_words);
    let visits = in_old_words.figures.figures.iter().find(|(p, _)| p.as_str() == "/child-protection/cpp_visits_due");
    assert!(visits.unwrap().1.interval.number().is_some(), "the figure under the old words was not read");
}
