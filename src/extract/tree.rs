//! A return as the rules see it: a tree of figures whose leaves know their pointers, and the figures that we work out.

use std::collections::BTreeMap;

use super::{Return, at};
use crate::cell::Pointer;
use crate::figure::{Bare, Figure, Interval, Marker, format_number, format_plain};
use crate::rules::{HOLIDAYS, Known, Node, ValueExpression, quotient, value};
use crate::schema::model::{Code, Item, Kind, Measure, Section};
use crate::schema::{Form, ROW, Schemas, nested, stated};

/// A figure that we work out from others.
#[derive(Debug, Clone, PartialEq)]
pub struct Worked {
    /// What it comes to.
    pub interval: Interval,
    /// What was divided by what, for a share, a rate or a quotient.
    pub quotient: Option<(Interval, Interval)>,
    /// The figures it is made of.
    pub parts: Vec<Pointer>,
}

/// Which value of a derived measure a rule wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What the agency typed: for the rule that compares it.
    Typed,
    /// What we work out: for every other rule, so that one wrong percentage is one finding.
    Worked,
}

/// The trees for the rules of all sections of a return. Rules may read other sections too, so what the trees share is
/// made once: with a tree of its own for each section, a return of twenty would be read four hundred times.
pub struct Trees<'a> {
    figures: &'a Return,
    cover: BTreeMap<String, Node>,
    /// Names of each section that is there, as worked out.
    sections: BTreeMap<String, BTreeMap<String, Node>>,
    /// What every root holds: the sections, parameters and references by name.
    shared: Vec<(&'static str, Node)>,
    /// Last year's cover and sections, likewise.
    last: BTreeMap<String, Node>,
    last_sections: Option<Node>,
}

impl<'a> Trees<'a> {
    /// The trees of a return, and of last year's beside it.
    #[must_use]
    pub fn new(figures: &'a Return, form: &Form, schemas: &Schemas, last: Option<&Return>) -> Self {
        let present = |of: &Return| -> BTreeMap<String, BTreeMap<String, Node>> {
            let sections = form.sections.iter().filter(|s| of.sheets.contains_key(&s.key));
            sections.map(|s| (s.key.clone(), of.section_node(s, View::Worked))).collect()
        };
        let records = |sections: &BTreeMap<String, BTreeMap<String, Node>>| -> BTreeMap<String, Node> {
            sections.iter().map(|(key, names)| (key.clone(), Node::Record(names.clone().into()))).collect()
        };
        let named = |records: &BTreeMap<String, Node>| {
            Node::record(records.iter().map(|(key, node)| (key.replace('-', "_"), node.clone())))
        };
        let cover = |of: &Return| of.section_node(&schemas.cover, View::Worked);
        let sections = present(figures);
        let mut before = BTreeMap::new();
        let mut last_sections = None;
        if let Some(last) = last {
            before = records(&present(last));
            last_sections = Some(named(&before));
            // A section that last year's lacks is asked for too: all of it is absent.
            for section in form.sections.iter().filter(|s| !last.sheets.contains_key(&s.key)) {
                before.insert(section.key.clone(), Node::record(last.section_node(section, View::Worked)));
            }
            before.insert(schemas.cover.key.clone(), Node::record(cover(last)));
        }
        let mut shared = vec![("sections", named(&records(&sections)))];
        shared.extend(known(schemas, &figures.year));
        Self { figures, cover: cover(figures), sections, shared, last: before, last_sections }
    }

    /// The tree for the rules of one section, with last year's beside it or not.
    #[must_use]
    pub fn root(&self, section: &Section, with_last: bool, view: View) -> Node {
        let is_cover = section.key == "cover";
        let made = if is_cover { Some(&self.cover) } else { self.sections.get(&section.key) };
        let mut names = match (view, made) {
            (View::Worked, Some(made)) => made.clone(),
            (View::Worked | View::Typed, _) => self.figures.section_node(section, view),
        };
        if !is_cover {
            names.insert("cover".to_owned(), Node::Record(self.cover.clone().into()));
        }
        names.extend(self.shared.iter().map(|(name, node)| ((*name).to_owned(), node.clone())));
        if with_last && let Some(sections) = &self.last_sections {
            let last = self.last.get(&section.key).cloned();
            names.insert("last".to_owned(), last.unwrap_or_else(|| Node::record::<String>([])));
            names.insert("last_sections".to_owned(), sections.clone());
        }
        Node::record(names)
    }
}

