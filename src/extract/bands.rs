//! Bands that follow one another without a gap, as rows or as columns of a table (domain TAB-09). Where some of them are
//! there and others are not, whoever falls between them is in no figure: that is said as a gap, once for the table.

use super::desk::Desk;
use super::words::several;
use super::{Change, Drift, Part};
use crate::cell::{Cell, Pointer};
use crate::finding::Severity;

/// One band of a table: its words, and where they stand if they do.
pub(super) struct Band {
    pub words: String,
    pub cell: Option<Cell>,
}

/// What is to be said of a table some of whose bands are missing.
pub(super) struct Gap<'a> {
    /// The first missing band's place.
    pub place: Pointer,
    /// The table's title.
    pub title: &'a str,
    /// What its bands are.
    pub part: Part,
    /// All of its bands, in order.
    pub bands: Vec<Band>,
    /// Rows or columns with figures that are no bands of ours: the cell of their words, and those words with their cells.
    pub odd: Vec<(Cell, String)>,
    /// How many figures each band has.
    pub figures: usize,
}

/// Whether a table whose bands are found or not has a gap: one band alone, or none, is another mistake.
pub(super) fn is_gap(found: impl Iterator<Item = bool> + Clone) -> bool {
    found.clone().filter(|there| *there).count() >= 2 && found.into_iter().any(|there| !there)
}

impl Gap<'_> {
    /// Says it.
    pub(super) fn tell(self, desk: &mut Desk<'_>) {
        let noun = if self.part == Part::Row { "row" } else { "column" };
        let missing: Vec<&Band> = self.bands.iter().filter(|b| b.cell.is_none()).collect();
        for band in &missing {
            let drift = Drift::new(self.part, Change::Missing).within(self.title).template(&band.words);
            desk.drift(drift.likely(self.odd.first().filter(|_| self.odd.len() == 1).map(|(_, said)| said.clone())));
        }
        let names: Vec<String> = missing.iter().map(|b| format!("“{}”", b.words)).collect();
        let what = match names.as_slice() {
            [one] => format!("the {noun} {one} is missing"),
            _ => format!("the {noun}s {} are missing", several(&names, names.len())),
        };
        let odd: Vec<String> = self.odd.iter().map(|(_, said)| said.clone()).collect();
        let maybe = match odd.as_slice() {
            [] => String::new(),
            [one] => format!(" The {noun} {one} is not on the template."),
            _ => format!(" The {noun}s {} are not on the template.", several(&odd, 4)),
        };
        let help = if odd.is_empty() {
            format!(
                "Please put {} back and fill it in: whoever is in it is in no other. If nobody is, type 0.",
                missing_words(noun, &names)
            )
        } else {
            "Please use the bands of the template. A band of your own has to be split between those that it covers."
                .to_owned()
        };
        let message = format!("The bands of “{}” {}: {what}.{maybe}", self.title, self.jumps());
        let mut finding = desk.finding("TAB-09", Severity::Error, &self.place, message).with_help(help);
        for (cell, text) in self.edges() {
            finding = finding.with_label(desk.place(cell), text);
        }
        for (cell, _) in &self.odd {
            finding = finding.with_label(desk.place(*cell), "not a band of the template");
        }
        finding.expected = Some(several(&names, names.len()));
        finding.consequences = names.len() * self.figures;
        desk.add(finding);
    }

    /// `jump from “4 to under 8 weeks” to “13 to under 18 weeks” and end with “26 to under 52 weeks”`.
    fn jumps(&self) -> String {
        let there = |b: &Band| b.cell.is_some();
        let said: Vec<String> = self
            .runs()
            .into_iter()
            .map(|(before, after)| match (before, after) {
                (Some(from), Some(to)) => format!("jump from “{}” to “{}”", from.words, to.words),
                (None, Some(first)) => format!("begin with “{}”", first.words),
                (Some(last), None) => format!("end with “{}”", last.words),
                (None, None) => format!("are {}", self.bands.iter().filter(|b| there(b)).count()),
            })
            .collect();
        said.join(" and ")
    }

    /// The bands on both sides of each run of missing ones.
    fn runs(&self) -> Vec<(Option<&Band>, Option<&Band>)> {
        let mut runs = Vec::new();
        let mut before: Option<&Band> = None;
        let mut open = false;
        for band in &self.bands {
            if band.cell.is_none() {
                open = true;
                continue;
            }
            if open {
                runs.push((before, Some(band)));
            }
            (before, open) = (Some(band), false);
        }
        if open {
            runs.push((before, None));
        }
        runs
    }

    /// The cells at the edges of the gaps, each once.
    fn edges(&self) -> Vec<(Cell, String)> {
        let mut edges: Vec<(Cell, String)> = Vec::new();
        for band in self.runs().into_iter().flat_map(|(before, after)| [before, after]).flatten() {
            if let Some(cell) = band.cell.filter(|cell| edges.iter().all(|(c, _)| c != cell)) {
                edges.push((cell, format!("“{}”", band.words)));
            }
        }
        edges
    }
}

fn missing_words(noun: &str, names: &[String]) -> String {
    match names {
        [one] => format!("the {noun} {one}"),
        _ => format!("each missing {noun}"),
    }
}
