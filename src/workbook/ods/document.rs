//! The document as its parts are scanned, in one piece or several: styles, sheets, names, filters, properties, each told
//! what is its own. Which parts of the package are scanned is left to the module above.

use std::collections::{BTreeMap, BTreeSet};

use super::super::guard::{Refusal, SHEETS, TEXT};
use super::super::keep::{Opened, tidy};
use super::super::scan::{Tag, Token, words};
use super::super::value::{Epoch, iso_date};
use super::super::{Format, Sheet, Workbook};
use super::formula;
use super::table::{Shared, Table, is_elsewhere};

/// The most names and properties that are held.
const NAMES: usize = 10_000;

/// What kind of thing is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Styles,
    Sheets,
    Properties,
}

/// A document, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Document {
    shared: Shared,
    sheets: Vec<Sheet>,
    names: BTreeMap<String, String>,
    properties: BTreeMap<String, String>,
    /// Sheets on which a filter has conditions.
    filtered: BTreeSet<String>,
    /// What the document is, if it is no spreadsheet: the element in its body.
    other: Option<String>,
    depth: usize,
    /// What is being read, and how deep it began.
    within: Option<(Within, usize)>,
    /// The depth of the body, and of what is passed over.
    body: Option<usize>,
    skip: Option<usize>,
    table: Option<Table>,
    /// The sheet of the range at hand on which there may be a filter.
    range: Option<String>,
    /// The property at hand and its text.
    property: Option<(String, String)>,
    /// Automatic styles of the part at hand are those of headers and footers.
    pub(super) page_styles: bool,
}

