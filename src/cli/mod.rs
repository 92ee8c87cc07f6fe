//! The command line: what can be asked, where answers go, and with what status the program ends.
//! Findings go to standard output, everything about the running of the program to standard error.

mod check;
mod explain;
mod lint;
mod pack;
mod read;
mod reference;
mod run;
mod status;
mod template;
mod waive;
mod worker;

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use safereturn::render::{Format, Style};

/// With what status the program ends: the same whatever the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ExitStatus {
    /// 0: nothing to correct. Open queries are allowed, unless `--strict`. For `run`: everything was handled.
    Clean,
    /// 1: something is refused.
    Refused,
    /// 2: the job could not be done: arguments, schemas, files.
    Failed,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Clean => Self::from(0),
            ExitStatus::Refused => Self::from(1),
            ExitStatus::Failed => Self::from(2),
        }
    }
}

const STATUS: &str = "\
Exit status:
  0  nothing to correct (open queries allowed, unless --strict); for run: everything was handled
  1  something is refused
  2  the job could not be done: arguments, schemas, files";

/// Why the program stops before its job is done.
#[derive(Debug)]
enum Stop {
    /// The reader of our output has gone: that is its right.
    Pipe,
    /// Something to say on standard error.
    Because(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Pipe
        } else {
            Self::Because(format!("The output could not be written: {error}"))
        }
    }
}

impl From<safereturn::batch::Error> for Stop {
    fn from(error: safereturn::batch::Error) -> Self {
        Self::Because(error.to_string())
    }
}

/// What each command ends with.
type Ended = Result<ExitStatus, Stop>;

/// Checks spreadsheet returns to a safeguarding children partnership.
///
/// Given files and nothing else, it checks them and writes what it found beside each as a page: FILE.findings.html.
#[derive(Debug, Parser)]
#[command(name = "safereturn", version, after_help = STATUS, args_conflicts_with_subcommands = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Returns to check: Excel workbooks, csv files, or folders of csv files
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check returns before they are sent
    #[command(after_help = STATUS)]
    Check(CheckArguments),
    /// Run the batch: inbox to outbox, feedback, ledger
    #[command(after_help = STATUS)]
    Run(RunArguments),
    /// Write down a decision about a finding: waive it, accept an explanation or send it back, say which file to use
    #[command(after_help = waive::HELP)]
    Waive(waive::Arguments),
    /// Show who has returned what, what is owed, what is open and what moved
    #[command(after_help = STATUS)]
    Status(StatusArguments),
    /// Write the workbooks to send out for a year
    Template(TemplateArguments),
    /// Say what a rule means, with an example that fails and one that passes
    Explain(ExplainArguments),
    /// Show what the reader sees: every sheet and cell with its address
    Read(ReadArguments),
    /// Look after the schema pack
    #[command(subcommand)]
    Schemas(SchemasCommand),
    /// Read files for a run
    #[command(hide = true)]
    Worker(WorkerArguments),
}

