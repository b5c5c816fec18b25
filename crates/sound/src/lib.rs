//! What is heard: recordings and greetings as samples and, with the feature `device`, from a loudspeaker
//! and into a microphone. It knows files and devices, never what a voicemail is.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples, and places in recordings of hours, are far from where a cast loses what one hears"
)]

#[cfg(feature = "device")]
mod deck;
#[cfg(feature = "device")]
mod loudspeaker;
#[cfg(feature = "device")]
mod player;
#[cfg(feature = "device")]
mod recorder;
mod resample;
#[cfg(feature = "device")]
mod tape;
#[cfg(test)]
mod testing;
#[cfg(feature = "device")]
mod voice;
mod wave;

#[cfg(feature = "device")]
pub use loudspeaker::{Output, outputs};
#[cfg(feature = "device")]
pub use player::{Play, Player, Playing, State, Trouble};
#[cfg(feature = "device")]
pub use recorder::Recorder;
pub use wave::{Inspected, Kind, PEAKS, Sound, Unreadable, inspect, read, read_bytes};
