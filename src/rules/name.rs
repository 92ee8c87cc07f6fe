//! Settles names: what each path of names stands for, and what somebody may have meant who misspelt one.

use super::lower::{Found, Items, Lowering};
use super::shape::{Shape, identifier, is_named};
use super::syn::{Syn, SynKind};
use super::tree::{Many, Place};

impl Lowering<'_> {
    pub(super) fn find(&mut self, syn: &Syn) -> Option<Found> {
        match &syn.kind {
            SynKind::Name(name) => self.find_name(syn, name),
            SynKind::Select(of, name) => {
                let found = match &of.kind {
                    SynKind::Name(_) | SynKind::Select(..) => self.find(of)?,
                    // The column of a filtered table.
                    SynKind::Call { .. } => Found::Many(self.items(of)?),
                    SynKind::Number(_) | SynKind::Text(_) | SynKind::Truth(_) | SynKind::List(_) => {
                        return self.fault(syn, format!("there is nothing named `{name}` inside this"), None);
                    }
                    SynKind::Not(_) | SynKind::Negate(_) | SynKind::Binary(..) | SynKind::If(_) => {
                        return self.fault(syn, format!("there is nothing named `{name}` inside this"), None);
                    }
                };
                self.find_in(syn, of, found, name)
            }
            SynKind::Number(_) | SynKind::Text(_) | SynKind::Truth(_) | SynKind::List(_) | SynKind::Call { .. } => {
                self.fault(syn, "expected a name", None)
            }
            SynKind::Not(_) | SynKind::Negate(_) | SynKind::Binary(..) | SynKind::If(_) => {
                self.fault(syn, "expected a name", None)
            }
        }
    }

    pub(super) fn find_name(&mut self, syn: &Syn, name: &str) -> Option<Found> {
        if let Some(slot) = self.scope.iter().rposition(|variable| variable.name == name) {
            let variable = self.scope.get(slot)?;
            let place = Place::Slot(slot, name.to_owned());
            return Some(Found::One(place, variable.shape.clone(), variable.path.clone()));
        }
        let Shape::Record(fields) = self.root else {
            return self.fault(syn, format!("no measure `{name}`"), None);
        };
        match fields.iter().find(|(key, _)| is_named(key, name)) {
            Some((key, shape)) => {
                let of = Box::new(Place::Root);
                let place = Place::Step { of, key: key.clone(), written: name.to_owned() };
                Some(Found::One(place, shape.clone(), name.to_owned()))
            }
            None => {
                let known = fields.keys().map(String::as_str).chain(self.scope.iter().map(|v| v.name.as_str()));
                let help = nearest(name, known);
                self.fault(syn, format!("no measure `{name}`"), help)
            }
        }
    }

    pub(super) fn find_in(&mut self, syn: &Syn, of: &Syn, found: Found, name: &str) -> Option<Found> {
        let written = written(syn);
        let (shape, path) = match &found {
            Found::One(_, shape, path) => (shape, path),
            Found::Many(items) => (&items.of, &items.path),
        };
        let inner = format!("{path}.{name}");
        match (shape.clone(), found) {
            (Shape::Record(fields), found) => {
                let Some((key, shape)) = fields.iter().find(|(key, _)| is_named(key, name)) else {
                    let help = nearest(name, fields.keys().map(String::as_str));
                    return self.fault(syn, format!("no measure `{inner}`"), help);
                };
                Some(match found {
                    Found::One(place, _, _) => {
                        let place = Place::Step { of: Box::new(place), key: key.clone(), written };
                        Found::One(place, shape.clone(), inner)
                    }
                    Found::Many(items) => {
                        let many = Many::Column { of: Box::new(items.many), key: key.clone(), written };
                        Found::Many(Items { many, of: shape.clone(), path: inner })
                    }
                })
            }
            (Shape::Table { row, keys }, Found::One(place, _, path)) => {
                let rows: Vec<&String> = keys.iter().filter(|key| is_named(key, name)).collect();
                if let [key, more @ ..] = rows.as_slice() {
                    if let [other, ..] = more {
                        return self.fault(syn, format!("`{name}` may be row {key} or row {other}"), None);
                    }
                    let place = Place::Step { of: Box::new(place), key: (*key).clone(), written };
                    return Some(Found::One(place, (*row).clone(), inner));
                }
                if let Shape::Record(fields) = &*row
                    && let Some((key, shape)) = fields.iter().find(|(key, _)| is_named(key, name))
                {
                    let rows = Many::Rows { place, keys };
                    let many = Many::Column { of: Box::new(rows), key: key.clone(), written };
                    return Some(Found::Many(Items { many, of: shape.clone(), path: format!("{path}[].{name}") }));
                }
                let columns: Vec<String> = match &*row {
                    Shape::Record(fields) => fields.keys().cloned().collect(),
                    _ => Vec::new(),
                };
                let rows: Vec<String> = keys.iter().map(|key| identifier(key)).collect();
                let help = nearest(name, columns.iter().chain(&rows).map(String::as_str));
                self.fault(syn, format!("no row or column `{inner}`"), help)
            }
            // One row of the table that each of several returns has.
            (Shape::Table { row, keys }, Found::Many(items)) => match keys.iter().find(|key| is_named(key, name)) {
                Some(key) => {
                    let many = Many::Column { of: Box::new(items.many), key: key.clone(), written };
                    Some(Found::Many(Items { many, of: (*row).clone(), path: inner }))
                }
                None => {
                    let rows: Vec<String> = keys.iter().map(|key| identifier(key)).collect();
                    let help = nearest(name, rows.iter().map(String::as_str));
                    let help = help.or_else(|| Some("write `.map(r, sum(r.section.table.column))`".to_owned()));
                    self.fault(syn, format!("no row `{inner}`"), help)
                }
            },
            (shape, _) => {
                let message = format!("`{}` is {}, there are no names inside", self::written(of), shape.describe());
                self.fault(syn, message, None)
            }
        }
    }

    /// What `has` asks after: named, but not counted as a second use of the figure.
    pub(super) fn asked(&mut self, syn: &Syn) -> Option<Place> {
        if !matches!(syn.kind, SynKind::Name(_) | SynKind::Select(..)) {
            return self.fault(syn, "`has` asks after a name", Some("write `has(name)`".to_owned()));
        }
        match self.find(syn)? {
            Found::One(place, _, path) => {
                if !path.is_empty() {
                    self.facts.paths.insert(path);
                }
                Some(place)
            }
            Found::Many(_) => {
                let help = "write `table.all(r, has(r.column))`".to_owned();
                self.fault(syn, "`has` asks after one figure, this is a column", Some(help))
            }
        }
    }

    /// Whether a name means something already.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        let known = matches!(self.root, Shape::Record(fields) if fields.keys().any(|key| is_named(key, name)));
        known || self.scope.iter().any(|variable| variable.name == name)
    }
}

