//! The headless host, and the wiring both hosts share: one data folder, one inbox, one door, one
//! counter. Wires; never decides.

mod api;
pub mod cli;
mod in_use;
mod pages;
mod programs;
mod reach;
pub mod rotation;
pub mod story;
mod wiring;

pub use in_use::InUse;
pub use pages::window;
pub use wiring::{Office, OfficeError, Plan, account_of, runtime};
