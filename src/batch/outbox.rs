//! The outbox: directories that are replaced whole, each with a manifest, and what a kill left is finished or undone.
//!
//! A new directory is written as `.next-<name>` and synced. Then it is exchanged with the old one in one step; where the
//! system cannot, the old one is moved to `.old-<name>` and the new one to `<name>`. What was replaced is removed. At any
//! instant `<name>` is the old one, the new one, or between two moves absent; which is whole, its manifest says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::{Disk, Error, disk, inbox};
use crate::export::{Receipt, json_file};
use crate::schema::is_year;

/// The directory for files whose year is not to be had.
pub(super) const UNPLACED: &str = "unplaced";
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
    /// The year that alone was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) only: Option<String>,
    /// The receipts in it, in the order of the ledger.
    #[serde(default)]
    pub(super) taken: Vec<String>,
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

impl Stored {
    fn of(bytes: &[u8]) -> Self {
        Self { sha256: disk::sha256(bytes), bytes: bytes.len() as u64 }
    }
}

/// What a directory is found to be.
enum Found {
    /// All that its manifest names and nothing else.
    Whole(Box<Manifest>),
    /// Something else, and what is wrong with it.
    Changed(String),
    Absent,
}

/// The outbox, held by this run alone.
pub(super) struct Outbox<'d> {
    root: PathBuf,
    disk: &'d dyn Disk,
    /// Held until the run ends; the system lets go of it even if the run is killed.
    _lock: Held,
    /// What an earlier run had left undone and what has been changed since, in sentences.
    pub(super) recovered: Vec<String>,
    /// The manifests of the directories that are whole.
    whole: Mutex<BTreeMap<String, Manifest>>,
}

impl<'d> Outbox<'d> {
    /// Takes hold of an outbox, makes it if need be, and puts right what a kill left.
    pub(super) fn open(root: &Path, disk: &'d dyn Disk) -> Result<Self, Error> {
        disk::make_all(disk, root)?;
        let lock = hold(&root.join(".lock"), disk)?;
        let mut outbox =
            Self { root: root.to_owned(), disk, _lock: lock, recovered: Vec::new(), whole: Mutex::default() };
        outbox.recover()?;
        for name in outbox.names()? {
            match outbox.look(&name)? {
                Found::Whole(manifest) => drop(locked(&outbox.whole).insert(name, *manifest)),
                Found::Changed(how) => outbox.recovered.push(format!(
                    "{name} is no longer as it was written ({how}): nothing of it is relied on, and the run that writes it \
                     writes it anew."
                )),
                Found::Absent => {}
            }
        }
        Ok(outbox)
    }

    /// A path in the outbox.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Finishes or undoes what an earlier run left half done. Killed at any step, it does the same the next time.
    fn recover(&mut self) -> Result<(), Error> {
        let names: BTreeSet<String> = disk::entries(&self.root)?.into_keys().collect();
        let left: BTreeSet<&str> =
            names.iter().filter_map(|n| n.strip_prefix(NEXT).or_else(|| n.strip_prefix(OLD))).collect();
        for name in left {
            let (next, old) = (format!("{NEXT}{name}"), format!("{OLD}{name}"));
            let whole = |name: &str| Ok::<_, Error>(matches!(self.look(name)?, Found::Whole(_)));
            let done = if whole(name)? {
                "it stands there as a whole, and what was left beside it was removed"
            } else if whole(&next)? {
                self.remove(&old)?;
                self.place(&next, &old, name)?;
                "the new one was whole and has taken its place"
            } else if whole(&old)? {
                self.remove(&next)?;
                self.place(&old, &next, name)?;
                "the one before was whole and is back"
            } else {
                "nothing of it was whole, and it was removed; all of it is made again from the inbox"
            };
            self.remove(&next)?;
            self.remove(&old)?;
            self.recovered.push(format!("An earlier run was stopped while it wrote {name}: {done}."));
        }
        if self.recovered.is_empty() { Ok(()) } else { self.sync(&self.root) }
    }

