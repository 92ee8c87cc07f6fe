//! The cover decides what else is read: which body, which year, how small numbers are hidden, what is declared nil.

use super::words::{cut, fold, quote};
use super::{Context, Layouts, Regime, Return, year};
use crate::cell::Pointer;
use crate::figure::{Bare, Figure};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::Section;
use crate::workbook::{TEMPLATE, Workbook};

/// What the cover says, taken into the return. `false`: body or year cannot be had, and nothing else can be read.
pub(super) fn identify(
    workbook: &Workbook,
    context: &Context,
    layouts: &Layouts<'_>,
    out: &mut Return,
    findings: &mut Findings,
) -> bool {
    let before = findings.list().len();
    body(context, layouts, out, findings);
    reporting_year(workbook, context, layouts, out, findings);
    submission_no(out);
    out.regime = regime(out);
    template(layouts, out, findings);
    let root = Pointer::section(&layouts.cover.key);
    for rule in ["CMP-10", "XPE-11"] {
        let spoke = findings.list().iter().skip(before).any(|f| f.rule.as_str() == rule);
        findings.account(rule, root.clone(), if spoke { Verdict::Failed } else { Verdict::Held });
    }
    !out.body.is_empty() && !out.year.is_empty()
}

/// A field of the cover by one of the keys it may go by.
fn field<'a>(out: &'a Return, keys: &[&str]) -> Option<&'a Figure> {
    let root = Pointer::section("cover");
    keys.iter().find_map(|key| out.figures.get(&root.child(key)))
}

fn text(figure: &Figure) -> String {
    match &figure.bare {
        Bare::Text(text) => text.clone(),
        Bare::Number(_) | Bare::Date(_) | Bare::Codes(_) | Bare::Marker(_) | Bare::Blank => figure.typed.clone(),
    }
}

fn finding(rule: &str, figure: Option<&Figure>, key: &str, message: String, help: String) -> Finding {
    let root = Pointer::section("cover");
    let at = figure.map_or_else(|| root.child(key), |f| f.pointer.clone());
    let typed = figure.map(|f| cut(&f.typed)).unwrap_or_default();
    let place = figure.and_then(|f| f.cell).map_or(Place::Figure(at.clone()), Place::Cell);
    let mut finding = Finding::new(rule, Severity::Error, at.clone(), Reach::Submission, message)
        .with_help(help)
        .with_label(place, if typed.is_empty() { "blank".to_owned() } else { typed.clone() });
    finding.found = (!typed.is_empty()).then(|| typed.clone());
    finding.state = vec![(at, typed)];
    finding
}

/// One place, one finding: what was said of the cell's form gives way to what is said of its meaning.
fn speak(findings: &mut Findings, out: &mut Return, finding: Finding) {
    let at = finding.at.clone();
    findings.list_mut().retain(|f| f.at != at || f.severity == Severity::Note);
    if let Some(figure) = out.figures.get_mut(&at) {
        figure.fault = Some(finding.rule.clone());
    }
    findings.add(finding);
}