/// A path as people write it, without spaces.
fn written(syn: &Syn) -> String {
    match &syn.kind {
        SynKind::Name(name) => name.clone(),
        SynKind::Select(of, name) => format!("{}.{name}", written(of)),
        // A filtered table: the figures are those of the table.
        SynKind::Call { on: Some(on), .. } => written(on),
        SynKind::Call { name, on: None, .. } => name.clone(),
        SynKind::Number(_) | SynKind::Text(_) | SynKind::Truth(_) | SynKind::List(_) => String::new(),
        SynKind::Not(_) | SynKind::Negate(_) | SynKind::Binary(..) | SynKind::If(_) => String::new(),
    }
}

/// The known names that somebody may have meant.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let known: Vec<&str> = known.collect();
    let mut close: Vec<(f64, &str)> =
        known.iter().map(|known| (strsim::jaro_winkler(name, known), *known)).filter(|(s, _)| *s > 0.84).collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    // A near miss leaves no doubt: then the others only distract.
    let best = close.first().map_or(0.0, |(score, _)| *score);
    close.retain(|(score, _)| *score > best - 0.06);
    let quoted = |names: Vec<&str>| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>();
    if !close.is_empty() {
        let names = quoted(close.into_iter().take(3).map(|(_, name)| name).collect());
        return Some(format!("did you mean {}?", names.join(" or ")));
    }
    (1..=8).contains(&known.len()).then(|| format!("there are {}", quoted(known).join(", ")))
}
