//! From tree as written to tree as evaluated: names and types are settled once, when schemas are compiled, and
//! everything that is wrong is said at once. Calls and loops are in `call`.

use std::collections::BTreeMap;

use super::parse::parse;
use super::shape::Shape;
use super::syn::{Binary, Fault, Syn, SynKind};
use super::tree::{Arith, Body, Expression, Facts, Many, Number, Place, Truth, ValueExpression, Words};
use crate::figure::Comparison;

/// Lowers a rule against the names of a section (a [`Shape::Record`] that also holds `last`, `cover`, `sections`, …).
/// A rule is true or false; a top-level `table.all(r, …)` becomes one verdict a row.
pub fn lower(rule: &str, root: &Shape) -> Result<Expression, Vec<Fault>> {
    let syn = parse(rule).map_err(|fault| vec![fault])?;
    let mut lowering = Lowering::new(root);
    let body = lowering.body(&syn);
    let (body, facts) = lowering.finish(rule, body)?;
    Ok(Expression { body, facts })
}

/// Lowers the expression of a derived figure: its value is a number.
pub fn lower_value(expression: &str, root: &Shape) -> Result<ValueExpression, Vec<Fault>> {
    let syn = parse(expression).map_err(|fault| vec![fault])?;
    let mut lowering = Lowering::new(root);
    let body = lowering.number(&syn).map(|(number, _)| number);
    let (body, facts) = lowering.finish(expression, body)?;
    Ok(ValueExpression { body, facts })
}

pub(super) struct Lowering<'s> {
    pub(super) root: &'s Shape,
    pub(super) scope: Vec<Variable>,
    pub(super) faults: Vec<Fault>,
    pub(super) facts: Facts,
    /// How often each figure is named.
    named: BTreeMap<String, usize>,
}

/// The name a loop gives to its rows or items.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// `recommendations[]`; empty where the items are computed.
    pub(super) path: String,
}

/// A term with its type. What is missing (`None`) has been complained about.
pub(super) enum Lowered {
    /// A number, or a date.
    Number(Number, bool),
    Words(Words),
    Truth(Truth),
    Many(Items),
    /// A group of names or a table.
    Whole(Place, Shape, String),
}

/// A list, what its items are, and its path.
pub(super) struct Items {
    pub(super) many: Many,
    pub(super) of: Shape,
    pub(super) path: String,
}

/// What a name or a path of names stands for.
pub(super) enum Found {
    One(Place, Shape, String),
    Many(Items),
}

impl Lowered {
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Number(_, false) => "a figure",
            Self::Number(_, true) => "a date",
            Self::Words(_) => "text",
            Self::Truth(_) => "true or false",
            Self::Many(_) => "a list",
            Self::Whole(_, shape, _) => shape.describe(),
        }
    }
}

impl<'s> Lowering<'s> {
    fn new(root: &'s Shape) -> Self {
        Self { root, scope: Vec::new(), faults: Vec::new(), facts: Facts::default(), named: BTreeMap::new() }
    }

    fn finish<T>(self, text: &str, body: Option<T>) -> Result<(T, Facts), Vec<Fault>> {
        let Some(body) = body.filter(|_| self.faults.is_empty()) else { return Err(self.faults) };
        let named_twice = self.named.into_iter().filter(|(_, times)| *times > 1).map(|(path, _)| path).collect();
        Ok((body, Facts { text: text.to_owned(), named_twice, ..self.facts }))
    }

    pub(super) fn fault<T>(&mut self, syn: &Syn, message: impl Into<String>, help: Option<String>) -> Option<T> {
        self.faults.push(Fault { span: syn.span.clone(), message: message.into(), help });
        None
    }

    fn body(&mut self, syn: &Syn) -> Option<Body> {
        if let SynKind::Call { name, on: Some(on), args } = &syn.kind
            && name == "all"
            && let [row, body] = args.as_slice()
            && let SynKind::Name(row) = &row.kind
        {
            let over = self.items(on)?;
            let path = over.path.trim_end_matches("[]").to_owned();
            let many = over.many.clone();
            let body = self.within(row, &args[0], over, |lowering| lowering.truth(body))?;
            return Some(Body::EachRow { over: many, body, path, row: row.clone() });
        }
        self.truth(syn).map(Body::One)
    }

