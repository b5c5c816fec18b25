//! Everything the account has at Twilio, for comparing.

use crate::{
    town::{Direction, Town},
    voice::{CallDirection, CallStatus},
};
use serde::Serialize;

/// Everything the account has, each kind in the order it came here; what was deleted is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Texts in and out, also those that cannot be listed.
    pub messages: Vec<TrueMessage>,
    /// Calls and their legs.
    pub calls: Vec<TrueCall>,
    /// What was recorded of them.
    pub recordings: Vec<TrueRecording>,
}

/// A text as it is kept at Twilio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueMessage {
    /// Twilio's id.
    pub sid: String,
    /// Which way.
    pub direction: Direction,
    /// Who wrote; none while a Messaging Service has not picked a number.
    pub from: Option<String>,
    /// To whom.
    pub to: String,
    /// The words.
    pub body: String,
    /// Twilio's word.
    pub status: String,
    /// When it was made, in UTC milliseconds; lists tell it to the second.
    pub created_ms: i64,
    /// How many pictures it has.
    pub media: usize,
}

/// A call or a leg of one as it is kept at Twilio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueCall {
    /// Twilio's id.
    pub sid: String,
    /// The call it is a leg of.
    pub parent: Option<String>,
    /// Which way.
    pub direction: CallDirection,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// What has become of it.
    pub status: CallStatus,
    /// When it began, in UTC milliseconds.
    pub start_ms: i64,
    /// Seconds since it was picked up, 0 until it is over.
    pub duration_s: u64,
}

/// A recording as it is kept at Twilio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueRecording {
    /// Twilio's id.
    pub sid: String,
    /// The call it belongs to.
    pub call_sid: String,
    /// Its length, in seconds.
    pub duration_s: u64,
}

impl Truth {
    pub(crate) fn of(town: &Town) -> Self {
        // One that was deleted keeps its place, without its name.
        let messages = town.messages.iter().filter(|message| town.by_sid.contains_key(&message.sid));
        let calls = town.calls.all().iter().filter(|call| !call.hidden);
        let recordings = town.calls.recordings.all().iter().map(|kept| &kept.recording);
        Self {
            messages: messages
                .map(|message| TrueMessage {
                    sid: message.sid.clone(),
                    direction: message.direction,
                    from: message.from.clone(),
                    to: message.to.clone(),
                    body: message.body.clone(),
                    status: message.status.clone(),
                    created_ms: message.created_ms,
                    media: message.media.len(),
                })
                .collect(),
            calls: calls
                .map(|call| TrueCall {
                    sid: call.sid.clone(),
                    parent: call.parent.clone(),
                    direction: call.direction,
                    from: call.from.clone(),
                    to: call.to.clone(),
                    status: call.status,
                    start_ms: call.created_ms,
                    duration_s: call.duration_s().unwrap_or(0),
                })
                .collect(),
            recordings: recordings
                .filter(|recording| !recording.deleted)
                .map(|recording| TrueRecording {
                    sid: recording.sid.clone(),
                    call_sid: recording.call_sid.clone(),
                    duration_s: recording.duration_s,
                })
                .collect(),
        }
    }
}
