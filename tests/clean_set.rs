//! All bases of a year as one set of returns: it is accepted whole, and where one figure of it is moved by one, every sum
//! and flow that reads the figure notices.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use safereturn::cell::{Address, Pointer};
use safereturn::check_cells;
use safereturn::extract::{Context, Return, Trees, View};
use safereturn::figure::{Bare, Kleene};
use safereturn::finding::{Findings, Severity, Verdict};
use safereturn::report::{FileFacts, Outcome, Report};
use safereturn::rules::evaluate;
use safereturn::schema::{Form, Relation, Rule, Schemas};
use safereturn::workbook::{Value, Workbook};

#[path = "common/each.rs"]
mod each;
#[path = "../examples/support/mod.rs"]
mod support;

use each::each;

static PACK: LazyLock<Schemas> = LazyLock::new(support::pack);
static SET: LazyLock<BTreeMap<&'static str, Vec<Sent>>> = LazyLock::new(set);

const YEARS: [&str; 2] = ["2020-21", "2021-22"];
/// How many figures are moved.
const MOVES: usize = 200;

/// One return of the set, and what was said of it.
struct Sent {
    body: String,
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

/// The returns of both years, each checked against the year before.
fn set() -> BTreeMap<&'static str, Vec<Sent>> {
    let mut set: BTreeMap<&'static str, Vec<Sent>> = BTreeMap::new();
    let mut last: BTreeMap<String, Return> = BTreeMap::new();
    for year in YEARS {
        let names: Vec<String> = support::bases().into_iter().filter(|name| name.ends_with(year)).collect();
        let all = each(&names, |name| {
            let body = name.trim_end_matches(year).trim_end_matches('-').to_owned();
            let form = PACK.form(&PACK.body(&body).unwrap().kind, year).unwrap();
            let laid = support::base(&PACK, name, &[], &[]);
            let context = Context {
                expected_body: Some(body.clone()),
                last: last.get(&body).cloned(),
                ..Context::on(PACK.agencies.years[year].deadline)
            };
            let report = check(laid.workbook.clone(), &context);
            Sent { body, form, workbook: laid.workbook, places: laid.figures, report, context }
        });
        last = all.iter().map(|sent| (sent.body.clone(), sent.report.figures.clone())).collect();
        set.insert(year, all);
    }
    set
}

/// What is open in a set of reports, across agencies too once there are rules for that; by body, rule and place.
fn open(reports: &[(&str, &Report)]) -> BTreeSet<String> {
    let own = reports.iter().flat_map(|(body, report)| {
        let counts = report.findings.iter().filter(|f| f.is_open() && f.severity != Severity::Note);
        counts.map(move |f| format!("{body} {} {}", f.rule, f.at))
    });
    own.collect()
}

/// The rules whose account says that they failed.
fn failed(report: &Report) -> BTreeSet<String> {
    let failed = report.checks.iter().filter(|c| c.verdict == Verdict::Failed);
    failed.map(|c| format!("{} {}", c.rule, c.at)).collect()
}

#[test]
fn the_returns_of_all_bodies_are_accepted_whole() {
    let mut wrong = Vec::new();
    for (year, sent) in SET.iter() {
        let bodies: BTreeSet<&str> = sent.iter().map(|s| s.body.as_str()).collect();
        let known: BTreeSet<&str> = PACK.agencies.bodies.iter().map(|b| b.key.as_str()).collect();
        assert_eq!(bodies, known, "{year}: one return of every body");
        for one in sent {
            let (body, report) = (&one.body, &one.report);
            let refused = report.sections.iter().filter(|s| s.outcome != Outcome::Accepted);
            let refused: Vec<&str> = refused.map(|s| s.section.as_str()).collect();
            if report.outcome != Outcome::Accepted || !refused.is_empty() {
                wrong.push(format!(
                    "{year} {body}: {} ({refused:?}): {:?}",
                    report.outcome.word(),
                    open(&[(body, report)])
                ));
            }
            if !report.owed.is_empty() {
                wrong.push(format!("{year} {body} still owes {:?}", report.owed.keys().collect::<Vec<_>>()));
            }
        }
        let figures: usize = sent.iter().map(|s| s.report.figures.figures.len()).sum();
        println!("{year}: {} returns, {figures} figures", sent.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same numbers every time: a fixed seed, no crate.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }
}

/// A numeric cell of the set.
#[derive(Clone, Copy)]
struct Spot<'s> {
    sent: &'s Sent,
    pointer: &'s Pointer,
    address: Address,
    n: f64,
}

fn numbers(sent: &[Sent]) -> Vec<Spot<'_>> {
    let mut spots = Vec::new();
    for one in sent {
        for (pointer, address) in &one.places {
            let figure = one.report.figures.figures.get(pointer);
            if let Some(Bare::Number(n)) = figure.map(|f| &f.bare) {
                spots.push(Spot { sent: one, pointer, address: *address, n: *n });
            }
        }
    }
    spots
}

