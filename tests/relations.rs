//! Every rule object of the pack speaks: for each there is one figure of a clean return that, changed alone, makes that
//! very object fail, once for each severity it has.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use chrono::{Datelike, NaiveDate};
use safereturn::cell::{Address, Pointer};
use safereturn::check_cells;
use safereturn::extract::{Context, Return, Trees, View, at, shown};
use safereturn::figure::{Bare, Figure, Interval, Kleene};
use safereturn::finding::{Finding, Findings, Severity};
use safereturn::report::{FileFacts, Report};
use safereturn::rules::evaluate;
use safereturn::schema::model::{Item, Kind, Measure, Section};
use safereturn::schema::{Form, Grade, Rule, Schemas};
use safereturn::workbook::{Workbook, notation};
use serde_json::json;

#[path = "common/each.rs"]
mod each;
#[path = "../examples/support/mod.rs"]
mod support;

use each::each;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);

/// A clean return with nothing left blank that could be filled in, of a few sections: the others only cost time.
struct Clean {
    form: &'static Form,
    workbook: Workbook,
    places: BTreeMap<Pointer, Address>,
    report: Report,
    context: Context,
}

fn check(workbook: Workbook, context: &Context) -> Report {
    let file = FileFacts { name: "return.xlsx".to_owned(), sha256: String::new(), bytes: 0 };
    check_cells(workbook, file, Findings::default(), context, &PACK)
}

impl Clean {
    fn new(body: &str, year: &str, sections: &[String], last: Option<Return>) -> Self {
        let form = PACK.form(&PACK.body(body).unwrap().kind, year).unwrap();
        let mut values = support::values(&format!("{body}-{year}"), sections);
        let mut fill = |section: &str, key: &str, value: serde_json::Value| {
            if let Some(section) = values.get_mut(section)
                && section.get(key).is_none()
            {
                section[key] = value;
            }
        };
        let total = if year == "2020-21" { 11_147 } else { 11_902 };
        fill("front-door", "contacts_children", json!(8412));
        fill("front-door", "contacts_by_mash_level", split(form, "contacts_by_mash_level", total));
        fill("child-protection", "s47_open_start", json!(31));
        let next = year[..4].parse::<u16>().unwrap() + 1;
        fill("cover", "board_date", json!(format!("{next}-09-15")));
        fill("cover", "clearance_date", json!(format!("{next}-09-01")));
        if let Some(open) = values["children-in-need"]["cin_open_end"].as_u64()
            && values["children-in-need"].get("cin_by_ward").is_none()
        {
            values["children-in-need"]["cin_by_ward"] = split(form, "cin_by_ward", open);
        }
        let mut laid = support::lay_out(&PACK, form, &values);
        let context = Context { last, ..Context::on(PACK.agencies.years[year].deadline) };
        let report = check(laid.workbook.clone(), &context);
        // What we work out is typed too, as we would have written it.
        for (pointer, worked) in &report.figures.worked {
            let (Some(address), Some(n)) = (laid.figures.get(pointer).copied(), worked.interval.number()) else {
                continue;
            };
            let measure = measure(form, pointer).unwrap();
            laid.put(address, shown(n, measure, 0).trim_end_matches('%'));
        }
        let report = check(laid.workbook.clone(), &context);
        let open: Vec<_> = report.findings.iter().filter(|f| f.is_open()).map(|f| &f.message).collect();
        assert!(open.is_empty(), "{body} {year} {sections:?} is not clean: {open:?}");
        Self { form, workbook: laid.workbook, places: laid.figures, report, context }
    }

