//! Texts: the one POST that sends, and the questions that settle what became of it.

use super::{
    Client,
    client::{ErrorBody, body, describe},
};
use crate::error::RestError;
use reqwest::Method;
use serde::Deserialize;
use std::time::Duration;

/// A message as Twilio keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    /// `SM…` or `MM…`.
    pub sid: String,
    /// Twilio's status word.
    pub status: String,
    /// `inbound`, `outbound-api`, `outbound-call` or `outbound-reply`.
    pub direction: String,
    /// Absent until a Messaging Service has chosen.
    pub from: Option<String>,
    /// The other end.
    pub to: Option<String>,
    /// The words.
    #[serde(default)]
    pub body: Option<String>,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// Parts, as a number in a string; `"0"` at first with a Messaging Service.
    pub num_segments: Option<String>,
    /// Negative amount as text, once known.
    pub price: Option<String>,
    /// `USD` and so on.
    pub price_unit: Option<String>,
    /// RFC 2822.
    pub date_created: Option<String>,
    /// RFC 2822; absent while it waits.
    #[serde(default)]
    pub date_sent: Option<String>,
    /// How many pictures and files, as a number in a string.
    pub num_media: Option<String>,
}

/// A picture or file of a message, as Twilio lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMedia {
    /// Where its bytes are.
    pub url: String,
    /// The type the sender claimed.
    pub content_type: String,
}

impl Message {
    /// How many pictures and files.
    pub fn media(&self) -> u32 {
        self.num_media.as_deref().and_then(|n| n.parse().ok()).unwrap_or(0)
    }

    /// When it came or left, in UTC milliseconds: one that was scheduled left long after it was made.
    pub fn happened_ms(&self) -> Option<i64> {
        let sent = self.date_sent.as_deref().and_then(crate::date::ms);
        let made = self.created_ms();
        if self.direction == "inbound" { made } else { sent.max(made) }
    }

    /// When Twilio made the message, in UTC milliseconds.
    pub fn created_ms(&self) -> Option<i64> {
        crate::date::ms(self.date_created.as_deref()?)
    }
}

/// A message to be sent.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// E.164.
    pub to: String,
    /// Our number, or none when a service chooses.
    pub from: Option<String>,
    /// `MG…`, only where no number is given.
    pub messaging_service_sid: Option<String>,
    /// The words.
    pub body: String,
    /// Pictures, each publicly fetchable.
    pub media_urls: Vec<String>,
    /// Where delivery is reported; empty for nowhere.
    pub status_callback: String,
    /// Let Twilio replace look-alike characters.
    pub smart_encoded: bool,
}

impl NewMessage {
    /// Whether an answer can be about this message. Twilio may write a number or the words a little
    /// differently, but hardly both.
    fn may_be(&self, message: &Message) -> bool {
        message.to.as_deref().is_none_or(|to| to == self.to)
            || (!self.body.is_empty() && message.body.as_deref().is_none_or(|body| body == self.body))
    }
}

