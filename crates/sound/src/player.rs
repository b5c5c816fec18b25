//! One recording at a time on a loudspeaker. Whoever asks for something never waits: a thread of its own
//! opens devices, reads files and reports.

use crate::{
    deck::{Deck, Order},
    loudspeaker::{Loudspeakers, Real},
};
use serde::Serialize;
use std::{
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Instant,
};

/// What to play.
#[derive(Debug, Clone, PartialEq)]
pub struct Play {
    /// What the reports call it.
    pub what: String,
    /// Its file.
    pub path: PathBuf,
    /// Where to begin, in milliseconds of the recording; at its end or after it means from the beginning.
    pub at_ms: u64,
    /// 1 is as it was recorded, 2 twice as fast at the same pitch; 0.5 to 4.
    pub speed: f32,
    /// The id of an [`Output`](crate::Output); the system's default where there is none, or it is gone.
    pub device: Option<String>,
}

/// How it is with the player. Times are in milliseconds of the recording, whatever the speed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Playing {
    /// What is loaded; the report that says [`State::Idle`] still names what was put away.
    pub what: Option<String>,
    /// What it does.
    pub state: State,
    /// What the ear hears now; the buffers between are taken off.
    pub position_ms: u64,
    /// How long it is; 0 where it cannot be played.
    pub length_ms: u64,
    /// How fast it plays.
    pub speed: f32,
    /// How much of it was heard since `play`, without what was jumped over.
    pub played_ms: u64,
    /// Why it does not play.
    pub trouble: Option<Trouble>,
}

/// What the player does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is loaded.
    Idle,
    /// It is heard.
    Playing,
    /// It waits.
    Paused,
    /// It was heard to its end.
    Ended,
    /// It cannot be heard; `resume` and `play` try again.
    Trouble,
}

/// Why nothing is heard, or recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// There is no device, or it may not be used.
    #[error("there is no device for sound")]
    NoDevice,
    /// It went away.
    #[error("the device went away")]
    DeviceLost,
    /// The file, or what was recorded, is no sound.
    #[error("it is no sound")]
    Unplayable,
}

/// Plays. Dropping it ends what is heard.
#[derive(Debug)]
pub struct Player {
    orders: Sender<Order>,
}

impl Player {
    /// A player which reports each change, and four times a second while it plays. Opens nothing yet.
    pub fn new(report: impl Fn(Playing) + Send + 'static) -> Self {
        let (orders, received) = mpsc::channel();
        let lost = orders.clone();
        let play = move || {
            // Nobody is there to hear of it when the player is gone.
            let lost = move |opening| drop(lost.send(Order::Lost(opening)));
            run(&mut Deck::new(Real(lost), Instant::now, report), &received);
        };
        if let Err(error) = thread::Builder::new().name("player".into()).spawn(play) {
            tracing::error!(%error, "the player has no thread");
        }
        Self { orders }
    }

    /// Plays this instead of what is playing, whose last position is reported first.
    pub fn play(&self, play: Play) {
        self.ask(Order::Play(play));
    }

    /// Waits where it is.
    pub fn pause(&self) {
        self.ask(Order::Pause);
    }

    /// Goes on after a pause or a trouble; begins anew after the end.
    pub fn resume(&self) {
        self.ask(Order::Resume);
    }

    /// Goes to a place, in milliseconds of the recording; what waits there goes on waiting.
    pub fn seek(&self, ms: u64) {
        self.ask(Order::Seek(ms));
    }

    /// Goes on at another speed.
    pub fn speed(&self, speed: f32) {
        self.ask(Order::Speed(speed));
    }

    /// Ends it; the last report says where.
    pub fn stop(&self) {
        self.ask(Order::Stop);
    }

    fn ask(&self, order: Order) {
        // Without a thread there is nobody to ask, which was logged.
        let _ = self.orders.send(order);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.ask(Order::Close);
    }
}

/// Does what is asked, and what falls due between.
fn run<L, C, R>(deck: &mut Deck<L, C, R>, orders: &Receiver<Order>)
where
    L: Loudspeakers,
    C: Fn() -> Instant,
    R: Fn(Playing),
{
    loop {
        let order = match deck.wait() {
            Some(wait) => orders.recv_timeout(wait),
            None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match order {
            Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(order) => deck.take(order),
            Err(RecvTimeoutError::Timeout) => {}
        }
        deck.tick();
    }
}
