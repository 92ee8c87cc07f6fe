//! Finds personal details in one piece of text or one number. Says what kind, never what: the text does not leave here.
//! Headings are in `heading`, columns in `sheet`, check digits in `digits`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Match, Regex, RegexSet};
use unicode_normalization::UnicodeNormalization;

use super::Kind;
use super::digits::{is_area, is_issued, is_nhs, is_upn};
use crate::schema::Allowed;
use crate::workbook::is_space;

/// What words above or beside a piece of text say about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// An NHS number is expected.
    pub(super) nhs: bool,
    /// A telephone number is expected.
    pub(super) phone: bool,
    /// A passport number is expected.
    pub(super) passport: bool,
}

impl Hints {
    /// Both together.
    pub(super) const fn or(self, other: Self) -> Self {
        Self { nhs: self.nhs || other.nhs, phone: self.phone || other.phone, passport: self.passport || other.passport }
    }
}

/// What was found in one piece of text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Kinds that stand on their own.
    pub(super) kinds: BTreeSet<Kind>,
    /// Ten digits with the right check digit: whether they are an NHS number depends on what stands around them.
    pub(super) nhs: Vec<Candidate>,
    /// Numbers of ten digits looked at, right or wrong.
    pub(super) tens: usize,
}

/// Ten digits that may be an NHS number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The digits as a number.
    pub(super) number: u64,
    /// Its spacing or the words around it say so.
    pub(super) sure: bool,
    /// It lies in a range that is given out.
    pub(super) issued: bool,
}

const NHS: &str = r"(?-u:\b)\d{3}[ -]?\d{3}[ -]?\d{4}(?-u:\b)";
const UPN: &str = r"(?i-u:\b[A-HJ-NP-RT-Z]\d{11}[A-HJ-NP-RT-Z\d]\b)";
const POSTCODE: &str = r"(?i-u:\b(?:GIR {0,2}0AA|([A-Z]{1,2})\d[A-Z\d]? {0,3}(\d[ABD-HJLNP-UW-Z]{2}))\b)";
const INSURANCE: &str = r"(?i-u:\b([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?([A-D])\b)";
const EMAIL: &str = r"(?i-u:[A-Z0-9.%+'-]+@[A-Z0-9-]+(?:\.[A-Z0-9-]+)+)";
const PHONE: &str = r"(?-u)(?:\+|\b)(?:44|0)[\d ()+.-]{8,}\d\b";
const BORN: &str = r"(?i)(?-u:\b)(?:dob|d\.o\.b\.?|date of birth|born(?: on)?)[^A-Za-z0-9]{0,5}(?:(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)?[ /.-]+(?:\d{1,2}|[a-z]{3,9})[ /.,-]+\d{2,4}|(?:19|20)\d\d-\d\d-\d\d)(?-u:\b)";
const PASSPORT: &str = r"(?i-u:\b(?:\d{9}|[A-Z]{1,2}\d{6,8})\b)";
const SAYS_NHS: &str =
    r"(?i)(?-u:\b)nhs[^A-Za-z0-9]{0,3}(?:(?:no|num|number|id|ref)(?-u:\b)|\d|$)|(?-u:\b)patient(?-u:\b)";
const SAYS_PHONE: &str = r"(?i-u)\b(?:tel|telephone|phone|mobile|mob|contact (?:no|number))\b";
const SAYS_PASSPORT: &str = r"(?i-u)\bpassport\b";

/// Patterns written here are constants: a test builds each. One that did not build would match nothing.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static ANY: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new([NHS, UPN, POSTCODE, INSURANCE, EMAIL, PHONE, BORN, PASSPORT]).ok());
static PATTERNS: LazyLock<[Option<Regex>; 8]> =
    LazyLock::new(|| [NHS, UPN, POSTCODE, INSURANCE, EMAIL, PHONE, BORN, PASSPORT].map(pattern));
static HINTS: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new([SAYS_NHS, SAYS_PHONE, SAYS_PASSPORT]).ok());

