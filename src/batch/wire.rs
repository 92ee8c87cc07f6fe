//! Values as bytes, on their way between the batch and a worker process or its temporary file: compact, because a workbook may have a million
//! cells, and every field is named, so that none can be forgotten when a type grows. Bytes that are nonsense give `None`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

use super::checker::{Opened, Sight};
use super::worker::{Answer, Request};
use crate::cell::{Address, Cell, Pointer};
use crate::extract::{Decision, Waiver};
use crate::finding::{self, Check, Finding, Findings, Label, Place, Reach, RuleId, Severity, Verdict};
use crate::report::FileFacts;
use crate::workbook::{Content, Entry, Format, Omitted, Sheet, SheetState, Submission, Value, Workbook};

/// A value as bytes.
pub(super) fn write<T: Wire>(value: &T) -> Vec<u8> {
    let mut out = Out::default();
    value.put(&mut out);
    out.bytes
}

/// The value that all of these bytes say, and nothing else.
pub(super) fn read<T: Wire>(bytes: &[u8]) -> Option<T> {
    let mut from = In { bytes, shared: Vec::new() };
    let value = T::take(&mut from)?;
    from.bytes.is_empty().then_some(value)
}

/// What can cross.
pub(super) trait Wire: Sized {
    fn put(&self, out: &mut Out);
    fn take(from: &mut In<'_>) -> Option<Self>;
}

/// Bytes being written.
#[derive(Default)]
pub(super) struct Out {
    bytes: Vec<u8>,
    /// Where a text that many cells share lies in memory, and its number: it crosses once, as it is held once.
    shared: HashMap<(usize, usize), u64>,
}

impl Out {
    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push((n & 0x7F) as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }
}

/// Bytes being read.
pub(super) struct In<'a> {
    bytes: &'a [u8],
    shared: Vec<Arc<str>>,
}

impl<'a> In<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u64> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    /// How many things follow. Each takes a byte at least, so a number that lies takes no memory.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len()).then_some(count)
    }

    fn text(&mut self) -> Option<&'a str> {
        let count = self.count()?;
        std::str::from_utf8(self.bytes(count)?).ok()
    }
}

macro_rules! numbers {
    ($($type:ty),*) => { $(impl Wire for $type {
        fn put(&self, out: &mut Out) {
            out.number(*self as u64);
        }
        fn take(from: &mut In<'_>) -> Option<Self> {
            Self::try_from(from.number()?).ok()
        }
    })* };
}

/// A text, and what is one: its length, then its bytes.
macro_rules! texts {
    ($($type:ty),*) => { $(impl Wire for $type {
        fn put(&self, out: &mut Out) {
            out.number(self.as_str().len() as u64);
            out.bytes.extend(self.as_str().as_bytes());
        }
        fn take(from: &mut In<'_>) -> Option<Self> {
            from.text().map(Self::from)
        }
    })* };
}

/// A struct: each of its fields in turn.
macro_rules! fields {
    ($type:path { $($field:ident),* }) => { impl Wire for $type {
        fn put(&self, out: &mut Out) {
            let Self { $($field),* } = self;
            $($field.put(out);)*
        }
        fn take(from: &mut In<'_>) -> Option<Self> {
            Some(Self { $($field: Wire::take(from)?),* })
        }
    } };
}

/// An enum: the number of its variant, then what that holds.
macro_rules! variants {
    ($type:path { $($tag:literal $variant:ident $(($($inner:ident),*))? $({$($field:ident),*})?),* }) => { impl Wire for $type {
        fn put(&self, out: &mut Out) {
            match self {
                $(Self::$variant $(($($inner),*))? $({$($field),*})? => {
                    out.bytes.push($tag);
                    $($($inner.put(out);)*)?
                    $($($field.put(out);)*)?
                })*
            }
        }
        fn take(from: &mut In<'_>) -> Option<Self> {
            Some(match from.byte()? {
                $($tag => Self::$variant $(($({ let $inner = Wire::take(from)?; $inner }),*))? $({$($field: Wire::take(from)?),*})?,)*
                _ => return None,
            })
        }
    } };
}

mod many;
mod report;

numbers!(u32, u64, usize);
texts!(String, Pointer, RuleId);

