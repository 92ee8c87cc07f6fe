//! Says what was found: by place and kind only, never what stands there. A sheet whose name is not one of the template
//! is called by its number, because the name may be a person's.

use std::collections::{BTreeMap, BTreeSet};

use super::{Hit, Kind, Spot, is_named, ordinal, sections};
use crate::cell::{Address, Pointer, column_letters};
use crate::finding::{Finding, Label, Place, Reach, Severity};
use crate::schema::Schemas;
use crate::workbook::Workbook;

/// A finding marks at most so many places.
const MOST_LABELS: usize = 10;

/// The findings: one for each rule and column (or sheet, for headings), in a stable order.
pub(super) fn tell(hits: &[Hit], workbook: &Workbook, schemas: &Schemas) -> Vec<Finding> {
    let mut groups: BTreeMap<(&str, Group), Vec<&Hit>> = BTreeMap::new();
    for hit in hits {
        groups.entry((hit.kind.rule(), group(hit))).or_default().push(hit);
    }
    let names = Names::of(hits, workbook, schemas);
    groups.into_iter().map(|((rule, group), hits)| finding(rule, group, &hits, &names, schemas)).collect()
}

/// What is told in one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    File,
    Sheet(usize),
    Headings(usize),
    Column(usize, u32),
    Comments(usize, u32),
    Around(usize),
    Rows(usize),
    Property(usize),
    Name(usize),
}

fn group(hit: &Hit) -> Group {
    match hit.spot {
        Spot::Cell(a) if hit.kind.is_of_the_sheet() => Group::Headings(a.sheet),
        Spot::Cell(a) => Group::Column(a.sheet, a.cell.column),
        Spot::Comment(a) => Group::Comments(a.sheet, a.cell.column),
        Spot::Sheet(s) => Group::Sheet(s),
        Spot::Around(s) => Group::Around(s),
        Spot::Rows(s) => Group::Rows(s),
        Spot::Property(p) => Group::Property(p),
        Spot::Name(n) => Group::Name(n),
        Spot::File => Group::File,
    }
}

/// How sheets are called: by a name of the template, else by number, because a name may be a person's.
struct Names(BTreeMap<usize, String>);

impl Names {
    fn of(hits: &[Hit], workbook: &Workbook, schemas: &Schemas) -> Self {
        let sections = sections(schemas);
        let masked = |s: usize| hits.iter().any(|h| h.spot == Spot::Sheet(s));
        let known = workbook.sheets.iter().enumerate().filter_map(|(position, sheet)| {
            let section = sections.iter().find(|s| is_named(sheet, s))?;
            (!masked(position)).then(|| (position, format!("the sheet “{}”", section.title)))
        });
        Self(known.collect())
    }

    fn sheet(&self, position: usize) -> String {
        self.0.get(&position).cloned().unwrap_or_else(|| ordinal(position))
    }
}

