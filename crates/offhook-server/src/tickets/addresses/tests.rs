use std::path::Path;

use super::*;

fn addresses(configure: impl FnOnce(&mut Config), relay: &[&str]) -> Addresses {
    let mut config = Config::ephemeral(Path::new("/nowhere"));
    configure(&mut config);
    let relay: Vec<SocketAddr> = relay.iter().map(|address| address.parse().unwrap()).collect();
    Addresses::new(&config, &relay, "192.0.2.1:443".parse().ok())
}

#[test]
fn a_relay_is_told_over_both_transports_with_ipv6_in_brackets() {
    let told = addresses(|_| {}, &["192.0.2.1:3478", "[2001:db8::1]:3478"]);
    assert_eq!(told.stun, ["stun:192.0.2.1:3478", "stun:[2001:db8::1]:3478"]);
    assert_eq!(
        told.turn,
        [
            "turn:192.0.2.1:3478?transport=udp",
            "turn:[2001:db8::1]:3478?transport=udp",
            "turn:192.0.2.1:3478?transport=tcp",
            "turn:[2001:db8::1]:3478?transport=tcp"
        ]
    );
}

#[test]
fn turn_over_tls_is_told_last_where_clients_can_be_told_a_host_and_there_is_a_relay() {
    let configure = |config: &mut Config| config.public_host = Some("calls.example.org".to_owned());
    let told = addresses(configure, &["192.0.2.1:3478"]);
    assert_eq!(
        told.turn,
        [
            "turn:192.0.2.1:3478?transport=udp",
            "turn:192.0.2.1:3478?transport=tcp",
            "turns:calls.example.org:443?transport=tcp"
        ]
    );
    assert_eq!(addresses(configure, &[]).turn, [""; 0]);
}

#[test]
fn configured_urls_are_told_instead() {
    let urls = vec!["turn:relay.example.org:3478".to_owned()];
    let told = addresses(|config| config.relay.urls.clone_from(&urls), &["192.0.2.1:3478"]);
    assert_eq!((told.stun, told.turn), (vec![], urls));
}

#[test]
fn configured_stun_servers_come_first_and_without_a_relay_alone() {
    let stun = "stun:stun.example.org:3478".to_owned();
    let configure = |config: &mut Config| config.stun_servers = vec![stun.clone()];
    let told = addresses(configure, &[]);
    assert_eq!((told.stun, told.turn), (vec![stun.clone()], vec![]));
    let told = addresses(configure, &["192.0.2.1:3478"]);
    assert_eq!(told.stun, [stun.as_str(), "stun:192.0.2.1:3478"]);
}
