use super::*;

fn ticket(name: &str) -> Ticket {
    Ticket::new(name).unwrap()
}

#[test]
fn a_revocation_outlives_every_credential_and_is_then_forgotten() {
    let mut revoked = Revoked::new(Keyed::new(7));
    let start = Time::from_secs(1_700_000_000);
    revoked.insert(&ticket("a"), start);
    for hour in 0..=25 {
        revoked.insert(&ticket(&format!("b{hour}")), start.after(SLICE * hour));
        assert!(revoked.contains(&ticket("a")), "hour {hour}");
    }
    assert!(!revoked.contains(&ticket("c")));
    revoked.insert(&ticket("d"), start.after(SLICE * 27));
    assert!(!revoked.contains(&ticket("a")));
    assert!(revoked.contains(&ticket("b25")));
    assert!(revoked.slices.len() <= 28);
}
