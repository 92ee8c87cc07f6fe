//! A return as a whole: is it signed, is what it declares there, is a sheet empty, copied down, or mostly not available.

use std::collections::{BTreeMap, BTreeSet};

use super::account::Said;
use super::conform::measure;
use super::number;
use crate::cell::Pointer;
use crate::extract::{Context, Return, at};
use crate::figure::{Bare, Figure, Marker, Status};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::{Code, Item, Section};
use crate::schema::{Form, Schemas};

pub(super) fn finding(schemas: &Schemas, rule: &str, at: Pointer, reach: Reach, message: String) -> Finding {
    let entry = schemas.entry(rule);
    let severity = entry.map_or(Severity::Error, |e| e.severity);
    Finding::new(rule, severity, at, reach, message).with_help(entry.map(|e| e.help.clone()).unwrap_or_default())
}

pub(super) fn cover(key: &str) -> Pointer {
    Pointer::section("cover").child(key)
}

fn code(figures: &Return, key: &str) -> String {
    match figures.figures.get(&cover(key)).map(|f| &f.bare) {
        Some(Bare::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Every section that the submission holds or declares.
pub(super) fn all(figures: &Return, form: &Form) -> BTreeSet<String> {
    let declared = named(figures);
    form.sections
        .iter()
        .map(|s| s.key.clone())
        .filter(|key| figures.sheets.contains_key(key) || figures.nil.contains(key) || declared.contains(key))
        .collect()
}

/// Sheets of sections that this kind of agency may return but does not owe, with nothing filled in and not named on the
/// cover: the template carries them, so they come back blank and mean nothing.
pub(super) fn left_blank(figures: &mut Return, form: &Form, schemas: &Schemas, findings: &mut Findings) {
    let kind = schemas.agencies.kinds.iter().find(|k| k.key == form.kind);
    let named = named(figures);
    let blank: Vec<String> = form
        .sections
        .iter()
        .filter(|s| kind.is_some_and(|k| k.sections.get(&s.key) == Some(&false)) && !named.contains(&s.key))
        .map(|s| &s.key)
        .filter(|key| figures.sheets.contains_key(*key) && !figures.nil.contains(key))
        .filter(|key| {
            let here = Pointer::section(key);
            let spoken = findings.list().iter().any(|f| f.severity > Severity::Note && f.at.is_within(&here));
            !spoken && !figures.within(&here).any(|f| !f.computed && (f.bare != Bare::Blank || f.fault.is_some()))
        })
        .cloned()
        .collect();
    for key in blank {
        let here = Pointer::section(&key);
        figures.sheets.remove(&key);
        figures.figures.retain(|p, _| !p.is_within(&here));
        figures.worked.retain(|p, _| !p.is_within(&here));
        findings.account(
            "CMP-06",
            here,
            Verdict::NotApplicable("the sheet is optional, and was left blank".to_owned()),
        );
    }
}

/// The sections that the cover says are returned.
fn named(figures: &Return) -> Vec<String> {
    match figures.figures.get(&cover("sections_returned")).map(|f| &f.bare) {
        Some(Bare::Codes(codes)) => codes.clone(),
        Some(Bare::Text(code)) => vec![code.clone()],
        Some(Bare::Blank | Bare::Number(_) | Bare::Marker(_) | Bare::Date(_)) | None => Vec::new(),
    }
}

/// What the cover promises and declares.
pub(super) fn declared(figures: &Return, form: &Form, context: &Context, schemas: &Schemas, findings: &mut Findings) {
    let sections = all(figures, form);
    let file = Pointer::section("file");

    let at = cover("signed_off_date");
    let unsigned: Vec<&str> = ["signed_off_by_role", "signed_off_date"]
        .into_iter()
        .filter(|key| figures.figures.get(&cover(key)).is_none_or(|f| f.bare == Bare::Blank))
        .collect();
    let final_return = code(figures, "data_status") == "f";
    // An answer to what was asked before: it sends no figure that anybody had to sign for.
    let only_explains = sections.is_empty() && super::explains(figures);
    let verdict = if only_explains {
        Verdict::NotApplicable("only explanations are sent".to_owned())
    } else if !final_return {
        Verdict::NotApplicable("the return is not final".to_owned())
    } else if unsigned.is_empty() {
        Verdict::Held
    } else {
        let blank: Vec<String> = unsigned.iter().map(|key| format!("“{}”", figures.words(&cover(key)))).collect();
        let verb = if blank.len() == 1 { "is" } else { "are" };
        let message =
            format!("The return is marked final, but {} {verb} blank: nobody answers for it.", blank.join(" and "));
        let mut found = finding(schemas, "CMP-12", at.clone(), Reach::Sections(sections.clone()), message);
        for key in unsigned {
            let words = figures.words(&cover(key));
            found = found.with_label(Place::Figure(cover(key)), format!("“{words}” is blank"));
        }
        findings.add(found);
        Verdict::Failed
    };
    findings.account("CMP-12", at, verdict);

    let verdict = number::same(figures, &sections, context, schemas, findings);
    findings.account("CMP-09", file, verdict);

    // A return of nothing but nil sections has none to name as returned.
    let returned = cover("sections_returned");
    let blank = figures.figures.get(&returned).is_none_or(|f| f.bare == Bare::Blank && f.fault.is_none());
    let unnamed = blank
        && !only_explains
        && !is_blank_template(figures)
        && figures.figures.get(&cover("sections_nil")).is_none_or(|f| f.bare == Bare::Blank);
    if unnamed {
        let (returned, nil) = (figures.words(&returned), figures.words(&cover("sections_nil")));
        let message = format!("The cover names no section, neither under “{returned}” nor under “{nil}”.");
        let help = format!("Name the sections that you send under “{returned}”, separated by semicolons.");
        let found = finding(schemas, "CMP-04", cover("sections_returned"), Reach::Sections(sections.clone()), message)
            .with_help(help)
            .with_label(Place::Figure(cover("sections_returned")), format!("“{returned}” is blank"));
        findings.add(found);
    }
    let verdict = if unnamed { Verdict::Failed } else { Verdict::Held };
    findings.account("CMP-04", returned, verdict);

    for key in &figures.nil {
        let Some(section) = form.sections.iter().find(|s| s.key == *key) else { continue };
        let here = Pointer::section(key);
        let no_reason = figures.figures.get(&cover("nil_reason")).is_none_or(|f| f.bare == Bare::Blank);
        if no_reason {
            let message = format!(
                "The cover says there is nothing to report in {}, but not why. Please give a one-line reason.",
                section.title
            );
            let found = finding(schemas, "CMP-03", here.clone(), Reach::section(key), message)
                .with_label(Place::Figure(cover("nil_reason")), "no reason given")
                .with_label(Place::Figure(cover("sections_nil")), format!("names {}", section.title));
            findings.add(found);
        }
        findings.account("CMP-03", here.clone(), if no_reason { Verdict::Failed } else { Verdict::Held });
        let counted =
            figures.within(&here).find(|f| f.interval.lo > 0.0 && f.interval.lo.is_finite() && f.cell.is_some());
        let failed = counted.is_some();
        if let Some(figure) = counted {
            let words = figures.words(&figure.pointer);
            let message = format!(
                "Your cover says there is nothing to report in {}, but the sheet has figures: “{words}” is {}.",
                section.title, figure.typed
            );
            let found = finding(schemas, "XSE-15", here.clone(), Reach::section(key), message)
                .with_label(Place::Figure(figure.pointer.clone()), format!("“{words}”: {}", figure.typed))
                .with_label(Place::Figure(cover("sections_nil")), "declared nil here");
            findings.add(found);
        }
        findings.account("XSE-15", here, if failed { Verdict::Failed } else { Verdict::Held });
    }
    if figures.nil.is_empty() {
        for rule in ["CMP-03", "XSE-15"] {
            let why = "no section is declared nil".to_owned();
            findings.account(rule, cover("sections_nil"), Verdict::NotApplicable(why));
        }
    }
    for key in &sections {
        let Some(section) = form.sections.iter().find(|s| s.key == *key) else { continue };
        if figures.sheets.contains_key(key) || figures.nil.contains(key) {
            continue;
        }
        let here = Pointer::section(key);
        let hidden = Pointer::section("workbook").child(key);
        let is_hidden = findings.list().iter().any(|f| f.rule.as_str() == "TPL-03" && f.at == hidden);
        findings.withdraw("TPL-03", &hidden, "the cover says that it is returned");
        let (what, back) = match is_hidden {
            true => {
                ("its sheet is hidden, so we read no figures from it", format!("Unhide the sheet “{}”", section.title))
            }
            false => (
                "there is no such sheet in the file",
                format!("Put the sheet “{}” back with its figures", section.title),
            ),
        };
        let message = format!("The cover says that {} is returned, but {what}.", section.title);
        let returned = figures.words(&cover("sections_returned"));
        let help = format!("{back}, or take it out of “{returned}” on the cover.");
        let found = finding(schemas, "CMP-06", here.clone(), Reach::section(key), message)
            .with_help(help)
            .with_label(Place::Figure(cover("sections_returned")), format!("names {}", section.title));
        findings.add(found);
        findings.account("CMP-06", here, Verdict::Failed);
    }
}

/// Whether there are sheets of sections, and nothing was filled in on any of them.
fn is_blank_template(figures: &Return) -> bool {
    let of_section = |key: &str| !matches!(key, "cover" | "explanations");
    let typed = |f: &Figure| !f.computed && f.bare != Bare::Blank && of_section(&f.pointer.section_key());
    figures.sheets.keys().any(|key| of_section(key)) && !figures.figures.values().any(typed)
}

/// A sheet where nothing was filled in: one finding instead of one for each figure.
pub(super) fn empty(figures: &Return, section: &Section, schemas: &Schemas, findings: &mut Findings) -> bool {
    let here = Pointer::section(&section.key);
    let filled = figures.within(&here).any(|f| !f.computed && (f.bare != Bare::Blank || f.fault.is_some()));
    let misread = findings.list().iter().any(|f| f.severity == Severity::Error && f.at.is_within(&here));
    if filled || misread {
        findings.account("CMP-06", here, Verdict::Held);
        return false;
    }
    let why = if is_blank_template(figures) {
        // Then what is blank on the cover is no news either.
        findings.withdraw("CMP-04", &Pointer::section("cover"), "the workbook is still the blank template");
        " The workbook is still the blank template."
    } else {
        ""
    };
    let message = format!("The “{}” sheet is empty: no figure has been filled in.{why}", section.title);
    let mut found = finding(schemas, "CMP-06", here.clone(), Reach::section(&section.key), message);
    if let Some(sheet) = figures.sheets.get(&section.key) {
        found = found.with_label(Place::Sheet(*sheet), "nothing filled in");
    }
    findings.add(found);
    findings.account("CMP-06", here, Verdict::Failed);
    true
}

/// A section as a whole, once its figures are known one by one.
pub(super) fn section(figures: &Return, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    let here = Pointer::section(&section.key);
    let required: Vec<_> = figures
        .within(&here)
        .filter(|f| measure(section, &f.pointer).is_some_and(|m| m.required && m.kind.is_number()))
        .collect();
    let missing =
        required.iter().filter(|f| matches!(f.bare, Bare::Marker(Marker::NotAvailable | Marker::Unreliable))).count();
    let limit = schemas.parameters.get("not_available_share").copied().unwrap_or(20.0);
    let verdict = if required.is_empty() {
        Verdict::NotApplicable("no figure is required here".to_owned())
    } else if missing * 100 > required.len() * to_usize(limit) {
        let message = format!(
            "{missing} of the {} figures asked for on the sheet “{}” are x or u (not available); we ask about more than {limit}%. Can any be supplied?",
            required.len(),
            section.title
        );
        let mut found = finding(schemas, "CMP-05", here.clone(), Reach::section(&section.key), message);
        for figure in
            required.iter().filter(|f| matches!(f.bare, Bare::Marker(Marker::NotAvailable | Marker::Unreliable)))
        {
            found = found.with_label(Place::Figure(figure.pointer.clone()), figure.typed.clone());
            found.state.push((figure.pointer.clone(), figure.typed.clone()));
        }
        findings.add(found);
        Verdict::Failed
    } else {
        Verdict::Held
    };
    findings.account("CMP-05", here, verdict);
    copied_down(figures, section, schemas, findings);
    provisional(figures, section, schemas, findings);
}

/// Hidden figures on a return whose cover says that none are (COD-09): what they may stand for nobody knows. Those that
/// were asked about one by one are left out.
pub(super) fn hidden(figures: &Return, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    let here = Pointer::section(&section.key);
    if figures.regime.range.is_some() {
        return;
    }
    let unbounded = |f: &&Figure| f.bare == Bare::Marker(Marker::Confidential) && f.interval.hi.is_infinite();
    let asked = |f: &&Figure| findings.list().iter().any(|g| g.at == f.pointer && g.severity > Severity::Note);
    let hidden: Vec<_> = figures.within(&here).filter(unbounded).filter(|f| !asked(f)).collect();
    if hidden.is_empty() {
        return;
    }
    let noun = if hidden.len() == 1 { "figure is" } else { "figures are" };
    let regime = figures.words(&cover("suppression_regime"));
    let message = format!(
        "{} {noun} hidden (c) on the sheet “{}”, but the cover says under “{regime}” that none are.",
        hidden.len(),
        section.title
    );
    let mut found = finding(schemas, "COD-09", here.clone(), Reach::section(&section.key), message)
        .with_help("Type the numbers, or say on the cover how small numbers were hidden.");
    for figure in hidden {
        let words = figures.words(&figure.pointer);
        found = found.with_label(Place::Figure(figure.pointer.clone()), format!("“{words}”: {}", figure.typed));
        found.state.push((figure.pointer.clone(), figure.typed.clone()));
    }
    findings.add(found.with_label(Place::Figure(cover("suppression_regime")), code(figures, "suppression_regime")));
    findings.account("COD-09", here, Verdict::Failed);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage from the pack")]
fn to_usize(n: f64) -> usize {
    n.max(0.0) as usize
}

/// A column where every row says the same number (TAB-13).
fn copied_down(figures: &Return, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    let here = Pointer::section(&section.key);
    for item in &section.items {
        let Item::Table(table) = item else { continue };
        let place = here.child(&table.key);
        for column in table.columns.iter().filter(|c| c.kind.is_number() && !c.derived) {
            let figure = |row: &Code| figures.figures.get(&at(&place.child(&row.code), column));
            let cells: Vec<_> = table.rows.codes.iter().filter_map(|row| Some((row, figure(row)?))).collect();
            let numbers: BTreeMap<u64, usize> =
                cells.iter().filter_map(|(_, f)| f.interval.number()).fold(BTreeMap::new(), |mut seen, n| {
                    *seen.entry(n.to_bits()).or_default() += 1;
                    seen
                });
            let spot = place.child(&column.key());
            let same = cells.len() >= 4
                && numbers.len() == 1
                && numbers.values().all(|n| *n == cells.len())
                && cells.first().and_then(|(_, f)| f.interval.number()).is_some_and(|n| n > 0.0);
            if same {
                let value = cells.first().map(|(_, f)| f.typed.clone()).unwrap_or_default();
                let message = format!(
                    "Every row of “{}” says {value} under “{}”. Did a formula copy down?",
                    table.title, column.title
                );
                let mut found = finding(schemas, "TAB-13", spot.clone(), Reach::section(&section.key), message);
                for (row, cell) in cells {
                    let text = format!("“{}”: {}", row.label, cell.typed);
                    found = found.with_label(Place::Figure(cell.pointer.clone()), text);
                    found.state.push((cell.pointer.clone(), cell.typed.clone()));
                }
                findings.add(found);
            }
            findings.account("TAB-13", spot, if same { Verdict::Failed } else { Verdict::Held });
        }
    }
}

/// Flags that a final return should not have, and one that it lacks: provisional figures, and figures that cannot be set
/// beside other years’ and do not say so (COD-10).
fn provisional(figures: &Return, section: &Section, schemas: &Schemas, findings: &mut Findings) {
    let here = Pointer::section(&section.key);
    if code(figures, "data_status") != "f" {
        return findings.account("COD-10", here, Verdict::NotApplicable("the return is not final".to_owned()));
    }
    let about = |figure: &Figure, message: String, label: String| {
        let at = &figure.pointer;
        let mut found = finding(schemas, "COD-10", at.clone(), Reach::section(&section.key), message)
            .with_label(Place::Figure(at.clone()), label);
        found.state = vec![(at.clone(), figure.typed.clone())];
        found
    };
    let mut said = Vec::new();
    for figure in figures.within(&here) {
        let (words, typed) = (figures.words(&figure.pointer), &figure.typed);
        let breaks = || measure(section, &figure.pointer).is_some_and(|m| m.breaks);
        if figure.status.contains(&Status::Provisional) {
            let message = format!("The return is final, but “{words}” ({typed}) is still marked provisional.");
            said.push(about(figure, message, format!("“{words}”: {typed}, marked p")));
        } else if figure.interval.number().is_some() && !figure.status.contains(&Status::Break) && breaks() {
            let message =
                format!("“{words}” ({typed}) cannot be set beside other years’ figures, but is not marked so.");
            let help = "Type b (break in series) beside the figure, in the column Status.";
            said.push(about(figure, message, format!("“{words}”: {typed}, not marked b")).with_help(help.to_owned()));
        }
    }
    if said.is_empty() {
        return findings.account("COD-10", here, Verdict::Held);
    }
    let places: Vec<Pointer> = said.iter().map(|found| found.at.clone()).collect();
    said.into_iter().for_each(|found| findings.add(found));
    let said = Said::so_far(findings);
    for at in places.into_iter().filter(|at| said.has("COD-10", at)) {
        findings.account("COD-10", at, Verdict::Failed);
    }
}
