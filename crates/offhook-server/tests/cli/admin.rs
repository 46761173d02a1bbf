use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::json;

use super::{json_of, run, succeed, text};
use crate::program::{Program, command};

/// Runs a command that reads its password from standard input.
fn run_with_password(folder: &Path, arguments: &[&str], password: &str) -> Output {
    let mut child = command(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that fails early has closed its end.
    _ = child.stdin.take().unwrap().write_all(password.as_bytes());
    child.wait_with_output().unwrap()
}

#[tokio::test]
async fn who_is_made_on_the_command_line_signs_in_to_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Program::serve(folder.path(), &[]);
    let address = serve.ready["http"].as_str().unwrap();
    let sign_in = async |name: &str, password: &str| {
        let url = format!("http://{address}/admin/v1/session");
        let body = json!({"name": name, "password": password});
        let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        response.status().as_u16()
    };
    let create = ["admin", "create", "anna", "--role", "owner"];
    succeed(run_with_password(folder.path(), &create, "correct horse battery\n"));
    assert_eq!(sign_in("anna", "correct horse battery").await, 200);

    let made = succeed(run(
        folder.path(),
        &["admin", "create", "ben", "--role", "viewer", "--generate"],
    ));
    let password = made.trim().rsplit(' ').next().unwrap();
    assert_eq!(password.len(), 20, "{made}");
    assert_eq!(sign_in("ben", password).await, 200);
    let set = ["admin", "set-password", "ben"];
    succeed(run_with_password(folder.path(), &set, "another good password"));
    assert_eq!(sign_in("ben", password).await, 401);
    assert_eq!(sign_in("ben", "another good password").await, 200);
    succeed(run(folder.path(), &["admin", "delete", "ben"]));
    assert_eq!(sign_in("ben", "another good password").await, 401);
}

#[test]
fn administrators_are_listed_and_changed_and_the_last_owner_stays() {
    let folder = tempfile::tempdir().unwrap();
    succeed(run(folder.path(), &["migrate"]));
    let nobody = succeed(run(folder.path(), &["admin", "list"]));
    assert!(nobody.contains("offhook admin create"), "{nobody}");
    for (name, role) in [("anna", "owner"), ("ben", "viewer")] {
        succeed(run(
            folder.path(),
            &["admin", "create", name, "--role", role, "--generate"],
        ));
    }
    let list = || json_of(run(folder.path(), &["admin", "list", "--json"]));
    let entry = |name: &str, role: &str| json!({"name": name, "role": role, "has_totp": false, "is_oidc": false});
    assert_eq!(list(), json!([entry("anna", "owner"), entry("ben", "viewer")]));

    for (arguments, sentence) in [
        (&["admin", "delete", "anna"][..], "last owner"),
        (&["admin", "set-role", "anna", "operator"], "last owner"),
        (&["admin", "delete", "carol"], "no administrator carol"),
        (
            &["admin", "create", "anna", "--role", "viewer", "--generate"],
            "of that name already",
        ),
        (
            &["admin", "create", " x", "--role", "viewer", "--generate"],
            "spaces at its ends",
        ),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(text(&refused.stderr).contains(sentence), "{}", text(&refused.stderr));
    }
    for (password, sentence) in [("short\n", "12 to 256"), ("", "no password was given")] {
        let refused = run_with_password(
            folder.path(),
            &["admin", "create", "dora", "--role", "viewer"],
            password,
        );
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(sentence), "{}", text(&refused.stderr));
    }
    succeed(run(folder.path(), &["admin", "set-role", "ben", "owner"]));
    succeed(run(folder.path(), &["admin", "remove-totp", "ben"]));
    succeed(run(folder.path(), &["admin", "delete", "anna"]));
    assert_eq!(list(), json!([entry("ben", "owner")]));
}

#[tokio::test]
async fn what_the_command_line_changes_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    succeed(run(folder.path(), &["app", "create", "Mine", "--app-id", "MINE"]));
    succeed(run(folder.path(), &["app", "list"]));
    succeed(run(folder.path(), &["user", "create", "alice", "--app", "MINE"]));
    let token = succeed(run(folder.path(), &["user", "issue-token", "alice", "--app", "MINE"]));
    succeed(run(
        folder.path(),
        &["admin", "create", "anna", "--role", "owner", "--generate"],
    ));
    succeed(run(
        folder.path(),
        &["app", "webhooks", "subscribe", "MINE", "https://example.org/hook"],
    ));
    succeed(run(folder.path(), &["app", "webhooks", "unsubscribe", "MINE"]));
    // What is done is in the log, though nobody reads that it is done.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut set = command(folder.path());
    set.args(["app", "set", "MINE", "--permission", "read-write"])
        .stdout(writer);
    assert_eq!(set.status().unwrap().code(), Some(141));
    let store = offhook_store::Store::open(&folder.path().join("data/offhook.db")).unwrap();
    let filter = offhook_store::AuditFilter {
        limit: 100,
        ..Default::default()
    };
    let entries = store.list_audit(filter).await.unwrap().entries;
    let of = |entry: &offhook_store::AuditEntry| (entry.action.clone(), entry.app_id.clone(), entry.target.clone());
    let mine = Some("MINE".to_owned());
    let alice = Some("alice".to_owned());
    assert_eq!(
        entries.iter().map(of).collect::<Vec<_>>(),
        [
            ("app set".to_owned(), mine.clone(), None),
            ("app webhooks unsubscribe".to_owned(), mine.clone(), None),
            ("app webhooks subscribe".to_owned(), mine.clone(), None),
            ("admin create".to_owned(), None, Some("anna".to_owned())),
            ("user issue-token".to_owned(), mine.clone(), alice.clone()),
            ("user create".to_owned(), mine.clone(), alice),
            ("app create".to_owned(), mine, None),
        ]
    );
    assert!(
        entries
            .iter()
            .all(|entry| entry.actor == "command line" && entry.is_allowed)
    );
    assert!(!format!("{entries:?}").contains(token.trim()));
}