    /// Puts a directory that is whole in the place of another, which is afterwards in the first one's or aside.
    fn place(&self, whole: &str, aside: &str, name: &str) -> Result<(), Error> {
        let wrong = |source| Error::file(self.path(name), "put in place")(source);
        let (from, to, aside) = (self.path(whole), self.path(name), self.path(aside));
        if fs::symlink_metadata(&to).is_err() {
            self.disk.rename(&from, &to).map_err(wrong)?;
        } else if self.disk.exchange(&from, &to).is_err() {
            self.disk.rename(&to, &aside).map_err(wrong)?;
            if let Err(error) = self.disk.rename(&from, &to) {
                // Better yesterday's than none; where even that fails, the next run puts it right.
                let _ = self.disk.rename(&aside, &to);
                return Err(wrong(error));
            }
        }
        self.sync(&self.root)
    }

    fn sync(&self, path: &Path) -> Result<(), Error> {
        self.disk.sync(path).map_err(Error::file(path, "synced"))
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        disk::remove_all(self.disk, &self.path(name))
    }

    /// Begins a directory: nothing is seen of it until it is finished.
    pub(super) fn begin(&self, name: &str) -> Result<Next<'_>, Error> {
        let folder = self.path(&format!("{NEXT}{name}"));
        disk::remove_all(self.disk, &folder)?;
        disk::make_all(self.disk, &folder)?;
        let standing = locked(&self.whole).get(name).cloned();
        Ok(Next {
            outbox: self,
            name: name.to_owned(),
            folders: Mutex::new(BTreeSet::from([folder.clone()])),
            folder,
            standing,
            files: Mutex::default(),
            left: true,
        })
    }

    #[cfg(test)]
    /// Replaces a directory as a whole by these files (path below it, parted by `/`, and bytes) and their manifest.
    pub(super) fn replace(&self, manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
        let next = self.begin(&manifest.name)?;
        files.iter().try_for_each(|(path, bytes)| next.put(path, bytes))?;
        next.finish(manifest.clone())
    }

    /// Takes a directory away that is no longer needed.
    pub(super) fn withdraw(&self, name: &str) -> Result<(), Error> {
        let (from, old) = (self.path(name), format!("{OLD}{name}"));
        if fs::symlink_metadata(&from).is_err() {
            return Ok(());
        }
        locked(&self.whole).remove(name);
        // Moved away in one step: while it is being removed it would be neither there nor gone.
        self.disk.rename(&from, &self.path(&old)).map_err(Error::file(&from, "removed"))?;
        self.sync(&self.root)?;
        self.remove(&old)
    }

    /// The manifest of a directory, if it was found to hold what that names and nothing else.
    pub(super) fn intact(&self, name: &str) -> Option<Manifest> {
        locked(&self.whole).get(name).cloned()
    }

    /// The receipts in a directory that is whole, in the order in which their lines belong in the ledger.
    pub(super) fn receipts(&self, name: &str) -> Result<Vec<Receipt>, Error> {
        let taken = self.intact(name).map(|manifest| manifest.taken).unwrap_or_default();
        let receipt = |path: &String| {
            let path = self.path(name).join(path);
            let unclear = |_| Error::Unclear { path: path.clone(), what: "it should be a receipt".to_owned() };
            serde_json::from_slice(&disk::read(&path)?).map_err(unclear)
        };
        taken.iter().map(receipt).collect()
    }

    /// Looks whether a directory is what its manifest says.
    fn look(&self, name: &str) -> Result<Found, Error> {
        look(&self.root, name)
    }

    /// The directories in the outbox: years, and `unplaced`.
    pub(super) fn names(&self) -> Result<Vec<String>, Error> {
        let entries = disk::entries(&self.root)?;
        let ours = |name: &str| is_year(name) || name == UNPLACED;
        Ok(entries.into_iter().filter(|(n, p)| ours(n) && p.is_dir()).map(|(n, _)| n).collect())
    }
}

/// How a directory differs from what its manifest says, if it does: for those who only read, and hold no lock.
pub(super) fn changed(root: &Path, name: &str) -> Result<Option<String>, Error> {
    Ok(match look(root, name)? {
        Found::Whole(_) => None,
        Found::Changed(how) => Some(how),
        Found::Absent => Some("it is not there".to_owned()),
    })
}

