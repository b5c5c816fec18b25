//! What can be made to go wrong, on request and a given number of times.

use serde::{Deserialize, Serialize};

/// Something that goes wrong. Each counts down by use; `times` in [`Fault::Times`] sets how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The create is accepted, and no answer ever comes.
    HangAfterAccepting,
    /// The create is accepted, and the answer breaks off.
    BreakAfterAccepting,
    /// The create is accepted, and answered with a 500.
    ErrorAfterAccepting,
    /// The create is not accepted, and answered with a 500.
    ErrorBeforeAccepting,
    /// A question about the account, or for its numbers, gets a 503.
    AccountAway,
    /// 429 with this `Retry-After` in seconds.
    Busy(u64),
    /// The first callback of a message comes before the answer to its create.
    CallbackBeforeAnswer,
    /// Callbacks come twice.
    DuplicatedCallbacks,
    /// Callbacks come last first.
    ReorderedCallbacks,
    /// Callbacks do not come.
    DroppedCallbacks,
    /// Callbacks come this many milliseconds late.
    DelayedCallbacks(u64),
    /// Callbacks carry a wrong signature.
    WrongSignature,
    /// Callbacks carry a status nobody knows, before the last one.
    UnknownStatus,
    /// The message cannot be listed.
    HiddenFromList,
    /// The next message, in or out, can be listed only so many milliseconds after it was made.
    LateInList(u64),
    /// A list of messages, calls or recordings gets a 503.
    ListAway,
    /// Media is not there yet.
    MediaNotFound,
    /// Media breaks off half-way.
    MediaBroken,
    /// The next answer to a question about a call is lost on its way: it counts as a 500.
    VoiceFails,
    /// The next question about a call is asked twice, word for word; the report has both answers.
    RepeatVoice,
    /// A recording's sound is not found, although it should be there.
    RecordingNotFound,
    /// A recording's sound breaks off half-way through what was asked for.
    RecordingBroken,
    /// A recording's sound is said to be on the storage of somebody else, `https://recordings.example.com`.
    RecordingAbroad,
    /// A recording's sound is said to be at `/storage/` of this address, such as `http://127.0.0.1:9011`.
    RecordingElsewhere(String),
    /// Instead of a recording's sound comes a web page, with a 200.
    RecordingNotAudio,
    /// A recording cannot be had as WAV; as MP3 it can, where there is one.
    RecordingWithoutWav,
    /// The next recording's sound is half as long as is told.
    RecordingTooShort,
    /// The next transcription is never ready.
    SilentTranscription,
    /// The next transcription is ready, and nobody is told.
    LostTranscription,
    /// The next transcription fails.
    FailedTranscription,
    /// A change of a number gets a 400, as for an address that is none.
    NumberUpdateRefused,
    /// A question about flows gets a 403, as on an account that may not have them.
    StudioForbidden,
    /// A question about Messaging Services or registrations gets a 503.
    MessagingAway,
    /// A question about alerts gets a 503.
    MonitorAway,
    /// Any of these, so many times.
    Times(u32, Box<Fault>),
}

impl Fault {
    /// Reads `name`, `name:value` or `name*times`, as on the command line.
    pub fn parse(text: &str) -> Option<Self> {
        let (text, times) = match text.split_once('*') {
            Some((text, times)) => (text, times.parse().ok()?),
            None => (text, 1),
        };
        let (name, value) = text.split_once(':').map_or((text, None), |(n, v)| (n, Some(v)));
        let json = match value.map(|value| value.parse::<u64>().map_err(|_| value)) {
            Some(Ok(number)) => serde_json::json!({ name: number }),
            Some(Err(text)) => serde_json::json!({ name: text }),
            None => serde_json::Value::String(name.to_owned()),
        };
        let fault = serde_json::from_value(json).ok()?;
        Some(if times == 1 { fault } else { Self::Times(times, Box::new(fault)) })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(u32, Fault)>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        match fault {
            Fault::Times(times, fault) => self.0.push((times, *fault)),
            fault => self.0.push((1, fault)),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Uses up one of the faults that `wanted` names, in the order they were asked for.
    pub(crate) fn take<T>(&mut self, wanted: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let (at, found) = self.0.iter().enumerate().find_map(|(at, (_, f))| Some((at, wanted(f)?)))?;
        self.0[at].0 -= 1;
        if self.0[at].0 == 0 {
            self.0.remove(at);
        }
        Some(found)
    }

    pub(crate) fn strikes(&mut self, fault: &Fault) -> bool {
        self.take(|f| (f == fault).then_some(())).is_some()
    }

    /// How many milliseconds after it was made the next message can be listed.
    pub(crate) fn late_in_list(&mut self) -> i64 {
        let late_ms = self.take(|f| match f {
            Fault::LateInList(ms) => Some(*ms),
            _ => None,
        });
        i64::try_from(late_ms.unwrap_or(0)).unwrap_or(i64::MAX)
    }

    /// How the next callback fares on its way; `None` when it does not come.
    pub(crate) fn callback(&mut self) -> Option<Mishap> {
        if self.strikes(&Fault::DroppedCallbacks) {
            return None;
        }
        let times = if self.strikes(&Fault::DuplicatedCallbacks) { 2 } else { 1 };
        let late_ms = self.take(|f| match f {
            Fault::DelayedCallbacks(ms) => Some(*ms),
            _ => None,
        });
        Some(Mishap { times, late_ms, wrong: self.strikes(&Fault::WrongSignature) })
    }
}

/// What happens to a callback that comes.
#[derive(Debug)]
pub(crate) struct Mishap {
    pub(crate) times: u32,
    pub(crate) late_ms: Option<u64>,
    pub(crate) wrong: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_on_the_command_line() {
        assert_eq!(Fault::parse("error_after_accepting"), Some(Fault::ErrorAfterAccepting));
        assert_eq!(Fault::parse("busy:3"), Some(Fault::Busy(3)));
        assert_eq!(Fault::parse("late_in_list:90000"), Some(Fault::LateInList(90_000)));
        assert_eq!(Fault::parse("studio_forbidden"), Some(Fault::StudioForbidden));
        let away = Some(Fault::Times(9, Box::new(Fault::MonitorAway)));
        assert_eq!(Fault::parse("monitor_away*9"), away);
        let twice = Some(Fault::Times(2, Box::new(Fault::MediaNotFound)));
        assert_eq!(Fault::parse("media_not_found*2"), twice);
        let elsewhere = Fault::RecordingElsewhere("http://127.0.0.1:9011".into());
        assert_eq!(Fault::parse("recording_elsewhere:http://127.0.0.1:9011"), Some(elsewhere));
        assert_eq!(Fault::parse("busy:soon"), None);
        assert_eq!(Fault::parse("earthquake"), None);
    }

    #[test]
    fn a_fault_strikes_as_often_as_asked() {
        let mut faults = Faults::default();
        faults.add(Fault::Times(2, Box::new(Fault::MediaBroken)));
        let strikes: Vec<bool> = (0..3).map(|_| faults.strikes(&Fault::MediaBroken)).collect();
        assert_eq!(strikes, [true, true, false]);
    }
}
