//! From cells to figures, by words: blocks, columns and rows are found by what is written on the template, never by
//! position. Every cell that holds something ends as a value, a label, in a finding, or in the list of what was passed over.

mod across;
mod again;
mod bands;
mod bare;
mod column;
mod comment;
mod context;
mod cover;
mod decision;
mod desk;
mod drift;
mod epoch;
mod form;
mod grid;
mod heading;
mod left;
mod lines;
mod list;
mod locate;
mod lost;
mod printed;
mod rows;
mod section;
mod shares;
mod sheets;
mod table;
mod tidy;
mod title;
mod total;
mod tree;
mod twin;
mod unseen;
mod words;
mod year;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::cell::{Address, Pointer};
use crate::figure::{Figure, Interval};
use crate::finding::{Finding, Findings, Place, Reach, Severity, Verdict};
use crate::schema::model::Section;
use crate::schema::{Agencies, Schemas};
use crate::workbook::{Entry, Format, Value, Workbook};
use desk::Desk;
use grid::Grid;

pub use bare::at;
pub use context::{Answered, Asked, Context, Counts, SameNumber};
pub use decision::{Decision, Unclear, Waiver, day};
pub use drift::{Change, Drift, Part};
pub use tree::{Trees, View, Worked, known, of_body, shown};
pub use words::fold;

/// What extraction needs to know of a pack.
pub struct Layouts<'a> {
    /// Bodies and years.
    pub agencies: &'a Agencies,
    /// The cover.
    pub cover: &'a Section,
    /// The sheet of explanations.
    pub explanations: &'a Section,
    /// The sections of a kind of agency in a year; `None` where there are none.
    pub sections: &'a dyn Fn(&str, &str) -> Option<&'a [Section]>,
}

/// What an agency reports for a year, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub struct Return {
    /// The reporting year on the cover, `2021-22`; empty where it could not be read.
    pub year: String,
    /// The body on the cover; empty where it could not be read.
    pub body: String,
    /// The kind of that body.
    pub kind: String,
    /// The submission number on the cover.
    pub submission_no: Option<u32>,
    /// Of what is put together from several submissions: the number of the one that each section is of.
    pub numbers: BTreeMap<String, u32>,
    /// How the agency hides small numbers.
    pub regime: Regime,
    /// Days by which the dates that the file counts are put right: it says another day to count from than it does.
    pub shift: i64,
    /// The dates of the file are text, all written by one program, which writes the day first.
    pub day_first: bool,
    /// Sheets found, by section key (`cover` and `explanations` too), with the position of the sheet.
    pub sheets: BTreeMap<String, usize>,
    /// Sections declared nil on the cover.
    pub nil: Vec<String>,
    /// Every figure of every section found, blank ones too, by pointer.
    pub figures: BTreeMap<Pointer, Figure>,
    /// The keys of each list's rows in the order of the sheet, by the list's pointer.
    pub lists: BTreeMap<Pointer, Vec<String>>,
    /// What became of each cell that holds something.
    pub uses: BTreeMap<Address, Use>,
    /// Where the return differs from its template.
    pub drift: Vec<Drift>,
    /// The figures that we work out, typed or not, by pointer.
    pub worked: BTreeMap<Pointer, Worked>,
    /// The words on the template for each pointer: `Children on a plan at 31 March · Neglect`.
    pub words: BTreeMap<Pointer, String>,
    /// What was asked about it and answered, once it is accepted: next year's suggestions.
    pub answered: Vec<Answered>,
}

/// What became of a cell that holds something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// It is this figure (or its flag or note).
    Value(Pointer),
    /// It is a title, a heading or a row's label.
    Label,
    /// A finding speaks about it.
    Finding,
    /// It was passed over, and why.
    Passed(String),
}

/// How an agency hides small numbers (domain B.0.3), stated on its cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Regime {
    /// What a `c` may stand for without secondary suppression: `1-5` is (1, 5). `None`: true counts are sent.
    pub range: Option<(u32, u32)>,
    /// Other cells may be hidden to protect the first: `c` may then be anything.
    pub secondary: bool,
    /// Counts are rounded to this.
    pub round: Option<u32>,
}

impl Regime {
    /// What a `c` may be.
    #[must_use]
    pub fn confidential(&self) -> Interval {
        match self.range {
            Some((low, high)) if !self.secondary => Interval::new(f64::from(low), f64::from(high)),
            _ => Interval::at_least(0.0),
        }
    }
}

