//! The board manager's decisions: `waivers.csv` beside the inbox, as Excel saves it.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Error, disk};
use crate::extract::{Unclear, Waiver};

/// The decisions in the order of the file, and the lines that cannot be understood.
pub(super) fn read(path: &Path) -> Result<(Vec<Waiver>, Vec<Unclear>), Error> {
    Ok(disk::read_if_there(path)?.map_or_else(Default::default, |bytes| parse(&disk::text(&bytes))))
}

/// What stands between two columns: Excel of some countries writes semicolons.
pub(super) fn separator(text: &str) -> u8 {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |c: u8| heading.bytes().filter(|b| *b == c).count();
    [b';', b'\t'].into_iter().find(|c| count(*c) > count(b',')).unwrap_or(b',')
}

pub(super) fn parse(text: &str) -> (Vec<Waiver>, Vec<Unclear>) {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let columns: BTreeMap<String, usize> = match reader.headers() {
        Ok(headers) => headers.iter().enumerate().map(|(i, h)| (h.to_lowercase(), i)).collect(),
        Err(_) => BTreeMap::new(),
    };
    if columns.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let missing = ["id", "decision", "reason"].into_iter().filter(|column| !columns.contains_key(*column));
    let missing: Vec<Unclear> = missing
        .map(|column| Unclear {
            line: 1, why: format!("has no column “{column}”, so no decision in the file counts")
        })
        .collect();
    if !missing.is_empty() {
        return (Vec::new(), missing);
    }
    let (mut decisions, mut unclear) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        let line = line_at(text, reader.position().byte());
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(_) => {
                unclear.push(Unclear { line, why: "cannot be read".to_owned() });
                continue;
            }
        }
        if record.iter().all(str::is_empty) {
            continue;
        }
        let column = |name: &str| columns.get(name).and_then(|i| record.get(*i)).unwrap_or_default();
        match Waiver::read(line, column) {
            Ok(decision) => decisions.push(decision),
            Err(why) => unclear.push(why),
        }
    }
    (decisions, unclear)
}

/// The line, from 1, of what comes next behind so many bytes; blank lines before it are passed over.
fn line_at(text: &str, byte: u64) -> usize {
    let (before, rest) = text.split_at_checked(usize::try_from(byte).unwrap_or(usize::MAX)).unwrap_or((text, ""));
    let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let ends = |text: &str| text.matches('\n').count();
    1 + ends(before) + rest.get(..blank).map_or(0, ends)
}

/// The decisions in a file, in its order, and the lines that cannot be understood; none where there is no such file.
///
/// # Errors
/// The file cannot be read.
pub fn decisions(path: &Path) -> Result<(Vec<Waiver>, Vec<Unclear>), Error> {
    read(path)
}

/// Adds decisions to a file, which is made if it is not there: all of them or none. Its separator, line ends and the order
/// of its columns stay. Gives the line of the first.
///
/// # Errors
/// The file cannot be read or written, or has other columns than decisions have.
pub fn decide(path: &Path, new: &[Waiver]) -> Result<usize, Error> {
    let before = disk::read_if_there(path)?.map(|bytes| disk::text(&bytes)).unwrap_or_default();
    let (text, line) = added(&before, new).map_err(|what| Error::Unclear { path: path.to_owned(), what })?;
    // With its mark Excel reads it as what it is.
    disk::write_whole(path, format!("\u{FEFF}{text}").as_bytes())?;
    Ok(line)
}

fn added(before: &str, new: &[Waiver]) -> Result<(String, usize), String> {
    let separator = separator(before);
    let end = if before.is_empty() || before.contains("\r\n") { "\r\n" } else { "\n" };
    let sep = char::from(separator);
    let mut text = before.to_owned();
    if text.trim().is_empty() {
        text = Waiver::COLUMNS.join(&sep.to_string()) + end;
    }
    let (_, unclear) = parse(&text);
    if let Some(heading) = unclear.iter().find(|unclear| unclear.line == 1) {
        return Err(format!("the first line {}. Please put the headings right first", heading.why));
    }
    if !text.ends_with('\n') {
        text.push_str(end);
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
    let mut columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(|h| h.trim().to_lowercase()).collect(),
        Err(_) => return Err("its first line cannot be read".to_owned()),
    };
    // A file that was begun by hand may lack a column that is wanted now: it is put behind the others.
    let heading = text.find('\n').unwrap_or(text.len());
    let heading = text.get(..heading).map_or(0, |line| line.trim_end().len());
    let wanted = |column: &&str| new.iter().any(|waiver| !cell(waiver, column).is_empty());
    let lacking: Vec<&str> =
        Waiver::COLUMNS.into_iter().filter(|c| !columns.iter().any(|own| own == c)).filter(wanted).collect();
    text.insert_str(heading, &lacking.iter().map(|column| format!("{sep}{column}")).collect::<String>());
    columns.extend(lacking.into_iter().map(str::to_owned));
    let line = text.lines().count() + 1;
    for waiver in new {
        let row: Vec<String> = columns.iter().map(|column| quoted(&cell(waiver, column), sep)).collect();
        text.push_str(&row.join(&sep.to_string()));
        text.push_str(end);
    }
    Ok((text, line))
}

