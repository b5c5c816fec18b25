//! WAV files. The header is read here, because much depends on what it promises: a file that was cut off
//! must not be taken for a whole one, and those who write as they go do not know the length beforehand.

use super::{LONGEST_S, MOST_CHANNELS, RATES, Take, Unreadable, fill, skip, tamed};
use std::io::Read;

/// Frames decoded at a time.
const PIECE: usize = 4_096;
/// A length from here on is what programs write who do not know it (`sox`, `ffmpeg`, `arecord`).
const UNKNOWN: u32 = 0x7FFF_0000;

/// What a sample is made of. The numbers of the formats are RFC 2361's.
#[derive(Debug, Clone, Copy)]
enum Coding {
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
    ALaw,
    MuLaw,
}

#[derive(Debug, Clone, Copy)]
struct Format {
    coding: Coding,
    channels: usize,
    rate: u32,
}

/// Decodes a WAV file; answers how many samples a second it has.
pub(super) fn decode(mut from: impl Read, take: Take<'_>) -> Result<u32, Unreadable> {
    // RIFF, its length (which says nothing that the chunks do not), WAVE.
    skip(&mut from, 12)?;
    let mut format = None;
    loop {
        let name: [u8; 4] = exactly(&mut from)?;
        let length = u32::from_le_bytes(exactly(&mut from)?);
        // A chunk of odd length is followed by one byte that does not count.
        let whole = u64::from(length) + u64::from(length % 2);
        match &name {
            b"fmt " => {
                let mut described = vec![0; length.min(40) as usize];
                if fill(&mut from, &mut described)? < described.len() {
                    return Err(Unreadable::Broken);
                }
                skip(&mut from, whole - described.len() as u64)?;
                format = Some(Format::read(&described).ok_or(Unreadable::NotSound)?);
            }
            b"data" => {
                let format = format.ok_or(Unreadable::NotSound)?;
                let promised = (length != 0 && length < UNKNOWN).then_some(u64::from(length));
                samples(from, format, promised, take)?;
                return Ok(format.rate);
            }
            _ => skip(&mut from, whole)?,
        }
    }
}

/// A WAV file of 16 bits and one channel.
pub(super) fn written(rate: u32, samples: &[i16]) -> Vec<u8> {
    let data = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 1);
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend(b"RIFF");
    file.extend(data.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    for word in [1_u16, 1] {
        file.extend(word.to_le_bytes());
    }
    file.extend(rate.to_le_bytes());
    file.extend(rate.saturating_mul(2).to_le_bytes());
    for word in [2_u16, 16] {
        file.extend(word.to_le_bytes());
    }
    file.extend(b"data");
    file.extend(data.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

fn samples(from: impl Read, format: Format, promised: Option<u64>, take: Take<'_>) -> Result<(), Unreadable> {
    let frame = format.coding.bytes() * format.channels;
    let longest = LONGEST_S * u64::from(format.rate) * frame as u64;
    if promised.is_some_and(|promised| promised > longest) {
        return Err(Unreadable::TooLong);
    }
    let mut data = from.take(promised.unwrap_or(u64::MAX));
    let mut piece = vec![0; frame * PIECE];
    let mut mixed = Vec::with_capacity(PIECE);
    let mut came = 0;
    loop {
        let read = fill(&mut data, &mut piece)?;
        came += read as u64;
        mixed.clear();
        mixed.extend(piece[..read].chunks_exact(frame).map(|frame| format.mixed(frame)));
        take(format.rate, &mixed)?;
        if read < piece.len() {
            break;
        }
    }
    if promised.is_some_and(|promised| came < promised) { Err(Unreadable::Broken) } else { Ok(()) }
}

impl Format {
    fn read(described: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u16::from_le_bytes(described.get(at..at + 2)?.try_into().ok()?));
        let rate = u32::from_le_bytes(described.get(4..8)?.try_into().ok()?);
        let (mut number, channels, bits) = (word(0)?, word(2)?, word(14)?);
        if number == 0xFFFE {
            // The extensible format: the number is the beginning of its GUID.
            number = word(24)?;
        }
        let coding = match (number, bits) {
            (1, 8) => Coding::Unsigned8,
            (1, 16) => Coding::Signed16,
            (1, 24) => Coding::Signed24,
            (1, 32) => Coding::Signed32,
            (3, 32) => Coding::Float32,
            (3, 64) => Coding::Float64,
            (6, 8) => Coding::ALaw,
            (7, 8) => Coding::MuLaw,
            _ => return None,
        };
        let plausible = (1..=MOST_CHANNELS).contains(&channels) && RATES.contains(&rate);
        plausible.then_some(Self { coding, channels: channels.into(), rate })
    }

    /// One frame's channels as one.
    fn mixed(self, frame: &[u8]) -> f32 {
        let sum: f32 = frame.chunks_exact(self.coding.bytes()).map(|bytes| self.coding.sample(bytes)).sum();
        sum / self.channels as f32
    }
}

impl Coding {
    fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 | Self::ALaw | Self::MuLaw => 1,
            Self::Signed16 => 2,
            Self::Signed24 => 3,
            Self::Signed32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// One sample, of exactly as many bytes as it takes.
    fn sample(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Self::Unsigned8, [a]) => (f32::from(*a) - 128.0) / 128.0,
            (Self::Signed16, [a, b]) => f32::from(i16::from_le_bytes([*a, *b])) / 32_768.0,
            (Self::Signed24, [a, b, c]) => i32::from_le_bytes([0, *a, *b, *c]) as f32 / 2_147_483_648.0,
            (Self::Signed32, [a, b, c, d]) => i32::from_le_bytes([*a, *b, *c, *d]) as f32 / 2_147_483_648.0,
            (Self::Float32, [a, b, c, d]) => tamed(f32::from_le_bytes([*a, *b, *c, *d])),
            (Self::Float64, bytes) => {
                bytes.try_into().map_or(0.0, |bytes| tamed(f64::from_le_bytes(bytes) as f32))
            }
            (Self::ALaw, [a]) => f32::from(a_law(*a)) / 32_768.0,
            (Self::MuLaw, [a]) => f32::from(mu_law(*a)) / 32_768.0,
            _ => 0.0,
        }
    }
}

/// ITU-T G.711, table 1: every second bit is inverted.
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let step = i16::from(byte & 0x0F) << 4;
    let loudness = match (byte >> 4) & 0x07 {
        0 => step + 0x08,
        segment => (step + 0x108) << (segment - 1),
    };
    if byte & 0x80 == 0 { -loudness } else { loudness }
}

/// ITU-T G.711, table 2: all bits are inverted.
fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let loudness = (((i16::from(byte & 0x0F) << 3) + 0x84) << ((byte >> 4) & 0x07)) - 0x84;
    if byte & 0x80 == 0 { loudness } else { -loudness }
}

fn exactly<const N: usize>(from: &mut impl Read) -> Result<[u8; N], Unreadable> {
    let mut bytes = [0; N];
    if fill(from, &mut bytes)? < N { Err(Unreadable::Broken) } else { Ok(bytes) }
}