impl Return {
    /// Reads all figures of a workbook. What cannot be read is a finding; what is not read is listed in `uses`.
    #[must_use]
    pub fn extract(workbook: &Workbook, context: &Context, schemas: &Schemas, findings: &mut Findings) -> Self {
        let sections = |kind: &str, year: &str| schemas.form(kind, year).map(|form| form.sections.as_slice());
        let layouts = Layouts {
            agencies: &schemas.agencies,
            cover: &schemas.cover,
            explanations: &schemas.explanations,
            sections: &sections,
        };
        Self::read(workbook, context, &layouts, findings)
    }

    /// As [`Return::extract`], from the layouts alone.
    #[must_use]
    pub fn read(workbook: &Workbook, context: &Context, layouts: &Layouts<'_>, findings: &mut Findings) -> Self {
        let (workbook, covered) = unseen::uncovered(without_private(workbook, findings));
        let mut out = Self::default();
        out.uses.extend(covered.iter().map(|at| (*at, Use::Passed(unseen::COVERED.to_owned()))));
        out.read_sheets(&workbook, context, layouts, findings);
        unseen::tell(&workbook, &covered, &out, layouts, findings);
        out
    }

    /// Reads the cover, and after it the sheets of the form that it asks for.
    fn read_sheets(&mut self, workbook: &Workbook, context: &Context, layouts: &Layouts<'_>, findings: &mut Findings) {
        if workbook.sheets.is_empty() {
            return;
        }
        let Some(sheet) = sheets::cover(workbook, layouts.cover, findings) else {
            no_cover(workbook, layouts.cover, findings);
            self.pass_rest(workbook, "there is no cover, so nothing was read");
            return;
        };
        self.day_first = workbook.format == Some(Format::Csv) && tidy::all_day_first(texts(workbook));
        self.sheet(workbook, sheet, layouts.cover, findings);
        if !cover::identify(workbook, context, layouts, self, findings) {
            self.pass_rest(workbook, "the cover does not say who sent this for which year, so nothing else was read");
            return;
        }
        let Some(sections) = (layouts.sections)(&self.kind, &self.year) else {
            let message = format!("There is no template for your kind of agency in {}.", self.year);
            let at = Pointer::section("cover").child("reporting_year");
            findings.add(
                Finding::new("XPE-11", Severity::Error, at.clone(), Reach::Submission, message)
                    .with_help("Please ask the partnership for the right template.")
                    .with_label(Place::Figure(at), self.year.clone()),
            );
            self.pass_rest(workbook, "there is no template for this agency and year");
            return;
        };
        epoch::settle(workbook, layouts.cover, self, findings);
        cover::nil(sections, self, findings);
        cover::widen(sections, findings);
        if let Some(sheet) = sheets::named(workbook, layouts.explanations)
            .first()
            .copied()
            .filter(|s| !self.sheets.values().any(|o| o == s))
        {
            self.sheet(workbook, sheet, layouts.explanations, findings);
        }
        for (i, sheet) in sheets::settle(workbook, sections, self, findings) {
            if let Some(section) = sections.get(i) {
                self.sheet(workbook, sheet, section, findings);
            }
        }
    }

    /// Reads one sheet as one section into this return.
    pub fn sheet(&mut self, workbook: &Workbook, sheet: usize, section: &Section, findings: &mut Findings) {
        let Some(cells) = workbook.sheets.get(sheet) else { return };
        self.sheets.insert(section.key.clone(), sheet);
        let grid = Grid::new(cells, sheet);
        let year = self.year.clone();
        let csv = workbook.format == Some(Format::Csv);
        section::read(Desk::new(&grid, section, &year, csv, self), findings);
    }

    /// What nothing has become of so far was passed over, for one reason.
    fn pass_rest(&mut self, workbook: &Workbook, why: &str) {
        for (index, sheet) in workbook.sheets.iter().enumerate() {
            for cell in sheet.cells.iter().filter(|(_, entry)| !entry.is_blank()).map(|(cell, _)| *cell) {
                self.uses.entry(Address::new(index, cell)).or_insert_with(|| Use::Passed(why.to_owned()));
            }
        }
    }

    /// Puts one section of another return of this body and year in the place of the one here.
    pub fn replace_section(&mut self, from: &Self, section: &str) {
        let top = Pointer::section(section);
        self.year.clone_from(&from.year);
        self.body.clone_from(&from.body);
        self.kind.clone_from(&from.kind);
        self.submission_no = from.submission_no;
        self.numbers.remove(section);
        self.numbers.extend(from.submission_no.map(|number| (section.to_owned(), number)));
        self.regime = from.regime;
        replace(&mut self.figures, &from.figures, &top);
        replace(&mut self.worked, &from.worked, &top);
        replace(&mut self.lists, &from.lists, &top);
        replace(&mut self.words, &from.words, &top);
        self.nil.retain(|key| key != section);
        self.nil.extend(from.nil.iter().filter(|key| *key == section).cloned());
        self.sheets.remove(section);
        self.sheets.extend(from.sheets.get(section).map(|sheet| (section.to_owned(), *sheet)));
    }

