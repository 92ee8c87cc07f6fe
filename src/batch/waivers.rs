//! The board manager's decisions: `waivers.csv` beside the inbox, as Excel saves it.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Error, disk, inbox};
use crate::extract::Waiver;

/// The decisions that stand, in the order of the file, and what could not be understood.
pub(super) fn read(path: &Path) -> Result<(Vec<Waiver>, Vec<String>), Error> {
    Ok(disk::read_if_there(path)?.map_or_else(Default::default, |bytes| parse(&disk::text(&bytes))))
}

fn parse(text: &str) -> (Vec<Waiver>, Vec<String>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut said = Vec::new();
    let columns: BTreeMap<String, usize> = match reader.headers() {
        Ok(headers) => headers.iter().enumerate().map(|(i, h)| (h.to_lowercase(), i)).collect(),
        Err(_) => BTreeMap::new(),
    };
    for column in ["id", "decision", "reason"] {
        if !columns.contains_key(column) {
            said.push(format!("waivers.csv has no column “{column}”, so no decision in it counts."));
        }
    }
    if !said.is_empty() {
        return (Vec::new(), said);
    }
    let mut standing: Vec<Waiver> = Vec::new();
    for (i, row) in reader.records().enumerate() {
        let Ok(row) = row else {
            said.push(format!("Line {} of waivers.csv cannot be read; it does not count.", i + 2));
            continue;
        };
        let get = |column: &str| columns.get(column).and_then(|i| row.get(*i)).unwrap_or_default().to_owned();
        if row.iter().all(str::is_empty) {
            continue;
        }
        let mut wrong = |what: &str| said.push(format!("Line {} of waivers.csv {what}; it does not count.", i + 2));
        let (id, reason, expires) = (get("id").to_lowercase(), get("reason"), get("expires"));
        let date = inbox::date(&expires);
        match get("decision").to_lowercase().as_str() {
            "reopen" => standing.retain(|w| w.id != id),
            "waive" | "accept" if reason.is_empty() => wrong("gives no reason"),
            "waive" | "accept" if !expires.is_empty() && date.is_none() => {
                wrong("has an expiry that is no date (2022-06-30 or 30/06/2022)");
            }
            "waive" | "accept" => {
                standing.push(Waiver { id, state: get("state"), role: get("role"), reason, expires: date });
            }
            _ => wrong("has a decision that is none of waive, accept, reopen"),
        }
    }
    (standing, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_in_order_and_a_wrong_line_counts_for_nothing() {
        let (standing, said) = parse(
            "ID,decision,use,state,role,reason,expires\n\
             0A1b2c3d,waive,,\"2,019\",board manager,agreed by telephone,30/06/2022\n\
             11111111,accept,,,board manager,,\n\
             22222222,forget,,,,x,\n\
             33333333,waive,,,chair,late figures,soon\n\
             44444444,waive,,,chair,one,\n\
             44444444,reopen,,,chair,,\n,,,,,,\n",
        );
        assert_eq!(standing.len(), 1);
        assert_eq!(standing[0].id, "0a1b2c3d");
        assert_eq!(standing[0].state, "2,019");
        assert_eq!(standing[0].expires.unwrap().to_string(), "2022-06-30");
        assert_eq!(said.len(), 3, "{said:?}");
        assert_eq!(parse("a,b\n1,2\n").1.len(), 3);
        assert!(read(Path::new("no such file")).unwrap().0.is_empty());
    }
}