    /// One figure after another, changed in one way after another, until the object speaks as gravely as wanted.
    fn speaks(&self, rule: &Rule, severity: Severity) -> Option<String> {
        let spoke = |f: &&Finding| f.rule == rule.id && f.severity == severity && is_at(rule, &f.at);
        let section = self.form.section(&rule.section).unwrap_or(&PACK.cover);
        let read = self.read_by(rule);
        let on_the_way: Vec<Pointer> = read.keys().take(3).cloned().collect();
        for (pointer, address) in read {
            let Some(measure) = measure(self.form, &pointer).or_else(|| cover(&pointer)) else { continue };
            let Some(figure) = self.report.figures.figures.get(&pointer) else { continue };
            // A figure that a rule reads may have been typed in the place of another.
            let others = on_the_way.iter().filter_map(|p| self.report.figures.figures.get(p)?.interval.number());
            let others = others.filter(|_| measure.kind == Kind::Count).map(|n| n.to_string());
            // Words may be those of last year.
            let last = self.context.last.as_ref().filter(|_| measure.kind == Kind::Text);
            let before = last.and_then(|last| Some(last.figures.get(&pointer)?.typed.clone()));
            for text in changes(measure, figure.interval.number()).into_iter().chain(others).chain(before) {
                // First the rule alone, which is quick; what is found that way has to be said of the workbook too.
                if !self.fails(rule, severity, section, figure, measure, &text) {
                    continue;
                }
                let mut workbook = self.workbook.clone();
                let cells = &mut workbook.sheets[address.sheet].cells;
                match text.as_str() {
                    "" => drop(cells.remove(&address.cell)),
                    text => drop(cells.insert(address.cell, notation::read_cell(text).unwrap())),
                }
                // The other sections only cost time.
                for (key, sheet) in &self.report.figures.sheets {
                    if *key != "cover" && *key != rule.section && !rule.needs.contains(key) {
                        workbook.sheets[*sheet].cells.clear();
                    }
                }
                let report = check(workbook, &self.context);
                if let Some(finding) = report.findings.iter().find(spoke) {
                    assert!(!finding.message.contains(['{', '}']), "{}", finding.message);
                    return Some(format!("{pointer}: {} → {text}: {}", figure.typed, finding.message));
                }
            }
        }
        None
    }

    /// Whether the figures are there that the rule wants: it holds somewhere.
    fn decides(&self, rule: &Rule) -> bool {
        let section = self.form.section(&rule.section).unwrap_or(&PACK.cover);
        let last = self.context.last.as_ref();
        let trees = Trees::new(&self.report.figures, self.form, &PACK, last);
        [View::Worked, View::Typed].into_iter().any(|view| {
            let root = trees.root(section, last.is_some(), view);
            let holds = |grade: &Grade| evaluate(&grade.expression, &root).iter().any(|o| o.verdict == Kleene::Holds);
            rule.grades.iter().any(holds)
        })
    }

    /// Whether the rule fails as gravely as that with one figure changed.
    fn fails(
        &self,
        rule: &Rule,
        severity: Severity,
        section: &Section,
        figure: &Figure,
        measure: &Measure,
        text: &str,
    ) -> bool {
        let mut figures = self.report.figures.clone();
        let days = |date: NaiveDate| f64::from(date.num_days_from_ce() - 719_163);
        let (bare, interval) = match (text, measure.kind) {
            ("", _) => (Bare::Blank, Interval::UNKNOWN),
            (text, Kind::Date) => {
                let date: NaiveDate = text.parse().unwrap();
                (Bare::Date(date), Interval::exact(days(date)))
            }
            (text, kind) if kind.is_number() => {
                let n: f64 = text.parse().unwrap();
                (Bare::Number(n), Interval::exact(n))
            }
            (text, Kind::Codes) => (Bare::Codes(text.split(", ").map(str::to_owned).collect()), Interval::UNKNOWN),
            (text, _) => (Bare::Text(text.to_owned()), Interval::UNKNOWN),
        };
        let own = figures.figures.get_mut(&figure.pointer).unwrap();
        (own.bare, own.interval, own.typed) = (bare, interval, text.to_owned());
        // What is worked out moves only where it is made of this figure. (Would it move elsewhere, the object were silent.)
        if figures.worked.iter().any(|(at, worked)| *at == figure.pointer || worked.parts.contains(&figure.pointer)) {
            figures.derive(self.form, &PACK);
        }
        let last = self.context.last.as_ref();
        let trees = Trees::new(&figures, self.form, &PACK, last);
        [View::Worked, View::Typed].into_iter().any(|view| {
            let root = trees.root(section, last.is_some(), view);
            let failed = |grade: &Grade| evaluate(&grade.expression, &root).iter().any(|o| o.verdict == Kleene::Fails);
            rule.grades.iter().any(|grade| grade.severity == severity && failed(grade))
        })
    }

