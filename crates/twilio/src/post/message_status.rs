//! How far one of our texts has got. Source: Twilio's "Track outbound message status".

use super::{Unreadable, message_sid, whole};
use crate::Form;

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageStatus {
    /// `SM…` or `MM…`.
    pub message_sid: String,
    /// Twilio's word.
    pub status: String,
    /// Why it failed, only then.
    pub error_code: Option<u32>,
    /// The number it left from, where Twilio says.
    pub from: Option<String>,
    /// The customer.
    pub to: Option<String>,
}

impl MessageStatus {
    /// Reads a posted form.
    pub fn read(form: &Form) -> Result<Self, Unreadable> {
        whole(form)?;
        let status = form.filled("MessageStatus").or_else(|| form.filled("SmsStatus"));
        Ok(Self {
            message_sid: message_sid(form)?,
            status: status.ok_or(Unreadable::Field("MessageStatus"))?.to_owned(),
            error_code: form.filled("ErrorCode").and_then(|code| code.parse().ok()),
            from: form.filled("From").map(str::to_owned),
            to: form.filled("To").map(str::to_owned),
        })
    }
}
