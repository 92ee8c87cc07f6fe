//! What Excel asks and refuses in a cell that agencies fill in. It is a help and no check: pasted cells escape it.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, DataValidationRule, XlsxError};

use super::{Lists, choices, fits_in_a_cell, formula};
use crate::cell::Cell;
use crate::figure::{Marker, Status};
use crate::schema::model::{Kind, Measure};

/// Excel's longest title of a message, in UTF-16 units.
const TITLE: usize = 32;
/// Excel's longest message, in UTF-16 units.
const MESSAGE: usize = 255;

/// How a number is shown, so that what is typed is kept: codes and years such as `2009-10` stay text.
pub(super) fn format(kind: Kind, decimals: u8) -> String {
    match kind {
        Kind::Count => "#,##0".to_owned(),
        Kind::Percentage | Kind::Points | Kind::Rate if decimals > 0 => format!("0.{}", "0".repeat(decimals.into())),
        Kind::Percentage | Kind::Points | Kind::Rate => "0".to_owned(),
        Kind::Number => "General".to_owned(),
        Kind::Money => "#,##0.00".to_owned(),
        Kind::Date => "dd/mm/yyyy".to_owned(),
        Kind::Year | Kind::Month | Kind::Code | Kind::Codes | Kind::Text | Kind::Email => "@".to_owned(),
    }
}

/// The question and the check of a measure's cells, the first of which is `first`.
pub(super) fn validation(measure: &Measure, first: Cell, lists: &Lists) -> Result<DataValidation, XlsxError> {
    let markers: Vec<&str> =
        Marker::ALL.into_iter().map(Marker::letter).filter(|m| !measure.never.iter().any(|n| n == m)).collect();
    let marker = markers.iter().map(|m| format!("{first}=\"{m}\"")).collect::<Vec<_>>().join(",");
    let number = |test: &str| match marker.is_empty() {
        true => formula(format!("=AND(ISNUMBER({first}),{test})")),
        false => formula(format!("=IF(ISNUMBER({first}),{test},OR({marker}))")),
    };
    let any = DataValidation::new();
    let (rule, asks) = match measure.kind {
        Kind::Count => (
            any.allow_custom(number(&format!("AND({first}>=0,{first}=INT({first}))"))),
            "a whole number, 0 or more".to_owned(),
        ),
        Kind::Percentage => (
            any.allow_custom(number(&format!("AND({first}>=0,{first}<=100)"))),
            "a percentage from 0 to 100, without the % sign: 15.6".to_owned(),
        ),
        Kind::Rate | Kind::Money => {
            (any.allow_custom(number(&format!("{first}>=0"))), "a number, 0 or more".to_owned())
        }
        Kind::Points | Kind::Number => (any.allow_custom(number("TRUE")), "a number".to_owned()),
        Kind::Date => (any.allow_custom(number(&format!("{first}>36525"))), "a date such as 31/03/2021".to_owned()),
        Kind::Year => (
            any.allow_custom(formula(format!("=AND(LEN({first})=7,MID({first},5,1)=\"-\")"))),
            "a year such as 2020-21".to_owned(),
        ),
        Kind::Month => (
            any.allow_custom(formula(format!("=AND(LEN({first})=7,MID({first},5,1)=\"-\")"))),
            "a month such as 2020-06, without the day".to_owned(),
        ),
        Kind::Code => return code(measure, any, lists),
        Kind::Codes => (any.allow_any_value(), "one or more codes, with commas between them".to_owned()),
        Kind::Text => match (measure.shortest, measure.longest) {
            (_, None) => (any.allow_any_value(), "words; never the name of a child or family".to_owned()),
            (shortest, Some(longest)) => {
                let longest = u32::try_from(longest).unwrap_or(32_767);
                let shortest = shortest.and_then(|s| u32::try_from(s).ok()).unwrap_or(0);
                let asks = match shortest {
                    0 | 1 => format!("at most {longest} characters"),
                    shortest => format!("{shortest} to {longest} characters"),
                };
                let rule = any.allow_text_length(DataValidationRule::Between(shortest, longest));
                (rule, format!("{asks}; never the name of a child or family"))
            }
        },
        Kind::Email => (any.allow_any_value(), "the shared mailbox of a team, not a person’s own".to_owned()),
    };
    let asks = match measure.kind.is_number() || measure.kind == Kind::Date {
        true if !markers.is_empty() => format!("{asks}, or one of {}", markers.join(" ")),
        true | false => asks,
    };
    said(rule, measure, &asks, DataValidationErrorStyle::Stop)
}

/// A list to choose from. Another word warns only: the reader knows more words for a code than fit here.
fn code(measure: &Measure, any: DataValidation, lists: &Lists) -> Result<DataValidation, XlsxError> {
    let Some(codes) = &measure.codes else {
        return said(any.allow_any_value(), measure, "a code", DataValidationErrorStyle::Warning);
    };
    let words = choices(codes);
    let rule = match lists.range(&codes.key) {
        Some(range) => any.allow_list_formula(formula(range)),
        None if fits_in_a_cell(&words) && !words.is_empty() => any.allow_list_strings(&words)?,
        None => any.allow_any_value(),
    };
    said(rule, measure, "one from the list", DataValidationErrorStyle::Warning)
}

/// The flags that may stand beside a figure.
pub(super) fn status() -> Result<DataValidation, XlsxError> {
    let letters = Status::ALL.map(Status::letter);
    DataValidation::new()
        .allow_list_strings(&letters)?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_input_title("Status")?
        .set_input_message("Leave empty, or: p provisional, r revised, e estimated, f forecast, b break in series.")
}

fn said(
    rule: DataValidation,
    measure: &Measure,
    asks: &str,
    style: DataValidationErrorStyle,
) -> Result<DataValidation, XlsxError> {
    let message = match measure.description.is_empty() {
        true => format!("Please give {asks}."),
        false => format!("Please give {asks}. {}", measure.description),
    };
    rule.set_input_title(clip(&measure.title, TITLE))?
        .set_input_message(clip(&message, MESSAGE))?
        .set_error_title(clip(&measure.title, TITLE))?
        .set_error_message(clip(&format!("Please give {asks}."), MESSAGE))
        .map(|rule| rule.set_error_style(style))
}

/// A text cut to so many UTF-16 units, with an ellipsis where something was cut.
pub(super) fn clip(text: &str, longest: usize) -> String {
    if text.encode_utf16().count() <= longest {
        return text.to_owned();
    }
    let mut length = 1;
    let kept = text.chars().take_while(|c| {
        length += c.len_utf16();
        length <= longest
    });
    let mut out: String = kept.collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_what_excel_takes() {
        assert_eq!(clip("short", 32), "short");
        assert_eq!(clip("a b c", 4), "a b…");
        assert!(clip(&"😀".repeat(300), 255).encode_utf16().count() <= 255);
    }
}
