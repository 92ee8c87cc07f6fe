//! Cells into files: a workbook through `rust_xlsxwriter`, a sheet as csv, csv files as a zip. Nothing in them tells the
//! time at which they were made.

use std::io::Write as _;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula};
use safereturn::workbook::{Sheet, SheetState, Value, Workbook};

/// An Excel workbook, as if made in May of a year.
pub(crate) fn xlsx(workbook: &Workbook, year: u16) -> Vec<u8> {
    let mut out = rust_xlsxwriter::Workbook::new();
    let made = ExcelDateTime::from_ymd(year, 5, 4).unwrap();
    out.set_properties(&DocProperties::new().set_title("Return (sample)").set_creation_datetime(&made));
    for (name, text) in &workbook.names {
        out.define_name(name, &format!("=\"{text}\"")).unwrap();
    }
    for sheet in &workbook.sheets {
        let page = out.add_worksheet();
        page.set_name(&sheet.name).unwrap();
        match sheet.state {
            SheetState::Visible => {}
            SheetState::Hidden => {
                page.set_hidden(true);
            }
            SheetState::VeryHidden => {
                page.set_very_hidden(true);
            }
        }
        page.set_column_width(0, 44).unwrap();
        for column in &sheet.hidden_columns {
            page.set_column_hidden(u16::try_from(*column).unwrap()).unwrap();
        }
        for (cell, entry) in &sheet.cells {
            let (row, column) = (cell.row, u16::try_from(cell.column).unwrap());
            let format = entry.format.as_ref().map_or_else(Format::new, |f| Format::new().set_num_format(&**f));
            match (&entry.formula, &entry.value) {
                (Some(formula), value) => {
                    let result = match value {
                        Value::Number(n) => n.to_string(),
                        Value::Text(text) => text.clone(),
                        other => panic!("no result {other:?}"),
                    };
                    let formula = Formula::new(format!("={formula}")).set_result(result);
                    page.write_formula_with_format(row, column, formula, &format).unwrap();
                }
                (None, Value::Number(n)) => {
                    page.write_number_with_format(row, column, *n, &format).unwrap();
                }
                (None, Value::Text(text)) => {
                    page.write_string_with_format(row, column, text, &format).unwrap();
                }
                (None, Value::Truth(truth)) => {
                    page.write_boolean(row, column, *truth).unwrap();
                }
                (None, Value::Date(date)) => {
                    let date = ExcelDateTime::parse_from_str(&date.format("%Y-%m-%d").to_string()).unwrap();
                    page.write_datetime_with_format(row, column, &date, &format).unwrap();
                }
                (None, Value::Nothing | Value::Error(_)) => panic!("{cell} holds nothing that can be written"),
            }
        }
    }
    out.save_to_buffer().unwrap()
}

/// A sheet as lines of values.
pub(crate) fn csv(sheet: &Sheet, separator: char) -> String {
    let width = sheet.cells.keys().map(|c| c.column + 1).max().unwrap_or(0);
    let height = sheet.cells.keys().map(|c| c.row + 1).max().unwrap_or(0);
    let field = |row, column| match sheet.cells.get(&safereturn::cell::Cell::new(row, column)).map(|e| &e.value) {
        None | Some(Value::Nothing) => String::new(),
        Some(Value::Number(n)) => n.to_string(),
        Some(Value::Text(text) | Value::Error(text)) if text.contains([separator, '"', '\n']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(Value::Text(text) | Value::Error(text)) => text.clone(),
        Some(Value::Truth(truth)) => truth.to_string().to_uppercase(),
        Some(Value::Date(date)) => date.format("%Y-%m-%d").to_string(),
    };
    let line = |row| (0..width).map(|column| field(row, column)).collect::<Vec<_>>().join(&separator.to_string());
    (0..height).map(|row| line(row) + "\r\n").collect()
}

/// Text as Windows programs in western Europe save it.
pub(crate) fn windows_1252(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!lost, "a character that Windows-1252 does not have");
    bytes.into_owned()
}

/// Files in a zip, all of the same date.
pub(crate) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        out.start_file(name.as_str(), options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}
