//! Reads sound at another rate than it was recorded with: band-limited interpolation by a windowed sinc. It
//! keeps no state, so any place can be read at any time, which is what makes jumping exact and free.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side of a sample.
const CROSSINGS: f64 = 16.0;
/// Kaiser's beta: what does not belong into the band is 80 dB down.
const BETA: f64 = 8.0;
/// Places between two samples that are told apart, where the two rates have no smaller common pattern.
const PHASES: u64 = 4_096;

/// How to read one rate at another.
pub(crate) struct Resampler {
    /// The two rates, without their common divisor.
    from: u64,
    to: u64,
    phases: u64,
    /// Samples looked at before a place, and as many after it.
    half: usize,
    /// A row of weights for each phase.
    weights: Vec<f32>,
}

impl Resampler {
    /// Reads what has `from` samples a second as if it had `to`.
    pub(crate) fn new(from: u32, to: u32) -> Self {
        let (from, to) = (u64::from(from.max(1)), u64::from(to.max(1)));
        let common = common_divisor(from, to);
        let (from, to) = (from / common, to / common);
        // On the way down, what the lower rate cannot carry is left out.
        let band = (to as f64 / from as f64).min(1.0);
        let half = (CROSSINGS / band).ceil() as usize;
        let phases = to.min(PHASES);
        let mut weights = Vec::with_capacity(phases as usize * 2 * half);
        for phase in 0..phases {
            let fraction = phase as f64 / phases as f64;
            let weight = |tap: usize| {
                let away = tap as f64 - (half - 1) as f64 - fraction;
                sinc(band * away) * kaiser(away / half as f64)
            };
            let row: Vec<f64> = (0..2 * half).map(weight).collect();
            let sum: f64 = row.iter().sum();
            weights.extend(row.iter().map(|weight| (weight / sum) as f32));
        }
        Self { from, to, phases, half, weights }
    }

    /// How many samples there are at the rate that is read.
    pub(crate) fn frames(&self, samples: usize) -> u64 {
        (samples as u64 * self.to).div_ceil(self.from)
    }

    /// One sample at the rate that is read; before and after the sound there is silence.
    pub(crate) fn at<S: Copy + Into<f32>>(&self, samples: &[S], frame: u64) -> f32 {
        let place = frame * self.from;
        let whole = (place / self.to) as usize;
        if self.from == self.to {
            return samples.get(whole).map_or(0.0, |sample| (*sample).into());
        }
        let phase = (place % self.to * self.phases / self.to) as usize;
        let row = &self.weights[phase * 2 * self.half..][..2 * self.half];
        let missing = (self.half - 1).saturating_sub(whole);
        let first = whole + 1 + missing - self.half;
        let near = samples.get(first..).unwrap_or_default();
        row[missing..]
            .iter()
            .zip(near)
            .map(|(weight, sample)| {
                let sample: f32 = (*sample).into();
                weight * sample
            })
            .sum()
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn sinc(x: f64) -> f64 {
    let x = PI * x;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

/// Kaiser's window, from -1 to 1.
fn kaiser(x: f64) -> f64 {
    bessel(BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(BETA)
}

/// The modified Bessel function of the first kind, order zero.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term, mut step) = (1.0, 1.0, 1.0);
    while term > sum * 1e-12 {
        let factor = x / (2.0 * step);
        term *= factor * factor;
        sum += term;
        step += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{crossings_a_second, tone};

    #[test]
    fn a_tone_keeps_its_pitch_at_any_rate() {
        for (from, to) in [
            (8_000, 48_000),
            (8_000, 16_000),
            (11_025, 48_000),
            (22_050, 48_000),
            (44_100, 48_000),
            (44_100, 16_000),
            (48_000, 8_000),
            (7_999, 48_000),
        ] {
            let samples = tone(from, 440.0, 1.0);
            let reader = Resampler::new(from, to);
            let read: Vec<f32> =
                (0..reader.frames(samples.len())).map(|frame| reader.at(&samples, frame)).collect();
            let seconds = read.len() as f64 / f64::from(to);
            assert!((seconds - 1.0).abs() < 0.001, "{from} at {to}: {seconds} s");
            let crossings = crossings_a_second(&read, to);
            assert!((crossings - 880.0).abs() < 4.0, "{from} at {to}: {crossings}");
            let middle = &read[read.len() / 4..read.len() / 4 * 3];
            let loudest = middle.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
            assert!((loudest - 0.5).abs() < 0.005, "{from} at {to}: {loudest}");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_left_out() {
        let samples = tone(48_000, 6_000.0, 0.2);
        let reader = Resampler::new(48_000, 8_000);
        let middle = 400..1_200_u64;
        let loudest =
            middle.map(|frame| reader.at(&samples, frame)).fold(0.0_f32, |loudest, s| loudest.max(s.abs()));
        assert!(loudest < 0.002, "{loudest}");
    }

    #[test]
    fn at_its_own_rate_a_sample_stays_what_it_is() {
        let samples = [3_i16, -7, 12_345, i16::MIN, i16::MAX];
        let reader = Resampler::new(8_000, 8_000);
        for (frame, sample) in (0..).zip(samples) {
            assert!((reader.at(&samples, frame) - f32::from(sample)).abs() < f32::EPSILON);
        }
        assert_eq!(reader.frames(samples.len()), 5);
        assert!(reader.at(&samples, 5).abs() < f32::EPSILON);
    }
}