    /// The figures of this year that a rule reads, or that those it reads are made of.
    fn read_by(&self, rule: &Rule) -> BTreeMap<Pointer, Address> {
        let section = self.form.section(&rule.section).unwrap_or(&PACK.cover);
        let mut read = BTreeSet::new();
        let last = self.context.last.as_ref();
        let trees = Trees::new(&self.report.figures, self.form, &PACK, last);
        for view in [View::Typed, View::Worked] {
            let root = trees.root(section, last.is_some(), view);
            for outcome in rule.grades.iter().flat_map(|grade| evaluate(&grade.expression, &root)) {
                let now = outcome.reads.into_iter().filter(|r| !r.path.starts_with("last"));
                read.extend(now.map(|r| r.pointer));
            }
        }
        let parts = read.iter().filter_map(|p| self.report.figures.worked.get(p)).flat_map(|w| w.parts.clone());
        read.extend(parts.collect::<Vec<_>>());
        // The key of a list's row is kept in capitals, however it was typed.
        let same = |p: &Pointer, q: &Pointer| p.as_str().eq_ignore_ascii_case(q.as_str());
        let place = |pointer: &Pointer| {
            let found = || self.places.iter().find(|(p, _)| same(p, pointer)).map(|(_, address)| *address);
            self.places.get(pointer).copied().or_else(found)
        };
        read.into_iter().filter_map(|pointer| Some((pointer.clone(), place(&pointer)?))).collect()
    }
}

/// A total over the rows of a table with one column, no two rows alike.
fn split(form: &Form, key: &str, total: u64) -> serde_json::Value {
    let items = form.sections.iter().flat_map(|s| &s.items);
    let mut tables = items.filter_map(|item| match item {
        Item::Table(table) => Some(table),
        Item::Measure(_) | Item::List(_) => None,
    });
    let Some(table) = tables.find(|t| t.key == key) else { return serde_json::Value::Null };
    let rows = table.rows.codes.len() as u64;
    let mut left = total;
    let mut filled = serde_json::Map::new();
    for (index, code) in table.rows.codes.iter().enumerate() {
        let index = index as u64;
        let n = if index + 1 == rows { left } else { total / rows + index - rows / 2 };
        left -= n;
        filled.insert(code.code.clone(), json!({ table.columns[0].key(): n }));
    }
    serde_json::Value::Object(filled)
}

fn measure<'a>(form: &'a Form, pointer: &Pointer) -> Option<&'a Measure> {
    let segments: Vec<String> = pointer.segments().skip(1).collect();
    form.section(&pointer.section_key())?.measure(&segments)
}

fn cover(pointer: &Pointer) -> Option<&'static Measure> {
    let segments: Vec<String> = pointer.segments().skip(1).collect();
    PACK.cover.measure(&segments)
}

/// Whether a finding is about the place of a rule, or about that place in one row.
fn is_at(rule: &Rule, place: &Pointer) -> bool {
    let here: Vec<String> = place.segments().skip(1).collect();
    let row = here.get(2..).unwrap_or_default();
    here == rule.at || (here.first() == rule.at.first() && rule.at.get(1..) == Some(row))
}

