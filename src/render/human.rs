//! For the terminal: every finding with the piece of the sheet it is about, drawn by miette. The only file that knows
//! miette; it turns a finding into a diagnostic at the last moment.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::excerpt::{self, Size};
use super::view::{Cluster, Group, Item, View};
use super::{Show, Style, drift, words};
use crate::cell::Address;
use crate::draw::{self, Window};
use crate::finding;
use crate::report::Report;

/// Most cells drawn for one finding.
const MARKS: usize = 12;
/// Most cells named in a line.
const NAMED: usize = 5;
/// Most that is kept free beside a marked cell for the text of its label.
const ROOM: usize = 26;
/// Narrowest that a label's text is broken to.
const NARROWEST: usize = 16;
/// Stands for the name of a drawing until it is printed; private-use, so that no text of a sheet can hold it.
const NAME: char = '\u{F8FF}';

/// The report for a terminal.
pub(super) fn render(report: &Report, style: &Style) -> String {
    let view = View::new(report, style.show);
    let printer = Printer::new(report, style);
    let mut out = printer.top(&view);
    let mut allowance = view.allowance(style.limit);
    for group in &view.groups {
        let body = printer.group(group, &mut allowance);
        if !body.is_empty() {
            out.push_str(&printer.rule(&group.title, &words::section_line(report, group)));
            out.push_str(&body);
        }
    }
    if allowance.hidden > 0 {
        let rest = format!("… and {}. Add --all to see all.", words::count(allowance.hidden, "more finding"));
        out.push_str(&printer.paragraph(&rest, 0));
        out.push('\n');
    }
    out.push_str(&printer.bottom(&view));
    if style.unicode { out } else { ascii(&out) }
}

struct Printer<'a> {
    report: &'a Report,
    show: Show,
    width: usize,
    separator: char,
    theme: GraphicalTheme,
    handler: GraphicalReportHandler,
}

/// Lines and colours as the terminal can show them.
pub(super) fn theme(style: &Style) -> GraphicalTheme {
    GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
    }
}

impl<'a> Printer<'a> {
    fn new(report: &'a Report, style: &Style) -> Self {
        let width = style.width.max(40);
        let theme = theme(style);
        let handler = GraphicalReportHandler::new_themed(theme.clone())
            .with_width(width)
            .with_links(false)
            .with_context_lines(0)
            .without_primary_span_start()
            .without_syntax_highlighting();
        Self { report, show: style.show, width, separator: if style.unicode { '│' } else { '|' }, theme, handler }
    }

    /// What was checked and what became of it, in three lines.
    fn top(&self, view: &View<'_>) -> String {
        let sender = words::sender(self.report);
        let name = draw::line(&self.report.file.name);
        let what = if sender.is_empty() { name } else { format!("{name} ({sender})") };
        let mut out = self.paragraph(&format!("{what}: {}", view.report.outcome.word()), 0);
        out.push('\n');
        out
    }

    /// A heading with a line through the width.
    fn rule(&self, title: &str, remark: &str) -> String {
        let bar = self.theme.characters.hbar.to_string();
        let text = if remark.is_empty() { draw::line(title) } else { format!("{}: {remark}", draw::line(title)) };
        let lines = words::wrap(&text, self.width - 6);
        let mut out = String::new();
        for (i, line) in lines.iter().enumerate() {
            if i == 0 {
                let rest = self.width.saturating_sub(draw::measure(line) + 4);
                out.push_str(&format!("{} {line} {}\n", bar.repeat(2), bar.repeat(rest)));
            } else {
                out.push_str(&format!("   {line}\n"));
            }
        }
        out.push('\n');
        out
    }

    fn group(&self, group: &Group<'_>, allowance: &mut super::allowance::Allowance) -> String {
        let mut out = String::new();
        for cluster in &group.open {
            if allowance.open(&cluster.lead) {
                out.push_str(&self.diagnostic(&cluster.lead));
                out.push('\n');
            }
            out.push_str(&self.others(cluster, allowance));
        }
        let mut lines = String::new();
        for item in group.settled.iter().filter(|_| allowance.settled()) {
            let text = format!(
                "{} ({}). {} {}",
                item.headline(),
                words::places(item),
                words::stop(&item.message),
                item.settlement()
            );
            lines.push_str(&self.paragraph(&text, 2));
        }
        for items in group.notes.iter().filter(|items| allowance.notes(items.len())) {
            let rule = items.first().map(|i| i.finding.rule.to_string()).unwrap_or_default();
            lines.push_str(&self.paragraph(&format!("Note {rule}: {}", words::note_line(items, NAMED)), 2));
        }
        if !lines.is_empty() {
            out.push_str(&lines);
            out.push('\n');
        }
        out
    }

