//! XML tag by tag in bounded memory, before a parser that buffers whole nodes may see it. Nothing of a part is kept but
//! the node at hand; a node, a nesting or an encoding that no spreadsheet program writes is refused.

use std::borrow::Cow;
use std::io::Read;

use super::guard::{NESTING, NODE, Refusal};

/// A piece of XML, as it is met.
pub(super) enum Token<'a> {
    /// A start tag, or an empty element.
    Open(Tag<'a>),
    /// An end tag, by its local name.
    Close(&'a [u8]),
    /// Characters between tags, entities not resolved.
    Text(&'a [u8]),
}

/// A start tag with its attributes.
pub(super) struct Tag<'a> {
    raw: &'a [u8],
    /// `<c/>`: no end tag follows.
    pub(super) empty: bool,
}

impl<'a> Tag<'a> {
    /// Its name without the namespace's prefix.
    pub(super) fn name(&self) -> &'a [u8] {
        // Asked of every tag of every part, so in one pass.
        let mut start = 0;
        for (at, byte) in self.raw.iter().enumerate() {
            match byte {
                b':' => start = at + 1,
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0C' => return &self.raw[start..at],
                _ => {}
            }
        }
        &self.raw[start..]
    }

    /// How many bytes it takes.
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// The bytes between the angle brackets.
    pub(super) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its attributes in their order: name with prefix, and bytes. Ends where they are no XML.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let raw = self.raw;
        let mut rest = raw.iter().position(|b| b.is_ascii_whitespace()).map_or(&raw[raw.len()..], |at| &raw[at..]);
        std::iter::from_fn(move || {
            rest = rest.trim_ascii_start();
            let equals = rest.iter().position(|b| *b == b'=')?;
            let name = rest[..equals].trim_ascii_end();
            let (quote, inside) = rest[equals + 1..].trim_ascii_start().split_first()?;
            if !matches!(quote, b'"' | b'\'') {
                return None;
            }
            let end = inside.iter().position(|b| b == quote)?;
            rest = &inside[end + 1..];
            Some((name, &inside[..end]))
        })
    }

    /// An attribute's bytes, by its name without prefix. The first one counts.
    pub(super) fn bytes(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.attributes().find(|(name, _)| local(name) == wanted).map(|(_, value)| value)
    }

    /// An attribute as text, entities resolved.
    pub(super) fn text(&self, wanted: &[u8]) -> Option<String> {
        self.bytes(wanted).map(words)
    }

    /// An attribute that switches something on.
    pub(super) fn is_on(&self, wanted: &[u8]) -> bool {
        matches!(self.bytes(wanted), Some(b"1" | b"true"))
    }

    /// An attribute that is a whole number.
    pub(super) fn number(&self, wanted: &[u8]) -> Option<u32> {
        std::str::from_utf8(self.bytes(wanted)?).ok()?.parse().ok()
    }
}

/// A name without its prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    name.iter().rposition(|b| *b == b':').map_or(name, |colon| &name[colon + 1..])
}

/// Characters as text: entities resolved, control characters taken out.
pub(super) fn words(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let text = match quick_xml::escape::unescape(&text) {
        Ok(resolved) => resolved.into_owned(),
        Err(_) => text.into_owned(),
    };
    without_controls(text.into()).into_owned()
}

/// Text without control characters other than tab and line breaks.
pub(super) fn without_controls(text: Cow<'_, str>) -> Cow<'_, str> {
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(control) { text.chars().filter(|c| !control(*c)).collect::<String>().into() } else { text }
}

/// Where in the grammar the scanner stands.
#[derive(Clone, Copy)]
enum State {
    Text,
    /// Behind `<`.
    Angle,
    Open {
        quote: u8,
    },
    Close,
    /// Behind `<!`.
    Bang,
    /// In a document type that names a definition elsewhere, which nobody fetches.
    Doctype,
    Comment,
    Literal,
    Instruction,
}

/// Whether bytes are those of XML in UTF-8, or of XML in another encoding, or of something else.
pub(super) fn looks(start: &[u8]) -> Looks {
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) || start.iter().take(4).any(|b| *b == 0) {
        let angle = start.iter().take(4).any(|b| *b == b'<');
        return if angle { Looks::Utf16 } else { Looks::Other };
    }
    let start = start.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(start);
    if start.trim_ascii_start().first() == Some(&b'<') { Looks::Xml } else { Looks::Other }
}

/// What the first bytes of a part say of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// XML as spreadsheet programs write it.
    Xml,
    /// XML in UTF-16 or UTF-32.
    Utf16,
    /// A picture, a macro, nothing.
    Other,
}

