//! The loudspeakers of this computer. A sound stream lives on the thread that opened it and takes its time
//! to open and to close.

use crate::{player::Trouble, tape::RATE, voice::Voice};
use rodio::{
    ChannelCount, DeviceSinkBuilder, MixerDeviceSink, SampleRate, Source,
    cpal::{
        self, BufferSize, Device, DeviceId, ErrorKind, Host,
        traits::{DeviceTrait, HostTrait},
    },
};
use serde::Serialize;
use std::{
    any::Any,
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Frames that are taken from the voice at a time: five milliseconds.
const BLOCK: usize = 240;
const ONE_CHANNEL: ChannelCount = ChannelCount::MIN;
const FRAMES_A_SECOND: SampleRate = SampleRate::new(RATE).expect("it is not zero");

/// Something this computer can play on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The system's name of it, for the settings.
    pub id: String,
    /// The name people know it by.
    pub name: String,
}

/// What this computer can play on, beside its default. Takes a moment.
pub fn outputs() -> Vec<Output> {
    quiet();
    let Some(host) = host() else { return Vec::new() };
    let Ok(devices) = host.output_devices() else { return Vec::new() };
    let mut names = HashSet::new();
    devices
        .filter_map(|device| {
            let id = device.id().ok()?;
            let name = device.description().ok()?.name().to_owned();
            (for_people(id.id()) && names.insert(name.clone())).then(|| Output { id: id.to_string(), name })
        })
        .collect()
}

/// An open loudspeaker; it closes when this is dropped.
pub(crate) struct Loudspeaker {
    /// How long a frame is on its way from the voice to the ear.
    pub(crate) latency: Duration,
    pub(crate) _stream: Box<dyn Any>,
}

/// Where loudspeakers come from; tests have their own.
pub(crate) trait Loudspeakers {
    /// Opens the device of this id, or the default, which then takes from the voice. `opening` is what it is
    /// called when it is lost.
    fn open(
        &mut self,
        device: Option<&str>,
        voice: &Arc<Mutex<Voice>>,
        opening: u64,
    ) -> Result<Loudspeaker, Trouble>;
}

/// The loudspeakers of this computer; it calls back when one is lost.
pub(crate) struct Real<L>(pub(crate) L);

impl<L> Loudspeakers for Real<L>
where
    L: Fn(u64) + Clone + Send + 'static,
{
    fn open(
        &mut self,
        device: Option<&str>,
        voice: &Arc<Mutex<Voice>>,
        opening: u64,
    ) -> Result<Loudspeaker, Trouble> {
        quiet();
        let host = host().ok_or(Trouble::NoDevice)?;
        let wanted = device.and_then(|id| id.parse::<DeviceId>().ok()).and_then(|id| host.device_by_id(&id));
        let lost = self.0.clone();
        let mut told = false;
        let failed = move |error: cpal::Error| {
            // Some say so again and again until they are closed.
            // Sound that was rerouted by the system may be heard by a whole room: it waits to be wanted again.
            let elsewhere = error.kind() == ErrorKind::DeviceChanged;
            if !told && (elsewhere || !passing(error.kind())) {
                told = true;
                tracing::info!(kind = ?error.kind(), %error, "a loudspeaker was lost");
                lost(opening);
            }
        };
        let mut sink = wanted
            .into_iter()
            .chain(host.default_output_device())
            .find_map(|device| opened(device, failed.clone()))
            .ok_or(Trouble::NoDevice)?;
        sink.log_on_drop(false);
        let rate = f64::from(sink.config().sample_rate().get());
        let buffer = match sink.config().buffer_size() {
            BufferSize::Fixed(frames) => f64::from(*frames) / rate,
            BufferSize::Default => 0.05,
        };
        sink.mixer().add(Feed { voice: voice.clone(), block: [0.0; BLOCK], next: BLOCK });
        // One buffer sounds, one waits.
        Ok(Loudspeaker { latency: Duration::from_secs_f64(2.0 * buffer), _stream: Box::new(sink) })
    }
}

