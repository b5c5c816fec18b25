//! Twilio's REST API, the handful of calls we make. Base `/2010-04-01`, HTTP Basic, form in, JSON out.

mod accounts;
mod calls;
mod client;
mod media;
mod messages;
mod numbers;
mod recordings;

pub use accounts::Account;
pub use calls::{Call, NewCall, Placed};
pub use client::{Client, Credentials, prepare_tls};
pub use media::{Download, Part};
pub use messages::{Created, Message, NewMessage};
pub use numbers::{Number, Webhooks};
pub use recordings::{Recording, Transcription};