/// Visits every tag and text of a part.
///
/// # Errors
///
/// The part cannot be inflated, breaks off, holds what no spreadsheet program writes, or the visitor refuses it.
pub(super) fn scan(
    mut part: impl Read,
    mut visit: impl FnMut(Token<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut node: Vec<u8> = Vec::new();
    let mut state = State::Text;
    let mut depth = 0_usize;
    let mut started = false;
    loop {
        let read = part.read(&mut buffer).map_err(|_| Refusal::damaged())?;
        if read == 0 {
            break;
        }
        let mut bytes = &buffer[..read];
        if !started {
            bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
            started = true;
        }
        while let Some(&byte) = bytes.first() {
            // The longest run that cannot change the state is taken at once.
            let run = match state {
                State::Text => bytes.iter().position(|b| *b == b'<'),
                State::Open { quote: 0 } => bytes.iter().position(|b| matches!(b, b'>' | b'"' | b'\'')),
                State::Open { quote } => bytes.iter().position(|b| *b == quote),
                State::Close | State::Comment | State::Literal | State::Instruction => {
                    bytes.iter().position(|b| *b == b'>')
                }
                State::Doctype => bytes.iter().position(|b| matches!(b, b'>' | b'[')),
                State::Angle | State::Bang => Some(0),
            }
            .unwrap_or(bytes.len());
            if run > 0 {
                if node.len() + run > NODE {
                    return Err(Refusal::unsafe_file(
                        "one of its parts holds a single piece of more than a million characters",
                    ));
                }
                node.extend_from_slice(&bytes[..run]);
                bytes = &bytes[run..];
                continue;
            }
            bytes = &bytes[1..];
            state = match state {
                State::Text => {
                    if !node.is_empty() {
                        visit(Token::Text(&node))?;
                        node.clear();
                    }
                    State::Angle
                }
                State::Angle => match byte {
                    b'/' => State::Close,
                    b'!' => State::Bang,
                    b'?' => State::Instruction,
                    // `<>` and `< ` are no XML.
                    b'>' | b' ' => return Err(Refusal::damaged()),
                    _ => {
                        node.push(byte);
                        State::Open { quote: 0 }
                    }
                },
                State::Open { quote: 0 } if byte == b'>' => {
                    let empty = node.last() == Some(&b'/');
                    let raw = if empty { &node[..node.len() - 1] } else { &node[..] };
                    depth += usize::from(!empty);
                    if depth > NESTING {
                        return Err(Refusal::unsafe_file(
                            "one of its parts is nested more deeply than any spreadsheet program writes",
                        ));
                    }
                    visit(Token::Open(Tag { raw, empty }))?;
                    node.clear();
                    State::Text
                }
                State::Open { quote } => {
                    node.push(byte);
                    State::Open { quote: if quote == 0 { byte } else { 0 } }
                }
                State::Close => {
                    depth = depth.checked_sub(1).ok_or_else(Refusal::damaged)?;
                    visit(Token::Close(local(node.trim_ascii())))?;
                    node.clear();
                    State::Text
                }
                State::Bang => {
                    node.push(byte);
                    match node.as_slice() {
                        b"--" => State::Comment,
                        b"[CDATA[" => State::Literal,
                        // OpenOffice wrote one at the head of its manifests.
                        b"DOCTYPE" => State::Doctype,
                        so_far if [&b"--"[..], b"[CDATA[", b"DOCTYPE"].iter().any(|w| w.starts_with(so_far)) => {
                            State::Bang
                        }
                        _ => return Err(entities()),
                    }
                }
                // What stands in brackets would define entities; no spreadsheet program writes any.
                State::Doctype if byte == b'[' => return Err(entities()),
                State::Doctype => {
                    node.clear();
                    State::Text
                }
                State::Comment if node.len() >= 4 && node.ends_with(b"--") => {
                    node.clear();
                    State::Text
                }
                State::Literal if node.ends_with(b"]]") => {
                    visit(Token::Text(&node[b"[CDATA[".len()..node.len() - 2]))?;
                    node.clear();
                    State::Text
                }
                State::Instruction if node.ends_with(b"?") => {
                    node.clear();
                    State::Text
                }
                State::Comment | State::Literal | State::Instruction => {
                    node.push(byte);
                    state
                }
            };
            if node.len() > NODE {
                return Err(Refusal::unsafe_file(
                    "one of its parts holds a single piece of more than a million characters",
                ));
            }
        }
    }
    if depth == 0 && matches!(state, State::Text) { Ok(()) } else { Err(Refusal::damaged()) }
}

fn entities() -> Refusal {
    Refusal::unsafe_file("one of its parts defines entities of its own")
}