    /// The other checks over the figure that was just drawn.
    fn others(&self, cluster: &Cluster<'_>, allowance: &mut super::allowance::Allowance) -> String {
        let shown: Vec<&Item<'_>> = cluster.others.iter().filter(|item| allowance.open(item)).collect();
        if shown.is_empty() {
            return String::new();
        }
        let cell = cluster.lead.marks.first().map(|m| m.short.clone()).unwrap_or_default();
        let mut out = self.paragraph(&format!("{}:", words::others(cluster.others.len(), &cell)), 2);
        let here = cluster.lead.marks.first().and_then(|m| m.address);
        for item in shown {
            let said: Vec<String> = item.marks.iter().filter(|m| m.address != here).map(|m| m.said()).collect();
            let cells =
                if said.is_empty() { String::new() } else { format!(" Other cells: {}.", words::some(&said, NAMED)) };
            let text =
                format!("{}. {}{cells} {} {}", item.headline(), item.full_message(), item.advice(), item.reply());
            out.push_str(&self.paragraph(&text, 4));
        }
        out.push('\n');
        out
    }

    fn diagnostic(&self, item: &Item<'_>) -> String {
        let drawing = Drawing::new(self, item);
        let diagnostic = Drawn { item, drawing: &drawing, width: self.width };
        let mut out = String::new();
        // Writing to a String does not fail; a drawing that cannot be made must not cost the message.
        if self.handler.render_report(&mut out, &diagnostic).is_err() {
            return self.paragraph(&format!("{}: {}", item.headline(), item.full_message()), 0);
        }
        out.lines().map(|line| self.name_drawing(line, &drawing)).collect()
    }

    /// Puts the file's name, the column letters and the heading where a drawing begins; they have no place in the text
    /// that miette numbers.
    fn name_drawing(&self, line: &str, drawing: &Drawing) -> String {
        let trimmed = line.trim_end();
        let Some(at) = line.find(NAME) else { return format!("{trimmed}\n") };
        let after = &line[at + NAME.len_utf8()..];
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let Some(block) = after[..digits].parse::<usize>().ok().and_then(|i| drawing.blocks.get(i)) else {
            return format!("{trimmed}\n");
        };
        let corner = line.find(self.theme.characters.ltop).unwrap_or(0);
        let name = draw::cut(&block.name, self.width.saturating_sub(corner + 4));
        let bar = self.theme.characters.vbar;
        let indent = " ".repeat(corner);
        let mut out = format!("{}{name}{}\n", &line[..at], after[digits..].trim_end());
        out.push_str(&format!("{indent}{bar} {}\n", block.window.letters));
        if let Some((row, text)) = &block.window.heading {
            let number = format!("{:>width$}", row + 1, width = corner.saturating_sub(2));
            let linum = &self.theme.styles.linum;
            out.push_str(&format!(" {} {bar} {text}\n", linum.style(number)));
            out.push_str(&format!("{indent}{}\n", self.theme.characters.vbar_break));
        }
        out
    }

    /// How it ended: outcome by section, what to do, what was checked.
    /// How the sheets differ from the template, and the summary.
    fn bottom(&self, view: &View<'_>) -> String {
        let mut out = String::new();
        let pictures = drift::pictures(self.report, self.show);
        if !pictures.is_empty() {
            out.push_str(&self.rule("Differences from the template", ""));
        }
        for picture in pictures {
            out.push_str(&self.paragraph(&format!("{}:", picture.title), 0));
            out.extend(picture.lines.iter().map(|line| self.paragraph(line, 2)));
            out.push('\n');
        }
        out.push_str(&self.rule("Summary", ""));
        let widest = view.groups.iter().map(|g| draw::measure(&g.title)).max().unwrap_or(0).min(self.width / 2);
        for group in &view.groups {
            let title = draw::cut(&group.title, widest);
            let space = " ".repeat(widest - draw::measure(&title));
            let line = words::section_line(self.report, group);
            let indent = widest + 4;
            let text = words::wrap(&line, self.width.saturating_sub(indent).max(NARROWEST));
            out.push_str(&format!("  {title}{space}  {}\n", text.join(&format!("\n{}", " ".repeat(indent)))));
        }
        if !view.groups.is_empty() {
            out.push('\n');
        }
        if !self.report.owed.is_empty() {
            let owed: Vec<String> = self.report.owed.values().map(|t| draw::line(t)).collect();
            out.push_str(&self.paragraph(&format!("Still to be returned: {}.", words::and(&owed)), 0));
        }
        out.push_str(&self.paragraph(&words::counts(view), 0));
        out.push_str(&self.paragraph(&words::account_sentence(&self.report.account()), 0));
        out
    }

