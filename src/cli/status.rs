//! `status`: the board of a year on a terminal, read from the outbox and drawn for today.

use std::io::Write;

use safereturn::batch;
use safereturn::render;

use super::{Ended, ExitStatus, StatusArguments, say};

/// Prints the board of a year.
pub(super) fn status(arguments: &StatusArguments, out: &mut dyn Write) -> Ended {
    let look = batch::look(&arguments.outbox, arguments.year.as_deref())?;
    let settled = look.board.as_of;
    let today = arguments.as_of.unwrap_or_else(batch::today);
    let year = look.board.year.clone();
    let board = look.board.on(today);
    if arguments.format == "json" {
        write!(out, "{}", render::board_json(&board))?;
    } else {
        write!(out, "{}", render::status(&board))?;
        writeln!(out)?;
        if settled != today {
            writeln!(out, "What has come and how it stands is of the run of {}.", settled.format("%-d %B %Y"))?;
        }
        if look.years.len() > 1 {
            writeln!(out, "Years in this outbox: {}.", look.years.join(", "))?;
        }
        writeln!(out, "The whole board: {}", arguments.outbox.join(&year).join("status.html").display())?;
    }
    if let Some(how) = look.changed {
        say(&format!(
            "{year} in this outbox is no longer as it was written ({how}), so something else has changed it: do not rely \
             on it. The next `safereturn run` writes it anew."
        ));
    }
    Ok(ExitStatus::Clean)
}