/// What a decision says in a column.
fn cell(waiver: &Waiver, column: &str) -> String {
    let text = match column {
        "id" => &waiver.id,
        "decision" => waiver.decision.word(),
        "state" => &waiver.state,
        "role" => &waiver.role,
        "reason" => &waiver.reason,
        "explanation" => &waiver.explanation,
        "expires" => return waiver.expires.map(|last| last.to_string()).unwrap_or_default(),
        _ => "",
    };
    // One line a decision; and nothing that a spreadsheet would take for a formula.
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.starts_with(['=', '+', '-', '@']) { format!("'{line}") } else { line }
}

fn quoted(text: &str, separator: char) -> String {
    let plain = !text.contains([separator, '"', ',', ';', '\t']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Decision;

    #[test]
    fn decisions_are_read_in_order_and_a_wrong_line_counts_for_nothing() {
        let text = "ID,decision,use,state,role,reason,expires\n\
             BcdfGhjk,waive,,\"2,019\",board manager,agreed by telephone,30/06/2022\n\
             11111111,accept,,,board manager,,\n\
             22222222,forget,,,,x,\n\
             33333333,waive,,,chair,late figures,soon\n\
             44444444,waive,,,chair,\"one\nof two lines\",\n\
             44444444,reopen,,,chair,,\n,,,,,,\n\
             55555555,use,,,chair,the first was a draft,\n\
             66666666,USE,,return.xlsx,chair,the first was a draft,\n";
        for text in [text.to_owned(), format!("\u{FEFF}{}", text.replace(',', ";").replace("2;019", "2,019"))] {
            let (decisions, unclear) = parse(text.trim_start_matches('\u{FEFF}'));
            let told: Vec<(usize, Decision)> = decisions.iter().map(|d| (d.line, d.decision)).collect();
            assert_eq!(
                told,
                [(2, Decision::Waive), (6, Decision::Waive), (8, Decision::Reopen), (11, Decision::Use)],
                "{decisions:?}"
            );
            assert_eq!(decisions[0].id, "bcdfghjk");
            assert_eq!(decisions[0].state, "2,019");
            assert_eq!(decisions[0].expires.unwrap().to_string(), "2022-06-30");
            assert_eq!(unclear.iter().map(|u| u.line).collect::<Vec<_>>(), [3, 4, 5, 10], "{unclear:?}");
        }
        assert_eq!(parse("a,b\n1,2\n").1.len(), 3);
        assert!(parse("").1.is_empty());
        assert!(read(Path::new("no such file")).unwrap().0.is_empty());
    }
    fn waiver(reason: &str) -> Waiver {
        Waiver {
            line: 0,
            id: "bcdfghjk".into(),
            decision: Decision::Accept,
            state: "2,019; 5".into(),
            role: "Board manager".into(),
            reason: reason.into(),
            expires: "2022-06-30".parse().ok(),
            explanation: "So \"they\" say".into(),
        }
    }

    #[test]
    fn what_is_added_reads_back_in_whatever_form_the_file_has() {
        let begun = [
            "",
            "id,decision,state,role,reason,expires,explanation\r\n",
            "reason;id;decision\n\"one\ntwo\";aaaaaaaa;waive",
            "id;decision;reason;expires\r\nbbbbbbbb;waive;x;\r\n",
            "decision\tid\treason\n",
        ];
        for before in begun {
            let old = parse(before).0;
            let new = [waiver("=1+1"), waiver("agreed; by, telephone\nat last")];
            let (text, line) = added(before, &new).unwrap();
            let (all, unclear) = parse(&text);
            assert!(unclear.is_empty(), "{text}: {unclear:?}");
            let read = &all[old.len()..];
            assert_eq!(&all[..old.len()], old, "{text}");
            assert_eq!(read[0].line, line, "{text}");
            let expected = [waiver("=1+1"), waiver("agreed; by, telephone at last")];
            for (read, expected) in read.iter().zip(expected) {
                assert_eq!(*read, Waiver { line: read.line, ..expected }, "{text}");
            }
            assert!(text.contains("'=1+1") && read.len() == 2, "{text}");
            assert_eq!(text.contains("\r\n"), before.is_empty() || before.contains("\r\n"));
            assert!(text.starts_with(before.split(['\r', '\n']).next().unwrap()), "{text}");
        }
        assert!(added("a,b\n", &[waiver("x")]).is_err());
    }
}
