//! A pretend Twilio on loopback: the REST calls we use in Twilio's shapes, and a carrier that signs
//! and posts real webhooks, delays, repeats, reorders, fails and refuses on request. What it does not
//! know it answers with Twilio's 404 and a log line.
//!
//! A recipient whose last five digits are a Twilio error code gets that error: `…21610` is refused
//! at once, `…30003` is taken and then not delivered. Twilio's own magic numbers work too.
//!
//! Calls happen in pretend seconds, which pass at the pace of the practice line and can be skipped. What
//! callers say is sound, and so are the recordings of it.

mod carrier;
mod compliance;
mod console;
mod control;
mod definition;
mod faults;
mod flow;
mod hosted;
mod inbound;
mod lookups;
mod media;
mod monitor;
mod numbers;
mod paging;
mod rest;
mod services;
#[cfg(test)]
mod stories;
mod studio;
mod tokens;
mod town;
mod truth;
mod unheard;
mod voice;

pub use faults::Fault;
pub use flow::FlowRun;
pub use inbound::TextIn;
pub use town::{Alert, Direction, PhoneText, Report};
pub use truth::{TrueCall, TrueMessage, TrueRecording, Truth};
pub use voice::{
    CallDirection, CallEvent, CallIn, CallReport, CallStatus, Download, Fetched, Format, Heard,
    PhoneBehavior, Rang, Recording, Speech,
};

use axum::{Router, middleware};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Handle, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use town::Town;

/// Tells the time in UTC milliseconds.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a practice line is set up.
#[derive(Clone)]
pub struct Config {
    /// Where it listens; port 0 for any.
    pub listen: SocketAddr,
    /// `AC` and 32 hex digits.
    pub account_sid: String,
    /// Signs webhooks and guards the REST API, until another token is promoted.
    pub auth_token: String,
    /// The SID and the secret of an API key, which opens everything but the account itself and its tokens.
    pub api_key: Option<(String, String)>,
    /// The numbers the account owns, E.164.
    pub numbers: Vec<String>,
    /// Whether the numbers are pointed at Twilio's demonstration pages at first, as new ones are, instead
    /// of nowhere.
    pub demo_urls: bool,
    /// Seconds between the steps of a delivery or a call, as a share of real life: 1 as at Twilio, 0 at
    /// once.
    pub pace: f64,
    /// The clock of this world.
    pub now: Now,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Config({}, {} numbers)", self.listen, self.numbers.len())
    }
}

impl Config {
    /// A practice line on a free port, with an account of its own and one number.
    #[allow(clippy::disallowed_methods, reason = "the practice line is a world of its own")]
    pub fn practice() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            account_sid: "AC00000000000000000000000000000001".into(),
            auth_token: town::hex(16),
            api_key: None,
            demo_urls: false,
            numbers: vec!["+15005550006".into()],
            pace: 1.0,
            now: Arc::new(|| {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
            }),
        }
    }
}

/// What every part of the practice line shares.
#[derive(Clone)]
struct World {
    config: Arc<Config>,
    base: String,
    town: Arc<Mutex<Town>>,
    http: reqwest::Client,
    clock: Arc<voice::Clock>,
    /// Told whenever something about a call has changed.
    news: watch::Sender<()>,
    /// How many requests came to the REST API.
    asked: watch::Sender<u64>,
    runtime: Handle,
    stop: CancellationToken,
}

impl World {
    fn town(&self) -> MutexGuard<'_, Town> {
        self.town.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets those look again who wait for something about a call.
    fn stir(&self) {
        self.news.send_replace(());
    }
}

/// A running practice line.
pub struct Sandbox {
    world: World,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sandbox({})", self.address)
    }
}

