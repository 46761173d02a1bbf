//! The disk alone: no server that has what it was told on disk before it answers can be quicker.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::statistics::percentile;

/// As much as steps that come at the same time write together.
const WRITTEN: usize = 64 * 1024;
/// It is written over and over, as a log is.
const PLACES: u64 = 64;
const FOR: Duration = Duration::from_secs(1);

/// Writes to a file in `folder` and waits until it is on disk, for a second; gives the median and the p99, in milliseconds.
pub fn syncs(folder: &Path) -> anyhow::Result<[f64; 2]> {
    let path = folder.join("disk-alone");
    let file = File::create(&path).context("making a file")?;
    let bytes = vec![1; WRITTEN];
    let write = |place: u64| file.write_all_at(&bytes, place * WRITTEN as u64);
    (0..PLACES).try_for_each(write)?;
    file.sync_all()?;
    let mut waits = Vec::new();
    let begun = Instant::now();
    for place in (0..PLACES).cycle() {
        let since = Instant::now();
        write(place)?;
        file.sync_data()?;
        waits.push(u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX));
        if begun.elapsed() > FOR {
            break;
        }
    }
    std::fs::remove_file(path)?;
    Ok([0.5, 0.99].map(|part| percentile(&mut waits, part) / 1000.0))
}