fn body(context: &Context, layouts: &Layouts<'_>, out: &mut Return, findings: &mut Findings) {
    let keys = ["agency", "body"];
    let figure = field(out, &keys).cloned();
    let typed = figure.as_ref().map(text).unwrap_or_default();
    let typed_raw = figure.as_ref().map(|f| f.typed.clone()).unwrap_or_default();
    let folded = [fold(&typed), fold(&typed_raw)];
    let known = layouts.agencies.bodies.iter().find(|b| {
        let mut names = [&b.key, &b.title].into_iter().chain(&b.aliases);
        names.any(|n| folded.iter().any(|f| !f.is_empty() && fold(n) == *f))
    });
    let title = |key: &str| {
        layouts.agencies.bodies.iter().find(|b| b.key == key).map_or_else(|| key.to_owned(), |b| b.title.clone())
    };
    let Some(body) = known else {
        let message = if typed.is_empty() {
            "The cover does not say which agency this return is from.".to_owned()
        } else {
            format!("The cover says the return is from {}, which is not in our register.", quote(&typed_raw))
        };
        let help = match &context.expected_body {
            Some(expected) => {
                format!("Please choose your agency from the list on the cover. We expected {}.", title(expected))
            }
            None => "Please choose your agency from the list on the cover.".to_owned(),
        };
        let mut found = finding("CMP-10", figure.as_ref(), "agency", message, help);
        found.expected = context.expected_body.as_deref().map(title);
        speak(findings, out, found);
        return;
    };
    out.body = body.key.clone();
    out.kind = body.kind.clone();
    if let Some(figure) = figure.as_ref().and_then(|f| out.figures.get_mut(&f.pointer)) {
        figure.bare = Bare::Text(body.key.clone());
        figure.fault = None;
    }
    // The register is asked, not the shape of the cell.
    if let Some(at) = figure.as_ref().map(|f| f.pointer.clone()) {
        findings.list_mut().retain(|f| f.at != at || f.severity == Severity::Note);
    }
    if let Some(expected) = context.expected_body.as_deref().filter(|e| *e != body.key) {
        let message = format!("The file was sent by {}, but the cover says {}.", title(expected), body.title);
        let help = "Please check the agency on the cover, and that the file was put in the right folder.".to_owned();
        let mut found = finding("CMP-10", figure.as_ref(), "agency", message, help);
        found.expected = Some(title(expected));
        speak(findings, out, found);
    }
}

fn reporting_year(
    workbook: &Workbook,
    context: &Context,
    layouts: &Layouts<'_>,
    out: &mut Return,
    findings: &mut Findings,
) {
    let figure = field(out, &["reporting_year", "year"]).cloned();
    let typed = figure.as_ref().map(|f| f.typed.clone()).unwrap_or_default();
    let read = figure.as_ref().and_then(|f| year::read(&text(f)).year().or_else(|| year::read(&f.typed).year()));
    let open: Vec<String> = layouts.agencies.years.values().filter(|y| y.open).map(|y| y.name.clone()).collect();
    let wanted = || {
        let years = super::words::several(&open, 6);
        if years.is_empty() { String::new() } else { format!(" We take returns for {years}.") }
    };
    let Some(name) = read else {
        let message = if typed.is_empty() {
            "The cover does not say which year this return is for.".to_owned()
        } else {
            format!("The cover says the year is {}, which is not one reporting year.", quote(&typed))
        };
        let help = format!("Please type the reporting year on the cover, for example 2021-22.{}", wanted());
        // A year over two years already has its finding; it refuses the submission.
        let spans = findings
            .list_mut()
            .iter_mut()
            .find(|f| f.rule.as_str() == "COD-14" && figure.as_ref().is_some_and(|g| g.pointer == f.at));
        match spans {
            Some(spans) => spans.reach = Reach::Submission,
            None => speak(findings, out, finding("XPE-11", figure.as_ref(), "reporting_year", message, help)),
        }
        return;
    };
    if let Some(figure) = figure.as_ref().filter(|f| f.typed.replace(',', "").parse::<u32>().is_ok()) {
        school_year(figure, &name, out, findings);
    }
    let known = layouts.agencies.years.get(&name).is_some_and(|y| y.open || context.closed_too);
    let wrong = if !known {
        Some((
            format!("The cover says the year is {name}, and returns for that year are not taken."),
            wanted().trim().to_owned(),
            None,
        ))
    } else if let Some(expected) = context.expected_year.as_deref().filter(|e| *e != name) {
        Some((
            format!("The cover says the year is {name}, but a return for {expected} was expected."),
            "Please use the template of the right year, and check the year on the cover.".to_owned(),
            Some(expected.to_owned()),
        ))
    } else {
        let printed = printed_year(workbook).or_else(|| year_of_version(layouts, out, &name));
        printed.filter(|printed| *printed != name).map(|printed| {
            (
                format!("The cover says the year is {name}, but the template was made for {printed}."),
                format!("Please copy the figures into the template for {name}."),
                Some(printed),
            )
        })
    };
    if known {
        out.year = name;
    }
    if let Some((message, help, expected)) = wrong {
        let mut found = finding("XPE-11", figure.as_ref(), "reporting_year", message, help);
        found.expected = expected;
        speak(findings, out, found);
    }
}

