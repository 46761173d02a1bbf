use super::*;
use crate::world::{World, at};

#[tokio::test]
async fn a_user_is_online_while_any_device_is_connected() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let tablet = world.sign_in(&anna.user).await;
    let node = started(&world, "one").await;
    let store = &world.store;
    assert!(!store.is_online(anna.user.key).await.unwrap());
    let first = connect(&world, &node, &anna, at(1)).await;
    let second = connect(&world, &node, &tablet, at(2)).await;
    assert!(store.user(application.key, "anna").await.unwrap().unwrap().is_online);
    store.disconnect_device(first, at(3)).await.unwrap();
    assert!(store.is_online(anna.user.key).await.unwrap());
    store.disconnect_device(second, at(4)).await.unwrap();
    let user = store.user(application.key, "anna").await.unwrap().unwrap();
    assert!(!user.is_online);
    assert_eq!(user.last_seen_at, Some(at(4)));
}

#[tokio::test]
async fn the_end_of_an_old_socket_leaves_the_new_one_of_the_same_device() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let node = started(&world, "one").await;
    let old = connect(&world, &node, &anna, at(1)).await;
    let new = connect(&world, &node, &anna, at(2)).await;
    world.store.disconnect_device(old, at(3)).await.unwrap();
    let left = world.store.connections_of(anna.user.key).await.unwrap();
    assert_eq!(
        left,
        [Connected {
            id: new,
            node,
            session: anna.session,
            device: anna.device,
            since: at(2)
        }]
    );
}

#[tokio::test]
async fn a_session_that_is_gone_connects_nothing() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let node = started(&world, "one").await;
    connect(&world, &node, &anna, at(1)).await;
    assert!(world.store.delete_session(anna.session).await.unwrap());
    let refused = world
        .store
        .connect_device(&node, anna.session, anna.device, at(2))
        .await;
    assert_eq!(refused.unwrap(), None);
    assert!(!world.store.is_online(anna.user.key).await.unwrap());
}

#[tokio::test]
async fn a_node_that_starts_learns_until_when_calls_were_served() {
    let world = World::new();
    let store = &world.store;
    let node = NodeId::new("one");
    assert_eq!(store.start_node(&node, at(0)).await.unwrap(), None);
    store.node_heartbeat(&node, at(5)).await.unwrap();
    assert_eq!(store.start_node(&node, at(100)).await.unwrap(), Some(at(5)));
}

#[tokio::test]
async fn a_starting_node_removes_the_connections_of_the_dead_and_of_its_own_past() {
    let world = World::new();
    let application = world.application("app").await;
    let (one, two, three) = (
        started(&world, "one").await,
        started(&world, "two").await,
        started(&world, "three").await,
    );
    let mut phones = Vec::new();
    for (node, user_id) in [(&one, "anna"), (&two, "ben"), (&three, "carol")] {
        let phone = world.phone(&application, user_id).await;
        connect(&world, node, &phone, at(1)).await;
        phones.push(phone);
    }
    // One restarts, two died long ago, three lives.
    world.store.node_heartbeat(&three, at(55)).await.unwrap();
    world.store.node_heartbeat(&one, at(58)).await.unwrap();
    assert_eq!(world.store.start_node(&one, at(60)).await.unwrap(), Some(at(58)));
    let mut online = Vec::new();
    for phone in &phones {
        online.push(world.store.is_online(phone.user.key).await.unwrap());
    }
    assert_eq!(online, [false, false, true]);
}

async fn started(world: &World, name: &str) -> NodeId {
    let node = NodeId::new(name);
    world.store.start_node(&node, at(0)).await.unwrap();
    node
}

async fn connect(world: &World, node: &NodeId, phone: &crate::world::Phone, now: Timestamp) -> ConnectionId {
    world
        .store
        .connect_device(node, phone.session, phone.device, now)
        .await
        .unwrap()
        .unwrap()
}
