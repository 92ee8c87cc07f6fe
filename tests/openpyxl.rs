//! `read` against an independent reader: openpyxl, over every Excel workbook of the tests and the sample inbox, and over
//! workbooks made here to be difficult. Whatever the two see differently is either a fault or has its reason below.
//! `tests/common/cells.py` is the other side.

#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

#[path = "common/package.rs"]
mod package;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use package::patched;
use rust_xlsxwriter::{Chart, ChartType, Color, Format, Formula, Note, Workbook as Writer};
use serde_json::Value as Json;

/// How long the other reader may take over all files.
const PATIENCE: Duration = Duration::from_secs(240);
/// Half a millisecond, as a part of a day: both readers round to milliseconds.
const HALF_MS: f64 = 0.5 / 86_400_000.0;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    jsonschema::validator_for(&serde_json::from_str(include_str!("../schemas/out/cells.json")).unwrap()).unwrap()
});

/// Why the two may say different things of a cell, or of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    ColourOnly,
    SpacesOnly,
    Empty,
    Escapes,
    Controls,
    Time,
    Serial,
    Ends,
    Damaged,
    Neither,
    Refused,
}

impl Reason {
    const fn why(self) -> &'static str {
        match self {
            Self::ColourOnly => {
                "a cell that says something by colour only: we keep it, openpyxl has it without a value"
            }
            Self::SpacesOnly => {
                "a cell with spaces or an empty text only: there is nothing in it to read, so we pass it over"
            }
            Self::Empty => "a formula whose saved result is an empty text: openpyxl makes it nothing",
            Self::Escapes => {
                "openpyxl leaves the file's escapes such as _x000D_ in the text (and undoes _x005F_ too often)"
            }
            Self::Controls => "control characters: we take them out",
            Self::Time => "a time of day or a duration is no date: we keep the number that the file holds",
            Self::Serial => "a number with a date format that is no date of the years 1900 to 9999: we keep the number",
            Self::Ends => {
                "spaces at the ends of a text that does not ask to keep them (xml:space): dropped as Excel does"
            }
            Self::Damaged => {
                "a damaged cell: we name it (FIL-06) and read the rest; openpyxl guesses or gives the file up"
            }
            Self::Neither => "neither reads the file",
            Self::Refused => "a file that we refuse for safety, or that holds nothing",
        }
    }
}

/// What was compared.
#[derive(Debug, Default)]
struct Count {
    files: usize,
    sheets: usize,
    cells: usize,
    formats: usize,
    formulas: usize,
    blanks: usize,
    reasons: BTreeMap<Reason, usize>,
}

impl Count {
    fn reason(&mut self, reason: Reason) {
        *self.reasons.entry(reason).or_default() += 1;
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Excel workbook below a folder.
fn workbooks(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() {
            workbooks(&path, out);
        } else if ending == "xlsx" || ending == "xlsm" {
            out.push(path);
        }
    }
}

/// What `read` prints, and whether it refuses the file.
fn ours(path: &Path) -> Json {
    let output =
        Command::new(env!("CARGO_BIN_EXE_safereturn")).args(["read", "--format", "json"]).arg(path).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {:?}", path.display(), output.status);
    let cells = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let wrong: Vec<String> = SCHEMA.iter_errors(&cells).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new(), "{}", path.display());
    cells
}

/// openpyxl, or why there is none.
fn oracle() -> Result<Command, String> {
    let there = Command::new("python3").args(["-c", "import openpyxl"]).output();
    match there {
        Ok(output) if output.status.success() => {
            let mut command = Command::new("python3");
            command.arg(root().join("tests/common/cells.py")).env("PYTHONIOENCODING", "utf-8");
            Ok(command)
        }
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("openpyxl").to_owned()),
        Err(error) => Err(format!("python3: {error}")),
    }
}

