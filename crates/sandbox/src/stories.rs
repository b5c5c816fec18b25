//! What the account's owner sees over REST, and what it does to texts and calls.

mod account;
mod flows;
mod texts;
mod unheard;

use crate::{CallIn, CallReport, Config, Sandbox};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const LINE: &str = "+15005550006";
const SECOND: &str = "+15005550005";
const CALLER: &str = "+15550100009";
const SAM: &str = "+15550100001";
/// A Friday evening, in UTC milliseconds.
const NOW_MS: i64 = 1_795_197_600_000;

/// Something the app was asked.
struct Asked {
    path: String,
    form: Form,
    signature: String,
}

/// An app that answers as its paths say, and remembers what it was asked.
struct App {
    url: String,
    asked: Mutex<Vec<Asked>>,
}

impl App {
    async fn open() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = Arc::new(Self { url, asked: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&app));
        tokio::spawn(async move { axum::serve(listener, router).await });
        app
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A field of everything a path was asked, oldest first.
    fn told(&self, path: &str, field: &str) -> Vec<String> {
        let asked = self.asked.lock().expect("asked");
        let there = asked.iter().filter(|asked| asked.path == path);
        there.map(|asked| asked.form.text(field).unwrap_or("-").to_owned()).collect()
    }

    /// Whether the last thing it was asked is signed with this token.
    fn last_is_signed_with(&self, token: &str) -> bool {
        let asked = self.asked.lock().expect("asked");
        let last = asked.last().expect("something was asked");
        let signed = signed_string(&self.at(&last.path), &last.form);
        last.signature == sign(token, Algorithm::HmacSha1, &signed)
    }
}

async fn answer(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let signature = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok()).unwrap_or("");
    app.asked.lock().expect("asked").push(Asked {
        path: uri.path().to_owned(),
        form: Form::parse(&body).expect("a form"),
        signature: signature.to_owned(),
    });
    match uri.path() {
        "/500" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "/json" => ([(CONTENT_TYPE, "application/json")], "{}").into_response(),
        "/broken" => ([(CONTENT_TYPE, "text/xml")], "<Response>").into_response(),
        "/never" => std::future::pending().await,
        _ => ([(CONTENT_TYPE, "text/xml")], "<Response/>").into_response(),
    }
}

/// An address of this computer where nobody is.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    format!("http://{}/in", listener.local_addr().expect("an address"))
}

fn config() -> Config {
    let numbers = vec![LINE.to_owned(), SECOND.to_owned()];
    Config { numbers, pace: 0.0, now: Arc::new(|| NOW_MS), ..Config::practice() }
}

async fn open() -> (Sandbox, Arc<App>) {
    (Sandbox::start(config()).await.expect("a practice line"), App::open().await)
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// Asks the REST API something as somebody; a form is posted, `DELETE` deletes, everything else gets.
async fn ask_as(
    sandbox: &Sandbox,
    (name, secret): (&str, &str),
    path: &str,
    form: Option<&[(&str, &str)]>,
) -> (u16, Value) {
    let (deletes, path) = path.strip_prefix("DELETE ").map_or((false, path), |path| (true, path));
    let path = path.replace("{AC}", &format!("/2010-04-01/Accounts/{}", sandbox.credentials().0));
    let url = format!("{}{path}", sandbox.url());
    let request = match form {
        Some(form) => client().post(url).form(form),
        None if deletes => client().delete(url),
        None => client().get(url),
    };
    let answer = request.basic_auth(name, Some(secret)).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// The same as the account's owner. `{AC}` in a path is the account's.
async fn ask(sandbox: &Sandbox, path: &str, form: Option<&[(&str, &str)]>) -> (u16, Value) {
    let token = sandbox.auth_token();
    ask_as(sandbox, (sandbox.credentials().0, &token), path, form).await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let (status, body) = ask(sandbox, path, None).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Twilio's refusal: status and code.
async fn refused(sandbox: &Sandbox, path: &str, form: Option<&[(&str, &str)]>) -> (u16, u64) {
    let (status, body) = ask(sandbox, path, form).await;
    (status, body["code"].as_u64().unwrap_or(0))
}

async fn calls(sandbox: &Sandbox, call: CallIn) -> CallReport {
    let sid = sandbox.call_in(call);
    let ended = tokio::time::timeout(Duration::from_secs(20), sandbox.ended(&sid)).await;
    ended.expect("the call ends")
}

async fn texts(sandbox: &Sandbox) -> (String, Option<u16>) {
    sandbox.text_from(CALLER, LINE, "Are you open?", &[]).await
}

/// The SIDs of some list's entries.
fn sids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().filter_map(|one| one["sid"].as_str()).collect()
}

/// Codes of all that Monitor lists, the latest first.
async fn alarms(sandbox: &Sandbox) -> Vec<String> {
    let list = get(sandbox, "/v1/Alerts").await;
    let alerts = list["alerts"].as_array().expect("a list").iter();
    alerts.map(|alert| alert["error_code"].as_str().expect("a code").to_owned()).collect()
}
