//! `offhook usage …`, and what usage is after a server was killed.

use std::process::Output;
use std::time::Duration;

use offhook_client::Client;
use offhook_core::call::{EndResult, Input};
use offhook_core::time::Timestamp;
use offhook_core::usage::{Day, Rounding};
use offhook_server::config::Config;
use offhook_server::node::Node;
use offhook_store::{Actor, UsageExport};
use serde_json::{Value, json};

use crate::program::{Program, command};
use crate::server::phone::connect;
use crate::server::{Phone, Server};

#[tokio::test]
async fn usage_is_reported_exported_and_proved_beside_the_running_server() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, false).await.unwrap();
    connect(&call, &ring).await;
    call.end().await.unwrap();
    let record = records(server.node(), &server.app_id).await.remove(0);
    let app_id = server.app_id.as_str();

    let report = json_of(usage(&server, &["report", "--group-by", "user", "--json"]));
    assert_eq!(
        (&report["app_id"], &report["report"]["total"]["calls"]),
        (&json!(app_id), &json!(1))
    );
    let keys: Vec<_> = report["report"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["key"])
        .collect();
    assert_eq!(keys, ["alice", "bob"]);
    let csv = succeed(usage(
        &server,
        &[
            "report",
            "--app",
            app_id,
            "--group-by",
            "total",
            "--rounding",
            "minute",
            "--csv",
        ],
    ));
    let last = csv.lines().last().unwrap();
    let minutes = record.usage.call_duration().as_millis().div_ceil(60_000);
    assert_eq!(
        last,
        format!("{app_id},1,0,{},{},0", minutes * 60_000, minutes * 120_000)
    );
    let words = succeed(usage(&server, &["report"]));
    assert!(words.contains("1 calls"), "{words}");
    let nothing = succeed(usage(
        &server,
        &["report", "--from", "2024-02-29", "--to", "2024-03-01", "--csv"],
    ));
    assert_eq!(nothing.lines().count(), 3, "{nothing}");

    let exported = succeed(usage(&server, &["export"]));
    let mut lines = exported.split_terminator("\r\n");
    assert!(lines.next().unwrap().starts_with("app_id,call_id,caller_user_id,"));
    let (connected_at, ended_at) = (record.usage.connected_at.as_millis(), record.usage.ended_at.as_millis());
    let expected = format!(
        "{app_id},{},alice,bob,false,{connected_at},{ended_at},{},both_reported,0,0",
        call.id(),
        ended_at - connected_at
    );
    assert_eq!(lines.collect::<Vec<_>>(), [expected]);
    let exported = json_of(usage(&server, &["export", "--app", app_id, "--json"]));
    assert_eq!(
        (&exported["callee_user_id"], &exported["ended_at"]),
        (&json!("bob"), &json!(ended_at))
    );

    let proved = json_of(usage(&server, &["reconcile", "--json"]));
    assert_eq!(
        (&proved["calls"], &proved["records"], &proved["differences"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let early = usage(&server, &["report", "--from", "2026-01-02", "--to", "2026-01-01"]);
    assert_eq!(early.status.code(), Some(1));
    let long = usage(&server, &["report", "--from", "2020-01-01", "--to", "2026-01-01"]);
    assert!(String::from_utf8(long.stderr).unwrap().contains("366 days"));
    server.stop().await;
}

#[tokio::test]
async fn a_difference_is_listed_and_fails_the_command() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, false).await.unwrap();
    connect(&call, &ring).await;
    call.end().await.unwrap();
    // Another connection, as a hand that repairs too much would have it.
    let connection = rusqlite::Connection::open(server.node().config().database_path()).unwrap();
    assert_eq!(connection.execute("delete from usage", []).unwrap(), 1);
    let found = usage(&server, &["reconcile"]);
    assert_eq!(found.status.code(), Some(1));
    let (listed, said) = (
        String::from_utf8(found.stdout).unwrap(),
        String::from_utf8(found.stderr).unwrap(),
    );
    assert!(
        listed.contains(&format!("call {} was connected, and has no record", call.id())),
        "{listed}"
    );
    assert!(said.contains("usage is not what the calls say"), "{said}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_killed_server_carried_is_metered_once_until_its_devices_were_last_seen() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::serve(folder.path(), &[]);
    let app_id = server.ready["app_id"].as_str().unwrap().to_owned();
    let mut phones = Vec::new();
    for user_id in ["alice", "bob"] {
        let run = |arguments: &[&str]| {
            succeed(
                command(folder.path())
                    .args(arguments)
                    .args(["--app", &app_id, user_id])
                    .output()
                    .unwrap(),
            )
        };
        run(&["user", "create"]);
        let token = run(&["user", "issue-token"]);
        let host = format!("http://{}", server.ready["http"].as_str().unwrap())
            .parse()
            .unwrap();
        let (client, events) = Client::init(&app_id, host).unwrap();
        client.authenticate(user_id, Some(token.trim())).await.unwrap();
        client.connect().await.unwrap();
        phones.push(Phone::new(client, events));
    }
    let call = phones[0].dial("bob").await;
    let ring = phones[1].expect("ringing").await;
    ring.accept(true, false).await.unwrap();
    connect(&call, &ring).await;
    let call_id = call.id();
    // SIGKILL.
    drop(server);
    drop(phones);

    for round in 0..2 {
        let serving = Node::serve(Config::ephemeral(&folder.path().join("data")), false)
            .await
            .unwrap();
        let node = &serving.node;
        let app = node.store().list_applications().await.unwrap()[0].key;
        let found = records(node, &app_id).await;
        assert_eq!(found.len(), round, "it is metered by the step that ends it");
        if round == 0 {
            // The minute that lost devices have is over.
            let later = node.clock().now() + Duration::from_secs(61);
            let ended = node
                .store()
                .apply(app, call_id, Actor::System, Input::Expire, later)
                .await
                .unwrap();
            let ending = ended.call.ending().unwrap().clone();
            assert_eq!(ending.result, EndResult::ConnectionLost);
            let again = node
                .store()
                .apply(app, call_id, Actor::System, Input::Expire, later)
                .await
                .unwrap();
            assert!(!again.is_change());
            let record = records(node, &app_id).await.remove(0);
            assert_eq!(Some(record.usage.connected_at), ending.connected_at);
            assert_eq!(record.usage.ended_at, ending.at);
            assert!(
                record.usage.ended_at < node.clock().now(),
                "nobody pays for the time in which nobody served"
            );
        }
        let day = Day::of(node.clock().now());
        let days = node
            .store()
            .usage_by_day(app, day.before(1), day, Rounding::None)
            .await
            .unwrap();
        assert_eq!(days.iter().map(|day| day.sum.calls).sum::<u64>(), 1);
        let proved = node.store().reconcile_usage(None, |_| {}).await.unwrap();
        assert_eq!((proved.records, proved.differences), (1, 0));
        serving.stop().await;
    }
}

async fn records(node: &Node, app_id: &str) -> Vec<UsageExport> {
    let store = node.store();
    let application = store
        .application_by_id(&app_id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let for_ever = (Timestamp::from_millis(0), Timestamp::from_millis(u64::MAX >> 2));
    store.export_usage(application.key, for_ever, None, 100).await.unwrap()
}

fn usage(server: &Server, arguments: &[&str]) -> Output {
    let folder = &server.node().config().data_dir;
    let mut program = command(folder);
    program.env("OFFHOOK_DATA_DIR", folder).arg("usage").args(arguments);
    program.output().unwrap()
}

fn json_of(output: Output) -> Value {
    serde_json::from_str(&succeed(output)).unwrap()
}

fn succeed(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
    String::from_utf8(output.stdout).unwrap()
}
