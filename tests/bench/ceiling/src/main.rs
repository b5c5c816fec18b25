//! Reference: about as fast as this machine allows. axum, rusqlite, one writer thread that commits in
//! groups; the same rows in the same tables as the door for a text, the receipt and the report for a report.

mod office;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    routing::{get, post},
};
use ringdesk_twilio::{PublicUrl, Verifier};
use office::{Event, Office};
use std::{env, path::Path, sync::Arc, time::SystemTime};
use tokio::sync::{mpsc, oneshot};

struct Asked {
    event: Event,
    done: oneshot::Sender<()>,
}

fn main() {
    let get_env = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name}"));
    let office = Office::open(&Path::new(&get_env("DATA")).join("ceiling.db")).expect("a database");
    let (queue, waiting) = mpsc::channel::<Asked>(1_024);
    std::thread::spawn(move || write(&office, waiting));
    let public = PublicUrl::parse(&get_env("PUBLIC_URL")).expect("an address");
    let verifier = Verifier::new(public, get_env("ACCOUNT"), vec![get_env("TOKEN").into()]);
    let state = (Arc::new(verifier), queue);
    let router = Router::new()
        .route("/healthz", get(|| async { "" }))
        .route("/phone/twilio/sms/inbound", post(take))
        .route("/phone/twilio/sms/status", post(take))
        .with_state(state);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async move {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", get_env("PORT"))).await.expect("a port");
        axum::serve(listener, router).await.expect("serving");
    });
}

type Shared = (Arc<Verifier>, mpsc::Sender<Asked>);

async fn take(
    State((verifier, queue)): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let given = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok()).unwrap_or("");
    let Ok(signed) = verifier.verify("text", uri.path(), given, body.clone()) else {
        return (StatusCode::FORBIDDEN, "");
    };
    let status = uri.path().ends_with("status");
    let field = |name: &str| signed.what().text(name).unwrap_or("").to_owned();
    let last = if status { "MessageStatus" } else { "Body" };
    let fields = [field("MessageSid"), field("From"), field("To"), field(last)];
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let at = i64::try_from(since.as_millis()).unwrap_or(0);
    let (done, stored) = oneshot::channel();
    let event = Event { key: signed.replay_key(), payload: body.to_vec(), status, fields, at };
    if queue.send(Asked { event, done }).await.is_err() || stored.await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "");
    }
    if status { (StatusCode::NO_CONTENT, "") } else { (StatusCode::OK, ringdesk_twilio::twiml::EMPTY) }
}

fn write(office: &Office, mut waiting: mpsc::Receiver<Asked>) {
    let mut group = Vec::with_capacity(64);
    while let Some(first) = waiting.blocking_recv() {
        group.push(first);
        while group.len() < 64 {
            match waiting.try_recv() {
                Ok(asked) => group.push(asked),
                Err(_) => break,
            }
        }
        office.commit(group.iter().map(|asked| &asked.event)).expect("stored");
        for asked in group.drain(..) {
            let _ = asked.done.send(());
        }
        office.index().expect("indexed");
    }
}
