//! Reads and writes files; a file that is written is there whole or not at all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Error;
use crate::workbook::{Content, Submission};

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
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
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

/// The entries of a folder by name.
pub(super) fn entries(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Error> {
    let listed = fs::read_dir(folder).map_err(Error::file(folder, "read"))?;
    let mut out = BTreeMap::new();
    for entry in listed {
        let entry = entry.map_err(Error::file(folder, "read"))?;
        out.insert(entry.file_name().to_string_lossy().into_owned(), entry.path());
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

/// Writes a new file into a directory that nobody looks at yet, and syncs it.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = File::create(path).map_err(Error::file(path, "written"))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Error::file(path, "written"))
}

/// Makes the entries of a directory last through a power cut, where the system can.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::file(folder, "synced"))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
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

    #[test]
    fn a_folder_is_a_submission_without_its_litter() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cover.csv"), "a").unwrap();
        fs::write(folder.path().join("Thumbs.db"), "b").unwrap();
        let submission = read_submission(folder.path()).unwrap();
        assert!(matches!(submission.content, Content::Folder(files) if files.len() == 1));
    }
}
