//! Lowers calls: the functions, and the loops over tables and lists. Everything else of lowering is in `lower`.

use super::days;
use super::lower::{Items, Lowered, Lowering, Variable};
use super::name::nearest;
use super::shape::Shape;
use super::syn::{Syn, SynKind};
use super::tree::{Calendar, Many, Number, Quantifier, Truth, Words};

const FUNCTIONS: [(&str, &str); 13] = [
    ("sum", "sum(list)"),
    ("size", "size(list)"),
    ("min", "min(list)"),
    ("max", "max(list)"),
    ("abs", "abs(number)"),
    ("near", "near(one, other, tolerance)"),
    ("has", "has(name)"),
    ("percentage", "percentage(part, whole)"),
    ("rate", "rate(count, population, per)"),
    ("date", "date(\"2021-03-31\")"),
    ("year_start", "year_start(year)"),
    ("year_end", "year_end(year)"),
    ("workdays", "workdays(from, to)"),
];

const LOOPS: [(&str, &str); 4] = [
    ("all", "table.all(r, …)"),
    ("exists", "table.exists(r, …)"),
    ("filter", "table.filter(r, …)"),
    ("map", "table.map(r, …)"),
];

/// So deep loops go: each takes a good piece of stack, when lowered and when evaluated.
const LOOPS_DEEP: usize = 6;

