use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn waits_grow_and_end_where_telling_is_worth_nothing_any_more() {
    let day = NOW + Duration::from_secs(24 * 3600);
    let wait = |attempts, asked, expires_at, chance| {
        let at = next_attempt(NOW, attempts, expires_at, asked, chance);
        at.map(|at| at.since(NOW).as_secs_f64())
    };
    assert_eq!(wait(0, None, day, 0), Some(1.0));
    assert_eq!(wait(3, None, day, 0), Some(8.0));
    assert_eq!(wait(3, None, day, u16::MAX), Some(12.0));
    assert_eq!(wait(60, None, day, 0), Some(3600.0));
    assert_eq!(wait(0, Some(Duration::from_secs(120)), day, 0), Some(120.0));
    let ring_ends = NOW + Duration::from_secs(60);
    assert_eq!(wait(0, Some(Duration::from_secs(120)), ring_ends, 0), None);
    assert_eq!(wait(6, None, ring_ends, 0), None);
}

#[tokio::test]
async fn one_host_or_callee_cannot_take_the_places_of_all_and_rings_find_one_beside_missed_calls() {
    let mut crowd = Crowded::default();
    assert_eq!(
        crowd.fill(|_| (1, 1), "slow", false),
        (PLACES_OF_CALLEE / 2, Some(Crowd::Callee))
    );
    assert_eq!(
        crowd.fill(|_| (1, 1), "quick", true),
        (PLACES_OF_CALLEE / 2, Some(Crowd::Callee))
    );

    let others = |number| (1, 10 + number);
    let left = PLACES_OF_HOST / 2 - PLACES_OF_CALLEE / 2;
    assert_eq!(crowd.fill(others, "slow", false), (left, Some(Crowd::Lane)));
    let others = |number| (2, 1000 + number);
    assert_eq!(
        crowd.fill(others, "slow", true),
        (PLACES_OF_HOST / 2, Some(Crowd::Lane))
    );
    let others = |number| (2, 2000 + number);
    assert_eq!(crowd.fill(others, "quick", true).1, Some(Crowd::Lane));

    crowd.end_all().await;
    assert_eq!(crowd.places.of_callee.len() + crowd.places.of_host.len(), 0);
    assert_eq!(crowd.fill(|_| (1, 1), "slow", true).0, PLACES_OF_CALLEE);
}

#[tokio::test]
async fn an_application_cannot_take_the_places_of_all() {
    let mut crowd = Crowded::default();
    let mut taken = 0;
    for host in ["one", "two", "three"] {
        taken += crowd.fill(|number| (1, taken + number), host, true).0;
    }
    assert_eq!(taken, PLACES_OF_APPLICATION);
    assert_eq!(crowd.fill(|_| (2, 9999), "three", true).0, PLACES_OF_CALLEE);
}

#[tokio::test]
async fn a_request_that_panics_gives_its_place_back() {
    let mut places = Places::default();
    let mut tasks = JoinSet::new();
    let task = tasks.spawn(async { panic!("on purpose") });
    places.enter(task.id(), holder(1, "host", 1));
    assert_eq!(places.deliveries().count(), 1);
    places.leave(tasks.join_next_with_id().await.unwrap());
    assert_eq!(places.deliveries().count(), 0);
    assert_eq!(places.of_callee.len(), 0);
}

/// Requests that do not end.
#[derive(Default)]
struct Crowded {
    places: Places,
    tasks: JoinSet<()>,
}

impl Crowded {
    /// Takes places for requests of the named applications and callees until there is none, and says how many that were.
    fn fill(&mut self, who: impl Fn(usize) -> (u32, usize), host: &str, is_urgent: bool) -> (usize, Option<Crowd>) {
        for number in 0..PLACES {
            let (app, callee) = who(number);
            let holder = holder(app, host, callee);
            if let Some(crowd) = self.places.crowd_of(&holder, is_urgent) {
                return (number, Some(crowd));
            }
            let task = self.tasks.spawn(std::future::pending());
            self.places.enter(task.id(), holder);
        }
        (PLACES, None)
    }

    async fn end_all(&mut self) {
        self.tasks.abort_all();
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.places.leave(ended);
        }
    }
}

fn holder(app: u32, host: &str, callee: usize) -> Holder {
    Holder {
        delivery: PushDeliveryId::default(),
        application: AppKey(app),
        host: host.to_owned(),
        callee: UserKey::from_bytes((callee as u128).to_be_bytes()),
    }
}
