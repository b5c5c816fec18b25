//! What can be told of sounds: how long they last, how high they are, how alike.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places in some seconds of sound"
)]

use anyhow::{Context, ensure};
use std::ops::Range;

/// Below this nothing is heard, whatever is beside it.
const SILENCE: f32 = 0.002;
/// Nor below this share of the loudest.
const QUIET: f32 = 0.03;
/// A voice is above this share of the loudest, what it hisses below.
const VOICED: f32 = 0.3;
/// Voices are between these, in hertz.
const LOWEST: f32 = 80.0;
const HIGHEST: f32 = 400.0;
/// Samples a second that are enough for that.
const VOICE_RATE: u32 = 8_000;
/// So far from where they begin, two sounds are laid over each other, in samples of the slower one.
const AROUND: isize = 240;

/// Samples of one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Samples a second.
    pub rate: u32,
    /// From -1 to 1.
    pub samples: Vec<f32>,
}

impl Sound {
    /// Reads a WAV file: PCM of 16 bits, one channel. Anything else is an error.
    pub fn read(file: &[u8]) -> anyhow::Result<Self> {
        let mut rest = file.strip_prefix(b"RIFF").and_then(|rest| rest.get(8..)).context("no WAV")?;
        let mut rate = None;
        loop {
            let (head, after) = rest.split_first_chunk::<8>().context("no samples")?;
            let [name @ .., a, b, c, d] = *head;
            let size = u32::from_le_bytes([a, b, c, d]) as usize;
            let content = after.get(..size).context("it is cut off")?;
            match &name {
                b"fmt " => {
                    let form = content.first_chunk::<16>().context("no format")?;
                    ensure!(form[..4] == [1_u8, 0, 1, 0] && form[14] == 16, "another format: {form:?}");
                    rate = Some(u32::from_le_bytes([form[4], form[5], form[6], form[7]]));
                }
                b"data" => return Ok(Self::of(rate.context("no format")?, content)),
                _ => {}
            }
            // Every chunk begins at an even place.
            rest = after.get(size + size % 2..).unwrap_or_default();
        }
    }

    /// Samples of 16 bits, the lower ones first; half a sample at the end is left out.
    pub fn of(rate: u32, bytes: &[u8]) -> Self {
        let sample = |pair: &[u8]| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0;
        Self { rate, samples: bytes.chunks_exact(2).map(sample).collect() }
    }

    /// As a WAV file: PCM of 16 bits, one channel.
    pub fn to_wav(&self) -> Vec<u8> {
        let data: Vec<u8> = self
            .samples
            .iter()
            .flat_map(|sample| ((sample * 32_767.0).round() as i16).to_le_bytes())
            .collect();
        let size = data.len() as u32;
        let mut file = b"RIFF".to_vec();
        file.extend((size + 36).to_le_bytes());
        file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        file.extend(self.rate.to_le_bytes());
        file.extend((self.rate * 2).to_le_bytes());
        file.extend(b"\x02\0\x10\0data");
        file.extend(size.to_le_bytes());
        file.extend(data);
        file
    }

    /// A sine, half as loud as can be.
    pub fn tone(rate: u32, hz: f32, seconds: f32) -> Self {
        let turn = std::f32::consts::TAU * hz / rate as f32;
        let samples = (rate as f32 * seconds) as usize;
        Self { rate, samples: (0..samples).map(|n| 0.5 * (turn * n as f32).sin()).collect() }
    }

    /// How long it lasts.
    pub fn seconds(&self) -> f32 {
        self.samples.len() as f32 / self.rate as f32
    }

    /// What of it comes after so many seconds.
    #[must_use]
    pub fn after(&self, seconds: f32) -> Self {
        let from = (self.rate as f32 * seconds) as usize;
        Self { rate: self.rate, samples: self.samples.get(from..).unwrap_or_default().to_vec() }
    }

    /// How loud it is, one value for each hundredth of a second.
    pub fn envelope(&self) -> Vec<f32> {
        self.samples.chunks_exact(self.block()).map(loudness).collect()
    }

    /// Where it is heard: from its first sound to its last, in samples. None where it is silent.
    pub fn span(&self) -> Option<Range<usize>> {
        let envelope = self.envelope();
        let least = SILENCE.max(QUIET * envelope.iter().copied().fold(0.0, f32::max));
        let first = envelope.iter().position(|loud| *loud > least)?;
        let last = envelope.iter().rposition(|loud| *loud > least)?;
        Some(first * self.block()..(last + 1) * self.block())
    }

    /// The same without the silence before and after.
    #[must_use]
    pub fn found(&self) -> Self {
        let samples = self.span().map_or_else(Vec::new, |span| self.samples[span].to_vec());
        Self { rate: self.rate, samples }
    }

