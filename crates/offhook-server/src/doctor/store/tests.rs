use super::*;
use crate::doctor::Verdict::{self, Failed, Ok as Good, Warning};

#[test]
fn a_store_is_whole_known_and_its_log_is_short() {
    let whole = Inspection {
        version: 3,
        known_version: 3,
        faults: Vec::new(),
        last_heartbeat_at: None,
    };
    let store = |inspection, log_bytes| Seen::Store { inspection, log_bytes };
    check(&Seen::Nothing, Good, "first start");
    check(&store(whole.clone(), 0), Good, "version 3");
    check(&store(whole.clone(), 300 * MIB), Warning, "300 MiB");
    check(
        &store(
            Inspection {
                version: 2,
                ..whole.clone()
            },
            0,
        ),
        Good,
        "from version 2 to 3",
    );
    check(
        &store(
            Inspection {
                version: 4,
                ..whole.clone()
            },
            0,
        ),
        Failed,
        "version 4",
    );
    let faults = vec!["page 7 is never used".to_owned()];
    check(&store(Inspection { faults, ..whole }, 0), Failed, "page 7");
    check(
        &Seen::Unreadable("/data/offhook.db".to_owned(), "not a database".to_owned()),
        Failed,
        "not a database",
    );
}

fn check(seen: &Seen, verdict: Verdict, words: &str) {
    let finding = judge(seen);
    assert_eq!(finding.verdict, verdict, "{finding:?}");
    assert!(finding.says.contains(words), "{words:?} in {finding:?}");
}
