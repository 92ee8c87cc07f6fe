//! A page that stands alone, for an agency that has never seen a schema: outcome first, then what to correct, what to
//! explain, what was tidied, what was checked. No script, nothing fetched; readable printed and without colour.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::delivery::Delivery;
use super::excerpt::{self, Excerpt, Size};
use super::view::{Cluster, Item, View};
use super::{Show, Style, drift, first, publication, since, words};
use crate::cell::{Address, Cell, column_letters};
use crate::draw::{self, Column, Drawn, Line, Piece};
use crate::finding::{Severity, Verdict};
use crate::report::{Outcome, Report};

/// How the page looks; part of the page itself.
pub(crate) const CSS: &str = include_str!("report.css");
/// Most cells marked for one finding, and how wide the piece of a sheet may be in letters.
pub(super) const SIZE: Size = Size { width: 110, room: 0, marks: 40 };
/// Most cells named in a line on notes.
const NAMED: usize = 12;

/// The report as a page.
pub(super) fn render(report: &Report, style: &Style, delivery: Option<&Delivery>) -> String {
    let view = View::new(report, style.show);
    let name = draw::line(&report.file.name);
    let mut left = style.limit.unwrap_or(usize::MAX);
    let errors = findings(report, &view, Severity::Error, "What must be corrected", &mut left);
    let queries = findings(report, &view, Severity::Query, "What must be corrected or explained", &mut left);
    // What a long report leaves out cannot be linked to.
    let shown = |id: &str| [&errors, &queries].iter().any(|part| part.0.contains(&format!("id=\"finding-{id}\"")));
    let page = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (name) ": " (report.outcome.word()) }
                style { (PreEscaped(CSS)) }
            }
            body {
                main {
                    (top(report, &view, &name))
                    (start(&view, &shown))
                    @if let Some(delivery) = delivery { (since::page(delivery)) }
                    (sections(report, &view))
                    (errors)
                    (queries)
                    (settled(&view))
                    (notes(&view))
                    (differences(report, style.show))
                    (publication::page(report, style.show))
                    (checked(report, report.private || style.show == Show::Addresses))
                    footer {
                        p { "Checked with " (report.pack.0) " " (report.pack.1) ". "
                            "File SHA-256 " code { (report.file.sha256) } "." }
                    }
                }
            }
        }
    };
    let mut out = page.into_string();
    out.push('\n');
    out
}

/// What a report says by one rule, each finding as the page draws it: an example for those who read about the rule.
pub(crate) fn example(report: &Report, rule: &str) -> Vec<Markup> {
    let spoken = report.findings.iter().filter(|f| f.rule.as_str() == rule);
    spoken.map(|f| finding(report, &Item::new(report, f, Show::Values))).collect()
}

fn top(report: &Report, view: &View<'_>, name: &str) -> Markup {
    let sender = words::sender(report);
    html! {
        header {
            p.file { (name) @if !sender.is_empty() { br; (sender) } }
            h1 { span.outcome.(report.outcome.word()) { (sign(report.outcome)) " " (words::capital(report.outcome.word())) } }
            p.lead { (words::outcome_meaning(report.outcome, report.private)) " " (words::counts(view)) }
        }
    }
}

/// What lets most through, each with what waits for it.
fn start(view: &View<'_>, shown: &dyn Fn(&str) -> bool) -> Markup {
    let (steps, all) = first::first(view);
    html! {
        @if !steps.is_empty() {
            section.start {
                h2 { "Start here" }
                ol {
                    @for step in &steps {
                        @let id = step.cluster.lead.id.as_str();
                        li {
                            @if shown(id) { a href={ "#finding-" (id) } { (step.what) } } @else { strong { (step.what) } }
                            @if let Some(words) = &step.words { " (" (words) ")" }
                            ". " (step.waits) " " span.small { "Finding " code { (id) } }
                        }
                    }
                }
                @if all > steps.len() { p { "Then " (words::count(all - steps.len(), "more point")) " below." } }
            }
        }
    }
}