/// What might be typed instead.
fn changes(measure: &Measure, n: Option<f64>) -> Vec<String> {
    let text = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    match measure.kind {
        Kind::Count | Kind::Percentage | Kind::Points | Kind::Rate | Kind::Number | Kind::Money => {
            let n = n.unwrap_or_default();
            let tries = [n + 1.0, n - 1.0, n + 10.0, n * 10.0, n / 10.0, n / 2.0, n * 3.0, n + 3.0, 0.0, n + 2000.0];
            let whole = matches!(measure.kind, Kind::Count);
            let tried = tries.map(|n| if whole { n.round() } else { (n * 10.0).round() / 10.0 }.to_string());
            // What need not be typed may have been left out.
            tried.into_iter().chain((!measure.required).then(String::new)).collect()
        }
        Kind::Date => text(&["2020-03-31", "2021-05-03", "2021-02-01", "2019-01-01", "2022-06-30", ""]),
        Kind::Year => text(&["2021-22", "2019-20", "2018-19"]),
        Kind::Month => text(&["2020-06", "2015-01", "2022-03", "2030-01"]),
        Kind::Code => {
            let codes = measure.codes.iter().flat_map(|list| &list.codes).map(|c| c.code.clone());
            codes.chain([String::new()]).collect()
        }
        Kind::Codes => {
            // More of them than may be chosen, beside a reference as below.
            let codes = measure.codes.iter().flat_map(|list| &list.codes).filter(|c| !c.exclusive);
            let every: Vec<&str> = codes.map(|c| c.code.as_str()).take(12).collect();
            text(&["CSC-2020-07", "", &every.join(", ")])
        }
        Kind::Text | Kind::Email => text(&["CSC-2020-07", ""]),
    }
}

/// What tells one clean return from another: body, year or `since`, and its sections.
type Name = (String, &'static str, Vec<String>);

/// The clean returns, each made by whoever first asks for it: it holds the sections that some rule needs and no others.
#[derive(Default)]
struct Returns(Mutex<BTreeMap<Name, Arc<OnceLock<Clean>>>>);

const YEARS: [&str; 2] = ["2020-21", "2021-22"];

/// The sections of a base.
fn sections(body: &str, year: &str) -> BTreeSet<String> {
    let folder = format!("{}/examples/bases/{body}-{year}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let names = files.filter_map(|f| f.unwrap().file_name().to_str()?.strip_suffix(".json").map(str::to_owned));
    names.filter(|name| name != "cover").collect()
}

/// A clean return that is made where it is first wanted.
struct Lazily(Arc<OnceLock<Clean>>, Name, Option<Arc<OnceLock<Clean>>>);

impl Lazily {
    fn clean(&self) -> &Clean {
        let Self(place, (body, year, sections), before) = self;
        place.get_or_init(|| {
            let last = before.as_ref().map(|before| {
                let first = before.get_or_init(|| Clean::new(body, YEARS[0], sections, None));
                first.report.figures.clone()
            });
            Clean::new(body, if last.is_some() { YEARS[1] } else { year }, sections, last)
        })
    }
}

impl Returns {
    /// The return that a rule is tried on; none where the base lacks a section that the rule needs.
    fn on(&self, rule: &Rule, body: &str, year: &'static str) -> Option<Lazily> {
        let there = sections(body, year);
        let mut wanted: Vec<String> = rule.needs.iter().cloned().collect();
        if rule.section == "cover" {
            wanted.extend(there.first().cloned());
        } else {
            wanted.push(rule.section.clone());
        }
        wanted.sort();
        wanted.dedup();
        if wanted.is_empty() || !wanted.iter().all(|s| there.contains(s)) {
            return None;
        }
        let place = |year: &'static str| {
            let name = (body.to_owned(), year, wanted.clone());
            (self.0.lock().unwrap().entry(name.clone()).or_default().clone(), name)
        };
        if !rule.needs_last {
            let (place, name) = place(year);
            return Some(Lazily(place, name, None));
        }
        let before = sections(body, YEARS[0]);
        if year == YEARS[0] || !wanted.iter().all(|s| before.contains(s)) {
            return None;
        }
        // A return that is compared with last year's is another one than that which is not.
        let (since, name) = place("since");
        Some(Lazily(since, name, Some(place(YEARS[0]).0)))
    }
}

/// The rule objects of a form, each once for each severity it has, with the words that tell it from the others.
fn objects(form: &Form) -> Vec<(&Rule, Severity, String)> {
    let each = form.rules.iter().flat_map(|rule| {
        let severities: BTreeSet<Severity> = rule.grades.iter().map(|g| g.severity).collect();
        let texts: Vec<&str> = rule.grades.iter().map(|g| g.expression.text()).collect();
        let place = format!("{} at {}.{}: {}", rule.id, rule.section, rule.at.join("."), texts.join(" | "));
        severities.into_iter().map(move |severity| (rule, severity, format!("{} {place}", severity.word())))
    });
    each.collect()
}

/// Where a rule object may speak, in the order in which it is tried.
struct Trial<'p> {
    body: &'p str,
    year: &'static str,
    rule: &'p Rule,
    severity: Severity,
}

