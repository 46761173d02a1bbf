use super::*;
use crate::client::Transport;

fn strangers() -> Strangers {
    Strangers::new([1, 2, 3], 100)
}

fn answers(strangers: &mut Strangers, source: &str, now: Time, asked: u32) -> u32 {
    answers_over(Transport::Udp, strangers, source, now, asked)
}

fn answers_over(transport: Transport, strangers: &mut Strangers, source: &str, now: Time, asked: u32) -> u32 {
    let client = FiveTuple {
        transport,
        local: "203.0.113.1:3478".parse().unwrap(),
        remote: (source.parse::<IpAddr>().unwrap(), 4000).into(),
    };
    (0..asked).filter(|_| strangers.may_answer(&client, now)).count() as u32
}

#[test]
fn a_source_has_two_seconds_worth_at_once_and_then_its_rate() {
    let mut strangers = strangers();
    let start = Time::from_secs(1_700_000_000);
    assert_eq!(answers(&mut strangers, "192.0.2.1", start, 1000), 200);
    let mut later = 0;
    for ms in 1..=10_000 {
        later += answers(
            &mut strangers,
            "192.0.2.1",
            Time::from_millis(start.as_millis() + ms),
            3,
        );
    }
    assert!((999..=1001).contains(&later), "{later}");
}

#[test]
fn an_ipv6_network_is_one_source_and_a_mapped_address_is_its_ipv4_address() {
    let start = Time::from_secs(1_700_000_000);
    for (flood, same, other) in [
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
    ] {
        let mut strangers = strangers();
        answers(&mut strangers, flood, start, 1000);
        assert_eq!(answers(&mut strangers, same, start, 1), 0, "{same}");
        assert_eq!(answers(&mut strangers, other, start, 1), 1, "{other}");
    }
}

#[test]
fn a_hundred_floods_leave_everybody_else_their_answers() {
    let mut strangers = strangers();
    let start = Time::from_secs(1_700_000_000);
    for flood in 0..100 {
        assert_eq!(
            answers(&mut strangers, &format!("198.51.100.{flood}"), start, 1000),
            200
        );
    }
    for host in 0..=255 {
        for network in 0..16 {
            assert_eq!(
                answers(&mut strangers, &format!("10.0.{network}.{host}"), start, 1),
                1,
                "{network}.{host}"
            );
        }
    }
}

#[test]
fn who_forges_a_source_over_udp_leaves_it_its_answers_over_streams() {
    let mut strangers = strangers();
    let start = Time::from_secs(1_700_000_000);
    answers(&mut strangers, "192.0.2.1", start, 1000);
    assert_eq!(answers(&mut strangers, "192.0.2.1", start, 1), 0);
    let over = |transport, strangers: &mut Strangers| answers_over(transport, strangers, "192.0.2.1", start, 1000);
    assert_eq!(over(Transport::Tls, &mut strangers), 200);
    assert_eq!(over(Transport::Tcp, &mut strangers), 0, "streams are one source");
}
