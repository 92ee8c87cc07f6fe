//! Personal data, looked for before anything is kept or quoted (DIS-01 to DIS-06): cells, comments, sheet names,
//! properties, defined names and the file's name. What is found is masked in the workbook, so that no later stage can see
//! it, and told by place and kind only. Names in texts (DIS-07) and of authors (DIS-15) are covered here, and told once the
//! figures are known; what the workbook carries unseen is told in `carried` (DIS-14).

mod carried;
mod detect;
mod digits;
mod heading;
mod person;
mod shape;
mod tell;
mod veil;

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::{Address, Cell, Pointer};
use crate::finding::{Findings, Verdict};
use crate::schema::Schemas;
use crate::schema::model::{Item, Section};
use crate::workbook::{Entry, Sheet, Value, Workbook};
use detect::{Found, Hints};
use heading::Heading;
pub use veil::Veil;

/// What stands where something personal was.
pub const MASK: &str = "•••";

/// A kind of personal detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Nhs,
    PupilNumber,
    Postcode,
    Birth,
    BirthColumn,
    Insurance,
    Email,
    Phone,
    Passport,
    NameColumn,
    ReferenceColumn,
    Rows,
    ListName,
}

/// The rules by which a submission is refused whole, and nothing of it kept.
pub const RULES: [&str; 6] = ["DIS-01", "DIS-02", "DIS-03", "DIS-04", "DIS-05", "DIS-06"];

impl Kind {
    const fn rule(self) -> &'static str {
        match self {
            Self::Nhs => "DIS-01",
            Self::PupilNumber => "DIS-02",
            Self::Postcode => "DIS-03",
            Self::Birth | Self::BirthColumn => "DIS-04",
            Self::Insurance | Self::Email | Self::Phone | Self::Passport => "DIS-05",
            Self::NameColumn | Self::ReferenceColumn | Self::Rows | Self::ListName => "DIS-06",
        }
    }

    /// What it looks like, in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Nhs => "an NHS number",
            Self::PupilNumber => "a pupil number (UPN)",
            Self::Postcode => "a full postcode",
            Self::Birth => "a date of birth",
            Self::BirthColumn => "a column of dates of birth",
            Self::Insurance => "a National Insurance number",
            Self::Email => "a personal e-mail address",
            Self::Phone => "a personal telephone number",
            Self::Passport => "a passport number",
            Self::NameColumn => "a heading for the names of people",
            Self::ReferenceColumn => "a heading for references of single children",
            Self::Rows => "more than 200 filled rows",
            Self::ListName => "the name of a list of children",
        }
    }

    /// Whether the findings of a sheet are told together: headings stand side by side in one row.
    const fn is_of_the_sheet(self) -> bool {
        match self {
            Self::BirthColumn | Self::NameColumn | Self::ReferenceColumn => true,
            Self::Nhs
            | Self::PupilNumber
            | Self::Postcode
            | Self::Birth
            | Self::Insurance
            | Self::Email
            | Self::Phone
            | Self::Passport
            | Self::Rows
            | Self::ListName => false,
        }
    }
}

/// A place that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    Cell(Address),
    Comment(Address),
    Sheet(usize),
    Around(usize),
    Rows(usize),
    Property(usize),
    Name(usize),
    File,
}

/// One thing found at one place, and the other cells that must not be seen because of it.
#[derive(Debug)]
struct Hit {
    kind: Kind,
    spot: Spot,
    hidden: Vec<Address>,
}

/// What a workbook carries that nobody sees is told; what may name a person is covered, to be told once it is known what
/// it means.
pub fn veil(workbook: &mut Workbook, file_name: &str, schemas: &Schemas, findings: &mut Findings) -> Veil {
    carried::tell(workbook, schemas, findings);
    Veil::over(workbook, file_name, schemas)
}

/// Looks for personal data everywhere in a submission and hides it in the workbook. True if some was found.
pub fn screen(workbook: &mut Workbook, file_name: &str, schemas: &Schemas, findings: &mut Findings) -> bool {
    let mut search = Search { schemas, hits: Vec::new(), nhs: Vec::new() };
    search.text(Spot::File, file_name, Hints::default());
    for (position, sheet) in workbook.sheets.iter().enumerate() {
        search.sheet(position, sheet);
    }
    for (position, (name, text)) in workbook.properties.iter().enumerate() {
        search.text(Spot::Property(position), name, Hints::default());
        search.text(Spot::Property(position), text, detect::hints(name));
    }
    for (position, (name, text)) in workbook.names.iter().enumerate() {
        search.text(Spot::Name(position), name, Hints::default());
        search.text(Spot::Name(position), text, detect::hints(name));
    }
    let hits = search.decide();

    let failed: BTreeSet<&str> = hits.iter().map(|h| h.kind.rule()).collect();
    let unread = workbook.format.is_none() && workbook.sheets.is_empty();
    for rule in RULES {
        let verdict = match (failed.contains(rule), unread) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::NotRun("the file could not be read".to_owned()),
            (false, false) => Verdict::Held,
        };
        findings.account(rule, Pointer::section("file"), verdict);
    }
    if hits.is_empty() {
        return false;
    }
    for finding in tell::tell(&hits, workbook, schemas) {
        findings.add(finding);
    }
    hide(&hits, workbook);
    true
}

