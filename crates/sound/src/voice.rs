//! What the loudspeaker is given: a recording from some place on, at some speed with its pitch kept, or
//! silence. It counts what was taken from it; changes fade over a few milliseconds, so that nothing clicks.

use crate::tape::{RATE, Tape};
use std::{sync::Arc, time::Instant};
use timestretch::{
    Parameters, PreparedSession, ProcessStatus, RatePolicy, SessionConfig, SessionError, SourceAccess,
    StreamSession, TempoRate,
};

/// Frames over which one thing fades into the next: five milliseconds.
const FADE: usize = 240;
/// Steps of the stretching at a time, while it owes something.
const STEPS: usize = 8;
/// A speed this near to 1 is 1: the recording as it is.
const AS_IT_IS: f32 = 0.005;

/// What is given to the loudspeaker.
#[derive(Default)]
pub(crate) struct Voice {
    stream: Option<Stream>,
    running: bool,
    reading: Reading,
    fade: Fade,
}

/// Where reading is. Places are frames of [`RATE`] in the recording.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    /// The next frame to be read.
    pub(crate) place: u64,
    /// How many frames of the recording were read since it was begun here.
    pub(crate) read: u64,
    /// When something was read last.
    pub(crate) at: Option<Instant>,
    /// Everything was read.
    pub(crate) ended: bool,
}

impl Voice {
    /// Reads this from now on.
    pub(crate) fn play(&mut self, stream: Stream) {
        // When something was read last stays: it is still on its way to the ear.
        self.reading = Reading { place: stream.place(), at: self.reading.at, ..Reading::default() };
        self.stream = Some(stream);
        self.running = true;
        self.fade.begin();
    }

    /// Silence, here; answers where that is.
    pub(crate) fn pause(&mut self) -> Reading {
        if self.running {
            self.running = false;
            self.fade.begin();
        }
        self.reading
    }

    /// Silence, and lets go of what was read.
    pub(crate) fn clear(&mut self) {
        self.pause();
        self.stream = None;
    }

    /// Where reading is.
    pub(crate) fn reading(&self) -> Reading {
        self.reading
    }

    /// The next frames.
    pub(crate) fn render(&mut self, out: &mut [f32], now: Instant) {
        let given = match &mut self.stream {
            Some(stream) if self.running => {
                let given = stream.fill(out);
                let place = stream.place();
                self.reading.read += place - self.reading.place;
                self.reading.place = place;
                if given > 0 {
                    self.reading.at = Some(now);
                }
                given
            }
            _ => 0,
        };
        let (sound, silence) = out.split_at_mut(given);
        silence.fill(0.0);
        self.fade.over(sound);
        if self.running && !silence.is_empty() {
            self.running = false;
            self.reading.ended = true;
            self.fade.begin();
        }
        self.fade.over(silence);
    }
}

/// From what was heard last into what comes now.
#[derive(Default)]
struct Fade {
    last: f32,
    from: f32,
    left: usize,
}

impl Fade {
    fn begin(&mut self) {
        self.from = self.last;
        self.left = FADE;
    }

    fn over(&mut self, samples: &mut [f32]) {
        for sample in samples {
            if self.left > 0 {
                let old = self.left as f32 / FADE as f32;
                *sample = self.from * old + *sample * (1.0 - old);
                self.left -= 1;
            }
            self.last = *sample;
        }
    }
}

/// A recording, read from a place on at a speed.
pub(crate) struct Stream {
    tape: Arc<Tape>,
    way: Way,
}

enum Way {
    /// As it was recorded, bit by bit.
    Plain {
        next: u64,
    },
    Stretched(Box<Stretched>),
}

impl Stream {
    /// Takes its time: plans for the stretching are made here, so not where the loudspeaker waits.
    pub(crate) fn new(tape: Arc<Tape>, from: u64, speed: f32) -> Self {
        let plain = Way::Plain { next: from };
        let way = if (speed - 1.0).abs() < AS_IT_IS {
            plain
        } else {
            Stretched::new(&tape, from, speed).map_or_else(
                |error| {
                    tracing::warn!(%error, %speed, "a recording plays at its own speed");
                    plain
                },
                |stretched| Way::Stretched(Box::new(stretched)),
            )
        };
        Self { tape, way }
    }

    /// The next frame to be read.
    fn place(&self) -> u64 {
        match &self.way {
            Way::Plain { next } => *next,
            Way::Stretched(stretched) => stretched.place(),
        }
    }

