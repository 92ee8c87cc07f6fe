//! The files of a pack as text and JSON, and where in a file each value stands, so that a mistake is drawn at its place.
//! What the values mean is left to the other modules.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A mistake in a pack, at its place. The pack's author sees it; an agency never does.
#[derive(Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// The file, relative to the pack: `sections/front-door.json`.
    pub file: String,
    /// The text of the file, for drawing.
    pub text: Arc<str>,
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do, where something can be suggested.
    pub help: Option<String>,
}

// The text of the file would drown the mistake.
impl std::fmt::Debug for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        write!(f, "{}, line {line}: {}", self.file, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

/// One file of a pack.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) text: Arc<str>,
    pub(crate) json: Value,
    spans: BTreeMap<String, Range<usize>>,
}

impl Source {
    /// Parses a file; what is not JSON is a mistake at the place where it stops being so.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, SchemaError> {
        let json: Value = serde_json::from_str(text).map_err(|error| {
            let start = offset(text, error.line(), error.column());
            SchemaError {
                file: file.to_owned(),
                text: text.into(),
                span: start..(start + 1).min(text.len()),
                message: format!("this is not JSON: {error}"),
                help: None,
            }
        })?;
        let mut spans = BTreeMap::new();
        Scanner { bytes: text.as_bytes(), at: 0, spans: &mut spans }.value(String::new());
        Ok(Self { file: file.to_owned(), text: text.into(), json, spans })
    }

    /// Where the value of a JSON pointer stands; the nearest enclosing one where it has no place of its own.
    pub(crate) fn span(&self, pointer: &str) -> Range<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.spans.get(pointer) {
                return span.clone();
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return 0..self.text.len().min(1),
            }
        }
    }

    /// A mistake at a JSON pointer of this file.
    pub(crate) fn wrong(&self, pointer: &str, message: impl Into<String>) -> SchemaError {
        self.wrong_at(self.span(pointer), message)
    }

    /// A mistake at some bytes of this file.
    pub(crate) fn wrong_at(&self, span: Range<usize>, message: impl Into<String>) -> SchemaError {
        SchemaError { file: self.file.clone(), text: Arc::clone(&self.text), span, message: message.into(), help: None }
    }

    /// A mistake inside the JSON string at a pointer, at bytes of the string as it is meant. Escapes in the file are
    /// few in rules; where there are any, the whole string is marked.
    pub(crate) fn wrong_inside(&self, pointer: &str, inner: Range<usize>, message: impl Into<String>) -> SchemaError {
        let whole = self.span(pointer);
        let escaped = self.text.get(whole.clone()).is_none_or(|s| s.contains('\\'));
        let span = if escaped { whole } else { whole.start + 1 + inner.start..whole.start + 1 + inner.end };
        self.wrong_at(span, message)
    }
}

impl SchemaError {
    /// Adds what to do.
    pub(crate) fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// SHA-256 over the files of a pack, by path; the cases and the seeds are not part of what is checked with.
pub(crate) fn hash(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    let checked = |path: &str| path.ends_with(".json") && !path.starts_with("out/") && path != "seeds.json";
    for (path, text) in files.iter().filter(|(path, _)| checked(path)) {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A JSON pointer with one more segment.
pub(crate) fn join(pointer: &str, segment: &str) -> String {
    format!("{pointer}/{}", segment.replace('~', "~0").replace('/', "~1"))
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len().saturating_sub(1))
}

/// Walks text that is known to be JSON and writes down where each value stands.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    spans: &'a mut BTreeMap<String, Range<usize>>,
}

impl Scanner<'_> {
    fn peek(&mut self) -> u8 {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn value(&mut self, pointer: String) {
        let open = self.peek();
        let start = self.at;
        match open {
            b'{' => self.members(b'}', |scanner, _| {
                let from = scanner.at;
                scanner.string();
                let key = scanner.bytes.get(from..scanner.at).unwrap_or_default();
                let key: String = serde_json::from_slice(key).unwrap_or_default();
                scanner.peek();
                scanner.at += 1; // the colon
                join(&pointer, &key)
            }),
            b'[' => self.members(b']', |_, index| format!("{pointer}/{index}")),
            b'"' => self.string(),
            _ => {
                while self
                    .bytes
                    .get(self.at)
                    .is_some_and(|b| !matches!(b, b',' | b'}' | b']') && !b.is_ascii_whitespace())
                {
                    self.at += 1;
                }
            }
        }
        self.spans.insert(pointer, start..self.at);
    }

    fn members(&mut self, close: u8, mut name: impl FnMut(&mut Self, usize) -> String) {
        self.at += 1;
        let mut index = 0;
        while self.peek() != close && self.at < self.bytes.len() {
            let pointer = name(self, index);
            self.value(pointer);
            if self.peek() == b',' {
                self.at += 1;
            }
            index += 1;
        }
        self.at += 1;
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => return,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        let text = r#"{ "a": [1, {"b/c": "x\"y"}], "d": true }"#;
        let source = Source::parse("t.json", text).unwrap();
        for (pointer, shown) in
            [("/a/0", "1"), ("/a/1/b~1c", r#""x\"y""#), ("/d", "true"), ("/a/1/none", r#"{"b/c": "x\"y"}"#)]
        {
            assert_eq!(&text[source.span(pointer)], shown);
        }
    }

    #[test]
    fn what_is_not_json_is_a_mistake_at_its_place() {
        let error = Source::parse("t.json", "{\n  \"a\": 1,\n  b\n}").unwrap_err();
        assert!(error.to_string().starts_with("t.json, line 3:"), "{error}");
    }
}
