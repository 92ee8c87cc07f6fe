//! A disk that fails at a given step, and knows what a power cut would have left of all that was done to it: of a file what
//! was synced, of a folder the entries it had when it was synced, and of the rest as much or as little as a test asks.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use safereturn::batch::{Disk, System};

/// What is to go wrong, counting steps from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    /// This step fails, and those after it go well.
    Error(usize, ErrorKind),
    /// The program is gone in the middle of this step: nothing is done any more.
    Kill(usize),
}

/// What a power cut leaves of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nothing.
    All,
    /// Which files there are and what they are called, but only half of what they hold, or none of it.
    Contents,
    /// Of some folders and files this, of others that.
    Some(u64),
}

/// A file or folder, as it is now and as a power cut leaves it.
enum Node {
    File { now: Vec<u8>, synced: Vec<u8> },
    Folder { now: BTreeMap<String, usize>, synced: BTreeMap<String, usize> },
}

struct State {
    nodes: Vec<Node>,
    steps: Vec<String>,
    dead: bool,
}

/// The disk: a real folder, and beside it what of it would last.
pub(crate) struct Faulty {
    root: PathBuf,
    fault: Fault,
    /// Two folders can be exchanged in one step.
    exchanges: bool,
    state: Mutex<State>,
}

impl Faulty {
    /// A disk whose folder holds what it holds now, and has for long.
    pub(crate) fn new(root: &Path, exchanges: bool, fault: Fault) -> Self {
        let mut nodes = Vec::new();
        load(root, &mut nodes);
        let state = Mutex::new(State { nodes, steps: Vec::new(), dead: false });
        Self { root: root.to_owned(), fault, exchanges, state }
    }

    /// What was done or tried, in order.
    pub(crate) fn steps(&self) -> Vec<String> {
        self.state.lock().unwrap().steps.clone()
    }

    /// The power fails: the folder is left as it would be found.
    pub(crate) fn cut_power(&self, loss: Loss) {
        let state = self.state.lock().unwrap();
        fs::remove_dir_all(&self.root).unwrap();
        leave(&state.nodes, 0, &self.root, loss);
    }

    fn path(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or_else(|_| panic!("{} is outside", path.display())).display().to_string()
    }

    /// Counts a step and does it, unless it is to fail: then perhaps half of it.
    fn step(
        &self,
        what: &str,
        paths: &[&Path],
        half: impl FnOnce(&mut State) -> io::Result<()>,
        whole: impl FnOnce(&mut State) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.dead {
            return Err(io::Error::other("the program is gone"));
        }
        let now = state.steps.len();
        let paths: Vec<String> = paths.iter().map(|path| self.path(path)).collect();
        state.steps.push(format!("{what} {}", paths.join(" ")));
        match self.fault {
            Fault::Error(at, kind) if at == now => {
                half(&mut state)?;
                Err(kind.into())
            }
            Fault::Kill(at) if at == now => {
                half(&mut state)?;
                state.dead = true;
                Err(io::Error::other("the program is gone"))
            }
            Fault::Nothing | Fault::Error(..) | Fault::Kill(_) => whole(&mut state),
        }
    }

    fn edit(&self, state: &mut State, file: &Path, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut bytes = match state.find(&self.path(file)).map(|at| &state.nodes[at]) {
            Some(Node::File { now, .. }) => now.clone(),
            Some(Node::Folder { .. }) => return Err(ErrorKind::IsADirectory.into()),
            None => Vec::new(),
        };
        change(&mut bytes);
        fs::write(file, &bytes)?;
        match state.find(&self.path(file)) {
            Some(at) => {
                if let Node::File { now, .. } = &mut state.nodes[at] {
                    *now = bytes;
                }
            }
            None => {
                let node = Node::File { now: bytes, synced: Vec::new() };
                state.enter(&self.path(file), node);
            }
        }
        Ok(())
    }
}

/// Reads what is there.
fn load(path: &Path, nodes: &mut Vec<Node>) -> usize {
    let at = nodes.len();
    if path.is_dir() {
        nodes.push(Node::Folder { now: BTreeMap::new(), synced: BTreeMap::new() });
        let mut entries = BTreeMap::new();
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            entries.insert(entry.file_name().into_string().unwrap(), load(&entry.path(), nodes));
        }
        nodes[at] = Node::Folder { now: entries.clone(), synced: entries };
    } else {
        let bytes = fs::read(path).unwrap_or_default();
        nodes.push(Node::File { now: bytes.clone(), synced: bytes });
    }
    at
}

