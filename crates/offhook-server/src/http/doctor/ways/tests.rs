use super::*;

#[test]
fn each_transport_has_a_url_of_its_own() {
    let listening = [
        "[2001:db8::7]:3480".parse().unwrap(),
        "203.0.113.7:3478".parse().unwrap(),
    ];
    let turns = Some("turns:calls.example.org:443?transport=tcp".to_owned());
    let ways = Ways::of(Some("calls.example.org"), &listening, turns, &[]);
    assert_eq!(ways.stun, ["stun:calls.example.org:3478"]);
    assert_eq!(
        ways.turn,
        [
            "turn:calls.example.org:3478?transport=udp",
            "turn:calls.example.org:3478?transport=tcp",
            "turns:calls.example.org:443?transport=tcp",
        ]
    );
}

#[test]
fn without_a_name_it_is_the_address_that_the_relay_has_outside() {
    for (host, address, expected) in [
        (None, "203.0.113.7:3478", "stun:203.0.113.7:3478"),
        (None, "[2001:db8::7]:3478", "stun:[2001:db8::7]:3478"),
        (Some("2001:db8::1"), "203.0.113.7:3478", "stun:[2001:db8::1]:3478"),
    ] {
        let ways = Ways::of(host, &[address.parse().unwrap()], None, &[]);
        assert_eq!(ways.stun, [expected]);
    }
}

#[test]
fn where_there_is_no_relay_there_is_nothing_to_test() {
    let ways = Ways::of(Some("calls.example.org"), &[], None, &[]);
    assert_eq!((ways.stun, ways.turn), (Vec::new(), Vec::new()));
}

#[test]
fn what_clients_get_is_what_is_tested() {
    let configured = [
        "turns:relay.example.org:443?transport=tcp",
        "turn:relay.example.org:80?transport=tcp",
        "turn:relay.example.org:3478",
    ];
    let configured = configured.map(str::to_owned);
    let ways = Ways::of(Some("calls.example.org"), &[], None, &configured);
    assert_eq!(ways.stun, ["stun:relay.example.org:3478"]);
    assert_eq!(ways.turn, configured);
}