/// Rows, with their codes where the template fixes them, and the measures of each.
type Rows<'s> = (Vec<(Pointer, Option<&'s Code>)>, &'s [Measure]);

impl Return {
    /// Works out the derived figures of every section that is there; a blank one is marked as ours.
    pub fn derive(&mut self, form: &Form, schemas: &Schemas) {
        let sections = form.sections.iter().filter(|s| self.sheets.contains_key(&s.key));
        let of = |s: &Section| form.derived.get(&s.key).map(Vec::as_slice).unwrap_or_default();
        let sections: Vec<&Section> = sections.filter(|s| !of(s).is_empty()).collect();
        // Twice, because a derived figure may be made of others.
        for _ in if sections.is_empty() { 0..0 } else { 0..2 } {
            let mut worked = Vec::new();
            let trees = Trees::new(self, form, schemas, None);
            for section in &sections {
                let root = trees.root(section, false, View::Worked);
                for derived in of(section) {
                    let here = Pointer::section(&section.key);
                    let Some((rows, columns)) = self.rows_of(section, &derived.at) else {
                        let pointer = derived.at.iter().fold(here, |p, key| p.child(key));
                        worked.push((pointer, work_out(&derived.expression, &root)));
                        continue;
                    };
                    for (place, code) in rows {
                        let mut own = self.row_node(&place, columns, View::Worked);
                        if let Some(code) = code {
                            own.entry(ROW.to_owned()).or_insert_with(|| row_code(&place, code));
                        }
                        let own = ("r".to_owned(), Node::record(own));
                        let row = match &root {
                            Node::Record(names) => {
                                Node::record(names.iter().map(|(k, n)| (k.clone(), n.clone())).chain([own]))
                            }
                            Node::Leaf(_) | Node::Rows(_) => Node::record([own]),
                        };
                        let pointer = derived.at.iter().skip(1).fold(place, |p, key| p.child(key));
                        worked.push((pointer, work_out(&derived.expression, &row)));
                    }
                }
            }
            self.worked.extend(worked);
        }
        for pointer in self.worked.keys() {
            if let Some(figure) = self.figures.get_mut(pointer) {
                figure.computed = figure.bare == Bare::Blank && figure.fault.is_none();
            }
        }
    }

    /// One section as rules across agencies see it: as worked out, and each figure under the name of the body whose it is.
    #[must_use]
    pub fn section_of(&self, body: &str, section: &Section) -> Node {
        owned(Node::record(self.section_node(section, View::Worked)), body)
    }

