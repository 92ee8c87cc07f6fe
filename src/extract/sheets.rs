//! Which sheet is which section: by name, title or alias, else by its headings where only one can be meant (domain D52).

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Grid;
use super::words::{fold, quote};
use super::{Return, Use};
use crate::cell::{Address, Pointer};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::{Item, Section};
use crate::workbook::{SheetState, Workbook};

/// The longest name of an Excel sheet.
const LONGEST_NAME: usize = 31;

/// The sheet that goes by a section's name, title or alias; hidden sheets are not read.
pub(super) fn named(workbook: &Workbook, section: &Section) -> Vec<usize> {
    let names = names(section);
    let visible = workbook.sheets.iter().enumerate().filter(|(_, s)| s.state == SheetState::Visible);
    visible.filter(|(_, s)| names.contains(&fold(&s.name))).map(|(i, _)| i).collect()
}

fn names(section: &Section) -> Vec<String> {
    let cut = |text: &str| fold(&text.chars().take(LONGEST_NAME).collect::<String>());
    let mut names: Vec<String> = vec![fold(&section.key), fold(&section.title), cut(&section.title)];
    names.extend(section.aliases.iter().flat_map(|a| [fold(a), cut(a)]));
    names
}

/// Matches the sheets that are not yet taken with the sections of the form; says what was passed over.
pub(super) fn settle(
    workbook: &Workbook,
    sections: &[Section],
    out: &mut Return,
    findings: &mut Findings,
) -> BTreeMap<usize, usize> {
    let mut taken: BTreeSet<usize> = out.sheets.values().copied().collect();
    let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, section) in sections.iter().enumerate() {
        let sheets: Vec<usize> = named(workbook, section).into_iter().filter(|s| !taken.contains(s)).collect();
        let Some(first) = sheets.first() else { continue };
        if sheets.len() > 1 {
            twice(section, &sheets, findings);
        }
        taken.extend(sheets.iter());
        matched.insert(i, *first);
    }
    by_words(workbook, sections, &mut taken, &mut matched, findings);
    for (section, sheet) in &matched {
        if let Some(section) = sections.get(*section) {
            out.sheets.insert(section.key.clone(), *sheet);
        }
    }
    let read: BTreeSet<usize> = out.sheets.values().copied().collect();
    for (index, sheet) in workbook.sheets.iter().enumerate().filter(|(i, _)| !read.contains(i)) {
        let hidden = sheet.state != SheetState::Visible;
        let guidance = matches!(
            fold(&sheet.name).as_str(),
            "guidance" | "guidance notes" | "read me" | "readme" | "lists" | "how to fill this in"
        );
        let why = match (hidden, guidance) {
            (true, _) => "a hidden sheet",
            (false, true) => "the guidance sheet",
            (false, false) => "a sheet that is not part of the return",
        };
        for (cell, entry) in &sheet.cells {
            if !entry.is_blank() {
                out.uses.entry(Address::new(index, *cell)).or_insert_with(|| Use::Passed(why.to_owned()));
            }
        }
        if guidance || sheet.cells.values().all(crate::workbook::Entry::is_blank) {
            continue;
        }
        // That sheets are hidden has been said (FIL-08); that a section is among them has not.
        let section = sections.iter().find(|s| names(s).contains(&fold(&sheet.name)));
        let (message, help) = match (hidden, section) {
            (true, None) => continue,
            (true, Some(section)) => (
                format!("The sheet of “{}” is hidden, so we read no figures from it.", section.title),
                "If it belongs to the return, please unhide it and send the file again.",
            ),
            (false, _) => (
                "This sheet is not part of this return. We read no figures from it.".to_owned(),
                "Nothing to do, unless it holds figures that belong to the return.",
            ),
        };
        let mut finding = note(index, &sheet.name, "TPL-03", Severity::Note, message, help);
        if let Some(section) = section.filter(|_| hidden) {
            finding.at = place().child(&section.key);
        }
        findings.add(finding);
    }
    for rule in ["TPL-01", "TPL-03", "TPL-06"] {
        let spoke = findings.list().iter().any(|f| f.rule.as_str() == rule && f.at.is_within(&place()));
        let verdict = if spoke { Verdict::Failed } else { Verdict::Held };
        findings.account(rule, place(), verdict);
    }
    matched
}

