//! The schema pack: it compiles, its mistakes are told all at once at their place, and it grows without touching `src/`.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeMap;

use safereturn::schema::{SchemaError, Schemas, built_in_files};

mod common;

fn told(errors: &[SchemaError]) -> String {
    errors.iter().map(|e| format!("{e}\n")).collect()
}

#[test]
fn the_pack_in_the_program_is_sound() {
    if let Err(errors) = Schemas::compile(&built_in_files()) {
        panic!("{} mistakes\n{}", errors.len(), told(&errors));
    }
}

#[test]
fn every_shipped_rule_is_cel_and_parses_to_the_same_tree() {
    let schemas = Schemas::built_in().unwrap();
    let mut rules = 0;
    for form in schemas.forms() {
        for rule in &form.rules {
            for grade in &rule.grades {
                common::oracle::same_as_cel(grade.expression.text()).unwrap();
                rules += 1;
            }
        }
        for derived in form.derived.values().flatten() {
            common::oracle::same_as_cel(derived.expression.text()).unwrap();
        }
    }
    for rule in schemas.agencies.years.keys().flat_map(|year| schemas.across(year)) {
        common::oracle::same_as_cel(rule.expression.text()).unwrap();
        rules += 1;
    }
    println!("{rules} rule texts agree with the oracle");
    assert!(rules > 50);
}

/// A copy of the pack with one file changed.
fn with(file: &str, change: impl FnOnce(&str) -> String) -> BTreeMap<String, String> {
    let mut files = built_in_files();
    let text = files.get(file).expect(file);
    let changed = change(text);
    assert_ne!(*text, changed, "nothing was changed in {file}");
    files.insert(file.to_owned(), changed);
    files
}

#[test]
fn a_count_from_which_a_figure_is_shown_stands_beside_it_and_its_threshold_is_a_parameter() {
    let files = with("sections/youth-justice.json", |text| {
        text.replacen("\"of\": \"cohort\"", "\"of\": \"cohorts\"", 1)
            .replacen("\"least\": \"publish.rri_cohort\"", "\"least\": \"publish.rri\"", 2)
            .replacen("\"least\": \"publish.rri\"", "\"least\": \"publish.rri_cohort\"", 1)
    });
    let errors = Schemas::compile(&files).unwrap_err();
    let said: Vec<&str> = errors.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(said, ["`cohorts` is not a count beside this", "there is no parameter `publish.rri`"]);
}

