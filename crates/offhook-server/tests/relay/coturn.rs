//! coturn's own clients against our relay: others' words, spoken over UDP and TCP.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Output, Stdio};

use offhook_server::config::relay::RelayConfig;

use super::client::udp_socket_for;
use super::stand::{Stand, loopback};

/// What the relay and the client both know.
const SECRET: &str = "a secret that coturn's client knows";
/// What each of two clients sends.
const MESSAGES: &str = "20";

fn stand() -> Stand {
    Stand::start_with(|config| RelayConfig {
        secret: Some(SECRET.into()),
        ..config
    })
}

/// coturn's peer, which sends everything back.
struct EchoPeer {
    child: Child,
    address: SocketAddr,
}

impl EchoPeer {
    fn start() -> Self {
        // It cannot be told to take a free port, so it is told of one that was free a moment ago.
        let free = UdpSocket::bind(loopback()).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = tool("turnutils_peer")
            .args(["-L", &address.ip().to_string(), "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("coturn is installed: cargo xtask setup sees to it");
        let peer = Self { child, address };
        peer.wait_until_it_answers();
        peer
    }

    fn wait_until_it_answers(&self) {
        loop {
            let socket = udp_socket_for(self.address);
            // Refused by ICMP, and told so at once, until somebody listens.
            if socket.send(b"there?").is_ok() && socket.recv(&mut [0; 16]).is_ok() {
                return;
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for EchoPeer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn tool(name: &str) -> Command {
    Command::new(name)
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .expect("coturn is installed: cargo xtask setup sees to it")
}

/// Two clients that each get all their messages back, or nothing is proven.
fn speak(options: &[&str], more: &[&str]) {
    let stand = stand();
    let address = stand.address();
    let mut client = tool("turnutils_uclient");
    client
        .args(["-W", SECRET, "-u", "app.coturn", "-p", &address.port().to_string()])
        .args(["-n", MESSAGES, "-m", "2"])
        .args(options)
        .args(more)
        .arg(address.ip().to_string());
    let output = run(&mut client);
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    assert!(words.contains("Total lost packets 0 (0.000000%)"), "{words}");
    let sent = counted(&words, "tot_send_msgs=");
    assert!(sent > 0 && sent == counted(&words, "tot_recv_msgs="), "{words}");
    stand.stop();
}

/// The last number that follows a name.
fn counted(words: &str, name: &str) -> u64 {
    let (_, after) = words.rsplit_once(name).unwrap();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn speak_to_a_peer(options: &[&str]) {
    let peer = EchoPeer::start();
    let (host, port) = (peer.address.ip().to_string(), peer.address.port().to_string());
    speak(options, &["-e", &host, "-r", &port]);
}

#[test]
fn coturns_client_loses_nothing_over_udp_with_channels() {
    speak_to_a_peer(&[]);
}

#[test]
fn coturns_client_loses_nothing_over_udp_without_channels() {
    speak_to_a_peer(&["-s"]);
}

#[test]
fn coturns_client_loses_nothing_over_tcp_with_channels() {
    speak_to_a_peer(&["-t"]);
}

#[test]
fn coturns_client_loses_nothing_over_tcp_without_channels() {
    speak_to_a_peer(&["-t", "-s"]);
}

#[test]
fn coturns_clients_lose_nothing_between_each_other_over_udp_with_channels() {
    speak(&["-y"], &[]);
}

#[test]
fn coturns_clients_lose_nothing_between_each_other_over_udp_without_channels() {
    speak(&["-y", "-s"], &[]);
}

#[test]
fn coturns_clients_lose_nothing_between_each_other_over_tcp_with_channels() {
    speak(&["-y", "-t"], &[]);
}

#[test]
fn coturns_clients_lose_nothing_between_each_other_over_tcp_without_channels() {
    speak(&["-y", "-t", "-s"], &[]);
}

#[test]
fn coturns_stun_client_learns_its_address() {
    let stand = stand();
    let address = stand.address();
    let output = run(tool("turnutils_stunclient").args(["-p", &address.port().to_string(), &address.ip().to_string()]));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words}");
    assert!(words.contains("UDP reflexive addr: 127.0.0.1:"), "{words}");
    stand.stop();
}
