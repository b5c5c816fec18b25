//! What is heard: recordings and greetings on this computer's loudspeaker, and the owner's own voice in its
//! microphone. Devices open and close on threads where that may take its time, never on the window's.

use crate::front::{blocking, problem};
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_desk::CommandError;
use ringdesk_sound::{Play, Player, Playing, Recorder, Trouble};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tauri::ipc::Channel;

/// Samples a second of what the owner records: more than a telephone carries.
const RATE: u32 = 16_000;

/// A page that records asks how loud it is several times a second; one that did not for this long is gone.
const UNWATCHED: Duration = Duration::from_secs(10);

/// The loudspeaker and the microphone. Cheap to clone; nothing is opened before it is needed.
#[derive(Clone, Default)]
pub(crate) struct Sound {
    player: Arc<Mutex<Option<Player>>>,
    ears: Arc<Mutex<Ears>>,
    recorder: Arc<tokio::sync::Mutex<Option<Recorder>>>,
    /// When the page last asked how loud it is.
    watched: Arc<Mutex<Option<Instant>>>,
    /// What the page asks of the player happens in the order in which it was asked.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Who hears about the player, and what they heard last.
struct Ears {
    listening: Vec<Channel<Playing>>,
    last: Playing,
}

impl Default for Ears {
    fn default() -> Self {
        let last = Playing {
            what: None,
            state: ringdesk_sound::State::Idle,
            position_ms: 0,
            length_ms: 0,
            speed: 1.0,
            played_ms: 0,
            trouble: None,
        };
        Self { listening: Vec::new(), last }
    }
}

/// What the player is asked to do with what it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    /// Wait.
    Pause,
    /// Go on.
    Resume,
    /// End, and let go of it.
    Stop,
    /// Go to a place, in milliseconds.
    Seek,
    /// Play slower or faster; 1 is as it was spoken.
    Speed,
}

/// What the owner said into the microphone.
#[derive(Serialize)]
pub(crate) struct Recorded {
    /// A WAV file: 16,000 samples of 16 bits a second, one channel.
    base64: String,
    seconds: f64,
}

impl Sound {
    /// The page hears about the player from now on, and how it is at once.
    pub(crate) fn listen(&self, channel: Channel<Playing>) {
        let mut ears = held(&self.ears);
        // A page that is gone already asks again when it is back.
        let _ = channel.send(ears.last.clone());
        ears.listening.push(channel);
    }

    /// The page is gone or begins anew. What is playing plays on; nobody is recorded unseen.
    pub(crate) fn gone(&self) {
        held(&self.ears).listening.clear();
        self.put_microphone_away();
    }

    /// Ends a recording that nobody sees any more. Closing the device may take its time; nobody waits for it.
    pub(crate) fn put_microphone_away(&self) {
        let recorder = self.recorder.clone();
        tauri::async_runtime::spawn_blocking(move || drop(recorder.blocking_lock().take()));
    }

    /// Ends everything that is heard and recorded.
    pub(crate) fn silence(&self) {
        self.act(Act::Stop, None);
        self.put_microphone_away();
    }

    /// Waits for the page's turn with the player.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Plays something, unless it is not `wanted` any more.
    pub(crate) fn play(&self, play: Play, wanted: impl FnOnce() -> bool) {
        let mut player = held(&self.player);
        // Asked while nobody else can use the player: whoever closes the office silences it after this.
        if wanted() {
            let ears = &self.ears;
            player.get_or_insert_with(|| player_for(ears.clone())).play(play);
        }
    }

    /// Does something with what is playing, if anything is.
    pub(crate) fn act(&self, act: Act, value: Option<f64>) {
        let mut player = held(&self.player);
        let Some(player) = player.as_mut() else { return };
        match (act, value) {
            (Act::Pause, _) => player.pause(),
            (Act::Resume, _) => player.resume(),
            (Act::Stop, _) => player.stop(),
            (Act::Seek, Some(ms)) => player.seek(whole_ms(ms)),
            #[allow(clippy::cast_possible_truncation, reason = "a speed such as 1.25")]
            (Act::Speed, Some(speed)) => player.speed(speed as f32),
            // Neither says where to or how fast.
            (Act::Seek | Act::Speed, None) => {}
        }
    }

