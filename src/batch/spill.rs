//! What a run holds for later and not in memory: bytes in a temporary file beside the outbox that has no name, so that it
//! is gone however the run ends and nobody else can open it: cells that no screen has seen yet may be in it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::{self, Wire};
use super::{Disk, Error, System};

/// Where some bytes were put. Small: there is one for each thing put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slip {
    at: u64,
    bytes: usize,
}

/// Bytes put away, for any thread.
pub(super) struct Spill<'d> {
    disk: &'d dyn Disk,
    /// For what is said when it cannot be used.
    folder: PathBuf,
    store: Mutex<Store>,
}

enum Store {
    /// The file, and how much of it is used.
    File(File, u64),
    /// For one submission, where there is no outbox.
    Memory(Vec<u8>),
}

impl<'d> Spill<'d> {
    /// A place in a folder.
    pub(super) fn beside(folder: &Path, disk: &'d dyn Disk) -> Result<Self, Error> {
        let file = disk.scratch(folder).map_err(Error::file(folder, "written"))?;
        Ok(Self { disk, folder: folder.to_owned(), store: Mutex::new(Store::File(file, 0)) })
    }

    /// A place in memory.
    pub(super) fn in_memory() -> Self {
        Self { disk: &System, folder: PathBuf::new(), store: Mutex::new(Store::Memory(Vec::new())) }
    }

    /// Puts bytes away.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<Slip, Error> {
        let at = match &mut *self.store() {
            Store::File(file, end) => {
                let at = *end;
                file.seek(SeekFrom::Start(at))
                    .and_then(|_| self.disk.scribble(file, bytes))
                    .map_err(Error::file(&self.folder, "written"))?;
                *end += bytes.len() as u64;
                at
            }
            Store::Memory(all) => {
                let at = all.len() as u64;
                all.extend(bytes);
                at
            }
        };
        Ok(Slip { at, bytes: bytes.len() })
    }

    /// Gets them back.
    pub(super) fn get(&self, slip: Slip) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; slip.bytes];
        let read = match &mut *self.store() {
            Store::File(file, _) => file.seek(SeekFrom::Start(slip.at)).and_then(|_| file.read_exact(&mut bytes)),
            Store::Memory(all) => {
                let from = usize::try_from(slip.at).unwrap_or(usize::MAX).min(all.len());
                all.get(from..).unwrap_or_default().take(slip.bytes as u64).read_exact(&mut bytes)
            }
        };
        read.map_err(Error::file(&self.folder, "read"))?;
        Ok(bytes)
    }

    /// Puts a value away.
    pub(super) fn keep<T: Wire>(&self, value: &T) -> Result<Slip, Error> {
        self.put(&wire::write(value))
    }

    /// Gets a value back.
    pub(super) fn recall<T: Wire>(&self, slip: Slip) -> Result<T, Error> {
        let changed = || io::Error::other("what was put away did not come back as it was");
        wire::read(&self.get(slip)?).ok_or_else(|| Error::file(&self.folder, "read")(changed()))
    }

    /// Puts a value away that has a form for files.
    pub(super) fn keep_json<T: Serialize>(&self, value: &T) -> Result<Slip, Error> {
        let bytes = serde_json::to_vec(value).map_err(io::Error::other);
        self.put(&bytes.map_err(Error::file(&self.folder, "written"))?)
    }

    /// Gets such a value back.
    pub(super) fn recall_json<T: DeserializeOwned>(&self, slip: Slip) -> Result<T, Error> {
        let value = serde_json::from_slice(&self.get(slip)?).map_err(io::Error::other);
        value.map_err(Error::file(&self.folder, "read"))
    }

    /// A thread that failed with the lock in its hand left nothing half done that anybody has a slip for.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_away_comes_back_and_leaves_no_name() {
        let folder = tempfile::tempdir().unwrap();
        for spill in [Spill::beside(folder.path(), &System).unwrap(), Spill::in_memory()] {
            let slips: Vec<(Slip, Vec<u8>)> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0_u8..4)
                    .map(|thread| {
                        let spill = &spill;
                        scope.spawn(move || {
                            let each = (0..50_usize).map(|n| vec![thread; n * 7]);
                            each.map(|bytes| (spill.put(&bytes).unwrap(), bytes)).collect::<Vec<_>>()
                        })
                    })
                    .collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
            });
            for (slip, bytes) in &slips {
                assert_eq!(spill.get(*slip).unwrap(), *bytes);
            }
            let slip = spill.keep(&vec!["a".to_owned(), String::new()]).unwrap();
            assert_eq!(spill.recall::<Vec<String>>(slip).unwrap(), ["a", ""]);
            assert!(spill.recall::<u64>(slip).is_err());
            let slip = spill.keep_json(&("a", 2.5)).unwrap();
            assert_eq!(spill.recall_json::<(String, f64)>(slip).unwrap(), ("a".to_owned(), 2.5));
            assert!(spill.recall_json::<u64>(slip).is_err());
            assert!(spill.get(Slip { at: u64::MAX / 4, bytes: 1 }).is_err());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(Spill::beside(&folder.path().join("none"), &System).is_err());
    }
}
