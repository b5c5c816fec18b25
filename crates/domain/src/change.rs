//! What an open window is told: something became stale, ask again.

use crate::{ConversationId, Moment};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A numbered note that something changed. Numbers only grow; a window that was away asks for what
/// came after the last number it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Change {
    /// Grows by at least one with every change.
    #[ts(type = "number")]
    pub seq: i64,
    /// What became stale.
    pub kind: ChangeKind,
    /// The conversation it happened in, where there is one.
    pub conversation: Option<ConversationId>,
    /// When it was stored.
    pub at: Moment,
}

/// What became stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A customer's text arrived.
    TextArrived,
    /// A text of ours was written or moved on.
    TextChanged,
    /// A text of ours was not delivered, or may never have left.
    TextFailed,
    /// A call came, moved on or ended.
    CallChanged,
    /// A customer called and nobody talked with them.
    CallMissed,
    /// A call that was missed turned out to have left a voicemail.
    VoicemailLeft,
    /// A voicemail was fetched, heard, changed or deleted.
    VoicemailChanged,
    /// What a caller said was written down.
    VoicemailWritten,
    /// A picture was fetched or given up.
    AttachmentChanged,
    /// Read, unread, done, named, noted or assigned; where it names no conversation, any of them.
    ConversationChanged,
    /// Somebody opted in or out.
    ConsentChanged,
    /// Lines, settings or colleagues.
    SettingsChanged,
    /// Something Health shows.
    HealthChanged,
}

impl ChangeKind {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TextArrived => "text_arrived",
            Self::TextChanged => "text_changed",
            Self::TextFailed => "text_failed",
            Self::CallChanged => "call_changed",
            Self::CallMissed => "call_missed",
            Self::VoicemailLeft => "voicemail_left",
            Self::VoicemailChanged => "voicemail_changed",
            Self::VoicemailWritten => "voicemail_written",
            Self::AttachmentChanged => "attachment_changed",
            Self::ConversationChanged => "conversation_changed",
            Self::ConsentChanged => "consent_changed",
            Self::SettingsChanged => "settings_changed",
            Self::HealthChanged => "health_changed",
        }
    }

    /// The kind a stored word names; an unknown word asks for a broad refresh.
    pub fn from_word(word: &str) -> Self {
        match word {
            "text_arrived" => Self::TextArrived,
            "text_changed" => Self::TextChanged,
            "text_failed" => Self::TextFailed,
            "call_changed" => Self::CallChanged,
            "call_missed" => Self::CallMissed,
            "voicemail_left" => Self::VoicemailLeft,
            "voicemail_changed" => Self::VoicemailChanged,
            "voicemail_written" => Self::VoicemailWritten,
            "attachment_changed" => Self::AttachmentChanged,
            "consent_changed" => Self::ConsentChanged,
            "settings_changed" => Self::SettingsChanged,
            "health_changed" => Self::HealthChanged,
            _ => Self::ConversationChanged,
        }
    }
}