/// What openpyxl reads in the files, in their order.
fn theirs(mut oracle: Command, files: &[PathBuf]) -> Vec<Json> {
    let mut child = oracle.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut list = child.stdin.take().unwrap();
    let lines: String = files.iter().map(|f| format!("{}\n", f.to_str().unwrap())).collect();
    let feed = std::thread::spawn(move || list.write_all(lines.as_bytes()));
    let mut out = child.stdout.take().unwrap();
    let printed = std::thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).map(|_| text)
    });
    wait(&mut child);
    feed.join().unwrap().unwrap();
    let text = printed.join().unwrap().unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn wait(child: &mut Child) {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "cells.py failed: {status}");
            return;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("openpyxl took more than {} seconds", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn list<'a>(of: &'a Json, key: &str) -> &'a [Json] {
    of[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(of: &'a Json, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}

/// How many cells `read` says it passed over for a reason, and those that it names.
fn passed_over<'a>(sheet: &'a Json, what: &str) -> (u64, Vec<&'a str>) {
    let found: Vec<&Json> = list(sheet, "passed_over").iter().filter(|p| p["what"] == what).collect();
    let cells = found.iter().flat_map(|p| list(p, "cells")).filter_map(Json::as_str).collect();
    (found.iter().filter_map(|p| p["count"].as_u64()).sum(), cells)
}

/// What the one file says to the other, differences without a reason.
fn compare(file: &str, ours: &Json, theirs: &Json, count: &mut Count, wrong: &mut Vec<String>) {
    count.files += 1;
    let refused = list(ours, "findings").iter().find(|f| f["severity"] == "error" && f["rule"] != "FIL-06");
    match (refused, theirs.get("failure")) {
        (Some(_), Some(_)) => return count.reason(Reason::Neither),
        (Some(finding), None) => {
            let says = |cell: &Json| cell[1] != "empty" && !is_blank(&cell[2]);
            let has_cells = list(theirs, "sheets").iter().any(|s| list(s, "cells").iter().any(says));
            // FIL-04 is about what is unsafe or too large; FIL-05 must be true.
            if text(finding, "rule") == "FIL-04" || (text(finding, "rule") == "FIL-05" && !has_cells) {
                return count.reason(Reason::Refused);
            }
            return wrong.push(format!("{file}: openpyxl reads it, we say {}", finding["message"]));
        }
        (None, Some(_)) if list(ours, "findings").iter().any(|f| f["rule"] == "FIL-06") => {
            return count.reason(Reason::Damaged);
        }
        (None, Some(failure)) => return wrong.push(format!("{file}: we read it, openpyxl says {failure}")),
        (None, None) => {}
    }
    let names = |of: &Json| -> Vec<(String, String)> {
        list(of, "sheets").iter().map(|s| (text(s, "name").to_owned(), text(s, "state").to_owned())).collect()
    };
    if names(ours) != names(theirs) {
        return wrong.push(format!("{file}: sheets {:?}, openpyxl {:?}", names(ours), names(theirs)));
    }
    for (our, their) in list(ours, "sheets").iter().zip(list(theirs, "sheets")) {
        count.sheets += 1;
        sheet(&format!("{file} “{}”", text(our, "name")), our, their, count, wrong);
    }
}

fn sheet(place: &str, our: &Json, their: &Json, count: &mut Count, wrong: &mut Vec<String>) {
    if list(our, "merges") != list(their, "merges") {
        wrong.push(format!("{place}: merges {}, openpyxl {}", our["merges"], their["merges"]));
    }
    let mut mine: BTreeMap<&str, &Json> = list(our, "cells").iter().map(|c| (text(c, "cell"), c)).collect();
    if mine.len() != list(our, "cells").len() {
        wrong.push(format!("{place}: a cell is there twice"));
    }
    let mut comments = their["comments"].as_object().unwrap().clone();
    for comment in list(our, "comments") {
        let other = comments.remove(text(comment, "cell"));
        let same = other.as_ref().and_then(Json::as_str).and_then(|o| words(text(comment, "text"), o, count));
        if same.is_none() {
            wrong.push(format!("{place}: comment {comment}, openpyxl {other:?}"));
        }
    }
    if !comments.is_empty() {
        wrong.push(format!("{place}: comments that we do not have: {comments:?}"));
    }
    let damaged = passed_over(our, "unreadable").1;
    let (mut spaces, mut colours) = (0, 0);
    for cell in list(their, "cells") {
        let at = cell[0].as_str().unwrap();
        match mine.remove(at) {
            // Spaces in a coloured cell: the colour is all it says.
            Some(own) if own["type"] == "empty" && own["fill"].is_string() && is_blank(&cell[2]) => {
                count.reason(Reason::SpacesOnly);
            }
            Some(own) => {
                count.cells += 1;
                if let Err(words) = same(own, cell, count) {
                    wrong.push(format!("{place} {at}: {words}"));
                }
            }
            None if damaged.contains(&at) => count.reason(Reason::Damaged),
            None if cell[4].is_null() && is_blank(&cell[2]) => {
                spaces += 1;
                count.reason(Reason::SpacesOnly);
            }
            None => wrong.push(format!("{place} {at}: openpyxl has {cell}, we have nothing")),
        }
    }
    for (at, own) in mine {
        if own["type"] == "empty" && own["formula"].is_null() && own["fill"].is_string() {
            colours += 1;
            count.reason(Reason::ColourOnly);
        } else {
            wrong.push(format!("{place} {at}: we have {own}, openpyxl nothing"));
        }
    }
    // What we say that we passed over is what the other finds empty, no more and no less.
    let formatted = passed_over(our, "formatting").0;
    let blanks = their["blanks"].as_u64().unwrap();
    if formatted + colours != blanks {
        wrong.push(format!(
            "{place}: {formatted} cells passed over and {colours} coloured, openpyxl has {blanks} empty"
        ));
    }
    if passed_over(our, "spaces").0 != spaces {
        wrong.push(format!("{place}: {} cells of spaces, openpyxl has {spaces}", passed_over(our, "spaces").0));
    }
    count.blanks += usize::try_from(blanks).unwrap();
}

fn is_blank(text: &Json) -> bool {
    text.as_str().is_some_and(|text| unescaped(text).chars().all(safereturn::workbook::is_space))
}

/// Our cell and theirs: `[address, kind, value, format, formula, under a merged cell]`.
fn same(own: &Json, cell: &Json, count: &mut Count) -> Result<(), String> {
    let (kind, value) = (cell[1].as_str().unwrap(), &cell[2]);
    let differ = || format!("we have {} {}, openpyxl {kind} {value}", own["type"], own["value"]);
    match (text(own, "type"), kind) {
        ("number", "number") if own["value"].as_f64() == value.as_f64() => {}
        ("number", "time") if (own["value"].as_f64().unwrap() - value.as_f64().unwrap()).abs() <= HALF_MS * 1.01 => {
            count.reason(Reason::Time);
        }
        ("number", "error") if value == "#VALUE!" && !own["format"].is_null() => {
            // In the 1904 system the last day of 9999 has the number 2,957,003.
            if (1.0..2_957_004.0).contains(&own["value"].as_f64().unwrap()) {
                return Err(differ());
            }
            count.reason(Reason::Serial);
        }
        // Excel shows a row of # for it.
        ("number", "date") if own["value"].as_f64().unwrap() < 0.0 => count.reason(Reason::Serial),
        ("date", "date") => {
            let date = |json: &Json| json.as_str().unwrap().parse::<NaiveDateTime>().ok();
            let whole = Json::from(format!("{}T00:00:00", text(own, "value")));
            let own = date(&own["value"]).or_else(|| date(&whole)).ok_or_else(differ)?;
            if own != date(value).ok_or_else(differ)? {
                return Err(differ());
            }
        }
        ("boolean", "boolean") | ("error", "error") | ("empty", "empty") if own["value"] == *value => {}
        ("text", "text") => words(text(own, "value"), value.as_str().unwrap(), count).ok_or_else(differ)?,
        ("text", "empty") if own["value"] == "" && !own["formula"].is_null() => count.reason(Reason::Empty),
        _ => return Err(differ()),
    }
    let format = own["format"].as_str().unwrap_or("General");
    if format != cell[3].as_str().unwrap() {
        return Err(format!("the number format is {format}, openpyxl has {}", cell[3]));
    }
    count.formats += usize::from(format != "General");
    if own["formula"] != cell[4] {
        return Err(format!("the formula is {}, openpyxl has {}", own["formula"], cell[4]));
    }
    count.formulas += usize::from(!own["formula"].is_null());
    if own["under_merge"].is_string() != (cell[5] == true && own["type"] != "empty") {
        return Err(format!("under a merged cell: {}, openpyxl {}", own["under_merge"], cell[5]));
    }
    Ok(())
}

fn words(own: &str, other: &str, count: &mut Count) -> Option<()> {
    let without = |text: &str| -> String {
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect()
    };
    if own == other {
        return Some(());
    }
    if own == without(other) {
        count.reason(Reason::Controls);
        return Some(());
    }
    // `_x005F_x000D_` stands for the letters `_x000D_`, and openpyxl leaves them so; but `_x000D_` as well.
    let openpyxl = |text: &str| without(&unescaped(&text.replace("x005F_", "")));
    if openpyxl(own) == openpyxl(other) {
        count.reason(Reason::Escapes);
        return Some(());
    }
    let joined = |text: &str| text.split_whitespace().collect::<String>();
    (joined(own) == joined(other)).then(|| count.reason(Reason::Ends))
}

/// Text with the escapes of the file format (`_x000D_`) resolved.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let digits = rest.get(at + 2..at + 6).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.filter(|_| rest[at + 6..].starts_with('_')).and_then(|d| u32::from_str_radix(d, 16).ok());
        let taken = if let Some(c) = code.and_then(char::from_u32) {
            out.push_str(&rest[..at]);
            out.push(c);
            at + 7
        } else {
            out.push_str(&rest[..at + 2]);
            at + 2
        };
        rest = &rest[taken..];
    }
    out + rest
}

