//! The door Twilio knocks at: believes signed requests, hands them to the inbox, answers after they
//! are stored. Decides nothing else.

mod answer;
mod greetings;
mod knock;
mod pictures;
mod recordings;
mod server;
mod statuses;
mod texts;
mod verified;
mod voice;

pub use server::serve;

use axum::{
    Router,
    routing::{get, post},
};
use ringdesk_inbox::Inbox;
use ringdesk_twilio::Verifier;
use std::sync::{Arc, RwLock};

/// The door; cheap to clone. A new address or token arrives by [`Door::believe`].
#[derive(Clone, Debug)]
pub struct Door {
    inbox: Inbox,
    verifier: Arc<RwLock<Arc<Verifier>>>,
    prefix: String,
}

impl Door {
    /// `prefix` is the path all webhooks are under, such as `/phone/twilio`.
    pub fn new(inbox: Inbox, verifier: Verifier, prefix: &str) -> Self {
        Self { inbox, verifier: Arc::new(RwLock::new(Arc::new(verifier))), prefix: prefix.to_owned() }
    }

    /// Believes what this verifier believes from now on.
    pub fn believe(&self, verifier: Verifier) {
        *self.verifier.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(verifier);
    }

    fn verifier(&self) -> Arc<Verifier> {
        self.verifier.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Every path there is. Another path is 404, another method 405.
    fn router(self) -> Router {
        let paths = Router::new()
            .route("/sms/inbound", post(texts::inbound))
            .route("/sms/fallback", post(texts::inbound))
            .route("/sms/status", post(statuses::report))
            .route("/sms/status/{text}", post(statuses::report_of))
            .route("/voice/inbound", post(voice::inbound))
            .route("/voice/fallback", post(voice::fallback))
            .route("/voice/screen", post(voice::screen))
            .route("/voice/screen-result", post(voice::screened))
            .route("/voice/screen-result/{call}", post(voice::screened_of))
            .route("/voice/dial-status", post(voice::dialed))
            .route("/voice/voicemail-done", post(voice::message_left))
            .route("/voice/recording", post(recordings::ready))
            .route("/voice/recording/voicemail", post(recordings::message_ready))
            .route("/voice/transcription", post(recordings::written))
            .route("/voice/status", post(voice::progress))
            .route("/voice/status/{call}", post(voice::progress_of))
            .route("/greeting/{sha256}", get(greetings::play))
            .route("/media/{link}", get(pictures::show))
            .route("/knock", post(knock::answer));
        let router = Router::new().route("/healthz", get(|| async { "" }));
        let router = match self.prefix.as_str() {
            "" | "/" => router.merge(paths),
            prefix => router.nest(prefix, paths),
        };
        router.with_state(self)
    }
}
