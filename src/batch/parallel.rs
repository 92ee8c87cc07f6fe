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

/// The same where it may fail: the first failure, in the order of the items, is the result.
pub(super) fn try_each<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    each(threads, items, work)?.into_iter().collect()
}
