//! Where Twilio's values become the office's.

use ringdesk_domain::{Address, Arrival, Moment, Status, TextId, consent};
use ringdesk_store::{Answer, IncomingText, NewAttachment, Receipt, Report};
use ringdesk_twilio::{
    Signed, explain,
    post::{InboundText, MessageStatus},
    rest::Message,
};

/// Routes by the names their receipts carry.
pub(crate) mod event {
    pub(crate) const TEXT: &str = "sms/inbound";
    pub(crate) const STATUS: &str = "sms/status";
    pub(crate) const CALL: &str = "voice/inbound";
    pub(crate) const SCREEN: &str = "voice/screen";
    pub(crate) const DIALED: &str = "voice/dial-status";
    pub(crate) const MESSAGE: &str = "voice/voicemail-done";
    pub(crate) const PROGRESS: &str = "voice/status";
    pub(crate) const RECORDING: &str = "voice/recording";
    pub(crate) const TRANSCRIPT: &str = "voice/transcription";
    pub(crate) const ALL: [&str; 9] =
        [TEXT, STATUS, CALL, SCREEN, DIALED, MESSAGE, PROGRESS, RECORDING, TRANSCRIPT];
}

/// The answer to what needs none.
pub(crate) fn noted() -> Answer {
    Answer { status: 204, body: String::new() }
}

pub(crate) fn incoming_text(text: &InboundText, at: Moment) -> IncomingText {
    let keyword = text.opt_out_type.as_deref().and_then(consent::from_opt_out_type);
    IncomingText {
        id: TextId::new(at),
        provider_sid: text.message_sid.clone(),
        line: Address::received(&text.to),
        customer: Address::received(&text.from),
        word: keyword.unwrap_or_else(|| consent::read(&text.body)),
        body: text.body.clone(),
        at,
        arrival: Arrival::Live,
        status: Status::from_twilio("received"),
        attachments: text
            .media
            .iter()
            .map(|media| NewAttachment { url: media.url.clone(), declared_type: media.content_type.clone() })
            .collect(),
        media_claimed: text.media_claimed,
        group_with: (!text.other_recipients.is_empty()).then(|| text.other_recipients.join(",")),
    }
}

/// A text as Twilio lists it, at the time it was written. Whether Advanced Opt-Out read a word in it is not
/// listed: the words themselves tell.
pub(crate) fn listed_text(
    message: &Message,
    attachments: Vec<NewAttachment>,
    arrival: Arrival,
    at: Moment,
) -> IncomingText {
    let body = message.body.clone().unwrap_or_default();
    IncomingText {
        id: TextId::new(at),
        provider_sid: message.sid.clone(),
        line: Address::received(message.to.as_deref().unwrap_or("")),
        customer: Address::received(message.from.as_deref().unwrap_or("")),
        word: consent::read(&body),
        body,
        at,
        arrival,
        status: Status::from_twilio("received"),
        media_claimed: message.media(),
        attachments,
        group_with: None,
    }
}

pub(crate) fn report(status: &MessageStatus, text: Option<TextId>, at: Moment) -> Report {
    Report {
        provider_sid: status.message_sid.clone(),
        text,
        status: Status::from_twilio(&status.status),
        error_code: status.error_code,
        opted_out: status.error_code.is_some_and(means_opt_out),
        at,
    }
}

pub(crate) fn means_opt_out(code: u32) -> bool {
    explain(code).opted_out
}

pub(crate) fn receipt<T>(
    signed: &Signed<T>,
    event: &'static str,
    detail: String,
    at: Moment,
    answer: Answer,
) -> Receipt {
    Receipt {
        replay_key: signed.replay_key(),
        event,
        detail,
        received_at: at,
        payload: signed.body().to_vec(),
        answer,
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