impl Lowering<'_> {
    pub(super) fn function(&mut self, syn: &Syn, name: &str, args: &[Syn]) -> Option<Lowered> {
        Some(match (name, args) {
            ("sum", [list]) => {
                let items = self.items(list)?;
                if items.of == Shape::Date {
                    return self.fault(list, "dates cannot be added", None);
                }
                Lowered::Number(Number::Sum(self.figures(list, items)?.many), false)
            }
            ("size", [list]) => Lowered::Number(Number::Size(self.items(list)?.many), false),
            ("min" | "max", [list]) => {
                let items = self.items(list)?;
                let items = self.figures(list, items)?;
                let dated = items.of == Shape::Date;
                let number = if name == "min" { Number::Least(items.many) } else { Number::Greatest(items.many) };
                Lowered::Number(number, dated)
            }
            ("abs", [number]) => match self.number(number)? {
                (_, true) => return self.fault(number, "a date has no size", None),
                (number, false) => Lowered::Number(Number::Abs(Box::new(number)), false),
            },
            ("near", [one, other, tolerance]) => {
                let parts = (self.number(one), self.number(other), self.number(tolerance));
                let ((one, x), (other, y), (tolerance, _)) = (parts.0?, parts.1?, parts.2?);
                Lowered::Truth(Truth::Near { parts: Box::new([one, other, tolerance]), dated: x || y })
            }
            ("has", [name]) => Lowered::Truth(Truth::Has(self.asked(name)?)),
            ("percentage", [part, whole]) => {
                let (part, whole) = (self.number(part), self.number(whole));
                Lowered::Number(Number::Percentage(Box::new([part?.0, whole?.0])), false)
            }
            ("rate", [count, population, per]) => {
                let (count, population, per) = (self.number(count), self.number(population), self.number(per));
                Lowered::Number(Number::Rate(Box::new([count?.0, population?.0, per?.0])), false)
            }
            ("workdays", [from, to]) => {
                let (from, to) = (self.day(from), self.day(to));
                Lowered::Number(Number::Workdays(Box::new([from?, to?])), false)
            }
            ("date", [text]) => self.date(text, Calendar::Day)?,
            ("year_start", [text]) => self.date(text, Calendar::YearStart)?,
            ("year_end", [text]) => self.date(text, Calendar::YearEnd)?,
            _ => return self.no_such_call(syn, name, None),
        })
    }

    fn no_such_call(&mut self, syn: &Syn, name: &str, on: Option<&str>) -> Option<Lowered> {
        let usage = |list: &[(&'static str, &'static str)]| list.iter().find(|(n, _)| *n == name).map(|(_, u)| *u);
        match (usage(&FUNCTIONS), usage(&LOOPS), on) {
            (Some(usage), _, _) | (None, Some(usage), _) => {
                self.fault(syn, format!("this is not how `{name}` is used"), Some(format!("write `{usage}`")))
            }
            (None, None, on) => {
                let help = nearest(name, FUNCTIONS.iter().chain(&LOOPS).map(|(name, _)| *name));
                let what = if on.is_some() { "loop" } else { "function" };
                let all = || Some(format!("there are {}", FUNCTIONS.map(|(name, _)| name).join(", ")));
                self.fault(syn, format!("no {what} `{name}`"), help.or_else(all))
            }
        }
    }

    /// Refuses a list of anything but figures or dates.
    fn figures(&mut self, syn: &Syn, items: Items) -> Option<Items> {
        match &items.of {
            Shape::Figure | Shape::Date => Some(items),
            Shape::Text | Shape::Truth | Shape::Codes => self.fault(syn, "this list holds no figures", None),
            Shape::Record(fields) => {
                let path = items.path.trim_end_matches("[]");
                let help = fields.keys().next().map(|first| format!("name a column, as in `{path}.{first}`"));
                self.fault(syn, "this is a table, not a list of figures", help)
            }
            Shape::Table { .. } => self.fault(syn, "this list holds tables, no figures", None),
        }
    }

    fn day(&mut self, syn: &Syn) -> Option<Number> {
        match self.number(syn)? {
            (day, true) => Some(day),
            (_, false) => self.fault(syn, "expected a date, found a figure", None),
        }
    }

    fn date(&mut self, syn: &Syn, calendar: Calendar) -> Option<Lowered> {
        let words = self.words(syn)?;
        let Words::Constant(text) = &words else {
            return Some(Lowered::Number(Number::Date(calendar, words), true));
        };
        let (day, example) = match calendar {
            Calendar::Day => (days::day(text), "2021-03-31"),
            Calendar::YearStart => (days::year_start(text), "2020-21"),
            Calendar::YearEnd => (days::year_end(text), "2020-21"),
        };
        match day {
            Some(day) => Some(Lowered::Number(Number::Day(day), true)),
            None => {
                self.fault(syn, format!("`{text}` is not what is expected here"), Some(format!("as in {example:?}")))
            }
        }
    }

    pub(super) fn looped(&mut self, syn: &Syn, name: &str, on: &Syn, args: &[Syn]) -> Option<Lowered> {
        let [variable, body] = args else { return self.no_such_call(syn, name, Some("")) };
        if !LOOPS.iter().any(|(known, _)| *known == name) {
            return self.no_such_call(syn, name, Some(""));
        }
        let SynKind::Name(row) = &variable.kind else {
            return self.fault(variable, "expected a name for the row", Some(format!("as in `table.{name}(r, …)`")));
        };
        if self.loops == LOOPS_DEEP {
            return self.fault(syn, "loops are nested too deeply", Some("make two rules of it".to_owned()));
        }
        self.loops += 1;
        let lowered = self.looped_over(name, row, on, variable, body);
        self.loops -= 1;
        lowered
    }

    fn looped_over(&mut self, name: &str, row: &str, on: &Syn, variable: &Syn, body: &Syn) -> Option<Lowered> {
        let over = self.items(on)?;
        let (of, path, many) = (over.of.clone(), over.path.clone(), over.many.clone());
        Some(match name {
            "filter" => {
                let body = Box::new(self.within(row, variable, over, |l| l.truth(body))?);
                Lowered::Many(Items { many: Many::Filter { over: Box::new(many), body }, of, path })
            }
            "map" => {
                let lowered = self.within(row, variable, over, |l| l.lower(body))?;
                let (many, path) = (Box::new(many), String::new());
                Lowered::Many(match lowered {
                    Lowered::Number(n, dated) => {
                        let of = if dated { Shape::Date } else { Shape::Figure };
                        Items { many: Many::MapNumbers(many, Box::new(n)), of, path }
                    }
                    Lowered::Words(w) => Items { many: Many::MapWords(many, Box::new(w)), of: Shape::Text, path },
                    Lowered::Truth(t) => Items { many: Many::MapTruths(many, Box::new(t)), of: Shape::Truth, path },
                    other @ (Lowered::Many(_) | Lowered::Whole(..)) => {
                        let message = format!("`map` makes figures, texts or truths, not {}", other.describe());
                        return self.fault(body, message, None);
                    }
                })
            }
            _ => {
                let body = Box::new(self.within(row, variable, over, |l| l.truth(body))?);
                let quantifier = if name == "all" { Quantifier::All } else { Quantifier::Exists };
                Lowered::Truth(Truth::Each { quantifier, over: many, body })
            }
        })
    }

    /// Lowers what stands inside a loop, where a name stands for the row.
    pub(super) fn within<T>(
        &mut self,
        row: &str,
        at: &Syn,
        over: Items,
        lower: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.is_taken(row) {
            return self.fault(at, format!("`{row}` is already a name here"), Some("choose another".to_owned()));
        }
        self.scope.push(Variable { name: row.to_owned(), shape: over.of, path: over.path });
        let lowered = lower(self);
        self.scope.pop();
        lowered
    }
}
