//! Everything Twilio told of a text, a call or a voicemail: what it posted, and its own record as it is now.

use crate::{Inbox, Problem, view, webhook_log::webhook};
use ringdesk_domain::{CallId, TextId, VoicemailId};
use ringdesk_twilio::{error::RestError, rest::Record};

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A text.
    Text(TextId),
    /// A call.
    Call(CallId),
    /// A voicemail.
    Voicemail(VoicemailId),
}

impl Inbox {
    /// Everything Twilio told of it. It holds whole numbers and what was written: for the window, never
    /// for a log.
    pub async fn raw_record(&self, about: About) -> Result<view::RawRecord, Problem> {
        let (sid, ours) = match about {
            About::Text(id) => {
                (self.store().text(id).await?.ok_or(Problem::NotFound)?.provider_sid, id.to_string())
            }
            About::Call(id) => {
                (self.store().call(id).await?.ok_or(Problem::NotFound)?.provider_sid, id.to_string())
            }
            About::Voicemail(id) => {
                self.store().voicemail(id).await?.ok_or(Problem::NotFound)?;
                (self.store().recording_sid(id).await?, id.to_string())
            }
        };
        let rows = self.store().receipts_about(sid.clone(), ours).await?;
        let webhooks = rows.into_iter().map(webhook).collect();
        let (record, problem) = match self.record_at_twilio(about, sid.as_deref()).await {
            Ok(record) => (Some(record), None),
            Err(problem) => (None, Some(problem)),
        };
        Ok(view::RawRecord { sid, webhooks, record, problem })
    }

    /// Twilio's record as JSON, or why there is none, in words.
    async fn record_at_twilio(&self, about: About, sid: Option<&str>) -> Result<String, String> {
        let sid = sid.ok_or("Twilio never gave it an id, so it has no record of it.")?;
        let reach = self.reach().ok_or("No account is connected, so Twilio can't be asked.")?;
        let what = match about {
            About::Text(_) => Record::Message(sid),
            About::Call(_) => Record::Call(sid),
            About::Voicemail(_) => Record::Recording(sid),
        };
        let record = reach.client.raw(what).await.map_err(|error| {
            tracing::info!(%error, "a record could not be had from Twilio");
            match error {
                RestError::Refused { status: 404, .. } => "Twilio no longer has it.",
                RestError::Refused { .. } => "Twilio doesn't let this account see it.",
                _ => "Twilio could not be asked just now. Try again in a moment.",
            }
        })?;
        serde_json::to_string_pretty(&record).map_err(|_| "Twilio's answer could not be read.".to_owned())
    }
}
