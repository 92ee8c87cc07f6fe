//! Words as people mean them: two labels are the same if they differ only in case, space, dash, quote, punctuation or
//! look-alike letters. Which words are looked for is left to the callers.

use unicode_normalization::UnicodeNormalization;

use crate::workbook::is_space;

/// Longest value that a finding quotes, in characters.
const LONGEST_QUOTE: usize = 60;

/// A label folded for comparison: compatibility forms, case, white space, dashes, quotes and punctuation do not count.
/// `+ % < > £` do: `18+` is not `18`.
pub fn fold(text: &str) -> String {
    // Most words are plain, and each is asked for many times: they need no tables of Unicode.
    if text.is_ascii() && !text.contains('_') {
        return folded(text.chars().map(|c| c.to_ascii_lowercase()), text.len());
    }
    fold_any(text)
}

fn fold_any(text: &str) -> String {
    let unescaped = text.replace("_x000D_", " ").replace("_x000d_", " ");
    let plain = unescaped.chars().filter(|c| !is_superscript(*c)).nfkc().flat_map(char::to_lowercase).map(latin);
    folded(plain, text.len())
}

fn folded(letters: impl Iterator<Item = char>, length: usize) -> String {
    let mut out = String::with_capacity(length);
    let mut gap = false;
    for c in letters {
        if matches!(c, '\'' | '’' | '‘' | '`' | 'ʼ' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
        {
            continue;
        }
        let word = if c == '&' { Some("and") } else { None };
        let kept = c.is_alphanumeric() || matches!(c, '+' | '%' | '<' | '>' | '≤' | '≥' | '£');
        if !kept || word.is_some() {
            gap = true;
        }
        if let Some(word) = word {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        } else if kept {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// Footnote digits above the line; they are no part of a word.
pub(super) fn is_superscript(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹')
}

/// The Latin letter that a Cyrillic or Greek one looks like.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'е' | 'ε' | 'ё' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'у' | 'υ' => 'y',
        'х' | 'χ' => 'x',
        'ν' => 'v',
        'ԁ' => 'd',
        'ԛ' => 'q',
        'ԝ' => 'w',
        other => other,
    }
}

/// A text with Latin letters for those of other alphabets that look the same, in lower case.
pub(super) fn latin_letters(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(latin).collect()
}

/// Whether letters of another alphabet stand among the words that only look Latin (domain D71).
pub(super) fn has_lookalikes(text: &str) -> bool {
    text.chars().flat_map(char::to_lowercase).any(|c| latin(c) != c)
}

/// Whether two folded words differ only in what is written together: `re referrals` and `rereferrals`. Beside a digit a
/// space says more.
pub(super) fn same_letters(a: &str, b: &str) -> bool {
    a.len().abs_diff(b.len()) <= 4 && together(a) == together(b)
}

/// A folded word without the spaces between its letters.
fn together(word: &str) -> String {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let mut out = String::with_capacity(word.len());
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        if c != ' ' || !is_letter(out.chars().last()) || !is_letter(rest.peek().copied()) {
            out.push(c);
        }
    }
    out
}

/// A label without the footnote that trails it: `Children (1)`, `Children [note 2]`, `Children 1)`.
pub(super) fn without_footnote(text: &str) -> &str {
    let trimmed = text.trim_end_matches(|c: char| is_space(c) || matches!(c, '*' | '†' | '‡' | ':'));
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(inner) = trimmed.strip_suffix(close)
            && let Some(at) = inner.rfind(open)
        {
            let note = inner[at + open.len_utf8()..].trim().to_lowercase();
            let rest = note.strip_prefix("note").unwrap_or(&note).trim();
            if !rest.is_empty() && rest.len() <= 2 && rest.chars().all(|c| c.is_ascii_digit()) {
                return trimmed[..at].trim_end();
            }
        }
    }
    trimmed
}

/// How many letters must change to make one word of the other; a swap of neighbours counts as one.
pub(super) fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(a, b)
}

