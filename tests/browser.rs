//! The board and one body's page in a real browser: nothing sticks out at any width, every text can be read in light and
//! dark, every link leads somewhere, nothing is fetched, nothing is complained of, and it prints on a few pages. Where no
//! Chromium is installed the test says loudly that it was SKIPPED.
#![cfg(all(feature = "cli", unix))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use safereturn::batch::{Job, System, run};
use safereturn::schema::Schemas;
use serde_json::Value;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const MEASURE: &str = include_str!("browser/measure.js");

/// A browser, if there is one.
fn browser() -> Option<&'static str> {
    // Some systems have a program of that name that only says how to install it.
    let works = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|said| said.status.success());
    let found = NAMES.into_iter().find(works);
    if found.is_none() {
        // Past the test runner, which keeps to itself what a passing test prints.
        let names = NAMES.join(", ");
        let said =
            format!("\n!!!!!!!!!!\nSKIPPED: pages in a real browser: none of {names} is installed\n!!!!!!!!!!\n");
        std::io::stderr().write_all(said.as_bytes()).unwrap();
    }
    found
}

/// The sample inbox, run once.
static OUTBOX: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let outbox = tempfile::tempdir().unwrap();
    let job = Job {
        inbox: "inbox".into(),
        outbox: outbox.path().to_owned(),
        waivers: "waivers.csv".into(),
        as_of: "2022-06-20".parse().unwrap(),
        year: None,
        threads: 2,
        workers: None,
        disk: &System,
        progress: &|_, _| {},
    };
    run(&job, &Schemas::built_in().unwrap()).unwrap();
    outbox
});

/// The board, and the page of a body with errors and queries; with most pages that each may print on.
fn pages() -> [(PathBuf, usize); 2] {
    let year = OUTBOX.path().join("2021-22");
    [(year.join("status.html"), 20), (year.join("feedback/csc/report.html"), 40)]
}

fn open(browser: &str, profile: &Path, arguments: &[&str]) -> Output {
    Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr"])
        // Whatever a page would fetch does not exist.
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--no-first-run", "--virtual-time-budget=10000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .output()
        .unwrap()
}

/// What a page measures at a width. It stands in a frame of that width, because a window cannot be that narrow.
fn measured(browser: &str, page: &Path, width: usize, dark: bool) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut text = fs::read_to_string(page).unwrap();
    if dark {
        let light = "@media (prefers-color-scheme: dark)";
        assert!(text.contains(light), "the page knows no dark");
        text = text.replace(light, "@media all");
    }
    let text = text.replace("</body>", &format!("<script>{MEASURE}</script></body>"));
    fs::write(folder.path().join("page.html"), text).unwrap();
    let frame = format!(
        "<body><script>onmessage = (e) => document.body.dataset.told = encodeURIComponent(e.data);</script>\
         <iframe src=page.html style='width:{width}px;height:900px;border:0'></iframe></body>"
    );
    fs::write(folder.path().join("frame.html"), frame).unwrap();
    let url = format!("file://{}", folder.path().join("frame.html").display());
    let output = open(browser, &folder.path().join("profile"), &["--window-size=1400,1000", "--dump-dom", &url]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("CONSOLE"), "{}: {said}", page.display());
    let dom = String::from_utf8_lossy(&output.stdout);
    let told = dom.split("data-told=\"").nth(1).and_then(|rest| rest.split('"').next());
    let told = told.unwrap_or_else(|| panic!("nothing was measured of {}: {dom} {said}", page.display()));
    serde_json::from_str(&percent(told)).unwrap()
}

/// The text that was written with per cent signs.
fn percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn none(found: &Value, what: &str, page: &Path, width: usize) {
    assert_eq!(found.as_array().unwrap(), &Vec::<Value>::new(), "{what} of {} at {width}", page.display());
}

#[test]
fn nothing_sticks_out_and_every_text_can_be_read() {
    let Some(browser) = browser() else { return };
    for (page, _) in pages() {
        for (width, dark) in [(390, false), (768, false), (1280, false), (1280, true), (390, true)] {
            let found = measured(browser, &page, width, dark);
            assert_eq!(found["width"], width, "the frame is as wide as asked for");
            assert!(found["texts"].as_u64().unwrap() > 50, "something was looked at: {found}");
            none(&found["overflow"], "sticking out", &page, width);
            assert!(found["scroll"].as_u64().unwrap() <= width as u64, "{} at {width}: {found}", page.display());
            none(&found["contrast"], "contrast below 4.5", &page, width);
            none(&found["fetched"], "fetched", &page, width);
        }
    }
}

#[test]
fn headings_go_down_by_one_heads_of_tables_say_for_what_and_links_lead_somewhere() {
    let Some(browser) = browser() else { return };
    for (page, _) in pages() {
        let found = measured(browser, &page, 1280, false);
        let headings: Vec<u64> = found["headings"].as_array().unwrap().iter().map(|h| h.as_u64().unwrap()).collect();
        assert_eq!(headings.iter().filter(|level| **level == 1).count(), 1);
        for pair in headings.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "a heading of level {} follows one of level {}", pair[1], pair[0]);
        }
        assert_eq!(found["scopes"], 0, "{}: heads of tables without scope", page.display());
        for link in found["links"].as_array().unwrap().iter().map(|link| link.as_str().unwrap()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let text = fs::read_to_string(&target).unwrap_or_else(|_| panic!("{link} of {}", page.display()));
            assert!(anchor.is_empty() || text.contains(&format!("id=\"{anchor}\"")), "{link} of {}", page.display());
        }
        let text = fs::read_to_string(&page).unwrap();
        assert!(!text.contains("http") && !text.contains("<script"), "{} stands alone", page.display());
    }
}

#[test]
fn it_prints_on_a_few_pages() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (index, (page, most)) in pages().into_iter().enumerate() {
        // Each with a profile of its own: the browser before it may not have let go of its own yet.
        let profile = folder.path().join(format!("profile {index}"));
        let pdf = folder.path().join(format!("{index}.pdf"));
        let to = format!("--print-to-pdf={}", pdf.display());
        let url = format!("file://{}", page.display());
        open(browser, &profile, &["--no-pdf-header-footer", &to, &url]);
        let bytes = fs::read(&pdf).unwrap();
        // Each page of a PDF is an object of that type, and their list another.
        let text = String::from_utf8_lossy(&bytes);
        let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page ").count();
        assert!(pages > 0 && pages <= most, "{} prints on {pages} pages", page.display());
    }
}
