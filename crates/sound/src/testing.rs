//! Sound that tests make, and how they listen to it.

use std::path::PathBuf;

/// A sine, half as loud as can be.
pub(crate) fn tone(rate: u32, hz: f64, seconds: f64) -> Vec<f32> {
    let samples = (f64::from(rate) * seconds) as usize;
    let turn = std::f64::consts::TAU * hz / f64::from(rate);
    (0..samples).map(|n| (0.5 * (turn * n as f64).sin()) as f32).collect()
}

/// How often a second it changes its sign: twice its pitch.
pub(crate) fn crossings_a_second(samples: &[f32], rate: u32) -> f64 {
    let crossings = samples.windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0)).count();
    crossings as f64 * f64::from(rate) / samples.len() as f64
}

/// A WAV file of one format (RFC 2361's numbers), whose data chunk says that it has `promised` bytes.
pub(crate) fn wav(format: u16, bits: u16, channels: u16, rate: u32, data: &[u8], promised: u32) -> Vec<u8> {
    let frame = channels * (bits / 8);
    let mut file = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    file.extend(16_u32.to_le_bytes());
    file.extend(format.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(promised.to_le_bytes());
    file.extend(data);
    file
}

/// One of the recordings in `tests/data/speech`.
pub(crate) fn speech(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "data", "speech", name].iter().collect()
}
