//! What Twilio posts about a call. Source: Twilio's "Twilio's request to your application" for voice,
//! `<Dial>`, `<Number>`, `<Record>` and `<Gather>`.

use super::{Unreadable, whole};
use crate::Form;

/// What every post about a call, or one of its legs, says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPost {
    /// `CA…`, the call or leg it is about.
    pub call_sid: String,
    /// `CA…`, the caller's call, where it is about a leg.
    pub parent_sid: Option<String>,
    /// Who calls: E.164, or a word such as `anonymous`.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// Twilio's status word.
    pub status: String,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    pub direction: String,
    /// Seconds, at the end. (`Duration` is in minutes.)
    pub duration_s: Option<u32>,
    /// Keys that were pressed; `hangup` where the caller hung up while recording.
    pub digits: Option<String>,
    /// How a `<Dial>` ended: Twilio's word.
    pub dial_status: Option<String>,
    /// Whether the two were connected.
    pub dial_bridged: Option<bool>,
    /// `CA…`, the leg that was connected or rang last.
    pub dial_sid: Option<String>,
    /// Seconds of that leg.
    pub dial_duration_s: Option<u32>,
    /// Seconds that were recorded.
    pub recording_s: Option<u32>,
    /// `RE…`, what was recorded.
    pub recording_sid: Option<String>,
    /// What failed, where this is the fallback.
    pub error_code: Option<u32>,
    /// The address that failed, where this is the fallback.
    pub error_url: Option<String>,
}

impl CallPost {
    /// Reads a posted form.
    pub fn read(form: &Form) -> Result<Self, Unreadable> {
        whole(form)?;
        let call = |name: &str| form.filled(name).filter(|sid| crate::sid::is_call(sid)).map(str::to_owned);
        let number = |name: &str| form.filled(name).and_then(|value| value.parse().ok());
        // Only its address is documented here, which ends in it.
        let recorded =
            form.filled("RecordingSid").or_else(|| form.filled("RecordingUrl")?.rsplit('/').next());
        Ok(Self {
            call_sid: call("CallSid").ok_or(Unreadable::Field("CallSid"))?,
            parent_sid: call("ParentCallSid"),
            from: form.text("From").unwrap_or("").to_owned(),
            to: form.filled("To").ok_or(Unreadable::Field("To"))?.to_owned(),
            status: form.filled("CallStatus").ok_or(Unreadable::Field("CallStatus"))?.to_owned(),
            direction: form.text("Direction").unwrap_or("").to_owned(),
            duration_s: number("CallDuration"),
            digits: form.filled("Digits").map(str::to_owned),
            dial_status: form.filled("DialCallStatus").map(str::to_owned),
            dial_bridged: form.filled("DialBridged").and_then(|value| value.parse().ok()),
            dial_sid: call("DialCallSid"),
            dial_duration_s: number("DialCallDuration"),
            recording_s: number("RecordingDuration"),
            recording_sid: recorded.filter(|sid| crate::sid::is_recording(sid)).map(str::to_owned),
            error_code: number("ErrorCode"),
            error_url: form.filled("ErrorUrl").map(str::to_owned),
        })
    }
}