/// A formula of so many bytes is worth remembering as searched.
const SHARED: usize = 256;

/// Ten digits that may be an NHS number, seen at a place.
struct Seen {
    spot: Spot,
    candidate: detect::Candidate,
}

struct Search<'a> {
    schemas: &'a Schemas,
    hits: Vec<Hit>,
    nhs: Vec<Seen>,
}

impl Search<'_> {
    fn add(&mut self, spot: Spot, found: Found) {
        self.hits.extend(found.kinds.into_iter().map(|kind| Hit { kind, spot, hidden: Vec::new() }));
        self.nhs.extend(found.nhs.into_iter().map(|candidate| Seen { spot, candidate }));
    }

    fn text(&mut self, spot: Spot, text: &str, around: Hints) {
        let found = detect::text(text, around, &self.schemas.allowed);
        self.add(spot, found);
    }

    fn sheet(&mut self, position: usize, sheet: &Sheet) {
        self.text(Spot::Sheet(position), &sheet.name, Hints::default());
        if heading::names_a_list(&sheet.name) {
            self.hits.push(Hit { kind: Kind::ListName, spot: Spot::Sheet(position), hidden: Vec::new() });
        }
        self.cells(position, sheet);
        for (cell, comment) in &sheet.comments {
            self.text(Spot::Comment(Address::new(position, *cell)), comment, Hints::default());
        }
        for text in &sheet.around {
            self.text(Spot::Around(position), text, Hints::default());
        }
        let on = |cells: Vec<Cell>| cells.into_iter().map(|c| Address::new(position, c)).collect::<Vec<_>>();
        for (heading, cell, under) in shape::people(sheet) {
            let kind = match heading {
                Heading::Births => Kind::BirthColumn,
                Heading::References => Kind::ReferenceColumn,
                Heading::Names | Heading::Name | Heading::Weak => Kind::NameColumn,
            };
            self.hits.push(Hit { kind, spot: Spot::Cell(Address::new(position, cell)), hidden: on(under) });
        }
        let listed = shape::too_many_rows(sheet);
        if !listed.is_empty() && !may_be_long(sheet, self.schemas) {
            self.hits.push(Hit { kind: Kind::Rows, spot: Spot::Rows(position), hidden: on(listed) });
        }
    }

    /// Row by row, so that the headings above and the label to the left are known when a cell is looked at.
    fn cells(&mut self, position: usize, sheet: &Sheet) {
        let mut columns: BTreeMap<u32, Hints> = BTreeMap::new();
        let mut label = (u32::MAX, Hints::default());
        let mut tens: BTreeMap<u32, usize> = BTreeMap::new();
        let mut clean: BTreeSet<usize> = BTreeSet::new();
        let before = self.nhs.len();
        for (cell, entry) in &sheet.cells {
            if label.0 != cell.row {
                label = (cell.row, Hints::default());
            }
            let around = |columns: &BTreeMap<u32, Hints>| match columns.get(&cell.column) {
                Some(hints) => hints.or(label.1),
                None => label.1,
            };
            let spot = Spot::Cell(Address::new(position, *cell));
            let allowed = &self.schemas.allowed;
            let found = match &entry.value {
                Value::Number(n) if *n < 1e8 => None,
                Value::Number(n) => Some(detect::number(*n, entry.format.as_deref(), around(&columns), allowed)),
                Value::Text(text) | Value::Error(text) => {
                    let found = detect::text(text, around(&columns), allowed);
                    // The nearest words above count: a later heading in the same column takes the place of an earlier one.
                    if text.len() <= 60 && !text.bytes().any(|b| b.is_ascii_digit()) {
                        let says = detect::hints(text);
                        columns.insert(cell.column, says);
                        label.1 = label.1.or(says);
                    }
                    Some(found)
                }
                Value::Nothing | Value::Truth(_) | Value::Date(_) => None,
            };
            if let Some(found) = found {
                if found.tens > 0 {
                    *tens.entry(cell.column).or_default() += found.tens;
                }
                self.add(spot, found);
            }
            if let Some(formula) = &entry.formula {
                // A hundred thousand cells may share one long formula: it is searched once, unless something is in it.
                let place = formula.as_ptr().addr();
                if formula.len() < SHARED || !clean.contains(&place) {
                    let before = (self.hits.len(), self.nhs.len());
                    self.text(spot, formula, Hints::default());
                    if formula.len() >= SHARED && before == (self.hits.len(), self.nhs.len()) {
                        clean.insert(place);
                    }
                }
            }
        }
        self.several(before, &tens);
    }

    /// Several right ones in one column are no accident: one ten-digit number in eleven passes by chance.
    fn several(&mut self, before: usize, tens: &BTreeMap<u32, usize>) {
        let mut right: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
        for seen in self.nhs.iter().skip(before).filter(|s| s.candidate.issued) {
            if let Spot::Cell(address) = seen.spot {
                right.entry(address.cell.column).or_default().insert(seen.candidate.number);
            }
        }
        for seen in self.nhs.iter_mut().skip(before) {
            if let Spot::Cell(address) = seen.spot {
                let column = address.cell.column;
                let right = right.get(&column).map_or(0, BTreeSet::len);
                let looked_at = tens.get(&column).copied().unwrap_or(0);
                seen.candidate.sure |= seen.candidate.issued && (right >= 3 || (right == 2 && looked_at <= 4));
            }
        }
    }

    /// A number that is sure in one place is the same number in every other.
    fn decide(self) -> Vec<Hit> {
        let sure: BTreeSet<u64> = self.nhs.iter().filter(|s| s.candidate.sure).map(|s| s.candidate.number).collect();
        let mut hits = self.hits;
        let seen = self.nhs.into_iter().filter(|s| sure.contains(&s.candidate.number));
        hits.extend(seen.map(|s| Hit { kind: Kind::Nhs, spot: s.spot, hidden: Vec::new() }));
        hits.sort_by_key(|h| (h.kind, h.spot));
        hits.dedup_by(|a, b| a.kind == b.kind && a.spot == b.spot);
        hits
    }
}

