//! Check digits and letters of the numbers that name a person. Knows no text and no cells.

/// Whether ten digits end in the right check digit of an NHS number: weights 10 to 2, modulo 11.
pub(super) fn is_nhs(digits: &[u8]) -> bool {
    let [head @ .., check] = digits else { return false };
    if head.len() != 9 || digits.iter().all(|d| d == check) {
        return false;
    }
    let sum: u32 = head.iter().zip((2..=10).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    match 11 - sum % 11 {
        10 => false,
        11 => *check == 0,
        expected => u32::from(*check) == expected,
    }
}

/// Whether ten digits lie in a range that is given out: England and Wales 4, 6, 7 (9 in tests), Northern Ireland 32 to
/// 39, Scotland a date of birth. No London telephone number without its leading zero is in it.
pub(super) fn is_issued(digits: &[u8]) -> bool {
    match digits {
        [4 | 6 | 7 | 9, ..] | [3, 2..=9, ..] => true,
        [d1, d2, m1, m2, ..] => (1..=31).contains(&(d1 * 10 + d2)) && (1..=12).contains(&(m1 * 10 + m2)),
        [] | [_] | [_, _] | [_, _, _] => false,
    }
}

/// The letters of a unique pupil number: I, O and S are left out.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// Whether thirteen characters are a unique pupil number: a check letter, then weights 2 to 13, modulo 23. The last may
/// be a letter (a temporary number). Capitals only.
pub(super) fn is_upn(upn: &str) -> bool {
    let [letter, rest @ ..] = upn.as_bytes() else { return false };
    if rest.len() != 12 {
        return false;
    }
    let mut sum = 0;
    for (character, weight) in rest.iter().zip(2_usize..) {
        let value = match character {
            b'0'..=b'9' => usize::from(character - b'0'),
            other => match LETTERS.iter().position(|l| l == other) {
                Some(position) if weight == 13 => position,
                Some(_) | None => return false,
            },
        };
        sum += value * weight;
    }
    LETTERS.get(sum % 23) == Some(letter)
}

/// Areas of UK postcodes, so that codes of our own lists (`Y1 2AB`) are not taken for an address.
const AREAS: [&str; 125] = [
    "AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF", "CH", "CM", "CO",
    "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH", "EN", "EX", "FK",
    "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA",
    "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN",
    "NP", "NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK",
    "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW", "UB",
    "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

/// Whether letters are the area of a UK postcode. Capitals only.
pub(super) fn is_area(letters: &str) -> bool {
    AREAS.binary_search(&letters).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|b| b - b'0').collect()
    }

    #[test]
    fn nhs_numbers_have_a_check_digit() {
        for right in ["9434765919", "4010232137", "9876543210"] {
            assert!(is_nhs(&digits(right)), "{right}");
        }
        for wrong in ["9434765918", "2075278545", "1111111111", "943476591", "94347659190", ""] {
            assert!(!is_nhs(&digits(wrong)), "{wrong}");
        }
    }

    #[test]
    fn london_telephone_numbers_are_not_issued_as_nhs_numbers() {
        for phone in ["2075278545", "2031234567", "2089991234"] {
            assert!(!is_issued(&digits(phone)), "{phone}");
        }
        for nhs in ["4010232137", "9434765919", "3212345678", "0101201234"] {
            assert!(is_issued(&digits(nhs)), "{nhs}");
        }
    }

    #[test]
    fn pupil_numbers_have_a_check_letter() {
        assert!(is_upn("H801200001001"));
        for wrong in ["A801200001001", "H80120000100", "H8012000010012", "I801200001001", "H80A200001001"] {
            assert!(!is_upn(wrong), "{wrong}");
        }
    }

    #[test]
    fn areas_are_sorted_for_the_search() {
        assert!(AREAS.is_sorted());
        assert!(is_area("N") && is_area("SW") && !is_area("Y") && !is_area("Q"));
    }
}
