//! The file that was checked: what it is called, and the hash that names it for good.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::workbook::{Content, Submission};

/// The file that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFacts {
    /// Its name, or `file 4f2a…` where the name itself may hold a personal detail.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// SHA-256 of bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl FileFacts {
    /// The name, hash and size of a submission; a folder's hash covers the names and contents of its files.
    #[must_use]
    pub fn of(submission: &Submission) -> Self {
        let mut hash = Sha256::new();
        let bytes = match &submission.content {
            Content::File(bytes) => {
                hash.update(bytes);
                bytes.len()
            }
            Content::Folder(files) => {
                for (name, bytes) in files {
                    hash.update(name.as_bytes());
                    hash.update([0]);
                    hash.update(Sha256::digest(bytes));
                }
                files.iter().map(|(_, bytes)| bytes.len()).sum()
            }
        };
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: submission.name.clone(), sha256, bytes: u64::try_from(bytes).unwrap_or(u64::MAX) }
    }
}

impl FileFacts {
    /// Where the name may hold a personal detail, part of the hash takes its place.
    pub(crate) fn hide_name(&mut self, personal: bool) {
        if personal {
            self.name = format!("file {}…", self.sha256.get(..8).unwrap_or_default());
        }
    }
}
