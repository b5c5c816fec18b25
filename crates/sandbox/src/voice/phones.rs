//! Who is at the phones, and what they do: pick up or not, press keys, speak, hang up.

use super::{
    document::Gather,
    leg::{Cut, Leg},
    order,
    register::{Call, CallStatus, Heard, Progress},
    tape::Speech,
};
use crate::town::{Number, sid};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::oneshot;

/// How long pressing a key takes.
const KEY_MS: u64 = 500;
/// How long it takes to find out that a phone cannot be rung.
const NO_RING_MS: u64 = 1_000;
/// So many numbers of our own may lead to one another.
const DEEPEST: u8 = 4;

/// What happens when a phone is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneBehavior {
    /// Somebody picks up.
    Answers {
        /// After so many seconds.
        after_s: u32,
        /// They hang up so long after they were put through.
        talks_s: u32,
        /// What they press when they are asked to, one key after the other.
        #[serde(default)]
        presses: Option<String>,
    },
    /// The line is engaged.
    Busy,
    /// Nobody picks up.
    #[default]
    Ignores,
    /// A machine picks up, presses nothing, and stays for as long as anybody does.
    Mailbox {
        /// After so many seconds.
        after_s: u32,
    },
    /// It cannot be reached.
    Unreachable,
}

/// Somebody calls one of our numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallIn {
    /// Their number.
    pub from: String,
    /// Ours.
    pub to: String,
    /// They hang up if nobody has picked up after so many seconds.
    #[serde(default = "patience_s")]
    pub patience_s: u32,
    /// They hang up so long after the first words or music began.
    #[serde(default)]
    pub hangs_up_in_greeting_after_s: Option<u32>,
    /// How long they speak when they are asked for a message. Without it they speak as long as `speech`
    /// lasts, and where that cannot be known, as with an MP3, or there is none, they say nothing.
    #[serde(default)]
    pub message_s: Option<u32>,
    /// What they say when they are asked for a message; [`Speech::message`] when left out.
    #[serde(default)]
    pub speech: Option<Speech>,
    /// What they press after the message. Without it they hang up.
    #[serde(default)]
    pub finish_key: Option<char>,
    /// What they press when they are asked to, one key after the other.
    #[serde(default)]
    pub presses: Option<String>,
    /// They hang up so long after they were put through. Without it the other side ends the talk.
    #[serde(default)]
    pub talks_s: Option<u32>,
}

fn patience_s() -> u32 {
    60
}

impl CallIn {
    /// A caller with a minute's patience who says and presses nothing.
    pub fn new(from: &str, to: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            patience_s: patience_s(),
            hangs_up_in_greeting_after_s: None,
            message_s: None,
            speech: None,
            finish_key: None,
            presses: None,
            talks_s: None,
        }
    }
}

/// The person at the phone of a leg.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) patience_ms: Option<u64>,
    pub(crate) greeting_ms: Option<u64>,
    pub(crate) message_ms: u64,
    /// What they say then, if it is anything of their own.
    pub(crate) speech: Option<Speech>,
    pub(crate) finish_key: Option<char>,
    pub(crate) keys: VecDeque<char>,
    pub(crate) talks_ms: Option<u64>,
}

/// What came of asking for keys.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pressed {
    pub(crate) digits: String,
    pub(crate) ended_by: Option<char>,
    pub(crate) takes_ms: u64,
}

impl Person {
    pub(crate) fn calling(call: &CallIn) -> Self {
        let speech_ms = call.speech.as_ref().and_then(Speech::length_ms);
        Self {
            patience_ms: Some(ms(call.patience_s)),
            greeting_ms: call.hangs_up_in_greeting_after_s.map(ms),
            message_ms: call.message_s.map(ms).or(speech_ms).unwrap_or(0),
            speech: call.speech.clone(),
            finish_key: call.finish_key,
            keys: call.presses.iter().flat_map(|keys| keys.chars()).collect(),
            talks_ms: call.talks_s.map(ms),
        }
    }

