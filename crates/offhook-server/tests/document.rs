//! The Platform API against its own document: schemathesis makes requests of it, good and bad, and looks at the answers.
//!
//! `cargo xtask test` runs these with `OFFHOOK_SCHEMATHESIS`, the path of that program.

use std::process::Command;

use crate::server::Server;

/// Where schemathesis is.
const PROGRAM: &str = "OFFHOOK_SCHEMATHESIS";
/// What is not looked at, since existing clients rely on the opposite: what is not found or there already is answered
/// with HTTP 400, so a request that the schema allows may be refused so (`positive_data_acceptance`); what was deleted is
/// answered with HTTP 400 too, or, a user's metadata, as the empty object that is left (`use_after_free`); and a method
/// that a path does not have is an address with nothing there, HTTP 404 (`unsupported_method`).
const EXCLUDED: &str = "positive_data_acceptance,use_after_free,unsupported_method";
/// The same requests each time.
const SEED: &str = "5";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, which `cargo xtask test` installs"]
async fn schemathesis_finds_nothing() {
    let server = server_with_calls().await;
    check(&server, "", &["--max-examples", "40"]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, which `cargo xtask test` installs"]
async fn schemathesis_finds_nothing_about_users_and_calls_that_are_there() {
    let server = server_with_calls().await;
    let call_id = ended_call(&server).await;
    let application_id = &server.app_id;
    let there = format!(
        "[parameters]\n\"path.user_id\" = \"alice\"\n\"path.call_id\" = \"{call_id}\"\n\
         \"path.application_id\" = \"{application_id}\"\n"
    );
    let options = ["--max-examples", "20", "--exclude-operation-id", "delete_user"];
    check(&server, &there, &options).await;
}

/// Two users and a call that ended.
async fn server_with_calls() -> Server {
    let server = Server::start().await;
    ended_call(&server).await;
    server
}

async fn ended_call(server: &Server) -> String {
    let alice = server.phone("alice").await;
    let _ben = server.phone("ben").await;
    let call = alice.dial("ben").await;
    let call_id = call.id().to_string();
    call.end().await.unwrap();
    call_id
}

async fn check(server: &Server, settings: &str, options: &[&str]) {
    let program = std::env::var_os(PROGRAM).expect("OFFHOOK_SCHEMATHESIS is set by `cargo xtask test`");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("schemathesis.toml");
    std::fs::write(&config, settings).unwrap();
    let mut command = Command::new(program);
    command
        .arg("--config-file")
        .arg(&config)
        .args(["run", &format!("http://{}/openapi.json", server.address())])
        .args(["--header", &format!("Api-Token: {}", server.api_token)])
        .args(["--checks", "all", "--exclude-checks", EXCLUDED])
        .args([
            "--seed",
            SEED,
            "--no-color",
            "--output-sanitize",
            "false",
            "--output-truncate",
            "false",
        ])
        .args(options)
        .current_dir(folder.path());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("Test cases:"), "nothing was tested: {said}");
}