    pub(super) fn number(&mut self, syn: &Syn) -> Option<(Number, bool)> {
        match self.lower(syn)? {
            Lowered::Number(number, dated) => Some((number, dated)),
            other @ (Lowered::Words(_) | Lowered::Truth(_) | Lowered::Many(_) | Lowered::Whole(..)) => {
                let help = match &other {
                    Lowered::Many(_) => Some("write `sum(…)` or `size(…)`".to_owned()),
                    Lowered::Whole(_, shape, path) => self.columns_of(shape, path),
                    Lowered::Number(..) | Lowered::Words(_) | Lowered::Truth(_) => None,
                };
                self.fault(syn, format!("expected a figure, found {}", other.describe()), help)
            }
        }
    }

    pub(super) fn words(&mut self, syn: &Syn) -> Option<Words> {
        match self.lower(syn)? {
            Lowered::Words(words) => Some(words),
            other @ (Lowered::Number(..) | Lowered::Truth(_) | Lowered::Many(_) | Lowered::Whole(..)) => {
                self.fault(syn, format!("expected text, found {}", other.describe()), None)
            }
        }
    }

    pub(super) fn truth(&mut self, syn: &Syn) -> Option<Truth> {
        match self.lower(syn)? {
            Lowered::Truth(truth) => Some(truth),
            other @ (Lowered::Number(..) | Lowered::Words(_) | Lowered::Many(_) | Lowered::Whole(..)) => {
                self.fault(syn, format!("expected true or false, found {}", other.describe()), None)
            }
        }
    }

    pub(super) fn items(&mut self, syn: &Syn) -> Option<Items> {
        match self.lower(syn)? {
            Lowered::Many(items) => Some(items),
            Lowered::Whole(place, Shape::Table { row, keys }, path) => {
                self.facts.paths.insert(path.clone());
                let of = (*row).clone();
                Some(Items { many: Many::Rows { place, keys }, of, path: format!("{path}[]") })
            }
            other @ (Lowered::Number(..) | Lowered::Words(_) | Lowered::Truth(_) | Lowered::Whole(..)) => {
                self.fault(syn, format!("expected a table or a list, found {}", other.describe()), None)
            }
        }
    }

    pub(super) fn lower(&mut self, syn: &Syn) -> Option<Lowered> {
        Some(match &syn.kind {
            SynKind::Number(n) => Lowered::Number(Number::Constant(*n), false),
            SynKind::Text(text) => Lowered::Words(Words::Constant(text.clone())),
            SynKind::Truth(truth) => Lowered::Truth(Truth::Constant(*truth)),
            SynKind::Name(_) | SynKind::Select(..) => {
                let found = self.find(syn)?;
                self.value(found)
            }
            SynKind::Call { name, on: None, args } => self.function(syn, name, args)?,
            SynKind::Call { name, on: Some(on), args } => self.looped(syn, name, on, args)?,
            SynKind::List(items) => self.list(syn, items)?,
            SynKind::Not(of) => Lowered::Truth(Truth::Not(Box::new(self.truth(of)?))),
            SynKind::Negate(of) => match self.number(of)? {
                (_, true) => return self.fault(syn, "a date has no opposite", None),
                // Written as CEL reads it: one negative number.
                (Number::Constant(n), false) => Lowered::Number(Number::Constant(-n), false),
                (number, false) => Lowered::Number(Number::Negate(Box::new(number)), false),
            },
            SynKind::Binary(operator, sides) => self.binary(syn, *operator, &sides[0], &sides[1])?,
            SynKind::If(parts) => self.choice(syn, &parts[0], &parts[1], &parts[2])?,
        })
    }