/// Looks whether a directory is what its manifest says.
fn look(root: &Path, name: &str) -> Result<Found, Error> {
    let folder = root.join(name);
    if !folder.is_dir() {
        return Ok(Found::Absent);
    }
    let manifest = disk::read_if_there(&folder.join(MANIFEST))?;
    let Some(manifest) = manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok()) else {
        return Ok(Found::Changed(format!("it has no {MANIFEST} that can be read")));
    };
    if manifest.name != name.trim_start_matches(NEXT).trim_start_matches(OLD) {
        return Ok(Found::Changed(format!("its {MANIFEST} is about another")));
    }
    for (path, stored) in &manifest.files {
        match disk::read_if_there(&folder.join(path))? {
            None => return Ok(Found::Changed(format!("{path} is gone"))),
            Some(bytes) if Stored::of(&bytes) != *stored => {
                return Ok(Found::Changed(format!("{path} has been changed")));
            }
            Some(_) => {}
        }
    }
    let known = |path: &str| path == MANIFEST || manifest.files.contains_key(path);
    if below(&folder, "")?.iter().any(|path| !known(path)) {
        return Ok(Found::Changed("it holds a file that no run wrote".to_owned()));
    }
    Ok(Found::Whole(Box::new(manifest)))
}

/// The files below a folder, without what systems and open programs leave.
fn below(folder: &Path, prefix: &str) -> Result<Vec<String>, Error> {
    let mut out = Vec::new();
    for (name, path) in disk::entries(folder)? {
        if path.is_dir() {
            out.extend(below(&path, &format!("{prefix}{name}/"))?);
        } else if inbox::passed_over(&name).is_none() {
            out.push(format!("{prefix}{name}"));
        }
    }
    Ok(out)
}

/// What holds a lock has nothing half done in it, even where a thread failed.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory that is being written. Given up before it is finished, it is removed again.
pub(super) struct Next<'o> {
    outbox: &'o Outbox<'o>,
    name: String,
    folder: PathBuf,
    /// What stands there now, if it is whole.
    standing: Option<Manifest>,
    folders: Mutex<BTreeSet<PathBuf>>,
    files: Mutex<BTreeMap<String, Stored>>,
    /// Still to be removed.
    left: bool,
}

impl Next<'_> {
    /// Writes a file, at once and to last. From any thread; each file once. One that stands there with these very bytes is
    /// taken as it is: on most nights that is nearly all of them.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let stored = Stored::of(bytes);
        if self.standing.as_ref().is_some_and(|standing| standing.files.get(path) == Some(&stored))
            && self.link(path, &stored)?
        {
            return Ok(());
        }
        let to = self.make_way(path)?;
        let wrong = |source| Error::file(&to, "written")(source);
        self.outbox.disk.write(&to, bytes).map_err(wrong)?;
        self.outbox.disk.sync(&to).map_err(wrong)?;
        locked(&self.files).insert(path.to_owned(), stored);
        Ok(())
    }

    /// Gives a file that stands there its place in this directory too; `false` where the file system has no second names.
    fn link(&self, path: &str, stored: &Stored) -> Result<bool, Error> {
        let to = self.make_way(path)?;
        let linked = self.outbox.disk.link(&self.outbox.path(&self.name).join(path), &to).is_ok();
        if linked {
            locked(&self.files).insert(path.to_owned(), stored.clone());
        }
        Ok(linked)
    }

    /// Takes a file as it stands in the directory that this one replaces, which was found [`Outbox::intact`].
    pub(super) fn keep(&self, path: &str) -> Result<(), Error> {
        let from = self.outbox.path(&self.name).join(path);
        let Some(stored) = self.standing.as_ref().and_then(|manifest| manifest.files.get(path)) else {
            return Err(Error::file(from, "kept")(std::io::ErrorKind::NotFound.into()));
        };
        if self.link(path, stored)? { Ok(()) } else { self.put(path, &disk::read(&from)?) }
    }

    /// Makes the folders that a file lies in.
    fn make_way(&self, path: &str) -> Result<PathBuf, Error> {
        let to = self.folder.join(path);
        let above = to.parent().unwrap_or(&self.folder).to_owned();
        if !locked(&self.folders).contains(&above) {
            disk::make_all(self.outbox.disk, &above)?;
            let all = above.ancestors().take_while(|folder| folder.starts_with(&self.folder)).map(Path::to_owned);
            locked(&self.folders).extend(all);
        }
        Ok(to)
    }

    /// Writes the manifest, and puts the directory in the place of the one that stands there.
    pub(super) fn finish(mut self, manifest: Manifest) -> Result<(), Error> {
        let outbox = self.outbox;
        let files = std::mem::take(&mut *locked(&self.files));
        let manifest = Manifest { name: self.name.clone(), files, ..manifest };
        self.put(MANIFEST, &json_file(&serde_json::to_value(&manifest).unwrap_or_default()))?;
        for folder in locked(&self.folders).iter().rev() {
            outbox.sync(folder)?;
        }
        outbox.sync(&outbox.root)?;
        let (next, old) = (format!("{NEXT}{}", self.name), format!("{OLD}{}", self.name));
        outbox.place(&next, &old, &self.name)?;
        self.left = false;
        locked(&outbox.whole).insert(self.name.clone(), manifest);
        // The new one stands. Should what it replaced not go, the next run removes it, and says so.
        let _ = outbox.remove(&next).and_then(|()| outbox.remove(&old));
        Ok(())
    }
}

