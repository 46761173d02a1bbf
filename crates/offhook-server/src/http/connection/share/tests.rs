use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn an_address_has_its_share_and_gets_it_back_and_a_trusted_proxy_has_none() {
    let shares = Shares::new(2, vec!["192.0.2.64/26".parse().unwrap()]);
    let held = [shares.take(ip("192.0.2.1")), shares.take(ip("::ffff:192.0.2.1"))];
    assert!(held.iter().all(Option::is_some));
    assert!(shares.take(ip("192.0.2.1")).is_none());
    assert!(shares.take(ip("192.0.2.2")).is_some());
    let proxy: Vec<_> = (0..3).filter_map(|_| shares.take(ip("::ffff:192.0.2.65"))).collect();
    assert_eq!(proxy.len(), 3);
    let network: Vec<_> = (1..=3)
        .filter_map(|host| shares.take(ip(&format!("2001:db8::{host}"))))
        .collect();
    assert_eq!(network.len(), 2, "a /64 is one customer");

    drop(held);
    assert!(shares.take(ip("192.0.2.1")).is_some());
    drop((proxy, network));
    assert!(
        shares.taken.lock().unwrap().is_empty(),
        "nothing is kept of who is gone"
    );
}
