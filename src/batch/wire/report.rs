//! A report as bytes, on its way to the temporary file of a run and back: what was made of a submission is wanted again
//! only when it is written, and memory is for what is released.

use super::{In, Out, Wire};
use crate::cell::Pointer;
use crate::checks::{Mark, Marks, Publishable, Why};
use crate::extract::{Answered, Change, Drift, Part, Regime, Return, Use, Worked};
use crate::figure::{Bare, Figure, Interval, Marker, Status};
use crate::record::{Origin, Record};
use crate::report::{Outcome, Report, SectionOutcome};

fields!(Report { file, pack, workbook, figures, findings, checks, sections, owed, outcome, private, titles, marks });
fields!(SectionOutcome { section, title, outcome, because, nil });
fields!(Return {
    year,
    body,
    kind,
    submission_no,
    numbers,
    regime,
    shift,
    day_first,
    sheets,
    nil,
    figures,
    lists,
    uses,
    drift,
    worked,
    words,
    answered
});
fields!(Regime { range, secondary, round });
fields!(Drift { section, sheet, part, change, within, template, found, cells, likely });
fields!(Worked { interval, quotient, parts });
fields!(Answered { rule, at, explanation });
fields!(Interval { lo, hi });
fields!(Mark { publishable, why });
fields!(Why { rule, words });
fields!(Record {
    year,
    body,
    kind,
    section,
    table,
    measure,
    breakdown,
    value,
    marker,
    status,
    unit,
    unit_of_count,
    origin,
    numerator,
    denominator,
    publishable,
    why,
    note,
    source_file,
    source_sheet,
    source_cells
});

variants!(Outcome { 0 Accepted, 1 Queried, 2 Refused });
variants!(Use { 0 Value(pointer), 1 Label, 2 Finding, 3 Passed(why) });
variants!(Part { 0 Sheet, 1 Table, 2 Column, 3 Row, 4 Line, 5 Cells });
variants!(Change { 0 Missing, 1 Extra, 2 Renamed, 3 Guessed, 4 Twice, 5 Turned });
variants!(Bare { 0 Number(n), 1 Text(text), 2 Date(date), 3 Codes(codes), 4 Marker(marker), 5 Blank });
variants!(Marker { 0 Confidential, 1 NotApplicable, 2 NotAvailable, 3 RoundsToZero, 4 Unreliable });
variants!(Status { 0 Provisional, 1 Revised, 2 Estimated, 3 Forecast, 4 Break, 5 Average, 6 Total });
variants!(Publishable { 0 Yes, 1 Combine, 2 Withhold });
variants!(Origin { 0 Returned, 1 Derived });

impl Wire for Figure {
    fn put(&self, out: &mut Out) {
        let Self { pointer, cell, bare, interval, status, decimals, typed, note, computed, fault } = self;
        pointer.put(out);
        cell.put(out);
        bare.put(out);
        interval.put(out);
        status.put(out);
        u32::from(*decimals).put(out);
        typed.put(out);
        note.put(out);
        computed.put(out);
        fault.put(out);
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Some(Self {
            pointer: Wire::take(from)?,
            cell: Wire::take(from)?,
            bare: Wire::take(from)?,
            interval: Wire::take(from)?,
            status: Wire::take(from)?,
            // A vector of bytes has a way of its own, so a byte alone has none.
            decimals: u32::take(from)?.try_into().ok()?,
            typed: Wire::take(from)?,
            note: Wire::take(from)?,
            computed: Wire::take(from)?,
            fault: Wire::take(from)?,
        })
    }
}

impl Wire for Marks {
    fn put(&self, out: &mut Out) {
        out.number(self.iter().count() as u64);
        for (pointer, mark) in self.iter() {
            pointer.put(out);
            mark.put(out);
        }
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        (0..from.count()?).map(|_| Some((Pointer::take(from)?, Mark::take(from)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chrono::NaiveDate;

    use super::super::{read, write};
    use super::*;
    use crate::extract::Context;
    use crate::schema::Schemas;

    /// What a check makes of a sample return, as the batch would have it.
    fn report(path: &str) -> Report {
        let schemas = Schemas::built_in().unwrap();
        let submission = crate::batch::read_submission(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let day = NaiveDate::from_ymd_opt(2022, 6, 30).unwrap();
        crate::check(&submission, &Context { received: Some(day), ..Context::on(day) }, &schemas)
    }

    #[test]
    fn reports_come_back_as_they_were_put_away() {
        let mut marks = 0;
        for path in [
            "inbox/csc/csc-2020-21 corrected.xlsx",
            "inbox/edu/edu-2020-21.zip",
            "inbox/mps/2020-21 export",
            "inbox/nhsc-whittington/system export.xls",
        ] {
            let report = report(path);
            let bytes = write(&report);
            let back: Report = read(&bytes).unwrap();
            assert_eq!(format!("{back:?}"), format!("{report:?}"), "{path}");
            assert!(read::<Report>(&bytes[..bytes.len() - 1]).is_none());
            marks += report.marks.iter().count();
        }
        assert!(marks > 0, "some of them hold something that may not be shown");
    }

    #[test]
    fn a_number_below_nothing_comes_back() {
        for n in [0_i64, 1, -1, 1462, -1462, i64::MAX, i64::MIN] {
            assert_eq!(read::<i64>(&write(&n)), Some(n));
        }
    }
}