fn finding(rule: &str, group: Group, hits: &[&Hit], names: &Names, schemas: &Schemas) -> Finding {
    let kinds: BTreeSet<Kind> = hits.iter().map(|h| h.kind).collect();
    let what = join(kinds.iter().map(|k| k.words()), "or");
    let addresses: BTreeSet<Address> = hits.iter().filter_map(|h| address(h.spot)).collect();
    let (first, count) = (addresses.first().copied(), addresses.len());
    let cells = join(addresses.iter().take(MOST_LABELS).map(|a| a.cell.to_string()), "and");
    let first_cell = first.map(|a| a.cell.to_string()).unwrap_or_default();
    let screen = Pointer::section("screen");
    let on = |sheet: usize| screen.child(&format!("sheet-{}", sheet + 1));

    let (at, message) = match group {
        Group::File => (screen.child("file"), format!("The file’s name holds {what}.")),
        Group::Sheet(s) => (on(s).child("name"), format!("The name of {} holds {what}.", ordinal(s))),
        Group::Around(s) => (
            on(s).child("around"),
            format!(
                "A header, a footer, a text box, a chart or a list of choices of {} holds what looks like {what}.",
                names.sheet(s)
            ),
        ),
        Group::Rows(s) => (
            on(s),
            format!(
                "{} has {what}: it looks like a list of children. Only totals should be sent.",
                start(&names.sheet(s))
            ),
        ),
        Group::Headings(s) => {
            let heads = join(kinds.iter().map(|k| k.words()), "and");
            let message = format!(
                "{} has {heads} ({cells}): it looks like a list of children. Only totals should be sent.",
                start(&names.sheet(s))
            );
            (on(s).child("headings").child(&first_cell), message)
        }
        Group::Column(s, _) if count == 1 => {
            (on(s).child(&first_cell), format!("Cell {first_cell} of {} holds what looks like {what}.", names.sheet(s)))
        }
        Group::Column(s, c) => {
            let column = column_letters(c);
            let message =
                format!("{count} cells in column {column} of {} hold what looks like {what}.", names.sheet(s));
            (on(s).child(&first_cell), message)
        }
        Group::Comments(s, _) => {
            let message = if count == 1 {
                format!("The comment on cell {first_cell} of {} holds what looks like {what}.", names.sheet(s))
            } else {
                format!("{count} comments on {} ({cells}) hold what looks like {what}.", names.sheet(s))
            };
            (on(s).child(&first_cell).child("comment"), message)
        }
        Group::Property(p) => (
            screen.child(&format!("property-{}", p + 1)),
            format!("A property of the file (File, Info, Properties) holds what looks like {what}."),
        ),
        Group::Name(n) => (
            screen.child(&format!("name-{}", n + 1)),
            format!("A defined name (Formulas, Name Manager) holds what looks like {what}."),
        ),
    };
    let help = schemas.entry(rule).map(|e| e.help.clone()).filter(|h| !h.is_empty()).unwrap_or_else(|| {
        "This return must not contain details about individual people. Remove them, save the workbook and send it \
         again. Nothing of this file has been kept."
            .to_owned()
    });
    let mut finding = Finding::new(rule, Severity::Error, at, Reach::Submission, message).with_help(help);
    finding.private = true;
    finding.labels = labels(hits);
    finding
}

fn address(spot: Spot) -> Option<Address> {
    match spot {
        Spot::Cell(a) | Spot::Comment(a) => Some(a),
        Spot::Sheet(_) | Spot::Around(_) | Spot::Rows(_) | Spot::Property(_) | Spot::Name(_) | Spot::File => None,
    }
}

fn labels(hits: &[&Hit]) -> Vec<Label> {
    let mut words: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for hit in hits {
        let text = hit.kind.words().to_owned();
        let (place, text) = match hit.spot {
            Spot::Cell(a) if hit.kind.is_of_the_sheet() => (Place::Cell(a), text),
            Spot::Cell(a) => (Place::Cell(a), format!("looks like {text}")),
            Spot::Comment(a) => (Place::Cell(a), format!("its comment looks like {text}")),
            Spot::Sheet(s) => (Place::Sheet(s), format!("its name holds {text}")),
            Spot::Around(s) => (Place::Sheet(s), format!("around its cells: what looks like {text}")),
            Spot::Rows(s) => (Place::Sheet(s), text),
            Spot::Property(_) => (Place::File, format!("a property holds {text}")),
            Spot::Name(_) => (Place::File, format!("a defined name holds {text}")),
            Spot::File => (Place::File, format!("its name holds {text}")),
        };
        words.entry(place).or_default().insert(text);
    }
    let labels = words.into_iter().take(MOST_LABELS);
    labels.map(|(place, words)| Label { place, text: join(words, ", ") }).collect()
}

/// “a”, “a or b”, “a, b or c”.
fn join<T: Into<String>>(words: impl IntoIterator<Item = T>, last: &str) -> String {
    let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
    match words.pop() {
        None => String::new(),
        Some(only) if words.is_empty() => only,
        Some(end) => format!("{} {last} {end}", words.join(", ")),
    }
}

/// A sentence begins with a capital.
fn start(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
