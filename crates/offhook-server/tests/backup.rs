//! `offhook backup` and `offhook restore`, by running the program beside a server that serves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use offhook_client::Client;
use offhook_core::id::CallId;
use offhook_server::config::Config;
use offhook_server::credential;
use offhook_server::node::Node;
use serde_json::Value;

use crate::program::command;
use crate::server::phone::connect;
use crate::server::{Phone, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_busy_server_is_restored_signs_users_in_and_lets_them_call() {
    let server = Server::start().await;
    let node = server.node();
    server.phone("alice").await;
    server.phone("bob").await;
    let issue = async |user_id| {
        credential::issue_access_token(node.store(), server.app(), user_id)
            .await
            .unwrap()
    };
    let (alices, bobs) = (issue("alice").await, issue("bob").await);
    let key = async |node: &Node| {
        let key = credential::webhook_key(node.store(), node.key(), server.app(), node.clock().now()).await;
        key.unwrap()
    };
    let webhook_key = key(node).await;
    let (mut caller, mut callee) = (server.phone("carol").await, server.phone("dave").await);
    let first = call(&mut caller, &mut callee, "dave").await;

    let stop = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU32::new(0));
    let load = tokio::spawn(write_on(&server, Arc::clone(&stop), Arc::clone(&written)));
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("monday");
    let before = written.load(Ordering::Relaxed);
    let manifest = offhook(&node.config().data_dir, &["backup", "--json", path(&folder)]).await;
    let manifest: Value = serde_json::from_str(&succeed(manifest)).unwrap();
    assert!(written.load(Ordering::Relaxed) > before, "the server served meanwhile");
    let during = call(&mut caller, &mut callee, "dave").await;
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();

    assert_eq!((&manifest["calls"], &manifest["usage"]), (&1.into(), &1.into()));
    assert_eq!(names(&folder), ["manifest.json", "offhook.db", "server.key"]);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for name in names(&folder) {
        let mode = fs::metadata(folder.join(&name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    let left = names(&node.config().data_dir);
    assert!(!left.iter().any(|name| name.starts_with("backup-")), "{left:?}");
    let app_id = server.app_id.clone();
    let app = server.app();
    let restored = place.path().join("restored");
    let said = succeed(offhook(&restored, &["restore", path(&folder)]).await);
    assert!(said.contains("1 calls") && said.contains("offhook serve"), "{said}");
    server.stop().await;

    let serving = Node::serve(Config::ephemeral(&restored), false).await.unwrap();
    let sign_in = async |user_id: &str, token: &str| {
        let host = format!("http://{}", serving.http).parse().unwrap();
        let (client, events) = Client::init(&app_id, host).unwrap();
        client.authenticate(user_id, Some(token)).await.unwrap();
        client.connect().await.unwrap();
        Phone::new(client, events)
    };
    let (mut alice, mut bob) = (sign_in("alice", &alices).await, sign_in("bob", &bobs).await);
    call(&mut alice, &mut bob, "bob").await;
    assert_eq!(
        credential::webhook_key(
            serving.node.store(),
            serving.node.key(),
            app,
            serving.node.clock().now()
        )
        .await
        .unwrap(),
        webhook_key
    );
    let store = serving.node.store();
    assert!(store.call(app, first).await.unwrap().is_some());
    assert!(
        store.call(app, during).await.unwrap().is_none(),
        "what came later is not in it"
    );
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_servers_folder_is_backed_up_and_nothing_is_replaced_unasked() {
    let server = Server::start().await;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("monday");
    let data_dir = place.path().join("data");
    succeed(offhook(&data_dir, &["app", "create", "Mine", "--app-id", "MINE"]).await);
    succeed(offhook(&data_dir, &["backup", path(&folder)]).await);
    let again = offhook(&data_dir, &["backup", path(&folder)]).await;
    assert!(refused(&again).contains("is there already"));

    // A server that runs keeps its folder, and a store that is there is kept beside.
    let running = offhook(&server.node().config().data_dir, &["restore", path(&folder)]).await;
    assert!(
        refused(&running).contains("while no server runs"),
        "{}",
        refused(&running)
    );
    succeed(offhook(&data_dir, &["app", "create", "Later", "--app-id", "LATER"]).await);
    let there = offhook(&data_dir, &["restore", path(&folder)]).await;
    assert!(refused(&there).contains("--overwrite"), "{}", refused(&there));
    assert!(succeed(offhook(&data_dir, &["app", "list"]).await).contains("LATER"));
    let said = succeed(offhook(&data_dir, &["restore", "--overwrite", path(&folder)]).await);
    let listed = succeed(offhook(&data_dir, &["app", "list"]).await);
    assert!(listed.contains("MINE") && !listed.contains("LATER"), "{listed}");
    let kept = names(&data_dir)
        .into_iter()
        .find(|name| name.starts_with("replaced-"))
        .unwrap();
    assert!(said.contains(&kept), "{said}");
    let listed = succeed(offhook(&data_dir.join(kept), &["app", "list"]).await);
    assert!(listed.contains("LATER"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_damaged_or_has_another_servers_key_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let data_dir = place.path().join("data");
    succeed(offhook(&data_dir, &["app", "create", "Mine"]).await);
    let restored = place.path().join("restored");
    for (number, (file, damage, words)) in [
        ("offhook.db", Damage::Flip(5_000), "changed or damaged"),
        ("server.key", Damage::Flip(3), "another server's"),
        ("server.key", Damage::Remove, "server.key"),
        ("manifest.json", Damage::Remove, "is this a backup?"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = place.path().join(number.to_string());
        succeed(offhook(&data_dir, &["backup", path(&folder)]).await);
        damage.to(&folder.join(file));
        let answer = offhook(&restored, &["restore", path(&folder)]).await;
        assert!(refused(&answer).contains(words), "{file}: {}", refused(&answer));
        assert!(!restored.join("offhook.db").exists());
    }
    let newer = place.path().join("newer");
    succeed(offhook(&data_dir, &["backup", path(&newer)]).await);
    let manifest = fs::read_to_string(newer.join("manifest.json")).unwrap();
    let manifest = manifest.replace("\"store_version\": 1", "\"store_version\": 1000");
    fs::write(newer.join("manifest.json"), manifest).unwrap();
    let answer = offhook(&restored, &["restore", path(&newer)]).await;
    assert!(refused(&answer).contains("version 1000"), "{}", refused(&answer));
}

#[tokio::test]
async fn nobody_gets_a_copy_without_a_pass_of_this_server() {
    let server = Server::start().await;
    let url = format!("http://{}/backup", server.admin());
    let client = reqwest::Client::new();
    let bearers = [None, Some("AAAA".to_owned()), Some(server.api_token.clone())];
    for bearer in bearers {
        let mut request = client.post(&url);
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let outside = client
        .post(format!("http://{}/backup", server.address()))
        .send()
        .await
        .unwrap();
    assert_eq!(outside.status(), 404);
    let left = names(&server.node().config().data_dir);
    assert!(!left.iter().any(|name| name.starts_with("backup-")), "{left:?}");
}

enum Damage {
    Flip(usize),
    Remove,
}

impl Damage {
    fn to(&self, file: &Path) {
        match self {
            Self::Remove => fs::remove_file(file).unwrap(),
            Self::Flip(at) => {
                let mut bytes = fs::read(file).unwrap();
                bytes[*at] ^= 1;
                fs::write(file, bytes).unwrap();
            }
        }
    }
}

/// A call that is connected and ends; gives its id.
async fn call(caller: &mut Phone, callee: &mut Phone, user_id: &str) -> CallId {
    let call = caller.dial(user_id).await;
    let ring = callee.expect("ringing").await;
    ring.accept(true, false).await.unwrap();
    connect(&call, &ring).await;
    call.end().await.unwrap();
    for phone in [caller, callee] {
        while !matches!(phone.next().await, ("ended", _)) {}
    }
    call.id()
}

/// Changes a user over and over, as fast as the server answers.
fn write_on(server: &Server, stop: Arc<AtomicBool>, written: Arc<AtomicU32>) -> impl Future<Output = ()> + use<> {
    let url = format!("http://{}/v3/users/alice", server.address());
    let api_token = server.api_token.clone();
    async move {
        let client = reqwest::Client::new();
        while !stop.load(Ordering::Relaxed) {
            let nickname = format!("Alice {}", written.fetch_add(1, Ordering::Relaxed));
            let request = client.put(&url).header("Api-Token", &api_token);
            let answer = request
                .json(&serde_json::json!({ "nickname": nickname }))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200);
        }
    }
}

/// Runs the program for a data folder, while the server of this test goes on.
async fn offhook(data_dir: &Path, arguments: &[&str]) -> Output {
    let mut program = command(data_dir.parent().unwrap());
    program.env("OFFHOOK_DATA_DIR", data_dir).args(arguments);
    tokio::task::spawn_blocking(move || program.output().unwrap())
        .await
        .unwrap()
}

fn path(folder: &Path) -> &str {
    folder.to_str().unwrap()
}

fn succeed(output: Output) -> String {
    assert!(output.status.success(), "{}", refused(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
