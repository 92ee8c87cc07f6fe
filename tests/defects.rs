//! What agencies' spreadsheets get wrong: each of the 78 defects of domain D as a named case under `tests/defects/`, with
//! the treatment it gets. A case is read as it stands there; what comes of it is compared line by line.
//!
//! ```text
//! # D7 Number with a unit: "12 children", "6 wks"        the defect
//! # domain: N if the unit equals the measure's unit …    what domain D asks for
//! # here: as there                                       or better, and why
//! == the measure's own unit                              one scene: a whole return …
//! base: csc-2020-21                                      … this one (tests/defects/base), but for what follows
//! Children in need!B7: '1,318 episodes                   a cell, in the notation of the cases; nothing empties it
//! => accepted                                            what comes of it: outcome, figures that differ from the base's,
//! => note CEL-12 at …                                    all findings, cells passed over that were not in the base
//! ```
//!
//! Other lines of a scene: `before: NAME` (a base accepted earlier), `heading: 2021-22 csc` (the year it is taken for), `file:`, `folder:`, `as-of:`, `received:` (context),
//! `property NAME = VALUE`, `rename: SHEET > NAME`, `without: SHEET`, `-- SHEET` with its rows (replaces that sheet, or
//! comes last), `on SHEET: WORDS` (`merge A5:A7`, `hidden`, `note B7: …`, as under a sheet of the notation),
//! `insert: SHEET!7` or `SHEET!C` (an empty row or column before that one), `delete: SHEET!7` (what lies behind closes
//! up), `move: SHEET!A5:B9 > D3` (`turn:` with rows and columns swapped, `copy:` leaving it there too), `clear:
//! SHEET!A5:B9`, `twin: SHEET > NAME` (a copy of the sheet comes last), `real: FILE` (bytes in `tests/defects/files/`
//! instead of a base as text; `base:` then says what it is compared with), `with help` (shows what each finding says to
//! do). `DEFECTS=write cargo test --test defects` writes what comes of each scene; read the difference. `DEFECT=D07` asks
//! the cases that begin so.
//!
//! A defect of the inbox is a scene of the batch: `inbox: BODY/NAME < FILE` lays a file of `tests/defects/files/` there (or
//! a text, `'…'`), `growing: BODY/NAME < FILE` has it written slowly while the first run looks, `run again` runs a second
//! time over what then lies there, at a later `as-of:` if one follows, and what comes of it is what each run says.
//! `shown by: tests/FILE.rs::NAME` points to a test that shows what no file of a size to be committed can.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot be set up must fail")]

use std::cell::Cell as Once;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use safereturn::case::{self, Given};
use safereturn::cell::{Cell, Pointer};
use safereturn::extract::Use;
use safereturn::figure::{Bare, Figure};
use safereturn::finding::{Answer, Findings};
use safereturn::report::{Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Entry, Sheet, Submission, Workbook, notation};

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/defects")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A defect's file: what stands before the first scene, and the scenes.
struct Defect {
    number: u8,
    title: String,
    head: String,
    scenes: Vec<Scene>,
}

/// One scene as written, and the outcome that is claimed.
struct Scene {
    title: String,
    given: Vec<String>,
    claimed: Vec<String>,
}

impl Defect {
    fn read(text: &str) -> Self {
        let head: String = text.lines().take_while(|l| !l.starts_with("== ")).flat_map(|l| [l, "\n"]).collect();
        let first = head.lines().next().unwrap_or_default();
        let (number, title) = first.trim_start_matches("# D").split_once(' ').unwrap_or_default();
        let mut scenes: Vec<Scene> = Vec::new();
        for line in text.lines().skip(head.lines().count()) {
            if let Some(title) = line.strip_prefix("== ") {
                scenes.push(Scene { title: title.to_owned(), given: Vec::new(), claimed: Vec::new() });
            } else if let Some(scene) = scenes.last_mut() {
                match line.strip_prefix("=> ") {
                    Some(claim) => scene.claimed.push(claim.to_owned()),
                    None => scene.given.push(line.to_owned()),
                }
            }
        }
        Self { number: number.parse().unwrap_or(0), title: title.to_owned(), head, scenes }
    }