/// Writes what a power cut leaves.
fn leave(nodes: &[Node], at: usize, to: &Path, loss: Loss) {
    let chance = |seed: u64| (seed ^ at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61;
    match &nodes[at] {
        Node::Folder { now, synced } => {
            let last = match loss {
                Loss::All => false,
                Loss::Contents => true,
                Loss::Some(seed) => chance(seed).is_multiple_of(2),
            };
            fs::create_dir(to).unwrap();
            for (name, node) in if last { now } else { synced } {
                leave(nodes, *node, &to.join(name), loss);
            }
        }
        Node::File { now, synced } => {
            let written = now.strip_prefix(synced.as_slice());
            let half = |of: usize| match written {
                Some(written) => [synced, &written[..written.len() * of / 4]].concat(),
                // It was cut off, and that may have lasted or not.
                None => if of.is_multiple_of(2) { synced } else { now }.clone(),
            };
            let bytes = match loss {
                Loss::All => synced.clone(),
                Loss::Contents => half(at % 4),
                Loss::Some(seed) => half(chance(seed) as usize % 5),
            };
            fs::write(to, bytes).unwrap();
        }
    }
}

impl State {
    fn find(&self, path: &str) -> Option<usize> {
        let mut at = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let Node::Folder { now, .. } = &self.nodes[at] else { return None };
            at = *now.get(name)?;
        }
        Some(at)
    }

    fn above(&mut self, path: &str) -> (&mut BTreeMap<String, usize>, String) {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let at = self.find(above).unwrap();
        let Node::Folder { now, .. } = &mut self.nodes[at] else { panic!("{above} is a folder") };
        (now, name.to_owned())
    }

    fn enter(&mut self, path: &str, node: Node) {
        let at = self.nodes.len();
        self.nodes.push(node);
        let (entries, name) = self.above(path);
        entries.insert(name, at);
    }
}

fn nothing(_: &mut State) -> io::Result<()> {
    Ok(())
}

impl Disk for Faulty {
    fn make(&self, folder: &Path) -> io::Result<()> {
        self.step("make", &[folder], nothing, |state| {
            System.make(folder)?;
            if folder != self.root {
                let node = Node::Folder { now: BTreeMap::new(), synced: BTreeMap::new() };
                state.enter(&self.path(folder), node);
            }
            Ok(())
        })
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = |state: &mut State| self.edit(state, file, |now| *now = bytes[..bytes.len() / 2].to_vec());
        self.step("write", &[file], half, |state| {
            if file.exists() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            self.edit(state, file, |now| *now = bytes.to_vec())
        })
    }

    fn scratch(&self, folder: &Path) -> io::Result<File> {
        self.step("scratch in", &[folder], nothing, nothing)?;
        System.scratch(folder)
    }

    fn scribble(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        // It has no name and is gone with the program: nothing of it is ever found.
        self.step("scribble in", &[&self.root], nothing, nothing)?;
        System.scribble(file, bytes)
    }

    fn cut(&self, file: &Path, length: u64) -> io::Result<()> {
        self.step("cut", &[file], nothing, |state| self.edit(state, file, |now| now.resize(length as usize, 0)))
    }

    fn append(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = |state: &mut State| self.edit(state, file, |now| now.extend(&bytes[..bytes.len() / 2]));
        self.step("append", &[file], half, |state| self.edit(state, file, |now| now.extend(bytes)))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.step("sync", &[path], nothing, |state| {
            let at = state.find(&self.path(path)).ok_or(ErrorKind::NotFound)?;
            match &mut state.nodes[at] {
                Node::File { now, synced } => synced.clone_from(now),
                Node::Folder { now, synced } => synced.clone_from(now),
            }
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename", &[from, to], nothing, |state| {
            if to.exists() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            System.rename(from, to)?;
            let (entries, name) = state.above(&self.path(from));
            let node = entries.remove(&name).unwrap();
            let (entries, name) = state.above(&self.path(to));
            entries.insert(name, node);
            Ok(())
        })
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.step("exchange", &[one, other], nothing, |state| {
            if !self.exchanges {
                return Err(ErrorKind::Unsupported.into());
            }
            // In two steps, because the test may run where there is no one step; nobody looks in between.
            let aside = self.root.join("aside");
            fs::rename(one, &aside).and_then(|()| fs::rename(other, one)).and_then(|()| fs::rename(&aside, other))?;
            let (first, second) = (state.find(&self.path(one)).unwrap(), state.find(&self.path(other)).unwrap());
            for (path, node) in [(one, second), (other, first)] {
                let (entries, name) = state.above(&self.path(path));
                entries.insert(name, node);
            }
            Ok(())
        })
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("link", &[from, to], nothing, |state| {
            System.link(from, to)?;
            let node = state.find(&self.path(from)).unwrap();
            let (entries, name) = state.above(&self.path(to));
            entries.insert(name, node);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("remove", &[path], nothing, |state| {
            System.remove(path)?;
            let (entries, name) = state.above(&self.path(path));
            entries.remove(&name);
            Ok(())
        })
    }

    fn lock(&self, file: &Path, by: &str) -> io::Result<(File, bool)> {
        let mut locked = None;
        self.step("lock", &[file], nothing, |state| {
            locked = Some(System.lock(file, by)?);
            if state.find(&self.path(file)).is_none() {
                state.enter(&self.path(file), Node::File { now: Vec::new(), synced: Vec::new() });
            }
            Ok(())
        })?;
        locked.ok_or_else(|| ErrorKind::Other.into())
    }
}
