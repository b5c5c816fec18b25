//! The headless host, and the wiring both hosts share: one data folder, one inbox, one door, one
//! counter. Wires; never decides.

mod api;
pub mod cli;
mod pages;
pub mod story;
mod wiring;

pub use wiring::{Office, OfficeError, Plan, account_of, runtime};
