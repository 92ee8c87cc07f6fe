//! What a workbook says before its sheets: which sheets there are, the texts they share, how cells look, names, other
//! workbooks. The cells are left to `sheet`, the text of formulas to `formula`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::guard::{self, Refusal, SHEETS, STRINGS};
use super::super::value::Epoch;
use super::super::{SheetState, keep};
use super::formula::{Extern, Links, Other};
use super::record::{Coding, Record, Records, page};
use super::style::Styles;

/// A sheet as the workbook lists it.
#[derive(Debug)]
pub(super) struct Bound {
    /// Its name.
    pub(super) name: String,
    /// Whether people see it.
    pub(super) state: SheetState,
    /// Where its records begin in the stream.
    pub(super) start: usize,
    /// What stands on it.
    pub(super) holds: Holds,
}

/// What stands on a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Cells.
    Cells,
    /// Commands in cells: the macros of before 1993.
    Macros,
    /// A chart, a module, a dialogue.
    Other,
}

/// The workbook without its cells.
#[derive(Debug)]
pub(super) struct Book<'a> {
    /// How letters are stored.
    pub(super) coding: Coding,
    /// From which day dates count.
    pub(super) epoch: Epoch,
    /// The sheets in their order.
    pub(super) sheets: Vec<Bound>,
    /// The texts that cells share.
    pub(super) strings: Vec<String>,
    /// How cells look.
    pub(super) styles: Styles,
    /// Defined names: their tokens are text as soon as all sheets and names are known.
    pub(super) names: Vec<(String, &'a [u8])>,
    /// What formulas refer to.
    pub(super) links: Links,
    /// The number of a code page that we cannot read.
    pub(super) unknown_page: Option<u16>,
}

impl<'a> Book<'a> {
    /// Reads the records from the start of the stream to the end of the workbook's own.
    pub(super) fn read(stream: &'a [u8]) -> Result<Self, Refusal> {
        let mut records = Records::new(stream);
        let first = records.next()?;
        let (version, holds) = match first.kind {
            0x0809 => (first.short(0)?, first.short(2)?),
            // The kinds of record of Excel 2 to 4.
            0x0009 | 0x0209 | 0x0409 => return Err(too_old()),
            _ => return Err(Refusal::damaged()),
        };
        let coding = match (version, holds) {
            (0x0600, 0x0005) => Coding::Unicode,
            (0x0500, 0x0005) => Coding::Page(encoding_rs::WINDOWS_1252),
            (0x0200..=0x0400, _) | (_, 0x0100) => return Err(too_old()),
            _ => return Err(Refusal::damaged()),
        };
        let mut book = Self {
            coding,
            epoch: Epoch::Windows,
            sheets: Vec::new(),
            strings: Vec::new(),
            styles: Styles::new(),
            names: Vec::new(),
            links: Links::new(matches!(coding, Coding::Page(_))),
            unknown_page: None,
        };
        loop {
            let record = records.next()?;
            match record.kind {
                0x000A => break,
                // All that follows is encrypted.
                0x002F => return Err(guard::password()),
                _ => book.record(&record)?,
            }
        }
        book.links.sheets = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        book.links.names = book.names.iter().map(|(name, _)| name.clone()).collect();
        book.listed_once()?;
        Ok(book)
    }

    /// Defined names with their text.
    pub(super) fn named(&mut self) -> BTreeMap<String, String> {
        let Self { names, links, .. } = self;
        names
            .iter()
            // Functions of Excel 2007 have a name here, because Excel 2003 knows them by name only.
            .filter(|(name, _)| !name.starts_with("_xlfn."))
            .filter_map(|(name, tokens)| {
                let text = links.text(tokens, crate::cell::Cell::new(0, 0))?;
                Some((keep::tidy(name), keep::tidy(text.trim_matches('"'))))
            })
            .collect()
    }

    fn record(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        match record.kind {
            0x0042 => {
                // Since Excel 97 it says 1200, and letters say themselves how they are stored.
                let number = record.short(0)?;
                if let Coding::Page(_) = self.coding {
                    match page(number) {
                        Some(page) => self.coding = Coding::Page(page),
                        None => self.unknown_page = Some(number),
                    }
                }
            }
            0x0022 if record.short(0)? == 1 => self.epoch = Epoch::Mac,
            0x0085 => self.sheet(record)?,
            0x00FC => self.shared_texts(record)?,
            0x041E => {
                let id = record.short(0)?;
                let code = match self.coding {
                    Coding::Unicode => {
                        let mut cursor = record.cursor(2)?;
                        let letters = cursor.short()?;
                        cursor.text(letters.into(), self.coding)?
                    }
                    Coding::Page(_) => self.brief(record, 2)?,
                };
                self.styles.format(id, &code);
            }
            0x00E0 => self.styles.cell(record.data, matches!(self.coding, Coding::Unicode)),
            0x0092 => self.styles.palette(record.data),
            0x0018 => self.name(record)?,
            0x01AE => self.other_workbook(record)?,
            0x0023 => self.name_elsewhere(record),
            0x0017 => self.links_to(record)?,
            _ => {}
        }
        Ok(())
    }

    /// A text whose length stands in one byte before it.
    fn brief(&self, record: &Record<'a>, at: usize) -> Result<String, Refusal> {
        let mut cursor = record.cursor(at)?;
        let letters = cursor.byte()?;
        cursor.text(letters.into(), self.coding)
    }

