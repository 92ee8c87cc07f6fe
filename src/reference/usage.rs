//! Who reads what: from the expressions of every form's rules, the places that each rule reads and the rules that read
//! each place; and for which kinds of agency and years a place is there at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Severity;
use crate::schema::model::{Item, Section};
use crate::schema::{Form, Relation, Schemas};

/// A measure, a table, a list or a column, by section and path: `cpp_by_category`, `children`.
pub(super) type Spot = (String, Vec<String>);

/// A rule as one section declares it, for all kinds and years that have it.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) spot: Spot,
    pub(super) relation: Relation,
    /// What has to hold, worst first.
    pub(super) grades: Vec<(Severity, String, String)>,
    pub(super) kinds: BTreeSet<String>,
    pub(super) years: BTreeSet<String>,
}

/// What is read and where it is.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// The rules that read a place.
    pub(super) rules: BTreeMap<Spot, BTreeSet<String>>,
    /// The places that a rule reads.
    pub(super) reads: BTreeMap<String, BTreeSet<Spot>>,
    /// The rules that use a parameter, and the reference figures that rules or derived figures use.
    pub(super) parameters: BTreeMap<String, BTreeSet<String>>,
    pub(super) references: BTreeMap<String, BTreeSet<String>>,
    /// Measures that rest on a reference figure.
    pub(super) rest_on: BTreeMap<String, BTreeSet<Spot>>,
    /// Each rule's declarations, in the order of the pack.
    pub(super) declared: BTreeMap<String, Vec<Declared>>,
    /// Kinds and years that have a place.
    pub(super) there: BTreeMap<Spot, BTreeSet<(String, String)>>,
}

impl Usage {
    pub(super) fn of(schemas: &Schemas) -> Self {
        let mut usage = Self::default();
        for form in schemas.forms() {
            for section in form.sections.iter().chain([&schemas.cover, &schemas.explanations]) {
                for path in places(section) {
                    let spot = (section.key.clone(), path);
                    usage.there.entry(spot).or_default().insert((form.kind.clone(), form.year.clone()));
                }
            }
            for rule in &form.rules {
                usage.declare(form, rule);
                let id = rule.id.as_str();
                for path in rule.grades.iter().flat_map(|grade| grade.expression.paths()) {
                    usage.read(schemas, form, &rule.section, id, path);
                }
            }
            for (section, derived) in &form.derived {
                for figure in derived {
                    for name in figure.expression.paths().iter().filter_map(|p| p.strip_prefix("reference.")) {
                        let spot = (section.clone(), figure.at.clone());
                        usage.rest_on.entry(name.to_owned()).or_default().insert(spot);
                    }
                }
            }
        }
        usage
    }

    fn declare(&mut self, form: &Form, rule: &crate::schema::Rule) {
        let declared = self.declared.entry(rule.id.as_str().to_owned()).or_default();
        let spot = (rule.section.clone(), rule.at.clone());
        let grades: Vec<_> =
            rule.grades.iter().map(|g| (g.severity, g.expression.text().to_owned(), g.message.clone())).collect();
        let same = declared.iter_mut().find(|d| d.spot == spot && d.grades == grades);
        if let Some(same) = same {
            same.kinds.insert(form.kind.clone());
            same.years.insert(form.year.clone());
            return;
        }
        declared.push(Declared {
            spot,
            relation: rule.relation,
            grades,
            kinds: BTreeSet::from([form.kind.clone()]),
            years: BTreeSet::from([form.year.clone()]),
        });
    }

    fn read(&mut self, schemas: &Schemas, form: &Form, own: &str, rule: &str, path: &str) {
        let (section, inside) = if let Some(name) = path.strip_prefix("param.") {
            self.parameters.entry(name.to_owned()).or_default().insert(rule.to_owned());
            return;
        } else if let Some(name) = path.strip_prefix("reference.") {
            self.references.entry(name.to_owned()).or_default().insert(rule.to_owned());
            return;
        } else if let Some(rest) = path.strip_prefix("sections.").or_else(|| path.strip_prefix("last_sections.")) {
            let Some((key, inside)) = rest.split_once('.') else { return };
            (key.replace('_', "-"), inside)
        } else if let Some(inside) = path.strip_prefix("cover.") {
            ("cover".to_owned(), inside)
        } else {
            (own.to_owned(), path.strip_prefix("last.").unwrap_or(path))
        };
        let model = match section.as_str() {
            "cover" => Some(&schemas.cover),
            "explanations" => Some(&schemas.explanations),
            key => form.section(key),
        };
        let Some(found) = model.and_then(|model| resolve(model, inside)) else { return };
        let spot = (section, found);
        self.rules.entry(spot.clone()).or_default().insert(rule.to_owned());
        self.reads.entry(rule.to_owned()).or_default().insert(spot);
    }

    /// The kinds and years of a place, apart.
    pub(super) fn kinds_and_years(&self, spot: &Spot) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let there = || self.there.get(spot).into_iter().flatten();
        (there().map(|(kind, _)| kind.as_str()).collect(), there().map(|(_, year)| year.as_str()).collect())
    }
}

/// Every place of a section.
fn places(section: &Section) -> Vec<Vec<String>> {
    let mut places = Vec::new();
    for item in &section.items {
        let (key, parts) = match item {
            Item::Measure(m) => {
                places.push(m.path.clone());
                continue;
            }
            Item::Table(t) => (&t.key, &t.columns),
            Item::List(l) => (&l.key, &l.fields),
        };
        places.push(vec![key.clone()]);
        places.extend(parts.iter().map(|m| std::iter::once(key.clone()).chain(m.path.clone()).collect()));
    }
    places
}

/// The place that a path of the rule language names; the rows of a table are those of its columns.
fn resolve(section: &Section, path: &str) -> Option<Vec<String>> {
    let path = path.replace("[]", "");
    let segments: Vec<&str> = path.split('.').collect();
    let known = places(section);
    let is = |place: &Vec<String>, wanted: &[&str]| place.iter().map(String::as_str).eq(wanted.iter().copied());
    let find = |wanted: &[&str]| known.iter().find(|place| is(place, wanted)).cloned();
    let exact = find(&segments);
    // `cpp_by_category.NEG.children` is the column, whatever the row; a whole row is the table.
    let (first, rest) = segments.split_first()?;
    let without_row = || {
        let wanted: Vec<&str> = std::iter::once(*first).chain(rest.iter().skip(1).copied()).collect();
        find(&wanted)
    };
    let typed = || {
        let (last, before) = segments.split_last()?;
        let name = last.strip_suffix("_stated")?;
        let wanted: Vec<&str> = before.iter().copied().chain([name]).collect();
        find(&wanted)
    };
    exact.or_else(typed).or_else(without_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_rules_lead_to_measures_columns_and_tables() {
        let schemas = Schemas::built_in().unwrap();
        let form = schemas.form("csc", "2020-21").unwrap();
        let section = form.section("child-protection").unwrap();
        let found = |path: &str| resolve(section, path).unwrap_or_default().join("/");
        assert_eq!(found("cpp_open_end"), "cpp_open_end");
        assert_eq!(found("cpp_rate_10k_stated"), "cpp_rate_10k");
        assert_eq!(found("cpp_by_category[].children"), "cpp_by_category/children");
        assert_eq!(found("cpp_by_category.NEG.children"), "cpp_by_category/children");
        assert_eq!(found("cpp_by_category[].code"), "cpp_by_category");
        assert_eq!(found("nothing"), "");
    }
}