impl Drop for Next<'_> {
    fn drop(&mut self) {
        if self.left {
            // What is given up must not fill the disk until the next night; where it cannot go, the next run removes it.
            let _ = self.outbox.remove(&format!("{NEXT}{}", self.name));
        }
    }
}

/// The file by whose lock the outbox is held.
struct Held(File);

impl Drop for Held {
    /// Said, and not left to the closing of the file: a program that is being started at this moment, by any thread, has
    /// the open file for an instant too, and would hold the outbox for it.
    fn drop(&mut self) {
        // Where it cannot be said, closing does it.
        let _ = self.0.unlock();
    }
}

/// Takes the lock, or says who has it.
fn hold(path: &Path, disk: &dyn Disk) -> Result<Held, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let since = i64::try_from(now).ok().and_then(|now| DateTime::from_timestamp(now, 0)).unwrap_or_default();
    let me = format!("process {}{}, since {}", std::process::id(), machine(), since.format("%Y-%m-%d %H:%M UTC"));
    let (file, mine) = disk.lock(path, &me).map_err(Error::file(path, "locked"))?;
    if mine {
        return Ok(Held(file));
    }
    // Some systems do not let a locked file be read: then nobody is named.
    let holder = std::io::read_to_string(file).unwrap_or_default();
    let holder = holder.trim();
    Err(Error::Busy(if holder.is_empty() { "it does not say which".to_owned() } else { holder.to_owned() }))
}

/// On which machine this runs, where the system says so: an outbox may lie on a file server.
fn machine() -> String {
    #[cfg(unix)]
    return format!(" on {}", rustix::system::uname().nodename().to_string_lossy());
    #[cfg(not(unix))]
    String::new()
}

#[cfg(test)]
mod tests {
    use super::super::System;
    use super::*;

