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
    /// A correction of too many words.
    #[error("at most 20,000 characters")]
    LongWords,
    /// The sound of a voicemail is not here.
    #[error("its sound is not here")]
    NoSound,
    /// Nobody is set to write voicemails down.
    #[error("nobody writes voicemails down")]
    NobodyWrites,
    /// A letter to the owner could not be sent.
    #[error(transparent)]
    Mail(MailProblem),
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
    /// What an owner can do something about, in words for people.
    #[error("{message}")]
    Told {
        /// What the window branches on.
        code: &'static str,
        /// What happened.
        message: String,
        /// What to do next.
        hint: String,
    },
}

/// Why a letter to the owner could not be sent; in words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailProblem {
    /// No address or no mail server is set.
    #[error("Say where voicemails go, and through which mail server.")]
    NotSet,
    /// An address is none.
    #[error("The mail server can't use one of the addresses.")]
    Address,
    /// The mail server does not answer.
    #[error("The mail server doesn't answer. Check its name and port, and the internet connection.")]
    Unreachable,
    /// The way to it cannot be secured.
    #[error(
        "The connection to the mail server couldn't be secured. Check the port and the kind of security."
    )]
    Tls,
    /// It does not take the user and the password.
    #[error("The mail server doesn't take the user name and password. Many want an app password.")]
    Login,
    /// The password is not known.
    #[error("The mail server's password isn't known here. Enter it again.")]
    NoPassword,
    /// The voicemail could not be read to be sent.
    #[error("The voicemail couldn't be read on this computer. Check that the disk works.")]
    NotWritten,
    /// It refused the letter.
    #[error("The mail server refused it: {0}")]
    Refused(String),
    /// It cannot take it now.
    #[error("The mail server can't take it right now: {0}")]
    Later(String),
}

impl MailProblem {
    /// Whether trying again by itself can help.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable | Self::NoPassword | Self::NotWritten | Self::Later(_))
    }
}

impl From<&ringdesk_mail::MailError> for MailProblem {
    fn from(error: &ringdesk_mail::MailError) -> Self {
        use ringdesk_mail::MailError;
        match error {
            MailError::Address(_) => Self::Address,
            MailError::Unreachable => Self::Unreachable,
            MailError::Tls => Self::Tls,
            MailError::Login => Self::Login,
            MailError::Refused(why) => Self::Refused(why.clone()),
            MailError::Later(why) => Self::Later(why.clone()),
        }
    }
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
