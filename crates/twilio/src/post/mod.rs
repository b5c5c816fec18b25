//! What Twilio posts to us, read from a form into something definite.

mod inbound_text;
mod message_status;
mod recording;
mod voice;

pub use inbound_text::{InboundText, RemoteMedia};
pub use message_status::MessageStatus;
pub use recording::{RecordingPost, TranscriptionPost};
pub use voice::CallPost;

/// Why a signed form does not say what its route should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A field that must be there is missing or misshapen.
    #[error("{0} is missing or misshapen")]
    Field(&'static str),
    /// Some value is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A field came twice with different values: nothing is concluded from it.
    #[error("{0} was sent twice with different values")]
    Contradiction(String),
}

fn whole(form: &crate::Form) -> Result<(), Unreadable> {
    if !form.is_utf8() {
        return Err(Unreadable::NotUtf8);
    }
    form.contradiction().map_or(Ok(()), |name| Err(Unreadable::Contradiction(name)))
}

fn message_sid(form: &crate::Form) -> Result<String, Unreadable> {
    let sid = form.text("MessageSid").or_else(|| form.text("SmsSid"));
    sid.filter(|sid| crate::sid::is_message(sid)).map(str::to_owned).ok_or(Unreadable::Field("MessageSid"))
}
