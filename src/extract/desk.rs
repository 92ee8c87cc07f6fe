//! Where one sheet is read against one section: figures, words, uses of cells and findings are put down here.
//! Knows nothing of how blocks are found.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Grid;
use super::rows;
use super::tidy::{self, Ask};
use super::words::cut;
use super::{Drift, Regime, Return, Use};
use crate::cell::{Cell, Pointer};
use crate::figure::{Bare, Figure, Interval, Status};
use crate::finding::{Finding, Findings, Place, Reach, Severity};
use crate::schema::model::{Kind, Measure, Section};

/// One sheet and the section it is read as.
pub(super) struct Desk<'a> {
    pub grid: &'a Grid<'a>,
    pub section: &'a Section,
    pub root: Pointer,
    /// The reporting year; empty while the cover is read.
    pub year: String,
    pub regime: Regime,
    pub csv: bool,
    pub out: &'a mut Return,
    findings: Vec<Finding>,
    /// Formulas without a saved result: one fault of the file, however many there are.
    unsaved: Vec<Finding>,
    /// Rules that have something to look at on this sheet, beyond those that always do.
    pub seen: BTreeMap<&'static str, ()>,
    /// Figures that are ours to compute.
    pub derived: BTreeSet<Pointer>,
    /// Figures whose cell is covered by a merged one, by the cell that holds the value.
    covered: BTreeMap<Cell, Vec<Pointer>>,
}