/// Says it even where the tests pass: what is captured nobody hears.
fn tell(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

/// The workbooks are compared, counted and told; every difference must have its reason.
fn agree(files: &[PathBuf]) -> Option<Count> {
    let oracle = match oracle() {
        Ok(oracle) => oracle,
        Err(why) => {
            tell(&format!("SKIPPED: nothing was compared with openpyxl, which this machine does not have ({why})"));
            return None;
        }
    };
    let theirs = theirs(oracle, files);
    assert_eq!(theirs.len(), files.len(), "one answer for each file");
    let (mut count, mut wrong) = (Count::default(), Vec::new());
    for (file, theirs) in files.iter().zip(&theirs) {
        let name = file.strip_prefix(root()).unwrap_or(file).display().to_string();
        compare(&name, &ours(file), theirs, &mut count, &mut wrong);
    }
    tell(&format!(
        "compared with openpyxl: {} files, {} sheets, {} cells with a value, {} with a number format, {} formulas, {} empty cells",
        count.files, count.sheets, count.cells, count.formats, count.formulas, count.blanks
    ));
    for (reason, times) in &count.reasons {
        println!("{times} × {}", reason.why());
    }
    let shown: String = wrong.iter().take(60).fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "{line}");
        all
    });
    assert!(wrong.is_empty(), "{} differences without a reason:\n{shown}", wrong.len());
    Some(count)
}