/// What the words of a heading or label (or of the text itself) say about numbers near them.
pub(super) fn hints(text: &str) -> Hints {
    let Some(found) = HINTS.as_ref().map(|set| set.matches(text)) else { return Hints::default() };
    Hints { nhs: found.matched(0), phone: found.matched(1), passport: found.matched(2) }
}

/// Looks at a text, with what the words around it say.
pub(super) fn text(raw: &str, around: Hints, allowed: &Allowed) -> Found {
    let mut found = Found::default();
    if !raw.chars().any(|c| c.is_numeric() || matches!(c, '@' | '＠' | '﹫')) {
        return found;
    }
    let text = plain(raw);
    let text = text.as_ref();
    let Some(set) = ANY.as_ref() else { return found };
    let any = set.matches(text);
    if !any.matched_any() {
        return found;
    }
    let around = around.or(hints(text));
    let each = |index: usize| {
        let pattern = PATTERNS.get(index).and_then(Option::as_ref).filter(|_| any.matched(index));
        pattern.into_iter().flat_map(|p| p.find_iter(text))
    };
    let whole = |m: &Match<'_>| m.as_str().len() == text.trim().len();

    for m in each(0) {
        nhs(text, &m, around, allowed, &mut found);
    }
    if each(1).any(|m| is_upn(&m.as_str().to_ascii_uppercase())) {
        found.kinds.insert(Kind::PupilNumber);
    }
    if each(2).any(|m| is_postcode(m.as_str(), whole(&m), allowed)) {
        found.kinds.insert(Kind::Postcode);
    }
    if each(3).any(|m| is_insurance(m.as_str(), whole(&m))) {
        found.kinds.insert(Kind::Insurance);
    }
    if each(4).any(|m| !is_allowed_email(m.as_str(), allowed)) {
        found.kinds.insert(Kind::Email);
    }
    if each(5).any(|m| is_phone(text, &m, allowed)) {
        found.kinds.insert(Kind::Phone);
    }
    if each(6).next().is_some() {
        found.kinds.insert(Kind::Birth);
    }
    if around.passport && each(7).next().is_some() {
        found.kinds.insert(Kind::Passport);
    }
    if around.phone && !around.nhs && text.trim().bytes().filter(u8::is_ascii_digit).count() >= 10 {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if text.trim().chars().all(|c| c.is_ascii_digit() || " ()+.-".contains(c)) && lost_zero(&digits, allowed) {
            found.kinds.insert(Kind::Phone);
        }
    }
    found
}

/// Looks at a plain number, with what the words around it say and how it is shown.
pub(super) fn number(n: f64, format: Option<&str>, around: Hints, allowed: &Allowed) -> Found {
    let mut found = Found::default();
    if n.fract() != 0.0 || !(1e8..1e13).contains(&n) {
        return found;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and between the bounds above")]
    let whole = n as u64;
    let digits = whole.to_string();
    if around.passport && digits.len() == 9 {
        found.kinds.insert(Kind::Passport);
    }
    if (around.phone && !around.nhs && lost_zero(&digits, allowed)) || is_mobile_abroad(&digits, allowed) {
        found.kinds.insert(Kind::Phone);
    }
    // An NHS number that begins with 0 has nine digits left.
    let padded = if around.nhs { format!("{digits:0>10}") } else { digits };
    if padded.len() == 10 {
        found.tens += 1;
        let spaced = format.is_some_and(is_spaced_format);
        candidate(&padded, spaced || around.nhs, around, allowed, &mut found);
    }
    found
}

/// Folds look-alike digits, letters, spaces and dashes; leaves out characters nobody sees. An underscore parts words.
fn plain(raw: &str) -> Cow<'_, str> {
    if raw.is_ascii() && !raw.contains(['_', '\n', '\t', '\r']) {
        return Cow::Borrowed(raw);
    }
    let fold = |c: char| match c {
        '_' => Some(' '),
        c if c.is_whitespace() => Some(' '),
        c if is_space(c) => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' => Some('-'),
        'А' => Some('A'),
        'В' => Some('B'),
        'Е' => Some('E'),
        'К' => Some('K'),
        'М' => Some('M'),
        'Н' => Some('H'),
        'О' => Some('O'),
        'Р' => Some('P'),
        'С' => Some('C'),
        'Т' => Some('T'),
        'Х' => Some('X'),
        c => Some(c),
    };
    Cow::Owned(raw.nfkc().filter_map(fold).collect())
}

