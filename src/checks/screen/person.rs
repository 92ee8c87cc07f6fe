//! Whether a text may name a person (DIS-07, DIS-15): a given name and a capitalised word after it, a title and a surname, a
//! surname and a given name. Which words are names, and which only look like it, the pack says; what was found does not
//! leave here.

use crate::schema::{People, plain};

/// A word of a text.
struct Word<'a> {
    plain: String,
    /// It begins with a capital.
    capital: bool,
    /// All of it is capitals.
    loud: bool,
    /// It is one letter.
    initial: bool,
    /// What ends it, if not only a space: `.`, `,`, a bracket.
    end: Option<char>,
    text: &'a str,
}

/// Words that stand inside the names of organisations.
const JOINS: [&str; 5] = ["of", "the", "and", "for", "in"];

fn words(text: &str) -> Vec<Word<'_>> {
    // A comma, a slash or a bar parts words as well as a space does, and ends what stands before it.
    let parts = text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '/' | '|' | ',' | ';' | '\u{200B}'));
    let parts = parts.map(str::trim);
    let mut out: Vec<Word<'_>> = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let text = part.trim_start_matches(|c: char| !c.is_alphanumeric());
        // A bracket or quotation before a word parts it from the one before it.
        if text.len() < part.len()
            && let Some(before) = out.last_mut()
        {
            before.end = before.end.or(part.chars().next());
        }
        let inner = text.trim_end_matches(|c: char| !c.is_alphanumeric());
        if inner.is_empty() {
            continue;
        }
        let mut letters = inner.chars();
        let capital = letters.next().is_some_and(char::is_uppercase) && inner.chars().all(is_of_a_name);
        let loud = capital && inner.chars().filter(|c| c.is_alphabetic()).count() > 1 && !inner.chars().any(char::is_lowercase);
        out.push(Word {
            plain: plain(inner),
            capital,
            loud,
            initial: capital && inner.chars().count() == 1,
            end: text.get(inner.len()..).and_then(|rest| rest.chars().next()),
            text: inner,
        });
    }
    out
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '‐' | '‑')
}

/// Whether a text of a cell or comment may name a person.
pub(super) fn is_named(text: &str, people: &People) -> bool {
    // Two words, one of them with a capital: most cells go no further.
    if !text.trim().contains(char::is_whitespace) || !text.chars().any(char::is_uppercase) {
        return false;
    }
    let words = words(text);
    (0..words.len().saturating_sub(1)).any(|i| is_pair(&words, i, people))
}

