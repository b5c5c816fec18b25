//! Why a letter did not go, in what the owner can do about it.

use lettre::transport::smtp::Error;
use std::{error::Error as Cause, io};

/// Most of a server's words that are kept, in characters.
const MOST_WORDS: usize = 200;

/// Why a letter was not taken. The texts hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// One of the letter's addresses is none, or none this server can use: `from` or `to`.
    #[error("the letter's \"{0}\" is not an address this server can use")]
    Address(&'static str),
    /// The server could not be found or reached, or did not answer.
    #[error("the mail server could not be reached")]
    Unreachable,
    /// No secure way to the server: it offers none, asks for one, or its certificate is not to be trusted.
    #[error("no secure connection to the mail server")]
    Tls,
    /// The server does not let us in, or there is no password.
    #[error("the mail server does not accept the login")]
    Login,
    /// The server does not take this letter, and never will; its words.
    #[error("the mail server refused: {0}")]
    Refused(String),
    /// The server does not take it now; its words.
    #[error("the mail server asks to try again later: {0}")]
    Later(String),
}

/// How far the conversation with the server has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Reaching,
    LoggingIn,
    Sending,
}

impl MailError {
    /// Whether sending again later can help although nobody changed anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Later(_))
    }

    /// What the transport says, in our words.
    pub(crate) fn told(error: &Error, step: Step) -> Self {
        let Some(code) = error.status().map(u16::from) else {
            return match step {
                _ if is_tls(error) => Self::Tls,
                // It offers no way to log in that we know.
                Step::LoggingIn if error.is_client() => Self::Login,
                _ => Self::Unreachable,
            };
        };
        let words = words(error);
        match code {
            // "Must issue a STARTTLS command first". Source: RFC 3207, 4.
            530 if words.to_ascii_uppercase().contains("STARTTLS") => Self::Tls,
            // Source: RFC 4954, 4 and 6.
            530 | 534 | 535 | 538 => Self::Login,
            500.. if step == Step::LoggingIn => Self::Login,
            500.. => Self::Refused(words),
            _ => Self::Later(words),
        }
    }
}

/// The server's own words, on one line.
fn words(error: &Error) -> String {
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_WORDS).collect()
}

/// Whether the secure connection is what failed; the transport itself calls that a broken connection.
fn is_tls(error: &Error) -> bool {
    let mut next: Option<&(dyn Cause + 'static)> = Some(error);
    while let Some(cause) = next {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if cause.is::<rustls::Error>()
            || inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        {
            return true;
        }
        next = cause.source();
    }
    error.is_tls()
}
