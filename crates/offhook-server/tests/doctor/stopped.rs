//! Where no server runs.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;

use super::{doctor, program};
use crate::server::Server;

#[tokio::test]
async fn before_the_first_start_all_is_well_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let found = doctor(&data_dir, &[]).await;
    assert_eq!((found.failed(), found.code), (Vec::new(), Some(0)));
    assert!(found.report["server"].as_str().unwrap().contains("does not run"));
    found.expect("http TCP", "ok", "any free port");
    assert!(!data_dir.exists());
}

#[tokio::test]
async fn a_port_that_another_program_holds_is_named_with_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (http, relay) = (
        tcp.local_addr().unwrap().to_string(),
        udp.local_addr().unwrap().to_string(),
    );
    let settings = [
        ("OFFHOOK_LISTEN", http.as_str()),
        ("OFFHOOK_RELAY__LISTEN", relay.as_str()),
    ];
    let found = doctor(&folder.path().join("data"), &settings).await;
    let holder = format!("(process {})", std::process::id());
    for name in ["http TCP", "relay UDP"] {
        found.expect(name, "failed", &holder);
        found.expect(name, "failed", "os error 98");
    }
    assert_eq!(found.code, Some(1));
    assert!(
        found.words.contains("2 of") && found.words.contains("checks failed"),
        "{}",
        found.words
    );
}

#[tokio::test]
async fn a_folder_and_a_key_that_others_can_read_are_told_with_the_way_out() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    fs::create_dir(&data_dir).unwrap();
    for name in ["server.key", "offhook.db"] {
        fs::copy(server.node().config().data_dir.join(name), data_dir.join(name)).unwrap();
    }
    server.stop().await;
    fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(data_dir.join("server.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let found = doctor(&data_dir, &[]).await;
    found.expect("data folder", "warning", "chmod 700");
    found.expect("server key", "failed", "chmod 600");

    fs::remove_file(data_dir.join("server.key")).unwrap();
    doctor(&data_dir, &[]).await.expect("server key", "failed", "backup");
}

#[tokio::test]
async fn a_store_that_is_none_fails() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("offhook.db"),
        "nothing that SQLite knows. ".repeat(50),
    )
    .unwrap();
    let found = doctor(folder.path(), &[]).await;
    found.expect("store", "failed", "not a database");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_a_finding_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let found = doctor(folder.path(), &[("OFFHOOK_MAX_SOCKETS", "0")]).await;
    assert_eq!((found.failed(), found.code), (vec!["configuration"], Some(1)));
    found.expect("configuration", "failed", "`max_sockets` is 0");
}

#[test]
fn a_mistake_in_the_usage_is_exit_code_2_and_text_has_a_line_a_check() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = program(folder.path())
        .args(["doctor", "--everything"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let output = program(&folder.path().join("data")).arg("doctor").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("The server does not run.\n\nok        configuration "),
        "{text}"
    );
    assert!(!text.contains('\x1b'), "no colour where there is no terminal");
}