fn nhs(text: &str, m: &Match<'_>, around: Hints, allowed: &Allowed, found: &mut Found) {
    let digits: String = m.as_str().chars().filter(char::is_ascii_digit).collect();
    found.tens += 1;
    let spaced = m.as_str().len() == 12;
    // 120 135 1480 in a row of counts is no number of a person; alone, or after words, it is.
    if m.as_str().len() != 10 && !around.nhs && has_counts_beside(text, m) {
        return;
    }
    let alone = m.as_str().len() == text.trim().len();
    let issued = is_issued(&digits.bytes().map(|b| b - b'0').collect::<Vec<_>>());
    candidate(&digits, around.nhs || (spaced && (alone || issued)), around, allowed, found);
}

fn candidate(digits: &str, sure: bool, around: Hints, allowed: &Allowed, found: &mut Found) {
    let values: Vec<u8> = digits.bytes().map(|b| b - b'0').collect();
    let office = allowed.phones.iter().any(|p| p.strip_prefix('0').unwrap_or(p) == digits);
    let london = ["203", "207", "208"].iter().any(|p| digits.starts_with(p));
    if !is_nhs(&values) || office || (!around.nhs && london) {
        return;
    }
    found.nhs.push(Candidate { number: digits.parse().unwrap_or(0), sure, issued: is_issued(&values) });
}

/// Whether another short number stands right beside the match, with nothing but a space between.
fn has_counts_beside(text: &str, m: &Match<'_>) -> bool {
    let before = text.get(..m.start()).unwrap_or("");
    let after = text.get(m.end()..).unwrap_or("");
    let before = before.strip_suffix([' ', '-']).is_some_and(|b| b.ends_with(|c: char| c.is_ascii_digit()));
    let after = after.strip_prefix([' ', '-']).is_some_and(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && !rest.get(digits..).unwrap_or("").starts_with(['/', '.', '-'])
    });
    before || after
}

fn is_postcode(found: &str, whole: bool, allowed: &Allowed) -> bool {
    let capitals: String = found.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
    // The list may be written as people write postcodes: with the space, and in small letters.
    let same = |office: &String| office.split_whitespace().collect::<String>().eq_ignore_ascii_case(&capitals);
    if allowed.postcodes.iter().any(same) {
        return false;
    }
    let area: String = capitals.chars().take_while(char::is_ascii_uppercase).collect();
    if area == "GIR" {
        return true;
    }
    let typed_in_capitals = !found.bytes().any(|b| b.is_ascii_lowercase());
    let inward = capitals.get(capitals.len().saturating_sub(3)..).unwrap_or("");
    let ordinal =
        matches!(inward, "1ST" | "2ND" | "3RD") || (inward.ends_with("TH") && !inward.starts_with(['1', '2', '3']));
    let unit = !typed_in_capitals && ["YR", "HR", "WD"].iter().any(|u| inward.ends_with(u));
    // “N1 2nd child”, “S47 1ST”, “E1 5yr”: a code before an ordinal or a unit.
    if unit || (ordinal && !(whole && typed_in_capitals)) {
        return false;
    }
    // A short hash such as e45bd is no postcode typed in small letters.
    let hash = !typed_in_capitals && !found.contains(' ') && capitals.bytes().all(|b| b.is_ascii_hexdigit());
    is_area(&area) && !hash
}