    fn binary(&mut self, syn: &Syn, operator: Binary, left: &Syn, right: &Syn) -> Option<Lowered> {
        match operator {
            Binary::Add => self.arith(syn, Arith::Add, left, right),
            Binary::Subtract => self.arith(syn, Arith::Subtract, left, right),
            Binary::Multiply => self.arith(syn, Arith::Multiply, left, right),
            Binary::Divide => self.arith(syn, Arith::Divide, left, right),
            Binary::Less => self.compare(syn, Comparison::Less, left, right),
            Binary::AtMost => self.compare(syn, Comparison::AtMost, left, right),
            Binary::More => self.compare(syn, Comparison::More, left, right),
            Binary::AtLeast => self.compare(syn, Comparison::AtLeast, left, right),
            Binary::Equal => self.compare(syn, Comparison::Equal, left, right),
            Binary::NotEqual => self.compare(syn, Comparison::NotEqual, left, right),
            Binary::And | Binary::Or => {
                // Both, so that each says what is wrong with it.
                let (left, right) = (self.truth(left), self.truth(right));
                let sides = Box::new([left?, right?]);
                Some(Lowered::Truth(if operator == Binary::And { Truth::And(sides) } else { Truth::Or(sides) }))
            }
            Binary::In => {
                let (needle, list) = (self.lower(left), self.items(right));
                let (needle, list) = (needle?, list?);
                let found = needle.describe();
                Some(Lowered::Truth(match (needle, &list.of) {
                    (Lowered::Number(n, _), Shape::Figure | Shape::Date) => Truth::NumberIn(Box::new(n), list.many),
                    (Lowered::Words(w), Shape::Text) => Truth::WordsIn(Box::new(w), list.many),
                    _ => {
                        let message = format!("the left is {found}, the list holds {}", plural(&list.of));
                        return self.fault(syn, message, None);
                    }
                }))
            }
        }
    }

    fn arith(&mut self, syn: &Syn, op: Arith, left: &Syn, right: &Syn) -> Option<Lowered> {
        let (left, right) = (self.number(left), self.number(right));
        let ((left, a), (right, b)) = (left?, right?);
        let dated = match (op, a, b) {
            (_, false, false) | (Arith::Subtract, true, true) => false,
            (Arith::Add, true, false) | (Arith::Add, false, true) | (Arith::Subtract, true, false) => true,
            (Arith::Add, true, true) => return self.fault(syn, "two dates cannot be added", None),
            (Arith::Subtract, false, true) => return self.fault(syn, "a date cannot be taken from a figure", None),
            (Arith::Multiply | Arith::Divide, _, _) => {
                return self.fault(syn, "dates cannot be multiplied or divided", None);
            }
        };
        Some(Lowered::Number(Number::Arith(op, Box::new([left, right])), dated))
    }

    fn compare(&mut self, syn: &Syn, op: Comparison, left: &Syn, right: &Syn) -> Option<Lowered> {
        let (a, b) = (self.lower(left), self.lower(right));
        let (a, b) = (a?, b?);
        let found = (a.describe(), b.describe());
        Some(Lowered::Truth(match (a, b) {
            (Lowered::Number(a, x), Lowered::Number(b, y)) => {
                Truth::Compare { op, sides: Box::new([a, b]), dated: x || y }
            }
            (Lowered::Words(a), Lowered::Words(b)) => Truth::CompareWords { op, sides: Box::new([a, b]) },
            (Lowered::Truth(a), Lowered::Truth(b)) if op == Comparison::Equal => Truth::Same(Box::new([a, b])),
            (Lowered::Truth(a), Lowered::Truth(b)) if op == Comparison::NotEqual => {
                Truth::Not(Box::new(Truth::Same(Box::new([a, b]))))
            }
            (a, _) => {
                let chained = matches!(a, Lowered::Truth(_)) && matches!(left.kind, SynKind::Binary(..));
                let help = match (chained, found) {
                    (true, _) => "write `a < b && b < c` for three in order",
                    (false, ("a date", "text") | ("text", "a date")) => "write `date(\"2021-03-31\")` for a date",
                    (false, ("a list" | "a table" | "a list of codes", _)) => "compare `sum(…)` or `size(…)` of it",
                    (false, _) => "compare figures with figures and text with text",
                };
                let message = format!("the left is {}, the right is {}: they cannot be compared", found.0, found.1);
                return self.fault(syn, message, Some(help.to_owned()));
            }
        }))
    }

