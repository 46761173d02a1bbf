//! How many files the process may open: each allocation is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What everything else in the process needs at the least: listeners, the store, a few connections.
const OTHERS: u64 = 512;

/// Raises the limit as far as the process may, and says so where that is not enough for `allocations`.
pub fn allow(allocations: u32) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(error = %error, "the limit of open files could not be raised");
        }
    }
    // None is no limit.
    if let Some(files) = getrlimit(Resource::Nofile).current
        && files < u64::from(allocations) + OTHERS
    {
        tracing::warn!(
            max_allocations = allocations,
            files,
            "the process may open too few files for relay.max_allocations; raise its hard limit or lower the setting"
        );
    }
}
