use super::*;

#[test]
fn each_transport_has_a_url_of_its_own() {
    let listening = Listening {
        udp: Some(3478),
        tcp: Some(3479),
        turns: Some("turns:calls.example.org:443?transport=tcp".to_owned()),
    };
    let ways = Ways::of(Some("calls.example.org"), &listening, &[]);
    assert_eq!(ways.stun, ["stun:calls.example.org:3478"]);
    assert_eq!(
        ways.turn,
        [
            "turn:calls.example.org:3478?transport=udp",
            "turn:calls.example.org:3479?transport=tcp",
            "turns:calls.example.org:443?transport=tcp",
        ]
    );
}

#[test]
fn where_there_is_no_relay_there_is_nothing_to_test() {
    let ways = Ways::of(Some("calls.example.org"), &Listening::default(), &[]);
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
    let ways = Ways::of(Some("calls.example.org"), &Listening::default(), &configured);
    assert_eq!(ways.stun, ["stun:relay.example.org:3478"]);
    assert_eq!(ways.turn, configured);
}

#[test]
fn the_host_is_the_configured_one_or_the_one_that_led_here() {
    for (configured, asked, expected) in [
        (
            Some("calls.example.org"),
            Some("10.0.0.5:8080"),
            Some("calls.example.org"),
        ),
        (Some("2001:db8::1"), None, Some("[2001:db8::1]")),
        (None, Some("10.0.0.5:8080"), Some("10.0.0.5")),
        (None, Some("calls.example.org"), Some("calls.example.org")),
        (None, Some("[::1]:8080"), Some("[::1]")),
        (None, Some("[::1"), None),
        (None, Some("a b"), None),
        (None, Some("x?transport=tcp"), None),
        (None, Some(""), None),
        (None, None, None),
    ] {
        assert_eq!(
            host_for(configured, asked).as_deref(),
            expected,
            "{configured:?} {asked:?}"
        );
    }
}
