//! The command line, by running the program.

mod admin;
mod call;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::program::{Program, command};

#[test]
fn an_application_is_created_set_listed_and_its_token_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let created = json_of(run(
        folder.path(),
        &["app", "create", "Mine", "--app-id", "MINE", "--json"],
    ));
    assert_eq!(created["app_id"], "MINE");
    let first = created["api_token"].as_str().unwrap().to_owned();

    let again = run(folder.path(), &["app", "create", "Mine", "--app-id", "MINE"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("already"), "{}", text(&again.stderr));

    let origin = "https://example.org";
    succeed(run(
        folder.path(),
        &[
            "app",
            "set",
            "MINE",
            "--permission",
            "read-write",
            "--allow-origin",
            origin,
        ],
    ));
    let listed = json_of(run(folder.path(), &["app", "list", "--json"]));
    assert_eq!(listed[0]["permission"], "read_write");
    assert_eq!(listed[0]["allowed_origins"], json!([origin]));

    let rotated = json_of(run(folder.path(), &["app", "rotate-token", "MINE", "--json"]));
    assert_ne!(rotated["api_token"], first.as_str());
    let bad = run(
        folder.path(),
        &["app", "set", "MINE", "--allow-origin", "example.org/page"],
    );
    assert!(text(&bad.stderr).contains("not an origin"), "{}", text(&bad.stderr));
}

#[test]
fn every_setting_of_an_application_is_set_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    succeed(run(folder.path(), &["app", "create", "Mine", "--app-id", "MINE"]));
    let listed = || json_of(run(folder.path(), &["app", "list", "--json"]))[0].clone();
    let before = listed();
    assert_eq!(
        (&before["max_ringing_s"], &before["delivery_retention_days"]),
        (&json!(300), &json!(30))
    );
    assert_eq!(
        (&before["call_retention_days"], &before["dial_hook"]),
        (&json!(null), &json!(null))
    );
    let hook = "https://hooks.example/may";
    #[rustfmt::skip]
    succeed(run(folder.path(), &[
        "app", "set", "MINE", "--name", "Ours", "--max-ringing", "45", "--max-connecting", "20", "--keep-calls", "90",
        "--keep-quality", "30", "--keep-deliveries", "7", "--dial-hook", hook, "--dial-hook-timeout", "800",
        "--dial-hook-on-failure", "allow",
    ]));
    let after = listed();
    assert_eq!(
        (&after["name"], &after["max_ringing_s"], &after["max_connecting_s"]),
        (&json!("Ours"), &json!(45), &json!(20))
    );
    let days = ["call", "quality", "delivery"].map(|kind| after[format!("{kind}_retention_days")].clone());
    assert_eq!(days, [json!(90), json!(30), json!(7)]);
    assert_eq!(
        after["dial_hook"],
        json!({"url": hook, "timeout_ms": 800, "on_failure": "allow"})
    );
    succeed(run(
        folder.path(),
        &["app", "set", "MINE", "--keep-calls", "0", "--dial-hook", ""],
    ));
    let last = listed();
    assert_eq!(
        (&last["call_retention_days"], &last["dial_hook"], &last["max_ringing_s"]),
        (&json!(null), &json!(null), &json!(45))
    );
    let refused = run(folder.path(), &["app", "set", "MINE", "--max-ringing", "4"]);
    assert!(
        text(&refused.stderr).contains("max_ringing_s must be 5 to 300"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn an_application_is_created_relay_only_and_set_back() {
    let folder = tempfile::tempdir().unwrap();
    succeed(run(
        folder.path(),
        &["app", "create", "Shy", "--app-id", "SHY", "--relay-only"],
    ));
    succeed(run(folder.path(), &["app", "create", "Open", "--app-id", "OPEN"]));
    let relay_only = || {
        let listed = json_of(run(folder.path(), &["app", "list", "--json"]));
        [0, 1].map(|index| listed[index]["relay_only"].as_bool().unwrap())
    };
    assert_eq!(relay_only(), [true, false]);
    assert!(succeed(run(folder.path(), &["app", "list"])).contains("relay only"));
    succeed(run(folder.path(), &["app", "set", "SHY", "--relay-only", "false"]));
    succeed(run(folder.path(), &["app", "set", "OPEN", "--relay-only", "true"]));
    assert_eq!(relay_only(), [false, true]);
    let bad = run(folder.path(), &["app", "set", "SHY", "--relay-only", "maybe"]);
    assert_eq!(bad.status.code(), Some(2));
}

#[test]
fn a_mistake_in_the_usage_is_exit_code_2_and_a_failure_is_1() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["ring"]).status.code(), Some(2));
    succeed(run(folder.path(), &["migrate"]));
    let failed = run(folder.path(), &["app", "rotate-token", "NOBODYS"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        text(&failed.stderr).contains("offhook app list"),
        "it says where to look"
    );
}

