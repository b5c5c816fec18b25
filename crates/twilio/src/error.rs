//! What can go wrong when Twilio is asked something that may be asked again.

/// A question to Twilio without a usable answer. The texts hold no bodies and no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// Twilio could not be reached or did not answer.
    #[error("Twilio could not be reached ({0})")]
    Unreachable(&'static str),
    /// Twilio said no.
    #[error("Twilio refused ({status}, code {code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Twilio's error code, 0 where it gave none.
        code: u32,
    },
    /// The answer was not what Twilio documents.
    #[error("Twilio's answer could not be read")]
    Unreadable,
    /// The address is not one our credentials may be sent to.
    #[error("not an address of Twilio's")]
    NotTwilio,
    /// Larger than we take.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
}

impl RestError {
    /// Whether asking again later can help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unreadable => true,
            Self::Refused { status, .. } => matches!(status, 401 | 403 | 404 | 410 | 429) || *status >= 500,
            Self::NotTwilio | Self::TooLarge(_) => false,
        }
    }
}
