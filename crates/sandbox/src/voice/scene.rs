//! What the legs of one call share: their time, the letters to the app, and the rows they change.

use super::{
    leg::Cut,
    letters::{self, Answer, Kind, Letter},
    order,
    register::{Call, CallStatus, Heard, Progress},
    time::Timeline,
};
use crate::{World, carrier::Webhook};
use futures_util::future::{BoxFuture, join};
use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};
use tokio::sync::{mpsc, oneshot};

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) time: Arc<Timeline>,
    /// The call it is about.
    pub(crate) root: String,
    letters: mpsc::UnboundedSender<Letter>,
    /// What goes on beside the call, and may outlast it.
    beside: Mutex<Vec<BoxFuture<'static, ()>>>,
}

impl Scene {
    /// Plays a call, from a moment on, until the last of its callbacks was posted.
    pub(crate) fn play(
        world: &World,
        root: &str,
        began_ms: i64,
        call: impl FnOnce(&Arc<Self>) -> BoxFuture<'static, ()>,
    ) {
        let (letters, inbox) = mpsc::unbounded_channel();
        let scene = Arc::new(Self {
            world: world.clone(),
            time: Timeline::begin(&world.clock, began_ms),
            root: root.to_owned(),
            letters,
            beside: Mutex::default(),
        });
        let call = call(&scene);
        let playing = async move {
            scene.time.play(scene.everything(call)).await;
            // With it goes the last way to send a letter.
            drop(scene);
        };
        // A budget of the runtime's would make what is ready look as if it waited.
        let playing = tokio::task::coop::unconstrained(playing);
        let whole = join(playing, letters::carry(world.clone(), inbox));
        let (world, root) = (world.clone(), root.to_owned());
        let runtime = world.runtime.clone();
        runtime.spawn(async move {
            tokio::select! {
                () = world.stop.cancelled() => return,
                _ = whole => {}
            }
            world.town().calls.told(&root);
            world.stir();
        });
    }

    /// The call and all that it gives rise to.
    async fn everything(&self, call: BoxFuture<'static, ()>) {
        let mut playing = vec![call];
        poll_fn(|context| {
            let mut at = 0;
            loop {
                playing.append(&mut self.beside.lock().unwrap_or_else(PoisonError::into_inner));
                let Some(part) = playing.get_mut(at) else { break };
                if part.as_mut().poll(context).is_ready() {
                    drop(playing.remove(at));
                } else {
                    at += 1;
                }
            }
            if playing.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Lets something go on beside the call.
    pub(crate) fn beside(&self, part: BoxFuture<'static, ()>) {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    }

    /// Asks the app what shall happen next.
    pub(crate) fn ask(&self, about: &str, webhook: Webhook) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        self.send(about, webhook, Kind::Question(reply));
        answer
    }

    pub(crate) fn send(&self, about: &str, webhook: Webhook, kind: Kind) {
        let letter = Letter { about: about.to_owned(), webhook, kind, hold: self.time.hold() };
        // It has a reader for as long as there is a scene.
        drop(self.letters.send(letter));
    }

    /// Changes a row, where there is one that is not over yet.
    pub(crate) fn change<T>(&self, sid: &str, how: impl FnOnce(&mut Call, i64) -> T) -> Option<T> {
        let now_ms = self.time.utc_ms();
        let changed = {
            let mut town = self.world.town();
            town.calls.get_mut(sid).filter(|call| !call.status.is_final()).map(|call| how(call, now_ms))
        };
        self.world.stir();
        changed
    }

    /// Somebody at a phone notices something.
    pub(crate) fn notice(&self, sid: &str, kind: Heard, detail: &str) {
        self.change(sid, |call, now_ms| call.notice(kind, detail, now_ms));
    }

    /// A call has come so far, and whoever wanted to know is told.
    pub(crate) fn reach(&self, sid: &str, progress: Progress, status: CallStatus) {
        let account = &self.world.config.account_sid;
        let webhook = self.change(sid, |call, now_ms| call.reach(progress, status, account, now_ms));
        if let Some(webhook) = webhook.flatten() {
            self.send(sid, webhook, Kind::Status);
        }
    }

    /// A call is over; `by` the person at its phone, or the line.
    pub(crate) fn conclude(&self, sid: &str, status: CallStatus, by: &str) {
        self.notice(sid, Heard::HungUp, by);
        let beyond = self.change(sid, |call, _| {
            call.line = None;
            call.beyond.take()
        });
        self.reach(sid, Progress::Completed, status);
        if let Some(beyond) = beyond.flatten() {
            order(&self.world, &beyond, Cut::HungUp);
        }
    }
}
