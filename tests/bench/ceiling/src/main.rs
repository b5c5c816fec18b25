//! Reference: about as fast as this machine allows. axum, rusqlite, one writer thread that commits in
//! groups; the same job as the door and nothing else.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    routing::{get, post},
};
use ringdesk_twilio::{PublicUrl, Verifier};
use rusqlite::{Connection, params};
use std::{env, sync::Arc, time::SystemTime};
use tokio::sync::{mpsc, oneshot};

struct Event {
    key: [u8; 32],
    payload: Bytes,
    status: bool,
    fields: [String; 4],
    done: oneshot::Sender<()>,
}

fn main() {
    let get_env = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name}"));
    let db = Connection::open(format!("{}/ceiling.db", get_env("DATA"))).expect("a database");
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 20000;
         CREATE TABLE receipts (replay_key BLOB PRIMARY KEY, at INTEGER, payload BLOB);
         CREATE TABLE lines (id INTEGER PRIMARY KEY, number TEXT UNIQUE);
         CREATE TABLE conversations (id INTEGER PRIMARY KEY, line INTEGER, customer TEXT, last_at INTEGER, unread INTEGER,
             UNIQUE (line, customer));
         CREATE TABLE texts (id INTEGER PRIMARY KEY, conversation INTEGER, sid TEXT UNIQUE, body TEXT, status TEXT, at INTEGER);
         CREATE TABLE reports (sid TEXT, status TEXT, at INTEGER, PRIMARY KEY (sid, status));",
    )
    .expect("tables");
    let (queue, waiting) = mpsc::channel::<Event>(1_024);
    std::thread::spawn(move || write(&db, waiting));
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

type Shared = (Arc<Verifier>, mpsc::Sender<Event>);

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
    let (done, stored) = oneshot::channel();
    let event = Event { key: signed.replay_key(), payload: body, status, fields, done };
    if queue.send(event).await.is_err() || stored.await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "");
    }
    if status { (StatusCode::NO_CONTENT, "") } else { (StatusCode::OK, ringdesk_twilio::twiml::EMPTY) }
}

fn write(db: &Connection, mut waiting: mpsc::Receiver<Event>) {
    let mut group = Vec::with_capacity(64);
    while let Some(first) = waiting.blocking_recv() {
        group.push(first);
        while group.len() < 64 {
            match waiting.try_recv() {
                Ok(event) => group.push(event),
                Err(_) => break,
            }
        }
        db.execute_batch("BEGIN IMMEDIATE").expect("begin");
        for event in &group {
            store(db, event).expect("stored");
        }
        db.execute_batch("COMMIT").expect("commit");
        for event in group.drain(..) {
            let _ = event.done.send(());
        }
    }
}

fn store(db: &Connection, event: &Event) -> rusqlite::Result<()> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(0);
    let [sid, from, to, last] = &event.fields;
    let fresh = db
        .prepare_cached("INSERT OR IGNORE INTO receipts VALUES (?1, ?2, ?3)")?
        .execute(params![&event.key[..], now, &event.payload[..]])?;
    if fresh == 0 {
        return Ok(());
    }
    if event.status {
        db.prepare_cached("INSERT OR IGNORE INTO reports VALUES (?1, ?2, ?3)")?.execute(params![sid, last, now])?;
        db.prepare_cached("UPDATE texts SET status = ?1 WHERE sid = ?2")?.execute(params![last, sid])?;
        return Ok(());
    }
    let line: i64 = db
        .prepare_cached(
            "INSERT INTO lines (number) VALUES (?1)
             ON CONFLICT (number) DO UPDATE SET number = excluded.number RETURNING id",
        )?
        .query_row([to], |row| row.get(0))?;
    let conversation: i64 = db
        .prepare_cached(
            "INSERT INTO conversations (line, customer, last_at, unread) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (line, customer) DO UPDATE SET last_at = excluded.last_at, unread = unread + 1 RETURNING id",
        )?
        .query_row(params![line, from, now], |row| row.get(0))?;
    db.prepare_cached("INSERT OR IGNORE INTO texts (conversation, sid, body, status, at) VALUES (?1, ?2, ?3, 'received', ?4)")?
        .execute(params![conversation, sid, last, now])?;
    Ok(())
}
