//! A text came in. Source: Twilio's "Twilio's request to your webhook" for messaging.

use super::{Unreadable, message_sid, whole};
use crate::Form;

/// Most media one message carries.
const MAX_MEDIA: usize = 10;

/// A text as Twilio tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundText {
    /// `SM…` or `MM…`.
    pub message_sid: String,
    /// The customer: E.164, a short code, a name, or a word such as `anonymous`.
    pub from: String,
    /// Our number.
    pub to: String,
    /// The words, exactly.
    pub body: String,
    /// Pictures and files to fetch.
    pub media: Vec<RemoteMedia>,
    /// How many media Twilio says there are; may differ from what it lists.
    pub media_claimed: u32,
    /// `STOP`, `START` or `HELP`, only with Advanced Opt-Out.
    pub opt_out_type: Option<String>,
    /// The others in a group text.
    pub other_recipients: Vec<String>,
}

/// Where a picture can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteMedia {
    /// On Twilio's own host.
    pub url: String,
    /// The type the sender claimed.
    pub content_type: String,
}

impl InboundText {
    /// Reads a posted form.
    pub fn read(form: &Form) -> Result<Self, Unreadable> {
        whole(form)?;
        let media: Vec<_> = (0..MAX_MEDIA)
            .filter_map(|n| {
                Some(RemoteMedia {
                    url: form.filled(&format!("MediaUrl{n}"))?.to_owned(),
                    content_type: form.text(&format!("MediaContentType{n}")).unwrap_or("").to_owned(),
                })
            })
            .collect();
        Ok(Self {
            message_sid: message_sid(form)?,
            from: form.text("From").ok_or(Unreadable::Field("From"))?.to_owned(),
            to: form.filled("To").ok_or(Unreadable::Field("To"))?.to_owned(),
            body: form.text("Body").unwrap_or("").to_owned(),
            media,
            media_claimed: form.text("NumMedia").and_then(|n| n.parse().ok()).unwrap_or(0),
            opt_out_type: form.filled("OptOutType").map(str::to_owned),
            other_recipients: (0..MAX_MEDIA)
                .filter_map(|n| form.filled(&format!("OtherRecipients{n}")).map(str::to_owned))
                .collect(),
        })
    }
}