/// Which rules read each figure of a return, and whether they decide there.
struct Readers(BTreeMap<Pointer, Vec<(&'static Rule, bool)>>);

impl Readers {
    fn of(sent: &Sent) -> Self {
        let figures = &sent.report.figures;
        let last = sent.context.last.as_ref();
        let trees = Trees::new(figures, sent.form, &PACK, last);
        let mut readers: BTreeMap<Pointer, Vec<(&'static Rule, bool)>> = BTreeMap::new();
        for rule in &sent.form.rules {
            let section = sent.form.section(&rule.section).unwrap_or(&PACK.cover);
            let mut read: BTreeMap<Pointer, bool> = BTreeMap::new();
            for view in [View::Typed, View::Worked] {
                let root = trees.root(section, last.is_some(), view);
                for outcome in rule.grades.iter().flat_map(|grade| evaluate(&grade.expression, &root)) {
                    // A total that was left to us moves with its parts: only what was typed can disagree.
                    let decided = matches!(view, View::Typed) && outcome.verdict != Kleene::Undecided;
                    for one in outcome.reads.iter().filter(|r| !r.path.starts_with("last")) {
                        let parts = figures.worked.get(&one.pointer).map(|w| w.parts.clone()).unwrap_or_default();
                        for pointer in std::iter::once(one.pointer.clone()).chain(parts) {
                            *read.entry(pointer).or_default() |= decided;
                        }
                    }
                }
            }
            for (pointer, decided) in read {
                readers.entry(pointer).or_default().push((rule, decided));
            }
        }
        Self(readers)
    }

    /// The sums and flows that read a figure, apart from the other rules; and of the sums those that cannot decide.
    fn of_figure(&self, pointer: &Pointer) -> (Vec<&'static Rule>, Vec<&'static Rule>, Vec<&'static Rule>) {
        let all = self.0.get(pointer).map(Vec::as_slice).unwrap_or_default();
        let exact = |rule: &Rule| matches!(rule.relation, Relation::SumsTo | Relation::Flow);
        let pick = |sum: bool, decided: bool| {
            let picked = all.iter().filter(|(rule, d)| exact(rule) == sum && (!sum || *d == decided));
            picked.map(|(rule, _)| *rule).collect::<Vec<_>>()
        };
        (pick(true, true), pick(true, false), pick(false, true))
    }
}

fn names(rules: &[&Rule]) -> String {
    let names: BTreeSet<String> = rules.iter().map(|r| format!("{} at {}", r.id, r.at.join("."))).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

#[test]
fn a_figure_moved_by_one_is_noticed_by_every_sum_and_flow_that_reads_it() {
    let sent = &SET[YEARS[1]];
    let spots = numbers(sent);
    let readers = sent.iter().map(|s| s.body.as_str()).zip(each(sent, Readers::of));
    let readers: BTreeMap<&str, Readers> = readers.collect();
    let mut draw = Draw(0x5afe_2021_0022_1122);
    let mut drawn = BTreeSet::new();
    while drawn.len() < MOVES.min(spots.len()) {
        drawn.insert(draw.below(spots.len()));
    }
    // Up or down, in the order in which they are drawn.
    let moves: Vec<(Spot<'_>, f64)> = drawn
        .into_iter()
        .map(|index| (spots[index], if spots[index].n >= 1.0 && draw.below(2) == 0 { -1.0 } else { 1.0 }))
        .collect();
    let reports = each(&moves, |(Spot { sent: one, address, n, .. }, by)| {
        let mut workbook = one.workbook.clone();
        workbook.sheets[address.sheet].cells.get_mut(&address.cell).unwrap().value = Value::Number(n + by);
        check(workbook, &one.context)
    });
    let (mut caught, mut silent, mut missed) = (0, BTreeMap::<String, Vec<String>>::new(), Vec::new());
    for ((Spot { sent: one, pointer, n, .. }, by), report) in moves.into_iter().zip(reports) {
        let (before, after) = (open(&[(&one.body, &one.report)]), open(&[(&one.body, &report)]));
        let (held, fails) = (failed(&one.report), failed(&report));
        let noticed = after.difference(&before).next().is_some() || fails.difference(&held).next().is_some();
        let (sums, undecided, others) = readers[one.body.as_str()].of_figure(pointer);
        let place = format!("{} {pointer}: {n} → {}", one.body, n + by);
        // Each sum and flow by itself has to fail, not only some other rule.
        for rule in &sums {
            let spoke = fails.iter().any(|check| {
                let (id, at) = check.split_once(' ').unwrap();
                id == rule.id.as_str() && at.split('/').nth(2) == rule.at.first().map(String::as_str)
            });
            if !spoke {
                missed.push(format!("{place}: {} at {}.{} is silent", rule.id, rule.section, rule.at.join(".")));
            }
        }
        if noticed {
            caught += 1;
            continue;
        }
        let why = match (sums.is_empty(), undecided.is_empty(), others.is_empty()) {
            (false, _, _) => "a sum or flow reads it and is silent".to_owned(),
            (true, false, _) => {
                format!(
                    "a figure beside it is hidden, or the total is left to us, so the sum cannot decide: {}",
                    names(&undecided)
                )
            }
            (true, true, false) => "only rules that allow a range read it, and they still hold".to_owned(),
            (true, true, true) => {
                "it is compared with nothing but last year’s figure: one more is no large change".to_owned()
            }
        };
        let rules = if others.is_empty() { String::new() } else { format!(" ({})", names(&others)) };
        silent.entry(why).or_default().push(format!("{place}{rules}"));
    }
    println!("{} figures in the set of {}; {MOVES} moved by one: {caught} noticed", spots.len(), YEARS[1]);
    for (why, places) in &silent {
        println!("{} not noticed, because {why}:", places.len());
        places.iter().for_each(|place| println!("    {place}"));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
