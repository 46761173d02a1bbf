use super::*;
use crate::world::World;

#[test]
fn to_resume_what_lives_nothing_of_what_has_ended_is_read() {
    let world = World::new();
    let connection = Connection::open(world.path()).unwrap();
    let plan: Vec<String> = connection
        .prepare(&format!("explain query plan {ALL_LIVE}"))
        .unwrap()
        .query_map([], |row| row.get("detail"))
        .unwrap()
        .collect::<Result<_>>()
        .unwrap();
    let [live, call] = plan.as_slice() else {
        panic!("{plan:?}");
    };
    assert!(
        live.starts_with("SCAN live_party USING INDEX live_party_call"),
        "{live}"
    );
    assert!(call.starts_with("SEARCH call USING INTEGER PRIMARY KEY"), "{call}");
}
