use super::*;

fn judge(policy: Policy) -> Judge {
    Judge::new(policy, &["198.51.100.7".parse().unwrap()])
}

fn networks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn special_addresses_are_refused_in_every_form_and_their_public_neighbours_are_not() {
    let refused = [
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "100::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "64:ff9b:1:2:3:4:7f00:1",
        "64:ff9b:1:808:0:800::",
        // 10.0.0.1 to a translator of the prefix 64:ff9b:1::/48, and 8.8.8.8 to one of a /96: the suffix is ignored (RFC 6052 §2.2).
        "64:ff9b:1:a00:0:100:808:808",
        "64:ff9b:1::8.8.8.8",
        "2002:a00:1::1",
        "2002:7f00:1::1",
        // Teredo: the client is the complement of the last 32 bits, the server stands in front.
        "2001:0:808:808::f5ff:fffe",
        "2001:0:a00:1::f7f7:f7f7",
    ];
    let allowed = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.1",
        "169.253.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.1.1",
        "198.17.1.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860::8888",
        "fbff::1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "2001:0:808:808::f7f7:f7f7",
    ];
    let judge = judge(Policy::default());
    for (texts, is_allowed) in [(&refused[..], false), (&allowed[..], true)] {
        for text in texts {
            assert_eq!(judge.allows_address(text.parse().unwrap()), is_allowed, "{text}");
        }
    }
}

#[test]
fn an_allowed_network_is_allowed_in_its_embedded_forms_too() {
    let judge = judge(Policy {
        allowed: networks(&["10.0.0.0/8", "fd00::/8"]),
        ..Policy::default()
    });
    for (text, is_allowed) in [
        ("10.0.0.1", true),
        ("::ffff:10.0.0.1", true),
        ("fd12::1", true),
        ("fc00::1", false),
        ("192.168.0.1", false),
        ("::ffff:192.168.0.1", false),
    ] {
        assert_eq!(judge.allows_address(text.parse().unwrap()), is_allowed, "{text}");
    }
}

#[test]
fn what_is_denied_wins_over_what_is_allowed() {
    let judge = judge(Policy {
        allowed: networks(&["10.0.0.0/8"]),
        denied: networks(&["10.1.0.0/16", "8.8.8.0/24", "64:ff9b::/96"]),
        ..Policy::default()
    });
    for (text, is_allowed) in [
        ("10.0.0.1", true),
        ("10.1.0.1", false),
        ("8.8.8.8", false),
        ("8.8.4.4", true),
        ("::ffff:8.8.8.8", false),
        ("64:ff9b::8.8.4.4", false),
        ("2002:808:404::1", true),
    ] {
        assert_eq!(judge.allows_address(text.parse().unwrap()), is_allowed, "{text}");
    }
}

#[test]
fn our_own_listeners_are_refused_whatever_form_their_address_takes() {
    let judge = judge(Policy {
        allowed: networks(&["0.0.0.0/0", "::/0"]),
        listeners: vec!["0.0.0.0:3478".parse().unwrap(), "127.0.0.1:5432".parse().unwrap()],
        local_addresses: vec!["10.0.0.5".parse().unwrap()],
        ..Policy::default()
    });
    for (text, is_allowed) in [
        ("10.0.0.5:3478", false),
        ("10.0.0.5:3479", true),
        ("10.0.0.6:3478", true),
        ("127.0.0.1:3478", false),
        ("127.8.8.8:3478", false),
        ("198.51.100.7:3478", false),
        ("127.0.0.1:5432", false),
        ("10.0.0.5:5432", true),
        ("[::ffff:127.0.0.1]:5432", false),
        ("[64:ff9b::127.0.0.1]:5432", false),
        ("[::ffff:10.0.0.5]:3478", false),
        ("[::1]:3478", false),
        ("8.8.8.8:3478", true),
        ("8.8.8.8:0", false),
    ] {
        assert_eq!(judge.allows(text.parse().unwrap()), is_allowed, "{text}");
    }
}

#[test]
fn a_listener_at_the_address_that_is_relayed_from_is_refused_in_its_external_form_too() {
    let policy = Policy {
        allowed: networks(&["10.0.0.0/8", "198.51.100.0/24"]),
        listeners: vec!["10.0.0.5:3478".parse().unwrap(), "10.0.0.6:3479".parse().unwrap()],
        ..Policy::default()
    };
    let judge = Judge::new(policy, &["10.0.0.5".parse().unwrap(), "198.51.100.7".parse().unwrap()]);
    for (text, is_allowed) in [
        ("10.0.0.5:3478", false),
        ("198.51.100.7:3478", false),
        ("198.51.100.7:3479", true),
        ("198.51.100.8:3478", true),
    ] {
        assert_eq!(judge.allows(text.parse().unwrap()), is_allowed, "{text}");
    }
}