    /// Starts to record, anew where it does already; `allowed` is asked once nothing else can begin or end.
    pub(crate) async fn record(
        &self,
        allowed: impl FnOnce() -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let mut recorder = self.recorder.lock().await;
        allowed()?;
        let before = recorder.take();
        let begin = move || {
            drop(before);
            Recorder::start()
        };
        *recorder = Some(blocking(begin).await?.map_err(not_recorded)?);
        *held(&self.watched) = Some(Instant::now());
        tauri::async_runtime::spawn(self.clone().watch());
        Ok(())
    }

    /// Ends a recording that no page looks at any more, as one that crashed.
    async fn watch(self) {
        loop {
            tokio::time::sleep(UNWATCHED).await;
            let mut recorder = self.recorder.lock().await;
            let seen = *held(&self.watched);
            if recorder.is_none() {
                return;
            }
            if seen.is_none_or(|seen| seen.elapsed() >= UNWATCHED) {
                tracing::warn!("the microphone was left on, and is off now");
                let left = recorder.take();
                drop(recorder);
                tauri::async_runtime::spawn_blocking(move || drop(left));
                return;
            }
        }
    }

    /// Ends the recording; nothing where none was running.
    pub(crate) async fn recorded(&self) -> Result<Option<Recorded>, CommandError> {
        let Some(recorder) = self.recorder.lock().await.take() else { return Ok(None) };
        let end = move || {
            recorder.finish().map(|voice| Recorded {
                base64: STANDARD.encode(voice.to_wav(RATE)),
                seconds: Duration::from_millis(voice.length_ms()).as_secs_f64(),
            })
        };
        blocking(end).await?.map(Some).map_err(not_recorded)
    }

    /// How loud it is at the microphone, 0 to 1; 0 while nothing is recorded.
    pub(crate) fn level(&self) -> f32 {
        *held(&self.watched) = Some(Instant::now());
        // In use: it is just beginning or ending.
        self.recorder.try_lock().map_or(0.0, |recorder| recorder.as_ref().map_or(0.0, Recorder::level))
    }
}

/// Milliseconds as the page has them, which may be no whole number.
pub(crate) fn whole_ms(ms: f64) -> u64 {
    let time = Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default();
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn player_for(ears: Arc<Mutex<Ears>>) -> Player {
    Player::new(move |playing: Playing| {
        let mut ears = held(&ears);
        ears.listening.retain(|channel| channel.send(playing.clone()).is_ok());
        ears.last = playing;
    })
}

#[allow(clippy::needless_pass_by_value, reason = "the shape an error is mapped with")]
fn not_recorded(trouble: Trouble) -> CommandError {
    match trouble {
        Trouble::NoDevice => problem(
            "no_microphone",
            "Ringdesk found no microphone it may use.",
            "Plug one in or allow Ringdesk to use it in your system's settings, then record once more.",
        ),
        Trouble::DeviceLost => problem(
            "microphone_lost",
            "The microphone went away while you were speaking.",
            "Plug it in again and record once more.",
        ),
        Trouble::Unplayable => problem(
            "not_recorded",
            "The microphone gave no sound that can be kept.",
            "Check it in your system's settings and record once more.",
        ),
    }
}

fn held<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_page_is_a_place_in_the_recording() {
        for (on_page, ms) in [
            (0.0, 0),
            (1_234.0, 1_234),
            (1_999.9, 1_999),
            (14_400_000.0, 14_400_000),
            (-5.0, 0),
            (f64::NAN, 0),
        ] {
            assert_eq!(whole_ms(on_page), ms, "{on_page}");
        }
    }

    #[test]
    fn the_page_asks_in_its_own_words() {
        for (word, act) in [("pause", Act::Pause), ("seek", Act::Seek), ("speed", Act::Speed)] {
            let read: Act = serde_json::from_value(word.into()).expect("an act");
            assert_eq!(read, act);
        }
    }

    #[test]
    fn nothing_plays_and_nothing_is_recorded_before_it_is_asked_for() {
        let sound = Sound::default();
        sound.act(Act::Resume, None);
        assert!(held(&sound.player).is_none());
        assert!(sound.level() < f32::EPSILON);
        assert!(held(&sound.ears).last.what.is_none());
    }
}