impl Document {
    /// What comes next in a part.
    ///
    /// # Errors
    /// A limit is passed, or something cannot be what it says it is.
    pub(super) fn visit(&mut self, token: Token<'_>) -> Result<(), Refusal> {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                let name = tag.name();
                self.open(&tag, name)?;
                if tag.empty {
                    self.close(name)?;
                }
            }
            Token::Close(name) => self.close(name)?,
            Token::Text(_) if self.skip.is_some() => {}
            Token::Text(raw) => match self.within {
                Some((Within::Styles, _)) => self.shared.styles.text(raw),
                Some((Within::Sheets, _)) => {
                    if let Some(table) = &mut self.table {
                        table.text(raw);
                    }
                }
                Some((Within::Properties, _)) => {
                    if let Some((_, text)) = self.property.as_mut().filter(|(_, text)| text.len() < TEXT) {
                        text.push_str(&words(raw));
                    }
                }
                None => {}
            },
        }
        Ok(())
    }

    /// What the document is where it is no spreadsheet: `text`, `presentation`.
    pub(super) fn other(&self) -> Option<&str> {
        self.other.as_deref()
    }

    /// The workbook.
    ///
    /// # Errors
    /// There is no sheet, or two have one name.
    pub(super) fn finish(mut self) -> Result<Opened, Refusal> {
        let mut names = BTreeSet::new();
        if self.sheets.is_empty() || !self.sheets.iter().all(|sheet| names.insert(sheet.name.to_lowercase())) {
            return Err(Refusal::damaged());
        }
        for sheet in &mut self.sheets {
            sheet.filtered |= self.filtered.contains(&sheet.name);
        }
        let workbook =
            Workbook { format: Some(Format::Ods), sheets: self.sheets, properties: self.properties, names: self.names };
        Ok(Opened { workbook, unreadable: self.shared.keeper.unreadable, notes: Vec::new() })
    }

    fn open(&mut self, tag: &Tag<'_>, name: &[u8]) -> Result<(), Refusal> {
        if self.skip.is_some() {
            return Ok(());
        }
        match self.within {
            Some((Within::Styles, _)) => self.shared.styles.open(tag),
            Some((Within::Sheets, own)) => self.in_sheets(tag, name, own),
            Some((Within::Properties, own)) => {
                if self.depth == own + 1 {
                    self.property = property(tag).map(|name| (name, String::new()));
                }
                Ok(())
            }
            None => {
                let begins = match name {
                    b"styles" => Some(Within::Styles),
                    b"automatic-styles" if !self.page_styles => Some(Within::Styles),
                    b"meta" => Some(Within::Properties),
                    b"spreadsheet" if self.body.is_some() => Some(Within::Sheets),
                    other => {
                        if self.body.is_some() && self.other.is_none() {
                            self.other = Some(String::from_utf8_lossy(other).into_owned());
                        }
                        None
                    }
                };
                match (begins, name) {
                    (Some(begins), _) => self.within = Some((begins, self.depth)),
                    (None, b"body") => self.body = Some(self.depth),
                    // The root, and what stands beside the parts above.
                    (None, _) if self.depth > 1 => self.skip = Some(self.depth),
                    (None, _) => {}
                }
                Ok(())
            }
        }
    }

    fn in_sheets(&mut self, tag: &Tag<'_>, name: &[u8], own: usize) -> Result<(), Refusal> {
        if let Some(table) = &mut self.table {
            return match table.open(tag, name, self.depth, &mut self.shared) {
                Ok(true) => Ok(()),
                Ok(false) => self.beside(tag, name),
                Err(refusal) => Err(refusal.on_sheet(&table.sheet.name)),
            };
        }
        match name {
            b"table" if self.depth == own + 1 && !is_elsewhere(tag) => {
                if self.sheets.len() >= SHEETS {
                    return Err(Refusal::too_large(&format!("it has more than {SHEETS} sheets")));
                }
                self.table = Some(Table::new(self.sheets.len(), tag, &self.shared.styles));
            }
            b"calculation-settings" | b"database-ranges" => {}
            b"null-date" => {
                if let Some(zero) = tag.text(b"date-value").as_deref().and_then(iso_date) {
                    self.shared.zero = zero.date();
                    let mac = zero.date().to_string() == "1904-01-01";
                    self.shared.keeper.epoch = if mac { Epoch::Mac } else { Epoch::Windows };
                }
            }
            b"database-range" => {
                self.range = tag.text(b"target-range-address").as_deref().and_then(formula::sheet);
            }
            b"filter" | b"filter-and" | b"filter-or" if self.range.is_some() => {}
            b"filter-condition" => self.filtered.extend(self.range.take().map(|name| tidy(&name))),
            _ => return self.beside(tag, name),
        }
        Ok(())
    }

    /// Names stand beside the cells, of the workbook or of one sheet; all else is passed over.
    fn beside(&mut self, tag: &Tag<'_>, name: &[u8]) -> Result<(), Refusal> {
        match name {
            b"named-expressions" => Ok(()),
            b"named-expression" | b"named-range" => self.name(tag),
            _ => {
                self.skip = Some(self.depth);
                Ok(())
            }
        }
    }

    fn close(&mut self, name: &[u8]) -> Result<(), Refusal> {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        if self.skip.is_some() {
            self.skip = self.skip.filter(|own| *own != depth);
            return Ok(());
        }
        if self.body == Some(depth) {
            self.body = None;
        }
        let Some((within, own)) = self.within else { return Ok(()) };
        if depth == own {
            self.within = None;
            return Ok(());
        }
        match within {
            Within::Styles => self.shared.styles.close(name),
            Within::Sheets => {
                let table_ends = depth == own + 1;
                if let Some(table) = self.table.take_if(|_| table_ends) {
                    let name = table.sheet.name.clone();
                    self.sheets.push(table.finish(&mut self.shared).map_err(|r| r.on_sheet(&name))?);
                } else if let Some(table) = &mut self.table
                    && let Err(refusal) = table.close(name, depth, &mut self.shared)
                {
                    return Err(refusal.on_sheet(&table.sheet.name));
                }
            }
            Within::Properties => {
                if let Some((name, text)) = self.property.take_if(|_| depth == own + 1)
                    && !text.is_empty()
                    && self.properties.len() < NAMES
                {
                    let text = tidy(&text);
                    self.properties
                        .entry(name)
                        .and_modify(|all| {
                            // Each keyword is a property of its own.
                            all.push_str(", ");
                            all.push_str(&text);
                        })
                        .or_insert_with(|| text.clone());
                }
            }
        }
        Ok(())
    }

    fn name(&mut self, tag: &Tag<'_>) -> Result<(), Refusal> {
        let text = match tag.text(b"expression") {
            Some(expression) => formula::excel(&expression, &mut self.shared.links),
            None => formula::address(&tag.text(b"cell-range-address").unwrap_or_default()),
        };
        let name = tag.text(b"name").unwrap_or_default();
        self.shared.keeper.tally.text(name.len() + text.len())?;
        if self.names.len() < NAMES {
            self.names.insert(tidy(&name), tidy(text.trim_matches('"')));
        }
        Ok(())
    }
}

/// The name of the property that a tag opens, as an Excel workbook has it.
fn property(tag: &Tag<'_>) -> Option<String> {
    Some(
        match tag.name() {
            b"initial-creator" => "creator",
            b"creator" => "last modified by",
            b"creation-date" => "created",
            b"date" => "modified",
            b"title" => "title",
            b"subject" => "subject",
            b"description" => "description",
            b"keyword" => "keywords",
            b"generator" => "application",
            b"user-defined" => return tag.text(b"name").map(|name| tidy(&name)),
            _ => return None,
        }
        .to_owned(),
    )
}
