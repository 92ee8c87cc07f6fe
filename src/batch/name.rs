//! What a submission's file is called in the outbox: its own name where that is made of words that returns are called by,
//! else `file 4f2a….xlsx`. Receipts and ledger are kept for good, and a file may be named after a child.

use std::collections::BTreeSet;

use super::disk;
use crate::report::FileFacts;
use crate::schema::{Agencies, People};

/// The name to use, given the agencies whose own names may stand in it.
pub(super) fn shown(file: &FileFacts, agencies: &Agencies, people: &People) -> String {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for body in &agencies.bodies {
        let names = [&body.key, &body.title, &body.kind].into_iter().chain(&body.aliases);
        known.extend(names.flat_map(|name| words(name)));
    }
    let known = |word: &str| known.contains(word) || people.is_of_files(word);
    if words(&file.name).iter().all(|word| known(word) || is_mark(word)) {
        return file.name.clone();
    }
    // The ending is worth keeping; a long one is no ending.
    let end = file.name.rsplit_once('.').map(|(_, end)| end.to_lowercase()).filter(|end| known(end));
    let end = end.map(|end| format!(".{end}")).unwrap_or_default();
    format!("file {}…{end}", file.sha256.get(..8).unwrap_or_default())
}

/// What a folder of the inbox is called: the body it is named after, or `folder 4f2a…` where nobody is registered by that
/// name and it may be a child's.
pub(super) fn folder(name: &str, agencies: &Agencies, people: &People) -> String {
    let file = FileFacts { name: name.to_owned(), sha256: String::new(), bytes: 0 };
    if agencies.bodies.iter().any(|body| body.key == name) || shown(&file, agencies, people) == name {
        return name.to_owned();
    }
    format!("folder {}", disk::sha256(name.as_bytes()).get(..8).unwrap_or_default())
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
        let shown = |name: &str| {
            super::shown(&FileFacts { name: name.to_owned(), sha256: "4f2a9c1d77".to_owned(), bytes: 1 }, &agencies, &people)
        };
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
            assert_eq!(folder(plain, &agencies, &people), plain);
        }
        assert!(folder("Jane Smith", &agencies, &people).starts_with("folder "));
        for (private, name) in [
            ("Jane Smith.xlsx", "file 4f2a9c1d….xlsx"),
            ("return JS final.xlsx", "file 4f2a9c1d….xlsx"),
            ("csc-2020-21.jane", "file 4f2a9c1d…"),
        ] {
            assert_eq!(shown(private), name);
        }
    }
}
