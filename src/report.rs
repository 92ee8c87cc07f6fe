//! The result of checking one submission: outcomes computed from the findings, once, so that no count can disagree
//! with its list. Printing is left to `render`, files to `export` and `batch`.

mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use file::{FileFacts, sha256};

use crate::checks::Marks;
use crate::extract::{Context, Return};
use crate::finding::{Check, Finding, Findings, Place, Reach, RuleId, Severity, Verdict};
use crate::schema::Schemas;
use crate::workbook::Workbook;

/// What became of a section or a submission (design §3). Ordered: refused is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No error, no open query.
    Accepted,
    /// No error, an open query.
    Queried,
    /// An error that no waiver covers.
    Refused,
}

impl Outcome {
    /// The word for people and machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queried => "queried",
            Self::Refused => "refused",
        }
    }
}

/// One section of a submission and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionOutcome {
    /// Its key.
    pub section: String,
    /// Its title.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Findings that keep it from being accepted, by their place in the report's list.
    pub because: Vec<usize>,
    /// It was declared nil on the cover.
    pub nil: bool,
}

/// Everything that is known after checking one submission.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file.
    pub file: FileFacts,
    /// The pack it was checked with: name, version, hash.
    pub pack: (String, String, String),
    /// The cells, for drawing. Emptied where personal data was found.
    pub workbook: Workbook,
    /// What the agency reports.
    pub figures: Return,
    /// Findings, most consequential first; stable order.
    pub findings: Vec<Finding>,
    /// Every rule at every place, sorted.
    pub checks: Vec<Check>,
    /// The sections that the submission holds or declares, in the order of the pack.
    pub sections: Vec<SectionOutcome>,
    /// Sections this kind of body owes that the submission neither holds nor declares nil: title by key.
    pub owed: BTreeMap<String, String>,
    /// The worst of the sections', or refused as a whole.
    pub outcome: Outcome,
    /// Suspected personal data was found: no cell may be drawn, nothing kept.
    pub private: bool,
    /// Titles of the rules that speak or could not be run, by id.
    pub titles: BTreeMap<String, String>,
    /// What may not be shown outside as it stands, and why.
    pub marks: Marks,
}

/// The account of the rules, counted by id: the worst verdict of its places counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Rules that were checked somewhere (held, failed or undecided).
    pub rules: usize,
    /// Places at which they were checked.
    pub places: usize,
    /// Places that the figures leave undecided.
    pub undecided: usize,
    /// Rules not checked anywhere here, by reason: how many.
    pub not_run: BTreeMap<String, usize>,
    /// Rules with nothing to look at here.
    pub not_applicable: usize,
}

/// The agency on the cover is not the sender.
const SENDER: &str = "CMP-10";

impl Report {
    /// Settles the outcome of each section and of the whole, once, from the findings.
    #[must_use]
    pub fn new(file: FileFacts, workbook: Workbook, figures: Return, findings: Findings, schemas: &Schemas) -> Self {
        let (mut findings, mut checks) = findings.into_parts();
        let form = schemas.form(&figures.kind, &figures.year);
        let order = |section: &str| form.and_then(|f| f.sections.iter().position(|s| s.key == section));
        // Most consequential first; within a section in the order of the sheet.
        findings.sort_by_cached_key(|f| {
            let section = f.section();
            let cell = f.labels.first().and_then(|label| place_cell(&label.place, &figures));
            (std::cmp::Reverse(f.severity), order(&section), section, cell, f.rule.clone(), f.at.clone())
        });
        checks.sort();
        let held = form.map(|form| crate::checks::sections(&figures, form)).unwrap_or_default();
        let sections: Vec<(String, String, bool)> = form
            .into_iter()
            .flat_map(|form| &form.sections)
            .filter(|s| held.contains(&s.key))
            .map(|s| (s.key.clone(), s.title.clone(), figures.nil.contains(&s.key)))
            .collect();
        let sections = outcomes(&sections, &findings);
        let refused =
            findings.iter().any(|f| f.severity == Severity::Error && f.reach == Reach::Submission && f.is_open());
        let worst = sections.iter().map(|s| s.outcome).max();
        // A file without sections may still bring explanations of what was sent before.
        let wrong = |f: &Finding| f.severity == Severity::Error && f.reach != Reach::Explanation && f.is_open();
        let explains = crate::checks::explains(&figures) && !findings.iter().any(wrong);
        let alone = if explains { Outcome::Accepted } else { Outcome::Refused };
        let outcome = if refused { Outcome::Refused } else { worst.unwrap_or(alone) };
        // The cover names another agency than the sender: what that one owes is not asked of this one.
        let another =
            findings.iter().any(|f| f.rule.as_str() == SENDER && f.severity == Severity::Error && f.is_open());
        let owed = schemas
            .agencies
            .kinds
            .iter()
            .filter(|kind| kind.key == figures.kind && !another)
            .flat_map(|kind| &kind.sections)
            .filter(|(key, required)| **required && !held.contains(*key))
            .map(|(key, _)| (key.clone(), schemas.section_title(key).unwrap_or(key).to_owned()))
            .collect();
        let spoken = findings.iter().map(|f| f.rule.as_str()).chain(checks.iter().map(|c| c.rule.as_str()));
        let titles = spoken.filter_map(|id| Some((id.to_owned(), schemas.entry(id)?.title.clone()))).collect();
        Self {
            file,
            pack: schemas.pack.clone(),
            workbook,
            figures,
            findings,
            checks,
            sections,
            owed,
            outcome,
            private: false,
            titles,
            marks: Marks::default(),
        }
    }