#[test]
fn read_agrees_with_openpyxl_on_every_workbook_of_the_repository() {
    let mut files = Vec::new();
    for folder in ["tests", "inbox"] {
        workbooks(&root().join(folder), &mut files);
    }
    files.sort();
    let Some(count) = agree(&files) else { return };
    assert!(count.files > 10 && count.sheets > 20 && count.cells > 1_000, "{count:?}");
    assert!(count.formats > 20 && count.formulas > 0, "{count:?}");
}

/// Number formats in the order of their style numbers, which begin with 1.
const FORMATS: [&str; 12] = [
    "0.0%",
    "dd/mm/yyyy",
    "yyyy-mm-dd hh:mm:ss",
    "hh:mm",
    "[h]:mm:ss",
    "@",
    "#,##0;[Red]-#,##0",
    "\"day\" 0",
    "[$-809]d mmmm yyyy;@",
    "0.00E+00",
    "mmm-yy",
    "_-* #,##0.00_-;-* #,##0.00_-;_-* \"-\"??_-;_-@_-",
];

/// What people and programs put into cells, as a library writes it.
fn difficult() -> Writer {
    let mut book = Writer::new();
    let formats = FORMATS.map(|code| Format::new().set_num_format(code));
    let sheet = book.add_worksheet().set_name("Difficult & “odd”").unwrap();
    for (row, format) in (0..).zip(&formats) {
        sheet.write_with_format(row, 0, 44_286.75, format).unwrap();
        sheet.write_with_format(row, 1, 0.156, format).unwrap();
        sheet.write_with_format(row, 2, -3, format).unwrap();
        sheet.write_with_format(row, 3, 1.5e7, format).unwrap();
        sheet.write_with_format(row, 4, "15.6%", format).unwrap();
        sheet.write_blank(row, 5, format).unwrap();
        sheet.write_with_format(row, 6, 59.5, format).unwrap();
        sheet.write_with_format(row, 7, true, format).unwrap();
    }
    let texts = [
        "1,946",
        "007",
        "2021-22",
        "1E5",
        "TRUE",
        "#N/A",
        "=A1",
        "'44",
        " 44 ",
        "\u{a0}12\u{a0}",
        "  ",
        "\u{200b}",
        "a\tb\nc",
        "line\r\nbreak",
        "_x000D_",
        "_x005F_x000D_",
        "x_x0041_y",
        "bell\u{7}",
        "next\u{85}line",
        "a│b|c{d}\\e⏎",
        "<&>\"'",
        "Ünïcode 中文 \u{1f476}",
        "\u{202e}turned",
        "-",
        "–",
        "c",
        "\u{feff}BOM",
    ];
    for (row, text) in (20..).zip(texts) {
        sheet.write(row, 0, text).unwrap();
    }
    sheet.write(60, 0, "x".repeat(32_767)).unwrap();
    let bold = Format::new().set_bold();
    let plain = Format::new();
    sheet.write_rich_string(61, 0, &[(&plain, " so "), (&bold, "12 "), (&plain, " or more\n")]).unwrap();
    let numbers = [
        0.0,
        -0.0,
        0.1 + 0.2,
        12_345_678_901_234_567.0,
        1e15,
        9.007_199_254_740_993e15,
        1e-300,
        -1.5e300,
        0.154_171_000_000_000_03,
        67.600_000_000_000_01,
    ];
    for (row, number) in (70..).zip(numbers) {
        sheet.write(row, 0, number).unwrap();
    }
    let formulas = [
        ("=1/0", "#DIV/0!"),
        ("=NA()", "#N/A"),
        ("=\"\"", ""),
        ("=A1&\" \"", " "),
        ("=SUM(B1:B3)", "0.468"),
        ("=TRUE", "TRUE"),
        ("=IF(A1>\"<&\",1,2)", "2"),
        ("='Another sheet'!A1", "x"),
        ("=[1]Sheet1!$A$1", "7"),
        ("=#REF!+1", "#REF!"),
    ];
    for (row, (formula, result)) in (90..).zip(formulas) {
        sheet.write(row, 0, Formula::new(formula).set_result(result)).unwrap();
    }
    sheet.write_array_formula(101, 0, 102, 0, Formula::new("{=B1:B2*2}").set_result("0.312")).unwrap();
    sheet.write_dynamic_formula(103, 0, Formula::new("=UNIQUE(B1:B3)").set_result("0.156")).unwrap();
    sheet.merge_range(110, 0, 112, 3, "over four columns", &plain).unwrap();
    sheet.insert_note(110, 0, &Note::new("ask Jo\nor Sam")).unwrap();
    let amber = Format::new().set_background_color(Color::RGB(0x00FF_C000));
    sheet.write_blank(95, 2, &amber).unwrap();
    sheet.write_with_format(96, 2, "  ", &amber).unwrap();
    for row in 200..400 {
        sheet.write_blank(row, 30, &bold).unwrap();
    }
    sheet.write_blank(1_048_575, 16_383, &bold).unwrap();
    sheet.write(999_999, 0, " ").unwrap();
    book.add_worksheet().set_name("Another sheet").unwrap().write(0, 0, "x").unwrap();
    book.add_worksheet().set_name("Hidden").unwrap().set_hidden(true).write(0, 0, 1).unwrap();
    book.add_worksheet().set_name("Deep").unwrap().set_very_hidden(true).write(0, 0, 1).unwrap();
    book.add_worksheet().set_name(" Empty ").unwrap();
    let mut chart = Chart::new(ChartType::Bar);
    chart.add_series().set_values("'Another sheet'!$A$1:$A$3");
    book.add_chartsheet().set_name("Picture").unwrap().insert_chart(0, 0, &chart).unwrap();
    book
}