/// Whether a folded word is a misspelling of another: at most two letters differ, six letters or more, and the same
/// digits in it (`16-20` is not a misspelt `16-21`).
pub(super) fn is_misspelt(word: &str, right: &str) -> bool {
    let (a, b) = (word.chars().count(), right.chars().count());
    a.min(b) >= 6
        && a.abs_diff(b) <= 2
        && a <= 200
        && word.chars().filter(char::is_ascii_digit).eq(right.chars().filter(char::is_ascii_digit))
        && distance(word, right) <= 2
}

/// The nearest of some words to a misspelt one, if it is near at all.
pub(super) fn nearest<'a, T: Copy>(word: &str, among: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let folded = fold(word);
    let length = folded.chars().count();
    if length == 0 || length > 200 {
        return None;
    }
    among
        .map(|(candidate, answer)| {
            let candidate = fold(candidate);
            let longest = length.max(candidate.chars().count());
            (distance(&folded, &candidate), longest, answer)
        })
        .filter(|(d, longest, _)| *d <= 2.max(longest / 3) && *d < *longest)
        .min_by_key(|(d, _, _)| *d)
        .map(|(_, _, answer)| answer)
}

/// Text without the white space around it, no-break and zero-width spaces included.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// A value as a finding quotes it: in curly quotes, on one line, cut with `…` where it is long.
pub(super) fn quote(text: &str) -> String {
    format!("“{}”", cut(text))
}

/// A value as a finding shows it: on one line, cut with `…` where it is long.
pub(super) fn cut(text: &str) -> String {
    let line: String = trim(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= LONGEST_QUOTE {
        return line;
    }
    let start: String = line.chars().take(LONGEST_QUOTE - 1).collect();
    format!("{}…", start.trim_end())
}

/// Several things in a sentence: `a`, `a and b`, `a, b and 3 more`.
pub(super) fn several(things: &[String], most: usize) -> String {
    let shown = things.len().min(most);
    let rest = things.len() - shown;
    let mut parts: Vec<String> = things[..shown].to_vec();
    if rest > 0 {
        parts.push(format!("{rest} more"));
    }
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_for_plain_words_says_the_same(text in "[ -~]{0,30}") {
            prop_assert_eq!(fold(&text), fold_any(&text));
        }
    }

    #[test]
    fn words_are_the_same_whatever_their_dress() {
        for (a, b) in [
            ("Semi-Independent", "semi independent"),
            ("Children\u{a0}on a  plan:", "children on a plan"),
            ("Children’s needs", "Children's needs"),
            ("Open at 31 March*", "Open at 31 march"),
            ("Health\n& care", "health and care"),
            ("Аutism", "autism"),
            ("０–４", "0-4"),
            ("Children¹", "Children"),
            ("Attended: Police", "Attended – police"),
            ("zero\u{200b}width", "zerowidth"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} / {b}");
        }
        assert_ne!(fold("18+"), fold("18"));
        assert_ne!(fold("% of contacts"), fold("of contacts"));
    }

    #[test]
    fn words_may_be_written_together() {
        assert!(same_letters("re referrals", "rereferrals"));
        assert!(same_letters("rereferrals within 12 months", "re referrals within 12 months"));
        assert!(!same_letters("days 1115", "days 11 15"));
        assert!(!same_letters("1 to 5", "15"));
        assert!(!same_letters("1 5", "15"));
    }

    #[test]
    fn footnotes_fall_off_labels() {
        assert_eq!(without_footnote("Children (1)"), "Children");
        assert_eq!(without_footnote("Children [note 2]"), "Children");
        assert_eq!(without_footnote("Children (0-17)"), "Children (0-17)");
        assert_eq!(without_footnote("Children*"), "Children");
    }

    #[test]
    fn a_misspelling_keeps_its_digits() {
        assert!(is_misspelt("contatcs", "contacts"));
        assert!(!is_misspelt("within 16 days", "within 15 days"));
        assert!(!is_misspelt("sex", "six"));
    }

    #[test]
    fn long_values_are_cut() {
        let long = "x".repeat(80);
        assert_eq!(cut(&long).chars().count(), 60);
        assert_eq!(several(&["a".into(), "b".into(), "c".into()], 2), "a, b and 1 more");
    }
}
