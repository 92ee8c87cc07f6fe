//! Which sheet is which section: by name, title or alias, else by its headings where only one can be meant (domain D52).

use std::collections::{BTreeMap, BTreeSet};

use super::grid::{Grid, display};
use super::shares::{Shares, cover_share};
use super::words::{fold, quote, several};
use super::{Change, Drift, Part, Return, Use};
use crate::cell::{Address, Cell, Pointer, ranges};
use crate::figure::Bare;
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::{Item, Section};
use crate::workbook::{Sheet, SheetState, Value, Workbook};

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

/// The cover: by its name, else the only sheet with its words.
pub(super) fn cover(workbook: &Workbook, cover: &Section, findings: &mut Findings) -> Option<usize> {
    if let Some(sheet) = named(workbook, cover).first() {
        return Some(*sheet);
    }
    let visible = workbook.sheets.iter().enumerate().filter(|(_, s)| s.state == SheetState::Visible);
    let fits: Vec<usize> = visible.filter(|(i, s)| cover_share(s, *i, cover) >= 0.6).map(|(i, _)| i).collect();
    let [sheet] = fits.as_slice() else { return None };
    let name = workbook.sheets.get(*sheet).map(|s| s.name.as_str()).unwrap_or_default();
    let message = format!("The sheet {} holds the words of “{}”, and we read it so.", quote(name), cover.title);
    findings.add(note(*sheet, name, "TPL-04", Severity::Note, message, "Nothing to do if that is right."));
    Some(*sheet)
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
    let shares = Shares::new(workbook, sections);
    for (i, section) in sections.iter().enumerate() {
        let free = |s: &usize| !taken.contains(s) && !shares.is_another(i, *s);
        let sheets: Vec<usize> = named(workbook, section).into_iter().filter(free).collect();
        let Some(first) = sheets.first() else { continue };
        if sheets.len() > 1 {
            twice(workbook, section, &sheets, findings);
        }
        taken.extend(sheets.iter());
        matched.insert(i, *first);
    }
    by_words(workbook, sections, &shares, &mut taken, &mut matched, out, findings);
    for (section, sheet) in &matched {
        if let Some(section) = sections.get(*section) {
            out.sheets.insert(section.key.clone(), *sheet);
        }
    }
    for section in missing(sections, out) {
        out.drift.push(Drift::new(Part::Sheet, Change::Missing).template(&section.title).on(&section.key, None));
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
        // That there are several of one section has been said.
        if taken.contains(&index) {
            continue;
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
            (false, _) => {
                let read = matched.iter().find(|(section, _)| shares.fits(**section, index));
                if let Some((section, first)) = read.and_then(|(i, first)| Some((sections.get(*i)?, *first))) {
                    let drift = Drift::new(Part::Sheet, Change::Twice).template(&section.title).found(&sheet.name);
                    out.drift.push(drift.on(&section.key, Some(index)));
                    copied(workbook, section, (first, index), findings);
                    continue;
                }
                let name = quote(&sheet.name);
                let drift = Drift::new(Part::Sheet, Change::Extra).found(&sheet.name).on("", Some(index));
                out.drift.push(drift);
                let held = held(workbook, index, sections);
                let message = format!("The sheet {name} is not part of this return. We read no figures from it.{held}");
                (message, "Nothing to do, unless it holds figures that belong to the return.")
            }
        };
        findings.add(note(index, &sheet.name, "TPL-03", Severity::Note, message, help));
    }
    for rule in ["TPL-01", "TPL-03", "TPL-06"] {
        let spoke = findings.list().iter().any(|f| f.rule.as_str() == rule && f.at.is_within(&place()));
        let verdict = if spoke { Verdict::Failed } else { Verdict::Held };
        findings.account(rule, place(), verdict);
    }
    matched
}

/// Sections that the cover names and the file lacks.
fn missing<'s>(sections: &'s [Section], out: &Return) -> Vec<&'s Section> {
    let returned = Pointer::section("cover").child("sections_returned");
    let named = out.figures.get(&returned).map(|f| &f.bare);
    let is_named = |section: &&Section| match named {
        Some(Bare::Codes(codes)) => codes.contains(&section.key),
        Some(Bare::Text(code)) => *code == section.key,
        _ => false,
    };
    sections.iter().filter(|s| !out.sheets.contains_key(&s.key)).filter(is_named).collect()
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

/// Several sheets that go by the name of one section, or hold its words where none has the name: the first is read, and
/// the section refused.
fn twice(workbook: &Workbook, section: &Section, sheets: &[usize], findings: &mut Findings) {
    let names: Vec<String> = sheets.iter().map(|s| tab(workbook, *s)).collect();
    let mut finding = Finding::new(
        "TPL-06",
        Severity::Error,
        place().child(&section.key),
        Reach::section(&section.key),
        format!("There are {} sheets for “{}”: {}.", sheets.len(), section.title, several(&names, 6)),
    )
    .with_help(format!("Please keep the right one, name it “{}”, and delete the others.", section.title));
    for sheet in sheets {
        finding = finding.with_label(Place::Sheet(*sheet), section.title.clone());
    }
    findings.add(finding);
}

fn tab(workbook: &Workbook, sheet: usize) -> String {
    quote(workbook.sheets.get(sheet).map(|s| s.name.as_str()).unwrap_or_default())
}

