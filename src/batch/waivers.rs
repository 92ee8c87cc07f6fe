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
        let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
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
        // Blank lines before it are passed over.
        let line = record.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(line);
        let column = |name: &str| columns.get(name).and_then(|i| record.get(*i)).unwrap_or_default();
        match Waiver::read(line, column) {
            Ok(decision) => decisions.push(decision),
            Err(why) => unclear.push(why),
        }
    }
    (decisions, unclear)
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
}
