//! The records as a table: which columns there are, and the table as comma-separated values. What the columns mean is
//! said in `schemas/out/records.json`; the descriptor that carries it is made in `package`.

use std::borrow::Cow;

use super::harmless;
use crate::record::Record;

/// One column: its name and the way to its text.
pub(super) struct Column {
    pub(super) name: &'static str,
    text: fn(&Record) -> &str,
    pub(super) content: Content,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Text that every row has; part of the key, it may be empty.
    Text,
    /// Text, or nothing.
    Words,
    /// A decimal number, or nothing.
    Number,
}

impl Column {
    /// What stands in the column, the same in every format: text is made harmless for spreadsheets, numbers stay as they are.
    pub(super) fn of<'r>(&self, record: &'r Record) -> Cow<'r, str> {
        match self.content {
            Content::Number => (self.text)(record).into(),
            Content::Text | Content::Words => harmless((self.text)(record)),
        }
    }
}

/// The columns in order.
pub(super) const COLUMNS: [Column; 21] = [
    Column { name: "year", text: |r| &r.year, content: Content::Text },
    Column { name: "body", text: |r| &r.body, content: Content::Text },
    Column { name: "kind", text: |r| &r.kind, content: Content::Text },
    Column { name: "section", text: |r| &r.section, content: Content::Text },
    Column { name: "table", text: |r| &r.table, content: Content::Text },
    Column { name: "measure", text: |r| &r.measure, content: Content::Text },
    Column { name: "breakdown", text: |r| &r.breakdown, content: Content::Text },
    Column { name: "value", text: |r| &r.value, content: Content::Number },
    Column { name: "marker", text: |r| &r.marker, content: Content::Words },
    Column { name: "status", text: |r| &r.status, content: Content::Words },
    Column { name: "unit", text: |r| &r.unit, content: Content::Words },
    Column { name: "unit_of_count", text: |r| &r.unit_of_count, content: Content::Words },
    Column { name: "origin", text: |r| r.origin.word(), content: Content::Text },
    Column { name: "numerator", text: |r| &r.numerator, content: Content::Number },
    Column { name: "denominator", text: |r| &r.denominator, content: Content::Number },
    Column { name: "publishable", text: |r| r.publishable.word(), content: Content::Text },
    Column { name: "why", text: |r| &r.why, content: Content::Words },
    Column { name: "note", text: |r| &r.note, content: Content::Words },
    Column { name: "source_file", text: |r| &r.source_file, content: Content::Text },
    Column { name: "source_sheet", text: |r| &r.source_sheet, content: Content::Words },
    Column { name: "source_cells", text: |r| &r.source_cells, content: Content::Words },
];

/// The records as comma-separated values: a heading, then one line a record; UTF-8 without a mark at its beginning, each line
/// ended by a line feed, quoted only where need be.
#[must_use]
pub fn records_csv(records: &[Record]) -> String {
    let mut out = String::new();
    line(&mut out, COLUMNS.iter().map(|column| column.name.into()));
    for record in records {
        line(&mut out, COLUMNS.iter().map(|column| column.of(record)));
    }
    out
}

fn line<'f>(out: &mut String, fields: impl Iterator<Item = Cow<'f, str>>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push('\n');
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::record::{Origin, Publishable};

    pub(crate) fn record() -> Record {
        let text = String::new;
        Record {
            year: "2021-22".into(),
            body: "csc".into(),
            kind: "csc".into(),
            section: "child-protection".into(),
            table: text(),
            measure: "gap".into(),
            breakdown: text(),
            value: "-2.5".into(),
            marker: text(),
            status: text(),
            unit: "%".into(),
            unit_of_count: text(),
            origin: Origin::Returned,
            numerator: text(),
            denominator: text(),
            publishable: Publishable::Yes,
            why: text(),
            note: "=HYPERLINK(\"x\"), see\nbelow".into(),
            source_file: "ab".into(),
            source_sheet: "Child protection".into(),
            source_cells: "B4".into(),
        }
    }

    #[test]
    fn the_table_reads_back_and_carries_no_formula() {
        let csv = records_csv(&[record()]);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        let at = |name: &str| row.get(COLUMNS.iter().position(|c| c.name == name).unwrap()).unwrap().to_owned();
        assert_eq!(at("value"), "-2.5", "a number stays a number");
        assert_eq!(at("note"), "'=HYPERLINK(\"x\"), see\nbelow");
        assert_eq!(row.len(), COLUMNS.len());
        assert!(!csv.contains('\r') && !csv.starts_with('\u{feff}') && csv.ends_with('\n'));
    }
}