/// “2022” is the financial year that ends in 2022; of school years nobody can say whether it starts or ends then (D69).
fn school_year(figure: &Figure, name: &str, out: &Return, findings: &mut Findings) {
    if field(out, &["period_type"]).map(text).is_none_or(|kind| kind != "academic") {
        return;
    }
    let next = year::start(name).map(|start| year::name(start + 1)).unwrap_or_default();
    let message = format!(
        "The cover says the year is {}, and the period is a school year: is that {name} or {next}? We read it as {name}.",
        quote(&figure.typed.replace(',', ""))
    );
    let help = format!("Please type the year in full: {name} or {next}.");
    let mut found = finding("TPL-07", Some(figure), "reporting_year", message, help);
    (found.severity, found.reach) = (Severity::Query, Reach::section("cover"));
    // One cell, one thing said.
    findings.list_mut().retain(|f| f.at != figure.pointer || f.severity > Severity::Note);
    findings.add(found);
}

/// What the template prints on the cover, and nobody should change (domain D56): its name and version. A version that
/// belongs to another year has been told by then.
fn template(layouts: &Layouts<'_>, out: &Return, findings: &mut Findings) {
    let versions: Vec<&str> = layouts.agencies.years.values().map(|y| y.template.as_str()).collect();
    let own = layouts.agencies.years.get(&out.year).map(|y| y.template.as_str()).filter(|v| !v.is_empty());
    let odd = |key: &str, ok: &dyn Fn(&str) -> bool| {
        field(out, &[key]).filter(|f| f.bare != Bare::Blank && f.fault.is_none() && !ok(text(f).trim()))
    };
    let name = odd("template_id", &|typed| fold(typed) == fold(TEMPLATE)).map(|f| (f, Some(TEMPLATE)));
    let version = odd("template_version", &|typed| versions.contains(&typed)).map(|f| (f, own));
    for (figure, expected) in [name, version].into_iter().flatten() {
        let words = out.words(&figure.pointer);
        let ours = expected.map_or_else(String::new, |e| format!(" Ours says {}.", quote(e)));
        let message =
            format!("“{words}” on the cover says {}, which is none of our templates.{ours}", quote(&figure.typed));
        let help =
            "Please copy the figures into the template that was sent to you, or explain why its words were changed.";
        let mut found = finding("TPL-01", Some(figure), "template_id", message, help.to_owned());
        found.severity = Severity::Query;
        found.reach = Reach::section("cover");
        found.expected = expected.map(str::to_owned);
        findings.account("TPL-01", figure.pointer.clone(), Verdict::Failed);
        findings.add(found);
    }
}

/// The year that our template carries unseen, in its properties or defined names.
fn printed_year(workbook: &Workbook) -> Option<String> {
    let printed = |map: &std::collections::BTreeMap<String, String>| {
        let (_, text) = map.iter().find(|(name, _)| name.eq_ignore_ascii_case("safereturn_year"))?;
        year::read(text.trim_matches(|c: char| matches!(c, '=' | '"' | '\'') || c.is_whitespace())).year()
    };
    printed(&workbook.properties).or_else(|| printed(&workbook.names))
}

/// The year whose template has the version on the cover, where that is not this year's: a copied sheet or a csv file
/// carries no properties.
fn year_of_version(layouts: &Layouts<'_>, out: &Return, name: &str) -> Option<String> {
    let version = field(out, &["template_version"]).map(text)?;
    let years = &layouts.agencies.years;
    if version.is_empty() || years.get(name).is_some_and(|year| year.template == version) {
        return None;
    }
    years.values().find(|year| year.template == version).map(|year| year.name.clone())
}