    fn choice(&mut self, syn: &Syn, condition: &Syn, yes: &Syn, no: &Syn) -> Option<Lowered> {
        let (condition, yes, no) = (self.truth(condition), self.lower(yes), self.lower(no));
        let (condition, yes, no) = (condition?, yes?, no?);
        let found = (yes.describe(), no.describe());
        Some(match (yes, no) {
            (Lowered::Number(a, x), Lowered::Number(b, y)) => {
                Lowered::Number(Number::If(Box::new((condition, a, b))), x || y)
            }
            (Lowered::Words(a), Lowered::Words(b)) => Lowered::Words(Words::If(Box::new((condition, a, b)))),
            (Lowered::Truth(a), Lowered::Truth(b)) => Lowered::Truth(Truth::If(Box::new([condition, a, b]))),
            _ => {
                let message = format!("`?:` chooses between {} and {}: they must be alike", found.0, found.1);
                return self.fault(syn, message, None);
            }
        })
    }

    fn list(&mut self, syn: &Syn, items: &[Syn]) -> Option<Lowered> {
        let lowered: Vec<_> = items.iter().map(|item| self.lower(item)).collect();
        let (mut numbers, mut words, mut dates) = (Vec::new(), Vec::new(), 0);
        for (item, lowered) in items.iter().zip(lowered) {
            match lowered? {
                Lowered::Number(n, dated) => {
                    numbers.push(n);
                    dates += usize::from(dated);
                }
                Lowered::Words(w) => words.push(w),
                other @ (Lowered::Truth(_) | Lowered::Many(_) | Lowered::Whole(..)) => {
                    return self.fault(item, format!("a list holds figures or texts, not {}", other.describe()), None);
                }
            }
        }
        let path = String::new();
        Some(Lowered::Many(match (numbers.is_empty(), words.is_empty()) {
            (false, true) => {
                let of = if dates == numbers.len() { Shape::Date } else { Shape::Figure };
                Items { many: Many::Numbers(numbers), of, path }
            }
            (true, false) => Items { many: Many::Words(words), of: Shape::Text, path },
            (true, true) => return self.fault(syn, "an empty list says nothing", None),
            (false, false) => return self.fault(syn, "a list holds figures or texts, not both", None),
        }))
    }

    /// What a found name is worth, noted as named.
    fn value(&mut self, found: Found) -> Lowered {
        let (place, shape, path) = match found {
            Found::One(place, shape, path) => (place, shape, path),
            Found::Many(items) => {
                self.note(&items.path);
                return Lowered::Many(items);
            }
        };
        match shape {
            Shape::Figure => {
                self.note(&path);
                Lowered::Number(Number::Read(place), false)
            }
            Shape::Date => {
                self.note(&path);
                Lowered::Number(Number::Read(place), true)
            }
            Shape::Text => {
                self.note(&path);
                Lowered::Words(Words::Read(place))
            }
            Shape::Truth => {
                self.note(&path);
                Lowered::Truth(Truth::Read(place))
            }
            Shape::Codes => {
                self.note(&path);
                Lowered::Many(Items { many: Many::Codes(place), of: Shape::Text, path })
            }
            Shape::Record(_) | Shape::Table { .. } => Lowered::Whole(place, shape, path),
        }
    }

    fn note(&mut self, path: &str) {
        if !path.is_empty() {
            self.facts.paths.insert(path.to_owned());
            *self.named.entry(path.to_owned()).or_default() += 1;
        }
    }

    fn columns_of(&self, shape: &Shape, path: &str) -> Option<String> {
        let fields = match shape {
            Shape::Table { row, .. } => match &**row {
                Shape::Record(fields) => fields.clone(),
                _ => return None,
            },
            Shape::Record(fields) => fields.clone(),
            Shape::Figure | Shape::Date | Shape::Text | Shape::Truth | Shape::Codes => return None,
        };
        let first = fields.keys().next()?;
        Some(format!("name one of its figures, as in `{path}.{first}`"))
    }
}

fn plural(shape: &Shape) -> &'static str {
    match shape {
        Shape::Figure => "figures",
        Shape::Date => "dates",
        Shape::Text => "texts",
        Shape::Truth => "truths",
        Shape::Codes => "lists of codes",
        Shape::Record(_) | Shape::Table { .. } => "rows",
    }
}