    fn write(&self) -> String {
        let mut out = self.head.clone();
        for scene in &self.scenes {
            let _ = writeln!(out, "== {}", scene.title);
            let lines = scene.given.iter().map(|l| l.trim_end());
            let given: Vec<&str> = lines.collect();
            let end = given.iter().rposition(|l| !l.is_empty()).map_or(0, |last| last + 1);
            given[..end].iter().for_each(|line| out.extend([line, "\n"]));
            scene.claimed.iter().for_each(|claim| out.extend(["=> ", claim, "\n"]));
            out.push('\n');
        }
        out.trim_end().to_owned() + "\n"
    }
}

fn base(name: &str) -> Given {
    let path = folder().join(format!("base/{name}.txt"));
    case::read(&text(&path)).unwrap().pop().unwrap()
}

/// What a scene gives to the check: earlier returns, the return itself, what reading it found, and its base.
struct Stage {
    before: Vec<String>,
    base: Option<String>,
    given: Given,
    read: Findings,
}

fn stage(scene: &Scene) -> Stage {
    let told = |key: &str| {
        let lines = scene.given.iter().filter_map(move |l| l.strip_prefix(key));
        lines.map(|value| value.trim().to_owned()).collect::<Vec<String>>()
    };
    let name = told("base:").pop();
    let mut given = name.as_deref().map_or_else(
        || Given { heading: String::new(), context: Vec::new(), workbook: Workbook::default(), text: String::new() },
        base,
    );
    let mut read = Findings::default();
    if let Some(file) = told("real:").pop() {
        let submission = Submission { name: file.clone(), content: content(&folder().join("files").join(&file)) };
        given.workbook = Workbook::read(&submission, &mut read);
        given.context.push(("file".to_owned(), file));
    }
    let mut lines = scene.given.iter().peekable();
    while let Some(line) = lines.next() {
        let (key, value) = line.split_once(':').map_or((line.as_str(), ""), |(k, v)| (k, v.trim()));
        if let Some(sheet) = line.strip_prefix("-- ") {
            let mut block = vec![line.as_str()];
            while let Some(row) = lines.next_if(|l| !l.trim().is_empty() && !l.starts_with("-- ")) {
                block.push(row);
            }
            let new = notation::read(&block.join("\n")).unwrap_or_else(|e| panic!("{}: {e}", scene.title));
            let new = new.sheets.into_iter().next().unwrap();
            match given.workbook.sheets.iter_mut().find(|s| s.name == sheet.trim()) {
                Some(old) => *old = new,
                None => given.workbook.sheets.push(new),
            }
        } else if let Some(property) = line.strip_prefix("property ") {
            let (name, value) = property.split_once('=').unwrap();
            given.workbook.properties.insert(name.trim().to_owned(), value.trim().to_owned());
        } else if let Some((sheet, cell)) = key.rsplit_once('!') {
            let cell: Cell = cell.parse().unwrap_or_else(|e| panic!("{line}: {e}"));
            let found = given.workbook.sheets.iter_mut().find(|s| s.name == sheet);
            let sheet = found.unwrap_or_else(|| panic!("{line}: no such sheet"));
            let entry = notation::read_cell(value).unwrap_or_else(|e| panic!("{line}: {e}"));
            match entry == Entry::default() {
                true => drop(sheet.cells.remove(&cell)),
                false => drop(sheet.cells.insert(cell, entry)),
            }
        } else if let Some(sheet) = key.strip_prefix("on ") {
            let new = notation::read(&format!("-- x\n{value}")).unwrap_or_else(|e| panic!("{line}: {e}"));
            let new = new.sheets.into_iter().next().unwrap();
            let sheet = sheet_of(&mut given.workbook, sheet, line);
            sheet.merges.extend(new.merges);
            sheet.hidden_rows.extend(new.hidden_rows);
            sheet.hidden_columns.extend(new.hidden_columns);
            sheet.comments.extend(new.comments);
            sheet.filtered |= new.filtered;
            sheet.state = sheet.state.max(new.state);
        } else if ["insert", "delete", "move", "turn", "copy", "clear"].contains(&key) {
            let (sheet, what) = value.rsplit_once('!').unwrap_or_else(|| panic!("{line}: SHEET!…"));
            shift(sheet_of(&mut given.workbook, sheet, line), key, what);
        } else if key == "twin" {
            let (old, new) = value.split_once(" > ").unwrap_or_else(|| panic!("{line}: SHEET > NAME"));
            let twin = Sheet { name: new.to_owned(), ..sheet_of(&mut given.workbook, old.trim(), line).clone() };
            given.workbook.sheets.push(twin);
        } else if key == "rename" {
            let (old, new) = value.split_once(" > ").unwrap_or_else(|| panic!("{line}: SHEET > NAME"));
            given.workbook.sheets.iter_mut().find(|s| s.name == old.trim()).unwrap().name = new.to_owned();
        } else if key == "without" {
            assert!(given.workbook.sheets.iter().any(|s| s.name == value), "{line}: no such sheet");
            given.workbook.sheets.retain(|s| s.name != value);
        } else if key == "heading" {
            value.clone_into(&mut given.heading);
        } else if ["file", "folder", "as-of", "received", "year", "same-number", "waiver", "decision"].contains(&key) {
            given.context.retain(|(k, _)| k != key);
            given.context.push((key.to_owned(), value.to_owned()));
        } else {
            let known = ["base", "before", "real", "with help"].contains(&key)
                || line.trim().is_empty()
                || line.starts_with('#');
            assert!(known, "{}: what is `{line}`?", scene.title);
        }
    }
    Stage { before: told("before:"), base: name, given, read }
}

