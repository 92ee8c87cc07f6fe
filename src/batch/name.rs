//! What a submission's file is called in the outbox: its own name where that is made of words that returns are called by,
//! else `file 4f2a….xlsx`. Receipts and ledger are kept for good, and a file may be named after a child.

use std::collections::BTreeSet;

use super::disk;
use crate::report::FileFacts;
use crate::schema::{Agencies, Body, People};

/// The words that names may be made of. Gathered once for a run: there may be many agencies.
pub(super) struct Names<'a> {
    people: &'a People,
    agencies: &'a Agencies,
    known: BTreeSet<String>,
}

impl<'a> Names<'a> {
    /// The words of a pack: agencies' own names may stand in the name of a file.
    pub(super) fn new(agencies: &'a Agencies, people: &'a People) -> Self {
        let names = |body: &'a Body| [&body.key, &body.title, &body.kind].into_iter().chain(&body.aliases);
        let known = agencies.bodies.iter().flat_map(names).flat_map(|name| words(name)).collect();
        Self { people, agencies, known }
    }

    fn knows(&self, word: &str) -> bool {
        self.known.contains(word) || self.people.is_of_files(word)
    }

    /// What to call a file.
    pub(super) fn shown(&self, file: &FileFacts) -> String {
        if words(&file.name).iter().all(|word| self.knows(word) || is_mark(word)) {
            return file.name.clone();
        }
        // The ending is worth keeping; a long one is no ending.
        let end = file.name.rsplit_once('.').map(|(_, end)| end.to_lowercase()).filter(|end| self.knows(end));
        let end = end.map(|end| format!(".{end}")).unwrap_or_default();
        format!("file {}…{end}", file.sha256.get(..8).unwrap_or_default())
    }

    /// What to call a folder of the inbox: the body it is named after, or `folder 4f2a…` where nobody is registered by
    /// that name and it may be a child's.
    pub(super) fn folder(&self, name: &str) -> String {
        let file = FileFacts { name: name.to_owned(), sha256: String::new(), bytes: 0 };
        if self.agencies.bodies.iter().any(|body| body.key == name) || self.shown(&file) == name {
            return name.to_owned();
        }
        format!("folder {}", disk::sha256(name.as_bytes()).get(..8).unwrap_or_default())
    }
}

fn words(name: &str) -> Vec<String> {
    let clean: String = name.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    clean.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

/// `2021`, `v2`, `q1`, `fy21`: a year, a date or a version.
fn is_mark(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let letters = &word[..word.len() - digits.len()];
    !digits.is_empty()
        && digits.len() <= 8
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(letters, "" | "v" | "q" | "fy" | "y" | "no" | "part" | "copy")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schemas;

    #[test]
    fn a_name_that_may_be_a_childs_is_not_repeated() {
        let Schemas { agencies, people, .. } = Schemas::built_in().unwrap();
        let names = Names::new(&agencies, &people);
        let shown =
            |name: &str| names.shown(&FileFacts { name: name.to_owned(), sha256: "4f2a9c1d77".to_owned(), bytes: 1 });
        for plain in [
            "csc-2020-21.xlsx",
            "Safeguarding data 2021-22 FINAL v2 (1).xlsx",
            "Whittington 2021-22 new template.xlsx",
            "Children’s social care return 31.3.21.csv",
            "2020-21 export",
        ] {
            assert_eq!(shown(plain), plain);
        }
        for plain in ["csc", "edu", "old returns", "children social care"] {
            assert_eq!(names.folder(plain), plain);
        }
        assert!(names.folder("Jane Smith").starts_with("folder "));
        for (private, name) in [
            ("Jane Smith.xlsx", "file 4f2a9c1d….xlsx"),
            ("return JS final.xlsx", "file 4f2a9c1d….xlsx"),
            ("csc-2020-21.jane", "file 4f2a9c1d…"),
        ] {
            assert_eq!(shown(private), name);
        }
    }
}
