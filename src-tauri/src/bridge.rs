//! What the page may call: the counter's table under one name, live Changes, and the practice phone.

use crate::office::Open;
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_desk::CommandError;
use ringdesk_sandbox::PhoneText;
use serde::Serialize;
use serde_json::Value;
use tauri::{State, ipc::Channel, ipc::Invoke};

/// Every command of the bridge; `build.rs` and the capability file name the same ones.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![about, desk, subscribe, practice_phone, practice_text]
}

/// What the page should know before anything else.
#[derive(Serialize)]
struct About {
    version: &'static str,
    practice: bool,
}

#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn about(open: State<'_, Open>) -> About {
    About { version: env!("CARGO_PKG_VERSION"), practice: open.practice.is_some() }
}

/// A command of the counter.
#[tauri::command]
async fn desk(open: State<'_, Open>, command: String, request: Value) -> Result<Value, CommandError> {
    open.desk.call(&command, request).await
}

/// Streams Changes after a number until the page is gone.
#[tauri::command]
async fn subscribe(
    open: State<'_, Open>,
    after: i64,
    channel: Channel<Vec<ringdesk_desk::Change>>,
) -> Result<(), ()> {
    let inbox = open.desk.inbox.clone();
    tauri::async_runtime::spawn(async move {
        let mut after = after;
        loop {
            match inbox.next_changes(after).await {
                Ok(changes) if changes.is_empty() => return,
                Ok(changes) => {
                    after = changes.last().map_or(after, |change| change.seq);
                    if channel.send(changes).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "changes could not be read");
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok(())
}

fn no_practice() -> CommandError {
    CommandError {
        code: "no_practice".into(),
        message: "There is no practice line.".into(),
        hint: "Start Ringdesk with --practice.".into(),
    }
}

/// What a pretend customer's phone shows.
#[tauri::command]
async fn practice_phone(open: State<'_, Open>, number: String) -> Result<Vec<PhoneText>, CommandError> {
    Ok(open.practice.as_ref().ok_or_else(no_practice)?.phone(&number))
}

/// A pretend customer texts our line.
#[tauri::command]
async fn practice_text(
    open: State<'_, Open>,
    from: String,
    to: String,
    body: String,
    picture: Option<(String, String)>,
) -> Result<(), CommandError> {
    let sandbox = open.practice.as_ref().ok_or_else(no_practice)?;
    let picture = picture.and_then(|(kind, base64)| Some((kind, STANDARD.decode(base64).ok()?)));
    let pictures: Vec<_> = picture.into_iter().collect();
    sandbox.text_from(&from, &to, &body, &pictures).await;
    Ok(())
}