fn sheet_of<'a>(workbook: &'a mut Workbook, name: &str, line: &str) -> &'a mut Sheet {
    workbook.sheets.iter_mut().find(|s| s.name == name).unwrap_or_else(|| panic!("{line}: no such sheet"))
}

/// Moves cells about on a sheet, as people do.
fn shift(sheet: &mut Sheet, verb: &str, what: &str) {
    let moved = |sheet: &mut Sheet, place: &dyn Fn(Cell) -> Option<Cell>| {
        let cells = std::mem::take(&mut sheet.cells);
        sheet.cells = cells.into_iter().filter_map(|(cell, entry)| Some((place(cell)?, entry))).collect();
        let merges = std::mem::take(&mut sheet.merges);
        sheet.merges = merges.into_iter().filter_map(|(a, b)| Some((place(a)?, place(b)?))).collect();
    };
    if ["insert", "delete"].contains(&verb) {
        let is_row = what.starts_with(|c: char| c.is_ascii_digit());
        let text = if is_row { format!("A{what}") } else { format!("{what}1") };
        let at: Cell = text.parse().unwrap();
        let place = |cell: Cell| -> Option<Cell> {
            let (n, from) = if is_row { (cell.row, at.row) } else { (cell.column, at.column) };
            let to = match (verb, n.cmp(&from)) {
                (_, Ordering::Less) => n,
                ("insert", _) => n + 1,
                (_, Ordering::Equal) => return None,
                (_, Ordering::Greater) => n - 1,
            };
            Some(if is_row { Cell::new(to, cell.column) } else { Cell::new(cell.row, to) })
        };
        return moved(sheet, &place);
    }
    let (range, to) = what.split_once(" > ").unwrap_or((what, "A1"));
    let (first, last) = range.split_once(':').unwrap_or((range, range));
    let [first, last, to]: [Cell; 3] = [first, last, to.trim()].map(|text| text.parse().unwrap());
    let inside =
        |cell: &Cell| (first.row..=last.row).contains(&cell.row) && (first.column..=last.column).contains(&cell.column);
    let block: Vec<(Cell, Entry)> =
        sheet.cells.iter().filter(|(c, _)| inside(c)).map(|(c, e)| (*c, e.clone())).collect();
    if verb != "copy" {
        sheet.cells.retain(|cell, _| !inside(cell));
    }
    if verb != "clear" {
        sheet.cells.extend(block.into_iter().map(|(cell, entry)| {
            let (down, right) = (cell.row - first.row, cell.column - first.column);
            let (down, right) = if verb == "turn" { (right, down) } else { (down, right) };
            (Cell::new(to.row + down, to.column + right), entry)
        }));
    }
}