/// What no library writes, but programs do: the cells of a sheet as they stand in the file.
const RAW: &str = r#"
<row r="5"><c r="C5"><v>5</v></c><c r="A5"><v>4</v></c></row>
<row r="2"><c r="B2" t="inlineStr"><is><t xml:space="preserve"> in line </t></is></c><c r="A2" t="inlineStr"><is><r><t>so </t></r><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><rPh sb="0" eb="1"><t>phonetic</t></rPh></is></c></row>
<row><c><v>1</v></c><c><v>2</v></c><c r="F3"><v>3</v></c><c><v>4</v></c></row>
<row r="10"><c r="A10"><f t="shared" ref="A10:A13" si="0">B10*2+$C$1+SUM(D$1:D10)</f><v>2</v></c><c r="B10"><v>1</v></c></row>
<row r="11"><c r="A11"><f t="shared" si="0"/><v>4</v></c></row>
<row r="12"><c r="A12"><f t="shared" si="0"/><v>6</v></c></row>
<row r="13"><c r="A13"><f t="shared" si="0"/></c></row>
<row r="20"><c r="A20" t="str"><f>""</f><v></v></c><c r="B20" t="str"><f>" "</f><v> </v></c><c r="C20" t="str"><v>plain</v></c><c r="D20"><f>1+1</f></c><c r="E20" t="str"><f>A1</f></c></row>
<row r="21"><c r="A21" t="b"><v>1</v></c><c r="B21" t="b"><v>0</v></c><c r="C21" t="e"><v>#N/A</v></c><c r="D21" t="e"><v>#REF!</v></c><c r="E21" t="e"><v>#NULL!</v></c><c r="F21" t="e"><v>#NUM!</v></c><c r="G21" t="e"><v>#VALUE!</v></c><c r="H21" t="e"><v>#NAME?</v></c></row>
<row r="22"><c r="A22" t="d"><v>2021-03-31</v></c><c r="B22" t="d" s="3"><v>2021-03-31T14:30:00</v></c></row>
<row r="30"><c r="A30" s="2"><v>1</v></c><c r="B30" s="2"><v>59</v></c><c r="C30" s="2"><v>60</v></c><c r="D30" s="2"><v>61</v></c><c r="E30" s="2"><v>44286</v></c><c r="F30" s="3"><v>44286.999988426</v></c><c r="G30" s="4"><v>0.75</v></c><c r="H30" s="5"><v>1.5</v></c><c r="I30" s="2"><v>0</v></c><c r="J30" s="2"><v>-1</v></c><c r="K30" s="2"><v>2958465</v></c><c r="L30" s="2"><v>3000000</v></c><c r="M30" s="3"><v>44286.9999999999</v></c></row>
<row r="40"><c r="A40"><v>1.2345678901234567</v></c><c r="B40"><v>12345678901234567</v></c><c r="C40"><v>-0</v></c><c r="D40"><v>1E5</v></c><c r="E40"><v>1.0E-2</v></c><c r="F40"><v>0.15417100000000003</v></c><c r="G40"><v>9007199254740993</v></c><c r="H40" s="1"><v>0.6760000000000001</v></c></row>
<row r="50"><c r="A50" t="inlineStr"><is><t>a_x000D_b</t></is></c><c r="B50" t="inlineStr"><is><t>a_x005F_x000D_b</t></is></c><c r="C50" t="inlineStr"><is><t>&#10;two&#13;&#10;lines</t></is></c><c r="D50" t="inlineStr"><is><t>&lt;&amp;&gt;</t></is></c><c r="E50" t="inlineStr"><is><t><![CDATA[<raw>]]></t></is></c><c r="F50" t="inlineStr"><is><t/></is></c><c r="G50" t="inlineStr"><is><t>   </t></is></c><c r="H50" s="1"/></row>
<row r="60"><c r="A60"><v>7</v></c><c r="B60"><v>8</v></c></row>
<row r="70"><c r="A70"><v>1e999</v></c><c r="B70"><v>1</v></c><c r="B70"><v>2</v></c></row>
"#;