/// A figure to be read: what it means and where it stands.
pub(super) struct Slot<'s> {
    pub pointer: Pointer,
    pub words: String,
    pub measure: &'s Measure,
    /// Where it stands or would stand.
    pub cell: Option<Cell>,
    /// Where flags stand.
    pub flag: Option<Cell>,
    /// Where a remark stands.
    pub note: Option<Cell>,
    /// The rule that already speaks about it: read quietly.
    pub fault: Option<&'static str>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(grid: &'a Grid<'a>, section: &'a Section, year: &str, csv: bool, out: &'a mut Return) -> Self {
        let root = Pointer::section(&section.key);
        out.words.insert(root.clone(), section.title.clone());
        let regime = out.regime;
        Self {
            grid,
            section,
            root,
            year: year.to_owned(),
            regime,
            csv,
            out,
            findings: Vec::new(),
            unsaved: Vec::new(),
            seen: BTreeMap::new(),
            derived: BTreeSet::new(),
            covered: BTreeMap::new(),
        }
    }

    fn reach(&self) -> Reach {
        if self.section.key == "explanations" { Reach::Explanation } else { Reach::section(&self.section.key) }
    }

    /// A finding about this section.
    pub(super) fn finding(&self, rule: &str, severity: Severity, at: &Pointer, message: impl Into<String>) -> Finding {
        Finding::new(rule, severity, at.clone(), self.reach(), message)
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A difference of this sheet from its template.
    pub(super) fn drift(&mut self, drift: Drift) {
        self.out.drift.push(drift.on(&self.section.key, Some(self.grid.index())));
    }

    /// A place on this sheet.
    pub(super) fn place(&self, cell: Cell) -> Place {
        Place::Cell(self.grid.address(cell))
    }

    /// Says what became of a cell; the first word counts, but a value beats a label.
    pub(super) fn mark(&mut self, cell: Cell, used: Use) {
        if !self.grid.filled(cell) {
            return;
        }
        let address = self.grid.address(cell);
        let better = match (self.out.uses.get(&address), &used) {
            (None, _) => true,
            (Some(Use::Value(_)), _) => false,
            (Some(_), Use::Value(_)) => true,
            (Some(Use::Passed(_)), Use::Label | Use::Finding) => true,
            (Some(_), Use::Label | Use::Finding | Use::Passed(_)) => false,
        };
        if better {
            self.out.uses.insert(address, used);
        }
    }

    pub(super) fn label(&mut self, cell: Cell) {
        self.mark(cell, Use::Label);
    }

    pub(super) fn pass(&mut self, cell: Cell, why: &str) {
        self.mark(cell, Use::Passed(why.to_owned()));
    }

    /// Whether something has already become of a cell.
    pub(super) fn used(&self, cell: Cell) -> bool {
        self.out.uses.contains_key(&self.grid.address(cell))
    }

    /// Reads a figure from its cell and keeps it.
    pub(super) fn take(&mut self, slot: Slot<'_>) {
        let Slot { pointer, words, measure, cell, flag, note, fault } = slot;
        if measure.derived {
            self.derived.insert(pointer.clone());
        }
        let ask = Ask {
            measure,
            words: &words,
            regime: self.regime,
            csv: self.csv,
            shift: self.out.shift,
            day_first: self.out.day_first,
        };
        let entry = cell.and_then(|c| self.grid.entry(c));
        let mut tidied = tidy::read(entry, &ask);
        if let Some(fault) = fault {
            tidied.remarks.clear();
            tidied.fault = Some(fault);
        }
        if let Some(flag) = flag {
            self.read_flag(flag, &pointer, &words, measure, &mut tidied);
        }
        if let Some(note) = note.filter(|n| self.grid.filled(*n)) {
            let text = self.grid.text(note);
            if tidied.bare == Bare::Blank
                && tidied.fault.is_none()
                && measure.kind.is_number()
                && tidy::is_number(&text)
            {
                let finding = self
                    .finding(
                        "TPL-07",
                        Severity::Query,
                        &pointer,
                        format!("“{words}” is blank, but the note beside it says {}. Is that the figure?", cut(&text)),
                    )
                    .with_help(
                        "If it is, please type it in the column of figures. If not, please say in words what it is.",
                    )
                    .with_label(self.place(note), format!("note: {}", cut(&text)));
                self.add(finding);
            }
            tidied.note = Some(tidied.note.map_or_else(|| text.clone(), |n| format!("{n} {text}")));
            self.mark(note, Use::Value(pointer.clone()));
        }
        if measure.kind == Kind::Text && rows::is_nobody(&tidied.typed) {
            let typed = cut(&tidied.typed);
            let message = format!("“{words}” says “{typed}”, the name of nobody: it looks like an example left in.");
            let mut finding = self
                .finding("TPL-07", Severity::Query, &pointer, message)
                .with_help("Please type your own answer: a role, never the name of a person.")
                .with_label(cell.map_or_else(|| Place::Figure(pointer.clone()), |c| self.place(c)), typed.clone());
            finding.state = vec![(pointer.clone(), typed)];
            self.add(finding);
        }
        for remark in &tidied.remarks {
            let place = cell.map_or_else(|| Place::Figure(pointer.clone()), |c| self.place(c));
            let shown = if tidied.typed.is_empty() {
                format!("“{words}”")
            } else {
                format!("“{words}”: {}", cut(&tidied.typed))
            };
            let mut finding = self
                .finding(remark.rule, remark.severity, &pointer, remark.message.clone())
                .with_help(remark.help.clone())
                .with_label(place, shown);
            finding.found = (!tidied.typed.is_empty()).then(|| cut(&tidied.typed));
            finding.expected = remark.expected.clone();
            finding.state = vec![(pointer.clone(), cut(&tidied.typed))];
            if tidied.unsaved { self.unsaved.push(finding) } else { self.add(finding) }
        }
        if let Some(cell) = cell {
            self.mark(cell, Use::Value(pointer.clone()));
            let anchor = self.grid.anchor(cell);
            if anchor != cell && self.grid.filled(anchor) {
                self.covered.entry(anchor).or_default().push(pointer.clone());
            }
        }
        let figure = Figure {
            pointer: pointer.clone(),
            cell: cell.map(|c| self.grid.address(c)),
            bare: tidied.bare,
            interval: if tidied.fault.is_some() { Interval::UNKNOWN } else { tidied.interval },
            status: tidied.status,
            decimals: tidied.decimals,
            typed: tidied.typed,
            note: tidied.note,
            computed: false,
            fault: tidied.fault.map(Into::into),
        };
        self.out.words.insert(pointer.clone(), words);
        self.out.figures.insert(pointer, figure);
    }

    /// A column of flags beside the figure; a marker typed there instead of in the figure's cell counts too.
    fn read_flag(&mut self, flag: Cell, pointer: &Pointer, words: &str, measure: &Measure, tidied: &mut tidy::Tidied) {
        if !self.grid.filled(flag) {
            return;
        }
        let text = self.grid.text(flag);
        self.mark(flag, Use::Value(pointer.clone()));
        match tidy::status_letters(&text) {
            Ok(flags) => {
                let new: Vec<Status> = flags.into_iter().filter(|f| !tidied.status.contains(f)).collect();
                tidied.status.extend(new);
            }
            Err(_) if tidied.bare == Bare::Blank && tidied.fault.is_none() && tidy::is_marker(&text) => {
                let ask = Ask {
                    measure,
                    words,
                    regime: self.regime,
                    csv: self.csv,
                    shift: self.out.shift,
                    day_first: self.out.day_first,
                };
                let text = crate::workbook::Entry::text(text);
                *tidied = tidy::read(Some(&text), &ask);
            }
            Err(_) => {
                let finding = self
                    .finding(
                        "COD-06",
                        Severity::Error,
                        pointer,
                        format!("The status beside “{words}” says “{}”. We do not know what that means.", cut(&text)),
                    )
                    .with_help("Please use p (provisional), r (revised), e (estimated), f (forecast) or b (break in series), or leave it blank.")
                    .with_label(self.place(flag), format!("status: {}", cut(&text)));
                self.add(finding);
            }
        }
    }

    /// Puts a figure down that has no readable place, because a rule speaks about its column, row or label.
    pub(super) fn lose(&mut self, pointer: Pointer, words: String, cell: Option<Cell>, fault: Option<&'static str>) {
        let figure = Figure {
            pointer: pointer.clone(),
            cell: cell.map(|c| self.grid.address(c)),
            bare: Bare::Blank,
            interval: Interval::UNKNOWN,
            status: Vec::new(),
            decimals: 0,
            typed: String::new(),
            note: None,
            computed: false,
            fault: fault.map(Into::into),
        };
        self.out.words.insert(pointer.clone(), words);
        self.out.figures.entry(pointer).or_insert(figure);
    }

    /// Formulas without a result: a single one is said at its figure, several in one finding of the sheet.
    fn tell_unsaved(&mut self) {
        let unsaved = std::mem::take(&mut self.unsaved);
        if unsaved.len() < 2 {
            return self.findings.extend(unsaved);
        }
        let message = format!(
            "{} cells of “{}” hold a formula with no saved result, so we cannot see their values.",
            unsaved.len(),
            self.section.title
        );
        let mut finding = self.finding("TPL-05", Severity::Error, &self.root, message).with_help(tidy::UNSAVED_HELP);
        finding.consequences = unsaved.len();
        for one in unsaved {
            finding.labels.extend(one.labels);
            finding.state.extend(one.state);
        }
        self.add(finding);
    }

    /// A rule speaks about a figure that was read: it cannot be used.
    pub(super) fn fault(&mut self, pointer: &Pointer, rule: &'static str) {
        if let Some(figure) = self.out.figures.get_mut(pointer) {
            figure.fault = Some(rule.into());
            figure.interval = Interval::UNKNOWN;
        }
    }

    /// Figures that share one merged cell: how much belongs to each nobody can tell (D35).
    pub(super) fn merged(&mut self) {
        for (anchor, covered) in std::mem::take(&mut self.covered) {
            let Some(owner) = self.out.at(self.grid.address(anchor)).map(|f| f.pointer.clone()) else { continue };
            let Some((first, last)) = self.grid.region(anchor) else { continue };
            let all: Vec<Pointer> = std::iter::once(owner.clone()).chain(covered).collect();
            let words: Vec<String> = all.iter().map(|p| format!("“{}”", self.out.words(p))).collect();
            let typed = self.grid.text(anchor);
            let message = format!(
                "One merged cell, {first}:{last}, holds the figure of {}: {}. We cannot tell how much belongs to each.",
                super::words::several(&words, 4),
                cut(&typed)
            );
            let mut finding = self
                .finding("TPL-07", Severity::Error, &owner, message)
                .with_help("Please unmerge the cell and type the figure of each in its own cell.")
                .with_label(self.place(anchor), format!("{}, merged", cut(&typed)));
            finding.found = Some(cut(&typed));
            finding.consequences = all.len();
            finding.state = vec![(owner, cut(&typed))];
            all.iter().for_each(|pointer| self.fault(pointer, "TPL-07"));
            self.add(finding);
        }
    }

    /// The findings made here, one for each rule and place: what is said twice of one place is said in one finding.
    pub(super) fn finish(mut self, into: &mut Findings) -> (Pointer, Vec<&'static str>) {
        self.tell_unsaved();
        let mut merged: Vec<Finding> = Vec::new();
        let mut places: BTreeMap<(String, Pointer), usize> = BTreeMap::new();
        for finding in std::mem::take(&mut self.findings) {
            for label in &finding.labels {
                if let Place::Cell(address) = &label.place
                    && self.grid.address(address.cell) == *address
                {
                    self.mark(address.cell, Use::Finding);
                }
            }
            let key = (finding.rule.as_str().to_owned(), finding.at.clone());
            let Some(first) = places.get(&key).and_then(|at| merged.get_mut(*at)) else {
                places.insert(key, merged.len());
                merged.push(finding);
                continue;
            };
            if !first.message.contains(&finding.message) {
                first.message = format!("{} {}", first.message, finding.message);
            }
            if finding.severity > first.severity {
                first.severity = finding.severity;
                first.help = finding.help;
            }
            for label in finding.labels {
                if !first.labels.contains(&label) {
                    first.labels.push(label);
                }
            }
            first.consequences += finding.consequences;
        }
        for finding in merged {
            into.add(finding);
        }
        (self.root, self.seen.into_keys().collect())
    }
}