/// A file, or a folder of files.
fn content(path: &Path) -> Content {
    if !path.is_dir() {
        return Content::File(std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
    }
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap()))
        .collect();
    files.sort();
    Content::Folder(files)
}

/// The report on the last return of those before it and one more.
fn tell(before: &[String], last: Given, read: &Findings) -> Report {
    let mut all: Vec<Given> = before.iter().map(|name| base(name)).collect();
    all.push(last);
    let left = Once::new(all.len());
    let findings = || {
        left.set(left.get() - 1);
        if left.get() == 0 { read.clone() } else { Findings::default() }
    };
    case::run_into(all, &PACK, findings).pop().unwrap()
}

/// Reports on the bases, by what came before and their name.
type Bases = BTreeMap<(Vec<String>, String), Arc<Report>>;

/// Each made once.
static BASES: LazyLock<Mutex<Bases>> = LazyLock::new(Mutex::default);

fn base_report(before: &[String], name: &str) -> Arc<Report> {
    let key = (before.to_vec(), name.to_owned());
    let mut bases = BASES.lock().unwrap();
    bases.entry(key).or_insert_with(|| Arc::new(tell(before, base(name), &Findings::default()))).clone()
}

/// What comes of a scene, line by line.
fn outcome(scene: &Scene) -> Vec<String> {
    if let Some(shown) = scene.given.iter().find_map(|line| line.strip_prefix("shown by: ")) {
        return vec![shown_by(shown)];
    }
    if scene.given.iter().any(|line| line.starts_with("inbox: ") || line.starts_with("growing: ")) {
        return batch::of(scene);
    }
    let stage = stage(scene);
    let base = stage.base.as_deref().map(|name| base_report(&stage.before, name));
    let report = tell(&stage.before, stage.given, &stage.read);
    let mut lines = vec![told(&report)];
    let empty = BTreeMap::new();
    let were = base.as_ref().map_or(&empty, |b| &b.figures.figures);
    let are = &report.figures.figures;
    if !(are.is_empty() && report.outcome == Outcome::Refused) {
        let mut changed: Vec<(&Pointer, String)> = Vec::new();
        for at in were.keys().chain(are.keys()).collect::<std::collections::BTreeSet<_>>() {
            let (was, is) =
                (were.get(at).map_or("gone".to_owned(), figure), are.get(at).map_or("gone".to_owned(), figure));
            // Against no base every figure would differ.
            if was != is && base.is_some() {
                changed.push((at, is));
            }
        }
        for run in changed.chunk_by(|a, b| a.1 == b.1) {
            match run {
                [(first, is), .., (last, _)] if run.len() > 3 => {
                    lines.push(format!("{first} to {last}, {} figures: {is}", run.len()));
                }
                few => lines.extend(few.iter().map(|(at, is)| format!("{at}: {is}"))),
            }
        }
    }
    for finding in &report.findings {
        let place = finding.labels.first().map_or_else(String::new, |l| format!(" at {}", report.place(&l.place)));
        let answer = match &finding.answer {
            None => "",
            Some(Answer::Explained { .. }) => ", explained",
            Some(Answer::Reopened { .. }) => ", reopened",
            Some(Answer::SentBack { .. }) => ", sent back",
            Some(Answer::Waived { .. }) => ", waived",
        };
        lines.push(format!("{} {}{answer}{place}: {}", finding.severity.word(), finding.rule, finding.message));
        if scene.given.iter().any(|line| line == "with help") {
            lines.push(format!("  {}", finding.help));
        }
    }
    let passed = |report: &Report| -> BTreeMap<(String, u32, u32), String> {
        let uses = report.figures.uses.iter();
        uses.filter_map(|(at, used)| match used {
            Use::Passed(why) => Some(((report.sheet(at.sheet), at.cell.column, at.cell.row), why.clone())),
            Use::Value(_) | Use::Label | Use::Finding => None,
        })
        .collect()
    };
    let before = base.as_deref().map(passed).unwrap_or_default();
    let now = passed(&report);
    let new: Vec<_> = now.iter().filter(|(place, why)| before.get(*place) != Some(why)).collect();
    // Down a column in one line: what stands one under another, for one reason.
    for run in new.chunk_by(|((s, c, r), why), ((t, d, q), other)| s == t && c == d && r + 1 == *q && why == other) {
        let [((sheet, column, row), why), ..] = run else { continue };
        let (first, last) = (Cell::new(*row, *column), run.last().map_or(*row, |((_, _, row), _)| *row));
        let to = if last == first.row { String::new() } else { format!(":{}", Cell::new(last, *column)) };
        lines.push(format!("passed over {sheet}!{first}{to}: {why}"));
    }
    lines.iter().map(|l| l.replace(['\n', '\r'], " ")).collect()
}