#[test]
fn a_command_in_the_wrong_folder_says_so_and_makes_no_store() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["app", "list"][..],
        &["admin", "create", "anna", "--role", "owner", "--generate"],
        &["user", "create", "--app", "APP", "anna"],
        &["usage", "report"],
        &["call", "show", "APP", "0190d1c7-0000-7000-8000-000000000000"],
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        let sentence = text(&refused.stderr);
        assert!(
            sentence.contains("there is no store in /") && sentence.contains("--data-dir"),
            "{arguments:?}: {sentence}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{arguments:?}");
    }
}

#[test]
fn the_configuration_is_checked_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    succeed(run(folder.path(), &["config", "check"]));
    let file = folder.path().join("offhook.toml");
    std::fs::write(&file, "max_sockets = 0\n").unwrap();
    let refused = run(folder.path(), &["config", "check", "--config", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let sentence = text(&refused.stderr);
    assert!(
        sentence.contains("`max_sockets` is 0") && sentence.contains("1 to 1000000"),
        "{sentence}"
    );

    let settings = "[relay]\nsecret = \"sixteen or more characters\"\n[admin.oidc]\nname = \"Work account\"\n";
    std::fs::write(&file, settings).unwrap();
    let printed = succeed(run(
        folder.path(),
        &["config", "print", "--config", file.to_str().unwrap()],
    ));
    assert!(printed.contains("\n[relay]\n# The secret is set"), "{printed}");
    assert!(!printed.contains("sixteen"), "{printed}");
    assert!(
        printed.contains("\n[admin.oidc]\n") && printed.contains("name = \"Work account\""),
        "{printed}"
    );
    std::fs::write(&file, printed).unwrap();
    succeed(run(
        folder.path(),
        &["config", "check", "--config", file.to_str().unwrap()],
    ));
}

#[tokio::test]
async fn what_the_command_line_sets_a_running_server_goes_by() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Program::serve(folder.path(), &[]);
    let ready = folder.path().join("ready.json");
    assert_eq!(std::fs::metadata(&ready).unwrap().permissions().mode() & 0o777, 0o600);
    let ready = &serve.ready;
    let app_id = ready["app_id"].as_str().unwrap();
    let address = ready["http"].as_str().unwrap();
    let turn: Vec<std::net::SocketAddr> = serde_json::from_value(ready["turn"].clone()).unwrap();
    assert!(turn.len() == 1 && turn[0].port() != 0, "{turn:?}");

    let sign_in = async |token: Option<&str>| {
        let body = json!({"app_id": app_id, "user_id": "alice", "access_token": token});
        let url = format!("http://{address}/client/v1/authenticate");
        let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        response.json::<Value>().await.unwrap()["code"].as_u64()
    };
    assert_eq!(
        sign_in(None).await,
        Some(400_301),
        "an application made by serve denies unknown users"
    );
    succeed(run(folder.path(), &["user", "create", "alice", "--app", app_id]));
    assert_eq!(sign_in(None).await, Some(400_302), "and users without a token");
    let issued = succeed(run(folder.path(), &["user", "issue-token", "alice", "--app", app_id]));
    assert_eq!(sign_in(Some(issued.trim())).await, None);
    let kind = ["--kind", "session", "--json"];
    let issued = json_of(run(
        folder.path(),
        &[&["user", "issue-token", "alice", "--app", app_id], &kind[..]].concat(),
    ));
    assert_eq!(sign_in(issued["token"].as_str()).await, None);
    succeed(run(folder.path(), &["user", "revoke", "alice", "--app", app_id]));
    assert_eq!(sign_in(issued["token"].as_str()).await, Some(400_309));

    let users = async |token: &str| {
        let request = reqwest::Client::new().get(format!("http://{address}/v3/users"));
        request
            .header("Api-Token", token)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let first = ready["api_token"].as_str().unwrap();
    assert_eq!(users(first).await, 200);
    let rotated = json_of(run(folder.path(), &["app", "rotate-token", app_id, "--json"]));
    assert_eq!(users(first).await, 401);
    assert_eq!(users(rotated["api_token"].as_str().unwrap()).await, 200);
}

#[test]
fn hosts_of_webhooks_are_allowed_forbidden_and_shown_with_the_key_that_signs() {
    let folder = tempfile::tempdir().unwrap();
    let webhooks = |arguments: &[&str]| run(folder.path(), &[&["app", "webhooks"], arguments].concat());
    let create = ["app", "create", "Mine", "--app-id", "MINE", "--webhook-host"];
    for refused in ["https://a.example", "a.example/b", "u@a.example", "a.example:0x", ""] {
        let refused = run(folder.path(), &[&create[..], &[refused]].concat());
        assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stdout));
    }
    succeed(run(folder.path(), &[&create[..], &["A.example"]].concat()));
    let shown = json_of(webhooks(&["show", "MINE", "--json"]));
    assert_eq!(shown["hosts"], json!(["a.example:443"]));

    succeed(webhooks(&["allow", "MINE", "b.example:8443", "a.example:443"]));
    let hosts = || json_of(webhooks(&["show", "MINE", "--json"]))["hosts"].clone();
    assert_eq!(hosts(), json!(["a.example:443", "b.example:8443"]));
    succeed(webhooks(&["forbid", "MINE", "a.example"]));
    assert_eq!(hosts(), json!(["b.example:8443"]));
    let off = succeed(webhooks(&["forbid", "MINE"]));
    assert!(off.contains("no webhook"), "{off}");
    assert_eq!(hosts(), json!([]));

    let rotated = json_of(webhooks(&["rotate-key", "MINE", "--json"]));
    assert_ne!(rotated["signing_key"], shown["signing_key"]);
    assert_eq!(
        json_of(webhooks(&["show", "MINE", "--json"]))["signing_key"],
        rotated["signing_key"]
    );
}

