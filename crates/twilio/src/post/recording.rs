//! A recording can be had, and what was said in it. Source: Twilio's `<Record>` and `<Dial>` pages,
//! `recordingStatusCallback` and `transcribeCallback`. Neither says who called: only the call's SID does.

use super::{Unreadable, whole};
use crate::{Form, date, sid};

/// What became of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingPost {
    /// `CA…`, the call that was recorded; absent for a conference.
    pub call_sid: Option<String>,
    /// `RE…`.
    pub recording_sid: String,
    /// Twilio's word: `in-progress`, `completed`, `absent`, `failed`, or one that is new.
    pub status: String,
    /// Seconds, once completed.
    pub duration_s: Option<u32>,
    /// 1 or 2.
    pub channels: Option<u32>,
    /// What asked for it: `RecordVerb`, `DialVerb` and so on; empty where Twilio does not say.
    pub source: String,
    /// When it began, in UTC milliseconds.
    pub started_ms: Option<i64>,
    /// Why there is none.
    pub error_code: Option<u32>,
}

impl RecordingPost {
    /// Reads a posted form.
    pub fn read(form: &Form) -> Result<Self, Unreadable> {
        whole(form)?;
        let number = |name: &str| form.filled(name).and_then(|value| value.parse().ok());
        let status = form.filled("RecordingStatus").ok_or(Unreadable::Field("RecordingStatus"))?;
        Ok(Self {
            call_sid: call_sid(form),
            recording_sid: recording_sid(form)?,
            status: status.to_owned(),
            duration_s: number("RecordingDuration"),
            channels: number("RecordingChannels"),
            source: form.text("RecordingSource").unwrap_or("").to_owned(),
            started_ms: form.filled("RecordingStartTime").and_then(date::ms),
            error_code: number("ErrorCode"),
        })
    }
}

/// What was said in a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionPost {
    /// `TR…`.
    pub transcription_sid: String,
    /// `RE…`, what it was written down of.
    pub recording_sid: String,
    /// `CA…`.
    pub call_sid: Option<String>,
    /// Twilio's word: `completed`, `failed`, or one that is new.
    pub status: String,
    /// The words, exactly; empty where there are none.
    pub text: String,
}

impl TranscriptionPost {
    /// Reads a posted form.
    pub fn read(form: &Form) -> Result<Self, Unreadable> {
        whole(form)?;
        let own = form.filled("TranscriptionSid").filter(|sid| sid::is_transcription(sid));
        let status = form.filled("TranscriptionStatus").ok_or(Unreadable::Field("TranscriptionStatus"))?;
        Ok(Self {
            transcription_sid: own.ok_or(Unreadable::Field("TranscriptionSid"))?.to_owned(),
            recording_sid: recording_sid(form)?,
            call_sid: call_sid(form),
            status: status.to_owned(),
            text: form.text("TranscriptionText").unwrap_or("").to_owned(),
        })
    }
}

fn recording_sid(form: &Form) -> Result<String, Unreadable> {
    let sid = form.filled("RecordingSid").filter(|sid| sid::is_recording(sid));
    sid.map(str::to_owned).ok_or(Unreadable::Field("RecordingSid"))
}

fn call_sid(form: &Form) -> Option<String> {
    form.filled("CallSid").filter(|sid| sid::is_call(sid)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(prefix: &str) -> String {
        format!("{prefix}{}", "0123456789abcdef".repeat(2))
    }

    #[test]
    fn a_recording_is_read_with_what_is_new_and_without_what_is_missing() {
        let (call, recording) = (id("CA"), id("RE"));
        let whole = RecordingPost::read(&Form::from_pairs([
            ("CallSid", call.as_str()),
            ("RecordingSid", &recording),
            ("RecordingUrl", "https://elsewhere.example.test/steal-me"),
            ("RecordingStatus", "completed"),
            ("RecordingDuration", "42"),
            ("RecordingChannels", "1"),
            ("RecordingSource", "RecordVerb"),
            ("RecordingStartTime", "Fri, 20 Nov 2026 18:00:00 +0000"),
        ]));
        let whole = whole.expect("readable");
        assert_eq!(whole.call_sid.as_ref(), Some(&call));
        assert_eq!((whole.status.as_str(), whole.source.as_str()), ("completed", "RecordVerb"));
        assert_eq!((whole.duration_s, whole.channels), (Some(42), Some(1)));
        assert_eq!(whole.started_ms, Some(1_795_197_600_000));

        let new = Form::from_pairs([("RecordingSid", recording.as_str()), ("RecordingStatus", "mislaid")]);
        let new = RecordingPost::read(&new).expect("readable");
        assert_eq!((new.status.as_str(), new.source.as_str(), new.duration_s), ("mislaid", "", None));
    }

    #[test]
    fn what_does_not_name_a_recording_is_not_read() {
        let (recording, written) = (id("RE"), id("TR"));
        for sid in ["", "RE../../Accounts", &id("CA"), &recording.to_uppercase()] {
            let form = Form::from_pairs([
                ("RecordingSid", sid),
                ("RecordingStatus", "completed"),
                ("TranscriptionSid", &written),
                ("TranscriptionStatus", "completed"),
            ]);
            assert_eq!(RecordingPost::read(&form), Err(Unreadable::Field("RecordingSid")), "{sid}");
            assert_eq!(TranscriptionPost::read(&form), Err(Unreadable::Field("RecordingSid")), "{sid}");
        }
    }

    #[test]
    fn words_that_could_not_be_written_down_are_none() {
        let (recording, written) = (id("RE"), id("TR"));
        let form = Form::from_pairs([
            ("TranscriptionSid", written.as_str()),
            ("RecordingSid", &recording),
            ("TranscriptionStatus", "failed"),
        ]);
        let post = TranscriptionPost::read(&form).expect("readable");
        assert_eq!((post.status.as_str(), post.text.as_str(), post.call_sid), ("failed", "", None));
        assert_eq!((post.transcription_sid, post.recording_sid), (written, recording));
    }
}
