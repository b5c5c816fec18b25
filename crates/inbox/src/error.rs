//! Why an act did not happen, as far as callers tell cases apart.

use ringdesk_domain::{sending::Reason, settings::Invalid};
use ringdesk_store::StoreError;

/// Why something asked of the inbox did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is no such thing (any more).
    #[error("not found")]
    NotFound,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The settings were not acceptable; nothing was changed.
    #[error(transparent)]
    Settings(#[from] Invalid),
    /// A note of no or of too many words.
    #[error("a note has 1 to 5,000 characters")]
    Note,
    /// The picture cannot be sent.
    #[error("{0}")]
    Picture(&'static str),
    /// The sound file cannot be used.
    #[error("{0}")]
    Sound(&'static str),
    /// What was given is no moment.
    #[error("not a date and time")]
    Moment,
    /// A file could not be written or read.
    #[error("a file could not be used")]
    File(#[from] std::io::Error),
    /// Twilio did not answer or refused.
    #[error(transparent)]
    Twilio(#[from] ringdesk_twilio::error::RestError),
    /// No account is connected.
    #[error("no line is connected")]
    NotConnected,
}

/// Why nobody's phone rings.
#[derive(Debug, thiserror::Error)]
pub enum CallProblem {
    /// No phone of ours is set that could ring first.
    #[error("no phone")]
    NoPhone,
    /// The other end has no number that can be called.
    #[error("cannot be called")]
    NoWayBack,
    /// Twilio refused; its code.
    #[error("refused ({0})")]
    Refused(u32),
    /// It could not leave this computer, or nobody knows.
    #[error("not sent")]
    NotSent,
    /// Everything else.
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<StoreError> for CallProblem {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// Why a contact was not saved.
#[derive(Debug, thiserror::Error)]
pub enum ContactProblem {
    /// What was typed is no number.
    #[error("not a number")]
    NoNumber,
    /// The number is somebody else's, called so.
    #[error("another contact's number")]
    NumberOf(String),
    /// Everything else.
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<StoreError> for ContactProblem {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// Why a text was not written.
#[derive(Debug, thiserror::Error)]
pub enum SendProblem {
    /// A guard objects.
    #[error("{0:?}")]
    Guard(Reason),
    /// It would go out as many parts, each of which costs what the last ones did: an amount and its
    /// currency, where Twilio has told a price yet.
    #[error("{parts} parts")]
    ManyParts {
        /// How many.
        parts: u32,
        /// What each one costs.
        each: Option<(f64, String)>,
    },
    /// What was typed is no number.
    #[error("not a number")]
    NoNumber,
    /// Everything else.
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<StoreError> for SendProblem {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}
