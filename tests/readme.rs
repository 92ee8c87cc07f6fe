//! The README shows what the program really prints: each `console` block is run and compared.
#![expect(clippy::print_stdout, reason = "tests")]

use std::path::Path;
use std::process::Command;

#[test]
fn what_the_readme_shows_is_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md");
    let outbox = tempfile::tempdir().expect("a folder");
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let (command, expected) = block.split_once('\n').expect("a command and what it prints");
        let words = command.strip_prefix("$ safereturn ").or_else(|| command.strip_prefix("$ cargo run --release -- "));
        let mut words: Vec<String> = words.expect(command).split(' ').map(str::to_owned).collect();
        // The outbox of the checkout is left alone.
        if words.first().is_some_and(|w| w == "run" || w == "status") {
            words.extend(["--outbox".to_owned(), outbox.path().display().to_string()]);
        }
        let output = Command::new(env!("CARGO_BIN_EXE_safereturn"))
            .args(&words)
            .current_dir(root)
            .env("NO_COLOR", "1")
            .output()
            .expect("it runs");
        let printed = String::from_utf8_lossy(&output.stdout).replace(&outbox.path().display().to_string(), "outbox");
        let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let expected: Vec<&str> = expected.lines().map(str::trim_end).collect();
        // `…` alone on a line stands for what is left out.
        let mut rest = printed.as_slice();
        for part in expected.split(|line| *line == "…") {
            let at = (0..=rest.len()).find(|at| rest[*at..].starts_with(part));
            let at =
                at.unwrap_or_else(|| panic!("{command}\nprints\n{}\nand not\n{}", printed.join("\n"), part.join("\n")));
            rest = &rest[at + part.len()..];
        }
        shown += 1;
    }
    println!("{shown} commands of the README print what it shows");
    assert!(shown >= 2);
}
