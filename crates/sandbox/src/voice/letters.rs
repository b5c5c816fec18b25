//! What the app is asked and told during a call. One after the other, in the order it came up: whoever
//! is gone when the answer comes does not get it, and while anything is on its way no time passes.

use super::{alert_about, document::MOST_BYTES, time::Hold};
use crate::{
    Fault, World,
    carrier::{self, Webhook},
    faults::Mishap,
    monitor::{self, Asked},
};
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// Something for the app.
pub(crate) struct Letter {
    /// The call it is about.
    pub(crate) about: String,
    pub(crate) webhook: Webhook,
    pub(crate) kind: Kind,
    pub(crate) hold: Hold,
}

pub(crate) enum Kind {
    /// What shall happen next?
    Question(oneshot::Sender<Answer>),
    /// How a call goes.
    Status,
    /// A recording is ready, or written down.
    Recording,
}

/// A page, or the code of Twilio's error; and time, to be let go when it was read.
pub(crate) type Answer = (Result<Page, u32>, Hold);

/// What the app answered.
#[derive(Debug)]
pub(crate) struct Page {
    /// Without parameters, in lower case.
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Carries letters until no more can come, and all of them are there.
pub(crate) async fn carry(world: World, mut letters: mpsc::UnboundedReceiver<Letter>) {
    let mut late = JoinSet::new();
    let mut kept_back = None;
    while let Some(Letter { about, webhook, kind, hold }) = letters.recv().await {
        match kind {
            Kind::Question(reply) => {
                let answer = ask(&world, &about, &webhook).await;
                // Nobody waits for it any more: it is not needed.
                drop(reply.send((answer, hold)));
            }
            Kind::Recording => tell(&world, &about, &webhook, false).await,
            Kind::Status => {
                if kept_back.is_none() && world.town().faults.strikes(&Fault::ReorderedCallbacks) {
                    kept_back = Some(Vec::new());
                }
                match &mut kept_back {
                    Some(kept_back) => kept_back.push((about, webhook)),
                    None => deliver(&world, &mut late, about, webhook).await,
                }
            }
        }
    }
    for (about, webhook) in kept_back.unwrap_or_default().into_iter().rev() {
        deliver(&world, &mut late, about, webhook).await;
    }
    while late.join_next().await.is_some() {}
}

/// Posts how a call goes, as well as the faults let it through.
async fn deliver(world: &World, late: &mut JoinSet<()>, about: String, webhook: Webhook) {
    let mishap = world.town().faults.callback();
    let Some(Mishap { times, late_ms, wrong }) = mishap else { return };
    let world = world.clone();
    let posting = async move {
        for _ in 0..times {
            tell(&world, &about, &webhook, wrong).await;
        }
    };
    match late_ms {
        Some(late_ms) => {
            late.spawn(async move {
                tokio::time::sleep(Duration::from_millis(late_ms)).await;
                posting.await;
            });
        }
        None => posting.await,
    }
}

async fn tell(world: &World, about: &str, webhook: &Webhook, wrong: bool) {
    let answer = carrier::send(world, webhook, wrong).await;
    if !wrong && !answer.is_ok_and(|answer| answer.status().is_success()) {
        let asked = Some(Asked::from(webhook));
        alert_about(world, about, 15003, "a callback was not answered well", asked);
    }
}

async fn ask(world: &World, about: &str, webhook: &Webhook) -> Result<Page, u32> {
    let (fails, repeats) = {
        let mut town = world.town();
        (town.faults.strikes(&Fault::VoiceFails), town.faults.strikes(&Fault::RepeatVoice))
    };
    let mut answer = fetch(world, webhook).await;
    if repeats {
        let again = fetch(world, webhook).await;
        world.town().report.repeated_answers.push((words(&answer), words(&again)));
    }
    if fails {
        answer = Err((11200, "HTTP 500".into()));
    }
    answer.map_err(|(code, message)| {
        alert_about(world, about, code, message, Some(Asked::from(webhook)));
        code
    })
}

fn words(answer: &Result<Page, (u32, String)>) -> String {
    match answer {
        Ok(page) => String::from_utf8_lossy(&page.body).into_owned(),
        Err((_, message)) => message.clone(),
    }
}

async fn fetch(world: &World, webhook: &Webhook) -> Result<Page, (u32, String)> {
    let unreachable = |error: reqwest::Error| unreachable(&error);
    let mut answer = carrier::send(world, webhook, false).await.map_err(unreachable)?;
    if !answer.status().is_success() {
        return Err((11200, format!("HTTP {}", answer.status().as_u16())));
    }
    let content_type = content_type(&answer);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return Err((11750, "the answer is larger than 64 kB".into()));
        }
    }
    Ok(Page { content_type, body })
}

/// Twilio's code for somebody who cannot be reached, and what happened.
pub(super) fn unreachable(error: &reqwest::Error) -> (u32, String) {
    let (code, what) = monitor::unreachable(error);
    (code, what.to_owned())
}

/// What an answer says it is, without parameters, in lower case.
pub(crate) fn content_type(answer: &reqwest::Response) -> String {
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_lowercase()
}
