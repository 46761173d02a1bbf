//! Work in parts.

use std::thread;

/// How many threads, each with a connection or more of its own.
const AT_ONCE: usize = 16;

/// Has several threads do a part each, and puts what they give together in order.
pub fn in_parts<T: Send>(
    count: usize,
    work: impl Fn(std::ops::Range<usize>) -> anyhow::Result<Vec<T>> + Sync,
) -> anyhow::Result<Vec<T>> {
    let part = count.div_ceil(AT_ONCE);
    let work = &work;
    thread::scope(|scope| {
        let parts: Vec<_> = (0..count)
            .step_by(part.max(1))
            .map(|from| scope.spawn(move || work(from..(from + part).min(count))))
            .collect();
        let mut all = Vec::with_capacity(count);
        for part in parts {
            let given = part.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
            all.extend(given);
        }
        Ok(all)
    })
}