    /// A submission in which suspected personal data was found: who sent it and for which year, where the data stands,
    /// and nothing else of what it holds.
    #[must_use]
    pub fn private(
        mut file: FileFacts,
        workbook: &Workbook,
        context: &Context,
        schemas: &Schemas,
        findings: Findings,
    ) -> Self {
        // The offending cells are masked by now; what extraction would quote from around them is not wanted.
        let read = Return::extract(workbook, context, schemas, &mut Findings::default());
        let figures = Return {
            year: read.year,
            body: read.body,
            kind: read.kind,
            submission_no: read.submission_no,
            sheets: read.sheets,
            nil: read.nil,
            ..Return::default()
        };
        let (said, checks) = findings.into_parts();
        let mut findings = Findings::default();
        said.into_iter().filter(|f| f.private).for_each(|f| findings.add(f));
        checks.into_iter().for_each(|c| findings.account(c.rule.as_str(), c.at, c.verdict));
        let screened = |id: &String| crate::checks::screen::RULES.contains(&id.as_str());
        for id in schemas.catalogue.keys().filter(|id| !screened(id) && crate::checks::is_about_figures(id)) {
            let why = "wait until personal data is removed".to_owned();
            findings.account(id, crate::cell::Pointer::section("return"), Verdict::NotRun(why));
        }
        file.hide_name(true);
        let sheets = workbook.sheets.iter().enumerate().map(|(i, _)| crate::workbook::Sheet {
            name: format!("sheet {}", i + 1),
            ..crate::workbook::Sheet::default()
        });
        let bare = Workbook { format: workbook.format, sheets: sheets.collect(), ..Workbook::default() };
        Self { private: true, ..Self::new(file, bare, figures, findings, schemas) }
    }

    /// Adds what was found across agencies and is for this body to see, and how the rules it takes part in ended.
    pub fn ask(&mut self, found: Vec<Finding>, checks: Vec<Check>, title: impl Fn(&str) -> String) {
        let here: BTreeSet<String> =
            self.sections.iter().filter(|s| s.outcome != Outcome::Refused).map(|s| s.section.clone()).collect();
        for mut finding in found {
            for label in &mut finding.labels {
                // A figure of an earlier submission has no cell in this file.
                if let Place::Figure(pointer) = &label.place
                    && !here.contains(&pointer.section_key())
                    && pointer.section_key() != "explanations"
                {
                    label.place = Place::Before(pointer.clone());
                }
            }
            self.titles.insert(finding.rule.to_string(), title(finding.rule.as_str()));
            // Behind the others of its severity.
            let place = self.findings.partition_point(|f| f.severity >= finding.severity);
            self.findings.insert(place, finding);
        }
        let run: BTreeSet<RuleId> = checks.iter().map(|check| check.rule.clone()).collect();
        let alone = Verdict::NotRun(crate::checks::COMPARE.to_owned());
        self.checks.retain(|check| check.verdict != alone || !run.contains(&check.rule));
        for check in self.checks.iter_mut().filter(|check| check.verdict == alone) {
            check.verdict = Verdict::NotApplicable("compare other agencies".to_owned());
        }
        self.checks.extend(checks);
        self.checks.sort();
        let sections: Vec<(String, String, bool)> =
            self.sections.iter().map(|s| (s.section.clone(), s.title.clone(), s.nil)).collect();
        self.sections = outcomes(&sections, &self.findings);
        self.outcome =
            self.sections.iter().map(|s| s.outcome).max().map_or(self.outcome, |worst| worst.max(self.outcome));
    }