/// Whether a sheet is one of those on which agencies make as many rows as they need: recommendations, explanations.
fn may_be_long(sheet: &Sheet, schemas: &Schemas) -> bool {
    let has_list = |s: &&Section| s.items.iter().any(|i| matches!(i, Item::List(_)));
    sections(schemas).into_iter().filter(has_list).any(|s| is_named(sheet, s))
}

/// Every section of every kind and year, with cover and explanations.
fn sections(schemas: &Schemas) -> Vec<&Section> {
    let agencies = &schemas.agencies;
    let pairs = agencies.kinds.iter().flat_map(|k| agencies.years.keys().map(move |y| (&k.key, y)));
    let forms = pairs.filter_map(|(kind, year)| schemas.form(kind, year)).flat_map(|f| &f.sections);
    [&schemas.cover, &schemas.explanations].into_iter().chain(forms).collect()
}

fn is_named(sheet: &Sheet, section: &Section) -> bool {
    let same = |word: &String| word.trim().eq_ignore_ascii_case(sheet.name.trim());
    [&section.title, &section.key].into_iter().chain(&section.aliases).any(same)
}

/// A sheet without its name.
fn ordinal(position: usize) -> String {
    format!("sheet {}", position + 1)
}

/// Takes what was found out of the workbook.
fn hide(hits: &[Hit], workbook: &mut Workbook) {
    let names: Vec<String> = workbook.names.keys().cloned().collect();
    let properties: Vec<String> = workbook.properties.keys().cloned().collect();
    for hit in hits {
        match hit.spot {
            // A heading is no personal detail; what stands under it is.
            Spot::Cell(_) if hit.kind.is_of_the_sheet() => {}
            Spot::Cell(address) => mask(workbook, address),
            Spot::Comment(Address { sheet, cell }) => {
                if let Some(comment) = workbook.sheets.get_mut(sheet).and_then(|s| s.comments.get_mut(&cell)) {
                    MASK.clone_into(comment);
                }
            }
            Spot::Sheet(sheet) => {
                if let Some(sheet_) = workbook.sheets.get_mut(sheet) {
                    sheet_.name = ordinal(sheet);
                }
            }
            Spot::Around(sheet) => {
                if let Some(sheet) = workbook.sheets.get_mut(sheet) {
                    sheet.around.clear();
                }
            }
            Spot::Property(position) => {
                mask_named(&mut workbook.properties, properties.get(position), "property", position)
            }
            Spot::Name(position) => mask_named(&mut workbook.names, names.get(position), "name", position),
            Spot::Rows(_) | Spot::File => {}
        }
        for address in &hit.hidden {
            mask(workbook, *address);
        }
    }
}

/// The name may hold it as well as the text.
fn mask_named(map: &mut BTreeMap<String, String>, key: Option<&String>, word: &str, position: usize) {
    if let Some(key) = key
        && map.remove(key).is_some()
    {
        map.insert(format!("{word} {}", position + 1), MASK.to_owned());
    }
}

fn mask(workbook: &mut Workbook, address: Address) {
    let Some(sheet) = workbook.sheets.get_mut(address.sheet) else { return };
    if let Some(entry) = sheet.cells.get_mut(&address.cell) {
        *entry = Entry { value: Value::Text(MASK.to_owned()), format: None, formula: None, fill: entry.fill.take() };
    }
    if let Some(comment) = sheet.comments.get_mut(&address.cell) {
        MASK.clone_into(comment);
    }
}