fn raw(epoch_1904: bool, cells: &str) -> Vec<u8> {
    let mut book = difficult();
    let bytes = book.save_to_buffer().unwrap();
    let bytes = patched(&bytes, "xl/worksheets/sheet2.xml", |part| {
        let (before, rest) = part.split_once("<sheetData>").unwrap();
        let (_, after) = rest.split_once("</sheetData>").unwrap();
        let merges = r#"<mergeCells count="2"><mergeCell ref="A60:B60"/><mergeCell ref="D60:E61"/></mergeCells>"#;
        format!("{before}<sheetData>{cells}</sheetData>{merges}{after}")
    });
    if !epoch_1904 {
        return bytes;
    }
    patched(&bytes, "xl/workbook.xml", |part| part.replacen("<workbookPr ", "<workbookPr date1904=\"1\" ", 1))
}

/// As many cells with as many looks as fit, drawn by a generator that always draws the same.
fn drawn() -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = |below: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from((state >> 20) % u64::from(below)).unwrap()
    };
    let mut book = Writer::new();
    let formats = FORMATS.map(|code| Format::new().set_num_format(code));
    let letters: Vec<char> = "aé中 _x0D\n\t'\"&<>=%,.-0123456789\u{a0}\u{200b}".chars().collect();
    for name in ["one", "two"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for _ in 0..2_000 {
            let (row, column) = (draw(900), u16::try_from(draw(40)).unwrap());
            let format = &formats[draw(12) as usize];
            let (mantissa, power) = (f64::from(draw(u32::MAX)) - 2e9, i32::try_from(draw(40)).unwrap() - 25);
            match draw(6) {
                0 => sheet.write_with_format(row, column, draw(60_000), format).unwrap(),
                1 => sheet.write_with_format(row, column, f64::from(draw(u32::MAX)) / 1e5, format).unwrap(),
                2 => sheet.write(row, column, mantissa * 10_f64.powi(power)).unwrap(),
                3 => sheet.write_blank(row, column, format).unwrap(),
                4 => {
                    let formula =
                        Formula::new(format!("=A{}*{}", draw(99) + 1, draw(9))).set_result(draw(99).to_string());
                    sheet.write_with_format(row, column, formula, format).unwrap()
                }
                _ => {
                    let length = draw(9) + 1;
                    let text: String = (0..length).map(|_| letters[draw(letters.len() as u32) as usize]).collect();
                    sheet.write(row, column, text).unwrap()
                }
            };
        }
    }
    book.save_to_buffer().unwrap()
}

