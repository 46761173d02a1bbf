//! `offhook relay`, by running the program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offhook_turn::{Secret, Ticket};
use serde_json::Value;

use super::client::TurnClient;
use super::stand::{Peer, loopback};

const SECRET: &str = "a secret of two programs";

fn program(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_offhook"));
    program
        .current_dir(folder)
        .env("OFFHOOK_RELAY__LISTEN", "127.0.0.1:0")
        .env("OFFHOOK_RELAY__ALLOWED_PEERS", "127.0.0.0/8");
    program
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_relay_alone_needs_the_secret_that_others_hand_out_credentials_with() {
    let folder = tempfile::tempdir().unwrap();
    let refused = program(folder.path()).arg("relay").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("relay.secret"), "{}", stderr(&refused));
    let nowhere = program(folder.path())
        .arg("relay")
        .env("OFFHOOK_RELAY__SECRET", SECRET)
        .env("OFFHOOK_RELAY__LISTEN", "")
        .output()
        .unwrap();
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(stderr(&nowhere).contains("relay.listen"), "{}", stderr(&nowhere));
}

#[test]
fn a_relay_alone_takes_credentials_of_its_secret_and_logs_what_a_ticket_carried() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready.json");
    let mut relay = Running::start(program(folder.path()).arg("relay").arg("--ready-file").arg(&ready));
    let ready: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
    let address: SocketAddr = ready["turn"][0].as_str().unwrap().parse().unwrap();

    let credential = |ticket| {
        let expiry = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(600);
        Secret::new(SECRET).credential(&Ticket::new(ticket).unwrap(), expiry.as_secs())
    };
    let peer = Peer::at(loopback());
    let mut client = TurnClient::udp(address);
    client.allocate(credential("app.call")).unwrap();
    client.bind(0x4000, peer.address()).unwrap();
    client.send(0x4000, &[1; 123]);
    peer.receive();
    client.refresh(0).unwrap();
    // The allocations of these end with the relay.
    let mut longer = TurnClient::tcp(address);
    longer.allocate(credential("app.longer")).unwrap();
    let mut longest = TurnClient::udp(address);
    longest.allocate(credential("app.longest")).unwrap();
    longest.bind(0x4000, peer.address()).unwrap();
    longest.send(0x4000, &[1; 45]);
    peer.receive();

    let (status, words) = relay.terminate();
    assert!(status.success(), "{words}");
    let line = words
        .lines()
        .find(|line| line.contains("last allocation ended"))
        .unwrap();
    for part in [
        "app.call",
        "to_peer_bytes=123",
        "to_peer_packets=1",
        "to_client_bytes=0",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!words.contains("127.0.0.1") && !words.contains(SECRET), "{words}");
}

/// A relay that has said where it relays.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let child = command
            .env("OFFHOOK_RELAY__SECRET", SECRET)
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut running = Self(child);
        let mut line = String::new();
        let stdout = running.0.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert!(line.starts_with("Offhook relays on 127.0.0.1:"), "{line}");
        running
    }

    fn terminate(&mut self) -> (ExitStatus, String) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut words = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        (self.0.wait().unwrap(), words)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already where the test went well.
        drop(self.0.kill());
        self.0.wait().unwrap();
    }
}
