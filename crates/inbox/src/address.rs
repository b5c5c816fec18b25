//! The way from Twilio to this computer: as the host opens it, and as knocks from outside find it.

use crate::{
    Inbox, Problem, Reach,
    knocks::{hangs, no_address, only_twilio, words},
    view,
    view::AddressState,
};
use ringdesk_domain::{ChangeKind, Moment, public::Way};
use ringdesk_store::StoreError;
use ringdesk_twilio::knock::{KnockError, knock, knock_answer};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Notify, watch};

/// Nonces remembered while their knocks are in the air, at most.
const IN_THE_AIR: usize = 32;
/// So long nobody has to know a new name yet, in milliseconds.
const NEW_NAME_MS: i64 = 60_000;

/// The way as the host has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WayNow {
    /// Which.
    pub way: Way,
    /// How far it is open.
    pub state: WayState,
    /// Its address, once there is one: `https://phone.example.com`.
    pub address: Option<String>,
    /// Why it is not open, and what to do, in words.
    pub problem: Option<(String, String)>,
    /// Whether it was given when the program was started.
    pub fixed: bool,
}

/// How far the host has opened the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WayState {
    /// Nobody chose one.
    #[default]
    Unset,
    /// It is being opened.
    Opening,
    /// There is an address. Whether anybody comes through, a knock tells.
    There,
    /// It could not be opened; it is tried again.
    Failed,
}

/// What knocks from outside found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Knocking {
    /// How many in a row did not come through.
    pub failures: u32,
    /// Whether one came through since the address is what it is, or Twilio did.
    pub through: bool,
    /// Whether opening the way anew may help: nobody answered the last one, nobody was behind the tunnel, or
    /// the tunnel's name is gone.
    pub hangs: bool,
}

/// All that is known of the way.
#[derive(Debug, Default)]
pub(crate) struct Threshold {
    way: RwLock<WayNow>,
    knocks: watch::Sender<Knocking>,
    seen: Mutex<Seen>,
    in_the_air: Mutex<VecDeque<String>>,
    /// Somebody should knock now.
    pub(crate) wake: Notify,
}

/// What was found at the address we have, and what follows from it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    origin: Option<String>,
    /// Since when it is there.
    since: Option<Moment>,
    last: Option<Result<Duration, KnockError>>,
    through_at: Option<Moment>,
    /// When the first of the last knocks failed that did not come through.
    failed_at: Option<Moment>,
    /// When Twilio came through last, where that was after the knocks began to fail.
    twilio_at: Option<Moment>,
    /// Where a knock came through last, and how many such addresses there were since the start.
    through_to: Option<String>,
    pub(crate) addresses: u32,
    /// Whether the lines' addresses are to be compared with ours.
    pub(crate) compare: bool,
    /// Whether that is being done.
    pub(crate) comparing: bool,
    /// Whether they differ, and the owner is to be asked.
    pub(crate) moved: bool,
    /// How often the lines were pointed to a new address since the start, by themselves.
    pub(crate) repointed: u32,
    /// When it was last looked who answers the lines, and who else does.
    pub(crate) looked_at: Option<Moment>,
    pub(crate) elsewhere: Elsewhere,
    told: Option<Shown>,
}

/// What another computer with Ringdesk answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// These lines, as people write them.
    pub(crate) lines: Vec<String>,
    /// Whether that is all of ours.
    pub(crate) all: bool,
}

impl Seen {
    /// Nothing is known of the way any more.
    fn forget(&mut self) {
        self.last = None;
        self.through_at = None;
        self.failed_at = None;
        self.twilio_at = None;
    }
}

/// What a window shows of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    state: AddressState,
    address: Option<String>,
    words: Option<(String, String)>,
    moved: bool,
    elsewhere: Elsewhere,
}

/// A knock's nonce, for as long as the knock is in the air.
struct InTheAir<'a> {
    inbox: &'a Inbox,
    nonce: String,
}

impl<'a> InTheAir<'a> {
    fn new(inbox: &'a Inbox) -> Self {
        let nonce = crate::from_twilio::hex(&rand::random::<[u8; 16]>());
        let mut nonces = inbox.nonces();
        if nonces.len() == IN_THE_AIR {
            nonces.pop_front();
        }
        nonces.push_back(nonce.clone());
        drop(nonces);
        Self { inbox, nonce }
    }
}

impl Drop for InTheAir<'_> {
    fn drop(&mut self) {
        self.inbox.nonces().retain(|nonce| *nonce != self.nonce);
    }
}

