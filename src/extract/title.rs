//! The titles of tables: one in other words may mean another table (domain D47), and where two tables look alike, the
//! title alone tells them apart.

use super::column;
use super::desk::Desk;
use super::locate::Block;
use super::words::{cut, fold, quote};
use super::{Change, Drift, Part};
use crate::cell::Cell;
use crate::finding::Severity;
use crate::schema::model::{Item, Table};

/// How far above its headings the words over a table may stand.
const ROWS_ABOVE: u32 = 3;

/// Looks at the title of each table that was found.
pub(super) fn check(desk: &mut Desk<'_>, blocks: &[Block]) {
    let section = desk.section;
    for block in blocks.iter().filter(|b| !b.twin) {
        let Some(Item::Table(table)) = section.items.get(block.item) else { continue };
        match block.title {
            Some(title) => in_other_words(desk, table, title),
            None => match above(desk, block, blocks) {
                Some(cell) => strange(desk, table, cell),
                None => untitled(desk, block, table),
            },
        }
    }
}

/// A title that is known as another word for it, or nearly it: rows and headings bear it out.
fn in_other_words(desk: &mut Desk<'_>, table: &Table, cell: Cell) {
    if desk.grid.word(cell) == Some(fold(&table.title).as_str()) {
        return;
    }
    let typed = desk.grid.text(cell);
    let at = desk.root.child(&table.key);
    desk.drift(Drift::new(Part::Table, Change::Renamed).template(&table.title).found(&typed).at([cell]));
    let message = format!("The title {} was read as “{}”.", quote(&typed), table.title);
    let mut finding = desk
        .finding("TPL-04", Severity::Note, &at, message)
        .with_help("Nothing to do if that is right.")
        .with_label(desk.place(cell), format!("title {}", quote(&typed)));
    finding.found = Some(cut(&typed));
    desk.add(finding);
}

/// The words directly above a table, if nothing else has become of them.
fn above(desk: &Desk<'_>, block: &Block, blocks: &[Block]) -> Option<Cell> {
    let top = block.headings.top;
    for row in (top.saturating_sub(ROWS_ABOVE)..top).rev() {
        let columns = block.from.saturating_sub(1)..block.to;
        let filled = desk.grid.row(row).iter().filter(|c| columns.contains(c)).map(|c| Cell::new(row, *c));
        let Some(cell) = filled.into_iter().next() else { continue };
        let others = blocks.iter().filter(|b| b.item != block.item || b.twin != block.twin);
        let inside = |b: &&Block| b.top() <= row && row <= b.end && (b.from..b.to).contains(&cell.column);
        let free = desk.grid.is_text(cell) && !desk.used(cell) && others.clone().all(|b| !inside(&b));
        return free.then_some(cell);
    }
    None
}

/// Other words than the template's over a table.
fn strange(desk: &mut Desk<'_>, table: &Table, cell: Cell) {
    let typed = desk.grid.text(cell);
    let at = desk.root.child(&table.key);
    desk.drift(Drift::new(Part::Table, Change::Guessed).template(&table.title).found(&typed).at([cell]));
    let message = format!(
        "The words over a table, {}, are not a title of the template. Its headings and rows are those of “{}”, and we read it so.",
        quote(&typed),
        table.title
    );
    let help = format!(
        "If it is that table, please put the title “{}” back. If not, please take it off the sheet.",
        table.title
    );
    let mut finding = desk
        .finding("TPL-01", Severity::Query, &at, message)
        .with_help(help)
        .with_label(desk.place(cell), format!("title {}", quote(&typed)));
    finding.found = Some(cut(&typed));
    finding.expected = Some(table.title.clone());
    finding.state = vec![(at, cut(&typed))];
    finding.consequences = table.rows.codes.len() * table.columns.len();
    desk.add(finding);
}

/// A table without a title, where another of the section looks the same: which is which must be confirmed.
fn untitled(desk: &mut Desk<'_>, block: &Block, table: &Table) {
    let columns = |t: &Table| t.columns.iter().map(|m| fold(&column::words(m))).collect::<Vec<_>>();
    let twin = desk.section.items.iter().any(|item| match item {
        Item::Table(other) => {
            other.key != table.key && other.rows.key == table.rows.key && columns(other) == columns(table)
        }
        Item::Measure(_) | Item::List(_) => false,
    });
    if !twin {
        return;
    }
    let at = desk.root.child(&table.key);
    let head = desk.place(Cell::new(block.headings.bottom, block.key));
    let corner = Cell::new(block.headings.bottom, block.key);
    desk.drift(Drift::new(Part::Table, Change::Guessed).template(&table.title).at([corner]));
    let message =
        format!("This table has no title, and more than one table looks like it. We read it as “{}”.", table.title);
    let mut finding = desk
        .finding("TPL-01", Severity::Query, &at, message)
        .with_help(format!("Please put the title “{}” above it, or the right one.", table.title))
        .with_label(head, "no title");
    finding.expected = Some(table.title.clone());
    finding.consequences = table.rows.codes.len() * table.columns.len();
    desk.add(finding);
}