fields!(Request { body, as_of, received, waivers, submission });
fields!(Submission { name, content });
fields!(Waiver { line, id, decision, state, role, reason, expires, explanation });
fields!(Opened { file, workbook, findings });
fields!(FileFacts { name, sha256, bytes });
fields!(Sight { year, submission_no });
fields!(Workbook { format, sheets, properties, names });
fields!(Sheet {
    name,
    state,
    cells,
    merges,
    hidden_rows,
    hidden_columns,
    filtered,
    comments,
    around,
    dropped,
    omitted
});
fields!(Omitted { no_cells, spaces, ghosts, last_ghost, unreadable, controls });
fields!(Entry { value, format, formula, fill });
fields!(Cell { row, column });
fields!(Address { sheet, cell });
fields!(Finding {
    rule,
    severity,
    at,
    reach,
    message,
    help,
    labels,
    found,
    expected,
    difference,
    state,
    consequences,
    answer,
    suggestion,
    under,
    private
});
fields!(Label { place, text });
fields!(Check { rule, at, verdict });

variants!(Answer { 0 Failed(place), 1 Read(opened, sight) });
variants!(Content { 0 File(bytes), 1 Folder(files) });
variants!(Format { 0 Xlsx, 1 Xlsb, 2 Xls, 3 Ods, 4 Csv, 5 Text });
variants!(SheetState { 0 Visible, 1 Hidden, 2 VeryHidden });
variants!(Value { 0 Nothing, 1 Number(n), 2 Text(text), 3 Truth(truth), 4 Date(date), 5 Error(error) });
variants!(Severity { 0 Note, 1 Query, 2 Error });
variants!(Place { 0 Figure(pointer), 1 Cell(address), 2 Sheet(position), 3 File, 4 Before(pointer) });
variants!(Reach { 0 Submission, 1 Sections(sections), 2 Explanation });
variants!(finding::Answer {
    0 Explained { explanation, read },
    1 Reopened { was, now },
    2 SentBack { explanation, reason },
    3 Waived { reason }
});
variants!(Decision { 0 Waive, 1 Accept, 2 Reopen, 3 Use });
variants!(finding::Read { 0 Unread, 1 Accepted });
variants!(Verdict { 0 Held, 1 NotApplicable(why), 2 NotRun(why), 3 Undecided(why), 4 Failed });

impl Wire for Findings {
    fn put(&self, out: &mut Out) {
        out.number(self.list().len() as u64);
        self.list().iter().for_each(|finding| finding.put(out));
        out.number(self.checks().len() as u64);
        self.checks().iter().for_each(|check| check.put(out));
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        let mut findings = Self::default();
        for finding in Vec::take(from)? {
            findings.add(finding);
        }
        for Check { rule, at, verdict } in Vec::take(from)? {
            findings.account(rule.as_str(), at, verdict);
        }
        Some(findings)
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Out) {
        out.bytes.push(u8::from(*self));
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Wire for i64 {
    fn put(&self, out: &mut Out) {
        out.bytes.extend(self.to_le_bytes());
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Some(Self::from_le_bytes(from.bytes(8)?.try_into().ok()?))
    }
}

impl Wire for f64 {
    fn put(&self, out: &mut Out) {
        out.bytes.extend(self.to_le_bytes());
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Some(Self::from_le_bytes(from.bytes(8)?.try_into().ok()?))
    }
}

impl Wire for Cow<'static, str> {
    fn put(&self, out: &mut Out) {
        out.number(self.len() as u64);
        out.bytes.extend(self.as_bytes());
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        from.text().map(|text| Self::Owned(text.to_owned()))
    }
}

impl Wire for Arc<str> {
    fn put(&self, out: &mut Out) {
        let place = (Self::as_ptr(self).cast::<u8>().addr(), self.len());
        let next = out.shared.len() as u64;
        let number = *out.shared.entry(place).or_insert(next);
        out.number(number);
        if number == next {
            out.number(self.len() as u64);
            out.bytes.extend(self.as_bytes());
        }
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        let number = usize::try_from(from.number()?).ok()?;
        if number == from.shared.len() {
            let text = from.text()?.into();
            from.shared.push(text);
        }
        from.shared.get(number).cloned()
    }
}

impl Wire for NaiveDate {
    fn put(&self, out: &mut Out) {
        out.bytes.extend(self.num_days_from_ce().to_le_bytes());
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Self::from_num_days_from_ce_opt(i32::from_le_bytes(from.bytes(4)?.try_into().ok()?))
    }
}

impl Wire for NaiveDateTime {
    fn put(&self, out: &mut Out) {
        self.date().put(out);
        self.num_seconds_from_midnight().put(out);
        self.nanosecond().put(out);
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        let date = NaiveDate::take(from)?;
        let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::take(from)?, u32::take(from)?)?;
        Some(Self::new(date, time))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::schema::Schemas;

