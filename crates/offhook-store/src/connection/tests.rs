use offhook_core::call::{Happening, Role};

use super::*;
use crate::world::{Phone, World, at, call_id};

#[tokio::test]
async fn a_user_is_online_while_any_device_is_connected() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let tablet = world.sign_in(&anna.user).await;
    let node = started(&world, 1).await;
    let store = &world.store;
    assert!(!is_online(&world, &anna).await);
    let first = connect(&world, node, &anna, at(1)).await;
    let second = connect(&world, node, &tablet, at(2)).await;
    assert!(is_online(&world, &anna).await);
    store.disconnect_device(first, at(3), at(3)).await.unwrap();
    assert!(is_online(&world, &anna).await);
    store.disconnect_device(second, at(4), at(4)).await.unwrap();
    let user = store.user(application.key, "anna").await.unwrap().unwrap();
    assert!(!user.is_online);
    assert_eq!(user.last_seen_at, Some(at(4)));
}

#[tokio::test]
async fn the_end_of_an_old_socket_leaves_the_new_one_of_the_same_device() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let node = started(&world, 1).await;
    let old = connect(&world, node, &anna, at(1)).await;
    let new = connect(&world, node, &anna, at(2)).await;
    world.store.disconnect_device(old, at(3), at(3)).await.unwrap();
    assert!(is_online(&world, &anna).await);
    world.store.disconnect_device(new, at(4), at(4)).await.unwrap();
    assert!(!is_online(&world, &anna).await);
}

#[tokio::test]
async fn a_session_that_is_gone_connects_nothing() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let node = started(&world, 1).await;
    connect(&world, node, &anna, at(1)).await;
    assert!(world.store.delete_session(anna.session).await.unwrap());
    let refused = world.store.connect_device(node, anna.session, anna.device, at(2)).await;
    assert_eq!(refused.unwrap(), None);
    assert!(!is_online(&world, &anna).await);
}

#[tokio::test]
async fn the_calls_of_a_device_are_told_when_its_last_socket_ends() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let tablet = world.sign_in(&anna.user).await;
    world.phone(&application, "ben").await;
    let node = started(&world, 1).await;
    let first = connect(&world, node, &anna, at(1)).await;
    let second = connect(&world, node, &anna, at(2)).await;
    let elsewhere = connect(&world, node, &tablet, at(2)).await;
    world.dial(&anna, "ben", call_id(1), at(3)).await.unwrap();

    let disconnect = async |id, now| world.store.disconnect_device(id, at(4), now).await.unwrap();
    assert_eq!(disconnect(elsewhere, at(5)).await, []);
    assert_eq!(disconnect(first, at(5)).await, []);
    let told = disconnect(second, at(6)).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].happened, [Happening::Vanished(Role::Caller)]);
    let stored = world.store.call(application.key, call_id(1)).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&told[0].call));
    assert_eq!(disconnect(second, at(7)).await, []);
}

#[tokio::test]
async fn a_node_that_starts_learns_until_when_calls_were_served() {
    let world = World::new();
    let store = &world.store;
    let (first, second) = (NodeId::from_bits(1), NodeId::from_bits(2));
    assert_eq!(store.start_node(first, at(0)).await.unwrap(), None);
    store.node_heartbeat(first, at(5)).await.unwrap();
    assert_eq!(store.start_node(second, at(100)).await.unwrap(), Some(at(5)));
}

#[tokio::test]
async fn a_starting_node_removes_the_connections_of_those_before() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let node = started(&world, 1).await;
    connect(&world, node, &anna, at(1)).await;
    assert!(is_online(&world, &anna).await);
    let next = started(&world, 2).await;
    assert!(!is_online(&world, &anna).await);
    connect(&world, next, &anna, at(2)).await;
    assert!(is_online(&world, &anna).await);
    // The one before knows nothing of its end: it connects nobody any more.
    let refused = world.store.connect_device(node, anna.session, anna.device, at(3)).await;
    assert_eq!(refused.unwrap(), None);
}

async fn started(world: &World, bits: i64) -> NodeId {
    let node = NodeId::from_bits(bits);
    world.store.start_node(node, at(0)).await.unwrap();
    node
}

async fn connect(world: &World, node: NodeId, phone: &Phone, now: Timestamp) -> ConnectionId {
    world
        .store
        .connect_device(node, phone.session, phone.device, now)
        .await
        .unwrap()
        .unwrap()
}

async fn is_online(world: &World, phone: &Phone) -> bool {
    let user = world.store.user(phone.user.app, &phone.user.user_id).await.unwrap();
    user.unwrap().is_online
}