impl Sandbox {
    /// Opens a practice line.
    pub async fn start(config: Config) -> io::Result<Self> {
        // Loopback only: it believes anybody who knows a token it prints.
        if !config.listen.ip().is_loopback() {
            return Err(io::Error::other("the practice line listens on this computer only (127.0.0.1)"));
        }
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(ringdesk_twilio::rest::tls().map_err(io::Error::other)?)
            .user_agent("TwilioProxy/1.1")
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(Duration::from_secs(15))
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let town = Town::new(&config);
        let world = World {
            base: format!("http://{address}"),
            clock: Arc::new(voice::Clock::new(config.pace)),
            config: Arc::new(config),
            town: Arc::new(Mutex::new(town)),
            http,
            news: watch::Sender::new(()),
            asked: watch::Sender::new(0),
            runtime: Handle::current(),
            stop: CancellationToken::new(),
        };
        let router = Router::new()
            .merge(rest::routes())
            .merge(media::routes())
            .merge(control::routes())
            .merge(voice::routes())
            .merge(numbers::routes())
            .merge(services::routes())
            .merge(compliance::routes())
            .merge(studio::routes())
            .merge(flow::routes())
            .merge(hosted::routes())
            .merge(monitor::routes())
            .merge(lookups::routes())
            .merge(tokens::routes())
            .fallback(rest::unknown)
            .layer(middleware::from_fn_with_state(world.clone(), rest::attend))
            .with_state(world.clone());
        let until = world.stop.clone();
        let task = tokio::spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(until.cancelled_owned());
            if let Err(error) = serving.await {
                tracing::error!(%error, "the practice line stopped");
            }
        });
        Ok(Self { world, address, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to use instead of `https://api.twilio.com`.
    pub fn url(&self) -> &str {
        &self.world.base
    }

    /// The account's SID and the Auth Token it began with.
    pub fn credentials(&self) -> (&str, &str) {
        (&self.world.config.account_sid, &self.world.config.auth_token)
    }

    /// A customer's phone sends a text to one of our numbers. Returns once the webhook was answered
    /// or given up: the message's SID and the HTTP status it got.
    pub async fn text_from(
        &self,
        from: &str,
        to: &str,
        body: &str,
        pictures: &[(String, Vec<u8>)],
    ) -> (String, Option<u16>) {
        let text = TextIn { pictures: pictures.to_vec(), ..TextIn::new(from, to, body) };
        inbound::text_in(&self.world, text).await
    }

    /// Everything on a customer's phone, oldest first.
    pub fn phone(&self, number: &str) -> Vec<PhoneText> {
        self.world.town().phone(number)
    }

    /// A picture on a customer's phone.
    pub fn picture(&self, media_sid: &str) -> Option<(String, Vec<u8>)> {
        self.world.town().media.get(media_sid).map(|kept| (kept.content_type.clone(), kept.bytes.to_vec()))
    }

    /// Somebody calls one of our numbers. The call goes on by itself; this is its SID.
    pub fn call_in(&self, call: CallIn) -> String {
        voice::call_in(&self.world, call)
    }

    /// A call or a leg of one, as somebody at its phone would tell it.
    pub fn call(&self, sid: &str) -> Option<CallReport> {
        self.world.town().calls.report(sid)
    }

    /// Everything that was recorded, oldest first, and who fetched it; what was deleted is still named.
    pub fn recordings(&self) -> Vec<Recording> {
        self.world.town().calls.recordings.all().iter().map(|kept| kept.recording.clone()).collect()
    }

    /// What happens from now on when a phone is called; without a word about it nobody picks up.
    pub fn set_phone(&self, number: &str, behavior: PhoneBehavior) {
        self.world.town().phones.insert(number.to_owned(), behavior);
    }

    /// The person at the phone of a call hangs up. `false` when the call is over already.
    pub fn hang_up(&self, sid: &str) -> bool {
        voice::hang_up(&self.world, sid)
    }

    /// Skips pretend time: calls come to where they would be so much later.
    pub fn forward(&self, by: Duration) {
        self.world.clock.forward(by);
    }

    /// Waits until a call is over and the last word about it was posted. One that nobody knows yet is
    /// waited for.
    pub async fn ended(&self, sid: &str) -> CallReport {
        let over = |town: &Town| {
            let over = town.calls.get(sid).is_some_and(|call| call.over);
            over.then(|| town.calls.report(sid)).flatten()
        };
        self.until(over).await
    }

    /// Waits until something was noticed at the phone of a call; `None` when the call is over without.
    pub async fn heard(&self, sid: &str, kind: Heard) -> Option<CallEvent> {
        let heard = |town: &Town| {
            let call = town.calls.get(sid)?;
            let event = call.events.iter().find(|event| event.kind == kind).cloned();
            (event.is_some() || call.over).then_some(event)
        };
        self.until(heard).await
    }

    async fn until<T>(&self, look: impl Fn(&Town) -> Option<T>) -> T {
        let mut news = self.world.news.subscribe();
        loop {
            let found = look(&self.world.town());
            if let Some(found) = found {
                return found;
            }
            // Cannot fail: we hold the other end ourselves.
            let _ = news.changed().await;
        }
    }

    /// Something goes wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.world.town().faults.add(fault);
    }

    /// Nothing goes wrong any more.
    pub fn mend(&self) {
        self.world.town().faults.clear();
    }

    /// How long every answer of the REST API takes from now on, in milliseconds of real time; the bytes of
    /// pictures and recordings take none.
    pub fn set_latency_ms(&self, latency_ms: u64) {
        self.world.town().latency_ms = latency_ms;
    }

    /// How many requests came to the REST API so far.
    pub fn asked(&self) -> u64 {
        *self.world.asked.borrow()
    }

    /// Waits until so many requests came to the REST API.
    pub async fn until_asked(&self, requests: u64) {
        // Cannot fail: we hold the other end ourselves.
        let _ = self.world.asked.subscribe().wait_for(|asked| *asked >= requests).await;
    }

    /// Everything the account has at Twilio.
    pub fn truth(&self) -> Truth {
        Truth::of(&self.world.town())
    }

    /// What happened so far.
    pub fn report(&self) -> Report {
        self.world.town().report()
    }

    /// Hangs up.
    pub async fn stop(self) {
        self.world.stop.cancel();
        self.task.abort();
        let _ = self.task.await;
    }
}
