use super::*;
use crate::doctor::Verdict::{self, Failed, Ok as Good, Warning};

#[test]
fn a_certificate_is_good_for_the_name_and_long_enough() {
    let good = described();
    check(files(good.clone()), FILES, Good, "89 days");
    check(files(ending_in(13 * DAY_SECONDS)), FILES, Warning, "13 days");
    check(files(ending_in(0)), FILES, Warning, "0 days");
    let over = Described {
        expires_at: now() - Duration::from_secs(1),
        ..good.clone()
    };
    check(files(over), FILES, Failed, "expired");
    let other = Described {
        names: vec!["other.example.org".to_owned()],
        ..good.clone()
    };
    check(
        files(other),
        FILES,
        Failed,
        "not good for calls.example.org, but for other.example.org",
    );
    let own = Described {
        is_self_signed: true,
        ..good
    };
    check(files(own), FILES, Warning, "vouches for itself");
}

#[test]
fn a_star_stands_for_one_label() {
    let star = Described {
        names: vec!["*.example.org".to_owned()],
        ..described()
    };
    for (host, expected) in [
        ("calls.example.org", true),
        ("CALLS.example.org", true),
        ("a.calls.example.org", false),
        ("example.org", false),
    ] {
        assert_eq!(star.names_host(host), expected, "{host}");
    }
}

#[test]
fn what_is_served_is_what_is_in_the_file() {
    let good = described();
    let serving = |served| Seen {
        served: Some(served),
        ..files(good.clone())
    };
    check(serving(Ok(Some(good.clone()))), SERVED, Good, "the one in the file");
    let other = Described {
        der: vec![2],
        ..good.clone()
    };
    check(serving(Ok(Some(other))), SERVED, Failed, "not the one in the file");
    check(serving(Err("refused".to_owned())), SERVED, Failed, "refused");
    let by_acme = |served| Seen {
        in_files: None,
        is_acme: true,
        served,
        ..files(good.clone())
    };
    check(by_acme(None), FILES, Good, "ACME");
    check(by_acme(Some(Ok(Some(good.clone())))), SERVED, Good, "89 days");
    check(by_acme(Some(Err("no".to_owned()))), SERVED, Failed, "port 443");
}

#[test]
fn a_certificate_is_read_with_its_names_and_its_end() {
    let names = ["calls.example.org".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names.clone()).unwrap();
    let read = Described::of(made.cert.der()).unwrap();
    assert_eq!(read.names, names);
    assert!(read.is_self_signed && read.expires_at > now());
    assert_eq!(Described::of(b"no certificate"), None);
}

#[test]
fn a_name_leads_here() {
    let own = ["203.0.113.7".parse().unwrap(), "10.0.0.5".parse().unwrap()];
    for (addresses, verdict, words) in [
        (vec!["203.0.113.7"], Good, "this machine"),
        (vec!["2001:db8::1", "203.0.113.7"], Good, "this machine"),
        (vec!["198.51.100.1"], Warning, "198.51.100.1"),
        (vec![], Failed, "nowhere"),
    ] {
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let finding = judge_name("calls.example.org", &addresses, &own);
        assert_eq!(finding.verdict, verdict, "{finding:?}");
        assert!(finding.says.contains(words), "{finding:?}");
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 / DAY_SECONDS * DAY_SECONDS)
}

fn described() -> Described {
    ending_in(89 * DAY_SECONDS)
}

fn ending_in(seconds: u64) -> Described {
    Described {
        der: vec![1],
        names: vec!["calls.example.org".to_owned()],
        expires_at: now() + Duration::from_secs(seconds),
        is_self_signed: false,
    }
}

fn files(certificate: Described) -> Seen {
    Seen {
        in_files: Some(certificate),
        served: None,
        host: Some("calls.example.org".to_owned()),
        now: now(),
        is_acme: false,
    }
}

fn check(seen: Seen, name: &str, verdict: Verdict, words: &str) {
    let findings = judge(&seen);
    let finding = findings.iter().find(|finding| finding.check == name).unwrap();
    assert_eq!(finding.verdict, verdict, "{finding:?}");
    assert!(
        format!("{} {:?}", finding.says, finding.way_out).contains(words),
        "{words:?} in {finding:?}"
    );
}
