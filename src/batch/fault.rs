//! How the program may fail over a file, in words for whoever sent it and for the board manager.

/// What became of the program when it read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// It met something that it was sure could not be; nothing else suffered.
    Failed,
    /// The process that read the file ended, or gave no answer that makes sense.
    Died,
    /// It found no end.
    Time,
    /// It needed more memory than one file may take.
    Memory,
}

impl Fault {
    /// The word in receipts and ledger. A file that merely failed costs nothing to try again, so nothing is remembered.
    pub(super) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Failed => None,
            Self::Died => Some("died"),
            Self::Time => Some("time"),
            Self::Memory => Some("memory"),
        }
    }

    /// The fault of a word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Died, Self::Time, Self::Memory].into_iter().find(|fault| fault.word() == Some(word))
    }

    /// What is said of the file.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Failed => {
                "This file could not be checked: the program itself failed over it. Nothing in it has been taken. \
                 The other returns are not affected."
            }
            Self::Died => {
                "This file could not be checked: the part of the program that reads files came to a stop over it, \
                 twice. Nothing in it has been taken. The other returns are not affected."
            }
            Self::Time => {
                "This file could not be checked: reading it took so long that it was broken off, twice. Nothing in it \
                 has been taken. The other returns are not affected."
            }
            Self::Memory => {
                "This file could not be checked: reading it took more memory than one file may have. Nothing in it \
                 has been taken. The other returns are not affected."
            }
        }
    }

    /// What to do.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Self::Failed => {
                "To the board manager: please tell the makers of the program, with the hash of the file. \
                 Meanwhile, a new copy of the workbook (copy the sheets into a fresh template) often goes through."
            }
            Self::Died | Self::Time | Self::Memory => {
                "Copy the figures into a fresh copy of the template and send that: a new file often goes through. To \
                 the board manager: the same file is not tried again by this version of the program with these \
                 schemas. Please tell the makers of the program, with the hash of the file; and if nobody at the \
                 agency knows why the file is unusual, have it looked at before anybody opens it."
            }
        }
    }
}