#[derive(Debug, clap::Args)]
struct CheckArguments {
    /// Returns to check: Excel workbooks, csv files, or folders of csv files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// How to say it
    #[arg(long, default_value = "human", value_parser = formats())]
    format: Format,
    /// Last year's return of the same body, to compare with
    #[arg(long, value_name = "FILE")]
    last: Option<PathBuf>,
    /// Open queries refuse too
    #[arg(long)]
    strict: bool,
    /// The schema pack to check with [default: the one inside the program]
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    /// The body that the return must be from
    #[arg(long)]
    body: Option<String>,
    /// The year that the return must be for, such as 2021-22
    #[arg(long)]
    year: Option<String>,
    /// The date to check for [default: as-of.txt of the inbox the file lies in, else today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<NaiveDate>,
    /// Show every finding, however many
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
struct RunArguments {
    /// Where the returns lie, one folder a body
    #[arg(long, value_name = "DIR", default_value = "inbox")]
    inbox: PathBuf,
    /// Where the results go
    #[arg(long, value_name = "DIR", default_value = "outbox")]
    outbox: PathBuf,
    /// The schema pack [default: schemas beside the inbox, else the one inside the program]
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    /// The date of the run [default: as-of.txt in the inbox, else today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<NaiveDate>,
    /// Write this year only
    #[arg(long)]
    year: Option<String>,
    /// Threads; 0 is one a processor. The result is the same with any number
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Add a log to this file (“-”: standard error): each submission and each finding by its cell, never a value
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Read the files without worker processes
    #[arg(long, hide = true)]
    in_process: bool,
    /// Memory of a worker process, in megabytes
    #[arg(long, hide = true, value_name = "MB")]
    memory: Option<u64>,
}

#[derive(Debug, clap::Args)]
struct StatusArguments {
    /// The year, such as 2021-22 [default: the newest in the outbox]
    year: Option<String>,
    /// The outbox
    #[arg(long, value_name = "DIR", default_value = "outbox")]
    outbox: PathBuf,
    /// The date to reckon ages and lateness for [default: today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<NaiveDate>,
    /// How to show it
    #[arg(long, default_value = "human", value_parser = ["human", "json"])]
    format: String,
}

#[derive(Debug, clap::Args)]
struct WorkerArguments {
    /// Memory of this process, in megabytes
    #[arg(long, value_name = "MB")]
    memory: u64,
    /// The schema pack [default: the one inside the program]
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct TemplateArguments {
    /// Bodies [default: all in the register]
    #[arg(value_name = "BODY")]
    bodies: Vec<String>,
    /// The collection year [default: the latest that is open]
    #[arg(long)]
    year: Option<String>,
    /// Where to write them
    #[arg(long, value_name = "DIR", default_value = "templates")]
    out: PathBuf,
    /// The outbox with what was accepted last year: its open recommendations are filled in
    #[arg(long, value_name = "DIR", default_value = "outbox")]
    outbox: PathBuf,
    /// Last year's return of the body, to fill in its open recommendations from instead of the outbox
    #[arg(long, value_name = "FILE")]
    last: Option<PathBuf>,
    /// The schema pack [default: the one inside the program]
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ExplainArguments {
    /// The rule, such as STK-02; none: a list of all
    code: Option<String>,
    /// Show the whole returns of the examples, not only where they differ
    #[arg(long)]
    all: bool,
    /// The schema pack [default: the one inside the program]
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ReadArguments {
    /// An Excel workbook, a csv file, or a folder of csv files
    file: PathBuf,
    /// How to show it
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

#[derive(Debug, Subcommand)]
enum SchemasCommand {
    /// Say whether a pack is sound; every mistake at its place
    Lint {
        /// The pack [default: the one inside the program]
        #[arg(long, value_name = "DIR")]
        schemas: Option<PathBuf>,
    },
    /// Write the reference: pages on every section, figure, rule and code, to read in a browser
    Reference {
        /// Where to write them
        #[arg(long, value_name = "DIR", default_value = "reference")]
        out: PathBuf,
        /// The pack [default: the one inside the program]
        #[arg(long, value_name = "DIR")]
        schemas: Option<PathBuf>,
    },
    /// Count sections, rules with their cases, and what the founding documents name
    Count {
        /// The pack [default: the one inside the program]
        #[arg(long, value_name = "DIR")]
        schemas: Option<PathBuf>,
    },
}

/// Parses the arguments, does what is asked and ends with the status that tells.
pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too, with status 0. If nobody reads them any more, that is no failure.
            let status = u8::try_from(error.exit_code()).unwrap_or(2);
            return if error.print().is_err() { ExitCode::SUCCESS } else { ExitCode::from(status) };
        }
    };
    // A worker's output is locked for each answer only: a print by accident from another thread must not hang it.
    let mut out = io::BufWriter::new(io::stdout());
    let ended = match arguments.command {
        Some(Command::Worker(arguments)) => worker::worker(&arguments),
        None => check::beside(&arguments.files, &mut out),
        Some(Command::Check(arguments)) => check::check(&arguments, &mut out),
        Some(Command::Run(arguments)) => run::run(&arguments, &mut out),
        Some(Command::Waive(arguments)) => waive::waive(&arguments, &mut out),
        Some(Command::Status(arguments)) => status::status(&arguments, &mut out),
        Some(Command::Template(arguments)) => template::template(&arguments, &mut out),
        Some(Command::Explain(arguments)) => explain::explain(&arguments, &mut out),
        Some(Command::Read(arguments)) => read::read(&arguments, &mut out),
        Some(Command::Schemas(SchemasCommand::Lint { schemas })) => lint::lint(schemas.as_deref(), &mut out),
        Some(Command::Schemas(SchemasCommand::Reference { out: to, schemas })) => {
            reference::reference(schemas.as_deref(), &to, &mut out)
        }
        Some(Command::Schemas(SchemasCommand::Count { schemas })) => reference::count(schemas.as_deref(), &mut out),
    };
    let ended = ended.and_then(|status| out.flush().map(|()| status).map_err(Stop::from));
    match ended {
        Ok(status) => status.into(),
        Err(Stop::Pipe) => ExitStatus::Clean.into(),
        Err(Stop::Because(why)) => {
            // What was found before is still worth reading.
            drop(out.flush());
            say(&why);
            ExitStatus::Failed.into()
        }
    }
}

/// Says something about the running of the program. If nobody can hear it, the job goes on.
fn say(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// How human views look on this standard output.
fn style(all: bool) -> Style {
    let terminal = io::stdout().is_terminal();
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let style = Style::default();
    Style {
        width: set("COLUMNS").filter(|_| terminal).and_then(|c| c.parse().ok()).unwrap_or(style.width),
        colour: terminal && set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb"),
        limit: if all { None } else { style.limit },
        ..style
    }
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .map(|name| Format::from_name(&name).unwrap_or(Format::Human))
}

fn date(text: &str) -> Result<NaiveDate, String> {
    safereturn::batch::date(text).ok_or_else(|| "a date is written 2022-06-30 or 30/06/2022".to_owned())
}
