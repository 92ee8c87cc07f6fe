//! The reference of a pack, for people who never see a schema: linked pages of every section, measure, rule, code list,
//! parameter and reference figure, of who owes what, of the years, and of where each seed is at home. A function from a
//! pack to the text of its pages; writing them is left to the command line.

mod index;
mod measure;
mod page;
mod register;
mod rule;
mod section;
mod seed;
mod usage;
mod who;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::schema::Schemas;
use usage::Usage;

/// What the pages are made from.
struct Book<'a> {
    schemas: &'a Schemas,
    /// The files of the pack, for what the compiled pack does not keep: assumptions, sources, years.
    files: &'a BTreeMap<String, String>,
    json: BTreeMap<&'a str, Value>,
    usage: Usage,
}

/// The pages of the reference by file name; they all stand in one folder. The same pack gives the same bytes.
#[must_use]
pub fn pages(schemas: &Schemas, files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let parsed = files.iter().filter(|(path, _)| path.ends_with(".json"));
    let json = parsed.filter_map(|(path, text)| Some((path.as_str(), serde_json::from_str(text).ok()?))).collect();
    let book = Book { schemas, files, json, usage: Usage::of(schemas) };
    let mut pages = BTreeMap::new();
    let mut add = |name: String, page: maud::Markup| {
        let mut text = page.into_string();
        text.push('\n');
        pages.insert(name, text);
    };
    add("index.html".to_owned(), index::front(&book));
    add("sections.html".to_owned(), index::sections(&book));
    add("rules.html".to_owned(), index::rules(&book));
    for key in book.sheets() {
        add(page::section_file(&key), section::page(&book, &key));
    }
    for id in schemas.catalogue.keys() {
        add(page::rule_file(id), rule::page(&book, id));
    }
    add("codes.html".to_owned(), register::code_lists(&book));
    for key in book.code_lists() {
        add(page::codes_file(key), register::code_list(&book, key));
    }
    add("parameters.html".to_owned(), register::parameters(&book));
    add("reference-data.html".to_owned(), register::data(&book));
    add("who.html".to_owned(), who::page(&book));
    add("years.html".to_owned(), who::years(&book));
    if !schemas.seeds.is_empty() {
        add("seeds.html".to_owned(), seed::page(&book));
    }
    pages
}

impl Book<'_> {
    /// The cover, the sections in the order of the return, the explanations.
    fn sheets(&self) -> Vec<String> {
        let mut sheets = vec!["cover".to_owned()];
        sheets.extend(self.sections());
        sheets.push("explanations".to_owned());
        sheets
    }

    /// The sections in the order of the return.
    fn sections(&self) -> Vec<String> {
        let listed = self.json.get("pack.json").and_then(|about| about["sections"].as_array());
        let mut keys: Vec<String> = listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let named = |path: &&str| path.strip_prefix("sections/")?.strip_suffix(".json").map(str::to_owned);
        let rest: Vec<String> = self.json.keys().filter_map(named).filter(|key| !keys.contains(key)).collect();
        keys.retain(|key| self.json.contains_key(format!("sections/{key}.json").as_str()));
        keys.extend(rest);
        keys
    }

    /// The file of a section, or of the cover or the explanations.
    fn file(&self, key: &str) -> &Value {
        let path = if matches!(key, "cover" | "explanations") {
            format!("{key}.json")
        } else {
            format!("sections/{key}.json")
        };
        self.json.get(path.as_str()).unwrap_or(&Value::Null)
    }

    /// The code lists that stand in files.
    fn code_lists(&self) -> Vec<&str> {
        self.json.keys().filter_map(|path| path.strip_prefix("codes/")?.strip_suffix(".json")).collect()
    }

    fn title(&self, section: &str) -> String {
        self.schemas.section_title(section).unwrap_or(section).to_owned()
    }
}

/// A text of a file.
fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Texts of a file.
fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
