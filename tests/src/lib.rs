//! Helpers the stories share: an office with a practice line, and a real desktop to open windows on.

pub mod desktop;
pub mod host;
pub mod office;
pub mod programs;
