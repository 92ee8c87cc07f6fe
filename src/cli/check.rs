//! `check`, and the bare `safereturn FILE…` of a double click: one file in, findings out.

use std::io::Write;
use std::path::{Path, PathBuf};

use safereturn::batch::{self, Checker as _};
use safereturn::extract::{Context, Return};
use safereturn::finding::Severity;
use safereturn::render::{Format, Style, render};
use safereturn::report::{Outcome, Report};
use safereturn::schema::{Schemas, year_before};

use super::{CheckArguments, Ended, ExitStatus, Stop, pack, say, style};

/// Checks files and writes what was found to standard output.
pub(super) fn check(arguments: &CheckArguments, out: &mut dyn Write) -> Ended {
    let several = arguments.files.len() > 1;
    if several && arguments.format == Format::Html {
        return Err(Stop::Because("A page is about one return: please give one file with --format html.".to_owned()));
    }
    let schemas = pack::load(arguments.schemas.as_deref())?;
    let last = arguments
        .last
        .as_deref()
        .map(|path| last(path, Context { expected_year: None, ..context(path, arguments)? }, &schemas))
        .transpose()?;
    let style = style(arguments.all);
    let mut status = ExitStatus::Clean;
    let mut written = 0;
    for path in &arguments.files {
        let report = match report(path, arguments, last.as_ref(), &schemas) {
            Ok(report) => report,
            // The other files are checked all the same.
            Err(error) => {
                say(&error.to_string());
                status = ExitStatus::Failed;
                continue;
            }
        };
        status = status.max(outcome(&report, arguments.strict));
        let text = render(&report, arguments.format, &style);
        // Several documents make one list, so that the output is still one document.
        match (arguments.format, several, written) {
            (Format::Json, true, 0) => write!(out, "[\n{}", text.trim_end())?,
            (Format::Json, true, _) => write!(out, ",\n{}", text.trim_end())?,
            (_, _, 0) => write!(out, "{text}")?,
            (_, _, _) => write!(out, "\n{text}")?,
        }
        written += 1;
    }
    if several && arguments.format == Format::Json {
        writeln!(out, "{}]", if written == 0 { "[" } else { "\n" })?;
    }
    Ok(status)
}

/// Checks files, shows what was found and writes it beside each as a page.
pub(super) fn beside(files: &[PathBuf], out: &mut dyn Write) -> Ended {
    let schemas = pack::load(None)?;
    let arguments = CheckArguments {
        files: Vec::new(),
        format: Format::Human,
        last: None,
        strict: false,
        schemas: None,
        body: None,
        year: None,
        as_of: None,
        all: false,
    };
    let mut status = ExitStatus::Clean;
    for path in files {
        let written = report(path, &arguments, None, &schemas).map_err(Stop::from).and_then(|report| {
            write!(out, "{}", render(&report, Format::Human, &style(false)))?;
            let mut page = path.clone().into_os_string();
            page.push(".findings.html");
            let page = PathBuf::from(page);
            let all = Style { limit: None, ..Style::default() };
            batch::write_whole(&page, render(&report, Format::Html, &all).as_bytes())?;
            writeln!(out, "\nThe same as a page, to read or print: {}", page.display())?;
            Ok(outcome(&report, false))
        });
        match written {
            Ok(ended) => status = status.max(ended),
            Err(Stop::Pipe) => return Err(Stop::Pipe),
            Err(Stop::Because(why)) => {
                say(&why);
                status = ExitStatus::Failed;
            }
        }
    }
    Ok(status)
}

fn outcome(report: &Report, strict: bool) -> ExitStatus {
    match report.outcome {
        Outcome::Refused => ExitStatus::Refused,
        Outcome::Queried if strict => ExitStatus::Refused,
        // A query about no section of its own (on the cover, on what is owed) is an open query all the same.
        Outcome::Accepted if strict && report.open(Severity::Query) > 0 => ExitStatus::Refused,
        Outcome::Accepted | Outcome::Queried => ExitStatus::Clean,
    }
}

fn report(
    path: &Path,
    arguments: &CheckArguments,
    last: Option<&Return>,
    schemas: &Schemas,
) -> Result<Report, batch::Error> {
    let context = context(path, arguments)?;
    let opened = schemas.open(&batch::read_submission(path)?);
    let last = last.filter(|last| {
        let year = schemas.sight(&opened, &context).year;
        let follows = year_before(&year).is_some_and(|before| before == last.year);
        if !follows {
            let (file, year) = (path.display(), if year.is_empty() { "no year that can be read" } else { &year });
            say(&format!(
                "{file} is for {year}, the return given with --last for {}: they are not compared.",
                last.year
            ));
        }
        follows
    });
    Ok(schemas.check(&opened, &Context { last: last.cloned(), ..context }))
}

/// What is known from outside the file.
fn context(path: &Path, arguments: &CheckArguments) -> Result<Context, batch::Error> {
    // A file that lies in an inbox is checked for the date of that inbox, as the batch would.
    let inbox = path.parent().and_then(Path::parent);
    let as_of = match (arguments.as_of, inbox) {
        (Some(date), _) => date,
        (None, Some(inbox)) => batch::as_of_file(inbox)?.unwrap_or_else(batch::today),
        (None, None) => batch::today(),
    };
    Ok(Context { expected_body: arguments.body.clone(), expected_year: arguments.year.clone(), ..Context::on(as_of) })
}

/// Last year's figures, as far as they are right.
pub(super) fn last(path: &Path, context: Context, schemas: &Schemas) -> Result<Return, Stop> {
    let report = schemas.check(&schemas.open(&batch::read_submission(path)?), &context);
    safereturn::before::usable(&report).ok_or_else(|| {
        let why = report.findings.first().map_or("", |finding| finding.message.as_str());
        Stop::Because(format!("{}, given with --last, cannot be used. {why}", path.display()))
    })
}
