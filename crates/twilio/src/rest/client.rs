//! The connection to Twilio: one client for questions, which may be repeated, one for files, which may
//! take long, and one for sending, which never repeats anything by itself.

use crate::error::RestError;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Map, Value};
use sha2::Sha256;
use std::{sync::OnceLock, time::Duration};

/// Largest JSON answer we read, in bytes.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// Tries for a question that may be asked again.
const TRIES: u32 = 4;
/// Pages read of one list, at most.
pub(super) const MAX_PAGES: usize = 200;
/// Where everything under `/2010-04-01` is.
const TWILIO: &str = "https://api.twilio.com";

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
        let base = Url::parse(base).map_err(|_| RestError::NotTwilio)?;
        let tls = tls().map_err(|_| RestError::Unreachable("no TLS"))?;
        let plain = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
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

    /// Where one of Twilio's newer products is, without a slash at the end. A practice line has them all at
    /// its one address.
    pub(super) fn product(&self, name: &str) -> String {
        let base = self.base.as_str().trim_end_matches('/');
        if base == TWILIO { format!("https://{name}.twilio.com") } else { base.to_owned() }
    }

    /// The rest of a list of the 2010 API: `next` is a path on the host the list came from.
    pub(super) fn next_uri(&self, next: &str) -> Result<String, RestError> {
        if !next.starts_with("/2010-04-01/") {
            return Err(RestError::NotTwilio);
        }
        Ok(format!("{}{next}", self.base.as_str().trim_end_matches('/')))
    }

    pub(super) fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.credentials.user, Some(self.credentials.secret.expose_secret()))
    }

    /// How far the clock that says `now_ms` is ahead of Twilio's, in milliseconds; negative where it is
    /// behind. Twilio tells whole seconds, and the answer takes its time: a few seconds mean nothing.
    pub async fn skew_ms(&self, now_ms: i64) -> Result<i64, RestError> {
        let request = self.signed_in(self.asking.get(self.url("/IncomingPhoneNumbers.json?PageSize=1")));
        let response = request.send().await.map_err(|error| RestError::Unreachable(describe(&error)))?;
        let date = response.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok());
        let theirs_ms = date.and_then(crate::date::ms).ok_or(RestError::Unreadable)?;
        Ok(now_ms.saturating_sub(theirs_ms))
    }

    /// Removes something under `/2010-04-01`; what is not there any more counts as removed.
    pub(super) async fn remove(&self, path: &str) -> Result<(), RestError> {
        self.remove_at(&self.url(path)).await
    }

    /// Removes something at Twilio; what is not there any more counts as removed.
    pub(super) async fn remove_at(&self, url: &str) -> Result<(), RestError> {
        match self.ask::<IgnoredAny>(Method::DELETE, url, &[]).await {
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

    /// Has something made with one POST: no retry, no redirect, no reused connection.
    pub(super) async fn make<T: DeserializeOwned>(
        &self,
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<T, RestError> {
        let request = self.signed_in(self.sending.post(url)).form(form);
        let response = request.send().await.map_err(|error| RestError::Unreachable(describe(&error)))?;
        read(response).await
    }

    /// A list of one of the newer products, `key` being its name in the answers: page after page until there
    /// are `at_most` or no more. The credentials go along, so the next page has to be where the first was.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        product: &str,
        path: &str,
        key: &str,
        at_most: usize,
    ) -> Result<Vec<T>, RestError> {
        let origin = self.product(product);
        let home = Url::parse(&origin).map_err(|_| RestError::NotTwilio)?.origin();
        let mut url = format!("{origin}{path}");
        let mut all: Vec<T> = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut page: Map<String, Value> = self.ask(Method::GET, &url, &[]).await?;
            let entries = page.remove(key).ok_or(RestError::Unreadable)?;
            let entries: Vec<T> = serde_json::from_value(entries).map_err(|_| RestError::Unreadable)?;
            all.extend(entries);
            let next = page.get("meta").and_then(|meta| meta["next_page_url"].as_str());
            let Some(next) = next.filter(|_| all.len() < at_most) else {
                all.truncate(at_most);
                return Ok(all);
            };
            let next = Url::parse(next).map_err(|_| RestError::NotTwilio)?;
            if next.origin() != home || !next.username().is_empty() {
                return Err(RestError::NotTwilio);
            }
            url = next.into();
        }
        Err(RestError::Unreadable)
    }
}

/// Reads text that Twilio leaves empty, `null` or out where there is nothing.
pub(super) fn filled<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(value)?.filter(|text| !text.is_empty()))
}

/// Reads what Twilio may answer `null` for.
pub(super) fn or_default<'de, D, T>(value: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(value)?.unwrap_or_default())
}

