//! Reads and writes files. All that is done to an outbox goes through [`Disk`], so that a test can let each step fail.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Error;
use crate::workbook::{Content, Submission};

/// What the batch does to an outbox, one step of the system each.
pub trait Disk: Sync {
    /// Makes one folder; the one above it is there.
    ///
    /// # Errors
    /// As of the system; so with all of these.
    fn make(&self, folder: &Path) -> io::Result<()>;
    /// Writes a file that is not there yet.
    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Cuts a file off at a length, or makes it.
    fn cut(&self, file: &Path, length: u64) -> io::Result<()>;
    /// Writes on at the end of a file.
    fn append(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Makes what a file holds last through a power cut; of a folder, which entries it has, where the system can.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Moves a folder to a name that is free.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Puts two folders in each other's place, in one step; `Unsupported` where that cannot be had.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Gives a file a second name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file, or a folder that is empty.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Opens a file without a name in a folder, which is gone when it is closed.
    fn scratch(&self, folder: &Path) -> io::Result<File>;
    /// Writes on into such a file.
    fn scribble(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
    /// Opens a file, or makes it, locks it until it is closed and writes into it by whom: the file, and whether nobody
    /// else has it.
    fn lock(&self, file: &Path, by: &str) -> io::Result<(File, bool)>;
}

/// The disk as the system has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Disk for System {
    fn make(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir(folder)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        File::create_new(file)?.write_all(bytes)
    }

    fn cut(&self, file: &Path, length: u64) -> io::Result<()> {
        OpenOptions::new().create(true).truncate(false).write(true).open(file)?.set_len(length)
    }

    fn append(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().append(true).open(file)?.write_all(bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a folder cannot be synced, and a file only by those who may write to it.
        if cfg!(unix) {
            File::open(path)?.sync_all()
        } else if path.is_dir() {
            Ok(())
        } else {
            OpenOptions::new().write(true).open(path)?.sync_all()
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        return Ok(rustix::fs::renameat_with(
            rustix::fs::CWD,
            one,
            rustix::fs::CWD,
            other,
            rustix::fs::RenameFlags::EXCHANGE,
        )?);
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (one, other);
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) }
    }

    fn scratch(&self, folder: &Path) -> io::Result<File> {
        tempfile::tempfile_in(folder)
    }

    fn scribble(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn lock(&self, file: &Path, by: &str) -> io::Result<(File, bool)> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(file)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                writeln!(file, "{by}")?;
                Ok((file, true))
            }
            Err(TryLockError::WouldBlock) => Ok((file, false)),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Makes a folder and those above it, through a disk.
pub(super) fn make_all(disk: &dyn Disk, folder: &Path) -> Result<(), Error> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_all(disk, above)?;
    }
    match disk.make(folder) {
        // Another thread was faster.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made.map_err(Error::file(folder, "made")),
    }
}

/// Removes a folder with all that is in it, if it is there.
pub(super) fn remove_all(disk: &dyn Disk, folder: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(folder) {
        Ok(of) if of.is_dir() => entries(folder)?.values().try_for_each(|path| remove_all(disk, path))?,
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::file(folder, "removed")(e)),
    }
    disk.remove(folder).map_err(Error::file(folder, "removed"))
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a whole file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::file(path, "read"))
}

/// Reads a file if it is there.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::file(path, "read")(e)),
    }
}

/// Text as agencies and Excel save it: UTF-8 with or without its mark, else Windows-1252.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{FEFF}').to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// The entries of a folder by name. Two whose names are not text and look alike are told apart all the same.
pub(super) fn entries(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Error> {
    let listed = fs::read_dir(folder).map_err(Error::file(folder, "read"))?;
    let listed = listed.map(|entry| entry.map(|entry| (entry.file_name(), entry.path())));
    let listed = listed.collect::<Result<BTreeMap<_, _>, _>>().map_err(Error::file(folder, "read"))?;
    // What is text has its own name first.
    let (text, other): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(name, _)| name.to_str().is_some());
    let mut out = BTreeMap::new();
    for (name, path) in text.into_iter().chain(other) {
        let mut name = name.to_string_lossy().into_owned();
        while out.contains_key(&name) {
            name.insert(0, char::REPLACEMENT_CHARACTER);
        }
        out.insert(name, path);
    }
    Ok(out)
}

/// A submission from a path: a file, or a folder of files.
///
/// # Errors
/// The path cannot be read.
pub fn read_submission(path: &Path) -> Result<Submission, Error> {
    let name = path.file_name().map_or_else(|| path.to_string_lossy(), |n| n.to_string_lossy()).into_owned();
    let content = if path.is_dir() {
        let mut files = Vec::new();
        for (name, path) in entries(path)? {
            if path.is_file() && super::inbox::passed_over(&name).is_none() {
                files.push((name, read(&path)?));
            }
        }
        Content::Folder(files)
    } else {
        Content::File(read(path)?)
    };
    Ok(Submission { name, content })
}

/// The files of a schema pack: path below the folder, parted by `/`, and text.
///
/// # Errors
/// The folder cannot be read.
pub fn pack_files(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut out = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for (name, path) in entries(&folder)? {
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push((format!("{prefix}{name}/"), path));
            } else if name.ends_with(".json") || name.ends_with(".txt") {
                out.insert(format!("{prefix}{name}"), text(&read(&path)?));
            }
        }
    }
    Ok(out)
}

/// Makes a folder and those above it.
///
/// # Errors
/// The folder cannot be made.
pub fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::file(folder, "made"))
}

/// Writes a file beside its place, syncs it and moves it there.
///
/// # Errors
/// The file cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let wrong = |source| Error::file(path, "written")(source);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".safereturn-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Made for others to read; the system's mask still takes away what it takes away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(wrong)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(wrong)?;
    file.persist(path).map_err(|e| wrong(e.error))?;
    sync_folder(folder)
}

/// Makes the entries of a directory last through a power cut, where the system can.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    System.sync(folder).map_err(Error::file(folder, "synced"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.html");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(entries(folder.path()).unwrap().len(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_file_is_lost_because_its_name_looks_like_another() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().unwrap();
        for name in [b"caf\xe8.csv".as_slice(), b"caf\xe9.csv", "caf\u{FFFD}.csv".as_bytes()] {
            fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), name).unwrap();
        }
        let found = entries(folder.path()).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found["caf\u{FFFD}.csv"], folder.path().join("caf\u{FFFD}.csv"));
        assert!(found.keys().all(|name| name.ends_with(".csv")), "what it is can still be told by its end");
    }

    #[test]
    fn a_folder_is_a_submission_without_its_litter() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cover.csv"), "a").unwrap();
        fs::write(folder.path().join("Thumbs.db"), "b").unwrap();
        let submission = read_submission(folder.path()).unwrap();
        assert!(matches!(submission.content, Content::Folder(files) if files.len() == 1));
    }
}
