//! Many things at once, their results in the order of the things.

use rayon::{ThreadPoolBuilder, prelude::*};

use super::Error;

/// Applies a function to each item on so many threads (0: one a processor). The order never depends on the threads.
pub(super) fn each<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Result<Vec<R>, Error> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| Error::Threads(e.to_string()))?;
    Ok(pool.install(|| items.par_iter().map(&work).collect()))
}
