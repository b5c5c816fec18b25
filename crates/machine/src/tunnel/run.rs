//! Keeping a program running: started, listened to, asked until it has an address, ended, started again.

use super::{
    Plan, State, Trouble, Way,
    child::{self, Child, News},
    cloudflared, ngrok, tailscale,
};
use serde::de::DeserializeOwned;
use std::{convert::Infallible, ffi::OsString, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, oneshot, watch},
    time::{Instant, MissedTickBehavior},
};

/// The first pause before a program is started again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Open for so long, a tunnel counts as working, and the pauses begin anew.
const SETTLED: Duration = Duration::from_secs(60);
/// So many looks in a row find an open tunnel's program without its connection before it is started anew: it
/// may get it back by itself.
const MISSES: u32 = 20;
/// How often a program's own interface is asked until it knows an address, and how long one answer may take.
const ASK_EVERY: Duration = Duration::from_millis(250);
const ASK_LIMIT: Duration = Duration::from_secs(2);
/// Longest answer of a program's own interface that is read.
const MOST_ANSWER: usize = 256 * 1024;
/// Most characters of a program's line that a log shows.
const SHOWN: usize = 120;

/// What somebody learnt from a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Address(String),
    /// It will not open; one that is open may recover.
    Trouble(Trouble),
    /// Why, should it end or never open.
    Reason(Trouble),
    /// It goes on running, and in vain, whether it was open or not.
    Over(Trouble),
}

/// A program that is about to be started: with which words, and who understands what it says.
pub(super) struct Launch {
    pub(super) arguments: Vec<OsString>,
    pub(super) listener: Listener,
}

impl Launch {
    async fn prepare(plan: &Plan) -> Result<Self, Trouble> {
        match &plan.way {
            Way::CloudflaredQuick => cloudflared::quick(plan),
            Way::CloudflaredNamed { tunnel, host } => cloudflared::named(plan, tunnel, host),
            Way::Tailscale => tailscale::funnel(plan).await,
            Way::Ngrok { domain } => Ok(ngrok::http(plan, domain.as_deref())),
        }
    }
}

pub(super) enum Listener {
    Cloudflared(cloudflared::Listener),
    Tailscale(tailscale::Listener),
    Ngrok(ngrok::Listener),
}

impl Listener {
    /// Reads a line the program printed.
    fn hear(&mut self, line: &str) -> Option<Heard> {
        match self {
            Self::Cloudflared(listener) => listener.hear(line),
            Self::Tailscale(listener) => listener.hear(line),
            Self::Ngrok(listener) => listener.hear(line),
        }
    }

    /// Asks the program's own interface for the address, where it has one.
    async fn ask(&self, asking: &reqwest::Client) -> Option<Heard> {
        let address = match self {
            Self::Cloudflared(listener) => listener.ask(asking).await,
            Self::Ngrok(listener) => listener.ask(asking).await,
            Self::Tailscale(_) => None,
        };
        address.map(Heard::Address)
    }

    /// Whether the program still has its connection; those that cannot be asked end when they lose it.
    async fn is_up(&self, asking: &reqwest::Client) -> bool {
        match self {
            Self::Cloudflared(listener) => listener.is_up(asking).await,
            Self::Tailscale(_) | Self::Ngrok(_) => true,
        }
    }
}

/// Keeps a tunnel open until it is told to stop.
pub(super) async fn supervise(
    plan: Plan,
    state: watch::Sender<State>,
    again: Arc<Notify>,
    stopped: oneshot::Receiver<()>,
) {
    let mut running = None;
    tokio::select! {
        never = keep_open(&plan, &state, &again, &mut running) => match never {},
        _ = stopped => {}
    }
    if let Some(child) = &mut running {
        child.end().await;
    }
}

/// Starts the program again and again. One child at a time, gone before the next: none can speak for another.
async fn keep_open(
    plan: &Plan,
    state: &watch::Sender<State>,
    again: &Notify,
    running: &mut Option<Child>,
) -> Infallible {
    let program = plan.way.program().name();
    child::end_left_over(&plan.scratch).await;
    let asking = asking();
    let mut pause = FIRST_PAUSE;
    loop {
        state.send_replace(State::Opening);
        let mut opened_at = None;
        let trouble = run(plan, asking.as_ref(), state, again, running, &mut opened_at).await;
        if let Some(child) = running.as_mut() {
            child.end().await;
        }
        *running = None;
        if opened_at.is_some_and(|at: Instant| at.elapsed() >= SETTLED) {
            pause = FIRST_PAUSE;
        }
        let Some(trouble) = trouble else {
            pause = FIRST_PAUSE;
            continue;
        };
        // Spread, so that programs a common cause ended do not come back in one moment.
        let again_in = pause.mul_f64(rand::random_range(0.8..1.2)).min(LONGEST_PAUSE);
        pause = (pause * 2).min(LONGEST_PAUSE);
        tracing::warn!(program, ?trouble, ?again_in, "the tunnel is down");
        state.send_replace(State::Down { trouble, again_in });
        tokio::select! {
            () = tokio::time::sleep(again_in) => {}
            () = again.notified() => pause = FIRST_PAUSE,
        }
    }
}

