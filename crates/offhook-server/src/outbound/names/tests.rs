use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::*;

static ASKING: AtomicUsize = AtomicUsize::new(0);

/// A name server that is silent.
fn ask_in_vain(_: &str) -> io::Result<Vec<IpAddr>> {
    ASKING.fetch_add(1, Ordering::SeqCst);
    std::thread::sleep(Duration::from_secs(2));
    ASKING.fetch_sub(1, Ordering::SeqCst);
    Err(io::ErrorKind::TimedOut.into())
}

#[tokio::test]
async fn requests_that_give_up_do_not_let_more_threads_ask_than_there_are_places() {
    let system = System::asking(ask_in_vain);
    for _ in 0..2 {
        let impatient =
            (0..LOOKUPS * 2).map(|_| timeout(Duration::from_millis(300), system.look_up("x.example".to_owned())));
        assert!(join_all(impatient).await.iter().all(Result::is_err));
        assert_eq!(ASKING.load(Ordering::SeqCst), LOOKUPS);
    }
    // Once the threads end there are places again.
    let patient = timeout(Duration::from_secs(20), system.look_up("x.example".to_owned())).await;
    assert_eq!(patient.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
}