fn submission_no(out: &mut Return) {
    let number = field(out, &["submission_no"]).and_then(|f| match &f.bare {
        Bare::Number(n) => Some(*n),
        Bare::Text(text) => text.trim().parse().ok(),
        Bare::Date(_) | Bare::Codes(_) | Bare::Marker(_) | Bare::Blank => None,
    });
    out.submission_no = number.filter(|n| n.fract() == 0.0 && (1.0..1e6).contains(n)).map(|n| n as u32);
}

/// `1-5`, `1-7-round5`, `lt10`: what a `c` may stand for.
fn regime(out: &Return) -> Regime {
    let word = field(out, &["suppression_regime", "regime"]).map(text).unwrap_or_default().trim().to_lowercase();
    let secondary = field(out, &["secondary_suppression", "secondary"]).map(text).unwrap_or_default();
    let secondary = !matches!(fold(&secondary).as_str(), "n" | "no" | "false" | "0");
    let (range, round) =
        word.split_once("round").map_or((word.as_str(), None), |(range, base)| (range, base.trim().parse().ok()));
    let range = range.trim_end_matches(['-', ' ']);
    let range = match range.strip_prefix("lt") {
        Some(limit) => limit.trim().parse::<u32>().ok().and_then(|n| n.checked_sub(1)).map(|high| (0, high)),
        None => {
            range.split_once('-').and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)))
        }
    };
    let rounded = field(out, &["rounded_to"]).and_then(|f| f.interval.number()).filter(|n| (1.0..=1000.0).contains(n));
    let round = rounded.map(|n| n as u32).or(round);
    Regime { range, secondary: secondary && range.is_some(), round }
}

/// Sections declared nil, by key; words that name no section are an error of the cover.
pub(super) fn nil(sections: &[Section], out: &mut Return, findings: &mut Findings) {
    let Some(figure) = field(out, &["sections_nil", "nil"]).cloned() else { return };
    let parts: Vec<String> = match &figure.bare {
        Bare::Codes(codes) => codes.clone(),
        Bare::Text(text) => text.split([',', ';', '\n']).map(|p| p.trim().to_owned()).collect(),
        Bare::Number(_) | Bare::Date(_) | Bare::Marker(_) | Bare::Blank => Vec::new(),
    };
    let mut unknown: Vec<String> = Vec::new();
    for part in parts.iter().filter(|p| !p.is_empty()) {
        let word = fold(part);
        let named =
            |s: &&Section| fold(&s.key) == word || fold(&s.title) == word || s.aliases.iter().any(|a| fold(a) == word);
        match sections.iter().find(named) {
            Some(section) if !out.nil.contains(&section.key) => out.nil.push(section.key.clone()),
            Some(_) => {}
            None if matches!(word.as_str(), "none" | "nil" | "no" | "n a" | "0") => {}
            None => unknown.push(quote(part)),
        }
    }
    if unknown.is_empty() || findings.list().iter().any(|f| f.at == figure.pointer && f.severity == Severity::Error) {
        return;
    }
    let titles: Vec<String> = sections.iter().map(|s| s.title.clone()).collect();
    let message = format!("The cover declares {} nil, which is no section of your return.", unknown.join(", "));
    let help = format!("Please use the sections’ names: {}.", super::words::several(&titles, 8));
    let mut found = finding("COD-01", Some(&figure), "sections_nil", message, help);
    found.reach = Reach::section("cover");
    speak(findings, out, found);
}

/// An error on the cover that refuses no more refuses all sections.
pub(super) fn widen(sections: &[Section], findings: &mut Findings) {
    let cover = Pointer::section("cover");
    for finding in findings.list_mut() {
        if finding.at.is_within(&cover) && finding.severity > Severity::Note && finding.reach == Reach::section("cover")
        {
            let keys = sections.iter().map(|s| s.key.clone()).chain(["cover".to_owned()]).collect();
            finding.reach = Reach::Sections(keys);
        }
    }
}