    fn sample(path: &str) -> Request {
        let submission = crate::batch::read_submission(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let day = NaiveDate::from_ymd_opt(2022, 6, 30).unwrap();
        let waiver = Waiver {
            line: 2,
            id: "bcdf".into(),
            decision: Decision::Accept,
            state: "1".into(),
            explanation: "a new team".into(),
            role: "board manager".into(),
            reason: "agreed".into(),
            expires: Some(day),
        };
        Request { body: "csc".into(), as_of: day, received: day, waivers: vec![waiver], submission }
    }

    /// Every finding and check that a full check of these cells gives crosses, too: more kinds than reading gives.
    fn answer(request: &Request) -> Answer {
        let schemas = Schemas::built_in().unwrap();
        let report = crate::check(&request.submission, &crate::extract::Context::on(request.as_of), &schemas);
        let mut findings = Findings::default();
        report.findings.iter().for_each(|f| findings.add(f.clone()));
        report.checks.iter().for_each(|c| findings.account(c.rule.as_str(), c.at.clone(), c.verdict.clone()));
        let workbook = Workbook::read(&request.submission, &mut findings);
        let sight = Sight { year: report.figures.year, submission_no: Some(2) };
        Answer::Read(Opened { file: FileFacts::of(&request.submission), workbook, findings }, sight)
    }

    #[test]
    fn the_sample_crosses_and_comes_out_as_it_went_in() {
        for path in ["inbox/csc/csc-2020-21.xlsx", "inbox/edu/edu-2020-21.zip", "inbox/mps/2020-21 export"] {
            let request = sample(path);
            let back: Request = read(&write(&request)).unwrap();
            assert_eq!(format!("{back:?}"), format!("{request:?}"));
            let answer = answer(&request);
            let bytes = write(&answer);
            let back: Answer = read(&bytes).unwrap();
            assert_eq!(format!("{back:?}"), format!("{answer:?}"));
            let Answer::Read(opened, _) = answer else { panic!("cells") };
            assert!(
                opened.workbook.filled() > 20 && !opened.findings.checks().is_empty(),
                "there was something to send"
            );
        }
    }

    #[test]
    fn bytes_that_are_cut_or_changed_give_no_value_or_another_but_never_a_panic() {
        let whole = write(&answer(&sample("inbox/mps/2020-21 export")));
        for cut in (0..whole.len()).step_by(7) {
            assert!(read::<Answer>(&whole[..cut]).is_none(), "{cut}");
        }
        for at in (0..whole.len()).step_by(5) {
            let mut changed = whole.clone();
            changed[at] ^= 0xFF;
            drop(read::<Answer>(&changed));
        }
        assert!(read::<Vec<String>>(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]).is_none(), "a count that lies");
    }

    #[test]
    fn a_format_that_many_cells_share_crosses_once_and_is_shared_again() {
        let format: Arc<str> = "0".repeat(1000).into();
        let entry = Entry { format: Some(format), ..Entry::number(1.0) };
        let cells: BTreeMap<Cell, Entry> = (0..1000).map(|row| (Cell::new(row, 0), entry.clone())).collect();
        let bytes = write(&cells);
        assert!(bytes.len() < 20_000, "{}", bytes.len());
        let back: BTreeMap<Cell, Entry> = read(&bytes).unwrap();
        assert_eq!(back, cells);
        let mut formats = back.values().filter_map(|e| e.format.as_ref());
        let first = formats.next().unwrap();
        assert!(formats.all(|f| Arc::ptr_eq(f, first)));
    }
}
