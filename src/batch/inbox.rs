//! What lies in the inbox: which files are submissions and whose. Nothing in it is ever changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::NaiveDate;

use super::waivers::separator;
use super::{Error, disk};

/// The inbox as found.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Submissions by body, then name.
    pub(super) arrived: Vec<Arrived>,
    /// What was passed over or could not be understood, in sentences.
    pub(super) said: Vec<String>,
    /// Bodies of which something lies there that could not be read, or not yet.
    pub(super) unread: BTreeSet<String>,
}

/// One submission that lies in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrived {
    /// The folder it lies in.
    pub(super) body: String,
    /// Its name there.
    pub(super) name: String,
    /// Where to read it.
    pub(super) path: PathBuf,
    /// When it came, if `received.csv` says so.
    pub(super) received: Option<NaiveDate>,
}

/// Files in a body's folder, and in the inbox itself, that speak about the submissions.
const RECEIVED: &str = "received.csv";
const AS_OF: &str = "as-of.txt";

/// What changed less than this ago may still be being written. Long, because the clock of a file server may be another.
const FRESH: Duration = Duration::from_secs(120);
/// After this long it is looked at again.
const PAUSE: Duration = Duration::from_millis(250);

/// Looks through an inbox. Files are named in no sentence: a name may hold a personal detail; folders as `call` has it.
pub(super) fn scan(inbox: &Path, call: &dyn Fn(&str) -> String) -> Result<Inbox, Error> {
    let mut out = Inbox::default();
    let mut loose = 0;
    for (name, path) in disk::entries(inbox)? {
        if path.is_dir() {
            if !name.starts_with('.') {
                let body = call(&name);
                if let Err(error) = scan_body(&body, &path, &mut out) {
                    // It went away, or may not be looked into: that costs this body only.
                    out.arrived.retain(|arrived| arrived.body != body);
                    out.said.push(format!(
                        "{body}: the folder could not be looked through ({}); all of it was left for the next run.",
                        error.why()
                    ));
                    out.unread.insert(body);
                }
            }
        } else if !path.exists() {
            let body = call(&name);
            out.said.push(format!("{body}: it was taken away while the inbox was looked through."));
            out.unread.insert(body);
        } else if name != AS_OF && !name.to_ascii_lowercase().starts_with("readme") && passed_over(&name).is_none() {
            loose += 1;
        }
    }
    if loose > 0 {
        out.said.push(format!(
            "{} {} in the inbox itself and in no body’s folder, so nobody knows whose {} is: passed over.",
            loose,
            if loose == 1 { "file lies" } else { "files lie" },
            if loose == 1 { "it" } else { "each" },
        ));
    }
    settle(&mut out);
    Ok(out)
}

/// Leaves what is still being written to the next run: what changes while we look, and a workbook that has just come and
/// lacks its end. The clock decides only whether to look so closely: of what lies still, nothing depends on when the run was.
fn settle(out: &mut Inbox) {
    let now = SystemTime::now();
    let ago = |look: &Look| now.duration_since(look.2).unwrap_or_else(|ahead| ahead.duration());
    let before: Vec<_> = out.arrived.iter().map(|arrived| looks(&arrived.path)).collect();
    // A time that has not come yet is no sign of rest.
    if !before.iter().flatten().any(|look| ago(look) < FRESH || look.2 > now) {
        return;
    }
    std::thread::sleep(PAUSE);
    let mut growing: BTreeMap<String, usize> = BTreeMap::new();
    let mut before = before.into_iter();
    out.arrived.retain(|arrived| {
        let looked = before.next().unwrap_or_default();
        let half = |look: &Look| ago(look) < FRESH && lacks_its_end(&look.0);
        let still = looked == looks(&arrived.path) && !looked.iter().any(half);
        if !still {
            *growing.entry(arrived.body.clone()).or_default() += 1;
        }
        still
    });
    for (body, count) in growing {
        let times = if count == 1 { String::new() } else { format!(" ({count} of them)") };
        out.said.push(format!(
            "{body}: a file that is still being written was passed over{times}; it is taken by the next run that finds it whole."
        ));
        out.unread.insert(body);
    }
}

