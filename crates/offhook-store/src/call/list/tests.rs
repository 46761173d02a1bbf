use offhook_core::call::{Input, MediaReport};
use offhook_core::id::CallId;

use super::*;
use crate::Actor;
use crate::world::{Phone, World, at, call_id, request};

/// Calls between Anna, Ben and Carol, a minute apart, which ended in several ways; the last rings.
///
/// ```text
///  1  anna → ben    audio  canceled
///  2  ben → anna    audio  declined
///  3  anna → carol  video  completed after 10 s
///  4  anna → ben    audio  completed after 20 s
///  5  carol → ben   audio  not_connected after 5 s
///  6  anna → ben    video  rings
/// ```
struct Town {
    world: World,
    app: AppKey,
    anna: Phone,
    ben: Phone,
    carol: Phone,
}

#[tokio::test]
async fn every_filter_leaves_what_it_says_and_all_together_what_all_say() {
    let town = Town::new().await;
    let (anna, ben) = (town.anna.user.key, town.ben.user.key);
    let every = CallFilter::default;
    let results = |results: &[EndResult]| CallFilter {
        end_results: Some(results.to_vec()),
        ..every()
    };
    let lasted = |min: Option<u64>, max: Option<u64>| DurationRange {
        min: min.map(Duration::from_secs),
        max: max.map(Duration::from_secs),
    };
    let of = |user, role| CallFilter {
        party: Some((user, role)),
        ..every()
    };
    for (filter, expected) in [
        (every(), vec![6, 5, 4, 3, 2, 1]),
        (results(&[EndResult::Completed]), vec![4, 3]),
        (
            results(&[EndResult::Declined, EndResult::Completed, EndResult::Declined]),
            vec![4, 3, 2],
        ),
        (results(&[EndResult::NoAnswer]), vec![]),
        (results(&[]), vec![]),
        (
            CallFilter {
                started_from: Some(minute(3)),
                ..every()
            },
            vec![6, 5, 4, 3],
        ),
        (
            CallFilter {
                started_to: Some(minute(3)),
                ..every()
            },
            vec![3, 2, 1],
        ),
        (
            CallFilter {
                started_from: Some(minute(2)),
                started_to: Some(minute(2)),
                ..every()
            },
            vec![2],
        ),
        (
            CallFilter {
                ended_to: Some(minute(3) + Duration::from_secs(11)),
                ..every()
            },
            vec![3, 2, 1],
        ),
        (
            CallFilter {
                ended_to: Some(minute(3) + Duration::from_secs(10)),
                ..every()
            },
            vec![2, 1],
        ),
        (
            CallFilter {
                ended_to: Some(minute(9)),
                ..of(anna, None)
            },
            vec![4, 3, 2, 1],
        ),
        (
            CallFilter {
                duration: lasted(Some(5), Some(10)),
                ..every()
            },
            vec![5, 3],
        ),
        (
            CallFilter {
                duration: lasted(Some(11), None),
                ..every()
            },
            vec![4],
        ),
        (
            CallFilter {
                duration: lasted(None, Some(0)),
                ..every()
            },
            vec![2, 1],
        ),
        (
            CallFilter {
                is_video: Some(true),
                ..every()
            },
            vec![6, 3],
        ),
        (
            CallFilter {
                is_video: Some(false),
                ..every()
            },
            vec![5, 4, 2, 1],
        ),
        (
            CallFilter {
                state: Some(ListedState::Live),
                ..every()
            },
            vec![6],
        ),
        (
            CallFilter {
                state: Some(ListedState::Ended),
                ..every()
            },
            vec![5, 4, 3, 2, 1],
        ),
        (
            CallFilter {
                state: Some(ListedState::Live),
                is_video: Some(false),
                ..every()
            },
            vec![],
        ),
        (
            CallFilter {
                state: Some(ListedState::Live),
                ..results(&[EndResult::Completed])
            },
            vec![],
        ),
        (of(anna, None), vec![6, 4, 3, 2, 1]),
        (of(anna, Some(Role::Caller)), vec![6, 4, 3, 1]),
        (of(ben, Some(Role::Callee)), vec![6, 5, 4, 1]),
        (
            CallFilter {
                state: Some(ListedState::Live),
                ..of(ben, Some(Role::Callee))
            },
            vec![6],
        ),
        (
            CallFilter {
                state: Some(ListedState::Live),
                ..of(ben, Some(Role::Caller))
            },
            vec![],
        ),
        (
            CallFilter {
                end_results: Some(vec![EndResult::Completed, EndResult::Canceled]),
                ..of(anna, None)
            },
            vec![4, 3, 1],
        ),
        (
            CallFilter {
                state: Some(ListedState::Ended),
                end_results: Some(vec![EndResult::Completed]),
                started_from: Some(minute(1)),
                started_to: Some(minute(6)),
                duration: lasted(Some(1), Some(60)),
                is_video: Some(true),
                ..of(anna, Some(Role::Caller))
            },
            vec![3],
        ),
    ] {
        assert_eq!(town.list(&filter).await, expected, "{filter:?}");
        assert_eq!(
            town.pages(&filter, 1, SCANNED).await,
            expected,
            "page by page: {filter:?}"
        );
        assert_eq!(town.pages(&filter, 2, 2).await, expected, "looking at few: {filter:?}");
    }
}

