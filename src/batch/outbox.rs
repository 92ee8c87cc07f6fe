//! The outbox: directories that are replaced whole, each with a manifest, and what a kill left is finished or undone.
//!
//! A new directory is written as `.next-<name>` and synced. Then the old one is moved to `.old-<name>`, the new one to
//! `<name>`, and the old one removed. At any instant `<name>` is the old one, the new one, or between the two moves absent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Error, disk};
use crate::export::json_file;

/// The file that says what a directory was made from and what it holds.
const MANIFEST: &str = "manifest.json";
const NEXT: &str = ".next-";
const OLD: &str = ".old-";

/// What a directory was made from, and every file in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) name: String,
    pub(super) as_of: String,
    /// Hash of all that the run was given.
    pub(super) inputs: String,
    /// The directories that this run writes.
    pub(super) together: Vec<String>,
    pub(super) pack: String,
    pub(super) pack_sha256: String,
    pub(super) program: String,
    pub(super) files: BTreeMap<String, Stored>,
}

/// One file of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    sha256: String,
    bytes: u64,
}

/// The outbox, held by this run alone.
#[derive(Debug)]
pub(super) struct Outbox {
    root: PathBuf,
    /// Held until the run ends; the system lets go of it even if the run is killed.
    _lock: File,
    /// What an earlier run had left undone, in sentences.
    pub(super) recovered: Vec<String>,
}

impl Outbox {
    /// Takes hold of an outbox, makes it if need be, and puts right what a kill left.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::file(root, "made"))?;
        let lock = hold(&root.join(".lock"))?;
        let mut outbox = Self { root: root.to_owned(), _lock: lock, recovered: Vec::new() };
        outbox.recover()?;
        Ok(outbox)
    }

    /// A path in the outbox.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn recover(&mut self) -> Result<(), Error> {
        let names: BTreeSet<String> = disk::entries(&self.root)?.into_keys().collect();
        let left: BTreeSet<&str> =
            names.iter().filter_map(|n| n.strip_prefix(NEXT).or_else(|| n.strip_prefix(OLD))).collect();
        for name in left {
            let (next, old) = (format!("{NEXT}{name}"), format!("{OLD}{name}"));
            let there = (names.contains(name), names.contains(&next), names.contains(&old));
            let done = match there {
                // Killed between the two moves: the new one was complete before the old one was moved.
                (false, true, true) => {
                    self.rename(&next, name)?;
                    "the new one was complete and has taken its place"
                }
                (false, false, true) => {
                    self.rename(&old, name)?;
                    "the old one is back"
                }
                // Killed while writing: how much of it is there nobody knows.
                (_, true, _) => {
                    self.remove(&next)?;
                    "half a new one was removed"
                }
                (_, false, _) => "the one it replaced was removed",
            };
            if there.2 && names.contains(&old) {
                self.remove(&old)?;
            }
            self.recovered.push(format!("An earlier run was stopped while it wrote {name}: {done}."));
        }
        disk::sync_folder(&self.root)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        fs::rename(self.path(from), self.path(to)).map_err(Error::file(self.path(to), "put in place"))
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        match fs::remove_dir_all(&path) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(Error::file(path, "removed")(e)),
        }
    }

    /// Replaces a directory as a whole by these files (path below it, parted by `/`, and bytes) and their manifest.
    pub(super) fn replace(&self, manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
        let stored = files
            .iter()
            .map(|(path, bytes)| (path.clone(), Stored { sha256: disk::sha256(bytes), bytes: bytes.len() as u64 }))
            .collect();
        let manifest = Manifest { files: stored, ..manifest.clone() };
        let name = manifest.name.clone();
        let next = self.path(&format!("{NEXT}{name}"));
        let mut folders = BTreeSet::from([next.clone()]);
        for path in files.keys() {
            let path = next.join(path);
            folders.extend(path.ancestors().skip(1).take_while(|p| p.starts_with(&next)).map(Path::to_owned));
        }
        for folder in &folders {
            fs::create_dir_all(folder).map_err(Error::file(folder, "made"))?;
        }
        for (path, bytes) in files {
            disk::write_new(&next.join(path), bytes)?;
        }
        let json = serde_json::to_value(&manifest).unwrap_or_default();
        disk::write_new(&next.join(MANIFEST), &json_file(&json))?;
        for folder in folders.iter().rev() {
            disk::sync_folder(folder)?;
        }
        disk::sync_folder(&self.root)?;
        self.exchange(&name)
    }

    fn exchange(&self, name: &str) -> Result<(), Error> {
        let (next, old) = (format!("{NEXT}{name}"), format!("{OLD}{name}"));
        if self.path(name).exists() {
            self.rename(name, &old)?;
        }
        self.rename(&next, name)?;
        disk::sync_folder(&self.root)?;
        self.remove(&old)
    }

    /// Takes a directory away that is no longer needed.
    pub(super) fn withdraw(&self, name: &str) -> Result<(), Error> {
        self.remove(name)?;
        disk::sync_folder(&self.root)
    }

    /// The manifest of a directory, if there is one and every file it names is there as it was written.
    pub(super) fn intact(&self, name: &str) -> Result<Option<Manifest>, Error> {
        let folder = self.path(name);
        let Some(bytes) = disk::read_if_there(&folder.join(MANIFEST))? else { return Ok(None) };
        let Ok(manifest) = serde_json::from_slice::<Manifest>(&bytes) else { return Ok(None) };
        for (path, stored) in &manifest.files {
            let bytes = disk::read_if_there(&folder.join(path))?;
            if bytes.is_none_or(|bytes| disk::sha256(&bytes) != stored.sha256) {
                return Ok(None);
            }
        }
        Ok(Some(manifest))
    }

    /// The directories in the outbox: years, and `unplaced`.
    pub(super) fn names(&self) -> Result<Vec<String>, Error> {
        let entries = disk::entries(&self.root)?;
        Ok(entries.into_iter().filter(|(n, p)| !n.starts_with('.') && p.is_dir()).map(|(n, _)| n).collect())
    }
}

