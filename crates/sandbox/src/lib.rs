//! A pretend Twilio on loopback: the REST calls we use in Twilio's shapes, and a carrier that signs
//! and posts real webhooks, delays, repeats, reorders, fails and refuses on request. What it does not
//! know it answers with Twilio's 404 and a log line.
//!
//! A recipient whose last five digits are a Twilio error code gets that error: `…21610` is refused
//! at once, `…30003` is taken and then not delivered. Twilio's own magic numbers work too.

mod carrier;
mod control;
mod faults;
mod media;
mod rest;
mod town;

pub use faults::Fault;
pub use town::{Direction, PhoneText, Report};

use axum::Router;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};
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
    /// Signs webhooks and guards the REST API.
    pub auth_token: String,
    /// The numbers the account owns, E.164.
    pub numbers: Vec<String>,
    /// Seconds between the steps of a delivery, as a share of real life: 1 as at Twilio, 0 at once.
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
}

impl World {
    fn town(&self) -> MutexGuard<'_, Town> {
        self.town.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running practice line.
pub struct Sandbox {
    world: World,
    address: SocketAddr,
    stop: CancellationToken,
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
        ringdesk_twilio::rest::prepare_tls();
        let http = reqwest::Client::builder()
            .user_agent("TwilioProxy/1.1")
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(std::time::Duration::from_secs(15))
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let town = Town::new(&config);
        let world = World {
            base: format!("http://{address}"),
            config: Arc::new(config),
            town: Arc::new(Mutex::new(town)),
            http,
        };
        let router = Router::new()
            .merge(rest::routes())
            .merge(media::routes())
            .merge(control::routes())
            .fallback(rest::unknown)
            .with_state(world.clone());
        let stop = CancellationToken::new();
        let until = stop.clone();
        let task = tokio::spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(until.cancelled_owned());
            if let Err(error) = serving.await {
                tracing::error!(%error, "the practice line stopped");
            }
        });
        Ok(Self { world, address, stop, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to use instead of `https://api.twilio.com`.
    pub fn url(&self) -> &str {
        &self.world.base
    }

    /// The account's SID and Auth Token.
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
        carrier::text_in(&self.world, from, to, body, pictures.to_vec()).await
    }

    /// Everything on a customer's phone, oldest first.
    pub fn phone(&self, number: &str) -> Vec<PhoneText> {
        self.world.town().phone(number)
    }

    /// A picture on a customer's phone.
    pub fn picture(&self, media_sid: &str) -> Option<(String, Vec<u8>)> {
        self.world.town().media.get(media_sid).map(|kept| (kept.content_type.clone(), kept.bytes.to_vec()))
    }

    /// Something goes wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.world.town().faults.add(fault);
    }

    /// Nothing goes wrong any more.
    pub fn mend(&self) {
        self.world.town().faults.clear();
    }

    /// What happened so far.
    pub fn report(&self) -> Report {
        self.world.town().report()
    }

    /// Hangs up.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.abort();
        let _ = self.task.await;
    }
}