    /// This return with sections of another of this body and year in it. What its own cover says stays.
    #[must_use]
    pub fn with_sections<'k>(&self, from: &Self, sections: impl IntoIterator<Item = &'k str>) -> Self {
        let mut both = self.clone();
        for section in sections {
            both.replace_section(from, section);
            both.numbers.remove(section);
            both.numbers.extend(from.numbers.get(section).map(|number| (section.to_owned(), *number)));
        }
        both.year.clone_from(&self.year);
        both.body.clone_from(&self.body);
        both.kind.clone_from(&self.kind);
        both.submission_no = self.submission_no;
        both.regime = self.regime;
        both
    }

    /// Where a figure stands or would stand.
    #[must_use]
    pub fn cell(&self, pointer: &Pointer) -> Option<Address> {
        self.figures.get(pointer)?.cell
    }

    /// The words on the template for a pointer, or the pointer itself.
    #[must_use]
    pub fn words(&self, pointer: &Pointer) -> String {
        self.words.get(pointer).cloned().unwrap_or_else(|| pointer.to_string())
    }

    /// The figure that a cell holds: the map read the other way.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<&Figure> {
        match self.uses.get(&address)? {
            Use::Value(pointer) => self.figures.get(pointer),
            Use::Label | Use::Finding | Use::Passed(_) => None,
        }
    }
}

/// Puts what one map says of a place and what is inside it in the place of what the other says.
fn replace<T: Clone>(into: &mut BTreeMap<Pointer, T>, from: &BTreeMap<Pointer, T>, top: &Pointer) {
    into.retain(|pointer, _| !pointer.is_within(top));
    into.extend(from.iter().filter(|(p, _)| p.is_within(top)).map(|(pointer, value)| (pointer.clone(), value.clone())));
}

fn texts(workbook: &Workbook) -> impl Iterator<Item = &str> {
    workbook.sheets.iter().flat_map(|s| s.cells.values()).filter_map(|entry| match &entry.value {
        Value::Text(text) => Some(text.as_str()),
        Value::Nothing | Value::Number(_) | Value::Truth(_) | Value::Date(_) | Value::Error(_) => None,
    })
}

fn no_cover(workbook: &Workbook, cover: &Section, findings: &mut Findings) {
    let help = match (workbook.format, workbook.sheets.as_slice()) {
        (Some(Format::Csv), [_]) => format!(
            "A csv file is one sheet only. Please send the whole workbook (.xlsx), or a zip with one csv file for each sheet, \
             “{}” among them.",
            cover.title.to_lowercase() + ".csv"
        ),
        _ => format!("Please send the whole workbook, with the sheet “{}” filled in.", cover.title),
    };
    let at = Pointer::section(&cover.key);
    findings.account("CMP-06", at.clone(), Verdict::Failed);
    findings.add(
        Finding::new(
            "CMP-06",
            Severity::Error,
            at,
            Reach::Submission,
            format!("There is no sheet “{}”, so we cannot tell who sent this and for which year.", cover.title),
        )
        .with_help(help)
        .with_label(Place::File, "no cover"),
    );
}

/// The workbook with the cells that hold suspected personal data blotted out, so that nothing here can quote them.
fn without_private<'a>(workbook: &'a Workbook, findings: &Findings) -> Cow<'a, Workbook> {
    let private: BTreeSet<Address> = findings
        .list()
        .iter()
        .filter(|f| f.private)
        .flat_map(|f| &f.labels)
        .filter_map(|label| match label.place {
            Place::Cell(address) => Some(address),
            Place::Figure(_) | Place::Before(_) | Place::Sheet(_) | Place::File => None,
        })
        .collect();
    if private.is_empty() {
        return Cow::Borrowed(workbook);
    }
    let mut blotted = workbook.clone();
    for address in private {
        if let Some(entry) = blotted.sheets.get_mut(address.sheet).and_then(|s| s.cells.get_mut(&address.cell)) {
            *entry = Entry { value: Value::Text("•••".to_owned()), ..Entry::default() };
        }
    }
    Cow::Owned(blotted)
}
