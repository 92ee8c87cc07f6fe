//! Lists that travel with a workbook where nobody looks (DIS-14): sheets that are not shown, the copy of its data that a
//! pivot table keeps, other documents put into it.

use crate::cell::Pointer;
use crate::extract::fold;
use crate::finding::{Finding, Findings, Label, Place, Reach, Severity, Verdict};
use crate::schema::Schemas;
use crate::workbook::{CACHE, EMBEDDED, LISTS, OURS, Sheet, SheetState, Workbook};

/// How many columns a row of a list fills at the least: codes with their labels fill two.
const COLUMNS: usize = 3;

/// Says what the workbook carries unseen.
pub(super) fn tell(workbook: &Workbook, schemas: &Schemas, findings: &mut Findings) {
    let at = Pointer::section("file").child("carried");
    let mut what: Vec<String> = Vec::new();
    let mut labels: Vec<Label> = Vec::new();
    let most = schemas.parameters.get("hidden_list_rows").copied().unwrap_or(20.0);
    for (index, sheet) in workbook.sheets.iter().enumerate().filter(|(_, s)| s.state != SheetState::Visible) {
        if is_ours(workbook, sheet, schemas) || rows(sheet) <= most {
            continue;
        }
        labels.push(Label { place: Place::Sheet(index), text: "hidden, and holds a list".to_owned() });
    }
    match labels.len() {
        0 => {}
        1 => what.push("a hidden sheet that looks like a list".to_owned()),
        n => what.push(format!("{n} hidden sheets that look like lists")),
    }
    if workbook.properties.contains_key(CACHE) {
        what.push("a pivot table’s copy of the list it was made from".to_owned());
    }
    if workbook.properties.contains_key(EMBEDDED) {
        what.push("another document put into it".to_owned());
    }
    let Some((last, rest)) = what.split_last() else {
        let unread = workbook.format.is_none() && workbook.sheets.is_empty();
        let verdict =
            if unread { Verdict::NotRun("the file could not be read".to_owned()) } else { Verdict::Held };
        return findings.account("DIS-14", at, verdict);
    };
    let all = if rest.is_empty() { last.clone() } else { format!("{} and {last}", rest.join(", ")) };
    let message = format!("The workbook carries {all}, which anybody who gets the file can open.");
    let help = schemas.entry("DIS-14").map(|e| e.help.clone()).unwrap_or_default();
    // What is wrong with the workbook is wrong for all its sections, as on the cover.
    let mut found = Finding::new("DIS-14", Severity::Error, at.clone(), Reach::section("cover"), message).with_help(help);
    if labels.is_empty() {
        labels.push(Label { place: Place::File, text: "carries what nobody sees".to_owned() });
    }
    found.labels = labels;
    findings.add(found);
    findings.account("DIS-14", at, Verdict::Failed);
}

/// Sheets of the template are found missing elsewhere; our own lists of codes are no list of anybody.
fn is_ours(workbook: &Workbook, sheet: &Sheet, schemas: &Schemas) -> bool {
    let template = workbook.properties.contains_key(OURS) || workbook.names.contains_key(OURS);
    let name = fold(&sheet.name);
    let guidance = ["guidance", "lists"].contains(&name.as_str());
    (template && sheet.name == LISTS) || guidance || super::sections(schemas).iter().any(|s| fold(&s.title) == name)
}

/// Rows that fill as many columns as those of a list do.
fn rows(sheet: &Sheet) -> f64 {
    let mut rows = 0_u32;
    let mut now = (u32::MAX, 0_usize);
    for (cell, entry) in sheet.cells.iter().filter(|(_, entry)| !entry.is_blank()) {
        let _ = entry;
        now = if now.0 == cell.row { (now.0, now.1 + 1) } else { (cell.row, 1) };
        if now.1 == COLUMNS {
            rows += 1;
        }
    }
    f64::from(rows)
}
