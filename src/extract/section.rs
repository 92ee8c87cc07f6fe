//! One sheet read as one section: lists and tables first, labelled values from what is left, then what was passed over.

use super::desk::Desk;
use super::locate::{self, Ends};
use super::words::fold;
use super::{across, column, form, left, list, lost, table, title, twin};
use crate::finding::{Findings, Verdict};
use crate::schema::model::{Item, Kind, Measure, Section};

/// Rules that look at every sheet that is read.
const ALWAYS: [&str; 9] = ["CEL-11", "CEL-12", "TPL-01", "TPL-02", "TPL-03", "TPL-04", "TPL-05", "TPL-06", "TPL-07"];

/// Rules that look at some sheets only, and why not at the others.
const SOMETIMES: [(&str, &str); 15] = [
    ("CEL-07", "no dates here"),
    ("TAB-09", "no bands here"),
    ("TAB-10", "no table or list here"),
    ("TAB-11", "no table here"),
    ("TAB-12", "no table here"),
    ("TAB-16", "no table by month here"),
    ("COD-01", "no codes here"),
    ("COD-02", "no codes here"),
    ("COD-03", "no cell here takes several codes that exclude each other"),
    ("COD-04", "no cell with several codes here"),
    ("COD-05", "no codes here"),
    ("COD-06", "no figures here"),
    ("COD-11", "no figures here"),
    ("COD-12", "no codes here"),
    ("COD-13", "no ethnic groups here"),
];

/// Reads a sheet and hands the findings over, every rule accounted for.
pub(super) fn read(mut desk: Desk<'_>, findings: &mut Findings) {
    let section = desk.section;
    let blocks = locate::blocks(desk.grid, section, &desk.year, &ends(section));
    for (i, item) in section.items.iter().enumerate() {
        let block = blocks.iter().find(|b| b.item == i && !b.twin);
        match (item, block) {
            (Item::Table(table), Some(block)) => table::read(&mut desk, block, table),
            (Item::List(list), Some(block)) => list::read(&mut desk, block, list),
            (Item::Table(_) | Item::List(_) | Item::Measure(_), None) | (Item::Measure(_), Some(_)) => {}
        }
    }
    for block in blocks.iter().filter(|b| b.twin) {
        twin::read(&mut desk, block, &blocks);
    }
    for (i, item) in section.items.iter().enumerate() {
        if blocks.iter().any(|b| b.item == i) {
            continue;
        }
        match item {
            Item::Table(table) => {
                if !across::read(&mut desk, table) && !across::behind(&mut desk, table) {
                    lost::table(&mut desk, table);
                }
            }
            Item::List(list) => lost::list(&mut desk, list),
            Item::Measure(_) => {}
        }
    }
    let measures: Vec<&Measure> = section
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Measure(measure) => Some(measure),
            Item::Table(_) | Item::List(_) => None,
        })
        .collect();
    if desk.grid.is_empty() {
        for measure in measures {
            let pointer = column::pointer(&desk.root, measure);
            desk.lose(pointer, column::words(measure), None, None);
        }
    } else {
        form::read(&mut desk, &measures);
    }
    title::check(&mut desk, &blocks);
    desk.merged();
    left::sweep(&mut desk, &titles(section));
    left::links(&mut desk);
    super::comment::tell(&mut desk);
    account(desk, findings);
}

/// Words at which a table or list is over.
fn ends(section: &Section) -> Ends {
    let mut ends = Ends::from(["measure".to_owned()]);
    for item in &section.items {
        match item {
            Item::Measure(measure) => {
                ends.insert(fold(&measure.title));
            }
            Item::Table(table) => ends.extend(std::iter::once(&table.title).chain(&table.aliases).map(|t| fold(t))),
            Item::List(list) => ends.extend(std::iter::once(&list.title).chain(&list.aliases).map(|t| fold(t))),
        }
    }
    ends
}

/// Words that are no news wherever they stand: those at which a block is over, and the sheet's own.
fn titles(section: &Section) -> Ends {
    let own = std::iter::once(&section.title).chain(&section.aliases).map(|t| fold(t));
    ends(section).into_iter().chain(own).collect()
}

/// Accounts for each rule of extraction at this section.
fn account(mut desk: Desk<'_>, findings: &mut Findings) {
    for measure in desk.section.items.iter().flat_map(measures) {
        let kind = measure.kind;
        let rules: &[&'static str] = match kind {
            Kind::Count | Kind::Percentage | Kind::Points | Kind::Rate | Kind::Number | Kind::Money => {
                &["COD-06", "COD-11"]
            }
            Kind::Date | Kind::Month => &["CEL-07"],
            Kind::Code => &["COD-01", "COD-02", "COD-05", "COD-12"],
            Kind::Codes => &["COD-01", "COD-02", "COD-04", "COD-05", "COD-12"],
            Kind::Year => &["COD-14"],
            Kind::Text | Kind::Email => &[],
        };
        for rule in rules {
            desk.seen.insert(rule, ());
        }
        if kind == Kind::Codes && measure.codes.iter().any(|list| list.codes.iter().any(|c| c.exclusive)) {
            desk.seen.insert("COD-03", ());
        }
    }
    for item in &desk.section.items {
        match item {
            Item::Table(table) => {
                for rule in ["TAB-10", "TAB-11", "TAB-12", "COD-01", "COD-02", "COD-05"] {
                    desk.seen.insert(rule, ());
                }
                if table.rows.months {
                    desk.seen.insert("TAB-16", ());
                }
                if table.bands.is_some() {
                    desk.seen.insert("TAB-09", ());
                }
            }
            Item::List(_) => {
                desk.seen.insert("TAB-10", ());
            }
            Item::Measure(_) => {}
        }
    }
    let (root, seen) = desk.finish(findings);
    let spoke = |rule: &str| findings.list().iter().any(|f| f.rule.as_str() == rule && f.at.is_within(&root));
    let mut verdicts: Vec<(&str, Verdict)> = Vec::new();
    for rule in ALWAYS {
        verdicts.push((rule, if spoke(rule) { Verdict::Failed } else { Verdict::Held }));
    }
    for (rule, why) in SOMETIMES.into_iter().chain([("COD-14", "no year here")]) {
        let verdict = if spoke(rule) {
            Verdict::Failed
        } else if seen.contains(&rule) {
            Verdict::Held
        } else {
            Verdict::NotApplicable(why.to_owned())
        };
        verdicts.push((rule, verdict));
    }
    for (rule, verdict) in verdicts {
        findings.account(rule, root.clone(), verdict);
    }
}

fn measures(item: &Item) -> Vec<&Measure> {
    match item {
        Item::Measure(measure) => vec![measure],
        Item::Table(table) => table.columns.iter().collect(),
        Item::List(list) => list.fields.iter().collect(),
    }
}