    /// How high a tone is: half the changes of sign a second, as in most twentieths of a second.
    pub fn pitch(&self) -> f32 {
        let pitch = |piece: &[f32]| {
            let changes = piece.windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0)).count();
            Some(changes as f32 * 10.0)
        };
        mostly(&self.samples, self.rate as usize / 20, pitch)
    }

    /// How high a voice is: after how long most of its twentieths of a second are like themselves again.
    pub fn voice(&self) -> f32 {
        let each = (self.rate / VOICE_RATE).max(1) as usize;
        let slow: Vec<f32> =
            self.samples.chunks_exact(each).map(|piece| piece.iter().sum::<f32>() / each as f32).collect();
        let rate = self.rate as f32 / each as f32;
        let (shortest, longest) = ((rate / HIGHEST) as usize, (rate / LOWEST) as usize);
        let pitch = |piece: &[f32]| {
            let again: Vec<f32> = (shortest..=longest).map(|lag| likeness(piece, lag)).collect();
            let most = again.iter().copied().fold(0.0, f32::max);
            // Twice as long it is as like; the first time counts.
            let first = (1..again.len() - 1).find(|at| {
                again[*at] > 0.9 * most && again[*at] >= again[at - 1] && again[*at] >= again[at + 1]
            })?;
            (most > 0.5).then_some(rate / (shortest + first) as f32)
        };
        mostly(&slow, rate as usize / 20, pitch)
    }

    fn block(&self) -> usize {
        self.rate as usize / 100
    }
}

/// What most loud pieces of a sound say.
fn mostly(samples: &[f32], length: usize, says: impl Fn(&[f32]) -> Option<f32>) -> f32 {
    let pieces: Vec<&[f32]> = samples.chunks_exact(length).collect();
    let loudest = pieces.iter().map(|piece| loudness(piece)).fold(0.0, f32::max);
    let loud = pieces.into_iter().filter(|piece| loudness(piece) > VOICED * loudest);
    let mut said: Vec<f32> = loud.filter_map(says).collect();
    said.sort_by(f32::total_cmp);
    said.get(said.len() / 2).copied().unwrap_or(0.0)
}

/// How like itself a piece is some samples later, from -1 to 1.
fn likeness(piece: &[f32], lag: usize) -> f32 {
    let (now, later) = (&piece[..piece.len() - lag], &piece[lag..]);
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let power = (product(now, now) * product(later, later)).sqrt();
    if power > 0.0 { product(now, later) / power } else { 0.0 }
}

/// How alike two curves are, wherever they fit best: Pearson's correlation, which is 1 for the same at any
/// loudness. One of them may begin up to `most` places later.
pub fn correlation(heard: &[f32], source: &[f32], most: isize) -> f32 {
    (-most..=most).map(|lag| correlation_at(heard, source, lag, 1)).fold(-1.0, f32::max)
}

/// The same of two sounds, sample by sample; `heard` has a multiple of the other's samples a second.
pub fn sample_correlation(heard: &Sound, source: &Sound) -> f32 {
    let each = (heard.rate / source.rate).max(1) as usize;
    // Where one sample of the source lies among several that were heard, nobody knows.
    let laid: Vec<Vec<f32>> = (0..each)
        .map(|from| {
            let pieces = heard.samples.get(from..).unwrap_or_default().chunks_exact(each);
            pieces.map(|piece| piece.iter().sum::<f32>() / each as f32).collect()
        })
        .collect();
    let Some(first) = laid.first() else { return 0.0 };
    let roughly = |lag: &isize| correlation_at(first, &source.samples, *lag, 4);
    let near = (-AROUND..=AROUND).max_by(|a, b| roughly(a).total_cmp(&roughly(b))).unwrap_or(0);
    laid.iter()
        .flat_map(|laid| (near - 2..=near + 2).map(|lag| correlation_at(laid, &source.samples, lag, 1)))
        .fold(-1.0, f32::max)
}

/// A curve that takes so many times as long.
pub fn stretched(curve: &[f32], times: f32) -> Vec<f32> {
    let Some(end) = curve.last() else { return Vec::new() };
    let places = (curve.len() as f32 * times) as usize;
    let at = |place: usize| {
        let from = place as f32 / times;
        let (before, after) = (curve.get(from as usize), curve.get(from as usize + 1));
        let (before, after) = (before.unwrap_or(end), after.unwrap_or(end));
        before + (after - before) * from.fract()
    };
    (0..places).map(at).collect()
}

/// Pearson's correlation of every so-many-eth place, where the first curve begins `lag` places later. What is
/// not there is silence.
fn correlation_at(heard: &[f32], source: &[f32], lag: isize, step: usize) -> f32 {
    let (mut places, mut heard_sum, mut source_sum) = (0.0, 0.0, 0.0);
    let (mut heard_squares, mut source_squares, mut products) = (0.0, 0.0, 0.0);
    for place in (0..source.len()).step_by(step) {
        let there = place.checked_add_signed(lag).and_then(|place| heard.get(place));
        let (there, here) = (f64::from(there.copied().unwrap_or(0.0)), f64::from(source[place]));
        places += 1.0;
        heard_sum += there;
        source_sum += here;
        heard_squares += there * there;
        source_squares += here * here;
        products += there * here;
    }
    let together = products - heard_sum * source_sum / places;
    let heard_alone = heard_squares - heard_sum * heard_sum / places;
    let source_alone = source_squares - source_sum * source_sum / places;
    let apart = heard_alone * source_alone;
    if apart > 0.0 { (together / apart.sqrt()) as f32 } else { 0.0 }
}

