//! The connection to Twilio: one client for questions, which may be repeated, one for files, which may
//! take long, and one for sending, which never repeats anything by itself.

use crate::error::RestError;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use sha2::Sha256;
use std::time::Duration;

/// Largest JSON answer we read, in bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// Tries for a question that may be asked again.
const TRIES: u32 = 4;

/// Whose account, and how to prove it. Prints nothing secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `AC…`, the account in every path.
    pub account_sid: String,
    /// What goes before the colon: the account itself or an API key `SK…`.
    pub user: String,
    /// What goes after it: the Auth Token or the key's secret.
    pub secret: SecretString,
}

impl Credentials {
    /// The account's own SID and Auth Token.
    pub fn account(sid: &str, auth_token: SecretString) -> Self {
        Self { account_sid: sid.to_owned(), user: sid.to_owned(), secret: auth_token }
    }
}

/// Speaks to Twilio's REST API, or to a practice line at another base address.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) base: Url,
    pub(super) credentials: Credentials,
    pub(super) asking: reqwest::Client,
    pub(super) fetching: reqwest::Client,
    pub(super) sending: reqwest::Client,
}

#[derive(Deserialize)]
pub(super) struct ErrorBody {
    pub(super) code: Option<u32>,
}

impl Client {
    /// `base` is `https://api.twilio.com`, or a practice line's address.
    pub fn new(base: &str, credentials: Credentials) -> Result<Self, RestError> {
        prepare_tls();
        let base = Url::parse(base).map_err(|_| RestError::NotTwilio)?;
        let plain = || {
            reqwest::Client::builder()
                .user_agent(concat!("Ringdesk/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(Duration::from_secs(10))
                .no_proxy()
        };
        let asking = plain().timeout(Duration::from_secs(30)).build();
        // A long file may take long, as long as something comes.
        let fetching = plain().read_timeout(Duration::from_secs(30)).build();
        // A POST on a reused connection may be sent twice by the layers below; a fresh one cannot.
        let sending = plain()
            .timeout(Duration::from_secs(30))
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .http1_only()
            .build();
        match (asking, fetching, sending) {
            (Ok(asking), Ok(fetching), Ok(sending)) => {
                Ok(Self { base, credentials, asking, fetching, sending })
            }
            _ => Err(RestError::Unreachable("no TLS")),
        }
    }

    /// The account these credentials are for.
    pub fn account_sid(&self) -> &str {
        &self.credentials.account_sid
    }

    /// A keyed hash that only this account's secret can make, for a purpose of the caller's own.
    pub fn keyed(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let secret = self.credentials.secret.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any key length works");
        mac.update(purpose);
        let key = mac.finalize().into_bytes();
        Hmac::new_from_slice(&key).expect("any key length works")
    }

    pub(super) fn url(&self, path: &str) -> String {
        let base = self.base.as_str().trim_end_matches('/');
        format!("{base}/2010-04-01/Accounts/{}{path}", self.credentials.account_sid)
    }

    pub(super) fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.credentials.user, Some(self.credentials.secret.expose_secret()))
    }

    /// Removes something at Twilio; what is not there any more counts as removed.
    pub(super) async fn remove(&self, path: &str) -> Result<(), RestError> {
        match self.ask::<IgnoredAny>(Method::DELETE, &self.url(path), &[]).await {
            Ok(_) | Err(RestError::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks a question that may be repeated: backs off on 429, 5xx and lost connections.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<T, RestError> {
        let mut pause = Duration::from_millis(100);
        let mut tries = 1;
        loop {
            let mut request = self.signed_in(self.asking.request(method.clone(), url));
            if method == Method::POST {
                request = request.form(form);
            }
            let answer = match request.send().await {
                Ok(response) => read(response).await,
                Err(error) => Err(RestError::Unreachable(describe(&error))),
            };
            let again = matches!(&answer, Err(RestError::Unreachable(_)))
                || matches!(&answer, Err(RestError::Refused { status, .. }) if *status == 429 || *status >= 500);
            if !again || tries == TRIES {
                return answer;
            }
            tokio::time::sleep(pause).await;
            pause *= 3;
            tries += 1;
        }
    }
}

/// Chooses who does the TLS arithmetic; must come before any HTTP client is made.
pub fn prepare_tls() {
    // Only the first installation counts; another part of the program may have made it.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What a transport error was, without its text: that may hold an address with a number in it.
pub(super) fn describe(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    }
}

pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, RestError> {
    let mut whole = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if whole.len() + chunk.len() > MAX_ANSWER => return Err(RestError::Unreadable),
            Ok(Some(chunk)) => whole.extend_from_slice(&chunk),
            Ok(None) => return Ok(whole),
            Err(error) => return Err(RestError::Unreachable(describe(&error))),
        }
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, RestError> {
    let status = response.status();
    let whole = body(response).await?;
    if status.is_success() {
        let whole: &[u8] = if status == StatusCode::NO_CONTENT { b"null" } else { &whole };
        return serde_json::from_slice(whole).map_err(|_| RestError::Unreadable);
    }
    let code = serde_json::from_slice::<ErrorBody>(&whole).ok().and_then(|body| body.code);
    Err(RestError::Refused { status: status.as_u16(), code: code.unwrap_or(0) })
}
