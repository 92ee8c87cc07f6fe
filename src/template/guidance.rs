//! The page of guidance: how to fill the workbook in, in plain words. It is never read back.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use super::sheet::{height, sheet_name};
use crate::figure::Marker;
use crate::schema::{Body, Form, Schemas};

/// The sheet's name.
const NAME: &str = "Guidance";
/// The width of its one column, in characters.
const WIDTH: u16 = 100;

/// Writes the page: one line of text in each row; a line that opens with `#` is a heading.
pub(super) fn write(
    workbook: &mut Workbook,
    schemas: &Schemas,
    form: &Form,
    body: &Body,
    carried: bool,
) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(NAME)?;
    sheet.set_column_width(0, f64::from(WIDTH))?;
    let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let bold = Format::new().set_bold().set_font_size(12);
    for (row, line) in (0..).zip(lines(schemas, form, body, carried)) {
        sheet.set_row_height(row, height(&line, WIDTH))?;
        match line.strip_prefix("# ") {
            Some(heading) => sheet.write_string_with_format(row, 0, heading, &bold)?,
            None => sheet.write_string_with_format(row, 0, &line, &plain)?,
        };
    }
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.protect();
    Ok(())
}

fn lines(schemas: &Schemas, form: &Form, body: &Body, carried: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut say = |line: &str| lines.push(line.to_owned());
    say(&format!("# How to fill in this workbook: {}, {}", body.title, form.year));
    say(
        "Fill in the framed cells on each sheet. You may paste, add rows above a table or change the order of columns: we find everything by its words, so please leave titles, headings and labels as they are.",
    );
    if let Some(year) = schemas.agencies.years.get(&form.year) {
        let day = |date: chrono::NaiveDate| date.format("%-d %B %Y").to_string();
        say(&format!(
            "Please return it by {}. Questions that come out of it are to be answered by {}.",
            day(year.deadline),
            day(year.query_deadline)
        ));
    }
    say(
        "Send totals only. Never send anything about one child or family: no names, dates of birth, NHS or pupil numbers, addresses, postcodes or telephone numbers, not in comments and not in the file’s name. A file with such details is sent back unread.",
    );
    say("");
    say("# The sheets");
    let owed = schemas.agencies.kinds.iter().find(|k| k.key == form.kind);
    for section in &form.sections {
        let must = owed.and_then(|k| k.sections.get(&section.key)).copied().unwrap_or(true);
        let may =
            if must { "please return it, or say on the cover that you have nothing to report" } else { "if you can" };
        say(&format!("{}: {may}.", sheet_name(&section.title)));
    }
    say(&format!("{}: your answers to questions we asked, one row each.", sheet_name(&schemas.explanations.title)));
    if carried {
        say(
            "Rows that were open at the end of last year are filled in already, in grey where they stay as they are. Please say of each where it stands now, what has happened and what difference it made, also if nothing has. Add new rows below them.",
        );
    }
    say("");
    say("# When there is no figure");
    say(
        "Do not leave a cell empty and do not type a dash. Type 0 where the true figure is zero, else one of these letters:",
    );
    for marker in Marker::ALL {
        say(&format!("{}: {}", marker.letter(), meaning(marker)));
    }
    say("");
    say("# What you may say about a figure");
    say(
        "In the column Status: p provisional, r revised, e estimated, f forecast, b break in series. In the column Note: anything a reader must know. Please keep the cell of the figure for the figure alone: 1,338 and not 1,338*.",
    );
    say(
        "Percentages are given in points, without the sign: 15.6. Cells with a grey label need no figure: we work it out from the others.",
    );
    say("");
    say("# What happens then");
    say(
        "Every figure is checked by itself, against the others and against last year. An error has to be corrected before the sheet can be accepted. A query is a figure that looks unusual: correct it, or explain it on the sheet for explanations. A note tells you what we tidied up; there is nothing to do.",
    );
    say(
        "A sheet with nothing to correct is accepted even where another one is not. You may send a workbook again as often as you like: give it the next submission number on the cover.",
    );
    lines
}

/// What each letter is for, in words for somebody who has never seen one.
const fn meaning(marker: Marker) -> &'static str {
    match marker {
        Marker::Confidential => "confidential. The figure is small and your rules say that it must not be shown.",
        Marker::NotApplicable => "not applicable. There can be no such figure for your agency.",
        Marker::NotAvailable => "not available. There is such a figure, but you do not have it.",
        Marker::RoundsToZero => "rounds to zero. The figure is rounded and comes out as 0, but is not 0.",
        Marker::Unreliable => "unreliable. There is a figure, but it is not good enough to be used.",
    }
}
