//! What the player does with what is asked of it: which recording is loaded, where it stands, what is
//! reported, and when the loudspeaker is opened and let go. Places are frames of [`RATE`] in the recording.

use crate::{
    loudspeaker::{Loudspeaker, Loudspeakers, held},
    player::{Play, Playing, State, Trouble},
    tape::{FRAMES_PER_MS, RATE, Tape},
    voice::{Reading, Stream, Voice},
};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Between two reports while it plays.
const QUARTER: Duration = Duration::from_millis(250);
/// A loudspeaker is let go when nothing was heard for this long.
const IDLE: Duration = Duration::from_secs(5);
/// A loudspeaker that takes nothing for this long is lost, even if nobody said so.
const STALLED: Duration = Duration::from_secs(3);
/// When the end is expected, it is looked for a little later.
const AFTER: Duration = Duration::from_millis(5);

/// What is asked of the player.
#[derive(Debug)]
pub(crate) enum Order {
    Play(Play),
    Pause,
    Resume,
    Seek(u64),
    Speed(f32),
    Stop,
    /// The loudspeaker of this opening went away.
    Lost(u64),
    Close,
}

/// The player without its thread.
pub(crate) struct Deck<L, C, R> {
    loudspeakers: L,
    clock: C,
    report: R,
    voice: Arc<Mutex<Voice>>,
    open: Option<Open>,
    openings: u64,
    loaded: Option<Loaded>,
    state: State,
    trouble: Option<Trouble>,
    /// Where it stands while it does not play.
    place: u64,
    /// The ear is not behind this: where it was when playing began, or the speed changed.
    floor: u64,
    /// What was heard before playing began the last time.
    heard: u64,
    began: Instant,
    reported: Instant,
    rests_since: Instant,
}

struct Open {
    device: Option<String>,
    number: u64,
    speaker: Loudspeaker,
}

struct Loaded {
    what: String,
    device: Option<String>,
    speed: f32,
    /// Nothing where the file cannot be played.
    tape: Option<Arc<Tape>>,
}

