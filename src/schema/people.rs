//! Words by which names of people are told from other words: data of the pack. How they are looked for in a text is left
//! to the checks; nothing here ever holds a name that was found.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use serde_json::Value;

/// What a pack knows of names.
#[derive(Debug, Default)]
pub struct People {
    given: HashSet<String>,
    doubtful: HashSet<String>,
    surnames: HashSet<String>,
    titles: HashSet<String>,
    after: HashSet<String>,
    before: HashSet<String>,
    endings: HashSet<String>,
    files: BTreeSet<String>,
    nobody: BTreeSet<String>,
    /// Phrases that name nobody, as they are written.
    phrases: Vec<String>,
    /// Words that stand beside one another in a phrase. Made when first asked for: most texts hold no name.
    pairs: OnceLock<HashSet<(String, String)>>,
}

/// A word without what makes no difference: case, apostrophes, hyphens and the points around it.
#[must_use]
pub fn plain(word: &str) -> String {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl People {
    /// Takes what a file of reference data says of names.
    pub(crate) fn read(&mut self, json: &Value) {
        let words = |key: &str| {
            let list = json.get(key).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).collect::<Vec<_>>()
        };
        for (key, into) in [
            ("given_names", &mut self.given),
            ("given_names_that_are_words", &mut self.doubtful),
            ("surnames", &mut self.surnames),
            ("titles_of_people", &mut self.titles),
            ("words_after_no_name", &mut self.after),
            ("words_before_no_name", &mut self.before),
            ("endings_of_organisations", &mut self.endings),
        ] {
            into.extend(words(key).into_iter().map(plain));
        }
        self.files.extend(words("words_of_file_names").into_iter().map(plain));
        self.nobody.extend(words("units_of_no_people").into_iter().map(str::to_owned));
        self.phrases.extend(words("no_names").into_iter().map(str::to_owned));
    }

    /// The words of the template name nobody.
    pub(crate) fn also(&mut self, json: &Value) {
        const NAMES: [&str; 6] = ["title", "label", "aliases", "x-aliases", "x-group-title", "row_title"];
        match json {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(text) if NAMES.contains(&key.as_str()) => self.phrases.push(text.clone()),
                        Value::Array(list) if NAMES.contains(&key.as_str()) => {
                            self.phrases.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
                        }
                        inner => self.also(inner),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|inner| self.also(inner)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Whether a small number of these may tell of somebody: of meetings or places it does not.
    #[must_use]
    pub fn counts_people(&self, unit_of_count: &str) -> bool {
        !self.nobody.contains(unit_of_count)
    }

    /// A given name that is no other word.
    #[must_use]
    pub fn is_given(&self, word: &str) -> bool {
        self.given.contains(word)
    }

    /// A given name that is another word, too.
    #[must_use]
    pub fn may_be_given(&self, word: &str) -> bool {
        self.doubtful.contains(word)
    }

    /// A common surname.
    #[must_use]
    pub fn is_surname(&self, word: &str) -> bool {
        self.surnames.contains(word)
    }

    /// `mr`, `dr`.
    #[must_use]
    pub fn is_title(&self, word: &str) -> bool {
        self.titles.contains(word)
    }

    /// A capitalised word that is no surname.
    #[must_use]
    pub fn is_ordinary(&self, word: &str) -> bool {
        self.after.contains(word)
    }

    /// What follows this word is not a person's name.
    #[must_use]
    pub fn parts_from(&self, word: &str) -> bool {
        self.before.contains(word)
    }

    /// A name that ends so is an organisation's or a place's.
    #[must_use]
    pub fn ends_an_organisation(&self, word: &str) -> bool {
        self.endings.contains(word)
    }

    /// A word of file names that says nothing of anybody.
    #[must_use]
    pub fn is_of_files(&self, word: &str) -> bool {
        self.files.contains(word)
    }

    /// Whether two words stand beside one another in a phrase of the pack.
    #[must_use]
    pub fn names_nobody(&self, first: &str, second: &str) -> bool {
        let pairs = self.pairs.get_or_init(|| {
            let words = |phrase: &String| phrase.split([' ', '\u{A0}', '/']).map(plain).collect::<Vec<_>>();
            let phrases = self.phrases.iter().map(words);
            phrases.flat_map(|w| w.iter().cloned().zip(w.iter().skip(1).cloned()).collect::<Vec<_>>()).collect()
        });
        pairs.contains(&(first.to_owned(), second.to_owned()))
    }
}