/// Runs the program once, until it is in trouble; or nothing, when it is to begin anew.
async fn run(
    plan: &Plan,
    asking: Option<&reqwest::Client>,
    state: &watch::Sender<State>,
    again: &Notify,
    running: &mut Option<Child>,
    opened_at: &mut Option<Instant>,
) -> Option<Trouble> {
    let program = plan.way.program().name();
    let prepared = tokio::select! {
        prepared = Launch::prepare(plan) => prepared,
        () = again.notified() => return None,
    };
    let Launch { arguments, mut listener } = match prepared {
        Ok(launch) => launch,
        Err(trouble) => return Some(trouble),
    };
    let child = match Child::start(&plan.program, &arguments, &plan.scratch) {
        Ok(child) => running.insert(child),
        Err(error) => {
            tracing::warn!(program, %error, "the tunnel program did not start");
            return Some(Trouble::NotStarted);
        }
    };
    let overdue = tokio::time::sleep(plan.pace.patience);
    tokio::pin!(overdue);
    let mut moments = tokio::time::interval(ASK_EVERY);
    moments.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = tokio::time::interval(plan.pace.look);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut last_words, mut misses) = (None, 0);
    loop {
        let heard = tokio::select! {
            news = child.next() => match news {
                News::Line(line) => {
                    tracing::debug!(program, line = shown(&line), "the tunnel program says");
                    listener.hear(&line)
                }
                News::Ended { code } => return Some(last_words.unwrap_or(Trouble::Ended { code })),
            },
            _ = moments.tick(), if opened_at.is_none() => match asking {
                Some(asking) => listener.ask(asking).await,
                None => None,
            },
            _ = looks.tick(), if opened_at.is_some() => {
                let up = match asking {
                    Some(asking) => listener.is_up(asking).await,
                    None => true,
                };
                misses = if up { 0 } else { misses + 1 };
                if misses == MISSES {
                    return Some(last_words.unwrap_or(Trouble::Lost));
                }
                None
            }
            () = again.notified() => {
                state.send_replace(State::Opening);
                return None;
            }
            () = &mut overdue, if opened_at.is_none() => {
                return Some(last_words.unwrap_or(Trouble::NoAddress));
            }
        };
        match heard {
            Some(Heard::Address(address)) => {
                opened_at.get_or_insert_with(Instant::now);
                let open = State::Open { address };
                state.send_if_modified(|known| {
                    let new = *known != open;
                    *known = open;
                    new
                });
            }
            // Some would wait for ever; whoever is helped meanwhile is noticed at the next start.
            Some(Heard::Trouble(trouble)) if opened_at.is_none() => return Some(trouble),
            // An open tunnel may recover by itself; this is the reason if it does not.
            Some(Heard::Trouble(trouble) | Heard::Reason(trouble)) => last_words = Some(trouble),
            Some(Heard::Over(trouble)) => return Some(trouble),
            None => {}
        }
    }
}

/// The beginning of a line, for a log. ngrok repeats a sign-in token it does not like.
fn shown(line: &str) -> &str {
    let lower = line.to_ascii_lowercase();
    if ["token", "secret"].iter().any(|word| lower.contains(word)) {
        return "(not shown)";
    }
    line.char_indices().nth(SHOWN).map_or(line, |(end, _)| &line[..end])
}

/// Asks the programs' own interfaces on this computer: no proxy and no redirect has any business there.
fn asking() -> Option<reqwest::Client> {
    // A client wants somebody for TLS even where none is spoken; only the first installation counts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Nor is anybody's certificate to be judged: reading all of the system's would only take time.
    let nobody = rustls::RootCertStore::empty();
    let tls = rustls::ClientConfig::builder().with_root_certificates(nobody).with_no_client_auth();
    let plain = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let built = plain.tls_backend_preconfigured(tls).timeout(ASK_LIMIT).build();
    if built.is_err() {
        tracing::warn!("the tunnel program cannot be asked, only listened to");
    }
    built.ok()
}

/// Reads JSON at an address of this computer; nothing when it is not (yet) there.
pub(super) async fn read<T: DeserializeOwned>(asking: &reqwest::Client, url: &str) -> Option<T> {
    let mut answer = asking.get(url).send().await.ok()?.error_for_status().ok()?;
    let mut whole = Vec::new();
    while let Some(part) = answer.chunk().await.ok()? {
        if whole.len() + part.len() > MOST_ANSWER {
            return None;
        }
        whole.extend_from_slice(&part);
    }
    serde_json::from_slice(&whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_shows_no_sign_in_token_and_no_long_line() {
        assert_eq!(shown("Your authtoken: 2abc"), "(not shown)");
        assert_eq!(shown("INF Registered"), "INF Registered");
        assert_eq!(shown(&"é".repeat(500)).chars().count(), SHOWN);
    }
}
