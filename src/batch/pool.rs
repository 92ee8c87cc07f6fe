//! The batch's side of reading in worker processes: starts them when there is something to read, gives each one file after
//! another, breaks off what takes too long, and puts a new one in the place of one that died. Their side is `worker`.

use std::ffi::OsString;
use std::io::{self, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::fault::Fault;
use super::{frame, wire, worker};
use worker::{Answer, Request};

/// How many files a worker reads before a fresh one takes its place, so that what it may have lost is given back.
const FILES: usize = 64;
/// How much of a worker's last words is kept.
const WORDS: u64 = 16 * 1024;
/// What a Rust program says last when it gets no more memory.
const NO_MEMORY: &str = "memory allocation of";

/// How worker processes are started, and how long one may take.
#[derive(Debug, Clone)]
pub struct Workers {
    /// The program; it must end in [`super::serve`] with the schemas of the batch.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// How long it may take to be ready, and for each file.
    pub patience: Duration,
}

/// Why there is no answer.
pub(super) enum Silence {
    /// The file is to blame: two workers came to grief over it.
    Fault(Fault),
    /// No worker can be had.
    Nobody,
}

/// The workers of a run; there are never more than threads that ask.
pub(super) struct Pool<'a> {
    how: &'a Workers,
    /// What a worker must say first.
    ready: Vec<u8>,
    idle: Mutex<Vec<Worker>>,
    /// Why no worker could be started: then no more are tried.
    nobody: Mutex<Option<String>>,
}

impl<'a> Pool<'a> {
    pub(super) fn new(how: &'a Workers, pack: &(String, String, String)) -> Self {
        Self { how, ready: worker::ready(pack), idle: Mutex::default(), nobody: Mutex::default() }
    }

    /// Has a submission read, and gives the answer with the bytes it came in. A worker may fall to something else than
    /// the file it reads, so a fresh one is asked before the file is blamed.
    pub(super) fn ask(&self, sha256: &str, request: &Request) -> Result<(Answer, Vec<u8>), Silence> {
        let request = wire::write(request);
        let mut fault = None;
        for _ in 0..2 {
            let idle = if fault.is_none() { locked(&self.idle).pop() } else { None };
            let mut worker = match idle.map_or_else(|| self.start(), Ok) {
                Ok(worker) => worker,
                Err(_) => return Err(fault.map_or(Silence::Nobody, Silence::Fault)),
            };
            match worker.ask(sha256, request.clone(), self.how.patience) {
                Ok(answer) => {
                    if worker.read < FILES {
                        locked(&self.idle).push(worker);
                    }
                    return Ok(answer);
                }
                Err(why) => fault = Some(why),
            }
        }
        Err(Silence::Fault(fault.unwrap_or(Fault::Died)))
    }

    /// Why files had to be read without a worker, if they had to.
    pub(super) fn nobody(&self) -> Option<String> {
        locked(&self.nobody).clone()
    }

    fn start(&self) -> Result<Worker, String> {
        if let Some(why) = self.nobody() {
            return Err(why);
        }
        Worker::start(self.how, &self.ready).inspect_err(|why| *locked(&self.nobody) = Some(why.clone()))
    }
}

/// A thread that failed with the lock in its hand left the list whole: it is only pushed to and popped from.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One worker process. Killed when it is let go.
struct Worker {
    process: Child,
    /// To the thread that writes and reads its pipes, so that nobody waits for them longer than they want to.
    ask: Sender<(String, Vec<u8>)>,
    said: Receiver<Vec<u8>>,
    /// What it wrote on standard error, when that ends.
    words: Receiver<Vec<u8>>,
    read: usize,
}

impl Worker {
    fn start(how: &Workers, ready: &[u8]) -> Result<Self, String> {
        let mut command = Command::new(&how.program);
        // A backtrace of a process without memory waits for memory for ever.
        command
            .args(&how.arguments)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().map_err(|e| e.to_string())?;
        let pipes = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (ask, asked) = mpsc::channel::<(String, Vec<u8>)>();
        let (say, said) = mpsc::channel();
        let (tell, words) = mpsc::channel();
        let worker = Self { process, ask, said, words, read: 0 };
        let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else { return Err("it has no pipes".to_owned()) };
        let talk = move || {
            let mut stdout = BufReader::new(stdout);
            let mut hear = |about: &str| frame::read(&mut stdout, Some(about)).ok().flatten();
            let mut answer = hear(frame::READY);
            while let Some((_, said)) = answer {
                if say.send(said).is_err() {
                    return;
                }
                let Ok((about, request)) = asked.recv() else { return };
                answer = frame::write(&mut stdin, &about, &request).ok().and_then(|()| hear(&about));
            }
        };
        let listen = move || {
            let mut stderr = stderr;
            let mut words = Vec::new();
            // The rest is read too: a worker must not stand still because nobody listens.
            let kept = stderr.by_ref().take(WORDS).read_to_end(&mut words);
            drop(kept.and_then(|_| io::copy(&mut stderr, &mut io::sink())));
            drop(tell.send(words));
        };
        let thread = |work: Box<dyn FnOnce() + Send>| thread::Builder::new().spawn(work).map_err(|e| e.to_string());
        thread(Box::new(talk))?;
        thread(Box::new(listen))?;
        match worker.said.recv_timeout(how.patience) {
            Ok(said) if said == ready => Ok(worker),
            Ok(_) => Err("it is another program, or has other schemas".to_owned()),
            Err(RecvTimeoutError::Disconnected) => Err("it ended at once".to_owned()),
            Err(RecvTimeoutError::Timeout) => Err("it was not ready in time".to_owned()),
        }
    }

    fn ask(&mut self, sha256: &str, request: Vec<u8>, patience: Duration) -> Result<(Answer, Vec<u8>), Fault> {
        self.read += 1;
        if self.ask.send((sha256.to_owned(), request)).is_err() {
            return Err(self.fault());
        }
        let answer = match self.said.recv_timeout(patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Disconnected) => return Err(self.fault()),
            Err(RecvTimeoutError::Timeout) => return Err(Fault::Time),
        };
        wire::read(&answer).map(|read| (read, answer)).ok_or(Fault::Died)
    }

    /// Of what it died, by its last words. They come at once, but on a machine that is busy; what is made of them is kept.
    fn fault(&mut self) -> Fault {
        drop(self.process.kill());
        let words = self.words.recv_timeout(Duration::from_secs(20)).unwrap_or_default();
        if String::from_utf8_lossy(&words).contains(NO_MEMORY) { Fault::Memory } else { Fault::Died }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