    fn sheet(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        let mut cursor = record.cursor(0)?;
        let start = cursor.long()? as usize;
        let state = match cursor.byte()? & 3 {
            0 => SheetState::Visible,
            1 => SheetState::Hidden,
            _ => SheetState::VeryHidden,
        };
        let holds = match cursor.byte()? {
            0 => Holds::Cells,
            1 => Holds::Macros,
            _ => Holds::Other,
        };
        let name = self.brief(record, 6)?;
        self.sheets.push(Bound { name, state, start, holds });
        if self.sheets.len() > SHEETS {
            return Err(Refusal::too_large(&format!("it has more than {SHEETS} sheets")));
        }
        Ok(())
    }

    /// As in every format: a workbook without sheets, or with two of one name, was not written by a spreadsheet program.
    fn listed_once(&self) -> Result<(), Refusal> {
        let mut names = BTreeSet::new();
        let twice = self.sheets.iter().any(|sheet| !names.insert(sheet.name.to_lowercase()));
        if twice || self.sheets.is_empty() { Err(Refusal::damaged()) } else { Ok(()) }
    }

    fn shared_texts(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        let mut cursor = record.cursor(4)?;
        let declared = cursor.long()? as usize;
        // Each takes three bytes at least; what is declared and cannot be there is a lie about memory.
        if declared > cursor.room() / 3 {
            return Err(Refusal::unsafe_file(&format!(
                "its list of texts says that it holds {declared} of them, and there is room for {}",
                cursor.room() / 3
            )));
        }
        if declared > STRINGS {
            return Err(Refusal::too_large("it has more than a million different texts"));
        }
        self.strings = Vec::with_capacity(declared);
        for _ in 0..declared {
            // Programs have miscounted; a cell whose text is not there is reported.
            if cursor.is_at_end() {
                break;
            }
            let letters = cursor.short()?;
            self.strings.push(cursor.text(letters.into(), self.coding)?);
        }
        Ok(())
    }

    fn name(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        let flags = record.short(0)?;
        let mut cursor = record.cursor(3)?;
        let letters = cursor.byte()?;
        let tokens = usize::from(cursor.short()?);
        let name = record.cursor(14)?.text(letters.into(), self.coding)?;
        // Names that the program gives itself are a number in place of the first letter; today's files spell them out.
        let first = if matches!(self.coding, Coding::Unicode) { 15 } else { 14 };
        let number = record.data.get(first).copied().filter(|_| flags & 0x20 != 0);
        let name = number.and_then(built_in).map_or(name, str::to_owned);
        // The tokens come last, but for what arrays hold; there the text cannot be told, and need not.
        let wide = record.data.get(14).is_some_and(|f| f & 1 == 1);
        let head = match self.coding {
            Coding::Unicode => 15 + usize::from(letters) * if wide { 2 } else { 1 },
            Coding::Page(_) => 14 + usize::from(letters),
        };
        let tokens = record.data.get(head..head + tokens).unwrap_or_default();
        self.names.push((name, tokens));
        Ok(())
    }

    fn other_workbook(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        let count = record.short(0)?;
        let other = match (record.data.len(), record.short(2)?) {
            (4, 0x0401) => Other::Own,
            (4, 0x3A01) => Other::AddIn(Vec::new()),
            _ => {
                let mut cursor = record.cursor(2)?;
                let letters = cursor.short()?;
                cursor.text(letters.into(), self.coding)?;
                let mut sheets = Vec::new();
                for _ in 0..count {
                    let letters = cursor.short()?;
                    sheets.push(cursor.text(letters.into(), self.coding)?);
                }
                Other::Workbook { number: self.links.workbooks(), sheets, names: Vec::new() }
            }
        };
        self.links.others.push(other);
        Ok(())
    }

    /// A name in the workbook or add-in that was spoken of last. Names that cannot be read leave formulas without them.
    fn name_elsewhere(&mut self, record: &Record<'a>) {
        let Coding::Unicode = self.coding else { return };
        let name = self.brief(record, 6).unwrap_or_default();
        match self.links.others.last_mut() {
            Some(Other::AddIn(names) | Other::Workbook { names, .. }) => names.push(name),
            Some(Other::Own) | None => {}
        }
    }

    fn links_to(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        match self.coding {
            Coding::Unicode => {
                let mut cursor = record.cursor(0)?;
                for _ in 0..cursor.short()? {
                    let other = usize::from(cursor.short()?);
                    let (first, last) = (cursor.short()?, cursor.short()?);
                    self.links.externs.push(Extern::Sheets { other, first, last });
                }
            }
            // Letters come first: a sheet of this workbook (3), or another workbook's.
            Coding::Page(_) => {
                let own = record.data.get(1) == Some(&3);
                let letters = usize::from(record.data.first().copied().unwrap_or(0));
                let name = record.cursor(2)?.text(letters.min(record.data.len() - 2), self.coding)?;
                self.links.externs.push(if own {
                    Extern::Name(name)
                } else {
                    Extern::Elsewhere(self.links.externs.len())
                });
            }
        }
        Ok(())
    }
}

fn built_in(number: u8) -> Option<&'static str> {
    const NAMES: [&str; 14] = [
        "_xlnm.Consolidate_Area",
        "_xlnm.Auto_Open",
        "_xlnm.Auto_Close",
        "_xlnm.Extract",
        "_xlnm.Database",
        "_xlnm.Criteria",
        "_xlnm.Print_Area",
        "_xlnm.Print_Titles",
        "_xlnm.Recorder",
        "_xlnm.Data_Form",
        "_xlnm.Auto_Activate",
        "_xlnm.Auto_Deactivate",
        "_xlnm.Sheet_Title",
        "_xlnm._FilterDatabase",
    ];
    NAMES.get(usize::from(number)).copied()
}

fn too_old() -> Refusal {
    Refusal::new(
        "FIL-01",
        "This file is a workbook of Excel 4 or older, which we cannot read.",
        "Open it in Excel, choose File, Save As, “Excel Workbook (.xlsx)”, and send that.",
    )
}
