//! What an outbox holds of a year's board, for those who only look: nothing is locked, nothing is written.

use std::path::{Path, PathBuf};

use super::{Error, disk, outbox};
use crate::board::{Board, FORMAT};
use crate::schema::is_year;

/// The board of a year as an outbox holds it.
#[derive(Debug)]
pub struct Look {
    /// The years that the outbox holds, oldest first.
    pub years: Vec<String>,
    /// The board.
    pub board: Board,
    /// How the year differs from what its manifest says, if it does: then something else has changed it.
    pub changed: Option<String>,
}

/// Looks at the board of a year; of the newest if none is named.
///
/// # Errors
/// There is no outbox, it holds no such year, or its board cannot be read.
pub fn look(root: &Path, year: Option<&str>) -> Result<Look, Error> {
    let unclear = |path: PathBuf, what: String| Error::Unclear { path, what };
    let years: Vec<String> = if root.is_dir() {
        disk::entries(root)?.into_iter().filter(|(name, path)| is_year(name) && path.is_dir()).map(|(n, _)| n).collect()
    } else {
        return Err(unclear(root.to_owned(), "there is no outbox here; `safereturn run` makes one".to_owned()));
    };
    let year = match (year, years.last()) {
        (Some(year), _) if years.iter().any(|known| known == year) => year.to_owned(),
        (None, Some(newest)) => newest.clone(),
        (Some(year), Some(_)) => {
            let what = format!("it holds nothing of {year}; it holds {}", years.join(", "));
            return Err(unclear(root.to_owned(), what));
        }
        (_, None) => {
            let what = "it holds no year; `safereturn run` makes them from the inbox".to_owned();
            return Err(unclear(root.to_owned(), what));
        }
    };
    let path = root.join(&year).join("status.json");
    let bytes = disk::read(&path)?;
    let board: Board = serde_json::from_slice(&bytes).map_err(|_| {
        let what = "this is no board that this program can read; `safereturn run` writes it anew".to_owned();
        unclear(path.clone(), what)
    })?;
    if board.format != FORMAT || board.year != year {
        return Err(unclear(path, format!("this is not the board of {year} in the form {FORMAT}")));
    }
    Ok(Look { changed: outbox::changed(root, &year)?, years, board })
}
