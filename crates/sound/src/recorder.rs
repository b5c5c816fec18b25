//! The owner's voice in the microphone, for a greeting.

use crate::{
    loudspeaker::{held, host, passing, quiet},
    player::Trouble,
    wave::Sound,
};
use rodio::cpal::{
    self, Device, FromSample, InputCallbackInfo, Sample, SampleFormat, SizedSample, Stream, StreamConfig,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

/// What is said after five minutes is not kept.
const LONGEST_S: usize = 5 * 60;
/// A device that has not answered by then does not.
const ANSWERS: Duration = Duration::from_secs(5);
/// How much of the level stays from one piece to the next, so that a short sound can be seen.
const LINGERS: f32 = 0.8;

/// Records the default microphone, from [`Recorder::start`] until it is finished or dropped.
pub struct Recorder {
    stream: Stream,
    rate: u32,
    heard: Arc<Heard>,
}

/// What came from the microphone.
struct Heard {
    samples: Mutex<Vec<f32>>,
    /// The most that are kept.
    most: usize,
    /// The bits of the level, 0 to 1.
    level: AtomicU32,
    lost: AtomicBool,
}

impl Recorder {
    /// Opens the microphone and records. Takes a moment.
    pub fn start() -> Result<Self, Trouble> {
        quiet();
        let device = host().and_then(|host| host.default_input_device()).ok_or(Trouble::NoDevice)?;
        let supported = device.default_input_config().map_err(refused)?;
        let (config, rate) = (supported.config(), supported.sample_rate());
        let heard = Arc::new(Heard::new(rate));
        let stream = match supported.sample_format() {
            SampleFormat::F32 => listen::<f32>(&device, config, &heard),
            SampleFormat::F64 => listen::<f64>(&device, config, &heard),
            SampleFormat::I8 => listen::<i8>(&device, config, &heard),
            SampleFormat::I16 => listen::<i16>(&device, config, &heard),
            SampleFormat::I24 => listen::<cpal::I24>(&device, config, &heard),
            SampleFormat::I32 => listen::<i32>(&device, config, &heard),
            SampleFormat::U8 => listen::<u8>(&device, config, &heard),
            SampleFormat::U16 => listen::<u16>(&device, config, &heard),
            SampleFormat::U32 => listen::<u32>(&device, config, &heard),
            _ => return Err(Trouble::NoDevice),
        };
        let stream = stream.map_err(refused)?;
        stream.play().map_err(refused)?;
        Ok(Self { stream, rate, heard })
    }

    /// How loud it is now, 0 to 1.
    pub fn level(&self) -> f32 {
        self.heard.level()
    }

    /// Ends the recording. What a microphone gave that went away is not whole, so it is not given.
    pub fn finish(self) -> Result<Sound, Trouble> {
        drop(self.stream);
        let samples = std::mem::take(&mut *held(&self.heard.samples));
        if self.heard.lost.load(Ordering::Relaxed) {
            return Err(Trouble::DeviceLost);
        }
        if samples.is_empty() { Err(Trouble::Unplayable) } else { Ok(Sound { rate: self.rate, samples }) }
    }
}

impl Heard {
    fn new(rate: u32) -> Self {
        Self {
            samples: Mutex::default(),
            most: LONGEST_S * rate as usize,
            level: AtomicU32::new(0),
            lost: AtomicBool::new(false),
        }
    }

    /// Takes what came, mixed to one channel.
    fn take(&self, mixed: impl Iterator<Item = f32>) {
        let mut samples = held(&self.samples);
        let mut level = self.level() * LINGERS;
        for sample in mixed {
            level = level.max(sample.abs().min(1.0));
            if samples.len() < self.most {
                samples.push(sample);
            }
        }
        self.level.store(level.to_bits(), Ordering::Relaxed);
    }

    /// It went away; answers whether that is news.
    fn lose(&self) -> bool {
        self.level.store(0, Ordering::Relaxed);
        !self.lost.swap(true, Ordering::Relaxed)
    }

    fn level(&self) -> f32 {
        f32::from_bits(self.level.load(Ordering::Relaxed))
    }
}

fn listen<T>(device: &Device, config: StreamConfig, heard: &Arc<Heard>) -> Result<Stream, cpal::Error>
where
    T: SizedSample + 'static,
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels).max(1);
    let (taking, losing) = (heard.clone(), heard.clone());
    let came = move |data: &[T], _: &InputCallbackInfo| {
        let mixed = data.chunks_exact(channels).map(|frame| {
            let sum: f32 = frame.iter().map(|sample| f32::from_sample(*sample)).sum();
            sum / channels as f32
        });
        taking.take(mixed);
    };
    let failed = move |error: cpal::Error| {
        // Some say so again and again until they are closed.
        if !passing(error.kind()) && losing.lose() {
            tracing::info!(kind = ?error.kind(), "the microphone was lost");
        }
    };
    device.build_input_stream(config, came, failed, Some(ANSWERS))
}

#[allow(clippy::needless_pass_by_value, reason = "the shape an error is mapped with")]
fn refused(error: cpal::Error) -> Trouble {
    tracing::info!(kind = ?error.kind(), "the microphone could not be opened");
    Trouble::NoDevice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_rises_at_once_and_sinks_slowly() {
        let heard = Heard::new(8_000);
        heard.take([0.0, -0.5, 0.25].into_iter());
        assert!((heard.level() - 0.5).abs() < f32::EPSILON);
        heard.take([0.1].into_iter());
        assert!((heard.level() - 0.4).abs() < 0.001);
        heard.take([3.0].into_iter());
        assert!((heard.level() - 1.0).abs() < f32::EPSILON);
        assert!(heard.lose() && !heard.lose());
        assert!(heard.level().abs() < f32::EPSILON);
    }

    #[test]
    fn five_minutes_are_kept_and_no_more() {
        let heard = Heard::new(10);
        heard.take(std::iter::repeat_n(0.5, 2_999));
        heard.take([0.25; 10].into_iter());
        assert_eq!(held(&heard.samples).len(), 3_000);
    }
}
