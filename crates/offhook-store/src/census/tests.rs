use crate::NodeId;
use crate::world::{World, at};
use offhook_core::id::CallId;

#[tokio::test]
async fn what_goes_on_is_counted_and_what_ended_is_not() {
    let world = World::new();
    let application = world.application("app").await;
    let (anna, _ben) = (
        world.phone(&application, "anna").await,
        world.phone(&application, "ben").await,
    );
    let node = NodeId::from_bits(7);
    world.store.start_node(node, at(1)).await.unwrap();
    let call_id = CallId::from_bytes([9; 16]);
    world.dial(&anna, "ben", call_id, at(2)).await.unwrap();
    let census = world.store.census().await.unwrap();
    assert_eq!((census.live_calls, census.nodes), (1, vec![(node, at(1))]));
    assert!(census.store_bytes > 4096, "{}", census.store_bytes);
    world.act(&anna, call_id, anna.end(), at(3)).await.unwrap();
    let census = world.store.census().await.unwrap();
    let waiting = (census.waiting_deliveries, census.dead_deliveries, census.waiting_pushes);
    assert_eq!((census.live_calls, waiting), (0, (0, 0, 0)));
}
