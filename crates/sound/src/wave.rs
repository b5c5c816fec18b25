//! Sound from files and into them: what a recording is, how long and how loud, and its samples, mixed to
//! one channel. Files come from outside: whatever they hold is judged by its bytes, and memory stays
//! bounded.

mod mp3;
mod riff;

use crate::resample::Resampler;
use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::Path,
};

/// How many columns of loudness a recording has.
pub const PEAKS: usize = 200;
/// Twilio ends a recording after 14,400 seconds at the latest (`<Record>`'s `maxLength`).
const LONGEST_S: u64 = 4 * 60 * 60;
/// Below this nothing was said: 48 dB under the loudest there can be.
const SILENCE: f32 = 1.0 / 256.0;
/// A file which claims other rates is no sound of ours.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
const MOST_CHANNELS: u16 = 8;

/// Samples of one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Samples a second.
    pub rate: u32,
    /// From -1 to 1.
    pub samples: Vec<f32>,
}

impl Sound {
    /// How long it is, in milliseconds.
    pub fn length_ms(&self) -> u64 {
        length_ms(self.samples.len() as u64, self.rate)
    }

    /// As a WAV file: PCM of 16 bits, one channel, `rate` samples a second.
    pub fn to_wav(&self, rate: u32) -> Vec<u8> {
        let reader = Resampler::new(self.rate, rate);
        let samples: Vec<i16> = (0..reader.frames(self.samples.len()))
            .map(|frame| quantised(reader.at(&self.samples, frame)))
            .collect();
        riff::written(rate, &samples)
    }
}

/// What a file of sound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RIFF WAVE.
    Wav,
    /// MPEG layer III.
    Mp3,
}

impl Kind {
    /// As HTTP and letters name it.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
        }
    }

    /// The end of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
        }
    }

    /// What a file is whose first bytes, 12 or more, are these; nothing where it is no sound we read.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WAVE".as_slice()) {
            return Some(Self::Wav);
        }
        // The header of a frame: ISO/IEC 11172-3, 2.4.1.3, without the values it reserves.
        let frame = matches!(head, [0xFF, version, rate, ..]
            if version & 0xE0 == 0xE0
                && version & 0x18 != 0x08
                && version & 0x06 == 0x02
                && rate & 0xF0 != 0xF0
                && rate & 0x0C != 0x0C);
        (frame || head.starts_with(b"ID3")).then_some(Self::Mp3)
    }
}

/// What is known of a file after it was read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it is.
    pub kind: Kind,
    /// How long it is, in milliseconds, measured by its samples.
    pub length_ms: u64,
    /// [`PEAKS`] columns of loudness; the loudest is 255 unless it is silent.
    pub peaks: Vec<u8>,
    /// Nothing can be heard in it.
    pub silent: bool,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Something else, or a format of sound we do not read.
    #[error("it is no sound that can be read")]
    NotSound,
    /// It was cut off: there are fewer samples than its header promises.
    #[error("it is not whole")]
    Broken,
    /// More than four hours, or more than fits into memory.
    #[error("it is too long")]
    TooLong,
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads a file once, in bounded memory, and says what it is.
pub fn inspect(path: &Path) -> Result<Inspected, Unreadable> {
    inspected(opened(path)?)
}

/// Reads a whole file, mixed to one channel.
pub fn read(path: &Path) -> Result<Sound, Unreadable> {
    sound(opened(path)?)
}

/// Reads a whole file that is in memory, mixed to one channel.
pub fn read_bytes(bytes: Vec<u8>) -> Result<Sound, Unreadable> {
    sound(Cursor::new(bytes))
}

/// Who gets the samples as they are decoded: how many there are a second, and the next ones.
pub(crate) type Take<'a> = &'a mut dyn FnMut(u32, &[f32]) -> Result<(), Unreadable>;

/// Decodes piece by piece, mixed to one channel; says what it was and how many samples a second it has.
pub(crate) fn decode<R>(mut from: R, take: Take<'_>) -> Result<(Kind, u32), Unreadable>
where
    R: Read + Send + Sync + 'static,
{
    let mut head = vec![0; 12];
    let read = fill(&mut from, &mut head)?;
    head.truncate(read);
    let kind = Kind::of(&head).ok_or(Unreadable::NotSound)?;
    let whole = Cursor::new(head).chain(from);
    let mut frames = 0;
    let mut bounded = |rate: u32, samples: &[f32]| {
        frames += samples.len() as u64;
        if frames > LONGEST_S * u64::from(rate) {
            return Err(Unreadable::TooLong);
        }
        take(rate, samples)
    };
    let rate = match kind {
        Kind::Wav => riff::decode(whole, &mut bounded)?,
        Kind::Mp3 => mp3::decode(whole, &mut bounded)?,
    };
    Ok((kind, rate))
}

pub(crate) fn opened(path: &Path) -> Result<BufReader<File>, Unreadable> {
    Ok(BufReader::new(File::open(path)?))
}

pub(crate) fn length_ms(samples: u64, rate: u32) -> u64 {
    samples * 1_000 / u64::from(rate.max(1))
}

/// As 16 bits; what is too loud for them is as loud as they get.
pub(crate) fn quantised(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

fn sound(from: impl Read + Send + Sync + 'static) -> Result<Sound, Unreadable> {
    let mut samples = Vec::new();
    let (_, rate) = decode(from, &mut |_: u32, piece: &[f32]| {
        samples.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(Sound { rate, samples })
}

fn inspected(from: impl Read + Send + Sync + 'static) -> Result<Inspected, Unreadable> {
    // One value for each hundredth of a second: six megabytes for the longest recording.
    let mut loudness: Vec<f32> = Vec::new();
    let mut frames = 0_u64;
    let (kind, rate) = decode(from, &mut |rate: u32, piece: &[f32]| {
        for sample in piece {
            if frames.is_multiple_of(u64::from(rate / 100)) {
                loudness.push(0.0);
            }
            if let Some(last) = loudness.last_mut() {
                *last = last.max(sample.abs());
            }
            frames += 1;
        }
        Ok(())
    })?;
    let loudest = loudest(&loudness);
    let silent = loudest < SILENCE;
    let full = if silent { 1.0 } else { loudest };
    Ok(Inspected { kind, length_ms: length_ms(frames, rate), peaks: columns(&loudness, full), silent })
}

fn columns(loudness: &[f32], full: f32) -> Vec<u8> {
    let column = |n: usize| {
        let from = n * loudness.len() / PEAKS;
        let to = ((n + 1) * loudness.len() / PEAKS).max(from + 1).min(loudness.len());
        (loudest(loudness.get(from..to).unwrap_or_default()) / full * 255.0).round() as u8
    };
    (0..PEAKS).map(column).collect()
}

fn loudest(samples: &[f32]) -> f32 {
    samples.iter().copied().fold(0.0, f32::max)
}

/// Between -1 and 1, whatever a file holds.
fn tamed(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

/// Reads until the buffer is full or everything was read; answers how much that is.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match from.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Leaves out the next bytes; a file that has fewer is cut off.
fn skip(from: &mut impl Read, bytes: u64) -> Result<(), Unreadable> {
    let skipped = io::copy(&mut from.take(bytes), &mut io::sink())?;
    if skipped < bytes { Err(Unreadable::Broken) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
