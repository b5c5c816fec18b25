//! A recording in memory, to be read from any place at the rate we play at.

use crate::{
    resample::Resampler,
    wave::{self, Unreadable},
};
use std::path::Path;

/// Frames a second we play, and count places in: the stretching takes no telephone's 8,000.
pub(crate) const RATE: u32 = 48_000;
/// The same for a millisecond.
pub(crate) const FRAMES_PER_MS: u64 = 48;
/// The most samples that are kept: four hours at 16,000 a second, in 460 MB. A telephone has half as many.
const MOST: usize = 4 * 60 * 60 * 16_000;

/// A recording of one channel.
pub(crate) struct Tape {
    rate: u32,
    /// Sixteen bits carry all that a telephone does.
    samples: Vec<i16>,
    reader: Resampler,
}

impl Tape {
    /// Decodes a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Unreadable> {
        let mut samples = Vec::new();
        let (_, rate) = wave::decode(wave::opened(path)?, &mut |_: u32, piece: &[f32]| {
            if samples.len() + piece.len() > MOST {
                return Err(Unreadable::TooLong);
            }
            samples.extend(piece.iter().map(|sample| wave::quantised(*sample)));
            Ok(())
        })?;
        Ok(Self::new(rate, samples))
    }

    /// What was decoded already.
    pub(crate) fn new(rate: u32, samples: Vec<i16>) -> Self {
        Self { rate, samples, reader: Resampler::new(rate, RATE) }
    }

    /// How long it is, in milliseconds, as everywhere else.
    pub(crate) fn length_ms(&self) -> u64 {
        wave::length_ms(self.samples.len() as u64, self.rate)
    }

    /// How long it is, in frames of [`RATE`].
    pub(crate) fn frames(&self) -> u64 {
        self.reader.frames(self.samples.len())
    }

    /// Reads from a frame on; answers how many there were before the end.
    pub(crate) fn fill(&self, from: u64, out: &mut [f32]) -> usize {
        let given = self.frames().saturating_sub(from).min(out.len() as u64) as usize;
        for (frame, sample) in (from..).zip(&mut out[..given]) {
            *sample = self.reader.at(&self.samples, frame) / 32_768.0;
        }
        given
    }
}