fn opened<E>(device: Device, failed: E) -> Option<MixerDeviceSink>
where
    E: FnMut(cpal::Error) + Clone + Send + 'static,
{
    DeviceSinkBuilder::from_device(device)
        .and_then(|builder| builder.with_error_callback(failed).open_sink_or_fallback())
        .inspect_err(|error| tracing::info!(%error, "a loudspeaker could not be opened"))
        .ok()
}

/// The system's sound, where it has any.
pub(crate) fn host() -> Option<Host> {
    cpal::ALL_HOSTS.iter().find_map(|id| cpal::host_from_id(*id).ok())
}

/// Whether the stream may go on by itself. `PulseAudio`'s ALSA plug-in fails with an I/O error until its first
/// timing has come; a stream that really ended takes no more sound, which is noticed, too.
pub(crate) fn passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Xrun
            | ErrorKind::RealtimeDenied
            | ErrorKind::DeviceChanged
            | ErrorKind::DeviceBusy
            | ErrorKind::BackendError
    )
}

/// Keeps ALSA from printing what it thinks of missing devices, on this thread.
pub(crate) fn quiet() {
    // Where that fails, it prints.
    #[cfg(target_os = "linux")]
    let _ = alsa::Output::local_error_handler();
}

/// Whether people know it: ALSA lists each device once for each way to speak to it.
fn for_people(id: &str) -> bool {
    !cfg!(target_os = "linux")
        || matches!(id, "pulse" | "pipewire")
        || id.starts_with("sysdefault:")
        || id.starts_with("hdmi:")
}

pub(crate) fn held<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The voice as the loudspeaker takes it: without an end, for what it says may change at any time.
struct Feed {
    voice: Arc<Mutex<Voice>>,
    block: [f32; BLOCK],
    next: usize,
}

impl Iterator for Feed {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.next == BLOCK {
            held(&self.voice).render(&mut self.block, Instant::now());
            self.next = 0;
        }
        let sample = self.block.get(self.next).copied();
        self.next += 1;
        sample
    }
}

impl Source for Feed {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        ONE_CHANNEL
    }

    fn sample_rate(&self) -> SampleRate {
        FRAMES_A_SECOND
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{tape::Tape, testing::tone, voice::Stream, wave::quantised};

    #[test]
    fn a_loudspeaker_gets_what_the_voice_says_and_silence_after_it() {
        let samples: Vec<i16> = tone(RATE, 440.0, 0.1).into_iter().map(quantised).collect();
        let voice = Arc::new(Mutex::new(Voice::default()));
        let mut feed = Feed { voice: voice.clone(), block: [0.0; BLOCK], next: BLOCK };
        assert!(feed.by_ref().take(BLOCK).all(|sample| sample.abs() < f32::EPSILON));
        held(&voice).play(Stream::new(Arc::new(Tape::new(RATE, samples.clone())), 0, 1.0));
        let heard: Vec<f32> = feed.by_ref().take(samples.len()).collect();
        for (heard, sample) in heard.iter().zip(&samples).skip(BLOCK) {
            assert!((heard * 32_768.0 - f32::from(*sample)).abs() < f32::EPSILON);
        }
        assert!(feed.by_ref().skip(2 * BLOCK).take(BLOCK).all(|sample| sample.abs() < f32::EPSILON));
        assert!(held(&voice).reading().ended);
    }

    #[test]
    fn people_are_shown_each_device_once() {
        if cfg!(target_os = "linux") {
            for (id, shown) in [
                ("pulse", true),
                ("sysdefault:CARD=PCH", true),
                ("hdmi:CARD=PCH,DEV=0", true),
                ("null", false),
                ("default", false),
                ("hw:CARD=0,DEV=0", false),
                ("plughw:CARD=PCH,DEV=0", false),
                ("surround51:CARD=PCH,DEV=0", false),
            ] {
                assert_eq!(for_people(id), shown, "{id}");
            }
        }
    }
}
