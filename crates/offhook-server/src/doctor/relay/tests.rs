use super::*;
use crate::doctor::Verdict;

#[test]
fn a_relay_that_relays_is_good_and_each_refusal_has_its_way_out() {
    let relayed = "127.0.0.1:50000".parse().unwrap();
    let good = judge("relaying".to_owned(), Ok((relayed, Duration::from_micros(1500))));
    assert_eq!(good.verdict, Verdict::Ok);
    assert!(
        good.says.contains("127.0.0.1:50000") && good.says.contains("1.5 ms"),
        "{good:?}"
    );
    for (code, words) in [
        (401, "relay.secret"),
        (403, "relay.denied_peers"),
        (486, "relay.max_allocations_per_application"),
        (508, "relay.min_port"),
        (500, "log"),
    ] {
        let reason = "No".to_owned();
        let finding = judge("relaying".to_owned(), Err(StunError::Refused { code, reason }));
        assert_eq!(finding.verdict, Verdict::Failed);
        assert!(finding.says.contains(&format!("{code} No")), "{finding:?}");
        assert!(finding.way_out.as_deref().unwrap().contains(words), "{finding:?}");
    }
    let silent = judge("relaying".to_owned(), Err(StunError::NoAnswer));
    assert!(silent.says.contains("did not answer"), "{silent:?}");
}