/// Whether the word at `i` and the one after it are a person's name.
fn is_pair(words: &[Word<'_>], i: usize, people: &People) -> bool {
    let (Some(a), Some(b)) = (words.get(i), words.get(i + 1)) else { return false };
    if !a.capital || !b.capital || people.names_nobody(&a.plain, &b.plain) {
        return false;
    }
    let before = i.checked_sub(1).and_then(|i| words.get(i)).filter(|w| w.end.is_none());
    if before.is_some_and(|w| people.parts_from(&w.plain) || people.names_nobody(&w.plain, &a.plain)) {
        return false;
    }
    let surname = people.is_surname(&b.plain);
    let like_a_surname = surname || (b.text.len() > 1 && !people.is_ordinary(&b.plain));
    match a.end {
        None | Some('.') if people.is_title(&a.plain) => like_a_surname && !is_organisation(words, i, people),
        None if is_given(a, people) => {
            let two = b.end.is_some() || words.get(i + 2).is_none_or(|next| !next.capital);
            (b.initial && !people.is_ordinary(&b.plain))
                || (surname && two)
                || (like_a_surname && !is_organisation(words, i, people))
        }
        None if people.may_be_given(&a.plain) => surname && !is_organisation(words, i, people),
        // SMITH Jane
        None => a.loud && !b.loud && people.is_surname(&a.plain) && people.is_given(&b.plain),
        // Smith, Jane
        Some(',') => people.is_surname(&a.plain) && !people.is_given(&a.plain) && people.is_given(&b.plain),
        Some(_) => false,
    }
}

/// A given name, or two joined by a hyphen.
fn is_given(word: &Word<'_>, people: &People) -> bool {
    let first = word.text.split(['-', '‐', '‑']).next().unwrap_or_default();
    people.is_given(&word.plain) || (first.len() < word.text.len() && people.is_given(&plain(first)))
}

/// Whether the capitalised words from `i` on end as the name of an organisation, a place or a piece of work does.
fn is_organisation(words: &[Word<'_>], i: usize, people: &People) -> bool {
    let mut last = None;
    for word in words.iter().skip(i) {
        if word.capital {
            last = Some(word);
        } else if !JOINS.contains(&word.plain.as_str()) {
            break;
        }
        if word.end.is_some_and(|end| end != '.') {
            break;
        }
    }
    last.is_some_and(|word| people.ends_an_organisation(&word.plain))
}

/// Whether a short text that is made of names and little else (an author, the name of a file) names a person.
pub(super) fn is_author(text: &str, people: &People) -> bool {
    if is_named(text, people) {
        return true;
    }
    let parted: Vec<String> =
        text.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’').filter(|w| !w.is_empty()).map(plain).collect();
    parted.iter().zip(parted.iter().skip(1)).any(|(a, b)| {
        let given = |word: &str| people.is_given(word);
        let surname = |word: &str| people.is_surname(word) && !people.is_of_files(word);
        let nobody = people.names_nobody(a, b) || people.is_of_files(a) || people.is_of_files(b);
        !nobody && ((given(a) && surname(b)) || (surname(a) && given(b)) || (people.may_be_given(a) && surname(b)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schemas;

    #[test]
    fn a_person_is_told_from_a_service_a_place_and_a_role() {
        let schemas = Schemas::built_in().unwrap();
        for yes in [
            "Choices: Manager,Smith,Jane",
            "Jane Smith to lead",
            "We spoke to Aisha Mohamud about this.",
            "Agreed with Mr Okafor and the school",
            "Dr. Patel will review",
            "Owner: SMITH Jane",
            "Smith, Jane",
            "The review of Kieran O’Brien’s case",
            "Grace Taylor chairs it",
            "Sarah-Jane Whitcombe, designated nurse",
            "JANE SMITH",
            "Mohammed K. and his sister",
            "as reported by Zofia Kowalska (school nurse)",
        ] {
            assert!(is_named(yes, &schemas.people), "{yes}");
        }
        for no in [
            "Solihull Approach",
            "Learning from Child Q",
            "Lucy Faithfull Foundation",
            "Working Together to Safeguard Children",
            "Designated Nurse for Safeguarding",
            "Head of Early Help",
            "St Mary’s and St James’",
            "The Ben Kinsella Trust workshop",
            "William Tyndale Primary School",
            "Elizabeth Garrett Anderson School",
            "Thomas Coram Centre",
            "Great Ormond Street Hospital",
            "In April The Board agreed",
            "Grace Ward and Hope House",
            "Mark Up and Will Report",
            "Victoria Climbié Inquiry",
            "Mayor of London",
            "Operation Encompass",
            "Children’s Services; Police; Whittington Health",
            "Islington Safeguarding Children Partnership",
            "",
            "jane",
        ] {
            assert!(!is_named(no, &schemas.people), "{no}");
        }
        for yes in ["Jane Smith", "jane.smith", "Smith Jane", "return_jane_smith_v2.xlsx", "J Smith; Aisha Khan"] {
            assert!(is_author(yes, &schemas.people), "{yes}");
        }
        for no in ["openpyxl", "Microsoft Office User", "Performance team", "csc-2020-21.xlsx", "March return.xlsx"] {
            assert!(!is_author(no, &schemas.people), "{no}");
        }
    }
}
