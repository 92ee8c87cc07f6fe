//! Many things at once, on all processors of the machine; what comes of them is in the order of the things.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Applies a function to each item. One that panics is the panic of the test.
pub(crate) fn each<T: Sync, R: Send + Sync>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let ends: Vec<OnceLock<R>> = items.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(items.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((item, end)) = items.get(at).zip(ends.get(at)) else { break };
                    assert!(end.set(work(item)).is_ok(), "each has one end");
                }
            });
        }
    });
    ends.into_iter().filter_map(OnceLock::into_inner).collect()
}
