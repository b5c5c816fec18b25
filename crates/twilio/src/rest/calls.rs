//! Calls: the one POST that rings somebody, and the questions about what became of calls.

use super::{
    Client,
    client::describe,
    messages::{Answered, answered},
};
use crate::error::RestError;
use reqwest::Method;
use serde::Deserialize;

/// A call or leg as Twilio keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// `CA…`.
    pub sid: String,
    /// `CA…`, the caller's call, where this is a leg.
    pub parent_call_sid: Option<String>,
    /// Twilio's status word.
    pub status: String,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    pub direction: Option<String>,
    /// Who calls.
    pub from: Option<String>,
    /// Who is called.
    pub to: Option<String>,
    /// Seconds, as a number in a string, at the end.
    pub duration: Option<String>,
    /// RFC 2822.
    pub date_created: Option<String>,
    /// RFC 2822; empty until it began.
    pub start_time: Option<String>,
}

impl Call {
    /// Seconds from answering to the end.
    pub fn duration_s(&self) -> Option<u32> {
        self.duration.as_deref()?.parse().ok()
    }

    /// When Twilio made the call, in UTC milliseconds.
    pub fn created_ms(&self) -> Option<i64> {
        crate::date::ms(self.date_created.as_deref()?)
    }
}

/// A call to be made.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Whose phone rings, E.164.
    pub to: String,
    /// Our number.
    pub from: String,
    /// What whoever picks up hears: a document whose addresses are absolute, at most 4,000 characters.
    pub twiml: String,
    /// Where its progress is posted; empty for nowhere.
    pub status_callback: String,
    /// Seconds it rings.
    pub timeout: u32,
}

/// What became of the one POST.
#[derive(Debug, Clone)]
pub enum Placed {
    /// Twilio took it.
    Accepted(Box<Call>),
    /// It was not taken, for certain; Twilio's code.
    Refused(u32),
    /// Nothing left this computer.
    NotSent(&'static str),
    /// It may ring; only evidence can tell.
    Unknown(&'static str),
}

#[derive(Deserialize)]
struct Page {
    calls: Vec<Call>,
}

impl Client {
    /// Makes a call with one POST: no retry, no redirect, no reused connection.
    pub async fn create_call(&self, new: &NewCall) -> Placed {
        let timeout = new.timeout.to_string();
        let mut form: Vec<(&str, &str)> =
            vec![("To", &new.to), ("From", &new.from), ("Twiml", &new.twiml), ("Timeout", &timeout)];
        if !new.status_callback.is_empty() {
            form.push(("StatusCallback", &new.status_callback));
            // The key is repeated: several words in one value are not understood here.
            for event in ["initiated", "ringing", "answered", "completed"] {
                form.push(("StatusCallbackEvent", event));
            }
        }
        let request = self.signed_in(self.sending.post(self.url("/Calls.json"))).form(&form);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                return Placed::NotSent(describe(&error));
            }
            Err(error) => return Placed::Unknown(describe(&error)),
        };
        match answered(response).await {
            Answered::Taken(whole) => serde_json::from_slice::<Call>(&whole)
                .ok()
                .filter(|call| crate::sid::is_call(&call.sid))
                .map_or(Placed::Unknown("the answer could not be read"), |call| {
                    Placed::Accepted(Box::new(call))
                }),
            Answered::Busy { .. } => Placed::Refused(20_429),
            Answered::Refused { code, .. } => Placed::Refused(code),
            Answered::Unknown(why) => Placed::Unknown(why),
        }
    }

    /// One call as Twilio keeps it now.
    pub async fn call(&self, sid: &str) -> Result<Call, RestError> {
        self.ask(Method::GET, &self.url(&format!("/Calls/{sid}.json")), &[]).await
    }

    /// Removes a call's record at Twilio; one that is not there any more counts as removed. Twilio refuses
    /// while the call lasts.
    pub async fn delete_call(&self, sid: &str) -> Result<(), RestError> {
        if !crate::sid::is_call(sid) {
            return Err(RestError::NotTwilio);
        }
        self.remove(&format!("/Calls/{sid}.json")).await
    }

    /// The legs of a call, newest first.
    pub async fn legs(&self, parent_sid: &str) -> Result<Vec<Call>, RestError> {
        let url = self.url(&format!("/Calls.json?ParentCallSid={parent_sid}&PageSize=50"));
        self.ask::<Page>(Method::GET, &url, &[]).await.map(|page| page.calls)
    }

    /// The newest calls from a number of ours to somebody.
    pub async fn calls_to(&self, to: &str, from: &str) -> Result<Vec<Call>, RestError> {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let url = self.url(&format!("/Calls.json?To={}&From={}&PageSize=50", encode(to), encode(from)));
        self.ask::<Page>(Method::GET, &url, &[]).await.map(|page| page.calls)
    }
}
