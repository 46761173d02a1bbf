use offhook_core::id::UserKey;
use offhook_store::NewUser;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

struct World {
    store: Store,
    key: ServerKey,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("offhook.db")).unwrap();
        let key = ServerKey::open_or_create(&folder.path().join("server.key")).unwrap();
        Self {
            store,
            key,
            _folder: folder,
        }
    }

    async fn application(&self) -> (Application, String) {
        let wanted = WantedApplication {
            app_id: None,
            name: "Test".to_owned(),
            permission: AccessTokenPermission::Deny,
            allowed_origins: Vec::new(),
            is_relay_only: false,
        };
        let (application, api_token) = create_application(&self.store, &self.key, wanted, NOW).await.unwrap();
        let alice = NewUser::new(UserKey::from_bytes(secret::random()), "alice");
        self.store.create_user(application.key, alice, NOW).await.unwrap();
        (application, api_token)
    }
}

#[tokio::test]
async fn a_session_token_is_84_characters_and_verifies_in_its_application_only() {
    let world = World::new();
    let (one, _) = world.application().await;
    let (other, _) = world.application().await;
    let (token, expires_at) = issue_session_token(&world.store, &world.key, one.key, "alice", None, NOW)
        .await
        .unwrap();
    assert_eq!(token.len(), 84);
    let verify = async |app| {
        verify_session_token(&world.store, &world.key, app, &token)
            .await
            .unwrap()
    };
    let claims = verify(one.key).await.unwrap();
    assert_eq!(claims.expires_at, expires_at);
    assert_eq!(verify(other.key).await, None);
}

#[tokio::test]
async fn a_changed_session_token_is_none() {
    let world = World::new();
    let (application, _) = world.application().await;
    let (token, _) = issue_session_token(&world.store, &world.key, application.key, "alice", None, NOW)
        .await
        .unwrap();
    for index in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let verified = verify_session_token(&world.store, &world.key, application.key, &changed)
            .await
            .unwrap();
        assert_eq!(verified, None, "character {index}");
    }
    for text in ["", "AAAA", "not base64!", &token[1..]] {
        assert_eq!(
            verify_session_token(&world.store, &world.key, application.key, text)
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn an_api_token_is_replaced_and_can_be_read_back_with_the_key_alone() {
    let world = World::new();
    let (application, first) = world.application().await;
    assert_eq!(
        api_token(&world.store, &world.key, application.key).await.unwrap(),
        first
    );
    let second = rotate_api_token(&world.store, &world.key, application.key, NOW)
        .await
        .unwrap();
    assert_eq!(
        api_token(&world.store, &world.key, application.key).await.unwrap(),
        second
    );
    let by_token = async |token: &str| {
        world
            .store
            .application_by_api_token(TokenHash::from_bytes(secret::hash(token)))
            .await
            .unwrap()
    };
    assert_eq!(by_token(&first).await, None);
    assert_eq!(by_token(&second).await.unwrap().0.key, application.key);
}
