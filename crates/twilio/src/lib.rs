//! Twilio's language: how its requests are signed, what they say, how its REST API is asked, and
//! what its error codes mean. Knows nothing of our office.

mod date;
pub mod error;
pub mod form;
pub mod knock;
pub mod meaning;
pub mod post;
pub mod rest;
pub mod sid;
pub mod signature;
pub mod twiml;

pub use form::Form;
pub use meaning::{Explanation, explain};
pub use rest::{Client, Credentials};
pub use signature::{PublicUrl, Refusal, Signed, Verifier};