    /// The next frames; answers how many there were before the end.
    fn fill(&mut self, out: &mut [f32]) -> usize {
        if let Way::Stretched(stretched) = &mut self.way {
            match stretched.fill(&self.tape, out) {
                Ok(given) => return given,
                Err(error) => {
                    tracing::warn!(%error, "a recording goes on at its own speed");
                    self.way = Way::Plain { next: self.place() };
                }
            }
        }
        let next = self.place();
        let given = self.tape.fill(next, out);
        self.way = Way::Plain { next: next + given as u64 };
        given
    }
}

/// Faster or slower at the same pitch.
struct Stretched {
    session: StreamSession,
    /// Where it began and where the recording ends.
    from: u64,
    end: u64,
    /// How many frames it gave.
    given: u64,
    /// What it asked for last.
    asked: Vec<f32>,
}

impl Stretched {
    fn new(tape: &Tape, from: u64, speed: f32) -> Result<Self, SessionError> {
        let end = tape.frames();
        let from = from.min(end);
        let config = SessionConfig {
            source_sample_rate: RATE,
            output_sample_rate: RATE,
            channels: 1,
            rate_policy: RatePolicy::NativeOnly,
            source_access: SourceAccess::Seekable,
            source_frames: Some(end),
            parameters: Parameters::keylock(TempoRate::new(f64::from(speed))?),
            ..SessionConfig::default()
        };
        let mut session = PreparedSession::new(config)?.activate();
        if from > 0 {
            session.seek(from)?;
        }
        Ok(Self { session, from, end, given: 0, asked: Vec::new() })
    }

    fn place(&self) -> u64 {
        if self.session.finished() {
            return self.end;
        }
        // The speed that is reached is a little off the one that was asked for.
        let read = self.given as f64 * self.session.applied_parameters().tempo();
        (self.from + read as u64).min(self.end)
    }

    fn fill(&mut self, tape: &Tape, out: &mut [f32]) -> Result<usize, SessionError> {
        let mut given = 0;
        while given < out.len() {
            let ready = self.session.read_output(&mut out[given..])?;
            if ready.frames > 0 {
                self.session.acknowledge(ready.consumed(ready.frames)?)?;
                given += ready.frames;
                self.given += ready.frames as u64;
                continue;
            }
            if self.session.finished() {
                break;
            }
            match self.session.advance(STEPS).status {
                ProcessStatus::NeedSource => {
                    let request = self.session.source_request().ok_or(SessionError::InvalidState)?;
                    self.asked.clear();
                    self.asked.resize(request.frames, 0.0);
                    tape.fill(request.start_frame, &mut self.asked);
                    self.session.supply(request, &self.asked)?;
                }
                ProcessStatus::Priming
                | ProcessStatus::Progress
                | ProcessStatus::Rendered
                | ProcessStatus::Finished => {}
                ProcessStatus::Fault => {
                    return Err(self.session.fault().unwrap_or(SessionError::InvalidState));
                }
                // It waits for somebody who does not exist here.
                ProcessStatus::NeedOutput | ProcessStatus::NeedAcknowledgement | ProcessStatus::Paused => {
                    return Err(SessionError::InvalidState);
                }
            }
        }
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{crossings_a_second, tone},
        wave::quantised,
    };

    const BLOCK: usize = 480;

    fn tape(rate: u32, seconds: f64) -> Arc<Tape> {
        let samples = tone(rate, 440.0, seconds).into_iter().map(quantised).collect();
        Arc::new(Tape::new(rate, samples))
    }

    fn voice(tape: &Arc<Tape>, from: u64, speed: f32) -> Voice {
        let mut voice = Voice::default();
        voice.play(Stream::new(tape.clone(), from, speed));
        voice
    }