/// What became of the one POST.
#[derive(Debug, Clone)]
pub enum Created {
    /// Twilio took it.
    Accepted(Box<Message>),
    /// Twilio said no, for certain.
    Refused {
        /// HTTP status, 400 to 499.
        status: u16,
        /// Twilio's code.
        code: u32,
    },
    /// Too many requests at once: not taken, later is fine.
    Busy {
        /// What Twilio asked for, if it did.
        retry_after: Option<Duration>,
    },
    /// Nothing left this computer.
    NotSent(&'static str),
    /// It may have been taken; only evidence can tell.
    Unknown(&'static str),
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct MediaPage {
    media_list: Vec<MediaRow>,
}

#[derive(Deserialize)]
struct MediaRow {
    sid: String,
    content_type: Option<String>,
}

/// What Twilio's answer to a create means.
pub(super) enum Answered {
    /// It was taken; the body.
    Taken(Vec<u8>),
    /// Not taken, for certain.
    Refused {
        /// HTTP status, 400 to 499.
        status: u16,
        /// Twilio's code.
        code: u32,
    },
    /// Too many requests at once: not taken.
    Busy {
        /// What Twilio asked for, if it did.
        retry_after: Option<Duration>,
    },
    /// Only evidence can tell.
    Unknown(&'static str),
}

/// Reads the answer to a create.
pub(super) async fn answered(response: reqwest::Response) -> Answered {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(reqwest::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    if status.as_u16() == 429 {
        return Answered::Busy { retry_after };
    }
    let Ok(whole) = body(response).await else {
        return Answered::Unknown("the answer broke off");
    };
    if status.is_success() {
        return Answered::Taken(whole);
    }
    let code = serde_json::from_slice::<ErrorBody>(&whole).ok().and_then(|body| body.code);
    match code {
        Some(20429) => Answered::Busy { retry_after },
        Some(code) if status.is_client_error() => Answered::Refused { status: status.as_u16(), code },
        _ => Answered::Unknown("an answer that is not Twilio's"),
    }
}

impl Client {
    /// Sends one message with one POST: no retry, no redirect, no reused connection.
    pub async fn create_message(&self, new: &NewMessage) -> Created {
        let mut form: Vec<(&str, &str)> = vec![("To", &new.to)];
        if !new.status_callback.is_empty() {
            form.push(("StatusCallback", &new.status_callback));
        }
        if let Some(from) = &new.from {
            form.push(("From", from));
        }
        if let Some(service) = &new.messaging_service_sid {
            form.push(("MessagingServiceSid", service));
        }
        if !new.body.is_empty() {
            form.push(("Body", &new.body));
        }
        form.extend(new.media_urls.iter().map(|url| ("MediaUrl", url.as_str())));
        if new.smart_encoded {
            form.push(("SmartEncoded", "true"));
        }
        let request = self.signed_in(self.sending.post(self.url("/Messages.json"))).form(&form);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                return Created::NotSent(describe(&error));
            }
            Err(error) => return Created::Unknown(describe(&error)),
        };
        match answered(response).await {
            Answered::Taken(whole) => serde_json::from_slice::<Message>(&whole)
                .ok()
                .filter(|message| crate::sid::is_message(&message.sid) && new.may_be(message))
                .map_or(Created::Unknown("the answer could not be read"), |m| Created::Accepted(Box::new(m))),
            Answered::Busy { retry_after } => Created::Busy { retry_after },
            Answered::Refused { status, code } => Created::Refused { status, code },
            Answered::Unknown(why) => Created::Unknown(why),
        }
    }

    /// One message as Twilio keeps it now.
    pub async fn message(&self, sid: &str) -> Result<Message, RestError> {
        self.ask(Method::GET, &self.url(&format!("/Messages/{sid}.json")), &[]).await
    }

    /// Removes a message at Twilio; one that is not there any more counts as removed. Twilio refuses while
    /// it is on its way.
    pub async fn delete_message(&self, sid: &str) -> Result<(), RestError> {
        if !crate::sid::is_message(sid) {
            return Err(RestError::NotTwilio);
        }
        self.remove(&format!("/Messages/{sid}.json")).await
    }

    /// The pictures and files of a message, in their order; at most ten.
    pub async fn media_of(&self, message_sid: &str) -> Result<Vec<ListedMedia>, RestError> {
        if !crate::sid::is_message(message_sid) {
            return Err(RestError::NotTwilio);
        }
        let url = self.url(&format!("/Messages/{message_sid}/Media.json?PageSize=50"));
        let page: MediaPage = self.ask(Method::GET, &url, &[]).await?;
        let at = |row: MediaRow| ListedMedia {
            url: self.url(&format!("/Messages/{message_sid}/Media/{}", row.sid)),
            content_type: row.content_type.unwrap_or_default(),
        };
        let known = |row: &MediaRow| crate::sid::is_sid(&row.sid, &["ME"]);
        Ok(page.media_list.into_iter().filter(known).map(at).collect())
    }

    /// Messages to a number, newest first, until `enough` says the rest is older than of interest.
    /// `from` narrows to one of our numbers. No date filter: a queued message has no date yet.
    pub async fn messages_to(
        &self,
        to: &str,
        from: Option<&str>,
        enough: impl Fn(&Message) -> bool,
    ) -> Result<Vec<Message>, RestError> {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let from = from.map(|from| format!("&From={}", encode(from))).unwrap_or_default();
        let mut url = self.url(&format!("/Messages.json?To={}{from}&PageSize=100", encode(to)));
        let mut all: Vec<Message> = Vec::new();
        loop {
            let page: Page = self.ask(Method::GET, &url, &[]).await?;
            let done = page.messages.iter().any(&enough);
            all.extend(page.messages);
            match page.next_page_uri {
                Some(next) if !done => url = self.next_uri(&next)?,
                _ => return Ok(all),
            }
        }
    }
}
