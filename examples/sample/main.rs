//! Makes the sample inbox: `cargo run --example sample`. One half is written here (`rust_xlsxwriter`, csv), the other by
//! `sample.py` (openpyxl), which is started from here, so that the reader meets the files of more than one writer.
//! The same program, packages and bases give the same bytes. What each file shows is said in `inbox/README.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a maker stops at the first mistake")]

mod mess;
mod others;
#[path = "../support/mod.rs"]
mod support;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use safereturn::schema::Schemas;
use safereturn::workbook::{Sheet, SheetState};
use serde_json::{Value as Json, json};
use support::Laid;

fn main() {
    let inbox = std::env::args().nth(1).map_or_else(|| root().join("inbox"), PathBuf::from);
    let schemas = support::pack();
    let make = Maker { inbox, schemas };
    make.children_2020();
    make.children_2020_corrected();
    make.police_2020();
    make.schools_2020();
    make.trust_2021();
    make.others();
    make.litter();
    let python = Command::new("python3").arg(root().join("examples/sample/sample.py")).arg(&make.inbox).status();
    let done = python.is_ok_and(|status| status.success());
    assert!(done, "sample.py did not run: it needs python3 with openpyxl (pip install openpyxl)");
    println!("The sample inbox is made.");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Maker {
    inbox: PathBuf,
    schemas: Schemas,
}

impl Maker {
    fn keep(&self, path: &str, bytes: &[u8]) {
        let path = self.inbox.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn laid(&self, name: &str, change: impl FnOnce(&mut Json)) -> Laid {
        let heading = support::heading(name);
        let (year, body) = heading.split_once(' ').unwrap();
        let kind = &self.schemas.body(body).unwrap().kind;
        let mut values = support::values(name, &[]);
        change(&mut values);
        let mut laid = support::lay_out(&self.schemas, self.schemas.form(kind, year).unwrap(), &values);
        // What our template carries unseen.
        let names = [("safereturn_year", year), ("safereturn_body", body)];
        laid.workbook.names.extend(names.map(|(name, text)| (name.to_owned(), text.to_owned())));
        laid
    }

    /// As the template lays it out, filled in without a slip but one: last year's closing figure in this year's place.
    fn children_2020(&self) {
        let laid = self.laid("csc-2020-21", |values| {
            values["children-in-need"]["cin_open_end"] = json!(2091);
        });
        self.keep("csc/csc-2020-21.xlsx", &write::xlsx(&laid.workbook, 2021));
    }

    /// The same return again, corrected, out of a workbook that has been through many hands.
    fn children_2020_corrected(&self) {
        let mut laid = self.laid("csc-2020-21", |values| {
            values["cover"]["submission_no"] = json!(2);
            values["cover"]["extract_date"] = json!("2021-05-25");
            values["cover"]["signed_off_date"] = json!("2021-05-27");
        });
        let sheets = laid.workbook.sheets.iter().skip(1).map(|s| s.name.clone());
        let titles = sheets.collect::<Vec<_>>().join("; ");
        for (place, text) in [
            // The year as the council writes it, the last day as its minutes do, sections by their titles.
            ("/cover/reporting_year", "2020/21"),
            ("/cover/agency", "Children’s social care (Islington)"),
            ("/cover/period_end", "31 March 2021"),
            ("/cover/sections_returned", &titles),
            // Numbers kept as text, with commas, no-break spaces, a unit and a footnote.
            ("/front-door/contacts_total", "'11,147"),
            ("/front-door/referrals_total", "'\"\u{a0}2,033\u{a0}\""),
            ("/front-door/rereferrals_12m", "'355 referrals"),
            ("/child-protection/icpc_late_conferences", "'44 (1)"),
            // What we work out, typed all the same: percentages as Excel keeps them, one as text, a rate.
            ("/front-door/contacts_da_pct", "0.156006100296 {format 0.0%} {=B11/B9}"),
            ("/front-door/contacts_da_pct_prev", "14.6%"),
            ("/front-door/rereferrals_pct", "'17.5%"),
            ("/front-door/contact_to_referral_pct", "18.2%"),
            ("/child-protection/icpc_on_time_pct", "67.6%"),
            ("/child-protection/cpp_rate_10k", "52.1"),
            ("/children-in-need/cin_rate_10k", "542.1 {format 0.0}"),
            // Labels: no-break spaces, a line break, another dash.
            ("label:/front-door/contacts_da", "Contacts\u{a0}mainly about\u{a0}domestic abuse"),
            ("label:/child-protection/cpp_open_start", "Children on a plan⏎at 1 April"),
            ("label:/child-protection/icpc_0_10", "Conference held within 10 working days "),
            ("label:/front-door/contacts_by_source/6", "POLICE"),
        ] {
            let place = laid.place(place);
            laid.put(place, text);
        }
        let mut workbook = laid.workbook;
        let at = |title: &str| workbook.sheets.iter().position(|s| s.name == title).unwrap();
        let [front, need, protection] = ["Front door", "Children in need", "Child protection"].map(at);

        let sheet = &mut workbook.sheets[front];
        mess::swap_columns(sheet, mess::row_of(sheet, "Month"), 12, 1, 2);
        mess::total(sheet, mess::row_of(sheet, "March"), "Total", &[1, 2]);
        mess::note_below(sheet, "March", 2, "Source: case management system, run on 25 May 2021.");
        mess::push_down(sheet, 0, 4);
        mess::text(sheet, 0, 0, "London Borough of Islington");
        mess::text(sheet, 1, 0, "Quarterly performance pack: extract for the safeguarding partnership");
        sheet.name = "Front door ".to_owned();

        let sheet = &mut workbook.sheets[need];
        mess::push_right(sheet, 1);
        mess::push_down(sheet, 2, 1);
        mess::note_below(sheet, "18 and over", 1, "Note: age at 31 March.");
        sheet.hidden_columns.insert(0);

        let sheet = &mut workbook.sheets[protection];
        let (row, _) = sheet.cells.keys().next_back().map(|c| (c.row, c.column)).unwrap();
        mess::text(sheet, row + 2, 0, "(1) Meetings, not children: brothers and sisters share one.");
        mess::total(sheet, mess::row_of(sheet, "2 years or more"), "Total", &[1]);

        let workings = Sheet { name: "Workings".to_owned(), state: SheetState::Hidden, ..Sheet::default() };
        workbook.sheets.push(workings);
        let sheet = workbook.sheets.last_mut().unwrap();
        for (row, (words, figure)) in
            [("Weekly average of contacts", 214.4), ("Weekly average of referrals", 39.1)].into_iter().enumerate()
        {
            mess::text(sheet, row as u32, 0, words);
            mess::number(sheet, row as u32, 1, figure);
        }
        // The sheets in the order in which people open them.
        workbook.sheets.swap(front, protection);
        self.keep("csc/csc-2020-21 corrected.xlsx", &write::xlsx(&workbook, 2021));
    }

    /// A folder of csv files as a system exports them: semicolons, an older character set, dates by day and month.
    fn police_2020(&self) {
        let mut laid = self.laid("mps-2020-21", |values| {
            values["recommendations"]["recommendations"][0]["due_date"] = json!("2021-12-31");
        });
        for (place, text) in [
            ("/cover/agency", "Met Police"),
            ("/recommendations/recommendations/MPS-2020-01/due_date", "'31/12/2021"),
            ("/recommendations/recommendations/MPS-2020-01/status", "On track"),
            ("/recommendations/recommendations/MPS-2020-01/cost", "'£12,500"),
            (
                "/recommendations/recommendations/MPS-2020-02/evidence",
                "Audit of February 2021: “on the day” in 19 of 20 reports; the other – a Sunday – on the next.",
            ),
        ] {
            let place = laid.place(place);
            laid.put(place, text);
        }
        for sheet in &laid.workbook.sheets {
            let text = write::csv(sheet, ';');
            let bytes = write::windows_1252(&text);
            self.keep(&format!("mps/2020-21 export/{}.csv", sheet.name.to_lowercase()), &bytes);
        }
    }

    /// The same as a zip: commas, and the mark at the start of the file that Excel writes.
    fn schools_2020(&self) {
        let mut laid = self.laid("edu-2020-21", |_| {});
        for (place, text) in [
            ("/recommendations/recommendations/EDU-2020-01/source_type", "Annual report"),
            ("/recommendations/recommendations/EDU-2020-01/status", "In progress"),
            ("/recommendations/recommendations/EDU-2020-02/rag", "Blue"),
            ("/recommendations/recommendations/EDU-2020-02/cost", "n/a"),
        ] {
            let place = laid.place(place);
            laid.put(place, text);
        }
        let file =
            |sheet: &Sheet| (format!("{}.csv", sheet.name), format!("\u{feff}{}", write::csv(sheet, ',')).into_bytes());
        let files: Vec<(String, Vec<u8>)> = laid.workbook.sheets.iter().map(file).collect();
        self.keep("edu/edu-2020-21.zip", &write::zip(&files));
    }

    /// First on last year's template, then on the right one.
    fn trust_2021(&self) {
        let mut old = self.laid("nhsc-whittington-2021-22", |values| {
            values["cover"]["template_version"] = json!("1.0.0");
        });
        old.workbook.names.insert("safereturn_year".to_owned(), "2020-21".to_owned());
        self.keep("nhsc-whittington/Whittington 2021-22.xlsx", &write::xlsx(&old.workbook, 2022));
        let new = self.laid("nhsc-whittington-2021-22", |values| {
            values["cover"]["submission_no"] = json!(2);
            // More than the council has from health, and more first assessments than children who came into care.
            values["health-safeguarding"]["referrals_made"] = json!(1900);
            values["health-safeguarding"]["health_assessments"]["in_borough"]["iha_due"] = json!(165);
        });
        self.keep("nhsc-whittington/Whittington 2021-22 new template.xlsx", &write::xlsx(&new.workbook, 2022));
    }

    /// What else lies in such folders: the lock of an open workbook, and a web page that a system calls a workbook.
    fn litter(&self) {
        let mut lock = [0_u8; 165];
        lock[0] = 6;
        lock[1..7].copy_from_slice(b"sample");
        self.keep("csc/~$Safeguarding data 2021-22 FINAL.xlsx", &lock);
        let page = "<html><head><title>Export</title></head><body><table>\n\
                    <tr><th>Measure</th><th>Figure</th></tr>\n\
                    <tr><td>Contacts in the year</td><td>0</td></tr>\n</table></body></html>\n";
        self.keep("nhsc-whittington/system export.xls", page.as_bytes());
    }
}
