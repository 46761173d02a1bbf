use super::*;

const CLAIMS: SessionTokenClaims = SessionTokenClaims {
    user: UserKey::from_bytes([0xab; 16]),
    app: AppKey(3),
    key: SigningKeyId(0x0102_0304),
    generation: 0x0a0b_0c0d,
    expires_at: Timestamp::from_millis(0x0192_0304_0506),
};

#[test]
fn claims_are_written_as_documented() {
    let mut expected = vec![1];
    expected.extend([0xab; 16]);
    expected.extend([1, 2, 3, 4, 0x0a, 0x0b, 0x0c, 0x0d, 0x01, 0x92, 3, 4, 5, 6]);
    assert_eq!(CLAIMS.to_bytes().to_vec(), expected);
}

#[test]
fn a_token_is_read_as_it_was_written() {
    let token = join(&CLAIMS, &[9; MAC_BYTES]);
    assert_eq!(token.len(), 63);
    let (claims, mac) = split(&token).unwrap();
    assert_eq!(mac, &[9; MAC_BYTES]);
    assert_eq!(SessionTokenClaims::from_bytes(claims, AppKey(3)).unwrap(), CLAIMS);
}

#[test]
fn bytes_of_another_length_or_version_are_no_token() {
    for length in [0, 31, 62, 64, 1000] {
        assert_eq!(split(&vec![1; length]), Err(MalformedToken), "{length}");
    }
    let mut claims = CLAIMS.to_bytes();
    claims[0] = 2;
    assert_eq!(SessionTokenClaims::from_bytes(&claims, AppKey(3)), Err(MalformedToken));
}

#[test]
fn every_claim_and_the_application_are_signed() {
    let changed = [
        SessionTokenClaims {
            user: UserKey::from_bytes([0; 16]),
            ..CLAIMS
        },
        SessionTokenClaims {
            app: AppKey(4),
            ..CLAIMS
        },
        SessionTokenClaims {
            key: SigningKeyId(1),
            ..CLAIMS
        },
        SessionTokenClaims {
            generation: 1,
            ..CLAIMS
        },
        SessionTokenClaims {
            expires_at: Timestamp::from_millis(1),
            ..CLAIMS
        },
    ];
    for other in changed {
        assert_ne!(other.signed_bytes(), CLAIMS.signed_bytes(), "{other:?}");
    }
    assert!(CLAIMS.signed_bytes().starts_with(b"offhook session token v1"));
    assert!(CLAIMS.signed_bytes().ends_with(&CLAIMS.to_bytes()));
}

#[test]
fn a_token_counts_until_it_expires_or_is_revoked() {
    let facts = TokenFacts {
        generation: CLAIMS.generation,
        is_active: true,
    };
    let end = CLAIMS.expires_at.as_millis();
    let at = Timestamp::from_millis;
    for (facts, now, expected) in [
        (facts, end - 1, Ok(())),
        (facts, end, Err(TokenRefusal::Expired)),
        (
            TokenFacts {
                generation: CLAIMS.generation + 1,
                ..facts
            },
            end - 1,
            Err(TokenRefusal::Revoked),
        ),
        (
            TokenFacts {
                generation: CLAIMS.generation - 1,
                ..facts
            },
            end - 1,
            Err(TokenRefusal::Revoked),
        ),
        (
            TokenFacts {
                is_active: false,
                ..facts
            },
            end - 1,
            Err(TokenRefusal::Deactivated),
        ),
    ] {
        assert_eq!(CLAIMS.check(&facts, at(now)), expected, "{facts:?} at {now}");
    }
}

#[test]
fn an_expiry_is_in_the_future_and_can_be_written() {
    let at = Timestamp::from_millis;
    let now = at(1_800_000_000_000);
    assert_eq!(expiry(None, now), Ok(at(1_800_604_800_000)));
    assert_eq!(expiry(Some(at(1_800_000_000_001)), now), Ok(at(1_800_000_000_001)));
    for refused in [0, 1_800_000_000_000, LATEST + 1, u64::MAX] {
        assert_eq!(expiry(Some(at(refused)), now), Err(InvalidExpiry), "{refused}");
    }
    let last = SessionTokenClaims {
        expires_at: at(LATEST),
        ..CLAIMS
    };
    assert_eq!(
        SessionTokenClaims::from_bytes(&last.to_bytes(), CLAIMS.app).unwrap(),
        last
    );
}
