//! One sheet read as one section: lists and tables first, labelled values from what is left, then what was passed over.

use super::column;
use super::desk::{Desk, Slot};
use super::form;
use super::heading::Names;
use super::locate::{self, Ends};
use super::rows::Rows;
use super::words::{fold, several};
use super::{Use, list, table, tidy};
use crate::cell::{Cell, Pointer};
use crate::finding::{Findings, Place, Severity, Verdict};
use crate::schema::model::{Item, Kind, Measure, Section, Table};
use crate::workbook::Value;

/// Rules that look at every sheet that is read.
const ALWAYS: [&str; 9] = ["CEL-11", "CEL-12", "TPL-01", "TPL-02", "TPL-03", "TPL-04", "TPL-05", "TPL-06", "TPL-07"];

/// Rules that look at some sheets only, and why not at the others.
const SOMETIMES: [(&str, &str); 14] = [
    ("CEL-07", "no dates here"),
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
        let block = blocks.iter().find(|b| b.item == i);
        match (item, block) {
            (Item::Table(table), Some(block)) => table::read(&mut desk, block, table),
            (Item::List(list), Some(block)) => list::read(&mut desk, block, list),
            (Item::Table(_) | Item::List(_) | Item::Measure(_), None) | (Item::Measure(_), Some(_)) => {}
        }
    }
    for (i, item) in section.items.iter().enumerate() {
        if blocks.iter().any(|b| b.item == i) {
            continue;
        }
        match item {
            Item::Table(table) => {
                if !across(&mut desk, table) {
                    lost_table(&mut desk, table);
                }
            }
            Item::List(list) => {
                let at = desk.root.child(&list.key);
                desk.out.words.insert(at.clone(), list.title.clone());
                desk.out.lists.insert(at.clone(), Vec::new());
                if list.fields.iter().any(|f| f.required) && !desk.grid.is_empty() {
                    lost(&mut desk, &at, &list.title, 0);
                }
            }
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
    sweep(&mut desk);
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

fn lost_table(desk: &mut Desk<'_>, table: &Table) {
    let at = desk.root.child(&table.key);
    desk.out.words.insert(at.clone(), table.title.clone());
    if !table.required || desk.grid.is_empty() {
        return;
    }
    let figures = table.rows.codes.len() * table.columns.len();
    lost(desk, &at, &table.title, figures);
    for code in &table.rows.codes {
        let under = at.child(&code.code);
        for measure in &table.columns {
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let fault = (measure.required && !measure.derived).then_some("TPL-02");
            desk.lose(column::pointer(&under, measure), words, None, fault);
        }
    }
}

fn lost(desk: &mut Desk<'_>, at: &Pointer, title: &str, figures: usize) {
    let mut finding = desk
        .finding(
            "TPL-02",
            Severity::Error,
            at,
            format!("We could not find “{title}” on the sheet “{}”.", desk.section.title),
        )
        .with_help("Please put it back as it is on the template: its title, its headings and its rows.")
        .with_label(Place::Sheet(desk.grid.index()), "not found on it");
    finding.expected = Some(title.to_owned());
    finding.consequences = figures;
    desk.add(finding);
}

/// A table whose rows and columns were swapped (D41), if every row and column of it is recognised.
fn across(desk: &mut Desk<'_>, table: &Table) -> bool {
    let grid = desk.grid;
    let rows = Rows::of(&table.rows);
    let names = Names::of(table.columns.iter());
    let found = grid.rows().find_map(|(row, columns)| {
        let mut codes: Vec<(usize, u32)> = Vec::new();
        for column in columns.iter().filter(|c| !desk.used(Cell::new(row, **c))) {
            if let Some(label) = rows.find(grid, Cell::new(row, *column), &desk.year)
                && codes.iter().all(|(code, _)| *code != label.code)
            {
                codes.push((label.code, *column));
            }
        }
        if codes.len() < rows.count().max(2) {
            return None;
        }
        let first = codes.iter().map(|(_, c)| *c).min()?;
        let mut measures: Vec<Option<Cell>> = vec![None; table.columns.len()];
        for below in grid.rows_between(row, grid.last_row()) {
            for column in grid.row(below).iter().filter(|c| **c < first) {
                let cell = Cell::new(below, *column);
                if let Some((measure, _)) = grid.word(cell).and_then(|w| names.find(w, None))
                    && let Some(slot) = measures.get_mut(measure)
                {
                    slot.get_or_insert(cell);
                }
            }
        }
        let complete = measures.iter().zip(&table.columns).all(|(m, c)| m.is_some() || !c.required);
        (complete && measures.iter().any(Option::is_some)).then_some((row, codes, measures))
    });
    let Some((row, codes, measures)) = found else { return false };
    let at = desk.root.child(&table.key);
    desk.out.words.insert(at.clone(), table.title.clone());
    desk.seen.insert("TAB-12", ());
    for (i, code) in table.rows.codes.iter().enumerate() {
        let under = at.child(&code.code);
        desk.out.words.insert(under.clone(), format!("{} · {}", table.title, code.label));
        let Some((_, column)) = codes.iter().find(|(c, _)| *c == i).copied() else { continue };
        desk.label(Cell::new(row, column));
        for (measure, heading) in table.columns.iter().zip(&measures) {
            if let Some(heading) = heading {
                desk.label(*heading);
            }
            let cell = heading.map(|h| Cell::new(h.row, column));
            let words = format!("{} · {} · {}", table.title, code.label, column::words(measure));
            let pointer = column::pointer(&under, measure);
            desk.take(Slot { pointer, words, measure, cell, flag: None, note: None, fault: None });
        }
    }
    let start = Cell::new(row, codes.iter().map(|(_, c)| *c).min().unwrap_or(0));
    let message = format!("The rows and columns of “{}” are swapped; we read it so.", table.title);
    let finding = desk
        .finding("TPL-04", Severity::Note, &at, message)
        .with_help("Nothing to do if that is right.")
        .with_label(desk.place(start), format!("“{}”, on its side", table.title));
    desk.add(finding);
    true
}

/// What is left: text is passed over; figures outside the template are named, so that nothing is lost unseen.
fn sweep(desk: &mut Desk<'_>) {
    let titles: Ends = ends(desk.section)
        .into_iter()
        .chain([fold(&desk.section.title)])
        .chain(desk.section.aliases.iter().map(|a| fold(a)))
        .collect();
    let left: Vec<(Cell, bool)> = desk
        .grid
        .cells()
        .filter(|(cell, _)| !desk.used(*cell))
        // A number stored as text is a figure that somebody typed, too.
        .map(|(cell, entry)| match &entry.value {
            Value::Text(text) => (cell, tidy::is_number(text)),
            Value::Number(_) | Value::Date(_) | Value::Truth(_) | Value::Error(_) | Value::Nothing => (cell, true),
        })
        .collect();
    let mut odd: Vec<Cell> = Vec::new();
    for (cell, figure) in left {
        if desk.grid.word(cell).is_some_and(|w| titles.contains(w)) {
            desk.label(cell);
        } else if figure {
            desk.mark(cell, Use::Passed("a figure that is not on the template".to_owned()));
            odd.push(cell);
        } else {
            desk.pass(cell, "text beside the template");
        }
    }
    if odd.is_empty() {
        return;
    }
    let root = desk.root.clone();
    let names: Vec<String> = odd.iter().map(ToString::to_string).collect();
    let (cells, verb) = if odd.len() == 1 { ("cell", "is") } else { ("cells", "are") };
    let message = format!(
        "The {cells} {} of “{}” {verb} not part of the template and {verb} not read.",
        several(&names, 6),
        desk.section.title
    );
    let mut finding = desk
        .finding("TPL-03", Severity::Note, &root, message)
        .with_help("Nothing to do, unless one of them belongs to the return.");
    for cell in odd.iter().take(6) {
        finding = finding.with_label(desk.place(*cell), "not on the template");
    }
    desk.add(finding);
}

/// Accounts for each rule of extraction at this section.
fn account(mut desk: Desk<'_>, findings: &mut Findings) {
    for measure in desk.section.items.iter().flat_map(measures) {
        let kind = measure.kind;
        let rules: &[&'static str] = match kind {
            Kind::Count | Kind::Percentage | Kind::Points | Kind::Rate | Kind::Number | Kind::Money => {
                &["COD-06", "COD-11"]
            }
            Kind::Date => &["CEL-07"],
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
