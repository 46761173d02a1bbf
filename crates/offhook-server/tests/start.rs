//! Starts that are refused: they change nothing.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use offhook_server::config::Config;
use offhook_server::node::{Node, StartError};

use crate::program::Program;
use crate::server::Server;

#[tokio::test]
async fn a_second_server_in_the_same_folder_is_refused_and_the_first_serves_on() {
    let server = Server::start().await;
    let config = server.node().config().clone();
    let second = Node::serve(Config::ephemeral(&config.data_dir), false).await;
    assert!(matches!(second.err(), Some(StartError::InUse { .. })));
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    alice.dial("bob").await;
    bob.expect("ringing").await;
    server.stop().await;
}

#[tokio::test]
async fn a_start_that_is_refused_does_not_touch_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let lock = fs::File::create(folder.path().join("offhook.lock")).unwrap();
    lock.lock().unwrap();
    let config = Config::ephemeral(folder.path());
    let refused = Node::serve(config.clone(), false).await.err();
    assert!(matches!(refused, Some(StartError::InUse { .. })), "{refused:?}");
    assert_eq!(names(folder.path()), ["offhook.lock"]);
    drop(lock);

    let occupied = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let elsewhere = Config {
        listen: occupied.local_addr().unwrap(),
        ..config.clone()
    };
    let refused = Node::serve(elsewhere, false).await.err();
    assert!(matches!(refused, Some(StartError::Listen { .. })), "{refused:?}");
    assert_eq!(names(folder.path()), ["offhook.lock"]);

    let serving = Node::serve(config, false).await.unwrap();
    assert!(names(folder.path()).len() > 1, "a start that succeeds makes the store");
    serving.stop().await;
}

#[test]
fn a_server_serves_on_when_nobody_reads_what_it_prints() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve_unheard(folder.path());
    program.stop();
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
