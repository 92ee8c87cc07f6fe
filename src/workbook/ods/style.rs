//! How cells look: number format and fill of each style, through the styles that it builds on; and what styles hide:
//! sheets not displayed, rows and columns of no height. Which cell has which style is left to `table`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::guard::Refusal;
use super::super::keep::Look;
use super::super::scan::Tag;
use super::format::{Data, sections};

/// The most bytes of tags that make up the styles.
const ROOM: usize = 16 * 1024 * 1024;
/// A style builds on no more others than this; programs go four deep.
const ANCESTORS: usize = 32;

/// What a style is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// Whole sheets.
    Table,
    /// Rows.
    Row,
    /// Columns.
    Column,
    /// Cells.
    Cell,
}

/// The style of a cell as it is written.
#[derive(Debug, Default)]
struct Style {
    parent: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
    /// The fill, where the style says anything of it: `None` inside is no fill.
    fill: Option<Option<String>>,
}

/// The styles of a document. Names are kept as they are written.
#[derive(Debug, Default)]
pub(super) struct Styles {
    cells: BTreeMap<Vec<u8>, Style>,
    formats: BTreeMap<Vec<u8>, Data>,
    /// Styles of sheets, rows and columns that are not seen.
    unseen: BTreeSet<(Family, Vec<u8>)>,
    /// What was asked for, each look once.
    looks: BTreeMap<Vec<u8>, Look>,
    /// The style at hand.
    style: Option<(Family, Vec<u8>, Style)>,
    /// The number format at hand.
    format: Option<(Vec<u8>, Data)>,
    bytes: usize,
}

impl Styles {
    /// A tag among the styles.
    pub(super) fn open(&mut self, tag: &Tag<'_>) -> Result<(), Refusal> {
        self.bytes += tag.len();
        if self.bytes > ROOM {
            return Err(Refusal::unsafe_file("its cell styles would take more memory than any return needs"));
        }
        if let Some((_, format)) = &mut self.format {
            format.part(tag);
            return Ok(());
        }
        let name = || tag.bytes(b"name").unwrap_or_default().to_vec();
        match tag.name() {
            b"style" | b"default-style" => {
                let family = match tag.bytes(b"family") {
                    Some(b"table") => Family::Table,
                    Some(b"table-row") => Family::Row,
                    Some(b"table-column") => Family::Column,
                    Some(b"table-cell") => Family::Cell,
                    Some(_) | None => return Ok(()),
                };
                let parent = tag.bytes(b"parent-style-name").map(<[u8]>::to_vec);
                let data = tag.bytes(b"data-style-name").map(<[u8]>::to_vec);
                self.style = Some((family, name(), Style { parent, data, fill: None }));
            }
            // `name` is that of the style, not of its properties.
            b"table-cell-properties" => {
                if let (Some((_, _, style)), Some(color)) = (&mut self.style, tag.text(b"background-color")) {
                    style.fill = Some(fill(&color));
                }
            }
            b"table-properties" if tag.bytes(b"display") == Some(b"false") => self.hide(),
            b"table-row-properties" if tag.bytes(b"row-height").is_some_and(is_none) => self.hide(),
            b"table-column-properties" if tag.bytes(b"column-width").is_some_and(is_none) => self.hide(),
            _ => self.format = Data::open(tag).map(|format| (name(), format)),
        }
        Ok(())
    }

    /// Characters among the styles.
    pub(super) fn text(&mut self, raw: &[u8]) {
        if let Some((_, format)) = &mut self.format {
            format.text(raw);
        }
    }

    /// An element among the styles ends.
    pub(super) fn close(&mut self, name: &[u8]) {
        if let Some((_, format)) = &mut self.format {
            if !name.ends_with(b"-style") {
                format.close(name);
            } else if let Some((name, format)) = self.format.take() {
                self.formats.insert(name, format);
            }
        } else if matches!(name, b"style" | b"default-style")
            && let Some((Family::Cell, name, style)) = self.style.take()
        {
            self.cells.insert(name, style);
        }
    }

    /// Whether people see what has this style.
    pub(super) fn is_seen(&self, family: Family, name: Option<&[u8]>) -> bool {
        name.is_none_or(|name| !self.unseen.contains(&(family, name.to_vec())))
    }

    /// How a cell of a style looks.
    pub(super) fn look(&mut self, name: Option<&[u8]>) -> Look {
        let name = name.unwrap_or(b"Default");
        if let Some(look) = self.looks.get(name) {
            return look.clone();
        }
        let look = self.resolve(name);
        self.looks.insert(name.to_vec(), look.clone());
        look
    }

    fn hide(&mut self) {
        if let Some((family, name, _)) = &self.style {
            self.unseen.insert((*family, name.clone()));
        }
    }

    fn resolve(&self, name: &[u8]) -> Look {
        let mut data = None;
        let mut fill = None;
        let mut at = self.cells.get(name);
        for _ in 0..ANCESTORS {
            // The last word have the defaults of the document, which have no name.
            let Some(style) = at.or_else(|| self.cells.get(&b""[..])) else { break };
            data = data.or(style.data.as_deref());
            fill = fill.or(style.fill.as_ref());
            if at.is_none() {
                break;
            }
            at = style.parent.as_deref().and_then(|parent| self.cells.get(parent));
        }
        Look {
            format: data.and_then(|name| self.code(name)).map(Arc::from),
            fill: fill.and_then(|fill| fill.as_deref()).map(Arc::from),
        }
    }

    /// The code of a number format; `None` for “General”.
    fn code(&self, name: &[u8]) -> Option<String> {
        let format = self.formats.get(name)?;
        let main = format.code();
        if format.maps.is_empty() {
            return main;
        }
        let general = |code: Option<String>| code.unwrap_or_else(|| "General".to_owned());
        let code = |name: &Vec<u8>| general(self.formats.get(name).and_then(Data::code));
        let mapped: Vec<(String, String)> =
            format.maps.iter().map(|(condition, name)| (condition.clone(), code(name))).collect();
        Some(sections(&mapped, &general(main)))
    }
}

/// A colour as RRGGBB; white and none say nothing.
fn fill(color: &str) -> Option<String> {
    let digits = color.strip_prefix('#')?;
    let hex = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    (hex && !digits.eq_ignore_ascii_case("ffffff")).then(|| digits.to_ascii_uppercase())
}

/// Whether a length is nothing: `0in`, `0.0000cm`.
fn is_none(length: &[u8]) -> bool {
    let number = length.iter().take_while(|b| matches!(b, b'0'..=b'9' | b'.')).count();
    number > 0 && length[..number].iter().all(|b| matches!(b, b'0' | b'.'))
}
