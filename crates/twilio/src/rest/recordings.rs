//! Recordings of calls: the sound, what Twilio keeps about it, and what was said. Every address is built
//! from a SID that was looked at, on the host we are configured for: none is taken from a webhook.

use super::{Client, Download, Part};
use crate::{date, error::RestError, sid};
use reqwest::{Method, Url};
use serde::Deserialize;

/// A recording as Twilio keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct Recording {
    /// `RE…`.
    pub sid: String,
    /// `CA…`; absent for a conference.
    pub call_sid: Option<String>,
    /// Twilio's word: `in-progress`, `processing`, `completed`, `absent`, `deleted` and so on.
    pub status: String,
    /// Seconds, as a number in a string; negative until it is known.
    pub duration: Option<String>,
    /// What asked for it: `RecordVerb`, `DialVerb` and so on.
    pub source: Option<String>,
    /// 1 or 2.
    pub channels: Option<u32>,
    /// Why there is none.
    pub error_code: Option<u32>,
    /// RFC 2822.
    pub date_created: Option<String>,
    /// RFC 2822.
    pub start_time: Option<String>,
}

impl Recording {
    /// How long it is, in seconds.
    pub fn duration_s(&self) -> Option<u32> {
        self.duration.as_deref()?.parse().ok()
    }

    /// When it began, in UTC milliseconds.
    pub fn started_ms(&self) -> Option<i64> {
        date::ms(self.start_time.as_deref().or(self.date_created.as_deref())?)
    }
}

/// What was said in a recording, as Twilio keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct Transcription {
    /// `TR…`.
    pub sid: String,
    /// Twilio's word: `in-progress`, `completed` or `failed`.
    pub status: String,
    /// The words, once completed.
    pub transcription_text: Option<String>,
    /// `RE…`.
    pub recording_sid: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    transcriptions: Vec<Transcription>,
}

impl Client {
    /// Starts fetching a recording's sound, `kind` being `wav` or `mp3`. The whole file is at most `limit`
    /// bytes, what is here already included. Where `part` is given, what comes may be the rest only:
    /// [`Download::from`] tells. Twilio refuses with 404 until the sound is ready.
    pub async fn download_recording(
        &self,
        sid: &str,
        kind: &str,
        part: Option<Part>,
        limit: u64,
    ) -> Result<Download, RestError> {
        if !sid::is_recording(sid) || !matches!(kind, "wav" | "mp3") {
            return Err(RestError::NotTwilio);
        }
        let url = Url::parse(&self.url(&format!("/Recordings/{sid}.{kind}")));
        self.fetch(url.map_err(|_| RestError::NotTwilio)?, part.as_ref(), limit).await
    }

    /// One recording as Twilio keeps it now.
    pub async fn recording(&self, sid: &str) -> Result<Recording, RestError> {
        if !sid::is_recording(sid) {
            return Err(RestError::NotTwilio);
        }
        self.ask(Method::GET, &self.url(&format!("/Recordings/{sid}.json")), &[]).await
    }

    /// Removes a recording at Twilio; one that is not there any more counts as removed. What is still to be
    /// written down of it never will be, and what was written down is removed on its own.
    /// Source: Twilio's warning 13618.
    pub async fn delete_recording(&self, sid: &str) -> Result<(), RestError> {
        if !sid::is_recording(sid) {
            return Err(RestError::NotTwilio);
        }
        self.remove(&format!("/Recordings/{sid}.json")).await
    }

    /// Removes what was written down of a recording; what is not there any more counts as removed.
    pub async fn delete_transcription(&self, sid: &str) -> Result<(), RestError> {
        if !sid::is_transcription(sid) {
            return Err(RestError::NotTwilio);
        }
        self.remove(&format!("/Transcriptions/{sid}.json")).await
    }

    /// What was written down of a recording; nobody asks for it more than a few times.
    pub async fn transcriptions_of(&self, recording_sid: &str) -> Result<Vec<Transcription>, RestError> {
        if !sid::is_recording(recording_sid) {
            return Err(RestError::NotTwilio);
        }
        let url = self.url(&format!("/Recordings/{recording_sid}/Transcriptions.json?PageSize=50"));
        self.ask::<Page>(Method::GET, &url, &[]).await.map(|page| page.transcriptions)
    }
}
