//! Mistakes in a schema pack, each drawn at its place in its file. For the pack's author; no agency sees them.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode};

use super::Style;
use super::human::theme;
use crate::schema::SchemaError;

/// All mistakes of a pack, in the order of its files.
#[must_use]
pub fn mistakes(mistakes: &[SchemaError], style: &Style) -> String {
    let handler = GraphicalReportHandler::new_themed(theme(style))
        .with_width(style.width.max(40))
        .with_links(false)
        .with_context_lines(1)
        .without_syntax_highlighting();
    let mut out = String::new();
    for mistake in mistakes {
        let drawn = Drawn { mistake, source: NamedSource::new(&mistake.file, Arc::clone(&mistake.text)) };
        // A drawing that fails must not hide the mistake itself.
        if handler.render_report(&mut out, &drawn).is_err() {
            out.push_str(&format!("{mistake}\n"));
        }
        out.push('\n');
    }
    out.lines().map(str::trim_end).fold(String::new(), |all, line| all + line + "\n")
}

/// A mistake as miette wants it.
struct Drawn<'a> {
    mistake: &'a SchemaError,
    source: NamedSource<Arc<str>>,
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.mistake)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistake.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.mistake.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.mistake.text.is_empty()).then_some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = &self.mistake.span;
        // Of a whole object its first line is enough to find it by.
        let text = self.mistake.text.get(span.clone()).unwrap_or_default();
        let length = text.find('\n').unwrap_or(text.len()).max(1);
        (!self.mistake.text.is_empty()).then(|| {
            Box::new(std::iter::once(LabeledSpan::new(None, span.start, length))) as Box<dyn Iterator<Item = _>>
        })
    }
}
