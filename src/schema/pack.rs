//! The files of a pack, read and told apart. What they say together is for `compile`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::measures::{self, MEASURES};
use super::register::{CodeLists, Codes, texts};
use super::source::{SchemaError, Source};
use super::{Agencies, vocabulary};

/// The parsed files of a pack, by what they are.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) about: Source,
    pub(super) common: Source,
    pub(super) vocabulary: Source,
    pub(super) agencies: Source,
    pub(super) catalogue: Source,
    pub(super) parameters: Source,
    pub(super) cover: Source,
    pub(super) explanations: Source,
    /// Not every partnership compares its agencies.
    pub(super) across: Option<Source>,
    pub(super) seeds: Option<Source>,
    /// Nor has every partnership a board.
    pub(super) headlines: Option<Source>,
    pub(super) sections: BTreeMap<String, Source>,
    pub(super) codes: BTreeMap<String, Source>,
    pub(super) references: Vec<Source>,
}

impl Pack {
    /// Reads the files by what they are; what is none of these is a mistake, and so is what a pack cannot do without.
    pub(super) fn read(files: &BTreeMap<String, String>, errors: &mut Vec<SchemaError>) -> Option<Self> {
        let mut sources = BTreeMap::new();
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".json") && !path.starts_with("out/")) {
            match Source::parse(path, text) {
                Ok(source) => {
                    sources.insert(path.clone(), source);
                }
                Err(error) => errors.push(error),
            }
        }
        let mut folder = |name: &str| {
            let paths: Vec<String> = sources.keys().filter(|p| p.starts_with(name)).cloned().collect();
            let key =
                |path: &str| path.strip_prefix(name).and_then(|p| p.strip_suffix(".json")).unwrap_or(path).to_owned();
            paths.iter().filter_map(|p| Some((key(p), sources.remove(p)?))).collect::<BTreeMap<_, _>>()
        };
        let (sections, codes, references) = (folder("sections/"), folder("codes/"), folder("reference/"));
        let (seeds, headlines) = (sources.remove("seeds.json"), sources.remove("headlines.json"));
        let mut one = |name: &str| {
            let found = sources.remove(name);
            if found.is_none() && !files.contains_key(name) {
                let (file, text) = (name.to_owned(), Arc::from(""));
                let message = format!("a pack needs a file {name}");
                errors.push(SchemaError { file, text, span: 0..0, message, help: None });
            }
            found
        };
        let (about, common, vocabulary) = (one("pack.json"), one("common.json"), one("vocabulary.json"));
        let (agencies, catalogue, parameters) = (one("agencies.json"), one("catalogue.json"), one("parameters.json"));
        let (cover, explanations) = (one("cover.json"), one("explanations.json"));
        let across = sources.remove("across.json");
        for (path, source) in &sources {
            errors.push(
                source
                    .wrong("", format!("a pack has no file {path}; sections stand in sections/, code lists in codes/")),
            );
        }
        Some(Self {
            about: about?,
            common: common?,
            vocabulary: vocabulary?,
            agencies: agencies?,
            catalogue: catalogue?,
            parameters: parameters?,
            cover: cover?,
            explanations: explanations?,
            across,
            seeds,
            headlines,
            sections,
            codes,
            references: references.into_values().collect(),
        })
    }

    /// Every section file against the pack's vocabulary.
    pub(super) fn lint(&self, errors: &mut Vec<SchemaError>) {
        vocabulary::check(&self.vocabulary, self.sections.values().chain([&self.cover, &self.explanations]), errors);
        vocabulary::check_as("across", &self.vocabulary, self.across.iter(), errors);
    }

    /// Sections in the order that `pack.json` gives; the others after it, by name.
    pub(super) fn order(&self) -> Vec<String> {
        let listed = self.about.json.get("sections").map(texts).unwrap_or_default();
        let rest = self.sections.keys().filter(|key| !listed.contains(key)).cloned();
        listed.iter().filter(|key| self.sections.contains_key(*key)).cloned().chain(rest).collect()
    }

    /// The title of each sheet, by the key of its section.
    pub(super) fn titles(&self) -> BTreeMap<String, String> {
        let named = self.sections.iter().map(|(key, source)| (key.clone(), source));
        let own = [("cover".to_owned(), &self.cover), ("explanations".to_owned(), &self.explanations)];
        named
            .chain(own)
            .map(|(key, source)| {
                let title = source.json["title"].as_str().unwrap_or(&key).to_owned();
                (key, title)
            })
            .collect()
    }

    /// The code lists of the pack, and those that are made from the rest of it.
    pub(super) fn lists(&self, agencies: &Agencies, errors: &mut Vec<SchemaError>) -> CodeLists {
        let mut lists: CodeLists =
            self.codes.iter().map(|(key, source)| (key.clone(), Codes::read(key, source, errors))).collect();
        let bodies = agencies.bodies.iter().map(|b| (b.key.clone(), b.title.clone(), b.aliases.clone()));
        lists.insert("bodies".to_owned(), Codes::made("bodies", "Bodies that return", bodies));
        let sections = self.sections.iter().map(|(key, source)| {
            let title = source.json["title"].as_str().unwrap_or(key).to_owned();
            (key.clone(), title, source.json.get("x-aliases").map(texts).unwrap_or_default())
        });
        let sections: Vec<_> = sections.collect();
        let cover = ("cover".to_owned(), self.cover.json["title"].as_str().unwrap_or("Cover").to_owned(), Vec::new());
        let sheets = std::iter::once(cover).chain(sections.iter().cloned());
        lists.insert("sheets".to_owned(), Codes::made("sheets", "Sheets of the return", sheets));
        lists.insert("sections".to_owned(), Codes::made("sections", "Sections of the return", sections));
        let listed = measures::listed(&self.order(), &self.sections);
        lists.insert(MEASURES.to_owned(), Codes::spanned(MEASURES, "Figures of the return", listed));
        lists
    }
}