impl<L, C, R> Deck<L, C, R>
where
    L: Loudspeakers,
    C: Fn() -> Instant,
    R: Fn(Playing),
{
    pub(crate) fn new(loudspeakers: L, clock: C, report: R) -> Self {
        let now = clock();
        Self {
            loudspeakers,
            clock,
            report,
            voice: Arc::default(),
            open: None,
            openings: 0,
            loaded: None,
            state: State::Idle,
            trouble: None,
            place: 0,
            floor: 0,
            heard: 0,
            began: now,
            reported: now,
            rests_since: now,
        }
    }

    /// Does what is asked.
    pub(crate) fn take(&mut self, order: Order) {
        match order {
            Order::Play(play) => self.play(play),
            Order::Pause => {
                if self.state == State::Playing {
                    self.halt();
                    self.rest(State::Paused);
                }
            }
            Order::Resume => match self.state {
                State::Paused | State::Trouble => self.start(self.place, self.place),
                State::Ended => self.start(0, 0),
                State::Idle | State::Playing => {}
            },
            Order::Seek(ms) => self.seek(ms),
            Order::Speed(speed) => self.speed(speed),
            Order::Stop => self.put_away(),
            Order::Lost(number) => {
                if self.open.as_ref().is_some_and(|open| open.number == number) {
                    self.lose();
                }
            }
            Order::Close => {}
        }
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self) {
        let now = (self.clock)();
        if self.state != State::Playing {
            if now.saturating_duration_since(self.rests_since) >= IDLE {
                self.open = None;
            }
            return;
        }
        let reading = self.reading();
        let last = reading.at.map_or(self.began, |at| at.max(self.began));
        if reading.ended {
            if self.behind(reading) == 0 {
                self.halt();
                self.rest(State::Ended);
            }
        } else if now.saturating_duration_since(last) >= STALLED {
            tracing::info!("a loudspeaker takes nothing any more");
            self.lose();
        }
        if self.state == State::Playing && now.saturating_duration_since(self.reported) >= QUARTER {
            self.tell();
        }
    }

    /// When something is due, if nothing is asked before.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let now = (self.clock)();
        if self.state == State::Playing {
            let length = self.tape().map_or(0, |tape| tape.frames());
            let left = length.saturating_sub(self.ear(self.reading())) as f32;
            let end = Duration::from_secs_f32(left / (RATE as f32 * self.at_speed())) + AFTER;
            return Some(end.min(QUARTER.saturating_sub(now.saturating_duration_since(self.reported))));
        }
        self.open.as_ref().map(|_| IDLE.saturating_sub(now.saturating_duration_since(self.rests_since)))
    }

    fn play(&mut self, play: Play) {
        self.put_away();
        let tape = Tape::read(&play.path)
            .inspect_err(|error| tracing::warn!(%error, what = play.what, "a recording cannot be played"))
            .ok()
            .map(Arc::new);
        let length = tape.as_ref().map(|tape| tape.frames());
        let at = play.at_ms.saturating_mul(FRAMES_PER_MS);
        // To play what was heard to its end is to hear it again.
        self.place = if length.is_some_and(|length| at >= length) { 0 } else { at };
        self.heard = 0;
        self.loaded = Some(Loaded { what: play.what, device: play.device, speed: tamed(play.speed), tape });
        if length.is_some() {
            self.start(self.place, self.place);
        } else {
            self.fail(Trouble::Unplayable);
        }
    }

    /// Plays from a place on, of which the ear has heard all before `floor`.
    fn start(&mut self, place: u64, floor: u64) {
        let Some(tape) = self.tape().cloned() else { return };
        self.place = place;
        if let Err(trouble) = self.open() {
            self.fail(trouble);
            return;
        }
        let stream = Stream::new(tape, place, self.at_speed());
        held(&self.voice).play(stream);
        self.floor = floor;
        self.began = (self.clock)();
        self.state = State::Playing;
        self.trouble = None;
        self.tell();
    }

    fn open(&mut self) -> Result<(), Trouble> {
        let device = self.loaded.as_ref().and_then(|loaded| loaded.device.clone());
        if self.open.as_ref().is_some_and(|open| open.device == device) {
            return Ok(());
        }
        // First the one that is open: some devices are for one at a time.
        self.open = None;
        self.openings += 1;
        let number = self.openings;
        let speaker = self.loudspeakers.open(device.as_deref(), &self.voice, number)?;
        self.open = Some(Open { device, number, speaker });
        Ok(())
    }

    fn seek(&mut self, ms: u64) {
        let Some(length) = self.tape().map(|tape| tape.frames()) else { return };
        let place = ms.saturating_mul(FRAMES_PER_MS).min(length);
        match self.state {
            State::Idle => {}
            State::Playing => {
                self.halt();
                self.place = place;
                if place < length { self.start(place, place) } else { self.rest(State::Ended) }
            }
            State::Paused | State::Ended => {
                self.place = place;
                self.rest(if place < length { State::Paused } else { State::Ended });
            }
            State::Trouble => {
                self.place = place;
                self.tell();
            }
        }
    }

    fn speed(&mut self, speed: f32) {
        let ear = self.ear(self.reading());
        let Some(loaded) = &mut self.loaded else { return };
        loaded.speed = tamed(speed);
        if self.state == State::Playing {
            self.halt();
            self.start(self.place, ear);
        } else {
            self.tell();
        }
    }

    /// Stops reading. What was read already is still heard, so it stands behind that.
    fn halt(&mut self) {
        let reading = held(&self.voice).pause();
        self.place = reading.place;
        self.heard += reading.read;
    }

    fn rest(&mut self, state: State) {
        self.state = state;
        self.trouble = None;
        self.rests_since = (self.clock)();
        self.tell();
    }

    fn fail(&mut self, trouble: Trouble) {
        self.state = State::Trouble;
        self.trouble = Some(trouble);
        self.rests_since = (self.clock)();
        self.tell();
    }

    fn lose(&mut self) {
        if self.state != State::Playing {
            self.open = None;
            return;
        }
        // What was on its way is not heard any more.
        let reading = held(&self.voice).pause();
        self.place = self.ear(reading);
        self.heard = (self.heard + reading.read).saturating_sub(reading.place - self.place);
        self.open = None;
        self.fail(Trouble::DeviceLost);
    }

    fn put_away(&mut self) {
        if self.loaded.is_none() {
            return;
        }
        if self.state == State::Playing {
            self.halt();
        }
        held(&self.voice).clear();
        self.rest(State::Idle);
        self.loaded = None;
    }

    fn tell(&mut self) {
        let reading = self.reading();
        let (place, heard) = if self.state == State::Playing {
            let ear = self.ear(reading);
            (ear, (self.heard + reading.read).saturating_sub(reading.place - ear))
        } else {
            (self.place, self.heard)
        };
        let length_ms = self.tape().map(|tape| tape.length_ms());
        let place_ms = place / FRAMES_PER_MS;
        let playing = Playing {
            what: self.loaded.as_ref().map(|loaded| loaded.what.clone()),
            state: self.state,
            position_ms: length_ms.map_or(place_ms, |length| place_ms.min(length)),
            length_ms: length_ms.unwrap_or_default(),
            speed: self.at_speed(),
            played_ms: heard / FRAMES_PER_MS,
            trouble: self.trouble,
        };
        self.reported = (self.clock)();
        (self.report)(playing);
    }

    fn reading(&self) -> Reading {
        held(&self.voice).reading()
    }

    /// Where in the recording the ear is while it plays.
    fn ear(&self, reading: Reading) -> u64 {
        reading.place.saturating_sub(self.behind(reading)).max(self.floor).min(reading.place)
    }

    /// How much of the recording is on its way to the ear.
    fn behind(&self, reading: Reading) -> u64 {
        let latency = self.open.as_ref().map_or(Duration::ZERO, |open| open.speaker.latency);
        let since = reading.at.map_or(latency, |at| (self.clock)().saturating_duration_since(at));
        let left = latency.saturating_sub(since).as_secs_f32();
        (left * RATE as f32 * self.at_speed()) as u64
    }

    fn tape(&self) -> Option<&Arc<Tape>> {
        self.loaded.as_ref()?.tape.as_ref()
    }

    fn at_speed(&self) -> f32 {
        self.loaded.as_ref().map_or(1.0, |loaded| loaded.speed)
    }
}

/// A speed at which one still hears words.
fn tamed(speed: f32) -> f32 {
    if speed.is_finite() { speed.clamp(0.5, 4.0) } else { 1.0 }
}

#[cfg(test)]
mod tests;
