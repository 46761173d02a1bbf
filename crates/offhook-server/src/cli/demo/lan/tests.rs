use super::*;

#[test]
fn neighbours_are_relayed_to_wherever_the_machine_is_and_others_are_not() {
    for (own, allowed, refused) in [
        ("192.168.1.5", "192.168.1.9", "100.64.0.1"),
        ("100.64.3.5", "100.64.3.9", "100.64.4.1"),
        ("10.1.2.3", "172.16.0.1", "169.254.169.254"),
        ("2001:db8:1:2::5", "2001:db8:1:2::9", "2001:db8:1:3::1"),
        ("127.0.0.1", "192.168.1.1", "127.0.0.2"),
    ] {
        let networks = networks_around(own.parse().unwrap()).unwrap();
        let is_allowed = |ip: &str| {
            networks
                .iter()
                .any(|network| network.contains(&ip.parse::<IpAddr>().unwrap()))
        };
        assert!(is_allowed(allowed), "{own}: {allowed}");
        assert!(!is_allowed(refused), "{own}: {refused}");
    }
}

#[test]
fn an_unspecified_address_is_replaced_by_the_one_of_the_way_out_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let listen = Some("0.0.0.0:4443".parse().unwrap());
    match configure(Config::ephemeral(folder.path()), listen) {
        Ok((config, _)) => {
            let https = config.tls.listen.unwrap();
            assert!(!https.ip().is_unspecified() && https.port() == 4443, "{https}");
            assert_eq!(config.relay.listen[0].ip(), https.ip());
        }
        Err(error) => assert!(error.to_string().contains("--listen"), "{error}"),
    }
}