/// The root of the mean square.
fn loudness(samples: &[f32]) -> f32 {
    let squares: f32 = samples.iter().map(|sample| sample * sample).sum();
    (squares / samples.len().max(1) as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beeps of some lengths with silence between, as a voice has words: (from, to, hertz).
    const WORDS: [(f32, f32, f32); 5] =
        [(0.2, 0.4, 220.0), (0.45, 0.5, 800.0), (0.7, 1.1, 330.0), (1.3, 1.35, 600.0), (1.5, 1.8, 250.0)];

    fn voice(rate: u32, faster: f32) -> Sound {
        let mut voice = Sound { rate, samples: vec![0.0; (rate as f32 * 2.0 / faster) as usize] };
        for (from, to, hz) in WORDS {
            let word = Sound::tone(rate, hz, (to - from) / faster);
            let at = (rate as f32 * from / faster) as usize;
            voice.samples[at..at + word.samples.len()].copy_from_slice(&word.samples);
        }
        voice
    }

    fn is_about(value: f32, expected: f32, off: f32) {
        assert!((value - expected).abs() <= off, "{value} is not about {expected}");
    }

    #[test]
    fn a_wav_is_read_as_it_was_written() {
        let tone = Sound::tone(8_000, 440.0, 0.5);
        let read = Sound::read(&tone.to_wav()).expect("a WAV");
        assert_eq!((read.rate, read.samples.len()), (8_000, 4_000));
        assert!(read.samples.iter().zip(&tone.samples).all(|(read, written)| (read - written).abs() < 1e-3));
        let mut mu_law = tone.to_wav();
        mu_law[20] = 7;
        for file in [&mu_law[..], &tone.to_wav()[..100], b"ID3", b""] {
            assert!(Sound::read(file).is_err());
        }
    }

    #[test]
    fn a_sound_is_found_in_silence() {
        let sound = voice(48_000, 1.0);
        assert_eq!(sound.span(), Some(9_600..86_400));
        is_about(sound.found().seconds(), 1.6, 0.001);
        is_about(sound.after(1.2).found().seconds(), 0.5, 0.001);
        let silence = Sound { rate: 8_000, samples: vec![0.001; 8_000] };
        assert_eq!((silence.span(), silence.found().samples.len()), (None, 0));
    }

    #[test]
    fn a_tone_has_its_pitch_at_any_rate() {
        for (rate, hz) in [(8_000, 440.0), (48_000, 440.0), (48_000, 660.0), (44_100, 220.0)] {
            is_about(Sound::tone(rate, hz, 1.0).pitch(), hz, 10.0);
        }
        assert_eq!(Sound { rate: 8_000, samples: Vec::new() }.pitch().to_bits(), 0);
    }

    #[test]
    fn the_same_is_alike_at_any_rate_and_loudness_and_another_is_not() {
        let source = voice(8_000, 1.0);
        // Half a hundredth of a second later, and one of six samples.
        let mut samples = vec![0.0; 241];
        samples.extend(voice(48_000, 1.0).samples.iter().map(|sample| 0.2 * sample));
        let mut heard = Sound { rate: 48_000, samples };
        is_about(correlation(&heard.envelope(), &source.envelope(), 20), 1.0, 0.1);
        is_about(sample_correlation(&heard, &source), 1.0, 0.05);
        heard.samples.reverse();
        assert!(correlation(&heard.envelope(), &source.envelope(), 20) < 0.7);
        assert!(sample_correlation(&heard, &source) < 0.5);
    }

    #[test]
    fn what_is_played_faster_is_alike_once_it_is_stretched() {
        let source = voice(8_000, 1.0).found();
        let faster = voice(48_000, 1.5).found();
        is_about(faster.seconds() * 1.5, source.seconds(), 0.03);
        assert!(correlation(&faster.envelope(), &source.envelope(), 20) < 0.7);
        let slowed = stretched(&faster.envelope(), 1.5);
        is_about(correlation(&slowed, &source.envelope(), 20), 1.0, 0.1);
        assert!(stretched(&[], 2.0).is_empty());
        let curve = stretched(&[0.0, 2.0], 2.0);
        assert_eq!(curve.len(), 4);
        for (value, expected) in curve.into_iter().zip([0.0, 1.0, 2.0, 2.0]) {
            is_about(value, expected, 1e-6);
        }
    }
}