#[test]
fn an_application_is_subscribed_to_its_calls_and_unsubscribed() {
    let folder = tempfile::tempdir().unwrap();
    let webhooks = |arguments: &[&str]| run(folder.path(), &[&["app", "webhooks"], arguments].concat());
    succeed(run(folder.path(), &["app", "create", "Mine", "--app-id", "MINE"]));
    let own = || json_of(webhooks(&["show", "MINE", "--json"]))["webhook"].clone();
    assert_eq!((&own()["enabled"], &own()["url"]), (&json!(false), &json!("")));
    for refused in ["http://hooks.example/", "https://10.0.0.1/", "hooks.example"] {
        assert_eq!(
            webhooks(&["subscribe", "MINE", refused]).status.code(),
            Some(1),
            "{refused}"
        );
    }
    let url = "https://hooks.example/calls";
    succeed(webhooks(&["subscribe", "MINE", url, "--event", "direct_call:end"]));
    assert_eq!(
        own(),
        json!({"enabled": true, "url": url, "enabled_events": ["direct_call:end"]})
    );
    let shown = succeed(webhooks(&["show", "MINE"]));
    assert!(shown.contains(&format!("{url} (direct_call:end)")), "{shown}");
    succeed(webhooks(&["unsubscribe", "MINE"]));
    assert_eq!(own()["enabled"], false);
}

#[test]
fn whoever_stops_reading_is_told_nothing_and_a_full_disk_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let unread = command(folder.path()).args(["config", "print"]).stdout(writer).output();
    let unread = unread.unwrap();
    assert_eq!(unread.status.code(), Some(141));
    assert_eq!(text(&unread.stderr), "");

    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let unwritten = command(folder.path()).args(["config", "print"]).stdout(full).output();
    let unwritten = unwritten.unwrap();
    assert_eq!(unwritten.status.code(), Some(1));
    assert!(
        text(&unwritten.stderr).starts_with("offhook: printing what was done: No space left"),
        "{}",
        text(&unwritten.stderr)
    );
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

fn succeed(output: Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json_of(output: Output) -> Value {
    serde_json::from_str(&succeed(output)).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