/// Takes the lock, or says who has it.
fn hold(path: &Path) -> Result<File, Error> {
    let wrong = |source| Error::file(path, "locked")(source);
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| writeln!(file, "process {}", std::process::id()))
                .map_err(wrong)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Some systems do not let a locked file be read: then nobody is named.
            let named = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
            Err(Error::Busy(if named { holder.trim().to_owned() } else { "it does not say which".to_owned() }))
        }
        Err(TryLockError::Error(e)) => Err(wrong(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str) -> Manifest {
        Manifest {
            format: "safereturn.manifest/1".into(),
            name: name.into(),
            as_of: "2022-06-01".into(),
            inputs: "a".repeat(64),
            together: vec![name.into()],
            pack: "p 1".into(),
            pack_sha256: "ab".into(),
            program: "safereturn 0.1.0".into(),
            files: BTreeMap::new(),
        }
    }

    fn files(text: &str) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("data/records.csv".to_owned(), text.into()), ("a/b/c.json".to_owned(), text.into())])
    }

    fn data(root: &Path) -> Option<String> {
        fs::read_to_string(root.join("2021-22/data/records.csv")).ok()
    }

    #[test]
    fn a_year_is_replaced_whole_and_its_manifest_knows_every_file() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.replace(&manifest("2021-22"), &files("one")).unwrap();
        outbox.replace(&manifest("2021-22"), &files("two")).unwrap();
        assert_eq!(data(folder.path()).as_deref(), Some("two"));
        assert_eq!(outbox.names().unwrap(), ["2021-22"]);
        let kept = outbox.intact("2021-22").unwrap().unwrap();
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../schemas/out/manifest.json")).unwrap();
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&serde_json::to_value(&kept).unwrap()));
        fs::write(folder.path().join("2021-22/a/b/c.json"), "changed").unwrap();
        assert_eq!(outbox.intact("2021-22").unwrap(), None);
    }

    #[test]
    fn whatever_a_kill_left_is_finished_or_undone() {
        // What stands there when the run is killed, and what must stand there afterwards.
        for (year, next, old, after) in [
            (Some("old"), Some("half"), None, Some("old")),
            (None, Some("half"), None, None),
            (None, Some("new"), Some("old"), Some("new")),
            (Some("new"), None, Some("old"), Some("new")),
            (None, None, Some("old"), Some("old")),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in [("2021-22", year), (".next-2021-22", next), (".old-2021-22", old)] {
                if let Some(text) = text {
                    fs::create_dir_all(folder.path().join(name).join("data")).unwrap();
                    fs::write(folder.path().join(name).join("data/records.csv"), text).unwrap();
                }
            }
            let outbox = Outbox::open(folder.path()).unwrap();
            assert_eq!(data(folder.path()).as_deref(), after, "{year:?} {next:?} {old:?}");
            assert_eq!(outbox.recovered.len(), 1);
            let left: Vec<_> = disk::entries(folder.path()).unwrap().into_keys().collect();
            assert!(left.iter().all(|n| n == ".lock" || n == "2021-22"), "{left:?}");
        }
    }

    #[test]
    fn the_second_of_two_runs_says_who_is_at_work() {
        let folder = tempfile::tempdir().unwrap();
        let first = Outbox::open(folder.path()).unwrap();
        let second = Outbox::open(folder.path()).unwrap_err().to_string();
        assert!(second.contains(&format!("process {}", std::process::id())), "{second}");
        drop(first);
        Outbox::open(folder.path()).unwrap();
    }
}