/// Whether a file begins as a workbook (a zip) and has not the list of its parts that stands at the end of each: what is
/// being copied is often given its full length first, so that its size says nothing.
fn lacks_its_end(path: &Path) -> bool {
    const BEGIN: &[u8] = b"PK\x03\x04";
    const END: &[u8] = b"PK\x05\x06";
    // The list itself and the longest comment that may follow it.
    const LAST: u64 = 22 + 65_535;
    let look = || -> io::Result<bool> {
        let mut file = fs::File::open(path)?;
        let mut begin = [0; BEGIN.len()];
        if file.read_exact(&mut begin).is_err() || begin != BEGIN {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(LAST)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(!end.windows(END.len()).any(|bytes| bytes == END))
    };
    look().unwrap_or(false)
}

/// A file, its size and its last change.
type Look = (PathBuf, u64, SystemTime);

/// The size and last change of a file, or of each file in a folder.
fn looks(path: &Path) -> Vec<Look> {
    let look = |path: PathBuf| {
        let of = fs::metadata(&path).ok()?;
        Some((path, of.len(), of.modified().unwrap_or(UNIX_EPOCH)))
    };
    match disk::entries(path) {
        Ok(inside) => inside.into_values().filter_map(look).collect(),
        Err(_) => look(path.to_owned()).into_iter().collect(),
    }
}

fn scan_body(body: &str, folder: &Path, out: &mut Inbox) -> Result<(), Error> {
    let mut passed: BTreeMap<&'static str, usize> = BTreeMap::new();
    let entries = disk::entries(folder)?;
    let mut dates = match entries.get(RECEIVED) {
        Some(path) => received(path, body, &mut out.said)?,
        None => BTreeMap::new(),
    };
    for (name, path) in entries {
        if name == RECEIVED || name.to_ascii_lowercase().starts_with("readme") {
            continue;
        }
        if let Some(why) = passed_over(&name) {
            *passed.entry(why).or_default() += 1;
        } else if path.is_dir() {
            let inside = disk::entries(&path)?;
            let deeper = inside.iter().filter(|(n, p)| p.is_dir() && passed_over(n).is_none()).count();
            if deeper > 0 {
                *passed
                    .entry("a folder inside a folder (what lies in it is not read: please move it up)")
                    .or_default() += deeper;
            }
            if inside.iter().any(|(n, p)| p.is_file() && passed_over(n).is_none()) {
                let received = dates.remove(&name);
                out.arrived.push(Arrived { body: body.to_owned(), name, path, received });
            } else if deeper == 0 {
                *passed.entry("an empty folder").or_default() += 1;
            }
        } else if fs::metadata(&path).is_ok_and(|of| !of.is_file()) {
            // A pipe or a device: whoever reads it may wait for ever.
            *passed.entry("something that is no file").or_default() += 1;
        } else {
            let received = dates.remove(&name);
            out.arrived.push(Arrived { body: body.to_owned(), name, path, received });
        }
    }
    for (why, count) in passed {
        let times = if count == 1 { String::new() } else { format!(" ({count} of them)") };
        out.said.push(format!("{body}: {why} was passed over{times}."));
    }
    if !dates.is_empty() {
        out.said.push(format!("{body}: {RECEIVED} names {} that the folder does not hold.", files(dates.len())));
    }
    Ok(())
}

fn files(count: usize) -> String {
    if count == 1 { "a file".to_owned() } else { format!("{count} files") }
}

/// Why a file of this name is no submission, if it is none.
pub(super) fn passed_over(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    if lower.starts_with("~$") || lower.starts_with(".~lock.") {
        Some("a lock file of an open workbook (somebody may still be working on it)")
    } else if matches!(lower.as_str(), "thumbs.db" | ".ds_store" | "desktop.ini") {
        Some("a system file")
    } else if [".tmp", ".part", ".partial", ".crdownload"].iter().any(|end| lower.ends_with(end)) {
        Some("a half-copied file (it is taken when the copy is complete)")
    } else if lower.ends_with(".findings.html") {
        Some("a page of findings that this program wrote")
    } else if lower.starts_with('.') {
        Some("a hidden file")
    } else {
        None
    }
}

/// The dates in `received.csv`: file, date.
fn received(path: &Path, body: &str, said: &mut Vec<String>) -> Result<BTreeMap<String, NaiveDate>, Error> {
    let text = disk::text(&disk::read(path)?);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut out = BTreeMap::new();
    for (i, row) in reader.records().enumerate() {
        let row = row.ok();
        let fields: Vec<&str> = row.iter().flat_map(|r| r.iter()).collect();
        match fields.as_slice() {
            [file, date, ..] if i == 0 && date.eq_ignore_ascii_case("date") && file.eq_ignore_ascii_case("file") => {}
            [file, date, ..] if self::date(date).is_some() => {
                out.extend(self::date(date).map(|date| ((*file).to_owned(), date)));
            }
            // Excel saves rows that were emptied.
            fields if fields.iter().all(|field| field.is_empty()) => {}
            _ => said.push(format!("{body}: line {} of {RECEIVED} is no file and date, and was passed over.", i + 1)),
        }
    }
    Ok(out)
}

/// A date as people and spreadsheets write it: 2021-06-30 or 30/06/2021.
#[must_use]
pub fn date(text: &str) -> Option<NaiveDate> {
    crate::extract::day(text)
}

/// The date in the inbox's `as-of.txt`, if there is one.
///
/// # Errors
/// The file is there but cannot be read or holds no date.
pub fn as_of_file(inbox: &Path) -> Result<Option<NaiveDate>, Error> {
    let path = inbox.join(AS_OF);
    match disk::read_if_there(&path)? {
        None => Ok(None),
        Some(bytes) => date(&disk::text(&bytes))
            .map(Some)
            .ok_or_else(|| Error::Unclear { path, what: "it should hold one date, such as 2022-06-30".to_owned() }),
    }
}

/// Today, in universal time: the one date that the program takes from a clock.
#[must_use]
pub fn today() -> NaiveDate {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    NaiveDate::default().checked_add_days(chrono::Days::new(days)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn submissions_are_told_from_litter() {
        let inbox = tempfile::tempdir().unwrap();
        let csc = inbox.path().join("csc");
        fs::create_dir_all(csc.join("as csv")).unwrap();
        fs::create_dir_all(csc.join("empty")).unwrap();
        fs::create_dir_all(csc.join("2020-21/final")).unwrap();
        fs::write(csc.join("2020-21/final/csc.xlsx"), "x").unwrap();
        fs::write(inbox.path().join(AS_OF), "30/06/2022\n").unwrap();
        fs::write(inbox.path().join("lost.xlsx"), "").unwrap();
        for name in [
            "b.xlsx",
            "a.xlsx",
            "~$a.xlsx",
            "Thumbs.db",
            "c.xlsx.part",
            ".hidden",
            "a.findings.html",
            "as csv/cover.csv",
        ] {
            fs::write(csc.join(name), "x").unwrap();
        }
        fs::write(csc.join(RECEIVED), "file,date\na.xlsx,2021-06-01\nb.xlsx,soon\ngone.xlsx,2021-06-02\n").unwrap();
        let found = scan(inbox.path(), &str::to_owned).unwrap();
        let names: Vec<_> =
            found.arrived.iter().map(|a| (a.name.as_str(), a.received.map(|d| d.to_string()))).collect();
        assert_eq!(names, [("a.xlsx", Some("2021-06-01".to_owned())), ("as csv", None), ("b.xlsx", None)]);
        insta::assert_snapshot!(found.said.join("\n"), @r"
        csc: line 3 of received.csv is no file and date, and was passed over.
        csc: a folder inside a folder (what lies in it is not read: please move it up) was passed over.
        csc: a half-copied file (it is taken when the copy is complete) was passed over.
        csc: a hidden file was passed over.
        csc: a lock file of an open workbook (somebody may still be working on it) was passed over.
        csc: a page of findings that this program wrote was passed over.
        csc: a system file was passed over.
        csc: an empty folder was passed over.
        csc: received.csv names a file that the folder does not hold.
        1 file lies in the inbox itself and in no body’s folder, so nobody knows whose it is: passed over.
        ");
        assert_eq!(as_of_file(inbox.path()).unwrap(), NaiveDate::from_ymd_opt(2022, 6, 30));
    }

    #[test]
    fn the_dates_are_read_in_whatever_form_excel_saved_them() {
        let inbox = tempfile::tempdir().unwrap();
        let csc = inbox.path().join("csc");
        fs::create_dir(&csc).unwrap();
        fs::write(csc.join("a, b.xlsx"), "x").unwrap();
        for text in [
            "\u{FEFF}File;Date;\r\na, b.xlsx;01/06/2021;\r\n;;\r\n",
            "File,Date\r\n\"a, b.xlsx\",01/06/21\r\n,\r\n",
            "file\tdate\na, b.xlsx\t2021-06-01\n",
        ] {
            fs::write(csc.join(RECEIVED), text).unwrap();
            let found = scan(inbox.path(), &str::to_owned).unwrap();
            assert_eq!(found.said, Vec::<String>::new(), "{text}");
            assert_eq!(found.arrived[0].received, NaiveDate::from_ymd_opt(2021, 6, 1), "{text}");
        }
    }

    fn names(found: &Inbox) -> Vec<&str> {
        found.arrived.iter().map(|arrived| arrived.name.as_str()).collect()
    }

    #[test]
    fn what_is_still_being_written_waits_for_the_next_run() {
        let inbox = tempfile::tempdir().unwrap();
        fs::create_dir(inbox.path().join("csc")).unwrap();
        fs::create_dir(inbox.path().join("mps")).unwrap();
        let path = |name: &str| inbox.path().join("csc").join(name);
        fs::write(path("whole.xlsx"), b"PK\x03\x04 parts PK\x05\x06 list").unwrap();
        fs::write(path("half.xlsx"), [b"PK\x03\x04 parts".as_slice(), &[0; 70_000]].concat()).unwrap();
        fs::write(path("other.csv"), "PK and so on").unwrap();
        fs::write(path("growing.csv"), "a").unwrap();
        fs::write(inbox.path().join("mps/still.csv"), "a").unwrap();
        let growing = || {
            let over = std::sync::atomic::AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let mut file = fs::OpenOptions::new().append(true).open(path("growing.csv")).unwrap();
                    while !over.load(std::sync::atomic::Ordering::Relaxed) {
                        std::io::Write::write_all(&mut file, b"more").unwrap();
                        std::thread::sleep(Duration::from_millis(2));
                    }
                });
                let found = scan(inbox.path(), &str::to_owned);
                over.store(true, std::sync::atomic::Ordering::Relaxed);
                found.unwrap()
            })
        };
        // On a busy machine the writer may stand still while we look: then it is not growing, and we look again.
        let found = (0..20).map(|_| growing()).find(|found| !names(found).contains(&"growing.csv"));
        let found = found.expect("what grows waits");
        assert_eq!(names(&found), ["other.csv", "whole.xlsx", "still.csv"]);
        assert_eq!(
            found.said,
            [
                "csc: a file that is still being written was passed over (2 of them); it is taken by the next run that finds it whole."
            ]
        );
        assert_eq!(found.unread, BTreeSet::from(["csc".to_owned()]));
        // It is written no longer; and half a workbook that lies there since long is all that will come.
        for ago in [FRESH + Duration::from_secs(60), FRESH * 1000] {
            let file = fs::File::options().write(true).open(path("half.xlsx")).unwrap();
            file.set_modified(SystemTime::now() - ago).unwrap();
            let found = scan(inbox.path(), &str::to_owned).unwrap();
            assert_eq!(names(&found), ["growing.csv", "half.xlsx", "other.csv", "whole.xlsx", "still.csv"]);
            assert_eq!(found.said, Vec::<String>::new());
        }
        // A clock that runs far ahead does not keep it out for ever.
        let file = fs::File::options().write(true).open(path("half.xlsx")).unwrap();
        file.set_modified(SystemTime::now() + FRESH * 1000).unwrap();
        assert_eq!(names(&scan(inbox.path(), &str::to_owned).unwrap()).len(), 5);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_no_submission_and_a_folder_that_cannot_be_looked_into_costs_itself_only() {
        let inbox = tempfile::tempdir().unwrap();
        for body in ["csc", "mps"] {
            fs::create_dir(inbox.path().join(body)).unwrap();
            fs::write(inbox.path().join(body).join("a.csv"), "a").unwrap();
        }
        let pipe = inbox.path().join("csc/pipe.xlsx");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let found = scan(inbox.path(), &str::to_owned).unwrap();
        assert_eq!(names(&found), ["a.csv", "a.csv"]);
        assert_eq!(found.said, ["csc: something that is no file was passed over."]);
        // Gone between the list of the inbox and the look into the folder.
        let gone = |name: &str| {
            let _ = fs::remove_dir_all(inbox.path().join("csc"));
            name.to_owned()
        };
        let found = scan(inbox.path(), &gone).unwrap();
        assert_eq!(found.arrived.len(), 1);
        assert!(found.said[0].starts_with("csc: the folder could not be looked through"), "{:?}", found.said);
        assert_eq!(found.unread, BTreeSet::from(["csc".to_owned()]));
    }

    #[test]
    fn a_date_that_is_none_is_said() {
        let inbox = tempfile::tempdir().unwrap();
        assert_eq!(as_of_file(inbox.path()).unwrap(), None);
        fs::write(inbox.path().join(AS_OF), "soon").unwrap();
        assert!(as_of_file(inbox.path()).is_err());
    }
}
