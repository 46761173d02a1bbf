use super::*;

const ALICE: UserKey = UserKey::from_bytes([1; 16]);
const BOB: UserKey = UserKey::from_bytes([2; 16]);

#[tokio::test]
async fn a_doorbell_reaches_every_socket_of_its_user_and_nobody_else() {
    let bus = Arc::new(Bus::default());
    let (mut one, mut two, mut other) = (bus.subscribe(ALICE), bus.subscribe(ALICE), bus.subscribe(BOB));
    bus.ring(ALICE, Doorbell::Sessions);
    assert!(matches!(one.next().await, Ok(Doorbell::Sessions)));
    assert!(matches!(two.next().await, Ok(Doorbell::Sessions)));
    bus.ring(BOB, Doorbell::Signal(Arc::new(signal())));
    assert!(
        matches!(other.next().await, Ok(Doorbell::Signal(_))),
        "bob got his own, and none of alice's before it"
    );
}

#[tokio::test]
async fn who_is_too_slow_is_told_to_read() {
    let bus = Arc::new(Bus::default());
    let mut slow = bus.subscribe(ALICE);
    for _ in 0..=DEPTH {
        bus.ring(ALICE, Doorbell::Sessions);
    }
    assert_eq!(slow.next().await.unwrap_err(), Lagged);
    for _ in 0..DEPTH {
        assert!(slow.next().await.is_ok());
    }
    assert!(
        lock(&slow.place.0).take().is_none(),
        "it is told of what was missed once"
    );
}

#[tokio::test]
async fn a_doorbell_that_comes_while_somebody_waits_is_heard() {
    let bus = Arc::new(Bus::default());
    let mut socket = bus.subscribe(ALICE);
    let waiting = tokio::spawn(async move { socket.next().await });
    tokio::task::yield_now().await;
    bus.ring_all(&Doorbell::Resumed);
    assert!(matches!(waiting.await.unwrap(), Ok(Doorbell::Resumed)));
}

#[tokio::test]
async fn who_stops_waiting_loses_nothing() {
    let bus = Arc::new(Bus::default());
    let mut socket = bus.subscribe(ALICE);
    let impatient = tokio::time::timeout(std::time::Duration::from_millis(1), socket.next()).await;
    assert!(impatient.is_err());
    bus.ring(ALICE, Doorbell::Resumed);
    bus.ring(ALICE, Doorbell::Sessions);
    assert!(matches!(socket.next().await, Ok(Doorbell::Resumed)));
    assert!(matches!(socket.next().await, Ok(Doorbell::Sessions)));
}

#[test]
fn a_subject_is_forgotten_with_its_last_socket() {
    let bus = Arc::new(Bus::default());
    let (one, two) = (bus.subscribe(ALICE), bus.subscribe(ALICE));
    drop(one);
    assert_eq!(lock(&bus.subjects).len(), 1);
    drop(two);
    assert_eq!(lock(&bus.subjects).len(), 0);
}

fn signal() -> Signal {
    Signal {
        call_id: CallId::from_bytes([3; 16]),
        to: None,
        text: Utf8Bytes::from_static("{}"),
    }
}
