//! `read`: what the reader sees of a file, before anything is made of it, and what it passed over. For somebody who holds
//! the file and wants to see it as the program does; so nothing is hidden here.

mod cells;
mod remark;

use std::io::Write;

use safereturn::batch;
use safereturn::finding::{Findings, Severity};
use safereturn::workbook::{Submission, Workbook, notation};

use super::{Ended, ExitStatus, ReadArguments, say};

/// Shows every sheet and cell with its address. What is wrong with the file goes to standard error, in the form for
/// programs into the document too.
pub(super) fn read(arguments: &ReadArguments, out: &mut dyn Write) -> Ended {
    let submission = batch::read_submission(&arguments.file)?;
    let mut findings = Findings::default();
    let workbook = Workbook::read(&submission, &mut findings);
    if arguments.format == "json" {
        cells::write(&submission.name, &workbook, &findings, out)?;
    } else {
        text(&submission, &workbook, out)?;
    }
    for finding in findings.list() {
        say(&format!("{} {}: {}", finding.severity.word(), finding.rule, remark::line(&finding.message)));
    }
    let refused = findings.list().iter().any(|finding| finding.severity == Severity::Error);
    Ok(if refused { ExitStatus::Refused } else { ExitStatus::Clean })
}

/// In the notation of the cases: under a heading such as `== 2020-21 csc` the text is a case.
fn text(submission: &Submission, workbook: &Workbook, out: &mut dyn Write) -> std::io::Result<()> {
    let Some(format) = workbook.format else { return Ok(()) };
    writeln!(out, "# what safereturn read, by its content: {}", format.name())?;
    writeln!(out, "file: {}", remark::line(&submission.name))?;
    for (name, value) in &workbook.properties {
        writeln!(out, "property {} = {}", remark::line(name).replace('=', " "), remark::line(value))?;
    }
    for (name, text) in &workbook.names {
        writeln!(out, "# the name {} stands for {}", remark::line(name), remark::line(text))?;
    }
    writeln!(out)?;
    let merged = remark::under_merges(workbook);
    let remarks = |index| remark::of(workbook, index, &merged).iter().map(ToString::to_string).collect();
    write!(out, "{}", notation::write_with::<String>(workbook, remarks))
}
