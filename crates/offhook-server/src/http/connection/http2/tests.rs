use tokio::time::{Instant, timeout};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_connection_is_idle_once_nothing_has_run_for_a_while_and_never_while_something_runs() {
    let running = Running::default();
    let mut idle = running.0.subscribe();
    let (one, other) = (running.start(), running.start());
    drop(one);
    let waited = timeout(100 * IDLE_DEADLINE, is_idle(&mut idle)).await;
    assert!(waited.is_err(), "one request runs");
    drop(other);
    let almost = timeout(IDLE_DEADLINE / 2, is_idle(&mut idle)).await;
    assert!(almost.is_err(), "it ended a moment ago");
    // A short one begins the wait anew.
    drop(running.start());
    let before = Instant::now();
    is_idle(&mut idle).await;
    assert_eq!(before.elapsed().as_secs(), IDLE_DEADLINE.as_secs());
}