    /// The rows in which a derived figure stands, with their codes in a table, and their measures; `None` for one outside tables and lists.
    fn rows_of<'s>(&self, section: &'s Section, at: &[String]) -> Option<Rows<'s>> {
        let (first, [_, ..]) = at.split_first()? else { return None };
        let place = Pointer::section(&section.key).child(first);
        section.items.iter().find_map(|item| match item {
            Item::Table(table) if table.key == *first => {
                let rows = table.rows.codes.iter().map(|code| (place.child(&code.code), Some(code))).collect();
                Some((rows, table.columns.as_slice()))
            }
            Item::List(list) if list.key == *first => {
                let keys = self.lists.get(&place).map(Vec::as_slice).unwrap_or_default();
                Some((keys.iter().map(|key| (place.child(key), None)).collect(), list.fields.as_slice()))
            }
            Item::Table(_) | Item::Measure(_) | Item::List(_) => None,
        })
    }

    fn section_node(&self, section: &Section, view: View) -> BTreeMap<String, Node> {
        let here = Pointer::section(&section.key);
        let mut names = BTreeMap::new();
        for item in &section.items {
            match item {
                Item::Measure(measure) => names.extend(self.row_node(&here, std::slice::from_ref(measure), view)),
                Item::Table(table) => {
                    let place = here.child(&table.key);
                    let rows = table.rows.codes.iter().map(|code| {
                        let row = place.child(&code.code);
                        let mut names = self.row_node(&row, &table.columns, view);
                        names.entry(ROW.to_owned()).or_insert_with(|| row_code(&row, code));
                        (code.code.clone(), row, Node::record(names))
                    });
                    names.insert(table.key.clone(), Node::rows(rows));
                }
                Item::List(list) => {
                    let place = here.child(&list.key);
                    let keys = self.lists.get(&place).map(Vec::as_slice).unwrap_or_default();
                    let rows = keys.iter().map(|key| {
                        let row = place.child(key);
                        let node = Node::record(self.row_node(&row, &list.fields, view));
                        (key.clone(), row, node)
                    });
                    names.insert(list.key.clone(), Node::rows(rows));
                }
            }
        }
        names
    }

    fn row_node(&self, row: &Pointer, measures: &[Measure], view: View) -> BTreeMap<String, Node> {
        let mut names = BTreeMap::new();
        let mut groups: BTreeMap<String, BTreeMap<String, Node>> = BTreeMap::new();
        for measure in measures {
            let into = match measure.path.as_slice() {
                [group, _] => groups.entry(group.clone()).or_default(),
                _ => &mut names,
            };
            let Some(key) = measure.path.last() else { continue };
            let pointer = at(row, measure);
            let figure = self.figures.get(&pointer);
            if matches!(measure.kind, Kind::Percentage | Kind::Rate) {
                let decimals = figure.map_or(measure.decimals, |f| f.decimals);
                let half = Interval::exact(0.5 * 10_f64.powi(-i32::from(decimals)));
                into.insert(stated(key), Node::leaf(pointer.clone(), Known::Number(half), ""));
            }
            let (known, shown) = self.known(&pointer, figure, measure, view);
            into.insert(key.clone(), Node::leaf(pointer, known, shown));
        }
        names.extend(groups.into_iter().map(|(group, inner)| (group, Node::record(inner))));
        names
    }

    fn known(&self, pointer: &Pointer, figure: Option<&Figure>, measure: &Measure, view: View) -> (Known, String) {
        let ours = measure.derived && view == View::Worked;
        if let Some(worked) = self.worked.get(pointer).filter(|w| ours && w.interval != Interval::UNKNOWN) {
            let shown = worked.interval.number().map_or_else(String::new, |n| shown(n, measure, 0));
            return (Known::Number(worked.interval), shown);
        }
        let Some(figure) = figure else { return (Known::Absent, String::new()) };
        let value = if figure.fault.is_some() {
            Known::Faulty
        } else {
            match &figure.bare {
                Bare::Marker(Marker::NotApplicable) => Known::NotApplicable,
                Bare::Marker(Marker::Confidential | Marker::RoundsToZero) | Bare::Number(_) | Bare::Date(_) => {
                    Known::Number(figure.interval)
                }
                Bare::Marker(Marker::NotAvailable | Marker::Unreliable) | Bare::Blank => Known::Absent,
                Bare::Text(_) if measure.kind.is_number() || measure.kind == Kind::Date => Known::Faulty,
                Bare::Text(text) => Known::Text(text.clone()),
                Bare::Codes(codes) => Known::Codes(codes.clone()),
            }
        };
        (value, self.shown(figure, measure))
    }

    /// A figure as people read it in messages: `1,946`, `15.6%`, `c`, `31 March 2021`, the words of a code.
    #[must_use]
    pub fn shown(&self, figure: &Figure, measure: &Measure) -> String {
        match &figure.bare {
            Bare::Number(n) => written(*n, measure.kind, figure.decimals.max(measure.decimals)),
            Bare::Date(date) => date.format("%-d %B %Y").to_string(),
            Bare::Marker(marker) => match figure.typed.as_str() {
                typed if typed.starts_with('<') => typed.to_owned(),
                _ => marker.letter().to_owned(),
            },
            Bare::Codes(codes) => codes.iter().map(|code| word(code, measure)).collect::<Vec<_>>().join(", "),
            Bare::Text(text) => word(text, measure).to_owned(),
            Bare::Blank => "blank".to_owned(),
        }
    }
}