/// A second sheet with the words of a section, beside the one that has its name.
fn copied(workbook: &Workbook, section: &Section, (first, second): (usize, usize), findings: &mut Findings) {
    let (Some(one), Some(other)) = (workbook.sheets.get(first), workbook.sheets.get(second)) else { return };
    let (name, read) = (tab(workbook, second), tab(workbook, first));
    let title = &section.title;
    let figures = |sheet: &Sheet| -> BTreeMap<Cell, Value> {
        let cells = sheet.cells.iter().filter(|(_, e)| !matches!(e.value, Value::Text(_) | Value::Nothing));
        cells.map(|(cell, entry)| (*cell, entry.value.clone())).collect()
    };
    let (ours, theirs) = (figures(one), figures(other));
    let differ: Vec<Cell> = theirs.iter().filter(|(c, v)| ours.get(c) != Some(v)).map(|(c, _)| *c).collect();
    let help = "Nothing to do, unless the figures of that sheet are the right ones.";
    let tab = other.name.as_str();
    let finding = if theirs.is_empty() {
        let message = format!("The sheet {name} is a blank “{title}”. We read {read}.");
        note(second, tab, "TPL-03", Severity::Note, message, help)
    } else if differ.is_empty() {
        let message = format!("The sheet {name} holds the same figures as {read}, which we read as “{title}”.");
        note(second, tab, "TPL-03", Severity::Note, message, help)
    } else {
        let cells = several(&ranges(differ.iter().copied()), 4);
        let message = format!(
            "The sheet {name} looks like a second “{title}” with other figures ({cells}). We read {read}. Which is right?"
        );
        let mut finding =
            note(second, tab, "TPL-07", Severity::Query, message, "Please delete the one that is out of date.");
        finding.at = place().child(&section.key);
        finding.reach = Reach::section(&section.key);
        finding.state = vec![(finding.at.clone(), format!("{} cells differ", differ.len()))];
        findings.account("TPL-07", finding.at.clone(), Verdict::Failed);
        for cell in differ.iter().take(6) {
            let text = format!("{}, other than on {read}", other.cells.get(cell).map(display).unwrap_or_default());
            finding = finding.with_label(Place::Cell(Address::new(second, *cell)), text);
        }
        finding
    };
    findings.add(finding);
}

/// What of the template stands on a sheet that is not read: titles of tables and lists.
fn held(workbook: &Workbook, index: usize, sections: &[Section]) -> String {
    let Some(sheet) = workbook.sheets.get(index) else { return String::new() };
    let grid = Grid::new(sheet, index);
    let items = sections.iter().flat_map(|section| section.items.iter().map(move |item| (section, item)));
    let found = items.filter_map(|(section, item)| {
        let title = match item {
            Item::Table(table) => &table.title,
            Item::List(list) => &list.title,
            Item::Measure(_) => return None,
        };
        let word = fold(title);
        let (cell, _) = grid.cells().find(|(cell, _)| grid.word(*cell) == Some(word.as_str()))?;
        Some(format!("“{title}” ({cell}), which belongs on the sheet “{}”", section.title))
    });
    let found: Vec<String> = found.collect();
    if found.is_empty() { String::new() } else { format!(" It holds {}.", several(&found, 3)) }
}

/// A sheet whose name says nothing, but whose words are those of one section that is missing.
fn by_words(
    workbook: &Workbook,
    sections: &[Section],
    shares: &Shares,
    taken: &mut BTreeSet<usize>,
    matched: &mut BTreeMap<usize, usize>,
    out: &mut Return,
    findings: &mut Findings,
) {
    let free: Vec<usize> = (0..workbook.sheets.len()).filter(|s| !taken.contains(s)).collect();
    let missing: Vec<usize> = (0..sections.len()).filter(|i| !matched.contains_key(i)).collect();
    for (i, section) in missing.iter().filter_map(|i| Some((*i, sections.get(*i)?))) {
        let alone = |sheet: &&usize| missing.iter().filter(|other| shares.fits(**other, **sheet)).count() == 1;
        let fits: Vec<usize> = free.iter().filter(|s| shares.fits(i, **s)).filter(alone).copied().collect();
        // Of several, those that were filled in count.
        let filled: Vec<usize> = fits.iter().filter(|s| shares.is_filled(**s)).copied().collect();
        let fits = if filled.is_empty() { fits } else { filled };
        let Some(sheet) = fits.first().copied() else { continue };
        taken.extend(fits.iter());
        matched.insert(i, sheet);
        if fits.len() > 1 {
            twice(workbook, section, &fits, findings);
            continue;
        }
        let tab = workbook.sheets.get(sheet).map(|s| s.name.as_str()).unwrap_or_default();
        let (name, title) = (quote(tab), &section.title);
        // A sheet that goes by the name of another section is no slip of the name alone.
        let other = sections.iter().any(|s| s.key != section.key && names(s).contains(&fold(tab)));
        let message = format!("The sheet {name} holds the words of “{title}”, and we read it so.");
        let finding = if shares.is_complete(i, sheet) && !other {
            note(sheet, tab, "TPL-04", Severity::Note, message, "Nothing to do if that is right.")
        } else {
            let help = format!("Please name the sheet “{title}”, or tell us what it is.");
            let mut finding = note(sheet, tab, "TPL-01", Severity::Query, message, &help);
            finding.at = place().child(&section.key);
            finding.reach = Reach::section(&section.key);
            finding.state = vec![(finding.at.clone(), name.clone())];
            finding
        };
        let change = if finding.severity == Severity::Note { Change::Renamed } else { Change::Guessed };
        let drift = Drift::new(Part::Sheet, change).template(title).found(tab).on(&section.key, Some(sheet));
        out.drift.push(drift);
        findings.add(finding);
    }
}
