//! Which parts of an Office file are what: the workbook, its sheets and their notes. What a sheet holds is left to
//! `structure` and `xlsx`.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{Archive, Refusal, SHEETS, Tally, sweep};
use super::scan::{Looks, Tag, Token};

/// A sheet as the workbook lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its name.
    pub(super) name: String,
    /// The part that holds it.
    pub(super) part: String,
    /// The part that holds its notes, if any.
    pub(super) notes: Option<String>,
    /// The part that holds its threads of comments, if any; the notes then repeat them for older programs.
    pub(super) threads: Option<String>,
    /// The part that holds its text boxes, charts and pictures, if any.
    pub(super) drawing: Option<String>,
    /// It holds cells (a chart sheet does not).
    pub(super) cells: bool,
}

/// The parts of a zip by name; case and the direction of slashes do not count.
pub(super) struct Parts {
    places: BTreeMap<String, usize>,
}

impl Parts {
    /// The names in the directory.
    pub(super) fn new(archive: &Archive<'_>) -> Self {
        let mut places = BTreeMap::new();
        for i in 0..archive.len() {
            if let Some(Ok(name)) = archive.name_for_index(i) {
                places.insert(key(&name), i);
            }
        }
        Self { places }
    }

    /// Where a part stands in the directory.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&key(name)).copied()
    }

    /// All names, in lower case.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// Scans one part, showing each token to `visit`.
    pub(super) fn sweep(
        &self,
        name: &str,
        archive: &mut Archive<'_>,
        tally: &mut Tally,
        visit: impl FnMut(Token<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let place = self.place(name).ok_or_else(Refusal::damaged)?;
        match sweep_at(place, archive, tally, visit)? {
            Looks::Xml | Looks::Utf16 => Ok(()),
            Looks::Other => Err(Refusal::damaged()),
        }
    }
}

/// Scans the part at a place of the directory.
pub(super) fn sweep_at(
    place: usize,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
    visit: impl FnMut(Token<'_>) -> Result<(), Refusal>,
) -> Result<Looks, Refusal> {
    let part = archive.by_index(place).map_err(|_| Refusal::damaged())?;
    let size = part.size();
    sweep(part, size, tally, visit)
}

fn key(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_ascii_lowercase()
}

/// The part that a relationship of a part at `from` points to.
fn resolve(from: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

/// A relationship.
pub(super) struct Relation {
    /// What kind: the last word of its type.
    pub(super) kind: String,
    /// The part it leads to.
    pub(super) target: String,
}

/// The relationships of a part, by id.
pub(super) fn relations(
    of: &str,
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<BTreeMap<String, Relation>, Refusal> {
    let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
    let name = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
    let mut found = BTreeMap::new();
    if parts.place(&name).is_none() {
        return Ok(found);
    }
    parts.sweep(&name, archive, tally, |token| {
        if let Token::Open(tag) = token
            && tag.name() == b"Relationship"
            && let (Some(id), Some(kind), Some(target)) = (tag.text(b"Id"), tag.text(b"Type"), tag.text(b"Target"))
        {
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            found.insert(id, Relation { kind, target: resolve(of, &target) });
        }
        Ok(())
    })?;
    Ok(found)
}

/// The part that is the workbook, and its relationships.
pub(super) fn book(
    parts: &Parts,
    archive: &mut Archive<'_>,
    tally: &mut Tally,
) -> Result<(String, BTreeMap<String, Relation>), Refusal> {
    // The package's own relationships have no part before them, so their name is that of an empty one.
    let root = relations("", parts, archive, tally)?;
    let book = root.into_values().find(|r| r.kind == "officeDocument").ok_or_else(Refusal::damaged)?.target;
    let links = relations(&book, parts, archive, tally)?;
    Ok((book, links))
}

/// The sheets of a workbook in its order.
pub(super) fn sheets(parts: &Parts, archive: &mut Archive<'_>, tally: &mut Tally) -> Result<Vec<Listed>, Refusal> {
    let (book, links) = book(parts, archive, tally)?;
    let mut listed = Vec::new();
    let mut names = BTreeSet::new();
    parts.sweep(&book, archive, tally, |token| {
        let Token::Open(tag) = token else { return Ok(()) };
        if tag.name() == b"sheet" {
            listed.push(sheet(&tag, &links)?);
            if listed.len() > SHEETS {
                return Err(Refusal::too_large(&format!("it has more than {SHEETS} sheets")));
            }
            if listed.last().is_some_and(|s: &Listed| !names.insert(s.name.to_lowercase())) {
                return Err(Refusal::damaged());
            }
        }
        Ok(())
    })?;
    if listed.is_empty() {
        return Err(Refusal::damaged());
    }
    for sheet in &mut listed {
        for relation in relations(&sheet.part, parts, archive, tally)?.into_values() {
            let part = Some(relation.target).filter(|part| parts.place(part).is_some());
            match relation.kind.as_str() {
                "comments" => sheet.notes = part,
                "threadedComment" => sheet.threads = part,
                "drawing" => sheet.drawing = part,
                _ => {}
            }
        }
    }
    Ok(listed)
}

/// Whether a workbook only calculates when it is asked to, so that the results of its formulas may be old.
pub(super) fn by_hand(parts: &Parts, archive: &mut Archive<'_>, tally: &mut Tally) -> Result<bool, Refusal> {
    let root = relations("", parts, archive, tally)?;
    let book = root.into_values().find(|r| r.kind == "officeDocument").ok_or_else(Refusal::damaged)?.target;
    let mut by_hand = false;
    parts.sweep(&book, archive, tally, |token| {
        if let Token::Open(tag) = token
            && tag.name() == b"calcPr"
        {
            by_hand |= tag.text(b"calcMode").is_some_and(|mode| mode == "manual");
        }
        Ok(())
    })?;
    Ok(by_hand)
}

fn sheet(tag: &Tag<'_>, links: &BTreeMap<String, Relation>) -> Result<Listed, Refusal> {
    let link = tag.text(b"id").and_then(|id| links.get(&id)).ok_or_else(Refusal::damaged)?;
    // The reader of values opens no workbook that has one.
    if link.kind.to_lowercase().ends_with("macrosheet") {
        return Err(Refusal::unsafe_file("it has a sheet of macros, as Excel wrote them before 1997"));
    }
    Ok(Listed {
        name: tag.text(b"name").unwrap_or_default(),
        part: link.target.clone(),
        notes: None,
        threads: None,
        drawing: None,
        cells: link.kind == "worksheet",
    })
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn targets_are_found_from_where_they_are_named() {
        assert_eq!(resolve("xl/workbook.xml", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl/workbook.xml", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl/worksheets/sheet1.xml", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolve("", "xl/workbook.xml"), "xl/workbook.xml");
    }
}
