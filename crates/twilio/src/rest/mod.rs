//! Twilio's REST API, the handful of calls we make. HTTP Basic, form in, JSON out: the older half under
//! `/2010-04-01`, each newer product at a host of its own.

mod accounts;
mod bins;
mod calls;
mod client;
mod listing;
mod media;
mod messages;
mod monitor;
mod numbers;
#[cfg(test)]
pub(crate) mod pretend;
mod record;
mod recordings;
mod services;
mod studio;
mod tokens;

pub use accounts::Account;
pub use calls::{Call, NewCall, Placed};
pub use client::{Client, Credentials, prepare_tls, tls};
pub use listing::{Listed, Listing, PAGE, Span};
pub use media::{Download, Part};
pub use messages::{Created, ListedMedia, Message, NewMessage};
pub use monitor::{Alert, Balance};
pub use numbers::{Capabilities, Number};
pub use record::Record;
pub use recordings::{Recording, Transcription};
pub use services::{Brand, Campaign, MessagingService, Sender, TollFree};
pub use studio::Flow;
