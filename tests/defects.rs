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
//! Other lines of a scene: `before: NAME` (a base accepted earlier), `file:`, `folder:`, `as-of:`, `received:` (context),
//! `property NAME = VALUE`, `rename: SHEET > NAME`, `without: SHEET`, `-- SHEET` with its rows (replaces that sheet, or
//! comes last), `real: FILE` (bytes in `tests/defects/files/` instead of a base as text; `base:` then says what it is
//! compared with). `DEFECTS=write cargo test --test defects` writes what comes of each scene; read the difference.
//! `DEFECT=7,8` looks at those two only.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot be set up must fail")]

use std::cell::{Cell as Once, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::LazyLock;

use safereturn::case::{self, Given};
use safereturn::cell::Cell;
use safereturn::extract::Use;
use safereturn::figure::{Bare, Figure};
use safereturn::finding::Findings;
use safereturn::report::{Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Entry, Submission, Workbook, notation};

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
        } else if key == "rename" {
            let (old, new) = value.split_once(" > ").unwrap_or_else(|| panic!("{line}: SHEET > NAME"));
            given.workbook.sheets.iter_mut().find(|s| s.name == old.trim()).unwrap().name = new.to_owned();
        } else if key == "without" {
            assert!(given.workbook.sheets.iter().any(|s| s.name == value), "{line}: no such sheet");
            given.workbook.sheets.retain(|s| s.name != value);
        } else if ["file", "folder", "as-of", "received", "year", "same-number", "waiver"].contains(&key) {
            given.context.retain(|(k, _)| k != key);
            given.context.push((key.to_owned(), value.to_owned()));
        } else {
            let known = ["base", "before", "real"].contains(&key) || line.trim().is_empty() || line.starts_with('#');
            assert!(known, "{}: what is `{line}`?", scene.title);
        }
    }
    Stage { before: told("before:"), base: name, given, read }
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

/// The report on a base as it stands: asked for by every scene, so told once in each thread.
fn told_base(before: &[String], name: &str) -> Rc<Report> {
    thread_local!(static TOLD: RefCell<BTreeMap<Vec<String>, Rc<Report>>> = RefCell::default());
    let key = [before, &[name.to_owned()]].concat();
    let known = TOLD.with_borrow(|told| told.get(&key).cloned());
    known.unwrap_or_else(|| {
        let report = Rc::new(tell(before, base(name), &Findings::default()));
        TOLD.with_borrow_mut(|told| told.insert(key, Rc::clone(&report)));
        report
    })
}

/// What comes of a scene, line by line.
fn outcome(scene: &Scene) -> Vec<String> {
    let stage = stage(scene);
    let base = stage.base.as_deref().map(|name| told_base(&stage.before, name));
    let report = tell(&stage.before, stage.given, &stage.read);
    let mut lines = vec![told(&report)];
    let empty = BTreeMap::new();
    let were = base.as_ref().map_or(&empty, |b| &b.figures.figures);
    let are = &report.figures.figures;
    if !(are.is_empty() && report.outcome == Outcome::Refused) {
        for at in were.keys().chain(are.keys()).collect::<std::collections::BTreeSet<_>>() {
            let (was, is) =
                (were.get(at).map_or("gone".to_owned(), figure), are.get(at).map_or("gone".to_owned(), figure));
            // Against no base every figure would differ.
            if was != is && base.is_some() {
                lines.push(format!("{at}: {is}"));
            }
        }
    }
    for finding in &report.findings {
        let place = finding.labels.first().map_or_else(String::new, |l| format!(" at {}", report.place(&l.place)));
        lines.push(format!("{} {}{place}: {}", finding.severity.word(), finding.rule, finding.message));
    }
    let passed = |report: &Report| -> BTreeMap<String, String> {
        let uses = report.figures.uses.iter();
        uses.filter_map(|(at, used)| match used {
            Use::Passed(why) => Some((format!("{}!{}", report.sheet(at.sheet), at.cell), why.clone())),
            Use::Value(_) | Use::Label | Use::Finding => None,
        })
        .collect()
    };
    let before = base.as_deref().map(passed).unwrap_or_default();
    for (place, why) in passed(&report).iter().filter(|(place, why)| before.get(*place) != Some(why)) {
        lines.push(format!("passed over {place}: {why}"));
    }
    lines.iter().map(|l| l.replace(['\n', '\r'], " ")).collect()
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

#[test]
fn each_defect_gets_its_treatment() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    let only = std::env::var("DEFECT").unwrap_or_default();
    let only: Vec<String> =
        only.split(',').filter_map(|n| Some(format!("D{:02}-", n.trim().parse::<u8>().ok()?))).collect();
    let named = |path: &Path| only.iter().any(|n| path.file_name().is_some_and(|f| f.to_string_lossy().starts_with(n)));
    files.retain(|path| only.is_empty() || named(path));
    let write = std::env::var("DEFECTS").is_ok_and(|v| v == "write");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let told: Vec<(String, Vec<(u8, Told)>)> = std::thread::scope(|scope| {
        let share = |i: usize| files.iter().skip(i).step_by(threads).collect::<Vec<_>>();
        let hands: Vec<_> = (0..threads).map(|i| scope.spawn(move || tell_all(&share(i), write))).collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    let (mut wrong, mut seen) = (String::new(), BTreeMap::new());
    for (bad, defects) in told {
        wrong += &bad;
        for (number, told) in defects {
            assert!(seen.insert(number, told).is_none(), "D{number} twice");
        }
    }
    for (number, (name, title, scenes)) in &seen {
        println!("D{number:<3} {scenes} {}  {title}  [{name}]", if *scenes == 1 { "scene " } else { "scenes" });
    }
    println!("{} defects, {} scenes", seen.len(), seen.values().map(|(_, _, n)| n).sum::<usize>());
    let missing: Vec<u8> = (1..=78).filter(|n| !seen.contains_key(n)).collect();
    println!("without a case: {missing:?}");
    assert!(wrong.is_empty(), "{wrong}");
}

/// The files' name, title and number of scenes.
type Told = (String, String, usize);

/// Looks at some files; what is not as claimed, and what was looked at.
fn tell_all(files: &[&PathBuf], write: bool) -> (String, Vec<(u8, Told)>) {
    let (mut wrong, mut seen) = (String::new(), Vec::new());
    for &path in files {
        let mut defect = Defect::read(&text(path));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            name.starts_with(&format!("D{:02}-", defect.number)),
            "{name}: the first line names D{}",
            defect.number
        );
        for part in ["# domain: ", "# here: "] {
            assert!(defect.head.lines().any(|l| l.starts_with(part)), "{name}: no line `{part}…`");
        }
        assert!(!defect.scenes.is_empty(), "{name}: no scene");
        for scene in &mut defect.scenes {
            let found = outcome(scene);
            if found != scene.claimed && !write {
                let _ = writeln!(wrong, "{name}, {}:\n  claimed {:#?}\n  found {found:#?}", scene.title, scene.claimed);
            }
            scene.claimed = found;
        }
        if write {
            std::fs::write(path, defect.write()).unwrap();
        }
        let scenes = defect.scenes.len();
        seen.push((defect.number, (name, defect.title, scenes)));
    }
    (wrong, seen)
}
