//! What the tests of this crate share: a store in a folder of its own, with somebody in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use offhook_core::application::AccessTokenPermission;
use offhook_core::call::{DialRequest, Input, MediaReport, MediaSettings};
use offhook_core::id::{CallId, DeviceId, SessionId, UserKey};
use offhook_core::session::{Credential, Session};
use offhook_core::time::Timestamp;

use crate::{
    Actor, ApiToken, Application, CallChange, CallError, NewApplication, NewUser, Sealed, Store, TokenHash, User,
};

/// A store and the folder it lives in.
pub(crate) struct World {
    pub store: Store,
    pub folder: tempfile::TempDir,
    ids: AtomicU32,
}

/// A user who has signed in on one device.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    pub user: User,
    pub session: SessionId,
    pub device: DeviceId,
}

pub(crate) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// So many seconds after the start.
pub(crate) fn at(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

pub(crate) fn call_id(number: u8) -> CallId {
    CallId::from_bytes([number; 16])
}

pub(crate) const SOUND: MediaSettings = MediaSettings {
    is_audio_enabled: true,
    is_video_enabled: false,
    is_on_hold: false,
    is_recording: false,
    revision: 0,
};

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Store::open(&folder.path().join("offhook.db")).unwrap(),
            folder,
            ids: AtomicU32::new(1),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("offhook.db")
    }

    /// Bits that were not used before in this world.
    pub fn bits<const N: usize>(&self) -> [u8; N] {
        let number = self.ids.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut bits = [0; N];
        bits[..4].copy_from_slice(&number);
        bits
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(self.bits())
    }

    pub async fn application(&self, id: &str) -> Application {
        let new = NewApplication {
            id: id.parse().unwrap(),
            name: "Test".to_owned(),
            permission: AccessTokenPermission::ReadWrite,
            allowed_origins: Vec::new(),
            is_relay_only: false,
            api_token: ApiToken {
                hash: self.hash(),
                hint: "last".to_owned(),
                sealed: Sealed::from_bytes(vec![1]),
            },
            signing_key: Sealed::from_bytes(vec![2]),
            webhook_key: Sealed::from_bytes(vec![3]),
        };
        self.store.create_application(new, START).await.unwrap()
    }

    pub fn new_user(&self, user_id: &str) -> NewUser {
        NewUser {
            nickname: format!("The {user_id}"),
            ..NewUser::new(UserKey::from_bytes(self.bits()), user_id)
        }
    }

    pub async fn user(&self, application: &Application, user_id: &str) -> User {
        let new = self.new_user(user_id);
        self.store.create_user(application.key, new, START).await.unwrap()
    }

    pub fn session(&self, user: &User, credential: Credential, now: Timestamp) -> Session {
        Session::open(SessionId::from_bytes(self.bits()), user.app, user.key, credential, now)
    }

    pub async fn sign_in(&self, user: &User) -> Phone {
        self.sign_in_with(user, Credential::None).await
    }

    pub async fn sign_in_with(&self, user: &User, credential: Credential) -> Phone {
        let session = self.session(user, credential, START);
        let created = self.store.create_session(session, self.hash()).await.unwrap();
        Phone {
            user: created.user,
            session: created.session.id,
            device: DeviceId::from_bytes(self.bits()),
        }
    }

    pub async fn phone(&self, application: &Application, user_id: &str) -> Phone {
        let user = self.user(application, user_id).await;
        self.sign_in(&user).await
    }

    pub async fn dial(
        &self,
        phone: &Phone,
        callee: &str,
        call_id: CallId,
        now: Timestamp,
    ) -> Result<CallChange, CallError> {
        self.store
            .dial(phone.session, callee, request(phone, call_id), now)
            .await
    }

    pub async fn act(
        &self,
        phone: &Phone,
        call_id: CallId,
        input: Input,
        now: Timestamp,
    ) -> Result<CallChange, CallError> {
        self.store
            .apply(phone.user.app, call_id, Actor::Session(phone.session), input, now)
            .await
    }
}

pub(crate) fn request(phone: &Phone, call_id: CallId) -> DialRequest {
    DialRequest {
        call_id,
        device: phone.device,
        is_video: false,
        settings: SOUND,
        custom_items: BTreeMap::new(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: None,
    }
}

impl Phone {
    pub fn accept(&self) -> Input {
        Input::Accept {
            user: self.user.key,
            device: self.device,
            settings: SOUND,
        }
    }

    pub fn end(&self) -> Input {
        Input::End {
            user: self.user.key,
            device: self.device,
        }
    }

    pub fn report(&self, media: MediaReport) -> Input {
        Input::Report {
            user: self.user.key,
            device: self.device,
            media,
        }
    }
}
