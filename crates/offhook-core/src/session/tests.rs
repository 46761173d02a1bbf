use super::*;
use crate::id::SigningKeyId;

const DAY: u64 = 24 * 60 * 60 * 1000;
const USER: UserKey = UserKey::from_bytes([1; 16]);
const FACTS: SessionFacts = SessionFacts {
    is_active: true,
    generation: 4,
    access_token_number: 2,
    has_had_token: false,
    permission: AccessTokenPermission::ReadWrite,
};

fn day(days: u64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + days * DAY)
}

fn opened(credential: Credential) -> Session {
    Session::open(SessionId::from_bytes([9; 16]), AppKey(1), USER, credential, day(0))
}

fn with_session_token(days: u64) -> Session {
    opened(Credential::SessionToken {
        generation: 4,
        expires_at: day(days),
    })
}

#[test]
fn a_session_lasts_thirty_days_after_its_last_use() {
    for credential in [Credential::None, Credential::AccessToken { number: 2 }] {
        let mut session = opened(credential);
        assert_eq!(session.validity(&FACTS, day(29)), Ok(Validity::Full));
        assert_eq!(session.validity(&FACTS, day(30)), Err(SessionRefusal::Expired));
        session.expires_at = session.slide(day(29)).unwrap();
        assert_eq!(session.validity(&FACTS, day(58)), Ok(Validity::Full));
        assert_eq!(session.validity(&FACTS, day(59)), Err(SessionRefusal::Expired));
    }
}

#[test]
fn using_a_session_again_soon_writes_nothing() {
    let session = opened(Credential::None);
    assert_eq!(session.slide(day(0)), None);
    assert_eq!(session.slide(day(0) + Duration::from_secs(3599)), None);
    assert!(session.slide(day(0) + Duration::from_secs(3600)).is_some());
}

#[test]
fn a_session_never_outlasts_its_session_token() {
    let session = with_session_token(7);
    assert_eq!(session.expires_at, day(7));
    assert_eq!(session.slide(day(6)), None);
    assert_eq!(
        session.token_expires_in(day(6)),
        Some(Duration::from_secs(24 * 60 * 60))
    );
    assert_eq!(opened(Credential::None).token_expires_in(day(6)), None);
    let long = with_session_token(90);
    assert_eq!(long.expires_at, day(30));
    assert_eq!(long.slide(day(80)), Some(day(90)));
    assert_eq!(long.validity(&FACTS, day(30)), Err(SessionRefusal::Expired));
}

#[test]
fn an_expired_session_token_leaves_live_calls_alone_and_begins_nothing() {
    let session = with_session_token(7);
    assert_eq!(session.validity(&FACTS, day(6)), Ok(Validity::Full));
    let validity = session.validity(&FACTS, day(7)).unwrap();
    assert_eq!(validity, Validity::LiveCallsOnly);
    assert_eq!(validity.permit(Act::Continue), Ok(()));
    assert_eq!(validity.permit(Act::Begin), Err(SessionRefusal::Expired));
    assert_eq!(validity.keep_open(true), Ok(()));
    assert_eq!(validity.keep_open(false), Err(SessionRefusal::Expired));
    assert_eq!(Validity::Full.permit(Act::Begin), Ok(()));
    assert_eq!(Validity::Full.keep_open(false), Ok(()));
}

#[test]
fn revoking_ends_the_sessions_of_that_kind_and_no_others() {
    let [none, access, token] = [
        opened(Credential::None),
        opened(Credential::AccessToken { number: 2 }),
        with_session_token(7),
    ];
    let revoked = SessionFacts { generation: 5, ..FACTS };
    let replaced = SessionFacts {
        access_token_number: 3,
        ..FACTS
    };
    let deactivated = SessionFacts {
        is_active: false,
        ..FACTS
    };
    let with_a_first_token = SessionFacts {
        has_had_token: true,
        ..FACTS
    };
    let permitting = |permission| SessionFacts { permission, ..FACTS };
    let full = Ok(Validity::Full);
    let refused = Err(SessionRefusal::Revoked);
    for (facts, expected) in [
        (FACTS, [full, full, full]),
        (with_a_first_token, [refused, full, full]),
        (permitting(AccessTokenPermission::ReadOnly), [full, full, full]),
        (permitting(AccessTokenPermission::Deny), [refused, full, full]),
        (revoked, [full, full, refused]),
        (replaced, [full, refused, full]),
        (deactivated, [Err(SessionRefusal::Deactivated); 3]),
    ] {
        assert_eq!(
            [&none, &access, &token].map(|session| session.validity(&facts, day(1))),
            expected,
            "{facts:?}"
        );
    }
    // Revocation wins over expiry: the calls end too.
    assert_eq!(token.validity(&revoked, day(8)), refused);
}

#[test]
fn a_new_session_token_of_the_same_user_prolongs_a_session() {
    let claims = SessionTokenClaims {
        user: USER,
        app: AppKey(1),
        key: SigningKeyId(1),
        generation: 4,
        expires_at: day(14),
    };
    let expired = with_session_token(7);
    let renewed = expired.renew(&claims, day(8)).unwrap();
    assert_eq!(renewed.validity(&FACTS, day(13)), Ok(Validity::Full));
    assert_eq!((renewed.id, renewed.created_at), (expired.id, expired.created_at));
    let of_another = SessionTokenClaims {
        user: UserKey::from_bytes([2; 16]),
        ..claims
    };
    let elsewhere = SessionTokenClaims {
        app: AppKey(2),
        ..claims
    };
    assert_eq!(expired.renew(&of_another, day(8)), Err(ForeignToken));
    assert_eq!(expired.renew(&elsewhere, day(8)), Err(ForeignToken));
}

#[test]
fn a_stored_credential_is_read_back_as_it_was() {
    for (credential, text) in [
        (Credential::None, r#"{"kind":"none"}"#.to_owned()),
        (
            Credential::AccessToken { number: 2 },
            r#"{"kind":"access_token","number":2}"#.to_owned(),
        ),
        (
            Credential::SessionToken {
                generation: 4,
                expires_at: Timestamp::from_millis(5),
            },
            r#"{"kind":"session_token","generation":4,"expires_at":5}"#.to_owned(),
        ),
    ] {
        assert_eq!(serde_json::to_string(&credential).unwrap(), text);
        assert_eq!(serde_json::from_str::<Credential>(&text).unwrap(), credential);
    }
}
