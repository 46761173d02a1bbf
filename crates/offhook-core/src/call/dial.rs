//! Making a call.

use std::time::Duration;

use super::{Call, DEFAULT_TIMEOUT, Link, MediaSettings, Party, Profile, Stage, TIMEOUT_RANGE};
use crate::custom_items::{self, CustomItems, InvalidCustomItems};
use crate::id::{AppKey, CallId, DeviceId, UserKey};
use crate::time::Timestamp;

/// The most dials of one user in a minute, to everybody.
pub const MAX_DIALS_PER_MINUTE: u32 = 60;
/// The most dials of one user to one callee in a minute: nobody can make a telephone ring all day.
pub const MAX_DIALS_TO_ONE_PER_MINUTE: u32 = 10;
/// The most calls a user takes part in as a caller at one time.
pub const MAX_LIVE_CALLS: u32 = 16;
/// The most calls that ring one user at one time, whoever dialled.
pub const MAX_RINGING_CALLS: u32 = 16;

/// The longest address of a chat's channel, in characters.
pub const MAX_CHAT_CHANNEL_URL_CHARACTERS: usize = 255;

/// What a device asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialRequest {
    /// Drawn by the device.
    pub call_id: CallId,
    /// The dialling device.
    pub device: DeviceId,
    /// Whether it is a video call.
    pub is_video: bool,
    /// What the caller will send.
    pub settings: MediaSettings,
    /// What the application attaches.
    pub custom_items: CustomItems,
    /// The channel of the application's chat that the call belongs to: 1 to [`MAX_CHAT_CHANNEL_URL_CHARACTERS`].
    pub chat_channel_url: Option<String>,
    /// How long to ring; held within [`TIMEOUT_RANGE`] and [`DialFacts::max_ringing`].
    pub ringing_timeout: Option<Duration>,
    /// How long connecting may take after accept; held within [`TIMEOUT_RANGE`] and [`DialFacts::max_connecting`].
    pub connection_timeout: Option<Duration>,
}

/// What the directory and the recent past say, read in the transaction that will hold the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialFacts {
    /// The application of the caller.
    pub app: AppKey,
    /// The caller.
    pub caller: (UserKey, Profile),
    /// Whether the caller may only answer (access-token permission "read only").
    pub is_caller_read_only: bool,
    /// The callee, if the application has an active user of that id.
    pub callee: Option<(UserKey, Profile)>,
    /// Whether the callee has ever signed in to calls.
    pub has_callee_signed_in: bool,
    /// The caller's dials in the last minute.
    pub recent_dials: u32,
    /// Of these, the ones to this callee.
    pub recent_dials_to_callee: u32,
    /// The calls the caller dialled that have not ended.
    pub live_calls: u32,
    /// The calls that ring the callee.
    pub calls_ringing_callee: u32,
    /// The longest that the application lets calls ring.
    pub max_ringing: Duration,
    /// The longest that it lets them connect.
    pub max_connecting: Duration,
}

/// Why a call was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialRefusal {
    /// No active user of that id (1400103).
    #[error("the callee does not exist")]
    CalleeDoesNotExist,
    /// The callee is the caller (1400104).
    #[error("a user cannot dial themselves")]
    DialMyself,
    /// The caller is read only (1400105).
    #[error("this user may answer calls, but not dial")]
    NoPermission,
    /// The callee exists but has never signed in (1400106).
    #[error("the callee has never signed in to calls")]
    CalleeNeverAuthenticated,
    /// Too many dials in the last minute, too many live calls, or too many that ring the callee (429100).
    #[error("too many calls; try again in a minute")]
    TooMany,
    /// The custom items are out of bounds (400111).
    #[error(transparent)]
    CustomItems(#[from] InvalidCustomItems),
    /// The chat's channel is out of bounds (400111).
    #[error(
        "the URL of a chat's channel is 1 to {MAX_CHAT_CHANNEL_URL_CHARACTERS} characters without control characters"
    )]
    ChatChannel,
}

impl Call {
    /// Makes a ringing call.
    ///
    /// # Errors
    /// Says why the directory or a limit does not allow it.
    pub fn dial(request: DialRequest, facts: DialFacts, now: Timestamp) -> Result<Self, DialRefusal> {
        custom_items::check(&request.custom_items)?;
        if request
            .chat_channel_url
            .as_deref()
            .is_some_and(|url| !is_channel_url(url))
        {
            return Err(DialRefusal::ChatChannel);
        }
        if facts.is_caller_read_only {
            return Err(DialRefusal::NoPermission);
        }
        let Some((callee, callee_profile)) = facts.callee else {
            return Err(DialRefusal::CalleeDoesNotExist);
        };
        let (caller, caller_profile) = facts.caller;
        if callee == caller {
            return Err(DialRefusal::DialMyself);
        }
        if !facts.has_callee_signed_in {
            return Err(DialRefusal::CalleeNeverAuthenticated);
        }
        if facts.recent_dials >= MAX_DIALS_PER_MINUTE
            || facts.recent_dials_to_callee >= MAX_DIALS_TO_ONE_PER_MINUTE
            || facts.live_calls >= MAX_LIVE_CALLS
            || facts.calls_ringing_callee >= MAX_RINGING_CALLS
        {
            return Err(DialRefusal::TooMany);
        }
        Ok(Self {
            id: request.call_id,
            app: facts.app,
            version: 1,
            is_video: request.is_video,
            caller: Party {
                user: caller,
                profile: caller_profile,
                settings: request.settings.at_start(),
            },
            callee: Party {
                user: callee,
                profile: callee_profile,
                settings: MediaSettings {
                    is_audio_enabled: true,
                    is_video_enabled: request.is_video,
                    is_on_hold: false,
                    is_recording: false,
                    revision: 0,
                },
            },
            caller_device: request.device,
            custom_items: request.custom_items,
            chat_channel_url: request.chat_channel_url,
            connection_timeout: within(request.connection_timeout, facts.max_connecting),
            dialed_at: now,
            updated_at: now,
            is_dial_received: false,
            stage: Stage::Ringing {
                until: now + within(request.ringing_timeout, facts.max_ringing),
                caller_link: Link::Present,
            },
        })
    }
}

fn is_channel_url(url: &str) -> bool {
    (1..=MAX_CHAT_CHANNEL_URL_CHARACTERS).contains(&url.chars().count()) && !url.chars().any(char::is_control)
}

/// What was asked, as far as the application allows it; the application cannot allow what is outside of the range.
fn within(asked: Option<Duration>, longest: Duration) -> Duration {
    let (least, most) = (*TIMEOUT_RANGE.start(), *TIMEOUT_RANGE.end());
    asked
        .unwrap_or(DEFAULT_TIMEOUT)
        .clamp(least, longest.clamp(least, most))
}