fn sections(report: &Report, view: &View<'_>) -> Markup {
    html! {
        @if !report.sections.is_empty() || !report.owed.is_empty() {
            section {
                h2 { "By section" }
                div.scroll tabindex="0" role="region" aria-label="Sections and what became of them" {
                    table.sections {
                        thead { tr { th scope="col" { "Section" } th scope="col" { "What became of it" } } }
                        tbody {
                            @for group in &view.groups {
                                tr { th scope="row" { (group.title) } td { (words::capital(&words::section_line(report, group))) } }
                            }
                            @for title in report.owed.values() {
                                tr { th scope="row" { (title) } td { "Still to be returned" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A sign beside the word, so that outcomes can be told apart at a glance without colour.
const fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "✓",
        Outcome::Queried => "?",
        Outcome::Refused => "✗",
    }
}

fn findings(report: &Report, view: &View<'_>, severity: Severity, title: &str, left: &mut usize) -> Markup {
    let all = view.open(severity);
    if all == 0 {
        return html! {};
    }
    let shown = all.min(*left);
    *left -= shown;
    let mut take = shown;
    let mut groups = Vec::new();
    for group in &view.groups {
        let clusters: Vec<Markup> = group
            .open
            .iter()
            .filter(|c| c.lead.finding.severity == severity)
            .map_while(|c| cluster(report, c, &mut take))
            .collect();
        if !clusters.is_empty() {
            groups.push((group, clusters));
        }
    }
    html! {
        section {
            h2 { (title) }
            @if severity == Severity::Query {
                p { "If a figure is right although it looks unusual, write why on the sheet “Explanations” of your workbook, "
                    "with the eight letters that name the question. Then send the workbook again." }
            }
            @for (group, clusters) in &groups {
                h3 { (group.title) }
                @for cluster in clusters { (cluster) }
            }
            @if shown < all { p { "… and " (words::count(all - shown, &format!("more {}", severity.word()))) "." } }
        }
    }
}

/// A finding and, under it, the others over the same figure; `None` once there is no room for more.
fn cluster(report: &Report, cluster: &Cluster<'_>, take: &mut usize) -> Option<Markup> {
    *take = take.checked_sub(1)?;
    let others = &cluster.others[..cluster.others.len().min(*take)];
    *take -= others.len();
    let cell = cluster.lead.marks.first().map(|m| m.short.as_str()).unwrap_or_default();
    Some(html! {
        (finding(report, &cluster.lead))
        @if !others.is_empty() {
            details.others open {
                summary { (words::others(others.len(), cell)) }
                @for item in others { (finding(report, item)) }
            }
        }
    })
}

fn finding(report: &Report, item: &Item<'_>) -> Markup {
    let severity = item.finding.severity;
    let undrawn: Vec<String> = excerpt::undrawn(item, SIZE.marks).iter().map(|m| m.said()).collect();
    let excerpts = excerpt::excerpts(report, item, &SIZE);
    let advice = item.advice();
    html! {
        article.(severity.word()) id={ "finding-" (item.id) } {
            h4 {
                span.severity { (words::capital(severity.word())) } " "
                @if item.title.is_empty() { (item.finding.rule) } @else { (item.title) }
            }
            p.message { (item.full_message()) }
            @for excerpt in &excerpts { (drawn(item, excerpt)) }
            @if !undrawn.is_empty() { p { "Also: " (words::some(&undrawn, NAMED)) "." } }
            @if !advice.is_empty() { p { strong { "What to do: " } (advice) } }
            @if severity == Severity::Query {
                p.reply { "If the figures are right, explain them on the sheet “Explanations”, for finding " code { (item.id) } "." }
            }
            p.small { "Rule " (item.finding.rule) " · finding " code { (item.id) } }
        }
    }
}

/// The pieces of one sheet.
pub(super) fn drawn(item: &Item<'_>, excerpt: &Excerpt) -> Markup {
    html! {
        @for (i, piece) in excerpt.pieces.iter().enumerate() { (table(item, excerpt, piece, i > 0)) }
    }
}

/// A piece of the sheet as a table, with its own column letters and row numbers; below it what is said of each cell.
fn table(item: &Item<'_>, excerpt: &Excerpt, piece: &Piece, again: bool) -> Markup {
    let (sheet, name) = (excerpt.sheet, excerpt.name.as_str());
    let marked = piece.lines.iter().flat_map(|line| cells_of(piece, line)).filter(|(_, d)| d.marked);
    let said: BTreeMap<Cell, String> =
        marked.map(|(c, _)| (c, excerpt::said_in_full(item, Address::new(sheet, c)))).collect();
    let caption = if again { format!("{name}, further down or across") } else { name.to_owned() };
    html! {
        figure {
            div.scroll tabindex="0" role="region" aria-label={ "Part of the sheet " (name) } {
                table.sheet {
                    caption { (caption) }
                    thead {
                        tr {
                            td {}
                            @for column in &piece.columns {
                                @match column {
                                    Column::Shown { column, .. } => th scope="col" { (column_letters(*column)) },
                                    Column::Skipped => th scope="col" { "…" },
                                }
                            }
                        }
                    }
                    tbody {
                        @if let Some(heading) = &piece.heading {
                            (row(piece, heading, true))
                            tr.gap { th { "⋮" } @for _ in &piece.columns { td {} } }
                        }
                        @for line in &piece.lines { (row(piece, line, false)) }
                    }
                }
            }
            ul.said { @for (cell, text) in &said { (said_of(*cell, text)) } }
        }
    }
}

fn row(piece: &Piece, line: &Line, heading: bool) -> Markup {
    html! {
        tr.heading[heading] {
            th scope="row" { (u64::from(line.row) + 1) }
            @for (i, drawn) in line.cells.iter().enumerate() {
                @let address = address_of(piece, line, i).map(|c| c.to_string()).unwrap_or_default();
                @if drawn.marked {
                    td.marked.number[drawn.right] {
                        @if drawn.text.trim().is_empty() { span.empty { "(empty)" } } @else { mark { (drawn.text) } }
                        " " span.tag { "◂ " (address) }
                    }
                } @else {
                    td.number[drawn.right] { (drawn.text) }
                }
            }
        }
    }
}

fn said_of(cell: Cell, text: &str) -> Markup {
    let address = cell.to_string();
    let rest = text.strip_prefix(&address).and_then(|t| t.strip_prefix(": "));
    html! { @if let Some(rest) = rest { li { strong { (address) } " " (rest) } } }
}

fn cells_of<'p>(piece: &'p Piece, line: &'p Line) -> impl Iterator<Item = (Cell, &'p Drawn)> {
    line.cells.iter().enumerate().filter_map(|(i, drawn)| Some((address_of(piece, line, i)?, drawn)))
}

fn address_of(piece: &Piece, line: &Line, i: usize) -> Option<Cell> {
    match piece.columns.get(i)? {
        Column::Shown { column, .. } => Some(Cell::new(line.row, *column)),
        Column::Skipped => None,
    }
}

fn settled(view: &View<'_>) -> Markup {
    let items: Vec<&Item<'_>> = view.groups.iter().flat_map(|g| &g.settled).collect();
    html! {
        @if !items.is_empty() {
            section {
                h2 { "Explained or waived" }
                ul {
                    @for item in items {
                        li { strong { (item.headline()) } " (" (words::places(item)) "). " (words::stop(&item.message)) " "
                            (item.settlement()) " " span.small { "Finding " code { (item.id) } } }
                    }
                }
            }
        }
    }
}

fn notes(view: &View<'_>) -> Markup {
    let count = view.notes();
    html! {
        @if count > 0 {
            section {
                h2 { "Tidied or worth knowing" }
                details {
                    summary { (words::count(count, "note")) ": there is nothing to do" }
                    @for group in view.groups.iter().filter(|g| !g.notes.is_empty()) {
                        h3 { (group.title) }
                        ul {
                            @for items in &group.notes {
                                li { (words::note_line(items, NAMED)) " "
                                    @if let Some(item) = items.first() { span.small { "Rule " (item.finding.rule) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn differences(report: &Report, show: Show) -> Markup {
    let pictures = drift::pictures(report, show);
    html! {
        @if !pictures.is_empty() {
            section {
                h2 { "Where the workbook differs from the template" }
                @for picture in &pictures {
                    h3 { (picture.title) }
                    ul { @for line in &picture.lines { li { (line) } } }
                }
            }
        }
    }
}

fn checked(report: &Report, veiled: bool) -> Markup {
    let mut not_run: Reasons<'_> = BTreeMap::new();
    let mut undecided: Reasons<'_> = BTreeMap::new();
    for check in &report.checks {
        let (reasons, why) = match &check.verdict {
            Verdict::NotRun(why) => (&mut not_run, why.as_str()),
            // Why a rule was left undecided may name a figure.
            Verdict::Undecided(_) if veiled => (&mut undecided, "the reason is not shown here"),
            Verdict::Undecided(why) => (&mut undecided, why.as_str()),
            Verdict::Held | Verdict::NotApplicable(_) | Verdict::Failed => continue,
        };
        let rule = check.rule.as_str();
        let title = report.titles.get(rule).map(String::as_str).unwrap_or_default();
        reasons.entry(why).or_default().insert(rule, title);
    }
    html! {
        section {
            h2 { "What was checked" }
            p { (words::account_sentence(&report.account())) }
            (reasons("What was not checked everywhere, and why", &not_run))
            (reasons("What the figures given could not decide, and why", &undecided))
        }
    }
}

/// Rules and their titles, by reason.
type Reasons<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>;

fn reasons(title: &str, reasons: &Reasons<'_>) -> Markup {
    html! {
        @if !reasons.is_empty() {
            details {
                summary { (title) }
                dl {
                    @for (why, rules) in reasons {
                        dt { (words::capital(&draw::line(why))) }
                        @for (rule, title) in rules {
                            dd { (rule) @if !title.is_empty() { ": " (title) } }
                        }
                    }
                }
            }
        }
    }
}