/// The pointer of a figure among the returns of several bodies.
#[must_use]
pub fn of_body(body: &str, pointer: &Pointer) -> Pointer {
    Pointer::from(format!("{}{pointer}", Pointer::section(body)).as_str())
}

/// The same tree with every pointer under the name of a body, so that two bodies' figures can be told apart.
fn owned(node: Node, body: &str) -> Node {
    match node {
        Node::Leaf(leaf) => Node::leaf(of_body(body, &leaf.pointer), leaf.value.clone(), leaf.shown.clone()),
        Node::Record(fields) => Node::record(fields.iter().map(|(key, node)| (key.clone(), owned(node.clone(), body)))),
        Node::Rows(rows) => Node::rows(
            rows.iter().map(|(key, pointer, node)| (key.clone(), of_body(body, pointer), owned(node.clone(), body))),
        ),
    }
}

/// Parameters, and the reference figures of a year, as every rule can name them.
#[must_use]
pub fn known(schemas: &Schemas, year: &str) -> [(&'static str, Node); 3] {
    let parameters = schemas.parameters.iter().map(|(name, n)| (name.as_str(), *n));
    let known = schemas.references().filter_map(|name| Some((name.as_str(), schemas.reference(name, year)?)));
    [
        ("param", constants("param", parameters)),
        ("reference", constants("reference", known)),
        (HOLIDAYS, holidays(schemas)),
    ]
}

/// The code of a row, by which a rule tells the rows apart.
fn row_code(row: &Pointer, code: &Code) -> Node {
    Node::leaf(row.clone(), Known::Text(code.code.clone()), code.label.as_str())
}

/// The words that the template has for a code; a text that is none stays.
fn word<'a>(text: &'a str, measure: &'a Measure) -> &'a str {
    let codes = measure.codes.iter().flat_map(|list| &list.codes);
    codes.into_iter().find(|code| code.code == text).map_or(text, |code| code.label.as_str())
}

/// A number of a measure as people read it.
#[must_use]
pub fn shown(n: f64, measure: &Measure, decimals: u8) -> String {
    written(n, measure.kind, decimals.max(measure.decimals))
}

fn written(n: f64, kind: Kind, decimals: u8) -> String {
    match kind {
        Kind::Percentage => format!("{}%", format_number(n, decimals)),
        Kind::Points | Kind::Rate => format_number(n, decimals),
        Kind::Money => format!("£{}", format_plain(n)),
        Kind::Count | Kind::Number | Kind::Date | Kind::Year | Kind::Month => format_plain(n),
        Kind::Code | Kind::Codes | Kind::Text | Kind::Email => format_plain(n),
    }
}

fn constants<'a>(root: &str, values: impl Iterator<Item = (&'a str, f64)>) -> Node {
    let place = Pointer::section(root);
    let leaves = values
        .map(|(name, n)| (name, Node::leaf(place.child(name), Known::Number(Interval::exact(n)), format_plain(n))));
    nested(leaves, Node::record)
}

/// The bank holidays, for rules that count working days.
fn holidays(schemas: &Schemas) -> Node {
    let place = Pointer::section("reference").child(HOLIDAYS);
    Node::rows(schemas.holidays.iter().map(|date| {
        let (key, days) = (date.to_string(), Interval::exact(super::tidy::days(*date)));
        let pointer = place.child(&key);
        (key.clone(), pointer.clone(), Node::leaf(pointer, Known::Number(days), key))
    }))
}

/// A derived figure and the figures it is made of.
fn work_out(expression: &ValueExpression, root: &Node) -> Worked {
    let parts = expression.paths().iter().flat_map(|path| root.leaves(path)).map(|leaf| leaf.pointer.clone());
    let parts = parts.filter(|p| !matches!(p.section_key().as_str(), "param" | "reference")).collect();
    Worked { interval: value(expression, root), quotient: quotient(expression, root), parts }
}