impl Inbox {
    /// The host says how the way is from now on.
    pub fn way_is(&self, way: WayNow) {
        let there = way.state == WayState::There;
        let mut now = self.0.threshold.way.write().unwrap_or_else(PoisonError::into_inner);
        let was = std::mem::replace(&mut *now, way).state == WayState::There;
        drop(now);
        if there != was {
            let mut seen = self.seen();
            seen.since = there.then(|| self.now());
            // Whoever comes back, if at the same address, knocks first.
            seen.forget();
            self.0.threshold.knocks.send_replace(Knocking::default());
        }
        self.knock_soon();
    }

    /// What knocks find, for the host that keeps the way open.
    pub fn knocking(&self) -> watch::Receiver<Knocking> {
        self.0.threshold.knocks.subscribe()
    }

    /// No account is reached from now on.
    pub fn disconnect(&self) {
        *self.0.reach.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.seen().elsewhere = Elsewhere::default();
        self.address_is(None);
    }

    /// The way to this computer, as it is now.
    pub async fn address(&self) -> Result<view::AddressNow, Problem> {
        let way = self.way();
        let chosen = self.store().settings().await?.address.way;
        let programs = self.programs().await;
        let shown = self.shown();
        let seen = self.seen();
        let through = seen.last.as_ref().and_then(|last| last.as_ref().ok());
        let (problem, hint) = shown.words.unzip();
        Ok(view::AddressNow {
            way: if way.fixed { way.way } else { chosen },
            state: shown.state,
            address: shown.address,
            problem,
            hint,
            knocked_at: seen.through_at,
            knock_ms: through.map(|took| ms(*took)),
            moved: shown.moved,
            programs,
            fixed: way.fixed,
        })
    }