#[tokio::test]
async fn a_list_about_a_user_tells_the_users_side_and_no_other_list_does() {
    let town = Town::new().await;
    let filter = CallFilter {
        party: Some((town.ben.user.key, None)),
        ..CallFilter::default()
    };
    let page = town.world.store.list_calls(town.app, filter, None, 2).await.unwrap();
    let roles: Vec<_> = page.calls.iter().map(|listed| listed.role).collect();
    assert_eq!(roles, [Some(Role::Callee), Some(Role::Callee)]);
    let page = town
        .world
        .store
        .list_calls(town.app, CallFilter::default(), None, 1)
        .await
        .unwrap();
    assert_eq!(page.calls[0].role, None);
}

#[tokio::test]
async fn another_applications_calls_are_not_listed() {
    let town = Town::new().await;
    let other = town.world.application("other").await;
    let dora = town.world.phone(&other, "dora").await;
    town.world.phone(&other, "emil").await;
    town.world.dial(&dora, "emil", call_id(9), minute(3)).await.unwrap();
    assert_eq!(town.list(&CallFilter::default()).await, [6, 5, 4, 3, 2, 1]);
    let theirs = town
        .world
        .store
        .list_calls(other.key, CallFilter::default(), None, 100)
        .await
        .unwrap();
    assert_eq!(numbers(&theirs), [9]);
}