fn is_insurance(found: &str, whole: bool) -> bool {
    let capitals = found.to_ascii_uppercase();
    let refused = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].iter().any(|p| capitals.starts_with(p));
    let small = found.bytes().any(|b| b.is_ascii_lowercase());
    let hash = small && capitals.bytes().all(|b| b.is_ascii_hexdigit());
    // “at 20 21 22 a”: words around numbers.
    let words = small && !whole && found.contains([' ', '-']);
    !refused && !hash && !words
}

fn is_allowed_email(found: &str, allowed: &Allowed) -> bool {
    let found = found.to_lowercase();
    let found = found.trim_end_matches(['.', '-']);
    allowed.email_endings.iter().any(|ending| {
        let ending = ending.to_lowercase();
        let rest = found.strip_suffix(ending.as_str());
        rest.is_some_and(|rest| ending.starts_with(['@', '.']) || rest.ends_with(['@', '.']))
    })
}

/// Whether digits with spaces hold a British telephone number that no office gives in the open. It may begin at any
/// group: “0-4 07700 900123” holds one.
fn is_phone(text: &str, m: &Match<'_>, allowed: &Allowed) -> bool {
    let before = text.get(..m.start()).unwrap_or("");
    if before.ends_with(|c: char| c.is_ascii_digit()) || before.ends_with(['.', ',', '/']) {
        return false;
    }
    let found = m.as_str().replace("(0)", " ");
    let groups: Vec<&str> = found.split([' ', '(', ')', '.', '-']).filter(|g| !g.is_empty()).collect();
    (0..groups.len()).any(|start| {
        let mut digits = String::new();
        let rest = groups.get(start..).unwrap_or(&[]);
        // Takes as many groups as make a number, so that “020 7527 8545 2021” is read to its end and no further.
        (1..=rest.len().min(6)).any(|taken| {
            let parts = rest.get(..taken).unwrap_or(&[]);
            digits.extend(parts.last().copied().unwrap_or("").chars().filter(char::is_ascii_digit));
            is_number(&digits, parts) && !is_office(&digits, allowed)
        })
    })
}

/// The shapes of a British number: with the country's code, or with a leading zero in a first group of three or more.
fn is_number(digits: &str, parts: &[&str]) -> bool {
    let first = parts.first().copied().unwrap_or("");
    let country = match first.strip_prefix(['+', '0']) {
        Some(rest) if rest.trim_start_matches('0').starts_with("44") => {
            digits.trim_start_matches('0').strip_prefix("44")
        }
        Some(_) | None if first.starts_with("44") && first.len() == 12 => digits.strip_prefix("44"),
        Some(_) | None => None,
    };
    if let Some(national) = country.map(|d| d.strip_prefix('0').unwrap_or(d)) {
        return national.len() == 10 && national.starts_with(['1', '2', '3', '5', '7', '8']);
    }
    let plausible =
        digits.starts_with('0') && digits.get(1..).is_some_and(|d| d.starts_with(['1', '2', '3', '5', '7', '8']));
    let shaped = first.len() >= 3 && parts.len() <= 5 && parts.iter().skip(1).all(|g| g.len() >= 2);
    let old = digits.len() == 10
        && parts.len() > 1
        && first.len() >= 4
        && ["01", "05", "08"].iter().any(|p| digits.starts_with(p));
    plausible && shaped && (digits.len() == 11 || old)
}

fn is_office(digits: &str, allowed: &Allowed) -> bool {
    let national = digits.strip_prefix("44").map_or(digits, |d| d.strip_prefix('0').unwrap_or(d));
    let bare = national.strip_prefix('0').unwrap_or(national);
    allowed.phones.iter().any(|p| p.strip_prefix('0').unwrap_or(p) == bare)
}

/// Ten digits under a heading for telephone numbers: the leading zero was lost.
fn lost_zero(digits: &str, allowed: &Allowed) -> bool {
    let shaped = match digits.len() {
        10 => digits.starts_with(['1', '2', '3', '5', '7', '8']),
        12 => digits.starts_with("44"),
        _ => false,
    };
    shaped && !is_office(digits, allowed)
}