    /// The sections that are not refused, by key: their versions count.
    pub fn not_refused(&self) -> impl Iterator<Item = &str> {
        let sections = self.sections.iter().filter(|s| !self.private && s.outcome != Outcome::Refused);
        sections.map(|s| s.section.as_str())
    }

    /// Whether it explains anything that is to be looked at: not where the file as a whole is refused.
    #[must_use]
    pub fn explains(&self) -> bool {
        let whole = |f: &&Finding| f.severity == Severity::Error && f.reach == Reach::Submission && f.is_open();
        let refused =
            self.findings.iter().any(|f| whole(&f)) || (self.sections.is_empty() && self.outcome == Outcome::Refused);
        crate::checks::explains(&self.figures) && !self.private && !refused
    }

    /// The account of the rules (design §4).
    #[must_use]
    pub fn account(&self) -> Account {
        let mut by_rule: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
        for check in &self.checks {
            by_rule.entry(check.rule.as_str()).or_default().push(&check.verdict);
        }
        let mut account = Account { rules: 0, places: 0, undecided: 0, not_run: BTreeMap::new(), not_applicable: 0 };
        for verdicts in by_rule.values() {
            let checked =
                verdicts.iter().filter(|v| matches!(v, Verdict::Held | Verdict::Failed | Verdict::Undecided(_)));
            let checked = checked.count();
            account.places += checked;
            account.undecided += verdicts.iter().filter(|v| matches!(v, Verdict::Undecided(_))).count();
            if checked > 0 {
                account.rules += 1;
            } else if let Some(Verdict::NotRun(why)) = verdicts.iter().find(|v| matches!(v, Verdict::NotRun(_))) {
                *account.not_run.entry(why.clone()).or_default() += 1;
            } else {
                account.not_applicable += 1;
            }
        }
        account
    }

    /// The reporting year on the cover, `2021-22`.
    #[must_use]
    pub fn year(&self) -> &str {
        &self.figures.year
    }

    /// The body on the cover.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.figures.body
    }

    /// How many findings of a severity are open.
    #[must_use]
    pub fn open(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity && f.is_open()).count()
    }

    /// A place in words: `Child protection!B10`, the sheet, or the file's name.
    #[must_use]
    pub fn place(&self, place: &Place) -> String {
        match place {
            Place::Figure(pointer) => self
                .figures
                .cell(pointer)
                .map_or_else(|| self.figures.words(pointer), |a| format!("{}!{}", self.sheet(a.sheet), a.cell)),
            Place::Cell(address) => format!("{}!{}", self.sheet(address.sheet), address.cell),
            Place::Sheet(index) => self.sheet(*index),
            Place::Before(_) => "sent before".to_owned(),
            Place::File => self.file.name.clone(),
        }
    }

    /// A sheet's name; `sheet 3` where the name itself may hold a personal detail.
    #[must_use]
    pub fn sheet(&self, index: usize) -> String {
        match self.workbook.sheets.get(index) {
            Some(sheet) if !self.private => sheet.name.clone(),
            _ => format!("sheet {}", index + 1),
        }
    }
}

/// Which sections the open findings refuse or query.
#[must_use]
pub(crate) fn outcomes(sections: &[(String, String, bool)], findings: &[Finding]) -> Vec<SectionOutcome> {
    sections
        .iter()
        .map(|(key, title, nil)| {
            let touches = |f: &Finding| match &f.reach {
                Reach::Submission => true,
                // What is wrong on the cover is wrong for all its sections.
                Reach::Sections(keys) => keys.contains(key) || keys.contains("cover"),
                Reach::Explanation => false,
            };
            let because: Vec<usize> = findings
                .iter()
                .enumerate()
                .filter(|(_, f)| f.severity > Severity::Note && f.is_open() && touches(f))
                .map(|(i, _)| i)
                .collect();
            let outcome = match because.iter().map(|i| findings[*i].severity).max() {
                Some(Severity::Error) => Outcome::Refused,
                Some(Severity::Query) => Outcome::Queried,
                Some(Severity::Note) | None => Outcome::Accepted,
            };
            SectionOutcome { section: key.clone(), title: title.clone(), outcome, because, nil: *nil }
        })
        .collect()
}

/// The sheet and cell of a place, for ordering.
fn place_cell(place: &Place, figures: &Return) -> Option<(usize, Option<crate::cell::Cell>)> {
    match place {
        Place::Figure(pointer) => figures.cell(pointer).map(|a| (a.sheet, Some(a.cell))),
        Place::Cell(address) => Some((address.sheet, Some(address.cell))),
        Place::Sheet(index) => Some((*index, None)),
        Place::Before(_) | Place::File => None,
    }
}