    /// Knocks at our own door from outside, now.
    pub async fn knock(&self) -> Result<view::Knock, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let Some(url) = self.knock_url(&reach) else {
            let (problem, hint) = self.way().problem.unwrap_or_else(no_address);
            return Ok(view::Knock { through: false, took_ms: 0, problem: Some(problem), hint: Some(hint) });
        };
        let began = tokio::time::Instant::now();
        let outcome = self.knock_at(&reach, &url).await;
        let took = *outcome.as_ref().unwrap_or(&began.elapsed());
        let by_twilio = self.only_twilio_comes();
        let said = outcome.as_ref().err().map(|error| if by_twilio { only_twilio() } else { words(error) });
        let (problem, hint) = said.unzip();
        self.tell_way().await?;
        if self.seen().compare {
            self.knock_soon();
        }
        Ok(view::Knock { through: outcome.is_ok(), took_ms: ms(took), problem, hint })
    }

    /// The door was knocked at with this nonce: the word that proves the door to be ours, where the knock
    /// is one of ours and in the air.
    pub fn knocked(&self, nonce: &str) -> Option<String> {
        let ours = self.nonces().iter().any(|known| known == nonce);
        let reach = self.reach().filter(|_| ours)?;
        Some(knock_answer(&reach.signing, nonce))
    }

    /// Where to knock, if there is a way.
    pub(crate) fn knock_url(&self, reach: &Reach) -> Option<String> {
        (self.way().state == WayState::There).then(|| reach.plain("/knock")).flatten()
    }

    /// Knocks and keeps what was found.
    pub(crate) async fn knock_at(&self, reach: &Reach, url: &str) -> Result<Duration, KnockError> {
        let air = InTheAir::new(self);
        let outcome = knock(url, reach.client.account_sid(), &air.nonce, &reach.signing).await;
        drop(air);
        let twilio_at = match &outcome {
            Ok(_) => None,
            // What was verified came over this very address.
            Err(_) => self.store().counts().await.ok().and_then(|counts| counts.last_webhook_at),
        };
        self.note_knock(reach.origin(), &outcome, twilio_at);
        outcome
    }

    /// What the last knock at the address we have found, if there was one and it tells anything: where Twilio
    /// comes through all the same, who answers us is somebody else.
    pub(crate) fn last_knock(&self) -> Option<Result<Duration, KnockError>> {
        let seen = self.seen();
        seen.last.clone().filter(|last| last.is_ok() || seen.twilio_at.is_none())
    }

    /// Whether there is an address, and no knock failed there last that Twilio did not make up for.
    pub(crate) fn reachable(&self) -> bool {
        self.way().state == WayState::There && !matches!(self.last_knock(), Some(Err(_)))
    }

    /// Whether knocks fail, and Twilio came through since they do.
    pub(crate) fn only_twilio_comes(&self) -> bool {
        self.seen().twilio_at.is_some()
    }

    /// Something did not reach us that Twilio took at this moment: whether it came through before says nothing
    /// any more.
    pub(crate) fn missed(&self, at: Moment) {
        let mut seen = self.seen();
        if seen.twilio_at.is_some_and(|came_at| came_at < at) {
            seen.twilio_at = None;
            seen.failed_at = Some(self.now());
            drop(seen);
            self.knock_soon();
        }
    }

    /// Whether the name was not known just now and is so new that nobody has to know it yet.
    pub(crate) fn unknown_yet(&self, outcome: &Result<Duration, KnockError>) -> bool {
        let new = |since| self.now().since(since) < NEW_NAME_MS;
        matches!(outcome, Err(KnockError::NoName))
            && self.seen().since.is_some_and(new)
            && !self.knocks().through
    }

    /// Has somebody knock now, and compare the lines' addresses with ours where they differed.
    pub(crate) fn knock_soon(&self) {
        self.0.threshold.wake.notify_one();
    }

    /// Our address from now on; nothing is known of a new one yet.
    pub(crate) fn address_is(&self, origin: Option<&str>) {
        let mut seen = self.seen();
        if seen.origin.as_deref() != origin {
            seen.origin = origin.map(str::to_owned);
            seen.since = origin.map(|_| self.now());
            seen.forget();
            self.0.threshold.knocks.send_replace(Knocking::default());
        }
        drop(seen);
        self.knock_soon();
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.threshold.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn way(&self) -> WayNow {
        self.0.threshold.way.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What knocks found so far.
    pub(crate) fn knocks(&self) -> Knocking {
        *self.0.threshold.knocks.borrow()
    }

    /// How the way is.
    pub(crate) fn address_state(&self) -> AddressState {
        self.shown().state
    }

    /// Tells a Change where a window shows something else than before.
    pub(crate) async fn tell_way(&self) -> Result<(), StoreError> {
        let shown = self.shown();
        let before = self.seen().told.replace(shown.clone());
        if before.is_some_and(|before| before != shown) {
            self.store().tell(ChangeKind::HealthChanged, self.now()).await?;
        }
        Ok(())
    }

    fn shown(&self) -> Shown {
        let (way, knocks) = (self.way(), self.knocks());
        let seen = self.seen();
        let (state, words) = match way.state {
            WayState::Unset => (AddressState::Unset, None),
            WayState::Opening => (AddressState::Opening, None),
            WayState::Failed => (AddressState::Failed, way.problem),
            WayState::There => match &seen.last {
                Some(Err(error)) if seen.twilio_at.is_none() => (AddressState::Blocked, Some(words(error))),
                _ if knocks.through => (AddressState::Open, None),
                _ => (AddressState::Opening, None),
            },
        };
        Shown { state, address: way.address, words, moved: seen.moved, elsewhere: seen.elsewhere.clone() }
    }

    /// `twilio_at`: when Twilio came through last.
    fn note_knock(
        &self,
        origin: Option<&str>,
        outcome: &Result<Duration, KnockError>,
        twilio_at: Option<Moment>,
    ) {
        if self.unknown_yet(outcome) {
            tracing::info!("the address is so new that its name is not known yet");
            return;
        }
        let there = self.way().state == WayState::There;
        let mut guard = self.seen();
        let seen = &mut *guard;
        if !there || seen.origin.as_deref() != origin {
            // The way changed while the knock was in the air.
            return;
        }
        let before = self.knocks();
        if outcome.is_ok() {
            (seen.failed_at, seen.twilio_at) = (None, None);
            seen.through_at = Some(self.now());
        } else {
            let failed_at = *seen.failed_at.get_or_insert(self.now());
            seen.twilio_at = twilio_at.filter(|at| *at > failed_at);
        }
        let through = outcome.is_ok() || seen.twilio_at.is_some();
        let now = match outcome {
            Err(error) if !through => Knocking {
                failures: before.failures.saturating_add(1),
                through: before.through,
                hangs: hangs(error),
            },
            _ => Knocking { failures: 0, through: true, hangs: false },
        };
        let came = through && (before.failures > 0 || !before.through);
        seen.last = Some(outcome.clone());
        if through {
            seen.compare |= came;
            if seen.through_to != seen.origin {
                seen.through_to.clone_from(&seen.origin);
                seen.addresses += 1;
            }
        }
        self.0.threshold.knocks.send_replace(now);
        drop(guard);
        if let Err(why) = outcome {
            tracing::info!(%why, failures = now.failures, "a knock did not come through");
        }
        if came {
            self.came_back();
        }
    }

    fn nonces(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.threshold.in_the_air.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ms(took: Duration) -> u32 {
    u32::try_from(took.as_millis()).unwrap_or(u32::MAX)
}