    pub(crate) fn called(phone: &PhoneBehavior) -> Self {
        match phone {
            PhoneBehavior::Answers { talks_s, presses, .. } => Self {
                keys: presses.iter().flat_map(|keys| keys.chars()).collect(),
                talks_ms: Some(ms(*talks_s)),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }

    /// The same person, put through to another number of ours.
    pub(crate) fn put_through(&self) -> Self {
        Self { patience_ms: None, talks_ms: None, ..self.clone() }
    }

    /// Presses what is still to be pressed, as much of it as is wanted.
    pub(crate) fn press(&mut self, gather: &Gather) -> Pressed {
        let silence_ms = gather.timeout_s * 1_000;
        let mut digits = String::new();
        if !gather.keys {
            return Pressed { digits, ended_by: None, takes_ms: silence_ms };
        }
        let mut takes_ms = 0;
        while let Some(key) = self.keys.pop_front() {
            takes_ms += KEY_MS;
            if gather.finish_key == Some(key) {
                return Pressed { digits, ended_by: Some(key), takes_ms };
            }
            digits.push(key);
            if gather.digits == Some(digits.len()) {
                return Pressed { digits, ended_by: None, takes_ms };
            }
        }
        Pressed { digits, ended_by: None, takes_ms: takes_ms + silence_ms }
    }
}

fn ms(seconds: u32) -> u64 {
    u64::from(seconds) * 1_000
}

impl Leg {
    /// Rings the phone at the other end until somebody picks up. What became of it otherwise.
    pub(super) async fn ring(&mut self, timeout_ms: u64) -> Result<(), CallStatus> {
        let (number, phone) = {
            let town = self.scene.world.town();
            let to = town.calls.get(&self.sid).map(|call| call.to.clone()).unwrap_or_default();
            let number = town.numbers.iter().find(|number| number.number == to).cloned();
            (number, town.phones.get(&to).cloned().unwrap_or_default())
        };
        if let Some(number) = number {
            return self.ring_ourselves(number, timeout_ms).await;
        }
        let (after_ms, outcome) = match phone {
            PhoneBehavior::Unreachable => return self.no_ring(CallStatus::Failed).await,
            PhoneBehavior::Busy => return self.no_ring(CallStatus::Busy).await,
            PhoneBehavior::Answers { after_s, .. } | PhoneBehavior::Mailbox { after_s }
                if ms(after_s) < timeout_ms =>
            {
                (ms(after_s), Ok(()))
            }
            _ => (timeout_ms, Err(CallStatus::NoAnswer)),
        };
        self.rings();
        self.wait(after_ms).await.map_err(|cut| given_up(&cut))?;
        outcome
    }

    async fn no_ring(&mut self, status: CallStatus) -> Result<(), CallStatus> {
        self.wait(NO_RING_MS).await.map_err(|cut| given_up(&cut))?;
        Err(status)
    }

    fn rings(&self) {
        self.scene.reach(&self.sid, Progress::Ringing, CallStatus::Ringing);
        self.notice(Heard::Ringing, "");
    }

    /// Rings a number of our own: at its other end that is a call of its own, for the same person.
    async fn ring_ourselves(&mut self, number: Number, timeout_ms: u64) -> Result<(), CallStatus> {
        if self.depth == DEEPEST {
            self.alert(12400, "numbers of this account lead round in circles");
            return Err(CallStatus::Failed);
        }
        let (caller, from) = {
            let town = self.scene.world.town();
            let call = town.calls.get(&self.sid);
            (call.and_then(|call| call.parent.clone()), call.map(|call| call.from.clone()))
        };
        let (told, answered) = oneshot::channel();
        let sid = sid("CA");
        let mut other =
            Self::arriving(&self.scene, sid.clone(), &from.unwrap_or_default(), &number, self.person.clone());
        other.depth = self.depth + 1;
        other.on_answer = Some(told);
        self.scene.change(&self.sid, |call, _| call.beyond = Some(sid.clone()));
        self.rings();
        let (scene, leg, beyond) = (Arc::clone(&self.scene), self.sid.clone(), sid.clone());
        let playing = other.arrive(number);
        self.scene.beside(Box::pin(async move {
            playing.await;
            let left = {
                let town = scene.world.town();
                let wanted = town.calls.get(&leg).is_some_and(|leg| !leg.status.is_final());
                wanted && town.calls.get(&beyond).is_some_and(Call::left)
            };
            // It was the caller all the time who listened there.
            for sid in caller.filter(|_| left).iter().chain([&leg]) {
                order(&scene.world, sid, Cut::HungUp);
            }
        }));
        let time = Arc::clone(&self.scene.time);
        let until_ms = time.now_ms() + timeout_ms;
        let cut = tokio::select! {
            biased;
            Ok(()) = answered => return Ok(()),
            cut = self.cut() => cut,
            () = time.until(until_ms) => return Err(CallStatus::NoAnswer),
        };
        let ended = self.scene.world.town().calls.get(&sid).map(|call| call.status);
        Err(ended.filter(|status| status.is_final()).unwrap_or_else(|| given_up(&cut)))
    }
}

/// What a phone's ringing comes to when it is ended before anybody picks up.
fn given_up(cut: &Cut) -> CallStatus {
    match cut {
        Cut::Ended(status) => *status,
        Cut::HungUp | Cut::Moved(_) => CallStatus::Busy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{carrier::Method, voice::document::Link};

    #[test]
    fn keys_are_pressed_one_after_the_other() {
        let gather = |digits, finish_key| Gather {
            action: Link { url: String::new(), method: Method::Post },
            timeout_s: 5,
            digits,
            finish_key,
            keys: true,
            on_empty: false,
            prompts: Vec::new(),
        };
        let mut person = Person { keys: "1234#5".chars().collect(), ..Person::default() };
        let mut press = |gather: Gather| {
            let pressed = person.press(&gather);
            (pressed.digits, pressed.ended_by, pressed.takes_ms)
        };
        assert_eq!(press(gather(Some(1), Some('#'))), ("1".to_owned(), None, 500));
        assert_eq!(press(gather(None, Some('#'))), ("234".to_owned(), Some('#'), 2_000));
        assert_eq!(press(gather(Some(2), Some('#'))), ("5".to_owned(), None, 5_500));
        assert_eq!(press(gather(Some(2), Some('#'))), (String::new(), None, 5_000));
        let speech = Gather { keys: false, ..gather(None, None) };
        assert_eq!(press(speech), (String::new(), None, 5_000));
    }

    #[test]
    fn a_phone_is_described_in_json() {
        for (json, phone) in [
            ("\"busy\"", PhoneBehavior::Busy),
            ("{\"mailbox\":{\"after_s\":3}}", PhoneBehavior::Mailbox { after_s: 3 }),
            (
                "{\"answers\":{\"after_s\":5,\"talks_s\":20}}",
                PhoneBehavior::Answers { after_s: 5, talks_s: 20, presses: None },
            ),
        ] {
            assert_eq!(serde_json::from_str::<PhoneBehavior>(json).ok(), Some(phone), "{json}");
        }
        let call: Option<CallIn> = serde_json::from_str("{\"from\":\"+1\",\"to\":\"+2\"}").ok();
        assert_eq!(call, Some(CallIn::new("+1", "+2")));
        let spoken = CallIn { speech: Some(Speech::message()), ..CallIn::new("+1", "+2") };
        assert_eq!(Person::calling(&spoken).message_ms, 7_995);
        let json = serde_json::to_string(&spoken).expect("JSON");
        assert_eq!(serde_json::from_str::<CallIn>(&json).ok(), Some(spoken));
    }
}