    fn manifest(name: &str) -> Manifest {
        Manifest {
            format: "safereturn.manifest/1".into(),
            name: name.into(),
            as_of: "2022-06-01".into(),
            inputs: "a".repeat(64),
            together: vec![name.into()],
            only: None,
            taken: vec![],
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

    /// The state of a directory, when it is looked at anew.
    fn found(root: &Path) -> (Option<Manifest>, Vec<String>) {
        let outbox = Outbox::open(root, &System).unwrap();
        (outbox.intact("2021-22"), outbox.recovered)
    }

    #[test]
    fn a_year_is_replaced_whole_and_its_manifest_knows_every_file() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path(), &System).unwrap();
        outbox.replace(&manifest("2021-22"), &files("one")).unwrap();
        outbox.replace(&manifest("2021-22"), &files("two")).unwrap();
        assert_eq!(data(folder.path()).as_deref(), Some("two"));
        assert_eq!(outbox.names().unwrap(), ["2021-22"]);
        drop(outbox);
        let (kept, said) = found(folder.path());
        assert_eq!(said, Vec::<String>::new());
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../schemas/out/manifest.json")).unwrap();
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&serde_json::to_value(&kept).unwrap()));
    }

    #[test]
    fn what_is_not_as_it_was_written_is_said_and_not_relied_on() {
        for (path, text, says) in [
            ("a/b/c.json", Some("changed"), "a/b/c.json has been changed"),
            ("a/b/c.json", None, "a/b/c.json is gone"),
            ("a/Jane Doe.xlsx", Some("one"), "it holds a file that no run wrote"),
            (MANIFEST, Some("{"), "it has no manifest.json that can be read"),
            (MANIFEST, None, "it has no manifest.json that can be read"),
            ("data/~$records.csv", Some("a lock of an open file"), ""),
            (".DS_Store", Some("the system's"), ""),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let outbox = Outbox::open(folder.path(), &System).unwrap();
            outbox.replace(&manifest("2021-22"), &files("one")).unwrap();
            drop(outbox);
            let path = folder.path().join("2021-22").join(path);
            match text {
                Some(text) => fs::write(path, text).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
            let (kept, said) = found(folder.path());
            assert_eq!((kept.is_some(), said.len()), (says.is_empty(), usize::from(!says.is_empty())), "{said:?}");
            assert!(said.iter().all(|said| said.contains(says) && !said.contains("Jane")), "{said:?}");
        }
    }

    #[test]
    fn a_file_may_be_kept_from_the_directory_that_stands() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path(), &System).unwrap();
        outbox.replace(&manifest("2021-22"), &files("one")).unwrap();
        let next = outbox.begin("2021-22").unwrap();
        next.keep("a/b/c.json").unwrap();
        next.put("data/records.csv", b"two").unwrap();
        assert!(next.put("data/records.csv", b"three").is_err(), "each file once");
        assert!(next.keep("no/such.json").is_err());
        next.finish(manifest("2021-22")).unwrap();
        drop(outbox);
        assert!(found(folder.path()).0.is_some());
        assert_eq!(data(folder.path()).as_deref(), Some("two"));
        assert_eq!(fs::read(folder.path().join("2021-22/a/b/c.json")).unwrap(), b"one");
    }

    #[test]
    fn what_is_given_up_is_removed_again() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path(), &System).unwrap();
        outbox.begin("2021-22").unwrap().put("a.json", b"one").unwrap();
        drop(outbox);
        assert_eq!(disk::entries(folder.path()).unwrap().into_keys().collect::<Vec<_>>(), [".lock"]);
    }

    #[test]
    fn whatever_a_kill_left_is_finished_or_undone() {
        // What stands there when the run is killed, and what must stand there afterwards. “half” is not what its manifest says.
        for (year, next, old, after) in [
            (Some("old"), Some("half"), None, Some("old")),
            (Some("new"), Some("old"), None, Some("new")),
            (Some("half"), Some("new"), None, Some("new")),
            (Some("half"), None, Some("old"), Some("old")),
            (Some("half"), Some("half"), Some("old"), Some("old")),
            (None, Some("half"), None, None),
            (None, Some("new"), Some("old"), Some("new")),
            (None, Some("half"), Some("old"), Some("old")),
            (None, Some("half"), Some("half"), None),
            (Some("new"), None, Some("old"), Some("new")),
            (Some("new"), None, Some("half"), Some("new")),
            (None, None, Some("old"), Some("old")),
            (None, None, Some("half"), None),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in [("2021-22", year), (".next-2021-22", next), (".old-2021-22", old)] {
                if let Some(text) = text {
                    let apart = tempfile::tempdir().unwrap();
                    let outbox = Outbox::open(apart.path(), &System).unwrap();
                    outbox.replace(&manifest("2021-22"), &files(text)).unwrap();
                    if text == "half" {
                        fs::write(apart.path().join("2021-22/a/b/c.json"), "ha").unwrap();
                    }
                    fs::rename(apart.path().join("2021-22"), folder.path().join(name)).unwrap();
                }
            }
            let outbox = Outbox::open(folder.path(), &System).unwrap();
            assert_eq!(data(folder.path()).as_deref(), after, "{year:?} {next:?} {old:?}");
            assert_eq!(outbox.intact("2021-22").is_some(), after.is_some());
            assert_eq!(outbox.recovered.len(), 1);
            let left: Vec<_> = disk::entries(folder.path()).unwrap().into_keys().collect();
            assert!(left.iter().all(|n| n == ".lock" || n == "2021-22"), "{left:?}");
        }
    }

    #[test]
    fn a_run_lets_go_of_the_outbox_though_a_program_is_being_started_beside_it() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let _ = std::process::Command::new("true").status();
                    }
                });
            }
            let busy = (0..2_000).filter(|_| Outbox::open(folder.path(), &System).is_err()).count();
            done.store(true, Ordering::Relaxed);
            assert_eq!(busy, 0, "runs that found it taken");
        });
    }

    #[test]
    fn the_second_of_two_runs_says_who_is_at_work() {
        let folder = tempfile::tempdir().unwrap();
        let first = Outbox::open(folder.path(), &System).unwrap();
        let second = Outbox::open(folder.path(), &System).err().unwrap().to_string();
        assert!(second.contains(&format!("process {} ", std::process::id())), "{second}");
        assert!(second.contains("since 20"), "{second}");
        drop(first);
        Outbox::open(folder.path(), &System).unwrap();
    }
}