/// Twelve digits 447…: a mobile number with the country's code, in a cell of numbers.
fn is_mobile_abroad(digits: &str, allowed: &Allowed) -> bool {
    digits.len() == 12 && digits.starts_with("447") && !is_office(digits, allowed)
}

/// A number format that parts ten digits 3-3-4: `000 000 0000`.
fn is_spaced_format(format: &str) -> bool {
    let shape: String =
        format.chars().filter(|c| !matches!(c, '\\' | '"')).map(|c| if c == '#' { '0' } else { c }).collect();
    matches!(shape.replace('-', " ").as_str(), "000 000 0000" | "000 000 0000;@")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Allowed {
        Allowed {
            postcodes: vec!["N12UD".into(), "N1 1XR".into()],
            email_endings: vec!["@islington.gov.uk".into(), "nhs.uk".into()],
            phones: vec!["02075278545".into(), "02075277400".into()],
        }
    }

    /// Kinds, an NHS number counted where it is sure of itself.
    fn kinds(raw: &str) -> Vec<Kind> {
        let found = text(raw, Hints::default(), &allowed());
        let mut kinds = found.kinds;
        if found.nhs.iter().any(|c| c.sure) {
            kinds.insert(Kind::Nhs);
        }
        kinds.into_iter().collect()
    }

    #[test]
    fn every_pattern_builds() {
        assert!(ANY.is_some() && HINTS.is_some());
        assert!(PATTERNS.iter().all(Option::is_some));
    }

    #[test]
    fn personal_details_are_found() {
        for (raw, kind) in [
            ("943 476 5919", Kind::Nhs),
            ("943-476-5919", Kind::Nhs),
            ("９４３ ４７６ ５９１９", Kind::Nhs),
            ("943\u{a0}476\u{a0}5919", Kind::Nhs),
            ("943 \u{200b}476 5919", Kind::Nhs),
            ("NHS no 9434765919", Kind::Nhs),
            ("NHS number: 9434765919, seen in May", Kind::Nhs),
            ("the child (943 476 5919) was seen", Kind::Nhs),
            ("943 476 5919 12/03/2015", Kind::Nhs),
            ("H801200001001", Kind::PupilNumber),
            ("upn h801200001001.", Kind::PupilNumber),
            ("H801200001001_return", Kind::PupilNumber),
            ("lives at N1 1AA", Kind::Postcode),
            ("SW1A 1AA", Kind::Postcode),
            ("EC1A1BB", Kind::Postcode),
            ("M1 1AE", Kind::Postcode),
            ("DN55 1PT", Kind::Postcode),
            ("GIR 0AA", Kind::Postcode),
            ("n1 1aa", Kind::Postcode),
            ("n7  6ud.", Kind::Postcode),
            ("N\u{2060}7 6UD", Kind::Postcode),
            ("AB123456C", Kind::Insurance),
            ("AB 12 34 56 C", Kind::Insurance),
            ("ab 12 34 56 c", Kind::Insurance),
            ("jo.bloggs@example.com", Kind::Email),
            ("write to jo_bloggs@example.co.uk, please", Kind::Email),
            ("x@notislington.gov.uk.example.com", Kind::Email),
            ("jo＠example.com", Kind::Email),
            ("07700 900123", Kind::Phone),
            ("07700900123", Kind::Phone),
            ("(020) 7946 0123", Kind::Phone),
            ("020 7946 0123", Kind::Phone),
            ("+44 7700 900123", Kind::Phone),
            ("+44 (0)20 7946 0123", Kind::Phone),
            ("0044 7700 900123", Kind::Phone),
            ("447700900123 mobile", Kind::Phone),
            ("0044 (0) 20 7946 0123", Kind::Phone),
            ("flat 3, N7 9ST", Kind::Postcode),
            ("ages 0-4 07700 900123", Kind::Phone),
            ("020 7527 8545 or 07700 900123", Kind::Phone),
            ("020 7527 8545 07700 900123", Kind::Phone),
            ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 07700 900 123", Kind::Phone),
            ("call 01632 960 123 2021", Kind::Phone),
            ("DOB 12/03/2015", Kind::Birth),
            ("a boy born on 12 March 2015", Kind::Birth),
            ("date of birth: 2015-03-12", Kind::Birth),
            ("passport 123456789", Kind::Passport),
        ] {
            assert!(kinds(raw).contains(&kind), "{raw}: {:?}", kinds(raw));
        }
    }

    #[test]
    fn what_a_return_says_is_let_pass() {
        for raw in [
            "11,147",
            "2020-21",
            "2021/22",
            "1A",
            "24A",
            "1A, 2B, 3A",
            "N1",
            "N1 2nd child",
            "E1",
            "E1 1st quarter",
            "S47 1ST QUARTER",
            "N1 5yr olds",
            "CSC-2020-03",
            "Working Together 2018",
            "iscp-return",
            "1.0.0",
            "v1.2.0-rc1",
            "67.6%",
            "15.6 per 10,000",
            "31 March 2021",
            "2021-03-31",
            "01/04/2020-31/03/2021",
            "01.04.2020 - 31.03.2021",
            "SW1",
            "N1",
            "EC1V",
            "4f2a9c1e",
            "e45bd",
            "b12a3ef",
            "ab1c2de",
            "9434765918",
            "943 476 5918",
            "20 7527 8545",
            "2075278545",
            "020 7527 8545",
            "+44 20 7527 8545",
            "(020) 7527 7400",
            "N1 2UD",
            "N1 1XR",
            "n12ud",
            "0-4, 5-9, 10-15, 16-17",
            "Q1 2021",
            "A1 2026",
            "B14",
            "=SUM(B2:B13)",
            "SUM(A1:A12)/B$14",
            "0800 1111",
            "999",
            "101",
            "0845 46 47",
            "safeguarding@islington.gov.uk",
            "team@whittington.nhs.uk",
            "0 1 2 3 4 5 6 7 8 9 10",
            "012",
            "0.0012345678",
            "counts were 120 135 1480 90",
            "44 children and 12 34 56 a month",
            "at 20 21 22 a month",
            "1,234,567,890",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "Table1[@[Children]]",
            "12 children",
            "Children born in 2015",
            "ages 0 to 17",
            "passports were checked in 2021",
            "0123456789",
            "2020-21 csc",
            "STK-02 XPE-06",
            "s.17 and s.47",
            "£1,600,000",
            "1600000000",
            "Y1 2AB",
            "Childline 0800 1111 and 116 123",
        ] {
            assert_eq!(kinds(raw), Vec::new(), "{raw}");
        }
    }

    #[test]
    fn a_number_needs_words_or_spacing_to_be_an_nhs_number() {
        let sure = |format: Option<&str>, hints: Hints| {
            number(9_434_765_919.0, format, hints, &allowed()).nhs.iter().any(|c| c.sure)
        };
        assert!(!sure(None, Hints::default()));
        assert!(sure(None, Hints { nhs: true, ..Hints::default() }));
        assert!(sure(Some("000\\ 000\\ 0000"), Hints::default()));
        assert!(number(9_434_765_918.0, None, Hints { nhs: true, ..Hints::default() }, &allowed()).nhs.is_empty());
    }

    #[test]
    fn office_telephones_that_lost_their_zero_are_let_pass() {
        let phone = Hints { phone: true, ..Hints::default() };
        assert!(number(2_075_278_545.0, None, phone, &allowed()).kinds.is_empty());
        assert!(number(2_075_278_545.0, None, Hints::default(), &allowed()).kinds.is_empty());
        assert!(number(7_700_900_123.0, None, phone, &allowed()).kinds.contains(&Kind::Phone));
        assert!(number(447_700_900_123.0, None, Hints::default(), &allowed()).kinds.contains(&Kind::Phone));
    }
}
