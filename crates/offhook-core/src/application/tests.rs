use super::AccessTokenPermission::{Deny, ReadOnly, ReadWrite};
use super::*;
use crate::id::{AppKey, SigningKeyId};

const KEY: UserKey = UserKey::from_bytes([1; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_800_000_000_001);
const USER: KnownUser = KnownUser {
    key: KEY,
    is_active: true,
    has_had_token: false,
    generation: 4,
    access_token_number: 2,
};
const TOKEN_HOLDER: KnownUser = KnownUser {
    has_had_token: true,
    ..USER
};
const CLAIMS: SessionTokenClaims = SessionTokenClaims {
    user: KEY,
    app: AppKey(1),
    key: SigningKeyId(1),
    generation: 4,
    expires_at: LATER,
};

#[track_caller]
fn check(
    permissions: &[AccessTokenPermission],
    user: Option<KnownUser>,
    offered: Offered,
    expected: Result<SignIn, SignInRefusal>,
) {
    for &permission in permissions {
        let facts = SignInFacts {
            permission,
            user,
            offered,
        };
        assert_eq!(sign_in(&facts, NOW), expected, "{permission:?}");
    }
}

fn known(credential: Credential) -> Result<SignIn, SignInRefusal> {
    Ok(SignIn::Known { key: KEY, credential })
}

#[test]
fn a_bare_name_is_enough_only_where_the_application_says_so() {
    check(&[Deny], Some(USER), Offered::Nothing, Err(SignInRefusal::TokenMissing));
    check(
        &[ReadOnly, ReadWrite],
        Some(USER),
        Offered::Nothing,
        known(Credential::None),
    );
}

#[test]
fn who_ever_had_a_token_must_give_one_whatever_the_setting() {
    check(
        &[Deny, ReadOnly, ReadWrite],
        Some(TOKEN_HOLDER),
        Offered::Nothing,
        Err(SignInRefusal::TokenMissing),
    );
}

#[test]
fn unknown_users_are_made_only_by_a_bare_name_under_read_write() {
    check(&[ReadWrite], None, Offered::Nothing, Ok(SignIn::New));
    check(&[ReadWrite], None, Offered::Wrong, Err(SignInRefusal::TokenWrong));
    check(
        &[ReadWrite],
        None,
        Offered::SessionToken(CLAIMS),
        Err(SignInRefusal::TokenWrong),
    );
    check(
        &[Deny, ReadOnly],
        None,
        Offered::Nothing,
        Err(SignInRefusal::UserNotFound),
    );
    check(
        &[Deny, ReadOnly],
        None,
        Offered::Wrong,
        Err(SignInRefusal::UserNotFound),
    );
}

#[test]
fn a_right_token_signs_in_under_every_setting() {
    let all = [Deny, ReadOnly, ReadWrite];
    check(
        &all,
        Some(TOKEN_HOLDER),
        Offered::AccessToken,
        known(Credential::AccessToken { number: 2 }),
    );
    let session_token = Credential::SessionToken {
        generation: 4,
        expires_at: LATER,
    };
    check(
        &all,
        Some(TOKEN_HOLDER),
        Offered::SessionToken(CLAIMS),
        known(session_token),
    );
}

#[test]
fn a_wrong_token_signs_nobody_in() {
    let all = [Deny, ReadOnly, ReadWrite];
    let refuse = |claims, refusal| check(&all, Some(TOKEN_HOLDER), Offered::SessionToken(claims), Err(refusal));
    check(&all, Some(TOKEN_HOLDER), Offered::Wrong, Err(SignInRefusal::TokenWrong));
    check(&all, Some(USER), Offered::Wrong, Err(SignInRefusal::TokenWrong));
    refuse(
        SessionTokenClaims {
            user: UserKey::from_bytes([2; 16]),
            ..CLAIMS
        },
        SignInRefusal::TokenWrong,
    );
    refuse(
        SessionTokenClaims {
            expires_at: NOW,
            ..CLAIMS
        },
        SignInRefusal::TokenExpired,
    );
    refuse(
        SessionTokenClaims {
            generation: 3,
            ..CLAIMS
        },
        SignInRefusal::TokenRevoked,
    );
}

#[test]
fn a_deactivated_user_is_told_so_only_with_the_right_credential() {
    let all = [Deny, ReadOnly, ReadWrite];
    let user = Some(KnownUser {
        is_active: false,
        ..TOKEN_HOLDER
    });
    check(&all, user, Offered::AccessToken, Err(SignInRefusal::UserDeactivated));
    check(
        &all,
        user,
        Offered::SessionToken(CLAIMS),
        Err(SignInRefusal::UserDeactivated),
    );
    check(&all, user, Offered::Wrong, Err(SignInRefusal::TokenWrong));
    check(&all, user, Offered::Nothing, Err(SignInRefusal::TokenMissing));
    let tokenless = Some(KnownUser {
        is_active: false,
        ..USER
    });
    check(
        &[ReadWrite],
        tokenless,
        Offered::Nothing,
        Err(SignInRefusal::UserDeactivated),
    );
}

#[test]
fn only_a_session_without_a_token_is_read_only() {
    let token = Credential::AccessToken { number: 1 };
    for (permission, expected) in [(Deny, true), (ReadOnly, true), (ReadWrite, false)] {
        assert_eq!(permission.is_read_only(Credential::None), expected, "{permission:?}");
        assert!(!permission.is_read_only(token), "{permission:?}");
    }
}