    /// The next frames, as a loudspeaker takes them.
    fn taken(voice: &mut Voice, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames];
        for block in out.chunks_mut(BLOCK) {
            voice.render(block, Instant::now());
        }
        out
    }

    /// Everything until the end.
    fn all(voice: &mut Voice) -> Vec<f32> {
        let mut out = Vec::new();
        while !voice.reading().ended {
            out.extend(taken(voice, BLOCK));
        }
        out
    }

    /// The largest step from one frame to the next; a tone of 440 Hz at half loudness makes 0.03.
    fn largest_step(frames: &[f32]) -> f32 {
        frames.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn at_its_own_speed_a_recording_plays_bit_by_bit() {
        let samples: Vec<i16> = tone(RATE, 440.0, 0.2).into_iter().map(quantised).collect();
        let heard = all(&mut voice(&Arc::new(Tape::new(RATE, samples.clone())), 0, 1.0));
        for (heard, sample) in heard.iter().zip(&samples).skip(FADE) {
            assert!((heard * 32_768.0 - f32::from(*sample)).abs() < f32::EPSILON);
        }
        // A telephone's samples are all there; others lie between them.
        let samples: Vec<i16> = tone(8_000, 440.0, 0.2).into_iter().map(quantised).collect();
        let heard = all(&mut voice(&Arc::new(Tape::new(8_000, samples.clone())), 0, 1.0));
        for (heard, sample) in heard.iter().step_by(6).zip(&samples).skip(FADE / 6) {
            assert!((heard * 32_768.0 - f32::from(*sample)).abs() < 0.01);
        }
    }

    #[test]
    fn faster_is_shorter_and_keeps_its_pitch() {
        let tape = tape(8_000, 2.0);
        for speed in [1.25, 1.5, 2.0] {
            let heard = all(&mut voice(&tape, 0, speed));
            let expected = 2.0 * f64::from(RATE) / f64::from(speed);
            let length = heard.len() as f64 / expected;
            assert!((length - 1.0).abs() < 0.02, "{speed}: {length}");
            let middle = &heard[heard.len() / 4..heard.len() / 4 * 3];
            let crossings = crossings_a_second(middle, RATE);
            assert!((crossings - 880.0).abs() < 20.0, "{speed}: {crossings}");
        }
    }

    #[test]
    fn the_place_is_counted_in_the_recording() {
        let tape = tape(8_000, 3.0);
        for speed in [1.0, 1.5, 2.0] {
            let from = u64::from(RATE);
            let mut voice = voice(&tape, from, speed);
            assert_eq!(voice.reading().place, from);
            taken(&mut voice, RATE as usize / 2);
            let expected = f64::from(RATE) / 2.0 * f64::from(speed);
            let reading = voice.reading();
            let moved = reading.place - from;
            assert!((moved as f64 - expected).abs() < f64::from(RATE) / 20.0, "{speed}: {moved}");
            assert_eq!(reading.read, moved);
            all(&mut voice);
            let end = voice.reading();
            assert_eq!((end.place, end.read), (tape.frames(), tape.frames() - from), "{speed}");
        }
    }

    #[test]
    fn a_pause_is_silent_and_exact() {
        let tape = tape(8_000, 1.0);
        let mut voice = voice(&tape, 0, 1.0);
        taken(&mut voice, 10 * BLOCK);
        let place = voice.pause().place;
        assert_eq!(place, 10 * BLOCK as u64);
        let silence = taken(&mut voice, 10 * BLOCK);
        assert!(silence[FADE..].iter().all(|sample| sample.abs() < f32::EPSILON));
        assert_eq!(voice.reading().place, place);
        assert!(!voice.reading().ended);
    }

    #[test]
    fn nothing_clicks() {
        let tape = tape(8_000, 3.0);
        let mut voice = voice(&tape, 0, 1.0);
        let mut heard = taken(&mut voice, 20 * BLOCK + 17);
        for (place, speed) in [(50_000, 1.0), (50_000, 1.5), (51_111, 2.0), (10_007, 1.0)] {
            voice.play(Stream::new(tape.clone(), place, speed));
            heard.extend(taken(&mut voice, 20 * BLOCK + 31));
        }
        voice.pause();
        heard.extend(taken(&mut voice, 10 * BLOCK));
        voice.play(Stream::new(tape.clone(), tape.frames() - 1_003, 1.0));
        heard.extend(taken(&mut voice, 10 * BLOCK));
        assert!(voice.reading().ended);
        assert!(largest_step(&heard) < 0.08, "{}", largest_step(&heard));
    }

    #[test]
    fn the_end_of_an_empty_recording_comes_at_once() {
        for speed in [1.0, 1.5] {
            let mut voice = voice(&Arc::new(Tape::new(8_000, Vec::new())), 0, speed);
            taken(&mut voice, BLOCK);
            assert!(voice.reading().ended, "{speed}");
        }
        let tape = tape(8_000, 0.01);
        let mut voice = voice(&tape, tape.frames(), 2.0);
        taken(&mut voice, BLOCK);
        assert!(voice.reading().ended);
    }
}