#[test]
fn all_mistakes_are_told_together_each_at_its_place() {
    let mut files = with("sections/child-protection.json", |text| {
        text.replacen("\"x-unit-of-count\"", "\"x-unit-of-cuont\"", 1)
            .replacen("\"x-flow\": [", "\"x-flow\": [ { \"id\": \"STK-99\", \"at\": \"s47_started\", \"flow\": [\"a\", \"b\", \"c\", \"d\"] }, ", 1)
            .replacen("\"x-rules\": [", "\"x-rules\": [ { \"id\": \"XSE-02\", \"at\": \"s47_children\", \"rule\": \"s47_startd <= 3\", \"message\": \"m\", \"help\": \"h\" }, ", 1)
    });
    let codes = files.get_mut("codes/abuse-categories.json").unwrap();
    *codes = codes.replacen("\"label\"", "\"lable\"", 1);
    let errors = Schemas::compile(&files).unwrap_err();
    let told = told(&errors);
    for part in ["x-unit-of-cuont", "STK-99", "s47_startd", "codes/abuse-categories.json"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
    // The misspelt name in the rule is marked itself, not the whole rule.
    let name = errors.iter().find(|e| e.message.contains("s47_startd")).unwrap();
    assert_eq!(&name.text[name.span.clone()], "s47_startd");
    assert!(name.help.as_ref().is_some_and(|h| h.contains("s47_started")), "{name:?}");
}

#[test]
fn a_measure_a_relation_and_a_code_are_added_without_touching_the_program() {
    let mut files = with("sections/child-protection.json", |text| {
        text.replacen(
            "\"properties\": {",
            "\"properties\": { \"s47_at_night\": { \"$ref\": \"../common.json#/$defs/count\", \"title\": \"Enquiries begun at night\", \
             \"description\": \"Between 20:00 and 08:00.\", \"x-unit-of-count\": \"enquiries\", \"x-source\": \"a test\" },",
            1,
        )
        .replacen("\"x-at-most\": [", "\"x-at-most\": [ { \"id\": \"ROW-02\", \"at\": \"s47_at_night\", \"less\": \"s47_at_night\", \"more\": \"s47_started\" },", 1)
    });
    let codes = files.get_mut("codes/abuse-categories.json").unwrap();
    *codes = codes.replacen(
        "\"codes\": [",
        "\"codes\": [ { \"code\": \"NEW\", \"label\": \"A new category\", \"aliases\": [] },",
        1,
    );
    let schemas = Schemas::compile(&files).map_err(|e| told(&e)).unwrap();
    let form = schemas.form("csc", "2020-21").unwrap();
    assert!(form.rules.iter().any(|r| r.id.as_str() == "ROW-02" && r.at == ["s47_at_night"]));
    let document = schemas.section_json_schema("csc", "2020-21", "child-protection").unwrap();
    assert_eq!(document["properties"]["s47_at_night"]["title"], "Enquiries begun at night");
    assert!(document["properties"]["cpp_by_category"]["properties"]["NEW"].is_object());
}

#[test]
fn a_year_without_a_reference_figure_that_a_rule_needs_is_a_mistake_at_once() {
    let files = with("reference/population.json", |text| {
        let mut json: serde_json::Value = serde_json::from_str(text).unwrap();
        json["values"]["2021-22"].as_object_mut().unwrap().remove("population_0_17");
        json.to_string()
    });
    let told = told(&Schemas::compile(&files).unwrap_err());
    assert!(told.contains("population_0_17") && told.contains("2021-22"), "{told}");
}

#[test]
fn working_days_cannot_be_counted_in_a_year_whose_holidays_nobody_told() {
    let files = with("reference/bank-holidays.json", |text| text.replace("2023-", "2030-"));
    let told = told(&Schemas::compile(&files).unwrap_err());
    assert!(told.contains("ROW-05 counts working days") && told.contains("2022-23"), "{told}");
}

#[test]
fn a_headline_that_is_nowhere_and_a_comparator_without_source_are_mistakes_at_their_places() {
    let mut files = with("headlines.json", |text| {
        let mut json: serde_json::Value = serde_json::from_str(text).unwrap();
        let rows = &mut json["headlines"];
        rows[0]["of"] = "nobody".into();
        rows[1]["expected"] = serde_json::json!({ "from": 90, "to": 80 });
        rows[2]["colour"] = "red".into();
        rows[6]["measure"] = "child-protection.icpc_on_time_ptc".into();
        rows[6]["comparators"][0]["figure"] = "icpc_on_time_pct_paris".into();
        rows[6]["comparators"][1]["figure"] = "".into();
        serde_json::to_string_pretty(&json).unwrap()
    });
    let comparators = files.get_mut("reference/comparators.json").unwrap();
    *comparators = comparators.replace("\"source\": \"DfE, characteristics", "\"origin\": \"DfE, characteristics");
    let said = told(&Schemas::compile(&files).unwrap_err());
    for mistake in [
        "headlines.json, line",
        "there is no kind of agency `nobody`",
        "an expected range has to say its `source`",
        "goes from a number to one that is no less",
        "`colour` is not known here",
        "`icpc_on_time_ptc` is no figure that `csc` returns under `child-protection` (the nearest there is: `icpc_on_time_pct`)",
        "there is no reference figure `icpc_on_time_pct_paris`",
        "a comparator needs a `name`",
        "reference figure `cpp_rate_sn` does not say its source",
    ] {
        assert!(said.contains(mistake), "{mistake:?} is missing from\n{said}");
    }
}
