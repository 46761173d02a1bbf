//! What a party sends, and what it does with the call.

use serde::{Deserialize, Serialize};

/// What a party sends, and what it does with the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaSettings {
    /// Whether the microphone is on.
    pub is_audio_enabled: bool,
    /// Whether the camera is on.
    pub is_video_enabled: bool,
    /// Whether the party holds the call.
    #[serde(default)]
    pub is_on_hold: bool,
    /// Whether the party records the call.
    #[serde(default)]
    pub is_recording: bool,
    /// Counted by the sending device, from 0: a lower one is old.
    pub revision: u32,
}

impl MediaSettings {
    /// As a call begins with them: nobody holds or records what is not there yet, and the device counts from 0.
    pub(super) const fn at_start(self) -> Self {
        Self {
            is_on_hold: false,
            is_recording: false,
            revision: 0,
            ..self
        }
    }
}

/// What differs between two settings: each that does, as it is now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Whether the microphone is on.
    pub is_audio_enabled: Option<bool>,
    /// Whether the camera is on.
    pub is_video_enabled: Option<bool>,
    /// Whether the party holds the call.
    pub is_on_hold: Option<bool>,
    /// Whether the party records the call.
    pub is_recording: Option<bool>,
}

impl SettingsChange {
    pub(super) fn between(before: MediaSettings, after: MediaSettings) -> Self {
        let changed = |before: bool, after: bool| (before != after).then_some(after);
        Self {
            is_audio_enabled: changed(before.is_audio_enabled, after.is_audio_enabled),
            is_video_enabled: changed(before.is_video_enabled, after.is_video_enabled),
            is_on_hold: changed(before.is_on_hold, after.is_on_hold),
            is_recording: changed(before.is_recording, after.is_recording),
        }
    }
}