/// The workbook as a whole, for what is said of sheets.
fn place() -> Pointer {
    Pointer::section("workbook")
}

/// Said of a sheet by its name: where it stands in the workbook makes no difference.
fn note(sheet: usize, name: &str, rule: &str, severity: Severity, message: String, help: &str) -> Finding {
    let at = place().child(name);
    Finding::new(rule, severity, at, Reach::Sections(BTreeSet::new()), message)
        .with_help(help)
        .with_label(Place::Sheet(sheet), "this sheet")
}

fn twice(section: &Section, sheets: &[usize], findings: &mut Findings) {
    let mut finding = Finding::new(
        "TPL-06",
        Severity::Error,
        place().child(&section.key),
        Reach::section(&section.key),
        format!("There are {} sheets for “{}”.", sheets.len(), section.title),
    )
    .with_help("Please keep the right one and delete the others.");
    for sheet in sheets {
        finding = finding.with_label(Place::Sheet(*sheet), section.title.clone());
    }
    findings.add(finding);
}

/// The words of a section by which its sheet can be told.
fn fingerprint(section: &Section) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for item in &section.items {
        match item {
            Item::Measure(measure) => {
                words.insert(fold(&measure.title));
            }
            Item::Table(table) => {
                words.insert(fold(&table.title));
                words.extend(table.rows.codes.iter().map(|c| fold(&c.label)));
                words.extend(table.columns.iter().map(|c| fold(&c.title)));
            }
            Item::List(list) => words.extend(list.fields.iter().map(|f| fold(&f.title))),
        }
    }
    words
}

/// A sheet whose name says nothing, but whose words are those of exactly one section that is missing.
fn by_words(
    workbook: &Workbook,
    sections: &[Section],
    taken: &mut BTreeSet<usize>,
    matched: &mut BTreeMap<usize, usize>,
    findings: &mut Findings,
) {
    let mut fits: Vec<(usize, usize, f64)> = Vec::new();
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        if taken.contains(&index) || sheet.state != SheetState::Visible {
            continue;
        }
        let grid = Grid::new(sheet, index);
        let words: BTreeSet<&str> = grid.cells().filter_map(|(cell, _)| grid.word(cell)).collect();
        for (i, section) in sections.iter().enumerate().filter(|(i, _)| !matched.contains_key(i)) {
            let print = fingerprint(section);
            let share = print.iter().filter(|w| words.contains(w.as_str())).count() as f64 / print.len().max(1) as f64;
            if share >= 0.6 && print.len() > 2 {
                fits.push((i, index, share));
            }
        }
    }
    for (section, sheet, share) in &fits {
        let alone = fits.iter().filter(|(s, _, _)| s == section).count() == 1
            && fits.iter().filter(|(_, s, _)| s == sheet).count() == 1;
        let (true, Some(section_model)) = (alone, sections.get(*section)) else { continue };
        matched.insert(*section, *sheet);
        taken.insert(*sheet);
        let tab = workbook.sheets.get(*sheet).map(|s| s.name.as_str()).unwrap_or_default();
        let name = quote(tab);
        let title = &section_model.title;
        let message = format!("The sheet {name} holds the words of “{title}”, and we read it so.");
        let finding = if *share > 0.999 {
            note(*sheet, tab, "TPL-04", Severity::Note, message, "Nothing to do if that is right.")
        } else {
            let mut finding = note(
                *sheet,
                tab,
                "TPL-01",
                Severity::Query,
                message,
                &format!("Please name the sheet “{title}”, or tell us what it is."),
            );
            finding.at = place().child(&section_model.key);
            finding.reach = Reach::section(&section_model.key);
            finding.state = vec![(finding.at.clone(), name.clone())];
            finding
        };
        findings.add(finding);
    }
}