/// How an object speaks, or where it was tried in vain.
fn trial(trials: &[Trial<'_>], returns: &Returns) -> Result<String, BTreeSet<String>> {
    let mut tried = BTreeSet::new();
    // First where the figures are there that a rule wants; then, for what has not spoken, wherever its sections are.
    for wanting in [false, true] {
        for Trial { body, year, rule, severity } in trials {
            let place = format!("{body} {year}");
            if tried.contains(&place) {
                continue;
            }
            let Some(lazily) = returns.on(rule, body, year) else { continue };
            let clean = lazily.clean();
            if !(wanting || clean.decides(rule)) {
                continue;
            }
            if let Some(how) = clean.speaks(rule, *severity) {
                return Ok(format!("{body}: {how}"));
            }
            tried.insert(place);
        }
    }
    Err(tried)
}

#[test]
fn every_rule_object_of_the_pack_can_fail() {
    let mut bodies: Vec<String> =
        support::bases().iter().map(|name| name[..name.len() - "-2020-21".len()].to_owned()).collect();
    bodies.dedup();
    // Each object once for each severity, for whichever body makes it speak first.
    let mut all: Vec<(String, Vec<Trial<'_>>)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for body in &bodies {
        for year in YEARS {
            for (rule, severity, object) in objects(PACK.form(&PACK.body(body).unwrap().kind, year).unwrap()) {
                let at = *known.entry(object).or_insert_with_key(|object| {
                    all.push((object.clone(), Vec::new()));
                    all.len() - 1
                });
                all[at].1.push(Trial { body, year, rule, severity });
            }
        }
    }
    // The objects are nothing to one another but for the returns that they share.
    let returns = Returns::default();
    let ends = each(&all, |(_, trials)| trial(trials, &returns));
    let (mut spoken, mut silent) = (0, Vec::new());
    for ((object, _), end) in all.iter().zip(&ends) {
        match end {
            Ok(how) => {
                println!("{object}\n    {how}");
                spoken += 1;
            }
            Err(tried) if tried.is_empty() => silent.push(format!("{object} (no base has its sections)")),
            Err(tried) => {
                let tried: Vec<&str> = tried.iter().map(String::as_str).collect();
                silent.push(format!("{object} (tried on {})", tried.join(", ")));
            }
        }
    }
    println!("{spoken} rule objects speak");
    assert!(spoken > 0 && silent.is_empty(), "no change of one figure makes these speak:\n{}", silent.join("\n"));
}

#[test]
fn every_table_and_measure_of_the_form_has_a_place_in_the_clean_return() {
    let mut wanting = Vec::new();
    for body in &PACK.agencies.bodies {
        let form = PACK.form(&body.kind, YEARS[0]).unwrap();
        let there = sections(&body.key, YEARS[0]);
        for section in form.sections.iter().filter(|s| there.contains(&s.key)) {
            let laid =
                support::base(&PACK, &format!("{}-{}", body.key, YEARS[0]), std::slice::from_ref(&section.key), &[]);
            let here = Pointer::section(&section.key);
            for item in &section.items {
                let (title, found) = match item {
                    Item::Measure(m) => (&m.title, laid.figures.contains_key(&at(&here, m))),
                    Item::Table(t) => {
                        let first = here.child(&t.key).child(&t.rows.codes[0].code);
                        // A table that nobody has to fill in may be left out.
                        (&t.title, !t.required || t.columns.iter().all(|c| laid.figures.contains_key(&at(&first, c))))
                    }
                    Item::List(l) => (&l.title, laid.labels.contains_key(&here.child(&l.key))),
                };
                if !found {
                    wanting.push(format!("{}: {title}", body.key));
                }
            }
        }
    }
    assert!(wanting.is_empty(), "{}", wanting.join("\n"));
}