    fn paragraph(&self, text: &str, indent: usize) -> String {
        let lines = words::wrap(text, self.width.saturating_sub(indent + 2));
        let mut out = String::new();
        for (i, line) in lines.iter().enumerate() {
            // Lines after the first hang, so that entries of a list stay apart.
            let hang = if i > 0 && indent > 0 { indent + 2 } else { indent };
            out.push_str(&format!("{}{line}\n", " ".repeat(hang)));
        }
        out
    }
}

/// The windows of a finding, one after the other in one text, so that a span says which.
struct Drawing {
    text: String,
    blocks: Vec<Block>,
    labels: Vec<LabeledSpan>,
}

struct Block {
    name: String,
    key: String,
    start: usize,
    window: Window,
}

impl Drawing {
    fn new(printer: &Printer<'_>, item: &Item<'_>) -> Self {
        let mut out = Self { text: String::new(), blocks: Vec::new(), labels: Vec::new() };
        // ` 1048576 │ ` is the widest that stands before the text of a row.
        let longest = item
            .marks
            .iter()
            .filter_map(|mark| Some(draw::measure(&excerpt::said_at(printer.report, item, mark.address?))))
            .max();
        let room = longest.map_or(ROOM, |longest| (longest + 4).min(ROOM));
        let size = Size { width: printer.width.saturating_sub(gutter(item)), room, marks: MARKS };
        for excerpt in excerpt::excerpts(printer.report, item, &size) {
            for piece in &excerpt.pieces {
                let window = piece.window(printer.separator);
                let start = out.text.len();
                let key = format!("{NAME}{}", out.blocks.len());
                for (cell, span) in &window.spans {
                    let address = Address::new(excerpt.sheet, *cell);
                    let before = &window.text[..span.start];
                    let column = draw::measure(&before[before.rfind('\n').map_or(0, |at| at + 1)..]);
                    let middle = column + draw::measure(&window.text[span.clone()]) / 2;
                    // `╰── ` stands before the text of a label.
                    let room = size.width.saturating_sub(middle + 4);
                    let said = excerpt::said_at(printer.report, item, address);
                    let text =
                        if room < NARROWEST { address.cell.to_string() } else { words::wrap(&said, room).join("\n") };
                    let place = (start + span.start, span.len());
                    out.labels.push(LabeledSpan::new(Some(text), place.0, place.1));
                }
                out.text.push_str(&window.text);
                let name = format!("{} › {}", draw::line(&printer.report.file.name), excerpt.name);
                out.blocks.push(Block { name, key, start, window });
            }
        }
        out
    }
}

/// Display columns before the text of a row: ` 14 │ `.
fn gutter(item: &Item<'_>) -> usize {
    let last = item.marks.iter().filter_map(|m| m.address).map(|a| a.cell.row).max().unwrap_or(0);
    (u64::from(last) + 2).to_string().len() + 4
}

impl SourceCode for Drawing {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        // The window as a whole, numbered by the sheet. A span over two windows is refused, so that they stay apart.
        let holds = |b: &&Block| {
            let end = b.start + b.window.text.len();
            b.start <= span.offset() && span.offset() + span.len() <= end && span.offset() < end
        };
        let block = self.blocks.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let length = block.window.text.len();
        Ok(Box::new(MietteSpanContents::new_named(
            block.key.clone(),
            &self.text.as_bytes()[block.start..block.start + length],
            SourceSpan::new(block.start.into(), length),
            usize::try_from(block.window.first_row).map_err(|_| MietteError::OutOfBounds)?,
            0,
            block.window.lines,
        )))
    }
}

/// A finding as miette wants it.
struct Drawn<'d> {
    item: &'d Item<'d>,
    drawing: &'d Drawing,
    width: usize,
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.item.id)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.item.full_message())
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(words::wrap(&self.item.headline(), self.width).join("\n")))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.item.finding.severity {
            finding::Severity::Error => Severity::Error,
            finding::Severity::Query => Severity::Warning,
            finding::Severity::Note => Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut lines: Vec<String> = Vec::new();
        let undrawn: Vec<String> = excerpt::undrawn(self.item, MARKS).iter().map(|m| m.said()).collect();
        if !undrawn.is_empty() {
            let also = if self.drawing.blocks.is_empty() { "Where" } else { "Also" };
            lines.push(format!("{also}: {}.", words::some(&undrawn, NAMED)));
        }
        lines.push(self.item.advice());
        lines.push(self.item.reply());
        lines.retain(|l| !l.is_empty());
        Some(Box::new(lines.join("\n")))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.drawing.blocks.is_empty()).then_some(self.drawing as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.drawing.labels.iter().cloned()))
    }
}

/// The same in ASCII, for terminals that know no more; names keep their letters.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '“' | '”' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '−' | '–' | '—' => out.push('-'),
            '…' => out.push('~'),
            '•' => out.push('*'),
            '›' => out.push('>'),
            '⏎' => out.push('\\'),
            c => out.push(c),
        }
    }
    out
}
