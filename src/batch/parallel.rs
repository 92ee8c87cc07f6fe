//! Many things at once, their results in the order of the things.

use rayon::{ThreadPoolBuilder, prelude::*};

use super::Error;

/// The stack of each thread. A worker reads with half of it, so that what goes through there goes through here.
pub(super) const STACK: usize = 4 * 1024 * 1024;

/// Applies a function to each item on so many threads (0: one a processor). The order never depends on the threads.
pub(super) fn each<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Result<Vec<R>, Error> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
    let pool = pool.map_err(|e| Error::Threads(e.to_string()))?;
    Ok(pool.install(|| items.par_iter().map(&work).collect()))
}
