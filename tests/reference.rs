//! The reference: every section, rule, code list, parameter and reference figure has its page or place, every link
//! leads somewhere, everything is led to, and no page needs anything but itself.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use safereturn::reference::pages;
use safereturn::schema::Schemas;

#[path = "../examples/support/mod.rs"]
mod support;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);
static FILES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    safereturn::batch::pack_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"))).unwrap()
});
static PAGES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| pages(&PACK, &FILES));

fn all(pattern: &str, page: &str) -> Vec<String> {
    Regex::new(pattern).unwrap().captures_iter(page).map(|found| found[1].to_owned()).collect()
}

/// Where each page leads: a page, and perhaps a place on it.
fn links() -> Vec<(String, String, String)> {
    let mut links = Vec::new();
    for (name, page) in PAGES.iter() {
        for link in all(r#"href="([^"]*)""#, page) {
            let (to, place) = link.split_once('#').unwrap_or((link.as_str(), ""));
            let to = if to.is_empty() { name.as_str() } else { to };
            links.push((name.clone(), to.to_owned(), place.to_owned()));
        }
    }
    links
}

#[test]
fn everything_of_the_pack_has_its_page_or_place() {
    let has = |page: &str, place: &str| {
        let text = PAGES.get(page).unwrap_or_else(|| panic!("there is no page {page}"));
        assert!(place.is_empty() || text.contains(&format!("id=\"{place}\"")), "{page} has no place {place}");
    };
    for id in PACK.catalogue.keys() {
        has(&format!("rule-{id}.html"), "");
    }
    for path in FILES.keys().filter(|path| path.ends_with(".json")) {
        if let Some(key) = path.strip_prefix("sections/") {
            has(&format!("section-{}.html", key.trim_end_matches(".json")), "");
        } else if let Some(key) = path.strip_prefix("codes/") {
            has(&format!("codes-{}.html", key.trim_end_matches(".json")), "");
        }
    }
    for name in PACK.parameters.keys() {
        has("parameters.html", name);
    }
    for name in PACK.references() {
        has("reference-data.html", name);
    }
    let mut measures = BTreeSet::new();
    for form in PACK.forms() {
        for section in &form.sections {
            for measure in safereturn_measures(section) {
                measures.insert((section.key.clone(), measure));
            }
        }
    }
    for (section, measure) in &measures {
        has(&format!("section-{section}.html"), measure);
    }
    for kind in &PACK.agencies.kinds {
        has("who.html", &format!("kind-{}", kind.key));
    }
    for seed in &PACK.seeds {
        has("seeds.html", &seed.id);
    }
    println!("{} pages, {} measures", PAGES.len(), measures.len());
}

fn safereturn_measures(section: &safereturn::schema::model::Section) -> Vec<String> {
    use safereturn::schema::model::Item;
    let mut out = Vec::new();
    for item in &section.items {
        match item {
            Item::Measure(m) => out.push(m.path.join("-")),
            Item::Table(t) => out.extend(t.columns.iter().map(|c| format!("{}-{}", t.key, c.path.join("-")))),
            Item::List(l) => out.extend(l.fields.iter().map(|f| format!("{}-{}", l.key, f.path.join("-")))),
        }
    }
    out
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_led_to() {
    let places: BTreeMap<&String, BTreeSet<String>> =
        PAGES.iter().map(|(name, page)| (name, all(r#"\sid="([^"]*)""#, page).into_iter().collect())).collect();
    let mut broken = Vec::new();
    let mut led_to = BTreeSet::from(["index.html".to_owned()]);
    for (from, to, place) in links() {
        match places.get(&to) {
            Some(ids) if place.is_empty() || ids.contains(&place) => {}
            _ => broken.push(format!("{from} → {to}#{place}")),
        }
        if from != to {
            led_to.insert(to);
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
    let alone: Vec<&String> = PAGES.keys().filter(|name| !led_to.contains(*name)).collect();
    assert!(alone.is_empty(), "nothing leads to {alone:?}");
}

#[test]
fn every_code_list_is_led_to_from_a_sheet_and_every_threshold_from_a_rule_or_the_list() {
    let links = links();
    let from = |to: &str, place: &str, start: &str| {
        links.iter().any(|(f, t, p)| f.starts_with(start) && t == to && (place.is_empty() || p == place))
    };
    for path in FILES.keys() {
        if let Some(key) = path.strip_prefix("codes/").and_then(|key| key.strip_suffix(".json")) {
            assert!(from(&format!("codes-{key}.html"), "", "section-"), "no sheet leads to the list {key}");
        }
    }
    for name in PACK.parameters.keys() {
        assert!(from("parameters.html", name, "rule-") || from("parameters.html", name, "parameters"), "{name}");
    }
    for form in PACK.forms() {
        for path in form.rules.iter().flat_map(|r| &r.grades).flat_map(|g| g.expression.paths()) {
            if let Some(name) = path.strip_prefix("param.") {
                assert!(from("parameters.html", name, "rule-"), "no rule leads to {name}");
            }
        }
    }
}

#[test]
fn pages_stand_alone_and_are_the_same_every_time() {
    for (name, page) in PAGES.iter() {
        for no in ["<script", "http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(no), "{name} holds {no}");
        }
        let ids = all(r#"\sid="([^"]*)""#, page);
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{name} has an id twice");
    }
    assert!(*PAGES == pages(&PACK, &FILES), "the same pack gave other pages");
}

#[test]
fn the_page_of_a_rule_draws_the_return_that_fails_and_names_what_differs() {
    let page = &PAGES["rule-STK-02.html"];
    for part in [
        "178 + 209 − 202 = 185",
        "class=\"marked",
        "Child protection, row 24",
        "section-child-protection.html#cpp_open_end",
    ] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    // Every rule with a pair of cases has its picture, and no pattern is left unfilled.
    for id in PACK.catalogue.keys() {
        let page = &PAGES[&format!("rule-{id}.html")];
        if FILES.contains_key(&format!("cases/{id}/fails.txt")) {
            // What no body can be told of (a section that nobody sent) is in the board's words only.
            let drawn = page.contains(&format!("Rule {id} · finding"));
            assert!(drawn || page.contains("<blockquote>"), "{id} is not drawn");
        }
        let body = page.split_once("</style>").unwrap().1;
        let left = all(r"\{((?:[a-z_]+\.)*[a-z_]+)\}", body);
        assert!(left.is_empty(), "{id} has patterns in it: {left:?}");
    }
}

#[test]
fn words_of_a_pack_cannot_become_markup() {
    let mut files = FILES.clone();
    let text = files.get_mut("sections/front-door.json").unwrap();
    *text = text.replacen(
        "\"title\": \"Contacts in the year\"",
        "\"title\": \"<script>alert(1)</script> & \\\"more\\\"\"",
        1,
    );
    let schemas = Schemas::compile(&files).unwrap();
    let page = &pages(&schemas, &files)["section-front-door.html"];
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"), "a title became markup");
}