/// Chooses who does the TLS arithmetic; must come before any HTTP client is made.
pub fn prepare_tls() {
    // Only the first installation counts; another part of the program may have made it.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What an HTTP client speaks TLS with, for its `tls_backend_preconfigured`: as it would put it together itself
/// (this computer's idea of whom to trust, and HTTP/1.1), but once for all of them. Each would read all of
/// the system's certificates.
pub fn tls() -> Result<ClientConfig, rustls::Error> {
    static READY: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(ready) = READY.get() {
        return Ok(ready.clone());
    }
    prepare_tls();
    // Where there were no certificates, there may be some the next time.
    let mut made = ClientConfig::builder().with_platform_verifier()?.with_no_client_auth();
    made.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(READY.get_or_init(|| made).clone())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::pretend::{Answer, answering, client};
    use std::sync::Arc;

    #[test]
    fn the_certificates_of_the_system_are_read_once() {
        let (one, other) = (tls().expect("certificates"), tls().expect("certificates"));
        assert!(Arc::ptr_eq(&one.key_log, &other.key_log), "one was put together anew");
        assert_eq!(one.alpn_protocols, [b"http/1.1"]);
    }

    #[test]
    fn twilio_has_a_host_for_each_product_and_a_practice_line_one_for_all() {
        let twilio = client("https://api.twilio.com");
        assert_eq!(twilio.product("messaging"), "https://messaging.twilio.com");
        assert_eq!(twilio.product("studio"), "https://studio.twilio.com");
        for practice in ["http://127.0.0.1:4010", "http://127.0.0.1:4010/"] {
            assert_eq!(client(practice).product("monitor"), "http://127.0.0.1:4010");
        }
    }

    #[tokio::test]
    async fn a_list_is_read_page_after_page() {
        let first = r#"{"things":["a","b"],"meta":{"next_page_url":"BASE/v1/Things?Page=1"}}"#;
        let last = r#"{"things":["c"],"meta":{"next_page_url":null}}"#;
        let (base, asked) = answering(vec![Answer::ok(first), Answer::ok(last)]).await;
        let all: Vec<String> =
            client(&base).list("monitor", "/v1/Things?PageSize=2", "things", 10).await.expect("a list");
        assert_eq!(all, ["a", "b", "c"]);
        let asked = asked.await.expect("asked");
        assert!(asked[0].head.starts_with("GET /v1/Things?PageSize=2 "), "{}", asked[0].head);
        assert!(asked[1].head.starts_with("GET /v1/Things?Page=1 "), "{}", asked[1].head);
    }

    #[tokio::test]
    async fn no_more_pages_are_read_than_are_wanted() {
        let page = r#"{"things":["a","b"],"meta":{"next_page_url":"BASE/v1/Things?Page=1"}}"#;
        let (base, asked) = answering(vec![Answer::ok(page)]).await;
        let some: Vec<String> =
            client(&base).list("monitor", "/v1/Things", "things", 1).await.expect("a list");
        assert_eq!(some, ["a"]);
        assert_eq!(asked.await.expect("asked").len(), 1);
    }

    #[tokio::test]
    async fn credentials_do_not_follow_a_list_elsewhere() {
        for next in [
            "https://messaging.twilio.com.example.com/v1/Things",
            "http://127.0.0.1:1/v1/Things",
            "http://localhost/v1/Things",
            "BASE@example.com/v1/Things",
            "/v1/Things?Page=1",
        ] {
            let page = format!(r#"{{"things":[],"meta":{{"next_page_url":"{next}"}}}}"#);
            let (base, asked) = answering(vec![Answer::ok(&page)]).await;
            let read = client(&base).list::<String>("monitor", "/v1/Things", "things", 10).await;
            assert_eq!(read, Err(RestError::NotTwilio), "{next}");
            assert_eq!(asked.await.expect("asked").len(), 1);
        }
        let twilio = client("https://api.twilio.com");
        assert_eq!(twilio.next_uri("@example.com/2010-04-01/"), Err(RestError::NotTwilio));
        assert_eq!(
            twilio.next_uri("/2010-04-01/Accounts.json?Page=1").as_deref(),
            Ok("https://api.twilio.com/2010-04-01/Accounts.json?Page=1")
        );
    }

    #[tokio::test]
    async fn what_is_to_be_made_is_asked_for_once() {
        let (base, asked) = answering(vec![Answer::new("503 Service Unavailable", "{}")]).await;
        let url = format!("{base}/v2/Flows");
        let made = client(&base).make::<IgnoredAny>(&url, &[("Status", "draft")]).await;
        assert_eq!(made.map(|_| ()), Err(RestError::Refused { status: 503, code: 0 }));
        let asked = asked.await.expect("asked");
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].body, "Status=draft");
    }

    #[tokio::test]
    async fn a_clock_is_compared_with_twilios() {
        // Whatever is answered, it is dated.
        for (status, ours_ms, ahead_ms) in [
            ("200 OK", 784_111_777_000, 0),
            ("401 Unauthorized", 784_111_837_500, 60_500),
            ("200 OK", 784_108_177_000, -3_600_000),
        ] {
            let dated = Answer::new(&format!("{status}\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT"), "{}");
            let (base, _) = answering(vec![dated]).await;
            assert_eq!(client(&base).skew_ms(ours_ms).await, Ok(ahead_ms));
        }
        let (base, _) = answering(vec![Answer::ok("{}")]).await;
        assert_eq!(client(&base).skew_ms(0).await, Err(RestError::Unreadable));
    }
}