/// What comes of all scenes of a defect, each on a thread of its own.
fn outcomes(scenes: &[Scene]) -> Vec<Vec<String>> {
    std::thread::scope(|scope| {
        let all: Vec<_> = scenes.iter().map(|scene| scope.spawn(|| outcome(scene))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// A test elsewhere that shows a defect: it must be there.
fn shown_by(test: &str) -> String {
    let (file, name) = test.trim().split_once("::").unwrap_or_else(|| panic!("shown by: tests/FILE.rs::NAME"));
    let there = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).contains(name);
    assert!(there, "{file} has no `{name}`");
    "see there".to_owned()
}

/// Scenes of the batch: an inbox is laid out, and the runs say what they make of it.
mod batch {
    use std::fs;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::{Duration, SystemTime};

    use safereturn::batch::{Job, run};

    use super::{PACK, Scene, folder};

    /// What each run says of an inbox.
    pub(super) fn of(scene: &Scene) -> Vec<String> {
        let house = tempfile::tempdir().unwrap();
        let place = |line: &str| {
            let (at, what) = line.split_once(" < ").unwrap_or_else(|| panic!("{line}: BODY/NAME < FILE"));
            let path = house.path().join("inbox").join(at.trim());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let bytes = match what.trim().strip_prefix('\'') {
                Some(text) => text.trim_end_matches('\'').replace('⏎', "\n").into_bytes(),
                None => fs::read(folder().join("files").join(what.trim())).unwrap(),
            };
            (path, bytes)
        };
        let mut said = Vec::new();
        let mut slow: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        let mut as_of = "2021-05-31";
        for line in scene.given.iter().filter(|line| !line.trim().is_empty()) {
            if let Some(file) = line.strip_prefix("inbox: ") {
                let (path, bytes) = place(file);
                fs::write(&path, bytes).unwrap();
                // It lies still since yesterday: what is half a workbook is damaged, and not on its way.
                let yesterday = SystemTime::now() - Duration::from_secs(86_400);
                fs::File::options().write(true).open(&path).unwrap().set_modified(yesterday).unwrap();
            } else if let Some(file) = line.strip_prefix("growing: ") {
                slow.push(place(file));
            } else if let Some(date) = line.strip_prefix("as-of: ") {
                as_of = date.trim();
            } else if line == "run again" {
                said.extend(once(house.path(), as_of, std::mem::take(&mut slow)));
                said.push("run again".to_owned());
            } else {
                panic!("{}: what is `{line}` in a scene of the batch?", scene.title);
            }
        }
        said.extend(once(house.path(), as_of, slow));
        said
    }

    /// One run, while some files are still being written.
    fn once(house: &Path, as_of: &str, slow: Vec<(PathBuf, Vec<u8>)>) -> Vec<String> {
        let over = AtomicBool::new(false);
        let summary = thread::scope(|scope| {
            for (path, bytes) in &slow {
                let mut file = fs::File::create(path).unwrap();
                file.write_all(&bytes[..bytes.len() / 2]).unwrap();
                let over = &over;
                scope.spawn(move || {
                    // While somebody looks it grows by one byte and another, and never comes to its end.
                    let mut rest = &bytes[bytes.len() / 2..];
                    while !over.load(Ordering::Relaxed) {
                        if let Some((byte, more)) = rest.split_first().filter(|(_, more)| !more.is_empty()) {
                            file.write_all(&[*byte]).unwrap();
                            rest = more;
                        } else {
                            // So slow is the machine: it is touched, as a program does that has not done with it.
                            file.set_modified(SystemTime::now()).unwrap();
                        }
                        thread::sleep(Duration::from_millis(2));
                    }
                    file.write_all(rest).unwrap();
                });
            }
            let job = Job {
                inbox: house.join("inbox"),
                outbox: house.join("outbox"),
                waivers: house.join("waivers.csv"),
                as_of: as_of.parse().unwrap(),
                year: None,
                threads: 1,
                progress: &|_, _| {},
                workers: None,
                disk: &safereturn::batch::System,
            };
            let ended = run(&job, &*PACK);
            over.store(true, Ordering::Relaxed);
            ended
        });
        let said = match summary {
            Ok(summary) => summary.to_string(),
            Err(error) => format!("the run failed: {error}"),
        };
        let said = said.replace(&house.display().to_string(), "…");
        said.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

/// The outcome, and the sections that have another.
fn told(report: &Report) -> String {
    let word = report.outcome.word();
    let others = report.sections.iter().filter(|s| s.outcome != report.outcome);
    let others: Vec<String> = others.map(|s| format!("{} {}", s.section, s.outcome.word())).collect();
    if others.is_empty() { word.to_owned() } else { format!("{word}; but {}", others.join(", ")) }
}

/// A figure in a few words: what it is, what it may be, its flags and note.
fn figure(figure: &Figure) -> String {
    let bare = match &figure.bare {
        Bare::Blank => "blank".to_owned(),
        bare => bare.to_json().map_or_else(String::new, |json| json.to_string()),
    };
    let mut out = bare;
    if figure.interval.number().is_none() && !figure.interval.is_unknown() {
        let _ = write!(out, ", {}", figure.interval.in_words());
    }
    for status in &figure.status {
        let _ = write!(out, ", flag {}", status.letter());
    }
    if let Some(note) = &figure.note {
        let _ = write!(out, ", note “{note}”");
    }
    if let Some(fault) = &figure.fault {
        let _ = write!(out, ", not usable ({fault})");
    }
    out
}

/// The files of the defects, with what they hold.
fn defects() -> Vec<(PathBuf, Defect)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), Defect::read(&text(&path)))).collect()
}

/// `cargo test --test defects list -- --nocapture` shows the list.
#[test]
fn the_list_of_defects_is_whole() {
    let mut seen = BTreeMap::new();
    let mut all = 0;
    for (path, defect) in defects() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let start = format!("D{:02}-", defect.number);
        assert!(name.starts_with(&start), "{name}: the first line names D{}", defect.number);
        for part in ["# domain: ", "# here: "] {
            assert!(defect.head.lines().any(|l| l.starts_with(part)), "{name}: no line `{part}…`");
        }
        let scenes = defect.scenes.len();
        assert!(scenes > 0 && defect.scenes.iter().all(|s| !s.claimed.is_empty()), "{name}: a scene without outcome");
        println!(
            "D{:<3} {scenes:>2} {}  {}",
            defect.number,
            if scenes == 1 { "scene " } else { "scenes" },
            defect.title
        );
        assert!(seen.insert(defect.number, name).is_none(), "D{} twice", defect.number);
        all += scenes;
    }
    println!("{} defects, {all} scenes", seen.len());
    let missing: Vec<u8> = (1..=78).filter(|n| !seen.contains_key(n)).collect();
    assert!(missing.is_empty() && seen.len() == 78, "without a case: {missing:?}");
}

#[test]
fn each_defect_gets_its_treatment() {
    let only = std::env::var("DEFECT").ok();
    let write = std::env::var("DEFECTS").is_ok_and(|v| v == "write");
    let mut wrong = String::new();
    for (path, mut defect) in defects() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| !name.starts_with(only.as_str())) {
            continue;
        }
        let all = outcomes(&defect.scenes);
        for (scene, found) in defect.scenes.iter_mut().zip(all) {
            if found != scene.claimed && !write {
                let _ = writeln!(wrong, "{name}, {}:\n  claimed {:#?}\n  found {found:#?}", scene.title, scene.claimed);
            }
            scene.claimed = found;
        }
        if write {
            std::fs::write(path, defect.write()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
