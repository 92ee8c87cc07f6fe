//! From cells to figures, by words: blocks, columns and rows are found by what is written on the template, never by
//! position. Every cell that holds something ends as a value, a label, in a finding, or in the list of what was passed over.

mod bare;
mod context;
mod stub;
mod tree;
pub use stub::fold;

use std::collections::BTreeMap;

use crate::cell::{Address, Pointer};
use crate::figure::{Figure, Interval};

pub use bare::at;
pub use context::{Context, Waiver};
pub use tree::{View, Worked};

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
    /// How the agency hides small numbers.
    pub regime: Regime,
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
    /// The figures that we work out, typed or not, by pointer.
    pub worked: BTreeMap<Pointer, Worked>,
    /// The words on the template for each pointer: `Children on a plan at 31 March · Neglect`.
    pub words: BTreeMap<Pointer, String>,
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
