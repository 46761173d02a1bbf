//! How long a server takes from an empty folder to serving, and how much it is.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;

use crate::report::{Report, cell};
use crate::server::Server;
use crate::statistics::Series;

/// Starts a server `turns` times in a new folder each.
pub fn run(offhook: &Path, turns: u32) -> anyhow::Result<(Report, bool)> {
    let (mut first, mut again, mut resident) = (Series::default(), Series::default(), Series::default());
    for _ in 0..turns {
        let folder = tempfile::tempdir().context("making a folder")?;
        for series in [&mut first, &mut again] {
            let begun = Instant::now();
            let server = Server::start(offhook, folder.path(), &[])?;
            series.push(begun.elapsed().as_secs_f64() * 1000.0);
            resident.push(server.resident_bytes()? as f64 / f64::from(1 << 20));
        }
    }
    let size = std::fs::metadata(offhook).context("looking at the program")?.len();
    let mut report = Report::default();
    report.table(
        "Starting",
        &["what", "median (best to worst)", "limit"],
        &[
            vec![
                "empty folder to serving".to_owned(),
                format!("{} ms", cell(&first, 1)),
                "150 ms".to_owned(),
            ],
            vec![
                "the same folder again".to_owned(),
                format!("{} ms", cell(&again, 1)),
                String::new(),
            ],
            vec![
                "resident, idle".to_owned(),
                format!("{} MiB", cell(&resident, 1)),
                "25 MiB".to_owned(),
            ],
            vec![
                "the program, stripped".to_owned(),
                format!("{:.1} MiB", size as f64 / f64::from(1 << 20)),
                "25 MiB".to_owned(),
            ],
        ],
    );
    let mebibytes = f64::from(1 << 20);
    let is_met = first.median() < 150.0 && resident.median() < 25.0 && size as f64 / mebibytes < 25.0;
    Ok((report, is_met))
}