#[tokio::test]
async fn a_cursor_holds_while_calls_end_and_begin() {
    let town = Town::new().await;
    let world = &town.world;
    let live = CallFilter {
        state: Some(ListedState::Live),
        ..CallFilter::default()
    };
    world.dial(&town.carol, "ben", call_id(7), minute(7)).await.unwrap();
    let first = world.store.list_calls(town.app, live.clone(), None, 1).await.unwrap();
    assert_eq!(numbers(&first), [7]);
    world
        .act(&town.carol, call_id(7), town.carol.end(), minute(8))
        .await
        .unwrap();
    world.dial(&town.carol, "anna", call_id(8), minute(8)).await.unwrap();
    let second = world.store.list_calls(town.app, live, first.next, 1).await.unwrap();
    assert_eq!((numbers(&second), second.next), (vec![6], None));
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_calls_and_says_where_to_go_on() {
    let town = Town::new().await;
    let rare = CallFilter {
        duration: DurationRange {
            min: None,
            max: Some(Duration::ZERO),
        },
        ..CallFilter::default()
    };
    let first = town.page(&rare, None, 10, 3).await;
    assert_eq!(numbers(&first), [0_u8; 0], "of the three latest none is such");
    let second = town.page(&rare, first.next, 10, 3).await;
    assert_eq!(numbers(&second), [2, 1]);
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn every_filter_walks_along_an_index_and_sorts_nothing() {
    let town = Town::new().await;
    let filters = all_combinations(town.anna.user.key);
    assert!(filters.len() > 100);
    let mut seen = std::collections::BTreeSet::new();
    for filter in filters {
        for source in sources(town.app, &filter) {
            seen.insert(source.part);
            let windowed = |tests: &[Value]| {
                let mut values = source.part_values.clone();
                values.extend(window(&filter, None).values());
                values.extend(tests.iter().cloned());
                values.push(Value::from(1));
                values
            };
            let statements = [
                (source.place_after_text(), windowed(&[])),
                (source.keys_text(), windowed(&source.test_values)),
            ];
            for (text, values) in statements {
                let plan = town.plan(&text, values).await;
                let (walk, rest) = plan.split_first().unwrap();
                // The index gives the order and the place to begin at, and has whatever is tested.
                let index = if source.part.ends_with("_party where user_key = ?") {
                    "USING PRIMARY KEY (user_key=? AND "
                } else {
                    "USING COVERING INDEX call_"
                };
                assert!(walk.starts_with("SEARCH ") && walk.contains(index), "{text}: {plan:?}");
                let is_window = ["started_at>? AND started_at<?", "started_at,call_number)<(?,?)"];
                assert!(is_window.iter().any(|bounds| walk.contains(bounds)), "{text}: {plan:?}");
                assert!(rest.iter().all(|step| is_of_results(step)), "{text}: {plan:?}");
            }
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}

/// The list of end results is read once; nothing else may be done beside walking.
fn is_of_results(step: &str) -> bool {
    step.starts_with("LIST SUBQUERY") || step.starts_with("SCAN json_each") || step.starts_with("CREATE BLOOM FILTER")
}

fn all_combinations(user: UserKey) -> Vec<CallFilter> {
    let mut filters = vec![CallFilter::default()];
    let with = |filters: Vec<CallFilter>, choices: &[&dyn Fn(CallFilter) -> CallFilter]| {
        let changed = choices.iter().flat_map(|change| filters.iter().cloned().map(change));
        let changed: Vec<_> = changed.collect();
        filters.into_iter().chain(changed).collect::<Vec<_>>()
    };
    let party = |role| {
        move |filter: CallFilter| CallFilter {
            party: Some((user, role)),
            ..filter
        }
    };
    let state = |state| {
        move |filter: CallFilter| CallFilter {
            state: Some(state),
            ..filter
        }
    };
    filters = with(filters, &[&party(None), &party(Some(Role::Callee))]);
    filters = with(filters, &[&state(ListedState::Live), &state(ListedState::Ended)]);
    filters = with(
        filters,
        &[&|filter| CallFilter {
            end_results: Some(vec![EndResult::Completed, EndResult::Declined]),
            ..filter
        }],
    );
    filters = with(
        filters,
        &[&|filter| CallFilter {
            started_from: Some(at(0)),
            started_to: Some(at(1)),
            ..filter
        }],
    );
    filters = with(
        filters,
        &[&|filter| CallFilter {
            ended_to: Some(at(2)),
            ..filter
        }],
    );
    filters = with(
        filters,
        &[&|filter| CallFilter {
            duration: DurationRange {
                min: Some(Duration::ZERO),
                max: Some(Duration::from_secs(1)),
            },
            ..filter
        }],
    );
    with(
        filters,
        &[&|filter| CallFilter {
            is_video: Some(true),
            ..filter
        }],
    )
}

const fn minute(number: u64) -> Timestamp {
    Timestamp::from_millis(crate::world::START.as_millis() + number * 60_000)
}

fn numbers(page: &CallPage) -> Vec<u8> {
    page.calls.iter().map(|listed| listed.call.id.as_bytes()[0]).collect()
}

impl Town {
    async fn new() -> Self {
        let world = World::new();
        let application = world.application("app").await;
        let anna = world.phone(&application, "anna").await;
        let ben = world.phone(&application, "ben").await;
        let carol = world.phone(&application, "carol").await;
        let town = Self {
            world,
            app: application.key,
            anna,
            ben,
            carol,
        };
        town.call(1, &town.anna, &town.ben, false).await;
        town.act(1, &town.anna, town.anna.end(), 9).await;
        town.call(2, &town.ben, &town.anna, false).await;
        town.act(2, &town.anna, town.anna.end(), 9).await;
        for (number, callee, is_video, duration) in [(3, &town.carol, true, 10), (4, &town.ben, false, 20)] {
            town.call(number, &town.anna, callee, is_video).await;
            town.act(number, callee, callee.accept(), 1).await;
            for phone in [&town.anna, callee] {
                let report = phone.report(MediaReport::Connected { path: None });
                town.act(number, phone, report, 2).await;
            }
            town.act(number, callee, callee.end(), 1 + duration).await;
        }
        town.call(5, &town.carol, &town.ben, false).await;
        town.act(5, &town.ben, town.ben.accept(), 1).await;
        town.act(5, &town.ben, town.ben.end(), 6).await;
        town.call(6, &town.anna, &town.ben, true).await;
        town
    }

    async fn call(&self, number: u8, caller: &Phone, callee: &Phone, is_video: bool) {
        let mut request = request(caller, call_id(number));
        request.is_video = is_video;
        let callee = &callee.user.user_id;
        let now = minute(number.into());
        self.world
            .store
            .dial(caller.session, callee, request, now)
            .await
            .unwrap();
    }

    async fn act(&self, number: u8, phone: &Phone, input: Input, seconds: u64) {
        let now = minute(number.into()) + Duration::from_secs(seconds);
        let actor = Actor::Session(phone.session);
        let id: CallId = call_id(number);
        self.world.store.apply(self.app, id, actor, input, now).await.unwrap();
    }

    async fn list(&self, filter: &CallFilter) -> Vec<u8> {
        let page = self.page(filter, None, 100, SCANNED).await;
        assert_eq!(page.next, None);
        numbers(&page)
    }

    /// All pages of a list, one after another, each of which looks at so many calls.
    async fn pages(&self, filter: &CallFilter, limit: u32, scanned: i64) -> Vec<u8> {
        let mut all = Vec::new();
        let mut next = None;
        for _ in 0..10 {
            let page = self.page(filter, next, limit, scanned).await;
            all.extend(numbers(&page));
            next = page.next;
            if next.is_none() {
                return all;
            }
        }
        panic!("the list does not end: {all:?}");
    }

    async fn page(&self, filter: &CallFilter, before: Option<LogCursor>, limit: u32, scanned: i64) -> CallPage {
        let (app, filter) = (self.app, filter.clone());
        let read = move |connection: &Connection| page(connection, app, &filter, before, limit, scanned);
        self.world.store.read(read).await.unwrap()
    }

    async fn plan(&self, text: &str, values: Vec<Value>) -> Vec<String> {
        let text = format!("explain query plan {text}");
        let read = move |connection: &Connection| {
            connection
                .prepare(&text)?
                .query_map(params_from_iter(values), |row| row.get("detail"))?
                .collect()
        };
        self.world.store.read(read).await.unwrap()
    }
}
