//! One side of something found across agencies, taken from the report in which its figures stand: the board keeps it as a
//! value, because it is drawn again when the report is gone.

use std::collections::BTreeMap;

use crate::board::{Drawn, Excerpt, Row, Side};
use crate::cell::{Address, Cell, column_letters};
use crate::draw::{self, Column, Line, Piece};
use crate::finding::Finding;
use crate::render::Show;
use crate::render::excerpt;
use crate::render::html::SIZE;
use crate::render::json;
use crate::render::view::Item;
use crate::report::Report;

/// What the board keeps of one side: what the body is told, its figures, the pieces of its sheets. `None` for the report
/// where no submission holds its figures any more.
#[must_use]
pub fn side(body: &str, title: &str, finding: &Finding, report: Option<&Report>) -> Side {
    let bare = Side {
        body: body.to_owned(),
        title: draw::line(title),
        submission: None,
        file: None,
        finding: None,
        figures: finding.labels.iter().map(|label| draw::line(&label.text)).collect(),
        answer: String::new(),
        excerpts: Vec::new(),
    };
    let Some(report) = report else { return bare };
    let item = Item::new(report, finding, Show::Values);
    let figure = |label: &crate::finding::Label| format!("{} ({})", label.text, report.place(&label.place));
    let excerpts = excerpt::excerpts(report, &item, &SIZE);
    Side {
        submission: report.figures.submission_no,
        file: Some(report.file.sha256.clone()),
        finding: serde_json::to_value(json::finding(&item)).ok(),
        figures: finding.labels.iter().map(|label| draw::line(&figure(label))).collect(),
        answer: item.settlement(),
        excerpts: excerpts
            .iter()
            .flat_map(|excerpt| excerpt.pieces.iter().map(|piece| kept(&item, excerpt.sheet, &excerpt.name, piece)))
            .collect(),
        ..bare
    }
}

fn kept(item: &Item<'_>, sheet: usize, name: &str, piece: &Piece) -> Excerpt {
    let columns = piece.columns.iter().map(|column| match column {
        Column::Shown { column, .. } => column_letters(*column),
        Column::Skipped => "…".to_owned(),
    });
    let marked =
        piece.lines.iter().flat_map(|line| line.cells.iter().enumerate().map(move |(i, cell)| (line, i, cell)));
    let said: BTreeMap<Cell, String> = marked
        .filter(|(_, _, cell)| cell.marked)
        .filter_map(|(line, i, _)| address(piece, line, i))
        .map(|cell| (cell, excerpt::said_in_full(item, Address::new(sheet, cell))))
        .collect();
    // `B4: Reports shared: 5,120` is kept as the address and what is said of it.
    let split = |(cell, text): (Cell, String)| {
        let address = cell.to_string();
        let rest = text.strip_prefix(&address).and_then(|rest| rest.strip_prefix(": ")).unwrap_or_default();
        (address, draw::line(rest))
    };
    Excerpt {
        sheet: name.to_owned(),
        columns: columns.collect(),
        heading: piece.heading.as_ref().map(|line| row(piece, line)),
        rows: piece.lines.iter().map(|line| row(piece, line)).collect(),
        said: said.into_iter().map(split).collect(),
    }
}

fn row(piece: &Piece, line: &Line) -> Row {
    let cells = line.cells.iter().enumerate().map(|(i, cell)| Drawn {
        text: cell.text.clone(),
        right: cell.right,
        marked: address(piece, line, i).filter(|_| cell.marked).map(|cell| cell.to_string()),
    });
    Row { row: u64::from(line.row) + 1, cells: cells.collect() }
}

fn address(piece: &Piece, line: &Line, i: usize) -> Option<Cell> {
    match piece.columns.get(i)? {
        Column::Shown { column, .. } => Some(Cell::new(line.row, *column)),
        Column::Skipped => None,
    }
}