/// The same workbook as one that may hold macros (.xlsm) says what it is.
fn with_macros(book: &[u8]) -> Vec<u8> {
    patched(book, "[Content_Types].xml", |part| {
        part.replace(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )
    })
}

#[test]
fn read_agrees_with_openpyxl_on_difficult_workbooks() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("difficult.xlsx", difficult().save_to_buffer().unwrap()),
        ("raw.xlsx", raw(false, RAW)),
        ("raw-1904.xlsx", raw(true, RAW)),
        ("damaged.xlsx", raw(false, r#"<row r="1"><c r="A1" t="n"><v>12x</v></c><c r="B1"><v>1</v></c></row>"#)),
        ("drawn.xlsm", with_macros(&drawn())),
    ]
    .map(|(name, bytes)| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    });
    let Some(count) = agree(&files) else { return };
    assert!(count.files == 5 && count.sheets == 20 && count.cells > 3_000, "{count:?}");
    // Each of these is in the files above, so that none of the reasons is an excuse for something else.
    for reason in [
        Reason::ColourOnly,
        Reason::SpacesOnly,
        Reason::Empty,
        Reason::Escapes,
        Reason::Controls,
        Reason::Time,
        Reason::Serial,
        Reason::Ends,
        Reason::Damaged,
    ] {
        assert!(count.reasons.contains_key(&reason), "{reason:?}");
    }
}
