use super::*;

#[track_caller]
fn check(peer: &str, forwarded: &[&str], expected: &str) {
    let mut headers = HeaderMap::new();
    for value in forwarded {
        headers.append("x-forwarded-for", value.parse().unwrap());
    }
    let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    let address = ClientAddress::of(peer.parse().unwrap(), &headers, &trusted);
    assert_eq!(address.0, expected.parse::<IpAddr>().unwrap());
}

#[test]
fn a_stranger_cannot_name_his_own_address() {
    check("198.51.100.1", &["203.0.113.9"], "198.51.100.1");
}

#[test]
fn a_trusted_proxy_names_the_client() {
    check("10.1.1.1", &["203.0.113.9"], "203.0.113.9");
    check("10.1.1.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7");
    check("10.1.1.1", &["203.0.113.9", "198.51.100.7, 10.2.2.2"], "198.51.100.7");
    check("10.1.1.1", &[], "10.1.1.1");
    check("10.1.1.1", &["unknown"], "10.1.1.1");
}

#[test]
fn ipv6_counts_by_its_network_and_mapped_ipv4_as_ipv4() {
    check("2001:db8:1:2:3:4:5:6", &[], "2001:db8:1:2::");
    check("::ffff:198.51.100.1", &[], "198.51.100.1");
}
